//! What is not met: by the party that must act, with what was expected and found, and what to do.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Page, counted};
use super::text::{View, sentence};
use super::{component, escape};
use crate::conclude::{Argument, Coded, Rejected, Unmet};
use crate::reason::{self, Accountable};
use crate::value::Value;

/// Entries of one list that are shown without `verbose`.
const SHOWN: usize = 10;

/// Requirements that are not met for the same reasons: many files often share them.
struct Group<'a> {
    rule: &'a str,
    result: Value,
    reasons: &'a [Coded],
    members: Vec<&'a Unmet>,
}

/// Everything that is not met. Returns the rejected evidence that was shown beside a file.
pub(super) fn by_party<'a>(page: &mut Page, view: &View<'a>) -> BTreeSet<&'a str> {
    let mut shown = BTreeSet::new();
    for (name, accountable) in Accountable::ALL {
        let groups = groups(view, accountable);
        if groups.is_empty() {
            continue;
        }
        let count = groups.iter().map(|group| group.members.len() as u64).sum();
        let not_met = counted(count, "requirement is not met", "requirements are not met");
        page.heading(&format!("The {} must act: {not_met}", name.replace('-', " ")));
        for group in groups {
            page.blank();
            write_group(page, view, &group, &mut shown);
        }
    }
    shown
}

/// Rejected evidence that was not shown beside a file, by reason.
pub(super) fn other_rejected(page: &mut Page, view: &View<'_>, shown: &BTreeSet<&str>) {
    let mut by_code: BTreeMap<&str, Vec<&Rejected>> = BTreeMap::new();
    for rejected in view.core.rejected.iter().filter(|rejected| !shown.contains(rejected.evidence.as_str())) {
        by_code.entry(&rejected.code).or_default().push(rejected);
    }
    if by_code.is_empty() {
        return;
    }
    page.heading(if view.passes() { "Rejected evidence; nothing rests on it" } else { "Other rejected evidence" });
    for (code, list) in by_code {
        let count = if list.len() == 1 { String::new() } else { format!(" ({} times)", list.len()) };
        page.paragraph(2, &format!("{}{count}", escape(code)));
        let limit = if view.options.verbose { list.len() } else { 3 };
        for rejected in list.iter().take(limit) {
            let said = sentence(code, &rejected.args);
            page.labelled(4, "-", &format!("{}: {said}", view.evidence(&rejected.evidence)));
        }
        more(page, 4, list.len().saturating_sub(limit));
    }
}

/// What to do next, for a verdict that fails.
pub(super) fn next_steps(page: &mut Page, view: &View<'_>) {
    if view.passes() {
        return;
    }
    page.heading("What to do next");
    let mut steps = Vec::new();
    for (name, accountable) in Accountable::ALL {
        let open = view.core.unmet.iter().filter(|unmet| unmet.waiver.is_none());
        let unmet = open.filter(|unmet| unmet.accountable == accountable).count() as u64;
        let what = counted(unmet, "requirement", "requirements");
        match (unmet, accountable) {
            (0, _) => {}
            (_, Accountable::Operator) => {
                steps.push(format!("Fix {what} on your own side: see the lines with `fix:`."))
            }
            _ => steps.push(format!("Send this report to the {}: {what} to fix.", name.replace('-', " "))),
        }
    }
    if !view.core.rejected.is_empty() {
        steps.push("See who signed rejected evidence with `vidimus inspect FILE`.".to_owned());
    }
    if let Some(code) = view.core.unmet.iter().flat_map(|unmet| &unmet.reasons).map(|reason| &reason.code).next() {
        steps.push(format!("Read why a reason matters with `vidimus explain CODE`, such as {}.", escape(code)));
    }
    steps.push(
        "Run the same command again on what you get then; quote `core=` when you talk about this verdict.".to_owned(),
    );
    for (number, step) in (1_u64..).zip(steps) {
        page.labelled(2, &format!("{number}."), &step);
    }
}

/// What is refuted comes first.
fn groups<'a>(view: &View<'a>, accountable: Accountable) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(Value, &str, &[Coded]), Vec<&'a Unmet>> = BTreeMap::new();
    let open = view.core.unmet.iter().filter(|unmet| unmet.waiver.is_none());
    for unmet in open.filter(|unmet| unmet.accountable == accountable) {
        groups.entry((unmet.result, &unmet.rule, &unmet.reasons)).or_default().push(unmet);
    }
    let group = |((result, rule, reasons), members)| Group { rule, result, reasons, members };
    groups.into_iter().map(group).collect()
}

