//! SBOMs that count: signed by a party granted `sbom`, and bound to a delivered file by digest (T3).

use std::collections::{BTreeMap, BTreeSet};

use super::Joined;
use super::chain::compare;
use super::index::Index;
use super::links::{self, Document};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Component, Content, Held, Predicate, Sbom, Statement};
use crate::digest::{Digest, DigestSet, Match};
use crate::policy::{Grant, Party, Product};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    ROOT_MISMATCH = "sbom.root-mismatch", Refuted, Vendor, ["expected", "found"],
        says "the SBOM is about {found}, the artifact is {expected}",
        why "A genuine SBOM of something else must not describe this artifact (T3).",
        fix "Deliver the SBOM of this product and version, signed and bound to this file.";
    FORMAT = "sbom.format", Unproven, Vendor, ["accepted", "found"],
        says "the SBOM is {found}; the policy accepts {accepted}",
        why "The policy sets which formats can carry what it asks for (T14).",
        fix "Produce the SBOM in an accepted format.";
}

/// By which of the three routes an SBOM is bound (T3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// The SBOM is the predicate of a statement whose subject is the file.
    Statement,
    /// An accepted delivery statement lists both, and its signer is granted `sbom`.
    Delivery,
    /// The SBOM document is signed, and its root component's hash is the file's.
    RootHash,
}

/// An SBOM that counts for at least one file.
#[derive(Clone, Debug)]
pub struct BoundSbom<'a> {
    /// Evidence id: of the statement, or sha256 of the document.
    pub id: Digest,
    /// The SBOM.
    pub sbom: &'a Sbom,
    /// What is wrong with it by its own format, and tolerated by the policy.
    pub violations: &'a [Reason],
    /// Evidence id of what was signed: the statement, or the signature over the document.
    pub vouched_by: Digest,
    /// What was signed.
    pub fact: &'a Fact<'a>,
    /// Who signed it.
    pub party: &'a Party,
    /// When at the latest.
    pub not_later_than: Option<Time>,
    /// By the first file with the bytes: the route, and whether root and format agree.
    pub files: BTreeMap<usize, (Route, Result<(), Reason>)>,
}

impl BoundSbom<'_> {
    /// Do the grants under which it may be signed hold what `covered` asks?
    pub(crate) fn is_covered(&self, covered: impl Fn(&[&Grant]) -> bool) -> bool {
        let is_statement =
            matches!(&self.fact.claim, Claim::Statement(s) if !matches!(s.predicate, Predicate::Delivery(_)));
        let may = self.fact.grants.iter().copied().filter(|grant| is_statement || grant.sbom);
        covered(&may.collect::<Vec<_>>())
    }
}

/// All SBOMs that count, given the products known so far.
pub(super) fn bound<'a>(joined: &Joined<'a>, index: &Index<'_>, facts: &[&'a Fact<'a>]) -> Vec<BoundSbom<'a>> {
    let mut all = Vec::new();
    for fact in facts.iter().copied() {
        match &fact.claim {
            Claim::Statement(Statement { subjects, predicate, .. }) => {
                let Some(held) = of(predicate, joined) else { continue };
                let files = subjects.iter().flat_map(|s| index.same(&s.digest)).map(|f| (f, Route::Statement));
                all.extend(bind(joined, fact, fact.id.clone(), held, files, |_| true));
            }
            Claim::Checksums(_) | Claim::Layout(_) => {}
            Claim::File(digest) => {
                for (id, held) in documents(joined, index, &DigestSet::from_iter([digest.clone()])) {
                    let root = held.sbom.root().map(|r| r.digests()).unwrap_or_default();
                    let files = index.same(&root).map(|f| (f, Route::RootHash));
                    all.extend(bind(joined, fact, id, held, files, |grant| grant.sbom));
                }
            }
        }
    }
    if let Some(statement) = &joined.statement {
        let paths: BTreeSet<&str> = statement.subjects.iter().map(|(path, _)| *path).collect();
        let listed = statement.evidence.iter().chain(&statement.subjects);
        for (id, held) in listed.flat_map(|(_, digests)| documents(joined, index, digests)) {
            let whole = covered_by(held.sbom, joined, index, &paths, &id);
            let files = whole.into_iter().map(|f| (f, Route::Delivery));
            all.extend(bind(joined, statement.fact, id, held, files, |grant| grant.sbom));
        }
    }
    all.sort_by(|a, b| (&a.id, &a.party.id, a.files.keys().next()).cmp(&(&b.id, &b.party.id, b.files.keys().next())));
    all
}

/// What is noteworthy about SBOMs beside each other: those that count, and every document that was delivered.
pub(super) fn links(joined: &Joined<'_>) -> BTreeMap<Digest, Vec<Reason>> {
    let mut documents: BTreeMap<&Digest, Document<'_>> = BTreeMap::new();
    for bound in &joined.sboms {
        documents.insert(&bound.id, Document { id: &bound.id, sbom: bound.sbom, bytes: None });
    }
    for file in &joined.delivery.files {
        if let Some(held) = file.content.sbom(joined.tolerated()) {
            let id = file.digests.sha256();
            documents.insert(id, Document { id, sbom: held.sbom, bytes: file.bytes.as_deref() });
        }
    }
    let documents: Vec<Document<'_>> = documents.into_values().collect();
    let ids = documents.iter().map(|document| document.id.clone());
    ids.zip(links::between(&documents)).filter(|(_, found)| !found.is_empty()).collect()
}

