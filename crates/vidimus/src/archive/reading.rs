//! The reading: what *read* found, as a record from which the same [`Delivery`] can be made without the artifacts.
//!
//! It lists every file with all digests that were computed of it, every member of every container, what was refused, and which
//! limits ran out. Documents are not in it: they are blobs beside it and are decoded again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ArchiveError;
use crate::container::Format;
use crate::decode::{self, Content};
use crate::digest::{Algorithm, Digest, Digests, Frame};
use crate::limits::Limits;
use crate::read::detached::{Names, Plan};
use crate::read::disk::Identity;
use crate::read::walk::Found;
use crate::read::{Delivery, File, Member, Opened, Place, RefusedEntry, Shape};
use crate::reason::{Arg, Reason};
use crate::signature::RAW_BYTES;
use crate::value::Value;

/// `schema` of every reading.
pub const SCHEMA: &str = "urn:vidimus:reading:v1";

/// What was read (`docs/spec/archive.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Always `urn:vidimus:reading:v1`.
    pub schema: String,
    /// As what the delivery was named.
    pub shape: Shape,
    /// sha256 (hex) of the archive that the delivery is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub archive: Option<String>,
    /// Delivered files by path; then evidence beside them by path; then members in the order of their containers.
    pub files: Vec<ReadFile>,
    /// What cannot be judged as a file.
    pub refused: Vec<ReadRefused>,
    /// Containers, each before those inside it.
    pub opened: Vec<ReadOpened>,
    /// Budgets that ran out.
    pub limits_hit: Vec<ReadReason>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// Portable path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Where it came from.
    pub place: ReadPlace,
    /// Hex by algorithm; sha256 always.
    pub digests: BTreeMap<String, String>,
    /// BLAKE2b with 64 bytes, hex, where a signature needs it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blake2b: Option<String>,
    /// Digests of the file between other bytes, where a signature needs them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub framed: Vec<ReadFrame>,
    /// What became of its bytes; absent where nothing but digests was needed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<ReadBytes>,
}

/// A digest of a file between other bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFrame {
    /// Its algorithm.
    pub algorithm: String,
    /// What stands before, hex.
    pub before: String,
    /// What stands behind, hex.
    pub after: String,
    /// The digest, hex.
    pub digest: String,
}

/// Where a file came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadPlace {
    /// Part of the delivery.
    Delivered,
    /// Beside it.
    Evidence,
    /// In a container.
    Member,
}

/// What became of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBytes {
    /// They are a document, which is a blob of the archive.
    Document,
    /// A signature can be verified over them alone, so they are a blob of the archive.
    Kept,
    /// The text of an envelope, and not kept: refused, whatever else is in it.
    SignedEncoding,
}

/// An entry that cannot be judged as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadRefused {
    /// Raw path, hex.
    pub path_hex: String,
    /// Why.
    pub reason: ReadReason,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadOpened {
    /// Position of the file that it is.
    pub file: u64,
    /// What it is.
    pub format: String,
    /// What it holds.
    pub members: Vec<ReadMember>,
    /// Why it could not be seen through.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opaque: Option<ReadReason>,
}

/// What stands in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadMember {
    /// Raw name, hex; absent for the content of a compressed file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_hex: Option<String>,
    /// Position of its file; absent for a link without content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<u64>,
    /// Target of a link, hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link_hex: Option<String>,
}

/// A reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadReason {
    /// Its code.
    pub code: String,
    /// The value that it yields here.
    pub value: Value,
    /// Its arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub args: BTreeMap<String, Arg>,
}

impl ReadReason {
    fn of(reason: &Reason) -> Self {
        let args = reason.args().iter().map(|(name, arg)| ((*name).to_owned(), arg.clone()));
        Self { code: reason.code().to_owned(), value: reason.value(), args: args.collect() }
    }

    fn reason(&self) -> Result<Reason, ArchiveError> {
        Reason::recorded(&self.code, self.value, self.args.clone())
            .ok_or_else(|| ArchiveError::corrupt("reading", format!("no reason {} with these arguments", self.code)))
    }
}

impl Reading {
    /// The record of what was read.
    #[must_use]
    pub fn of(delivery: &Delivery, shape: Shape) -> Self {
        let refused = |entry: &RefusedEntry| ReadRefused {
            path_hex: hex::encode(&entry.raw_path),
            reason: ReadReason::of(&entry.reason),
        };
        Self {
            schema: SCHEMA.to_owned(),
            shape,
            archive: delivery.archive.as_ref().map(|digest| digest.hex().to_owned()),
            files: delivery.files.iter().map(ReadFile::of).collect(),
            refused: delivery.refused.iter().map(refused).collect(),
            opened: delivery.opened.iter().map(ReadOpened::of).collect(),
            limits_hit: delivery.limits_hit.iter().map(ReadReason::of).collect(),
        }
    }

