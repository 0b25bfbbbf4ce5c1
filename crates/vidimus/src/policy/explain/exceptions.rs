//! Waivers, denials, status lists and what was accepted before, in sentences.

use super::{Page, and};
use crate::policy::{Denied, Policy, ReleaseCheck, RollbackCheck};

/// What a release must have beside a signature.
pub(super) fn release(check: &ReleaseCheck) -> String {
    let mut text = String::new();
    if check.recipient.is_some() || check.sequence {
        text.push_str(", in a delivery statement");
    }
    if let Some(recipient) = &check.recipient {
        text.push_str(&format!(" for {recipient}"));
    }
    if check.sequence {
        text.push_str(" with a sequence");
    }
    if let Some(days) = check.max_age_days {
        text.push_str(&format!(", proven to be signed at most {days} days before the verdict"));
    }
    text
}

pub(super) fn rollback(check: &RollbackCheck) -> String {
    let state = check.state.as_ref().map_or_else(String::new, |id| format!(", by the state {id}"));
    format!("the delivery statement is not older than what was accepted before{state}")
}

pub(super) fn all(policy: &Policy, page: &mut Page) {
    if !policy.waivers.is_empty() {
        page.heading("What is let pass although it is not proven");
        let rules = &policy.waiver_rules;
        page.line(&format!(
            "Each is about one file and one rule, for at most {} days, approved by at least {}. Nothing that is refuted is ever let pass.",
            rules.max_days, rules.threshold
        ));
        if !rules.never.is_empty() {
            page.line(&format!("Never for {}.", and(&rules.never)));
        }
    }
    for waiver in &policy.waivers {
        page.item(&format!(
            "{}: {} on the file {}, from {} until {}. {} answers for it.",
            waiver.id, waiver.rule, waiver.subject, waiver.from, waiver.until, waiver.owner
        ));
        page.sub(&format!("Because: {}.", waiver.reason.trim_end_matches('.')));
        if let Some(instead) = &waiver.compensating {
            page.sub(&format!("Instead: {}.", instead.trim_end_matches('.')));
        }
        page.sub(&format!("Approved by {}.", and(&waiver.approved_by)));
    }
    if !policy.status_lists.is_empty() {
        page.heading("Who says what does not count any more");
    }
    for list in policy.status_lists.values() {
        let kinds: Vec<&str> = list.scope.iter().map(|kind| kind.name()).collect();
        page.item(&format!(
            "{}: issues of {} signed by {}, from number {} on, for {} hours each, about everything of the kind {}.",
            list.name,
            list.list,
            list.by,
            list.min_number,
            list.max_age_hours,
            and(&kinds)
        ));
    }
    if !policy.denials.is_empty() {
        page.heading("What counts for nothing");
    }
    for deny in &policy.denials {
        let what = match &deny.what {
            Denied::File(digest) => format!("The file {digest}, wherever it is found"),
            Denied::Key(digest) => format!("Signatures by the key {digest}"),
            Denied::Attestation(digest) => format!("The statement {digest}"),
        };
        let since = deny.since.map_or_else(String::new, |since| format!(", since {since}"));
        page.item(&format!("{what}{since}: {}.", deny.reason.trim_end_matches('.')));
    }
}
