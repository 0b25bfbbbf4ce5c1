//! The pass itself: a scanner without recursion.

use std::borrow::Cow;

use super::tree::{Growing, MOST_BYTES};
use super::{CUT, DEPTH, DUPLICATE_KEY, Outline, RANGE, Root, STRING, VALUES, strict};
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
    /// How long the buffer was when it was opened.
    own: usize,
}

enum Expect {
    Value,
    FirstElement,
    FirstKey,
    Key,
    Next,
}

/// A string as it was read: where it stands in the document, or, if it has escapes and is kept, in the buffer beside it.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    length: usize,
    own: bool,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    pub(super) at: usize,
    limits: Limits,
    frames: Vec<Frame>,
    /// Names of all open objects: eight bytes that tell most names apart, and the name. One list for all, so that an object costs
    /// no allocation.
    keys: Vec<(u64, Piece)>,
    /// Does the value that comes next belong to a member with base64 of a whole document?
    payload: bool,
    /// … to one that is remembered?
    remembered: bool,
    values: u64,
    /// Is the current outermost object one whose members are remembered?
    remembering: bool,
    pub(super) outline: Outline<'a>,
    /// The document, if it is wanted. Its buffer is used in any case.
    growing: Growing,
    grows: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner that also builds the document if that `grows`.
    pub(super) fn new(text: &'a str, limits: &Limits, grows: bool) -> Self {
        Self {
            text,
            at: 0,
            limits: *limits,
            frames: Vec::new(),
            keys: Vec::new(),
            payload: false,
            remembered: false,
            values: 0,
            remembering: false,
            outline: Outline { root: Root::Other, objects: Vec::new(), problem: None, tree: None },
            growing: Growing::default(),
            grows: grows && text.len() <= MOST_BYTES,
        }
    }

    /// What was found, and the document if it was wanted and nothing is wrong with it.
    pub(super) fn finish(self) -> Outline<'a> {
        let Self { growing, grows, mut outline, text, .. } = self;
        if grows && outline.problem.is_none() {
            outline.tree = Some(growing.tree(text));
        }
        outline
    }

    pub(super) fn note(&mut self, problem: Reason) {
        self.outline.problem.get_or_insert(problem);
    }

    fn stop<T>(&mut self, problem: &str) -> Result<T, Stop> {
        let problem = if self.at >= self.text.len() { CUT } else { problem };
        self.note(strict(self.at, problem));
        Err(Stop)
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        // Documents for people to read are half blanks.
        while self.rest().first_chunk() == Some(b"        ") {
            self.at += 8;
        }
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
        self.frames.push(Frame { object, keys: self.keys.len(), own: self.growing.own.len() });
        if self.grows {
            self.growing.open(object);
        }
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
        let Some(frame) = self.frames.pop() else { return Expect::Next };
        if frame.object {
            if self.repeats(frame.keys) {
                self.note(Reason::new(&DUPLICATE_KEY).int("offset", self.at));
            }
            self.keys.truncate(frame.keys);
        }
        if self.grows {
            self.growing.close();
        } else {
            self.growing.own.truncate(frame.own);
        }
        Expect::Next
    }

    /// Is a name there twice, of those from an index on?
    fn repeats(&self, from: usize) -> bool {
        let keys = self.keys.get(from..).unwrap_or_default();
        if keys.len() > FEW {
            let mut names: Vec<&str> = keys.iter().map(|(_, piece)| self.piece(*piece)).collect();
            names.sort_unstable();
            return names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        }
        let mut rest = keys;
        while let [(print, piece), others @ ..] = rest {
            let same = |(other, _): &&(u64, Piece)| other == print;
            if others.iter().filter(same).any(|(_, other)| self.piece(*other) == self.piece(*piece)) {
                return true;
            }
            rest = others;
        }
        false
    }

    fn piece(&self, piece: Piece) -> &str {
        let whole = if piece.own { self.growing.own.as_str() } else { self.text };
        whole.get(piece.start..piece.start + piece.length).unwrap_or_default()
    }

    /// The same for longer than the scanner lives.
    fn lasting(&self, piece: Piece) -> Cow<'a, str> {
        if piece.own {
            return Cow::Owned(self.piece(piece).to_owned());
        }
        Cow::Borrowed(self.text.get(piece.start..piece.start + piece.length).unwrap_or_default())
    }

    fn key(&mut self) -> Result<Expect, Stop> {
        let piece = self.string(true, self.limits.string_bytes)?;
        self.space();
        if self.peek() != Some(b':') {
            return self.stop("a member name without a colon");
        }
        self.at += 1;
        let name = self.piece(piece);
        let (print, payload) = (print(name.as_bytes()), PAYLOADS.contains(&name));
        self.payload = payload;
        self.remembered = self.is_remembered();
        if self.remembered {
            let name = self.lasting(piece);
            self.remember(name, None);
        }
        if self.grows {
            self.growing.label(piece.start, piece.length, piece.own);
        }
        self.keys.push((print, piece));
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
        // They are of the member that was just named, not of what is inside of its value.
        let (payload, remembered) = (std::mem::take(&mut self.payload), std::mem::take(&mut self.remembered));
        match byte {
            b'{' => return self.open(true),
            b'[' => return self.open(false),
            b'"' => {
                let limit = if payload { usize::MAX } else { self.limits.string_bytes };
                let text = self.string(remembered || self.grows, limit)?;
                if let Some(name) = self.keys.last().filter(|_| remembered).map(|(_, name)| self.lasting(*name)) {
                    let text = self.lasting(text);
                    self.remember(name, Some(text));
                }
                if self.grows {
                    self.growing.string(text.start, text.length, text.own);
                }
            }
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        }
        Ok(Expect::Next)
    }

    fn word(&mut self) -> Result<(), Stop> {
        let rest = self.rest();
        match ["true", "false", "null"].iter().find(|word| rest.starts_with(word.as_bytes())) {
            Some(word) => {
                self.at += word.len();
                match *word {
                    _ if !self.grows => {}
                    "null" => self.growing.null(),
                    word => self.growing.truth(word == "true"),
                }
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
        let start = self.at;
        self.digits_and_signs()?;
        // Only what has an exponent, or very many digits, can be too large.
        let text = self.text.get(start..self.at).unwrap_or_default();
        if (text.len() > 300 || text.contains(['e', 'E'])) && !text.parse().is_ok_and(f64::is_finite) {
            self.note(strict(start, RANGE));
        }
        if self.grows {
            self.growing.number(start, self.at - start);
        }
        Ok(())
    }

    fn digits_and_signs(&mut self) -> Result<(), Stop> {
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
    fn string(&mut self, kept: bool, limit: usize) -> Result<Piece, Stop> {
        self.at += 1;
        let from = self.at;
        let own = self.growing.own.len();
        let mut copied = from;
        loop {
            self.at += plain(self.rest());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = self.text.get(copied..self.at).unwrap_or_default();
                    let character = self.escape()?;
                    if kept {
                        self.growing.own.push_str(text);
                        self.growing.own.push(character);
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
        let end = self.at;
        self.at += 1;
        if copied == from || !kept {
            return Ok(Piece { start: from, length: end - from, own: false });
        }
        self.growing.own.push_str(self.text.get(copied..end).unwrap_or_default());
        Ok(Piece { start: own, length: self.growing.own.len() - own, own: true })
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

/// So many names are compared each with each.
const FEW: usize = 24;

/// Eight bytes that are the same for the same name: its beginning, with its length in the last.
fn print(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(name) {
        *to = *from;
    }
    u64::from_le_bytes(bytes) ^ ((name.len() as u64) << 56)
}

/// How many bytes at the beginning are neither a quotation mark, nor a backslash, nor a control character. Eight at a time: a byte
/// that is one of these sets its upper bit, and so may only bytes behind it.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOPS: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |word: u64, byte: u8| word.wrapping_sub(ONES * u64::from(byte)) & !word & TOPS;
    let is = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let mut count = 0;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*first);
        let found = below(word, 0x20) | is(word, b'"') | is(word, b'\\');
        if found != 0 {
            return count + (found.trailing_zeros() / 8) as usize;
        }
        count += 8;
        rest = after;
    }
    count + rest.iter().take_while(|byte| **byte >= 0x20 && !matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_are_counted() {
        for length in 0..20 {
            for (end, is_end) in
                [(b'"', true), (b'\\', true), (0, true), (0x1f, true), (b' ', false), (0x80, false), (0xff, false)]
            {
                let bytes: Vec<u8> = std::iter::repeat_n(0xa2, length).chain([end, b'x', b'"']).collect();
                assert_eq!(plain(&bytes), if is_end { length } else { length + 2 }, "{length} {end}");
            }
        }
        assert_eq!((plain(b""), plain(&[b'!'; 31])), (0, 31));
    }
}
