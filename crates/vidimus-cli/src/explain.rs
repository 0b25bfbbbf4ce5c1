//! `vidimus explain CODE` and `vidimus explain VERDICT`.

use std::path::Path;

use vidimus::archive::Archive;
use vidimus::policy::Policy;
use vidimus::record::{self, Record, RecordError};
use vidimus::render;

use crate::args::{Color, ExplainArgs};
use crate::failure::Failure;
use crate::output;
use crate::results::Results;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(args: &ExplainArgs, color: Color) -> Result<Exit, Failure> {
    let code = render::explain(&args.code).or_else(|| render::explain_area(&args.code));
    match code {
        Some(text) if args.node.is_none() && args.rule.is_none() && args.output.is_empty() => {
            terminal::results(text.as_bytes())?;
            Ok(Exit::Pass)
        }
        Some(_) => Err(Failure::new(format!("`{}` is a reason code, not a verdict", render::escape(&args.code)))
            .hint("name the file with its folder, such as `./verdict.json`")),
        None if Path::new(&args.code).exists() => verdict(args, color),
        None => Err(unknown(args)),
    }
}

fn unknown(args: &ExplainArgs) -> Failure {
    let failure = Failure::new(format!("there is no reason with the code `{}`", render::escape(&args.code)));
    match render::similar(&args.code).as_slice() {
        [] => failure.hint("codes look like `evidence.missing`; a verdict shows one with every reason"),
        [one] => failure.hint(format!("did you mean `{one}`?")),
        several => failure.hint(format!("did you mean one of {}?", several.join(", "))),
    }
}

/// The verdict in a file, with its policy where that is there, too.
fn opened(path: &Path) -> Result<(Record, Option<Policy>), RecordError> {
    if record::is_archive(path)? {
        let archive = Archive::open(path)?;
        let policy = archive.policy()?;
        return Ok((Record::of(&archive)?, Some(policy)));
    }
    Ok((record::open(path)?, None))
}

fn verdict(args: &ExplainArgs, color: Color) -> Result<Exit, Failure> {
    let path = Path::new(&args.code);
    let (record, policy) = opened(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    let file = record.file();
    if args.node.is_some() || args.rule.is_some() {
        let (rule, node) = (args.rule.as_deref(), args.node.as_deref());
        let Some(text) = render::explain_verdict(file, policy.as_ref(), rule, node) else {
            return Err(
                Failure::new("the verdict has no such check").hint("`vidimus explain VERDICT` shows which there are")
            );
        };
        terminal::results(text.as_bytes())?;
        return Ok(Exit::Pass);
    }
    let mut outputs = output::prepare(&args.output, None, &output::Read::these(&[path.to_path_buf()]))?;
    outputs.remove_stale(&[])?;
    let quiet = !args.output.is_empty();
    let results =
        Results { file, policy: policy.as_ref(), verifier: Some(&args.verifier), verbose: true, quiet, color };
    results.write(&outputs.list, None)?.keep();
    if !quiet {
        let note =
            "note: this is what the file says; `vidimus replay ARCHIVE` tells whether it follows from the evidence\n";
        terminal::diagnostic(note);
    }
    Ok(Exit::Pass)
}
