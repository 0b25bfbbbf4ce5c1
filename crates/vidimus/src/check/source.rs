//! `source`: the revision that was built is of a SLSA source level, by the word of whoever runs or verifies the source control system
//! (SLSA v1.2, source track). The summary is about the revision; provenance ties the revision to the bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Asked, missing, provenance, vsa};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Provenance, Source, Statement, Summary};
use crate::join::{Binding, Joined};
use crate::policy::{Grant, ProvenanceCheck, SourceCheck, VsaCheck};
use crate::reason::{Reason, ReasonInfo};

crate::reasons! {
    NO_REVISION = "source.no-revision", Unproven, Vendor, [],
        says "no accepted provenance names the revision that was built",
        why "A source summary is about a revision. Without provenance that names one by digest, nothing ties it to these bytes.",
        fix "Use a builder whose provenance has the source with its commit in `resolvedDependencies`.";
    NO_SUMMARY = "source.no-summary", Unproven, Vendor, ["repository", "required"],
        says "no accepted summary gives the revision of {repository} source level {required}",
        why "How a revision came about is said by a summary of its source control system, under a grant with `repositories`.",
        fix "Deliver the source summary of that revision.";
    BELOW = "source.below-floor", Unproven, Vendor, ["found", "repository", "required"],
        says "the revision of {repository} is of source level {found}; {required} is required",
        why "Levels count as far as the policy trusts the verifier of the source (T27).",
        fix "Have the repository run with the controls of the level, or have the operator review how far the verifier is trusted.";
}

pub(super) fn file(joined: &Joined<'_>, check: &SourceCheck, asked: Asked<'_>) -> Answer {
    let otherwise = || missing("vsa", &[]);
    if let Some(fact) = about_node(joined, check, asked) {
        return Answer::met([fact]);
    }
    let any_build = ProvenanceCheck {
        min_level: 0,
        repository: None,
        by: Vec::new(),
        parameters: Vec::new(),
        unknown_parameters_fail: false,
    };
    let mut reasons = Vec::new();
    for binding in joined.bindings(asked.node) {
        let Claim::Statement(Statement { predicate: Predicate::Provenance(built), .. }) = &binding.fact.claim else {
            continue;
        };
        let judge = |binding: &Binding<'_>| provenance::judge(&any_build, binding, built);
        if !asked.lacks(binding, judge).is_empty() {
            continue;
        }
        match of_sources(joined, check, built) {
            Ok(facts) => return Answer::met([binding.fact].into_iter().chain(facts)),
            Err(more) => reasons.extend(more),
        }
    }
    if reasons.is_empty() {
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(Reason::new(&NO_REVISION));
    }
    Answer::not_met(reasons, otherwise())
}

/// A summary about the bytes themselves that states the level.
fn about_node<'a, 'b>(joined: &'b Joined<'a>, check: &SourceCheck, asked: Asked<'_>) -> Option<&'b Fact<'a>> {
    let need = VsaCheck {
        accept: Vec::new(),
        predicate_types: [crate::decode::summary::VSA.to_owned()].into(),
        by: Vec::new(),
        properties: vec![format!("SLSA_SOURCE_LEVEL_{}", check.min_level)],
        resource: None,
        policies: Vec::new(),
        max_age_days: None,
        inputs_present: false,
        failed_wins: true,
    };
    let met = |binding: &&Binding<'_>| match &binding.fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Summary(summary), predicate_type, .. }) => {
            let judge = |binding: &Binding<'_>| vsa::judge(joined, &need, asked, binding, summary);
            need.predicate_types.contains(predicate_type) && asked.lacks(binding, judge).is_empty()
        }
        _ => false,
    };
    joined.bindings(asked.node).find(met).map(|binding| binding.fact)
}

/// The summaries of all that provenance names as source. One repository with a summary must not stand for another that was built; a
/// source without a commit must be a repository of which a revision is named.
fn of_sources<'a, 'b>(
    joined: &'b Joined<'a>,
    check: &SourceCheck,
    built: &Provenance,
) -> Result<Vec<&'b Fact<'a>>, Vec<Reason>> {
    let all = || built.sources.iter().chain(&built.others);
    let revisions: BTreeMap<(&str, &str), &Source> = all()
        .filter_map(|source| Some(((provenance::repository_of(&source.repository), source.commit.as_deref()?), source)))
        .collect();
    if revisions.is_empty() {
        return Err(Vec::new());
    }
    let (mut facts, mut reasons) = (Vec::new(), Vec::new());
    for source in revisions.values() {
        match of_revision(joined, check, source) {
            Ok(fact) => facts.push(fact),
            Err(reason) => reasons.push(reason),
        }
    }
    let repositories: BTreeSet<&str> = revisions.keys().map(|(repository, _)| *repository).collect();
    let unknown = all().filter(|source| !repositories.contains(provenance::repository_of(&source.repository)));
    reasons.extend(unknown.map(|source| lacking(check, &NO_SUMMARY, source)));
    if reasons.is_empty() { Ok(facts) } else { Err(reasons) }
}

fn lacking(check: &SourceCheck, info: &'static ReasonInfo, source: &Source) -> Reason {
    Reason::new(info).evidence("repository", &source.repository).int("required", check.min_level)
}

/// The summary of a revision: about its commit, as its repository, under a grant for the repository.
fn of_revision<'a, 'b>(joined: &'b Joined<'a>, check: &SourceCheck, source: &Source) -> Result<&'b Fact<'a>, Reason> {
    let mut best: Option<u8> = None;
    let commit = source.commit.as_deref().unwrap_or_default();
    for fact in joined.about_revision(commit) {
        let Claim::Statement(statement) = &fact.claim else { continue };
        let Predicate::Summary(summary) = &statement.predicate else { continue };
        let is_it = statement.subjects.iter().any(|subject| {
            let mut digests = subject.digest.iter().filter(|(name, _)| matches!(*name, "gitCommit" | "sha1"));
            digests.any(|(_, commit)| source.commit.as_deref() == Some(commit))
        });
        let resource = summary.resource.as_deref().map(provenance::repository_of);
        if !is_it || !summary.passed || resource != Some(provenance::repository_of(&source.repository)) {
            continue;
        }
        let grants: Vec<&Grant> = vsa::speaking_of(&fact.grants, fact, summary)
            .into_iter()
            .filter(|grant| covers(grant, &source.repository))
            .collect();
        if let Some(level) = level(&grants, summary) {
            if level >= check.min_level {
                return Ok(fact);
            }
            best = best.max(Some(level));
        }
    }
    Err(match best {
        Some(found) => lacking(check, &BELOW, source).int("found", found),
        None => lacking(check, &NO_SUMMARY, source),
    })
}

fn covers(grant: &Grant, repository: &str) -> bool {
    let repository = provenance::repository_of(repository);
    grant.repositories.iter().any(|stated| match stated.strip_suffix('/') {
        Some(_) => {
            repository.strip_prefix(stated.as_str()).is_some_and(|rest| rest.split('/').all(provenance::is_plain))
        }
        None => repository == provenance::repository_of(stated),
    })
}

/// The level that the summary states, as far as any of these grants believes it.
fn level(grants: &[&Grant], summary: &Summary) -> Option<u8> {
    (0..=4_u8)
        .rev()
        .find(|level| !grants.is_empty() && vsa::states(grants, summary, &format!("SLSA_SOURCE_LEVEL_{level}")))
}
