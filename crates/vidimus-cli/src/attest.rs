//! `vidimus attest`: a predicate, checked, about subjects, signed.

use std::path::Path;

use serde_json::{Map, Value, json};
use vidimus::digest::{Algorithm, Digest};
use vidimus::render::escape;
use vidimus_sign::envelope::{self, Form};
use vidimus_sign::predicate::{self, Kind, ci, overlay};
use vidimus_sign::statement::{Statement, canonical};
use vidimus_sign::subject::{Subject, subjects};
use vidimus_sign::{Error, Mode, write_new};

use crate::args::{
    AboutArgs, AttestArgs, AttestOf, FormArg, KeyArgs, ReleaseArgs, SbomOfArgs, SourceArgs, VerdictArgs,
};
use crate::failure::Failure;
use crate::keys;
use crate::run::Exit;
use crate::terminal;

/// in-toto simple verification result.
const SVR: &str = "https://in-toto.io/attestation/svr/v0.2";

pub(crate) fn run(args: &AttestArgs) -> Result<Exit, Failure> {
    let of = |kind: Kind, value: Value| Ok::<_, Failure>((kind.name, kind.uri.to_owned(), kind.checked(value)?));
    let ((name, uri, value), about) = match &args.of {
        AttestOf::Provenance(args) => (of(predicate::PROVENANCE, provenance(args)?)?, &args.about),
        AttestOf::Sbom(args) => (sbom(args)?, &args.about),
        AttestOf::Release(args) => (of(predicate::RELEASE, release(args))?, &args.about),
        AttestOf::Vsa(args) => (of(predicate::VSA, predicate::read(&args.predicate)?)?, &args.about),
        AttestOf::TestResult(args) => (of(predicate::TEST_RESULT, predicate::read(&args.predicate)?)?, &args.about),
        AttestOf::Vulns(args) => (of(predicate::VULNS, predicate::read(&args.predicate)?)?, &args.about),
        AttestOf::Origin(args) => (of(predicate::ORIGIN, predicate::read(&args.predicate)?)?, &args.about),
        AttestOf::Certification(args) => {
            (of(predicate::CERTIFICATION, predicate::read(&args.predicate)?)?, &args.about)
        }
        AttestOf::Delivery(args) => (of(predicate::DELIVERY, predicate::read(&args.predicate)?)?, &args.about),
        AttestOf::Verdict(args) => {
            let (name, statement) = verdict(args)?;
            return written(name, &statement, &args.key, args.form, &args.out);
        }
        AttestOf::Custom(args) => {
            let value = predicate::read(&args.file.predicate)?;
            (("custom", custom(&args.uri)?, value), &args.file.about)
        }
    };
    let statement = Statement::new(name, &all_subjects(about)?, &uri, &value)?;
    written(name, &statement, &about.key, about.form, &about.out)
}

fn written(name: &str, statement: &Statement, key: &KeyArgs, form: FormArg, out: &Path) -> Result<Exit, Failure> {
    if out.symlink_metadata().is_ok() {
        return Err(Error::Exists { path: out.to_path_buf() }.into());
    }
    let form = if form == FormArg::Bundle { Form::Bundle } else { Form::Dsse };
    let bytes = envelope::statement(&keys::open(key)?, statement, form)?;
    write_new(&[(out, &bytes, Mode::Usual)])?;
    terminal::results(format!("wrote {}  {name}\n", escape(&out.display().to_string())).as_bytes())?;
    Ok(Exit::Pass)
}

/// The statement about a verdict, byte for byte as `verify` wrote it.
fn verdict(args: &VerdictArgs) -> Result<(&'static str, Statement), Failure> {
    let value = predicate::read(&args.statement)?;
    let other = || {
        Failure::new(format!("{}: not a statement about a verdict", args.statement.display()))
            .hint("sign what `verify --output vsa=FILE` or `--output svr=FILE` wrote; for other predicates there are other verbs")
    };
    let uri = value.get("predicateType").and_then(Value::as_str).ok_or_else(other)?;
    let name = match uri {
        SVR => "svr",
        uri if uri == predicate::VSA.uri => predicate::VSA.name,
        _ => return Err(other()),
    };
    let subjects = value.get("subject").and_then(Value::as_array).ok_or_else(other)?;
    let subjects: Option<Vec<Subject>> = subjects.iter().map(subject).collect();
    let body = value.get("predicate").cloned().unwrap_or_default();
    let body = if name == predicate::VSA.name { predicate::VSA.checked(body)? } else { body };
    let statement = Statement::new(name, &subjects.ok_or_else(other)?, uri, &body)?;
    // Whatever else stands in the file would silently not be signed.
    if canonical(&value)? == statement.bytes { Ok((name, statement)) } else { Err(other()) }
}

