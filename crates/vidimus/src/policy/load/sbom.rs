//! `check = "sbom"`: which standards an SBOM must meet.

use std::collections::BTreeSet;

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, PROFILE_CONFLICT, UNKNOWN_REFERENCE, UNSATISFIABLE, VACUOUS};
use super::structure::{listed, shown};
use crate::policy::{PartyRef, SbomCheck};
use crate::profile::{self, Ask, OwnProfile, Profile};

/// Reads the check.
pub(super) fn check(table: &Table, by: Vec<PartyRef>, own: Vec<OwnProfile>, errors: &mut Errors) -> SbomCheck {
    let (single, several) = (table.text("profile"), table.node("profiles").is_some());
    if single.is_some() && several {
        let message = "one profile is written as `profile`, several as `profiles`; not both";
        errors.add(&BAD_VALUE, table.span_of("profiles"), message);
    }
    let mut profiles: Vec<&'static Profile> = Vec::new();
    for (text, provisional) in named(table) {
        let Some(profile) = profile::by_id(text.text) else { continue };
        if profile.is_provisional() != provisional {
            let message = match provisional {
                true => format!("`{}` is not provisional: write it under `profiles`", profile.id),
                false => format!(
                    "`{}` is provisional ({}): write it under `provisional_profiles`, or leave it",
                    profile.id,
                    profile.status.note()
                ),
            };
            errors.add(&BAD_VALUE, text.span, message);
        }
        if !profiles.iter().any(|other| other.id == profile.id) {
            profiles.push(profile);
        }
    }
    for base in own.iter().filter_map(|own| own.base) {
        if !profiles.iter().any(|other| other.id == base.id) {
            profiles.push(base);
        }
    }
    let shown_elsewhere = elsewhere(table, &profiles, &own, errors);
    possible(table, &profiles, &shown_elsewhere, errors);
    SbomCheck { by, refuse: table.strings("refuse").into_iter().collect(), profiles, own, shown_elsewhere }
}

fn named(table: &Table) -> Vec<(Text<'_>, bool)> {
    let stated = table.text("profile").into_iter().chain(table.texts("profiles")).map(|text| (text, false));
    stated.chain(table.texts("provisional_profiles").map(|text| (text, true))).collect()
}

/// Rules that the operator sees met by other means: each a must of one of the profiles.
fn elsewhere(
    table: &Table,
    profiles: &[&'static Profile],
    own: &[OwnProfile],
    errors: &mut Errors,
) -> BTreeSet<&'static str> {
    let mut rules = BTreeSet::new();
    if profiles.is_empty() && own.is_empty() && table.node("shown_elsewhere").is_some() {
        errors.add(&VACUOUS, table.span_of("shown_elsewhere"), "without a profile no rule of one is asked");
        return rules;
    }
    for text in table.texts("shown_elsewhere") {
        let mut demands = own.iter().flat_map(|own| &own.demands);
        if let Some(demand) = demands.find(|demand| demand.rule.id == text.text) {
            rules.insert(demand.rule.id);
            continue;
        }
        match profiles.iter().find_map(|profile| profile.rule(text.text)) {
            Some(rule) if rule.obligation.fails() => drop(rules.insert(rule.id)),
            Some(rule) => {
                let message = format!("`{}` is no must ({}) and fails nothing", rule.id, rule.obligation.name());
                errors.add(&VACUOUS, text.span, message);
            }
            None => {
                let message = format!("none of these profiles has a rule `{}`", shown(text.text));
                errors.add(&UNKNOWN_REFERENCE, text.span, message);
            }
        }
    }
    rules
}

/// Could one document meet all of it?
fn possible(table: &Table, profiles: &[&'static Profile], shown: &BTreeSet<&'static str>, errors: &mut Errors) {
    let key = ["profiles", "profile", "provisional_profiles", "own_profiles"]
        .into_iter()
        .find(|key| table.node(key).is_some());
    let Some(key) = key else { return };
    let conflicts = profile::conflicts(profiles);
    if !conflicts.is_empty() {
        let message = format!("no document can meet these together: {}", conflicts.join("; "));
        errors.add(&PROFILE_CONFLICT, table.span_of(key), message);
    }
    let rules = profiles.iter().flat_map(|profile| profile.rules);
    // What is asked only of some components is not asked of a document that has none of these.
    let always = rules.filter(|rule| rule.obligation.fails() && !rule.scope.may_be_empty());
    let never = always.filter(|rule| matches!(rule.ask, Ask::NotInDocument(_)));
    let never: Vec<&str> = never.map(|rule| rule.id).filter(|id| !shown.contains(id)).collect();
    if !never.is_empty() {
        let message = format!(
            "no SBOM can show {}; if they are seen to in another way, write `shown_elsewhere = [{}]`",
            listed(&never),
            never.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
        );
        errors.add(&UNSATISFIABLE, table.span_of(key), message);
    }
}
