//! Verifiers whose word may count, and the rule that asks for it.

use std::collections::BTreeSet;

use super::PartyRef;
use crate::digest::Digest;

/// One verifier that a signer may speak for (SLSA v1.2 `verification_summary.md`: only specific pairs of signer and verifier).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierGrant {
    /// `verifier.id`, exact.
    pub id: String,
    /// The one identity of the grant that may; `None` is each of them.
    pub identity: Option<String>,
}

/// How far a verifier is trusted on one SLSA track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackCap {
    /// The track as summaries write it: `BUILD`, `SOURCE`.
    pub track: String,
    /// Higher levels count as this one.
    pub level: u8,
}

/// `check = "vsa"`.
#[derive(Clone, Debug)]
pub struct VsaCheck {
    /// Which kinds of summary do, as aliases or predicate type URIs; `vsa` alone if not stated.
    pub accept: Vec<String>,
    /// The predicate types of `accept`.
    pub predicate_types: BTreeSet<String>,
    /// Whose; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// Levels and properties that must all be verified, at least one. A level of a SLSA track is met by a higher one.
    pub properties: Vec<String>,
    /// The expected `resourceUri`; `None` is what the request and accepted releases call the file.
    pub resource: Option<ResourceMatch>,
    /// Accepted digests of the verifier's policy; empty accepts every one.
    pub policies: Vec<Digest>,
    /// At most so many days may lie between the verification and the verdict.
    pub max_age_days: Option<u32>,
    /// Must every attestation that the summary cites be in the delivery?
    pub inputs_present: bool,
    /// Does another accepted summary that says `FAILED` about the same file and resource take the proof away?
    pub failed_wins: bool,
}

/// What `resourceUri` must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceMatch {
    /// Equal byte for byte.
    Exact(String),
    /// Starts so and goes on; the prefix ends at a `/`.
    Prefix(String),
}
