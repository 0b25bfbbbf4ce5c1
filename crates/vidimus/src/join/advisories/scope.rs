//! What is said about vulnerabilities, seen from one file: which claims are about it or a part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Advisory;
use crate::decode::{BomLink, Element, Sbom, Status, Target, VexClaim};
use crate::digest::{Algorithm, DigestSet, Digests, Match};
use crate::join::Joined;
use crate::policy::{Grant, Party, Product, Purl};
use crate::reason::Reason;
use crate::time::Time;

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
    /// Does anything that is said there stand up for the file? Bad news counts in any case.
    pub believed: bool,
}

/// A file with everything that claims can mean by it.
pub struct Scope<'j, 'a> {
    joined: &'j Joined<'a>,
    file: usize,
    digests: Option<&'a Digests>,
    /// The products that the file is proven to be, and all that it was ever said to be.
    products: Vec<Product>,
    said_products: Vec<Product>,
    /// Names for each of which good news must be believed.
    names: &'j [&'j Product],
    /// With whether they still count.
    sboms: Vec<(&'a Sbom, bool)>,
    /// Components by package, and by digest.
    packages: BTreeMap<String, Vec<(Purl, Named)>>,
    by_digest: BTreeMap<String, Vec<(Rc<DigestSet>, Named)>>,
    /// By `bom-ref`, in which SBOM.
    references: BTreeMap<&'a str, Vec<(usize, Named)>>,
}

/// A place in an SBOM that a claim can mean by a name of it.
#[derive(Clone, Copy)]
struct Named {
    about: About,
    /// May good news mean it? Not where an SBOM that counts no more calls something the product.
    good: bool,
}

/// Which names may be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    /// Good news: the exact version, by names that are believed.
    Good,
    /// Good news as it was said: the exact version, by any name.
    Said,
    /// Whatever fits.
    Bad,
}

