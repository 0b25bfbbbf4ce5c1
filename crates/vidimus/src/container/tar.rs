//! tar: ustar and pax (POSIX.1-2008, `pax` interchange format), GNU long names, and the old format before them.
//!
//! Where two programs could see two archives the archive is refused: sizes and paths that an extended header states against
//! the header, several extended headers for one member, sparse files, data outside members (T18).

use super::fault::{CORRUPT, DEVICE, EXTRA, Fault, HEADERS, UNSUPPORTED};
use super::names::LONGEST;
use super::source::Source;
use super::{Container, Header};

const BLOCK: usize = 512;
/// Largest extended header.
const EXTENDED: u64 = 1024 * 1024;
/// The first size that eleven octal digits cannot hold.
const BEYOND_OCTAL: u64 = 1 << 33;

pub(super) struct Tar<'s> {
    source: Source<'s>,
    /// Bytes left of the current member, and zeros after it.
    left: u64,
    padding: usize,
}

/// What extended headers say about the next member.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    from_pax: bool,
    any: bool,
}

impl<'s> Tar<'s> {
    pub(super) fn new(source: Source<'s>) -> Self {
        Self { source, left: 0, padding: 0 }
    }

    fn block(&mut self) -> Result<[u8; BLOCK], Fault> {
        self.source.array()
    }

    /// Zeros up to the next block.
    fn pad(&mut self) -> Result<(), Fault> {
        let padding = self.source.take(std::mem::take(&mut self.padding))?;
        if padding.iter().any(|byte| *byte != 0) { Err(Fault::new(&EXTRA)) } else { Ok(()) }
    }

    fn start(&mut self, size: u64) {
        self.left = size;
        let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
        self.padding = if over == 0 { 0 } else { BLOCK - over };
    }

    /// After a block of zeros another one, and nothing but zeros to the end.
    fn end(&mut self) -> Result<(), Fault> {
        let second = self.block()?;
        if second.iter().any(|byte| *byte != 0) || !self.source.zeros_to_end()? {
            return Err(Fault::new(&EXTRA));
        }
        Ok(())
    }

    /// The content of an extended header.
    fn content(&mut self, size: u64) -> Result<Vec<u8>, Fault> {
        if size > EXTENDED {
            return Err(Fault::new(&UNSUPPORTED));
        }
        self.start(size);
        let content = self.source.take(usize::try_from(std::mem::take(&mut self.left)).unwrap_or_default())?;
        self.pad()?;
        Ok(content)
    }

    fn extend(&mut self, header: &[u8; BLOCK], extended: &mut Extended) -> Result<(), Fault> {
        let content = self.content(size(header)?)?;
        let is_pax = kind(header) == b'x';
        // One program would believe the first, another the last.
        let is_second = extended.any && (is_pax || extended.from_pax);
        extended.any = true;
        extended.from_pax |= is_pax;
        match kind(header) {
            _ if is_second => Err(Fault::new(&HEADERS)),
            b'L' => set(&mut extended.path, text(&content).to_vec()),
            b'K' => set(&mut extended.link, text(&content).to_vec()),
            _ => pax(&content, |key, value| match key {
                b"path" => set(&mut extended.path, value.to_vec()),
                b"linkpath" => set(&mut extended.link, value.to_vec()),
                b"size" => set(&mut extended.size, decimal(value).ok_or(Fault::new(&CORRUPT))?),
                _ if key.starts_with(b"GNU.sparse.") => Err(Fault::new(&UNSUPPORTED)),
                _ => Ok(()),
            }),
        }
    }

    /// A global header may say who made the archive and when, and nothing about what its members are.
    fn global(&mut self, header: &[u8; BLOCK]) -> Result<(), Fault> {
        let content = self.content(size(header)?)?;
        pax(&content, |key, _| match key {
            b"path" | b"linkpath" | b"size" => Err(Fault::new(&HEADERS)),
            _ if key.starts_with(b"GNU.sparse.") => Err(Fault::new(&UNSUPPORTED)),
            _ => Ok(()),
        })
    }
}

impl Container for Tar<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        self.pad()?;
        let mut extended = Extended::default();
        loop {
            let header = self.block()?;
            if header.iter().all(|byte| *byte == 0) {
                return if extended.any { Err(Fault::new(&CORRUPT)) } else { self.end().map(|()| None) };
            }
            if !has_checksum(&header) {
                return Err(Fault::new(&CORRUPT));
            }
            match kind(&header) {
                b'x' | b'L' | b'K' => self.extend(&header, &mut extended)?,
                b'g' => self.global(&header)?,
                _ => return self.member(&header, extended).map(Some),
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        self.source.member(buffer, &mut self.left)
    }
}

