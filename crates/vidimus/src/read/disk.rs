//! The only place that opens files: never through a link, never a pipe, and never a file that changes while it is read.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use super::ReadError;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// What must stay the same while a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) size: u64,
    modified: Option<SystemTime>,
    inode: (u64, u64),
    changed: (i64, i64),
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = ((0, 0), (0, 0));
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode, changed }
    }
}

/// Raw bytes of a file name.
pub(super) fn raw_name(name: &OsStr) -> Vec<u8> {
    name.as_encoded_bytes().to_vec()
}

/// Feeds the file's bytes to `consume`, chunk by chunk.
///
/// # Errors
/// [`ReadError::Io`], or [`ReadError::Changed`] when the file is not the one that was `found`, or not any more when all of
/// it was read.
pub(super) fn stream(path: &Path, found: Identity, mut consume: impl FnMut(&[u8])) -> Result<(), ReadError> {
    let io = |source| ReadError::Io { path: path.to_path_buf(), source };
    let changed = || ReadError::Changed { path: path.to_path_buf() };
    let mut file = open(path).map_err(io)?;
    if Identity::of(&file.metadata().map_err(io)?) != found {
        return Err(changed());
    }
    let mut buffer = vec![0_u8; CHUNK.min(usize::try_from(found.size).unwrap_or(CHUNK).max(1))];
    let mut total = 0_u64;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(io(e)),
        };
        total += read as u64;
        if total > found.size {
            return Err(changed());
        }
        consume(buffer.get(..read).unwrap_or_default());
    }
    if total != found.size || Identity::of(&file.metadata().map_err(io)?) != found {
        return Err(changed());
    }
    Ok(())
}

/// The first bytes of the file, at most `length`.
pub(super) fn prefix(path: &Path, length: usize) -> Result<Vec<u8>, ReadError> {
    let io = |source| ReadError::Io { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    open(path).and_then(|file| file.take(length as u64).read_to_end(&mut bytes)).map_err(io)?;
    Ok(bytes)
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Not through a link that replaced the file since it was listed; and not blocking on a pipe that did.
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC);
    }
    options.open(path)
}
