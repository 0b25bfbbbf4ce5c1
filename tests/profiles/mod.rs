//! Acceptance of profiles: for each a document that meets every must, in each format that it admits, and for each must a change
//! after which that rule alone fails. What cannot fail alone is listed with the reason.

mod holes;
mod holes_values;
mod rows_bsi;
mod rows_minimum;
mod rows_provisional;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use vidimus::decode::{Content, Sbom, document};
use vidimus::limits::Limits;
use vidimus::profile::{self, ALL, Context, Elsewhere, Outcome, by_id};
use vidimus_testkit::profile::{cyclonedx, spdx, spdx3, spdx3_element};

/// The document, also one that breaks its own format: profiles are asked all the same.
fn read(value: &Json) -> Box<Sbom> {
    match document(value.to_string().as_bytes(), &Limits::MAX) {
        Content::Sbom(sbom) => sbom,
        Content::InvalidSbom(invalid) => invalid.sbom.unwrap_or_else(|| panic!("{:?}", invalid.reasons)),
        other => panic!("{other:?}"),
    }
}

fn unmet(id: &str, value: &Json, musts: bool) -> Vec<&'static str> {
    let sbom = read(value);
    let answers = by_id(id).unwrap().answers(&sbom, &Context::default());
    let failed: Vec<&str> = answers
        .iter()
        .filter(|answer| matches!(answer.outcome, Outcome::Unmet { .. }) && answer.rule.obligation.fails() == musts)
        .map(|answer| answer.rule.id)
        .collect();
    assert_eq!(profile::is_met(&answers), !musts || failed.is_empty(), "{id}");
    failed
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Format {
    CycloneDx,
    Spdx,
    Spdx3,
}
use Format::{CycloneDx, Spdx, Spdx3};

impl Format {
    fn document(self) -> Json {
        match self {
            CycloneDx => cyclonedx(),
            Spdx => spdx(),
            Spdx3 => spdx3(),
        }
    }
}

/// Which formats each profile admits.
const ADMITS: &[(&str, &[Format])] = &[
    ("bsi-tr-03183-2-v2.0", &[CycloneDx, Spdx, Spdx3]),
    ("bsi-tr-03183-2-v2.1", &[CycloneDx, Spdx3]),
    ("cert-in-2.0", &[CycloneDx, Spdx]),
    ("cisa-2026", &[CycloneDx, Spdx, Spdx3]),
    ("eu-cra", &[CycloneDx, Spdx, Spdx3]),
    ("fsct-3", &[CycloneDx, Spdx, Spdx3]),
    ("ntia-2021", &[CycloneDx, Spdx, Spdx3]),
    ("openchain-telco-1.1", &[Spdx]),
];

#[test]
fn each_profile_has_a_document_that_lacks_nothing_that_it_demands() {
    assert_eq!(ADMITS.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ALL.iter().map(|p| p.id).collect::<Vec<_>>());
    for (id, formats) in ADMITS {
        for format in *formats {
            let value = format.document();
            assert!(matches!(document(value.to_string().as_bytes(), &Limits::MAX), Content::Sbom(_)), "{format:?}");
            assert_eq!(unmet(id, &value, true), [""; 0], "{id} {format:?}");
        }
    }
}

type Change = fn(&mut Json);
/// (profile, format, change, exactly these musts fail).
type Row = (&'static str, Format, Change, &'static [&'static str]);

fn drop_at(value: &mut Json, holder: &str, member: &str) {
    let holder = value.pointer_mut(holder).unwrap_or_else(|| panic!("{holder}"));
    assert!(holder.as_object_mut().unwrap().remove(member).is_some(), "{member}");
}

fn cdx(value: &mut Json, member: &str) {
    drop_at(value, "/components/0", member);
}

fn pkg(value: &mut Json, member: &str) {
    drop_at(value, "/packages/1", member);
}

fn tls<'a>(value: &'a mut Json, id: &str, member: &str) -> &'a mut Json {
    &mut spdx3_element(value, id)[member]
}

fn property(value: &mut Json, name: &str) {
    let list = value.pointer_mut("/components/0/properties").unwrap().as_array_mut().unwrap();
    let before = list.len();
    list.retain(|property| property["name"] != name);
    assert!(list.len() < before, "{name}");
}

fn references(value: &mut Json, kind: &str) {
    let list = value.pointer_mut("/components/0/externalReferences").unwrap().as_array_mut().unwrap();
    list.retain(|reference| reference["type"] != kind);
}

fn annotations(value: &mut Json, name: &str) {
    let list = value.pointer_mut("/packages/1/annotations").unwrap().as_array_mut().unwrap();
    list.retain(|annotation| !annotation["comment"].as_str().unwrap().contains(name));
}

