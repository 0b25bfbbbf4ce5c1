//! `vidimus verify`: read, judge, write; the exit code is the answer.

use std::io::Write;
use std::path::{Path, PathBuf};

use vidimus::knowledge::Knowledge;
use vidimus::policy::anchor::in_force;
use vidimus::policy::{Policy, Product};
use vidimus::render::{self, Mode, Run, VerdictFile};
use vidimus::time::Time;
use vidimus::{Judgement, Request, archive, read};

use crate::args::{Color, VerifierArgs, VerifyArgs};
use crate::failure::Failure;
use crate::output::{self, Content};
use crate::policy::{self, Root, Rooted};
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
    let rooted = policy::rooted(&args.policy, args.anchor.as_deref(), color)?;
    let (policy, root) = (&rooted.policy, rooted.root.as_ref());
    let state = state_file(args, root)?;
    let verifier = verifier(&args.verifier, root)?;
    let own = own_files(&args.policy, policy, args.status.as_deref());
    let own = [own, policy::anchor_files(&args.policy, args.anchor.as_deref())].concat();
    outputs.remove_stale(&[own.clone(), state.iter().flat_map(|path| state::places(path)).collect()].concat())?;
    let request = request(args, policy, clock)?;
    let live = is_live(root, request.at, clock, args.at.is_some())?;
    needs_folder(args.status.as_deref())?;
    let kept = state.as_deref().map(|path| Kept::read(path, args.accept, &args.paths, policy)).transpose()?;
    let judged = on_threads(args.jobs, || judge(args, &outputs.files, own, &rooted, &request, kept.as_ref()))??;
    let (read, status, judgement) = judged;
    check_clock(clock, &judgement.clock_must_be_past)?;
    #[cfg(debug_assertions)]
    assert!(!args.panic_in_test, "asked for by a test");

    let unread = kept.as_ref().filter(|_| !state::is_read(policy)).map(|_| UNREAD.to_owned());
    let told: Vec<String> = root.into_iter().flat_map(Root::notes).chain(unread).collect();
    let run = Run {
        tool: "vidimus".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: if live { Mode::Live } else { Mode::AsOf },
        started: clock.to_string(),
        replay: None,
        taken: read.taken,
        evidence_files: render::evidence_files(&read.delivery),
        evidence_beside: render::evidence_beside(&read.delivery),
        notes: judgement.notes.iter().map(|note| render::escape(note)).chain(told.iter().cloned()).collect(),
    };
    let inputs = archive::Inputs {
        delivery: &read.delivery,
        shape: read.shape,
        status: status.as_ref(),
        state: kept.as_ref().map(Kept::state),
        policy: &rooted.files,
        anchor: root.map(|root| &root.files),
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
        policy: Some(policy),
        verifier: Some(&verifier),
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
    for said in told.iter().filter(|_| !args.quiet) {
        terminal::diagnostic(&format!("note: {said}\n"));
    }
    Ok(Exit::of(&judgement.verdict))
}

fn judge(
    args: &VerifyArgs,
    outputs: &[PathBuf],
    own: Vec<PathBuf>,
    rooted: &Rooted,
    request: &Request,
    kept: Option<&Kept>,
) -> Result<(read::Read, Option<read::Delivery>, Judgement), Failure> {
    let policy = &rooted.policy;
    let options = read::Options {
        as_delivery: args.as_delivery,
        evidence: args.evidence.clone(),
        limits: policy.limits,
        policy_files: own,
        outputs: outputs.to_vec(),
        progress: &Bar::new(args.quiet),
    };
    let read = read::delivery(&args.paths, &options).map_err(|e| Failure::new(e.to_string()))?;
    let status = args.status.as_deref().map(|folder| status(folder, policy)).transpose()?;
    let anchor = rooted.root.as_ref().map(|root| &root.anchored);
    let knowledge = Knowledge { status: status.as_ref(), state: kept.map(Kept::state), anchor };
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
    in_force(policy, at).map_err(|reason| Failure::reason(&reason))
}

/// Is a verdict for this instant live? An anchor may refuse it.
pub(crate) fn is_live(root: Option<&Root>, at: Time, clock: Time, is_given: bool) -> Result<bool, Failure> {
    match root {
        None => Ok(!is_given),
        Some(root) => root.anchor.is_live(at, clock).map_err(|reason| Failure::reason(&reason)),
    }
}

/// The state that is named, or that the anchor names.
fn state_file(args: &VerifyArgs, root: Option<&Root>) -> Result<Option<PathBuf>, Failure> {
    let anchored = root.and_then(Root::state);
    let same = |a: &Path, b: &Path| matches!((output::place(a), output::place(b)), (Ok(a), Ok(b)) if a == b);
    match (&args.state, anchored) {
        (Some(given), Some(anchored)) if !same(given, &anchored) => Err(Failure::new(format!(
            "`--state {}`: the anchor says that the state is kept in {}",
            given.display(),
            anchored.display()
        ))
        .hint(
            "leave `--state` out, or change `[state]` of the anchor: with two states each forgets what the other knows",
        )),
        (None, None) if args.accept => {
            Err(Failure::new("`--accept` remembers a pass in a state, and no state is named")
                .hint("name one with `--state`, or in `[state]` of the anchor"))
        }
        (given, anchored) => Ok(given.clone().or(anchored)),
    }
}

/// Who verifies, as is said or as the anchor says.
fn verifier(given: &VerifierArgs, root: Option<&Root>) -> Result<VerifierArgs, Failure> {
    let anchored = root.and_then(|root| root.anchor.verifier.as_ref());
    if let (Some(given), Some(anchored)) = (&given.verifier_id, anchored)
        && given != anchored
    {
        let (given, anchored) = (render::escape(given), render::escape(anchored));
        let what = format!("`--verifier-id {given}`: the anchor says that the verifier is {anchored}");
        return Err(Failure::new(what).hint("leave `--verifier-id` out, or change `[verifier]` of the anchor"));
    }
    Ok(VerifierArgs { verifier_id: given.verifier_id.clone().or(anchored.cloned()), ..given.clone() })
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
