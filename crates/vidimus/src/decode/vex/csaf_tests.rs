//! Mandatory tests of CSAF 2.0 (clause 6.1) on which the meaning of claims rests: what ids mean, what is said about a product, which
//! revision this is. Tests about scores, languages and words for people change no claim and are not among them.

use std::collections::{BTreeMap, BTreeSet};

use super::csaf::{Groups, LISTS, Products, READ};
use super::{ACTION, Budget, JUSTIFICATION, Object, Status};
use crate::reason::Reason;

crate::reasons! {
    TEST = "vex.csaf-test", Unproven, Signer, ["place", "test"],
        says "{place} fails the mandatory test {test} of CSAF 2.0",
        why "The tests say what a document must not contradict itself in: ids that mean nothing or two things, two statuses for one product, another revision than its history has (CSAF 2.0 clause 6.1; VEX-03).",
        fix "Correct the document; the test's number leads to its clause.";
}

/// A test that the document fails.
pub(super) fn broken(test: &'static str, place: &str) -> Reason {
    Reason::new(&TEST).name("test", test).evidence("place", place)
}

/// 6.1.1: every id is defined.
pub(super) fn defined(ids: &[&str], products: &Products, place: &str) -> Result<(), Reason> {
    let missing = ids.iter().position(|id| !products.contains_key(*id));
    missing.map_or(Ok(()), |index| Err(broken("6.1.1", &format!("{place}/{index}"))))
}

/// 6.1.14, 6.1.16, 6.1.22: the history is sorted, each number is there once, and the last is the document's version.
pub(super) fn revisions(tracking: &Object) -> Result<(), Reason> {
    let place = "/document/tracking/revision_history";
    READ.need(tracking, "revision_history", "/document/tracking")?;
    let mut history = Vec::new();
    for (index, revision) in READ.list(tracking, "revision_history", "/document/tracking")?.iter().enumerate() {
        let place = format!("{place}/{index}");
        let revision = READ.object(revision, &place)?;
        let date = READ.time(revision, "date", &place)?.ok_or_else(|| READ.missing(&format!("{place}/date")))?;
        history.push((date, READ.need_text(revision, "number", &place)?, place));
    }
    let mut numbers = BTreeSet::new();
    if let Some((.., place)) = history.iter().find(|(_, number, _)| !numbers.insert(*number)) {
        return Err(broken("6.1.22", place));
    }
    history.sort_by_key(|(date, number, _)| (*date, order(number)));
    if !history.iter().map(|(_, number, _)| order(number)).is_sorted() {
        return Err(broken("6.1.14", place));
    }
    let version = READ.need_text(tracking, "version", "/document/tracking")?;
    // What stands behind `+` says nothing about the order.
    let plain = |text: &str| text.split('+').next().unwrap_or_default().to_owned();
    match history.last() {
        Some((_, number, _)) if plain(number) == plain(version) => Ok(()),
        _ => Err(broken("6.1.16", "/document/tracking/version")),
    }
}

/// Numbers of a version in the order that they count in.
fn order(number: &str) -> Vec<u64> {
    number.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0)).collect()
}

/// What is said about products beside their status.
#[derive(Default)]
pub(super) struct Said<'a> {
    /// Products of which it is said why they are not affected.
    pub(super) justified: BTreeSet<&'a str>,
    /// Products of which it is said what to do.
    pub(super) remedied: BTreeSet<&'a str>,
    products: Option<&'a Products>,
    /// By product, the kinds of status that it has.
    statuses: BTreeMap<&'a str, BTreeSet<Status>>,
}

