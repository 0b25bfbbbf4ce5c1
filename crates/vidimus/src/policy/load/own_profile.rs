//! `[sbom_profile]`: standards with demands of the operator's own.

use std::collections::BTreeMap;

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, ID_TWICE, UNKNOWN_REFERENCE, UNSATISFIABLE, VACUOUS};
use super::names::Names;
use super::spec::rule::PROFILES;
use super::spec::{Key, Kind, Spec, TEXTS, may, plain};
use super::structure::shown;
use crate::policy::{Check, Rule};
use crate::profile::{self, Ask, Demand, OwnProfile, Profile};

pub(crate) static SBOM_PROFILE: Spec = plain("an SBOM profile", KEYS);

const KEYS: &[Key] = &[
    may("base", Kind::Choice(PROFILES), "A standard, each must of which is one here."),
    may("component_fields", Kind::List(&Kind::Choice(FIELDS)), "What each component must have a value of."),
    may(
        "digest_any_of",
        Kind::List(&Kind::Choice(DIGESTS)),
        "By which algorithms; each component has a digest by one.",
    ),
    may("sbom_types", Kind::List(&Kind::Choice(TYPES)), "Words for how an SBOM was made; it states one of them."),
    may(
        "bind_root_by_digest",
        Kind::Bool,
        "Must the SBOM state a digest of what it is about? A digest that is stated has to be that of the file.",
    ),
    may("musts", TEXTS, "Rules of other standards, or weaker rules of this one, that are musts here."),
];

const FIELDS: &[&str] =
    &["dependencies", "digest", "download-location", "license", "name", "producer", "supplier", "unique-id", "version"];
const DIGESTS: &[&str] = &["sha256", "sha384", "sha512"];
const TYPES: &[&str] = &["analyzed", "build", "deployed", "design", "runtime", "source"];

/// Reads every profile of the policy.
pub(super) fn profiles(document: &Table, errors: &mut Errors) -> BTreeMap<String, OwnProfile> {
    let mut all = BTreeMap::new();
    for entry in document.table("sbom_profile").into_iter().flat_map(|table| &table.entries) {
        let Some(table) = entry.node.table() else { continue };
        if profile::by_id(&entry.key).is_some() {
            errors.add(&ID_TWICE, &entry.key_span, format!("`{}` is the profile of a standard", entry.key));
        }
        let base = table.text("base").and_then(|text| base(text, errors));
        let demands = demands(table, base, errors);
        if base.is_none() && demands.is_empty() && table.node("base").is_none() {
            errors.add(&VACUOUS, &entry.key_span, format!("`{}` demands nothing", shown(&entry.key)));
        }
        all.insert(entry.key.clone(), OwnProfile { name: entry.key.clone(), base, demands });
    }
    all
}

/// Profiles that no rule names.
pub(super) fn unused(document: &Table, rules: &[Rule], errors: &mut Errors) {
    let leaves = || rules.iter().flat_map(|rule| rule.check.leaves());
    let is_used = |name: &str| {
        leaves().any(|check| matches!(check, Check::Sbom(sbom) if sbom.own.iter().any(|own| own.name == name)))
    };
    for entry in document.table("sbom_profile").into_iter().flat_map(|table| &table.entries) {
        if !is_used(&entry.key) {
            let message = format!("no rule has `{}` under `own_profiles`", shown(&entry.key));
            errors.add(&VACUOUS, &entry.key_span, message);
        }
    }
}

/// Those that a rule names.
pub(super) fn named(
    table: &Table,
    names: &Names,
    all: &BTreeMap<String, OwnProfile>,
    errors: &mut Errors,
) -> Vec<OwnProfile> {
    let mut own: Vec<OwnProfile> = Vec::new();
    for text in table.texts("own_profiles") {
        names.check(text, errors);
        own.extend(all.get(text.text).filter(|found| !own.iter().any(|known| known.name == found.name)).cloned());
    }
    own
}

