//! References between SBOM documents: BOM-Links, external documents, imports (CDX-02, CDX-17, SPX-05, SP3-05, AGG-01).
//!
//! A document is found by the identity that it states and confirmed by its bytes. Finding it adds no trust: what it says counts only
//! if a granted party signed it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest as digest_of};

use crate::decode::{BomLink, Component, Element, Linked, Sbom};
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

/// What is noteworthy about each of `documents` beside the others, by position.
#[must_use]
pub fn between(documents: &[Document<'_>]) -> Vec<Vec<Reason>> {
    let known = Known::of(documents);
    let mut all: Vec<Vec<Reason>> = documents.iter().map(|document| known.references(document)).collect();
    for (list, document) in all.iter_mut().zip(documents) {
        list.extend(known.revisions(document));
    }
    described(documents, &mut all);
    for list in &mut all {
        list.sort();
        list.dedup();
    }
    all
}

/// Documents by what they call themselves.
struct Known<'a> {
    documents: &'a [Document<'a>],
    /// CycloneDX serial numbers, without `urn:uuid:`.
    serials: BTreeMap<&'a str, Vec<(u64, usize)>>,
    /// SPDX 2 namespaces, and identifiers of SPDX 3 documents and elements.
    names: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Known<'a> {
    fn of(documents: &'a [Document<'a>]) -> Self {
        let mut known = Self { documents, serials: BTreeMap::new(), names: BTreeMap::new() };
        for (index, Document { sbom, .. }) in documents.iter().enumerate() {
            let own = sbom.document();
            if sbom.format.starts_with("cyclonedx") {
                let serial = own.text(Element::DocumentId).and_then(|serial| serial.strip_prefix("urn:uuid:"));
                known.serials.entry(serial.unwrap_or_default()).or_default().push((revision(sbom), index));
            }
            if let Some(namespace) = own.text(Element::Namespace) {
                known.names.entry(namespace).or_default().push(index);
            }
            if sbom.format.starts_with("spdx-3") {
                let references = sbom.components().map(Component::reference);
                for reference in references.chain([own.reference()]).filter(|reference| !reference.is_empty()) {
                    known.names.entry(reference).or_default().push(index);
                }
            }
        }
        known.serials.remove("");
        known
    }

    fn at(&self, index: usize) -> Option<&Document<'a>> {
        self.documents.get(index)
    }

    /// Every reference of one document to others.
    fn references(&self, document: &Document<'_>) -> Vec<Reason> {
        let mut found = Vec::new();
        let mut elements: BTreeSet<&str> = BTreeSet::new();
        for linked in &document.sbom.linked {
            found.extend(self.linked(linked));
        }
        for outside in &document.sbom.outside {
            if elements.insert(&outside.reference) {
                found.extend(self.element(document.sbom, &outside.reference));
            }
        }
        found
    }

    /// A reference to a document, or to what an import says is elsewhere.
    fn linked(&self, linked: &Linked) -> Option<Reason> {
        let says = |info| Reason::new(info).evidence("reference", &linked.uri);
        let targets: Vec<&Document<'_>> = match BomLink::parse(&linked.uri) {
            Some(link) => self.linked_bom(link).collect(),
            None => self.names.get(linked.uri.as_str()).into_iter().flatten().filter_map(|i| self.at(*i)).collect(),
        };
        // What is only an address on the web refers to a place and not to a document.
        let is_identity = BomLink::parse(&linked.uri).is_some() || !linked.name.is_empty();
        // Of several that call themselves so the best counts: anybody can add a document with another's name.
        match targets.into_iter().map(|target| compared(&linked.digests, target)).min() {
            None => (is_identity || linked.import).then(|| says(&UNRESOLVED)),
            Some(Compared::Other(expected, ours)) => {
                Some(says(&MISMATCH).name("expected", expected).name("found", ours))
            }
            Some(Compared::Weak) => Some(says(&WEAK)),
            Some(Compared::Same | Compared::NotStated) => None,
        }
    }

    fn linked_bom(&self, link: BomLink<'_>) -> impl Iterator<Item = &Document<'a>> {
        let versions = self.serials.get(link.serial).into_iter().flatten();
        versions.filter(move |(version, _)| *version == link.version).filter_map(|(_, index)| self.at(*index))
    }

    /// A reference to an element: `DocumentRef-x:SPDXRef-y`, a BOM-Link, or an identifier of SPDX 3 (which its import answers for).
    fn element(&self, from: &Sbom, reference: &str) -> Option<Reason> {
        let says = |info| Some(Reason::new(info).evidence("reference", reference));
        if let Some(link) = BomLink::parse(reference) {
            if self.linked_bom(link).next().is_none() {
                return says(&UNRESOLVED);
            }
            let mut parts = self.linked_bom(link).flat_map(|target| target.sbom.components());
            let has = link.element.is_none() || parts.any(|part| link.names(part.reference()));
            return if has { None } else { says(&ELEMENT) };
        }
        let (name, element) = reference.split_once(':').filter(|(name, _)| name.starts_with("DocumentRef-"))?;
        let uri = &from.linked.iter().find(|linked| linked.name == name)?.uri;
        // That the document is not at hand is said once, about the document.
        let targets = self.names.get(uri.as_str())?.iter().filter_map(|index| self.at(*index));
        let mut parts = targets.flat_map(|target| target.sbom.components());
        let has = element == "SPDXRef-DOCUMENT" || parts.any(|part| part.reference() == element);
        if has { None } else { says(&ELEMENT) }
    }

    /// Other documents with the serial number of this one.
    fn revisions(&self, document: &Document<'_>) -> Vec<Reason> {
        let serial = document.sbom.document().text(Element::DocumentId).and_then(|s| s.strip_prefix("urn:uuid:"));
        let Some(serial) = serial.filter(|_| document.sbom.format.starts_with("cyclonedx")) else { return Vec::new() };
        let (own, mut found) = (revision(document.sbom), Vec::new());
        let all = self.serials.get(serial).map(Vec::as_slice).unwrap_or_default();
        let others = all.iter().filter_map(|(version, index)| Some((*version, self.at(*index)?)));
        let says = |info| Reason::new(info).evidence("serial", serial).int("version", own);
        let differs = |other: &Document<'_>| other.id != document.id && !other.sbom.says_the_same(document.sbom);
        for (_, other) in others.clone().filter(|(version, other)| *version == own && differs(other)) {
            found.push(says(&COLLISION).digest("found", other.id));
        }
        if let Some(newest) = others.map(|(version, _)| version).max().filter(|newest| *newest > own) {
            found.push(says(&STALE).int("newest", newest));
        }
        found
    }
}

