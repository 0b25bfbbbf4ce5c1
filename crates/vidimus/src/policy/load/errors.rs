//! What can be wrong with a policy, and how it is shown: every error at once, each with a caret under its place.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};

use crate::reason::{Reason, ReasonInfo};
use crate::render::escape;

crate::reasons! {
    UNREADABLE = "policy.unreadable", Unproven, Operator, [],
        says "the policy, its anchor, or a file that it names, cannot be read",
        why "A verdict quotes the digest of the policy and of every file that it names; what cannot be read cannot be quoted.",
        fix "Check the path and the permissions. Paths in a policy are relative to the policy's own folder.";
    TOO_LARGE = "policy.too-large", Unproven, Operator, [],
        says "the policy, its anchor, or a file beside it, is larger than allowed",
        why "A policy is at most 1 MiB, a key 64 KiB, a trusted root 4 MiB, an anchor 64 KiB. Larger files are a mistake in the path.",
        fix "Check that the path names the intended file.";
    PATH = "policy.path", Unproven, Operator, [],
        says "a path in the policy is not a portable path inside the policy's folder",
        why "A policy travels with its files as one unit that a digest covers. A path that leaves the folder, also through a link, means something else on the next machine (T32, T33).",
        fix "Copy the file beside the policy and name it with a relative path, `/` between its parts.";
    SYNTAX = "policy.syntax", Unproven, Operator, [],
        says "the policy, or its anchor, is not TOML 1.0",
        why "Newer TOML grammars accept more; a policy that only some readers understand would be judged differently on different machines.",
        fix "Correct the place that is marked. Inline tables stand on one line without a comma at the end; strings have no `\\e` and `\\x`; times have seconds.";
    KEY_TWICE = "policy.key-twice", Unproven, Operator, [],
        says "a key stands twice in one table",
        why "Readers disagree about which of the two counts.",
        fix "Keep one of them.";
    UNKNOWN_KEY = "policy.unknown-key", Unproven, Operator, [],
        says "the policy, or its anchor, has a key that is not known in this place",
        why "A requirement that is misspelt would silently not be asked. What this version cannot check must not look as if it were checked (T32).",
        fix "Correct the name, or remove the key.";
    TYPE = "policy.type", Unproven, Operator, [],
        says "a value in the policy, or in its anchor, is of the wrong type",
        why "Values are never converted: `\"3\"` is not 3.",
        fix "Write the value as the message says.";
    MISSING_KEY = "policy.missing-key", Unproven, Operator, [],
        says "a key that is required here is missing",
        why "Nothing that decides about trust has a silent default.",
        fix "Add the key.";
    BAD_VALUE = "policy.bad-value", Unproven, Operator, [],
        says "a value in the policy, or in its anchor, is not one that is allowed here",
        why "A value that means nothing would make a requirement that means nothing.",
        fix "Use a value as the message says.";
    SCHEMA = "policy.schema", Unproven, Operator, [],
        says "the policy is written for another version of the policy language",
        why "Another version can mean something else by the same words.",
        fix "Use `schema = \"urn:vidimus:policy:v1\"`, and `semantics = 1` if it is stated.";
    UNKNOWN_REFERENCE = "policy.unknown-reference", Unproven, Operator, [],
        says "the policy refers to a party, identity, instance, class, builder or predicate that it does not define",
        why "A reference to nothing would be a requirement that nobody can meet or a grant to nobody.",
        fix "Correct the name, or define what it refers to.";
    ID_TWICE = "policy.id-twice", Unproven, Operator, [],
        says "two things in the policy have the same id",
        why "Verdicts, waivers and people refer to things by their id.",
        fix "Give each its own id.";
    RESERVED_ID = "policy.reserved-id", Unproven, Operator, [],
        says "an id begins with `vidimus.`",
        why "These ids are kept for what is always checked, so that nobody can pass off a rule as built in.",
        fix "Choose another id.";
    DUP_KEY = "policy.dup-key", Unproven, Operator, [],
        says "one public key, or one certificate identity, belongs to two identities, or to two signers of an anchor",
        why "One key under two names could speak as two parties, and validity windows would contradict each other (T22).",
        fix "Keep one identity, and one signer, per key. If the files differ only in their text, they still hold the same key.";
    KEY = "policy.key", Unproven, Operator, [],
        says "a public key of the policy cannot be used",
        why "Only keys whose signatures can be checked strictly are taken.",
        fix "Use a PEM public key (SubjectPublicKeyInfo), a minisign public key or an OpenSSH public key, as `type` says: Ed25519, ECDSA on P-256 or P-384, or RSA with 2048 to 8192 bits.";
    WEAK_KEY = "policy.weak-key", Unproven, Operator, [],
        says "a public key of the policy is weak",
        why "With a small-order Ed25519 key one signature fits every message; a short RSA key can be factored.",
        fix "Ask the party for a proper key over a channel that you trust.";
    ALGORITHM = "policy.algorithm", Unproven, Operator, [],
        says "the algorithm of a key is not stated where it must be, not the key's, or not accepted by the policy",
        why "The algorithm comes from the policy, never from what is signed. RSA keys fit several schemes, so the policy says which, and accepts RSA only when asked to.",
        fix "State `algorithm` of the identity, and list it in `algorithms.signature`.";
    DIGEST = "policy.digest", Unproven, Operator, [],
        says "a file that the policy pins has another digest",
        why "Whoever can change the trusted root decides who is believed; the pin makes such a change visible (T32).",
        fix "If the file was changed on purpose and reviewed, write its new digest into the policy. If not, restore the file.";
    TRUSTED_ROOT = "policy.trusted-root", Unproven, Operator, [],
        says "a trusted root cannot be used",
        why "Nothing verifies against a root without authorities or logs, and a weak log key verifies everything.",
        fix "Use the `trusted_root.json` of the Sigstore instance.";
    WEAK_QUORUM = "policy.weak-quorum", Unproven, Operator, [],
        says "a quorum cannot hold what it promises",
        why "A quorum that one company or one country can meet alone, or that a log can meet twice with two different trees, protects from nothing (2k − n > b, `verification.md` 5.6).",
        fix "Require more groups, or list parties with other owners and in other countries.";
    VACUOUS = "policy.vacuous", Unproven, Operator, [],
        says "a part of the policy asks for nothing or allows nothing",
        why "All of nothing is always true: an empty list under a requirement is a pass that nobody earned (T2).",
        fix "State what is required, or remove the part.";
    UNSATISFIABLE = "policy.unsatisfiable", Unproven, Operator, [],
        says "no grant could ever satisfy a rule",
        why "A rule that must fail hides what else is wrong, and sooner or later somebody removes it.",
        fix "Grant a party what the rule asks for, or correct the rule.";
    PROFILE_CONFLICT = "policy.profile-conflict", Unproven, Operator, [],
        says "no document can meet the profiles of one rule together",
        why "Two standards that exclude each other make a rule that always fails, and two failures that nobody can explain (`standards.md` 1.4).",
        fix "Ask for them in two rules, and deliver one SBOM for each; verify holds each rule against every SBOM that counts.";
    WAIVER = "policy.waiver", Unproven, Operator, [],
        says "a waiver goes beyond what `waiver_rules` allows",
        why "A waiver lifts a requirement that nobody met. It is for a time, approved by several, and never for what the policy keeps from waivers (T37).",
        fix "Shorten the window, get the approvals that are asked for, or have the requirement met.";
    LIMIT = "policy.limit", Unproven, Operator, [],
        says "a limit is above its ceiling or below one",
        why "Ceilings bound the work that a hostile delivery can cause; a policy may lower them, never raise them.",
        fix "Choose a value within the range that the message states.";
    WINDOW = "policy.window", Unproven, Operator, [],
        says "a span of time ends before it starts, or has no end at all",
        why "No time lies in it, so nothing could ever count; without any bound it restricts nothing.",
        fix "Correct the times.";
    CYCLE = "policy.cycle", Unproven, Operator, [],
        says "parties own each other in a circle",
        why "Ownership decides who is independent of whom; a circle has no owner.",
        fix "Correct `controlled_by`.";
    DELEGATION_LOOP = "policy.delegation-loop", Unproven, Operator, [],
        says "delegations lead back to the party that they start from",
        why "Two parties that vouch for each other, or one that vouches for itself, rest on nothing but their own word (T25).",
        fix "Remove one of the delegations.";
    COUNTRY = "policy.country", Unproven, Operator, [],
        says "a jurisdiction is not a country code",
        why "Country codes are ISO 3166-1 alpha-2 in upper case, so that the same country is always the same word.",
        fix "Use the two-letter code, such as `NO`.";
    SAN = "policy.san", Unproven, Operator, [],
        says "a subject alternative name is too wide, or looks like a pattern",
        why "Names are compared exactly or by an anchored prefix. Patterns are how signatures of strangers were accepted (T34).",
        fix "Write the exact name, or a prefix with scheme, host and owner that ends where the tag or branch begins.";
}

