//! The shape of a policy, checked against the key tables: unknown and missing keys, types, ranges, empty lists.

use super::document::{Data, Entry, Node, Table};
use super::errors::{BAD_VALUE, Errors, MISSING_KEY, TYPE, UNKNOWN_KEY, VACUOUS};
use super::spec::{Key, Kind, POLICY, Spec};

const MAX_TEXT: usize = 4096;

/// Checks a whole policy.
pub(super) fn check(document: &Table, errors: &mut Errors) {
    table(document, &POLICY, errors);
}

/// Checks a table, and everything in it, by its keys.
pub(in crate::policy) fn table(found: &Table, spec: &'static Spec, errors: &mut Errors) {
    let tag = spec.variants.as_ref().and_then(|variants| found.text(variants.tag));
    let more = spec.variant(tag.map(|tag| tag.text));
    if let (Some(variants), Some(tag)) = (&spec.variants, tag) {
        let names: Vec<&str> = variants.of.iter().map(|(name, _)| *name).collect();
        if !names.contains(&tag.text) {
            let message = format!("{}: `{}` is none of {}", variants.tag, tag.text, listed(&names));
            errors.add(&BAD_VALUE, tag.span, message + &did_you_mean(tag.text, &names));
        }
    }
    let unknown_variant = spec.variants.is_some() && more.is_empty();
    let keys = || spec.keys.iter().chain(more);
    for entry in &found.entries {
        match keys().find(|key| key.name == entry.key) {
            Some(key) => value(&entry.node, &key.kind, &entry.key, errors),
            // With a wrong tag nobody knows which keys belong here; the tag's error says enough.
            None if unknown_variant => {}
            None => unknown(entry, spec, keys(), tag.map(|tag| tag.text), errors),
        }
    }
    for key in keys().filter(|key| key.required && found.node(key.name).is_none()) {
        let many = matches!(key.kind, Kind::List(_) | Kind::Map(_));
        if many && std::ptr::eq(spec, &POLICY) {
            errors.add(&VACUOUS, &found.span, format!("the policy has no `{}`; nothing could pass", key.name));
        } else {
            errors.add(&MISSING_KEY, &found.span, format!("{} needs `{}`: {}", spec.what, key.name, lower(key.doc)));
        }
    }
    one_of(found, spec, errors);
}

fn one_of(found: &Table, spec: &Spec, errors: &mut Errors) {
    let present: Vec<&str> = spec.one_of.iter().copied().filter(|name| found.node(name).is_some()).collect();
    match present.as_slice() {
        [] if !spec.one_of.is_empty() => {
            errors.add(&MISSING_KEY, &found.span, format!("{} needs one of {}", spec.what, listed(spec.one_of)));
        }
        [_, .., last] => {
            let message = format!("{} takes only one of {}", spec.what, listed(spec.one_of));
            errors.add(&BAD_VALUE, found.span_of(last), message);
        }
        _ => {}
    }
}

fn unknown<'k>(
    entry: &Entry,
    spec: &Spec,
    keys: impl Iterator<Item = &'k Key>,
    tag: Option<&str>,
    errors: &mut Errors,
) {
    let names: Vec<&str> = keys.map(|key| key.name).collect();
    let what = match (&spec.variants, tag) {
        (Some(variants), Some(tag)) => format!("{} with `{} = \"{tag}\"`", spec.what, variants.tag),
        _ => spec.what.to_owned(),
    };
    let hint = match did_you_mean(&entry.key, &names) {
        hint if hint.is_empty() => format!("; known are {}", listed(&names)),
        hint => hint,
    };
    errors.add(&UNKNOWN_KEY, &entry.key_span, format!("`{}` is not a key of {what}{hint}", shown(&entry.key)));
}

fn value(node: &Node, kind: &'static Kind, name: &str, errors: &mut Errors) {
    let mut wrong = |expected: &str| {
        errors.add(&TYPE, &node.span, format!("`{name}` must be {expected}, not {}", node.data.name()));
    };
    match (kind, &node.data) {
        (Kind::Text | Kind::Scalar | Kind::TextOr(_), Data::Text(text)) => text_is_plain(node, text, name, errors),
        (Kind::Choice(choices), Data::Text(text)) => {
            if !choices.contains(&text.as_str()) {
                let message = format!("`{name}`: `{}` is none of {}", shown(text), listed(choices));
                errors.add(&BAD_VALUE, &node.span, message + &did_you_mean(text, choices));
            }
        }
        (Kind::Int(least, most), Data::Int(int)) => {
            if int < least || int > most {
                errors.add(&BAD_VALUE, &node.span, format!("`{name}` must be from {least} to {most}"));
            }
        }
        (Kind::Bool | Kind::Scalar, Data::Bool(_)) | (Kind::Scalar, Data::Int(_)) | (Kind::Time, Data::Time(_)) => {}
        (Kind::List(of), Data::List(list)) => {
            if list.is_empty() {
                errors.add(&VACUOUS, &node.span, format!("`{name}` is empty"));
            }
            list.iter().for_each(|item| value(item, of, name, errors));
        }
        (Kind::Table(spec) | Kind::TextOr(spec), Data::Table(found)) => table(found, spec, errors),
        (Kind::Map(of), Data::Table(found)) => {
            if found.entries.is_empty() {
                errors.add(&VACUOUS, &node.span, format!("`{name}` is empty"));
            }
            found.entries.iter().for_each(|entry| value(&entry.node, of, &entry.key, errors));
        }
        (Kind::Text | Kind::Choice(_), _) => wrong("a string"),
        (Kind::Int(..), _) => wrong("an integer"),
        (Kind::Bool, _) => wrong("true or false"),
        (Kind::Time, _) => wrong("a time such as 2026-11-23T12:00:00Z, without quotes"),
        (Kind::Scalar, _) => wrong("a string, an integer or a boolean"),
        (Kind::List(Kind::Table(_)), _) => wrong(&format!("a list of tables, each `[[{name}]]`")),
        (Kind::List(_), _) => wrong("a list"),
        (Kind::Table(_) | Kind::Map(_), _) => wrong("a table"),
        (Kind::TextOr(_), _) => wrong("a string or a table"),
    }
}

/// Strings of a policy end in verdicts and on terminals: one line, nothing invisible.
fn text_is_plain(node: &Node, text: &str, name: &str, errors: &mut Errors) {
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
    };
    if text.trim().is_empty() {
        errors.add(&BAD_VALUE, &node.span, format!("`{name}` is empty"));
    } else if text.len() > MAX_TEXT || text.chars().any(invisible) {
        let message = format!("`{name}` must be one line of visible characters, at most {MAX_TEXT} bytes");
        errors.add(&BAD_VALUE, &node.span, message);
    }
}

/// `, did you mean …?` if a known name is near.
pub(super) fn did_you_mean(found: &str, known: &[&str]) -> String {
    let near = |name: &&&str| strsim::damerau_levenshtein(found, name) <= 1 + name.len() / 5;
    let best = known.iter().filter(near).min_by_key(|name| (strsim::damerau_levenshtein(found, name), **name));
    best.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Names for a message.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Text of the policy in a message, short and on one line.
pub(in crate::policy) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}

fn lower(doc: &str) -> String {
    let mut chars = doc.trim_end_matches('.').chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => doc.trim_end_matches('.').to_owned(),
    }
}
