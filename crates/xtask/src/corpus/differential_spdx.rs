//! SPDX JSON, beside the published schemas: every document of the corpus, and documents with one thing changed. Only the form is
//! compared: what SPDX asks beyond the schemas has reasons of its own (`spdx.…`), about which they say nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value as Json, json};

use super::differential::{Side, beside, between, documents_with, form};

/// The schemas of SPDX 2, by what documents call the version: of each version the last maintenance release, which has all words
/// and all requirements of those before. With the two things in which it is not followed (decision 0013).
fn validators() -> Option<BTreeMap<&'static str, Validator>> {
    let folder = beside("reference/spdx")?;
    let load = |name: &str| -> Json {
        serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
    };
    let (mut old, mut new) = (load("2.2.2"), load("2.3.1"));
    old["required"].as_array_mut().unwrap().push(json!("documentNamespace"));
    let purposes = "/properties/packages/items/properties/primaryPackagePurpose/enum";
    new.pointer_mut(purposes).unwrap().as_array_mut().unwrap().push(json!("OPERATING-SYSTEM"));
    let compile = |schema: &Json| jsonschema::options().offline().build(schema).unwrap();
    Some(BTreeMap::from([("SPDX-2.2", compile(&old)), ("SPDX-2.3", compile(&new))]))
}

fn documents() -> Option<Vec<(String, Json)>> {
    documents_with(b"\"spdxVersion\"", |value| value["spdxVersion"] == "SPDX-2.2" || value["spdxVersion"] == "SPDX-2.3")
}

fn ours(document: &Json) -> Option<Result<(), String>> {
    form(document.to_string().as_bytes(), |reason| !reason.code().starts_with("sbom."))
}

/// A difference between the two, in words.
fn difference(document: &Json, validators: &BTreeMap<&str, Validator>) -> Option<String> {
    let validator = validators.get(document["spdxVersion"].as_str()?)?;
    between(validator, document, ours(document)?)
}

#[test]
fn the_whole_corpus() {
    let (Some(validators), Some(documents)) = (validators(), documents()) else { return };
    let differ = |(path, document): &(String, Json)| Some(format!("{path}: {}", difference(document, &validators)?));
    let wrong: Vec<String> = documents.iter().filter_map(differ).collect();
    let valid = documents.iter().filter(|(_, document)| ours(document) == Some(Ok(()))).count();
    println!("{} documents, {valid} of valid form", documents.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(valid > 30 && documents.len() - valid > 30);
}

#[test]
fn a_few_changed_documents() {
    changed(400);
}

#[test]
#[ignore = "takes minutes; CI runs it by name"]
fn five_thousand_changed_documents() {
    changed(5_000);
}

fn changed(count: usize) {
    let (Some(validators), Some(documents)) = (validators(), documents()) else { return };
    let is_valid = |document: &Json| ours(document) == Some(Ok(()));
    Side {
        documents: documents.into_iter().map(|(_, document)| document).filter(is_valid).collect(),
        version: ("spdxVersion", &["SPDX-2.2", "SPDX-2.3"]),
        seed: 0x5eed_5bdc,
        is_valid: &is_valid,
        difference: &|document| difference(document, &validators),
    }
    .changed(count);
}
