//! One compressed stream: a container with a single member that has no name.
//!
//! The libraries decompress; that the checksum fits, that the size fits and that nothing follows is asked here.

use std::io::Read;

use flate2::bufread::GzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::StreamingDecoder;

use super::fault::{CONCATENATED, CORRUPT, EXTRA, Fault};
use super::source::Source;
use super::{Container, Format, Header};

/// Largest window or dictionary that a stream may ask for: what `xz -9` and `zstd --long=27` need, and no more.
const WINDOW: u64 = 128 * 1024 * 1024;
/// The same in KiB, with what the decoder itself needs.
const MEMORY: u32 = 132 * 1024;

pub(super) struct Compressed<'s> {
    format: Format,
    decoder: Decoder<'s>,
    read: u64,
    state: State,
}

enum State {
    Fresh,
    Reading,
    Done,
}

enum Decoder<'s> {
    Gzip(Box<GzDecoder<Source<'s>>>),
    Bzip2(Box<bzip2::bufread::BzDecoder<Source<'s>>>),
    Xz(Box<XzReader<Source<'s>>>),
    Lzma(Box<LzmaReader<Source<'s>>>),
    /// These read a header when they are made; it is only read with the first bytes.
    Fresh(Option<Source<'s>>),
    Zstd(Box<StreamingDecoder<Source<'s>, ruzstd::decoding::FrameDecoder>>),
}

impl<'s> Compressed<'s> {
    pub(super) fn new(format: Format, source: Source<'s>) -> Self {
        let decoder = match format {
            Format::Bzip2 => Decoder::Bzip2(Box::new(bzip2::bufread::BzDecoder::new(source))),
            Format::Xz => Decoder::Xz(Box::new(XzReader::new_mem_limit(source, false, MEMORY))),
            Format::Zstd | Format::Lzma => Decoder::Fresh(Some(source)),
            _ => Decoder::Gzip(Box::new(GzDecoder::new(source))),
        };
        Self { format, decoder, read: 0, state: State::Fresh }
    }

    /// Everything that the format states about the content is true, and nothing follows.
    fn end(&mut self) -> Result<(), Fault> {
        if let Decoder::Lzma(_) = &self.decoder
            && let Decoder::Lzma(decoder) = std::mem::replace(&mut self.decoder, Decoder::Fresh(None))
        {
            // This one reads ahead, and only tells when it is done.
            let (mut source, unused) = decoder.into_parts();
            return if unused.is_empty() && source.at_end()? { Ok(()) } else { Err(Fault::new(&EXTRA)) };
        }
        let source = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Bzip2(decoder) => decoder.get_mut(),
            Decoder::Xz(decoder) => decoder.inner_mut(),
            Decoder::Lzma(_) | Decoder::Fresh(_) => return Err(Fault::new(&CORRUPT)),
            Decoder::Zstd(decoder) => {
                let frame = &decoder.decoder;
                let stated = frame.get_checksum_from_data();
                let size = frame.content_size();
                if stated.is_some_and(|stated| frame.get_calculated_checksum() != Some(stated))
                    || (size != 0 && size != self.read)
                {
                    return Err(Fault::new(&CORRUPT));
                }
                decoder.get_mut()
            }
        };
        let next = source.peek(super::SNIFF)?;
        if next.is_empty() {
            return Ok(());
        }
        Err(Fault::new(if super::recognise(next) == Some(self.format) { &CONCATENATED } else { &EXTRA }))
    }
}

impl Container for Compressed<'_> {
    fn next(&mut self) -> Result<Option<Header>, Fault> {
        match self.state {
            State::Fresh => {
                self.state = State::Reading;
                Ok(Some(Header::File { name: None }))
            }
            State::Reading | State::Done => {
                self.end()?;
                Ok(None)
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        if matches!(self.state, State::Done) {
            return Ok(0);
        }
        if let Decoder::Fresh(source) = &mut self.decoder {
            let source = source.take().ok_or(Fault::new(&CORRUPT))?;
            self.decoder = if self.format == Format::Lzma {
                Decoder::Lzma(Box::new(LzmaReader::new_mem_limit(source, MEMORY, None)?))
            } else {
                let decoder = StreamingDecoder::new_with_max_window_size(source, WINDOW);
                Decoder::Zstd(Box::new(decoder.map_err(|_| Fault::new(&CORRUPT))?))
            };
        }
        let read = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Bzip2(decoder) => decoder.read(buffer),
            Decoder::Xz(decoder) => decoder.read(buffer),
            Decoder::Lzma(decoder) => decoder.read(buffer),
            Decoder::Fresh(_) => Ok(0),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        }?;
        self.read += read as u64;
        if read == 0 {
            self.state = State::Done;
        }
        Ok(read)
    }
}
