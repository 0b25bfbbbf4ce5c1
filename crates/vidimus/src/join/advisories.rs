//! What granted parties say about vulnerabilities, and whether it is about a file: by digest, by the product that was asked for, or by
//! a component of an SBOM that counts for the file (VEX-01, VEX-04).
//!
//! A name that fits loosely is enough for bad news and never for good news: that something does no harm counts for the exact version.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Joined;
use super::index::Index;
use super::sbom;
use crate::authenticate::{Claim, Fact};
use crate::decode::{BomLink, Content, Element, Predicate, Sbom, Statement, Status, Target, VexClaim};
use crate::digest::{Algorithm, Digest, DigestSet, Digests, Match};
use crate::policy::{Grant, Party, Product, Purl};
use crate::reason::Reason;
use crate::time::Time;

/// Everything that one document says.
pub struct Advisory<'a> {
    /// Evidence id.
    pub id: Digest,
    /// Who signed it.
    pub party: &'a Party,
    /// Grants that let the signer say this.
    pub grants: Vec<&'a Grant>,
    /// The document as it calls itself, and its revision; of one document of a party the highest revision counts.
    pub revision: (String, Vec<u64>),
    /// What it says.
    pub claims: &'a [VexClaim],
    /// The document's own components, which its references mean.
    pub sbom: Option<&'a Sbom>,
    /// By the first file with the bytes: what the envelope is about, for claims that name no product.
    pub subjects: BTreeSet<usize>,
    /// The latest time that it claims for anything.
    pub latest: Option<Time>,
    /// Why it cannot be read; then nobody knows what it says.
    pub refused: Option<&'a Reason>,
}

/// Everything that is said, by evidence id.
pub(super) fn all<'a>(joined: &Joined<'a>, index: &Index<'_>, facts: &[&'a Fact<'a>]) -> Vec<Advisory<'a>> {
    let mut all: Vec<Advisory<'a>> = Vec::new();
    for fact in facts.iter().copied() {
        match &fact.claim {
            Claim::Statement(Statement { subjects, predicate, predicate_type, .. }) => {
                let subjects: BTreeSet<usize> = subjects.iter().flat_map(|s| index.same(&s.digest)).collect();
                match predicate {
                    Predicate::Vex(vex) => all.push(Advisory {
                        id: fact.id.clone(),
                        party: fact.party,
                        grants: fact.grants.clone(),
                        revision: (vex.id.clone(), vex.version.clone()),
                        claims: &vex.claims,
                        sbom: None,
                        subjects,
                        latest: vex.latest(),
                        refused: None,
                    }),
                    Predicate::Refused(reason) if is_ours(reason) => {
                        // VEX names its products itself, so that it may be about any file; a scan is about its subjects.
                        let is_vex = predicate_type.starts_with("https://openvex.dev/");
                        if is_vex || !subjects.is_empty() {
                            let subjects = if is_vex { BTreeSet::new() } else { subjects };
                            all.push(refused(fact, fact.id.clone(), fact.grants.clone(), reason, subjects));
                        }
                    }
                    predicate => {
                        let held = sbom::of(predicate, joined);
                        all.extend(held.and_then(|held| of_sbom(joined, fact, fact.id.clone(), held.sbom, subjects)));
                    }
                }
            }
            Claim::File(digest) => {
                let set = [digest.clone()].into_iter().collect();
                all.extend(index.same(&set).flat_map(|file| document(joined, fact, file)));
            }
            Claim::Checksums(_) => {}
        }
    }
    if let Some(statement) = &joined.statement {
        for (_, digests) in statement.evidence.iter().chain(&statement.subjects) {
            all.extend(index.same(digests).flat_map(|file| document(joined, statement.fact, file)));
        }
    }
    // Each piece of evidence counts once for a party, under all of its grants.
    all.sort_by(|a, b| (&a.id, &a.party.id).cmp(&(&b.id, &b.party.id)));
    all.dedup_by(|later, first| {
        let same = later.id == first.id && later.party.id == first.party.id;
        if same {
            first.grants.append(&mut later.grants);
            first.subjects.append(&mut later.subjects);
        }
        same
    });
    all
}

/// Is it something about vulnerabilities that cannot be read?
fn is_ours(reason: &Reason) -> bool {
    reason.code().starts_with("vex.")
}

/// What a granted party signed and nobody can read.
const fn refused<'a>(
    fact: &'a Fact<'a>,
    id: Digest,
    grants: Vec<&'a Grant>,
    reason: &'a Reason,
    subjects: BTreeSet<usize>,
) -> Advisory<'a> {
    Advisory {
        id,
        party: fact.party,
        grants,
        revision: (String::new(), Vec::new()),
        claims: &[],
        sbom: None,
        subjects,
        latest: None,
        refused: Some(reason),
    }
}

