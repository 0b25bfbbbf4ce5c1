//! The vidimus command line: arguments, progress, rendering to a terminal, the exit code. It decides nothing.
//!
//! It is a library too, so that its reference documentation can be generated from the arguments themselves.

mod args;
mod attest;
mod diff;
mod explain;
mod failure;
mod generated;
mod inspect;
mod keygen;
mod keys;
mod output;
mod pack;
mod policy;
mod preflight;
mod progress;
mod quorum;
mod replay;
mod results;
mod run;
mod sbom;
mod sign;
mod state;
mod status_list;
mod terminal;
mod timestamp;
mod verify;
mod verify_bundle;

use std::process::ExitCode;

use clap::CommandFactory as _;

/// The arguments, as clap knows them.
#[must_use]
pub fn command() -> clap::Command {
    args::Cli::command()
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    run::main(std::env::args_os())
}
