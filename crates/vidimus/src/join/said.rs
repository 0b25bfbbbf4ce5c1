//! What origin statements say to what rules ask: once per statement and rule, however many files it is about. And the addresses in SBOMs, which
//! prove nothing and are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::places::{self, Agreed, Contradiction, Of, Places, Stated};
use super::sbom::BoundSbom;
use crate::authenticate::{Claim, Fact};
use crate::decode::{Origin, Place, Predicate, Stage, StageClaim, Statement, strict_json};
use crate::digest::{Algorithm, Digest, DigestSet};
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
    /// The same by what they are stated of.
    stated: Stated,
    /// Its number among all statements.
    number: usize,
}

/// What all statements say to one rule.
struct ToRule<'a> {
    check: &'a OriginCheck,
    said: BTreeMap<Digest, Said>,
    contradictions: Mutex<Contradictions>,
}

/// What statements contradict one another in, by their numbers: the same ones are about many files.
#[derive(Default)]
struct Contradictions {
    sets: BTreeMap<Vec<usize>, Option<Contradiction>>,
    /// Of two, the first thing of which they cannot both be right.
    pairs: BTreeMap<[usize; 2], Option<Of>>,
    agreed: Agreed,
    /// How much was gone through all at once.
    spent: usize,
}

/// So much is gone through all at once before few that say much are compared by twos, which other sets have in common.
const AT_ONCE: usize = 1 << 20;

/// All that statements and addresses say.
#[derive(Default)]
pub(super) struct All<'a> {
    said: Vec<ToRule<'a>>,
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
            let mut known = BTreeMap::new();
            let said = origins.iter().enumerate().map(|(number, (id, origin))| {
                let stated = stated(check, origin, &mut known);
                ((*id).clone(), Said { stated, number, ..said(check, origin) })
            });
            let mut said: BTreeMap<Digest, Said> = said.collect();
            keep_disputed(&mut said);
            all.said.push(ToRule { check, said, contradictions: Mutex::default() });
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
        self.rule(check)?.said.get(id)
    }

    pub(super) fn contradiction(&self, check: &OriginCheck, facts: &[&Fact<'_>]) -> Option<Contradiction> {
        let rule = self.rule(check)?;
        let all = facts.iter().enumerate().filter_map(|(at, fact)| Some((at, rule.said.get(&fact.id)?)));
        let all: Vec<(usize, &Said)> = all.filter(|(_, said)| !said.stated.is_empty()).collect();
        if all.len() < 2 {
            return None;
        }
        let said: Vec<&Said> = all.iter().map(|(_, said)| *said).collect();
        // Whoever broke off while it looked left nothing half done.
        let mut known = rule.contradictions.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.among(&said)?;
        let [one, other] = found.between.map(|at| all.get(at).map_or(at, |(at, _)| *at));
        Some(Contradiction { between: [one, other], ..found })
    }

    /// Rules are the policy's own: one and the same in memory.
    fn rule(&self, check: &OriginCheck) -> Option<&ToRule<'a>> {
        self.said.iter().find(|rule| std::ptr::eq(rule.check, check))
    }

    pub(super) fn addresses(&self, sbom: &Digest) -> impl Iterator<Item = &str> {
        self.addresses.get(sbom).into_iter().flatten().map(String::as_str)
    }
}

impl Contradictions {
    /// Do any two of them contradict one another? Few that say much are compared by twos, which other sets of them have in common; many that say
    /// little, all at once.
    fn among(&mut self, all: &[&Said]) -> Option<Contradiction> {
        let numbers: Vec<usize> = all.iter().map(|said| said.number).collect();
        if let Some(known) = self.sets.get(&numbers) {
            return known.clone();
        }
        let size: usize = all.iter().map(|said| said.stated.len()).sum();
        self.spent = self.spent.saturating_add(size);
        // Both ways find the same.
        let found = match self.spent > AT_ONCE && all.len().saturating_mul(all.len()) <= size {
            true => self.by_twos(all),
            false => {
                let stated: Vec<&Stated> = all.iter().map(|said| &said.stated).collect();
                places::contradiction(&stated, &mut self.agreed)
            }
        };
        self.sets.insert(numbers, found.clone());
        found
    }

    fn by_twos(&mut self, all: &[&Said]) -> Option<Contradiction> {
        let mut first: Option<Of> = None;
        for (at, one) in all.iter().enumerate() {
            for other in all.iter().skip(at + 1) {
                let known = self.pairs.entry([one.number, other.number]);
                let found = known.or_insert_with(|| places::disputed(&one.stated, &other.stated, &mut self.agreed));
                let found = found.as_ref();
                if let Some(found) = found.filter(|found| first.as_ref().is_none_or(|first| *found < first)) {
                    first = Some(found.clone());
                }
            }
        }
        let of = first?;
        let stated: Vec<&Stated> = all.iter().map(|said| &said.stated).collect();
        places::contradiction_of(&of, &stated, &mut self.agreed)
    }
}

