//! `check = "vulns"`.

use super::PartyRef;
use crate::decode::Severity;

/// A fresh scan, and somebody who answers for each vulnerability that it found.
#[derive(Clone, Debug)]
pub struct VulnsCheck {
    /// Whose scans count; empty takes those of every granted party.
    pub by: Vec<PartyRef>,
    /// Who may say that a vulnerability does no harm; empty takes every granted party.
    pub triage_by: Vec<PartyRef>,
    /// At most so many days between the end of a scan and the verdict.
    pub max_scan_age_days: Option<u32>,
    /// At most so many days between the state of the scanner's database and the end of the scan.
    pub max_database_age_days: Option<u32>,
    /// What every scanner calls less bad needs no answer.
    pub ignore_below: Option<Severity>,
    /// A vulnerability that nobody answers for refutes, else it leaves the rule unproven.
    pub untriaged_fails: bool,
    /// A vulnerability that does harm is accepted where it is said what to do.
    pub affected_with_action: bool,
}
