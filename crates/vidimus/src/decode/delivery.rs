//! `urn:vidimus:attestation:delivery:v0.1`: what a vendor says it delivered. The format is ours, so a member that it does not
//! have is refused: it would be a condition that nobody checks.

use serde_json::Value as Json;

use super::json::integer;
use super::shape::Shape;
use super::statement::digest_set;
use crate::digest::DigestSet;
use crate::reason::Reason;

/// Its predicate type.
pub(super) const TYPE: &str = "urn:vidimus:attestation:delivery:v0.1";

const SHAPE: Shape = Shape("delivery predicate");
const MEMBERS: [&str; 4] = ["product", "sequence", "recipient", "evidence"];

/// `urn:vidimus:attestation:delivery:v0.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPredicate {
    /// Package URL of what is delivered.
    pub product: String,
    /// Grows with every delivery of the product.
    pub sequence: u64,
    /// For whom, if for one recipient.
    pub recipient: Option<String>,
    /// Evidence that belongs to the delivery: (path, digests).
    pub evidence: Vec<(String, DigestSet)>,
}

pub(super) fn read(value: &Json) -> Result<DeliveryPredicate, Reason> {
    let predicate = SHAPE.object(value, "predicate")?;
    if predicate.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(SHAPE.wrong("a member that it does not have"));
    }
    // Here `null` is not "absent": it is not what the format has.
    if predicate.values().any(Json::is_null) {
        return Err(SHAPE.wrong("null"));
    }
    let mut evidence = Vec::new();
    for entry in SHAPE.list(predicate, "evidence")? {
        let entry = SHAPE.object(entry, "evidence")?;
        if entry.keys().any(|name| !["path", "digest"].contains(&name.as_str())) {
            return Err(SHAPE.wrong("evidence"));
        }
        let path = SHAPE.need_text(entry, "path")?.to_owned();
        evidence.push((path, digest_set(SHAPE, SHAPE.need_map(entry, "digest")?)?));
    }
    let recipient = predicate.contains_key("recipient").then(|| SHAPE.need_text(predicate, "recipient")).transpose()?;
    Ok(DeliveryPredicate {
        product: SHAPE.need_text(predicate, "product")?.to_owned(),
        sequence: integer(SHAPE.need(predicate, "sequence")?, 0)?,
        recipient: recipient.map(ToOwned::to_owned),
        evidence,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    #[test]
    fn delivery_predicates() {
        let ok = json!({
            "product": "pkg:generic/p@1", "sequence": 7, "recipient": "urn:x",
            "evidence": [{"path": "a", "digest": {"sha256": "00"}}],
        });
        let with = |member: &str, value: Json| {
            let mut predicate = ok.clone();
            predicate[member] = value;
            predicate
        };
        let without = |member: &str| {
            let mut predicate = ok.clone();
            predicate.as_object_mut().unwrap().remove(member);
            predicate
        };
        for (predicate, expected) in [
            (ok.clone(), "ok"),
            (without("recipient"), "ok"),
            (without("evidence"), "ok"),
            (without("product"), "parse.malformed"),
            (without("sequence"), "parse.malformed"),
            (with("sequence", json!(0)), "ok"),
            (with("sequence", json!(1.0)), "parse.strict"),
            (with("sequence", json!(-1)), "parse.strict"),
            (with("sequence", json!("7")), "parse.strict"),
            (with("sequence", json!(9_007_199_254_740_992_u64)), "parse.strict"),
            (with("recipient", json!("")), "parse.malformed"),
            (with("recipient", Json::Null), "parse.malformed"),
            (with("product", json!("")), "parse.malformed"),
            (with("closed", json!(true)), "parse.malformed"),
            (with("Sequence", json!(8)), "parse.malformed"),
            (with("evidence", json!([{"path": "a"}])), "parse.malformed"),
            (with("evidence", json!([{"path": "a", "digest": {}}])), "parse.malformed"),
            (with("evidence", json!([{"path": "a", "digest": {"sha256": "00"}, "x": 1}])), "parse.malformed"),
            (with("evidence", json!([{"path": "", "digest": {"sha256": "00"}}])), "parse.malformed"),
            (json!([]), "parse.malformed"),
        ] {
            let found = read(&predicate);
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{predicate}");
        }
        let read = read(&ok).unwrap();
        assert_eq!((read.sequence, read.recipient.as_deref(), read.evidence.len()), (7, Some("urn:x"), 1));
    }
}
