//! What each must of BSI and of the Cyber Resilience Act fails on.

use serde_json::json;
use vidimus_testkit::profile::spdx3_without;

use super::Format::{CycloneDx, Spdx, Spdx3};
use super::{Row, cdx, drop_at, pkg, property, references, relationships, tls};

pub(super) const ROWS: &[Row] = &[
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
];
