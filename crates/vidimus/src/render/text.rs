//! The verdict for people: the answer first, then who must do what, and one last line that scripts can rely on.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Page, counted, size};
use super::{VerdictFile, answer, escape, unmet, waived};
use crate::conclude::{Accepted, Answer, Argument, Basis, Details, Rejected, Unmet, VerdictCore};
use crate::policy::{Policy, Rule};
use crate::reason;

/// What a reader wants to see, and what helps to say it. Nothing here changes what is said about the answer.
#[derive(Clone, Debug, Default)]
pub struct TextOptions<'a> {
    /// Mark headings and the answer with ANSI styles.
    pub color: bool,
    /// List everything: files of met rules, all reasons, evidence by name.
    pub verbose: bool,
    /// Evidence that was taken from beside the delivery.
    pub taken: Vec<String>,
    /// In which files each evidence item stands ([`super::evidence_files`]).
    pub evidence_files: BTreeMap<String, Vec<String>>,
    /// For the titles of rules and the names of parties.
    pub policy: Option<&'a Policy>,
}

/// The verdict as text of at most 100 columns where words allow it, ending with the summary line.
#[must_use]
pub fn text(file: &VerdictFile, options: &TextOptions<'_>) -> String {
    let digests = (format!("sha256:{}", file.core_sha256), format!("sha256:{}", file.decision_sha256));
    write(&View::new(&file.core, &file.details, digests, options))
}

fn write(view: &View<'_>) -> String {
    let mut page = Page::new(view.options.color);
    answer::head(&mut page, view);
    let shown = unmet::by_party(&mut page, view);
    waived::all(&mut page, view);
    answer::proven(&mut page, view);
    answer::unverified(&mut page, view);
    unmet::other_rejected(&mut page, view, &shown);
    answer::caveats(&mut page, view);
    unmet::next_steps(&mut page, view);
    page.blank();
    page.line(&view.summary());
    page.finish()
}

/// A verdict under the reader's options.
pub(super) struct View<'a> {
    pub(super) core: &'a VerdictCore,
    pub(super) details: &'a Details,
    pub(super) options: &'a TextOptions<'a>,
    core_sha256: String,
    decision_sha256: String,
    // By what lists are joined: without these, a delivery of many files would take the square of their number.
    paths: BTreeMap<&'a str, Vec<&'a str>>,
    claims: BTreeMap<&'a str, Vec<&'a Accepted>>,
    rejected: BTreeMap<&'a str, Vec<&'a Rejected>>,
    rejected_about: BTreeMap<&'a str, Vec<&'a Rejected>>,
    rejected_files: BTreeSet<&'a str>,
}

impl<'a> View<'a> {
    fn new(
        core: &'a VerdictCore,
        details: &'a Details,
        digests: (String, String),
        options: &'a TextOptions<'a>,
    ) -> Self {
        let (core_sha256, decision_sha256) = digests;
        let mut view = Self {
            core,
            details,
            options,
            core_sha256,
            decision_sha256,
            paths: BTreeMap::new(),
            claims: BTreeMap::new(),
            rejected: BTreeMap::new(),
            rejected_about: BTreeMap::new(),
            rejected_files: BTreeSet::new(),
        };
        for subject in &core.subjects {
            view.paths.entry(&subject.sha256).or_default().push(&subject.path);
        }
        for claim in &details.accepted {
            view.claims.entry(&claim.evidence).or_default().push(claim);
        }
        for rejected in &core.rejected {
            view.rejected.entry(&rejected.evidence).or_default().push(rejected);
        }
        for (id, paths) in &details.claimed_about {
            for path in paths {
                let about = view.rejected_about.entry(path).or_default();
                about.extend(view.rejected.get(id.as_str()).into_iter().flatten());
            }
        }
        let files = core.rejected.iter().filter_map(|rejected| options.evidence_files.get(&rejected.evidence));
        view.rejected_files.extend(files.flatten().map(String::as_str));
        view
    }

    pub(super) fn passes(&self) -> bool {
        self.core.verdict == Answer::Pass
    }

    pub(super) fn met(&self) -> u64 {
        self.core.met.iter().map(|met| met.count).sum()
    }

    pub(super) fn unmet(&self) -> u64 {
        self.core.unmet.iter().filter(|unmet| unmet.waiver.is_none()).count() as u64
    }

    /// Requirements that are let pass by a waiver.
    pub(super) fn waived(&self) -> impl Iterator<Item = (&'a Unmet, &'a str)> {
        self.core.unmet.iter().filter_map(|unmet| Some((unmet, unmet.waiver.as_deref()?)))
    }

