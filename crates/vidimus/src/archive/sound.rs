//! Is a record of what was read one that a reader writes? A replay believes it at level L1, and takes names from it at L2, so it
//! has the order, the names and the sizes that reading gives, or it is no record at all.

use super::ArchiveError;
use super::reading::{self, ReadBytes, ReadFile, ReadPlace, Reading};
use crate::decode::Content;
use crate::limits::Limits;
use crate::read::contents;
use crate::read::load::Budget;
use crate::read::path::{is_portable, is_portable_segment};
use crate::read::{Delivery, Place, Shape};

fn wrong(what: impl AsRef<str>) -> ArchiveError {
    ArchiveError::corrupt("reading", what)
}

/// Schema, order and names.
pub(super) fn check(reading: &Reading) -> Result<(), ArchiveError> {
    if reading.schema != reading::SCHEMA {
        return Err(wrong("of another schema"));
    }
    if (reading.shape == Shape::Archive) != reading.archive.is_some() {
        return Err(wrong("the delivery is an archive and has no digest of it, or the reverse"));
    }
    names(reading)?;
    for (before, file) in reading.files.iter().zip(reading.files.iter().skip(1)) {
        let order = |file: &ReadFile| (rank(file), file.path.clone(), file.sha256().to_owned());
        let in_order = match (before.place, file.place) {
            (ReadPlace::Member, ReadPlace::Member) => true,
            // One delivered file lies at one path.
            (ReadPlace::Delivered, ReadPlace::Delivered) => before.path < file.path,
            _ => order(before) <= order(file),
        };
        if !in_order {
            return Err(wrong(format!("{} is out of order", file.path)));
        }
    }
    members(reading)
}

const fn rank(file: &ReadFile) -> u8 {
    match file.place {
        ReadPlace::Delivered => 0,
        ReadPlace::Evidence => 1,
        ReadPlace::Member => 2,
    }
}

/// Delivered files have portable paths; files that were named one by one have names and no folders.
fn names(reading: &Reading) -> Result<(), ArchiveError> {
    for file in reading.files.iter().filter(|file| file.place == ReadPlace::Delivered) {
        let path = file.path.as_bytes();
        let fine = match reading.shape {
            Shape::Files => is_portable_segment(path),
            Shape::Folder | Shape::Archive => is_portable(path, Limits::MAX.path_segments),
        };
        if !fine {
            return Err(wrong(format!("{} is not the path of a delivered file", file.path)));
        }
    }
    Ok(())
}

/// Members stand in the order of their containers, each once, and are called after both.
fn members(reading: &Reading) -> Result<(), ArchiveError> {
    let first = reading.files.iter().take_while(|file| file.place != ReadPlace::Member).count();
    let mut next = first as u64;
    for opened in &reading.opened {
        let of = usize::try_from(opened.file).ok().filter(|_| opened.file < next);
        let of =
            of.and_then(|at| reading.files.get(at)).ok_or_else(|| wrong("a container that is no file before it"))?;
        for member in &opened.members {
            let Some(file) = member.file else { continue };
            let found = usize::try_from(file).ok().filter(|_| file == next).and_then(|at| reading.files.get(at));
            let found = found.ok_or_else(|| wrong("members are not in the order of their containers"))?;
            let name = member.name_hex.as_deref().map(reading::raw).transpose()?;
            if found.path != contents::path(&of.path, name.as_deref()) {
                return Err(wrong(format!("{} is not what a member is called", found.path)));
            }
            if !matches!(found.bytes, None | Some(ReadBytes::SignedEncoding)) {
                return Err(wrong(format!("{} is a member, and its bytes are kept", found.path)));
            }
            next += 1;
        }
    }
    if next == reading.files.len() as u64 { Ok(()) } else { Err(wrong("a member of no container")) }
}

/// Would as much be read under `limits`? Asked before anything of it is: one blob may stand for many files.
pub(super) fn fits(reading: &Reading, limits: &Limits) -> Result<(), ArchiveError> {
    let of = |place: ReadPlace| reading.files.iter().filter(move |file| file.place == place);
    let bytes = |place| of(place).map(|file| file.size).fold(0, u64::saturating_add);
    let kept = |wanted: ReadBytes| reading.files.iter().filter(move |file| file.bytes == Some(wanted));
    let sizes = |wanted| kept(wanted).map(|file| file.size).fold(0, u64::saturating_add);
    let large =
        kept(ReadBytes::Document).chain(kept(ReadBytes::Kept)).any(|file| file.size > limits.evidence_item_bytes);
    let much = [
        (of(ReadPlace::Delivered).count() as u64, limits.files),
        (bytes(ReadPlace::Delivered), limits.delivery_bytes),
        (of(ReadPlace::Member).count() as u64, limits.archive_members),
        (bytes(ReadPlace::Member), limits.archive_bytes),
        (kept(ReadBytes::Document).count() as u64, limits.evidence_items),
        (sizes(ReadBytes::Document), limits.evidence_bytes),
        (sizes(ReadBytes::Kept), limits.evidence_bytes),
    ];
    if large || much.iter().any(|(found, limit)| found > limit) {
        return Err(wrong("more than is read under the limits of the policy"));
    }
    Ok(())
}

/// And are its documents, now that they are decoded, no more than are read?
pub(super) fn admitted(delivery: &Delivery, limits: &Limits) -> Result<(), ArchiveError> {
    let mut budget = Budget::default();
    let documents = delivery.files.iter().filter(|file| file.place != Place::Member);
    for file in documents.filter(|file| !matches!(file.content, Content::Ordinary)) {
        let bytes = file.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let admitted = budget.admit(&file.content, bytes, limits);
        admitted.map_err(|reason| wrong(format!("more than is read: {}", reason.sentence())))?;
    }
    Ok(())
}
