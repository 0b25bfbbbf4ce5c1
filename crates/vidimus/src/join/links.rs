//! References between SBOM documents: BOM-Links, external documents, imports (CDX-02, CDX-17, SPX-05, SP3-05, AGG-01).
//!
//! A document is found by the identity that it states and confirmed by its bytes. Finding it adds no trust: what it says counts only
//! if a granted party signed it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest as digest_of};

use crate::decode::{BomLink, Component, Element, Findings, LISTED, Linked, Sbom};
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::reason::Reason;

crate::reasons! {
    UNRESOLVED = "sbom.link-unresolved", Unproven, Vendor, ["reference"],
        says "it refers to {reference}, which is in none of the SBOM documents at hand",
        why "What is described elsewhere is not seen, so nothing is said about it (CDX-17, SPX-03, SP3-05).",
        fix "Deliver the document that is referred to, with the identity and revision of the reference.";
    MISMATCH = "sbom.link-mismatch", Unproven, Vendor, ["expected", "found", "reference"],
        says "it refers to {reference} with the digest {expected}; the document at hand that calls itself so has {found}",
        why "Whoever made the reference meant other bytes: the document was changed, exchanged, or is another revision (SPDX 2.3 clause 6.6, SPDX 3.0.1 ExternalMap; SPX-05, SP3-05).",
        fix "Deliver the document that was meant, or make the reference again.";
    ELEMENT = "sbom.link-element", Unproven, Vendor, ["reference"],
        says "it refers to {reference}; the document is at hand and has no such element",
        why "A relationship with something that does not exist says nothing (CDX-17, SPX-03).",
        fix "Correct the reference.";
    WEAK = "sbom.link-weak", Unproven, Vendor, ["reference"],
        says "it refers to {reference} by no digest stronger than SHA-1",
        why "Other bytes with the same weak digest can be made; SPDX 2 asks for SHA-1, so something else has to bind the document (SPX-05).",
        fix "List both documents by strong digests in a signed delivery statement.";
    COLLISION = "sbom.serial-conflict", Unproven, Vendor, ["found", "serial", "version"],
        says "another document at hand ({found}) has the same serial number {serial} and version {version}, and other bytes",
        why "The pair names one document; with two of them every reference to it means either (CycloneDX `serialNumber`, `version`; CDX-02).",
        fix "Give the later document a higher version, and deliver one of them.";
    STALE = "sbom.stale-revision", Unproven, Vendor, ["newest", "serial", "version"],
        says "version {version} of {serial} is older than version {newest}, which is at hand as well",
        why "The most recent version of a document should be used (CycloneDX `version`; CDX-02).",
        fix "Deliver the most recent version alone.";
    DIFFERS = "sbom.described-differently", Unproven, Vendor, ["component", "found", "what"],
        says "{found} says something else about the {what} of {component}",
        why "Two documents about the same bytes cannot both be right (AGG-01).",
        fix "Correct the document that is wrong; where one refers to the other, the one that is referred to prevails.";
}

/// An SBOM document at hand.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// Its identity as evidence.
    pub id: &'a Digest,
    /// What it says.
    pub sbom: &'a Sbom,
    /// Its bytes, where it is a file.
    pub bytes: Option<&'a [u8]>,
}

