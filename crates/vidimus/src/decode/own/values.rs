//! Values that our own formats have in common. What each may be is said once for its reader and its JSON Schema; a test holds the two
//! against each other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::digest::DigestSet;
use crate::reason::identifier;
use crate::time::Time;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $check:expr, $what:literal, $schema:tt;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::decode) struct $name(pub(in crate::decode) String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(D::Error::custom(concat!("not ", $what))) }
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

texts! {
    /// Visible ASCII without quotes, angle brackets, backslash, backtick and braces.
    Id: |text| identifier(text) == text, "an identifier: visible ASCII without blanks and quotes", {
        "description": "Visible ASCII without quotes, angle brackets, backslash, backtick and braces.",
        "type": "string",
        "minLength": 1,
        "maxLength": 512,
        "pattern": "^[!#$%&()*+,./0-9:;=?@A-Z\\[\\]^_a-z|~-]+$"
    };
    /// Text for people that says something.
    Text: |text| !text.is_empty(), "text: it is empty", { "description": "Text.", "type": "string", "minLength": 1 };
    /// ISO 3166-1 alpha-2 in form; which codes are those of countries is another matter.
    Country: is_country, "a country code of two capital letters (ISO 3166-1 alpha-2)", {
        "description": "ISO 3166-1 alpha-2, upper case.",
        "type": "string",
        "pattern": "^[A-Z]{2}$"
    };
    /// ISO 3166-2 in form.
    Subdivision: is_subdivision, "a code of a subdivision, such as SE-AB (ISO 3166-2)", {
        "description": "ISO 3166-2.",
        "type": "string",
        "pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"
    };
    /// The id of a party within its document.
    PartyRef: is_party_ref, "a reference to a party, such as #vendor", {
        "description": "The id of one of `parties`.",
        "type": "string",
        "maxLength": 512,
        "pattern": "^#[A-Za-z0-9._-]+$"
    };
    /// A JSON Pointer.
    Pointer: is_pointer, "a JSON Pointer, such as /origins/2", {
        "description": "A JSON Pointer (RFC 6901).",
        "type": "string",
        "pattern": "^(/([^~/]|~[01])*)*$"
    };
}

fn is_country(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z'])
}

fn is_subdivision(text: &str) -> bool {
    text.split_once('-').is_some_and(|(country, part)| {
        is_country(country)
            && (1..=3).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

fn is_party_ref(text: &str) -> bool {
    let form = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    text.len() <= 512 && text.strip_prefix('#').is_some_and(|id| !id.is_empty() && id.bytes().all(form))
}

/// RFC 6901, section 3: nothing, or tokens with a `/` before each, in which `~` is the beginning of `~0` or `~1`.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

/// An instant, `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::decode) struct Instant(pub(in crate::decode) Time);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::of(&text).ok_or_else(|| D::Error::custom("not a time in UTC, such as 2026-11-20T08:00:00Z"))
    }
}

impl Instant {
    /// There is one way to write it, so that the signed text is the time.
    pub(in crate::decode) fn of(text: &str) -> Option<Self> {
        text.parse().ok().filter(|time: &Time| time.to_string() == text).map(Self)
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
pub(in crate::decode) struct Day(pub(in crate::decode) Time);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let first = Instant::of(&format!("{text}T00:00:00Z"));
        first.map(|first| Self(first.0)).ok_or_else(|| D::Error::custom("not a day, such as 2026-11-20"))
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
pub(in crate::decode) struct Digests(pub(in crate::decode) DigestSet);

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = DigestSet::default();
        for (name, value) in BTreeMap::<String, String>::deserialize(deserializer)? {
            set.insert(&name, &value).map_err(|_| D::Error::custom("one algorithm twice"))?;
        }
        if set.is_empty() { Err(D::Error::custom("no digest in it")) } else { Ok(Self(set)) }
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

/// A share of a hundred. No rule reads it: any share counts.
pub(in crate::decode) struct Percent;

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if u8::deserialize(deserializer)? <= 100 { Ok(Self) } else { Err(D::Error::custom("more than 100 per cent")) }
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A share, in whole per cent.", "type": "integer", "minimum": 0, "maximum": 100 })
    }
}

/// An integer that every reader of JSON has exactly (RFC 7493, 2.2), and not less than `MIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct Count<const MIN: u64>(pub(in crate::decode) u64);

const SAFE: u64 = (1 << 53) - 1;

impl<'de, const MIN: u64> Deserialize<'de> for Count<MIN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("not an integer from {MIN} to 2^53 - 1"));
        if (MIN..=SAFE).contains(&number) { Ok(Self(number)) } else { Err(wrong()) }
    }
}

impl<const MIN: u64> JsonSchema for Count<MIN> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("From{MIN}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": SAFE })
    }
}

/// A list that may not be empty.
pub(in crate::decode) struct Some1<T>(pub(in crate::decode) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Some1<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        if list.is_empty() { Err(D::Error::custom("the list is empty")) } else { Ok(Self(list)) }
    }
}

impl<T: JsonSchema> JsonSchema for Some1<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Some{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "minItems": 1, "items": generator.subschema_for::<T>() })
    }
}
