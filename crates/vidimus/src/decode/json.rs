//! Strict JSON (`verification.md` 1.3): one pass over the bytes before anything is decoded.
//!
//! Two readers that resolve a duplicate member, a lone surrogate or a byte order mark differently see two documents under
//! one signature. So none of these is resolved: the document is refused. The pass does not recurse, allocates nothing per
//! value, and remembers the member names of the outermost objects, by which a document is recognised even when it is
//! refused.

use std::borrow::Cow;

use serde_json::Value as Json;

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
}

/// Members that hold base64 of a whole document; the size of the item bounds them (DESIGN ruling 9).
const PAYLOADS: [&str; 3] = ["payload", "statement", "canonicalizedBody"];

/// Objects whose members are remembered in an array at the top, and members in each.
const REMEMBERED: (usize, usize) = (16, 256);

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
    serde_json::from_slice(bytes).map_err(|_| strict(0, "a number beyond every reader's range"))
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
    let (text, valid) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(e) => (bytes.get(..e.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default(), false),
    };
    let mut scanner = Scanner {
        text,
        at: 0,
        limits: *limits,
        frames: Vec::new(),
        keys: Vec::new(),
        member: None,
        remembering: false,
        outline: Outline { root: Root::Other, objects: Vec::new(), problem: None },
    };
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
    scanner.outline
}

const CUT: &str = "the text ends too early";

fn strict(offset: usize, problem: &str) -> Reason {
    Reason::new(&STRICT).int("offset", offset).name("problem", problem)
}

/// The scan cannot go on; the problem is noted.
struct Stop;

struct Frame {
    object: bool,
    /// Where this object's names start in `Scanner::keys`.
    keys: usize,
}

enum Expect {
    Value,
    FirstElement,
    FirstKey,
    Key,
    Next,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    frames: Vec<Frame>,
    /// Names of all open objects, unescaped; one list for all, so that an object costs no allocation.
    keys: Vec<Cow<'a, str>>,
    /// The member whose value comes next.
    member: Option<Cow<'a, str>>,
    /// Is the current outermost object one whose members are remembered?
    remembering: bool,
    outline: Outline<'a>,
}

impl<'a> Scanner<'a> {
    fn note(&mut self, problem: Reason) {
        self.outline.problem.get_or_insert(problem);
    }

    fn stop<T>(&mut self, problem: &str) -> Result<T, Stop> {
        let problem = if self.at >= self.text.len() { CUT } else { problem };
        self.note(strict(self.at, problem));
        Err(Stop)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn document(&mut self) -> Result<(), Stop> {
        self.space();
        self.outline.root = match self.peek() {
            Some(b'{') => Root::Object,
            Some(b'[') => Root::Array,
            _ => Root::Other,
        };
        let mut expect = Expect::Value;
        loop {
            self.space();
            let next = self.peek();
            expect = match (expect, next) {
                (Expect::FirstElement, Some(b']')) | (Expect::FirstKey, Some(b'}')) => self.close(),
                (Expect::Value | Expect::FirstElement, Some(byte)) => self.value(byte)?,
                (Expect::FirstKey | Expect::Key, Some(b'"')) => self.key()?,
                (Expect::Next, None) if self.frames.is_empty() => return Ok(()),
                (Expect::Next, Some(b',')) if !self.frames.is_empty() => {
                    self.at += 1;
                    if self.in_object() { Expect::Key } else { Expect::Value }
                }
                (Expect::Next, Some(b'}')) if self.in_object() => self.close(),
                (Expect::Next, Some(b']')) if !self.frames.is_empty() && !self.in_object() => self.close(),
                (Expect::Next, Some(_)) if self.frames.is_empty() => return self.stop("something after the value"),
                _ => return self.stop("a character that JSON does not have there"),
            };
        }
    }

    fn in_object(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.object)
    }

    /// Are we directly inside an outermost object?
    fn outermost(&self) -> bool {
        match self.outline.root {
            Root::Object => self.frames.len() == 1,
            Root::Array => self.frames.len() == 2 && self.in_object(),
            Root::Other => false,
        }
    }

    fn is_remembered(&self) -> bool {
        self.remembering && self.outermost()
    }

    fn open(&mut self, object: bool) -> Result<Expect, Stop> {
        if self.frames.len() >= self.limits.json_depth {
            self.note(Reason::new(&DEPTH).int("limit", self.limits.json_depth));
            return Err(Stop);
        }
        self.at += 1;
        self.member = None;
        self.frames.push(Frame { object, keys: self.keys.len() });
        if object && self.outermost() {
            self.remembering = self.outline.objects.len() < REMEMBERED.0;
            if self.remembering {
                self.outline.objects.push(Vec::new());
            }
        }
        Ok(if object { Expect::FirstKey } else { Expect::FirstElement })
    }

