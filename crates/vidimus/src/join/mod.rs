//! Join: facts meet files, by digest alone.
//!
//! A binding is a fact about the bytes of one file, said under a grant that covers a product of that file. Names never bind;
//! they only tell which reason to give. Products of files grow to a least fixpoint: the requested product, what accepted
//! release statements call a file, what bound SBOMs call it.

pub(crate) mod delivery;
mod index;
pub(crate) mod sbom;

use std::collections::{BTreeMap, BTreeSet};

use crate::authenticate::{Authenticated, Claim, Fact};
use crate::decode::{BundleContent, Content, Envelope, Predicate, SignedItem, Statement, Subject};
use crate::digest::{Digest, DigestSet, Match};
use crate::policy::{Grant, Policy, Product};
use crate::read::{Delivery, File, Place, SIBLINGS};
use crate::reason::Reason;
use crate::time::Time;

pub use delivery::DeliveryStatement;
pub use sbom::{BoundSbom, Route};

use index::Index;

crate::reasons! {
    DIGEST_MISMATCH = "binding.digest-mismatch", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} signed a file of this name with digest {expected}; the delivered bytes have {found}",
        why "The delivered file is not the one that was signed: substituted, corrupted or from another build (T1). It is final where an accepted delivery statement for this request says so.",
        fix "Deliver the file that was signed; if the change is wanted, sign the new one.";
    CONFLICT = "binding.conflict", Unproven, Signer, ["party"],
        says "{party} names this file by one digest and another file by a second digest of the same subject",
        why "A subject whose digests mean different files would let two verifiers accept one statement for two artifacts; it is refused whole (T35, Q2).",
        fix "State digests that all belong to the same bytes.";
    WEAK = "binding.weak", Unproven, Signer, ["party"],
        says "{party} names this file only by digests that the policy does not accept for binding",
        why "A weak or unlisted hash could be met by other bytes (T35).",
        fix "State a sha256, sha384 or sha512 digest.";
    WRONG_PRODUCT = "binding.product", Unproven, Signer, ["identity", "predicate"],
        says "{identity} says this under a grant for other products ({predicate})",
        why "The digest matches, but the signer is only believed about the products of its grant (T5).",
        fix "Request the product that was delivered, or have the operator widen the grant.";
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The instant of the verdict.
    pub at: Time,
    /// What is supposed to be delivered.
    pub product: Option<Product>,
    /// Who receives it.
    pub recipient: Option<String>,
}

/// A fact about the bytes of one file, under at least one grant that covers it.
#[derive(Clone, Debug)]
pub struct Binding<'a> {
    /// The fact.
    pub fact: &'a Fact<'a>,
    /// The grants that cover a product of the file.
    pub grants: Vec<&'a Grant>,
}

/// Everything that checks may look at.
pub struct Joined<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// What is asked.
    pub request: &'a Request,
    /// What was delivered.
    pub delivery: &'a Delivery,
    /// The delivery statement that this request is held against.
    pub statement: Option<DeliveryStatement<'a>>,
    /// What stands against the delivery as a whole: absent files, equivocation.
    pub negatives: Vec<Reason>,
    /// Evidence that the statement lists and that is not there: (path, digests).
    pub absent_evidence: Vec<(&'a str, &'a DigestSet)>,
    /// SBOMs that are signed by a granted party and bound to a file, by evidence id.
    pub sboms: Vec<BoundSbom<'a>>,
    nodes: Vec<Node<'a>>,
}

/// One file as checks see it.
#[derive(Default)]
struct Node<'a> {
    bindings: Vec<Binding<'a>>,
    products: BTreeSet<Product>,
    /// Accepted statements that name this file and do not bind it.
    near: Vec<Reason>,
    /// What stands against the file, whatever a rule asks.
    negatives: Vec<Reason>,
    evidence: bool,
    /// Evidence whose component digests name this file.
    listed_by: Vec<Digest>,
}

