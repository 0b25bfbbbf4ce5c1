//! OpenPGP signatures over a file (RFC 9580 section 10.4): version 4 or 6, over the bytes of the file as they are, by a key of a
//! certificate of the policy that may sign at the time that counts.

use std::collections::BTreeSet;

use super::cms::{CLAIMED_FUTURE, SKEW};
use super::{Attempt, Context, Found, Message, Needs, Scheme, Signed, malformed, unsupported};
use crate::authenticate::openpgp::{self, BINARY, Certificate, Flaw, Key, Mark, Mismatch, Signature, Unfit, shown};
use crate::authenticate::sigstore::SIGNATURE_INVALID;
use crate::policy::{Identity, IdentityKind};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    UNSUPPORTED = "signature.unsupported", Unproven, Signer, ["kind"],
        says "a signature of a kind that is not judged: {kind}",
        why "Only a signature over the bytes of a file as they are says which bytes are meant. Signatures over text let line ends and white space be changed; messages and signed text wrap what they sign; signatures inside of a document (JSF, XML-DSig) cover a part of it that each reader must work out again.",
        fix "Sign the file itself: as an attestation, or detached (`gpg --detach-sign`, without `--textmode`, `--clear-sign` and `--sign`).";
    CRITICAL = "signature.critical", Unproven, Signer, ["member"],
        says "the signer marked {member} as critical, and it is not known here",
        why "A critical part changes what the signature means; who does not know it must not accept the signature (RFC 9580 section 5.2.3.7).",
        fix "Sign without it.";
    EXPIRED = "signature.expired", Unproven, Signer, ["expired", "identity"],
        says "{identity} signed until {expired}, which is over",
        why "A signature that states its own end counts until then (RFC 9580 section 5.2.3.18).",
        fix "Sign again.";
    OLDER_THAN_KEY = "time.claimed-before-key", Unproven, Signer, ["claimed", "created", "identity"],
        says "{identity} says that it signed at {claimed}, when its key was not made yet: that was at {created}",
        why "A time that cannot be true makes a signature doubtful (T12).",
        fix "Correct the clock of the signer and sign again.";
    REVOKED = "key.revoked", Unproven, Signer, ["identity", "key"],
        says "the key {key} of {identity} is revoked",
        why "A key that may have been in other hands proves nothing, whenever it signed; one that was replaced or given up counts for what is proven to be older (RFC 9580 section 5.2.3.31).",
        fix "Sign again with a key that is not revoked; the operator takes over the new certificate.";
    KEY_EXPIRED = "key.expired", Unproven, Signer, ["expired", "identity", "key"],
        says "the key {key} of {identity} ended at {expired}, and the signature is not proven to be older",
        why "A key counts until the end that its own certificate states, compared with proven time or the time of this verdict and never with the time that a signature claims (T8).",
        fix "Extend the key or sign with its successor; the operator takes over the new certificate.";
    NOT_YET = "key.not-yet", Unproven, Signer, ["created", "identity", "key"],
        says "the key {key} of {identity} was made at {created}, after the time that counts",
        why "Nobody signs with a key that does not exist.",
        fix "Correct the clock with which the key was made, or judge at a later time.";
    UNBOUND = "key.unbound", Unproven, Signer, ["identity", "key", "missing"],
        says "the certificate of {identity} does not show that the key {key} is its own: {missing} is missing",
        why "A subkey belongs to a certificate only if both say so: otherwise anybody could take another's key for his own, or lend it his name (RFC 9580 section 5.2.1.8).",
        fix "Have the signer bind the key with current software; the operator takes over the new certificate.";
    NOT_FOR_SIGNING = "key.not-for-signing", Unproven, Signer, ["identity", "key"],
        says "the key {key} of {identity} is not for signing, by its own certificate",
        why "A key counts only for what its certificate says it is for (RFC 9580 section 5.2.3.29).",
        fix "Sign with the key that is for signing.";
    SALTED = "limit.salted-signatures", Unproven, Vendor, ["limit"],
        says "there are signatures with more than {limit} different salts over one file, and this one was left out",
        why "A file is hashed once more for each salt; counters stop input that would exhaust the verifier (T36).",
        fix "Deliver fewer signatures over one file.";
}

const FORMAT: &str = "OpenPGP signature";

/// One signature of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPgp(Signature);

/// The signatures that a file is; `None` unless it has the marks of some.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Found>> {
    let fail = |reason| Some(Found::only(Err(reason), false));
    let kind = match openpgp::marks(bytes)? {
        Mark::Signature => {
            let found = match openpgp::signatures(bytes) {
                Ok(found) => found,
                Err(flaw) => return fail(flawed(flaw)),
            };
            let several = found.len() > 1;
            // The numbers of a signature that does not verify are any bytes. Base64 of them is harmless.
            let is_foreign = openpgp::is_foreign_text(bytes) || several && !openpgp::is_text(bytes);
            let item = |(digest, read): (_, Result<Signature, Flaw>)| {
                let foreign = is_foreign || read.as_ref().is_ok_and(|signature| signature.foreign);
                let scheme = read.map_err(flawed).and_then(over_bytes);
                Found { scheme, foreign, part: several.then_some(digest) }
            };
            return Some(found.into_iter().map(item).collect());
        }
        Mark::Cleartext => "signature around text",
        Mark::Message => "message",
    };
    Some(Found::only(Err(Reason::new(&UNSUPPORTED).name("kind", kind)), true))
}

