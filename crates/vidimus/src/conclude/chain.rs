//! What a verdict says about components: the chain in numbers, what nothing verified, and the way to what is not met.

use std::collections::{BTreeMap, BTreeSet};

use super::core::{Chain, Step, Unverified};
use super::details::Named;
use crate::check::components::{Found, LEAF};
use crate::check::{self, Answer, Node, Outcome};
use crate::digest::Digest;
use crate::graph::EdgeKind;
use crate::join::{BoundSbom, Claimed, Joined};
use crate::read::Place;
use crate::reason::{Reason, identifier};

crate::reasons! {
    NOT_HELD = "chain.not-held", Unproven, Vendor, [],
        says "a component that a bound SBOM names by digest and that is not in the delivery",
        why "It is inside something that was delivered, or was not shipped; either way we did not see its bytes, only a claim about them (`verification.md` 2.4).",
        fix "Nothing, unless a rule asks for it: the list says how far this verdict reaches.";
    ANONYMOUS = "chain.anonymous", Unproven, Vendor, [],
        says "a component that a bound SBOM names without any usable digest",
        why "Without a digest nothing can ever be shown about its bytes (`verification.md` 2.4).",
        fix "Produce the SBOM with digests of its components.";
    EXCUSED = "chain.leaf-budget", Unproven, Operator, [],
        says "a component that is named by digest, not in the delivery, and excused by the leaf budget of the policy",
        why "Nothing is shown about it. The operator said how many such components of its class it takes (`verification.md` 2.4).",
        fix "Deliver evidence for it, and it is verified like the others.";
    CLAIMED_GRAPH = "caveat.claimed-graph", Proven, Operator, ["claimed", "components"],
        says "of {components} components that rules reach, {claimed} are known by the word of a signer alone, and so is that there are no more",
        why "Whoever signs an SBOM decides what it lists; code that is linked in and not listed asks for nothing (`verification.md` 2.5).",
        fix "Compare with an independent rebuild or analysis, where it matters.";
    LINKED_CODE = "caveat.linked-code-unknown", Proven, Operator, ["components"],
        says "all {components} components that rules reach were seen; nothing was asked of what is linked into them",
        why "An archive shows files, and not what a file was made of. Code that is linked in and listed nowhere asks for nothing (`verification.md` 2.5).",
        fix "Ask whoever makes each file for an SBOM of what it is made of; compare with an independent rebuild or analysis, where it matters.";
    DELEGATE_NAMES = "caveat.delegate-names", Proven, Operator, ["components", "delegation"],
        says "{delegation}: of {components} components that it may be about, nobody but the delegate says what they are called",
        why "A delegate that also writes the SBOM can give its own bytes the name of a supplier for which it vouches (T26).",
        fix "Ask for a release statement or an SBOM of the supplier, where it matters.";
    SBOM_OF_ANOTHER = "caveat.sbom-of-another", Proven, Vendor, ["components", "sboms"],
        says "SBOMs that are signed for the bytes of {components} components say that they are about something else, or are of a format that does not count, so nothing was asked of what they list: {sboms}",
        why "An SBOM of something else must not describe a component (T3); a component under another name than its maker's would lose by that what its maker lists.",
        fix "Have the SBOM that names the component correct its name or version, or its supplier correct the root of the other SBOM.";
    BUDGET = "caveat.leaf-budget", Proven, Operator, ["class", "components", "limit", "rule"],
        says "{rule}: {components} components of the class {class} are unproven and excused; at most {limit} may be",
        why "A budget is risk that the operator took on purpose; this verdict passes, if it does, with nothing shown about them.",
        fix "See them under `unverified`, and ask for evidence where it matters.";
}

