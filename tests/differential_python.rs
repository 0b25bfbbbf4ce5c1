//! Python's libraries, asked about the same envelopes and bundles: securesystemslib, in-toto, sigstore.
//!
//! They are not part of any system; `.ci/run` installs them into a virtual environment beside the build.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use vidimus_testkit::sigstore::{Signing, Tamper};
use vidimus_testkit::{Bundle, Identity, Key, Statement, World};

use crate::differential::{Bench, Said, agreed};
use crate::support::{not_asked, vidimus};

const PREDICATE: &str = "https://example.com/reviewed/v1";

/// An interpreter that has the libraries, with the script that asks them.
pub struct Python {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Where it runs: inspections of in-toto write into it.
    _place: tempfile::TempDir,
}

impl Python {
    pub fn new() -> Option<Self> {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("python/bin/python");
        let program = if beside.exists() { beside } else { PathBuf::from("python3") };
        let libraries = ["-c", "import in_toto, securesystemslib, sigstore"];
        let there = Command::new(&program).args(libraries).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            not_asked("Python's in-toto, securesystemslib and sigstore are not installed");
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/judge.py");
        let place = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        let command = command
            .arg(script)
            .current_dir(place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, stdin, stdout, _place: place })
    }

    pub fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.stdin, "{request}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{request}: {line}: {e}"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const FILE: &[u8] = b"the delivered file\n";

fn statement() -> Statement {
    Statement::new(PREDICATE, json!({"verdict": "good"})).subject("file", FILE)
}

