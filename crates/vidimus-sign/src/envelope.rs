//! How a signature travels: DSSE envelopes, Sigstore bundles v0.3 with a managed key, and bare signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vidimus::authenticate::keys::PublicKey;
use vidimus::decode;
use vidimus::digest::{Algorithm, Digest};

use crate::error::Error;
use crate::signer::{Signer, signed};
use crate::statement::{Statement, canonical};

/// The payload type of in-toto statements.
pub const STATEMENT: &str = "application/vnd.in-toto+json";

/// The media type of bundles v0.3.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// How a statement is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A Sigstore bundle v0.3.
    Bundle,
    /// A bare DSSE envelope.
    Dsse,
}

/// A statement, signed, as the bytes of a file: one line of canonical JSON.
///
/// # Errors
/// See [`signed`].
pub fn statement(signer: &dyn Signer, statement: &Statement, form: Form) -> Result<Vec<u8>, Error> {
    payload(signer, STATEMENT, &statement.bytes, form)
}

/// Any payload, signed under its type.
///
/// # Errors
/// See [`signed`].
pub fn payload(signer: &dyn Signer, payload_type: &str, bytes: &[u8], form: Form) -> Result<Vec<u8>, Error> {
    let signature = signed(signer, &decode::pae(payload_type, bytes))?;
    let signature = STANDARD.encode(signature);
    // A bundle names the key once, in its hint.
    let signature = match form {
        Form::Dsse => json!({"keyid": signer.public_key().spki_sha256().hex(), "sig": signature}),
        Form::Bundle => json!({"sig": signature}),
    };
    let envelope = json!({"payload": STANDARD.encode(bytes), "payloadType": payload_type, "signatures": [signature]});
    line(&match form {
        Form::Dsse => envelope,
        Form::Bundle => bundle(signer.public_key(), "dsseEnvelope", envelope),
    })
}

/// A signature over a file as a bundle. `sha256` is that of the file.
///
/// # Errors
/// A digest of another algorithm.
pub fn message(key: &PublicKey, sha256: &Digest, signature: &[u8]) -> Result<Vec<u8>, Error> {
    if sha256.algorithm() != Algorithm::Sha256 {
        return Err(Error::input("a bundle names the file by its sha256"));
    }
    let content = json!({
        "messageDigest": {"algorithm": "SHA2_256", "digest": STANDARD.encode(sha256.bytes())},
        "signature": STANDARD.encode(signature),
    });
    line(&bundle(key, "messageSignature", content))
}

/// The hint by which Sigstore's clients find a managed key: base64 of sha256 of its SubjectPublicKeyInfo.
#[must_use]
pub fn hint(key: &PublicKey) -> String {
    STANDARD.encode(key.spki_sha256().bytes())
}

fn bundle(key: &PublicKey, member: &str, content: Value) -> Value {
    // Sigstore's client for Python wants the list of log entries to be there, also when it is empty.
    let material = json!({"publicKey": {"hint": hint(key)}, "tlogEntries": []});
    let mut bundle = json!({"mediaType": BUNDLE, "verificationMaterial": material});
    if let Some(members) = bundle.as_object_mut() {
        members.insert(member.to_owned(), content);
    }
    bundle
}

/// Canonical JSON and a line end.
pub(crate) fn line(value: &Value) -> Result<Vec<u8>, Error> {
    let mut bytes = canonical(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A signature as text: base64 and a line end, as `openssl base64 -A` writes it and cosign reads it.
#[must_use]
pub fn base64(signature: &[u8]) -> String {
    STANDARD.encode(signature) + "\n"
}
