//! The stage as a whole: real documents, hostile bytes, and what each combination becomes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::print_stderr, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// What a document became, in one word per item.
fn shown(content: &Content) -> Vec<String> {
    let one = |word: &str| vec![word.to_owned()];
    match content {
        Content::Ordinary => one("ordinary"),
        Content::Refused(reason) => vec![format!("refused {}", reason.code())],
        Content::InvalidSbom(invalid) => vec![format!("refused {}", invalid.reasons[0].code())],
        Content::Sbom(sbom) => vec![sbom.format.clone()],
        Content::Vex(vex) => vec![vex.format.clone()],
        Content::Checksums(_) => one("checksums"),
        Content::UnsignedStatement(_) => one("unsigned"),
        Content::TrustedRoot => one("trusted-root"),
        Content::RevocationList(_) => one("revocation-list"),
        Content::Timestamp => one("timestamp"),
        Content::Signed(items) => items.iter().map(item).collect(),
    }
}

fn item(item: &SignedItem) -> String {
    let statement = |dsse: &Dsse| match &dsse.statement {
        Ok(statement) => match &statement.predicate {
            Predicate::Refused(reason) => format!("refused {}", reason.code()),
            Predicate::InvalidSbom(invalid) => format!("refused {}", invalid.reasons[0].code()),
            predicate => format!("{predicate:?}").split(['(', ' ']).next().unwrap_or_default().to_lowercase(),
        },
        Err(reason) => format!("unread {}", reason.code()),
    };
    let word = match &item.envelope {
        Ok(Envelope::Dsse(dsse)) => format!("dsse {}", statement(dsse)),
        Ok(Envelope::Bundle(bundle)) => match &bundle.content {
            BundleContent::Dsse(dsse) => format!("bundle-{} {}", bundle.version, statement(dsse)),
            BundleContent::Message { .. } => format!("bundle-{} file", bundle.version),
        },
        Ok(Envelope::Metablock(_)) => "metablock".to_owned(),
        Ok(Envelope::Detached(signature)) => signature.scheme.name().to_owned(),
        Err(reason) => format!("refused {}", reason.code()),
    };
    format!("{} {word}", item.index)
}

fn decode(text: impl AsRef<[u8]>) -> Vec<String> {
    shown(&document(text.as_ref(), &Limits::MAX))
}

fn base64(text: impl AsRef<[u8]>) -> String {
    ::base64::Engine::encode(&::base64::engine::general_purpose::STANDARD, text)
}

fn statement() -> Json {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a", "digest": {"sha512": "00"}}],
        "predicateType": "https://example.com/p",
    })
}

fn envelope() -> Json {
    json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64(statement().to_string()),
        "signatures": [{"sig": "AAAA"}],
    })
}

fn bundle_with(change: impl Fn(&mut Json)) -> Json {
    let mut bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": "AAAA"},
            "tlogEntries": [{"inclusionProof": {"hashes": ["AAAA"], "checkpoint": {"envelope": "o\n1\nr\n\n\u{2014} o s\n"}}}],
        },
        "dsseEnvelope": envelope(),
    });
    change(&mut bundle);
    bundle
}

fn message() -> Json {
    bundle_with(|b| {
        b.as_object_mut().unwrap().remove("dsseEnvelope");
        let digest = json!({"algorithm": "SHA2_256", "digest": base64([7_u8; 32])});
        b["messageSignature"] = json!({"messageDigest": digest, "signature": "AAAA"});
    })
}

fn pep740() -> Json {
    json!({
        "version": 1,
        "verification_material": {"certificate": "AAAA", "transparency_entries": [{"logIndex": "1"}]},
        "envelope": {"statement": base64(statement().to_string()), "signature": "AAAA"},
    })
}

