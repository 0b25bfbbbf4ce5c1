//! `layout`: the file came out of a supply chain that went as a layout of in-toto says, from the hands of those whom it names. A layout
//! is signed by parties of the policy; whom they trust with which step is their word. Inspections are never run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, is_by, missing};
use crate::authenticate::{Claim, Fact};
use crate::digest::Digest;
use crate::join::bind::wrong_product;
use crate::join::{Joined, Shown};
use crate::policy::{Grant, LayoutCheck, Product};
use crate::reason::Reason;

crate::reasons! {
    SIGNATURES = "layout.signatures", Unproven, Signer, ["found", "required"],
        says "{found} different keys that may sign the layout did so; the rule asks for {required}",
        why "Whoever signs a layout alone decides alone who is trusted with each step.",
        fix "Have as many of its owners sign the same layout as the rule asks for.";
    INSPECTION = "layout.inspection", Unproven, Signer, ["inspections"],
        says "the layout asks whoever verifies to run commands: {inspections}",
        why "Nothing that was delivered is ever run. What the commands would have found is not known.",
        fix "Have the owner of the layout make these inspections steps whose links a functionary signs; or set `inspections = \"not-run\"` in the rule, and look at the delivery by other means.";
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
    for fact in joined.facts.iter().filter(|fact| matches!(fact.claim, Claim::Layout(_)) && is_by(&check.by, fact)) {
        let grants: Vec<&Grant> = fact.covering(&products).filter(|grant| grant.layout).collect();
        match !grants.is_empty() && asked.covered(&grants) {
            true => by_layout.entry(&fact.id).or_default().push(fact),
            false => reasons.push(wrong_product(fact)),
        }
    }
    for shown in joined.layouts(&check.parameters) {
        let Some(facts) = by_layout.get(shown.id) else { continue };
        match lacks(joined, check, shown, facts, file) {
            against if against.is_empty() => {
                met.extend(facts.iter().map(|fact| fact.id.clone()));
                met.extend(shown.evidence.iter().map(|id| (*id).clone()));
            }
            against => reasons.extend(against),
        }
    }
    if !met.is_empty() {
        return Answer::Met(met.into_iter().collect());
    }
    Answer::not_met(reasons, missing("layout", &check.by))
}

/// What the layout does not show of the file.
fn lacks(joined: &Joined<'_>, check: &LayoutCheck, shown: &Shown<'_>, facts: &[&Fact<'_>], file: usize) -> Vec<Reason> {
    let mut against = Vec::new();
    // Identities that rest on the same keys are one.
    let keys: BTreeSet<&BTreeSet<Digest>> = facts.iter().map(|fact| &fact.keys).collect();
    if (keys.len() as u64) < check.threshold {
        against.push(Reason::new(&SIGNATURES).int("found", keys.len()).int("required", check.threshold));
    }
    if !check.inspections_not_run && !shown.inspections.is_empty() {
        let names = shown.inspections.iter().map(|name| crate::reason::identifier(name));
        against.push(Reason::new(&INSPECTION).list("inspections", names));
    }
    match &shown.products {
        Err(reasons) => against.extend(reasons.iter().cloned()),
        Ok(products) if joined.is_among(products, file) => {}
        Ok(_) => against.push(Reason::new(&PRODUCT)),
    }
    against
}

/// Inspections that the rule lets pass unrun: those of layouts that show a file which is judged.
pub(crate) fn unrun<'b>(joined: &'b Joined<'_>, check: &LayoutCheck) -> BTreeSet<&'b str> {
    let shows = |shown: &&Shown<'_>| {
        let signed = joined.facts.iter().filter(|fact| fact.id == *shown.id && is_by(&check.by, fact));
        let facts: Vec<&Fact<'_>> = signed.collect();
        !facts.is_empty() && joined.artifacts().any(|(file, _)| lacks(joined, check, shown, &facts, file).is_empty())
    };
    let asking = joined.layouts(&check.parameters).iter().filter(|shown| !shown.inspections.is_empty());
    let passing = asking.filter(|_| check.inspections_not_run).filter(shows);
    passing.flat_map(|shown| &shown.inspections).copied().collect()
}
