//! X.509 certificates.

use crate::asn1::{
    bits, context, generalized_time, integer, octets, oid, seq, set_of, small, tlv, utc_time, utf8, yes,
};
use crate::encode::sha256;
use crate::key::Key;

/// Extended key usage: code signing.
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// Extended key usage: time stamping.
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Up to 20 bytes, positive.
    pub serial: Vec<u8>,
    /// DER Name.
    pub issuer: Vec<u8>,
    /// DER Name.
    pub subject: Vec<u8>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
    /// The holder's key, DER.
    pub spki: Vec<u8>,
    /// DER extensions, in order.
    pub extensions: Vec<Vec<u8>>,
}

impl Certificate {
    /// The part that is signed, for a signer with that key.
    #[must_use]
    pub fn tbs(&self, signer: &Key) -> Vec<u8> {
        seq(&[
            context(0, &small(2)),
            integer(&self.serial),
            signer.signature_algorithm(),
            self.issuer.clone(),
            seq(&[time(self.not_before), time(self.not_after)]),
            self.subject.clone(),
            self.spki.clone(),
            context(3, &seq(&self.extensions)),
        ])
    }

    /// The certificate, signed.
    #[must_use]
    pub fn sign(&self, signer: &Key) -> Vec<u8> {
        let tbs = self.tbs(signer);
        let signature = bits(&signer.sign(&tbs));
        seq(&[tbs, signer.signature_algorithm(), signature])
    }
}

/// RFC 5280 4.1.2.5: UTCTime until 2049.
fn time(unix: i64) -> Vec<u8> {
    const YEAR_2050: i64 = 2_524_608_000;
    if unix < YEAR_2050 { utc_time(unix) } else { generalized_time(unix) }
}

/// A Name with organisation and common name.
#[must_use]
pub fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let attribute = |kind: &str, value: &str| set_of(vec![seq(&[oid(kind), utf8(value)])]);
    seq(&[attribute("2.5.4.10", organization), attribute("2.5.4.3", common_name)])
}

/// An extension.
#[must_use]
pub fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(id)];
    if critical {
        parts.push(yes());
    }
    parts.push(octets(value));
    seq(&parts)
}

/// Key usage of an authority: keyCertSign and cRLSign.
#[must_use]
pub fn authority_usage() -> Vec<u8> {
    extension("2.5.29.15", true, &[0x03, 0x02, 0x01, 0x06])
}

/// Key usage of a signer: digitalSignature.
#[must_use]
pub fn signer_usage() -> Vec<u8> {
    extension("2.5.29.15", true, &[0x03, 0x02, 0x07, 0x80])
}

/// Basic constraints of an authority.
#[must_use]
pub fn authority(path_length: u8) -> Vec<u8> {
    extension("2.5.29.19", true, &seq(&[yes(), small(path_length)]))
}

/// Extended key usage.
#[must_use]
pub fn extended_usage(purpose: &str, critical: bool) -> Vec<u8> {
    extension("2.5.29.37", critical, &seq(&[oid(purpose)]))
}

/// Subject key identifier.
#[must_use]
pub fn subject_key_id(spki: &[u8]) -> Vec<u8> {
    extension("2.5.29.14", false, &octets(&key_id(spki)))
}

/// Authority key identifier.
#[must_use]
pub fn authority_key_id(spki: &[u8]) -> Vec<u8> {
    extension("2.5.29.35", false, &seq(&[tlv(0x80, &key_id(spki))]))
}

/// RFC 7093 method 1: the leftmost 160 bits of a SHA-256.
fn key_id(spki: &[u8]) -> Vec<u8> {
    sha256(spki)[..20].to_vec()
}

/// A positive serial number of 16 bytes from a label.
#[must_use]
pub fn serial(label: &str) -> Vec<u8> {
    let mut out = sha256(format!("serial/{label}").as_bytes())[..16].to_vec();
    out[0] = 0x40 | out[0] & 0x3f;
    out
}
