//! What a verifier says about an artifact: the SLSA Verification Summary Attestation v1 (SLSA v1.2,
//! `verification_summary.md`) and the in-toto Simple Verification Result v0.2 (`spec/predicates/svr.md`) as one view.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::shape::Shape;
use super::statement::digest_set;
use crate::digest::DigestSet;
use crate::reason::Reason;
use crate::time::Time;

/// Predicate type of the verification summary, of every v1.x.
pub(crate) const VSA: &str = "https://slsa.dev/verification_summary/v1";
/// Predicate type of the simple verification result.
pub(crate) const SVR: &str = "https://in-toto.io/attestation/svr/v0.2";

/// A verification summary or a simple verification result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// `verifier.id`.
    pub verifier_id: String,
    /// `timeVerified` or `timeCreated`, as the verifier states it, without a fraction of a second.
    pub verified: Option<Time>,
    /// `resourceUri`; a simple verification result has none.
    pub resource: Option<String>,
    /// Digests of `policy`, or of each of `verifier.policies`. A policy without a digest is an empty set.
    pub policies: Vec<DigestSet>,
    /// `verificationResult` is `PASSED`. A simple verification result exists only for what passed.
    pub passed: bool,
    /// `verifiedLevels` or `properties`; of each SLSA track at most one level.
    pub levels: Vec<String>,
    /// `inputAttestations`, by digest; `None` when the verifier does not say.
    pub inputs: Option<Vec<DigestSet>>,
}

/// A level of a SLSA track, `SLSA_<TRACK>_LEVEL_<N>`: the track and the number.
#[must_use]
pub fn slsa_level(level: &str) -> Option<(&str, u8)> {
    let (track, number) = level.strip_prefix("SLSA_")?.split_once("_LEVEL_")?;
    let canonical = number == "0" || !number.starts_with('0');
    let digits = canonical && number.bytes().all(|b| b.is_ascii_digit());
    (!track.is_empty() && digits).then(|| number.parse().ok()).flatten().map(|number| (track, number))
}

pub(super) fn read_vsa(value: &Json) -> Result<Summary, Reason> {
    const SHAPE: Shape = Shape("verification summary");
    let predicate = SHAPE.object(value, "predicate")?;
    let verifier = SHAPE.need_map(predicate, "verifier")?;
    let policy = SHAPE.need_map(predicate, "policy")?;
    SHAPE.need_text(policy, "uri")?;
    let passed = match SHAPE.need_text(predicate, "verificationResult")? {
        "PASSED" => true,
        "FAILED" => false,
        _ => return Err(SHAPE.wrong("verificationResult")),
    };
    let levels = strings(SHAPE, predicate, "verifiedLevels")?;
    if !is_one_statement(&levels, passed) {
        return Err(SHAPE.wrong("verifiedLevels"));
    }
    let inputs = Shape::get(predicate, "inputAttestations").map(|_| {
        let inputs = SHAPE.list(predicate, "inputAttestations")?;
        let one = |input: &Json| {
            let digests = SHAPE.need_map(SHAPE.object(input, "inputAttestations")?, "digest")?;
            digest_set(SHAPE, digests)
        };
        inputs.iter().map(one).collect::<Result<Vec<_>, Reason>>()
    });
    Ok(Summary {
        verifier_id: SHAPE.need_text(verifier, "id")?.to_owned(),
        verified: time(SHAPE, predicate, "timeVerified")?,
        resource: Some(SHAPE.need_text(predicate, "resourceUri")?.to_owned()),
        policies: vec![digests(SHAPE, policy)?],
        passed,
        levels,
        inputs: inputs.transpose()?,
    })
}

pub(super) fn read_svr(value: &Json) -> Result<Summary, Reason> {
    const SHAPE: Shape = Shape("simple verification result");
    let predicate = SHAPE.object(value, "predicate")?;
    let verifier = SHAPE.need_map(predicate, "verifier")?;
    SHAPE.need(verifier, "policies")?;
    let policies = SHAPE.list(verifier, "policies")?.iter();
    let policies = policies.map(|policy| digests(SHAPE, SHAPE.object(policy, "policies")?));
    let verified = time(SHAPE, predicate, "timeCreated")?.ok_or_else(|| SHAPE.wrong("timeCreated"))?;
    let levels = strings(SHAPE, predicate, "properties")?;
    if !is_one_statement(&levels, true) {
        return Err(SHAPE.wrong("properties"));
    }
    Ok(Summary {
        verifier_id: SHAPE.need_text(verifier, "id")?.to_owned(),
        verified: Some(verified),
        resource: None,
        policies: policies.collect::<Result<_, _>>()?,
        passed: true,
        levels,
        inputs: None,
    })
}

/// At most one level of each track, and no `FAILED` beside a pass: a document that says two things says nothing.
fn is_one_statement(levels: &[String], passed: bool) -> bool {
    let mut tracks = BTreeSet::new();
    let one_of_each = levels.iter().filter_map(|level| slsa_level(level)).all(|(track, _)| tracks.insert(track));
    one_of_each && !(passed && levels.iter().any(|level| level == "FAILED"))
}

