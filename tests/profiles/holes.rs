//! What only looks like an answer: documents that say nothing where a rule asks, written so that it seems they did. Each row is a
//! complete document of the test kit, one change, and what the rule must answer.

use serde_json::{Value as Json, json};
use vidimus::decode::{Content, Sbom, document};
use vidimus::limits::Limits;
use vidimus::profile::{Context, Outcome, by_id};
use vidimus_testkit::profile::{cyclonedx, spdx, spdx3, spdx3_element};

pub(super) const BSI20: &str = "bsi-tr-03183-2-v2.0";
pub(super) const BSI21: &str = "bsi-tr-03183-2-v2.1";
pub(super) const OWN_LINK: &str = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/3";
pub(super) const OTHER_LINK: &str = "urn:cdx:aaaaaaaa-395b-41f5-a30f-a58921a69b79/1";

pub(super) fn read(value: &Json) -> Box<Sbom> {
    match document(value.to_string().as_bytes(), &Limits::MAX) {
        Content::Sbom(sbom) => sbom,
        Content::InvalidSbom(invalid) => invalid.sbom.unwrap_or_else(|| panic!("{:?}", invalid.reasons)),
        other => panic!("{other:?}"),
    }
}

pub(super) fn outcome(profile: &str, value: &Json, rule: &str) -> String {
    let sbom = read(value);
    let answers = by_id(profile).unwrap().answers(&sbom, &Context::default());
    let answer = answers.iter().find(|answer| answer.rule.id == rule).unwrap_or_else(|| panic!("{rule}"));
    match &answer.outcome {
        Outcome::Met { instead, .. } if *instead > 0 => "met by something else".to_owned(),
        other => other.name().to_owned(),
    }
}

