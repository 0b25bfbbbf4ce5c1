//! The form of JSON documents as data, and the one walk that holds a document against it.
//!
//! A form says what a schema says: types, closed objects, what must be there, words, how many. The walk goes no deeper than the
//! form does, whatever the document looks like.

use super::violations::{MISSING_MEMBER, UNKNOWN_MEMBER, Violations, WRONG_COUNT, WRONG_TYPE, WRONG_WORD, escaped};
use crate::decode::json::tree::{Json, Map, Number};

/// What a value must be.
#[derive(Debug)]
pub(super) enum Form {
    /// A string.
    Text,
    /// `true` or `false`.
    Truth,
    /// A number without a fraction.
    Whole,
    /// One of these strings, by version.
    Word(&'static [(&'static str, Versions)]),
    /// A list; in these versions of at least one.
    List(&'static Self, Versions),
    /// An object with these members and no other.
    Object(&'static [Member]),
    /// Any object.
    AnyObject,
}

/// A set of versions, one bit each.
pub(super) type Versions = u8;

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    /// Its name.
    pub(super) name: &'static str,
    /// What it must be.
    pub(super) form: Form,
    /// In which versions it is defined.
    pub(super) known: Versions,
    /// In which versions it must be there.
    pub(super) needed: Versions,
}

/// A place in a document, written out only where something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    before: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    /// The whole document.
    pub(super) const ROOT: Place<'static> = Place { before: None, step: Step::Root };

    /// A member of what is here.
    pub(super) const fn member(&'a self, name: &'a str) -> Self {
        Self { before: Some(self), step: Step::Member(name) }
    }

    /// An item of what is here.
    pub(super) const fn item(&'a self, index: usize) -> Self {
        Self { before: Some(self), step: Step::Item(index) }
    }

    /// Is it the whole document?
    pub(super) const fn is_root(&self) -> bool {
        self.before.is_none()
    }

    /// As JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        let (mut steps, mut place) = (Vec::new(), Some(self));
        while let Some(here) = place {
            steps.push(here.step);
            place = here.before;
        }
        let mut pointer = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Root => {}
                Step::Member(name) => {
                    pointer.push('/');
                    pointer.push_str(&escaped(name));
                }
                Step::Item(index) => {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                }
            }
        }
        pointer
    }
}

/// Holds a value against a form, for one version.
pub(super) fn hold(form: &Form, value: Json<'_>, version: Versions, place: &Place<'_>, found: &mut Violations) {
    let wrong = |found: &mut Violations, expected: &str| {
        found.add(&WRONG_TYPE, &place.pointer(), |reason| reason.name("expected", expected));
    };
    match form {
        Form::Text if !value.is_string() => wrong(found, "a string"),
        Form::Truth if value.as_bool().is_none() => wrong(found, "true or false"),
        Form::Whole if !value.as_number().is_some_and(Number::is_whole) => wrong(found, "a whole number"),
        Form::AnyObject if !value.is_object() => wrong(found, "an object"),
        Form::Text | Form::Truth | Form::Whole | Form::AnyObject => {}
        Form::Word(words) => match value.as_str() {
            None => wrong(found, "a string"),
            Some(word) if words.iter().any(|(known, since)| *known == word && since & version != 0) => {}
            Some(word) => found.add(&WRONG_WORD, &place.pointer(), |reason| reason.evidence("found", word)),
        },
        Form::List(of, needed) => match value.as_array() {
            None => wrong(found, "a list"),
            Some(items) => {
                if items.is_empty() && needed & version != 0 {
                    found.add(&WRONG_COUNT, &place.pointer(), |reason| reason.name("expected", "at least one entry"));
                }
                for (index, item) in items.iter().enumerate() {
                    hold(of, item, version, &place.item(index), found);
                }
            }
        },
        Form::Object(members) => match value.as_object() {
            None => wrong(found, "an object"),
            Some(map) => object(members, map, version, place, found),
        },
    }
}

fn object(members: &[Member], map: Map<'_>, version: Versions, place: &Place<'_>, found: &mut Violations) {
    for member in members.iter().filter(|member| member.needed & version != 0) {
        if !map.contains_key(member.name) {
            found.add(&MISSING_MEMBER, &place.pointer(), |reason| reason.name("member", member.name));
        }
    }
    for (name, value) in map.iter() {
        match members.iter().find(|member| member.name == name && member.known & version != 0) {
            Some(member) => hold(&member.form, value, version, &place.member(name), found),
            None => found.add(&UNKNOWN_MEMBER, &place.pointer(), |reason| reason.evidence("member", name)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::decode::json::Tree;

    const A: Versions = 1;
    const B: Versions = 2;
    static FORM: Form = Form::Object(&[
        Member { name: "text", form: Form::Text, known: A | B, needed: A },
        Member { name: "truth", form: Form::Truth, known: A | B, needed: 0 },
        Member { name: "whole", form: Form::Whole, known: B, needed: 0 },
        Member { name: "any", form: Form::AnyObject, known: A | B, needed: 0 },
        Member { name: "list", form: Form::List(&Form::Word(&[("x", A | B), ("y", B)]), B), known: A | B, needed: 0 },
    ]);

    #[test]
    fn a_document_is_held_against_its_form() {
        for (value, version, expected) in [
            (json!({"text": "a", "truth": true, "any": {"b": 1}, "list": ["x", "x"]}), A, ""),
            (json!({"whole": 3, "list": ["y"]}), B, ""),
            (json!({"whole": 3.0}), B, ""),
            (json!({}), A, "sbom.missing-member /"),
            (json!({"text": "a", "whole": 3}), A, "sbom.unknown-member /"),
            (json!({"text": null}), B, "sbom.wrong-type /text"),
            (json!({"truth": "true"}), B, "sbom.wrong-type /truth"),
            (json!({"whole": 3.5}), B, "sbom.wrong-type /whole"),
            (json!({"any": []}), B, "sbom.wrong-type /any"),
            (json!({"list": {}}), B, "sbom.wrong-type /list"),
            (json!({"list": []}), B, "sbom.wrong-count /list"),
            (json!({"text": "", "list": []}), A, ""),
            (json!({"text": "a", "list": ["x", "y"]}), A, "sbom.wrong-word /list/1"),
            (json!({"list": ["x", 1]}), B, "sbom.wrong-type /list/1"),
            (json!([]), B, "sbom.wrong-type /"),
        ] {
            let mut found = Violations::new("X");
            hold(&FORM, Tree::of(&value).root(), version, &Place::ROOT, &mut found);
            let reasons = found.sorted();
            let text: Vec<String> =
                reasons.iter().map(|r| format!("{} {}", r.code(), r.args().get("place").unwrap())).collect();
            assert_eq!(text.join(", "), expected, "{value}");
        }
    }

    #[test]
    fn places_are_pointers() {
        assert_eq!(Place::ROOT.member("a").item(3).member("b/c~d").pointer(), "/a/3/b~1c~0d");
        assert_eq!(Place::ROOT.pointer(), "");
    }
}
