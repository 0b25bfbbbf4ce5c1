//! An archive that is the delivery itself (`--as-delivery`): its members are the files, and the verdict is that of the folder
//! which it would unpack to. Nothing is unpacked: the archive is read two or three times, as a folder's documents are read
//! before everything is hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::contents::through;
use super::detached::{Names, Plan};
use super::disk::Identity;
use super::load::{self, Budget, Document, Loaded};
use super::path::is_portable;
use super::walk::{self, Found, LINK, PATH, Tree};
use super::{Delivery, Place, Progress, ReadError, RefusedEntry};
use crate::container::{self, At, Contents, Format, Layer, Options, Watch, fault};
use crate::decode::{self, Content};
use crate::digest::{Algorithm, Digests, Hasher};
use crate::limits::Limits;
use crate::reason::Reason;
use crate::signature::{RAW_BYTES, SUFFIXES};

/// The archive, and how it is read.
pub(super) struct Packed<'a> {
    pub(super) archive: &'a Found,
    pub(super) format: Format,
    pub(super) limits: &'a Limits,
    pub(super) progress: &'a dyn Progress,
}

impl Packed<'_> {
    /// Reads the archive as a delivery, with `evidence` beside it.
    pub(super) fn load(&self, evidence: Vec<(Place, Found)>) -> Result<Delivery, ReadError> {
        let mut delivery = Delivery::default();
        let mut first = First::new(self.limits);
        let (whole, contents) = self.pass(&mut first)?;
        delivery.archive = Some(whole.sha256().clone());
        let Some(layer) = self.files(&contents, &mut delivery)? else { return Ok(delivery) };
        let (tree, entries) = self.tree(&contents, layer);
        delivery.refused.extend(tree.refused);
        delivery.limits_hit.extend(tree.limits_hit);
        let packed = tree.files.len();
        let mut found: Vec<(Place, Found)> = tree.files.into_iter().map(|file| (Place::Delivered, file)).collect();
        found.extend(evidence);
        if load::is_too_large(&found, self.limits, &mut delivery) {
            return Ok(delivery);
        }
        let names = Names::of(&found);
        let (beside, mut documents) = (found.get(packed..).unwrap_or_default(), Vec::new());
        for (_, file) in found.iter().take(packed) {
            documents.push(first.document(file, &names));
        }
        delivery.limits_hit.append(&mut first.limits_hit);
        let limits_hit = &mut delivery.limits_hit;
        documents.extend(load::documents(beside, &names, self.limits, &mut first.budget, limits_hit)?.0);
        let named = load::algorithms(&documents);
        let plan = Plan::of(&found, &names, |file| Some(&documents.get(file)?.as_ref()?.0));
        let hasher = |file| plan.hasher(file, &named);
        let files: BTreeMap<usize, usize> =
            found.iter().take(packed).enumerate().filter_map(|(n, (_, f))| Some((*entries.get(&f.path)?, n))).collect();
        let mut second = Second { layer, files: &files, hasher: &hasher, members: &named };
        let (again, contents) = self.pass(&mut second)?;
        self.is_same(&whole, &again)?;
        let digests = |file: usize| {
            let (_, found) = found.get(file).filter(|_| file < packed)?;
            contents.layers.get(layer)?.entries.get(*entries.get(&found.path)?)?.digests.clone()
        };
        let digests = load::hash_all(&found, &documents, digests, hasher, self.progress)?;
        let wanted = load::wanted(&found, &documents, &digests, &plan, self.limits);
        let (inside, outside): (Vec<usize>, Vec<usize>) = wanted.into_iter().partition(|file| *file < packed);
        let mut blobs = load::blobs(&found, &digests, &outside)?;
        if !inside.is_empty() {
            let wanted = inside.iter().filter_map(|file| entries.get(&found.get(*file)?.1.path).copied()).collect();
            let mut third = Third { layer, wanted, kept: BTreeMap::new() };
            self.is_same(&whole, &self.pass(&mut third)?.0)?;
            let kept = third.kept.into_iter().filter_map(|(entry, bytes)| {
                Some((digests.get(*files.get(&entry)?)?.sha256().clone(), Arc::from(bytes)))
            });
            blobs.extend(kept);
        }
        drop(names);
        self.progress.finish();
        let nested = nested(contents.layers, layer);
        let layers = nested.into_iter().filter_map(|(entry, layers)| Some((*files.get(&entry)?, layers)));
        Loaded { documents, digests, blobs, plan, layers: layers.collect() }.place(found, &mut delivery);
        Ok(delivery)
    }

    /// Reads the archive once.
    fn pass(&self, watch: &mut dyn Watch) -> Result<(Digests, Contents), ReadError> {
        let size = self.archive.identity.size;
        self.progress.start(1, size);
        // What is delivered lies at the top, in however many layers it is packed; archives in it are one level deep.
        let options = Options { limits: self.limits, size, depth: 0 };
        through(self.archive, self.format, &options, Hasher::new(&[]), watch, self.progress)
    }

    /// What is read twice must be the same twice, also where size and time of the file tell no difference.
    fn is_same(&self, before: &Digests, again: &Digests) -> Result<(), ReadError> {
        let changed = || ReadError::Changed { path: self.archive.on_disk.clone() };
        if again.sha256() == before.sha256() { Ok(()) } else { Err(changed()) }
    }

    /// The number of the layer whose members are the files. What is wrong with it, or with what it is packed in, is wrong with
    /// the delivery; an archive that shows two readers two things is refused for good (T18).
    fn files(&self, contents: &Contents, delivery: &mut Delivery) -> Result<Option<usize>, ReadError> {
        for (number, layer) in contents.layers.iter().enumerate() {
            if let Some(reason) = &layer.opaque {
                let reason = if fault::is_ambiguous(reason) { reason.clone().refuted() } else { reason.clone() };
                delivery.refused.push(RefusedEntry { raw_path: Vec::new(), reason });
                return Ok(None);
            }
            if !layer.format.is_compression() {
                return Ok(Some(number));
            }
        }
        Err(ReadError::NotAnArchive { path: self.archive.on_disk.clone() })
    }

    /// The members as a folder would have them, and the number of each by path.
    fn tree(&self, contents: &Contents, layer: usize) -> (Tree, BTreeMap<String, usize>) {
        let (mut tree, mut entries) = (Tree::default(), BTreeMap::new());
        let members = contents.layers.get(layer).map(|layer| layer.entries.as_slice()).unwrap_or_default();
        for (number, entry) in members.iter().enumerate() {
            let name = entry.name.clone().unwrap_or_default();
            if entry.link.is_some() {
                tree.refused.push(walk::refused(name, &LINK));
            } else if !is_portable(&name, self.limits.path_segments) {
                tree.refused.push(walk::refused(name, &PATH));
            } else if let Ok(path) = String::from_utf8(name) {
                entries.insert(path.clone(), number);
                let identity = Identity::of_member(entry.size);
                tree.files.push(Found { path, on_disk: self.archive.on_disk.clone(), identity });
            }
        }
        walk::settle(&mut tree, self.limits);
        (tree, entries)
    }
}

