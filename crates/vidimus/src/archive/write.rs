//! Writes an archive: small documents from memory, artifacts streamed from where they lie and hashed once more on the way.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ArchiveError;
use super::anchor::AnchorFiles;
use super::layout::{self, AnchorIndex, BLOBS, Contents, INDEX, LAYOUT, PolicyIndex, canonical};
use super::reading::Reading;
use super::ustar::{self, Writer};
use crate::conclude::Verdict;
use crate::digest::{Digest, Hasher};
use crate::knowledge::State;
use crate::policy::PolicyFiles;
use crate::read::disk::{self, Reading as Open};
use crate::read::{Delivery, Place, ReadError, Shape};
use crate::render::Run;

/// Everything that a verdict was a function of.
pub struct Inputs<'a> {
    /// What was read.
    pub delivery: &'a Delivery,
    /// As what it was named.
    pub shape: Shape,
    /// The operator's status lists, where some were named.
    pub status: Option<&'a Delivery>,
    /// What the operator accepted before, where a state was named.
    pub state: Option<&'a State>,
    /// The policy's own bytes.
    pub policy: &'a PolicyFiles,
    /// The anchor and the signatures over the policy, where an anchor was named.
    pub anchor: Option<&'a AnchorFiles>,
    /// What came of it.
    pub verdict: &'a Verdict,
    /// The circumstances.
    pub run: &'a Run,
    /// What was named on the command line, if the artifacts are to be in the archive.
    pub artifacts: Option<&'a [PathBuf]>,
}

/// Where a blob comes from.
enum Blob<'a> {
    Memory(std::borrow::Cow<'a, [u8]>),
    Disk(PathBuf, u64),
}

impl Blob<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(_, size) => *size,
        }
    }
}

/// Blobs by digest in hex.
#[derive(Default)]
struct Blobs<'a>(BTreeMap<String, Blob<'a>>);

impl<'a> Blobs<'a> {
    fn add(&mut self, bytes: impl Into<std::borrow::Cow<'a, [u8]>>) -> String {
        let bytes = bytes.into();
        let digest = Digest::sha256(&bytes).hex().to_owned();
        self.0.insert(digest.clone(), Blob::Memory(bytes));
        digest
    }

    fn document(&mut self, value: &impl Serialize) -> String {
        self.add(canonical(value))
    }
}

/// Writes the archive to `out`, from front to back.
///
/// # Errors
/// `out` cannot be written, or an artifact is not any more what was judged.
pub fn write(inputs: &Inputs<'_>, out: &mut dyn Write) -> Result<(), ArchiveError> {
    let mut blobs = Blobs::default();
    let core = inputs.verdict.core();
    let reading = Reading::of(inputs.delivery, inputs.shape);
    let status = inputs.status.map(|lists| Reading::of(lists, Shape::Folder));
    let all = reading.blobs().chain(status.iter().flat_map(Reading::blobs));
    let mut evidence: Vec<String> = all.map(ToOwned::to_owned).collect();
    evidence.sort();
    evidence.dedup();
    let artifacts = inputs.artifacts.map(|paths| artifacts(inputs, paths)).transpose()?;
    for (digest, (path, size)) in artifacts.iter().flatten() {
        blobs.0.insert(digest.clone(), Blob::Disk(path.clone(), *size));
    }
    for file in inputs.delivery.files.iter().chain(inputs.status.iter().flat_map(|lists| &lists.files)) {
        if let Some(bytes) = file.bytes.as_deref().filter(|bytes| bytes.len() as u64 == file.size) {
            blobs.0.insert(file.digests.sha256().hex().to_owned(), Blob::Memory(bytes.into()));
        }
    }
    let files = inputs.policy.files.iter();
    let contents = Contents {
        schema: layout::SCHEMA.to_owned(),
        semantics: core.semantics,
        request: core.request.clone(),
        core: blobs.add(inputs.verdict.core_json()),
        decision_sha256: inputs.verdict.decision_sha256().hex().to_owned(),
        details: blobs.document(inputs.verdict.details()),
        run: blobs.document(&Run { started: String::new(), ..inputs.run.clone() }),
        reading: blobs.document(&reading),
        policy: PolicyIndex {
            main: inputs.policy.main.clone(),
            files: files.map(|(path, bytes)| (path.clone(), blobs.add(bytes.as_slice()))).collect(),
        },
        anchor: inputs.anchor.map(|files| AnchorIndex {
            main: blobs.add(files.anchor.as_slice()),
            signatures: files.signatures.iter().map(|(name, bytes)| (name.clone(), blobs.add(&**bytes))).collect(),
        }),
        evidence,
        status: status.as_ref().map(|reading| blobs.document(reading)),
        state: inputs.state.map(|state| blobs.add(state.to_bytes())),
        artifacts: artifacts.map(|files| files.into_keys().collect()),
    };
    let envelope = layout::envelope(&contents, |digest| blobs.0.get(digest).map(Blob::size))?;
    blobs.add(envelope.contents);
    blobs.add(envelope.manifest);
    let mut tar = Writer::new(out);
    for (digest, blob) in &blobs.0 {
        if !envelope.blobs.contains(digest) {
            continue;
        }
        let name = format!("{BLOBS}{digest}");
        match blob {
            Blob::Memory(bytes) => tar.put(&name, blob.size(), &mut &**bytes)?,
            Blob::Disk(path, size) => stream(&mut tar, &name, path, *size, digest)?,
        }
    }
    tar.put(INDEX, envelope.index.len() as u64, &mut envelope.index.as_slice())?;
    tar.put(LAYOUT.0, LAYOUT.1.len() as u64, &mut &*LAYOUT.1)?;
    tar.finish()?;
    Ok(())
}

