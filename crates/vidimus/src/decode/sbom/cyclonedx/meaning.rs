//! What CycloneDX asks beyond the shape of the document, whatever it is written in (CDX-01 to CDX-06, CDX-13, CDX-18 to CDX-21).

use super::json::check::Problems;
use crate::decode::sbom::bom_link::BomLink;
use crate::decode::sbom::violations::Violations;
use crate::reason::Reason;
use crate::signature::openpgp::UNSUPPORTED;

crate::reasons! {
    DUPLICATE = "sbom.duplicate-reference", Unproven, Vendor, ["found", "place"],
        says "{place}: an earlier component or service is called {found} already",
        why "A reference to a name that two have means either; whoever signed the document did not say which (CycloneDX `bom-ref`: must be unique within the BOM; CDX-03).",
        fix "Give each component and service a bom-ref of its own.";
    REPEATED_NAME = "sbom.repeated-name", Unproven, Vendor, ["found", "place"],
        says "{place}: another element is called {found} as well",
        why "Names should be unique in the whole document; this one is of an element that no dependency refers to (CDX-03).",
        fix "Give each element a bom-ref of its own.";
    DANGLING = "sbom.dangling-reference", Unproven, Vendor, ["found", "place"],
        says "{place} refers to {found}, which is not in the document",
        why "A reference is to an element of the same document, or a BOM-Link (CycloneDX `refLinkType`); a relationship with something that does not exist says nothing, and hides what should have been listed (CDX-04).",
        fix "Add the missing element, correct the reference, or write a BOM-Link to the document that has it.";
    EXTERNAL_ROOT = "sbom.external-root", Unproven, Vendor, ["place"],
        says "{place}: the component that the document is about is marked as external",
        why "What is external is not part of what the document describes (CycloneDX 1.7 `metadata.component`; CDX-13).",
        fix "Remove `isExternal`, or describe the component that was delivered.";
    NO_SERIAL = "sbom.no-serial", Unproven, Vendor, [],
        says "the document has no serial number",
        why "Every document should have one; other documents can refer to it by nothing else (CycloneDX `serialNumber`; CDX-01).",
        fix "State a serialNumber, `urn:uuid:` and a new UUID.";
    PREFIX = "sbom.reference-prefix", Unproven, Vendor, ["count", "found"],
        says "{count} elements are called by a name that begins like a BOM-Link, such as {found}",
        why "Such a name cannot be told from a reference to another document, and should not be given (CycloneDX `refType`; CDX-03).",
        fix "Choose another bom-ref.";
    REPEATED_DEPENDENCY = "sbom.repeated-dependency", Unproven, Vendor, ["count", "found"],
        says "the dependencies of {count} components are listed in several entries, such as those of {found}",
        why "All entries are taken together here; a tool that reads the first alone sees fewer (CDX-06).",
        fix "Write one entry for each component.";
    TLP = "sbom.distribution", Unproven, Vendor, ["found"],
        says "the document may be passed on only as far as TLP:{found} allows",
        why "Whoever publishes a report about it could publish what is in it (CycloneDX 1.7 `distributionConstraints`; CDX-21).",
        fix "Show reports about this document only to those whom the marking allows.";
}

/// Names of elements that are wrong: what references can mean is refused, the rest is noted.
pub(super) fn names(problems: Problems, found: &mut Violations, notes: &mut Vec<Reason>) {
    for (place, name) in problems.dangling {
        found.add(&DANGLING, &place, |reason| reason.evidence("found", &name));
    }
    for (place, name) in problems.repeated {
        if is_part(&place) {
            found.add(&DUPLICATE, &place, |reason| reason.evidence("found", &name));
        } else {
            notes.push(Reason::new(&REPEATED_NAME).evidence("found", &name).evidence("place", &place));
        }
    }
}

/// Signatures inside of the document: recognised, and never looked at as a proof (CDX-18, CDX-19).
pub(super) fn signatures(kind: &str, places: &[String], notes: &mut Vec<Reason>) {
    notes.extend(places.iter().map(|place| Reason::new(&UNSUPPORTED).name("kind", format_args!("{kind} at {place}"))));
}

/// Is it the `bom-ref` of a component or service?
fn is_part(place: &str) -> bool {
    let mut steps = place.rsplit('/').skip(1);
    let (last, before) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    last == "component" || matches!(before, "components" | "services")
}

/// Names that look like BOM-Links.
pub(super) fn prefixes<'a>(names: impl Iterator<Item = &'a str>, notes: &mut Vec<Reason>) {
    let mut links = names.filter(|name| name.starts_with(BomLink::SCHEME));
    if let Some(first) = links.next() {
        notes.push(Reason::new(&PREFIX).int("count", 1 + links.count() as u64).evidence("found", first));
    }
}

/// Components whose dependencies stand in several entries.
pub(super) fn repeated<'a>(entries: impl Iterator<Item = &'a str>, notes: &mut Vec<Reason>) {
    let mut entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
    entries.sort_unstable();
    let same = |pair: &&[&'a str]| pair.first() == pair.last();
    let mut repeated: Vec<&str> = entries.windows(2).filter(same).filter_map(|pair| pair.first().copied()).collect();
    repeated.dedup();
    if let Some(first) = repeated.first() {
        let reason = Reason::new(&REPEATED_DEPENDENCY).int("count", repeated.len() as u64);
        notes.push(reason.evidence("found", first));
    }
}