/// First reading: names, and what can be a document.
struct First<'a> {
    limits: &'a Limits,
    /// The layer with the files: the first whose members have names.
    layer: Option<usize>,
    documents: BTreeMap<Vec<u8>, (Content, Arc<[u8]>)>,
    /// What may be a signature by its name: that is known when all names are.
    raw: BTreeMap<Vec<u8>, Vec<u8>>,
    raw_left: u64,
    budget: Budget,
    limits_hit: Vec<Reason>,
}

impl<'a> First<'a> {
    fn new(limits: &'a Limits) -> Self {
        let (documents, raw, limits_hit) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self {
            limits,
            layer: None,
            documents,
            raw,
            raw_left: limits.evidence_bytes,
            budget: Budget::default(),
            limits_hit,
        }
    }

    /// The file as a document, if it is one.
    fn document(&mut self, file: &Found, names: &Names<'_>) -> Document {
        let Some(bytes) = self.raw.remove(file.path.as_bytes()) else {
            return self.documents.remove(file.path.as_bytes());
        };
        let named = !names.signed_by(&file.path).is_empty();
        let can_be = named || load::can_be_document(&bytes);
        can_be.then(|| self.admit(decode::document_beside(&bytes, named, self.limits), bytes)).flatten()
    }

    fn admit(&mut self, content: Content, bytes: Vec<u8>) -> Document {
        let is_container = || container::recognise(bytes.get(..container::SNIFF).unwrap_or(&bytes)).is_some();
        if matches!(content, Content::Ordinary)
            || (matches!(content, Content::Refused(_)) && is_container() && !decode::is_signed_encoding(&content))
        {
            return None;
        }
        match self.budget.admit(&content, bytes.len() as u64, self.limits) {
            Ok(()) => Some((content, Arc::from(bytes))),
            Err(reason) => {
                self.limits_hit.push(reason);
                None
            }
        }
    }

