//! The command line: what it writes where, its exit codes, and what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value as Json;
use vidimus_testkit::{Delivery, Key, PolicyFolder};

use crate::support::{AT, Run, run, vidimus};

const POLICY: &str = r#"
schema  = "urn:vidimus:policy:v1"
id      = "urn:example:intake"
version = 3

[party.acme]
name = "ACME Networks AB"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id    = "acme-release"
party = "acme"
key   = "keys/acme.pub"

[[grant]]
identities = ["acme-release"]
may        = ["delivery", "sbom", "file"]

[[rule]]
id    = "covered"
check = "inventory"
closed_world = true
"#;
const PRODUCT: &str = "pkg:generic/acme/app@1.0";

/// A folder with a policy and a delivery that passes under it.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self::with(POLICY)
    }

    fn with(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::ed25519("acme");
        let policy = PolicyFolder::new(policy).key("acme", &key).write(&folder.path().join("intake"));
        assert!(policy.ends_with("intake/policy.toml"));
        let delivery = Delivery::new().file("bin/app", "app").file("README", "read me");
        delivery.signed(PRODUCT, 1, &[&key]).write(&folder.path().join("delivery"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `verify` in this folder, as of the fixtures' moment, with more arguments.
    fn verify(&self, args: &[&str]) -> Run {
        let usual = ["verify", "delivery", "--policy", "intake/policy.toml", "--at", AT, "--product", PRODUCT];
        vidimus().current_dir(self.folder.path()).args(usual).args(args).output().unwrap().into()
    }

    /// Any arguments in this folder.
    fn run(&self, args: &[&str]) -> Run {
        vidimus().current_dir(self.folder.path()).args(args).output().unwrap().into()
    }

    fn spoil(&self) {
        fs::write(self.path("delivery/bin/app"), "other").unwrap();
    }
}

#[track_caller]
fn ended(run: &Run, code: i32, stderr: &str) {
    assert_eq!(run.code, code, "{run:?}");
    match stderr {
        "" => assert_eq!(run.stderr, "", "{run:?}"),
        said => assert!(run.stderr.contains(said), "{said:?} is not in {}", run.stderr),
    }
    if code == 2 {
        assert_eq!(run.stdout, "", "no verdict says nothing on standard output");
    }
}

#[test]
fn pass_is_0_and_fail_is_1_and_both_end_with_the_summary() {
    let world = World::new();
    let pass = world.verify(&[]);
    ended(&pass, 0, "");
    assert!(pass.stdout.starts_with(&format!("PASS  {PRODUCT}  at {AT}\n")), "{}", pass.stdout);
    let last = pass.stdout.lines().last().unwrap();
    assert!(last.starts_with("vidimus: PASS basis=proven files=3 met="), "{last}");
    world.spoil();
    let fail = world.verify(&[]);
    ended(&fail, 1, "");
    assert!(fail.stdout.starts_with(&format!("FAIL (refuted)  {PRODUCT}  at {AT}\n")), "{}", fail.stdout);
    assert!(fail.stdout.lines().last().unwrap().starts_with("vidimus: FAIL basis=refuted files=3 "), "{}", fail.stdout);
    assert!(fail.stdout.contains("fix: "), "{}", fail.stdout);
}

#[test]
fn outputs_go_where_they_are_sent() {
    let world = World::new();
    for (args, text_on_stdout, json_on_stdout, files) in [
        (vec![], true, false, vec![]),
        (vec!["-q"], false, false, vec![]),
        (vec!["--output", "json=v.json"], true, false, vec!["v.json"]),
        (vec!["-q", "--output", "json=v.json", "-o", "text=v.txt"], false, false, vec!["v.json", "v.txt"]),
        (vec!["--output", "json=-"], false, true, vec![]),
        (vec!["-q", "--output", "json=-"], false, true, vec![]),
        (vec!["--output", "text=-", "--output", "json=v.json"], true, false, vec!["v.json"]),
    ] {
        let run = world.verify(&args);
        ended(&run, 0, "");
        assert_eq!(run.stdout.starts_with("PASS"), text_on_stdout, "{args:?}");
        assert_eq!(run.stdout.starts_with("{\n"), json_on_stdout, "{args:?}");
        for file in ["v.json", "v.txt"] {
            assert_eq!(world.path(file).exists(), files.contains(&file), "{args:?} {file}");
        }
        for file in files {
            fs::remove_file(world.path(file)).unwrap();
        }
        let left: Vec<_> = fs::read_dir(world.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

#[test]
fn text_and_json_tell_the_same_verdict() {
    let world = World::new();
    let run = world.verify(&["--output", "json=v.json"]);
    let verdict: Json = serde_json::from_slice(&fs::read(world.path("v.json")).unwrap()).unwrap();
    let last = run.stdout.lines().last().unwrap();
    for (name, member) in [("core", "core_sha256"), ("decision", "decision_sha256")] {
        assert!(last.contains(&format!("{name}=sha256:{}", verdict[member].as_str().unwrap())), "{last}");
    }
    assert_eq!(verdict["run"]["mode"], "as-of");
    assert_eq!(verdict["run"]["tool"], "vidimus");
}

#[test]
fn no_output_of_an_earlier_run_outlives_a_run_without_a_verdict() {
    let world = World::new();
    fs::write(world.path("broken.toml"), "schema = 1\n").unwrap();
    let policy = ["--policy", "intake/policy.toml"];
    for (args, said) in [
        (vec!["verify", "delivery", "--policy", "broken.toml"], ""),
        (vec!["verify", "delivery", "--policy", "missing.toml"], ""),
        (vec!["verify", "missing", policy[0], policy[1]], "missing"),
        (
            vec!["verify", "delivery", policy[0], policy[1], "--at", "yesterday"],
            "`--at yesterday`: not an RFC 3339 time",
        ),
        (vec!["verify", "delivery", policy[0], policy[1], "--product", "app"], "`--product app`"),
        (vec!["verify", "delivery", policy[0], policy[1], "--recipient", "a b"], "`--recipient a b`"),
        (vec!["verify", "delivery", policy[0], policy[1], "--panic-in-test"], "vidimus has a bug"),
    ] {
        if args.contains(&"--panic-in-test") && !cfg!(debug_assertions) {
            println!("skipped: this build has no way to ask for a bug");
            continue;
        }
        fs::write(world.path("v.json"), "of an earlier run").unwrap();
        let run = world.run(&[args.as_slice(), &["--output", "json=v.json"]].concat());
        assert_eq!(run.code, 2, "{args:?} {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(run.stderr.contains(said) && !run.stderr.is_empty(), "{args:?}: {said:?} is not in {}", run.stderr);
        assert!(!world.path("v.json").exists(), "{args:?}: the old verdict is still there");
    }
}

#[test]
fn nothing_that_is_read_is_written() {
    let world = World::new();
    fs::write(world.path("evidence.json"), "{}").unwrap();
    fs::create_dir(world.path("folder")).unwrap();
    for (outputs, said) in [
        (vec!["json=delivery/v.json"], "would change what is read"),
        (vec!["json=delivery/bin/app"], "would change what is read"),
        (vec!["json=intake/policy.toml"], "would change what is read"),
        (vec!["json=intake/keys/acme.pub"], "would change what is read"),
        (vec!["json=evidence.json"], "would change what is read"),
        (vec!["json=folder"], "not a regular file"),
        (vec!["json=missing/v.json"], "make the folder missing first"),
        (vec!["json=v", "text=./v"], "two outputs go to this file"),
        (vec!["json=-", "text=-"], "two outputs go to standard output"),
        (vec!["yaml=v"], "the format is not known"),
        (vec!["v.json"], "no `=`"),
    ] {
        let mut args = vec!["--evidence", "evidence.json"];
        args.extend(outputs.iter().flat_map(|output| ["--output", output]));
        ended(&world.verify(&args), 2, said);
    }
    assert_eq!(fs::read(world.path("delivery/bin/app")).unwrap(), b"app");
    assert_eq!(fs::read(world.path("evidence.json")).unwrap(), b"{}");
    ended(&world.verify(&[]), 0, "");
}

#[test]
fn the_evidence_beside_a_single_file_is_no_place_for_output() {
    let world = World::new();
    for name in ["app", "app.sigstore.json"] {
        fs::write(world.path(name), "{}").unwrap();
    }
    let args = ["verify", "app", "--policy", "intake/policy.toml", "--output", "json=app.sigstore.json"];
    ended(&world.run(&args), 2, "would change what is read");
    assert_eq!(fs::read(world.path("app.sigstore.json")).unwrap(), b"{}");
}

#[test]
fn what_the_policy_needs_to_be_asked_must_be_asked() {
    let products = POLICY.replace("may        =", "products = [\"pkg:generic/acme/app\"]\nmay =");
    let window = POLICY
        .replace("version = 3", "version = 3\nnot_before = 2026-01-01T00:00:00Z\nnot_after = 2026-12-31T00:00:00Z");
    let usual = ["verify", "delivery", "--policy", "intake/policy.toml"];
    for (policy, args, code, said) in [
        (&products, vec!["--at", AT], 2, "add `--product`"),
        (&products, vec!["--at", AT, "--product", PRODUCT], 0, ""),
        (&window, vec!["--at", "2025-12-31T23:59:59Z"], 2, "from 2026-01-01T00:00:00Z until 2026-12-31T00:00:00Z"),
        (&window, vec!["--at", "2027-01-01T00:00:00Z"], 2, "is for use from"),
        (&window, vec!["--at", AT], 0, ""),
    ] {
        let world = World::with(policy);
        ended(&world.run(&[&usual, args.as_slice()].concat()), code, said);
    }
}

#[test]
fn the_verdict_depends_on_neither_threads_nor_verbosity() {
    let world = World::new();
    let core = |args: &[&str]| {
        let run = world.verify(&[args, &["--output", "json=-"]].concat());
        serde_json::from_str::<Json>(&run.stdout).unwrap()["core_sha256"].clone()
    };
    let first = core(&[]);
    assert!(first.is_string());
    for args in [vec!["--jobs", "1"], vec!["--jobs", "7"], vec!["-v"], vec!["-q"], vec!["--color", "always"]] {
        assert_eq!(core(&args), first, "{args:?}");
    }
}

#[test]
fn colours_come_only_when_asked_for_and_never_into_files() {
    let world = World::new();
    for (color, colored) in [("auto", false), ("never", false), ("always", true)] {
        let run = world.verify(&["--color", color, "--output", "text=v.txt"]);
        assert_eq!(run.stdout.contains('\u{1b}'), colored, "{color}");
        assert!(!fs::read_to_string(world.path("v.txt")).unwrap().contains('\u{1b}'));
    }
}

#[test]
fn a_closed_pipe_is_no_bug() {
    let world = World::new();
    for (args, code) in [(vec!["verify", "delivery", "--policy", "intake/policy.toml", "-v"], 0), (vec!["man"], 0)] {
        let mut command = vidimus();
        command.current_dir(world.folder.path()).args(&args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
    }
}

#[test]
fn usage_is_2_and_help_is_0() {
    for (args, code) in [
        (vec![], 2),
        (vec!["verify"], 2),
        (vec!["verify", "--skip-signatures"], 2),
        (vec!["no-such-verb"], 2),
        (vec!["verify", "x", "--policy", "y", "--jobs", "0"], 2),
        (vec!["verify", "x", "--policy", "y", "-q", "-v"], 2),
        (vec!["explain", "no.such-code"], 2),
        (vec!["man", "no-such-verb"], 2),
        (vec!["policy", "check", "no-such-file"], 2),
        (vec!["policy", "init", "x", "--template", "no-such-template"], 2),
        (vec!["--help"], 0),
        (vec!["--version"], 0),
        (vec!["verify", "--help"], 0),
        (vec!["explain", "evidence.missing"], 0),
        (vec!["explain", "binding"], 0),
        (vec!["schema", "policy"], 0),
        (vec!["schema", "verdict"], 0),
        (vec!["completions", "bash"], 0),
        (vec!["man", "policy", "init"], 0),
    ] {
        let ended = run(&args);
        assert_eq!(ended.code, code, "{args:?} {ended:?}");
        let (silent, speaks) = if code == 0 { (&ended.stderr, &ended.stdout) } else { (&ended.stdout, &ended.stderr) };
        assert!(silent.is_empty() && !speaks.is_empty(), "{args:?} {ended:?}");
    }
}

#[test]
fn unknown_codes_are_answered_with_their_neighbours() {
    for (code, hint) in [("evidence.missign", "did you mean `evidence.missing`?"), ("x", "codes look like")] {
        ended(&run(["explain", code]), 2, hint);
    }
}

#[test]
fn verdicts_name_no_place_of_this_machine() {
    let world = World::new();
    world.spoil();
    let delivery = world.path("delivery");
    let policy = world.path("intake/policy.toml");
    let args = ["verify", text(&delivery), "--policy", text(&policy), "--at", AT, "--output", "json=-", "-v"];
    let json = world.run(&args);
    let plain = world.run(&args[..6]);
    for run in [json, plain] {
        ended(&run, 1, "");
        assert!(!run.stdout.contains(text(world.folder.path())), "{}", run.stdout);
    }
}

#[test]
fn inspect_says_what_files_are_and_believes_nothing() {
    let world = World::new();
    let run = world.run(&["inspect", "delivery/delivery.dsse.json", "delivery/bin/app", "intake/keys/acme.pub"]);
    ended(&run, 0, "");
    for said in [
        "delivery/delivery.dsse.json: DSSE envelope\n",
        "  - in-toto statement v1\n    predicate type: urn:vidimus:attestation:delivery:v0.1\n",
        "delivery/bin/app: file\n",
        "intake/keys/acme.pub: public key\n",
        "confirm out of band",
        "[[identity]]\nid       = \"signer\"\nparty    = \"party\"\nkey      = \"keys/acme.pub\"\n",
    ] {
        assert!(run.stdout.contains(said), "{said:?} is not in\n{}", run.stdout);
    }
    let run = world.run(&["inspect", "--output", "json", "delivery/delivery.dsse.json"]);
    ended(&run, 0, "");
    let files: Json = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(files[0]["is"]["items"][0]["kind"], "in-toto statement v1");
    for (path, said) in [("delivery", "this is a folder"), ("missing", "missing: ")] {
        ended(&world.run(&["inspect", path]), 2, said);
    }
}

#[test]
fn a_policy_begins_from_a_template_and_is_never_overwritten() {
    let world = World::new();
    for (template, instance, missing) in [
        ("vendor", "public-good", vec!["keys/vendor.pub"]),
        ("github-release", "github", vec![]),
        ("telecom", "public-good", vec!["keys/core-release.pub", "keys/core-builder.pub", "keys/clock-release.pub"]),
    ] {
        let init = world.run(&["policy", "init", template, "--template", template, "--instance", instance]);
        ended(&init, 0, "");
        let policy = format!("{template}/policy.toml");
        assert!(init.stdout.contains(&format!("wrote {policy}\n")), "{}", init.stdout);
        for path in missing {
            assert!(init.stdout.contains(&format!("at {template}/{path}\n")), "{}", init.stdout);
            fs::write(world.path(template).join(path), Key::ed25519(path).public_pem()).unwrap();
        }
        let check = world.run(&["policy", "check", &policy]);
        ended(&check, 0, "");
        assert!(check.stdout.starts_with("the policy urn:example:"), "{}", check.stdout);
        let explain = world.run(&["policy", "explain", &policy]);
        ended(&explain, 0, "");
        assert!(explain.stdout.contains("What must be shown"), "{}", explain.stdout);
        fs::write(world.path(&policy), "mine").unwrap();
        ended(&world.run(&["policy", "init", template, "--template", template]), 2, "nothing was written");
        assert_eq!(fs::read(world.path(&policy)).unwrap(), b"mine");
    }
}

#[test]
fn what_is_wrong_in_a_policy_is_shown_at_its_place() {
    let world = World::with(&POLICY.replace("closed_world", "close_world"));
    for args in [
        vec!["policy", "check", "intake/policy.toml"],
        vec!["policy", "explain", "intake/policy.toml"],
        vec!["verify", "delivery", "--policy", "intake/policy.toml"],
    ] {
        let run = world.run(&args);
        ended(&run, 2, "policy.unknown-key");
        assert!(
            run.stderr.contains("intake/policy.toml:") && run.stderr.contains("close_world = true"),
            "{}",
            run.stderr
        );
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
