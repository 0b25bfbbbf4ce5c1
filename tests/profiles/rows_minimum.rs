//! What each must of NTIA, CISA and the telecom guide fails on.

use serde_json::json;

use super::Format::{CycloneDx, Spdx, Spdx3};
use super::{Row, cdx, drop_at, pkg, references, relationships, tls};

pub(super) const ROWS: &[Row] = &[
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
];
