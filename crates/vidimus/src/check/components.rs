//! `components`: every component that is reached meets the rules of its class, by its own evidence, a delegation or a quorum
//! (`verification.md` 2.3). A requirement for all: each component answers once, however many ways lead to it, so circles need no
//! special case.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::class::{self, Classes};
use super::{Answer, Asked, Memo, Node, Outcome, answer};
use crate::decode::NodeKind;
use crate::digest::{Algorithm, Digest};
use crate::graph::EdgeKind;
use crate::join::{Chain, Claimed, Joined, classes};
use crate::policy::{Check, ComponentsCheck, LeafBudget, Product, Rule};
use crate::reason::Reason;
use crate::value::Value;

crate::reasons! {
    UNMET = "component.unmet", Unproven, Vendor, ["components"],
        says "of the components that this rule reaches, {components} do not meet the rules of their classes; each is listed by itself",
        why "What is shipped is only as good as what it is made of: every component answers for itself (`verification.md` 2.3).",
        fix "See the components that are listed, with the way that leads to each.";
    NOTHING = "component.none", Unproven, Vendor, [],
        says "no bound SBOM, provenance or container names any component of it",
        why "All of nothing is always true. Software without a single component is rare; an SBOM that nobody signed, or none at all, is not (T2).",
        fix "Deliver a signed SBOM that is bound to this file and lists what it is made of.";
    NO_DIGEST = "component.no-digest", Unproven, Vendor, [],
        says "a bound SBOM names it without a digest by which anything could be shown about its bytes",
        why "Names prove nothing; without a digest no evidence can ever be about this component (`verification.md` 2.4).",
        fix "Produce the SBOM with a sha256, sha384 or sha512 digest of each component.";
    PHANTOM = "sbom.phantom", Unproven, Vendor, [],
        says "an SBOM names it as a file of an archive, and it is not in the archive",
        why "What is listed and not shipped may stand in for what is shipped and not listed (T20).",
        fix "Make the SBOM from what is shipped.";
    DISAGREE = "component.digests-disagree", Unproven, Vendor, [],
        says "bound SBOMs name it by digests that do not belong to the same bytes",
        why "What one digest means and another does not is no single thing; evidence about either would show nothing about the other (T35).",
        fix "Correct the digests in the SBOM: all of one component belong to the same bytes.";
    STRUCK_NAMES = "component.struck-names", Unproven, Vendor, ["names"],
        says "only what was denied or taken back names it, by several names: {names}",
        why "A denial makes no component go away, and what was denied tells no more which component it is: evidence about one of the names must not stand for another.",
        fix "Deliver an SBOM that counts and says what it is.";
    OVER_BUDGET = "component.over-budget", Unproven, Vendor, ["class", "found", "limit"],
        says "{found} components of the class {class} are unproven; at most {limit} may be",
        why "The operator bears the risk of a few components of which nothing is shown, and said how many.",
        fix "Deliver evidence for these components, or have the operator raise the budget.";
}

/// How a component may be left unproven.
pub const LEAF: &str = "chain.leaf-budget";

/// What was found about components.
#[derive(Debug)]
pub struct Found<'a> {
    /// The answers of components, and those of `components` rules on files.
    pub outcomes: Vec<Outcome<'a>>,
    /// Of each component that a rule reaches: its own class, and those that add rules.
    pub classes: BTreeMap<usize, Vec<&'a str>>,
    /// Components that are unproven, and excused by the budgets of every rule that reaches them.
    pub excused: BTreeSet<usize>,
    /// Components whose every requirement is met.
    pub proven: BTreeSet<usize>,
    /// Budgets that were used: (rule, class, components, limit).
    pub budgets: Vec<(&'a str, &'a str, u64, u64)>,
}

struct Judged<'a> {
    node: usize,
    classes: Classes<'a>,
    outcomes: Vec<Outcome<'a>>,
    value: Value,
}

