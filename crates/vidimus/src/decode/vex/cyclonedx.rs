//! What CycloneDX documents say about vulnerabilities (since 1.4): an entry with an analysis is a claim, one without only names a
//! vulnerability of what it affects.

use serde_json::{Map, Value as Json};

use super::severity::Severity;
use super::{Status, Target, VexClaim, name_of_vulnerability, time};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    STATE = "vex.justification-state", Unproven, Signer, ["place"],
        says "{place} has a justification, and does not say that the vulnerability does no harm",
        why "A justification says why something is not affected; beside another state one of the two is wrong (CycloneDX `vulnerabilities.analysis`; CDX-22).",
        fix "Remove the justification, or correct the state.";
}

type Object = Map<String, Json>;

/// Claims of a document in the shape of its version; what is not as the version has it says nothing.
pub(in crate::decode) fn claims(document: &Object, notes: &mut Vec<Reason>) -> Vec<VexClaim> {
    let written = document.get("metadata").and_then(|metadata| metadata.get("timestamp")?.as_str()).and_then(time);
    let list = document.get("vulnerabilities").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let entries = list.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.as_object()?)));
    entries.filter_map(|(index, entry)| claim(entry, format!("/vulnerabilities/{index}"), written, notes)).collect()
}

fn claim(entry: &Object, place: String, written: Option<Time>, notes: &mut Vec<Reason>) -> Option<VexClaim> {
    let text = |map: &Object, member: &str| map.get(member).and_then(Json::as_str).map(str::to_owned);
    let list = |map: &Object, member: &str| map.get(member).and_then(Json::as_array).cloned().unwrap_or_default();
    let says = |map: &Object, member: &str| text(map, member).is_some_and(|text| !text.trim().is_empty());
    let mut names: Vec<String> = text(entry, "id").iter().map(|id| name_of_vulnerability(id)).collect();
    let references = list(entry, "references");
    names.extend(references.iter().filter_map(|other| other.get("id")?.as_str()).map(name_of_vulnerability));
    names.retain(|name| !name.is_empty());
    if names.is_empty() {
        return None;
    }
    let empty = Object::new();
    let analysis = entry.get("analysis").and_then(Json::as_object).unwrap_or(&empty);
    let status = match text(analysis, "state").as_deref() {
        Some("not_affected" | "false_positive") => Some(Status::NotAffected),
        Some("resolved" | "resolved_with_pedigree") => Some(Status::Fixed),
        Some("exploitable") => Some(Status::Affected),
        Some("in_triage") => Some(Status::UnderInvestigation),
        _ => None,
    };
    let justification = says(analysis, "justification");
    if justification && status != Some(Status::NotAffected) {
        notes.push(Reason::new(&STATE).evidence("place", &format!("{place}/analysis")));
    }
    let stated = |map: &Object, member: &str| text(map, member).and_then(|text| time(&text));
    let said = stated(analysis, "lastUpdated").or(stated(analysis, "firstIssued"));
    let severity = list(entry, "ratings").iter().filter_map(rating).max();
    let affects = list(entry, "affects");
    let targets = affects.iter().filter_map(|target| target.get("ref")?.as_str());
    let target = |reference: &str| Target { references: vec![reference.to_owned()], ..Target::default() };
    Some(VexClaim {
        names,
        status,
        justified: justification || says(analysis, "detail"),
        action: !list(analysis, "response").is_empty()
            || ["recommendation", "workaround"].iter().any(|member| says(entry, member)),
        at: said.or(stated(entry, "updated")).or(written),
        severity,
        targets: targets.map(target).collect(),
        place,
    })
}

/// The worse of the word and the number.
fn rating(rating: &Json) -> Option<Severity> {
    let word = rating.get("severity").and_then(Json::as_str).and_then(Severity::parse);
    let score = rating.get("score").filter(|score| score.is_number()).and_then(|s| Severity::parse(&s.to_string()));
    word.max(score)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states() {
        for (analysis, expected) in [
            (json!({"state": "not_affected", "justification": "code_not_present"}), "not_affected justified"),
            (json!({"state": "not_affected", "detail": "not built in"}), "not_affected justified"),
            (json!({"state": "false_positive"}), "not_affected"),
            (json!({"state": "resolved"}), "fixed"),
            (json!({"state": "exploitable", "response": ["update"]}), "affected action"),
            (json!({"state": "in_triage", "justification": "code_not_present"}), "under_investigation justified noted"),
            (json!({}), "named"),
        ] {
            let document = json!({
                "metadata": {"timestamp": "2026-11-01T08:00:00Z"},
                "vulnerabilities": [{
                    "id": "cve-2026-1", "analysis": analysis, "affects": [{"ref": "a"}],
                    "ratings": [{"severity": "low"}, {"score": 7.5, "severity": "medium"}],
                }],
            });
            let mut notes = Vec::new();
            let claims = claims(document.as_object().unwrap_or(&Object::new()), &mut notes);
            let words = claims.iter().map(|claim| {
                assert_eq!((claim.severity, claim.at.is_some()), (Some(Severity::High), true));
                let mut words = claim.status.map_or("named", Status::name).to_owned();
                for (says, word) in
                    [(claim.justified, " justified"), (claim.action, " action"), (!notes.is_empty(), " noted")]
                {
                    if says {
                        words.push_str(word);
                    }
                }
                words
            });
            assert_eq!(words.collect::<Vec<_>>(), [expected], "{analysis}");
        }
    }
}
