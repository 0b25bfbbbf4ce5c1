//! Public keys of policies and the signature algorithms they are used with.
//!
//! Small-order Ed25519 keys and other than canonical encodings are refused when a key is read; `primitive.rs` verifies. One key has one
//! SubjectPublicKeyInfo: its digest is what denials, status lists and thresholds know a key by.

use std::fmt;

use aws_lc_rs::signature as lc;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use der::{Decode as _, Encode as _};
use spki::SubjectPublicKeyInfoOwned;

use super::primitive::{Curve, Primitive};
use crate::digest::{Algorithm, Digest};

const OID_EC: &str = "1.2.840.10045.2.1";
const OID_P256: &str = "1.2.840.10045.3.1.7";
const OID_P384: &str = "1.3.132.0.34";
const OID_ED25519: &str = "1.3.101.112";
const OID_RSA: &str = "1.2.840.113549.1.1.1";
/// The first byte of an uncompressed point (SEC 1 section 2.3.3). RFC 5480 section 2.2 has hybrid ones refused.
const UNCOMPRESSED: u8 = 4;

/// How a signature is made. RSA names carry the least modulus length in bits that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256, DER signature.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384, DER signature.
    EcdsaP384Sha384,
    /// Pure Ed25519, strict.
    Ed25519,
    /// RSASSA-PSS; salt as long as the digest, MGF1 with the same hash.
    RsaPss {
        /// Least modulus length in bits, at least 2048.
        bits: u16,
        /// The hash.
        hash: Algorithm,
    },
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1 {
        /// Least modulus length in bits, at least 2048.
        bits: u16,
        /// The hash.
        hash: Algorithm,
    },
}

impl SignatureAlgorithm {
    /// Accepted when a policy has no `algorithms.signature`: RSA must be asked for.
    pub const DEFAULT: [Self; 3] = [Self::EcdsaP256Sha256, Self::EcdsaP384Sha384, Self::Ed25519];

    /// The algorithm of that name: `ecdsa-p256-sha256`, `ecdsa-p384-sha384`, `ed25519`,
    /// `rsa-pss-BITS-HASH`, `rsa-pkcs1-BITS-HASH` with BITS 2048, 3072 or 4096 and HASH sha256, sha384 or sha512.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ecdsa-p256-sha256" => return Some(Self::EcdsaP256Sha256),
            "ecdsa-p384-sha384" => return Some(Self::EcdsaP384Sha384),
            "ed25519" => return Some(Self::Ed25519),
            _ => {}
        }
        let rest = name.strip_prefix("rsa-")?;
        let (scheme, rest) = rest.split_once('-')?;
        let (bits, hash) = rest.split_once('-')?;
        let bits = ["2048", "3072", "4096"].contains(&bits).then(|| bits.parse().ok())??;
        let hash = Algorithm::from_name(hash)?;
        match scheme {
            "pss" => Some(Self::RsaPss { bits, hash }),
            "pkcs1" => Some(Self::RsaPkcs1 { bits, hash }),
            _ => None,
        }
    }

    /// Is a signature by `used` accepted where this one is listed? For RSA, a longer modulus than the least is.
    #[must_use]
    pub fn admits(self, used: Self) -> bool {
        match (self, used) {
            (Self::RsaPss { bits: least, hash: a }, Self::RsaPss { bits, hash: b })
            | (Self::RsaPkcs1 { bits: least, hash: a }, Self::RsaPkcs1 { bits, hash: b }) => least <= bits && a == b,
            (a, b) => a == b,
        }
    }

    /// The hash that is signed, where the scheme signs a hash; `None` for Ed25519, which needs the bytes.
    #[must_use]
    pub const fn prehash(self) -> Option<Algorithm> {
        match self {
            Self::EcdsaP256Sha256 => Some(Algorithm::Sha256),
            Self::EcdsaP384Sha384 => Some(Algorithm::Sha384),
            Self::Ed25519 => None,
            Self::RsaPss { hash, .. } | Self::RsaPkcs1 { hash, .. } => Some(hash),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcdsaP256Sha256 => f.write_str("ecdsa-p256-sha256"),
            Self::EcdsaP384Sha384 => f.write_str("ecdsa-p384-sha384"),
            Self::Ed25519 => f.write_str("ed25519"),
            Self::RsaPss { bits, hash } => write!(f, "rsa-pss-{bits}-{}", hash.name()),
            Self::RsaPkcs1 { bits, hash } => write!(f, "rsa-pkcs1-{bits}-{}", hash.name()),
        }
    }
}

