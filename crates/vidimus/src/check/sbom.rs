//! `sbom`: there is an SBOM, a granted party signed it, it is bound to the artifact by digest, and its root agrees (T3).

use super::{Answer, missing};
use crate::digest::Digest;
use crate::join::{BoundSbom, Joined};
use crate::policy::{Party, PartyRef, SbomCheck};
use crate::reason::Reason;

crate::reasons! {
    UNBOUND = "sbom.unbound", Unproven, Vendor, ["documents"],
        says "{documents} SBOM document(s) came with the delivery, and none is bound to this file by a granted signature",
        why "An SBOM counts when a party granted `sbom` signed it and it is bound by digest: as predicate of a statement about the file, by an accepted delivery statement that lists both, or by the hash of its root component. The same folder, name or package URL binds nothing (T3).",
        fix "Sign the SBOM as an attestation whose subject is this file, or list it as evidence in the signed delivery statement.";
}

pub(super) fn file(joined: &Joined<'_>, check: &SbomCheck, file: usize) -> Answer {
    let named = |party: &Party| check.by.is_empty() || check.by.iter().any(|by: &PartyRef| by.is(party));
    let mut support: Vec<Digest> = Vec::new();
    let mut reasons: Vec<Reason> = Vec::new();
    for (sbom, agrees) in joined.sboms_of(file).filter(|(sbom, _)| named(sbom.party)) {
        match agrees {
            Ok(()) => match refused(joined, check, sbom) {
                found if found.is_empty() => support.extend([sbom.id.clone(), sbom.vouched_by.clone()]),
                found => reasons.extend(found),
            },
            Err(reason) => reasons.push(reason.clone()),
        }
    }
    if !support.is_empty() {
        support.sort();
        support.dedup();
        return Answer::Met(support);
    }
    if reasons.is_empty() {
        reasons.extend(joined.near(file).cloned());
        reasons.push(match joined.sbom_documents {
            0 => missing("SBOM", &check.by),
            documents => Reason::new(&UNBOUND).int("documents", i64::try_from(documents).unwrap_or(i64::MAX)),
        });
    }
    Answer::not_met(reasons, missing("SBOM", &check.by))
}

/// Findings that the rule refuses. Nothing is taken over from documents that an SBOM refers to, so none refuses it by itself: a
/// stray document beside it must not decide.
fn refused(joined: &Joined<'_>, check: &SbomCheck, bound: &BoundSbom<'_>) -> Vec<Reason> {
    let links = joined.links.get(&bound.id).into_iter().flatten();
    let all = bound.sbom.notes.iter().chain(links);
    all.filter(|reason| check.refuse.contains(reason.code())).cloned().collect()
}
