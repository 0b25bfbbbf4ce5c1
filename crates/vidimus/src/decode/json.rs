//! Strict JSON (`verification.md` 1.3): one pass over the bytes before anything is decoded.
//!
//! Two readers that resolve a duplicate member, a lone surrogate or a byte order mark differently see two documents under
//! one signature. So none of these is resolved: the document is refused. The pass does not recurse, allocates nothing per
//! value, and remembers the member names of the outermost objects, by which a document is recognised even when it is
//! refused.

pub(super) mod same;
mod scan;
pub(super) mod tree;
pub(super) mod typed;

use std::borrow::Cow;

use serde_json::Value as Json;

use self::scan::{Scanner, Stop};
use self::tree::MOST_BYTES;
pub(super) use self::tree::Tree;
use crate::limits::Limits;
use crate::reason::Reason;

crate::reasons! {
    DUPLICATE_KEY = "parse.duplicate-key", Unproven, Vendor, ["offset"],
        says "the JSON object that ends at byte {offset} has a member twice",
        why "Readers disagree about which of two members counts, so one signed document could mean two things (T15, RFC 8259 section 4).",
        fix "Write the document again with a tool that writes each member once.";
    STRICT = "parse.strict", Unproven, Vendor, ["offset", "problem"],
        says "not strict JSON at byte {offset}: {problem}",
        why "What readers could understand in more than one way is not read at all (T15; RFC 8259, RFC 7493).",
        fix "Write the document again as plain UTF-8 JSON: one value, no byte order mark, no lone surrogates, no U+0000.";
    DEPTH = "limit.depth", Unproven, Vendor, ["limit"],
        says "JSON nested deeper than {limit} levels",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Write the document with less nesting; real evidence stays far below the limit.";
    STRING = "limit.string", Unproven, Vendor, ["limit"],
        says "a JSON string longer than {limit} bytes",
        why "Input is bounded by counters, so that no document can exhaust the machine, on any machine (T36).",
        fix "Deliver large content as a file of its own and refer to it by digest.";
    VALUES = "limit.values", Unproven, Vendor, ["limit"],
        says "JSON with more than {limit} values",
        why "A value of one byte takes many in memory; counters bound what one document can cost, on any machine (T36).",
        fix "Split the document; real evidence stays far below the limit.";
}

/// The largest integer that every JSON reader agrees on (RFC 7493 section 2.2).
const SAFE: u64 = (1 << 53) - 1;

/// What is outermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    Array,
    Other,
}

/// Members of one outermost object: name, and value where that is a string.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>;

/// What one pass over a document found.
pub(super) struct Outline<'a> {
    pub(super) root: Root,
    /// Of the object at the top, or of the first objects in the array at the top.
    pub(super) objects: Vec<Members<'a>>,
    /// The first thing that makes the document unacceptable.
    pub(super) problem: Option<Reason>,
    /// The document, if it was wanted and is acceptable.
    pub(super) tree: Option<Tree<'a>>,
}

/// Parses `bytes` strictly.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Json, Reason> {
    match outline(bytes, limits).problem {
        Some(problem) => Err(problem),
        None => value(bytes),
    }
}

/// The value of bytes that [`outline`] found nothing wrong with. Their depth is bounded, so the recursion here is too.
pub(super) fn value(bytes: &[u8]) -> Result<Json, Reason> {
    serde_json::from_slice(bytes).map_err(|_| strict(0, RANGE))
}

/// Parses `bytes` strictly into a flat list: what large documents are read from.
pub(super) fn document<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Tree<'a>, Reason> {
    let Outline { problem, tree, .. } = outline_and_document(bytes, true, limits);
    match (problem, tree) {
        (None, Some(tree)) => Ok(tree),
        (Some(problem), _) => Err(problem),
        (None, None) => Err(Reason::new(&VALUES).int("limit", MOST_BYTES as u64)),
    }
}

/// A whole number from `least` to 2^53 − 1.
pub(super) fn integer(value: &Json, least: u64) -> Result<u64, Reason> {
    value
        .as_u64()
        .filter(|n| (least..=SAFE).contains(n))
        .ok_or_else(|| strict(0, "a value that is not a whole number of at most 2^53 - 1, where one is needed"))
}

/// Looks at all of `bytes` once.
pub(super) fn outline<'a>(bytes: &'a [u8], limits: &Limits) -> Outline<'a> {
    outline_and_document(bytes, false, limits)
}