pub(super) fn chain(joined: &Joined<'_>, found: Option<&Found<'_>>, unverified: &[Unverified]) -> Chain {
    let mut by_class: BTreeMap<String, u64> = BTreeMap::new();
    for (index, _) in joined.artifacts() {
        let class = check::class_of(joined.policy, joined, index).map_or("any", |class| &class.id);
        *by_class.entry(class.to_owned()).or_default() += 1;
    }
    let components = found.into_iter().flat_map(|found| &found.classes);
    for (_, class) in components.filter(|(node, _)| !joined.is_artifact(**node)) {
        *by_class.entry(class.first().copied().unwrap_or("any").to_owned()).or_default() += 1;
    }
    let delivered = joined.delivery.files.iter().filter(|file| file.place == Place::Delivered);
    let mut known: BTreeSet<&Digest> = delivered.clone().map(|file| file.digests.sha256()).collect();
    let members = joined.delivery.files.iter().filter(|file| file.place == Place::Member);
    let members = members.filter(|file| known.insert(file.digests.sha256())).count() as u64;
    let held = delivered.count() as u64 + members;
    let unverified = unverified.len() as u64;
    let (claimed, tiers, cycles) = match &joined.chain {
        Some(chain) => (joined.claimed_components().count() as u64, chain.tiers, chain.cycles),
        None => (unverified, 1, 0),
    };
    Chain { nodes: 1 + held + claimed, held, by_class, tiers, cycles, unverified, edges: joined.edge_counts() }
}

/// Components that bound SBOMs name and that are not in the delivery: claimed, and verified by nothing.
pub(super) fn unverified(joined: &Joined<'_>, found: Option<&Found<'_>>) -> Vec<Unverified> {
    if let Some(found) = found {
        return of_chain(joined, found);
    }
    let held: BTreeSet<&str> =
        joined.delivery.files.iter().flat_map(|file| file.digests.iter().map(Digest::hex)).collect();
    let mut nodes = BTreeSet::new();
    for bound in &joined.sboms {
        for component in bound.sbom.others() {
            let digests = component.digests();
            let strongest = digests.strongest();
            if digests.computable().filter_map(|a| digests.by(a)).any(|d| held.contains(d.hex())) {
                continue;
            }
            let (node, code) = match strongest {
                Some(digest) => (digest.to_string(), NOT_HELD.code),
                None => {
                    let named = format!("{}\n{}", bound.id, component.reference());
                    (format!("anon:{}", Digest::sha256(named.as_bytes())), ANONYMOUS.code)
                }
            };
            nodes.insert(Unverified { node, class: None, code: code.to_owned() });
        }
    }
    nodes.into_iter().collect()
}

/// Claimed components but those that met every rule of their classes.
fn of_chain(joined: &Joined<'_>, found: &Found<'_>) -> Vec<Unverified> {
    let unproven = joined.claimed_components().filter(|(node, _)| !found.proven.contains(node));
    let listed = unproven.map(|(node, claimed)| {
        let code = match claimed {
            _ if found.excused.contains(&node) => LEAF,
            Claimed::Digest { .. } => NOT_HELD.code,
            Claimed::Anonymous(_) | Claimed::Sbom(_) => ANONYMOUS.code,
        };
        let class = found.classes.get(&node).and_then(|classes| classes.first()).map(|class| (*class).to_owned());
        Unverified { node: joined.node_id(node), class, code: code.to_owned() }
    });
    let all: BTreeSet<Unverified> = listed.collect();
    all.into_iter().collect()
}

/// So many steps of a way are told, the last ones: enough to find what is meant, and the ways to all components of a long chain
/// together are no longer than the chain.
const STEPS: usize = 16;

/// The shortest way from the delivery to a component; none to a file of the delivery.
pub(super) fn way(joined: &Joined<'_>, node: Node) -> Vec<Step> {
    let (Node::File(node), Some(chain)) = (node, &joined.chain) else { return Vec::new() };
    let (skipped, edges) = chain.reach.path(node, STEPS);
    if edges.is_empty() {
        return Vec::new();
    }
    let mut way = vec![Step { node: joined.node_id(chain.reach.start(node)), edge: None, skipped: 0 }];
    way.extend(edges.into_iter().map(|edge| Step {
        node: joined.node_id(edge.to as usize),
        edge: Some(edge.kind.name().to_owned()),
        skipped: 0,
    }));
    if let Some(second) = way.get_mut(1) {
        second.skipped = skipped as u64;
    }
    way
}

