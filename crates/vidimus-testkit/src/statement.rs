//! In-toto statements and the predicates that vidimus reads.

use serde_json::{Value, json};

use crate::dsse;
use crate::encode::{digest_set, json as text, set, sha256_hex};
use crate::key::Key;

/// `_type` of Statement v1.
pub const V1: &str = "https://in-toto.io/Statement/v1";
/// `_type` of Statement v0.1.
pub const V01: &str = "https://in-toto.io/Statement/v0.1";

/// A statement, v1 unless said otherwise.
#[derive(Clone, Debug)]
pub struct Statement {
    /// `_type`.
    pub statement_type: String,
    /// `subject`, in order.
    pub subjects: Vec<Value>,
    /// `predicateType`.
    pub predicate_type: String,
    /// `predicate`.
    pub predicate: Value,
}

impl Statement {
    /// A v1 statement without subjects.
    #[must_use]
    pub fn new(predicate_type: &str, predicate: Value) -> Self {
        Self {
            statement_type: V1.to_owned(),
            subjects: Vec::new(),
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// The same as Statement v0.1.
    #[must_use]
    pub fn v01(mut self) -> Self {
        V01.clone_into(&mut self.statement_type);
        self
    }

    /// Adds a subject by the SHA-256 of `bytes`.
    #[must_use]
    pub fn subject(self, name: &str, bytes: &[u8]) -> Self {
        self.subject_digest(name, digest_set(&["sha256"], bytes))
    }

    /// Adds a subject by several digests of `bytes` (`sha256`, `sha384`, `sha512`).
    #[must_use]
    pub fn subject_by(self, name: &str, algorithms: &[&str], bytes: &[u8]) -> Self {
        self.subject_digest(name, digest_set(algorithms, bytes))
    }

    /// Adds a subject with that DigestSet, such as `json!({"sha256": "…"})`.
    #[must_use]
    pub fn subject_digest(mut self, name: &str, digest: Value) -> Self {
        self.subjects.push(json!({"digest": digest, "name": name}));
        self
    }

    /// Changes the predicate at a JSON Pointer (see [`encode::set`](crate::encode::set)).
    #[must_use]
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        set(&mut self.predicate, pointer, value.into());
        self
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "_type": self.statement_type,
            "predicate": self.predicate,
            "predicateType": self.predicate_type,
            "subject": self.subjects,
        })
    }

    /// As bytes: the payload of its envelopes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        text(&self.json()).into_bytes()
    }

    /// In a DSSE envelope, signed by each key.
    #[must_use]
    pub fn envelope(&self, keys: &[&Key]) -> Value {
        dsse::envelope(dsse::IN_TOTO, &self.bytes(), keys)
    }

    /// The envelope as a file.
    #[must_use]
    pub fn envelope_bytes(&self, keys: &[&Key]) -> Vec<u8> {
        text(&self.envelope(keys)).into_bytes()
    }

    /// The in-toto release predicate v0.1.
    #[must_use]
    pub fn release(purl: &str) -> Self {
        Self::new("https://in-toto.io/attestation/release/v0.1", json!({"purl": purl}))
    }

    /// A verification summary (SLSA VSA v1) that passes, and rests on these files.
    #[must_use]
    pub fn vsa(verifier: &str, resource: &str, levels: &[&str], inputs: &[&[u8]]) -> Self {
        let sha256 = inputs.iter().map(|bytes| sha256_hex(bytes)).collect::<Vec<_>>();
        Self::vsa_citing(verifier, resource, levels, &sha256)
    }

    /// The same, resting on files with these digests (SHA-256).
    #[must_use]
    pub fn vsa_citing(verifier: &str, resource: &str, levels: &[&str], sha256: &[String]) -> Self {
        let cited: Vec<Value> = sha256.iter().map(|sha256| json!({"digest": {"sha256": sha256}})).collect();
        let predicate = json!({
            "inputAttestations": cited,
            "policy": {"uri": format!("{verifier}/policy")},
            "resourceUri": resource,
            "timeVerified": "2026-11-02T08:00:00Z",
            "verificationResult": "PASSED",
            "verifiedLevels": levels,
            "verifier": {"id": verifier},
        });
        Self::new("https://slsa.dev/verification_summary/v1", predicate)
    }

    /// PyPI's publish attestation v1: an empty predicate.
    #[must_use]
    pub fn pypi_publish() -> Self {
        Self::new("https://docs.pypi.org/attestations/publish/v1", Value::Null)
    }

    /// npm's publish attestation v0.1, a Statement v0.1 by its registry.
    #[must_use]
    pub fn npm_publish(name: &str, version: &str) -> Self {
        let predicate = json!({"name": name, "registry": "https://registry.npmjs.org", "version": version});
        Self::new("https://github.com/npm/attestation/tree/main/specs/publish/v0.1", predicate).v01()
    }

    /// A CycloneDX document as predicate.
    #[must_use]
    pub fn cyclonedx(document: Value) -> Self {
        Self::new("https://cyclonedx.org/bom", document)
    }

    /// An SPDX document as predicate.
    #[must_use]
    pub fn spdx(document: Value) -> Self {
        Self::new("https://spdx.dev/Document/v2.3", document)
    }
}

