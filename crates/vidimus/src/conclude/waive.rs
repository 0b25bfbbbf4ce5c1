//! Waivers: what is not proven about one file under one rule can be let pass for a while, where everybody sees it. What is
//! refuted never can (`verification.md` 3.7).

use super::core::Unmet;
use crate::policy::{Policy, Waiver};
use crate::reason::Reason;
use crate::time::Time;
use crate::value::Value;

crate::reasons! {
    WAIVED = "caveat.waived", Proven, Operator, ["days", "owner", "rule", "until", "waiver"],
        says "{rule} is not proven on a file and is let pass by the waiver {waiver}: {owner} answers for it until {until} ({days} days left)",
        why "A waiver is somebody's word that a missing proof is acceptable for a while. The verdict rests on it (T37).",
        fix "Have the requirement met before the waiver ends.";
    REFUTED = "caveat.waiver-refuted", Proven, Operator, ["waivers"],
        says "these waivers are for what is refuted, and lift nothing: {waivers}",
        why "A waiver can stand in for missing proof, never for bytes or words that show the opposite.",
        fix "Have what is wrong corrected; then see whether the waiver is still needed.";
    UNUSED = "caveat.waiver-unused", Proven, Operator, ["waivers"],
        says "these waivers are in force and lift nothing here: {waivers}",
        why "Their file is not in this delivery, or their rule is met. A waiver that nobody needs is one that somebody could come to need unseen.",
        fix "Remove the waivers that are for nothing that is delivered any more.";
    EXPIRED = "caveat.waiver-expired", Proven, Operator, ["waivers"],
        says "these waivers have ended and do nothing: {waivers}",
        why "After its last day a waiver is no word of anybody.",
        fix "Remove them, or have them approved again for what is still not met.";
    NOT_YET = "caveat.waiver-not-yet", Proven, Operator, ["waivers"],
        says "these waivers have not begun and do nothing: {waivers}",
        why "Before its first day a waiver is no word of anybody.",
        fix "Nothing, unless the verdict was meant for a later time.";
}

/// Marks what waivers lift, and says what each waiver of the policy did. Of an `any-of` one branch may be refuted while the whole is only
/// not proven: that is what is lifted, or bad news about a branch that nobody needs would decide, and leaving it out would help.
pub(super) fn apply(policy: &Policy, at: Time, unmet: &mut [Unmet]) -> Vec<Reason> {
    let mut said = Vec::new();
    let (mut refuted, mut unused, mut expired, mut not_yet) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut waivers: Vec<&Waiver> = policy.waivers.iter().collect();
    // Of several for the same the one that lasts longest speaks.
    waivers.sort_by(|a, b| (b.until, &a.id).cmp(&(a.until, &b.id)));
    for waiver in waivers {
        if !waiver.is_in_force(at) {
            if at < waiver.from {
                not_yet.push(&waiver.id)
            } else {
                expired.push(&waiver.id)
            }
            continue;
        }
        let node = waiver.subject.to_string();
        let meant = unmet.iter_mut().find(|unmet| unmet.rule == waiver.rule && unmet.node == node);
        match meant {
            Some(unmet) if unmet.result == Value::Unproven && unmet.waiver.is_none() => {
                unmet.waiver = Some(waiver.id.clone());
                said.push(
                    Reason::new(&WAIVED)
                        .name("waiver", &waiver.id)
                        .name("rule", &waiver.rule)
                        .name("owner", &waiver.owner)
                        .time("until", waiver.until)
                        .int("days", waiver.days_left(at)),
                );
            }
            Some(unmet) if unmet.result == Value::Refuted => refuted.push(&waiver.id),
            _ => unused.push(&waiver.id),
        }
    }
    for (info, waivers) in [(&REFUTED, refuted), (&UNUSED, unused), (&EXPIRED, expired), (&NOT_YET, not_yet)] {
        if !waivers.is_empty() {
            said.push(Reason::new(info).list("waivers", waivers));
        }
    }
    said
}