/// Answers for all components; `None` without a rule that looks at them.
#[must_use]
pub fn find<'a>(joined: &Joined<'a>) -> Option<Found<'a>> {
    let chain = joined.chain.as_ref()?;
    let artifacts: Vec<usize> = joined.artifacts().map(|(file, _)| file).collect();
    let delivered: BTreeSet<usize> = artifacts.iter().map(|file| joined.first_of(*file)).collect();
    let rules: Vec<(&'a Rule, &'a ComponentsCheck, Vec<usize>)> = joined
        .policy
        .component_rules()
        .map(|(rule, check)| {
            (
                rule,
                check,
                artifacts.iter().copied().filter(|file| super::applies(joined, rule, *file).is_some()).collect(),
            )
        })
        .collect();
    let inside = inside(chain);
    let reached: Vec<Vec<usize>> =
        rules.iter().map(|(_, check, files)| reached(joined, chain, check, files, (&delivered, &inside))).collect();
    let all: BTreeSet<usize> = reached.iter().flatten().copied().collect();
    let all: Vec<usize> = all.into_iter().collect();
    let is_component = |node: usize| inside.get(node).copied().unwrap_or(false);
    let judged: Vec<Judged<'a>> = all.par_iter().map(|node| judge(joined, *node, is_component(*node))).collect();
    let by_node: BTreeMap<usize, &Judged<'_>> = judged.iter().map(|judged| (judged.node, judged)).collect();

    let mut found = Found {
        outcomes: Vec::new(),
        classes: judged
            .iter()
            .map(|j| (j.node, j.classes.ids().collect()))
            .filter(|(_, ids): &(_, Vec<_>)| !ids.is_empty())
            .collect(),
        excused: BTreeSet::new(),
        proven: judged.iter().filter(|j| j.value == Value::Proven).map(|j| j.node).collect(),
        budgets: Vec::new(),
    };
    let mut refused: BTreeSet<usize> = BTreeSet::new();
    for ((rule, check, files), reached) in rules.iter().zip(&reached) {
        let unmet: BTreeSet<usize> = reached
            .iter()
            .copied()
            .filter(|node| by_node.get(node).is_some_and(|j| j.value != Value::Proven))
            .collect();
        let leaves: BTreeSet<usize> = unmet
            .iter()
            .copied()
            .filter(|node| {
                check
                    .leaf_budget
                    .as_ref()
                    .is_some_and(|budget| by_node.get(node).is_some_and(|j| is_leaf(joined, j, budget)))
            })
            .collect();
        let mut over = None;
        let mut left: BTreeSet<usize> = unmet.clone();
        if let Some(budget) = check.leaf_budget.as_ref().filter(|_| !leaves.is_empty()) {
            let count = leaves.len() as u64;
            if count <= budget.max_count {
                left.retain(|node| !leaves.contains(node));
                found.excused.extend(&leaves);
                found.budgets.push((&rule.id, &budget.class, count, budget.max_count));
            } else {
                over = Some(
                    Reason::new(&OVER_BUDGET)
                        .name("class", &budget.class)
                        .int("found", count)
                        .int("limit", budget.max_count),
                );
            }
        }
        refused.extend(&left);
        found.outcomes.extend(on_files(
            joined,
            chain,
            rule,
            check,
            files,
            &Left { nodes: &left, judged: &by_node, over },
        ));
    }
    // Whoever is excused by one rule and not by another is not excused.
    found.excused.retain(|node| !refused.contains(node));
    let excused = &found.excused;
    let told = judged.into_iter().filter(|judged| !excused.contains(&judged.node));
    found.outcomes.extend(told.flat_map(|judged| judged.outcomes));
    Some(found)
}

