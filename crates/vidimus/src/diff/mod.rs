//! The difference of two verdicts: first what they were asked about, then what they answer, check by check. With both archives
//! also the cause of each changed answer, found by replaying with one input after another exchanged.

mod cause;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use crate::archive::{Archive, ArchiveError};
use crate::conclude::Answer;
use crate::record::Record;
use crate::render::VerdictFile;
use crate::render::checks::{self, Row};

pub use text::{markdown, text};

/// One of two verdicts.
pub struct Side {
    /// The verdict.
    pub record: Record,
    /// Everything that it rests on, if it is at hand.
    pub archive: Option<Archive>,
}

/// How two verdicts differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always `urn:vidimus:diff:v1`.
    pub schema: &'static str,
    /// Are the cores the same bytes?
    pub same: bool,
    /// The first verdict.
    pub a: Of,
    /// The second.
    pub b: Of,
    /// Inputs that differ, in a fixed order.
    pub inputs: Vec<Input>,
    /// Checks whose answer differs, by (rule, node).
    pub checks: Vec<Change>,
    /// Were both archives at hand, so that causes are known?
    pub attributed: bool,
}

/// A verdict in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Of {
    /// `core_sha256`.
    pub core_sha256: String,
    /// `decision_sha256`.
    pub decision_sha256: String,
    /// Pass or fail.
    pub verdict: Answer,
    /// Checks that are met, or waived.
    pub met: u64,
    /// Checks that are not.
    pub unmet: u64,
}

/// An input that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Which, such as `inventory` or `policy file keys/acme.pub`.
    pub name: String,
    /// What the first has; absent if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<Json>,
    /// What the second has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<Json>,
}

/// A check whose answer differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The rule.
    pub rule: String,
    /// The node; for a file that was replaced, its path.
    pub node: String,
    /// Paths, or what else the node is.
    pub place: String,
    /// The first answer; absent if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<State>,
    /// The second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<State>,
    /// The input whose exchange changes the answer first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// `met`, `waived`, `not proven`, `refuted`.
    pub result: &'static str,
    /// The reasons' codes, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

/// Answers by rule and node.
type Answers = BTreeMap<(String, String), (State, String)>;

/// Files that are there on both sides under one path with other bytes: by node, the path that stands for it.
type Replaced = BTreeMap<String, String>;

/// Compares two verdicts. With both archives, causes are worked out: at most seven more judgements.
///
/// # Errors
/// An archive contradicts itself.
pub fn diff(a: &Side, b: &Side) -> Result<Report, ArchiveError> {
    let (left, right) = (a.record.file(), b.record.file());
    let replaced = replaced(left, right);
    let (before, after) = (answers(left, &replaced), answers(right, &replaced));
    let mut checks: Vec<Change> = Vec::new();
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (before.get(key), after.get(key));
        if was.map(|(state, _)| state) == is.map(|(state, _)| state) {
            continue;
        }
        let place = is.or(was).map(|(_, place)| place.clone()).unwrap_or_default();
        let (rule, node) = key.clone();
        let state = |found: Option<&(State, String)>| found.map(|(state, _)| state.clone());
        checks.push(Change { rule, node, place, a: state(was), b: state(is), cause: None });
    }
    let attributed = match (&a.archive, &b.archive) {
        (Some(first), Some(second)) if !checks.is_empty() => {
            cause::attribute(first, second, &before, &replaced, &mut checks)?;
            true
        }
        (first, second) => first.is_some() && second.is_some(),
    };
    let same = left.core_sha256 == right.core_sha256;
    Ok(Report {
        schema: "urn:vidimus:diff:v1",
        same,
        a: of(left),
        b: of(right),
        inputs: inputs(left, right),
        checks,
        attributed,
    })
}

fn of(file: &VerdictFile) -> Of {
    let rows = checks::rows(file);
    let unmet = rows.iter().filter(|row| row.state < checks::State::Waived).count() as u64;
    Of {
        core_sha256: file.core_sha256.clone(),
        decision_sha256: file.decision_sha256.clone(),
        verdict: file.core.verdict,
        met: rows.len() as u64 - unmet,
        unmet,
    }
}

fn state(row: &Row<'_>) -> State {
    let mut codes: Vec<String> = row.reasons.iter().map(|reason| reason.code.clone()).collect();
    codes.sort();
    codes.dedup();
    State { result: row.state.name(), codes }
}

