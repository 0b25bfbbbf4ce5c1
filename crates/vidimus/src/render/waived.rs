//! Requirements that a waiver lets pass: who answers for them, for how long, and what was not proven.

use super::escape;
use super::layout::{Page, counted};
use super::text::{View, sentence};
use crate::conclude::Unmet;
use crate::policy::Waiver;
use crate::time::Time;

/// Every one of them; a pass that rests on one must not look like any other.
pub(super) fn all(page: &mut Page, view: &View<'_>) {
    let count = view.waived().count() as u64;
    if count == 0 {
        return;
    }
    let heading = counted(count, "requirement is not proven", "requirements are not proven");
    page.heading(&format!("Waived: {heading} and let pass"));
    for (unmet, id) in view.waived() {
        one(page, view, unmet, id);
    }
}

fn one(page: &mut Page, view: &View<'_>, unmet: &Unmet, id: &str) {
    page.hanging(2, &view.rule_name(&unmet.rule, "not proven, waived"));
    for path in &unmet.path {
        page.paragraph(4, &format!("file {}", escape(path)));
    }
    let waivers = view.options.policy.map_or(&[][..], |policy| &policy.waivers);
    match waivers.iter().find(|waiver| waiver.id == id) {
        None => page.paragraph(4, &format!("by the waiver {}; the caveats say whose and until when", escape(id))),
        Some(waiver) => details(page, view, waiver),
    }
    for reason in &unmet.reasons {
        page.hanging(6, &format!("{}: {}", escape(&reason.code), sentence(&reason.code, &reason.args)));
    }
}

fn details(page: &mut Page, view: &View<'_>, waiver: &Waiver) {
    let left = view.core.request.at.parse::<Time>().map_or(0, |at| waiver.days_left(at));
    let left = counted(left.unsigned_abs(), "day", "days");
    let (id, owner) = (escape(&waiver.id), escape(&waiver.owner));
    page.paragraph(4, &format!("waiver {id}: {owner} answers for it until {} ({left} left)", waiver.until));
    page.labelled(4, "because:", &escape(&waiver.reason));
    if let Some(instead) = &waiver.compensating {
        page.labelled(4, "instead:", &escape(instead));
    }
    page.labelled(4, "approved by:", &escape(&waiver.approved_by.join(", ")));
}
