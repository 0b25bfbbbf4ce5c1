//! Canonical JSON as in-toto has it (section 4.1 refers to OLPC's): members sorted by code point, no white space, only `"` and `\` escaped
//! in strings, whole numbers alone. It is not RFC 8785.

use serde_json::Value as Json;

/// The canonical bytes; `None` for a number that is not whole, which has no canonical form.
pub(super) fn json(value: &Json) -> Option<Vec<u8>> {
    enum Part<'a> {
        Value(&'a Json),
        Member(&'a str),
        Mark(u8),
    }
    let mut out = Vec::new();
    let mut stack = vec![Part::Value(value)];
    while let Some(part) = stack.pop() {
        match part {
            Part::Mark(mark) => out.push(mark),
            Part::Member(name) => {
                text(&mut out, name);
                out.push(b':');
            }
            Part::Value(Json::Null) => out.extend_from_slice(b"null"),
            Part::Value(Json::Bool(value)) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Part::Value(Json::Number(number)) => {
                let whole = number.as_i64().map(|n| n.to_string()).or_else(|| number.as_u64().map(|n| n.to_string()));
                out.extend_from_slice(whole?.as_bytes());
            }
            Part::Value(Json::String(value)) => text(&mut out, value),
            Part::Value(Json::Array(items)) => {
                out.push(b'[');
                stack.push(Part::Mark(b']'));
                for (at, item) in items.iter().enumerate().rev() {
                    stack.push(Part::Value(item));
                    if at > 0 {
                        stack.push(Part::Mark(b','));
                    }
                }
            }
            Part::Value(Json::Object(map)) => {
                out.push(b'{');
                stack.push(Part::Mark(b'}'));
                // The order of UTF-8 bytes is that of code points.
                let mut members: Vec<(&String, &Json)> = map.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                for (at, (name, value)) in members.into_iter().enumerate().rev() {
                    stack.push(Part::Value(value));
                    stack.push(Part::Member(name));
                    if at > 0 {
                        stack.push(Part::Mark(b','));
                    }
                }
            }
        }
    }
    Some(out)
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn canonical_bytes() {
        for (input, expected) in [
            ("{}", Some("{}")),
            ("[]", Some("[]")),
            (
                r#"{"b": [1, -2, {"z": null, "a": true}], "a": "x"}"#,
                Some(r#"{"a":"x","b":[1,-2,{"a":true,"z":null}]}"#),
            ),
            (r#""a\n\"\\\u00e9\/""#, Some("\"a\n\\\"\\\\\u{e9}/\"")),
            (
                r#"{"\ue000": 1, "\ud83d\ude00": 2, "B": 3, "a": 4}"#,
                Some("{\"B\":3,\"a\":4,\"\u{e000}\":1,\"\u{1f600}\":2}"),
            ),
            ("[1.5]", None),
            ("18446744073709551615", Some("18446744073709551615")),
        ] {
            let value: Json = serde_json::from_str(input).unwrap();
            let found = json(&value).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), expected, "{input}");
        }
    }
}
