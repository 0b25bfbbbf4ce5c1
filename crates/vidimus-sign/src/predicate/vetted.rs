//! Predicates of the in-toto attestation framework (`spec/predicates/`): release, test-result, vulns, reference.
#![allow(dead_code, reason = "members are read to be held against their types")]

use serde::Deserialize;
use serde_json::Value;

use super::Shape;
use super::types::{Digests, Purl, Resource, Some1, Text, Time, Uri};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Release {
    purl: Purl,
    release_id: Option<Text>,
}

impl Shape for Release {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TestResult {
    result: Outcome,
    configuration: Vec<Resource>,
    url: Option<Uri>,
    passed_tests: Option<Vec<Text>>,
    warned_tests: Option<Vec<Text>>,
    failed_tests: Option<Vec<Text>>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Outcome {
    Passed,
    Warned,
    Failed,
}

impl Shape for TestResult {
    fn whole(&self) -> Result<(), String> {
        let failed = self.failed_tests.as_ref().is_some_and(|tests| !tests.is_empty());
        if failed && self.result != Outcome::Failed {
            return Err("failedTests: tests failed, and the result is not FAILED".to_owned());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vulns {
    scanner: Scanner,
    metadata: Scan,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scanner {
    uri: Uri,
    version: Option<Text>,
    db: Option<Database>,
    result: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Database {
    uri: Option<Uri>,
    version: Option<Text>,
    last_update: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    id: Text,
    severity: Option<Vec<Severity>>,
    annotations: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Severity {
    method: Text,
    score: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Scan {
    scan_started_on: Time,
    scan_finished_on: Time,
}

impl Shape for Vulns {
    fn whole(&self) -> Result<(), String> {
        if self.metadata.scan_started_on.0 > self.metadata.scan_finished_on.0 {
            return Err("metadata: the scan finished before it started".to_owned());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    attester: Attester,
    references: Some1<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attester {
    id: Text,
}

// The specification does not ask for a digest; vidimus ignores references without one, so none is signed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document {
    download_location: Uri,
    digest: Digests,
    media_type: Text,
}

impl Shape for Reference {}
