//! Arguments of the vendor's side.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, ArgGroup, Args, Subcommand, ValueEnum};
use vidimus_sign::key::Scheme;
use vidimus_sign::predicate::ci::SYSTEMS;

pub(super) const KEYGEN_EXAMPLES: &str = "\
Examples:
  vidimus keygen acme                         asks for a passphrase, writes acme.key and acme.pub
  vidimus keygen acme --passphrase-fd 3 3<secret.txt

Send acme.pub to the operator, and compare its digest by phone or in person. Keep acme.key; it cannot be made again.";

pub(super) const SIGN_EXAMPLES: &str = "\
Examples:
  vidimus sign app.tar.gz --key acme.key                    writes app.tar.gz.sigstore.json
  vidimus sign app.tar.gz --key acme.key --form detached    writes app.tar.gz.sig
  openssl dgst -sha256 -verify acme.pub -signature app.tar.gz.sig app.tar.gz
  vidimus sign build.json --key acme.key --form in-toto --out build.52a58f1c.link

The same key and file give the same signature: nonces are those of RFC 6979.";

pub(super) const ATTEST_EXAMPLES: &str = "\
Examples:
  vidimus attest sbom app.cdx.json --subject build/ --key acme.key --out app.sbom.sigstore.json
  vidimus attest provenance --ci auto --subject build/ --key acme.key --out provenance.sigstore.json
  vidimus attest origin --predicate origin.toml --subject build/ --key acme.key --out origin.sigstore.json

The predicate is held against its type before it is signed; nothing is written if it does not fit.";

pub(super) const PACK_EXAMPLES: &str = "\
Examples:
  vidimus pack build/ --evidence evidence/ --product pkg:generic/acme/app@1.0 --sequence 1 \\
      --recipient urn:example:nordlys --key acme.key --out delivery
  vidimus pack build/ --evidence evidence/ --product pkg:generic/acme/app@1.1 \\
      --previous delivery/evidence/delivery.sigstore.json --key acme.key --as tar --out app-1.1.tar

The same inputs give the same bytes: there is no clock in a delivery. Its statement says when it was made with `--created`.";

pub(super) const PREFLIGHT_EXAMPLES: &str = "\
Examples:
  vidimus preflight delivery/ --policy operator/policy.toml
  vidimus preflight app-1.1.tar --policy operator/policy.toml --key acme.key
  vidimus preflight delivery/ --policy operator/policy.toml --status operator/lists/ --state operator/state.json

Exit codes:
  0  the operator's policy passes this    1  it does not; the list says what to do    2  no verdict

The verdict is that of `vidimus verify` with the same policy, product, recipient, time, lists and state.";

pub(super) const POLICY_SIGN_EXAMPLES: &str = "\
Example:
  vidimus policy sign intake/policy.toml --role security-board --key board.key

`bundle.json` lists the policy and its files by digest; its own sha256 is the policy digest that every verdict quotes. Whoever signs
after others adds a signature to the same bytes; if a file has changed since, that is an error. An anchor says which roles must sign,
and pins their keys: `vidimus policy check intake/policy.toml --anchor anchor.toml` tells whether enough have.";