impl Tar<'_> {
    fn member(&mut self, header: &[u8; BLOCK], extended: Extended) -> Result<Header, Fault> {
        let short = short_name(header);
        if let Some(long) = &extended.path {
            overrides(&short, long)?;
        }
        let name = extended.path.unwrap_or(short);
        if name.len() > LONGEST {
            return Err(Fault::at(&super::fault::PATH, &name));
        }
        let stated = size(header)?;
        // A reader that skips the extended header would take the content for headers, or headers for content.
        let size = match extended.size {
            Some(size) if size == stated || (size >= BEYOND_OCTAL && stated == 0) => size,
            Some(_) => return Err(Fault::new(&HEADERS)),
            None => stated,
        };
        let link = || extended.link.clone().unwrap_or_else(|| text(field(header, 157..257)).to_vec());
        let header = match kind(header) {
            // The old format marks a folder by its name alone.
            b'0' | 0 | b'7' if !name.ends_with(b"/") => {
                self.start(size);
                return Ok(Header::File { name: Some(name) });
            }
            b'0' | 0 | b'7' | b'5' => Header::Folder { name },
            b'1' => Header::Link { name, target: link(), hard: true },
            b'2' => Header::Link { name, target: link(), hard: false },
            b'3' | b'4' | b'6' => return Err(Fault::at(&DEVICE, &name)),
            _ => return Err(Fault::new(&UNSUPPORTED)),
        };
        // Programs differ in whether content follows.
        if size == 0 { Ok(header) } else { Err(Fault::new(&HEADERS)) }
    }
}

/// A longer name takes the place of the header's where that one cannot hold it; it must not take the place of another name.
fn overrides(short: &[u8], long: &[u8]) -> Result<(), Fault> {
    let fits = long.is_ascii() && long.len() < 100;
    if fits && short != long { Err(Fault::new(&HEADERS)) } else { Ok(()) }
}

fn set<T: PartialEq>(place: &mut Option<T>, value: T) -> Result<(), Fault> {
    match place.replace(value) {
        Some(_) => Err(Fault::new(&HEADERS)),
        None => Ok(()),
    }
}

fn field(header: &[u8; BLOCK], range: std::ops::Range<usize>) -> &[u8] {
    header.get(range).unwrap_or_default()
}

const fn kind(header: &[u8; BLOCK]) -> u8 {
    header[156]
}

/// Up to the first NUL.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn short_name(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(field(header, 0..100));
    let prefix = text(field(header, 345..500));
    // GNU keeps times and more where ustar keeps the prefix.
    if field(header, 257..263) == b"ustar\0" && !prefix.is_empty() { [prefix, name].join(&b'/') } else { name.to_vec() }
}

fn size(header: &[u8; BLOCK]) -> Result<u64, Fault> {
    number(field(header, 124..136)).ok_or(Fault::new(&CORRUPT))
}

/// Octal digits between spaces and NULs, or, with the highest bit set, a big-endian number.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((0x80, rest)) = field.split_first() {
        let (high, low) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
        let low = u64::from_be_bytes(low.try_into().ok()?);
        return (high.iter().all(|byte| *byte == 0) && i64::try_from(low).is_ok()).then_some(low);
    }
    let digits = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// The sum of the header's bytes, its own field taken for spaces.
pub(super) fn has_checksum(header: &[u8]) -> bool {
    let Some(header) = header.first_chunk::<BLOCK>() else { return false };
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    let expected = sum(header) - sum(field(header, 148..156)) + 8 * u64::from(b' ');
    number(field(header, 148..156)) == Some(expected)
}

/// Records `LENGTH KEY=VALUE\n`, each with its own length.
fn pax(mut content: &[u8], mut take: impl FnMut(&[u8], &[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    while !content.is_empty() {
        let (record, rest) = record(content).ok_or(Fault::new(&CORRUPT))?;
        let at = record.iter().position(|byte| *byte == b'=').ok_or(Fault::new(&CORRUPT))?;
        let (key, value) = record.split_at(at);
        take(key, value.get(1..).unwrap_or_default())?;
        content = rest;
    }
    Ok(())
}

/// `KEY=VALUE` of the first record, and what follows it.
fn record(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = content.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(content.get(..space)?)?).ok()?;
    let (record, rest) = content.split_at_checked(length)?;
    Some((record.get(space + 1..)?.strip_suffix(b"\n")?, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
