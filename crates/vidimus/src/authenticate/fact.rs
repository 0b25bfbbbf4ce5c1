//! Facts: what survived signature, identity, time and grant. Only this stage can make one.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use crate::authenticate::certificate::Certificate;
use crate::authenticate::keys::{PublicKey, SignatureAlgorithm};
use crate::authenticate::proof::Proof;
use crate::decode::{Checksums, Layout, Predicate, Statement};
use crate::digest::Digest;
use crate::policy::{Grant, Identity, Party, Policy, Product};
use crate::time::Time;

/// One accepted claim: this party says this, not later than then. What it is about is decided by digest in *join*.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    seal: Seal,
    /// Identity of the evidence item.
    pub id: Digest,
    /// Index of the file that carries it.
    pub file: usize,
    /// Who signed.
    pub identity: &'a Identity,
    /// Whose identity it is.
    pub party: &'a Party,
    /// Grants that let this identity say this, at least one; their products are compared where the fact is used.
    pub grants: Vec<&'a Grant>,
    /// What is said.
    pub claim: Claim<'a>,
    /// How it was signed.
    pub algorithm: SignatureAlgorithm,
    /// sha256 of the SubjectPublicKeyInfo of the key that verified the signature; `None` for a signature over a file that is delivered
    /// beside it.
    pub holder: Option<Digest>,
    /// The signer's certificate, if it was one.
    pub certificate: Option<Certificate>,
    /// sha256 of the SubjectPublicKeyInfo of every key that the signature rests on: keys that the policy lists for the signer, and
    /// those of the signer's certificate and of the authorities above it.
    pub keys: BTreeSet<Digest>,
    /// The signature existed at this time, if anything proves it.
    pub not_later_than: Option<Time>,
    /// All that proves time and publication.
    pub proof: Proof,
}

/// What a fact says.
#[derive(Clone, Debug)]
pub enum Claim<'a> {
    /// An in-toto statement.
    Statement(&'a Statement),
    /// A plain signature over the bytes with this digest.
    File(Digest),
    /// A plain signature over a list of checksums: one over each file that it names by digest.
    Checksums(&'a Checksums),
    /// A layout of in-toto. What it is about follows from the links of its steps.
    Layout(&'a Layout),
}

impl Claim<'_> {
    /// The time that a statement claims for itself: never a proof.
    #[must_use]
    pub fn claimed_time(&self) -> Option<Time> {
        match self {
            Self::Statement(Statement { predicate: Predicate::Delivery(delivery), .. }) => delivery.created,
            Self::Statement(Statement { predicate: Predicate::Scan(scan), .. }) => Some(scan.finished),
            Self::Statement(Statement { predicate: Predicate::Certification(found), .. }) => found.issued,
            Self::Statement(Statement { predicate: Predicate::Vex(vex), .. }) => vex.latest(),
            _ => None,
        }
    }

    /// Does it stand up for what it is about? A verification that failed is about a file, and speaks against it; so does a status
    /// list, which takes back.
    #[must_use]
    pub fn vouches(&self) -> bool {
        let Self::Statement(statement) = self else { return true };
        match &statement.predicate {
            Predicate::Summary(summary) => summary.passed,
            Predicate::Status(_) => false,
            _ => true,
        }
    }

    /// The predicate type; `None` for a plain signature over a file.
    #[must_use]
    pub fn predicate_type(&self) -> Option<&str> {
        match self {
            Self::Statement(statement) => Some(&statement.predicate_type),
            Self::File(_) | Self::Checksums(_) | Self::Layout(_) => None,
        }
    }

    /// The kind of what is said, as reasons and verdicts name it: the predicate type, `file` or `layout`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Statement(statement) => &statement.predicate_type,
            Self::File(_) | Self::Checksums(_) => "file",
            Self::Layout(_) => "layout",
        }
    }
}

/// The private part that keeps other modules from building a [`Fact`].
#[derive(Clone, Copy, Debug)]
struct Seal;

/// The parts of a fact before it is sealed.
pub(super) struct Parts<'a> {
    pub(super) id: Digest,
    pub(super) file: usize,
    pub(super) identity: &'a Identity,
    pub(super) claim: Claim<'a>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) holder: Option<Digest>,
    pub(super) certificate: Option<Certificate>,
    pub(super) certified: BTreeSet<Digest>,
    pub(super) not_later_than: Option<Time>,
    pub(super) proof: Proof,
}

fn keys(parts: &Parts<'_>) -> BTreeSet<Digest> {
    let listed = parts.identity.kind.public_keys();
    let holder = parts.certificate.iter().map(|certificate| certificate.key().clone());
    listed.iter().map(PublicKey::spki_sha256).chain(holder).chain(parts.certified.iter().cloned()).collect()
}

impl<'a> Fact<'a> {
    /// Seals `parts` if a grant covers them; the parts come back if none does.
    pub(super) fn granted(policy: &'a Policy, parts: Parts<'a>) -> Result<Self, Box<Parts<'a>>> {
        let grants: Vec<&Grant> = policy
            .grants
            .iter()
            .filter(|grant| grant.identities.contains(&parts.identity.id))
            .filter(|grant| match &parts.claim {
                Claim::Statement(statement) => grant.predicate_types.contains(&statement.predicate_type),
                Claim::Layout(_) => grant.layout,
                Claim::File(_) | Claim::Checksums(_) => grant.file || grant.sbom || grant.vex,
            })
            .collect();
        match policy.parties.get(&parts.identity.party) {
            Some(party) if !grants.is_empty() => Ok(Self {
                keys: keys(&parts),
                seal: Seal,
                id: parts.id,
                file: parts.file,
                identity: parts.identity,
                party,
                grants,
                claim: parts.claim,
                algorithm: parts.algorithm,
                holder: parts.holder,
                certificate: parts.certificate,
                not_later_than: parts.not_later_than,
                proof: parts.proof,
            }),
            _ => Err(Box::new(parts)),
        }
    }

    /// What a signature over a list says about the files of the list; `None` unless a grant lets the signer sign any file.
    pub(super) fn listing(&self, list: &'a Checksums) -> Option<Self> {
        let grants: Vec<&Grant> = self.grants.iter().copied().filter(|grant| grant.file).collect();
        (!grants.is_empty()).then(|| Self { grants, claim: Claim::Checksums(list), ..self.clone() })
    }

    /// The grants under which this may be said of something that is any of `products`. A grant without products covers
    /// everything; an artifact of no known product is covered by such grants alone.
    pub fn covering<'b>(&'b self, products: &'b [impl Borrow<Product>]) -> impl Iterator<Item = &'a Grant> + 'b {
        let Seal = self.seal;
        self.grants.iter().copied().filter(move |grant| match &grant.products {
            None => true,
            Some(patterns) => {
                patterns.iter().any(|pattern| products.iter().any(|product| pattern.covers(product.borrow())))
            }
        })
    }
}
