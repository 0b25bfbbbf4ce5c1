//! The arguments. Help texts are the reference: `docs/cli.md`, the manual page and completions come from here.

mod auditor;
mod vendor;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use vidimus::policy::template::{INSTANCES, templates};

pub(crate) use self::auditor::{DiffArgs, DiffFormat, ExplainArgs, QuorumArgs, ReplayArgs};
pub(crate) use self::vendor::{
    AboutArgs, AttestArgs, AttestOf, FormArg, HashArg, KeyArgs, KeygenArgs, PackArgs, PackingArg, PreflightArgs,
    ReleaseArgs, SbomOfArgs, SignArgs, SignatureForm, SourceArgs, StampArgs, StampAttachArgs, StampRequestArgs,
    StampVerb, StatusArgs, StatusVerb, VerdictArgs,
};

const EXIT_CODES: &str = "\
Exit codes:
  0  pass; for verbs without a verdict: done
  1  fail: something is refuted or not proven
  2  no verdict: wrong arguments, policy, file, clock, or a bug
  3  a replay differs from what it replays, or a verdict from another, or a quorum does not agree

vidimus never uses the network and never runs or unpacks what was delivered.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  A folder that a vendor delivered:
    vidimus verify delivery/ --policy intake/policy.toml --product pkg:generic/acme/app@1.0

  One file with the bundle that lies beside it (app.tar.gz.sigstore.json is taken by itself):
    vidimus verify app.tar.gz --policy oss/policy.toml

  One file with evidence from elsewhere, the verdict also as JSON:
    vidimus verify app.tar.gz --policy oss/policy.toml --evidence app.intoto.jsonl --output json=verdict.json

  A folder that came as an archive:
    vidimus verify delivery.tar.gz --as-delivery --policy intake/policy.toml

  With the operator's status lists, and nothing older than what was accepted before:
    vidimus verify delivery/ --policy intake/policy.toml --status lists/ --state intake.state.json --accept

  Under the policy that the anchor speaks of and no other; the anchor also says where the state is kept:
    vidimus verify delivery/ --policy intake/policy.toml --anchor anchor.toml --status lists/ --accept

  What the verdict would have been on New Year's Day:
    vidimus verify delivery/ --policy intake/policy.toml --at 2026-01-01T00:00:00Z

Exit codes:
  0  pass    1  fail: refuted or not proven    2  no verdict; the reason is on standard error

The text ends with one line for scripts, of which only the end may grow:
  vidimus: FAIL basis=unproven files=3 met=2 unmet=1 rejected=1 core=sha256:… decision=sha256:…";

const BUNDLE_EXAMPLES: &str = "\
Examples:
  A keyless bundle of the public-good instance:
    vidimus verify-bundle --bundle app.sigstore.json --certificate-identity dev@example.com \\
        --certificate-oidc-issuer https://accounts.example.com app.tar.gz

  A managed key, a private instance, and a file that is known by its digest alone:
    vidimus verify-bundle --bundle app.sigstore.json --key acme.pub --trusted-root root.json sha256:a0cf…

Exit codes:
  0  signed by this signer    1  not, or not proven; the reasons are printed    2  no answer: unusable arguments

Arguments are those of the public conformance protocol of Sigstore clients. There is no policy here, so nothing is said about
what the signature should have covered: `vidimus verify` judges deliveries.";

