//! Walks `fixtures/`: each case is a policy, a delivery and the exact answer; each failing case differs from a passing twin in
//! one thing that its `why` names.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use vidimus_testkit::fixtures;

use crate::support::{AT, codes, copy, root, unmet, verify};

/// `case.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// One sentence: what is different here.
    why: String,
    #[serde(default = "at")]
    at: String,
    product: Option<String>,
    recipient: Option<String>,
    outcome: String,
    basis: String,
    /// Codes of unmet requirements, exactly.
    #[serde(default)]
    codes: Vec<String>,
    /// Codes of rejected evidence, exactly.
    #[serde(default)]
    rejected: Vec<String>,
    /// Codes of caveats that must be among those of the verdict.
    #[serde(default)]
    caveats: Vec<String>,
    /// The passing case that this one was made from.
    twin: Option<String>,
    /// Digest of the verdict's core: the same on every machine, and as long as `semantics` is the same.
    core_sha256: String,
    /// Attacks of the threat model that this case stands for.
    #[serde(default)]
    attacks: Vec<String>,
    /// Entries that cannot be committed; made before the run.
    #[serde(default)]
    make: Vec<Make>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Make {
    path: String,
    /// A file with this text.
    text: Option<String>,
    /// A symbolic link to this target.
    link: Option<String>,
}

fn at() -> String {
    AT.to_owned()
}

/// (name, folder, case) of every committed fixture.
fn all() -> Vec<(String, PathBuf, Case)> {
    let mut cases = Vec::new();
    for area in folders(&root().join("fixtures")) {
        for folder in folders(&area) {
            let name = format!("{}/{}", file_name(&area), file_name(&folder));
            let text = fs::read_to_string(folder.join("case.toml")).unwrap_or_else(|e| panic!("{name}: {e}"));
            let case = toml_edit::de::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            cases.push((name, folder, case));
        }
    }
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_fixture_has_its_exact_answer() {
    let mut wrong = Vec::new();
    for (name, folder, case) in all() {
        let made = tempfile::tempdir().unwrap();
        let Some(args) = arguments(&folder, &case, made.path()) else {
            println!("skipped: {name}: this file system cannot hold it");
            continue;
        };
        let (run, verdict) = verify(&args);
        let found = (
            run.code,
            verdict["core"]["verdict"].as_str().unwrap_or("none").to_owned(),
            verdict["core"]["basis"].as_str().unwrap_or("none").to_owned(),
            unmet(&verdict),
            codes(&verdict, "rejected"),
            verdict["core_sha256"].as_str().unwrap_or("none").to_owned(),
        );
        let code = i32::from(case.outcome != "pass");
        let expected = (code, case.outcome, case.basis, case.codes, case.rejected, case.core_sha256);
        let caveats = codes(&verdict, "caveats");
        // What is let pass is told where something passes.
        let told = |code: &str| caveats.iter().any(|caveat| caveat == code);
        if name.starts_with("layout/inspection") && told("caveat.inspections-not-run") != (found.0 == 0) {
            wrong.push(format!("{name}\n  {caveats:?}"));
        }
        if let Some(missing) = case.caveats.iter().find(|code| !caveats.contains(code)) {
            wrong.push(format!("{name}\n  without the caveat {missing}: {caveats:?}"));
        }
        if found != expected {
            wrong.push(format!("{name}\n  expected {expected:?}\n  found    {found:?}\n{}", run.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} fixtures disagree:\n{}", wrong.len(), wrong.join("\n"));
}

/// The arguments of `verify` for a fixture, whose delivery is copied into `made`; nothing if that cannot hold it.
fn arguments(folder: &Path, case: &Case, made: &Path) -> Option<Vec<OsString>> {
    let delivery = made.join("delivery");
    copy(&folder.join("delivery"), &delivery);
    if !case.make.iter().all(|make| make.apply(&delivery)) {
        return None;
    }
    let mut args = vec![delivery.into_os_string(), "--policy".into(), folder.join("policy/policy.toml").into()];
    args.extend(["--at".into(), case.at.clone().into()]);
    for (flag, value) in [("--product", &case.product), ("--recipient", &case.recipient)] {
        args.extend(value.iter().flat_map(|value| [flag.into(), value.into()]));
    }
    let evidence = folder.join("evidence");
    if evidence.is_dir() {
        let mut files: Vec<PathBuf> = fs::read_dir(evidence).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        args.extend(files.into_iter().flat_map(|file| ["--evidence".into(), file.into_os_string()]));
    }
    if folder.join("status").is_dir() {
        args.extend(["--status".into(), folder.join("status").into_os_string()]);
    }
    if folder.join("state.json").is_file() {
        args.extend(["--state".into(), folder.join("state.json").into_os_string()]);
    }
    if folder.join("anchor.toml").is_file() {
        args.extend(["--anchor".into(), folder.join("anchor.toml").into_os_string()]);
    }
    Some(args)
}

/// Every committed fixture that this file system can hold: its name, the arguments of `verify`, and the core's digest. `visit`
/// is called on two threads.
pub fn each(visit: impl Fn(&str, &Path, &[OsString], &str) + Sync) {
    let next = std::sync::Mutex::new(all().into_iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, folder, case)) = { next.lock().unwrap().next() } {
                    let made = tempfile::tempdir().unwrap();
                    if let Some(args) = arguments(&folder, &case, made.path()) {
                        visit(&name, made.path(), &args, &case.core_sha256);
                    }
                }
            });
        }
    });
}

