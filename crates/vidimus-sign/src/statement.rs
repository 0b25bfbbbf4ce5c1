//! in-toto statements v1 as canonical bytes (RFC 8785), held against our own reader before anything is signed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vidimus::decode::{self, Content, Predicate};
use vidimus::limits::Limits;

use crate::error::Error;
use crate::subject::Subject;

/// A statement, ready to be signed.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its payload.
    pub bytes: Vec<u8>,
}

impl Statement {
    /// A statement about `subjects`, sorted by name. `kind` names the predicate in errors.
    ///
    /// # Errors
    /// No subject, two of one name, or something that our own reader refuses.
    pub fn new(kind: &str, subjects: &[Subject], predicate_type: &str, predicate: &Value) -> Result<Self, Error> {
        if subjects.is_empty() {
            return Err(Error::input("a statement about nothing: name at least one subject"));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = subjects.iter().find(|subject| !names.insert(subject.name.as_str())) {
            let what = format!("two subjects are called {}", vidimus::render::escape(&twice.name));
            return Err(Error::input(what).with_hint("name one folder that holds both"));
        }
        let mut sorted: Vec<&Subject> = subjects.iter().collect();
        sorted.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        let subjects: Vec<Value> = sorted
            .iter()
            .map(|subject| json!({"digest": {"sha256": subject.sha256.hex()}, "name": subject.name}))
            .collect();
        let bytes = canonical(&json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": predicate,
            "predicateType": predicate_type,
            "subject": subjects,
        }))?;
        check(kind, &bytes)?;
        Ok(Self { bytes })
    }
}

/// Would our own reader take it?
fn check(kind: &str, bytes: &[u8]) -> Result<(), Error> {
    match decode::document(bytes, &Limits::MAX) {
        Content::UnsignedStatement(statement) => match statement.predicate {
            Predicate::Refused(reason) => Err(Error::predicate(kind, reason.sentence())),
            _ => Ok(()),
        },
        Content::Refused(reason) => Err(Error::predicate(kind, reason.sentence())),
        _ => Err(Error::predicate(kind, "our own reader does not take it for a statement")),
    }
}

/// RFC 8785 bytes. A number that would become another one on the way is refused.
///
/// # Errors
/// An integer beyond ±(2^53 − 1).
pub fn canonical(value: &Value) -> Result<Vec<u8>, Error> {
    const SAFE: u64 = (1 << 53) - 1;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::Number(n) => {
                let is_exact = n.as_i64().map(i64::unsigned_abs).or_else(|| n.as_u64()).is_none_or(|n| n <= SAFE);
                if !is_exact {
                    return Err(Error::input(format!("the number {n} cannot be written exactly (RFC 8785)"))
                        .with_hint("write it as a string"));
                }
            }
            _ => {}
        }
    }
    serde_json_canonicalizer::to_vec(value).map_err(|e| Error::input(format!("cannot be written as JSON: {e}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
    use super::*;
    use vidimus::digest::Digest;

    fn subject(name: &str) -> Subject {
        Subject { name: name.to_owned(), sha256: Digest::sha256(name.as_bytes()) }
    }

    #[test]
    fn statements_are_canonical_and_checked() {
        let make = |subjects: &[Subject], kind: &str, predicate: Value| Statement::new("x", subjects, kind, &predicate);
        let release = "https://in-toto.io/attestation/release/v0.1";
        let a = make(&[subject("b"), subject("a")], release, json!({"purl": "pkg:generic/p@1"})).unwrap();
        let b = make(&[subject("a"), subject("b")], release, json!({"purl": "pkg:generic/p@1"})).unwrap();
        assert_eq!(a.bytes, b.bytes);
        let text = String::from_utf8(a.bytes).unwrap();
        assert!(text.starts_with(r#"{"_type":"https://in-toto.io/Statement/v1","predicate":{"purl""#), "{text}");
        for (subjects, predicate, expected) in [
            (vec![], json!({"purl": "pkg:generic/p@1"}), "about nothing"),
            (vec![subject("a"), subject("a")], json!({"purl": "pkg:generic/p@1"}), "two subjects are called a"),
            (vec![subject("a")], json!({"purl": 1}), "`purl`"),
            (vec![subject("a")], json!({"purl": "p", "n": 9_007_199_254_740_993_u64}), "cannot be written exactly"),
        ] {
            let error = make(&subjects, release, predicate).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
