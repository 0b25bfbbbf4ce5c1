//! Containers: archives and compressed files, opened as streams. Members are hashed and listed; nothing is written anywhere.
//!
//! A container is recognised by its content, never by its name. One that is damaged, ambiguous or beyond a limit is *opaque*: its
//! layer carries the reason and lists nothing, and whatever holds it goes on. There is one file per format; each reads one
//! container from front to back and knows nothing of nesting, which is a stack of open containers here and no recursion.

mod compression;
mod cpio;
mod deb;
pub(crate) mod fault;
mod names;
mod oci;
mod rpm;
mod source;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::decode;
use crate::digest::{Digests, Hasher};
use crate::limits::Limits;
use crate::reason::Reason;

use compression::Compressed;
use fault::{BYTES, DEPTH, Fault, MEMBERS, RATIO, UNSUPPORTED};
use names::{Names, What};
use source::Source;

/// Bytes that tell what a file is.
pub const SNIFF: usize = 512;

/// Growth is counted from here on: a small archive is mostly padding.
const RATIO_FROM: u64 = 1024 * 1024;

/// What a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz file format.
    Xz,
    /// bzip2.
    Bzip2,
    /// LZMA alone, as in old RPM payloads.
    Lzma,
    /// ustar, pax, GNU, and the old format.
    Tar,
    /// zip, with wheels and JARs.
    Zip,
    /// A Debian package.
    Deb,
    /// An RPM package.
    Rpm,
    /// cpio, new ASCII format.
    Cpio,
    /// Known, and not opened.
    Other(&'static str),
}

impl Format {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
            Self::Lzma => "lzma",
            Self::Tar => "tar",
            Self::Zip => "zip",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Cpio => "cpio",
            Self::Other(name) => name,
        }
    }

    /// The format of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let marked = MARKS.iter().map(|(_, format)| *format);
        let all = marked.chain([Self::Bzip2, Self::Lzma, Self::Tar]);
        all.into_iter().find(|format| format.name() == name)
    }

    /// Can it be a delivery, or be around one?
    pub(crate) const fn is_delivery(self) -> bool {
        self.is_compression() || matches!(self, Self::Tar | Self::Zip)
    }

    /// Is it one compressed stream, so that what is in it belongs to the same level?
    pub(crate) const fn is_compression(self) -> bool {
        matches!(self, Self::Gzip | Self::Zstd | Self::Xz | Self::Bzip2 | Self::Lzma)
    }
}

/// First bytes by format.
const MARKS: &[(&[u8], Format)] = &[
    (b"\x1f\x8b", Format::Gzip),
    (b"\x28\xb5\x2f\xfd", Format::Zstd),
    (b"\xfd7zXZ\0", Format::Xz),
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x05\x06", Format::Zip),
    (deb::MARK, Format::Deb),
    (rpm::MARK, Format::Rpm),
    (cpio::MARKS[0], Format::Cpio),
    (cpio::MARKS[1], Format::Cpio),
    (b"7z\xbc\xaf\x27\x1c", Format::Other("7z")),
    (b"Rar!\x1a\x07", Format::Other("rar")),
    (b"MSCF\0\0\0\0", Format::Other("cab")),
    (b"xar!", Format::Other("xar")),
    (b"hsqs", Format::Other("squashfs")),
    (b"LZIP", Format::Other("lzip")),
    (b"\x04\x22\x4d\x18", Format::Other("lz4")),
    (b"\x1f\x9d", Format::Other("compress")),
    (b"070707", Format::Other("cpio-odc")),
    (b"07070X", Format::Other("rpm-cpio")),
    (b"PK\x07\x08", Format::Other("zip-split")),
];

/// The format that the first bytes show.
#[must_use]
pub fn recognise(prefix: &[u8]) -> Option<Format> {
    if let Some((_, format)) = MARKS.iter().find(|(mark, _)| prefix.starts_with(mark)) {
        return Some(*format);
    }
    if let [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] = prefix
        && (rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38\x50\x90"))
    {
        return Some(Format::Bzip2);
    }
    if is_lzma(prefix) {
        return Some(Format::Lzma);
    }
    let is_tar = prefix.first().is_some_and(|byte| *byte != 0) && tar::has_checksum(prefix);
    is_tar.then_some(Format::Tar)
}

/// A format without a mark: the usual properties, a dictionary of a power of two, and a size that is open or below 2^38.
fn is_lzma(prefix: &[u8]) -> bool {
    let Some(([0x5d, dictionary @ ..], rest)) = prefix.split_first_chunk::<5>() else { return false };
    let Some(size) = rest.first_chunk().map(|size| u64::from_le_bytes(*size)) else { return false };
    let dictionary = u32::from_le_bytes(*dictionary);
    dictionary >= 1 << 12 && dictionary.is_power_of_two() && (size == u64::MAX || size < 1 << 38)
}

/// All that is inside one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The containers, outermost first, each before those inside it; the first is the file itself.
    pub layers: Vec<Layer>,
    /// Members that were met and bytes that were read, those of opaque layers included.
    pub spent: Spent,
}

