#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

#[test]
fn every_line_of_the_table_is_read() {
    for minor in 2..=7 {
        let table = table(minor);
        assert!(table.problems.is_empty(), "1.{minor}: {:?}", table.problems);
        for of in table.types() {
            // The next element alone decides: no two positions that may come next have the same name.
            let all = std::iter::once(&of.first).chain(of.positions.iter().map(|position| &position.follow));
            for next in all {
                let mut names: Vec<_> = next.iter().map(|position| of.positions[*position].name).collect();
                names.sort_unstable();
                assert!(names.is_sorted_by(|a, b| a < b), "1.{minor}: {names:?}");
            }
        }
    }
}

/// A document of 1.`minor` with these components.
fn bom(minor: u8, components: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.{minor}\" version=\"1\">\n  \
         <components>{components}</components>\n</bom>\n"
    )
}

/// The format, or `code place` of everything that is wrong; `-` for what is no CycloneDX XML.
fn became(bytes: &[u8]) -> Vec<String> {
    match document(bytes, &Limits::MAX) {
        None => vec!["-".to_owned()],
        Some(Ok(sbom)) => vec![sbom.format],
        Some(Err(invalid)) => {
            let place = |reason: &crate::reason::Reason| reason.args().get("place").map(ToString::to_string);
            let line =
                |reason| format!("{} {}", crate::reason::Reason::code(reason), place(reason).unwrap_or_default());
            invalid.reasons.iter().map(|reason| line(reason).trim().to_owned()).collect()
        }
    }
}

const A: &str = "<component type=\"library\"><name>a</name><version>1</version></component>";

#[test]
fn each_rule_has_its_reason_and_its_place() {
    let ok = |minor: u8| format!("cyclonedx-1.{minor}+xml");
    let component =
        |attributes: &str, content: &str| format!("<component type=\"file\"{attributes}>{content}</component>");
    let rows: &[(u8, String, &[&str])] = &[
        (2, A.to_owned(), &[]),
        (3, A.to_owned(), &[]),
        (4, A.to_owned(), &[]),
        (5, A.to_owned(), &[]),
        (6, A.to_owned(), &[]),
        (7, A.to_owned(), &[]),
        (7, String::new(), &[]),
        (3, component("", "<name>a</name>"), &["sbom.missing-member /bom/components/component"]),
        (4, component("", "<name>a</name>"), &[]),
        (6, component("", "<version>1</version><name>a</name>"), &["sbom.misplaced /bom/components/component/version"]),
        (6, component("", "<name>a</name><name>b</name>"), &["sbom.misplaced /bom/components/component/name[2]"]),
        (6, component("", "<name>a</name><x/>"), &["sbom.unknown-member /bom/components/component"]),
        (6, component("", "<name>a</name><x xmlns=\"urn:x\"><y/></x>"), &[]),
        (6, component("", "<name>a</name><x xmlns=\"\"/>"), &["sbom.unknown-member /bom/components/component"]),
        (6, component("", "text<name>a</name>"), &["sbom.wrong-type /bom/components/component"]),
        (6, component("", "<name>a<b/></name>"), &["sbom.unknown-member /bom/components/component/name"]),
        (6, component("", "<name x=\"1\">a</name>"), &["sbom.unknown-member /bom/components/component/name"]),
        (6, "<component><name>a</name></component>".to_owned(), &["sbom.missing-member /bom/components/component"]),
        (
            6,
            "<component type=\"thing\"><name>a</name></component>".to_owned(),
            &["sbom.wrong-word /bom/components/component/@type"],
        ),
        (
            6,
            component(" bom-ref=\"r\"", "<name>a</name>") + &component(" bom-ref=\"r\"", "<name>b</name>"),
            &["sbom.duplicate-reference /bom/components/component[2]/@bom-ref"],
        ),
        (
            6,
            component("", "<name>a</name><hashes><hash alg=\"MD5\">00</hash></hashes>"),
            &["sbom.wrong-form /bom/components/component/hashes/hash"],
        ),
        (
            6,
            component(
                "",
                "<name>a</name><hashes><hash alg=\"MD5\">0123456789abcdef0123456789abcdef01234567</hash></hashes>",
            ),
            &["sbom.hash /bom/components/component/hashes"],
        ),
        (
            6,
            component(
                " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"a b\"",
                "<name>a</name>",
            ),
            &[],
        ),
        (
            6,
            component(" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"x\"", "<name>a</name>"),
            &["sbom.unknown-member /bom/components/component"],
        ),
        (7, component(" isExternal=\"true\"", "<name>a</name><versionRange>vers:x/*</versionRange>"), &[]),
        (
            7,
            component("", "<name>a</name><versionRange>vers:x/*</versionRange>"),
            &["sbom.together /bom/components/component"],
        ),
    ];
    for (index, (minor, components, expected)) in rows.iter().enumerate() {
        let found = became(bom(*minor, components).as_bytes());
        let expected =
            if expected.is_empty() { vec![ok(*minor)] } else { expected.iter().map(ToString::to_string).collect() };
        assert_eq!(found, expected, "row {index}: {components}");
    }
}

