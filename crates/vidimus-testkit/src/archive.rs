//! Forges archives byte by byte, honest ones and those that show two readers two things.

use std::io::Write as _;

use flate2::{Compression, Crc};

/// One member of a tar as its header states it; every field may lie.
#[derive(Clone, Debug)]
pub struct TarEntry {
    /// Bytes of the name field, at most 100.
    pub name: Vec<u8>,
    /// The type flag.
    pub kind: u8,
    /// The target of a link.
    pub link: Vec<u8>,
    /// The size that the header states.
    pub size: u64,
    /// What follows.
    pub content: Vec<u8>,
    /// Magic and version.
    pub magic: [u8; 8],
}

impl TarEntry {
    /// A file.
    #[must_use]
    pub fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        Self::new(b'0', name, content)
    }

    /// Any kind of member.
    #[must_use]
    pub fn new(kind: u8, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        let (name, size) = (name.as_ref().to_vec(), content.len() as u64);
        Self { name, kind, link: Vec::new(), size, content, magic: *b"ustar\x0000" }
    }

    /// A link of that kind (`1` hard, `2` symbolic).
    #[must_use]
    pub fn link(kind: u8, name: &str, target: &str) -> Self {
        Self { link: target.as_bytes().to_vec(), ..Self::new(kind, name, "") }
    }

    /// An extended header with these records.
    #[must_use]
    pub fn pax(kind: u8, records: &[(&str, &str)]) -> Self {
        let record = |(key, value): &(&str, &str)| {
            let body = format!(" {key}={value}\n");
            let mut length = body.len() + 1;
            while length != body.len() + length.to_string().len() {
                length += 1;
            }
            format!("{length}{body}")
        };
        Self::new(kind, "PaxHeaders/x", records.iter().map(record).collect::<String>())
    }

    /// The same with another stated size.
    #[must_use]
    pub const fn stating(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name);
        for (at, number) in [(100, 0o644), (108, 0), (116, 0)] {
            put(at, format!("{number:07o}").as_bytes());
        }
        put(124, format!("{:011o}", self.size).as_bytes());
        put(136, b"00000000000");
        put(148, b"        ");
        put(156, &[self.kind]);
        put(157, &self.link);
        put(257, &self.magic);
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut bytes = header.to_vec();
        bytes.extend(&self.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

/// A tar of `entries`, with the two blocks that end it.
#[must_use]
pub fn tar(entries: &[TarEntry]) -> Vec<u8> {
    let mut bytes: Vec<u8> = entries.iter().flat_map(TarEntry::bytes).collect();
    bytes.extend([0; 1024]);
    bytes
}

/// A tar of plain files.
#[must_use]
pub fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<TarEntry> = files.iter().map(|(name, content)| TarEntry::file(name, content)).collect();
    tar(&entries)
}

/// One gzip stream, without name and time.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One member of a zip, as both headers state it; every field may lie.
#[derive(Clone, Debug)]
pub struct ZipEntry {
    /// The name in front of the content.
    pub name: Vec<u8>,
    /// The name in the directory.
    pub central_name: Vec<u8>,
    /// General purpose flags, in both.
    pub flags: u16,
    /// 0 stored, 8 deflated.
    pub method: u16,
    /// The size in the directory.
    pub central_size: u32,
    /// The checksum, in both.
    pub crc: u32,
    /// External attributes: for Unix the mode, shifted.
    pub mode: u32,
    /// Extra field, in front of the content.
    pub extra: Vec<u8>,
    /// What is stored.
    pub packed: Vec<u8>,
    /// Its size before.
    pub size: u32,
}

impl ZipEntry {
    /// A stored file.
    #[must_use]
    pub fn stored(name: &str, content: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(content);
        let size = u32::try_from(content.len()).unwrap();
        Self {
            name: name.as_bytes().to_vec(),
            central_name: name.as_bytes().to_vec(),
            flags: 0,
            method: 0,
            central_size: size,
            crc: crc.sum(),
            mode: 0o100_644 << 16,
            extra: Vec::new(),
            packed: content.to_vec(),
            size,
        }
    }

    /// A deflated file.
    #[must_use]
    pub fn deflated(name: &str, content: &[u8]) -> Self {
        Self { method: 8, packed: deflate(content), ..Self::stored(name, content) }
    }

    /// The same with checksum and sizes after the content.
    #[must_use]
    pub const fn later(mut self) -> Self {
        self.flags |= 8;
        self
    }

    fn local(&self) -> Vec<u8> {
        let later = self.flags & 8 != 0;
        let (crc, packed, size) =
            if later { (0, 0, 0) } else { (self.crc, u32::try_from(self.packed.len()).unwrap(), self.size) };
        let mut out = b"PK\x03\x04".to_vec();
        words(&mut out, &[20, self.flags, self.method, 0, 0x21]);
        longs(&mut out, &[crc, packed, size]);
        words(&mut out, &[length(&self.name), length(&self.extra)]);
        out.extend([&self.name[..], &self.extra, &self.packed].concat());
        if later {
            out.extend(b"PK\x07\x08");
            longs(&mut out, &[self.crc, u32::try_from(self.packed.len()).unwrap(), self.size]);
        }
        out
    }

