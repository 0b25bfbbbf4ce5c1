//! `layout`: the file came out of a supply chain that went as a layout of in-toto says, from the hands of those whom it names. A layout
//! is signed by parties of the policy; whom they trust with which step is their word. Inspections are never run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, missing};
use crate::authenticate::Fact;
use crate::digest::{Digest, Digests};
use crate::join::bind::wrong_product;
use crate::join::layouts::{Chain, owners};
use crate::join::{Joined, Shown};
use crate::policy::{Grant, LayoutCheck, Product};
use crate::reason::Reason;

crate::reasons! {
    SIGNATURES = "layout.signatures", Unproven, Signer, ["found", "required"],
        says "{found} of those who may sign the layout did so; the rule asks for {required}",
        why "Whoever signs a layout alone decides alone who is trusted with each step. Identities that share a key are one, and so are several keys or certificates of one identity.",
        fix "Have as many of its owners sign the same layout as the rule asks for.";
    INSPECTION = "layout.inspection", Unproven, Signer, ["inspections"],
        says "the layout asks whoever verifies to run commands: {inspections}",
        why "Nothing that was delivered is ever run. What the commands would have found is not known.",
        fix "Have the owner of the layout make these inspections steps whose links a functionary signs; or set `inspections = \"not-run\"` in the rule, and look at the delivery by other means.";
    OTHER = "layout.other", Unproven, Vendor, ["layout"],
        says "the layout {layout} is none of those that the rule names",
        why "Its owner signs layouts for other products and stages, too, and whoever delivers chooses which one comes along. The operator said which one counts.",
        fix "Deliver the layout that the rule names; or, if this one took its place, have the operator look at it and name its digest, as `vidimus inspect` shows it.";
    PRODUCT = "layout.product", Unproven, Vendor, [],
        says "the last step of the layout has no product with the digest of this file",
        why "A supply chain that went as it should shows something of the files that came out of it, and of no other file (T1).",
        fix "Deliver the file that the last step made; or have the owner of the layout add a step that makes this one.";
}

pub(super) fn file(joined: &Joined<'_>, check: &LayoutCheck, asked: Asked<'_>) -> Answer {
    let file = asked.node;
    let products: Vec<Product> = joined.products(file).cloned().collect();
    let (mut reasons, mut met): (Vec<Reason>, BTreeSet<Digest>) = (Vec::new(), BTreeSet::new());
    let mut by_layout: BTreeMap<&Digest, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in joined.layout_signers().iter().copied().filter(|fact| check.is_by(fact.party)) {
        let grants: Vec<&Grant> = fact.covering(&products).filter(|grant| grant.layout).collect();
        match !grants.is_empty() && asked.covered(&grants) {
            true => by_layout.entry(&fact.id).or_default().push(fact),
            false => reasons.push(wrong_product(fact)),
        }
    }
    let known = joined.known_digests(file);
    for shown in joined.layouts(&check.parameters) {
        let Some(facts) = by_layout.get(shown.id) else { continue };
        let against = lacks(check, shown, facts);
        if !against.is_empty() {
            reasons.extend(against);
            continue;
        }
        for chain in &shown.chains {
            let against = unshown(joined, check, chain, known.as_ref());
            if against.is_empty() {
                met.insert(shown.id.clone());
                met.extend(chain.evidence.iter().map(|id| (*id).clone()));
            }
            reasons.extend(against);
        }
        if !shown.against.is_empty() {
            reasons.extend(not_run(check, &shown.inspections));
            reasons.extend(shown.against.iter().cloned());
        }
    }
    if !met.is_empty() {
        return Answer::Met(met.into_iter().collect());
    }
    Answer::not_met(reasons, missing("layout", &check.by))
}

/// Why the layout does not count for the rule, whatever its steps show.
fn lacks(check: &LayoutCheck, shown: &Shown<'_>, facts: &[&Fact<'_>]) -> Vec<Reason> {
    let mut against = Vec::new();
    let owners = owners(facts);
    if (owners as u64) < check.threshold {
        against.push(Reason::new(&SIGNATURES).int("found", owners).int("required", check.threshold));
    }
    if !check.takes(shown.signed) {
        against.push(Reason::new(&OTHER).digest("layout", shown.signed));
    }
    against
}

/// What a supply chain does not show of the file.
fn unshown(joined: &Joined<'_>, check: &LayoutCheck, chain: &Chain<'_>, known: Option<&Digests>) -> Vec<Reason> {
    let mut against: Vec<Reason> = not_run(check, &chain.inspections).into_iter().collect();
    if !known.is_some_and(|known| chain.products.hold(known, &joined.policy.algorithms.digest_bind)) {
        against.push(Reason::new(&PRODUCT));
    }
    against
}

fn not_run(check: &LayoutCheck, inspections: &BTreeSet<&str>) -> Option<Reason> {
    let names = inspections.iter().map(|name| crate::reason::identifier(name));
    (!check.inspections_not_run && !inspections.is_empty()).then(|| Reason::new(&INSPECTION).list("inspections", names))
}

/// Inspections that the rule lets pass unrun: those of supply chains that show a file which is judged.
pub(crate) fn unrun<'b>(joined: &'b Joined<'_>, check: &LayoutCheck) -> BTreeSet<&'b str> {
    let mut by_layout: BTreeMap<&Digest, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in joined.layout_signers().iter().copied().filter(|fact| check.is_by(fact.party)) {
        by_layout.entry(&fact.id).or_default().push(fact);
    }
    let counts =
        |shown: &&Shown<'_>| by_layout.get(shown.id).is_some_and(|facts| lacks(check, shown, facts).is_empty());
    let shown = joined.layouts(&check.parameters).iter().filter(|_| check.inspections_not_run).filter(counts);
    let mut asking = shown.flat_map(|shown| &shown.chains).filter(|chain| !chain.inspections.is_empty()).peekable();
    if asking.peek().is_none() {
        return BTreeSet::new();
    }
    let judged: Vec<Digests> = joined.artifacts().filter_map(|(file, _)| joined.known_digests(file)).collect();
    let accepted = &joined.policy.algorithms.digest_bind;
    let passing = asking.filter(|chain| judged.iter().any(|known| chain.products.hold(known, accepted)));
    passing.flat_map(|chain| &chain.inspections).copied().collect()
}