fn base(text: Text<'_>, errors: &mut Errors) -> Option<&'static Profile> {
    let base = profile::by_id(text.text)?;
    if base.is_provisional() {
        let message = format!("`{}` is provisional: name it in the rule, under `provisional_profiles`", base.id);
        errors.add(&BAD_VALUE, text.span, message);
    }
    Some(base)
}

fn demands(table: &Table, base: Option<&'static Profile>, errors: &mut Errors) -> Vec<Demand> {
    let words = |key: &str| table.texts(key).map(|text| text.text).collect::<Vec<_>>();
    let (digests, types) = (words("digest_any_of"), words("sbom_types"));
    // With algorithms it is asked once, for these.
    let fields = words("component_fields").into_iter().filter(|field| digests.is_empty() || *field != "digest");
    let mut demands: Vec<Demand> = fields.filter_map(Demand::field).collect();
    if !digests.is_empty() {
        demands.extend(Demand::digest(&digests));
    }
    if !types.is_empty() {
        demands.extend(Demand::types(&types));
    }
    if table.bool("bind_root_by_digest") == Some(true) {
        demands.extend(Demand::root());
    }
    for text in table.texts("musts") {
        match Demand::rule(text.text) {
            Some(demand) if base.and_then(|base| base.rule(text.text)).is_some_and(|rule| rule.obligation.fails()) => {
                errors.add(&VACUOUS, text.span, format!("`{}` is a must of the base already", demand.rule.id));
            }
            Some(demand) if matches!(demand.rule.ask, Ask::NotInDocument(_)) => {
                errors.add(&UNSATISFIABLE, text.span, format!("no SBOM can show `{}`", demand.rule.id));
            }
            Some(demand) => demands.push(demand),
            None => {
                let message = format!("no profile has a rule `{}`", shown(text.text));
                errors.add(&UNKNOWN_REFERENCE, text.span, message);
            }
        }
    }
    demands
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{load_text, twin};
    use super::*;

    fn loaded(profile: &str, keys: &str) -> Result<crate::policy::Policy, crate::policy::LoadErrors> {
        let text = twin().replace("check = \"sbom\"\n", &format!("check = \"sbom\"\n{keys}\n"));
        let text =
            text.replace("sbom = [\"cyclonedx-1.6+json\"]", "sbom = [\"cyclonedx-1.6+json\", \"spdx-2.3+json\"]");
        load_text(&format!("{text}\n{profile}\n"))
    }

    #[test]
    fn what_a_profile_of_the_policy_may_say() {
        const USED: &str = "own_profiles = [\"ours\"]";
        const TELCO: &str = "own_profiles = [\"ours\"]\nshown_elsewhere = [\"OCT11-21\", \"OCT11-24\"]";
        for (profile, keys, code, said) in [
            ("component_fields = [\"name\", \"digest\"]\ndigest_any_of = [\"sha384\"]", USED, "", ""),
            (
                "base = \"openchain-telco-1.1\"\nsbom_types = [\"build\"]\nmusts = [\"CISA26-C03\", \"OCT11-18\"]",
                TELCO,
                "",
                "",
            ),
            (
                "bind_root_by_digest = true",
                "own_profiles = [\"ours\"]\nshown_elsewhere = [\"OWN-root-digest\"]",
                "",
                "",
            ),
            ("component_fields = [\"colour\"]", USED, "policy.bad-value", ""),
            ("digest_any_of = [\"md5\"]", USED, "policy.bad-value", ""),
            ("title = \"ours\"", USED, "policy.unknown-key", ""),
            ("bind_root_by_digest = false", USED, "policy.vacuous", "demands nothing"),
            ("bind_root_by_digest = true", "", "policy.vacuous", "no rule has `ours`"),
            ("bind_root_by_digest = true", "own_profiles = [\"other\"]", "policy.unknown-reference", "`other`"),
            ("base = \"fsct-3\"", USED, "policy.bad-value", "provisional"),
            ("base = \"openchain-telco-1.1\"", USED, "policy.unsatisfiable", "OCT11-21"),
            ("base = \"openchain-telco-1.1\"\nmusts = [\"OCT11-09\"]", TELCO, "policy.vacuous", "must of the base"),
            ("musts = [\"BSI21-24\"]", USED, "policy.unsatisfiable", "`BSI21-24`"),
            ("musts = [\"BSI22-24\"]", USED, "policy.unknown-reference", "`BSI22-24`"),
        ] {
            match loaded(&format!("[sbom_profile.ours]\n{profile}"), keys) {
                Ok(_) => assert_eq!(code, "", "{profile}"),
                Err(errors) => {
                    let found = errors.errors().iter().find(|error| error.info.code == code);
                    assert!(found.is_some_and(|error| error.message.contains(said)), "{profile}: {errors:?}");
                }
            }
        }
        let standard = loaded("[sbom_profile.cisa-2026]\nbind_root_by_digest = true", "own_profiles = [\"cisa-2026\"]");
        assert!(standard.is_err_and(|errors| errors.errors().iter().any(|error| error.info.code == ID_TWICE.code)));
    }

    #[test]
    fn names_of_the_language_are_those_of_the_data() {
        assert!(FIELDS.iter().all(|name| Demand::field(name).is_some()));
        let digests: Vec<_> = DIGESTS.iter().map(|name| own(Demand::digest(&[name]).unwrap())).collect();
        let types: Vec<_> = TYPES.iter().map(|name| own(Demand::types(&[name]).unwrap())).collect();
        for list in [digests, types] {
            let unlike: std::collections::BTreeSet<_> = list.iter().collect();
            assert_eq!(unlike.len(), list.len(), "each name has data of its own");
        }
    }

    fn own(demand: Demand) -> String {
        OwnProfile { name: "x".to_owned(), base: None, demands: vec![demand] }.sha256().to_string()
    }
}