/// What is noteworthy about each of `documents` beside the others, by position. Of each kind only so many are listed for a document;
/// the others are counted.
#[must_use]
pub fn between(documents: &[Document<'_>]) -> Vec<Vec<Reason>> {
    let known = Known::of(documents);
    let conflicts = known.conflicts();
    let mut described = Described::of(documents);
    let each = documents.iter().zip(&conflicts).enumerate();
    each.map(|(index, (document, conflict))| {
        let mut found = Found::default();
        known.references(document.sbom, &mut found);
        known.revisions(document.sbom, conflict, &mut found);
        described.next(index, &mut found);
        found.list()
    })
    .collect()
}

/// What is noteworthy about one document: each once, and how many more there are of a kind.
#[derive(Default)]
struct Found {
    reasons: BTreeSet<Reason>,
    more: BTreeMap<&'static str, u64>,
}

impl Found {
    fn more(&mut self, code: &'static str, count: u64) {
        *self.more.entry(code).or_default() += count;
    }

    fn list(self) -> Vec<Reason> {
        let mut findings = Findings::default();
        findings.extend(self.reasons);
        self.more.into_iter().for_each(|(code, count)| findings.more(code, count));
        let mut list = findings.list();
        list.sort();
        list
    }
}

/// Hashes that a reference can have, by the names in a digest set, and so in the order in which a set is looked through.
const HASHES: [&str; 4] = ["sha1", "sha256", "sha384", "sha512"];

/// What a document calls itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Identity<'a> {
    /// A CycloneDX serial number, without `urn:uuid:`, and version.
    Serial(&'a str, u64),
    /// An SPDX 2 namespace, or the identifier of an SPDX 3 document.
    Name(&'a str),
}

/// Documents that one reference means.
#[derive(Default)]
struct Group {
    /// In order, each once.
    documents: Vec<usize>,
    /// Those that are files, sorted by each of [`HASHES`].
    sorted: [OnceCell<Vec<usize>>; HASHES.len()],
}

impl Group {
    fn add(&mut self, index: usize) {
        if self.documents.last() != Some(&index) {
            self.documents.push(index);
        }
    }
}

/// Documents by what they call themselves. Whoever delivers documents chooses how many have one name, how many elements they have and
/// how many references there are, so none of these is looked through for another: everything is found by its value.
struct Known<'a> {
    documents: &'a [Document<'a>],
    /// Each hash of each document, once somebody asks for it.
    hashes: Vec<[OnceCell<String>; HASHES.len()]>,
    /// By serial number and version.
    serials: BTreeMap<&'a str, BTreeMap<u64, Group>>,
    /// By SPDX 2 namespaces, and identifiers of SPDX 3 documents and elements.
    names: BTreeMap<&'a str, Group>,
    /// Which elements the documents of one name have.
    elements: BTreeSet<(Identity<'a>, &'a str)>,
}

