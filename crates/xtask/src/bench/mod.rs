//! `cargo xtask bench`: the release binary against its targets. Measures, prints a table, and judges nothing: machines differ.

mod archives;
mod chain;
mod crowds;
mod evidence;
mod network;
mod replay;
mod sbom;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// MiB of the large delivery.
    #[arg(long, default_value_t = 2048)]
    mib: u64,
    /// Runs whose median counts, for short commands.
    #[arg(long, default_value_t = 200)]
    runs: usize,
    /// Signatures of each scheme.
    #[arg(long, default_value_t = 1000)]
    signatures: usize,
    /// Only the signatures.
    #[arg(long)]
    signatures_only: bool,
    /// Measure this program, already built, instead of building one.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
    /// Measure in this very build, whatever it is optimised for; then only ratios tell anything.
    #[arg(long)]
    here: bool,
    /// Measure evidence archives and replays alone, of a delivery of `--mib`.
    #[arg(long)]
    replays: bool,
    /// Measure deliveries with components alone.
    #[arg(long)]
    chain: bool,
    /// Measure deliveries where much is said of few things alone.
    #[arg(long)]
    crowds: bool,
    /// Components of the large SBOMs.
    #[arg(long, default_value_t = 50_000)]
    components: u32,
    /// Components of the SBOM that Python's and npm's libraries validate: on large ones they take minutes.
    #[arg(long, default_value_t = 2_000)]
    others: u32,
    /// A Python with `cyclonedx-python-lib[json-validation]`, to be measured beside us.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// A folder in whose `node_modules` `@cyclonedx/cyclonedx-library` is, with its validators, to be measured beside us.
    #[arg(long, value_name = "DIR")]
    node: Option<PathBuf>,
    /// Measure the SBOMs alone.
    #[arg(long)]
    sboms: bool,
    /// Where a keyless bundle is found; `../shared/corpus` beside the workspace by default.
    #[arg(long)]
    corpus: Option<PathBuf>,
}

/// One line of the table.
struct Row {
    what: String,
    target: &'static str,
    measured: String,
}

/// Small files of the large delivery; the rest of it is in `LARGE` files.
const SMALL: u64 = 2000;
const SMALL_BYTES: u64 = 64 * 1024;
const LARGE: u64 = 6;

/// Builds the binary, measures, prints.
pub(crate) fn run(root: &Path, options: &Options) -> Result<bool> {
    if cfg!(debug_assertions) && !options.here {
        return optimised(root);
    }
    if options.signatures_only {
        print(evidence::rows(options.signatures.max(1))?);
        return Ok(true);
    }
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => build(root)?,
    };
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    if options.chain {
        let mut rows = network::rows(&binary, folder.path())?;
        rows.extend(chain::rows(&binary, folder.path())?);
        print(rows);
        return Ok(true);
    }
    if options.crowds {
        print(crowds::rows(&binary, folder.path())?);
        return Ok(true);
    }
    if options.replays {
        large_delivery(folder.path(), options.mib)?;
        print(replay::rows(&binary, folder.path())?);
        return Ok(true);
    }
    let others = sbom::Others {
        components: options.others.clamp(1, options.components.max(1)),
        python: options.python.as_deref(),
        node: options.node.as_deref(),
    };
    let sboms = sbom::rows(root, &binary, folder.path(), options.components.max(1), &others)?;
    if options.sboms {
        print(sboms);
        return Ok(true);
    }
    let mut rows = large(&binary, folder.path(), options.mib)?;
    rows.extend(replay::rows(&binary, folder.path())?);
    let corpus = options.corpus.clone().unwrap_or_else(|| root.join("../shared/corpus"));
    rows.extend(archives::rows(&binary, folder.path())?);
    rows.extend(network::rows(&binary, folder.path())?);
    rows.extend(chain::rows(&binary, folder.path())?);
    rows.extend(crowds::rows(&binary, folder.path())?);
    rows.extend(evidence::rows(options.signatures.max(1))?);
    rows.extend(short(&binary, folder.path(), &corpus, options.runs.max(1))?);
    rows.extend(sboms);
    print(rows);
    Ok(true)
}

fn print(rows: Vec<Row>) {
    println!("| what | target | measured |\n|---|---|---|");
    for Row { what, target, measured } in rows {
        println!("| {what} | {target} | {measured} |");
    }
}