impl<'a> Said<'a> {
    pub(super) fn of(
        map: &'a Object,
        products: &'a Products,
        groups: &Groups<'a>,
        budget: &mut Budget,
        place: &str,
    ) -> Result<Self, Reason> {
        let mut said = Self { products: Some(products), ..Self::default() };
        let mut flags = BTreeSet::new();
        for (member, test) in [("flags", "6.1.32"), ("threats", ""), ("remediations", "6.1.29")] {
            for (index, entry) in READ.list(map, member, place)?.iter().enumerate() {
                let place = format!("{place}/{member}/{index}");
                let entry = READ.object(entry, &place)?;
                let ids = named(entry, products, groups, budget, &place)?;
                if ids.is_empty() && !test.is_empty() {
                    return Err(broken(test, &place));
                }
                let kind = if member == "flags" { "label" } else { "category" };
                let kind = READ.need_text(entry, kind, &place)?;
                match (member, kind) {
                    ("flags", _) => {
                        if ids.iter().any(|id| !flags.insert(*id)) {
                            return Err(broken("6.1.33", &place));
                        }
                        said.justified.extend(ids);
                    }
                    ("threats", "impact") => said.justified.extend(ids),
                    ("remediations", _) => said.remedied.extend(ids),
                    _ => {}
                }
            }
        }
        let status = READ.need_object(map, "product_status", place)?;
        for (list, meaning) in LISTS {
            for id in READ.texts(status, list, &format!("{place}/product_status"))? {
                said.statuses.entry(id).or_default().insert(meaning);
            }
        }
        Ok(said)
    }

    /// Holds one product of one list against the tests.
    pub(super) fn hold(&self, id: &str, list: &'static str, status: Status, place: &str) -> Result<(), Reason> {
        if !self.products.is_some_and(|products| products.contains_key(id)) {
            return Err(broken("6.1.1", place));
        }
        if self.statuses.get(id).is_some_and(|statuses| statuses.len() > 1) {
            return Err(broken("6.1.6", place));
        }
        let lacking = |info| Err(Reason::new(info).name("format", READ.0).evidence("place", place));
        match status {
            Status::NotAffected if !self.justified.contains(id) => lacking(&JUSTIFICATION),
            // Only products that are known to be affected need an action (6.1.27.10).
            Status::Affected if list == "known_affected" && !self.remedied.contains(id) => lacking(&ACTION),
            _ => Ok(()),
        }
    }
}