    /// Digests of the blobs that documents and kept files are.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        let files = self.files.iter().filter(|file| matches!(file.bytes, Some(ReadBytes::Document | ReadBytes::Kept)));
        files.filter_map(|file| file.digests.get("sha256").map(String::as_str))
    }

    /// The delivery as it was read. `blob` gives the bytes of a digest.
    ///
    /// # Errors
    /// The record contradicts itself or its blobs.
    pub fn delivery(
        &self,
        limits: &Limits,
        mut blob: impl FnMut(&Digest) -> Result<Vec<u8>, ArchiveError>,
    ) -> Result<Delivery, ArchiveError> {
        let digests = self.files.iter().map(ReadFile::digests).collect::<Result<Vec<Digests>, _>>()?;
        let found: Vec<(Place, Found)> = self.files.iter().map(ReadFile::found).collect();
        let named: Vec<(Place, Found)> =
            self.files.iter().map(ReadFile::found).take_while(|(place, _)| *place != Place::Member).collect();
        let names = Names::of(&named);
        let mut files = Vec::with_capacity(self.files.len());
        for ((file, own), (place, _)) in self.files.iter().zip(&digests).zip(&found) {
            let is_named = file.size <= RAW_BYTES && !names.signed_by(&file.path).is_empty();
            let (content, bytes) = file.content(own, is_named, limits, &mut blob)?;
            let (path, size, digests, place) = (file.path.clone(), file.size, own.clone(), *place);
            files.push(File { path, size, digests, place, content, bytes });
        }
        let plan = Plan::of(&named, &names, |index| {
            files.get(index).filter(|file| file.bytes.is_some()).map(|file| &file.content)
        });
        for (index, file) in files.iter_mut().enumerate() {
            plan.fill(index, &mut file.content, &digests);
        }
        let refused =
            |entry: &ReadRefused| Ok(RefusedEntry { raw_path: raw(&entry.path_hex)?, reason: entry.reason.reason()? });
        Ok(Delivery {
            opened: self.opened.iter().map(|opened| opened.opened(files.len())).collect::<Result<_, _>>()?,
            files,
            refused: self.refused.iter().map(refused).collect::<Result<_, ArchiveError>>()?,
            limits_hit: self.limits_hit.iter().map(ReadReason::reason).collect::<Result<_, _>>()?,
            archive: self.archive.as_deref().map(sha256).transpose()?,
        })
    }
}

type ContentAndBytes = (Content, Option<Arc<[u8]>>);

impl ReadFile {
    fn of(file: &File) -> Self {
        let digests = &file.digests;
        let framed = digests.all_framed().iter().map(|(frame, digest)| ReadFrame {
            algorithm: frame.algorithm.name().to_owned(),
            before: hex::encode(&frame.before),
            after: hex::encode(&frame.after),
            digest: digest.hex().to_owned(),
        });
        let kept = file.bytes.as_ref().is_some_and(|bytes| bytes.len() as u64 == file.size);
        let bytes = match &file.content {
            content if !kept && decode::is_signed_encoding(content) => Some(ReadBytes::SignedEncoding),
            Content::Ordinary => file.bytes.as_ref().map(|_| ReadBytes::Kept),
            _ => file.bytes.as_ref().map(|_| ReadBytes::Document),
        };
        Self {
            path: file.path.clone(),
            size: file.size,
            place: match file.place {
                Place::Delivered => ReadPlace::Delivered,
                Place::Evidence => ReadPlace::Evidence,
                Place::Member => ReadPlace::Member,
            },
            digests: digests.iter().map(|d| (d.algorithm().name().to_owned(), d.hex().to_owned())).collect(),
            blake2b: digests.blake2b().map(hex::encode),
            framed: framed.collect(),
            bytes,
        }
    }

