//! What a rule asks, in a sentence.

use super::{and, by, certification, chain, exceptions, layout, or, origin, page::Page};
use crate::policy::{
    AppliesTo, Check, Expect, Parameters, ProvenanceCheck, RepositoryMatch, ResourceMatch, Rule, SbomCheck, Scalar,
    VsaCheck, VulnsCheck,
};

pub(super) fn rule(rule: &Rule, page: &mut Page) {
    let files = match &rule.classes {
        None => "each file".to_owned(),
        Some(classes) => format!("each file of {}", or(classes)),
    };
    page.item(&format!("{}: {}.", rule.id, check(&rule.check, &files)));
    if let Check::AnyOf(branches) = &rule.check {
        for branch in branches {
            page.sub(&format!("{}.", capital(&check(branch, "the file"))));
        }
    }
    if let Check::Provenance(provenance) = &rule.check {
        parameters(provenance, page);
    }
    if let Some(title) = &rule.title {
        page.sub(&format!("Meant is: {title}."));
    }
    if let Some(accountable) = rule.accountable {
        page.sub(&format!("If it is not met, the {} must act.", accountable.name()));
    }
    let mut sources: Vec<String> = rule.refs.clone();
    sources.extend(rule.mandated_by.iter().map(|by| format!("required by {by}")));
    sources.extend(rule.specified_by.iter().map(|by| format!("specified by {by}")));
    if !sources.is_empty() {
        page.sub(&format!("From: {}.", sources.join("; ")));
    }
}

fn check(check: &Check, files: &str) -> String {
    match check {
        Check::Inventory(inventory) => {
            let mut parts = Vec::new();
            if inventory.closed_world {
                let by = "is accounted for by an accepted statement, a bound SBOM or a signature";
                parts.push(format!("{files} {by}"));
            }
            if inventory.each_member {
                parts.push("so is each member of an archive, at any depth".to_owned());
            }
            if inventory.deny_opaque {
                parts.push("every archive can be seen through".to_owned());
            }
            if inventory.require_statement {
                parts.push(
                    "there is an accepted delivery statement, and all evidence that it lists is there".to_owned(),
                );
            }
            parts.join("; ")
        }
        Check::Release(release) => {
            let kind = if release.accept.is_empty() { "anything".to_owned() } else { or(&release.accept) };
            let sets: Vec<String> = release
                .algorithm_sets
                .iter()
                .map(|set| or(&set.iter().map(ToString::to_string).collect::<Vec<_>>()))
                .collect();
            let sets = if sets.is_empty() {
                String::new()
            } else {
                format!(", with a signature over the same payload by each of: {}", sets.join("; "))
            };
            let more = exceptions::release(release);
            format!("{} signed exactly the bytes of {files}, saying {kind}{sets}{more}", by(&release.by))
        }
        Check::Provenance(provenance) => {
            let source = match &provenance.repository {
                None => String::new(),
                Some(RepositoryMatch::Exact(uri)) => format!(" from {uri}"),
                Some(RepositoryMatch::Prefix(prefix)) => format!(" from a repository below {prefix}"),
            };
            let level = provenance.min_level;
            format!("{} says that {files} was built{source} on a builder of at least level {level}", by(&provenance.by))
        }
        Check::Sbom(sbom) => {
            let refuse: Vec<&str> = sbom.refuse.iter().map(String::as_str).collect();
            let without =
                if refuse.is_empty() { String::new() } else { format!(", without findings {}", refuse.join(", ")) };
            format!("{} signed an SBOM that is bound to {files} by digest{without}{}", by(&sbom.by), profiles(sbom))
        }
        Check::SbomCompleteness(check) => {
            let allowed: Vec<String> = check.allow_known_unknowns.iter().cloned().collect();
            let unless = if allowed.is_empty() { String::new() } else { format!(", or says {}", or(&allowed)) };
            let says = "and says of each component that the list of its dependencies is complete";
            format!("{} signed an SBOM that is bound to {files} by digest {says}{unless}", by(&check.by))
        }
        Check::Vsa(check) => vsa(check, files),
        Check::Vulns(check) => vulns(check, files),
        Check::TrustedTime(check) => format!(
            "when {} about {files} was signed is proven by the quorum {}",
            about(&check.applies_to),
            check.quorum
        ),
        Check::Transparency(check) => format!(
            "{} about {files} is in the logs {}, of {} independent {}",
            about(&check.applies_to),
            and(&check.logs),
            check.distinct_operators,
            if check.distinct_operators == 1 { "operator" } else { "operators" }
        ),
        Check::Status(check) => {
            format!("{files} is on none of the status lists {}, each of which is at hand and fresh", and(&check.lists))
        }
        Check::Certification(check) => certification::check(check, files),
        Check::Origin(check) => origin::check(check, files),
        Check::Layout(check) => layout::check(check, files),
        Check::NoRollback(check) => exceptions::rollback(check),
        Check::Components(check) => chain::components(check, files),
        Check::ComponentIdentity(parties) => chain::identity(&by(parties), files),
        Check::Source(check) => chain::source(check, files),
        Check::Delegated(id) => format!("{files} is vouched for under the delegation {id}"),
        Check::Quorum(check) => chain::quorum(check, files),
        Check::AnyOf(branches) => format!("for {files}, at least one of these {} is shown", branches.len()),
    }
}

