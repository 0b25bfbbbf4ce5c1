//! `vidimus replay`: the verdict of an archive, computed again.

use std::path::Path;

use serde_json::Value as Json;
use vidimus::archive::{Archive, ArchiveError};
use vidimus::conclude::Answer;
use vidimus::digest::{Algorithm, Digest};
use vidimus::knowledge::Knowledge;
use vidimus::policy::Policy;
use vidimus::record::{self, Record};
use vidimus::render::{self, Mode, Replay, Run, VerdictFile};
use vidimus::replay::{self, Difference, Level, Replayed};
use vidimus::time::Time;

use crate::args::{Color, ReplayArgs};
use crate::failure::Failure;
use crate::output::{self, Outputs};
use crate::policy::{self, Rooted};
use crate::progress::Bar;
use crate::results::Results;
use crate::run::Exit;
use crate::terminal;
use crate::verify::{check_clock, check_window, needs_no_product, on_threads, own_files};

pub(crate) fn run(
    args: &ReplayArgs,
    color: Color,
    clock: impl FnOnce() -> Result<Time, Failure>,
) -> Result<Exit, Failure> {
    let mut read = vec![args.archive.clone()];
    read.extend(args.artifacts.iter().chain(&args.policy).cloned());
    read.extend(args.policy.iter().flat_map(|path| policy::anchor_files(path, args.anchor.as_deref())));
    read.extend(args.expect.iter().map(Into::into));
    let mut outputs = output::prepare(&args.output, None, &output::Read::these(&read))?;
    let rooted = args.policy.as_ref().map(|path| policy::rooted(path, args.anchor.as_deref(), color)).transpose()?;
    let own = args.policy.iter().zip(&rooted).flat_map(|(path, rooted)| own_files(path, &rooted.policy, None));
    outputs.remove_stale(&own.collect::<Vec<_>>())?;
    let expected = args.expect.as_deref().map(Expected::parse).transpose()?;
    let archive = Archive::open(&args.archive).map_err(|e| failed(&args.archive, &e))?;
    let progress = Bar::new(args.quiet);
    let artifacts = args.artifacts.as_deref();
    let replayed = on_threads(args.jobs, || replay::replay(&archive, artifacts, &progress))?;
    let replayed = replayed.map_err(|e| failed(&args.archive, &e))?;
    let difference = replayed.difference.clone().or_else(|| expected.and_then(|expected| expected.differs(&replayed)));
    if let Some(difference) = difference {
        // The one influence that a clock may have: a library refuses evidence of its future (DESIGN ruling 4).
        check_clock(clock()?, &replayed.judgement.clock_must_be_past)?;
        say(args, &format!("DIFFERS ({})\n{}{}", replayed.level.name(), told(&difference), ends(&archive, &replayed)))?;
        return Ok(Exit::Differs);
    }
    if args.at.is_some() || args.policy.is_some() {
        return anew(args, (&outputs, color), &archive, replayed, rooted, clock);
    }
    let file = VerdictFile::of(&replayed.judgement.verdict, &run_of(&archive, replayed.level.name()));
    let results =
        Results { file: &file, policy: Some(&replayed.policy), verifier: None, verbose: false, quiet: true, color };
    results.write(&outputs.list, None)?.keep();
    if !outputs.list.iter().any(|output| output.target == output::Target::Stdout) {
        let reach = match replayed.level {
            Level::Decision => "the core follows from what was read and the evidence; no artifact was read again",
            Level::Full => "the artifacts were read again, and the core follows from them and the evidence",
        };
        say(args, &format!("REPRODUCED ({}: {reach})\n{}", replayed.level.name(), ends(&archive, &replayed)))?;
    }
    Ok(Exit::Pass)
}

