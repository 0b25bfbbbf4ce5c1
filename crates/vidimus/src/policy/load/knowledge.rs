//! `[status_list]`.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Table;
use super::errors::{Errors, ID_TWICE, UNSATISFIABLE};
use super::exception::named;
use super::names::Names;
use super::structure::shown;
use crate::decode::EntryKind;
use crate::policy::{Grant, StatusListPolicy, default_predicates};

/// Reads every status list.
pub(super) fn lists(
    document: &Table,
    identities: &Names,
    grants: &[Grant],
    errors: &mut Errors,
) -> BTreeMap<String, StatusListPolicy> {
    let types = default_predicates().remove("status").unwrap_or_default();
    let mut lists: BTreeMap<String, StatusListPolicy> = BTreeMap::new();
    for entry in document.table("status_list").into_iter().flat_map(|table| &table.entries) {
        let Some(table) = entry.node.table() else { continue };
        let Some(by) = table.text("by") else { continue };
        identities.check(by, errors);
        let may = |grant: &Grant| {
            grant.identities.iter().any(|id| id == by.text) && types.iter().any(|t| grant.predicate_types.contains(t))
        };
        if identities.has(by.text) && !grants.iter().any(may) {
            let message = format!("no grant lets `{}` say `status`; the list could never be read", shown(by.text));
            errors.add(&UNSATISFIABLE, by.span, message);
        }
        let list = match table.text("list") {
            Some(stated) => named(stated, errors).unwrap_or_default(),
            None => format!("urn:status:{}", entry.key),
        };
        if let Some(other) = lists.values().find(|other| other.list == list) {
            let message = format!("`{}` is the same list: {}", other.name, shown(&list));
            errors.add(&ID_TWICE, &entry.key_span, message);
        }
        let kind = |name: &str| EntryKind::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind);
        let scope: BTreeSet<EntryKind> = table.texts("scope").filter_map(|text| kind(text.text)).collect();
        lists.insert(
            entry.key.clone(),
            StatusListPolicy {
                name: entry.key.clone(),
                list,
                by: by.text.to_owned(),
                scope,
                max_age_hours: table.int("max_age_hours").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
                min_number: table.int("min_number").and_then(|n| u64::try_from(n).ok()).unwrap_or(1),
            },
        );
    }
    lists
}
