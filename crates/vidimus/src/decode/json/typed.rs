//! Types that `serde` derives, read from JSON. Left alone it takes a list for any of them, its members in the order in which the type has
//! them: two forms of one document, of which the schema and other readers know one. Here an object is an object.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde_json::{Error, Value as Json};

/// Reads the value into the type. Of a value from the strict reader the depth is bounded, and so is the recursion here.
///
/// # Errors
/// The place and what is wrong there. The text quotes the value.
pub fn typed<T: DeserializeOwned>(value: &Json) -> Result<T, serde_path_to_error::Error<Error>> {
    serde_path_to_error::deserialize(Typed(value))
}

#[derive(Clone, Copy)]
struct Typed<'a>(&'a Json);

impl<'de> IntoDeserializer<'de, Error> for Typed<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Typed<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Self));
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Json::Object(members) => {
                let mut members =
                    MapDeserializer::new(members.iter().map(|(name, value)| (name.as_str(), Self(value))));
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Json::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Json::Object(members) if members.len() == 1 => {
                let members = members.iter().map(|(name, value)| (name.as_str(), Self(value)));
                MapAccessDeserializer::new(MapDeserializer::new(members)).deserialize_enum(name, variants, visitor)
            }
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole {
        name: String,
        #[serde(default)]
        part: Option<Part>,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        by_name: BTreeMap<String, Part>,
        #[serde(default)]
        kind: Option<Kind>,
        #[serde(default)]
        wrapped: Option<Wrapped>,
        #[serde(default)]
        pair: Option<(u8, bool)>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Part {
        number: u64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(Part);

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Plain,
        Holding(Part),
        Spelled { number: u64 },
    }

    #[test]
    fn what_serde_reads_is_read_and_a_list_is_no_object() {
        let part = json!({"number": 1});
        for (value, place) in [
            (json!({"name": "n"}), None),
            (json!({"name": "n", "part": part, "parts": [part, part], "by_name": {"a": part}}), None),
            (json!({"name": "n", "part": null, "kind": "plain", "wrapped": part, "pair": [1, true]}), None),
            (json!({"name": "n", "kind": {"holding": part}}), None),
            (json!({"name": "n", "kind": {"spelled": part}}), None),
            (json!(["n"]), Some(".")),
            (json!(["n", part, [part], {}, "plain", part, [1, true]]), Some(".")),
            (json!({"name": "n", "part": [1]}), Some("part")),
            (json!({"name": "n", "parts": [part, [1]]}), Some("parts[1]")),
            (json!({"name": "n", "by_name": {"a": [1]}}), Some("by_name.a")),
            (json!({"name": "n", "by_name": [["a", part]]}), Some("by_name")),
            (json!({"name": "n", "kind": {"holding": [1]}}), Some("kind.holding")),
            (json!({"name": "n", "kind": {"spelled": [1]}}), Some("kind.spelled")),
            (json!({"name": "n", "wrapped": [1]}), Some("wrapped")),
        ] {
            let read = typed::<Whole>(&value);
            let path = read.as_ref().err().map(|error| error.path().to_string());
            assert_eq!(path.as_deref(), place, "{value}");
            if let Ok(read) = read {
                assert_eq!(read, serde_json::from_value(value).unwrap());
            }
        }
    }

    #[test]
    fn what_serde_refuses_is_refused() {
        for value in [
            json!(null),
            json!(7),
            json!({}),
            json!({"name": 7}),
            json!({"name": "n", "more": 1}),
            json!({"name": "n", "part": {"number": -1}}),
            json!({"name": "n", "part": {"number": 1.5}}),
            json!({"name": "n", "pair": [1, true, 2]}),
            json!({"name": "n", "pair": [1]}),
            json!({"name": "n", "kind": {"plain": [], "holding": {}}}),
            json!({"name": "n", "kind": {}}),
            json!({"name": "n", "kind": "other"}),
        ] {
            assert!(
                typed::<Whole>(&value).is_err() && serde_json::from_value::<Whole>(value.clone()).is_err(),
                "{value}"
            );
        }
    }
}