/// A public key with the one algorithm that it is used with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    raw: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl PublicKey {
    /// Reads a PEM `PUBLIC KEY` (RFC 7468, SubjectPublicKeyInfo) for use with `algorithm`; an RSA key must say which, for the
    /// others the key itself tells and a stated algorithm must agree.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_pem(pem: &str, algorithm: Option<SignatureAlgorithm>) -> Result<Self, KeyError> {
        Self::from_spki(&decode_pem(pem)?, algorithm)
    }

    /// Reads a DER SubjectPublicKeyInfo; see [`from_pem`](Self::from_pem).
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_spki(der: &[u8], algorithm: Option<SignatureAlgorithm>) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoOwned::from_der(der).map_err(|_| KeyError::Spki)?;
        let raw = info.subject_public_key.as_bytes().ok_or(KeyError::Spki)?.to_vec();
        one_form(&info)?;
        let curve = || {
            let parameters = info.algorithm.parameters.as_ref()?;
            parameters.decode_as::<spki::ObjectIdentifier>().ok().map(|oid| oid.to_string())
        };
        let used = match info.algorithm.oid.to_string().as_str() {
            OID_ED25519 => {
                ed25519(&raw)?;
                SignatureAlgorithm::Ed25519
            }
            OID_EC => match curve().as_deref() {
                Some(OID_P256) if raw.len() == 65 => SignatureAlgorithm::EcdsaP256Sha256,
                Some(OID_P384) if raw.len() == 97 => SignatureAlgorithm::EcdsaP384Sha384,
                _ => return Err(KeyError::Curve),
            },
            OID_RSA => rsa(&raw, algorithm)?,
            _ => return Err(KeyError::Algorithm),
        };
        if algorithm.is_some_and(|stated| !stated.admits(used)) {
            return Err(KeyError::Disagrees { key: used });
        }
        let spki = info.to_der().map_err(|_| KeyError::Spki)?;
        Ok(Self { spki, raw, algorithm: used })
    }

    /// An Ed25519 key from its 32 bytes.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_ed25519(raw: &[u8]) -> Result<Self, KeyError> {
        Self::from_parts(OID_ED25519, None, raw, None)
    }

    /// An ECDSA key on P-256 or P-384 from its uncompressed point.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_point(point: &[u8]) -> Result<Self, KeyError> {
        let curve = if point.len() == 65 { OID_P256 } else { OID_P384 };
        Self::from_parts(OID_EC, Some(curve), point, None)
    }

    /// An RSA key from modulus and exponent, big-endian, for use with `algorithm`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_rsa(modulus: &[u8], exponent: &[u8], algorithm: SignatureAlgorithm) -> Result<Self, KeyError> {
        let integer = |bytes| der::asn1::UintRef::new(bytes).map_err(|_| KeyError::Spki);
        let key = RsaPublicKey { modulus: integer(modulus)?, public_exponent: integer(exponent)? };
        Self::from_parts(OID_RSA, None, &key.to_der().map_err(|_| KeyError::Spki)?, Some(algorithm))
    }

    /// A key from the content of a SubjectPublicKeyInfo's `subjectPublicKey`, for use with `algorithm`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub(super) fn from_raw(raw: &[u8], algorithm: SignatureAlgorithm) -> Result<Self, KeyError> {
        match algorithm {
            SignatureAlgorithm::Ed25519 => Self::from_ed25519(raw),
            SignatureAlgorithm::EcdsaP256Sha256 if raw.len() == 65 => Self::from_point(raw),
            SignatureAlgorithm::EcdsaP384Sha384 if raw.len() == 97 => Self::from_point(raw),
            SignatureAlgorithm::EcdsaP256Sha256 | SignatureAlgorithm::EcdsaP384Sha384 => Err(KeyError::Curve),
            SignatureAlgorithm::RsaPss { .. } | SignatureAlgorithm::RsaPkcs1 { .. } => {
                Self::from_parts(OID_RSA, None, raw, Some(algorithm))
            }
        }
    }

    fn from_parts(
        algorithm_oid: &str,
        curve: Option<&str>,
        raw: &[u8],
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<Self, KeyError> {
        let oid = |text| spki::ObjectIdentifier::new(text).map_err(|_| KeyError::Spki);
        let parameters = match curve {
            Some(curve) => Some(der::Any::encode_from(&oid(curve)?).map_err(|_| KeyError::Spki)?),
            None if algorithm.is_some() => Some(der::Any::null()),
            None => None,
        };
        let subject_public_key = der::asn1::BitString::from_bytes(raw).map_err(|_| KeyError::Spki)?;
        let algorithm_identifier = spki::AlgorithmIdentifierOwned { oid: oid(algorithm_oid)?, parameters };
        let info = SubjectPublicKeyInfoOwned { algorithm: algorithm_identifier, subject_public_key };
        Self::from_spki(&info.to_der().map_err(|_| KeyError::Spki)?, algorithm)
    }

    /// The algorithm it is used with; for RSA, with the modulus length of this key rounded down to 2048, 3072 or 4096.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// sha256 of the SubjectPublicKeyInfo: the identity of the key.
    #[must_use]
    pub fn spki_sha256(&self) -> Digest {
        Digest::sha256(&self.spki)
    }

    /// Does `signature` verify over `message`?
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Primitive::from(self.algorithm).verifies(&self.raw, message, signature)
    }

    /// Does `signature`, by ECDSA on P-384 with SHA-256, verify over `message`? Nobody's evidence is signed so; time-stamping
    /// authorities sign so.
    #[must_use]
    pub fn verifies_with_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.algorithm == SignatureAlgorithm::EcdsaP384Sha384
            && Primitive::Ecdsa(Curve::P384, Algorithm::Sha256).verifies(&self.raw, message, signature)
    }

    /// Does `signature` verify over a file of which only the digest is at hand? `false` where the scheme needs the bytes or
    /// another digest.
    #[must_use]
    pub fn verifies_digest(&self, digest: &Digest, signature: &[u8]) -> bool {
        Primitive::from(self.algorithm).verifies_digest(&self.raw, digest.algorithm(), &digest.bytes(), signature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm, self.spki_sha256())
    }
}

