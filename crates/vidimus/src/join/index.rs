//! Files by digest: which delivered bytes a digest set means.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::Content;
use crate::digest::{Algorithm, Digest, DigestSet, Match};
use crate::read::{Delivery, File, Place};

/// Files of a delivery by every digest that we computed. Of files with the same bytes the first stands for all, so that copies
/// of a file cost nothing however many statements are about them.
pub(super) struct Index<'a> {
    files: &'a [File],
    by_digest: BTreeMap<&'a str, usize>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
    items: BTreeSet<&'a Digest>,
    accepted: &'a [Algorithm],
}

impl<'a> Index<'a> {
    pub(super) fn new(delivery: &'a Delivery, accepted: &'a [Algorithm]) -> Self {
        let mut by_digest: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, file) in delivery.files.iter().enumerate() {
            for digest in file.digests.iter() {
                by_digest.entry(digest.hex()).or_insert(index);
            }
        }
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, file) in delivery.files.iter().enumerate().filter(|(_, file)| file.place == Place::Delivered) {
            let base = file.path.rsplit('/').next().unwrap_or(&file.path);
            by_name.entry(&file.path).or_default().push(index);
            if base != file.path {
                by_name.entry(base).or_default().push(index);
            }
        }
        let items = delivery.files.iter().flat_map(|file| match &file.content {
            Content::Signed(items) => items.as_slice(),
            _ => &[],
        });
        let items = items.map(|item| &item.id).collect();
        Self { files: &delivery.files, by_digest, by_name, items, accepted }
    }

    /// By file, the file that stands for all with its bytes.
    pub(super) fn firsts(&self) -> Vec<usize> {
        let first =
            |(index, file): (usize, &File)| self.by_digest.get(file.digests.sha256().hex()).map_or(index, |f| *f);
        self.files.iter().enumerate().map(first).collect()
    }

    /// Delivered files with that path or last segment. Names never bind; this only finds which reason to give.
    pub(super) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Is there an evidence item with that identity?
    pub(super) fn holds_item(&self, set: &DigestSet) -> bool {
        let alone = set.computable().count() == 1;
        alone && set.by(Algorithm::Sha256).is_some_and(|digest| self.items.contains(&digest))
    }

    /// Every file that some digest of `set` names, with how the whole set compares. Files that no digest names are not
    /// listed: digests of different subjects are never combined (`verification.md` 2.2).
    pub(super) fn matches(&self, set: &DigestSet) -> Vec<(usize, Match)> {
        let candidates: BTreeSet<usize> = set
            .computable()
            .filter_map(|algorithm| set.by(algorithm))
            .filter_map(|digest| self.by_digest.get(digest.hex()))
            .copied()
            .collect();
        candidates
            .into_iter()
            .filter_map(|index| Some((index, set.matches(&self.files.get(index)?.digests, self.accepted))))
            .collect()
    }

    /// The files that `set` means: at least one accepted algorithm matches and none disagrees.
    pub(super) fn same(&self, set: &DigestSet) -> impl Iterator<Item = usize> + use<> {
        self.matches(set).into_iter().filter(|(_, how)| *how == Match::Same).map(|(index, _)| index)
    }
}
