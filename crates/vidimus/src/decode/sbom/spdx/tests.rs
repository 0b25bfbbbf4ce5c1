//! Each rule of SPDX 2 with the document that breaks it and nothing else, beside the one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use serde_json::{Value as Json, json};

use super::*;
use crate::decode::json::Tree;
use crate::decode::sbom::{Completeness, EdgeKind, Element, NodeKind, State};

fn read(value: &Json, limits: &Limits) -> Result<Sbom, Invalid> {
    super::read(Tree::of(value).root(), limits)
}

/// Two packages, two files, a snippet, an external document: valid.
fn document() -> Json {
    json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "app",
        "documentNamespace": "https://acme.example/app/1",
        "creationInfo": {
            "created": "2026-01-02T03:04:05Z",
            "creators": ["Organization: Acme (a@acme.example)", "Person: Jane", "Tool: maker-1.2"],
            "comment": "Build",
        },
        "externalDocumentRefs": [{
            "externalDocumentId": "DocumentRef-base", "spdxDocument": "https://acme.example/base/1",
            "checksum": {"algorithm": "SHA1", "checksumValue": "a".repeat(40)},
        }],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-own", "extractedText": "Do as you like."}],
        "packages": [
            {"SPDXID": "SPDXRef-lib", "name": "lib", "versionInfo": "NOASSERTION", "supplier": "NOASSERTION",
             "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "NONE",
             "annotations": [{"annotationDate": "2026-01-02T03:04:05Z", "annotationType": "OTHER",
                              "annotator": "Tool: maker", "comment": "urn:vidimus:withheld comp.hash"}]},
            {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1", "downloadLocation": "https://acme.example/app",
             "supplier": "Organization: Acme (a@acme.example)", "originator": "Person: Jane", "hasFiles": ["SPDXRef-f"],
             "packageVerificationCode": {"packageVerificationCodeValue": "fdf7f649babcc834f60b9aa4f0657c2ef94fd31f"},
             "licenseConcluded": "MIT AND LicenseRef-own", "licenseDeclared": "DocumentRef-base:LicenseRef-x",
             "primaryPackagePurpose": "APPLICATION",
             "checksums": [{"algorithm": "SHA256", "checksumValue": "AB".repeat(32)}],
             "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:acme:app:1"},
                {"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/app@1"},
             ]},
        ],
        "files": [
            {"SPDXID": "SPDXRef-f", "fileName": "./f", "fileTypes": ["BINARY"],
             "checksums": [{"algorithm": "SHA1", "checksumValue": "356a192b7913b04c54574d18c28d46e6395428ab"}]},
            {"SPDXID": "SPDXRef-g", "fileName": "./g",
             "checksums": [{"algorithm": "SHA1", "checksumValue": "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c"}]},
        ],
        "snippets": [{"SPDXID": "SPDXRef-s", "name": "s", "snippetFromFile": "SPDXRef-f", "ranges": [
            {"startPointer": {"offset": 1, "reference": "SPDXRef-f"}, "endPointer": {"offset": 2, "reference": "SPDXRef-f"}},
        ]}],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-lib"},
            {"spdxElementId": "SPDXRef-g", "relationshipType": "CONTAINED_BY", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-lib", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NONE"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "DocumentRef-base:SPDXRef-y"},
        ],
    })
}

/// `ok`, or what is wrong: `code place`, by place.
fn verdict(value: &Json) -> String {
    let reasons = match read(value, &Limits::MAX) {
        Ok(_) => return "ok".to_owned(),
        Err(invalid) => invalid.reasons,
    };
    let said = |reason: &crate::reason::Reason| match reason.args().get("place") {
        Some(place) => format!("{} {place}", reason.code()),
        None => reason.code().to_owned(),
    };
    reasons.iter().map(said).collect::<Vec<_>>().join(", ")
}

/// One thing changed: the member that a pointer leads to is set, or removed where the value is null.
fn changed(pointer: &str, value: Json) -> Json {
    let mut document = document();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Json::Object(map), Json::Null) => drop(map.remove(name)),
        (Json::Object(map), value) => drop(map.insert(name.to_owned(), value)),
        (Json::Array(list), Json::Null) => drop(list.remove(name.parse().unwrap())),
        (Json::Array(list), value) if name == "-" => list.push(value),
        (Json::Array(list), value) => list[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    document
}

