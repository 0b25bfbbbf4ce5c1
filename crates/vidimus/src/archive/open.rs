//! Opens an archive. Every byte is looked at once, before anything in it is believed: headers, padding, order, digests, and that
//! there is nothing that the table of contents does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::anchor::AnchorFiles;
use super::layout::{self, BLOBS, Contents, INDEX, LAYOUT, Manifest, OciIndex, canonical};
use super::reading::{Reading, sha256};
use super::ustar::{self, BLOCK};
use super::{ArchiveError, sound};
use crate::conclude::{Details, SEMANTICS, VerdictCore};
use crate::digest::{Digest, Hasher};
use crate::knowledge::State;
use crate::limits::Limits;
use crate::policy::{Anchored, Policy, PolicyFiles};
use crate::read::again::{Again, Artifacts};
use crate::read::disk::{self, Identity, Reading as Open};
use crate::read::walk::Found;
use crate::read::{Delivery, Place, Progress, ReadError, Shape};
use crate::render::Run;
use crate::time::Time;

/// A JSON document of an archive has at most so many bytes.
const DOCUMENT_BYTES: u64 = 1 << 30;
/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// An archive whose every byte is accounted for. What it says may still be untrue: a replay tells.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    identity: Identity,
    /// Offset and size by digest in hex.
    blobs: BTreeMap<String, (u64, u64)>,
    sha256: Digest,
    contents: Contents,
    core: VerdictCore,
    details: Details,
    run: Run,
    reading: Reading,
    status: Option<Reading>,
    state: Option<State>,
    policy: PolicyFiles,
    anchor: Option<AnchorFiles>,
}

