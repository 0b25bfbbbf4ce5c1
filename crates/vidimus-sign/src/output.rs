//! Outputs are complete or absent, and replace nothing.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its owner alone (0600).
    Private,
    /// As any new file: the umask takes its part.
    Usual,
}

/// Writes new files: all of them, or none. Each is written beside its place, then moved there; what is there already stays.
///
/// # Errors
/// Something is at one of the places, or the disk does not take it.
pub fn write_new(files: &[(&Path, &[u8], Mode)]) -> Result<(), Error> {
    let mut written = Vec::new();
    for (path, bytes, mode) in files {
        refuse_existing(path)?;
        written.push((*path, temporary(path, bytes, *mode).map_err(Error::io(path))?));
    }
    let mut placed: Vec<&Path> = Vec::new();
    for (path, file) in written {
        if let Err(e) = file.persist_noclobber(path) {
            placed.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(match e.error.kind() {
                io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_path_buf() },
                _ => Error::Io { path: path.to_path_buf(), source: e.error },
            });
        }
        placed.push(path);
    }
    Ok(())
}

/// Something at `path`, even a link that leads nowhere, is not replaced.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), Error> {
    match path.symlink_metadata() {
        Ok(_) => Err(Error::Exists { path: path.to_path_buf() }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Error::Io { path: path.to_path_buf(), source }),
    }
}

fn temporary(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vidimus-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(if mode == Mode::Private { 0o600 } else { 0o666 }));
    }
    let mut file = builder.tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder that grows beside its place and is moved there when it is complete. Dropped before, nothing of it is left.
#[derive(Debug)]
pub struct NewFolder {
    grown: tempfile::TempDir,
    place: PathBuf,
}

impl NewFolder {
    /// Begins one for `place`, where nothing may be.
    ///
    /// # Errors
    /// Something is there, or its parent cannot be written to.
    pub fn begin(place: &Path) -> Result<Self, Error> {
        refuse_existing(place)?;
        let grown = tempfile::Builder::new().prefix(".vidimus-").tempdir_in(folder(place)).map_err(Error::io(place))?;
        Ok(Self { grown, place: place.to_path_buf() })
    }

    /// Where it grows.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.grown.path()
    }

    /// Adds a file at a relative path.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn add(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let at = self.path().join(path);
        if let Some(folder) = at.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        let mut file = fs::File::create_new(&at).map_err(Error::io(&at))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::io(&at))
    }

    /// Moves it to its place.
    ///
    /// # Errors
    /// Something has come to be there meanwhile.
    pub fn finish(self) -> Result<(), Error> {
        refuse_existing(&self.place)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(self.path(), fs::Permissions::from_mode(0o755)).map_err(Error::io(&self.place))?;
        }
        let Self { grown, place } = self;
        fs::rename(grown.path(), &place).map_err(Error::io(&place))?;
        // It is no temporary folder any more.
        drop(grown.keep());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&b, "old").unwrap();
        let files: [(&Path, &[u8], Mode); 2] = [(&a, b"1", Mode::Private), (&b, b"2", Mode::Usual)];
        assert!(matches!(write_new(&files), Err(Error::Exists { .. })));
        assert_eq!(names(folder.path()), ["b"]);
        assert_eq!(fs::read(&b).unwrap(), b"old");
        fs::remove_file(&b).unwrap();
        write_new(&files).unwrap();
        assert_eq!(names(folder.path()), ["a", "b"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(a.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let dangling = folder.path().join("link");
            std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
            assert!(matches!(write_new(&[(&dangling, b"", Mode::Usual)]), Err(Error::Exists { .. })));
        }
    }

    #[test]
    fn a_folder_is_complete_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new");
        let new = NewFolder::begin(&place).unwrap();
        new.add("x/y", b"1").unwrap();
        assert!(new.add("x/y", b"2").is_err());
        drop(new);
        assert!(names(folder.path()).is_empty());
        let new = NewFolder::begin(&place).unwrap();
        new.add("x/y", b"1").unwrap();
        new.finish().unwrap();
        assert_eq!(fs::read(place.join("x/y")).unwrap(), b"1");
        assert_eq!(names(folder.path()), ["new"]);
        assert!(matches!(NewFolder::begin(&place), Err(Error::Exists { .. })));
        let late = folder.path().join("late");
        let new = NewFolder::begin(&late).unwrap();
        fs::create_dir(&late).unwrap();
        assert!(matches!(new.finish(), Err(Error::Exists { .. })));
        assert_eq!(names(folder.path()), ["late", "new"]);
    }
}
