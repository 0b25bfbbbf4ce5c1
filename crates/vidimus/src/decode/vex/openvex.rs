//! OpenVEX 0.0.1 and 0.2.0 (`openvex/spec`, `OPENVEX-SPEC.md`). Until 0.0.1 products and vulnerabilities are texts; since 0.2.0 they are
//! objects. The context without a version is of either.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{
    ACTION, Budget, JUSTIFICATION, Object, Parts, Reader, Status, Target, Vex, VexClaim, digests,
    name_of_vulnerability, unknown,
};
use crate::decode::VERSION;
use crate::reason::Reason;
use crate::time::Time;

crate::reasons! {
    NO_VERSION = "vex.no-version", Unproven, Signer, [],
        says "the document states no version",
        why "Of two revisions of a document the one with the higher version counts; without one it is taken for the first (OpenVEX 0.2.0 `version`).",
        fix "State a version, and raise it with every change.";
}

/// How every context begins.
pub(super) const CONTEXT: &str = "https://openvex.dev/ns";

/// Predicate types.
pub(in crate::decode) const TYPES: [&str; 3] =
    ["https://openvex.dev/ns", "https://openvex.dev/ns/v0.0.1", "https://openvex.dev/ns/v0.2.0"];

const READ: Reader = Reader("OpenVEX");

const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

const DOCUMENT: [&str; 9] =
    ["@context", "@id", "author", "role", "timestamp", "last_updated", "version", "tooling", "statements"];

const STATEMENT: [&str; 15] = [
    "@id",
    "version",
    "vulnerability",
    "timestamp",
    "last_updated",
    "products",
    "subcomponents",
    "status",
    "supplier",
    "status_notes",
    "justification",
    "impact_statement",
    "action_statement",
    "action_statement_timestamp",
    "vuln_description",
];

pub(super) fn read(value: &Json) -> Result<Vex, Reason> {
    let document = READ.object(value, "")?;
    let context = READ.need_text(document, "@context", "")?;
    let format = match context.strip_prefix(CONTEXT) {
        Some("") => "openvex",
        Some("/v0.0.1") => "openvex-0.0.1",
        Some("/v0.2.0") => "openvex-0.2.0",
        _ => return Err(Reason::new(&VERSION).evidence("found", context).name("required", "OpenVEX 0.0.1 or 0.2.0")),
    };
    let (mut notes, mut seen) = (Vec::new(), BTreeSet::new());
    unknown(document, &DOCUMENT, "", &mut seen, &mut notes);
    let version = version(document, &mut notes)?;
    let issued = READ.time(document, "timestamp", "")?;
    let at = READ.time(document, "last_updated", "")?.max(issued);
    READ.need(document, "statements", "")?;
    let statements = READ.list(document, "statements", "")?;
    if statements.is_empty() {
        return Err(READ.wrong("/statements", "a list with a statement"));
    }
    let (mut claims, mut budget) = (Vec::with_capacity(statements.len()), Budget::MAX);
    for (index, statement) in statements.iter().enumerate() {
        let place = format!("/statements/{index}");
        let statement = READ.object(statement, &place)?;
        unknown(statement, &STATEMENT, &place, &mut seen, &mut notes);
        claims.push(claim(statement, place, issued, &mut budget)?);
    }
    Ok(Vex {
        format: format.to_owned(),
        id: READ.need_text(document, "@id", "")?.to_owned(),
        version: vec![version],
        author: READ.need_text(document, "author", "")?.to_owned(),
        at,
        claims,
        notes,
    })
}

