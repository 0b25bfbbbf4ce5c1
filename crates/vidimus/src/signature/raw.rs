//! Raw signatures: the bytes that a signing function returns, as `openssl dgst -sign`, `openssl pkeyutl -sign` or
//! `cosign sign-blob --output-signature` write them, binary or as base64 or hexadecimal text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Attempt, Message, Needs, Signed};
use crate::digest::Algorithm;
use crate::policy::{Identity, IdentityKind};

/// Nothing but the signature's bytes. Which algorithm made it is the policy's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(Vec<u8>);

impl Raw {
    /// `None` unless the bytes have the shape of a signature.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let whole = |bytes: &[u8]| shape(bytes).map(|_| Self(bytes.to_vec()));
        whole(bytes).or_else(|| whole(&text(bytes)?))
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let shape = shape(&self.0).map_or("none", Shape::words);
        vec![("shape", shape.to_owned()), ("signature bytes", self.0.len().to_string())]
    }

    pub(super) fn needs(&self) -> Needs {
        let digests = match shape(&self.0) {
            Some(Shape::Ecdsa) => [Algorithm::Sha256, Algorithm::Sha384].into(),
            Some(Shape::Rsa) => Algorithm::ALL.into(),
            Some(Shape::Ed25519) | None => [].into(),
        };
        Needs { digests, bytes: self.0.len() == 64, ..Needs::default() }
    }

    pub(super) fn verify(&self, identity: &Identity, message: Message<'_>) -> Attempt {
        let IdentityKind::Key { key, .. } = &identity.kind else { return Attempt::NotTheirs };
        let verifies = match key.algorithm().prehash() {
            Some(hash) => message.digest(hash).is_some_and(|digest| key.verifies_digest(digest, &self.0)),
            None => message.bytes().is_some_and(|bytes| key.verifies(bytes, &self.0)),
        };
        if !verifies {
            return Attempt::NotTheirs;
        }
        Attempt::Signed(Signed::plainly(key.algorithm()))
    }
}

/// What the bytes can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Ed25519,
    Ecdsa,
    Rsa,
}

impl Shape {
    const fn words(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Ecdsa => "ECDSA (DER)",
            Self::Rsa => "RSA",
        }
    }
}

fn shape(bytes: &[u8]) -> Option<Shape> {
    if is_ecdsa(bytes) {
        return Some(Shape::Ecdsa);
    }
    match bytes.len() {
        64 => Some(Shape::Ed25519),
        // Moduli of 2048 to 8192 bits; real keys have whole steps of 128 bits.
        length @ 256..=1024 if length % 16 == 0 => Some(Shape::Rsa),
        _ => None,
    }
}

/// A DER SEQUENCE of two positive INTEGERs and nothing behind it, for P-256 or P-384.
fn is_ecdsa(bytes: &[u8]) -> bool {
    #[derive(der::Sequence)]
    struct Signature<'a> {
        r: der::asn1::UintRef<'a>,
        s: der::asn1::UintRef<'a>,
    }
    let fits = |integer: der::asn1::UintRef<'_>| integer.as_bytes().len() <= 48;
    let read: Result<Signature<'_>, _> = der::Decode::from_der(bytes);
    read.is_ok_and(|signature| fits(signature.r) && fits(signature.s))
}

/// Base64 in lines of any length, or hexadecimal, and one line end after it.
fn text(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines: String = text.lines().collect();
    hex::decode(&lines).or_else(|_| STANDARD.decode(&lines)).ok()
}
