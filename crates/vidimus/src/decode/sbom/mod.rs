//! SBOMs: every format is read into one model (`model.rs`), each strictly by its declared version.

mod bom_link;
#[allow(dead_code, reason = "readers use more of it with every format")]
pub(crate) mod build;
pub(crate) mod cyclonedx;
mod element;
pub(crate) mod findings;
mod form;
pub(crate) mod graph;
pub(crate) mod identity;
pub(crate) mod license;
mod memo;
mod model;
pub(crate) mod spdx;
#[allow(dead_code, reason = "readers use more of it with every format")]
pub(crate) mod violations;

pub(crate) mod tolerable;

use serde_json::Value as Json;

use self::findings::Findings;
use super::json;
use super::json::Tree;
use super::json::tree;
use super::shape::Shape;
pub(super) use super::shape::VERSION;
use crate::limits::Limits;
use crate::reason::Reason;

pub use self::bom_link::BomLink;
pub use self::element::Element;
pub use self::model::{
    Completeness, Component, Edge, EdgeKind, Id, Linked, NodeKind, Outside, Said, Sayer, Sbom, State,
};
pub use self::violations::{Held, Invalid};

crate::reasons! {
    COMPONENTS = "limit.components", Unproven, Vendor, ["limit"],
        says "an SBOM with more than {limit} components",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Split the SBOM by product, or have the operator raise the limit up to the ceiling.";
}

/// Every SBOM format that is read.
pub const SBOM_FORMATS: &[&str] = &[
    "cyclonedx-1.2+json",
    "cyclonedx-1.2+xml",
    "cyclonedx-1.3+json",
    "cyclonedx-1.3+xml",
    "cyclonedx-1.4+json",
    "cyclonedx-1.4+xml",
    "cyclonedx-1.5+json",
    "cyclonedx-1.5+xml",
    "cyclonedx-1.6+json",
    "cyclonedx-1.6+xml",
    "cyclonedx-1.7+json",
    "cyclonedx-1.7+xml",
    "spdx-2.2+json",
    "spdx-2.2+tag-value",
    "spdx-2.3+json",
    "spdx-2.3+tag-value",
    "spdx-3.0.1+json",
];

/// Reads a document, if it is an SBOM in XML.
pub(super) fn xml(bytes: &[u8], limits: &Limits) -> Option<Result<Sbom, Invalid>> {
    cyclonedx::xml::document(bytes, limits).map(examined)
}

/// Reads SPDX tag-value.
pub(super) fn tag_value(text: &str, limits: &Limits) -> Result<Sbom, Invalid> {
    examined(spdx::tag_value::read(text, limits))
}

/// Adds what is noteworthy, of a document that is refused as well: a policy may tolerate why.
fn examined(mut read: Result<Sbom, Invalid>) -> Result<Sbom, Invalid> {
    let sbom = match &mut read {
        Ok(sbom) => Some(sbom),
        Err(invalid) => invalid.sbom.as_deref_mut(),
    };
    if let Some(sbom) = sbom {
        let mut findings = Findings::default();
        findings.extend(std::mem::take(&mut sbom.notes));
        graph::examine(sbom, &mut findings);
        identity::examine(sbom, &mut findings);
        sbom.notes = findings.list();
    }
    read
}

/// Can a file that starts so be an SBOM in XML?
pub(super) fn has_mark(prefix: &[u8]) -> bool {
    cyclonedx::xml::has_mark(prefix)
}

/// Is it a predicate type whose predicate is an SBOM?
pub(super) fn is_predicate(predicate_type: &str) -> bool {
    family(predicate_type).is_some()
}

/// Reads the predicate of an SBOM statement: the document itself, or, as cosign wrote it at first, `{"Data": …}` around the
/// document or around its text.
pub(super) fn read_predicate(predicate_type: &str, value: &Json, limits: &Limits) -> Result<Sbom, Invalid> {
    const SHAPE: Shape = Shape("SBOM predicate");
    let family = family(predicate_type).ok_or_else(|| SHAPE.wrong("predicateType"))?;
    let predicate = SHAPE.object(value, "predicate")?;
    match predicate.get("Data") {
        Some(Json::String(text)) => family.read(json::document(text.as_bytes(), limits)?.root(), limits),
        Some(document @ Json::Object(_)) => family.read(Tree::of(document).root(), limits),
        _ => family.read(Tree::of(value).root(), limits),
    }
}

/// Which standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    CycloneDx,
    Spdx,
}

impl Family {
    pub(super) fn read(self, value: tree::Json<'_>, limits: &Limits) -> Result<Sbom, Invalid> {
        examined(match self {
            Self::CycloneDx => cyclonedx::read(value, limits),
            Self::Spdx => spdx::read(value, limits),
        })
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

fn within(count: usize, limit: u64) -> Result<(), Reason> {
    if count as u64 > limit {
        return Err(Reason::new(&COMPONENTS).int("limit", limit));
    }
    Ok(())
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

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::build::Builder;
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
        let read = |hashes: &[(&str, &str)]| {
            let mut builder = Builder::new("x".to_owned(), "", &Limits::MAX);
            let node = builder.node(NodeKind::Component, "a", "").unwrap();
            for (algorithm, value) in hashes {
                builder.hash(node, Element::Hash, algorithm, value);
            }
            let sbom = builder.finish().unwrap();
            let digests = sbom.components().next().unwrap().digests();
            digests.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>()
        };
        assert_eq!(read(&[("SHA-256", "AB"), ("SHA-1", "cd")]), ["sha1:cd", "sha256:ab"]);
        assert_eq!(read(&[("SHA-256", "AB"), ("SHA256", "ab")]), ["sha256:ab"]);
        assert!(read(&[("SHA-256", "ab"), ("SHA-512", "ef"), ("SHA-256", "cd")]).is_empty());
    }

    #[test]
    fn predicates_are_the_document_or_cosigns_wrapping() {
        let bom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "a"}]});
        let spdx = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "a", "dataLicense": "CC0-1.0",
            "documentNamespace": "https://acme.example/a",
            "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: a"]},
        });
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
            assert_eq!(found.map_or_else(|r| r.reasons[0].code().to_owned(), |s| s.format), expected, "{predicate}");
        }
    }
}