/// Why a public key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM.
    #[error("not a PEM file with one public key")]
    Pem,
    /// Another PEM label.
    #[error("the PEM label must be `PUBLIC KEY` (a SubjectPublicKeyInfo, as `openssl pkey -pubout` writes it)")]
    Label,
    /// Not a SubjectPublicKeyInfo.
    #[error("not a DER SubjectPublicKeyInfo")]
    Spki,
    /// Another algorithm than Ed25519, ECDSA or RSA.
    #[error("the key's algorithm is none of Ed25519, ECDSA and RSA")]
    Algorithm,
    /// Another curve than P-256 or P-384, or a compressed or hybrid point.
    #[error("the curve must be P-256 or P-384 with an uncompressed point")]
    Curve,
    /// A small-order Ed25519 key: one signature would verify any message.
    #[error("a small-order Ed25519 key, under which one signature verifies every message")]
    Weak,
    /// An Ed25519 key in another than its one encoding.
    #[error("an Ed25519 key that is not in its canonical encoding")]
    NotCanonical,
    /// RSA below 2048 or above 8192 bits.
    #[error("an RSA key must have 2048 to 8192 bits")]
    RsaLength,
    /// Other algorithm parameters than the standard has: one key with several encodings would be several keys.
    #[error("the parameters beside the key's algorithm must be NULL for RSA, and absent for Ed25519")]
    Parameters,
    /// An RSA key without a stated algorithm.
    #[error("an RSA key needs `algorithm`, such as `rsa-pss-3072-sha256` or `rsa-pkcs1-2048-sha256`")]
    RsaAlgorithm,
    /// The stated algorithm is not the key's.
    #[error("the key is for {key}")]
    Disagrees {
        /// What the key is for.
        key: SignatureAlgorithm,
    },
}