impl Archive {
    /// # Errors
    /// It cannot be read, is not intact, or is of semantics that this program does not know.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let real = path.canonicalize().map_err(|source| ReadError::Io { path: path.to_path_buf(), source })?;
        let identity = disk::identity(&real)?;
        let scanned = Scan::of(&real, identity)?;
        let index: OciIndex = parse(INDEX, &scanned.index)?;
        let blob = |hex: &str| blob(&real, identity, &scanned.blobs, hex, DOCUMENT_BYTES);
        let manifest = match index.manifests.as_slice() {
            [one] => one.digest.strip_prefix("sha256:").unwrap_or_default().to_owned(),
            _ => return Err(ArchiveError::corrupt(INDEX, "not exactly one manifest")),
        };
        let manifest_bytes = blob(&manifest)?;
        let parsed: Manifest = parse("manifest", &manifest_bytes)?;
        let config = blob(parsed.config.digest.strip_prefix("sha256:").unwrap_or_default())?;
        let contents: Contents = known("contents", &config)?;
        let envelope = layout::envelope(&contents, |hex| scanned.blobs.get(hex).map(|(_, size)| *size))?;
        if envelope.manifest != manifest_bytes || envelope.index != scanned.index {
            let place = if envelope.manifest == manifest_bytes { INDEX } else { "manifest" };
            return Err(ArchiveError::corrupt(place, "not the one that belongs to these contents"));
        }
        if let Some(extra) = scanned.blobs.keys().find(|hex| !envelope.blobs.contains(*hex)) {
            return Err(ArchiveError::corrupt(format!("{BLOBS}{extra}"), "no document names this member"));
        }
        let core: VerdictCore = known("core", &blob(&contents.core)?)?;
        if core.schema != crate::conclude::SCHEMA || contents.schema != layout::SCHEMA {
            return Err(ArchiveError::corrupt("contents", "of another schema"));
        }
        if core.request != contents.request || core.semantics != contents.semantics {
            return Err(ArchiveError::corrupt("contents", "not about the verdict that is in the archive"));
        }
        let (details, run) = (parse("details", &blob(&contents.details)?)?, parse("run", &blob(&contents.run)?)?);
        let read = |hex: &String| {
            let reading: Reading = parse("reading", &blob(hex)?)?;
            sound::check(&reading).map(|()| reading)
        };
        let reading = read(&contents.reading)?;
        let status = contents.status.as_ref().map(read).transpose()?;
        let state = contents.state.as_ref().map(|hex| {
            let bytes = blob(hex)?;
            let state = State::parse(&bytes).map_err(|e| ArchiveError::corrupt("state", e.to_string()))?;
            let is_ours = state.to_bytes() == bytes;
            if is_ours { Ok(state) } else { Err(ArchiveError::corrupt("state", "not in the form that it has")) }
        });
        let state = state.transpose()?;
        let evidence: BTreeSet<&str> = reading.blobs().chain(status.iter().flat_map(Reading::blobs)).collect();
        if !contents.evidence.iter().map(String::as_str).eq(evidence) {
            return Err(ArchiveError::corrupt("contents", "the evidence is not what the reading lists"));
        }
        if let Some(found) = &contents.artifacts {
            let expected: BTreeSet<&str> = artifacts(&reading).collect();
            if !found.iter().map(String::as_str).eq(expected) {
                return Err(ArchiveError::corrupt("contents", "the artifacts are not what the reading lists"));
            }
        }
        // One blob may be there under many names, and each name costs its bytes.
        let sizes = contents.policy.files.values().filter_map(|hex| scanned.blobs.get(hex)).map(|(_, size)| *size);
        if sizes.fold(0, u64::saturating_add) > DOCUMENT_BYTES {
            return Err(ArchiveError::corrupt("contents", format!("a policy of more than {DOCUMENT_BYTES} bytes")));
        }
        let files = contents.policy.files.iter().map(|(path, hex)| Ok((path.clone(), blob(hex)?)));
        let files = files.collect::<Result<_, ArchiveError>>()?;
        let policy = PolicyFiles { main: contents.policy.main.clone(), files };
        let small = |hex: &str, limit| super::open::blob(&real, identity, &scanned.blobs, hex, limit);
        let anchor = contents.anchor.as_ref().map(|index| AnchorFiles::of(index, &core, small)).transpose()?;
        if anchor.is_none() && core.inputs.anchor.is_some() {
            return Err(ArchiveError::corrupt("contents", "without the anchor that the core names"));
        }
        let Scan { blobs, sha256, .. } = scanned;
        Ok(Self {
            path: real,
            identity,
            blobs,
            sha256,
            contents,
            core,
            details,
            run,
            reading,
            status,
            state,
            policy,
            anchor,
        })
    }

    /// sha256 of the whole archive.
    #[must_use]
    pub const fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// The table of contents.
    #[must_use]
    pub const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The core of the verdict that it was made with.
    #[must_use]
    pub const fn core(&self) -> &VerdictCore {
        &self.core
    }

    /// The details of that verdict.
    #[must_use]
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// The circumstances of that run; `started` is not known.
    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// What was read then.
    #[must_use]
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What was read of the operator's status lists.
    #[must_use]
    pub const fn status_reading(&self) -> Option<&Reading> {
        self.status.as_ref()
    }

    /// The operator's status lists, made from the record and their documents.
    ///
    /// # Errors
    /// The record contradicts itself or its blobs.
    pub fn status(&self, limits: &Limits) -> Result<Option<Delivery>, ArchiveError> {
        self.status.as_ref().map(|reading| self.delivery_of(reading, limits)).transpose()
    }

    /// The operator's state.
    #[must_use]
    pub const fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// The policy's files.
    #[must_use]
    pub const fn policy_files(&self) -> &PolicyFiles {
        &self.policy
    }

    /// The policy, loaded from the archive alone.
    ///
    /// # Errors
    /// It cannot be loaded, or the archive has files that it does not name.
    pub fn policy(&self) -> Result<Policy, ArchiveError> {
        let policy = self.policy.load();
        let policy = policy.map_err(|errors| {
            let first = errors.errors().first().map(|error| error.message.clone()).unwrap_or_default();
            ArchiveError::corrupt(format!("policy {}", self.policy.main), first)
        })?;
        if policy.closure.len() != self.policy.files.len() {
            return Err(ArchiveError::corrupt("policy", "it does not name all files that the archive has for it"));
        }
        Ok(policy)
    }

    /// The anchor held against the policy once more, as of an instant, without a clock; nothing if no anchor was named.
    ///
    /// # Errors
    /// The anchor does not vouch for this policy, or the policy is not for use then.
    pub fn anchored(&self, policy: &Policy, at: Time) -> Result<Option<Anchored>, ArchiveError> {
        self.anchor.as_ref().map(|files| files.anchored(policy, at)).transpose()
    }

    /// Has it the delivered files?
    #[must_use]
    pub const fn has_artifacts(&self) -> bool {
        self.contents.artifacts.is_some()
    }

    /// The delivery as it was read then, made from the record and the evidence alone.
    ///
    /// # Errors
    /// The record contradicts itself or its blobs.
    pub fn delivery(&self, limits: &Limits) -> Result<Delivery, ArchiveError> {
        self.delivery_of(&self.reading, limits)
    }

    /// A delivery from another record whose documents are in this archive.
    pub(crate) fn delivery_of(&self, reading: &Reading, limits: &Limits) -> Result<Delivery, ArchiveError> {
        sound::fits(reading, limits)?;
        let delivery = reading.delivery(limits, |digest| self.blob(digest))?;
        sound::admitted(&delivery, limits)?;
        Ok(delivery)
    }

    /// The bytes of a document.
    pub(crate) fn blob(&self, digest: &Digest) -> Result<Vec<u8>, ArchiveError> {
        blob(&self.path, self.identity, &self.blobs, digest.hex(), DOCUMENT_BYTES)
    }

    /// Reads the delivery again, from `artifacts` or, without, from the archive; evidence beside it from the archive.
    ///
    /// # Errors
    /// Nothing is there, or the disk.
    pub fn read_again(
        &self,
        artifacts: Option<&Path>,
        limits: &Limits,
        progress: &dyn Progress,
    ) -> Result<Delivery, ArchiveError> {
        let part = |hex: &str, path: String| {
            let (offset, size) = self.blobs.get(hex)?;
            Some(Found { path, on_disk: self.path.clone(), identity: self.identity.part(*offset, *size) })
        };
        let missing = || ArchiveError::corrupt("reading", "a file of it is not in the archive");
        let of_place = |place: Place| self.reading.files.iter().filter(move |file| file.place() == place);
        let found = |file: &super::reading::ReadFile| part(file.sha256(), file.path.clone()).ok_or_else(missing);
        let mut evidence: Vec<_> = of_place(Place::Evidence).collect();
        evidence.sort_by_key(|file| file.sha256());
        let inside = || match &self.reading.archive {
            Some(archive) => Ok(vec![part(archive, String::new()).ok_or_else(missing)?]),
            None => of_place(Place::Delivered).map(found).collect::<Result<Vec<_>, _>>(),
        };
        let names = of_place(Place::Delivered).map(|file| PathBuf::from(&file.path));
        let again = Again {
            shape: self.reading.shape,
            artifacts: match artifacts {
                Some(path) => Artifacts::At(path),
                None => Artifacts::Inside(inside()?),
            },
            names: names.chain(self.refused_names()?).collect(),
            evidence: evidence.into_iter().map(found).collect::<Result<_, _>>()?,
            limits,
            progress,
        };
        let mut delivery = again.delivery()?;
        if artifacts.is_none() && self.reading.shape != Shape::Archive {
            // What is no file cannot be in an archive; the record is all that is left of it.
            let then = self.delivery(limits)?;
            delivery.refused = then.refused;
            if delivery.files.is_empty() {
                delivery.limits_hit = then.limits_hit;
            }
        }
        Ok(delivery)
    }

    /// Files that were named one by one and have names that are not portable. They are looked for in the folder that is given, and
    /// nowhere else on this machine.
    fn refused_names(&self) -> Result<Vec<PathBuf>, ArchiveError> {
        let mut names = Vec::new();
        for entry in self.reading.refused.iter().filter(|_| self.reading.shape == Shape::Files) {
            let name = path_of(super::reading::raw(&entry.path_hex)?);
            let mut parts = name.components();
            if !matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_os_str())
            {
                let what = format!("{} is not the name of a file", entry.path_hex);
                return Err(ArchiveError::corrupt("reading", what));
            }
            names.push(name);
        }
        Ok(names)
    }
}

