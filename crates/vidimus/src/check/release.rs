//! `release`: a granted party signed exactly these bytes.

use super::{Answer, is_by, missing};
use crate::join::Joined;
use crate::policy::ReleaseCheck;

pub(super) fn file(joined: &Joined<'_>, check: &ReleaseCheck, file: usize) -> Answer {
    let accepted = joined.bindings(file).iter().map(|binding| binding.fact).filter(|fact| {
        let kind = check.accept.is_empty()
            || match fact.claim.predicate_type() {
                Some(predicate_type) => check.predicate_types.contains(predicate_type),
                None => check.file,
            };
        kind && is_by(&check.by, fact)
    });
    let accepted: Vec<_> = accepted.collect();
    if !accepted.is_empty() {
        return Answer::met(accepted);
    }
    let kind = if check.accept.is_empty() { "signature".to_owned() } else { check.accept.join(" or ") };
    let mut reasons = joined.near(file).to_vec();
    reasons.push(missing(&kind, &check.by));
    Answer::not_met(reasons, missing(&kind, &check.by))
}
