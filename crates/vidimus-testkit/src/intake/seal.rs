//! The keys of all parties, the policy that trusts them, and how statements are signed: stamped by two authorities, logged, and
//! cosigned by witnesses in four countries.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::dsse::{IN_TOTO, with_signatures};
use crate::encode::{base64, json as text, pem};
use crate::pki::{Holder, Pki};
use crate::sigstore::{Content, FROM, Identity, Signing, TO, Tamper, Tsa, World, witness_vkey};
use crate::statement::Statement;
use crate::{Key, PolicyFolder};

/// 2026-11-20T09:00:00Z.
pub const SIGNED: i64 = 1_795_165_200;

const KEYS: [&str; 17] = [
    "aurora-release-2026",
    "aurora-release-2024",
    "aurora-scs",
    "borealis-ci",
    "cathaya-release",
    "cathaya-ci",
    "dunite-release",
    "lab-nord-vsa",
    "lab-fjord-vsa",
    "lab-iberia-vsa",
    "lab-kanto-vsa",
    "cb-rhein-cert",
    "cb-andes-cert",
    "reb-delta-key",
    "reb-paulista-key",
    "nordlys-psirt",
    "debian-archive",
];
const WITNESSES: [&str; 5] = ["wit-no", "wit-de", "wit-jp", "wit-br", "wit-za"];
const AUTHORITIES: [&str; 2] = ["tsa-alp", "tsa-baltic"];

static SHARED: LazyLock<World> = LazyLock::new(|| World::new("shared"));
static AURORA: LazyLock<World> = LazyLock::new(|| World::new("aurora-sigstore"));
static BOREALIS: LazyLock<Pki> = LazyLock::new(|| Pki::new("borealis"));
static STAMPING: LazyLock<Vec<Tsa>> =
    LazyLock::new(|| AUTHORITIES.iter().map(|label| Tsa::new(label, FROM, TO)).collect());

/// How a statement is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// When.
    pub at: i64,
    /// So many witnesses cosigned the checkpoint.
    pub witnesses: usize,
    /// So many authorities stamped the signature.
    pub stamps: usize,
    /// What is wrong with it.
    pub tamper: Option<Tamper>,
}

impl Default for Seal {
    fn default() -> Self {
        Self { at: SIGNED, witnesses: 4, stamps: 2, tamper: None }
    }
}

fn key(name: &str) -> Key {
    match name {
        "dunite-release" | "reb-delta-key" | "reb-paulista-key" => Key::ed25519(name),
        "cb-rhein-cert" => Key::p384(name),
        _ => Key::p256(name),
    }
}

/// The policy, with everything that it names.
#[must_use]
pub fn policy() -> PolicyFolder {
    let folder = PolicyFolder::new(include_str!("policy.toml"))
        .trust("aurora-sigstore", &AURORA.trusted_root())
        .file("trust/borealis-root-ca.pem", pem("CERTIFICATE", &BOREALIS.root))
        .file("trust/shared-log.vkey", SHARED.rekor_v2.vkey());
    let folder = AUTHORITIES
        .iter()
        .zip(STAMPING.iter())
        .fold(folder, |folder, (name, tsa)| folder.file(&format!("trust/{name}.pem"), pem("CERTIFICATE", &tsa.root)));
    let folder = KEYS.iter().fold(folder, |folder, name| with_key(folder, name));
    WITNESSES
        .iter()
        .fold(folder, |folder, name| folder.file(&format!("trust/{name}.vkey"), witness_vkey(&Key::ed25519(name))))
}

/// With the public key of that signer.
pub(super) fn with_key(folder: PolicyFolder, name: &str) -> PolicyFolder {
    folder.key(name, &key(name))
}

/// A statement in a bundle, as that identity of the policy signs it.
#[must_use]
pub fn signed(statement: &Statement, by: &str) -> Vec<u8> {
    signed_as(&statement.bytes(), by, Seal::default())
}

/// The same for a payload that may be no statement, sealed in that way.
#[must_use]
pub fn signed_as(payload: &[u8], by: &str, seal: Seal) -> Vec<u8> {
    let content = Content::Dsse(IN_TOTO.to_owned(), payload.to_vec());
    match by {
        "borealis-release" => certified(payload, seal),
        "aurora-ci" => {
            let pipeline = "https://ci.aurora.example/5gc/.pipelines/release.yml@refs/heads/release";
            let identity = Identity::uri(pipeline, "https://idp.aurora.example");
            sealed(AURORA.keyless(&identity), seal).sign(&content).bytes()
        }
        _ => sealed(SHARED.managed(&key(by)), seal).timestamp(false).sign(&content).bytes(),
    }
}

fn sealed(signing: Signing<'_>, seal: Seal) -> Signing<'_> {
    let signing = signing.v2().at(seal.at);
    let witnesses = WITNESSES.iter().take(seal.witnesses);
    let signing = witnesses.fold(signing, |signing, name| signing.witness(&Key::ed25519(name)));
    let signing = seal.tamper.into_iter().fold(signing, Signing::tamper);
    (0..)
        .zip(STAMPING.iter().take(seal.stamps))
        .fold(signing, |signing, (n, tsa)| signing.stamped_by(tsa, seal.at + 2 * n))
}

/// Borealis has certificates of an authority of its own and logs nothing.
fn certified(payload: &[u8], seal: Seal) -> Vec<u8> {
    let holder = borealis();
    let signature = holder.key.sign(&Content::Dsse(IN_TOTO.to_owned(), payload.to_vec()).signed());
    let raw = |der: &[u8]| json!({"rawBytes": base64(der)});
    let tokens = (0..).zip(STAMPING.iter().take(seal.stamps)).map(|(n, tsa)| tsa.stamp(&signature, seal.at + 2 * n));
    let tokens: Vec<Value> = tokens.map(|token| json!({"signedTimestamp": base64(&token)})).collect();
    text(&json!({
        "dsseEnvelope": with_signatures(IN_TOTO, payload, vec![json!({"sig": base64(&signature)})]),
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "timestampVerificationData": {"rfc3161Timestamps": tokens},
            "tlogEntries": [],
            "x509CertificateChain": {"certificates": [raw(&BOREALIS.issue(&holder)), raw(&BOREALIS.intermediate)]},
        },
    }))
    .into_bytes()
}

fn borealis() -> Holder {
    BOREALIS.holder("Borealis Radio Oy", "release", &key("borealis-release"))
}

/// Revocation lists of Borealis' authority: of its intermediate, with the release certificate revoked since then if it is, and of its
/// root.
pub(super) fn revocation_lists(revoked: Option<i64>, until: i64) -> [Vec<u8>; 2] {
    let (from, serial) = (SIGNED - 86_400, borealis().certificate.serial);
    let revoked: Vec<(Vec<u8>, i64, u8)> = revoked.into_iter().map(|since| (serial.clone(), since, 1)).collect();
    [BOREALIS.list(&revoked, from, until), BOREALIS.root_list(&[], from, until)]
}
