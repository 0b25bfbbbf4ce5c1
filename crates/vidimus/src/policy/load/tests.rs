//! A policy that loads, and many that differ from it in one thing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::disallowed_methods, reason = "writes policies to read")]

mod evidence;
mod meaning;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use sigstore_verify::trust_root::{SIGSTORE_GITHUB_TRUSTED_ROOT, SIGSTORE_PRODUCTION_TRUSTED_ROOT};
use tempfile::TempDir;

use super::{LoadErrors, load};
use crate::digest::Digest;
use crate::policy::Policy;

const TWIN: &str = include_str!("tests/twin.toml");
const KEYS: &[(&str, &str)] = &[
    ("keys/a.pub", include_str!("tests/keys/a.pub")),
    ("keys/b.pub", include_str!("tests/keys/b.pub")),
    ("keys/c.pub", include_str!("tests/keys/c.pub")),
    ("keys/p256.pub", include_str!("tests/keys/p256.pub")),
    ("keys/p521.pub", include_str!("tests/keys/p521.pub")),
    ("keys/rsa2048.pub", include_str!("tests/keys/rsa2048.pub")),
    ("keys/rsa1024.pub", include_str!("tests/keys/rsa1024.pub")),
    ("keys/weak.pub", include_str!("tests/keys/weak.pub")),
    ("keys/empty.pub", ""),
];

/// A folder with keys, trusted roots and `policy.toml`.
pub(in crate::policy) fn folder(policy: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (path, pem) in KEYS {
        put(path, pem);
    }
    // The same key in another text.
    put("keys/a-again.pub", &format!("\n{}\n\n", include_str!("tests/keys/a.pub").trim()));
    put("keys/large.pub", &" ".repeat(70 * 1024));
    put("trust/root.json", SIGSTORE_PRODUCTION_TRUSTED_ROOT);
    put("trust/github.json", SIGSTORE_GITHUB_TRUSTED_ROOT);
    put("trust/empty.json", "{}");
    put("policy.toml", policy);
    folder
}

/// The twin with the digests of the files in place.
pub(in crate::policy) fn twin() -> String {
    with_digests(TWIN)
}

/// Puts digests where `"ROOT"` and `"EMPTY"` stand.
fn with_digests(policy: &str) -> String {
    let quoted = |bytes: &[u8]| format!("\"{}\"", Digest::sha256(bytes).hex());
    policy
        .replace("\"ROOT\"", &quoted(SIGSTORE_PRODUCTION_TRUSTED_ROOT.as_bytes()))
        .replace("\"EMPTY\"", &quoted(b"{}"))
}

pub(in crate::policy) fn load_text(policy: &str) -> Result<Policy, LoadErrors> {
    let folder = folder(policy);
    load(&folder.path().join("policy.toml"))
}

