//! A second look at the TOML grammar: what is valid only from TOML 1.1 on is refused, whatever the parser accepts.
//!
//! The parser in use has the 1.0 grammar and refuses these itself. Should it ever be replaced, a policy must not start to mean
//! something that older readers refuse (`verification.md` 1.3). Times are read by our own parser, which wants seconds.

use std::ops::Range;

/// The first construct that needs TOML 1.1, in text that a TOML parser accepted.
pub(super) fn newer_than_1_0(source: &str) -> Option<(Range<usize>, &'static str)> {
    let mut at = 0;
    let mut open: Vec<u8> = Vec::new();
    let mut last_visible = 0_u8;
    while let Some(rest) = source.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let byte = rest.first().copied().unwrap_or_default();
        let inline_table = open.last() == Some(&b'{');
        match byte {
            b'"' | b'\'' => match string(rest, byte) {
                Ok(len) => {
                    at += len;
                    last_visible = byte;
                    continue;
                }
                Err(offset) => return Some((at + offset..at + offset + 2, "the escapes `\\e` and `\\x`")),
            },
            b'#' if inline_table => return Some((at..at + 1, "a comment in an inline table")),
            b'#' => {
                at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'\n' if inline_table => return Some((at..at, "an inline table over several lines")),
            b'}' if inline_table && last_visible == b',' => {
                return Some((at..at + 1, "a comma at the end of an inline table"));
            }
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                open.pop();
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last_visible = byte;
        }
        at += 1;
    }
    None
}

/// Length of the string that `rest` begins with, or the offset of an escape that 1.0 does not have.
fn string(rest: &[u8], quote: u8) -> Result<usize, usize> {
    let triple = [quote; 3];
    let long = rest.starts_with(&triple);
    let mut at = if long { 3 } else { 1 };
    while let Some(byte) = rest.get(at) {
        if *byte == b'\\' && quote == b'"' {
            if matches!(rest.get(at + 1), Some(b'e' | b'x')) {
                return Err(at);
            }
            at += 2;
        } else if long && rest.get(at..).is_some_and(|r| r.starts_with(&triple)) {
            // Up to two further quotes belong to the content.
            let extra = rest.get(at + 3..).unwrap_or_default().iter().take(2).take_while(|b| **b == quote).count();
            return Ok(at + 3 + extra);
        } else if !long && *byte == quote {
            return Ok(at + 1);
        } else {
            at += 1;
        }
    }
    Ok(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_1_1_is_found() {
        for (text, newer) in [
            ("a = { b = 1, c = [1,\n 2, # two\n], d = '''x\ny''' }\n", false),
            ("a = { b = \"}\", c = '{,}' } # { \n", false),
            ("a = [\n { b = 1 },\n { b = 2 }, # comment\n]\n", false),
            ("a = \"\\\\e \\\\x41\" # \\e\nb = '\\e'\n", false),
            ("[a]\nb = \"\"\"x\"\"\"\"\"\n\"c\\\"}\" = 1\n", false),
            ("a = {}\n", false),
            ("a = { b = 1,\n c = 2 }\n", true),
            ("a = {\n}\n", true),
            ("a = { b = 1, }\n", true),
            ("a = [ { b = 1, # no\n c = 2 } ]\n", true),
            ("a = \"\\e\"\n", true),
            ("a = \"\"\"x\\x41\"\"\"\n", true),
        ] {
            assert_eq!(newer_than_1_0(text).is_some(), newer, "{text}");
        }
    }

    #[test]
    fn the_parser_refuses_it_too() {
        for text in [
            "a = { b = 1,\n c = 2 }\n",
            "a = { b = 1, }\n",
            "a = \"\\e\"\n",
            "a = \"\\x41\"\n",
            "a = 2026-01-01T00:00Z\n",
        ] {
            assert!(toml_edit::Document::parse(text).is_err(), "{text}");
        }
    }
}
