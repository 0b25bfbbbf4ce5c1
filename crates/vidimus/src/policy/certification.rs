//! What a policy asks of certificates of schemes, and what it knows of who is accredited.

use super::{PartyRef, Window};

/// `accreditation` of a party: what it was recognised to be able to do, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accreditation {
    /// Against which standard, such as `ISO/IEC 17025`.
    pub standard: String,
    /// Its number.
    pub number: String,
    /// From when until when.
    pub window: Window,
}

/// `check = "certification"`.
#[derive(Clone, Debug)]
pub struct CertificationCheck {
    /// Accepted schemes; at least one.
    pub any_of: Vec<AcceptedScheme>,
    /// How closely the certificate must be bound to the file.
    pub bind: CertificationBind,
    /// It must have been valid when the file was released, by proven time.
    pub at_release: bool,
    /// It must be valid at the instant of the verdict. One of the two always holds.
    pub at_verification: bool,
    /// The list on which it would be taken back must be the issuer's, at hand and fresh.
    pub status: bool,
    /// A certificate of a part of the product does.
    pub parts: bool,
    /// The configuration that it must list.
    pub configuration: Vec<String>,
    /// Every report that it cites must be in the delivery; at least one.
    pub reports: bool,
    /// A certificate of an earlier build does where the vendor analysed what has changed since (CERT-12).
    pub impact_analysis: bool,
    /// Its reports must hold CycloneDX declarations that conform in full; `true`: by third parties.
    pub conformance: Option<bool>,
}

/// One scheme that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedScheme {
    /// `scheme.id`.
    pub scheme: String,
    /// Accepted editions; empty accepts each.
    pub editions: Vec<String>,
    /// Accepted levels; empty accepts each.
    pub levels: Vec<String>,
    /// Standards that it must have been held against, all of them.
    pub standards: Vec<String>,
    /// Whose certificates; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// The standard against which the issuer must have been accredited at the date of issue.
    pub accreditation: Option<String>,
    /// Party ids of laboratories whose evaluation counts; empty counts each.
    pub laboratories: Vec<String>,
}

/// How closely a certificate must be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificationBind {
    /// The file is its subject, by digest.
    Digest,
    /// It covers the product and version of the file.
    Version,
    /// It is about how the vendor of the product works.
    Process,
}

impl CertificationBind {
    /// Its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Version => "version",
            Self::Process => "process",
        }
    }
}

/// `[[equivalence]]`: what a party says under a foreign scheme, taken as a property of the operator's own. What is not listed counts
/// for nothing but itself (`verification.md` 2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equivalence {
    /// The certification body.
    pub party: String,
    /// `scheme.id` of its certificates.
    pub scheme: String,
    /// `certificate.level`: what it says.
    pub statement: String,
    /// The property that this is.
    pub to: String,
    /// Why, for people.
    pub basis: String,
    /// When it counts, compared with the instant of the verdict.
    pub valid: Window,
}
