#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value as Json, json};

use super::table::Node;
use super::*;
use crate::decode::json::Tree;

#[test]
fn every_line_of_the_table_is_read() {
    for minor in 2..=7 {
        let table = table(minor);
        assert!(table.problems.is_empty(), "1.{minor}: {:?}", table.problems);
        assert!(matches!(table.node(table.root), Node::Object(_)));
        for node in &table.nodes {
            match node {
                Node::Choice(rows) => {
                    assert!(
                        !rows.iter().any(|(_, id)| matches!(table.node(*id), Node::Choice(_))),
                        "a choice of choices"
                    );
                }
                Node::Values(values) => {
                    assert!(values.is_sorted_by(|a, b| a < b), "1.{minor}: a value twice in {values:?}");
                }
                _ => {}
            }
        }
    }
}

/// A document of 1.`minor` that breaks nothing.
fn bom(minor: u8) -> Json {
    json!({
        "bomFormat": "CycloneDX", "specVersion": format!("1.{minor}"), "version": 1,
        "metadata": {"component": {"type": "library", "name": "a", "version": "1"}},
        "components": [{"type": "library", "name": "b", "version": "1", "licenses": [{"license": {"id": "MIT"}}]}],
        "dependencies": [{"ref": "a", "dependsOn": ["b", "c"]}],
    })
}

/// `code place` of everything that is wrong.
fn wrong(document: &Json, minor: u8) -> Vec<String> {
    let reasons = violations(Tree::of(document).root(), usize::from(minor) - 2).0.sorted();
    let place = |args: &std::collections::BTreeMap<&str, crate::reason::Arg>| args["place"].to_string();
    reasons.iter().map(|reason| format!("{} {}", reason.code(), place(reason.args()))).collect()
}

