//! A difference for people.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Change, Input, Of, Report, State};
use crate::conclude::Answer;
use crate::render::{escape, escape_within, wrap};

/// Lines of one list.
const SHOWN: usize = 40;

/// The difference as text.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    out.push_str(if report.same { "SAME core\n" } else { "DIFFERENT\n" });
    for (name, of) in [("A", &report.a), ("B", &report.b)] {
        out.push_str(&format!("{name}  {}\n", short(of)));
    }
    if report.same {
        return out;
    }
    if report.a.decision_sha256 == report.b.decision_sha256 {
        out.push_str(
            "The decision is the same: the same bytes, policy and answers, with other evidence, anchor, time or wording.\n",
        );
    }
    out.push_str("\nInputs that differ\n");
    if report.inputs.is_empty() {
        out.push_str("  none: the verdicts were not made by the same rules\n");
    }
    for input in report.inputs.iter().take(SHOWN) {
        out.push_str(&format!("{}\n", wrap(&format!("{}: {}", escape(&input.name), told(input)), 2, 6)));
    }
    more(&mut out, report.inputs.len());
    out.push_str(&format!("\nAnswers that differ: {}\n", report.checks.len()));
    for (cause, changes) in by_cause(report) {
        out.push_str(&format!("\n  {}\n", heading(report, cause)));
        for change in changes.iter().take(SHOWN) {
            let said = format!("{} on {}: {}", escape(&change.rule), escape(&change.place), answers(change));
            out.push_str(&format!("{}\n", wrap(&said, 4, 8)));
        }
        more(&mut out, changes.len());
    }
    out
}

/// The difference as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let code = |raw: &str| format!("`` {} ``", escape(raw).replace('`', "'").replace('|', "\\|"));
    let mut out = format!("# {}\n\n", if report.same { "The same core" } else { "The verdicts differ" });
    for (name, of) in [("A", &report.a), ("B", &report.b)] {
        out.push_str(&format!("- {name}: {}\n", code(&short(of))));
    }
    if report.same {
        return out;
    }
    out.push_str("\n## Inputs that differ\n\n| input | A and B |\n| --- | --- |\n");
    for input in report.inputs.iter().take(SHOWN) {
        out.push_str(&format!("| {} | {} |\n", code(&input.name), code(&told(input))));
    }
    more_rows(&mut out, report.inputs.len());
    out.push_str("\n## Answers that differ\n\n| cause | rule | on | A → B |\n| --- | --- | --- | --- |\n");
    for change in report.checks.iter().take(SHOWN) {
        let cause = change.cause.as_deref().unwrap_or("not known");
        let cells = [code(cause), code(&change.rule), code(&change.place), code(&answers(change))];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    more_rows(&mut out, report.checks.len());
    out
}

fn short(of: &Of) -> String {
    let answer = if of.verdict == Answer::Pass { "PASS" } else { "FAIL" };
    format!("{answer}  {} met, {} not met  core sha256:{}", of.met, of.unmet, of.core_sha256)
}

fn told(input: &Input) -> String {
    let value = |value: &Option<Json>| match value {
        None => "(none)".to_owned(),
        Some(Json::String(text)) => escape_within(text, 100),
        Some(other) => escape_within(&other.to_string(), 200),
    };
    format!("{} → {}", value(&input.a), value(&input.b))
}

fn answers(change: &Change) -> String {
    let state = |state: &Option<State>| match state {
        None => "not asked".to_owned(),
        Some(state) if state.codes.is_empty() => state.result.to_owned(),
        Some(state) => format!("{} ({})", state.result, escape(&state.codes.join(", "))),
    };
    format!("{} → {}", state(&change.a), state(&change.b))
}

fn by_cause(report: &Report) -> BTreeMap<Option<&str>, Vec<&Change>> {
    let mut groups: BTreeMap<Option<&str>, Vec<&Change>> = BTreeMap::new();
    for change in &report.checks {
        groups.entry(change.cause.as_deref()).or_default().push(change);
    }
    groups
}

fn heading(report: &Report, cause: Option<&str>) -> String {
    match cause {
        Some(cause) => format!("because of the {cause}"),
        None if report.attributed => "by a rule that came or went together with its inputs".to_owned(),
        None => "(compare the two evidence archives to learn why)".to_owned(),
    }
}

fn more(out: &mut String, all: usize) {
    if let more @ 1.. = all.saturating_sub(SHOWN) {
        out.push_str(&format!("  and {more} more; `--output json` has them\n"));
    }
}

/// The same after a table, which ends at an empty line.
fn more_rows(out: &mut String, all: usize) {
    if all > SHOWN {
        out.push('\n');
        more(out, all);
    }
}
