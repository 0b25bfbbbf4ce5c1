//! References between elements, signatures, and what else is looked at in the whole tree.

use super::check::place;
use super::tree::{Element, Space, Tree};
use crate::decode::sbom::bom_link::BomLink;
use crate::decode::sbom::cyclonedx::meaning;
use crate::decode::sbom::violations::Violations;
use crate::reason::Reason;

/// Signatures that are listed by place.
const SHOWN: usize = 20;

/// Holds references against names, and notes what is noteworthy. That names are unique the walk along the table has seen to.
pub(super) fn check(tree: &Tree<'_>, found: &mut Violations, notes: &mut Vec<Reason>) {
    let mut names: Vec<&str> = tree.elements().map(|(_, element)| tree.attribute(element, "bom-ref")).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    let mut signatures = Vec::new();
    for (index, element) in tree.elements() {
        if matches!(element.space, Space::Other(_))
            && tree.name(element.name) == "Signature"
            && signatures.len() < SHOWN
        {
            signatures.push(place(tree, index));
        }
        let (name, at) = reference(tree, element);
        if !name.is_empty() && !name.starts_with(BomLink::SCHEME) && names.binary_search(&name).is_err() {
            let place = format!("{}{at}", place(tree, index));
            meaning::dangling(&place, name, found, notes);
        }
    }
    meaning::prefixes(names.iter().copied(), notes);
    meaning::signatures("XML-DSig", &signatures, notes);
    let Some(root) = tree.element(0) else { return };
    if tree.attribute(root, "serialNumber").is_empty() {
        notes.push(Reason::new(&meaning::NO_SERIAL));
    }
    let listed = tree.inside(root).find(|(_, inside)| tree.is(inside, "dependencies"));
    let entries = listed.into_iter().flat_map(|(_, list)| tree.inside(list));
    let entries = entries.filter(|(_, entry)| tree.is(entry, "dependency"));
    meaning::repeated(entries.map(|(_, entry)| tree.attribute(entry, "ref")), notes);
}

/// What an element refers to, and where in it that stands: an attribute, or its text.
fn reference<'t>(tree: &'t Tree<'_>, element: &'t Element) -> (&'t str, &'static str) {
    if element.space != Space::Own {
        return ("", "");
    }
    match tree.name(element.name) {
        "ref" => (tree.text(element).trim_matches([' ', '\t', '\n', '\r']), ""),
        _ => (tree.attribute(element, "ref"), "/@ref"),
    }
}