#[test]
fn bundles() {
    type Change = fn(&mut Json);
    let media = |media_type: &'static str| {
        let chain = json!({"certificates": [{"rawBytes": "AAAA"}]});
        bundle_with(move |b| {
            b["mediaType"] = json!(media_type);
            b["verificationMaterial"] = json!({"x509CertificateChain": chain.clone()});
        })
    };
    for (bundle, expected) in [
        (bundle_with(|_| ()), "bundle-3 opaque"),
        (message(), "bundle-3 file"),
        (media("application/vnd.dev.sigstore.bundle+json;version=0.1"), "bundle-1 opaque"),
        (media("application/vnd.dev.sigstore.bundle+json;version=0.2"), "bundle-2 opaque"),
        (media("application/vnd.dev.sigstore.bundle+json;version=0.3"), "bundle-3 opaque"),
        (media("application/vnd.dev.sigstore.bundle.v0.3+json"), "bundle-3 opaque"),
        (media("application/vnd.dev.sigstore.bundle+json;version=0.4"), "refused parse.version"),
        (media("application/vnd.dev.sigstore.bundle.v0.3.1+json"), "refused parse.version"),
        (media("text/plain"), "refused parse.version"),
    ] {
        assert_eq!(decode(bundle.to_string()), [format!("0 {expected}")], "{bundle}");
    }
    let rows: &[(Change, &str)] = &[
        (|b| b["mediaType"] = json!(null), "refused parse.malformed"),
        (|b| b["mediaType"] = json!("x"), "refused parse.version"),
        (|b| b["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.2"), "refused parse.malformed"),
        (|b| b["verificationMaterial"] = json!(null), "refused parse.malformed"),
        (|b| b["verificationMaterial"] = json!({}), "refused parse.malformed"),
        (|b| b["verificationMaterial"] = json!({"publicKey": {}}), "bundle-3 opaque"),
        (|b| b["verificationMaterial"]["publicKey"] = json!({"hint": "x"}), "refused parse.malformed"),
        (|b| b["verificationMaterial"]["certificate"] = json!({}), "refused parse.malformed"),
        (|b| b["verificationMaterial"]["certificate"]["rawBytes"] = json!("AA"), "refused parse.malformed"),
        (|b| b["verificationMaterial"]["certificate"]["rawBytes"] = json!("-_-_"), "refused parse.malformed"),
        (
            |b| b["verificationMaterial"] = json!({"x509CertificateChain": {"certificates": []}}),
            "refused parse.malformed",
        ),
        (
            |b| {
                b["verificationMaterial"] =
                    json!({"x509CertificateChain": {"certificates": vec![json!({"rawBytes": "AAAA"}); 6]}});
            },
            "bundle-3 opaque",
        ),
        (
            |b| {
                b["verificationMaterial"] =
                    json!({"x509CertificateChain": {"certificates": vec![json!({"rawBytes": "AAAA"}); 7]}});
            },
            "refused limit.certificates",
        ),
        (|b| b["verificationMaterial"]["tlogEntries"] = json!(null), "bundle-3 opaque"),
        (|b| b["verificationMaterial"]["tlogEntries"] = json!({}), "refused parse.malformed"),
        (|b| b["verificationMaterial"]["tlogEntries"] = json!([1]), "refused parse.malformed"),
        (|b| b["verificationMaterial"]["tlogEntries"] = json!(vec![json!({}); 16]), "bundle-3 opaque"),
        (|b| b["verificationMaterial"]["tlogEntries"] = json!(vec![json!({}); 17]), "refused limit.signatures"),
        (
            |b| b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["hashes"] = json!(vec!["AAAA"; 63]),
            "bundle-3 opaque",
        ),
        (
            |b| b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["hashes"] = json!(vec!["AAAA"; 64]),
            "refused limit.inclusion-path",
        ),
        (
            |b| {
                b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"] =
                    json!(format!("o\n\n{}", "\u{2014} o s\n".repeat(32)));
            },
            "bundle-3 opaque",
        ),
        (
            |b| {
                b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"] =
                    json!(format!("o\n\n{}", "\u{2014} o s\n".repeat(33)));
            },
            "refused limit.cosignatures",
        ),
        (
            |b| {
                b["verificationMaterial"]["timestampVerificationData"] =
                    json!({"rfc3161Timestamps": vec![json!({}); 17]})
            },
            "refused limit.signatures",
        ),
        (|b| b["messageSignature"] = json!({}), "refused parse.malformed"),
        (|b| b["dsseEnvelope"]["signatures"] = json!([]), "refused signature.count"),
        (|b| b["dsseEnvelope"]["signatures"] = json!([{"sig": "AAAA"}, {"sig": "AAAA"}]), "refused signature.count"),
        (|b| b["dsseEnvelope"]["payloadType"] = json!("text/plain"), "bundle-3 unread signature.type"),
        (|b| b["dsseEnvelope"]["payload"] = json!("e30="), "bundle-3 unread evidence.type"),
    ];
    for (row, (change, expected)) in rows.iter().enumerate() {
        assert_eq!(decode(bundle_with(change).to_string()), [format!("0 {expected}")], "row {row}");
    }
    let rows: &[(&str, Json, &str)] = &[
        ("/messageDigest/algorithm", json!("SHA2_384"), "refused parse.malformed"),
        ("/messageDigest/algorithm", json!("SHA3_256"), "refused parse.unsupported"),
        ("/messageDigest/algorithm", json!("sha256"), "refused parse.unsupported"),
        ("/messageDigest/algorithm", json!(1), "refused parse.malformed"),
        ("/messageDigest/digest", json!("AAAA"), "refused parse.malformed"),
        ("/messageDigest/digest", json!(""), "refused parse.malformed"),
        ("/messageDigest", Json::Null, "refused parse.malformed"),
        ("/signature", json!(""), "refused parse.malformed"),
        ("/signature", json!("!"), "refused parse.malformed"),
    ];
    for (pointer, value, expected) in rows {
        let mut bundle = message();
        *bundle["messageSignature"].pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(decode(bundle.to_string()), [format!("0 {expected}")], "{pointer} {value}");
    }
}

