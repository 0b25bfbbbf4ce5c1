//! Vacuity: no rule that asks nothing, no class that nobody looks at, no rule that no grant could ever satisfy. Runs on a
//! policy that is otherwise without error.

use std::collections::BTreeSet;

use super::document::Table;
use super::errors::{Errors, UNSATISFIABLE, VACUOUS};
use crate::authenticate::keys::SignatureAlgorithm;
use crate::decode::{EntryKind, slsa_level, summary};
use crate::policy::{
    AppliesTo, CertificationCheck, Check, Class, Grant, LayoutCheck, OriginCheck, Party, PartyRef, Policy,
    ProvenanceCheck, Quorum, QuorumKind, Role, Rule, Strength, VsaCheck, default_predicates,
};
use crate::profile::formats;

/// Checks `policy`, which was read from `document`.
pub(super) fn check(policy: &Policy, document: &Table, errors: &mut Errors) {
    for (rule, table) in policy.rules.iter().zip(document.tables("rule")) {
        for class in table.texts("classes") {
            if let Some(why) = holds_nothing(policy, class.text) {
                errors.add(&VACUOUS, class.span, format!("`{}` asks nothing of `{}`: {why}", rule.id, class.text));
            }
        }
        if let Err((key, why)) = satisfiable(policy, &rule.check) {
            errors.add(&UNSATISFIABLE, table.span_of(key), format!("rule `{}` can never be met: {why}", rule.id));
        }
    }
    for (class, table) in policy.classes.iter().zip(document.tables("class")) {
        if holds_nothing(policy, &class.id).is_none() && !policy.rules.iter().any(|rule| asks(rule, class)) {
            let message =
                format!("no rule asks anything of files in `{}`; they would pass with nothing shown", class.id);
            errors.add(&VACUOUS, table.span_of("id"), message);
        }
    }
}

/// Why no file can be in the class, if so.
fn holds_nothing(policy: &Policy, id: &str) -> Option<String> {
    let at = policy.classes.iter().position(|class| class.id == id)?;
    let class = policy.classes.get(at)?;
    if class.role != Role::TopLevel && policy.has_components() {
        return None;
    }
    if class.role == Role::Component {
        return Some("it holds components, and files of the delivery are what is judged".to_owned());
    }
    let takes_all = |class: &&Class| !class.default && class.role != Role::Component && class.products.is_empty();
    let before = policy.classes.iter().take(if class.default { usize::MAX } else { at });
    let earlier = before.filter(|other| other.id != class.id).find(takes_all)?;
    Some(format!("`{}` takes every file before it", earlier.id))
}

/// Does the rule ask something of the files of `class`?
fn asks(rule: &Rule, class: &Class) -> bool {
    let applies = rule.classes.as_ref().is_none_or(|classes| classes.contains(&class.id));
    let is_about_files = match &rule.check {
        Check::Inventory(check) => check.closed_world,
        Check::NoRollback(_) => false,
        _ => true,
    };
    applies && is_about_files
}

