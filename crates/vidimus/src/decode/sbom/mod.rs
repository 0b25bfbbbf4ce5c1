//! SBOMs as far as joining needs them: what they are about, what they list, by which digests.

mod cyclonedx;
mod spdx;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::json;
use super::shape::{Shape, VERSION};
use crate::digest::DigestSet;
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    COMPONENTS = "limit.components", Unproven, Vendor, ["limit"],
        says "an SBOM with more than {limit} components",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Split the SBOM by product, or have the operator raise the limit up to the ceiling.";
}

/// An SBOM as far as joining needs it.
#[derive(Clone, Debug)]
pub struct Sbom {
    /// `cyclonedx-1.6+json`, `spdx-2.3+json`, …
    pub format: String,
    /// What the SBOM is about; `None` if it does not say, or names several things.
    pub root: Option<Component>,
    /// Every other component, in document order.
    pub components: Vec<Component>,
    /// (from, kind, to) by component reference, in document order.
    pub relationships: Vec<(String, String, String)>,
}

/// One component of an SBOM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// `bom-ref` or `SPDXID`.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Version, if stated.
    pub version: Option<String>,
    /// Package URL, if stated.
    pub purl: Option<String>,
    /// Supplier's name, if stated.
    pub supplier: Option<String>,
    /// Hashes.
    pub digests: DigestSet,
}

/// Is it a predicate type whose predicate is an SBOM?
pub(super) fn is_predicate(predicate_type: &str) -> bool {
    family(predicate_type).is_some()
}

/// Reads the predicate of an SBOM statement: the document itself, or, as cosign wrote it at first, `{"Data": …}` around the
/// document or around its text.
pub(super) fn read_predicate(predicate_type: &str, value: &Json, limits: &Limits) -> Result<Sbom, Reason> {
    const SHAPE: Shape = Shape("SBOM predicate");
    let family = family(predicate_type).ok_or_else(|| SHAPE.wrong("predicateType"))?;
    let predicate = SHAPE.object(value, "predicate")?;
    match predicate.get("Data") {
        Some(Json::String(text)) => family.read(&json::parse(text.as_bytes(), limits)?, limits),
        Some(document @ Json::Object(_)) => family.read(document, limits),
        _ => family.read(value, limits),
    }
}

/// Which standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    CycloneDx,
    Spdx,
}

impl Family {
    pub(super) fn read(self, value: &Json, limits: &Limits) -> Result<Sbom, Reason> {
        match self {
            Self::CycloneDx => cyclonedx::read(value, limits),
            Self::Spdx => spdx::read(value, limits),
        }
    }
}

fn family(predicate_type: &str) -> Option<Family> {
    let within = |base: &str| predicate_type.strip_prefix(base).is_some_and(|r| r.is_empty() || r.starts_with('/'));
    if within("https://cyclonedx.org/bom") {
        Some(Family::CycloneDx)
    } else if within("https://spdx.dev/Document") {
        Some(Family::Spdx)
    } else {
        None
    }
}

/// The version `found` if it is one of `known`.
fn known(found: &str, known: &[&str], required: &'static str) -> Result<(), Reason> {
    if known.contains(&found) {
        return Ok(());
    }
    Err(Reason::new(&VERSION).evidence("found", found).name("required", required))
}

fn within(count: usize, limits: &Limits) -> Result<(), Reason> {
    if count as u64 > limits.components {
        return Err(Reason::new(&COMPONENTS).int("limit", limits.components));
    }
    Ok(())
}

/// Reads a list of hashes. Names become those of the in-toto DigestSet. Real generators list the hashes of all files of a
/// package side by side; two values by one algorithm mean no single file, so then the component has no digests at all.
fn digests(shape: Shape, hashes: &[Json], algorithm: &'static str, value: &'static str) -> Result<DigestSet, Reason> {
    let mut set = DigestSet::default();
    let mut ambiguous = false;
    for hash in hashes {
        let hash: &Map<String, Json> = shape.object(hash, algorithm)?;
        let name = digest_name(shape.need_text(hash, algorithm)?);
        ambiguous |= set.insert(&name, &shape.need_text(hash, value)?.to_ascii_lowercase()).is_err();
    }
    Ok(if ambiguous { DigestSet::default() } else { set })
}

