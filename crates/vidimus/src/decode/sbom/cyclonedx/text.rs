//! Forms of text that the format asks for: RFC 3339 times, RFC 3987 references, e-mail addresses, and the few patterns.
//!
//! JSON Schema calls formats annotations; the official test-suite asserts them, and so does this reader.

use std::net::{Ipv4Addr, Ipv6Addr};

use iri_string::types::{IriReferenceStr, UriStr};

/// SPDX licence identifiers that `license.id` may have: one list for all versions.
const LICENCE_IDS: &str = include_str!("licence-ids.txt");

/// Algorithms of JSF signatures (JSF 0.82, from RFC 7518 and RFC 8037).
const JSF_ALGORITHMS: [&str; 14] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "Ed448", "HS256",
    "HS384", "HS512",
];

/// Is it the form of a reference to an element, by its `bom-ref` or as BOM-Link (`refLinkType`, `bomLinkElementType`)?
pub(super) fn is_reference(form: &Form) -> bool {
    form.name.starts_with("ref")
}

/// A form: its name in the table, what it is in a sentence, and how it is recognised.
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) words: &'static str,
    pub(super) fits: fn(&str) -> bool,
}

/// Every form that the table names.
pub(super) static FORMS: [Form; 18] = [
    form("text", "text", |_| true),
    form("text+", "text that says something", |text| !text.is_empty()),
    form("ref", "text that says something", |text| !text.is_empty()),
    form("ref?", "text", |_| true),
    form("line", "one line of text", |text| !text.contains(['\n', '\r', '\u{2028}', '\u{2029}'])),
    form("date-time", "a date and time of RFC 3339", is_date_time),
    form("date", "a date of RFC 3339", |text| is_date(text.as_bytes())),
    form("iri-reference", "a reference of RFC 3987", |text| IriReferenceStr::new(text).is_ok()),
    form("idn-email", "an e-mail address", is_email),
    form("urn-uuid", "`urn:uuid:` and a UUID in lower case", |text| {
        text.strip_prefix("urn:uuid:").is_some_and(is_uuid)
    }),
    form("media-type", "a media type in lower case", is_media_type),
    form("hash-value", "32, 40, 64, 96 or 128 hexadecimal digits", is_hash),
    form("locale", "a language of two small letters, and a country", is_locale),
    form("cre", "`CRE:` and two numbers", is_cre),
    form("country", "two capitals", |text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())),
    form("patent-number", "a number of a patent", is_patent_number),
    form("spdx-id", "an identifier of the SPDX licence list", is_licence_id),
    form("algorithm-or-uri", "an algorithm of JSF, or a URI", |text| {
        JSF_ALGORITHMS.contains(&text) || UriStr::new(text).is_ok()
    }),
];

const fn form(name: &'static str, words: &'static str, fits: fn(&str) -> bool) -> Form {
    Form { name, words, fits }
}

/// The form of that name.
pub(super) fn by_name(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

/// RFC 3339 `full-date` in the proleptic Gregorian calendar.
fn is_date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return false };
    let (Some(century), Some(year), Some(month), Some(day)) =
        (pair(*y1, *y2), pair(*y3, *y4), pair(*m1, *m2), pair(*d1, *d2))
    else {
        return false;
    };
    let year = century * 100 + year;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// RFC 3339 `date-time`. A leap second stands at the end of a UTC day alone.
fn is_date_time(text: &str) -> bool {
    let Some((date, [b'T' | b't', time @ ..])) = text.as_bytes().split_at_checked(10) else { return false };
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = time else { return false };
    let (Some(hour), Some(minute), Some(second)) = (pair(*h1, *h2), pair(*m1, *m2), pair(*s1, *s2)) else {
        return false;
    };
    let Some(offset) = offset(fraction(rest)) else { return false };
    let utc = (i64::from(hour) * 60 + i64::from(minute) - offset).rem_euclid(24 * 60);
    let is_second = second < 60 || second == 60 && utc == 24 * 60 - 1;
    is_date(date) && hour < 24 && minute < 60 && is_second
}

/// What follows `.` and its digits; a point without digits stays and then is no offset.
fn fraction(rest: &[u8]) -> &[u8] {
    let Some(digits) = rest.strip_prefix(b".") else { return rest };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 { rest } else { digits.get(count..).unwrap_or_default() }
}

/// Minutes east of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (pair(*h1, *h2)?, pair(*m1, *m2)?);
            let minutes = (hours < 24 && minutes < 60).then(|| i64::from(hours * 60 + minutes))?;
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

fn pair(tens: u8, ones: u8) -> Option<u32> {
    let digit = |b: u8| char::from(b).to_digit(10);
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// RFC 5321 `Mailbox` with the letters of RFC 6531.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    is_local_part(local) && is_domain(domain)
}

fn is_local_part(local: &str) -> bool {
    if local.len() > 64 {
        return false;
    }
    if let Some(quoted) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut escaped = false;
        let plain = quoted.chars().all(|c| {
            let fine = if escaped { matches!(c, ' '..='~') } else { matches!(c, ' '..='~' | '\u{80}'..) && c != '"' };
            escaped = !escaped && c == '\\';
            fine
        });
        return plain && !escaped;
    }
    let is_atom = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match literal.split_at_checked(5) {
            Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => address.parse::<Ipv6Addr>().is_ok(),
            _ => literal.parse::<Ipv4Addr>().is_ok(),
        };
    }
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii() && c.is_alphanumeric();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(is_letter)
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| matches!(b, b'-' | b'+' | b'.' | b'a'..=b'z' | b'0'..=b'9'))
    };
    text.split_once('/').is_some_and(|(major, minor)| is_name(major) && is_name(minor))
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_locale(text: &str) -> bool {
    match text.as_bytes() {
        [a, b] => a.is_ascii_lowercase() && b.is_ascii_lowercase(),
        [a, b, b'-', c, d] => {
            [a, b].iter().all(|b| b.is_ascii_lowercase()) && [c, d].iter().all(|b| b.is_ascii_uppercase())
        }
        _ => false,
    }
}

