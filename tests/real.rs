//! Real signed software under the policies that README shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{AT, Run, codes, corpus, items, run, text, unmet, verify};

/// A folder with a policy and its trusted root, and a delivery.
pub struct Intake(tempfile::TempDir);

impl Intake {
    fn new(policy: &str, root: &Path, files: &[(&Path, &str)]) -> Self {
        let intake = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(intake.at("policy/trust")).unwrap();
        fs::create_dir_all(intake.at("delivery")).unwrap();
        let bytes = fs::read(root).unwrap();
        let digest =
            <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
        fs::write(intake.at("policy/trust/root.json"), bytes).unwrap();
        let pinned = policy.lines().find(|line| line.starts_with("sha256 ")).unwrap();
        fs::write(intake.at("policy/policy.toml"), policy.replace(pinned, &format!("sha256 = \"{digest}\""))).unwrap();
        for (from, name) in files {
            fs::copy(from, intake.at("delivery").join(name)).unwrap();
        }
        intake
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn verify(&self, more: &[&str]) -> (Run, serde_json::Value) {
        let (delivery, policy) = (self.at("delivery"), self.at("policy/policy.toml"));
        let args = [delivery.as_os_str(), "--policy".as_ref(), policy.as_os_str(), "--at".as_ref(), AT.as_ref()];
        verify(args.into_iter().chain(more.iter().map(AsRef::as_ref)))
    }

    fn edit(&self, path: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let path = self.at(path);
        fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    }
}

const WHEEL: &str = "rfc8785-0.1.2-py3-none-any.whl";
const WHEEL_POLICY: &str = include_str!("../examples/policies/keyless.toml");
const NPM_POLICY: &str = include_str!("../examples/policies/npm.toml");

fn wheel(policy: &str, root: &str) -> Option<Intake> {
    let suite = corpus("pypi-attestations")?;
    let roots = suite.join("../trust-roots");
    let find = |suffix: &str| find(&suite, &format!("{WHEEL}{suffix}"));
    Some(Intake::new(policy, &roots.join(root), &[(&find(""), WHEEL), (&find(".sigstore"), "rfc8785.sigstore.json")]))
}

/// The one file of that name below a folder.
fn find(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n == name) {
                return path;
            }
        }
    }
    panic!("the corpus has no {name}")
}

const STAGING: &str = "sigstore-staging/trusted_root.json";

#[test]
fn a_real_wheel_passes_and_the_same_with_one_byte_changed_does_not() {
    let Some(intake) = wheel(WHEEL_POLICY, STAGING) else { return };
    let (run, verdict) = intake.verify(&[]);
    assert_eq!((run.code, unmet(&verdict)), (0, vec![]), "{}", run.stderr);

    intake.edit(&format!("delivery/{WHEEL}"), |mut bytes| {
        bytes[100] ^= 1;
        bytes
    });
    let (run, verdict) = intake.verify(&[]);
    assert_eq!(run.code, 1);
    assert!(unmet(&verdict).contains(&"binding.digest-mismatch".to_owned()), "{:?}", unmet(&verdict));
}

#[test]
fn the_wheel_under_a_policy_for_somebody_else() {
    for (from, to, root, code, expected, found) in [
        (
            "william@yossarian.net",
            "somebody@else.example",
            STAGING,
            "identity.unknown",
            "somebody@else.example",
            "william@yossarian.net",
        ),
        (
            "https://github.com/login/oauth",
            "https://accounts.google.com",
            STAGING,
            "identity.unknown",
            "accounts.google.com",
            "https://github.com/login/oauth",
        ),
        ("", "", "sigstore-public-good/trusted_root.json", "identity.untrusted", "trusted root", "authority"),
    ] {
        let Some(intake) = wheel(&WHEEL_POLICY.replace(from, to), root) else { return };
        let (run, verdict) = intake.verify(&[]);
        assert_eq!((run.code, codes(&verdict, "rejected")), (1, vec![code.to_owned()]), "{}", run.stderr);
        let text = intake.text();
        assert!(text.contains(expected) && text.contains(found), "{code}: {text}");
    }
    let (before, _) = WHEEL_POLICY.split_once("[[rule]]").unwrap();
    let Some(intake) = wheel(before, STAGING) else { return };
    let (run, _) = intake.verify(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("rule"), "{}", run.stderr);
}

impl Intake {
    /// The verdict as people see it.
    fn text(&self) -> String {
        let (delivery, policy) = (self.at("delivery"), self.at("policy/policy.toml"));
        let args = ["verify".as_ref(), delivery.as_os_str(), "--policy".as_ref(), policy.as_os_str()];
        run(args).stdout
    }
}