#[test]
fn what_is_not_plain_xml_is_refused() {
    let plain = bom(6, A);
    let inside = |content: &str| bom(6, &format!("<component type=\"file\"><name>{content}</name></component>"));
    let deep = "<x xmlns=\"urn:x\">".repeat(100) + &"</x>".repeat(100);
    let utf16: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bomb = "<!DOCTYPE bom [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
    let refused = crate::decode::document(&utf16, &Limits::MAX);
    assert!(
        matches!(&refused, crate::decode::Content::Refused(reason) if reason.code() == "parse.encoding"),
        "{refused:?}"
    );
    let rows: &[(Vec<u8>, &str)] = &[
        (plain.clone().into(), "cyclonedx-1.6+xml"),
        (format!("\u{feff}{plain}").into(), "cyclonedx-1.6+xml"),
        (inside("&lt;&#x41;<![CDATA[<b>]]>").into(), "cyclonedx-1.6+xml"),
        (plain.replace("1.6", "1.1").into(), "parse.version"),
        (plain.replace("1.6", "1.8").into(), "parse.version"),
        (plain.replace("UTF-8", "ISO-8859-1").into(), "parse.xml"),
        (plain.replace("?>", &format!("?>{bomb}")).into(), "parse.xml"),
        (inside("&a;").into(), "parse.xml"),
        (inside("&#0;").into(), "parse.xml"),
        (inside("\u{1}").into(), "parse.xml"),
        (inside("]]>").into(), "parse.xml"),
        (format!("{plain}<x/>").into(), "parse.xml"),
        (format!("{plain}x").into(), "parse.xml"),
        (plain.replace("</bom>", "").into(), "parse.xml"),
        (plain.replace("</components>", "</component>").into(), "parse.xml"),
        (plain.replace("version=\"1\"", "version=\"1\" version=\"1\"").into(), "parse.xml"),
        (plain.replace("version=\"1\"", "version=\"1\" x:y=\"1\"").into(), "parse.xml"),
        (plain.replace("version=\"1\"", "version=\"<\"").into(), "parse.xml"),
        (
            plain.replace("<name>a", "<name>\u{e4}").into_bytes().into_iter().filter(|b| *b != 0xa4).collect(),
            "parse.xml",
        ),
        (bom(6, &deep).into(), "limit.xml"),
        (inside(&"x".repeat(2 << 20)).into(), "limit.xml"),
        (b"<bom/>".to_vec(), "-"),
        (b"<html></html>".to_vec(), "-"),
        (b"<".to_vec(), "-"),
        (b"".to_vec(), "-"),
    ];
    for (bytes, expected) in rows {
        let found = became(bytes);
        assert_eq!(found, [*expected], "{}", String::from_utf8_lossy(bytes).chars().take(300).collect::<String>());
    }
}

#[test]
fn the_same_model_as_from_json() {
    let text = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><metadata><component type=\"application\" bom-ref=\"root\">\
        <name>app</name><version> 1 </version><purl>pkg:generic/app@1</purl></component><supplier><name>Acme</name></supplier>\
        </metadata><components><component type=\"library\" bom-ref=\"a\"><supplier><name>S</name></supplier><name>a</name>\
        <hashes><hash alg=\"SHA-1\">0123456789ABCDEF0123456789ABCDEF01234567</hash></hashes>\
        <components><component type=\"file\" bom-ref=\"b\"><name>b</name></component></components></component></components>\
        <dependencies><dependency ref=\"root\"><dependency ref=\"a\"/></dependency><dependency ref=\"b\"/></dependencies></bom>";
    let sbom = document(text.as_bytes(), &Limits::MAX).unwrap().unwrap();
    let root = sbom.root().unwrap();
    assert_eq!((root.name(), root.version(), root.supplier()), ("app", Some("1"), Some("Acme")));
    let others: Vec<(&str, &str)> = sbom.others().map(|other| (other.name(), other.place())).collect();
    assert_eq!(others, [("a", "/bom/components/component"), ("b", "/bom/components/component/components/component")]);
    let first = sbom.others().next().unwrap();
    assert_eq!(first.digests().iter().collect::<Vec<_>>(), [("sha1", "0123456789abcdef0123456789abcdef01234567")]);
    let edges: Vec<String> = sbom.edges().map(|e| format!("{} {} {}", e.from.name(), e.label, e.to.name())).collect();
    assert_eq!(edges, [" component app", "app dependsOn a", "a components b"]);
}

/// Elements are numbered once: looking at all siblings for each takes minutes here.
#[test]
fn wide_documents_cost_no_more_than_they_are_long() {
    let list: String =
        (1..=20_000).map(|number| format!("<component type=\"file\"><name>{number}</name></component>")).collect();
    let sbom = document(bom(6, &list).as_bytes(), &Limits::MAX).unwrap().unwrap();
    let places: Vec<String> = sbom.components().map(|component| component.place().to_owned()).collect();
    let expected: Vec<String> = (1..=20_000).map(|number| format!("/bom/components/component[{number}]")).collect();
    assert!(places == expected, "{:?}", &places[..3]);
}

#[test]
fn numbers_are_among_siblings_of_one_name() {
    let text = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><a><x/><y/><x><x/></x></a><b/><a/><a><x/></a></bom>";
    let tree = tree::read(text, &Limits::MAX).unwrap();
    let places: Vec<String> = tree.elements().map(|(index, _)| check::place(&tree, index)).collect();
    let expected = [
        "/bom",
        "/bom/a[1]",
        "/bom/a[1]/x[1]",
        "/bom/a[1]/y",
        "/bom/a[1]/x[2]",
        "/bom/a[1]/x[2]/x",
        "/bom/b",
        "/bom/a[2]",
        "/bom/a[3]",
        "/bom/a[3]/x",
    ];
    assert_eq!(places, expected);
}

proptest::proptest! {
    #[test]
    fn any_bytes_become_something(
        damage in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 0..6),
    ) {
        let mut bytes = bom(6, A).into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let found = became(&bytes);
        proptest::prop_assert!(!found.is_empty());
        proptest::prop_assert_eq!(found, became(&bytes));
    }
}
