//! A policy as sentences for an auditor: who exists, who may say what, what must be shown, what is accepted.

mod certification;
mod chain;
mod exceptions;
mod layout;
mod origin;
mod page;
mod party;
mod rule;

use page::Page;
use party::{grant, party};
use rule::rule;
use rule::vsa;

use super::{Class, LogKey, PartyRef, Policy, QuorumKind, Role, Window};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::limits::Limits;
use crate::policy::independence::countries;

/// The policy in plain text of at most 100 columns, the same bytes for the same policy.
#[must_use]
pub fn explain(policy: &Policy) -> String {
    let mut page = Page::default();
    head(policy, &mut page);
    page.heading("Who exists");
    policy.parties.values().for_each(|p| party(policy, p, &mut page));
    page.heading("Who may say what");
    page.line("Nothing is believed that is not listed here.");
    policy.grants.iter().for_each(|g| grant(policy, g, &mut page));
    if !(policy.authorities.is_empty() && policy.logs.is_empty() && policy.quorums.is_empty()) {
        page.heading("Who proves time and publication");
        services(policy, &mut page);
    }
    if !policy.classes.is_empty() {
        page.heading("Which files belong together");
        page.line("The first class that holds a file counts, by the requested product and by accepted release statements. Classes to which only an SBOM leads add their rules and take none away.");
        for class in &policy.classes {
            page.item(&self::class(class));
            chain::class(class).iter().for_each(|sentence| page.sub(sentence));
        }
    }
    if !policy.delegations.is_empty() {
        page.heading("Who may vouch for components of others");
        policy.delegations.iter().for_each(|delegation| {
            let (first, rest) = chain::delegation(delegation);
            page.item(&first);
            rest.iter().for_each(|sentence| page.sub(sentence));
        });
    }
    if !policy.equivalences.is_empty() {
        page.heading("What foreign certificates are taken for");
        page.line("What is not listed here counts for nothing but itself.");
        policy.equivalences.iter().for_each(|e| page.item(&certification::equivalence(e)));
    }
    page.heading("What must be shown");
    page.line("Everything below must be proven; what is missing or unclear is a failure.");
    page.item("Always: nothing in the delivery is unreadable, beyond the limits, or contradicted by a signed delivery statement, and there is at least one file to judge.");
    policy.rules.iter().for_each(|r| rule(r, &mut page));
    exceptions::all(policy, &mut page);
    page.heading("What is accepted");
    accepted(policy, &mut page);
    page.heading("Files of this policy");
    for (path, digest) in &policy.closure {
        page.item(&format!("{path}: {digest}"));
    }
    page.finish()
}

fn head(policy: &Policy, page: &mut Page) {
    page.line(&format!("Policy {}, version {}", policy.id, policy.version));
    if let Some(title) = &policy.title {
        page.line(title);
    }
    page.line(&format!("Digest {}", policy.sha256));
    page.line(&match (policy.window.from, policy.window.until) {
        (None, None) => "It may be used for any time.".to_owned(),
        _ => format!("It may be used for verdicts {}.", window(policy.window)),
    });
}

fn class(class: &Class) -> String {
    if class.default {
        return format!("{}: every other file.", class.id);
    }
    let what = match class.role {
        Role::TopLevel => "files of the delivery",
        Role::Component => "archive members and SBOM components",
        Role::Any => "files and components",
    };
    match class.products.as_slice() {
        [] => format!("{}: all {what}.", class.id),
        products => format!("{}: {what} that are {}.", class.id, or(products)),
    }
}