    /// Where it came from.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self.place {
            ReadPlace::Delivered => Place::Delivered,
            ReadPlace::Evidence => Place::Evidence,
            ReadPlace::Member => Place::Member,
        }
    }

    /// Its sha256 in hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        self.digests.get("sha256").map_or("", String::as_str)
    }

    fn found(&self) -> (Place, Found) {
        let (place, identity) = (self.place(), Identity::of_member(self.size));
        (place, Found { path: self.path.clone(), on_disk: PathBuf::new(), identity })
    }

    fn digests(&self) -> Result<Digests, ArchiveError> {
        let wrong = || ArchiveError::corrupt("reading", format!("the digests of {} are none", self.path));
        let digest = |name: &str, hex: &str| {
            let digest = Digest::parse(Algorithm::from_name(name)?, hex)?;
            (digest.hex() == hex).then_some(digest)
        };
        let all = self.digests.iter().map(|(name, hex)| digest(name, hex));
        let all: Vec<Digest> = all.collect::<Option<_>>().ok_or_else(wrong)?;
        let sha256 = all.iter().find(|digest| digest.algorithm() == Algorithm::Sha256).cloned().ok_or_else(wrong)?;
        let blake2b = self.blake2b.as_ref().map(|hex| <[u8; 64]>::try_from(raw(hex)?).map_err(|_| wrong()));
        let framed = self.framed.iter().map(|frame| {
            let algorithm = Algorithm::from_name(&frame.algorithm).ok_or_else(wrong)?;
            let of = digest(&frame.algorithm, &frame.digest).ok_or_else(wrong)?;
            Ok((Frame { algorithm, before: raw(&frame.before)?, after: raw(&frame.after)? }, of))
        });
        let framed = framed.collect::<Result<BTreeMap<Frame, Digest>, ArchiveError>>()?;
        Digests::restored(sha256, all, blake2b.transpose()?, framed).ok_or_else(wrong)
    }

    /// The document that it is, and its bytes, which must have the digests that the record states.
    fn content(
        &self,
        own: &Digests,
        named: bool,
        limits: &Limits,
        blob: &mut impl FnMut(&Digest) -> Result<Vec<u8>, ArchiveError>,
    ) -> Result<ContentAndBytes, ArchiveError> {
        let wrong = |why: &str| ArchiveError::corrupt("reading", format!("{} {why}", self.path));
        let kept = match self.bytes {
            None => return Ok((Content::Ordinary, None)),
            Some(ReadBytes::SignedEncoding) => {
                // Too large to be kept, or a member, of which nothing is.
                let bytes = (self.place != ReadPlace::Member).then(|| Arc::from([]));
                return Ok((decode::signed_encoding(), bytes));
            }
            Some(ReadBytes::Kept) => true,
            Some(ReadBytes::Document) => false,
        };
        let bytes = blob(own.sha256())?;
        if bytes.len() as u64 != self.size || own.again(&bytes) != *own {
            return Err(wrong("has other digests than its blob"));
        }
        let content = if kept { Content::Ordinary } else { decode::document_beside(&bytes, named, limits) };
        if !kept && matches!(content, Content::Ordinary) {
            return Err(wrong("is no document"));
        }
        Ok((content, Some(Arc::from(bytes))))
    }
}

impl ReadOpened {
    fn of(opened: &Opened) -> Self {
        let member = |member: &Member| ReadMember {
            name_hex: member.name.as_ref().map(hex::encode),
            file: member.file.map(|file| file as u64),
            link_hex: member.link.as_ref().map(hex::encode),
        };
        Self {
            file: opened.file as u64,
            format: opened.format.name().to_owned(),
            members: opened.members.iter().map(member).collect(),
            opaque: opened.opaque.as_ref().map(ReadReason::of),
        }
    }

    fn opened(&self, files: usize) -> Result<Opened, ArchiveError> {
        let position = |at: u64| {
            let at = usize::try_from(at).ok().filter(|at| *at < files);
            at.ok_or_else(|| ArchiveError::corrupt("reading", "a container refers to a file that is not listed"))
        };
        let member = |member: &ReadMember| {
            Ok(Member {
                name: member.name_hex.as_deref().map(raw).transpose()?,
                file: member.file.map(position).transpose()?,
                link: member.link_hex.as_deref().map(raw).transpose()?,
            })
        };
        let unknown = || ArchiveError::corrupt("reading", format!("no container format {}", self.format));
        Ok(Opened {
            file: position(self.file)?,
            format: Format::named(&self.format).ok_or_else(unknown)?,
            members: self.members.iter().map(member).collect::<Result<_, ArchiveError>>()?,
            opaque: self.opaque.as_ref().map(ReadReason::reason).transpose()?,
        })
    }
}

pub(super) fn raw(text: &str) -> Result<Vec<u8>, ArchiveError> {
    let bytes = hex::decode(text).ok().filter(|bytes| hex::encode(bytes) == text);
    bytes.ok_or_else(|| ArchiveError::corrupt("reading", "not lower-case hex"))
}

pub(super) fn sha256(hex: &str) -> Result<Digest, ArchiveError> {
    let digest = Digest::parse(Algorithm::Sha256, hex).filter(|digest| digest.hex() == hex);
    digest.ok_or_else(|| ArchiveError::corrupt("contents", "not a sha256 in lower-case hex"))
}
