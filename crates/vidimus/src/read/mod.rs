//! Read: a folder or files become an inventory and documents. The only stage that touches the disk.
//!
//! Every file is hashed while it is read, once; documents small enough to be evidence stay in memory, nothing else does.
//! Links and special files are never followed or opened.

use std::sync::Arc;

use crate::decode::Content;
use crate::digest::{Digest, Digests};
use crate::reason::Reason;

/// What was delivered, as read.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Regular files with portable paths, sorted by path bytes.
    pub files: Vec<File>,
    /// Everything in the folder that is not such a file, sorted by raw path bytes.
    pub refused: Vec<RefusedEntry>,
    /// Budgets that ran out while reading.
    pub limits_hit: Vec<Reason>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// Portable path, `/`-separated, relative to the delivery.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Digests that we computed.
    pub digests: Digests,
    /// Was it delivered, or did the operator name it as evidence beside the delivery?
    pub place: Place,
    /// What its content is.
    pub content: Content,
    /// Its bytes, when it is a document.
    pub bytes: Option<Arc<[u8]>>,
}

/// Where a file came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Part of the delivery.
    Delivered,
    /// Named with `--evidence`, or a recognised sibling of a single file. Never an artifact.
    Evidence,
}

/// An entry that cannot be judged as a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedEntry {
    /// Raw path bytes relative to the delivery, hex in every output.
    pub raw_path: Vec<u8>,
    /// Why: `input.*`.
    pub reason: Reason,
}

impl RefusedEntry {
    /// sha256 of the raw path, by which reasons name it.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::sha256(&self.raw_path)
    }
}
