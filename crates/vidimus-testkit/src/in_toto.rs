//! Layouts and links of in-toto 1.0.

use serde_json::{Map, Value, json};

use crate::dsse;
use crate::encode::{digest_set, json as text};
use crate::key::Key;

/// What the step `fetch` may make.
pub const FETCH: [&str; 2] = ["CREATE src/*", "DISALLOW *"];
/// What a step may be made from that builds what was fetched, and nothing else.
pub const BUILD_FROM: [&str; 2] = ["MATCH src/* WITH PRODUCTS FROM fetch", "DISALLOW *"];
/// The one file that is fetched.
pub const SOURCE: &[u8] = b"fn main() {}\n";

/// What a step may make that builds the program of that name.
#[must_use]
pub fn built_as(program: &str) -> [String; 4] {
    [format!("REQUIRE {program}"), format!("CREATE {program}"), "ALLOW src/*".to_owned(), "DISALLOW *".to_owned()]
}

/// How a layout or link is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Signatures over its canonical JSON, beside it.
    Metablock,
    /// A DSSE envelope.
    Dsse,
}

/// A layout.
#[derive(Clone, Debug)]
pub struct Layout(pub Value);

impl Layout {
    /// Without keys and steps.
    #[must_use]
    pub fn new(expires: &str) -> Self {
        Self(json!({"_type": "layout", "expires": expires, "readme": "", "keys": {}, "steps": [], "inspect": []}))
    }

    /// Lists a key.
    #[must_use]
    pub fn key(self, key: &Key) -> Self {
        self.key_as(&key.id(), public(key))
    }

    /// Lists that object as a key.
    #[must_use]
    pub fn key_as(mut self, id: &str, key: Value) -> Self {
        self.0["keys"][id] = key;
        self
    }

    /// With the step `fetch` by that key, out of nothing.
    #[must_use]
    pub fn fetching(expires: &str, fetcher: &Key) -> Self {
        Self::new(expires).step("fetch", &[fetcher], &["DISALLOW *"], &FETCH)
    }

    /// Adds a step by any of these keys that builds the program of what was fetched, with nothing in between.
    #[must_use]
    pub fn building(self, name: &str, keys: &[&Key], program: &str) -> Self {
        let products = built_as(program);
        self.step(name, keys, &BUILD_FROM, &products.each_ref().map(String::as_str))
    }