/// A whole number; in 0.0.1 also as text.
fn version(document: &Object, notes: &mut Vec<Reason>) -> Result<u64, Reason> {
    let number = match document.get("version") {
        None => {
            notes.push(Reason::new(&NO_VERSION));
            return Ok(1);
        }
        Some(Json::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    number.ok_or_else(|| READ.wrong("/version", "a whole number"))
}

fn claim(statement: &Object, place: String, issued: Option<Time>, budget: &mut Budget) -> Result<VexClaim, Reason> {
    let status = match READ.need_text(statement, "status", &place)? {
        "not_affected" => Status::NotAffected,
        "affected" => Status::Affected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        _ => return Err(READ.wrong(&format!("{place}/status"), "one of the four words for a status")),
    };
    READ.word(statement, "justification", &place, &JUSTIFICATIONS)?;
    let says = |member| {
        let text = READ.text(statement, member, &place)?;
        Ok(text.is_some_and(|text| !text.trim().is_empty()))
    };
    let justified = says("justification")? || says("impact_statement")?;
    let action = says("action_statement")?;
    let lacking = |info| Reason::new(info).name("format", READ.0).evidence("place", &place);
    match status {
        Status::NotAffected if !justified => return Err(lacking(&JUSTIFICATION)),
        Status::Affected if !action => return Err(lacking(&ACTION)),
        _ => {}
    }
    // When the information was known to be true; the document's time stands in for it, and a later change counts.
    let known = READ.time(statement, "timestamp", &place)?.or(issued);
    let at = READ.time(statement, "last_updated", &place)?.max(known);
    if at.is_none() {
        return Err(READ.missing(&format!("{place}/timestamp")));
    }
    let mut targets = Vec::new();
    for (index, product) in READ.list(statement, "products", &place)?.iter().enumerate() {
        targets.push(target(product, &format!("{place}/products/{index}"), true)?);
    }
    // 0.0.1 has the parts beside the products.
    let mut parts = Vec::new();
    for (index, part) in READ.list(statement, "subcomponents", &place)?.iter().enumerate() {
        parts.push(target(part, &format!("{place}/subcomponents/{index}"), false)?);
    }
    // Each product has all of them, so what is looked through grows with the product of both lists.
    let cost = parts.iter().map(Target::cost).fold(0, usize::saturating_add).saturating_mul(targets.len());
    budget.spend(cost).ok_or_else(|| READ.too_much(&format!("{place}/subcomponents")))?;
    let parts: Parts = parts.into_iter().collect();
    for target in &mut targets {
        if target.parts.is_empty() {
            target.parts = parts.clone();
        } else {
            target.parts = target.parts.iter().chain(&parts).cloned().collect();
        }
    }
    let names = vulnerability(READ.need(statement, "vulnerability", &place)?, &format!("{place}/vulnerability"))?;
    Ok(VexClaim { names, status: Some(status), justified, action, at, severity: None, targets, place })
}

fn vulnerability(value: &Json, place: &str) -> Result<Vec<String>, Reason> {
    let names = match value {
        Json::String(name) if !name.trim().is_empty() => vec![name.as_str()],
        Json::Object(map) => {
            let mut names = vec![READ.need_text(map, "name", place)?];
            names.extend(READ.texts(map, "aliases", place)?);
            names
        }
        _ => return Err(READ.wrong(place, "a vulnerability")),
    };
    Ok(names.into_iter().map(name_of_vulnerability).collect())
}

fn target(value: &Json, place: &str, is_product: bool) -> Result<Target, Reason> {
    let mut target = Target::default();
    let map = match value {
        Json::String(id) => {
            target.add(id);
            return Ok(target);
        }
        Json::Object(map) => map,
        _ => return Err(READ.wrong(place, "a product")),
    };
    if let Some(id) = READ.text(map, "@id", place)? {
        target.add(id);
    }
    if let Some(identifiers) = map.get("identifiers") {
        let place = format!("{place}/identifiers");
        if let Some(purl) = READ.text(READ.object(identifiers, &place)?, "purl", &place)? {
            target.purls.push(purl.to_owned());
        }
    }
    if let Some(hashes) = map.get("hashes") {
        let place = format!("{place}/hashes");
        let hashes = READ.object(hashes, &place)?;
        if let Some((name, _)) = hashes.iter().find(|(_, value)| !value.is_string()) {
            return Err(READ.wrong(&format!("{place}/{name}"), "text"));
        }
        target.digests = digests(hashes.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))));
    }
    if is_product {
        let parts = READ.list(map, "subcomponents", place)?.iter().enumerate();
        let parts = parts.map(|(index, part)| self::target(part, &format!("{place}/subcomponents/{index}"), false));
        target.parts = parts.collect::<Result<_, _>>()?;
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    fn document() -> Json {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/vex/1", "author": "ACME",
            "timestamp": "2026-11-01T08:00:00Z", "version": 3,
            "statements": [{
                "vulnerability": {"name": "cve-2026-1", "aliases": ["GHSA-x"]}, "status": "not_affected",
                "justification": "component_not_present",
                "products": [{
                    "@id": "pkg:generic/acme/router@4.2.0", "hashes": {"sha-256": "AB".repeat(32)},
                    "identifiers": {"purl": "pkg:deb/acme/router@4.2.0"},
                    "subcomponents": [{"@id": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#zlib"}],
                }],
            }],
        })
    }

    #[test]
    fn what_a_document_says() {
        let vex = read(&document()).unwrap();
        assert_eq!((vex.format.as_str(), vex.version.as_slice(), vex.notes.len()), ("openvex-0.2.0", &[3][..], 0));
        let claim = &vex.claims[0];
        assert_eq!((claim.names.join(" "), claim.status), ("CVE-2026-1 GHSA-X".to_owned(), Some(Status::NotAffected)));
        assert_eq!(claim.at.map(|t| t.to_string()).as_deref(), Some("2026-11-01T08:00:00Z"));
        let target = &claim.targets[0];
        assert_eq!(target.purls, ["pkg:generic/acme/router@4.2.0", "pkg:deb/acme/router@4.2.0"]);
        assert_eq!(target.digests.iter().next(), Some(("sha256", "ab".repeat(32).as_str())));
        assert_eq!(target.parts[0].references.len(), 1);
    }

    #[test]
    fn each_rule_has_its_reason_and_its_place() {
        type Change = fn(&mut Json);
        let remove = |member: &'static str| move |d: &mut Json| drop(d.as_object_mut().unwrap().remove(member));
        let rows: &[(Change, &str)] = &[
            (|_| (), "ok"),
            (|d| d["@context"] = json!("https://openvex.dev/ns"), "ok"),
            (|d| d["@context"] = json!("https://openvex.dev/ns/v9"), "parse.version"),
            (|d| d["statements"] = json!([]), "vex.wrong /statements"),
            (|d| d["version"] = json!("2"), "ok"),
            (|d| d["version"] = json!(1.5), "vex.wrong /version"),
            (|d| d["author"] = json!(""), "vex.wrong /author"),
            (|d| d["statements"][0]["status"] = json!("ok"), "vex.wrong /statements/0/status"),
            (|d| d["statements"][0]["status"] = json!("affected"), "vex.no-action /statements/0"),
            (|d| d["statements"][0]["justification"] = json!("because"), "vex.wrong /statements/0/justification"),
            (
                |d| drop(d["statements"][0].as_object_mut().unwrap().remove("justification")),
                "vex.no-justification /statements/0",
            ),
            (|d| d["statements"][0]["justification"] = Json::Null, "vex.wrong /statements/0/justification"),
            (
                |d| {
                    d["statements"][0]["impact_statement"] = json!("not built in");
                    d["statements"][0].as_object_mut().unwrap().remove("justification");
                },
                "ok",
            ),
            (|d| d["statements"][0]["vulnerability"] = json!({}), "vex.missing /statements/0/vulnerability/name"),
            (|d| d["statements"][0]["vulnerability"] = json!("CVE-1"), "ok"),
            (|d| d["statements"][0]["products"] = json!(["nginx"]), "ok"),
            (|d| d["statements"][0]["products"][0] = json!(1), "vex.wrong /statements/0/products/0"),
            (
                |d| d["statements"][0]["products"][0]["hashes"] = json!({"sha-256": 1}),
                "vex.wrong /statements/0/products/0/hashes/sha-256",
            ),
            (|d| d["statements"][0]["timestamp"] = json!("x"), "vex.wrong /statements/0/timestamp"),
            (|d| drop(d.as_object_mut().unwrap().remove("timestamp")), "vex.missing /statements/0/timestamp"),
            (|d| d["statements"][0]["statement"] = json!("x"), "ok vex.unknown-member"),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let mut document = document();
            change(&mut document);
            let found = match read(&document) {
                Ok(vex) => vex.notes.iter().fold("ok".to_owned(), |all, note| format!("{all} {}", note.code())),
                Err(reason) => match reason.args().get("place") {
                    Some(place) => format!("{} {place}", reason.code()),
                    None => reason.code().to_owned(),
                },
            };
            assert_eq!(found, *expected, "row {index}");
        }
        let mut document = document();
        remove("version")(&mut document);
        assert_eq!(read(&document).unwrap().notes[0].code(), "vex.no-version");
        remove("@id")(&mut document);
        assert_eq!(read(&document).unwrap_err().code(), "vex.missing");
    }

    /// 50 000 products with 50 000 parts each are 2.5 thousand million copies.
    #[test]
    fn products_do_not_multiply_with_parts() {
        let with = |count: usize, statements: usize| {
            let mut document = document();
            document["@context"] = json!("https://openvex.dev/ns/v0.0.1");
            let mut statement = document["statements"][0].clone();
            statement["products"] = vec![json!("pkg:generic/a@1"); count].into();
            statement["subcomponents"] = vec![json!("pkg:generic/b@1"); count].into();
            document["statements"] = vec![statement; statements].into();
            read(&document)
        };
        let refused = with(50_000, 1).unwrap_err();
        assert_eq!(refused.args().get("place").unwrap().to_string(), "/statements/0/subcomponents");
        // Many statements share what one document may cost.
        assert_eq!(with(300, 30).unwrap_err().code(), "vex.wrong");
        let small = with(100, 2).unwrap();
        let targets = &small.claims[1].targets;
        assert_eq!(targets[99].parts.len(), 100);
        // They are one list in memory.
        assert!(std::ptr::eq(&*targets[0].parts, &*targets[99].parts));
    }
}
