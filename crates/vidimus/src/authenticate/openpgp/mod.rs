//! OpenPGP (RFC 9580, RFC 4880): what is known of a signature, and whether a key made it. What a certificate says about its keys is
//! in [`certificate`]; whose signature counts over a file is decided in `signature/openpgp.rs`.
//!
//! Packets are taken apart by a library, behind the cargo feature `openpgp`, in one file (`packets.rs`). Digests and signatures are
//! verified by us, so that OpenPGP is held to the accept set of every other scheme: strict Ed25519, no small-order keys, RSA from
//! 2048 bits, SHA-2 alone.

mod armour;
pub mod certificate;
#[cfg_attr(not(feature = "openpgp"), path = "without.rs")]
mod packets;

use super::keys::{PublicKey, SignatureAlgorithm};
use crate::digest::{Algorithm, Digest, Frame};
use crate::time::Time;

pub use armour::{Mark, is_foreign as is_foreign_text, is_text, marks};
pub use certificate::{Certificate, CertificateError, Unfit};

/// Bytes of a file with signatures, and of a certificate: counters, so that no document costs more (`verification.md` 1.4).
pub const SIGNATURE_BYTES: usize = 256 * 1024;
/// See [`SIGNATURE_BYTES`].
pub const CERTIFICATE_BYTES: usize = 1024 * 1024;
/// Signatures of one file. Releases that many people sign are known with some thirty.
pub const MAX_SIGNATURES: usize = 64;
/// Packets of one certificate.
const MAX_PACKETS: usize = 2048;

/// Types of signatures (RFC 9580 section 5.2.1).
pub const BINARY: u8 = 0x00;
const POSITIVE: u8 = 0x13;
const GENERIC: u8 = 0x10;
const SUBKEY_BINDING: u8 = 0x18;
const PRIMARY_KEY_BINDING: u8 = 0x19;
const DIRECT_KEY: u8 = 0x1f;
const KEY_REVOCATION: u8 = 0x20;
const SUBKEY_REVOCATION: u8 = 0x28;
const CERTIFICATION_REVOCATION: u8 = 0x30;

/// Why something cannot be used, whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A part is not as the format has it.
    Malformed(&'static str),
    /// An algorithm or a version that is not supported.
    Unsupported(String),
    /// A private key, which nobody but its owner should have.
    Private,
    /// The signer marked a part as one that must be understood, and it is not.
    Critical(String),
}

/// A signature as read; nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Version 4 or 6.
    pub version: u8,
    /// Its type (RFC 9580 section 5.2.1).
    pub kind: u8,
    /// The number of its public-key algorithm (section 9.1).
    pub key_algorithm: u8,
    /// What stands before and behind the signed bytes: the salt of version 6; the hashed part and the trailer (section 5.2.4).
    pub frame: Frame,
    /// When the signer says that it was made: a claim.
    pub created: Time,
    /// The first two bytes of the digest.
    left: [u8; 2],
    value: Value,
    hashed: Hashed,
    /// Whose it says it is, from the hashed part and from beside it; each must be right.
    pub issuers: Vec<Issuer>,
    /// Signatures embedded in it: by the subkey that it binds.
    embedded: Vec<Self>,
    /// Is there more in the part that nobody signed than whose it is?
    pub foreign: bool,
}

/// A packet of a file, by its sha256: a signature, or why it is none that can be used.
pub type Read = (Digest, Result<Signature, Flaw>);

/// What the hashed part says, of which each stands there at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hashed {
    /// Seconds after creation.
    expires_after: Option<u32>,
    /// Seconds after the key's creation.
    key_expires_after: Option<u32>,
    may_sign: Option<bool>,
    is_primary: bool,
    reason: Option<u8>,
    designates_revoker: bool,
}

/// The name of a key in a signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Issuer {
    /// Fingerprint: 20 bytes of version 4, 32 of version 6.
    Fingerprint(Vec<u8>),
    /// The eight bytes by which keys were once named.
    KeyId([u8; 8]),
}

impl Issuer {
    fn is(&self, key: &Key) -> bool {
        match self {
            Self::Fingerprint(fingerprint) => *fingerprint == key.fingerprint,
            Self::KeyId(id) => *id == key.id(),
        }
    }
}

