//! SPDX 3 JSON-LD, beside the published schema: every document of the corpus, and documents with one thing changed. Only the form is
//! compared: what SPDX asks beyond the schema has reasons of its own (`spdx.…`, `sbom.…-reference`), about which it says nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use jsonschema::Validator;
use serde_json::Value as Json;

use super::differential::{Side, beside, between, documents_with, form};

/// The one context that is known, and two that are not.
const CONTEXTS: [&str; 3] = [
    "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "https://spdx.org/rdf/3.0.0/spdx-context.jsonld",
    "https://example.org/spdx-context.jsonld",
];

/// What the specification asks in words and no schema can.
const BEYOND: [&str; 2] = ["sbom.dangling-reference", "sbom.duplicate-reference"];

fn validator() -> Option<Validator> {
    let text = std::fs::read_to_string(beside("reference/spdx")?.join("3.0.1.json")).unwrap();
    let schema: Json = serde_json::from_str(&text).unwrap();
    Some(jsonschema::options().offline().build(&schema).unwrap())
}

fn documents() -> Option<Vec<(String, Json)>> {
    documents_with(b"spdx-context.jsonld", |value| value["@context"] == CONTEXTS[0])
}

fn ours(document: &Json) -> Option<Result<(), String>> {
    form(document.to_string().as_bytes(), |reason| match reason.code() {
        "spdx.context" => false,
        code => code.starts_with("spdx.") || BEYOND.contains(&code),
    })
}

fn difference(document: &Json, validator: &Validator) -> Option<String> {
    between(validator, document, ours(document)?)
}

#[test]
fn the_whole_corpus() {
    let (Some(validator), Some(documents)) = (validator(), documents()) else { return };
    let differ = |(path, document): &(String, Json)| Some(format!("{path}: {}", difference(document, &validator)?));
    let wrong: Vec<String> = documents.iter().filter_map(differ).collect();
    let valid = documents.iter().filter(|(_, document)| ours(document) == Some(Ok(()))).count();
    println!("{} documents, {valid} of valid form", documents.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(valid > 5);
}

#[test]
fn a_few_changed_documents() {
    changed(200);
}

#[test]
#[ignore = "takes minutes; CI runs it by name"]
fn five_thousand_changed_documents() {
    changed(5_000);
}

fn changed(count: usize) {
    let (Some(validator), Some(documents)) = (validator(), documents()) else { return };
    let is_valid = |document: &Json| ours(document) == Some(Ok(()));
    Side {
        documents: documents.into_iter().map(|(_, document)| document).filter(is_valid).collect(),
        version: ("@context", &CONTEXTS),
        seed: 0x5eed_3001,
        is_valid: &is_valid,
        difference: &|document| difference(document, &validator),
    }
    .changed(count);
}
