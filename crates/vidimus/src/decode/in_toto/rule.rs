//! Artifact rules (section 4.3.3).

/// What is asked of the materials or products of a step. Every `String` is a pattern, but that of `Require`, which is a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Takes what is equal to an artifact of another step.
    Match(Match),
    /// Takes products that are no materials.
    Create(String),
    /// Takes materials that are no products.
    Delete(String),
    /// Takes what is both, with other bytes.
    Modify(String),
    /// Takes what is named so.
    Allow(String),
    /// Nothing that is named so is left.
    Disallow(String),
    /// It is among what is left.
    Require(String),
}

/// `MATCH pattern [IN source] WITH (MATERIALS|PRODUCTS) [IN destination] FROM step`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Of paths below `source`.
    pub pattern: String,
    /// The folder of the artifacts.
    pub source: Option<String>,
    /// Is it compared with the products of the other step, or with its materials?
    pub products: bool,
    /// The folder there.
    pub destination: Option<String>,
    /// The other step.
    pub step: String,
}

impl Rule {
    /// Reads a rule from its words; keywords are read in upper and lower case, as the reference implementation does.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        let own = |text: &str| text.to_owned();
        let is = |word: &str, keyword: &str| word.eq_ignore_ascii_case(keyword);
        if let [keyword, pattern] = words {
            let make = [
                ("CREATE", Self::Create as fn(String) -> Self),
                ("DELETE", Self::Delete),
                ("MODIFY", Self::Modify),
                ("ALLOW", Self::Allow),
                ("DISALLOW", Self::Disallow),
                ("REQUIRE", Self::Require),
            ];
            return make.into_iter().find(|(name, _)| is(keyword, name)).map(|(_, make)| make(own(pattern)));
        }
        let [keyword, pattern, rest @ ..] = words else { return None };
        let (source, rest) = folder(rest);
        let [with, what, rest @ ..] = rest else { return None };
        let (destination, rest) = folder(rest);
        let [from, step] = rest else { return None };
        let products = is(what, "PRODUCTS");
        let shape = is(keyword, "MATCH") && is(with, "WITH") && is(from, "FROM") && (products || is(what, "MATERIALS"));
        shape.then(|| Self::Match(Match { pattern: own(pattern), source, products, destination, step: own(step) }))
    }

    /// The same with each text changed; `None` where one cannot be.
    pub(crate) fn with(&self, change: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        Some(match self {
            Self::Match(rule) => {
                let folder = |folder: &Option<String>| match folder {
                    Some(folder) => change(folder).map(Some),
                    None => Some(None),
                };
                Self::Match(Match {
                    pattern: change(&rule.pattern)?,
                    source: folder(&rule.source)?,
                    products: rule.products,
                    destination: folder(&rule.destination)?,
                    step: change(&rule.step)?,
                })
            }
            Self::Create(pattern) => Self::Create(change(pattern)?),
            Self::Delete(pattern) => Self::Delete(change(pattern)?),
            Self::Modify(pattern) => Self::Modify(change(pattern)?),
            Self::Allow(pattern) => Self::Allow(change(pattern)?),
            Self::Disallow(pattern) => Self::Disallow(change(pattern)?),
            Self::Require(path) => Self::Require(change(path)?),
        })
    }
}

/// `IN folder`, and what comes after it.
fn folder<'a, 'b>(words: &'a [&'b str]) -> (Option<String>, &'a [&'b str]) {
    match words {
        [keyword, folder, rest @ ..] if keyword.eq_ignore_ascii_case("IN") => (Some((*folder).to_owned()), rest),
        _ => (None, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let matches = |source: Option<&str>, products: bool, destination: Option<&str>| {
            Rule::Match(Match {
                pattern: "*".into(),
                source: source.map(str::to_owned),
                products,
                destination: destination.map(str::to_owned),
                step: "a".into(),
            })
        };
        for (text, expected) in [
            ("CREATE foo", Some(Rule::Create("foo".into()))),
            ("delete foo", Some(Rule::Delete("foo".into()))),
            ("Modify foo", Some(Rule::Modify("foo".into()))),
            ("ALLOW *", Some(Rule::Allow("*".into()))),
            ("DISALLOW *", Some(Rule::Disallow("*".into()))),
            ("REQUIRE foo", Some(Rule::Require("foo".into()))),
            ("MATCH * WITH PRODUCTS FROM a", Some(matches(None, true, None))),
            ("match * with materials from a", Some(matches(None, false, None))),
            ("MATCH * IN s WITH PRODUCTS FROM a", Some(matches(Some("s"), true, None))),
            ("MATCH * WITH PRODUCTS IN d FROM a", Some(matches(None, true, Some("d")))),
            ("MATCH * IN s WITH MATERIALS IN d FROM a", Some(matches(Some("s"), false, Some("d")))),
            ("MATCH * WITH PRODUCTS", None),
            ("MATCH * WITH BYPRODUCTS FROM a", None),
            ("MATCH * IN WITH PRODUCTS FROM a", None),
            ("MATCH * WITH PRODUCTS FROM a b", None),
            ("MATCHES * WITH PRODUCTS FROM a", None),
            ("CREATE", None),
            ("CREATE a b", None),
            ("INVENT a", None),
            ("", None),
        ] {
            let words: Vec<&str> = text.split_whitespace().collect();
            assert_eq!(Rule::read(&words), expected, "{text}");
        }
    }
}
