//! What a policy asks of layouts of in-toto.

use std::collections::BTreeMap;

use super::PartyRef;

/// `check = "layout"`.
#[derive(Clone, Debug)]
pub struct LayoutCheck {
    /// Whose layouts; empty takes every granted party.
    pub by: Vec<PartyRef>,
    /// So many different keys must have signed the same layout; from 1.
    pub threshold: u64,
    /// What stands for the parameters of a layout.
    pub parameters: BTreeMap<String, String>,
    /// A layout with inspections does, and the verdict says that they were not run.
    pub inspections_not_run: bool,
}
