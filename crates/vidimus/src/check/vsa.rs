//! `vsa`: somebody whom the policy trusts to verify has verified this file, as this resource, with these properties: the seven
//! steps of SLSA v1.2 `verification_summary.md`. Signature and subject (steps 1 and 2) are what makes a binding.

use super::{Answer, Asked, certification, is_by, missing, some_names};
use crate::authenticate::{Claim, Fact};
use crate::decode::{Predicate, Statement, Summary, slsa_level};
use crate::digest::DigestSet;
use crate::join::{Binding, Joined};
use crate::policy::{Grant, Product, ResourceMatch, VerifierGrant, VsaCheck};
use crate::reason::{Reason, identifier};

crate::reasons! {
    PAIR = "vsa.verifier", Unproven, Signer, ["identity", "verifier"],
        says "{identity} may not speak for the verifier {verifier}",
        why "Signer and verifier are a pair that the policy fixes; one laboratory's key must not carry another's judgement (SLSA v1.2, how to verify, step 4; T7).",
        fix "Sign with the verifier's own identity, or have the operator add the verifier to the grant.";
    RESOURCE = "vsa.resource", Unproven, Signer, ["expected", "found"],
        says "the summary is about {found}; expected is {expected}",
        why "The same bytes can be verified for another purpose; a summary counts only for the resource that it names (step 5; T5).",
        fix "Have the verifier name the requested product as `resourceUri`, or state `resource` in the rule.";
    RESULT = "vsa.result", Unproven, Vendor, ["identity"],
        says "{identity} verified it, and it FAILED",
        why "A summary that says FAILED is no proof (step 6).",
        fix "Correct what the verifier found, and have the file verified again.";
    FAILED = "vsa.failed", Refuted, Vendor, ["identity"],
        says "{identity} verified it, and it FAILED; the rule lets that win, whatever others say",
        why "Somebody whom the policy trusts to judge has judged, and said no. Whoever delivers could have left it out, so it helps against honest errors, not against hiding (T28).",
        fix "Correct what the verifier found, and have the file verified again; deliver the new summary alone.";
    LEVEL = "vsa.level", Unproven, Vendor, ["found", "required"],
        says "verified is {found}; {required} is asked for",
        why "Only levels and properties that the summary states count, and levels only as far as the policy trusts the verifier (step 7; T27).",
        fix "Have the file verified for what is asked, or have the operator review how far the verifier is trusted.";
    POLICY = "vsa.policy", Unproven, Signer, ["accepted", "found"],
        says "verified against the policy {found}; accepted are {accepted}",
        why "A pass under a weak policy is not the pass that was asked for (T27).",
        fix "Have the file verified against an accepted version of the policy, and state its digest in the summary.";
    STALE = "vsa.stale", Unproven, Signer, ["found", "limit"],
        says "verified at {found}; at most {limit} days before the verdict are accepted",
        why "A summary has no end of its own; how old it may be is the reader's rule.",
        fix "Have the file verified again, with the time stated.";
    INPUTS = "vsa.inputs-absent", Unproven, Signer, ["absent", "cited"],
        says "the summary cites {cited} attestations, and {absent} of them are not in the delivery",
        why "The rule asks that everything on which the verifier relied can be looked at (T24).",
        fix "Deliver every attestation that `inputAttestations` names, or have the verifier name them.";
}

/// So many stated levels are shown.
const SHOWN: usize = 16;

