//! Ids of the policy, and references to them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, ID_TWICE, RESERVED_ID, UNKNOWN_REFERENCE};
use super::structure::{did_you_mean, listed, shown};

/// Every id of one kind, also of things that have other errors, so that one mistake is reported once.
#[derive(Debug, Default)]
pub(super) struct Names {
    what: &'static str,
    names: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, names: BTreeSet::new() }
    }

    /// Takes the keys of the table `key`.
    pub(super) fn keys(what: &'static str, document: &Table, key: &str, errors: &mut Errors) -> Self {
        let mut names = Self::new(what);
        for entry in document.table(key).into_iter().flat_map(|table| &table.entries) {
            names.take(&entry.key, &entry.key_span, errors);
        }
        names
    }

    /// Takes the `id` of every table in the list `key`.
    pub(super) fn ids(what: &'static str, document: &Table, key: &str, errors: &mut Errors) -> Self {
        let mut names = Self::new(what);
        for id in document.tables(key).filter_map(|table| table.text("id")) {
            names.take(id.text, id.span, errors);
        }
        names
    }

    pub(super) fn take(&mut self, id: &str, span: &Range<usize>, errors: &mut Errors) {
        let grammar = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let starts_well = id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if id.to_ascii_lowercase().starts_with("vidimus.") {
            errors.add(&RESERVED_ID, span, format!("`{}`: ids that begin with `vidimus.` are reserved", shown(id)));
        } else if !starts_well || id.len() > 64 || !id.bytes().all(grammar) {
            let message = "an id has 1 to 64 characters of `[0-9A-Za-z._-]` and begins with a letter or digit";
            errors.add(&BAD_VALUE, span, message);
        }
        if !self.names.insert(id.to_owned()) {
            errors.add(&ID_TWICE, span, format!("{} `{}` is defined twice", self.what, shown(id)));
        }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.names.contains(id)
    }

    /// Reports `reference` unless it is defined.
    pub(super) fn check(&self, reference: Text<'_>, errors: &mut Errors) {
        if self.has(reference.text) {
            return;
        }
        let known: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let hint = match did_you_mean(reference.text, &known) {
            hint if hint.is_empty() && known.is_empty() => format!("; the policy defines no {}", self.what),
            hint if hint.is_empty() && known.len() <= 12 => format!("; defined are {}", listed(&known)),
            hint => hint,
        };
        let message = format!("there is no {} `{}`{hint}", self.what, shown(reference.text));
        errors.add(&UNKNOWN_REFERENCE, reference.span, message);
    }
}
