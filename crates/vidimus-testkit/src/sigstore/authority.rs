//! A certificate authority like Fulcio, with the certificate transparency log that it publishes to.

use crate::asn1::{octets, seq};
use crate::certificate::{
    CODE_SIGNING, Certificate, authority, authority_key_id, authority_usage, extended_usage, extension, name, serial,
    signer_usage, subject_key_id,
};
use crate::encode::sha256;
use crate::key::Key;

use super::Identity;

/// Root, intermediate and log.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The intermediate's key, which signs leaves.
    pub key: Key,
    /// Root certificate, DER.
    pub root: Vec<u8>,
    /// Intermediate certificate, DER.
    pub intermediate: Vec<u8>,
    /// The certificate transparency log's key.
    pub ct_log: Key,
    issuer: Vec<u8>,
}

/// How the log vouches for a leaf.
#[derive(Clone, Copy, Debug)]
pub enum Sct<'a> {
    /// By its key.
    Good,
    /// Not at all.
    Missing,
    /// By another key in its name.
    Forged(&'a Key),
    /// By another log.
    Foreign(&'a Key),
}

impl Authority {
    pub(super) fn new(label: &str, from: i64, to: i64) -> Self {
        let organization = format!("{label} authority");
        let root_key = Key::p384(&format!("{label}/ca/root"));
        let key = Key::p384(&format!("{label}/ca/intermediate"));
        let (root_name, issuer) = (name(&organization, "root"), name(&organization, "intermediate"));
        let root = Certificate {
            serial: serial(&format!("{label}/ca/root")),
            issuer: root_name.clone(),
            subject: root_name.clone(),
            not_before: from,
            not_after: to,
            spki: root_key.spki_der(),
            extensions: vec![authority_usage(), authority(1), subject_key_id(&root_key.spki_der())],
        };
        let intermediate = Certificate {
            serial: serial(&format!("{label}/ca/intermediate")),
            issuer: root_name,
            subject: issuer.clone(),
            not_before: from,
            not_after: to,
            spki: key.spki_der(),
            extensions: vec![
                authority_usage(),
                extended_usage(CODE_SIGNING, false),
                authority(0),
                subject_key_id(&key.spki_der()),
                authority_key_id(&root_key.spki_der()),
            ],
        };
        Self {
            root: root.sign(&root_key),
            intermediate: intermediate.sign(&root_key),
            ct_log: Key::p256(&format!("{label}/ct-log")),
            key,
            issuer,
        }
    }

    /// A leaf certificate for `holder`, valid in that window, logged at its start.
    #[must_use]
    pub fn leaf(&self, identity: &Identity, holder: &Key, window: (i64, i64), sct: Sct<'_>) -> Vec<u8> {
        let spki = holder.spki_der();
        let mut extensions = vec![
            signer_usage(),
            extended_usage(CODE_SIGNING, false),
            subject_key_id(&spki),
            authority_key_id(&self.key.spki_der()),
        ];
        extensions.extend(identity.extensions());
        let mut leaf = Certificate {
            serial: serial(&format!("{}/{}", hex::encode(sha256(&spki)), window.0)),
            issuer: self.issuer.clone(),
            subject: seq(&[]),
            not_before: window.0,
            not_after: window.1,
            spki,
            extensions,
        };
        let precertificate = leaf.tbs(&self.key);
        let (id, signer) = match sct {
            Sct::Missing => return leaf.sign(&self.key),
            Sct::Good => (&self.ct_log, &self.ct_log),
            Sct::Forged(key) => (&self.ct_log, key),
            Sct::Foreign(key) => (key, key),
        };
        let list = sct_list(id, signer, &self.key.spki_der(), &precertificate, window.0);
        leaf.extensions.push(extension("1.3.6.1.4.1.11129.2.4.2", false, &octets(&list)));
        leaf.sign(&self.key)
    }
}

/// A SignedCertificateTimestampList of one embedded SCT (RFC 6962 3.2 and 3.3).
fn sct_list(id: &Key, signer: &Key, issuer_spki: &[u8], precertificate: &[u8], at: i64) -> Vec<u8> {
    const ECDSA_SHA256: [u8; 2] = [4, 3];
    let timestamp = (at as u64 * 1_000).to_be_bytes();
    let length = (precertificate.len() as u32).to_be_bytes();
    let version_and_type: &[u8] = &[0, 0];
    let precertificate_entry: &[u8] = &[0, 1];
    let no_extensions: &[u8] = &[0, 0];
    let signed = [
        version_and_type,
        &timestamp,
        precertificate_entry,
        &sha256(issuer_spki),
        &length[1..],
        precertificate,
        no_extensions,
    ]
    .concat();
    let signature = vector(&signer.sign(&signed));
    let sct = [&[0][..], &sha256(&id.spki_der()), &timestamp, no_extensions, &ECDSA_SHA256, &signature].concat();
    vector(&vector(&sct))
}

/// A TLS vector with a length of two bytes.
fn vector(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}
