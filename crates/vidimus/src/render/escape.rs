//! What evidence, paths and policies say may reach a terminal or a log only in a form that cannot steer it.

use std::fmt::Write as _;

/// Characters after which [`escape`] cuts.
const LONGEST: usize = 1024;
/// Combining marks after one base character; scripts need two, stacks of them hide what is around.
const MARKS: usize = 2;

/// `text` on one line, with everything that does not print written as `\u{…}`: control characters, line ends, bidirectional
/// controls, zero-width and blank-looking characters, stacked or dangling combining marks. A backslash is doubled, so
/// nothing can pretend to be an escape. Cut after 1024 characters.
#[must_use]
pub fn escape(text: &str) -> String {
    escape_within(text, LONGEST)
}

/// [`escape`], cut after `longest` characters of `text` with the number of those that follow.
#[must_use]
pub fn escape_within(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(longest));
    // Combining marks that may still follow; none at the start, where they would join what stands before.
    let mut marks = 0;
    for c in text.chars().take(longest) {
        match kind(c) {
            Kind::Plain => {
                out.push(c);
                marks = if c.is_alphanumeric() { MARKS } else { 0 };
            }
            Kind::Mark if marks > 0 => {
                out.push(c);
                marks -= 1;
            }
            Kind::Backslash => {
                out.push_str("\\\\");
                marks = 0;
            }
            Kind::Mark | Kind::Hidden => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                marks = 0;
            }
        }
    }
    let more = text.chars().count().saturating_sub(longest);
    if more > 0 {
        let _ = write!(out, "… (+{more})");
    }
    out
}

/// JSON text of which every character prints: what [`escape`] would not show stands in it as `\uXXXX` (RFC 8259, section 7), so that
/// it is the same JSON and cannot steer a terminal. Outside of its strings JSON has nothing that would not print.
#[must_use]
pub fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        // In strings serializers escape line ends themselves; those that are left are between values.
        if c == '\n' || matches!(kind(c), Kind::Plain | Kind::Backslash) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// A message of SARIF that shows the text and nothing else: braces are doubled, or they were placeholders (SARIF 2.1.0, section
/// 3.11.5), and where a link could begin (section 3.11.6), `](`, a blank keeps the two apart. A backslash would do by the text of the
/// standard, and not for viewers that look for the pair alone.
#[must_use]
pub fn sarif_message(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

enum Kind {
    Plain,
    Mark,
    Backslash,
    Hidden,
}

fn kind(c: char) -> Kind {
    match c {
        ' '..='~' if c != '\\' => Kind::Plain,
        '\\' => Kind::Backslash,
        // Letters and symbols by category that show nothing, or select how others are shown.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fffc}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => Kind::Hidden,
        _ if shown_alone(c) => Kind::Plain,
        _ if shown_after_letter(c) => Kind::Mark,
        _ => Kind::Hidden,
    }
}

/// The standard library escapes what does not print, and combining marks without a base.
fn shown_alone(c: char) -> bool {
    c.escape_debug().eq([c])
}

fn shown_after_letter(c: char) -> bool {
    ['a', c].iter().collect::<String>().escape_debug().eq(['a', c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_sarif_show_what_they_say() {
        for (text, expected) in [
            ("a {0} b", "a {{0}} b"),
            ("[here](https://evil.example)", "[here] (https://evil.example)"),
            ("a[0] (b)", "a[0] (b)"),
        ] {
            assert_eq!(sarif_message(text), expected);
        }
    }

    #[test]
    fn json_stays_the_same_and_steers_no_terminal() {
        for text in ["a\u{7f}\u{9b}2J", "exe.\u{202e}gpj", "a\u{200b}b\u{e0041}", "e\u{301} Åse \\ \"x\" \n\t"] {
            let json = serde_json::to_string_pretty(&[text]).unwrap_or_default();
            let escaped = escape_json(&json);
            assert_eq!(serde_json::from_str::<[String; 1]>(&escaped).ok(), Some([text.to_owned()]));
            assert!(escaped.lines().all(|line| line.chars().all(|c| matches!(kind(c), Kind::Plain | Kind::Backslash))));
        }
    }

    #[test]
    fn nothing_steers_a_terminal() {
        for (text, shown) in [
            ("bin/app-1.0_x86 (final).tar.gz", "bin/app-1.0_x86 (final).tar.gz"),
            ("it's \"quoted\"", "it's \"quoted\""),
            ("a\u{1b}[31mred", "a\\u{1b}[31mred"),
            ("a\nPASS", "a\\u{a}PASS"),
            ("a\r\tb", "a\\u{d}\\u{9}b"),
            ("a\0", "a\\u{0}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("exe.\u{202e}gpj", "exe.\\u{202e}gpj"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("pass\u{200b}word\u{feff}", "pass\\u{200b}word\\u{feff}"),
            ("soft\u{ad}hyphen", "soft\\u{ad}hyphen"),
            ("no\u{a0}break\u{2003}space", "no\\u{a0}break\\u{2003}space"),
            ("line\u{2028}para\u{2029}", "line\\u{2028}para\\u{2029}"),
            ("filler\u{3164}\u{115f}\u{2800}", "filler\\u{3164}\\u{115f}\\u{2800}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("selector\u{fe0f}\u{e0100}", "selector\\u{fe0f}\\u{e0100}"),
            ("private\u{e000}", "private\\u{e000}"),
            ("back\\slash \\u{202e}", "back\\\\slash \\\\u{202e}"),
            ("Åse, Łódź, 東京, Αθήνα", "Åse, Łódź, 東京, Αθήνα"),
            ("e\u{301} हिन्दी", "e\u{301} हिन्दी"),
            ("\u{301}e", "\\u{301}e"),
            ("/\u{301}", "/\\u{301}"),
            ("z\u{300}\u{301}\u{302}", "z\u{300}\u{301}\\u{302}"),
            ("", ""),
        ] {
            assert_eq!(escape(text), shown, "{text:?}");
            assert!(escape(text).chars().all(|c| !c.is_control()), "{text:?}");
        }
    }

    #[test]
    fn length_is_bounded() {
        for (text, longest, shown) in [
            ("abc".to_owned(), 3, "abc".to_owned()),
            ("abcd".to_owned(), 3, "abc… (+1)".to_owned()),
            ("\u{1b}".repeat(5), 2, "\\u{1b}\\u{1b}… (+3)".to_owned()),
            ("x".repeat(1025), LONGEST, format!("{}… (+1)", "x".repeat(1024))),
        ] {
            assert_eq!(escape_within(&text, longest), shown);
        }
    }
}
