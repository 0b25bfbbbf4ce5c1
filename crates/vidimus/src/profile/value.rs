//! What counts as a value. A blank text is none, nor is a word that stands for something that nobody wrote down; an identifier is one
//! that can be read.

use std::str::FromStr as _;

use packageurl::PackageUrl;

use crate::decode::license::{self, Operators};
use crate::decode::{Component, Element, NodeKind, Said, State};

/// Words by which an author says that it is not known. Everything but letters and digits stands between words.
const UNKNOWN: [&str; 17] = [
    "n a",
    "na",
    "no assertion",
    "no information",
    "noassertion",
    "not applicable",
    "not available",
    "not determined",
    "not known",
    "not provided",
    "not specified",
    "not stated",
    "unavailable",
    "undetermined",
    "unidentified",
    "unknown",
    "unspecified",
];

/// Words that stand where somebody has yet to write something, or where a program had nothing.
const UNFINISHED: [&str; 21] = [
    "change me",
    "changeme",
    "fix me",
    "fixme",
    "nil",
    "not set",
    "null",
    "placeholder",
    "tba",
    "tbc",
    "tbd",
    "to be added",
    "to be announced",
    "to be confirmed",
    "to be defined",
    "to be determined",
    "to do",
    "todo",
    "undefined",
    "unset",
    "xxx",
];

/// Longer than any of these words.
const LONGEST: usize = 24;

/// What `node` really says.
pub(super) fn state(node: Component<'_>, element: Element, said: &Said<'_>) -> State {
    if said.state != State::Value {
        return said.state;
    }
    if !may_stand_for_nothing(said.text) {
        return identified(element, said);
    }
    let Some(words) = folded(said.text) else { return identified(element, said) };
    let words = words.as_str();
    if words.is_empty() {
        State::Absent
    } else if (UNFINISHED.contains(&words) || words == "none") && !is_called_so(node, element, said.text) {
        if words == "none" { State::None } else { State::Absent }
    } else if UNKNOWN.contains(&words) {
        State::Unknown
    } else {
        identified(element, said)
    }
}

/// Most texts are plain, and begin with a letter that no word above begins with.
fn may_stand_for_nothing(text: &str) -> bool {
    let first = text.bytes().find(|b| b.is_ascii_alphanumeric());
    !text.is_ascii()
        || first.is_none_or(|b| matches!(b.to_ascii_lowercase(), b'c' | b'f' | b'n' | b'p' | b't' | b'u' | b'x'))
}

/// A package of that name exists if its package URL has it, and a file may have any name.
fn is_called_so(node: Component<'_>, element: Element, text: &str) -> bool {
    let is_file = node.kind() == NodeKind::File;
    match element {
        Element::Name => is_file || node.purl().is_some_and(|url| is_name(url, text)),
        Element::FileName => is_file && node.name() == text,
        _ => false,
    }
}

fn is_name(url: &str, text: &str) -> bool {
    PackageUrl::from_str(url).is_ok_and(|url| url.name().eq_ignore_ascii_case(text))
}

fn identified(element: Element, said: &Said<'_>) -> State {
    let is_one = match element {
        Element::Identifier => is_identifier(said.kind, said.text),
        Element::DownloadLocation => is_location(said.text),
        Element::License | Element::LicenseConcluded | Element::LicenseDeclared if said.kind == "expression" => {
            license::parse(said.text, Operators::Any).is_ok()
        }
        _ => true,
    };
    if is_one { State::Value } else { State::Absent }
}

/// An address, or a place in a version control system (SPDX 2.3, clause 7.7): something after a scheme, without blanks; `git@host:path`
/// is what its programs write as well.
fn is_location(text: &str) -> bool {
    let scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.@".contains(&b))
    };
    let rest = text.split_once(':').filter(|(before, _)| scheme(before)).map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.trim_start_matches('/').is_empty()) && !text.contains(char::is_whitespace)
}

/// Can the identifier be read as one of its kind? What names no product identifies none.
fn is_identifier(kind: &str, text: &str) -> bool {
    match kind {
        "purl" => PackageUrl::from_str(text).is_ok_and(|url| folded(url.name()).is_none_or(|name| !name.is_empty())),
        "cpe23" => text.strip_prefix("cpe:2.3:").is_some_and(|rest| {
            let parts = unescaped(rest);
            parts.len() == 11 && parts.iter().all(|part| !part.is_empty()) && names_product(&parts)
        }),
        "cpe22" => text.strip_prefix("cpe:/").is_some_and(|rest| names_product(&unescaped(rest))),
        "swhid" => text.strip_prefix("swh:1:").and_then(|rest| rest.split_once(':')).is_some_and(|(kind, rest)| {
            let hex = rest.split(';').next().unwrap_or_default();
            matches!(kind, "cnt" | "dir" | "ori" | "rel" | "rev" | "snp") && is_hex(hex, &[40])
        }),
        "gitoid" => text
            .strip_prefix("gitoid:")
            .and_then(|rest| rest.rsplit_once(':'))
            .is_some_and(|(kind, hex)| kind.contains(':') && is_hex(hex, &[40, 64])),
        _ => true,
    }
}

/// `part:vendor:product:…`: an application, hardware or operating system, and which.
fn names_product(parts: &[&str]) -> bool {
    let part = parts.first().is_some_and(|part| matches!(*part, "a" | "h" | "o" | "*" | "-"));
    part && parts.get(2).is_some_and(|product| !matches!(*product, "" | "*" | "-"))
}