#[cfg(unix)]
fn path_of(raw: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(raw).into()
}

#[cfg(not(unix))]
fn path_of(raw: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&raw).into_owned().into()
}

/// What an archive with artifacts has of a reading.
fn artifacts(reading: &Reading) -> impl Iterator<Item = &str> {
    let files = reading.files.iter().filter(|file| reading.archive.is_none() && file.place() == Place::Delivered);
    reading.archive.as_deref().into_iter().chain(files.map(super::reading::ReadFile::sha256))
}

/// The whole blob, hashed again: the file may have changed since it was looked at.
fn blob(
    path: &Path,
    identity: Identity,
    blobs: &BTreeMap<String, (u64, u64)>,
    hex: &str,
    limit: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let place = || format!("{BLOBS}{hex}");
    let (offset, size) = blobs.get(hex).ok_or_else(|| ArchiveError::corrupt(place(), "this member is missing"))?;
    if *size > limit {
        return Err(ArchiveError::corrupt(place(), format!("a document of more than {limit} bytes")));
    }
    let mut bytes = Vec::new();
    disk::stream(path, identity.part(*offset, *size), |chunk| bytes.extend_from_slice(chunk))?;
    if Digest::sha256(&bytes) == sha256(hex)? { Ok(bytes) } else { Err(ArchiveError::corrupt(place(), "changed")) }
}

/// A document of ours, which has one form.
fn parse<T: Serialize + DeserializeOwned>(place: &str, bytes: &[u8]) -> Result<T, ArchiveError> {
    let value: T = serde_json::from_slice(bytes).map_err(|e| ArchiveError::corrupt(place, e.to_string()))?;
    if canonical(&value) == bytes {
        Ok(value)
    } else {
        Err(ArchiveError::corrupt(place, "not in canonical form (RFC 8785)"))
    }
}