/// One error in a policy.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// Its code and what is always said about it.
    pub info: &'static ReasonInfo,
    /// What is wrong here.
    pub message: String,
    /// Line of the policy file, from 1; `None` where the file itself could not be read.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    span: Option<Range<usize>>,
}

/// Everything that is wrong with a policy or an anchor, in the order of the file; never empty.
#[derive(Clone, Debug)]
pub struct LoadErrors {
    what: &'static str,
    path: String,
    source: String,
    errors: Vec<LoadError>,
    notes: Vec<String>,
}

impl LoadErrors {
    /// A policy that can be read, and why it is not used all the same; `notes` say what else was seen.
    pub(in crate::policy) fn refused(path: &str, reasons: &[Reason], notes: &[Reason]) -> Self {
        let error = |reason: &Reason| LoadError {
            info: reason.info(),
            message: escape(&reason.sentence()),
            line: None,
            column: None,
            span: None,
        };
        Self {
            what: "policy",
            path: path.to_owned(),
            source: String::new(),
            errors: reasons.iter().map(error).collect(),
            notes: notes.iter().map(|note| escape(&note.sentence())).collect(),
        }
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> &[LoadError] {
        &self.errors
    }

    /// The path of the file as the user gave it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All errors with the place in the source, for people.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
        let mut out = String::new();
        for error in &self.errors {
            let title = Level::ERROR.primary_title(error.message.as_str()).id(error.info.code);
            let help = Level::HELP.message(error.info.fix);
            let group = match &error.span {
                Some(span) => title.element(
                    Snippet::source(self.source.as_str())
                        .path(self.path.as_str())
                        .annotation(AnnotationKind::Primary.span(span.clone())),
                ),
                None => title.element(annotate_snippets::Origin::path(self.path.as_str())),
            };
            out.push_str(&renderer.render(&[group.element(help)]));
            out.push_str("\n\n");
        }
        let count = self.errors.len();
        let noun = if count == 1 { "error" } else { "errors" };
        for note in &self.notes {
            out.push_str(&format!("note: {note}\n\n"));
        }
        out.push_str(&format!("{}: {count} {noun}; the {} is not used\n", self.path, self.what));
        out
    }
}

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for LoadErrors {}