/// Leaves to each statement what at least two speak of and do not state the same places of: nothing else can contradict anything.
fn keep_disputed(said: &mut BTreeMap<Digest, Said>) {
    let mut disputed: BTreeMap<&Of, (&Arc<Places>, bool)> = BTreeMap::new();
    for (of, places) in said.values().flat_map(|said| &said.stated) {
        let (first, is_disputed) = disputed.entry(of).or_insert((places, false));
        *is_disputed |= !Arc::ptr_eq(first, places);
    }
    let disputed: BTreeSet<Of> =
        disputed.into_iter().filter(|(_, (_, is_disputed))| *is_disputed).map(|(of, _)| of.clone()).collect();
    for said in said.values_mut() {
        said.stated.retain(|of, _| disputed.contains(of));
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
    let asked = if check.stages.is_empty() { &ALWAYS[..] } else { &check.stages };
    for stage in asked {
        if !origin.stages.iter().any(|claim| claim.stage == *stage) {
            said.lack(|| format!("{}: not stated", stage.name()));
        }
    }
    for (_, claim) in claims(check, origin) {
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

/// What the rule looks at, with the part that it is about. Without a stage the rule is about everybody who had a part in it, be it in a part
/// alone; and no place of a part is left out: a denied country in a part is one in the whole.
fn claims<'o>(
    check: &OriginCheck,
    origin: &'o Origin,
) -> impl Iterator<Item = (Option<&'o DigestSet>, &'o StageClaim)> {
    let whole = origin.stages.iter().map(|claim| (None, claim));
    let parts = origin.components.iter().flat_map(|(part, claims)| claims.iter().map(move |claim| (Some(part), claim)));
    whole.chain(parts).filter(|(_, claim)| check.stages.is_empty() || check.stages.contains(&claim.stage))
}

/// The places by what they are stated of, to be compared with those of others. A stage of an author's own is nobody else's. `known`: sets of
/// places, each kept once.
fn stated(check: &OriginCheck, origin: &Origin, known: &mut BTreeMap<BTreeSet<Place>, Arc<Places>>) -> Stated {
    let mut found: BTreeMap<Of, (BTreeSet<Place>, BTreeSet<&str>)> = BTreeMap::new();
    for (part, claim) in claims(check, origin).filter(|(_, claim)| claim.stage != Stage::Custom) {
        let places: BTreeSet<&Place> = match check.axis {
            Axis::Where => claim.locations.iter().filter_map(|(place, _)| place.as_ref()).collect(),
            Axis::Who | Axis::Control => BTreeSet::new(),
        };
        let performers: BTreeSet<&str> = match check.axis {
            Axis::Where => BTreeSet::new(),
            Axis::Who | Axis::Control => {
                claim.locations.iter().filter_map(|(_, performer)| performer.as_deref()).collect()
            }
        };
        for of in part.map_or_else(|| vec![None], |part| known_by(part).into_iter().map(Some).collect()) {
            let (all, others) = found.entry((of, claim.stage)).or_default();
            all.extend(places.iter().map(|place| (*place).clone()));
            others.extend(&performers);
        }
    }
    let mut stated = Stated::new();
    for (of, (mut places, mut performers)) in found {
        // Parts can be as many as owners; of them those who performed are compared.
        if check.axis == Axis::Control && of.0.is_none() {
            performers = above(origin, performers);
        }
        let seats = performers.into_iter().filter_map(|id| origin.parties.get(id)).flat_map(|party| &party.seats);
        places.extend(seats.cloned());
        let places = match known.get(&places) {
            Some(known) => Arc::clone(known),
            None => {
                let new = Arc::new(Places::of(&places));
                known.insert(places, Arc::clone(&new));
                new
            }
        };
        stated.insert(of, places);
    }
    stated
}

/// By what others may know a part: each digest that we can compute, or else whatever identifies it, such as a commit. Two may state different
/// ones besides.
fn known_by(part: &DigestSet) -> Vec<String> {
    let computable: Vec<String> = Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| part.by(algorithm))
        .map(|digest| digest.to_string())
        .collect();
    if computable.is_empty() {
        return part.iter().map(|(name, value)| format!("{name}:{}", value.to_ascii_lowercase())).collect();
    }
    computable
}

/// These parties and everybody above them.
fn above<'o>(origin: &'o Origin, parties: BTreeSet<&'o str>) -> BTreeSet<&'o str> {
    let mut open: Vec<&str> = parties.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let owners = origin.parties.get(id).into_iter().flat_map(|party| &party.owners);
            open.extend(owners.map(String::as_str));
        }
    }
    seen
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
        let all = above(origin, performers);
        for lacking in all.iter().filter_map(|id| origin.parties.get(*id)?.lacking_parent.as_ref()) {
            self.lack(|| lacking.clone());
        }
        all
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
