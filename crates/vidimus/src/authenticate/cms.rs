//! CMS SignedData (RFC 5652 section 5), as detached signatures and timestamp tokens carry it: reading, and the steps of
//! section 5.4 to 5.6 for one signer. Whose certificate it is, and whether it counts, is decided by the callers.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::revocation::RevocationInfoChoice;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode as _, Encode as _};
use rustls_pki_types::alg_id;
use spki::AlgorithmIdentifierOwned;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::crl::Crl;
use super::keys::{PublicKey, SignatureAlgorithm};
use crate::digest::{Algorithm, Digest};
use crate::time::Time;

/// Content types.
pub const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";

/// Attribute types (RFC 5652 section 11, RFC 5035 section 3, RFC 3161 appendix A).
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const TIME_STAMP_TOKEN: &str = "1.2.840.113549.1.9.16.2.14";

/// Signers of one SignedData, and certificates or lists in one: counters, so that no document costs more (`verification.md` 1.4).
const MAX_SIGNERS: usize = 16;
const MAX_CERTIFICATES: usize = 32;

/// A SignedData as read; nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cms {
    data: SignedData,
    /// Certificates that came with it, DER.
    certificates: Vec<Vec<u8>>,
    /// Revocation lists that came with it.
    lists: Vec<Crl>,
}

/// What one signer is found to have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The signer's certificate, DER; not validated.
    pub certificate: Vec<u8>,
    /// With what it was signed.
    pub algorithm: SignatureAlgorithm,
    /// The signature's bytes, which timestamps are over.
    pub signature: Vec<u8>,
    /// When the signer says it was: a claim.
    pub claimed: Option<Time>,
    /// Does the signature commit to the signer's certificate by its digest (ESSCertIDv2)?
    pub names_certificate: bool,
    /// Timestamp tokens over the signature, DER; not verified.
    pub stamps: Vec<Vec<u8>>,
}

