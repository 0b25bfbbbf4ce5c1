//! The laws of the executable model, held against the judge: policies and evidence are generated, judged, changed, and judged again.
//!
//! `model.py` of the design states claims M0 to M10 about an algebra of verdicts, and checks them on toys. Here the same claims are
//! checked on the engine itself: real policies go through the loader, real signed statements through
//! [`judge_knowing`](vidimus::judge_knowing). What the engine answers is compared with what it answers after a change, and where the
//! model has a formula, with that formula counted out in the slowest and plainest way.
//!
//! A claim is only tested where what it is about comes up. So each claim names the situations that must come up, the tally counts them,
//! and a run in which one never does fails.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support: a wrong argument is a bug in a test and may end it"
)]

pub mod case;
mod claims;
pub mod parties;
pub mod tally;
pub mod terms;
pub mod witnesses;
pub mod world;

use std::ops::Range;

use rayon::prelude::*;
pub use tally::Tally;

/// Which claims.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// All of them on each case.
    All,
    /// On each case a few, so that all take their turn.
    InTurn,
    /// This one.
    Only(&'a str),
}

impl<'a> Which<'a> {
    /// The only one.
    const fn claim(self) -> Option<&'a str> {
        match self {
            Self::Only(claim) => Some(claim),
            Self::All | Self::InTurn => None,
        }
    }
}

/// Checks claims on the cases of these numbers. A case is the same on every machine.
#[must_use]
pub fn check(seed: u64, cases: Range<u64>, which: Which<'_>) -> Tally {
    let one = |case| {
        let mut tally = Tally { cases: 1, ..Tally::default() };
        claims::check(&seed.to_string(), case, which, &mut tally);
        tally
    };
    cases.into_par_iter().map(one).reduce(Tally::default, Tally::and)
}
