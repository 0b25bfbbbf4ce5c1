//! Known differences from an origin, each with a category and a reason. A difference that is not listed is a surprise, and so
//! is a listed one that went away.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Result;

/// Why a difference is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Category {
    /// The origin asks a server.
    OnlineOnly,
    /// A format or a claim that vidimus does not read, or does not believe by design.
    FormatOutOfScope,
    /// An algorithm that vidimus does not accept.
    AlgorithmOutOfScope,
    /// The origin's expectation is wrong.
    OriginWrong,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    category: Category,
    reason: String,
}

/// Exceptions by case id.
#[derive(Debug, Default)]
pub(crate) struct Exceptions(BTreeMap<String, (Category, String)>);

impl Exceptions {
    /// Reads a JSONL text.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut all = BTreeMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = |what: String| format!("exceptions.jsonl:{}: {what}", number + 1);
            let Line { id, category, reason } = serde_json::from_str(line).map_err(|error| at(error.to_string()))?;
            if reason.trim().is_empty() {
                return Err(at(format!("{id} gives no reason")));
            }
            if all.insert(id.clone(), (category, reason)).is_some() {
                return Err(at(format!("{id} is listed twice")));
            }
        }
        Ok(Self(all))
    }

    /// The exception for a case.
    pub(crate) fn of(&self, id: &str) -> Option<&(Category, String)> {
        self.0.get(id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_line_has_a_category_and_a_reason() {
        for (text, ok) in [
            ("", true),
            (r#"{"id": "a/b", "category": "online-only", "reason": "asks the log"}"#, true),
            (r#"{"id": "a/b", "category": "online-only", "reason": " "}"#, false),
            (r#"{"id": "a/b", "category": "convenience", "reason": "x"}"#, false),
            (r#"{"id": "a/b", "category": "online-only"}"#, false),
            (
                "{\"id\": \"a\", \"category\": \"origin-wrong\", \"reason\": \"x\"}\n\
                 {\"id\": \"a\", \"category\": \"origin-wrong\", \"reason\": \"y\"}",
                false,
            ),
        ] {
            assert_eq!(Exceptions::parse(text).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn the_committed_file_is_well_formed() {
        Exceptions::parse(super::super::EXCEPTIONS).unwrap();
    }
}