/// A VEX document, or an SBOM with something to say, that a fact is about.
fn document<'a>(joined: &Joined<'a>, fact: &'a Fact<'a>, file: usize) -> Option<Advisory<'a>> {
    let file = joined.delivery.files.get(file)?;
    let id = file.digests.sha256().clone();
    match &file.content {
        Content::Vex(vex) => {
            let grants = may(joined, fact);
            let revision = (vex.id.clone(), vex.version.clone());
            (!grants.is_empty()).then(|| Advisory {
                id,
                party: fact.party,
                grants,
                revision,
                claims: &vex.claims,
                sbom: None,
                subjects: BTreeSet::new(),
                latest: vex.latest(),
                refused: None,
            })
        }
        Content::Refused(reason) if is_ours(reason) => {
            let grants = may(joined, fact);
            (!grants.is_empty()).then(|| refused(fact, id, grants, reason, BTreeSet::new()))
        }
        content => {
            let held = content.sbom(joined.tolerated())?;
            of_sbom(joined, fact, id, held.sbom, BTreeSet::new())
        }
    }
}

fn of_sbom<'a>(
    joined: &Joined<'a>,
    fact: &'a Fact<'a>,
    id: Digest,
    sbom: &'a Sbom,
    subjects: BTreeSet<usize>,
) -> Option<Advisory<'a>> {
    let grants = may(joined, fact);
    let serial = sbom.document().text(Element::DocumentId).unwrap_or_default().to_owned();
    let version = sbom.document().text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1);
    (!sbom.vulnerabilities.is_empty() && !grants.is_empty()).then(|| Advisory {
        id,
        party: fact.party,
        grants,
        revision: (serial, vec![version]),
        claims: &sbom.vulnerabilities,
        sbom: Some(sbom),
        subjects,
        latest: sbom.vulnerabilities.iter().filter_map(|claim| claim.at).max(),
        refused: None,
    })
}

/// Grants that let the signer of a fact speak about vulnerabilities.
fn may<'a>(joined: &Joined<'a>, fact: &Fact<'_>) -> Vec<&'a Grant> {
    let own = joined.policy.grants.iter().filter(|grant| grant.identities.contains(&fact.identity.id));
    own.filter(|grant| grant.vex).collect()
}

/// Of each document of a party the revisions below the highest do not count (VEX-02). A revision that claims a later time than `at` was
/// not there then, and takes the place of none.
fn newest(all: &mut Vec<&Advisory<'_>>, at: Time) {
    let mut highest: BTreeMap<(&str, &str), &[u64]> = BTreeMap::new();
    for advisory in all.iter().filter(|advisory| advisory.latest.is_none_or(|latest| latest <= at)) {
        let known = highest.entry((&advisory.party.id, &advisory.revision.0)).or_default();
        *known = (*known).max(&advisory.revision.1);
    }
    all.retain(|advisory| {
        let highest = highest.get(&(advisory.party.id.as_str(), advisory.revision.0.as_str()));
        advisory.revision.0.is_empty() || highest.is_none_or(|highest| advisory.revision.1.as_slice() >= *highest)
    });
}

/// What a claim is about, seen from one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The file itself, or the product that it is.
    Product,
    /// A component of an SBOM that counts for the file: position of the SBOM and place of the component among its components.
    Component(usize, usize),
}

/// One claim that is about a file.
pub struct Applied<'j, 'a> {
    /// Where it stands.
    pub advisory: &'j Advisory<'a>,
    /// What it says.
    pub claim: &'a VexClaim,
    /// About what.
    pub about: About,
}

/// A file with everything that claims can mean by it.
pub struct Scope<'j, 'a> {
    joined: &'j Joined<'a>,
    file: usize,
    digests: Option<&'a Digests>,
    products: Vec<Product>,
    sboms: Vec<&'a Sbom>,
    /// Components by package, and by digest.
    packages: BTreeMap<String, Vec<(Purl, About)>>,
    by_digest: BTreeMap<String, Vec<(Rc<DigestSet>, About)>>,
    /// By `bom-ref`, in which SBOM.
    references: BTreeMap<&'a str, Vec<(usize, About)>>,
}

