//! `layout`: the file came out of a supply chain that went as a layout of in-toto says, from the hands of those whom it names. A layout
//! is signed by parties of the policy; whom they trust with which step is their word. Inspections are never run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, missing};
use crate::digest::{Digest, Digests};
use crate::join::bind::wrong_product;
use crate::join::layouts::counts::{checks, is_unrun, may_sign};
use crate::join::layouts::{Chain, Few};
use crate::join::{Joined, Shown};
use crate::policy::{LayoutCheck, Rule};
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
    let products = asked.products(joined);
    let (mut told, mut met): (Few<'_>, BTreeSet<Digest>) = (Few::default(), BTreeSet::new());
    let mut owners: BTreeMap<&Digest, u64> = BTreeMap::new();
    for (id, signers) in joined.layouts_signers() {
        let found = signers.owners(|fact| {
            let may = check.is_by(fact.party) && may_sign(fact, &products, asked.names);
            told.extend((check.is_by(fact.party) && !may).then(|| wrong_product(fact)));
            may
        });
        if found > 0 {
            owners.insert(id, found);
        }
    }
    let known = joined.known_digests(file);
    for shown in joined.layouts(&check.parameters) {
        let Some(owners) = owners.get(shown.id) else { continue };
        let against = lacks(check, shown, *owners);
        if !against.is_empty() {
            told.extend(against);
            continue;
        }
        for chain in &shown.chains {
            let against = unshown(joined, check, chain, known.as_ref());
            if against.is_empty() {
                met.insert(shown.id.clone());
                met.extend(chain.evidence.iter().map(|id| (*id).clone()));
            }
            told.extend(against);
        }
        if !shown.against.is_empty() {
            told.extend(not_run(check, &shown.inspections));
            told.all(&shown.against);
        }
    }
    if !met.is_empty() {
        return Answer::Met(met.into_iter().collect());
    }
    Answer::not_met(told.into_iter().collect(), missing("layout", &check.by))
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

/// What a supply chain does not show of the file.
fn unshown(joined: &Joined<'_>, check: &LayoutCheck, chain: &Chain<'_>, known: Option<&Digests>) -> Vec<Reason> {
    let mut against: Vec<Reason> = not_run(check, &chain.inspections).into_iter().collect();
    if !known.is_some_and(|known| joined.comes_out_of(chain, known)) {
        against.push(Reason::new(&PRODUCT));
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
