//! `layout` in a sentence.

use super::{and, by, or};
use crate::policy::LayoutCheck;

pub(super) fn check(check: &LayoutCheck, files: &str) -> String {
    let mut text = format!(
        "{files} is a product of the last step of a supply chain that went as a layout of {} says",
        by(&check.by)
    );
    if !check.layouts.is_empty() {
        let layouts: Vec<String> = check.layouts.iter().map(ToString::to_string).collect();
        text.push_str(&format!(", which is {}", or(&layouts)));
    }
    if check.threshold > 1 {
        text.push_str(&format!(", signed by {} different ones of them", check.threshold));
    }
    if !check.parameters.is_empty() {
        let stated: Vec<String> = check.parameters.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
        text.push_str(&format!(", with {} as its parameters", and(&stated)));
    }
    text.push_str(match check.inspections_not_run {
        true => "; commands that it asks to run are not run, and the verdict says so",
        false => "; it asks for no command to be run",
    });
    text
}
