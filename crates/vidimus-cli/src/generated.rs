//! What is made from the types and arguments themselves: schemas, completions, the manual page.

use vidimus::render;

use crate::args::{CompletionsArgs, ManArgs, SchemaArgs, SchemaOf};
use crate::failure::Failure;
use crate::run::Exit;
use crate::{command, terminal};

pub(crate) fn schema(args: &SchemaArgs) -> Result<Exit, Failure> {
    let schema = match args.of {
        SchemaOf::Policy => vidimus::policy::schema(),
        SchemaOf::Anchor => vidimus::policy::anchor_schema(),
        SchemaOf::Verdict => render::verdict_schema(),
        SchemaOf::Certification => predicate("certification"),
        SchemaOf::Delivery => predicate("delivery"),
        SchemaOf::Origin => predicate("origin"),
        SchemaOf::RebuildComparison => predicate("rebuild-comparison"),
        SchemaOf::StatusList => predicate("status-list"),
    };
    terminal::results(format!("{schema:#}\n").as_bytes())?;
    Ok(Exit::Pass)
}

fn predicate(name: &str) -> serde_json::Value {
    let all = vidimus::decode::predicate_schemas().into_iter();
    all.filter(|(known, _)| *known == name).map(|(_, schema)| schema).next().unwrap_or_default()
}

pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    // Into memory first: the generator does not expect a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "vidimus", &mut script);
    terminal::results(&script)?;
    Ok(Exit::Pass)
}

pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut whole = command();
    // Gives every verb its full name.
    whole.build();
    let mut shown = &whole;
    for verb in &args.verb {
        shown = shown.get_subcommands().find(|known| known.get_name() == verb && !known.is_hide_set()).ok_or_else(
            || {
                let verbs: Vec<&str> = shown.get_subcommands().map(clap::Command::get_name).collect();
                let what = format!("there is no verb `{}` with a manual page", render::escape(verb));
                if verbs.is_empty() {
                    Failure::new(what)
                } else {
                    Failure::new(what).hint(format!("verbs: {}", verbs.join(", ")))
                }
            },
        )?;
    }
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(shown.clone()).render(&mut page);
    written.map_err(|e| Failure::new(format!("the manual page cannot be made: {e}")))?;
    terminal::results(&page)?;
    Ok(Exit::Pass)
}