/// L4: the same delivery under another time or policy.
fn anew(
    args: &ReplayArgs,
    (outputs, color): (&Outputs, Color),
    archive: &Archive,
    replayed: Replayed,
    rooted: Option<Rooted>,
    clock: impl FnOnce() -> Result<Time, Failure>,
) -> Result<Exit, Failure> {
    let mut request = replay::request(archive).map_err(|e| failed(&args.archive, &e))?;
    if let Some(text) = &args.at {
        request.at = text.parse().map_err(|e| Failure::new(format!("`--at {}`: {e}", render::escape(text))))?;
    }
    let (policy, anchored): (Policy, _) = match rooted {
        Some(rooted) => (rooted.policy, rooted.root.map(|root| root.anchored)),
        None => (replayed.policy.clone(), replayed.anchored.clone()),
    };
    check_window(&policy, request.at)?;
    if request.product.is_none() {
        needs_no_product(&policy)?;
    }
    let delivery = if policy.limits == replayed.policy.limits {
        replayed.delivery
    } else if replayed.level == Level::Full {
        let again = on_threads(args.jobs, || {
            archive.read_again(args.artifacts.as_deref(), &policy.limits, &Bar::new(args.quiet))
        })?;
        again.map_err(|e| failed(&args.archive, &e))?
    } else {
        return Err(Failure::new(
            "this policy has other `[limits]` than the one in the archive, so the delivery must be read again",
        )
        .hint("name the delivered files with `--artifacts`"));
    };
    let status = archive.status(&policy.limits).map_err(|e| failed(&args.archive, &e))?;
    let knowledge = Knowledge { status: status.as_ref(), state: archive.state(), anchor: anchored.as_ref() };
    let judgement = on_threads(args.jobs, || vidimus::judge_knowing(&delivery, &policy, knowledge, &request))?;
    check_clock(clock()?, &judgement.clock_must_be_past)?;
    let mut run = run_of(archive, "L4");
    run.notes = judgement.notes.iter().map(|note| render::escape(note)).collect();
    run.evidence_files = render::evidence_files(&delivery);
    run.evidence_beside = render::evidence_beside(&delivery);
    let file = VerdictFile::of(&judgement.verdict, &run);
    if !outputs.list.iter().any(|output| output.target == output::Target::Stdout) {
        let first = answer(archive.core().verdict);
        say(
            args,
            &format!(
                "JUDGED ANEW (L4): not the verdict of the archive, which is {first} and was reproduced ({})\nfirst core    sha256:{}\n\n",
                replayed.level.name(),
                archive.contents().core,
            ),
        )?;
    }
    let results =
        Results { file: &file, policy: Some(&policy), verifier: None, verbose: false, quiet: args.quiet, color };
    results.write(&outputs.list, None)?.keep();
    Ok(Exit::of(&judgement.verdict))
}

/// The circumstances of a replay: those of the first run, and what it was.
fn run_of(archive: &Archive, level: &str) -> Run {
    let replay = Replay {
        archive_sha256: archive.sha256().hex().to_owned(),
        core_sha256: archive.contents().core.clone(),
        level: level.to_owned(),
    };
    Run {
        tool: "vidimus".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: Mode::Replay,
        replay: Some(replay),
        ..archive.run().clone()
    }
}

fn failed(path: &Path, error: &ArchiveError) -> Failure {
    let failure = Failure::new(format!("{}: {error}", path.display()));
    match error {
        ArchiveError::Corrupt { .. } => failure.hint(
            "nothing is said about the verdict: get the archive again, and compare its sha256 with the one that was quoted",
        ),
        ArchiveError::Semantics { .. } => failure.hint("replay it with a program that knows these semantics"),
        _ => failure,
    }
}

/// What `--expect` asks for.
enum Expected {
    Digest(Digest),
    Verdict(Box<Record>),
}

impl Expected {
    fn parse(text: &str) -> Result<Self, Failure> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if let Some(digest) = Digest::parse(Algorithm::Sha256, hex) {
            return Ok(Self::Digest(digest));
        }
        record::open(Path::new(text)).map(|record| Self::Verdict(Box::new(record))).map_err(|e| {
            Failure::new(format!("`--expect {}`: {e}", render::escape(text)))
                .hint("give the `core=` of the verdict, or a file with the verdict as JSON or HTML")
        })
    }

    fn differs(&self, replayed: &Replayed) -> Option<Difference> {
        let verdict = &replayed.judgement.verdict;
        match self {
            Self::Digest(expected) if *expected == verdict.core_sha256() => None,
            Self::Digest(expected) => Some(Difference {
                document: "the digest of the core",
                pointer: String::new(),
                archived: Some(Json::String(expected.to_string())),
                replayed: Some(Json::String(verdict.core_sha256().to_string())),
            }),
            // Who said what stands in the details, and the core commits to a part of them only.
            Self::Verdict(record) => replay::first(&record.file().core, verdict.core(), "core")
                .or_else(|| replay::first(&record.file().details, verdict.details(), "details")),
        }
    }
}

fn say(args: &ReplayArgs, text: &str) -> Result<(), Failure> {
    if args.quiet { Ok(()) } else { terminal::results(text.as_bytes()) }
}

fn told(difference: &Difference) -> String {
    const SHOWN: usize = 400;
    let value = |value: &Option<Json>| match value {
        None => "(absent)".to_owned(),
        Some(value) => render::escape_within(&value.to_string(), SHOWN),
    };
    format!(
        "first difference  {} {}\n  expected  {}\n  replayed  {}\n",
        difference.document,
        if difference.pointer.is_empty() { "(whole)".to_owned() } else { render::escape(&difference.pointer) },
        value(&difference.archived),
        value(&difference.replayed),
    )
}

const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "PASS",
        Answer::Fail => "FAIL",
    }
}

fn ends(archive: &Archive, replayed: &Replayed) -> String {
    let core = archive.core();
    let (first, again) = (&archive.contents().core, replayed.judgement.verdict.core_sha256());
    let cores = match again.hex() == first {
        true => format!("core      {again}\n"),
        false => format!("core      sha256:{first}\nreplayed  {again}\n"),
    };
    format!(
        "verdict   {} at {} under {} version {}\n{cores}archive   {}\n",
        answer(core.verdict),
        render::escape(&core.request.at),
        render::escape(&core.inputs.policy.id),
        core.inputs.policy.version,
        archive.sha256(),
    )
}
