//! Archives that somebody changed who knows the format: every digest in them is right again, and still there is no wrong REPRODUCED.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::archive::{replayed, telecom};
use crate::archive_parts::{Members, digest, tar};
use crate::support::{AT, Run, root, vidimus};

/// Whoever changes an archive and makes every digest in it right again still gets no REPRODUCED.
#[test]
fn resealed_archives() {
    let made = tempfile::tempdir().unwrap();
    let good = Members::of(&fs::read(telecom(made.path(), &[])).unwrap());
    let path = made.path().join("resealed.tar");
    let ask = |members: &Members| {
        fs::write(&path, tar(&members.list())).unwrap();
        replayed(&path, &[])
    };
    let mut same = good.clone();
    same.seal(|_| {});
    assert_eq!(ask(&same).code, 0, "sealed as it was");

    type Change = (&'static str, &'static str, fn(&mut Json), i32, &'static str);
    let changes: [Change; 9] = [
        (
            "a pass that is a fail",
            "core",
            |core| core["verdict"] = json!("fail"),
            3,
            "core /verdict\n  expected  \"fail\"\n  replayed  \"pass\"",
        ),
        ("fewer met", "core", |core| core["met"][0]["count"] = json!(0), 3, "core /met/0/count"),
        (
            "core without a member",
            "core",
            |core| drop(core.as_object_mut().unwrap().remove("caveats")),
            2,
            "missing field `caveats`",
        ),
        ("core with a member", "core", |core| core["note"] = json!("trust me"), 2, "unknown field `note`"),
        (
            "other semantics",
            "core",
            |core| core["semantics"] = json!(2),
            2,
            "semantics 2, and this program knows semantics 1 alone",
        ),
        ("other details", "details", |details| details["accepted"] = json!([]), 3, "details /accepted/0"),
        (
            "a file that is not there",
            "reading",
            |reading| reading["files"][0]["size"] = json!(1),
            3,
            "core /inputs/inventory",
        ),
        (
            "a digest that is none",
            "reading",
            |reading| reading["files"][0]["digests"]["sha256"] = json!("00"),
            2,
            "are none",
        ),
        (
            "evidence that nobody looked at",
            "reading",
            |reading| {
                let files = reading["files"].as_array_mut().unwrap();
                files
                    .iter_mut()
                    .filter(|file| file["bytes"] == "document")
                    .take(1)
                    .for_each(|file| drop(file.as_object_mut().unwrap().remove("bytes")));
            },
            2,
            "the evidence is not what the reading lists",
        ),
    ];
    for (what, role, change, code, said) in changes {
        let mut members = good.clone();
        members.change(role, change);
        let run = ask(&members);
        assert_eq!(run.code, code, "{what}: {}{}", run.stdout, run.stderr);
        assert!(format!("{}{}", run.stdout, run.stderr).contains(said), "{what}: {}{}", run.stdout, run.stderr);
        assert!(!run.stdout.contains("REPRODUCED"), "{what}");
    }
    let mut members = good.clone();
    members.change("core", |core| core["request"]["at"] = json!("2026-11-24T12:00:00Z"));
    assert_eq!(ask(&members).code, 2, "another time than was asked");
    // The circumstances are free.
    let mut members = good.clone();
    members.change("run", |run| run["version"] = json!("9.9.9"));
    assert_eq!(ask(&members).code, 0);
    // A core that says the same and is not canonical.
    let mut members = good.clone();
    let old = members.role("core");
    let mut core = members.0[&format!("blobs/sha256/{old}")].clone();
    core.push(b'\n');
    members.replace(&old, core);
    let run = ask(&members);
    assert_eq!((run.code, run.stderr.contains("core: not in canonical form")), (2, true), "{}", run.stderr);
}

/// Each piece of evidence, changed, with everything around it made right again.
#[test]
fn resealed_evidence() {
    let made = tempfile::tempdir().unwrap();
    let good = Members::of(&fs::read(telecom(made.path(), &[])).unwrap());
    let path = made.path().join("resealed.tar");
    let contents = good.contents();
    let files = contents["policy"]["files"].as_object().unwrap().values();
    let blobs: Vec<String> = contents["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .chain(files)
        .map(|hex| hex.as_str().unwrap().to_owned())
        .collect();
    assert!(blobs.len() > 8, "{}", blobs.len());
    for hex in blobs {
        let mut members = good.clone();
        let mut bytes = members.0[&format!("blobs/sha256/{hex}")].clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x01;
        members.replace(&hex, bytes);
        fs::write(&path, tar(&members.list())).unwrap();
        let run = replayed(&path, &[]);
        assert!(matches!(run.code, 2 | 3) && !run.stdout.contains("REPRODUCED"), "{hex}: {}{}", run.stdout, run.stderr);
    }
}

/// The reading of an archive, changed; what a replay says of it.
fn with_reading(good: &Members, path: &Path, more: &[&str], change: impl FnOnce(&mut Json)) -> Run {
    let mut members = good.clone();
    members.change("reading", change);
    fs::write(path, tar(&members.list())).unwrap();
    replayed(path, more)
}

/// A replay believes the record of what was read, and so takes only what a reader writes: its order, its names, its sizes.
#[test]
fn records_that_no_reader_writes() {
    let made = tempfile::tempdir().unwrap();
    let good = Members::of(&fs::read(telecom(made.path(), &[])).unwrap());
    let path = made.path().join("resealed.tar");
    let first = |file: &'static str, value: Json| {
        move |reading: &mut Json| {
            reading["files"][0][file] = value;
        }
    };
    type Change = Box<dyn FnOnce(&mut Json)>;
    let swap: Change = Box::new(|reading| reading["files"].as_array_mut().unwrap().swap(0, 1));
    let twice: Change = Box::new(|reading| {
        let again = reading["files"][0].clone();
        reading["files"].as_array_mut().unwrap().insert(0, again);
    });
    let member: Change = Box::new(|reading| {
        let mut file = reading["files"][0].clone();
        file["place"] = json!("member");
        file.as_object_mut().unwrap().remove("bytes");
        reading["files"].as_array_mut().unwrap().push(file);
    });
    let stranger: Change = Box::new(|reading| {
        reading["opened"] = json!([{ "file": 9999, "format": "tar", "members": [] }]);
    });
    let cases: Vec<(&str, Change, &str)> = vec![
        ("a path that leaves", Box::new(first("path", json!("../a"))), "../a is not the path of a delivered file"),
        ("an absolute path", Box::new(first("path", json!("/a"))), "/a is not the path of a delivered file"),
        ("a path that steers", Box::new(first("path", json!("a\u{1b}[2J"))), "a\\u{1b}[2J is not the path"),
        ("too large", Box::new(first("size", json!(1_u64 << 40))), "more than is read under the limits"),
        ("out of order", swap, "is out of order"),
        ("twice", twice, "is out of order"),
        ("a member of nothing", member, "a member of no container"),
        ("a container that is nothing", stranger, "a container that is no file before it"),
        ("not an archive", Box::new(|reading| reading["shape"] = json!("archive")), "has no digest of it"),
    ];
    for (what, change, said) in cases {
        let run = with_reading(&good, &path, &[], change);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{what}: {}", run.stderr);
    }
}

/// One document under many names costs its bytes each time, so the budgets of the policy hold for a record, too.
#[test]
fn a_small_archive_does_not_become_a_large_one() {
    let made = tempfile::tempdir().unwrap();
    let good = Members::of(&fs::read(telecom(made.path(), &[])).unwrap());
    let path = made.path().join("resealed.tar");
    let run = with_reading(&good, &path, &[], |reading| {
        let files = reading["files"].as_array_mut().unwrap();
        let document = files.iter().find(|file| file["bytes"] == "document").unwrap().clone();
        for number in 0..20_001 {
            let mut copy = document.clone();
            copy["path"] = json!(format!("zz/{number:05}"));
            files.push(copy);
        }
    });
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("more than is read under the limits of the policy"), "{}", run.stderr);
}

