//! SLSA provenance v1 and verification summary v1 (SLSA v1.2, `build-provenance.md`, `verification_summary.md`).
#![allow(dead_code, reason = "members are read to be held against their types")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::Shape;
use super::types::{Digests, Resource, Text, Time, Uri};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Provenance {
    build_definition: Definition,
    run_details: Run,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Definition {
    build_type: Uri,
    external_parameters: BTreeMap<String, Value>,
    internal_parameters: Option<BTreeMap<String, Value>>,
    resolved_dependencies: Option<Vec<Resource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Run {
    builder: Builder,
    metadata: Option<Metadata>,
    byproducts: Option<Vec<Resource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Builder {
    id: Uri,
    version: Option<BTreeMap<String, Text>>,
    builder_dependencies: Option<Vec<Resource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metadata {
    invocation_id: Option<Text>,
    started_on: Option<Time>,
    finished_on: Option<Time>,
}

impl Shape for Provenance {
    fn whole(&self) -> Result<(), String> {
        let metadata = self.run_details.metadata.as_ref();
        match metadata.map(|m| (m.started_on.as_ref(), m.finished_on.as_ref())) {
            Some((Some(start), Some(end))) if start.0 > end.0 => {
                Err("runDetails.metadata: it finished before it started".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Summary {
    verifier: Verifier,
    time_verified: Option<Time>,
    resource_uri: Uri,
    policy: Policy,
    input_attestations: Option<Vec<Input>>,
    verification_result: Outcome,
    verified_levels: Vec<Text>,
    dependency_levels: Option<BTreeMap<String, u64>>,
    slsa_version: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verifier {
    id: Uri,
    version: Option<BTreeMap<String, Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    uri: Uri,
    digest: Option<Digests>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    uri: Option<Uri>,
    digest: Digests,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Outcome {
    Passed,
    Failed,
}

impl Shape for Summary {
    fn whole(&self) -> Result<(), String> {
        let says_failed = self.verified_levels.iter().any(|level| level.0 == "FAILED");
        if says_failed == (self.verification_result == Outcome::Passed) && says_failed {
            return Err("verifiedLevels: FAILED beside a result that is PASSED".to_owned());
        }
        let mut tracks = BTreeSet::new();
        for level in &self.verified_levels {
            if let Some((track, _)) = vidimus::decode::slsa_level(&level.0)
                && !tracks.insert(track)
            {
                return Err(format!("verifiedLevels: two levels of the track {track}; the highest alone is stated"));
            }
        }
        Ok(())
    }
}