    fn central(&self, at: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02".to_vec();
        words(&mut out, &[3 << 8 | 20, 20, self.flags, self.method, 0, 0x21]);
        longs(&mut out, &[self.crc, u32::try_from(self.packed.len()).unwrap(), self.central_size]);
        words(&mut out, &[length(&self.central_name), 0, 0, 0, 0]);
        longs(&mut out, &[self.mode, u32::try_from(at).unwrap()]);
        out.extend(&self.central_name);
        out
    }
}

/// A zip of `entries`.
#[must_use]
pub fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    zip_with(entries, &[], &[])
}

/// A zip with something between the members and the directory, and a comment.
#[must_use]
pub fn zip_with(entries: &[ZipEntry], between: &[u8], comment: &[u8]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(out.len()));
        out.extend(entry.local());
    }
    out.extend(between);
    let start = out.len();
    out.extend(&directory);
    let count = u16::try_from(entries.len()).unwrap();
    out.extend(b"PK\x05\x06");
    words(&mut out, &[0, 0, count, count]);
    longs(&mut out, &[u32::try_from(directory.len()).unwrap(), u32::try_from(start).unwrap()]);
    words(&mut out, &[length(comment)]);
    out.extend(comment);
    out
}

fn words(out: &mut Vec<u8>, words: &[u16]) {
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn longs(out: &mut Vec<u8>, longs: &[u32]) {
    out.extend(longs.iter().flat_map(|long| long.to_le_bytes()));
}

fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap()
}

/// An `ar` archive of these members.
#[must_use]
pub fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, content) in members {
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, content.len()).as_bytes());
        out.extend(*content);
        out.extend(if content.len() % 2 == 1 { &b"\n"[..] } else { &[] });
    }
    out
}

/// A Debian package with these files.
#[must_use]
pub fn deb(files: &[(&str, &[u8])]) -> Vec<u8> {
    let control = gzip(&tar_of(&[("./control", b"Package: example\nVersion: 1\n")]));
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &gzip(&tar_of(files)))])
}

/// One member of a cpio; every field may lie.
#[derive(Clone, Debug)]
pub struct CpioEntry {
    /// The name, without its NUL.
    pub name: String,
    /// The inode.
    pub inode: u32,
    /// Type and permissions.
    pub mode: u32,
    /// How many names the file has.
    pub links: u32,
    /// What follows.
    pub content: Vec<u8>,
    /// The sum of the content's bytes, where the archive has sums.
    pub sum: Option<u32>,
}

impl CpioEntry {
    /// A file.
    #[must_use]
    pub fn file(name: &str, inode: u32, content: impl AsRef<[u8]>) -> Self {
        Self { name: name.to_owned(), inode, mode: 0o100_644, links: 1, content: content.as_ref().to_vec(), sum: None }
    }

    /// The same with the right sum of its content.
    #[must_use]
    pub fn summed(mut self) -> Self {
        self.sum = Some(self.content.iter().map(|byte| u32::from(*byte)).sum());
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let size = u32::try_from(self.content.len()).unwrap();
        let name = u32::try_from(self.name.len() + 1).unwrap();
        let sum = self.sum.unwrap_or_default();
        let numbers = [self.inode, self.mode, 0, 0, self.links, 0, size, 8, 1, 0, 0, name, sum];
        let mut out = if self.sum.is_some() { b"070702".to_vec() } else { b"070701".to_vec() };
        out.extend(numbers.iter().flat_map(|number| format!("{number:08x}").into_bytes()));
        out.extend([self.name.as_bytes(), b"\0"].concat());
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(&self.content);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }
}

/// A cpio of `entries`, with what ends it.
#[must_use]
pub fn cpio(entries: &[CpioEntry]) -> Vec<u8> {
    let end = CpioEntry { mode: 0, ..CpioEntry::file("TRAILER!!!", 0, "") };
    let mut out: Vec<u8> = entries.iter().chain([&end]).flat_map(CpioEntry::bytes).collect();
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// An RPM package with that payload.
#[must_use]
pub fn rpm(payload: &[u8]) -> Vec<u8> {
    let header = |data: &[u8]| {
        let mut out = b"\x8e\xad\xe8\x01\0\0\0\0".to_vec();
        for number in [1, u32::try_from(data.len()).unwrap(), 1000, 6, 0, 1] {
            out.extend(number.to_be_bytes());
        }
        out.extend(data);
        out
    };
    let mut out = b"\xed\xab\xee\xdb\x03\0".to_vec();
    out.resize(96, 0);
    out.extend(header(b"signature\0"));
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend(header(b"example\0"));
    out.extend(payload);
    out
}