/// By node, is it a component of something else than itself? A file of the delivery that is one answers as such too: a copy beside
/// an archive must not take a member out of the rules.
fn inside(chain: &Chain<'_>) -> Vec<bool> {
    let reached = || chain.graph.edges().iter().filter(|edge| chain.reach.has(edge.from as usize));
    // By SBOM, the one node that it is about; `None` if there are more.
    let mut about: BTreeMap<u32, Option<u32>> = BTreeMap::new();
    for edge in reached().filter(|edge| edge.kind == EdgeKind::Describes) {
        let only = about.entry(edge.to).or_insert(Some(edge.from));
        *only = only.filter(|node| *node == edge.from);
    }
    let mut inside = vec![false; chain.graph.len()];
    for edge in reached().filter(|edge| chain.kinds.has(edge.kind) && edge.kind != EdgeKind::Describes) {
        let lists_itself = edge.from == edge.to || about.get(&edge.from) == Some(&Some(edge.to));
        if let Some(inside) = inside.get_mut(edge.to as usize) {
            *inside |= !lists_itself;
        }
    }
    inside
}

/// Components that a rule reaches from its files. Files of the delivery that are none are only held to what adds rules.
fn reached(
    joined: &Joined<'_>,
    chain: &Chain<'_>,
    check: &ComponentsCheck,
    files: &[usize],
    (delivered, inside): (&BTreeSet<usize>, &[bool]),
) -> Vec<usize> {
    let reach = chain.graph.reach(files.iter().map(|file| joined.first_of(*file)), with_sboms(check));
    // Of what is in archives, what is a file there: archives that were seen through, and what a compressed file is once it is
    // decompressed, are the same bytes again.
    let leaves = files.iter().flat_map(|file| joined.leaves(*file)).map(|member| joined.first_of(member));
    let leaves: BTreeSet<usize> = leaves.collect();
    let is_component = |node: &usize| {
        let is_file = leaves.contains(node) || delivered.contains(node) || joined.described(*node).next().is_some();
        (joined.is_held(*node) && is_file && !joined.is_signed_evidence(*node))
            || matches!(joined.claimed(*node), Some(Claimed::Digest { .. } | Claimed::Anonymous(_)))
    };
    let starts: BTreeSet<usize> = files.iter().map(|file| joined.first_of(*file)).collect();
    let all = reach.order.iter().map(|node| *node as usize).filter(is_component);
    let is_inside = |node: usize| inside.get(node).copied().unwrap_or(false);
    let is_described = |node: usize| joined.described(node).next().is_some();
    all.filter(|node| !starts.contains(node) || is_inside(*node) || is_described(*node)).collect()
}

fn with_sboms(check: &ComponentsCheck) -> crate::graph::Kinds {
    check.edges.and([EdgeKind::Describes].into_iter().collect())
}

/// Holds one component to the rules of its classes, or a file of the delivery that is none to those that are added.
fn judge<'a>(joined: &Joined<'a>, node: usize, is_component: bool) -> Judged<'a> {
    let own = if is_component { joined.as_component(node) } else { node };
    let classes = class::of(joined, own, !is_component);
    let shape = shape(joined, node).or_else(|| unclear(joined, own).filter(|_| is_component));
    let proven = (!is_component).then(|| classes::known_as(joined, own));
    let mut outcomes = Vec::new();
    for rule in &joined.policy.rules {
        let named =
            classes.ids().find(|id| rule.classes.as_ref().is_some_and(|list| list.iter().any(|class| class == id)));
        let (Some(class), false) =
            (named, matches!(rule.check, Check::Inventory(_) | Check::NoRollback(_) | Check::Components(_)))
        else {
            continue;
        };
        let in_rule = || classes.all().filter(|class| rule.classes.iter().flatten().any(|id| *id == class.id));
        let leads = |name: &Product| in_rule().any(|class| class.lists(name));
        let known_as = proven.as_ref().map(|proven| {
            // Where a name that is proven leads to the rule, no other one gives anybody a say.
            let is_led = proven.iter().any(leads);
            let proven = classes::for_rule(joined, own, proven, leads);
            classes::known_as_raised(joined, own, &proven, |name| !is_led && leads(name))
        });
        let names = if is_component { class::names(joined, own, in_rule()) } else { Vec::new() };
        let memo = Memo::default();
        let asked = match &known_as {
            Some(known_as) => Asked::of_file(own, known_as, &memo),
            None => Asked::of_component(own, &names, &memo),
        };
        let Some(mut answer) = answer(joined, &rule.check, asked) else { continue };
        if let (Answer::Met(_), Some(shape)) = (&answer, &shape) {
            // What has no bytes of its own, or should be there and is not, is not shown by anything that is said about it.
            answer = Answer::not_met(vec![shape.clone()], shape.clone());
        }
        if let Answer::NotMet(_, reasons) = &mut answer {
            reasons.extend(classes.reason());
            reasons.extend(shape.clone());
            reasons.sort();
            reasons.dedup();
        }
        outcomes.push(Outcome { rule: Some(rule), node: Node::File(node), class, as_component: is_component, answer });
    }
    let value = Value::all(outcomes.iter().map(|outcome| outcome.answer.value()));
    // A file of the delivery answers as such; nothing more need be asked of it here.
    let value = value.unwrap_or(if is_component { Value::Unproven } else { Value::Proven });
    Judged { node, classes, outcomes, value }
}

