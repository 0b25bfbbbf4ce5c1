//! Predicates of our own formats, read into the types that their JSON Schemas are made from. A member that a format does not
//! have is refused: it would be a condition that nobody checks. So is `null`, which is not "absent".

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::{Value as Json, json};

use super::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::{Reason, identifier};
use crate::time::Time;

/// Reads a predicate. The value went through the strict reader, so its depth is bounded.
pub(super) fn read<T: DeserializeOwned>(shape: Shape, value: &Json) -> Result<T, Reason> {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Json::Null => return Err(shape.wrong("null")),
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    T::deserialize(value).map_err(|_| shape.wrong("a member that is missing, unknown or not of its type"))
}

/// An instant, `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(pub(super) Time);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let time: Time = text.parse().map_err(D::Error::custom)?;
        // One way to write it, so that the signed text is the time.
        if time.to_string() == text { Ok(Self(time)) } else { Err(D::Error::custom("not in UTC with `Z`")) }
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An instant in UTC, in whole seconds.",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
        })
    }
}

/// A calendar day, `YYYY-MM-DD`, as its first instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) Time);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        format!("{text}T00:00:00Z").parse().map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A calendar day.",
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        })
    }
}

/// Digests by algorithm, at least one (in-toto DigestSet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests(pub(super) DigestSet);

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = DigestSet::default();
        for (name, value) in BTreeMap::<String, String>::deserialize(deserializer)? {
            set.insert(&name, &value).map_err(|_| D::Error::custom("one algorithm twice"))?;
        }
        if set.is_empty() { Err(D::Error::custom("no digest")) } else { Ok(Self(set)) }
    }
}

impl JsonSchema for Digests {
    fn schema_name() -> Cow<'static, str> {
        "DigestSet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Digests of the same bytes by algorithm, in lower-case hex; at least one.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": { "type": "string" }
        })
    }
}

/// An identifier: 1 to 512 visible ASCII characters without quotes, angle brackets, backslash and braces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if identifier(&text) == text { Ok(Self(text)) } else { Err(D::Error::custom("not an identifier")) }
    }
}

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Visible ASCII without quotes, angle brackets, backslash, backtick and braces.",
            "type": "string",
            "minLength": 1,
            "maxLength": 512,
            "pattern": "^[!#$%&()*+,./0-9:;=?@A-Z\\[\\]^_a-z|~-]+$"
        })
    }
}

/// Takes `null` out of what a member may be.
fn no_null(schema: &mut Schema) {
    let null = json!({ "type": "null" });
    if let Some(Json::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|option| *option != null);
    }
    let only = match schema.get("anyOf") {
        Some(Json::Array(any)) if any.len() == 1 => any.first().cloned(),
        _ => None,
    };
    if let Some(Json::Object(only)) = only {
        schema.remove("anyOf");
        for (name, value) in only {
            schema.insert(name, value);
        }
    }
    if let Some(Json::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
}

/// The JSON Schema of a predicate, with its type as `$id`.
pub(super) fn schema<T: JsonSchema>(predicate_type: &str, title: &str) -> Json {
    // Absent members are absent: `null` is refused, so the schema does not offer it either.
    let settings = schemars::generate::SchemaSettings::draft2020_12()
        .with_transform(schemars::transform::RecursiveTransform(no_null));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), predicate_type.into());
    schema.insert("title".to_owned(), title.into());
    schema.into()
}
