//! `release`: a granted party signed exactly these bytes.

use std::collections::BTreeMap;

use super::{Answer, is_by, missing};
use crate::authenticate::Fact;
use crate::authenticate::keys::SignatureAlgorithm;
use crate::digest::Digest;
use crate::join::Joined;
use crate::policy::ReleaseCheck;
use crate::reason::Reason;

crate::reasons! {
    ALGORITHM_SET = "signature.algorithm-set", Unproven, Signer, ["found", "required"],
        says "signed with {found}; beside that, a signature over the same payload with one of {required} is asked for",
        why "The policy asks for signatures of several algorithm families, so that a break of one, or the rules of one country, leave another standing.",
        fix "Sign the same payload with a key of each family that the policy lists.";
}

pub(super) fn file(joined: &Joined<'_>, check: &ReleaseCheck, file: usize) -> Answer {
    let accepted = joined.vouching(file).filter(|fact| {
        let kind = check.accept.is_empty()
            || match fact.claim.predicate_type() {
                Some(predicate_type) => check.predicate_types.contains(predicate_type),
                None => check.file,
            };
        kind && is_by(&check.by, fact)
    });
    let accepted: Vec<&Fact<'_>> = accepted.collect();
    let mut reasons = Vec::new();
    if !accepted.is_empty() {
        match in_every_set(&check.algorithm_sets, accepted) {
            Ok(met) => return Answer::met(met),
            Err(lacking) => reasons = lacking,
        }
    }
    let kind = if check.accept.is_empty() { "signature".to_owned() } else { check.accept.join(" or ") };
    if reasons.is_empty() {
        reasons.extend(joined.near(file).cloned());
        reasons.push(missing(&kind, &check.by));
    }
    Answer::not_met(reasons, missing(&kind, &check.by))
}

/// The facts over payloads that have a signature of each set; or what each payload lacks.
fn in_every_set<'a, 'b>(
    sets: &[Vec<SignatureAlgorithm>],
    facts: Vec<&'a Fact<'b>>,
) -> Result<Vec<&'a Fact<'b>>, Vec<Reason>> {
    // Plain signatures are over the file itself, whichever document carries them.
    let mut by_payload: BTreeMap<Option<&Digest>, Vec<&Fact<'_>>> = BTreeMap::new();
    for fact in facts {
        by_payload.entry(fact.claim.predicate_type().map(|_| &fact.id)).or_default().push(fact);
    }
    let (mut met, mut lacking) = (Vec::new(), Vec::new());
    for facts in by_payload.into_values() {
        let used = |set: &&Vec<SignatureAlgorithm>| {
            facts.iter().any(|fact| set.iter().any(|listed| listed.admits(fact.algorithm)))
        };
        match sets.iter().find(|set| !used(set)) {
            None => met.extend(facts),
            Some(set) => lacking.push(
                Reason::new(&ALGORITHM_SET)
                    .list("found", facts.iter().map(|fact| fact.algorithm))
                    .list("required", set),
            ),
        }
    }
    if met.is_empty() { Err(lacking) } else { Ok(met) }
}
