//! Evidence archives: the same bytes again from one file, and never a wrong REPRODUCED.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use vidimus::archive::Archive;
use vidimus::read::Silent;
use vidimus::replay::replay;

use crate::fixtures;
use crate::support::{AT, Run, copy, root, run, vidimus};

const PRODUCT: &str = "pkg:generic/aurora/5gc@8.2.1";

/// The committed example and its archive.
fn telecom(folder: &Path, more: &[&str]) -> PathBuf {
    let archive = folder.join("evidence.tar");
    let example = root().join("examples/telecom");
    let mut command = vidimus();
    command.arg("verify").arg(example.join("delivery")).arg("--policy").arg(example.join("policy/policy.toml"));
    command.args(["--product", PRODUCT, "--at", AT, "--archive"]).arg(&archive).args(more);
    let run: Run = command.output().unwrap().into();
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    archive
}

fn replayed(archive: &Path, more: &[&str]) -> Run {
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

/// Files of a folder, sorted.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Name and size of the member at `at`.
fn header(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let block = bytes.get(at..at + 512)?;
    let name: Vec<u8> = block.iter().copied().take_while(|byte| *byte != 0).collect();
    let size = std::str::from_utf8(&block[124..135]).ok().and_then(|octal| usize::from_str_radix(octal, 8).ok())?;
    (!name.is_empty()).then(|| (String::from_utf8(name).unwrap(), size))
}

/// A tar of these members, in this order, as our archives have them.
fn tar(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        let mut block = vec![0_u8; 512];
        let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\u{0}0000000\u{0}0000000\u{0}");
        put(124, &format!("{:011o}\u{0}00000000000\u{0}        0", bytes.len()));
        put(257, "ustar\u{0}00");
        put(329, "0000000\u{0}0000000\u{0}");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(block);
        out.extend(bytes);
        out.resize(out.len().div_ceil(512) * 512, 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// The members of an archive by name.
#[derive(Clone)]
struct Members(BTreeMap<String, Vec<u8>>);

impl Members {
    fn of(bytes: &[u8]) -> Self {
        let (mut members, mut at) = (BTreeMap::new(), 0);
        while let Some((name, size)) = header(bytes, at) {
            members.insert(name, bytes[at + 512..at + 512 + size].to_vec());
            at += 512 + size.div_ceil(512) * 512;
        }
        Self(members)
    }

    fn list(&self) -> Vec<(String, Vec<u8>)> {
        self.0.iter().map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    }

    fn document(&self, hex: &str) -> Json {
        serde_json::from_slice(&self.0[&format!("blobs/sha256/{hex}")]).unwrap()
    }

    fn manifest(&self) -> (String, Json) {
        let index: Json = serde_json::from_slice(&self.0["index.json"]).unwrap();
        let hex = index["manifests"][0]["digest"].as_str().unwrap()[7..].to_owned();
        let manifest = self.document(&hex);
        (hex, manifest)
    }

    fn contents(&self) -> Json {
        self.document(&self.manifest().1["config"]["digest"].as_str().unwrap()[7..])
    }

    fn role(&self, role: &str) -> String {
        self.contents()[role].as_str().unwrap().to_owned()
    }

    /// Changes the document of a role, and makes every digest right again.
    fn change(&mut self, role: &str, change: impl FnOnce(&mut Json)) {
        let old = self.role(role);
        let mut document = self.document(&old);
        change(&mut document);
        // Sorted members are canonical where there are only plain names and integers.
        self.replace(&old, serde_json::to_vec(&document).unwrap());
    }

    /// Puts other bytes in the place of a blob, and makes every digest right again: in what was read, and in the contents.
    fn replace(&mut self, old: &str, bytes: Vec<u8>) {
        let new = digest(&bytes);
        self.0.remove(&format!("blobs/sha256/{old}")).unwrap();
        self.0.insert(format!("blobs/sha256/{new}"), bytes);
        let reading = self.role("reading");
        if reading != old
            && let Some(text) = self.0.get(&format!("blobs/sha256/{reading}"))
        {
            let text = String::from_utf8(text.clone()).unwrap();
            if text.contains(old) {
                let bytes = text.replace(old, &new).into_bytes();
                self.0.remove(&format!("blobs/sha256/{reading}"));
                let other = digest(&bytes);
                self.0.insert(format!("blobs/sha256/{other}"), bytes);
                return self.seal(|contents| *contents = contents.replace(old, &new).replace(&reading, &other));
            }
        }
        self.seal(|contents| *contents = contents.replace(old, &new));
    }

    /// Makes contents, manifest and index again.
    fn seal(&mut self, change: impl FnOnce(&mut String)) {
        let (old, mut manifest) = self.manifest();
        let config = manifest["config"]["digest"].as_str().unwrap()[7..].to_owned();
        let mut contents = String::from_utf8(self.0.remove(&format!("blobs/sha256/{config}")).unwrap()).unwrap();
        self.0.remove(&format!("blobs/sha256/{old}"));
        change(&mut contents);
        let mut contents: Json = serde_json::from_str(&contents).unwrap();
        if let Some(list) = contents["evidence"].as_array_mut() {
            list.sort_by_key(|hex| hex.as_str().unwrap().to_owned());
        }
        let types: BTreeMap<String, Json> = manifest["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| (layer["digest"].to_string(), layer["mediaType"].clone()))
            .collect();
        let roles = [
            ("core", "verdict-core.v1+json"),
            ("details", "verdict-details.v1+json"),
            ("run", "run.v1+json"),
            ("reading", "reading.v1+json"),
        ];
        let policy: Vec<&Json> = contents["policy"]["files"].as_object().unwrap().values().collect();
        let layers: Vec<Json> = self
            .0
            .iter()
            .filter_map(|(name, bytes)| {
                let hex = name.strip_prefix("blobs/sha256/")?;
                let role = roles.iter().find(|(role, _)| contents[*role] == hex).map(|(_, name)| *name);
                let role = role.unwrap_or(if policy.iter().any(|of| **of == hex) { "policy-file" } else { "evidence" });
                let digest = format!("sha256:{hex}");
                let kind = types
                    .get(&json!(digest).to_string())
                    .cloned()
                    .unwrap_or(json!(format!("application/vnd.vidimus.{role}")));
                Some(json!({"digest": digest, "mediaType": kind, "size": bytes.len()}))
            })
            .collect();
        let contents = serde_json::to_vec(&contents).unwrap();
        manifest["layers"] = json!(layers);
        manifest["config"]["digest"] = json!(format!("sha256:{}", digest(&contents)));
        manifest["config"]["size"] = json!(contents.len());
        self.0.insert(format!("blobs/sha256/{}", digest(&contents)), contents);
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let mut index: Json = serde_json::from_slice(&self.0["index.json"]).unwrap();
        index["manifests"][0]["digest"] = json!(format!("sha256:{}", digest(&manifest)));
        index["manifests"][0]["size"] = json!(manifest.len());
        self.0.insert(format!("blobs/sha256/{}", digest(&manifest)), manifest);
        self.0.insert("index.json".to_owned(), serde_json::to_vec(&index).unwrap());
    }
}
