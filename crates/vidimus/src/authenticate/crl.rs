//! Certificate revocation lists (RFC 5280 section 5): signed, numbered or not, and only as good as they are fresh.
//!
//! A list is negative knowledge: what is not on it is good only if the list is complete for its issuer, signed by the issuer
//! and current at the time of the verdict. Lists by delegated issuers, for some reasons or some certificates only, and
//! deltas say less than that, so they are never used.

use std::sync::OnceLock;

use der::{Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::{CrlReason, KeyUsage, KeyUsages};

use super::keys::{PublicKey, SignatureAlgorithm};
use super::x509::Path;
use crate::digest::Algorithm;
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    REVOKED = "status.revoked", Unproven, Signer, ["identity", "revoked_at"],
        says "the certificate of {identity}, or one behind it, is revoked since {revoked_at}",
        why "The authority that issued it says so, in a list that it signed. A signature counts only if it is proven to be older than that (T30, RFC 5280 section 5.3.2).",
        fix "Sign again with a certificate that is not revoked; or deliver a timestamp of a time-stamping authority of the policy that proves the signature older.";
    MISSING = "status.missing", Unproven, Operator, ["identity"],
        says "there is no revocation list of the authority behind the certificate of {identity}",
        why "That a certificate is not revoked is shown by a list that its authority signed; without one nobody knows (T30).",
        fix "Put the authority's current list beside the policy and name it in `crls`, or deliver it.";
    STALE = "status.stale", Unproven, Operator, ["identity", "next_update"],
        says "the newest revocation list of the authority behind the certificate of {identity} ended at {next_update}",
        why "A list that is out of date does not show what was revoked since (T30).",
        fix "Get the authority's current list.";
    UNUSABLE = "status.unusable", Unproven, Operator, ["identity"],
        says "a revocation list of the authority behind the certificate of {identity} cannot be used: its signature does not verify, or it covers only a part",
        why "Deltas, partitioned and indirect lists, and critical extensions that are not understood leave open what is revoked.",
        fix "Get the authority's complete list.";
    AFTER_EXPIRY = "status.after-expiry", Unproven, Signer, ["expired_at", "identity"],
        says "the certificate of {identity}, or one behind it, expired at {expired_at}, and the revocation lists are of later: they tell nothing about it",
        why "A list names revoked certificates that have not expired (RFC 5280 section 5). One made after the end of a certificate leaves open whether it was revoked before, unless it says that expired ones stay on it.",
        fix "Deliver with the signature the authority's list that was current when the certificate expired, or one with expiredCertsOnCRL.";
}

/// Extensions of an entry: reason and invalidity date.
const OID_REASON: &str = "2.5.29.21";
const OID_INVALIDITY: &str = "2.5.29.24";
/// Extensions of a list that say nothing about what it covers: authority key identifier and number.
const PLAIN: [&str; 2] = ["2.5.29.35", "2.5.29.20"];
/// Extensions that say that it covers a part, critical or not: a delta, an issuing distribution point.
const PARTIAL: [&str; 2] = ["2.5.29.27", "2.5.29.28"];
/// From when on expired certificates stay on the list (X.509 section 9.5.2.8).
const OID_EXPIRED: &str = "2.5.29.60";

/// Can a file that starts so be a list? In DER: two SEQUENCEs, the version (v2, which is 1), another SEQUENCE.
pub(crate) fn has_mark(prefix: &[u8]) -> bool {
    let header = |bytes: &[u8]| match bytes {
        [0x30, length, ..] if *length < 0x80 => Some(2),
        [0x30, length, ..] => (0x81..=0x84).contains(length).then(|| usize::from(*length & 0x0f) + 2),
        _ => None,
    };
    let inner = header(prefix).and_then(|skip| prefix.get(skip..));
    let version = inner.and_then(|inner| inner.get(header(inner)?..));
    version.is_some_and(|version| version.starts_with(&[0x02, 0x01, 0x01, 0x30])) || prefix.starts_with(PEM)
}

const PEM: &[u8] = b"-----BEGIN X509 CRL-----";

/// A revocation list as read; nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Crl {
    list: CertificateList,
    tbs: Vec<u8>,
    /// The first issuer's key that it was held against, and what came of it: a list is long, and stands behind many signatures.
    held: OnceLock<(Vec<u8>, bool)>,
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for Crl {}

