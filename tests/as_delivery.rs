//! `--as-delivery`: an archive is judged as the folder that it would unpack to.

use std::path::Path;

use serde_json::Value as Json;
use vidimus_testkit::archive::{TarEntry, ZipEntry, gzip, tar, tar_of, zip};
use vidimus_testkit::fixtures::{self, Fixture};

use crate::support::{AT, Run, codes, unmet, verify};

/// Judges a fixture as a folder, or as the archive made of it.
fn judge(folder: &Path, fixture: &Fixture, archive: Option<&[u8]>) -> (Run, Json) {
    let mut args = Vec::new();
    if let Some(bytes) = archive {
        std::fs::write(folder.join("packed"), bytes).unwrap();
        args.extend([folder.join("packed").into_os_string(), "--as-delivery".into()]);
    } else {
        args.push(folder.join("delivery").into_os_string());
    }
    args.extend(["--policy".into(), folder.join("policy/policy.toml").into_os_string()]);
    args.extend(["--at".into(), fixture.at.as_deref().unwrap_or(AT).into()]);
    for (flag, value) in [("--product", &fixture.product), ("--recipient", &fixture.recipient)] {
        args.extend(value.iter().flat_map(|value| [flag.into(), value.into()]));
    }
    for name in fixture.evidence.keys() {
        args.extend(["--evidence".into(), folder.join("evidence").join(name).into_os_string()]);
    }
    verify(args)
}

fn written(fixture: &Fixture) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("delivery")).unwrap();
    for (path, bytes) in fixture.files() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn the_verdict_is_that_of_the_folder() {
    let all = fixtures::all();
    // The budgets of archives count the outermost one too: a file that grows too much takes the delivery with it.
    let grows = |fixture: &Fixture| fixture.name.ends_with("/bomb");
    let counted = |fixture: &Fixture| fixture.policy.text.contains("max_archive") || grows(fixture);
    let packable =
        all.iter().filter(|fixture| fixture.make.is_empty() && !fixture.delivery.files.is_empty() && !counted(fixture));
    for (number, fixture) in packable.enumerate() {
        let folder = written(fixture);
        let (_, expected) = judge(folder.path(), fixture, None);
        let files: Vec<(&str, &[u8])> =
            fixture.delivery.files.iter().rev().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        let zipped = || {
            let entry = |(path, bytes): &(&str, &[u8])| ZipEntry::deflated(path, bytes);
            zip(&files.iter().map(entry).collect::<Vec<_>>())
        };
        let pack = |way| match way {
            0 => tar_of(&files),
            1 => gzip(&tar_of(&files)),
            2 => zipped(),
            _ => gzip(&gzip(&tar_of(&files))),
        };
        // In each way where depth matters, else every fixture takes its turn.
        let ways = if fixture.name.ends_with("/nested-too-deep") { 0..4 } else { number % 4..number % 4 + 1 };
        for packed in ways.map(pack) {
            let (run, mut found) = judge(folder.path(), fixture, Some(&packed));
            let archive = found["core"]["inputs"]["inventory"].as_object_mut().and_then(|i| i.remove("archive"));
            assert_eq!(
                archive.unwrap_or_else(|| panic!("{}: {}", fixture.name, run.stderr)),
                vidimus_testkit::encode::sha256_hex(&packed),
                "{}",
                fixture.name
            );
            assert_eq!(found["core"], expected["core"], "{}", fixture.name);
            assert_eq!(found["decision_sha256"], expected["decision_sha256"], "{}", fixture.name);
        }
    }
}

#[test]
fn an_archive_that_is_no_delivery() {
    let all = fixtures::all();
    let fixture = all.iter().find(|fixture| fixture.name == "closed-world/dsse").or_else(|| all.first()).unwrap();
    let folder = written(fixture);
    let files: Vec<TarEntry> = fixture.delivery.files.iter().map(|(path, bytes)| TarEntry::file(path, bytes)).collect();
    let with = |more: &[TarEntry]| tar(&[&files, more].concat());
    let good = with(&[]);
    for (what, bytes, basis, code) in [
        ("traversal", with(&[TarEntry::file("../x", "")]), "refuted", "archive.path"),
        ("twice", with(&files[..1]), "refuted", "archive.duplicate"),
        ("a device", with(&[TarEntry::new(b'3', "null", "")]), "refuted", "archive.device"),
        ("two archives", [&good[..], &good].concat(), "refuted", "archive.extra-bytes"),
        ("two streams", [gzip(&good), gzip(&good)].concat(), "refuted", "archive.concatenated"),
        ("a symbolic link", with(&[TarEntry::link(b'2', "l", "x")]), "refuted", "input.link"),
        ("a name for one system", with(&[TarEntry::file("a:b", "")]), "refuted", "input.path"),
        (
            "names that differ in case",
            with(&[TarEntry::file("A", ""), TarEntry::file("a", "")]),
            "refuted",
            "input.path-collision",
        ),
        ("a cut", good[..good.len() - 1024].to_vec(), "unproven", "archive.truncated"),
        ("nothing", zip(&[]), "unproven", "input.empty"),
    ] {
        let (run, verdict) = judge(folder.path(), fixture, Some(&bytes));
        assert_eq!(run.code, 1, "{what}: {}", run.stderr);
        assert!(unmet(&verdict).contains(&code.to_owned()), "{what}: {:?}", unmet(&verdict));
        assert_eq!(verdict["core"]["basis"], basis, "{what}");
        assert!(codes(&verdict, "limits_hit").is_empty(), "{what}");
    }
    for (what, bytes) in
        [("text", b"text".to_vec()), ("text in gzip", gzip(b"text")), ("a package", b"!<arch>\ndebian-binary".to_vec())]
    {
        let (run, _) = judge(folder.path(), fixture, Some(&bytes));
        assert_eq!(run.code, 2, "{what}");
        assert!(run.stderr.contains("not one tar or zip"), "{what}: {}", run.stderr);
    }
}
