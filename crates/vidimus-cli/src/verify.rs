//! `vidimus verify`: read, judge, write; the exit code is the answer.

use std::io::Write;
use std::path::{Path, PathBuf};

use vidimus::knowledge::Knowledge;
use vidimus::policy::{Policy, Product};
use vidimus::render::{self, Mode, Run, VerdictFile};
use vidimus::time::Time;
use vidimus::{Judgement, Request, archive, read};

use crate::args::{Color, VerifyArgs};
use crate::failure::Failure;
use crate::output::{self, Content};
use crate::policy;
use crate::progress::Bar;
use crate::results::Results;
use crate::run::Exit;
use crate::state::{self, Kept};
use crate::terminal;

const UNREAD: &str = "no rule of this policy reads the state, so that an older delivery passes as well as a newer one; the checks \
                      `no-rollback` and `status` read it";

pub(crate) fn run(args: &VerifyArgs, clock: Time, color: Color) -> Result<Exit, Failure> {
    // However this run ends, no output of an earlier one is left to be mistaken for its own.
    let mut outputs = output::prepare(&args.output, args.archive.as_deref(), &output::Read::of(args))?;
    let (policy, policy_bytes) = policy::load_with_files(&args.policy, color)?;
    outputs.remove_stale(&own_files(&args.policy, &policy, args.status.as_deref()))?;
    let request = request(args, &policy, clock)?;
    needs_folder(args.status.as_deref())?;
    let kept = args.state.as_deref().map(|path| Kept::read(path, args.accept, &args.paths, &policy)).transpose()?;
    let judged = on_threads(args.jobs, || judge(args, &outputs.files, &policy, &request, kept.as_ref()))??;
    let (read, status, judgement) = judged;
    check_clock(clock, &judgement.clock_must_be_past)?;
    #[cfg(debug_assertions)]
    assert!(!args.panic_in_test, "asked for by a test");

    let unread = kept.as_ref().filter(|_| !state::is_read(&policy)).map(|_| UNREAD);
    let run = Run {
        tool: "vidimus".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: if args.at.is_some() { Mode::AsOf } else { Mode::Live },
        started: clock.to_string(),
        replay: None,
        taken: read.taken,
        evidence_files: render::evidence_files(&read.delivery),
        evidence_beside: render::evidence_beside(&read.delivery),
        notes: judgement.notes.iter().map(|note| render::escape(note)).chain(unread.map(str::to_owned)).collect(),
    };
    let inputs = archive::Inputs {
        delivery: &read.delivery,
        shape: read.shape,
        status: status.as_ref(),
        state: kept.as_ref().map(Kept::state),
        policy: &policy_bytes,
        verdict: &judgement.verdict,
        run: &run,
        artifacts: args.archive_artifacts.then_some(args.paths.as_slice()),
    };
    let archived = |out: &mut dyn Write| {
        archive::write(&inputs, out).map_err(|e| Failure::new(e.to_string()).hint("there is no archive and no verdict"))
    };
    let archive = args.archive.as_deref().map(|path| (path, Content::Streamed(&archived)));
    let file = VerdictFile::of(&judgement.verdict, &run);
    let results = Results {
        file: &file,
        policy: Some(&policy),
        verifier: Some(&args.verifier),
        verbose: args.verbose,
        quiet: args.quiet,
        color,
    };
    let (placed, shown) = results.place(&outputs.list, archive)?;
    // Before anybody reads PASS: what cannot be kept is no verdict.
    if let Some(kept) = kept.as_ref().filter(|_| args.accept && judgement.verdict.passes()) {
        kept.accept(&judgement.advance)?;
    }
    terminal::results(&shown)?;
    placed.keep();
    if let Some(said) = unread.filter(|_| !args.quiet) {
        terminal::diagnostic(&format!("note: {said}\n"));
    }
    Ok(Exit::of(&judgement.verdict))
}

fn judge(
    args: &VerifyArgs,
    outputs: &[PathBuf],
    policy: &Policy,
    request: &Request,
    kept: Option<&Kept>,
) -> Result<(read::Read, Option<read::Delivery>, Judgement), Failure> {
    let options = read::Options {
        as_delivery: args.as_delivery,
        evidence: args.evidence.clone(),
        limits: policy.limits,
        policy_files: own_files(&args.policy, policy, args.status.as_deref()),
        outputs: outputs.to_vec(),
        progress: &Bar::new(args.quiet),
    };
    let read = read::delivery(&args.paths, &options).map_err(|e| Failure::new(e.to_string()))?;
    let status = args.status.as_deref().map(|folder| status(folder, policy)).transpose()?;
    let knowledge = Knowledge { status: status.as_ref(), state: kept.map(Kept::state) };
    let judgement = vidimus::judge_knowing(&read.delivery, policy, knowledge, request);
    Ok((read, status, judgement))
}

/// Is there such a folder at all? Asked first, so that nobody is told that a part of the delivery is missing.
pub(crate) fn needs_folder(status: Option<&Path>) -> Result<(), Failure> {
    match status.filter(|folder| !folder.is_dir()) {
        None => Ok(()),
        Some(folder) => Err(Failure::new(format!("{}: `--status` is not a folder", folder.display()))
            .hint("name the folder in which the status lists lie")),
    }
}

