//! Each rule of the text form with a document that breaks it, beside the one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;
use crate::decode::sbom::{EdgeKind, Element, NodeKind};

const DOCUMENT: &str = "# made by hand
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: app
DocumentNamespace: https://acme.example/app/1
ExternalDocumentRef: DocumentRef-base https://acme.example/base/1 SHA1: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
Creator: Organization: Acme (a@acme.example)
Creator: Tool: maker-1.2
Created: 2026-01-02T03:04:05Z
CreatorComment: <text>Two
lines</text>
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
RelationshipComment: the product

PackageName: app
SPDXID: SPDXRef-app
PackageVersion: 1
PackageSupplier: Organization: Acme
PackageDownloadLocation: NONE
PackageVerificationCode: 356a192b7913b04c54574d18c28d46e6395428ab (excludes: ./app.spdx)
PackageChecksum: SHA256: abababababababababababababababababababababababababababababababab
PackageLicenseConcluded: MIT AND LicenseRef-own
ExternalRef: PACKAGE-MANAGER purl pkg:generic/app@1
ExternalRefComment: here
Annotator: Tool: maker
AnnotationDate: 2026-01-02T03:04:05Z
AnnotationType: OTHER
SPDXREF: SPDXRef-app
AnnotationComment: urn:vidimus:withheld comp.copyright
PackageComment: after the annotation

FileName: ./f
SPDXID: SPDXRef-f
FileType: BINARY
FileChecksum: SHA1: 356a192b7913b04c54574d18c28d46e6395428ab
Relationship: SPDXRef-f CONTAINED_BY DocumentRef-base:SPDXRef-b

SnippetSPDXID: SPDXRef-s
SnippetFromFileSPDXID: SPDXRef-f
SnippetByteRange: 1:20

LicenseID: LicenseRef-own
ExtractedText: <text></text>
LicenseName: own
";