#[test]
fn everything_is_read() {
    let sbom = read(&document(), &Limits::MAX).unwrap();
    assert_eq!(sbom.format, "spdx-2.3+json");
    let own = sbom.document();
    for (element, expected) in [
        (Element::DocumentId, "SPDXRef-DOCUMENT"),
        (Element::Namespace, "https://acme.example/app/1"),
        (Element::DocumentName, "app"),
        (Element::DataLicense, "CC0-1.0"),
        (Element::Timestamp, "2026-01-02T03:04:05Z"),
        (Element::AuthorOrganization, "Acme"),
        (Element::AuthorPerson, "Jane"),
        (Element::AuthorContact, "a@acme.example"),
        (Element::Tool, "maker"),
        (Element::ToolVersion, "1.2"),
        (Element::GenerationContext, "Build"),
    ] {
        assert_eq!(own.text(element), Some(expected), "{element:?}");
    }
    let root = sbom.root().unwrap();
    assert_eq!((root.name(), root.version(), root.purl()), ("app", Some("1"), Some("pkg:generic/app@1")));
    assert_eq!((root.supplier(), root.text(Element::SupplierContact)), (Some("Acme"), Some("a@acme.example")));
    assert_eq!(root.text(Element::Producer), Some("Jane"));
    assert_eq!(root.digests().iter().collect::<Vec<_>>(), [("sha256", "ab".repeat(32).as_str())]);
    assert_eq!(root.place(), "/packages/1");
    let kinds: Vec<_> = sbom.components().map(|c| (c.reference(), c.kind())).collect();
    assert_eq!(
        kinds,
        [
            ("SPDXRef-lib", NodeKind::Component),
            ("SPDXRef-app", NodeKind::Component),
            ("SPDXRef-f", NodeKind::File),
            ("SPDXRef-g", NodeKind::File),
            ("SPDXRef-s", NodeKind::Snippet),
        ]
    );
    let edges: Vec<_> = sbom.edges().map(|e| (e.from.name(), e.kind, e.to.name())).collect();
    assert_eq!(
        edges,
        [
            ("", EdgeKind::Describes, "app"),
            ("app", EdgeKind::Contains, "./f"),
            ("app", EdgeKind::DependsOn, "lib"),
            ("app", EdgeKind::Contains, "./g"),
            ("./f", EdgeKind::Contains, "s"),
        ]
    );
    assert_eq!(sbom.outside[0].reference, "DocumentRef-base:SPDXRef-y");
    assert_eq!(
        (sbom.linked[0].name.as_str(), sbom.linked[0].place.as_str()),
        ("DocumentRef-base", "/externalDocumentRefs/0")
    );
}

#[test]
fn five_states() {
    let sbom = read(&document(), &Limits::MAX).unwrap();
    let lib = sbom.others().next().unwrap();
    for (element, expected) in [
        (Element::Name, State::Value),
        (Element::LicenseConcluded, State::None),
        (Element::Version, State::Unknown),
        (Element::Supplier, State::Unknown),
        (Element::Hash, State::Withheld),
        (Element::Identifier, State::Absent),
        (Element::Dependencies, State::None),
    ] {
        assert_eq!(lib.state(element), expected, "{element:?}");
    }
    assert_eq!((lib.dependencies(), lib.contents()), (Completeness::Complete, Completeness::NotStated));
}

#[test]
fn what_a_document_is_about() {
    for (value, expected) in [
        (document(), Some("app")),
        (changed("/documentDescribes", json!(["SPDXRef-app"])), Some("app")),
        (changed("/documentDescribes", json!(["SPDXRef-lib"])), None),
        (
            changed(
                "/relationships/0",
                json!({"spdxElementId": "SPDXRef-f", "relationshipType": "DESCRIBED_BY",
                       "relatedSpdxElement": "SPDXRef-DOCUMENT"}),
            ),
            Some("./f"),
        ),
    ] {
        let sbom = read(&value, &Limits::MAX).unwrap();
        assert_eq!(sbom.root().map(|root| root.name()), expected);
    }
    let alone = json!({
        "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "a",
        "documentNamespace": "urn:a", "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Person: J"]},
        "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NONE"}],
    });
    assert_eq!(read(&alone, &Limits::MAX).unwrap().root().unwrap().name(), "a");
}

