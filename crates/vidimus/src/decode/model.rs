//! The signature of a model (OpenSSF Model Signing, predicate v1.0): one statement that lists every file of a folder. Its only
//! subject is a digest over the digests of the list, so the files are in the predicate, and it is they that the statement is about.

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::shape::Shape;
use super::statement::{Predicate, Subject};
use crate::digest::{Algorithm, Digest, DigestSet};
use crate::reason::Reason;

/// Predicate type of v1.0.
pub(super) const V1: &str = "https://model_signing/signature/v1.0";

const SHAPE: Shape = Shape("model signature");

/// Files by their whole bytes alone: a list of parts of files (`method = "shards"`), or by other hashes, is about no file that
/// anybody hashes here; and the digest of the list is none of a file.
pub(super) fn read(value: &Json, subjects: &[Subject]) -> Result<Predicate, Reason> {
    let predicate = SHAPE.object(value, "predicate")?;
    let serialization = SHAPE.need_map(predicate, "serialization")?;
    let whole = SHAPE.need_text(serialization, "method")? == "files";
    if !whole || SHAPE.need_text(serialization, "hash_type")? != "sha256" {
        return Ok(Predicate::Model(Vec::new()));
    }
    let resources = SHAPE.list(predicate, "resources")?.iter().map(resource).collect::<Result<Vec<_>, _>>()?;
    let mut over = Sha256::new();
    for (_, digest) in &resources {
        over.update(digest.bytes());
    }
    let over = Digest::parse(Algorithm::Sha256, &hex::encode(over.finalize()));
    let [subject] = subjects else { return Err(SHAPE.wrong("subject")) };
    if resources.is_empty() || subject.digest.by(Algorithm::Sha256) != over {
        return Err(SHAPE.wrong("resources"));
    }
    let subject = |(name, digest)| Subject { name, digest: DigestSet::from_iter([digest]) };
    Ok(Predicate::Model(resources.into_iter().map(subject).collect()))
}

fn resource(value: &Json) -> Result<(String, Digest), Reason> {
    let resource = SHAPE.object(value, "resources")?;
    if SHAPE.need_text(resource, "algorithm")? != "sha256" {
        return Err(SHAPE.wrong("algorithm"));
    }
    let digest = Digest::parse(Algorithm::Sha256, SHAPE.need_text(resource, "digest")?);
    Ok((SHAPE.need_text(resource, "name")?.to_owned(), digest.ok_or_else(|| SHAPE.wrong("digest"))?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_files() {
        let (a, b) = (Digest::sha256(b"a"), Digest::sha256(b"b"));
        let over = Digest::sha256(&[a.bytes(), b.bytes()].concat());
        let subjects = [Subject { name: "model".into(), digest: DigestSet::from_iter([over]) }];
        let entry = |name: &str, digest: &Digest| json!({"name": name, "algorithm": "sha256", "digest": digest.hex()});
        let ok = json!({
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false},
            "resources": [entry("a", &a), entry("b", &b)],
        });
        let with = |pointer: &str, value: Json| {
            let mut changed = ok.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        for (predicate, expected) in [
            (ok.clone(), "files"),
            (with("/serialization/method", json!("shards")), "nothing"),
            (with("/serialization/hash_type", json!("blake2b")), "nothing"),
            (with("/resources", json!([entry("b", &b), entry("a", &a)])), "refused"),
            (with("/resources", json!([entry("a", &a)])), "refused"),
            (with("/resources", json!([])), "refused"),
            (with("/resources/0/algorithm", json!("md5")), "refused"),
            (with("/resources/0/digest", json!("00")), "refused"),
            (with("/serialization", Json::Null), "refused"),
        ] {
            let found = match read(&predicate, &subjects) {
                Ok(Predicate::Model(files)) if files.is_empty() => "nothing",
                Ok(Predicate::Model(files)) => {
                    assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
                    "files"
                }
                Ok(_) => "opaque",
                Err(_) => "refused",
            };
            assert_eq!(found, expected, "{predicate}");
        }
        assert!(read(&ok, &[]).is_err(), "no subject");
    }
}