    fn is_signature_by_name(name: &[u8]) -> bool {
        SUFFIXES.iter().any(|suffix| name.ends_with(suffix.as_bytes()))
    }
}

impl Watch for First<'_> {
    fn hasher(&mut self, _at: &At<'_>) -> Hasher {
        Hasher::new(&[])
    }

    fn keeps(&mut self, at: &At<'_>, head: &[u8]) -> bool {
        let Some(name) = at.name else { return false };
        *self.layer.get_or_insert(at.layer) == at.layer
            && (load::can_be_document(head) || Self::is_signature_by_name(name))
    }

    fn kept(&mut self, at: &At<'_>, bytes: Vec<u8>) {
        let (name, size) = (at.name.unwrap_or_default(), bytes.len() as u64);
        if Self::is_signature_by_name(name) && size <= RAW_BYTES {
            match self.raw_left.checked_sub(size) {
                Some(left) => {
                    self.raw_left = left;
                    self.raw.insert(name.to_vec(), bytes);
                }
                None => self.limits_hit.push(load::too_much_evidence(self.limits)),
            }
        } else if load::can_be_document(&bytes) {
            let document = self.admit(decode::document_beside(&bytes, false, self.limits), bytes);
            self.documents.extend(document.map(|document| (name.to_vec(), document)));
        }
    }
}

/// Second reading: everything is hashed with what the evidence needs.
struct Second<'a, H> {
    layer: usize,
    /// By number of the member, that of the file.
    files: &'a BTreeMap<usize, usize>,
    hasher: &'a H,
    members: &'a [Algorithm],
}

impl<H: Fn(usize) -> Hasher> Watch for Second<'_, H> {
    fn hasher(&mut self, at: &At<'_>) -> Hasher {
        match self.files.get(&at.entry).filter(|_| at.layer == self.layer) {
            Some(file) => (self.hasher)(*file),
            None => Hasher::new(self.members),
        }
    }
}

/// Third reading: the bytes over which alone a signature can be verified.
struct Third {
    layer: usize,
    wanted: BTreeSet<usize>,
    kept: BTreeMap<usize, Vec<u8>>,
}

impl Watch for Third {
    fn hasher(&mut self, _at: &At<'_>) -> Hasher {
        Hasher::new(&[])
    }

    fn keeps(&mut self, at: &At<'_>, _head: &[u8]) -> bool {
        at.layer == self.layer && self.wanted.contains(&at.entry)
    }

    fn kept(&mut self, at: &At<'_>, bytes: Vec<u8>) {
        self.kept.insert(at.entry, bytes);
    }
}

/// What is inside the files of that layer, by the number of the file's entry, as if each had been opened by itself.
fn nested(layers: Vec<Layer>, files: usize) -> BTreeMap<usize, Vec<Layer>> {
    let mut all: BTreeMap<usize, Vec<Layer>> = BTreeMap::new();
    // By layer, the entry of the file that it is in, and its number there.
    let mut places: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (number, mut layer) in layers.into_iter().enumerate() {
        let Some((parent, entry)) = layer.of else { continue };
        let (file, of) = match places.get(&parent) {
            _ if parent == files => (entry, None),
            Some((file, parent)) => (*file, Some((*parent, entry))),
            None => continue,
        };
        layer.of = of;
        let group = all.entry(file).or_default();
        places.insert(number, (file, group.len()));
        group.push(layer);
    }
    all
}
