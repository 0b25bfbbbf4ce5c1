//! Predicates of our own: delivery, origin, certification, status-list (`docs/formats.md`).
#![allow(dead_code, reason = "members are read to be held against their types")]

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Shape;
use super::types::{Country, Day, Digests, Id, PartyRef, Pointer, Purl, Resource, Some1, Subdivision, Text, Time, Uri};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Delivery {
    product: Purl,
    sequence: u64,
    recipient: Option<Uri>,
    order_ref: Option<Text>,
    created: Option<Time>,
    closed: Option<bool>,
    previous: Option<Resource>,
    supersedes: Option<Vec<Resource>>,
    evidence: Option<Vec<Evidence>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evidence {
    path: Text,
    digest: Digests,
}

impl Shape for Delivery {
    fn whole(&self) -> Result<(), String> {
        if self.sequence == 0 {
            return Err("sequence: sequences begin with 1".to_owned());
        }
        if self.closed == Some(false) {
            return Err("closed: a delivery is closed".to_owned());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Origin {
    asserted_by: PartyRef,
    capacity: Capacity,
    asserted_on: Time,
    valid_from: Option<Time>,
    valid_until: Option<Time>,
    supersedes: Option<Vec<Digests>>,
    country_codes: Codes,
    parties: Some1<Party>,
    origins: Some1<Stage>,
    components: Option<Vec<Component>>,
    statements: Option<Vec<RegimeClaim>>,
    unknown: Option<Vec<Pointer>>,
    withheld: Option<Vec<Pointer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Capacity {
    #[serde(rename = "self")]
    Itself,
    SupplierOfSubject,
    ThirdParty,
    Authority,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    standard: Standard,
    snapshot: Day,
}

#[derive(Deserialize)]
enum Standard {
    #[serde(rename = "ISO 3166-1 alpha-2")]
    Iso,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    country: Country,
    subdivision: Option<Subdivision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Party {
    id: PartyRef,
    legal_name: Text,
    kind: Option<PartyKind>,
    identifiers: Option<Vec<Identifier>>,
    registered_in: Option<Place>,
    headquarters: Option<Place>,
    principal_place_of_business: Option<Place>,
    ultimate_parent: Option<PartyRef>,
    owners: Option<Vec<Owner>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PartyKind {
    LegalEntity,
    NaturalPerson,
    State,
    OpenSourceProject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identifier {
    scheme: IdentifierScheme,
    value: Text,
}

#[derive(Deserialize)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Owner {
    party: PartyRef,
    interest: Option<Interest>,
    percent: Option<Percent>,
    direct: Option<bool>,
    as_of: Option<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Interest {
    Equity,
    Voting,
    Board,
    Contractual,
    Other,
}

#[derive(Deserialize)]
#[serde(try_from = "u8")]
struct Percent(u8);

impl TryFrom<u8> for Percent {
    type Error = &'static str;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        if value <= 100 { Ok(Self(value)) } else { Err("more than 100 per cent") }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Stage {
    stage: StageName,
    custom_stage: Option<Text>,
    coverage: Coverage,
    basis: Option<Text>,
    locations: Vec<Location>,
    evidence: Option<Vec<Document>>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum StageName {
    Designed,
    Developed,
    Built,
    Tested,
    Manufactured,
    Assembled,
    Trained,
    Hosted,
    Operated,
    Maintained,
    Supplied,
    Custom,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Coverage {
    Complete,
    Partial,
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Location {
    place: Place,
    performed_by: Option<PartyRef>,
    percent: Option<Percent>,
    metric: Option<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Metric {
    Effort,
    Cost,
    SourceLines,
    Commits,
    Value,
    Unspecified,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document {
    digest: Digests,
    uri: Option<Uri>,
    name: Option<Text>,
    media_type: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Component {
    digest: Digests,
    purl: Option<Purl>,
    bom_link: Option<Uri>,
    origins: Option<Vec<Stage>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RegimeClaim {
    regime: Text,
    regime_version: Option<Text>,
    claim: Text,
    countries: Option<Vec<Country>>,
    value: Truth,
    basis: Text,
    evidence: Option<Vec<Document>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Truth {
    True,
    False,
    Unknown,
    Withheld,
}

impl Shape for Origin {
    fn whole(&self) -> Result<(), String> {
        let mut known = BTreeSet::new();
        if let Some(twice) = self.parties.0.iter().find(|party| !known.insert(&party.id)) {
            return Err(format!("parties: two parties are called {}", twice.id.0));
        }
        let of_parties = self.parties.0.iter().flat_map(|party| {
            party.ultimate_parent.iter().chain(party.owners.iter().flatten().map(|owner| &owner.party))
        });
        let stages =
            self.origins.0.iter().chain(self.components.iter().flatten().flat_map(|c| c.origins.iter().flatten()));
        let stages: Vec<&Stage> = stages.collect();
        let of_places = stages.iter().flat_map(|stage| &stage.locations).filter_map(|at| at.performed_by.as_ref());
        if let Some(stranger) = of_parties.chain(of_places).chain([&self.asserted_by]).find(|id| !known.contains(id)) {
            return Err(format!("{} is not one of the parties", stranger.0));
        }
        for stage in stages {
            if (stage.stage == StageName::Custom) != stage.custom_stage.is_some() {
                return Err("origins: `customStage` goes with the stage `custom`, and with no other".to_owned());
            }
            if stage.coverage == Coverage::Complete && stage.locations.is_empty() {
                return Err("origins: coverage is `complete`, and no location is listed".to_owned());
            }
            let whole: u32 = stage.locations.iter().filter_map(|at| at.percent.as_ref()).map(|p| u32::from(p.0)).sum();
            if whole > 100 {
                return Err("origins: the locations of a stage are more than 100 per cent together".to_owned());
            }
        }
        match (&self.valid_from, &self.valid_until) {
            (Some(from), Some(until)) if from.0 >= until.0 => Err("validUntil: not after validFrom".to_owned()),
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Certification {
    scheme: Scheme,
    certificate: Certificate,
    issuer: Issuer,
    laboratory: Option<Laboratory>,
    scope: Scope,
    validity: Validity,
    reports: Option<Vec<Resource>>,
    status_list: Uri,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    id: Id,
    version: Option<Id>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    number: Id,
    level: Option<Id>,
    issued: Option<Time>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuer {
    name: Text,
    jurisdiction: Country,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Laboratory {
    name: Text,
    accreditation: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    product: Purl,
    binding: Binding,
    versions: Option<Vec<Id>>,
    standards: Option<Vec<Text>>,
    coverage: Option<ScopeCoverage>,
    configuration: Option<Vec<Id>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ScopeCoverage {
    Whole,
    Part,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Binding {
    SubjectDigest,
    VersionRange,
    ProcessOnly,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Validity {
    from: Time,
    until: Time,
}

impl Shape for Certification {
    fn whole(&self) -> Result<(), String> {
        if self.validity.from.0 >= self.validity.until.0 {
            return Err("validity: it ends before it begins".to_owned());
        }
        if self.certificate.issued.as_ref().is_some_and(|issued| issued.0 > self.validity.until.0) {
            return Err("certificate.issued: after the end of its validity".to_owned());
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct StatusList {
    list: Uri,
    number: u64,
    this_update: Time,
    next_update: Time,
    previous: Option<Digests>,
    scope: Some1<StatusKind>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
enum StatusKind {
    Digest,
    Key,
    Attestation,
    Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: StatusKind,
    target: Text,
    state: State,
    since: Time,
    effective: Option<Time>,
    reason: Option<Text>,
    owner: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Revoked,
    Suspended,
    Withdrawn,
    Compromised,
}

impl Shape for StatusList {
    fn whole(&self) -> Result<(), String> {
        if self.number == 0 {
            return Err("number: lists are numbered from 1".to_owned());
        }
        if self.this_update.0 >= self.next_update.0 {
            return Err("nextUpdate: not after thisUpdate".to_owned());
        }
        let mut seen = BTreeSet::new();
        for entry in &self.entries {
            if !self.scope.0.contains(&entry.kind) {
                return Err(format!("entries: {:?} is not in the scope of the list", entry.kind));
            }
            if !seen.insert((entry.kind, &entry.target)) {
                return Err(format!("entries: two entries about {}", entry.target.0));
            }
            let digest = |prefix: &str| {
                let hex = entry.target.0.strip_prefix(prefix);
                hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
            };
            let (good, form) = match entry.kind {
                StatusKind::Digest | StatusKind::Attestation => (digest("sha256:"), "sha256:HEX"),
                StatusKind::Key => (digest("spki-sha256:"), "spki-sha256:HEX"),
                StatusKind::Certificate => (true, ""),
            };
            if !good {
                return Err(format!("entries: the target of {:?} is written {form}", entry.kind));
            }
        }
        Ok(())
    }
}
