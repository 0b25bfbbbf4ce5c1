//! What a scanner found: the in-toto predicate `vulns` v0.1 and v0.2 (`in-toto/attestation`, `spec/predicates/vulns_02.md`). The text of
//! v0.1 has each result inside of a member `vulnerability`, its example has not; both are read.

use serde_json::Value as Json;

use super::severity::Severity;
use super::{Reader, name_of_vulnerability};
use crate::reason::Reason;
use crate::time::Time;

/// Predicate types.
pub(in crate::decode) const TYPES: [&str; 2] =
    ["https://in-toto.io/attestation/vulns/v0.1", "https://in-toto.io/attestation/vulns/v0.2"];

const READ: Reader = Reader("vulnerability scan");

/// Results of one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// `scanner.uri`.
    pub scanner: String,
    /// `scanner.db.lastUpdate`: how old the knowledge was.
    pub database: Time,
    /// `metadata.scanFinishedOn`.
    pub finished: Time,
    /// By name: how bad it is, at most; `None` where nobody says so, or somebody in a way that cannot be read.
    pub found: Vec<(String, Option<Severity>)>,
}

pub(super) fn read(value: &Json) -> Result<Scan, Reason> {
    let predicate = READ.object(value, "")?;
    let scanner = READ.need_object(predicate, "scanner", "")?;
    let database = READ.need_object(scanner, "db", "/scanner")?;
    let metadata = READ.need_object(predicate, "metadata", "")?;
    let need_time = |map, member: &str, place: &str| {
        READ.time(map, member, place)?.ok_or_else(|| READ.missing(&format!("{place}/{member}")))
    };
    READ.need(scanner, "result", "/scanner")?;
    let mut found = Vec::new();
    for (index, result) in READ.list(scanner, "result", "/scanner")?.iter().enumerate() {
        let place = format!("/scanner/result/{index}");
        let result = READ.object(result, &place)?;
        let result = match result.get("vulnerability") {
            Some(inner) => READ.object(inner, &format!("{place}/vulnerability"))?,
            None => result,
        };
        let name = name_of_vulnerability(READ.need_text(result, "id", &place)?);
        let mut scores = Vec::new();
        for (item, stated) in READ.list(result, "severity", &place)?.iter().enumerate() {
            let place = format!("{place}/severity/{item}");
            let score = READ.need_text(READ.object(stated, &place)?, "score", &place)?;
            scores.push(Severity::parse(score));
        }
        found.push((name, Severity::worst(scores)));
    }
    Ok(Scan {
        scanner: READ.need_text(scanner, "uri", "/scanner")?.to_owned(),
        database: need_time(database, "lastUpdate", "/scanner/db")?,
        finished: need_time(metadata, "scanFinishedOn", "/metadata")?,
        found,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    #[test]
    fn scans() {
        let ok = json!({
            "scanner": {
                "uri": "pkg:github/aquasecurity/trivy@0.19.2",
                "db": {"lastUpdate": "2021-08-06T17:45:50.52Z"},
                "result": [
                    {"id": "CVE-1", "severity": [{"method": "nvd", "score": "medium"}, {"method": "cvss_score", "score": "8.1"}]},
                    {"vulnerability": {"id": "ghsa-2", "severity": [{"method": "x", "score": "?"}]}},
                    {"id": "CVE-3", "severity": [{"method": "nvd", "score": "low"}, {"method": "cvss", "score": "CVSS:3.1/AV:N"}]},
                ],
            },
            "metadata": {"scanStartedOn": "2021-08-06T17:45:50.52Z", "scanFinishedOn": "2021-08-06T17:50:50.52Z"},
        });
        let scan = read(&ok).unwrap();
        assert_eq!(
            scan.found,
            [("CVE-1".to_owned(), Some(Severity::High)), ("GHSA-2".to_owned(), None), ("CVE-3".to_owned(), None)]
        );
        let with = |pointer: &str, value: Json| {
            let mut scan = ok.clone();
            *scan.pointer_mut(pointer).unwrap() = value;
            scan
        };
        for (scan, expected) in [
            (with("/scanner/result", json!([])), "ok"),
            (with("/scanner/result", Json::Null), "vex.wrong /scanner/result"),
            (with("/scanner/result/0", json!("CVE-1")), "vex.wrong /scanner/result/0"),
            (with("/scanner/result/0/id", json!("")), "vex.wrong /scanner/result/0/id"),
            (with("/scanner/result/0", json!({})), "vex.missing /scanner/result/0/id"),
            (with("/scanner/result/0/severity", json!("high")), "vex.wrong /scanner/result/0/severity"),
            (with("/scanner/db", json!({})), "vex.missing /scanner/db/lastUpdate"),
            (with("/scanner/uri", json!(1)), "vex.wrong /scanner/uri"),
            (with("/metadata", json!({})), "vex.missing /metadata/scanFinishedOn"),
            (with("/metadata/scanFinishedOn", json!("yesterday")), "vex.wrong /metadata/scanFinishedOn"),
            (json!([]), "vex.wrong /"),
            (json!({}), "vex.missing /scanner"),
        ] {
            let found = read(&scan)
                .map_or_else(|reason| format!("{} {}", reason.code(), reason.args()["place"]), |_| "ok".to_owned());
            assert_eq!(found, expected);
        }
    }
}