/// Why one signer's signature does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerError {
    /// The signer's certificate is not among those that came with the signature.
    NoCertificate,
    /// A part says something else than RFC 5652 lets it say.
    Form(&'static str),
    /// An algorithm that is not supported, or parameters or a key that do not go with it.
    Unsupported(String),
    /// A signed attribute is missing, stands twice or says something that it must not.
    Attribute(&'static str),
    /// The content has another digest than the one that was signed.
    Content,
    /// The signature does not verify.
    Signature,
}

impl Cms {
    /// Reads a ContentInfo with SignedData, DER.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let outer = ContentInfo::from_der(der).ok()?;
        if outer.content_type.to_string() != SIGNED_DATA {
            return None;
        }
        let data = SignedData::from_der(&outer.content.to_der().ok()?).ok()?;
        let choices = data.certificates.iter().flat_map(|set| set.0.iter());
        let certificates = choices.filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => certificate.to_der().ok(),
            CertificateChoices::Other(_) => None,
        });
        let certificates: Vec<Vec<u8>> = certificates.collect();
        let lists = data.crls.iter().flat_map(|set| set.0.iter()).filter_map(|choice| match choice {
            RevocationInfoChoice::Crl(list) => Crl::read(&list.to_der().ok()?),
            RevocationInfoChoice::Other(_) => None,
        });
        let lists: Vec<Crl> = lists.collect();
        let few = certificates.len() <= MAX_CERTIFICATES && lists.len() <= MAX_CERTIFICATES;
        let signers = data.signer_infos.0.len();
        (few && (1..=MAX_SIGNERS).contains(&signers)).then_some(Self { data, certificates, lists })
    }

    /// Certificates that came with it, DER. They lead to an anchor, or nowhere; none of them is one.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// With certificates that are at hand besides.
    #[must_use]
    pub fn with(mut self, certificates: &[Vec<u8>]) -> Self {
        self.certificates.extend(certificates.iter().cloned());
        self
    }

    /// Revocation lists that came with it.
    #[must_use]
    pub fn lists(&self) -> &[Crl] {
        &self.lists
    }

    /// Is there nothing in it that nobody signed: one signer, one digest algorithm, no unsigned attributes, no lists, and no
    /// certificates but those of a validated path and its anchors? What is signed its makers answer for; anything else could be
    /// text that means something to another program.
    #[must_use]
    pub(super) fn is_all_signed(&self, path: &[Vec<u8>], anchors: &[Vec<u8>]) -> bool {
        let data = &self.data;
        data.signer_infos.0.len() == 1
            && data.signer_infos.0.iter().all(|signer| signer.unsigned_attrs.is_none())
            && data.digest_algorithms.len() == 1
            && data.crls.is_none()
            && data.certificates.iter().flat_map(|set| set.0.iter()).all(|choice| match choice {
                CertificateChoices::Certificate(one) => {
                    one.to_der().is_ok_and(|der| path.contains(&der) || anchors.contains(&der))
                }
                CertificateChoices::Other(_) => false,
            })
    }

    /// Has it unsigned attributes other than time-stamp tokens of this form, or certificates or lists of unknown formats, or certificates that are
    /// neither a signer's nor the issuer's of another one? Whose the tokens, certificates and lists are is not asked here.
    #[must_use]
    pub(crate) fn has_more_than_needed(&self) -> bool {
        let signers = self.data.signer_infos.0.iter();
        let mut attributes = signers.flat_map(|signer| signer.unsigned_attrs.iter().flat_map(|all| all.iter()));
        let is_token = |value: &der::Any| {
            let token = value.to_der().ok().and_then(|der| Self::read(&der));
            // A token has none itself, so nothing here goes deeper.
            token.is_some_and(|token| {
                let mut signers = token.data.signer_infos.0.iter();
                signers.all(|signer| signer.unsigned_attrs.is_none()) && !token.has_strange_certificates()
            })
        };
        let is_stamp = |one: &x509_cert::attr::Attribute| {
            one.oid.to_string() == TIME_STAMP_TOKEN && one.values.len() == 1 && one.values.iter().all(is_token)
        };
        !attributes.all(is_stamp) || self.has_strange_certificates()
    }

    fn has_strange_certificates(&self) -> bool {
        let data = &self.data;
        let others =
            data.certificates.iter().flat_map(|set| set.0.iter()).any(|c| matches!(c, CertificateChoices::Other(_)))
                || data.crls.iter().flat_map(|set| set.0.iter()).any(|c| matches!(c, RevocationInfoChoice::Other(_)));
        let read = |der: &Vec<u8>| Certificate::from_der(der).ok();
        let signers: Vec<&Vec<u8>> = (0..self.signers()).filter_map(|index| self.certificate_of(index)).collect();
        let certificates: Vec<Certificate> = self.certificates.iter().filter_map(read).collect();
        let issues = |name: &x509_cert::name::Name| certificates.iter().any(|one| one.tbs_certificate.issuer == *name);
        let is_needed =
            |der: &Vec<u8>| signers.contains(&der) || read(der).is_some_and(|one| issues(&one.tbs_certificate.subject));
        others || !self.certificates.iter().all(is_needed)
    }

    /// The type of the content, dotted.
    #[must_use]
    pub fn content_type(&self) -> String {
        self.data.encap_content_info.econtent_type.to_string()
    }

    /// The content, if it is not detached.
    #[must_use]
    pub fn content(&self) -> Option<Vec<u8>> {
        let content = self.data.encap_content_info.econtent.as_ref()?;
        content.decode_as::<OctetString>().ok().map(OctetString::into_bytes)
    }

    /// Is there content that is no octet string? Then nobody knows what is signed.
    #[must_use]
    pub fn is_odd(&self) -> bool {
        self.data.encap_content_info.econtent.is_some() && self.content().is_none()
    }

    /// How many signers there are, 1 to 16.
    #[must_use]
    pub fn signers(&self) -> usize {
        self.data.signer_infos.0.len()
    }

    /// The certificate that the signer at `index` names, if it came with the signature.
    #[must_use]
    pub fn certificate_of(&self, index: usize) -> Option<&Vec<u8>> {
        let signer = self.data.signer_infos.0.get(index)?;
        self.certificates.iter().find(|der| is_named(&signer.sid, der))
    }

    /// The digests of the content that signers need.
    pub fn digests(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.data.signer_infos.0.iter().filter_map(|signer| hash(&signer.digest_alg))
    }

    /// The steps of RFC 5652 section 5.4 and 5.6 for the signer at `index`; `digest` knows the content, of type `content_type`.
    ///
    /// # Errors
    /// See [`SignerError`].
    pub fn check(
        &self,
        index: usize,
        content_type: &str,
        digest: &dyn Fn(Algorithm) -> Option<Digest>,
    ) -> Result<Checked, SignerError> {
        let signer = self.data.signer_infos.0.get(index).ok_or(SignerError::NoCertificate)?;
        let certificate = self.certificate_of(index).ok_or(SignerError::NoCertificate)?;
        self.form(signer)?;
        let (algorithm, hash) = algorithm(signer)?;
        let unusable = |_| SignerError::Unsupported(format!("{algorithm} with this key"));
        let parsed = Certificate::from_der(certificate).map_err(|_| SignerError::NoCertificate)?;
        let spki = parsed.tbs_certificate.subject_public_key_info.to_der().map_err(|_| SignerError::NoCertificate)?;
        // The public authorities of Sigstore have P-384 keys and sign tokens with SHA-256.
        let long = content_type != DATA && algorithm == SignatureAlgorithm::EcdsaP256Sha256;
        let key = PublicKey::from_spki(&spki, Some(algorithm));
        let key = key.or_else(|error| match PublicKey::from_spki(&spki, Some(SignatureAlgorithm::EcdsaP384Sha384)) {
            Ok(key) if long => Ok(key),
            _ => Err(error),
        });
        let key = key.map_err(unusable)?;
        let verifies = |message: &[u8], signature: &[u8]| {
            let short = key.algorithm() == SignatureAlgorithm::EcdsaP384Sha384 && hash == Algorithm::Sha256;
            if short { key.verifies_with_sha256(message, signature) } else { key.verifies(message, signature) }
        };
        let content = digest(hash).ok_or(SignerError::Content)?;
        let signature = signer.signature.as_bytes();
        let attributes = signed_attributes(signer, content_type, certificate)?;
        match &attributes {
            Some(signed) if signed.digest != content.bytes() => return Err(SignerError::Content),
            Some(signed) if verifies(&signed.der, signature) => {}
            None if key.verifies_digest(&content, signature) => {}
            _ => return Err(SignerError::Signature),
        }
        Ok(Checked {
            certificate: certificate.clone(),
            algorithm: key.algorithm(),
            signature: signature.to_vec(),
            claimed: attributes.as_ref().and_then(|signed| signed.claimed),
            names_certificate: attributes.is_some_and(|signed| signed.names_certificate),
            stamps: stamps(signer),
        })
    }
}

