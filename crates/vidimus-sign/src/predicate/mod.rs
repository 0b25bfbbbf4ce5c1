//! Predicates: the types that are signed, each held against its specification. Nothing that a reader would refuse, pass over or
//! misread is signed: members that the type does not define are errors here, although readers ignore them.

pub mod ci;
mod input;
mod own;
mod sbom;
mod slsa;
mod types;
mod vetted;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::Error;

pub(crate) use self::input::bounded;
pub use self::input::read;
pub(crate) use self::sbom::of_bytes;
pub use self::sbom::{Carried, carried};
pub(crate) use self::types::text_list;

/// A kind of predicate.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name on the command line, and in the grants of policies.
    pub name: &'static str,
    /// `predicateType` that is written.
    pub uri: &'static str,
    check: fn(&Value) -> Result<(), String>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A type that a predicate is read into, with what its members must be together.
trait Shape: DeserializeOwned {
    /// What is wrong with it as a whole: place and reason.
    fn whole(&self) -> Result<(), String> {
        Ok(())
    }
}

fn shape<T: Shape>(value: &Value) -> Result<(), String> {
    let read: T = vidimus::decode::typed(value).map_err(|e| {
        let (path, why) = (e.path().to_string(), e.inner().to_string());
        if path == "." { why } else { format!("{path}: {why}") }
    })?;
    read.whole()
}

/// SLSA lets producers add members whose names are URIs or have a prefix; these are signed as they are.
fn shape_with_extensions<T: Shape>(value: &Value) -> Result<(), String> {
    let known: Map<String, Value> = value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.contains(':'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    shape::<T>(&Value::Object(known))
}

macro_rules! kinds {
    ($($constant:ident = $name:literal, $uri:literal, $check:expr;)+) => {
        $(#[doc = concat!("`", $name, "`: `", $uri, "`.")]
        pub const $constant: Kind = Kind { name: $name, uri: $uri, check: $check };)+

        /// Every kind.
        pub const ALL: &[Kind] = &[$($constant),+];
    };
}

kinds! {
    PROVENANCE = "provenance", "https://slsa.dev/provenance/v1", shape_with_extensions::<slsa::Provenance>;
    VSA = "vsa", "https://slsa.dev/verification_summary/v1", shape_with_extensions::<slsa::Summary>;
    RELEASE = "release", "https://in-toto.io/attestation/release/v0.1", shape::<vetted::Release>;
    TEST_RESULT = "test-result", "https://in-toto.io/attestation/test-result/v0.1", shape::<vetted::TestResult>;
    VULNS = "vulns", "https://in-toto.io/attestation/vulns/v0.1", shape::<vetted::Vulns>;
    REFERENCE = "reference", "https://in-toto.io/attestation/reference/v0.1", shape::<vetted::Reference>;
    ORIGIN = "origin", "urn:vidimus:attestation:origin:v0.1", own::origin;
    CERTIFICATION = "certification", "urn:vidimus:attestation:certification:v0.1", own::certification;
    DELIVERY = "delivery", "urn:vidimus:attestation:delivery:v0.1", own::delivery;
    STATUS_LIST = "status-list", "urn:vidimus:attestation:status-list:v0.1", own::status_list;
}

impl Kind {
    /// The predicate, if it is what its type asks for.
    ///
    /// # Errors
    /// The place and what is wrong there.
    pub fn checked(&self, predicate: Value) -> Result<Value, Error> {
        if !predicate.is_object() {
            return Err(Error::predicate(self.name, "not an object"));
        }
        (self.check)(&predicate).map_err(|problem| Error::predicate(self.name, vidimus::render::escape(&problem)))?;
        Ok(predicate)
    }
}

/// A predicate built of members that were given; `None` is left out.
#[must_use]
pub fn object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

/// What is given on the command line, laid over what a file says: the command line wins, objects are merged member by member.
pub fn overlay(base: &mut Value, over: Value) {
    let mut open = vec![(base, over)];
    while let Some((base, over)) = open.pop() {
        match (base, over) {
            (Value::Object(base), Value::Object(over)) => {
                // Two steps, as a map lends one member at a time.
                let (known, new): (Vec<_>, Vec<_>) = over
                    .into_iter()
                    .partition(|(name, value)| value.is_object() && base.get(name).is_some_and(Value::is_object));
                base.extend(new);
                let mut known: Map<String, Value> = known.into_iter().collect();
                open.extend(base.iter_mut().filter_map(|(name, value)| Some((value, known.remove(name)?))));
            }
            (base, over) => *base = over,
        }
    }
}

/// The reference to a document by its digest.
#[must_use]
pub fn reference(attester: &str, location: &str, sha256: &vidimus::digest::Digest, media_type: &str) -> Value {
    json!({
        "attester": {"id": attester},
        "references": [{"digest": {"sha256": sha256.hex()}, "downloadLocation": location, "mediaType": media_type}],
    })
}

#[cfg(test)]
mod tests;