impl<'a> Joined<'a> {
    /// Binds `facts` to the files of `delivery`.
    #[must_use]
    pub fn new(delivery: &'a Delivery, policy: &'a Policy, request: &'a Request, facts: &'a [Fact<'a>]) -> Self {
        let index = Index::new(delivery, &policy.algorithms.digest_bind);
        let mut joined = Self {
            policy,
            request,
            delivery,
            statement: None,
            negatives: Vec::new(),
            absent_evidence: Vec::new(),
            sboms: Vec::new(),
            nodes: delivery.files.iter().map(|_| Node::default()).collect(),
        };
        joined.statement = delivery::choose(&mut joined.negatives, request, facts);
        joined.seed_products();
        joined.grow_products(&index, facts);
        joined.bind(&index, facts);
        joined.hold_against_statement();
        joined.mark_evidence(&index, facts);
        joined
    }

    /// The files that rules are about, with their indices: delivered, and not evidence.
    pub fn artifacts(&self) -> impl Iterator<Item = (usize, &'a File)> + '_ {
        self.delivery
            .files
            .iter()
            .enumerate()
            .filter(|(index, file)| file.place == Place::Delivered && !self.is_evidence(*index))
    }

    /// Is the file evidence (DESIGN ruling 1)?
    #[must_use]
    pub fn is_evidence(&self, file: usize) -> bool {
        self.nodes.get(file).is_some_and(|node| node.evidence)
    }

    /// Accepted facts about the file.
    #[must_use]
    pub fn bindings(&self, file: usize) -> &[Binding<'a>] {
        self.nodes.get(file).map_or(&[], |node| &node.bindings)
    }

    /// Products that the file is known as.
    pub fn products(&self, file: usize) -> impl Iterator<Item = &Product> {
        self.nodes.get(file).into_iter().flat_map(|node| &node.products)
    }

    /// Why accepted statements that name the file do not bind it.
    #[must_use]
    pub fn near(&self, file: usize) -> &[Reason] {
        self.nodes.get(file).map_or(&[], |node| &node.near)
    }

    /// What stands against the file, whatever a rule asks.
    #[must_use]
    pub fn negatives(&self, file: usize) -> &[Reason] {
        self.nodes.get(file).map_or(&[], |node| &node.negatives)
    }

    /// Bound SBOMs that list the file as a component.
    #[must_use]
    pub fn listed_by(&self, file: usize) -> &[Digest] {
        self.nodes.get(file).map_or(&[], |node| &node.listed_by)
    }

    /// Bound SBOMs of the file.
    pub fn sboms_of(&self, file: usize) -> impl Iterator<Item = &BoundSbom<'a>> {
        self.sboms.iter().filter(move |sbom| sbom.files.contains_key(&file))
    }

    fn seed_products(&mut self) {
        let product = self.request.product.clone().or_else(|| self.statement.as_ref().map(|s| s.product.clone()));
        if let Some(product) = product {
            for node in &mut self.nodes {
                node.products.insert(product.clone());
            }
        }
    }

    /// Adds what accepted release statements and bound SBOMs call each file, until nothing is new. Every round adds a
    /// product to a file or ends, and both are finite.
    fn grow_products(&mut self, index: &Index<'_>, facts: &'a [Fact<'a>]) {
        for fact in facts {
            let Claim::Statement(Statement { subjects, predicate: Predicate::Release(release), .. }) = &fact.claim
            else {
                continue;
            };
            let Some(product) = Product::parse_claim(&release.purl) else { continue };
            if fact.covering(std::slice::from_ref(&product)).next().is_none() {
                continue;
            }
            for file in subjects.iter().flat_map(|subject| index.same(&subject.digest)) {
                if let Some(node) = self.nodes.get_mut(file) {
                    node.products.insert(product.clone());
                }
            }
        }
        loop {
            self.sboms = sbom::bound(self, index, facts);
            let mut grown = false;
            for bound in &self.sboms {
                let named = bound.sbom.components.iter().filter_map(|component| {
                    Some((Product::parse_claim(component.purl.as_deref()?)?, &component.digests))
                });
                for (product, digests) in named {
                    for file in index.same(digests) {
                        if let Some(node) = self.nodes.get_mut(file) {
                            grown |= node.products.insert(product.clone());
                        }
                    }
                }
            }
            if !grown {
                break;
            }
        }
        for bound in &self.sboms {
            for component in bound.sbom.components.iter().chain(&bound.sbom.root) {
                for file in index.same(&component.digests) {
                    if let Some(node) = self.nodes.get_mut(file) {
                        node.listed_by.push(bound.id.clone());
                    }
                }
            }
        }
    }

    fn bind(&mut self, index: &Index<'_>, facts: &'a [Fact<'a>]) {
        for fact in facts {
            if matches!(&fact.claim, Claim::Statement(s) if matches!(s.predicate, Predicate::Delivery(_))) {
                continue; // binds by (path, digest), in `hold_against_statement`
            }
            for (name, digests) in about(&fact.claim) {
                let matches = index.matches(&digests);
                for (file, how) in &matches {
                    self.bind_one(fact, *file, *how);
                }
                if matches.is_empty() {
                    self.name_others(index, fact, name, &digests);
                }
            }
        }
        for (digests, reason) in delivery::others(self.request, facts) {
            for file in index.same(digests) {
                if let Some(node) = self.nodes.get_mut(file) {
                    node.near.push(reason.clone());
                }
            }
        }
        for node in &mut self.nodes {
            node.near.sort();
            node.near.dedup();
            node.listed_by.sort();
            node.listed_by.dedup();
        }
    }

    fn bind_one(&mut self, fact: &'a Fact<'a>, file: usize, how: Match) {
        let Some(node) = self.nodes.get_mut(file) else { return };
        let party = |info| Reason::new(info).name("party", &fact.party.id);
        match how {
            Match::Same => {
                let products: Vec<Product> = node.products.iter().cloned().collect();
                let mut grants: Vec<&Grant> = fact.covering(&products).collect();
                if grants.is_empty() {
                    node.near.push(wrong_product(fact));
                    return;
                }
                if matches!(fact.claim, Claim::File(_)) {
                    // `sbom` lets a party sign SBOM documents, not any file.
                    let is_sbom = self.delivery.files.get(file).is_some_and(|f| matches!(f.content, Content::Sbom(_)));
                    grants.retain(|grant| grant.file || is_sbom);
                }
                if !grants.is_empty() {
                    node.bindings.push(Binding { fact, grants });
                }
            }
            Match::Conflict => node.near.push(party(&CONFLICT)),
            Match::Weak => node.near.push(party(&WEAK)),
            Match::Other | Match::Incomparable => {}
        }
    }

    /// A subject whose digest is nothing delivered, but whose name is a delivered file's: the likeliest explanation.
    fn name_others(&mut self, index: &Index<'_>, fact: &Fact<'_>, name: Option<&str>, digests: &DigestSet) {
        let Some(name) = name.filter(|name| !name.is_empty()).or_else(|| self.named_by_its_file(fact)) else { return };
        for file in index.named(name) {
            let reason = self.delivery.files.get(*file).map(|delivered| mismatch(fact, digests, delivered));
            if let (Some(reason), Some(node)) = (reason, self.nodes.get_mut(*file)) {
                node.near.push(reason);
            }
        }
    }

    /// A signature over a file names nothing; the name of the file that carries it often does (`FILE.sigstore.json`).
    fn named_by_its_file(&self, fact: &Fact<'_>) -> Option<&'a str> {
        let path = self.delivery.files.get(fact.file)?.path.as_str();
        SIBLINGS.iter().find_map(|suffix| path.strip_suffix(suffix))
    }

    /// Set equality, both directions, between the delivery statement's (path, digest) pairs and the files.
    fn hold_against_statement(&mut self) {
        let Some(statement) = &self.statement else { return };
        let held = delivery::hold(statement, self.delivery, &self.policy.algorithms.digest_bind);
        self.negatives.extend(held.absent);
        for (file, outcome) in held.files {
            let Some(node) = self.nodes.get_mut(file) else { continue };
            match outcome {
                Ok(()) => node.bindings.push(Binding { fact: statement.fact, grants: statement.grants.clone() }),
                Err(reason) => node.negatives.push(reason),
            }
        }
    }

    fn mark_evidence(&mut self, index: &Index<'_>, facts: &[Fact<'_>]) {
        let mut evidence: BTreeSet<usize> = facts.iter().map(|fact| fact.file).collect();
        evidence.retain(|file| self.delivery.files.get(*file).is_some_and(|file| is_evidence_alone(&file.content)));
        for (path, digests) in self.statement.iter().flat_map(|statement| &statement.evidence) {
            let held: BTreeSet<usize> = index.same(digests).collect();
            if held.is_empty() {
                self.absent_evidence.push((path, digests));
            }
            evidence.extend(held);
        }
        for (index, file) in self.delivery.files.iter().enumerate() {
            let signed_sbom = || {
                let granted =
                    |b: &Binding<'_>| matches!(b.fact.claim, Claim::File(_)) && b.grants.iter().any(|g| g.sbom);
                matches!(file.content, Content::Sbom(_)) && self.bindings(index).iter().any(granted)
            };
            if signed_sbom() {
                evidence.insert(index);
            }
        }
        for (index, node) in self.nodes.iter_mut().enumerate() {
            node.evidence = evidence.contains(&index);
        }
    }
}

/// Is every part of the document a signed item and nothing else? A line that cannot be read, or a member of no signed format,
/// could be what another program runs or takes for its configuration; such a file is judged like any other.
fn is_evidence_alone(content: &Content) -> bool {
    let unreadable = |reason: &Reason| {
        let code = reason.code();
        code.starts_with("parse.") && !matches!(code, "parse.unsupported" | "parse.version")
    };
    let other = |item: &SignedItem| item.foreign || item.envelope.as_ref().is_err_and(unreadable);
    !matches!(content, Content::Signed(items) if items.iter().any(other))
}

/// Evidence that was rejected, by the files it claims to be about: for the reader's eyes, never for a decision.
#[must_use]
pub fn claimed_about(delivery: &Delivery, authenticated: &Authenticated<'_>) -> BTreeMap<Digest, Vec<String>> {
    let rejected: BTreeSet<&Digest> = authenticated.rejected.iter().map(|(id, _)| id).collect();
    let mut about_files: BTreeMap<Digest, BTreeSet<String>> = BTreeMap::new();
    let index = Index::new(delivery, &crate::digest::Algorithm::ALL);
    let items = delivery.files.iter().flat_map(|file| match &file.content {
        Content::Signed(items) => items.as_slice(),
        _ => &[],
    });
    for item in items.filter(|item| rejected.contains(&item.id)) {
        let mut claims: Vec<Claim<'_>> = Vec::new();
        let claim = match &item.envelope {
            Ok(Envelope::Dsse(dsse)) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
            Ok(Envelope::Bundle(bundle)) => match &bundle.content {
                BundleContent::Dsse(dsse) => dsse.statement.as_ref().ok().map(|s| Claim::Statement(s)),
                BundleContent::Message { digest, .. } => Some(Claim::File(digest.clone())),
            },
            Ok(Envelope::Detached(signature)) => {
                claims.extend(signature.tried.iter().cloned().map(Claim::File));
                None
            }
            Err(_) => None,
        };
        claims.extend(claim);
        for (_, digests) in claims.iter().flat_map(about) {
            let named = index.same(&digests).filter_map(|file| delivery.files.get(file));
            let paths: Vec<String> = named.map(|file| file.path.clone()).collect();
            if !paths.is_empty() {
                about_files.entry(item.id.clone()).or_default().extend(paths);
            }
        }
    }
    about_files.into_iter().map(|(id, paths)| (id, paths.into_iter().collect())).collect()
}

/// (name, digests) of everything a claim is about.
fn about<'b>(claim: &'b Claim<'_>) -> Vec<(Option<&'b str>, DigestSet)> {
    match claim {
        Claim::Statement(statement) => {
            statement.subjects.iter().map(|Subject { name, digest }| (Some(name.as_str()), digest.clone())).collect()
        }
        Claim::File(digest) => vec![(None, DigestSet::from_iter([digest.clone()]))],
    }
}

/// The reason for a statement that names the file and means other bytes, or states no digest that could tell.
fn mismatch(fact: &Fact<'_>, digests: &DigestSet, file: &File) -> Reason {
    let Some(theirs) = digests.strongest() else { return Reason::new(&WEAK).name("party", &fact.party.id) };
    let ours = file.digests.get(theirs.algorithm()).unwrap_or_else(|| file.digests.sha256());
    let reason = Reason::new(&DIGEST_MISMATCH).name("party", &fact.party.id);
    reason.digest("expected", &theirs).digest("found", ours)
}

fn wrong_product(fact: &Fact<'_>) -> Reason {
    let predicate = fact.claim.predicate_type().unwrap_or("file");
    Reason::new(&WRONG_PRODUCT).name("identity", &fact.identity.id).evidence("predicate", predicate)
}
