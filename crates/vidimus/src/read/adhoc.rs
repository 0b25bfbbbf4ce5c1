//! Files named one by one: an ad hoc delivery, with the evidence beside a single file (DESIGN section 6).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::disk::{self, Identity, raw_name};
use super::path::is_portable_segment;
use super::walk::{self, Found, Tree};
use super::{Place, ReadError};
use crate::digest::Hasher;

/// What is appended to a file's name to name its evidence.
pub const SIBLINGS: [&str; 11] = [
    ".sigstore.json",
    ".sigstore",
    ".intoto.jsonl",
    ".sig",
    ".asc",
    ".minisig",
    ".p7s",
    ".cdx.json",
    ".spdx.json",
    ".publish.attestation",
    ".slsa.attestation",
];

/// The named files as a delivery.
pub(super) fn artifacts(paths: &[PathBuf]) -> Result<Tree, ReadError> {
    let mut tree = Tree::default();
    let mut seen = BTreeSet::new();
    for path in paths {
        let name = raw_name(path.file_name().ok_or_else(|| ReadError::NotAFile { path: path.clone() })?);
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(ReadError::SameName { path: path.clone() });
        }
        match String::from_utf8(name) {
            Ok(name) if is_portable_segment(name.as_bytes()) => tree.files.push(found(path, name)?),
            Ok(name) => tree.refused.push(walk::refused(name.into_bytes(), &walk::PATH)),
            Err(e) => tree.refused.push(walk::refused(e.into_bytes(), &walk::PATH)),
        }
    }
    tree.files.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    tree.refused.sort();
    Ok(tree)
}

/// The evidence that lies beside `path` under the customary names, regular files only.
pub(super) fn siblings(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or_default();
    let beside = SIBLINGS.iter().map(|suffix| {
        let mut sibling = name.to_os_string();
        sibling.push(suffix);
        path.with_file_name(sibling)
    });
    beside.filter(|sibling| fs::symlink_metadata(sibling).is_ok_and(|m| m.is_file())).collect()
}

/// Evidence files, each once however often it is named, and without those that `delivered` already holds; in the order of
/// their content, so that a budget that runs out leaves out the same ones however they are named.
pub(super) fn evidence(paths: &[PathBuf], delivered: &[PathBuf]) -> Result<Vec<(Place, Found)>, ReadError> {
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().ok_or_else(|| ReadError::NotAFile { path: path.clone() })?;
        // A name that is not UTF-8 is shown with replacement characters; names of evidence decide nothing.
        let found = found(path, name.to_string_lossy().into_owned())?;
        let inside = delivered.iter().any(|place| found.on_disk.starts_with(place));
        if !inside && seen.insert(found.on_disk.clone()) {
            let mut hasher = Hasher::new(&[]);
            disk::stream(&found.on_disk, found.identity, |bytes| hasher.update(bytes))?;
            files.push((hasher.finish().sha256().clone(), found));
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(files.into_iter().map(|(_, found)| (Place::Evidence, found)).collect())
}

/// The file behind a path that the operator typed. Here a link is followed: it is the operator's, not the sender's.
pub(super) fn found(path: &Path, name: String) -> Result<Found, ReadError> {
    let io = |source| ReadError::Io { path: path.to_path_buf(), source };
    let on_disk = path.canonicalize().map_err(io)?;
    let metadata = fs::symlink_metadata(&on_disk).map_err(io)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile { path: path.to_path_buf() });
    }
    Ok(Found { path: name, on_disk, identity: Identity::of(&metadata) })
}
