//! CycloneDX JSON, beside the published schemas: every document of the corpus, and documents with one thing changed. Schemas and
//! corpus lie beside the workspace; without them the tests say so.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use rayon::prelude::*;
use serde_json::{Value as Json, json};
use vidimus::decode::{self, Content};
use vidimus::limits::Limits;
use vidimus::reason::Reason;

use super::mutate::{Change, Pool, Random, change};

/// Versions and their schemas. 1.2 and 1.3 as strict as their authors wrote them.
const SCHEMAS: [(&str, &str); 6] = [
    ("1.2", "bom-1.2-strict"),
    ("1.3", "bom-1.3-strict"),
    ("1.4", "bom-1.4"),
    ("1.5", "bom-1.5"),
    ("1.6", "bom-1.6"),
    ("1.7", "bom-1.7"),
];

/// Schemas that the others refer to.
const PARTS: [&str; 3] = ["spdx", "jsf-0.82", "cryptography-defs"];

pub(super) fn beside(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if !path.is_dir() {
        println!("skipped: {name} is not beside the project");
        return None;
    }
    Some(path)
}

/// The published schemas by version.
fn validators() -> Option<BTreeMap<&'static str, Validator>> {
    let folder = beside("reference/cyclonedx")?;
    let load = |name: &str| -> Json {
        let text = std::fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
        // The crate knows `idn-email` only with the tables of IDNA; the addresses here are ASCII.
        serde_json::from_str(&text.replace("\"idn-email\"", "\"email\"")).unwrap()
    };
    let mut registry = Registry::new();
    for name in PARTS {
        registry = registry.add(format!("http://cyclonedx.org/schema/{name}.schema.json"), load(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let compile = |(version, name)| {
        let mut schema = load(name);
        if name.ends_with("-strict") {
            // The one thing in which the strict schemas are not followed (decision 0012).
            schema["properties"]["$schema"] = json!({"type": "string"});
        }
        let options = jsonschema::options().with_registry(&registry).should_validate_formats(true).offline();
        (version, options.build(&schema).unwrap())
    };
    Some(SCHEMAS.into_iter().map(compile).collect())
}

/// Every CycloneDX JSON document of a version that is read, by path.
fn documents() -> Option<Vec<(String, Json)>> {
    documents_with(b"\"bomFormat\"", |value| {
        value["bomFormat"] == "CycloneDX" && SCHEMAS.iter().any(|(version, _)| value["specVersion"] == *version)
    })
}

/// Every JSON document of the corpus that has a mark and is wanted, by path.
pub(super) fn documents_with(mark: &[u8], is_wanted: impl Fn(&Json) -> bool) -> Option<Vec<(String, Json)>> {
    let corpus = beside("corpus")?;
    let mut open = vec![corpus.clone()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if !bytes.windows(mark.len()).any(|window| window == mark) {
                continue;
            }
            if let Ok(value) = serde_json::from_slice::<Json>(&bytes)
                && is_wanted(&value)
            {
                found.push((path.strip_prefix(&corpus).unwrap().display().to_string(), value));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Some(found)
}

/// What the specification asks in words and no schema can: about these the schemas say nothing.
const BEYOND: [&str; 4] = ["sbom.dangling-reference", "sbom.duplicate-reference", "sbom.external-root", "sbom.hash"];

/// What vidimus says about the form of a document: nothing, or the first reason that is not `beyond` the schema. `None` where the
/// reasons that are listed do not tell.
pub(super) fn form(bytes: &[u8], beyond: impl Fn(&Reason) -> bool) -> Option<Result<(), String>> {
    match decode::document(bytes, &Limits::MAX) {
        Content::Sbom(_) => Some(Ok(())),
        Content::InvalidSbom(invalid) => {
            let more = |reason: &Reason| reason.code() == "sbom.more-violations";
            let of_form = |reason: &&Reason| !more(reason) && !beyond(reason);
            match invalid.reasons.iter().find(of_form) {
                Some(reason) => Some(Err(reason.sentence())),
                None if invalid.reasons.iter().any(more) => None,
                None => Some(Ok(())),
            }
        }
        Content::Refused(reason) => Some(Err(reason.sentence())),
        _ => Some(Err("is an ordinary file".to_owned())),
    }
}

fn ours(document: &Json) -> Option<Result<(), String>> {
    // Some schemas leave open what stands in `affects`; what a vulnerability affects is never passed over.
    let is_open = |reason: &Reason| reason.sentence().ends_with("`affects`");
    form(document.to_string().as_bytes(), |reason| BEYOND.contains(&reason.code()) || is_open(reason))
}

/// A difference between what a JSON Schema says and what we do, in words.
pub(super) fn between(validator: &Validator, document: &Json, ours: Result<(), String>) -> Option<String> {
    match (validator.is_valid(document), ours) {
        (true, Err(reason)) => Some(format!("only we refuse: {reason}")),
        (false, Ok(())) => {
            // Of alternatives that all fail the words come with the whole document.
            let error = validator.validate(document).unwrap_err();
            let words: String = error.to_string().chars().take(300).collect();
            Some(format!("only the schema refuses {}: {words}", error.instance_path()))
        }
        _ => None,
    }
}

/// A difference between the two, in words.
fn difference(document: &Json, validators: &BTreeMap<&str, Validator>) -> Option<String> {
    // Of a version that is not read there is nothing to compare.
    let validator = validators.get(document["specVersion"].as_str()?)?;
    between(validator, document, ours(document)?)
}

#[test]
fn the_whole_corpus() {
    let (Some(validators), Some(documents)) = (validators(), documents()) else { return };
    let mut wrong = Vec::new();
    let mut valid = 0;
    for (path, document) in &documents {
        valid += usize::from(ours(document) == Some(Ok(())));
        if let Some(difference) = difference(document, &validators) {
            wrong.push(format!("{path}: {difference}"));
        }
    }
    println!("{} documents, {valid} valid", documents.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(valid > 150 && documents.len() - valid > 50);
}

/// The schema's side of `cargo xtask bench`: the time of validation alone, of a document that the environment names.
#[test]
#[ignore = "the benchmark runs it"]
fn time_of_the_schema() {
    let (Some(path), Some(validators)) = (std::env::var_os("VIDIMUS_BENCH_DOCUMENT"), validators()) else { return };
    let bytes = std::fs::read(path).unwrap();
    let best = |run: &dyn Fn()| {
        let time = || {
            let start = std::time::Instant::now();
            run();
            start.elapsed()
        };
        (0..3).map(|_| time()).min().unwrap().as_secs_f64()
    };
    let document: Json = serde_json::from_slice(&bytes).unwrap();
    let validator = &validators[document["specVersion"].as_str().unwrap()];
    println!("\nalone {}", best(&|| assert!(validator.is_valid(&document))));
    drop(document);
    println!("seconds {}", best(&|| assert!(validator.is_valid(&serde_json::from_slice(&bytes).unwrap()))));
    let ours = || assert!(matches!(decode::document(&bytes, &Limits::MAX), Content::Sbom(_)));
    println!("ours {}", best(&ours));
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
    Side {
        documents: documents.into_iter().map(|(_, document)| document).collect(),
        version: ("specVersion", &SCHEMAS.map(|(version, _)| version)),
        seed: 0x5eed_cafe,
        is_valid: &|document| ours(document) == Some(Ok(())),
        difference: &|document| difference(document, &validators),
    }
    .changed(count);
}

/// One format beside its schemas.
pub(super) struct Side<'a> {
    pub(super) documents: Vec<Json>,
    /// The member that states the version, and what it may say.
    pub(super) version: (&'a str, &'a [&'a str]),
    pub(super) seed: u64,
    pub(super) is_valid: &'a (dyn Fn(&Json) -> bool + Sync),
    pub(super) difference: &'a (dyn Fn(&Json) -> Option<String> + Sync),
}

/// So many documents are changed at a time, and then judged by all threads.
const STEP: usize = 200;

impl Side<'_> {
    /// Changes documents in one place each, from a fixed seed, and holds the answers together.
    pub(super) fn changed(&self, count: usize) {
        let small: Vec<Json> = self.documents.iter().filter(|d| d.to_string().len() < 60_000).cloned().collect();
        let pool = Pool::of(&small);
        let mut random = Random(self.seed);
        let mut wrong = Vec::new();
        let mut kinds: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        let mut left = count;
        while left > 0 {
            let mut one = || {
                let mut document = random.one(&small).clone();
                let change = change(&mut document, self.version, &pool, &mut random);
                (change, document)
            };
            let documents: Vec<(Change, Json)> = (0..left.min(STEP)).map(|_| one()).collect();
            left -= documents.len();
            let judged: Vec<(bool, Option<String>)> =
                documents.par_iter().map(|(_, d)| ((self.is_valid)(d), (self.difference)(d))).collect();
            for ((change, _), (is_valid, difference)) in documents.iter().zip(judged) {
                *kinds.entry((change.kind, is_valid)).or_default() += 1;
                wrong.extend(difference.map(|difference| format!("{} at {}: {difference}", change.kind, change.place)));
            }
        }
        println!("{kinds:?}");
        assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(kinds.len() >= 12, "{kinds:?}");
    }
}