/// The same for a document with `semantics`, which comes first: others may have other members.
fn known<T: Serialize + DeserializeOwned>(place: &str, bytes: &[u8]) -> Result<T, ArchiveError> {
    #[derive(serde::Deserialize)]
    struct Any {
        semantics: u64,
    }
    match serde_json::from_slice(bytes) {
        // A list would be taken for it, too.
        Ok(Any { semantics: found }) if bytes.starts_with(b"{") && found != SEMANTICS => {
            Err(ArchiveError::Semantics { found, known: SEMANTICS })
        }
        _ => parse(place, bytes),
    }
}

/// The members of the tar.
struct Scan {
    blobs: BTreeMap<String, (u64, u64)>,
    index: Vec<u8>,
    sha256: Digest,
}

impl Scan {
    fn of(path: &Path, identity: Identity) -> Result<Self, ArchiveError> {
        let mut tar = Tar { open: Open::open(path, identity)?, at: 0, whole: Hasher::new(&[]) };
        let (mut blobs, mut index, mut last) = (BTreeMap::new(), None, String::new());
        loop {
            let at = tar.at;
            let block = tar.take(BLOCK)?;
            if block.iter().all(|byte| *byte == 0) {
                break;
            }
            let place = || format!("byte {at}");
            let (name, size) = ustar::read_header(&block)
                .ok_or_else(|| ArchiveError::corrupt(place(), "not a header as an archive has it"))?;
            if name <= last {
                return Err(ArchiveError::corrupt(place(), format!("`{name}` is there twice or out of order")));
            }
            let offset = tar.at;
            if let Some(hex) = name.strip_prefix(BLOBS) {
                let named = sha256(hex)
                    .map_err(|_| ArchiveError::corrupt(place(), "a blob that is not named by its sha256"))?;
                if tar.hash(size)? != named {
                    return Err(ArchiveError::corrupt(name, "its bytes have another digest"));
                }
                blobs.insert(hex.to_owned(), (offset, size));
            } else if name == INDEX && size <= DOCUMENT_BYTES {
                index = Some(tar.take(usize::try_from(size).unwrap_or_default())?);
            } else if name == LAYOUT.0 && size == LAYOUT.1.len() as u64 {
                if tar.take(LAYOUT.1.len())? != LAYOUT.1 {
                    return Err(ArchiveError::corrupt(name, "not an OCI image layout of version 1.0.0"));
                }
            } else {
                return Err(ArchiveError::corrupt(place(), format!("no member `{name}` belongs here")));
            }
            let at = tar.at;
            if tar.take(ustar::padding(size))?.iter().any(|byte| *byte != 0) {
                return Err(ArchiveError::corrupt(format!("byte {at}"), "padding that is not zero"));
            }
            last = name;
        }
        let at = tar.at;
        let end = tar.take(BLOCK)?;
        if end.iter().any(|byte| *byte != 0) || tar.at != identity.size {
            return Err(ArchiveError::corrupt(format!("byte {at}"), "something other than the end of the archive"));
        }
        let index = index.ok_or_else(|| ArchiveError::corrupt(INDEX, "this member is missing"))?;
        if last != LAYOUT.0 {
            return Err(ArchiveError::corrupt(LAYOUT.0, "this member is missing"));
        }
        tar.open.finish()?;
        Ok(Self { blobs, index, sha256: tar.whole.finish().sha256().clone() })
    }
}

/// The archive from front to back.
struct Tar<'p> {
    open: Open<'p>,
    at: u64,
    whole: Hasher,
}

impl Tar<'_> {
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], ArchiveError> {
        let read = self.open.read(buffer)?;
        if read == 0 {
            return Err(ArchiveError::corrupt(format!("byte {}", self.at), "the archive ends here, too early"));
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        self.at += read as u64;
        self.whole.update(bytes);
        Ok(bytes)
    }

    /// Exactly so many bytes.
    fn take(&mut self, size: usize) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        let mut buffer = vec![0; CHUNK.min(size)];
        while bytes.len() < size {
            let left = (size - bytes.len()).min(buffer.len());
            let chunk = self.next(buffer.get_mut(..left).unwrap_or_default())?;
            bytes.extend_from_slice(chunk);
        }
        Ok(bytes)
    }

    /// The digest of the next bytes.
    fn hash(&mut self, size: u64) -> Result<Digest, ArchiveError> {
        let mut hasher = Hasher::new(&[]);
        let mut buffer = vec![0; CHUNK];
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let chunk = self.next(buffer.get_mut(..most).unwrap_or_default())?;
            hasher.update(chunk);
            left -= chunk.len() as u64;
        }
        Ok(hasher.finish().sha256().clone())
    }
}