impl Cms {
    /// What is not signed and follows from the rest says what follows (RFC 5652 sections 5.1 and 5.3): versions, digest
    /// algorithms, parameters of algorithms. Otherwise one signature could be written in many ways.
    fn form(&self, signer: &SignerInfo) -> Result<(), SignerError> {
        let by_key = |signer: &SignerInfo| matches!(signer.sid, SignerIdentifier::SubjectKeyIdentifier(_));
        let (data, signers) = (&self.data, &self.data.signer_infos.0);
        let others =
            data.certificates.iter().flat_map(|set| set.0.iter()).any(|c| matches!(c, CertificateChoices::Other(_)))
                || data.crls.iter().flat_map(|set| set.0.iter()).any(|c| matches!(c, RevocationInfoChoice::Other(_)));
        let version = if others {
            CmsVersion::V5
        } else if self.content_type() != DATA || signers.iter().any(by_key) {
            CmsVersion::V3
        } else {
            CmsVersion::V1
        };
        let of_signer = if by_key(signer) { CmsVersion::V3 } else { CmsVersion::V1 };
        if data.version != version || signer.version != of_signer {
            return Err(SignerError::Form("version"));
        }
        let listed = data.digest_algorithms.iter().any(|listed| listed.oid == signer.digest_alg.oid);
        let mut digests = data.digest_algorithms.iter().chain([&signer.digest_alg]);
        if listed && digests.all(has_no_parameters) { Ok(()) } else { Err(SignerError::Form("digest algorithms")) }
    }
}