/// The numbers of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// Big-endian, without leading zeros.
    Rsa(Vec<u8>),
    /// DER.
    Ecdsa(Vec<u8>),
    Ed25519([u8; 64]),
}

/// A public key packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Version 4 or 6.
    pub version: u8,
    /// When it was made, by its own word, which its fingerprint covers.
    pub created: Time,
    /// The number of its algorithm (section 9.1).
    pub algorithm: u8,
    /// SHA-1 of version 4, SHA-256 of version 6 (section 5.5.4).
    pub fingerprint: Vec<u8>,
    /// The packet, as signatures over it have it (section 5.2.4).
    hashed: Vec<u8>,
    material: Material,
}

/// The numbers of a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// ECDSA or Ed25519.
    Fixed(PublicKey),
    /// A key that is not used here, and what it is.
    Other(String),
    /// A key that nobody may use.
    Weak(&'static str),
}

/// What a certificate is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Packet {
    Primary(Key),
    Subkey(Key),
    /// As signatures over it have it.
    User {
        hashed: Vec<u8>,
        shown: Option<String>,
    },
    /// With what is known of one that cannot be used.
    Signature {
        kind: Option<u8>,
        issuers: Vec<Issuer>,
        read: Box<Result<Signature, Flaw>>,
    },
}

/// Why a key did not make a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The numbers do not verify.
    Invalid,
    /// Key or combination that is not supported.
    Unsupported(String),
}

/// The signatures of a file that is nothing else, one result each.
///
/// # Errors
/// [`Flaw`] where the file as a whole cannot be read.
pub fn signatures(bytes: &[u8]) -> Result<Vec<Read>, Flaw> {
    if bytes.len() > SIGNATURE_BYTES {
        return Err(Flaw::Malformed("length"));
    }
    let mut found = Vec::new();
    for block in armour::blocks(bytes, armour::SIGNATURE)? {
        found.extend(packets::signatures(block)?);
        if found.len() > MAX_SIGNATURES {
            return Err(Flaw::Malformed("number of signatures"));
        }
    }
    if found.is_empty() { Err(Flaw::Malformed("structure")) } else { Ok(found) }
}

impl Signature {
    /// When it ends by its own word, if it does (section 5.2.3.18).
    #[must_use]
    pub fn expires(&self) -> Option<Time> {
        after(self.created, self.hashed.expires_after)
    }

    /// The algorithm of the digest.
    #[must_use]
    pub const fn hash(&self) -> Algorithm {
        self.frame.algorithm
    }

    /// Is it by `key`, as far as it says? Where it says nothing, any key may have made it.
    #[must_use]
    pub fn names(&self, key: &Key) -> bool {
        self.issuers.iter().all(|issuer| issuer.is(key))
    }

    /// Over content in memory.
    fn verifies(&self, key: &Key, content: &[u8]) -> Result<SignatureAlgorithm, Mismatch> {
        key.made(self, &self.frame.digest(content))
    }
}

impl Key {
    /// The eight bytes by which it is named (section 5.5.4).
    #[must_use]
    pub fn id(&self) -> [u8; 8] {
        let bytes = match self.version {
            6 => self.fingerprint.first_chunk(),
            _ => self.fingerprint.last_chunk(),
        };
        bytes.copied().unwrap_or_default()
    }

