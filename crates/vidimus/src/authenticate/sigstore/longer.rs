//! Bundles whose log entry names the file by SHA-384 or SHA-512.
//!
//! Rekor v1 records any of the three digests, and keys on P-384 sign over SHA-384. The Sigstore library holds entries against the
//! file by SHA-256 alone and refuses these, so they are verified here, step by step as the library verifies all others, with the
//! primitives, paths and proofs of this crate: the log's promise and checkpoint, inclusion, the entry against signature, key and
//! digest, timestamps, the certificate's path at every proven time, its own timestamp, the signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use sigstore_verify::Error;
use sigstore_verify::bundle::{ValidationOptions, validate_bundle_with_options};
use sigstore_verify::crypto::{Checkpoint, parse_certificate_info};
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::tsa::verify_timestamp_for_authority;
use sigstore_verify::types::bundle::{KindVersion, TransparencyLogEntry};
use sigstore_verify::types::{Bundle as LibraryBundle, SignatureBytes, TimeRange};

use super::sct::{self, CertificateLog};
use super::{
    BAD_PROOF, BAD_TIMESTAMP, CHECKPOINT, CODE_SIGNING, ENTRY_MISMATCH, NO_PROOF, OUTSIDE_CERTIFICATE, PROMISE,
    Refusal, Root, SCT, SIGNATURE_INVALID, UNKNOWN_LOG, UNPROVEN, UNSUPPORTED_BUNDLE, UNTRUSTED, Verified,
    material::Material, material::bounds,
};
use crate::authenticate::keys::{PublicKey, SignatureAlgorithm};
use crate::authenticate::merkle;
use crate::authenticate::x509::{self, PathError, Wanted};
use crate::decode::{Bundle, BundleContent, strict_json};
use crate::digest::{Algorithm, Digest};
use crate::reason::ReasonInfo;
use crate::time::Time;

type Info = &'static ReasonInfo;

/// A transparency log of a trusted root.
pub(super) struct TransparencyLog {
    pub(super) id: Vec<u8>,
    pub(super) key: PublicKey,
    pub(super) window: Option<TimeRange>,
}

/// A certificate authority of a trusted root: its chain, DER, and when the root lists it.
pub(super) struct CertificateAuthority {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) window: Option<TimeRange>,
}

/// What a trusted root lists, in the form that is needed here.
pub(super) struct Lists {
    pub(super) logs: Vec<TransparencyLog>,
    pub(super) certificate_logs: Vec<CertificateLog>,
    pub(super) authorities: Vec<CertificateAuthority>,
}

impl Lists {
    pub(super) fn of(root: &TrustedRoot) -> Self {
        let logs = root.tlogs.iter().filter_map(|log| {
            let key = PublicKey::from_spki(log.public_key.raw_bytes.as_bytes(), None).ok()?;
            Some(TransparencyLog { id: log.log_id.key_id.as_bytes().to_vec(), key, window: log.public_key.valid_for })
        });
        let certificate_logs = root.ctlogs.iter().map(|log| CertificateLog {
            id: log.log_id.key_id.as_bytes().to_vec(),
            key: log.public_key.raw_bytes.as_bytes().to_vec(),
            window: log.public_key.valid_for,
        });
        let authorities = root.certificate_authorities.iter().map(|authority| {
            let chain = authority.cert_chain.certificates.iter();
            let chain = chain.map(|certificate| certificate.raw_bytes.as_bytes().to_vec()).collect();
            CertificateAuthority { chain, window: authority.valid_for }
        });
        Self { logs: logs.collect(), certificate_logs: certificate_logs.collect(), authorities: authorities.collect() }
    }
}

/// Who signs: the holder of the certificate, or a managed key.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    Certificate(&'a [u8]),
    Key(&'a PublicKey),
}

/// Does an entry of the bundle name the file by a longer digest than SHA-256?
pub(super) fn is_one(bundle: &LibraryBundle) -> bool {
    let longer = |entry: &TransparencyLogEntry| {
        let body = entry.canonicalized_body.as_bytes();
        if !body.windows(8).any(|window| matches!(window, b"\"sha384\"" | b"\"sha512\"")) {
            return false;
        }
        let named = recorded(entry).map(|record| record.digest.algorithm());
        named.is_some_and(|algorithm| algorithm != Algorithm::Sha256)
    };
    bundle.verification_material.tlog_entries.iter().any(longer)
}

