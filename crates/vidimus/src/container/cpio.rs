//! cpio in the new ASCII format, with and without checksums: the payload of RPM packages.

use std::collections::BTreeMap;

use super::fault::{CORRUPT, DEVICE, EXTRA, Fault, HEADERS};
use super::names::LONGEST;
use super::source::Source;
use super::{Container, Entry, Header};

pub(super) const MARKS: [&[u8]; 2] = [b"070701", b"070702"];
const END: &[u8] = b"TRAILER!!!";

/// Device and inode.
type File = (u32, u32, u32);

pub(super) struct Cpio<'s> {
    source: Source<'s>,
    left: u64,
    padding: usize,
    /// The sum that the content of the current member must have, and what it has so far.
    sum: Option<(u32, u32)>,
    /// Entries so far.
    entries: usize,
    /// Of files with several names, those names, and which of them has the content.
    linked: BTreeMap<File, (Vec<usize>, Option<usize>)>,
}

/// The numbers of a header that matter here.
struct Numbers {
    with_sum: bool,
    file: File,
    mode: u32,
    links: u32,
    size: u32,
    name: u32,
    sum: u32,
}

impl<'s> Cpio<'s> {
    pub(super) fn new(source: Source<'s>) -> Self {
        Self { source, left: 0, padding: 0, sum: None, entries: 0, linked: BTreeMap::new() }
    }

    fn header(&mut self) -> Result<Numbers, Fault> {
        let header: [u8; 110] = self.source.array()?;
        if !MARKS.iter().any(|mark| header.starts_with(mark)) {
            return Err(Fault::new(&CORRUPT));
        }
        let number = |place: usize| {
            let digits = header.get(6 + place * 8..14 + place * 8).unwrap_or_default();
            let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
            text.and_then(|text| u32::from_str_radix(text, 16).ok()).ok_or(Fault::new(&CORRUPT))
        };
        Ok(Numbers {
            with_sum: header.starts_with(MARKS[1]),
            file: (number(7)?, number(8)?, number(0)?),
            mode: number(1)?,
            links: number(4)?,
            size: number(6)?,
            name: number(11)?,
            sum: number(12)?,
        })
    }

    /// The name, its NUL, and zeros up to four bytes.
    fn name(&mut self, length: u32) -> Result<Vec<u8>, Fault> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(Fault::new(&CORRUPT));
        }
        let mut name = self.source.take(length)?;
        if name.pop() != Some(0) || name.contains(&0) {
            return Err(Fault::new(&CORRUPT));
        }
        self.zeros((110 + length).next_multiple_of(4) - (110 + length))?;
        Ok(name)
    }

    fn zeros(&mut self, count: usize) -> Result<(), Fault> {
        let zeros = self.source.take(count)?;
        if zeros.iter().any(|byte| *byte != 0) { Err(Fault::new(&EXTRA)) } else { Ok(()) }
    }

    fn start(&mut self, size: u32) {
        self.left = u64::from(size);
        self.padding = usize::try_from(self.left.next_multiple_of(4) - self.left).unwrap_or_default();
    }

    /// One file with several names has its content at one of them, usually the last.
    fn link(&mut self, numbers: &Numbers) -> Result<(), Fault> {
        let (names, content) = self.linked.entry(numbers.file).or_default();
        names.push(self.entries);
        if numbers.size > 0 && content.replace(self.entries).is_some() {
            return Err(Fault::new(&HEADERS));
        }
        Ok(())
    }
}

impl Container for Cpio<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        if self.sum.take().is_some_and(|(stated, is)| stated != is) {
            return Err(Fault::new(&CORRUPT));
        }
        let padding = std::mem::take(&mut self.padding);
        self.zeros(padding)?;
        let numbers = self.header()?;
        let name = self.name(numbers.name)?;
        if name == END {
            let is_end = numbers.size == 0 && self.source.zeros_to_end()?;
            return if is_end { Ok(None) } else { Err(Fault::new(&EXTRA)) };
        }
        self.start(numbers.size);
        let kind = numbers.mode & 0o170_000;
        match kind {
            0o100_000 => {
                if numbers.links > 1 {
                    self.link(&numbers)?;
                }
                self.sum = numbers.with_sum.then_some((numbers.sum, 0));
                self.entries += 1;
                Ok(Some(Header::File { name: Some(name) }))
            }
            0o120_000 if self.left <= LONGEST as u64 => {
                let target = self.source.take(usize::try_from(std::mem::take(&mut self.left)).unwrap_or_default())?;
                self.entries += 1;
                Ok(Some(Header::Link { name, target, hard: false }))
            }
            0o040_000 if numbers.size == 0 => Ok(Some(Header::Folder { name })),
            0o040_000 | 0o120_000 => Err(Fault::new(&HEADERS)),
            _ => Err(Fault::at(&DEVICE, &name)),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let read = self.source.member(buffer, &mut self.left)?;
        if let Some((_, sum)) = &mut self.sum {
            let bytes = buffer.get(..read).unwrap_or_default();
            *sum = bytes.iter().fold(*sum, |sum, byte| sum.wrapping_add(u32::from(*byte)));
        }
        Ok(read)
    }

    fn finish(&mut self, entries: &mut [Entry]) {
        for (names, content) in std::mem::take(&mut self.linked).into_values() {
            let Some(entry) = content.and_then(|at| entries.get(at)) else { continue };
            let (size, digests, encoding) = (entry.size, entry.digests.clone(), entry.signed_encoding);
            for name in names {
                if let Some(entry) = entries.get_mut(name) {
                    (entry.size, entry.digests, entry.signed_encoding) = (size, digests.clone(), encoding);
                }
            }
        }
    }
}
