//! Who a certificate says it was issued by. This verifies nothing: it only chooses which reason is given for evidence that is
//! not believed anyway.

use der::{Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};

/// A certificate authority by name and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issuer {
    /// Subject, DER.
    name: Vec<u8>,
    /// Subject key identifier, where stated.
    key: Option<Vec<u8>>,
}

impl Issuer {
    /// From the authority's own certificate, DER.
    pub(super) fn of(authority: &[u8]) -> Option<Self> {
        let tbs = Certificate::from_der(authority).ok()?.tbs_certificate;
        let key = tbs.get::<SubjectKeyIdentifier>().ok().flatten().map(|(_, id)| id.0.as_bytes().to_vec());
        Some(Self { name: tbs.subject.to_der().ok()?, key })
    }

    /// Does the certificate (DER) name this authority, by name and, where both state one, by key?
    pub(super) fn is_named_by(&self, certificate: &[u8]) -> bool {
        let Ok(certificate) = Certificate::from_der(certificate) else { return false };
        let tbs = certificate.tbs_certificate;
        let key = tbs.get::<AuthorityKeyIdentifier>().ok().flatten();
        let key = key.and_then(|(_, id)| id.key_identifier).map(|id| id.as_bytes().to_vec());
        let same_key = match (&self.key, &key) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        same_key && tbs.issuer.to_der().is_ok_and(|name| name == self.name)
    }
}