#[test]
fn an_identity_is_what_was_signed() {
    let id = |text: &str| match document(text.as_bytes(), &Limits::MAX) {
        Content::Signed(items) => items.into_iter().map(|i| i.id).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let pae = Digest::sha256(&pae("application/vnd.in-toto+json", statement().to_string().as_bytes()));
    let mut resigned = envelope();
    resigned["signatures"] = json!([{"sig": "BBBB"}, {"sig": "CCCC", "keyid": "x"}]);
    for text in [
        envelope().to_string(),
        serde_json::to_string_pretty(&envelope()).unwrap(),
        resigned.to_string(),
        bundle_with(|_| ()).to_string(),
        pep740().to_string(),
        json!([envelope()]).to_string(),
        json!({"attestations": [{"bundle": bundle_with(|_| ())}]}).to_string(),
    ] {
        assert_eq!(id(&text), std::slice::from_ref(&pae), "{text}");
    }
    let text = message().to_string();
    assert_eq!(id(&text), [Digest::sha256(text.as_bytes())]);
    assert_eq!(id(&format!("{text}\n\n{text}")), [Digest::sha256(text.as_bytes()), Digest::sha256(text.as_bytes())]);
    let pretty = |v: &Json| serde_json::to_string_pretty(v).unwrap();
    assert_eq!(id(&pretty(&json!([message()]))), id(&json!([message()]).to_string()));
}

#[test]
fn collections() {
    let (e, b, m, p) = (envelope(), bundle_with(|_| ()), message(), pep740());
    let twice = e.to_string().replacen('{', r#"{"x":1,"\u0078":2,"#, 1);
    let many = |list: &[&Json]| json!({"version": 1, "attestation_bundles": [{"publisher": {}, "attestations": list}]});
    let rows: &[(String, &[&str])] = &[
        (e.to_string(), &["0 dsse opaque"]),
        (p.to_string(), &["0 bundle-3 opaque"]),
        (format!("{e}\n{b}\n"), &["0 dsse opaque", "1 bundle-3 opaque"]),
        (format!("\n{e}\r\n\r\n{p}"), &["1 dsse opaque", "3 bundle-3 opaque"]),
        (format!("{e}\n{{\"payload\n{b}"), &["0 dsse opaque", "1 refused parse.strict", "2 bundle-3 opaque"]),
        (format!("{e}\nnonsense\n"), &["0 dsse opaque", "1 refused parse.strict"]),
        (format!("{e}\n{twice}"), &["0 dsse opaque", "1 refused parse.duplicate-key"]),
        (format!("{e}\n{}", json!({})), &["0 dsse opaque", "1 refused parse.malformed"]),
        (format!("{e}\n{}", statement()), &["0 dsse opaque", "1 refused parse.malformed"]),
        (format!("{e} {e}"), &["refused parse.strict"]),
        (format!("{{}}\n{{\n{e}"), &["0 refused parse.malformed", "1 refused parse.strict", "2 dsse opaque"]),
        (format!("{}\n{}", statement(), statement()), &["refused parse.strict"]),
        ("{}\n{}\n".to_owned(), &["ordinary"]),
        (
            json!([e, m, {}, 7]).to_string(),
            &["0 dsse opaque", "1 bundle-3 file", "2 refused parse.malformed", "3 refused parse.malformed"],
        ),
        (json!([{}, e]).to_string(), &["0 refused parse.malformed", "1 dsse opaque"]),
        (format!("[{e},"), &["refused parse.strict"]),
        (format!("[{twice}]"), &["refused parse.duplicate-key"]),
        (json!([statement()]).to_string(), &["ordinary"]),
        (json!([1, "x", []]).to_string(), &["ordinary"]),
        (
            json!({"attestations": [{"predicateType": "x", "bundle": b}, {"bundle": null}, {}, 1]}).to_string(),
            &[
                "0 bundle-3 opaque",
                "1 refused parse.malformed",
                "2 refused parse.malformed",
                "3 refused parse.malformed",
            ],
        ),
        (json!({"attestations": []}).to_string(), &["ordinary"]),
        (json!({"attestations": ["x"]}).to_string(), &["ordinary"]),
        (r#"{"attestations":[{"bundle":{}}],}"#.to_owned(), &["ordinary"]),
        (many(&[&p, &p]).to_string(), &["0 bundle-3 opaque", "1 bundle-3 opaque"]),
        (many(&[&p, &json!({})]).to_string(), &["0 bundle-3 opaque", "1 refused parse.malformed"]),
        (many(&[]).to_string(), &["refused parse.malformed"]),
        (json!({"version": 2, "attestation_bundles": []}).to_string(), &["refused parse.malformed"]),
        (
            json!({"version": 2, "verification_material": {}, "envelope": {}}).to_string(),
            &["0 refused parse.malformed"],
        ),
        (twice.clone(), &["refused parse.duplicate-key"]),
    ];
    for (text, expected) in rows {
        assert_eq!(decode(text), *expected, "{text}");
    }
    let few = Limits { evidence_items: 2, ..Limits::MAX };
    for (text, expected) in [
        (format!("{e}\n{e}"), "0 dsse opaque"),
        (format!("{e}\n{e}\n{e}"), "refused limit.items"),
        (json!([e, e, e]).to_string(), "refused limit.items"),
    ] {
        assert_eq!(shown(&document(text.as_bytes(), &few))[0], expected);
    }
}

#[test]
fn everything_else() {
    let deep = format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","x":{}1{}}}"#, "[".repeat(64), "]".repeat(64));
    for (text, expected) in [
        ("", "ordinary"),
        ("\u{feff}", "ordinary"),
        ("plain text", "ordinary"),
        ("{\"a\":1}", "ordinary"),
        ("{\"a\":1,\"a\":1}", "ordinary"),
        ("{{{{", "ordinary"),
        ("<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"/>", "cyclonedx-1.5+xml"),
        ("SPDXVersion: SPDX-2.3\n", "refused sbom.missing-member"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.5"}"#, "cyclonedx-1.5+json"),
        (" \n{\"spdxVersion\":\"SPDX-2.2\"}\n", "refused sbom.missing-member"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.1"}"#, "refused parse.version"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.5","specVersion":"1.6"}"#, "refused parse.duplicate-key"),
        ("\u{feff}{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\"}", "refused parse.strict"),
        (r#"{"bomFormat":"CycloneDX","specVersion":"1.5"}, "#, "refused parse.strict"),
        (&deep, "refused limit.depth"),
        (r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#, "trusted-root"),
        (r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot.v0.2+json","tlogs":[]}"#, "trusted-root"),
        (r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"]"#, "refused parse.strict"),
        (r#"{"_type":"https://in-toto.io/Statement/v1"}"#, "refused parse.malformed"),
        (r#"{"_type":"https://in-toto.io/Statement/v2"}"#, "refused evidence.type"),
        (&statement().to_string(), "unsigned"),
    ] {
        assert_eq!(decode(text), [expected], "{text}");
    }
    assert_eq!(decode(b"{\"bomFormat\":\"CycloneDX\",\"name\":\"\xff\"}"), ["refused parse.strict"]);
    assert_eq!(decode(b"\x7fELF\x02\x01"), ["ordinary"]);
}

#[test]
fn algorithms_are_those_of_every_digest() {
    let found = |text: &str| -> Vec<&str> {
        algorithms(&document(text.as_bytes(), &Limits::MAX)).into_iter().map(Algorithm::name).collect()
    };
    let sbom = |alg: &str| {
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "file", "name": "a", "hashes": [{"alg": alg, "content": "00".repeat(48)}, {"alg": "MD5", "content": "11".repeat(16)}]}]})
    };
    let signed = |predicate_type: &str, predicate: Json| {
        let mut statement = statement();
        statement["predicateType"] = json!(predicate_type);
        statement["predicate"] = predicate;
        json!({"payloadType": "application/vnd.in-toto+json", "payload": base64(statement.to_string()), "signatures": [{"sig": "AAAA"}]})
    };
    let delivery =
        json!({"product": "pkg:generic/a", "sequence": 1, "evidence": [{"path": "x", "digest": {"sha384": "00"}}]});
    for (text, expected) in [
        (sbom("SHA-384").to_string(), vec!["sha384"]),
        (statement().to_string(), vec!["sha512"]),
        (message().to_string(), vec!["sha256"]),
        (json!([envelope(), message(), {}]).to_string(), vec!["sha256", "sha512"]),
        (signed("https://cyclonedx.org/bom", sbom("SHA-256")).to_string(), vec!["sha256", "sha512"]),
        (signed("urn:vidimus:attestation:delivery:v0.1", delivery).to_string(), vec!["sha384", "sha512"]),
        ("{}".to_owned(), vec![]),
    ] {
        assert_eq!(found(&text), expected, "{text}");
    }
    let Content::Signed(items) =
        document(signed("https://cyclonedx.org/bom", sbom("SHA-256")).to_string().as_bytes(), &Limits::MAX)
    else {
        panic!("not signed")
    };
    assert_eq!(components_of(&items[0]), 1);
}

proptest! {
    #[test]
    fn any_bytes_become_something(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let content = document(&bytes, &Limits::MAX);
        let _ = algorithms(&content);
    }

    /// Valid documents with some bytes changed reach far deeper than noise does.
    #[test]
    fn damaged_documents_become_something(
        which in 0..6_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let documents = [
            envelope(), bundle_with(|_| ()), message(), pep740(), statement(),
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "file", "name": "a"}]}),
        ];
        let mut bytes = documents[which].to_string().into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() * 2));
        let content = document(&bytes, &Limits::MAX);
        let _ = algorithms(&content);
        // The same bytes are the same content: nothing random, nothing remembered.
        prop_assert_eq!(shown(&content), shown(&document(&bytes, &Limits::MAX)));
    }
}

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !path.is_dir() {
        eprintln!("skipped: no corpus beside the project");
        return None;
    }
    Some(path)
}

/// (suite/id, kind, expected, what the first file became) of every case of `suites`.
fn cases(suites: &[&str]) -> Vec<(String, String, String, Vec<String>)> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let mut found = Vec::new();
    for suite in suites {
        let cases = std::fs::read_to_string(corpus.join(suite).join("cases.jsonl")).unwrap();
        for case in cases.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()) {
            let text = |member: &str| case[member].as_str().unwrap_or_default().to_owned();
            let bytes = std::fs::read(corpus.join(suite).join(case["files"][0].as_str().unwrap())).unwrap();
            found.push((text("id"), text("kind"), text("expected"), decode(&bytes)));
        }
    }
    found
}

