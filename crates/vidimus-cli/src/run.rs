//! From arguments to an exit code. The clock is read here, once.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;
use jiff::Timestamp;
use vidimus::Verdict;
use vidimus::time::Time;

use crate::args::{Cli, SbomVerb, Verb};
use crate::failure::Failure;
use crate::{
    attest, diff, explain, generated, inspect, keygen, pack, policy, preflight, quorum, replay, sbom, sign,
    status_list, terminal, timestamp, verify, verify_bundle,
};

/// How a run ended, when it did not fail to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The verdict is a pass; or the verb has no verdict and did its work.
    Pass,
    /// The verdict is a fail.
    Fail,
    /// A replay, a comparison or a quorum differs.
    Differs,
}

impl Exit {
    /// Of a verdict.
    pub(crate) fn of(verdict: &Verdict) -> Self {
        if verdict.passes() { Self::Pass } else { Self::Fail }
    }
}

pub(crate) fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are results; everything else is usage.
            let code = if e.use_stderr() { 2 } else { 0 };
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    // The message is ours to write: the default one speaks to people who have the source.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!("\n  at {}:{}", at.file(), at.line()));
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        terminal::diagnostic(&format!(
            "error: vidimus has a bug and gave up: {}{place}\nhint: there is no verdict; please report this with the \
             command line and, if you may, the delivery\n",
            vidimus::render::escape(message.unwrap_or("no message")),
        ));
    }));
    match catch_unwind(AssertUnwindSafe(|| verb(&cli))) {
        Ok(Ok(Exit::Pass)) => ExitCode::from(0),
        Ok(Ok(Exit::Fail)) => ExitCode::from(1),
        Ok(Ok(Exit::Differs)) => ExitCode::from(3),
        Ok(Err(failure)) => {
            terminal::diagnostic(&failure.text());
            ExitCode::from(2)
        }
        Err(_) => ExitCode::from(2),
    }
}

fn verb(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.verb {
        Verb::Verify(args) => verify::run(args, clock()?, cli.color),
        Verb::VerifyBundle(args) => verify_bundle::run(args, clock()?),
        Verb::Diff(args) => diff::run(args),
        Verb::Quorum(args) => quorum::run(args, clock()?, cli.color),
        Verb::Replay(args) => replay::run(args, cli.color, clock),
        Verb::Inspect(args) => inspect::run(args),
        Verb::Sbom(args) => match &args.verb {
            SbomVerb::Check(args) => sbom::check(args),
        },
        Verb::Explain(args) => explain::run(args, cli.color),
        Verb::Policy(args) => policy::run(&args.verb, cli.color),
        Verb::Keygen(args) => keygen::run(args),
        Verb::Sign(args) => sign::run(args),
        Verb::Attest(args) => attest::run(args),
        Verb::Pack(args) => pack::run(args),
        Verb::Timestamp(args) => timestamp::run(&args.verb, cli.color),
        Verb::StatusList(args) => status_list::run(&args.verb),
        Verb::Preflight(args) => preflight::run(args, clock()?, cli.color),
        Verb::Schema(args) => generated::schema(args),
        Verb::Completions(args) => generated::completions(args),
        Verb::Man(args) => generated::man(args),
    }
}

fn clock() -> Result<Time, Failure> {
    Time::from_second(Timestamp::now().as_second())
        .ok_or_else(|| Failure::new("this machine's clock shows no usable date").hint("set the clock, then run again"))
}
