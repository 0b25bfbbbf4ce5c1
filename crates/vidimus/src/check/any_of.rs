//! `any-of`: at least one branch is met. Reasons of every branch are kept.

use super::{Answer, Asked, answer, missing};
use crate::join::Joined;
use crate::policy::Check;
use crate::value::Value;

pub(super) fn file(joined: &Joined<'_>, branches: &[Check], asked: Asked<'_>) -> Answer {
    let answers: Vec<Answer> = branches.iter().filter_map(|branch| answer(joined, branch, asked)).collect();
    let value = Value::any(answers.iter().map(Answer::value)).unwrap_or(Value::Unproven);
    if value == Value::Proven {
        let met = answers.into_iter().filter_map(|answer| match answer {
            Answer::Met(support) => Some(support),
            Answer::NotMet(..) => None,
        });
        let mut support: Vec<_> = met.flatten().collect();
        support.sort();
        support.dedup();
        return Answer::Met(support);
    }
    let reasons = answers.into_iter().flat_map(|answer| match answer {
        Answer::Met(_) => Vec::new(),
        Answer::NotMet(_, reasons) => reasons,
    });
    match Answer::not_met(reasons.collect(), missing("branch", &[])) {
        Answer::NotMet(_, reasons) => Answer::NotMet(value, reasons),
        met @ Answer::Met(_) => met,
    }
}
