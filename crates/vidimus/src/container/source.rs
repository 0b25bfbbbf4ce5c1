//! What a container is read from: the file, or the member of another container, without seeking.

use std::io::{self, BufRead, Read};

use super::fault::{Fault, TRUNCATED};

/// Bytes asked for at once.
const CHUNK: usize = 64 * 1024;

/// A stream that can be looked into ahead.
pub(super) struct Source<'s> {
    inner: Box<dyn Read + 's>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<'s> Source<'s> {
    pub(super) fn new(inner: Box<dyn Read + 's>) -> Self {
        Self { inner, buffer: vec![0; CHUNK], start: 0, end: 0 }
    }

    /// The next bytes, at most `length` of them and fewer only at the end; they stay unread.
    pub(super) fn peek(&mut self, length: usize) -> io::Result<&[u8]> {
        let length = length.min(CHUNK);
        if self.end - self.start < length {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            while self.end < length {
                match self.inner.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                    Ok(0) => break,
                    Ok(read) => self.end += read,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
        }
        let all = self.buffer.get(self.start..self.end).unwrap_or_default();
        Ok(all.get(..length).unwrap_or(all))
    }

    /// Is nothing left?
    pub(super) fn at_end(&mut self) -> io::Result<bool> {
        Ok(self.peek(1)?.is_empty())
    }

    /// Fills `buffer`.
    pub(super) fn exact(&mut self, buffer: &mut [u8]) -> Result<(), Fault> {
        match self.some(buffer)? {
            read if read == buffer.len() => Ok(()),
            _ => Err(Fault::new(&TRUNCATED)),
        }
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The next `length` bytes; the caller bounds it.
    pub(super) fn take(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; length];
        self.exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Fills `buffer` as far as there are bytes.
    pub(super) fn some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }

    /// Bytes of a member of which `left` are left; all of them must be there.
    pub(super) fn member(&mut self, buffer: &mut [u8], left: &mut u64) -> Result<usize, Fault> {
        let length = buffer.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        self.exact(buffer.get_mut(..length).unwrap_or_default())?;
        *left -= length as u64;
        Ok(length)
    }

    /// Are all the bytes that are left zero? They are read.
    pub(super) fn zeros_to_end(&mut self) -> io::Result<bool> {
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(true);
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            let length = bytes.len();
            self.consume(length);
        }
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, self.inner.read(&mut self.buffer)?);
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = (&*bytes).read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}
