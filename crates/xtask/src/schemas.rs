//! What the published schema of a predicate of ours refuses, no reader takes: `jsonschema` says what the schema refuses, of an example with
//! every value in it changed into what it is not, and every object into a list.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value as Json, json};
use vidimus::decode::{Content, Predicate, check_predicate, document, predicate_schemas};
use vidimus::digest::Digest;
use vidimus::limits::Limits;

fn certification() -> Json {
    json!({
        "scheme": {"id": "nesas", "version": "2.0"},
        "certificate": {"number": "R-1", "level": "high", "issued": "2026-09-28T00:00:00Z"},
        "issuer": {"name": "Rhein", "jurisdiction": "DE"}, "laboratory": {"name": "Iberia", "accreditation": "ENAC 1"},
        "scope": {
            "product": "pkg:generic/a@1", "binding": "subject-digest", "versions": ["2"], "standards": ["TS 33.117"],
            "coverage": "whole", "configuration": ["c"],
        },
        "validity": {"from": "2026-10-01T00:00:00Z", "until": "2028-09-30T23:59:59Z"},
        "reports": [{"uri": "urn:r", "digest": {"sha256": "00"}, "mediaType": "application/pdf"}],
        "statusList": "urn:status:rhein",
    })
}

fn delivery() -> Json {
    json!({
        "product": "pkg:generic/a@1", "sequence": 7, "recipient": "urn:x", "orderRef": "PO-1",
        "created": "2026-11-20T08:00:00Z", "closed": true, "previous": {"uri": "urn:y", "digest": {"sha256": "00"}},
        "supersedes": [{"uri": "urn:z"}], "evidence": [{"path": "a", "digest": {"sha256": "00"}}],
    })
}

fn origin() -> Json {
    let cited = json!([{"uri": "urn:e", "name": "e", "digest": {"sha256": "00"}, "mediaType": "text/plain"}]);
    let place = json!({"country": "SE", "subdivision": "SE-AB"});
    let stages = json!([{
        "stage": "custom", "customStage": "s", "coverage": "complete", "basis": "b",
        "locations": [{"place": place, "performedBy": "#v", "percent": 60, "metric": "effort"}], "evidence": cited,
    }]);
    json!({
        "assertedBy": "#v", "capacity": "self", "assertedOn": "2026-11-20T10:00:00Z",
        "validFrom": "2026-11-20T10:00:00Z", "validUntil": "2027-11-20T10:00:00Z", "supersedes": [{"sha256": "00"}],
        "countryCodes": {"standard": "ISO 3166-1 alpha-2", "snapshot": "2026-11-01"},
        "parties": [{
            "id": "#v", "legalName": "V", "kind": "legal-entity", "identifiers": [{"scheme": "LEI", "value": "0"}],
            "registeredIn": place, "headquarters": place, "principalPlaceOfBusiness": place, "ultimateParent": "#v",
            "owners": [{"party": "#v", "interest": "equity", "percent": 100, "direct": true, "asOf": "2026-10-01"}],
        }],
        "origins": stages,
        "components": [{"digest": {"sha256": "00"}, "purl": "pkg:generic/b@1", "bomLink": "urn:c", "origins": stages}],
        "statements": [{
            "regime": "r", "regimeVersion": "1", "claim": "c", "countries": ["SE"], "value": "true", "basis": "b",
            "evidence": cited,
        }],
        "unknown": ["/origins/0"], "withheld": ["/parties/0/owners"],
    })
}

fn rebuild_comparison() -> Json {
    json!({
        "original": {"digest": {"sha256": "00"}, "uri": "urn:o"}, "rebuilt": {"digest": {"sha256": "11"}},
        "provenance": {"digest": {"sha256": "22"}}, "result": "identical-after-normalisation",
        "normalisation": {"method": "urn:m", "removed": [{"offset": 0, "length": 1, "kind": "signature"}]},
    })
}

fn status_list() -> Json {
    json!({
        "list": LIST, "number": 2, "thisUpdate": "2026-11-23T06:00:00Z", "nextUpdate": "2026-11-26T06:00:00Z",
        "previous": {"sha256": "00"}, "scope": ["certificate"],
        "entries": [{
            "kind": "certificate", "target": "a:b", "state": "revoked", "since": "2025-10-02T00:00:00Z",
            "effective": "2025-09-14T00:00:00Z", "reason": "r", "owner": "o",
        }],
    })
}

/// A name of a status list; its statement is about it.
const LIST: &str = "urn:status:list";

fn examples() -> [(&'static str, Json); 5] {
    [
        ("certification", certification()),
        ("delivery", delivery()),
        ("origin", origin()),
        ("rebuild-comparison", rebuild_comparison()),
        ("status-list", status_list()),
    ]
}

fn uri(name: &str) -> String {
    format!("urn:vidimus:attestation:{name}:v0.1")
}

/// Does the verifier take it, as the predicate of a statement?
fn is_read(name: &str, predicate: &Json) -> bool {
    let subject = json!({"name": LIST, "digest": {"sha256": Digest::sha256(LIST.as_bytes()).hex()}});
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": uri(name), "predicate": predicate,
    });
    match document(statement.to_string().as_bytes(), &Limits::MAX) {
        Content::UnsignedStatement(statement) => !matches!(statement.predicate, Predicate::Refused(_)),
        // The strict reader comes before any format.
        _ => false,
    }
}

/// Every place in a value, as JSON Pointers; the members of the examples have neither `~` nor `/`.
fn places(value: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((at, value)) = open.pop() {
        match value {
            Json::Array(items) => open.extend(items.iter().enumerate().map(|(n, item)| (format!("{at}/{n}"), item))),
            Json::Object(members) => open.extend(members.iter().map(|(name, item)| (format!("{at}/{name}"), item))),
            _ => {}
        }
        found.push(at);
    }
    found
}

