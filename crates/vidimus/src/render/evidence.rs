//! Where evidence stands: verdicts name it by digest, people look for a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::decode::Content;
use crate::read::Delivery;

/// The files in which each evidence item of `delivery` stands, by evidence id. The paths are as the inventory has them.
#[must_use]
pub fn evidence_files(delivery: &Delivery) -> BTreeMap<String, Vec<String>> {
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &delivery.files {
        let ids = match &file.content {
            Content::Ordinary | Content::Checksums(_) | Content::RevocationList(_) | Content::Timestamp => Vec::new(),
            Content::Signed(items) => items.iter().map(|item| item.id.to_string()).collect(),
            Content::Refused(_)
            | Content::Sbom(_)
            | Content::Vex(_)
            | Content::InvalidSbom(_)
            | Content::UnsignedStatement(_)
            | Content::TrustedRoot => {
                vec![file.digests.sha256().to_string()]
            }
        };
        for id in ids {
            files.entry(id).or_default().insert(file.path.clone());
        }
    }
    files.into_iter().map(|(id, paths)| (id, paths.into_iter().collect())).collect()
}
