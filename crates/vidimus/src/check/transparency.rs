//! `transparency`: something about the file is signed, and the signature is in logs that the policy names, with checkpoints that
//! enough witnesses cosigned.

use super::{Answer, Asked, missing};
use crate::authenticate::{Fact, Logged};
use crate::join::Joined;
use crate::policy::{Log, Policy, QuorumKind, TransparencyCheck};
use crate::reason::Reason;

crate::reasons! {
    NOT_LOGGED = "log.not-logged", Unproven, Signer, ["identity", "logs"],
        says "the signature of {identity} is in none of the logs {logs}",
        why "What is published in a log that many watch cannot be made for one victim in secret (T9).",
        fix "Log the signature in a log that the policy names, and deliver the entry with its inclusion proof.";
    NO_QUORUM = "log.no-quorum", Unproven, Signer, ["compellable", "counted", "log", "missing", "required"],
        says "{counted} independent witnesses cosigned the checkpoint of {log}, {compellable} of them under one law; {required} are required (not there: {missing})",
        why "A log can show one tree to some and another to others. Two accepted views must share a witness that nobody can compel (T9, 2k − n > b).",
        fix "Have the checkpoint cosigned by more of the witnesses that the policy lists, and deliver it with the entry.";
    SAME_OPERATOR = "log.same-operator", Unproven, Signer, ["counted", "required"],
        says "the logs with an entry have {counted} independent operators; {required} are required",
        why "Two logs of one operator are one log to whoever can compel that operator.",
        fix "Log the signature in logs of independent operators.";
}

pub(super) fn file(joined: &Joined<'_>, check: &TransparencyCheck, asked: Asked<'_>) -> Answer {
    let kinds =
        if check.applies_to.kinds.is_empty() { "signature".to_owned() } else { check.applies_to.kinds.join(" or ") };
    let mut others = Vec::new();
    let facts = asked.bindings(joined, &mut others).map(|binding| binding.fact).filter(|fact| fact.claim.vouches());
    let facts: Vec<&Fact<'_>> = facts.filter(|fact| check.applies_to.includes(fact.claim.predicate_type())).collect();
    let (mut met, mut reasons) = (Vec::new(), Vec::new());
    for fact in facts {
        match published(joined.policy, check, fact) {
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

fn published(policy: &Policy, check: &TransparencyCheck, fact: &Fact<'_>) -> Result<(), Vec<Reason>> {
    let (mut operators, mut reasons) = (Vec::new(), Vec::new());
    for entry in fact.proof.logged.iter().filter(|entry| check.logs.contains(&entry.log)) {
        let Some(log) = policy.logs.get(&entry.log) else { continue };
        match witnessed(policy, log, entry) {
            Ok(()) => operators.push(log.operator.as_str()),
            Err(reason) => reasons.push(reason),
        }
    }
    // Of all logs that would do: one entry more never makes fewer operators of the others.
    let all = check.logs.iter().filter_map(|log| policy.logs.get(log)).map(|log| log.operator.as_str());
    let counted = policy.groups_among(all, &operators);
    if counted >= check.distinct_operators {
        return Ok(());
    }
    if counted > 0 {
        reasons.push(Reason::new(&SAME_OPERATOR).int("counted", counted).int("required", check.distinct_operators));
    }
    if reasons.is_empty() {
        reasons.push(Reason::new(&NOT_LOGGED).name("identity", &fact.identity.id).list("logs", &check.logs));
        reasons.extend(fact.proof.near.iter().cloned());
    }
    Err(reasons)
}

/// Did enough independent witnesses cosign? A log without a quorum of witnesses needs none: the policy says so.
fn witnessed(policy: &Policy, log: &Log, entry: &Logged) -> Result<(), Reason> {
    let Some(quorum) = log.witnesses.as_ref().and_then(|name| policy.quorums.get(name)) else { return Ok(()) };
    let QuorumKind::Witness { tolerate_jurisdictions, remaining } = quorum.kind else { return Ok(()) };
    let witnesses: Vec<&str> = entry.witnesses.iter().map(String::as_str).collect();
    let all: Vec<&str> = quorum.candidates.iter().map(String::as_str).collect();
    let counted = policy.groups_among(all.iter().copied(), &witnesses);
    let left = policy.remaining_among(&all, &witnesses, tolerate_jurisdictions);
    if counted >= quorum.min_groups && left >= remaining {
        return Ok(());
    }
    let absent = quorum.candidates.iter().filter(|candidate| !entry.witnesses.contains(candidate));
    let reason = Reason::new(&NO_QUORUM).name("log", &log.name).int("counted", counted);
    let compellable = policy.compellable(&witnesses, tolerate_jurisdictions);
    Err(reason.int("required", quorum.min_groups).int("compellable", compellable).list("missing", absent))
}
