//! DSSE envelopes (`secure-systems-lab/dsse`, envelope and protocol 1.0).

use serde_json::Value as Json;

use super::base64::either;
use super::in_toto::{self, Document};
use super::json;
use super::shape::Shape;
use super::statement::{self, Statement};
use crate::digest::Digest;
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    TYPE = "signature.type", Unproven, Signer, ["found"],
        says "the envelope's payload type is {found}, which is not read",
        why "The payload type is signed so that a payload is never read as something that its signer did not mean (T16).",
        fix "Sign in-toto statements with the payload type application/vnd.in-toto+json.";
    COUNT = "signature.count", Unproven, Signer, ["found", "required"],
        says "the envelope has {found} signatures where {required} is needed",
        why "An envelope without a signature proves nothing, and a Sigstore bundle has exactly one, so that everything else in it is about that one (T16).",
        fix "Deliver one bundle per signature, and no envelope without one.";
    SIGNATURES = "limit.signatures", Unproven, Signer, ["found", "limit"],
        says "{found} signatures, log entries or timestamps in one envelope; at most {limit} are read",
        why "Each costs work to verify; counters bound what one document can cost (T36).",
        fix "Deliver the signatures in several envelopes.";
}

/// The payload type of in-toto statements.
pub(super) const STATEMENT: &str = "application/vnd.in-toto+json";

/// A certificate beside a signature, PEM.
const CERTIFICATE_BYTES: usize = 64 * 1024;

/// A DSSE envelope.
#[derive(Clone, Debug)]
pub struct Dsse {
    /// `payloadType`.
    pub payload_type: String,
    /// The decoded payload: the bytes that are verified are the bytes that are parsed.
    pub payload: Vec<u8>,
    /// Signatures, at least one. `keyid` is never used for a decision, so it is not kept.
    pub signatures: Vec<Vec<u8>>,
    /// Certificates that came beside a signature: (its position, DER). They say who claims to have signed.
    pub certificates: Vec<(usize, Vec<u8>)>,
    /// What the payload says.
    pub statement: Result<Box<Statement>, Reason>,
    /// The payload as a layout or link of in-toto; then it is no statement.
    pub document: Option<Box<Document>>,
}

impl Dsse {
    /// The bytes that are signed: the pre-authentication encoding.
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// The identity of this evidence: what is signed, whoever signs it.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::sha256(&self.pae())
    }
}

/// `PAE(type, body)` of DSSE 1.0.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// Reads an envelope. Members that DSSE does not have are ignored, as it asks.
pub(super) fn read(value: &Json, limits: &Limits) -> Result<Dsse, Reason> {
    const SHAPE: Shape = Shape("DSSE envelope");
    let envelope = SHAPE.object(value, "payload")?;
    let payload_type = SHAPE.need_text(envelope, "payloadType")?.to_owned();
    let payload = SHAPE.text(envelope, "payload")?.and_then(either).ok_or_else(|| SHAPE.wrong("payload"))?;
    let listed = SHAPE.list(envelope, "signatures")?;
    if listed.is_empty() {
        return Err(count(0, "at least 1"));
    }
    at_most(listed.len(), limits)?;
    let mut signatures = Vec::with_capacity(listed.len());
    let mut certificates = Vec::new();
    for (position, entry) in listed.iter().enumerate() {
        let entry = SHAPE.object(entry, "signatures")?;
        let text = SHAPE.need_text(entry, "sig")?;
        signatures.push(either(text).ok_or_else(|| SHAPE.wrong("sig"))?);
        // A member of the SLSA generators, not of DSSE: what is no certificate is nothing.
        let pem = entry.get("cert").and_then(Json::as_str).filter(|pem| pem.len() <= CERTIFICATE_BYTES);
        let chain = pem.and_then(|pem| crate::authenticate::x509::from_pem(pem.as_bytes()));
        certificates.extend(chain.and_then(|chain| chain.into_iter().next()).map(|der| (position, der)));
    }
    let (mut statement, mut document) = (Err(Reason::new(&TYPE).evidence("found", &payload_type)), None);
    if payload_type == STATEMENT {
        let value = json::parse(&payload, limits);
        statement = value.as_ref().map_err(Clone::clone).and_then(|value| statement::read(value, limits)).map(Box::new);
        let document_of = value.as_ref().ok().filter(|value| in_toto::is_document(value));
        match document_of.map(|value| in_toto::document(value, &payload)) {
            Some(Ok(read)) => document = Some(Box::new(read)),
            Some(Err(reason)) => statement = Err(reason),
            None => {}
        }
    }
    Ok(Dsse { payload_type, payload, signatures, certificates, statement, document })
}

