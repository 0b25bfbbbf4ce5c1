//! What is about components: parts of `[[class]]` and `[[grant]]`, `[[delegation]]`, and the checks over the graph.

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, SYNTAX, UNKNOWN_REFERENCE, VACUOUS};
use super::files::Folder;
use super::rule::Known;
use super::settings;
use super::structure::shown;
use crate::decode::{Checksums, summary};
use crate::digest::{Digest, DigestSet};
use crate::graph::EdgeKind;
use crate::limits::Limits;
use crate::policy::{
    Check, ComponentsCheck, Delegation, Exclude, LeafBudget, Lenient, Need, PartyRef, Product, Proof, ProvenanceCheck,
    QuorumCheck, Raise, Role, SourceCheck, VsaCheck, Window,
};

/// The operator's list of digests is at most this large.
const LIST_BYTES: u64 = 16 * 1024 * 1024;

/// `repositories` of a grant.
pub(super) fn repositories(table: &Table, errors: &mut Errors) -> Vec<String> {
    for uri in table.texts("repositories") {
        let host = uri.text.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        let plain = uri.text.bytes().all(|b| b.is_ascii_graphic()) && !uri.text.contains(['@', '*', '#', '?']);
        if uri.text.starts_with("git+") || !plain || host.is_none_or(|(host, _)| host.is_empty()) {
            let message = format!(
                "`{}` is no repository URI such as `https://host/owner/name`, or `https://host/owner/` for all below",
                shown(uri.text)
            );
            errors.add(&BAD_VALUE, uri.span, message);
        }
    }
    table.strings("repositories")
}

/// `raise_if` of a class.
pub(super) fn raise(table: &Table) -> Option<Raise> {
    let stated = table.table("raise_if")?;
    let lower = |key| stated.strings(key).iter().map(|text| text.to_ascii_lowercase()).collect();
    Some(Raise {
        crypto_asset: stated.bool("crypto_asset").unwrap_or(false),
        types: lower("types"),
        name_contains: lower("name_contains"),
    })
}

/// `lenient`, `proof_any` and `digest_list` of a class.
pub(super) fn lenient(table: &Table, folder: &mut Folder, errors: &mut Errors) -> Option<Lenient> {
    let is_lenient = table.bool("lenient").unwrap_or(false);
    for key in ["proof_any", "digest_list"].into_iter().filter(|key| !is_lenient && table.node(key).is_some()) {
        errors.add(&BAD_VALUE, table.span_of(key), format!("`{key}` belongs to a class with `lenient = true`"));
    }
    if !is_lenient {
        return None;
    }
    if table.node("proof_any").is_none() {
        let message = "a lenient class needs `proof_any`, or the word of an SBOM would make the rules milder";
        errors.add(&VACUOUS, table.span_of("lenient"), message);
    }
    let named = table.texts("proof_any").map(|stated| stated.text);
    let proof_any: Vec<Proof> =
        named.filter_map(|name| Proof::ALL.iter().find(|(n, _)| *n == name)).map(|(_, proof)| *proof).collect();
    let list = table.text("digest_list");
    if list.is_some() != proof_any.contains(&Proof::DigestList) {
        let message = "`digest_list` and `operator-digest-list` in `proof_any` belong together";
        errors.add(&BAD_VALUE, table.span_of(if list.is_some() { "digest_list" } else { "proof_any" }), message);
    }
    let digests = list.and_then(|path| digest_list(path, folder, errors));
    let files: Vec<(String, Digest)> = digests
        .into_iter()
        .flat_map(|list| list.files)
        .filter_map(|(name, set): (String, DigestSet)| Some((name, set.strongest()?)))
        .collect();
    let named = files.iter().filter_map(|(name, digest)| Some((digest.clone(), Product::parse_claim(name)?))).collect();
    Some(Lenient { proof_any, digests: files.into_iter().map(|(_, digest)| digest).collect(), named })
}

