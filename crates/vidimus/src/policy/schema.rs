//! The JSON Schema of a policy document, for editors. Made from the key tables that the loader checks by.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::anchor::spec;
use super::load::spec::{Key, Kind, LIMITS, POLICY, SCHEMA, Spec};

/// JSON Schema (draft 2020-12) of the policy document, as TOML read into JSON with times as RFC 3339 strings. It checks the
/// shape; references, files and what rules mean together only the loader can check.
#[must_use]
pub fn schema() -> Json {
    document(&POLICY, SCHEMA, "vidimus policy, version 1")
}

/// The same of the anchor.
#[must_use]
pub fn anchor_schema() -> Json {
    document(&spec::ANCHOR, spec::SCHEMA, "vidimus anchor, version 1")
}

fn document(of: &'static Spec, id: &str, title: &str) -> Json {
    let mut definitions = BTreeMap::new();
    let mut top = table(of, &mut definitions);
    if let Json::Object(top) = &mut top {
        top.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        top.insert("$id".to_owned(), json!(id));
        top.insert("title".to_owned(), json!(title));
        if let Some(schema) = top.get_mut("properties").and_then(|p| p.get_mut("schema")) {
            *schema = json!({ "const": id });
        }
        let definitions: Map<String, Json> =
            definitions.into_iter().filter_map(|(name, schema)| Some((name, schema?))).collect();
        top.insert("$defs".to_owned(), Json::Object(definitions));
    }
    top
}

/// `None` while a definition is being made.
type Definitions = BTreeMap<String, Option<Json>>;

