//! What we sign, others verify; what others sign, we verify: openssl, Python's securesystemslib and in-toto, Sigstore's library for
//! JavaScript. Half of the cases are tampered with. Where a program is not installed, its test says so.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use vidimus_testkit::encode::{base64, unbase64};

use crate::differential::flipped;
use crate::differential_python::{Python, variants};
use crate::support::{AT, not_asked};
use crate::vendor::Shop;

const ALGORITHMS: [&str; 3] = ["ecdsa-p256", "ecdsa-p384", "ed25519"];

/// (what, is it good, what they say)
pub type Cases = Vec<(String, bool, bool)>;

pub fn agreed(program: &str, cases: &Cases, least: usize) {
    let wrong: Vec<_> = cases.iter().filter(|(_, good, said)| good != said).collect();
    assert!(wrong.is_empty(), "{program}: {wrong:#?}");
    let tampered = cases.iter().filter(|(_, good, _)| !good).count();
    assert!(
        cases.len() >= least && tampered * 2 >= cases.len(),
        "{program}: {} cases, {tampered} tampered",
        cases.len()
    );
    println!("{program}: {} cases, {tampered} tampered with, no disagreement", cases.len());
}

/// A shop with a key of each kind, `NAME.key` and `NAME.pub`.
pub fn shop() -> Shop {
    let shop = Shop::new();
    for algorithm in ALGORITHMS {
        shop.must(&["keygen", algorithm, "--unencrypted", "--algorithm", algorithm]);
    }
    shop
}

fn openssl() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    if !there {
        not_asked("openssl is not installed");
    }
    there
}

#[test]
fn openssl_verifies_our_signatures_and_we_take_its_keys() {
    if !openssl() {
        return;
    }
    let shop = shop();
    let mut cases = Vec::new();
    let verify = |algorithm: &str, key: &str, file: &str| {
        let script = match algorithm {
            "ed25519" => format!("openssl pkeyutl -verify -pubin -inkey {key} -rawin -in {file} -sigfile sig"),
            "ecdsa-p384" => format!("openssl dgst -sha384 -verify {key} -signature sig {file}"),
            _ => format!("openssl dgst -sha256 -verify {key} -signature sig {file}"),
        };
        shop.shell(&script).code == 0
    };
    shop.write("other", "another application\n");
    for algorithm in ALGORITHMS {
        let (key, public) = (format!("{algorithm}.key"), format!("{algorithm}.pub"));
        shop.must(&["keygen", &format!("x-{algorithm}"), "--unencrypted", "--algorithm", algorithm]);
        for form in ["detached", "base64"] {
            let out = format!("{algorithm}.{form}");
            shop.must(&["sign", "build/app", "--key", &key, "--form", form, "--out", &out]);
            let bytes = shop.read(&out);
            let signature =
                if form == "base64" { unbase64(String::from_utf8(bytes).unwrap().trim_end()) } else { bytes };
            for (what, good, signature, public, file) in [
                ("good", true, signature.clone(), public.clone(), "build/app"),
                ("another file", false, signature.clone(), public.clone(), "other"),
                ("another key", false, signature.clone(), format!("x-{public}"), "build/app"),
                ("changed", false, flipped(&signature, signature.len() - 1), public.clone(), "build/app"),
            ] {
                shop.write("sig", &signature);
                cases.push((format!("{algorithm} {form} {what}"), good, verify(algorithm, &public, file)));
            }
        }
        // The keys themselves, both ways, encrypted and not.
        shop.write("pass", "open sesame\n");
        shop.write("pass-wrong", "open barley\n");
        let made =
            shop.shell(&format!("vidimus keygen e-{algorithm} --algorithm {algorithm} --passphrase-fd 3 3<pass"));
        assert_eq!(made.code, 0, "{}", made.stderr);
        for (pass, good) in [("pass", true), ("pass-wrong", false)] {
            let script =
                format!("openssl pkey -in e-{algorithm}.key -passin file:{pass} -pubout | cmp - e-{algorithm}.pub");
            cases.push((format!("{algorithm} our key, {pass}"), good, shop.shell(&script).code == 0));
            let options = match algorithm {
                "ed25519" => "-algorithm ed25519",
                "ecdsa-p384" => "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
                _ => "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
            };
            let script = format!(
                "rm -f their.* && openssl genpkey {options} -aes-256-cbc -pass file:pass -out their.key && openssl pkey -in their.key \
                 -passin file:pass -pubout -out their.pub && vidimus sign build/app --key their.key --form detached --out their.sig \
                 --passphrase-fd 3 3<{pass} && cp their.sig sig"
            );
            let signed = shop.shell(&script).code == 0 && verify(algorithm, "their.pub", "build/app");
            cases.push((format!("{algorithm} their key, {pass}"), good, signed));
        }
    }
    agreed("openssl", &cases, 30);
}

