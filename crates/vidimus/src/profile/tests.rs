#![allow(clippy::unwrap_used, clippy::panic)]
//! The engine. What each rule of each profile makes of documents is in `tests/profiles/` of the workspace.

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

/// A component that says this about its supplier, and a property of the component.
fn with(supplier: &str, property: (&str, &str)) -> Box<Sbom> {
    sbom(&json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{
            "type": "library", "name": "tls", "supplier": {"name": supplier},
            "properties": [{"name": property.0, "value": property.1}],
        }],
    }))
}

#[test]
fn five_states_and_what_may_stand_in_place_of_a_value() {
    let nothing = ("acme:x", "y");
    for (supplier, property, instead, expected) in [
        ("ACME", nothing, Instead::Nothing, "met"),
        ("unknown", nothing, Instead::Nothing, "unmet"),
        ("Unknown", nothing, Instead::Unknown, "met"),
        ("n/a", nothing, Instead::Withheld, "met"),
        ("", nothing, Instead::Withheld, "unmet"),
        ("", ("urn:vidimus:unknown", "comp.supplier"), Instead::Nothing, "unmet"),
        ("", ("urn:vidimus:unknown", "comp.supplier"), Instead::Unknown, "met"),
        ("", ("urn:vidimus:withheld", "comp.supplier"), Instead::Unknown, "unmet"),
        ("", ("urn:vidimus:withheld", "comp.supplier"), Instead::Withheld, "met"),
        ("", ("urn:vidimus:withheld", "comp.version"), Instead::Withheld, "unmet"),
        ("", ("urn:vidimus:withheld", "no element"), Instead::Withheld, "unmet"),
    ] {
        let rule = Rule {
            id: "X",
            title: "x",
            scope: Scope::Component,
            obligation: Obligation::Must,
            instead,
            ask: Ask::Present(&[Element::Supplier]),
            clause: "",
        };
        let document = with(supplier, property);
        let found = rule.answer(&document, &Context::default());
        assert_eq!(found.name(), expected, "{supplier:?} {property:?} {instead:?}");
    }
}

#[test]
fn nothing_is_met_by_a_document_without_components() {
    let empty = sbom(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6"}));
    for profile in ALL {
        for answer in profile.answers(&empty, &Context::default()) {
            let of_components = answer.rule.scope != Scope::Document;
            let vacuous = matches!(answer.outcome, Outcome::Met { .. } | Outcome::NotApplicable);
            let demands = of_components && !answer.rule.ask.is_prohibition();
            assert!(!(demands && vacuous), "{}: {:?}", answer.rule.id, answer.outcome);
        }
    }
}

#[test]
fn what_a_version_has_no_place_for_is_not_evaluable() {
    let rule = by_id("cisa-2026").unwrap().rule("CISA26-M05").unwrap();
    for (version, expected) in [("1.4", "not evaluable"), ("1.5", "unmet")] {
        let document = sbom(&json!({"bomFormat": "CycloneDX", "specVersion": version, "version": 1}));
        assert_eq!(rule.answer(&document, &Context::default()).name(), expected, "{version}");
    }
}

#[test]
fn a_signature_counts_as_the_authors_by_name() {
    let document = sbom(&json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"manufacturer": {"name": "ACME Networks AB"}},
    }));
    let rule = by_id("cisa-2026").unwrap().rule("CISA26-M02").unwrap();
    for (signed_by, expected) in
        [(None, "not evaluable"), (Some("ACME Networks AB"), "met"), (Some("acme networks ab"), "unmet")]
    {
        let context = Context { signed_by, ..Context::default() };
        assert_eq!(rule.answer(&document, &context).name(), expected, "{signed_by:?}");
    }
}

#[test]
fn rules_have_ids_of_their_own_and_data_that_is_quoted() {
    let ids: Vec<&str> = ALL.iter().flat_map(|profile| profile.rules).map(|rule| rule.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let names: Vec<&str> = ALL.iter().map(|profile| profile.id).collect();
    assert!(names.is_sorted());
    let digests: BTreeSet<Digest> = ALL.iter().map(|profile| profile.sha256()).collect();
    assert_eq!(digests.len(), ALL.len());
    assert!(by_id("ntia").is_none());
    for (_, page) in pages() {
        assert!(!page.contains("urn:") || page.contains("urn:vidimus:"), "{page}");
        // A cell that holds a bar would break its table.
        assert!(
            page.lines()
                .filter(|line| line.starts_with("| ") && line.contains("BSI21"))
                .all(|line| line.ends_with('|'))
        );
    }
}