fn is_cre(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbers = text.strip_prefix("CRE:").and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(first, second)| is_number(first) && is_number(second))
}

/// 2 to 30 characters, letters and digits at both ends; white space as ECMA-262 has it.
fn is_patent_number(text: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_inner =
        |c: char| c.is_ascii_alphanumeric() || "-/.()\u{feff}".contains(c) || c.is_whitespace() && c != '\u{85}';
    (2..=30).contains(&text.chars().count())
        && is_end(text.chars().next())
        && is_end(text.chars().next_back())
        && text.chars().all(is_inner)
}

/// Is it one of the identifiers? The list is sorted.
fn is_licence_id(text: &str) -> bool {
    static IDS: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(|| LICENCE_IDS.lines().collect());
    IDS.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn forms() {
        let rows: &[(&str, &[&str], &[&str])] = &[
            (
                "date-time",
                &[
                    "2024-02-29T23:59:59Z",
                    "2000-02-29t00:00:00.123456789z",
                    "2026-01-31T10:00:00+23:59",
                    "2016-12-31T23:59:60Z",
                    "2016-12-31T15:59:60-08:00",
                    "0000-01-01T00:00:00-00:00",
                ],
                &[
                    "2023-02-29T00:00:00Z",
                    "1900-02-29T00:00:00Z",
                    "2024-13-01T00:00:00Z",
                    "2024-04-31T00:00:00Z",
                    "2024-00-01T00:00:00Z",
                    "2024-01-00T00:00:00Z",
                    "2024-01-01T24:00:00Z",
                    "2024-01-01T00:60:00Z",
                    "2024-01-01T00:00:60Z",
                    "2024-01-01T00:00:00",
                    "2024-01-01T00:00:00.Z",
                    "2024-01-01T00:00:00+24:00",
                    "2024-01-01T00:00:00+01:60",
                    "2024-01-01T00:00:00+0100",
                    "2024-01-01 00:00:00Z",
                    "2024-01-01T00:00Z",
                    "2024-01-01",
                    "",
                    "２024-01-01T00:00:00Z",
                ],
            ),
            ("date", &["2024-02-29"], &["2024-2-29", "2023-02-29", "2024-02-29Z"]),
            (
                "iri-reference",
                &["", "https://example.com/a?b#c", "../a", "urn:x:y", "http://例え.jp/é", "#f", "git@host"],
                &["http://a b", "a b", "git@host:a/b", "http://[::1", "%zz", "a\\b", "http://a:port/"],
            ),
            (
                "idn-email",
                &[
                    "a@b",
                    "a.b+c@example.com",
                    "ü@ü.example",
                    "\"a b\"@x.y",
                    "\"a\\\"b\"@x",
                    "a@[127.0.0.1]",
                    "a@[IPv6:::1]",
                ],
                &[
                    "",
                    "a",
                    "@b",
                    "a@",
                    "a b@c",
                    "a..b@c",
                    ".a@c",
                    "a@-b",
                    "a@b_c",
                    "a@[1]",
                    "A <a@b.c>",
                    "\"a\\\"@b",
                    "a@b.",
                ],
            ),
            (
                "urn-uuid",
                &["urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"],
                &[
                    "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79",
                    "3e671687-395b-41f5-a30f-a58921a69b79",
                    "urn:uuid:x",
                ],
            ),
            (
                "media-type",
                &["text/plain", "a+b/c.d-e"],
                &["text", "text/", "/plain", "Text/plain", "a/b/c", "a/b; c=d"],
            ),
            (
                "hash-value",
                &["d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E01234567"],
                &["", "d41d", "g41d8cd98f00b204e9800998ecf8427e"],
            ),
            ("locale", &["en", "en-US"], &["EN", "en-us", "en_US", "eng", "e"]),
            ("cre", &["CRE:1-22"], &["CRE:1", "CRE:-1", "cre:1-2", "CRE:1-2-3"]),
            ("country", &["SE"], &["se", "SWE", ""]),
            ("patent-number", &["US1", "US 9", "A(1)/2.b-c"], &["U", "-US", "US-", "US,1"]),
            ("spdx-id", &["MIT", "Apache-2.0", "Classpath-exception-2.0"], &["mit", "Apache 2.0", ""]),
            ("algorithm-or-uri", &["ES256", "https://example.com/alg", "urn:a:b"], &["es256", "MD5", "a b"]),
            ("line", &["", "a"], &["a\nb", "\r", "\u{2028}"]),
            ("text+", &["a"], &[""]),
        ];
        for (name, right, wrong) in rows {
            let form = by_name(name).unwrap();
            for text in *right {
                assert!((form.fits)(text), "{name}: {text:?}");
            }
            for text in *wrong {
                assert!(!(form.fits)(text), "{name}: {text:?}");
            }
        }
    }

    #[test]
    fn the_licence_list_is_sorted() {
        let ids: Vec<&str> = LICENCE_IDS.lines().collect();
        assert!(ids.len() > 800 && ids.is_sorted_by(|a, b| a < b));
    }
}
