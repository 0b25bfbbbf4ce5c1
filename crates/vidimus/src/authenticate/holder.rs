//! The holder of a certificate of an authority that the policy names (`type = "x509"`): whose the certificate is, and whether it was
//! in force. What it signs, and that it does, is the caller's matter: a CMS signature, or a bundle that brings its certificates.

use std::collections::BTreeSet;

use der::Decode as _;
use x509_cert::Certificate;

use super::certificate::spki;
use super::crl::{self, Crl};
use super::keys;
use super::x509::{self, Path, PathError, Wanted};
use crate::digest::Digest;
use crate::policy::X509Identity;
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    SUBJECT = "certificate.subject", Unproven, Signer, ["expected", "found", "identity"],
        says "signed by {found}; for {identity} the policy expects {expected}",
        why "An authority issues certificates to many. Only the holder that the policy names is believed: each attribute exactly, and exactly once.",
        fix "Sign with the certificate of the holder that the policy names; or have the operator add the holder after confirming it out of band.";
}

/// A certificate that is the wanted holder's, by an authority of the policy, as far as the instant of the verdict tells.
pub(crate) struct Holder<'a> {
    identity: &'a str,
    wanted: &'a X509Identity,
    leaf: &'a [u8],
    others: &'a [Vec<u8>],
    subject: String,
    now: Time,
    path_now: Result<Path, PathError>,
}

impl<'a> Holder<'a> {
    /// Whose the certificate is comes first: what a stranger's signature looks like is of no matter. `now` is the instant of the
    /// verdict.
    ///
    /// # Errors
    /// The certificate leads to none of the anchors, or is another holder's.
    pub(crate) fn of(
        identity: &'a str,
        wanted: &'a X509Identity,
        leaf: &'a [u8],
        others: &'a [Vec<u8>],
        now: Time,
    ) -> Result<Self, Reason> {
        let certificate = Certificate::from_der(leaf).map_err(|_| Reason::new(&x509::MALFORMED))?;
        let subject = x509::shown(&certificate.tbs_certificate.subject);
        let path_now = path(wanted, leaf, others, now);
        if path_now == Err(PathError::Untrusted) {
            return Err(PathError::Untrusted.reason(identity, &subject, now));
        }
        is_wanted(identity, wanted, &certificate, &subject)?;
        Ok(Self { identity, wanted, leaf, others, subject, now, path_now })
    }

    /// Was the certificate in force when the signature is proven to exist, or else is it when the verdict is made; and does no list
    /// say that it was revoked by then? If so, the keys of its path up to the anchor's, each as sha256 of its SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn in_force(self, proven: Option<Time>, lists: &[&'a Crl]) -> Result<BTreeSet<Digest>, Reason> {
        let at = proven.unwrap_or(self.now);
        let path = if at == self.now { self.path_now } else { path(self.wanted, self.leaf, self.others, at) };
        let path = path.map_err(|error| error.reason(self.identity, &self.subject, at))?;
        if self.wanted.revocation {
            let lists: Vec<&Crl> = self.wanted.lists.iter().chain(lists.iter().copied()).collect();
            crl::check(&path, &lists, self.identity, self.now, proven)?;
        }
        let own = spki(self.leaf);
        let keys = path.issuers.iter().chain(&own).map(|key| keys::identity(key));
        keys.collect::<Result<_, _>>().map_err(|_| Reason::new(&x509::MALFORMED))
    }
}

fn path(wanted: &X509Identity, leaf: &[u8], others: &[Vec<u8>], at: Time) -> Result<Path, PathError> {
    x509::path(leaf, others, &wanted.anchors, Wanted { at, usage: &wanted.usage, usage_alone: false })
}

fn is_wanted(identity: &str, wanted: &X509Identity, certificate: &Certificate, subject: &str) -> Result<(), Reason> {
    let name = &certificate.tbs_certificate.subject;
    let names = x509::alternative_names(certificate).map_err(|_| Reason::new(&x509::MALFORMED))?;
    let attributes = wanted.subject.iter().all(|(label, value)| {
        let oid = x509::ATTRIBUTES.iter().find(|(known, _)| known == label).map(|(_, oid)| *oid);
        oid.is_some_and(|oid| x509::values(name, oid) == [Some(value.clone())])
    });
    if attributes && wanted.san.as_ref().is_none_or(|san| names.contains(san)) {
        return Ok(());
    }
    let expected: Vec<String> = wanted.subject.iter().map(|(label, value)| format!("{label}={value}")).collect();
    let expected = expected.into_iter().chain(wanted.san.iter().map(|san| format!("subject alternative name {san}")));
    let reason = Reason::new(&SUBJECT).name("identity", identity).evidence("found", subject);
    Err(reason.name("expected", expected.collect::<Vec<_>>().join(", ")))
}
