//! The state: what was accepted before, kept by the binary. It changes after a pass alone, last of all, and never goes backwards.

use std::fs;
use std::path::{Path, PathBuf};

use vidimus_testkit::fixtures;

use crate::support::{AT, Run, copy, root, vidimus};

const PRODUCT: &str = "pkg:generic/acme/router@4.2.0";

/// The fixture whose policy refuses to go back, in a folder of its own.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == "rollback/newer").unwrap();
        copy(&root().join("fixtures").join(&fixture.name), folder.path());
        fs::remove_file(folder.path().join("state.json")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> String {
        fs::read_to_string(self.path("state.json")).unwrap_or_default()
    }

    /// Verifies a delivery of a fixture of the same area.
    fn verify(&self, fixture: &str, more: &[&str]) -> Run {
        self.command(fixture, more).output().unwrap().into()
    }

    fn command(&self, fixture: &str, more: &[&str]) -> std::process::Command {
        let delivery = root().join("fixtures/rollback").join(fixture).join("delivery");
        let mut command = vidimus();
        command.arg("verify").arg(delivery).arg("--policy").arg(self.path("policy/policy.toml"));
        command.arg("--state").arg(self.path("state.json")).args(["--product", PRODUCT, "--at", AT, "-q"]).args(more);
        command
    }
}

#[test]
fn a_state_must_exist_or_be_wanted() {
    let world = World::new();
    let run = world.verify("newer", &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no state file"), "{}", run.stderr);
    assert!(!world.path("state.json").exists());
    let run = world.verify("newer", &["--accept"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        world.state().contains("\"sequence\": 7") && world.state().contains("\"id\": \"intake\""),
        "{}",
        world.state()
    );
}

#[test]
fn it_changes_only_when_asked_and_after_a_pass() {
    let world = World::new();
    assert_eq!(world.verify("any-recipient", &["--accept"]).code, 1);
    assert!(!world.path("state.json").exists(), "a verdict that fails is never accepted");
    assert_eq!(world.verify("newer", &["--accept"]).code, 0);
    let accepted = world.state();
    for more in [&[][..], &["--accept"]] {
        assert_eq!(world.verify("newer", more).code, 0, "the same delivery again");
        assert_eq!(world.state(), accepted);
    }
    let older = accepted.replace("\"sequence\": 7", "\"sequence\": 8");
    fs::write(world.path("state.json"), &older).unwrap();
    assert_eq!(world.verify("newer", &["--accept"]).code, 1, "8 was accepted");
    assert_eq!(world.state(), older);
}

#[test]
fn an_output_that_cannot_be_written_accepts_nothing() {
    let world = World::new();
    let output = format!("json={}", world.path("none/verdict.json").display());
    assert_eq!(world.verify("newer", &["--accept", "--output", &output]).code, 2);
    assert!(!world.path("state.json").exists());
}

#[test]
fn a_state_that_cannot_be_kept_leaves_no_verdict() {
    let world = World::new();
    fs::create_dir(world.path("state.json.lock")).unwrap();
    let output = format!("json={}", world.path("verdict.json").display());
    let run = world.verify("newer", &["--accept", "--output", &output]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(!world.path("verdict.json").exists() && !world.path("state.json").exists());
}

#[test]
fn a_damaged_state_is_no_state() {
    let world = World::new();
    assert_eq!(world.verify("newer", &["--accept"]).code, 0);
    let good = world.state();
    for damaged in [
        String::new(),
        "{}".to_owned(),
        good.replace("urn:vidimus:state:v1", "urn:vidimus:state:v9"),
        good.replace("\"sequence\": 7", "\"sequence\": 7, \"sequence\": 1"),
        good.replace("\"lists\": []", "\"lists\": [], \"more\": 1"),
        good[..good.len() / 2].to_owned(),
    ] {
        fs::write(world.path("state.json"), &damaged).unwrap();
        let run = world.verify("newer", &["--accept"]);
        assert_eq!(run.code, 2, "{damaged}\n{}", run.stderr);
        assert_eq!(world.state(), damaged, "what cannot be read is not replaced");
    }
    fs::remove_file(world.path("state.json")).unwrap();
    fs::create_dir(world.path("state.json")).unwrap();
    assert_eq!(world.verify("newer", &["--accept"]).code, 2);
}

#[test]
fn it_must_not_come_from_the_sender() {
    let world = World::new();
    let delivery = world.path("delivery");
    fs::write(delivery.join("state.json"), "{\"schema\":\"urn:vidimus:state:v1\",\"releases\":[],\"lists\":[]}")
        .unwrap();
    for (flag, place) in [("--state", "state.json"), ("--status", "")] {
        let mut command = vidimus();
        command.arg("verify").arg(&delivery).arg("--policy").arg(world.path("policy/policy.toml"));
        let run: Run =
            command.arg(flag).arg(delivery.join(place)).args(["--product", PRODUCT]).output().unwrap().into();
        assert_eq!(run.code, 2, "{flag}");
        assert!(run.stderr.contains("inside the delivery"), "{}", run.stderr);
    }
}

/// Many at a time: the file is whole at every moment, and what it holds was accepted by a run that passed.
#[test]
fn many_runs_at_a_time() {
    let world = World::new();
    let mut children: Vec<_> =
        (0..12).map(|_| world.command("newer", &["--accept", "--jobs", "1"]).spawn().unwrap()).collect();
    let whole = |path: &Path| match fs::read(path) {
        Ok(bytes) => assert!(vidimus::knowledge::State::parse(&bytes).is_ok()),
        Err(e) => assert_eq!(e.kind(), std::io::ErrorKind::NotFound),
    };
    let mut codes = Vec::new();
    while let Some(mut child) = children.pop() {
        whole(&world.path("state.json"));
        codes.push(child.wait().unwrap().code().unwrap_or(-1));
    }
    // One that found the state changed under it ends without a verdict; none is lost in silence.
    assert!(codes.contains(&0) && codes.iter().all(|code| matches!(code, 0 | 2)), "{codes:?}");
    assert!(world.state().contains("\"sequence\": 7"));
    let left = fs::read_dir(world.folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".vidimus-"));
    assert_eq!(left.count(), 0);
}
