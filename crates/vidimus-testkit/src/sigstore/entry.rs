//! What a log records about a signature: the canonical bodies of Rekor's entry kinds.

use serde_json::{Value, json};

use crate::dsse::pae;
use crate::encode::{base64, digest_hex, json as text, pem, sha256, sha256_hex};

/// The kind of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `hashedrekord`: 0.0.1 in Rekor v1 (message signatures alone), 0.0.2 in v2.
    Hashedrekord,
    /// `dsse`: 0.0.1 in Rekor v1, 0.0.2 in v2 (which Sigstore libraries have not agreed on).
    Dsse,
    /// `intoto` 0.0.2 of Rekor v1.
    Intoto,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hashedrekord => "hashedrekord",
            Self::Dsse => "dsse",
            Self::Intoto => "intoto",
        }
    }
}

/// What is signed.
#[derive(Clone, Debug)]
pub enum Content {
    /// A file.
    Message(Vec<u8>),
    /// (payload type, payload) in a DSSE envelope.
    Dsse(String, Vec<u8>),
}

/// What verifies the signature.
#[derive(Clone, Debug)]
pub(super) enum Verifier {
    /// A certificate, DER.
    Certificate(Vec<u8>),
    /// A key, DER.
    Key(Vec<u8>),
}

impl Content {
    /// The bytes that are signed.
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        match self {
            Self::Message(bytes) => bytes.clone(),
            Self::Dsse(payload_type, payload) => pae(payload_type, payload),
        }
    }
}

impl Verifier {
    fn pem(&self) -> String {
        match self {
            Self::Certificate(der) => pem("CERTIFICATE", der),
            Self::Key(der) => pem("PUBLIC KEY", der),
        }
    }

    fn v2(&self, details: &str) -> Value {
        match self {
            Self::Certificate(der) => json!({"keyDetails": details, "x509Certificate": {"rawBytes": base64(der)}}),
            Self::Key(der) => json!({"keyDetails": details, "publicKey": {"rawBytes": base64(der)}}),
        }
    }
}

/// (version, canonical body) of an entry of Rekor v1; a `hashedrekord` has the digest by `algorithm`.
pub(super) fn v1(
    kind: Kind,
    content: &Content,
    signature: &[u8],
    verifier: &Verifier,
    algorithm: &str,
) -> (&'static str, String) {
    let hash = |bytes: &[u8]| json!({"algorithm": "sha256", "value": sha256_hex(bytes)});
    let pem = base64(verifier.pem().as_bytes());
    let (version, name, spec) = match (kind, content) {
        (Kind::Hashedrekord, content) => {
            let signature = json!({"content": base64(signature), "publicKey": {"content": pem}});
            let value = digest_hex(algorithm, &content.signed());
            let hash = json!({"algorithm": algorithm, "value": value});
            let spec = json!({"data": {"hash": hash}, "signature": signature});
            ("0.0.1", "hashedrekord", spec)
        }
        (Kind::Dsse, Content::Dsse(payload_type, payload)) => {
            let envelope = envelope(payload_type, payload, signature);
            let spec = json!({
                "envelopeHash": hash(text(&envelope).as_bytes()),
                "payloadHash": hash(payload),
                "signatures": [{"signature": base64(signature), "verifier": pem}],
            });
            ("0.0.1", "dsse", spec)
        }
        (Kind::Intoto, Content::Dsse(payload_type, payload)) => {
            let twice = base64(base64(signature).as_bytes());
            let spec = json!({"content": {
                "envelope": {"payloadType": payload_type, "signatures": [{"publicKey": pem, "sig": twice}]},
                "hash": hash(text(&envelope(payload_type, payload, signature)).as_bytes()),
                "payloadHash": hash(payload),
            }});
            ("0.0.2", "intoto", spec)
        }
        (kind, Content::Message(_)) => panic!("{kind:?} records envelopes"),
    };
    (version, text(&json!({"apiVersion": version, "kind": name, "spec": spec})))
}

/// (version, canonical body) of an entry of Rekor v2.
pub(super) fn v2(
    kind: Kind,
    content: &Content,
    signature: &[u8],
    verifier: &Verifier,
    details: &str,
) -> (&'static str, String) {
    let digest = |bytes: &[u8]| json!({"algorithm": "SHA2_256", "digest": base64(&sha256(bytes))});
    let signature = json!({"content": base64(signature), "verifier": verifier.v2(details)});
    let (name, spec) = match (kind, content) {
        (Kind::Hashedrekord, content) => {
            let entry = json!({"data": digest(&content.signed()), "signature": signature});
            ("hashedrekord", json!({"hashedRekordV002": entry}))
        }
        (Kind::Dsse, Content::Dsse(_, payload)) => {
            ("dsse", json!({"dsseV002": {"payloadHash": digest(payload), "signatures": [signature]}}))
        }
        (kind, _) => panic!("Rekor v2 has no {kind:?} for this"),
    };
    ("0.0.2", text(&json!({"apiVersion": "0.0.2", "kind": name, "spec": spec})))
}

/// The envelope of a bundle: one signature, no key id.
pub(super) fn envelope(payload_type: &str, payload: &[u8], signature: &[u8]) -> Value {
    crate::dsse::with_signatures(payload_type, payload, vec![json!({"sig": base64(signature)})])
}