impl<'j, 'a> Scope<'j, 'a> {
    /// The scope of one file.
    #[must_use]
    pub fn of(joined: &'j Joined<'a>, file: usize) -> Self {
        let sboms: Vec<&'a Sbom> =
            joined.sboms_of(file).filter(|(_, agrees)| agrees.is_ok()).map(|(b, _)| b.sbom).collect();
        let file_digests = joined.delivery.files.get(file).map(|file| &file.digests);
        let accepted = &joined.policy.algorithms.digest_bind;
        let (mut packages, mut by_digest, mut references) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (number, sbom) in sboms.iter().enumerate() {
            let root = sbom.root().map(|root| root.id);
            for (position, component) in sbom.components().enumerate() {
                // What the document is about, and what has the file's own bytes, is the product and no part of it.
                let digests = Rc::new(component.digests());
                let is_file = file_digests.is_some_and(|own| digests.matches(own, accepted) == Match::Same);
                let about = if Some(component.id) == root || is_file {
                    About::Product
                } else {
                    About::Component(number, position)
                };
                // What has no reference is not meant by an empty one.
                if !component.reference().is_empty() {
                    let names: &mut Vec<(usize, About)> = references.entry(component.reference()).or_default();
                    names.push((number, about));
                }
                for said in component.says(Element::Identifier).filter(|said| said.kind == "purl") {
                    let Some(purl) = Purl::parse(said.text) else { continue };
                    let list: &mut Vec<(Purl, About)> = packages.entry(purl.product.line()).or_default();
                    list.push((purl, about));
                }
                for digest in digests.computable().filter_map(|algorithm| digests.by(algorithm)) {
                    let list: &mut Vec<(Rc<DigestSet>, About)> = by_digest.entry(digest.to_string()).or_default();
                    list.push((Rc::clone(&digests), about));
                }
            }
        }
        let digests = file_digests;
        let products = joined.proven_products(file).cloned().collect();
        Self { joined, file, digests, products, sboms, packages, by_digest, references }
    }

    /// Is a grant of the advisory about a product of the file?
    fn covers(&self, advisory: &Advisory<'a>) -> bool {
        advisory.grants.iter().any(|grant| match &grant.products {
            None => true,
            Some(patterns) => patterns.iter().any(|pattern| self.products.iter().any(|p| pattern.covers(p))),
        })
    }

    fn first(&self) -> usize {
        self.joined.firsts.get(self.file).copied().unwrap_or(self.file)
    }

    /// Every claim about the file or a component of it that a grant covers and that was made by `at`.
    #[must_use]
    pub fn claims(&self, at: Time) -> Vec<Applied<'j, 'a>> {
        let mut counted: Vec<&'j Advisory<'a>> = self.joined.advisories.iter().filter(|one| self.covers(one)).collect();
        newest(&mut counted, at);
        let mut found = Vec::new();
        for advisory in counted {
            for claim in advisory.claims.iter().filter(|claim| claim.at.is_none_or(|said| said <= at)) {
                let about = self.about(advisory, claim);
                found.extend(about.into_iter().map(|about| Applied { advisory, claim, about }));
            }
        }
        found
    }

