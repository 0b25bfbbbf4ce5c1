//! `[[rule]]`: what must be shown.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Data, Node, Table, Text};
use super::errors::{BAD_VALUE, Errors, UNKNOWN_REFERENCE, VACUOUS};
use super::exception::named;
use super::names::Names;
use super::own_profile;
use super::settings;
use super::spec::PARTY_KINDS;
use super::structure::{did_you_mean, listed, shown};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::decode::{Severity, summary};
use crate::digest::{Algorithm, Digest};
use crate::policy::{
    AppliesTo, Check, Expect, InventoryCheck, Parameters, PartyRef, ProvenanceCheck, ReleaseCheck, RepositoryMatch,
    ResourceMatch, RollbackCheck, Rule, SbomCompletenessCheck, Scalar, StatusCheck, TransparencyCheck,
    TrustedTimeCheck, VsaCheck, VulnsCheck,
};
use crate::profile::OwnProfile;
use crate::reason::Accountable;

/// What rules refer to.
pub(super) struct Known<'a> {
    pub(super) parties: &'a Names,
    pub(super) party_kinds: &'a [&'a str],
    /// Parties whose accreditation is known.
    pub(super) accredited: &'a [&'a str],
    pub(super) classes: &'a Names,
    pub(super) quorums: &'a Names,
    /// By quorum, its candidates.
    pub(super) candidates: &'a BTreeMap<String, Vec<String>>,
    pub(super) delegations: &'a Names,
    pub(super) logs: &'a Names,
    pub(super) lists: &'a Names,
    pub(super) profile_names: &'a Names,
    pub(super) profiles: &'a BTreeMap<String, OwnProfile>,
    pub(super) builders: &'a [&'a str],
    pub(super) aliases: &'a BTreeMap<String, Vec<String>>,
}

/// Reads every rule.
pub(super) fn rules(document: &Table, known: &Known<'_>, errors: &mut Errors) -> Vec<Rule> {
    let mut rules = Vec::new();
    for table in document.tables("rule") {
        for class in table.texts("classes") {
            known.classes.check(class, errors);
        }
        let Some(id) = table.string("id") else { continue };
        let Some(check) = check(table, known, errors) else { continue };
        let accountable = table
            .text("accountable")
            .and_then(|stated| Accountable::ALL.iter().find(|(name, _)| *name == stated.text))
            .map(|(_, accountable)| *accountable);
        rules.push(Rule {
            id,
            classes: table.node("classes").map(|_| table.strings("classes")),
            accountable,
            title: table.string("title"),
            refs: table.strings("refs"),
            mandated_by: table.string("mandated_by"),
            specified_by: table.strings("specified_by"),
            check,
        });
    }
    rules
}