impl Crl {
    /// Reads DER or PEM (`X509 CRL`).
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let list = match std::str::from_utf8(bytes) {
            Ok(text) if bytes.starts_with(PEM) => {
                let (_, der) = der::pem::decode_vec(text.trim().as_bytes()).ok()?;
                CertificateList::from_der(&der).ok()?
            }
            _ => CertificateList::from_der(bytes).ok()?,
        };
        let tbs = list.tbs_cert_list.to_der().ok()?;
        Some(Self { list, tbs, held: OnceLock::new() })
    }

    /// Who issued it, as people read it.
    #[must_use]
    pub fn issuer(&self) -> String {
        super::x509::shown(&self.list.tbs_cert_list.issuer)
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.list.tbs_cert_list.next_update.as_ref().and_then(time)
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.list.tbs_cert_list.revoked_certificates.as_ref().map_or(0, |entries| entries.len() as u64)
    }

    fn this_update(&self) -> Option<Time> {
        time(&self.list.tbs_cert_list.this_update)
    }

    /// Does it say something about all certificates of its issuer, and is it signed with that key?
    fn is_sound(&self, issuer_spki: &[u8]) -> bool {
        let (spki, sound) = self.held.get_or_init(|| (issuer_spki.to_vec(), self.is_sound_under(issuer_spki)));
        if spki == issuer_spki { *sound } else { self.is_sound_under(issuer_spki) }
    }

    fn is_sound_under(&self, issuer_spki: &[u8]) -> bool {
        let tbs = &self.list.tbs_cert_list;
        let plain = tbs.crl_extensions.iter().flatten().all(|extension| {
            let oid = extension.extn_id.to_string();
            PLAIN.contains(&oid.as_str()) || (!extension.critical && !PARTIAL.contains(&oid.as_str()))
        });
        let entries =
            tbs.revoked_certificates.iter().flatten().flat_map(|entry| entry.crl_entry_extensions.iter().flatten());
        let understood = entries.into_iter().all(|extension| {
            let oid = extension.extn_id.to_string();
            !extension.critical || oid == OID_REASON || oid == OID_INVALIDITY
        });
        plain && understood && tbs.signature == self.list.signature_algorithm && self.is_signed(issuer_spki)
    }

    fn is_signed(&self, issuer_spki: &[u8]) -> bool {
        let algorithm = match self.list.signature_algorithm.oid.to_string().as_str() {
            "1.2.840.10045.4.3.2" => SignatureAlgorithm::EcdsaP256Sha256,
            "1.2.840.10045.4.3.3" => SignatureAlgorithm::EcdsaP384Sha384,
            "1.3.101.112" => SignatureAlgorithm::Ed25519,
            "1.2.840.113549.1.1.11" => SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha256 },
            "1.2.840.113549.1.1.12" => SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha384 },
            "1.2.840.113549.1.1.13" => SignatureAlgorithm::RsaPkcs1 { bits: 2048, hash: Algorithm::Sha512 },
            _ => return false,
        };
        let key = PublicKey::from_spki(issuer_spki, Some(algorithm));
        let signature = self.list.signature.as_bytes();
        key.is_ok_and(|key| signature.is_some_and(|signature| key.verifies(&self.tbs, signature)))
    }

    /// Since when it takes the certificate away, as `taken` reads its entry. `newest` is when the
    /// newest list began: a certificate that was on hold is free again if that one does not name it (RFC 5280 section 5.3.1).
    fn revoked(
        &self,
        certificate: &Certificate,
        newest: Option<Time>,
        taken: &dyn Fn(&RevokedCert) -> Option<Time>,
    ) -> Option<Time> {
        let serial = &certificate.tbs_certificate.serial_number;
        let mut entries = self.list.tbs_cert_list.revoked_certificates.iter().flatten();
        let entry = entries.find(|entry| entry.serial_number == *serial)?;
        let lifted = reason(entry) == Some(CrlReason::CertificateHold) && self.this_update() < newest;
        if lifted { None } else { taken(entry) }
    }

    fn is_current(&self, at: Time) -> bool {
        self.has_begun(at) && self.next_update().is_some_and(|until| at <= until)
    }

    fn has_begun(&self, at: Time) -> bool {
        self.this_update().is_some_and(|from| from <= at)
    }

    /// Does it name certificates that expired at `expired`, if they are revoked?
    fn covers(&self, expired: Time) -> bool {
        let mut extensions = self.list.tbs_cert_list.crl_extensions.iter().flatten();
        let stated = extensions.find(|extension| extension.extn_id.to_string() == OID_EXPIRED);
        let from = stated.and_then(|extension| instant(extension.extn_value.as_bytes()));
        self.has_begun(expired) || from.is_some_and(|from| from <= expired)
    }
}

/// Is any certificate of `path` revoked for a signature proven to be no later than `proven`? That none is must be shown by lists
/// that are current at `at`, or, of a certificate that has expired by then, at its end: nobody revokes it any more.
///
/// # Errors
/// Why the path does not count.
pub fn check(path: &Path, lists: &[&Crl], identity: &str, at: Time, proven: Option<Time>) -> Result<(), Reason> {
    check_each(path, lists, identity, at, &|entry| since(entry, proven))
}

/// The same for the certificates of a time-stamping authority, run by `party`, for a token that states `stamped`. The authority's own
/// word says when the token was made, so that the token is older counts only where its key was not in other hands: the revocation
/// states no reason of that kind (RFC 3161 section 4).
///
/// # Errors
/// Why the path does not count.
pub(super) fn check_authority(path: &Path, lists: &[&Crl], party: &str, at: Time, stamped: Time) -> Result<(), Reason> {
    let still_its_own = |entry: &RevokedCert| {
        use CrlReason::{AffiliationChanged, CessationOfOperation, Superseded, Unspecified};
        matches!(reason(entry), Some(Unspecified | AffiliationChanged | Superseded | CessationOfOperation))
    };
    check_each(path, lists, party, at, &|entry| since(entry, still_its_own(entry).then_some(stamped)))
}