/// The values as a list, in any order where there are few: one is that in which a type has its members.
fn lists<'a>(values: impl Iterator<Item = &'a Json>) -> Vec<Json> {
    let values: Vec<&Json> = values.collect();
    let mut orders: Vec<Vec<&Json>> = vec![Vec::new()];
    if values.len() > 5 {
        return vec![json!(values)];
    }
    for value in values {
        let with = |order: &Vec<&'a Json>| {
            (0..=order.len()).map(|at| [&order[..at], &[value], &order[at..]].concat()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(with).collect();
    }
    orders.iter().map(|order| json!(order)).collect()
}

/// The example with one thing changed.
fn changes(example: &Json) -> Vec<(String, Json)> {
    let strange = [
        Json::Null,
        json!(""),
        json!("x"),
        json!("two words"),
        json!("#"),
        json!("/~2"),
        json!("2026-11-20T09:00:00+01:00"),
        json!("2026-11-20T08:00:00.5Z"),
        json!("x".repeat(513)),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(101),
        json!(256),
        json!(9_007_199_254_740_992_u64),
        json!(true),
        json!(false),
        json!([]),
        json!({}),
        json!([{}]),
    ];
    let mut changed = Vec::new();
    for at in places(example) {
        for value in &strange {
            let mut other = example.clone();
            *other.pointer_mut(&at).unwrap() = value.clone();
            changed.push((format!("{at} = {value}"), other));
        }
        let mut more = example.clone();
        match more.pointer_mut(&at).unwrap() {
            Json::Object(members) => {
                for list in lists(members.values()) {
                    let mut other = example.clone();
                    let what = format!("{at} = {list}");
                    *other.pointer_mut(&at).unwrap() = list;
                    changed.push((what, other));
                }
                members.insert("more".to_owned(), json!("x"));
            }
            Json::Array(items) => items.extend(items.first().cloned()),
            _ => continue,
        }
        changed.push((format!("{at} and more"), more));
    }
    for at in places(example).into_iter().filter(|at| !at.is_empty()) {
        let (parent, name) = at.rsplit_once('/').unwrap();
        let mut less = example.clone();
        if let Json::Object(members) = less.pointer_mut(parent).unwrap() {
            members.remove(name);
            changed.push((format!("without {at}"), less));
        }
    }
    changed
}

#[test]
fn no_reader_takes_what_the_schema_refuses() {
    let schemas = predicate_schemas();
    assert_eq!(schemas.iter().map(|(name, _)| *name).collect::<Vec<_>>(), examples().map(|(name, _)| name));
    for ((name, schema), (_, example)) in schemas.iter().zip(examples()) {
        let schema = jsonschema::options().offline().build(schema).unwrap();
        assert!(schema.is_valid(&example) && is_read(name, &example), "{name}");
        let changes = changes(&example);
        let refused: Vec<_> = changes.iter().filter(|(_, changed)| !schema.is_valid(changed)).collect();
        assert!(refused.len() * 2 > changes.len(), "{name}: {} of {}", refused.len(), changes.len());
        let read: Vec<&str> =
            refused.iter().filter(|(_, changed)| is_read(name, changed)).map(|(what, _)| what.as_str()).collect();
        assert_eq!(read, Vec::<&str>::new(), "{name}: read although the schema refuses it");
        // Whoever signs is told what readers will say.
        for (what, changed) in &changes {
            let told = check_predicate(&uri(name), changed);
            let subject = *name == "status-list" && changed["list"] != LIST;
            assert!(subject || told.is_ok() == is_read(name, changed), "{name}: {what}: {told:?}");
        }
    }
}

/// Bounds that a schema has to say, each by name.
#[test]
fn schemas_say_what_values_may_be() {
    let schemas = predicate_schemas();
    for (name, at, value) in [
        ("origin", "/parties/0/legalName", json!("")),
        ("origin", "/parties/0/id", json!("v")),
        ("origin", "/parties/0/owners/0/percent", json!(200)),
        ("origin", "/parties/0/registeredIn/country", json!("se")),
        ("origin", "/origins/0/locations/0/percent", json!(101)),
        ("origin", "/origins/0/locations/0/place/subdivision", json!("Stockholm")),
        ("origin", "/origins/0/locations/0/performedBy", json!("v")),
        ("origin", "/origins", json!([])),
        ("origin", "/statements/0/countries/0", json!("Sweden")),
        ("origin", "/unknown/0", json!("origins/0")),
        ("certification", "/issuer/jurisdiction", json!("Germany")),
        ("certification", "/certificate/number", json!("")),
        ("certification", "/reports/0/digest", json!({})),
        ("delivery", "/sequence", json!(9_007_199_254_740_992_u64)),
        ("delivery", "/closed", json!(false)),
        ("delivery", "/created", json!("2026-11-20T09:00:00+01:00")),
        ("delivery", "/previous", json!({})),
        ("rebuild-comparison", "/normalisation/removed", json!([])),
        ("rebuild-comparison", "/normalisation/removed/0/length", json!(0)),
        ("status-list", "/number", json!(0)),
        ("status-list", "/scope", json!([])),
        ("status-list", "/scope", json!(["certificate", "certificate"])),
        ("status-list", "/previous", json!({})),
    ] {
        let (_, schema) = schemas.iter().find(|(known, _)| *known == name).unwrap();
        let (_, mut changed) = examples().into_iter().find(|(known, _)| *known == name).unwrap();
        *changed.pointer_mut(at).unwrap() = value.clone();
        assert!(!jsonschema::is_valid(schema, &changed), "{name} {at}: {value}");
        assert!(!is_read(name, &changed), "{name} {at}: {value}");
    }
}
