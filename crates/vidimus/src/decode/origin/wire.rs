//! The predicate `origin` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Stage;
use crate::decode::own::{Country, Day, Digests, Instant, PartyRef, Percent, Pointer, Some1, Subdivision, Text};

/// The predicate as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "members that no check reads are still members of the format")]
pub(in crate::decode) struct Wire {
    /// Who makes the claim: the id of one of `parties`. Whose key signed decides, never this.
    pub(super) asserted_by: PartyRef,
    /// In which capacity, by its own word.
    pub(super) capacity: Capacity,
    /// When it was made.
    pub(super) asserted_on: Instant,
    /// Not before.
    pub(super) valid_from: Option<Instant>,
    /// Not after.
    pub(super) valid_until: Option<Instant>,
    /// Statements that this one takes the place of, for people.
    #[serde(default)]
    pub(super) supersedes: Vec<Digests>,
    /// The code table.
    pub(super) country_codes: CountryCodes,
    /// Everybody who is named below, each id once.
    pub(super) parties: Some1<WireParty>,
    /// Where and by whom each stage was done.
    pub(super) origins: Some1<WireOrigin>,
    /// The same about parts of the subjects, by digest.
    #[serde(default)]
    pub(super) components: Vec<WireComponent>,
    /// Declarations in the words of a rule or law, for people.
    #[serde(default)]
    pub(super) statements: Vec<WireStatement>,
    /// JSON Pointers to what the author does not know.
    #[serde(default)]
    pub(super) unknown: Vec<Pointer>,
    /// JSON Pointers to what the author does not disclose.
    #[serde(default)]
    pub(super) withheld: Vec<Pointer>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Capacity {
    #[serde(rename = "self")]
    Own,
    SupplierOfSubject,
    ThirdParty,
    Authority,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the standard is fixed and the snapshot is for people")]
pub(super) struct CountryCodes {
    /// Always ISO 3166-1 alpha-2.
    pub(super) standard: Standard,
    /// The edition of the table.
    pub(super) snapshot: Day,
}

#[derive(Deserialize, JsonSchema)]
pub(super) enum Standard {
    #[serde(rename = "ISO 3166-1 alpha-2")]
    Alpha2,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "names and identifiers are for people")]
pub(super) struct WireParty {
    /// Begins with `#`.
    pub(super) id: PartyRef,
    /// For people.
    pub(super) legal_name: Text,
    pub(super) kind: Option<PartyKind>,
    #[serde(default)]
    pub(super) identifiers: Vec<Identifier>,
    /// Under whose law it exists.
    pub(super) registered_in: Option<WirePlace>,
    pub(super) headquarters: Option<WirePlace>,
    pub(super) principal_place_of_business: Option<WirePlace>,
    /// Who is at the end of the chain of its owners; itself, if nobody owns it.
    pub(super) ultimate_parent: Option<PartyRef>,
    /// Who has a share in it.
    #[serde(default)]
    pub(super) owners: Vec<WireOwner>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PartyKind {
    LegalEntity,
    NaturalPerson,
    State,
    OpenSourceProject,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "for people and for looking them up elsewhere")]
pub(super) struct Identifier {
    pub(super) scheme: IdentifierScheme,
    pub(super) value: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) enum IdentifierScheme {
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
pub(super) struct WireOwner {
    pub(super) party: PartyRef,
    pub(super) interest: Option<Interest>,
    pub(super) percent: Option<Percent>,
    pub(super) direct: Option<bool>,
    /// When this was so.
    pub(super) as_of: Option<Day>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Interest {
    Equity,
    Voting,
    Board,
    Contractual,
    Other,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WirePlace {
    /// ISO 3166-1 alpha-2, upper case. `XX` and `ZZ` are unknown.
    pub(super) country: Country,
    /// ISO 3166-2; begins with the country.
    pub(super) subdivision: Option<Subdivision>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the basis is for people")]
pub(super) struct WireOrigin {
    pub(super) stage: Stage,
    /// With the stage `custom`.
    pub(super) custom_stage: Option<String>,
    /// Are all places listed?
    pub(super) coverage: Coverage,
    pub(super) basis: Option<String>,
    /// Where, and by whom.
    pub(super) locations: Vec<WireLocation>,
    #[serde(default)]
    pub(super) evidence: Vec<WireEvidence>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Coverage {
    Complete,
    Partial,
    Unknown,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "every place counts, however small its share")]
pub(super) struct WireLocation {
    pub(super) place: WirePlace,
    /// One of `parties`.
    pub(super) performed_by: Option<PartyRef>,
    pub(super) percent: Option<Percent>,
    pub(super) metric: Option<Metric>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Metric {
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
pub(super) struct WireEvidence {
    pub(super) uri: Option<String>,
    pub(super) name: Option<String>,
    pub(super) digest: Digests,
    pub(super) media_type: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "parts bind by digest; the rest is for people")]
pub(super) struct WireComponent {
    pub(super) digest: Digests,
    pub(super) purl: Option<String>,
    pub(super) bom_link: Option<String>,
    #[serde(default)]
    pub(super) origins: Vec<WireOrigin>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "declarations in words are for people")]
pub(super) struct WireStatement {
    pub(super) regime: String,
    pub(super) regime_version: Option<String>,
    pub(super) claim: String,
    #[serde(default)]
    pub(super) countries: Vec<Country>,
    pub(super) value: Truth,
    pub(super) basis: String,
    #[serde(default)]
    pub(super) evidence: Vec<WireEvidence>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Truth {
    True,
    False,
    Unknown,
    Withheld,
}
