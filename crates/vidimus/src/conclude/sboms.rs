//! What the SBOMs that count say about themselves, and what lies between them and the files, both ways.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::core::Coded;
use crate::decode::NodeKind;
use crate::digest::Digest;
use crate::join::{BoundSbom, Joined};
use crate::reason::identifier;

/// An SBOM that counts for at least one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SbomDetails {
    /// Evidence id.
    pub sbom: String,
    /// Its format and version.
    pub format: String,
    /// Violations of its format that the policy tolerates, with their places.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tolerated: Vec<Coded>,
    /// What is noteworthy about it, alone and beside the other SBOMs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub findings: Vec<Coded>,
    /// Components whose digest is that of a file or member at hand.
    pub held: u64,
    /// Components without any digest that could be compared.
    pub anonymous: u64,
    /// Components with a digest that nothing at hand has: by digest, their places in the document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub phantom: BTreeMap<String, Vec<String>>,
    /// Delivered files that it does not list by digest; evidence is none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unlisted: Vec<String>,
}

/// Each once, by evidence id.
pub(super) fn all(joined: &Joined<'_>) -> Vec<SbomDetails> {
    let held: BTreeSet<&str> =
        joined.delivery.files.iter().flat_map(|file| file.digests.iter().map(Digest::hex)).collect();
    let mut seen = BTreeSet::new();
    let bound = joined.sboms.iter().filter(|bound| seen.insert(&bound.id));
    bound.map(|bound| one(joined, bound, &held)).collect()
}

fn one(joined: &Joined<'_>, bound: &BoundSbom<'_>, at_hand: &BTreeSet<&str>) -> SbomDetails {
    let (mut held, mut anonymous) = (0, 0);
    let mut phantom: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for component in bound.sbom.components().filter(|c| matches!(c.kind(), NodeKind::Component | NodeKind::File)) {
        let digests = component.digests();
        match digests.strongest() {
            None => anonymous += 1,
            Some(_) if digests.computable().filter_map(|a| digests.by(a)).any(|d| at_hand.contains(d.hex())) => {
                held += 1
            }
            Some(digest) => phantom.entry(digest.to_string()).or_default().push(identifier(component.place())),
        }
    }
    let unlisted = joined.artifacts().filter(|(file, _)| !joined.listed_by(*file).contains(&bound.id));
    let mut unlisted: Vec<String> = unlisted.map(|(_, file)| file.path.clone()).collect();
    unlisted.sort();
    let links = joined.links.get(&bound.id).map(Vec::as_slice).unwrap_or_default();
    let findings = super::coded(&[bound.sbom.notes.as_slice(), links].concat());
    SbomDetails {
        sbom: bound.id.to_string(),
        format: bound.sbom.format.clone(),
        tolerated: super::coded(bound.violations),
        findings,
        held,
        anonymous,
        phantom,
        unlisted,
    }
}
