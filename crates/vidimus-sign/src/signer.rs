//! Whatever can sign: a key in a file today; a token or a service would be another implementation.

use vidimus::authenticate::keys::{PublicKey, SignatureAlgorithm};
use vidimus::digest::{Algorithm, Digest};

use crate::error::Error;

/// Something that signs with one key. Implementations are deterministic where the scheme allows it: ECDSA with nonces by
/// RFC 6979, Ed25519 as it is.
pub trait Signer {
    /// The public key; it says which algorithm.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message`. ECDSA signatures are DER.
    ///
    /// # Errors
    /// The signer cannot be reached, or refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error>;

    /// Signs a message of which the digest is known, by the algorithm that the scheme signs
    /// ([`SignatureAlgorithm::prehash`]).
    ///
    /// # Errors
    /// As [`sign`](Self::sign); and the scheme signs no digest, or another one.
    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error>;
}

/// A signature over `message` that verifies: what a broken machine signs is not handed out, as it could give the key away.
///
/// # Errors
/// See [`Signer::sign`], and [`Error::Fault`].
pub fn signed(signer: &dyn Signer, message: &[u8]) -> Result<Vec<u8>, Error> {
    let signature = signer.sign(message)?;
    if signer.public_key().verifies(message, &signature) { Ok(signature) } else { Err(Error::Fault) }
}

/// A signature over a file of which all digests are known, or the bytes where the scheme needs them.
pub mod message {
    use super::{Algorithm, Digest, Error, SignatureAlgorithm, Signer, signed};

    /// Which digest of a file must be known for `algorithm`; `None` where the bytes themselves must.
    #[must_use]
    pub const fn wanted(algorithm: SignatureAlgorithm) -> Option<Algorithm> {
        algorithm.prehash()
    }

    /// The signature over a file with this digest.
    ///
    /// # Errors
    /// See [`signed`].
    pub fn by_digest(signer: &dyn Signer, digest: &Digest) -> Result<Vec<u8>, Error> {
        let signature = signer.sign_digest(digest)?;
        if signer.public_key().verifies_digest(digest, &signature) { Ok(signature) } else { Err(Error::Fault) }
    }

    /// The signature over a file with these bytes.
    ///
    /// # Errors
    /// See [`signed`].
    pub fn by_bytes(signer: &dyn Signer, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        signed(signer, bytes)
    }
}
