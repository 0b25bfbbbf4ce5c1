//! A detached signature: tried by every identity of the policy against every file that its name leads to.

use super::Trust;
use super::envelope::{Outcome, Signer, UNKNOWN_KEY, accept};
use super::fact::Claim;
use super::proof::Proof;
use crate::decode::SignedItem;
use crate::reason::Reason;
use crate::signature::{Attempt, Context, Detached, Message, NO_FILE, SIGNED_BYTES};
use crate::time::Time;

/// Adds to `outcome` what the signature proves, or why it proves nothing.
pub(super) fn authenticate<'a>(
    trust: &Trust<'a>,
    at: Time,
    file: usize,
    (item, signature): (&'a SignedItem, &'a Detached),
    beside: &Proof,
    outcome: &mut Outcome<'a>,
) {
    let scheme = &signature.scheme;
    let context = Context { at, beside, stamping: &trust.stamping, policy: trust.policy };
    let mut signed = false;
    let mut refused = Vec::new();
    for sha256 in &signature.tried {
        let message = Message(trust.signed(sha256));
        if scheme.needs().bytes && message.bytes().is_none() {
            let limit = trust.policy.limits.evidence_item_bytes;
            outcome.reasons.push(Reason::new(&SIGNED_BYTES).int("limit", limit));
        }
        for identity in &trust.policy.identities {
            match scheme.verify(identity, message, context) {
                Attempt::NotTheirs => {}
                Attempt::Refused(reason) => refused.push(reason),
                Attempt::Signed(by) => {
                    signed = true;
                    let claim = Claim::File(sha256.clone());
                    let (algorithm, proof) = (by.algorithm, by.proof.and(beside.clone()));
                    let (holder, certificate, certified) = (None, None, by.certified);
                    let signer = Signer { identity, algorithm, holder, certificate, certified, proof };
                    match accept(trust, at, file, item, &claim, signer) {
                        Ok(fact) => outcome.facts.push(fact),
                        Err(reason) => outcome.reasons.push(reason),
                    }
                }
            }
        }
    }
    // Whom the policy expects besides the one who signed is of no matter: an authority certifies many.
    if !signed {
        outcome.reasons.append(&mut refused);
    }
    if signature.tried.is_empty() {
        outcome.reasons.push(Reason::new(&NO_FILE).name("format", scheme.name()));
    } else if !signed && outcome.reasons.is_empty() {
        outcome.reasons.push(Reason::new(&UNKNOWN_KEY));
    }
    outcome.reasons.sort();
    outcome.reasons.dedup();
}
