//! What a verdict is rendered as, read by programs of others: SARIF by its schema, JUnit by its XSD, Markdown as forges show it, and
//! the operator's signed summary by SLSA's rules for consumers. Half of the cases of each are broken on purpose.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use vidimus::render::{self, VerdictFile};
use vidimus_testkit::encode::{base64, unbase64};

use crate::oracle::Oracle;
use crate::renderings::{cases, poisoned, rendered};
use crate::support::root;
use crate::vendor::Shop;

fn ask(oracle: &mut Oracle, what: &str, path: &Path) -> Json {
    oracle.ask(&json!({ "ask": what, "file": path }))
}

#[test]
fn sarif_by_its_schema() {
    let Some(mut node) = Oracle::node("renderings.js", "@microsoft/jest-sarif", &[]) else { return };
    let (mut good, mut broken) = (0, 0);
    for (fixture, product, _) in cases() {
        let made = tempfile::tempdir().unwrap();
        rendered(made.path(), fixture, product);
        let path = made.path().join("sarif");
        let poisoned = made.path().join("poisoned");
        fs::write(&poisoned, render::sarif(&poisoned_file(made.path()))).unwrap();
        for path in [&path, &poisoned] {
            let said = ask(&mut node, "sarif", path);
            assert!(said["good"] == true, "{fixture}: {said}");
            good += 1;
        }
        let log: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        type Break = fn(&mut Json);
        let breaks: [(&str, Break); 4] = [
            ("kind", |log| log["runs"][0]["results"][0]["kind"] = json!("unproven")),
            ("message", |log| drop(log["runs"][0]["results"][0].as_object_mut().unwrap().remove("message"))),
            ("member", |log| log["runs"][0]["results"][0]["verdict"] = json!("pass")),
            ("version", |log| log["version"] = json!("2.0.0")),
        ];
        for (what, change) in breaks {
            let mut log = log.clone();
            change(&mut log);
            fs::write(&path, log.to_string()).unwrap();
            assert!(ask(&mut node, "sarif", &path)["good"] == false, "{fixture}: {what}");
            broken += 1;
        }
    }
    println!("the SARIF schema: {good} logs are valid, {broken} broken ones are not");
}

#[test]
fn junit_by_its_schema() {
    let Some(mut python) = Oracle::python("renderings.py", "xmlschema, in_toto_attestation, securesystemslib") else {
        return;
    };
    let (mut good, mut broken) = (0, 0);
    for (fixture, product, _) in cases() {
        let made = tempfile::tempdir().unwrap();
        rendered(made.path(), fixture, product);
        let path = made.path().join("junit");
        let poisoned = made.path().join("poisoned");
        fs::write(&poisoned, render::junit(&poisoned_file(made.path()))).unwrap();
        for path in [&path, &poisoned] {
            let said = ask(&mut python, "junit", path);
            assert!(said["good"] == true, "{fixture}: {said}");
            good += 1;
        }
        let xml = fs::read_to_string(&path).unwrap();
        for (from, to) in [
            ("<testcase ", "<testcase result=\"x\" "),
            ("<testsuite name=", "<testsuite title="),
            ("</testsuite>", "<verdict/></testsuite>"),
            (" tests=", " test="),
        ] {
            fs::write(&path, xml.replace(from, to)).unwrap();
            assert!(ask(&mut python, "junit", &path)["good"] == false, "{fixture}: {to}");
            broken += 1;
        }
    }
    println!("the JUnit schema: {good} reports are valid, {broken} broken ones are not");
}

/// The verdict in `folder` with markup in every string.
fn poisoned_file(folder: &Path) -> VerdictFile {
    poisoned(serde_json::from_slice(&fs::read(folder.join("json")).unwrap()).unwrap())
}

#[test]
fn markdown_as_it_is_shown() {
    let Some(mut node) = Oracle::node("renderings.js", "markdown-it", &[]) else { return };
    for (fixture, product, code) in cases() {
        let made = tempfile::tempdir().unwrap();
        rendered(made.path(), fixture, product);
        let file: VerdictFile = serde_json::from_slice(&fs::read(made.path().join("json")).unwrap()).unwrap();
        let plain = ask(&mut node, "markdown", &made.path().join("markdown"));
        let poisoned = made.path().join("poisoned");
        fs::write(&poisoned, render::markdown(&poisoned_file(made.path()))).unwrap();
        let hostile = ask(&mut node, "markdown", &poisoned);
        for shown in [&plain, &hostile] {
            assert_eq!(
                (&shown["html"], &shown["links"], &shown["images"]),
                (&json!([]), &json!([]), &json!(0)),
                "{fixture}"
            );
            for table in shown["tables"].as_array().unwrap() {
                let rows = table.as_array().unwrap();
                let width = rows[0].as_array().unwrap().len();
                assert!(
                    rows.len() > 1 && rows.iter().all(|row| row.as_array().unwrap().len() == width),
                    "{fixture}: {table}"
                );
            }
        }
        // The same structure whatever the strings are; a waiver was added to the hostile one.
        let headings = |shown: &Json| shown["headings"].as_array().unwrap().len();
        assert_eq!(headings(&plain) + 1, headings(&hostile), "{fixture}: {plain:#}{hostile:#}");
        let checks = |shown: &Json| {
            let tables = shown["tables"].as_array().unwrap();
            tables.iter().find(|table| table[0][0] == "result").unwrap().as_array().unwrap().len() - 1
        };
        let rows = file.core.unmet.len() + file.core.met.iter().map(|met| met.count as usize).sum::<usize>();
        assert_eq!((checks(&plain), checks(&hostile)), (rows, rows), "{fixture}");
        let answer = if code == 0 { "h1 PASS" } else { "h1 FAIL" };
        assert!(plain["headings"][0].as_str().unwrap().starts_with(answer), "{fixture}: {}", plain["headings"]);
    }
}

