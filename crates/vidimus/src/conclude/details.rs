//! The details: the full lists that the core commits to by digest. Each index is canonical JSON (`docs/verdict.md`).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sboms::SbomDetails;
use crate::authenticate::Authenticated;
use crate::check::{Answer, Outcome};
use crate::digest::Digest;
use crate::join::Joined;
use crate::policy::Policy;
use crate::read::{Delivery, Member, Place};

/// The lists behind the core's digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// The policy closure, by path.
    pub policy: Vec<PolicyFile>,
    /// The inventory.
    pub inventory: Inventory,
    /// The evidence, by id.
    pub evidence: Vec<Evidence>,
    /// By `rule`, then class: nodes with what supports them.
    pub met: BTreeMap<String, BTreeMap<String, Vec<Support>>>,
    /// SBOMs that count, by evidence id; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sboms: Vec<SbomDetails>,
    /// Accepted claims, sorted: who said what about how many subjects.
    pub accepted: Vec<Accepted>,
    /// By rejected evidence id: delivered files that it claims to be about.
    pub claimed_about: BTreeMap<String, Vec<String>>,
    /// By id of a component that does not meet a rule: what it is called. Absent where there is none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub components: BTreeMap<String, Named>,
}

/// What release statements and SBOMs call a component: for the reader's eyes, never for a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Package URLs, or names where there are none; each a plain identifier, else the sha256 of it.
    pub names: Vec<String>,
    /// Its suppliers as SBOMs state them, in the same form.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub suppliers: Vec<String>,
}

/// A file of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Path relative to the policy's folder.
    pub path: String,
    /// sha256, hex.
    pub sha256: String,
}

/// What was delivered, file by file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Regular files, by path.
    pub files: Vec<InventoryFile>,
    /// Entries that cannot be judged as files, by raw path.
    pub refused: Vec<Refused>,
    /// Containers that were delivered, at any depth, by digest; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub containers: Vec<Container>,
}

/// A container and what it holds: edges that we observed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// sha256, hex.
    pub sha256: String,
    /// Where it is, the first such place by path.
    pub path: String,
    /// `tar`, `gzip`, `zip`, …
    pub format: String,
    /// In the order in which they stand there; none if it is opaque.
    pub members: Vec<ContainerMember>,
    /// Why it could not be seen through: a reason code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opaque: Option<String>,
}

/// A file or a link in a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerMember {
    /// Its name, where that is printable ASCII; the content of a compressed file has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Its name in hex, where it is anything else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_hex: Option<String>,
    /// Bytes; absent for a link without content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// sha256, hex; absent for a link without content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// It is a link, to this target in hex; empty where the content is the target.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link_hex: Option<String>,
}

/// A delivered file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryFile {
    /// Portable path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// sha256, hex. Other digests that evidence asked for are not part of the inventory.
    pub sha256: String,
}

/// An entry that cannot be judged as a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Raw path bytes, hex.
    pub path_hex: String,
    /// Reason code.
    pub code: String,
}

/// An evidence item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its id: sha256 of the DSSE pre-authentication encoding, else of the item's bytes.
    pub id: String,
    /// `support`, `accepted` (no rule needed it) or `rejected`.
    #[serde(rename = "use")]
    pub used: String,
}

/// A node with the evidence that meets a rule on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Node id.
    pub node: String,
    /// Evidence ids, sorted; empty where the bytes themselves are the proof.
    pub support: Vec<String>,
}

/// An accepted claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Evidence id.
    pub evidence: String,
    /// Party id.
    pub party: String,
    /// Identity id.
    pub identity: String,
    /// Predicate type, or `file`.
    pub predicate: String,
    /// Proven upper bound of the signing time, where something proves it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_later_than: Option<String>,
}

/// The inventory index. `--evidence` files are not part of it: they were not delivered.
pub(super) fn inventory(delivery: &Delivery) -> Inventory {
    let delivered = delivery.files.iter().filter(|file| file.place == Place::Delivered);
    let mut files: Vec<InventoryFile> = delivered
        .map(|file| InventoryFile {
            path: file.path.clone(),
            size: file.size,
            sha256: file.digests.sha256().hex().to_owned(),
        })
        .collect();
    files.sort();
    let refused = delivery
        .refused
        .iter()
        .map(|entry| Refused { path_hex: hex::encode(&entry.raw_path), code: entry.reason.code().to_owned() });
    let mut refused: Vec<Refused> = refused.collect();
    refused.sort();
    Inventory { files, refused, containers: containers(delivery) }
}

/// Each container once, however often its bytes were delivered.
fn containers(delivery: &Delivery) -> Vec<Container> {
    let mut all: BTreeMap<&Digest, Container> = BTreeMap::new();
    for opened in &delivery.opened {
        let Some(file) = delivery.files.get(opened.file) else { continue };
        all.entry(file.digests.sha256()).or_insert_with(|| Container {
            sha256: file.digests.sha256().hex().to_owned(),
            path: file.path.clone(),
            format: opened.format.name().to_owned(),
            members: opened.members.iter().map(|member| contained(delivery, member)).collect(),
            opaque: opened.opaque.as_ref().map(|reason| reason.code().to_owned()),
        });
    }
    all.into_values().collect()
}

fn contained(delivery: &Delivery, member: &Member) -> ContainerMember {
    let plain = |name: &[u8]| name.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let (plain, other): (Option<&Vec<u8>>, _) = match &member.name {
        Some(name) if plain(name) => (Some(name), None),
        name => (None, name.as_ref()),
    };
    let file = member.file.and_then(|file| delivery.files.get(file));
    ContainerMember {
        name: plain.map(|name| String::from_utf8_lossy(name).into_owned()),
        name_hex: other.map(hex::encode),
        size: file.map(|file| file.size),
        sha256: file.map(|file| file.digests.sha256().hex().to_owned()),
        link_hex: member.link.as_ref().map(hex::encode),
    }
}

pub(super) fn policy(policy: &Policy) -> Vec<PolicyFile> {
    let files = policy.closure.iter();
    files.map(|(path, digest)| PolicyFile { path: path.clone(), sha256: digest.hex().to_owned() }).collect()
}

pub(super) fn evidence(authenticated: &Authenticated<'_>, outcomes: &[Outcome<'_>]) -> Vec<Evidence> {
    let support: BTreeSet<&Digest> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.answer {
            Answer::Met(support) => Some(support),
            Answer::NotMet(..) => None,
        })
        .flatten()
        .collect();
    let rejected: BTreeSet<&Digest> = authenticated.rejected.iter().map(|(id, _)| id).collect();
    let used = |id: &Digest| {
        if support.contains(id) {
            "support"
        } else if rejected.contains(id) {
            "rejected"
        } else {
            "accepted"
        }
    };
    let items = authenticated.considered.iter();
    items.map(|id| Evidence { id: id.to_string(), used: used(id).to_owned() }).collect()
}

pub(super) fn accepted(authenticated: &Authenticated<'_>, joined: &Joined<'_>) -> Vec<Accepted> {
    let lists = joined.known.lists.values().flat_map(|list| list.issues.iter().map(|(fact, _)| *fact));
    let claims = authenticated.facts.iter().chain(lists).map(|fact| Accepted {
        evidence: fact.id.to_string(),
        party: fact.party.id.clone(),
        identity: fact.identity.id.clone(),
        predicate: crate::reason::identifier(fact.claim.kind()),
        not_later_than: fact.not_later_than.map(|time| time.to_string()),
    });
    let mut claims: Vec<Accepted> = claims.collect();
    claims.sort();
    claims.dedup();
    claims
}
