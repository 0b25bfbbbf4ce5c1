//! SBOMs as predicates: inline, up to 16 MiB of strict JSON; else by reference.

use std::path::Path;

use serde_json::Value;
use vidimus::decode::{self, Content};
use vidimus::digest::Digest;
use vidimus::limits::Limits;

use super::input::bounded;
use crate::error::Error;

/// Larger documents are carried by reference (`verification.md` 5.1).
const INLINE_BYTES: usize = 16 * 1024 * 1024;

/// An SBOM document that our own reader takes, and how it can be carried.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Its digest.
    pub sha256: Digest,
    /// Its media type.
    pub media_type: &'static str,
    /// What its file name ends in, such as `.cdx.json`.
    pub suffix: &'static str,
    /// `predicateType` and predicate, where it can be carried inline.
    pub inline: Option<(&'static str, Value)>,
}

/// Reads an SBOM, holding it against the rules of its own format.
///
/// # Errors
/// It cannot be read, is no SBOM, or breaks the rules of its format.
pub fn carried(path: &Path) -> Result<Carried, Error> {
    let bytes = bounded(path, Limits::MAX.evidence_item_bytes)?;
    of_bytes(path, &bytes)
}

pub(crate) fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Carried, Error> {
    let format = match decode::document(bytes, &Limits::MAX) {
        Content::Sbom(sbom) => sbom.format.clone(),
        Content::InvalidSbom(invalid) => {
            let reason = (*invalid).first();
            return Err(Error::refused(path, &reason));
        }
        Content::Refused(reason) => return Err(Error::refused(path, &reason)),
        _ => {
            return Err(Error::input(format!("{}: not an SBOM in a format that is read", path.display()))
                .with_hint("see `vidimus sbom check FILE`"));
        }
    };
    let (media_type, suffix) = names(&format);
    let uri = predicate_type(&format);
    let inline = match uri {
        Some(uri) if bytes.len() <= INLINE_BYTES => {
            Some((uri, decode::json(bytes).map_err(|reason| Error::refused(path, &reason))?))
        }
        _ => None,
    };
    Ok(Carried { sha256: Digest::sha256(bytes), media_type, suffix, inline })
}

fn names(format: &str) -> (&'static str, &'static str) {
    match (format.starts_with("cyclonedx"), format.ends_with("+json"), format.ends_with("+xml")) {
        (true, _, true) => ("application/vnd.cyclonedx+xml", ".cdx.xml"),
        (true, ..) => ("application/vnd.cyclonedx+json", ".cdx.json"),
        (false, true, _) => ("application/spdx+json", ".spdx.json"),
        (false, ..) => ("text/spdx", ".spdx"),
    }
}

/// Which predicate type a document is inline under; documents that are not JSON, and those of SPDX 3, are carried by reference.
fn predicate_type(format: &str) -> Option<&'static str> {
    match format {
        _ if !format.ends_with("+json") => None,
        _ if format.starts_with("cyclonedx") => Some("https://cyclonedx.org/bom"),
        _ if format.starts_with("spdx-2.2") => Some("https://spdx.dev/Document/v2.2"),
        _ if format.starts_with("spdx-2.3") => Some("https://spdx.dev/Document/v2.3"),
        _ => None,
    }
}
