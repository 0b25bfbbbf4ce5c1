//! `inventory`: every file accounted for, and nothing that a delivery statement lists missing (T1, T2, DESIGN ruling 2).

use super::{Answer, missing};
use crate::digest::Digest;
use crate::join::Joined;
use crate::policy::InventoryCheck;
use crate::reason::Reason;

crate::reasons! {
    UNCOVERED = "binding.uncovered", Unproven, Vendor, [],
        says "no accepted statement, bound SBOM or signature accounts for this file",
        why "In a closed world every delivered byte is somebody's responsibility; a file that nobody vouches for could be anything (T1, T19).",
        fix "Have the vendor sign a delivery statement that lists the file, or remove the file.";
    LISTED_ABSENT = "evidence.listed-absent", Unproven, Vendor, ["expected", "path"],
        says "the delivery statement lists evidence {path} ({expected}) that is not there",
        why "Evidence that somebody left out may have said no (T2).",
        fix "Deliver every evidence file that the delivery statement lists.";
}

/// What is asked of the delivery as a whole; `None` where there is nothing to hold it against and the rule allows that.
pub(super) fn delivery(joined: &Joined<'_>, check: &InventoryCheck) -> Option<Answer> {
    let Some(statement) = &joined.statement else {
        return check.require_statement.then(|| Answer::not_met(Vec::new(), missing("delivery statement", &[])));
    };
    let reasons: Vec<Reason> = joined
        .absent_evidence
        .iter()
        .map(|(path, digests)| {
            let expected = digests.strongest().map_or_else(|| "no usable digest".to_owned(), |d| d.to_string());
            Reason::new(&LISTED_ABSENT).evidence("path", path).name("expected", expected)
        })
        .collect();
    Some(match reasons.first().cloned() {
        None => Answer::met([statement.fact]),
        Some(first) => Answer::not_met(reasons, first),
    })
}

/// What is asked of one file; `None` in an open world.
pub(super) fn file(joined: &Joined<'_>, check: &InventoryCheck, file: usize) -> Option<Answer> {
    if !check.closed_world {
        return None;
    }
    let mut support: Vec<Digest> = joined.vouching(file).map(|fact| fact.id.clone()).collect();
    support.extend(joined.listed_by(file).iter().cloned());
    support.sort();
    support.dedup();
    let mut reasons: Vec<Reason> = Vec::new();
    if support.is_empty() && !joined.is_evidence(file) {
        reasons.extend(joined.near(file).cloned());
        reasons.push(Reason::new(&UNCOVERED));
    }
    if check.deny_opaque {
        // Each member answers for itself, else the file for all that is in it.
        let opaque =
            if check.each_member { joined.opaque(file).into_iter().collect() } else { joined.opaque_within(file) };
        reasons.extend(opaque.into_iter().cloned());
    }
    Some(if reasons.is_empty() { Answer::Met(support) } else { Answer::not_met(reasons, Reason::new(&UNCOVERED)) })
}

/// The members that answer for themselves.
pub(super) fn members(joined: &Joined<'_>, check: &InventoryCheck, file: usize) -> Vec<usize> {
    if check.closed_world && check.each_member { joined.leaves(file) } else { Vec::new() }
}
