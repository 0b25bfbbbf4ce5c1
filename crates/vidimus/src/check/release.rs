//! `release`: a granted party signed exactly these bytes.

use std::collections::BTreeMap;

use super::{Answer, Asked, is_by, missing};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::authenticate::{Claim, Fact, sigstore};
use crate::decode::{Predicate, Statement};
use crate::digest::Digest;
use crate::join::Joined;
use crate::policy::ReleaseCheck;
use crate::reason::Reason;

crate::reasons! {
    RECIPIENT = "release.recipient", Unproven, Vendor, ["expected", "found", "party"],
        says "{party} signed this for {found}; the rule asks for a delivery statement for {expected}",
        why "What was made for somebody else can be genuine and still not be what was ordered here: other settings, other rules, an older contract (T4).",
        fix "Have the vendor sign a delivery statement that names this recipient.";
    SEQUENCE = "release.sequence", Unproven, Vendor, ["party"],
        says "{party} signed this without a sequence",
        why "Without a number that grows nobody can tell an older delivery from a newer one (T4). Delivery statements have one, from 1.",
        fix "Have the vendor sign a delivery statement with the next number.";
    TOO_OLD = "time.too-old", Unproven, Vendor, ["limit", "not_later_than", "party"],
        says "{party} signed this by {not_later_than}; at most {limit} days before the verdict are accepted",
        why "An old release is one that nobody looked at since (T4).",
        fix "Deliver a current release; or have the vendor confirm this one with a new statement.";
    ALGORITHM_SET = "signature.algorithm-set", Unproven, Signer, ["found", "required"],
        says "signed with {found}; beside that, a signature over the same payload with one of {required} is asked for",
        why "The policy asks for signatures of several algorithm families, so that a break of one, or the rules of one country, leave another standing.",
        fix "Sign the same payload with a key of each family that the policy lists.";
}

pub(super) fn file(joined: &Joined<'_>, check: &ReleaseCheck, asked: Asked<'_>) -> Answer {
    let mut others = Vec::new();
    let vouching = asked.bindings(joined, &mut others).map(|binding| binding.fact).filter(|fact| fact.claim.vouches());
    let accepted = vouching.filter(|fact| {
        let kind = check.accept.is_empty()
            || match fact.claim.predicate_type() {
                Some(predicate_type) => check.predicate_types.contains(predicate_type),
                None => check.file,
            };
        kind && is_by(&check.by, fact)
    });
    let (mut fit, mut reasons): (Vec<&Fact<'_>>, Vec<Reason>) = (Vec::new(), Vec::new());
    for fact in accepted {
        match lacks(joined, check, fact) {
            None => fit.push(fact),
            Some(reason) => reasons.push(reason),
        }
    }
    if !fit.is_empty() {
        match in_every_set(&check.algorithm_sets, fit) {
            Ok(met) => return Answer::met(met),
            Err(lacking) => reasons = lacking,
        }
    }
    let kind = if check.accept.is_empty() { "signature".to_owned() } else { check.accept.join(" or ") };
    if reasons.is_empty() {
        reasons.extend(others);
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(missing(&kind, &check.by));
    }
    Answer::not_met(reasons, missing(&kind, &check.by))
}

/// Which condition of the rule the statement does not meet.
fn lacks(joined: &Joined<'_>, check: &ReleaseCheck, fact: &Fact<'_>) -> Option<Reason> {
    let delivery = match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Delivery(delivery), .. }) => Some(delivery),
        _ => None,
    };
    let party = |info| Reason::new(info).name("party", &fact.party.id);
    if let Some(expected) = &check.recipient {
        let found = delivery.and_then(|delivery| delivery.recipient.as_deref());
        if found != Some(expected) {
            let reason = party(&RECIPIENT).name("expected", expected);
            return Some(match found {
                Some(found) => reason.evidence("found", found),
                None => reason.name("found", "nobody in particular"),
            });
        }
    }
    if check.sequence && delivery.is_none_or(|delivery| delivery.sequence == 0) {
        return Some(party(&SEQUENCE));
    }
    let limit = i64::from(check.max_age_days?);
    let Some(proven) = fact.not_later_than else { return Some(sigstore::unproven()) };
    let age = joined.request.at.second().saturating_sub(proven.second());
    (age > limit.saturating_mul(86_400)).then(|| party(&TOO_OLD).time("not_later_than", proven).int("limit", limit))
}

/// The facts over payloads that have a signature of each set; or what each payload lacks.
fn in_every_set<'a, 'b>(
    sets: &[Vec<SignatureAlgorithm>],
    facts: Vec<&'a Fact<'b>>,
) -> Result<Vec<&'a Fact<'b>>, Vec<Reason>> {
    // Plain signatures are over the file itself, whichever document carries them.
    let mut by_payload: BTreeMap<Option<&Digest>, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in facts {
        by_payload.entry(fact.claim.predicate_type().map(|_| &fact.id)).or_default().push(fact);
    }
    let (mut met, mut lacking) = (Vec::new(), Vec::new());
    for facts in by_payload.into_values() {
        let used = |set: &&Vec<SignatureAlgorithm>| {
            facts.iter().any(|fact| set.iter().any(|listed| listed.admits(fact.algorithm)))
        };
        match sets.iter().find(|set| !used(set)) {
            None => met.extend(facts),
            Some(set) => lacking.push(
                Reason::new(&ALGORITHM_SET)
                    .list("found", facts.iter().map(|fact| fact.algorithm))
                    .list("required", set),
            ),
        }
    }
    if met.is_empty() { Err(lacking) } else { Ok(met) }
}