#[test]
fn python_verifies_our_envelopes() {
    let Some(mut python) = Python::new() else { return };
    let shop = shop();
    let mut cases = Vec::new();
    for (algorithm, scheme) in
        [("ecdsa-p256", "ecdsa-sha2-nistp256"), ("ecdsa-p384", "ecdsa-sha2-nistp384"), ("ed25519", "ed25519")]
    {
        let attest = |key: &str, out: &str| -> Value {
            let about = ["--subject", "build", "--form", "dsse", "--key", key, "--out", out];
            shop.must(&[&["attest", "release", "--product", "pkg:generic/acme/app@1.0"][..], &about].concat());
            serde_json::from_slice(&shop.read(out)).unwrap()
        };
        let ours = attest(&format!("{algorithm}.key"), &format!("{algorithm}.json"));
        shop.must(&["keygen", &format!("x-{algorithm}"), "--unencrypted", "--algorithm", algorithm]);
        let other = attest(&format!("x-{algorithm}.key"), &format!("x-{algorithm}.json"));
        for (what, good, changed) in variants(&ours, &other) {
            let envelope = shop.write("asked.json", changed.to_string());
            let said = python.ask(&json!({
                "ask": "envelope", "envelope": envelope, "key": shop.path(&format!("{algorithm}.pub")), "scheme": scheme,
                "keyid": ours["signatures"][0]["keyid"],
            }));
            for library in ["securesystemslib", "in-toto"] {
                cases.push((format!("{library} {algorithm} {what}"), good, said[library].as_bool().unwrap()));
            }
        }
    }
    agreed("securesystemslib and in-toto", &cases, 40);
    // sigstore for Python has no mode for managed keys. What can be asked is that its reader finds nothing else wrong with the form.
    shop.must(&[
        "attest",
        "release",
        "--product",
        "pkg:generic/a@1",
        "--subject",
        "build",
        "--key",
        "acme.key",
        "--out",
        "b.json",
    ]);
    let bundle: Value = serde_json::from_slice(&shop.read("b.json")).unwrap();
    for (pointer, value, good) in [
        ("/mediaType", bundle["mediaType"].clone(), true),
        ("/mediaType", json!("application/vnd.example"), false),
        ("/dsseEnvelope/signatures", json!("none"), false),
    ] {
        let mut changed = bundle.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        let path = shop.write("asked.json", changed.to_string());
        let said = python.ask(&json!({"ask": "parse", "bundle": path}));
        let only_the_key = said["why"].as_str().unwrap_or_default().ends_with("expected certificate in bundle");
        assert_eq!(only_the_key, good, "sigstore (Python), {pointer}: {said}");
    }
}