fn unclear(joined: &Joined<'_>, node: usize) -> Option<Reason> {
    joined.is_unclear(node).then(|| Reason::new(&STRUCK_NAMES).list("names", joined.component_products(node)))
}

/// What the way in which a component is named says about it.
fn shape(joined: &Joined<'_>, node: usize) -> Option<Reason> {
    match joined.claimed(node)? {
        Claimed::Anonymous(_) => Some(Reason::new(&NO_DIGEST)),
        Claimed::Digest { .. } if is_phantom(joined, node) => Some(Reason::new(&PHANTOM)),
        Claimed::Digest { torn: true, .. } => Some(Reason::new(&DISAGREE)),
        Claimed::Digest { .. } | Claimed::Sbom(_) => None,
    }
}

/// Is it listed as a file of something that was seen through, and not there?
fn is_phantom(joined: &Joined<'_>, node: usize) -> bool {
    let is_file = joined.described(node).any(|component| component.kind() == NodeKind::File);
    is_file && joined.chain.as_ref().is_some_and(|chain| chain.seen_through.contains(&chain.reach.start(node)))
}

/// May a budget excuse it? It is named by digest, not in the delivery, not refuted, and what it is called leads to the class.
fn is_leaf(joined: &Joined<'_>, judged: &Judged<'_>, budget: &LeafBudget) -> bool {
    judged.value == Value::Unproven
        && judged.classes.leads_to(&budget.class)
        && judged.classes.raised.iter().all(|class| class.id == budget.class)
        && matches!(joined.claimed(judged.node), Some(Claimed::Digest { torn: false, .. }))
        && !is_phantom(joined, judged.node)
        && !is_taken_back(joined, judged.node)
}

/// Is it on a status list of the policy, whichever rules ask for that list?
fn is_taken_back(joined: &Joined<'_>, node: usize) -> bool {
    let Some(sha256) = joined.digests_of(node).by(Algorithm::Sha256) else { return false };
    joined.known.lists.values().any(|list| !list.about(&sha256, node).is_empty())
}

/// By SBOM, the first and the last node that it is about.
type About<'a> = BTreeMap<&'a Digest, (usize, usize)>;

fn about<'b>(joined: &'b Joined<'_>) -> About<'b> {
    let mut about: About<'_> = BTreeMap::new();
    for bound in &joined.sboms {
        for node in bound.files.keys().copied() {
            let (least, most) = about.entry(&bound.id).or_insert((node, node));
            (*least, *most) = ((*least).min(node), (*most).max(node));
        }
    }
    about
}

struct Left<'a, 'b> {
    nodes: &'b BTreeSet<usize>,
    judged: &'b BTreeMap<usize, &'b Judged<'a>>,
    over: Option<Reason>,
}

