//! How artifact rules are applied (sections 4.3.3.1 to 4.3.3.3): one after the other on the artifacts that no rule before took. What no
//! rule takes is allowed.

use std::collections::{BTreeMap, BTreeSet};

use super::glob::Glob;
use super::parameters::Parameters;
use crate::decode::Artifacts;
use crate::decode::in_toto::{Match, Rule};
use crate::digest::{Algorithm, DigestSet};
use crate::reason::Reason;

crate::reasons! {
    DISALLOWED = "layout.disallowed", Unproven, Vendor, ["artifact", "kind", "step"],
        says "in the step {step} the layout has no place for {artifact} among the {kind}",
        why "Each artifact must come from where the layout says. One that no rule takes before a DISALLOW came from elsewhere, or was changed on the way.",
        fix "Find out where the artifact came from and repeat the steps; or have the owner of the layout allow it and sign again.";
    REQUIRED = "layout.required", Unproven, Vendor, ["artifact", "kind", "step"],
        says "in the step {step} the layout requires {artifact} among the {kind}",
        why "What the layout requires and no link shows was left out of the step, or taken by a rule before.",
        fix "Carry the step out again with the artifact in place.";
}

/// Steps of matching patterns with paths, for all layouts together.
pub(super) const MAX_WORK: u64 = 1_000_000_000;

/// What went in and out of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct InOut<'a> {
    pub(super) materials: &'a Artifacts,
    pub(super) products: &'a Artifacts,
}

/// What rules are applied with.
pub(super) struct Apply<'a, 'b> {
    /// By the name of the step.
    pub(super) steps: &'b BTreeMap<&'a str, InOut<'a>>,
    /// Digests that show that two artifacts are the same.
    pub(super) accepted: &'a [Algorithm],
    pub(super) parameters: &'b Parameters<'b>,
    /// What is left of `MAX_WORK`; `None` once it is spent.
    pub(super) work: &'b mut Option<u64>,
}

impl<'a> Apply<'a, '_> {
    /// Applies the rules of one list; what speaks against the step.
    pub(super) fn list(&mut self, rules: &[Rule], own: InOut<'a>, products: bool, step: &str) -> Vec<Reason> {
        let artifacts = if products { own.products } else { own.materials };
        let mut queue: BTreeSet<&'a str> = artifacts.keys().map(String::as_str).collect();
        let named = |info, artifact: &str| {
            let kind = if products { "products" } else { "materials" };
            Reason::new(info).evidence("step", step).evidence("artifact", artifact).name("kind", kind)
        };
        for rule in rules {
            let rule = match self.parameters.in_rule(rule) {
                Ok(rule) => rule,
                Err(reason) => return vec![reason],
            };
            let taken: Vec<&'a str> = match &rule {
                Rule::Match(rule) => self.matching(rule, artifacts, &queue),
                Rule::Create(pattern) => self.filter(pattern, &queue, |path| {
                    own.products.contains_key(path) && !own.materials.contains_key(path)
                }),
                Rule::Delete(pattern) => self.filter(pattern, &queue, |path| {
                    own.materials.contains_key(path) && !own.products.contains_key(path)
                }),
                Rule::Modify(pattern) => self.filter(pattern, &queue, |path| {
                    own.materials
                        .get(path)
                        .zip(own.products.get(path))
                        .is_some_and(|(before, after)| differ(before, after))
                }),
                Rule::Allow(pattern) => self.filter(pattern, &queue, |_| true),
                Rule::Disallow(pattern) => match self.filter(pattern, &queue, |_| true).first() {
                    Some(first) => return vec![named(&DISALLOWED, first)],
                    None => Vec::new(),
                },
                Rule::Require(path) if queue.contains(path.as_str()) => Vec::new(),
                Rule::Require(path) => return vec![named(&REQUIRED, path)],
            };
            if self.work.is_none() {
                return vec![crate::authenticate::supply::limit(MAX_WORK, "steps of matching patterns with paths")];
            }
            for path in taken {
                queue.remove(path);
            }
        }
        Vec::new()
    }

    /// The paths that the pattern and `also` take.
    fn filter(&mut self, pattern: &str, queue: &BTreeSet<&'a str>, also: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let glob = Glob::new(pattern);
        let work = &mut *self.work;
        queue.iter().filter(|path| glob.matches(path, work) && also(path)).copied().collect()
    }

    /// Section 4.3.3.2. The folder of a rule is no pattern.
    fn matching(&mut self, rule: &Match, artifacts: &Artifacts, queue: &BTreeSet<&'a str>) -> Vec<&'a str> {
        let Some(other) = self.steps.get(rule.step.as_str()) else { return Vec::new() };
        let there = if rule.products { other.products } else { other.materials };
        let (source, destination) = (folder(rule.source.as_deref()), folder(rule.destination.as_deref()));
        let glob = Glob::new(&rule.pattern);
        let mut taken = Vec::new();
        for path in queue {
            let Some(rest) = path.strip_prefix(source.as_str()) else { continue };
            if !glob.matches(rest, self.work) {
                continue;
            }
            let here = artifacts.get(*path);
            let same = |(a, b): (&DigestSet, &DigestSet)| a == b && is_strong(a, self.accepted);
            if here.zip(there.get(&format!("{destination}{rest}"))).is_some_and(same) {
                taken.push(*path);
            }
        }
        taken
    }
}

/// `folder/`, or nothing.
fn folder(folder: Option<&str>) -> String {
    match folder {
        None | Some("") => String::new(),
        Some(folder) if folder.ends_with('/') => folder.to_owned(),
        Some(folder) => format!("{folder}/"),
    }
}

/// Is one of the digests such that no other bytes have it?
fn is_strong(set: &DigestSet, accepted: &[Algorithm]) -> bool {
    set.computable().any(|algorithm| accepted.contains(&algorithm))
}

/// Do they mean different bytes? Digests by different algorithms do not show that.
fn differ(before: &DigestSet, after: &DigestSet) -> bool {
    before.iter().any(|(name, value)| after.iter().any(|(other, changed)| name == other && value != changed))
}