const VERIFIER: &str = "https://intake.nordlys.example/verifier/v1";
const PURL: &str = "pkg:generic/aurora/5gc@8.2.1";

/// What is done to a summary before it is signed; `None` is done to the envelope afterwards.
type Change = (&'static str, fn(&mut Json));

const CHANGES: [Change; 14] = [
    ("another statement type", |s| s["_type"] = json!("https://in-toto.io/Statement/v0.1")),
    ("another predicate type", |s| s["predicateType"] = json!("https://slsa.dev/verification_summary/v2")),
    ("no subject", |s| s["subject"] = json!([])),
    ("another subject", |s| s["subject"] = json!([{ "name": "x", "digest": { "sha256": "00".repeat(32) } }])),
    ("another verifier", |s| s["predicate"]["verifier"]["id"] = json!("https://vidimus.example/")),
    ("another resource", |s| s["predicate"]["resourceUri"] = json!("pkg:generic/aurora/5gc@8.2.2")),
    ("FAILED", |s| {
        s["predicate"]["verificationResult"] = json!("FAILED");
        s["predicate"]["verifiedLevels"] = json!(["FAILED"]);
    }),
    ("FAILED as a level of a pass", |s| s["predicate"]["verifiedLevels"] = json!(["FAILED"])),
    ("two levels of a track", |s| {
        s["predicate"]["verifiedLevels"] = json!(["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2"]);
    }),
    ("a result that does not exist", |s| s["predicate"]["verificationResult"] = json!("UNPROVEN")),
    ("a time that is none", |s| s["predicate"]["timeVerified"] = json!("yesterday")),
    ("another policy", |s| s["predicate"]["policy"]["digest"]["sha256"] = json!("11".repeat(32))),
    ("an extension without a URI", |s| s["predicate"]["verdictCore"] = json!({})),
    ("levels that are no list", |s| s["predicate"]["verifiedLevels"] = json!("SLSA_BUILD_LEVEL_3")),
];

#[test]
fn the_operators_summary_by_slsas_rules() {
    let Some(mut python) = Oracle::python("renderings.py", "xmlschema, in_toto_attestation, securesystemslib") else {
        return;
    };
    let shop = Shop::new();
    let example = root().join("examples/telecom");
    shop.must(&["keygen", "operator", "--unencrypted", "--algorithm", "ecdsa-p256"]);
    shop.must(&["keygen", "stranger", "--unencrypted", "--algorithm", "ecdsa-p256"]);
    let (delivery, policy) = (example.join("delivery"), example.join("policy/policy.toml"));
    shop.must(&[
        "verify",
        delivery.to_str().unwrap(),
        "-q",
        "--policy",
        policy.to_str().unwrap(),
        "--product",
        PURL,
        "--verifier-id",
        VERIFIER,
        "--output",
        "vsa=vsa.json",
        "--output",
        "json=verdict.json",
    ]);
    let verdict: VerdictFile = serde_json::from_slice(&shop.read("verdict.json")).unwrap();
    for form in ["dsse", "bundle"] {
        let out = format!("{form}.json");
        shop.must(&["attest", "verdict", "vsa.json", "--key", "operator.key", "--form", form, "--out", &out]);
        let again = shop.run(&["attest", "verdict", "vsa.json", "--key", "operator.key", "--out", &out]);
        assert_eq!(again.code, 2, "nothing is overwritten: {}", again.stdout);
    }
    let mut ask = |envelope: &str, key: &str| {
        python.ask(&json!({
            "ask": "vsa", "envelope": shop.path(envelope), "key": shop.path(key), "verifier": VERIFIER, "resource": PURL,
            "artifact": verdict.core.subjects[0].sha256, "policy": verdict.core.inputs.policy.sha256, "levels": [],
        }))
    };
    let mut good = 0;
    for form in ["dsse.json", "bundle.json"] {
        let said = ask(form, "operator.pub");
        assert!(said["good"] == true, "{form}: {said}");
        // Every supporting item by the digest of a file that is there.
        let cited: Vec<&str> = said["inputs"].as_array().unwrap().iter().map(|hex| hex.as_str().unwrap()).collect();
        let files = crate::archive_parts::walk(&delivery);
        let there: Vec<String> =
            files.iter().map(|file| crate::archive_parts::digest(&fs::read(file).unwrap())).collect();
        assert!(!cited.is_empty() && cited.iter().all(|hex| there.iter().any(|file| file == hex)), "{cited:?}");
        good += 1;
    }
    let statement: Json = serde_json::from_slice(&shop.read("vsa.json")).unwrap();
    let envelope: Json = serde_json::from_slice(&shop.read("dsse.json")).unwrap();
    assert_eq!(
        unbase64(envelope["payload"].as_str().unwrap()),
        shop.read("vsa.json"),
        "what is signed is what was written"
    );
    let mut refused = 0;
    for (what, change) in CHANGES {
        let mut changed = statement.clone();
        change(&mut changed);
        assert_ne!(changed, statement, "{what}");
        // By whoever has the key: the rules must find it, not the signature.
        shop.write("payload", changed.to_string());
        signed_by_openssl(&shop, "operator.key");
        let said = ask("changed.json", "operator.pub");
        assert!(said["good"] == false, "{what}: {said}");
        refused += 1;
    }
    shop.write("payload", statement.to_string());
    signed_by_openssl(&shop, "operator.key");
    if shop.path("changed.json").exists() {
        assert!(ask("changed.json", "operator.pub")["good"] == true, "the change is what was found");
    }
    for (what, pointer, value) in [
        ("payload changed", "/payload", base64(statement.to_string().replace("PASSED", "PASSED ").as_bytes())),
        ("signature changed", "/signatures/0/sig", base64(&[0; 70])),
        ("payload type changed", "/payloadType", "application/json".to_owned()),
    ] {
        let mut changed = envelope.clone();
        *changed.pointer_mut(pointer).unwrap() = json!(value);
        shop.write("changed.json", changed.to_string());
        assert!(ask("changed.json", "operator.pub")["good"] == false, "{what}");
        refused += 1;
    }
    assert!(ask("dsse.json", "stranger.pub")["good"] == false, "another key");
    println!("SLSA's rules: {good} summaries hold, {} changed ones do not", refused + 1);
}

/// `changed.json`: an envelope with `payload`, signed with openssl.
fn signed_by_openssl(shop: &Shop, key: &str) {
    let payload = shop.read("payload");
    let kind = "application/vnd.in-toto+json";
    let pae = [format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).as_bytes(), &payload].concat();
    shop.write("pae", pae);
    let made = shop.shell(&format!("openssl dgst -sha256 -sign {key} -out sig pae"));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let signature = json!({ "keyid": "", "sig": base64(&shop.read("sig")) });
    let envelope = json!({ "payload": base64(&payload), "payloadType": kind, "signatures": [signature] });
    shop.write("changed.json", envelope.to_string());
}

