//! The primitives that the Sigstore library verifies with: ours. So its evidence is held to the same accept set as all other
//! (Ed25519 strictly, nothing beyond the table of [`super::super::primitive`]), and what it verifies twice is computed once.

use sigstore_verify::crypto::{
    CryptoProvider, Error, HashContext, Result, SigningScheme, aws_lc_provider, install_default_provider,
};
use sigstore_verify::types::HashAlgorithm;

use crate::authenticate::primitive::{Curve, Primitive};
use crate::digest::Algorithm;

#[derive(Debug)]
struct Ours;

/// Makes the library verify with our primitives. The first call in a process decides; a program that gave the library others
/// before keeps them, and verifies with those.
pub(super) fn install() {
    let _ = install_default_provider(&Ours);
}

impl CryptoProvider for Ours {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        aws_lc_provider().hash(algorithm)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        aws_lc_provider().sha256(data)
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        aws_lc_provider().sha384(data)
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        aws_lc_provider().sha512(data)
    }

    fn verify_raw(&self, scheme: SigningScheme, key: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
        answer(scheme, primitive(scheme)?.verifies(key, data, signature))
    }

    fn verify_prehashed(&self, scheme: SigningScheme, key: &[u8], digest: &[u8], signature: &[u8]) -> Result<()> {
        let primitive = primitive(scheme)?;
        let hash = primitive.hash().ok_or_else(|| unsupported(scheme))?;
        answer(scheme, primitive.verifies_digest(key, hash, digest, signature))
    }
}

fn answer(scheme: SigningScheme, verifies: bool) -> Result<()> {
    if verifies { Ok(()) } else { Err(Error::Verification(format!("{} signature invalid", scheme.name()))) }
}

fn unsupported(scheme: SigningScheme) -> Error {
    Error::UnsupportedAlgorithm(scheme.name().to_owned())
}

fn primitive(scheme: SigningScheme) -> Result<Primitive> {
    Ok(match scheme {
        SigningScheme::EcdsaP256Sha256 => Primitive::Ecdsa(Curve::P256, Algorithm::Sha256),
        SigningScheme::EcdsaP256Sha384 => Primitive::Ecdsa(Curve::P256, Algorithm::Sha384),
        SigningScheme::EcdsaP384Sha256 => Primitive::Ecdsa(Curve::P384, Algorithm::Sha256),
        SigningScheme::EcdsaP384Sha384 => Primitive::Ecdsa(Curve::P384, Algorithm::Sha384),
        SigningScheme::Ed25519 => Primitive::Ed25519,
        SigningScheme::RsaPssSha256 => Primitive::RsaPss(Algorithm::Sha256),
        SigningScheme::RsaPssSha384 => Primitive::RsaPss(Algorithm::Sha384),
        SigningScheme::RsaPssSha512 => Primitive::RsaPss(Algorithm::Sha512),
        SigningScheme::RsaPkcs1Sha256 => Primitive::RsaPkcs1(Algorithm::Sha256),
        SigningScheme::RsaPkcs1Sha384 => Primitive::RsaPkcs1(Algorithm::Sha384),
        SigningScheme::RsaPkcs1Sha512 => Primitive::RsaPkcs1(Algorithm::Sha512),
        // Post-quantum signatures are in no table of ours yet.
        _ => return Err(unsupported(scheme)),
    })
}
