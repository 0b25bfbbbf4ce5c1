//! Checks of a verdict one by one: what was asked, what was found, who fixes it.

use super::checks::{self, Row, State};
use super::layout::Page;
use super::text::sentence;
use super::{VerdictFile, escape};
use crate::policy::Policy;
use crate::reason;

/// The checks of `rule` on `node`, where given; `None` if there is none. A node is a digest, with or without `sha256:`, a path, or
/// `delivery`.
#[must_use]
pub fn explain_verdict(
    file: &VerdictFile,
    policy: Option<&Policy>,
    rule: Option<&str>,
    node: Option<&str>,
) -> Option<String> {
    let is_node = |row: &Row<'_>, wanted: &str| {
        row.node == wanted
            || row.node.strip_prefix("sha256:") == Some(wanted)
            || row.paths.iter().any(|path| path == wanted)
    };
    let mut rows = checks::rows(file);
    rows.retain(|row| rule.is_none_or(|wanted| row.rule == wanted) && node.is_none_or(|wanted| is_node(row, wanted)));
    if rows.is_empty() {
        return None;
    }
    let mut page = Page::new(false);
    for row in &rows {
        let title = policy.and_then(|policy| policy.rules.iter().find(|found| found.id == row.rule)?.title.as_deref());
        let title = title.map_or_else(String::new, |title| format!(": {}", escape(title)));
        page.hanging(0, &format!("{} {}{title}", row.state.name().to_uppercase(), escape(row.rule)));
        page.labelled(2, "on", &escape(&row.place()));
        if row.node != "delivery" {
            page.labelled(2, "node", &escape(row.node));
        }
        if let Some(way) = &row.way {
            page.labelled(2, "way:", &escape(way));
        }
        match row.state {
            State::Met => supported(&mut page, file, row),
            State::Refuted | State::Unproven | State::Waived => not_met(&mut page, row),
        }
        page.blank();
    }
    Some(page.finish())
}

fn not_met(page: &mut Page, row: &Row<'_>) {
    for said in row.reasons {
        page.labelled(2, "because", &format!("{}: {}", escape(&said.code), sentence(&said.code, &said.args)));
        if let Some(info) = reason::by_code(&said.code) {
            page.labelled(4, "why it matters:", info.why);
            page.labelled(4, "fix:", info.fix);
        }
    }
    if let Some(accountable) = row.accountable {
        page.labelled(2, "who must act:", &format!("the {}", accountable.name().replace('-', " ")));
    }
    if let Some(waiver) = &row.waiver {
        page.labelled(2, "waived by", &escape(waiver));
    }
}

fn supported(page: &mut Page, file: &VerdictFile, row: &Row<'_>) {
    if row.support.is_empty() {
        page.labelled(2, "by", "the bytes themselves");
    }
    for id in row.support {
        let claims: Vec<_> = file.details.accepted.iter().filter(|claim| claim.evidence == *id).collect();
        for claim in &claims {
            let time = claim.not_later_than.as_ref();
            let time = time.map_or_else(String::new, |time| format!(", signed not later than {}", escape(time)));
            let said =
                format!("{} of {}: {}{time}", escape(&claim.identity), escape(&claim.party), escape(&claim.predicate));
            page.labelled(2, "by", &said);
        }
        let files = file.run.evidence_files.get(id).map(|files| files.join(", ")).unwrap_or_default();
        let place = if files.is_empty() { escape(id) } else { format!("{} ({})", escape(&files), escape(id)) };
        page.labelled(if claims.is_empty() { 2 } else { 4 }, "in", &place);
    }
}
