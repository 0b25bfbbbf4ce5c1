//! Each rule of SPDX 3 with a document that breaks it, beside the one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value as Json, json};

use super::*;
use crate::decode::json::Tree;
use crate::decode::sbom::{Completeness, EdgeKind, Element, NodeKind, State};

fn read(value: &Json, limits: &Limits) -> Result<Sbom, Invalid> {
    super::read(Tree::of(value).root(), limits)
}

/// A document about one package with a file and a dependency: valid.
fn document() -> Json {
    let element = |class: &str, id: &str, more: Json| {
        let mut map = json!({"type": class, "spdxId": format!("https://acme.example/{id}"), "creationInfo": "_:c"});
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        map
    };
    let at = |id: &str| format!("https://acme.example/{id}");
    json!({
        "@context": KNOWN_CONTEXT,
        "@graph": [
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-02T03:04:05Z",
             "createdBy": [at("acme")], "createdUsing": [at("tool")]},
            {"type": "CreationInfo", "@id": "_:other", "specVersion": "3.0.1", "created": "2026-01-03T03:04:05Z",
             "createdBy": [at("jane")]},
            element("Organization", "acme", json!({"name": "Acme", "externalIdentifier": [
                {"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": "a@acme.example"}]})),
            element("Person", "jane", json!({"name": "Jane"})),
            element("Tool", "tool", json!({"name": "maker-1.2"})),
            element("SpdxDocument", "doc", json!({"name": "doc", "rootElement": [at("sbom")], "element": [at("app")],
                "import": [{"type": "ExternalMap", "externalSpdxId": "https://base.example/x", "verifiedUsing": [
                    {"type": "Hash", "algorithm": "sha256", "hashValue": "cd".repeat(32)}]}]})),
            element("software_Sbom", "sbom", json!({"software_sbomType": ["build"], "rootElement": [at("app")]})),
            element("software_Package", "app", json!({
                "name": "app", "software_packageVersion": "1", "suppliedBy": at("acme"), "originatedBy": [at("jane")],
                "software_packageUrl": "pkg:generic/app@1", "software_primaryPurpose": "application",
                "software_additionalPurpose": ["executable", "archive"],
                "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "AB".repeat(32)}]})),
            element("software_Package", "lib", json!({"name": "lib", "creationInfo": "_:other"})),
            element("software_File", "f", json!({"name": "./f"})),
            element("simplelicensing_LicenseExpression", "mit",
                    json!({"simplelicensing_licenseExpression": "MIT and Apache-2.0"})),
            element("Relationship", "r1", json!({"relationshipType": "dependsOn", "completeness": "complete",
                "from": at("app"), "to": [at("lib"), "https://base.example/x"]})),
            element("Relationship", "r2", json!({"relationshipType": "contains", "from": at("app"), "to": [at("f")]})),
            element("Relationship", "r3", json!({"relationshipType": "hasConcludedLicense", "from": at("app"), "to": [at("mit")]})),
            element("Relationship", "r4", json!({"relationshipType": "hasDeclaredLicense", "from": at("app"),
                "to": ["expandedlicensing_NoAssertionLicense"]})),
            element("Relationship", "r5", json!({"relationshipType": "dependsOn", "from": at("lib"), "to": ["NoneElement"]})),
            element("Annotation", "a", json!({"annotationType": "other", "subject": at("lib"),
                "statement": "urn:vidimus:withheld comp.hash"})),
        ],
    })
}

fn verdict(value: &Json) -> String {
    match read(value, &Limits::MAX) {
        Ok(_) => "ok".to_owned(),
        Err(invalid) => {
            let said = |r: &Reason| match r.args().get("place") {
                Some(place) => format!("{} {place}", r.code()),
                None => r.code().to_owned(),
            };
            invalid.reasons.iter().map(said).collect::<Vec<_>>().join(", ")
        }
    }
}

#[test]
fn everything_is_read() {
    let sbom = read(&document(), &Limits::MAX).unwrap();
    assert_eq!(sbom.format, "spdx-3.0.1+json");
    let own = sbom.document();
    for (element, expected) in [
        (Element::DocumentId, "https://acme.example/doc"),
        (Element::Timestamp, "2026-01-02T03:04:05Z"),
        (Element::AuthorOrganization, "Acme"),
        (Element::AuthorContact, "a@acme.example"),
        (Element::Tool, "maker"),
        (Element::ToolVersion, "1.2"),
        (Element::GenerationContext, "build"),
    ] {
        assert_eq!(own.text(element), Some(expected), "{element:?}");
    }
    let root = sbom.root().unwrap();
    assert_eq!((root.name(), root.version(), root.purl()), ("app", Some("1"), Some("pkg:generic/app@1")));
    assert_eq!((root.supplier(), root.text(Element::Producer)), (Some("Acme"), Some("Jane")));
    assert_eq!(root.text(Element::LicenseConcluded), Some("MIT and Apache-2.0"));
    assert_eq!(root.state(Element::LicenseDeclared), State::Unknown);
    assert_eq!((root.state(Element::Executable), root.state(Element::Structured)), (State::Value, State::Absent));
    assert_eq!(root.digests().strongest().unwrap().hex(), "ab".repeat(32));
    assert_eq!((root.place(), root.dependencies()), ("/@graph/7", Completeness::Complete));
    assert!(root.said_by().is_none());
    let lib = sbom.components().find(|c| c.name() == "lib").unwrap();
    assert_eq!(lib.said_by().unwrap().authors, ["Jane"]);
    assert_eq!((lib.state(Element::Dependencies), lib.state(Element::Hash)), (State::None, State::Withheld));
    assert_eq!(sbom.components().filter(|c| c.kind() == NodeKind::File).count(), 1);
    let edges: Vec<_> = sbom.edges().map(|e| (e.from.name(), e.kind, e.to.name())).collect();
    assert_eq!(
        edges,
        [("", EdgeKind::Describes, "app"), ("app", EdgeKind::DependsOn, "lib"), ("app", EdgeKind::Contains, "./f")]
    );
    assert_eq!(sbom.outside[0].reference, "https://base.example/x");
    assert_eq!((sbom.linked[0].digests.iter().count(), sbom.linked[0].place.as_str()), (1, "/@graph/5/import/0"));
}

#[test]
fn rules() {
    let second = json!({"type": "SpdxDocument", "spdxId": "https://acme.example/doc2", "creationInfo": "_:c"});
    for (pointer, value, expected) in [
        ("/@graph/7/comment", json!("x"), "ok"),
        ("/@context", json!("https://evil.example/context.jsonld"), "spdx.context"),
        ("/@context", json!([KNOWN_CONTEXT]), "spdx.context"),
        ("/@context", json!("https://spdx.org/rdf/3.1/spdx-context.jsonld"), "parse.version"),
        ("/@graph", json!({}), "sbom.wrong-type /@graph"),
        ("/spdxVersion", json!("SPDX-2.3"), "sbom.unknown-member /"),
        ("/@graph/7/type", json!("Package"), "sbom.wrong-word /@graph/7/type"),
        ("/@graph/7/type", json!("Artifact"), "sbom.wrong-word /@graph/7/type"),
        ("/@graph/7/extension", json!([{"type": "https://acme.example/more", "more": 1}]), "ok"),
        ("/@graph/7/type", json!("https://acme.example/more"), "sbom.wrong-word /@graph/7/type"),
        ("/@graph/7/spdxId", Json::Null, "sbom.missing-member /@graph/7"),
        ("/@graph/7/spdxId", json!("_:x"), "sbom.wrong-form /@graph/7/spdxId"),
        ("/@graph/7/creationInfo", Json::Null, "sbom.missing-member /@graph/7"),
        ("/@graph/7/versionInfo", json!("1"), "sbom.unknown-member /@graph/7"),
        ("/@graph/7/name", json!(1), "sbom.wrong-type /@graph/7/name"),
        ("/@graph/7/originatedBy", json!("x:y"), "sbom.wrong-type /@graph/7/originatedBy"),
        ("/@graph/7/suppliedBy", json!("Acme"), "sbom.wrong-form /@graph/7/suppliedBy"),
        ("/@graph/7/suppliedBy", json!("SpdxOrganization"), "ok"),
        ("/@graph/7/suppliedBy", json!("NoneElement"), "sbom.wrong-form /@graph/7/suppliedBy"),
        ("/@graph/7/software_primaryPurpose", json!("app"), "sbom.wrong-word /@graph/7/software_primaryPurpose"),
        ("/@graph/7/verifiedUsing/0/type", json!("Tool"), "sbom.wrong-type /@graph/7/verifiedUsing/0"),
        ("/@graph/7/verifiedUsing/0/hashValue", json!("abcd"), "spdx.checksum /@graph/7/verifiedUsing/0/hashValue"),
        ("/@graph/7/builtTime", json!("2026-01-02"), "sbom.wrong-form /@graph/7/builtTime"),
        ("/@graph/7/builtTime", json!("2026-02-30T00:00:00Z"), "spdx.time /@graph/7/builtTime"),
        ("/@graph/0/createdBy", json!([]), "sbom.wrong-count /@graph/0/createdBy"),
        ("/@graph/0/specVersion", json!("3"), "sbom.wrong-form /@graph/0/specVersion"),
        ("/@graph/8/spdxId", json!("https://acme.example/app"), "spdx.duplicate-identifier /@graph/8"),
        ("/@graph/3", second, "spdx.documents /@graph"),
        ("/@graph/5/rootElement", Json::Null, "spdx.collection /@graph/5"),
        ("/@graph/5/element", json!(["https://acme.example/doc"]), "spdx.collection /@graph/5"),
        ("/@graph/5/import", Json::Null, "spdx.not-imported /@graph/11/to"),
        ("/@graph/7/creationInfo", json!("_:gone"), "spdx.dangling-reference /@graph/7/creationInfo"),
        ("/@graph/15/to", json!(["NoneElement", "https://acme.example/f"]), "spdx.contradiction /@graph/15/to"),
        ("/@graph/12/to", json!(["https://acme.example/app"]), "ok"),
        (
            "/@graph/10/simplelicensing_licenseExpression",
            json!("MIT License"),
            "spdx.license-expression /@graph/10/simplelicensing_licenseExpression",
        ),
        (
            "/@graph/10/simplelicensing_licenseExpression",
            json!("Foo"),
            "spdx.license-unknown /@graph/10/simplelicensing_licenseExpression",
        ),
    ] {
        let mut document = document();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match (document.pointer_mut(parent).unwrap(), value.clone()) {
            (Json::Object(map), Json::Null) => drop(map.remove(name)),
            (Json::Object(map), value) => drop(map.insert(name.to_owned(), value)),
            (Json::Array(list), value) => list[name.parse::<usize>().unwrap()] = value,
            _ => panic!("{pointer}"),
        }
        let found = verdict(&document);
        assert!(found.split(", ").any(|one| one == expected), "{pointer} {value}: {found}, not {expected}");
    }
}

#[test]
fn one_object_is_a_document_and_cycles_end() {
    let alone = json!({
        "@context": KNOWN_CONTEXT, "type": "Person", "spdxId": "https://acme.example/jane", "name": "Jane",
        "creationInfo": {"type": "CreationInfo", "specVersion": "3.0.1", "created": "2026-01-02T03:04:05Z",
                         "createdBy": ["https://acme.example/jane"]},
    });
    assert_eq!(verdict(&alone), "ok");
    let mut cycle = document();
    cycle["@graph"][6]["rootElement"] = json!(["https://acme.example/sbom"]);
    assert!(read(&cycle, &Limits::MAX).unwrap().root().is_none());
}
