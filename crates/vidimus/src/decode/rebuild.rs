//! `urn:vidimus:attestation:rebuild-comparison:v0.1`: a rebuilder's word that a build of its own is the delivered one but for a part
//! that cannot be rebuilt, such as an embedded signature (`docs/predicates/rebuild-comparison.md`). For equal bytes it is not needed:
//! provenance with the same subject says that. Members that the format does not have are ignored, as in every in-toto predicate; none of
//! them could make it say more.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::own::{self, Count, Digests, Id, Some1, Text};
use super::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// Its predicate type.
pub(crate) const TYPE: &str = "urn:vidimus:attestation:rebuild-comparison:v0.1";

const SHAPE: Shape = Shape("rebuild comparison");

/// A rebuild comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildComparison {
    /// What was delivered.
    pub original: DigestSet,
    /// What the rebuilder built.
    pub rebuilt: DigestSet,
    /// The provenance of that build.
    pub provenance: DigestSet,
    /// What came out.
    pub result: RebuildResult,
}

/// How the two builds compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RebuildResult {
    /// The same bytes.
    Identical,
    /// The same bytes once these are removed.
    AfterNormalisation {
        /// The URI of the method.
        method: String,
        /// How many ranges were removed, at least one.
        removed: usize,
    },
    /// Other bytes.
    Different,
}

/// The predicate as it is written: what a rebuilder found when it compared its own build with the delivered one.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Wire {
    /// What was delivered; the statement's subject.
    original: Descriptor,
    /// What the rebuilder built.
    rebuilt: Descriptor,
    /// The provenance of that build, by the same party: the sha256 of its file, or of its DSSE pre-authentication encoding.
    provenance: Descriptor,
    /// What came out.
    result: Outcome,
    /// What was removed from both before they were compared; required with `identical-after-normalisation`.
    normalisation: Option<Normalisation>,
}

/// An in-toto resource descriptor; only its digests are read.
#[derive(Deserialize, JsonSchema)]
struct Descriptor {
    /// Its digests.
    digest: Digests,
    /// For people.
    #[expect(dead_code, reason = "digests bind, addresses do not")]
    uri: Option<String>,
}

/// How the two builds compare.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// The same bytes.
    Identical,
    /// The same bytes once the ranges are removed.
    IdenticalAfterNormalisation,
    /// Other bytes; never counted.
    Different,
}

/// What was removed, and how.
#[derive(Deserialize, JsonSchema)]
struct Normalisation {
    /// A URI that names the method; counted only if the policy lists it.
    method: Id,
    /// Every range of the original that was removed, at least one.
    removed: Some1<Removed>,
}

/// A range of bytes.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the bytes are not at hand; the method is trusted by its name")]
struct Removed {
    /// From the start of the file.
    offset: Count<0>,
    /// Bytes, at least one.
    length: Count<1>,
    /// What stands there, such as `embedded-signature`.
    kind: Text,
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: rebuild comparison, version 0.1")
}

pub(super) fn read(value: &Json) -> Result<RebuildComparison, Reason> {
    let wire: Wire = own::read(SHAPE, value)?;
    let result = match (wire.result, wire.normalisation) {
        (Outcome::Identical, _) => RebuildResult::Identical,
        (Outcome::Different, _) => RebuildResult::Different,
        (Outcome::IdenticalAfterNormalisation, Some(Normalisation { method, removed })) => {
            RebuildResult::AfterNormalisation { method: method.0, removed: removed.0.len() }
        }
        (Outcome::IdenticalAfterNormalisation, None) => return Err(SHAPE.wrong("normalisation")),
    };
    let [original, rebuilt, provenance] = [wire.original, wire.rebuilt, wire.provenance].map(|one| one.digest.0);
    Ok(RebuildComparison { original, rebuilt, provenance, result })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    #[test]
    fn comparisons() {
        let ok = json!({
            "original": {"digest": {"sha256": "00"}},
            "rebuilt": {"digest": {"sha256": "11"}},
            "provenance": {"digest": {"sha256": "22"}},
            "result": "identical-after-normalisation",
            "normalisation": {
                "method": "urn:vidimus:normalise:authenticode:v1",
                "removed": [{"offset": 1_048_576, "length": 9216, "kind": "embedded-signature"}],
            },
            "more": true,
        });
        let with = |pointer: &str, value: Json| {
            let mut predicate = ok.clone();
            *predicate.pointer_mut(pointer).unwrap() = value;
            predicate
        };
        for (predicate, expected) in [
            (ok.clone(), "ok"),
            (with("/result", json!("identical")), "ok"),
            (with("/result", json!("different")), "ok"),
            (with("/result", json!("same")), "parse.malformed"),
            (with("/result", Json::Null), "parse.malformed"),
            (with("/original", json!({"uri": "urn:x"})), "parse.malformed"),
            (with("/rebuilt/digest", json!({})), "parse.malformed"),
            (with("/provenance", Json::Null), "parse.malformed"),
            (with("/normalisation", Json::Null), "parse.malformed"),
            (with("/normalisation/method", json!("")), "parse.malformed"),
            (with("/normalisation/removed", json!([])), "parse.malformed"),
            (with("/normalisation/removed/0/offset", json!(-1)), "parse.malformed"),
            (with("/normalisation/removed/0/length", json!(0)), "parse.malformed"),
            (with("/normalisation/removed/0/kind", Json::Null), "parse.malformed"),
            (with("/original", json!({"digest": {"sha256": "00"}, "uri": 7})), "parse.malformed"),
            (json!([]), "parse.malformed"),
        ] {
            let found = read(&predicate);
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{predicate}");
        }
        let method = "urn:vidimus:normalise:authenticode:v1".to_owned();
        assert_eq!(read(&ok).unwrap().result, RebuildResult::AfterNormalisation { method, removed: 1 });
    }
}
