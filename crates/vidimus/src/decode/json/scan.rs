//! The pass itself: a scanner without recursion.

use std::borrow::Cow;

use super::{CUT, DEPTH, DUPLICATE_KEY, Outline, Root, STRING, VALUES, strict};
use crate::limits::Limits;
use crate::reason::Reason;

/// Values in one document. Real SBOMs, written without white space, have one in 20 bytes or more: a document of the largest
/// size has half as many.
const MOST_VALUES: u64 = 8_000_000;

/// Members that hold base64 of a whole document; the size of the item bounds them (DESIGN ruling 9).
const PAYLOADS: [&str; 3] = ["payload", "statement", "canonicalizedBody"];

/// Objects whose members are remembered in an array at the top, and members in each.
const REMEMBERED: (usize, usize) = (16, 256);

/// The scan cannot go on; the problem is noted.
pub(super) struct Stop;

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

pub(super) struct Scanner<'a> {
    text: &'a str,
    pub(super) at: usize,
    limits: Limits,
    frames: Vec<Frame>,
    /// Names of all open objects, unescaped; one list for all, so that an object costs no allocation.
    keys: Vec<Cow<'a, str>>,
    /// The member whose value comes next.
    member: Option<Cow<'a, str>>,
    values: u64,
    /// Is the current outermost object one whose members are remembered?
    remembering: bool,
    pub(super) outline: Outline<'a>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, limits: &Limits) -> Self {
        Self {
            text,
            at: 0,
            limits: *limits,
            frames: Vec::new(),
            keys: Vec::new(),
            member: None,
            values: 0,
            remembering: false,
            outline: Outline { root: Root::Other, objects: Vec::new(), problem: None },
        }
    }

    pub(super) fn note(&mut self, problem: Reason) {
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

    pub(super) fn document(&mut self) -> Result<(), Stop> {
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
        self.values += 1;
        if self.values > MOST_VALUES {
            self.note(Reason::new(&VALUES).int("limit", MOST_VALUES));
            return Err(Stop);
        }
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
