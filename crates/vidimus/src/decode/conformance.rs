//! CycloneDX declarations (CDXA) in a report that a certificate cites: does everything that was attested conform, and does every
//! reference lead somewhere?

use std::collections::BTreeMap;

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
    /// References that lead nowhere in the document, or to several elements.
    pub unresolved: u64,
    /// Attestations whose assessor is not stated to be a third party.
    pub own_word: u64,
    /// Members that the format defines as lists, and that are none.
    pub malformed: u64,
}

/// Reads the declarations of a CycloneDX document, at `at`. `None` if it has none.
#[must_use]
pub fn conformance(document: &Json, at: Time) -> Option<Conformance> {
    let declarations = document.get("declarations")?;
    let mut found = Conformance { malformed: u64::from(!declarations.is_object()), ..Conformance::default() };
    let definitions = document.get("definitions").unwrap_or(&Json::Null);
    let mut requirements = Vec::new();
    for standard in list(definitions, "standards", &mut found.malformed) {
        requirements.extend(list(standard, "requirements", &mut found.malformed));
    }
    let requirements = by_ref(requirements);
    let mut named = |name| by_ref(list(declarations, name, &mut found.malformed));
    let (claims, evidence, assessors) = (named("claims"), named("evidence"), named("assessors"));
    let known = Known { requirements, claims, evidence, at };
    for attestation in list(declarations, "attestations", &mut found.malformed) {
        let assessor = attestation.get("assessor").and_then(|name| assessors.one(name));
        if assessor.and_then(|assessor| assessor.get("thirdParty")) != Some(&Json::Bool(true)) {
            found.own_word += 1;
        }
        for mapped in list(attestation, "map", &mut found.malformed) {
            known.look_at(mapped, &mut found);
        }
    }
    Some(found)
}

/// What a document declares, by reference.
struct Known<'a> {
    requirements: Refs<'a>,
    claims: Refs<'a>,
    evidence: Refs<'a>,
    at: Time,
}

impl Known<'_> {
    /// Adds what is wrong with one mapped requirement.
    fn look_at(&self, mapped: &Json, found: &mut Conformance) {
        found.mapped += 1;
        let requirement = mapped.get("requirement").and_then(|name| self.requirements.one(name));
        found.unresolved += u64::from(requirement.is_none());
        found.below += u64::from(!is_one(mapped.pointer("/conformance/score")));
        found.countered += u64::from(!list(mapped, "counterClaims", &mut found.malformed).is_empty());
        let claimed = list(mapped, "claims", &mut found.malformed);
        found.unclaimed += u64::from(claimed.is_empty());
        for claim in claimed {
            let Some(claim) = self.claims.one(claim) else {
                found.unresolved += 1;
                continue;
            };
            found.countered += u64::from(!list(claim, "counterEvidence", &mut found.malformed).is_empty());
            for cited in list(claim, "evidence", &mut found.malformed) {
                match self.evidence.one(cited) {
                    None => found.unresolved += 1,
                    Some(item) => found.expired += u64::from(has_expired(item, self.at)),
                }
            }
        }
    }
}

/// Elements by their `bom-ref`; `None` where several have it, for then it leads nowhere.
struct Refs<'a>(BTreeMap<&'a str, Option<&'a Json>>);

impl<'a> Refs<'a> {
    /// The one element that a reference names.
    fn one(&self, reference: &Json) -> Option<&'a Json> {
        self.0.get(reference.as_str()?).copied().flatten()
    }
}

fn by_ref<'a>(items: impl IntoIterator<Item = &'a Json>) -> Refs<'a> {
    let mut refs = BTreeMap::new();
    for item in items {
        if let Some(name) = item.get("bom-ref").and_then(Json::as_str) {
            refs.entry(name).and_modify(|known| *known = None).or_insert(Some(item));
        }
    }
    Refs(refs)
}

/// A list, empty if it is not there. What is there and is no list holds something that nobody reads.
fn list<'a>(value: &'a Json, name: &str, malformed: &mut u64) -> &'a [Json] {
    match value.get(name) {
        Some(Json::Array(items)) => items,
        Some(_) => {
            *malformed += 1;
            &[]
        }
        None => &[],
    }
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
        for (list, bad) in [("counterClaims", json!({"c1": 1})), ("claims", json!("c1"))] {
            let mut changed = ok.clone();
            changed.pointer_mut(map).unwrap()[list] = bad;
            assert_eq!(conformance(&changed, at).unwrap().malformed, 1, "{list}");
        }
        for list in ["claims", "evidence", "assessors"] {
            // The second has something held against it, and readers differ in which of the two they take.
            let mut twice = ok.clone();
            let items = twice["declarations"][list].as_array_mut().unwrap();
            let mut second = items[0].clone();
            second["counterEvidence"] = json!(["e1"]);
            items.push(second);
            let found = conformance(&twice, at).unwrap();
            assert_eq!(found.unresolved + found.own_word, 1, "{list}: {found:?}");
        }
        let mut countered = ok.clone();
        countered.pointer_mut(map).unwrap()["counterClaims"] = json!(["c1"]);
        assert_eq!(conformance(&countered, at).unwrap().countered, 1);
    }

    /// Each reference is looked up; a search through all elements took seconds for a megabyte.
    #[test]
    fn many_references() {
        let names: Vec<String> = (0..40_000).map(|n| format!("n{n}")).collect();
        let refs = |more: fn(&str) -> Json| names.iter().map(|name| more(name)).collect::<Vec<Json>>();
        let document = json!({
            "definitions": {"standards": [{"requirements": refs(|name| json!({"bom-ref": name}))}]},
            "declarations": {
                "claims": refs(|name| json!({"bom-ref": name, "evidence": [name]})),
                "evidence": refs(|name| json!({"bom-ref": name})),
                "attestations": [{"map": refs(|name| json!({"requirement": name, "claims": [name], "conformance": {"score": 1}}))}],
            },
        });
        let at: Time = "2026-11-23T12:00:00Z".parse().unwrap();
        let found = conformance(&document, at).unwrap();
        assert_eq!(found, Conformance { mapped: 40_000, own_word: 1, ..Conformance::default() });
    }
}
