//! SPDX 2.2 and 2.3 JSON. Packages and files are components; a package verification code is SHA-1 over file hashes and binds
//! nothing, so it is not read.

use serde_json::{Map, Value as Json};

use super::build::Builder;
use super::model::{EdgeKind, Id, NodeKind};
use super::{Element, Invalid, Sbom, known};
use crate::decode::shape::Shape;
use crate::limits::Limits;
use crate::reason::Reason;

const SHAPE: Shape = Shape("SPDX document");

pub(super) fn read(value: &Json, limits: &Limits) -> Result<Sbom, Invalid> {
    Ok(model(value, limits)?)
}

fn model(value: &Json, limits: &Limits) -> Result<Sbom, Reason> {
    let document = SHAPE.object(value, "spdxVersion")?;
    let version = SHAPE.need_text(document, "spdxVersion")?;
    known(version, &["SPDX-2.2", "SPDX-2.3"], "SPDX 2.2 or 2.3")?;
    let own = SHAPE.text(document, "SPDXID")?.unwrap_or("SPDXRef-DOCUMENT");
    let mut builder = Builder::new(format!("spdx-{}+json", version.trim_start_matches("SPDX-")), own, limits);
    let mut contained = Vec::new();
    for (index, package) in SHAPE.list(document, "packages")?.iter().enumerate() {
        let package = SHAPE.object(package, "packages")?;
        let id = component(&mut builder, package, NodeKind::Component, "name", &format!("/packages/{index}"))?;
        for file in SHAPE.list(package, "hasFiles")? {
            contained.push((id, file.as_str().ok_or_else(|| SHAPE.wrong("hasFiles"))?));
        }
    }
    for (index, file) in SHAPE.list(document, "files")?.iter().enumerate() {
        let file = SHAPE.object(file, "files")?;
        component(&mut builder, file, NodeKind::File, "fileName", &format!("/files/{index}"))?;
    }
    for (package, file) in contained {
        if let Some(file) = builder.find(file) {
            builder.edge(package, EdgeKind::Contains, "CONTAINS", file);
        }
    }
    for described in SHAPE.list(document, "documentDescribes")? {
        let described = described.as_str().ok_or_else(|| SHAPE.wrong("documentDescribes"))?;
        if let Some(id) = builder.find(described) {
            builder.edge(Id::DOCUMENT, EdgeKind::Describes, "DESCRIBES", id);
        }
    }
    for entry in SHAPE.list(document, "relationships")? {
        let entry = SHAPE.object(entry, "relationships")?;
        let (from, to) = (SHAPE.need_text(entry, "spdxElementId")?, SHAPE.need_text(entry, "relatedSpdxElement")?);
        let label = SHAPE.need_text(entry, "relationshipType")?;
        let (Some(from), Some(to)) = (builder.find(from), builder.find(to)) else { continue };
        match label {
            "DESCRIBES" => builder.edge(from, EdgeKind::Describes, label, to),
            "DESCRIBED_BY" => builder.edge(to, EdgeKind::Describes, label, from),
            "CONTAINS" => builder.edge(from, EdgeKind::Contains, label, to),
            "DEPENDS_ON" => builder.edge(from, EdgeKind::DependsOn, label, to),
            _ => builder.edge(from, EdgeKind::Other, label, to),
        }
    }
    builder.finish()
}

fn component(
    builder: &mut Builder,
    map: &Map<String, Json>,
    kind: NodeKind,
    name: &'static str,
    place: &str,
) -> Result<Id, Reason> {
    let stated = |member| {
        SHAPE.text(map, member).map(|t| t.filter(|t| !["NOASSERTION", "NONE"].contains(t)).unwrap_or_default())
    };
    let id = builder.node(kind, stated("SPDXID")?, place)?;
    for reference in SHAPE.list(map, "externalRefs")? {
        let reference = SHAPE.object(reference, "externalRefs")?;
        if SHAPE.text(reference, "referenceType")? == Some("purl") {
            builder.value_of(id, Element::Identifier, "purl", SHAPE.need_text(reference, "referenceLocator")?);
        }
    }
    builder.value(id, Element::Name, stated(name)?);
    builder.value(id, Element::Version, stated("versionInfo")?);
    builder.value(id, Element::Supplier, &actor(stated("supplier")?));
    for hash in SHAPE.list(map, "checksums")? {
        let hash = SHAPE.object(hash, "checksums")?;
        builder.hash(id, Element::Hash, SHAPE.need_text(hash, "algorithm")?, SHAPE.need_text(hash, "checksumValue")?);
    }
    Ok(id)
}

