//! What rules ask.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CertificationCheck, ComponentsCheck, LayoutCheck, OriginCheck, PartyRef, QuorumCheck, RollbackCheck, SourceCheck,
    StatusCheck, TransparencyCheck, TrustedTimeCheck, VsaCheck, VulnsCheck,
};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::profile::{OwnProfile, Profile};

/// What a rule asks. One variant per file in `check/`.
#[derive(Clone, Debug)]
pub enum Check {
    /// Every file accounted for and none missing.
    Inventory(InventoryCheck),
    /// A granted party signed exactly these bytes.
    Release(ReleaseCheck),
    /// SLSA build provenance.
    Provenance(ProvenanceCheck),
    /// A signed SBOM that is bound to the artifact.
    Sbom(SbomCheck),
    /// A signed SBOM that states how complete it is.
    SbomCompleteness(SbomCompletenessCheck),
    /// A verifier's summary.
    Vsa(VsaCheck),
    /// A fresh scan, and somebody who answers for what it found.
    Vulns(VulnsCheck),
    /// A statement or signature whose time is proven by a quorum.
    TrustedTime(TrustedTimeCheck),
    /// A statement or signature that is in a log.
    Transparency(TransparencyCheck),
    /// Nobody took it back.
    Status(StatusCheck),
    /// A certificate of an accepted scheme.
    Certification(CertificationCheck),
    /// Where it comes from, and who controls whom.
    Origin(OriginCheck),
    /// It came out of a supply chain that went as a layout says.
    Layout(LayoutCheck),
    /// Not older than what was accepted before.
    NoRollback(RollbackCheck),
    /// Every component that is reached meets the rules of its class.
    Components(ComponentsCheck),
    /// A component is what it is called: the published bytes.
    ComponentIdentity(Vec<PartyRef>),
    /// The source revision is of a SLSA source level.
    Source(SourceCheck),
    /// A delegate vouches for it.
    Delegated(String),
    /// Enough independent parties say so.
    Quorum(QuorumCheck),
    /// At least one branch is met; at least two branches.
    AnyOf(Vec<Self>),
}

impl Check {
    /// Its name in policies.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Inventory(_) => "inventory",
            Self::Release(_) => "release",
            Self::Provenance(_) => "provenance",
            Self::Sbom(_) => "sbom",
            Self::SbomCompleteness(_) => "sbom-completeness",
            Self::Vsa(_) => "vsa",
            Self::Vulns(_) => "vulns",
            Self::TrustedTime(_) => "trusted-time",
            Self::Transparency(_) => "transparency",
            Self::Status(_) => "status",
            Self::NoRollback(_) => "no-rollback",
            Self::Certification(_) => "certification",
            Self::Origin(_) => "origin",
            Self::Layout(_) => "layout",
            Self::Components(_) => "components",
            Self::ComponentIdentity(_) => "component-identity",
            Self::Source(_) => "source",
            Self::Delegated(_) => "delegated",
            Self::Quorum(_) => "quorum",
            Self::AnyOf(_) => "any-of",
        }
    }

    /// Itself, or its branches.
    pub fn leaves(&self) -> impl Iterator<Item = &Self> {
        match self {
            Self::AnyOf(branches) => branches.iter(),
            leaf => std::slice::from_ref(leaf).iter(),
        }
    }
}

/// `check = "inventory"`.
#[derive(Clone, Debug)]
pub struct InventoryCheck {
    /// Every file must be accounted for; else only what a delivery statement lists must be present.
    pub closed_world: bool,
    /// An accepted delivery statement must exist. Always true when the world is open: there would be nothing to hold.
    pub require_statement: bool,
    /// Every member of every archive must be accounted for by itself; else its container stands for it.
    pub each_member: bool,
    /// A container that could not be seen through leaves the rule unproven.
    pub deny_opaque: bool,
}

/// `check = "release"`.
#[derive(Clone, Debug)]
pub struct ReleaseCheck {
    /// Which kinds of accepted statement do, as aliases or predicate type URIs; empty takes every kind.
    pub accept: Vec<String>,
    /// The predicate types of `accept`.
    pub predicate_types: BTreeSet<String>,
    /// `accept` has `file`, or is empty.
    pub file: bool,
    /// Sets of signature algorithms; of each, one accepted signature over the same payload is asked for. Empty asks for none.
    pub algorithm_sets: Vec<Vec<SignatureAlgorithm>>,
    /// Whose; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// It must be a delivery statement for this recipient.
    pub recipient: Option<String>,
    /// It must be a delivery statement with a sequence from 1.
    pub sequence: bool,
    /// It must be proven to be signed at most so many days before the verdict.
    pub max_age_days: Option<u32>,
}

/// `check = "provenance"`.
#[derive(Clone, Debug)]
pub struct ProvenanceCheck {
    /// SLSA build level, 1 to 4.
    pub min_level: u8,
    /// The source repository, without `git+` and without a ref.
    pub repository: Option<RepositoryMatch>,
    /// Whose; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// Expected external parameters, by builder.
    pub parameters: Vec<Parameters>,
    /// Are parameters that no entry lists refused?
    pub unknown_parameters_fail: bool,
}

/// What the source repository must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepositoryMatch {
    /// Equal, after dropping `git+`, a trailing `@ref`, `.git` and `/`.
    Exact(String),
    /// Starts so; the prefix ends at a `/`.
    Prefix(String),
}

/// Expected external parameters.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// For this `builder.id` alone; `None` for each.
    pub builder: Option<String>,
    /// JSON Pointer (RFC 6901) into `externalParameters` → what may stand there.
    pub allow: BTreeMap<String, Expect>,
}

/// What may stand at a place in `externalParameters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// This value: a string, integer or boolean.
    Eq(Scalar),
    /// A string that starts so.
    Prefix(String),
    /// One of these values.
    In(Vec<Scalar>),
    /// Anything, also nothing.
    Any,
}

/// A value that a policy can expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A string.
    Text(String),
    /// An integer within ±(2^53 − 1).
    Int(i64),
    /// A boolean.
    Bool(bool),
}

/// `check = "sbom"`.
#[derive(Clone, Debug)]
pub struct SbomCheck {
    /// Whose; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// Codes of findings that the SBOM must not have.
    pub refuse: BTreeSet<String>,
    /// Standards whose musts one SBOM must meet, those on which its own profiles are based included.
    pub profiles: Vec<&'static Profile>,
    /// `[sbom_profile]` that it must meet as well.
    pub own: Vec<OwnProfile>,
    /// Rules of these that need not be evaluable: the operator sees them met by other means. What is unmet stays unmet.
    pub shown_elsewhere: BTreeSet<&'static str>,
}

/// `check = "sbom-completeness"`.
#[derive(Clone, Debug)]
pub struct SbomCompletenessCheck {
    /// Whose; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// Words by which a list may be stated not to be complete.
    pub allow_known_unknowns: BTreeSet<String>,
}
