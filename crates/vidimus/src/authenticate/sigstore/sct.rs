//! Signed certificate timestamps in certificates (RFC 6962 section 3.2 and 3.3), for what the Sigstore library does not verify.

use der::{Decode as _, Encode as _};
use sha2::{Digest as _, Sha256};
use sigstore_verify::types::TimeRange;
use x509_cert::Certificate;

use crate::authenticate::keys::{PublicKey, SignatureAlgorithm};
use crate::digest::Algorithm;

/// The extension with the timestamps.
const LIST: &str = "1.3.6.1.4.1.11129.2.4.2";

/// A certificate transparency log of a trusted root.
pub(super) struct CertificateLog {
    pub(super) id: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) window: Option<TimeRange>,
}

/// Does the one timestamp in the certificate verify under a log of the root, at a time at which the root lists the log? `issuer` is the
/// SubjectPublicKeyInfo of the certificate's issuer on the verified path.
pub(super) fn is_logged(der: &[u8], issuer: &[u8], logs: &[CertificateLog]) -> bool {
    let Some((timestamp, signed)) = read(der, issuer) else { return false };
    let time = i64::try_from(timestamp.milliseconds).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let Some(time) = time else { return false };
    let listed =
        |log: &&CertificateLog| log.id == timestamp.log && log.window.is_none_or(|window| window.contains(time));
    logs.iter().filter(listed).any(|log| {
        let key = PublicKey::from_spki(&log.key, Some(timestamp.algorithm));
        key.is_ok_and(|key| key.verifies(&signed, timestamp.signature))
    })
}

/// A timestamp, taken apart.
struct Timestamp<'a> {
    log: &'a [u8],
    milliseconds: u64,
    extensions: &'a [u8],
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
}

impl<'a> Timestamp<'a> {
    /// SerializedSCT: version, log id, timestamp, extensions, digitally-signed struct.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (log, rest) = rest.split_at_checked(32)?;
        let (milliseconds, rest) = rest.split_first_chunk::<8>()?;
        let (extensions, rest) = vector(rest)?;
        let (algorithm, rest) = rest.split_first_chunk::<2>()?;
        let (signature, rest) = vector(rest)?;
        // RFC 5246 section 7.4.1.4.1: hash, signature.
        let algorithm = match algorithm {
            [4, 3] => SignatureAlgorithm::EcdsaP256Sha256,
            [5, 3] => SignatureAlgorithm::EcdsaP384Sha384,
            [4, 1] => SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha256 },
            _ => return None,
        };
        let milliseconds = u64::from_be_bytes(*milliseconds);
        (*version == 0 && rest.is_empty()).then_some(Self { log, milliseconds, extensions, algorithm, signature })
    }
}

/// The timestamp of the certificate and what its log signed: the certificate as it was before the timestamp was put in.
fn read<'a>(der: &'a [u8], issuer: &[u8]) -> Option<(Timestamp<'a>, Vec<u8>)> {
    let certificate = Certificate::from_der(der).ok()?;
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let mut lists = extensions.iter().filter(|extension| extension.extn_id.to_string() == LIST);
    let (list, None) = (lists.next()?, lists.next()) else { return None };
    let list = der::asn1::OctetStringRef::from_der(list.extn_value.as_bytes()).ok()?.as_bytes().to_vec();
    // The list lies inside the certificate's own bytes: found there, it can be borrowed.
    let at = der.windows(list.len().max(1)).position(|window| window == list)?;
    let list = der.get(at..at.checked_add(list.len())?)?;
    let (list, behind) = vector(list)?;
    let (timestamp, more) = vector(list)?;
    // Fulcio puts in one. Of several nobody here says how many must verify.
    if !behind.is_empty() || !more.is_empty() {
        return None;
    }
    let timestamp = Timestamp::read(timestamp)?;
    let mut before = certificate.tbs_certificate.clone();
    before.extensions.as_mut()?.retain(|extension| extension.extn_id.to_string() != LIST);
    let before = before.to_der().ok()?;
    let length = u32::try_from(before.len()).ok()?.to_be_bytes();
    let [0, length @ ..] = length else { return None };
    let issuer: [u8; 32] = Sha256::digest(issuer).into();
    let extensions = u16::try_from(timestamp.extensions.len()).ok()?.to_be_bytes();
    let signed = [
        // Version 1, certificate_timestamp.
        &[0, 0][..],
        &timestamp.milliseconds.to_be_bytes(),
        // precert_entry.
        &[0, 1],
        &issuer,
        &length,
        &before,
        &extensions,
        timestamp.extensions,
    ]
    .concat();
    Some((timestamp, signed))
}

/// A vector of TLS with a length of two bytes, and what follows.
fn vector(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
