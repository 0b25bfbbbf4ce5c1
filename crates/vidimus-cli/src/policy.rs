//! `vidimus policy check`.

use std::path::Path;

use vidimus::policy::{self, Policy};
use vidimus::render::escape;

use crate::args::{Color, PolicyVerb};
use crate::failure::Failure;
use crate::run::Exit;
use crate::terminal;

pub(crate) fn run(verb: &PolicyVerb, color: Color) -> Result<Exit, Failure> {
    match verb {
        PolicyVerb::Check(args) => {
            let policy = load(&args.policy, color)?;
            let (id, version, sha256) = (escape(&policy.id), policy.version, &policy.sha256);
            terminal::results(format!("the policy {id} version {version} can be used\n{sha256}\n").as_bytes())?;
        }
    }
    Ok(Exit::Pass)
}

/// Loads the policy; what is wrong with it is shown with its lines.
pub(crate) fn load(path: &Path, color: Color) -> Result<Policy, Failure> {
    policy::load(path).map_err(|errors| Failure::Rendered(errors.render(terminal::colors_diagnostics(color))))
}