/// An ECDSA signature as DER, from its two integers: big-endian, without leading zeros.
pub(crate) fn ecdsa_der(r: &[u8], s: &[u8]) -> Option<Vec<u8>> {
    #[derive(der::Sequence)]
    struct Signature<'a> {
        r: der::asn1::UintRef<'a>,
        s: der::asn1::UintRef<'a>,
    }
    let integer = |bytes| der::asn1::UintRef::new(bytes).ok();
    Signature { r: integer(r)?, s: integer(s)? }.to_der().ok()
}

/// One PEM document of that label, with lines of any length: RFC 7468 writes 64 characters, and keys with one long line are
/// common.
fn decode_pem(pem: &str) -> Result<Vec<u8>, KeyError> {
    let mut lines = pem.trim().lines().map(str::trim_end);
    let marker = |line: Option<&str>, word: &str| {
        let label = line?.strip_prefix("-----")?.strip_prefix(word)?.strip_prefix(' ')?.strip_suffix("-----")?;
        Some(label.to_owned())
    };
    let begin = marker(lines.next(), "BEGIN").ok_or(KeyError::Pem)?;
    let end = marker(lines.next_back(), "END").ok_or(KeyError::Pem)?;
    if begin != "PUBLIC KEY" {
        return Err(KeyError::Label);
    }
    let body: String = lines.collect();
    let decoded = BASE64.decode(body).map_err(|_| KeyError::Pem)?;
    if end == begin { Ok(decoded) } else { Err(KeyError::Pem) }
}

/// The key, unless it is one that must not be used.
pub(super) fn ed25519(raw: &[u8]) -> Result<ed25519_dalek::VerifyingKey, KeyError> {
    let bytes: [u8; 32] = raw.try_into().map_err(|_| KeyError::Spki)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Spki)?;
    if key.is_weak() {
        Err(KeyError::Weak)
    } else if is_canonical(&bytes) {
        Ok(key)
    } else {
        Err(KeyError::NotCanonical)
    }
}

/// The identity of a key of any algorithm: sha256 of its SubjectPublicKeyInfo.
///
/// # Errors
/// It is none, or is written in another form than the one that its standard has: then it would be a key that nobody listed.
pub(super) fn identity(spki: &[u8]) -> Result<Digest, KeyError> {
    one_form(&SubjectPublicKeyInfoOwned::from_der(spki).map_err(|_| KeyError::Spki)?)?;
    Ok(Digest::sha256(spki))
}

/// Is it the one form of the key? Verifying takes others as well: an RSA key with any parameters (RFC 3279 section 2.3.1: NULL), an
/// Ed25519 key with any (RFC 8410 section 3: none), a point that says its y twice (RFC 5480 section 2.2).
fn one_form(info: &SubjectPublicKeyInfoOwned) -> Result<(), KeyError> {
    let parameters = info.algorithm.parameters.as_ref();
    let first = info.subject_public_key.as_bytes().ok_or(KeyError::Spki)?.first();
    match info.algorithm.oid.to_string().as_str() {
        OID_RSA if parameters.is_none_or(|stated| !stated.is_null()) => Err(KeyError::Parameters),
        OID_ED25519 if parameters.is_some() => Err(KeyError::Parameters),
        OID_EC if first != Some(&UNCOMPRESSED) => Err(KeyError::Curve),
        _ => Ok(()),
    }
}