/// Judges delivered software and everything that vouches for it, offline: PASS or FAIL with every reason
#[derive(Debug, Parser)]
#[command(
    name = "vidimus",
    version,
    max_term_width = 100,
    after_help = EXIT_CODES,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// When to use colours: `auto` uses them on a terminal, unless the environment says otherwise
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Judge a delivery under a policy: PASS or FAIL with every reason
    #[command(after_long_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Compute the verdict of an evidence archive again, and hold it against the one in it
    #[command(after_long_help = auditor::REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Show how two verdicts differ: their inputs, their answers and, of archives, the causes
    #[command(after_long_help = auditor::DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Do the signed verdicts of independent parties agree?
    #[command(after_long_help = auditor::QUORUM_EXAMPLES)]
    Quorum(QuorumArgs),
    /// Verify one Sigstore bundle: did this signer sign this file?
    #[command(after_long_help = BUNDLE_EXAMPLES)]
    VerifyBundle(VerifyBundleArgs),
    /// Show what files are: format, claims, signers. Judges nothing
    Inspect(InspectArgs),
    /// Hold an SBOM against its format, a standard, and the files that were delivered
    Sbom(SbomArgs),
    /// Tell what a reason code means and what to do, or what a verdict says about a file or a rule
    Explain(ExplainArgs),
    /// Start, check or read out a policy
    Policy(PolicyArgs),
    /// Make a key to sign with: the private key encrypted, the public key, and what an operator's policy needs
    #[command(after_help = vendor::KEYGEN_EXAMPLES)]
    Keygen(KeygenArgs),
    /// Sign a file
    #[command(after_help = vendor::SIGN_EXAMPLES)]
    Sign(SignArgs),
    /// Sign a statement about files: where they come from, what they are made of, what was found
    #[command(after_help = vendor::ATTEST_EXAMPLES)]
    Attest(AttestArgs),
    /// Lay out a delivery and sign that it is complete
    #[command(after_help = vendor::PACK_EXAMPLES)]
    Pack(PackArgs),
    /// Ask a time-stamping authority about a signature, and put its answer beside it
    Timestamp(StampArgs),
    /// Say what is revoked: signed lists, numbered and chained
    StatusList(StatusArgs),
    /// Judge a delivery under the operator's policy before it is shipped, as a list of what is left to do
    #[command(after_help = vendor::PREFLIGHT_EXAMPLES)]
    Preflight(PreflightArgs),
    /// Print the JSON Schema of a policy, an anchor, a verdict or one of our predicates
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page of vidimus or of a verb
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// What was delivered: one folder, or one or several files
    ///
    /// A folder is a delivery with everything in it. Files are a delivery of their own; the evidence about them is what
    /// `--evidence` names and, beside a single FILE, what is called FILE.sigstore.json, FILE.sigstore, FILE.intoto.jsonl,
    /// FILE.sig, FILE.asc, FILE.minisig, FILE.p7s, FILE.cdx.json, FILE.spdx.json,
    /// FILE.publish.attestation or FILE.slsa.attestation (PEP 740). The output lists what was taken.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Take the one PATH, a tar or zip, for the delivery itself
    ///
    /// Its members are judged as the folder would be that it unpacks to, and the answer is the same; a tar may be compressed
    /// (gzip, zstd, xz, bzip2), and an OCI image layout in a tar is one. Nothing is unpacked. Without this, an archive is a file
    /// like any other, whose members are listed.
    #[arg(long)]
    pub(crate) as_delivery: bool,
    /// The policy: who is trusted for what, and what must be shown
    ///
    /// Keys and trusted roots are files beside it. Nothing is trusted that the policy does not name; a policy inside the
    /// delivery is refused. `vidimus policy init` writes one to start from.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Whose policy counts: the file that names the policy, the least version, and the keys of the roles that sign it
    ///
    /// The policy lies in a folder with `bundle.json` and the signatures, as `vidimus policy sign` writes them. Without an anchor the
    /// policy is its own root of trust, and the verdict says so. See docs/anchor.md.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Option<PathBuf>,
    /// Evidence that is not part of the delivery; may be given several times
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) evidence: Vec<PathBuf>,
    /// The instant of the verdict, such as 2026-11-23T12:00:00Z; the default is now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// What should have been delivered, as a package URL such as pkg:generic/acme/app@1.0
    #[arg(long, value_name = "PURL")]
    pub(crate) product: Option<String>,
    /// Who receives the delivery, as the delivery statement names you
    #[arg(long, value_name = "ID")]
    pub(crate) recipient: Option<String>,
    /// The folder with the signed status lists that the policy asks for
    ///
    /// Every file in it is looked at; of each list the newest issue that is signed as the policy says counts. What came with the
    /// delivery is never taken for it.
    #[arg(long, value_name = "DIR")]
    pub(crate) status: Option<PathBuf>,
    /// What was accepted before, for rules that refuse to go back
    ///
    /// A JSON file that this program keeps: the highest sequence of each vendor and product, and the highest number of each status
    /// list. It is only read, unless `--accept` is given. The default is what the anchor names, if there is one. A state inside the delivery is refused; one that no rule reads is said.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// After a pass, remember it in the state; makes the file if there is none
    ///
    /// The state changes when every file is in place and before anything is printed, so that no pass is seen that was not
    /// remembered. It never goes backwards.
    #[arg(long)]
    pub(crate) accept: bool,
    /// Write the verdict to a file; may be given several times
    ///
    /// FORMAT is `text`, `json`, `markdown`, `junit`, `sarif`, `html`, or `vsa` or `svr`: the statement that
    /// you sign, unsigned. PATH `-` is standard output. Files are complete or absent: they appear at the end of the
    /// run, and files of these names from an earlier run are removed at its beginning. Without an output for standard
    /// output, the text goes there.
    #[arg(short, long, value_name = "FORMAT=PATH", action = ArgAction::Append)]
    pub(crate) output: Vec<String>,
    /// Write everything that the verdict rests on into one file, from which `vidimus replay` computes it again
    ///
    /// The policy with its files, the evidence, also what was rejected, the record of what was read, and the verdict: a tar
    /// with an OCI image layout in it. The same inputs give the same bytes.
    #[arg(long, value_name = "FILE")]
    pub(crate) archive: Option<PathBuf>,
    /// Put the delivered files into the archive, too
    #[arg(long, requires = "archive")]
    pub(crate) archive_artifacts: bool,
    #[command(flatten)]
    pub(crate) verifier: VerifierArgs,
    /// Threads to use; the default is one per processor. The verdict does not depend on it
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print no text and no progress: the exit code and `--output` say it all
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// List everything: every file with its evidence, every reason
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Ends in a bug, so that tests see what a bug does. Not in released programs.
    #[cfg(debug_assertions)]
    #[arg(long, hide = true)]
    pub(crate) panic_in_test: bool,
}

