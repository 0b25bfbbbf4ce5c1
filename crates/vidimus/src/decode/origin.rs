//! `urn:vidimus:attestation:origin:v0.1`: where work on these files was done, who did it, and who controls them
//! (`docs/predicates/origin.md`).

mod open;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use self::open::Open;
pub(super) use self::wire::Wire;
use self::wire::{Coverage, WireOrigin, WireParty, WirePlace};
use super::own;
use super::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::Reason;
use crate::time::Time;

/// Its predicate type.
pub(super) const TYPE: &str = "urn:vidimus:attestation:origin:v0.1";

const SHAPE: Shape = Shape("origin predicate");

/// An origin statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `validFrom`.
    pub valid_from: Option<Time>,
    /// `validUntil`.
    pub valid_until: Option<Time>,
    /// `assertedOn`.
    pub asserted_on: Time,
    /// The oldest and the newest date of what is said about owners, where dates are stated.
    pub owners_as_of: Option<(Time, Time)>,
    /// `parties` by id.
    pub parties: BTreeMap<String, OriginParty>,
    /// `origins`: stages of the subjects.
    pub stages: Vec<StageClaim>,
    /// `components`: the same for parts, by digest.
    pub components: Vec<(DigestSet, Vec<StageClaim>)>,
}

/// Somebody who is named in an origin statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginParty {
    /// Countries of registration, headquarters and principal place of business, as far as stated and known.
    pub seats: BTreeSet<Place>,
    /// What is lacking about itself, if anything is: no country of registration, an unknown code, something unknown or withheld.
    pub lacking: Option<String>,
    /// Who owns it, directly or not; itself, if nobody does.
    pub owners: BTreeSet<String>,
    /// That nobody says who its ultimate parent is.
    pub lacking_parent: Option<String>,
}

/// One stage of the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageClaim {
    /// Which.
    pub stage: Stage,
    /// JSON Pointer to it.
    pub at: String,
    /// The first thing that is lacking: a place that is not listed, an unknown code, something unknown or withheld. Nothing where all places
    /// are stated.
    pub lacking: Option<String>,
    /// Where, and who did it there; places as far as known.
    pub locations: Vec<(Option<Place>, Option<String>)>,
}

/// A country, and a part of it where stated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Two letters.
    pub country: String,
    /// ISO 3166-2, such as `US-CA`.
    pub subdivision: Option<String>,
}

impl Place {
    /// The code of its own, where it is written as a part of a country and has one.
    #[must_use]
    pub fn own_code(&self) -> Option<&'static str> {
        self.subdivision.as_deref().and_then(crate::country::own_code)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.subdivision.as_deref().unwrap_or(&self.country))
    }
}

/// Stages of the work on software, named as CycloneDX 2.0 will, with `supplied`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Designed.
    Designed,
    /// Written.
    Developed,
    /// Compiled, packed, signed.
    Built,
    /// Tested.
    Tested,
    /// Made, of hardware.
    Manufactured,
    /// Put together.
    Assembled,
    /// Trained, of models.
    Trained,
    /// Hosted.
    Hosted,
    /// Run.
    Operated,
    /// Maintained and updated.
    Maintained,
    /// Sold or handed over.
    Supplied,
    /// A stage of the author's own, in `customStage`.
    Custom,
}

impl Stage {
    /// Every stage that a rule can ask for, with its name.
    pub const ALL: [(&'static str, Self); 11] = [
        ("assembled", Self::Assembled),
        ("built", Self::Built),
        ("designed", Self::Designed),
        ("developed", Self::Developed),
        ("hosted", Self::Hosted),
        ("maintained", Self::Maintained),
        ("manufactured", Self::Manufactured),
        ("operated", Self::Operated),
        ("supplied", Self::Supplied),
        ("tested", Self::Tested),
        ("trained", Self::Trained),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stage)| *stage == self).map_or("custom", |(name, _)| name)
    }
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: origin, version 0.1")
}

pub(super) fn read(value: &Json) -> Result<Origin, Reason> {
    let wire: Wire = own::read(SHAPE, value)?;
    let open = Open::of(&wire);
    let ids: BTreeSet<&str> = wire.parties.0.iter().map(|party| party.id.0.as_str()).collect();
    if ids.len() != wire.parties.0.len() {
        return Err(SHAPE.wrong("parties: one id twice"));
    }
    if !ids.contains(wire.asserted_by.0.as_str()) {
        return Err(SHAPE.wrong("assertedBy: none of the parties"));
    }
    let dates =
        || wire.parties.0.iter().flat_map(|party| &party.owners).filter_map(|owner| owner.as_of).map(|day| day.0);
    let mut parties = BTreeMap::new();
    for (index, party) in wire.parties.0.iter().enumerate() {
        let made = self::party(party, &format!("/parties/{index}"), open.party(index), &ids)?;
        parties.insert(party.id.0.clone(), made);
    }
    let stages = stages(&wire.origins.0, None, &open, &ids)?;
    let mut components = Vec::new();
    for (index, component) in wire.components.iter().enumerate() {
        let of_part = self::stages(&component.origins, Some(index), &open, &ids)?;
        components.push((component.digest.0.clone(), of_part));
    }
    Ok(Origin {
        valid_from: wire.valid_from.map(|instant| instant.0),
        valid_until: wire.valid_until.map(|instant| instant.0),
        asserted_on: wire.asserted_on.0,
        owners_as_of: dates().min().zip(dates().max()),
        parties,
        stages,
        components,
    })
}