/// Logs, witnesses, time-stamping authorities and quorums.
fn services(policy: &Policy, page: &mut Page) {
    for (party, authority) in &policy.authorities {
        let only =
            authority.policy_oid.as_ref().map_or_else(String::new, |oid| format!(", under the policy {oid} alone"));
        let lists = if authority.revocation { "; none of its certificates may be revoked" } else { "" };
        page.item(&format!("{party} stamps time{only}{lists}."));
    }
    for (name, log) in &policy.logs {
        let key = match &log.key {
            LogKey::Instance(instance) => format!("with the key that {instance} lists"),
            LogKey::Key(key) => format!("with the key {}", key.key().spki_sha256()),
        };
        let witnesses = match &log.witnesses {
            None => "; its checkpoints need no witness".to_owned(),
            Some(quorum) => format!("; its checkpoints need the witnesses of {quorum}"),
        };
        page.item(&format!(
            "The log {name} of {} signs checkpoints for {} {key}{witnesses}.",
            log.operator, log.origin
        ));
    }
    for (name, quorum) in &policy.quorums {
        let candidates: Vec<&str> = quorum.candidates.iter().map(String::as_str).collect();
        let groups = match quorum.kind {
            QuorumKind::Judges { .. } => policy.independent(candidates.iter().copied()),
            QuorumKind::Witness { .. } | QuorumKind::Time { .. } => policy.groups(candidates.iter().copied()),
        };
        let what = match quorum.kind {
            QuorumKind::Witness { tolerate_jurisdictions, remaining } => format!(
                "witnesses; if {} can compel everybody under its law (at most {} of the groups), {remaining} must be left",
                countries(tolerate_jurisdictions),
                policy.compellable(&candidates, tolerate_jurisdictions)
            ),
            QuorumKind::Judges { .. } => chain::judges(policy, quorum),
            QuorumKind::Time { tolerate_liars, max_accuracy_seconds } => format!(
                "sources of time; {tolerate_liars} of them may lie{}",
                max_accuracy_seconds.map_or_else(String::new, |s| format!("; clocks to {s} seconds"))
            ),
        };
        page.item(&format!("{name}: {} of the {groups} groups {} as {what}.", quorum.min_groups, and(&candidates)));
    }
}

fn accepted(policy: &Policy, page: &mut Page) {
    let digests: Vec<&str> = policy.algorithms.digest_bind.iter().map(|a| a.name()).collect();
    page.item(&format!("Digests that bind a statement to bytes: {}.", and(&digests)));
    page.item(&format!("Signatures: {}.", and(&policy.algorithms.signature)));
    for (algorithm, after) in &policy.algorithms.sunset {
        page.item(&format!("{algorithm} only for signatures proven no later than {after}."));
    }
    if policy
        .algorithms
        .signature
        .iter()
        .any(|a| matches!(a, SignatureAlgorithm::RsaPkcs1 { .. } | SignatureAlgorithm::RsaPss { .. }))
    {
        page.item("An RSA key may be longer than the length in the name of its algorithm.");
    }
    let formats = &policy.formats;
    page.item(&match formats.sigstore_bundle_min {
        None => "Sigstore bundles of every version.".to_owned(),
        Some(minor) => format!("Sigstore bundles from version 0.{minor} on."),
    });
    if !formats.statement_types.is_empty() {
        page.item(&format!("Statements of the type {}.", or(&formats.statement_types)));
    }
    if !formats.sbom.is_empty() {
        page.item(&format!("SBOMs in the format {}.", or(&formats.sbom)));
    }
    if !formats.sbom_tolerate.is_empty() {
        let codes: Vec<&str> = formats.sbom_tolerate.iter().map(String::as_str).collect();
        page.item(&format!("SBOMs that break rules of their own format, if by no more than {}.", codes.join(", ")));
    }
    for (name, instance) in &policy.instances {
        page.item(&format!("Authorities and logs of {name}: {} ({}).", instance.path, instance.sha256));
    }
    if policy.limits != Limits::MAX {
        page.item("Limits are lower than the built-in ones.");
    }
}

pub(super) fn by(by: &[PartyRef]) -> String {
    match by {
        [] => "a granted party".to_owned(),
        parties => or(&parties
            .iter()
            .map(|party| match party {
                PartyRef::Id(id) => id.clone(),
                PartyRef::Kind(kind) => with_article(kind),
            })
            .collect::<Vec<_>>()),
    }
}

fn window(window: Window) -> String {
    match (window.from, window.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "at any time".to_owned(),
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {}", kind.replace('-', " "))
}

pub(super) fn and<T: ToString>(items: &[T]) -> String {
    joined(items, "and")
}

pub(super) fn or<T: ToString>(items: &[T]) -> String {
    joined(items, "or")
}

fn joined<T: ToString>(items: &[T], word: &str) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::page::WIDTH;
    use super::*;
    use crate::policy::load::tests::{load_text, twin};
    use crate::policy::template::{INSTANCES, templates, tests::loaded};

    #[test]
    fn the_twin_in_sentences() {
        assert_eq!(explain(&load_text(&twin()).unwrap()), include_str!("load/tests/explained.txt"));
    }

    #[test]
    fn narrow_and_complete() {
        for template in templates() {
            for instance in INSTANCES {
                let policy = loaded(template.name, instance);
                let text = explain(&policy);
                assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.trim_end() == line), "{text}");
                let named = policy.rules.iter().map(|r| &r.id).chain(policy.grants.iter().map(|g| &g.id));
                for id in named.chain(policy.identities.iter().map(|i| &i.id)).chain(policy.parties.keys()) {
                    assert!(text.contains(id.as_str()), "{id} is missing");
                }
            }
        }
    }
}
