//! `urn:vidimus:attestation:certification:v0.1`: a certificate of a scheme, about these files or this product
//! (`docs/predicates/certification.md`).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::own::{self, Country, Digests, Id, Instant};
use super::shape::Shape;
use crate::digest::DigestSet;
use crate::reason::Reason;
use crate::time::Time;

/// Its predicate type.
pub(super) const TYPE: &str = "urn:vidimus:attestation:certification:v0.1";

const SHAPE: Shape = Shape("certification predicate");

/// A certificate of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// `scheme.id`.
    pub scheme: String,
    /// `scheme.version`: the edition of the scheme.
    pub edition: Option<String>,
    /// `certificate.number`.
    pub number: String,
    /// `certificate.level`.
    pub level: Option<String>,
    /// `certificate.issued`; without it, it was issued when its validity begins.
    pub issued: Option<Time>,
    /// `issuer.jurisdiction`.
    pub jurisdiction: String,
    /// `laboratory.accreditation`.
    pub laboratory: Option<String>,
    /// `scope`.
    pub scope: Scope,
    /// `validity.from`.
    pub from: Time,
    /// `validity.until`, its last instant.
    pub until: Time,
    /// `reports`, by digest.
    pub reports: Vec<DigestSet>,
    /// `statusList`: the list on which it would stand if it were taken back.
    pub status_list: String,
}

impl Certification {
    /// As status lists name it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.scheme, self.number)
    }
}

/// What was certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Package URL.
    pub product: String,
    /// How it is bound.
    pub binding: ScopeBinding,
    /// Versions beside that of `product` that it covers by its own word, exact.
    pub versions: BTreeSet<String>,
    /// The standards that it was held against, with their editions.
    pub standards: BTreeSet<String>,
    /// Only a part of the product was looked at.
    pub part: bool,
    /// The evaluated configuration and environment.
    pub configuration: BTreeSet<String>,
}

/// How a certificate is bound to what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeBinding {
    /// To the bytes of the statement's subjects.
    SubjectDigest,
    /// To versions of a product.
    VersionRange,
    /// To how the vendor works; to no product.
    ProcessOnly,
}

impl ScopeBinding {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubjectDigest => "subject-digest",
            Self::VersionRange => "version-range",
            Self::ProcessOnly => "process-only",
        }
    }
}