/// Only what `verify` wrote about a verdict is signed as one, byte for byte.
#[test]
fn what_is_not_about_a_verdict_is_not_signed_as_one() {
    let shop = Shop::new();
    shop.must(&["keygen", "operator", "--unencrypted"]);
    let subject = json!([{ "name": "a", "digest": { "sha256": hex(b"a") } }]);
    let statement = |uri: &str, predicate: Json| json!({ "_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": uri, "predicate": predicate });
    let svr = json!({ "verifier": { "id": VERIFIER, "policies": [] }, "timeCreated": "2026-11-23T12:00:00Z", "properties": ["VIDIMUS_RULE_x"] });
    let good = statement("https://in-toto.io/attestation/svr/v0.2", svr);
    let mut more = good.clone();
    more["note"] = json!("not signed otherwise");
    let mut weak = good.clone();
    weak["subject"][0]["digest"]["sha1"] = json!("00".repeat(20));
    for (what, statement, code) in [
        ("a result", good.clone(), 0),
        ("a member more", more, 2),
        ("a digest more", weak, 2),
        ("a release", statement("https://in-toto.io/attestation/release/v0.1", json!({ "purl": PURL })), 2),
        ("an empty summary", statement("https://slsa.dev/verification_summary/v1", json!({})), 2),
        ("no statement", json!({}), 2),
    ] {
        shop.write("statement.json", statement.to_string());
        let run = shop.run(&["attest", "verdict", "statement.json", "--key", "operator.key", "--out", "out.json"]);
        assert_eq!((run.code, shop.path("out.json").exists()), (code, code == 0), "{what}: {}", run.stderr);
        let _ = fs::remove_file(shop.path("out.json"));
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
