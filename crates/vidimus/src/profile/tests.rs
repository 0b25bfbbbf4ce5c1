#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::*;
use crate::decode::{Content, document};
use crate::limits::Limits;

fn sbom(value: &Json) -> Box<Sbom> {
    match document(value.to_string().as_bytes(), &Limits::MAX) {
        Content::Sbom(sbom) => sbom,
        Content::InvalidSbom(invalid) => panic!("{:?}", invalid.reasons),
        other => panic!("{other:?}"),
    }
}

/// Ids of the rules that are not met and fail the profile.
fn failed(profile: &Profile, value: &Json) -> Vec<&'static str> {
    let sbom = sbom(value);
    let answers = profile.answers(&sbom);
    let fails = |(rule, answer): &(&Rule, &Answer<'_>)| {
        assert_eq!(rule.id, answer.rule);
        rule.obligation.fails() && matches!(answer.result, Result::Unmet { .. })
    };
    let failed: Vec<&str> = profile.rules.iter().zip(&answers).filter(fails).map(|(rule, _)| rule.id).collect();
    assert_eq!(profile.is_met(&answers), failed.is_empty());
    failed
}

/// The document with one change: a value at a pointer, or the member taken away.
fn with(document: &Json, pointer: &str, value: Option<Json>) -> Json {
    let mut changed = document.clone();
    let (holder, member) = pointer.rsplit_once('/').unwrap();
    match (changed.pointer_mut(holder).unwrap(), value) {
        (Json::Object(map), Some(value)) => drop(map.insert(member.to_owned(), value)),
        (Json::Object(map), None) => assert!(map.remove(member).is_some(), "{pointer}"),
        (Json::Array(list), None) => drop(list.remove(member.parse().unwrap())),
        (other, _) => panic!("{pointer}: {other}"),
    }
    changed
}

fn cyclonedx() -> Json {
    let component = |name: &str| {
        json!({
            "type": "library", "bom-ref": name, "name": name, "version": "1.0", "purl": format!("pkg:generic/acme/{name}@1.0"),
            "supplier": {"name": "ACME Networks AB"}, "manufacturer": {"name": "ACME Networks AB"},
            "hashes": [{"alg": "SHA-256", "content": "00".repeat(32)}], "licenses": [{"license": {"id": "MIT"}}],
        })
    };
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {
            "timestamp": "2026-11-01T08:00:00Z", "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "bomber", "version": "2.1"}]},
            "authors": [{"name": "Astrid Berg"}], "manufacturer": {"name": "ACME Networks AB"},
            "component": component("router"),
        },
        "components": [component("tls"), component("zip")],
        "dependencies": [{"ref": "router", "dependsOn": ["tls", "zip"]}, {"ref": "tls"}, {"ref": "zip"}],
        "compositions": [{"aggregate": "complete", "dependencies": ["router", "tls", "zip"]}],
    })
}

fn spdx() -> Json {
    let package = |id: &str| {
        json!({
            "SPDXID": format!("SPDXRef-{id}"), "name": id, "versionInfo": "1.0", "supplier": "Organization: ACME Networks AB",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "MIT",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
        })
    };
    let relationship = |from: &str, kind: &str, to: &str| json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to});
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "router",
        "documentNamespace": "https://acme.example/sbom/router-1",
        "creationInfo": {
            "created": "2026-11-01T08:00:00Z", "comment": "SBOM Type: Build",
            "creators": ["Organization: ACME Networks AB", "Tool: bomber-2.1"],
        },
        "packages": [package("router"), package("tls")],
        "relationships": [
            relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-router"),
            relationship("SPDXRef-router", "CONTAINS", "SPDXRef-tls"),
        ],
    })
}

