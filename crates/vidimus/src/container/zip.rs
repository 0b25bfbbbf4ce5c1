//! zip (APPNOTE.TXT 6.3): wheels, JARs and plain archives, read from front to back.
//!
//! A zip says everything twice, in front of each member and in the directory at its end, and programs differ in what they
//! believe. Here every member must lie directly after the one before it, and the directory must say the same about the same
//! places, in the same number: so members cannot overlap, hide between others, or be something else for the next reader (T18).

use std::collections::BTreeMap;
use std::io::BufRead as _;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::fault::{CORRUPT, DEVICE, ENCRYPTED, EXTRA, Fault, HEADERS, PATH, TRUNCATED, UNSUPPORTED};
use super::source::Source;
use super::{Container, Entry, Header};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const END: [u8; 4] = *b"PK\x05\x06";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Bit 0 encrypts the content, 6 strongly, 13 the directory.
const SECRET: u16 = 1 | 1 << 6 | 1 << 13;
/// Sizes and checksum come after the content.
const LATER: u16 = 1 << 3;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;

/// Who made the entry: one whose attributes are those of a Unix file.
const UNIX: u16 = 3;

const EXTRA64: u16 = 0x0001;
const EXTRA_NAME: u16 = 0x7075;
const ALL_ONES: u64 = 0xffff_ffff;

pub(super) struct Zip<'s> {
    source: Source<'s>,
    /// Where the next byte lies.
    position: u64,
    members: BTreeMap<u64, Member>,
    current: Option<Current>,
    files: usize,
    /// By number among the files, those that the directory calls links.
    links: Vec<usize>,
}

/// What was seen of a member; the directory must say the same.
#[derive(Clone, Debug)]
struct Member {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    file: Option<usize>,
}

struct Current {
    at: u64,
    stated: Member,
    /// Are sizes of eight bytes announced?
    wide: bool,
    inflate: Option<Decompress>,
    crc: Crc,
    packed: u64,
    size: u64,
    done: bool,
}

impl<'s> Zip<'s> {
    pub(super) fn new(source: Source<'s>) -> Self {
        Self { source, position: 0, members: BTreeMap::new(), current: None, files: 0, links: Vec::new() }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.position += N as u64;
        self.source.array()
    }

    fn take(&mut self, length: u16) -> Result<Vec<u8>, Fault> {
        self.position += u64::from(length);
        self.source.take(usize::from(length))
    }

    /// The header in front of a member, after its signature.
    fn local(&mut self, at: u64) -> Result<Header, Fault> {
        let fixed = Fields(self.bytes::<26>()?);
        let (flags, method) = (fixed.u16(2), fixed.u16(4));
        let (name, extra) = (self.take(fixed.u16(22))?, self.take(fixed.u16(24))?);
        if flags & SECRET != 0 {
            return Err(Fault::new(&ENCRYPTED));
        }
        if name.contains(&b'\\') {
            // The format has `/` alone; what `\` is depends on the system.
            return Err(Fault::at(&PATH, &name));
        }
        let mut sizes = [u64::from(fixed.u32(18)), u64::from(fixed.u32(14))];
        let wide = extended(&extra, &name, &mut sizes)?;
        let [size, packed] = sizes;
        let is_folder = name.ends_with(b"/");
        let later = flags & LATER != 0;
        if !matches!(method, STORED | DEFLATED) || (later && method == STORED && !is_folder && packed == 0) {
            // Stored with its length after it: where it ends is anybody's guess.
            return Err(Fault::new(&UNSUPPORTED));
        }
        if method == STORED && packed != size {
            return Err(Fault::new(&HEADERS));
        }
        let file = (!is_folder).then_some(self.files);
        self.files += usize::from(!is_folder);
        let stated = Member { name: name.clone(), flags, method, crc: fixed.u32(10), packed, size, file };
        let inflate = (method == DEFLATED).then(|| Decompress::new(false));
        self.current = Some(Current { at, stated, wide, inflate, crc: Crc::new(), packed: 0, size: 0, done: false });
        if !is_folder {
            return Ok(Header::File { name: Some(name) });
        }
        // Some programs write an empty deflated stream for a folder.
        if self.content(&mut [0])? != 0 { Err(Fault::new(&HEADERS)) } else { Ok(Header::Folder { name }) }
    }