/// Split at colons without a backslash before them.
fn unescaped(text: &str) -> Vec<&str> {
    let mut escaped = false;
    let parts = text.split(|c: char| {
        let splits = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        splits
    });
    parts.collect()
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Letters and digits in lower case, words with one blank between; what shows nothing is left out, and letters that look like Latin
/// ones are these. `None` if it is longer than any word that stands for nothing.
pub(super) fn folded(text: &str) -> Option<String> {
    let (mut out, mut gap) = (String::new(), false);
    for c in text.chars().filter(|c| c.is_ascii() || !is_unseen(*c)) {
        // Of nearly all text this is all that there is to ask.
        let c = if c.is_ascii() { c } else { latin(c) };
        if !(c.is_ascii_alphanumeric() || !c.is_ascii() && c.is_alphanumeric()) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) && !out.is_empty() {
            out.push(' ');
        }
        match c.is_ascii() {
            true => out.push(c.to_ascii_lowercase()),
            false => out.extend(c.to_lowercase()),
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(out)
}

/// Format characters (Cf) and others that by their definition show nothing. Control characters and white space stand between words.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The Latin letter that it looks like, if it is one of those that the words above are made of.
fn latin(c: char) -> char {
    const LIKE: [(&str, char); 22] = [
        ("аАαΑ", 'a'),
        ("вВΒ", 'b'),
        ("сСϲϹ", 'c'),
        ("ԁ", 'd'),
        ("еЕєεΕ", 'e'),
        ("һнНΗ", 'h'),
        ("іІїιΙ", 'i'),
        ("јЈ", 'j'),
        ("кКκΚ", 'k'),
        ("ӏӀ", 'l'),
        ("мМμΜ", 'm'),
        ("пηΝ", 'n'),
        ("оОοΟσ", 'o'),
        ("рРρΡ", 'p'),
        ("ѕЅ", 's'),
        ("тТτΤ", 't'),
        ("υц", 'u'),
        ("ѵνѴ", 'v'),
        ("ԝшω", 'w'),
        ("хХχΧ", 'x'),
        ("уУγΥ", 'y'),
        ("Ζ", 'z'),
    ];
    match c {
        // Full width, from `!` to `~`.
        '\u{ff01}'..='\u{ff5e}' => ascii(u32::from(c) - 0xff01 + 0x21),
        // Thirteen alphabets for mathematics, capitals before small letters.
        '\u{1d400}'..='\u{1d6a3}' => match (u32::from(c) - 0x1d400) % 52 {
            capital @ 0..=25 => ascii(capital + 0x41),
            small => ascii(small - 26 + 0x61),
        },
        c if c.is_ascii() => c,
        c => LIKE.iter().find(|(like, _)| like.contains(c)).map_or(c, |(_, latin)| *latin),
    }
}

fn ascii(code: u32) -> char {
    char::from_u32(code).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, expected) in [
            ("", Some("")),
            (" \t\u{a0}\u{200b}\u{7f}\n", Some("")),
            ("-", Some("")),
            ("N/A", Some("n a")),
            (" Not_Specified. ", Some("not specified")),
            ("unkn\u{43e}wn", Some("unknown")),
            ("\u{ff35}nknown", Some("unknown")),
            ("\u{1d42e}\u{1d427}\u{1d424}\u{1d427}\u{1d428}\u{1d430}\u{1d427}", Some("unknown")),
            ("u\u{200d}nk\u{ad}nown", Some("unknown")),
            ("東京", Some("東京")),
            ("a text of more than twenty letters", None),
        ] {
            assert_eq!(folded(text).as_deref(), expected, "{text:?}");
        }
        for word in UNKNOWN.iter().chain(&UNFINISHED) {
            assert!(may_stand_for_nothing(word), "{word}");
            assert_eq!(folded(word).as_deref(), Some(*word));
        }
    }

    #[test]
    fn locations() {
        for (text, expected) in [
            ("https://acme.example/tls-3.0.tar.gz", true),
            ("git+https://git.acme.example/tls.git@v3.0#src", true),
            ("git@git.acme.example:tls.git", true),
            ("see the web site", false),
            ("acme.example", false),
            ("https://", false),
            ("https://acme.example/a b", false),
        ] {
            assert_eq!(is_location(text), expected, "{text}");
        }
    }

    #[test]
    fn identifiers() {
        for (kind, text, expected) in [
            ("purl", "pkg:npm/%40acme/tls@3.0", true),
            ("purl", "pkg:npm/", false),
            ("purl", "tls", false),
            ("cpe23", "cpe:2.3:o:acme:os:1:*:*:*:*:*:*:*", true),
            ("cpe23", "cpe:2.3:a:acme:a\\:b:1:*:*:*:*:*:*:*", true),
            ("cpe23", "cpe:2.3:a:acme:a:b:1:*:*:*:*:*:*:*", false),
            ("cpe23", "cpe:2.3:a:acme:-:1:*:*:*:*:*:*:*", false),
            ("cpe23", "cpe:2.3:x:acme:os:1:*:*:*:*:*:*:*", false),
            ("cpe22", "cpe:/o:acme:os", true),
            ("cpe22", "cpe:/o:acme", false),
            ("cpe22", "TODO", false),
            ("swhid", "swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d;origin=https://a.example", true),
            ("swhid", "swh:2:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d", false),
            ("gitoid", "gitoid:blob:sha1:309cf2674ee7a0749978cf8265ab91a60aea0f7d", true),
            ("gitoid", "gitoid:309cf2674ee7a0749978cf8265ab91a60aea0f7d", false),
            ("swid", "any text", true),
        ] {
            assert_eq!(is_identifier(kind, text), expected, "{kind} {text}");
        }
    }
}
