//! `urn:vidimus:attestation:origin:v0.1`: where work on these files was done, who did it, and who controls them
//! (`docs/predicates/origin.md`).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::own::{self, Day, Digests, Id, Instant};
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
    /// Is the country of registration stated and known?
    pub registered: bool,
    /// Who owns it, directly or not; itself, if nobody does.
    pub owners: BTreeSet<String>,
    /// Is it said who its ultimate parent is?
    pub parent_stated: bool,
    /// The oldest date of what is said about its owners.
    pub owners_as_of: Option<Time>,
    /// Something about it is unknown or withheld.
    pub open: bool,
}

/// One stage of the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageClaim {
    /// Which.
    pub stage: Stage,
    /// Are all places listed, and nothing about them unknown or withheld?
    pub complete: bool,
    /// Where, and who did it there.
    pub locations: Vec<(Place, Option<String>)>,
}

/// A country, and a part of it where stated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Two letters.
    pub country: String,
    /// ISO 3166-2, such as `US-CA`.
    pub subdivision: Option<String>,
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

/// The predicate as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "members that no check reads are still members of the format")]
pub(super) struct Wire {
    /// Who makes the claim: the id of one of `parties`. Whose key signed decides, never this.
    asserted_by: Id,
    /// In which capacity, by its own word.
    capacity: Capacity,
    /// When it was made.
    asserted_on: Instant,
    /// Not before.
    valid_from: Option<Instant>,
    /// Not after.
    valid_until: Option<Instant>,
    /// Statements that this one takes the place of, for people.
    #[serde(default)]
    supersedes: Vec<Digests>,
    /// The code table.
    country_codes: CountryCodes,
    /// Everybody who is named below, each id once.
    #[schemars(length(min = 1))]
    parties: Vec<WireParty>,
    /// Where and by whom each stage was done.
    #[schemars(length(min = 1))]
    origins: Vec<WireOrigin>,
    /// The same about parts of the subjects, by digest.
    #[serde(default)]
    components: Vec<WireComponent>,
    /// Declarations in the words of a rule or law, for people.
    #[serde(default)]
    statements: Vec<WireStatement>,
    /// JSON Pointers to what the author does not know.
    #[serde(default)]
    unknown: Vec<String>,
    /// JSON Pointers to what the author does not disclose.
    #[serde(default)]
    withheld: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Capacity {
    #[serde(rename = "self")]
    Own,
    SupplierOfSubject,
    ThirdParty,
    Authority,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the standard is fixed and the snapshot is for people")]
struct CountryCodes {
    /// Always ISO 3166-1 alpha-2.
    standard: Standard,
    /// The edition of the table.
    snapshot: Day,
}

#[derive(Deserialize, JsonSchema)]
enum Standard {
    #[serde(rename = "ISO 3166-1 alpha-2")]
    Alpha2,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "names and identifiers are for people")]
struct WireParty {
    /// Begins with `#`.
    #[schemars(regex(pattern = "^#[A-Za-z0-9._-]+$"))]
    id: Id,
    /// For people.
    #[schemars(length(min = 1))]
    legal_name: String,
    kind: Option<PartyKind>,
    #[serde(default)]
    identifiers: Vec<Identifier>,
    /// Under whose law it exists.
    registered_in: Option<WirePlace>,
    headquarters: Option<WirePlace>,
    principal_place_of_business: Option<WirePlace>,
    /// Who is at the end of the chain of its owners; itself, if nobody owns it.
    ultimate_parent: Option<Id>,
    /// Who has a share in it.
    #[serde(default)]
    owners: Vec<WireOwner>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PartyKind {
    LegalEntity,
    NaturalPerson,
    State,
    OpenSourceProject,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "for people and for looking them up elsewhere")]
struct Identifier {
    scheme: IdentifierScheme,
    value: String,
}

#[derive(Deserialize, JsonSchema)]
enum IdentifierScheme {
    #[serde(rename = "LEI")]
    Lei,
    #[serde(rename = "DUNS")]
    Duns,
    #[serde(rename = "CAGE")]
    Cage,
    #[serde(rename = "VAT")]
    Vat,
    #[serde(rename = "NTR")]
    Ntr,
    #[serde(rename = "EUID")]
    Euid,
    #[serde(rename = "domain")]
    Domain,
    #[serde(rename = "other")]
    Other,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "any interest counts, however small; the rest is for people")]