#[test]
fn the_twin_loads() {
    let policy = load_text(&twin()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.rules.len(), 7);
    assert_eq!(policy.identities.len(), 4);
    let paths: Vec<&str> = policy.closure.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["keys/a.pub", "keys/b.pub", "keys/p256.pub", "policy.toml", "trust/root.json"]);
    let listed: Vec<String> =
        policy.closure.iter().map(|(p, d)| format!(r#"{{"path":"{p}","sha256":"{}"}}"#, d.hex())).collect();
    let canonical = format!(r#"{{"files":[{}],"schema":"urn:vidimus:policy-closure:v1"}}"#, listed.join(","));
    assert_eq!(policy.sha256, Digest::sha256(canonical.as_bytes()));
    assert!(policy.grants[3].products.is_none(), "`*` is every product");
    assert_eq!(policy.grants[0].id, "grant-1");
}

#[test]
fn the_closure_changes_with_every_file_and_with_nothing_else() {
    let folder = folder(&twin());
    let path = folder.path().join("policy.toml");
    let before = load(&path).unwrap().sha256;
    fs::write(folder.path().join("keys/unused.pub"), "x").unwrap();
    assert_eq!(load(&path).unwrap().sha256, before);
    let key = folder.path().join("keys/a.pub");
    fs::write(&key, format!("{}\n", fs::read_to_string(&key).unwrap())).unwrap();
    assert_ne!(load(&path).unwrap().sha256, before);
}

/// (what is replaced, by what, the code, text whose line the caret must stand on).
type Row = (&'static str, &'static str, &'static str, &'static str);

/// The same with everything that is reported: codes, and the text on whose lines.
type RowOf<'t> = (&'t str, &'t str, Vec<(&'t str, &'t str)>);

/// Every row is the twin with one thing changed; that one thing is all that may be reported.
fn refused(rows: &[Row]) {
    let rows: Vec<_> = rows.iter().map(|(from, to, code, marker)| (*from, *to, vec![(*code, *marker)])).collect();
    refused_in(TWIN, &rows);
}

/// The same of another policy, in which what is changed can be reported at several places.
fn refused_in(policy: &str, rows: &[RowOf<'_>]) {
    let mut wrong = Vec::new();
    for (from, to, expected) in rows {
        assert_eq!(policy.matches(from).count(), 1, "`{from}` must stand once in the policy");
        let changed = with_digests(&policy.replace(from, to));
        let line = |marker: &str| {
            let at = changed.find(marker).unwrap_or_else(|| panic!("`{marker}` is not in the changed policy"));
            changed[..at].matches('\n').count() + 1
        };
        let expected: Vec<_> = expected.iter().map(|(code, marker)| (*code, Some(line(marker)))).collect();
        let found: Vec<(&str, Option<usize>)> = match load_text(&changed) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors().iter().map(|e| (e.info.code, e.line)).collect(),
        };
        if found != expected {
            let shown = found.iter().map(|(code, line)| (code, line.and_then(|line| changed.lines().nth(line - 1))));
            let shown: Vec<_> = shown.collect();
            wrong.push(format!("`{from}` → `{to}`\n  expected {expected:?}, found {found:?}\n  {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whole_parts_missing() {
    for part in ["[[rule]]", "[[grant]]", "[[identity]]"] {
        let twin = twin();
        let kept: Vec<&str> =
            twin.split("\n\n").filter(|block| !block.trim_start_matches(['\n', ' ']).starts_with(part)).collect();
        let errors = load_text(&kept.join("\n\n")).unwrap_err();
        let key = part.trim_matches(['[', ']']);
        assert!(
            errors.errors().iter().any(|e| e.info.code == "policy.vacuous" && e.message.contains(&format!("`{key}`"))),
            "{part}: {errors}"
        );
    }
}

#[test]
fn all_errors_are_reported_in_file_order() {
    let bad = twin()
        .replace("version = 3", "version = 0")
        .replace("keys/b.pub", "keys/none.pub")
        .replace("accountable = \"vendor\"", "acountable = \"vendor\"")
        .replace("\nby = [\"acme\"]", "\nby = [\"acmee\"]");
    let errors = load_text(&bad).unwrap_err();
    let codes: Vec<&str> = errors.errors().iter().map(|e| e.info.code).collect();
    assert_eq!(codes, ["policy.bad-value", "policy.unreadable", "policy.unknown-reference", "policy.unknown-key"]);
    let lines: Vec<usize> = errors.errors().iter().map(|e| e.line.unwrap()).collect();
    assert!(lines.is_sorted());
}

#[cfg(unix)]
#[test]
fn links_may_not_leave_the_folder() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("b.pub"), include_str!("tests/keys/c.pub")).unwrap();
    for (target, code) in [(outside.path().join("b.pub"), Some("policy.path")), (PathBuf::from("b.pub"), None)] {
        let folder = folder(&twin().replace("keys/b.pub", "keys/link.pub"));
        std::os::unix::fs::symlink(target, folder.path().join("keys/link.pub")).unwrap();
        let found = load(&folder.path().join("policy.toml")).err();
        assert_eq!(found.as_ref().map(|e| e.errors()[0].info.code), code);
    }
}

#[test]
fn unreadable_policies() {
    let folder = TempDir::new().unwrap();
    let code = |path: &Path| load(path).unwrap_err().errors()[0].info.code;
    assert_eq!(code(&folder.path().join("none.toml")), "policy.unreadable");
    assert_eq!(code(folder.path()), "policy.unreadable");
    let path = folder.path().join("p.toml");
    fs::write(&path, [b'#', 0xff]).unwrap();
    assert_eq!(code(&path), "policy.syntax");
    fs::write(&path, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert_eq!(code(&path), "policy.too-large");
    fs::write(&path, "").unwrap();
    assert_eq!(code(&path), "policy.missing-key");
}

/// What people see. Paths differ from run to run, so the folder is cut off.
#[test]
fn rendering() {
    for (from, to, golden) in [
        ("closed_world = true", "closed_word = true", include_str!("tests/unknown-key.txt")),
        ("min_level = 2", "min_level = 4", include_str!("tests/unsatisfiable.txt")),
        ("trust/root.json", "trust/github.json", include_str!("tests/digest.txt")),
    ] {
        let folder = folder(&twin().replace(from, to));
        let errors = load(&folder.path().join("policy.toml")).unwrap_err();
        let cut = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
        assert_eq!(cut(errors.to_string()), golden);
        let colored = errors.render(true);
        assert!(colored.contains("\u{1b}["));
        let plain = anstyle_free(&colored);
        assert_eq!(cut(plain), golden);
    }
}

/// Drops `ESC [ … m`.
fn anstyle_free(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// Policies of committed deliveries and examples are the largest body of policies that somebody else wrote.
#[test]
fn committed_policies_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut open = vec![root.join("fixtures"), root.join("examples")];
    let (mut count, mut refused) = (0, Vec::new());
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        open.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
        let policy = folder.join("policy.toml");
        if policy.is_file() {
            count += 1;
            refused.extend(load(&policy).err().map(|e| e.to_string()));
        }
    }
    assert!(count > 0 && refused.is_empty(), "{} of {count}\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn the_profiles_of_the_language_are_those_of_the_data() {
    let ids: Vec<&str> = crate::profile::ALL.iter().map(|profile| profile.id).collect();
    assert_eq!(ids, super::spec::rule::PROFILES);
}

/// What a rule says about profiles, and the code of the error; the place is in the message's frame.
#[test]
fn profiles_of_a_rule() {
    let telco = "profile = \"openchain-telco-1.1\"\nshown_elsewhere = [\"OCT11-21\", \"OCT11-24\"]";
    for (keys, code, said) in [
        ("profile = \"cisa-2026\"", "", ""),
        (telco, "", ""),
        ("provisional_profiles = [\"fsct-3\"]", "", ""),
        ("profile = \"cisa\"", "policy.bad-value", ""),
        ("profiles = []", "policy.vacuous", ""),
        ("profile = \"cisa-2026\"\nprofiles = [\"ntia-2021\"]", "policy.bad-value", "not both"),
        ("profile = \"fsct-3\"", "policy.bad-value", "provisional_profiles"),
        ("provisional_profiles = [\"cisa-2026\"]", "policy.bad-value", "write it under `profiles`"),
        ("profile = \"openchain-telco-1.1\"", "policy.unsatisfiable", "shown_elsewhere = [\"OCT11-21\", \"OCT11-24\"]"),
        ("shown_elsewhere = [\"OCT11-21\"]", "policy.vacuous", "without a profile"),
        ("profile = \"cisa-2026\"\nshown_elsewhere = [\"NTIA-10\"]", "policy.unknown-reference", "`NTIA-10`"),
        ("profile = \"cisa-2026\"\nshown_elsewhere = [\"CISA26-P01\"]", "policy.vacuous", "no must"),
        (
            "profiles = [\"bsi-tr-03183-2-v2.1\", \"openchain-telco-1.1\"]\nshown_elsewhere = [\"BSI21-24\", \"BSI21-25\", \"BSI21-26\", \"OCT11-21\", \"OCT11-24\"]",
            "policy.profile-conflict",
            "no format is both",
        ),
    ] {
        let twin = twin();
        assert_eq!(twin.matches("check = \"sbom\"\n").count(), 1);
        let text = twin.replace("check = \"sbom\"\n", &format!("check = \"sbom\"\n{keys}\n"));
        let text =
            text.replace("sbom = [\"cyclonedx-1.6+json\"]", "sbom = [\"cyclonedx-1.6+json\", \"spdx-2.3+json\"]");
        match load_text(&text) {
            Ok(_) => assert_eq!(code, "", "{keys}"),
            Err(errors) => {
                let found = errors.errors().iter().find(|error| error.info.code == code);
                assert!(found.is_some_and(|error| error.message.contains(said)), "{keys}: {errors:?}");
            }
        }
    }
}
