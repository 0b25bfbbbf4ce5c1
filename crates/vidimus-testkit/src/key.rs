//! Signing keys from labels, with deterministic signatures only.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::asn1::{null, oid, seq};
use crate::encode::{base64, pem, sha256};
use crate::rng::Seed;

/// A key pair.
#[derive(Clone)]
pub struct Key {
    label: String,
    kind: Kind,
    raw: OnceLock<Vec<u8>>,
}

#[derive(Clone)]
enum Kind {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa { key: Box<RsaPrivateKey>, hash: Hash, pss: bool },
}

/// The hash that an RSA key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Key {
    /// Ed25519.
    #[must_use]
    pub fn ed25519(label: &str) -> Self {
        let secret: [u8; 32] = seed(label, "ed25519").bytes(32).try_into().unwrap();
        Self::new(label, Kind::Ed25519(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }

    /// ECDSA P-256 with SHA-256.
    #[must_use]
    pub fn p256(label: &str) -> Self {
        Self::new(label, Kind::P256(p256::ecdsa::SigningKey::random(&mut seed(label, "p256"))))
    }

    /// ECDSA P-384 with SHA-384.
    #[must_use]
    pub fn p384(label: &str) -> Self {
        Self::new(label, Kind::P384(p384::ecdsa::SigningKey::random(&mut seed(label, "p384"))))
    }

    /// RSA, PKCS#1 v1.5 with SHA-256; see [`pss`](Self::pss) and [`hash`](Self::hash).
    #[must_use]
    pub fn rsa(label: &str, bits: usize) -> Self {
        // Looking for primes is slow, and tests ask for the same key again and again.
        static MADE: OnceLock<Mutex<BTreeMap<(String, usize), RsaPrivateKey>>> = OnceLock::new();
        let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
        let key = made.entry((label.to_owned(), bits)).or_insert_with(|| {
            RsaPrivateKey::new(&mut seed(label, &format!("rsa-{bits}")), bits).expect("an RSA key of that length")
        });
        Self::new(label, Kind::Rsa { key: Box::new(key.clone()), hash: Hash::Sha256, pss: false })
    }

    fn new(label: &str, kind: Kind) -> Self {
        Self { label: label.to_owned(), kind, raw: OnceLock::new() }
    }

    /// An RSA key that signs with PSS; the salt has the hash's length and depends on the message alone.
    #[must_use]
    pub fn pss(mut self) -> Self {
        let Kind::Rsa { pss, .. } = &mut self.kind else { panic!("only RSA keys have a padding") };
        *pss = true;
        self
    }

    /// An RSA key that signs with `wanted`.
    #[must_use]
    pub fn hash(mut self, wanted: Hash) -> Self {
        let Kind::Rsa { hash, .. } = &mut self.kind else { panic!("only RSA keys have a choice of hash") };
        *hash = wanted;
        self
    }

    /// The label that the key was made from.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// `keyid` of this crate's envelopes: the SHA-256 of the SPKI.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(sha256(&self.spki_der()))
    }

    /// The public key as DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(key) => [hex_bytes(ED25519_SPKI), key.verifying_key().to_bytes().to_vec()].concat(),
            Kind::P256(key) => key.verifying_key().to_public_key_der().unwrap().into_vec(),
            Kind::P384(key) => key.verifying_key().to_public_key_der().unwrap().into_vec(),
            Kind::Rsa { key, .. } => key.to_public_key().to_public_key_der().unwrap().into_vec(),
        }
    }

    /// The public key as PEM.
    #[must_use]
    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki_der())
    }

    /// The 32 bytes of an Ed25519 key, or the point of an ECDSA key: the end of its SPKI.
    #[must_use]
    pub fn raw_public(&self) -> &[u8] {
        self.raw.get_or_init(|| match &self.kind {
            Kind::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Kind::P256(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Kind::P384(key) => key.verifying_key().to_encoded_point(false).as_bytes().to_vec(),
            Kind::Rsa { .. } => Vec::new(),
        })
    }

    /// Modulus and exponent of an RSA key, big-endian.
    #[must_use]
    pub fn rsa_parts(&self) -> (Vec<u8>, Vec<u8>) {
        let Kind::Rsa { key, .. } = &self.kind else { panic!("only RSA keys have a modulus") };
        (key.n().to_bytes_be(), key.e().to_bytes_be())
    }

    /// The private key as DER PKCS#8.
    #[must_use]
    pub fn private_pkcs8_der(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(key) => [hex_bytes("302e020100300506032b657004220420"), key.to_bytes().to_vec()].concat(),
            Kind::P256(key) => key.to_pkcs8_der().unwrap().as_bytes().to_vec(),
            Kind::P384(key) => key.to_pkcs8_der().unwrap().as_bytes().to_vec(),
            Kind::Rsa { key, .. } => key.to_pkcs8_der().unwrap().as_bytes().to_vec(),
        }
    }

    /// The private key as PEM PKCS#8.
    #[must_use]
    pub fn private_pkcs8_pem(&self) -> String {
        pem("PRIVATE KEY", &self.private_pkcs8_der())
    }

    /// Signs `message`. ECDSA signatures are DER.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Kind::P256(_) => self.sign_prehash(&Sha256::digest(message)),
            Kind::P384(_) => self.sign_prehash(&Sha384::digest(message)),
            Kind::Rsa { hash, .. } => self.sign_prehash(&match hash {
                Hash::Sha256 => Sha256::digest(message).to_vec(),
                Hash::Sha384 => Sha384::digest(message).to_vec(),
                Hash::Sha512 => Sha512::digest(message).to_vec(),
            }),
        }
    }

    /// Signs a digest that was computed already; Ed25519 cannot.
    #[must_use]
    pub fn sign_prehash(&self, digest: &[u8]) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(_) => panic!("Ed25519 signs messages, not digests"),
            Kind::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(digest).expect("a digest of 32 bytes");
                signature.to_der().as_bytes().to_vec()
            }
            Kind::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign_prehash(digest).expect("a digest of 48 bytes");
                signature.to_der().as_bytes().to_vec()
            }
            Kind::Rsa { key, hash, pss: false } => {
                let padding = match hash {
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                key.sign(padding, digest).expect("a digest of the hash's length")
            }
            Kind::Rsa { key, hash, pss: true } => {
                let padding = match hash {
                    Hash::Sha256 => Pss::new::<Sha256>(),
                    Hash::Sha384 => Pss::new::<Sha384>(),
                    Hash::Sha512 => Pss::new::<Sha512>(),
                };
                let mut salt = seed(&self.label, &hex::encode(digest));
                key.sign_with_rng(&mut salt, padding, digest).expect("a digest of the hash's length")
            }
        }
    }

    /// The other valid form (r, n − s) of an ECDSA P-256 signature: same meaning, other bytes.
    #[must_use]
    pub fn malleate(&self, signature: &[u8]) -> Vec<u8> {
        let Kind::P256(_) = &self.kind else { panic!("only P-256 signatures are turned around") };
        let signature = p256::ecdsa::Signature::from_der(signature).expect("a DER signature");
        let (r, s) = signature.split_scalars();
        p256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_der().as_bytes().to_vec()
    }

    /// The AlgorithmIdentifier of its signatures in certificates, DER.
    #[must_use]
    pub fn signature_algorithm(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(_) => seq(&[oid("1.3.101.112")]),
            Kind::P256(_) => seq(&[oid("1.2.840.10045.4.3.2")]),
            Kind::P384(_) => seq(&[oid("1.2.840.10045.4.3.3")]),
            Kind::Rsa { hash: Hash::Sha256, pss: false, .. } => seq(&[oid("1.2.840.113549.1.1.11"), null()]),
            Kind::Rsa { .. } => panic!("certificates are signed with RSA only as PKCS#1 v1.5 with SHA-256"),
        }
    }

    /// `keyDetails` of a Sigstore trusted root.
    #[must_use]
    pub fn sigstore_details(&self) -> &'static str {
        match &self.kind {
            Kind::Ed25519(_) => "PKIX_ED25519",
            Kind::P256(_) => "PKIX_ECDSA_P256_SHA_256",
            Kind::P384(_) => "PKIX_ECDSA_P384_SHA_384",
            Kind::Rsa { pss: false, .. } => "PKIX_RSA_PKCS1V15_2048_SHA256",
            Kind::Rsa { pss: true, .. } => "PKIX_RSA_PSS_2048_SHA256",
        }
    }

    /// The DigestSet name of the hash that `sign` uses; Ed25519 is given sha256, which its users put beside it.
    #[must_use]
    pub const fn hash_name(&self) -> &'static str {
        match &self.kind {
            Kind::Ed25519(_) | Kind::P256(_) | Kind::Rsa { hash: Hash::Sha256, .. } => "sha256",
            Kind::P384(_) | Kind::Rsa { hash: Hash::Sha384, .. } => "sha384",
            Kind::Rsa { hash: Hash::Sha512, .. } => "sha512",
        }
    }

    /// The digest that CMS has with this key; with Ed25519, SHA-512 (RFC 8419).
    #[must_use]
    pub const fn cms_hash(&self) -> &'static str {
        if self.is_ed25519() { "sha512" } else { self.hash_name() }
    }

    /// Is it an Ed25519 key?
    #[must_use]
    pub const fn is_ed25519(&self) -> bool {
        matches!(self.kind, Kind::Ed25519(_))
    }

    /// `sign` in base64: the content of a detached signature file of cosign's kind.
    #[must_use]
    pub fn sign_base64(&self, message: &[u8]) -> String {
        base64(&self.sign(message))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.label)
    }
}

