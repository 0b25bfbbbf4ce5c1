//! Acceptance of profiles: for each a document that meets every must, in each format that it admits, and for each must a change
//! after which that rule alone fails. What cannot fail alone is listed with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use vidimus::decode::{Content, Sbom, document};
use vidimus::limits::Limits;
use vidimus::profile::{self, ALL, Context, Outcome, by_id};
use vidimus_testkit::profile::{cyclonedx, spdx, spdx3, spdx3_element, spdx3_without};

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

/// (profile, format, change, exactly these musts fail).
const ROWS: &[(&str, Format, Change, &[&str])] = &[
    // NTIA 2021
    ("ntia-2021", CycloneDx, |d| cdx(d, "supplier"), &[]),
    (
        "ntia-2021",
        CycloneDx,
        |d| {
            cdx(d, "supplier");
            cdx(d, "manufacturer");
        },
        &["NTIA-01"],
    ),
    (
        "ntia-2021",
        Spdx,
        |d| {
            pkg(d, "supplier");
            pkg(d, "originator");
        },
        &["NTIA-01"],
    ),
    (
        "ntia-2021",
        Spdx,
        |d| {
            d["packages"][1]["supplier"] = json!("NOASSERTION");
            pkg(d, "originator");
        },
        &[],
    ),
    (
        "ntia-2021",
        Spdx3,
        |d| {
            drop(tls(d, "tls", "suppliedBy").take());
            drop(tls(d, "tls", "originatedBy").take());
        },
        &["NTIA-01"],
    ),
    ("ntia-2021", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["NTIA-02"]),
    ("ntia-2021", Spdx, |d| pkg(d, "name"), &["NTIA-02"]),
    ("ntia-2021", CycloneDx, |d| cdx(d, "version"), &["NTIA-03"]),
    ("ntia-2021", Spdx, |d| pkg(d, "versionInfo"), &["NTIA-03"]),
    (
        "ntia-2021",
        Spdx,
        |d| {
            d["relationships"].as_array_mut().unwrap().push(json!({"spdxElementId": "SPDXRef-zip", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "DocumentRef-base:SPDXRef-x"}))
        },
        &["NTIA-05"],
    ),
    (
        "ntia-2021",
        CycloneDx,
        |d| {
            drop_at(d, "", "dependencies");
        },
        &["NTIA-05", "NTIA-09"],
    ),
    (
        "ntia-2021",
        CycloneDx,
        |d| {
            for member in ["manufacturer", "tools"] {
                drop_at(d, "/metadata", member);
            }
        },
        &["NTIA-06"],
    ),
    ("ntia-2021", CycloneDx, |d| drop_at(d, "/metadata", "manufacturer"), &[]),
    ("ntia-2021", Spdx, |d| d["creationInfo"]["creators"] = json!([]), &["NTIA-06"]),
    ("ntia-2021", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["NTIA-07"]),
    ("ntia-2021", Spdx, |d| d["creationInfo"]["created"] = json!("1 November 2026"), &["NTIA-07"]),
    ("ntia-2021", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(0)), &["NTIA-09"]),
    ("ntia-2021", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-router"), &["NTIA-09"]),
    ("ntia-2021", CycloneDx, |d| d["compositions"][0]["dependencies"] = json!(["tls", "zip"]), &["NTIA-10"]),
    ("ntia-2021", CycloneDx, |d| d["compositions"][0]["aggregate"] = json!("unknown"), &[]),
    ("ntia-2021", CycloneDx, |d| d["compositions"][0]["aggregate"] = json!("not_specified"), &["NTIA-10"]),
    ("ntia-2021", Spdx3, |d| drop(tls(d, "tls-needs", "completeness").take()), &[]),
    // CISA 2026
    ("cisa-2026", CycloneDx, |d| drop_at(d, "/metadata", "manufacturer"), &["CISA26-M01"]),
    ("cisa-2026", Spdx, |d| d["creationInfo"]["creators"] = json!(["Tool: bomber-2.1"]), &["CISA26-M01"]),
    ("cisa-2026", CycloneDx, |d| drop_at(d, "/metadata", "lifecycles"), &["CISA26-M05"]),
    ("cisa-2026", Spdx, |d| d["creationInfo"]["comment"] = json!("rebuilding"), &["CISA26-M05"]),
    ("cisa-2026", Spdx3, |d| drop(tls(d, "sbom", "software_sbomType").take()), &["CISA26-M05"]),
    ("cisa-2026", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["CISA26-M06"]),
    ("cisa-2026", Spdx, |d| drop_at(d, "/creationInfo", "created"), &["CISA26-M06"]),
    ("cisa-2026", CycloneDx, |d| drop_at(d, "/metadata", "tools"), &["CISA26-M07", "CISA26-M08"]),
    ("cisa-2026", CycloneDx, |d| drop_at(d, "/metadata/tools/components/0", "version"), &["CISA26-M08"]),
    ("cisa-2026", CycloneDx, |d| d["metadata"]["tools"]["components"][0]["name"] = json!(""), &["CISA26-M07"]),
    ("cisa-2026", Spdx, |d| d["creationInfo"]["creators"][1] = json!("Tool: bomber"), &["CISA26-M08"]),
    ("cisa-2026", Spdx, |d| d["creationInfo"]["creators"][1] = json!("Tool: bom-bomber 2.1"), &[]),
    ("cisa-2026", CycloneDx, |d| drop_at(d, "", "version"), &[]),
    ("cisa-2026", Spdx, |d| drop_at(d, "", "documentNamespace"), &["CISA26-M09"]),
    ("cisa-2026", CycloneDx, |d| cdx(d, "manufacturer"), &["CISA26-C01"]),
    ("cisa-2026", Spdx, |d| pkg(d, "originator"), &["CISA26-C01"]),
    ("cisa-2026", Spdx, |d| d["packages"][1]["originator"] = json!("NOASSERTION"), &[]),
    ("cisa-2026", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(0)), &["CISA26-C02"]),
    ("cisa-2026", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-router"), &["CISA26-C02"]),
    (
        "cisa-2026",
        CycloneDx,
        |d| {
            cdx(d, "hashes");
            references(d, "distribution");
        },
        &["CISA26-C03", "CISA26-C04"],
    ),
    ("cisa-2026", Spdx, |d| pkg(d, "checksums"), &["CISA26-C03", "CISA26-C04"]),
    (
        "cisa-2026",
        CycloneDx,
        |d| {
            references(d, "distribution");
            d["components"][0]["hashes"] = json!([{"alg": "SHA3-256", "content": "00".repeat(32)}]);
        },
        &["CISA26-C04"],
    ),
    (
        "cisa-2026",
        CycloneDx,
        |d| {
            cdx(d, "hashes");
            references(d, "distribution");
            d["components"][0]["properties"] = json!([{"name": "urn:vidimus:withheld", "value": "comp.hash"}]);
        },
        &[],
    ),
    ("cisa-2026", CycloneDx, |d| cdx(d, "purl"), &["CISA26-C05"]),
    ("cisa-2026", Spdx, |d| d["packages"][1]["externalRefs"] = json!([]), &["CISA26-C05"]),
    ("cisa-2026", CycloneDx, |d| cdx(d, "licenses"), &["CISA26-C06"]),
    (
        "cisa-2026",
        CycloneDx,
        |d| d["components"][0]["licenses"] = json!([{"license": {"name": "our own"}}]),
        &["CISA26-C06"],
    ),
    (
        "cisa-2026",
        CycloneDx,
        |d| {
            d["components"][0]["licenses"] =
                json!([{"license": {"name": "our own", "url": "https://acme.example/eula"}}])
        },
        &[],
    ),
    (
        "cisa-2026",
        Spdx,
        |d| {
            pkg(d, "licenseConcluded");
            pkg(d, "licenseDeclared");
        },
        &["CISA26-C06"],
    ),
    ("cisa-2026", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["CISA26-C07"]),
    ("cisa-2026", Spdx, |d| pkg(d, "name"), &["CISA26-C07"]),
    ("cisa-2026", CycloneDx, |d| cdx(d, "version"), &["CISA26-C08"]),
    ("cisa-2026", CycloneDx, |d| d["components"][0]["version"] = json!("unknown"), &[]),
    ("cisa-2026", Spdx, |d| pkg(d, "versionInfo"), &["CISA26-C08"]),
    // OpenChain Telco 1.1
    ("openchain-telco-1.1", Spdx, |d| d["dataLicense"] = json!("CC-BY-4.0"), &["OCT11-03"]),
    ("openchain-telco-1.1", Spdx, |d| d["documentNamespace"] = json!("https://acme.example/sbom#1"), &["OCT11-04"]),
    ("openchain-telco-1.1", Spdx, |d| d["creationInfo"]["creators"] = json!(["Tool: bomber-2.1"]), &["OCT11-05"]),
    ("openchain-telco-1.1", Spdx, |d| d["creationInfo"]["creators"][1] = json!("Tool: bomber"), &["OCT11-06"]),
    ("openchain-telco-1.1", Spdx, |d| d["creationInfo"]["creators"][1] = json!("Tool: scancode-toolkit 32.3.0"), &[]),
    ("openchain-telco-1.1", Spdx, |d| drop_at(d, "/creationInfo", "created"), &["OCT11-07"]),
    ("openchain-telco-1.1", Spdx, |d| drop_at(d, "/creationInfo", "comment"), &["OCT11-08"]),
    ("openchain-telco-1.1", Spdx, |d| d["creationInfo"]["comment"] = json!("rebuilding"), &["OCT11-08"]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "name"), &["OCT11-09"]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "versionInfo"), &["OCT11-10"]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "supplier"), &["OCT11-11"]),
    ("openchain-telco-1.1", Spdx, |d| d["packages"][1]["supplier"] = json!("NOASSERTION"), &[]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "downloadLocation"), &["OCT11-12"]),
    ("openchain-telco-1.1", Spdx, |d| d["packages"][1]["downloadLocation"] = json!("NONE"), &[]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "licenseConcluded"), &["OCT11-13"]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "licenseDeclared"), &["OCT11-14"]),
    ("openchain-telco-1.1", Spdx, |d| pkg(d, "copyrightText"), &["OCT11-15"]),
    ("openchain-telco-1.1", Spdx, |d| drop(d["relationships"].as_array_mut().unwrap().remove(1)), &["OCT11-16"]),
    (
        "openchain-telco-1.1",
        Spdx,
        |d| d["relationships"][1] = json!({"spdxElementId": "SPDXRef-tls", "relationshipType": "CONTAINED_BY", "relatedSpdxElement": "SPDXRef-router"}),
        &[],
    ),
    // BSI TR-03183-2 v2.1
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| d["vulnerabilities"] = json!([{"id": "CVE-2026-1"}]), &["BSI21-02"]),
    (
        "bsi-tr-03183-2-v2.1",
        Spdx3,
        |d| {
            d["@graph"].as_array_mut().unwrap().push(
                json!({"type": "security_Vulnerability", "spdxId": "https://acme.example/cve", "creationInfo": "_:c"}),
            )
        },
        &["BSI21-02"],
    ),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| drop_at(d, "/metadata/manufacturer", "contact"), &["BSI21-03"]),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| {
            drop_at(d, "/metadata/manufacturer", "contact");
            d["metadata"]["manufacturer"]["url"] = json!(["https://acme.example"]);
        },
        &[],
    ),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "acme", "externalIdentifier").take()), &["BSI21-03"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["BSI21-04"]),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| d["@graph"][0]["created"] = json!("today"), &["BSI21-04"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| cdx(d, "manufacturer"), &["BSI21-05"]),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "tls", "originatedBy").take()), &["BSI21-05"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["BSI21-06"]),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "tls", "name").take()), &["BSI21-06"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| cdx(d, "version"), &["BSI21-07"]),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "tls", "software_packageVersion").take()), &["BSI21-07"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| property(d, "bsi:component:filename"), &["BSI21-08"]),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| d["components"][0]["properties"][0]["value"] = json!("lib/tls.bin"),
        &["BSI21-08"],
    ),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "tls-file", "name").take()), &["BSI21-08"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(1)), &["BSI21-09"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| d["compositions"][0]["dependencies"] = json!(["tls", "zip"]), &["BSI21-10"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| d["compositions"][0]["aggregate"] = json!("unknown"), &[]),
    (
        "bsi-tr-03183-2-v2.1",
        Spdx3,
        |d| {
            for id in ["router-needs", "router-zip"] {
                drop(tls(d, id, "completeness").take());
            }
        },
        &["BSI21-10"],
    ),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| drop(d["components"][0]["licenses"].as_array_mut().unwrap().remove(0)),
        &["BSI21-11"],
    ),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| spdx3_without(d, "tls-concluded"), &["BSI21-11"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| references(d, "distribution"), &["BSI21-12"]),
    ("bsi-tr-03183-2-v2.1", Spdx3, |d| drop(tls(d, "tls-file", "verifiedUsing").take()), &["BSI21-12"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| property(d, "bsi:component:executable"), &["BSI21-13"]),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| {
            d["components"][0]["properties"]
                .as_array_mut()
                .unwrap()
                .push(json!({"name": "bsi:component:executable", "value": "executable"}))
        },
        &["BSI21-13"],
    ),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| property(d, "bsi:component:archive"), &["BSI21-14"]),
    ("bsi-tr-03183-2-v2.1", CycloneDx, |d| property(d, "bsi:component:structured"), &["BSI21-15"]),
    (
        "bsi-tr-03183-2-v2.1",
        Spdx3,
        |d| *tls(d, "tls-file", "software_additionalPurpose") = json!(["executable", "archive"]),
        &["BSI21-15"],
    ),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| {
            d["components"][0]["hashes"]
                .as_array_mut()
                .unwrap()
                .push(json!({"alg": "SHA-256", "content": "11".repeat(32)}))
        },
        &["BSI21-27"],
    ),
    (
        "bsi-tr-03183-2-v2.1",
        CycloneDx,
        |d| {
            d["components"][0]["licenses"]
                .as_array_mut()
                .unwrap()
                .push(json!({"license": {"name": "own", "text": {"content": "do what you like"}}}))
        },
        &["BSI21-29"],
    ),
    // BSI TR-03183-2 v2.0
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| d["vulnerabilities"] = json!([{"id": "CVE-2026-1"}]), &[]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| drop_at(d, "/metadata/manufacturer", "contact"), &["BSI20-02"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| d["creationInfo"]["creators"][0] = json!("Organization: ACME"), &["BSI20-02"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["BSI20-03"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| drop_at(d, "/creationInfo", "created"), &["BSI20-03"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| cdx(d, "manufacturer"), &["BSI20-04"]),
    (
        "bsi-tr-03183-2-v2.0",
        Spdx,
        |d| {
            pkg(d, "originator");
            d["packages"][1]["supplier"] = json!("Organization: ACME");
        },
        &["BSI20-04"],
    ),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["BSI20-05"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| pkg(d, "name"), &["BSI20-05"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| cdx(d, "version"), &["BSI20-06"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| pkg(d, "versionInfo"), &["BSI20-06"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| property(d, "bsi:component:filename"), &["BSI20-07"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| pkg(d, "packageFileName"), &["BSI20-07"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(1)), &["BSI20-08"]),
    ("bsi-tr-03183-2-v2.0", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-tls"), &["BSI20-08"]),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| cdx(d, "licenses"), &["BSI20-09"]),
    (
        "bsi-tr-03183-2-v2.0",
        Spdx,
        |d| {
            pkg(d, "licenseConcluded");
            pkg(d, "licenseDeclared");
        },
        &["BSI20-09"],
    ),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| references(d, "distribution"), &["BSI20-10"]),
    (
        "bsi-tr-03183-2-v2.0",
        Spdx,
        |d| drop(d["packages"][1]["checksums"].as_array_mut().unwrap().remove(1)),
        &["BSI20-10"],
    ),
    ("bsi-tr-03183-2-v2.0", CycloneDx, |d| property(d, "bsi:component:archive"), &["BSI20-11"]),
    // EU CRA
    ("eu-cra", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(0)), &["CRA-02"]),
    ("eu-cra", CycloneDx, |d| drop_at(d, "/metadata", "component"), &["CRA-02"]),
    ("eu-cra", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-router"), &["CRA-02"]),
    (
        "eu-cra",
        Spdx3,
        |d| {
            spdx3_without(d, "router-needs");
            spdx3_without(d, "router-zip");
        },
        &["CRA-02"],
    ),
    (
        "eu-cra",
        CycloneDx,
        |d| {
            cdx(d, "hashes");
            references(d, "distribution");
        },
        &[],
    ),
    // FSCT 3
    ("fsct-3", CycloneDx, |d| drop_at(d, "/metadata", "manufacturer"), &["FSCT-01"]),
    ("fsct-3", Spdx, |d| d["creationInfo"]["creators"] = json!(["Tool: bomber-2.1"]), &["FSCT-01"]),
    ("fsct-3", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["FSCT-02"]),
    ("fsct-3", Spdx, |d| drop_at(d, "/creationInfo", "created"), &["FSCT-02"]),
    ("fsct-3", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["FSCT-05"]),
    ("fsct-3", Spdx, |d| pkg(d, "name"), &["FSCT-05"]),
    ("fsct-3", CycloneDx, |d| cdx(d, "version"), &[]),
    (
        "fsct-3",
        CycloneDx,
        |d| {
            cdx(d, "version");
            cdx(d, "hashes");
        },
        &["FSCT-06"],
    ),
    (
        "fsct-3",
        Spdx,
        |d| {
            pkg(d, "versionInfo");
            d["packages"][1]["checksums"] = json!([]);
            d["packages"][1]["annotations"][0]["comment"] = json!("urn:vidimus:unknown comp.hash");
        },
        &[],
    ),
    (
        "fsct-3",
        Spdx,
        |d| {
            pkg(d, "versionInfo");
            d["packages"][1]["checksums"] = json!([]);
        },
        &["FSCT-06", "FSCT-09"],
    ),
    (
        "fsct-3",
        CycloneDx,
        |d| {
            cdx(d, "supplier");
            cdx(d, "manufacturer");
        },
        &["FSCT-07"],
    ),
    (
        "fsct-3",
        Spdx,
        |d| {
            pkg(d, "supplier");
            pkg(d, "originator");
        },
        &["FSCT-07"],
    ),
    ("fsct-3", CycloneDx, |d| cdx(d, "purl"), &["FSCT-08"]),
    ("fsct-3", Spdx, |d| d["packages"][1]["externalRefs"] = json!([]), &["FSCT-08"]),
    (
        "fsct-3",
        CycloneDx,
        |d| {
            cdx(d, "hashes");
            references(d, "distribution");
        },
        &["FSCT-09"],
    ),
    ("fsct-3", Spdx, |d| pkg(d, "checksums"), &["FSCT-09"]),
    ("fsct-3", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(0)), &["FSCT-10"]),
    ("fsct-3", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-router"), &["FSCT-10"]),
    ("fsct-3", CycloneDx, |d| drop_at(d, "/metadata/component", "licenses"), &["FSCT-12"]),
    ("fsct-3", CycloneDx, |d| cdx(d, "licenses"), &[]),
    (
        "fsct-3",
        Spdx,
        |d| {
            for member in ["licenseConcluded", "licenseDeclared"] {
                drop_at(d, "/packages/0", member);
            }
        },
        &["FSCT-12"],
    ),
    ("fsct-3", CycloneDx, |d| drop_at(d, "/metadata/component", "copyright"), &["FSCT-13"]),
    ("fsct-3", Spdx, |d| drop_at(d, "/packages/0", "copyrightText"), &["FSCT-13"]),
    // CERT-In 2.0
    ("cert-in-2.0", CycloneDx, |d| d["components"][0]["name"] = json!(""), &["CERTIN-01"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "name"), &["CERTIN-01"]),
    ("cert-in-2.0", CycloneDx, |d| cdx(d, "version"), &["CERTIN-02"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "versionInfo"), &["CERTIN-02"]),
    ("cert-in-2.0", CycloneDx, |d| cdx(d, "description"), &["CERTIN-03"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "description"), &["CERTIN-03"]),
    (
        "cert-in-2.0",
        CycloneDx,
        |d| {
            cdx(d, "supplier");
            cdx(d, "manufacturer");
        },
        &["CERTIN-04"],
    ),
    (
        "cert-in-2.0",
        Spdx,
        |d| {
            pkg(d, "supplier");
            pkg(d, "originator");
        },
        &["CERTIN-04"],
    ),
    (
        "cert-in-2.0",
        CycloneDx,
        |d| d["components"][0]["licenses"] = json!([{"license": {"name": "unknown", "licensing": {"altIds": ["x"]}}}]),
        &[],
    ),
    (
        "cert-in-2.0",
        CycloneDx,
        |d| d["components"][0]["licenses"] = json!([{"license": {"name": "", "licensing": {"altIds": ["x"]}}}]),
        &["CERTIN-05"],
    ),
    (
        "cert-in-2.0",
        Spdx,
        |d| {
            pkg(d, "licenseConcluded");
            pkg(d, "licenseDeclared");
        },
        &["CERTIN-05"],
    ),
    ("cert-in-2.0", CycloneDx, |d| property(d, "urn:vidimus:comp.originClass"), &["CERTIN-06"]),
    ("cert-in-2.0", Spdx, |d| annotations(d, "originClass"), &["CERTIN-06"]),
    ("cert-in-2.0", CycloneDx, |d| drop(d["dependencies"].as_array_mut().unwrap().remove(1)), &["CERTIN-07"]),
    ("cert-in-2.0", Spdx, |d| relationships(d, |r| r["spdxElementId"] != "SPDXRef-tls"), &["CERTIN-07"]),
    ("cert-in-2.0", CycloneDx, |d| references(d, "exploitability-statement"), &["CERTIN-08"]),
    (
        "cert-in-2.0",
        CycloneDx,
        |d| {
            references(d, "exploitability-statement");
            d["vulnerabilities"] = json!([{"id": "CVE-2026-1", "affects": [{"ref": "tls"}]}]);
        },
        &[],
    ),
    ("cert-in-2.0", Spdx, |d| drop(d["packages"][1]["externalRefs"].as_array_mut().unwrap().remove(1)), &["CERTIN-08"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "urn:vidimus:comp.patchStatus"), &["CERTIN-09"]),
    ("cert-in-2.0", Spdx, |d| annotations(d, "patchStatus"), &["CERTIN-09"]),
    ("cert-in-2.0", CycloneDx, |d| cdx(d, "releaseNotes"), &["CERTIN-10"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "releaseDate"), &["CERTIN-10"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "cdx:lifecycle:milestone:endOfSupport"), &["CERTIN-11"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "validUntilDate"), &["CERTIN-11"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "urn:vidimus:comp.criticality"), &["CERTIN-12"]),
    ("cert-in-2.0", Spdx, |d| annotations(d, "criticality"), &["CERTIN-12"]),
    ("cert-in-2.0", CycloneDx, |d| drop_at(d, "/components/0/licenses/0/license", "licensing"), &["CERTIN-13"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "licenseComments"), &["CERTIN-13"]),
    (
        "cert-in-2.0",
        CycloneDx,
        |d| {
            cdx(d, "hashes");
            references(d, "distribution");
        },
        &["CERTIN-14"],
    ),
    ("cert-in-2.0", Spdx, |d| pkg(d, "checksums"), &["CERTIN-14"]),
    ("cert-in-2.0", CycloneDx, |d| d["annotations"][0]["subjects"] = json!(["router", "zip"]), &["CERTIN-15"]),
    ("cert-in-2.0", Spdx, |d| pkg(d, "comment"), &["CERTIN-15"]),
    ("cert-in-2.0", CycloneDx, |d| drop_at(d, "/metadata", "manufacturer"), &["CERTIN-16"]),
    ("cert-in-2.0", Spdx, |d| d["creationInfo"]["creators"] = json!(["Tool: bomber-2.1"]), &["CERTIN-16"]),
    ("cert-in-2.0", CycloneDx, |d| drop_at(d, "/metadata", "timestamp"), &["CERTIN-17"]),
    ("cert-in-2.0", Spdx, |d| drop_at(d, "/creationInfo", "created"), &["CERTIN-17"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "bsi:component:executable"), &["CERTIN-18"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "bsi:component:archive"), &["CERTIN-19"]),
    ("cert-in-2.0", CycloneDx, |d| property(d, "bsi:component:structured"), &["CERTIN-20"]),
    ("cert-in-2.0", CycloneDx, |d| cdx(d, "purl"), &["CERTIN-21"]),
    (
        "cert-in-2.0",
        Spdx,
        |d| d["packages"][1]["externalRefs"] = json!([{"referenceCategory": "SECURITY", "referenceType": "advisory", "referenceLocator": "https://acme.example/a"}]),
        &["CERTIN-21"],
    ),
];

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
    for (index, (id, format, change, expected)) in ROWS.iter().enumerate() {
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

/// Components that BSI calls referenced, identified and logical are asked less, or not at all.
#[test]
fn levels_of_detail() {
    let component = |more: Json| {
        let mut map = json!({"type": "library", "bom-ref": "x", "name": "x", "version": "1", "manufacturer": {"name": "X", "url": ["https://x.example"]}});
        map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut value = cyclonedx();
        value["specVersion"] = json!("1.7");
        value["components"].as_array_mut().unwrap().push(map);
        value
    };
    let referenced = component(
        json!({"externalReferences": [{"type": "bom", "url": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"}]}),
    );
    assert_eq!(unmet("bsi-tr-03183-2-v2.1", &referenced, true), [""; 0]);
    assert_eq!(unmet("bsi-tr-03183-2-v2.1", &component(json!({"isExternal": true})), true), [""; 0]);
    let full = unmet("bsi-tr-03183-2-v2.1", &component(json!({})), true);
    assert_eq!(full, ["BSI21-08", "BSI21-09", "BSI21-10", "BSI21-11", "BSI21-12", "BSI21-13", "BSI21-14", "BSI21-15"]);
    let logical = component(
        json!({"components": [{"type": "library", "bom-ref": "y", "name": "y", "externalReferences": [{"type": "bom", "url": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"}], "version": "1", "manufacturer": {"name": "X", "url": ["https://x.example"]}}]}),
    );
    assert_eq!(unmet("bsi-tr-03183-2-v2.1", &logical, true), ["BSI21-09", "BSI21-10", "BSI21-11"]);
    let sbom = read(&logical);
    let answers = by_id("bsi-tr-03183-2-v2.1").unwrap().answers(&sbom, &Context::default());
    let file_name = answers.iter().find(|answer| answer.rule.id == "BSI21-08").unwrap();
    assert_eq!(file_name.outcome.name(), "not evaluable");
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
    assert_eq!(of("OCT11-11"), Outcome::Met { instead: 1, findings: vec!["stated to be unknown"] });
    assert!(matches!(of("OCT11-19"), Outcome::NotEvaluable(_)));
}
