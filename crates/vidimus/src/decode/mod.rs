//! Decode: untrusted bytes become envelopes, statements and SBOMs, or stay ordinary files. Nothing here is believed yet.
//!
//! A file is recognised by content, never by name. Every reader is bounded and strict (`verification.md` 1.3).

use serde_json::Value as Json;

use crate::digest::{Digest, DigestSet};
use crate::reason::Reason;

/// What a document turned out to be.
#[derive(Clone, Debug)]
pub enum Content {
    /// Not evidence: a file like any other.
    Ordinary,
    /// Looks like evidence and cannot be read; a file like any other, and a reason that is listed.
    Refused(Reason),
    /// One or more signed items: bundles or envelopes.
    Signed(Vec<SignedItem>),
    /// An SBOM document.
    Sbom(Box<Sbom>),
    /// An in-toto statement without any signature: never evidence.
    UnsignedStatement(Box<Statement>),
    /// A Sigstore trusted root: never trust when it comes with a delivery.
    TrustedRoot,
}

/// One bundle or envelope of a document.
#[derive(Clone, Debug)]
pub struct SignedItem {
    /// Position in the document, from 0 (line of a `.jsonl`, element of an array).
    pub index: usize,
    /// Its identity: sha256(PAE) for DSSE, sha256 of the item's raw bytes otherwise. Never of signature bytes.
    pub id: Digest,
    /// How it is signed, or why it cannot be read.
    pub envelope: Result<Envelope, Reason>,
}

/// How an item is signed.
#[derive(Clone, Debug)]
pub enum Envelope {
    /// A bare DSSE envelope, one or more signatures.
    Dsse(Dsse),
    /// A Sigstore bundle.
    Bundle(Bundle),
}

/// A DSSE envelope (`secure-systems-lab/dsse`, protocol and envelope 1.0).
#[derive(Clone, Debug)]
pub struct Dsse {
    /// `payloadType`.
    pub payload_type: String,
    /// The decoded payload: the bytes that are verified are the bytes that are parsed.
    pub payload: Vec<u8>,
    /// Signatures, at least one. `keyid` is never used for a decision, so it is not kept.
    pub signatures: Vec<Vec<u8>>,
    /// What the payload says.
    pub statement: Result<Box<Statement>, Reason>,
}

impl Dsse {
    /// The bytes that are signed: the pre-authentication encoding.
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }
}

/// `PAE(type, body)` of DSSE 1.0.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// A Sigstore bundle, structurally checked. Cryptography happens in `authenticate::sigstore`.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Minor version of `0.N`.
    pub version: u8,
    /// The bundle as JSON text for the verifier (rebuilt for PEP 740 objects).
    pub json: String,
    /// What it carries for verification.
    pub material: Material,
    /// What is signed.
    pub content: BundleContent,
}

/// Verification material of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// A certificate, DER.
    Certificate(Vec<u8>),
    /// A managed key; the hint decides nothing.
    PublicKey,
}

/// What a bundle signs.
#[derive(Clone, Debug)]
pub enum BundleContent {
    /// A DSSE envelope with exactly one signature.
    Dsse(Dsse),
    /// A signature over a file. The digest is a claim until the signature is verified against it.
    Message {
        /// `messageDigest`.
        digest: Digest,
        /// The signature.
        signature: Vec<u8>,
    },
}

/// An in-toto Statement v0.1 or v1.
#[derive(Clone, Debug)]
pub struct Statement {
    /// `_type`, one of the two exact URIs.
    pub statement_type: String,
    /// `subject`, at least one.
    pub subjects: Vec<Subject>,
    /// `predicateType`.
    pub predicate_type: String,
    /// What we understand of the predicate.
    pub predicate: Predicate,
}

/// One subject of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `name`; it never binds.
    pub name: String,
    /// `digest`.
    pub digest: DigestSet,
}

