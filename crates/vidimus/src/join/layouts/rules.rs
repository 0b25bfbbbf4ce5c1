//! How artifact rules are applied (sections 4.3.3.1 to 4.3.3.3): one after the other on the artifacts that no rule before took. What no
//! rule takes is allowed.

use std::collections::{BTreeMap, BTreeSet};

use super::glob::{Glob, spend};
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

/// What finding an artifact by its path costs, beside the length of the path.
const LOOK_UP: u64 = 16;
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
            let taken = match self.taken(&rule, own, artifacts, &queue) {
                Ok(taken) => taken,
                Err(reason) => return vec![reason],
            };
            let against = match &rule {
                Rule::Disallow(_) => taken.first().map(|first| named(&DISALLOWED, first)),
                Rule::Require(path) if !queue.contains(path.as_str()) => Some(named(&REQUIRED, path)),
                _ => None,
            };
            if self.work.is_none() {
                return vec![crate::authenticate::supply::limit(MAX_WORK, "steps of matching patterns with paths")];
            }
            if let Some(against) = against {
                return vec![against];
            }
            for path in taken {
                queue.remove(path);
            }
        }
        Vec::new()
    }

    /// What one rule takes of what is left.
    fn taken(
        &mut self,
        rule: &Rule,
        own: InOut<'a>,
        artifacts: &Artifacts,
        queue: &BTreeSet<&'a str>,
    ) -> Result<Vec<&'a str>, Reason> {
        let (before, after) = (own.materials, own.products);
        match rule {
            Rule::Match(rule) => self.matching(rule, artifacts, queue),
            Rule::Create(pattern) => {
                self.filter(pattern, queue, |path| after.contains_key(path) && !before.contains_key(path))
            }
            Rule::Delete(pattern) => {
                self.filter(pattern, queue, |path| before.contains_key(path) && !after.contains_key(path))
            }
            Rule::Modify(pattern) => self.filter(pattern, queue, |path| {
                before.get(path).zip(after.get(path)).is_some_and(|(before, after)| differ(before, after))
            }),
            Rule::Allow(pattern) | Rule::Disallow(pattern) => self.filter(pattern, queue, |_| true),
            Rule::Require(_) => Ok(Vec::new()),
        }
    }

    /// The paths that the pattern and `also` take.
    fn filter(
        &mut self,
        pattern: &str,
        queue: &BTreeSet<&'a str>,
        also: impl Fn(&str) -> bool,
    ) -> Result<Vec<&'a str>, Reason> {
        let glob = Glob::new(pattern)?;
        let work = &mut *self.work;
        let mut takes = |path: &str| {
            let is_named = glob.matches(path, work);
            if is_named {
                spend(work, LOOK_UP);
            }
            is_named && also(path)
        };
        Ok(queue.iter().filter(|path| takes(path)).copied().collect())
    }

    /// Section 4.3.3.2. The folder of a rule is no pattern.
    fn matching(
        &mut self,
        rule: &Match,
        artifacts: &Artifacts,
        queue: &BTreeSet<&'a str>,
    ) -> Result<Vec<&'a str>, Reason> {
        let glob = Glob::new(&rule.pattern)?;
        let Some(other) = self.steps.get(rule.step.as_str()) else { return Ok(Vec::new()) };
        let there = if rule.products { other.products } else { other.materials };
        let (source, destination) = (folder(rule.source.as_deref()), folder(rule.destination.as_deref()));
        let mut taken = Vec::new();
        for path in queue {
            spend(self.work, 1 + source.len().min(path.len()) as u64);
            let Some(rest) = path.strip_prefix(source.as_str()) else { continue };
            if !glob.matches(rest, self.work) {
                continue;
            }
            spend(self.work, LOOK_UP + (destination.len() + rest.len()) as u64);
            if self.work.is_none() {
                break;
            }
            let here = artifacts.get(*path);
            let same = |(a, b): (&DigestSet, &DigestSet)| a == b && is_strong(a, self.accepted);
            if here.zip(there.get(&format!("{destination}{rest}"))).is_some_and(same) {
                taken.push(*path);
            }
        }
        Ok(taken)
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
    accepted.iter().any(|algorithm| set.by(*algorithm).is_some())
}

/// Do they mean different bytes? Digests by different algorithms do not show that.
fn differ(before: &DigestSet, after: &DigestSet) -> bool {
    before.iter().any(|(name, value)| after.iter().any(|(other, changed)| name == other && value != changed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::digest::Digest;

    fn artifacts(paths: &[String]) -> Artifacts {
        paths.iter().map(|path| (path.clone(), DigestSet::from_iter([Digest::sha256(path.as_bytes())]))).collect()
    }

    /// What the rules of one list cost on these products, and what they say.
    fn applied(rules: &[Rule], paths: &[String], work: u64) -> (Option<u64>, Vec<&'static str>) {
        let (none, own) = (Artifacts::new(), artifacts(paths));
        let inout = InOut { materials: &none, products: &own };
        let steps = BTreeMap::from([("own", inout)]);
        let mut left = Some(work);
        let parameters = Parameters(None);
        let accepted = &[Algorithm::Sha256];
        let mut apply = Apply { steps: &steps, accepted, parameters: &parameters, work: &mut left };
        let codes = apply.list(rules, inout, true, "own").iter().map(Reason::code).collect();
        (left.map(|left| work - left), codes)
    }

    fn matching(source: &str, destination: &str) -> Rule {
        Rule::Match(Match {
            pattern: "*".to_owned(),
            source: Some(source.to_owned()),
            products: true,
            destination: Some(destination.to_owned()),
            step: "own".to_owned(),
        })
    }

    #[test]
    fn everything_that_a_rule_does_for_a_path_is_charged() {
        let paths: Vec<String> = (0..100).map(|n| format!("d/{n}")).collect();
        let long = "x".repeat(100_000);
        for (what, rule, least) in [
            ("a folder that no path is in", matching("elsewhere", ""), 100),
            ("a long folder to look in", matching("d", &long), 100 * 100_000),
            ("a pattern", Rule::Allow("*".to_owned()), 100 * (LOOK_UP + 1)),
            ("a long set", Rule::Create(format!("[{long}]*")), 100 * 100_000),
        ] {
            let (cost, codes) = applied(std::slice::from_ref(&rule), &paths, MAX_WORK);
            assert!(cost.unwrap() >= least, "{what}: {cost:?}");
            assert!(codes.is_empty(), "{what}");
            // One step too little: nobody knows what the rule would have said.
            let (cost, codes) = applied(&[rule], &paths, least / 2);
            assert_eq!((cost, codes), (None, vec!["layout.limit"]), "{what}");
        }
    }

    #[test]
    fn artifacts_are_equal_by_digests_that_are_some() {
        for (value, taken) in [("00".repeat(32), true), ("not hex".to_owned(), false)] {
            let mut set = DigestSet::default();
            set.insert("sha256", &value).unwrap();
            assert_eq!(is_strong(&set, &[Algorithm::Sha256]), taken, "{value}");
        }
    }
}
