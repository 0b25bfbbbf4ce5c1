//! In-toto statements v0.1 and v1 (`in-toto/attestation`, `spec/`). Members that a statement does not have are ignored, as
//! the specification asks.

use serde_json::{Map, Value as Json};

use super::attributes::{self, Attribute};
use super::certification::{self, Certification};
use super::delivery::{self, DeliveryPredicate};
use super::model;
use super::origin::{self, Origin};
use super::provenance::{self, Provenance};
use super::rebuild::{self, RebuildComparison};
use super::release::{self, ReleasePredicate};
use super::sbom::{self, Invalid, Sbom};
use super::shape::Shape;
use super::status::{self, StatusList};
use super::summary::{self, Summary};
use super::vex::{self, Scan, Vex};
use crate::digest::DigestSet;
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    TYPE = "evidence.type", Unproven, Signer, ["found"],
        says "a document of type {found}, which is not a statement that is read",
        why "The exact types that are read are listed; a document of another type could mean anything by the same members (T14).",
        fix "Deliver in-toto statements of type https://in-toto.io/Statement/v1 or https://in-toto.io/Statement/v0.1.";
}

/// `_type` of the statements that are read.
pub(super) const TYPES: [&str; 2] = ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

const SHAPE: Shape = Shape("in-toto statement");

/// An in-toto Statement v0.1 or v1.
#[derive(Clone, Debug)]
pub struct Statement {
    /// `_type`, one of the two exact URIs.
    pub statement_type: String,
    /// `subject`, at least one.
    pub subjects: Vec<Subject>,
    /// `predicateType`.
    pub predicate_type: String,
    /// What we understand of the predicate.
    pub predicate: Predicate,
}

/// One subject of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `name`; it never binds.
    pub name: String,
    /// `digest`.
    pub digest: DigestSet,
}

/// A predicate that we read, or the fact that we do not.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// SLSA provenance v0.2 or v1.
    Provenance(Box<Provenance>),
    /// Our delivery statement.
    Delivery(DeliveryPredicate),
    /// The in-toto release predicate.
    Release(ReleasePredicate),
    /// The files of a model.
    Model(Vec<Subject>),
    /// Who says which vulnerabilities affect what.
    Vex(Box<Vex>),
    /// What a vulnerability scanner found.
    Scan(Box<Scan>),
    /// A rebuilder's comparison of its build with the delivered one.
    Rebuild(Box<RebuildComparison>),
    /// What a verifier found.
    Summary(Box<Summary>),
    /// A certificate of a scheme.
    Certification(Box<Certification>),
    /// Where it comes from.
    Origin(Box<Origin>),
    /// What somebody asserts, attribute by attribute.
    Attributes(Vec<Attribute>),
    /// What does not count any more.
    Status(Box<StatusList>),
    /// An SBOM as predicate.
    Sbom(Box<Sbom>),
    /// An SBOM that breaks the rules of its own format.
    InvalidSbom(Box<Invalid>),
    /// A predicate of a type that no check of ours reads.
    Opaque,
    /// A predicate of a type that we read, in a shape that it must not have.
    Refused(Reason),
}

impl Statement {
    /// What the statement is about: its subjects, or the files that its predicate lists in their stead.
    #[must_use]
    pub fn meant(&self) -> &[Subject] {
        match &self.predicate {
            Predicate::Model(files) => files,
            _ => &self.subjects,
        }
    }
}

pub(super) fn read(value: &Json, limits: &Limits) -> Result<Statement, Reason> {
    let statement = SHAPE.object(value, "_type")?;
    let statement_type = SHAPE.text(statement, "_type")?.unwrap_or_default();
    if !TYPES.contains(&statement_type) {
        let reason = Reason::new(&TYPE);
        return Err(match statement_type {
            "" => reason.name("found", "unknown"),
            other => reason.evidence("found", other),
        });
    }
    let listed = SHAPE.list(statement, "subject")?;
    if listed.is_empty() {
        return Err(SHAPE.wrong("subject"));
    }
    let subjects = listed.iter().map(subject).collect::<Result<Vec<_>, _>>()?;
    let predicate_type = SHAPE.need_text(statement, "predicateType")?.to_owned();
    let predicate = predicate(&predicate_type, statement.get("predicate").unwrap_or(&Json::Null), &subjects, limits);
    Ok(Statement { statement_type: statement_type.to_owned(), subjects, predicate_type, predicate })
}

fn subject(value: &Json) -> Result<Subject, Reason> {
    let subject = SHAPE.object(value, "subject")?;
    let name = SHAPE.text(subject, "name")?.unwrap_or_default().to_owned();
    let digest = digest_set(SHAPE, SHAPE.need_map(subject, "digest")?)?;
    Ok(Subject { name, digest })
}

/// A DigestSet with at least one digest.
pub(super) fn digest_set(shape: Shape, map: &Map<String, Json>) -> Result<DigestSet, Reason> {
    let mut set = DigestSet::default();
    for (name, value) in map {
        let value = value.as_str().ok_or_else(|| shape.wrong("digest"))?;
        set.insert(name, value).map_err(|_| shape.wrong("digest"))?;
    }
    if set.is_empty() { Err(shape.wrong("digest")) } else { Ok(set) }
}