/// Node with Sigstore's library beside the build.
struct Node {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Node {
    fn new() -> Option<Self> {
        let libraries = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("node");
        if !libraries.join("node_modules/@sigstore/verify").is_dir()
            || Command::new("node").arg("--version").output().is_err()
        {
            not_asked("node and @sigstore/verify are not installed");
            return None;
        }
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/node/judge.js");
        let mut command = Command::new("node");
        let mut child =
            command.arg(script).arg(libraries).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, stdin, stdout })
    }

    fn accepts(&mut self, request: &Value) -> (bool, String) {
        writeln!(self.stdin, "{request}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{request}: {line}: {e}"));
        (answer["accepts"].as_bool().unwrap(), answer["why"].to_string())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn sigstore_for_javascript_and_we_agree() {
    let Some(mut node) = Node::new() else { return };
    let shop = shop();
    let mut cases = Vec::new();
    shop.must(&["keygen", "stranger", "--unencrypted"]);
    shop.write("other", "another application\n");
    // P-384 and Ed25519 are not asked: the library verifies managed keys with SHA-256.
    let mut ask = |name: String, good: bool, bundle: &Value, key: &str, file: Option<&str>| {
        let path = shop.write("asked.json", bundle.to_string());
        let file = file.map(|file| shop.path(file));
        let (said, why) = node.accepts(&json!({"bundle": path, "key": shop.path(key), "file": file}));
        cases.push((format!("{name}: {why}"), good, said));
    };
    shop.must(&["sign", "build/app", "--key", "ecdsa-p256.key", "--out", "m.json"]);
    let about = ["--subject", "build", "--key", "ecdsa-p256.key", "--out", "s.json"];
    shop.must(&[&["attest", "release", "--product", "pkg:generic/acme/app@1.0"][..], &about].concat());
    for (name, file, pointer) in [
        ("m.json", Some("build/app"), "/messageSignature/signature"),
        ("s.json", None, "/dsseEnvelope/signatures/0/sig"),
    ] {
        let bundle: Value = serde_json::from_slice(&shop.read(name)).unwrap();
        ask(name.to_owned(), true, &bundle, "ecdsa-p256.pub", file);
        ask(format!("{name} another key"), false, &bundle, "stranger.pub", file);
        let mut changed = bundle.clone();
        let signature = unbase64(bundle.pointer(pointer).unwrap().as_str().unwrap());
        *changed.pointer_mut(pointer).unwrap() = json!(base64(&flipped(&signature, signature.len() - 1)));
        ask(format!("{name} signature changed"), false, &changed, "ecdsa-p256.pub", file);
        if file.is_some() {
            ask(format!("{name} another file"), false, &bundle, "ecdsa-p256.pub", Some("other"));
        } else {
            let mut changed = bundle.clone();
            let payload = unbase64(bundle["dsseEnvelope"]["payload"].as_str().unwrap());
            changed["dsseEnvelope"]["payload"] = json!(base64(&flipped(&payload, 60)));
            ask(format!("{name} payload changed"), false, &changed, "ecdsa-p256.pub", None);
        }
    }
    // What it signs, we verify.
    shop.policy("open", r#"may = ["file", "release"]"#, "");
    std::fs::copy(shop.path("ecdsa-p256.pub"), shop.path("open/keys/acme.pub")).unwrap();
    let release = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":"HASH"}}],"predicateType":"https://in-toto.io/attestation/release/v0.1","predicate":{"purl":"pkg:generic/acme/app@1.0"}}"#;
    let release = release.replace("HASH", &vidimus_testkit::encode::sha256_hex(b"the application\n"));
    shop.write("release.json", release);
    for (data, kind, pointer) in [
        ("build/app", Value::Null, "/messageSignature/signature"),
        ("release.json", json!("application/vnd.in-toto+json"), "/dsseEnvelope/signatures/0/sig"),
    ] {
        let path = shop.path("theirs.json");
        let request = json!({"ask": "sign", "key": shop.path("ecdsa-p256.key"), "hash": "sha256", "data": shop.path(data), "type": kind, "bundle": path});
        let (made, why) = node.accepts(&request);
        assert!(made, "{why}");
        let bundle: Value = serde_json::from_slice(&shop.read("theirs.json")).unwrap();
        let signature = unbase64(bundle.pointer(pointer).unwrap().as_str().unwrap());
        let mut changed = bundle.clone();
        *changed.pointer_mut(pointer).unwrap() = json!(base64(&flipped(&signature, signature.len() - 1)));
        for (what, good, bundle, key) in [
            ("good", true, &bundle, "ecdsa-p256"),
            ("changed", false, &changed, "ecdsa-p256"),
            ("another key", false, &bundle, "stranger"),
        ] {
            std::fs::copy(shop.path(&format!("{key}.pub")), shop.path("open/keys/acme.pub")).unwrap();
            let bundle = shop.write("app.sigstore.json", bundle.to_string());
            let run = shop.run(&[
                "verify",
                "build/app",
                "--policy",
                "open/policy.toml",
                "--product",
                "pkg:generic/acme/app@1.0",
                "--at",
                AT,
                "--evidence",
                bundle.to_str().unwrap(),
            ]);
            cases.push((format!("theirs {data} {what}: {}", run.stdout), good, run.code == 0));
        }
    }
    agreed("sigstore (JavaScript)", &cases, 14);
}

const CONFIG: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
O = Alp
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[stamper]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = serial
default_policy = 1.3.6.1.4.1.99999.1.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
";

/// openssl as the authority: it answers our requests, and we take its answers if they are right.
#[test]
fn timestamps_are_asked_for_and_checked() {
    if !openssl() {
        return;
    }
    let shop = shop();
    shop.write("openssl.cnf", CONFIG);
    for who in ["alp", "mallory"] {
        let made = shop.shell(&format!(
            "set -e; echo 01 > serial
             openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {who}-root.key
             openssl req -new -x509 -config openssl.cnf -extensions root -days 36500 -subj /O={who}/CN=root -key {who}-root.key -out {who}-root.pem
             openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {who}.key
             openssl req -new -config openssl.cnf -subj /O={who}/CN=stamper -key {who}.key -out {who}.csr
             openssl x509 -req -in {who}.csr -CA {who}-root.pem -CAkey {who}-root.key -CAcreateserial -days 36500 -extfile openssl.cnf -extensions stamper -out {who}.pem"
        ));
        assert_eq!(made.code, 0, "{}", made.stderr);
    }
    let reply = |who: &str, query: &str, out: &str| {
        let run = shop.shell(&format!(
            "openssl ts -reply -config openssl.cnf -queryfile {query} -signer {who}.pem -inkey {who}.key -sha256 -out {out}"
        ));
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    shop.must(&["sign", "build/doc/readme.txt", "--key", "ecdsa-p256.key", "--out", "other.json"]);
    let (mut cases, mut attached) = (Vec::new(), 0);
    for algorithm in ALGORITHMS {
        let bundle = format!("{algorithm}.json");
        shop.must(&["sign", "build/app", "--key", &format!("{algorithm}.key"), "--out", &bundle]);
        for hash in ["sha256", "sha384", "sha512"] {
            let _ = std::fs::remove_file(shop.path("query"));
            shop.must(&["timestamp", "request", &bundle, "--hash", hash, "--out", "query"]);
            let shown = shop.shell("openssl ts -query -in query -text");
            assert!(
                shown.stdout.contains("Certificate required: yes") && shown.stdout.contains("Nonce: 0x"),
                "{}",
                shown.stdout
            );
            reply("alp", "query", "good.tsr");
            reply("mallory", "query", "mallory.tsr");
            let _ = std::fs::remove_file(shop.path("query2"));
            shop.must(&["timestamp", "request", "other.json", "--out", "query2"]);
            reply("alp", "query2", "other.tsr");
            let good = shop.read("good.tsr");
            shop.write("changed.tsr", flipped(&good, good.len() - 1));
            shop.write("cut.tsr", &good[..good.len() - 9]);
            for (response, is_good) in [
                ("good.tsr", true),
                ("mallory.tsr", false),
                ("other.tsr", false),
                ("changed.tsr", false),
                ("cut.tsr", false),
            ] {
                let out = format!("{algorithm}-{hash}-{response}.json");
                let run = shop.run(&[
                    "timestamp",
                    "attach",
                    &bundle,
                    "--tsa-response",
                    response,
                    "--anchor",
                    "alp-root.pem",
                    "--out",
                    &out,
                ]);
                assert_eq!(run.code == 0, shop.path(&out).exists(), "{}", run.stderr);
                cases.push((format!("{out}: {}", run.stderr), is_good, run.code == 0));
            }
            let stamped: Value =
                serde_json::from_slice(&shop.read(&format!("{algorithm}-{hash}-good.tsr.json"))).unwrap();
            let pointer = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
            shop.write("token", unbase64(stamped.pointer(pointer).unwrap().as_str().unwrap()));
            shop.write("signature", unbase64(stamped["messageSignature"]["signature"].as_str().unwrap()));
            let theirs = shop.shell("openssl ts -verify -data signature -in token -CAfile alp-root.pem");
            assert_eq!(theirs.code, 0, "{}", theirs.stderr);
            attached += 1;
        }
    }
    agreed("openssl ts", &cases.iter().map(|(name, good, said)| (name.clone(), *good, *said)).collect(), 40);
    assert_eq!(attached, 9);
    // Two authorities on one bundle, and the same answer twice is one.
    for (response, anchor) in [("good.tsr", "alp"), ("good.tsr", "alp"), ("mallory.tsr", "mallory")] {
        shop.must(&[
            "timestamp",
            "attach",
            "ed25519.json",
            "--tsa-response",
            response,
            "--anchor",
            &format!("{anchor}-root.pem"),
            "--in-place",
        ]);
    }
    let stamped: Value = serde_json::from_slice(&shop.read("ed25519.json")).unwrap();
    let stamps = &stamped["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"];
    assert_eq!(stamps.as_array().map(Vec::len), Some(2));
    // The delivery statement of `pack`, stamped at once when the same command is run again.
    assert_eq!(shop.pack("one", &["--sequence", "1"]).code, 0);
    let _ = std::fs::remove_file(shop.path("query"));
    shop.must(&["timestamp", "request", "one/evidence/delivery.sigstore.json", "--out", "query"]);
    reply("alp", "query", "delivery.tsr");
    let run = shop.pack(
        "two",
        &["--sequence", "1", "--tsa-response", "delivery.tsr", "--tsa-anchor", "alp-root.pem", "--as", "tar"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run =
        shop.pack("three", &["--sequence", "2", "--tsa-response", "delivery.tsr", "--tsa-anchor", "alp-root.pem"]);
    assert!(
        run.code == 2 && run.stderr.contains("over another signature") && !shop.path("three").exists(),
        "{}",
        run.stderr
    );
    // Sigstore's own library takes it with one timestamp.
    let Some(mut node) = Node::new() else { return };
    let chain: Vec<String> = ["alp", "alp-root"]
        .map(|who| {
            let der = shop.shell(&format!("openssl x509 -in {who}.pem -outform DER | base64 -w0"));
            der.stdout
        })
        .to_vec();
    for (bundle, good) in [("ecdsa-p256-sha256-good.tsr.json", true), ("ecdsa-p256.json", false)] {
        let request = json!({"bundle": shop.path(bundle), "key": shop.path("ecdsa-p256.pub"), "file": shop.path("build/app"), "tsa": chain});
        let (said, why) = node.accepts(&request);
        assert_eq!(said, good, "{bundle}: {why}");
    }
}
