//! What an auditor asks: replay, difference, quorum, explanation.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::VerifierArgs;

pub(super) const DIFF_EXAMPLES: &str = "\
Examples:
  vidimus diff monday.json tuesday.json
  vidimus diff monday.tar tuesday.tar --output markdown

Verdicts are files of JSON, pages of HTML, or evidence archives. Of two archives the causes are told, too: starting from the
first, its inventory, evidence, status lists, trust files, policy, state and request are exchanged for those of the second, one
after another, and the first exchange after which an answer is another one is its cause.

Exit codes:
  0  the same core    2  no answer    3  different";

pub(super) const QUORUM_EXAMPLES: &str = "\
Example:
  vidimus quorum lab-se.dsse.json lab-jp.dsse.json --policy labs/policy.toml --tolerate-jurisdictions 1

A signed verdict is what `verify --output vsa=FILE` writes, in a signed envelope. The policy says who exists and whose keys are
theirs, and grants them `vsa`. Parties that share an owner are one group.

Exit codes:
  0  enough groups agree that it PASSED    1  they agree that it FAILED    2  no answer    3  not agreed";

pub(super) const REPLAY_EXAMPLES: &str = "\
Examples:
  Does the verdict follow from the evidence? The archive is all that is needed:
    vidimus replay evidence.tar

  Is it the verdict that was quoted, and do the delivered files have what was recorded of them?
    vidimus replay evidence.tar --artifacts delivery/ --expect sha256:…

  What would today's policy say of it?
    vidimus replay evidence.tar --policy intake/policy.toml --at 2027-01-01T00:00:00Z

Levels:
  L1  the core follows from the record of what was read, and the evidence
  L2  and that record follows from the files: `--artifacts`, or an archive that has them
  L4  judged anew under another time or policy, once the first verdict is reproduced: a new verdict, linked to the first

Exit codes:
  0  REPRODUCED; for L4, the new verdict is a pass    1  for L4, it is a fail
  2  no answer: the archive is not intact, or of other semantics    3  DIFFERS; the first difference is shown";

#[derive(Debug, Args)]
pub(crate) struct QuorumArgs {
    /// Signed verdicts, one file each
    #[arg(required = true, value_name = "VERDICT")]
    pub(crate) verdicts: Vec<PathBuf>,
    /// Who exists, who owns whom, and whose keys are theirs
    #[arg(short, long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Whose policy counts, as for `vidimus verify`
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Option<PathBuf>,
    /// Groups of common control that must come to the same decision
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..))]
    pub(crate) min_groups: u16,
    /// So many groups must be left whichever countries, so many of them, compel everybody under their law
    #[arg(long, value_name = "COUNTRIES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub(crate) tolerate_jurisdictions: u8,
    /// The instant of the answer; the default is now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The first verdict: JSON, HTML, or an evidence archive
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = DiffFormat::Text, value_name = "FORMAT")]
    pub(crate) output: DiffFormat,
}

/// How to print a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The evidence archive, as `verify --archive` wrote it
    #[arg(value_name = "ARCHIVE")]
    pub(crate) archive: PathBuf,
    /// The delivered files: read them again, too
    ///
    /// The folder that was judged; for files that were named one by one, a folder that has them; with `--as-delivery`, the
    /// archive. Without this, the record of the first reading stands for the files, unless the archive has them.
    #[arg(long, value_name = "PATH")]
    pub(crate) artifacts: Option<PathBuf>,
    /// The core that must come out: `sha256:` and its digest, or a file with the verdict
    ///
    /// The file is a verdict as JSON, or an HTML page of it.
    #[arg(long, value_name = "DIGEST_OR_FILE")]
    pub(crate) expect: Option<String>,
    /// Judge anew, as of another time
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Judge anew, under another policy
    #[arg(short, long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Whose other policy counts, as for `vidimus verify`
    ///
    /// The anchor of the archive, if it has one, is held against the policy in the archive in any case.
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub(crate) anchor: Option<PathBuf>,
    /// Write the verdict of the replay to a file, as for `verify`; may be given several times
    #[arg(short, long, value_name = "FORMAT=PATH", action = ArgAction::Append)]
    pub(crate) output: Vec<String>,
    /// Threads to use; the default is one per processor
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print nothing: the exit code and `--output` say it all
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vidimus explain evidence.missing
  vidimus explain binding             every code that begins with `binding.`
  vidimus explain verdict.json        the verdict as text
  vidimus explain verdict.json --node bin/routerd
  vidimus explain evidence.tar --output html=verdict.html")]
pub(crate) struct ExplainArgs {
    /// A reason code such as evidence.missing, its first word for all of that area, or a file with a verdict
    ///
    /// A verdict is a file of JSON, a page of HTML, or an evidence archive, whose name is not that of a code.
    #[arg(value_name = "CODE_OR_VERDICT")]
    pub(crate) code: String,
    /// Of a verdict, the checks on this file: a path, a digest, or `delivery`
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,
    /// Of a verdict, the checks of this rule
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// Write the verdict in another format, as for `verify`; may be given several times
    #[arg(short, long, value_name = "FORMAT=PATH", action = ArgAction::Append)]
    pub(crate) output: Vec<String>,
    #[command(flatten)]
    pub(crate) verifier: VerifierArgs,
}
