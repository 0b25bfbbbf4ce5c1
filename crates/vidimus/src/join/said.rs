//! What origin statements say to what rules ask: once per statement and rule, however many files it is about. And the addresses in SBOMs, which
//! prove nothing and are shown.

use std::collections::{BTreeMap, BTreeSet};

use super::sbom::BoundSbom;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Origin, OriginParty, Place, Predicate, Stage, StageClaim, Statement, strict_json};
use crate::digest::Digest;
use crate::policy::{Axis, Check, OriginCheck, Policy};
use crate::read::Delivery;

/// So many places are shown.
const SHOWN: usize = 16;

/// So many things that are lacking are shown.
const SHOWN_LACKING: usize = 3;

/// Without these stages there is no software: they are asked for where a rule names none.
const ALWAYS: [Stage; 2] = [Stage::Built, Stage::Developed];

/// What one statement says to one rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Places that the rule denies, as they are shown.
    pub(crate) denied: BTreeSet<String>,
    /// Places that are not among those that it allows, as they are shown.
    pub(crate) not_allowed: BTreeSet<String>,
    /// What is not stated; empty where everything is.
    pub(crate) lacking: Vec<String>,
    /// All places.
    pub(crate) places: BTreeSet<Place>,
}

/// All that statements and addresses say.
#[derive(Default)]
pub(super) struct All<'a> {
    said: Vec<(&'a OriginCheck, BTreeMap<Digest, Said>)>,
    addresses: BTreeMap<Digest, BTreeSet<String>>,
}

impl<'a> All<'a> {
    pub(super) fn of(policy: &'a Policy, facts: &[&'a Fact<'a>], delivery: &Delivery, sboms: &[BoundSbom<'a>]) -> Self {
        let leaves = policy.rules.iter().flat_map(|rule| rule.check.leaves());
        let checks: Vec<&OriginCheck> =
            leaves.filter_map(|check| if let Check::Origin(check) = check { Some(check) } else { None }).collect();
        let mut all = Self::default();
        if checks.is_empty() {
            return all;
        }
        let origins: BTreeMap<&Digest, &Origin> =
            facts.iter().filter_map(|fact| Some((&fact.id, origin_of(fact)?))).collect();
        for check in checks {
            let said = origins.iter().map(|(id, origin)| ((*id).clone(), said(check, origin)));
            all.said.push((check, said.collect()));
        }
        let files = delivery.files.iter();
        let files: BTreeMap<&Digest, &[u8]> =
            files.filter_map(|file| Some((file.digests.sha256(), file.bytes.as_deref()?))).collect();
        for bound in sboms {
            if let Some(bytes) = files.get(&bound.id)
                && !all.addresses.contains_key(&bound.id)
            {
                all.addresses.insert(bound.id.clone(), addresses(bytes));
            }
        }
        all
    }

    pub(super) fn to(&self, check: &OriginCheck, id: &Digest) -> Option<&Said> {
        // Rules are the policy's own: one and the same in memory.
        let (_, said) = self.said.iter().find(|(of, _)| std::ptr::eq(*of, check))?;
        said.get(id)
    }

    pub(super) fn addresses(&self, sbom: &Digest) -> impl Iterator<Item = &str> {
        self.addresses.get(sbom).into_iter().flatten().map(String::as_str)
    }
}

/// The origin statement that a fact is, if it is one.
pub(crate) fn origin_of<'b>(fact: &'b Fact<'_>) -> Option<&'b Origin> {
    match &fact.claim {
        Claim::Statement(Statement { predicate: Predicate::Origin(origin), .. }) => Some(origin),
        _ => None,
    }
}

fn said(check: &OriginCheck, origin: &Origin) -> Said {
    let mut said = Said::default();
    let mut performers: BTreeSet<&str> = BTreeSet::new();
    // No place of a part is left out: a denied country in a part is one in the whole.
    let all = || origin.stages.iter().chain(origin.components.iter().flat_map(|(_, claims)| claims));
    let asked = if check.stages.is_empty() { &ALWAYS[..] } else { &check.stages };
    for stage in asked {
        if !origin.stages.iter().any(|claim| claim.stage == *stage) {
            said.lack(|| format!("{}: not stated", stage.name()));
        }
    }
    // Without a stage the rule is about everybody who had a part in it, be it in a part alone.
    for claim in all().filter(|claim| check.stages.is_empty() || asked.contains(&claim.stage)) {
        if let Some(lacking) = &claim.lacking {
            said.lack(|| lacking.clone());
        }
        match check.axis {
            Axis::Where => said.places.extend(claim.locations.iter().filter_map(|(place, _)| place.clone())),
            Axis::Who | Axis::Control => said.perform(claim, &mut performers),
        }
    }
    if check.axis == Axis::Control {
        performers = said.owners(origin, performers);
    }
    if check.axis != Axis::Where && performers.is_empty() {
        said.lack(|| "performedBy: not stated".to_owned());
    }
    for party in performers.iter().filter_map(|id| origin.parties.get(*id)) {
        if let Some(lacking) = &party.lacking {
            said.lack(|| lacking.clone());
        }
        said.places.extend(party.seats.iter().cloned());
    }
    said.hold_against(check);
    said
}

impl Said {
    /// What it is to `check` that these are the places, all of them.
    pub(crate) fn of(check: &OriginCheck, places: BTreeSet<Place>) -> Self {
        let mut said = Self { places, ..Self::default() };
        if said.places.is_empty() {
            said.lack(|| "no country".to_owned());
        }
        said.hold_against(check);
        said
    }

    fn lack(&mut self, what: impl FnOnce() -> String) {
        if self.lacking.len() < SHOWN_LACKING {
            self.lacking.push(what());
        }
    }

    fn perform<'o>(&mut self, claim: &'o StageClaim, performers: &mut BTreeSet<&'o str>) {
        for (number, (_, performer)) in claim.locations.iter().enumerate() {
            match performer {
                Some(performer) => drop(performers.insert(performer)),
                None => self.lack(|| format!("{}/locations/{number}/performedBy: not stated", claim.at)),
            }
        }
    }

    /// The performers and everybody above them.
    fn owners<'o>(&mut self, origin: &'o Origin, performers: BTreeSet<&'o str>) -> BTreeSet<&'o str> {
        let mut open: Vec<&str> = performers.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(OriginParty { owners, lacking_parent, .. }) = origin.parties.get(id) else { continue };
            if let Some(lacking) = lacking_parent {
                self.lack(|| lacking.clone());
            }
            open.extend(owners.iter().map(String::as_str));
        }
        seen
    }

    fn hold_against(&mut self, check: &OriginCheck) {
        let places = std::mem::take(&mut self.places);
        for place in &places {
            if check.denies(place) {
                add(&mut self.denied, place);
            } else if !check.allows(place) {
                add(&mut self.not_allowed, place);
            } else if check.is_vague(place) {
                self.lack(|| format!("{place}: which part"));
            }
        }
        self.places = places;
    }
}

fn add(shown: &mut BTreeSet<String>, place: &Place) {
    if shown.len() < SHOWN {
        shown.insert(place.to_string());
    }
}

/// Countries of addresses in a CycloneDX document; free text there, so only codes are shown.
fn addresses(bytes: &[u8]) -> BTreeSet<String> {
    let mut countries = BTreeSet::new();
    let Some(document) = strict_json(bytes) else { return countries };
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        if let Some(country) = value.pointer("/address/country").and_then(serde_json::Value::as_str) {
            let code = country.trim().to_ascii_uppercase();
            countries.insert(if crate::country::is_known(&code) { code } else { "somewhere by name".to_owned() });
        }
        match value {
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    countries
}
