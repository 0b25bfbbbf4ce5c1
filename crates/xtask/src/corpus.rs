//! `cargo xtask corpus`: real evidence with expectations, decided by the code that decides for `vidimus verify`, and held
//! against what its origins say. `corpus/README.md` is the manual.

mod case;
mod decide;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod differential_spdx;
#[cfg(test)]
mod differential_spdx3;
mod exceptions;
mod families;
mod judge;
mod keys;
mod layouts;
#[cfg(test)]
mod mutate;
mod parts;
mod policy;
mod purl;
mod root;
mod suites;
#[cfg(test)]
mod tests;
mod vex;
mod wycheproof;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use self::case::{Case, Expected};
use self::decide::Decision;
use self::exceptions::Exceptions;
use self::families::Held;
use crate::Result;

/// The committed exceptions.
const EXCEPTIONS: &str = include_str!("corpus/exceptions.jsonl");

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The corpus; `../shared/corpus` beside the workspace by default.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A suite; may repeat. Every suite that this stage decides by default.
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// Write one JSON line a case.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// How one case came out.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Agree,
    Excepted,
    NotRun(&'static str),
    Surprise(String),
}

/// Runs the suites; `false` on any surprise.
pub(crate) fn run(root: &Path, options: &Options) -> Result<bool> {
    let dir = options.dir.clone().unwrap_or_else(|| root.join("../shared/corpus"));
    let exceptions = Exceptions::parse(EXCEPTIONS)?;
    let mut report = Vec::new();
    let mut calm = true;
    for name in chosen(&dir, options)? {
        calm &= suite(&dir, &name, &exceptions, &mut report)?;
    }
    if let Some(path) = &options.report {
        std::fs::write(path, report).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(calm)
}

/// The suites to run. A folder that no table knows is an error: nothing is left out in silence.
fn chosen(dir: &Path, options: &Options) -> Result<Vec<String>> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() {
            folders.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    folders.sort();
    let known = |name: &str| suites::DECIDED.contains(&name) || suites::LATER.iter().any(|(later, _)| *later == name);
    let asked = if options.suites.is_empty() { &folders } else { &options.suites };
    if let Some(name) = asked.iter().find(|name| !known(name)) {
        return Err(format!("unknown suite {name}: add it to a table in corpus/suites.rs"));
    }
    if !options.suites.is_empty() {
        return Ok(options.suites.clone());
    }
    let decided: Vec<String> = suites::DECIDED
        .iter()
        .filter(|name| folders.iter().any(|f| f == *name))
        .map(|name| (*name).to_owned())
        .collect();
    for name in suites::DECIDED.iter().filter(|name| !folders.iter().any(|f| f == *name)) {
        println!("{name}: not in {}", dir.display());
    }
    if decided.is_empty() { Err(format!("{}: no suite", dir.display())) } else { Ok(decided) }
}

/// Runs one suite and prints its line and its surprises; `false` if there are any.
fn suite(dir: &Path, name: &str, exceptions: &Exceptions, report: &mut Vec<u8>) -> Result<bool> {
    if let Some((_, why)) = suites::LATER.iter().find(|(later, _)| *later == name) {
        let cases = case::load(&dir.join(name))?.into_iter().filter(|case| case.expected.is_some()).count();
        println!("{name}: 0 / {cases} agree, 0 excepted, {cases} not run");
        println!("  not decided by this stage: {why}");
        return Ok(false);
    }
    let cases = case::load(&dir.join(name))?;
    if cases.is_empty() {
        println!("{name}: empty");
        return Ok(false);
    }
    let tally = tally(&cases, exceptions, report)?;
    println!(
        "{name}: {} / {} agree, {} excepted, {} not run",
        tally.agree,
        tally.stated,
        tally.excepted,
        tally.not_run.values().sum::<usize>()
    );
    for (why, count) in &tally.not_run {
        println!("  not run, {count}: {why}");
    }
    for surprise in &tally.surprises {
        println!("  {surprise}");
    }
    Ok(tally.surprises.is_empty())
}

/// The outcomes of a suite, counted. Cases without a stated expectation are run, and count only if they surprise.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    stated: usize,
    agree: usize,
    excepted: usize,
    not_run: BTreeMap<&'static str, usize>,
    surprises: Vec<String>,
}

