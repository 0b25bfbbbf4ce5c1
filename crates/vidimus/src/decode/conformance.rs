//! CycloneDX declarations (CDXA) in a report that a certificate cites: does everything that was attested conform, and does every
//! reference lead somewhere?

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::time::Time;

/// What is wrong with the declarations of a report, each kind once, with how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conformance {
    /// Requirements that were mapped; zero is a report that attests nothing.
    pub mapped: u64,
    /// Mapped requirements without a conformance score of exactly 1.
    pub below: u64,
    /// Mapped requirements with claims against them.
    pub countered: u64,
    /// Mapped requirements without a claim.
    pub unclaimed: u64,
    /// Evidence that had expired.
    pub expired: u64,
    /// References that lead nowhere in the document.
    pub unresolved: u64,
    /// Attestations whose assessor is not stated to be a third party.
    pub own_word: u64,
}

/// Reads the declarations of a CycloneDX document, at `at`. `None` if it has none.
#[must_use]
pub fn conformance(document: &Json, at: Time) -> Option<Conformance> {
    let declarations = document.get("declarations")?;
    let list = |value: &'_ Json, name: &str| value.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    let refs = |items: &[Json]| -> BTreeSet<String> {
        items.iter().filter_map(|item| item.get("bom-ref").and_then(Json::as_str)).map(ToOwned::to_owned).collect()
    };
    let standards = document.get("definitions").map(|definitions| list(definitions, "standards")).unwrap_or_default();
    let requirements: Vec<Json> = standards.iter().flat_map(|standard| list(standard, "requirements")).collect();
    let requirements = refs(&requirements);
    let (claims, evidence, assessors) =
        (list(declarations, "claims"), list(declarations, "evidence"), list(declarations, "assessors"));
    let named = |items: &[Json], name: &str| {
        items.iter().find(|item| item.get("bom-ref").and_then(Json::as_str) == Some(name)).cloned()
    };
    let mut found = Conformance::default();
    for attestation in list(declarations, "attestations") {
        let assessor = attestation.get("assessor").and_then(Json::as_str);
        let assessor = assessor.and_then(|name| named(&assessors, name));
        if assessor.and_then(|assessor| assessor.get("thirdParty").cloned()) != Some(Json::Bool(true)) {
            found.own_word += 1;
        }
        for mapped in list(&attestation, "map") {
            found.mapped += 1;
            let requirement = mapped.get("requirement").and_then(Json::as_str).unwrap_or_default();
            found.unresolved += u64::from(!requirements.contains(requirement));
            found.below += u64::from(!is_one(mapped.pointer("/conformance/score")));
            found.countered += u64::from(!list(&mapped, "counterClaims").is_empty());
            let claimed = list(&mapped, "claims");
            found.unclaimed += u64::from(claimed.is_empty());
            for claim in claimed {
                let claim = claim.as_str().and_then(|name| named(&claims, name));
                let Some(claim) = claim else {
                    found.unresolved += 1;
                    continue;
                };
                found.countered += u64::from(!list(&claim, "counterEvidence").is_empty());
                for cited in list(&claim, "evidence") {
                    match cited.as_str().and_then(|name| named(&evidence, name)) {
                        None => found.unresolved += 1,
                        Some(item) => found.expired += u64::from(has_expired(&item, at)),
                    }
                }
            }
        }
    }
    Some(found)
}

/// The number 1, however it is written.
fn is_one(score: Option<&Json>) -> bool {
    score.is_some_and(|score| score.is_number() && matches!(score.to_string().as_str(), "1" | "1.0"))
}

/// An end that cannot be read has passed.
fn has_expired(evidence: &Json, at: Time) -> bool {
    let Some(expires) = evidence.get("expires") else { return false };
    let end = expires.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    end.is_none_or(|end| end.as_second() < at.second())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use serde_json::json;

    use super::*;

    #[test]
    fn declarations() {
        let ok = json!({
            "definitions": {"standards": [{"requirements": [{"bom-ref": "r1"}]}]},
            "declarations": {
                "assessors": [{"bom-ref": "lab", "thirdParty": true}],
                "claims": [{"bom-ref": "c1", "evidence": ["e1"]}],
                "evidence": [{"bom-ref": "e1", "expires": "2027-01-01T00:00:00.5+01:00"}],
                "attestations": [{
                    "assessor": "lab",
                    "map": [{"requirement": "r1", "claims": ["c1"], "conformance": {"score": 1.0}}],
                }],
            },
        });
        let at: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        let fine = Conformance { mapped: 1, ..Conformance::default() };
        assert_eq!(conformance(&ok, at).unwrap(), fine);
        assert_eq!(conformance(&json!({}), at), None);
        let map = "/declarations/attestations/0/map/0";
        for (pointer, value, expected) in [
            (format!("{map}/conformance/score"), json!(0.99), Conformance { below: 1, ..fine.clone() }),
            (format!("{map}/conformance/score"), json!("1"), Conformance { below: 1, ..fine.clone() }),
            (format!("{map}/requirement"), json!("r2"), Conformance { unresolved: 1, ..fine.clone() }),
            (format!("{map}/claims"), json!([]), Conformance { unclaimed: 1, ..fine.clone() }),
            (format!("{map}/claims/0"), json!("c2"), Conformance { unresolved: 1, ..fine.clone() }),
            (
                "/declarations/claims/0/evidence/0".to_owned(),
                json!("e2"),
                Conformance { unresolved: 1, ..fine.clone() },
            ),
            (
                "/declarations/evidence/0/expires".to_owned(),
                json!("2026-11-23T11:59:59Z"),
                Conformance { expired: 1, ..fine.clone() },
            ),
            ("/declarations/evidence/0/expires".to_owned(), json!("never"), Conformance { expired: 1, ..fine.clone() }),
            (
                "/declarations/assessors/0/thirdParty".to_owned(),
                json!(false),
                Conformance { own_word: 1, ..fine.clone() },
            ),
            ("/declarations/attestations".to_owned(), json!([]), Conformance::default()),
        ] {
            let mut changed = ok.clone();
            *changed.pointer_mut(&pointer).unwrap() = value;
            assert_eq!(conformance(&changed, at).unwrap(), expected, "{pointer}");
        }
        let mut countered = ok.clone();
        countered.pointer_mut(map).unwrap()["counterClaims"] = json!(["c1"]);
        assert_eq!(conformance(&countered, at).unwrap().countered, 1);
    }
}
