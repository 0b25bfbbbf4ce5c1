//! Ten thousand damaged documents: no panic, no exit code but 0, 1 and 2, and no PASS that rests on changed signed bytes.
//!
//! They are thrown at `verify` and `inspect` by the hundred, so that the test measures the reader and not the process start.

use std::fs;
use std::path::{Path, PathBuf};

use vidimus_testkit::mutate::mutations;

use crate::support::{AT, items, root, run, text, verify};

const ROUNDS: usize = 25;
const EACH: usize = 400;

/// Genuine evidence to damage: (policy, artifact, evidence file, product).
fn originals() -> Vec<(PathBuf, PathBuf, PathBuf, &'static str)> {
    let wheel = "widget-1.2.3-py3-none-any.whl";
    [
        ("keyless/built-on-github", wheel, "widget.sigstore.json", "pkg:pypi/widget@1.2.3"),
        ("keyless/built-npm-answer", wheel, "widget.sigstore.json", "pkg:pypi/widget@1.2.3"),
        ("release/signed", "routerd", "routerd.release.json", "pkg:generic/acme/router@4.2.0"),
        ("sbom/attested", "routerd", "routerd.sbom.json", "pkg:generic/acme/router@4.2.0"),
        ("sbom/attested-spdx", "routerd", "routerd.sbom.json", "pkg:generic/acme/router@4.2.0"),
    ]
    .into_iter()
    .map(|(case, artifact, evidence, product)| {
        let folder = root().join("fixtures").join(case);
        let delivery = folder.join("delivery");
        (folder.join("policy/policy.toml"), delivery.join(artifact), delivery.join(evidence), product)
    })
    .collect()
}

fn damaged(round: usize, original: &Path, folder: &Path) -> Vec<PathBuf> {
    let bytes = fs::read(original).unwrap();
    let copies = mutations(&format!("hostile {round}"), &bytes).take(EACH).enumerate();
    copies
        .map(|(i, bytes)| {
            let path = folder.join(format!("{i}.json"));
            fs::write(&path, bytes).unwrap();
            path
        })
        .collect()
}

fn judge(policy: &Path, artifact: &Path, product: &str, evidence: &[PathBuf]) -> (i32, serde_json::Value) {
    let mut args: Vec<std::ffi::OsString> = vec![artifact.into(), "--policy".into(), policy.into()];
    args.extend(["--at", AT, "--product", product].map(Into::into));
    args.extend(evidence.iter().flat_map(|file| ["--evidence".into(), file.clone().into_os_string()]));
    let (run, verdict) = verify(&args);
    assert!(matches!(run.code, 0..=2) && !run.stderr.contains("panicked"), "{}: {}", run.code, run.stderr);
    (run.code, verdict)
}

#[test]
fn ten_thousand_damaged_documents() {
    let originals = originals();
    for round in 0..ROUNDS {
        let (policy, artifact, evidence, product) = &originals[round % originals.len()];
        let folder = tempfile::tempdir().unwrap();
        let lone = folder.path().join(artifact.file_name().unwrap());
        fs::copy(artifact, &lone).unwrap();
        let (code, genuine) = judge(policy, &lone, product, std::slice::from_ref(evidence));
        assert_eq!(code, 0, "{}: the original does not pass", evidence.display());
        let copies = damaged(round, evidence, folder.path());

        // With the genuine artifact: a pass is right only where a copy still has the signed bytes.
        let (code, verdict) = judge(policy, &lone, product, &copies);
        assert_ne!(code, 2, "damaged evidence is never an error");
        assert!(
            support(&verdict).iter().all(|id| support(&genuine).contains(id)),
            "round {round}: changed bytes count"
        );

        // With a changed artifact: nothing can make it pass.
        let mut bytes = fs::read(&lone).unwrap();
        bytes[0] ^= 1;
        fs::write(&lone, bytes).unwrap();
        let (code, _) = judge(policy, &lone, product, &copies);
        assert_eq!(code, 1, "round {round}: a changed artifact does not fail");

        let inspected = run(std::iter::once("inspect".into()).chain(copies.into_iter().map(PathBuf::into_os_string)));
        assert!(matches!(inspected.code, 0..=2) && !inspected.stderr.contains("panicked"), "{}", inspected.stderr);
    }
}

/// Evidence that requirements are met by.
fn support(verdict: &serde_json::Value) -> Vec<String> {
    let rules = verdict["details"]["met"].as_object().into_iter().flat_map(|rules| rules.values());
    let nodes = rules.flat_map(|classes| classes.as_object().into_iter().flat_map(|c| c.values())).flat_map(items);
    let support = nodes.flat_map(|node| items(&node["support"]));
    support.map(text).collect()
}

/// A delivery of random files is judged, too.
#[test]
fn random_files_are_a_delivery_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut seed = vidimus_testkit::Seed::new("random files");
    for i in 0..500 {
        let length = usize::from(seed.bytes(1)[0]) * 8;
        fs::write(folder.path().join(format!("{i}.bin")), seed.bytes(length)).unwrap();
    }
    let policy = root().join("fixtures/closed-world/signed/policy/policy.toml");
    let (run, verdict) = verify([folder.path().as_os_str(), "--policy".as_ref(), policy.as_os_str()]);
    assert_eq!((run.code, verdict["core"]["basis"].as_str()), (1, Some("unproven")), "{}", run.stderr);
}
