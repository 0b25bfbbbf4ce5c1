//! Private keys: made from random bytes, kept in PKCS#8 files, wiped when they are no longer needed.

mod file;
mod locked;

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, SecretDocument};
use vidimus::authenticate::keys::{PublicKey, SignatureAlgorithm};
use vidimus::digest::{Algorithm, Digest};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::signer::Signer;

pub use self::file::{KeyFile, encrypted, plain};

/// A kind of key that can be made and used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA on P-256 with SHA-256: works everywhere.
    P256,
    /// ECDSA on P-384 with SHA-384: for certifiers, whose statements must stand for years.
    P384,
    /// Ed25519: for rebuilders, status lists and other statements outside Rekor.
    Ed25519,
}

impl Scheme {
    /// Every kind, the default first.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::Ed25519];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "ecdsa-p256",
            Self::P384 => "ecdsa-p384",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// What is wrong with a private key file. Nothing of its content is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Not PEM, or not one that holds a private key.
    #[error("not a private key in PEM")]
    NotAKey,
    /// A public key or certificate.
    #[error("this is public: a private key is needed to sign")]
    Public,
    /// A private key in another format.
    #[error("a private key that is not PKCS#8")]
    Format,
    /// PKCS#8 with bytes that are none, or that do not fit together.
    #[error("the private key is damaged")]
    Damaged,
    /// RSA, another curve, or anything else.
    #[error("a key of an algorithm that vidimus does not sign with")]
    Algorithm,
    /// Encrypted in a way that is not read.
    #[error("the private key is encrypted in another way than PBES2 with PBKDF2 and AES-CBC")]
    Encryption,
    /// Encrypted, and nobody gave the passphrase.
    #[error("the private key is encrypted, and there is no passphrase")]
    Locked,
    /// It does not open with this passphrase.
    #[error("the private key does not open: the passphrase is wrong, or the file is damaged")]
    Passphrase,
    /// More bytes than a key has.
    #[error("too large for a private key")]
    TooLarge,
}

impl KeyProblem {
    pub(crate) const fn hint(self) -> Option<&'static str> {
        match self {
            Self::NotAKey | Self::Damaged | Self::TooLarge => Some("`vidimus keygen` makes a key"),
            Self::Public => Some("name the file that ends in .key, not the one that ends in .pub"),
            Self::Format | Self::Encryption => {
                Some("convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW")
            }
            Self::Algorithm => Some("use ECDSA on P-256 or P-384, or Ed25519: `vidimus keygen --algorithm NAME`"),
            Self::Locked => Some("type it when asked, or pass a file descriptor: --passphrase-fd 3 3<FILE"),
            Self::Passphrase => None,
        }
    }
}

/// A key pair in memory. It is wiped when it is dropped, and its `Debug` shows the public key's digest alone.
pub struct KeyPair {
    secret: Secret,
    public: PublicKey,
}

enum Secret {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Ed25519(Zeroizing<[u8; 32]>),
}

impl KeyPair {
    /// A new key from the operating system's random bytes.
    ///
    /// # Errors
    /// The operating system has none.
    pub fn generate(scheme: Scheme) -> Result<Self, Error> {
        // A number outside the curve's order is next to impossible; drawing again is what FIPS 186-5 A.2.2 asks for.
        loop {
            let mut bytes = Zeroizing::new([0_u8; 48]);
            random(bytes.as_mut_slice())?;
            if let Some(pair) = Self::from_scalar(scheme, bytes.as_slice()) {
                return Ok(pair);
            }
        }
    }

    fn from_scalar(scheme: Scheme, bytes: &[u8]) -> Option<Self> {
        let secret = match scheme {
            Scheme::P256 => Secret::P256(p256::ecdsa::SigningKey::from_slice(bytes.get(..32)?).ok()?),
            Scheme::P384 => Secret::P384(p384::ecdsa::SigningKey::from_slice(bytes.get(..48)?).ok()?),
            Scheme::Ed25519 => Secret::Ed25519(Zeroizing::new(bytes.get(..32)?.try_into().ok()?)),
        };
        Self::of(secret)
    }

    fn of(secret: Secret) -> Option<Self> {
        let public = match &secret {
            Secret::P256(key) => PublicKey::from_spki(key.verifying_key().to_public_key_der().ok()?.as_bytes(), None),
            Secret::P384(key) => PublicKey::from_spki(key.verifying_key().to_public_key_der().ok()?.as_bytes(), None),
            Secret::Ed25519(seed) => PublicKey::from_ed25519(ed25519(seed)?.public_key().as_ref()),
        };
        Some(Self { secret, public: public.ok()? })
    }

