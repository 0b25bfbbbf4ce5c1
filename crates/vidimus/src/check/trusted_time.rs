//! `trusted-time`: something about the file is signed, and a quorum of independent sources proves when.

use super::{Answer, Asked, missing};
use crate::authenticate::Fact;
use crate::authenticate::envelope::in_time_at;
use crate::authenticate::proof::by_group;
use crate::join::Joined;
use crate::policy::{Policy, Quorum, QuorumKind, TrustedTimeCheck};
use crate::reason::Reason;

crate::reasons! {
    QUORUM = "time.quorum", Unproven, Signer, ["counted", "identity", "missing", "required"],
        says "the signing time of {identity} is proven by {counted} independent sources of the quorum; {required} are required (not there: {missing})",
        why "One time-stamping authority can lie, or be made to. The policy says how many independent ones must agree (T11).",
        fix "Have the signature stamped by the other authorities that the policy lists, and deliver their tokens in the bundle.";
    ACCURACY = "time.accuracy", Unproven, Signer, ["found", "identity", "limit", "source"],
        says "{source} states the signing time of {identity} to {found} seconds; at most {limit} are accepted",
        why "A clock that may be far off proves little (RFC 3161 section 2.4.2).",
        fix "Have the signature stamped by an authority with a better clock.";
    AFTER_AT = "time.quorum-after-verdict", Unproven, Signer, ["identity", "not_later_than"],
        says "with the liars that the quorum reckons with, the signature of {identity} is proven only for {not_later_than}, after the time of this verdict",
        why "If the earliest sources lie, the signature may not have existed yet (T12, T13).",
        fix "Judge at a later `--at`.";
}

pub(super) fn file(joined: &Joined<'_>, check: &TrustedTimeCheck, asked: Asked<'_>) -> Answer {
    let kinds =
        if check.applies_to.kinds.is_empty() { "signature".to_owned() } else { check.applies_to.kinds.join(" or ") };
    let Some(quorum) = joined.policy.quorums.get(&check.quorum) else {
        return Answer::not_met(Vec::new(), missing(&kinds, &[]));
    };
    let mut others = Vec::new();
    let facts = asked.bindings(joined, &mut others).map(|binding| binding.fact).filter(|fact| fact.claim.vouches());
    let facts: Vec<&Fact<'_>> = facts.filter(|fact| check.applies_to.includes(fact.claim.predicate_type())).collect();
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    for fact in facts {
        match proven(joined, quorum, fact) {
            Ok(()) => met.push(fact),
            Err(why) => reasons.extend(why),
        }
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if reasons.is_empty() {
        reasons.extend(others);
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(missing(&kinds, &[]));
    }
    Answer::not_met(reasons, missing(&kinds, &[]))
}

/// Do enough independent sources prove the signing time, and do the key's window and the algorithm's date hold at the bound that
/// remains when as many lie as the quorum reckons with?
fn proven(joined: &Joined<'_>, quorum: &Quorum, fact: &Fact<'_>) -> Result<(), Vec<Reason>> {
    let QuorumKind::Time { tolerate_liars, max_accuracy_seconds } = quorum.kind else { return Err(Vec::new()) };
    let policy: &Policy = joined.policy;
    let about = |info| Reason::new(info).name("identity", &fact.identity.id);
    let is_candidate = |party: &str| quorum.candidates.iter().any(|candidate| candidate == party);
    let times = fact.proof.times.iter().filter(|time| time.source.party().is_some_and(is_candidate));
    let (fine, coarse): (Vec<_>, Vec<_>) =
        times.partition(|time| max_accuracy_seconds.is_none_or(|limit| time.accuracy_seconds <= limit));
    let groups = by_group(policy, quorum.candidates.iter().map(String::as_str), fine.iter().copied());
    let mut reasons: Vec<Reason> = coarse
        .iter()
        .map(|time| {
            let reason = about(&ACCURACY).name("source", time.source.name()).int("found", time.accuracy_seconds);
            reason.int("limit", max_accuracy_seconds.unwrap_or_default())
        })
        .collect();
    if groups.len() < quorum.min_groups {
        let counted = |candidate: &&String| groups.iter().any(|(_, parties)| parties.contains(*candidate));
        let absent = quorum.candidates.iter().filter(|candidate| !counted(candidate));
        let reason = about(&QUORUM).int("counted", groups.len()).int("required", quorum.min_groups);
        reasons.push(reason.list("missing", absent));
        reasons.extend(fact.proof.near.iter().cloned());
        return Err(reasons);
    }
    let Some((bound, _)) = groups.get(tolerate_liars) else { return Err(reasons) };
    if *bound > joined.request.at {
        return Err(vec![about(&AFTER_AT).time("not_later_than", *bound)]);
    }
    in_time_at(policy, fact.identity, fact.algorithm, fact.certificate.is_some(), *bound).map_err(|reason| vec![reason])
}