/// The same command by an optimised build: some measurements are made in this very process.
fn optimised(root: &Path) -> Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut again = Command::new(cargo);
    again.current_dir(root).args(["run", "--release", "--quiet", "--locked", "--package", "xtask", "--"]);
    again.args(std::env::args_os().skip(1));
    Ok(again.status().map_err(|error| error.to_string())?.success())
}

fn build(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(root).args(["build", "--release", "--locked", "--package", "vidimus-cli"]);
    if !build.status().map_err(|error| error.to_string())?.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/vidimus"))
}

/// The first run warms the cache; the best of three counts, since noise only ever adds.
fn best(command: &dyn Fn() -> Command) -> Result<Duration> {
    let times = (0..4).map(|_| time(&mut command())).collect::<Result<Vec<_>>>()?;
    Ok(times.into_iter().skip(1).min().unwrap_or_default())
}

/// `large` and `policy.toml` in `folder`.
fn large_delivery(folder: &Path, mib: u64) -> Result<Vec<PathBuf>> {
    put(&folder.join("signer.pub"), SIGNER.as_bytes())?;
    put(&folder.join("policy.toml"), KEY_POLICY.as_bytes())?;
    generate(&folder.join("large"), mib * 1024 * 1024)
}

/// Hashing: wall time against openssl over the same files, and peak memory.
fn large(binary: &Path, folder: &Path, mib: u64) -> Result<Vec<Row>> {
    let files = large_delivery(folder, mib)?;
    let (delivery, policy) = (folder.join("large"), folder.join("policy.toml"));
    let verify = || {
        let mut command = Command::new(binary);
        command.arg("verify").arg(&delivery).arg("--policy").arg(&policy).args(["--at", AT]);
        command
    };
    let openssl = || {
        let mut command = Command::new("openssl");
        command.args(["dgst", "-sha256"]).args(&files);
        command
    };
    let mut rows = Vec::new();
    let ours = best(&verify)?;
    let measured = match best(&openssl) {
        Ok(theirs) => format!("{:.2} ({} against {})", ratio(ours, theirs), shown(ours), shown(theirs)),
        Err(why) => format!("{} alone; {why}", shown(ours)),
    };
    rows.push(Row {
        what: "verify a large delivery, as ratio to `openssl dgst -sha256`".to_owned(),
        target: "≤ 0.6",
        measured,
    });
    let measured =
        peak(&mut verify())?.map_or_else(|| "not measurable here".to_owned(), |kib| format!("{} MiB", kib / 1024));
    rows.push(Row { what: "peak memory of that run".to_owned(), target: "≤ 100 MiB", measured });
    Ok(rows)
}

/// Whole-process time on a delivery with one keyless bundle.
fn short(binary: &Path, folder: &Path, corpus: &Path, runs: usize) -> Result<Vec<Row>> {
    let what = "verify a delivery with one keyless bundle, whole process";
    let target = "≤ 8 ms";
    let case = corpus.join("sigstore-conformance/happy-path-v0.3/bundle.sigstore.json");
    let trusted = corpus.join("trust-roots/sigstore-public-good/trusted_root.json");
    if !case.exists() || !trusted.exists() {
        return Ok(vec![Row { what: what.to_owned(), target, measured: format!("skipped: no {}", case.display()) }]);
    }
    let delivery = folder.join("short");
    std::fs::create_dir_all(&delivery).map_err(|error| error.to_string())?;
    let copy = |from: &Path, to: &Path| std::fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()));
    copy(&corpus.join("sigstore-conformance/a.txt"), &delivery.join("a.txt"))?;
    copy(&case, &delivery.join("a.txt.sigstore.json"))?;
    copy(&trusted, &folder.join("trusted_root.json"))?;
    let root = std::fs::read(&trusted).map_err(|error| error.to_string())?;
    let policy = folder.join("keyless.toml");
    put(&policy, KEYLESS_POLICY.replace("SHA256", vidimus::digest::Digest::sha256(&root).hex()).as_bytes())?;
    let median = |command: &dyn Fn() -> Command| -> Result<Duration> {
        let mut times = (0..runs).map(|_| time(&mut command())).collect::<Result<Vec<_>>>()?;
        times.sort_unstable();
        Ok(times.get(runs / 2).copied().unwrap_or_default())
    };
    let verify = || {
        let mut command = Command::new(binary);
        command.arg("verify").arg(&delivery).arg("--policy").arg(&policy).args(["--at", AT]);
        command
    };
    let status = verify().stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("the keyless delivery does not pass ({status}): there is nothing to measure"));
    }
    let ours = median(&verify)?;
    let start = median(&|| {
        let mut command = Command::new(binary);
        command.arg("--version");
        command
    })?;
    let mut measured = shown(ours);
    // Writing to a string cannot fail.
    let _ = write!(measured, " ({:.1} times `vidimus --version`, {})", ratio(ours, start), shown(start));
    Ok(vec![Row { what: what.to_owned(), target, measured }])
}