fn verdict(text: &str) -> String {
    match read(text, &Limits::MAX) {
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
    let sbom = read(DOCUMENT, &Limits::MAX).unwrap();
    assert_eq!(sbom.format, "spdx-2.3+tag-value");
    let root = sbom.root().unwrap();
    assert_eq!((root.name(), root.version(), root.supplier()), ("app", Some("1"), Some("Acme")));
    assert_eq!((root.purl(), root.place()), (Some("pkg:generic/app@1"), "line-16"));
    assert_eq!(root.state(Element::Copyright), crate::decode::State::Withheld);
    assert_eq!(root.text(Element::Comment), Some("after the annotation"));
    assert_eq!(root.digests().strongest().unwrap().hex(), "ab".repeat(32));
    assert_eq!(sbom.document().text(Element::CreatorComment), Some("Two\nlines"));
    assert_eq!(sbom.document().text(Element::ToolVersion), Some("1.2"));
    let kinds: Vec<_> = sbom.components().map(|c| (c.reference(), c.kind(), c.place())).collect();
    assert_eq!(
        kinds,
        [
            ("SPDXRef-app", NodeKind::Component, "line-16"),
            ("SPDXRef-f", NodeKind::File, "line-33"),
            ("SPDXRef-s", NodeKind::Snippet, "line-39"),
        ]
    );
    let edges: Vec<_> = sbom.edges().map(|e| (e.from.reference(), e.kind, e.to.reference())).collect();
    assert_eq!(
        edges,
        [("SPDXRef-DOCUMENT", EdgeKind::Describes, "SPDXRef-app"), ("SPDXRef-f", EdgeKind::Contains, "SPDXRef-s"),]
    );
    assert_eq!(sbom.outside[0].reference, "DocumentRef-base:SPDXRef-b");
    assert_eq!(sbom.linked[0].place, "line-7");
}

#[test]
fn rules() {
    for (from, to, expected) in [
        ("app\nDocumentNamespace", "app\r\nDocumentNamespace", "ok"),
        ("PackageVersion: 1", "PackageVersion:1", "ok"),
        ("PackageVersion: 1", "PackageVersion: <text>1</text>", "ok"),
        ("PackageVersion: 1", "PackageVersion 1", "spdx.tag-line line-18"),
        ("PackageVersion: 1", "packageversion: 1", "spdx.tag-unknown line-18"),
        ("PackageVersion: 1", "Package Version: 1", "spdx.tag-line line-18"),
        ("PackageVersion: 1", "PackageVersion: 1\nPackageVersion: 2", "spdx.tag-repeated line-19"),
        ("PackageVersion: 1", "PackageVersion: <text>1</text> x", "spdx.text-open line-18"),
        ("LicenseName: own", "LicenseName: <text>own", "spdx.text-open line-45"),
        ("PackageVersion: 1", "FileType: BINARY", "spdx.tag-order line-18"),
        ("PackageVersion: 1", "DataLicense: CC0-1.0", "spdx.tag-order line-18"),
        ("FileType: BINARY", "PackageVersion: 1", "spdx.tag-order line-35"),
        ("FileType: BINARY", "AnnotationType: OTHER", "spdx.tag-order line-35"),
        ("SnippetByteRange", "SPDXID: SPDXRef-x\nSnippetByteRange", "spdx.tag-order line-41"),
        ("FileType: BINARY", "FileType: binary", "sbom.wrong-word line-35"),
        ("PackageVersion: 1", "FilesAnalyzed: yes", "spdx.tag-value line-18"),
        ("SHA256: ab", "SHA256 ab", "spdx.tag-value line-22"),
        ("SHA256: ab", "SHA256: zz", "spdx.checksum line-22"),
        ("SnippetByteRange: 1:20", "SnippetByteRange: 20:1", "sbom.wrong-count line-39, spdx.tag-value line-41"),
        ("SnippetByteRange: 1:20", "SnippetComment: x", "sbom.wrong-count line-39"),
        ("Relationship: SPDXRef-f CONTAINED_BY", "Relationship: SPDXRef-f", "spdx.tag-value line-37"),
        ("CONTAINED_BY", "INSIDE", "sbom.wrong-word line-37"),
        ("PACKAGE-MANAGER purl pkg", "PACKAGE-MANAGER pkg", "spdx.tag-value line-24, spdx.tag-order line-25"),
        ("DESCRIBES SPDXRef-app", "DESCRIBES SPDXRef-gone", "spdx.dangling-reference line-13"),
        ("SPDXREF: SPDXRef-app", "SPDXREF: SPDXRef-gone", "spdx.dangling-reference line-26"),
        ("Creator: Tool: maker-1.2", "Creator: maker-1.2", "spdx.actor line-9"),
        ("Created: 2026-01-02T03:04:05Z", "Created: yesterday", "spdx.time line-10"),
        ("PackageDownloadLocation: NONE\n", "", "sbom.missing-member line-16"),
        ("SPDXID: SPDXRef-f\n", "SPDXID: SPDXRef-app\n", "spdx.duplicate-identifier line-34"),
        ("MIT AND", "MIT and", "spdx.license-expression line-23"),
        ("SPDX-2.3", "SPDX-2.0", "parse.version"),
        ("SPDX-2.3", "SPDX-2.3.1", "ok"),
    ] {
        assert!(DOCUMENT.contains(from), "{from}");
        let found = verdict(&DOCUMENT.replacen(from, to, 1));
        let expected_first = found.split(", ").next().unwrap();
        assert!(found == expected || expected_first == expected, "{to}: {found}, not {expected}");
    }
}

#[test]
fn texts_are_bounded() {
    let limits = Limits { string_bytes: 100, ..Limits::MAX };
    for (text, expected) in [
        (DOCUMENT.to_owned(), "ok"),
        (DOCUMENT.replacen("made by hand", &"x".repeat(200), 1), "ok"),
        (DOCUMENT.replacen("LicenseName: own", &format!("LicenseName: {}", "x".repeat(101)), 1), "limit.tag-value"),
        (DOCUMENT.replacen("<text></text>", &format!("<text>{}</text>", "x\n".repeat(60)), 1), "limit.tag-value"),
        (DOCUMENT.replacen("<text></text>", &format!("<text>{}", "x\n".repeat(60)), 1), "limit.tag-value"),
    ] {
        let found = read(&text, &limits);
        assert_eq!(found.as_ref().map_or_else(|invalid| invalid.reasons[0].code(), |_| "ok"), expected);
    }
}

#[test]
fn recognised_by_its_first_tag() {
    for (text, expected) in [
        ("SPDXVersion: SPDX-2.3", true),
        ("\n# x\n  SPDXVersion:SPDX-2.3", true),
        ("\u{feff}SPDXVersion: SPDX-2.3", true),
        ("DataLicense: CC0-1.0\nSPDXVersion: SPDX-2.3", false),
        ("spdxVersion: SPDX-2.3", false),
        ("# SPDXVersion: SPDX-2.3", false),
        ("", false),
    ] {
        assert_eq!(has_mark(text.as_bytes()), expected, "{text}");
    }
    assert!(may_have_mark("# comment\n".repeat(7).as_bytes()) && !may_have_mark(b"# comment\n"));
}

proptest::proptest! {
    #[test]
    fn any_lines_give_a_verdict(lines in proptest::collection::vec("(Relationship|SPDXID|FileName|PackageName|SPDXREF|Annotator|SnippetByteRange|ExternalRef|PackageChecksum|PackageVerificationCode): ?(<text>)?[a-zA-Z0-9:() -]{0,12}(</text>)?", 0..20)) {
        let _ = read(&format!("{DOCUMENT}{}", lines.join("\n")), &Limits::MAX);
    }
}