/// The SBOMs that count for some file, with their bytes where they are files.
pub(super) fn counting<'j>(joined: &'j Joined<'_>) -> Vec<Document<'j>> {
    let files: BTreeMap<&Digest, &[u8]> =
        joined.delivery.files.iter().filter_map(|file| Some((file.digests.sha256(), file.bytes.as_deref()?))).collect();
    let mut documents: BTreeMap<&Digest, Document<'_>> = BTreeMap::new();
    let agree = |bound: &&BoundSbom<'_>| bound.files.values().any(|(_, agrees)| agrees.is_ok());
    for bound in joined.sboms.iter().filter(agree) {
        let bytes = files.get(&bound.id).copied();
        documents.insert(&bound.id, Document { id: &bound.id, sbom: bound.sbom, bytes });
    }
    documents.into_values().collect()
}

/// Which files an SBOM listed in a delivery statement describes: the one that its root's hash names, or, without a hash,
/// every other file of the statement.
fn covered_by(sbom: &Sbom, joined: &Joined<'_>, index: &Index<'_>, paths: &BTreeSet<&str>, own: &Digest) -> Vec<usize> {
    let root = sbom.root().map(|r| r.digests()).filter(|d| d.strongest().is_some());
    if let Some(digests) = root {
        return index.same(&digests).collect();
    }
    let files = joined.delivery.files.iter().enumerate();
    let described = files.filter(|(_, file)| paths.contains(file.path.as_str()) && file.digests.sha256() != own);
    described
        .filter(|(_, file)| !joined.is_sbom(file))
        .filter(|(_, file)| !matches!(file.content, Content::Signed(_) | Content::Checksums(_)))
        .filter_map(|(index, _)| joined.firsts.get(index).copied())
        .collect()
}

/// SBOM documents that a digest set means.
pub(super) fn documents<'a>(joined: &Joined<'a>, index: &Index<'_>, digests: &DigestSet) -> Vec<(Digest, Held<'a>)> {
    index
        .same(digests)
        .filter_map(|file| joined.delivery.files.get(file))
        .filter_map(|file| Some((file.digests.sha256().clone(), file.content.sbom(joined.tolerated())?)))
        .collect()
}

/// The SBOM that a predicate is.
pub(super) fn of<'a>(predicate: &'a Predicate, joined: &Joined<'a>) -> Option<Held<'a>> {
    match predicate {
        Predicate::Sbom(sbom) => Some(Held { sbom, violations: &[] }),
        Predicate::InvalidSbom(invalid) => invalid.tolerated(joined.tolerated()),
        _ => None,
    }
}

fn bind<'a>(
    joined: &Joined<'a>,
    fact: &'a Fact<'a>,
    id: Digest,
    held: Held<'a>,
    files: impl Iterator<Item = (usize, Route)>,
    granted: impl Fn(&Grant) -> bool,
) -> Option<BoundSbom<'a>> {
    let (mut bound, sbom) = (BTreeMap::new(), held.sbom);
    for (file, route) in files {
        let products: Vec<Product> = joined.products(file).cloned().collect();
        if fact.covering(&products).any(&granted) {
            let digests = joined.digests_of(file);
            bound.entry(file).or_insert_with(|| (route, agrees(joined, sbom, file, &digests, &products)));
        }
    }
    (!bound.is_empty()).then_some(BoundSbom {
        id,
        sbom,
        violations: held.violations,
        vouched_by: fact.id.clone(),
        fact,
        party: fact.party,
        not_later_than: fact.not_later_than,
        files: bound,
    })
}

/// Format accepted, and root component is this file and a product of it, as far as the SBOM says.
pub(super) fn agrees(
    joined: &Joined<'_>,
    sbom: &Sbom,
    file: usize,
    digests: &DigestSet,
    products: &[Product],
) -> Result<(), Reason> {
    let accepted = &joined.policy.formats.sbom;
    if !accepted.is_empty() && !accepted.contains(&sbom.format) {
        return Err(Reason::new(&FORMAT).evidence("found", &sbom.format).name("accepted", accepted.join(", ")));
    }
    let Some(root) = sbom.root() else { return Ok(()) };
    let accepted = &joined.policy.algorithms.digest_bind;
    if matches!(compare(digests, &root.digests(), accepted), Match::Other | Match::Conflict) {
        let found = root.digests().strongest().map_or_else(|| "another digest".to_owned(), |d| d.to_string());
        let ours = joined.delivery.files.get(file).map(|file| file.digests.sha256().clone());
        let reason = Reason::new(&ROOT_MISMATCH).name("found", found);
        return Err(match ours.or_else(|| digests.strongest()) {
            Some(expected) => reason.digest("expected", &expected),
            None => reason,
        });
    }
    if products.is_empty() || is_one_of(root, products) {
        return Ok(());
    }
    let found = root.purl().map_or_else(|| named(root), ToOwned::to_owned);
    let expected: Vec<String> = products.iter().map(ToString::to_string).collect();
    Err(Reason::new(&ROOT_MISMATCH).evidence("found", &found).name("expected", expected.join(" or ")))
}

/// By package URL where the root has one; by name and version otherwise. A version that either side leaves out is not compared.
fn is_one_of(root: Component<'_>, products: &[Product]) -> bool {
    match root.purl().map(Product::parse_claim) {
        Some(Some(purl)) => products.iter().any(|product| product.same_package(&purl)),
        Some(None) => false,
        None => products.iter().any(|product| {
            let version = |v: &str| root.version().is_none_or(|own| own == v);
            root.name() == product.name() && product.version().is_none_or(version)
        }),
    }
}

fn named(component: Component<'_>) -> String {
    match component.version() {
        Some(version) => format!("{}@{version}", component.name()),
        None => component.name().to_owned(),
    }
}