/// Each must of a profile: a document that meets all, and one change after which that rule alone fails.
#[test]
fn each_must_has_a_document_that_fails_it_alone() {
    let (cdx, spdx) = (cyclonedx(), spdx());
    let rows: &[(&str, &str, Option<Json>, &[&str])] = &[
        ("ntia-2021", "/components/0/supplier", None, &[]),
        ("ntia-2021", "/components/0/version", None, &["NTIA-03"]),
        ("ntia-2021", "/dependencies", Some(json!([])), &["NTIA-05"]),
        ("ntia-2021", "/metadata/timestamp", None, &["NTIA-07"]),
        (
            "ntia-2021",
            "/compositions",
            Some(json!([{"aggregate": "complete", "dependencies": ["tls", "zip"]}])),
            &["NTIA-10"],
        ),
        (
            "ntia-2021",
            "/compositions",
            Some(json!([{"aggregate": "unknown", "dependencies": ["router", "tls", "zip"]}])),
            &[],
        ),
        ("cisa-2026", "/metadata/lifecycles", None, &["CISA26-M05"]),
        ("cisa-2026", "/metadata/timestamp", None, &["CISA26-M06"]),
        ("cisa-2026", "/metadata/tools", None, &["CISA26-M07", "CISA26-M08"]),
        ("cisa-2026", "/metadata/tools/components/0/version", None, &["CISA26-M08"]),
        ("cisa-2026", "/components/1/manufacturer", None, &["CISA26-C01"]),
        ("cisa-2026", "/dependencies", Some(json!([])), &["CISA26-C02"]),
        ("cisa-2026", "/components/1/hashes", None, &["CISA26-C03", "CISA26-C04"]),
        ("cisa-2026", "/components/1/purl", None, &["CISA26-C05"]),
        ("cisa-2026", "/components/1/licenses", None, &["CISA26-C06"]),
        ("cisa-2026", "/components/1/version", None, &["CISA26-C08"]),
        ("openchain-telco-1.1", "/documentNamespace", Some(json!("https://acme.example/sbom/router-2")), &[]),
        ("openchain-telco-1.1", "/creationInfo/creators", Some(json!(["Tool: bomber-2.1"])), &["OCT11-05"]),
        (
            "openchain-telco-1.1",
            "/creationInfo/creators",
            Some(json!(["Organization: A", "Tool: bomber"])),
            &["OCT11-06"],
        ),
        ("openchain-telco-1.1", "/creationInfo/comment", None, &["OCT11-08"]),
        ("openchain-telco-1.1", "/creationInfo/comment", Some(json!("rebuilding")), &["OCT11-08"]),
        ("openchain-telco-1.1", "/packages/1/versionInfo", None, &["OCT11-10"]),
        ("openchain-telco-1.1", "/packages/1/supplier", None, &["OCT11-11"]),
        ("openchain-telco-1.1", "/packages/1/supplier", Some(json!("NOASSERTION")), &[]),
        ("openchain-telco-1.1", "/packages/1/licenseConcluded", None, &["OCT11-13"]),
        ("openchain-telco-1.1", "/packages/1/licenseDeclared", None, &["OCT11-14"]),
        ("openchain-telco-1.1", "/packages/1/copyrightText", None, &["OCT11-15"]),
        ("openchain-telco-1.1", "/relationships/1", None, &["OCT11-16"]),
    ];
    for profile in ALL {
        let document = if profile.id.starts_with("openchain") { &spdx } else { &cdx };
        assert_eq!(failed(profile, document), [""; 0], "{}", profile.id);
    }
    for (id, pointer, value, expected) in rows {
        let profile = by_id(id).unwrap();
        let document = if id.starts_with("openchain") { &spdx } else { &cdx };
        assert_eq!(failed(profile, &with(document, pointer, value.clone())), *expected, "{id} {pointer} {value:?}");
    }
    let wrong_format = ["OCT11-01", "OCT11-02"];
    assert_eq!(failed(by_id("openchain-telco-1.1").unwrap(), &cdx)[..2], wrong_format);
}

#[test]
fn what_lacks_something_is_named_and_what_stands_in_its_place_is_counted() {
    let telco = by_id("openchain-telco-1.1").unwrap();
    let sbom = sbom(&with(&spdx(), "/packages/1/versionInfo", None));
    let answers = telco.answers(&sbom);
    let of = |id: &str| answers.iter().find(|answer| answer.rule == id).unwrap().result.clone();
    assert_eq!(of("OCT11-10"), Result::Unmet { lacking: 1, asked: 2, first: vec![("tls", "/packages/1")] });
    assert_eq!(of("OCT11-12"), Result::Met { instead: 2 });
    assert!(matches!(of("OCT11-19"), Result::NotEvaluable(_)));
}

#[test]
fn rules_have_ids_of_their_own_and_data_that_is_quoted() {
    let ids: Vec<&str> = ALL.iter().flat_map(|profile| profile.rules).map(|rule| rule.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let digests: BTreeSet<Digest> = ALL.iter().map(|profile| profile.sha256()).collect();
    assert_eq!(digests.len(), ALL.len());
    assert!(by_id("ntia").is_none());
}
