//! Why nothing was signed or written: what was found, and what to do. No message holds key material.

use std::path::{Path, PathBuf};

use vidimus::reason::Reason;

use crate::key::KeyProblem;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Outputs are never overwritten.
    #[error("{}: there is something here already; nothing was written", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// A private key that cannot be used.
    #[error("{}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: KeyProblem,
    },
    /// The signature that was made does not verify: the machine is broken, or somebody makes it err.
    #[error("the signature that was just made does not verify; nothing was written")]
    Fault,
    /// Files that cannot be read as a delivery's.
    #[error(transparent)]
    Read(#[from] vidimus::read::ReadError),
    /// It is not what it was when it was opened.
    #[error("{}: changed while it was read; make sure that nothing writes to it, then run again", path.display())]
    Changed {
        /// What.
        path: PathBuf,
    },
    /// Something that our own verifier would refuse.
    #[error("{}: {}", path.display(), reason.sentence())]
    Refused {
        /// What.
        path: PathBuf,
        /// Why it would.
        reason: Box<Reason>,
    },
    /// A predicate that breaks its schema.
    #[error("the {kind} predicate is not valid: {problem}")]
    Predicate {
        /// Its name, such as `origin`.
        kind: String,
        /// Where and why.
        problem: String,
    },
    /// A number that must grow and does not.
    #[error("the number {given} is not greater than {previous}, the number of the previous one")]
    Sequence {
        /// The new one.
        given: u64,
        /// That of the previous delivery or list.
        previous: u64,
    },
    /// Anything else that is wrong with what was asked for.
    #[error("{what}")]
    Input {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
}

impl Error {
    /// What is wrong with what was asked for.
    #[must_use]
    pub fn input(what: impl Into<String>) -> Self {
        Self::Input { what: what.into(), hint: None }
    }

    /// The same with what to do; other errors stay as they are.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Input { what, .. } => Self::Input { what, hint: Some(hint.into()) },
            other => other,
        }
    }

    /// What to do next, where the message does not say it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("name another place; outputs are never overwritten".to_owned()),
            Self::Key { problem, .. } => problem.hint().map(ToOwned::to_owned),
            Self::Refused { reason, .. } => Some(reason.info().fix.to_owned()),
            Self::Sequence { previous, .. } => {
                Some(format!("take {} or more, or leave the number out", previous.saturating_add(1)))
            }
            Self::Input { hint, .. } => hint.clone(),
            _ => None,
        }
    }

    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    pub(crate) fn refused(path: &Path, reason: &Reason) -> Self {
        Self::Refused { path: path.to_path_buf(), reason: Box::new(reason.clone()) }
    }

    pub(crate) fn predicate(kind: &str, problem: impl Into<String>) -> Self {
        Self::Predicate { kind: kind.to_owned(), problem: problem.into() }
    }
}
