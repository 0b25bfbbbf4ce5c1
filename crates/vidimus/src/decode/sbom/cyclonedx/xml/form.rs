//! Simple types of XML Schema that the format uses (XML Schema part 2), and its patterns.

use iri_string::types::UriReferenceStr;

use crate::decode::sbom::cyclonedx::notation::{Bounds, bounds};
use crate::decode::sbom::cyclonedx::text;

/// What a text is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Text,
    Truth,
    Number,
}

/// How text must be written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// What it is in a sentence.
    pub(super) words: &'static str,
    rule: Rule,
}

#[derive(Clone, Copy)]
enum Rule {
    /// As it stands.
    Text(fn(&str) -> bool),
    /// Without white space around it, and with single blanks in it.
    Token(fn(&str) -> bool),
    Length(usize, usize),
    Truth,
    Integer(Bounds),
    Decimal(Bounds),
}

/// The form of that name.
pub(super) fn by_name(name: &str) -> Option<Form> {
    let (plain, range) = name.split_once('(').unwrap_or((name, ""));
    let form = |words, rule| Some(Form { words, rule });
    if let ("text", false) = (plain, range.is_empty()) {
        let (least, most) = range.strip_suffix(')')?.split_once("..")?;
        let least = if least.is_empty() { 0 } else { least.parse().ok()? };
        return form("text of the allowed length", Rule::Length(least, most.parse().ok()?));
    }
    match plain {
        "text" => form("text", Rule::Text(|_| true)),
        "text+" => form("text that says something", Rule::Text(|text| !text.is_empty())),
        "any-uri" => form("a URI", Rule::Token(is_any_uri)),
        "xs-date-time" => form("a date and time of XML Schema", Rule::Token(is_date_time)),
        "xs-date" => form("a date of XML Schema", Rule::Token(is_date)),
        "xs-boolean" => form("true or false", Rule::Truth),
        "xs-integer" => form("a whole number that the version allows", Rule::Integer(bounds(range)?)),
        "xs-decimal" => form("a number that the version allows", Rule::Decimal(bounds(range)?)),
        "serial-number" => {
            form("`urn:uuid:` and a UUID in lower case, or a UUID in braces", Rule::Text(is_serial_number))
        }
        "cpe" => form("a CPE name, 2.2 or 2.3", Rule::Text(is_cpe)),
        "patent-number" => form("a number of a patent", Rule::Text(is_patent_number)),
        "hash-value" | "media-type" => {
            text::by_name(plain).and_then(|found| form(found.words, Rule::Token(found.fits)))
        }
        "locale" | "cre" | "country" | "spdx-id" => {
            text::by_name(plain).and_then(|found| form(found.words, Rule::Text(found.fits)))
        }
        _ => None,
    }
}

impl Form {
    /// What it is in JSON.
    pub(super) fn scalar(self) -> Scalar {
        match self.rule {
            Rule::Integer(_) | Rule::Decimal(_) => Scalar::Number,
            Rule::Truth => Scalar::Truth,
            Rule::Text(_) | Rule::Token(_) | Rule::Length(..) => Scalar::Text,
        }
    }

    /// Is the text written so?
    pub(super) fn fits(self, text: &str) -> bool {
        match self.rule {
            Rule::Text(fits) => fits(text),
            Rule::Token(fits) => fits(&collapsed(text)),
            Rule::Truth => ["true", "false", "1", "0"].contains(&collapsed(text).as_str()),
            Rule::Length(least, most) => (least..=most).contains(&text.chars().count()),
            Rule::Integer(bounds) => is_number(&collapsed(text), bounds, false),
            Rule::Decimal(bounds) => is_number(&collapsed(text), bounds, true),
        }
    }
}

/// Blanks of XML at both ends removed, and each run of them inside as one.
fn collapsed(text: &str) -> String {
    let words = text.split(['\t', '\n', '\r', ' ']).filter(|word| !word.is_empty());
    words.collect::<Vec<&str>>().join(" ")
}

fn is_number(text: &str, bounds: Bounds, decimal: bool) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let written = all_digits(whole)
        && match fraction {
            None => !whole.is_empty(),
            Some(fraction) => decimal && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        };
    written && text.parse().is_ok_and(|value| bounds.hold(value))
}

/// `anyURI`: what becomes a reference of RFC 3986 when the characters that it does not have are escaped.
fn is_any_uri(text: &str) -> bool {
    let escaped = |c: char| if c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c) { c } else { '_' };
    UriReferenceStr::new(&text.chars().map(escaped).collect::<String>()).is_ok()
}