fn digest_list(path: Text<'_>, folder: &mut Folder, errors: &mut Errors) -> Option<Checksums> {
    let bytes = folder.read(path, LIST_BYTES, errors)?;
    match crate::decode::checksums(&bytes, &Limits::MAX) {
        Some(Ok(list)) => Some(list),
        Some(Err(_)) | None => {
            let message = format!("`{}`: not a list of digests as `sha256sum` writes it", path.text);
            errors.add(&SYNTAX, path.span, message);
            None
        }
    }
}

/// `[[delegation]]`.
pub(super) fn delegations(document: &Table, known: &Known<'_>, errors: &mut Errors) -> Vec<Delegation> {
    let mut delegations: Vec<Delegation> = Vec::new();
    for table in document.tables("delegation") {
        for party in table.text("to").into_iter().chain(table.texts("about_suppliers")) {
            known.parties.check(party, errors);
        }
        table.texts("classes").for_each(|class| known.classes.check(class, errors));
        let (Some(id), Some(to)) = (table.text("id"), table.string("to")) else { continue };
        let (accept, predicate_types) = super::rule::summaries(table, known, errors);
        let map = table.table("map").into_iter().flat_map(|map| &map.entries);
        let map = map.filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.text.to_owned())));
        let map: Vec<(String, String)> = map.collect();
        for need in table.texts("need_any").filter(|need| !map.iter().any(|(_, property)| property == need.text)) {
            let message = format!("nothing in `map` becomes `{}`", shown(need.text));
            errors.add(&UNKNOWN_REFERENCE, need.span, message);
        }
        delegations.push(Delegation {
            id: id.text.to_owned(),
            to,
            about_suppliers: table.strings("about_suppliers"),
            classes: table.strings("classes"),
            accept,
            predicate_types,
            map,
            need_any: table.strings("need_any"),
            max_depth: table.int("max_depth").and_then(|depth| u32::try_from(depth).ok()).unwrap_or(1),
            max_age_days: table.int("max_age_days").and_then(|days| u32::try_from(days).ok()),
            inputs_present: table.text("input_evidence").is_some_and(|stated| stated.text == "present"),
            valid: table
                .table("valid")
                .map(|valid: &Table| -> Window { settings::window(valid, "from", "until", errors) }),
        });
    }
    delegations
}

/// `exclude_groups_of` of a quorum.
pub(super) fn exclude(table: &Table, parties: &super::names::Names, errors: &mut Errors) -> Vec<Exclude> {
    let one = |text: Text<'_>| match text.text {
        "subject-vendor" => Exclude::SubjectVendor,
        "subject-suppliers" => Exclude::SubjectSuppliers,
        party => {
            parties.check(text, errors);
            Exclude::Party(party.to_owned())
        }
    };
    table.texts("exclude_groups_of").map(one).collect()
}