    /// The key for signatures with SHA-256, if it is one that can be used.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        match &self.material {
            Material::Rsa { .. } => self.rsa(Algorithm::Sha256),
            Material::Fixed(key) => Some(key.clone()),
            Material::Other(_) | Material::Weak(_) => None,
        }
    }

    /// The algorithms that it can be used with.
    #[must_use]
    pub fn algorithms(&self) -> Vec<SignatureAlgorithm> {
        match &self.material {
            Material::Rsa { .. } => {
                Algorithm::ALL.iter().filter_map(|hash| Some(self.rsa(*hash)?.algorithm())).collect()
            }
            Material::Fixed(key) => vec![key.algorithm()],
            Material::Other(_) | Material::Weak(_) => Vec::new(),
        }
    }

    fn rsa(&self, hash: Algorithm) -> Option<PublicKey> {
        let Material::Rsa { modulus, exponent } = &self.material else { return None };
        PublicKey::from_rsa(modulus, exponent, SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash }).ok()
    }

    /// Did it make the signature over something with this `digest`?
    ///
    /// # Errors
    /// See [`Mismatch`].
    pub fn made(&self, signature: &Signature, digest: &Digest) -> Result<SignatureAlgorithm, Mismatch> {
        let bytes = digest.bytes();
        // Keys of version 6 make signatures of version 6, and no others do (section 5.2.3).
        let fits = signature.version == self.version && signature.key_algorithm == self.algorithm;
        if !fits || !bytes.starts_with(&signature.left) {
            return Err(Mismatch::Invalid);
        }
        let hash = digest.algorithm();
        let (algorithm, verifies) = match (&self.material, &signature.value) {
            (Material::Rsa { modulus, .. }, Value::Rsa(number)) => {
                let unusable = || Mismatch::Unsupported("RSA with this key".to_owned());
                let key = self.rsa(hash).ok_or_else(unusable)?;
                let number = padded(number, modulus.len()).ok_or(Mismatch::Invalid)?;
                (key.algorithm(), key.verifies_digest(digest, &number))
            }
            (Material::Fixed(key), Value::Ecdsa(der)) if key.algorithm() != SignatureAlgorithm::Ed25519 => {
                if key.algorithm().prehash() != Some(hash) {
                    let used = key.algorithm().to_string();
                    let curve = used.rsplit_once('-').map_or(used.as_str(), |(curve, _)| curve);
                    return Err(Mismatch::Unsupported(format!("{curve}-{}", hash.name())));
                }
                (key.algorithm(), key.verifies_digest(digest, der))
            }
            // OpenPGP signs the digest with Ed25519, not the bytes (section 5.2.3.4).
            (Material::Fixed(key), Value::Ed25519(value)) if key.algorithm() == SignatureAlgorithm::Ed25519 => {
                (key.algorithm(), key.verifies(&bytes, value))
            }
            (Material::Other(what), _) => return Err(Mismatch::Unsupported(what.clone())),
            (Material::Weak(what), _) => return Err(Mismatch::Unsupported((*what).to_owned())),
            _ => return Err(Mismatch::Invalid),
        };
        if verifies { Ok(algorithm) } else { Err(Mismatch::Invalid) }
    }
}

/// A fingerprint or key id as people write it.
#[must_use]
pub fn shown(name: &[u8]) -> String {
    hex::encode_upper(name)
}

/// Public-key algorithms by their numbers (RFC 9580 section 9.1).
#[must_use]
pub fn algorithm_name(number: u8) -> String {
    let name = match number {
        1 | 3 => "RSA",
        2 => "RSA-encrypt-only",
        16 => "Elgamal",
        17 => "DSA",
        18 => "ECDH",
        19 => "ECDSA",
        22 => "EdDSA",
        25 => "X25519",
        26 => "X448",
        27 => "Ed25519",
        28 => "Ed448",
        other => return format!("public-key-algorithm-{other}"),
    };
    name.to_owned()
}

/// Hash algorithms by their numbers (section 9.5).
fn hash(number: u8) -> Result<Algorithm, Flaw> {
    let name = match number {
        8 => return Ok(Algorithm::Sha256),
        9 => return Ok(Algorithm::Sha384),
        10 => return Ok(Algorithm::Sha512),
        1 => "MD5",
        2 => "SHA-1",
        3 => "RIPEMD-160",
        11 => "SHA-224",
        12 => "SHA3-256",
        14 => "SHA3-512",
        other => return Err(Flaw::Unsupported(format!("hash-algorithm-{other}"))),
    };
    Err(Flaw::Unsupported(name.to_owned()))
}

/// So many seconds after `start`; none and 0 are no end.
fn after(start: Time, seconds: Option<u32>) -> Option<Time> {
    let seconds = seconds.filter(|seconds| *seconds != 0)?;
    Time::from_second(start.second().checked_add(i64::from(seconds))?)
}

/// Big-endian, with leading zeros up to `length`.
fn padded(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length.checked_sub(number.len())?];
    out.extend_from_slice(number);
    Some(out)
}
