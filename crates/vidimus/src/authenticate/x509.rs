//! X.509 certification paths (RFC 5280 section 6) from a signer's certificate to an anchor of the policy.
//!
//! `webpki` builds and validates the path: names, signatures, validity, basic constraints, path lengths, name constraints,
//! extended key usage, unknown critical extensions. It verifies no signature itself: each goes through [`PublicKey`], so that
//! certificates and evidence are held to one accept set. What it leaves out is done here: key usage, weak keys, subject
//! attributes, revocation (see [`super::crl`]).

use std::time::Duration;

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor, UnixTime,
    alg_id,
};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::{Certificate, Version};

use super::keys::{PublicKey, SignatureAlgorithm};
use crate::digest::Algorithm;
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    MALFORMED = "certificate.malformed", Unproven, Signer, [],
        says "a certificate that is not DER as RFC 5280 has it",
        why "Two readers could understand a malformed certificate differently.",
        fix "Sign with a certificate that a certification authority issued.";
    CHAIN = "certificate.untrusted", Unproven, Signer, ["found", "identity"],
        says "the certificate of {found} does not lead to an anchor that the policy has for {identity}",
        why "Anybody can run a certificate authority. Only the anchors of the policy count; a root that comes with the signature does not (T33).",
        fix "Sign with a certificate of the authority that the policy names and deliver the intermediate certificates with the signature.";
    VALIDITY = "certificate.outside-validity", Unproven, Signer, ["identity", "judged_at"],
        says "the certificate of {identity}, or one behind it, is not valid at {judged_at}",
        why "A signature counts if every certificate of its path was valid when it was proven to exist; without a proven time, when the verdict is made (RFC 5280 section 6.1.3, T8).",
        fix "Have a time-stamping authority of the policy stamp the signature while its certificate is valid, or sign again.";
    PURPOSE = "certificate.purpose", Unproven, Signer, ["identity"],
        says "the certificate of {identity} is not for this use: its key usage or extended key usage says otherwise",
        why "A certificate for a web server must not sign software (RFC 5280 sections 4.2.1.3 and 4.2.1.12).",
        fix "Sign with a certificate for the usage that the policy names.";
    AUTHORITY = "certificate.authority", Unproven, Signer, ["identity"],
        says "the signer's certificate is one of a certificate authority ({identity})",
        why "An authority's key signs certificates. If it signs software as well, whoever runs the authority can sign in anybody's name.",
        fix "Issue a certificate to the signer and sign with that.";
    CONSTRAINT = "certificate.constraint", Unproven, Signer, ["identity"],
        says "the path of the certificate of {identity} breaks a constraint: path length, names, or a critical extension that is not known",
        why "Authorities limit what is issued under them, and what is critical and not understood cannot be passed over (RFC 5280 section 4.2).",
        fix "Have the authority issue certificates within its own constraints.";
    ALGORITHM = "certificate.algorithm", Unproven, Signer, ["identity"],
        says "a certificate in the path of {identity} is signed with an algorithm or key that is not accepted",
        why "A certificate signed with SHA-1, a short RSA key or a small-order key can be forged.",
        fix "Have the authority issue certificates with ECDSA on P-256 or P-384, Ed25519, or RSA of at least 2048 bits and SHA-256 or longer.";
}

/// Certificates in one path, the anchor not counted (`verification.md` 1.4).
pub const MAX_CERTIFICATES: usize = 6;

/// What must be true of the signer's certificate.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The instant at which every certificate must be valid, both ends included.
    pub at: Time,
    /// The extended key usage that the signer's certificate must state; an issuer that states usages must state it as well.
    pub usage: &'a ObjectIdentifier,
    /// Must that extension be critical and state nothing else (RFC 3161 section 2.3)?
    pub usage_alone: bool,
}

/// A validated path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The certificates from the signer's to the last before the anchor, DER.
    pub certificates: Vec<Vec<u8>>,
    /// SubjectPublicKeyInfo of the issuer of each of them, DER.
    pub issuers: Vec<Vec<u8>>,
}

