//! Read: a folder or files become an inventory and documents. The only stage that touches the disk.
//!
//! Every file is hashed while it is read, once; documents small enough to be evidence stay in memory, nothing else does.
//! Links and special files are never followed or opened.

// This stage is the one that touches the disk.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod adhoc;
pub(crate) mod again;
pub(crate) mod contents;
pub(crate) mod detached;
pub(crate) mod disk;
pub(crate) mod load;
mod packed;
pub mod path;
#[cfg(test)]
mod tests;
pub(crate) mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::container::{self, Format};
use crate::decode::Content;
use crate::digest::{Digest, Digests};
use crate::limits::Limits;
use crate::reason::Reason;

pub use adhoc::SIBLINGS;

/// How to read.
pub struct Options<'a> {
    /// The one file is an archive that is the delivery itself, `--as-delivery`.
    pub as_delivery: bool,
    /// Evidence beside the delivery, `--evidence`.
    pub evidence: Vec<PathBuf>,
    /// Budgets, as the policy sets them.
    pub limits: Limits,
    /// The policy and the files that it names; refused inside the delivery.
    pub policy_files: Vec<PathBuf>,
    /// Where output will be written; refused inside the delivery.
    pub outputs: Vec<PathBuf>,
    /// Who is told how far reading got.
    pub progress: &'a dyn Progress,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The delivery.
    pub delivery: Delivery,
    /// As what it was named.
    pub shape: Shape,
    /// Names of the evidence files that were taken because they lie beside the single file.
    pub taken: Vec<String>,
}

/// As what a delivery was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// One folder.
    Folder,
    /// One or several files.
    Files,
    /// An archive that is the delivery itself.
    Archive,
}

/// Told how far reading got, from several threads.
pub trait Progress: Sync {
    /// Before hashing: what there is to do.
    fn start(&self, _files: u64, _bytes: u64) {}
    /// So many more bytes were hashed.
    fn advance(&self, _bytes: u64) {}
    /// All was hashed.
    fn finish(&self) {}
}

/// Tells nobody.
pub struct Silent;
impl Progress for Silent {}

/// Why there is no delivery to judge: the operator's own input, or the disk.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing was named.
    #[error("nothing to read: name one folder, or one or several files")]
    Nothing,
    /// Folders and files together, or several folders.
    #[error("{}: a folder is a delivery of its own; name one folder, or one or several files", path.display())]
    Mixed {
        /// The folder.
        path: PathBuf,
    },
    /// Neither file nor folder.
    #[error("{}: neither a regular file nor a folder", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// Not one archive.
    #[error("{}: not one tar or zip, compressed or not; only such a file can be the delivery itself", path.display())]
    NotAnArchive {
        /// What was named.
        path: PathBuf,
    },
    /// Two files of one name.
    #[error("{}: another named file has the same name; put files of one name into a folder and name that", path.display())]
    SameName {
        /// The second.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what it was.
    #[error("{}: changed while it was read; make sure that nothing writes to the delivery, then run again", path.display())]
    Changed {
        /// What.
        path: PathBuf,
    },
    /// The operator's files must not come from the sender.
    #[error("{}: this policy file lies inside the delivery {}; a sender must not choose the policy. Copy it elsewhere, review it, and name the copy", path.display(), delivery.display())]
    PolicyInside {
        /// The policy file.
        path: PathBuf,
        /// The delivery.
        delivery: PathBuf,
    },
    /// Output would change what is judged.
    #[error("{}: this output lies inside the delivery {} or replaces a file that is read; name a place outside", path.display(), delivery.display())]
    OutputInside {
        /// The output.
        path: PathBuf,
        /// The delivery.
        delivery: PathBuf,
    },
}

/// Reads one folder, or one or several files, with the evidence that `options` name.
///
/// # Errors
/// [`ReadError`]; what a delivery contains never is an error, only a reason.
pub fn delivery(paths: &[PathBuf], options: &Options<'_>) -> Result<Read, ReadError> {
    let first = paths.first().ok_or(ReadError::Nothing)?;
    let mut roots = Vec::new();
    for path in paths {
        roots.push(path.canonicalize().map_err(|source| ReadError::Io { path: path.clone(), source })?);
    }
    refuse_inside(paths, &roots, options)?;
    if options.as_delivery {
        return packed(first, paths.len(), &roots, options);
    }
    let folder = roots.iter().zip(paths).find(|(root, _)| root.is_dir()).map(|(_, path)| path);
    let shape = if folder.is_some() { Shape::Folder } else { Shape::Files };
    let (tree, beside) = match (folder, paths, roots.as_slice()) {
        (Some(_), [_], [root]) => (walk::tree(root, &options.limits)?, Vec::new()),
        (Some(folder), ..) => return Err(ReadError::Mixed { path: folder.clone() }),
        (None, [_], _) => (adhoc::artifacts(paths)?, adhoc::siblings(first)),
        (None, ..) => (adhoc::artifacts(paths)?, Vec::new()),
    };
    let named: Vec<PathBuf> = options.evidence.iter().chain(&beside).cloned().collect();
    let mut found: Vec<(Place, walk::Found)> = tree.files.into_iter().map(|file| (Place::Delivered, file)).collect();
    found.extend(adhoc::evidence(&named, &roots)?);
    let mut delivery = load::load(found, &options.limits, options.progress)?;
    delivery.refused = tree.refused;
    delivery.limits_hit.extend(tree.limits_hit);
    let name = |path: &PathBuf| path.file_name().map(|n| n.to_string_lossy().into_owned());
    Ok(Read { delivery, shape, taken: beside.iter().filter_map(name).collect() })
}

