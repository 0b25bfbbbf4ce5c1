//! `cargo xtask laws`: the claims of the executable model, held against generated policies and evidence.

use std::time::Instant;

use vidimus_laws::tally::CLAIMS;
use vidimus_laws::{Tally, Which};

/// How long to look, and where.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// So many cases.
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// Where generation starts; another number is another set of cases.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// This case alone, such as one that a run says is broken.
    #[arg(long, conflicts_with = "cases")]
    case: Option<u64>,
    /// This claim alone, such as `M6`.
    #[arg(long)]
    claim: Option<String>,
    /// Of each case a few claims, so that all take their turn, as in the ordinary tests: each is asked of fewer cases, and the run takes a
    /// fraction of the time.
    #[arg(long, conflicts_with_all = ["claim", "case"])]
    in_turn: bool,
}

/// So many cases at most in a build without optimisation.
const SLOW: u64 = 10_000;

/// So many cases between two words about how far it is.
const STEP: u64 = 10_000;

pub(crate) fn run(options: &Options) -> crate::Result<bool> {
    let which = match options.claim.as_deref() {
        Some(claim) if CLAIMS.iter().all(|known| known.id != claim) => return Err(format!("no claim {claim}")),
        Some(claim) => Which::Only(claim),
        None if options.in_turn => Which::InTurn,
        None => Which::All,
    };
    if let Some(case) = options.case {
        let tally = vidimus_laws::check(options.seed, case..case.saturating_add(1), which);
        // One case meets few situations.
        for broken in &tally.first {
            println!("{} is broken: {}", broken.claim, broken.seen);
        }
        let said = if tally.broken.is_empty() { "nothing is broken" } else { "FAILED" };
        println!("case {case}, seed {}: {said}", options.seed);
        return Ok(tally.broken.is_empty());
    }
    if cfg!(debug_assertions) && options.cases > SLOW {
        return Err(format!(
            "without optimisation this takes more than half a second a case; use `cargo run --release -p xtask -- laws`, or at most {SLOW} `--cases`"
        ));
    }
    let start = Instant::now();
    let (mut tally, mut done) = (Tally::default(), 0);
    while done < options.cases {
        let next = options.cases.min(done + STEP);
        tally = tally.and(vidimus_laws::check(options.seed, done..next, which));
        done = next;
        eprintln!("{done} cases, {} s", start.elapsed().as_secs());
    }
    let only = options.claim.as_deref();
    println!("{}", tally.report(options.seed, only));
    Ok(tally.holds(only))
}
