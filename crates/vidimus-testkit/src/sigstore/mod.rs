//! A Sigstore instance of our own: certificate authority, logs, time stamping, the trusted root that names them, and the
//! bundles that it signs.
//!
//! A [`World`] holds no state: each bundle depends on the world's label and on what is asked alone. Its logs therefore hold
//! one entry each time, among others that nobody asked for.

mod authority;
mod bundle;
mod entry;
mod identity;
mod log;
mod sign;
mod tsa;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::asn1::rfc3339;
use crate::encode::{base64, json as text, sha256};
use crate::key::Key;

pub use authority::{Authority, Sct};
pub use bundle::Bundle;
pub use entry::{Content, Kind};
pub use identity::{GITHUB_ACTIONS, Identity, San, names};
pub use log::{Log, leaf_hash, path, root, witness_vkey};
pub use sign::{Logged, Signing, Tamper};
pub use tsa::Tsa;

/// When a world signs, unless told otherwise: 2025-03-01T12:00:00Z.
pub const AT: i64 = 1_740_830_400;
/// When a world's authorities and logs begin: 2024-01-01T00:00:00Z.
pub const FROM: i64 = 1_704_067_200;
/// When its certificates end: 2044-01-01T00:00:00Z.
pub const TO: i64 = 2_335_219_200;

/// A Sigstore instance.
#[derive(Clone, Debug)]
pub struct World {
    /// The label that everything in it is made from.
    pub label: String,
    /// The certificate authority and its log.
    pub authority: Authority,
    /// The log of Rekor v1's kind.
    pub rekor_v1: Log,
    /// The log of Rekor v2's kind.
    pub rekor_v2: Log,
    /// The time-stamping authority.
    pub tsa: Tsa,
}

impl World {
    /// The world of that label, which must be fit for a host name.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            authority: Authority::new(label, FROM, TO),
            rekor_v1: Log::v1(label),
            rekor_v2: Log::v2(label),
            tsa: Tsa::new(label, FROM, TO),
        }
    }

    /// Another world, that this one does not know.
    #[must_use]
    pub fn foreign(&self) -> Self {
        Self::new(&format!("not-{}", self.label))
    }

    /// A keyless signature to be: v0.3, Rekor v1 with promise and proof, no timestamp.
    #[must_use]
    pub fn keyless(&self, identity: &Identity) -> Signing<'_> {
        Signing::keyless(self, identity.clone())
    }

    /// A signature with a managed key to be: v0.3, Rekor v1 with promise and proof, no timestamp.
    #[must_use]
    pub fn managed(&self, key: &Key) -> Signing<'_> {
        Signing::managed(self, key.clone())
    }

    /// Every honest way to sign that ends in another shape of bundle, by name: all verify under the world's trusted root.
    #[must_use]
    pub fn honest(&self, identity: &Identity, managed: &Key) -> Vec<(&'static str, Signing<'_>)> {
        let (keyless, managed) = (self.keyless(identity), self.managed(managed));
        let witnessed = keyless.clone().v2().witness(&Key::ed25519("a")).witness(&Key::ed25519("b"));
        vec![
            ("keyless v0.3", keyless.clone()),
            ("keyless v0.2", keyless.clone().version(2)),
            ("keyless v0.1", keyless.clone().version(1)),
            ("keyless v0.1, promise alone", keyless.clone().version(1).proof(false)),
            ("keyless, timestamp too", keyless.clone().timestamp(true)),
            ("keyless, timestamp and no promise", keyless.clone().timestamp(true).promise(false)),
            ("keyless Rekor v2", keyless.v2()),
            ("keyless Rekor v2, witnessed", witnessed),
            ("managed", managed.clone()),
            ("managed v0.2", managed.clone().version(2)),
            ("managed Rekor v2", managed.v2()),
        ]
    }

    /// The trusted root, media type v0.1. Change it with [`encode::set`](crate::encode::set), or see
    /// [`private_trusted_root`](Self::private_trusted_root).
    #[must_use]
    pub fn trusted_root(&self) -> Value {
        let window = json!({"start": rfc3339(FROM)});
        let chain = |certificates: &[&[u8]]| {
            let certificates: Vec<Value> = certificates.iter().map(|der| json!({"rawBytes": base64(der)})).collect();
            json!({"certificates": certificates})
        };
        let ct_log = &self.authority.ct_log;
        json!({
            "certificateAuthorities": [{
                "certChain": chain(&[&self.authority.intermediate, &self.authority.root]),
                "subject": {"commonName": "root", "organization": format!("{} authority", self.label)},
                "uri": format!("https://fulcio.{}.example", self.label),
                "validFor": window,
            }],
            "ctlogs": [{
                "baseUrl": format!("https://ctfe.{}.example", self.label),
                "hashAlgorithm": "SHA2_256",
                "logId": {"keyId": base64(&sha256(&ct_log.spki_der()))},
                "publicKey": {
                    "keyDetails": ct_log.sigstore_details(),
                    "rawBytes": base64(&ct_log.spki_der()),
                    "validFor": window,
                },
            }],
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "timestampAuthorities": [{
                "certChain": chain(&[&self.tsa.leaf, &self.tsa.root]),
                "subject": {"commonName": "root", "organization": format!("{} time stamping", self.label)},
                "uri": format!("https://tsa.{}.example", self.label),
                "validFor": window,
            }],
            "tlogs": [self.rekor_v1.trusted(FROM), self.rekor_v2.trusted(FROM)],
        })
    }

    /// The trusted root as a file.
    #[must_use]
    pub fn trusted_root_json(&self) -> String {
        text(&self.trusted_root())
    }

    /// The trusted root of an instance without public logs, as GitHub runs for private repositories: authority and time
    /// stamping alone. Sign for it with [`Signing::private`].
    #[must_use]
    pub fn private_trusted_root(&self) -> Value {
        let mut root = self.trusted_root();
        root["ctlogs"] = json!([]);
        root["tlogs"] = json!([]);
        root
    }
}
