//! The component chain of a delivery: the least graph that holds its files, what is in them, and whatever bound SBOMs and accepted
//! provenance say they are made of, again for each of these (`verification.md` 2.1). It is made only where a rule looks at
//! components.
//!
//! Nodes are numbered: first the files, then components that only somebody's word knows, and SBOMs. The numbers depend on the order
//! in which things are found; nothing that a verdict contains does.

mod build;
mod roles;

use std::collections::BTreeSet;

use super::{Joined, sbom::BoundSbom};
use crate::decode::{Component, Id, Sbom};
use crate::digest::{Digest, DigestSet, Match};
use crate::graph::{Graph, Kinds, Reach};
use crate::policy::Product;
use crate::reason::Reason;

pub(super) use build::build;
pub(super) use roles::keep_covering;

crate::reasons! {
    EDGES = "limit.edges", Unproven, Vendor, ["limit"],
        says "the SBOMs name more than {limit} relationships between components; the rest was not followed",
        why "Work is bounded by counters, so that no delivery can exhaust the machine, on any machine (T36).",
        fix "Split the SBOM by product, or have the operator raise `limits.max_edges` up to the ceiling.";
    NODES = "limit.chain-components", Unproven, Vendor, ["limit"],
        says "SBOMs and provenance name more than {limit} components together; the rest was not followed",
        why "Work is bounded by counters, so that no delivery can exhaust the machine, on any machine (T36).",
        fix "Leave `input` out of the rule's `edges`, or have the operator raise `limits.max_components` up to the ceiling.";
    DEPTH = "limit.chain-depth", Unproven, Vendor, ["found", "limit"],
        says "components change hands {found} times on their way into the delivery; at most {limit} are followed",
        why "A chain of suppliers that is longer than the operator reckons with is nobody's responsibility in the end.",
        fix "Name the suppliers that are meant, or have the operator raise `limits.max_depth_chain` up to the ceiling.";
}

/// A component that is not in the delivery: known by the word of a signer alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Named by digest.
    Digest {
        /// The digest that stands for it: sha256, as of files, else its strongest.
        identity: Digest,
        /// All that is said of it.
        digests: DigestSet,
        /// Two descriptions with that digest disagree in another, or one of them in part means bytes that we hold: it is no single
        /// thing.
        torn: bool,
    },
    /// Named without any digest that we can compute: sha256 of evidence id and element.
    Anonymous(Digest),
    /// An SBOM that describes nodes: its evidence id.
    Sbom(Digest),
}

/// A component of an SBOM that a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Description {
    node: u32,
    /// Index into `sboms`.
    sbom: u32,
    id: Id,
}

/// The chain.
pub struct Chain<'a> {
    /// Nodes that are no files, by number from the number of files on.
    claimed: Vec<Claimed>,
    /// By node.
    descriptions: Vec<Description>,
    /// SBOMs once each, by evidence id; what they describe has an edge to their node.
    sboms: Vec<(Digest, &'a Sbom)>,
    /// All of them.
    pub graph: Graph,
    /// Edges that any rule follows.
    pub kinds: Kinds,
    /// From the files that rules are about.
    pub reach: Reach,
    /// The most changes of supplier on the shortest such path to any node; 1 for the delivered files.
    pub tiers: u64,
    /// Circles among components.
    pub cycles: u64,
    /// Files that rules are about and that were seen through.
    pub seen_through: BTreeSet<usize>,
}

impl<'a> Joined<'a> {
    /// Is the node a file, delivered or a member of a container?
    #[must_use]
    pub fn is_held(&self, node: usize) -> bool {
        node < self.delivery.files.len()
    }

    /// What is claimed of a node that is no file.
    #[must_use]
    pub fn claimed(&self, node: usize) -> Option<&Claimed> {
        self.chain.as_ref()?.claimed.get(node.checked_sub(self.delivery.files.len())?)
    }

    /// Components that are not in the delivery, SBOMs left out.
    pub fn claimed_components(&self) -> impl Iterator<Item = (usize, &Claimed)> {
        let files = self.delivery.files.len();
        let all = self.chain.iter().flat_map(|chain| chain.claimed.iter().enumerate());
        all.map(move |(at, claimed)| (files + at, claimed)).filter(|(_, claimed)| !matches!(claimed, Claimed::Sbom(_)))
    }

    /// Is the node reached from the files that rules are about?
    #[must_use]
    pub fn is_reached(&self, node: usize) -> bool {
        self.chain.as_ref().is_some_and(|chain| chain.reach.has(node))
    }

