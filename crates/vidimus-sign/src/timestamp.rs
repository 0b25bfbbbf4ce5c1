//! RFC 3161: the request for a timestamp over a signature, and the response, checked, beside it in the bundle. Nothing is sent: a
//! request is a file that any client can post to an authority, and its answer is a file again. Only the feature `http` asks itself.

#[cfg(feature = "http")]
pub mod http;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{Null, ObjectIdentifier, OctetString, Uint};
use der::{Any, Encode as _};
use serde_json::{Value, json};
use spki::AlgorithmIdentifierOwned;
use vidimus::authenticate::rfc3161::{self, Stamp, TokenError};
use vidimus::authenticate::x509;
use vidimus::decode::{self, Bundle, BundleContent, Content, Envelope};
use vidimus::digest::Algorithm;
use vidimus::limits::Limits;
use vidimus::policy::{Policy, TimeAuthority};

use crate::error::Error;
use crate::key::random;

/// RFC 3161 section 2.4.1.
#[derive(der::Sequence)]
struct Request {
    version: u8,
    imprint: Imprint,
    #[asn1(optional = "true")]
    policy: Option<ObjectIdentifier>,
    #[asn1(optional = "true")]
    nonce: Option<Uint>,
    #[asn1(default = "Default::default")]
    certificates: bool,
}

#[derive(der::Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// A request for a timestamp over `signature`, DER: with the certificate of the authority in the answer, and a nonce unless the same
/// request shall be made twice.
///
/// # Errors
/// The operating system gives no random bytes.
pub fn request(signature: &[u8], algorithm: Algorithm, nonce: bool) -> Result<Vec<u8>, Error> {
    let broken = |_| Error::input("the request cannot be written");
    let oid = match algorithm {
        Algorithm::Sha256 => "2.16.840.1.101.3.4.2.1",
        Algorithm::Sha384 => "2.16.840.1.101.3.4.2.2",
        Algorithm::Sha512 => "2.16.840.1.101.3.4.2.3",
    };
    let nonce = if nonce {
        let mut bytes = [0_u8; 8];
        random(&mut bytes)?;
        // A first byte of 0 would be one byte less, and no harm; DER writes it shorter.
        Some(Uint::new(&bytes).map_err(broken)?)
    } else {
        None
    };
    let parameters = Some(Any::from(Null));
    let request = Request {
        version: 1,
        imprint: Imprint {
            algorithm: AlgorithmIdentifierOwned {
                oid: ObjectIdentifier::new(oid).map_err(|_| Error::Fault)?,
                parameters,
            },
            digest: OctetString::new(algorithm.digest(signature).bytes()).map_err(broken)?,
        },
        policy: None,
        nonce,
        certificates: true,
    };
    request.to_der().map_err(broken)
}

/// A bundle, and the signature in it that a timestamp is over.
#[derive(Clone, Debug)]
pub struct Stampable {
    bundle: Value,
    /// The raw signature.
    pub signature: Vec<u8>,
}

impl Stampable {
    /// Reads a bundle; one alone, not a list.
    ///
    /// # Errors
    /// It is none.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let no = || Error::input("not one Sigstore bundle").with_hint("only a bundle has a place for timestamps");
        let Content::Signed(items) = decode::document(bytes, &Limits::MAX) else { return Err(no()) };
        let [item] = items.as_slice() else { return Err(no()) };
        let Ok(Envelope::Bundle(Bundle { content, .. })) = &item.envelope else { return Err(no()) };
        let signature = match content {
            BundleContent::Dsse(dsse) => dsse.signatures.first().cloned().ok_or_else(no)?,
            BundleContent::Message { signature, .. } => signature.clone(),
        };
        let bundle = decode::json(bytes).map_err(|reason| Error::input(reason.sentence()))?;
        if bundle.get("verificationMaterial").is_none() {
            return Err(no());
        }
        Ok(Self { bundle, signature })
    }

    /// Puts a response beside the signature if one of `authorities` vouches for it. A token that is there already is not added again.
    ///
    /// # Errors
    /// The response grants nothing, is over another signature, or is of no authority that is believed.
    pub fn attach(&mut self, response: &[u8], authorities: &[&TimeAuthority]) -> Result<Stamp, Error> {
        let mut first = None;
        for authority in authorities {
            match rfc3161::verify(response, &self.signature, authority) {
                Ok(stamp) => {
                    self.put(response)?;
                    return Ok(stamp);
                }
                // What the authority's own token lacks says more than that it is not another's.
                Err(TokenError::Foreign) => first = first.or(Some(TokenError::Foreign)),
                Err(error) => first = Some(error),
            }
        }
        Err(Error::input(match first {
            None => "there is no time-stamping authority to hold the response against",
            Some(TokenError::Malformed) => "the response grants no timestamp, or is none",
            Some(TokenError::Foreign) => "the timestamp is of an authority that is not among those that are believed",
            Some(TokenError::Imprint) => "the timestamp is over another signature",
            Some(TokenError::Invalid) => {
                "the timestamp does not verify: its signature, certificate, attributes or time"
            }
            Some(TokenError::Policy) => {
                "the timestamp was made under another policy of its authority than the one that is asked for"
            }
        })
        .with_hint("ask the authority again with the request for this very bundle"))
    }

    fn put(&mut self, response: &[u8]) -> Result<(), Error> {
        let response = STANDARD.encode(response);
        let material = self.bundle.pointer_mut("/verificationMaterial").and_then(Value::as_object_mut);
        let data = material.ok_or(Error::Fault)?.entry("timestampVerificationData").or_insert_with(|| json!({}));
        let list = data.as_object_mut().ok_or(Error::Fault)?.entry("rfc3161Timestamps").or_insert_with(|| json!([]));
        let list = list.as_array_mut().ok_or(Error::Fault)?;
        if !list.iter().any(|stamp| stamp.get("signedTimestamp").and_then(Value::as_str) == Some(response.as_str())) {
            list.push(json!({"signedTimestamp": response}));
        }
        Ok(())
    }

    /// The bundle as the bytes of a file.
    ///
    /// # Errors
    /// Never, for a bundle that was read.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        crate::envelope::line(&self.bundle)
    }
}

/// An authority by the certificates (PEM) that its own lead to.
///
/// # Errors
/// They are none.
pub fn authority(pem: &[u8]) -> Result<TimeAuthority, Error> {
    let anchors = x509::from_pem(pem).filter(|list| !list.is_empty()).ok_or_else(|| {
        Error::input("not certificates in PEM").with_hint("name the root certificate of the time-stamping authority")
    })?;
    Ok(TimeAuthority { party: String::new(), anchors, policy_oid: None, revocation: false, lists: Vec::new() })
}

/// The authorities that a policy believes.
#[must_use]
pub fn authorities(policy: &Policy) -> Vec<&TimeAuthority> {
    policy.authorities.values().collect()
}
