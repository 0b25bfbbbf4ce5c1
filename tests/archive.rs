//! Evidence archives: the same bytes again from one file, and never a wrong REPRODUCED.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use vidimus::archive::Archive;
use vidimus::read::Silent;
use vidimus::replay::replay;

use crate::archive_parts::{Members, digest, header, tar, walk};
use crate::fixtures;
use crate::support::{AT, Run, copy, root, run, vidimus};

const PRODUCT: &str = "pkg:generic/aurora/5gc@8.2.1";

/// The committed example and its archive.
pub fn telecom(folder: &Path, more: &[&str]) -> PathBuf {
    let archive = folder.join("evidence.tar");
    let example = root().join("examples/telecom");
    let mut command = vidimus();
    command.arg("verify").arg(example.join("delivery")).arg("--policy").arg(example.join("policy/policy.toml"));
    command.args(["--product", PRODUCT, "--at", AT, "--archive"]).arg(&archive).args(more);
    let run: Run = command.output().unwrap().into();
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    archive
}

pub fn replayed(archive: &Path, more: &[&str]) -> Run {
    vidimus().arg("replay").arg(archive).args(more).output().unwrap().into()
}

/// Acceptance 1: wherever, whenever and however it is replayed, the bytes are the same.
#[test]
fn every_fixture_is_reproduced_from_its_archive() {
    fixtures::each(|name, made, args, core| {
        let archive = made.join("evidence.tar");
        let first: Run =
            vidimus().arg("verify").args(args).arg("-q").arg("--archive").arg(&archive).output().unwrap().into();
        assert!(first.code < 2, "{name}: {}", first.stderr);
        // Another folder, nothing of the first one left.
        let elsewhere = tempfile::tempdir().unwrap();
        let moved = elsewhere.path().join("from far away.tar");
        fs::copy(&archive, &moved).unwrap();
        let delivery = elsewhere.path().join("delivery");
        fs::rename(made.join("delivery"), &delivery).unwrap();
        let mut command = vidimus();
        command.current_dir("/").arg("replay").arg(&moved).args(["--jobs", "3", "--expect", core]);
        command.envs([
            ("TZ", "Asia/Tokyo"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("HOME", "/nonexistent"),
        ]);
        let again: Run = command.output().unwrap().into();
        assert_eq!(again.code, 0, "{name}: {}{}", again.stdout, again.stderr);
        assert!(again.stdout.starts_with("REPRODUCED (L1: "), "{name}: {}", again.stdout);
        let opened = Archive::open(&moved).unwrap();
        let full = replay(&opened, Some(&delivery), &Silent).unwrap();
        assert_eq!(full.difference, None, "{name}");
    });
}

/// Acceptance 1: every class of bytes of the archive, changed.
#[test]
fn no_byte_of_an_archive_can_be_changed() {
    let made = tempfile::tempdir().unwrap();
    let archive = telecom(made.path(), &["--archive-artifacts"]);
    let bytes = fs::read(&archive).unwrap();
    let changed = made.path().join("changed.tar");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&changed, bytes).unwrap();
        assert!(Archive::open(&changed).is_err(), "{what}");
    };
    let mut classes = BTreeMap::new();
    let mut at = 0;
    while let Some((name, size)) = header(&bytes, at) {
        let class = if name.starts_with("blobs/") { "blob".to_owned() } else { name };
        // Each field of the header, the first, middle and last byte, and the padding.
        let fields =
            [0, 20, 76, 77, 99, 100, 108, 116, 124, 134, 135, 136, 148, 154, 156, 157, 257, 263, 265, 329, 345, 511];
        let padding = size.div_ceil(512) * 512 - size;
        let inside = [0, size / 2, size.saturating_sub(1)].into_iter().filter(|_| size > 0).map(|byte| 512 + byte);
        let behind = [0, padding.saturating_sub(1)].into_iter().filter(|_| padding > 0).map(|byte| 512 + size + byte);
        for byte in fields.into_iter().chain(inside).chain(behind) {
            let mut other = bytes.clone();
            other[at + byte] ^= 0x01;
            refused(&other, &format!("{class} at {at} + {byte}"));
        }
        for end in [at, at + 1, at + 511, at + 512, at + 512 + size / 2] {
            refused(&bytes[..end], &format!("truncated at {end}"));
        }
        *classes.entry(class).or_insert(0) += 1;
        at += 512 + size.div_ceil(512) * 512;
    }
    assert_eq!(classes.keys().collect::<Vec<_>>(), ["blob", "index.json", "oci-layout"]);
    for byte in at..bytes.len() {
        let mut other = bytes.clone();
        other[byte] = 1;
        refused(&other, &format!("end at {byte}"));
    }
    refused(&bytes[..bytes.len() - 1], "one byte less");
    refused(&bytes[..bytes.len() - 512], "one block less");
    refused(&[bytes.as_slice(), &[0]].concat(), "one byte more");
    refused(&[bytes.as_slice(), &[0; 512]].concat(), "one block more");
    refused(&[bytes.as_slice(), bytes.as_slice()].concat(), "twice");
    refused(b"", "nothing");
    fs::write(&changed, &bytes).unwrap();
    assert_eq!(replayed(&changed, &[]).code, 0);
}

