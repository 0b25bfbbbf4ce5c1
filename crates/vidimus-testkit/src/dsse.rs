//! DSSE envelopes.

use serde_json::{Value, json};

use crate::encode::base64;
use crate::key::Key;

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// `PAE(type, body)` of DSSE 1.0: what is signed.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {} {} ", payload_type.len(), payload_type, payload.len());
    [head.as_bytes(), payload].concat()
}

/// An envelope, signed by each key.
#[must_use]
pub fn envelope(payload_type: &str, payload: &[u8], keys: &[&Key]) -> Value {
    let message = pae(payload_type, payload);
    let signatures: Vec<Value> =
        keys.iter().map(|key| json!({"keyid": key.id(), "sig": base64(&key.sign(&message))})).collect();
    with_signatures(payload_type, payload, signatures)
}

/// An envelope with the signatures given, each `{"keyid"?, "sig"}`.
#[must_use]
pub fn with_signatures(payload_type: &str, payload: &[u8], signatures: Vec<Value>) -> Value {
    json!({"payload": base64(payload), "payloadType": payload_type, "signatures": signatures})
}