/// Why there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// Not DER as RFC 5280 has it.
    Malformed,
    /// It leads to none of the anchors.
    Untrusted,
    /// A certificate of it is not valid then.
    Validity,
    /// Key usage or extended key usage say otherwise.
    Purpose,
    /// The signer's certificate is one of an authority.
    Authority,
    /// Path length, names, an unknown critical extension, or more work than is done.
    Constraint,
    /// An algorithm or key that is not accepted.
    Algorithm,
}

impl PathError {
    /// As a reason about `identity`, whose certificate says that its subject is `found`.
    #[must_use]
    pub fn reason(self, identity: &str, found: &str, at: Time) -> Reason {
        let about = |info| Reason::new(info).name("identity", identity);
        match self {
            Self::Malformed => Reason::new(&MALFORMED),
            Self::Untrusted => about(&CHAIN).evidence("found", found),
            Self::Validity => about(&VALIDITY).time("judged_at", at),
            Self::Purpose => about(&PURPOSE),
            Self::Authority => about(&AUTHORITY),
            Self::Constraint => about(&CONSTRAINT),
            Self::Algorithm => about(&ALGORITHM),
        }
    }
}

/// Reads the anchors of a PEM file, at least one; for the operator's own files.
///
/// # Errors
/// `None` if anything in it is not a certificate in DER, or one that no path could lead to.
#[must_use]
pub fn from_pem(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    // The crate counts below zero where there is nothing but line ends.
    let pem = Some(pem.trim_ascii()).filter(|pem| !pem.is_empty())?;
    let chain = Certificate::load_pem_chain(pem).ok().filter(|chain| !chain.is_empty())?;
    let usable = |der: &Vec<u8>| anchor_from_trusted_cert(&CertificateDer::from(der.as_slice())).is_ok();
    chain.iter().map(|certificate| certificate.to_der().ok().filter(usable)).collect()
}

/// May the holder of the certificate issue others: does it say so (RFC 5280 sections 4.2.1.3 and 4.2.1.9), or is it of before
/// version 3, which could not? What is malformed may not.
#[must_use]
pub fn is_authority(der: &[u8]) -> bool {
    let Ok(certificate) = Certificate::from_der(der) else { return false };
    let tbs = certificate.tbs_certificate;
    let signs =
        tbs.get::<KeyUsage>().map(|usage| usage.is_none_or(|(_, usage)| usage.0.contains(KeyUsages::KeyCertSign)));
    match tbs.get::<BasicConstraints>() {
        Ok(Some((_, constraints))) => constraints.ca && signs == Ok(true),
        Ok(None) => tbs.version != Version::V3,
        Err(_) => false,
    }
}

/// Is it a certificate, DER from end to end?
#[must_use]
pub fn is_certificate(der: &[u8]) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| certificate.to_der().is_ok_and(|again| again == der))
}

/// Builds and validates a path from `leaf` through any of `others` to one of `anchors`, all DER. Of an anchor, subject, key and
/// name constraints count (RFC 5280 section 6.1.1 d); certificates among `others` that are anchors themselves lead nowhere by that.
/// An anchor that is not one of an authority stands for itself alone: its holder can sign, and issue nothing.
///
/// # Errors
/// See [`PathError`].
pub fn path(leaf: &[u8], others: &[Vec<u8>], anchors: &[Vec<u8>], wanted: Wanted<'_>) -> Result<Path, PathError> {
    let parsed = Certificate::from_der(leaf).map_err(|_| PathError::Malformed)?;
    // webpki reads what it needs; a certificate is DER from end to end, or nothing.
    if parsed.to_der().ok().as_deref() != Some(leaf) {
        return Err(PathError::Malformed);
    }
    let anchors = anchors.iter().filter(|der| *der == leaf || is_authority(der));
    let anchors: Vec<CertificateDer<'_>> = anchors.map(|der| CertificateDer::from(der.as_slice())).collect();
    let trusted: Vec<TrustAnchor<'_>> = anchors.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
    let others: Vec<CertificateDer<'_>> = others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let der = CertificateDer::from(leaf);
    let end = EndEntityCert::try_from(&der).map_err(|error| code(&error))?;
    let second = u64::try_from(wanted.at.second()).map_err(|_| PathError::Validity)?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(second));
    let usage = Usage(wanted.usage);
    let found =
        end.verify_for_usage(ALGORITHMS, &trusted, &others, now, usage, None, None).map_err(|error| code(&error))?;
    let mut certificates = vec![leaf.to_vec()];
    certificates.extend(found.intermediate_certificates().map(|certificate| certificate.der().to_vec()));
    if certificates.len() > MAX_CERTIFICATES {
        return Err(PathError::Constraint);
    }
    let keys = found.intermediate_certificates().map(|certificate| certificate.subject_public_key_info().to_vec());
    let anchor = webpki::spki_for_anchor(found.anchor()).to_vec();
    let issuers: Vec<Vec<u8>> = keys.chain([anchor]).collect();
    usages(&parsed, &certificates, wanted)?;
    Ok(Path { certificates, issuers })
}