fn answers(file: &VerdictFile, replaced: &Replaced) -> Answers {
    let rows = checks::rows(file);
    let key = |row: &Row<'_>| {
        let node = replaced.get(row.node).map_or(row.node, String::as_str);
        (row.rule.to_owned(), node.to_owned())
    };
    rows.iter().map(|row| (key(row), (state(row), row.place()))).collect()
}

/// A changed file is one node gone and one new, paired by path.
fn replaced(a: &VerdictFile, b: &VerdictFile) -> Replaced {
    let by_path = |file: &VerdictFile| -> BTreeMap<String, String> {
        let nodes = checks::paths(file).into_iter();
        nodes.flat_map(|(node, paths)| paths.into_iter().map(move |path| (path, node.clone()))).collect()
    };
    let (left, right) = (by_path(a), by_path(b));
    let nodes = |paths: &BTreeMap<String, String>| paths.values().cloned().collect::<BTreeSet<String>>();
    let (in_left, in_right) = (nodes(&left), nodes(&right));
    let mut replaced = Replaced::new();
    for (path, was) in &left {
        let Some(is) = right.get(path).filter(|is| *is != was) else { continue };
        if !in_right.contains(was) && !in_left.contains(is) {
            for node in [was, is] {
                replaced.entry(node.clone()).or_insert_with(|| path.clone());
            }
        }
    }
    replaced
}

/// What differs of what the verdicts are functions of.
fn inputs(a: &VerdictFile, b: &VerdictFile) -> Vec<Input> {
    let mut all = Vec::new();
    let mut compare = |name: &str, a: Option<Json>, b: Option<Json>| {
        if a != b {
            all.push(Input { name: name.to_owned(), a, b });
        }
    };
    let json = |value: serde_json::Result<Json>| value.unwrap_or(Json::Null);
    let named = |list: Vec<(&String, &String)>| -> BTreeMap<String, String> {
        list.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    compare("semantics", Some(a.core.semantics.into()), Some(b.core.semantics.into()));
    members(
        "request ",
        &json(serde_json::to_value(&a.core.request)),
        &json(serde_json::to_value(&b.core.request)),
        &mut compare,
    );
    let evidence =
        |file: &VerdictFile| named(file.details.evidence.iter().map(|item| (&item.id, &item.used)).collect());
    let (mine, others) = (evidence(a), evidence(b));
    let same_items = mine.keys().eq(others.keys());
    let of_inputs = |file: &VerdictFile| {
        let mut inputs = json(serde_json::to_value(&file.core.inputs));
        // What became of an item is no input; its digest tells both.
        inputs.as_object_mut().filter(|_| same_items).map(|members| members.remove("evidence"));
        inputs
    };
    members("", &of_inputs(a), &of_inputs(b), &mut compare);
    let policy =
        |file: &VerdictFile| named(file.details.policy.iter().map(|part| (&part.path, &part.sha256)).collect());
    entries("policy file", &policy(a), &policy(b), &mut compare);
    let files = |file: &VerdictFile| {
        named(file.details.inventory.files.iter().map(|part| (&part.path, &part.sha256)).collect())
    };
    entries("file", &files(a), &files(b), &mut compare);
    let only = |of: &BTreeMap<String, String>, but: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        of.iter().filter(|(id, _)| !but.contains_key(*id)).map(|(id, used)| (id.clone(), used.clone())).collect()
    };
    entries("evidence", &only(&mine, &others), &only(&others, &mine), &mut compare);
    all
}

/// Members of two objects.
fn members(of: &str, a: &Json, b: &Json, compare: &mut impl FnMut(&str, Option<Json>, Option<Json>)) {
    let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else { return };
    for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        compare(&format!("{of}{name}"), a.get(name).cloned(), b.get(name).cloned());
    }
}

fn entries(
    kind: &str,
    a: &BTreeMap<String, String>,
    b: &BTreeMap<String, String>,
    compare: &mut impl FnMut(&str, Option<Json>, Option<Json>),
) {
    for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        let value = |side: &BTreeMap<String, String>| side.get(name).cloned().map(Json::String);
        compare(&format!("{kind} {name}"), value(a), value(b));
    }
}
