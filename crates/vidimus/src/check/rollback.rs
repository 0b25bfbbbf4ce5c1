//! `no-rollback`: the delivery is not older than what was accepted before, and not another one of the same number.

use super::{Answer, missing};
use crate::join::Joined;
use crate::join::delivery::EQUIVOCATION;
use crate::knowledge::State;
use crate::policy::RollbackCheck;
use crate::reason::Reason;

crate::reasons! {
    ROLLBACK = "release.rollback", Refuted, Vendor, ["accepted", "found", "party"],
        says "{party} delivers sequence {found}; {accepted} was accepted before",
        why "An older delivery can be genuine and have holes that a newer one closed (T4).",
        fix "Deliver the newest version; to go back on purpose, have the vendor sign the older version again under a new sequence.";
    NO_STATE = "release.no-state", Unproven, Operator, [],
        says "nobody said what was accepted before",
        why "Whether a delivery is older than the last one can only be told by whoever remembers the last one (T4).",
        fix "Run with `--state FILE`; the first time together with `--accept`, which makes the file.";
    OTHER_STATE = "release.other-state", Unproven, Operator, ["expected", "found"],
        says "the state that was named is {found}; the rule asks for {expected}",
        why "The memory of another place does not know what was accepted here.",
        fix "Name the state file that the policy means with `--state`.";
}

/// What is asked of the delivery.
pub(super) fn delivery(joined: &Joined<'_>, check: &RollbackCheck) -> Answer {
    let Some(statement) = &joined.statement else {
        return Answer::not_met(Vec::new(), missing("delivery statement", &[]));
    };
    let Some(state) = joined.known.state else { return Answer::not_met(Vec::new(), Reason::new(&NO_STATE)) };
    if let Some(reason) = other(state, check) {
        return Answer::not_met(Vec::new(), reason);
    }
    let mark = statement.mark();
    let reason = match state.release(&mark.vendor, &mark.product) {
        Some(held) if held.sequence > mark.sequence => Reason::new(&ROLLBACK)
            .name("party", &mark.vendor)
            .int("found", mark.sequence)
            .int("accepted", held.sequence),
        Some(held) if held.sequence == mark.sequence && held.sha256 != mark.sha256 => {
            Reason::new(&EQUIVOCATION).name("party", &mark.vendor).int("sequence", mark.sequence)
        }
        _ => return Answer::met([statement.fact]),
    };
    Answer::not_met(Vec::new(), reason)
}

fn other(state: &State, check: &RollbackCheck) -> Option<Reason> {
    let expected = check.state.as_deref()?;
    let found = state.id.as_deref().unwrap_or("one without a name");
    (state.id.as_deref() != Some(expected))
        .then(|| Reason::new(&OTHER_STATE).name("expected", expected).evidence("found", found))
}
