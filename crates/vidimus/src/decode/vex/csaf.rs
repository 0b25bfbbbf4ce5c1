//! CSAF 2.0, profile 5 (VEX): OASIS Common Security Advisory Framework 2.0, clauses 3 and 4.5. What is read is what claims rest on; the
//! mandatory tests that decide their meaning are in `csaf_tests.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

use serde_json::Value as Json;

use super::csaf_tests;
use super::{Budget, Object, Reader, Status, Target, Vex, VexClaim, cost, digests, name_of_vulnerability};
use crate::decode::VERSION;
use crate::reason::Reason;

crate::reasons! {
    PROFILE = "vex.csaf-profile", Unproven, Signer, ["found"],
        says "a CSAF document of the category {found}; only csaf_vex says which products are not affected, and why",
        why "Each category has rules of its own; those of the VEX profile ask for the impact and action statements that claims rest on (CSAF 2.0 clause 4.5; VEX-03).",
        fix "Publish the claims as a document of the category csaf_vex.";
    DRAFT = "vex.draft", Unproven, Signer, ["found"],
        says "the document is a {found}",
        why "A draft is not meant to be acted on (CSAF 2.0 clause 3.2.1.12.7; VEX-03).",
        fix "Deliver the final document.";
}

pub(super) const READ: Reader = Reader("CSAF 2.0");

/// Products by their id.
pub(super) type Products = BTreeMap<String, Target>;

/// Groups of products by their id.
pub(super) type Groups<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Which list of `product_status` says what. `recommended` says nothing about the vulnerability.
pub(super) const LISTS: [(&str, Status); 7] = [
    ("known_not_affected", Status::NotAffected),
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
];

/// How deep branches are nested at most.
const DEPTH: usize = 32;

/// How many products stand inside one another at most, the outermost not counted.
const PARTS: usize = 8;

pub(super) fn read(value: &Json) -> Result<Vex, Reason> {
    let root = READ.object(value, "")?;
    let document = READ.need_object(root, "document", "")?;
    let version = READ.need_text(document, "csaf_version", "/document")?;
    if version != "2.0" {
        return Err(Reason::new(&VERSION).evidence("found", version).name("required", "CSAF 2.0"));
    }
    let category = READ.need_text(document, "category", "/document")?;
    if category != "csaf_vex" {
        return Err(Reason::new(&PROFILE).evidence("found", category));
    }
    READ.need_text(document, "title", "/document")?;
    let publisher = READ.need_object(document, "publisher", "/document")?;
    let author = READ.need_text(publisher, "name", "/document/publisher")?.to_owned();
    READ.need_text(publisher, "namespace", "/document/publisher")?;
    let tracking = READ.need_object(document, "tracking", "/document")?;
    let (id, version) = identity(tracking)?;
    csaf_tests::revisions(tracking)?;
    let place = "/document/tracking";
    let at = READ.time(tracking, "current_release_date", place)?;
    let at = at.ok_or_else(|| READ.missing("/document/tracking/current_release_date"))?;
    let tree = READ.need_object(root, "product_tree", "")?;
    let mut budget = Budget::MAX;
    let products = products(tree, &mut budget)?;
    let groups = groups(tree, &products)?;
    READ.need(root, "vulnerabilities", "")?;
    let vulnerabilities = READ.list(root, "vulnerabilities", "")?;
    if vulnerabilities.is_empty() {
        return Err(csaf_tests::broken("6.1.27.5", "/vulnerabilities"));
    }
    let (mut claims, mut names) = (Vec::new(), BTreeSet::new());
    for (index, vulnerability) in vulnerabilities.iter().enumerate() {
        let place = format!("/vulnerabilities/{index}");
        let vulnerability = READ.object(vulnerability, &place)?;
        let own = claims_of(vulnerability, &products, &groups, &mut budget, &place)?;
        if let Some(cve) = READ.text(vulnerability, "cve", &place)?
            && !names.insert(cve)
        {
            return Err(csaf_tests::broken("6.1.23", &format!("{place}/cve")));
        }
        claims.extend(own.into_iter().map(|claim| VexClaim { at: Some(at), ..claim }));
    }
    Ok(Vex { format: "csaf-2.0".to_owned(), id, version, author, at: Some(at), claims, notes: Vec::new() })
}

/// Id and version of a document that may be acted on.
fn identity(tracking: &Object) -> Result<(String, Vec<u64>), Reason> {
    let place = "/document/tracking";
    READ.word(tracking, "status", place, &["draft", "final", "interim"])?;
    let version = READ.need_text(tracking, "version", place)?;
    if READ.need_text(tracking, "status", place)? == "draft" {
        return Err(Reason::new(&DRAFT).name("found", "draft"));
    }
    // Whole numbers, or semantic versions without pre-release (tests 6.1.17, 6.1.20).
    let plain = version.split('+').next().unwrap_or_default();
    let parts: Option<Vec<u64>> = plain.split('.').map(|part| part.parse().ok()).collect();
    match parts {
        Some(parts) if matches!(parts.len(), 1 | 3) && parts.first() != Some(&0) => {
            Ok((READ.need_text(tracking, "id", place)?.to_owned(), parts))
        }
        _ => Err(READ.wrong("/document/tracking/version", "the version of a released document")),
    }
}