pub(super) fn file(joined: &Joined<'_>, check: &VsaCheck, asked: Asked<'_>) -> Answer {
    let kinds = check.accept.join(" or ");
    let (mut met, mut failed, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let mut candidates = 0_usize;
    for binding in joined.bindings(asked.node).filter(|binding| is_by(&check.by, binding.fact)) {
        if let Some(found) = asked.as_properties(joined, check, binding) {
            candidates += 1;
            met.extend(found.is_empty().then_some(binding.fact));
            reasons.extend(found);
            continue;
        }
        let Claim::Statement(Statement { predicate: Predicate::Summary(summary), predicate_type, .. }) =
            &binding.fact.claim
        else {
            continue;
        };
        if !check.predicate_types.contains(predicate_type) {
            continue;
        }
        candidates += 1;
        let found = asked.lacks(binding, |binding| judge(joined, check, asked, binding, summary));
        match found.as_slice() {
            [] => met.push(binding.fact),
            found if is_failed(found) => failed.push(&binding.fact.identity.id),
            _ => {}
        }
        reasons.extend(found);
    }
    if check.failed_wins && !failed.is_empty() {
        let said = failed.into_iter().map(|identity| Reason::new(&FAILED).name("identity", identity));
        return Answer::not_met(said.collect(), missing(&kinds, &check.by));
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if candidates == 0 {
        let bindings = joined.bindings(asked.node).filter(|binding| is_by(&check.by, binding.fact));
        reasons.extend(certification::unmapped(joined, check, bindings));
        reasons.extend(joined.near(asked.node).cloned());
        reasons.push(missing(&kinds, &check.by));
    }
    Answer::not_met(reasons, missing(&kinds, &check.by))
}

/// Is it a summary that says FAILED? Only what speaks for this verifier and about this resource can take a proof away.
pub(super) fn is_failed(found: &[Reason]) -> bool {
    matches!(found, [only] if only.code() == RESULT.code)
}

/// Only a grant that lets the signer speak for this very verifier tells how far it is believed.
pub(super) fn speaking<'a>(binding: &Binding<'a>, summary: &Summary) -> Vec<&'a Grant> {
    speaking_of(&binding.grants, binding.fact, summary)
}

/// Of `grants`, those that let the signer of `fact` speak for the verifier of `summary`.
pub(crate) fn speaking_of<'a>(grants: &[&'a Grant], fact: &Fact<'_>, summary: &Summary) -> Vec<&'a Grant> {
    let identity = &fact.identity.id;
    let pairs_up = |pair: &VerifierGrant| {
        pair.id == summary.verifier_id && pair.identity.as_ref().is_none_or(|allowed| allowed == identity)
    };
    grants.iter().copied().filter(|grant| grant.verifiers.iter().any(pairs_up)).collect()
}

/// Everything that one summary lacks; empty when it meets the rule alone. A failed one is asked no more than whether it is about
/// this.
pub(super) fn judge(
    joined: &Joined<'_>,
    check: &VsaCheck,
    asked: Asked<'_>,
    binding: &Binding<'_>,
    summary: &Summary,
) -> Vec<Reason> {
    let identity = &binding.fact.identity.id;
    let speaking = speaking(binding, summary);
    if speaking.is_empty() {
        return vec![Reason::new(&PAIR).name("identity", identity).evidence("verifier", &summary.verifier_id)];
    }
    // What failed has failed, as whatever it was looked at.
    let asked = if summary.passed { asked } else { Asked::of(asked.node) };
    let mut reasons: Vec<Reason> = resource(joined, check, asked, summary).into_iter().collect();
    if !summary.passed {
        reasons.push(Reason::new(&RESULT).name("identity", identity));
        return reasons;
    }
    reasons.extend(levels(check, &speaking, summary));
    reasons.extend(policy(check, summary));
    reasons.extend(age(joined, check, binding, summary));
    reasons.extend(inputs(joined, check, summary));
    reasons
}

/// Step 5. A simple verification result names no resource: the rule that accepts its kind does without.
fn resource(joined: &Joined<'_>, check: &VsaCheck, asked: Asked<'_>, summary: &Summary) -> Option<Reason> {
    let found = summary.resource.as_deref()?;
    let (as_expected, expected) = match &check.resource {
        Some(ResourceMatch::Exact(uri)) => (found == uri, uri.clone()),
        Some(ResourceMatch::Prefix(prefix)) => {
            (found.strip_prefix(prefix.as_str()).is_some_and(is_plain_path), format!("{prefix}…"))
        }
        None => {
            let products: Vec<&Product> = match asked.names {
                [] => asked.resources(joined),
                names => names.to_vec(),
            };
            // Qualifiers and a path inside make it another resource; an operator who means such a one writes it down.
            let named = Product::parse_claim(found).filter(|_| !found.contains(['?', '#']));
            let same = |named: &Product| products.iter().any(|product| product.is_or_covers_version(named));
            if named.as_ref().is_some_and(same) {
                return None;
            }
            let shown = some_names(products.iter().copied());
            (false, if shown.is_empty() { "a requested product".to_owned() } else { shown.join(" or ") })
        }
    };
    (!as_expected).then(|| Reason::new(&RESOURCE).evidence("found", found).name("expected", expected))
}