/// Is the coordinate that the bytes encode below 2^255 − 19? A key with two encodings would be two keys to whoever compares
/// bytes.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [lowest, middle @ .., highest] = bytes;
    !(*lowest >= 0xed && middle.iter().all(|b| *b == 0xff) && highest & 0x7f == 0x7f)
}

fn rsa(raw: &[u8], stated: Option<SignatureAlgorithm>) -> Result<SignatureAlgorithm, KeyError> {
    let key = lc::ParsedPublicKey::new(&lc::RSA_PKCS1_2048_8192_SHA256, raw).map_err(|_| KeyError::RsaLength)?;
    drop(key);
    let modulus = modulus_bits(raw).ok_or(KeyError::Spki)?;
    let bits = [4096, 3072, 2048].into_iter().find(|b| *b <= modulus).ok_or(KeyError::RsaLength)?;
    match stated {
        Some(SignatureAlgorithm::RsaPss { hash, .. }) => Ok(SignatureAlgorithm::RsaPss { bits, hash }),
        Some(SignatureAlgorithm::RsaPkcs1 { hash, .. }) => Ok(SignatureAlgorithm::RsaPkcs1 { bits, hash }),
        Some(_) => Err(KeyError::Disagrees { key: SignatureAlgorithm::RsaPss { bits, hash: Algorithm::Sha256 } }),
        None => Err(KeyError::RsaAlgorithm),
    }
}

/// PKCS#1 `RSAPublicKey`.
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: der::asn1::UintRef<'a>,
    public_exponent: der::asn1::UintRef<'a>,
}

