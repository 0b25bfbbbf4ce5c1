//! RPM packages, format 3 and 4: a lead, a header with signatures, a header with everything about the package, its scripts
//! included, and the payload. The second header and the payload are the members; the payload is a compressed cpio.

use super::fault::{CORRUPT, Fault};
use super::source::Source;
use super::{Container, Header};

pub(super) const MARK: &[u8] = b"\xed\xab\xee\xdb";
const LEAD: usize = 96;
const HEADER: [u8; 4] = *b"\x8e\xad\xe8\x01";
/// Most entries and bytes of a header, as `rpm` itself has them.
const ENTRIES: u32 = 0xffff;
const BYTES: u32 = 256 * 1024 * 1024;

pub(super) struct Rpm<'s> {
    source: Source<'s>,
    state: State,
}

enum State {
    Fresh,
    /// The start of the header, already read, then so many bytes of it.
    Header(Vec<u8>, u64),
    Payload,
}

impl<'s> Rpm<'s> {
    pub(super) fn new(source: Source<'s>) -> Self {
        Self { source, state: State::Fresh }
    }

    /// The start of a header, and how many bytes follow.
    fn header(&mut self) -> Result<(Vec<u8>, u64), Fault> {
        let start: [u8; 16] = self.source.array()?;
        let number = |at: usize| start.get(at..at + 4).and_then(|n| n.try_into().ok()).map_or(0, u32::from_be_bytes);
        let (entries, bytes) = (number(8), number(12));
        if !start.starts_with(&HEADER) || entries > ENTRIES || bytes > BYTES {
            return Err(Fault::new(&CORRUPT));
        }
        Ok((start.to_vec(), u64::from(entries) * 16 + u64::from(bytes)))
    }

    fn skip(&mut self, mut length: u64) -> Result<(), Fault> {
        let mut buffer = vec![0; 16 * 1024];
        while length > 0 {
            let part = usize::try_from(length.min(buffer.len() as u64)).unwrap_or_default();
            self.source.exact(buffer.get_mut(..part).unwrap_or_default())?;
            length -= part as u64;
        }
        Ok(())
    }
}

impl Container for Rpm<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        match self.state {
            State::Fresh => {
                self.skip(LEAD as u64)?;
                let (_, signatures) = self.header()?;
                self.skip(signatures.next_multiple_of(8))?;
                let (start, length) = self.header()?;
                self.state = State::Header(start, length);
                Ok(Some(Header::File { name: Some(b"header".to_vec()) }))
            }
            State::Header(..) => {
                self.state = State::Payload;
                Ok(Some(Header::File { name: Some(b"payload".to_vec()) }))
            }
            State::Payload => Ok(None),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        match &mut self.state {
            State::Fresh => Ok(0),
            State::Header(start, _) if !start.is_empty() => {
                let length = start.len().min(buffer.len());
                for (to, from) in buffer.iter_mut().zip(start.drain(..length)) {
                    *to = from;
                }
                Ok(length)
            }
            State::Header(_, left) => self.source.member(buffer, left),
            State::Payload => Ok(self.source.some(buffer)?),
        }
    }
}