impl Contents {
    /// Counts what was spent, in the order in which files count; a file beyond a budget is opaque as a whole.
    pub(crate) fn hold_to(&mut self, limits: &Limits, spent: &mut Spent) {
        spent.members = spent.members.saturating_add(self.spent.members);
        spent.bytes = spent.bytes.saturating_add(self.spent.bytes);
        let reason = if spent.members > limits.archive_members {
            Reason::new(&MEMBERS).int("limit", limits.archive_members)
        } else if spent.bytes > limits.archive_bytes {
            Reason::new(&BYTES).int("limit", limits.archive_bytes)
        } else {
            return;
        };
        self.layers.truncate(1);
        if let Some(layer) = self.layers.first_mut() {
            layer.entries = Vec::new();
            layer.opaque = Some(reason);
        }
    }
}

/// What opening a file took from the budgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Members.
    pub members: u64,
    /// Bytes of members, over all levels.
    pub bytes: u64,
}

/// One container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The entry that it is, by layer and number; `None` for the file itself.
    pub of: Option<(usize, usize)>,
    /// What it is.
    pub format: Format,
    /// What it holds; nothing if it is opaque.
    pub entries: Vec<Entry>,
    /// Why it could not be seen through.
    pub opaque: Option<Reason>,
}

/// A file or a link in a container. Folders are not listed: they have no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, raw, without a leading `./`; `None` for the content of a compressed file.
    pub name: Option<Vec<u8>>,
    /// Bytes.
    pub size: u64,
    /// Digests of its bytes; `None` where it has none, as links in a tar.
    pub digests: Option<Digests>,
    /// It is a link; with what it points to, where that is not its content.
    pub link: Option<Vec<u8>>,
    /// It begins as the text does that the signature of an envelope is over (T16).
    pub signed_encoding: bool,
}

/// How to open.
pub struct Options<'a> {
    /// The budgets; members and bytes are those that are left.
    pub limits: &'a Limits,
    /// Size of the file.
    pub size: u64,
    /// How many levels deep the file itself is: 1, or 0 where it is the delivery.
    pub depth: u64,
}

/// Where a member stands.
#[derive(Clone, Copy, Debug)]
pub struct At<'m> {
    /// Number of its container among the layers.
    pub layer: usize,
    /// Its number there.
    pub entry: usize,
    /// Its name, as in [`Entry`].
    pub name: Option<&'m [u8]>,
}

/// Told about the members as they stream by.
pub trait Watch {
    /// What the member is hashed with.
    fn hasher(&mut self, at: &At<'_>) -> Hasher;

    /// Is the member, which begins with `head`, wanted in memory?
    fn keeps(&mut self, _at: &At<'_>, _head: &[u8]) -> bool {
        false
    }

    /// A member that was wanted, unless it is larger than an evidence document may be.
    fn kept(&mut self, _at: &At<'_>, _bytes: Vec<u8>) {}
}

/// What a format's reader says about the next member.
enum Header {
    File { name: Option<Vec<u8>> },
    Folder { name: Vec<u8> },
    Link { name: Vec<u8>, target: Vec<u8>, hard: bool },
}

/// A reader of one container, from front to back.
trait Container {
    /// The next member; the one before was read to its end. `None` when the container has ended as it should and nothing follows.
    fn next(&mut self) -> Result<Option<Header>, Fault>;

    /// Bytes of the current member; 0 at its end, where whatever is stated about them was compared.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault>;

    /// Tells about the entries what was only known at the end.
    fn finish(&mut self, _entries: &mut [Entry]) {}
}

/// Opens a file of that `format`.
#[must_use]
pub fn open<'s>(format: Format, file: Box<dyn Read + 's>, options: &Options<'_>, watch: &mut dyn Watch) -> Contents {
    let ratio = options.size.saturating_mul(options.limits.archive_ratio).max(RATIO_FROM);
    let budget = Budget { ratio, limits: *options.limits, spent: Spent::default(), exceeded: None };
    let mut walk = Walk {
        stack: Vec::new(),
        layers: Vec::new(),
        budget: Rc::new(RefCell::new(budget)),
        watch,
        buffer: vec![0; 64 * 1024],
    };
    let level = Level { depth: options.depth, packed: 0 };
    walk.push(format, Source::new(file), None, level.of(format));
    while !walk.stack.is_empty() {
        if let Err(fault) = walk.step() {
            walk.fail(&fault);
        }
    }
    let spent = walk.budget.borrow().spent;
    Contents { layers: walk.layers, spent }
}

/// What is left to spend on this file.
struct Budget {
    ratio: u64,
    limits: Limits,
    spent: Spent,
    exceeded: Option<Reason>,
}

impl Budget {
    fn member(&mut self) -> Result<(), Fault> {
        self.spent.members += 1;
        let limit = self.limits.archive_members;
        if self.spent.members > limit { Err(self.exceed(Reason::new(&MEMBERS).int("limit", limit))) } else { Ok(()) }
    }