fn write_group<'a>(page: &mut Page, view: &View<'a>, group: &Group<'a>, shown: &mut BTreeSet<&'a str>) {
    let result = if group.result == Value::Refuted { "refuted" } else { "not proven" };
    page.hanging(2, &view.rule_name(group.rule, result));
    if let Some(rule) = view.rule(group.rule).filter(|rule| view.options.verbose && !rule.refs.is_empty()) {
        page.labelled(4, "from", &escape(&rule.refs.join(", ")));
    }
    let mut paths: Vec<&str> = group.members.iter().flat_map(|unmet| unmet.path.iter().map(String::as_str)).collect();
    paths.sort_unstable();
    let way: BTreeMap<&str, String> = group
        .members
        .iter()
        .filter_map(|unmet| Some((unmet.path.first()?.as_str(), component::way(view, unmet)?)))
        .collect();
    let mut lines: Vec<(String, Option<String>)> =
        paths.iter().map(|path| (file(view, path), way.get(path).cloned())).collect();
    for unmet in group.members.iter().filter(|unmet| unmet.path.is_empty()) {
        lines.push(if unmet.node == "delivery" {
            ("the delivery as a whole".to_owned(), None)
        } else {
            (component::title(view, unmet), component::way(view, unmet))
        });
    }
    let limit = limit(view);
    for (line, way) in lines.iter().take(limit) {
        page.line(&format!("    {}", page.bold(line)));
        if let Some(way) = way {
            page.labelled(6, "way:", way);
        }
    }
    more(page, 4, lines.len().saturating_sub(limit));
    for (code, list) in by_code(group.reasons) {
        let sentences = list.iter().map(|args| sentence(code, args)).collect();
        reason(page, view, 6, code, sentences);
    }
    rejected_about(page, view, &paths, shown);
}

/// A file; with a word of explanation where evidence itself is what does not meet a rule.
fn file(view: &View<'_>, path: &str) -> String {
    let note =
        if view.holds_rejected(path) { " (its evidence is rejected, so it is a file like any other)" } else { "" };
    format!("file {}{note}", escape(path))
}

/// One code with all that it says here, and the fix once.
fn reason(page: &mut Page, view: &View<'_>, indent: usize, code: &str, sentences: Vec<String>) {
    match sentences.as_slice() {
        [one] => page.hanging(indent, &format!("{}: {one}", escape(code))),
        many => {
            page.paragraph(indent, &format!("{}:", escape(code)));
            for sentence in many.iter().take(limit(view)) {
                page.labelled(indent + 2, "-", sentence);
            }
            more(page, indent + 2, many.len().saturating_sub(limit(view)));
        }
    }
    if let Some(info) = reason::by_code(code) {
        page.labelled(indent + 2, "fix:", info.fix);
    }
}

/// Rejected evidence that claims to be about these files: often the answer to "but I did sign it".
fn rejected_about<'a>(page: &mut Page, view: &View<'a>, paths: &[&str], shown: &mut BTreeSet<&'a str>) {
    let about = view.rejected_about(paths);
    let fresh: Vec<&Rejected> =
        about.iter().copied().filter(|rejected| !shown.contains(rejected.evidence.as_str())).collect();
    let these = if paths.len() == 1 { "this file" } else { "these files" };
    if fresh.is_empty() {
        if !about.is_empty() {
            page.paragraph(6, &format!("rejected evidence about {these}: see above"));
        }
        return;
    }
    page.paragraph(6, &format!("rejected evidence about {these}:"));
    let limit = limit(view);
    for rejected in fresh.iter().take(limit) {
        let said = sentence(&rejected.code, &rejected.args);
        page.hanging(8, &format!("- {}: {}: {said}", view.evidence(&rejected.evidence), escape(&rejected.code)));
        if let Some(info) = reason::by_code(&rejected.code) {
            page.labelled(10, "fix:", info.fix);
        }
    }
    more(page, 8, fresh.len().saturating_sub(limit));
    shown.extend(fresh.iter().map(|rejected| rejected.evidence.as_str()));
}

fn by_code(reasons: &[Coded]) -> BTreeMap<&str, Vec<&BTreeMap<String, Argument>>> {
    let mut by_code: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for reason in reasons {
        by_code.entry(reason.code.as_str()).or_default().push(&reason.args);
    }
    by_code
}

fn limit(view: &View<'_>) -> usize {
    if view.options.verbose { usize::MAX } else { SHOWN }
}

fn more(page: &mut Page, indent: usize, count: usize) {
    if count > 0 {
        page.paragraph(indent, &format!("and {count} more; `-v` lists them"));
    }
}