impl<'j, 'a> Scope<'j, 'a> {
    /// The scope of one file. Good news counts under grants for each of `names`.
    #[must_use]
    pub fn of(joined: &'j Joined<'a>, file: usize, names: &'j [&'j Product]) -> Self {
        let sboms = agreeing(joined, file);
        let file_digests = joined.delivery.files.get(file).map(|file| &file.digests);
        let accepted = &joined.policy.algorithms.digest_bind;
        let (mut packages, mut by_digest, mut references) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (number, (sbom, counts)) in sboms.iter().enumerate() {
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
                let named = Named { about, good: *counts || about != About::Product };
                // What has no reference is not meant by an empty one.
                if !component.reference().is_empty() {
                    let names: &mut Vec<(usize, Named)> = references.entry(component.reference()).or_default();
                    names.push((number, named));
                }
                for said in component.says(Element::Identifier).filter(|said| said.kind == "purl") {
                    let Some(purl) = Purl::parse(said.text) else { continue };
                    let list: &mut Vec<(Purl, Named)> = packages.entry(purl.product.line()).or_default();
                    list.push((purl, named));
                }
                for digest in digests.computable().filter_map(|algorithm| digests.by(algorithm)) {
                    let list: &mut Vec<(Rc<DigestSet>, Named)> = by_digest.entry(digest.to_string()).or_default();
                    list.push((Rc::clone(&digests), named));
                }
            }
        }
        let digests = file_digests;
        let products = joined.proven_products(file).cloned().collect();
        let (said, at) = joined.as_said(file);
        let said_products = said.proven_products(at).cloned().collect();
        Self { joined, file, digests, products, said_products, names, sboms, packages, by_digest, references }
    }

    fn first(&self) -> usize {
        self.joined.firsts.get(self.file).copied().unwrap_or(self.file)
    }

    /// Advisories that may speak about the file, with whether good news in them counts.
    fn covering(&self) -> impl Iterator<Item = (&'j Advisory<'a>, bool)> + '_ {
        let said = self.joined.advisories.iter().filter(|one| covers(&one.grants, &self.said_products));
        let speaks = |grants: &[&Grant]| self.names.iter().all(|name| grants.iter().any(|grant| grant.covers(name)));
        said.map(move |one| (one, covers(&one.believed, &self.products) && speaks(&one.believed)))
    }

    /// Every claim about the file or a component of it that a grant covers and that was made by `at`.
    ///
    /// Of each document of a party the revisions below the highest do not count (VEX-02). Good news counts if nothing that was said
    /// replaces it, bad news unless something that is still believed replaces it: no denial brings an older answer back.
    #[must_use]
    pub fn claims(&self, at: Time) -> Vec<Applied<'j, 'a>> {
        let said = highest(self.covering().map(|(one, _)| one), at);
        let left = highest(self.covering().filter(|(_, believed)| *believed).map(|(one, _)| one), at);
        let mut found = Vec::new();
        for (advisory, believed) in self.covering().filter(|(one, _)| !is_below(one, &left)) {
            let believed = believed && !is_below(advisory, &said);
            for claim in advisory.claims.iter().filter(|claim| claim.at.is_none_or(|said| said <= at)) {
                let all = self.about(advisory, claim, if is_exact(claim) { News::Said } else { News::Bad });
                // Where nothing was struck, every name is believed.
                let good = (believed && claim.is_good() && self.joined.before().is_some())
                    .then(|| self.about(advisory, claim, News::Good));
                found.extend(all.into_iter().map(|about| {
                    let believed = believed && good.as_ref().is_none_or(|good| good.contains(&about));
                    Applied { advisory, claim, about, believed }
                }));
            }
        }
        found
    }

    /// What a party that may speak about the file signed and nobody can read: about the file, or about nobody knows what.
    pub fn refused(&self) -> impl Iterator<Item = (&'a Party, &'a Reason)> + '_ {
        let meant = |one: &&'j Advisory<'a>| one.subjects.is_empty() || one.subjects.contains(&self.first());
        let covered = self.covering().map(|(one, _)| one).filter(meant);
        covered.filter_map(|one| Some((one.party, one.refused?)))
    }

    fn about(&self, advisory: &Advisory<'_>, claim: &VexClaim, news: News) -> BTreeSet<About> {
        let mut found = BTreeSet::new();
        if claim.targets.is_empty() && advisory.subjects.contains(&self.first()) {
            found.insert(About::Product);
        }
        for target in &claim.targets {
            if target.parts.is_empty() {
                self.target(advisory, target, news, &mut found);
            } else {
                self.parts(advisory, target, news, &mut found);
            }
        }
        found
    }

    /// A product with the parts of it that the vulnerability is in. That it does no harm in some parts leaves the others open; that it
    /// does harm is true of the whole, too, unless the SBOM has each of the parts.
    fn parts(&self, advisory: &Advisory<'_>, target: &Target, news: News, found: &mut BTreeSet<About>) {
        let (mut whole, mut parts) = (BTreeSet::new(), BTreeSet::new());
        self.target(advisory, target, news, &mut whole);
        if news != News::Bad {
            if whole.contains(&About::Product) {
                target.parts.iter().for_each(|part| self.target(advisory, part, news, &mut parts));
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
            self.target(advisory, part, News::Said, &mut exact);
            all_known &= !exact.is_empty();
            self.target(advisory, part, News::Bad, &mut parts);
        }
        found.extend(parts);
        if !all_known {
            found.extend(whole);
        }
    }

    fn target(&self, advisory: &Advisory<'_>, target: &Target, news: News, found: &mut BTreeSet<About>) {
        let accepted = &self.joined.policy.algorithms.digest_bind;
        let is_good = news != News::Bad;
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
            let parts = parts.filter(|(_, named)| named.by(news));
            let meant = parts.filter(|(digests, _)| !is_good || is_same(&target.digests, digests, accepted));
            found.extend(meant.map(|(_, named)| named.about));
        }
        let products = if news == News::Good { &self.products } else { &self.said_products };
        for purl in target.purls.iter().filter_map(|purl| Purl::parse(purl)) {
            let product = &purl.product;
            let same = |other: &Product| {
                if is_good { product.version().is_some() && product == other } else { product.same_package(other) }
            };
            if products.iter().any(same) && (!is_good || purl.is_plain()) {
                found.insert(About::Product);
            }
            let parts = self.packages.get(&product.line()).into_iter().flatten().filter(|(_, named)| named.by(news));
            let meant = parts.filter(|(part, _)| same(&part.product) && (!is_good || purl.is_within(part)));
            found.extend(meant.map(|(_, named)| named.about));
        }
        for reference in target.references.iter().filter(|reference| !reference.is_empty()) {
            self.reference(advisory, reference, news, found);
        }
    }

    /// A BOM-Link into an SBOM that counts for the file, or the name of an element of the document itself.
    fn reference(&self, advisory: &Advisory<'_>, reference: &str, news: News, found: &mut BTreeSet<About>) {
        let in_sboms = |name: &str, is_meant: &dyn Fn(&Sbom) -> bool| -> Vec<About> {
            let named = self.references.get(name).into_iter().flatten().filter(|(_, named)| named.by(news));
            let meant = named.filter(|(number, _)| self.sboms.get(*number).is_some_and(|(sbom, _)| is_meant(sbom)));
            meant.map(|(_, named)| named.about).collect()
        };
        if let Some(link) = BomLink::parse(reference) {
            let mut whole = self.sboms.iter().filter(|(_, counts)| *counts || news != News::Good);
            if link.element.is_none() && whole.any(|(sbom, _)| is_document(sbom, link)) {
                found.insert(About::Product);
            }
            link.references().for_each(|name| found.extend(in_sboms(&name, &|sbom| is_document(sbom, link))));
            return;
        }
        let Some(own) = advisory.sbom else { return };
        found.extend(in_sboms(reference, &|sbom| std::ptr::eq(own, sbom)));
        // A document of its own describes what it speaks about: its component is looked for by what is known of it.
        if self.sboms.iter().any(|(sbom, _)| std::ptr::eq(own, *sbom)) {
            return;
        }
        let Some(component) = own.components().find(|c| c.reference() == reference) else { return };
        let described = Target {
            purls: component.purl().map(str::to_owned).into_iter().collect(),
            digests: component.digests(),
            ..Target::default()
        };
        self.target(advisory, &described, news, found);
    }

    /// What a component is called, for reasons.
    #[must_use]
    pub fn name(&self, about: About) -> Option<&'a str> {
        let About::Component(sbom, position) = about else { return None };
        let component = self.sboms.get(sbom)?.0.components().nth(position)?;
        Some(component.purl().unwrap_or_else(|| component.name()))
    }
}

