//! The state: what was accepted before, kept by the binary. It changes after a pass alone, last of all, and never goes backwards.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{AT, Run, copy, root, vidimus};

const PRODUCT: &str = "pkg:generic/acme/router@4.2.0";

/// The fixture whose policy refuses to go back, in a folder of its own.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("fixtures/rollback/newer"), folder.path());
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
    // Also nobody who reads along is told PASS.
    for format in ["json=-", "text=-"] {
        let run = world.verify("newer", &["--accept", "--output", format]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert_eq!(run.stdout, "", "a verdict that could not be kept is not shown");
        fs::remove_dir(world.path("state.json.lock")).unwrap();
        assert!(world.verify("newer", &["--output", format, "--accept"]).stdout.contains("pkg:generic/acme/router"));
        fs::remove_file(world.path("state.json")).unwrap();
        fs::remove_file(world.path("state.json.lock")).unwrap();
        fs::create_dir(world.path("state.json.lock")).unwrap();
    }
}

/// A state that nobody asks protects nobody, and the operator may think that it does.
#[test]
fn a_state_that_no_rule_reads_is_said() {
    let world = World::new();
    let said = "no rule of this policy reads the state";
    let loud = |more: &[&str]| -> Run {
        let mut command = world.command("newer", more);
        let args: Vec<_> = command.get_args().filter(|arg| *arg != "-q").map(ToOwned::to_owned).collect();
        command = vidimus();
        command.args(args).output().unwrap().into()
    };
    let run = loud(&["--accept"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "the rule reads it");
    let policy = fs::read_to_string(world.path("policy/policy.toml")).unwrap();
    let list = "[status_list.deny]\nby = \"nordlys-psirt\"\nscope = [\"digest\"]\nmax_age_hours = 72\n";
    let rule = "[[rule]]\nid = \"not-withdrawn\"\ncheck = \"status\"\nlists = [\"deny\"]\n";
    let without = policy.split("[[rule]]\nid    = \"not-older\"").next().unwrap();
    for (text, is_said) in [
        (without.to_owned(), true),
        (format!("{without}{list}"), true),
        (format!("{without}{list}{rule}"), false),
        (policy.clone(), false),
    ] {
        fs::write(world.path("policy/policy.toml"), &text).unwrap();
        for more in [&[][..], &["--accept"]] {
            let run = loud(more);
            assert_eq!(run.stderr.contains(said), is_said, "{text}: {}", run.stderr);
            assert!(!run.stderr.contains("error"), "{}", run.stderr);
        }
        // Who wants no text reads it in the verdict.
        let run = world.verify("newer", &["--output", "json=-"]);
        assert_eq!(run.stderr, "");
        assert_eq!(run.stdout.contains(said), is_said, "{}", run.stdout);
    }
}

/// A new state is a file that this run would write where the sender writes, or over its own output.
#[test]
fn a_new_state_is_not_made_inside_the_delivery() {
    let world = World::new();
    let delivery = world.path("delivery");
    fs::create_dir(world.path("out")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&delivery, world.path("link")).unwrap();
    let listing = || {
        let mut open = vec![world.folder.path().to_path_buf()];
        let mut found = Vec::new();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                open.extend(entry.file_type().unwrap().is_dir().then(|| entry.path()));
                found.push(entry.path());
            }
        }
        found.sort();
        found
    };
    let before = listing();
    let single = delivery.join("bin/routerd");
    for (named, state) in [
        (&delivery, delivery.join("new.json")),
        (&delivery, delivery.join("bin/new.json")),
        (&delivery, world.path("out/../delivery/new.json")),
        #[cfg(unix)]
        (&delivery, world.path("link/new.json")),
        (&single, single.clone()),
    ] {
        for accept in [&[][..], &["--accept"]] {
            let mut command = vidimus();
            command.arg("verify").arg(named).arg("--policy").arg(world.path("policy/policy.toml"));
            command.arg("--state").arg(&state).args(["--product", PRODUCT, "--at", AT]).args(accept);
            let run: Run = command.output().unwrap().into();
            assert_eq!(run.code, 2, "{}: {}{}", state.display(), run.stdout, run.stderr);
            assert!(run.stderr.contains("inside the delivery"), "{}", run.stderr);
            assert_eq!(run.stdout, "");
            assert_eq!(listing(), before, "{}", state.display());
        }
    }
    // An output in the place of the state, or of its lock, would be the state of the next run.
    for place in ["state.json", "state.json.lock"] {
        let output = format!("json={}", world.path(place).display());
        let run = world.verify("newer", &["--accept", "--output", &output]);
        assert_eq!(run.code, 2, "{place}: {}", run.stderr);
        assert!(run.stderr.contains("would change what is read"), "{}", run.stderr);
        assert_eq!(listing(), before, "{place}");
    }
}

/// A file that was moved to its place is there after a power cut only if the folder was written to the disk as well.
#[cfg(target_os = "linux")]
#[test]
fn what_was_accepted_outlives_a_power_cut() {
    let world = World::new();
    let log = world.path("log");
    let mut traced = std::process::Command::new("strace");
    traced.args(["-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2", "-o"]).arg(&log);
    let inner = world.command("newer", &["--accept"]);
    traced.arg(inner.get_program()).args(inner.get_args());
    let ran = traced.output();
    let calls = fs::read_to_string(&log).unwrap_or_default();
    if !calls.contains("exited with") {
        println!("skipped: strace cannot be run here ({:?})", ran.map(|output| output.status));
        return;
    }
    assert_eq!(ran.unwrap().status.code(), Some(0), "{calls}");
    let folder = format!("<{}>", world.folder.path().canonicalize().unwrap().display());
    // A call that was still on its way when another thread did something stands on two lines, and the first names the folder.
    let calls: Vec<&str> = calls.lines().filter(|line| !line.contains("exited with")).collect();
    let moved = calls.iter().position(|line| line.contains("rename") && line.contains("state.json\"")).unwrap();
    let written = |call: &&str| call.contains("fsync(") && !call.contains(&folder);
    assert!(calls[..moved].iter().any(written), "the file first: {calls:#?}");
    let kept = calls[moved..].iter().any(|line| line.contains("fsync(") && line.contains(&folder));
    assert!(kept, "then its folder: {calls:#?}");
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