/// The version of a CycloneDX document; 1 if it states none.
fn revision(sbom: &Sbom) -> u64 {
    sbom.document().text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// From the best to the worst.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    Same,
    Weak,
    NotStated,
    Other(String, String),
}

/// Every stated digest that we can compute, SHA-1 included, must be that of the bytes.
fn compared(stated: &DigestSet, document: &Document<'_>) -> Compared {
    let Some(bytes) = document.bytes else { return Compared::NotStated };
    let (mut strong, mut weak) = (false, false);
    for (name, value) in stated.iter() {
        let ours = match Algorithm::from_name(name) {
            Some(algorithm) => algorithm.digest(bytes).hex().to_owned(),
            None if name == "sha1" => hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, bytes)),
            None => continue,
        };
        if !value.eq_ignore_ascii_case(&ours) {
            return Compared::Other(format!("{name}:{}", crate::reason::identifier(value)), format!("{name}:{ours}"));
        }
        strong |= name != "sha1";
        weak |= name == "sha1";
    }
    match (strong, weak) {
        (true, _) => Compared::Same,
        (false, true) => Compared::Weak,
        (false, false) => Compared::NotStated,
    }
}

/// Components with the same digest in two documents, and another name, version or supplier.
fn described(documents: &[Document<'_>], all: &mut [Vec<Reason>]) {
    const SAID: [(Element, &str); 3] =
        [(Element::Name, "name"), (Element::Version, "version"), (Element::Supplier, "supplier")];
    if documents.len() < 2 {
        return;
    }
    let mut seen: BTreeMap<Digest, Vec<(usize, Component<'_>)>> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        for component in document.sbom.components() {
            let Some(digest) = component.digests().strongest() else { continue };
            let others = seen.entry(digest.clone()).or_default();
            for (other, theirs) in others.iter().filter(|(other, _)| *other != index) {
                for (element, what) in SAID {
                    let (Some(a), Some(b)) = (component.text(element), theirs.text(element)) else { continue };
                    let Some(found) = documents.get(*other).filter(|_| a != b) else { continue };
                    if let Some(list) = all.get_mut(index) {
                        let reason = Reason::new(&DIFFERS).digest("component", &digest).digest("found", found.id);
                        list.push(reason.name("what", what));
                    }
                }
            }
            // Of one document the first with the digest stands for all.
            if others.last().is_none_or(|(last, _)| *last != index) {
                others.push((index, component));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decode::{Content, document};
    use crate::limits::Limits;

    const SERIAL: &str = "3e671687-395b-41f5-a30f-a58921a69b79";

    fn bom(version: u64, name: &str, more: Json) -> Vec<u8> {
        let mut bom = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": version,
            "serialNumber": format!("urn:uuid:{SERIAL}"),
            "metadata": {"component": {"type": "application", "bom-ref": "app", "name": name}},
        });
        bom.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bom.to_string().into_bytes()
    }

    fn spdx(name: &str, more: Json) -> Vec<u8> {
        let mut document = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": name, "dataLicense": "CC0-1.0",
            "documentNamespace": format!("https://acme.example/{name}"),
            "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: a"]},
            "packages": [{"SPDXID": "SPDXRef-a", "name": name, "downloadLocation": "NOASSERTION", "filesAnalyzed": false}],
        });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document.to_string().into_bytes()
    }

    /// What the first says about itself beside the others.
    fn codes(all: &[Vec<u8>]) -> Vec<&'static str> {
        let read: Vec<(Digest, Content)> =
            all.iter().map(|bytes| (Digest::sha256(bytes), document(bytes, &Limits::MAX))).collect();
        let none = BTreeSet::new();
        let documents: Vec<Document<'_>> = read
            .iter()
            .zip(all)
            .map(|((id, content), bytes)| {
                let sbom = content.sbom(&none).unwrap_or_else(|| panic!("{content:?}")).sbom;
                Document { id, sbom, bytes: Some(bytes) }
            })
            .collect();
        between(&documents)[0].iter().map(Reason::code).collect()
    }

    #[test]
    fn references_of_cyclonedx() {
        let other = |version| bom(version, "lib", json!({}));
        let link = format!("urn:cdx:{SERIAL}/2#app");
        let depends = |to: &str| {
            let serial = "urn:uuid:aaaaaaaa-395b-41f5-a30f-a58921a69b79";
            bom(1, "main", json!({"serialNumber": serial, "dependencies": [{"ref": "app", "dependsOn": [to]}]}))
        };
        let refers = |hash: String| {
            let reference = json!({"type": "bom", "url": format!("urn:cdx:{SERIAL}/2"), "hashes": [{"alg": "SHA-256", "content": hash}]});
            let serial = "urn:uuid:aaaaaaaa-395b-41f5-a30f-a58921a69b79";
            let main =
                json!({"type": "application", "bom-ref": "app", "name": "main", "externalReferences": [reference]});
            bom(1, "main", json!({"serialNumber": serial, "metadata": {"component": main}}))
        };
        let hash = Digest::sha256(&other(2)).hex().to_owned();
        for (all, expected) in [
            (vec![other(1)], &[][..]),
            (vec![depends(&link), other(2)], &[]),
            (vec![depends(&link), other(1)], &["sbom.link-unresolved"]),
            (vec![depends(&link.replace("#app", "#none")), other(2)], &["sbom.link-element"]),
            (vec![refers(hash.clone()), other(2)], &[]),
            (vec![refers("0".repeat(64)), other(2)], &["sbom.link-mismatch"]),
            (vec![refers(hash)], &["sbom.link-unresolved"]),
            (vec![other(1), other(2)], &["sbom.stale-revision"]),
            (vec![other(2), other(1)], &[]),
            (vec![other(1), bom(1, "changed", json!({}))], &["sbom.serial-conflict"]),
            (vec![other(1), other(1)], &[]),
        ] {
            assert_eq!(codes(&all), expected, "{}", String::from_utf8_lossy(&all[0]));
        }
    }

    #[test]
    fn references_of_spdx() {
        let other = spdx("lib", json!({}));
        let sha1 = hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, &other));
        let sha256 = Digest::sha256(&other).hex().to_owned();
        let main = |algorithm: &str, value: &str, element: &str| {
            spdx(
                "main",
                json!({
                    "externalDocumentRefs": [{
                        "externalDocumentId": "DocumentRef-lib", "spdxDocument": "https://acme.example/lib",
                        "checksum": {"algorithm": algorithm, "checksumValue": value},
                    }],
                    "relationships": [{
                        "spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDS_ON",
                        "relatedSpdxElement": format!("DocumentRef-lib:{element}"),
                    }],
                }),
            )
        };
        for (all, expected) in [
            (vec![main("SHA256", &sha256, "SPDXRef-a"), other.clone()], &[][..]),
            (vec![main("SHA1", &sha1, "SPDXRef-a"), other.clone()], &["sbom.link-weak"]),
            (vec![main("SHA1", &"0".repeat(40), "SPDXRef-a"), other.clone()], &["sbom.link-mismatch"]),
            (vec![main("SHA256", &sha256, "SPDXRef-b"), other.clone()], &["sbom.link-element"]),
            (vec![main("SHA256", &sha256, "SPDXRef-a")], &["sbom.link-unresolved"]),
        ] {
            assert_eq!(codes(&all), expected);
        }
    }

    #[test]
    fn two_documents_about_the_same_bytes() {
        let with = |serial: char, version: &str| {
            let hash = json!([{"alg": "SHA-256", "content": "a".repeat(64)}]);
            let part = json!([{"type": "library", "name": "lib", "version": version, "hashes": hash}]);
            let serial = format!("urn:uuid:{}-395b-41f5-a30f-a58921a69b79", serial.to_string().repeat(8));
            bom(1, "main", json!({"serialNumber": serial, "components": part}))
        };
        assert_eq!(codes(&[with('a', "1"), with('b', "1")]), [""; 0]);
        assert_eq!(codes(&[with('a', "2")]), [""; 0]);
        let read = |bytes: &[u8]| match document(bytes, &Limits::MAX) {
            Content::Sbom(sbom) => (Digest::sha256(bytes), sbom),
            other => panic!("{other:?}"),
        };
        let (first, second) = (read(&with('a', "1")), read(&with('b', "2")));
        let all = [&first, &second].map(|(id, sbom)| Document { id, sbom, bytes: None });
        let found = between(&all);
        assert_eq!(found[1].iter().map(Reason::code).collect::<Vec<_>>(), ["sbom.described-differently"]);
    }
}
