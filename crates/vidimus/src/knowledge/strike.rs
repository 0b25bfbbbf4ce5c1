//! What the operator denies: files, keys, statements. A denial only ever lowers: what is struck supports nothing any more, and what
//! it says against a delivery stays. For that everything that was said before is kept beside what is left.

use std::collections::BTreeSet;

use crate::authenticate::{Authenticated, Fact, supply};
use crate::digest::Digest;
use crate::policy::{Denied, Policy};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    KEY = "deny.key", Unproven, Signer, ["identity", "key"],
        says "{identity} signed with the key {key}, which the policy denies",
        why "The operator does not believe this key any more, whatever it signed and whenever.",
        fix "Sign again with a key that the policy lists and does not deny.";
    ATTESTATION = "deny.attestation", Unproven, Signer, ["identity"],
        says "the policy denies this statement of {identity}",
        why "A statement can turn out to be wrong although its signature is right; nothing rests on it any more.",
        fix "Have the party look into it and sign a new statement.";
}

/// What the policy denies at an instant.
pub(super) struct Denials<'a>(Vec<&'a Denied>);

impl<'a> Denials<'a> {
    pub(super) fn of(policy: &'a Policy, at: Time) -> Self {
        Self(policy.denials.iter().filter(|deny| deny.is_in_force(at)).map(|deny| &deny.what).collect())
    }

    /// Is the key or the document denied?
    fn takes(&self, key: &Digest, id: &Digest) -> bool {
        self.0.iter().any(|denied| {
            matches!(denied, Denied::Key(digest) if digest == key)
                || matches!(denied, Denied::Attestation(digest) if digest == id)
        })
    }

    /// Why the fact does not count, if it is denied.
    pub(super) fn against(&self, fact: &Fact<'_>) -> Option<Reason> {
        self.0.iter().find_map(|denied| match denied {
            Denied::Key(key) if fact.keys.contains(key) => {
                Some(Reason::new(&KEY).name("identity", &fact.identity.id).digest("key", key))
            }
            Denied::Attestation(id) if fact.id == *id => {
                Some(Reason::new(&ATTESTATION).name("identity", &fact.identity.id))
            }
            _ => None,
        })
    }
}

/// Takes from `facts` what the policy denies at `at`.
pub(crate) fn denied(policy: &Policy, at: Time, authenticated: &mut Authenticated<'_>) {
    let denials = Denials::of(policy, at);
    strike(authenticated, |fact| denials.against(fact));
    for supply in &mut authenticated.supplies {
        supply.strike(|key, id| denials.takes(key, id));
    }
    supply::tell(authenticated);
}

/// Takes away the facts for which there is a reason. What only speaks against what it is about supports nothing, and stays.
pub(super) fn strike(authenticated: &mut Authenticated<'_>, against: impl Fn(&Fact<'_>) -> Option<Reason>) {
    let reason = |fact: &Fact<'_>| if fact.claim.vouches() { against(fact) } else { None };
    let reasons: Vec<Option<Reason>> = authenticated.facts.iter().map(reason).collect();
    if reasons.iter().all(Option::is_none) {
        return;
    }
    if authenticated.before.is_empty() {
        authenticated.before.clone_from(&authenticated.facts);
    }
    let mut struck: Vec<(Digest, Reason)> = Vec::new();
    for (fact, reason) in std::mem::take(&mut authenticated.facts).into_iter().zip(reasons) {
        match reason {
            None => authenticated.facts.push(fact),
            Some(reason) => struck.push((fact.id.clone(), reason)),
        }
    }
    let left: BTreeSet<&Digest> = authenticated.facts.iter().map(|fact| &fact.id).collect();
    struck.retain(|(id, _)| !left.contains(id));
    authenticated.rejected.extend(struck);
    authenticated.rejected.sort();
    authenticated.rejected.dedup();
}
