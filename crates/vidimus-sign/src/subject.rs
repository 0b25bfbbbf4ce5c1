//! What a statement is about: files, folders and OCI image layouts become names and digests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vidimus::digest::{Algorithm, Digest};
use vidimus::limits::Limits;
use vidimus::read::{self, Delivery, Options, Place, Silent};

use crate::error::Error;

/// One subject of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its name; it never binds, except in a delivery statement, where it is the path.
    pub name: String,
    /// The digest that binds.
    pub sha256: Digest,
}

impl Subject {
    /// A subject that is known by its digest alone, `NAME=sha256:HEX`.
    ///
    /// # Errors
    /// Not of that form.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parsed = text.rsplit_once("=sha256:").and_then(|(name, hex)| {
            let sha256 = Digest::parse(Algorithm::Sha256, hex)?;
            (!name.is_empty() && sha256.hex() == hex).then(|| Self { name: name.to_owned(), sha256 })
        });
        parsed.ok_or_else(|| {
            Error::input(format!("{}: not a name and a digest", vidimus::render::escape(text)))
                .with_hint("write NAME=sha256: and 64 lower-case hexadecimal digits")
        })
    }
}

/// The subjects that `paths` name: a file is itself, a folder every file in it by its path there, an OCI image layout the
/// manifests that its index lists.
///
/// # Errors
/// Anything in a folder that is no regular file with a portable path (links, devices); files that change while they are read;
/// layouts whose blobs are not what the index says.
pub fn subjects(paths: &[PathBuf]) -> Result<Vec<Subject>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let found = files(path)?;
        match found.get("index.json").filter(|_| found.contains_key("oci-layout") && path.is_dir()) {
            Some(_) => all.extend(manifests(path, &found)?),
            None => all.extend(found.into_iter().map(|(name, held)| Subject { name, sha256: held.sha256 })),
        }
    }
    Ok(all)
}

/// A file as it was hashed.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) sha256: Digest,
    pub(crate) size: u64,
}

/// Every file at `path` with its digest, by path below it; the name of a single file.
pub(crate) fn files(path: &Path) -> Result<BTreeMap<String, Held>, Error> {
    Ok(held(&read_all(path)?))
}

/// The files of a delivery that was read, those in archives aside.
pub(crate) fn held(delivery: &Delivery) -> BTreeMap<String, Held> {
    let delivered = delivery.files.iter().filter(|file| file.place == Place::Delivered);
    let held = |file: &read::File| Held { sha256: file.digests.sha256().clone(), size: file.size };
    delivered.map(|file| (file.path.clone(), held(file))).collect()
}

/// Everything at `path`, also what is in archives.
pub(crate) fn read_all(path: &Path) -> Result<Delivery, Error> {
    // A link may lead anywhere, and elsewhere tomorrow.
    let metadata = path.symlink_metadata().map_err(Error::io(path))?;
    if metadata.is_symlink() {
        return Err(Error::input(format!("{}: a symbolic link; links are never followed", path.display()))
            .with_hint("name what it leads to"));
    }
    let options = Options {
        as_delivery: false,
        evidence: Vec::new(),
        limits: Limits::MAX,
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &Silent,
    };
    let delivery = read::delivery(&[path.to_path_buf()], &options)?.delivery;
    if let Some(refused) = delivery.refused.first() {
        let raw = String::from_utf8_lossy(&refused.raw_path).into_owned();
        return Err(Error::refused(&path.join(vidimus::render::escape(&raw)), &refused.reason));
    }
    if let Some(reason) = delivery.limits_hit.iter().find(|reason| reason.code() == "limit.files") {
        return Err(Error::refused(path, reason));
    }
    Ok(delivery)
}