impl<'a> Known<'a> {
    fn of(documents: &'a [Document<'a>]) -> Self {
        let hashes = documents.iter().map(|_| <[OnceCell<String>; HASHES.len()]>::default()).collect();
        let (serials, names, elements) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut known = Self { documents, hashes, serials, names, elements };
        let is_any_outside = documents.iter().any(|document| !document.sbom.outside.is_empty());
        for (index, Document { sbom, .. }) in documents.iter().enumerate() {
            let identities = known.identify(index, sbom);
            if is_any_outside {
                let references = || sbom.components().map(Component::reference).filter(|name| !name.is_empty());
                let all = identities.into_iter().flat_map(|identity| references().map(move |name| (identity, name)));
                known.elements.extend(all);
            }
        }
        known
    }

    /// Files a document under everything that it can be referred to by; its own names are returned.
    fn identify(&mut self, index: usize, sbom: &'a Sbom) -> Vec<Identity<'a>> {
        let (own, mut identities) = (sbom.document(), Vec::new());
        if let Some(serial) = serial(sbom) {
            let version = revision(sbom);
            self.serials.entry(serial).or_default().entry(version).or_default().add(index);
            identities.push(Identity::Serial(serial, version));
        }
        let is_spdx_3 = sbom.format.starts_with("spdx-3");
        let reference = Some(own.reference()).filter(|reference| is_spdx_3 && !reference.is_empty());
        for name in [own.text(Element::Namespace), reference].into_iter().flatten() {
            self.names.entry(name).or_default().add(index);
            identities.push(Identity::Name(name));
        }
        if is_spdx_3 {
            for name in sbom.components().map(Component::reference).filter(|reference| !reference.is_empty()) {
                self.names.entry(name).or_default().add(index);
            }
        }
        identities
    }

    fn bom(&self, link: BomLink<'_>) -> Option<&Group> {
        self.serials.get(link.serial)?.get(&link.version)
    }

    /// Every reference of one document to others.
    fn references(&self, sbom: &Sbom, found: &mut Found) {
        found.reasons.extend(sbom.linked.iter().filter_map(|linked| self.linked(linked)));
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for linked in &sbom.linked {
            names.entry(&linked.name).or_insert(&linked.uri);
        }
        let elements: BTreeSet<&str> = sbom.outside.iter().map(|outside| outside.reference.as_str()).collect();
        found.reasons.extend(elements.into_iter().filter_map(|reference| self.element(&names, reference)));
    }

    /// A reference to a document, or to what an import says is elsewhere.
    fn linked(&self, linked: &Linked) -> Option<Reason> {
        let says = |info| Reason::new(info).evidence("reference", &linked.uri);
        let link = BomLink::parse(&linked.uri);
        let meant = match link {
            Some(link) => self.bom(link),
            None => self.names.get(linked.uri.as_str()),
        };
        // What is only an address on the web refers to a place and not to a document.
        let is_identity = link.is_some() || !linked.name.is_empty();
        match meant.map(|group| self.compared(&linked.digests, group)) {
            None => (is_identity || linked.import).then(|| says(&UNRESOLVED)),
            Some(Compared::Other(expected, ours)) => {
                Some(says(&MISMATCH).name("expected", expected).name("found", ours))
            }
            Some(Compared::Weak) => Some(says(&WEAK)),
            Some(Compared::Same | Compared::NotStated) => None,
        }
    }

    /// A reference to an element: `DocumentRef-x:SPDXRef-y`, a BOM-Link, or an identifier of SPDX 3 (which its import answers for).
    /// `names` has the documents that the `DocumentRef` of this one mean.
    fn element(&self, names: &BTreeMap<&str, &str>, reference: &str) -> Option<Reason> {
        let says = |info| Some(Reason::new(info).evidence("reference", reference));
        if let Some(link) = BomLink::parse(reference) {
            if self.bom(link).is_none() {
                return says(&UNRESOLVED);
            }
            let document = Identity::Serial(link.serial, link.version);
            let has =
                link.element.is_none() || link.references().any(|name| self.elements.contains(&(document, &*name)));
            return if has { None } else { says(&ELEMENT) };
        }
        let (name, element) = reference.split_once(':').filter(|(name, _)| name.starts_with("DocumentRef-"))?;
        let uri = names.get(name)?;
        // That the document is not at hand is said once, about the document.
        self.names.get(uri)?;
        let has = element == "SPDXRef-DOCUMENT" || self.elements.contains(&(Identity::Name(uri), element));
        if has { None } else { says(&ELEMENT) }
    }

    /// Every stated digest that we can compute, SHA-1 included, must be that of the bytes. Of several documents that call themselves so
    /// the best counts: anybody can add a document with another's name.
    fn compared(&self, stated: &DigestSet, group: &Group) -> Compared {
        let kind = |name: &str| HASHES.iter().position(|known| *known == name);
        let stated = stated.iter().filter_map(|(name, value)| Some((kind(name)?, name, value)));
        let stated: Vec<(usize, &str, &str, String)> =
            stated.map(|(kind, name, value)| (kind, name, value, value.to_ascii_lowercase())).collect();
        let Some((strongest, name, _, value)) = stated.last() else { return Compared::NotStated };
        let is_meant = |index: usize| stated.iter().all(|(kind, .., value)| self.hash(index, *kind) == Some(value));
        let sorted = self.sorted(group, *strongest);
        let start = sorted.partition_point(|index| self.hash(*index, *strongest) < Some(value));
        let same = sorted.iter().skip(start).take_while(|index| self.hash(**index, *strongest) == Some(value));
        if same.copied().any(is_meant) {
            return if *name == "sha1" { Compared::Weak } else { Compared::Same };
        }
        if sorted.len() < group.documents.len() {
            return Compared::NotStated;
        }
        // None is meant. One that differs in the first hash is named, of several the one with the lowest; where none does, in the next.
        for (kind, name, written, value) in &stated {
            let sorted = self.sorted(group, *kind);
            let lowest = sorted.first().and_then(|index| self.hash(*index, *kind)).filter(|hash| hash != value);
            let next = || {
                let after = sorted.partition_point(|index| self.hash(*index, *kind) <= Some(value));
                self.hash(*sorted.get(after)?, *kind)
            };
            if let Some(ours) = lowest.or_else(next) {
                let expected = format!("{name}:{}", crate::reason::identifier(written));
                return Compared::Other(expected, format!("{name}:{ours}"));
            }
        }
        Compared::NotStated
    }

    /// One of [`HASHES`] of a document that is a file.
    fn hash(&self, index: usize, kind: usize) -> Option<&str> {
        let (name, bytes) = (HASHES.get(kind)?, self.documents.get(index)?.bytes?);
        let hash = self.hashes.get(index)?.get(kind)?.get_or_init(|| match Algorithm::from_name(name) {
            Some(algorithm) => algorithm.digest(bytes).hex().to_owned(),
            None => hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, bytes)),
        });
        Some(hash)
    }

    fn sorted<'g>(&self, group: &'g Group, kind: usize) -> &'g [usize] {
        let sort = || {
            let files = group.documents.iter().copied().filter(|index| self.hash(*index, kind).is_some());
            let mut sorted: Vec<usize> = files.collect();
            sorted.sort_by_key(|index| self.hash(*index, kind));
            sorted
        };
        group.sorted.get(kind).map(|sorted| sorted.get_or_init(sort).as_slice()).unwrap_or_default()
    }

    /// For each document the first others with its serial number and version that say something else, and how many more there are.
    fn conflicts(&self) -> Vec<(Vec<usize>, u64)> {
        let mut all = vec![(Vec::new(), 0); self.documents.len()];
        for group in self.serials.values().flat_map(BTreeMap::values).filter(|group| group.documents.len() > 1) {
            let mut alike: BTreeMap<(&str, usize, &str), Vec<usize>> = BTreeMap::new();
            for index in &group.documents {
                let Some(document) = self.documents.get(*index) else { continue };
                alike.entry(document.sbom.content()).or_default().push(*index);
            }
            for members in alike.values() {
                let others = group.documents.iter().filter(|index| members.binary_search(index).is_err());
                let listed: Vec<usize> = others.take(LISTED).copied().collect();
                let more = group.documents.len() - members.len() - listed.len();
                for index in members {
                    if let Some(own) = all.get_mut(*index) {
                        *own = (listed.clone(), more as u64);
                    }
                }
            }
        }
        all
    }

    /// Other documents with the serial number of this one.
    fn revisions(&self, sbom: &Sbom, (others, more): &(Vec<usize>, u64), found: &mut Found) {
        let Some(serial) = serial(sbom) else { return };
        let own = revision(sbom);
        let says = |info| Reason::new(info).evidence("serial", serial).int("version", own);
        let others = others.iter().filter_map(|index| self.documents.get(*index));
        found.reasons.extend(others.map(|other| says(&COLLISION).digest("found", other.id)));
        found.more(COLLISION.code, *more);
        let newest = self.serials.get(serial).and_then(|versions| versions.keys().next_back());
        if let Some(newest) = newest.filter(|newest| **newest > own) {
            found.reasons.insert(says(&STALE).int("newest", *newest));
        }
    }
}

