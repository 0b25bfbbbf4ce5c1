//! `status`: nobody took the file back, as far as fresh lists know.

use std::collections::BTreeSet;

use super::Answer;
use crate::digest::{Algorithm, Digest};
use crate::join::Joined;
use crate::knowledge::List;
use crate::policy::StatusCheck;
use crate::reason::Reason;

pub(super) fn file(joined: &Joined<'_>, check: &StatusCheck, file: usize) -> Answer {
    let at = joined.request.at;
    let mut reasons = Vec::new();
    let mut support = Vec::new();
    // Every list of a loaded policy is known, if only as missing.
    for list in check.lists.iter().filter_map(|name| joined.known.lists.get(name.as_str())) {
        reasons.extend(list.reasons.iter().cloned());
        reasons.extend(joined.delivery.files.get(file).into_iter().flat_map(|file| list.about(at, &file.digests)));
        reasons.extend(parts(joined, list, file));
        support.extend(list.fact);
    }
    match reasons.first().cloned() {
        None => Answer::met(support),
        Some(first) => Answer::not_met(reasons, first),
    }
}

/// What the list says about parts that bound SBOMs name.
fn parts(joined: &Joined<'_>, list: &List<'_>, file: usize) -> Option<Reason> {
    let listed = list.digests(joined.request.at);
    if listed.is_empty() {
        return None;
    }
    let mut found: BTreeSet<Digest> = BTreeSet::new();
    for (bound, _) in joined.sboms_of(file) {
        for part in bound.sbom.others() {
            let digests = part.digests();
            found.extend(digests.by(Algorithm::Sha256).filter(|digest| listed.contains(digest)));
        }
    }
    (!found.is_empty()).then(|| list.components(&found))
}
