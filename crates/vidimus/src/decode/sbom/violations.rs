//! What is wrong with a document by the rules of its own format: each with its place, several at once, sorted by place.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::model::Sbom;
use super::spdx::tag_value::TagLines;
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    MISSING_MEMBER = "sbom.missing-member", Unproven, Vendor, ["format", "member", "place"],
        says "{format}: {place} has no {member}",
        why "The declared version of the format requires it; a reader that fills the gap in decides what the document means (INT-02).",
        fix "Produce the document again with a tool that follows the declared version, or declare the version that the tool writes.";
    UNKNOWN_MEMBER = "sbom.unknown-member", Unproven, Vendor, ["format", "member", "place"],
        says "{format}: {place} has a member {member} that the version does not define",
        why "What one reader ignores another may read, so a closed object has no other members than the format defines (INT-02).",
        fix "Remove the member, or declare the version of the format that defines it.";
    WRONG_TYPE = "sbom.wrong-type", Unproven, Vendor, ["expected", "format", "place"],
        says "{format}: {place} is not {expected}",
        why "A value of another type than the format defines is understood differently by every reader (INT-02).",
        fix "Produce the document again with a tool that follows the declared version.";
    WRONG_WORD = "sbom.wrong-word", Unproven, Vendor, ["format", "found", "place"],
        says "{format}: {place} is {found}, which is none of the words that the version allows",
        why "A closed list of words is what makes two readers mean the same; a word outside it has no meaning that anybody agreed on (INT-02).",
        fix "Use a word of the declared version, or declare the version that has this word.";
    WRONG_FORM = "sbom.wrong-form", Unproven, Vendor, ["expected", "format", "place"],
        says "{format}: {place} is not written as {expected}",
        why "The format fixes how the value is written, so that readers can compare it (INT-02).",
        fix "Write the value in the form that the specification gives.";
    WRONG_COUNT = "sbom.wrong-count", Unproven, Vendor, ["expected", "format", "place"],
        says "{format}: {place} does not have {expected}",
        why "The format fixes how many there must be (INT-02).",
        fix "Produce the document again with a tool that follows the declared version.";
    REPEATED = "sbom.repeated", Unproven, Vendor, ["format", "place"],
        says "{format}: {place} repeats an earlier entry",
        why "The format says that entries are unique; of two equal ones a reader may count one or both (INT-02).",
        fix "Write each entry once.";
    EXCLUDED = "sbom.excluded", Unproven, Vendor, ["format", "members", "place"],
        says "{format}: {place} must have one of {members}, and only one",
        why "The format makes these members exclude each other; with several, or none, readers choose differently (INT-02).",
        fix "Keep the member that is meant.";
    MORE = "sbom.more-violations", Unproven, Vendor, ["count"],
        says "{count} more violations of the format are not listed",
        why "Lists are bounded, so that no document can exhaust the machine (T36).",
        fix "Correct those that are listed and verify again.";
}

/// How many are listed.
const LISTED: usize = 100;

/// A document that breaks the rules of its own format: what could be read of it, and all that is wrong.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// What could be read.
    pub sbom: Option<Box<Sbom>>,
    /// Why it is refused, by place; never empty.
    pub reasons: Vec<Reason>,
    /// The codes of everything that is wrong, also of what is not listed.
    pub codes: BTreeSet<&'static str>,
}

/// An SBOM that counts.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The SBOM.
    pub sbom: &'a Sbom,
    /// What is wrong with it and tolerated by the policy.
    pub violations: &'a [Reason],
}

impl Invalid {
    /// What could be read, if the policy tolerates each kind of violation that there is.
    #[must_use]
    pub fn tolerated(&self, tolerate: &BTreeSet<String>) -> Option<Held<'_>> {
        let all = !self.codes.is_empty() && self.codes.iter().all(|code| tolerate.contains(*code));
        let sbom = self.sbom.as_deref().filter(|_| all)?;
        Some(Held { sbom, violations: &self.reasons })
    }

    /// The first reason, by place.
    #[must_use]
    pub fn first(self) -> Reason {
        self.reasons.into_iter().next().unwrap_or_else(|| Reason::new(&MORE).int("count", 0))
    }
}

impl From<Reason> for Invalid {
    fn from(reason: Reason) -> Self {
        let codes = BTreeSet::from([reason.code()]);
        Self { sbom: None, reasons: vec![reason], codes }
    }
}

/// Where things stand in the text that a document was read from: of JSON the pointer says it, of tag-value the line.
#[derive(Debug, Default)]
pub(super) enum Lines {
    /// The pointer.
    #[default]
    Json,
    /// Lines of what pointers lead to.
    TagValue(Box<TagLines>),
}