fn predicate(predicate_type: &str, value: &Json, subjects: &[Subject], limits: &Limits) -> Predicate {
    let read = match predicate_type {
        provenance::V02 => provenance::read_v02(value).map(|p| Predicate::Provenance(Box::new(p))),
        provenance::V1 => provenance::read_v1(value).map(|p| Predicate::Provenance(Box::new(p))),
        delivery::TYPE => delivery::read(value).map(Predicate::Delivery),
        release::V01 | release::V02 => release::read(value).map(Predicate::Release),
        rebuild::TYPE => rebuild::read(value).map(|r| Predicate::Rebuild(Box::new(r))),
        model::V1 => model::read(value, subjects),
        summary::VSA => summary::read_vsa(value).map(|s| Predicate::Summary(Box::new(s))),
        summary::SVR => summary::read_svr(value).map(|s| Predicate::Summary(Box::new(s))),
        certification::TYPE => certification::read(value).map(|c| Predicate::Certification(Box::new(c))),
        origin::TYPE => origin::read(value).map(|o| Predicate::Origin(Box::new(o))),
        other if attributes::TYPES.contains(&other) => attributes::read(value).map(Predicate::Attributes),
        status::TYPE => status::read(value, subjects).map(|list| Predicate::Status(Box::new(list))),
        other if vex::OPENVEX_TYPES.contains(&other) => vex::read_openvex(value).map(|v| Predicate::Vex(Box::new(v))),
        other if vex::SCAN_TYPES.contains(&other) => vex::read_scan(value).map(|s| Predicate::Scan(Box::new(s))),
        other if sbom::is_predicate(other) => Ok(match sbom::read_predicate(other, value, limits) {
            Ok(sbom) => Predicate::Sbom(Box::new(sbom)),
            Err(invalid) if invalid.sbom.is_none() => Predicate::Refused(invalid.first()),
            Err(invalid) => Predicate::InvalidSbom(Box::new(invalid)),
        }),
        _ => Ok(Predicate::Opaque),
    };
    read.unwrap_or_else(Predicate::Refused)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    #[test]
    fn statements() {
        let ok = json!({
            "_type": TYPES[1],
            "subject": [{"name": "a", "digest": {"sha256": "00", "gitCommit": "11"}, "uri": "x"}, {"digest": {"md5": "22"}}],
            "predicateType": "https://example.com/p",
            "predicate": {"anything": [1.5]},
            "more": true,
        });
        let with = |member: &str, value: Json| {
            let mut statement = ok.clone();
            statement[member] = value;
            statement
        };
        for (statement, expected) in [
            (ok.clone(), "ok"),
            (with("_type", json!(TYPES[0])), "ok"),
            (with("predicate", Json::Null), "ok"),
            (with("_type", json!("https://in-toto.io/Statement/v1/")), "evidence.type"),
            (with("_type", json!("https://in-toto.io/Statement/v0.9")), "evidence.type"),
            (with("_type", json!("link")), "evidence.type"),
            (with("_type", Json::Null), "evidence.type"),
            (with("_type", json!(1)), "parse.malformed"),
            (with("subject", json!([])), "parse.malformed"),
            (with("subject", Json::Null), "parse.malformed"),
            (with("subject", json!({})), "parse.malformed"),
            (with("subject", json!(["a"])), "parse.malformed"),
            (with("subject", json!([{"name": "a"}])), "parse.malformed"),
            (with("subject", json!([{"name": 1, "digest": {"sha256": "00"}}])), "parse.malformed"),
            (with("subject", json!([{"name": "a", "digest": {}}])), "parse.malformed"),
            (with("subject", json!([{"name": "a", "digest": {"sha256": 1}}])), "parse.malformed"),
            (with("subject", json!([{"name": "a", "digest": ["sha256"]}])), "parse.malformed"),
            (with("predicateType", Json::Null), "parse.malformed"),
            (with("predicateType", json!("")), "parse.malformed"),
            (json!("x"), "parse.malformed"),
        ] {
            let found = read(&statement, &Limits::MAX);
            assert_eq!(found.as_ref().map_or_else(Reason::code, |_| "ok"), expected, "{statement}");
        }
        let read = read(&ok, &Limits::MAX).unwrap();
        assert_eq!(read.subjects.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(read.subjects[0].digest.iter().collect::<Vec<_>>(), [("gitCommit", "11"), ("sha256", "00")]);
        assert!(matches!(read.predicate, Predicate::Opaque));
    }

    #[test]
    fn a_predicate_that_we_read_must_be_readable() {
        for (predicate_type, expected) in [
            (provenance::V02, "refused"),
            (provenance::V1, "refused"),
            (delivery::TYPE, "refused"),
            (release::V01, "refused"),
            (release::V02, "refused"),
            (model::V1, "refused"),
            (rebuild::TYPE, "refused"),
            (summary::VSA, "refused"),
            (summary::SVR, "refused"),
            (status::TYPE, "refused"),
            (certification::TYPE, "refused"),
            (origin::TYPE, "refused"),
            (attributes::TYPES[0], "refused"),
            (attributes::TYPES[1], "refused"),
            ("https://slsa.dev/verification_summary/v0.2", "opaque"),
            ("https://in-toto.io/attestation/svr/v0.1", "opaque"),
            ("https://openvex.dev/ns/v0.2.0", "refused"),
            ("https://openvex.dev/ns/v0.1.0", "opaque"),
            ("https://in-toto.io/attestation/vulns/v0.2", "refused"),
            ("https://cyclonedx.org/bom", "refused"),
            ("https://spdx.dev/Document/v2.3", "refused"),
            ("https://slsa.dev/provenance/v0.1", "opaque"),
            ("https://slsa.dev/provenance/v1/", "opaque"),
            ("https://cyclonedx.org/bomb", "opaque"),
        ] {
            let found = match predicate(predicate_type, &json!({}), &[], &Limits::MAX) {
                Predicate::Refused(_) => "refused",
                Predicate::Opaque => "opaque",
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{predicate_type}");
        }
    }
}