fn vulns(check: &VulnsCheck, files: &str) -> String {
    let mut text = format!("{} scanned {files} for vulnerabilities", by(&check.by));
    if let Some(days) = check.max_scan_age_days {
        text.push_str(&format!(" at most {days} days before the verdict"));
    }
    if let Some(days) = check.max_database_age_days {
        text.push_str(&format!(", with knowledge at most {days} days old"));
    }
    text.push_str(", and for each that was found");
    if let Some(severity) = check.ignore_below {
        text.push_str(&format!(" and that is not called less than {severity} by every scanner"));
    }
    text.push_str(&format!(" {} says that it does no harm or is fixed", by(&check.triage_by)));
    if check.affected_with_action {
        text.push_str(", or that it does harm and what to do");
    }
    text
}

fn profiles(check: &SbomCheck) -> String {
    if check.profiles.is_empty() && check.own.is_empty() {
        return String::new();
    }
    let mut ids: Vec<String> = check
        .profiles
        .iter()
        .map(
            |profile| {
                if profile.is_provisional() { format!("{} (provisional)", profile.id) } else { profile.id.to_owned() }
            },
        )
        .collect();
    ids.extend(check.own.iter().map(|own| format!("{} ({})", own.name, own.edition())));
    let elsewhere: Vec<String> = check.shown_elsewhere.iter().map(|id| (*id).to_owned()).collect();
    let but = if elsewhere.is_empty() {
        String::new()
    } else {
        format!("; {} the operator sees met by other means", and(&elsewhere))
    };
    format!(" and lacks nothing that {} demands{but}", and(&ids))
}

pub(in crate::policy) fn vsa(check: &VsaCheck, files: &str) -> String {
    let resource = match &check.resource {
        None => "the product that is asked for".to_owned(),
        Some(ResourceMatch::Exact(uri)) => uri.clone(),
        Some(ResourceMatch::Prefix(prefix)) => format!("a resource below {prefix}"),
    };
    let mut text = format!("{} verified {files} as {resource} and found {}", by(&check.by), and(&check.properties));
    if !check.policies.is_empty() {
        let digests: Vec<String> = check.policies.iter().map(ToString::to_string).collect();
        text.push_str(&format!(", under the policy {}", or(&digests)));
    }
    if let Some(days) = check.max_age_days {
        text.push_str(&format!(", at most {days} days before the verdict"));
    }
    if check.inputs_present {
        text.push_str(", with everything that it rests on in the delivery");
    }
    text.push_str(if check.failed_wins {
        "; a summary that says FAILED wins"
    } else {
        "; a summary that says FAILED is passed over"
    });
    text
}

fn about(applies_to: &AppliesTo) -> String {
    if applies_to.kinds.is_empty() { "a statement or signature".to_owned() } else { or(&applies_to.kinds) }
}

fn parameters(check: &ProvenanceCheck, page: &mut Page) {
    for Parameters { builder, allow } in &check.parameters {
        let of = builder.as_ref().map_or_else(|| "every builder".to_owned(), |b| format!("the builder {b}"));
        let expected: Vec<String> =
            allow.iter().map(|(pointer, expect)| format!("{pointer} is {}", self::expect(expect))).collect();
        page.sub(&format!("Parameters with {of}: {}.", and(&expected)));
    }
    if check.unknown_parameters_fail {
        page.sub("A parameter that is not listed is a failure.");
    }
}

fn expect(expect: &Expect) -> String {
    let scalar = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => format!("`{text}`"),
        Scalar::Int(int) => int.to_string(),
        Scalar::Bool(bool) => bool.to_string(),
    };
    match expect {
        Expect::Eq(value) => scalar(value),
        Expect::Prefix(prefix) => format!("`{prefix}` and what follows"),
        Expect::In(values) => or(&values.iter().map(scalar).collect::<Vec<_>>()),
        Expect::Any => "anything or absent".to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
