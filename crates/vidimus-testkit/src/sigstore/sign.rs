//! How a bundle comes to be, honestly or not.

use serde_json::{Map, Value, json};

use super::entry::{self, Content, Kind, Verifier};
use super::log::{Log, Tree};
use super::{AT, Bundle, Identity, Sct, Tsa, World};
use crate::dsse::IN_TOTO;
use crate::encode::{base64, digest_hex, sha256};
use crate::key::Key;
use crate::statement::Statement;

/// A signature to be. Change its fields or chain its methods, then end with [`message`](Self::message),
/// [`statement`](Self::statement) or [`sign`](Self::sign).
#[derive(Clone, Debug)]
pub struct Signing<'w> {
    world: &'w World,
    identity: Option<Identity>,
    /// The key that signs; of a keyless signature, the short-lived one.
    pub key: Key,
    /// Bundle version `0.N`.
    pub version: u8,
    /// When, in Unix seconds: what log and time stamping say, unless told otherwise.
    pub at: i64,
    /// Validity of the certificate, in seconds before and after `at`.
    pub window: (i64, i64),
    /// Where it is logged.
    pub logged: Logged,
    /// As what; left to choose, `hashedrekord`, and `dsse` for envelopes in Rekor v1.
    pub kind: Option<Kind>,
    /// The digest by which a `hashedrekord` of Rekor v1 names the file.
    pub recorded_by: &'static str,
    /// Does a Rekor v1 entry carry the log's promise (SET)?
    pub promise: bool,
    /// Does the entry carry an inclusion proof with checkpoint?
    pub proof: bool,
    /// Is there an RFC 3161 timestamp?
    pub timestamp: bool,
    /// Rekor v1's integrated time, where it is not `at`.
    pub integrated_at: Option<i64>,
    /// The timestamp's time, where it is not `at`.
    pub stamped_at: Option<i64>,
    /// Who cosigns the log's checkpoint (C2SP tlog-cosignature), with Ed25519 keys, and when if not at `at`.
    pub witnesses: Vec<(Key, Option<i64>)>,
    /// Who else stamps the signature: authority, time, and whether it is this signature that is stamped.
    pub stamps: Vec<(Tsa, i64, bool)>,
    /// What is wrong with it.
    pub tampers: Vec<Tamper>,
}

/// Where a signature is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logged {
    /// In the log of Rekor v1's kind.
    V1,
    /// In the log of Rekor v2's kind, which proves no time.
    V2,
    /// Nowhere.
    Nowhere,
}

/// One thing that is wrong with a bundle. The rest is genuine, so that nothing else can be why it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tamper {
    /// The certificate was never logged.
    MissingSct,
    /// Another key speaks in the certificate log's name.
    ForgedSct,
    /// A log that the root does not know logged the certificate.
    ForeignSct,
    /// An authority that the root does not know issued the certificate.
    ForeignAuthority,
    /// Another key than the certificate's (or the managed one) signed.
    OtherKey,
    /// The signature is a genuine one of other content.
    OtherContent,
    /// A log that the root does not know holds the entry.
    ForeignLog,
    /// The entry is a genuine one of another signature by the same key (T10).
    OtherEntry,
    /// One hash of the inclusion proof is wrong.
    WrongProof,
    /// Another key signed the checkpoint in the log's name.
    ForgedCheckpoint,
    /// The checkpoint is a genuine one of another tree.
    OtherCheckpoint,
    /// Another key signed the promise.
    ForgedPromise,
    /// A time-stamping authority that the root does not know stamped the signature.
    ForeignTimestamp,
    /// The timestamp is a genuine one of another signature.
    OtherTimestamp,
}

impl Tamper {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::MissingSct,
        Self::ForgedSct,
        Self::ForeignSct,
        Self::ForeignAuthority,
        Self::OtherKey,
        Self::OtherContent,
        Self::ForeignLog,
        Self::OtherEntry,
        Self::WrongProof,
        Self::ForgedCheckpoint,
        Self::OtherCheckpoint,
        Self::ForgedPromise,
        Self::ForeignTimestamp,
        Self::OtherTimestamp,
    ];
}

