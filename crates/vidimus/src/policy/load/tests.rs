//! A policy that loads, and many that differ from it in one thing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::disallowed_methods, reason = "writes policies to read")]

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

/// Every row is the twin with one thing changed; that one thing is all that may be reported.
fn refused(rows: &[Row]) {
    let twin = TWIN;
    let mut wrong = Vec::new();
    for (from, to, code, marker) in rows {
        assert_eq!(twin.matches(from).count(), 1, "`{from}` must stand once in the twin");
        let changed = with_digests(&twin.replace(from, to));
        let line = changed.find(marker).map(|at| changed[..at].matches('\n').count() + 1);
        assert!(line.is_some(), "`{marker}` is not in the changed policy");
        let found: Vec<(&str, Option<usize>)> = match load_text(&changed) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors().iter().map(|e| (e.info.code, e.line)).collect(),
        };
        if found != [(*code, line)] {
            wrong.push(format!("`{from}` → `{to}`\n  expected {code} on line {line:?}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn syntax() {
    refused(&[
        ("version = 3", "version = = 3", "policy.syntax", "version = ="),
        ("version = 3", "version = 3\nversion = 3", "policy.key-twice", "version = 3\ntitle"),
        ("\nid = \"covered\"", "\nid = \"covered\"\nid = \"x\"", "policy.key-twice", "id = \"x\""),
        ("title = \"Intake\"", "title = \"In\\etake\"", "policy.syntax", "title"),
        ("title = \"Intake\"", "title = \"In\\x74ake\"", "policy.syntax", "title"),
        ("max_level = 3 } ]", "max_level = 3, } ]", "policy.syntax", "max_level = 3,"),
        ("until = 2027-12-31T23:59:59Z }", "until = 2027-12-31T23:59:59Z\n}", "policy.syntax", "until = 2027"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31T23:59Z", "policy.syntax", "not_after"),
        ("[limits]", "[limits", "policy.syntax", "[limits"),
        ("[formats]", "[limits]", "policy.key-twice", "[limits]\nsigstore"),
        ("[limits]", "[party]", "policy.type", "max_files"),
    ]);
}

#[test]
fn keys_and_types() {
    refused(&[
        ("schema = \"urn:vidimus:policy:v1\"", "schema = \"urn:vidimus:policy:v2\"", "policy.schema", "schema ="),
        ("semantics = 1", "semantics = 2", "policy.schema", "semantics = 2"),
        ("version = 3", "verison = 3\nversion = 3", "policy.unknown-key", "verison"),
        ("[limits]", "[labs]\nmin_groups = 2\n[limits]", "policy.unknown-key", "[labs]"),
        ("[limits]", "[[waivers]]\nrule = \"covered\"\n[limits]", "policy.unknown-key", "[[waivers]]"),
        ("closed_world = true", "closed_word = true", "policy.unknown-key", "closed_word"),
        ("closed_world = true", "min_level = 2", "policy.unknown-key", "min_level = 2\n\n[[rule]]\nid = \"released\""),
        (
            "party = \"acme\"\nkey = \"keys/a.pub\"",
            "party = \"acme\"\nkey = \"keys/a.pub\"\nissuer = \"x\"",
            "policy.unknown-key",
            "issuer = \"x\"",
        ),
        (
            "kind = \"vendor\"\njurisdictions = [\"SE\"]",
            "kind = \"vendor\"\njurisdictions = [\"SE\"]\nacreditation = 1",
            "policy.unknown-key",
            "acreditation",
        ),
        ("san = { prefix", "san = { regex = \"x\", prefix", "policy.unknown-key", "san = {"),
        ("version = 3", "version = \"3\"", "policy.type", "version = \"3\""),
        ("version = 3", "version = 3.0", "policy.type", "version = 3.0"),
        ("closed_world = true", "closed_world = \"yes\"", "policy.type", "closed_world"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = \"2027-03-31T23:59:59Z\"", "policy.type", "not_after"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31", "policy.type", "not_after"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2027-03-31T23:59:59.5Z", "policy.type", "not_after"),
        ("may = [\"delivery\", \"file\"]", "may = \"delivery\"", "policy.type", "may = \"delivery\""),
        ("may = [\"delivery\", \"file\"]", "may = [\"delivery\", 7]", "policy.type", "may = [\"delivery\", 7]"),
        ("version = 3", "", "policy.missing-key", "# twin"),
        ("issuer = \"https://token.actions.githubusercontent.com\"", "", "policy.missing-key", "[[identity]] # ci"),
        ("check = \"sbom\"", "", "policy.missing-key", "[[rule]] # sbom"),
        ("min_level = 2", "", "policy.missing-key", "[[rule]] # built"),
        ("sha256 = \"ROOT\"", "", "policy.missing-key", "[instance.public-good]"),
        ("{ eq = \"refs/heads/main\" }", "{}", "policy.missing-key", "allow.\"/workflow/ref\""),
    ]);
}

const PARTY_LIKE_A_KIND: &str =
    "[party.laboratory]\nname = \"x\"\nkind = \"witness\"\njurisdictions = [\"NO\"]\n[party.lab]";
const PARTY_WITH_A_BLANK: &str =
    "[party.\"the lab\"]\nname = \"x\"\nkind = \"witness\"\njurisdictions = [\"NO\"]\n[party.lab]";

const SECOND_SUB_KEY: &str =
    "[[identity]] # other\nid = \"sub-key\"\nparty = \"lab\"\nkey = \"keys/c.pub\"\n\n[[identity]] # lab";

#[test]
fn values() {
    refused(&[
        ("id = \"urn:example:intake\"", "id = \"intake\"", "policy.bad-value", "id = \"intake\""),
        ("version = 3", "version = 0", "policy.bad-value", "version = 0"),
        ("title = \"Intake\"", "title = \"\"", "policy.bad-value", "title"),
        ("title = \"Intake\"", "title = \"In\\ntake\"", "policy.bad-value", "title"),
        ("title = \"Intake\"", "title = \"In\\u202etake\"", "policy.bad-value", "title"),
        (
            "kind = \"vendor\"\njurisdictions = [\"SE\"]",
            "kind = \"vendr\"\njurisdictions = [\"SE\"]",
            "policy.bad-value",
            "vendr",
        ),
        ("check = \"sbom\"", "check = \"sbon\"", "policy.bad-value", "check = \"sbon\""),
        ("accountable = \"vendor\"", "accountable = \"nobody\"", "policy.bad-value", "accountable = "),
        ("min_level = 2", "min_level = 5", "policy.bad-value", "min_level = 5"),
        ("max_level = 3 } ]", "max_level = 9 } ]", "policy.bad-value", "max_level = 9"),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"git+https://github.com/acme/router\"",
            "policy.bad-value",
            "git+https",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"https://github.com/acme/router@refs/heads/main\"",
            "policy.bad-value",
            "repository =",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = { prefix = \"https://github.com/acme\" }",
            "policy.bad-value",
            "repository =",
        ),
        (
            "repository = \"https://github.com/acme/router\"",
            "repository = \"https://github.com/\"",
            "policy.bad-value",
            "repository =",
        ),
        ("\"/workflow/ref\"", "\"workflow\"", "policy.bad-value", "allow.\"workflow\""),
        ("\"/workflow/ref\"", "\"/work~flow\"", "policy.bad-value", "allow.\"/work~flow\""),
        ("{ eq = \"refs/heads/main\" }", "{ any = false }", "policy.bad-value", "any = false"),
        ("{ eq = \"refs/heads/main\" }", "{ eq = 1, any = true }", "policy.bad-value", "any = true"),
        ("{ eq = \"refs/heads/main\" }", "{ eq = 9007199254740993 }", "policy.bad-value", "allow."),
        ("[\"pkg:generic/acme/\"]", "[\"generic/acme/\"]", "policy.bad-value", "generic/acme/"),
        ("[\"pkg:generic/acme/\"]", "[\"pkg:generic/acme?os=linux\"]", "policy.bad-value", "os=linux"),
        (
            "[\"pkg:generic/acme/\"]",
            "[{ name_prefix = \"pkg:generic/acme/r@1\" }]",
            "policy.bad-value",
            "name_prefix = \"pkg:generic/acme/r@1",
        ),
        ("[\"pkg:generic/acme/\"]", "[\"*\", \"pkg:generic/acme/\"]", "policy.bad-value", "[\"*\", \"pkg"),
        ("sbom = [\"cyclonedx-1.6+json\"]", "sbom = [\"cyclonedx-9.9\"]", "policy.bad-value", "cyclonedx-9.9"),
        ("sigstore_bundle_min = \"0.2\"", "sigstore_bundle_min = \"2\"", "policy.bad-value", "sigstore_bundle_min"),
        (
            "sigstore_bundle_min = \"0.2\"",
            "sigstore_bundle_min = \"0.2\"\nsbom_tolerate = [\"sbom.hash\"]",
            "policy.bad-value",
            "sbom_tolerate",
        ),
        (
            "sigstore_bundle_min = \"0.2\"",
            "sigstore_bundle_min = \"0.2\"\nsbom_tolerate = [\"parse.duplicate-key\"]",
            "policy.bad-value",
            "sbom_tolerate",
        ),
        ("check = \"sbom\"", "check = \"sbom\"\nrefuse = [\"sbom.hash\"]", "policy.bad-value", "refuse"),
        ("signature = [", "signature = [\"rsa-pss-1024-sha256\", ", "policy.bad-value", "signature = ["),
        ("[predicates]", "[predicates]\nfile = [\"https://a.example/x\"]", "policy.bad-value", "file = [\"https://a"),
        ("[predicates]", "[predicates]\nown = [\"no uri\"]", "policy.bad-value", "own = ["),
        (
            "default = true",
            "default = true\nproducts = [\"pkg:cargo/\"]",
            "policy.bad-value",
            "products = [\"pkg:cargo/\"]",
        ),
        ("[party.lab]", PARTY_LIKE_A_KIND, "policy.bad-value", "[party.laboratory]"),
        ("[party.lab]", PARTY_WITH_A_BLANK, "policy.bad-value", "[party.\"the lab\"]"),
        (
            "issuer = \"https://token.actions.githubusercontent.com\"",
            "issuer = \"https://.*\"",
            "policy.bad-value",
            "issuer =",
        ),
        ("jurisdictions = [\"SE\"]", "jurisdictions = [\"se\"]", "policy.country", "\"se\""),
        ("jurisdictions = [\"SE\"]", "jurisdictions = [\"UK\"]", "policy.country", "\"UK\""),
        ("max_files = 1000", "max_files = 0", "policy.limit", "max_files"),
        ("max_files = 1000", "max_files = 99_000_000", "policy.limit", "max_files"),
        ("max_files = 1000", "max_json_depth = 65", "policy.limit", "max_json_depth"),
        ("not_after = 2027-03-31T23:59:59Z", "not_after = 2025-03-31T23:59:59Z", "policy.window", "not_after"),
        ("until = 2027-12-31T23:59:59Z }", "until = 2025-12-31T23:59:59Z }", "policy.window", "until = 2025-12"),
    ]);
}

#[test]
fn references_and_ids() {
    refused(&[
        (
            "party = \"acme\"\nkey = \"keys/a.pub\"",
            "party = \"acne\"\nkey = \"keys/a.pub\"",
            "policy.unknown-reference",
            "acne",
        ),
        (
            "instance = \"public-good\"\nissuer",
            "instance = \"public\"\nissuer",
            "policy.unknown-reference",
            "instance = \"public\"",
        ),
        (
            "identities = [\"acme-release\"]",
            "identities = [\"acme\"]",
            "policy.unknown-reference",
            "identities = [\"acme\"]",
        ),
        ("may = [\"delivery\", \"file\"]", "may = [\"delivry\", \"file\"]", "policy.unknown-reference", "delivry"),
        ("accept = [\"file\", \"release\"]", "accept = [\"file\", \"relase\"]", "policy.unknown-reference", "relase"),
        ("classes = [\"routers\"]", "classes = [\"router\"]", "policy.unknown-reference", "classes = [\"router\"]"),
        ("\nby = [\"acme\"]", "\nby = [\"acmee\"]", "policy.unknown-reference", "by = [\"acmee\"]"),
        ("\nby = [\"acme\"]", "\nby = [\"witness\"]", "policy.unknown-reference", "by = [\"witness\"]"),
        ("controlled_by = [\"acme\"]", "controlled_by = [\"acmee\"]", "policy.unknown-reference", "acmee"),
        (
            "builder = \"https://github.com/actions/runner/github-hosted\"",
            "builder = \"https://b.example\"",
            "policy.unknown-reference",
            "https://b.example",
        ),
        ("[[identity]] # lab", SECOND_SUB_KEY, "policy.id-twice", "id = \"sub-key\"\nparty = \"lab\""),
        ("id = \"either\"", "id = \"covered\"", "policy.id-twice", "id = \"covered\"\ncheck = \"any-of\""),
        ("id = \"parts\"", "id = \"rest\"", "policy.id-twice", "id = \"rest\"\nrole = \"any\""),
        ("id = \"either\"", "id = \"vidimus.delivery\"", "policy.reserved-id", "vidimus.delivery"),
        ("id = \"either\"", "id = \"Vidimus.Delivery\"", "policy.reserved-id", "Vidimus.Delivery"),
        (
            "name = \"ACME Networks AB\"",
            "name = \"ACME Networks AB\"\ncontrolled_by = [\"sub\"]",
            "policy.cycle",
            "controlled_by = [\"sub\"]",
        ),
    ]);
}

#[test]
fn keys_roots_and_paths() {
    refused(&[
        ("keys/b.pub", "keys/a-again.pub", "policy.dup-key", "keys/a-again.pub"),
        ("keys/b.pub", "keys/weak.pub", "policy.weak-key", "keys/weak.pub"),
        ("keys/b.pub", "keys/rsa1024.pub\"\nalgorithm = \"rsa-pss-2048-sha256", "policy.weak-key", "keys/rsa1024.pub"),
        ("keys/b.pub", "keys/rsa2048.pub", "policy.algorithm", "keys/rsa2048.pub"),
        (
            "keys/b.pub",
            "keys/rsa2048.pub\"\nalgorithm = \"rsa-pss-2048-sha256",
            "policy.algorithm",
            "algorithm = \"rsa-pss-2048",
        ),
        ("keys/b.pub", "keys/rsa2048.pub\"\nalgorithm = \"ed25519", "policy.algorithm", "algorithm = \"ed25519"),
        ("keys/b.pub", "keys/b.pub\"\nalgorithm = \"ecdsa-p256-sha256", "policy.algorithm", "algorithm = \"ecdsa"),
        ("keys/b.pub", "keys/p521.pub", "policy.key", "keys/p521.pub"),
        ("keys/b.pub", "keys/empty.pub", "policy.key", "keys/empty.pub"),
        ("keys/b.pub", "keys/none.pub", "policy.unreadable", "keys/none.pub"),
        ("keys/b.pub", "keys", "policy.unreadable", "key = \"keys\""),
        ("keys/b.pub", "keys/large.pub", "policy.too-large", "keys/large.pub"),
        ("keys/b.pub", "../keys/b.pub", "policy.path", "../keys/b.pub"),
        ("keys/b.pub", "keys/../keys/b.pub", "policy.path", "../keys/b.pub"),
        ("keys/b.pub", "/keys/b.pub", "policy.path", "/keys/b.pub"),
        ("keys/b.pub", "keys\\\\b.pub", "policy.path", "keys\\\\b.pub"),
        ("trust/root.json", "trust/github.json", "policy.digest", "sha256 ="),
        (
            "trust/root.json\"\nsha256 = \"ROOT",
            "trust/empty.json\"\nsha256 = \"EMPTY",
            "policy.trusted-root",
            "trust/empty.json",
        ),
        ("sha256 = \"ROOT\"", "sha256 = \"abc\"", "policy.bad-value", "sha256 = \"abc\""),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/acme/.*",
            "policy.san",
            "san =",
        ),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/acme",
            "policy.san",
            "san =",
        ),
        (
            "https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v",
            "https://github.com/",
            "policy.san",
            "san =",
        ),
        ("https://github.com/acme/router/.github/workflows/release.yml@refs/tags/v", "acme", "policy.san", "san ="),
        ("san = { prefix", "san = { kind = \"email\", prefix", "policy.san", "san ="),
    ]);
}

#[test]
fn vacuity() {
    refused(&[
        ("may = [\"delivery\", \"file\"]", "may = []", "policy.vacuous", "may = []"),
        ("\nby = [\"acme\"]", "\nby = []", "policy.vacuous", "by = []"),
        (
            "valid = { from = 2026-01-01T00:00:00Z, until = 2027-12-31T23:59:59Z }",
            "valid = {}",
            "policy.vacuous",
            "valid = {}",
        ),
        ("digest_bind = [\"sha256\"]", "digest_bind = []", "policy.vacuous", "digest_bind = []"),
        ("[\"pkg:generic/acme/\"]", "[]", "policy.vacuous", "products = []"),
        (
            "closed_world = true",
            "closed_world = false\nrequire_statement = false",
            "policy.vacuous",
            "require_statement",
        ),
        (
            "of = [ { check = \"release\", by = [\"laboratory\"] }, { check = \"release\", by = [\"vendor\"] } ]",
            "of = [ { check = \"release\" } ]",
            "policy.vacuous",
            "of = [ {",
        ),
        (
            "of = [ { check = \"release\", by = [\"laboratory\"] }, { check = \"release\", by = [\"vendor\"] } ]",
            "of = []",
            "policy.vacuous",
            "of = []",
        ),
        (
            "{ check = \"release\", by = [\"vendor\"] }",
            "{ check = \"inventory\" }",
            "policy.bad-value",
            "{ check = \"inventory\" }",
        ),
        ("identity = \"lab-key\"", "identity = \"sub-key\"", "policy.unknown-reference", "identity = \"sub-key\""),
        ("properties = [\"SLSA_BUILD_LEVEL_2\"]", "properties = []", "policy.vacuous", "properties = []"),
        (
            "properties = [\"SLSA_BUILD_LEVEL_2\"]",
            "properties = [\"SLSA_BUILD_LEVEL_3\"]",
            "policy.unsatisfiable",
            "properties = [\"SLSA_BUILD_LEVEL_3\"]",
        ),
        ("accept = [\"vsa\", \"svr\"]", "accept = [\"release\"]", "policy.bad-value", "accept = [\"release\"]"),
        (
            "prefix = \"https://store.example/\"",
            "prefix = \"https://store.example\"",
            "policy.bad-value",
            "prefix = \"https://store.example\"",
        ),
        ("prefix = \"https://store.example/\"", "prefix = \"https:///\"", "policy.bad-value", "prefix = \"https:///\""),
        (
            "accept = [\"vsa\", \"svr\"]",
            "input_evidence = \"present\"\naccept = [\"svr\"]",
            "policy.unsatisfiable",
            "input_evidence",
        ),
        ("policies = [\"sha256:00", "policies = [\"sha256:0", "policy.bad-value", "policies = ["),
        (
            "verifiers = [ { identity = \"lab-key\", id = \"https://lab.example/v1\" } ]\n",
            "",
            "policy.unsatisfiable",
            "check = \"vsa\"",
        ),
        ("default = true", "default = false", "policy.vacuous", "[[class]] # routers"),
        ("classes = [\"routers\"]", "classes = [\"parts\"]", "policy.vacuous", "classes = [\"parts\"]"),
        ("products = [{ name_prefix = \"pkg:generic/acme/rout\" }]", "", "policy.vacuous", "classes = [\"rest\"]"),
        ("may = [\"sbom\"]", "may = [\"vsa\"]", "policy.unsatisfiable", "check = \"sbom\""),
        ("min_level = 2", "min_level = 4", "policy.unsatisfiable", "min_level = 4"),
        ("may = [\"provenance\"]", "may = [\"publish\"]", "policy.unsatisfiable", "check = \"provenance\""),
        (
            "builders = [ { id = \"https://github.com/actions/runner/github-hosted\", max_level = 3 } ]\n",
            "",
            "policy.unknown-reference",
            "builder =",
        ),
        (
            "{ check = \"release\", by = [\"vendor\"] }",
            "{ check = \"sbom\", by = [\"laboratory\"] }",
            "policy.unsatisfiable",
            "of = [",
        ),
        (
            "accept = [\"file\", \"release\"]",
            "accept = [\"svr\"]",
            "policy.unsatisfiable",
            "check = \"release\"\naccept",
        ),
    ]);
}

#[test]
fn exceptions() {
    let until = "until = 2026-12-31T00:00:00Z\n\n[[deny]]";
    refused(&[
        (
            "approved_by = [\"board\", \"cto\"]",
            "approved_by = [\"board\"]",
            "policy.waiver",
            "approved_by = [\"board\"]",
        ),
        (
            "approved_by = [\"board\", \"cto\"]",
            "approved_by = [\"board\", \"cto\", \"janitor\"]",
            "policy.waiver",
            "approved_by = [\"board\", \"cto\", \"janitor\"]",
        ),
        (until, "until = 2026-12-31T00:00:01Z\n\n[[deny]]", "policy.waiver", "until = 2026-12-31T00:00:01Z"),
        (until, "until = 2026-11-01T00:00:00Z\n\n[[deny]]", "policy.window", "until = 2026-11-01T00:00:00Z"),
        ("rule = \"released\"", "rule = \"covered\"", "policy.waiver", "rule = \"covered\"\nsubject"),
        ("rule = \"released\"", "rule = \"releasd\"", "policy.unknown-reference", "rule = \"releasd\""),
        ("rule = \"released\"", "rule = \"vidimus.delivery\"", "policy.unknown-reference", "rule = \"vidimus"),
        ("never = [\"covered\"]", "never = [\"coverd\"]", "policy.unknown-reference", "never = ["),
        ("subject_sha256 = \"11", "subject_sha256 = \"1", "policy.bad-value", "subject_sha256"),
        ("owner = \"role:example/core\"", "owner = \"the boss\"", "policy.bad-value", "owner"),
        ("owner = \"role:example/core\"\n", "", "policy.missing-key", "[[waiver]]"),
        ("from = 2026-11-01T00:00:00Z\nuntil", "until", "policy.missing-key", "[[waiver]]"),
        ("max_days = 60", "max_days = 60\nproperty = \"WAIVED\"", "policy.unknown-key", "property ="),
        ("kind = \"digest\"", "kind = \"purl\"", "policy.bad-value", "kind = \"purl\""),
        ("sha256 = \"22", "sha256 = \"2", "policy.bad-value", "sha256 = \"2222"),
    ]);
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
    assert_eq!(ids, super::spec_rule::PROFILES);
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
