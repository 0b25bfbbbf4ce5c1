//! Every check of a verdict as a row: what all renderings but the text are made of.

use std::collections::BTreeMap;

use super::text::sentence;
use super::{VerdictFile, component};
use crate::conclude::{Argument, Coded};
use crate::reason::{self, Accountable};
use crate::value::Value;

/// One check on one node.
pub(crate) struct Row<'a> {
    pub(crate) rule: &'a str,
    pub(crate) node: &'a str,
    /// Paths of the files that are this node, also inside archives.
    pub(crate) paths: Vec<String>,
    /// What a component that is no file is called.
    pub(super) names: &'a [String],
    /// How a component that is not met is reached from a delivered file.
    pub(super) way: Option<String>,
    /// The delivered file that it is reached from: its node.
    pub(super) root: Option<&'a str>,
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
        match (self.node, self.paths.as_slice(), self.names) {
            ("delivery", ..) => "the delivery".to_owned(),
            (node, [], []) => node.to_owned(),
            (node, [], names) => format!("{} ({node})", names.join(" or ")),
            (_, paths, _) => paths.join(", "),
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
    let paths = paths(file);
    let names = |node: &str| file.details.components.get(node).map_or(&[][..], |named| named.names.as_slice());
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
            paths: unmet.path.clone(),
            names: names(&unmet.node),
            way: component::along(&unmet.via, &file.details, |node| Some(paths.get(node)?.first()?.as_str())),
            root: unmet.via.first().map(|step| step.node.as_str()),
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
                names: names(&support.node),
                way: None,
                root: None,
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

/// Where each node lies: as a judged file, or else inside an archive.
pub(crate) fn paths(file: &VerdictFile) -> BTreeMap<String, Vec<String>> {
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for subject in &file.core.subjects {
        paths.entry(format!("sha256:{}", subject.sha256)).or_default().push(subject.path.clone());
    }
    let mut inside: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for container in &file.details.inventory.containers {
        for member in &container.members {
            let Some(sha256) = &member.sha256 else { continue };
            let raw = member.name_hex.as_deref().and_then(|name| hex::decode(name).ok());
            let name = raw.as_deref().or_else(|| member.name.as_deref().map(str::as_bytes));
            let path = crate::read::contents::path(&container.path, name);
            inside.entry(format!("sha256:{sha256}")).or_default().push(path);
        }
    }
    for (node, found) in inside {
        paths.entry(node).or_insert(found);
    }
    paths
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
    all.extend(inputs.anchor.iter().map(|anchor| ("the anchor of the policy", anchor.sha256.clone())));
    all.extend(inputs.inventory.archive.iter().map(|archive| ("the archive that was delivered", archive.clone())));
    all
}
