//! Verdicts that were written: read back, and held against their own digests. What a verdict file says beside its core counts as
//! far as the core commits to it.

// A verdict file is read from disk.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::io::Read as _;
use std::path::Path;

use crate::archive::{Archive, ArchiveError};
use crate::conclude::{SEMANTICS, commitments};
use crate::digest::Digest;
use crate::render::{VerdictFile, escape};

/// A verdict file has at most so many bytes.
const MAX_BYTES: u64 = 1 << 30;

/// In an HTML page, the verdict stands between these.
pub(crate) const MARKS: (&str, &str) = (r#"<script type="application/json" id="vidimus-verdict">"#, "</script>");

/// A verdict whose digests are those of its parts.
#[derive(Clone, Debug)]
pub struct Record {
    file: VerdictFile,
}

/// Why a file is no verdict that can be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The disk.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no verdict.
    #[error("not a verdict: {0}")]
    Malformed(String),
    /// It contradicts itself.
    #[error("this verdict was changed: {0} is not what its digest says")]
    Changed(String),
    /// It was made by other rules.
    #[error("the verdict is of semantics {0}, and this program knows semantics {SEMANTICS} alone")]
    Semantics(u64),
    /// As an archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl Record {
    /// Reads a verdict as JSON, or an HTML page with one.
    ///
    /// # Errors
    /// It is none, or its digests are not those of its parts.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        let text = std::str::from_utf8(bytes).map_err(|e| RecordError::Malformed(e.to_string()))?;
        let json = if text.trim_start().starts_with('{') { text } else { embedded(text)? };
        let whole =
            crate::decode::strict_json_of_ours(json.as_bytes()).map_err(|e| RecordError::Malformed(escape(&e)))?;
        if let Some(semantics) = whole.pointer("/core/semantics").and_then(serde_json::Value::as_u64)
            && semantics != SEMANTICS
        {
            return Err(RecordError::Semantics(semantics));
        }
        let file: VerdictFile =
            crate::decode::typed(&whole).map_err(|e| RecordError::Malformed(escape(&e.to_string())))?;
        Self::checked(file)
    }

    /// The verdict in an archive. It is what the archive says; a replay tells whether it is true.
    ///
    /// # Errors
    /// Its digests are not those of its parts.
    pub fn of(archive: &Archive) -> Result<Self, RecordError> {
        Self::checked(VerdictFile {
            core: archive.core().clone(),
            core_sha256: archive.contents().core.clone(),
            decision_sha256: archive.contents().decision_sha256.clone(),
            details: archive.details().clone(),
            run: archive.run().clone(),
        })
    }

    fn checked(file: VerdictFile) -> Result<Self, RecordError> {
        if file.core.schema != crate::conclude::SCHEMA {
            return Err(RecordError::Malformed("of another schema".to_owned()));
        }
        let core = serde_json_canonicalizer::to_vec(&file.core).unwrap_or_default();
        if Digest::sha256(&core).hex() != file.core_sha256 {
            return Err(RecordError::Changed("core".to_owned()));
        }
        for (what, stated, found) in commitments(&file.core, &file.details) {
            if stated != found {
                return Err(RecordError::Changed(escape(&what)));
            }
        }
        if crate::conclude::decision(&file.core, &file.details).hex() != file.decision_sha256 {
            return Err(RecordError::Changed("decision_sha256".to_owned()));
        }
        Ok(Self { file })
    }

    /// The verdict.
    #[must_use]
    pub const fn file(&self) -> &VerdictFile {
        &self.file
    }
}

/// The verdict inside a page.
fn embedded(page: &str) -> Result<&str, RecordError> {
    let none = || RecordError::Malformed("neither JSON nor a page with a verdict in it".to_owned());
    let (_, rest) = page.split_once(MARKS.0).ok_or_else(none)?;
    let (json, rest) = rest.split_once(MARKS.1).ok_or_else(none)?;
    if rest.contains(MARKS.0) {
        return Err(RecordError::Malformed("the page has more than one verdict in it".to_owned()));
    }
    Ok(json)
}

/// Reads the verdict in a file: JSON, an HTML page, or an evidence archive.
///
/// # Errors
/// It is none, or changed.
pub fn open(path: &Path) -> Result<Record, RecordError> {
    if is_archive(path)? {
        return Record::of(&Archive::open(path)?);
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(RecordError::Malformed(format!("more than {MAX_BYTES} bytes")));
    }
    Record::read(&bytes)
}

/// Does it begin as an archive does?
///
/// # Errors
/// It cannot be read.
pub fn is_archive(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(13).read_to_end(&mut head)?;
    Ok(head == b"blobs/sha256/")
}
