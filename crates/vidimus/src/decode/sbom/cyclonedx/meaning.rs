//! What CycloneDX asks beyond the shape of the document, whatever it is written in (CDX-01 to CDX-06, CDX-13, CDX-18 to CDX-21).

use std::collections::BTreeMap;

use super::json::check::Problems;
use crate::decode::sbom::bom_link::BomLink;
use crate::decode::sbom::violations::Violations;
use crate::reason::Reason;
use crate::signature::openpgp::UNSUPPORTED;

crate::reasons! {
    DUPLICATE = "sbom.duplicate-reference", Unproven, Vendor, ["found", "place"],
        says "{place}: another component or service is called {found} as well, and says something else",
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
    UNKNOWN_NAME = "sbom.unknown-name", Unproven, Vendor, ["found", "place"],
        says "{place} names {found}, which is not in the document",
        why "A tool, a claim, a workflow or a key that is named and not described says little; no component depends on it (CDX-04).",
        fix "Add the element, or correct the name.";
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

/// What tells two components apart that are called the same. Both must have the name or lack it; the rest one of them may leave out.
pub(super) const APART: [&str; 5] = ["name", "version", "purl", "hashes", "group"];

/// What a component says of each of [`APART`].
pub(super) type Own<V> = [Option<V>; APART.len()];

/// What components that are called the same say together.
struct Namesakes<V> {
    /// Of each the first that is said.
    first: Own<V>,
    /// Whether something else is said of it, too.
    differs: [bool; APART.len()],
    is_named: bool,
    is_nameless: bool,
    /// One of them is nowhere in the document.
    is_lost: bool,
}

impl<V: Copy> Namesakes<V> {
    const NONE: Self = Self {
        first: [None; APART.len()],
        differs: [false; APART.len()],
        is_named: false,
        is_nameless: false,
        is_lost: false,
    };

    fn add(&mut self, said: Option<Own<V>>, is_equal: &impl Fn(V, V) -> bool) {
        let Some(said) = said else { return self.is_lost = true };
        let [name, ..] = said;
        self.is_named |= name.is_some();
        self.is_nameless |= name.is_none();
        for ((first, differs), own) in self.first.iter_mut().zip(&mut self.differs).zip(said) {
            let Some(own) = own else { continue };
            let first = *first.get_or_insert(own);
            *differs = *differs || !is_equal(first, own);
        }
    }

    /// Does any of them say something else than this one?
    fn has_another(&self, said: Option<Own<V>>) -> bool {
        let differs = |said: Own<V>| self.differs.iter().zip(said).any(|(differs, own)| *differs && own.is_some());
        self.is_lost || self.is_named && self.is_nameless || said.is_some_and(differs)
    }
}

/// Names of elements that are wrong: what the graph and what is said about components rest on is refused, the rest is noted.
/// `said` has what the component with the name at a place says of [`APART`].
pub(super) fn names<V: Copy>(
    problems: Problems,
    mut said: impl FnMut(&str) -> Option<Own<V>>,
    is_equal: impl Fn(V, V) -> bool,
    found: &mut Violations,
    notes: &mut Vec<Reason>,
) {
    for (place, name) in problems.dangling {
        dangling(&place, &name, found, notes);
    }
    // There may be as many of one name as the document has components, so they are held against what is said of each thing first and
    // not against each other: where all say the same as that, no two differ.
    let mut parts: BTreeMap<&str, Namesakes<V>> = BTreeMap::new();
    for (place, name) in problems.repeated.iter().filter(|(place, _)| is_part(place)) {
        parts.entry(name).or_insert(Namesakes::NONE).add(said(place), &is_equal);
    }
    for (place, name) in &problems.repeated {
        // Real generators list what the document is about among the components once more.
        let another = |parts: &Namesakes<V>| parts.has_another(said(place));
        if is_part(place) && parts.get(name.as_str()).is_some_and(another) {
            found.add(&DUPLICATE, place, |reason| reason.evidence("found", name));
        } else {
            notes.push(Reason::new(&REPEATED_NAME).evidence("found", name).evidence("place", place));
        }
    }
}

/// A reference to nothing. Official valid documents have such where tools, claims, workflows and keys are named.
pub(super) fn dangling(place: &str, name: &str, found: &mut Violations, notes: &mut Vec<Reason>) {
    let place_in = place.strip_prefix("/bom").unwrap_or(place);
    let decides = ["/dependencies", "/compositions", "/vulnerabilities", "/annotations"];
    if decides.iter().any(|list| place_in.starts_with(list)) {
        found.add(&DANGLING, place, |reason| reason.evidence("found", name));
    } else {
        notes.push(Reason::new(&UNKNOWN_NAME).evidence("found", name).evidence("place", place));
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use serde_json::{Value as Json, json};

    use crate::decode::{Content, document};
    use crate::limits::Limits;
    use crate::reason::Reason;

    fn said(reasons: &[Reason]) -> Vec<String> {
        let place = |reason: &Reason| reason.args().get("place").or(reason.args().get("kind")).map(ToString::to_string);
        let line = |reason: &Reason| format!("{} {}", reason.code(), place(reason).unwrap_or_default());
        reasons.iter().map(|reason| line(reason).trim_end().to_owned()).collect()
    }

    fn of(bytes: &[u8]) -> Vec<String> {
        match document(bytes, &Limits::MAX) {
            Content::Sbom(sbom) => said(&sbom.notes),
            Content::InvalidSbom(invalid) => [vec!["refused".to_owned()], said(&invalid.reasons)].concat(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_json_documents_say() {
        type Change = fn(&mut Json);
        let rows: &[(Change, &[&str])] = &[
            (|_| (), &[]),
            (|b| drop(b.as_object_mut().unwrap().remove("serialNumber")), &["sbom.no-serial"]),
            (
                |b| b["dependencies"][0]["dependsOn"][0] = json!("x"),
                &["refused", "sbom.dangling-reference /dependencies/0/dependsOn/0"],
            ),
            (
                |b| b["dependencies"][0]["dependsOn"][0] = json!("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2#x"),
                &["sbom.unreachable /components/0"],
            ),
            (
                |b| b["compositions"] = json!([{"aggregate": "complete", "assemblies": ["a", "x"]}]),
                &["refused", "sbom.dangling-reference /compositions/0/assemblies/1"],
            ),
            (
                |b| b["vulnerabilities"] = json!([{"id": "CVE-1", "affects": [{"ref": "x"}]}]),
                &["refused", "sbom.dangling-reference /vulnerabilities/0/affects/0/ref"],
            ),
            (
                |b| b["services"] = json!([{"bom-ref": "b", "name": "s"}]),
                &[
                    "refused",
                    "sbom.duplicate-reference /components/0/bom-ref",
                    "sbom.duplicate-reference /services/0/bom-ref",
                ],
            ),
            (
                |b| {
                    b["compositions"] =
                        json!([{"aggregate": "complete", "bom-ref": "c"}, {"aggregate": "unknown", "bom-ref": "c"}]);
                },
                &["sbom.repeated-name /compositions/0/bom-ref", "sbom.repeated-name /compositions/1/bom-ref"],
            ),
            (
                |b| {
                    let name = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#b";
                    b["components"][0]["bom-ref"] = json!(name);
                    b["dependencies"] = json!([{"ref": "a", "dependsOn": [name]}]);
                },
                &["sbom.reference-prefix"],
            ),
            (
                |b| b["dependencies"] = json!([{"ref": "a", "dependsOn": ["b"]}, {"ref": "a", "provides": ["b"]}]),
                &["sbom.repeated-dependency"],
            ),
            (
                |b| {
                    b["specVersion"] = json!("1.7");
                    b["metadata"]["distributionConstraints"] = json!({"tlp": "RED"});
                },
                &["sbom.distribution"],
            ),
            (
                |b| {
                    b["specVersion"] = json!("1.7");
                    b["metadata"]["component"]["isExternal"] = json!(true);
                },
                &["refused", "sbom.external-root /metadata/component/isExternal"],
            ),
            (
                |b| {
                    b["signature"] = json!({"algorithm": "ES256", "value": "AA"});
                    b["components"][0]["signature"] = json!({"signers": [{"algorithm": "ES256", "value": "AA"}]});
                },
                &["signature.unsupported JSF at /components/0/signature", "signature.unsupported JSF at /signature"],
            ),
            (
                |b| {
                    b["compositions"] = json!([
                        {"aggregate": "complete", "dependencies": ["a"]},
                        {"aggregate": "incomplete", "dependencies": ["a"]},
                    ]);
                },
                &["sbom.completeness-conflict /metadata/component"],
            ),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let mut bom = json!({
                "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
                "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
                "metadata": {"component": {"type": "application", "bom-ref": "a", "name": "app"}},
                "components": [{"type": "library", "bom-ref": "b", "name": "lib"}],
                "dependencies": [{"ref": "a", "dependsOn": ["b"]}],
            });
            change(&mut bom);
            let mut found = of(bom.to_string().as_bytes());
            if found.first().is_some_and(|first| first != "refused") {
                found.sort();
            }
            assert_eq!(found, *expected, "row {index}");
        }
    }

    fn with(components: &[Json]) -> Vec<u8> {
        let bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "components": components,
        });
        bom.to_string().into_bytes()
    }

    /// Two components are apart if both say something that differs; that is no equivalence, so which stand beside it matters.
    #[test]
    fn which_namesakes_are_one_component() {
        let part = |members: Json| {
            let mut part = json!({"type": "library", "bom-ref": "a", "name": "a"});
            part.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            part
        };
        let hash = |digit: &str| json!([{"alg": "SHA-256", "content": digit.repeat(64)}]);
        let rows: [(&[Json], &[usize]); 8] = [
            (&[json!({}), json!({"version": "1"})], &[]),
            (&[json!({"version": "1"}), json!({"purl": "pkg:a/a"})], &[]),
            (&[json!({"version": "1"}), json!({"version": "2"})], &[0, 1]),
            // The first is like both of the others.
            (&[json!({}), json!({"version": "1"}), json!({"version": "2"})], &[1, 2]),
            (&[json!({"version": "1"}), json!({}), json!({"version": "2"}), json!({"group": "g"})], &[0, 2]),
            (&[json!({"version": "1", "group": "g"}), json!({"version": "2"}), json!({"group": "h"})], &[0, 1, 2]),
            (&[json!({"name": "b"}), json!({}), json!({"version": "1"})], &[0, 1, 2]),
            (&[json!({"hashes": hash("a")}), json!({"hashes": hash("b")}), json!({"version": "1"})], &[0, 1]),
        ];
        for (index, (parts, expected)) in rows.into_iter().enumerate() {
            let parts: Vec<Json> = parts.iter().cloned().map(part).collect();
            let found = of(&with(&parts)).into_iter().filter(|line| line.starts_with("sbom.duplicate-reference"));
            let expected: Vec<String> =
                expected.iter().map(|at| format!("sbom.duplicate-reference /components/{at}/bom-ref")).collect();
            assert_eq!(found.collect::<Vec<_>>(), expected, "row {index}");
        }
    }

    /// Each looked for among all others, and pointers walked for each pair, are hundreds of millions of walks.
    #[test]
    fn names_are_not_looked_for_among_each_other() {
        const COUNT: usize = 20_000;
        let part = |index: usize, name: String| json!({"type": "library", "bom-ref": name, "name": "a", "description": index.to_string()});
        let read = |parts: &[Json]| match document(&with(parts), &Limits::MAX) {
            Content::Sbom(sbom) => (String::new(), sbom.notes),
            Content::InvalidSbom(invalid) => (invalid.reasons[0].code().to_owned(), invalid.reasons),
            other => panic!("{other:?}"),
        };
        let count = |reasons: &[Reason]| {
            reasons.iter().find_map(|reason| Some(reason.args().get("count")?.to_string())).unwrap_or_default()
        };
        // One name for all of them.
        let mut parts: Vec<Json> = (0..COUNT).map(|index| part(index, "a".to_owned())).collect();
        let (refused, notes) = read(&parts);
        assert_eq!((refused.as_str(), count(&notes)), ("", (COUNT - 10).to_string()));
        for (version, part) in ["1", "2"].into_iter().zip(parts.iter_mut().rev()) {
            part["version"] = json!(version);
        }
        let (refused, reasons) = read(&parts);
        assert_eq!((refused.as_str(), reasons.len()), ("sbom.duplicate-reference", 2));
        // A name for every two of them.
        let parts: Vec<Json> = (0..COUNT).map(|index| part(index, (index / 2).to_string())).collect();
        let (refused, notes) = read(&parts);
        assert_eq!((refused.as_str(), count(&notes)), ("", (COUNT - 10).to_string()));
    }

    #[test]
    fn what_xml_documents_say() {
        let bom = |attributes: &str, more: &str| {
            format!(
                "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"{attributes}><metadata><component \
                 type=\"application\" bom-ref=\"a\"><name>app</name></component></metadata><components><component \
                 type=\"library\" bom-ref=\"b\"><name>lib</name></component></components>{more}</bom>"
            )
        };
        let serial = " serialNumber=\"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79\"";
        let depends = |to: &str| {
            format!("<dependencies><dependency ref=\"a\"><dependency ref=\"{to}\"/></dependency></dependencies>")
        };
        let signature = "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>";
        for (text, expected) in [
            (bom(serial, &depends("b")), vec![]),
            (bom("", &depends("b")), vec!["sbom.no-serial"]),
            (
                bom(serial, &depends("x")),
                vec!["refused", "sbom.dangling-reference /bom/dependencies/dependency/dependency/@ref"],
            ),
            (
                bom(serial, &format!("{}{signature}", depends("b"))),
                vec!["signature.unsupported XML-DSig at /bom/Signature"],
            ),
            (
                bom(
                    serial,
                    &format!(
                        "{}<vulnerabilities><vulnerability><id>CVE-1</id><affects><target><ref>x</ref></target></affects></vulnerability></vulnerabilities>",
                        depends("b")
                    ),
                ),
                vec!["refused", "sbom.dangling-reference /bom/vulnerabilities/vulnerability/affects/target/ref"],
            ),
        ] {
            assert_eq!(of(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn both_forms_say_the_same_about_vulnerabilities() {
        let text = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"><components><component type=\"library\" \
                    bom-ref=\"b\"><name>lib</name></component></components><vulnerabilities><vulnerability><id>CVE-1</id><ratings>\
                    <rating><score>7.5</score><severity>medium</severity></rating></ratings><analysis><state>not_affected</state>\
                    <justification>code_not_present</justification></analysis><affects><target><ref>b</ref></target></affects>\
                    </vulnerability></vulnerabilities></bom>";
        let json = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "components": [{"type": "library", "bom-ref": "b", "name": "lib"}],
            "vulnerabilities": [{
                "id": "CVE-1", "ratings": [{"score": 7.5, "severity": "medium"}], "affects": [{"ref": "b"}],
                "analysis": {"state": "not_affected", "justification": "code_not_present"},
            }],
        });
        let claims = |bytes: &[u8]| match document(bytes, &Limits::MAX) {
            Content::Sbom(sbom) => sbom.vulnerabilities,
            other => panic!("{other:?}"),
        };
        let (xml, json) = (claims(text.as_bytes()), claims(json.to_string().as_bytes()));
        assert_eq!(xml, json);
        assert!(xml[0].justified && xml[0].severity.is_some() && xml[0].targets.len() == 1);
    }
}
