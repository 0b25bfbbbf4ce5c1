//! SPDX licence expressions (SPDX 2.3 annex D, 3.0.1 annex B), by the licence list that this build pins.
//!
//! The grammar is the `spdx` crate's. Before it comes what the crate leaves open: identifiers in any letter case, operators in
//! lower case only where the version has them, and identifiers that the pinned list does not know, which are told apart from
//! expressions that are none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, ParseMode};

/// The licence list of this build.
#[must_use]
pub(crate) fn list_version() -> &'static str {
    spdx::license_version()
}

/// What an expression uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct License {
    /// `LicenseRef-…` and `AdditionRef-…`, with `DocumentRef-…:` where written.
    pub(crate) references: BTreeSet<String>,
    /// Identifiers that are on no list.
    pub(crate) unknown: BTreeSet<String>,
    /// Identifiers that the list has deprecated.
    pub(crate) deprecated: BTreeSet<String>,
}

/// Not an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoExpression;

/// Are operators in lower case part of the grammar? SPDX 3.0.1 has them, SPDX 2 and CycloneDX have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operators {
    /// `AND`, `OR`, `WITH`.
    Upper,
    /// … and `and`, `or`, `with`.
    Any,
}

const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// Identifiers in lower case, with the spelling of the list.
static KNOWN: LazyLock<BTreeMap<String, (&'static str, bool)>> = LazyLock::new(|| {
    let licenses = LICENSES.iter().map(|license| license.name);
    let exceptions = EXCEPTIONS.iter().map(|exception| exception.name);
    let deprecated = |name: &str| match (spdx::license_id(name), spdx::exception_id(name)) {
        (Some(id), _) => id.is_deprecated(),
        (None, Some(id)) => id.is_deprecated(),
        (None, None) => false,
    };
    licenses.chain(exceptions).map(|name| (name.to_ascii_lowercase(), (name, deprecated(name)))).collect()
});

/// Is the text an identifier of the list, in that spelling?
pub(super) fn is_listed(text: &str) -> bool {
    KNOWN.get(&text.to_ascii_lowercase()).is_some_and(|(name, _)| *name == text)
}

/// Reads an expression. `NONE` and `NOASSERTION` are none.
pub(crate) fn parse(text: &str, operators: Operators) -> Result<License, NoExpression> {
    let mut license = License::default();
    let mut canonical = String::with_capacity(text.len());
    let mut after_with = false;
    for piece in pieces(text) {
        let word = piece.trim_end_matches('+');
        let plus = piece.get(word.len()..).unwrap_or_default();
        let is_name = word.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '(' | ')'));
        if !is_name {
            canonical.push_str(piece);
            continue;
        }
        let is_operator = matches!(word, "AND" | "OR" | "WITH");
        if is_operator || matches!(word, "and" | "or" | "with") {
            if !is_operator && operators == Operators::Upper {
                return Err(NoExpression);
            }
            canonical.push_str(&word.to_ascii_uppercase());
        } else if is_reference(word) {
            license.references.insert(word.to_owned());
            canonical.push_str(word);
        } else if let Some((name, deprecated)) = KNOWN.get(&word.to_ascii_lowercase()) {
            if *deprecated {
                license.deprecated.insert((*name).to_owned());
            }
            canonical.push_str(name);
        } else if is_idstring(word)
            && !["LicenseRef-", "AdditionRef-", "DocumentRef-"].iter().any(|p| word.starts_with(p))
        {
            license.unknown.insert(word.to_owned());
            // What nobody knows stands where a known one could stand: the grammar is judged all the same.
            canonical.push_str(if after_with { "Classpath-exception-2.0" } else { "MIT" });
        } else {
            return Err(NoExpression);
        }
        canonical.push_str(plus);
        after_with = word.eq_ignore_ascii_case("with");
    }
    Expression::parse_mode(&canonical, MODE).map(|_| license).map_err(|_| NoExpression)
}

/// White space, parentheses and names, in order.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let class = |c: char| match c {
        '(' | ')' => 0_u8,
        c if c.is_ascii_whitespace() => 1,
        _ => 2,
    };
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = class(rest.chars().next()?);
        let end = if first == 0 { 1 } else { rest.find(|c| class(c) != first).unwrap_or(rest.len()) };
        let (piece, tail) = rest.split_at_checked(end)?;
        rest = tail;
        Some(piece)
    })
}

/// `[DocumentRef-x:]LicenseRef-y` and, since 3.0.1, the same with `AdditionRef-`.
fn is_reference(word: &str) -> bool {
    let (document, own) = match word.split_once(':') {
        Some((document, own)) => (document.strip_prefix("DocumentRef-"), own),
        None => (Some("x"), word),
    };
    let own = own.strip_prefix("LicenseRef-").or_else(|| own.strip_prefix("AdditionRef-"));
    document.is_some_and(is_idstring) && own.is_some_and(is_idstring)
}

/// Letters, digits, `-` and `.`.
pub(super) fn is_idstring(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (text, expected) in [
            ("MIT", "ok"),
            ("mit", "ok"),
            ("MIT AND (Apache-2.0 OR BSD-3-Clause)", "ok"),
            ("GPL-2.0-only WITH Classpath-exception-2.0", "ok"),
            ("Apache-2.0+", "ok"),
            ("GPL-2.0+", "ok deprecated GPL-2.0"),
            ("GPL-3.0", "ok deprecated GPL-3.0"),
            ("LicenseRef-a", "ok references LicenseRef-a"),
            ("MIT OR DocumentRef-b:LicenseRef-a", "ok references DocumentRef-b:LicenseRef-a"),
            ("Foo-1.0", "ok unknown Foo-1.0"),
            ("MIT WITH Foo-exception", "ok unknown Foo-exception"),
            ("MIT OR Foo-1.0+", "ok unknown Foo-1.0"),
            ("", "no"),
            ("()", "no"),
            ("MIT License", "no"),
            ("MIT OR", "no"),
            ("OR MIT", "no"),
            ("MIT and Apache-2.0", "no"),
            ("MIT + ", "no"),
            ("(MIT", "no"),
            ("MIT)", "no"),
            ("MIT/Apache-2.0", "no"),
            ("MIT, Apache-2.0", "no"),
            ("Classpath-exception-2.0", "no"),
            ("LicenseRef-", "no"),
            ("LicenseRef-a_b", "no"),
            ("Mit\u{e9}", "no"),
            ("DocumentRef-:LicenseRef-a", "no"),
            ("DocumentRef-b:MIT", "no"),
        ] {
            let found = parse(text, Operators::Upper).map_or_else(
                |NoExpression| "no".to_owned(),
                |license| {
                    let mut out = "ok".to_owned();
                    for (label, set) in [
                        ("references", license.references),
                        ("unknown", license.unknown),
                        ("deprecated", license.deprecated),
                    ] {
                        if !set.is_empty() {
                            out = format!("{out} {label} {}", set.into_iter().collect::<Vec<_>>().join(","));
                        }
                    }
                    out
                },
            );
            assert_eq!(found, expected, "{text}");
        }
        assert!(parse("MIT and Apache-2.0 with LLVM-exception", Operators::Any).is_ok());
    }

    #[test]
    fn the_list_is_pinned() {
        assert_eq!(list_version(), "3.29.0");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_expression_or_none(text in "(MIT|and|WITH|OR|\\(|\\)|\\+| |LicenseRef-a|Foo|é|:|/){0,12}") {
            let _ = parse(&text, Operators::Any);
        }
    }
}
