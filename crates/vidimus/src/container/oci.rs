//! OCI image layouts (image-spec v1.1, `image-layout.md`) in an archive: blobs are named by their digest, and the name must be true.
//!
//! Manifests, configurations and layers are the blobs; a layer is itself a container and opened like any other. Tags and other
//! annotations in `index.json` are text that anybody can write: they name nothing here.

use super::Entry;
use super::fault::{Fault, LAYOUT};
use crate::digest::{Algorithm, Digest};

/// The files that make an archive a layout.
const MARKS: [&[u8]; 2] = [b"oci-layout", b"index.json"];

/// If the archive is a layout, is every blob what its name says?
pub(super) fn check(entries: &[Entry]) -> Result<(), Fault> {
    let named = |name: &[u8]| entries.iter().any(|entry| entry.name.as_deref() == Some(name));
    if !MARKS.iter().all(|mark| named(mark)) {
        return Ok(());
    }
    for entry in entries {
        let Some(name) = entry.name.as_deref() else { continue };
        let Some(blob) = name.strip_prefix(b"blobs/") else { continue };
        let stated = std::str::from_utf8(blob).ok().and_then(|blob| {
            let (algorithm, hex) = blob.split_once('/')?;
            let digest = Digest::parse(Algorithm::from_name(algorithm)?, hex)?;
            (digest.hex() == hex).then_some(digest)
        });
        let digests = entry.digests.as_ref().filter(|_| entry.link.is_none());
        // A digest that was not computed, because no evidence names its algorithm, is not compared.
        let agrees = |stated: &Digest| digests.is_some_and(|d| d.get(stated.algorithm()).is_none_or(|d| d == stated));
        if !stated.as_ref().is_some_and(agrees) {
            return Err(Fault::at(&LAYOUT, name));
        }
    }
    Ok(())
}
