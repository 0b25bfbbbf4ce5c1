//! Private keys encrypted by PBES2 (RFC 8018 section 6.2): PBKDF2 with HMAC-SHA-2, AES in CBC mode. That is what openssl writes and
//! opens; `docs/decisions` says why it is not scrypt.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{AnyRef, Decode as _, Encode as _};
use pkcs8::SecretDocument;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::{KeyProblem, random};
use crate::error::Error;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const HMAC_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.10");
const HMAC_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");
const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// What OWASP asks of PBKDF2 with HMAC-SHA-256 at least.
const ITERATIONS: u32 = 600_000;
/// More would be a file that is made to never open.
const MAX_ITERATIONS: u32 = 100_000_000;

/// RFC 5958 section 3.
#[derive(der::Sequence)]
struct Encrypted<'a> {
    how: AlgorithmIdentifierRef<'a>,
    data: OctetStringRef<'a>,
}

/// RFC 8018 appendix A.4.
#[derive(der::Sequence)]
struct Pbes2<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    encryption: AlgorithmIdentifierRef<'a>,
}

/// RFC 8018 appendix A.2, with the salt in the file. Without a stated function it is HMAC-SHA-1, which is not taken.
#[derive(der::Sequence)]
struct Pbkdf2<'a> {
    salt: OctetStringRef<'a>,
    iterations: u32,
    #[asn1(optional = "true")]
    length: Option<u16>,
    #[asn1(optional = "true")]
    function: Option<AlgorithmIdentifierRef<'a>>,
}

/// Opens an encrypted private key.
pub(super) fn open(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
    let damaged = |_| KeyProblem::Damaged;
    let file = Encrypted::from_der(der).map_err(damaged)?;
    if file.how.oid != PBES2 {
        return Err(KeyProblem::Encryption);
    }
    let how: Pbes2<'_> = parameters(&file.how)?;
    if how.derivation.oid != PBKDF2 {
        return Err(KeyProblem::Encryption);
    }
    let derivation: Pbkdf2<'_> = parameters(&how.derivation)?;
    let function = match derivation.function.map(|function| function.oid) {
        Some(HMAC_SHA256) => pbkdf2::PBKDF2_HMAC_SHA256,
        Some(HMAC_SHA384) => pbkdf2::PBKDF2_HMAC_SHA384,
        Some(HMAC_SHA512) => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(KeyProblem::Encryption),
    };
    let (cipher, length) = match how.encryption.oid {
        AES_128_CBC => (&AES_128, 16_u16),
        AES_256_CBC => (&AES_256, 32),
        _ => return Err(KeyProblem::Encryption),
    };
    if derivation.length.is_some_and(|stated| stated != length) {
        return Err(KeyProblem::Damaged);
    }
    let iv: OctetStringRef<'_> = parameters(&how.encryption)?;
    let iv: FixedLength<16> = iv.as_bytes().try_into().map_err(|_| KeyProblem::Damaged)?;
    let iterations = NonZeroU32::new(derivation.iterations).filter(|n| n.get() <= MAX_ITERATIONS);
    let mut secret = Zeroizing::new(vec![0_u8; usize::from(length)]);
    pbkdf2::derive(
        function,
        iterations.ok_or(KeyProblem::Damaged)?,
        derivation.salt.as_bytes(),
        passphrase,
        &mut secret,
    );
    let key = UnboundCipherKey::new(cipher, &secret).and_then(PaddedBlockDecryptingKey::cbc_pkcs7);
    let mut data = Zeroizing::new(file.data.as_bytes().to_vec());
    let opened = key.and_then(|key| key.decrypt(&mut data, DecryptionContext::Iv128(iv)).map(|plain| plain.len()));
    let length = opened.map_err(|_| KeyProblem::Passphrase)?;
    data.truncate(length);
    // A wrong passphrase can leave padding that happens to be right, once in 256 times.
    if pkcs8::PrivateKeyInfo::try_from(data.as_slice()).is_ok() { Ok(data) } else { Err(KeyProblem::Passphrase) }
}

fn parameters<'a, T>(algorithm: &AlgorithmIdentifierRef<'a>) -> Result<T, KeyProblem>
where
    T: der::Decode<'a> + der::DecodeValue<'a> + der::FixedTag,
{
    algorithm.parameters.and_then(|any| any.decode_as().ok()).ok_or(KeyProblem::Damaged)
}

/// Encrypts a private key with a new salt.
pub(super) fn lock(der: &[u8], passphrase: &[u8]) -> Result<SecretDocument, Error> {
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    random(&mut salt)?;
    random(&mut iv)?;
    let mut secret = Zeroizing::new([0_u8; 32]);
    let iterations = NonZeroU32::new(ITERATIONS).ok_or(Error::Fault)?;
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, passphrase, secret.as_mut_slice());
    let broken = |_| Error::input("the private key cannot be encrypted");
    let key = UnboundCipherKey::new(&AES_256, secret.as_slice())
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .map_err(broken)?;
    // Room for the padding, so that no copy is left behind when it grows.
    let mut data = Vec::with_capacity(der.len() + 16);
    data.extend_from_slice(der);
    let context = EncryptionContext::Iv128(FixedLength::from(&iv));
    key.less_safe_encrypt(&mut data, context).map_err(broken)?;
    written(&salt, &iv, &data).map_err(|_| Error::Fault)
}

fn written(salt: &[u8], iv: &[u8], data: &[u8]) -> der::Result<SecretDocument> {
    let function = AlgorithmIdentifierRef { oid: HMAC_SHA256, parameters: Some(AnyRef::NULL) };
    let derivation =
        Pbkdf2 { salt: OctetStringRef::new(salt)?, iterations: ITERATIONS, length: None, function: Some(function) }
            .to_der()?;
    let iv = OctetStringRef::new(iv)?.to_der()?;
    let how = Pbes2 {
        derivation: AlgorithmIdentifierRef { oid: PBKDF2, parameters: Some(AnyRef::from_der(&derivation)?) },
        encryption: AlgorithmIdentifierRef { oid: AES_256_CBC, parameters: Some(AnyRef::from_der(&iv)?) },
    }
    .to_der()?;
    let how = AlgorithmIdentifierRef { oid: PBES2, parameters: Some(AnyRef::from_der(&how)?) };
    SecretDocument::try_from(Encrypted { how, data: OctetStringRef::new(data)? }.to_der()?)
}