    /// As DER PKCS#8, unencrypted.
    fn pkcs8(&self) -> Option<SecretDocument> {
        match &self.secret {
            Secret::P256(key) => key.to_pkcs8_der().ok(),
            Secret::P384(key) => key.to_pkcs8_der().ok(),
            Secret::Ed25519(seed) => file::ed25519_pkcs8(seed),
        }
    }

    /// Which kind of key it is.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        match &self.secret {
            Secret::P256(_) => Scheme::P256,
            Secret::P384(_) => Scheme::P384,
            Secret::Ed25519(_) => Scheme::Ed25519,
        }
    }

    /// The public key as PEM (SubjectPublicKeyInfo).
    #[must_use]
    pub fn public_pem(&self) -> String {
        use base64::Engine as _;
        let body = base64::engine::general_purpose::STANDARD.encode(self.public.spki());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = body.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
            pem.push_str(line);
            pem.push('\n');
            rest = more;
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        pem
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({}, {})", self.scheme().name(), self.public.spki_sha256())
    }
}

impl Signer for KeyPair {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.secret {
            Secret::Ed25519(seed) => Ok(ed25519(seed).ok_or(Error::Fault)?.sign(message).as_ref().to_vec()),
            Secret::P256(_) => self.sign_digest(&Algorithm::Sha256.digest(message)),
            Secret::P384(_) => self.sign_digest(&Algorithm::Sha384.digest(message)),
        }
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        if self.public.algorithm().prehash() != Some(digest.algorithm()) {
            return Err(Error::input(format!(
                "{} does not sign {} digests",
                self.public.algorithm(),
                digest.algorithm().name()
            )));
        }
        let bytes = digest.bytes();
        // Nonces by RFC 6979: the crates' own way of signing a digest.
        match &self.secret {
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(&bytes).map_err(|_| Error::Fault)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Secret::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign_prehash(&bytes).map_err(|_| Error::Fault)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Secret::Ed25519(_) => Err(Error::Fault),
        }
    }
}

/// The key is expanded for every use: of what is kept, the seed is all there is, and it is wiped.
fn ed25519(seed: &[u8; 32]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok()
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Error> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| Error::input("the operating system gives no random bytes"))
}

/// The algorithm of a public key in the words of `algorithms.signature` of a policy, and the digest by which people compare it.
#[must_use]
pub fn described(key: &PublicKey) -> (SignatureAlgorithm, Digest) {
    (key.algorithm(), key.spki_sha256())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
    use super::*;

    /// RFC 6979 appendix A.2.5 and A.2.6, and RFC 8032 section 7.1 test 2.
    #[test]
    fn signatures_are_the_published_ones() {
        for (scheme, secret, message, r_and_s) in [
            (
                Scheme::P256,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                &b"sample"[..],
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
                 f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            ),
            (
                Scheme::P384,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
                b"sample",
                "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46\
                 99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
            ),
            (
                Scheme::Ed25519,
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                b"\x72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                 085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ] {
            let pair = KeyPair::from_scalar(scheme, &hex::decode(secret).unwrap()).unwrap();
            let signature = crate::signed(&pair, message).unwrap();
            let raw = match scheme {
                Scheme::P256 => p256::ecdsa::Signature::from_der(&signature).unwrap().to_bytes().to_vec(),
                Scheme::P384 => p384::ecdsa::Signature::from_der(&signature).unwrap().to_bytes().to_vec(),
                Scheme::Ed25519 => signature.clone(),
            };
            assert_eq!(hex::encode(raw), r_and_s, "{scheme:?}");
            assert!(!format!("{pair:?}").contains(&secret[..16]));
        }
    }

    #[test]
    fn keys_are_new_and_sign() {
        for scheme in Scheme::ALL {
            let (a, b) = (KeyPair::generate(scheme).unwrap(), KeyPair::generate(scheme).unwrap());
            assert_ne!(a.public_key().spki(), b.public_key().spki());
            assert_eq!(a.scheme(), scheme);
            let signature = crate::signed(&a, b"m").unwrap();
            assert_eq!(signature, crate::signed(&a, b"m").unwrap(), "deterministic");
            assert!(!b.public_key().verifies(b"m", &signature));
            assert_eq!(PublicKey::from_pem(&a.public_pem(), None).unwrap().spki(), a.public_key().spki());
            let wrong = Algorithm::Sha512.digest(b"m");
            assert!(a.sign_digest(&wrong).is_err());
        }
    }
}