    /// Node id as verdicts write it: `sha256:…` for files, `ALG:…`, `anon:sha256:…`, and the evidence id of an SBOM.
    #[must_use]
    pub fn node_id(&self, node: usize) -> String {
        match (self.delivery.files.get(self.plain(node)), self.claimed(node)) {
            (Some(file), _) => file.digests.sha256().to_string(),
            (None, Some(Claimed::Digest { identity, .. })) => identity.to_string(),
            (None, Some(Claimed::Anonymous(digest))) => format!("anon:{digest}"),
            (None, Some(Claimed::Sbom(id))) => id.to_string(),
            (None, None) => String::new(),
        }
    }

    /// The components of SBOMs that the node is.
    pub fn described(&self, node: usize) -> impl Iterator<Item = Component<'a>> {
        let chain = self.chain.as_ref();
        let all = chain.map_or(&[][..], |chain| chain.descriptions.as_slice());
        let node = self.plain(node);
        let start = all.partition_point(|description| (description.node as usize) < node);
        let own = all.get(start..).unwrap_or_default().iter().take_while(move |d| d.node as usize == node);
        own.filter_map(move |d| Some(chain?.sboms.get(d.sbom as usize)?.1.component(d.id)))
    }

    /// The SBOMs that describe the node.
    pub fn describing(&self, node: usize) -> impl Iterator<Item = &Digest> {
        let node = self.plain(node);
        let chain = self.chain.as_ref();
        let all = chain.map_or(&[][..], |chain| chain.descriptions.as_slice());
        let start = all.partition_point(|description| (description.node as usize) < node);
        let own = all.get(start..).unwrap_or_default().iter().take_while(move |d| d.node as usize == node);
        own.filter_map(move |d| Some(&chain?.sboms.get(d.sbom as usize)?.0))
    }

    /// Products that accepted release statements give to the node; unlike [`Joined::proven_products`], without the requested one.
    pub fn released(&self, node: usize) -> impl Iterator<Item = &Product> {
        self.bytes_of(node).into_iter().flat_map(|node| node.released.iter())
    }

    /// The first node with the same bytes.
    #[must_use]
    pub fn first_of(&self, node: usize) -> usize {
        self.firsts.get(node).copied().unwrap_or(node)
    }

    /// All that a node is known by: computed digests of a file, claimed ones otherwise.
    #[must_use]
    pub fn digests_of(&self, node: usize) -> DigestSet {
        match (self.delivery.files.get(self.plain(node)), self.claimed(node)) {
            (Some(file), _) => file.digests.iter().cloned().collect(),
            (None, Some(Claimed::Digest { digests, .. })) => digests.clone(),
            _ => DigestSet::default(),
        }
    }

    /// How often each kind of edge is there, and how nodes are tied to evidence: `describes` and `vouch`.
    #[must_use]
    pub fn edge_counts(&self) -> std::collections::BTreeMap<String, u64> {
        let mut counts = std::collections::BTreeMap::new();
        let Some(chain) = &self.chain else { return counts };
        for edge in chain.graph.edges() {
            *counts.entry(edge.kind.name().to_owned()).or_default() += 1;
        }
        let vouch =
            |node: &super::Node<'_>| {
                node.bindings.iter().filter(|binding| {
                let statement = crate::join::statement_of(binding.fact);
                matches!(statement.map(|s| &s.predicate), Some(crate::decode::Predicate::Summary(s)) if s.passed)
            }).count() as u64
            };
        let vouches: u64 = self.nodes.iter().take(chain.graph.len()).map(vouch).sum();
        if vouches > 0 {
            counts.insert("vouch".to_owned(), vouches);
        }
        counts
    }

    /// Walks from the files that rules are about. Runs when everything else is known.
    pub(super) fn walk_chain(&mut self) {
        let starts: Vec<usize> = self.artifacts().map(|(file, _)| self.first_of(file)).collect();
        let is_seen = |start: &usize| self.opened(*start).is_some() && self.opaque_within(*start).is_empty();
        let seen_through: BTreeSet<usize> = starts.iter().copied().filter(is_seen).collect();
        let owners = self.owners();
        let Some(chain) = &mut self.chain else { return };
        chain.reach = chain.graph.reach(starts.iter().copied(), chain.kinds);
        chain.cycles = chain.graph.cycles(chain.kinds);
        chain.seen_through = seen_through;
        let tiers = chain.graph.tiers(starts, chain.kinds, &owners);
        chain.tiers = tiers.iter().copied().max().unwrap_or(0).max(1).into();
        let limit = self.policy.limits.chain_depth;
        if chain.tiers > limit {
            self.limits_hit.push(Reason::new(&DEPTH).int("found", chain.tiers).int("limit", limit));
        }
    }

    /// By node, who supplies it, as a number: by the words of SBOMs; of what they leave open, whoever signed the SBOM.
    fn owners(&self) -> Vec<u32> {
        let mut names: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
        let mut owners = vec![0_u32; self.nodes.len()];
        let mut number = |name: &str| {
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX).saturating_add(1);
            *names.entry(name.to_owned()).or_insert(next)
        };
        let Some(chain) = &self.chain else { return owners };
        let signers: std::collections::BTreeMap<&Digest, &BoundSbom<'_>> =
            self.sboms.iter().rev().map(|sbom| (&sbom.id, sbom)).collect();
        let of_sbom = |at: u32| {
            let (id, sbom) = chain.sboms.get(at as usize)?;
            let root = sbom.root().and_then(|root| root.supplier());
            root.or_else(|| signers.get(id).map(|bound| bound.party.name.as_str()))
        };
        let sbom_owners: Vec<Option<&str>> =
            (0..chain.sboms.len()).map(|at| of_sbom(u32::try_from(at).ok()?)).collect();
        for of_node in chain.descriptions.chunk_by(|a, b| a.node == b.node) {
            let stated = of_node.iter().filter_map(|d| chain.sboms.get(d.sbom as usize)?.1.component(d.id).supplier());
            let implied = of_node.iter().filter_map(|d| sbom_owners.get(d.sbom as usize).copied().flatten());
            let (name, node) = (stated.min().or_else(|| implied.min()), of_node.first().map(|d| d.node as usize));
            if let (Some(name), Some(owner)) = (name, node.and_then(|node| owners.get_mut(node))) {
                *owner = number(name);
            }
        }
        let of_id: std::collections::BTreeMap<&Digest, &str> =
            chain.sboms.iter().zip(&sbom_owners).filter_map(|((id, _), owner)| Some((id, (*owner)?))).collect();
        for (at, claimed) in chain.claimed.iter().enumerate() {
            let Claimed::Sbom(id) = claimed else { continue };
            let name = of_id.get(id).copied();
            if let (Some(name), Some(owner)) = (name, owners.get_mut(self.delivery.files.len() + at)) {
                *owner = number(name);
            }
        }
        owners
    }
}

