//! Links and layouts of in-toto 1.0, signed as in-toto's own tools read them: in a DSSE envelope. Statements are made, not taken as
//! they are: see [`crate::statement`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use vidimus::decode;

use crate::envelope::{self, Form, STATEMENT};
use crate::error::Error;
use crate::signer::Signer;

/// Digests by the names of their algorithms.
type Digests = BTreeMap<String, String>;

/// What a step did (in-toto specification 1.0, section 4.4).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    #[serde(rename = "_type")]
    _type: String,
    name: String,
    materials: BTreeMap<String, Digests>,
    products: BTreeMap<String, Digests>,
    #[serde(default, rename = "command")]
    _command: Vec<String>,
    #[serde(default, rename = "byproducts")]
    _byproducts: BTreeMap<String, Value>,
    #[serde(default, rename = "environment")]
    _environment: BTreeMap<String, Value>,
}

/// Which steps there must be, and who may do them (section 4.3).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    #[serde(rename = "_type")]
    _type: String,
    expires: String,
    #[serde(default, rename = "readme")]
    _readme: String,
    keys: BTreeMap<String, Value>,
    steps: Vec<Step>,
    #[serde(default, rename = "inspect")]
    _inspect: Vec<Value>,
}

/// A step of a layout (section 4.3.1).
#[derive(Deserialize)]
struct Step {
    name: String,
    pubkeys: Vec<String>,
    threshold: u64,
}

/// The document in an envelope: its bytes as they are, under in-toto's payload type.
///
/// # Errors
/// It is neither a link nor a layout, or lacks what they must have.
pub fn signed(signer: &dyn Signer, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let document = decode::json(bytes).map_err(|reason| Error::input(reason.sentence()))?;
    let wrong =
        |problem: String| Error::input(format!("not valid in-toto metadata: {}", vidimus::render::escape(&problem)));
    match document.get("_type").and_then(Value::as_str) {
        Some("link") => link(&document).map_err(wrong)?,
        Some("layout") => layout(&document).map_err(wrong)?,
        _ => {
            return Err(Error::input("neither a link nor a layout of in-toto")
                .with_hint("statements are made with `vidimus attest`; other files are signed in another form"));
        }
    }
    envelope::payload(signer, STATEMENT, bytes, Form::Dsse)
}

fn link(document: &Value) -> Result<(), String> {
    let link: Link = decode::typed(document).map_err(|e| e.to_string())?;
    if link.name.is_empty() {
        return Err("name: it is empty".to_owned());
    }
    let all = link.materials.iter().chain(&link.products);
    let hex = |value: &str| !value.is_empty() && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let bad = |digests: &Digests| digests.is_empty() || !digests.values().all(|value| hex(value));
    match all.into_iter().find(|(_, digests)| bad(digests)) {
        None => Ok(()),
        Some((path, _)) => Err(format!("{path}: no digest in lower-case hex")),
    }
}

fn layout(document: &Value) -> Result<(), String> {
    let layout: Layout = decode::typed(document).map_err(|e| e.to_string())?;
    if layout.expires.parse::<vidimus::time::Time>().is_err() {
        return Err("expires: not a time in UTC, such as 2027-11-20T08:00:00Z".to_owned());
    }
    for step in &layout.steps {
        if step.name.is_empty() {
            return Err("steps: a name is empty".to_owned());
        }
        if let Some(unknown) = step.pubkeys.iter().find(|key| !layout.keys.contains_key(*key)) {
            return Err(format!("{}: the key {unknown} is not among the keys of the layout", step.name));
        }
        if step.threshold == 0 || step.threshold > step.pubkeys.len() as u64 {
            return Err(format!("{}: no threshold from 1 to the number of its keys", step.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::key::{KeyPair, Scheme};

    #[test]
    fn what_is_signed_is_metadata() {
        let pair = KeyPair::generate(Scheme::Ed25519).unwrap();
        let link = json!({"_type": "link", "name": "build", "materials": {}, "products": {"app": {"sha256": "ab"}}});
        let step = json!({"_type": "step", "name": "build", "pubkeys": ["k"], "threshold": 1});
        let layout = json!({"_type": "layout", "expires": "2027-01-01T00:00:00Z", "keys": {"k": {}}, "steps": [step]});
        let with = |base: &Value, pointer: &str, value: Value| {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        for (document, expected) in [
            (link.clone(), None),
            (layout.clone(), None),
            (with(&link, "/_type", json!("https://in-toto.io/Statement/v1")), Some("neither a link nor a layout")),
            (json!(["link"]), Some("neither a link nor a layout")),
            (with(&link, "/name", json!("")), Some("name: it is empty")),
            (with(&link, "/products", json!([])), Some("products")),
            (with(&link, "/products/app", json!({})), Some("app: no digest")),
            (with(&link, "/products/app/sha256", json!("AB")), Some("app: no digest")),
            (json!({"_type": "link", "name": "build", "materials": {}}), Some("products")),
            (json!({"_type": "link", "name": "b", "materials": {}, "products": {}, "more": 1}), Some("more")),
            (with(&layout, "/expires", json!("tomorrow")), Some("expires")),
            (with(&layout, "/steps/0/pubkeys/0", json!("j")), Some("build: the key j")),
            (with(&layout, "/steps/0/threshold", json!(2)), Some("build: no threshold")),
            (with(&layout, "/steps/0/threshold", json!(0)), Some("build: no threshold")),
            (with(&layout, "/steps/0/name", json!("")), Some("a name is empty")),
            (with(&layout, "/steps/0", json!(["build", ["k"], 1])), Some("steps[0]")),
        ] {
            let said = signed(&pair, document.to_string().as_bytes()).err().map(|e| e.to_string());
            match expected {
                None => assert_eq!(said, None, "{document}"),
                Some(part) => assert!(said.clone().unwrap_or_default().contains(part), "{document}: {said:?}"),
            }
        }
        assert!(signed(&pair, b"{\"_type\":\"link\",\"_type\":\"link\"}").is_err());
    }
}