/// A list of strings that must be there; it may be empty.
fn strings(shape: Shape, map: &Map<String, Json>, member: &'static str) -> Result<Vec<String>, Reason> {
    shape.need(map, member)?;
    let text = |item: &Json| item.as_str().map(ToOwned::to_owned).ok_or_else(|| shape.wrong(member));
    shape.list(map, member)?.iter().map(text).collect()
}

/// `digest` of a resource descriptor; it is optional there.
fn digests(shape: Shape, descriptor: &Map<String, Json>) -> Result<DigestSet, Reason> {
    shape.map(descriptor, "digest")?.map_or_else(|| Ok(DigestSet::default()), |map| digest_set(shape, map))
}

/// An RFC 3339 time in UTC, its fraction cut off: that makes an old summary no younger.
fn time(shape: Shape, map: &Map<String, Json>, member: &'static str) -> Result<Option<Time>, Reason> {
    let Some(text) = shape.text(map, member)? else { return Ok(None) };
    Time::floor(text).map(Some).map_err(|_| shape.wrong(member))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    #[test]
    fn levels() {
        for (text, expected) in [
            ("SLSA_BUILD_LEVEL_3", Some(("BUILD", 3))),
            ("SLSA_SOURCE_LEVEL_0", Some(("SOURCE", 0))),
            ("SLSA_BUILD_LEVEL_UNEVALUATED", None),
            ("SLSA_BUILD_LEVEL_03", None),
            ("SLSA_BUILD_LEVEL_+3", None),
            ("SLSA_BUILD_LEVEL_", None),
            ("SLSA_BUILD_LEVEL_256", None),
            ("SLSA__LEVEL_3", None),
            ("SLSA_BUILD_REPRODUCED", None),
            ("ACME_LEVEL_3", None),
            ("FAILED", None),
        ] {
            assert_eq!(slsa_level(text), expected, "{text}");
        }
    }

    #[test]
    fn verification_summaries() {
        let ok = json!({
            "verifier": {"id": "https://lab.example/v1", "version": {"tool": "1"}},
            "timeVerified": "1985-04-12T23:20:50.52Z",
            "resourceUri": "pkg:generic/a@1",
            "policy": {"uri": "https://lab.example/policy", "digest": {"sha256": "00"}},
            "inputAttestations": [{"uri": "x", "digest": {"sha256": "11"}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_1", "LAB_REVIEWED"],
            "dependencyLevels": {},
            "slsaVersion": "1.2",
            "https://lab.example/more": 1,
        });
        let with = |member: &str, value: Json| {
            let mut summary = ok.clone();
            summary[member] = value;
            summary
        };
        for (summary, accepted) in [
            (ok.clone(), true),
            (with("timeVerified", Json::Null), true),
            (with("inputAttestations", Json::Null), true),
            (with("policy", json!({"uri": "x"})), true),
            (with("verifiedLevels", json!([])), true),
            (with("verificationResult", json!("FAILED")), true),
            (with("verificationResult", json!("passed")), false),
            (with("verificationResult", Json::Null), false),
            (with("verifiedLevels", Json::Null), false),
            (with("verifiedLevels", json!(["FAILED"])), false),
            (with("verifiedLevels", json!(["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2"])), false),
            (with("verifiedLevels", json!([3])), false),
            (with("policy", json!({"digest": {"sha256": "00"}})), false),
            (with("policy", Json::Null), false),
            (with("resourceUri", Json::Null), false),
            (with("resourceUri", json!("")), false),
            (with("verifier", json!({})), false),
            (with("timeVerified", json!("yesterday")), false),
            (with("timeVerified", json!("2026-01-01T00:00:00.Z")), false),
            (with("inputAttestations", json!([{"uri": "x"}])), false),
            (json!([]), false),
        ] {
            assert_eq!(read_vsa(&summary).is_ok(), accepted, "{summary}");
        }
        let read = read_vsa(&ok).unwrap();
        assert_eq!(read.verified.map(|t| t.to_string()).as_deref(), Some("1985-04-12T23:20:50Z"));
        assert_eq!(read.inputs.map(|inputs| inputs.len()), Some(1));
    }

    #[test]
    fn simple_verification_results() {
        let ok = json!({
            "verifier": {"id": "https://lab.example/v1", "policies": [{"uri": "x", "digest": {"sha256": "00"}}]},
            "timeCreated": "2024-03-15T14:22:00Z",
            "properties": ["SLSA_BUILD_LEVEL_3", "LAB_REVIEWED"],
        });
        let with = |pointer: &str, value: Json| {
            let mut result = ok.clone();
            *result.pointer_mut(pointer).unwrap() = value;
            result
        };
        for (result, accepted) in [
            (ok.clone(), true),
            (with("/verifier/policies", json!([])), true),
            (with("/properties", json!([])), true),
            (with("/properties", json!(["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2"])), false),
            (with("/properties", json!(["FAILED"])), false),
            (with("/verifier/policies", Json::Null), false),
            (with("/verifier/policies", json!(["x"])), false),
            (with("/verifier/id", Json::Null), false),
            (with("/timeCreated", Json::Null), false),
            (with("/properties", Json::Null), false),
        ] {
            assert_eq!(read_svr(&result).is_ok(), accepted, "{result}");
        }
    }
}
