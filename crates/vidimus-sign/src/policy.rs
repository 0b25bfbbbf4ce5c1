//! A policy bundle: `bundle.json` lists the policy and every file that it names by digest, and roles sign it (`verification.md` 3.2).

use serde_json::{Value, json};
use vidimus::digest::Digest;
use vidimus::policy::Policy;

use crate::envelope::{self, Form};
use crate::error::Error;
use crate::signer::Signer;
use crate::statement::canonical;

/// The payload type under which `bundle.json` is signed: no signature over anything else can pass for one.
pub const PAYLOAD_TYPE: &str = "application/vnd.vidimus.policy-bundle+json";

/// The bytes of `bundle.json`: RFC 8785 of the closure of the policy. Its sha256 is the policy digest that verdicts quote.
///
/// # Errors
/// The digest is not the policy's: the files are not those that were loaded.
pub fn bundle(policy: &Policy) -> Result<Vec<u8>, Error> {
    let files: Vec<Value> =
        policy.closure.iter().map(|(path, digest)| json!({"path": path, "sha256": digest.hex()})).collect();
    let bytes = canonical(&json!({"files": files, "schema": "urn:vidimus:policy-closure:v1"}))?;
    if Digest::sha256(&bytes) == policy.sha256 { Ok(bytes) } else { Err(Error::Fault) }
}

/// A role's signature over the bytes of `bundle.json`: a DSSE envelope that carries them. Which role a key has, the anchor says.
///
/// # Errors
/// See [`crate::signed`].
pub fn sign(signer: &dyn Signer, bundle: &[u8]) -> Result<Vec<u8>, Error> {
    envelope::payload(signer, PAYLOAD_TYPE, bundle, Form::Dsse)
}
