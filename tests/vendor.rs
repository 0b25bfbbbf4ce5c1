//! The vendor's verbs: what they write, and what they refuse without writing anything or showing key material.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{AT, Run, vidimus};

/// A folder to work in.
pub struct Shop {
    pub folder: tempfile::TempDir,
}

pub const PRODUCT: &str = "pkg:generic/acme/app@1.0";
pub const SBOM: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"file","name":"app","hashes":[{"alg":"SHA-256","content":"HASH"}]}]}"#;

impl Shop {
    /// A folder with a key, something to deliver and an operator's policy that knows the key.
    pub fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        shop.must(&["keygen", "acme", "--unencrypted"]);
        shop.write("build/app", "the application\n");
        shop.write("build/doc/readme.txt", "read me\n");
        shop.policy("policy", r#"may = ["delivery", "sbom", "file", "provenance", "release", "test-result"]"#, "");
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// An operator's policy in a folder of its own: what the vendor may say, and what else stands in it.
    pub fn policy(&self, name: &str, may: &str, more: &str) {
        self.write(&format!("{name}/keys/acme.pub"), self.read("acme.pub"));
        let text = POLICY.replace("MAY", may) + more;
        self.write(&format!("{name}/policy.toml"), text);
    }

    /// Runs the binary in the folder.
    pub fn run(&self, args: &[&str]) -> Run {
        let mut command = vidimus();
        command.env_remove("SOURCE_DATE_EPOCH");
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null()).output().unwrap().into()
    }

    /// The same, where it must succeed.
    pub fn must(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}: {}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// A shell in the folder with the binary as `vidimus`.
    pub fn shell(&self, script: &str) -> Run {
        let binary = Path::new(env!("CARGO_BIN_EXE_vidimus"));
        let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut command = std::process::Command::new("bash");
        command.arg("-c").arg(script).current_dir(self.folder.path()).env("PATH", path).env("NO_COLOR", "1");
        command.env_remove("SOURCE_DATE_EPOCH").stdin(Stdio::null()).output().unwrap().into()
    }

    pub fn pack(&self, out: &str, more: &[&str]) -> Run {
        let args = ["pack", "build", "--product", PRODUCT, "--key", "acme.key", "--out", out];
        self.run(&[&args[..], more].concat())
    }

    pub fn verify(&self, delivery: &str, policy: &str, more: &[&str]) -> Run {
        let policy = format!("{policy}/policy.toml");
        self.run(&[&["verify", delivery, "--policy", &policy, "--product", PRODUCT, "--at", AT][..], more].concat())
    }

    pub fn names(&self) -> Vec<String> {
        let mut open = vec![self.folder.path().to_path_buf()];
        let mut names = Vec::new();
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    open.push(path.clone());
                }
                names.push(path.strip_prefix(self.folder.path()).unwrap().display().to_string());
            }
        }
        names.sort();
        names
    }
}

const POLICY: &str = r#"schema  = "urn:vidimus:policy:v1"
id      = "urn:example:intake"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id    = "acme-release"
party = "acme"
key   = "keys/acme.pub"

[[grant]]
identities = ["acme-release"]
MAY
products   = ["pkg:generic/acme/"]
builders   = [ { id = "https://ci.acme.example", max_level = 2 } ]

[[rule]]
id    = "covered"
check = "inventory"
closed_world = true
"#;

