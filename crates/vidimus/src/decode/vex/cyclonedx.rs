//! What CycloneDX documents say about vulnerabilities (since 1.4): an entry with an analysis is a claim, one without only names a
//! vulnerability of what it affects.

use std::collections::{BTreeMap, BTreeSet};

use super::severity::Severity;
use super::{Status, Target, VexClaim, name_of_vulnerability, time};
use crate::decode::json::tree::{Json, List, Map};
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    STATE = "vex.justification-state", Unproven, Signer, ["place"],
        says "{place} has a justification, and does not say that the vulnerability does no harm",
        why "A justification says why something is not affected; beside another state one of the two is wrong (CycloneDX `vulnerabilities.analysis`; CDX-22).",
        fix "Remove the justification, or correct the state.";
}

/// Claims of a document in the shape of its version; what is not as the version has it says nothing.
pub(in crate::decode) fn claims(document: Map<'_>, notes: &mut Vec<Reason>) -> Vec<VexClaim> {
    let written = document.get("metadata").and_then(|metadata| metadata.get("timestamp")?.as_str()).and_then(time);
    let list = document.get("vulnerabilities").and_then(Json::as_array).unwrap_or_default();
    let entries = list.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.as_object()?)));
    let versions = if list.is_empty() { BTreeMap::new() } else { versions(document) };
    entries
        .filter_map(|(index, entry)| claim(entry, format!("/vulnerabilities/{index}"), written, notes))
        .flat_map(|(claim, affects)| by_version(claim, affects, &versions))
        .collect()
}

/// Versions of the document's own components, by reference; `None` where two components have one reference.
fn versions(document: Map<'_>) -> BTreeMap<&str, Option<&str>> {
    let mut versions = BTreeMap::new();
    let root = document.get("metadata").and_then(|metadata| metadata.get("component"));
    let mut open: Vec<Json<'_>> = root.into_iter().collect();
    open.extend(list(document, "components"));
    while let Some(component) = open.pop() {
        open.extend(component.get("components").and_then(Json::as_array).unwrap_or_default());
        let Some(reference) = component.get("bom-ref").and_then(Json::as_str) else { continue };
        let version = component.get("version").and_then(Json::as_str);
        versions.entry(reference).and_modify(|known| *known = None).or_insert(version);
    }
    versions
}

/// That it does no harm counts of what is affected in no version, or of the very version that is called unaffected. Of everything else
/// such an entry only names the vulnerability.
fn by_version(claim: VexClaim, affects: List<'_>, versions: &BTreeMap<&str, Option<&str>>) -> Vec<VexClaim> {
    if affects.is_empty() || !matches!(claim.status, Some(Status::Fixed | Status::NotAffected)) {
        return vec![claim];
    }
    // Components of which an item names versions, and does not call their own unaffected.
    let mut open_to_harm: BTreeSet<&str> = BTreeSet::new();
    for item in affects {
        let Some(reference) = item.get("ref").and_then(Json::as_str) else { continue };
        let Some(stated) = item.get("versions") else { continue };
        let own = versions.get(reference).copied().flatten();
        let exact = |entry: &Json<'_>| own.is_some() && entry.get("version").and_then(Json::as_str) == own;
        let mut exact = stated.as_array().unwrap_or_default().iter().filter(exact).peekable();
        let is_unaffected = exact.peek().is_some()
            && exact.all(|entry| entry.get("status").and_then(Json::as_str) == Some("unaffected"));
        if !is_unaffected {
            open_to_harm.insert(reference);
        }
    }
    let is_good = |target: &Target| !target.references.iter().any(|own| open_to_harm.contains(own.as_str()));
    let (good, open): (Vec<Target>, Vec<Target>) = claim.targets.iter().cloned().partition(is_good);
    let named = VexClaim { status: None, targets: open, ..claim.clone() };
    let good = VexClaim { targets: good, ..claim };
    [good, named].into_iter().filter(|claim| !claim.targets.is_empty()).collect()
}

fn claim<'a>(
    entry: Map<'a>,
    place: String,
    written: Option<Time>,
    notes: &mut Vec<Reason>,
) -> Option<(VexClaim, List<'a>)> {
    let text = |map: Map<'_>, member: &str| map.get(member).and_then(Json::as_str).map(str::to_owned);
    let says = |map: Map<'_>, member: &str| text(map, member).is_some_and(|text| !text.trim().is_empty());
    let mut names: Vec<String> = text(entry, "id").iter().map(|id| name_of_vulnerability(id)).collect();
    names.extend(
        list(entry, "references").iter().filter_map(|other| other.get("id")?.as_str()).map(name_of_vulnerability),
    );
    names.retain(|name| !name.is_empty());
    if names.is_empty() {
        return None;
    }
    let analysis = entry.get("analysis").and_then(Json::as_object).unwrap_or_default();
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
    let stated = |map: Map<'_>, member: &str| text(map, member).and_then(|text| time(&text));
    let said = stated(analysis, "lastUpdated").or(stated(analysis, "firstIssued"));
    let severity = Severity::worst(list(entry, "ratings").iter().map(rating));
    let affects = list(entry, "affects");
    let targets = affects.iter().filter_map(|target| target.get("ref")?.as_str());
    let targets: Vec<&str> = targets.filter(|reference| !reference.is_empty()).collect();
    // What is affected and not said lets nobody take the rest, or the whole, for harmless.
    let is_whole = targets.len() == affects.len() && entry.get("affects").is_none_or(Json::is_array);
    let is_good = matches!(status, Some(Status::Fixed | Status::NotAffected));
    let status = status.filter(|_| is_whole || !is_good);
    let target = |reference: &str| Target { references: vec![reference.to_owned()], ..Target::default() };
    let claim = VexClaim {
        names,
        status,
        justified: justification || says(analysis, "detail"),
        action: !list(analysis, "response").is_empty()
            || ["recommendation", "workaround"].iter().any(|member| says(entry, member)),
        at: said.or(stated(entry, "updated")).or(written),
        severity,
        targets: targets.into_iter().map(target).collect(),
        place,
    };
    Some((claim, affects))
}

/// The items of a list member; none if there is none.
fn list<'a>(map: Map<'a>, member: &str) -> List<'a> {
    map.get(member).and_then(Json::as_array).unwrap_or_default()
}

/// The worse of the word and the number; `None` where one that is stated cannot be read, or none is.
fn rating(rating: Json<'_>) -> Option<Severity> {
    let word = rating.get("severity").map(|word| word.as_str().and_then(Severity::parse));
    let score = rating.get("score").map(|score| score.as_number().and_then(|number| Severity::parse(number.text())));
    Severity::worst(word.into_iter().chain(score))
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
            let claims =
                claims(crate::decode::json::Tree::of(&document).root().as_object().unwrap_or_default(), &mut notes);
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
