//! Forms of values.

use crate::decode::license::{self, Operators};
use crate::time::Time;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Exactly so.
    Exactly(&'static str),
    /// With one of these words in it, in capitals or not.
    Word(&'static [&'static str]),
    /// An RFC 3339 time.
    Time,
    /// An e-mail address.
    Mail,
    /// An http or https address.
    WebAddress,
    /// A URI with a scheme and without a fragment.
    Uri,
    /// A file name without folders.
    FileName,
    /// A name with a version behind it.
    NamedVersion,
    /// An SPDX licence expression of listed licences and `LicenseRef-…`.
    License,
    /// … in which each `LicenseRef-` says who named it (`LicenseRef-scancode-…`, `LicenseRef-<entity>-…`).
    AttributedLicense,
}

impl Form {
    /// In words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Exactly(text) => format!("`{text}`"),
            Self::Word(list) => {
                let words: Vec<String> = list.iter().map(|word| format!("`{word}`")).collect();
                format!("a text with one of the words {}", words.join(", "))
            }
            Self::Time => "an RFC 3339 time".to_owned(),
            Self::Mail => "an e-mail address".to_owned(),
            Self::WebAddress => "an http(s) address".to_owned(),
            Self::Uri => "a URI with a scheme and without `#`".to_owned(),
            Self::FileName => "a file name without folders".to_owned(),
            Self::NamedVersion => "a name and a version".to_owned(),
            Self::License => "an SPDX licence expression".to_owned(),
            Self::AttributedLicense => {
                "an SPDX licence expression whose own identifiers are `LicenseRef-scancode-…` or `LicenseRef-<entity>-…`"
                    .to_owned()
            }
        }
    }

    /// Is the text so?
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Exactly(exact) => text == exact,
            Self::Word(list) => has_word(text, list),
            Self::Time => Time::floor(text).is_ok(),
            Self::Mail => is_mail(text),
            Self::WebAddress => is_web(text),
            Self::Uri => {
                text.split_once(':').is_some_and(|(scheme, rest)| {
                    let name = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                        && scheme.chars().all(name)
                        && !rest.is_empty()
                }) && !text.contains(['#', ' '])
            }
            Self::FileName => !text.is_empty() && !matches!(text, "." | "..") && !text.contains(['/', '\\']),
            Self::NamedVersion => {
                let mut parts = text.split([' ', '-', '/', '@', ':', '_']).filter(|part| !part.is_empty());
                let version =
                    |part: &str| part.trim_start_matches(['v', 'V', '(']).starts_with(|c: char| c.is_ascii_digit());
                parts.next().is_some() && parts.any(version)
            }
            Self::License => license::parse(text, Operators::Any).is_ok_and(|license| license.unknown.is_empty()),
            Self::AttributedLicense => license::parse(text, Operators::Any).is_ok_and(|license| {
                let attributed = |reference: &String| {
                    let own = reference.rsplit(':').next().unwrap_or_default();
                    own.strip_prefix("LicenseRef-")
                        .and_then(|rest| rest.split_once('-'))
                        .is_some_and(|(by, name)| !by.is_empty() && !name.is_empty())
                };
                license.unknown.is_empty() && license.references.iter().all(attributed)
            }),
        }
    }
}

/// A whole word, in capitals or not.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// One `@` with something before it, and a host after it. Whether anybody reads there nobody can tell.
fn is_mail(text: &str) -> bool {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    text.split_once('@').is_some_and(|(user, host)| {
        let clean =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@' || c == '/');
        clean(user) && clean(host) && !host.starts_with('.') && !host.ends_with('.')
    })
}

fn is_web(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.starts_with('/') && !rest.is_empty() && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (form, right, wrong) in [
            (Form::Time, "2026-11-01T08:00:00.25Z", "2026-11-01"),
            (Form::Time, "2026-11-01T08:00:00+01:00", "2026-11-01T08:00:00Z[Europe/Oslo]"),
            (Form::Mail, "psirt@acme.example", "psirt at acme"),
            (Form::Mail, "mailto:psirt@acme.example", "https://a@b"),
            (Form::WebAddress, "https://acme.example", "acme.example"),
            (Form::Uri, "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "no scheme"),
            (Form::Uri, "https://acme.example/a", "https://acme.example/a#b"),
            (Form::FileName, "router.bin", "bin/router"),
            (Form::FileName, "router", "..\\router"),
            (Form::NamedVersion, "scancode-toolkit 32.3.0", "scancode-toolkit"),
            (Form::NamedVersion, "bomber-v2", "2"),
            (Form::Word(&["build"]), "SBOM Type: Build", "rebuilding"),
            (Form::License, "MIT OR LicenseRef-own", "Own licence"),
            (Form::License, "Apache-2.0 AND MIT", "Aladdin-9"),
            (Form::AttributedLicense, "LicenseRef-acme-eula", "LicenseRef-eula"),
            (Form::AttributedLicense, "MIT AND LicenseRef-scancode-public-domain", "LicenseRef--x"),
        ] {
            assert!(form.fits(right), "{form:?} {right}");
            assert!(!form.fits(wrong), "{form:?} {wrong}");
        }
    }
}