/// SLSA provenance of a GitHub-like build.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// Who built: `builder.id`.
    pub builder: String,
    /// `buildType` of the v1 form.
    pub build_type: String,
    /// `https://github.com/OWNER/NAME`.
    pub repository: String,
    /// `refs/tags/v1`.
    pub reference: String,
    /// Path of the workflow in the repository.
    pub path: String,
    /// The commit, 40 hex digits.
    pub commit: String,
    /// What started the build, such as `push`.
    pub trigger: String,
}

impl Provenance {
    /// A build of that repository (`owner/name`) at that ref on GitHub's own runners, from `.github/workflows/release.yml`.
    #[must_use]
    pub fn github(repository: &str, reference: &str) -> Self {
        Self {
            builder: "https://github.com/actions/runner/github-hosted".to_owned(),
            build_type: "https://actions.github.io/buildtypes/workflow/v1".to_owned(),
            repository: format!("https://github.com/{repository}"),
            reference: reference.to_owned(),
            path: ".github/workflows/release.yml".to_owned(),
            commit: sha256_hex(format!("{repository}@{reference}").as_bytes())[..40].to_owned(),
            trigger: "push".to_owned(),
        }
    }

    /// A build of that repository at that ref by a rebuilder.
    #[must_use]
    pub fn rebuild(rebuilder: &str, build_type: &str, repository: &str, reference: &str) -> Self {
        Self {
            builder: format!("https://{rebuilder}.example/rebuilder/v1"),
            build_type: build_type.to_owned(),
            ..Self::github(repository, reference)
        }
    }

    /// The same build by another `builder.id`.
    #[must_use]
    pub fn builder(mut self, id: &str) -> Self {
        id.clone_into(&mut self.builder);
        self
    }

    /// The workflow's identity in certificates: repository, path and ref.
    #[must_use]
    pub fn workflow_uri(&self) -> String {
        format!("{}/{}@{}", self.repository, self.path, self.reference)
    }

    /// As SLSA provenance v1 in a Statement v1.
    #[must_use]
    pub fn v1(&self) -> Statement {
        let predicate = json!({
            "buildDefinition": {
                "buildType": self.build_type,
                "externalParameters": {
                    "workflow": {"path": self.path, "ref": self.reference, "repository": self.repository},
                },
                "internalParameters": {
                    "github": {
                        "event_name": self.trigger,
                        "repository_id": "1000",
                        "repository_owner_id": "10",
                        "runner_environment": "github-hosted",
                    },
                },
                "resolvedDependencies": [{
                    "digest": {"gitCommit": self.commit},
                    "uri": format!("git+{}@{}", self.repository, self.reference),
                }],
            },
            "runDetails": {
                "builder": {"id": self.builder},
                "metadata": {"invocationId": format!("{}/actions/runs/1/attempts/1", self.repository)},
            },
        });
        Statement::new("https://slsa.dev/provenance/v1", predicate)
    }

    /// As SLSA provenance v0.2 in a Statement v0.1.
    #[must_use]
    pub fn v02(&self) -> Statement {
        let source = json!({
            "digest": {"sha1": self.commit},
            "uri": format!("git+{}@{}", self.repository, self.reference),
        });
        let mut config = source.clone();
        set(&mut config, "/entryPoint", self.path.as_str().into());
        let predicate = json!({
            "buildType": "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
            "builder": {"id": self.builder},
            "invocation": {
                "configSource": config,
                "environment": {"github_event_name": self.trigger, "github_ref": self.reference},
                "parameters": {},
            },
            "materials": [source],
            "metadata": {
                "buildInvocationID": "1-1",
                "completeness": {"environment": false, "materials": false, "parameters": true},
                "reproducible": false,
            },
        });
        Statement::new("https://slsa.dev/provenance/v0.2", predicate).v01()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_pinned() {
        let provenance = Provenance::github("example/widget", "refs/tags/v1.2.3");
        for (statement, digest) in [
            (
                provenance.v1().subject("widget", b"bytes"),
                "5837222d0fac90cbde0d63b3b2de4880e7f1c2fd809da179ec272218c931ebf6",
            ),
            (
                provenance.v02().subject("widget", b"bytes"),
                "8f6962187aa1eab302cafb3380f7f561863f9089936e0f0f8ff680c845bab0da",
            ),
            (
                Statement::release("pkg:generic/widget@1"),
                "6f1cd0f3e159b6c4858ba35149d58df51b6616d50b62ff1f2c4346844d4429c1",
            ),
            (
                Statement::pypi_publish().subject_by("w.whl", &["sha256", "sha512"], b""),
                "56cc167de20e1481fedf68aa6ae51d948b1a8c9041bacd34831a9b9846a11287",
            ),
            (
                Statement::npm_publish("w", "1").with("/version", "2"),
                "c649efe3db888ecdaa911a74607cfbe5b450f46ef57e6d645fa240c437f2ef2d",
            ),
        ] {
            assert_eq!(sha256_hex(&statement.bytes()), digest, "{}", text(&statement.json()));
        }
    }
}
