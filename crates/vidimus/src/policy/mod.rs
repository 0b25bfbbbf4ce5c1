//! The policy: who exists, what they may say, and what must be shown. Everything here was validated when it was loaded;
//! no half-valid policy exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::keys::SignatureAlgorithm;
use crate::authenticate::note::NoteKey;
use crate::digest::{Algorithm, Digest};
use crate::limits::Limits;
use crate::profile::{OwnProfile, Profile};
use crate::reason::Accountable;
use crate::time::Time;

pub mod anchor;
pub mod certification;
pub mod chain;
pub mod check;
pub mod exception;
pub mod explain;
pub mod identity;
pub mod independence;
pub mod knowledge;
pub mod layout;
pub mod lint;
pub mod load;
pub mod origin;
mod packing;
pub mod product;
pub mod schema;
pub mod service;
pub mod template;
pub mod verifier;
pub mod vulns;

pub use anchor::{Anchor, Anchored};
pub use certification::{AcceptedScheme, Accreditation, CertificationBind, CertificationCheck, Equivalence};
pub use chain::{
    ComponentsCheck, Delegation, Exclude, LeafBudget, Lenient, Need, Proof, QuorumCheck, Raise, SourceCheck,
};
pub use check::{
    Check, Expect, InventoryCheck, Parameters, ProvenanceCheck, ReleaseCheck, RepositoryMatch, SbomCheck,
    SbomCompletenessCheck, Scalar,
};
pub use exception::{Denied, Deny, Waiver, WaiverRules};
pub use explain::explain;
pub use identity::{Identity, IdentityKind, San, SanKind, SanMatch, X509Identity};
pub use knowledge::{RollbackCheck, StatusCheck, StatusListPolicy};
pub use layout::LayoutCheck;
pub use lint::{Lint, lint};
pub(crate) use packing::{Needs, packing_with};

pub use load::{LoadError, LoadErrors, PolicyFiles, load, load_with_files};
pub use origin::{Axis, OriginCheck, Region, Strength};
pub use product::{Product, ProductError, ProductPattern, Purl};
pub use schema::{anchor_schema, schema};
pub use service::{AppliesTo, Log, LogKey, Quorum, QuorumKind, TimeAuthority, TransparencyCheck, TrustedTimeCheck};
pub use template::{TemplateError, TemplateInfo, init, templates};
pub use verifier::{ResourceMatch, TrackCap, VerifierGrant, VsaCheck};
pub use vulns::VulnsCheck;

/// A loaded policy (`schema = "urn:vidimus:policy:v1"`).
#[derive(Clone, Debug)]
pub struct Policy {
    /// `id`, a URN.
    pub id: String,
    /// `version`, from 1.
    pub version: u64,
    /// `title`, for people.
    pub title: Option<String>,
    /// The window in which the policy may be used, inclusive, compared with the request's `at`.
    pub window: Window,
    /// (path relative to the policy file's folder, sha256 of the file), sorted: the policy file and every file it names.
    pub closure: Vec<(String, Digest)>,
    /// sha256 of the canonical JSON of `closure`; what a verdict quotes.
    pub sha256: Digest,
    /// `[party]` by id.
    pub parties: BTreeMap<String, Party>,
    /// `[instance]` by name.
    pub instances: BTreeMap<String, Instance>,
    /// `[[identity]]`, in file order; ids are unique and no public key stands twice.
    pub identities: Vec<Identity>,
    /// `[tsa]` by party.
    pub authorities: BTreeMap<String, TimeAuthority>,
    /// `[witness]` by party.
    pub witnesses: BTreeMap<String, NoteKey>,
    /// `[log]` by name.
    pub logs: BTreeMap<String, Log>,
    /// `[quorum]` by name.
    pub quorums: BTreeMap<String, Quorum>,
    /// `[[grant]]`, in file order.
    pub grants: Vec<Grant>,
    /// `[[class]]`, in file order; empty when the policy has none. Otherwise exactly one has `default`.
    pub classes: Vec<Class>,
    /// `[[rule]]`, in file order; never empty.
    pub rules: Vec<Rule>,
    /// `[waiver_rules]`.
    pub waiver_rules: WaiverRules,
    /// `[[waiver]]`, in file order.
    pub waivers: Vec<Waiver>,
    /// `[[deny]]`, in file order.
    pub denials: Vec<Deny>,
    /// `[status_list]` by name.
    pub status_lists: BTreeMap<String, StatusListPolicy>,
    /// `[[delegation]]`, in file order.
    pub delegations: Vec<Delegation>,
    /// `[[equivalence]]`, in file order.
    pub equivalences: Vec<Equivalence>,
    /// `[limits]`, at most the built-in ceilings.
    pub limits: Limits,
    /// `[algorithms]`.
    pub algorithms: Algorithms,
    /// `[formats]`.
    pub formats: Formats,
    /// Predicate aliases → exact predicate type URIs.
    pub predicates: BTreeMap<String, Vec<String>>,
}

