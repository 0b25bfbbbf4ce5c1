//! `[party]`: who exists, who owns whom.

use std::collections::BTreeMap;

use super::certification::accreditation;
use super::document::Table;
use super::errors::{BAD_VALUE, COUNTRY, CYCLE, Errors};
use super::grant::patterns;
use super::names::Names;
use super::spec::PARTY_KINDS;
use super::structure::shown;
use crate::country::{instead_of, is_country};
use crate::policy::Party;

/// Reads every party.
pub(super) fn parties(document: &Table, names: &Names, errors: &mut Errors) -> BTreeMap<String, Party> {
    let mut parties = BTreeMap::new();
    for entry in document.table("party").into_iter().flat_map(|table| &table.entries) {
        let Some(table) = entry.node.table() else { continue };
        if PARTY_KINDS.contains(&entry.key.as_str()) {
            let message = format!("`{}` is a kind of party; `by` could not tell the party from the kind", entry.key);
            errors.add(&BAD_VALUE, &entry.key_span, message);
        }
        for code in table.texts("jurisdictions").filter(|code| !is_country(code.text)) {
            let hint = instead_of(code.text).map_or_else(String::new, |code| format!("; write `{code}`"));
            let message = format!("`{}` is no ISO 3166-1 alpha-2 code in upper case{hint}", shown(code.text));
            errors.add(&COUNTRY, code.span, message);
        }
        for reference in table.texts("controlled_by").chain(table.texts("hosted_by")) {
            names.check(reference, errors);
        }
        let mut jurisdictions = table.strings("jurisdictions");
        jurisdictions.sort();
        jurisdictions.dedup();
        parties.insert(
            entry.key.clone(),
            Party {
                id: entry.key.clone(),
                name: table.string("name").unwrap_or_default(),
                kind: table.string("kind").unwrap_or_default(),
                jurisdictions,
                controlled_by: table.strings("controlled_by"),
                hosted_by: table.strings("hosted_by"),
                products: patterns(table, errors),
                accreditation: accreditation(table, errors),
            },
        );
    }
    cycles(document, &parties, errors);
    parties
}

/// Every circle of parties that own each other, once, at its first party in the file.
fn cycles(document: &Table, parties: &BTreeMap<String, Party>, errors: &mut Errors) {
    let mut reported: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in document.table("party").into_iter().flat_map(|table| &table.entries) {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = vec![&entry.key];
        let mut owns_itself = false;
        while let Some(owners) = open.pop().and_then(|id| parties.get(id)).map(|party| &party.controlled_by) {
            for owner in owners {
                owns_itself |= *owner == entry.key;
                if !seen.contains(&owner.as_str()) {
                    seen.push(owner);
                    open.push(owner);
                }
            }
        }
        let key = entry.key.as_str();
        let same_circle = reported.iter().any(|(other, reach)| seen.contains(other) && reach.contains(&key));
        if let (true, false, Some(table)) = (owns_itself, same_circle, entry.node.table()) {
            errors.add(&CYCLE, table.span_of("controlled_by"), format!("`{key}` is in the end controlled by itself"));
            reported.push((key, seen));
        }
    }
}
