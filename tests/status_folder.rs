//! The operator's folder of status lists: what cannot be used in it is never passed over in silence.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use vidimus_testkit::fixtures;

use crate::support::{AT, Run, codes, copy, root, verify};

const PRODUCT: &str = "pkg:generic/acme/router@4.2.0";

/// A fixture that passes, in a folder of its own.
fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/status/alone"), folder.path());
    folder
}

fn judged(world: &Path) -> (Run, Json) {
    let args = |name: &str| world.join(name).into_os_string();
    verify([
        args("delivery"),
        "--policy".into(),
        args("policy/policy.toml"),
        "--status".into(),
        args("status"),
        "--product".into(),
        PRODUCT.into(),
        "--at".into(),
        AT.into(),
    ])
}

/// The newer issue of `status/cut-off` as it was before it was cut: it revokes the program.
fn newer() -> Vec<u8> {
    let cut = fs::read(root().join("fixtures/status/cut-off/status/132.dsse.json")).unwrap();
    let whole = fixtures::revoking_issue();
    assert!(whole.starts_with(&cut) && whole.len() > cut.len());
    whole
}

#[test]
fn an_entry_that_is_no_file_leaves_no_verdict() {
    let passing = world();
    let (run, verdict) = judged(passing.path());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let caveats = ["caveat.every-product", "caveat.policy-unanchored", "caveat.suppressible"];
    assert_eq!(codes(&verdict, "caveats"), caveats);

    let names: &[&str] = if cfg!(windows) { &[] } else { &["is<sue.json", "issue\u{202e}.json"] };
    for name in names {
        let world = world();
        fs::write(world.path().join("status").join(name), newer()).unwrap();
        let (run, _) = judged(world.path());
        assert_eq!(run.code, 2, "{name}: {}", run.stdout);
        assert!(run.stderr.contains("input.path") && run.stderr.contains("cannot be used"), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{202e}'), "names are shown escaped");
        assert!(run.stdout.is_empty());
    }
    #[cfg(unix)]
    {
        let world = world();
        fs::write(world.path().join("issue"), newer()).unwrap();
        std::os::unix::fs::symlink("../issue", world.path().join("status/132.dsse.json")).unwrap();
        let (run, _) = judged(world.path());
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains("`132.dsse.json` cannot be used (input.link)"), "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
}

/// Wherever it is cut off, nothing older counts as the newest; and whole it counts.
#[test]
fn no_older_issue_counts_beside_one_that_is_cut_off() {
    let whole = newer();
    for length in [0, 1, 9, 40, whole.len() / 3, whole.len() - 60, whole.len() - 1] {
        let world = world();
        fs::write(world.path().join("status/132.dsse.json"), &whole[..length]).unwrap();
        let (run, verdict) = judged(world.path());
        assert_eq!(run.code, 1, "{length}: {}", run.stdout);
        let caveats = verdict["core"]["caveats"].as_array().unwrap();
        let caveat = caveats.iter().find(|caveat| caveat["code"] == "caveat.status-unusable");
        let caveat = caveat.unwrap_or_else(|| panic!("{length}: {caveats:?}"));
        assert_eq!(caveat["args"]["files"], serde_json::json!(["132.dsse.json"]));
        assert!(verdict.to_string().contains("status.list-unusable"), "{length}");
    }
    let world = world();
    fs::write(world.path().join("status/132.dsse.json"), &whole).unwrap();
    assert_eq!(judged(world.path()).0.code, 1);
}