/// Key usage, which `webpki` leaves to its caller.
fn usages(leaf: &Certificate, certificates: &[Vec<u8>], wanted: Wanted<'_>) -> Result<(), PathError> {
    let usage = |certificate: &Certificate| match certificate.tbs_certificate.get::<KeyUsage>() {
        Ok(found) => Ok(found.map(|(_, usage)| usage.0)),
        Err(_) => Err(PathError::Malformed),
    };
    let signs = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
    if usage(leaf)?.is_some_and(|usage| usage.is_disjoint(signs)) {
        return Err(PathError::Purpose);
    }
    let stated = leaf.tbs_certificate.get::<ExtendedKeyUsage>().map_err(|_| PathError::Malformed)?;
    let (critical, stated) = stated.ok_or(PathError::Purpose)?;
    let alone = critical && stated.0 == [*wanted.usage];
    if !stated.0.contains(wanted.usage) || (wanted.usage_alone && !alone) {
        return Err(PathError::Purpose);
    }
    for der in certificates.iter().skip(1) {
        let issuer = Certificate::from_der(der).map_err(|_| PathError::Malformed)?;
        if usage(&issuer)?.is_some_and(|usage| !usage.contains(KeyUsages::KeyCertSign)) {
            return Err(PathError::Purpose);
        }
    }
    Ok(())
}

/// Where a certificate of the path states extended key usages, this one is among them. That the signer's states them at all is
/// asked in [`usages`]: here nobody knows whose certificate it is.
#[derive(Clone, Copy)]
struct Usage<'a>(&'a ObjectIdentifier);

impl ExtendedKeyUsageValidator for Usage<'_> {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut stated = false;
        for usage in iter {
            stated = true;
            let arcs = usage?.to_decoded_oid();
            if arcs.into_iter().eq(self.0.arcs().map(|arc| arc as usize)) {
                return Ok(());
            }
        }
        if stated { Err(webpki::Error::EmptyEkuExtension) } else { Ok(()) }
    }
}

fn code(error: &webpki::Error) -> PathError {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } | E::CertNotValidYet { .. } | E::InvalidCertValidity => PathError::Validity,
        E::CaUsedAsEndEntity => PathError::Authority,
        E::EmptyEkuExtension | E::RequiredEkuNotFoundContext(_) => PathError::Purpose,
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => PathError::Untrusted,
        E::NameConstraintViolation
        | E::PathLenConstraintViolated
        | E::EndEntityUsedAsCa
        | E::UnsupportedCriticalExtension
        | E::MaximumPathDepthExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumSignatureChecksExceeded
        | E::MaximumNameConstraintComparisonsExceeded => PathError::Constraint,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | E::SignatureAlgorithmMismatch => PathError::Algorithm,
        _ => PathError::Malformed,
    }
}

