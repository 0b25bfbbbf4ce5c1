//! `vidimus explain CODE`.

use vidimus::render;

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    if let Some(text) = render::explain(&args.code).or_else(|| render::explain_area(&args.code)) {
        terminal::results(text.as_bytes())?;
        return Ok(Exit::Pass);
    }
    let failure = Failure::new(format!("there is no reason with the code `{}`", render::escape(&args.code)));
    Err(match render::similar(&args.code).as_slice() {
        [] => failure.hint("codes look like `evidence.missing`; a verdict shows one with every reason"),
        [one] => failure.hint(format!("did you mean `{one}`?")),
        several => failure.hint(format!("did you mean one of {}?", several.join(", "))),
    })
}