/// Wall time of a command that gives a verdict, pass or fail.
fn time(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    let program = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    let wall = start.elapsed();
    match output.status.code() {
        Some(0 | 1) => Ok(wall),
        _ => Err(format!("{}: {}\n{}", program.display(), output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

/// What a run took.
struct Use {
    wall: Duration,
    /// Time of all processors together, to a tick of the kernel; `None` where there is no `/proc`.
    cpu: Option<Duration>,
    /// High-water mark of memory in KiB; `None` where there is no `/proc`.
    peak: Option<u64>,
}

/// Ticks in a second, for which `/proc` counts processor time on Linux.
const TICKS: u64 = 100;

/// High-water mark of a process's memory in KiB, read from `/proc` until it ends; `None` where there is no `/proc`.
fn peak(command: &mut Command) -> Result<Option<u64>> {
    Ok(used(command, false)?.peak)
}

/// Runs a command that gives a verdict, which must be a pass if so asked, and watches it.
fn used(command: &mut Command, must_pass: bool) -> Result<Use> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let read = |name: &str| std::fs::read_to_string(process.join(name)).unwrap_or_default();
    let (mut cpu, mut peak) = (None, None);
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        let status = read("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()));
        // proc_pid_stat(5): behind the name in parentheses, the 12th and 13th field are user and system time.
        let stat = read("stat");
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        cpu = cpu.max(Some(Duration::from_millis(ticks * 1000 / TICKS)).filter(|time| !time.is_zero()));
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = start.elapsed();
    if must_pass && !status.success() {
        return Err(format!("the delivery does not pass ({status}): there is nothing to measure"));
    }
    Ok(Use { wall, cpu, peak })
}

/// Files of `bytes` together: some large, many small, of content that no file system stores short.
fn generate(folder: &Path, bytes: u64) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let small = (bytes / 16 / SMALL_BYTES).min(SMALL);
    let large = (bytes - small * SMALL_BYTES) / LARGE;
    let sizes = (0..LARGE).map(|_| large).chain((0..small).map(|_| SMALL_BYTES));
    let mut files = Vec::new();
    for (number, size) in sizes.enumerate() {
        let path = folder.join(format!("file-{number:05}.bin"));
        fill(&path, number as u64, size).map_err(|error| format!("{}: {error}", path.display()))?;
        files.push(path);
    }
    Ok(files)
}

/// xorshift64: cheap, and no two blocks alike.
fn fill(path: &Path, seed: u64, size: u64) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for _ in 0..size / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.flush()
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[allow(clippy::float_arithmetic, reason = "a measurement, not a verdict")]
fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{}.{} ms", time.as_millis(), time.as_micros() % 1000 / 100)
    } else {
        format!("{}.{:02} s", time.as_secs(), time.subsec_millis() / 10)
    }
}

const AT: &str = "2026-11-23T12:00:00Z";

/// The public key of RFC 8032 section 7.1, test 1.
const SIGNER: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";

const KEY_POLICY: &str = r#"schema = "urn:vidimus:policy:v1"
id = "urn:vidimus:bench"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[[identity]]
id = "signer"
party = "acme"
key = "signer.pub"

[[grant]]
identities = ["signer"]
may = ["file"]

[[rule]]
id = "signed"
check = "release"
"#;

const KEYLESS_POLICY: &str = r#"schema = "urn:vidimus:policy:v1"
id = "urn:vidimus:bench"
version = 1

[party.acme]
name = "ACME"
kind = "vendor"
jurisdictions = ["SE"]

[instance.public-good]
trusted_root = "trusted_root.json"
sha256 = "SHA256"

[[identity]]
id = "signer"
party = "acme"
type = "sigstore"
instance = "public-good"
issuer = "https://token.actions.githubusercontent.com"
san = { exact = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main" }

[[grant]]
identities = ["signer"]
may = ["file"]

[[rule]]
id = "signed"
check = "release"
"#;
