//! `provenance`: who built this, on what platform, from which source, with which parameters (SLSA v1.2
//! `verifying-artifacts.md`; T5, T7, DESIGN ruling 6).

pub(crate) mod certificate;
pub(crate) mod parameters;

use super::{Answer, Asked, is_by, missing};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Provenance, Statement};
use crate::join::{Binding, Joined};
use crate::policy::{BuilderGrant, ProvenanceCheck, RepositoryMatch};
use crate::reason::Reason;

crate::reasons! {
    PAIR = "identity.pair", Unproven, Signer, ["builder", "identity"],
        says "{identity} may not speak for the builder {builder}",
        why "Signer and builder are a pair that the policy fixes; a key of one build system must not vouch for another (T7).",
        fix "Build on a builder that the grant names, or have the operator add the builder to the grant.";
    BUILD_TYPE = "provenance.build-type", Unproven, Vendor, ["found"],
        says "the build type {found} is not one that the grant accepts",
        why "The build type tells what the parameters mean; an unknown one cannot be judged.",
        fix "Build with an accepted build type, or have the operator add it to the grant.";
    BELOW_FLOOR = "level.below-floor", Unproven, Vendor, ["builder", "level", "required"],
        says "the builder {builder} is trusted to SLSA build level {level}; the rule asks for {required}",
        why "Levels come from the policy's (signer, builder) pairs, never from what provenance claims about itself (Q5).",
        fix "Build on a platform of that level, or have the operator review the builder's level.";
    SOURCE = "provenance.source", Unproven, Vendor, ["expected", "found"],
        says "built from {found}; the rule expects {expected}",
        why "A build of other source is another product, whoever signed it (T5).",
        fix "Deliver what was built from the expected repository, or correct the rule.";
    NO_SOURCE = "provenance.source-missing", Unproven, Vendor, ["expected"],
        says "the provenance names no source repository; the rule expects {expected}",
        why "Without a source in provenance or certificate nothing shows what was built.",
        fix "Use a builder whose provenance names the repository.";
}

pub(super) fn file(joined: &Joined<'_>, check: &ProvenanceCheck, asked: Asked<'_>) -> Answer {
    let mut reasons = Vec::new();
    let mut met: Vec<&Fact<'_>> = Vec::new();
    let mut candidates = 0_usize;
    for binding in joined.bindings(asked.node).filter(|binding| is_by(&check.by, binding.fact)) {
        let Claim::Statement(Statement { predicate: Predicate::Provenance(provenance), .. }) = &binding.fact.claim
        else {
            continue;
        };
        candidates += 1;
        let found = asked.lacks(binding, |binding| judge(check, binding, provenance));
        if found.is_empty() {
            met.push(binding.fact);
        }
        reasons.extend(found);
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if candidates == 0 {
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(missing("provenance", &check.by));
    }
    Answer::not_met(reasons, missing("provenance", &check.by))
}

/// Everything that one provenance lacks; empty when it meets the rule alone.
pub(super) fn judge(check: &ProvenanceCheck, binding: &Binding<'_>, provenance: &Provenance) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let builder = &provenance.builder_id;
    let pairs = binding.grants.iter().flat_map(|grant| grant.builders.iter().map(move |pair| (*grant, pair)));
    let by = &binding.fact.identity.id;
    let pairs_up = |pair: &BuilderGrant| pair.id == *builder && pair.identity.as_ref().is_none_or(|only| only == by);
    let pairs: Vec<_> = pairs.filter(|(_, pair)| pairs_up(pair)).collect();
    if pairs.is_empty() {
        let reason = Reason::new(&PAIR).name("identity", &binding.fact.identity.id);
        return vec![reason.evidence("builder", builder)];
    }
    let typed: Vec<&BuilderGrant> = pairs
        .iter()
        .filter(|(grant, _)| grant.build_types.is_empty() || grant.build_types.contains(&provenance.build_type))
        .map(|(_, pair)| *pair)
        .collect();
    match typed.iter().map(|pair| pair.max_level).max() {
        None => reasons.push(Reason::new(&BUILD_TYPE).evidence("found", &provenance.build_type)),
        Some(level) if level < check.min_level => reasons.push(
            Reason::new(&BELOW_FLOOR).evidence("builder", builder).int("level", level).int("required", check.min_level),
        ),
        Some(_) => {}
    }
    if let Some(certificate) = &binding.fact.certificate {
        reasons.extend(certificate::disagreements(certificate.claims(), provenance));
    }
    if let Some(expected) = &check.repository {
        reasons.extend(source(expected, binding.fact, provenance));
    }
    if check.unknown_parameters_fail || !check.parameters.is_empty() {
        reasons.extend(parameters::unexpected(check, provenance));
    }
    reasons
}

/// Every place that names the source must name the expected repository, and at least one must.
fn source(expected: &RepositoryMatch, fact: &Fact<'_>, provenance: &Provenance) -> Vec<Reason> {
    let claimed = fact.certificate.as_ref().and_then(|c| c.claims().source_repository_uri.as_deref());
    let named: Vec<&str> = provenance.sources.iter().map(|s| s.repository.as_str()).chain(claimed).collect();
    let shown = match expected {
        RepositoryMatch::Exact(uri) => uri.clone(),
        RepositoryMatch::Prefix(uri) => format!("{uri}…"),
    };
    if named.is_empty() {
        return vec![Reason::new(&NO_SOURCE).name("expected", shown)];
    }
    let wrong = named.into_iter().filter(|found| !is_expected(expected, found));
    wrong.map(|found| Reason::new(&SOURCE).evidence("found", found).name("expected", &shown)).collect()
}

fn is_expected(expected: &RepositoryMatch, found: &str) -> bool {
    match expected {
        RepositoryMatch::Exact(uri) => repository_of(found) == repository_of(uri),
        RepositoryMatch::Prefix(prefix) => {
            let found = repository_of(found);
            found.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.split('/').all(is_plain))
        }
    }
}

/// One segment of a path that no server reads as another one: no dots alone, no escapes, no query.
pub(super) fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && segment.bytes().all(|b| b.is_ascii_graphic() && !b"%\\?#;".contains(&b))
}

/// A repository URI without `git+`, `.git` and a trailing `/`.
pub(super) fn repository_of(uri: &str) -> &str {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_suffix('/').unwrap_or(uri);
    uri.strip_suffix(".git").unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_compared_whole() {
        let exact = RepositoryMatch::Exact("https://github.com/o/r".into());
        let prefix = RepositoryMatch::Prefix("https://scm.example/gnb/".into());
        for (expected, found, same) in [
            (&exact, "https://github.com/o/r", true),
            (&exact, "git+https://github.com/o/r.git", true),
            (&exact, "https://github.com/o/r/", true),
            (&exact, "https://github.com/o/r-evil", false),
            (&exact, "https://github.com/o/R", false),
            (&exact, "https://github.com/o", false),
            (&exact, "http://github.com/o/r", false),
            (&prefix, "https://scm.example/gnb/core", true),
            (&prefix, "git+https://scm.example/gnb/core", true),
            (&prefix, "https://scm.example/gnb/", false),
            (&prefix, "https://scm.example/gnb/../evil", false),
            (&prefix, "https://scm.example/gnb/%2e%2e/evil", false),
            (&prefix, "https://scm.example/gnb/..\\evil", false),
            (&prefix, "https://scm.example/gnb/x//y", false),
            (&prefix, "https://scm.example/gnb/x?repo=evil", false),
            (&prefix, "https://scm.example/gnbx/core", false),
        ] {
            assert_eq!(is_expected(expected, found), same, "{expected:?} {found}");
        }
    }
}
