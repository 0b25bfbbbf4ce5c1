//! How an accepted fact meets a file: by digest, under a grant that covers a product of the file. Names never bind; they only tell
//! which reason to give.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::says_about_vulnerabilities;
use super::index::Index;
use super::{Binding, Joined, delivery, statement_of};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Content, Predicate, Subject, is_signed_encoding};
use crate::digest::{DigestSet, Match};
use crate::policy::{Grant, Product};
use crate::read::{File, Place, SIBLINGS};
use crate::reason::Reason;

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
    OTHER_RELEASE = "binding.other-release", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} released these bytes as {found}; what is asked for is {expected}",
        why "A genuine release of another product or version is not the one that was asked for: it could be an older one with known holes (T4, T5). Parts count when a bound SBOM names them or the policy has a class for their product.",
        fix "Deliver the release that was asked for, list the part with its digest and package URL in the SBOM, or have the operator add a class for its product.";
}

/// So many claims about other bytes of one name are told; more of them, all true, would explain nothing and cost files × claims.
const MEANT: usize = 4;

impl<'a> Joined<'a> {
    pub(super) fn bind(&mut self, index: &Index<'_>, facts: &[&'a Fact<'a>]) {
        // By name, who means which other bytes: (party, digests).
        let mut elsewhere: BTreeMap<&str, BTreeSet<(&str, DigestSet)>> = BTreeMap::new();
        for fact in facts.iter().copied() {
            if matches!(&fact.claim, Claim::Statement(s) if matches!(s.predicate, Predicate::Delivery(_))) {
                continue; // binds by (path, digest), in `hold_against_statement`
            }
            for (name, digests) in about(&fact.claim) {
                let matches = index.matches(&digests);
                for (file, how) in &matches {
                    self.made(fact, *file, *how);
                    self.bind_or_tell(fact, *file, *how);
                }
                if matches.is_empty()
                    && let Some(name) = self.name_of(fact, name)
                {
                    let meant = elsewhere.entry(name).or_default();
                    meant.insert((&fact.party.id, digests));
                    if meant.len() > MEANT {
                        meant.pop_last();
                    }
                }
            }
        }
        for (name, meant) in &elsewhere {
            for file in index.named(name) {
                let (Some(delivered), Some(node)) = (self.delivery.files.get(*file), self.nodes.get_mut(*file)) else {
                    continue;
                };
                node.named.extend(meant.iter().map(|(party, digests)| mismatch(party, digests, delivered)));
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

    /// Remembers who signed for the bytes.
    pub(super) fn made(&mut self, fact: &'a Fact<'a>, node: usize, how: Match) {
        let as_maker = match &fact.claim {
            Claim::Statement(statement) => matches!(
                statement.predicate,
                Predicate::Release(_) | Predicate::Sbom(_) | Predicate::InvalidSbom(_) | Predicate::Delivery(_)
            ),
            Claim::File(_) | Claim::Checksums(_) => true,
            Claim::Layout(_) => false,
        };
        if let Some(node) = self.nodes.get_mut(node).filter(|_| how == Match::Same) {
            node.makers.insert((&fact.party.id, as_maker));
        }
    }

    /// Why a statement with the digest of the file does not count for it, whoever signed: it cannot be read, or it releases
    /// something that nobody asked for (T4, T5).
    fn against(&self, fact: &Fact<'_>, file: usize) -> Option<Reason> {
        let Claim::Statement(statement) = &fact.claim else { return None };
        match &statement.predicate {
            Predicate::Refused(reason) => Some(reason.clone()),
            Predicate::InvalidSbom(invalid) if invalid.tolerated(self.tolerated()).is_none() => {
                invalid.reasons.first().cloned()
            }
            Predicate::Release(release) => {
                let wanted = self.request.product.as_ref()?;
                let product = Product::parse_claim(&release.purl);
                let listed = |product: &Product| {
                    let claimed =
                        self.nodes.get(file).is_some_and(|n| n.claimed.iter().any(|c| c.same_package(product)));
                    claimed && !product.same_line(wanted)
                };
                if product.as_ref().is_some_and(|product| self.is_wanted(product) || listed(product)) {
                    return None;
                }
                let reason = Reason::new(&OTHER_RELEASE).name("party", &fact.party.id).name("expected", wanted);
                Some(reason.evidence("found", &release.purl))
            }
            _ => None,
        }
    }

    /// Binds the fact to the file, or keeps why it does not count. A release of something that nobody asked for shows nothing and
    /// still says what else the bytes are.
    pub(super) fn bind_or_tell(&mut self, fact: &'a Fact<'a>, file: usize, how: Match) {
        let Some(reason) = self.against(fact, file).filter(|_| how == Match::Same) else {
            self.bind_one(fact, file, how);
            return;
        };
        let Some(node) = self.nodes.get_mut(file) else { return };
        node.near.push(reason);
        if let Some(product) = released_as(fact) {
            let grants: Vec<&Grant> = fact.covering(std::slice::from_ref(&product)).collect();
            node.otherwise.extend((!grants.is_empty()).then_some(Binding { fact, grants }));
        }
    }

    /// What releases that count make of the bytes, wanted or listed by an SBOM, whose signers may release that.
    pub(crate) fn released_as(&self, node: usize) -> impl Iterator<Item = Product> {
        releases(self.bindings(node)).map(|(_, product)| product)
    }

    /// Releases of the bytes by whoever may release that, as something that nobody asked for.
    pub(crate) fn released_otherwise(&self, node: usize) -> impl Iterator<Item = &Binding<'a>> {
        self.bytes_of(node).into_iter().flat_map(|node| &node.otherwise)
    }

    fn bind_one(&mut self, fact: &'a Fact<'a>, file: usize, how: Match) {
        let Some(node) = self.nodes.get_mut(file) else { return };
        let party = |info| Reason::new(info).name("party", &fact.party.id);
        match how {
            Match::Same => {
                let products: Vec<&Product> = node.products.iter().chain(node.claimed.iter()).collect();
                let mut grants: Vec<&Grant> = fact.covering(&products).collect();
                if grants.is_empty() {
                    node.near.push(wrong_product(fact));
                    return;
                }
                let content = self.delivery.files.get(file).map(|file| &file.content);
                if let (Claim::File(_), Some(Content::Refused(reason))) = (&fact.claim, content)
                    && content.is_some_and(is_signed_encoding)
                {
                    node.near.push(reason.clone());
                    return;
                }
                if matches!(fact.claim, Claim::File(_)) {
                    // `sbom` lets a party sign SBOM documents, and `vex` documents about vulnerabilities, not any file.
                    let is_vex = content
                        .is_some_and(|content| says_about_vulnerabilities(content, &self.policy.formats.sbom_tolerate));
                    let is_sbom =
                        content.is_some_and(|content| content.sbom(&self.policy.formats.sbom_tolerate).is_some());
                    grants.retain(|grant| grant.file || is_sbom && grant.sbom || is_vex && grant.vex);
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

    /// Which file a claim about other bytes probably means. A signature over a file names nothing; the name of the delivered
    /// file that carries it often does (`FILE.sigstore.json`). Evidence beside the delivery may have any name, so it can
    /// only mean the one file that there is.
    fn name_of(&self, fact: &Fact<'_>, stated: Option<&'a str>) -> Option<&'a str> {
        if let Some(name) = stated.filter(|name| !name.is_empty()) {
            return Some(name);
        }
        let carrier = self.delivery.files.get(fact.file)?;
        if carrier.place == Place::Delivered {
            return SIBLINGS.iter().find_map(|suffix| carrier.path.strip_suffix(suffix));
        }
        let mut delivered = self.delivery.files.iter().filter(|file| file.place == Place::Delivered);
        delivered.next().filter(|_| delivered.next().is_none()).map(|file| file.path.as_str())
    }

    /// Set equality, both directions, between the delivery statement's (path, digest) pairs and the files.
    pub(super) fn hold_against_statement(&mut self) {
        let Some(statement) = &self.statement else { return };
        let held = delivery::hold(statement, self.delivery, &self.policy.algorithms.digest_bind);
        self.negatives.extend(held.absent);
        for (file, outcome) in held.files {
            let Some(node) = self.nodes.get_mut(file) else { continue };
            match outcome {
                Ok(()) => node.held = Some(Binding { fact: statement.fact, grants: statement.grants.clone() }),
                Err(reason) => node.negatives.push(reason),
            }
        }
    }
}

/// What a release statement makes its bytes.
pub(crate) fn released_as(fact: &Fact<'_>) -> Option<Product> {
    match &statement_of(fact)?.predicate {
        Predicate::Release(release) => Product::parse_claim(&release.purl),
        _ => None,
    }
}

/// What releases make of the bytes, of signers who may release that.
pub(crate) fn releases<'b, 'a: 'b>(
    bindings: impl Iterator<Item = &'b Binding<'a>>,
) -> impl Iterator<Item = (&'b Fact<'a>, Product)> {
    bindings.filter_map(|binding| {
        let product = released_as(binding.fact)?;
        binding.grants.iter().any(|grant| grant.covers(&product)).then_some((binding.fact, product))
    })
}

/// (name, digests) of everything a claim is about.
pub(super) fn about<'b>(claim: &'b Claim<'_>) -> Vec<(Option<&'b str>, DigestSet)> {
    match claim {
        Claim::Statement(statement) => {
            statement.meant().iter().map(|Subject { name, digest }| (Some(name.as_str()), digest.clone())).collect()
        }
        Claim::File(digest) => vec![(None, DigestSet::from_iter([digest.clone()]))],
        // Nothing by itself: see `layouts`.
        Claim::Layout(_) => Vec::new(),
        Claim::Checksums(list) => list.files.iter().map(|(name, set)| (Some(name.as_str()), set.clone())).collect(),
    }
}

/// The reason for a statement that names the file and means other bytes, or states no digest that could tell.
fn mismatch(party: &str, digests: &DigestSet, file: &File) -> Reason {
    let Some(theirs) = digests.strongest() else { return Reason::new(&WEAK).name("party", party) };
    let ours = file.digests.get(theirs.algorithm()).unwrap_or_else(|| file.digests.sha256());
    let reason = Reason::new(&DIGEST_MISMATCH).name("party", party);
    reason.digest("expected", &theirs).digest("found", ours)
}

pub(crate) fn wrong_product(fact: &Fact<'_>) -> Reason {
    Reason::new(&WRONG_PRODUCT).name("identity", &fact.identity.id).evidence("predicate", fact.claim.kind())
}
