//! CMS signatures over a file (RFC 5652; PKCS#7): DER or PEM, with certificates that lead to an anchor of the policy.

use std::collections::BTreeSet;

use der::Decode as _;
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::{Attempt, Context, Message, Needs, Signed, malformed, unsupported};
use crate::authenticate::cms::{self, Checked, Cms, SignerError};
use crate::authenticate::crl::{self, Crl};
use crate::authenticate::holder::Holder;
use crate::authenticate::sigstore::SIGNATURE_INVALID;
use crate::authenticate::x509;
use crate::digest::Algorithm;
use crate::policy::{Identity, IdentityKind, X509Identity};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    NO_CERTIFICATE = "certificate.missing", Unproven, Signer, [],
        says "the signature came without the certificate of its signer",
        why "Who signed is told by a certificate; without it there is a signature by nobody.",
        fix "Sign again and include the signer's certificate and the intermediate ones.";
    ATTRIBUTE = "signature.attribute", Unproven, Signer, ["attribute"],
        says "the signed attribute {attribute} is missing, stands twice or says something else than it must",
        why "The attributes are what is really signed; they say which content and which certificate are meant (RFC 5652 section 11, RFC 5035).",
        fix "Sign again with a current tool.";
    CONTENT = "signature.content", Unproven, Signer, [],
        says "the signature carries content of its own, which is not the delivered file",
        why "A signature speaks of what it carries. If that is not the file beside it, it does not speak of the file.",
        fix "Deliver a detached signature over the file.";
    CLAIMED_FUTURE = "time.claimed-future", Unproven, Signer, ["claimed", "identity"],
        says "{identity} says that it signed at {claimed}, which is after the time of this verdict",
        why "A time that a signature claims for itself proves nothing, and one that cannot be true makes it doubtful (T12).",
        fix "Correct the clock of the signer and sign again.";
}

const FORMAT: &str = "CMS signature";
const PEM: [&str; 2] = ["-----BEGIN PKCS7-----", "-----BEGIN CMS-----"];
/// id-signedData, as an OBJECT IDENTIFIER.
pub(crate) const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// How far a signer's clock may run ahead, in seconds.
pub(super) const SKEW: i64 = 300;

/// A signature file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CmsSignature {
    cms: Cms,
    digests: BTreeSet<Algorithm>,
}

/// Can a file that starts so be a CMS signature?
pub(super) fn has_mark(prefix: &[u8]) -> bool {
    // SEQUENCE, a length in one to five bytes or an indefinite one, then the type.
    let der = prefix.first() == Some(&0x30)
        && (2..=6).any(|at| prefix.get(at..).is_some_and(|rest| rest.starts_with(SIGNED_DATA)));
    der || PEM.iter().any(|mark| prefix.starts_with(mark.as_bytes()))
}