/// `SHA-256` (CycloneDX) and `SHA256` (SPDX) are `sha256`; `SHA3-256` is `sha3_256`; the others only lose their capitals.
fn digest_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if let Some(bits) = name.strip_prefix("sha-") {
        format!("sha{bits}")
    } else if let Some(bits) = name.strip_prefix("sha3-") {
        format!("sha3_{bits}")
    } else {
        name
    }
}

/// Takes out of `components` the one that `about` names, if it names exactly one that is there.
fn take_root(components: &mut Vec<Component>, about: &BTreeSet<&str>) -> Option<Component> {
    let mut named = about.iter();
    let (Some(reference), None) = (named.next(), named.next()) else { return None };
    let index = components.iter().position(|component| component.reference == *reference)?;
    Some(components.remove(index))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_hashes() {
        for (name, expected) in [
            ("SHA-256", "sha256"),
            ("SHA256", "sha256"),
            ("SHA-1", "sha1"),
            ("SHA3-512", "sha3_512"),
            ("MD5", "md5"),
            ("BLAKE2b-256", "blake2b-256"),
        ] {
            assert_eq!(digest_name(name), expected);
        }
    }

    #[test]
    fn hashes_of_several_files_are_the_hash_of_none() {
        let read = |hashes: Json| digests(Shape("x"), hashes.as_array().unwrap(), "alg", "content");
        let one = read(json!([{"alg": "SHA-256", "content": "AB"}, {"alg": "SHA-1", "content": "cd"}])).unwrap();
        assert_eq!(one.iter().collect::<Vec<_>>(), [("sha1", "cd"), ("sha256", "ab")]);
        let same = read(json!([{"alg": "SHA-256", "content": "AB"}, {"alg": "SHA-256", "content": "ab"}])).unwrap();
        assert_eq!(same.iter().count(), 1);
        let many = json!([
            {"alg": "SHA-256", "content": "ab"}, {"alg": "SHA-512", "content": "ef"}, {"alg": "SHA-256", "content": "cd"},
        ]);
        assert!(read(many).unwrap().is_empty());
        assert_eq!(read(json!([{"alg": "SHA-256"}])).unwrap_err().code(), "parse.malformed");
    }

    #[test]
    fn predicates_are_the_document_or_cosigns_wrapping() {
        let bom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "a"}]});
        let spdx = json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": []});
        let (cdx_type, spdx_type) = ("https://cyclonedx.org/bom/v1.5", "https://spdx.dev/Document");
        for (predicate_type, predicate, expected) in [
            (cdx_type, bom.clone(), "cyclonedx-1.5+json"),
            (cdx_type, json!({"Data": bom, "Timestamp": "x"}), "cyclonedx-1.5+json"),
            (cdx_type, json!({"Data": bom.to_string()}), "cyclonedx-1.5+json"),
            (spdx_type, spdx.clone(), "spdx-2.3+json"),
            (spdx_type, json!({"Data": spdx.to_string()}), "spdx-2.3+json"),
            (spdx_type, json!({"Data": "SPDXVersion: SPDX-2.2\n"}), "parse.strict"),
            (
                spdx_type,
                json!({"Data": "{\"spdxVersion\":\"SPDX-2.3\",\"spdxVersion\":\"SPDX-2.3\"}"}),
                "parse.duplicate-key",
            ),
            (spdx_type, bom.clone(), "parse.malformed"),
            (cdx_type, spdx, "parse.malformed"),
            (cdx_type, json!("x"), "parse.malformed"),
            ("https://example.com", bom, "parse.malformed"),
        ] {
            let found = read_predicate(predicate_type, &predicate, &Limits::MAX);
            assert_eq!(found.map_or_else(|r| r.code().to_owned(), |s| s.format), expected, "{predicate}");
        }
    }
}
