//! Why there is no verdict: what was expected, what was found, what to do next. Exit code 2.

use vidimus::reason::Reason;
use vidimus::render::escape;

/// An error of the operator's own inputs, of this machine, or of vidimus.
#[derive(Debug)]
pub(crate) enum Failure {
    /// One sentence, and what to do about it.
    Said {
        /// What is wrong.
        what: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// Text that is complete already, such as policy errors with their source lines.
    Rendered(String),
}

impl Failure {
    /// A reason for which there is no verdict, by its code.
    pub(crate) fn reason(reason: &Reason) -> Self {
        let what = format!("[{}]: {}", reason.code(), escape(&reason.sentence()));
        Self::Rendered(format!("error{what}\nhint: {}", reason.info().fix))
    }

    /// A failure without a hint: the sentence says what to do.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self::Said { what: what.into(), hint: None }
    }

    /// The same with what to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Said { what, .. } => Self::Said { what, hint: Some(hint.into()) },
            rendered @ Self::Rendered(_) => rendered,
        }
    }

    /// As it is shown.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Said { what, hint: None } => format!("error: {what}\n"),
            Self::Said { what, hint: Some(hint) } => format!("error: {what}\nhint: {hint}\n"),
            Self::Rendered(text) => format!("{}\n", text.trim_end()),
        }
    }
}

impl From<vidimus_sign::Error> for Failure {
    fn from(error: vidimus_sign::Error) -> Self {
        Self::Said { what: error.to_string(), hint: error.hint() }
    }
}