/// Modulus length of a PKCS#1 `RSAPublicKey`.
fn modulus_bits(raw: &[u8]) -> Option<u16> {
    let key = RsaPublicKey::from_der(raw).ok()?;
    let bytes = key.modulus.as_bytes();
    let first = bytes.first()?;
    u16::try_from(bytes.len() * 8).ok()?.checked_sub(u16::try_from(first.leading_zeros()).ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    /// The public key of RFC 8032 section 7.1, test 1.
    const BODY: &str = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    #[test]
    fn pem_of_any_line_length_and_nothing_else() {
        let (head, tail) = BODY.split_at(20);
        let pem =
            |begin: &str, body: &str, end: &str| format!("-----BEGIN {begin}-----\n{body}\n-----END {end}-----\n");
        let public = "PUBLIC KEY";
        for (text, expected) in [
            (pem(public, BODY, public), Ok(SignatureAlgorithm::Ed25519)),
            (pem(public, &format!("{head}\n{tail}"), public), Ok(SignatureAlgorithm::Ed25519)),
            (pem(public, &format!("{head}\r\n{tail}\r"), public), Ok(SignatureAlgorithm::Ed25519)),
            (pem(public, BODY, public).trim_end().to_owned(), Ok(SignatureAlgorithm::Ed25519)),
            (pem("CERTIFICATE", BODY, "CERTIFICATE"), Err(KeyError::Label)),
            (pem(public, BODY, "CERTIFICATE"), Err(KeyError::Pem)),
            (pem(public, &format!("Comment: x\n{BODY}"), public), Err(KeyError::Pem)),
            (pem(public, &format!("{head} {tail}"), public), Err(KeyError::Pem)),
            (pem(public, BODY.trim_end_matches('='), public), Err(KeyError::Pem)),
            (pem(public, &format!("{BODY}\n{BODY}"), public), Err(KeyError::Pem)),
            (format!("{0}{0}", pem(public, BODY, public)), Err(KeyError::Pem)),
            (pem(public, "", public), Err(KeyError::Spki)),
            (format!("-----BEGIN {public}-----"), Err(KeyError::Pem)),
            (BODY.to_owned(), Err(KeyError::Pem)),
            (String::new(), Err(KeyError::Pem)),
        ] {
            assert_eq!(PublicKey::from_pem(&text, None).map(|key| key.algorithm()), expected, "{text}");
        }
    }

    /// DER of a tag with content below 128 or 65,536 bytes.
    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = match u8::try_from(content.len()) {
            Ok(short) if short < 0x80 => vec![short],
            _ => [&[0x82], u16::try_from(content.len()).unwrap().to_be_bytes().as_slice()].concat(),
        };
        [&[tag], length.as_slice(), content].concat()
    }

    fn spki(algorithm: &[u8], raw: &[u8]) -> Vec<u8> {
        tlv(0x30, &[tlv(0x30, algorithm), tlv(3, &[&[0], raw].concat())].concat())
    }

    #[test]
    fn one_key_has_one_identity() {
        let rsa_key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let rsa_raw = aws_lc_rs::signature::KeyPair::public_key(&rsa_key).as_ref().to_vec();
        let ec = |algorithm| {
            let pair = lc::EcdsaKeyPair::generate(algorithm).unwrap();
            lc::KeyPair::public_key(&pair).as_ref().to_vec()
        };
        let oid = |oid: &str| tlv(6, spki::ObjectIdentifier::new(oid).unwrap().as_bytes());
        let pkcs1 = SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha256 };
        let null: &[u8] = &[5, 0];
        let rsa = |parameters: &[u8]| (spki(&[oid(OID_RSA), parameters.to_vec()].concat(), &rsa_raw), Some(pkcs1));
        let ed = |parameters: &[u8]| {
            let raw = BASE64.decode(BODY).unwrap().split_off(12);
            (spki(&[oid(OID_ED25519), parameters.to_vec()].concat(), &raw), None)
        };
        let point = |curve: &str, raw: &[u8], first: Option<u8>| {
            let mut raw = raw.to_vec();
            // A hybrid point says whether y is odd, too.
            let last = raw.last().copied().unwrap();
            raw[0] = first.unwrap_or(6 + (last & 1));
            (spki(&[oid(OID_EC), oid(curve)].concat(), &raw), None)
        };
        let (p256, p384) = (ec(&lc::ECDSA_P256_SHA256_ASN1_SIGNING), ec(&lc::ECDSA_P384_SHA384_ASN1_SIGNING));
        for (what, (der, algorithm), expected) in [
            ("RSA with NULL", rsa(null), Ok(())),
            ("RSA without parameters", rsa(&[]), Err(KeyError::Parameters)),
            ("RSA with an OCTET STRING", rsa(&[4, 1, b'x']), Err(KeyError::Parameters)),
            ("Ed25519 without parameters", ed(&[]), Ok(())),
            ("Ed25519 with NULL", ed(null), Err(KeyError::Parameters)),
            ("P-256", point(OID_P256, &p256, Some(4)), Ok(())),
            ("P-256, hybrid", point(OID_P256, &p256, None), Err(KeyError::Curve)),
            ("P-384", point(OID_P384, &p384, Some(4)), Ok(())),
            ("P-384, hybrid", point(OID_P384, &p384, None), Err(KeyError::Curve)),
        ] {
            let read = PublicKey::from_spki(&der, algorithm);
            assert_eq!(read.as_ref().map(|_| ()).map_err(|error| *error), expected, "{what}");
            assert_eq!(identity(&der).map(|_| ()), expected, "{what}");
            if let Ok(key) = read {
                assert_eq!(key.spki(), der, "{what}");
                assert_eq!(identity(&der), Ok(key.spki_sha256()), "{what}");
                let again = PublicKey::from_raw(&key.raw, key.algorithm()).unwrap();
                assert_eq!(again.spki_sha256(), key.spki_sha256(), "{what}: from its parts");
            }
        }
    }
}
