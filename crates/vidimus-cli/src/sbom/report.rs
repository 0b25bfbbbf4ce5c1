//! What `sbom check` found, for people and for programs.

use std::path::Path;

use serde_json::{Value as Json, json};
use vidimus::decode::Sbom;
use vidimus::profile::{self, Answer, Lacking, Obligation, Outcome, Profile, Weight};
use vidimus::reason::Reason;
use vidimus::render::{escape, wrap};

use super::Files;

/// Everything that was found.
pub(super) struct Report<'a> {
    pub(super) path: &'a Path,
    pub(super) sbom: Option<&'a Sbom>,
    pub(super) refused: &'a [Reason],
    /// What is noteworthy and refuses nothing, of references to other documents as well.
    pub(super) notes: Vec<&'a Reason>,
    pub(super) answers: &'a [(&'a Profile, Vec<Answer<'a>>)],
    pub(super) files: Option<&'a Files>,
}

/// So many names are printed of each list; JSON has more.
const SHOWN: usize = 10;
/// … of those that lack what one rule asks for.
const NAMED: usize = 3;

impl Report<'_> {
    pub(super) fn text(&self, pass: bool) -> String {
        let mut out = Lines::default();
        let verdict = if pass { "PASS" } else { "FAIL" };
        let format = self
            .sbom
            .map_or_else(|| "unreadable".to_owned(), |sbom| format!("{}, {} components", sbom.format, sbom.len()));
        out.line(0, &format!("{verdict} {}: {format}", self.path.display()));
        match self.refused {
            [] => out.line(0, "The document is valid by the version that it declares."),
            reasons => {
                out.line(0, "\nThe document breaks the rules of its own format");
                for reason in reasons.iter().take(SHOWN) {
                    out.line(2, &format!("- {} ({})", reason.sentence(), reason.code()));
                }
                out.more(reasons.len());
            }
        }
        for note in self.notes.iter().take(SHOWN) {
            out.line(0, &format!("Note: {} ({})", note.sentence(), note.code()));
        }
        out.more(self.notes.len());
        for (profile, answers) in self.answers {
            out.profile(profile, answers);
        }
        if let Some(files) = self.files {
            out.files(files);
        }
        out.next(self);
        out.0
    }

    pub(super) fn json(&self, pass: bool) -> Json {
        let reason = |reason: &Reason| json!({"code": reason.code(), "says": reason.sentence()});
        let profiles = self.answers.iter().map(|(profile, answers)| {
            let rules = answers.iter().map(|answer| {
                let rule = answer.rule;
                json!({
                    "id": rule.id, "title": rule.title, "obligation": rule.obligation.name(), "clause": rule.clause,
                    "asks": rule.ask.words(), "of": rule.scope.name(), "result": answer.result(), "given": rule.is_given(),
                    "detail": detail(&answer.outcome),
                })
            });
            json!({
                "id": profile.id, "edition": profile.edition, "status": profile.status.name(),
                "sha256": profile.sha256().hex(), "met": profile::is_met(answers), "rules": rules.collect::<Vec<_>>(),
            })
        });
        json!({
            "sbom": self.path.display().to_string(),
            "pass": pass,
            "format": self.sbom.map(|sbom| sbom.format.clone()),
            "components": self.sbom.map(Sbom::len),
            "violations": self.refused.iter().map(reason).collect::<Vec<_>>(),
            "notes": self.notes.iter().copied().map(reason).collect::<Vec<_>>(),
            "profiles": profiles.collect::<Vec<_>>(),
            "files": self.files.map(|files| json!({
                "listed": files.listed,
                "unlisted": files.unlisted,
                "unread": files.unread,
                "absent": files.absent.iter().map(|(name, at)| json!({"name": name, "at": at})).collect::<Vec<_>>(),
                "undecided": files.undecided,
            })),
        })
    }
}

