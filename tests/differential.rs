//! Programs that other people wrote, asked about the same files. Where one is not installed, its test says so and passes.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::{AT, not_asked, verify};

/// A folder to work in, for one program.
pub struct Bench {
    folder: TempDir,
    program: &'static str,
    judged: usize,
}

/// What both said about one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub theirs: bool,
    pub ours: bool,
}

impl Bench {
    /// `None`, with a line that says so, where the program is not installed.
    pub fn of(program: &'static str) -> Option<Self> {
        // Every one of them answers something to an unknown option; only one that is not there cannot be started.
        let started = Command::new(program).arg("--version").stdin(Stdio::null()).output();
        if started.is_err() {
            not_asked(&format!("{program} is not installed"));
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("policy")).unwrap();
        Some(Self { folder, program, judged: 0 })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs the program in the folder, `stdin` from a file of it.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, stdin: Option<&str>) -> Output {
        let stdin = stdin.map_or_else(Stdio::null, |name| fs::File::open(self.path(name)).unwrap().into());
        let mut command = Command::new(self.program);
        command.args(args).current_dir(self.folder.path()).env("HOME", self.folder.path()).stdin(stdin);
        command.output().unwrap()
    }

    /// The same, where it must succeed.
    pub fn must<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) {
        let output = self.run(args, None);
        assert!(output.status.success(), "{}: {}", self.program, String::from_utf8_lossy(&output.stderr));
    }

    /// Is a delivery of `message` and the signature file or envelope `name` released, if `identity` (TOML, with paths below
    /// `policy/`) may sign files and say that they were reviewed?
    pub fn released(&mut self, identity: &str, message: &[u8], name: &str, signature: &[u8]) -> bool {
        self.released_at(AT, identity, message, name, signature)
    }

    /// The same at another instant.
    pub fn released_at(&mut self, at: &str, identity: &str, message: &[u8], name: &str, signature: &[u8]) -> bool {
        self.judged += 1;
        let delivery = self.path(&format!("delivery-{}", self.judged));
        fs::create_dir(&delivery).unwrap();
        fs::write(delivery.join("file"), message).unwrap();
        fs::write(delivery.join(name), signature).unwrap();
        let policy = self.write("policy/policy.toml", POLICY.replace("IDENTITY", identity));
        let (run, verdict) =
            verify([delivery.as_os_str(), OsStr::new("--policy"), policy.as_os_str(), "--at".as_ref(), at.as_ref()]);
        assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
        assert!(verdict.is_object(), "{}", run.stderr);
        // The signature file is a file too: only what is said about `file` counts.
        let unmet = crate::support::items(&verdict["core"]["unmet"]);
        !unmet.flat_map(|unmet| crate::support::items(&unmet["path"])).any(|path| path == "file")
    }
}

/// Every case and what was said about it: enough of them, half of them wrong on purpose, and nobody disagrees.
pub fn agreed(program: &str, cases: &[(String, bool, Said)]) {
    let wrong: Vec<&(String, bool, Said)> =
        cases.iter().filter(|(_, good, said)| said.theirs != *good || said.ours != *good).collect();
    assert!(wrong.is_empty(), "{program}: {wrong:#?}");
    let tampered = cases.iter().filter(|(_, good, _)| !good).count();
    assert!(cases.len() >= 30 && tampered * 2 >= cases.len(), "{} cases, {tampered} tampered", cases.len());
    println!("{program}: {} cases, {tampered} tampered with, no disagreement", cases.len());
}

/// Flips one bit.
pub fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// Messages of several lengths, none empty.
pub fn messages() -> [Vec<u8>; 3] {
    let long = |n: u32| (0..n).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    [b"x".to_vec(), b"text with lines\r\n\nand no end".to_vec(), long(70_000)]
}

const POLICY: &str = r#"schema  = "urn:vidimus:policy:v1"
id      = "urn:example:differential"
version = 1

[algorithms]
signature = [
    "ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519",
    "rsa-pkcs1-2048-sha256", "rsa-pkcs1-2048-sha384", "rsa-pkcs1-2048-sha512",
    "rsa-pss-2048-sha256", "rsa-pss-2048-sha384", "rsa-pss-2048-sha512",
]

[party.signer]
name = "Signer"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id    = "signer"
party = "signer"
IDENTITY

[[grant]]
identities = ["signer"]
may        = ["file", "https://example.com/reviewed/v1"]

[[rule]]
id     = "released"
check  = "release"
accept = ["file", "https://example.com/reviewed/v1"]
"#;