impl<'w> Signing<'w> {
    pub(super) fn keyless(world: &'w World, identity: Identity) -> Self {
        let key = Key::p256(&format!("{}/leaf/{:?}", world.label, identity.san));
        Self { identity: Some(identity), ..Self::managed(world, key) }
    }

    pub(super) const fn managed(world: &'w World, key: Key) -> Self {
        Self {
            world,
            identity: None,
            key,
            version: 3,
            at: AT,
            window: (5, 595),
            logged: Logged::V1,
            kind: None,
            recorded_by: "sha256",
            promise: true,
            proof: true,
            timestamp: false,
            integrated_at: None,
            stamped_at: None,
            witnesses: Vec::new(),
            stamps: Vec::new(),
            tampers: Vec::new(),
        }
    }

    /// As bundle v0.`minor`.
    #[must_use]
    pub const fn version(mut self, minor: u8) -> Self {
        self.version = minor;
        self
    }

    /// At that Unix time.
    #[must_use]
    pub const fn at(mut self, at: i64) -> Self {
        self.at = at;
        self
    }

    /// With a certificate that is valid from `before` seconds before `at` until `after` seconds after it.
    #[must_use]
    pub const fn window(mut self, before: i64, after: i64) -> Self {
        self.window = (before, after);
        self
    }

    /// With that key in the certificate.
    #[must_use]
    pub fn key(mut self, key: &Key) -> Self {
        self.key = key.clone();
        self
    }

    /// In Rekor v2, with a timestamp.
    #[must_use]
    pub const fn v2(mut self) -> Self {
        self.logged = Logged::V2;
        self.timestamp = true;
        self
    }

