//! `urn:vidimus:attestation:delivery:v0.1`: what a vendor says it delivered. The format is ours, so a member that it does not
//! have is refused: it would be a condition that nobody checks.

use serde_json::Value as Json;

use super::json::integer;
use super::own;
use super::shape::Shape;
use super::statement::digest_set;
use crate::digest::DigestSet;
use crate::reason::Reason;
use crate::time::Time;

/// Its predicate type.
pub(crate) const TYPE: &str = "urn:vidimus:attestation:delivery:v0.1";

const SHAPE: Shape = Shape("delivery predicate");
const MEMBERS: [&str; 9] =
    ["product", "sequence", "recipient", "evidence", "created", "closed", "orderRef", "previous", "supersedes"];

/// `urn:vidimus:attestation:delivery:v0.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPredicate {
    /// Package URL of what is delivered.
    pub product: String,
    /// Grows with every delivery of the product.
    pub sequence: u64,
    /// For whom, if for one recipient.
    pub recipient: Option<String>,
    /// When the signer says that it was made: a claim, which can only stand against the statement (T12).
    pub created: Option<Time>,
    /// Evidence that belongs to the delivery: (path, digests).
    pub evidence: Vec<(String, DigestSet)>,
}

/// The predicate as it is written, for its JSON Schema and its author.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the reader below names the member that is wrong; this describes the members")]
pub(super) struct Wire {
    /// Package URL of what is delivered.
    product: own::Text,
    /// Grows with every delivery of the product. A rule can ask that it is at least 1.
    sequence: own::Count<0>,
    /// For whom, if for one recipient.
    #[serde(default)]
    recipient: Option<own::Text>,
    /// The order that it answers, for people.
    #[serde(default)]
    order_ref: Option<own::Text>,
    /// When the signer says that it was made. It can only stand against the statement.
    #[serde(default)]
    created: Option<own::Instant>,
    /// Always `true`, if stated: the subjects and the evidence are all that was delivered.
    #[serde(default)]
    #[schemars(extend("const" = true))]
    closed: Option<bool>,
    /// The delivery before, for people and archives.
    #[serde(default)]
    previous: Option<WireReference>,
    /// Deliveries that this one takes the place of, for people and archives.
    #[serde(default)]
    supersedes: Vec<WireReference>,
    /// Evidence that belongs to the delivery.
    #[serde(default)]
    evidence: Vec<WireEvidence>,
}

/// Another delivery; at least one of the two.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
#[expect(dead_code, reason = "as above")]
struct WireReference {
    /// Where it is, or how it is called.
    #[serde(default)]
    uri: Option<own::Text>,
    /// Its digests.
    #[serde(default)]
    digest: Option<own::Digests>,
}

/// A file that is evidence.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
struct WireEvidence {
    /// Its path in the delivery.
    path: own::Text,
    /// Its digests.
    digest: own::Digests,
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: delivery, version 0.1")
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
    let text = |name: &'static str| predicate.contains_key(name).then(|| SHAPE.need_text(predicate, name)).transpose();
    let created = match text("created")? {
        Some(time) => Some(own::Instant::of(time).ok_or_else(|| SHAPE.wrong("created"))?.0),
        None => None,
    };
    text("orderRef")?;
    // A delivery is closed whether it says so or not; one that says it is open is not a delivery of this version.
    if predicate.get("closed").is_some_and(|closed| *closed != Json::Bool(true)) {
        return Err(SHAPE.wrong("closed: a delivery is closed"));
    }
    if let Some(previous) = predicate.get("previous") {
        reference(previous)?;
    }
    SHAPE.list(predicate, "supersedes")?.iter().try_for_each(reference)?;
    let recipient = text("recipient")?;
    Ok(DeliveryPredicate {
        product: SHAPE.need_text(predicate, "product")?.to_owned(),
        sequence: integer(SHAPE.need(predicate, "sequence")?, 0)?,
        recipient: recipient.map(ToOwned::to_owned),
        created,
        evidence,
    })
}

/// An earlier delivery by URI or digest: for people and archives; no check follows it.
fn reference(value: &Json) -> Result<(), Reason> {
    const NAME: &str = "previous";
    let map = SHAPE.object(value, NAME)?;
    if map.is_empty() || map.keys().any(|name| !["uri", "digest"].contains(&name.as_str())) {
        return Err(SHAPE.wrong(NAME));
    }
    if map.contains_key("uri") {
        SHAPE.need_text(map, "uri")?;
    }
    if map.contains_key("digest") {
        digest_set(SHAPE, SHAPE.need_map(map, "digest")?)?;
    }
    Ok(())
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
            (with("closed", json!(true)), "ok"),
            (with("closed", json!(false)), "parse.malformed"),
            (with("created", json!("2026-11-20T08:00:00Z")), "ok"),
            (with("created", json!("yesterday")), "parse.malformed"),
            (with("created", json!("2026-11-20T09:00:00+01:00")), "parse.malformed"),
            (with("orderRef", json!("PO-77120")), "ok"),
            (with("orderRef", json!(77120)), "parse.malformed"),
            (with("previous", json!({"digest": {"sha256": "00"}})), "ok"),
            (with("previous", json!({})), "parse.malformed"),
            (with("supersedes", json!([{"uri": "urn:x"}])), "ok"),
            (with("supersedes", json!([{"name": "x"}])), "parse.malformed"),
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