/// The delivered files by digest, with where they lie and their size.
fn artifacts(inputs: &Inputs<'_>, paths: &[PathBuf]) -> Result<BTreeMap<String, (PathBuf, u64)>, ArchiveError> {
    let real = |path: &Path| path.canonicalize().map_err(|source| ReadError::Io { path: path.to_path_buf(), source });
    let mut all = BTreeMap::new();
    let first = paths.first().map(|path| real(path)).transpose()?.unwrap_or_default();
    if let Some(archive) = &inputs.delivery.archive {
        let size = disk::identity(&first)?.size;
        all.insert(archive.hex().to_owned(), (first, size));
    } else {
        for file in inputs.delivery.files.iter().filter(|file| file.place == Place::Delivered) {
            let named = paths.iter().find(|path| path.file_name().is_some_and(|name| *name == *file.path.as_str()));
            let path = match (inputs.shape, named) {
                (Shape::Files, Some(named)) => real(named)?,
                _ => first.join(&file.path),
            };
            all.insert(file.digests.sha256().hex().to_owned(), (path, file.size));
        }
    }
    match all.values().find(|(_, size)| *size > ustar::MAX_SIZE) {
        Some((path, size)) => Err(ArchiveError::TooLarge { path: path.clone(), size: *size }),
        None => Ok(all),
    }
}

/// Copies a file that must still be what was judged.
fn stream(
    tar: &mut Writer<&mut dyn Write>,
    name: &str,
    path: &Path,
    size: u64,
    digest: &str,
) -> Result<(), ArchiveError> {
    let changed = || ReadError::Changed { path: path.to_path_buf() };
    let found = disk::identity(path)?;
    if found.size != size {
        return Err(changed().into());
    }
    let mut hashed = Hashed { open: Open::open(path, found)?, hasher: Hasher::new(&[]), failed: None };
    let put = tar.put(name, size, &mut hashed);
    let Hashed { open, hasher, failed } = hashed;
    if let Some(failed) = failed {
        return Err(failed.into());
    }
    put?;
    open.finish()?;
    if hasher.finish().sha256().hex() == digest { Ok(()) } else { Err(changed().into()) }
}

struct Hashed<'p> {
    open: Open<'p>,
    hasher: Hasher,
    failed: Option<ReadError>,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.open.read(buffer) {
            Ok(read) => {
                self.hasher.update(buffer.get(..read).unwrap_or_default());
                Ok(read)
            }
            Err(error) => {
                self.failed = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}