/// A span of time, both ends inclusive; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Option<Time>,
    /// Not after.
    pub until: Option<Time>,
}

impl Window {
    /// Is `t` inside?
    #[must_use]
    pub fn contains(self, t: Time) -> bool {
        self.from.is_none_or(|f| f <= t) && self.until.is_none_or(|u| t <= u)
    }
}

/// Someone who exists.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its id in the policy.
    pub id: String,
    /// `name`, for people.
    pub name: String,
    /// `kind`: vendor, supplier, operator, laboratory, certification-body, rebuilder, witness, tsa.
    pub kind: String,
    /// ISO 3166-1 alpha-2 codes, upper case, at least one.
    pub jurisdictions: Vec<String>,
    /// Owners, by party id; acyclic.
    pub controlled_by: Vec<String>,
    /// Who holds its signing keys, by party id.
    pub hosted_by: Vec<String>,
    /// Products that are its own.
    pub products: Vec<ProductPattern>,
    /// What it is recognised to be able to do.
    pub accreditation: Option<Accreditation>,
}

/// A Sigstore instance: a trusted root pinned by digest.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name in the policy.
    pub name: String,
    /// Path of the trusted root, relative to the policy.
    pub path: String,
    /// The trusted root's bytes, already checked against the pinned digest.
    pub trusted_root: Vec<u8>,
    /// Its sha256.
    pub sha256: Digest,
}

/// What identities may say.
#[derive(Clone, Debug)]
pub struct Grant {
    /// `id`, or `grant-N` by position from 1.
    pub id: String,
    /// Identity ids, at least one.
    pub identities: Vec<String>,
    /// As written in `may`: aliases or URIs, at least one.
    pub may: Vec<String>,
    /// The predicate types that `may` resolves to.
    pub predicate_types: BTreeSet<String>,
    /// `may` has `file`: a plain signature over a file.
    pub file: bool,
    /// `may` has `sbom`: also a plain signature over an SBOM document.
    pub sbom: bool,
    /// `may` has `vex`: also a plain signature over a VEX document, and what its SBOMs say about vulnerabilities.
    pub vex: bool,
    /// `may` has `layout`: layouts of in-toto.
    pub layout: bool,
    /// About which products; `None` is every product, and a caveat in the verdict.
    pub products: Option<Vec<ProductPattern>>,
    /// About revisions of which source repositories: URIs that end at a `/`, or one repository.
    pub repositories: Vec<String>,
    /// (signer, builder) pairs with the highest build level that each is trusted to.
    pub builders: Vec<BuilderGrant>,
    /// Accepted build types; empty accepts every one.
    pub build_types: Vec<String>,
    /// (signer, verifier) pairs for verification summaries.
    pub verifiers: Vec<VerifierGrant>,
    /// Schemes under which certificates count; empty counts each.
    pub schemes: Vec<String>,
    /// How far summaries are believed on each SLSA track; on others as far as they say.
    pub track_caps: Vec<TrackCap>,
}

/// One builder that a signer may speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuilderGrant {
    /// `builder.id`, exact.
    pub id: String,
    /// The one identity of the grant that may; `None` is each of them.
    pub identity: Option<String>,
    /// SLSA build level 0 to 4 that it is trusted to at most.
    pub max_level: u8,
}

/// A class of nodes; the first that matches wins.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its id.
    pub id: String,
    /// Which nodes it can hold.
    pub role: Role,
    /// Products it holds; empty holds every product.
    pub products: Vec<ProductPattern>,
    /// The class of what matches no other.
    pub default: bool,
    /// What an SBOM says that adds its rules.
    pub raise_if: Option<Raise>,
    /// Its rules are milder than the default's, so that only proof leads into it.
    pub lenient: Option<Lenient>,
}

/// Which nodes a class can hold (DESIGN ruling 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Files of the delivery.
    TopLevel,
    /// Archive members and SBOM components.
    Component,
    /// Either.
    Any,
}

/// One requirement.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// The classes it applies to; `None` applies to every artifact.
    pub classes: Option<Vec<String>>,
    /// Overrides who must act.
    pub accountable: Option<Accountable>,
    /// `title`, for people.
    pub title: Option<String>,
    /// `refs`: the standards it comes from.
    pub refs: Vec<String>,
    /// `mandated_by`: who requires it.
    pub mandated_by: Option<String>,
    /// `specified_by`: who wrote it.
    pub specified_by: Vec<String>,
    /// What is asked.
    pub check: Check,
}

impl Policy {
    /// The bytes of `bundle.json`: the canonical list of the policy file and every file that it names, by digest. [`Self::sha256`] is its
    /// sha256.
    #[must_use]
    pub fn bundle(&self) -> Vec<u8> {
        load::closure_json(&self.closure)
    }

