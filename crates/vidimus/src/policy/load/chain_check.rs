//! What rules over components mean together: no rule that reaches nothing, no quorum that one company or one country can forge, no
//! delegation that nobody can use or that turns in a circle. Runs on a policy that is otherwise without error.

use std::collections::BTreeSet;

use super::document::Table;
use super::errors::{DELEGATION_LOOP, Errors, UNSATISFIABLE, VACUOUS, WEAK_QUORUM};
use super::service::wrong_kind;
use crate::decode::slsa_level;
use crate::policy::independence::countries;
use crate::policy::{
    Check, Delegation, Exclude, Grant, Need, Policy, ProductPattern, Proof, Quorum, QuorumCheck, QuorumKind, Role,
    default_predicates,
};

type Unmet = (&'static str, String);

/// Checks `policy`, which was read from `document`.
pub(super) fn check(policy: &Policy, document: &Table, errors: &mut Errors) {
    for (rule, table) in policy.rules.iter().zip(document.tables("rule")) {
        let Check::Components(check) = &rule.check else { continue };
        if policy.classes.is_empty() {
            let message = format!(
                "`{}` asks nothing: components are held to the rules of their class, and the policy has no `[[class]]`",
                rule.id
            );
            errors.add(&VACUOUS, table.span_of("check"), message);
        }
        let budget = check.leaf_budget.as_ref().and_then(|budget| policy.classes.iter().find(|c| c.id == budget.class));
        if let Some(class) = budget.filter(|class| class.default || class.role == Role::TopLevel) {
            let message = format!("`{}` is no class that products of components lead to", class.id);
            errors.add(&VACUOUS, table.span_of("leaf_budget"), message);
        }
    }
    for (class, table) in policy.classes.iter().zip(document.tables("class")) {
        let holds_components = class.role != Role::TopLevel && policy.has_components();
        let asked = policy.rules.iter().any(|rule| {
            asks_components(&rule.check) && rule.classes.as_ref().is_some_and(|classes| classes.contains(&class.id))
        });
        if holds_components && !asked {
            let message = format!(
                "no rule that can be asked of components names `{}` in its `classes`; they would pass with nothing shown",
                class.id
            );
            errors.add(&VACUOUS, table.span_of("id"), message);
        }
        let rebuilds = || policy.quorums.values().any(|q| matches!(q.kind, QuorumKind::Judges { rebuild: true, .. }));
        if class.lenient.as_ref().is_some_and(|l| l.proof_any.contains(&Proof::Rebuild)) && !rebuilds() {
            let message = "`independent-rebuild` is shown by a quorum of the kind `rebuild`, and the policy has none";
            errors.add(&UNSATISFIABLE, table.span_of("proof_any"), message);
        }
    }
    for table in document.tables("rule").flat_map(|rule| std::iter::once(rule).chain(rule.tables("of"))) {
        let quorum = table.text("quorum").filter(|_| table.text("check").is_some_and(|check| check.text == "quorum"));
        let predicate = table.table("need").and_then(|need| need.text("predicate"));
        if let (Some(quorum), Some(predicate)) = (quorum, predicate) {
            let kind = if predicate.text == "provenance" { "rebuild" } else { "verification" };
            wrong_kind(policy, quorum, kind, errors);
        }
    }
    for (delegation, table) in policy.delegations.iter().zip(document.tables("delegation")) {
        if let Err((key, why)) = usable(policy, delegation) {
            errors.add(
                &UNSATISFIABLE,
                table.span_of(key),
                format!("delegation `{}` can never be used: {why}", delegation.id),
            );
        }
        if let Some(circle) = circle(policy, delegation) {
            errors.add(&DELEGATION_LOOP, table.span_of("about_suppliers"), circle);
        }
    }
}

/// Can the check be asked of a component?
const fn asks_components(check: &Check) -> bool {
    !matches!(check, Check::Inventory(_) | Check::NoRollback(_) | Check::Components(_))
}

/// Who vouches for whom must not lead back to the same party (T25).
fn circle(policy: &Policy, delegation: &Delegation) -> Option<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![delegation.to.as_str()]);
    while let Some(party) = open.pop() {
        let onward =
            policy.delegations.iter().filter(|other| other.to == party).flat_map(|other| &other.about_suppliers);
        for about in onward {
            if *about == delegation.to {
                let by = if party == about { "itself" } else { party };
                return Some(format!("`{}` would be vouched for by {by}, for which it vouches itself", delegation.to));
            }
            if seen.insert(about.as_str()) {
                open.push(about);
            }
        }
    }
    None
}