/// The serial number of a CycloneDX document, without `urn:uuid:`.
fn serial(sbom: &Sbom) -> Option<&str> {
    let serial = sbom.document().text(Element::DocumentId)?.strip_prefix("urn:uuid:")?;
    Some(serial).filter(|serial| sbom.format.starts_with("cyclonedx") && !serial.is_empty())
}

/// The version of a CycloneDX document; 1 if it states none.
fn revision(sbom: &Sbom) -> u64 {
    sbom.document().text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// How the bytes of documents compare with what is stated about them.
enum Compared {
    Same,
    Weak,
    NotStated,
    Other(String, String),
}

/// Components with the same digest in two documents, and another name, version or supplier.
struct Described<'a> {
    documents: &'a [Document<'a>],
    /// By digest, where several documents have it: what each of [`SAID`] is in the documents so far.
    known: BTreeMap<Digest, [Stated<'a>; SAID.len()]>,
}

const SAID: [(Element, &str); 3] =
    [(Element::Name, "name"), (Element::Version, "version"), (Element::Supplier, "supplier")];

/// What documents state of one thing.
#[derive(Default)]
struct Stated<'a> {
    /// In how many.
    all: u64,
    /// In how many it is this.
    counts: BTreeMap<&'a str, u64>,
    /// Documents in their order; with one value only so many.
    first: Vec<(&'a str, usize)>,
}