impl Lines {
    /// How a place is named: `/packages/3`, or `line 12`, of the nearest that has a line.
    pub(super) fn name(&self, pointer: &str) -> String {
        let Self::TagValue(lines) = self else {
            return if pointer.is_empty() { "/".to_owned() } else { pointer.to_owned() };
        };
        // What was wrong with a line itself has its line already.
        if pointer.starts_with("line-") { pointer.to_owned() } else { format!("line-{}", lines.of(pointer)) }
    }

    pub(super) const fn suffix(&self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::TagValue(_) => "tag-value",
        }
    }
}

/// Collects violations.
#[derive(Debug)]
pub(super) struct Violations {
    format: &'static str,
    lines: Lines,
    list: Vec<(String, Reason)>,
    codes: BTreeSet<&'static str>,
    more: u64,
}

impl Violations {
    /// None yet; `format` names the format and version in sentences.
    pub(super) const fn new(format: &'static str) -> Self {
        Self::of_lines(format, Lines::Json)
    }

    /// None yet, of a document that is no JSON: its places are lines.
    pub(super) const fn of_lines(format: &'static str, lines: Lines) -> Self {
        Self { format, lines, list: Vec::new(), codes: BTreeSet::new(), more: 0 }
    }

    /// How a place is named: the JSON Pointer itself, or the line that it leads to.
    pub(super) fn place(&self, pointer: &str) -> String {
        self.lines.name(pointer)
    }

    /// Takes over what another reader found.
    pub(super) fn absorb(&mut self, other: Self) {
        self.list.extend(other.list);
        self.codes.extend(other.codes);
        self.more += other.more;
    }

    /// None at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Something is wrong at a place, given as JSON Pointer.
    pub(super) fn add(&mut self, info: &'static ReasonInfo, pointer: &str, args: impl FnOnce(Reason) -> Reason) {
        self.codes.insert(info.code);
        // Ten times what is listed is kept, so that what is listed comes first in the document, in any order of finding.
        if self.list.len() >= LISTED * 10 {
            self.more += 1;
            return;
        }
        let place = self.place(pointer);
        let mut reason = Reason::new(info);
        if info.args.contains(&"place") {
            reason = reason.evidence("place", &place);
        }
        if info.args.contains(&"format") {
            reason = reason.name("format", self.format);
        }
        self.list.push((place, args(reason)));
    }

    /// The model if nothing is wrong; otherwise both.
    pub(super) fn verdict(self, sbom: Option<Sbom>) -> Result<Sbom, Invalid> {
        match sbom {
            Some(sbom) if self.list.is_empty() => Ok(sbom),
            sbom => {
                let codes = self.codes.clone();
                Err(Invalid { sbom: sbom.map(Box::new), reasons: self.sorted(), codes })
            }
        }
    }

    /// By place, then by code, then by what they say.
    pub(super) fn sorted(mut self) -> Vec<Reason> {
        self.list.sort_by(|a, b| by_place(&a.0, &b.0).then_with(|| a.1.cmp(&b.1)));
        self.list.dedup();
        let more = self.more + self.list.len().saturating_sub(LISTED) as u64;
        let mut reasons: Vec<Reason> = self.list.into_iter().take(LISTED).map(|(_, reason)| reason).collect();
        if more > 0 {
            reasons.push(Reason::new(&MORE).int("count", more));
        }
        reasons
    }
}

/// Numbers in places are compared as numbers: `/packages/9` is before `/packages/10`, `line-9` before `line-10`.
fn by_place(a: &str, b: &str) -> Ordering {
    let number = |part: &str| part.strip_suffix(']').unwrap_or(part).parse::<u64>();
    let mut others = b.split(['/', '-', '[']);
    for part in a.split(['/', '-', '[']) {
        let Some(other) = others.next() else { return Ordering::Greater };
        let order = match (number(part), number(other)) {
            (Ok(number), Ok(other)) => number.cmp(&other),
            _ => part.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// A name as a step of a JSON Pointer (RFC 6901).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn places_are_in_document_order_and_lists_are_bounded() {
        let mut sorted = vec!["/a/10", "/a/9", "", "/a", "/b/0/x", "/a/9/b", "line-10", "line-9"];
        sorted.sort_by(|a, b| by_place(a, b));
        assert_eq!(sorted, ["", "/a", "/a/9", "/a/9/b", "/a/10", "/b/0/x", "line-9", "line-10"]);
        let mut many = Violations::new("X");
        for index in (0..2_000).rev() {
            many.add(&REPEATED, &format!("/a/{index}"), |reason| reason);
        }
        let reasons = many.verdict(None).unwrap_err().reasons;
        assert_eq!(reasons.len(), LISTED + 1);
        assert_eq!(reasons.last().map(Reason::sentence).unwrap(), "1900 more violations of the format are not listed");
    }
}
