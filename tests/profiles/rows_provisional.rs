//! What each must of the provisional profiles fails on.

use serde_json::json;

use super::Format::{CycloneDx, Spdx};
use super::{Row, annotations, cdx, drop_at, pkg, property, references, relationships};

pub(super) const ROWS: &[Row] = &[
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