/// Verifies the bundle against `root`, as [`Root::verify_certificate`] and [`Root::verify_key`] do with others.
pub(super) fn verified(
    root: &Root,
    bundle: &Bundle,
    parsed: &LibraryBundle,
    material: Material,
    by: By<'_>,
) -> Result<Verified, Refusal> {
    let times = verify(root, bundle, parsed, by).map_err(Refusal::plain)?;
    let certificate = match (by, parsed.signing_certificate()) {
        (By::Certificate(_), Some(der)) => {
            let info = parse_certificate_info(der).map_err(|_| Refusal::plain(&UNTRUSTED))?;
            Some(super::certificate(parsed, &info)?)
        }
        _ => None,
    };
    Ok(Verified { certificate, times: bounds(&material, &times), material })
}

/// The times at which the signature is proven to have existed.
fn verify(root: &Root, bundle: &Bundle, parsed: &LibraryBundle, by: By<'_>) -> Result<Vec<jiff::Timestamp>, Info> {
    let BundleContent::Message { digest, signature } = &bundle.content else { return Err(&UNSUPPORTED_BUNDLE) };
    let options = ValidationOptions::new().with_require_inclusion_proof(root.has_log);
    validate_bundle_with_options(parsed, &options).map_err(|error| super::code(&Error::Bundle(error)))?;
    let times = times(root, parsed, signature)?;
    if root.has_log {
        for entry in &parsed.verification_material.tlog_entries {
            included(root, entry)?;
        }
    }
    let key = match by {
        By::Key(key) => key.clone(),
        By::Certificate(der) => {
            if times.is_empty() {
                return Err(&UNPROVEN);
            }
            for time in &times {
                certified(root, der, &bundle.chain, *time)?;
            }
            key_of(der, digest.algorithm()).ok_or(&UNSUPPORTED_BUNDLE)?
        }
    };
    if !key.verifies_digest(digest, signature) {
        return Err(&SIGNATURE_INVALID);
    }
    let entries = &parsed.verification_material.tlog_entries;
    if entries.iter().all(|entry| records(entry, by, signature, digest)) { Ok(times) } else { Err(&ENTRY_MISMATCH) }
}

/// The key of the certificate, for signatures over that digest; RSA as Sigstore's registry has it, PKCS#1 v1.5.
fn key_of(der: &[u8], hash: Algorithm) -> Option<PublicKey> {
    let spki = crate::authenticate::certificate::spki(der)?;
    let rsa = SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash };
    PublicKey::from_spki(&spki, None).or_else(|_| PublicKey::from_spki(&spki, Some(rsa))).ok()
}

/// The times of all tokens and promises. Each must verify.
fn times(root: &Root, parsed: &LibraryBundle, signature: &[u8]) -> Result<Vec<jiff::Timestamp>, Info> {
    let signature = SignatureBytes::from_bytes(signature);
    let material = &parsed.verification_material;
    let mut times = Vec::new();
    for token in &material.timestamp_verification_data.rfc3161_timestamps {
        let by = |authority| verify_timestamp_for_authority(&token.signed_timestamp, &signature, authority).ok();
        times.push(root.authorities.iter().find_map(by).ok_or(&BAD_TIMESTAMP)?);
    }
    // Under a root without logs an entry proves nothing, and takes nothing away.
    let promised_by = |entry: &&TransparencyLogEntry| root.has_log && entry.inclusion_promise.is_some();
    for entry in material.tlog_entries.iter().filter(promised_by) {
        // A promise is about a time; one without cannot be verified, and must not stand for a proof.
        let (Some(promise), Some(time)) = (&entry.inclusion_promise, entry.integrated_time) else {
            return Err(&PROMISE);
        };
        let log = log(root, entry)?;
        let is_listed = log.window.is_none_or(|window| window.contains(time));
        let signed = promised(entry, time).ok_or(&PROMISE)?;
        if !is_listed || !log.key.verifies(&signed, promise.signed_entry_timestamp.as_bytes()) {
            return Err(&PROMISE);
        }
        times.push(time);
    }
    Ok(times)
}

/// What Rekor v1 signs as its promise: the entry in canonical JSON (RFC 8785).
fn promised(entry: &TransparencyLogEntry, time: jiff::Timestamp) -> Option<Vec<u8>> {
    let signed = json!({
        "body": STANDARD.encode(entry.canonicalized_body.as_bytes()),
        "integratedTime": time.as_second(),
        "logID": hex::encode(entry.log_id.key_id.as_bytes()),
        "logIndex": entry.log_index.as_i64(),
    });
    serde_json_canonicalizer::to_vec(&signed).ok()
}

fn log<'a>(root: &'a Root, entry: &TransparencyLogEntry) -> Result<&'a TransparencyLog, Info> {
    root.lists.logs.iter().find(|log| log.id == entry.log_id.key_id.as_bytes()).ok_or(&UNKNOWN_LOG)
}

