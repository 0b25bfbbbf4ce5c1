//! Development tasks of vidimus: `cargo xtask generate`, `corpus`, `laws` and `bench`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool that reports to the terminal")]

mod bench;
mod corpus;
mod generate;
mod laws;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of vidimus.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write everything that is derived from the code: the list of reasons, documents, schemas.
    Generate {
        /// Write nothing; list the files that are not current, and fail if there are any.
        #[arg(long)]
        check: bool,
    },
    /// Decide the cases of a corpus and hold the answers against what its origins say.
    Corpus(corpus::Options),
    /// Generate policies and evidence, and hold the judge to the claims of the executable model.
    Laws(laws::Options),
    /// Measure the release binary against its targets.
    Bench(bench::Options),
}

/// What went wrong, for the person at the terminal.
type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let root = root();
    let done = match Arguments::parse().task {
        Task::Generate { check } => generate::run(&root, check),
        Task::Corpus(options) => corpus::run(&root, &options),
        Task::Laws(options) => laws::run(&options),
        Task::Bench(options) => bench::run(&root, &options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace, from where this crate stood when it was built.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Reads a file, with its path in the error.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
