//! Debian packages: an `ar` archive of exactly the members that deb(5) names, in their order.
//!
//! Other `ar` archives are libraries for a linker, where one name may stand twice; they are ordinary files.

use super::fault::{CORRUPT, DUPLICATE, EXTRA, Fault, TRUNCATED};
use super::source::Source;
use super::{Container, Header};

pub(super) const MARK: &[u8] = b"!<arch>\ndebian-binary";
const MAGIC: [u8; 8] = *b"!<arch>\n";
/// The members of a package; others have names with `_` and come last.
const MEMBERS: [&[u8]; 3] = [b"debian-binary", b"control.tar", b"data.tar"];

pub(super) struct Deb<'s> {
    source: Source<'s>,
    /// Members so far.
    seen: usize,
    started: bool,
    left: u64,
    padded: bool,
}

impl<'s> Deb<'s> {
    pub(super) fn new(source: Source<'s>) -> Self {
        Self { source, seen: 0, started: false, left: 0, padded: false }
    }

    /// The format version and the two archives, each once and in order.
    fn expect(&mut self, name: &[u8]) -> Result<(), Fault> {
        let suffix = |member: &[u8]| name.strip_prefix(member).map(<[u8]>::to_vec);
        let is_next = MEMBERS.get(self.seen).is_some_and(|member| match suffix(member) {
            Some(suffix) => suffix.is_empty() || (self.seen > 0 && suffix.starts_with(b".")),
            None => false,
        });
        if !is_next && MEMBERS.iter().take(self.seen).any(|member| suffix(member).is_some()) {
            return Err(Fault::at(&DUPLICATE, name));
        }
        if !is_next && (self.seen < MEMBERS.len() || !name.starts_with(b"_")) {
            return Err(Fault::new(&CORRUPT));
        }
        self.seen += 1;
        Ok(())
    }
}

impl Container for Deb<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        if !std::mem::replace(&mut self.started, true) && self.source.array()? != MAGIC {
            return Err(Fault::new(&CORRUPT));
        }
        if std::mem::take(&mut self.padded) && self.source.array()? != *b"\n" {
            return Err(Fault::new(&EXTRA));
        }
        if self.source.at_end()? {
            return if self.seen < MEMBERS.len() { Err(Fault::new(&TRUNCATED)) } else { Ok(None) };
        }
        let header: [u8; 60] = self.source.array()?;
        let name = header.get(..16).unwrap_or_default().trim_ascii_end();
        let name = name.strip_suffix(b"/").unwrap_or(name).to_vec();
        let size = header.get(48..58).unwrap_or_default().trim_ascii_end();
        if !header.ends_with(b"`\n") || size.is_empty() || !size.iter().all(u8::is_ascii_digit) {
            return Err(Fault::new(&CORRUPT));
        }
        self.expect(&name)?;
        self.left = size.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        self.padded = self.left % 2 == 1;
        Ok(Some(Header::File { name: Some(name) }))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        self.source.member(buffer, &mut self.left)
    }
}