    /// Adds a step by any of these keys, listing them.
    #[must_use]
    pub fn step(mut self, name: &str, keys: &[&Key], materials: &[&str], products: &[&str]) -> Self {
        for key in keys {
            self = self.key(key);
        }
        let ids: Vec<String> = keys.iter().map(|key| key.id()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.step_of(name, &ids, materials, products)
    }

    /// Adds a step by any of the keys with these ids. A rule is its words with blanks between them.
    #[must_use]
    pub fn step_of(mut self, name: &str, ids: &[&str], materials: &[&str], products: &[&str]) -> Self {
        let step = json!({
            "_type": "step", "name": name, "threshold": 1, "pubkeys": ids, "expected_command": [],
            "expected_materials": rules(materials), "expected_products": rules(products),
        });
        self.0["steps"].as_array_mut().unwrap().push(step);
        self
    }

    /// The threshold of the last step.
    #[must_use]
    pub fn threshold(mut self, threshold: u64) -> Self {
        self.0["steps"].as_array_mut().unwrap().last_mut().unwrap()["threshold"] = threshold.into();
        self
    }

    /// Adds an inspection.
    #[must_use]
    pub fn inspection(mut self, name: &str, run: &[&str]) -> Self {
        let inspection = json!({
            "_type": "inspection", "name": name, "run": run, "expected_materials": [], "expected_products": [],
        });
        self.0["inspect"].as_array_mut().unwrap().push(inspection);
        self
    }

    /// Signed by each key.
    #[must_use]
    pub fn signed(&self, form: Form, keys: &[&Key]) -> Vec<u8> {
        signed(&self.0, form, keys)
    }
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link(pub Value);

impl Link {
    /// Without materials and products.
    #[must_use]
    pub fn new(step: &str) -> Self {
        Self(json!({
            "_type": "link", "name": step, "command": [], "materials": {}, "products": {},
            "byproducts": {"return-value": 0, "stderr": "", "stdout": ""}, "environment": {},
        }))
    }

    /// Of the step `fetch`: the one file.
    #[must_use]
    pub fn fetched() -> Self {
        Self::new("fetch").product("src/main.rs", SOURCE)
    }

    /// Of a step that built the program of what was fetched.
    #[must_use]
    pub fn built(step: &str, program: &str, bytes: &[u8]) -> Self {
        let link = Self::new(step).material("src/main.rs", SOURCE);
        link.product("src/main.rs", SOURCE).product(program, bytes)
    }

    /// Adds a material by its sha256.
    #[must_use]
    pub fn material(mut self, path: &str, bytes: &[u8]) -> Self {
        self.0["materials"][path] = digest_set(&["sha256"], bytes);
        self
    }

    /// Adds a product by its sha256.
    #[must_use]
    pub fn product(mut self, path: &str, bytes: &[u8]) -> Self {
        self.0["products"][path] = digest_set(&["sha256"], bytes);
        self
    }

    /// Signed by the key.
    #[must_use]
    pub fn signed(&self, form: Form, key: &Key) -> Vec<u8> {
        signed(&self.0, form, &[key])
    }

    /// The name that tools give it.
    #[must_use]
    pub fn name(&self, key: &Key) -> String {
        format!("{}.link", folder(self.0["name"].as_str().unwrap(), key))
    }
}

/// The folder of a layout that `key` signed in the place of a link of `step`; with `.link` behind it, its own name.
#[must_use]
pub fn folder(step: &str, key: &Key) -> String {
    format!("{step}.{}", &key.id()[..8])
}

/// A key as layouts list it.
#[must_use]
pub fn public(key: &Key) -> Value {
    let (kind, scheme) = match (key.is_ed25519(), key.sigstore_details()) {
        (true, _) => ("ed25519", "ed25519"),
        (_, "PKIX_ECDSA_P256_SHA_256") => ("ecdsa", "ecdsa-sha2-nistp256"),
        (_, "PKIX_ECDSA_P384_SHA_384") => ("ecdsa", "ecdsa-sha2-nistp384"),
        (_, "PKIX_RSA_PSS_2048_SHA256") => ("rsa", "rsassa-pss-sha256"),
        _ => ("rsa", "rsa-pkcs1v15-sha256"),
    };
    let public = if key.is_ed25519() { hex::encode(key.raw_public()) } else { key.public_pem() };
    json!({"keyid": key.id(), "keytype": kind, "scheme": scheme, "keyval": {"public": public, "private": ""}})
}

/// A layout or link, signed by each key.
#[must_use]
pub fn signed(document: &Value, form: Form, keys: &[&Key]) -> Vec<u8> {
    text(&match form {
        Form::Dsse => dsse::envelope(dsse::IN_TOTO, document.to_string().as_bytes(), keys),
        Form::Metablock => {
            let message = canonical(document);
            let signature = |key: &&Key| json!({"keyid": key.id(), "sig": hex::encode(key.sign(message.as_bytes()))});
            let signatures: Vec<Value> = keys.iter().map(signature).collect();
            json!({"signed": document, "signatures": signatures})
        }
    })
    .into()
}

/// Canonical JSON as in-toto has it: members sorted, no white space, in strings nothing escaped but `"` and `\`.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let joined = |parts: Vec<String>| parts.join(",");
    let members = |map: &Map<String, Value>| {
        let mut names: Vec<&String> = map.keys().collect();
        names.sort();
        joined(names.into_iter().map(|name| format!("{}:{}", quoted(name), canonical(&map[name]))).collect())
    };
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(canonical).collect())),
        Value::Object(map) => format!("{{{}}}", members(map)),
        other => other.to_string(),
    }
}

fn rules(rules: &[&str]) -> Value {
    rules.iter().map(|rule| rule.split(' ').collect::<Vec<_>>()).collect::<Vec<_>>().into()
}