#[derive(Debug, Args)]
pub(crate) struct StampArgs {
    #[command(subcommand)]
    pub(crate) verb: StampVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StampVerb {
    /// Write a request (RFC 3161) for a timestamp over the signature of a bundle
    #[command(after_help = "\
Example:
  vidimus timestamp request delivery/evidence/delivery.sigstore.json --out request.tsq
  curl -H 'Content-Type: application/timestamp-query' --data-binary @request.tsq https://tsa.example/ > response.tsr

vidimus itself never uses the network.")]
    Request(StampRequestArgs),
    /// Check the response of an authority, and write the bundle with it
    #[command(after_help = "\
Example:
  vidimus timestamp attach delivery/evidence/delivery.sigstore.json --tsa-response response.tsr --anchor tsa.pem --in-place

Do it again with the response of another authority: each is added.")]
    Attach(StampAttachArgs),
}

/// With which hash the authority is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HashArg {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug, Args)]
pub(crate) struct StampRequestArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,
    /// The hash of the signature that is sent
    #[arg(long, value_enum, default_value_t = HashArg::Sha256, value_name = "NAME")]
    pub(crate) hash: HashArg,
    /// Leave the nonce out: the same bundle gives the same request
    #[arg(long)]
    pub(crate) no_nonce: bool,
    /// Where it is written. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("place").required(true).args(["out", "in_place"])), group(ArgGroup::new("believed").required(true).args(["anchor", "policy"])))]
pub(crate) struct StampAttachArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,
    /// What the authority answered; may be given several times
    #[cfg_attr(feature = "tsa-http", arg(required_unless_present = "tsa_url"))]
    #[cfg_attr(not(feature = "tsa-http"), arg(required = true))]
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) tsa_response: Vec<PathBuf>,
    /// Ask the authority at this address now, http://…; may be given several times
    ///
    /// The answer is signed and checked, so that plain HTTP is enough. Nothing but a hash of the signature is sent.
    #[cfg(feature = "tsa-http")]
    #[arg(long, value_name = "URL", action = ArgAction::Append)]
    pub(crate) tsa_url: Vec<String>,
    /// The root certificate of the authority, PEM; may be given several times
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) anchor: Vec<PathBuf>,
    /// Believe the authorities of this policy, the operator's
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Where the bundle with the timestamp is written. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Put it in the place of the bundle that was read
    #[arg(long)]
    pub(crate) in_place: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(subcommand)]
    pub(crate) verb: StatusVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StatusVerb {
    /// Sign the first list, or the one that follows another
    #[command(after_help = "\
Examples:
  vidimus status-list issue --list urn:example:acme:status --number 1 --scope key --entries entries.toml \\
      --this-update 2026-11-23T06:00:00Z --next-update 2026-11-26T06:00:00Z --key psirt.key --out status-1.sigstore.json
  vidimus status-list issue --list urn:example:acme:status --previous status-1.sigstore.json …

entries.toml:
  [[entries]]
  kind = \"key\"
  target = \"spki-sha256:d858…\"
  state = \"compromised\"
  since = 2025-10-02T00:00:00Z

An empty list is a list too: it says that nothing is revoked.")]
    Issue(StatusIssueArgs),
}

#[derive(Debug, Args)]
pub(crate) struct StatusIssueArgs {
    /// The name of the list, a URI; it stays the same
    #[arg(long, value_name = "URI")]
    pub(crate) list: String,
    /// Its number; the default is the one after `--previous`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..(1 << 53)))]
    pub(crate) number: Option<u64>,
    /// The list before: this one is chained to it. Nothing is taken over: `--entries` has every entry that still holds
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// Entries of the list before may be left out, be only suspended, or hold from a later instant: what they were about is no
    /// longer, or less, held against anybody
    #[arg(long, requires = "previous")]
    pub(crate) drop: bool,
    /// What it is about, and all of it; may be given several times
    #[arg(long, required = true, value_name = "KIND", action = ArgAction::Append, value_parser = ["digest", "key", "attestation"])]
    pub(crate) scope: Vec<String>,
    /// From when it holds, such as 2026-11-23T06:00:00Z; later than the list before
    #[arg(long, value_name = "TIME")]
    pub(crate) this_update: String,
    /// By when the next one is there
    #[arg(long, value_name = "TIME")]
    pub(crate) next_update: String,
    /// The entries, as `entries` in JSON or TOML; left out, the list is empty
    #[arg(long, value_name = "FILE")]
    pub(crate) entries: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// How the statement is wrapped
    #[arg(short, long, value_enum, default_value_t = FormArg::Bundle, value_name = "FORM")]
    pub(crate) form: FormArg,
    /// Where it is written. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The private key to sign with: PKCS#8 in PEM, as `vidimus keygen` and `openssl genpkey` write it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Read the passphrase of the key from this file descriptor, up to the end of the first line, and do not ask
    #[arg(long, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct KeygenArgs {
    /// What the two files are called: NAME.key and NAME.pub. Files are never overwritten
    #[arg(value_name = "NAME")]
    pub(crate) name: PathBuf,
    /// Which kind of key
    #[arg(short, long, value_name = "NAME", default_value = Scheme::P256.name(), value_parser = schemes())]
    pub(crate) algorithm: String,
    /// Read the passphrase from this file descriptor, up to the end of the first line, and do not ask
    #[arg(long, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
    /// Write the private key as it is: whoever reads the file can sign. For secret stores that keep it encrypted themselves
    #[arg(long, conflicts_with = "passphrase_fd")]
    pub(crate) unencrypted: bool,
}

fn schemes() -> PossibleValuesParser {
    let about = |scheme| match scheme {
        Scheme::P256 => "works everywhere: Sigstore, logs, openssl, hardware",
        Scheme::P384 => "for statements that must stand for years",
        Scheme::Ed25519 => "for statements that no Sigstore log will hold",
    };
    PossibleValuesParser::new(Scheme::ALL.map(|scheme| PossibleValue::new(scheme.name()).help(about(scheme))))
}