fn usable(policy: &Policy, delegation: &Delegation) -> Result<(), Unmet> {
    if !summaries_of(policy, &delegation.to, &delegation.predicate_types).any(|grant| !grant.verifiers.is_empty()) {
        let why = format!("no grant with `verifiers` lets `{}` say {}", delegation.to, delegation.accept.join(" or "));
        return Err(("to", why));
    }
    for supplier in &delegation.about_suppliers {
        if policy.parties.get(supplier).is_none_or(|party| party.products.is_empty()) {
            return Err((
                "about_suppliers",
                format!("`{supplier}` has no `products`, so nothing is known to be its own"),
            ));
        }
    }
    let speaking = || {
        let all = summaries_of(policy, &delegation.to, &delegation.predicate_types);
        all.filter(|grant| !grant.verifiers.is_empty())
    };
    for supplier in delegation.about_suppliers.iter().filter_map(|id| policy.parties.get(id)) {
        let covers = |grant: &Grant| {
            let meets = |granted: &ProductPattern| supplier.products.iter().any(|own| granted.meets(own));
            grant.products.as_ref().is_none_or(|products| products.iter().any(meets))
        };
        if !speaking().any(covers) {
            let why = format!("no grant lets `{}` verify a product of `{}`", delegation.to, supplier.id);
            return Err(("about_suppliers", why));
        }
    }
    let holds = |id: &String| policy.classes.iter().any(|class| class.id == *id && class.role != Role::TopLevel);
    match delegation.classes.iter().find(|class| !holds(class)) {
        Some(class) => Err(("classes", format!("`{class}` holds files of the delivery, and nobody vouches for those"))),
        None => Ok(()),
    }
}

/// Grants that let `party` say one of these.
fn summaries_of<'a>(
    policy: &'a Policy,
    party: &'a str,
    types: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a Grant> {
    policy.grants.iter().filter(move |grant| {
        let parties = super::identity::of_party(&policy.identities, &grant.identities);
        parties.contains(&party) && grant.predicate_types.iter().any(|t| types.contains(t))
    })
}

/// Could any evidence at all meet the check? The key to point at and why not.
pub(super) fn satisfiable(policy: &Policy, check: &Check) -> Result<(), Unmet> {
    let said = |alias: &str| {
        let types: BTreeSet<String> = default_predicates().remove(alias).unwrap_or_default().into_iter().collect();
        policy.grants.iter().filter(move |grant| grant.predicate_types.iter().any(|t| types.contains(t)))
    };
    match check {
        Check::ComponentIdentity(_) => {
            let listed = policy.classes.iter().any(|c| c.lenient.as_ref().is_some_and(|l| !l.digests.is_empty()));
            if listed || said("release").next().is_some() {
                return Ok(());
            }
            Err(("check", "nobody may say `release`, and no class has a `digest_list`".to_owned()))
        }
        Check::Source(source) => {
            let track =
                |grant: &Grant| grant.track_caps.iter().find(|cap| cap.track == "SOURCE").map_or(4, |cap| cap.level);
            let mut verifying = said("vsa").filter(|grant| !grant.verifiers.is_empty());
            if verifying.any(|grant| track(grant) >= source.min_level) {
                return Ok(());
            }
            Err(("min_level", "no verifier is trusted that far on the source track".to_owned()))
        }
        Check::Quorum(check) => enough(policy, check),
        _ => Ok(()),
    }
}