#[test]
fn each_rule_has_its_reason_and_its_place() {
    type Change = fn(&mut Json);
    let rows: &[(u8, Change, &[&str])] = &[
        (2, |_| (), &[]),
        (3, |_| (), &[]),
        (4, |_| (), &[]),
        (5, |_| (), &[]),
        (6, |_| (), &[]),
        (7, |_| (), &[]),
        (7, |b| *b = json!([]), &["sbom.wrong-type /"]),
        (4, |b| b["version"] = json!(1.0), &[]),
        (4, |b| b["version"] = json!(0), &[]),
        (5, |b| b["version"] = json!(0), &["sbom.wrong-form /version"]),
        (5, |b| b["version"] = json!(1.5), &["sbom.wrong-type /version"]),
        (5, |b| b["version"] = json!("1"), &["sbom.wrong-type /version"]),
        (5, |b| remove(b, "/version"), &[]),
        (4, |b| remove(b, "/version"), &["sbom.missing-member /"]),
        (6, |b| b["version"] = json!(null), &["sbom.wrong-type /version"]),
        (6, |b| b["components"][0]["x y"] = json!({"z": 1}), &["sbom.unknown-member /components/0"]),
        (6, |b| b["metadata"]["tools"] = json!([{"name": "t"}]), &[]),
        (6, |b| b["metadata"]["tools"] = json!({"components": [{"type": "library", "name": "t"}]}), &[]),
        (4, |b| b["metadata"]["tools"] = json!({"components": []}), &["sbom.wrong-type /metadata/tools"]),
        (6, |b| b["metadata"]["tools"] = json!({"tools": []}), &["sbom.unknown-member /metadata/tools"]),
        (6, |b| b["components"][0]["type"] = json!("Library"), &["sbom.wrong-word /components/0/type"]),
        (5, |b| b["components"][0]["type"] = json!("cryptographic-asset"), &["sbom.wrong-word /components/0/type"]),
        (6, |b| b["components"][0]["type"] = json!("cryptographic-asset"), &[]),
        (6, |b| b["dependencies"][0]["dependsOn"][1] = json!("b"), &["sbom.repeated /dependencies/0/dependsOn/1"]),
        (
            6,
            |b| b["components"] = json!([{"type": "file", "name": "c"}, {"name": "c", "type": "file"}]),
            &["sbom.repeated /components/1"],
        ),
        (6, |b| b["serialNumber"] = json!("urn:uuid:1"), &["sbom.wrong-form /serialNumber"]),
        (
            6,
            |b| b["components"][0]["licenses"][0]["license"]["name"] = json!("MIT"),
            &["sbom.excluded /components/0/licenses/0/license"],
        ),
        (
            6,
            |b| b["components"][0]["licenses"] = json!([{"expression": "MIT"}, {"expression": "BSD-2-Clause"}]),
            &["sbom.wrong-count /components/0/licenses"],
        ),
        (7, |b| b["components"][0]["licenses"] = json!([{"expression": "MIT"}, {"license": {"id": "MIT"}}]), &[]),
        (
            7,
            |b| b["components"][0]["versionRange"] = json!("vers:x/*"),
            &["sbom.together /components/0", "sbom.together /components/0"],
        ),
        (
            7,
            |b| b["components"][0] = json!({"type": "file", "name": "f", "versionRange": "vers:x/*"}),
            &["sbom.together /components/0"],
        ),
        (
            7,
            |b| {
                b["components"][0] =
                    json!({"type": "file", "name": "f", "versionRange": "vers:x/*", "isExternal": true});
            },
            &[],
        ),
        (
            7,
            |b| b["citations"] = json!([{"timestamp": "2026-01-01T00:00:00Z", "pointers": []}]),
            &["sbom.missing-member /citations/0", "sbom.wrong-count /citations/0/pointers"],
        ),
        (
            7,
            |b| {
                let patent = json!({
                    "patentNumber": "US1", "jurisdiction": "US", "patentLegalStatus": "granted",
                    "patentAssignee": [{"name": "nobody knows which"}, {"name": "a", "email": "a@b"}],
                });
                b["definitions"] = json!({"patents": [patent]});
            },
            &["sbom.wrong-type /definitions/patents/0/patentAssignee/0"],
        ),
        (
            6,
            |b| {
                b["signature"] = json!({"algorithm": "ES256", "value": "x", "publicKey": {"kty": "EC", "crv": "P-256"}})
            },
            &["sbom.missing-member /signature/publicKey", "sbom.missing-member /signature/publicKey"],
        ),
        (6, |b| b["signature"] = json!({"signers": [{"algorithm": "urn:x:y", "value": "x"}]}), &[]),
        (6, |b| b["signature"] = json!({"signers": [], "chain": []}), &["sbom.unknown-member /signature"]),
        (5, |b| b["components"][0]["properties"] = json!([{"value": "x", "more": 1}]), &[]),
        (
            6,
            |b| b["components"][0]["properties"] = json!([{"name": "n", "more": 1}]),
            &["sbom.unknown-member /components/0/properties/0"],
        ),
    ];
    for (index, (minor, change, expected)) in rows.iter().enumerate() {
        let mut document = bom(*minor);
        change(&mut document);
        assert_eq!(wrong(&document, *minor), *expected, "row {index}");
    }
}

fn remove(document: &mut Json, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
}

#[test]
fn violations_come_by_place_and_say_what_is_expected() {
    let mut document = bom(6);
    document["components"] = (0..12).map(|at| json!({"type": "library", "name": at})).collect();
    document["serialNumber"] = json!("x");
    let found = wrong(&document, 6);
    assert_eq!(found[..2], ["sbom.wrong-type /components/0/name", "sbom.wrong-type /components/1/name"]);
    assert_eq!(
        found[10..],
        ["sbom.wrong-type /components/10/name", "sbom.wrong-type /components/11/name", "sbom.wrong-form /serialNumber",]
    );
    let sentences: Vec<String> =
        violations(Tree::of(&document).root(), 4).0.sorted().iter().map(Reason::sentence).collect();
    assert_eq!(sentences[0], "CycloneDX 1.6: /components/0/name is not text");
    assert_eq!(sentences[12], "CycloneDX 1.6: /serialNumber is not written as `urn:uuid:` and a UUID in lower case");
}

#[test]
fn depth_costs_no_stack() {
    let mut component = json!({"type": "file", "name": "f"});
    for _ in 0..20_000 {
        // `json!` would copy what it is given, recursively.
        let mut outer = json!({"type": "file", "name": "f"});
        outer["components"] = Json::Array(vec![component]);
        component = outer;
    }
    let mut document = bom(6);
    document["components"] = Json::Array(vec![component]);
    assert!(violations(Tree::of(&document).root(), 4).0.is_empty());
    // Dropping a value recurses; taking it apart does not.
    let mut rest = document["components"][0].take();
    while let Some(inner) = rest.pointer_mut("/components/0").map(Json::take) {
        rest = inner;
    }
}