struct WireOwner {
    party: Id,
    interest: Option<Interest>,
    #[schemars(range(min = 0, max = 100))]
    percent: Option<u8>,
    direct: Option<bool>,
    /// When this was so.
    as_of: Option<Day>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Interest {
    Equity,
    Voting,
    Board,
    Contractual,
    Other,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WirePlace {
    /// ISO 3166-1 alpha-2, upper case. `XX` and `ZZ` are unknown.
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    country: Id,
    /// ISO 3166-2; begins with the country.
    #[schemars(regex(pattern = "^[A-Z]{2}-[A-Z0-9]{1,3}$"))]
    subdivision: Option<Id>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the basis is for people")]
struct WireOrigin {
    stage: Stage,
    /// With the stage `custom`.
    custom_stage: Option<String>,
    /// Are all places listed?
    coverage: Coverage,
    basis: Option<String>,
    /// Where, and by whom.
    locations: Vec<WireLocation>,
    #[serde(default)]
    evidence: Vec<WireEvidence>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Coverage {
    Complete,
    Partial,
    Unknown,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "every place counts, however small its share")]
struct WireLocation {
    place: WirePlace,
    /// One of `parties`.
    performed_by: Option<Id>,
    #[schemars(range(min = 0, max = 100))]
    percent: Option<u8>,
    metric: Option<Metric>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Metric {
    Effort,
    Cost,
    SourceLines,
    Commits,
    Value,
    Unspecified,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "for people; no check follows it")]
struct WireEvidence {
    uri: Option<String>,
    name: Option<String>,
    digest: Digests,
    media_type: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "parts bind by digest; the rest is for people")]
struct WireComponent {
    digest: Digests,
    purl: Option<String>,
    bom_link: Option<String>,
    #[serde(default)]
    origins: Vec<WireOrigin>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "declarations in words are for people")]
struct WireStatement {
    regime: String,
    regime_version: Option<String>,
    claim: String,
    #[serde(default)]
    countries: Vec<Id>,
    value: Truth,
    basis: String,
    #[serde(default)]
    evidence: Vec<WireEvidence>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Truth {
    True,
    False,
    Unknown,
    Withheld,
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: origin, version 0.1")
}

pub(super) fn read(value: &Json) -> Result<Origin, Reason> {
    let wire: Wire = own::read(SHAPE, value)?;
    let open: Vec<&str> = wire.unknown.iter().chain(&wire.withheld).map(String::as_str).collect();
    if open.iter().any(|pointer| !(pointer.is_empty() || pointer.starts_with('/'))) {
        return Err(SHAPE.wrong("unknown"));
    }
    let ids: BTreeSet<&str> = wire.parties.iter().map(|party| party.id.0.as_str()).collect();
    let is_id = |id: &str| id.strip_prefix('#').is_some_and(|rest| !rest.is_empty());
    if ids.len() != wire.parties.len() || !ids.iter().all(|id| is_id(id)) || !ids.contains(wire.asserted_by.0.as_str())
    {
        return Err(SHAPE.wrong("parties"));
    }
    let mut parties = BTreeMap::new();
    for (index, party) in wire.parties.iter().enumerate() {
        let owned_by = party.owners.iter().map(|owner| &owner.party).chain(&party.ultimate_parent);
        let owners: BTreeSet<String> = owned_by.map(|id| id.0.clone()).collect();
        if owners.iter().any(|owner| !ids.contains(owner.as_str())) {
            return Err(SHAPE.wrong("owners"));
        }
        let seats = [&party.registered_in, &party.headquarters, &party.principal_place_of_business];
        let seats = seats.into_iter().flatten().map(place).collect::<Result<Vec<Option<Place>>, Reason>>()?;
        let registered = party.registered_in.as_ref().map(place).transpose()?.flatten().is_some();
        let undated = party.owners.iter().any(|owner| owner.as_of.is_none());
        let dates = party.owners.iter().filter_map(|owner| owner.as_of).map(|day| day.0);
        let made = OriginParty {
            registered,
            open: is_open(&open, &format!("/parties/{index}")) || seats.iter().any(Option::is_none),
            seats: seats.into_iter().flatten().collect(),
            owners,
            parent_stated: party.ultimate_parent.is_some(),
            // What has no date is as old as the statement.
            owners_as_of: dates.chain(undated.then_some(wire.asserted_on.0)).min(),
        };
        parties.insert(party.id.0.clone(), made);
    }
    let stages = stages(&wire.origins, "/origins", &open, &ids)?;
    let mut components = Vec::new();
    for (index, component) in wire.components.into_iter().enumerate() {
        let of_part = self::stages(&component.origins, &format!("/components/{index}/origins"), &open, &ids)?;
        components.push((component.digest.0, of_part));
    }
    Ok(Origin {
        valid_from: wire.valid_from.map(|instant| instant.0),
        valid_until: wire.valid_until.map(|instant| instant.0),
        asserted_on: wire.asserted_on.0,
        parties,
        stages,
        components,
    })
}

fn stages(
    origins: &[WireOrigin],
    at: &str,
    open: &[&str],
    parties: &BTreeSet<&str>,
) -> Result<Vec<StageClaim>, Reason> {
    let mut stages = Vec::new();
    for (index, origin) in origins.iter().enumerate() {
        if (origin.stage == Stage::Custom) != origin.custom_stage.is_some() {
            return Err(SHAPE.wrong("customStage"));
        }
        let mut complete = origin.coverage == Coverage::Complete
            && !origin.locations.is_empty()
            && !is_open(open, &format!("{at}/{index}"));
        let mut locations = Vec::new();
        for location in &origin.locations {
            if location.performed_by.as_ref().is_some_and(|id| !parties.contains(id.0.as_str())) {
                return Err(SHAPE.wrong("performedBy"));
            }
            match place(&location.place)? {
                Some(place) => locations.push((place, location.performed_by.as_ref().map(|id| id.0.clone()))),
                None => complete = false,
            }
        }
        stages.push(StageClaim { stage: origin.stage, complete, locations });
    }
    Ok(stages)
}

/// Does a pointer name this place, something in it, or something that it is in?
fn is_open(open: &[&str], place: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    open.iter().any(|pointer| within(pointer, place) || within(place, pointer))
}

/// A place; `None` if its code says that it is unknown, or is none of a country.
fn place(wire: &WirePlace) -> Result<Option<Place>, Reason> {
    let country = &wire.country.0;
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(SHAPE.wrong("country"));
    }
    let subdivision = wire.subdivision.as_ref().map(|id| id.0.clone());
    if let Some(subdivision) = &subdivision {
        let rest = subdivision.strip_prefix(country.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let fine = |rest: &str| {
            (1..=3).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        if !rest.is_some_and(fine) {
            return Err(SHAPE.wrong("subdivision"));
        }
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
            read(&statement).unwrap().stages[0].complete
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
        ] {
            assert!(!complete(&change(pointer, value.clone())), "{pointer} {value}");
        }
        assert!(complete(&change("/unknown", json!(["/origins/00", "/origins/1"]))));
    }
}
