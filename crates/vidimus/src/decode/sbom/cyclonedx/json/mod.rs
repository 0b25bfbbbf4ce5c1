//! CycloneDX JSON, held against the shape of the version that it declares.
//!
//! The shape is data (`*.shape`), one table for all versions; this module walks a document along it. It never recurses on the
//! document, and names every place that breaks a rule.

pub(crate) mod check;
mod table;

use self::check::Problems;
use self::table::Table;
use super::meaning;
use super::notation::Tables;
use crate::decode::json::tree::{Json, Map};
use crate::decode::sbom::violations::Violations;
use crate::reason::Reason;

pub(super) const SOURCES: [&str; 5] = [
    include_str!("core.shape"),
    include_str!("advisory.shape"),
    include_str!("machine.shape"),
    include_str!("claims.shape"),
    include_str!("crypto.shape"),
];

static TABLES: Tables<Table> = Tables::new(table);

fn table(minor: u8) -> Table {
    Table::read(&SOURCES, "bom", minor)
}

/// Versions by their number after `1.`, and what they are called in reasons.
const FORMATS: [&str; 6] =
    ["CycloneDX 1.2", "CycloneDX 1.3", "CycloneDX 1.4", "CycloneDX 1.5", "CycloneDX 1.6", "CycloneDX 1.7"];

/// Everything in `document` that breaks a rule of the version, the `version`-th of those that are read, and names of elements that
/// are wrong.
pub(super) fn violations(document: Json<'_>, version: usize) -> (Violations, Problems) {
    let mut found = Violations::new(FORMATS.get(version).copied().unwrap_or("CycloneDX"));
    let Some(table) = TABLES.get(version) else { return (found, Problems::default()) };
    let links = check::walk(document, table, &mut found);
    (found, check::problems(document, table, links))
}

/// What is noteworthy about a document beside the names of its elements.
pub(super) fn notes(document: Map<'_>, problems: &Problems, notes: &mut Vec<Reason>) {
    if document.get("serialNumber").is_none() {
        notes.push(Reason::new(&meaning::NO_SERIAL));
    }
    let dependencies = document.get("dependencies").and_then(Json::as_array);
    let entries = dependencies.unwrap_or_default().iter().filter_map(|entry| entry.get("ref")?.as_str());
    meaning::repeated(entries, notes);
    meaning::prefixes(problems.prefixed.iter().map(String::as_str), notes);
    meaning::signatures("JSF", &problems.signatures, notes);
    let constraints = document.get("metadata").and_then(|metadata| metadata.get("distributionConstraints"));
    if let Some(tlp) = constraints.and_then(|constraints| constraints.get("tlp")?.as_str()) {
        notes.push(Reason::new(&meaning::TLP).evidence("found", tlp));
    }
}

#[cfg(test)]
mod tests;