impl CmsSignature {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let wrong = |member| malformed(FORMAT, member);
        let unarmored;
        let der = if bytes.first() == Some(&0x30) {
            bytes
        } else {
            let text = std::str::from_utf8(bytes).ok().map(str::trim_end);
            let decoded = text.and_then(|text| der::pem::decode_vec(text.as_bytes()).ok());
            unarmored = decoded.ok_or_else(|| wrong("armour"))?.1;
            &unarmored
        };
        if der.get(1) == Some(&0x80) {
            return Err(wrong("encoding, which is BER with an indefinite length; DER is due"));
        }
        let cms = Cms::read(der).ok_or_else(|| wrong("structure"))?;
        let digests: BTreeSet<Algorithm> = cms.digests().collect();
        Ok(Self { cms, digests })
    }

    /// Has it something that nobody signs, and that is no certificate, time-stamp token or list of an authority? What else stands there could
    /// be another format's content: an archive is found by its end.
    pub(super) fn is_foreign(&self) -> bool {
        self.cms.has_more_than_needed()
    }

    /// The signers' certificates as far as they came with the signature, DER.
    pub fn signers(&self) -> impl Iterator<Item = &Vec<u8>> + '_ {
        (0..self.cms.signers()).filter_map(|index| self.cms.certificate_of(index))
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("signers", self.cms.signers().to_string())];
        facts.push(("certificates", self.cms.certificates().len().to_string()));
        facts.push(("content", if self.cms.content().is_some() { "attached" } else { "detached" }.to_owned()));
        for certificate in self.signers().filter_map(|der| Certificate::from_der(der).ok()) {
            let tbs = certificate.tbs_certificate;
            let until =
                |time: &x509_cert::time::Time| crl::time(time).map_or_else(String::new, |time| time.to_string());
            facts.push(("signer", x509::shown(&tbs.subject)));
            facts.push(("issuer", x509::shown(&tbs.issuer)));
            facts.push(("serial number", tbs.serial_number.to_string()));
            facts.push(("valid", format!("{} to {}", until(&tbs.validity.not_before), until(&tbs.validity.not_after))));
            if let Ok(Some((_, usages))) = tbs.get::<ExtendedKeyUsage>() {
                facts.push(("usage", usages.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")));
            }
        }
        facts
    }

    pub(super) fn needs(&self) -> Needs {
        Needs { digests: self.digests.clone(), ..Needs::default() }
    }

    /// Of several signers one that the identity is does; otherwise each tells why not.
    pub(super) fn verify(&self, identity: &Identity, message: Message<'_>, context: Context<'_>) -> Attempt {
        let IdentityKind::X509(wanted) = &identity.kind else { return Attempt::NotTheirs };
        let mut refused = None;
        for index in 0..self.cms.signers() {
            match self.signer(index, &identity.id, wanted, message, context) {
                Ok(signed) => return Attempt::Signed(signed),
                Err(reason) => refused = Some(refused.map_or(reason.clone(), |other: Reason| other.min(reason))),
            }
        }
        refused.map_or(Attempt::NotTheirs, Attempt::Refused)
    }

    fn signer(
        &self,
        index: usize,
        identity: &str,
        wanted: &X509Identity,
        message: Message<'_>,
        context: Context<'_>,
    ) -> Result<Signed, Reason> {
        let leaf = self.cms.certificate_of(index).ok_or_else(|| Reason::new(&NO_CERTIFICATE))?;
        let holder = Holder::of(identity, wanted, leaf, self.cms.certificates(), context.at)?;
        let checked = self.check(index, message)?;
        let stamped = context.stamping.over(&checked.signature, &checked.stamps);
        let proof = stamped.and(context.beside.clone());
        let proven = context.effective(&proof.times);
        let lists: Vec<&Crl> = self.cms.lists().iter().chain(context.stamping.lists.iter().copied()).collect();
        let certified = holder.in_force(proven, &lists)?;
        if let Some(claimed) = checked.claimed {
            let late = |bound: Time| claimed.second() > bound.second().saturating_add(SKEW);
            if proven.is_some_and(late) || late(context.at) {
                return Err(Reason::new(&CLAIMED_FUTURE).name("identity", identity).time("claimed", claimed));
            }
        }
        Ok(Signed { algorithm: checked.algorithm, certified, proof })
    }

    /// The signature itself, over the file.
    fn check(&self, index: usize, message: Message<'_>) -> Result<Checked, Reason> {
        if let Some(content) = self.cms.content() {
            let of_file =
                |algorithm: Algorithm| message.digest(algorithm).is_some_and(|d| *d == algorithm.digest(&content));
            if !self.digests.iter().all(|algorithm| of_file(*algorithm)) {
                return Err(Reason::new(&CONTENT));
            }
        }
        if self.cms.is_odd() || self.cms.content_type() != cms::DATA {
            return Err(Reason::new(&CONTENT));
        }
        self.cms.check(index, cms::DATA, &|algorithm| message.digest(algorithm).cloned()).map_err(|error| match error {
            SignerError::NoCertificate => Reason::new(&NO_CERTIFICATE),
            SignerError::Form(member) => malformed(FORMAT, member),
            SignerError::Unsupported(algorithm) => unsupported(FORMAT, crate::reason::identifier(&algorithm)),
            SignerError::Attribute(attribute) => Reason::new(&ATTRIBUTE).name("attribute", attribute),
            SignerError::Content | SignerError::Signature => Reason::new(&SIGNATURE_INVALID),
        })
    }
}