fn party(party: &WireParty, at: &str, open: Option<String>, ids: &BTreeSet<&str>) -> Result<OriginParty, Reason> {
    let owned_by = party.owners.iter().map(|owner| &owner.party).chain(&party.ultimate_parent);
    let owners: BTreeSet<String> = owned_by.map(|id| id.0.clone()).collect();
    if owners.iter().any(|owner| !ids.contains(owner.as_str())) {
        return Err(SHAPE.wrong("owners: none of the parties"));
    }
    let seats = [
        ("registeredIn", &party.registered_in),
        ("headquarters", &party.headquarters),
        ("principalPlaceOfBusiness", &party.principal_place_of_business),
    ];
    let mut lacking = open;
    let mut known = BTreeSet::new();
    for (member, wire) in seats.into_iter().filter_map(|(member, wire)| Some((member, wire.as_ref()?))) {
        match place(wire)? {
            Some(place) => drop(known.insert(place)),
            None => lacking = lacking.or_else(|| Some(unknown(&format!("{at}/{member}"), wire))),
        }
    }
    if party.registered_in.is_none() {
        lacking = lacking.or_else(|| Some(format!("{at}/registeredIn: not stated")));
    }
    let parent = party.ultimate_parent.is_none().then(|| format!("{at}/ultimateParent: not stated"));
    Ok(OriginParty { seats: known, lacking, owners, lacking_parent: parent })
}

fn stages(
    origins: &[WireOrigin],
    part: Option<usize>,
    open: &Open<'_>,
    parties: &BTreeSet<&str>,
) -> Result<Vec<StageClaim>, Reason> {
    let mut stages = Vec::new();
    let within = part.map_or_else(String::new, |part| format!("/components/{part}"));
    for (index, origin) in origins.iter().enumerate() {
        if (origin.stage == Stage::Custom) != origin.custom_stage.is_some() {
            return Err(SHAPE.wrong("customStage: goes with the stage custom, and with no other"));
        }
        let at = format!("{within}/origins/{index}");
        let mut lacking = open.stage((part, index)).or_else(|| match origin.coverage {
            Coverage::Complete => origin.locations.is_empty().then(|| format!("{at}/locations: none")),
            Coverage::Partial => Some(format!("{at}/coverage: partial")),
            Coverage::Unknown => Some(format!("{at}/coverage: unknown")),
        });
        let mut locations = Vec::new();
        for (number, location) in origin.locations.iter().enumerate() {
            if location.performed_by.as_ref().is_some_and(|id| !parties.contains(id.0.as_str())) {
                return Err(SHAPE.wrong("performedBy: none of the parties"));
            }
            let place = place(&location.place)?;
            if place.is_none() {
                lacking = lacking.or_else(|| Some(unknown(&format!("{at}/locations/{number}/place"), &location.place)));
            }
            locations.push((place, location.performed_by.as_ref().map(|id| id.0.clone())));
        }
        stages.push(StageClaim { stage: origin.stage, at, lacking, locations });
    }
    Ok(stages)
}

/// A place whose code says that it is unknown, or is none of a country.
fn unknown(at: &str, wire: &WirePlace) -> String {
    let code = &wire.country.0;
    let meant = crate::country::instead_of(code).map_or_else(String::new, |code| format!("; {code} is"));
    format!("{at}: {code} (no code of a country{meant})")
}

