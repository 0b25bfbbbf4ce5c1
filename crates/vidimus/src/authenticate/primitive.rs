//! The one table from signature algorithm to implementation. Everything that is verified anywhere ends here: evidence,
//! certificates, revocation lists, timestamp tokens, checkpoints, and what the Sigstore library verifies
//! ([`super::sigstore::provider`]).
//!
//! Ed25519 is verified strictly, because every faster back end accepts keys under which one signature "verifies" any message. It
//! is verified one by one: batches with random weights accept some signatures that single verification refuses, and would make
//! the answer depend on what else was delivered. ECDSA and RSA are `aws-lc-rs`, over the digest; high-S ECDSA is accepted (DESIGN
//! ruling 10).

use aws_lc_rs::digest as lc_digest;
use aws_lc_rs::signature as lc;
use sha2::{Digest as _, Sha256};

use super::keys::{SignatureAlgorithm, ed25519};
use super::memo::{Question, remembered};
use crate::digest::Algorithm;

/// What a signature comes down to. RSA keys have 2048 to 8192 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    /// ECDSA with a DER signature.
    Ecdsa(Curve, Algorithm),
    /// Pure Ed25519, strict.
    Ed25519,
    /// RSASSA-PSS; salt as long as the digest, MGF1 with the same hash.
    RsaPss(Algorithm),
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Algorithm),
}

/// The curve of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
}

/// Signed messages up to this length are looked up in the memo where the primitive signs no digest: hashing longer ones costs
/// as much as it saves.
const MEMO_BYTES: usize = 64 * 1024;

impl From<SignatureAlgorithm> for Primitive {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => Self::Ecdsa(Curve::P256, Algorithm::Sha256),
            SignatureAlgorithm::EcdsaP384Sha384 => Self::Ecdsa(Curve::P384, Algorithm::Sha384),
            SignatureAlgorithm::Ed25519 => Self::Ed25519,
            SignatureAlgorithm::RsaPss { hash, .. } => Self::RsaPss(hash),
            SignatureAlgorithm::RsaPkcs1 { hash, .. } => Self::RsaPkcs1(hash),
        }
    }
}

impl Primitive {
    /// Does `signature` verify over `message` under the content of a `subjectPublicKey`?
    pub(super) fn verifies(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let Some((hash, scheme)) = self.digested() else {
            let strict = || {
                let signature = ed25519_dalek::Signature::from_slice(signature);
                let key = ed25519(key);
                signature.is_ok_and(|signature| key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok()))
            };
            return if message.len() <= MEMO_BYTES {
                remembered(|| self.question(key, &Sha256::digest(message), signature), strict)
            } else {
                strict()
            };
        };
        self.over(scheme, key, &lc_digest::digest(hash, message), signature)
    }

    /// The same over a message of which only the digest is at hand; `false` where another digest or the message is needed.
    pub(super) fn verifies_digest(self, key: &[u8], algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> bool {
        let Some((hash, scheme)) = self.digested() else { return false };
        if self.hash() != Some(algorithm) {
            return false;
        }
        let Ok(digest) = lc_digest::Digest::import_less_safe(digest, hash) else { return false };
        self.over(scheme, key, &digest, signature)
    }

    /// The hash that is signed; `None` where the message itself is.
    pub(super) const fn hash(self) -> Option<Algorithm> {
        match self {
            Self::Ecdsa(_, hash) | Self::RsaPss(hash) | Self::RsaPkcs1(hash) => Some(hash),
            Self::Ed25519 => None,
        }
    }

    fn over(
        self,
        scheme: &'static dyn lc::VerificationAlgorithm,
        key: &[u8],
        digest: &lc_digest::Digest,
        signature: &[u8],
    ) -> bool {
        let question = || self.question(key, digest.as_ref(), signature);
        remembered(question, || lc::UnparsedPublicKey::new(scheme, key).verify_digest(digest, signature).is_ok())
    }

    /// All that the answer depends on, each part with its length.
    fn question(self, key: &[u8], digest: &[u8], signature: &[u8]) -> Question {
        let mut question = Sha256::new();
        for part in [&self.mark()[..], key, digest, signature] {
            question.update((part.len() as u64).to_le_bytes());
            question.update(part);
        }
        question.finalize().into()
    }

    const fn mark(self) -> [u8; 2] {
        const fn hash(algorithm: Algorithm) -> u8 {
            match algorithm {
                Algorithm::Sha256 => 0,
                Algorithm::Sha384 => 1,
                Algorithm::Sha512 => 2,
            }
        }
        match self {
            Self::Ecdsa(Curve::P256, algorithm) => [0, hash(algorithm)],
            Self::Ecdsa(Curve::P384, algorithm) => [1, hash(algorithm)],
            Self::Ed25519 => [2, 0],
            Self::RsaPss(algorithm) => [3, hash(algorithm)],
            Self::RsaPkcs1(algorithm) => [4, hash(algorithm)],
        }
    }

    /// Hash and implementation, where a digest is signed.
    fn digested(self) -> Option<(&'static lc_digest::Algorithm, &'static dyn lc::VerificationAlgorithm)> {
        use Algorithm::{Sha256, Sha384, Sha512};
        let scheme: &'static dyn lc::VerificationAlgorithm = match self {
            Self::Ecdsa(Curve::P256, Sha256) => &lc::ECDSA_P256_SHA256_ASN1,
            Self::Ecdsa(Curve::P256, Sha384) => &lc::ECDSA_P256_SHA384_ASN1,
            Self::Ecdsa(Curve::P384, Sha256) => &lc::ECDSA_P384_SHA256_ASN1,
            Self::Ecdsa(Curve::P384, Sha384) => &lc::ECDSA_P384_SHA384_ASN1,
            // Nobody signs so.
            Self::Ecdsa(_, Sha512) | Self::Ed25519 => return None,
            Self::RsaPss(Sha256) => &lc::RSA_PSS_2048_8192_SHA256,
            Self::RsaPss(Sha384) => &lc::RSA_PSS_2048_8192_SHA384,
            Self::RsaPss(Sha512) => &lc::RSA_PSS_2048_8192_SHA512,
            Self::RsaPkcs1(Sha256) => &lc::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaPkcs1(Sha384) => &lc::RSA_PKCS1_2048_8192_SHA384,
            Self::RsaPkcs1(Sha512) => &lc::RSA_PKCS1_2048_8192_SHA512,
        };
        let hash = match self.hash()? {
            Sha256 => &lc_digest::SHA256,
            Sha384 => &lc_digest::SHA384,
            Sha512 => &lc_digest::SHA512,
        };
        Some((hash, scheme))
    }
}
