//! A time-stamping authority (RFC 3161).

use crate::asn1::{context, generalized_time, integer, null, octets, oid, seq, set_of, small, utc_time};
use crate::certificate::{
    Certificate, TIME_STAMPING, authority, authority_key_id, authority_usage, extended_usage, name, serial,
    signer_usage, subject_key_id,
};
use crate::encode::sha256;
use crate::key::Key;
use crate::pki::crl;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const POLICY: &str = "1.3.6.1.4.1.57264.2";

/// Root and signer.
#[derive(Clone, Debug)]
pub struct Tsa {
    /// The signer's key.
    pub key: Key,
    /// Root certificate, DER.
    pub root: Vec<u8>,
    /// The signer's certificate, DER.
    pub leaf: Vec<u8>,
    /// How far it says that its clock may be off, in seconds.
    pub accuracy: Option<u8>,
    nonce: Option<Vec<u8>>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    root_key: Key,
}

impl Tsa {
    /// The authority of that label, with certificates for that time.
    #[must_use]
    pub fn new(label: &str, from: i64, to: i64) -> Self {
        let organization = format!("{label} time stamping");
        let root_key = Key::p384(&format!("{label}/tsa/root"));
        let key = Key::p256(&format!("{label}/tsa/leaf"));
        let issuer = name(&organization, "root");
        let root = Certificate {
            serial: serial(&format!("{label}/tsa/root")),
            issuer: issuer.clone(),
            subject: issuer.clone(),
            not_before: from,
            not_after: to,
            spki: root_key.spki_der(),
            extensions: vec![authority_usage(), authority(0), subject_key_id(&root_key.spki_der())],
        };
        let serial = serial(&format!("{label}/tsa/leaf"));
        let leaf = Certificate {
            serial: serial.clone(),
            issuer: issuer.clone(),
            subject: name(&organization, "signer"),
            not_before: from,
            not_after: to,
            spki: key.spki_der(),
            extensions: vec![
                signer_usage(),
                // RFC 3161 2.3: critical, and alone.
                extended_usage(TIME_STAMPING, true),
                subject_key_id(&key.spki_der()),
                authority_key_id(&root_key.spki_der()),
            ],
        };
        let (root, leaf) = (root.sign(&root_key), leaf.sign(&root_key));
        Self { root, leaf, key, accuracy: None, nonce: None, issuer, serial, root_key }
    }

    /// Its tokens have the nonce of whoever asks for them: a positive number, big-endian.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<Vec<u8>>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// A revocation list of its root, from `update.0` to `update.1`: the signer's certificate is revoked since, for that reason.
    #[must_use]
    pub fn list(&self, revoked: Option<(i64, u8)>, update: (i64, i64)) -> Vec<u8> {
        let revoked: Vec<_> = revoked.into_iter().map(|(since, reason)| (self.serial.clone(), since, reason)).collect();
        crl(self.issuer.clone(), &self.root_key, &revoked, update, &[])
    }

    /// A TimeStampResp over `message`, as Sigstore bundles carry it.
    #[must_use]
    pub fn stamp(&self, message: &[u8], at: i64) -> Vec<u8> {
        let granted = seq(&[small(0)]);
        seq(&[granted, self.token(message, at)])
    }

    /// The token alone: a ContentInfo.
    #[must_use]
    pub fn token(&self, message: &[u8], at: i64) -> Vec<u8> {
        let imprint = seq(&[sha_256(), octets(&sha256(message))]);
        let serial = integer(&sha256(&[message, &at.to_be_bytes()].concat())[..8]);
        let mut info = vec![small(1), oid(POLICY), imprint, serial, generalized_time(at)];
        info.extend(self.accuracy.map(|seconds| seq(&[small(seconds)])));
        info.extend(self.nonce.as_ref().map(|nonce| integer(nonce)));
        let info = seq(&info);
        let attributes = self.attributes(&info, at);
        // RFC 5652 5.4: signed as the SET that they are, carried under an implicit tag.
        let signature = self.key.sign(&attributes);
        let mut tagged = attributes;
        tagged[0] = 0xa0;
        let signer = seq(&[
            small(1),
            seq(&[self.issuer.clone(), integer(&self.serial)]),
            sha_256(),
            tagged,
            self.key.signature_algorithm(),
            octets(&signature),
        ]);
        let signed = seq(&[
            small(3),
            set_of(vec![sha_256()]),
            seq(&[oid(TST_INFO), context(0, &octets(&info))]),
            context(0, &self.leaf),
            set_of(vec![signer]),
        ]);
        seq(&[oid(SIGNED_DATA), context(0, &signed)])
    }

    fn attributes(&self, info: &[u8], at: i64) -> Vec<u8> {
        let attribute = |id: &str, value: Vec<u8>| seq(&[oid(id), set_of(vec![value])]);
        let certificate_id = seq(&[octets(&sha256(&self.leaf))]);
        set_of(vec![
            attribute(CONTENT_TYPE, oid(TST_INFO)),
            attribute(SIGNING_TIME, utc_time(at)),
            attribute(MESSAGE_DIGEST, octets(&sha256(info))),
            attribute(SIGNING_CERTIFICATE_V2, seq(&[seq(&[certificate_id])])),
        ])
    }
}

fn sha_256() -> Vec<u8> {
    seq(&[oid(SHA_256), null()])
}
