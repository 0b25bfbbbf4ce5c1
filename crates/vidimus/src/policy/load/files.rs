//! Files beside the policy: read whole, bounded, never outside the policy's folder; each becomes part of the closure.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "reads the policy and the files that it names")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::document::Text;
use super::errors::{Errors, PATH, TOO_LARGE, UNREADABLE};
use crate::digest::Digest;

/// The folder of a policy and what was read from it.
#[derive(Debug)]
pub(super) struct Folder {
    source: Source,
    read: BTreeMap<String, Vec<u8>>,
}

/// Where the files of a policy are.
#[derive(Debug)]
enum Source {
    /// In a folder on disk.
    Disk(PathBuf),
    /// In memory, by path: out of an evidence archive.
    Memory(BTreeMap<String, Vec<u8>>),
}

impl Folder {
    /// The folder that holds `policy`.
    pub(super) fn of(policy: &Path) -> Self {
        let parent = policy.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        Self { source: Source::Disk(parent.to_owned()), read: BTreeMap::new() }
    }

    /// Files that are in memory, by path.
    pub(super) fn in_memory(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { source: Source::Memory(files), read: BTreeMap::new() }
    }

    /// Adds the policy file itself to the closure.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) {
        self.read.insert(path.to_owned(), bytes.to_vec());
    }

    /// Everything read, sorted by path.
    pub(super) fn closure(&self) -> Vec<(String, Digest)> {
        self.read.iter().map(|(path, bytes)| (path.clone(), Digest::sha256(bytes))).collect()
    }

    /// The bytes of everything read.
    pub(super) fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.read
    }

    /// Reads a file that the policy names.
    pub(super) fn read(&mut self, path: Text<'_>, limit: u64, errors: &mut Errors) -> Option<Vec<u8>> {
        let span = path.span;
        if let Err(why) = portable(path.text) {
            errors.add(&PATH, span, format!("`{}` {why}", super::structure::shown(path.text)));
            return None;
        }
        let named = |why: &str| format!("`{}` {why}", path.text);
        // What was read once is what the digest is of, whatever lies there by now.
        let known = self.read.get(path.text).map(|bytes| (bytes.len() as u64 <= limit).then(|| bytes.clone()));
        let bytes = match &self.source {
            _ if known.is_some() => Ok(known.flatten()),
            Source::Memory(files) => match files.get(path.text) {
                Some(bytes) => Ok((bytes.len() as u64 <= limit).then(|| bytes.clone())),
                None => Err(std::io::Error::from(ErrorKind::NotFound)),
            },
            Source::Disk(folder) => match (folder.canonicalize(), folder.join(path.text).canonicalize()) {
                (Ok(folder), Ok(file)) if file.starts_with(&folder) => read_bounded(&file, limit),
                (Ok(_), Ok(_)) => {
                    errors.add(&PATH, span, named("is a link that leaves the policy's folder"));
                    return None;
                }
                (_, Err(e)) | (Err(e), _) => Err(e),
            },
        };
        match bytes {
            Ok(Some(bytes)) => {
                self.read.entry(path.text.to_owned()).or_insert_with(|| bytes.clone());
                Some(bytes)
            }
            Ok(None) => {
                errors.add(&TOO_LARGE, span, named(&format!("is larger than {limit} bytes")));
                None
            }
            Err(e) => {
                errors.add(&UNREADABLE, span, named(kind(&e)));
                None
            }
        }
    }
}

/// Reads a regular file of at most `limit` bytes; `None` if it is larger.
pub(in crate::policy) fn read_bounded(path: &Path, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::from(ErrorKind::InvalidInput));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// What went wrong, in words that are the same on every system.
pub(in crate::policy) fn kind(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "does not exist",
        ErrorKind::PermissionDenied => "may not be read (permission denied)",
        ErrorKind::InvalidInput | ErrorKind::IsADirectory => "is not a regular file",
        ErrorKind::NotADirectory => "does not exist (a part of its path is no folder)",
        _ => "cannot be read",
    }
}

/// The grammar of portable paths (`verification.md` 1.4).
fn portable(path: &str) -> Result<(), &'static str> {
    const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];
    if path.starts_with('/') {
        return Err("is absolute; paths are relative to the policy's folder");
    }
    if path.len() > 1024 || path.split('/').count() > 32 {
        return Err("is longer than a portable path may be");
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._+@=,~- ".contains(&b);
    for segment in path.split('/') {
        let stem = segment.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let numbered = ["com", "lpt"].iter().any(|device| {
            stem.strip_prefix(device).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
        });
        match segment {
            ".." => return Err("leaves the policy's folder"),
            "" | "." => return Err("has an empty part"),
            _ if segment.len() > 255 || !segment.bytes().all(allowed) => {
                return Err("has a character that is not portable between systems");
            }
            _ if segment.ends_with(['.', ' ']) => return Err("has a part that ends with a dot or a blank"),
            _ if numbered || DEVICES.contains(&stem.as_str()) => return Err("has a part that names a device"),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a file that two tables name, both mean the same bytes, also if it is replaced in between.
    #[test]
    fn a_file_is_read_once() {
        let folder = std::env::temp_dir().join(format!("vidimus-files-{}", std::process::id()));
        let write = |text: &str| {
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("ca.pem"), text)).is_ok()
        };
        let mut read = Folder::of(&folder.join("policy.toml"));
        let mut errors = Errors::default();
        let span = 0..0;
        let path = Text { text: "ca.pem", span: &span };
        assert!(write("good"));
        assert_eq!(read.read(path, 10, &mut errors).as_deref(), Some(&b"good"[..]));
        assert!(write("evil"));
        assert_eq!(read.read(path, 10, &mut errors).as_deref(), Some(&b"good"[..]));
        assert_eq!(read.closure(), [("ca.pem".to_owned(), Digest::sha256(b"good"))]);
        assert_eq!(read.read(path, 3, &mut errors), None, "the least limit counts");
        assert!(std::fs::remove_dir_all(&folder).is_ok());
    }

    #[test]
    fn portable_paths() {
        for (path, fine) in [
            ("keys/acme.pub", true),
            ("a b/c~1", true),
            ("/etc/passwd", false),
            ("../x", false),
            ("a/../b", false),
            ("a//b", false),
            ("./a", false),
            ("a\\b", false),
            ("C:x", false),
            ("a.", false),
            ("nul.txt", false),
            ("com1", false),
            ("com10", true),
            ("ключ", false),
            ("", false),
        ] {
            assert_eq!(portable(path).is_ok(), fine, "{path}");
        }
    }
}