/// The answer of a `components` rule on each of its files.
fn on_files<'a>(
    joined: &Joined<'a>,
    chain: &Chain<'_>,
    rule: &'a Rule,
    check: &ComponentsCheck,
    files: &[usize],
    left: &Left<'a, '_>,
) -> Vec<Outcome<'a>> {
    let kinds = with_sboms(check);
    let marked = |wanted: &dyn Fn(Value) -> bool| {
        let mut marks = vec![false; chain.graph.len()];
        for node in left.nodes {
            let value = left.judged.get(node).map_or(Value::Unproven, |judged| judged.value);
            if let Some(mark) = marks.get_mut(*node).filter(|_| wanted(value)) {
                *mark = true;
            }
        }
        chain.graph.reaching(&marks, kinds)
    };
    let delivered: BTreeSet<usize> = joined.artifacts().map(|(file, _)| joined.first_of(file)).collect();
    let about = about(joined);
    let (unmet, refuted) = (marked(&|_| true), marked(&|value| value == Value::Refuted));
    let has = |marks: &[bool], file: usize| marks.get(file).copied().unwrap_or(false);
    let components = {
        let mut marks = vec![false; chain.graph.len()];
        // A file of the delivery that lists itself is not made of anything for that.
        for node in left.judged.keys().filter(|node| !delivered.contains(node)) {
            if let Some(mark) = marks.get_mut(*node) {
                *mark = true;
            }
        }
        chain.graph.reaching(&marks, kinds)
    };
    let outcome = |file: &usize| {
        let first = joined.first_of(*file);
        let class = super::applies(joined, rule, *file)?;
        let reason = Reason::new(&UNMET).int("components", left.nodes.len() as i64);
        let listed_by_another = || is_component_of_another(joined, chain, &about, first);
        let answer = if has(&refuted, first) {
            Answer::not_met(vec![reason.refuted()], Reason::new(&UNMET))
        } else if has(&unmet, first) {
            Answer::not_met([reason].into_iter().chain(left.over.clone()).collect(), Reason::new(&UNMET))
        } else if has(&components, first) || lists_others(joined, chain, left.judged, kinds, first) {
            let sboms = joined.sboms_of(*file).map(|(sbom, _)| sbom.id.clone());
            let sboms: BTreeSet<_> = sboms.collect();
            Answer::Met(sboms.into_iter().collect())
        } else if listed_by_another() {
            // Somebody else's component has answered as such.
            Answer::Met(Vec::new())
        } else {
            Answer::not_met(vec![Reason::new(&NOTHING)], Reason::new(&NOTHING))
        };
        Some(Outcome { rule: Some(rule), node: Node::File(*file), class, as_component: false, answer })
    };
    files.iter().filter_map(outcome).collect()
}

/// Does an SBOM of the file list another file of the delivery?
fn lists_others(
    joined: &Joined<'_>,
    chain: &Chain<'_>,
    judged: &BTreeMap<usize, &Judged<'_>>,
    kinds: crate::graph::Kinds,
    node: usize,
) -> bool {
    let sboms = chain.graph.of(node).iter().filter(|edge| edge.kind == EdgeKind::Describes);
    let mut listed = sboms.flat_map(|edge| chain.graph.of(edge.to as usize)).filter(|edge| kinds.has(edge.kind));
    listed.any(|edge| {
        edge.to as usize != node && joined.is_held(edge.to as usize) && judged.contains_key(&(edge.to as usize))
    })
}

/// Is the file listed as a component by an SBOM of another, so that its lack of further components is what that one says of it?
fn is_component_of_another(joined: &Joined<'_>, chain: &Chain<'_>, about: &About<'_>, node: usize) -> bool {
    let by_another = |id: &Digest| about.get(id).is_some_and(|(least, most)| *least != node || *most != node);
    chain.reach.has(node) && joined.describing(node).any(by_another)
}