/// What is wrong is said with its place, and the exit code is 2.
#[test]
fn bad_archives() {
    let made = tempfile::tempdir().unwrap();
    let good = Members::of(&fs::read(telecom(made.path(), &[])).unwrap());
    let blob = good.0.keys().find(|name| name.starts_with("blobs/")).unwrap().clone();
    let swap = |name: &str, bytes: &[u8]| {
        let mut members = good.list();
        for member in &mut members {
            if member.0 == name {
                member.1 = bytes.to_vec();
            }
        }
        members
    };
    let with = |name: &str, bytes: &[u8]| {
        let mut members = good.list();
        members.push((name.to_owned(), bytes.to_vec()));
        members.sort();
        members
    };
    let without = |name: &str| good.list().into_iter().filter(|member| member.0 != name).collect::<Vec<_>>();
    let mut twice = good.list();
    twice.insert(1, twice[0].clone());
    let mut unsorted = good.list();
    unsorted.swap(0, 1);
    let index = String::from_utf8(good.0["index.json"].clone()).unwrap();
    let extra = format!("blobs/sha256/{}", digest(b"extra"));
    type Listed = Vec<(String, Vec<u8>)>;
    let cases: Vec<(&str, Listed, &str)> = vec![
        ("blob changed", swap(&blob, b"other"), "its bytes have another digest"),
        ("extra blob", with(&extra, b"extra"), "no document names this member"),
        ("extra member", with("readme", b"x"), "no member `readme` belongs here"),
        ("escape", with("../etc/passwd", b"x"), "no member `../etc/passwd` belongs here"),
        ("absolute", with("/etc/passwd", b"x"), "no member `/etc/passwd` belongs here"),
        ("blob of no digest", with("blobs/sha256/zz", b"x"), "a blob that is not named by its sha256"),
        (
            "upper case",
            with(&format!("blobs/sha256/{}", digest(b"extra").to_uppercase()), b"extra"),
            "a blob that is not named by its sha256",
        ),
        ("duplicate", twice, "is there twice or out of order"),
        ("unsorted", unsorted, "is there twice or out of order"),
        ("blob missing", without(&blob), "this member is missing"),
        ("index missing", without("index.json"), "index.json: this member is missing"),
        ("layout missing", without("oci-layout"), "oci-layout: this member is missing"),
        (
            "other layout",
            swap("oci-layout", br#"{"imageLayoutVersion":"1.0.1"}"#),
            "not an OCI image layout of version 1.0.0",
        ),
        (
            "index outside",
            swap("index.json", index.replace("sha256:", "sha256:../").as_bytes()),
            "this member is missing",
        ),
        (
            "index of nothing",
            swap("index.json", br#"{"manifests":[],"mediaType":"x","schemaVersion":2}"#),
            "not exactly one manifest",
        ),
        ("index not canonical", swap("index.json", format!("{index}\n").as_bytes()), "not in canonical form"),
        (
            "index repeats",
            swap("index.json", index.replacen('{', "{\"schemaVersion\":2,", 1).as_bytes()),
            "duplicate field",
        ),
        (
            "index of more",
            swap("index.json", index.replacen('{', "{\"annotations\":{},", 1).as_bytes()),
            "unknown field",
        ),
    ];
    let path = made.path().join("bad.tar");
    for (what, members, said) in cases {
        fs::write(&path, tar(&members)).unwrap();
        let run = replayed(&path, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{what}: {}", run.stderr);
    }
    for (what, tool) in [("mode", 100), ("type", 156), ("prefix", 345), ("time", 146)] {
        let mut bytes = tar(&good.list());
        bytes[tool] ^= 0x02;
        fs::write(&path, bytes).unwrap();
        let run = replayed(&path, &[]);
        assert_eq!((run.code, run.stderr.contains("byte 0: not a header")), (2, true), "{what}: {}", run.stderr);
    }
}

#[test]
fn the_same_inputs_give_the_same_archive() {
    let made = tempfile::tempdir().unwrap();
    let first = fs::read(telecom(made.path(), &["--jobs", "1"])).unwrap();
    let second = fs::read(telecom(made.path(), &["--jobs", "5", "-v", "--output", "json=-"])).unwrap();
    assert!(first == second);
    // Another program reads it as what it is.
    let listed = std::process::Command::new("tar").arg("-tvf").arg(made.path().join("evidence.tar")).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("oci-layout") && listed.lines().all(|line| line.starts_with("-rw-r--r-- 0/0")), "{listed}");
}

#[test]
fn with_and_without_the_artifacts() {
    let made = tempfile::tempdir().unwrap();
    let delivery = root().join("examples/telecom/delivery");
    let lean = telecom(made.path(), &[]);
    let run = replayed(&lean, &["--artifacts", delivery.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("REPRODUCED (L2: "), "{}", run.stdout);
    // One byte of one file.
    let copied = made.path().join("copy");
    copy(&delivery, &copied);
    let victim = walk(&copied).into_iter().find(|path| !path.to_string_lossy().ends_with("json")).unwrap();
    let mut bytes = fs::read(&victim).unwrap();
    bytes[0] ^= 1;
    fs::write(&victim, bytes).unwrap();
    let run = replayed(&lean, &["--artifacts", copied.to_str().unwrap()]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("first difference  reading /files/"), "{}", run.stdout);
    let run = replayed(&lean, &["--artifacts", "/nonexistent"]);
    assert_eq!(run.code, 2, "{}", run.stderr);

    let fat = telecom(made.path(), &["--archive-artifacts"]);
    let run = replayed(&fat, &[]);
    assert!(run.code == 0 && run.stdout.starts_with("REPRODUCED (L2: "), "{}{}", run.stdout, run.stderr);
}

#[test]
fn files_and_archives_as_deliveries() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path();
    let fixture = root().join("fixtures/detached/minisign");
    let fixture = if fixture.is_dir() { fixture } else { root().join("examples/telecom") };
    let policy = fixture.join("policy/policy.toml");
    let packed = folder.join("delivery.tar");
    let mut tarred = std::process::Command::new("tar");
    tarred.arg("-cf").arg(&packed).arg("-C").arg(fixture.join("delivery")).arg(".");
    assert!(tarred.status().unwrap().success());
    let single =
        walk(&fixture.join("delivery")).into_iter().find(|path| !path.to_string_lossy().contains("json")).unwrap();
    for (what, args, artifacts) in [
        ("archive", vec![packed.to_str().unwrap(), "--as-delivery"], packed.clone()),
        ("file", vec![single.to_str().unwrap()], single.parent().unwrap().to_owned()),
    ] {
        for more in [&[][..], &["--archive-artifacts"]] {
            let archive = folder.join("evidence.tar");
            let product = if fixture.ends_with("telecom") { PRODUCT } else { "pkg:generic/acme/router@4.2.0" };
            let mut command = vidimus();
            command.arg("verify").args(&args).arg("--policy").arg(&policy).args([
                "-q",
                "--at",
                AT,
                "--product",
                product,
            ]);
            let first: Run = command.arg("--archive").arg(&archive).args(more).output().unwrap().into();
            assert!(first.code < 2, "{what}: {}", first.stderr);
            let run = replayed(&archive, &[]);
            let level = if more.is_empty() { "REPRODUCED (L1" } else { "REPRODUCED (L2" };
            assert!(run.code == 0 && run.stdout.starts_with(level), "{what}: {}{}", run.stdout, run.stderr);
            let run = replayed(&archive, &["--artifacts", artifacts.to_str().unwrap()]);
            assert!(run.code == 0 && run.stdout.starts_with("REPRODUCED (L2"), "{what}: {}{}", run.stdout, run.stderr);
        }
    }
}

#[test]
fn what_is_expected() {
    let made = tempfile::tempdir().unwrap();
    let verdict = made.path().join("verdict.json");
    let archive = telecom(made.path(), &["--output", &format!("json={}", verdict.display())]);
    let file: Json = serde_json::from_slice(&fs::read(&verdict).unwrap()).unwrap();
    let core = file["core_sha256"].as_str().unwrap();
    for (expected, code) in [
        (core.to_owned(), 0),
        (format!("sha256:{core}"), 0),
        (digest(b"x"), 3),
        (verdict.display().to_string(), 0),
        ("nonsense".to_owned(), 2),
    ] {
        let run = replayed(&archive, &["--expect", &expected]);
        assert_eq!(run.code, code, "{expected}: {}{}", run.stdout, run.stderr);
    }
    // Another signer, in a list that the core does not commit to: not the verdict that was reproduced.
    let mut other = file.clone();
    other["details"]["accepted"][0]["identity"] = "somebody-else".into();
    let changed = made.path().join("changed.json");
    fs::write(&changed, other.to_string()).unwrap();
    let run = replayed(&archive, &["--expect", changed.to_str().unwrap()]);
    assert!(run.code == 3 && run.stdout.contains("details /accepted/0/identity"), "{}{}", run.stdout, run.stderr);
    // A verdict that was changed is no expectation.
    let text = fs::read_to_string(&verdict).unwrap().replace("\"pass\"", "\"fail\"");
    fs::write(&verdict, text).unwrap();
    let run = replayed(&archive, &["--expect", verdict.to_str().unwrap()]);
    assert!(run.code == 2 && run.stderr.contains("this verdict was changed: core"), "{}", run.stderr);
}

#[test]
fn judged_anew() {
    let made = tempfile::tempdir().unwrap();
    let archive = telecom(made.path(), &[]);
    let json = made.path().join("anew.json");
    let output = format!("json={}", json.display());
    let run = replayed(&archive, &["--at", "2026-11-24T12:00:00Z", "--output", &output]);
    assert!(run.code == 0 && run.stdout.starts_with("JUDGED ANEW (L4): "), "{}{}", run.stdout, run.stderr);
    let file: Json = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let opened = Archive::open(&archive).unwrap();
    assert_eq!(file["run"]["mode"], "replay");
    assert_eq!(file["run"]["replay"]["core_sha256"], opened.contents().core.as_str());
    assert_eq!(file["run"]["replay"]["level"], "L4");
    assert_ne!(file["core_sha256"], opened.contents().core.as_str());
    // Under a policy that trusts nobody here, the same delivery fails.
    let other = root().join("fixtures/closed-world/signed/policy/policy.toml");
    let run = replayed(&archive, &["--policy", other.to_str().unwrap()]);
    assert!(matches!(run.code, 1 | 2), "{}{}", run.stdout, run.stderr);
}

#[test]
fn an_archive_is_an_output_like_any_other() {
    let made = tempfile::tempdir().unwrap();
    let example = root().join("examples/telecom");
    let delivery = made.path().join("delivery");
    copy(&example.join("delivery"), &delivery);
    let policy = example.join("policy/policy.toml");
    let ask = |archive: &Path, at: &str| {
        let (delivery, policy) = (delivery.to_str().unwrap(), policy.to_str().unwrap());
        run([
            "verify",
            delivery,
            "-q",
            "--policy",
            policy,
            "--product",
            PRODUCT,
            "--at",
            at,
            "--archive",
            archive.to_str().unwrap(),
        ])
    };
    // Not into what is judged, and not over the policy.
    assert_eq!(ask(&delivery.join("evidence.tar"), AT).code, 2);
    assert_eq!(ask(&policy, AT).code, 2);
    // What an earlier run left does not outlive a run without a verdict.
    let archive = made.path().join("evidence.tar");
    assert_eq!(ask(&archive, AT).code, 0);
    assert!(archive.exists());
    assert_eq!(ask(&archive, "yesterday").code, 2);
    assert!(!archive.exists());
}