/// Every product that the tree defines, by its id.
fn products(tree: &Object, budget: &mut Budget) -> Result<Products, Reason> {
    let mut products = Products::new();
    let mut define = |product: &Object, place: &str| -> Result<(), Reason> {
        let id = READ.need_text(product, "product_id", place)?;
        READ.need_text(product, "name", place)?;
        let target = target(product, place)?;
        match products.insert(id.to_owned(), target) {
            None => Ok(()),
            Some(_) => Err(csaf_tests::broken("6.1.2", &format!("{place}/product_id"))),
        }
    };
    for (index, product) in READ.list(tree, "full_product_names", "/product_tree")?.iter().enumerate() {
        let place = format!("/product_tree/full_product_names/{index}");
        define(READ.object(product, &place)?, &place)?;
    }
    let mut open: Vec<(&Object, String, usize)> = vec![(tree, "/product_tree".to_owned(), 0)];
    while let Some((branch, place, depth)) = open.pop() {
        if depth > DEPTH {
            return Err(READ.wrong(&place, "nested so deep only as the specification has it"));
        }
        if let Some(product) = branch.get("product") {
            let place = format!("{place}/product");
            define(READ.object(product, &place)?, &place)?;
        }
        for (index, inner) in READ.list(branch, "branches", &place)?.iter().enumerate() {
            let place = format!("{place}/branches/{index}");
            open.push((READ.object(inner, &place)?, place, depth + 1));
        }
    }
    relationships(tree, products, budget)
}

/// Products that are a combination of others: a part of a product is found as such.
fn relationships(tree: &Object, mut products: Products, budget: &mut Budget) -> Result<Products, Reason> {
    let list = READ.list(tree, "relationships", "/product_tree")?;
    let (mut made, mut ids) = (Vec::with_capacity(list.len()), BTreeMap::new());
    for (index, relationship) in list.iter().enumerate() {
        let place = format!("/product_tree/relationships/{index}");
        let relationship = READ.object(relationship, &place)?;
        let product = READ.need_object(relationship, "full_product_name", &place)?;
        let id = READ.need_text(product, "product_id", &format!("{place}/full_product_name"))?;
        let part = READ.need_text(relationship, "product_reference", &place)?;
        let whole = READ.need_text(relationship, "relates_to_product_reference", &place)?;
        let target = target(product, &place)?;
        if products.contains_key(id) || ids.insert(id, index).is_some() {
            return Err(csaf_tests::broken("6.1.2", &format!("{place}/full_product_name/product_id")));
        }
        made.push((id, part, whole, target));
    }
    // A relationship may name another one, which is then resolved first; each is looked at once for each that it waits for.
    let (mut waiting, mut ready) = (BTreeMap::<&str, Vec<usize>>::new(), Vec::new());
    let mut open = Vec::with_capacity(made.len());
    for (index, (_, part, whole, _)) in made.iter().enumerate() {
        let mut missing = 0_usize;
        for name in [*part, *whole] {
            if ids.contains_key(name) {
                waiting.entry(name).or_default().push(index);
                missing += 1;
            } else if !products.contains_key(name) {
                return Err(csaf_tests::broken("6.1.1", "/product_tree/relationships"));
            }
        }
        if missing == 0 {
            ready.push(index);
        }
        open.push(missing);
    }
    let mut resolved = 0_usize;
    while let Some(index) = ready.pop() {
        let Some((id, part, whole, own)) = made.get_mut(index) else { continue };
        let target = if own.is_identified() {
            std::mem::take(own)
        } else {
            let place = format!("/product_tree/relationships/{index}");
            let (Some(inner), Some(outer)) = (products.get(*part), products.get(*whole)) else { continue };
            combined(inner, outer, budget, &place)?
        };
        products.insert((*id).to_owned(), target);
        resolved += 1;
        for waits in waiting.remove(*id).into_iter().flatten() {
            let Some(missing) = open.get_mut(waits) else { continue };
            *missing = missing.saturating_sub(1);
            if *missing == 0 {
                ready.push(waits);
            }
        }
    }
    // What is left waits for itself.
    if resolved < made.len() {
        return Err(csaf_tests::broken("6.1.3", "/product_tree/relationships"));
    }
    Ok(products)
}