/// What the operator says about itself in statements.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifierArgs {
    /// For `vsa` and `svr`: the URI of your verifier, as those who rely on you know it; the default is what the anchor names
    #[arg(long, value_name = "URI")]
    pub(crate) verifier_id: Option<String>,
    /// For `vsa`: what was verified, as the consumer calls it; the default is `--product`
    #[arg(long, value_name = "URI")]
    pub(crate) resource_uri: Option<String>,
    /// For `vsa` and `svr`: mark a pass that rests on waivers with this property; without it there is no statement
    #[arg(long, value_name = "PROPERTY")]
    pub(crate) waived_property: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("signer").required(true).args(["certificate_identity", "key"])))]
pub(crate) struct VerifyBundleArgs {
    /// Use the trusted root of Sigstore's staging instance, which nobody should trust, instead of the public-good one
    #[arg(long)]
    pub(crate) staging: bool,
    /// The bundle
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// The subject alternative name of the signing certificate, exact
    #[arg(long, value_name = "ID", requires = "certificate_oidc_issuer")]
    pub(crate) certificate_identity: Option<String>,
    /// The OIDC issuer that the signing certificate names, exact
    #[arg(long, value_name = "URL", requires = "certificate_identity")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// The public key of the signer, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The trusted root to verify under; by default the public-good one as this program ships it
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// The file that was signed, or `sha256:` and its digest in 64 hexadecimal digits
    ///
    /// With a statement in the bundle, a subject of it. What is the path of a file is never taken for a digest.
    #[arg(value_name = "FILE_OR_DIGEST")]
    pub(crate) artifact: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vidimus inspect app.tar.gz.sigstore.json
  vidimus inspect --output json delivery/*.json

Nothing is verified and nothing is believed: what a file says about itself may be a lie.")]
pub(crate) struct InspectArgs {
    /// Files to look into
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = InspectFormat::Text, value_name = "FORMAT")]
    pub(crate) output: InspectFormat,
}

/// How to print what files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InspectFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct SbomArgs {
    #[command(subcommand)]
    pub(crate) verb: SbomVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SbomVerb {
    /// Is it valid by the version that it declares, what does it lack by these standards, does it list these files?
    #[command(after_help = SBOM_EXAMPLES)]
    Check(SbomCheckArgs),
}

const SBOM_EXAMPLES: &str = "\
Examples:
  vidimus sbom check router.cdx.json
  vidimus sbom check router.spdx.json --profile openchain-telco-1.1 --files delivery/
  vidimus sbom check router.cdx.json --profile cisa-2026 --profile bsi-tr-03183-2-v2.1 -o sarif
  vidimus sbom check router.cdx.json --with tls.cdx.json --profile bsi-tr-03183-2-v2.1

Exit codes:
  0  valid, nothing that a profile demands is missing, and every file is listed; what is not
     evaluable is listed and fails nothing here, while `vidimus verify` fails on it
  1  not, and the reasons are printed
  2  no answer: the file cannot be read, or is no SBOM in a format that is read

Nobody is believed here: whether a granted party signed the SBOM, `vidimus verify` tells.";

#[derive(Debug, Args)]
pub(crate) struct SbomCheckArgs {
    /// The SBOM
    #[arg(value_name = "SBOM")]
    pub(crate) sbom: PathBuf,
    /// A standard to hold it against; may be given several times
    #[arg(long, value_name = "ID", action = ArgAction::Append, value_parser = profile_names())]
    pub(crate) profile: Vec<String>,
    /// Another SBOM at hand, where what this one refers to is looked up; may be given several times
    #[arg(long, value_name = "SBOM", action = ArgAction::Append)]
    pub(crate) with: Vec<PathBuf>,
    /// A folder with the delivered files: each must be listed by digest. The SBOM itself need not list itself
    #[arg(long, value_name = "FOLDER")]
    pub(crate) files: Option<PathBuf>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = SbomFormat::Text, value_name = "FORMAT")]
    pub(crate) output: SbomFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SbomFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
}

fn profile_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        vidimus::profile::ALL
            .iter()
            .map(|known| PossibleValue::new(known.id).help(format!("{} ({})", known.edition, known.status.name()))),
    )
}

#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) verb: PolicyVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyVerb {
    /// Write a commented policy to start from, with its trust files
    Init(PolicyInitArgs),
    /// Load a policy and tell what is wrong or doubtful in it
    ///
    /// What is wrong ends with exit code 2. What is doubtful is listed, and the exit code is 0.
    Check(PolicyFileArgs),
    /// Print a policy as sentences that an auditor can read
    Explain(PolicyFileArgs),
    /// Sign a policy in a role: a signature over the digests of the policy and of every file that it names
    #[command(after_help = vendor::POLICY_SIGN_EXAMPLES)]
    Sign(PolicySignArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vidimus policy init intake/ --template vendor
  vidimus policy init oss/ --template github-release --instance github")]
pub(crate) struct PolicyInitArgs {
    /// The folder to write to; made if it does not exist. Files are never overwritten
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Which policy
    #[arg(short, long, value_name = "NAME", value_parser = template_names())]
    pub(crate) template: String,
    /// Which Sigstore instance the policy trusts, where the template has one; its trusted root is written beside the
    /// policy, for you to review
    #[arg(short, long, value_name = "NAME", default_value = INSTANCES[0], value_parser = PossibleValuesParser::new(INSTANCES))]
    pub(crate) instance: String,
}

fn template_names() -> PossibleValuesParser {
    PossibleValuesParser::new(templates().iter().map(|known| PossibleValue::new(known.name).help(known.about)))
}

#[derive(Debug, Args)]
pub(crate) struct PolicyFileArgs {
    /// The policy
    #[arg(value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Hold it against this anchor: its id, version and files, and the signatures of its roles
    ///
    /// No instant is asked about: whether the policy is in force, a verdict tells.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PolicySignArgs {
    /// The policy
    #[arg(value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// In which role; it names the file of the signature. Which roles must sign, and with which keys, the anchor says
    #[arg(short, long, value_name = "NAME")]
    pub(crate) role: String,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The folder for `bundle.json` and `bundle.ROLE.dsse.json`; the default is that of the policy. Signatures are never overwritten
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "OF")]
    pub(crate) of: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    Policy,
    Anchor,
    Verdict,
    /// The predicate `urn:vidimus:attestation:certification:v0.1`
    Certification,
    /// The predicate `urn:vidimus:attestation:delivery:v0.1`
    Delivery,
    /// The predicate `urn:vidimus:attestation:origin:v0.1`
    Origin,
    /// The predicate `urn:vidimus:attestation:rebuild-comparison:v0.1`
    RebuildComparison,
    /// The predicate `urn:vidimus:attestation:status-list:v0.1`
    StatusList,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For which shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vidimus man verify | man -l -")]
pub(crate) struct ManArgs {
    /// The verb, such as `verify` or `policy init`
    #[arg(value_name = "VERB")]
    pub(crate) verb: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
