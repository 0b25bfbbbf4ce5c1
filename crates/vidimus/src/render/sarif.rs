//! The verdict as SARIF 2.1.0: kind pass, fail or open maps the three values exactly, a waiver is a suppression.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::checks::{self, State};
use super::{VerdictFile, escape, escape_json, sarif_message};
use crate::digest::Digest;

/// The verdict as a SARIF log.
#[must_use]
pub fn sarif(file: &VerdictFile) -> Vec<u8> {
    let rows = checks::rows(file);
    let waived: BTreeMap<&str, String> = checks::waivers(file)
        .into_iter()
        .map(|waiver| {
            let said = format!("waiver {}: {} answers for it until {}", waiver.id, waiver.owner, waiver.until);
            (waiver.id, escape(&said))
        })
        .collect();
    let mut ids: Vec<&str> = rows.iter().map(|row| row.rule).collect();
    ids.dedup();
    let rules: Vec<Json> = ids.iter().map(|id| json!({ "id": escape(id) })).collect();
    let results: Vec<Json> = rows
        .iter()
        .map(|row| {
            let (kind, level) = match row.state {
                State::Met => ("pass", None),
                State::Refuted => ("fail", Some("error")),
                State::Unproven | State::Waived => ("open", None),
            };
            let said = match row.sentences().as_slice() {
                [] => format!("{} is met on {}", row.rule, row.place()),
                said => said.join("; "),
            };
            let name = row.names.first().map_or(row.node, String::as_str);
            let logical = json!([{ "name": escape(name), "fullyQualifiedName": escape(row.node), "kind": "resource" }]);
            let locations: Vec<Json> = if row.paths.is_empty() {
                vec![json!({ "logicalLocations": logical })]
            } else {
                let place = |path: &String| {
                    let physical = json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": "DELIVERY" } });
                    json!({ "physicalLocation": physical, "logicalLocations": logical })
                };
                row.paths.iter().map(place).collect()
            };
            let print = Digest::sha256(format!("{}\n{}", row.rule, row.node).as_bytes());
            let mut result = json!({
                "ruleId": escape(row.rule),
                "ruleIndex": ids.iter().position(|id| *id == row.rule),
                "kind": kind,
                "message": { "text": sarif_message(&escape(&said)) },
                "locations": locations,
                "partialFingerprints": { "vidimusRuleAndNode/v1": print.hex() },
                "properties": {
                    "accountable": row.accountable.map(|who| who.name()),
                    "codes": row.reasons.iter().map(|reason| &reason.code).collect::<Vec<_>>(),
                    "evidence": row.support,
                    "way": row.way.as_deref().map(escape),
                },
            });
            let fields = result.as_object_mut().into_iter();
            for fields in fields {
                fields.extend(level.map(|level| ("level".to_owned(), json!(level))));
                let justification =
                    row.waiver.as_deref().map(|id| waived.get(id).cloned().unwrap_or_else(|| escape(id)));
                fields.extend(justification.map(|said| {
                    let entry = json!([{ "kind": "external", "status": "accepted", "justification": said }]);
                    ("suppressions".to_owned(), entry)
                }));
            }
            result
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "vidimus", "rules": rules } },
            "invocations": [{ "executionSuccessful": true }],
            "originalUriBaseIds": { "DELIVERY": { "description": { "text": "the delivery that was judged" } } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "verdict": checks::answer(file),
                "at": file.core.request.at,
                "product": file.core.request.product,
                "policy": { "id": escape(&file.core.inputs.policy.id), "version": file.core.inputs.policy.version },
                "coreSha256": file.core_sha256,
                "decisionSha256": file.decision_sha256,
            },
        }],
    });
    let mut text = escape_json(&serde_json::to_string_pretty(&log).unwrap_or_default());
    text.push('\n');
    text.into_bytes()
}

/// A relative URI reference (RFC 3986) for a path.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_uris() {
        for (path, uri) in [("bin/a b", "bin/a%20b"), ("a.tar!/x@1", "a.tar%21/x%401"), ("å", "%C3%A5")] {
            assert_eq!(super::uri(path), uri);
        }
    }
}
