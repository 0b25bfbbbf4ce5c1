//! What a policy asks of layouts of in-toto.

use std::collections::{BTreeMap, BTreeSet};

use super::{Party, PartyRef};
use crate::digest::Digest;

/// `check = "layout"`.
#[derive(Clone, Debug)]
pub struct LayoutCheck {
    /// Whose layouts; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// Only these, by sha256 of what is signed; empty takes any.
    pub layouts: BTreeSet<Digest>,
    /// So many different owners must have signed the same layout; from 1.
    pub threshold: u64,
    /// What stands for the parameters of a layout.
    pub parameters: BTreeMap<String, String>,
    /// A layout with inspections does, and the verdict says that they were not run.
    pub inspections_not_run: bool,
}

impl LayoutCheck {
    /// Is the party one of those whose layouts count?
    #[must_use]
    pub fn is_by(&self, party: &Party) -> bool {
        self.by.is_empty() || self.by.iter().any(|by| by.is(party))
    }

    /// Is the layout over these bytes one of those that count?
    #[must_use]
    pub fn takes(&self, signed: &Digest) -> bool {
        self.layouts.is_empty() || self.layouts.contains(signed)
    }
}