/// `Organization: Acme (security@acme.example)` is Acme.
fn actor(text: &str) -> String {
    let name = ["Organization:", "Person:", "Tool:"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text);
    let name = match name.split_once(" (") {
        Some((name, rest)) if rest.ends_with(')') => name,
        _ => name,
    };
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    fn document(change: impl Fn(&mut Json)) -> Json {
        let mut document = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT",
            "packages": [
                {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "NOASSERTION", "supplier": "NOASSERTION"},
                {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1", "supplier": "Organization: Acme (a@acme.example)",
                 "hasFiles": ["SPDXRef-f"], "checksums": [{"algorithm": "SHA256", "checksumValue": "AA"}],
                 "externalRefs": [
                    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:x"},
                    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/app@1"},
                 ]},
            ],
            "files": [{"SPDXID": "SPDXRef-f", "fileName": "./f", "checksums": [{"algorithm": "SHA1", "checksumValue": "bb"}]}],
            "relationships": [
                {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
                {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-a"},
            ],
        });
        change(&mut document);
        document
    }

    #[test]
    fn everything_that_joining_needs() {
        let sbom = read(&document(|_| ()), &Limits::MAX).unwrap();
        assert_eq!(sbom.format, "spdx-2.3+json");
        let root = sbom.root().unwrap();
        assert_eq!((root.name(), root.supplier()), ("app", Some("Acme")));
        assert_eq!((root.version(), root.purl()), (Some("1"), Some("pkg:generic/app@1")));
        assert_eq!(root.digests().iter().collect::<Vec<_>>(), [("sha256", "aa")]);
        let others: Vec<_> = sbom.others().collect();
        assert_eq!(others.iter().map(|c| c.name()).collect::<Vec<_>>(), ["a", "./f"]);
        assert_eq!((others[0].version(), others[0].supplier()), (None, None));
        assert_eq!(sbom.edges().len(), 3);
    }

    #[test]
    fn what_a_document_is_about() {
        type Change = fn(&mut Json);
        let rows: &[(Change, Option<&str>)] = &[
            (|_| (), Some("app")),
            (|d| d["documentDescribes"] = json!(["SPDXRef-app"]), Some("app")),
            (|d| d["documentDescribes"] = json!(["SPDXRef-a"]), None),
            (|d| d["relationships"] = json!([]), None),
            (
                |d| {
                    d["relationships"] = json!([]);
                    d["documentDescribes"] = json!(["SPDXRef-a"]);
                },
                Some("a"),
            ),
            (
                |d| {
                    d["relationships"] = json!([{"spdxElementId": "SPDXRef-f", "relationshipType": "DESCRIBED_BY",
                        "relatedSpdxElement": "SPDXRef-DOCUMENT"}]);
                },
                Some("./f"),
            ),
            (|d| d["relationships"][0]["spdxElementId"] = json!("SPDXRef-a"), None),
            (|d| d["relationships"][0]["relatedSpdxElement"] = json!("SPDXRef-gone"), None),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let sbom = read(&document(change), &Limits::MAX).unwrap();
            assert_eq!(sbom.root().map(|root| root.name()), *expected, "row {index}");
        }
    }

    #[test]
    fn shapes() {
        type Change = fn(&mut Json);
        let rows: &[(Change, &str)] = &[
            (|d| d["spdxVersion"] = json!("SPDX-2.2"), "ok"),
            (|d| d["spdxVersion"] = json!("SPDX-2.1"), "parse.version"),
            (|d| d["spdxVersion"] = json!("SPDX-3.0"), "parse.version"),
            (|d| d["spdxVersion"] = json!("2.3"), "parse.version"),
            (|d| d["spdxVersion"] = json!(2.3), "parse.malformed"),
            (|d| d["packages"] = json!({}), "parse.malformed"),
            (|d| d["packages"] = json!([1]), "parse.malformed"),
            (|d| d["packages"][0]["name"] = json!([]), "parse.malformed"),
            (|d| d["packages"][0]["checksums"] = json!([{"algorithm": "SHA256"}]), "parse.malformed"),
            (|d| d["packages"][0]["hasFiles"] = json!([1]), "parse.malformed"),
            (|d| d["files"] = json!(null), "ok"),
            (|d| d["relationships"][0]["relatedSpdxElement"] = json!(null), "parse.malformed"),
            (|d| d["documentDescribes"] = json!([1]), "parse.malformed"),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let found = read(&document(change), &Limits::MAX);
            assert_eq!(
                found.as_ref().map_or_else(|invalid| invalid.reasons[0].code(), |_| "ok"),
                *expected,
                "row {index}"
            );
        }
        for (limit, expected) in [(3, "ok"), (2, "limit.components")] {
            let found = read(&document(|_| ()), &Limits { components: limit, ..Limits::MAX });
            assert_eq!(found.as_ref().map_or_else(|invalid| invalid.reasons[0].code(), |_| "ok"), expected);
        }
    }

    #[test]
    fn actors() {
        for (text, expected) in [
            ("Organization: Acme (a@b.example)", "Acme"),
            ("Organization: Acme ()", "Acme"),
            ("Person: Jane Doe", "Jane Doe"),
            ("Acme (Europe) Ltd", "Acme (Europe) Ltd"),
            ("Acme", "Acme"),
        ] {
            assert_eq!(actor(text), expected);
        }
    }
}