/// The digest that stands for a component: the one by which files are known, where it is stated and accepted.
fn identity(digests: &DigestSet, accepted: &[crate::digest::Algorithm]) -> Option<Digest> {
    let sha256 = digests.by(crate::digest::Algorithm::Sha256).filter(|digest| accepted.contains(&digest.algorithm()));
    sha256.or_else(|| digests.strongest())
}

/// By number of a node of one chain that is no file, its number in the other.
pub(super) fn numbers(one: &Joined<'_>, other: &Joined<'_>) -> std::collections::BTreeMap<usize, usize> {
    let all = |joined: &Joined<'_>| {
        let (files, claimed) =
            (joined.delivery.files.len(), joined.chain.iter().map(|chain| chain.claimed.len()).sum());
        (0..claimed).map(|at| (files + at, joined.node_id(files + at))).collect::<Vec<(usize, String)>>()
    };
    let theirs: std::collections::BTreeMap<String, usize> =
        all(other).into_iter().map(|(node, id)| (id, node)).collect();
    all(one).into_iter().filter_map(|(node, id)| Some((node, *theirs.get(&id)?))).collect()
}

/// Do two sets of digests mean the same bytes, as far as they can be compared (`verification.md` 2.2)?
pub(crate) fn compare(one: &DigestSet, other: &DigestSet, accepted: &[crate::digest::Algorithm]) -> Match {
    let (mut agree, mut disagree, mut seen) = (false, false, false);
    for algorithm in one.computable() {
        if let (Some(ours), Some(theirs)) = (one.by(algorithm), other.by(algorithm)) {
            seen = true;
            agree |= ours == theirs && accepted.contains(&algorithm);
            disagree |= ours != theirs;
        }
    }
    match (agree, disagree, seen) {
        (true, false, _) => Match::Same,
        (true, true, _) => Match::Conflict,
        (false, true, _) => Match::Other,
        (false, false, true) => Match::Weak,
        (false, false, false) => Match::Incomparable,
    }
}