/// A product as part of another. Its parts are one flat list from the innermost to the outermost: lists within lists would be as deep
/// as the document has relationships, and whatever copies or drops them would go as deep.
fn combined(inner: &Target, outer: &Target, budget: &mut Budget, place: &str) -> Result<Target, Reason> {
    if inner.parts.len() + outer.parts.len() >= PARTS {
        return Err(READ.wrong(place, "a combination of at most nine products"));
    }
    budget.spend(inner.cost().saturating_add(outer.cost())).ok_or_else(|| READ.too_much(place))?;
    let parts = inner.parts.iter().cloned().chain([inner.whole()]).chain(outer.parts.iter().cloned());
    Ok(Target { parts: parts.collect(), ..outer.whole() })
}

/// What a status of a product is about. That a part of a part does no harm there says nothing about the same part elsewhere in the
/// product, so it is good news about nothing that can be found; bad news is about everything that the product is made of.
fn meant(product: &Target, meaning: Status) -> Target {
    if matches!(meaning, Status::Fixed | Status::NotAffected) && product.parts.len() > 1 {
        return Target::default();
    }
    product.clone()
}

/// What `product_identification_helper` says.
fn target(product: &Object, place: &str) -> Result<Target, Reason> {
    let mut target = Target::default();
    let Some(helper) = product.get("product_identification_helper") else { return Ok(target) };
    let place = format!("{place}/product_identification_helper");
    let helper = READ.object(helper, &place)?;
    if let Some(purl) = READ.text(helper, "purl", &place)? {
        if packageurl::PackageUrl::from_str(purl).is_err() {
            return Err(csaf_tests::broken("6.1.13", &format!("{place}/purl")));
        }
        target.purls.push(purl.to_owned());
    }
    for url in READ.texts(helper, "sbom_urls", &place)? {
        target.add(url);
    }
    for (index, entry) in READ.list(helper, "hashes", &place)?.iter().enumerate() {
        let place = format!("{place}/hashes/{index}");
        let hashes = READ.list(READ.object(entry, &place)?, "file_hashes", &place)?;
        let mut seen = BTreeMap::new();
        for (item, hash) in hashes.iter().enumerate() {
            let place = format!("{place}/file_hashes/{item}");
            let hash = READ.object(hash, &place)?;
            let algorithm = READ.need_text(hash, "algorithm", &place)?;
            if seen.insert(algorithm, READ.need_text(hash, "value", &place)?).is_some() {
                return Err(csaf_tests::broken("6.1.25", &place));
            }
        }
        // Of several files the hashes name the parts, not the product.
        match index {
            0 => target.digests = digests(seen.into_iter()),
            _ => target.digests = crate::digest::DigestSet::default(),
        }
    }
    Ok(target)
}

fn groups<'a>(tree: &'a Object, products: &Products) -> Result<Groups<'a>, Reason> {
    let mut groups = Groups::new();
    for (index, group) in READ.list(tree, "product_groups", "/product_tree")?.iter().enumerate() {
        let place = format!("/product_tree/product_groups/{index}");
        let group = READ.object(group, &place)?;
        let ids = READ.texts(group, "product_ids", &place)?;
        csaf_tests::defined(&ids, products, &format!("{place}/product_ids"))?;
        if groups.insert(READ.need_text(group, "group_id", &place)?, ids).is_some() {
            return Err(csaf_tests::broken("6.1.5", &format!("{place}/group_id")));
        }
    }
    Ok(groups)
}

/// One claim for each product, status and vulnerability.
fn claims_of(
    map: &Object,
    products: &Products,
    groups: &Groups<'_>,
    budget: &mut Budget,
    place: &str,
) -> Result<Vec<VexClaim>, Reason> {
    let mut names: Vec<String> = READ.text(map, "cve", place)?.map(name_of_vulnerability).into_iter().collect();
    for (index, id) in READ.list(map, "ids", place)?.iter().enumerate() {
        let place = format!("{place}/ids/{index}");
        names.push(name_of_vulnerability(READ.need_text(READ.object(id, &place)?, "text", &place)?));
    }
    if names.is_empty() {
        return Err(csaf_tests::broken("6.1.27.8", place));
    }
    let said = csaf_tests::Said::of(map, products, groups, budget, place)?;
    let status = READ.need_object(map, "product_status", place)?;
    let (mut claims, named) = (Vec::new(), cost(&names));
    for (list, meaning) in LISTS {
        let at = format!("{place}/product_status/{list}");
        for id in READ.texts(status, list, &format!("{place}/product_status"))? {
            said.hold(id, list, meaning, &at)?;
            let mut targets = Vec::new();
            if let Some(product) = products.get(id) {
                budget.spend(named.saturating_add(product.cost())).ok_or_else(|| READ.too_much(&at))?;
                targets.push(meant(product, meaning));
            }
            claims.push(VexClaim {
                names: names.clone(),
                status: Some(meaning),
                justified: said.justified.contains(id),
                action: said.remedied.contains(id),
                at: None,
                severity: None,
                targets,
                place: at.clone(),
            });
        }
    }
    if claims.is_empty() {
        return Err(csaf_tests::broken("6.1.27.7", &format!("{place}/product_status")));
    }
    Ok(claims)
}
