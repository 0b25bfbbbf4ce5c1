//! The same delivery once more, for a replay: its artifacts from where they lie now or out of the evidence archive, the
//! evidence beside it always out of the archive. Whatever comes of it, it is read as every delivery is.

use std::path::{Path, PathBuf};

use super::packed::Packed;
use super::walk::Found;
use super::{Delivery, Place, Progress, ReadError, Shape, adhoc, disk, load, walk};
use crate::container;
use crate::limits::Limits;

/// Where the artifacts are.
pub(crate) enum Artifacts<'a> {
    /// In this folder, or this archive.
    At(&'a Path),
    /// Inside the evidence archive: the files by path, or the archive that is the delivery.
    Inside(Vec<Found>),
}

/// What is read again.
pub(crate) struct Again<'a> {
    pub(crate) shape: Shape,
    pub(crate) artifacts: Artifacts<'a>,
    /// Names of files that were named one by one.
    pub(crate) names: Vec<PathBuf>,
    /// Evidence beside the delivery, in the order of its digests.
    pub(crate) evidence: Vec<Found>,
    pub(crate) limits: &'a Limits,
    pub(crate) progress: &'a dyn Progress,
}

impl Again<'_> {
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn delivery(self) -> Result<Delivery, ReadError> {
        let evidence = self.evidence.into_iter().map(|file| (Place::Evidence, file));
        let tree = match (self.shape, self.artifacts) {
            (Shape::Archive, artifacts) => {
                let archive = match artifacts {
                    Artifacts::At(path) => adhoc::found(path, String::new())?,
                    Artifacts::Inside(files) => files.into_iter().next().ok_or(ReadError::Nothing)?,
                };
                let not_one = || ReadError::NotAnArchive { path: archive.on_disk.clone() };
                let prefix = disk::prefix(&archive.on_disk, archive.identity, container::SNIFF)?;
                let format = container::recognise(&prefix).filter(|format| format.is_delivery());
                let format = format.ok_or_else(not_one)?;
                let packed = Packed { archive: &archive, format, limits: self.limits, progress: self.progress };
                return packed.load(evidence.collect());
            }
            (Shape::Folder, Artifacts::At(folder)) => {
                let root = folder.canonicalize();
                let root = root.map_err(|source| ReadError::Io { path: folder.to_path_buf(), source })?;
                walk::tree(&root, self.limits)?
            }
            (Shape::Files, Artifacts::At(folder)) => {
                let paths: Vec<PathBuf> = self.names.iter().map(|name| folder.join(name)).collect();
                adhoc::artifacts(&paths)?
            }
            (Shape::Folder | Shape::Files, Artifacts::Inside(files)) => walk::Tree { files, ..walk::Tree::default() },
        };
        let mut found: Vec<(Place, Found)> = tree.files.into_iter().map(|file| (Place::Delivered, file)).collect();
        found.extend(evidence);
        let mut delivery = load::load(found, self.limits, self.progress)?;
        delivery.refused = tree.refused;
        delivery.limits_hit.extend(tree.limits_hit);
        Ok(delivery)
    }
}