/// The folder of status lists, read like a delivery: bounded, no links, hashed once.
pub(crate) fn status(folder: &Path, policy: &Policy) -> Result<read::Delivery, Failure> {
    let shown = folder.display();
    let options = read::Options {
        as_delivery: false,
        evidence: Vec::new(),
        limits: policy.limits,
        policy_files: Vec::new(),
        outputs: Vec::new(),
        progress: &read::Silent,
    };
    let read = read::delivery(&[folder.to_path_buf()], &options).map_err(|e| Failure::new(e.to_string()))?;
    if let Some(reason) = read.delivery.limits_hit.first() {
        return Err(Failure::new(format!("{shown}: {}", reason.sentence())));
    }
    // It may be the newest issue; to judge by the one before would be to pass it over.
    if let Some(refused) = read.delivery.refused.first() {
        let name = render::escape(&String::from_utf8_lossy(&refused.raw_path));
        let why = "every list must be a regular file under a portable name, and no two names equal but for letter case";
        return Err(Failure::new(format!("{shown}: `{name}` cannot be used ({}): {why}", refused.reason.code()))
            .hint("copy the list itself into the folder, or take the entry out of it"));
    }
    Ok(read.delivery)
}

/// What must not come from the sender: the policy, every file that it names, and status lists.
pub(crate) fn own_files(file: &Path, policy: &Policy, status: Option<&Path>) -> Vec<PathBuf> {
    let folder = file.parent().map(PathBuf::from).unwrap_or_default();
    policy.closure.iter().map(|(path, _)| folder.join(path)).chain(status.map(PathBuf::from)).collect()
}

/// Runs `work` on as many threads as are wanted. The outcome does not depend on how many.
pub(crate) fn on_threads<T: Send>(jobs: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let threads = jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool =
        pool.map_err(|e| Failure::new(format!("threads cannot be started: {e}")).hint("try a smaller `--jobs`"))?;
    Ok(pool.install(work))
}

/// What is asked, held against what the policy needs to be asked.
fn request(args: &VerifyArgs, policy: &Policy, clock: Time) -> Result<Request, Failure> {
    let at = match &args.at {
        None => clock,
        Some(text) => text.parse().map_err(|e| Failure::new(format!("`--at {}`: {e}", render::escape(text))))?,
    };
    check_window(policy, at)?;
    let product = match &args.product {
        None => None,
        Some(text) => Some(
            Product::parse_request(text)
                .map_err(|e| Failure::new(format!("`--product {}`: {e}", render::escape(text))))?,
        ),
    };
    if product.is_none() {
        needs_no_product(policy)?;
    }
    if let Some(recipient) = args.recipient.as_ref().filter(|id| vidimus::reason::identifier(id) != **id) {
        let shown = render::escape_within(recipient, 100);
        return Err(Failure::new(format!(
            "`--recipient {shown}`: not an identifier of 1 to 512 visible ASCII characters"
        ))
        .hint("use the identifier that your vendors put into delivery statements, such as urn:example:nordlys"));
    }
    Ok(Request { at, product, recipient: args.recipient.clone() })
}

/// May the policy be used then?
pub(crate) fn check_window(policy: &Policy, at: Time) -> Result<(), Failure> {
    if policy.window.contains(at) { Ok(()) } else { Err(outside_window(policy, at)) }
}

pub(crate) fn outside_window(policy: &Policy, at: Time) -> Failure {
    let window = match (policy.window.from, policy.window.until) {
        (Some(from), Some(until)) => format!("from {from} until {until}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "always".to_owned(),
    };
    let id = render::escape(&policy.id);
    Failure::new(format!(
        "the policy {id} version {} is for use {window}; the verdict is asked for {at}",
        policy.version
    ))
    .hint("use the version of the policy that is in force, or judge as of another time with `--at`")
}

/// Grants for certain products are meaningless as long as nobody says which product this is.
pub(crate) fn needs_no_product(policy: &Policy) -> Result<(), Failure> {
    for grant in &policy.grants {
        let Some(products) = &grant.products else { continue };
        let patterns: Vec<String> = products.iter().map(ToString::to_string).collect();
        let what = format!(
            "the grant `{}` is for certain products alone, and nobody said which product this is",
            render::escape(&grant.id)
        );
        return Err(Failure::new(what).hint(format!(
            "add `--product` with the package URL of what should have been delivered; the grant covers {}",
            render::escape(&patterns.join(", "))
        )));
    }
    Ok(())
}

/// DESIGN ruling 4: a clock that is behind must not turn good evidence into bad in silence.
pub(crate) fn check_clock(clock: Time, must_be_past: &[Time]) -> Result<(), Failure> {
    match must_be_past.iter().max().filter(|proven| **proven > clock) {
        None => Ok(()),
        Some(proven) => Err(Failure::new(format!(
            "this machine's clock is wrong: it shows {clock}, and evidence proves that it is {proven} or later"
        ))
        .hint("set the clock, then run again; to judge as of another time, use `--at`, not the clock")),
    }
}