/// The SPKI of an Ed25519 key of small order, and the signature that careless verifiers accept under it for every message.
#[must_use]
pub fn small_order_ed25519() -> (Vec<u8>, Vec<u8>) {
    let neutral: Vec<u8> = [&[1][..], &[0; 31]].concat();
    ([hex_bytes(ED25519_SPKI), neutral.clone()].concat(), [neutral, vec![0; 32]].concat())
}

/// RFC 8410: what stands before the 32 bytes of a public key.
const ED25519_SPKI: &str = "302a300506032b6570032100";

fn seed(label: &str, purpose: &str) -> Seed {
    Seed::new(&format!("key/{purpose}/{label}"))
}

fn hex_bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

#[cfg(test)]
mod tests {
    use sigstore_verify::crypto::{SigningScheme, verify_signature};
    use sigstore_verify::types::{DerPublicKey, SignatureBytes};

    use super::*;

    #[test]
    fn signatures_verify_and_are_pinned() {
        for (key, scheme, digest) in [
            (
                Key::ed25519("a"),
                SigningScheme::Ed25519,
                "2fdf7b262b0d4f8e3e8f5b9636fb9f75e3f63ce1e5ce69893db763dc1c0078f7",
            ),
            (
                Key::p256("a"),
                SigningScheme::EcdsaP256Sha256,
                "43c5f317946f214a9be3f4ba8dc1bc196e51003321ca421f0e9a1661c8d1814d",
            ),
            (
                Key::p384("a"),
                SigningScheme::EcdsaP384Sha384,
                "bfb836ae929de8befbc3db5ba4c9f744ac59f9a162af2b0b09862110b10bb1f8",
            ),
            (
                Key::rsa("a", 2048),
                SigningScheme::RsaPkcs1Sha256,
                "9e741bf369df353a67e69e3d2d2ad29260af26539101b19aa8ce62482ebe4dfb",
            ),
            (
                Key::rsa("a", 2048).hash(Hash::Sha512),
                SigningScheme::RsaPkcs1Sha512,
                "7aa377a1e783e48c23d35acf7c7a730ae6e2e6d980b503638478733a64585dd1",
            ),
            (
                Key::rsa("a", 2048).pss(),
                SigningScheme::RsaPssSha256,
                "0bd70d2c6089fddc53a91e5233a9b4ca3fde9ac5236a08be37080c95d4ffcad9",
            ),
        ] {
            let public = DerPublicKey::new(key.spki_der());
            let signature = key.sign(b"message");
            assert_eq!(hex::encode(sha256(&signature)), digest, "{scheme:?}");
            let verify = |message: &[u8]| {
                verify_signature(&public, message, &SignatureBytes::new(signature.clone()), scheme).is_ok()
            };
            assert!(verify(b"message"), "{scheme:?}");
            assert!(!verify(b"massage"), "{scheme:?}");
        }
    }