/// Files that were named one by one are looked for in the folder that the auditor names, and nowhere else.
#[test]
fn a_replay_reads_nothing_but_what_it_is_given() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path();
    let fixture = root().join("fixtures/detached/minisign");
    let (archive, path) = (folder.join("evidence.tar"), folder.join("resealed.tar"));
    let named = crate::archive_parts::walk(&fixture.join("delivery"));
    let mut command = vidimus();
    command.arg("verify").args(&named).arg("--policy").arg(fixture.join("policy/policy.toml"));
    command.args(["-q", "--at", AT, "--product", "pkg:generic/acme/router@4.2.0", "--archive"]).arg(&archive);
    let run: Run = command.output().unwrap().into();
    assert!(run.code < 2, "{}", run.stderr);
    let good = Members::of(&fs::read(&archive).unwrap());
    let delivery = fixture.join("delivery").display().to_string();
    assert_eq!(replayed(&archive, &["--artifacts", &delivery]).code, 0);
    fs::write(folder.join("secret"), "secret").unwrap();
    let secret = folder.join("secret").display().to_string();
    for name in [secret.as_str(), "../secret", "sub/secret", ".", ".."] {
        let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        let run = with_reading(&good, &path, &["--artifacts", &delivery], |reading| {
            reading["refused"] = json!([{ "path_hex": hex, "reason": {
                "code": "input.path", "value": "refuted", "args": { "id": format!("sha256:{}", digest(name.as_bytes())) },
            }}]);
        });
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("is not the name of a file"), "{name}: {}", run.stderr);
    }
}

