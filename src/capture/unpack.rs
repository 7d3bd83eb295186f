//! Decompression, recognised by content: gzip, zstd, lz4, xz and bzip2, each with any number of members, frames or streams.
//!
//! No window or dictionary above [`WINDOW_MAX`] is ever allocated. Must not know what the content is.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window or dictionary of a decompressor, in octets.
pub(crate) const WINDOW_MAX: u64 = 128 << 20;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
    /// lz4 frames.
    Lz4,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
}

impl Packing {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }

    /// What the first octets of a file say; at most six are looked at.
    pub(crate) const fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A skippable frame may open a zstd or an lz4 file; the first frame that is none decides.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Self::Lz4,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Self::Bzip2,
            _ => Self::None,
        }
    }
}

/// A readable and sendable source.
pub(crate) type Source = Box<dyn Read + Send>;

/// Looks at the first octets of a source (waiting for no more than it needs) and unpacks it if it is packed.
pub(crate) fn unpack(mut source: Source) -> io::Result<(Source, Packing)> {
    let mut first = Vec::new();
    // Four octets tell that a capture is not packed; only where they look like xz or bzip2 two more are waited for.
    read_up_to(&mut source, &mut first, 4)?;
    if matches!(first.as_slice(), [0xfd, b'7', b'z', b'X'] | [b'B', b'Z', b'h', b'1'..=b'9']) {
        read_up_to(&mut source, &mut first, 6)?;
    }
    let packing = Packing::of(&first);
    let whole = Cursor::new(first).chain(source);
    if packing == Packing::None {
        return Ok((Box::new(whole), packing));
    }
    Ok((unpacked(packing, Box::new(whole)), packing))
}

/// The content of a source that is packed so.
pub(crate) fn unpacked(packing: Packing, whole: Source) -> Source {
    let inner: Source = match packing {
        Packing::None => return whole,
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(whole))),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(whole))),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(BufReader::new(whole), true, XZ_LIMIT)),
        Packing::Zstd | Packing::Lz4 => Box::new(Frames::Between(Recent::new(whole))),
    };
    Box::new(Named { packing, inner })
}

/// Reads until `into` has `count` octets or the source ends.
fn read_up_to(source: &mut impl Read, into: &mut Vec<u8>, count: usize) -> io::Result<()> {
    let missing = count.saturating_sub(into.len()) as u64;
    source.by_ref().take(missing).read_to_end(into).map(|_| ())
}

/// Memory limit of the xz decoder in KiB: the dictionary and what the decoder counts on top of it.
const XZ_LIMIT: u32 = (128 << 10) + 128;

/// Says in its errors how the file was packed.
struct Named {
    packing: Packing,
    inner: Source,
}

impl Read for Named {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inner.read(into).map_err(|error| {
            let name = self.packing.name();
            let text = match error.kind() {
                ErrorKind::Interrupted => return error,
                ErrorKind::UnexpectedEof => format!("the {name} stream is cut off"),
                ErrorKind::OutOfMemory => {
                    format!("the {name} stream needs a dictionary above the limit of {} MiB", WINDOW_MAX >> 20)
                }
                _ => format!("the {name} stream is damaged: {error}"),
            };
            io::Error::new(error.kind(), text)
        })
    }
}

/// A buffered reader that remembers the last octets taken from it.
struct Recent<R> {
    inner: BufReader<R>,
    last: [u8; 8],
}

impl<R: Read> Recent<R> {
    fn new(inner: R) -> Self {
        Self { inner: BufReader::new(inner), last: [0; 8] }
    }

