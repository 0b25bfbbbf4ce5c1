//! What evidence is, and where it lies in a delivery. What our own verifier would refuse is not packed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vidimus::decode::{self, Bundle, BundleContent, Content, Envelope, SignedItem};
use vidimus::digest::Digest;
use vidimus::limits::Limits;

use super::private::Private;
use crate::error::Error;
use crate::predicate::{self, CERTIFICATION, RELEASE};
use crate::subject::{held, read_all};

/// One document of evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// What kind of evidence, and so where it lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A bundle; with the predicate type of its statement, if it has one.
    Bundle(Option<String>),
    /// A bare DSSE envelope.
    Envelope,
    /// An SBOM document, with its media type and the end of its name.
    Sbom(&'static str, &'static str),
    /// Anything else, under its own name: reports, detached signatures, revocation lists.
    Other(String),
}

/// Reads all evidence; the same document twice is one. What is `private` is none.
pub(super) fn collect(paths: &[PathBuf], private: &Private) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    for path in paths {
        let is_folder = path.is_dir();
        let found = read_all(path)?;
        private.refuse(path, &found)?;
        for (name, held) in held(&found) {
            let place = if is_folder { path.join(&name) } else { path.clone() };
            if held.size > Limits::MAX.evidence_item_bytes {
                return Err(Error::input(format!("{}: larger than evidence can be", place.display())));
            }
            let bytes = predicate::bounded(&place, Limits::MAX.evidence_item_bytes)?;
            if Digest::sha256(&bytes) != held.sha256 {
                return Err(Error::Changed { path: place });
            }
            items.push(item(&place, &name, bytes)?);
        }
    }
    items.sort();
    items.dedup();
    Ok(items)
}

fn item(place: &Path, name: &str, bytes: Vec<u8>) -> Result<Item, Error> {
    let refused = |why: &str| Err(Error::input(format!("{}: {why}", place.display())));
    let kind = match decode::document(&bytes, &Limits::MAX) {
        Content::Signed(items) => match items.as_slice() {
            [one] => return signed(place, name, one, bytes),
            _ => Kind::Other(name.to_owned()),
        },
        Content::Sbom(_) | Content::InvalidSbom(_) => {
            let read = predicate::of_bytes(place, &bytes)?;
            Kind::Sbom(read.media_type, read.suffix)
        }
        Content::UnsignedStatement(_) => {
            return refused("a statement that nobody signed is never evidence; sign it with `vidimus attest`");
        }
        Content::TrustedRoot => return refused("a trusted root is the operator's; nothing in a delivery adds trust"),
        Content::Refused(reason) => return Err(Error::refused(place, &reason)),
        // Reports, lists of checksums, revocation lists.
        _ => Kind::Other(name.to_owned()),
    };
    Ok(Item { kind, bytes })
}

fn signed(place: &Path, name: &str, item: &SignedItem, bytes: Vec<u8>) -> Result<Item, Error> {
    let read = item.envelope.as_ref().map_err(|reason| Error::refused(place, reason))?;
    if read.in_toto().is_some() {
        // The name of a layout inside of another says for which step it stands.
        return Ok(Item { kind: Kind::Other(name.to_owned()), bytes });
    }
    let predicate_type = match read.dsse().map(|dsse| &dsse.statement) {
        Some(Ok(statement)) => Some(statement.predicate_type.clone()),
        Some(Err(reason)) => return Err(Error::refused(place, reason)),
        None => None,
    };
    // Documents of other forms (lists, PEP 740, cosign's) are carried as they are.
    let is_object = decode::json(&bytes).is_ok_and(|value| {
        value.get("mediaType").is_some() || value.get("payload").is_some() && value.get("signatures").is_some()
    });
    let kind = match read {
        Envelope::Bundle(Bundle { content: BundleContent::Dsse(_), .. }) if is_object => Kind::Bundle(predicate_type),
        Envelope::Bundle(_) if is_object => Kind::Bundle(None),
        Envelope::Dsse(_) if is_object => Kind::Envelope,
        _ => Kind::Other(name.to_owned()),
    };
    Ok(Item { kind, bytes })
}

/// Where each lies in a folder: path → bytes.
pub(super) fn placed(items: &[Item]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut placed: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for item in items {
        match &item.kind {
            Kind::Bundle(kind) => {
                let path = match kind.as_deref() {
                    Some(uri) if uri == RELEASE.uri => "evidence/release.sigstore.jsonl",
                    Some(uri) if uri == CERTIFICATION.uri => "evidence/certification.sigstore.jsonl",
                    _ => "evidence/attestations.sigstore.jsonl",
                };
                placed.entry(path.to_owned()).or_default().extend(one_line(&item.bytes)?);
            }
            Kind::Envelope => {
                placed
                    .entry("evidence/attestations.intoto.jsonl".to_owned())
                    .or_default()
                    .extend(one_line(&item.bytes)?);
            }
            Kind::Sbom(_, suffix) => {
                let path = format!("evidence/sbom/{}{suffix}", Digest::sha256(&item.bytes).hex());
                placed.insert(path, item.bytes.clone());
            }
            Kind::Other(name) => {
                let path = format!("evidence/reports/{name}");
                if placed.insert(path, item.bytes.clone()).is_some() {
                    let shown = vidimus::render::escape(name);
                    return Err(Error::input(format!("two different documents of evidence are called {shown}"))
                        .with_hint("name one folder that holds both"));
                }
            }
        }
    }
    // One line is one document, and its name says so.
    let single = placed
        .get("evidence/release.sigstore.jsonl")
        .is_some_and(|lines| lines.iter().filter(|b| **b == b'\n').count() == 1);
    if single && let Some(bytes) = placed.remove("evidence/release.sigstore.jsonl") {
        placed.insert("evidence/release.sigstore.json".to_owned(), bytes);
    }
    Ok(placed)
}

/// The document in one line of canonical JSON: what is signed in it is base64, and stays.
fn one_line(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let value = decode::json(bytes).map_err(|reason| Error::input(reason.sentence()))?;
    crate::envelope::line(&value)
}
