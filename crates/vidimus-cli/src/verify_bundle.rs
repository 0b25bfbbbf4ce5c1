//! `vidimus verify-bundle`: one Sigstore bundle, in the argument order of the public conformance protocol.

use std::path::Path;

use vidimus::bundle::{self, Answer, Signed, Signer};
use vidimus::digest::{Algorithm, Digest};
use vidimus::limits::Limits;
use vidimus::policy::SanKind;
use vidimus::policy::template::shipped_root;
use vidimus::read::{self, Silent};
use vidimus::reason::Reason;
use vidimus::render::{escape, wrap};
use vidimus::time::Time;

use crate::args::VerifyBundleArgs;
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;
use crate::verify::check_clock;

pub(crate) fn run(args: &VerifyBundleArgs, clock: Time) -> Result<Exit, Failure> {
    let signer = signer(args)?;
    let (root, named) = root(args)?;
    let digest = digest(&args.artifact);
    let artifact = digest.as_ref().map_or(Ok(args.artifact.as_path()), Err);
    let delivery =
        read::pair(artifact, &args.bundle, &Limits::MAX, &Silent).map_err(|e| Failure::new(e.to_string()))?;
    let answer = bundle::verify(&delivery, &root, &signer, clock)
        .map_err(|e| Failure::new(format!("the trusted root, {named}: {e}")))?;
    check_clock(clock, &answer.clock_must_be_past)?;
    let under = format!("{named}, sha256:{}", Digest::sha256(&root).hex());
    let (text, exit) = match &answer.signed {
        Ok(signed) => (yes(signed, &under), Exit::Pass),
        Err(reasons) => (no(reasons, &answer, &under), Exit::Fail),
    };
    terminal::results(text.as_bytes())?;
    Ok(exit)
}

/// Who must have signed. That it is one of the two is settled by the arguments.
fn signer(args: &VerifyBundleArgs) -> Result<Signer, Failure> {
    if let Some(path) = &args.key {
        let pem = String::from_utf8(file(path)?)
            .map_err(|_| Failure::new(format!("{}: not a PEM file", escape(&path.display().to_string()))))?;
        return Signer::key(&pem).map_err(|e| Failure::new(format!("{}: {e}", escape(&path.display().to_string()))));
    }
    match (args.certificate_identity.clone(), args.certificate_oidc_issuer.clone()) {
        (Some(identity), Some(issuer)) => Ok(Signer::Certificate { identity, issuer }),
        _ => Err(Failure::new("nobody said who must have signed")
            .hint("add `--certificate-identity` with `--certificate-oidc-issuer`, or `--key`")),
    }
}

/// The trusted root's bytes, and what to call it.
fn root(args: &VerifyBundleArgs) -> Result<(Vec<u8>, String), Failure> {
    if let Some(path) = &args.trusted_root {
        return Ok((file(path)?, escape(&path.display().to_string())));
    }
    let instance = if args.staging { "staging" } else { "public-good" };
    let root = shipped_root(instance)
        .ok_or_else(|| Failure::new(format!("no {instance} root is shipped")).hint("name one with `--trusted-root`"))?;
    Ok((root.as_bytes().to_vec(), format!("{instance} root as shipped")))
}

/// A file that the operator names and that is small by its nature.
fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    const MOST: u64 = 16 * 1024 * 1024;
    let failed = |e: std::io::Error| Failure::new(format!("{}: {e}", escape(&path.display().to_string())));
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(failed)?.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST {
        return Err(Failure::new(format!("{}: larger than {MOST} bytes", escape(&path.display().to_string()))));
    }
    Ok(bytes)
}

/// The protocol's rule: a digest looks like one and is not the path of a file.
fn digest(artifact: &Path) -> Option<Digest> {
    let hex = artifact.to_str()?.strip_prefix("sha256:")?;
    if artifact.exists() {
        return None;
    }
    Digest::parse(Algorithm::Sha256, &hex.to_ascii_lowercase())
}

fn yes(signed: &Signed, under: &str) -> String {
    let mut out = String::from("PASS\n");
    let mut line = |label: &str, value: &str| {
        let rest = label.len() + 4;
        out.push_str(&wrap(&format!("{label}: {}", escape(value)), 2, rest));
        out.push('\n');
    };
    match &signed.by {
        Ok((kind, name)) => {
            let kind = match kind {
                SanKind::Uri => "URI",
                SanKind::Email => "e-mail",
                SanKind::Other => "name",
            };
            line("signed by", &format!("{kind} {name}"));
        }
        Err(key) => line("signed by", &format!("the key {key}")),
    }
    if let Some(issuer) = &signed.issuer {
        line("issuer", issuer);
    }
    line("algorithm", &signed.algorithm.to_string());
    line("not later than", &signed.not_later_than.map_or_else(|| "nothing proves when".to_owned(), |t| t.to_string()));
    line("says", signed.predicate_type.as_deref().unwrap_or("that it signed the file"));
    line("trusted root", under);
    out
}

fn no(reasons: &[Reason], answer: &Answer, under: &str) -> String {
    let mut out = String::from("FAIL\n");
    let mut line = |text: &str, rest: usize| {
        out.push_str(&wrap(&escape(text), 2, rest));
        out.push('\n');
    };
    for reason in reasons {
        line(&format!("{}: {}", reason.code(), reason.sentence()), 4);
        line(&format!("fix: {}", reason.info().fix), 7);
    }
    for note in &answer.notes {
        line(&format!("note: {note}"), 8);
    }
    line(&format!("trusted root: {under}"), 16);
    out
}