    fn bytes(&mut self, more: usize) -> Result<(), Fault> {
        self.spent.bytes = self.spent.bytes.saturating_add(more as u64);
        let (bytes, ratio) = (self.limits.archive_bytes, self.limits.archive_ratio);
        if self.spent.bytes > self.ratio {
            Err(self.exceed(Reason::new(&RATIO).int("limit", ratio)))
        } else if self.spent.bytes > bytes {
            Err(self.exceed(Reason::new(&BYTES).int("limit", bytes)))
        } else {
            Ok(())
        }
    }

    /// The whole file is beyond a budget, whichever of its containers was being read.
    fn exceed(&mut self, reason: Reason) -> Fault {
        self.exceeded.get_or_insert(reason);
        Fault::new(&BYTES)
    }
}

/// The containers that are open, outermost first, and what was seen.
struct Walk<'s, 'a> {
    stack: Vec<Frame<'s>>,
    layers: Vec<Layer>,
    budget: Rc<RefCell<Budget>>,
    watch: &'a mut dyn Watch,
    buffer: Vec<u8>,
}

struct Frame<'s> {
    reader: Rc<RefCell<Reader<'s>>>,
    names: Names,
    layer: usize,
    level: Level,
}

/// Where a container is. What is delivered lies at the top, in however many streams it is packed: at depth 0 these are counted by
/// themselves, so that an archive is as deep in a packed delivery as in a folder.
#[derive(Clone, Copy)]
struct Level {
    depth: u64,
    packed: u64,
}

impl Level {
    /// The same with a container of that format counted, if it packs the delivery.
    const fn of(self, format: Format) -> Self {
        let around = self.depth == 0 && format.is_compression();
        Self { packed: if around { self.packed + 1 } else { 0 }, ..self }
    }

    /// The level of what is in a container of the format `outer` on this level. A stream and the archive in it are on one level.
    const fn within(self, outer: Format, inner: Format) -> Self {
        let stays = outer.is_compression() && (!inner.is_compression() || self.depth == 0);
        Self { depth: if stays { self.depth } else { self.depth + 1 }, ..self }.of(inner)
    }

    const fn is_beyond(self, limit: u64) -> bool {
        self.depth > limit || self.packed > limit
    }
}

/// An open container and the member of it that is being read.
struct Reader<'s> {
    container: Box<dyn Container + 's>,
    member: Option<Member>,
    fault: Option<Fault>,
    budget: Rc<RefCell<Budget>>,
}

struct Member {
    name: Option<Vec<u8>>,
    size: u64,
    hasher: Hasher,
    kept: Option<Vec<u8>>,
    signed_encoding: bool,
}

impl Reader<'_> {
    /// Bytes of the member, hashed and counted as they come.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let read = self.container.read(buffer)?;
        self.budget.borrow_mut().bytes(read)?;
        if let Some(member) = &mut self.member {
            member.size += read as u64;
            let bytes = buffer.get(..read).unwrap_or_default();
            member.hasher.update(bytes);
            if let Some(kept) = &mut member.kept {
                kept.extend_from_slice(bytes);
            }
            let limit = self.budget.borrow().limits.evidence_item_bytes;
            member.kept.take_if(|kept| kept.len() as u64 > limit);
        }
        Ok(read)
    }

    /// Fills `buffer` as far as the member goes.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest)? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }
}

/// A member as the source of the container that it is.
struct Body<'s>(Rc<RefCell<Reader<'s>>>);

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Only the container on top of the stack is read from, so the ones below are free.
        let mut reader = self.0.borrow_mut();
        reader.read(buffer).map_err(|fault| {
            reader.fault.get_or_insert(fault);
            io::ErrorKind::Other.into()
        })
    }
}

