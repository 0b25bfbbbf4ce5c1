//! Damaged policies: always an answer, never a panic, and never a policy that was not written.
#![allow(clippy::unwrap_used, clippy::string_slice, clippy::disallowed_methods)]

use proptest::prelude::*;

use super::document;
use super::errors::Errors;
use super::tests::{folder, load_text, twin};
use super::{Folder, parse};

#[test]
fn cut_at_every_line() {
    let twin = twin();
    let folder = folder(&twin);
    let path = folder.path().join("policy.toml");
    let first_rule = twin.find("[[rule]]").unwrap();
    for (at, _) in twin.match_indices('\n') {
        let mut errors = Errors::default();
        let policy = parse(&twin[..at], &mut Folder::of(&path), &mut errors);
        assert!(policy.is_some() || !errors.is_empty(), "neither a policy nor a reason:\n{}", &twin[..at]);
        assert!(at > first_rule || !errors.is_empty(), "a policy without rules:\n{}", &twin[..at]);
    }
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), ("{a=", "}"), ("a.", "")] {
        for depth in [50, 500, 50_000] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let text = if open == "a." { format!("{}a = 1\n", open.repeat(depth)) } else { format!("a = {value}\n") };
            assert!(load_text(&text).is_err());
        }
    }
}

#[test]
fn malformed_inline_tables_are_refused() {
    for text in [
        "a = {b = 1 2}",
        "a = {b = 1 2, c}",
        "a = {b = = 1}",
        "a = {= 1}",
        "a = {b 1}",
        "a = {b = 1 c = 2}",
        "a = {b = 1, 2 3}",
    ] {
        let mut errors = Errors::default();
        assert!(document::parse(text, &mut errors).is_none() && !errors.is_empty(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_byte_changed(at in 0_usize..4000, byte in 0_u8..128) {
        let mut bytes = twin().into_bytes();
        let len = bytes.len();
        if let Some(place) = bytes.get_mut(at % len) {
            *place = byte;
        }
        let text = String::from_utf8(bytes).unwrap();
        let mut errors = Errors::default();
        if let Some(document) = document::parse(&text, &mut errors) {
            super::structure::check(&document, &mut errors);
        }
        let refused = errors.finish("policy.toml", &text);
        prop_assert!(refused.render(true).contains("policy.toml"));
        for error in refused.errors() {
            prop_assert!(error.line.is_none_or(|line| line <= text.lines().count() + 1));
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        let mut errors = Errors::default();
        if let Some(document) = document::parse(&text, &mut errors) {
            super::structure::check(&document, &mut errors);
            prop_assert!(!errors.is_empty(), "no text of this kind has what a policy needs");
        }
        let refused = errors.finish("policy.toml", &text);
        prop_assert!(!refused.to_string().is_empty());
    }
}
