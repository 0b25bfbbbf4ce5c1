//! `urn:vidimus:attestation:rebuild-comparison:v0.1`: a rebuilder's word that a build of its own is the delivered one but for a part
//! that cannot be rebuilt, such as an embedded signature. For equal bytes it is not needed: provenance with the same subject says
//! that. Members that the format does not have are ignored, as in every in-toto predicate; none of them could make it say more.

use serde_json::Value as Json;

use super::json::integer;
use super::shape::Shape;
use super::statement::digest_set;
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

/// JSON Schema (draft 2020-12) of the predicate, as producers are to write it.
#[must_use]
pub fn rebuild_schema() -> Json {
    let mut schema = schemars::schema_for!(form::Form);
    schema.insert("$id".to_owned(), Json::from(TYPE));
    schema.insert("title".to_owned(), Json::from("vidimus rebuild comparison, version 0.1"));
    schema.to_value()
}

/// The predicate as a type, for the schema alone.
#[allow(dead_code, reason = "the schema is made from it")]
mod form {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;

    /// What a rebuilder found when it compared its own build with the delivered one.
    #[derive(JsonSchema)]
    pub(super) struct Form {
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
    #[derive(JsonSchema)]
    pub(super) struct Descriptor {
        /// DigestSet: algorithm name to lower-case hex; at least one.
        #[schemars(extend("minProperties" = 1))]
        digest: BTreeMap<String, String>,
        /// For people.
        uri: Option<String>,
    }

    /// How the two builds compare.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "kebab-case")]
    pub(super) enum Outcome {
        /// The same bytes.
        Identical,
        /// The same bytes once the ranges are removed.
        IdenticalAfterNormalisation,
        /// Other bytes; never counted.
        Different,
    }

    /// What was removed, and how.
    #[derive(JsonSchema)]
    pub(super) struct Normalisation {
        /// A URI that names the method; counted only if the policy lists it.
        #[schemars(length(min = 3))]
        method: String,
        /// Every range of the original that was removed, at least one.
        #[schemars(length(min = 1))]
        removed: Vec<Removed>,
    }

    /// A range of bytes.
    #[derive(JsonSchema)]
    pub(super) struct Removed {
        /// From the start of the file.
        #[schemars(range(min = 0))]
        offset: u64,
        /// Bytes, at least one.
        #[schemars(range(min = 1))]
        length: u64,
        /// What stands there, such as `embedded-signature`.
        kind: String,
    }
}

pub(super) fn read(value: &Json) -> Result<RebuildComparison, Reason> {
    let predicate = SHAPE.object(value, "predicate")?;
    let descriptor =
        |member: &'static str| digest_set(SHAPE, SHAPE.need_map(SHAPE.need_map(predicate, member)?, "digest")?);
    let result = match SHAPE.need_text(predicate, "result")? {
        "identical" => RebuildResult::Identical,
        "identical-after-normalisation" => {
            let normalisation = SHAPE.need_map(predicate, "normalisation")?;
            let removed = SHAPE.list(normalisation, "removed")?;
            for range in removed {
                let range = SHAPE.object(range, "removed")?;
                SHAPE.need_text(range, "kind")?;
                integer(SHAPE.need(range, "offset")?, 0)?;
                integer(SHAPE.need(range, "length")?, 1)?;
            }
            if removed.is_empty() {
                return Err(SHAPE.wrong("removed"));
            }
            let method = SHAPE.need_text(normalisation, "method")?.to_owned();
            RebuildResult::AfterNormalisation { method, removed: removed.len() }
        }
        "different" => RebuildResult::Different,
        _ => return Err(SHAPE.wrong("result")),
    };
    Ok(RebuildComparison {
        original: descriptor("original")?,
        rebuilt: descriptor("rebuilt")?,
        provenance: descriptor("provenance")?,
        result,
    })
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
            (with("/normalisation/removed/0/offset", json!(-1)), "parse.strict"),
            (with("/normalisation/removed/0/length", json!(0)), "parse.strict"),
            (with("/normalisation/removed/0/kind", Json::Null), "parse.malformed"),
            (json!([]), "parse.malformed"),
        ] {
            let found = read(&predicate);
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{predicate}");
        }
        let method = "urn:vidimus:normalise:authenticode:v1".to_owned();
        assert_eq!(read(&ok).unwrap().result, RebuildResult::AfterNormalisation { method, removed: 1 });
    }
}