impl<'s> Walk<'s, '_> {
    /// Opens a container on top of the others.
    fn push(&mut self, format: Format, source: Source<'s>, of: Option<(usize, usize)>, level: Level) {
        let mut opaque = None;
        let limit = self.budget.borrow().limits.archive_depth;
        let container: Option<Box<dyn Container + 's>> = match format {
            _ if level.is_beyond(limit) => {
                opaque = Some(Reason::new(&DEPTH).int("limit", limit));
                None
            }
            Format::Tar => Some(Box::new(tar::Tar::new(source))),
            Format::Zip => Some(Box::new(zip::Zip::new(source))),
            Format::Deb => Some(Box::new(deb::Deb::new(source))),
            Format::Rpm => Some(Box::new(rpm::Rpm::new(source))),
            Format::Cpio => Some(Box::new(cpio::Cpio::new(source))),
            Format::Other(_) => {
                opaque = Some(Fault::new(&UNSUPPORTED).reason(format));
                None
            }
            Format::Gzip | Format::Zstd | Format::Xz | Format::Bzip2 | Format::Lzma => {
                Some(Box::new(Compressed::new(format, source)))
            }
        };
        let layer = self.layers.len();
        self.layers.push(Layer { of, format, entries: Vec::new(), opaque });
        self.stack.extend(container.map(|container| {
            let budget = Rc::clone(&self.budget);
            let reader = Reader { container, member: None, fault: None, budget };
            Frame { reader: Rc::new(RefCell::new(reader)), names: Names::default(), layer, level }
        }));
    }

    /// Reads the member of the innermost open container to its end, and begins the next.
    fn step(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        let Some(layer) = self.layers.get_mut(frame.layer) else { return Ok(()) };
        let shared = Rc::clone(&frame.reader);
        let mut reader = shared.borrow_mut();
        if reader.member.is_some() {
            while reader.read(&mut self.buffer)? > 0 {}
            if let Some(Member { name, size, hasher, kept, signed_encoding }) = reader.member.take() {
                if let Some(bytes) = kept {
                    let at = At { layer: frame.layer, entry: layer.entries.len(), name: name.as_deref() };
                    self.watch.kept(&at, bytes);
                }
                layer.entries.push(Entry { name, size, digests: Some(hasher.finish()), link: None, signed_encoding });
            }
        }
        let Some(header) = reader.container.next()? else {
            reader.container.finish(&mut layer.entries);
            oci::check(&layer.entries)?;
            self.stack.pop();
            return Ok(());
        };
        self.budget.borrow_mut().member()?;
        let name = match header {
            Header::File { name } => name.map(|name| frame.names.admit(&name, What::File)).transpose()?,
            Header::Folder { name } => return frame.names.admit(&name, What::Folder).map(drop),
            Header::Link { name, target, hard } => {
                let name = frame.names.admit(&name, What::Link)?;
                if hard {
                    frame.names.hard_link(&name, &target)?;
                }
                layer.entries.push(Entry {
                    name: Some(name),
                    size: 0,
                    digests: None,
                    link: Some(target),
                    signed_encoding: false,
                });
                return Ok(());
            }
        };
        let at = At { layer: frame.layer, entry: layer.entries.len(), name: name.as_deref() };
        let hasher = self.watch.hasher(&at);
        reader.member = Some(Member { name: name.clone(), size: 0, hasher, kept: None, signed_encoding: false });
        let mut head = vec![0; SNIFF];
        let length = reader.fill(&mut head)?;
        head.truncate(length);
        let keeps = self.watch.keeps(&at, &head);
        if let Some(member) = &mut reader.member {
            member.signed_encoding = decode::begins_signed_encoding(&head);
            member.kept = keeps.then(|| head.clone());
        }
        if let Some(format) = recognise(&head) {
            let of = Some((frame.layer, layer.entries.len()));
            let level = frame.level.within(layer.format, format);
            drop(reader);
            self.push(format, Source::new(Box::new(io::Cursor::new(head).chain(Body(shared)))), of, level);
        }
        Ok(())
    }

    /// The innermost container has a fault, or one that it is read from has: that one is opaque, with all that is in it.
    fn fail(&mut self, fault: &Fault) {
        let exceeded = self.budget.borrow_mut().exceeded.take();
        let below = self.stack.iter().position(|frame| frame.reader.borrow().fault.is_some());
        let at = if exceeded.is_some() { 0 } else { below.unwrap_or(self.stack.len().saturating_sub(1)) };
        let Some(frame) = self.stack.get(at) else { return };
        let reader = frame.reader.borrow();
        let (fault, layer) = (reader.fault.as_ref().unwrap_or(fault), frame.layer);
        self.layers.truncate(layer + 1);
        if let Some(layer) = self.layers.get_mut(layer) {
            layer.entries = Vec::new();
            layer.opaque = Some(exceeded.unwrap_or_else(|| fault.reason(layer.format)));
        }
        drop(reader);
        self.stack.truncate(at);
    }
}