    fn content(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let Some(current) = &mut self.current else { return Ok(0) };
        if current.done || buffer.is_empty() {
            return Ok(0);
        }
        let known = current.stated.flags & LATER == 0 || current.stated.packed != 0;
        let (used, made, end) = match &mut current.inflate {
            None => {
                let left = usize::try_from(current.stated.packed - current.packed).unwrap_or(usize::MAX);
                let length = buffer.len().min(left);
                let read = self.source.some(buffer.get_mut(..length).unwrap_or_default())?;
                if read < length {
                    return Err(Fault::new(&TRUNCATED));
                }
                (read, read, read == left)
            }
            Some(inflate) => loop {
                let input = self.source.fill_buf()?;
                if input.is_empty() {
                    return Err(Fault::new(&TRUNCATED));
                }
                let left = if known { current.stated.packed - current.packed } else { u64::MAX };
                let input = input.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(input);
                let before = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(input, buffer, FlushDecompress::None);
                let status = status.map_err(|_| Fault::new(&CORRUPT))?;
                let used = usize::try_from(inflate.total_in() - before.0).unwrap_or_default();
                let made = usize::try_from(inflate.total_out() - before.1).unwrap_or_default();
                self.source.consume(used);
                let end = status == Status::StreamEnd;
                if made > 0 || end {
                    break (used, made, end);
                }
                if used == 0 {
                    return Err(Fault::new(&CORRUPT));
                }
                current.packed += used as u64;
                self.position += used as u64;
            },
        };
        current.packed += used as u64;
        current.size += made as u64;
        self.position += used as u64;
        current.crc.update(buffer.get(..made).unwrap_or_default());
        if end {
            current.done = true;
            self.finish()?;
        }
        Ok(made)
    }

    /// The content is what was stated in front of it, or after it.
    fn finish(&mut self) -> Result<(), Fault> {
        let Some(current) = self.current.take() else { return Ok(()) };
        let Current { at, stated, wide, crc, packed, size, .. } = current;
        let seen = Member { crc: crc.sum(), packed, size, ..stated.clone() };
        if stated.flags & LATER != 0 {
            self.descriptor(&seen, wide)?;
            let agrees = |before: u64, now: u64| before == 0 || before == now;
            if !(agrees(stated.packed, packed)
                && agrees(stated.size, size)
                && agrees(stated.crc.into(), seen.crc.into()))
            {
                return Err(Fault::new(&HEADERS));
            }
        } else if (stated.packed, stated.size) != (packed, size) {
            return Err(Fault::new(&HEADERS));
        } else if stated.crc != seen.crc {
            return Err(Fault::new(&CORRUPT));
        }
        self.members.insert(at, seen);
        self.current = Some(Current { at, stated, wide, inflate: None, crc: Crc::new(), packed, size, done: true });
        Ok(())
    }

    /// Checksum and sizes after the content: with or without a signature, with four or eight bytes a size.
    fn descriptor(&mut self, seen: &Member, wide: bool) -> Result<(), Fault> {
        let narrow = |size: u64| u32::try_from(size).map(u32::to_le_bytes).map(|bytes| bytes.to_vec());
        let mut forms = Vec::new();
        let sizes = [seen.packed, seen.size];
        forms.push(sizes.map(u64::to_le_bytes).concat());
        if let (false, Ok(packed), Ok(size)) = (wide, narrow(seen.packed), narrow(seen.size)) {
            forms.push([packed, size].concat());
        }
        let crc = seen.crc.to_le_bytes();
        let next = self.source.peek(24)?;
        for form in &forms {
            for signature in [&DESCRIPTOR[..], &[]] {
                let whole = [signature, &crc, form].concat();
                if next.starts_with(&whole) {
                    self.position += whole.len() as u64;
                    self.source.consume(whole.len());
                    return Ok(());
                }
            }
        }
        let short = next.len() < 12;
        Err(Fault::new(if short { &TRUNCATED } else { &HEADERS }))
    }

    /// The directory and what ends it, after the first signature of it.
    fn directory(&mut self, mut signature: [u8; 4], start: u64) -> Result<(), Fault> {
        let mut left = std::mem::take(&mut self.members);
        let count = left.len() as u64;
        let mut at = start;
        while signature == CENTRAL {
            self.central(&mut left)?;
            at = self.position;
            signature = self.bytes()?;
        }
        if !left.is_empty() {
            // A member that the directory does not have is seen by programs that read from the front alone.
            return Err(Fault::new(&HEADERS));
        }
        let length = at - start;
        let expected = [count, count, length, start];
        let wide = signature == END64;
        if wide {
            self.end64(at, &expected)?;
            signature = self.bytes()?;
        }
        if signature != END {
            return Err(Fault::new(&CORRUPT));
        }
        let end = Fields(self.bytes::<18>()?);
        let comment = self.take(end.u16(16))?;
        let stated: [u64; 4] = [end.u16(4).into(), end.u16(6).into(), end.u32(8).into(), end.u32(12).into()];
        let tops = [0xffff, 0xffff, ALL_ONES, ALL_ONES];
        let agrees =
            stated.iter().zip(expected).zip(tops).all(|((stated, is), top)| *stated == is || (wide && *stated == top));
        if !agrees || end.u16(0) != 0 || end.u16(2) != 0 {
            return Err(Fault::new(&HEADERS));
        }
        // A program that looks for the end from behind would find another one in the comment.
        let is_end = |window: &[u8]| window == END;
        if comment.windows(END.len()).any(is_end) || !self.source.at_end()? {
            return Err(Fault::new(&EXTRA));
        }
        Ok(())
    }

