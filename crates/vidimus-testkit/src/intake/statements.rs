//! What the parties of the intake state, each in the form in which it is accepted.

use serde_json::{Value, json};

use super::seal::signed;
use crate::encode::sha256_hex;
use crate::fixtures::status_list;
use crate::statement::{Provenance, Statement};

/// The core of Aurora, with its version.
pub(crate) const CORE: &str = "pkg:generic/aurora/5gc-bundle@8.2.1";
/// The revision that it was built from.
pub(crate) const COMMIT: &str = "8f14e45fceea167a5a36dedd4bea2543a9c1f0d1";

/// A build by Aurora.
pub(crate) fn built() -> Provenance {
    Provenance {
        builder: "https://ci.aurora.example/hosted/v3".to_owned(),
        build_type: "https://ci.aurora.example/buildtypes/pipeline/v1".to_owned(),
        repository: "https://git.aurora.example/5gc".to_owned(),
        commit: COMMIT.to_owned(),
        ..Provenance::github("aurora/5gc", "refs/heads/release/8.2")
    }
}

/// The build of Aurora's whole bundle.
pub(crate) fn built_bundle() -> Statement {
    let parameters = json!({
        "ref": "refs/heads/release/8.2",
        "repository": "https://git.aurora.example/5gc",
        "target": "bundle",
    });
    built().v1().with("/buildDefinition/externalParameters", parameters)
}

/// A rebuild of Dunite's library with the same result.
pub(crate) fn rebuilt(rebuilder: &str, library: &[u8]) -> Statement {
    let build_type = "https://reproducible-builds.org/buildtypes/cmake/v1";
    let provenance = Provenance::rebuild(rebuilder, build_type, "dunite/libdunite", "refs/tags/v2.4.0");
    let run = format!("{rebuilder}/1");
    provenance.v1().with("/runDetails/metadata/invocationId", run).subject("libdunite.so", library)
}

/// What the source control system of Aurora says of the revision.
pub(crate) fn source() -> Statement {
    let verifier = "https://git.aurora.example/slsa/source/v1";
    Statement::vsa(verifier, "git+https://git.aurora.example/5gc", &["SLSA_SOURCE_LEVEL_2"], &[])
        .subject_digest("5gc", json!({"gitCommit": COMMIT}))
}

/// Built by a vendor of the first country in all of them.
pub(crate) fn origin(id: &str, name: &str, countries: &[&str]) -> Statement {
    let id = format!("#{id}");
    let at = |country: &&str| json!({"performedBy": id, "place": {"country": country}});
    let locations: Vec<Value> = countries.iter().map(at).collect();
    Statement::new(
        "urn:vidimus:attestation:origin:v0.1",
        json!({
            "assertedBy": id,
            "assertedOn": "2026-11-19T10:00:00Z",
            "capacity": "self",
            "countryCodes": {"snapshot": "2026-11-01", "standard": "ISO 3166-1 alpha-2"},
            "origins": [{"coverage": "complete", "locations": locations, "stage": "built"}],
            "parties": [{"id": id, "legalName": name, "registeredIn": {"country": countries[0]}, "ultimateParent": id}],
        }),
    )
}

/// A certificate of the body on the Rhine.
pub(crate) fn certificate(product: &str, number: &str) -> Statement {
    Statement::new(
        "urn:vidimus:attestation:certification:v0.1",
        json!({
            "certificate": {"level": "substantial", "number": number},
            "issuer": {"jurisdiction": "DE", "name": "Zertifizierung Rhein"},
            "scheme": {"id": "nesas-ccs-gi", "version": "2.0"},
            "scope": {"binding": "subject-digest", "product": product, "standards": ["3GPP TS 33.117 V18"]},
            "statusList": "urn:status:cb-rhein-certs",
            "validity": {"from": "2026-10-01T00:00:00Z", "until": "2028-09-30T23:59:59Z"},
        }),
    )
}

/// A certificate of the body in the Andes, which the policy takes for the property that laboratories state.
///
/// Evaluated by a laboratory of the policy, which signed the `report`, and which has no vote of its own there.
pub(crate) fn foreign_certificate(product: &str, report: &[u8]) -> Statement {
    Statement::new(
        "urn:vidimus:attestation:certification:v0.1",
        json!({
            "certificate": {"level": "SCAS-PASS", "number": "AND-88"},
            "issuer": {"jurisdiction": "CL", "name": "Certificadora Andes"},
            "laboratory": {"accreditation": "ENAC 1187", "name": "Laboratorio Iberia SL"},
            "reports": [{"digest": {"sha256": sha256_hex(report)}}],
            "scheme": {"id": "nesas-gsma-3"},
            "scope": {"binding": "subject-digest", "product": product},
            "statusList": "urn:status:cb-andes-certs",
            "validity": {"from": "2026-10-01T00:00:00Z", "until": "2027-09-30T23:59:59Z"},
        }),
    )
}

/// A scan by the laboratory in Spain that found nothing.
pub(crate) fn scan() -> Statement {
    Statement::new(
        "https://in-toto.io/attestation/vulns/v0.2",
        json!({
            "metadata": {"scanFinishedOn": "2026-11-19T10:05:00Z", "scanStartedOn": "2026-11-19T10:00:00Z"},
            "scanner": {
                "db": {"lastUpdate": "2026-11-19T04:00:00Z", "uri": "https://iberia.example/db"},
                "result": [],
                "uri": "https://iberia.example/scanner",
                "version": "7.1",
            },
        }),
    )
}

/// The operator's state after a delivery of that product.
pub(crate) fn state(product: &str, sequence: u64) -> String {
    let sha256 = sha256_hex(b"what 8.2.0 committed to");
    format!(
        "{{\n  \"schema\": \"urn:vidimus:state:v1\",\n  \"id\": \"intake-state\",\n  \"releases\": [\n    {{\n      \"vendor\": \"aurora\",\n      \"product\": \"{product}\",\n      \"sequence\": {sequence},\n      \"sha256\": \"{sha256}\"\n    }}\n  ],\n  \"lists\": []\n}}\n"
    )
}

/// An issue of a status list. It is stamped before it says that it was made: nothing asks when, but the window of its key.
pub(crate) fn issue(name: &str, number: u64, scope: &[&str], entries: Value, by: &str) -> Vec<u8> {
    signed(&status_list(&format!("urn:status:{name}"), number, scope, entries), by)
}

/// The issues that are at hand, by file name, with these entries on the operator's own.
pub(crate) fn issues(entries: Value) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("psirt.json", issue("psirt-deny", 131, &["digest", "key", "attestation"], entries, "nordlys-psirt")),
        ("rhein.json", issue("cb-rhein-certs", 41, &["certificate"], json!([]), "cb-rhein-cert")),
        ("andes.json", issue("cb-andes-certs", 9, &["certificate"], json!([]), "cb-andes-cert")),
    ]
}
