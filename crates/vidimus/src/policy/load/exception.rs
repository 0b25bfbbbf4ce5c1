//! `[waiver_rules]`, `[[waiver]]`, `[[deny]]`.

use std::collections::BTreeSet;

use super::document::{Table, Text};
use super::errors::{BAD_VALUE, Errors, ID_TWICE, VACUOUS, WAIVER, WINDOW};
use super::names::Names;
use super::structure::shown;
use crate::digest::{Algorithm, Digest};
use crate::policy::{Denied, Deny, Waiver, WaiverRules};
use crate::reason::identifier;

const DAY: i64 = 86_400;

/// Reads `[waiver_rules]`.
pub(super) fn waiver_rules(document: &Table, rules: &Names, errors: &mut Errors) -> WaiverRules {
    let mut read = WaiverRules::default();
    let Some(table) = document.table("waiver_rules") else { return read };
    if let Some(days) = table.int("max_days").and_then(|days| u32::try_from(days).ok()) {
        read.max_days = days;
    }
    if let Some(approvals) = table.table("approvals") {
        read.threshold = approvals.int("threshold").and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        read.roles = approvals.texts("roles").filter_map(|role| named(role, errors)).collect();
        let roles = read.roles.iter().collect::<BTreeSet<_>>().len();
        if approvals.node("roles").is_some() && roles < read.threshold {
            let message = format!("{roles} roles cannot give {} approvals", read.threshold);
            errors.add(&VACUOUS, approvals.span_of("threshold"), message);
        }
    }
    for rule in table.texts("never") {
        rules.check(rule, errors);
    }
    read.never = table.strings("never");
    read
}

/// Reads every waiver. One that goes beyond `limits` is refused, so that no verdict can rest on it.
pub(super) fn waivers(document: &Table, rules: &Names, limits: &WaiverRules, errors: &mut Errors) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    Names::ids("waiver", document, "waiver", errors);
    for table in document.tables("waiver") {
        let (Some(id), Some(rule), Some(subject), Some(owner)) =
            (table.string("id"), table.text("rule"), table.text("subject_sha256"), table.text("owner"))
        else {
            continue;
        };
        rules.check(rule, errors);
        if limits.never.iter().any(|never| never == rule.text) {
            let message = format!("`waiver_rules.never` lists `{}`; nothing may be waived there", shown(rule.text));
            errors.add(&WAIVER, rule.span, message);
        }
        let subject = sha256(subject, errors);
        named(owner, errors);
        approvals(table, limits, errors);
        let (Some(subject), Some(from), Some(until)) = (subject, table.time("from"), table.time("until")) else {
            continue;
        };
        let seconds = until.second().saturating_sub(from.second());
        if seconds <= 0 {
            errors.add(&WINDOW, table.span_of("until"), format!("`until` ({until}) is not after `from` ({from})"));
        } else if seconds > i64::from(limits.max_days) * DAY {
            let message = format!("the waiver is for more than {} days; renew it when they are over", limits.max_days);
            errors.add(&WAIVER, table.span_of("until"), message);
        }
        waivers.push(Waiver {
            id,
            rule: rule.text.to_owned(),
            subject,
            owner: owner.text.to_owned(),
            approved_by: table.strings("approved_by"),
            reason: table.string("reason").unwrap_or_default(),
            compensating: table.string("compensating"),
            from,
            until,
        });
    }
    waivers
}

fn approvals(table: &Table, limits: &WaiverRules, errors: &mut Errors) {
    let mut counted = BTreeSet::new();
    for role in table.texts("approved_by") {
        named(role, errors);
        if !limits.roles.is_empty() && !limits.roles.iter().any(|known| known == role.text) {
            let message = format!("`{}` is none of the roles of `waiver_rules.approvals`", shown(role.text));
            errors.add(&WAIVER, role.span, message);
        } else if !counted.insert(role.text) {
            errors.add(&BAD_VALUE, role.span, format!("`{}` stands twice in the list", shown(role.text)));
        }
    }
    if table.node("approved_by").is_some() && counted.len() < limits.threshold {
        let message = format!("{} of {} approvals that each waiver needs", counted.len(), limits.threshold);
        errors.add(&WAIVER, table.span_of("approved_by"), message);
    }
}

/// Reads every denial.
pub(super) fn denials(document: &Table, errors: &mut Errors) -> Vec<Deny> {
    let mut denials: Vec<Deny> = Vec::new();
    for table in document.tables("deny") {
        let (Some(kind), Some(digest)) = (table.text("kind"), table.text("sha256")) else { continue };
        let Some(sha256) = sha256(digest, errors) else { continue };
        let what = match kind.text {
            "digest" => Denied::File(sha256),
            "key" => Denied::Key(sha256),
            "attestation" => Denied::Attestation(sha256),
            _ => continue,
        };
        if denials.iter().any(|other| other.what == what) {
            errors.add(&ID_TWICE, digest.span, format!("`{}` is denied twice", shown(digest.text)));
        }
        denials.push(Deny { what, reason: table.string("reason").unwrap_or_default(), since: table.time("since") });
    }
    denials
}

/// 64 lower-case hexadecimal digits.
pub(in crate::policy) fn sha256(text: Text<'_>, errors: &mut Errors) -> Option<Digest> {
    let digest = Digest::parse(Algorithm::Sha256, text.text);
    if digest.is_none() {
        let message = format!("`{}` is no sha256: 64 lower-case hexadecimal digits", shown(text.text));
        errors.add(&BAD_VALUE, text.span, message);
    }
    digest
}

/// A name that may stand in a verdict core.
pub(super) fn named(text: Text<'_>, errors: &mut Errors) -> Option<String> {
    if identifier(text.text) != text.text {
        let message = format!("`{}` is no identifier: visible ASCII without blanks and quotes", shown(text.text));
        errors.add(&BAD_VALUE, text.span, message);
        return None;
    }
    Some(text.text.to_owned())
}