#[test]
fn every_packing_passes_with_every_kind_of_key() {
    let shop = Shop::new();
    for algorithm in ["ecdsa-p256", "ecdsa-p384", "ed25519"] {
        let key = format!("{algorithm}.key");
        shop.must(&["keygen", algorithm, "--unencrypted", "--algorithm", algorithm]);
        fs::copy(shop.path(&format!("{algorithm}.pub")), shop.path("policy/keys/acme.pub")).unwrap();
        for (packing, more) in [("folder", &[][..]), ("tar", &["--as-delivery"]), ("oci", &[])] {
            let out = format!("{algorithm}-{packing}");
            let args = ["pack", "build", "--product", PRODUCT, "--sequence", "1", "--as", packing];
            shop.must(&[&args[..], &["--key", &key, "--out", &out]].concat());
            let run = shop.verify(&out, "policy", more);
            assert_eq!(run.code, 0, "{out}: {}{}", run.stdout, run.stderr);
            let run = shop.run(&["preflight", &out, "--policy", "policy/policy.toml", "--at", AT]);
            assert_eq!(run.code, 0, "{out}: {}{}", run.stdout, run.stderr);
            assert!(
                run.stdout.starts_with("READY  urn:example:intake version 1 passes pkg:generic/acme/app@1.0"),
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (a, b) = (Shop::new(), Shop::new());
    fs::copy(a.path("acme.key"), b.path("acme.key")).unwrap();
    // Another order of creation, another time, other modes.
    fs::remove_dir_all(b.path("build")).unwrap();
    b.write("build/doc/readme.txt", "read me\n");
    b.write("build/app", "the application\n");
    let shell = b.shell("touch -d 2001-01-01 build/app && chmod 755 build/app");
    assert_eq!(shell.code, 0, "{}", shell.stderr);
    for shop in [&a, &b] {
        shop.write("sbom.json", SBOM.replace("HASH", &vidimus_testkit::encode::sha256_hex(b"the application\n")));
        shop.must(&[
            "attest",
            "sbom",
            "sbom.json",
            "--subject",
            "build/app",
            "--key",
            "acme.key",
            "--out",
            "sbom.sigstore.json",
        ]);
        shop.must(&["sign", "build/app", "--key", "acme.key", "--out", "app.sigstore.json"]);
        let evidence: Vec<&str> = if std::ptr::eq(shop, &a) {
            vec!["--evidence", "sbom.sigstore.json", "--evidence", "app.sigstore.json", "--evidence", "sbom.json"]
        } else {
            vec!["--evidence", "sbom.json", "--evidence", "app.sigstore.json", "--evidence", "sbom.sigstore.json"]
        };
        for packing in ["folder", "tar", "oci"] {
            let run = shop.pack(packing, &[&["--sequence", "3", "--as", packing], &evidence[..]].concat());
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
    }
    assert_eq!(a.read("tar"), b.read("tar"));
    for packing in ["folder", "oci"] {
        let listing = |shop: &Shop| -> Vec<(String, Vec<u8>)> {
            let names = shop.names().into_iter().filter(|name| name.starts_with(&format!("{packing}/")));
            names.filter(|name| shop.path(name).is_file()).map(|name| (name.clone(), shop.read(&name))).collect()
        };
        assert_eq!(listing(&a), listing(&b), "{packing}");
        assert!(listing(&a).len() >= 5, "{packing}");
    }
}

#[test]
fn a_delivery_follows_another() {
    let shop = Shop::new();
    assert_eq!(shop.pack("one", &["--sequence", "7"]).code, 0);
    let previous = "one/evidence/delivery.sigstore.json";
    let run = shop.pack(
        "two",
        &["--previous", previous, "--recipient", "urn:example:nordlys", "--created", "2026-11-20T08:00:00Z"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("sequence 8\n"), "{}", run.stdout);
    let payload = |path: &str| {
        let bundle: Value = serde_json::from_slice(&shop.read(path)).unwrap();
        vidimus_testkit::encode::unbase64(bundle["dsseEnvelope"]["payload"].as_str().unwrap())
    };
    let pae = vidimus_testkit::dsse::pae("application/vnd.in-toto+json", &payload(previous));
    let second: Value = serde_json::from_slice(&payload("two/evidence/delivery.sigstore.json")).unwrap();
    let predicate = &second["predicate"];
    assert_eq!(predicate["previous"]["digest"]["sha256"], vidimus_testkit::encode::sha256_hex(&pae));
    assert_eq!(predicate["recipient"], "urn:example:nordlys");
    assert_eq!(predicate["created"], "2026-11-20T08:00:00Z");
    for (more, code, expected) in [
        (&["--previous", previous, "--sequence", "7"][..], 2, "the number 7 is not greater than 7"),
        (&["--previous", previous, "--sequence", "3"], 2, "take 8 or more"),
        (&[], 2, "neither a sequence nor a previous delivery"),
        (&["--previous", "acme.pub"], 2, "not a delivery statement"),
    ] {
        let run = shop.pack("three", more);
        assert_eq!(run.code, code, "{}", run.stdout);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert!(!shop.path("three").exists());
    }
    let args =
        ["pack", "build", "--product", "pkg:generic/acme/other@1.0", "--previous", previous, "--key", "acme.key"];
    let run = shop.run(&[&args[..], &["--out", "three"]].concat());
    assert!(run.code == 2 && run.stderr.contains("the previous delivery is of"), "{}", run.stderr);
}

/// Bad input: refused with the reason, nothing half written, no key material shown.
#[test]
fn what_is_refused() {
    let shop = Shop::new();
    shop.write("secret", "correct horse\n");
    let made = shop.shell("vidimus keygen locked --passphrase-fd 3 3<secret");
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(!made.stdout.contains("correct horse"));
    shop.write("wrong", "battery staple\n");
    shop.write("rsa.key", vidimus_testkit::Key::rsa("vendor", 2048).private_pkcs8_pem());
    shop.write("cut.key", &shop.read("acme.key")[..120]);
    shop.write("linked/app", "x");
    shop.write("origin.toml", "assertedBy = '#me'\n");
    shop.write(
        "unsigned.json",
        r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"aa"}}],"predicateType":"x:y"}"#,
    );
    shop.write("broken.cdx.json", r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":"one"}"#);
    shop.write("twice.json", r#"{"a":1,"a":2}"#);
    shop.write("there", "old");
    fs::create_dir(shop.path("empty")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("app", shop.path("linked/link")).unwrap();
    let pack = "vidimus pack build --product pkg:generic/acme/app@1.0 --sequence 1";
    let before = shop.names();
    for (script, expected) in [
        ("vidimus keygen acme --unencrypted", "something here already"),
        ("vidimus keygen new --passphrase-fd 3 3</dev/null", "the passphrase is empty"),
        ("vidimus keygen new --passphrase-fd 9", "file descriptor 9"),
        ("setsid vidimus keygen new", "no terminal to ask"),
        ("vidimus sign build/app --key none.key", "none.key: No such file"),
        ("vidimus sign build/app --key acme.pub", "this is public"),
        ("vidimus sign build/app --key secret", "not a private key"),
        ("vidimus sign build/app --key cut.key", "not a private key"),
        ("vidimus sign build/app --key rsa.key", "does not sign with"),
        ("setsid vidimus sign build/app --key locked.key", "encrypted, and there is no passphrase"),
        ("vidimus sign build/app --key locked.key --passphrase-fd 3 3<wrong", "the passphrase is wrong"),
        ("vidimus sign build --key acme.key", "not a regular file"),
        ("vidimus sign linked/link --key acme.key", "not a regular file"),
        ("vidimus sign build/app --key acme.key --out there", "something here already"),
        ("vidimus attest origin --predicate origin.toml --subject build --key acme.key --out new", "missing field"),
        ("vidimus attest origin --predicate twice.json --subject build --key acme.key --out new", "twice.json"),
        ("vidimus attest release --product app --subject build --key acme.key --out new", "not a package URL"),
        ("vidimus attest release --product pkg:generic/a@1 --subject linked --key acme.key --out new", "symbolic link"),
        ("vidimus attest release --product pkg:generic/a@1 --subject empty --key acme.key --out new", "about nothing"),
        (
            "vidimus attest release --product pkg:generic/a@1 --digest app=sha256:00 --key acme.key --out new",
            "64 lower-case",
        ),
        ("vidimus attest provenance --subject build --key acme.key --out new", "missing field"),
        ("vidimus attest provenance --ci auto --subject build --key acme.key --out new", "no job of a CI system"),
        ("vidimus attest sbom broken.cdx.json --subject build --key acme.key --out new", "broken.cdx.json"),
        ("vidimus attest sbom build/app --subject build --key acme.key --out new", "not an SBOM"),
        (
            "vidimus attest custom --type https://slsa.dev/provenance/v1 --predicate origin.toml --subject build --key acme.key --out new",
            "use the verb for it: provenance",
        ),
        (&format!("{pack} --key acme.key --out there"), "something here already"),
        (&format!("{pack} --key acme.key --out new --evidence unsigned.json"), "nobody signed"),
        (&format!("{pack} --key acme.key --out new --evidence broken.cdx.json"), "broken.cdx.json"),
        (&format!("{pack} --key acme.key --out new --evidence linked"), "symbolic link"),
        (&format!("{pack} --key acme.key --out new --created yesterday"), "--created yesterday"),
        (&format!("{pack} --key acme.key --out new --recipient 'the operator'"), "recipient: not a URI"),
        (
            "vidimus pack linked --product pkg:generic/acme/app@1.0 --sequence 1 --key acme.key --out new",
            "symbolic link",
        ),
        (
            "vidimus pack empty --product pkg:generic/acme/app@1.0 --sequence 1 --key acme.key --out new",
            "nothing to deliver",
        ),
        ("vidimus pack build --product pkg:generic/acme/app --sequence 1 --key acme.key --out new", "has no version"),
        ("vidimus pack build --product app --sequence 1 --key acme.key --out new", "the product app"),
        ("vidimus pack build --product pkg:generic/acme/app@1.0 --sequence 0 --key acme.key --out new", "0 is not in"),
        (
            "vidimus status-list issue --list urn:x:y --number 1 --scope key --this-update 2026-01-02T00:00:00Z --next-update 2026-01-01T00:00:00Z --key acme.key --out new",
            "not after thisUpdate",
        ),
        ("vidimus timestamp request build/app --out new", "not one Sigstore bundle"),
        ("vidimus policy sign policy/policy.toml --role 'Security Board' --key acme.key", "small letters"),
    ] {
        // Without a program to take the terminal away there may be one, and it would ask.
        let run = shop.shell(&format!("env -u GITHUB_ACTIONS -u GITLAB_CI -u JENKINS_URL -u CIRCLECI -u TF_BUILD -u BITBUCKET_BUILD_NUMBER {script}"));
        assert_eq!(run.code, 2, "{script}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(expected), "{script}: {}", run.stderr);
        assert_eq!(shop.names(), before, "{script}");
        let key = String::from_utf8(shop.read("acme.key")).unwrap();
        let secrets = key.lines().filter(|line| !line.starts_with('-')).chain(["correct horse", "battery staple"]);
        for secret in secrets {
            assert!(!run.stderr.contains(secret) && !run.stdout.contains(secret), "{script}: {}", run.stderr);
        }
    }
    assert_eq!(shop.read("there"), b"old");
    let good = shop.shell("vidimus sign build/app --key locked.key --passphrase-fd 3 3<secret");
    assert_eq!(good.code, 0, "{}", good.stderr);
}

/// The private key is for its owner alone, whatever the umask; the public one is for everybody whom the umask lets.
#[cfg(unix)]
#[test]
fn private_keys_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = Shop::new();
    for (umask, private, public) in [("022", 0o600, 0o644), ("000", 0o600, 0o666), ("077", 0o600, 0o600)] {
        let made = shop.shell(&format!("umask {umask}; vidimus keygen k{umask} --unencrypted"));
        assert_eq!(made.code, 0, "{}", made.stderr);
        for (end, mode) in [("key", private), ("pub", public)] {
            let found = shop.path(&format!("k{umask}.{end}")).metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "umask {umask}, {end}: {found:o}");
        }
    }
}

/// The classic accident: the key lies in the folder that is packed. Found before anything is written, however it is hidden.
#[test]
fn private_keys_are_never_packed() {
    let shop = Shop::new();
    shop.write("notes.txt", "a report\n");
    shop.write("secret", "correct horse\n");
    assert_eq!(shop.shell("vidimus keygen locked --passphrase-fd 3 3<secret").code, 0);
    let key = String::from_utf8(shop.read("acme.key")).unwrap();
    let other = vidimus_testkit::Key::rsa("vendor", 2048).private_pkcs8_pem();
    let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk";
    let labelled = |label: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let escaped = other.trim_end().replace('\n', "\\n");
    let archive = |name: &str, bytes: &[u8]| vidimus_testkit::archive::tar_of(&[(name, bytes)]);
    let bare = |pem: &str| -> Vec<u8> {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        vidimus_testkit::encode::unbase64(&lines.collect::<String>())
    };
    for (name, bytes) in [
        ("the key that signs, in DER", bare(&key)),
        ("an encrypted key in DER", bare(std::str::from_utf8(&shop.read("locked.key")).unwrap())),
        ("a key of another kind in DER", bare(&other)),
        ("the key that signs", key.clone().into_bytes()),
        ("an encrypted key", shop.read("locked.key")),
        ("a key of another kind", other.clone().into_bytes()),
        ("a key behind other text", format!("Bag Attributes\n  friendlyName: vendor\n{other}").into_bytes()),
        ("a key with other line ends", other.replace('\n', "\r\n").into_bytes()),
        ("a key in a string", format!("{{\"key\": \"{escaped}\"}}").into_bytes()),
        ("SEC 1", labelled("EC PRIVATE KEY").into_bytes()),
        ("OpenSSH", labelled("OPENSSH PRIVATE KEY").into_bytes()),
        ("OpenPGP", labelled("PGP PRIVATE KEY BLOCK").replace("-----\nQ", "-----\nVersion: 1\n\nQ").into_bytes()),
        ("cosign", labelled("ENCRYPTED SIGSTORE PRIVATE KEY").into_bytes()),
        ("the key that signs, in an archive", archive("deep/acme.key", key.as_bytes())),
        (
            "the key that signs, in a compressed archive in an archive",
            archive("deep.tgz", &vidimus_testkit::archive::gzip(&archive("acme.key", key.as_bytes()))),
        ),
    ] {
        shop.write("with/app", "the application\n");
        shop.write("with/conf/hidden.txt", &bytes);
        shop.write("kept/report.txt", &bytes);
        let before = shop.names();
        for packing in ["folder", "tar", "oci"] {
            for (files, evidence, place) in [
                ("with", "notes.txt", "hidden.txt"),
                ("with/conf/hidden.txt", "notes.txt", "hidden.txt"),
                ("build", "kept", "report.txt"),
                ("build", "kept/report.txt", "report.txt"),
            ] {
                let args =
                    ["pack", files, "--evidence", evidence, "--product", PRODUCT, "--sequence", "1", "--as", packing];
                let run = shop.run(&[&args[..], &["--key", "acme.key", "--out", "out"]].concat());
                assert_eq!(run.code, 2, "{name}, {files}, {packing}: {}{}", run.stdout, run.stderr);
                assert!(run.stderr.contains("private key") && run.stderr.contains(place), "{name}: {}", run.stderr);
                assert!(
                    !run.stderr.contains(body)
                        && key.lines().all(|line| line.starts_with('-') || !run.stderr.contains(line))
                );
                assert_eq!(shop.names(), before, "{name}: nothing is written");
            }
        }
    }
    // What only speaks of keys is delivered, and so is a key that was put into an archive on purpose.
    for (name, bytes) in [
        ("a public key", shop.read("acme.pub")),
        ("a text about keys", b"It begins with -----BEGIN PRIVATE KEY-----.\n".to_vec()),
        (
            "a program that reads keys",
            b"\x7fELF\0-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0".to_vec(),
        ),
        ("a shortened example", b"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n".to_vec()),
        ("a key of the product, in an archive", archive("etc/test.key", other.as_bytes())),
    ] {
        shop.write("with/conf/hidden.txt", &bytes);
        let args = ["pack", "with", "--product", PRODUCT, "--sequence", "1", "--key", "acme.key", "--out", "out"];
        let run = shop.run(&args);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        fs::remove_dir_all(shop.path("out")).unwrap();
    }
}

/// A device has no length, and no end.
#[cfg(target_os = "linux")]
#[test]
fn answers_of_authorities_are_files_of_bounded_size() {
    let shop = Shop::new();
    shop.must(&["sign", "build/app", "--key", "acme.key", "--out", "app.sigstore.json"]);
    shop.write("large", vec![b'x'; 1024 * 1024 + 1]);
    shop.write("anchor.pem", "none");
    let attach = "vidimus timestamp attach app.sigstore.json --out new";
    let before = shop.names();
    for (script, expected) in [
        (format!("{attach} --tsa-response /dev/zero --anchor anchor.pem"), "/dev/zero: not a regular file"),
        (format!("{attach} --tsa-response large --anchor /dev/zero"), "large: larger than 1048576 bytes"),
        (format!("{attach} --tsa-response anchor.pem --anchor /dev/zero"), "/dev/zero: not a regular file"),
        ("vidimus timestamp request /dev/zero --out new".to_owned(), "/dev/zero: not a regular file"),
    ] {
        // A megabyte is allowed; half a gigabyte is what the machine can spare to show that it is not asked for.
        let run = shop.shell(&format!("ulimit -v 524288; {script}"));
        assert_eq!(run.code, 2, "{script}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{script}: {}", run.stderr);
        assert_eq!(shop.names(), before, "{script}");
    }
}

/// What `keygen` prints for a policy is a policy, once the words CHANGE are.
#[test]
fn the_snippet_can_be_pasted() {
    let shop = Shop::new();
    let told = shop.must(&["keygen", "Nord Net", "--unencrypted"]);
    let snippet = &told[told.find("[party.").unwrap()..];
    let snippet = snippet.replace("name = \"CHANGE\"", "name = \"Nord\"").replace("[\"CHANGE\"]", "[\"NO\"]");
    let head = "schema = \"urn:vidimus:policy:v1\"\nid = \"urn:example:x\"\nversion = 1\n";
    let rule = "\n[[rule]]\nid = \"covered\"\ncheck = \"inventory\"\nclosed_world = true\n";
    shop.write("nord/keys/Nord Net.pub", shop.read("Nord Net.pub"));
    shop.write("nord/policy.toml", format!("{head}{snippet}{rule}"));
    shop.must(&["policy", "check", "nord/policy.toml"]);
}

#[test]
fn preflight_says_what_to_do() {
    let shop = Shop::new();
    let rule = r#"
[[rule]]
id    = "built"
title = "Built by ACME's own CI"
check = "provenance"
min_level  = 2
repository = "https://git.acme.example/app"
"#;
    shop.policy("strict", r#"may = ["delivery", "provenance"]"#, rule);
    assert_eq!(shop.pack("one", &["--sequence", "1"]).code, 0);
    let preflight = |delivery: &str| {
        shop.run(&["preflight", delivery, "--policy", "strict/policy.toml", "--at", AT, "--key", "acme.key"])
    };
    let run = preflight("one");
    assert_eq!(run.code, 1, "{}", run.stderr);
    for part in [
        "NOT READY  1 thing is left to do before urn:example:intake version 1 passes pkg:generic/acme/app@1.0",
        "1. built (missing): Built by ACME's own CI",
        "file files/app",
        "evidence.missing: no accepted provenance",
        "to be signed by acme-release of ACME, key sha256:",
        "$ vidimus attest provenance --builder BUILDER --build-type TYPE --source git+https://git.acme.example/app --commit COMMIT --subject files/app",
        "$ vidimus pack FILES --evidence EVIDENCE --product pkg:generic/acme/app@1.0 --sequence N --key acme.key --out DELIVERY",
        "vidimus: FAIL basis=unproven",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    // The commands, with what only the vendor knows filled in, do it.
    shop.must(&[
        "attest",
        "provenance",
        "--builder",
        "https://ci.acme.example",
        "--build-type",
        "urn:acme:build",
        "--source",
        "git+https://git.acme.example/app@refs/tags/v1",
        "--commit",
        "0123456789012345678901234567890123456789",
        "--subject",
        "build",
        "--key",
        "acme.key",
        "--out",
        "provenance.sigstore.json",
    ]);
    assert_eq!(shop.pack("two", &["--sequence", "2", "--evidence", "provenance.sigstore.json"]).code, 0);
    let run = preflight("two");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    // A key that the operator does not know: no other signature of it helps.
    shop.must(&["keygen", "stranger", "--unencrypted"]);
    let args = ["pack", "build", "--product", PRODUCT, "--sequence", "1", "--key", "stranger.key", "--out", "three"];
    shop.must(&args);
    let run = preflight("three");
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("vidimus: FAIL"), "{}", run.stdout);
    assert_eq!(shop.run(&["preflight", "one", "--policy", "none.toml"]).code, 2);
}

#[test]
fn roles_sign_the_closure_of_a_policy() {
    let shop = Shop::new();
    let sign = |role: &str| shop.run(&["policy", "sign", "policy/policy.toml", "--role", role, "--key", "acme.key"]);
    let run = sign("security-board");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(sign("audit").code, 0);
    let bundle = shop.read("policy/bundle.json");
    let digest = vidimus_testkit::encode::sha256_hex(&bundle);
    let check = shop.must(&["policy", "check", "policy/policy.toml"]);
    assert!(check.contains(&digest), "the digest of bundle.json is the policy's: {check}");
    for role in ["security-board", "audit"] {
        let envelope: Value = serde_json::from_slice(&shop.read(&format!("policy/bundle.{role}.dsse.json"))).unwrap();
        assert_eq!(vidimus_testkit::encode::unbase64(envelope["payload"].as_str().unwrap()), bundle);
    }
    assert!(sign("audit").stderr.contains("something here already"));
    let text = String::from_utf8(shop.read("policy/policy.toml")).unwrap();
    shop.write("policy/policy.toml", text.replace("version = 1", "version = 2"));
    let run = sign("procurement");
    assert!(run.code == 2 && run.stderr.contains("has changed since it was signed"), "{}", run.stderr);
}