/// Documents of real clients whose origin says that they verify are read without any refusal.
#[test]
fn real_bundles_are_read() {
    let cases = cases(&[
        "sigstore-conformance",
        "sigstore-python",
        "sigstore-js",
        "sigstore-go",
        "sigstore-java",
        "sigstore-rust",
        "pypi-attestations",
        "slsa-verifier",
        "model-signing",
        "conforma",
    ]);
    // What is no document of a kind that this stage reads stays an ordinary file.
    let other =
        ["detached-signature", "rfc3161", "x509", "checkpoint", "rekor-entry", "slsa-provenance-gcb", "public-key"];
    let mut wrong = Vec::new();
    for (id, kind, _, found) in cases.iter().filter(|(_, _, expected, _)| expected == "pass") {
        let ordinary = found == &["ordinary"];
        // A token that states what it is over; others are of no use in a file of their own.
        if kind == "rfc3161" && found == &["timestamp"] {
            continue;
        }
        let bad = found.iter().any(|word| word.contains("refused") || word.contains("unread"));
        if bad || ordinary != other.contains(&kind.as_str()) {
            wrong.push(format!("{id} ({kind}): {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Their origin reads or publishes them, and they break the rules of their format: references with `${…}`, which RFC 3987 does not
/// have; verification codes that are made up; placeholders instead of values.
const INVALID_EXAMPLES: [&str; 6] = [
    // A dependency of something that is not in the document; a root that is marked as external. No schema can tell.
    "sbom-utility/examples/cyclonedx/usecases/cdx-use-case-service-defn.json",
    "sbom-utility/test/cyclonedx/1.7/cdx-1-7-comp-version-range.json",
    "cyclonedx-bom-examples/OBOM/Example-1-Decoupled/bom.json",
    "spdx-tools-python/data/SPDXTagExample-v2.2.spdx",
    "spdx-tools-python/data/SPDXTagExample-v2.3.spdx",
    "spdx-tools-python/writer/tagvalue/expected_results/expected_tag_value.spdx",
];

/// SBOMs that their origin calls valid are read; whatever it says of the others, they become something.
#[test]
fn real_sboms_are_read() {
    let cases = cases(&[
        "cyclonedx-spec",
        "cyclonedx-bom-examples",
        "sbom-utility",
        "spdx-examples",
        "spdx-tools-python",
        "ntia-conformance",
        "guac",
        "guac-data",
        "bom-shelter",
    ]);
    let mut wrong = Vec::new();
    for (id, kind, expected, found) in &cases {
        // Where the origin says nothing, or that its tests read it, a document may break the rules of its format.
        // CycloneDX 1.0 and 1.1 are refused by name.
        let old = ["1.0/", "1.1/", "ext/"].iter().any(|old| id.starts_with(&format!("cyclonedx-spec/{old}")));
        let silent = expected.is_empty() || id.starts_with("guac-data/") || old;
        let rules = ["refused sbom.", "refused spdx.", "refused parse.version"];
        let broken = silent && found.iter().any(|word| rules.iter().any(|rule| word.starts_with(rule)));
        let refused = found.iter().any(|word| word.contains("refused")) && !broken;
        // Protocol buffers and YAML are ordinary files.
        let is_xml = id.ends_with(".xml") && kind == "cyclonedx";
        let is_json = id.ends_with(".json") && ["cyclonedx", "spdx"].contains(&kind.as_str());
        let read = found[0].ends_with(if is_xml { "+xml" } else { "+json" });
        let missed = expected == "pass" && (is_xml || is_json) && !broken && !read;
        if !INVALID_EXAMPLES.contains(&id.as_str()) && (missed || refused && expected != "fail") {
            wrong.push(format!("{id} ({kind}, {expected}): {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
