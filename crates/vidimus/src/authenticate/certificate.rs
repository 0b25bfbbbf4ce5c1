//! What a verified signing certificate says about its holder, and how that compares with an identity of the policy.

use der::Decode as _;
use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::keys::SignatureAlgorithm;
use crate::digest::Digest;
use crate::policy::{San, SanKind, SanMatch};

/// Fulcio's otherName type (fulcio `docs/oid-info.md`, 1.3.6.1.4.1.57264.1.7).
const OTHER_NAME: &str = "1.3.6.1.4.1.57264.1.7";

/// A signing certificate whose chain was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    san: (SanKind, String),
    issuer: Option<String>,
    claims: Claims,
    algorithm: SignatureAlgorithm,
    key: Digest,
}

/// Fulcio's claims about the build that the certificate was issued to (1.3.6.1.4.1.57264.1.9 to .20).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// .1.9
    pub build_signer_uri: Option<String>,
    /// .1.11
    pub runner_environment: Option<String>,
    /// .1.12
    pub source_repository_uri: Option<String>,
    /// .1.13
    pub source_repository_digest: Option<String>,
    /// .1.14
    pub source_repository_ref: Option<String>,
    /// .1.20
    pub build_trigger: Option<String>,
}

impl Certificate {
    /// From a DER certificate; `None` unless it has exactly one subject alternative name of a kind that Fulcio issues, and its key
    /// the one form that a key has.
    pub(super) fn new(
        der: &[u8],
        issuer: Option<String>,
        claims: Claims,
        algorithm: SignatureAlgorithm,
    ) -> Option<Self> {
        let key = super::keys::identity(&spki(der)?).ok()?;
        Some(Self { san: san(der)?, issuer, claims, algorithm, key })
    }

    /// Kind and value of the subject alternative name.
    #[must_use]
    pub fn san(&self) -> (SanKind, &str) {
        (self.san.0, &self.san.1)
    }

    /// The OIDC issuer.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The build claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// sha256 of the SubjectPublicKeyInfo.
    #[must_use]
    pub const fn key(&self) -> &Digest {
        &self.key
    }

    /// Does the subject alternative name satisfy `wanted`?
    #[must_use]
    pub fn matches(&self, wanted: &San) -> bool {
        wanted.kind.is_none_or(|kind| kind == self.san.0) && matches(&self.san.1, &wanted.value)
    }
}

/// Exact, or a prefix with 1 to 64 further characters of `[0-9A-Za-z.+_-]` (DESIGN ruling 6).
#[must_use]
pub fn matches(value: &str, wanted: &SanMatch) -> bool {
    match wanted {
        SanMatch::Exact(exact) => value == exact,
        SanMatch::Prefix(prefix) => value.strip_prefix(prefix.as_str()).is_some_and(|rest| {
            (1..=64).contains(&rest.len())
                && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'_' | b'-'))
        }),
    }
}

/// Fulcio's OIDC issuer claim, as UTF8String, and as the bare text that it replaced (fulcio `docs/oid-info.md`).
const ISSUER: &str = "1.3.6.1.4.1.57264.1.8";
const ISSUER_BARE: &str = "1.3.6.1.4.1.57264.1.1";

/// The OIDC issuer that a certificate states, verified or not: for showing, never for a decision.
#[must_use]
pub fn stated_issuer(der: &[u8]) -> Option<String> {
    let certificate = X509::from_der(der).ok()?;
    let extensions = certificate.tbs_certificate.extensions?;
    let value = |oid: &str| extensions.iter().find(|e| e.extn_id.to_string() == oid).map(|e| e.extn_value.as_bytes());
    match value(ISSUER) {
        Some(der) => String::from_der(der).ok(),
        None => String::from_utf8(value(ISSUER_BARE)?.to_vec()).ok(),
    }
}

/// The common name that a certificate states, verified or not, if it states one.
#[must_use]
pub fn common_name(der: &[u8]) -> Option<String> {
    let certificate = X509::from_der(der).ok()?;
    match super::x509::values(&certificate.tbs_certificate.subject, "2.5.4.3").as_slice() {
        [Some(name)] => Some(name.clone()),
        _ => None,
    }
}

/// When the validity of a certificate begins.
pub(super) fn begins(der: &[u8]) -> Option<crate::time::Time> {
    super::crl::time(&X509::from_der(der).ok()?.tbs_certificate.validity.not_before)
}

/// The SubjectPublicKeyInfo of a certificate, DER.
pub(super) fn spki(der: &[u8]) -> Option<Vec<u8>> {
    use der::Encode as _;
    X509::from_der(der).ok()?.tbs_certificate.subject_public_key_info.to_der().ok()
}

/// The public key of a certificate.
pub(super) fn public_key(der: &[u8]) -> Option<super::keys::PublicKey> {
    let spki = spki(der)?;
    let rsa = SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: crate::digest::Algorithm::Sha256 };
    let key = super::keys::PublicKey::from_spki(&spki, None);
    key.or_else(|_| super::keys::PublicKey::from_spki(&spki, Some(rsa))).ok()
}

/// Is the certificate's key an Ed25519 key (RFC 8410)?
pub(crate) fn is_ed25519(der: &[u8]) -> bool {
    const ED25519: &str = "1.3.101.112";
    X509::from_der(der).is_ok_and(|c| c.tbs_certificate.subject_public_key_info.algorithm.oid.to_string() == ED25519)
}

/// The subject alternative name of a certificate, verified or not; `None` unless there is exactly one of a kind that Fulcio
/// issues.
#[must_use]
pub fn san(der: &[u8]) -> Option<(SanKind, String)> {
    let certificate = X509::from_der(der).ok()?;
    let (_critical, names) = certificate.tbs_certificate.get::<SubjectAltName>().ok()??;
    let [name] = names.0.as_slice() else { return None };
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some((SanKind::Uri, uri.as_str().to_owned())),
        GeneralName::Rfc822Name(email) => Some((SanKind::Email, email.as_str().to_owned())),
        GeneralName::OtherName(other) if other.type_id.to_string() == OTHER_NAME => {
            let value = other.value.decode_as::<String>().ok()?;
            Some((SanKind::Other, value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_anchored_and_bounded() {
        let prefix = SanMatch::Prefix("https://github.com/o/r/.github/workflows/release.yml@refs/tags/v".into());
        let at = |rest: &str| format!("https://github.com/o/r/.github/workflows/release.yml@refs/tags/v{rest}");
        for (value, expected) in [
            (at("1.2.3"), true),
            (at("1.2.3-rc.1+build_7"), true),
            (at(""), false),
            (at("1/../../main"), false),
            (at("1.2.3 "), false),
            (at(&"9".repeat(64)), true),
            (at(&"9".repeat(65)), false),
            (format!("x{}", at("1")), false),
            ("https://github.com/o/r/.github/workflows/other.yml@refs/tags/v1".to_owned(), false),
        ] {
            assert_eq!(matches(&value, &prefix), expected, "{value}");
        }
    }
}