    /// Every profile that a rule names, by id.
    #[must_use]
    pub fn profiles(&self) -> Vec<&'static Profile> {
        let leaves = self.rules.iter().flat_map(|rule| rule.check.leaves());
        let named = leaves.filter_map(|check| match check {
            Check::Sbom(sbom) => Some(&sbom.profiles),
            _ => None,
        });
        let by_id: BTreeMap<&str, &'static Profile> = named.flatten().map(|profile| (profile.id, *profile)).collect();
        by_id.into_values().collect()
    }

    /// Profiles of its own that its rules name, by name.
    #[must_use]
    pub fn own_profiles(&self) -> Vec<&OwnProfile> {
        let leaves = self.rules.iter().flat_map(|rule| rule.check.leaves());
        let named = leaves.filter_map(|check| if let Check::Sbom(sbom) = check { Some(&sbom.own) } else { None });
        let by_name: BTreeMap<&str, &OwnProfile> = named.flatten().map(|own| (own.name.as_str(), own)).collect();
        by_name.into_values().collect()
    }
}

/// A party id, or a kind of party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartyRef {
    /// One party.
    Id(String),
    /// Every party of a kind.
    Kind(String),
}

impl PartyRef {
    /// Is `party` meant?
    #[must_use]
    pub fn is(&self, party: &Party) -> bool {
        match self {
            Self::Id(id) => party.id == *id,
            Self::Kind(kind) => party.kind == *kind,
        }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(s) | Self::Kind(s) => s,
        }
    }
}

/// Which algorithms are accepted.
#[derive(Clone, Debug)]
pub struct Algorithms {
    /// Digests that bind; at least one.
    pub digest_bind: Vec<Algorithm>,
    /// Signature algorithms; at least one.
    pub signature: Vec<SignatureAlgorithm>,
    /// After this instant of proven signing time, an algorithm is not accepted.
    pub sunset: Vec<(SignatureAlgorithm, Time)>,
}

/// Which formats are accepted.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    /// The lowest Sigstore bundle version, as minor version of `0.N`; `None` reads each.
    pub sigstore_bundle_min: Option<u8>,
    /// Accepted statement types; empty accepts v0.1 and v1.
    pub statement_types: Vec<String>,
    /// Accepted SBOM formats such as `cyclonedx-1.6+json`; empty accepts every one we read.
    pub sbom: Vec<String>,
    /// Codes of violations of an SBOM's own format that are tolerated; each takes nothing away from what binds.
    pub sbom_tolerate: BTreeSet<String>,
}

/// The predicate types that a built-in alias means, unless `[predicates]` says otherwise.
#[must_use]
pub fn default_predicates() -> BTreeMap<String, Vec<String>> {
    const ALIASES: &[(&str, &[&str])] = &[
        ("certification", &["urn:vidimus:attestation:certification:v0.1"]),
        ("delivery", &["urn:vidimus:attestation:delivery:v0.1"]),
        ("origin", &["urn:vidimus:attestation:origin:v0.1"]),
        ("provenance", &["https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"]),
        (
            "publish",
            &[
                "https://docs.pypi.org/attestations/publish/v1",
                "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
            ],
        ),
        ("rebuild-cmp", &["urn:vidimus:attestation:rebuild-comparison:v0.1"]),
        ("release", &["https://in-toto.io/attestation/release/v0.1", "https://in-toto.io/attestation/release/v0.2"]),
        (
            "sbom",
            &[
                "https://cyclonedx.org/bom",
                "https://cyclonedx.org/bom/v1.4",
                "https://cyclonedx.org/bom/v1.5",
                "https://cyclonedx.org/bom/v1.6",
                "https://cyclonedx.org/bom/v1.7",
                "https://spdx.dev/Document",
                "https://spdx.dev/Document/v2.2",
                "https://spdx.dev/Document/v2.3",
            ],
        ),
        ("status", &["urn:vidimus:attestation:status-list:v0.1"]),
        (
            "scai",
            &["https://in-toto.io/attestation/scai/attribute-report/v0.2", "https://in-toto.io/attestation/scai/v0.3"],
        ),
        ("svr", &["https://in-toto.io/attestation/svr/v0.2"]),
        ("test-result", &["https://in-toto.io/attestation/test-result/v0.1"]),
        ("vex", &["https://openvex.dev/ns", "https://openvex.dev/ns/v0.0.1", "https://openvex.dev/ns/v0.2.0"]),
        ("vsa", &["https://slsa.dev/verification_summary/v1"]),
        ("vulns", &["https://in-toto.io/attestation/vulns/v0.1", "https://in-toto.io/attestation/vulns/v0.2"]),
    ];
    let own = |s: &&str| (*s).to_owned();
    ALIASES.iter().map(|(alias, types)| ((*alias).to_owned(), types.iter().map(own).collect())).collect()
}
