//! Base64, PEM, canonical JSON, digests: the small encodings that every forged document uses.

use base64::Engine as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Standard base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Decodes standard base64 with padding.
#[must_use]
pub fn unbase64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// A PEM block with lines of 64 characters.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// RFC 8785 text. Everything that this crate writes as JSON is written so: whether another crate asks `serde_json` to keep
/// the order of members cannot change a byte.
#[must_use]
pub fn json(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).expect("JSON")
}

/// The SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The SHA-256 of `bytes` in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

/// The digest of `bytes` by the DigestSet name `sha256`, `sha384` or `sha512`, in lower-case hex.
#[must_use]
pub fn digest_hex(algorithm: &str, bytes: &[u8]) -> String {
    match algorithm {
        "sha256" => sha256_hex(bytes),
        "sha384" => hex::encode(Sha384::digest(bytes)),
        "sha512" => hex::encode(Sha512::digest(bytes)),
        other => panic!("no digest algorithm {other}"),
    }
}

/// A DigestSet of `bytes` by `algorithms`.
#[must_use]
pub fn digest_set(algorithms: &[&str], bytes: &[u8]) -> Value {
    Value::Object(algorithms.iter().map(|a| ((*a).to_owned(), digest_hex(a, bytes).into())).collect())
}

/// Replaces or adds the value at a JSON Pointer; missing objects on the way are made, `-` appends to an array.
/// `Value::Null` takes the member away.
pub fn set(target: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer starts with /");
    let last = last.replace("~1", "/").replace("~0", "~");
    let mut here = target;
    for token in parent.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        here = match here {
            Value::Array(items) => &mut items[token.parse::<usize>().expect("an array index")],
            Value::Object(members) => members.entry(token).or_insert_with(|| Value::Object(Map::new())),
            other => panic!("{pointer}: {other} has no members"),
        };
    }
    match (here, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(&last)),
        (Value::Object(members), value) => drop(members.insert(last, value)),
        (Value::Array(items), value) if last == "-" => items.push(value),
        (Value::Array(items), Value::Null) => drop(items.remove(last.parse().expect("an array index"))),
        (Value::Array(items), value) => items[last.parse::<usize>().expect("an array index")] = value,
        (other, _) => panic!("{pointer}: {other} has no members"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn set_follows_pointers() {
        for (pointer, value, expected) in [
            ("/a", json!(1), json!({"a": 1, "l": [1, {"x": 2}]})),
            ("/b/c~1d", json!(1), json!({"a": 0, "b": {"c/d": 1}, "l": [1, {"x": 2}]})),
            ("/l/1/x", json!(3), json!({"a": 0, "l": [1, {"x": 3}]})),
            ("/l/0", json!(3), json!({"a": 0, "l": [3, {"x": 2}]})),
            ("/l/-", json!(3), json!({"a": 0, "l": [1, {"x": 2}, 3]})),
            ("/l/0", Value::Null, json!({"a": 0, "l": [{"x": 2}]})),
            ("/a", Value::Null, json!({"l": [1, {"x": 2}]})),
        ] {
            let mut target = json!({"a": 0, "l": [1, {"x": 2}]});
            set(&mut target, pointer, value);
            assert_eq!(target, expected, "{pointer}");
        }
    }

    #[test]
    fn pem_has_short_lines() {
        assert_eq!(pem("X", &[0; 49]).lines().map(str::len).collect::<Vec<_>>(), [17, 64, 4, 15]);
    }
}