/// The checks over the graph, by name.
pub(super) fn check(name: &str, table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<Check> {
    match name {
        "components" => Some(Check::Components(components(table, known, errors))),
        "component-identity" => Some(Check::ComponentIdentity(super::rule::by(table, known, errors))),
        "source" => {
            let min_level = table.int("min_level").and_then(|level| u8::try_from(level).ok()).unwrap_or(4);
            Some(Check::Source(SourceCheck { min_level }))
        }
        "delegated" => {
            let delegation = table.text("delegation")?;
            known.delegations.check(delegation, errors);
            Some(Check::Delegated(delegation.text.to_owned()))
        }
        "quorum" => quorum(table, known, errors).map(Check::Quorum),
        _ => None,
    }
}

fn components(table: &Table, known: &Known<'_>, errors: &mut Errors) -> ComponentsCheck {
    let edges = match table.node("edges") {
        None => [EdgeKind::Contains, EdgeKind::Part, EdgeKind::Depends].into_iter().collect(),
        Some(_) => table.texts("edges").filter_map(|edge| EdgeKind::from_name(edge.text)).collect(),
    };
    let edges: crate::graph::Kinds = edges;
    if edges.has(EdgeKind::Depends) && !edges.has(EdgeKind::Part) {
        let message = "`depends` without `part` passes over what an SBOM lists without connecting it; add `part`";
        errors.add(&VACUOUS, table.span_of("edges"), message);
    }
    let leaf_budget = table.table("leaf_budget").and_then(|budget| {
        let class = budget.text("class")?;
        known.classes.check(class, errors);
        let max_count = budget.int("max_count").and_then(|count| u64::try_from(count).ok())?;
        Some(LeafBudget { class: class.text.to_owned(), max_count })
    });
    ComponentsCheck { edges, leaf_budget }
}

fn quorum(table: &Table, known: &Known<'_>, errors: &mut Errors) -> Option<QuorumCheck> {
    let quorum = table.text("quorum")?;
    known.quorums.check(quorum, errors);
    let need = table.table("need")?;
    let predicate = need.text("predicate")?;
    let of_rebuild = predicate.text == "provenance";
    let (mine, others) = if of_rebuild {
        (["min_level", "normalisations"].as_slice(), ["properties", "max_age_days", "policies"].as_slice())
    } else {
        (["properties", "max_age_days", "policies"].as_slice(), ["min_level", "normalisations"].as_slice())
    };
    for key in others.iter().filter(|key| need.node(key).is_some()) {
        let message =
            format!("`{key}` says nothing of `{}`; there {} may stand", predicate.text, super::structure::listed(mine));
        errors.add(&BAD_VALUE, need.span_of(key), message);
    }
    if of_rebuild {
        if table.node("on_conflict").is_some() {
            errors.add(&BAD_VALUE, table.span_of("on_conflict"), "nobody signs that a rebuild failed");
        }
        let min_level = need.int("min_level").and_then(|level| u8::try_from(level).ok()).unwrap_or(1);
        let provenance = ProvenanceCheck {
            min_level,
            repository: None,
            by: candidates(quorum.text, known),
            parameters: Vec::new(),
            unknown_parameters_fail: false,
        };
        let need = Need::Rebuild { provenance: Box::new(provenance), normalisations: need.strings("normalisations") };
        return Some(QuorumCheck { quorum: quorum.text.to_owned(), need });
    }
    if need.node("properties").is_none() {
        let message = "`need` of summaries states `properties`; a summary of nothing would do";
        errors.add(&VACUOUS, &need.span, message);
    }
    let predicate_type = if predicate.text == "svr" { summary::SVR } else { summary::VSA };
    let check = VsaCheck {
        accept: vec![predicate.text.to_owned()],
        predicate_types: [predicate_type.to_owned()].into(),
        by: candidates(quorum.text, known),
        properties: need.strings("properties"),
        resource: None,
        policies: super::rule::digests(need, "policies", errors),
        max_age_days: need.int("max_age_days").and_then(|days| u32::try_from(days).ok()),
        inputs_present: false,
        failed_wins: table.text("on_conflict").is_none_or(|stated| stated.text == "fail"),
    };
    Some(QuorumCheck { quorum: quorum.text.to_owned(), need: Need::Summary(Box::new(check)) })
}

fn candidates(quorum: &str, known: &Known<'_>) -> Vec<PartyRef> {
    let found = known.candidates.get(quorum).into_iter().flatten();
    found.map(|party| PartyRef::Id(party.clone())).collect()
}

/// What stands in a class and cannot be.
pub(super) fn check_class(role: Role, default: bool, table: &Table, errors: &mut Errors) {
    for key in ["raise_if", "lenient"].into_iter().filter(|key| table.node(key).is_some()) {
        if default || role == Role::TopLevel {
            let message = format!(
                "`{key}` is about components; a class of the role `component` or `any` that is not the default"
            );
            errors.add(&BAD_VALUE, table.span_of(key), message);
        }
    }
    if table.node("raise_if").is_some() && table.bool("lenient") == Some(true) {
        errors.add(&BAD_VALUE, table.span_of("raise_if"), "the word of an SBOM cannot lead into a lenient class");
    }
}
