//! `status`: nobody took the file back, or anything in it, as far as fresh lists know.

use super::Answer;
use crate::digest::Algorithm;
use crate::join::Joined;
use crate::knowledge::List;
use crate::policy::StatusCheck;
use crate::reason::Reason;

crate::reasons! {
    UNNAMED = "status.no-digest", Unproven, Vendor, [],
        says "no sha256 digest of it is known, by which status lists name bytes",
        why "A list that cannot name a thing cannot take it back, so nothing shows that it was not taken back (T30).",
        fix "Produce the SBOM with a sha256 digest of each component.";
}

/// Every list of a loaded policy is known, if only as missing.
fn lists<'j, 'a>(joined: &'j Joined<'a>, check: &'j StatusCheck) -> impl Iterator<Item = &'j List<'a>> {
    check.lists.iter().filter_map(|name| joined.known.lists.get(name.as_str()))
}

pub(super) fn file(joined: &Joined<'_>, check: &StatusCheck, file: usize) -> Answer {
    let sha256 = joined.digests_of(file).by(Algorithm::Sha256);
    let mut reasons = Vec::new();
    if sha256.is_none() {
        reasons.push(Reason::new(&UNNAMED));
    }
    let mut support = Vec::new();
    for list in lists(joined, check) {
        reasons.extend(list.reasons.iter().cloned());
        reasons.extend(taken(joined, list, file));
        support.extend(list.issues.iter().map(|(fact, _)| *fact));
    }
    match reasons.first().cloned() {
        None => Answer::met(support),
        Some(first) => Answer::not_met(reasons, first),
    }
}

/// What is in the file, at any depth, and on a list: each answers for itself.
pub(super) fn members(joined: &Joined<'_>, check: &StatusCheck, file: usize) -> Vec<usize> {
    let lists: Vec<&List<'_>> = lists(joined, check).filter(|list| list.names_files()).collect();
    if lists.is_empty() {
        return Vec::new();
    }
    let listed = |member: &usize| lists.iter().any(|list| !taken(joined, list, *member).is_empty());
    joined.within(file).into_iter().filter(listed).collect()
}

/// What a list takes away of one file or component.
fn taken(joined: &Joined<'_>, list: &List<'_>, node: usize) -> Vec<Reason> {
    let sha256 = joined.digests_of(node).by(Algorithm::Sha256);
    sha256.map(|sha256| list.about(&sha256, joined.first_of(joined.plain(node)))).unwrap_or_default()
}