/// How a file's signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignatureForm {
    /// A Sigstore bundle v0.3, FILE.sigstore.json
    Bundle,
    /// The signature alone, in binary (ECDSA: DER), FILE.sig
    Detached,
    /// The signature alone, in base64, FILE.sig
    Base64,
    /// A link or layout of in-toto in a DSSE envelope, FILE.dsse.json; in-toto's tools look for a link under STEP.KEYID8.link
    InToto,
}

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// The file to sign
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// How the signature is written
    #[arg(short, long, value_enum, default_value_t = SignatureForm::Bundle, value_name = "FORM")]
    pub(crate) form: SignatureForm,
    /// Where it is written; the default is beside the file. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// How a statement is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// A Sigstore bundle v0.3
    Bundle,
    /// A bare DSSE envelope
    Dsse,
}

#[derive(Debug, Args)]
pub(crate) struct AttestArgs {
    #[command(subcommand)]
    pub(crate) of: AttestOf,
}

/// What every statement needs.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("about").required(true).multiple(true).args(["subject", "digest"])))]
pub(crate) struct AboutArgs {
    /// What it is about: a file, a folder with every file in it, or an OCI image layout; may be given several times
    #[arg(short, long, value_name = "PATH", action = ArgAction::Append)]
    pub(crate) subject: Vec<PathBuf>,
    /// The same by digest alone; may be given several times
    #[arg(long, value_name = "NAME=sha256:HEX", action = ArgAction::Append)]
    pub(crate) digest: Vec<String>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// How the statement is wrapped
    #[arg(short, long, value_enum, default_value_t = FormArg::Bundle, value_name = "FORM")]
    pub(crate) form: FormArg,
    /// Where it is written. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A predicate from a file.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// The predicate: JSON, or TOML with the same members
    #[arg(short, long, value_name = "FILE")]
    pub(crate) predicate: PathBuf,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AttestOf {
    /// How it was built (SLSA provenance v1): from flags, a file, the variables of a CI system, or all of them
    Provenance(SourceArgs),
    /// What it is made of: an SBOM, inline or by reference
    Sbom(SbomOfArgs),
    /// Under which package URL it is released (in-toto release v0.1)
    Release(ReleaseArgs),
    /// What a verifier found (SLSA verification summary v1)
    Vsa(FileArgs),
    /// What tests found (in-toto test-result v0.1)
    TestResult(FileArgs),
    /// What a scanner found (in-toto vulns v0.1)
    Vulns(FileArgs),
    /// Where it comes from, and who controls who made it (origin v0.1)
    Origin(FileArgs),
    /// That it was certified (certification v0.1)
    Certification(FileArgs),
    /// That these files are a delivery (delivery v0.1); `vidimus pack` lays one out and signs this itself
    Delivery(FileArgs),
    /// What `verify --output vsa=FILE` or `svr=FILE` wrote: the statement about a verdict, as it is
    Verdict(VerdictArgs),
    /// Any other predicate, under its type; only its form is checked
    Custom(CustomArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VerdictArgs {
    /// The statement
    #[arg(value_name = "STATEMENT")]
    pub(crate) statement: PathBuf,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// How the statement is wrapped
    #[arg(short, long, value_enum, default_value_t = FormArg::Bundle, value_name = "FORM")]
    pub(crate) form: FormArg,
    /// Where it is written. Nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The predicate, or parts of it: JSON, or TOML with the same members. Flags win over it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) predicate: Option<PathBuf>,
    /// Take what the variables of this CI system say; the file and flags win over it
    #[arg(long, value_name = "SYSTEM", value_parser = systems())]
    pub(crate) ci: Option<String>,
    /// Who built it, as a URI: `runDetails.builder.id`
    #[arg(long, value_name = "URI")]
    pub(crate) builder: Option<String>,
    /// How to read the parameters, as a URI: `buildDefinition.buildType`
    #[arg(long, value_name = "URI")]
    pub(crate) build_type: Option<String>,
    /// The source: `git+https://host/repository@refs/tags/v1`
    #[arg(long, value_name = "URI", requires = "commit")]
    pub(crate) source: Option<String>,
    /// The commit of the source
    #[arg(long, value_name = "HEX", requires = "source")]
    pub(crate) commit: Option<String>,
    /// A parameter that whoever started the build chose, as text; may be given several times
    #[arg(long, value_name = "NAME=VALUE", action = ArgAction::Append)]
    pub(crate) parameter: Vec<String>,
    /// Which run it was: `runDetails.metadata.invocationId`
    #[arg(long, value_name = "ID")]
    pub(crate) invocation: Option<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

fn systems() -> PossibleValuesParser {
    let auto = PossibleValue::new("auto").help("the one that this job runs in");
    PossibleValuesParser::new([auto].into_iter().chain(SYSTEMS.iter().map(|system| PossibleValue::new(system.name))))
}

#[derive(Debug, Args)]
pub(crate) struct SbomOfArgs {
    /// The SBOM: CycloneDX or SPDX. It is held against the rules of its format first
    #[arg(value_name = "SBOM")]
    pub(crate) sbom: PathBuf,
    /// Refer to the document by its digest and this place instead of carrying it; for documents that are not JSON or are larger than
    /// 16 MiB
    #[arg(long, value_name = "URI", requires = "attester")]
    pub(crate) reference: Option<String>,
    /// Who refers to it, as a URI
    #[arg(long, value_name = "URI", requires = "reference")]
    pub(crate) attester: Option<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseArgs {
    /// The package URL, such as pkg:generic/acme/app@1.0
    #[arg(long, value_name = "PURL")]
    pub(crate) product: String,
    /// The release's own identifier: `releaseId`
    #[arg(long, value_name = "ID")]
    pub(crate) release_id: Option<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CustomArgs {
    /// The predicate's type, as a URI
    #[arg(long = "type", value_name = "URI")]
    pub(crate) uri: String,
    #[command(flatten)]
    pub(crate) file: FileArgs,
}

/// What a delivery is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackingArg {
    /// A folder with `files/` and `evidence/`
    Folder,
    /// The same as a tar
    Tar,
    /// An OCI image layout, with the evidence as referrers
    Oci,
}

#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// What is delivered: a folder, or one file
    #[arg(value_name = "FILES")]
    pub(crate) files: PathBuf,
    /// Evidence: bundles, envelopes, SBOMs, reports, or a folder of them; may be given several times
    #[arg(short, long, value_name = "PATH", action = ArgAction::Append)]
    pub(crate) evidence: Vec<PathBuf>,
    /// What it is, as a package URL with a version
    #[arg(long, value_name = "PURL")]
    pub(crate) product: String,
    /// Its number, which grows with every delivery of the product; the default is the one after `--previous`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..(1 << 53)))]
    pub(crate) sequence: Option<u64>,
    /// The delivery statement of the delivery before, `evidence/delivery.sigstore.json`
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// For whom, as the operator names itself, such as urn:example:nordlys
    #[arg(long, value_name = "URI")]
    pub(crate) recipient: Option<String>,
    /// Which order it answers
    #[arg(long, value_name = "TEXT")]
    pub(crate) order: Option<String>,
    /// When it was made, such as 2026-11-20T08:00:00Z; the default is SOURCE_DATE_EPOCH where that is set, else nothing is said
    #[arg(long, value_name = "TIME")]
    pub(crate) created: Option<String>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// What a time-stamping authority answered about the delivery statement of the same command before; may be given several times
    #[arg(long, value_name = "FILE", requires = "tsa_anchor", action = ArgAction::Append)]
    pub(crate) tsa_response: Vec<PathBuf>,
    /// The root certificate of the authority, PEM; may be given several times
    #[arg(long, value_name = "FILE", requires = "tsa_response", action = ArgAction::Append)]
    pub(crate) tsa_anchor: Vec<PathBuf>,
    /// What it is packed as
    #[arg(long = "as", value_enum, default_value_t = PackingArg::Folder, value_name = "WHAT")]
    pub(crate) packing: PackingArg,
    /// Where it is written. Nothing is overwritten
    #[arg(short, long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct PreflightArgs {
    /// The delivery: a folder, or a tar or zip
    #[arg(value_name = "DELIVERY")]
    pub(crate) delivery: PathBuf,
    /// The operator's policy
    #[arg(short, long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// The operator's anchor: is this the policy that the operator will use?
    ///
    /// What was accepted before only the operator has, so the place that the anchor names for it is not looked at; see `--state`.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Option<PathBuf>,
    /// The instant of the verdict; the default is now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// What the operator will ask for; the default is what the delivery statement says
    #[arg(long, value_name = "PURL")]
    pub(crate) product: Option<String>,
    /// Who the operator is; the default is what the delivery statement says
    #[arg(long, value_name = "ID")]
    pub(crate) recipient: Option<String>,
    /// The folder with the signed status lists that the policy asks for
    ///
    /// The operator names its own; what comes with the delivery is never taken for it.
    #[arg(long, value_name = "DIR")]
    pub(crate) status: Option<PathBuf>,
    /// What the operator accepted before, where the policy refuses to go back
    ///
    /// A copy of the file that the operator's `vidimus verify --accept` keeps. It is only read.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Evidence that is sent beside the delivery; may be given several times
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) evidence: Vec<PathBuf>,
    /// The name of your key, for the commands that are shown
    #[arg(short, long, value_name = "FILE", default_value = "KEY")]
    pub(crate) key: String,
}