impl Named {
    fn by(self, news: News) -> bool {
        self.good || news != News::Good
    }
}

/// SBOMs that agree with the file, and whether they count: they must do so by all that was said as well.
fn agreeing<'a>(joined: &Joined<'a>, file: usize) -> Vec<(&'a Sbom, bool)> {
    let of = |joined: &Joined<'a>, node: usize| -> Vec<&'a Sbom> {
        joined.sboms_of(node).filter(|(_, agrees)| agrees.is_ok()).map(|(bound, _)| bound.sbom).collect()
    };
    let left = of(joined, file);
    if joined.before().is_none() {
        return left.into_iter().map(|sbom| (sbom, true)).collect();
    }
    let (before, at) = joined.as_said(file);
    let is_in = |list: &[&'a Sbom], sbom: &'a Sbom| list.iter().any(|other| std::ptr::eq(*other, sbom));
    let said = of(before, at);
    let only_left: Vec<&'a Sbom> = left.iter().copied().filter(|sbom| !is_in(&said, sbom)).collect();
    let said = said.into_iter().map(|sbom| (sbom, is_in(&left, sbom)));
    said.chain(only_left.into_iter().map(|sbom| (sbom, false))).collect()
}

/// Is one of the grants about one of the products?
fn covers(grants: &[&Grant], products: &[Product]) -> bool {
    grants.iter().any(|grant| match &grant.products {
        None => true,
        Some(patterns) => patterns.iter().any(|pattern| products.iter().any(|product| pattern.covers(product))),
    })
}

/// By party and document the highest revision.
type Highest<'a> = BTreeMap<(&'a str, &'a str), &'a [u64]>;

/// A revision that claims a later time than `at` was not there then, and takes the place of none.
fn highest<'x>(all: impl Iterator<Item = &'x Advisory<'x>>, at: Time) -> Highest<'x> {
    let mut highest = Highest::new();
    for advisory in all.filter(|advisory| advisory.latest.is_none_or(|latest| latest <= at)) {
        let known = highest.entry((&advisory.party.id, &advisory.revision.0)).or_default();
        *known = (*known).max(&advisory.revision.1);
    }
    highest
}

/// Is there a higher revision of the document? One without a name has none.
fn is_below(advisory: &Advisory<'_>, highest: &Highest<'_>) -> bool {
    let (document, revision) = &advisory.revision;
    let highest = highest.get(&(advisory.party.id.as_str(), document.as_str()));
    !document.is_empty() && highest.is_some_and(|highest| revision.as_slice() < *highest)
}

/// That something does no harm counts for the exact version, whether it is said why or not.
const fn is_exact(claim: &VexClaim) -> bool {
    matches!(claim.status, Some(Status::Fixed | Status::NotAffected))
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
