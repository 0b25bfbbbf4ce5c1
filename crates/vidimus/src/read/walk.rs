//! Walking a delivery folder: every entry is either a regular file with a portable path or a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::disk::{Identity, raw_name};
use super::path::is_portable;
use super::{ReadError, RefusedEntry};
use crate::limits::Limits;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    LINK = "input.link", Refuted, Vendor, ["id"],
        says "the delivery has a symbolic link (path with digest {id}); links are never followed",
        why "A link can point outside the delivery, and at other bytes on the next machine (T17, T18).",
        fix "Deliver the file itself in place of the link.";
    SPECIAL = "input.special", Refuted, Vendor, ["id"],
        says "the delivery has an entry that is neither a file nor a folder (path with digest {id})",
        why "Pipes, sockets and devices have no bytes that could be signed; reading one can hang or do harm.",
        fix "Deliver regular files only.";
    PATH = "input.path", Refuted, Vendor, ["id"],
        says "the delivery has a path outside the portable profile (path with digest {id})",
        why "Names with other characters, device names or depth mean different files on different systems, or fool a reader (T17).",
        fix "Rename it with letters, digits, `. _ + @ = , ~ -` and inner spaces only, at most 32 segments and 1024 bytes.";
    COLLISION = "input.path-collision", Refuted, Vendor, ["id", "path"],
        says "{path} and another path are equal but for letter case",
        why "On a file system that ignores case one of them replaces the other, so what was judged is not what gets installed (T17).",
        fix "Rename one of them.";
    FILES = "limit.files", Unproven, Vendor, ["limit"],
        says "the delivery has more than {limit} entries",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36). What was not read is not proven.",
        fix "Split the delivery, or pack files into an archive that the delivery statement lists.";
}

/// A regular file as found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Portable path.
    pub(crate) path: String,
    /// Where it lies.
    pub(crate) on_disk: PathBuf,
    /// Size and identity when found; a file that is another one when opened has changed.
    pub(crate) identity: Identity,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Sorted by path bytes.
    pub(super) files: Vec<Found>,
    /// Sorted by raw path.
    pub(super) refused: Vec<RefusedEntry>,
    pub(super) limits_hit: Vec<Reason>,
}

/// Lists `root`, without following anything and without opening a file.
pub(super) fn tree(root: &Path, limits: &Limits) -> Result<Tree, ReadError> {
    let mut tree = Tree::default();
    let mut entries = 0_u64;
    let mut folders: Vec<(PathBuf, Vec<u8>)> = vec![(root.to_path_buf(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let unreadable = |source| ReadError::Io { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entries += 1;
            if entries > limits.files {
                tree.limits_hit.push(Reason::new(&FILES).int("limit", limits.files));
                // The listing order of a folder is the file system's, so nothing of a partial listing may count.
                tree.files.clear();
                tree.refused.clear();
                return Ok(tree);
            }
            let raw = join(&prefix, &raw_name(&entry.file_name()));
            let on_disk = entry.path();
            let metadata =
                fs::symlink_metadata(&on_disk).map_err(|source| ReadError::Io { path: on_disk.clone(), source })?;
            let kind = metadata.file_type();
            if kind.is_symlink() {
                refuse(&mut tree, raw, &LINK);
            } else if !is_portable(&raw, limits.path_segments) {
                refuse(&mut tree, raw, &PATH);
            } else if kind.is_dir() {
                folders.push((on_disk, raw));
            } else if !kind.is_file() {
                refuse(&mut tree, raw, &SPECIAL);
            } else if let Ok(path) = String::from_utf8(raw) {
                tree.files.push(Found { path, on_disk, identity: Identity::of(&metadata) });
            }
        }
    }
    settle(&mut tree, limits);
    Ok(tree)
}

/// Puts what was found in order. Beyond the limit nothing of it counts: the order in which a file system lists a folder must not
/// decide what does.
pub(super) fn settle(tree: &mut Tree, limits: &Limits) {
    if (tree.files.len() + tree.refused.len()) as u64 > limits.files {
        *tree = Tree { limits_hit: vec![Reason::new(&FILES).int("limit", limits.files)], ..Tree::default() };
    }
    separate_collisions(tree);
    tree.files.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    tree.refused.sort();
}

/// A refused entry for `raw`.
pub(super) fn refused(raw: Vec<u8>, info: &'static ReasonInfo) -> RefusedEntry {
    let id = crate::digest::Digest::sha256(&raw);
    RefusedEntry { raw_path: raw, reason: Reason::new(info).digest("id", &id) }
}

fn refuse(tree: &mut Tree, raw: Vec<u8>, info: &'static ReasonInfo) {
    tree.refused.push(refused(raw, info));
}

fn join(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// Moves files whose paths are equal after ASCII lower-casing to the refused entries.
fn separate_collisions(tree: &mut Tree) {
    let mut by_folded: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in &tree.files {
        by_folded.entry(file.path.to_ascii_lowercase()).or_default().push(&file.path);
    }
    let colliding: BTreeSet<String> =
        by_folded.into_values().filter(|paths| paths.len() > 1).flatten().map(ToOwned::to_owned).collect();
    for path in &colliding {
        let mut entry = refused(path.clone().into_bytes(), &COLLISION);
        entry.reason = entry.reason.name("path", path);
        tree.refused.push(entry);
    }
    tree.files.retain(|file| !colliding.contains(&file.path));
}