#[test]
fn forms() {
    for (pointer, value, expected) in [
        ("/spdxVersion", json!("SPDX-2.1"), "parse.version"),
        ("/spdxVersion", json!("2.3"), "parse.version"),
        ("/spdxVersion", json!(2.3), "parse.malformed"),
        ("/bomFormat", json!("CycloneDX"), "sbom.unknown-member /"),
        ("/name", Json::Null, "sbom.missing-member /"),
        ("/documentNamespace", Json::Null, "sbom.missing-member /"),
        ("/creationInfo/creators", json!([]), "sbom.wrong-count /creationInfo/creators"),
        ("/packages/0/downloadLocation", Json::Null, "sbom.missing-member /packages/0"),
        ("/packages/0/license", json!("MIT"), "sbom.unknown-member /packages/0"),
        ("/packages/0/name", json!(["lib"]), "sbom.wrong-type /packages/0/name"),
        ("/packages/0/filesAnalyzed", json!("false"), "sbom.wrong-type /packages/0/filesAnalyzed"),
        ("/packages/1/primaryPackagePurpose", json!("LIB"), "sbom.wrong-word /packages/1/primaryPackagePurpose"),
        ("/files/1/checksums", json!([]), "sbom.wrong-count /files/1/checksums, spdx.x"),
        (
            "/snippets/0/ranges/0/startPointer/offset",
            json!(1.5),
            "sbom.wrong-type /snippets/0/ranges/0/startPointer/offset",
        ),
        ("/packages", json!({}), "sbom.wrong-type /packages"),
    ] {
        let found = verdict(&changed(pointer, value.clone()));
        let expected = expected.split(", spdx.x").next().unwrap();
        assert!(found.split(", ").any(|one| one == expected), "{pointer} {value}: {found}");
    }
}