/// A predicate that we read, or the fact that we do not.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// SLSA provenance v0.2 or v1.
    Provenance(Box<Provenance>),
    /// Our delivery statement.
    Delivery(DeliveryPredicate),
    /// The in-toto release predicate.
    Release(ReleasePredicate),
    /// An SBOM as predicate. Boxed result: an unreadable one is a reason.
    Sbom(Box<Sbom>),
    /// A predicate of a type that no check of ours reads.
    Opaque,
    /// A predicate of a type that we read, in a shape that it must not have.
    Refused(Reason),
}

/// SLSA provenance, the same view for v0.2 and v1.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// v1: `runDetails.builder.id`; v0.2: `builder.id`.
    pub builder_id: String,
    /// v1: `buildDefinition.buildType`; v0.2: `buildType`.
    pub build_type: String,
    /// v1: `buildDefinition.externalParameters`; v0.2: `{configSource, parameters}` of `invocation`.
    pub external_parameters: Json,
    /// Every place in which the provenance names the source that was built: v1 `externalParameters.workflow` of the GitHub
    /// build type and the first of `resolvedDependencies` that is a git URI; v0.2 `invocation.configSource`.
    pub sources: Vec<Source>,
    /// The event that started the build, if stated (`internalParameters.github.event_name`, v0.2
    /// `invocation.environment.github_event_name`).
    pub trigger: Option<String>,
}

/// A source as provenance names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Repository URI without `git+` and without `@ref`.
    pub repository: String,
    /// The ref (`refs/heads/main`), if stated.
    pub reference: Option<String>,
    /// The commit (`gitCommit`, or `sha1` of v0.2), if stated.
    pub commit: Option<String>,
}

/// `urn:vidimus:attestation:delivery:v0.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPredicate {
    /// Package URL of what is delivered.
    pub product: String,
    /// Grows with every delivery of the product.
    pub sequence: u64,
    /// For whom, if for one recipient.
    pub recipient: Option<String>,
    /// Evidence that belongs to the delivery: (path, digests).
    pub evidence: Vec<(String, DigestSet)>,
}

/// `https://in-toto.io/attestation/release/v0.1` and `v0.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasePredicate {
    /// Package URL of the release.
    pub purl: String,
}

/// An SBOM as far as joining needs it.
#[derive(Clone, Debug)]
pub struct Sbom {
    /// `cyclonedx-1.6+json`, `spdx-2.3+json`, …
    pub format: String,
    /// What the SBOM is about.
    pub root: Option<Component>,
    /// Every other component, in document order.
    pub components: Vec<Component>,
    /// (from, kind, to) by component reference, in document order.
    pub relationships: Vec<(String, String, String)>,
}

/// One component of an SBOM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// `bom-ref` or `SPDXID`.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Version, if stated.
    pub version: Option<String>,
    /// Package URL, if stated.
    pub purl: Option<String>,
    /// Supplier's name, if stated.
    pub supplier: Option<String>,
    /// Hashes.
    pub digests: DigestSet,
}

/// Recognises a document by content and decodes it.
#[must_use]
pub fn document(_bytes: &[u8], _limits: &crate::limits::Limits) -> Content {
    Content::Ordinary
}

/// Every algorithm that digests in `content` use and that we can compute: what files must be hashed with.
#[must_use]
pub fn algorithms(_content: &Content) -> std::collections::BTreeSet<crate::digest::Algorithm> {
    std::collections::BTreeSet::new()
}

/// SBOM components that a signed item carries, for the budget.
#[must_use]
pub fn components_of(item: &SignedItem) -> u64 {
    let dsse = match &item.envelope {
        Ok(Envelope::Dsse(dsse)) => dsse,
        Ok(Envelope::Bundle(Bundle { content: BundleContent::Dsse(dsse), .. })) => dsse,
        _ => return 0,
    };
    match dsse.statement.as_deref() {
        Ok(Statement { predicate: Predicate::Sbom(sbom), .. }) => sbom.components.len() as u64,
        _ => 0,
    }
}