/// Only signatures over bytes as they are count.
fn over_bytes(signature: Signature) -> Result<Scheme, Reason> {
    match signature.kind {
        BINARY => Ok(Scheme::OpenPgp(Box::new(OpenPgp(signature)))),
        0x01 => Err(Reason::new(&UNSUPPORTED).name("kind", "signature over text with any line ends")),
        kind => Err(Reason::new(&UNSUPPORTED).name("kind", format_args!("signature of type {kind:02x}"))),
    }
}

fn flawed(flaw: Flaw) -> Reason {
    match flaw {
        Flaw::Malformed(member) => malformed(FORMAT, member),
        Flaw::Private => malformed(FORMAT, "packets"),
        Flaw::Unsupported(what) => unsupported(FORMAT, what),
        Flaw::Critical(member) => Reason::new(&CRITICAL).name("member", member),
    }
}

impl OpenPgp {
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let signature = &self.0;
        let mut facts = vec![
            ("version", signature.version.to_string()),
            ("algorithm", openpgp::algorithm_name(signature.key_algorithm)),
            ("signs", format!("{} of the file", signature.hash().name())),
            ("claims to be made", signature.created.to_string()),
        ];
        facts.extend(signature.expires().map(|expires| ("ends", expires.to_string())));
        facts.extend(self.issuer().map(|issuer| ("key", issuer)));
        facts
    }

    /// The key that it says is its own, by fingerprint or key id.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        // Fingerprints come first in their order.
        self.0.issuers.first().map(|issuer| match issuer {
            openpgp::Issuer::Fingerprint(fingerprint) => shown(fingerprint),
            openpgp::Issuer::KeyId(id) => shown(id),
        })
    }

    pub(super) fn needs(&self) -> Needs {
        Needs { frames: [self.0.frame.clone()].into(), ..Needs::default() }
    }

    /// Which key signed comes first, and what it says about the file; then whether it may sign at the time that counts. A stranger
    /// can name any key, so the certificate is looked at only where the signature verifies.
    pub(super) fn verify(&self, identity: &Identity, message: Message<'_>, context: Context<'_>) -> Attempt {
        let IdentityKind::OpenPgp(certificate) = &identity.kind else { return Attempt::NotTheirs };
        let candidates: Vec<(usize, &Key)> =
            certificate.keys().enumerate().filter(|(_, key)| self.0.names(key)).collect();
        if candidates.is_empty() {
            return Attempt::NotTheirs;
        }
        let Some(digest) = message.framed(&self.0.frame) else {
            return Attempt::Refused(Reason::new(&SALTED).int("limit", crate::digest::MAX_BEFORE as u64));
        };
        let mut refused = Reason::new(&SIGNATURE_INVALID);
        for (index, key) in candidates {
            match key.made(&self.0, digest) {
                Ok(algorithm) => {
                    // Nothing in the signature would prove when it was made; a token over its file does.
                    let proof = context.beside.clone();
                    let at = context.effective(&proof.times).unwrap_or(context.at);
                    let holds = |at| in_time(&self.0, certificate, index, key, &identity.id, at);
                    // Anybody can add a token to a public signature; it must not take away what the signature is without it.
                    return match holds(at).or_else(|reason| holds(context.at).map_err(|_| reason)) {
                        Ok(()) => Attempt::Signed(Signed { algorithm, certified: BTreeSet::new(), proof }),
                        Err(reason) => Attempt::Refused(reason),
                    };
                }
                Err(Mismatch::Unsupported(what)) => refused = unsupported(FORMAT, what),
                Err(Mismatch::Invalid) => {}
            }
        }
        // A signature that names no key may be anybody's.
        if self.0.issuers.is_empty() { Attempt::NotTheirs } else { Attempt::Refused(refused) }
    }
}

/// May the key at `index` of the certificate have made the signature, judged at `at`?
fn in_time(
    signature: &Signature,
    certificate: &Certificate,
    index: usize,
    key: &Key,
    identity: &str,
    at: Time,
) -> Result<(), Reason> {
    let of_key = |info| Reason::new(info).name("identity", identity).name("key", shown(&key.fingerprint));
    certificate.may_sign(index, at).map_err(|unfit| match unfit {
        Unfit::Revoked(_) => of_key(&REVOKED),
        Unfit::NotYet(created) => of_key(&NOT_YET).time("created", created),
        Unfit::Unbound(missing) => of_key(&UNBOUND).name("missing", missing),
        Unfit::Expired(expired) => of_key(&KEY_EXPIRED).time("expired", expired),
        Unfit::NotForSigning => of_key(&NOT_FOR_SIGNING),
    })?;
    let claimed = signature.created;
    let doubtful = |info| Reason::new(info).name("identity", identity).time("claimed", claimed);
    if claimed.second() > at.second().saturating_add(SKEW) {
        return Err(doubtful(&CLAIMED_FUTURE));
    }
    if claimed < key.created {
        return Err(doubtful(&OLDER_THAN_KEY).time("created", key.created));
    }
    match signature.expires().filter(|expires| *expires <= at) {
        Some(expired) => Err(Reason::new(&EXPIRED).name("identity", identity).time("expired", expired)),
        None => Ok(()),
    }
}
