//! A tar whose bytes follow from names and contents alone: members sorted by path, times and owners 0, mode 0644.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use tar::{Builder, EntryType, Header};

use crate::error::Error;
use crate::output::{NewFolder, refuse_existing};
use crate::subject::files;

/// Writes what is staged as a tar at `place`.
pub(super) fn write(staged: &NewFolder, place: &Path) -> Result<(), Error> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vidimus-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut out = builder.tempfile_in(folder).map_err(Error::io(place))?;
    let mut archive = Builder::new(std::io::BufWriter::new(out.as_file_mut()));
    for (path, held) in files(staged.path())? {
        let at = staged.path().join(&path);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(held.size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        let file = File::open(&at).map_err(Error::io(&at))?;
        archive.append_data(&mut header, &path, file).map_err(Error::io(place))?;
    }
    let mut inner = archive.into_inner().map_err(Error::io(place))?;
    inner.flush().map_err(Error::io(place))?;
    drop(inner);
    out.as_file().sync_all().map_err(Error::io(place))?;
    refuse_existing(place)?;
    out.persist_noclobber(place).map_err(|e| Error::Io { path: place.to_path_buf(), source: e.error })?;
    Ok(())
}