/// What may follow a prefix: segments that no server reads as another one.
fn is_plain_path(rest: &str) -> bool {
    rest.split('/').all(super::provenance::is_plain)
}

/// Step 7: is the level or property stated? Of a SLSA track a higher level does, each as far as the policy believes this verifier.
pub(super) fn states(speaking: &[&Grant], summary: &Summary, required: &str) -> bool {
    // Of several grants the one that trusts most counts, as with builders.
    let cap = |track: &str| {
        let caps = speaking.iter().map(|grant| {
            let cap = grant.track_caps.iter().find(|cap| cap.track == track);
            cap.map_or(u8::MAX, |cap| cap.level)
        });
        caps.max().unwrap_or(0)
    };
    match slsa_level(required) {
        Some((track, level)) => summary
            .levels
            .iter()
            .filter_map(|stated| slsa_level(stated))
            .any(|(of, stated)| of == track && stated.min(cap(track)) >= level),
        None => summary.levels.iter().any(|stated| stated == required),
    }
}

fn levels(check: &VsaCheck, speaking: &[&Grant], summary: &Summary) -> Vec<Reason> {
    let states = |required: &String| states(speaking, summary, required);
    let lacking = check.properties.iter().filter(|required| !states(required));
    let stated = || summary.levels.iter().map(|level| identifier(level));
    let found: Vec<String> =
        if summary.levels.is_empty() { vec!["nothing".to_owned()] } else { stated().take(SHOWN).collect() };
    lacking.map(|required| Reason::new(&LEVEL).list("found", &found).name("required", required)).collect()
}

/// Every policy that the summary names must be an accepted one, and it must name one.
fn policy(check: &VsaCheck, summary: &Summary) -> Option<Reason> {
    let is_accepted = |named: &DigestSet| check.policies.iter().any(|d| named.by(d.algorithm()).as_ref() == Some(d));
    let known = !summary.policies.is_empty() && summary.policies.iter().all(is_accepted);
    if check.policies.is_empty() || known {
        return None;
    }
    let named: Vec<String> = summary.policies.iter().filter_map(DigestSet::strongest).map(|d| d.to_string()).collect();
    let named = if named.is_empty() { vec!["none by digest".to_owned()] } else { named };
    Some(Reason::new(&POLICY).list("found", named).list("accepted", &check.policies))
}

/// How old it is: by its own time, or by the earlier one by which it is proven to have been signed.
fn age(joined: &Joined<'_>, check: &VsaCheck, binding: &Binding<'_>, summary: &Summary) -> Option<Reason> {
    let limit = i64::from(check.max_age_days?);
    let at = joined.request.at.second();
    let fresh = |second: i64| second <= at && at - second <= limit * 86_400;
    let reason = Reason::new(&STALE).int("limit", limit);
    let proven = binding.fact.not_later_than;
    match summary.verified.map(|stated| proven.map_or(stated, |proven| stated.min(proven))) {
        Some(verified) if fresh(verified.second()) => None,
        Some(verified) => Some(reason.name("found", verified)),
        None => Some(reason.name("found", "no stated time")),
    }
}

/// Every cited attestation must be there: a file that is evidence, or an envelope with these contents. Whether it is believed, other
/// rules ask; what is judged itself is no evidence. What the verifier does not cite cannot be shown.
fn inputs(joined: &Joined<'_>, check: &VsaCheck, summary: &Summary) -> Option<Reason> {
    if !check.inputs_present {
        return None;
    }
    let cited = summary.inputs.as_deref().unwrap_or_default();
    let present = cited.iter().filter(|digests| joined.holds_evidence(digests)).count();
    if !cited.is_empty() && present == cited.len() {
        return None;
    }
    Some(Reason::new(&INPUTS).int("cited", cited.len()).int("absent", cited.len() - present))
}
