//! Transparency logs: Merkle trees, checkpoints, the entries of Rekor v1 and v2.

use serde_json::{Value, json};

use crate::asn1::rfc3339;
use crate::encode::{base64, json as text, sha256, sha256_hex};
use crate::key::Key;
use crate::rng::Seed;

/// A log.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its key: P-256 for Rekor v1, Ed25519 for v2.
    pub key: Key,
    /// Its name, and the name in its checkpoints' signatures.
    pub name: String,
    /// How many entries it held before its current tree began (Rekor v1 numbers entries across trees).
    pub offset: u64,
}

/// A tree around one entry.
pub(super) struct Tree {
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) root: [u8; 32],
    pub(super) path: Vec<[u8; 32]>,
}

impl Log {
    pub(super) fn v1(label: &str) -> Self {
        Self { key: Key::p256(&format!("{label}/rekor-v1")), name: format!("rekor.{label}.example"), offset: 4_163_431 }
    }

    pub(super) fn v2(label: &str) -> Self {
        Self { key: Key::ed25519(&format!("{label}/rekor-v2")), name: format!("log2025.{label}.example"), offset: 0 }
    }

    /// The log's id: SHA-256 of the key for v1; the untruncated key id of C2SP signed-note for v2.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        if self.key.is_ed25519() { note_id(&self.name, ED25519, &self.key) } else { sha256(&self.key.spki_der()) }
    }

    /// A tree that holds `leaf` among others; how many, and where, depends on the leaf alone.
    pub(super) fn tree(&self, leaf: &[u8]) -> Tree {
        let mut seed = Seed::new(&format!("tree/{}/{}", self.name, sha256_hex(leaf)));
        let size = 2 + seed.below(30);
        let index = seed.below(size);
        let leaves: Vec<[u8; 32]> =
            (0..size).map(|i| if i == index { leaf_hash(leaf) } else { leaf_hash(&seed.bytes(40)) }).collect();
        Tree { index: index as u64, size: size as u64, root: root(&leaves), path: path(&leaves, index) }
    }

    /// A checkpoint (C2SP tlog-checkpoint), signed by `signer` in the log's name and by witnesses in theirs.
    pub(super) fn checkpoint(&self, tree: &Tree, signer: &Key, witnesses: &[(Key, Option<i64>)], at: i64) -> String {
        let origin =
            if self.key.is_ed25519() { self.name.clone() } else { format!("{} - 2605736670972794746", self.name) };
        let body = format!("{origin}\n{}\n{}\n", tree.size, base64(&tree.root));
        let mut note = format!("{body}\n");
        let mut add = |name: &str, id: [u8; 32], signature: &[u8]| {
            note += &format!("\u{2014} {name} {}\n", base64(&[&id[..4], signature].concat()));
        };
        add(&self.name, self.id(), &signer.sign(body.as_bytes()));
        for (witness, own) in witnesses {
            let at = own.unwrap_or(at);
            let name = witness_name(witness);
            let cosigned = format!("cosignature/v1\ntime {at}\n{body}");
            let signature = [&(at as u64).to_be_bytes(), witness.sign(cosigned.as_bytes()).as_slice()].concat();
            add(&name, note_id(&name, COSIGNATURE_V1, witness), &signature);
        }
        note
    }

    /// Rekor v1's promise over an entry: the signed entry timestamp.
    pub(super) fn promise(&self, body: &str, index: u64, at: i64, signer: &Key) -> Vec<u8> {
        let signed = json!({
            "body": base64(body.as_bytes()),
            "integratedTime": at,
            "logID": hex::encode(self.id()),
            "logIndex": index,
        });
        signer.sign(text(&signed).as_bytes())
    }

    /// Its verifier key (C2SP signed-note), for logs with an Ed25519 key.
    #[must_use]
    pub fn vkey(&self) -> String {
        vkey(&self.name, ED25519, &self.key)
    }

    /// Its entry in a trusted root.
    #[must_use]
    pub fn trusted(&self, from: i64) -> Value {
        json!({
            "baseUrl": format!("https://{}", self.name),
            "hashAlgorithm": "SHA2_256",
            "logId": {"keyId": base64(&self.id())},
            "publicKey": {
                "keyDetails": self.key.sigstore_details(),
                "rawBytes": base64(&self.key.spki_der()),
                "validFor": {"start": rfc3339(from)},
            },
        })
    }
}

/// Signature types of C2SP signed-note.
const ED25519: u8 = 1;
const COSIGNATURE_V1: u8 = 4;

/// The verifier key of a witness with that Ed25519 key, as [`Signing::witness`](super::Signing::witness) has it.
#[must_use]
pub fn witness_vkey(key: &Key) -> String {
    vkey(&witness_name(key), COSIGNATURE_V1, key)
}

fn witness_name(key: &Key) -> String {
    format!("{}.witness.example", key.label())
}

fn vkey(name: &str, kind: u8, key: &Key) -> String {
    let spki = key.spki_der();
    let id = note_id(name, kind, key);
    format!("{name}+{}+{}", hex::encode(&id[..4]), base64(&[&[kind], &spki[spki.len() - 32..]].concat()))
}

/// The key id of C2SP signed-note, before it is cut to four bytes.
fn note_id(name: &str, kind: u8, key: &Key) -> [u8; 32] {
    let spki = key.spki_der();
    let raw = &spki[spki.len() - 32..];
    sha256(&[name.as_bytes(), b"\n", &[kind], raw].concat())
}

/// RFC 6962 2.1: the hash of a leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> [u8; 32] {
    sha256(&[&[0], leaf].concat())
}

fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1][..], left, right].concat())
}

/// The largest power of two below `n`.
const fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// RFC 6962 2.1: the root of a tree.
#[must_use]
pub fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// RFC 6962 2.1.1: the audit path of a leaf, nearest sibling first.
#[must_use]
pub fn path(leaves: &[[u8; 32]], index: usize) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, sibling) =
        if index < middle { (path(left, index), root(right)) } else { (path(right, index - middle), root(left)) };
    below.push(sibling);
    below
}
