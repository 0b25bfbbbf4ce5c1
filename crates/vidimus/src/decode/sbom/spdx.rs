//! SPDX 2.2 and 2.3 JSON. Packages and files are components; a package verification code is SHA-1 over file hashes and binds
//! nothing, so it is not read.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{Component, Sbom, digests, known, take_root, within};
use crate::decode::shape::Shape;
use crate::limits::Limits;
use crate::reason::Reason;

const SHAPE: Shape = Shape("SPDX document");

pub(super) fn read(value: &Json, limits: &Limits) -> Result<Sbom, Reason> {
    let document = SHAPE.object(value, "spdxVersion")?;
    let version = SHAPE.need_text(document, "spdxVersion")?;
    known(version, &["SPDX-2.2", "SPDX-2.3"], "SPDX 2.2 or 2.3")?;
    let own = SHAPE.text(document, "SPDXID")?.unwrap_or("SPDXRef-DOCUMENT");
    let packages = SHAPE.list(document, "packages")?;
    let files = SHAPE.list(document, "files")?;
    within(packages.len().saturating_add(files.len()), limits)?;

    let mut components = Vec::with_capacity(packages.len() + files.len());
    let mut relationships = Vec::new();
    for package in packages {
        let package = SHAPE.object(package, "packages")?;
        let component = component(package, "name")?;
        for file in SHAPE.list(package, "hasFiles")? {
            let file = file.as_str().ok_or_else(|| SHAPE.wrong("hasFiles"))?;
            relationships.push((component.reference.clone(), "CONTAINS".to_owned(), file.to_owned()));
        }
        components.push(component);
    }
    for file in files {
        components.push(component(SHAPE.object(file, "files")?, "fileName")?);
    }
    for entry in SHAPE.list(document, "relationships")? {
        let entry = SHAPE.object(entry, "relationships")?;
        let text = |member| SHAPE.need_text(entry, member).map(ToOwned::to_owned);
        relationships.push((text("spdxElementId")?, text("relationshipType")?, text("relatedSpdxElement")?));
    }
    let described = SHAPE.list(document, "documentDescribes")?;
    let described = described.iter().map(|d| d.as_str().ok_or_else(|| SHAPE.wrong("documentDescribes")));
    let mut about = described.collect::<Result<BTreeSet<&str>, _>>()?;
    for (from, kind, to) in &relationships {
        match kind.as_str() {
            "DESCRIBES" if from == own => about.insert(to),
            "DESCRIBED_BY" if to == own => about.insert(from),
            _ => continue,
        };
    }
    let root = take_root(&mut components, &about);
    let format = format!("spdx-{}+json", version.trim_start_matches("SPDX-"));
    Ok(Sbom { format, root, components, relationships })
}

fn component(map: &Map<String, Json>, name: &'static str) -> Result<Component, Reason> {
    let stated = |member| SHAPE.text(map, member).map(|text| text.filter(|t| !["", "NOASSERTION", "NONE"].contains(t)));
    let mut purl = None;
    for reference in SHAPE.list(map, "externalRefs")? {
        let reference = SHAPE.object(reference, "externalRefs")?;
        if purl.is_none() && SHAPE.text(reference, "referenceType")? == Some("purl") {
            purl = Some(SHAPE.need_text(reference, "referenceLocator")?.to_owned());
        }
    }
    Ok(Component {
        reference: stated("SPDXID")?.unwrap_or_default().to_owned(),
        name: stated(name)?.unwrap_or_default().to_owned(),
        version: stated("versionInfo")?.map(ToOwned::to_owned),
        purl,
        supplier: stated("supplier")?.map(actor),
        digests: digests(SHAPE, SHAPE.list(map, "checksums")?, "algorithm", "checksumValue")?,
    })
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
        let root = sbom.root.unwrap();
        assert_eq!((root.name.as_str(), root.supplier.as_deref()), ("app", Some("Acme")));
        assert_eq!((root.version.as_deref(), root.purl.as_deref()), (Some("1"), Some("pkg:generic/app@1")));
        assert_eq!(root.digests.iter().collect::<Vec<_>>(), [("sha256", "aa")]);
        let names: Vec<&str> = sbom.components.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["a", "./f"]);
        assert_eq!((sbom.components[0].version.as_ref(), sbom.components[0].supplier.as_ref()), (None, None));
        assert_eq!(sbom.relationships.len(), 3);
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
            let root = read(&document(change), &Limits::MAX).unwrap().root;
            assert_eq!(root.as_ref().map(|r| r.name.as_str()), *expected, "row {index}");
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
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), *expected, "row {index}");
        }
        for (limit, expected) in [(3, "ok"), (2, "limit.components")] {
            let found = read(&document(|_| ()), &Limits { components: limit, ..Limits::MAX });
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected);
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