    /// Whether nothing follows.
    fn at_end(&mut self) -> io::Result<bool> {
        loop {
            match self.inner.fill_buf() {
                Ok(octets) => return Ok(octets.is_empty()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> Read for Recent<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        for octet in into.iter().take(count).skip(count.saturating_sub(self.last.len())) {
            self.last.rotate_left(1);
            if let Some(last) = self.last.last_mut() {
                *last = *octet;
            }
        }
        Ok(count)
    }
}

/// What an lz4 frame is decoded from: its magic number, which was looked at already, and what follows.
type FrameSource<R> = io::Chain<Cursor<[u8; 4]>, Recent<R>>;

/// zstd and lz4 frames one after the other, skippable ones left out.
enum Frames<R: Read> {
    /// Before a frame: its magic number decides.
    Between(Recent<R>),
    /// In a zstd frame.
    Zstd(Recent<R>, Box<FrameDecoder>),
    /// In an lz4 frame; whether it is of the legacy form, which ends with the file.
    Lz4(Box<lz4_flex::frame::FrameDecoder<FrameSource<R>>>, bool),
    /// At the end, or after an error.
    Ended,
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            // An error on the way leaves `Ended` behind: reading on makes no sense then.
            *self = match std::mem::replace(self, Self::Ended) {
                Self::Ended => return Ok(0),
                Self::Between(source) => Self::start(source)?,
                Self::Zstd(mut source, mut decoder) => {
                    let count = zstd_read(&mut source, &mut decoder, into)?;
                    if count > 0 {
                        *self = Self::Zstd(source, decoder);
                        return Ok(count);
                    }
                    let stated = decoder.get_checksum_from_data();
                    if stated.is_some() && stated != decoder.get_calculated_checksum() {
                        return Err(bad("a checksum is wrong".to_owned()));
                    }
                    Self::Between(source)
                }
                Self::Lz4(mut decoder, legacy) => {
                    let count = decoder.read(into)?;
                    if count > 0 {
                        *self = Self::Lz4(decoder, legacy);
                        return Ok(count);
                    }
                    let (_, source) = decoder.into_inner().into_inner();
                    // The decoder takes the end of the file for the end of the frame. A frame ends with four zero octets,
                    // then perhaps a checksum.
                    let closed = source.last.starts_with(&[0; 4]) || source.last.ends_with(&[0; 4]);
                    if !legacy && !closed {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                    Self::Between(source)
                }
            };
        }
    }
}

impl<R: Read> Frames<R> {
    /// Recognises the next frame.
    fn start(mut source: Recent<R>) -> io::Result<Self> {
        if source.at_end()? {
            return Ok(Self::Ended);
        }
        let mut magic = [0; 4];
        source.read_exact(&mut magic)?;
        match (Packing::of(&magic), magic) {
            (Packing::Lz4, _) => {
                let legacy = magic[0] == 2;
                let decoder = lz4_flex::frame::FrameDecoder::new(Cursor::new(magic).chain(source));
                Ok(Self::Lz4(Box::new(decoder), legacy))
            }
            (Packing::Zstd, [0x50..=0x5f, ..]) => {
                let mut len = [0; 4];
                source.read_exact(&mut len)?;
                let len = u64::from(u32::from_le_bytes(len));
                if io::copy(&mut source.by_ref().take(len), &mut io::sink())? < len {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                Ok(Self::Between(source))
            }
            (Packing::Zstd, _) => {
                let mut decoder = Box::new(FrameDecoder::new());
                decoder.set_max_window_size(WINDOW_MAX);
                decoder.init(Cursor::new(magic).chain(&mut source)).map_err(|error| zstd_error(&error))?;
                Ok(Self::Zstd(source, decoder))
            }
            _ => Err(bad(format!("after its last frame stands {}", super::octets::hex(&magic)))),
        }
    }
}

/// Decodes until there is something to give away; 0 at the end of the frame.
fn zstd_read(source: &mut impl Read, decoder: &mut FrameDecoder, into: &mut [u8]) -> io::Result<usize> {
    while decoder.can_collect() == 0 && !decoder.is_finished() {
        decoder
            .decode_blocks(&mut *source, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| zstd_error(&error))?;
    }
    decoder.read(into)
}

fn zstd_error(error: &FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } => {
            let (need, limit) = (requested >> 20, WINDOW_MAX >> 20);
            io::Error::other(format!("it needs a window of {need} MiB, the limit is {limit} MiB"))
        }
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::MagicNumberReadError(_)) => {
            ErrorKind::UnexpectedEof.into()
        }
        FrameDecoderError::FailedToReadBlockHeader(_) => ErrorKind::UnexpectedEof.into(),
        other => bad(other.to_string()),
    }
}

fn bad(text: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, text)
}
