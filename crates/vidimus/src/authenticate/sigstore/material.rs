//! What a bundle brings to prove its time and its publication, out of the library's types.

use sigstore_verify::types::{Bundle as LibraryBundle, SignatureContent};

use crate::time::Time;

/// What a bundle brings to prove the time and the publication of its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Material {
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// RFC 3161 tokens over the signature, DER.
    pub tokens: Vec<Vec<u8>>,
    /// Log entries.
    pub entries: Vec<LogEntry>,
}

/// A log entry as a bundle has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The log that it names.
    pub log_id: Vec<u8>,
    /// What the log holds, byte for byte.
    pub body: Vec<u8>,
    /// The time that the log's promise states, if there is a promise; Rekor v2 states none.
    pub promised: Option<Time>,
    /// Position in the tree of the inclusion proof.
    pub index: u64,
    /// The proof, nearest sibling first.
    pub hashes: Vec<[u8; 32]>,
    /// The checkpoint, a signed note.
    pub checkpoint: Option<String>,
}

/// All of it, none verified.
pub(super) fn material_of(bundle: &LibraryBundle) -> Material {
    let signature = match &bundle.content {
        SignatureContent::DsseEnvelope(envelope) => envelope.signature.sig.as_bytes().to_vec(),
        SignatureContent::MessageSignature(message) => message.signature.as_bytes().to_vec(),
        _ => Vec::new(),
    };
    let material = &bundle.verification_material;
    let tokens = material.timestamp_verification_data.rfc3161_timestamps.iter();
    let tokens = tokens.map(|token| token.signed_timestamp.as_bytes().to_vec()).collect();
    let entries = material.tlog_entries.iter().map(|entry| {
        let promised = entry.inclusion_promise.as_ref().and(entry.integrated_time);
        let proof = entry.inclusion_proof.as_ref();
        LogEntry {
            log_id: entry.log_id.key_id.as_bytes().to_vec(),
            body: entry.canonicalized_body.as_bytes().to_vec(),
            // Rekor v2 entries say zero.
            promised: promised.filter(|time| time.as_second() > 0).and_then(Time::ceil),
            index: proof.map_or(0, |proof| proof.log_index.get()),
            hashes: proof.map_or_else(Vec::new, |proof| proof.hashes.iter().map(|hash| *hash.as_bytes()).collect()),
            checkpoint: proof.map(|proof| proof.checkpoint.envelope().to_owned()),
        }
    });
    Material { signature, tokens, entries: entries.collect() }
}

/// The verified times as upper bounds: of a token, with its accuracy.
pub(super) fn bounds(material: &Material, times: &[jiff::Timestamp]) -> Vec<Time> {
    let bound = |time: &jiff::Timestamp| {
        let stamps = material.tokens.iter().filter_map(|token| crate::authenticate::rfc3161::stated(token));
        let of_token = stamps.filter(|(stated, _)| *stated == *time).map(|(_, bound)| bound).max();
        of_token.or_else(|| Time::ceil(*time))
    };
    let mut bounds: Vec<Time> = times.iter().filter_map(bound).collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}