/// Products that an entry names, by themselves and by groups (6.1.1, 6.1.4).
fn named<'a>(
    entry: &'a Object,
    products: &Products,
    groups: &Groups<'a>,
    budget: &mut Budget,
    place: &str,
) -> Result<Vec<&'a str>, Reason> {
    let mut ids = READ.texts(entry, "product_ids", place)?;
    defined(&ids, products, &format!("{place}/product_ids"))?;
    let mut seen = BTreeSet::new();
    for (index, group) in READ.texts(entry, "group_ids", place)?.into_iter().enumerate() {
        match groups.get(group) {
            // A group that is named once more adds nothing; one that many entries name is looked through by each of them.
            Some(members) if seen.insert(group) => {
                let cost = members.len().saturating_mul(size_of::<&str>());
                budget.spend(cost).ok_or_else(|| READ.too_much(&format!("{place}/group_ids/{index}")))?;
                ids.extend(members);
            }
            Some(_) => {}
            None => return Err(broken("6.1.4", &format!("{place}/group_ids/{index}"))),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::{Value as Json, json};

    use super::super::csaf::read;
    use super::super::{Status, Target, Vex};

    fn document() -> Json {
        let helper = json!({"purl": "pkg:generic/acme/router@4.2.0", "hashes": [{
            "filename": "routerd", "file_hashes": [{"algorithm": "sha256", "value": "ab".repeat(32)}],
        }]});
        json!({
            "document": {
                "category": "csaf_vex", "csaf_version": "2.0", "title": "ACME VEX",
                "publisher": {"category": "vendor", "name": "ACME", "namespace": "https://acme.example"},
                "tracking": {
                    "id": "ACME-1", "version": "2", "status": "final",
                    "current_release_date": "2026-11-02T08:00:00Z", "initial_release_date": "2026-11-01T08:00:00Z",
                    "revision_history": [
                        {"date": "2026-11-02T08:00:00Z", "number": "2", "summary": "more"},
                        {"date": "2026-11-01T08:00:00Z", "number": "1", "summary": "first"},
                    ],
                },
            },
            "product_tree": {
                "branches": [{"category": "vendor", "name": "ACME", "branches": [{
                    "category": "product_version", "name": "4.2.0",
                    "product": {"name": "Router 4.2.0", "product_id": "R", "product_identification_helper": helper},
                }]}],
                "full_product_names": [{"name": "zlib", "product_id": "Z", "product_identification_helper": {"purl": "pkg:generic/zlib@1.3.1"}}],
                "relationships": [{
                    "category": "default_component_of", "product_reference": "Z", "relates_to_product_reference": "R",
                    "full_product_name": {"name": "zlib in the router", "product_id": "RZ"},
                }],
                "product_groups": [{"group_id": "G", "product_ids": ["R", "RZ"]}],
            },
            "vulnerabilities": [
                {
                    "cve": "CVE-2026-1", "ids": [{"system_name": "x", "text": "x-1"}],
                    "product_status": {"known_not_affected": ["R"], "known_affected": ["RZ"]},
                    "flags": [{"label": "component_not_present", "product_ids": ["R"]}],
                    "remediations": [{"category": "vendor_fix", "details": "update", "product_ids": ["RZ"]}],
                },
                {
                    "cve": "CVE-2026-2", "product_status": {"fixed": ["R"], "under_investigation": ["Z"]},
                },
            ],
        })
    }

    fn said(vex: &Vex) -> Vec<String> {
        let purls = |claim: &super::super::VexClaim| {
            let target = claim.targets.first().cloned().unwrap_or_default();
            let parts = target.parts.iter().flat_map(|part| &part.purls);
            target.purls.iter().chain(parts).map(|purl| purl.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let claims = vex.claims.iter();
        claims.map(|c| format!("{} {} {}", c.names[0], c.status.map_or("", Status::name), purls(c).join("+"))).collect()
    }

    #[test]
    fn what_a_document_says() {
        let vex = read(&document()).unwrap();
        assert_eq!((vex.id.as_str(), vex.version.as_slice()), ("ACME-1", &[2][..]));
        assert_eq!(
            said(&vex),
            [
                "CVE-2026-1 not_affected router@4.2.0",
                "CVE-2026-1 affected router@4.2.0+zlib@1.3.1",
                "CVE-2026-2 fixed router@4.2.0",
                "CVE-2026-2 under_investigation zlib@1.3.1",
            ]
        );
        assert!(vex.claims[0].justified && vex.claims[1].action);
    }

    #[test]
    fn each_test_has_its_place() {
        type Change = fn(&mut Json);
        let rows: &[(Change, &str)] = &[
            (|_| (), "ok"),
            (|d| d["document"]["csaf_version"] = json!("2.1"), "parse.version"),
            (|d| d["document"]["category"] = json!("csaf_base"), "vex.csaf-profile"),
            (|d| d["document"]["tracking"]["status"] = json!("draft"), "vex.draft"),
            (|d| d["document"]["tracking"]["status"] = json!("interim"), "ok"),
            (|d| d["document"]["tracking"]["status"] = json!("done"), "vex.wrong /document/tracking/status"),
            (|d| d["document"]["tracking"]["version"] = json!("0"), "vex.wrong /document/tracking/version"),
            (|d| d["document"]["tracking"]["version"] = json!("1.0.0-rc"), "vex.wrong /document/tracking/version"),
            (|d| d["document"]["tracking"]["version"] = json!("1"), "6.1.16 /document/tracking/version"),
            (
                |d| d["document"]["tracking"]["revision_history"][0]["number"] = json!("1"),
                "6.1.22 /document/tracking/revision_history/1",
            ),
            (
                |d| d["document"]["tracking"]["revision_history"][0]["date"] = json!("2026-10-01T00:00:00Z"),
                "6.1.14 /document/tracking/revision_history",
            ),
            (|d| d["document"]["publisher"] = json!({}), "vex.missing /document/publisher/name"),
            (
                |d| d["product_tree"]["full_product_names"][0]["product_id"] = json!("R"),
                "6.1.2 /product_tree/branches/0/branches/0/product/product_id",
            ),
            (
                |d| d["product_tree"]["relationships"][0]["product_reference"] = json!("RZ"),
                "6.1.3 /product_tree/relationships",
            ),
            (
                |d| d["product_tree"]["relationships"][0]["product_reference"] = json!("X"),
                "6.1.1 /product_tree/relationships",
            ),
            (
                |d| d["product_tree"]["product_groups"][0]["product_ids"][1] = json!("X"),
                "6.1.1 /product_tree/product_groups/0/product_ids/1",
            ),
            (
                |d| {
                    let group = d["product_tree"]["product_groups"][0].clone();
                    d["product_tree"]["product_groups"].as_array_mut().unwrap().push(group);
                },
                "6.1.5 /product_tree/product_groups/1/group_id",
            ),
            (
                |d| d["product_tree"]["full_product_names"][0]["product_identification_helper"]["purl"] = json!("zlib"),
                "6.1.13 /product_tree/full_product_names/0/product_identification_helper/purl",
            ),
            (|d| d["vulnerabilities"] = json!([]), "6.1.27.5 /vulnerabilities"),
            (|d| d["vulnerabilities"][1]["cve"] = json!("CVE-2026-1"), "6.1.23 /vulnerabilities/1/cve"),
            (|d| drop(d["vulnerabilities"][1].as_object_mut().unwrap().remove("cve")), "6.1.27.8 /vulnerabilities/1"),
            (
                |d| d["vulnerabilities"][1]["product_status"] = json!({"recommended": ["R"]}),
                "6.1.27.7 /vulnerabilities/1/product_status",
            ),
            (
                |d| d["vulnerabilities"][1]["product_status"]["fixed"][0] = json!("X"),
                "6.1.1 /vulnerabilities/1/product_status/fixed",
            ),
            (
                |d| d["vulnerabilities"][0]["product_status"]["fixed"] = json!(["R"]),
                "6.1.6 /vulnerabilities/0/product_status/known_not_affected",
            ),
            (
                |d| drop(d["vulnerabilities"][0].as_object_mut().unwrap().remove("flags")),
                "vex.no-justification /vulnerabilities/0/product_status/known_not_affected",
            ),
            (
                |d| {
                    d["vulnerabilities"][0].as_object_mut().unwrap().remove("flags");
                    d["vulnerabilities"][0]["threats"] =
                        json!([{"category": "impact", "details": "gone", "group_ids": ["G"]}]);
                },
                "ok",
            ),
            (
                |d| drop(d["vulnerabilities"][0].as_object_mut().unwrap().remove("remediations")),
                "vex.no-action /vulnerabilities/0/product_status/known_affected",
            ),
            (|d| d["vulnerabilities"][0]["flags"][0]["product_ids"] = json!([]), "6.1.32 /vulnerabilities/0/flags/0"),
            (
                |d| d["vulnerabilities"][0]["remediations"][0]["product_ids"] = json!([]),
                "6.1.29 /vulnerabilities/0/remediations/0",
            ),
            (
                |d| d["vulnerabilities"][0]["flags"][0]["group_ids"] = json!(["H"]),
                "6.1.4 /vulnerabilities/0/flags/0/group_ids/0",
            ),
            (
                |d| {
                    let flag = d["vulnerabilities"][0]["flags"][0].clone();
                    d["vulnerabilities"][0]["flags"].as_array_mut().unwrap().push(flag);
                },
                "6.1.33 /vulnerabilities/0/flags/1",
            ),
        ];
        for (index, (change, expected)) in rows.iter().enumerate() {
            let mut document = document();
            change(&mut document);
            let found = match read(&document) {
                Ok(_) => "ok".to_owned(),
                Err(reason) => {
                    let args = reason.args();
                    let code = args.get("test").map_or_else(|| reason.code().to_owned(), ToString::to_string);
                    args.get("place").map_or_else(|| code.clone(), |place| format!("{code} {place}"))
                }
            };
            assert_eq!(found, *expected, "row {index}");
        }
    }

    fn relate(id: usize, part: &str, whole: &str) -> Json {
        json!({
            "category": "default_component_of", "product_reference": part, "relates_to_product_reference": whole,
            "full_product_name": {"name": "x", "product_id": format!("P{id}")},
        })
    }

    fn refused(document: &Json) -> String {
        let reason = read(document).unwrap_err();
        let args = reason.args();
        let code = args.get("test").map_or_else(|| reason.code().to_owned(), ToString::to_string);
        format!("{code} {}", args["place"])
    }

    /// As parts within parts this overflows the stack when it is copied or dropped.
    #[test]
    fn products_within_products_are_not_nested() {
        let chain = |count: usize| {
            let mut document = document();
            let list = document["product_tree"]["relationships"].as_array_mut().unwrap();
            list.push(relate(0, "RZ", "R"));
            list.extend((1..count).map(|k| relate(k, &format!("P{}", k - 1), "R")));
            document
        };
        assert_eq!(refused(&chain(50_000)), "vex.wrong /product_tree/relationships/8");
        // Up to the limit the list is flat.
        let mut document = chain(7);
        let list = document["product_tree"]["relationships"].as_array_mut().unwrap();
        list.extend([relate(7, "R", "RZ"), relate(8, "R", "P7")]);
        document["vulnerabilities"][1]["product_status"] =
            json!({"fixed": ["P6", "RZ"], "under_investigation": ["P5", "P8"]});
        let vex = read(&document).unwrap();
        let parts = |status| {
            let claims = vex.claims.iter().filter(|c| c.names == ["CVE-2026-2"] && c.status == Some(status));
            let lists =
                claims.map(|c| c.targets[0].parts.iter().map(|part| part.purls[0].as_str()).collect::<Vec<_>>());
            lists.collect::<Vec<_>>()
        };
        let (router, zlib) = ("pkg:generic/acme/router@4.2.0", "pkg:generic/zlib@1.3.1");
        let deep = [vec![zlib], vec![router; 6]].concat();
        // A part of a part is not the part elsewhere, and so is without good news. What a part is in is bad news, too.
        assert_eq!(parts(Status::Fixed), [vec![], vec![zlib]]);
        assert_eq!(parts(Status::UnderInvestigation), [deep, vec![router, router, zlib]]);
        let none = vex.claims.iter().find(|c| c.names == ["CVE-2026-2"] && c.status == Some(Status::Fixed)).unwrap();
        assert_eq!(none.targets, [Target::default()]);
        assert!(vex.claims.iter().flat_map(|c| &c.targets[0].parts).all(|part| part.parts.is_empty()));
    }

    /// In reversed order each round of a reader in rounds resolves one of them.
    #[test]
    fn relationships_in_any_order() {
        let named = |id: usize, whole: &str| {
            let mut one = relate(id, "Z", whole);
            one["full_product_name"]["product_identification_helper"]["purl"] = json!(format!("pkg:generic/p@{id}"));
            one
        };
        let mut document = document();
        let list = document["product_tree"]["relationships"].as_array_mut().unwrap();
        list.extend((1..50_000).rev().map(|k| named(k, &format!("P{}", k - 1))));
        list.push(named(0, "R"));
        document["vulnerabilities"][1]["product_status"]["fixed"] = json!(["P49999"]);
        let vex = read(&document).unwrap();
        assert_eq!(said(&vex)[2], "CVE-2026-2 fixed p@49999");
        let list = document["product_tree"]["relationships"].as_array_mut().unwrap();
        *list.last_mut().unwrap() = named(0, "P49999");
        assert_eq!(refused(&document), "6.1.3 /product_tree/relationships");
    }

    /// A product with much to it, copied for each that it is the whole of, and for each claim.
    #[test]
    fn copies_of_a_product_are_counted() {
        let mut document = document();
        let urls: Vec<String> = (0..20_000).map(|k| format!("urn:cdx:{k}")).collect();
        document["product_tree"]["full_product_names"][0]["product_identification_helper"]["sbom_urls"] = json!(urls);
        let mut claims = document.clone();
        claims["vulnerabilities"][1]["product_status"]["under_investigation"] = vec![json!("Z"); 20_000].into();
        assert_eq!(refused(&claims), "vex.wrong /vulnerabilities/1/product_status/under_investigation");
        let list = document["product_tree"]["relationships"].as_array_mut().unwrap();
        list.extend((0..20_000).map(|k| relate(k, "R", "Z")));
        assert!(refused(&document).starts_with("vex.wrong /product_tree/relationships/"));
    }

    #[test]
    fn groups_do_not_multiply_with_who_names_them() {
        let mut document = document();
        document["product_tree"]["product_groups"][0]["product_ids"] = vec![json!("R"); 50_000].into();
        let impact = json!({"category": "impact", "details": "none", "group_ids": vec!["G"; 50_000]});
        document["vulnerabilities"][0]["threats"] = json!([impact]);
        assert!(read(&document).is_ok());
        let impact = json!({"category": "impact", "details": "none", "group_ids": ["G"]});
        document["vulnerabilities"][0]["threats"] = vec![impact; 50_000].into();
        let place = refused(&document);
        assert!(
            place.starts_with("vex.wrong /vulnerabilities/0/threats/") && place.ends_with("/group_ids/0"),
            "{place}"
        );
    }
}
