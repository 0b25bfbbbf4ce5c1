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
    /// Of what is not a file of its own but part of an archive.
    pub(super) const fn of_member(size: u64) -> Self {
        Self { size, modified: None, inode: (0, 0), changed: (0, 0) }
    }

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

/// A file that is being read, and must stay what it was when it was found.
pub(super) struct Reading<'p> {
    path: &'p Path,
    found: Identity,
    file: File,
    total: u64,
}

impl<'p> Reading<'p> {
    /// # Errors
    /// [`ReadError::Io`], or [`ReadError::Changed`] when the file is not the one that was `found`.
    pub(super) fn open(path: &'p Path, found: Identity) -> Result<Self, ReadError> {
        let file = open(path).map_err(|source| ReadError::Io { path: path.to_path_buf(), source })?;
        let reading = Self { path, found, file, total: 0 };
        reading.is_unchanged()?;
        Ok(reading)
    }

    /// The next bytes; 0 at the end.
    ///
    /// # Errors
    /// As above; also when there are more bytes than there were.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let read = loop {
            match self.file.read(buffer) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read.map_err(|e| self.io(e))?,
            }
        };
        self.total += read as u64;
        if self.total > self.found.size { Err(self.changed()) } else { Ok(read) }
    }

    /// All of it was read, and it is still what it was.
    ///
    /// # Errors
    /// As above.
    pub(super) fn finish(self) -> Result<(), ReadError> {
        if self.total == self.found.size { self.is_unchanged() } else { Err(self.changed()) }
    }

    fn is_unchanged(&self) -> Result<(), ReadError> {
        let metadata = self.file.metadata().map_err(|e| self.io(e))?;
        if Identity::of(&metadata) == self.found { Ok(()) } else { Err(self.changed()) }
    }

    fn io(&self, source: std::io::Error) -> ReadError {
        ReadError::Io { path: self.path.to_path_buf(), source }
    }

    fn changed(&self) -> ReadError {
        ReadError::Changed { path: self.path.to_path_buf() }
    }
}

/// Feeds the file's bytes to `consume`, chunk by chunk.
///
/// # Errors
/// [`ReadError::Io`], or [`ReadError::Changed`] when the file is not the one that was `found`, or not any more when all of
/// it was read.
pub(super) fn stream(path: &Path, found: Identity, mut consume: impl FnMut(&[u8])) -> Result<(), ReadError> {
    let mut reading = Reading::open(path, found)?;
    let mut buffer = vec![0_u8; CHUNK.min(usize::try_from(found.size).unwrap_or(CHUNK).max(1))];
    loop {
        match reading.read(&mut buffer)? {
            0 => return reading.finish(),
            read => consume(buffer.get(..read).unwrap_or_default()),
        }
    }
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