    pub(super) fn rule(&self, id: &str) -> Option<&'a Rule> {
        self.options.policy?.rules.iter().find(|rule| rule.id == id)
    }

    /// `id (note): title`, or without a title.
    pub(super) fn rule_name(&self, id: &str, note: &str) -> String {
        let title = self.rule(id).and_then(|rule| rule.title.as_deref());
        let title = title.or((id == crate::check::BUILT_IN_RULE).then_some("what every delivery is held to"));
        let title = title.map_or_else(String::new, |title| format!(": {}", escape(title)));
        format!("{} ({note}){title}", escape(id))
    }

    /// `identity of NAME (SE, NO)`, or `identity of party-id`.
    pub(super) fn signer(&self, claim: &Accepted) -> String {
        let party = self.options.policy.and_then(|policy| policy.parties.get(&claim.party));
        let party = party.map_or_else(
            || escape(&claim.party),
            |party| format!("{} ({})", escape(&party.name), escape(&party.jurisdictions.join(", "))),
        );
        format!("{} of {party}", escape(&claim.identity))
    }

    /// The policy's word for a predicate type, else the type.
    pub(super) fn predicate(&self, claim: &Accepted) -> String {
        let aliases = self.options.policy.into_iter().flat_map(|policy| &policy.predicates);
        let alias = aliases.into_iter().find(|(_, types)| types.contains(&claim.predicate)).map(|(alias, _)| alias);
        match (alias, claim.predicate.as_str()) {
            (Some(alias), _) => escape(alias),
            (None, "file") => "signature over the file".to_owned(),
            (None, "layout") => "layout of in-toto".to_owned(),
            (None, uri) => escape(uri),
        }
    }

    /// The file or files in which evidence stands, else its id.
    pub(super) fn evidence(&self, id: &str) -> String {
        match self.options.evidence_files.get(id).map(Vec::as_slice) {
            None | Some([]) => escape(id),
            Some([path]) => escape(path),
            Some([path, rest @ ..]) => {
                format!("{} and {}", escape(path), counted(rest.len() as u64, "other file", "other files"))
            }
        }
    }

    /// Paths of the judged files that are this node.
    pub(super) fn paths_of(&self, node: &str) -> &[&'a str] {
        let hex = node.strip_prefix("sha256:").unwrap_or_default();
        self.paths.get(hex).map_or(&[], Vec::as_slice)
    }

    /// What accepted evidence says.
    pub(super) fn claims(&self, evidence: &str) -> &[&'a Accepted] {
        self.claims.get(evidence).map_or(&[], Vec::as_slice)
    }

    /// Rejected evidence that claims to be about one of `paths`, sorted, each once.
    pub(super) fn rejected_about(&self, paths: &[&str]) -> BTreeSet<&'a Rejected> {
        paths.iter().filter_map(|path| self.rejected_about.get(path)).flatten().copied().collect()
    }

    /// Does this file hold evidence that was rejected?
    pub(super) fn holds_rejected(&self, path: &str) -> bool {
        self.rejected_files.contains(path)
    }

    /// One line, never wrapped, never coloured. Its form is stable: words are added at the end only.
    fn summary(&self) -> String {
        let answer = if self.passes() { "PASS" } else { "FAIL" };
        let basis = match self.core.basis {
            Basis::Proven => "proven",
            Basis::ProvenWithWaivers => "proven-with-waivers",
            Basis::Unproven => "unproven",
            Basis::Refuted => "refuted",
        };
        let waived = match self.waived().count() {
            0 => String::new(),
            count => format!(" waived={count}"),
        };
        format!(
            "vidimus: {answer} basis={basis} files={} met={} unmet={} rejected={} core={} decision={}{waived}",
            self.core.inputs.inventory.files,
            self.met(),
            self.unmet(),
            self.core.rejected.len(),
            self.core_sha256,
            self.decision_sha256,
        )
    }

    /// `3 files, 1.2 MiB`.
    pub(super) fn delivered(&self) -> String {
        let inventory = &self.core.inputs.inventory;
        format!("{}, {}", counted(inventory.files, "file", "files"), size(inventory.bytes))
    }
}

/// The sentence of a reason in a core, from its code and arguments.
pub(super) fn sentence(code: &str, args: &BTreeMap<String, Argument>) -> String {
    if let Some(info) = reason::by_code(code) {
        return reason::sentence(info, |name| args.get(name).map(argument));
    }
    // A core of a newer version: its arguments still tell something.
    let listed: Vec<String> = args.iter().map(|(name, arg)| format!("{} {}", escape(name), argument(arg))).collect();
    if listed.is_empty() { "(this version does not know the code)".to_owned() } else { listed.join(", ") }
}

fn argument(argument: &Argument) -> String {
    const LISTED: usize = 10;
    match argument {
        Argument::Int(int) => int.to_string(),
        Argument::Text(text) => escape(text),
        Argument::List(list) => {
            let mut shown: Vec<String> = list.iter().take(LISTED).map(|item| escape(item)).collect();
            if let more @ 1.. = list.len().saturating_sub(LISTED) {
                shown.push(format!("and {more} more"));
            }
            shown.join(", ")
        }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
