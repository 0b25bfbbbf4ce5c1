//! `origin` in a sentence.

use super::{and, by, or};
use crate::policy::{Axis, OriginCheck, Strength};

const REBUILT: &str = "independent parties, by a rebuild quorum, built the same bytes elsewhere";
const NOT_THERE: &str = ", none of them where it is denied";

pub(super) fn check(check: &OriginCheck, files: &str) -> String {
    let stages: Vec<&str> = check.stages.iter().map(|stage| stage.name()).collect();
    let stages = match stages.is_empty() {
        true if check.min_strength >= Strength::Implied => "made".to_owned(),
        true => "worked on".to_owned(),
        false => and(&stages),
    };
    let what = match check.axis {
        Axis::Where => format!("the places where {files} was {stages}"),
        Axis::Who => format!("the countries of those by whom {files} was {stages}"),
        Axis::Control => format!("the countries of those by whom {files} was {stages}, and of all their owners"),
    };
    let denied = if check.deny.is_empty() { String::new() } else { format!("none of {what} is {}", or(&check.deny)) };
    let source = match check.min_strength {
        Strength::Declared => format!("by a statement of {}", by(&check.by)),
        Strength::Attested => "by a laboratory or certification body outside the vendor's group".to_owned(),
        Strength::Implied => "by who signed, according to the parties above".to_owned(),
        Strength::Reproduced if denied.is_empty() => return format!("of {files}, {REBUILT}"),
        Strength::Reproduced => return format!("of {files}, {REBUILT}{NOT_THERE}; as far as stated, {denied}"),
    };
    let mut text = format!("{what} are all known");
    if !check.allow.is_empty() {
        text.push_str(&format!(", each is one of {}", or(&check.allow)));
    }
    if !check.deny.is_empty() {
        text.push_str(&format!(", none is one of {}", or(&check.deny)));
    }
    text.push_str(&format!(", {source}"));
    if let Some(days) = check.max_age_days {
        text.push_str(&format!("; what is said about owners is at most {days} days old"));
    }
    if check.or_rebuilt {
        text.push_str(&format!("; or {REBUILT}{}", if check.deny.is_empty() { "" } else { NOT_THERE }));
    }
    text
}