/// `date`: a year of four digits or more, not 0, a day that exists, perhaps an offset.
fn is_date(text: &str) -> bool {
    let Some((rest, zone)) = day(text) else { return false };
    rest.is_empty() && is_zone(zone)
}

/// `dateTime`.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    if !day(date).is_some_and(|(rest, zone)| rest.is_empty() && zone.is_empty()) {
        return false;
    }
    let (clock, rest) = time.split_at_checked(8).unwrap_or_default();
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock.as_bytes() else { return false };
    let two =
        |tens: u8, ones: u8| char::from(tens).to_digit(10).zip(char::from(ones).to_digit(10)).map(|(t, o)| t * 10 + o);
    let (Some(hour), Some(minute), Some(second)) = (two(*h1, *h2), two(*m1, *m2), two(*s1, *s2)) else { return false };
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("0", rest),
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
    };
    let midnight = hour == 24 && minute == 0 && second == 0 && fraction.bytes().all(|b| b == b'0');
    !fraction.is_empty() && (hour < 24 || midnight) && minute < 60 && second < 60 && is_zone(zone)
}

/// Reads a day of the calendar: what follows it without being an offset, and the offset.
fn day(text: &str) -> Option<(&str, &str)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (year, rest) = unsigned.split_once('-')?;
    let (month_day, zone) = rest.split_at_checked(5)?;
    let plain = year.len() == 4 || year.len() > 4 && year.len() < 10 && !year.starts_with('0');
    let number: u64 = year.parse().ok().filter(|year| plain && *year > 0 && year_is_digits(unsigned))?;
    // The calendar repeats after 400 years.
    (text::by_name("date")?.fits)(&format!("{:04}-{month_day}", number % 400)).then_some(("", zone))
}

fn year_is_digits(text: &str) -> bool {
    text.split('-').next().is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
}

/// Nothing, `Z`, or hours and minutes of at most 14:00.
fn is_zone(zone: &str) -> bool {
    match zone.as_bytes() {
        [] | b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
            let hours = [*h1, *h2];
            let minutes = [*m1, *m2];
            (hours < *b"14" && minutes < *b"60") || (hours == *b"14" && minutes == *b"00")
        }
        _ => false,
    }
}

fn is_serial_number(text: &str) -> bool {
    let urn = text::by_name("urn-uuid").is_some_and(|form| (form.fits)(text));
    let braces = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    urn || braces
        .is_some_and(|uuid| text::by_name("urn-uuid").is_some_and(|form| (form.fits)(&format!("urn:uuid:{uuid}"))))
}

/// As in JSON, with the blank as the only white space.
fn is_patent_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        && text::by_name("patent-number").is_some_and(|form| (form.fits)(text))
}

/// CPE 2.2 as a URI, or CPE 2.3 as a formatted string (NIST IR 7695).
fn is_cpe(text: &str) -> bool {
    is_cpe_uri(text) || is_cpe_formatted(text)
}

fn is_cpe_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(":/") else { return false };
    let scheme_fits = scheme.starts_with('c') && scheme.eq_ignore_ascii_case("cpe");
    let rest = rest.strip_prefix(['A', 'H', 'O', 'a', 'h', 'o']).unwrap_or(rest);
    let mut parts = rest.split(':');
    let is_part = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-~%".contains(&b));
    scheme_fits && parts.next() == Some("") && parts.clone().count() <= 6 && parts.all(is_part)
}

fn is_cpe_formatted(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("cpe:2.3:") else { return false };
    let mut parts: Vec<String> = vec![String::new()];
    let mut escaped = false;
    for c in rest.chars() {
        match (c, parts.last_mut()) {
            (':', _) if !escaped => parts.push(String::new()),
            (_, Some(part)) => part.push(c),
            (_, None) => {}
        }
        escaped = !escaped && c == '\\';
    }
    let [part, rest @ ..] = parts.as_slice() else { return false };
    let is_language = |text: &str| match text.split_once('-') {
        _ if text == "*" || text == "-" => true,
        None => is_letters(text, 2..=3),
        Some((language, region)) => {
            let is_number = region.len() == 3 && region.bytes().all(|b| b.is_ascii_digit());
            is_letters(language, 2..=3) && (is_letters(region, 2..=2) || is_number)
        }
    };
    matches!(part.as_str(), "a" | "h" | "o" | "*" | "-")
        && rest.len() == 10
        && rest.iter().enumerate().all(|(at, part)| if at == 5 { is_language(part) } else { is_cpe_part(part) })
}