/// What is done to an envelope, and whether it is still one of the key.
pub fn variants(envelope: &Value, other: &Value) -> Vec<(&'static str, bool, Value)> {
    let with = |pointer: &str, value: Value| {
        let mut changed = envelope.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let text = |pointer: &str| envelope.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let swapped = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let (payload, signature) = (text("/payload"), text("/signatures/0/sig"));
    let genuine = envelope["signatures"][0].clone();
    let stranger = other["signatures"][0].clone();
    let mut impostor = stranger.clone();
    impostor["keyid"] = genuine["keyid"].clone();
    vec![
        ("genuine", true, envelope.clone()),
        ("a stranger signed too", true, with("/signatures", json!([stranger, genuine]))),
        ("payload changed", false, with("/payload", swapped(&payload, 40).into())),
        ("payload cut off", false, with("/payload", payload[..payload.len() - 8].into())),
        ("signature changed", false, with("/signatures/0/sig", swapped(&signature, 20).into())),
        ("signature cut off", false, with("/signatures/0/sig", signature[..signature.len() - 4].into())),
        ("a stranger's signature", false, with("/signatures", json!([impostor]))),
        ("no signature", false, with("/signatures", json!([]))),
    ]
}

#[test]
fn python_agrees_on_envelopes() {
    let Some(mut python) = Python::new() else { return };
    let Some(mut bench) = Bench::of("python3") else { return };
    let rows = [
        ("ed25519", "ed25519", Key::ed25519("python"), Key::ed25519("stranger")),
        ("p256", "ecdsa-sha2-nistp256", Key::p256("python"), Key::p256("stranger")),
        ("p384", "ecdsa-sha2-nistp384", Key::p384("python"), Key::p384("stranger")),
        ("pss", "rsassa-pss-sha256", Key::rsa("python", 2048).pss(), Key::rsa("stranger", 2048).pss()),
    ];
    let mut cases = Vec::new();
    for (name, scheme, key, stranger) in rows {
        let public = bench.write(&format!("policy/{name}.pub"), key.public_pem());
        let (ours, other) = (statement().envelope(&[&key]), statement().envelope(&[&stranger]));
        judged(&mut python, &mut bench, name, scheme, &public, (&ours, &other), &mut cases);
        if scheme == "ecdsa-sha2-nistp384" {
            continue;
        }
        let (public, path) = (bench.path(&format!("policy/{name}-theirs.pub")), bench.path("theirs.json"));
        let payload = statement().json().to_string();
        let request = json!({
            "ask": "sign", "scheme": scheme, "payload": payload, "type": "application/vnd.in-toto+json",
            "envelope": path, "key": public,
        });
        python.ask(&request);
        let theirs: Value = serde_json::from_slice(&bench.read("theirs.json")).unwrap();
        judged(&mut python, &mut bench, &format!("{name}-theirs"), scheme, &public, (&theirs, &other), &mut cases);
    }
    agreed("securesystemslib and in-toto", &cases);
}

/// Every variant of an envelope by the key `policy/NAME.pub`, as both of Python's libraries and we see it.
fn judged(
    python: &mut Python,
    bench: &mut Bench,
    name: &str,
    scheme: &str,
    public: &Path,
    (envelope, other): (&Value, &Value),
    cases: &mut Vec<(String, bool, Said)>,
) {
    let algorithm = if scheme.starts_with("rsa") { "\nalgorithm = \"rsa-pss-2048-sha256\"" } else { "" };
    let identity = format!("key = \"{name}.pub\"{algorithm}");
    for (what, good, changed) in variants(envelope, other) {
        let path = bench.write("asked.json", changed.to_string());
        let request = json!({
            "ask": "envelope", "envelope": path, "key": public, "scheme": scheme,
            "keyid": envelope["signatures"][0]["keyid"],
        });
        let said = python.ask(&request);
        let ours = bench.released(&identity, FILE, "file.intoto.json", changed.to_string().as_bytes());
        for library in ["securesystemslib", "in-toto"] {
            let theirs = said[library].as_bool().unwrap();
            cases.push((format!("{library} {name} {what}"), good, Said { theirs, ours }));
        }
    }
}

#[test]
fn python_agrees_on_bundles() {
    let Some(mut python) = Python::new() else { return };
    let Some(bench) = Bench::of("python3") else { return };
    let world = World::new("python");
    let who = Identity::email("dev@example.com", "https://accounts.example.com");
    let root = bench.write("root.json", world.trusted_root_json());
    let file = bench.write("file", FILE);
    let mut cases = Vec::new();
    let mut ask = |name: String, good: bool, bundle: &Bundle, statement: bool| {
        let path = bench.write("bundle.json", bundle.bytes());
        let request = json!({
            "ask": "bundle", "root": root, "bundle": path, "file": file, "statement": statement,
            "identity": "dev@example.com", "issuer": "https://accounts.example.com",
        });
        let theirs = python.ask(&request)["sigstore"].as_bool().unwrap();
        let args = ["--certificate-identity", "dev@example.com", "--certificate-oidc-issuer"];
        let mut command = vidimus();
        command.arg("verify-bundle").arg("--bundle").arg(&path).args(args).arg("https://accounts.example.com");
        let output = command.arg("--trusted-root").arg(&root).arg(&file).output().unwrap();
        cases.push((name, good, Said { theirs, ours: output.status.success() }));
    };
    let shapes: Vec<(&str, Signing<'_>)> = vec![
        ("v0.3", world.keyless(&who)),
        ("v0.2", world.keyless(&who).version(2)),
        ("v0.3 stamped", world.keyless(&who).timestamp(true)),
        ("Rekor v2", world.keyless(&who).v2()),
    ];
    for (name, signing) in shapes {
        for is_statement in [false, true] {
            let made = |signing: &Signing<'_>| {
                if is_statement { signing.statement(&statement()) } else { signing.message(FILE) }
            };
            let what = if is_statement { "statement" } else { "message" };
            ask(format!("{name} {what}"), true, &made(&signing), is_statement);
            // Beside the log's promise Python passes over a timestamp that does not verify. We refuse the bundle: whoever put it
            // there wanted a time to be believed that nobody stamped.
            let passed_over =
                |tamper| name == "v0.3 stamped" && matches!(tamper, Tamper::ForeignTimestamp | Tamper::OtherTimestamp);
            for tamper in Tamper::ALL.into_iter().filter(|tamper| signing.can(*tamper) && !passed_over(*tamper)) {
                let bundle = made(&signing.clone().tamper(tamper));
                ask(format!("{name} {what} {tamper:?}"), false, &bundle, is_statement);
            }
        }
    }
    agreed("sigstore (Python)", &cases);
}
