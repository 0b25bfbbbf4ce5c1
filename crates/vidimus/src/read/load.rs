//! From found files to files with content and digests: documents first, then every byte is hashed once.
//!
//! Which algorithms are needed is only known when the evidence was decoded, so documents are read first. They are small and
//! stay in memory; everything else is streamed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::contents::{self, Opening};
use super::detached::{Names, Plan};
use super::disk::{self, Identity};
use super::walk::Found;
use super::{Delivery, File, Place, Progress, ReadError};
use crate::container::{self, Format, Layer};
use crate::decode::{self, Content};
use crate::digest::{Algorithm, Digest, Digests, Hasher};
use crate::limits::Limits;
use crate::reason::Reason;
use crate::signature;

crate::reasons! {
    DELIVERY_BYTES = "limit.delivery-bytes", Unproven, Vendor, ["found", "limit"],
        says "the delivery has {found} bytes, more than the limit of {limit}",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36). Nothing of it was read.",
        fix "Split the delivery, or have the operator raise `limits.max_delivery_bytes` up to the built-in ceiling.";
    EVIDENCE_BYTES = "limit.evidence-bytes", Unproven, Vendor, ["limit"],
        says "the evidence has more than {limit} bytes together; what came later by path was not read as evidence",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Deliver less evidence at a time.";
    EVIDENCE_ITEMS = "limit.evidence-items", Unproven, Vendor, ["limit"],
        says "there are more than {limit} evidence items; what came later by path was not read as evidence",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Deliver less evidence at a time.";
    COMPONENTS = "limit.components-total", Unproven, Vendor, ["limit"],
        says "the SBOMs have more than {limit} components together; what came later by path was not read as evidence",
        why "Counters stop input that would exhaust the verifier, at the same place on every machine (T36).",
        fix "Deliver the SBOMs in parts.";
}

/// Bytes looked at to tell a possible document from any other file.
const SNIFF: usize = 64;

/// A file that may be evidence, in memory.
pub(super) type Document = Option<(Content, Arc<[u8]>)>;

/// The documents by file, and the containers with their files.
type Sights = (Vec<Document>, Vec<(usize, Format)>);

/// What a file is at first sight.
enum Sight {
    Document(Content, Arc<[u8]>),
    Container(Format),
    Other,
}