    /// One record of the directory, after its signature.
    fn central(&mut self, left: &mut BTreeMap<u64, Member>) -> Result<(), Fault> {
        let fixed = Fields(self.bytes::<42>()?);
        let (name, extra) = (self.take(fixed.u16(24))?, self.take(fixed.u16(26))?);
        self.take(fixed.u16(28))?;
        let mut numbers = [u64::from(fixed.u32(20)), u64::from(fixed.u32(16)), u64::from(fixed.u32(38))];
        extended(&extra, &name, &mut numbers)?;
        let [size, packed, at] = numbers;
        let Some(seen) = left.remove(&at) else { return Err(Fault::new(&HEADERS)) };
        let stated = (name, fixed.u16(6), fixed.u32(12), packed, size, fixed.u16(30));
        let differs = (seen.flags ^ fixed.u16(4)) & (SECRET | UTF8) != 0;
        if differs || stated != (seen.name, seen.method, seen.crc, seen.packed, seen.size, 0) {
            return Err(Fault::new(&HEADERS));
        }
        if fixed.u16(0) >> 8 == UNIX {
            match (fixed.u32(34) >> 16) & 0o170_000 {
                0 | 0o100_000 | 0o040_000 => {}
                0o120_000 => self.links.extend(seen.file),
                _ => return Err(Fault::at(&DEVICE, &stated.0)),
            }
        }
        Ok(())
    }

    /// The end record with wide numbers, and what says where it lies.
    fn end64(&mut self, at: u64, expected: &[u64; 4]) -> Result<(), Fault> {
        let end = Fields(self.bytes::<52>()?);
        let stated = [end.u64(20), end.u64(28), end.u64(36), end.u64(44)];
        if self.bytes::<4>()? != LOCATOR64 {
            return Err(Fault::new(&CORRUPT));
        }
        let locator = Fields(self.bytes::<16>()?);
        let disks = [end.u32(12), end.u32(16), locator.u32(0)];
        if end.u64(0) != 44 || stated != *expected || disks != [0; 3] || locator.u64(4) != at || locator.u32(12) != 1 {
            return Err(Fault::new(&HEADERS));
        }
        Ok(())
    }
}

impl Container for Zip<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        self.current = None;
        let at = self.position;
        match self.bytes()? {
            LOCAL => self.local(at).map(Some),
            signature @ (CENTRAL | END | END64) => self.directory(signature, at).map(|()| None),
            // Between members, or in front of the directory, something else.
            _ => Err(Fault::new(&EXTRA)),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        self.content(buffer)
    }

    fn finish(&mut self, entries: &mut [Entry]) {
        let links = std::mem::take(&mut self.links);
        let mut files: Vec<&mut Entry> = entries.iter_mut().filter(|entry| entry.digests.is_some()).collect();
        for link in links {
            if let Some(entry) = files.get_mut(link) {
                // Its target is its content.
                entry.link = Some(Vec::new());
            }
        }
    }
}

/// Reads the extra fields: wide numbers take the places of those in `narrow` that are all ones, in their order. Were there any?
fn extended(mut extra: &[u8], name: &[u8], narrow: &mut [u64]) -> Result<bool, Fault> {
    let mut seen = false;
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let (field, rest) = rest.split_at_checked(length).ok_or(Fault::new(&CORRUPT))?;
        match id {
            EXTRA64 if seen => return Err(Fault::new(&HEADERS)),
            EXTRA64 => {
                seen = true;
                let mut wide = field.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok()).map(u64::from_le_bytes);
                for place in narrow.iter_mut().filter(|place| **place == ALL_ONES) {
                    *place = wide.next().ok_or(Fault::new(&CORRUPT))?;
                }
            }
            // Another name for those who read it: version, checksum of the name, the name.
            EXTRA_NAME if field.get(5..) != Some(name) => return Err(Fault::new(&HEADERS)),
            _ => {}
        }
        extra = rest;
    }
    Ok(seen)
}

/// Little-endian numbers by place.
struct Fields<const N: usize>([u8; N]);

impl<const N: usize> Fields<N> {
    fn at<const M: usize>(&self, place: usize) -> [u8; M] {
        self.0.get(place..place + M).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; M])
    }

    fn u16(&self, place: usize) -> u16 {
        u16::from_le_bytes(self.at(place))
    }

    fn u32(&self, place: usize) -> u32 {
        u32::from_le_bytes(self.at(place))
    }

    fn u64(&self, place: usize) -> u64 {
        u64::from_le_bytes(self.at(place))
    }
}