fn detail(outcome: &Outcome<'_>) -> Json {
    match outcome {
        Outcome::Met { instead, findings } => {
            let findings = findings.iter().map(|(finding, times)| json!({"finding": finding, "times": times}));
            json!({"instead": instead, "findings": findings.collect::<Vec<_>>()})
        }
        Outcome::Unmet { lacking, asked, first } => {
            let first: Vec<Json> = first.iter().map(|node| json!({"name": node.name, "at": node.place})).collect();
            json!({"lacking": lacking, "asked": asked, "first": first})
        }
        Outcome::NotEvaluable(why) => json!({"why": why}),
        Outcome::NotApplicable => json!({}),
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Text out of documents is escaped; a leading line break of ours is kept.
    fn line(&mut self, indent: usize, text: &str) {
        self.hanging(indent, indent + 4, text);
    }

    fn hanging(&mut self, indent: usize, rest: usize, text: &str) {
        let text = text.strip_prefix('\n').inspect(|_| self.0.push('\n')).unwrap_or(text);
        self.0.push_str(&wrap(&escape(text), indent, rest));
        self.0.push('\n');
    }

    fn more(&mut self, count: usize) {
        if count > SHOWN {
            self.line(2, &format!("… and {} more", count - SHOWN));
        }
    }

    fn profile(&mut self, profile: &Profile, answers: &[Answer<'_>]) {
        let met = if profile::is_met(answers) { "nothing is missing that it demands" } else { "not met" };
        let provisional = if profile.is_provisional() { ", PROVISIONAL" } else { "" };
        self.line(0, &format!("\n{}{provisional}: {met}", profile.id));
        self.line(2, &format!("{} ({})", profile.edition, profile.status.note()));
        self.table(answers);
        for weight in Weight::ALL {
            let unmet = |answer: &&Answer<'_>| matches!(answer.outcome, Outcome::Unmet { .. });
            let unmet: Vec<&Answer<'_>> = of(answers, weight).filter(unmet).collect();
            if !unmet.is_empty() {
                self.line(2, &format!("\n{}", missing(weight)));
                unmet.iter().for_each(|answer| self.unmet(answer));
            }
        }
        let instead = answers.iter().filter_map(|answer| match &answer.outcome {
            Outcome::Met { instead, findings } if *instead > 0 => Some((answer.rule, counted(findings))),
            _ => None,
        });
        self.group(
            "Met by something that stands for the value:",
            instead.map(|(rule, findings)| format!("- {} {}: {findings}", rule.id, rule.title)),
        );
        let open = answers.iter().filter_map(|answer| match answer.outcome {
            Outcome::NotEvaluable(why) if answer.rule.obligation.weight() != Weight::May => Some((answer.rule, why)),
            _ => None,
        });
        self.group(
            "Not evaluable here, so neither met nor unmet:",
            open.map(|(rule, why)| format!("- {} {} ({}): {why}", rule.id, rule.title, rule.obligation.name())),
        );
        self.line(2, &format!("\ndata {}", profile.sha256()));
    }

    fn group(&mut self, title: &str, entries: impl Iterator<Item = String>) {
        for (index, entry) in entries.enumerate() {
            if index == 0 {
                self.line(2, &format!("\n{title}"));
            }
            self.line(2, &entry);
        }
    }

    fn table(&mut self, answers: &[Answer<'_>]) {
        self.0.push_str("\n          met   unmet   not evaluable   not applicable\n");
        for weight in Weight::ALL {
            let counts = |name: &str, answer: &Answer<'_>| answer.outcome.name() == name && !answer.rule.is_given();
            let count = |name: &str| of(answers, weight).filter(|answer| counts(name, answer)).count();
            let [met, unmet, open, none] = ["met", "unmet", "not evaluable", "not applicable"].map(count);
            if met + unmet + open + none > 0 {
                self.0.push_str(&format!("  {:<6} {met:>4} {unmet:>7} {open:>15} {none:>16}\n", weight.name()));
            }
        }
        let given: Vec<&str> = answers.iter().filter(|a| a.rule.is_given()).map(|answer| answer.rule.id).collect();
        if !given.is_empty() {
            let given = given.join(", ");
            self.line(2, &format!("not counted, because every document that is read meets it: {given}"));
        }
    }

    fn unmet(&mut self, answer: &Answer<'_>) {
        let Outcome::Unmet { lacking, asked, first } = &answer.outcome else { return };
        let rule = answer.rule;
        let ours = match rule.obligation {
            Obligation::Must | Obligation::Should | Obligation::May => "",
            other => &format!(", {}", other.name()),
        };
        let many = match asked {
            0 => format!(": nothing is listed that it could ask of ({})", rule.scope.name()),
            1 => String::new(),
            _ => format!(": {lacking} of {asked}"),
        };
        self.line(2, &format!("- {} {} ({}{ours}){many}", rule.id, rule.title, rule.clause));
        self.hanging(6, 10, &format!("asked: {}", rule.ask.words()));
        for node in first.iter().take(NAMED).filter(|node| !node.place.is_empty()) {
            self.hanging(6, 10, &named(*node));
        }
        let shown = first.iter().take(NAMED).filter(|node| !node.place.is_empty()).count();
        if shown > 0 && *lacking > shown {
            self.line(6, &format!("… and {} more", lacking - shown));
        }
    }

    fn files(&mut self, files: &Files) {
        self.line(0, "\nFiles");
        self.line(
            2,
            &match files.listed + files.unlisted.len() {
                0 => "no files are there that could be listed".to_owned(),
                all => format!("{} of {all} files are listed by digest", files.listed),
            },
        );
        for file in files.unlisted.iter().take(SHOWN) {
            self.line(2, &format!("- not listed: {file}"));
        }
        self.more(files.unlisted.len());
        for entry in files.unread.iter().take(SHOWN) {
            self.line(2, &format!("- not read: {entry}"));
        }
        self.more(files.unread.len());
        for (name, place) in files.absent.iter().take(SHOWN) {
            self.line(2, &format!("- no such file: {name} at {place}"));
        }
        self.more(files.absent.len());
        if files.undecided > 0 {
            self.line(2, &format!("{} components have no digest that can be compared", files.undecided));
        }
    }

    /// One line that sums up, and what to do next.
    fn next(&mut self, report: &Report<'_>) {
        let mut parts = Vec::new();
        if !report.refused.is_empty() {
            parts.push(format!("{} violations of the format", report.refused.len()));
        }
        for (profile, answers) in report.answers {
            let fails = answers.iter().filter(|answer| answer.fails()).count();
            let open = |answer: &&Answer<'_>| {
                answer.rule.obligation.fails() && matches!(answer.outcome, Outcome::NotEvaluable(_))
            };
            let open = answers.iter().filter(open).count();
            let musts = if fails == 1 { "must" } else { "musts" };
            parts.push(format!("{}: {fails} {musts} unmet, {open} not evaluable", profile.id));
        }
        if let Some(files) = report.files {
            parts.push(format!("{} files not listed", files.unlisted.len()));
        }
        if parts.is_empty() {
            self.line(0, "\nNo profile was asked for; `--profile ID` holds the document against a standard.");
        } else {
            self.line(0, &format!("\nIn short: {}.", parts.join("; ")));
        }
        if !report.refused.is_empty() {
            self.line(0, "Next: `vidimus explain CODE` says what a code means and how to mend it.");
        } else if report.answers.iter().any(|(_, answers)| !profile::is_met(answers)) {
            self.line(0, "Next: docs/profiles/ has each rule, and where every format keeps what it asks for.");
        }
    }
}

fn of<'a>(answers: &'a [Answer<'a>], weight: Weight) -> impl Iterator<Item = &'a Answer<'a>> {
    answers.iter().filter(move |answer| answer.rule.obligation.weight() == weight)
}

const fn missing(weight: Weight) -> &'static str {
    match weight {
        Weight::Must => "Missing, and it must be there:",
        Weight::Should => "Missing, and it should be there:",
        Weight::May => "Could be added:",
    }
}

/// `stated to be unknown, 3 times; stated to be withheld`.
pub(super) fn counted(findings: &[(&str, usize)]) -> String {
    let each = findings.iter().map(|(finding, count)| match count {
        1 => (*finding).to_owned(),
        _ => format!("{finding}, {count} times"),
    });
    each.collect::<Vec<_>>().join("; ")
}

/// `zlib at /components/0`.
pub(super) fn named(node: Lacking<'_>) -> String {
    match (node.name, node.place) {
        ("", "") => "the document".to_owned(),
        ("", place) => place.to_owned(),
        (name, place) => format!("{name} at {place}"),
    }
}