pub(super) fn load(
    found: Vec<(Place, Found)>,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Delivery, ReadError> {
    let mut delivery = Delivery::default();
    if is_too_large(&found, limits, &mut delivery) {
        return Ok(delivery);
    }
    progress.start(found.len() as u64, found.iter().map(|(_, f)| f.identity.size).fold(0, u64::saturating_add));
    let names = Names::of(&found);
    let mut budget = Budget::default();
    let (documents, containers) = documents(&found, &names, limits, &mut budget, &mut delivery.limits_hit)?;
    let named = algorithms(&documents);
    let plan = Plan::of(&found, &names, |file| Some(&documents.get(file)?.as_ref()?.0));
    let hasher = |file| plan.hasher(file, &named);
    let opening = Opening { found: &found, hasher, algorithms: &named, limits, progress };
    let mut opened = opening.all(&containers)?;
    let known = |file: usize| opened.get(&file).map(|(digests, _)| digests.clone());
    let digests = hash_all(&found, &documents, known, hasher, progress)?;
    let blobs = blobs(&found, &digests, &wanted(&found, &documents, &digests, &plan, limits))?;
    drop(names);
    progress.finish();
    let layers = std::mem::take(&mut opened).into_iter().map(|(file, (_, layers))| (file, layers)).collect();
    Loaded { documents, digests, blobs, plan, layers }.place(found, &mut delivery);
    Ok(delivery)
}

/// Is it more than the limit? Then nothing of it is read.
pub(super) fn is_too_large(found: &[(Place, Found)], limits: &Limits, delivery: &mut Delivery) -> bool {
    let delivered = found.iter().filter(|(place, _)| *place == Place::Delivered);
    let bytes = delivered.map(|(_, file)| file.identity.size).fold(0, u64::saturating_add);
    let is_too_large = bytes > limits.delivery_bytes;
    if is_too_large {
        let reason = Reason::new(&DELIVERY_BYTES).int("found", bytes).int("limit", limits.delivery_bytes);
        delivery.limits_hit.push(reason);
    }
    is_too_large
}

/// What the evidence needs every file to be hashed with.
pub(super) fn algorithms(documents: &[Document]) -> Vec<Algorithm> {
    let named: BTreeSet<Algorithm> =
        documents.iter().flatten().flat_map(|(content, _)| decode::algorithms(content)).collect();
    named.into_iter().collect()
}

/// Everything that is known about the found files, by number.
pub(super) struct Loaded {
    pub(super) documents: Vec<Document>,
    pub(super) digests: Vec<Digests>,
    pub(super) blobs: BTreeMap<Digest, Arc<[u8]>>,
    pub(super) plan: Plan,
    pub(super) layers: BTreeMap<usize, Vec<Layer>>,
}

impl Loaded {
    /// Makes the files of the delivery, and then those that are members of them.
    pub(super) fn place(self, found: Vec<(Place, Found)>, delivery: &mut Delivery) {
        let Self { documents, digests, mut blobs, plan, mut layers } = self;
        let mut inside: BTreeMap<String, Vec<Layer>> = BTreeMap::new();
        for (index, (((place, file), document), own)) in found.into_iter().zip(documents).zip(&digests).enumerate() {
            let blob = blobs.remove(own.sha256());
            let (mut content, bytes) = document.map_or((Content::Ordinary, blob), |(c, b)| (c, Some(b)));
            plan.fill(index, &mut content, &digests);
            if let Some(layers) = layers.remove(&index).filter(|_| matches!(content, Content::Ordinary)) {
                inside.insert(file.path.clone(), layers);
            }
            let (digests, size) = (own.clone(), file.identity.size);
            delivery.files.push(File { path: file.path, size, digests, place, content, bytes });
        }
        delivery.files.sort_by(|a, b| {
            (a.place, a.path.as_bytes(), a.digests.sha256()).cmp(&(b.place, b.path.as_bytes(), b.digests.sha256()))
        });
        for index in 0..delivery.files.len() {
            let Some(file) = delivery.files.get(index).filter(|file| file.place == Place::Delivered) else { break };
            if let Some(layers) = inside.remove(&file.path) {
                contents::add(delivery, index, layers);
            }
        }
    }
}

/// Reads and decodes what can be a document. Budgets are counted in the order of `found`, so what is left out does not depend
/// on threads. Also says which files are containers.
pub(super) fn documents(
    found: &[(Place, Found)],
    names: &Names<'_>,
    limits: &Limits,
    budget: &mut Budget,
    limits_hit: &mut Vec<Reason>,
) -> Result<Sights, ReadError> {
    let mut all = Vec::with_capacity(found.len());
    let mut containers = Vec::new();
    let mut rest = found;
    while let Some((chunk, later)) = rest.split_at_checked(window(rest, limits)).filter(|_| !rest.is_empty()) {
        rest = later;
        let read: Vec<Result<Sight, ReadError>> =
            chunk.par_iter().map(|(place, file)| sight(*place, file, names, limits)).collect();
        for sight in read {
            let (content, bytes) = match sight? {
                Sight::Document(content, bytes) => (content, bytes),
                other => {
                    if let Sight::Container(format) = other {
                        containers.push((all.len(), format));
                    }
                    all.push(None);
                    continue;
                }
            };
            match budget.admit(&content, bytes.len() as u64, limits) {
                Ok(()) => all.push(Some((content, bytes))),
                Err(reason) => {
                    limits_hit.push(reason);
                    all.push(None);
                }
            }
        }
    }
    limits_hit.sort();
    limits_hit.dedup();
    Ok((all, containers))
}

/// Bytes of possible documents that are decoded at a time, on however many threads: decoded JSON takes several times as much.
const WINDOW: u64 = 128 * 1024 * 1024;

/// How many files are decoded before they are counted: it bounds what is in memory and beyond every budget. At least one, if
/// there is one.
fn window(found: &[(Place, Found)], limits: &Limits) -> usize {
    let most = rayon::current_num_threads().max(1) * 4;
    let mut bytes = 0_u64;
    let fits = |(_, file): &&(Place, Found)| {
        let size = file.identity.size;
        bytes += if size > limits.evidence_item_bytes { 0 } else { size };
        bytes <= WINDOW
    };
    found.iter().take(most).take_while(fits).count().max(1).min(found.len())
}

/// What the file is: a document if it can be read as one, else a container if it begins like one.
fn sight(place: Place, file: &Found, names: &Names<'_>, limits: &Limits) -> Result<Sight, ReadError> {
    let Found { on_disk: path, identity, .. } = file;
    let (path, identity): (&Path, Identity) = (path, *identity);
    let named = identity.size <= signature::RAW_BYTES && !names.signed_by(&file.path).is_empty();
    let prefix = disk::prefix(path, identity, container::SNIFF)?;
    // What lies beside the delivery is evidence and nothing else.
    let container = container::recognise(&prefix).filter(|_| place == Place::Delivered);
    let other = container.map_or(Sight::Other, Sight::Container);
    if identity.size > limits.evidence_item_bytes {
        // However large the text of an envelope is, no signature over its bytes may count.
        let is_text = decode::begins_signed_encoding(&prefix);
        return Ok(if is_text { Sight::Document(decode::signed_encoding(), Arc::from([])) } else { other });
    }
    if !(named || can_be_document(&prefix)) {
        return Ok(other);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(identity.size).unwrap_or_default());
    disk::stream(path, identity, |chunk| bytes.extend_from_slice(chunk))?;
    Ok(match decode::document_beside(&bytes, named, limits) {
        Content::Ordinary => other,
        // Its first name may begin like a document.
        Content::Refused(_) if container.is_some() && !decode::begins_signed_encoding(&prefix) => other,
        content => Sight::Document(content, Arc::from(bytes)),
    })
}

/// A document is JSON: an object or an array, after white space or a byte-order mark (which is refused with a reason, so it
/// must get that far). Or it has the marks of a signature, or of a list of checksums.
pub(super) fn can_be_document(head: &[u8]) -> bool {
    let prefix = head.get(..SNIFF).unwrap_or(head);
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
        || (text.len() == SNIFF && text.trim_ascii().is_empty())
        || decode::has_mark(prefix)
}

/// The ordinary files whose signature can only be verified over the bytes themselves (pure Ed25519). Their size counts against the
/// evidence budget on its own; what does not fit stays unverified.
pub(super) fn wanted(
    found: &[(Place, Found)],
    documents: &[Document],
    digests: &[Digests],
    plan: &Plan,
    limits: &Limits,
) -> Vec<usize> {
    let named: BTreeSet<Digest> =
        documents.iter().flatten().flat_map(|(content, _)| decode::signed_blobs(content)).collect();
    let mut seen = BTreeSet::new();
    let mut wanted = Vec::new();
    let mut left = limits.evidence_bytes;
    for (index, ((_, file), digests)) in found.iter().zip(digests).enumerate() {
        let size = file.identity.size;
        let is_document = documents.get(index).is_some_and(Option::is_some);
        let is_wanted = plan.needs_bytes(index) || digests.iter().any(|digest| named.contains(digest));
        let is_wanted = is_wanted && !is_document;
        if is_wanted && size <= limits.evidence_item_bytes && size <= left && seen.insert(digests.sha256()) {
            left -= size;
            wanted.push(index);
        }
    }
    wanted
}

/// The bytes of the wanted files, by sha256.
pub(super) fn blobs(
    found: &[(Place, Found)],
    digests: &[Digests],
    wanted: &[usize],
) -> Result<BTreeMap<Digest, Arc<[u8]>>, ReadError> {
    let mut blobs = BTreeMap::new();
    for index in wanted {
        let (Some((_, file)), Some(digests)) = (found.get(*index), digests.get(*index)) else { continue };
        let mut bytes = Vec::with_capacity(usize::try_from(file.identity.size).unwrap_or_default());
        disk::stream(&file.on_disk, file.identity, |chunk| bytes.extend_from_slice(chunk))?;
        if Digest::sha256(&bytes) != *digests.sha256() {
            return Err(ReadError::Changed { path: file.on_disk.clone() });
        }
        blobs.insert(digests.sha256().clone(), Arc::from(bytes));
    }
    Ok(blobs)
}

/// There is more evidence than is read.
pub(super) fn too_much_evidence(limits: &Limits) -> Reason {
    Reason::new(&EVIDENCE_BYTES).int("limit", limits.evidence_bytes)
}

/// The evidence so far.
#[derive(Default)]
pub(crate) struct Budget {
    bytes: u64,
    items: u64,
    components: u64,
}

impl Budget {
    /// Counts a document, or says which budget it would exceed.
    pub(crate) fn admit(&mut self, content: &Content, bytes: u64, limits: &Limits) -> Result<(), Reason> {
        let (items, components) = match content {
            Content::Signed(items) => (items.len() as u64, items.iter().map(decode::components_of).sum()),
            Content::Sbom(sbom) => (1, sbom.len() as u64),
            Content::InvalidSbom(invalid) => (1, invalid.sbom.as_ref().map_or(0, |sbom| sbom.len() as u64)),
            Content::Checksums(list) => (1, list.files.len() as u64),
            Content::RevocationList(list) => (1, list.entries()),
            _ => (1, 0),
        };
        let fits = |used: u64, more: u64, limit: u64| used.checked_add(more).filter(|sum| *sum <= limit);
        let over = |info, limit: u64| Reason::new(info).int("limit", limit);
        let bytes = fits(self.bytes, bytes, limits.evidence_bytes)
            .ok_or_else(|| over(&EVIDENCE_BYTES, limits.evidence_bytes))?;
        let items = fits(self.items, items, limits.evidence_items)
            .ok_or_else(|| over(&EVIDENCE_ITEMS, limits.evidence_items))?;
        let components =
            fits(self.components, components, limits.components).ok_or_else(|| over(&COMPONENTS, limits.components))?;
        *self = Self { bytes, items, components };
        Ok(())
    }
}

/// Hashes every file whose digests are not known from opening it. Workers take the largest files first, so that no thread is left with a big one at the end; results
/// stand in the order of `found`.
pub(super) fn hash_all(
    found: &[(Place, Found)],
    documents: &[Document],
    known: impl Fn(usize) -> Option<Digests> + Sync,
    hasher: impl Fn(usize) -> Hasher + Sync,
    progress: &dyn Progress,
) -> Result<Vec<Digests>, ReadError> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(found.get(*index).map_or(0, |(_, file)| file.identity.size)));
    let results: Vec<OnceLock<Result<Digests, ReadError>>> = found.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| {
                while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (Some((_, file)), Some(slot)) = (found.get(*index), results.get(*index)) else { continue };
                    let document = documents.get(*index).and_then(Option::as_ref);
                    let hash = || hash(file, document.map(|(_, bytes)| &**bytes), hasher(*index), progress);
                    // The slot is written once: every index is taken once.
                    let _ = slot.set(known(*index).map_or_else(hash, Ok));
                }
            });
        }
    });
    // The first error by path, whichever thread met one first. Every slot was filled: the scope has ended.
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}

fn hash(
    file: &Found,
    document: Option<&[u8]>,
    mut hasher: Hasher,
    progress: &dyn Progress,
) -> Result<Digests, ReadError> {
    let mut consume = |bytes: &[u8]| {
        hasher.update(bytes);
        progress.advance(bytes.len() as u64);
    };
    match document {
        Some(bytes) => consume(bytes),
        None => disk::stream(&file.on_disk, file.identity, consume)?,
    }
    Ok(hasher.finish())
}
