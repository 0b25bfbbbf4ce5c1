//! Budgets for untrusted input. Counters, never timers, so a limit is hit identically on every machine
//! (`verification.md` 1.4). A policy may lower them, never raise them.

use crate::container::Spent;

/// The counters and their ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all delivered files together.
    pub delivery_bytes: u64,
    /// Files in a delivery.
    pub files: u64,
    /// Bytes of one evidence document; a larger file is an ordinary file.
    pub evidence_item_bytes: u64,
    /// Bytes of all evidence documents together.
    pub evidence_bytes: u64,
    /// Evidence items: envelopes, bundles, documents.
    pub evidence_items: u64,
    /// SBOM components over all documents.
    pub components: u64,
    /// Edges of the component graph.
    pub edges: u64,
    /// Changes of supplier on the way from the delivery to a component.
    pub chain_depth: u64,
    /// Signatures in one envelope.
    pub signatures: u64,
    /// Nesting depth of JSON.
    pub json_depth: usize,
    /// Bytes of one JSON string, base64 payload members excepted (DESIGN ruling 9).
    pub string_bytes: usize,
    /// Certificates in one chain.
    pub certificates: usize,
    /// Hashes in one inclusion proof (RFC 6962: a tree has at most 2^63 leaves).
    pub inclusion_path: usize,
    /// Signatures on one checkpoint.
    pub cosignatures: usize,
    /// Members of all opened archives together.
    pub archive_members: u64,
    /// Bytes of all members of opened archives together, over all levels of nesting.
    pub archive_bytes: u64,
    /// Archives inside one another; a compressed archive is one.
    pub archive_depth: u64,
    /// Bytes that a delivered file may grow to when it is opened, as a multiple of its size.
    pub archive_ratio: u64,
    /// Directory depth is bounded by the segments of a portable path.
    pub path_segments: usize,
}

impl Limits {
    /// The ceilings of `semantics` 1.
    pub const MAX: Self = Self {
        delivery_bytes: 64_000_000_000,
        files: 2_000_000,
        evidence_item_bytes: 64 * 1024 * 1024,
        evidence_bytes: 512_000_000,
        evidence_items: 20_000,
        components: 200_000,
        edges: 2_000_000,
        chain_depth: 8,
        signatures: 16,
        json_depth: 64,
        string_bytes: 1024 * 1024,
        certificates: 6,
        inclusion_path: 63,
        cosignatures: 32,
        archive_members: 2_000_000,
        archive_bytes: 64_000_000_000,
        archive_depth: 6,
        archive_ratio: 200,
        path_segments: 32,
    };
}

impl Limits {
    /// The same with what is left of the budgets of archives.
    pub(crate) const fn after(&self, spent: Spent) -> Self {
        let mut left = *self;
        left.archive_members = left.archive_members.saturating_sub(spent.members);
        left.archive_bytes = left.archive_bytes.saturating_sub(spent.bytes);
        left
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::MAX
    }
}