/// What an archive or a verdict says of itself reaches the terminal as text, also where it is refused.
#[test]
fn no_refusal_steers_a_terminal() {
    const STEER: &str = "\u{1b}[2J\u{202e}\u{9b}31mPASS\r\n";
    let made = tempfile::tempdir().unwrap();
    let archive = telecom(made.path(), &["--output", &format!("json={}", made.path().join("verdict.json").display())]);
    let good = Members::of(&fs::read(&archive).unwrap());
    let path = made.path().join("resealed.tar");
    let clean = |what: &str, run: &Run| {
        let steers = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(
            !run.stderr.contains(steers) && !run.stdout.contains(steers),
            "{what}: {:?}{:?}",
            run.stdout,
            run.stderr
        );
        assert!(run.stderr.lines().count() <= 2, "{what}: {:?}", run.stderr);
    };
    type Change = fn(&mut Json);
    let readings: [(&str, Change); 5] = [
        ("member", |reading| reading[STEER] = json!(1)),
        ("path", |reading| reading["files"][0]["path"] = json!(STEER)),
        ("reason", |reading| reading["limits_hit"] = json!([{ "code": STEER, "value": "unproven" }])),
        ("algorithm", |reading| reading["files"][0]["digests"][STEER] = json!("00")),
        ("format", |reading| reading["opened"] = json!([{ "file": 0, "format": STEER, "members": [] }])),
    ];
    for (what, change) in readings {
        let run = with_reading(&good, &path, &[], change);
        assert_eq!(run.code, 2, "{what}: {}{}", run.stdout, run.stderr);
        clean(what, &run);
    }
    let mut members = good.clone();
    members.change("core", |core| core["inputs"]["policy"]["id"] = json!(STEER));
    fs::write(&path, tar(&members.list())).unwrap();
    clean("core", &replayed(&path, &[]));
    let verdict = made.path().join("verdict.json");
    let mut file: Json = serde_json::from_slice(&fs::read(&verdict).unwrap()).unwrap();
    file[STEER] = json!(1);
    fs::write(&verdict, file.to_string()).unwrap();
    let verdict = verdict.to_str().unwrap();
    for args in [
        vec!["explain", verdict],
        vec!["diff", verdict, verdict],
        vec!["replay", archive.to_str().unwrap(), "--expect", verdict],
    ] {
        let run = crate::support::run(&args);
        assert_eq!(run.code, 2, "{args:?}");
        clean(args[0], &run);
    }
}

/// Deep, repeated and cut: whatever is no verdict is said to be none.
#[test]
fn files_that_are_no_verdicts() {
    let made = tempfile::tempdir().unwrap();
    let verdict = made.path().join("verdict.json");
    telecom(made.path(), &["--output", &format!("json={}", verdict.display())]);
    let text = fs::read_to_string(&verdict).unwrap();
    let path = made.path().join("hostile.json");
    for (what, hostile) in [
        ("deep", format!("{{\"core\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000))),
        ("repeated", text.replacen('{', "{\"core_sha256\":\"00\",", 1)),
        ("cut", text[..text.len() / 2].to_owned()),
        ("behind", format!("{text} x")),
        ("float", text.replacen("\"semantics\": 1", "\"semantics\": 1.0", 1)),
        ("large number", text.replacen("\"semantics\": 1", "\"semantics\": 99999999999999999999", 1)),
        ("null", "null".to_owned()),
        ("empty", String::new()),
        ("page of nothing", "<html></html>".to_owned()),
    ] {
        assert_ne!(hostile, text, "{what}");
        fs::write(&path, hostile).unwrap();
        let (hostile, good) = (path.to_str().unwrap(), verdict.to_str().unwrap());
        for args in [vec!["explain", hostile], vec!["diff", hostile, good], vec!["diff", good, hostile]] {
            let run = crate::support::run(&args);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}: {args:?}: {}", run.stderr);
        }
    }
}