fn is_letters(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Any, none, or characters with question marks or one asterisk at the ends.
fn is_cpe_part(part: &str) -> bool {
    if part == "*" || part == "-" {
        return true;
    }
    let start = part.strip_prefix('*').unwrap_or_else(|| part.trim_start_matches('?'));
    let mut rest = start;
    let mut count = 0;
    loop {
        let mut chars = rest.chars();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        match (chars.next(), chars.clone().next()) {
            (Some(c), _) if plain(c) => {}
            (Some('\\'), Some(c)) if c.is_ascii_punctuation() && !"-._".contains(c) => {
                chars.next();
            }
            _ => break,
        }
        count += 1;
        rest = chars.as_str();
    }
    count > 0 && (rest == "*" || rest.chars().all(|c| c == '?'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn simple_types() {
        let rows: &[(&str, &[&str], &[&str])] = &[
            ("text", &["", "a\nb"], &[]),
            ("text+", &["a"], &[""]),
            ("text(1..4)", &["a", "äöüß"], &["", "abcde"]),
            ("text(..4)", &["", "abcd"], &["abcde"]),
            ("any-uri", &["", " http://a.b/{c} d ", "urn:x:y", "a/b:c"], &["git@host:a", "http://[::1", "%zz"]),
            (
                "xs-date-time",
                &[
                    "2024-02-29T23:59:59",
                    " 2024-02-29T24:00:00Z\n",
                    "-0044-03-15T12:00:00.5+14:00",
                    "12024-01-01T00:00:00-13:59",
                ],
                &[
                    "2023-02-29T00:00:00Z",
                    "2024-01-01T24:00:01Z",
                    "2024-01-01T00:00:00+14:01",
                    "2024-01-01T00:00:00.",
                    "2024-01-01T00:00:60Z",
                    "2024-01-01t00:00:00Z",
                    "0000-01-01T00:00:00",
                    "02024-01-01T00:00:00",
                    "2024-01-01",
                    "+024-01-01T00:00:00",
                ],
            ),
            ("xs-date", &["2024-02-29", "2024-02-29Z", "2024-02-29+01:00"], &["2024-02-30", "24-02-29", "2024-02-29T"]),
            ("xs-boolean", &["true", " 0 "], &["TRUE", "yes", ""]),
            ("xs-integer", &["+1", "-0", " 7 "], &["1.0", "", "+", "1e3"]),
            ("xs-integer(1..)", &["1", "+07"], &["0", "-1"]),
            ("xs-decimal(0..1)", &["0", "1.", ".5", "0.50"], &["1.1", ".", "-1", "1e0"]),
            (
                "serial-number",
                &["urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "{3e671687-395b-41f5-a30f-a58921a69b79}"],
                &["3e671687-395b-41f5-a30f-a58921a69b79", "urn:uuid:{3e671687-395b-41f5-a30f-a58921a69b79}"],
            ),
            ("hash-value", &[" d41d8cd98f00b204e9800998ecf8427e\n"], &["d41d8cd98f00b204 e9800998ecf8427e"]),
            (
                "cpe",
                &[
                    "cpe:/a:acme:application:9.1.1",
                    "cPE:/",
                    "cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*",
                    "cpe:2.3:a:a\\:b:??c?:*d*:-:*:en-US:*:*:*:*",
                ],
                &[
                    "cpe:a:acme",
                    "Cpe:/a",
                    "cpe:/x:y",
                    "cpe:/a:1:2:3:4:5:6:7",
                    "cpe:2.3:a:acme",
                    "cpe:2.3:x:acme:app:1.0:*:*:*:*:*:*:*",
                    "cpe:2.3:a:ac me:app:1.0:*:*:*:*:*:*:*",
                    "cpe:2.3:a:**:app:1.0:*:*:*:*:*:*:*",
                    "cpe:2.3:a:acme:app:1.0:*:*:english:*:*:*:*",
                ],
            ),
            ("patent-number", &["US 9-1"], &["US\t9", "US\u{a0}9"]),
            ("spdx-id", &["MIT"], &["mit", " MIT"]),
        ];
        for (name, right, wrong) in rows {
            let form = by_name(name).unwrap();
            for text in *right {
                assert!(form.fits(text), "{name}: {text:?}");
            }
            for text in *wrong {
                assert!(!form.fits(text), "{name}: {text:?}");
            }
        }
        assert!(by_name("nonsense").is_none());
    }
}