/// RFC 5754 section 2 and RFC 4055 section 5: absent or NULL, and both mean the same.
fn has_no_parameters(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|parameters| parameters.is_null() && parameters.value().is_empty())
}

fn is_named(signer: &SignerIdentifier, der: &[u8]) -> bool {
    let Ok(certificate) = Certificate::from_der(der) else { return false };
    let tbs = certificate.tbs_certificate;
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == tbs.issuer && named.serial_number == tbs.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, id))) if id == *named)
        }
    }
}

/// The digest of that name.
pub(super) fn hash(algorithm: &AlgorithmIdentifierOwned) -> Option<Algorithm> {
    match algorithm.oid.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => Some(Algorithm::Sha256),
        "2.16.840.1.101.3.4.2.2" => Some(Algorithm::Sha384),
        "2.16.840.1.101.3.4.2.3" => Some(Algorithm::Sha512),
        _ => None,
    }
}

/// Signature algorithm and digest of a signer. RFC 8419 has Ed25519 with SHA-512; RSA-PSS with the parameters that everything
/// here has: one hash, a salt as long.
fn algorithm(signer: &SignerInfo) -> Result<(SignatureAlgorithm, Algorithm), SignerError> {
    use SignatureAlgorithm as S;
    let named = |oid: &ObjectIdentifier| SignerError::Unsupported(oid.to_string());
    let digest = hash(&signer.digest_alg).ok_or_else(|| named(&signer.digest_alg.oid))?;
    let stated = &signer.signature_algorithm;
    let pkcs1 = |hash| S::RsaPkcs1 { bits: 2048, hash };
    let algorithm = match stated.oid.to_string().as_str() {
        "1.2.840.10045.4.3.2" => S::EcdsaP256Sha256,
        "1.2.840.10045.4.3.3" => S::EcdsaP384Sha384,
        "1.3.101.112" => S::Ed25519,
        "1.2.840.113549.1.1.1" => pkcs1(digest),
        "1.2.840.113549.1.1.11" => pkcs1(Algorithm::Sha256),
        "1.2.840.113549.1.1.12" => pkcs1(Algorithm::Sha384),
        "1.2.840.113549.1.1.13" => pkcs1(Algorithm::Sha512),
        "1.2.840.113549.1.1.10" => S::RsaPss { bits: 2048, hash: pss(stated).ok_or_else(|| named(&stated.oid))? },
        _ => return Err(named(&stated.oid)),
    };
    let expected = algorithm.prehash().unwrap_or(Algorithm::Sha512);
    let parameters = match algorithm {
        // RFC 5758 section 3.2, RFC 8410 section 3.
        S::EcdsaP256Sha256 | S::EcdsaP384Sha384 | S::Ed25519 => stated.parameters.is_none(),
        S::RsaPss { .. } => true,
        _ => has_no_parameters(stated),
    };
    if !parameters {
        return Err(SignerError::Form("signature algorithm"));
    }
    let goes_together = digest == expected && (algorithm != S::Ed25519 || signer.signed_attrs.is_some());
    if goes_together {
        Ok((algorithm, digest))
    } else {
        Err(SignerError::Unsupported(format!("{algorithm} over {}", digest.name())))
    }
}

fn pss(stated: &AlgorithmIdentifierOwned) -> Option<Algorithm> {
    let known = [
        (alg_id::RSA_PSS_SHA256, Algorithm::Sha256),
        (alg_id::RSA_PSS_SHA384, Algorithm::Sha384),
        (alg_id::RSA_PSS_SHA512, Algorithm::Sha512),
    ];
    let der = stated.to_der().ok()?;
    // The constants are the content of the SEQUENCE.
    let content = der::AnyRef::from_der(&der).ok()?.value().to_vec();
    known.into_iter().find(|(id, _)| id.as_ref() == content).map(|(_, hash)| hash)
}