pub(super) type Change = fn(&mut Json);
/// What is changed; a format, as the maker of its document; the change; (profile, rule, answer).
pub(super) type Row = (&'static str, fn() -> Json, Change, &'static [(&'static str, &'static str, &'static str)]);

pub(super) fn hold(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (what, make, change, expected) in rows {
        let mut value = make();
        change(&mut value);
        for (profile, rule, answer) in *expected {
            let found = outcome(profile, &value, rule);
            if found != *answer {
                wrong.push(format!("{what}: {rule} is {found}, not {answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(super) fn part(value: &mut Json) -> &mut Json {
    &mut value["components"][0]
}

pub(super) fn root(value: &mut Json) -> &mut Json {
    &mut value["metadata"]["component"]
}

/// What BSI asks of full components, taken away.
pub(super) fn bare(component: &mut Json) {
    let map = component.as_object_mut().unwrap();
    for member in ["licenses", "hashes", "properties", "externalReferences"] {
        map.remove(member);
    }
}

pub(super) fn refer(component: &mut Json, url: &str) {
    component["externalReferences"] = json!([{"type": "bom", "url": url}]);
}

pub(super) fn property(component: &mut Json, name: &str, value: &str) {
    for entry in component["properties"].as_array_mut().unwrap() {
        if entry["name"] == name {
            entry["value"] = json!(value);
        }
    }
}

/// The router needs nothing, and so do the libraries, which are listed all the same; nobody says how complete that is.
pub(super) fn unreached(value: &mut Json) {
    value.as_object_mut().unwrap().remove("compositions");
    value["dependencies"] = json!([{"ref": "router"}, {"ref": "tls"}, {"ref": "zip"}]);
}

#[test]
fn a_reference_to_another_sbom_is_no_answer() {
    hold(&[
        (
            "the root refers to nowhere",
            cyclonedx,
            |d| {
                bare(root(d));
                refer(root(d), "https://x.example/none");
            },
            &[
                (BSI21, "BSI21-08", "unmet"),
                (BSI21, "BSI21-11", "unmet"),
                (BSI21, "BSI21-12", "unmet"),
                (BSI21, "BSI21-13", "unmet"),
                (BSI20, "BSI20-07", "unmet"),
                (BSI20, "BSI20-09", "unmet"),
                (BSI20, "BSI20-10", "unmet"),
                (BSI20, "BSI20-11", "unmet"),
            ],
        ),
        (
            "a library refers to nowhere",
            cyclonedx,
            |d| {
                bare(part(d));
                refer(part(d), "https://x.example/none");
            },
            &[
                (BSI21, "BSI21-08", "not evaluable"),
                (BSI21, "BSI21-11", "not evaluable"),
                (BSI21, "BSI21-12", "not evaluable"),
                (BSI21, "BSI21-15", "not evaluable"),
                (BSI21, "BSI21-26", "not evaluable"),
                (BSI20, "BSI20-07", "unmet"),
                (BSI20, "BSI20-09", "unmet"),
                (BSI20, "BSI20-10", "unmet"),
            ],
        ),
        (
            "a library refers to a document that is not at hand, and is listed without its dependencies",
            cyclonedx,
            |d| {
                bare(part(d));
                refer(part(d), OTHER_LINK);
                d["dependencies"].as_array_mut().unwrap().remove(1);
                d["compositions"][0]["dependencies"] = json!(["router", "zip"]);
            },
            &[(BSI21, "BSI21-09", "not evaluable"), (BSI21, "BSI21-10", "not evaluable"), (BSI20, "BSI20-08", "unmet")],
        ),
        (
            "a library refers to the document itself",
            cyclonedx,
            |d| {
                bare(part(d));
                refer(part(d), OWN_LINK);
            },
            &[(BSI21, "BSI21-08", "unmet"), (BSI21, "BSI21-12", "unmet"), (BSI21, "BSI21-26", "not applicable")],
        ),
        (
            "a library refers to a place in the document itself",
            cyclonedx,
            |d| {
                bare(part(d));
                refer(part(d), "#tls");
            },
            &[(BSI21, "BSI21-08", "unmet"), (BSI21, "BSI21-26", "not applicable")],
        ),
        (
            "a library refers to another document and says everything itself",
            cyclonedx,
            |d| {
                let more = json!({"type": "bom", "url": OTHER_LINK});
                part(d)["externalReferences"].as_array_mut().unwrap().push(more);
            },
            &[(BSI21, "BSI21-08", "met"), (BSI21, "BSI21-12", "met"), (BSI21, "BSI21-26", "not evaluable")],
        ),
        ("nothing refers anywhere", cyclonedx, |_| (), &[(BSI21, "BSI21-26", "not applicable")]),
        (
            "a library refers to another document, the root says nothing of what it needs",
            cyclonedx,
            |d| {
                refer(part(d), OTHER_LINK);
                d["dependencies"].as_array_mut().unwrap().remove(0);
            },
            &[("cisa-2026", "CISA26-C02", "unmet")],
        ),
        (
            "the root refers to another document, which is not at hand",
            cyclonedx,
            |d| {
                refer(root(d), OTHER_LINK);
                d["dependencies"].as_array_mut().unwrap().remove(0);
            },
            &[("cisa-2026", "CISA26-C02", "not evaluable")],
        ),
        (
            "the root refers to the document itself",
            cyclonedx,
            |d| {
                refer(root(d), OWN_LINK);
                d["dependencies"].as_array_mut().unwrap().remove(0);
            },
            &[("cisa-2026", "CISA26-C02", "unmet")],
        ),
    ]);
}

#[test]
fn silence_about_completeness_is_no_statement() {
    hold(&[
        (
            "everything needs nothing, and more is listed than the root leads to",
            cyclonedx,
            unreached,
            &[
                (BSI21, "BSI21-10", "unmet"),
                (BSI21, "BSI21-09", "met"),
                ("ntia-2021", "NTIA-10", "unmet"),
                ("ntia-2021", "NTIA-09", "unmet"),
                ("cisa-2026", "CISA26-C02", "unmet"),
                ("cisa-2026", "CISA26-P01", "unmet"),
                ("eu-cra", "CRA-02", "unmet"),
                ("fsct-3", "FSCT-10", "unmet"),
            ],
        ),
        (
            "leaves that the root leads to need nothing",
            cyclonedx,
            |d| d["compositions"][0]["dependencies"] = json!(["router"]),
            &[(BSI21, "BSI21-10", "met"), ("ntia-2021", "NTIA-10", "met")],
        ),
        (
            "a root without parts needs nothing",
            cyclonedx,
            |d| {
                d["components"] = json!([]);
                d["dependencies"] = json!([{"ref": "router"}]);
                d.as_object_mut().unwrap().remove("compositions");
                d.as_object_mut().unwrap().remove("annotations");
            },
            &[(BSI21, "BSI21-10", "met"), ("eu-cra", "CRA-02", "met"), ("ntia-2021", "NTIA-09", "met")],
        ),
    ]);
}

#[test]
fn an_edge_to_itself_leads_nowhere() {
    hold(&[
        (
            "the root needs itself",
            cyclonedx,
            |d| d["dependencies"][0]["dependsOn"] = json!(["router"]),
            &[
                ("eu-cra", "CRA-02", "unmet"),
                ("ntia-2021", "NTIA-09", "unmet"),
                ("fsct-3", "FSCT-10", "unmet"),
                ("cisa-2026", "CISA26-C02", "unmet"),
            ],
        ),
        (
            "the root needs itself in a document that is itself",
            cyclonedx,
            |d| d["dependencies"][0]["dependsOn"] = json!([format!("{OWN_LINK}#router")]),
            &[("eu-cra", "CRA-02", "unmet")],
        ),
        (
            "a library needs itself",
            cyclonedx,
            |d| d["dependencies"][1]["dependsOn"] = json!(["tls"]),
            &[(BSI21, "BSI21-09", "unmet"), ("cert-in-2.0", "CERTIN-07", "unmet")],
        ),
        (
            "the only relationship is with itself",
            cyclonedx,
            |d| d["dependencies"] = json!([{"ref": "router", "dependsOn": ["router"]}]),
            &[("ntia-2021", "NTIA-05", "unmet")],
        ),
        (
            "the router contains itself",
            spdx,
            |d| d["relationships"][1]["relatedSpdxElement"] = json!("SPDXRef-router"),
            &[("openchain-telco-1.1", "OCT11-16", "unmet")],
        ),
    ]);
}

#[test]
fn files_of_cyclonedx_are_components() {
    hold(&[
        (
            "five files of which nothing is said",
            cyclonedx,
            |d| {
                let files =
                    (0..5).map(|n| json!({"type": "file", "bom-ref": format!("f{n}"), "name": format!("f{n}")}));
                d["components"].as_array_mut().unwrap().extend(files);
            },
            &[
                ("ntia-2021", "NTIA-01", "unmet"),
                ("ntia-2021", "NTIA-03", "unmet"),
                ("ntia-2021", "NTIA-10", "unmet"),
                ("cisa-2026", "CISA26-C08", "unmet"),
                ("fsct-3", "FSCT-06", "unmet"),
                ("cert-in-2.0", "CERTIN-03", "unmet"),
            ],
        ),
        (
            "five files, and a root that needs nothing",
            cyclonedx,
            |d| {
                let files =
                    (0..5).map(|n| json!({"type": "file", "bom-ref": format!("f{n}"), "name": format!("f{n}")}));
                d["components"] = files.collect();
                d["dependencies"] = json!([{"ref": "router"}]);
                d["compositions"] = json!([{"aggregate": "complete", "dependencies": ["router"]}]);
                d.as_object_mut().unwrap().remove("annotations");
            },
            &[("eu-cra", "CRA-02", "unmet")],
        ),
    ]);
}

#[test]
fn a_document_without_components_breaks_no_prohibition() {
    let empty = json!({"bomFormat": "CycloneDX", "specVersion": "1.6"});
    for rule in ["BSI21-27", "BSI21-29"] {
        assert_eq!(outcome(BSI21, &empty, rule), "not applicable", "{rule}");
    }
    assert_eq!(outcome(BSI21, &empty, "BSI21-06"), "unmet");
    assert_eq!(outcome(BSI21, &empty, "BSI21-02"), "met");
}

#[test]
fn contains_is_no_inverse_in_any_format() {
    let mut value = spdx3();
    spdx3_element(&mut value, "router-zip")["relationshipType"] = json!("contains");
    assert_eq!(outcome("openchain-telco-1.1", &value, "OCT11-16"), "met");
}
