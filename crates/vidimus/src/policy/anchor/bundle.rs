//! What lies beside a policy: `bundle.json`, which lists it and its files by digest, and the signatures of roles over that.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "reads the signatures beside a policy")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::{COUNT, UNREAD};
use crate::policy::load::files::{kind, read_bounded};
use crate::policy::{LoadErrors, Policy};
use crate::reason::Reason;

/// The payload type under which roles sign `bundle.json`: no signature over anything else can pass for one.
pub const PAYLOAD_TYPE: &str = "application/vnd.vidimus.policy-bundle+json";

/// The name of the list of digests.
pub const FILE: &str = "bundle.json";

/// `bundle.json` has at most so many bytes: some eight thousand files.
pub const FILE_BYTES: u64 = 1024 * 1024;

/// A signature has at most so many bytes; it carries `bundle.json`.
const SIGNATURE_BYTES: u64 = 2 * 1024 * 1024;

/// Signatures beside one policy.
const SIGNATURES: usize = 64;

/// Entries of the folder of a policy that are looked at.
const ENTRIES: usize = 100_000;

/// `bundle.json` and the signatures beside a policy, as they are: nothing here is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The bytes of `bundle.json`; `None` if there is none.
    pub json: Option<Vec<u8>>,
    /// `bundle.NAME.dsse.json` by file name.
    pub signatures: BTreeMap<String, Vec<u8>>,
    /// Of signatures that cannot be read, why.
    pub(super) unread: Vec<Reason>,
}

impl Bundle {
    /// Reads what lies beside the policy at `path`.
    ///
    /// # Errors
    /// The folder cannot be read, or something in it is larger, or there is more of it, than is looked at.
    pub fn beside(path: &Path) -> Result<Self, LoadErrors> {
        let refused = |reason: Reason| LoadErrors::refused(&path.display().to_string(), &[reason], &[]);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let unusable = |file: &str, why: &str| refused(Reason::new(&UNREAD).name("file", file).name("problem", why));
        let json = list(folder).map_err(|why| unusable(FILE, &why))?;
        let names = names(folder).map_err(refused)?;
        if names.len() > SIGNATURES {
            return Err(refused(Reason::new(&COUNT).int("found", names.len()).int("limit", SIGNATURES)));
        }
        let mut bundle = Self { json, ..Self::default() };
        for name in names {
            let problem = match inside(folder, &name, SIGNATURE_BYTES) {
                Ok(Some(bytes)) => {
                    bundle.signatures.insert(name, bytes);
                    continue;
                }
                Ok(None) => format!("it is larger than {SIGNATURE_BYTES} bytes"),
                Err(why) => format!("it {why}"),
            };
            bundle.unread.push(super::check::ignored(&name, &problem));
        }
        Ok(bundle)
    }

    /// What an evidence archive has of it: the signatures. The list of digests follows from the policy.
    ///
    /// # Errors
    /// A signature has a name or a size that none has beside a policy.
    pub(crate) fn archived(policy: &Policy, signatures: BTreeMap<String, Vec<u8>>) -> Result<Self, String> {
        let fits = |(name, bytes): (&String, &Vec<u8>)| is_signature(name) && bytes.len() as u64 <= SIGNATURE_BYTES;
        if signatures.len() > SIGNATURES || !signatures.iter().all(fits) {
            return Err("signatures that could not lie beside a policy".to_owned());
        }
        Ok(Self { json: Some(policy.bundle()), signatures, unread: Vec::new() })
    }
}

/// The list of digests in a folder; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is larger than such a list may be.
pub fn list(folder: &Path) -> Result<Option<Vec<u8>>, String> {
    if folder.join(FILE).symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    inside(folder, FILE, FILE_BYTES)?.map(Some).ok_or_else(|| format!("is larger than {FILE_BYTES} bytes"))
}

/// Reads a regular file of at most `limit` bytes that lies in the folder, also behind a link: what is read may be archived, and
/// nothing from elsewhere may be. `None` if it is larger.
fn inside(folder: &Path, name: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let place = |path: &Path| path.canonicalize().map_err(|e| kind(&e).to_owned());
    let file = place(&folder.join(name))?;
    if !file.starts_with(place(folder)?) {
        return Err("is a link that leaves the policy's folder".to_owned());
    }
    read_bounded(&file, limit).map_err(|e| kind(&e).to_owned())
}

/// The files that count as signatures of the policy at `path`, and its list of digests, as far as they are there: what no output may
/// replace. Nothing where the folder cannot be read.
#[must_use]
pub fn paths(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let signatures = names(folder).unwrap_or_default();
    let all = signatures.iter().map(String::as_str).chain([FILE]).map(|name| folder.join(name));
    all.filter(|path| path.exists()).collect()
}

/// Names of signatures in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>, Reason> {
    let unread = |problem: &str| Reason::new(&UNREAD).name("file", "the folder").name("problem", problem);
    let mut names = Vec::new();
    for (at, entry) in std::fs::read_dir(folder).map_err(|e| unread(kind(&e)))?.enumerate() {
        if at >= ENTRIES {
            return Err(unread(&format!("has more than {ENTRIES} entries")));
        }
        let entry = entry.map_err(|e| unread(kind(&e)))?;
        names.extend(entry.file_name().into_string().ok().filter(|name| is_signature(name)));
    }
    names.sort_unstable();
    Ok(names)
}

/// `bundle.`, a name of visible characters, `.dsse.json`.
fn is_signature(name: &str) -> bool {
    let inner = name.strip_prefix("bundle.").and_then(|rest| rest.strip_suffix(".dsse.json"));
    inner.is_some_and(|inner| {
        (1..=64).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'/')
    })
}
