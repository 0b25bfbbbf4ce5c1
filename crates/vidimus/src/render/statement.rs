//! A verdict as a statement that the operator's verifier can sign: SLSA verification summary v1, or in-toto simple verification
//! result v0.2. The bytes are unsigned; `vidimus sign` and `attest` sign them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::VerdictFile;
use super::json::Mode;
use crate::conclude::{Answer, Basis, SEMANTICS};
use crate::time::Time;

/// How far the clock may be from the instant of a verdict that is signed, in seconds.
const SKEW: i64 = 300;
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// What the operator says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// Its URI, as consumers know it; not the program's.
    pub id: &'a str,
    /// What the artifact is to the consumer; the requested product if not given.
    pub resource_uri: Option<&'a str>,
    /// The property that marks a pass with waivers; without it such a pass is refused.
    pub waived_property: Option<&'a str>,
}

/// Why a verdict is not made into a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a live run.
    #[error("only a live verdict is signed: this one is as of another time, or a replay (`verification.md` 4.4)")]
    NotLive,
    /// Nothing says what it is about.
    #[error("a verification summary names what was verified: ask for a `--product`, or give `--resource-uri`")]
    NoResource,
    /// No subject.
    #[error("no file was judged, so there is nothing that a statement could be about")]
    NoSubject,
    /// Rests on waivers.
    #[error("the pass rests on waivers; a consumer would not see that. Give `--waived-property` to mark it")]
    Waived,
    /// Not a pass.
    #[error("a simple verification result says what holds, and this verdict is a fail")]
    Fails,
}

/// The statement with a VSA, as RFC 8785 bytes.
///
/// # Errors
/// [`Refusal`].
pub fn vsa(file: &VerdictFile, verifier: &Verifier<'_>) -> Result<Vec<u8>, Refusal> {
    let marked = checked(file, verifier)?;
    let core = &file.core;
    let resource = verifier.resource_uri.or(core.request.product.as_deref()).ok_or(Refusal::NoResource)?;
    let levels = match core.verdict {
        Answer::Fail => vec!["FAILED".to_owned()],
        Answer::Pass => marked,
    };
    let predicate = json!({
        "verifier": {
            "id": verifier.id,
            "version": { "vidimus": file.run.version, "vidimus-semantics": SEMANTICS.to_string() },
        },
        "timeVerified": core.request.at,
        "resourceUri": resource,
        "policy": { "uri": core.inputs.policy.id, "digest": { "sha256": core.inputs.policy.sha256 } },
        "inputAttestations": inputs(file),
        "verificationResult": if core.verdict == Answer::Pass { "PASSED" } else { "FAILED" },
        "verifiedLevels": levels,
        "slsaVersion": "1.2",
        (crate::quorum::EXTENSION): {
            "digest": { "sha256": file.core_sha256 },
            "decision": { "sha256": file.decision_sha256 },
        },
    });
    Ok(statement(file, "https://slsa.dev/verification_summary/v1", predicate))
}

/// Every supporting item by the digest of the bytes in which it is stored, or none: an incomplete list would claim to be complete.
fn inputs(file: &VerdictFile) -> Vec<Json> {
    let delivered = file.details.inventory.files.iter().map(|entry| (entry.path.as_str(), entry.sha256.as_str()));
    let delivered: BTreeMap<&str, &str> = delivered.collect();
    let stored = |id: &str| {
        let inside =
            file.run.evidence_files.get(id).into_iter().flatten().find_map(|path| delivered.get(path.as_str()));
        inside.copied().or_else(|| file.run.evidence_beside.get(id).map(String::as_str))
    };
    let support = file.details.evidence.iter().filter(|item| item.used == "support");
    let stored: Option<BTreeSet<&str>> = support.map(|item| stored(&item.id)).collect();
    let input = |hex: &str| json!({ "uri": format!("urn:sha256:{hex}"), "digest": { "sha256": hex } });
    stored.unwrap_or_default().into_iter().map(input).collect()
}

/// The statement with an SVR, as RFC 8785 bytes.
///
/// # Errors
/// [`Refusal`].
pub fn svr(file: &VerdictFile, verifier: &Verifier<'_>) -> Result<Vec<u8>, Refusal> {
    let marked = checked(file, verifier)?;
    let core = &file.core;
    if core.verdict != Answer::Pass {
        return Err(Refusal::Fails);
    }
    let met: BTreeSet<String> = core.met.iter().map(|met| format!("VIDIMUS_RULE_{}", met.rule)).collect();
    let predicate = json!({
        "verifier": {
            "id": verifier.id,
            "policies": [{ "uri": core.inputs.policy.id, "digest": { "sha256": core.inputs.policy.sha256 } }],
        },
        "timeCreated": core.request.at,
        "properties": met.into_iter().chain(marked).collect::<Vec<String>>(),
    });
    Ok(statement(file, "https://in-toto.io/attestation/svr/v0.2", predicate))
}

/// May it be signed? Then the property that marks waivers, if it rests on any.
fn checked(file: &VerdictFile, verifier: &Verifier<'_>) -> Result<Vec<String>, Refusal> {
    let instant = |text: &str| text.parse::<Time>().ok().map(Time::second);
    let near = match (instant(&file.core.request.at), instant(&file.run.started)) {
        (Some(at), Some(started)) => at.abs_diff(started) <= SKEW.unsigned_abs(),
        _ => false,
    };
    if file.run.mode != Mode::Live || !near {
        return Err(Refusal::NotLive);
    }
    if file.core.subjects.is_empty() {
        return Err(Refusal::NoSubject);
    }
    match (file.core.basis, verifier.waived_property) {
        (Basis::ProvenWithWaivers, None) => Err(Refusal::Waived),
        (Basis::ProvenWithWaivers, Some(property)) => Ok(vec![property.to_owned()]),
        _ => Ok(Vec::new()),
    }
}

fn statement(file: &VerdictFile, predicate_type: &str, predicate: Json) -> Vec<u8> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for subject in &file.core.subjects {
        seen.insert(&subject.path, &subject.sha256);
    }
    let subjects: Vec<Json> =
        seen.into_iter().map(|(path, hex)| json!({ "name": path, "digest": { "sha256": hex } })).collect();
    let statement = json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": predicate,
    });
    serde_json_canonicalizer::to_vec(&statement).unwrap_or_default()
}