/// A place; `None` if its code says that it is unknown, or is none of a country.
fn place(wire: &WirePlace) -> Result<Option<Place>, Reason> {
    let country = &wire.country.0;
    let subdivision = wire.subdivision.as_ref().map(|code| code.0.clone());
    if subdivision.as_ref().is_some_and(|code| !code.starts_with(country.as_str())) {
        return Err(SHAPE.wrong("subdivision: of another country"));
    }
    Ok(crate::country::is_known(country).then(|| Place { country: country.clone(), subdivision }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    fn example() -> Json {
        json!({
            "assertedBy": "#vendor", "capacity": "self", "assertedOn": "2026-11-20T10:00:00Z",
            "validUntil": "2027-11-20T10:00:00Z",
            "countryCodes": {"standard": "ISO 3166-1 alpha-2", "snapshot": "2026-11-01"},
            "parties": [
                {"id": "#vendor", "legalName": "Example Networks Oy", "kind": "legal-entity",
                 "identifiers": [{"scheme": "LEI", "value": "00000000000000000000"}],
                 "registeredIn": {"country": "FI"}, "headquarters": {"country": "FI"}, "ultimateParent": "#vendor"},
                {"id": "#lab", "legalName": "Example Labs Pvt Ltd", "registeredIn": {"country": "IN"},
                 "ultimateParent": "#vendor",
                 "owners": [{"party": "#vendor", "interest": "equity", "percent": 100, "direct": true, "asOf": "2026-10-01"}]},
            ],
            "origins": [
                {"stage": "developed", "coverage": "complete", "locations": [
                    {"place": {"country": "FI"}, "performedBy": "#vendor", "percent": 60, "metric": "effort"},
                    {"place": {"country": "IN", "subdivision": "IN-KA"}, "performedBy": "#lab"}]},
                {"stage": "maintained", "coverage": "partial", "locations": []},
            ],
            "unknown": ["/origins/1"],
        })
    }

    #[test]
    fn statements() {
        let ok = example();
        let with = |pointer: &str, value: Json| {
            let mut changed = ok.clone();
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let parent = changed.pointer_mut(parent).unwrap();
            match member.parse::<usize>() {
                Ok(index) => parent[index] = value,
                Err(_) => parent[member] = value,
            }
            changed
        };
        let country = "/origins/0/locations/0/place/country";
        for (statement, accepted) in [
            (ok.clone(), true),
            (with(country, json!("XX")), true),
            (with(country, json!("fi")), false),
            (with(country, json!("FIN")), false),
            (with("/origins/0/locations/1/place/subdivision", json!("US-CA")), false),
            (with("/origins/0/locations/0/performedBy", json!("#nobody")), false),
            (with("/parties/1/ultimateParent", json!("#nobody")), false),
            (with("/parties/1/id", json!("#vendor")), false),
            (with("/parties/1/id", json!("lab")), false),
            (with("/assertedBy", json!("#nobody")), false),
            (with("/countryCodes/standard", json!("ISO 3166-1 alpha-3")), false),
            (with("/countryCodes/snapshot", json!("November")), false),
            (with("/origins/0/stage", json!("custom")), false),
            (with("/origins/0/stage", json!("planned")), false),
            (with("/origins/0/citizenship", json!("FI")), false),
            (with("/unknown/0", json!("origins/1")), false),
        ] {
            assert_eq!(read(&statement).is_ok(), accepted, "{statement}");
        }
    }

    #[test]
    fn what_is_unknown_is_not_complete() {
        let complete = |change: &dyn Fn(&mut Json)| {
            let mut statement = example();
            change(&mut statement);
            read(&statement).unwrap().stages[0].lacking.is_none()
        };
        assert!(complete(&|_| {}));
        let change = |pointer: &'static str, value: Json| {
            move |statement: &mut Json| *statement.pointer_mut(pointer).unwrap() = value.clone()
        };
        for (pointer, value) in [
            ("/origins/0/coverage", json!("partial")),
            ("/origins/0/coverage", json!("unknown")),
            ("/origins/0/locations", json!([])),
            ("/origins/0/locations/0/place/country", json!("ZZ")),
            ("/origins/0/locations/0/place/country", json!("UK")),
            ("/origins/0/locations/0/place/country", json!("SU")),
            ("/origins/0/locations/0/place/country", json!("EU")),
            ("/unknown", json!(["/origins/0/locations/1/percent"])),
            ("/unknown", json!(["/origins"])),
            ("/unknown", json!([""])),
            // What leads nowhere may mean anything, and so may parts that are not told.
            ("/unknown", json!(["/origins/2"])),
            ("/unknown", json!(["/origins/00"])),
            ("/unknown", json!(["/origin/1"])),
            ("/unknown", json!(["/predicate/origins/1"])),
            ("/unknown", json!(["/parties/5"])),
            ("/unknown", json!(["/parties/-"])),
            ("/unknown", json!(["/components"])),
            ("/unknown", json!(["/components/0/origins"])),
            ("/unknown", json!(["/"])),
        ] {
            assert!(!complete(&change(pointer, value.clone())), "{pointer} {value}");
        }
        let aside = json!(["/origins/1", "/parties/0/ultimateParent", "/validUntil", "/statements/0"]);
        assert!(complete(&change("/unknown", aside)));
    }

    /// Parties times pointers would be minutes: nothing here says so but the clock of whoever waits.
    #[test]
    fn many_pointers_are_looked_up() {
        const MANY: usize = 100_000;
        let mut statement = example();
        let parties = statement["parties"].as_array_mut().unwrap();
        parties.extend((0..MANY).map(|n| json!({"id": format!("#p{n}"), "legalName": "x"})));
        statement["unknown"] = (0..MANY).map(|n| format!("/parties/{}/x", n + 3)).collect();
        let parties = read(&statement).unwrap().parties;
        assert!(parties["#vendor"].lacking.is_none());
        assert_eq!(parties["#p0"].lacking.as_deref(), Some("/parties/2/registeredIn: not stated"));
        assert_eq!(parties["#p1"].lacking.as_deref(), Some("/parties/3/x: unknown"));
    }
}
