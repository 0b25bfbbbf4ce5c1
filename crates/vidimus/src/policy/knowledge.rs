//! What the policy asks of what the operator knows: status lists, and what was accepted before.

use std::collections::BTreeSet;

use crate::decode::EntryKind;

/// `[status_list.NAME]`: a list of what does not count any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusListPolicy {
    /// Its name in the policy.
    pub name: String,
    /// `list` of its issues; `urn:status:NAME` unless stated.
    pub list: String,
    /// The one identity whose signature counts.
    pub by: String,
    /// The kinds of things that it must list all of, at least one. Whatever else it lists counts as well.
    pub scope: BTreeSet<EntryKind>,
    /// An issue counts for so many hours, from 1.
    pub max_age_hours: u32,
    /// No issue with a lower number counts.
    pub min_number: u64,
}

/// `check = "status"`.
#[derive(Clone, Debug)]
pub struct StatusCheck {
    /// The lists that must be at hand and fresh, by name; at least one.
    pub lists: Vec<String>,
}

/// `check = "no-rollback"`.
#[derive(Clone, Debug)]
pub struct RollbackCheck {
    /// The `id` that the state must have.
    pub state: Option<String>,
}
