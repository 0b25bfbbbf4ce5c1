//! Predicates of our own formats, read into the types that their JSON Schemas are made from. A member that a format does not
//! have is refused: it would be a condition that nobody checks. So is `null`, which is not "absent", and a list for an object.

mod values;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

pub(super) use self::values::{
    Count, Country, Day, Digests, Id, Instant, PartyRef, Percent, Pointer, Some1, Subdivision, Text,
};
use super::json::typed::typed;
use super::shape::Shape;
use super::{certification, delivery, origin, rebuild, status};
use crate::reason::Reason;

/// A format of ours.
struct Format {
    name: &'static str,
    predicate_type: &'static str,
    schema: fn() -> Json,
    check: fn(&Json) -> Result<(), String>,
}

const ALL: [Format; 5] = [
    Format {
        name: "certification",
        predicate_type: certification::TYPE,
        schema: certification::schema,
        check: |value| told::<certification::Wire, _>(value, certification::read),
    },
    Format {
        name: "delivery",
        predicate_type: delivery::TYPE,
        schema: delivery::schema,
        check: |value| told::<delivery::Wire, _>(value, delivery::read),
    },
    Format {
        name: "origin",
        predicate_type: origin::TYPE,
        schema: origin::schema,
        check: |value| told::<origin::Wire, _>(value, origin::read),
    },
    Format {
        name: "rebuild-comparison",
        predicate_type: rebuild::TYPE,
        schema: rebuild::schema,
        check: |value| told::<rebuild::Wire, _>(value, rebuild::read),
    },
    Format {
        name: "status-list",
        predicate_type: status::TYPE,
        schema: status::schema,
        check: |value| told::<status::Wire, _>(value, status::contents),
    },
];

/// The JSON Schemas of our own predicates, by short name.
#[must_use]
pub fn predicate_schemas() -> Vec<(&'static str, Json)> {
    ALL.iter().map(|format| (format.name, (format.schema)())).collect()
}

/// Is this a predicate of one of our own types, as every reader takes it? What depends on the statement around it, such as its subjects,
/// is not looked at.
///
/// # Errors
/// The place and what is wrong there, for its author: the text quotes the predicate, so no verdict may have it.
pub fn check_predicate(predicate_type: &str, predicate: &Json) -> Result<(), String> {
    match ALL.iter().find(|format| format.predicate_type == predicate_type) {
        Some(format) => (format.check)(predicate),
        None => Err("not a predicate type of vidimus".to_owned()),
    }
}

/// Reads a predicate. The value went through the strict reader, so its depth is bounded.
pub(super) fn read<T: DeserializeOwned>(shape: Shape, value: &Json) -> Result<T, Reason> {
    if has_null(value) {
        return Err(shape.wrong("null"));
    }
    typed::<T>(value).map_err(|error| match error.path().to_string().as_str() {
        "." => shape.wrong("a member that is missing, unknown or not of its type"),
        path => shape.wrong_at(path),
    })
}

/// The same for its author, who may see what it says.
fn told<T: DeserializeOwned, R>(value: &Json, read: fn(&Json) -> Result<R, Reason>) -> Result<(), String> {
    if has_null(value) {
        return Err("null: a member that says nothing is left out".to_owned());
    }
    typed::<T>(value).map_err(|error| {
        let (path, why) = (error.path().to_string(), error.inner().to_string());
        if path == "." { why } else { format!("{path}: {why}") }
    })?;
    read(value).map(drop).map_err(|reason| reason.sentence())
}

fn has_null(value: &Json) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Json::Null => return true,
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    false
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