/// Is the entry in the tree of a checkpoint that the log signed?
fn included(root: &Root, entry: &TransparencyLogEntry) -> Result<(), Info> {
    // Bundles v0.1 may have the promise alone; [`times`] has verified it.
    let Some(proof) = &entry.inclusion_proof else {
        return if entry.inclusion_promise.is_some() { Ok(()) } else { Err(&NO_PROOF) };
    };
    let log = log(root, entry)?;
    let checkpoint = Checkpoint::from_text(proof.checkpoint.envelope()).map_err(|_| &CHECKPOINT)?;
    let top = *proof.root_hash.as_bytes();
    if *checkpoint.root_hash().as_bytes() != top || checkpoint.tree_size() != proof.tree_size {
        return Err(&CHECKPOINT);
    }
    let leaf = merkle::leaf(entry.canonicalized_body.as_bytes());
    let path: Vec<merkle::Hash> = proof.hashes.iter().map(|hash| *hash.as_bytes()).collect();
    if !merkle::includes(&leaf, proof.log_index.get(), proof.tree_size, &path, &top) {
        return Err(&BAD_PROOF);
    }
    let theirs = checkpoint.signatures().iter().filter(|line| log.id.starts_with(line.key_id.as_bytes()));
    let signed = checkpoint.signed_data();
    let is_signed = theirs.into_iter().any(|line| log.key.verifies(signed, line.signature.as_bytes()));
    if is_signed { Ok(()) } else { Err(&CHECKPOINT) }
}

/// Does the certificate lead to an authority that the root lists at that time, is everything valid then, and is it logged where the root
/// lists certificate logs?
fn certified(root: &Root, der: &[u8], others: &[Vec<u8>], time: jiff::Timestamp) -> Result<(), Info> {
    let at = Time::from_second(time.as_second()).ok_or(&OUTSIDE_CERTIFICATE)?;
    let wanted = Wanted { at, usage: &CODE_SIGNING, usage_alone: false };
    let mut found = Err(&OUTSIDE_CERTIFICATE);
    for authority in &root.lists.authorities {
        if !authority.window.is_none_or(|window| window.contains(time)) {
            continue;
        }
        match x509::path(der, others, &authority.chain, wanted) {
            Ok(path) => {
                found = Ok(path);
                break;
            }
            Err(PathError::Validity) => found = Err(&OUTSIDE_CERTIFICATE),
            Err(_) => found = Err(&UNTRUSTED),
        }
    }
    let path = found?;
    let issuer = path.issuers.first().ok_or(&UNTRUSTED)?;
    if !root.has_certificate_log || sct::is_logged(der, issuer, &root.lists.certificate_logs) {
        Ok(())
    } else {
        Err(&SCT)
    }
}

/// What an entry records.
struct Record {
    digest: Digest,
    signature: Vec<u8>,
    /// PEM of a certificate or public key: DER and label.
    verifier: (String, Vec<u8>),
}

/// A `hashedrekord` of Rekor v1, in its canonical form.
fn recorded(entry: &TransparencyLogEntry) -> Option<Record> {
    if entry.kind_version != KindVersion::HashedRekordV001 {
        return None;
    }
    let body = strict_json(entry.canonicalized_body.as_bytes())?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Json::as_str);
    if text("/kind")? != "hashedrekord" || text("/apiVersion")? != "0.0.1" {
        return None;
    }
    let algorithm = Algorithm::from_name(text("/spec/data/hash/algorithm")?)?;
    let digest = Digest::parse(algorithm, text("/spec/data/hash/value")?)?;
    let signature = STANDARD.decode(text("/spec/signature/content")?).ok()?;
    let pem = STANDARD.decode(text("/spec/signature/publicKey/content")?).ok()?;
    let (label, der) = der::pem::decode_vec(pem.trim_ascii()).ok()?;
    Some(Record { digest, signature, verifier: (label.to_owned(), der) })
}

/// Does the entry record this signature, by this certificate or key, over this digest?
fn records(entry: &TransparencyLogEntry, by: By<'_>, signature: &[u8], digest: &Digest) -> bool {
    let Some(record) = recorded(entry) else { return false };
    let (label, der) = (record.verifier.0.as_str(), record.verifier.1.as_slice());
    let is_theirs = match by {
        By::Certificate(certificate) => label == "CERTIFICATE" && der == certificate,
        By::Key(key) => label == "PUBLIC KEY" && der == key.spki(),
    };
    is_theirs && record.signature == signature && record.digest == *digest
}
