//! Documents with one thing changed, from a fixed seed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// Names and values that the documents use.
pub(super) struct Pool {
    names: Vec<String>,
    values: Vec<Json>,
}

impl Pool {
    pub(super) fn of(documents: &[Json]) -> Self {
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

/// What was changed, and where: the pointer, and what stood or stands there.
pub(super) struct Change {
    pub(super) kind: &'static str,
    pub(super) place: String,
}

/// One change. The member that states the version is changed to another of `versions` only.
pub(super) fn change(
    document: &mut Json,
    (version, versions): (&str, &[&str]),
    pool: &Pool,
    random: &mut Random,
) -> Change {
    let pointers = pointers(document);
    loop {
        let pointer = random.one(&pointers);
        // The version decides what is asked, and is changed on its own.
        if pointer.strip_prefix('/').is_none_or(|member| member == version) {
            continue;
        }
        let kind = random.below(8);
        if kind == 0 {
            document[version] = json!(random.one(versions));
            return Change { kind: "another version", place: format!("/{version} ({})", document[version]) };
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let name = name.replace("~1", "/").replace("~0", "~");
        let parent = document.pointer_mut(parent).unwrap();
        let done = |kind, now: &Json| Change { kind, place: format!("{pointer} ({})", brief(now)) };
        match (kind, parent) {
            (1, Json::Object(map)) => {
                let value = map.remove(&name).unwrap();
                return done("removed", &value);
            }
            (2, Json::Object(map)) => {
                let value = map.remove(&name).unwrap();
                let new = random.one(&pool.names);
                map.insert(new.clone(), value);
                return done("renamed", &json!(new));
            }
            (3, Json::Object(map)) => {
                let (name, value) = (random.one(&pool.names), random.one(&pool.values));
                map.insert(name.clone(), value.clone());
                return done("added", &json!([name, value]));
            }
            (4, Json::Array(list)) => {
                let value = random.one(list).clone();
                list.push(value.clone());
                return done("repeated", &value);
            }
            (5, parent) => {
                let value = member(parent, &name);
                *value = random
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
                return done("retyped", value);
            }
            (6, parent) => {
                let value = member(parent, &name);
                if value.is_string() {
                    *value = other_text(pool, random);
                    return done("another text", value);
                }
            }
            (7, parent) => {
                let value = member(parent, &name);
                *value = random.one(&pool.values).clone();
                return done("another value", value);
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

fn brief(value: &Json) -> String {
    value.to_string().chars().take(200).collect()
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
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    pub(super) fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