/// What components that do not meet a rule are called.
pub(super) fn names(joined: &Joined<'_>, outcomes: &[Outcome<'_>]) -> BTreeMap<String, Named> {
    if joined.chain.is_none() {
        return BTreeMap::new();
    }
    let unmet = outcomes.iter().filter(|outcome| matches!(outcome.answer, Answer::NotMet(..)));
    let nodes: BTreeSet<usize> = unmet
        .filter_map(|outcome| match outcome.node {
            Node::File(node) => Some(node),
            Node::Delivery => None,
        })
        .collect();
    let named = |node: &usize| {
        let mut names: BTreeSet<String> =
            joined.component_products(*node).map(|p| identifier(&p.to_string())).collect();
        if names.is_empty() {
            let called = joined.described(*node).map(|component| match component.version() {
                Some(version) => identifier(&format!("{}@{version}", component.name())),
                None => identifier(component.name()),
            });
            names.extend(called);
        }
        let suppliers: BTreeSet<String> =
            joined.described(*node).filter_map(|c| c.supplier()).map(identifier).collect();
        Named { names: names.into_iter().collect(), suppliers: suppliers.into_iter().collect() }
    };
    let all = nodes.iter().map(|node| (joined.node_id(*node), named(node)));
    all.filter(|(_, named)| !named.names.is_empty()).collect()
}

/// What a reader must know about the components.
pub(super) fn caveats(joined: &Joined<'_>, found: &Found<'_>) -> Vec<Reason> {
    let mut caveats = Vec::new();
    let observed: BTreeSet<u32> = joined
        .chain
        .iter()
        .flat_map(|chain| chain.graph.edges())
        .filter(|edge| edge.kind == EdgeKind::Contains)
        .map(|edge| edge.to)
        .collect();
    let is_claimed = |node: &&usize| {
        !joined.is_artifact(**node) && !u32::try_from(**node).is_ok_and(|node| observed.contains(&node))
    };
    let components = found.classes.len() as i64;
    match found.classes.keys().filter(is_claimed).count() {
        0 => caveats.push(Reason::new(&LINKED_CODE).int("components", components)),
        claimed => {
            caveats.push(Reason::new(&CLAIMED_GRAPH).int("components", components).int("claimed", claimed as i64));
        }
    }
    for delegation in &joined.policy.delegations {
        let delegate = joined.policy.roots(&delegation.to);
        let by_delegate = |party: &str| !joined.policy.roots(party).is_disjoint(&delegate);
        let named_by_it = |node: usize| {
            let makers = joined.makers(node);
            let mut makers = makers.iter().filter(|(_, as_maker)| *as_maker).peekable();
            makers.peek().is_some() && makers.all(|(party, _)| by_delegate(party))
        };
        let in_class = found
            .classes
            .iter()
            .filter(|(_, classes)| delegation.classes.iter().any(|id| classes.contains(&id.as_str())));
        let components = in_class.filter(|(node, _)| found.proven.contains(node) && named_by_it(**node)).count();
        if components > 0 {
            let reason = Reason::new(&DELEGATE_NAMES).name("delegation", &delegation.id);
            caveats.push(reason.int("components", components as i64));
        }
    }
    caveats.extend(of_another(joined));
    for (rule, class, components, limit) in &found.budgets {
        let reason = Reason::new(&BUDGET).name("rule", rule).name("class", class);
        caveats.push(reason.int("components", *components).int("limit", *limit));
    }
    caveats
}

/// SBOMs that are bound to components by their bytes, and to none that they agree with: what they list is not in the chain.
fn of_another(joined: &Joined<'_>) -> Option<Reason> {
    let mut agree: BTreeMap<&Digest, bool> = BTreeMap::new();
    for bound in &joined.sboms {
        *agree.entry(&bound.id).or_default() |= bound.files.values().any(|(_, agrees)| agrees.is_ok());
    }
    let left_out = |id: &Digest| agree.get(id) == Some(&false);
    let nodes = joined.sboms.iter().filter(|bound| left_out(&bound.id)).flat_map(|bound| bound.files.keys());
    let nodes: BTreeSet<&usize> =
        nodes.filter(|node| !joined.is_artifact(**node) && joined.is_reached(**node)).collect();
    let of_nodes = |bound: &&BoundSbom<'_>| left_out(&bound.id) && bound.files.keys().any(|node| nodes.contains(node));
    let sboms: BTreeSet<String> = joined.sboms.iter().filter(of_nodes).map(|bound| bound.id.to_string()).collect();
    let reason = Reason::new(&SBOM_OF_ANOTHER).int("components", nodes.len() as i64);
    (!sboms.is_empty()).then(|| reason.list("sboms", sboms))
}
