//! Parameters of a layout: `{NAME}` in a rule stands for what whoever verifies says. Only the policy says it; a layout that is left with
//! a parameter of which it says nothing is not applied.

use std::collections::BTreeMap;

use crate::decode::in_toto::Rule;
use crate::reason::Reason;

crate::reasons! {
    PARAMETER = "layout.parameter", Unproven, Operator, ["parameter"],
        says "the layout has the parameter {parameter}, and the rule says nothing of it",
        why "A rule with a parameter asks for something only once it is said what the parameter stands for.",
        fix "State it under `parameters` in the rule; parameters of layouts inside of layouts cannot be stated.";
}

/// What the policy says; `None` for layouts inside of others, to which nothing is handed down.
pub(super) struct Parameters<'a>(pub(super) Option<&'a BTreeMap<String, String>>);

impl Parameters<'_> {
    /// The rule with every parameter replaced.
    pub(super) fn in_rule(&self, rule: &Rule) -> Result<Rule, Reason> {
        let missing = std::cell::Cell::new(None);
        let replaced = rule.with(&|text| match self.in_text(text) {
            Ok(text) => Some(text),
            Err(name) => {
                missing.set(Some(name));
                None
            }
        });
        let missing = missing.take().unwrap_or_default();
        replaced.ok_or_else(|| Reason::new(&PARAMETER).evidence("parameter", &missing))
    }

    /// Braces around anything but a name mean themselves.
    fn in_text(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            // Only as far as a name goes: a brace that is never closed is not looked for again and again.
            let name = after.split(|c: char| !is_part_of_name(c)).next().unwrap_or_default();
            match after.strip_prefix(name).and_then(|behind| behind.strip_prefix('}')) {
                Some(behind) if !name.is_empty() => {
                    let value = self.0.and_then(|stated| stated.get(name));
                    out.push_str(value.ok_or_else(|| name.to_owned())?);
                    rest = behind;
                }
                _ => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Letters, digits, `_` and `-`, as the reference implementation has them.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_part_of_name)
}

const fn is_part_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let stated = BTreeMap::from([("V".to_owned(), "1.0".to_owned()), ("a-b_1".to_owned(), "{V}".to_owned())]);
        let with = Parameters(Some(&stated));
        for (text, expected) in [
            ("app", Ok("app")),
            ("app-{V}.tar", Ok("app-1.0.tar")),
            ("{V}{V}", Ok("1.01.0")),
            // What is put in is not looked at again.
            ("{a-b_1}", Ok("{V}")),
            ("{W}", Err("W")),
            ("{}", Ok("{}")),
            ("{a b}", Ok("{a b}")),
            ("{{V}}", Ok("{1.0}")),
            ("{V", Ok("{V")),
            ("a}b", Ok("a}b")),
        ] {
            let found = with.in_text(text);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        }
        assert_eq!(Parameters(None).in_text("{V}"), Err("V".to_owned()));
    }

    /// Quadratic time would be 10^13 steps.
    #[test]
    fn braces_that_are_never_closed_are_read_in_one_pass() {
        for text in ["{".repeat(3_000_000), "{a".repeat(1_500_000)] {
            assert_eq!(Parameters(None).in_text(&text), Ok(text));
        }
    }
}
