//! The same bytes on every machine: nothing around the inputs may reach a verdict.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{AT, copy, root, vidimus};

/// The committed example, and a failing fixture with many reasons.
fn inputs() -> Vec<(PathBuf, PathBuf, &'static str)> {
    let fixture = |name: &str, product| {
        let folder = root().join(name);
        (folder.join("delivery"), folder.join("policy/policy.toml"), product)
    };
    vec![
        fixture("examples/telecom", "pkg:generic/aurora/5gc@8.2.1"),
        fixture("fixtures/closed-world/files-swapped", "pkg:generic/acme/router@4.2.0"),
        fixture("fixtures/keyless/built-npm-answer", "pkg:pypi/widget@1.2.3"),
    ]
}

struct Around {
    name: &'static str,
    environment: &'static [(&'static str, &'static str)],
    jobs: &'static str,
    from_elsewhere: bool,
    backwards: bool,
}

const AROUND: [Around; 6] = [
    Around { name: "plain", environment: &[], jobs: "1", from_elsewhere: false, backwards: false },
    Around { name: "threads", environment: &[], jobs: "7", from_elsewhere: false, backwards: false },
    Around {
        name: "Tokyo, Turkish",
        environment: &[("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
        jobs: "2",
        from_elsewhere: false,
        backwards: false,
    },
    Around {
        name: "another folder",
        environment: &[("HOME", "/nonexistent")],
        jobs: "2",
        from_elsewhere: true,
        backwards: false,
    },
    Around { name: "files made backwards", environment: &[], jobs: "3", from_elsewhere: false, backwards: true },
    Around {
        name: "colour asked for",
        environment: &[("CLICOLOR_FORCE", "1"), ("COLUMNS", "40"), ("TERM", "dumb")],
        jobs: "2",
        from_elsewhere: true,
        backwards: true,
    },
];

#[test]
fn nothing_around_the_inputs_reaches_a_verdict() {
    for (delivery, policy, product) in inputs() {
        let mut first: Option<(Vec<u8>, Vec<u8>)> = None;
        for around in &AROUND {
            let made = tempfile::tempdir().unwrap();
            let copied = made.path().join("copy of a delivery");
            if around.backwards {
                copy_backwards(&delivery, &copied)
            } else {
                copy(&delivery, &copied)
            }
            let json = made.path().join("verdict.json");
            let mut command = vidimus();
            command.args(["verify", "--at", AT, "--product", product, "--jobs", around.jobs, "--color", "never"]);
            command.arg("--policy").arg(&policy).arg("--output").arg(format!("json={}", json.display()));
            command.args(["--output", "text=-"]);
            if around.from_elsewhere {
                command.current_dir(&copied).arg(".");
            } else {
                command.arg(&copied);
            }
            let output = command.envs(around.environment.iter().copied()).output().unwrap();
            let code = output.status.code();
            assert!(
                matches!(code, Some(0 | 1)),
                "{}: {code:?} {}",
                around.name,
                String::from_utf8_lossy(&output.stderr)
            );
            let verdict: serde_json::Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
            let record = serde_json::to_vec(&[
                &verdict["core"],
                &verdict["details"],
                &verdict["core_sha256"],
                &verdict["decision_sha256"],
            ]);
            let found = (record.unwrap(), output.stdout);
            match &first {
                None => first = Some(found),
                Some(first) => assert!(*first == found, "{}: {} differs", delivery.display(), around.name),
            }
        }
    }
}

/// Copies in the reverse order, so that the file system lists it differently.
fn copy_backwards(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<PathBuf> = fs::read_dir(from).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries.into_iter().rev() {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_backwards(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).unwrap() }
    }
}
