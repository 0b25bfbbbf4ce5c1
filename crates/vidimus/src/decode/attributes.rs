//! SCAI attribute reports v0.2 and v0.3 (`in-toto/attestation`, `spec/predicates/scai.md`): what somebody asserts of an artifact,
//! attribute by attribute. Members that the format does not have are ignored, as the specification asks.

use serde_json::{Map, Value as Json};

use super::shape::Shape;
use super::statement::digest_set;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// Its predicate types.
pub(super) const TYPES: [&str; 2] =
    ["https://in-toto.io/attestation/scai/attribute-report/v0.2", "https://in-toto.io/attestation/scai/v0.3"];

const SHAPE: Shape = Shape("SCAI attribute report");

/// One attribute assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `attribute`: what is asserted.
    pub name: String,
    /// `target.digest`: of what; empty where only the subject is meant, or where it is named without a digest.
    pub target: DigestSet,
    /// `evidence.digest`: what it rests on; empty where nothing is cited by digest.
    pub evidence: DigestSet,
}

pub(super) fn read(value: &Json) -> Result<Vec<Attribute>, Reason> {
    let listed = SHAPE.list(SHAPE.object(value, "predicate")?, "attributes")?;
    if listed.is_empty() {
        return Err(SHAPE.wrong("attributes"));
    }
    listed.iter().map(one).collect()
}

fn one(value: &Json) -> Result<Attribute, Reason> {
    let assertion = SHAPE.object(value, "attributes")?;
    let name = SHAPE.need_text(assertion, "attribute")?.to_owned();
    Ok(Attribute { name, target: digests(assertion, "target")?, evidence: digests(assertion, "evidence")? })
}

/// The digests of a resource descriptor, if it has any.
fn digests(map: &Map<String, Json>, member: &'static str) -> Result<DigestSet, Reason> {
    let Some(descriptor) = SHAPE.map(map, member)? else { return Ok(DigestSet::default()) };
    match SHAPE.map(descriptor, "digest")? {
        Some(set) if !set.is_empty() => digest_set(SHAPE, set),
        _ => Ok(DigestSet::default()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;

    #[test]
    fn reports() {
        let ok = json!({"attributes": [
            {"attribute": "A", "target": {"digest": {"sha256": "00"}, "name": "x"}, "evidence": {"uri": "y"}, "more": 1},
            {"attribute": "B", "conditions": {"flags": "-f"}},
        ], "producer": {"uri": "z"}});
        let found = read(&ok).unwrap();
        assert_eq!(
            found.iter().map(|a| (a.name.as_str(), a.target.is_empty(), a.evidence.is_empty())).collect::<Vec<_>>(),
            [("A", false, true), ("B", true, true)]
        );
        for wrong in [
            json!({}),
            json!([]),
            json!({"attributes": []}),
            json!({"attributes": {}}),
            json!({"attributes": ["A"]}),
            json!({"attributes": [{"attribute": ""}]}),
            json!({"attributes": [{"attribute": "A", "target": "x"}]}),
            json!({"attributes": [{"attribute": "A", "evidence": {"digest": {"sha256": 1}}}]}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }
}