fn check(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<Check> {
    match table.text("check")?.text {
        "inventory" => Some(Check::Inventory(inventory(table, errors))),
        "any-of" => any_of(table, known, errors),
        "status" => {
            for list in table.texts("lists") {
                known.lists.check(list, errors);
            }
            Some(Check::Status(StatusCheck { lists: table.strings("lists") }))
        }
        "no-rollback" => {
            let state = table.text("state").and_then(|state| named(state, errors));
            Some(Check::NoRollback(RollbackCheck { state }))
        }
        "components" => super::chain::check("components", table, known, errors),
        name => leaf(name, table, known, errors),
    }
}

/// A check that may stand in `any-of`.
fn leaf(name: &str, table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<Check> {
    match name {
        "release" => {
            let meaning = settings::resolve(table.texts("accept"), known.aliases, errors);
            Some(Check::Release(ReleaseCheck {
                accept: table.strings("accept"),
                predicate_types: meaning.predicate_types,
                file: meaning.file || table.node("accept").is_none(),
                algorithm_sets: algorithm_sets(table, errors),
                by: by(table, known, errors),
                recipient: table.text("require_recipient").and_then(|id| named(id, errors)),
                sequence: table.bool("require_sequence").unwrap_or(false),
                max_age_days: table.int("max_age_days").and_then(|days| u32::try_from(days).ok()),
            }))
        }
        "provenance" => Some(Check::Provenance(provenance(table, known, errors))),
        "certification" => Some(Check::Certification(super::certification::check(table, known, errors))),
        "origin" => Some(Check::Origin(super::origin::check(table, known, errors))),
        "layout" => Some(Check::Layout(super::layout::check(table, known, errors))),
        "sbom" => {
            let own = own_profile::named(table, known.profile_names, known.profiles, errors);
            Some(Check::Sbom(super::sbom::check(table, by(table, known, errors), own, errors)))
        }
        "sbom-completeness" => Some(Check::SbomCompleteness(SbomCompletenessCheck {
            by: by(table, known, errors),
            allow_known_unknowns: table.strings("allow_known_unknowns").into_iter().collect(),
        })),
        "vsa" => Some(Check::Vsa(vsa(table, known, errors))),
        "vulns" => Some(Check::Vulns(vulns(table, known, errors))),
        "trusted-time" => {
            let quorum = table.text("quorum")?;
            known.quorums.check(quorum, errors);
            let applies_to = applies_to(table, known, errors);
            Some(Check::TrustedTime(TrustedTimeCheck { quorum: quorum.text.to_owned(), applies_to }))
        }
        "transparency" => {
            for log in table.texts("logs") {
                known.logs.check(log, errors);
            }
            let distinct = table.int("distinct_operators").and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
            let (logs, applies_to) = (table.strings("logs"), applies_to(table, known, errors));
            Some(Check::Transparency(TransparencyCheck { logs, distinct_operators: distinct, applies_to }))
        }
        "components" => None,
        name => super::chain::check(name, table, known, errors),
    }
}

/// The kinds of predicate that the check reads.
const SUMMARIES: [&str; 2] = [summary::VSA, summary::SVR];

/// `accept`: which kinds of summary.
pub(super) fn summaries(table: &Table, known: &Known<'_>, errors: &mut Errors) -> (Vec<String>, BTreeSet<String>) {
    let (accept, predicate_types) = match table.node("accept") {
        None => (vec!["vsa".to_owned()], [summary::VSA.to_owned()].into()),
        Some(_) => {
            let meaning = settings::resolve(table.texts("accept"), known.aliases, errors);
            (table.strings("accept"), meaning.predicate_types)
        }
    };
    if let Some(other) = predicate_types.iter().find(|t| !SUMMARIES.contains(&t.as_str())) {
        let message = format!("`{}` is no verification summary; those are {}", shown(other), listed(&SUMMARIES));
        errors.add(&BAD_VALUE, table.span_of("accept"), message);
    }
    (accept, predicate_types)
}

/// A list of digests, each written `sha256:…`.
pub(super) fn digests(table: &Table, key: &str, errors: &mut Errors) -> Vec<Digest> {
    let digest = |text: Text<'_>| {
        let parts = text.text.split_once(':');
        let parsed = parts.and_then(|(name, hex)| Digest::parse(Algorithm::from_name(name)?, hex));
        if parsed.is_none() {
            let message = format!("`{}` is no digest such as `sha256:…`", shown(text.text));
            errors.add(&BAD_VALUE, text.span, message);
        }
        parsed
    };
    table.texts(key).filter_map(digest).collect()
}

fn vsa(table: &Table, known: &Known<'_>, errors: &mut Errors) -> VsaCheck {
    let (accept, predicate_types) = summaries(table, known, errors);
    let policies = digests(table, "policies", errors);
    VsaCheck {
        accept,
        predicate_types,
        by: by(table, known, errors),
        properties: table.strings("properties"),
        resource: resource(table, errors),
        policies,
        max_age_days: table.int("max_age_days").and_then(|days| u32::try_from(days).ok()),
        inputs_present: table.text("input_evidence").is_some_and(|stated| stated.text == "present"),
        failed_wins: table.text("on_conflict").is_none_or(|stated| stated.text == "fail"),
    }
}

fn vulns(table: &Table, known: &Known<'_>, errors: &mut Errors) -> VulnsCheck {
    let days = |key: &str| table.int(key).and_then(|days| u32::try_from(days).ok());
    let says = |key: &str, word: &str| table.text(key).is_some_and(|stated| stated.text == word);
    VulnsCheck {
        by: by(table, known, errors),
        triage_by: parties("triage_by", table, known, errors),
        max_scan_age_days: days("max_scan_age_days"),
        max_database_age_days: days("max_database_age_days"),
        ignore_below: table.text("ignore_below").and_then(|word| Severity::parse(word.text)),
        untriaged_fails: says("untriaged", "fail"),
        affected_with_action: says("affected", "with-action"),
    }
}

fn resource(table: &Table, errors: &mut Errors) -> Option<ResourceMatch> {
    if let Some(exact) = table.text("resource") {
        return Some(ResourceMatch::Exact(exact.text.to_owned()));
    }
    let prefix = table.table("resource")?.text("prefix")?;
    let host = prefix.text.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    if host == Some("") {
        errors.add(
            &BAD_VALUE,
            prefix.span,
            format!("`{}` names no host; it would mean every resource", shown(prefix.text)),
        );
    } else if !prefix.text.ends_with('/') {
        let message =
            format!("`{}` is a prefix and must end at a `/`, or it would also mean longer names", shown(prefix.text));
        errors.add(&BAD_VALUE, prefix.span, message);
    }
    Some(ResourceMatch::Prefix(prefix.text.to_owned()))
}

fn applies_to(table: &Table, known: &Known<'_>, errors: &mut Errors) -> AppliesTo {
    let meaning = settings::resolve(table.texts("applies_to"), known.aliases, errors);
    AppliesTo { kinds: table.strings("applies_to"), predicate_types: meaning.predicate_types, file: meaning.file }
}

fn algorithm_sets(table: &Table, errors: &mut Errors) -> Vec<Vec<SignatureAlgorithm>> {
    let sets = table.list("algorithm_sets").iter();
    sets.map(|set| {
        let names = set.list().iter().filter_map(Node::text);
        names.filter_map(|name| settings::algorithm(name, errors)).collect()
    })
    .collect()
}

fn inventory(table: &Table, errors: &mut Errors) -> InventoryCheck {
    let closed_world = table.bool("closed_world").unwrap_or(true);
    let stated = table.bool("require_statement");
    if !closed_world && stated == Some(false) {
        let message = "an open world without a delivery statement asks for nothing";
        errors.add(&VACUOUS, table.span_of("require_statement"), message);
    }
    let each_member = table.text("members").is_some_and(|members| members.text == "each");
    let deny_opaque = table.text("opaque_containers").map_or(each_member, |opaque| opaque.text == "deny");
    if !closed_world && (each_member || deny_opaque) {
        let key = if each_member { "members" } else { "opaque_containers" };
        errors.add(&VACUOUS, table.span_of(key), "an open world asks for no file, and so for nothing that is in one");
    }
    InventoryCheck { closed_world, require_statement: stated.unwrap_or(!closed_world), each_member, deny_opaque }
}

fn any_of(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<Check> {
    let branches: Vec<Check> =
        table.tables("of").filter_map(|branch| leaf(branch.text("check")?.text, branch, known, errors)).collect();
    // An empty list is already reported.
    if table.list("of").len() == 1 {
        errors.add(
            &VACUOUS,
            table.span_of("of"),
            "`any-of` needs at least two branches; write the one as the rule itself",
        );
    }
    table.node("of")?;
    Some(Check::AnyOf(branches))
}

pub(super) fn by(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Vec<PartyRef> {
    parties("by", table, known, errors)
}

/// Parties by id or kind.
fn parties(key: &str, table: &Table, known: &Known<'_>, errors: &mut Errors) -> Vec<PartyRef> {
    let mut parties = Vec::new();
    for party in table.texts(key) {
        if !PARTY_KINDS.contains(&party.text) {
            known.parties.check(party, errors);
            parties.push(PartyRef::Id(party.text.to_owned()));
            continue;
        }
        // While a party's own kind is misspelt, nobody knows which kinds there are.
        let all_kinds_known = known.party_kinds.iter().all(|kind| PARTY_KINDS.contains(kind));
        if all_kinds_known && !known.party_kinds.contains(&party.text) {
            let message = format!("no party of the policy is of the kind `{}`", party.text);
            errors.add(&UNKNOWN_REFERENCE, party.span, message);
        }
        parties.push(PartyRef::Kind(party.text.to_owned()));
    }
    parties
}

fn provenance(table: &Table, known: &Known<'_>, errors: &mut Errors) -> ProvenanceCheck {
    let repository = match (table.text("repository"), table.table("repository")) {
        (Some(exact), _) => {
            repository(exact, false, errors);
            Some(RepositoryMatch::Exact(exact.text.to_owned()))
        }
        (None, Some(parts)) => parts.text("prefix").map(|prefix| {
            repository(prefix, true, errors);
            RepositoryMatch::Prefix(prefix.text.to_owned())
        }),
        (None, None) => None,
    };
    ProvenanceCheck {
        min_level: table.int("min_level").and_then(|level| u8::try_from(level).ok()).unwrap_or(4),
        repository,
        by: by(table, known, errors),
        parameters: table.tables("parameters").map(|entry| parameters(entry, known, errors)).collect(),
        // Without a list of parameters there is nothing that a parameter could be unknown against.
        unknown_parameters_fail: match table.text("unknown_parameters") {
            Some(stated) => stated.text == "fail",
            None => table.node("parameters").is_some(),
        },
    }
}

fn repository(uri: Text<'_>, prefix: bool, errors: &mut Errors) {
    let refuse = |errors: &mut Errors, why: &str| {
        errors.add(&BAD_VALUE, uri.span, format!("`{}` {why}", shown(uri.text)));
    };
    let Some((scheme, rest)) = uri.text.split_once("://") else {
        return refuse(errors, "is no repository URI such as `https://host/owner/name`");
    };
    let host = rest.split('/').next().unwrap_or_default();
    if uri.text.starts_with("git+") {
        refuse(errors, "is written without `git+`");
    } else if scheme.is_empty() || host.is_empty() || !uri.text.bytes().all(|b| b.is_ascii_graphic()) {
        refuse(errors, "is no repository URI such as `https://host/owner/name`");
    } else if rest.contains(['@', '*', '#', '?']) || rest.split('/').any(|part| matches!(part, "." | "..")) {
        refuse(errors, "is the repository alone: no ref, user, pattern, query or `..`");
    } else if prefix && !uri.text.ends_with('/') {
        refuse(errors, "is a prefix and must end at a `/`, or it would also mean longer names");
    } else if !prefix && rest.trim_end_matches('/') == host {
        refuse(errors, "names a host and no repository");
    }
}

fn parameters(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Parameters {
    if let Some(builder) = table.text("builder").filter(|builder| !known.builders.contains(&builder.text)) {
        let hint = match did_you_mean(builder.text, known.builders) {
            hint if hint.is_empty() && !known.builders.is_empty() => {
                format!("; granted are {}", listed(known.builders))
            }
            hint => hint,
        };
        let message = format!("no grant names the builder `{}`{hint}", shown(builder.text));
        errors.add(&UNKNOWN_REFERENCE, builder.span, message);
    }
    let mut allow = BTreeMap::new();
    for entry in table.table("allow").into_iter().flat_map(|table| &table.entries) {
        if !is_pointer(&entry.key) {
            let message = format!("`{}` is no JSON Pointer such as `/workflow/ref`", shown(&entry.key));
            errors.add(&BAD_VALUE, &entry.key_span, message);
        }
        if let Some(expect) = entry.node.table().and_then(|table| expect(table, errors)) {
            allow.insert(entry.key.clone(), expect);
        }
    }
    Parameters { builder: table.string("builder"), allow }
}

/// RFC 6901, without the empty pointer: that would be all parameters at once.
fn is_pointer(text: &str) -> bool {
    let mut escapes = text.split('~').skip(1);
    text.starts_with('/') && escapes.all(|rest| rest.starts_with(['0', '1']))
}

fn expect(table: &Table, errors: &mut Errors) -> Option<Expect> {
    if let Some(node) = table.node("eq") {
        return scalar(node, errors).map(Expect::Eq);
    }
    if let Some(prefix) = table.string("prefix") {
        return Some(Expect::Prefix(prefix));
    }
    if table.node("in").is_some() {
        return Some(Expect::In(table.list("in").iter().filter_map(|node| scalar(node, errors)).collect()));
    }
    let any = table.bool("any")?;
    if !any {
        errors.add(&BAD_VALUE, table.span_of("any"), "`any` is only ever `true`");
    }
    Some(Expect::Any)
}

fn scalar(node: &Node, errors: &mut Errors) -> Option<Scalar> {
    const SAFE: i64 = (1 << 53) - 1;
    match &node.data {
        Data::Text(text) => Some(Scalar::Text(text.clone())),
        Data::Bool(bool) => Some(Scalar::Bool(*bool)),
        Data::Int(int) => {
            if !(-SAFE..=SAFE).contains(int) {
                errors.add(&BAD_VALUE, &node.span, "JSON readers agree only on integers within ±(2^53 − 1)");
            }
            Some(Scalar::Int(*int))
        }
        _ => None,
    }
}