/// What the signed attributes say.
struct Attributes {
    /// As they are signed: a SET (RFC 5652 section 5.4).
    der: Vec<u8>,
    digest: Vec<u8>,
    claimed: Option<Time>,
    names_certificate: bool,
}

fn signed_attributes(
    signer: &SignerInfo,
    content_type: &str,
    certificate: &[u8],
) -> Result<Option<Attributes>, SignerError> {
    let Some(attributes) = &signer.signed_attrs else {
        // RFC 5652 section 5.3: they are optional for plain data alone.
        return if content_type == DATA { Ok(None) } else { Err(SignerError::Attribute("content-type")) };
    };
    let one = |oid: &str, name: &'static str| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid.to_string() == oid);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(attribute), None) if attribute.values.len() == 1 => Ok(attribute.values.get(0)),
            _ => Err(SignerError::Attribute(name)),
        }
    };
    let named = one(CONTENT_TYPE, "content-type")?.and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
    if named.map(|oid| oid.to_string()).as_deref() != Some(content_type) {
        return Err(SignerError::Attribute("content-type"));
    }
    let digest = one(MESSAGE_DIGEST, "message-digest")?.and_then(|value| value.decode_as::<OctetString>().ok());
    let digest = digest.ok_or(SignerError::Attribute("message-digest"))?.into_bytes();
    let claimed = match one(SIGNING_TIME, "signing-time")? {
        Some(value) => {
            let time = value.to_der().ok().and_then(|der| x509_cert::time::Time::from_der(&der).ok());
            let time = time.ok_or(SignerError::Attribute("signing-time"))?;
            super::crl::time(&time)
        }
        None => None,
    };
    let names_certificate = match one(SIGNING_CERTIFICATE_V2, "signing-certificate")? {
        Some(value) => {
            let named = value.to_der().is_ok_and(|der| names_certificate(&der, certificate));
            named.then_some(true).ok_or(SignerError::Attribute("signing-certificate"))?
        }
        None => false,
    };
    let der = attributes.to_der().map_err(|_| SignerError::Attribute("encoding"))?;
    Ok(Some(Attributes { der, digest, claimed, names_certificate }))
}

/// RFC 5035 section 3: the first certificate that is named is the signer's.
fn names_certificate(der: &[u8], certificate: &[u8]) -> bool {
    #[derive(der::Sequence)]
    struct SigningCertificateV2 {
        certs: Vec<EssCertIdV2>,
        #[asn1(optional = "true")]
        policies: Option<der::Any>,
    }
    #[derive(der::Sequence)]
    struct EssCertIdV2 {
        #[asn1(optional = "true")]
        hash_algorithm: Option<AlgorithmIdentifierOwned>,
        cert_hash: OctetString,
        #[asn1(optional = "true")]
        issuer_serial: Option<der::Any>,
    }
    let Ok(named) = SigningCertificateV2::from_der(der) else { return false };
    let Some(first) = named.certs.first() else { return false };
    let algorithm = match &first.hash_algorithm {
        None => Some(Algorithm::Sha256),
        Some(stated) => hash(stated),
    };
    algorithm.is_some_and(|algorithm| algorithm.digest(certificate).bytes() == first.cert_hash.as_bytes())
}

fn stamps(signer: &SignerInfo) -> Vec<Vec<u8>> {
    let attributes = signer.unsigned_attrs.iter().flat_map(|attributes| attributes.iter());
    let stamps = attributes.filter(|attribute| attribute.oid.to_string() == TIME_STAMP_TOKEN);
    stamps
        .flat_map(|attribute| attribute.values.iter())
        .filter_map(|value| value.to_der().ok())
        .take(MAX_SIGNERS)
        .collect()
}
