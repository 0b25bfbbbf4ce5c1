//! What an SBOM does not say of a component because it refers to another SBOM: the same component there, among the SBOMs at hand.
//!
//! A document is found by the identity that it states and confirmed by the digest that the reference states. Whether the other document
//! counts is for the caller: only documents that count are given here.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest as digest_of};

use super::links::Document;
use crate::decode::{BomLink, Component, Element, Linked, Sbom};
use crate::digest::Algorithm;
use crate::profile::Elsewhere;

/// Components of the first of `documents`, each with the same in another to which the first refers: sorted by the first, one for each.
#[must_use]
pub fn elsewhere<'a>(documents: &'a [Document<'a>]) -> Vec<Elsewhere<'a>> {
    let others = Others::of(documents);
    documents.first().map(|own| others.elsewhere(own.sbom)).unwrap_or_default()
}

/// So many documents of one name are looked into. Whoever delivers documents chooses how many have a name.
const LOOKED_INTO: usize = 16;

/// What a document calls itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name<'a> {
    /// A CycloneDX serial number, without `urn:uuid:`, and version.
    Serial(&'a str, u64),
    /// An SPDX namespace, or the identifier of an SPDX 3 document.
    Uri(&'a str),
}

/// A document, and what is looked up in it once somebody asks.
struct Other<'a> {
    document: &'a Document<'a>,
    parts: OnceCell<BTreeMap<&'a str, Component<'a>>>,
    hashes: OnceCell<BTreeMap<&'static str, String>>,
}

/// Documents by what they call themselves.
pub(super) struct Others<'a> {
    all: Vec<Other<'a>>,
    names: BTreeMap<Name<'a>, Vec<usize>>,
}

impl<'a> Others<'a> {
    pub(super) fn of(documents: &'a [Document<'a>]) -> Self {
        let mut names: BTreeMap<Name<'a>, Vec<usize>> = BTreeMap::new();
        for (index, Document { sbom, .. }) in documents.iter().enumerate() {
            if let Some(name) = name(sbom) {
                let alike = names.entry(name).or_default();
                if alike.len() < LOOKED_INTO {
                    alike.push(index);
                }
            }
        }
        let other = |document| Other { document, parts: OnceCell::new(), hashes: OnceCell::new() };
        Self { all: documents.iter().map(other).collect(), names }
    }

    /// What components of this document refer to.
    pub(super) fn elsewhere(&self, own: &Sbom) -> Vec<Elsewhere<'a>> {
        let linked = || own.linked.iter().filter(|linked| !linked.import);
        if self.all.len() < 2 || linked().next().is_none() {
            return Vec::new();
        }
        let places: BTreeMap<&str, Component<'_>> = own.components().map(|node| (node.place(), node)).collect();
        let found = linked().filter_map(|linked| self.behind(own, linked, *places.get(linked.place.as_str())?));
        let mut found: Vec<Elsewhere<'a>> = found.collect();
        found.sort_by_key(|elsewhere| elsewhere.node);
        found.dedup_by_key(|elsewhere| elsewhere.node);
        found
    }

    /// The component behind a reference: what the document is about, or the element of a BOM-Link.
    fn behind(&self, own: &Sbom, linked: &Linked, node: Component<'_>) -> Option<Elsewhere<'a>> {
        let link = BomLink::parse(&linked.uri);
        let name = link.map_or(Name::Uri(&linked.uri), |link| Name::Serial(link.serial, link.version));
        let alike = self.names.get(&name)?.iter().filter_map(|index| self.all.get(*index));
        let mut meant = alike.filter(|other| other.document.sbom.content() != own.content() && other.is_meant(linked));
        meant.find_map(|other| {
            let component = match link.filter(|link| link.element.is_some()) {
                Some(link) => link.references().find_map(|reference| other.part(&reference))?,
                None => other.document.sbom.root()?,
            };
            let same = node.name() == component.name()
                && node.version().zip(component.version()).is_none_or(|(ours, theirs)| ours == theirs);
            same.then_some(Elsewhere { node: node.id, sbom: other.document.sbom, component })
        })
    }
}

impl<'a> Other<'a> {
    /// Is every digest that the reference states, as far as we can compute it, that of the bytes?
    fn is_meant(&self, linked: &Linked) -> bool {
        let stated = || linked.digests.iter();
        if stated().next().is_none() {
            return true;
        }
        let Some(bytes) = self.document.bytes else { return false };
        let hashes = self.hashes.get_or_init(|| {
            let named = Algorithm::ALL.into_iter().map(|known| (known.name(), known.digest(bytes).hex().to_owned()));
            named.chain([("sha1", hex::encode(digest_of(&SHA1_FOR_LEGACY_USE_ONLY, bytes)))]).collect()
        });
        let mut known = stated().filter_map(|(name, value)| Some((hashes.get(name)?, value))).peekable();
        known.peek().is_some() && known.all(|(ours, value)| ours.eq_ignore_ascii_case(value))
    }