#[test]
fn versions() {
    for (spelled, note) in [("SPDX-2.3", None), ("SPDX-2.3.1", Some("spdx.spelling"))] {
        let sbom = read(&changed("/spdxVersion", json!(spelled)), &Limits::MAX).unwrap();
        assert_eq!((sbom.format.as_str(), sbom.notes.first().map(|n| n.code())), ("spdx-2.3+json", note));
    }
    // 2.2 knows no purpose and asks for more.
    let found = verdict(&changed("/spdxVersion", json!("SPDX-2.2.1")));
    for expected in
        ["sbom.unknown-member /packages/1", "sbom.missing-member /files/0", "sbom.missing-member /packages/0"]
    {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn meaning() {
    let none = json!({"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NONE"});
    let own =
        json!({"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-app"});
    let cycle =
        json!({"spdxElementId": "SPDXRef-lib", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-app"});
    for (pointer, value, expected) in [
        ("/comment", json!("fine"), "ok"),
        ("/SPDXID", json!("SPDXRef-doc"), "spdx.document-identifier /SPDXID"),
        ("/documentNamespace", json!("app"), "spdx.namespace /documentNamespace"),
        ("/documentNamespace", json!("https://a.example/#x"), "spdx.namespace /documentNamespace"),
        ("/dataLicense", json!("MIT"), "spdx.data-license /dataLicense"),
        ("/creationInfo/created", json!("2026-01-02"), "spdx.time /creationInfo/created"),
        ("/creationInfo/created", json!("2026-02-30T03:04:05Z"), "spdx.time /creationInfo/created"),
        ("/creationInfo/created", json!("2026-01-02T03:04:05+01:00"), "spdx.time /creationInfo/created"),
        ("/packages/0/releaseDate", json!("2026-01-02T03:04:05.0Z"), "spdx.time /packages/0/releaseDate"),
        ("/creationInfo/creators/0", json!("Acme"), "spdx.actor /creationInfo/creators/0"),
        ("/packages/1/supplier", json!("Tool: x"), "spdx.actor /packages/1/supplier"),
        ("/packages/1/originator", json!("NOASSERTION"), "ok"),
        (
            "/packages/0/SPDXID",
            json!("SPDXRef-li_b"),
            "spdx.identifier /packages/0/SPDXID, spdx.dangling-reference /relationships/1/relatedSpdxElement, spdx.dangling-reference /relationships/3/spdxElementId",
        ),
        (
            "/files/1/SPDXID",
            json!("SPDXRef-f"),
            "spdx.duplicate-identifier /files/1/SPDXID, spdx.verification-code /packages/1/packageVerificationCode, spdx.dangling-reference /relationships/2/spdxElementId",
        ),
        ("/documentDescribes", json!(["SPDXRef-gone"]), "spdx.dangling-reference /documentDescribes/0"),
        ("/snippets/0/snippetFromFile", json!("SPDXRef-gone"), "spdx.dangling-reference /snippets/0/snippetFromFile"),
        (
            "/relationships/4/relatedSpdxElement",
            json!("DocumentRef-other:SPDXRef-y"),
            "spdx.dangling-reference /relationships/4/relatedSpdxElement",
        ),
        ("/relationships/0", Json::Null, "spdx.no-describes /"),
        ("/relationships/-", none, "spdx.contradiction /relationships/5"),
        ("/relationships/-", own, "ok"),
        ("/relationships/-", cycle, "ok"),
        (
            "/externalDocumentRefs/0/externalDocumentId",
            json!("DocumentRef-b_"),
            "spdx.external-document /externalDocumentRefs/0/externalDocumentId, spdx.license-undeclared /packages/1/licenseDeclared, spdx.dangling-reference /relationships/4/relatedSpdxElement",
        ),
        (
            "/externalDocumentRefs/0/spdxDocument",
            json!("base"),
            "spdx.external-document /externalDocumentRefs/0/spdxDocument",
        ),
        (
            "/externalDocumentRefs/0/checksum/checksumValue",
            json!("abcd"),
            "spdx.checksum /externalDocumentRefs/0/checksum/checksumValue",
        ),
        (
            "/packages/1/checksums/0/checksumValue",
            json!("ab".repeat(20)),
            "spdx.checksum /packages/1/checksums/0/checksumValue",
        ),
        (
            "/packages/1/checksums/0/checksumValue",
            json!("zz".repeat(32)),
            "spdx.checksum /packages/1/checksums/0/checksumValue",
        ),
        ("/packages/1/filesAnalyzed", json!(false), "spdx.verification-code-forbidden /packages/1"),
        ("/packages/1/filesAnalyzed", json!(true), "ok"),
        ("/packages/1/packageVerificationCode", Json::Null, "ok"),
        (
            "/packages/1/packageVerificationCode/packageVerificationCodeExcludedFiles",
            json!(["g"]),
            "spdx.verification-code /packages/1/packageVerificationCode",
        ),
        (
            "/files/1/checksums/0/checksumValue",
            json!("356a192b7913b04c54574d18c28d46e6395428ab"),
            "spdx.verification-code /packages/1/packageVerificationCode",
        ),
        ("/packages/1/licenseConcluded", json!("MIT License"), "spdx.license-expression /packages/1/licenseConcluded"),
        ("/packages/1/licenseConcluded", json!(""), "spdx.license-expression /packages/1/licenseConcluded"),
        ("/packages/1/licenseConcluded", json!("MIT and ISC"), "spdx.license-expression /packages/1/licenseConcluded"),
        ("/packages/1/licenseConcluded", json!("MIT OR Foo"), "spdx.license-unknown /packages/1/licenseConcluded"),
        (
            "/packages/1/licenseInfoFromFiles",
            json!(["LicenseRef-gone"]),
            "spdx.license-undeclared /packages/1/licenseInfoFromFiles/0",
        ),
        ("/packages/1/licenseConcluded", json!("NOASSERTION"), "ok"),
    ] {
        assert_eq!(verdict(&changed(pointer, value.clone())), expected, "{pointer} {value}");
    }
}

#[test]
fn notes_take_nothing_away() {
    let more = json!({"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON",
                      "relatedSpdxElement": "NOASSERTION"});
    let own =
        json!({"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-app"});
    let describes = json!({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": "SPDXRef-DOCUMENT"});
    for (pointer, value, expected) in [
        ("/relationships/-", more, "spdx.more-relationships"),
        ("/relationships/-", own, "spdx.self-relationship"),
        ("/relationships/-", describes, "spdx.self-relationship"),
        ("/packages/1/licenseDeclared", json!("GPL-2.0"), "spdx.license-deprecated"),
        (
            "/packages/1/packageVerificationCode/packageVerificationCodeValue",
            json!("ed6d6022c237db570e1b10227dd44aa2babe7c18"),
            "spdx.verification-code-form",
        ),
    ] {
        let sbom = read(&changed(pointer, value), &Limits::MAX).unwrap();
        assert_eq!(sbom.notes.iter().map(|note| note.code()).collect::<Vec<_>>(), [expected]);
        assert_eq!(sbom.root().map(|root| root.name()), Some("app"));
    }
}

#[test]
fn many_violations_are_in_document_order_and_components_are_counted() {
    let mut value = document();
    value["packages"][1]["supplier"] = json!("x");
    value["files"][0]["fileName"] = json!(1);
    value["packages"][0]["supplier"] = json!("x");
    assert_eq!(
        verdict(&value),
        "sbom.wrong-type /files/0/fileName, spdx.actor /packages/0/supplier, spdx.actor /packages/1/supplier"
    );
    for (limit, expected) in [(5, "ok"), (4, "limit.components")] {
        let found = read(&document(), &Limits { components: limit, ..Limits::MAX });
        assert_eq!(found.as_ref().map_or_else(|invalid| invalid.reasons[0].code(), |_| "ok"), expected);
    }
}
