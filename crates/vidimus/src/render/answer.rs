//! The answer, what is proven by whom, and how far it reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::escape;
use super::layout::{Page, counted};
use super::text::{View, sentence};
use crate::conclude::{Basis, Met, Support};
use crate::reason;

/// The answer, what was asked, and under which policy.
pub(super) fn head(page: &mut Page, view: &View<'_>) {
    let core = view.core;
    let answer = match core.basis {
        Basis::Proven => page.good("PASS"),
        Basis::ProvenWithWaivers => page.good("PASS (with waivers)"),
        Basis::Unproven => page.bad("FAIL (not proven)"),
        Basis::Refuted => page.bad("FAIL (refuted)"),
    };
    let mut asked = String::new();
    if let Some(product) = &core.request.product {
        asked.push_str(&format!("  {}", escape(product)));
    }
    if let Some(recipient) = &core.request.recipient {
        asked.push_str(&format!("  for {}", escape(recipient)));
    }
    page.line(&format!("{answer}{asked}  at {}", escape(&core.request.at)));
    let (met, unmet) = (view.met(), view.unmet());
    let requirements = if view.passes() {
        let waived = view.waived().count() as u64;
        let met = format!("{} met", counted(met, "requirement is", "requirements are"));
        if waived == 0 { met } else { format!("{met}, {waived} waived") }
    } else {
        let (all, is) = (counted(met + unmet, "requirement", "requirements"), if unmet == 1 { "is" } else { "are" });
        format!("{unmet} of {all} {is} not met")
    };
    let policy = &core.inputs.policy;
    page.paragraph(0, &format!("{}; {requirements}", view.delivered()));
    page.paragraph(0, &format!("policy {} version {} sha256:{}", escape(&policy.id), policy.version, policy.sha256));
    if let Some(anchor) = &core.inputs.anchor {
        page.paragraph(0, &format!("signed as the anchor asks: sha256:{}", anchor.sha256));
    }
    if !view.options.taken.is_empty() {
        let taken: Vec<String> = view.options.taken.iter().map(|name| escape(name)).collect();
        page.labelled(0, "evidence taken from beside the file:", &taken.join(", "));
    }
}

/// What is proven, rule by rule: on how many files, by whose signatures.
pub(super) fn proven(page: &mut Page, view: &View<'_>) {
    if view.core.met.is_empty() {
        return;
    }
    page.heading(if view.passes() { "Proven" } else { "Proven so far" });
    for of_rule in view.core.met.chunk_by(|a, b| a.rule == b.rule) {
        let Some(rule) = of_rule.first().map(|met| met.rule.as_str()) else { continue };
        let lists: Vec<(&Met, &[Support])> = of_rule.iter().map(|met| (met, support(view, met))).collect();
        let reach: Vec<String> = lists.iter().map(|(met, list)| reach(view, met, list)).collect();
        let all: Vec<Support> = lists.iter().flat_map(|(_, list)| list.iter().cloned()).collect();
        page.hanging(2, &view.rule_name(rule, &reach.join(", ")));
        for line in signers(view, &all) {
            page.labelled(4, "by", &line);
        }
        if view.options.verbose {
            files(page, view, &all);
        }
    }
    let unused = view.details.evidence.iter().filter(|item| item.used == "accepted").count() as u64;
    if unused > 0 {
        page.paragraph(
            2,
            &format!("{} accepted and needed by no rule", counted(unused, "evidence item was", "evidence items were")),
        );
    }
}

/// Components that SBOMs name and nobody here has seen.
pub(super) fn unverified(page: &mut Page, view: &View<'_>) {
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for node in &view.core.unverified {
        *by_code.entry(&node.code).or_default() += 1;
    }
    if by_code.is_empty() {
        return;
    }
    page.heading("Not verified");
    for (code, count) in by_code {
        let what = reason::by_code(code).map_or(code, |info| info.says);
        page.paragraph(2, &format!("{count} × {what}"));
        if view.options.verbose {
            for node in view.core.unverified.iter().filter(|node| node.code == code) {
                page.paragraph(4, &escape(&node.node));
            }
        }
    }
}

/// What a reader must know, pass or fail.
pub(super) fn caveats(page: &mut Page, view: &View<'_>) {
    if view.core.caveats.is_empty() {
        return;
    }
    page.heading("Caveats");
    for caveat in &view.core.caveats {
        page.labelled(2, "-", &format!("{} ({})", sentence(&caveat.code, &caveat.args), escape(&caveat.code)));
    }
}

/// The list behind a line of the core.
fn support<'a>(view: &View<'a>, met: &Met) -> &'a [Support] {
    let list = view.details.met.get(&met.rule).and_then(|classes| classes.get(&met.class));
    list.map_or(&[], Vec::as_slice)
}

/// On what a rule is met: `the delivery`, `3 files`, `3 files of class core-nf`.
fn reach(view: &View<'_>, met: &Met, list: &[Support]) -> String {
    if met.class == "delivery" && list.iter().all(|support| support.node == "delivery") {
        return "the delivery".to_owned();
    }
    // Files with the same bytes are one node with several paths.
    let paths = list.iter().map(|support| view.paths_of(&support.node).len().max(1)).sum::<usize>() as u64;
    let files = counted(paths.max(met.count), "file", "files");
    if met.class == "any" { files } else { format!("{files} of class {}", escape(&met.class)) }
}

/// `acme-release of ACME Networks AB (SE): provenance (3 statements)`, sorted.
fn signers(view: &View<'_>, list: &[Support]) -> Vec<String> {
    let support: BTreeSet<&str> = list.iter().flat_map(|s| &s.support).map(String::as_str).collect();
    let mut said: BTreeMap<(String, String), u64> = BTreeMap::new();
    for claim in support.iter().flat_map(|id| view.claims(id)) {
        *said.entry((view.signer(claim), view.predicate(claim))).or_default() += 1;
    }
    said.into_iter()
        .map(|((signer, predicate), count)| match count {
            1 => format!("{signer}: {predicate}"),
            _ => format!("{signer}: {count} × {predicate}"),
        })
        .collect()
}

/// Each file on which a rule is met, with the evidence for it.
fn files(page: &mut Page, view: &View<'_>, list: &[Support]) {
    let mut list: Vec<(&[&str], &Support)> = list.iter().map(|s| (view.paths_of(&s.node), s)).collect();
    list.sort_unstable();
    for (paths, support) in list {
        for path in paths {
            page.paragraph(4, &escape(path));
        }
        if paths.is_empty() && support.node != "delivery" {
            page.paragraph(4, &escape(&support.node));
        }
        for id in &support.support {
            for claim in view.claims(id) {
                let time = claim.not_later_than.as_ref();
                let time = time.map_or_else(String::new, |time| format!(", signed not later than {}", escape(time)));
                let what = format!("{} by {}{time}", view.predicate(claim), escape(&claim.identity));
                page.labelled(6, "<-", &format!("{what}, in {}", view.evidence(id)));
            }
        }
    }
}
