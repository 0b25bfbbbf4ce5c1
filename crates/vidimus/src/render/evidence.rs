//! Where evidence stands: verdicts name it by digest, people look for a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::Content;
use crate::read::{Delivery, File, Place};

/// The files in which each evidence item of `delivery` stands, by evidence id. The paths are as the inventory has them.
#[must_use]
pub fn evidence_files(delivery: &Delivery) -> BTreeMap<String, Vec<String>> {
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &delivery.files {
        for id in ids(file) {
            files.entry(id).or_default().insert(file.path.clone());
        }
    }
    files.into_iter().map(|(id, paths)| (id, paths.into_iter().collect())).collect()
}

/// sha256 of the file in which each evidence item stands that lay beside the delivery, by evidence id: the inventory has the others.
#[must_use]
pub fn evidence_beside(delivery: &Delivery) -> BTreeMap<String, String> {
    let beside = delivery.files.iter().filter(|file| file.place == Place::Evidence);
    beside.flat_map(|file| ids(file).into_iter().map(|id| (id, file.digests.sha256().hex().to_owned()))).collect()
}

/// Ids of the items in a file.
fn ids(file: &File) -> Vec<String> {
    match &file.content {
        Content::Ordinary | Content::Checksums(_) | Content::RevocationList(_) | Content::Timestamp => Vec::new(),
        Content::Signed(items) => items.iter().map(|item| item.id.to_string()).collect(),
        Content::Refused(_)
        | Content::Sbom(_)
        | Content::Vex(_)
        | Content::InvalidSbom(_)
        | Content::UnsignedStatement(_)
        | Content::TrustedRoot => vec![file.digests.sha256().to_string()],
    }
}
