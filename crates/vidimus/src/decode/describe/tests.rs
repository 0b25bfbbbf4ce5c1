//! What files are called.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::print_stderr, clippy::disallowed_methods)]

use serde_json::json;

use super::*;

fn kinds(description: &Description) -> String {
    let items: Vec<String> = description.items.iter().map(kinds).collect();
    let problem = description.problem.as_ref().map(|p| format!(" !{}", p.code)).unwrap_or_default();
    match items.as_slice() {
        [] => format!("{}{problem}", description.kind),
        items => format!("{}{problem} [{}]", description.kind, items.join("; ")),
    }
}

fn envelope(predicate_type: &str, predicate: Json) -> Json {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": predicate_type, "predicate": predicate,
        "subject": [{"name": "a", "digest": {"sha256": "00"}}, {"digest": {"sha512": "11"}}],
    });
    let payload = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, statement.to_string());
    json!({"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "AAAA"}]})
}

#[test]
fn kinds_of_files() {
    let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "file", "name": "a"}]});
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "p", "subject": [{"digest": {"sha256": "00"}}],
    });
    let other = envelope("p", Json::Null);
    for (text, expected) in [
        ("hello".to_owned(), "file"),
        (bom.to_string(), "CycloneDX 1.6 JSON"),
        (json!({"spdxVersion": "SPDX-2.3"}).to_string(), "SPDX 2.3 JSON, not valid !sbom.missing-member"),
        (json!({"spdxVersion": "SPDX-2.1"}).to_string(), "document that cannot be read !parse.version"),
        (statement.to_string(), "in-toto statement v0.1, not signed"),
        (other.to_string(), "DSSE envelope [in-toto statement v1]"),
        (
            envelope("https://cyclonedx.org/bom", bom).to_string(),
            "DSSE envelope [in-toto statement v1 [CycloneDX 1.6 JSON]]",
        ),
        (
            envelope("https://slsa.dev/provenance/v1", json!({})).to_string(),
            "DSSE envelope [in-toto statement v1 !parse.malformed]",
        ),
        (
            json!([other, {}]).to_string(),
            "list of signed items [DSSE envelope [in-toto statement v1]; signed item that cannot be read !parse.malformed]",
        ),
        (
            json!({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}).to_string(),
            "Sigstore trusted root",
        ),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(), "private key: never deliver it"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".to_owned(), "public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA".to_owned(), "file"),
    ] {
        let found = describe(text.as_bytes(), &Limits::MAX);
        assert_eq!(kinds(&found), expected, "{text}");
        assert_eq!(found.facts[0].1, Digest::sha256(text.as_bytes()).hex());
    }
}

#[test]
fn long_lists_are_counted() {
    let subjects: Vec<Json> = (0..25).map(|n| json!({"name": format!("f{n}"), "digest": {"sha256": "00"}})).collect();
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "p", "subject": subjects});
    let found = describe(statement.to_string().as_bytes(), &Limits::MAX);
    let subjects: Vec<&str> = found.facts.iter().filter(|(l, _)| l == "subject").map(|(_, v)| v.as_str()).collect();
    assert_eq!((subjects.len(), subjects[0], subjects[20]), (21, "f0 sha256:00", "and 5 more"));
}

#[test]
fn keys_say_what_a_policy_needs() {
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
    let found = describe(ED25519.as_bytes(), &Limits::MAX);
    let [Signer::Key { algorithm: Some(algorithm), spki_sha256: Some(digest) }] = found.signers.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((algorithm.as_str(), digest.len()), ("ed25519", 64));
    assert!(serde_json::to_value(&found).unwrap()["signers"][0]["spki_sha256"].is_string());
}

#[test]
fn a_real_bundle_names_its_signer() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/sigstore-conformance/happy-path-v0.3/bundle.sigstore.json"
    );
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: no corpus beside the project");
        return;
    };
    let found = describe(&bytes, &Limits::MAX);
    assert_eq!(found.kind, "Sigstore bundle v0.3");
    let [Signer::Certificate { san_kind: "uri", san, issuer: Some(issuer) }] = found.signers.as_slice() else {
        panic!("{found:?}")
    };
    assert!(san.starts_with("https://github.com/sigstore-conformance/"), "{san}");
    assert_eq!(issuer, "https://token.actions.githubusercontent.com");
}