/// The manifests that the index of a layout lists, each held against its blob (OCI image-spec v1.1, image-layout.md).
fn manifests(layout: &Path, files: &BTreeMap<String, Held>) -> Result<Vec<Subject>, Error> {
    let place = layout.join("index.json");
    let wrong = |why: &str| Error::input(format!("{}: {why}", place.display()));
    let bytes = std::fs::read(&place).map_err(Error::io(&place))?;
    let index = vidimus::decode::json(&bytes).map_err(|reason| Error::refused(&place, &reason))?;
    let listed = index.get("manifests").and_then(Value::as_array).filter(|list| !list.is_empty());
    let mut all = Vec::new();
    for descriptor in listed.ok_or_else(|| wrong("an index without manifests"))? {
        let digest = descriptor.get("digest").and_then(Value::as_str).unwrap_or_default();
        let sha256 = digest.strip_prefix("sha256:").and_then(|hex| Digest::parse(Algorithm::Sha256, hex));
        let sha256 = sha256.ok_or_else(|| wrong("a manifest without a sha256 digest"))?;
        let blob = files.get(&format!("blobs/sha256/{}", sha256.hex()));
        let blob = blob.ok_or_else(|| wrong(&format!("lists {sha256}, and there is no such blob")))?;
        if blob.sha256 != sha256 || descriptor.get("size").and_then(Value::as_u64) != Some(blob.size) {
            return Err(wrong(&format!("the blob {sha256} is not what the index says")));
        }
        let named = descriptor.pointer("/annotations/org.opencontainers.image.ref.name").and_then(Value::as_str);
        all.push(Subject { name: named.map_or_else(|| sha256.to_string(), ToOwned::to_owned), sha256 });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
    use super::*;
    use std::fs;

    fn names(path: &Path) -> Vec<String> {
        subjects(&[path.to_path_buf()]).unwrap().into_iter().map(|s| s.name).collect()
    }

    #[test]
    fn files_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/app"), "app").unwrap();
        fs::write(folder.path().join("readme"), "r").unwrap();
        assert_eq!(names(folder.path()), ["bin/app", "readme"]);
        // Siblings of a file are not subjects.
        fs::write(folder.path().join("readme.sig"), "x").unwrap();
        assert_eq!(names(&folder.path().join("readme")), ["readme"]);
        let one = subjects(&[folder.path().join("bin/app")]).unwrap();
        assert_eq!(one, [Subject { name: "app".to_owned(), sha256: Digest::sha256(b"app") }]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("readme", folder.path().join("link")).unwrap();
            let error = subjects(&[folder.path().to_path_buf()]).unwrap_err();
            assert!(error.to_string().contains("symbolic link"), "{error}");
            let error = subjects(&[folder.path().join("link")]).unwrap_err();
            assert!(error.to_string().contains("symbolic link"), "{error}");
        }
    }

    #[test]
    fn layouts_are_known_by_their_manifests() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = b"{}";
        let hex = Digest::sha256(manifest).hex().to_owned();
        fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        fs::write(folder.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        fs::write(folder.path().join("blobs/sha256").join(&hex), manifest).unwrap();
        let index = |digest: &str, size: u64, more: &str| {
            let text = format!(r#"{{"manifests":[{{"digest":"{digest}","size":{size}{more}}}]}}"#);
            fs::write(folder.path().join("index.json"), text).unwrap();
            subjects(&[folder.path().to_path_buf()])
        };
        let digest = format!("sha256:{hex}");
        assert_eq!(index(&digest, 2, "").unwrap()[0].name, digest);
        let named = r#","annotations":{"org.opencontainers.image.ref.name":"v1"}"#;
        assert_eq!(index(&digest, 2, named).unwrap()[0].name, "v1");
        for (digest, size) in [(digest.as_str(), 3), ("sha256:00", 2), (&format!("sha256:{}", "0".repeat(64)), 2)] {
            assert!(index(digest, size, "").is_err(), "{digest} {size}");
        }
    }

    #[test]
    fn digests_are_subjects_too() {
        let hex = "a".repeat(64);
        assert_eq!(Subject::parse(&format!("a=b=sha256:{hex}")).unwrap().name, "a=b");
        for text in ["a", "=sha256:aa", &format!("=sha256:{hex}"), &format!("a=sha256:{}", hex.to_uppercase())] {
            assert!(Subject::parse(text).is_err(), "{text}");
        }
    }
}