/// `taken` tells since when an entry takes a certificate away, if it does.
fn check_each(
    path: &Path,
    lists: &[&Crl],
    identity: &str,
    at: Time,
    taken: &dyn Fn(&RevokedCert) -> Option<Time>,
) -> Result<(), Reason> {
    let issuers = path.certificates.iter().skip(1).map(Some).chain([None]);
    for ((der, spki), issued_by) in path.certificates.iter().zip(&path.issuers).zip(issuers) {
        let Ok(certificate) = Certificate::from_der(der) else { return Err(about(&UNUSABLE, identity)) };
        let issuer = &certificate.tbs_certificate.issuer;
        let theirs: Vec<&Crl> =
            lists.iter().copied().filter(|list| list.list.tbs_cert_list.issuer == *issuer).collect();
        let may_sign = issued_by.is_none_or(|issuer| may_sign_lists(issuer));
        let sound: Vec<&Crl> = theirs.iter().copied().filter(|list| may_sign && list.is_sound(spki)).collect();
        // Any sound list can take away, also an old one; only a current one can show that nothing is taken away.
        let newest = sound.iter().filter_map(|list| list.this_update()).max();
        if let Some(revoked_at) = sound.iter().filter_map(|list| list.revoked(&certificate, newest, taken)).min() {
            return Err(about(&REVOKED, identity).time("revoked_at", revoked_at));
        }
        shown(&sound, &certificate, identity, at).map_err(|reason| match reason {
            None if theirs.is_empty() => about(&MISSING, identity),
            None => about(&UNUSABLE, identity),
            Some(reason) => reason,
        })?;
    }
    Ok(())
}

/// Do the lists show that a certificate that none of them names is not revoked? Without a reason where there is no list that
/// could.
fn shown(sound: &[&Crl], certificate: &Certificate, identity: &str, at: Time) -> Result<(), Option<Reason>> {
    let expired = time(&certificate.tbs_certificate.validity.not_after).filter(|end| *end < at);
    if expired.is_some_and(|end| sound.iter().any(|list| list.is_current(end))) {
        return Ok(());
    }
    let mut current = sound.iter().filter(|list| list.is_current(at)).peekable();
    if current.peek().is_none() {
        let newest = sound.iter().filter(|list| list.has_begun(at)).filter_map(|list| list.next_update()).max();
        return Err(newest.map(|next_update| about(&STALE, identity).time("next_update", next_update)));
    }
    match expired {
        Some(end) if !current.any(|list| list.covers(end)) => {
            Err(Some(about(&AFTER_EXPIRY, identity).time("expired_at", end)))
        }
        _ => Ok(()),
    }
}

/// RFC 5280 section 6.3.3 (f). An anchor's own certificate is not asked: the policy vouches for its key.
fn may_sign_lists(issuer: &[u8]) -> bool {
    let Ok(issuer) = Certificate::from_der(issuer) else { return false };
    match issuer.tbs_certificate.get::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.0.contains(KeyUsages::CRLSign)),
        Err(_) => false,
    }
}

/// Since when the entry takes the certificate away, unless the signature is proven older. `removeFromCRL` stands in deltas alone
/// and takes nothing away.
fn since(entry: &RevokedCert, proven: Option<Time>) -> Option<Time> {
    if reason(entry) == Some(CrlReason::RemoveFromCRL) {
        return None;
    }
    let invalid = extension(entry, OID_INVALIDITY).and_then(instant);
    // An unreadable date takes everything away.
    let revoked = time(&entry.revocation_date).or_else(|| Time::from_second(0))?;
    let from = invalid.map_or(revoked, |invalid| invalid.min(revoked));
    if proven.is_some_and(|proven| proven < from) { None } else { Some(from) }
}

fn reason(entry: &RevokedCert) -> Option<CrlReason> {
    extension(entry, OID_REASON).and_then(|der| CrlReason::from_der(der).ok())
}

fn extension<'a>(entry: &'a RevokedCert, oid: &str) -> Option<&'a [u8]> {
    let mut extensions = entry.crl_entry_extensions.iter().flatten();
    extensions.find(|extension| extension.extn_id.to_string() == oid).map(|extension| extension.extn_value.as_bytes())
}

fn instant(der: &[u8]) -> Option<Time> {
    let stated = der::asn1::GeneralizedTime::from_der(der).ok()?;
    Time::from_second(i64::try_from(stated.to_unix_duration().as_secs()).ok()?)
}

fn about(info: &'static crate::reason::ReasonInfo, identity: &str) -> Reason {
    Reason::new(info).name("identity", identity)
}

/// An instant of a certificate or list.
pub(crate) fn time(time: &x509_cert::time::Time) -> Option<Time> {
    Time::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?)
}