fn subject(value: &Value) -> Option<Subject> {
    let sha256 = Digest::parse(Algorithm::Sha256, value.pointer("/digest/sha256")?.as_str()?)?;
    Some(Subject { name: value.get("name")?.as_str()?.to_owned(), sha256 })
}

fn all_subjects(about: &AboutArgs) -> Result<Vec<Subject>, Failure> {
    let mut all = subjects(&about.subject)?;
    for text in &about.digest {
        all.push(Subject::parse(text)?);
    }
    Ok(all)
}

/// A type that has a verb of its own is checked there.
fn custom(uri: &str) -> Result<String, Failure> {
    match predicate::ALL.iter().find(|kind| kind.uri == uri) {
        Some(kind) => Err(Failure::new(format!("{uri} is checked before it is signed"))
            .hint(format!("use the verb for it: {}", kind.name))),
        None if uri.contains(':') && !uri.contains(char::is_whitespace) => Ok(uri.to_owned()),
        None => Err(Failure::new(format!("{}: not a URI", escape(uri)))),
    }
}

/// What the CI system says, then the file, then the flags: what comes later wins.
fn provenance(args: &SourceArgs) -> Result<Value, Failure> {
    let mut made = match &args.ci {
        Some(system) => ci::provenance(system, &|name| std::env::var(name).ok())?,
        None => json!({"buildDefinition": {"externalParameters": {}}}),
    };
    if let Some(path) = &args.predicate {
        overlay(&mut made, predicate::read(path)?);
    }
    let text = |text: &Option<String>| text.clone().map(Value::String);
    let mut external = Map::new();
    for parameter in &args.parameter {
        let (name, value) = parameter
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Failure::new(format!("`--parameter {}`: not NAME=VALUE", escape(parameter))))?;
        external.insert(name.to_owned(), Value::String(value.to_owned()));
    }
    let dependency = args.source.as_ref().zip(args.commit.as_ref());
    let dependency = dependency.map(|(uri, commit)| json!([{"digest": {"gitCommit": commit}, "uri": uri}]));
    let definition = predicate::object([
        ("buildType", text(&args.build_type)),
        ("externalParameters", (!external.is_empty()).then_some(Value::Object(external))),
        ("resolvedDependencies", dependency),
    ]);
    let run = predicate::object([
        ("builder", args.builder.as_ref().map(|id| json!({"id": id}))),
        ("metadata", args.invocation.as_ref().map(|id| json!({"invocationId": id}))),
    ]);
    overlay(&mut made, json!({"buildDefinition": definition, "runDetails": run}));
    Ok(made)
}

fn sbom(args: &SbomOfArgs) -> Result<(&'static str, String, Value), Failure> {
    let read = predicate::carried(&args.sbom)?;
    if let (Some(location), Some(attester)) = (&args.reference, &args.attester) {
        let kind = predicate::REFERENCE;
        let value = kind.checked(predicate::reference(attester, location, &read.sha256, read.media_type))?;
        return Ok((kind.name, kind.uri.to_owned(), value));
    }
    let (uri, document) = read.inline.ok_or_else(|| {
        Failure::new(format!("{}: this document cannot be carried in a statement ({})", args.sbom.display(), read.media_type))
            .hint("refer to it with `--reference URI --attester URI`; or give the document itself to `vidimus pack --evidence`")
    })?;
    Ok(("sbom", uri.to_owned(), document))
}

fn release(args: &ReleaseArgs) -> Value {
    let id = args.release_id.clone().map(Value::String);
    predicate::object([("purl", Some(Value::String(args.product.clone()))), ("releaseId", id)])
}