impl Make {
    fn apply(&self, delivery: &Path) -> bool {
        let make = match (&self.text, &self.link) {
            (Some(text), None) => fixtures::Make::Text(text.clone()),
            (None, Some(target)) => fixtures::Make::Link(target.clone()),
            _ => panic!("make: one of text and link"),
        };
        make.apply(delivery, &self.path)
    }
}

/// A case that passes when nothing is wrong with it; without it, a failing case could fail for a reason of its own.
#[test]
fn every_failing_fixture_has_a_passing_twin() {
    let cases = all();
    let passing: BTreeSet<&str> =
        cases.iter().filter(|(_, _, case)| case.outcome == "pass").map(|(name, ..)| name.as_str()).collect();
    for (name, _, case) in &cases {
        assert!(!case.why.is_empty(), "{name}: why is empty");
        match (&case.twin, case.outcome.as_str()) {
            (Some(twin), "fail") => assert!(passing.contains(twin.as_str()), "{name}: {twin} does not pass"),
            (None, "pass") => {}
            _ => panic!("{name}: a failing case names its twin, a passing one has none"),
        }
    }
    assert!(passing.len() >= 8 && cases.len() >= 40, "{} cases, {} of them pass", cases.len(), passing.len());
}

/// What another implementation is given is what is tested here.
#[test]
fn the_conformance_set_lists_every_fixture() {
    let folder = root().join("fixtures/conformance");
    let index: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    let listed = index["cases"].as_array().unwrap();
    let cases = all();
    assert_eq!(listed.len(), cases.len());
    let mut cores = 0;
    for (name, _, case) in &cases {
        let entry = listed.iter().find(|entry| entry["name"] == name.as_str()).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (&entry["at"], &entry["core_sha256"]),
            (&case.at.as_str().into(), &case.core_sha256.as_str().into())
        );
        assert_eq!(entry["verdict"], case.outcome.as_str(), "{name}");
        if let Some(core) = entry["core"].as_str() {
            let bytes = fs::read(folder.join(core)).unwrap();
            assert_eq!(vidimus::digest::Digest::sha256(&bytes).hex(), case.core_sha256, "{name}");
            cores += 1;
        }
    }
    assert!(cores > 15, "{cores}");
}

#[test]
fn the_attacks_that_this_version_stops_have_a_fixture() {
    let shown: BTreeSet<String> = all().into_iter().flat_map(|(_, _, case)| case.attacks).collect();
    for attack in ["T1", "T2", "T3", "T5", "T7", "T8", "T10", "T15", "T16", "T17", "T18", "T19", "T33", "T35", "T36"] {
        assert!(shown.contains(attack), "no fixture shows {attack}");
    }
}