    #[test]
    fn a_turned_signature_still_verifies() {
        let key = Key::p256("a");
        let signature = key.sign(b"message");
        let turned = key.malleate(&signature);
        assert_ne!(signature, turned);
        let public = DerPublicKey::new(key.spki_der());
        verify_signature(&public, b"message", &SignatureBytes::new(turned), SigningScheme::EcdsaP256Sha256).unwrap();
    }

    #[test]
    fn a_key_of_small_order_signs_everything() {
        let (spki, signature) = small_order_ed25519();
        let public = DerPublicKey::new(spki);
        for message in [b"one".as_slice(), b"two"] {
            let signature = SignatureBytes::new(signature.clone());
            verify_signature(&public, message, &signature, SigningScheme::Ed25519).unwrap();
        }
    }

    #[test]
    fn private_keys_are_pkcs8() {
        use p256::pkcs8::DecodePrivateKey as _;
        let key = Key::p256("a");
        let read = p256::ecdsa::SigningKey::from_pkcs8_der(&key.private_pkcs8_der()).unwrap();
        assert_eq!(read.verifying_key().to_public_key_der().unwrap().as_bytes(), key.spki_der());
        let pair =
            ed25519_dalek::SigningKey::from_bytes(Key::ed25519("a").private_pkcs8_der()[16..].try_into().unwrap());
        assert_eq!(pair.verifying_key().as_bytes().as_slice(), &Key::ed25519("a").spki_der()[12..]);
    }
}
