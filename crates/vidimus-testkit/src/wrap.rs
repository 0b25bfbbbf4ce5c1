//! The shapes in which registries and tools hand out bundles and envelopes.

use serde_json::{Value, json};

use crate::encode::{base64, json as text, pem, unbase64};
use crate::sigstore::Bundle;

/// One document per line: `.sigstore.jsonl` of bundles, `.intoto.jsonl` of envelopes.
#[must_use]
pub fn lines<'a>(documents: impl IntoIterator<Item = &'a Value>) -> String {
    documents.into_iter().map(|document| text(document) + "\n").collect()
}

/// `.sigstore.jsonl`.
#[must_use]
pub fn sigstore_lines(bundles: &[Bundle]) -> String {
    lines(bundles.iter().map(|bundle| &bundle.json))
}

/// The npm registry's answer for a package's attestations; each bundle must hold an envelope.
#[must_use]
pub fn npm(bundles: &[Bundle]) -> Value {
    let attestation = |bundle: &Bundle| json!({"bundle": bundle.json, "predicateType": predicate_type(bundle)});
    json!({"attestations": bundles.iter().map(attestation).collect::<Vec<_>>()})
}

/// A PEP 740 attestation object (`.publish.attestation`) with what a keyless v0.3 bundle of an envelope holds. Timestamps
/// have no place in it.
#[must_use]
pub fn pep740(bundle: &Bundle) -> Value {
    let material = &bundle.json["verificationMaterial"];
    let envelope = &bundle.json["dsseEnvelope"];
    json!({
        "envelope": {"signature": envelope["signatures"][0]["sig"], "statement": envelope["payload"]},
        "verification_material": {
            "certificate": material["certificate"]["rawBytes"],
            "transparency_entries": material["tlogEntries"],
        },
        "version": 1,
    })
}

/// A PEP 740 provenance object (PyPI's answer of its integrity interface) of a GitHub publisher (`owner/name`).
#[must_use]
pub fn pep740_provenance(repository: &str, bundles: &[Bundle]) -> Value {
    json!({
        "attestation_bundles": [{
            "attestations": bundles.iter().map(pep740).collect::<Vec<_>>(),
            "publisher": {
                "claims": null,
                "environment": null,
                "kind": "GitHub",
                "repository": repository,
                "workflow": "release.yml",
            },
        }],
        "version": 1,
    })
}

/// What cosign wrote before bundles, with what a keyless bundle with a promise of Rekor v1 holds.
#[must_use]
pub fn cosign(bundle: &Bundle) -> Value {
    let entry = &bundle.json["verificationMaterial"]["tlogEntries"][0];
    let number = |member: &str| entry[member].as_str().and_then(|text| text.parse::<u64>().ok());
    let signature = match bundle.json.get("dsseEnvelope") {
        Some(envelope) => Value::from(base64(text(envelope).as_bytes())),
        None => bundle.json["messageSignature"]["signature"].clone(),
    };
    let certificate = pem("CERTIFICATE", &bundle.certificate().expect("a keyless bundle"));
    json!({
        "base64Signature": signature,
        "cert": base64(certificate.as_bytes()),
        "rekorBundle": {
            "Payload": {
                "body": entry["canonicalizedBody"],
                "integratedTime": number("integratedTime"),
                "logID": hex::encode(unbase64(entry["logId"]["keyId"].as_str().expect("a log"))),
                "logIndex": number("logIndex"),
            },
            "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        },
    })
}

fn predicate_type(bundle: &Bundle) -> Value {
    let payload = bundle.json["dsseEnvelope"]["payload"].as_str().expect("a bundle with an envelope");
    let statement: Value = serde_json::from_slice(&unbase64(payload)).expect("a statement");
    statement["predicateType"].clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identity, Provenance, Statement, World};

    #[test]
    fn shapes() {
        let world = World::new("wrap");
        let build = Provenance::github("example/widget", "refs/tags/v1");
        let signing = world.keyless(&Identity::github(&build));
        let bundle = signing.statement(&Statement::pypi_publish().subject("w.whl", b"w"));
        let both = [bundle.clone(), signing.statement(&build.v1().subject("w.whl", b"w"))];

        assert_eq!(sigstore_lines(&both).lines().count(), 2);
        let npm = npm(&both);
        assert_eq!(npm["attestations"][0]["predicateType"], "https://docs.pypi.org/attestations/publish/v1");
        assert_eq!(npm["attestations"][1]["predicateType"], "https://slsa.dev/provenance/v1");
        assert_eq!(npm["attestations"][1]["bundle"], both[1].json);

        let object = pep740(&bundle);
        assert_eq!(object["version"], 1);
        assert_eq!(object["envelope"]["signature"], bundle.json["dsseEnvelope"]["signatures"][0]["sig"]);
        assert!(object["verification_material"]["certificate"].is_string());
        assert_eq!(object["verification_material"]["transparency_entries"].as_array().unwrap().len(), 1);
        let provenance = pep740_provenance("example/widget", &both);
        assert_eq!(provenance["attestation_bundles"][0]["attestations"][0], object);
    }
}