type Unmet = (&'static str, String);

/// Could any evidence at all meet the check under the grants of the policy? The key to point at and why not.
fn satisfiable(policy: &Policy, check: &Check) -> Result<(), Unmet> {
    match check {
        Check::Inventory(inventory) => {
            let delivery = default_types("delivery");
            if inventory.require_statement && !policy.grants.iter().any(|grant| says(grant, &delivery)) {
                let key = if inventory.closed_world { "require_statement" } else { "closed_world" };
                return Err((key, "nobody may say `delivery`".to_owned()));
            }
            Ok(())
        }
        Check::Release(release) => {
            let kind = |grant: &&Grant| {
                release.accept.is_empty()
                    || (release.file && grant.file)
                    || grant.predicate_types.iter().any(|t| release.predicate_types.contains(t))
            };
            let accepted = &policy.algorithms.signature;
            let never = |set: &&Vec<SignatureAlgorithm>| !set.iter().any(|a| accepted.iter().any(|b| b.admits(*a)));
            if let Some(set) = release.algorithm_sets.iter().find(never) {
                let names: Vec<String> = set.iter().map(ToString::to_string).collect();
                return Err(("algorithm_sets", format!("`algorithms.signature` accepts none of {}", names.join(", "))));
            }
            if (release.recipient.is_some() || release.sequence)
                && !granted(policy, &release.by).any(|grant| kind(&grant) && says(grant, &default_types("delivery")))
            {
                let key = if release.sequence { "require_sequence" } else { "require_recipient" };
                return Err((key, format!("{} may say `delivery`, or `accept` does not list it", nobody(&release.by))));
            }
            if granted(policy, &release.by).any(|grant| kind(&grant)) {
                return Ok(());
            }
            let what = if release.accept.is_empty() { "anything".to_owned() } else { release.accept.join(", ") };
            Err(("check", format!("{} may say {what}", nobody(&release.by))))
        }
        Check::Sbom(sbom) => {
            let (admitted, accepted) = (formats(&sbom.profiles), &policy.formats.sbom);
            if !accepted.is_empty() && !accepted.iter().any(|format| admitted.contains(&format.as_str())) {
                let why = format!("its profiles admit {}, and `formats.sbom` none of these", admitted.join(", "));
                return Err(("check", why));
            }
            vouched(policy, &sbom.by)
        }
        Check::SbomCompleteness(check) => vouched(policy, &check.by),
        Check::Provenance(provenance) => built(policy, provenance),
        Check::Vsa(check) => verified(policy, check),
        Check::Vulns(check) => {
            let types = default_types("vulns");
            if granted(policy, &check.by).any(|grant| says(grant, &types)) {
                return Ok(());
            }
            Err(("check", format!("{} may say `vulns`", nobody(&check.by))))
        }
        // The loader asks for the grant of each list; a sequence is in every delivery statement.
        Check::Status(_) => Ok(()),
        Check::NoRollback(_) => {
            if policy.grants.iter().any(|grant| says(grant, &default_types("delivery"))) {
                return Ok(());
            }
            Err(("check", "nobody may say `delivery`".to_owned()))
        }
        Check::Certification(check) => certified(policy, check),
        Check::Origin(check) => located(policy, check),
        Check::Layout(check) => laid_out(policy, check),
        Check::TrustedTime(check) => spoken(policy, &check.applies_to),
        Check::Transparency(check) => {
            let operators = check.logs.iter().filter_map(|name| policy.logs.get(name)).map(|log| log.operator.as_str());
            let groups = policy.groups(operators);
            if groups < check.distinct_operators {
                let why = format!(
                    "its logs have {groups} independent operators, and {} are asked for",
                    check.distinct_operators
                );
                return Err(("logs", why));
            }
            spoken(policy, &check.applies_to)
        }
        Check::Components(_) => Ok(()),
        Check::ComponentIdentity(_) | Check::Source(_) | Check::Delegated(_) | Check::Quorum(_) => {
            super::chain_check::satisfiable(policy, check)
        }
        // Every branch must be possible: one that is not is a promise that nobody can keep.
        Check::AnyOf(branches) => {
            let unmet = branches.iter().find_map(|branch| satisfiable(policy, branch).err());
            unmet.map_or(Ok(()), |(_, why)| Err(("of", why)))
        }
    }
}

/// May enough identities sign layouts?
fn laid_out(policy: &Policy, check: &LayoutCheck) -> Result<(), Unmet> {
    let parties = |identity: &str| super::identity::of_party(&policy.identities, &[identity.to_owned()]);
    let named = |identity: &&String| {
        let mut party = parties(identity).into_iter().filter_map(|id| policy.parties.get(id));
        party.any(|party| check.by.is_empty() || check.by.iter().any(|by| by.is(party)))
    };
    let may = policy.grants.iter().filter(|grant| grant.layout).flat_map(|grant| &grant.identities).filter(named);
    let may: BTreeSet<&String> = may.collect();
    if may.is_empty() {
        return Err(("check", format!("{} may say `layout`", nobody(&check.by))));
    }
    if (may.len() as u64) < check.threshold {
        return Err((
            "threshold",
            format!("it asks for {} keys, and only {} may sign layouts", check.threshold, may.len()),
        ));
    }
    Ok(())
}

/// May anybody sign SBOMs?
fn vouched(policy: &Policy, by: &[PartyRef]) -> Result<(), Unmet> {
    let types = default_types("sbom");
    if granted(policy, by).any(|grant| grant.sbom || says(grant, &types)) {
        return Ok(());
    }
    Err(("check", format!("{} may say `sbom`", nobody(by))))
}

/// May anybody say what the rule is about?
fn spoken(policy: &Policy, applies_to: &AppliesTo) -> Result<(), Unmet> {
    let says = |grant: &Grant| {
        grant.file && applies_to.includes(None) || grant.predicate_types.iter().any(|t| applies_to.includes(Some(t)))
    };
    if policy.grants.iter().any(says) {
        return Ok(());
    }
    Err(("applies_to", format!("nobody may say {}", applies_to.kinds.join(", "))))
}

/// May anybody certify under each scheme, and be known to have been accredited?
fn certified(policy: &Policy, check: &CertificationCheck) -> Result<(), Unmet> {
    let (types, analyses) = (default_types("certification"), default_types("scai"));
    for accepted in &check.any_of {
        let may = |grant: &&Grant| {
            says(grant, &types) && (grant.schemes.is_empty() || grant.schemes.contains(&accepted.scheme))
        };
        if !granted(policy, &accepted.by).any(|grant| may(&grant)) {
            let who = nobody(&accepted.by);
            return Err(("any_of", format!("{who} may say `certification` under {}", accepted.scheme)));
        }
        if check.status && !granted(policy, &accepted.by).filter(may).any(|grant| is_listed(policy, grant)) {
            let why = "none of those who may issue it has a `[status_list]` with the scope `certificate`";
            return Err(("any_of", format!("{}: {why}; `status = \"not-published\"` asks for none", accepted.scheme)));
        }
        let known = |standard: &String| {
            let named = |party: &&Party| accepted.by.is_empty() || accepted.by.iter().any(|by| by.is(party));
            let mut parties = policy.parties.values().filter(named).filter_map(|party| party.accreditation.as_ref());
            parties.any(|accreditation| accreditation.standard == *standard)
        };
        if let Some(standard) = accepted.accreditation.as_ref().filter(|standard| !known(standard)) {
            return Err(("any_of", format!("none of those who may issue it has an `accreditation` for {standard}")));
        }
    }
    if check.impact_analysis && !policy.grants.iter().any(|grant| says(grant, &analyses)) {
        return Err(("maintenance_gap", "nobody may say `scai`, and an impact analysis is said so".to_owned()));
    }
    Ok(())
}

/// Has somebody whom the grant lets speak a list on which certificates would be taken back?
fn is_listed(policy: &Policy, grant: &Grant) -> bool {
    super::identity::of_party(&policy.identities, &grant.identities).into_iter().any(|party| lists(policy, party))
}

/// Has the party a status list of certificates?
pub(super) fn lists(policy: &Policy, party: &str) -> bool {
    let of_party = |by: &String| policy.identities.iter().any(|identity| identity.id == *by && identity.party == party);
    let mut lists = policy.status_lists.values();
    lists.any(|list| list.scope.contains(&EntryKind::Certificate) && of_party(&list.by))
}

/// May anybody say where it comes from, or does it follow from what is known anyway?
fn located(policy: &Policy, check: &OriginCheck) -> Result<(), Unmet> {
    let rebuilds = |quorum: &Quorum| matches!(quorum.kind, QuorumKind::Judges { rebuild: true, .. });
    if check.or_rebuilt && !policy.quorums.values().any(rebuilds) {
        let key = if check.min_strength == Strength::Reproduced { "min_strength" } else { "or_strength" };
        let why = "`reproduced-elsewhere` is shown by a quorum of the kind `rebuild`, and the policy has none";
        return Err((key, why.to_owned()));
    }
    let types = default_types("origin");
    let needs_none = check.axis_is_implied() || check.min_strength == Strength::Reproduced;
    if needs_none || granted(policy, &check.by).any(|grant| says(grant, &types)) {
        return Ok(());
    }
    Err(("check", format!("{} may say `origin`", nobody(&check.by))))
}

fn verified(policy: &Policy, check: &VsaCheck) -> Result<(), Unmet> {
    let named =
        |id: &String| policy.parties.get(id).is_some_and(|p| check.by.is_empty() || check.by.iter().any(|by| by.is(p)));
    let equal = |property: &String| policy.equivalences.iter().any(|e| e.to == *property && named(&e.party));
    if check.resource.is_none() && check.policies.is_empty() && check.properties.iter().all(equal) {
        return Ok(());
    }
    let says = |grant: &&Grant| grant.predicate_types.iter().any(|t| check.predicate_types.contains(t));
    let grants: Vec<&Grant> = granted(policy, &check.by).filter(says).collect();
    if grants.is_empty() {
        return Err(("check", format!("{} may say {}", nobody(&check.by), check.accept.join(", "))));
    }
    let speaking: Vec<&&Grant> = grants.iter().filter(|grant| !grant.verifiers.is_empty()).collect();
    if speaking.is_empty() {
        let why = "no grant of it names `verifiers`, and no verifier is believed without";
        return Err(("check", why.to_owned()));
    }
    if check.inputs_present && !check.predicate_types.contains(summary::VSA) {
        return Err(("input_evidence", "simple verification results cite nothing".to_owned()));
    }
    for (property, track, level) in check
        .properties
        .iter()
        .filter_map(|property| slsa_level(property).map(|(track, level)| (property, track, level)))
    {
        let enough = |grant: &&&Grant| grant.track_caps.iter().all(|cap| cap.track != track || cap.level >= level);
        if !speaking.iter().any(enough) {
            let why = format!("it asks for {property}, and no verifier is trusted that far");
            return Err(("properties", why));
        }
    }
    Ok(())
}

fn built(policy: &Policy, check: &ProvenanceCheck) -> Result<(), Unmet> {
    let types = default_types("provenance");
    let grants: Vec<&Grant> = granted(policy, &check.by).filter(|grant| says(grant, &types)).collect();
    if grants.is_empty() {
        return Err(("check", format!("{} may say `provenance`", nobody(&check.by))));
    }
    let builders = || grants.iter().flat_map(|grant| &grant.builders);
    let Some(highest) = builders().map(|builder| builder.max_level).max() else {
        return Err((
            "check",
            "no grant of `provenance` names `builders`, and no builder is believed without".to_owned(),
        ));
    };
    if highest < check.min_level {
        let why = format!("it asks for level {}, and no builder is trusted above {highest}", check.min_level);
        return Err(("min_level", why));
    }
    let listed = |id: &str| check.parameters.iter().any(|p| p.builder.as_deref().is_none_or(|builder| builder == id));
    let enough = || builders().filter(|builder| builder.max_level >= check.min_level);
    if !check.parameters.is_empty() && !enough().any(|builder| listed(&builder.id)) {
        let why = "its `parameters` are for builders that are not trusted to that level".to_owned();
        return Err(("parameters", why));
    }
    Ok(())
}

/// The types that the built-in readers understand. An alias that the policy redefines means only what statements may say.
fn default_types(alias: &str) -> Vec<String> {
    default_predicates().remove(alias).unwrap_or_default()
}

fn says(grant: &Grant, types: &[String]) -> bool {
    types.iter().any(|t| grant.predicate_types.contains(t))
}

/// Grants to an identity of one of the parties; an empty list is every party.
fn granted<'a>(policy: &'a Policy, by: &'a [PartyRef]) -> impl Iterator<Item = &'a Grant> {
    policy.grants.iter().filter(move |grant| {
        let parties = super::identity::of_party(&policy.identities, &grant.identities);
        let named = |party: &Party| by.is_empty() || by.iter().any(|reference| reference.is(party));
        parties.iter().filter_map(|id| policy.parties.get(*id)).any(named)
    })
}

fn nobody(by: &[PartyRef]) -> String {
    if by.is_empty() {
        return "nobody".to_owned();
    }
    let names: Vec<String> = by.iter().map(|party| format!("`{}`", party.as_str())).collect();
    format!("none of {}", names.join(", "))
}