/// One accepted signature algorithm, in the form that `webpki` asks for.
#[derive(Clone, Copy, Debug)]
struct Verifier {
    algorithm: SignatureAlgorithm,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for Verifier {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = PublicKey::from_raw(key, self.algorithm).map_err(|_| InvalidSignature)?;
        if key.verifies(message, signature) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

const fn rsa(hash: Algorithm, pss: bool, signature: AlgorithmIdentifier) -> Verifier {
    let algorithm = if pss {
        SignatureAlgorithm::RsaPss { bits: 2048, hash }
    } else {
        SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash }
    };
    Verifier { algorithm, key: alg_id::RSA_ENCRYPTION, signature }
}

/// What certificates may be signed with, whatever `algorithms.signature` of the policy lists: that list is about evidence.
static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    &Verifier {
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        key: alg_id::ECDSA_P256,
        signature: alg_id::ECDSA_SHA256,
    },
    &Verifier {
        algorithm: SignatureAlgorithm::EcdsaP384Sha384,
        key: alg_id::ECDSA_P384,
        signature: alg_id::ECDSA_SHA384,
    },
    &Verifier { algorithm: SignatureAlgorithm::Ed25519, key: alg_id::ED25519, signature: alg_id::ED25519 },
    &rsa(Algorithm::Sha256, false, alg_id::RSA_PKCS1_SHA256),
    &rsa(Algorithm::Sha384, false, alg_id::RSA_PKCS1_SHA384),
    &rsa(Algorithm::Sha512, false, alg_id::RSA_PKCS1_SHA512),
    &rsa(Algorithm::Sha256, true, alg_id::RSA_PSS_SHA256),
    &rsa(Algorithm::Sha384, true, alg_id::RSA_PSS_SHA384),
    &rsa(Algorithm::Sha512, true, alg_id::RSA_PSS_SHA512),
];

/// Attributes of a subject that policies can name, with their types (RFC 4519, RFC 2985).
pub const ATTRIBUTES: &[(&str, &str)] = &[
    ("C", "2.5.4.6"),
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("ST", "2.5.4.8"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("organizationIdentifier", "2.5.4.97"),
    ("serialNumber", "2.5.4.5"),
];

/// The values of one attribute of a name, in order; `None` for a value that is no text.
#[must_use]
pub fn values(name: &Name, attribute: &str) -> Vec<Option<String>> {
    let attributes = name.0.iter().flat_map(|part| part.0.iter());
    attributes.filter(|found| found.oid.to_string() == attribute).map(|found| text(&found.value)).collect()
}

fn text(value: &der::Any) -> Option<String> {
    use der::Tagged as _;
    match value.tag() {
        der::Tag::Utf8String | der::Tag::PrintableString | der::Tag::Ia5String => {
            String::from_utf8(value.value().to_vec()).ok()
        }
        _ => None,
    }
}

/// A name as people read it: `CN=…, O=…`, in the certificate's order; other attributes by their type.
#[must_use]
pub fn shown(name: &Name) -> String {
    let attributes = name.0.iter().flat_map(|part| part.0.iter());
    let shown = attributes.map(|found| {
        let oid = found.oid.to_string();
        let label = ATTRIBUTES.iter().find(|(_, known)| *known == oid).map_or(oid.as_str(), |(label, _)| label);
        format!("{label}={}", text(&found.value).unwrap_or_else(|| "?".to_owned()))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// The text of every subject alternative name that is an e-mail address, a URI or a host; an error if a name stands twice or the
/// extension cannot be read.
///
/// # Errors
/// [`PathError::Malformed`].
pub fn alternative_names(certificate: &Certificate) -> Result<Vec<String>, PathError> {
    use x509_cert::ext::pkix::name::GeneralName as G;
    let found = certificate.tbs_certificate.get::<SubjectAltName>().map_err(|_| PathError::Malformed)?;
    let names = found.map(|(_, names)| names.0).unwrap_or_default();
    let names = names.iter().filter_map(|name| match name {
        G::Rfc822Name(text) | G::DnsName(text) | G::UniformResourceIdentifier(text) => Some(text.as_str().to_owned()),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    let count = names.len();
    names.sort();
    names.dedup();
    if names.len() == count { Ok(names) } else { Err(PathError::Malformed) }
}
