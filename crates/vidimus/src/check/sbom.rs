//! `sbom`: there is an SBOM, a granted party signed it, it is bound to the artifact by digest, and its root agrees (T3).

use super::{Answer, Asked, missing};
use crate::digest::Digest;
use crate::join::bind::wrong_product;
use crate::join::held::{Told, What};
use crate::join::{BoundSbom, Joined};
use crate::policy::{Party, PartyRef, SbomCheck};
use crate::reason::Reason;

crate::reasons! {
    UNBOUND = "sbom.unbound", Unproven, Vendor, ["documents"],
        says "{documents} SBOM document(s) came with the delivery, and none is bound to this file by a granted signature",
        why "An SBOM counts when a party granted `sbom` signed it and it is bound by digest: as predicate of a statement about the file, by an accepted delivery statement that lists both, or by the hash of its root component. The same folder, name or package URL binds nothing (T3).",
        fix "Sign the SBOM as an attestation whose subject is this file, or list it as evidence in the signed delivery statement.";
    PROFILE = "sbom.profile", Unproven, Vendor, ["asked", "lacking", "place", "profile", "rule"],
        says "{profile} {rule}: {lacking} of {asked} lack what it demands, the first at {place}",
        why "The policy holds the SBOM against a standard, rule by rule; a must that is not met is named by the standard's own clause in the page of the profile.",
        fix "Add what the rule asks for: the profile's page in docs/profiles/ has the clause and where each format keeps it. `vidimus sbom check --profile` shows every place.";
    NOTHING_ASKED = "sbom.profile-nothing", Unproven, Vendor, ["profile", "rule"],
        says "{profile} {rule}: the SBOM lists nothing that could meet it",
        why "The rule asks something of each component, and there is none. A document that lists nothing meets nothing.",
        fix "List what the software is made of.";
    NOT_EVALUABLE = "sbom.not-evaluable", Unproven, Operator, ["profile", "rule"],
        says "{profile} {rule}: this SBOM cannot show whether it is met",
        why "Its format has no place for it, or it is about something outside of a document. What nobody could see must not pass.",
        fix "If it is seen to in another way, list the rule in `shown_elsewhere`; else ask for an SBOM in a format that can say it.";
}

pub(super) fn file(joined: &Joined<'_>, check: &SbomCheck, asked: Asked<'_>) -> Answer {
    // What an SBOM says is of the bytes, whatever they stand for.
    let file = joined.plain(asked.node);
    let mut support: Vec<Digest> = Vec::new();
    let mut reasons: Vec<Reason> = Vec::new();
    for (sbom, agrees) in joined.sboms_of(file).filter(|(sbom, _)| is_named(check, sbom.party)) {
        match agrees {
            Ok(()) if !sbom.is_covered(|grants| asked.covered(grants)) => reasons.push(wrong_product(sbom.fact)),
            Ok(()) => match against(joined, check, sbom) {
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
    reasons.extend(disagreeing(joined, file, &check.by));
    if reasons.is_empty() {
        reasons.extend(joined.near(file).cloned());
        reasons.push(match joined.sbom_documents {
            0 => missing("SBOM", &check.by),
            documents => Reason::new(&UNBOUND).int("documents", count(documents)),
        });
    }
    Answer::not_met(reasons, missing("SBOM", &check.by))
}

/// The SBOMs by which this check is met for some file.
pub(crate) fn counted<'j, 'a>(
    joined: &'j Joined<'a>,
    check: &'j SbomCheck,
) -> impl Iterator<Item = &'j BoundSbom<'a>> + use<'j, 'a> {
    let named = joined.sboms.iter().filter(|sbom| is_named(check, sbom.party));
    let agree = named.filter(|sbom| sbom.files.values().any(|(_, agrees)| agrees.is_ok()));
    agree.filter(|sbom| against(joined, check, sbom).is_empty())
}

fn is_named(check: &SbomCheck, party: &Party) -> bool {
    check.by.is_empty() || check.by.iter().any(|by: &PartyRef| by.is(party))
}

/// What stands against an SBOM that agrees with a file.
fn against(joined: &Joined<'_>, check: &SbomCheck, sbom: &BoundSbom<'_>) -> Vec<Reason> {
    [refused(joined, check, sbom), short(joined.told(sbom), check)].concat()
}

/// Why SBOMs of the file do not agree with it, those that were struck included.
pub(super) fn disagreeing(joined: &Joined<'_>, file: usize, by: &[PartyRef]) -> Vec<Reason> {
    let (said, at) = joined.as_said(file);
    let named = said.sboms_of(at).filter(|(sbom, _)| by.is_empty() || by.iter().any(|by| by.is(sbom.party)));
    named.filter_map(|(_, agrees)| agrees.as_ref().err().cloned()).collect()
}

/// Findings that the rule refuses. Nothing is taken over from documents that an SBOM refers to, so none refuses it by itself: a
/// stray document beside it must not decide.
fn refused(joined: &Joined<'_>, check: &SbomCheck, bound: &BoundSbom<'_>) -> Vec<Reason> {
    let links = joined.links.get(&bound.id).into_iter().flatten();
    let all = bound.sbom.notes.iter().chain(links);
    all.filter(|reason| check.refuse.contains(reason.code())).cloned().collect()
}

/// What stands against an SBOM by the profiles of this check.
fn short(told: &[Told<'_>], check: &SbomCheck) -> Vec<Reason> {
    let asked = told.iter().filter(|told| asks(check, told));
    let reasons = asked.filter_map(|told| {
        let says = |info| Reason::new(info).name("profile", told.profile).name("rule", told.rule);
        match &told.what {
            What::Instead(_) => None,
            What::Open if check.shown_elsewhere.contains(told.rule) => None,
            What::Open => Some(says(&NOT_EVALUABLE)),
            What::Nothing => Some(says(&NOTHING_ASKED)),
            What::Lacking(lacking, asked, place) => Some(
                says(&PROFILE).int("lacking", count(*lacking)).int("asked", count(*asked)).evidence("place", place),
            ),
        }
    });
    reasons.collect()
}

/// Is the answer to a profile of this check?
pub(crate) fn asks(check: &SbomCheck, told: &Told<'_>) -> bool {
    check.profiles.iter().any(|profile| profile.id == told.profile)
        || check.own.iter().any(|own| own.name == told.profile)
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