    /// In no log at all and with a timestamp and no SCT: for [`World::private_trusted_root`].
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.logged = Logged::Nowhere;
        self.timestamp = true;
        self
    }

    /// As a log entry of that kind.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// As an entry of Rekor v1 that names the file by that digest.
    #[must_use]
    pub const fn recorded_by(mut self, algorithm: &'static str) -> Self {
        self.recorded_by = algorithm;
        self
    }

    /// With or without Rekor v1's promise.
    #[must_use]
    pub const fn promise(mut self, promise: bool) -> Self {
        self.promise = promise;
        self
    }

    /// With or without an inclusion proof.
    #[must_use]
    pub const fn proof(mut self, proof: bool) -> Self {
        self.proof = proof;
        self
    }

    /// With or without an RFC 3161 timestamp.
    #[must_use]
    pub const fn timestamp(mut self, timestamp: bool) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// With that integrated time.
    #[must_use]
    pub const fn integrated_at(mut self, at: i64) -> Self {
        self.integrated_at = Some(at);
        self
    }

    /// With that time in the timestamp.
    #[must_use]
    pub const fn stamped_at(mut self, at: i64) -> Self {
        self.stamped_at = Some(at);
        self
    }

    /// With a checkpoint that a witness with that Ed25519 key cosigned.
    #[must_use]
    pub fn witness(mut self, key: &Key) -> Self {
        self.witnesses.push((key.clone(), None));
        self
    }

    /// The same, by a witness that states that time.
    #[must_use]
    pub fn witness_at(mut self, key: &Key, at: i64) -> Self {
        self.witnesses.push((key.clone(), Some(at)));
        self
    }

    /// With a timestamp of another authority than the world's own, at that time.
    #[must_use]
    pub fn stamped_by(mut self, tsa: &Tsa, at: i64) -> Self {
        self.stamps.push((tsa.clone(), at, true));
        self
    }

    /// With a timestamp of that authority that is over something else.
    #[must_use]
    pub fn stamped_wrongly_by(mut self, tsa: &Tsa, at: i64) -> Self {
        self.stamps.push((tsa.clone(), at, false));
        self
    }

    /// With that wrong.
    #[must_use]
    pub fn tamper(mut self, tamper: Tamper) -> Self {
        self.tampers.push(tamper);
        self
    }

    /// Can `tamper` go wrong with this signature at all?
    #[must_use]
    pub fn can(&self, tamper: Tamper) -> bool {
        let logged = self.logged != Logged::Nowhere;
        match tamper {
            Tamper::MissingSct | Tamper::ForgedSct | Tamper::ForeignSct => self.identity.is_some() && logged,
            Tamper::ForeignAuthority => self.identity.is_some(),
            Tamper::OtherKey | Tamper::OtherContent => true,
            Tamper::ForeignLog | Tamper::OtherEntry => logged && (self.proof || self.promise),
            Tamper::WrongProof | Tamper::ForgedCheckpoint | Tamper::OtherCheckpoint => logged && self.proof,
            Tamper::ForgedPromise => self.logged == Logged::V1 && self.promise,
            Tamper::ForeignTimestamp | Tamper::OtherTimestamp => self.timestamp,
        }
    }

    /// Signs a file.
    #[must_use]
    pub fn message(&self, bytes: &[u8]) -> Bundle {
        self.sign(&Content::Message(bytes.to_vec()))
    }

    /// Signs a statement.
    #[must_use]
    pub fn statement(&self, statement: &Statement) -> Bundle {
        self.sign(&Content::Dsse(IN_TOTO.to_owned(), statement.bytes()))
    }

    /// Signs that.
    #[must_use]
    pub fn sign(&self, content: &Content) -> Bundle {
        for tamper in &self.tampers {
            assert!(self.can(*tamper), "{tamper:?} cannot go wrong here");
        }
        let verifier = self.verifier();
        let signer = if self.has(Tamper::OtherKey) { self.other_key() } else { self.key.clone() };
        let other = other_content(content);
        let signed = if self.has(Tamper::OtherContent) { &other } else { content };
        let signature = signer.sign(&signed.signed());

        let mut material = self.material(&verifier);
        if self.logged != Logged::Nowhere {
            let entry = if self.has(Tamper::OtherEntry) {
                self.entry(&other, &signer.sign(&other.signed()), &verifier)
            } else {
                self.entry(content, &signature, &verifier)
            };
            material.insert("tlogEntries".to_owned(), json!([entry]));
        }
        let own = self.timestamp.then(|| self.stamp(&signature));
        let others =
            self.stamps.iter().map(|(tsa, at, good)| tsa.stamp(if *good { &signature } else { b"other" }, *at));
        let stamps = own.into_iter().chain(others).map(|token| json!({"signedTimestamp": base64(&token)}));
        let stamps: Vec<Value> = stamps.collect();
        if !stamps.is_empty() {
            material.insert("timestampVerificationData".to_owned(), json!({"rfc3161Timestamps": stamps}));
        }
        let (member, body) = match content {
            Content::Message(bytes) => ("messageSignature", message(&self.key, bytes, &signature)),
            Content::Dsse(payload_type, payload) => {
                ("dsseEnvelope", entry::envelope(payload_type, payload, &signature))
            }
        };
        let media_type = match self.version {
            3 => "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
            minor => format!("application/vnd.dev.sigstore.bundle+json;version=0.{minor}"),
        };
        Bundle { json: json!({member: body, "mediaType": media_type, "verificationMaterial": material}) }
    }

    fn has(&self, tamper: Tamper) -> bool {
        self.tampers.contains(&tamper)
    }

    fn other_key(&self) -> Key {
        Key::p256(&format!("not-{}", self.key.label()))
    }

    fn verifier(&self) -> Verifier {
        let Some(identity) = &self.identity else { return Verifier::Key(self.key.spki_der()) };
        let other = self.other_key();
        let sct = match self {
            _ if self.logged == Logged::Nowhere || self.has(Tamper::MissingSct) => Sct::Missing,
            _ if self.has(Tamper::ForgedSct) => Sct::Forged(&other),
            _ if self.has(Tamper::ForeignSct) => Sct::Foreign(&other),
            _ => Sct::Good,
        };
        let window = (self.at - self.window.0, self.at + self.window.1);
        let mut authority = self.world.authority.clone();
        if self.has(Tamper::ForeignAuthority) {
            authority = self.world.foreign().authority;
            authority.ct_log = self.world.authority.ct_log.clone();
        }
        Verifier::Certificate(authority.leaf(identity, &self.key, window, sct))
    }

    fn material(&self, verifier: &Verifier) -> Map<String, Value> {
        let raw = |der: &[u8]| json!({"rawBytes": base64(der)});
        let (member, value) = match verifier {
            Verifier::Key(spki) => ("publicKey", json!({"hint": base64(&sha256(spki))})),
            Verifier::Certificate(leaf) if self.version >= 3 => ("certificate", raw(leaf)),
            Verifier::Certificate(leaf) => {
                let chain = json!({"certificates": [raw(leaf), raw(&self.world.authority.intermediate)]});
                ("x509CertificateChain", chain)
            }
        };
        Map::from_iter([(member.to_owned(), value)])
    }

    fn entry(&self, content: &Content, signature: &[u8], verifier: &Verifier) -> Value {
        let world = if self.has(Tamper::ForeignLog) { &self.world.foreign() } else { self.world };
        let is_v1 = self.logged == Logged::V1;
        let log: &Log = if is_v1 { &world.rekor_v1 } else { &world.rekor_v2 };
        let kind = self.kind.unwrap_or(match content {
            Content::Dsse(..) if is_v1 => Kind::Dsse,
            _ => Kind::Hashedrekord,
        });
        let (version, body) = if is_v1 {
            entry::v1(kind, content, signature, verifier, self.recorded_by)
        } else {
            entry::v2(kind, content, signature, verifier, self.key.sigstore_details())
        };
        let tree = log.tree(body.as_bytes());
        let index = log.offset + tree.index;
        let mut out = json!({
            "canonicalizedBody": base64(body.as_bytes()),
            "kindVersion": {"kind": kind.name(), "version": version},
            "logId": {"keyId": base64(&log.id())},
            "logIndex": index.to_string(),
        });
        if is_v1 {
            let at = self.integrated_at.unwrap_or(self.at);
            out["integratedTime"] = at.to_string().into();
            if self.promise {
                let promise = log.promise(&body, index, at, &self.log_key(log, Tamper::ForgedPromise));
                out["inclusionPromise"] = json!({"signedEntryTimestamp": base64(&promise)});
            }
        }
        if self.proof {
            out["inclusionProof"] = self.inclusion(log, &tree);
        }
        out
    }

    fn inclusion(&self, log: &Log, tree: &Tree) -> Value {
        let other = log.tree(b"another entry");
        let vouched = if self.has(Tamper::OtherCheckpoint) { &other } else { tree };
        let key = self.log_key(log, Tamper::ForgedCheckpoint);
        let mut path = tree.path.clone();
        if self.has(Tamper::WrongProof) {
            path[0][0] ^= 1;
        }
        json!({
            "checkpoint": {"envelope": log.checkpoint(vouched, &key, &self.witnesses, self.at)},
            "hashes": path.iter().map(|hash| base64(hash)).collect::<Vec<_>>(),
            "logIndex": tree.index.to_string(),
            "rootHash": base64(&tree.root),
            "treeSize": tree.size.to_string(),
        })
    }

    /// The log's key, or with `tamper` another one of its kind.
    fn log_key(&self, log: &Log, tamper: Tamper) -> Key {
        let label = format!("not-{}", log.name);
        match (self.has(tamper), log.key.is_ed25519()) {
            (false, _) => log.key.clone(),
            (true, false) => Key::p256(&label),
            (true, true) => Key::ed25519(&label),
        }
    }

    fn stamp(&self, signature: &[u8]) -> Vec<u8> {
        let tsa = if self.has(Tamper::ForeignTimestamp) { &self.world.foreign().tsa } else { &self.world.tsa };
        let message = if self.has(Tamper::OtherTimestamp) { b"another signature" } else { signature };
        tsa.stamp(message, self.stamped_at.unwrap_or(self.at))
    }
}

fn message(key: &Key, bytes: &[u8], signature: &[u8]) -> Value {
    let hash = key.hash_name();
    let digest = hex::decode(digest_hex(hash, bytes)).unwrap();
    let algorithm = format!("SHA2_{}", &hash[3..]);
    json!({"messageDigest": {"algorithm": algorithm, "digest": base64(&digest)}, "signature": base64(signature)})
}

/// Something of the same kind that is not the same.
fn other_content(content: &Content) -> Content {
    match content {
        Content::Message(bytes) => Content::Message([bytes.as_slice(), b"\n"].concat()),
        Content::Dsse(payload_type, payload) => {
            Content::Dsse(payload_type.clone(), [payload.as_slice(), b"\n"].concat())
        }
    }
}
