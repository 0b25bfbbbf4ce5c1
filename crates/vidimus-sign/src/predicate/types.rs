//! Values that many predicates share.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vidimus::digest::{Algorithm, Digest};
use vidimus::policy::Product;

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident: $check:expr, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) struct $name(pub(super) String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(serde::de::Error::custom(concat!("not ", $what))) }
            }
        }
    )+};
}

text! {
    /// Text that says something.
    Text: |text| !text.trim().is_empty(), "text: it is empty";
    /// A URI, or a package URL.
    Uri: is_uri, "a URI";
    /// A package URL.
    Purl: |text| Product::parse_claim(text).is_some(), "a package URL, such as pkg:generic/acme/app@1.0";
    /// RFC 3339 in UTC.
    Time: is_time, "a time in UTC, such as 2026-11-20T08:00:00Z";
}

fn is_uri(text: &str) -> bool {
    let scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    text.split_once(':').is_some_and(|(before, after)| scheme(before) && !after.is_empty())
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
}

/// With or without a fraction of a second, which scanners write.
pub(super) fn is_time(text: &str) -> bool {
    let whole = match text.strip_suffix('Z').and_then(|text| text.split_once('.')) {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{whole}Z")
        }
        _ => text.to_owned(),
    };
    whole.ends_with('Z') && whole.parse::<vidimus::time::Time>().is_ok()
}

/// A DigestSet: at least one digest, each as long as its algorithm has it, where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests(pub(super) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(deserializer)?;
        if map.is_empty() {
            return Err(serde::de::Error::custom("no digest in it"));
        }
        for (name, value) in &map {
            let good = match Algorithm::from_name(name) {
                Some(algorithm) => Digest::parse(algorithm, value).is_some_and(|digest| digest.hex() == value),
                None => !value.is_empty(),
            };
            if !good {
                return Err(serde::de::Error::custom(format!("not a {name} digest in lower-case hexadecimal digits")));
            }
        }
        Ok(Self(map))
    }
}

/// A ResourceDescriptor of in-toto: at least one of `uri`, `digest` and `content`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Descriptor")]
pub(super) struct Resource;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Descriptor {
    #[serde(rename = "name")]
    _name: Option<Text>,
    uri: Option<Uri>,
    digest: Option<Digests>,
    content: Option<Text>,
    #[serde(rename = "downloadLocation")]
    _download_location: Option<Uri>,
    #[serde(rename = "mediaType")]
    _media_type: Option<Text>,
    #[serde(rename = "annotations")]
    _annotations: Option<BTreeMap<String, Value>>,
}

impl TryFrom<Descriptor> for Resource {
    type Error = &'static str;

    fn try_from(read: Descriptor) -> Result<Self, Self::Error> {
        if read.uri.is_none() && read.digest.is_none() && read.content.is_none() {
            return Err("a resource needs a `uri`, a `digest` or `content`");
        }
        Ok(Self)
    }
}

/// A list that may not be empty.
#[derive(Clone, Debug)]
pub(super) struct Some1<T>(#[expect(dead_code, reason = "read to be held against its type")] Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Some1<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(deserializer)?;
        if list.is_empty() { Err(serde::de::Error::custom("the list is empty")) } else { Ok(Self(list)) }
    }
}

/// Texts as a JSON list; nothing where there are none.
pub(crate) fn text_list(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| texts.iter().map(|text| Value::String(text.clone())).collect())
}