    fn close(&mut self) -> Expect {
        self.at += 1;
        if let Some(frame) = self.frames.pop().filter(|frame| frame.object) {
            let names = self.keys.get_mut(frame.keys..).unwrap_or_default();
            names.sort_unstable();
            if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
                self.note(Reason::new(&DUPLICATE_KEY).int("offset", self.at));
            }
            self.keys.truncate(frame.keys);
        }
        Expect::Next
    }

    fn key(&mut self) -> Result<Expect, Stop> {
        let name = self.string(true, self.limits.string_bytes)?;
        self.space();
        if self.peek() != Some(b':') {
            return self.stop("a member name without a colon");
        }
        self.at += 1;
        if self.is_remembered() {
            self.member = Some(name.clone());
            self.remember(name.clone(), None);
        } else {
            self.member = PAYLOADS.contains(&name.as_ref()).then(|| name.clone());
        }
        self.keys.push(name);
        Ok(Expect::Value)
    }

    fn remember(&mut self, name: Cow<'a, str>, value: Option<Cow<'a, str>>) {
        let Some(members) = self.outline.objects.last_mut() else { return };
        match value {
            None if members.len() < REMEMBERED.1 => members.push((name, None)),
            None => {}
            Some(value) => {
                if let Some(last) = members.last_mut().filter(|last| last.0 == name) {
                    last.1 = Some(value);
                }
            }
        }
    }

    fn value(&mut self, byte: u8) -> Result<Expect, Stop> {
        match byte {
            b'{' => return self.open(true),
            b'[' => return self.open(false),
            b'"' => {
                let member = self.member.take();
                let payload = member.as_deref().is_some_and(|name| PAYLOADS.contains(&name));
                let limit = if payload { usize::MAX } else { self.limits.string_bytes };
                let kept = member.is_some() && self.is_remembered();
                let text = self.string(kept, limit)?;
                if let Some(name) = member.filter(|_| kept) {
                    self.remember(name, Some(text));
                }
            }
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        }
        self.member = None;
        Ok(Expect::Next)
    }

    fn word(&mut self) -> Result<(), Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match ["true", "false", "null"].iter().find(|word| rest.starts_with(**word)) {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => self.stop("a character that JSON does not have there"),
        }
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let from = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { self.stop("a number without digits") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), Stop> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Reads a string; its value is only built when it is `kept`.
    fn string(&mut self, kept: bool, limit: usize) -> Result<Cow<'a, str>, Stop> {
        self.at += 1;
        let from = self.at;
        let mut built: Option<String> = None;
        let mut copied = from;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = self.text.get(copied..self.at).unwrap_or_default();
                    let character = self.escape()?;
                    if kept {
                        let built = built.get_or_insert_default();
                        built.push_str(text);
                        built.push(character);
                    }
                    copied = self.at;
                }
                Some(0..=0x1f) => return self.stop("a control character inside a string"),
                Some(_) => self.at += 1,
                None => return self.stop(CUT),
            }
        }
        if self.at - from > limit {
            self.note(Reason::new(&STRING).int("limit", limit));
        }
        let rest = self.text.get(copied..self.at).unwrap_or_default();
        self.at += 1;
        Ok(match built {
            Some(mut built) => {
                built.push_str(rest);
                Cow::Owned(built)
            }
            None => Cow::Borrowed(rest),
        })
    }

    /// Reads `\…`. What stands for no character is noted and becomes U+FFFD.
    fn escape(&mut self) -> Result<char, Stop> {
        self.at += 1;
        let character = match self.peek() {
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return self.stop("an escape that JSON does not have"),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode(&mut self) -> Result<char, Stop> {
        let start = self.at;
        let high = self.hex()?;
        let code = match high {
            0xd800..=0xdbff if self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) => {
                let resume = self.at;
                self.at += 2;
                match self.hex()? {
                    low @ 0xdc00..=0xdfff => 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00),
                    _ => {
                        // Not its other half: the next round reads that escape as one of its own.
                        self.at = resume;
                        high
                    }
                }
            }
            code => code,
        };
        if code == 0 {
            self.note(strict(start, "U+0000 inside a string"));
        }
        Ok(char::from_u32(code).unwrap_or_else(|| {
            self.note(strict(start, "half of a surrogate pair"));
            char::REPLACEMENT_CHARACTER
        }))
    }

    fn hex(&mut self) -> Result<u32, Stop> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|d| u32::from_str_radix(d, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.stop("an escape that JSON does not have"),
        }
    }
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
