//! Standard output and standard error, without panics: a closed pipe is nobody's fault.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};

use crate::args::Color;
use crate::failure::Failure;

/// Writes results to standard output. That the reader went away (`| head`) is not an error.
pub(crate) fn results(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// Writes a diagnostic to standard error. If nobody can read it, the exit code still tells.
pub(crate) fn diagnostic(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// May results be coloured? The environment has its say (`NO_COLOR`, `CLICOLOR_FORCE`), the option has the last word.
pub(crate) fn colors_results(color: Color) -> bool {
    is_colored(color, AutoStream::choice(&io::stdout()))
}

/// May diagnostics be coloured?
pub(crate) fn colors_diagnostics(color: Color) -> bool {
    is_colored(color, AutoStream::choice(&io::stderr()))
}

/// Is somebody watching standard error?
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

fn is_colored(color: Color, auto: ColorChoice) -> bool {
    match color {
        Color::Auto => auto != ColorChoice::Never,
        Color::Always => true,
        Color::Never => false,
    }
}
