//! Denied files and components: part of what every delivery is held to, so that no branch of a rule masks them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Node, Outcome};
use crate::digest::{Algorithm, Digest};
use crate::join::Joined;
use crate::policy::Denied;
use crate::read::Place;
use crate::reason::Reason;

crate::reasons! {
    FILE = "deny.digest", Refuted, Vendor, ["digest"],
        says "the policy denies these bytes: {digest}",
        why "The operator withdrew this file, whoever vouches for it: a known hole, a stolen build, a recall (T4).",
        fix "Deliver a version without the denied file.";
    COMPONENT = "deny.component", Refuted, Vendor, ["components"],
        says "a bound SBOM says that the file has parts that the policy denies: {components}",
        why "What is denied as a file is denied as a part as well. Whoever writes the SBOM can leave a part out, so this helps against honest errors.",
        fix "Deliver a version that is built without the denied parts.";
}

/// One outcome for each denied file, and for each file with a denied part.
pub(super) fn outcomes<'a>(joined: &Joined<'a>) -> Vec<Outcome<'a>> {
    let in_force = joined.policy.denials.iter().filter(|deny| deny.is_in_force(joined.request.at));
    let denied: BTreeSet<&Digest> = in_force
        .filter_map(|deny| match &deny.what {
            Denied::File(digest) => Some(digest),
            Denied::Key(_) | Denied::Attestation(_) => None,
        })
        .collect();
    if denied.is_empty() {
        return Vec::new();
    }
    let files = joined.delivery.files.iter().enumerate().filter(|(_, file)| file.place != Place::Evidence);
    let mut reasons: BTreeMap<usize, Reason> = files
        .filter(|(_, file)| denied.contains(file.digests.sha256()))
        .map(|(index, file)| (index, Reason::new(&FILE).digest("digest", file.digests.sha256())))
        .collect();
    for bound in &joined.sboms {
        let parts = bound.sbom.others().filter_map(|part| part.digests().by(Algorithm::Sha256));
        let parts: BTreeSet<Digest> = parts.filter(|digest| denied.contains(digest)).collect();
        if !parts.is_empty() {
            for file in bound.files.keys() {
                reasons.entry(*file).or_insert_with(|| Reason::new(&COMPONENT).list("components", &parts));
            }
        }
    }
    // What components are made of, at whatever depth; files have answered.
    let claimed = joined.claimed_components().filter(|(node, _)| joined.is_reached(*node));
    for (node, _) in claimed {
        if let Some(digest) = joined.digests_of(node).by(Algorithm::Sha256).filter(|digest| denied.contains(digest)) {
            reasons.insert(node, Reason::new(&FILE).digest("digest", &digest));
        }
    }
    let outcome = |(file, reason): (usize, Reason)| {
        let answer = Answer::not_met(vec![reason.clone()], reason);
        Outcome { rule: None, node: Node::File(file), class: "any", as_component: false, answer }
    };
    reasons.into_iter().map(outcome).collect()
}