/// Are there enough candidates that may say it?
fn enough(policy: &Policy, check: &QuorumCheck) -> Result<(), Unmet> {
    let Some(quorum) = policy.quorums.get(&check.quorum) else { return Ok(()) };
    let types: BTreeSet<String> = match &check.need {
        Need::Summary(vsa) => vsa.predicate_types.clone(),
        Need::Rebuild { .. } => default_predicates().remove("provenance").unwrap_or_default().into_iter().collect(),
    };
    let level = |grant: &&Grant| match &check.need {
        Need::Summary(vsa) => {
            let far = |(track, level): (&str, u8)| {
                grant.track_caps.iter().all(|cap| cap.track != track || cap.level >= level)
            };
            !grant.verifiers.is_empty() && vsa.properties.iter().filter_map(|p| slsa_level(p)).all(far)
        }
        Need::Rebuild { provenance, .. } => grant.builders.iter().any(|b| b.max_level >= provenance.min_level),
    };
    // A certification body counts where its certificates are taken for all that is asked, with a laboratory that is known.
    let evaluated = policy.parties.values().any(|party| party.accreditation.is_some());
    let equal = |party: &&str| match &check.need {
        Need::Summary(vsa) => {
            evaluated
                && vsa.policies.is_empty()
                && vsa
                    .properties
                    .iter()
                    .all(|property| policy.equivalences.iter().any(|e| e.to == *property && e.party.as_str() == *party))
        }
        Need::Rebuild { .. } => false,
    };
    let may = |party: &&str| equal(party) || summaries_of(policy, party, &types).any(|grant| level(&grant));
    let able: Vec<&str> = quorum.candidates.iter().map(String::as_str).filter(may).collect();
    let groups = policy.independent(able.iter().copied());
    if groups < quorum.min_groups {
        let why = format!(
            "of `{}`, {groups} independent groups may say it, and {} are asked for",
            check.quorum, quorum.min_groups
        );
        return Err(("quorum", why));
    }
    Ok(())
}

/// A quorum of judges: can it be met, and can nobody forge it alone?
pub(super) fn judges(policy: &Policy, quorum: &Quorum, table: &Table, errors: &mut Errors) {
    let QuorumKind::Judges { tolerate_jurisdictions: f, remaining, rebuild } = quorum.kind else { return };
    let excluded = |party: &&str| quorum.exclude.contains(&Exclude::Party((*party).to_owned()));
    let candidates: Vec<&str> = quorum.candidates.iter().map(String::as_str).filter(|party| !excluded(party)).collect();
    let left = policy.independent_left(&candidates, f);
    if left < remaining {
        let message = format!(
            "{remaining} groups are to remain when {} can compel the others, and at most {left} do",
            countries(f)
        );
        errors.add(&WEAK_QUORUM, table.span_of("candidates"), message);
    }
    for (kind, exclusion, name) in [
        ("vendor", Exclude::SubjectVendor, "subject-vendor"),
        ("supplier", Exclude::SubjectSuppliers, "subject-suppliers"),
    ] {
        let mut others = policy.parties.values().filter(|party| party.kind == kind && !excluded(&party.id.as_str()));
        let near = |judge: &str, other: &str| judge == other || !policy.roots(judge).is_disjoint(&policy.roots(other));
        let clash = others.find_map(|party| Some((candidates.iter().find(|judge| near(judge, &party.id))?, party)));
        if let Some((judge, party)) = clash.filter(|_| !quorum.exclude.contains(&exclusion)) {
            let message = format!(
                "`{judge}` is of one group with the {kind} `{}` and could judge its own; exclude `{name}`",
                party.id
            );
            errors.add(&WEAK_QUORUM, table.span_of("candidates"), message);
        }
    }
    for (judge, party) in policy.unknown_makers(quorum) {
        let message = format!(
            "`{judge}` is of one group with the {} `{}`, and no product is known to be its own, so nothing keeps it out; give `{}` its `products`",
            party.kind, party.id, party.id
        );
        errors.add(&WEAK_QUORUM, table.span_of("candidates"), message);
    }
    // One verifier or builder in whose name two candidates may speak would be counted twice.
    let speaks = |party: &str| -> BTreeSet<&str> {
        let own = |identity: &str| policy.identities.iter().any(|i| i.id == identity && i.party == party);
        let grants = policy.grants.iter().filter(|grant| grant.identities.iter().any(|identity| own(identity)));
        let ids = grants.flat_map(|grant| {
            let verifiers = grant.verifiers.iter().map(|v| (&v.id, &v.identity)).filter(|_| !rebuild);
            verifiers.chain(grant.builders.iter().map(|b| (&b.id, &b.identity)).filter(|_| rebuild))
        });
        ids.filter(|(_, identity)| identity.as_ref().is_none_or(|identity| own(identity)))
            .map(|(id, _)| id.as_str())
            .collect()
    };
    for (at, one) in candidates.iter().enumerate() {
        for other in candidates.iter().skip(at + 1).filter(|other| policy.independent([*one, **other]) == 2) {
            if let Some(shared) = speaks(one).intersection(&speaks(other)).next() {
                let message = format!(
                    "`{one}` and `{other}` may both speak for `{shared}` and would count twice; give the grant's entry an `identity`"
                );
                errors.add(&WEAK_QUORUM, table.span_of("candidates"), message);
            }
        }
    }
}
