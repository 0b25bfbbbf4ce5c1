//! Is what a certificate rests on there, and does it say yes (CERT-08 to CERT-10)?

use super::{CONFORMANCE, Candidate, NO_DECLARATIONS, NO_REPORT, OWN_WORD, REPORT, UNREADABLE, UNRESOLVED};
use crate::decode::Conformance;
use crate::digest::DigestSet;
use crate::join::{Joined, Report};
use crate::policy::CertificationCheck;
use crate::reason::Reason;

/// So many digests of absent reports are shown.
const SHOWN: usize = 16;

/// What its reports lack. Where a rule asks what they say, a report that is left out could say no, so each must be there.
pub(super) fn reports(joined: &Joined<'_>, check: &CertificationCheck, candidate: &Candidate<'_, '_>) -> Vec<Reason> {
    if !check.reports && check.conformance.is_none() {
        return Vec::new();
    }
    let cited = &candidate.found.reports;
    if cited.is_empty() {
        return vec![candidate.reason(&NO_REPORT)];
    }
    let mut reasons = Vec::new();
    let absent: Vec<&DigestSet> = cited.iter().filter(|digests| !joined.holds_evidence(digests)).collect();
    if !absent.is_empty() {
        let reason = candidate.reason(&REPORT).int("cited", cited.len() as u64);
        reasons.push(reason.list("absent", absent.iter().take(SHOWN).map(|digests| named(digests))));
    }
    if let Some(third_party) = check.conformance {
        let (mut declared, mut mapped) = (0_usize, 0_usize);
        for digests in cited {
            match joined.report(digests) {
                Some(Report::Declares(found)) => {
                    declared += 1;
                    mapped += usize::from(found.mapped > 0);
                    reasons.extend(declares(candidate, found, digests, third_party));
                }
                Some(Report::Silent) => {}
                // An item that is there and is no statement says nothing that could be read, either.
                Some(Report::Unreadable) => reasons.push(unreadable(candidate, digests)),
                None if joined.holds_evidence(digests) => reasons.push(unreadable(candidate, digests)),
                None => {}
            }
        }
        // What is absent or unreadable could have declarations; that is said already.
        if mapped < declared || declared == 0 && reasons.is_empty() {
            reasons.push(candidate.reason(&NO_DECLARATIONS));
        }
    }
    reasons
}

fn declares(
    candidate: &Candidate<'_, '_>,
    report: &Conformance,
    digests: &DigestSet,
    third_party: bool,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if report.malformed > 0 {
        reasons.push(unreadable(candidate, digests));
    }
    if report.below + report.countered + report.unclaimed + report.expired > 0 {
        let reason = candidate.reason(&CONFORMANCE).int("below", report.below).int("countered", report.countered);
        reasons.push(reason.int("unclaimed", report.unclaimed).int("expired", report.expired));
    }
    if report.unresolved > 0 {
        reasons.push(candidate.reason(&UNRESOLVED).int("count", report.unresolved));
    }
    if third_party && report.own_word > 0 {
        reasons.push(candidate.reason(&OWN_WORD).int("count", report.own_word));
    }
    reasons
}

fn unreadable(candidate: &Candidate<'_, '_>, digests: &DigestSet) -> Reason {
    candidate.reason(&UNREADABLE).name("report", named(digests))
}

fn named(digests: &DigestSet) -> String {
    digests.strongest().map_or_else(|| "none by digest".to_owned(), |digest| digest.to_string())
}
