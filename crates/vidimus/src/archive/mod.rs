//! The evidence archive: one file from which a verdict can be computed again, years later and offline (`docs/spec/archive.md`).
//!
//! It is a ustar with an OCI image layout in it. Everything that the verdict rests on is a blob under its own sha256. There is
//! exactly one archive for the same inputs: names, order, headers and JSON have one form, and [`Archive::open`] takes no other,
//! so what is missing, added, changed, repeated or merely written differently is found before anything is judged.

// This module reads an archive from disk; *write* is given a place to write to.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod anchor;
mod layout;
mod open;
pub mod reading;
mod sound;
mod ustar;
mod write;

use std::path::PathBuf;

pub use anchor::AnchorFiles;
pub use layout::{AnchorIndex, Contents, PolicyIndex};
pub use open::Archive;
pub use reading::Reading;
pub use write::{Inputs, write};

use crate::read::ReadError;
use crate::render::escape;

/// Why there is no archive, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is not, byte for byte, what an archive is.
    #[error("not an intact evidence archive: {place}: {what}")]
    Corrupt {
        /// Where: a byte position, a member, a document with a JSON pointer.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// It was made by rules that this program does not know.
    #[error(
        "the verdict is of semantics {found}, and this program knows semantics {known} alone; a replay must not approximate"
    )]
    Semantics {
        /// The archive's.
        found: u64,
        /// Ours.
        known: u64,
    },
    /// A file too large for the format.
    #[error("{}: {size} bytes are more than a member of an archive can have; archive without the artifacts", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// The disk.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Where it is written to.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl ArchiveError {
    /// Both may quote the archive, which may come from anybody.
    pub(crate) fn corrupt(place: impl AsRef<str>, what: impl AsRef<str>) -> Self {
        Self::Corrupt { place: escape(place.as_ref()), what: escape(what.as_ref()) }
    }
}
