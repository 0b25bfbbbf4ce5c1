//! The in-toto release predicate (`in-toto/attestation`, `spec/predicates/release.md`), v0.1 and v0.2: what a registry or
//! forge published under which package URL.

use serde_json::Value as Json;

use super::shape::Shape;
use crate::reason::Reason;

/// Predicate type of v0.1.
pub(super) const V01: &str = "https://in-toto.io/attestation/release/v0.1";
/// Predicate type of v0.2.
pub(super) const V02: &str = "https://in-toto.io/attestation/release/v0.2";

/// `https://in-toto.io/attestation/release/v0.1` and `v0.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasePredicate {
    /// Package URL of the release.
    pub purl: String,
}

pub(super) fn read(value: &Json) -> Result<ReleasePredicate, Reason> {
    const SHAPE: Shape = Shape("release predicate");
    let predicate = SHAPE.object(value, "predicate")?;
    Ok(ReleasePredicate { purl: SHAPE.need_text(predicate, "purl")?.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn release_predicates() {
        for (predicate, expected) in [
            (json!({"purl": "pkg:npm/a@1"}), Some("pkg:npm/a@1")),
            (json!({"purl": "pkg:github/o/r@v1", "releaseId": "1"}), Some("pkg:github/o/r@v1")),
            (json!({}), None),
            (json!({"purl": ""}), None),
            (json!({"purl": 1}), None),
            (json!([]), None),
        ] {
            assert_eq!(read(&predicate).ok().map(|r| r.purl).as_deref(), expected, "{predicate}");
        }
    }
}
