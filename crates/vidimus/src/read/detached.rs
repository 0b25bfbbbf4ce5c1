//! Which files a detached signature is tried against. Names choose, and never bind.

use std::collections::BTreeMap;

use super::Place;
use super::walk::Found;
use crate::decode::{Content, Envelope};
use crate::digest::{Algorithm, Digests, Hasher};
use crate::signature::{Detached, Needs, SUFFIXES};

/// Files of one last name that a signature is tried against, at most.
const SAME_NAME: usize = 16;

/// Positions of the found files by name.
pub(crate) struct Names<'a> {
    by_path: BTreeMap<&'a str, Vec<usize>>,
    by_base: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(found: &'a [(Place, Found)]) -> Self {
        let mut names = Self { by_path: BTreeMap::new(), by_base: BTreeMap::new() };
        for (index, (_, file)) in found.iter().enumerate() {
            names.by_path.entry(&file.path).or_default().push(index);
            names.by_base.entry(base(&file.path)).or_default().push(index);
        }
        names
    }

    /// The files whose signature `path` is by its name: at that very path, else by the last part of it alone, because
    /// signatures are often kept in a folder of their own.
    pub(crate) fn signed_by(&self, path: &str) -> Vec<usize> {
        let stems = || SUFFIXES.iter().filter_map(|suffix| path.strip_suffix(suffix)).filter(|s| !base(s).is_empty());
        let exact: Vec<usize> = stems().filter_map(|stem| self.by_path.get(stem)).flatten().copied().collect();
        if !exact.is_empty() {
            return exact;
        }
        stems().filter_map(|stem| self.by_base.get(base(stem))).flatten().copied().take(SAME_NAME).collect()
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The detached signatures in a document.
pub(super) fn in_content(content: &mut Content) -> impl Iterator<Item = &mut Detached> {
    let items = match content {
        Content::Signed(items) => items.as_mut_slice(),
        _ => &mut [],
    };
    items.iter_mut().filter_map(|item| match &mut item.envelope {
        Ok(Envelope::Detached(signature)) => Some(signature),
        _ => None,
    })
}

/// For each file with a detached signature in it, the files that it is tried against; and for each file, what must be known
/// about it.
pub(crate) struct Plan {
    tried: BTreeMap<usize, Vec<usize>>,
    needs: BTreeMap<usize, Needs>,
}

impl Plan {
    pub(crate) fn of<'c>(
        found: &[(Place, Found)],
        names: &Names<'_>,
        mut content: impl FnMut(usize) -> Option<&'c Content>,
    ) -> Self {
        let mut plan = Self { tried: BTreeMap::new(), needs: BTreeMap::new() };
        let mut others = Vec::new();
        let mut signatures: Vec<(usize, Vec<Needs>)> = Vec::new();
        for (index, (place, _)) in found.iter().enumerate() {
            match content(index) {
                Some(Content::Signed(items)) => {
                    let needs = items.iter().filter_map(|item| match &item.envelope {
                        Ok(Envelope::Detached(signature)) => Some(signature.scheme.needs()),
                        _ => None,
                    });
                    let needs: Vec<Needs> = needs.collect();
                    if !needs.is_empty() {
                        signatures.push((index, needs));
                    }
                }
                _ if *place == Place::Delivered && others.len() < 2 => others.push(index),
                _ => {}
            }
        }
        for (index, needs) in signatures {
            let Some((_, file)) = found.get(index) else { continue };
            let mut tried = names.signed_by(&file.path);
            if let (true, [only]) = (tried.is_empty(), others.as_slice()) {
                // Whatever the signature is called, it can only be meant for the one file.
                tried.push(*only);
            }
            for file in &tried {
                let known = plan.needs.entry(*file).or_default();
                for need in &needs {
                    known.digests.extend(&need.digests);
                    known.digests.extend(need.frames.iter().map(|frame| frame.algorithm));
                    known.frames.extend(need.frames.iter().cloned());
                    known.blake2b |= need.blake2b;
                    known.bytes |= need.bytes;
                }
            }
            plan.tried.insert(index, tried);
        }
        plan
    }

    /// Hashes the file by `all` and by what signatures over it need.
    pub(super) fn hasher(&self, file: usize, all: &[Algorithm]) -> Hasher {
        let Some(own) = self.needs.get(&file) else { return Hasher::new(all) };
        let algorithms: Vec<Algorithm> = all.iter().chain(&own.digests).copied().collect();
        let hasher = Hasher::new(&algorithms).with_frames(&own.frames);
        if own.blake2b { hasher.with_blake2b() } else { hasher }
    }

    /// Must the file's bytes be kept?
    pub(super) fn needs_bytes(&self, file: usize) -> bool {
        self.needs.get(&file).is_some_and(|needs| needs.bytes)
    }

    /// Tells the signatures in `content` of file `index` what they are tried against.
    pub(crate) fn fill(&self, index: usize, content: &mut Content, digests: &[Digests]) {
        let Some(tried) = self.tried.get(&index) else { return };
        let mut tried: Vec<_> =
            tried.iter().filter_map(|file| digests.get(*file)).map(|d| d.sha256().clone()).collect();
        tried.sort();
        tried.dedup();
        for signature in in_content(content) {
            signature.tried.clone_from(&tried);
        }
    }
}
