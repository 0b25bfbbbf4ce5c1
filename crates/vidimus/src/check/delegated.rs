//! `delegated`: a party that the operator chose vouches for components of others, as far as the delegation goes and no further
//! (`verification.md` 2.7).

use super::{Answer, Asked, class, missing, vsa};
use crate::authenticate::Claim;
use crate::decode::{Predicate, Statement, Summary};
use crate::join::{Binding, Joined};
use crate::policy::{Delegation, PartyRef, VsaCheck};
use crate::reason::Reason;

crate::reasons! {
    SCOPE = "delegation.scope", Unproven, Supplier, ["delegation"],
        says "{delegation} is not about this component: its class or its supplier is another",
        why "A delegate may pass on what it was given, or less: components of named suppliers, in named classes (T26).",
        fix "Deliver evidence of the component's own supplier, or have the operator widen the delegation.";
    DEPTH = "delegation.depth", Unproven, Supplier, ["delegation", "found", "limit"],
        says "{delegation}: the word comes through {found} hands; at most {limit} are accepted",
        why "A summary that rests on another's summary alone is that other's word. How far words may be passed on is the operator's choice; a circle of vouchers rests on nothing (T25, T26).",
        fix "Have the delegate verify by itself and cite what it looked at, or deliver the supplier's own evidence.";
    GRANT = "delegation.grant", Unproven, Supplier, ["delegation"],
        says "{delegation}: no grant lets the delegate verify all that this component is called",
        why "Who may speak about its own product may not for that reason speak about a supplier's (T5, T26).",
        fix "Have the operator grant the delegate the products of the suppliers that it vouches for.";
    EXPIRED = "delegation.expired", Unproven, Supplier, ["delegation", "found"],
        says "{delegation}: that it was signed within the time of the delegation is not shown ({found})",
        why "A delegation is given for a time; what was signed outside of it, or at a time that nothing proves, is not covered (T26).",
        fix "Have it signed within that time, with a timestamp, or have the operator renew the delegation.";
    UNMAPPED = "delegation.unmapped", Unproven, Supplier, ["delegation", "found", "required"],
        says "{delegation}: what the delegate says ({found}) gives none of {required}",
        why "A property of somebody else's making counts only as what the operator says that it is; all else is dropped (T27).",
        fix "Have the delegate verify for what is needed, or have the operator review the delegation's `map`.";
}

/// So many stated levels are shown.
const SHOWN: usize = 16;

pub(super) fn file(joined: &Joined<'_>, id: &str, asked: Asked<'_>) -> Answer {
    let node = asked.node;
    let by = |delegation: &Delegation| vec![PartyRef::Id(delegation.to.clone())];
    let Some(delegation) = joined.policy.delegation(id) else {
        return Answer::not_met(Vec::new(), missing("delegation", &[]));
    };
    if !is_about(joined, delegation, node) {
        return Answer::not_met(vec![Reason::new(&SCOPE).name("delegation", id)], missing("delegation", &[]));
    }
    let kinds = delegation.accept.join(" or ");
    let (mut met, mut failed, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let mut candidates = 0_usize;
    for binding in joined.bindings(node).filter(|binding| binding.fact.party.id == delegation.to) {
        let Claim::Statement(Statement { predicate: Predicate::Summary(summary), predicate_type, .. }) =
            &binding.fact.claim
        else {
            continue;
        };
        if !delegation.predicate_types.contains(predicate_type) {
            continue;
        }
        candidates += 1;
        let found = judge(joined, delegation, asked, binding, summary);
        if found.is_empty() {
            met.push(binding.fact);
        } else if vsa::is_failed(&found) {
            failed.push(&binding.fact.identity.id);
        }
        reasons.extend(found);
    }
    if !failed.is_empty() {
        let said = failed.into_iter().map(|identity| Reason::new(&vsa::FAILED).name("identity", identity));
        return Answer::not_met(said.collect(), missing(&kinds, &by(delegation)));
    }
    if !met.is_empty() {
        return Answer::met(met);
    }
    if candidates == 0 {
        reasons.extend(joined.near(node).cloned());
        reasons.push(missing(&kinds, &by(delegation)));
    }
    Answer::not_met(reasons, missing(&kinds, &by(delegation)))
}

/// Is the component of a class and a supplier that the delegation names?
fn is_about(joined: &Joined<'_>, delegation: &Delegation, node: usize) -> bool {
    let classes = class::of(joined, node, joined.is_artifact(node));
    let in_class = delegation.classes.iter().any(|class| classes.ids().any(|id| id == class));
    let suppliers = delegation.about_suppliers.iter().filter_map(|id| joined.policy.parties.get(id));
    let products: Vec<_> = joined.component_products(node).collect();
    // All that it is called must be the suppliers': a name beside it would widen the scope.
    let theirs = |product| suppliers.clone().any(|party| party.owns([product]));
    in_class && !products.is_empty() && products.iter().all(|product| theirs(*product))
}

/// Everything that one summary lacks.
fn judge(
    joined: &Joined<'_>,
    delegation: &Delegation,
    asked: Asked<'_>,
    binding: &Binding<'_>,
    summary: &Summary,
) -> Vec<Reason> {
    let node = asked.node;
    let named = |info| Reason::new(info).name("delegation", &delegation.id);
    let check = VsaCheck {
        accept: delegation.accept.clone(),
        predicate_types: delegation.predicate_types.clone(),
        by: Vec::new(),
        properties: Vec::new(),
        resource: None,
        policies: Vec::new(),
        max_age_days: delegation.max_age_days,
        inputs_present: delegation.inputs_present,
        failed_wins: true,
    };
    let mut reasons = vsa::judge(joined, &check, Asked::of(node), binding, summary);
    if !reasons.is_empty() {
        return reasons;
    }
    let speaking = asked.narrowed(&vsa::speaking(binding, summary));
    if !asked.covered(&speaking) || !asked.covers_all(joined, &speaking) {
        return vec![named(&GRANT)];
    }
    let granted = delegation.map.iter().filter(|(said, _)| vsa::states(&speaking, summary, said));
    if !granted.clone().any(|(_, property)| delegation.need_any.contains(property)) {
        let stated = summary.levels.iter().map(|level| crate::reason::identifier(level));
        let stated: Vec<String> = stated.take(SHOWN).collect();
        let stated = if stated.is_empty() { vec!["nothing".to_owned()] } else { stated };
        reasons.push(named(&UNMAPPED).list("found", stated).list("required", &delegation.need_any));
    }
    if let Some(valid) = delegation.valid {
        match binding.fact.not_later_than {
            Some(time) if valid.contains(time) => {}
            Some(time) => reasons.push(named(&EXPIRED).time("found", time)),
            None => reasons.push(named(&EXPIRED).name("found", "no proven time")),
        }
    }
    // A circle has no depth, nor has what rests on words that are not there; both are deeper than any limit.
    let deep = |reason: Reason| reason.int("limit", delegation.max_depth);
    match joined.cited.depth(&binding.fact.id) {
        Some(depth) if depth <= delegation.max_depth => {}
        Some(depth) => reasons.push(deep(named(&DEPTH).int("found", depth))),
        None => reasons.push(deep(named(&DEPTH).name("found", "an unknown number of"))),
    }
    reasons
}
