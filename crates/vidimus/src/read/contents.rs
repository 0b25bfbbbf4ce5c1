//! The containers among the delivered files: each is opened while it is hashed, and its members become files of the delivery.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rayon::prelude::*;

use super::disk::Reading;
use super::path::is_portable;
use super::walk::Found;
use super::{Delivery, File, Member, Opened, Place, Progress, ReadError};
use crate::container::{self, At, Contents, Format, Layer, Options, Spent, Watch};
use crate::decode::{self, Content};
use crate::digest::{Algorithm, Digest, Digests, Hasher};
use crate::limits::Limits;

/// Files opened at a time. What is left of the budgets is counted between such groups, in the order of paths, so the number is
/// part of the semantics and has nothing to do with threads.
const GROUP: usize = 16;

/// How the containers are opened.
pub(super) struct Opening<'a, H> {
    pub(super) found: &'a [(Place, Found)],
    /// The hasher of a file, by its number.
    pub(super) hasher: H,
    /// What members are hashed with.
    pub(super) algorithms: &'a [Algorithm],
    pub(super) limits: &'a Limits,
    pub(super) progress: &'a dyn Progress,
}

impl<H: Fn(usize) -> Hasher + Sync> Opening<'_, H> {
    /// Opens files by number and format; what they are and hold, by number.
    pub(super) fn all(&self, files: &[(usize, Format)]) -> Result<BTreeMap<usize, (Digests, Vec<Layer>)>, ReadError> {
        let mut spent = Spent::default();
        let mut all = BTreeMap::new();
        for group in files.chunks(GROUP) {
            let left = self.limits.after(spent);
            let opened: Vec<_> = group.par_iter().map(|(file, format)| self.one(*file, *format, &left)).collect();
            for ((file, _), opened) in group.iter().zip(opened) {
                let (digests, mut contents) = opened?;
                contents.hold_to(self.limits, &mut spent);
                all.insert(*file, (digests, contents.layers));
            }
        }
        Ok(all)
    }

    fn one(&self, file: usize, format: Format, limits: &Limits) -> Result<(Digests, Contents), ReadError> {
        let Some((_, found)) = self.found.get(file) else { return Err(ReadError::Nothing) };
        let options = Options { limits, size: found.identity.size, depth: 1 };
        through(found, format, &options, (self.hasher)(file), &mut All(self.algorithms), self.progress)
    }
}

/// Every member is hashed with the same, and none is kept.
struct All<'a>(&'a [Algorithm]);

impl Watch for All<'_> {
    fn hasher(&mut self, _at: &At<'_>) -> Hasher {
        Hasher::new(self.0)
    }
}

/// Opens the file and reads it to its end.
pub(super) fn through(
    found: &Found,
    format: Format,
    options: &Options<'_>,
    mut hasher: Hasher,
    watch: &mut dyn Watch,
    progress: &dyn Progress,
) -> Result<(Digests, Contents), ReadError> {
    let mut reading = Reading::open(&found.on_disk, found.identity)?;
    let mut failed = None;
    let root = Root { reading: &mut reading, hasher: &mut hasher, progress, failed: &mut failed };
    let contents = container::open(format, Box::new(root), options, watch);
    if let Some(error) = failed {
        return Err(error);
    }
    // What is opaque was not read to its end.
    let mut rest = Root { reading: &mut reading, hasher: &mut hasher, progress, failed: &mut failed };
    let ended = io::copy(&mut rest, &mut io::sink());
    match (failed, ended) {
        (Some(error), _) => Err(error),
        (None, Err(source)) => Err(ReadError::Io { path: found.on_disk.clone(), source }),
        (None, Ok(_)) => reading.finish().map(|()| (hasher.finish(), contents)),
    }
}

/// The file on disk, hashed as it is read.
struct Root<'r, 'p> {
    reading: &'r mut Reading<'p>,
    hasher: &'r mut Hasher,
    progress: &'r dyn Progress,
    failed: &'r mut Option<ReadError>,
}

impl Read for Root<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.reading.read(buffer) {
            Ok(read) => {
                self.hasher.update(buffer.get(..read).unwrap_or_default());
                self.progress.advance(read as u64);
                Ok(read)
            }
            Err(error) => {
                *self.failed = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}

/// Adds what is in file number `file`: its members as files after all others, and which container holds which.
pub(super) fn add(delivery: &mut Delivery, file: usize, layers: Vec<Layer>) {
    // By layer, the files that its entries became.
    let mut placed: Vec<Vec<Option<usize>>> = Vec::new();
    for layer in layers {
        let of = match layer.of {
            None => Some(file),
            Some((layer, entry)) => placed.get(layer).and_then(|entries| *entries.get(entry)?),
        };
        let Some(of) = of else { continue };
        let base = delivery.files.get(of).map(|file| file.path.clone()).unwrap_or_default();
        let mut members = Vec::new();
        for entry in layer.entries {
            let (size, path) = (entry.size, path(&base, entry.name.as_deref()));
            let file = entry.digests.map(|digests| {
                let place = Place::Member;
                let content = if entry.signed_encoding { decode::signed_encoding() } else { Content::Ordinary };
                delivery.files.push(File { path, size, digests, place, content, bytes: None });
                delivery.files.len() - 1
            });
            members.push(Member { name: entry.name, file, link: entry.link });
        }
        placed.push(members.iter().map(|member| member.file).collect());
        delivery.opened.push(Opened { file: of, format: layer.format, members, opaque: layer.opaque });
    }
}

/// Where a member is: `outer.tar.gz!/inner.jar!/name`. `!` is in no portable path, so no delivered file is called so. A name
/// outside the portable profile is shown as its digest.
pub(crate) fn path(base: &str, name: Option<&[u8]>) -> String {
    let Some(name) = name else { return format!("{base}!") };
    let name = match std::str::from_utf8(name) {
        Ok(text) if is_portable(name, usize::MAX) => text.to_owned(),
        _ => Digest::sha256(name).to_string(),
    };
    if base.ends_with('!') { format!("{base}/{name}") } else { format!("{base}!/{name}") }
}
