//! `vidimus status-list issue`: what is revoked, numbered, chained, signed.

use serde_json::json;
use vidimus::render::escape;
use vidimus::time::Time;
use vidimus_sign::envelope::{self, Form};
use vidimus_sign::status::{Issue, Previous};
use vidimus_sign::{Error, Mode, predicate, write_new};

use crate::args::{FormArg, StatusVerb};
use crate::failure::Failure;
use crate::keys;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(verb: &StatusVerb) -> Result<Exit, Failure> {
    let StatusVerb::Issue(args) = verb;
    if args.out.symlink_metadata().is_ok() {
        return Err(Error::Exists { path: args.out.clone() }.into());
    }
    let time = |flag: &str, text: &str| -> Result<Time, Failure> {
        text.parse().map_err(|e| Failure::new(format!("`--{flag} {}`: {e}", escape(text))))
    };
    let entries = match &args.entries {
        Some(path) => {
            let read = predicate::read(path)?;
            let is_list = read.get("entries").is_some_and(serde_json::Value::is_array);
            if !is_list || read.as_object().is_some_and(|members| members.len() != 1) {
                return Err(Failure::new(format!("{}: `entries`, a list, is all that belongs here", path.display())));
            }
            read
        }
        None => json!({"entries": []}),
    };
    let issue = Issue {
        list: args.list.clone(),
        number: args.number,
        this_update: time("this-update", &args.this_update)?,
        next_update: time("next-update", &args.next_update)?,
        scope: args.scope.clone(),
        entries,
        previous: args.previous.as_deref().map(Previous::read).transpose()?,
    };
    let statement = issue.statement(args.drop)?;
    let form = if args.form == FormArg::Bundle { Form::Bundle } else { Form::Dsse };
    let bytes = envelope::statement(&keys::open(&args.key)?, &statement, form)?;
    write_new(&[(&args.out, &bytes, Mode::Usual)])?;
    terminal::results(
        format!("wrote {}  {}\n", escape(&args.out.display().to_string()), escape(&args.list)).as_bytes(),
    )?;
    Ok(Exit::Pass)
}