    /// What a party that may speak about the file signed and nobody can read: about the file, or about nobody knows what.
    pub fn refused(&self) -> impl Iterator<Item = (&'a Party, &'a Reason)> + '_ {
        let meant = |one: &&'j Advisory<'a>| one.subjects.is_empty() || one.subjects.contains(&self.first());
        let covered = self.joined.advisories.iter().filter(|one| one.refused.is_some() && self.covers(one));
        covered.filter(meant).filter_map(|one| Some((one.party, one.refused?)))
    }

    fn about(&self, advisory: &Advisory<'_>, claim: &VexClaim) -> BTreeSet<About> {
        let is_good = matches!(claim.status, Some(Status::Fixed | Status::NotAffected));
        let mut found = BTreeSet::new();
        if claim.targets.is_empty() && advisory.subjects.contains(&self.first()) {
            found.insert(About::Product);
        }
        for target in &claim.targets {
            if target.parts.is_empty() {
                self.target(advisory, target, is_good, &mut found);
            } else {
                self.parts(advisory, target, is_good, &mut found);
            }
        }
        found
    }

    /// A product with the parts of it that the vulnerability is in. That it does no harm in some parts leaves the others open; that it
    /// does harm is true of the whole, too, unless the SBOM has each of the parts.
    fn parts(&self, advisory: &Advisory<'_>, target: &Target, is_good: bool, found: &mut BTreeSet<About>) {
        let (mut whole, mut parts) = (BTreeSet::new(), BTreeSet::new());
        self.target(advisory, target, is_good, &mut whole);
        if is_good {
            if whole.contains(&About::Product) {
                target.parts.iter().for_each(|part| self.target(advisory, part, true, &mut parts));
                parts.remove(&About::Product);
                found.extend(parts);
            }
            return;
        }
        // What nothing identifies may be this product.
        if whole.is_empty() && is_comparable(target) {
            return;
        }
        let mut all_known = true;
        for part in &target.parts {
            let mut exact = BTreeSet::new();
            self.target(advisory, part, true, &mut exact);
            all_known &= !exact.is_empty();
            self.target(advisory, part, false, &mut parts);
        }
        found.extend(parts);
        if !all_known {
            found.extend(whole);
        }
    }

    fn target(&self, advisory: &Advisory<'_>, target: &Target, is_good: bool, found: &mut BTreeSet<About>) {
        let accepted = &self.joined.policy.algorithms.digest_bind;
        let is_file = |how| match how {
            Match::Same => true,
            Match::Conflict | Match::Weak => !is_good,
            Match::Other | Match::Incomparable => false,
        };
        if self.digests.is_some_and(|digests| is_file(target.digests.matches(digests, accepted))) {
            found.insert(About::Product);
        }
        for digest in target.digests.computable().filter_map(|algorithm| target.digests.by(algorithm)) {
            let parts = self.by_digest.get(&digest.to_string()).into_iter().flatten();
            let meant = parts.filter(|(digests, _)| !is_good || is_same(&target.digests, digests, accepted));
            found.extend(meant.map(|(_, about)| *about));
        }
        for purl in target.purls.iter().filter_map(|purl| Purl::parse(purl)) {
            let product = &purl.product;
            let same = |other: &Product| {
                if is_good { product.version().is_some() && product == other } else { product.same_package(other) }
            };
            if self.products.iter().any(same) && (!is_good || purl.is_plain()) {
                found.insert(About::Product);
            }
            let parts = self.packages.get(&product.line()).into_iter().flatten();
            let meant = parts.filter(|(part, _)| same(&part.product) && (!is_good || purl.is_within(part)));
            found.extend(meant.map(|(_, about)| *about));
        }
        for reference in target.references.iter().filter(|reference| !reference.is_empty()) {
            self.reference(advisory, reference, is_good, found);
        }
    }

    /// A BOM-Link into an SBOM that counts for the file, or the name of an element of the document itself.
    fn reference(&self, advisory: &Advisory<'_>, reference: &str, is_good: bool, found: &mut BTreeSet<About>) {
        let in_sboms = |name: &str, is_meant: &dyn Fn(&Sbom) -> bool| -> Vec<About> {
            let named = self.references.get(name).into_iter().flatten();
            let meant = named.filter(|(number, _)| self.sboms.get(*number).is_some_and(|sbom| is_meant(sbom)));
            meant.map(|(_, about)| *about).collect()
        };
        if let Some(link) = BomLink::parse(reference) {
            if link.element.is_none() && self.sboms.iter().any(|sbom| is_document(sbom, link)) {
                found.insert(About::Product);
            }
            link.references().for_each(|name| found.extend(in_sboms(&name, &|sbom| is_document(sbom, link))));
            return;
        }
        let Some(own) = advisory.sbom else { return };
        found.extend(in_sboms(reference, &|sbom| std::ptr::eq(own, sbom)));
        // A document of its own describes what it speaks about: its component is looked for by what is known of it.
        if self.sboms.iter().any(|sbom| std::ptr::eq(own, *sbom)) {
            return;
        }
        let Some(component) = own.components().find(|c| c.reference() == reference) else { return };
        let described = Target {
            purls: component.purl().map(str::to_owned).into_iter().collect(),
            digests: component.digests(),
            ..Target::default()
        };
        self.target(advisory, &described, is_good, found);
    }

    /// What a component is called, for reasons.
    #[must_use]
    pub fn name(&self, about: About) -> Option<&'a str> {
        let About::Component(sbom, position) = about else { return None };
        let component = self.sboms.get(sbom)?.components().nth(position)?;
        Some(component.purl().unwrap_or_else(|| component.name()))
    }
}

/// Is there anything by which it could be told from other products?
fn is_comparable(target: &Target) -> bool {
    target.purls.iter().any(|purl| Purl::parse(purl).is_some())
        || target.digests.computable().next().is_some()
        || target.references.iter().any(|reference| !reference.is_empty())
}

/// Do two documents mean the same bytes: an accepted algorithm agrees, and none disagrees?
fn is_same(a: &DigestSet, b: &DigestSet, accepted: &[Algorithm]) -> bool {
    let both = |algorithm| Some((a.by(algorithm)?, b.by(algorithm)?));
    let compared: Vec<_> = a.computable().filter_map(|algorithm| Some((algorithm, both(algorithm)?))).collect();
    compared.iter().any(|(algorithm, _)| accepted.contains(algorithm)) && compared.iter().all(|(_, (a, b))| a == b)
}

fn is_document(sbom: &Sbom, link: BomLink<'_>) -> bool {
    let own = sbom.document();
    let version = own.text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1);
    own.text(Element::DocumentId).and_then(|serial| serial.strip_prefix("urn:uuid:")) == Some(link.serial)
        && version == link.version
}
