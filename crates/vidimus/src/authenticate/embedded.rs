//! Envelopes with a certificate beside the signature and nothing else, as the first SLSA generators wrote them.
//!
//! The certificate is short-lived and has ended; whoever has its key today can sign anything. Only a log entry or a timestamp
//! would show that the signature is as old as the certificate, and the envelope has neither: its tools look the entry up online.
//! So such an envelope proves nothing here. What is found out is why, and who claims to have signed.

use super::Trust;
use super::certificate::{self, Certificate, Claims};
use super::envelope::{expected, unknown};
use super::sigstore::{self, SIGNATURE_INVALID, UNTRUSTED};
use crate::check::provenance;
use crate::decode::{Dsse, Predicate};
use crate::reason::Reason;

/// Why the envelope proves nothing; at least one reason. Of several signatures the one that came furthest speaks.
pub(super) fn reasons(trust: &Trust<'_>, dsse: &Dsse) -> Vec<Reason> {
    let mut found: Vec<(u8, Reason)> = dsse
        .certificates
        .iter()
        .map(|(position, der)| {
            let signature = dsse.signatures.get(*position).map(Vec::as_slice).unwrap_or_default();
            why(trust, &dsse.pae(), der, signature)
        })
        .collect();
    found.sort();
    let furthest = found.last().map(|(step, _)| *step);
    let mut reasons: Vec<Reason> =
        found.into_iter().filter(|(step, _)| Some(*step) == furthest).map(|(_, reason)| reason).collect();
    // Of a holder that the policy names.
    if furthest == Some(3) {
        reasons.extend(dsse.certificates.iter().flat_map(|(_, der)| disagreements(dsse, der)));
    }
    reasons
}

/// How far it came, and what then stood against it.
fn why(trust: &Trust<'_>, signed: &[u8], der: &[u8], signature: &[u8]) -> (u8, Reason) {
    let Some(key) = certificate::public_key(der).filter(|key| key.verifies(signed, signature)) else {
        return (0, Reason::new(&SIGNATURE_INVALID));
    };
    let roots: Vec<&str> = trust.roots.iter().filter(|(_, root)| root.issued(der)).map(|(name, _)| *name).collect();
    if roots.is_empty() {
        return (1, Reason::new(&UNTRUSTED));
    }
    let stated = certificate::stated_issuer(der);
    let Some(holder) = Certificate::new(der, stated, Claims::default(), key.algorithm()) else {
        return (1, Reason::new(&UNTRUSTED));
    };
    for instance in &roots {
        let (matching, others) = expected(trust, instance, &holder);
        if matching.is_empty() {
            return (2, unknown(&holder, instance, others));
        }
    }
    (3, sigstore::unproven())
}

/// What the provenance in the envelope says of the build, and the certificate otherwise. It does not count anyway; but the reader must
/// not go and look for a proof of its time in vain.
fn disagreements(dsse: &Dsse, der: &[u8]) -> Vec<Reason> {
    match dsse.statement.as_ref().map(|statement| &statement.predicate) {
        Ok(Predicate::Provenance(provenance)) => {
            provenance::certificate::disagreements(&sigstore::stated_claims(der), provenance)
        }
        _ => Vec::new(),
    }
}