fn tally(cases: &[Case], exceptions: &Exceptions, report: &mut Vec<u8>) -> Result<Tally> {
    let mut tally = Tally::default();
    for case in cases {
        let how = suites::how(&case.kind)
            .ok_or_else(|| format!("{}: unknown kind {}: add it to corpus/suites.rs", case.id, case.kind))?;
        let decision = decide::decide(case, how)?;
        let outcome = compare(case, &decision, exceptions);
        report.extend(line(case, &decision, &outcome));
        tally.stated += usize::from(case.expected.is_some());
        match outcome {
            Outcome::Surprise(what) => tally.surprises.push(format!("{}: {what}", case.id)),
            _ if case.expected.is_none() => {}
            Outcome::Agree => tally.agree += 1,
            Outcome::Excepted => tally.excepted += 1,
            Outcome::NotRun(why) => *tally.not_run.entry(why).or_default() += 1,
        }
    }
    Ok(tally)
}

/// Holds our decision against the origin's. Surprises go both ways.
fn compare(case: &Case, decision: &Decision, exceptions: &Exceptions) -> Outcome {
    let excepted = exceptions.of(&case.id);
    let difference = match (case.expected, decision) {
        (_, Decision::Crash) => return Outcome::Surprise("crashes".to_owned()),
        (_, Decision::NotRun(_)) if excepted.is_some() => {
            return Outcome::Surprise("is listed as an exception, and is not run".to_owned());
        }
        (_, Decision::NotRun(why)) => return Outcome::NotRun(why),
        (None, _) => None,
        (Some(Expected::Fail), Decision::Fail(codes)) if excepted.is_none() && is_unreached(case, codes) => {
            return Outcome::NotRun(UNREACHED);
        }
        (Some(expected), decision) => difference(case, expected, decision),
    };
    match (difference, excepted) {
        (None, None) => Outcome::Agree,
        (Some(_), Some(_)) => Outcome::Excepted,
        (Some(what), None) => Outcome::Surprise(what),
        (None, Some(_)) => Outcome::Surprise("is listed as an exception, and agrees".to_owned()),
    }
}

/// The origin looks the signing time up online and then finds what is wrong. Offline nothing proves the time, and what the
/// statement says is not looked at any further: it fails, and nobody knows whether for the origin's reason.
const UNREACHED: &str = "offline nothing proves the signing time, so the origin's own reason is not reached";

fn is_unreached(case: &Case, codes: &[String]) -> bool {
    let reason = case.expected_reason.as_deref().unwrap_or_default();
    case.requires_online == Some(true)
        && families::hold("time is not proven offline", codes) == Held::Same
        && families::hold(reason, codes) != Held::Same
}

fn difference(case: &Case, expected: Expected, decision: &Decision) -> Option<String> {
    let reason = case.expected_reason.as_deref().unwrap_or_default();
    match (expected, decision) {
        (Expected::Pass, Decision::Pass) | (Expected::Fail, Decision::Wrong) => None,
        // The origin looks the signing time up online. Offline nothing proves it, and that must be all we miss.
        (Expected::Pass, Decision::Fail(codes))
            if case.requires_online == Some(true)
                && families::hold("time is not proven offline", codes) == Held::Same =>
        {
            None
        }
        (Expected::Pass, Decision::Fail(codes)) => Some(format!("expected pass, found {}", codes.join(" "))),
        (Expected::Pass, _) => Some("expected pass, found fail".to_owned()),
        (Expected::Fail, Decision::Fail(codes)) => match families::hold(reason, codes) {
            Held::Same => None,
            Held::Other { allowed } => {
                Some(format!("fails for {}, not for {} ({reason})", codes.join(" "), allowed.join(" ")))
            }
            Held::Unread => {
                Some(format!("fails for {}; no row of corpus/families.rs reads: {reason}", codes.join(" ")))
            }
        },
        (Expected::Fail, _) => Some(format!("expected fail ({reason}), found pass")),
    }
}

/// The report's line of a case.
fn line(case: &Case, decision: &Decision, outcome: &Outcome) -> Vec<u8> {
    let (found, codes) = match decision {
        Decision::Pass => ("pass", Vec::new()),
        Decision::Fail(codes) => ("fail", codes.clone()),
        Decision::Wrong => ("fail", Vec::new()),
        Decision::NotRun(_) => ("not-run", Vec::new()),
        Decision::Crash => ("crash", Vec::new()),
    };
    let (outcome, note) = match outcome {
        Outcome::Agree => ("agree", None),
        Outcome::Excepted => ("excepted", None),
        Outcome::NotRun(why) => ("not-run", Some((*why).to_owned())),
        Outcome::Surprise(what) => ("surprise", Some(what.clone())),
    };
    let expected = case.expected.map(|expected| match expected {
        Expected::Pass => "pass",
        Expected::Fail => "fail",
    });
    let line = json!({
        "id": case.id, "expected": expected, "found": found, "codes": codes, "outcome": outcome, "note": note,
    });
    format!("{line}\n").into_bytes()
}
