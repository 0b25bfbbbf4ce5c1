//! Documents with several signed items: lines, arrays, the npm registry's answer, PEP 740 provenance objects. An item that
//! cannot be read is listed with its reason and takes nothing away from the others.

use serde_json::Value as Json;

use super::recognise::{Kind, by_members, by_object};
use super::shape::Shape;
use super::{Content, Dsse, Envelope, SignedItem, bundle, cosign, dsse, foreign, in_toto, json};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    ITEMS = "limit.items", Unproven, Vendor, ["limit"],
        says "a document with more than {limit} signed items",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Split the document, or have the operator raise the limit up to the ceiling.";
}

const SHAPE: Shape = Shape("list of attestations");

/// What the npm registry and GitHub's API say beside a bundle.
const BESIDE_BUNDLES: [&str; 5] = ["bundle_url", "initiator", "predicateType", "repository_id", "repository_url"];

/// What a Python index says about the publisher of attestations (PEP 740).
const BESIDE_ATTESTATIONS: [&str; 11] = [
    "claims",
    "email",
    "environment",
    "kind",
    "project_slug",
    "publisher",
    "repository",
    "sub",
    "workflow",
    "workflow_filepath",
    "workflow_ref",
];

/// One item per line (`.jsonl`). `None` unless some line is a signed item by itself; `bytes` are not one JSON value.
pub(super) fn lines(bytes: &[u8], limits: &Limits) -> Option<Content> {
    let lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).enumerate();
    let lines: Vec<(usize, &[u8])> = lines.filter(|(_, line)| !line.is_empty()).collect();
    let is_item = |line: &[u8]| {
        let outline = json::outline(line, limits);
        outline.problem.is_none() && outline.objects.first().and_then(by_members).is_some_and(Kind::is_signed_item)
    };
    if lines.len() < 2 || !lines.iter().any(|(_, line)| line.starts_with(b"{") && is_item(line)) {
        return None;
    }
    Some(within(lines.len(), limits).unwrap_or_else(|| {
        Content::Signed(lines.into_iter().map(|(index, line)| of_text(index, line, false, limits)).collect())
    }))
}

/// A JSON array of items. `None` when nothing in it is one.
pub(super) fn array(list: &[Json], limits: &Limits) -> Option<Content> {
    let is_item = |value: &Json| value.as_object().and_then(by_object).is_some_and(Kind::is_signed_item);
    if !list.iter().any(is_item) {
        return None;
    }
    Some(all(list.iter().map(Ok).collect(), false, limits))
}

/// `{"attestations": [{"bundle": …}]}`. `None` when nothing in it has a bundle: other formats have that member too.
pub(super) fn attestations(value: &Json, limits: &Limits) -> Option<Content> {
    let list = value.get("attestations")?.as_array()?;
    if !list.iter().any(|entry| entry.get("bundle").is_some()) {
        return None;
    }
    let bundles = list.iter().map(|entry| entry.get("bundle").ok_or(entry)).collect();
    let foreign = foreign::around(value, &["attestations"])
        || list.iter().any(|entry| foreign::beside(entry, "bundle", &BESIDE_BUNDLES));
    Some(all(bundles, foreign, limits))
}

/// A PEP 740 provenance object: attestations under the publishers that the index saw. What the index says about publishers
/// is not signed and not read.
pub(super) fn pep740_provenance(value: &Json, limits: &Limits) -> Content {
    match pep740_attestations(value) {
        Ok(found) if found.is_empty() => Content::Refused(Shape("PEP 740 provenance").wrong("attestations")),
        Ok(found) => {
            let bundles = value.get("attestation_bundles").and_then(Json::as_array);
            let foreign = foreign::around(value, &["attestation_bundles", "version"])
                || bundles.is_some_and(|b| b.iter().any(|e| foreign::beside(e, "attestations", &BESIDE_ATTESTATIONS)));
            all(found.into_iter().map(Ok).collect(), foreign, limits)
        }
        Err(reason) => Content::Refused(reason),
    }
}

fn pep740_attestations(value: &Json) -> Result<Vec<&Json>, Reason> {
    const SHAPE: Shape = Shape("PEP 740 provenance");
    let provenance = SHAPE.object(value, "version")?;
    if provenance.get("version").and_then(Json::as_u64) != Some(1) {
        return Err(SHAPE.wrong("version"));
    }
    let mut found = Vec::new();
    for bundle in SHAPE.list(provenance, "attestation_bundles")? {
        found.extend(SHAPE.list(SHAPE.object(bundle, "attestation_bundles")?, "attestations")?);
    }
    Ok(found)
}

/// One item that is a document, `alone`, or a line of its own.
pub(super) fn of_text(index: usize, bytes: &[u8], alone: bool, limits: &Limits) -> SignedItem {
    let raw = Digest::sha256(bytes);
    // What is not read to its end could hold anything after the place where reading stopped.
    let mut foreign = true;
    let read = json::parse(bytes, limits).and_then(|value| {
        foreign = foreign::in_item(&value, alone);
        let text = std::str::from_utf8(bytes).ok();
        envelope(&value, text, limits)
    });
    item(index, raw, foreign, read)
}

fn all(values: Vec<Result<&Json, &Json>>, foreign: bool, limits: &Limits) -> Content {
    let alone = values.len() == 1;
    within(values.len(), limits).unwrap_or_else(|| {
        let read = |(index, value): (usize, Result<&Json, &Json>)| match value {
            Ok(value) => {
                item(index, canonical(value), foreign || foreign::in_item(value, alone), envelope(value, None, limits))
            }
            Err(value) => item(index, canonical(value), foreign, Err(SHAPE.wrong("bundle"))),
        };
        Content::Signed(values.into_iter().enumerate().map(read).collect())
    })
}

fn envelope(value: &Json, text: Option<&str>, limits: &Limits) -> Result<Envelope, Reason> {
    match value.as_object().and_then(by_object) {
        Some(Kind::Bundle) => bundle::read(value, text, limits).map(Envelope::Bundle),
        Some(Kind::Dsse) => dsse::read(value, limits).map(Envelope::Dsse),
        Some(Kind::Pep740) => {
            bundle::from_pep740(value).and_then(|value| bundle::read(&value, None, limits)).map(Envelope::Bundle)
        }
        Some(Kind::Cosign) => {
            let value = cosign::as_bundle(value, limits)?;
            bundle::read(&value, None, limits).map(Envelope::Bundle)
        }
        Some(Kind::Metablock) if in_toto::is_metablock(value) => {
            in_toto::metablock(value, limits).map(Envelope::Metablock)
        }
        _ => Err(SHAPE.wrong("an item that is no envelope and no bundle")),
    }
}

fn item(index: usize, raw: Digest, foreign: bool, envelope: Result<Envelope, Reason>) -> SignedItem {
    let id = match &envelope {
        Ok(Envelope::Metablock(block)) => Digest::sha256(&block.signed),
        Ok(envelope) => envelope.dsse().map_or(raw, Dsse::id),
        Err(_) => raw,
    };
    SignedItem { index, id, foreign, envelope }
}

/// What stands for the raw bytes of an item inside a JSON document: its RFC 8785 form, so that the white space around it
/// does not matter.
fn canonical(value: &Json) -> Digest {
    Digest::sha256(&serde_json_canonicalizer::to_vec(value).unwrap_or_default())
}

fn within(items: usize, limits: &Limits) -> Option<Content> {
    let over = items as u64 > limits.evidence_items;
    over.then(|| Content::Refused(Reason::new(&ITEMS).int("limit", limits.evidence_items)))
}
