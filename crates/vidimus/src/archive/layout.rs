//! The documents of an archive: what is in it, and the OCI index and manifest around that. Index and manifest follow from the
//! contents and the sizes of blobs, so a reader makes them again and compares.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ArchiveError;
use crate::conclude::CoreRequest;
use crate::digest::Digest;

/// `schema` of every table of contents.
pub(super) const SCHEMA: &str = "urn:vidimus:archive:v1";

/// The member that says what this is, and its only bytes.
pub(super) const LAYOUT: (&str, &[u8]) = ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
/// The member that everything starts from.
pub(super) const INDEX: &str = "index.json";
/// Where blobs are.
pub(super) const BLOBS: &str = "blobs/sha256/";

const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const ARCHIVE_TYPE: &str = "application/vnd.vidimus.archive.v1+json";

/// What is in an archive, by role. Digests are sha256 in hex, of blobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Always `urn:vidimus:archive:v1`.
    pub schema: String,
    /// Number of the evaluation semantics.
    pub semantics: u64,
    /// What was asked.
    pub request: CoreRequest,
    /// The verdict core.
    pub core: String,
    /// `decision_sha256` of the verdict.
    pub decision_sha256: String,
    /// The details of the verdict.
    pub details: String,
    /// The circumstances of the run, without the time at which it started.
    pub run: String,
    /// What was read.
    pub reading: String,
    /// The policy.
    pub policy: PolicyIndex,
    /// The anchor with the signatures over the policy, where one was named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub anchor: Option<AnchorIndex>,
    /// Documents and kept files, sorted: every piece of evidence, also what was rejected.
    pub evidence: Vec<String>,
    /// What was read of the operator's status lists, where some were named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// The operator's state, where one was named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// The delivered files, sorted, where the archive has them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifacts: Option<Vec<String>>,
}

/// The files of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyIndex {
    /// The policy file itself.
    pub main: String,
    /// It and every file that it names: digest by path.
    pub files: BTreeMap<String, String>,
}

/// The anchor and the signatures of roles over the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorIndex {
    /// The anchor itself.
    pub main: String,
    /// Signatures beside the policy: digest by file name.
    pub signatures: BTreeMap<String, String>,
}

impl Contents {
    /// Digests of all blobs that this names, with their media types. Where one blob has several roles, the first counts.
    fn blobs(&self) -> BTreeMap<&str, &'static str> {
        let mut all = BTreeMap::new();
        let mut add = |digest, media_type| {
            all.entry(digest).or_insert(media_type);
        };
        add(self.core.as_str(), "application/vnd.vidimus.verdict-core.v1+json");
        add(&self.details, "application/vnd.vidimus.verdict-details.v1+json");
        add(&self.run, "application/vnd.vidimus.run.v1+json");
        add(&self.reading, "application/vnd.vidimus.reading.v1+json");
        self.status.iter().for_each(|digest| add(digest, "application/vnd.vidimus.reading.v1+json"));
        self.state.iter().for_each(|digest| add(digest, "application/vnd.vidimus.state.v1+json"));
        self.policy.files.values().for_each(|digest| add(digest, "application/vnd.vidimus.policy-file"));
        self.anchor.iter().for_each(|anchor| add(&anchor.main, "application/vnd.vidimus.anchor"));
        let signatures = self.anchor.iter().flat_map(|anchor| anchor.signatures.values());
        signatures.for_each(|digest| add(digest, "application/vnd.vidimus.policy-signature"));
        self.evidence.iter().for_each(|digest| add(digest, "application/vnd.vidimus.evidence"));
        self.artifacts.iter().flatten().for_each(|digest| add(digest, "application/vnd.vidimus.artifact"));
        all
    }
}

/// The documents around the blobs.
pub(super) struct Envelope {
    /// The table of contents: the manifest's config.
    pub(super) contents: Vec<u8>,
    /// The manifest.
    pub(super) manifest: Vec<u8>,
    /// `index.json`.
    pub(super) index: Vec<u8>,
    /// Digests of every blob, the above included.
    pub(super) blobs: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Descriptor {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    artifact_type: Option<String>,
    pub(super) digest: String,
    pub(super) media_type: String,
    pub(super) size: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Manifest {
    artifact_type: String,
    pub(super) config: Descriptor,
    layers: Vec<Descriptor>,
    media_type: String,
    schema_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OciIndex {
    pub(super) manifests: Vec<Descriptor>,
    media_type: String,
    schema_version: u64,
}

/// RFC 8785. Our documents hold no floats and no maps with other keys than strings.
pub(super) fn canonical(value: &impl Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}

/// Makes the documents around `contents`. `size` gives that of each blob.
pub(super) fn envelope(contents: &Contents, size: impl Fn(&str) -> Option<u64>) -> Result<Envelope, ArchiveError> {
    let descriptor = |hex: &str, media_type: &str, size| Descriptor {
        artifact_type: None,
        digest: format!("sha256:{hex}"),
        media_type: media_type.to_owned(),
        size,
    };
    let mut blobs = BTreeSet::new();
    let mut layers = Vec::new();
    for (digest, media_type) in contents.blobs() {
        let size =
            size(digest).ok_or_else(|| ArchiveError::corrupt(format!("{BLOBS}{digest}"), "this member is missing"))?;
        layers.push(descriptor(digest, media_type, size));
        blobs.insert(digest.to_owned());
    }
    let contents = canonical(contents);
    let config = Digest::sha256(&contents).hex().to_owned();
    let manifest = canonical(&Manifest {
        artifact_type: ARCHIVE_TYPE.to_owned(),
        config: descriptor(&config, ARCHIVE_TYPE, contents.len() as u64),
        layers,
        media_type: MANIFEST_TYPE.to_owned(),
        schema_version: 2,
    });
    let named = Digest::sha256(&manifest).hex().to_owned();
    let mut entry = descriptor(&named, MANIFEST_TYPE, manifest.len() as u64);
    entry.artifact_type = Some(ARCHIVE_TYPE.to_owned());
    let index = canonical(&OciIndex { manifests: vec![entry], media_type: INDEX_TYPE.to_owned(), schema_version: 2 });
    blobs.extend([config, named]);
    Ok(Envelope { contents, manifest, index, blobs })
}
