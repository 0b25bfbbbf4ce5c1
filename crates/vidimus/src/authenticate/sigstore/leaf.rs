//! What is wrong with a signer's certificate by itself, before anybody asks who issued it. The library refuses each of these as
//! well and does not tell them apart. Certificates behind the signer's lead nowhere by themselves, roots among them: real bundles
//! carry them, and nothing is trusted for being there.

use std::collections::BTreeSet;

use der::Decode as _;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

use crate::authenticate::certificate;
use crate::authenticate::x509::{AUTHORITY, MALFORMED};
use crate::reason::Reason;

crate::reasons! {
    NAMES = "certificate.names", Unproven, Signer, [],
        says "the signing certificate states no name of its holder, or several",
        why "With two names it would be up to the reader who signed. Fulcio issues certificates for exactly one (T7).",
        fix "Sign with a certificate that has one subject alternative name.";
}

/// The first thing that is wrong with the signer's certificate.
pub(super) fn fault(der: &[u8]) -> Option<Reason> {
    let malformed = Some(Reason::new(&MALFORMED));
    let Ok(leaf) = Certificate::from_der(der) else { return malformed };
    let extensions = leaf.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let mut kinds = BTreeSet::new();
    // RFC 5280 section 4.2: no extension stands twice.
    if !extensions.iter().all(|extension| kinds.insert(extension.extn_id)) {
        return malformed;
    }
    match leaf.tbs_certificate.get::<BasicConstraints>() {
        Ok(Some((_, constraints))) if constraints.ca => {
            let stated = certificate::san(der).map_or_else(|| "unnamed".to_owned(), |(_, name)| name);
            return Some(Reason::new(&AUTHORITY).evidence("identity", &stated));
        }
        Ok(_) => {}
        Err(_) => return malformed,
    }
    match leaf.tbs_certificate.get::<SubjectAltName>() {
        Ok(Some((_, names))) if names.0.len() == 1 => None,
        Ok(_) => Some(Reason::new(&NAMES)),
        Err(_) => malformed,
    }
}
