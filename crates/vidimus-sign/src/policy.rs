//! A policy bundle: `bundle.json` lists the policy and every file that it names by digest, and roles sign it (`verification.md` 3.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use vidimus::decode;
use vidimus::policy::Policy;
use vidimus::policy::anchor::bundle::{FILE_BYTES, PAYLOAD_TYPE};

use crate::envelope::line;
use crate::error::Error;
use crate::signer::{Signer, signed};

/// The bytes of `bundle.json`: RFC 8785 of the closure of the policy. Its sha256 is the policy digest that verdicts quote.
///
/// # Errors
/// The policy names more files than an anchor is held against.
pub fn bundle(policy: &Policy) -> Result<Vec<u8>, Error> {
    let bytes = policy.bundle();
    match bytes.len() as u64 > FILE_BYTES {
        true => Err(Error::input(format!(
            "the policy names so many files that the list of them has more than {FILE_BYTES} bytes"
        ))),
        false => Ok(bytes),
    }
}

/// A role's signature over the bytes of `bundle.json`: a DSSE envelope that carries them and, in the member `spki`, the public key. An anchor
/// pins keys by digest, so the key comes along; which role it has, the anchor says.
///
/// # Errors
/// See [`crate::signed`].
pub fn sign(signer: &dyn Signer, bundle: &[u8]) -> Result<Vec<u8>, Error> {
    let signature = signed(signer, &decode::pae(PAYLOAD_TYPE, bundle))?;
    let key = signer.public_key();
    let signature = json!({
        "keyid": key.spki_sha256().hex(),
        "sig": STANDARD.encode(signature),
        "spki": STANDARD.encode(key.spki()),
    });
    line(&json!({"payload": STANDARD.encode(bundle), "payloadType": PAYLOAD_TYPE, "signatures": [signature]}))
}
