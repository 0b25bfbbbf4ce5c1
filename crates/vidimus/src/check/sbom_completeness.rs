//! `sbom-completeness`: an SBOM that counts states of each component that the list of its dependencies is complete
//! (`verification.md` 2.5). That is a claim, believed as far as its signer's grant; what was delivered is counted by `inventory`.

use super::sbom::disagreeing;
use super::{Answer, Asked, missing};
use crate::digest::Digest;
use crate::join::Joined;
use crate::join::bind::wrong_product;
use crate::join::held::Stated;
use crate::policy::{PartyRef, SbomCompletenessCheck};
use crate::reason::Reason;

crate::reasons! {
    INCOMPLETE = "sbom.incomplete", Unproven, Vendor, ["asked", "lacking", "place"],
        says "of {lacking} of {asked} components the SBOM does not state that their dependencies are complete, the first at {place}",
        why "A component that is left out is seen by nobody. Only an explicit statement, in CycloneDX `compositions` for each component (files included), in SPDX 3 `completeness`, in SPDX 2 `NONE`, says that there is no more; listing some says nothing about others. That something depends on nothing is believed only of a document that lists nothing beside what its root leads to.",
        fix "State it for each component. SPDX 2 cannot state it of a list that is not empty; use SPDX 3 or CycloneDX.";
    KNOWN_UNKNOWN = "sbom.known-unknown", Unproven, Vendor, ["count", "place", "word"],
        says "of {count} components the SBOM states that their dependencies are {word}, the first at {place}",
        why "The signer says that something is missing. Which gaps are acceptable the operator decides, by name.",
        fix "Close the gap, or have the operator list the word in `allow_known_unknowns`.";
}

pub(super) fn file(joined: &Joined<'_>, check: &SbomCompletenessCheck, asked: Asked<'_>) -> Answer {
    let file = joined.plain(asked.node);
    let named = |by: &PartyRef, party| by.is(party);
    let mut support: Vec<Digest> = Vec::new();
    let mut reasons: Vec<Reason> = Vec::new();
    for (sbom, agrees) in joined.sboms_of(file) {
        if !check.by.is_empty() && !check.by.iter().any(|by| named(by, sbom.party)) {
            continue;
        }
        match (agrees, joined.stated(sbom)) {
            (Ok(()), Some(_)) if !sbom.is_covered(|grants| asked.covered(grants)) => {
                reasons.push(wrong_product(sbom.fact));
            }
            (Ok(()), Some(stated)) => match gaps(stated, check) {
                gaps if gaps.is_empty() && stated.asked > 0 => {
                    support.extend([sbom.id.clone(), sbom.vouched_by.clone()]);
                }
                gaps => reasons.extend(gaps),
            },
            (Err(reason), _) => reasons.push(reason.clone()),
            (Ok(()), None) => {}
        }
    }
    if !support.is_empty() {
        support.sort();
        support.dedup();
        return Answer::Met(support);
    }
    reasons.extend(disagreeing(joined, file, &check.by));
    Answer::not_met(reasons, missing("SBOM", &check.by))
}

fn gaps(stated: &Stated, check: &SbomCompletenessCheck) -> Vec<Reason> {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let unstated = stated.unstated.as_ref().map(|(lacking, place)| {
        let reason = Reason::new(&INCOMPLETE).int("lacking", count(*lacking)).int("asked", count(stated.asked));
        reason.evidence("place", place)
    });
    let known = stated.gaps.iter().filter(|(word, _)| !check.allow_known_unknowns.contains(*word));
    let known = known.map(|(word, (found, place))| {
        Reason::new(&KNOWN_UNKNOWN).int("count", count(*found)).evidence("word", word).evidence("place", place)
    });
    unstated.into_iter().chain(known).collect()
}
