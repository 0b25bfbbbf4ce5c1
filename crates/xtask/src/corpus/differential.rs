//! CycloneDX JSON, beside the published schemas: every document of the corpus, and documents with one thing changed. Schemas and
//! corpus lie beside the workspace; without them the tests say so.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value as Json, json};
use vidimus::decode::{self, Content};
use vidimus::limits::Limits;

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

fn beside(name: &str) -> Option<PathBuf> {
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
            if !bytes.windows(11).any(|window| window == b"\"bomFormat\"") {
                continue;
            }
            if let Ok(value) = serde_json::from_slice::<Json>(&bytes)
                && value["bomFormat"] == "CycloneDX"
                && SCHEMAS.iter().any(|(version, _)| value["specVersion"] == *version)
            {
                found.push((path.strip_prefix(&corpus).unwrap().display().to_string(), value));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Some(found)
}

/// What vidimus says: nothing, or the first reason.
fn ours(document: &Json) -> Result<(), String> {
    match decode::document(document.to_string().as_bytes(), &Limits::MAX) {
        Content::Sbom(_) => Ok(()),
        Content::InvalidSbom(invalid) => Err(invalid.reasons[0].sentence()),
        Content::Refused(reason) => Err(reason.sentence()),
        _ => Err("is an ordinary file".to_owned()),
    }
}

/// A difference between the two, in words.
fn difference(document: &Json, validators: &BTreeMap<&str, Validator>) -> Option<String> {
    // Of a version that is not read there is nothing to compare.
    let validator = validators.get(document["specVersion"].as_str()?)?;
    match (validator.validate(document), ours(document)) {
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
    let mut wrong = Vec::new();
    let mut valid = 0;
    for (path, document) in &documents {
        valid += usize::from(ours(document).is_ok());
        if let Some(difference) = difference(document, &validators) {
            wrong.push(format!("{path}: {difference}"));
        }
    }
    println!("{} documents, {valid} valid", documents.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(valid > 150 && documents.len() - valid > 50);
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
    let documents: Vec<Json> =
        documents.into_iter().map(|(_, document)| document).filter(|d| d.to_string().len() < 60_000).collect();
    let pool = Pool::of(&documents);
    let mut random = Random(0x5eed_cafe);
    let mut wrong = Vec::new();
    let mut kinds: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for _ in 0..count {
        let mut document = random.one(&documents).clone();
        let kind = change(&mut document, &pool, &mut random);
        *kinds.entry((kind, ours(&document).is_ok())).or_default() += 1;
        if let Some(difference) = difference(&document, &validators) {
            wrong.push(format!("{kind}: {difference}"));
        }
    }
    println!("{kinds:?}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(kinds.len() >= 12, "{kinds:?}");
}

/// Names and values that the documents use.
struct Pool {
    names: Vec<String>,
    values: Vec<Json>,
}

impl Pool {
    fn of(documents: &[Json]) -> Self {
        let mut names = BTreeMap::new();
        let mut values = BTreeMap::new();
        for document in documents {
            for pointer in pointers(document) {
                let value = document.pointer(&pointer).unwrap();
                if let Json::Object(map) = value {
                    names.extend(map.keys().map(|name| (name.clone(), ())));
                }
                if value.to_string().len() < 300 {
                    values.insert(value.to_string(), value.clone());
                }
            }
        }
        Self { names: names.into_keys().collect(), values: values.into_values().collect() }
    }
}

/// Pointers to every value.
fn pointers(document: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Json::Object(map) => {
                let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
                open.extend(map.iter().map(|(name, value)| (format!("{pointer}/{}", escaped(name)), value)));
            }
            Json::Array(list) => {
                open.extend(list.iter().enumerate().map(|(at, value)| (format!("{pointer}/{at}"), value)));
            }
            _ => {}
        }
        found.push(pointer);
    }
    found
}

/// One change; what kind it is.
fn change(document: &mut Json, pool: &Pool, random: &mut Random) -> &'static str {
    let pointers = pointers(document);
    loop {
        let pointer = random.one(&pointers);
        // The version decides what is asked, and is changed on its own.
        if pointer.is_empty() || pointer == "/specVersion" {
            continue;
        }
        let kind = random.below(8);
        if kind == 0 {
            document["specVersion"] = json!(random.one(&SCHEMAS).0);
            return "another version";
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let name = name.replace("~1", "/").replace("~0", "~");
        let parent = document.pointer_mut(parent).unwrap();
        match (kind, parent) {
            (1, Json::Object(map)) => {
                map.remove(&name);
                return "removed";
            }
            (2, Json::Object(map)) => {
                let value = map.remove(&name).unwrap();
                map.insert(random.one(&pool.names).clone(), value);
                return "renamed";
            }
            (3, Json::Object(map)) => {
                add(map, pool, random);
                return "added";
            }
            (4, Json::Array(list)) => {
                list.push(random.one(list).clone());
                return "repeated";
            }
            (5, parent) => {
                *member(parent, &name) = random
                    .one(&[
                        json!(null),
                        json!(true),
                        json!(1),
                        json!(-1),
                        json!(1.0),
                        json!(0.5),
                        json!(""),
                        json!("x y"),
                        json!([]),
                        json!({}),
                        json!([""]),
                        json!([{}]),
                        json!(1e300),
                        json!("a\nb"),
                    ])
                    .clone();
                return "retyped";
            }
            (6, parent) => {
                let value = member(parent, &name);
                if value.is_string() {
                    *value = other_text(pool, random);
                    return "another text";
                }
            }
            (7, parent) => {
                *member(parent, &name) = random.one(&pool.values).clone();
                return "another value";
            }
            _ => {}
        }
    }
}

fn member<'a>(parent: &'a mut Json, name: &str) -> &'a mut Json {
    match parent {
        Json::Array(list) => &mut list[name.parse::<usize>().unwrap()],
        Json::Object(map) => map.get_mut(name).unwrap(),
        _ => panic!("no container"),
    }
}

fn add(map: &mut Map<String, Json>, pool: &Pool, random: &mut Random) {
    map.insert(random.one(&pool.names).clone(), random.one(&pool.values).clone());
}

fn other_text(pool: &Pool, random: &mut Random) -> Json {
    loop {
        let value = random.one(&pool.values);
        if value.is_string() {
            return value.clone();
        }
    }
}

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
