//! Every check of a verdict as a row: what all renderings but the text are made of.

use std::collections::BTreeMap;

use super::VerdictFile;
use super::text::sentence;
use crate::conclude::{Argument, Coded};
use crate::reason::{self, Accountable};
use crate::value::Value;

/// One check on one node.
pub(crate) struct Row<'a> {
    pub(crate) rule: &'a str,
    pub(crate) node: &'a str,
    /// Paths of the judged files that are this node.
    pub(crate) paths: Vec<&'a str>,
    pub(crate) state: State,
    pub(crate) reasons: &'a [Coded],
    pub(crate) accountable: Option<Accountable>,
    pub(crate) waiver: Option<String>,
    /// Evidence ids that meet it.
    pub(crate) support: &'a [String],
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Refuted,
    Unproven,
    Waived,
    Met,
}

impl State {
    /// For people and for style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refuted => "refuted",
            Self::Unproven => "not proven",
            Self::Waived => "waived",
            Self::Met => "met",
        }
    }
}

impl Row<'_> {
    /// The paths, or what else the node is.
    pub(crate) fn place(&self) -> String {
        match (self.node, self.paths.as_slice()) {
            ("delivery", _) => "the delivery".to_owned(),
            (node, []) => node.to_owned(),
            (_, paths) => paths.join(", "),
        }
    }

    /// Each reason as a sentence with its code.
    pub(super) fn sentences(&self) -> Vec<String> {
        self.reasons.iter().map(|reason| format!("{}: {}", reason.code, sentence(&reason.code, &reason.args))).collect()
    }

    /// What to do, each thing once.
    pub(super) fn fixes(&self) -> Vec<&'static str> {
        let mut fixes: Vec<&str> =
            self.reasons.iter().filter_map(|reason| reason::by_code(&reason.code)).map(|info| info.fix).collect();
        fixes.sort_unstable();
        fixes.dedup();
        fixes
    }
}

/// Every check, by (rule, node).
pub(crate) fn rows(file: &VerdictFile) -> Vec<Row<'_>> {
    let mut paths: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for subject in &file.core.subjects {
        paths.entry(format!("sha256:{}", subject.sha256)).or_default().push(&subject.path);
    }
    let mut rows = Vec::new();
    for unmet in &file.core.unmet {
        let waiver = unmet.waiver.clone();
        let state = match (unmet.result, &waiver) {
            (Value::Refuted, _) => State::Refuted,
            (_, Some(_)) => State::Waived,
            _ => State::Unproven,
        };
        rows.push(Row {
            rule: &unmet.rule,
            node: &unmet.node,
            paths: unmet.path.iter().map(String::as_str).collect(),
            state,
            reasons: &unmet.reasons,
            accountable: Some(unmet.accountable),
            waiver,
            support: &[],
        });
    }
    for (rule, classes) in &file.details.met {
        for support in classes.values().flatten() {
            rows.push(Row {
                rule,
                node: &support.node,
                paths: paths.get(&support.node).cloned().unwrap_or_default(),
                state: State::Met,
                reasons: &[],
                accountable: None,
                waiver: None,
                support: &support.support,
            });
        }
    }
    rows.sort_by(|a, b| (a.rule, a.node).cmp(&(b.rule, b.node)));
    rows
}

/// A waiver that the verdict rests on, as its caveat says.
pub(super) struct Waived<'a> {
    pub(super) id: &'a str,
    pub(crate) rule: &'a str,
    pub(super) owner: &'a str,
    pub(super) until: &'a str,
    pub(super) days: i64,
}

/// Every waiver that the verdict rests on.
pub(super) fn waivers(file: &VerdictFile) -> Vec<Waived<'_>> {
    let caveats = file.core.caveats.iter().filter(|caveat| caveat.code == "caveat.waived");
    caveats
        .map(|caveat| {
            let text = |name: &str| match caveat.args.get(name) {
                Some(Argument::Text(text)) => text.as_str(),
                _ => "",
            };
            let days = match caveat.args.get("days") {
                Some(Argument::Int(days)) => *days,
                _ => 0,
            };
            Waived { id: text("waiver"), rule: text("rule"), owner: text("owner"), until: text("until"), days }
        })
        .collect()
}

/// `PASS`, `PASS (with waivers)`, `FAIL (not proven)`, `FAIL (refuted)`.
pub(super) const fn answer(file: &VerdictFile) -> &'static str {
    use crate::conclude::Basis;
    match file.core.basis {
        Basis::Proven => "PASS",
        Basis::ProvenWithWaivers => "PASS (with waivers)",
        Basis::Unproven => "FAIL (not proven)",
        Basis::Refuted => "FAIL (refuted)",
    }
}

/// What nothing verified, counted by reason: the reason's sentence, or its code.
pub(super) fn unverified(file: &VerdictFile) -> Vec<(u64, &str)> {
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for node in &file.core.unverified {
        *by_code.entry(&node.code).or_default() += 1;
    }
    by_code.into_iter().map(|(code, count)| (count, reason::by_code(code).map_or(code, |info| info.says))).collect()
}

/// Every digest that people quote or compare, with what it is of.
pub(super) fn digests(file: &VerdictFile) -> Vec<(&'static str, String)> {
    let inputs = &file.core.inputs;
    let mut all = vec![
        ("core", file.core_sha256.clone()),
        ("decision", file.decision_sha256.clone()),
        ("policy and its files", inputs.policy.sha256.clone()),
        ("inventory", inputs.inventory.sha256.clone()),
        ("evidence index", inputs.evidence.sha256.clone()),
    ];
    all.extend(inputs.inventory.archive.iter().map(|archive| ("the archive that was delivered", archive.clone())));
    all
}
