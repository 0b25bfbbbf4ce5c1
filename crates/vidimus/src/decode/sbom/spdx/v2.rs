//! SPDX 2.2 and 2.3, whatever they are written in: JSON as it stands, tag-value after `tag_value.rs` gave it the same shape.

use super::schema::{DOCUMENT, V22, V23};
use super::{check, fill};
use crate::decode::json::tree::{Json, List, Map};
use crate::decode::sbom::form::{Place, Versions, hold};
use crate::decode::sbom::violations::{Lines, Violations};
use crate::decode::sbom::{Invalid, Sbom, VERSION};
use crate::limits::Limits;
use crate::reason::Reason;

/// Spellings of the versions that are read, and what they are called.
const VERSIONS: [(&str, Versions, &str, bool); 5] = [
    ("SPDX-2.2", V22, "2.2", true),
    ("SPDX-2.2.1", V22, "2.2", false),
    ("SPDX-2.2.2", V22, "2.2", false),
    ("SPDX-2.3", V23, "2.3", true),
    ("SPDX-2.3.1", V23, "2.3", false),
];

/// Reads a document: its form, its meaning, and the model.
///
/// `before` is what was found wrong with the text that the value was read from.
pub(super) fn read(
    value: Json<'_>,
    lines: Lines,
    before: Option<Violations>,
    limits: &Limits,
) -> Result<Sbom, Invalid> {
    let document = value.as_object().ok_or_else(|| super::SHAPE.wrong("spdxVersion"))?;
    let stated = super::SHAPE.need_text(document, "spdxVersion")?;
    let Some((_, version, name, usual)) = VERSIONS.iter().copied().find(|(known, ..)| *known == stated) else {
        return Err(Reason::new(&VERSION).evidence("found", stated).name("required", "SPDX 2.2, 2.3 or 3.0.1").into());
    };
    let format = if version == V22 { "SPDX 2.2" } else { "SPDX 2.3" };
    let suffix = lines.suffix();
    let mut found = Violations::of_lines(format, lines);
    before.into_iter().for_each(|before| found.absorb(before));
    hold(&DOCUMENT, value, version, &Place::ROOT, &mut found);
    let mut notes = Vec::new();
    if !usual {
        notes.push(Reason::new(&super::SPELLING).evidence("found", stated).name("expected", format!("SPDX-{name}")));
    }
    let index = check::document(document, &mut found, &mut notes);
    let mut sbom = fill::model(format!("spdx-{name}+{suffix}"), document, &index, &found, limits)?;
    sbom.notes = notes;
    found.verdict(Some(sbom))
}

/// A string member; empty if there is none.
pub(super) fn text<'a>(map: Map<'a>, member: &str) -> &'a str {
    map.get(member).and_then(Json::as_str).unwrap_or_default()
}

/// The items of a list member; none if there is none.
pub(super) fn list<'a>(map: Map<'a>, member: &str) -> List<'a> {
    map.get(member).and_then(Json::as_array).unwrap_or_default()
}

/// The objects of a list member, with their index.
pub(super) fn objects<'a>(map: Map<'a>, member: &str) -> impl Iterator<Item = (usize, Map<'a>)> {
    list(map, member).iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?)))
}

/// The strings of a list member, with their index.
pub(super) fn texts<'a>(map: Map<'a>, member: &str) -> impl Iterator<Item = (usize, &'a str)> {
    list(map, member).iter().enumerate().filter_map(|(index, item)| Some((index, item.as_str()?)))
}
