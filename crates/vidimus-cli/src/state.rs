//! The state file: read before judging, replaced after a pass when everything else is in place.
//!
//! Two runs at a time: each judges what it read. The one that accepts second finds under the lock that what it rested on has
//! changed, and ends without a verdict.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use vidimus::knowledge::{Advance, State};
use vidimus::policy::{Check, Policy};

use crate::failure::Failure;
use crate::output;

/// A state file of a hundred thousand products is smaller.
const MOST: u64 = 64 * 1024 * 1024;

/// The state as it was read.
pub(crate) struct Kept {
    path: PathBuf,
    state: State,
}

impl Kept {
    /// Reads the file. One that does not exist is an empty state only if this run may make it: a wrong path must not look like
    /// "nothing was ever accepted".
    pub(crate) fn read(path: &Path, accept: bool, delivery: &[PathBuf], policy: &Policy) -> Result<Self, Failure> {
        refuse_inside(path, delivery)?;
        let state = match read(path)? {
            Some(state) => state,
            None if accept => State::new(id(policy)),
            None => {
                return Err(Failure::new(format!("{}: there is no state file", path.display()))
                    .hint("check the path; `vidimus verify` with `--accept` begins a new state"));
            }
        };
        Ok(Self { path: path.to_path_buf(), state })
    }

    /// What was read.
    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    /// Adds what was accepted, if the file still holds what this run rested on.
    pub(crate) fn accept(&self, advance: &Advance) -> Result<(), Failure> {
        let failed =
            |what: &str, e: &std::io::Error| Failure::new(format!("{}: the state {what}: {e}", self.path.display()));
        let lock = beside(&self.path, ".lock");
        let lock = File::options().create(true).append(true).open(&lock).map_err(|e| failed("cannot be locked", &e))?;
        lock.lock().map_err(|e| failed("cannot be locked", &e))?;
        let now = match read(&self.path)? {
            Some(state) => state,
            None => State::new(self.state.id.clone()),
        };
        let rested_on = |state: &State| {
            let release = advance.release.as_ref().and_then(|mark| state.release(&mark.vendor, &mark.product).cloned());
            let lists: Vec<_> = advance.lists.iter().map(|mark| state.status(&mark.list).cloned()).collect();
            (state.id.clone(), release, lists)
        };
        if rested_on(&now) != rested_on(&self.state) {
            return Err(Failure::new(format!("{}: the state changed while this run judged", self.path.display()))
                .hint("another run accepted something; run again"));
        }
        let next = now.advanced(advance).map_err(|e| {
            Failure::new(format!("{}: the state is not changed: {e}", self.path.display()))
                .hint("ask for `no-rollback` in the policy, so that such a delivery does not pass")
        })?;
        replace(&self.path, &next.to_bytes()).map_err(|e| failed("cannot be written", &e))
    }
}

/// Puts the bytes in the place of the file: after a power cut it has the old ones or the new ones, and after a success the new ones.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = output::folder(path);
    // Opened first, so that nothing is replaced where the folder cannot be written to the disk.
    #[cfg(unix)]
    let entry = File::open(folder)?;
    let mut file = tempfile::Builder::new().prefix(".vidimus-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    #[cfg(unix)]
    match entry.sync_all() {
        // Some file systems have no such call for folders.
        Err(e) if !matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => return Err(e),
        _ => {}
    }
    Ok(())
}

/// Does a rule of the policy ask what was accepted before?
pub(crate) fn is_read(policy: &Policy) -> bool {
    policy.rules.iter().any(|rule| matches!(rule.check, Check::NoRollback(_) | Check::Status(_)))
}

/// Is the file a state?
pub(crate) fn is_one(path: &Path) -> bool {
    matches!(read(path), Ok(Some(_)))
}

/// Where the state and its lock lie, or will lie.
pub(crate) fn places(path: &Path) -> Vec<PathBuf> {
    let ours = [path.to_path_buf(), beside(path, ".lock")];
    ours.iter().flat_map(|path| path.canonicalize().ok().into_iter().chain(output::place(path).ok())).collect()
}

/// A sender must not say what was accepted before, and a state that is made must not change what is judged.
fn refuse_inside(path: &Path, delivery: &[PathBuf]) -> Result<(), Failure> {
    let places = places(path);
    let holds =
        |root: &&PathBuf| root.canonicalize().is_ok_and(|root| places.iter().any(|place| place.starts_with(&root)));
    match delivery.iter().find(holds) {
        None => Ok(()),
        Some(root) => {
            let what = format!("{}: this state lies inside the delivery {}", path.display(), root.display());
            Err(Failure::new(what).hint("a sender must not say what was accepted before; keep the state elsewhere"))
        }
    }
}

/// The name that the rules of the policy ask for.
fn id(policy: &Policy) -> Option<String> {
    policy.rules.iter().find_map(|rule| match &rule.check {
        Check::NoRollback(check) => check.state.clone(),
        _ => None,
    })
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn read(path: &Path) -> Result<Option<State>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::new(format!("{}: the state cannot be used: {e}", path.display()));
    match fs::symlink_metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(&e)),
        Ok(found) if !found.is_file() => return Err(failed(&"not a regular file")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)).map_err(|e| failed(&e))?;
    if bytes.len() as u64 > MOST {
        return Err(failed(&"larger than a state can be"));
    }
    State::parse(&bytes)
        .map(Some)
        .map_err(|e| failed(&e).hint("restore it from a copy; without it nobody knows what was accepted before"))
}
