//! Anchors, and signatures of roles over policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::dsse::{pae, with_signatures};
use crate::encode::{base64, json as text, sha256_hex};
use crate::{Key, PolicyFolder};

/// The payload type of `bundle.json`.
pub const PAYLOAD_TYPE: &str = "application/vnd.vidimus.policy-bundle+json";

/// The bytes of `bundle.json` over these files, by path.
#[must_use]
pub fn bundle(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let files: Vec<Value> =
        files.iter().map(|(path, bytes)| json!({"path": path, "sha256": sha256_hex(bytes)})).collect();
    text(&json!({"files": files, "schema": "urn:vidimus:policy-closure:v1"})).into_bytes()
}

/// An envelope over `bundle.json`, signed by each key, with the keys beside their signatures.
#[must_use]
pub fn signature(payload_type: &str, bundle: &[u8], keys: &[&Key]) -> Vec<u8> {
    let message = pae(payload_type, bundle);
    let signed =
        |key: &&Key| json!({"keyid": key.id(), "sig": base64(&key.sign(&message)), "spki": base64(&key.spki_der())});
    text(&with_signatures(payload_type, bundle, keys.iter().map(signed).collect())).into_bytes()
}

/// `anchor.toml`: `more` stands at its end.
#[must_use]
pub fn anchor(id: &str, min_version: u64, threshold: usize, signers: &[(&str, &Key)], more: &str) -> String {
    let signers: String = signers
        .iter()
        .map(|(role, key)| {
            let digest = sha256_hex(&key.spki_der());
            format!("\n[[policy.signatures.signer]]\nrole = \"{role}\"\nspki_sha256 = \"{digest}\"\n")
        })
        .collect();
    format!(
        "schema    = \"urn:vidimus:anchor:v1\"\nsemantics = [1]\n\n[policy]\nid          = \"{id}\"\nmin_version = {min_version}\n\n\
         [policy.signatures]\nthreshold = {threshold}\ndistinct  = \"role\"\n{signers}{more}"
    )
}

impl PolicyFolder {
    /// Every file of the folder as a list that roles sign, and the signatures, by role. All of its files must be named by the policy.
    #[must_use]
    pub fn anchored(self, signers: &[(&str, &Key)]) -> Self {
        let mut files = self.files.clone();
        files.insert("policy.toml".to_owned(), self.policy().into_bytes());
        let bundle = bundle(&files);
        let signed = signers.iter().fold(self, |folder, (role, key)| {
            folder.file(&format!("bundle.{role}.dsse.json"), signature(PAYLOAD_TYPE, &bundle, &[key]))
        });
        signed.file("bundle.json", bundle)
    }
}