/// The predicate as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Wire {
    /// The scheme under which it was issued.
    scheme: WireScheme,
    /// The certificate.
    certificate: WireCertificate,
    /// Who issued it.
    issuer: WireIssuer,
    /// Who evaluated.
    laboratory: Option<WireLaboratory>,
    /// What was certified.
    scope: WireScope,
    /// From when until when it is valid, both ends included.
    validity: WireValidity,
    /// The reports that it rests on.
    #[serde(default)]
    reports: Vec<WireReport>,
    /// The status list on which it would stand if it were taken back.
    status_list: Id,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireScheme {
    /// Such as `nesas-ccs-gi`.
    id: Id,
    /// Its edition.
    version: Option<Id>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireCertificate {
    /// Its number, unique within the scheme.
    number: Id,
    /// Its assurance level, in the scheme's words.
    level: Option<Id>,
    /// When it was issued; without it the beginning of its validity.
    issued: Option<Instant>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireIssuer {
    /// For people.
    #[expect(dead_code, reason = "who signed is the policy's word, never the document's")]
    name: String,
    /// ISO 3166-1 alpha-2.
    jurisdiction: Country,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireLaboratory {
    /// For people.
    #[expect(dead_code, reason = "its accreditation names it")]
    name: String,
    /// The number of its accreditation.
    accreditation: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireScope {
    /// Package URL of what was certified.
    product: Id,
    /// How it is bound.
    binding: ScopeBinding,
    /// Further versions that it covers by its own word, such as by a maintenance report; exact.
    #[serde(default)]
    versions: Vec<Id>,
    /// The standards that it was held against, with their editions.
    #[serde(default)]
    standards: Vec<String>,
    /// Was the whole product looked at, or a part? `whole` if not stated.
    #[serde(default)]
    coverage: Coverage,
    /// The evaluated configuration and environment, each an identifier of the scheme's or the operator's choice.
    #[serde(default)]
    configuration: Vec<Id>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Coverage {
    /// All of it.
    #[default]
    Whole,
    /// Not all of it.
    Part,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WireValidity {
    /// Its first instant.
    from: Instant,
    /// Its last instant.
    until: Instant,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WireReport {
    /// Where it is, for people.
    #[expect(dead_code, reason = "digests bind, addresses do not")]
    uri: Option<String>,
    /// Its digests.
    digest: Digests,
    /// What it is, for people.
    #[expect(dead_code, reason = "what a document is shows in the document")]
    media_type: Option<String>,
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> Json {
    own::schema::<Wire>(TYPE, "in-toto predicate: certification, version 0.1")
}

pub(super) fn read(value: &Json) -> Result<Certification, Reason> {
    let wire: Wire = own::read(SHAPE, value)?;
    let (from, until) = (wire.validity.from.0, wire.validity.until.0);
    if until < from {
        return Err(SHAPE.wrong("validity: it ends before it begins"));
    }
    let issued = wire.certificate.issued.map(|instant| instant.0);
    if issued.is_some_and(|issued| issued > until) {
        return Err(SHAPE.wrong("certificate.issued: after the end of its validity"));
    }
    let ids = |ids: Vec<Id>| ids.into_iter().map(|id| id.0).collect();
    Ok(Certification {
        scheme: wire.scheme.id.0,
        edition: wire.scheme.version.map(|id| id.0),
        number: wire.certificate.number.0,
        level: wire.certificate.level.map(|id| id.0),
        issued,
        jurisdiction: wire.issuer.jurisdiction.0,
        laboratory: wire.laboratory.and_then(|laboratory| laboratory.accreditation),
        scope: Scope {
            product: wire.scope.product.0,
            binding: wire.scope.binding,
            versions: ids(wire.scope.versions),
            standards: wire.scope.standards.into_iter().collect(),
            part: wire.scope.coverage == Coverage::Part,
            configuration: wire.scope.configuration.into_iter().map(|id| id.0).collect(),
        },
        from,
        until,
        reports: wire.reports.into_iter().map(|report| report.digest.0).collect(),
        status_list: wire.status_list.0,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    #[test]
    fn certifications() {
        let ok = json!({
            "scheme": {"id": "nesas-ccs-gi", "version": "2.0"},
            "certificate": {"number": "RHEIN-2026-0193", "level": "substantial"},
            "issuer": {"name": "Zertifizierung Rhein", "jurisdiction": "DE"},
            "laboratory": {"name": "Laboratorio Iberia SL", "accreditation": "ENAC 1187"},
            "scope": {
                "product": "pkg:generic/aurora/5gc-bundle@8.2.1", "binding": "subject-digest",
                "standards": ["3GPP TS 33.117 V18", "3GPP TS 33.512 V18"],
            },
            "validity": {"from": "2026-10-01T00:00:00Z", "until": "2028-09-30T23:59:59Z"},
            "reports": [{"uri": "urn:report:LI-2026-77", "digest": {"sha256": "00"}, "mediaType": "application/pdf"}],
            "statusList": "urn:status:cb-rhein-certs",
        });
        let with = |pointer: &str, value: Json| {
            let mut changed = ok.clone();
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap()[member] = value;
            changed
        };
        for (predicate, accepted) in [
            (ok.clone(), true),
            (with("/reports", json!([])), true),
            (with("/scope/coverage", json!("part")), true),
            (with("/scope/coverage", json!("most")), false),
            (with("/scope/binding", json!("name")), false),
            (with("/validity/until", json!("2026-09-30T23:59:59Z")), false),
            (with("/validity/until", json!("2028-09-30")), false),
            (with("/certificate/issued", json!("2029-01-01T00:00:00Z")), false),
            (with("/certificate/number", json!("")), false),
            (with("/issuer/jurisdiction", json!("Germany")), false),
            (with("/reports/0/digest", json!({})), false),
            (with("/laboratory", Json::Null), false),
            (with("/validThrough", json!("2030-01-01T00:00:00Z")), false),
            (json!({}), false),
        ] {
            assert_eq!(read(&predicate).is_ok(), accepted, "{predicate}");
        }
        assert_eq!(read(&ok).unwrap().name(), "nesas-ccs-gi:RHEIN-2026-0193");
    }
}
