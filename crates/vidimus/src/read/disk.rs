//! The only place that opens files: never through a link, never a pipe, and never a file that changes while it is read.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use super::ReadError;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// What must stay the same while a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) size: u64,
    modified: Option<SystemTime>,
    inode: (u64, u64),
    changed: (i64, i64),
    part: Option<Part>,
}

/// Not the whole file, but so many bytes (`size` of the identity) of it from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    offset: u64,
    whole: u64,
}

impl Identity {
    /// Of what is not a file of its own but part of an archive.
    pub(crate) const fn of_member(size: u64) -> Self {
        Self { size, modified: None, inode: (0, 0), changed: (0, 0), part: None }
    }

    /// `size` bytes of the file from `offset` on, as if they were a file.
    pub(crate) const fn part(self, offset: u64, size: u64) -> Self {
        Self { size, part: Some(Part { offset, whole: self.size }), ..self }
    }

    /// Is the file with this metadata still the one that was found?
    fn is(self, metadata: &Metadata) -> bool {
        let size = self.part.map_or(self.size, |part| part.whole);
        Self::of(metadata) == Self { size, part: None, ..self }
    }

    pub(crate) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = ((0, 0), (0, 0));
        Self { size: metadata.len(), modified: metadata.modified().ok(), inode, changed, part: None }
    }
}

/// Raw bytes of a file name.
pub(super) fn raw_name(name: &OsStr) -> Vec<u8> {
    name.as_encoded_bytes().to_vec()
}

/// A file that is being read, and must stay what it was when it was found.
pub(crate) struct Reading<'p> {
    path: &'p Path,
    found: Identity,
    file: File,
    total: u64,
}

impl<'p> Reading<'p> {
    /// # Errors
    /// [`ReadError::Io`], or [`ReadError::Changed`] when the file is not the one that was `found`.
    pub(crate) fn open(path: &'p Path, found: Identity) -> Result<Self, ReadError> {
        let file = open(path).map_err(|source| ReadError::Io { path: path.to_path_buf(), source })?;
        let mut reading = Self { path, found, file, total: 0 };
        reading.is_unchanged()?;
        if let Some(part) = found.part {
            reading.file.seek(SeekFrom::Start(part.offset)).map_err(|e| reading.io(e))?;
        }
        Ok(reading)
    }

    /// The next bytes; 0 at the end.
    ///
    /// # Errors
    /// As above; also when there are more bytes than there were.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let left = usize::try_from(self.found.size - self.total).unwrap_or(usize::MAX);
        let buffer = match buffer.get_mut(..left) {
            // Behind a part there may be more of the file, and that is not its.
            Some(within) if self.found.part.is_some() => within,
            _ => buffer,
        };
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
    pub(crate) fn finish(self) -> Result<(), ReadError> {
        if self.total == self.found.size { self.is_unchanged() } else { Err(self.changed()) }
    }

    fn is_unchanged(&self) -> Result<(), ReadError> {
        let metadata = self.file.metadata().map_err(|e| self.io(e))?;
        if self.found.is(&metadata) { Ok(()) } else { Err(self.changed()) }
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
pub(crate) fn stream(path: &Path, found: Identity, mut consume: impl FnMut(&[u8])) -> Result<(), ReadError> {
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
pub(super) fn prefix(path: &Path, found: Identity, length: usize) -> Result<Vec<u8>, ReadError> {
    let io = |source| ReadError::Io { path: path.to_path_buf(), source };
    let (offset, size) = found.part.map_or((0, u64::MAX), |part| (part.offset, found.size));
    let mut bytes = Vec::new();
    let mut file = open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    file.take(size.min(length as u64)).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// What the file at `path` is now, without following a link.
///
/// # Errors
/// [`ReadError::Io`].
pub(crate) fn identity(path: &Path) -> Result<Identity, ReadError> {
    let io = |source| ReadError::Io { path: path.to_path_buf(), source };
    open(path).and_then(|file| file.metadata()).map(|metadata| Identity::of(&metadata)).map_err(io)
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