fn relationships(value: &mut Json, keep: fn(&Json) -> bool) {
    value["relationships"].as_array_mut().unwrap().retain(keep);
}

fn rows() -> impl Iterator<Item = &'static Row> {
    rows_minimum::ROWS.iter().chain(rows_bsi::ROWS).chain(rows_provisional::ROWS)
}

/// Musts that no document fails alone, and why.
const NEVER_ALONE: &[(&str, &str)] = &[
    ("NTIA-08", "what is read is SPDX or CycloneDX"),
    ("CISA26-M03", "what is read has a format with a name"),
    ("CISA26-M04", "what is read has a version"),
    ("CISA26-C03", "a missing hash has no algorithm either: with CISA26-C04"),
    ("CRA-01", "what is read is SPDX or CycloneDX"),
    ("OCT11-01", "SPDX 2 is read as JSON and tag-value alone: with OCT11-02"),
    ("OCT11-02", "with OCT11-01"),
    ("BSI21-01", "tested below: an older version lacks other things as well"),
    ("BSI20-01", "tested below: an older version lacks other things as well"),
    ("FSCT-04", "without a primary component nothing says what it needs: with FSCT-10, -12 and -13"),
];

#[test]
fn each_must_has_a_document_that_fails_it_alone() {
    let mut alone: BTreeMap<&str, BTreeSet<Format>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (index, (id, format, change, expected)) in rows().enumerate() {
        let mut value = format.document();
        change(&mut value);
        prune(&mut value);
        let found = unmet(id, &value, true);
        if found != *expected {
            wrong.push(format!("row {index} of {id}, {format:?}: {found:?}, not {expected:?}"));
        }
        if let [rule] = expected {
            alone.entry(rule).or_default().insert(*format);
        }
    }
    let context = Context::default();
    for (id, formats) in ADMITS {
        for rule in by_id(id).unwrap().rules.iter().filter(|rule| rule.obligation.fails()) {
            // What no document can show is not evaluable in all of them.
            let shown = formats.iter().any(|format| {
                let sbom = read(&format.document());
                let answers = by_id(id).unwrap().answers(&sbom, &context);
                answers.iter().any(|answer| answer.rule == rule && answer.outcome.name() == "met")
            });
            let never = NEVER_ALONE.iter().any(|(known, _)| *known == rule.id);
            if alone.contains_key(rule.id) != (shown && !never) {
                wrong.push(format!("{}: a row that fails it alone is missing, or not to be", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A member that was taken is gone, not null.
fn prune(value: &mut Json) {
    match value {
        Json::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune);
        }
        Json::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}

#[test]
fn formats_that_a_profile_does_not_admit() {
    let mut old = cyclonedx();
    old["specVersion"] = json!("1.4");
    for (id, document, rule) in [
        ("bsi-tr-03183-2-v2.1", spdx(), "BSI21-01"),
        ("bsi-tr-03183-2-v2.1", old.clone(), "BSI21-01"),
        ("bsi-tr-03183-2-v2.0", old, "BSI20-01"),
        ("openchain-telco-1.1", cyclonedx(), "OCT11-01"),
        ("openchain-telco-1.1", spdx3(), "OCT11-02"),
    ] {
        assert!(unmet(id, &document, true).contains(&rule), "{id} {rule}");
    }
    let mut no_root = cyclonedx();
    drop_at(&mut no_root, "/metadata", "component");
    assert_eq!(unmet("fsct-3", &no_root, true), ["FSCT-04", "FSCT-10", "FSCT-12", "FSCT-13"]);
}

/// What only should be there is a warning, and never fails.
#[test]
fn recommendations_and_conditions_are_warnings() {
    let rows: &[(&str, Change, &[&str])] = &[
        ("ntia-2021", |_| (), &["NTIA-R3"]),
        ("ntia-2021", |d| cdx(d, "purl"), &["NTIA-04", "NTIA-R3"]),
        ("bsi-tr-03183-2-v2.1", |_| (), &[]),
        ("bsi-tr-03183-2-v2.1", |d| references(d, "source-distribution"), &["BSI21-17", "BSI21-22"]),
        ("bsi-tr-03183-2-v2.1", |d| property(d, "bsi:component:effectiveLicence"), &["BSI21-21"]),
        ("cisa-2026", |_| (), &[]),
        ("cisa-2026", |d| d["compositions"][0]["aggregate"] = json!("incomplete"), &["CISA26-P01"]),
        ("eu-cra", |d| property(d, "cdx:lifecycle:milestone:endOfSupport"), &[]),
        ("eu-cra", |d| drop_at(d, "/metadata/component", "properties"), &["CRA-06"]),
    ];
    for (id, change, expected) in rows {
        let mut value = cyclonedx();
        change(&mut value);
        assert_eq!(unmet(id, &value, false), *expected, "{id}");
    }
}

const BSI21: &str = "bsi-tr-03183-2-v2.1";
/// What BSI asks of components that it calls full, and not of others.
const FULL: [&str; 8] =
    ["BSI21-08", "BSI21-09", "BSI21-10", "BSI21-11", "BSI21-12", "BSI21-13", "BSI21-14", "BSI21-15"];

/// A library of which only a little is said, beside the others, and more about it.
fn beside(more: &Json) -> Json {
    let mut map = json!({"type": "library", "bom-ref": "x", "name": "x", "version": "1", "manufacturer": {"name": "X", "url": ["https://x.example"]}});
    map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut value = cyclonedx();
    value["specVersion"] = json!("1.7");
    value["components"].as_array_mut().unwrap().push(map);
    value
}

fn referring(link: &str) -> Json {
    beside(&json!({"externalReferences": [{"type": "bom", "url": link}]}))
}

fn names(sbom: &Sbom, context: &Context<'_>, name: &str) -> Vec<&'static str> {
    let answers = by_id(BSI21).unwrap().answers(sbom, context);
    let asked = answers.iter().filter(|answer| FULL.contains(&answer.rule.id) && answer.outcome.name() == name);
    asked.map(|answer| answer.rule.id).collect()
}

/// Components that BSI calls identified and logical are asked less, or not at all; a reference exempts from nothing.
#[test]
fn levels_of_detail() {
    assert_eq!(unmet(BSI21, &beside(&json!({"isExternal": true})), true), [""; 0]);
    assert_eq!(unmet(BSI21, &beside(&json!({})), true), FULL);
    let own = referring("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1");
    assert_eq!(unmet(BSI21, &own, true), FULL, "a document is no other document");
    let open = read(&referring("urn:cdx:aaaaaaaa-395b-41f5-a30f-a58921a69b79/1"));
    assert_eq!(names(&open, &Context::default(), "not evaluable"), FULL);
    let logical = beside(
        &json!({"components": [{"type": "library", "bom-ref": "y", "name": "y", "isExternal": true, "version": "1", "manufacturer": {"name": "X", "url": ["https://x.example"]}}]}),
    );
    assert_eq!(unmet(BSI21, &logical, true), ["BSI21-09", "BSI21-10", "BSI21-11"]);
    let of_files = ["BSI21-08", "BSI21-12", "BSI21-13", "BSI21-14", "BSI21-15"];
    assert_eq!(names(&read(&logical), &Context::default(), "not evaluable"), of_files);
}

/// What the other document says counts, and what it lacks is lacking.
#[test]
fn another_document_answers_for_what_refers_to_it() {
    let own = read(&referring("urn:cdx:aaaaaaaa-395b-41f5-a30f-a58921a69b79/1"));
    let node = own.components().find(|node| node.name() == "x").unwrap().id;
    let mut other = cyclonedx();
    for (lacking, expected) in [(false, &[""; 0][..]), (true, &["BSI21-12"])] {
        if lacking {
            for member in ["hashes", "externalReferences"] {
                drop_at(&mut other, "/metadata/component", member);
            }
        }
        let other = read(&other);
        let elsewhere = [Elsewhere { node, sbom: &other, component: other.root().unwrap() }];
        let context = Context { elsewhere: &elsewhere, ..Context::default() };
        assert_eq!(names(&own, &context, "unmet"), expected);
        assert_eq!(names(&own, &context, "not evaluable"), [""; 0]);
    }
}

#[test]
fn what_lacks_something_is_named_and_what_stands_in_its_place_is_counted() {
    let mut value = spdx();
    pkg(&mut value, "versionInfo");
    value["packages"][1]["supplier"] = json!("NOASSERTION");
    let sbom = read(&value);
    let answers = by_id("openchain-telco-1.1").unwrap().answers(&sbom, &Context::default());
    let of = |id: &str| answers.iter().find(|answer| answer.rule.id == id).unwrap().outcome.clone();
    let Outcome::Unmet { lacking: 1, asked: 3, first } = of("OCT11-10") else { panic!("{:?}", of("OCT11-10")) };
    assert_eq!((first[0].name, first[0].place), ("tls", "/packages/1"));
    assert_eq!(of("OCT11-11"), Outcome::Met { instead: 1, findings: vec![("stated to be unknown", 1)] });
    assert!(matches!(of("OCT11-19"), Outcome::NotEvaluable(_)));
}