/// The wheel under the policy that README shows.
pub fn wheel_intake() -> Option<Intake> {
    wheel(WHEEL_POLICY, STAGING)
}

/// The package of npm under a rule for another repository.
pub fn npm_of_another_repository() -> Option<Intake> {
    let from = "repository = \"https://github.com/sigstore/sigstore-js\"";
    npm_intake(&NPM_POLICY.replace(from, "repository = \"https://github.com/sigstore/sigstore-python\""))
}

fn npm_intake(policy: &str) -> Option<Intake> {
    let suite = corpus("slsa-verifier")?;
    let root = suite.join("../trust-roots/sigstore-public-good/trusted_root.json");
    let files = npm(&suite);
    Some(Intake::new(policy, &root, &[(&files.0, "sigstore-2.3.1.tgz"), (&files.1, "attestations.json")]))
}

#[test]
fn a_real_package_of_npm_is_judged_by_its_provenance() {
    let product = ["--product", "pkg:npm/sigstore@2.3.1"];
    let Some(intake) = npm_intake(NPM_POLICY) else { return };
    let (run, verdict) = intake.verify(&product);
    assert_eq!((run.code, unmet(&verdict)), (0, vec![]), "{} {verdict:#}", run.stderr);

    let Some(intake) = npm_of_another_repository() else { return };
    let (run, verdict) = intake.verify(&product);
    assert_eq!((run.code, unmet(&verdict)), (1, vec!["provenance.source".to_owned()]), "{}", run.stderr);
}

/// npm's own key as its registry publishes it, for attestations until January 2025. What it signs is in the same answer.
const NPM_REGISTRY: &str = r#"
[party.npm]
name = "npm registry"
kind = "supplier"
jurisdictions = ["US"]

[[identity]]
id       = "npm-registry"
party    = "npm"
key      = "npm-registry.pub"
instance = "public-good"
valid    = { from = 2022-12-01T00:00:00Z, until = 2025-01-29T00:00:00Z }

[[grant]]
identities = ["npm-registry"]
may        = ["publish"]
products   = ["pkg:npm/sigstore"]

[[rule]]
id     = "published"
check  = "release"
accept = ["publish"]
by     = ["npm"]
"#;

#[test]
fn the_registry_of_npm_published_it_and_no_other_key_did() {
    let Some(folder) = corpus("trust-roots") else { return };
    let keys: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("npm-registry/keys.json")).unwrap()).unwrap();
    let key = |id: &str| {
        let mut keys = items(&keys["keys"]).filter(|key| key["keyUsage"] == "npm:attestations");
        let key = keys.find(|key| text(&key["keyId"]).starts_with(id)).unwrap();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", text(&key["publicKey"]["rawBytes"]))
    };
    let (old, current) = (key("SHA256:jl3b"), key("SHA256:DhQ8"));
    let policy = |valid: &str| format!("{NPM_POLICY}{}", NPM_REGISTRY.replace("2025-01-29", valid));
    for (key, until, expected) in [
        (&old, "2025-01-29", vec![]),
        // The registry changed its key after it had signed this.
        (&current, "2025-01-29", vec!["evidence.missing".to_owned()]),
        // The log proves when the registry signed.
        (&old, "2023-01-01", vec!["evidence.missing".to_owned()]),
    ] {
        let Some(intake) = npm_intake(&policy(until)) else { return };
        fs::write(intake.at("policy/npm-registry.pub"), key).unwrap();
        let (run, verdict) = intake.verify(&["--product", "pkg:npm/sigstore@2.3.1"]);
        assert_eq!(unmet(&verdict), expected, "{until} {} {verdict:#}", run.stderr);
    }
}

/// Package and registry answer of the corpus case.
fn npm(suite: &Path) -> (PathBuf, PathBuf) {
    let id = "npm@provenance-npm-test-cli-v1-prega.tgz@valid-npm-CLI-builder-v1";
    let cases = fs::read_to_string(suite.join("cases.jsonl")).unwrap();
    let case = cases
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find(|case| case["id"].as_str().is_some_and(|found| found.contains(id)))
        .expect("the case is in the corpus");
    let file = |end: &str| {
        let files = case["files"].as_array().unwrap().iter().filter_map(|f| f.as_str());
        suite.join(files.into_iter().find(|f| f.ends_with(end)).unwrap())
    };
    (file(".tgz"), file(".json"))
}