/// Reads an archive as the delivery. Evidence that lies beside it is about the archive and not about what is in it.
fn packed(path: &Path, paths: usize, roots: &[PathBuf], options: &Options<'_>) -> Result<Read, ReadError> {
    let not_one = || ReadError::NotAnArchive { path: path.to_path_buf() };
    let archive = adhoc::found(path, String::new()).ok().filter(|_| paths == 1).ok_or_else(not_one)?;
    let prefix = disk::prefix(&archive.on_disk, archive.identity, container::SNIFF)?;
    let format = container::recognise(&prefix).filter(|format| format.is_delivery()).ok_or_else(not_one)?;
    let archive = packed::Packed { archive: &archive, format, limits: &options.limits, progress: options.progress };
    let delivery = archive.load(adhoc::evidence(&options.evidence, roots)?)?;
    Ok(Read { delivery, shape: Shape::Archive, taken: Vec::new() })
}

/// Reads one file, or nothing where it is known by `digest` alone, and one piece of evidence about it; nothing that lies beside
/// them.
///
/// # Errors
/// [`ReadError`].
pub fn pair(
    artifact: Result<&Path, &Digest>,
    evidence: &Path,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Delivery, ReadError> {
    let mut found = adhoc::evidence(&[evidence.to_path_buf()], &[])?;
    if let Ok(path) = artifact {
        // The name decides nothing here, so any will do.
        found.insert(0, (Place::Delivered, adhoc::found(path, "artifact".to_owned())?));
    }
    let mut delivery = load::load(found, limits, progress)?;
    let stated = artifact.err().and_then(|digest| Digests::stated(digest.clone(), []));
    delivery.files.extend(stated.map(|digests| File {
        path: "artifact".to_owned(),
        size: 0,
        digests,
        place: Place::Delivered,
        content: Content::Ordinary,
        bytes: None,
    }));
    Ok(delivery)
}

/// No file of the operator may lie where the sender writes, and no output may change what is read.
fn refuse_inside(paths: &[PathBuf], roots: &[PathBuf], options: &Options<'_>) -> Result<(), ReadError> {
    let places = || roots.iter().zip(paths);
    for path in &options.policy_files {
        let real = path.canonicalize().map_err(|source| ReadError::Io { path: path.clone(), source })?;
        if let Some((_, delivery)) = places().find(|(root, _)| real.starts_with(root)) {
            return Err(ReadError::PolicyInside { path: path.clone(), delivery: delivery.clone() });
        }
    }
    let read = options.policy_files.iter().chain(&options.evidence);
    let read: Vec<PathBuf> = read.filter_map(|path| path.canonicalize().ok()).collect();
    for path in &options.outputs {
        let real = destination(path)?;
        let inside = places().find(|(root, _)| real.starts_with(root));
        if inside.is_some() || read.contains(&real) {
            let delivery = inside.or_else(|| places().next()).map(|(_, delivery)| delivery.clone()).unwrap_or_default();
            return Err(ReadError::OutputInside { path: path.clone(), delivery });
        }
    }
    Ok(())
}

/// Where an output that need not exist yet will lie.
fn destination(path: &Path) -> Result<PathBuf, ReadError> {
    if let Ok(real) = path.canonicalize() {
        return Ok(real);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = folder.canonicalize().map_err(|source| ReadError::Io { path: folder.to_path_buf(), source })?;
    Ok(real.join(path.file_name().unwrap_or_default()))
}

/// What was delivered, as read.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// Regular files with portable paths, sorted by path bytes; then evidence beside them; then members of containers.
    pub files: Vec<File>,
    /// Everything in the folder that is not such a file, sorted by raw path bytes.
    pub refused: Vec<RefusedEntry>,
    /// Containers among the files and their members, each before those inside it.
    pub opened: Vec<Opened>,
    /// Budgets that ran out while reading.
    pub limits_hit: Vec<Reason>,
    /// The archive that the delivery is, if it is one.
    pub archive: Option<Digest>,
}

/// A container that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The file that it is, delivered or itself a member, by its number.
    pub file: usize,
    /// What it is.
    pub format: Format,
    /// What it holds; nothing if it is opaque.
    pub members: Vec<Member>,
    /// Why it could not be seen through: `archive.*` or `limit.archive-*`.
    pub opaque: Option<Reason>,
}

/// What stands in a container.
#[derive(Clone, Debug)]
pub struct Member {
    /// Raw name; `None` for the content of a compressed file.
    pub name: Option<Vec<u8>>,
    /// Its bytes, as a file by its number; `None` for a link without content.
    pub file: Option<usize>,
    /// It is a link; with its target, where that is not its content.
    pub link: Option<Vec<u8>>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// Portable path, `/`-separated, relative to the delivery.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Digests that we computed.
    pub digests: Digests,
    /// Was it delivered, or did the operator name it as evidence beside the delivery?
    pub place: Place,
    /// What its content is.
    pub content: Content,
    /// Its bytes, when it is a document.
    pub bytes: Option<Arc<[u8]>>,
}

/// Where a file came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Part of the delivery.
    Delivered,
    /// Named with `--evidence`, or a recognised sibling of a single file. Never an artifact.
    Evidence,
    /// Inside a container that was delivered. Its path leads through that one's, with `!/` between.
    Member,
}

/// An entry that cannot be judged as a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedEntry {
    /// Raw path bytes relative to the delivery, hex in every output.
    pub raw_path: Vec<u8>,
    /// Why: `input.*`.
    pub reason: Reason,
}

impl RefusedEntry {
    /// sha256 of the raw path, by which reasons name it.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::sha256(&self.raw_path)
    }
}
