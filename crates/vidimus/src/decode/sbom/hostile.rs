//! Documents that were made to harm: each is refused for a reason of its own, or read for what it is, at a bounded cost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use crate::decode::{Content, Sbom, document};
use crate::limits::Limits;

/// The format, or the first reason.
fn became(bytes: &[u8]) -> String {
    match document(bytes, &Limits::MAX) {
        Content::Sbom(sbom) => sbom.format,
        Content::InvalidSbom(invalid) => invalid.reasons[0].code().to_owned(),
        Content::Refused(reason) => reason.code().to_owned(),
        _ => "ordinary".to_owned(),
    }
}

fn read(text: &str) -> Box<Sbom> {
    match document(text.as_bytes(), &Limits::MAX) {
        Content::Sbom(sbom) => sbom,
        other => panic!("{other:?}"),
    }
}

fn cyclonedx(members: &str) -> String {
    format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6",{members}}}"#)
}

fn spdx(members: &str) -> String {
    format!(
        r#"{{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"a","dataLicense":"CC0-1.0","documentNamespace":"https://a.example/a","creationInfo":{{"created":"2026-01-02T03:04:05Z","creators":["Tool: a"]}},{members}}}"#
    )
}

fn package(name: &str) -> String {
    format!(r#"{{"SPDXID":"SPDXRef-{name}","name":"{name}","downloadLocation":"NONE","filesAnalyzed":false}}"#)
}

fn xml(content: &str) -> String {
    format!("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">{content}</bom>")
}

const TAGS: &str = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: a\n\
    DocumentNamespace: https://a.example/a\nCreator: Tool: a\nCreated: 2026-01-02T03:04:05Z\n";

#[test]
fn each_has_its_reason() {
    let component = r#"{"type":"file","name":"a","components":["#;
    let inside = "<components><component type=\"file\"><name>a</name>";
    let long = "x".repeat(Limits::MAX.string_bytes + 1);
    let twice = r#""components":[{"type":"file","bom-ref":"r","name":"a"},{"type":"file","bom-ref":"r","name":"b"}]"#;
    let both = r#""documentDescribes":["SPDXRef-b"],"packages":"#;
    let bomb = "<!DOCTYPE bom [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let plain = cyclonedx(r#""version":1"#);
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "nesting",
            cyclonedx(&format!(r#""components":[{}{}"#, component.repeat(40), "]}".repeat(40) + "]")).into(),
            "limit.depth",
        ),
        ("brackets", ("{\"bomFormat\":\"CycloneDX\",\"x\":".to_owned() + &"[".repeat(1_000_000)).into(), "limit.depth"),
        ("nesting", xml(&(inside.repeat(40) + &"</component></components>".repeat(40))).into(), "limit.xml"),
        ("a string", cyclonedx(&format!(r#""components":[{{"type":"file","name":"{long}"}}]"#)).into(), "limit.string"),
        ("a string", spdx(&format!(r#""comment":"{long}""#)).into(), "limit.string"),
        (
            "a string",
            xml(&format!("<components><component type=\"file\"><name>{long}</name></component></components>")).into(),
            "limit.xml",
        ),
        ("a string", format!("{TAGS}DocumentComment: {long}\n").into(), "limit.tag-value"),
        ("names", cyclonedx(twice).into(), "sbom.duplicate-reference"),
        ("names", spdx(&format!("{both}[{},{}]", package("b"), package("b"))).into(), "spdx.duplicate-identifier"),
        ("entities", format!("<?xml version=\"1.0\"?>{bomb}{}", xml("&b;")).into(), "parse.xml"),
        ("an entity", xml("<x>&b;</x>").into(), "parse.xml"),
        ("UTF-16", utf16(&plain, u16::to_le_bytes), "parse.encoding"),
        ("UTF-16", utf16(&plain, u16::to_be_bytes), "parse.encoding"),
        ("UTF-16", utf16(TAGS, u16::to_le_bytes), "parse.encoding"),
        ("a mark", format!("\u{feff}{plain}").into(), "parse.strict"),
        (
            "Latin-1",
            plain
                .replace("CycloneDX\"", "CycloneDX\",\"x\":\"?\"")
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'?' { 0xe9 } else { b })
                .collect(),
            "parse.strict",
        ),
        ("more behind it", format!("{plain} {plain}").into(), "parse.strict"),
        (
            "two formats",
            cyclonedx(r#""spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT""#).into(),
            "sbom.unknown-member",
        ),
        ("two formats", spdx(r#""bomFormat":"CycloneDX","specVersion":"1.6""#).into(), "sbom.unknown-member"),
        (
            "two formats",
            spdx(r#""@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]"#).into(),
            "sbom.unknown-member",
        ),
        ("two versions", cyclonedx(r#""specVersion":"1.4","version":1"#).into(), "parse.duplicate-key"),
        ("two versions", cyclonedx(r#""spec\u0056ersion":"1.4","version":1"#).into(), "parse.duplicate-key"),
    ];
    for (what, bytes, expected) in rows {
        assert_eq!(became(&bytes), expected, "{what}: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(200)]));
    }
}

#[test]
fn line_ends_of_all_kinds_mean_the_same() {
    let text = format!(
        "{TAGS}PackageName: b\nSPDXID: SPDXRef-b\nPackageDownloadLocation: NONE\nFilesAnalyzed: false\n\
        PackageComment: <text>one\ntwo</text>\n"
    );
    let comment = |text: &str| {
        let sbom = read(text);
        let package = sbom.components().next().unwrap();
        package.text(crate::decode::Element::Comment).map(str::to_owned)
    };
    let mixed: String = text
        .split_inclusive('\n')
        .enumerate()
        .map(|(at, line)| if at % 2 == 0 { line.replace('\n', "\r\n") } else { line.to_owned() })
        .collect();
    for text in [text.clone(), text.replace('\n', "\r\n"), mixed] {
        assert_eq!(comment(&text).as_deref(), Some("one\ntwo"), "{text:?}");
    }
    let laid_out = "<components>\n<component type=\"file\">\n<name>a\nb</name>\n</component>\n</components>\n";
    let name = |text: &str| read(&xml(text)).components().next().unwrap().name().to_owned();
    assert_eq!(name(laid_out), "a\nb");
    assert_eq!(name(&laid_out.replace('\n', "\r\n")), "a\nb");
    assert_eq!(
        became(cyclonedx("\"version\":1").replace(',', ",\r\n").replace(':', ":\r").as_bytes()),
        "cyclonedx-1.6+json"
    );
}

#[test]
fn circles_end() {
    let refer = |from: &str, to: &str| format!(r#"{{"ref":"{from}","dependsOn":["{to}"]}}"#);
    let components =
        r#""components":[{"type":"file","bom-ref":"a","name":"a"},{"type":"file","bom-ref":"b","name":"b"}]"#;
    let text = cyclonedx(&format!(r#"{components},"dependencies":[{},{}]"#, refer("a", "b"), refer("b", "a")));
    let relation = |from: &str, to: &str| {
        format!(
            r#"{{"spdxElementId":"SPDXRef-{from}","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{to}"}}"#
        )
    };
    let packages = format!(r#""documentDescribes":["SPDXRef-a"],"packages":[{},{}]"#, package("a"), package("b"));
    let contains = spdx(&format!(r#"{packages},"relationships":[{},{}]"#, relation("a", "b"), relation("b", "a")));
    for (text, expected) in [(text, "sbom.dependency-cycle"), (contains, "sbom.containment-cycle")] {
        let sbom = read(&text);
        assert!(sbom.notes.iter().any(|note| note.code() == expected), "{:?}", sbom.notes);
    }
}

/// So many components that the limit is passed, each as small as can be, and then fewer: what they cost is a multiple of the text.
#[test]
fn a_million_components_are_refused_and_many_cost_little() {
    let many = |count: usize| {
        let mut list = String::new();
        for number in 0..count {
            // Writing into a string cannot fail.
            let _ = write!(list, r#"{}{{"type":"file","name":"{number:x}"}}"#, if number == 0 { "" } else { "," });
        }
        cyclonedx(&format!(r#""components":[{list}]"#))
    };
    let most = usize::try_from(Limits::MAX.components).unwrap();
    assert_eq!(became(many(most + 1).as_bytes()), "limit.components");
    let text = many(20_000);
    assert!(read(&text).memory() < text.len() * 6, "{} of {}", read(&text).memory(), text.len());
}

/// The XML reader once looked at all siblings of an element to number it; this takes a minute then, and no time now.
#[test]
fn wide_xml_costs_no_more_than_it_is_long() {
    let mut list = String::new();
    for number in 0..20_000 {
        let _ = write!(list, "<component type=\"file\"><name>{number}</name></component>");
    }
    let sbom = read(&xml(&format!("<components>{list}</components>")));
    assert_eq!(sbom.components().last().unwrap().place(), "/bom/components/component[20000]");
}
