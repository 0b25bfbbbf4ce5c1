//! The tar around an evidence archive: POSIX ustar and nothing else. A header is right if it is, byte for byte, the one that we
//! would write for its name and size, so no second reading of it exists.

use std::io::{self, Read, Write};

/// Bytes of a header, and what sizes are rounded up to.
pub(super) const BLOCK: usize = 512;
/// The largest member that a ustar header can state.
pub(super) const MAX_SIZE: u64 = 0o777_7777_7777;
const NAME: usize = 100;

/// The header of a regular file with mode 0644, owner and group 0 and time 0; `None` if it cannot be stated.
pub(super) fn header(name: &str, size: u64) -> Option<Vec<u8>> {
    if name.is_empty() || name.len() > NAME || size > MAX_SIZE {
        return None;
    }
    let field = |text: &str, width: usize| -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(width, 0);
        bytes
    };
    let before = [
        field(name, NAME),
        field("0000644", 8),
        field("0000000", 8),
        field("0000000", 8),
        field(&format!("{size:011o}"), 12),
        field("00000000000", 12),
    ]
    .concat();
    let after = [
        field("0", 1),
        field("", 100),
        field("ustar", 6),
        field("00", 2),
        field("", 64),
        field("0000000", 8),
        field("0000000", 8),
        field("", 155 + 12),
    ]
    .concat();
    let sum: u64 = before.iter().chain(&[b' '; 8]).chain(&after).map(|byte| u64::from(*byte)).sum();
    Some([before, field(&format!("{sum:06o}\0 "), 8), after].concat())
}

/// Name and size, if this is exactly such a header.
pub(super) fn read_header(block: &[u8]) -> Option<(String, u64)> {
    let name = block.get(..NAME)?.split(|byte| *byte == 0).next()?;
    let name = std::str::from_utf8(name).ok()?;
    let size = u64::from_str_radix(std::str::from_utf8(block.get(124..135)?).ok()?, 8).ok()?;
    (header(name, size)? == block).then(|| (name.to_owned(), size))
}

/// Zeros behind a member of `size` bytes.
pub(super) const fn padding(size: u64) -> usize {
    let over = (size % BLOCK as u64) as usize;
    if over == 0 { 0 } else { BLOCK - over }
}

/// Writes members, which the caller sorts.
pub(super) struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { out }
    }

    /// A member whose `size` bytes come from `bytes`, no more and no fewer.
    pub(super) fn put(&mut self, name: &str, size: u64, bytes: &mut dyn Read) -> io::Result<()> {
        let header = header(name, size).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.out.write_all(&header)?;
        if io::copy(&mut bytes.take(size), &mut self.out)? != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        io::copy(&mut io::repeat(0).take(padding(size) as u64), &mut self.out).map(|_| ())
    }

    /// Two blocks of zeros.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers_are_the_only_ones_for_their_member() {
        for (name, size) in [("oci-layout", 30), ("index.json", 0), ("blobs/sha256/00", MAX_SIZE)] {
            let block = header(name, size).unwrap();
            assert_eq!((block.len(), read_header(&block)), (BLOCK, Some((name.to_owned(), size))));
            for at in 0..BLOCK {
                let mut changed = block.clone();
                *changed.get_mut(at).unwrap() ^= 1;
                assert_ne!(read_header(&changed), Some((name.to_owned(), size)), "byte {at}");
            }
        }
        for (name, size) in [("", 0), ("x", MAX_SIZE + 1), (&"x".repeat(101), 0)] {
            assert_eq!(header(name, size), None, "{name}");
        }
    }

    #[test]
    fn other_tars_are_not_ours() {
        // What other programs may write for the same file: a mode, a time, a name that is padded otherwise.
        let block = header("index.json", 5).unwrap();
        for (at, bytes) in [(100, &b"0000755"[..]), (136, b"00000000001"), (156, b"5"), (257, b"ustar  "), (345, b"x")]
        {
            let mut other = block.clone();
            other.get_mut(at..at + bytes.len()).unwrap().copy_from_slice(bytes);
            assert_eq!(read_header(&other), None, "{at}");
        }
    }
}
