//! SPDX JSON, beside the published schemas: every document of the corpus, and documents with one thing changed. Only the form is
//! compared: what SPDX asks beyond the schemas has reasons of its own (`spdx.…`), about which they say nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value as Json, json};
use vidimus::decode::{self, Content};
use vidimus::limits::Limits;

use super::differential::{beside, documents_with};
use super::mutate::{Pool, Random, change};

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

/// What vidimus says about the form: nothing, or the first reason. `None` where the reasons that are listed do not tell.
fn ours(document: &Json) -> Option<Result<(), String>> {
    match decode::document(document.to_string().as_bytes(), &Limits::MAX) {
        Content::Sbom(_) => Some(Ok(())),
        Content::InvalidSbom(invalid) => {
            let of_form = |code: &str| code.starts_with("sbom.") && code != "sbom.more-violations";
            match invalid.reasons.iter().find(|reason| of_form(reason.code())) {
                Some(reason) => Some(Err(reason.sentence())),
                None if invalid.reasons.iter().any(|reason| reason.code() == "sbom.more-violations") => None,
                None => Some(Ok(())),
            }
        }
        Content::Refused(reason) => Some(Err(reason.sentence())),
        _ => Some(Err("is an ordinary file".to_owned())),
    }
}

/// A difference between the two, in words.
fn difference(document: &Json, validators: &BTreeMap<&str, Validator>) -> Option<String> {
    let validator = validators.get(document["spdxVersion"].as_str()?)?;
    match (validator.validate(document), ours(document)?) {
        (Ok(()), Err(reason)) => Some(format!("only we refuse: {reason}")),
        (Err(error), Ok(())) => {
            let words: String = error.to_string().chars().take(300).collect();
            Some(format!("only the schema refuses {}: {words}", error.instance_path()))
        }
        _ => None,
    }
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

/// Changes documents in one place each, from a fixed seed, and holds the answers together.
fn changed(count: usize) {
    let (Some(validators), Some(documents)) = (validators(), documents()) else { return };
    let is_small = |document: &Json| document.to_string().len() < 60_000 && ours(document) == Some(Ok(()));
    let documents: Vec<Json> = documents.into_iter().map(|(_, document)| document).filter(is_small).collect();
    let pool = Pool::of(&documents);
    let mut random = Random(0x5eed_5bdc);
    let mut wrong = Vec::new();
    let mut kinds: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for _ in 0..count {
        let mut document = random.one(&documents).clone();
        let kind = change(&mut document, ("spdxVersion", &["SPDX-2.2", "SPDX-2.3"]), &pool, &mut random);
        *kinds.entry((kind, ours(&document) == Some(Ok(())))).or_default() += 1;
        if let Some(difference) = difference(&document, &validators) {
            wrong.push(format!("{kind}: {difference}"));
        }
    }
    println!("{kinds:?}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(kinds.len() >= 12, "{kinds:?}");
}