pub(super) fn count(found: usize, required: &str) -> Reason {
    Reason::new(&COUNT).int("found", found).name("required", required)
}

pub(super) fn at_most(found: usize, limits: &Limits) -> Result<(), Reason> {
    if found as u64 > limits.signatures {
        return Err(Reason::new(&SIGNATURES).int("found", found).int("limit", limits.signatures));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    fn code<T>(result: &Result<T, Reason>) -> &str {
        result.as_ref().map_or_else(Reason::code, |_| "ok")
    }

    #[test]
    fn pae_is_the_published_one() {
        // secure-systems-lab/dsse, protocol.md, test vector "hello world".
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn envelopes() {
        let sig = json!({"keyid": "k", "sig": "AAAA", "extra": 1});
        let sigs = |n: usize| Json::Array(vec![sig.clone(); n]);
        let ok = json!({"payloadType": "t", "payload": "e30=", "signatures": sigs(1), "more": {}});
        let with = |member: &str, value: Json| {
            let mut envelope = ok.clone();
            envelope[member] = value;
            envelope
        };
        for (envelope, expected) in [
            (ok.clone(), "ok"),
            (with("signatures", sigs(16)), "ok"),
            (with("signatures", sigs(17)), "limit.signatures"),
            (with("signatures", sigs(0)), "signature.count"),
            (with("signatures", Json::Null), "signature.count"),
            (with("signatures", json!("x")), "parse.malformed"),
            (with("signatures", json!([{"keyid": "k"}])), "parse.malformed"),
            (with("signatures", json!([{"sig": ""}])), "parse.malformed"),
            (with("signatures", json!([{"sig": "AA"}])), "parse.malformed"),
            (with("signatures", json!([{"sig": "-_-_"}])), "ok"),
            (with("signatures", json!([1])), "parse.malformed"),
            (with("payload", json!("e30")), "parse.malformed"),
            (with("payload", json!({})), "parse.malformed"),
            (with("payload", Json::Null), "parse.malformed"),
            (with("payloadType", Json::Null), "parse.malformed"),
            (with("payloadType", json!("")), "parse.malformed"),
            (json!([]), "parse.malformed"),
        ] {
            assert_eq!(code(&read(&envelope, &Limits::MAX)), expected, "{envelope}");
        }
    }

    #[test]
    fn payloads() {
        let statement =
            r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"00"}}],"predicateType":"x"}"#;
        let twice = statement.replace("\"predicateType\":\"x\"", r#""predicateType":"x","\u005ftype":"y""#);
        for (payload_type, payload, expected) in [
            (STATEMENT, statement, "ok"),
            ("application/vnd.in-toto", statement, "signature.type"),
            ("Application/vnd.in-toto+json", statement, "signature.type"),
            (STATEMENT, "", "parse.strict"),
            (STATEMENT, "{}", "evidence.type"),
            (STATEMENT, &twice, "parse.duplicate-key"),
        ] {
            let payload64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, payload);
            let envelope = json!({"payloadType": payload_type, "payload": payload64, "signatures": [{"sig": "AAAA"}]});
            let dsse = read(&envelope, &Limits::MAX).unwrap();
            assert_eq!(code(&dsse.statement), expected, "{payload}");
            assert_eq!(dsse.id(), Digest::sha256(&pae(payload_type, payload.as_bytes())));
        }
    }
}
