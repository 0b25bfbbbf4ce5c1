//! CycloneDX XML, held against the shape of the version that its namespace says, and read.

pub(crate) mod check;
mod convert;
mod form;
mod links;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

pub(super) use self::convert::Paths;
use self::table::Table;
use super::notation::Tables;
use super::{Places, VERSIONS, json, meaning};
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

static TABLES: Tables<Table> = Tables::new(table);

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
    let found = Violations::new(FORMATS.get(index).copied().unwrap_or("CycloneDX XML"));
    let Some(table) = TABLES.get(index) else { return found.verdict(None) };
    let mut found = check::walk(&tree, table, found);
    let mut notes = Vec::new();
    links::check(&tree, &mut found, &mut notes);
    let (document, containers) = convert::convert(&tree, table);
    // Of the elements only their places are needed from here on, and large documents have a million.
    let paths = Paths::new(tree.into_outline(), containers);
    let read = super::SHAPE.object(document.root(), "bom");
    match read.and_then(|document| super::model(document, index, "xml", &Places::Paths(paths), limits)) {
        Ok(mut sbom) => {
            identity::hashes(&sbom, &mut found);
            let document = document.root().as_object().unwrap_or_default();
            if super::is_external(document) {
                found.add(&meaning::EXTERNAL_ROOT, "/bom/metadata/component/@isExternal", |reason| reason);
            }
            sbom.vulnerabilities = vex::cyclonedx::claims(document, &mut notes);
            sbom.notes.extend(notes);
            found.verdict(Some(sbom))
        }
        Err(reason) if found.is_empty() => Err(reason.into()),
        Err(_) => found.verdict(None),
    }
}