/// What one document states of one thing.
#[derive(Clone, Copy, Default)]
struct Own<'a> {
    /// By the first component with the digest, which stands for all.
    first: Option<&'a str>,
    any: Option<&'a str>,
    is_several: bool,
}

impl<'a> Described<'a> {
    fn of(documents: &'a [Document<'a>]) -> Self {
        let mut seen: BTreeMap<Digest, (usize, bool)> = BTreeMap::new();
        for (index, document) in documents.iter().enumerate().filter(|_| documents.len() > 1) {
            for digest in document.sbom.components().filter_map(|component| component.digests().strongest()) {
                let (first, is_shared) = seen.entry(digest).or_insert((index, false));
                *is_shared |= *first != index;
            }
        }
        let shared = seen.into_iter().filter(|(_, (_, is_shared))| *is_shared);
        Self { documents, known: shared.map(|(digest, _)| (digest, Default::default())).collect() }
    }

    /// Holds a document against those before it.
    fn next(&mut self, index: usize, found: &mut Found) {
        let Some(document) = self.documents.get(index).filter(|_| !self.known.is_empty()) else { return };
        let mut own: BTreeMap<Digest, [Own<'a>; SAID.len()]> = BTreeMap::new();
        for component in document.sbom.components() {
            let Some(digest) = component.digests().strongest().filter(|d| self.known.contains_key(d)) else { continue };
            let texts = SAID.map(|(element, _)| component.text(element));
            let all = own.entry(digest).or_insert_with(|| texts.map(|first| Own { first, ..Own::default() }));
            for (own, text) in all.iter_mut().zip(texts).filter_map(|(own, text)| Some((own, text?))) {
                own.is_several |= own.any.is_some_and(|other| other != text);
                own.any = Some(text);
            }
        }
        for (digest, all) in own {
            let Some(known) = self.known.get_mut(&digest) else { continue };
            for ((own, stated), (_, what)) in all.iter().zip(known).zip(SAID) {
                for other in stated.others(own, found).into_iter().filter_map(|other| self.documents.get(other)) {
                    let reason = Reason::new(&DIFFERS).digest("component", &digest).digest("found", other.id);
                    found.reasons.insert(reason.name("what", what));
                }
                stated.add(own, index);
            }
        }
    }
}

impl Stated<'_> {
    /// The first documents that state something else.
    fn others(&self, own: &Own<'_>, found: &mut Found) -> Vec<usize> {
        let mut listed: Vec<usize> = Vec::new();
        if let Some(value) = own.any {
            let others = self.first.iter().filter(|(theirs, _)| own.is_several || *theirs != value);
            listed.extend(others.take(LISTED).map(|(_, index)| *index));
            let alike = if own.is_several { 0 } else { self.counts.get(value).copied().unwrap_or_default() };
            found.more(DIFFERS.code, self.all.saturating_sub(alike).saturating_sub(listed.len() as u64));
        }
        listed
    }
}

impl<'a> Stated<'a> {
    fn add(&mut self, own: &Own<'a>, index: usize) {
        let Some(value) = own.first else { return };
        let count = self.counts.entry(value).or_default();
        if *count < LISTED as u64 {
            self.first.push((value, index));
        }
        *count += 1;
        self.all += 1;
    }
}

#[cfg(test)]
mod tests;