/// The same, and reads the document if it is `wanted`.
pub(super) fn outline_and_document<'a>(bytes: &'a [u8], wanted: bool, limits: &Limits) -> Outline<'a> {
    let (text, valid) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(e) => (bytes.get(..e.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default(), false),
    };
    let mut scanner = Scanner::new(text, limits, wanted);
    if text.starts_with('\u{feff}') {
        scanner.note(strict(0, "a byte order mark"));
        scanner.at = '\u{feff}'.len_utf8();
    }
    if let Err(Stop) = scanner.document()
        && !valid
    {
        // The text ended where the bytes stop being UTF-8; say so, and not that the text is cut.
        let reason = strict(text.len(), "bytes that are not UTF-8");
        if scanner.outline.problem.as_ref().is_some_and(|p| *p == strict(text.len(), CUT)) {
            scanner.outline.problem = None;
        }
        scanner.note(reason);
    } else if !valid {
        scanner.note(strict(text.len(), "bytes that are not UTF-8"));
    }
    scanner.finish()
}

const RANGE: &str = "a number beyond every reader's range";
const CUT: &str = "the text ends too early";

fn strict(offset: usize, problem: &str) -> Reason {
    Reason::new(&STRICT).int("offset", offset).name("problem", problem)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

    use super::*;

    fn code(bytes: &[u8]) -> String {
        match parse(bytes, &Limits { string_bytes: 40, ..Limits::MAX }) {
            Ok(_) => "ok".to_owned(),
            Err(reason) => reason.code().to_owned(),
        }
    }

    #[test]
    fn the_strict_profile() {
        let at_limit = format!("{}1{}", "[".repeat(64), "]".repeat(64));
        let too_deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
        let endless = "[".repeat(1_000_000);
        let deep_objects = r#"{"a":"#.repeat(65);
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(41));
        let long_key = format!(r#"{{"{}":1}}"#, "x".repeat(41));
        let fits = format!(r#"{{"a":"{}"}}"#, "x".repeat(40));
        let payload = format!(r#"{{"payload":"{0}","x":{{"canonicalizedBody":"{0}"}}}}"#, "x".repeat(4000));
        let payload_list = format!(r#"{{"payload":["{}"]}}"#, "x".repeat(41));
        let rows: &[(&str, &str)] = &[
            (r#"{"a":1,"b":[true,false,null,-0.5e+3,"\u00e9\n\ud83d\ude00"]}"#, "ok"),
            (" \t\r\n{} \n", "ok"),
            ("0", "ok"),
            (r#"{"a":1,"a":2}"#, "parse.duplicate-key"),
            (r#"{"a":1,"\u0061":2}"#, "parse.duplicate-key"),
            (r#"{"/":1,"\/":2}"#, "parse.duplicate-key"),
            (r#"{"":1,"":2}"#, "parse.duplicate-key"),
            (r#"{"a":{"b":[{"c":1,"d":2,"c":3}]}}"#, "parse.duplicate-key"),
            (r#"[{"x":{}},{"x":{"y":0,"y":0}}]"#, "parse.duplicate-key"),
            (r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#, "ok"),
            (r#"[{"a":1},{"a":1}]"#, "ok"),
            (r#"{"a":1,"A":2}"#, "ok"),
            ("\u{feff}{}", "parse.strict"),
            ("{}\u{feff}", "parse.strict"),
            ("{} {}", "parse.strict"),
            ("{}x", "parse.strict"),
            ("", "parse.strict"),
            ("   ", "parse.strict"),
            (r#"{"a":"\ud800"}"#, "parse.strict"),
            (r#"{"a":"\udc00\ud800"}"#, "parse.strict"),
            (r#"{"a":"\ud800\ud800\udc00"}"#, "parse.strict"),
            (r#"{"\ud800":1}"#, "parse.strict"),
            (r#"{"a":"\u0000"}"#, "parse.strict"),
            ("{\"a\":\"\u{0}\"}", "parse.strict"),
            ("{\"a\":\"\n\"}", "parse.strict"),
            (r#"{"a":"\x"}"#, "parse.strict"),
            (r#"{"a":"\u12g4"}"#, "parse.strict"),
            (r#"{"a":1,}"#, "parse.strict"),
            (r#"[1,]"#, "parse.strict"),
            (r#"[1 2]"#, "parse.strict"),
            (r#"{"a" 1}"#, "parse.strict"),
            (r#"{a:1}"#, "parse.strict"),
            (r#"[1}"#, "parse.strict"),
            (r#"{"a":1]"#, "parse.strict"),
            ("]", "parse.strict"),
            ("[", "parse.strict"),
            (r#"{"a"#, "parse.strict"),
            ("01", "parse.strict"),
            ("+1", "parse.strict"),
            ("1.", "parse.strict"),
            ("-", "parse.strict"),
            (".5", "parse.strict"),
            ("1e", "parse.strict"),
            ("1e999", "parse.strict"),
            ("NaN", "parse.strict"),
            ("tru", "parse.strict"),
            ("truer", "parse.strict"),
            ("// c\n{}", "parse.strict"),
            (&at_limit, "ok"),
            (&too_deep, "limit.depth"),
            (&endless, "limit.depth"),
            (&deep_objects, "limit.depth"),
            (&long, "limit.string"),
            (&long_key, "limit.string"),
            (&fits, "ok"),
            (&payload, "ok"),
            (&payload_list, "limit.string"),
        ];
        for (text, expected) in rows {
            assert_eq!(code(text.as_bytes()), *expected, "{}", &text[..text.len().min(60)]);
        }
        let list = |values: usize| format!("[{}0]", "0,".repeat(values - 2));
        assert_eq!(code(list(8_000_001).as_bytes()), "limit.values");
        assert_eq!(code(list(1_000).as_bytes()), "ok");
        for bytes in [&b"{\"a\":\"\xff\"}"[..], b"{}\xff", b"\xff", b"{\"a\":\"\xed\xa0\x80\"}"] {
            assert_eq!(code(bytes), "parse.strict");
        }
    }

    #[test]
    fn integers_are_whole_and_safe() {
        for (text, least, expected) in [
            ("0", 0, Some(0)),
            ("0", 1, None),
            ("9007199254740991", 0, Some(9_007_199_254_740_991)),
            ("9007199254740992", 0, None),
            ("18446744073709551616", 0, None),
            ("1.0", 0, None),
            ("1e3", 0, None),
            ("-1", 0, None),
            ("\"1\"", 0, None),
        ] {
            let value = parse(text.as_bytes(), &Limits::MAX).unwrap();
            assert_eq!(integer(&value, least).ok(), expected, "{text}");
        }
    }

    #[test]
    fn outlines_survive_what_is_refused() {
        let names = |text: &str| -> Vec<Vec<String>> {
            let outline = outline(text.as_bytes(), &Limits::MAX);
            let member = |(name, value): &(Cow<'_, str>, Option<Cow<'_, str>>)| match value {
                Some(value) => format!("{name}={value}"),
                None => name.to_string(),
            };
            outline.objects.iter().map(|members| members.iter().map(member).collect()).collect()
        };
        assert_eq!(names(r#"{"a":"x","b":{"c":"y"},"d":["z"],"\u0065":"\u0066"}"#), [["a=x", "b", "d", "e=f"]]);
        assert_eq!(names(r#"[{"a":"x"},3,{"b":[{"c":"y"}]}]"#), [vec!["a=x"], vec!["b"]]);
        assert_eq!(names(r#"{"a":"x","a":"y","b":tru"#), [["a=x", "a=y", "b"]]);
        assert_eq!(names("\u{feff}{\"a\":\"x\"}"), [["a=x"]]);
        assert!(names("\"a\"").is_empty());
        let many = format!("[{}{{}}]", "{\"a\":1},".repeat(100));
        assert_eq!(names(&many).len(), 16);
    }

    proptest::proptest! {
        #[test]
        fn what_passes_is_what_a_lenient_reader_accepts(text in r#"[\[\]{}":,0-9a-c\\u \n.eE-]{0,40}"#) {
            if parse(text.as_bytes(), &Limits::MAX).is_ok() {
                proptest::prop_assert!(serde_json::from_str::<Json>(&text).is_ok());
            } else if let Ok(value) = serde_json::from_str::<Json>(&text) {
                // A lenient reader took it: then it must be one of the things that only strict readers refuse.
                let reason = parse(text.as_bytes(), &Limits::MAX).unwrap_err();
                let known = reason.code() == "parse.duplicate-key" || text.contains("\\u0000");
                proptest::prop_assert!(known, "{:?} {}", reason, value);
            }
        }
    }
}