/// Collects errors while a policy is read.
#[derive(Debug, Default)]
pub(in crate::policy) struct Errors(Vec<(&'static ReasonInfo, Option<Range<usize>>, String)>);

impl Errors {
    pub(in crate::policy) fn add(
        &mut self,
        info: &'static ReasonInfo,
        span: &Range<usize>,
        message: impl Into<String>,
    ) {
        self.0.push((info, Some(span.clone()), message.into()));
    }

    pub(in crate::policy) fn add_without_place(&mut self, info: &'static ReasonInfo, message: impl Into<String>) {
        self.0.push((info, None, message.into()));
    }

    pub(in crate::policy) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors with their places worked out. Called when there is no policy, so there is at least one.
    pub(super) fn finish(self, path: &str, source: &str) -> LoadErrors {
        self.finish_as("policy", path, source)
    }

    /// The same for what is not a policy.
    pub(in crate::policy) fn finish_as(mut self, what: &'static str, path: &str, source: &str) -> LoadErrors {
        if self.is_empty() {
            self.add_without_place(&UNREADABLE, format!("the {what} cannot be used"));
        }
        let mut found = self.0;
        let start = |span: &Option<Range<usize>>| span.as_ref().map_or(0, |s| s.start);
        found.sort_by(|a, b| (start(&a.1), a.0.code, &a.2).cmp(&(start(&b.1), b.0.code, &b.2)));
        found.dedup_by(|a, b| a.0.code == b.0.code && a.1 == b.1 && a.2 == b.2);
        let errors: Vec<LoadError> = found
            .into_iter()
            .map(|(info, span, message)| {
                let span = span.map(|span| visible(source, span));
                let place = span.as_ref().map(|span| place(source, span.start));
                LoadError { info, message, line: place.map(|p| p.0), column: place.map(|p| p.1), span }
            })
            .collect();
        LoadErrors { what, path: path.to_owned(), source: source.to_owned(), errors, notes: Vec::new() }
    }
}

/// Only the first line of the span, within the source and on character boundaries.
fn visible(source: &str, span: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(source.len());
        while !source.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(span.start), floor(span.end));
    let first = source.get(start..end.max(start)).unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
    start..start + first.len()
}

fn place(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}