    fn part(&self, reference: &str) -> Option<Component<'a>> {
        let parts = self.parts.get_or_init(|| {
            let sbom = self.document.sbom;
            sbom.components().map(|part| (part.reference(), part)).collect()
        });
        parts.get(reference).copied()
    }
}

fn name(sbom: &Sbom) -> Option<Name<'_>> {
    let own = sbom.document();
    if !sbom.format.starts_with("cyclonedx-") {
        let reference = Some(own.reference()).filter(|_| sbom.format.starts_with("spdx-3"));
        return own.text(Element::Namespace).or(reference).filter(|name| !name.is_empty()).map(Name::Uri);
    }
    let serial = own.text(Element::DocumentId)?.strip_prefix("urn:uuid:")?;
    // One that states no version has the first.
    Some(Name::Serial(serial, own.text(Element::Revision).and_then(|text| text.parse().ok()).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decode::{Content, document};
    use crate::digest::Digest;
    use crate::limits::Limits;

    const OWN: &str = "11111111-395b-41f5-a30f-a58921a69b79";
    const OTHER: &str = "22222222-395b-41f5-a30f-a58921a69b79";

    fn bom(serial: &str, name: &str, part: Json) -> Vec<u8> {
        let document = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": format!("urn:uuid:{serial}"),
            "metadata": {"component": {"type": "application", "bom-ref": "root", "name": name, "version": "1"}}, "components": [part],
        });
        document.to_string().into_bytes()
    }

    fn part(reference: Json) -> Json {
        json!({"type": "library", "bom-ref": "tls", "name": "tls", "version": "1", "externalReferences": [reference]})
    }

    /// Names of what is found elsewhere for the first document.
    fn found(documents: &[Vec<u8>]) -> Vec<String> {
        let read = |bytes: &Vec<u8>| match document(bytes, &Limits::MAX) {
            Content::Sbom(sbom) => (Digest::sha256(bytes), sbom),
            other => panic!("{other:?}"),
        };
        let sboms: Vec<(Digest, Box<Sbom>)> = documents.iter().map(read).collect();
        let at_hand = sboms.iter().zip(documents);
        let at_hand: Vec<Document<'_>> =
            at_hand.map(|((id, sbom), bytes)| Document { id, sbom, bytes: Some(bytes) }).collect();
        elsewhere(&at_hand).iter().map(|found| found.component.place().to_owned()).collect()
    }

    #[test]
    fn the_same_component_in_the_document_that_is_meant() {
        let element = json!({"type": "library", "bom-ref": "a/b", "name": "tls", "version": "1"});
        let plain = json!({"type": "library", "bom-ref": "x", "name": "zip"});
        let other = bom(OTHER, "tls", plain.clone());
        let sha256 = Digest::sha256(&other).hex().to_owned();
        let link = |more: Json| {
            let mut link = json!({"type": "bom", "url": format!("urn:cdx:{OTHER}/1")});
            link.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            bom(OWN, "app", part(link))
        };
        let hash = |content: &str| json!({"hashes": [{"alg": "SHA-256", "content": content}]});
        let url = |url: String| json!({"url": url});
        for (own, other, expected) in [
            (link(json!({})), &other, &["/metadata/component"][..]),
            (link(hash(&sha256)), &other, &["/metadata/component"]),
            (link(hash(&"00".repeat(32))), &other, &[]),
            (link(json!({})), &bom(OTHER, "zip", plain), &[]),
            (link(url(format!("urn:cdx:{OTHER}/2"))), &other, &[]),
            (link(url(format!("urn:cdx:{OWN}/1"))), &other, &[]),
            (link(url("https://acme.example/tls".to_owned())), &other, &[]),
            (link(url(format!("urn:cdx:{OTHER}/1#a%2Fb"))), &bom(OTHER, "app", element.clone()), &["/components/0"]),
            (link(url(format!("urn:cdx:{OTHER}/1#b"))), &bom(OTHER, "app", element), &[]),
        ] {
            assert_eq!(found(&[own.clone(), other.clone()]), expected, "{}", String::from_utf8_lossy(&own));
        }
    }
}
