//! Runs the real binary, and says where things are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use vidimus::conclude::Argument;
use vidimus::policy::{Policy, Product};
use vidimus::read::{self, Options, Silent};
use vidimus::{Request, Verdict};

/// The moment at which committed fixtures are judged, unless they say otherwise.
pub const AT: &str = "2026-11-23T12:00:00Z";

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Says that a program of others, which a test asks, is not there. `VIDIMUS_ORACLES=all`, which `.ci/run` sets, makes that a failure: a
/// run that asked nobody must not count as one in which everybody agreed.
pub fn not_asked(what: &str) {
    let all = std::env::var_os("VIDIMUS_ORACLES").is_some_and(|asked| asked == "all");
    assert!(!all, "{what}, and none of those that we are held against may be skipped");
    println!("skipped: {what}");
}

/// A suite of the corpus, or `None` with a line that says so.
pub fn corpus(suite: &str) -> Option<PathBuf> {
    let path = root().join("../shared/corpus").join(suite);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: the corpus suite {suite} is not beside the project");
    None
}

/// Does what lies in `folder` pass, as the product of the fixtures about signatures?
pub fn released(policy: &Policy, folder: &Path, at: &str) -> bool {
    let options = Options {
        as_delivery: false,
        evidence: vec![],
        limits: policy.limits,
        policy_files: vec![],
        outputs: vec![],
        progress: &Silent,
    };
    let delivery = read::delivery(&[folder.to_owned()], &options).unwrap().delivery;
    let product = Some(Product::parse_request("pkg:generic/acme/router@4.2.0").unwrap());
    let request = Request { at: at.parse().unwrap(), product, recipient: None };
    vidimus::judge(&delivery, policy, &request).verdict.passes()
}

/// The binary under test, in a quiet environment.
pub fn vidimus() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vidimus"));
    command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    command
}

/// What came of one run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            // Ended by a signal is never allowed, so it must not look like an exit code.
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the binary with `args`.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    vidimus().args(args).output().unwrap().into()
}

/// Runs `verify` with the verdict as JSON on standard output. No verdict is `Json::Null`.
pub fn verify<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> (Run, Json) {
    let run: Run = vidimus().arg("verify").args(args).args(["--output", "json=-"]).output().unwrap().into();
    let verdict = serde_json::from_str(&run.stdout).unwrap_or(Json::Null);
    (run, verdict)
}

/// The codes of a verdict's unmet requirements, sorted, each once.
pub fn unmet(verdict: &Json) -> Vec<String> {
    let reasons = items(&verdict["core"]["unmet"]).flat_map(|unmet| items(&unmet["reasons"]));
    sorted(reasons.map(|reason| text(&reason["code"])))
}

/// The codes of a list of the core, sorted, each once.
pub fn codes(verdict: &Json, list: &str) -> Vec<String> {
    sorted(items(&verdict["core"][list]).map(|entry| text(&entry["code"])))
}

pub fn items(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

pub fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn sorted(values: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.into_iter().collect();
    values.sort();
    values.dedup();
    values
}

/// Copies a folder of regular files.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The parties whose words about origin keep a verdict from passing, where the verdict says that such words can be left out.
pub fn said_against(verdict: &Verdict) -> BTreeSet<String> {
    let core = verdict.core();
    let is_told = core.caveats.iter().any(|caveat| caveat.code == "caveat.suppressible");
    let reasons = core.unmet.iter().flat_map(|unmet| &unmet.reasons).filter(|_| is_told);
    let against = reasons.filter(|reason| matches!(reason.code.as_str(), "origin.denied" | "origin.not-allowed"));
    let parties = against.filter_map(|reason| match reason.args.get("party") {
        Some(Argument::Text(party)) => Some(party.clone()),
        _ => None,
    });
    parties.collect()
}
