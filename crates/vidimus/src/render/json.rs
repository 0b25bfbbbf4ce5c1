//! The verdict as one JSON file: `core`, `details`, `run` (DESIGN section 7, `docs/verdict.md`).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conclude::{Details, Verdict, VerdictCore};

/// A verdict as it is written. `core` is indented for people; its RFC 8785 form is what `core_sha256` is taken of, so any
/// canonicalising reader gets the same bytes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictFile {
    /// The deterministic record: a function of the inputs and its `semantics` alone.
    pub core: VerdictCore,
    /// sha256 (hex) of the RFC 8785 form of `core`. This is what people quote.
    pub core_sha256: String,
    /// sha256 (hex) that is equal for two parties who judged the same bytes under the same policy with the same results,
    /// whatever other evidence they had.
    pub decision_sha256: String,
    /// The lists that `core` commits to by digest.
    pub details: Details,
    /// The circumstances of this run. Nothing in `core` or `details` depends on them.
    pub run: Run,
}

/// The circumstances of a run; free, and never part of what is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The program.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// Was the instant of the verdict the clock's, or chosen?
    pub mode: Mode,
    /// When the run started, by the machine's clock. A replay does not read it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub started: String,
    /// What was replayed, in a replay.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replay: Option<Replay>,
    /// Evidence that was taken from beside the delivery, as the inventory calls it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub taken: Vec<String>,
    /// In which files each evidence item stood, by evidence id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub evidence_files: BTreeMap<String, Vec<String>>,
    /// sha256 (hex) of the file in which an evidence item stood, by evidence id, where that file was not delivered but lay beside.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub evidence_beside: BTreeMap<String, String>,
    /// What libraries said about evidence; wording that may change with their versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}

/// What a replay was of: the link from its verdict to the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// sha256 (hex) of the evidence archive.
    pub archive_sha256: String,
    /// `core_sha256` of the verdict in it.
    pub core_sha256: String,
    /// How far it reached: `L1` from the record of what was read, `L2` from the artifacts, `L4` under another time or policy.
    pub level: String,
}

/// How the instant of the verdict was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It is the machine's clock, read once.
    Live,
    /// It was given.
    AsOf,
    /// It is that of an evidence archive, or was given to judge that anew.
    Replay,
}

impl VerdictFile {
    /// The verdict with the circumstances of a run.
    #[must_use]
    pub fn of(verdict: &Verdict, run: &Run) -> Self {
        Self {
            core: verdict.core().clone(),
            core_sha256: verdict.core_sha256().hex().to_owned(),
            decision_sha256: verdict.decision_sha256().hex().to_owned(),
            details: verdict.details().clone(),
            run: run.clone(),
        }
    }
}

/// The verdict file: UTF-8, indented by two spaces, with a line end after the last brace.
#[must_use]
pub fn json(file: &VerdictFile) -> Vec<u8> {
    // These types hold no floats, no maps with other keys than strings and no failing serializers.
    let mut text = super::escape_json(&serde_json::to_string_pretty(file).unwrap_or_default());
    text.push('\n');
    text.into_bytes()
}

/// The JSON Schema of the verdict file, from its types.
#[must_use]
pub fn verdict_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(VerdictFile);
    schema.insert("$id".to_owned(), "urn:vidimus:schema:verdict:v1".into());
    schema.insert("title".to_owned(), "vidimus verdict".into());
    schema.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::digest::Digest;

    fn verdict() -> Verdict {
        let policy = crate::policy::Policy {
            id: "urn:example:intake".to_owned(),
            version: 1,
            title: None,
            window: crate::policy::Window::default(),
            closure: vec![("policy.toml".to_owned(), Digest::sha256(b"policy"))],
            sha256: Digest::sha256(b"closure"),
            parties: BTreeMap::new(),
            instances: BTreeMap::new(),
            identities: Vec::new(),
            authorities: BTreeMap::new(),
            witnesses: BTreeMap::new(),
            logs: BTreeMap::new(),
            quorums: BTreeMap::new(),
            grants: Vec::new(),
            classes: Vec::new(),
            delegations: Vec::new(),
            equivalences: Vec::new(),
            rules: Vec::new(),
            waiver_rules: crate::policy::WaiverRules::default(),
            waivers: Vec::new(),
            denials: Vec::new(),
            status_lists: BTreeMap::new(),
            limits: crate::limits::Limits::MAX,
            algorithms: crate::policy::Algorithms {
                digest_bind: vec![crate::digest::Algorithm::Sha256],
                signature: Vec::new(),
                sunset: Vec::new(),
            },
            formats: crate::policy::Formats::default(),
            predicates: crate::policy::default_predicates(),
        };
        let delivery = crate::read::Delivery::default();
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        crate::judge(&delivery, &policy, &crate::Request { at, product: None, recipient: None }).verdict
    }

    fn run(mode: Mode) -> Run {
        Run {
            tool: "vidimus".to_owned(),
            version: "0.1.0".to_owned(),
            mode,
            started: "2026-11-23T12:00:01Z".to_owned(),
            taken: Vec::new(),
            evidence_files: BTreeMap::new(),
            evidence_beside: BTreeMap::new(),
            replay: None,
            notes: vec!["a \"note\"".to_owned()],
        }
    }

    #[test]
    fn the_quoted_digest_is_that_of_the_canonical_core_in_the_file() {
        let verdict = verdict();
        let bytes = json(&VerdictFile::of(&verdict, &run(Mode::Live)));
        assert!(bytes.ends_with(b"}\n"));
        let file: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let core = serde_json_canonicalizer::to_vec(&file["core"]).unwrap();
        assert_eq!(core, verdict.core_json());
        assert_eq!(file["core_sha256"], Digest::sha256(&core).hex());
        assert_eq!(file["decision_sha256"], verdict.decision_sha256().hex());
        let read: VerdictFile = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&read.core, &read.details), (verdict.core(), verdict.details()));
    }

    #[test]
    fn the_run_changes_nothing_else() {
        let parts = |mode| -> serde_json::Value {
            let mut file: serde_json::Value =
                serde_json::from_slice(&json(&VerdictFile::of(&verdict(), &run(mode)))).unwrap();
            assert!(file.as_object_mut().unwrap().remove("run").is_some());
            file
        };
        assert_eq!(parts(Mode::Live), parts(Mode::AsOf));
    }

    #[test]
    fn the_schema_names_every_part() {
        let schema = verdict_schema();
        let parts: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(parts, ["core", "core_sha256", "decision_sha256", "details", "run"]);
        assert_eq!(schema["additionalProperties"], false);
    }
}
