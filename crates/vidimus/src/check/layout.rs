//! `layout`: the file came out of a supply chain that went as a layout of in-toto says, from the hands of those whom it names. A layout
//! is signed by parties of the policy; whom they trust with which step is their word. Inspections are never run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, missing};
use crate::digest::Digest;
use crate::join::bind::wrong_product;
use crate::join::layouts::Few;
use crate::join::layouts::counts::{JudgedLayouts, checks, is_unrun, may_sign};
use crate::join::{Joined, Shown};
use crate::policy::{LayoutCheck, Product, Rule};
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
    let products = asked.products(joined);
    // What layouts show does not depend on the file, nor does by whom they are signed but for who may speak of it.
    let judged = joined.judged_layouts(check, speaking(joined, &products, asked.names), || {
        judge(joined, check, &products, asked.names)
    });
    let known = joined.known_digests(asked.node);
    let made = known.map(|known| joined.coming_to(&check.parameters, &known)).unwrap_or_default();
    let mut met: BTreeSet<Digest> = BTreeSet::new();
    for (place, chain) in made.iter().filter(|(place, _)| judged.counting.contains(place)) {
        met.extend(joined.layouts(&check.parameters).get(place.0).map(|shown| shown.id.clone()));
        met.extend(chain.evidence.iter().map(|id| (*id).clone()));
    }
    if !met.is_empty() {
        return Answer::Met(met.into_iter().collect());
    }
    let mut told: Few<'_> = Few::default();
    told.all(&judged.told);
    let is_of_others = judged.signed.iter().any(|place| !made.contains_key(place));
    told.extend(is_of_others.then(|| Reason::new(&PRODUCT)));
    Answer::not_met(told.into_iter().collect(), missing("layout", &check.by))
}

/// Of the grants for layouts, those that are about one of `products`; and by name, those that are about it: whatever may be said of layouts depends
/// on these alone.
fn speaking(joined: &Joined<'_>, products: &[Product], names: &[&Product]) -> BTreeSet<Vec<usize>> {
    let grants = joined.policy.grants.iter().enumerate().filter(|(_, grant)| grant.layout);
    let about: Vec<_> =
        grants.filter(|(_, grant)| grant.products.is_none() || products.iter().any(|p| grant.covers(p))).collect();
    let all = about.iter().map(|(at, _)| *at).collect();
    let of_name = |name: &&Product| {
        let grants = about.iter().filter(|(_, grant)| grant.covers(name)).map(|(at, _)| *at);
        // After all others, so that it is never taken for the first.
        grants.chain([usize::MAX]).collect()
    };
    names.iter().map(of_name).chain([all]).collect()
}

/// What layouts show for the rule, whatever file it is asked of.
fn judge(joined: &Joined<'_>, check: &LayoutCheck, products: &[Product], names: &[&Product]) -> JudgedLayouts {
    let mut told: Few<'_> = Few::default();
    let mut owners: BTreeMap<&Digest, u64> = BTreeMap::new();
    for (id, signers) in joined.layouts_signers() {
        let found = signers.owners(|fact| {
            let may = check.is_by(fact.party) && may_sign(fact, products, names);
            told.extend((check.is_by(fact.party) && !may).then(|| wrong_product(fact)));
            may
        });
        if found > 0 {
            owners.insert(id, found);
        }
    }
    let mut judged = JudgedLayouts::default();
    for (at, shown) in joined.layouts(&check.parameters).iter().enumerate() {
        let Some(owners) = owners.get(shown.id) else { continue };
        let against = lacks(check, shown, *owners);
        if !against.is_empty() {
            told.extend(against);
            continue;
        }
        for (number, chain) in shown.chains.iter().enumerate() {
            judged.signed.insert((at, number));
            match not_run(check, &chain.inspections) {
                Some(reason) => told.extend([reason]),
                None => drop(judged.counting.insert((at, number))),
            }
        }
        if !shown.against.is_empty() {
            told.extend(not_run(check, &shown.inspections));
            told.all(&shown.against);
        }
    }
    judged.told = told.into_iter().collect();
    judged
}

/// Why the layout does not count for the rule, whatever its steps show.
fn lacks(check: &LayoutCheck, shown: &Shown<'_>, owners: u64) -> Vec<Reason> {
    let mut against = Vec::new();
    if owners < check.threshold {
        against.push(Reason::new(&SIGNATURES).int("found", owners).int("required", check.threshold));
    }
    if !check.takes(shown.signed) {
        against.push(Reason::new(&OTHER).digest("layout", shown.signed));
    }
    against
}

fn not_run(check: &LayoutCheck, inspections: &BTreeSet<&str>) -> Option<Reason> {
    let names = inspections.iter().map(|name| crate::reason::identifier(name));
    is_unrun(check, inspections).then(|| Reason::new(&INSPECTION).list("inspections", names))
}

/// Inspections that the rule lets pass unrun: those of supply chains that meet it.
pub(crate) fn unrun<'b>(joined: &'b Joined<'_>, rule: &Rule) -> BTreeSet<&'b str> {
    let letting = checks(rule).filter(|check| check.inspections_not_run);
    let meeting = letting.flat_map(|check| joined.meeting(rule, check, |file| joined.is_artifact(file)));
    meeting.flat_map(|chain| &chain.inspections).copied().collect()
}
