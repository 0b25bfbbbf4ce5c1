//! CycloneDX XML, held against the shape of the version that its namespace says, and read.

mod advisories;
pub(crate) mod check;
mod form;
mod links;
mod model;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

use std::sync::LazyLock;

use self::table::Table;
use super::{VERSIONS, json};
use crate::decode::sbom::violations::Violations;
use crate::decode::sbom::{Invalid, Sbom, identity, known};
use crate::decode::vex;
use crate::limits::Limits;

const SOURCES: [&str; 6] = [
    include_str!("core.shape"),
    include_str!("service.shape"),
    include_str!("advisory.shape"),
    include_str!("machine.shape"),
    include_str!("claims.shape"),
    include_str!("crypto.shape"),
];

/// The tables of 1.2 to 1.7, each read when it is first needed.
static TABLES: [LazyLock<Table>; 6] = [
    LazyLock::new(|| table(2)),
    LazyLock::new(|| table(3)),
    LazyLock::new(|| table(4)),
    LazyLock::new(|| table(5)),
    LazyLock::new(|| table(6)),
    LazyLock::new(|| table(7)),
];

fn table(minor: u8) -> Table {
    Table::read(&SOURCES, &json::SOURCES, "bom", minor)
}

/// What they are called in reasons.
const FORMATS: [&str; 6] = [
    "CycloneDX 1.2 XML",
    "CycloneDX 1.3 XML",
    "CycloneDX 1.4 XML",
    "CycloneDX 1.5 XML",
    "CycloneDX 1.6 XML",
    "CycloneDX 1.7 XML",
];

/// Reads a document, if it is CycloneDX XML. Other encodings than UTF-8 are refused before this; a byte order mark is allowed,
/// as XML itself says what it means.
pub(in crate::decode) fn document(bytes: &[u8], limits: &Limits) -> Option<Result<Sbom, Invalid>> {
    if !has_mark(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => tree::is_cyclonedx(text).then(|| read(text, limits)),
        Err(wrong) => {
            let reason = tree::wrong(wrong.valid_up_to(), "bytes that are not UTF-8");
            tree::is_cyclonedx(&String::from_utf8_lossy(bytes)).then(|| Err(reason.into()))
        }
    }
}

/// Can a file that starts so be XML?
pub(in crate::decode) fn has_mark(prefix: &[u8]) -> bool {
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    text.trim_ascii_start().starts_with(b"<")
}

fn read(text: &str, limits: &Limits) -> Result<Sbom, Invalid> {
    let tree = tree::read(text, limits)?;
    known(&tree.version, &VERSIONS, "CycloneDX 1.2 to 1.7")?;
    let index = VERSIONS.iter().position(|known| *known == tree.version).unwrap_or_default();
    let mut found = Violations::new(FORMATS.get(index).copied().unwrap_or("CycloneDX XML"));
    if let Some(table) = TABLES.get(index) {
        found = check::walk(&tree, table, found);
    }
    let mut notes = Vec::new();
    links::check(&tree, &mut found, &mut notes);
    match model::read(&tree, &tree.version, limits) {
        Ok(mut sbom) => {
            identity::hashes(&sbom, &mut found);
            sbom.vulnerabilities = vex::cyclonedx::claims(&advisories::document(&tree), &mut notes);
            sbom.notes.extend(notes);
            found.verdict(Some(sbom))
        }
        Err(reason) if found.is_empty() => Err(reason.into()),
        Err(_) => found.verdict(None),
    }
}