fn reference(spec: &'static Spec, definitions: &mut Definitions) -> Json {
    let name = spec.what.trim_start_matches("an ").trim_start_matches("a ").replace('`', "").replace(' ', "-");
    if !definitions.contains_key(&name) {
        definitions.insert(name.clone(), None);
        let made = table(spec, definitions);
        definitions.insert(name.clone(), Some(made));
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn table(spec: &'static Spec, definitions: &mut Definitions) -> Json {
    let Some(variants) = &spec.variants else {
        let mut schema = object(spec, &[], definitions);
        if !spec.one_of.is_empty() {
            let one: Vec<Json> = spec.one_of.iter().map(|name| json!({ "required": [name] })).collect();
            put(&mut schema, "oneOf", json!(one));
        }
        return schema;
    };
    let one = variants.of.iter().map(|(tag, keys)| {
        let mut schema = object(spec, keys, definitions);
        if let Some(property) = schema.get_mut("properties").and_then(|p| p.get_mut(variants.tag)) {
            *property = json!({ "const": tag });
        }
        if variants.default != Some(tag)
            && let Some(Json::Array(required)) = schema.get_mut("required")
            && !required.contains(&json!(variants.tag))
        {
            required.push(json!(variants.tag));
        }
        schema
    });
    let one: Vec<Json> = one.collect();
    json!({ "oneOf": one })
}

fn object(spec: &'static Spec, more: &'static [Key], definitions: &mut Definitions) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in spec.keys.iter().chain(more) {
        let mut property = kind(&key.kind, definitions);
        if std::ptr::eq(spec, &LIMITS) {
            property = json!({ "type": "integer", "minimum": 1 });
        }
        put(&mut property, "description", json!(key.doc));
        properties.insert(key.name.to_owned(), property);
        if key.required {
            required.push(key.name);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn kind(kind: &'static Kind, definitions: &mut Definitions) -> Json {
    match kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Choice(choices) => json!({ "enum": choices }),
        Kind::Int(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Scalar => json!({ "type": ["string", "integer", "boolean"] }),
        Kind::List(of) => json!({ "type": "array", "minItems": 1, "items": self::kind(of, definitions) }),
        Kind::Table(spec) => reference(spec, definitions),
        Kind::Map(of) => {
            json!({ "type": "object", "minProperties": 1, "additionalProperties": self::kind(of, definitions) })
        }
        Kind::TextOr(spec) => {
            json!({ "anyOf": [{ "type": "string", "minLength": 1 }, reference(spec, definitions)] })
        }
    }
}

fn put(schema: &mut Json, key: &str, value: Json) {
    if let Json::Object(members) = schema {
        members.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::policy::load::document::{self, Data, Node, Table};
    use crate::policy::load::tests::twin;
    use crate::policy::template::{init, templates};

    /// The keywords that `schema` uses, and no other.
    fn valid(root: &Json, schema: &Json, value: &Json) -> bool {
        let count = |list: &Json| list.as_array().unwrap().iter().filter(|s| valid(root, s, value)).count();
        schema.as_object().unwrap().iter().all(|(keyword, wanted)| match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
            "$ref" => valid(root, &root["$defs"][wanted.as_str().unwrap().trim_start_matches("#/$defs/")], value),
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "type" => {
                let types: Vec<&str> = wanted
                    .as_str()
                    .map_or_else(|| wanted.as_array().unwrap().iter().filter_map(Json::as_str).collect(), |t| vec![t]);
                types.contains(&match value {
                    Json::String(_) => "string",
                    Json::Number(_) => "integer",
                    Json::Bool(_) => "boolean",
                    Json::Array(_) => "array",
                    Json::Object(_) => "object",
                    Json::Null => "null",
                })
            }
            "minLength" => value.as_str().is_none_or(|s| s.len() as u64 >= wanted.as_u64().unwrap()),
            "minimum" => value.as_i64().is_none_or(|n| n >= wanted.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|n| n <= wanted.as_i64().unwrap()),
            "minItems" => value.as_array().is_none_or(|l| l.len() as u64 >= wanted.as_u64().unwrap()),
            "minProperties" => value.as_object().is_none_or(|o| o.len() as u64 >= wanted.as_u64().unwrap()),
            "items" => value.as_array().is_none_or(|l| l.iter().all(|item| valid(root, wanted, item))),
            "required" => wanted.as_array().unwrap().iter().all(|k| value.get(k.as_str().unwrap()).is_some()),
            "properties" => {
                wanted.as_object().unwrap().iter().all(|(k, s)| value.get(k).is_none_or(|v| valid(root, s, v)))
            }
            "additionalProperties" => value.as_object().is_none_or(|members| {
                let known = schema.get("properties").and_then(Json::as_object);
                let extra = members.iter().filter(|(key, _)| known.is_none_or(|k| !k.contains_key(*key)));
                extra.into_iter().all(|(_, v)| *wanted != Json::Bool(false) && valid(root, wanted, v))
            }),
            "oneOf" => count(wanted) == 1,
            "anyOf" => count(wanted) >= 1,
            other => panic!("unexpected keyword {other}"),
        })
    }

    fn json_of(table: &Table) -> Json {
        let node = |node: &Node| json_of_node(node);
        Json::Object(table.entries.iter().map(|entry| (entry.key.clone(), node(&entry.node))).collect())
    }

    fn json_of_node(node: &Node) -> Json {
        match &node.data {
            Data::Text(text) => json!(text),
            Data::Int(int) => json!(int),
            Data::Bool(bool) => json!(bool),
            Data::Time(time) => json!(time.to_string()),
            Data::List(list) => list.iter().map(json_of_node).collect(),
            Data::Table(table) => json_of(table),
            Data::Other(_) => Json::Null,
        }
    }

    fn accepts(schema: &Json, policy: &str) -> bool {
        valid(schema, schema, &json_of(&document::parse(policy, &mut Default::default()).unwrap()))
    }

    #[test]
    fn good_policies_validate() {
        let schema = schema();
        assert!(accepts(&schema, &twin()));
        for template in templates() {
            let files = init(template.name, "public-good").unwrap();
            assert!(accepts(&schema, std::str::from_utf8(&files[0].1).unwrap()), "{}", template.name);
        }
    }

    #[test]
    fn wrong_shapes_do_not() {
        let schema = schema();
        for (from, to) in [
            ("closed_world = true", "closed_word = true"),
            ("closed_world = true", "min_level = 1"),
            ("version = 3", "version = \"3\""),
            ("version = 3", "version = 0"),
            ("semantics = 1", "unknown = 1"),
            ("min_level = 2", ""),
            ("check = \"sbom\"", "check = \"sbon\""),
            ("max_files = 1000", "max_files = 0"),
            ("type = \"sigstore\"", ""),
            ("san = { prefix", "san = { exact = \"x\", prefix"),
            ("\"urn:vidimus:policy:v1\"", "\"urn:vidimus:policy:v2\""),
            ("may = [\"sbom\"]", "may = []"),
        ] {
            let changed = twin().replace(from, to);
            assert_ne!(changed, twin());
            assert!(!accepts(&schema, &changed), "`{from}` → `{to}`");
        }
    }
}
