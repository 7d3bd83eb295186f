//! Writing frames back as pcap or pcapng, one after the other, with their times, link types, interfaces and comments.
//!
//! pcapng: one section, little-endian, nanoseconds; an interface description where the first frame needs it. pcap: the header
//! follows from the first frame. Records go out through pcap-file's raw layer. Must not know what is in the frames.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use byteorder_slice::LittleEndian;
use pcap_file::pcap::{PcapHeader, RawPcapPacket};
use pcap_file::pcapng::RawBlock;
use pcap_file::{DataLink, Endianness, PcapError, TsResolution};

use super::frame::Frame;
use super::octets::{Options, padded};
use super::pcapng::{ENHANCED, INTERFACE, SECTION, SIMPLE};
use crate::model::Timestamp;

/// Format to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// pcap: one link type, no comments.
    Pcap,
    /// pcapng.
    Pcapng,
}

/// Why a frame cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// pcap has one link type and one length of frame check sequences per file.
    #[error(
        "pcap files hold one link type: the first frame has {first}, frame {frame} has {other}; write pcapng instead"
    )]
    MixedLinks {
        /// Link type of the first frame.
        first: u16,
        /// Number of the frame that differs.
        frame: u32,
        /// Its link type.
        other: u16,
    },
    /// The time cannot be expressed.
    #[error("the time of frame {frame} does not fit a pcap file ({why}); write pcapng instead")]
    Time {
        /// Number of the frame.
        frame: u32,
        /// What does not fit.
        why: &'static str,
    },
    /// The frame is too long for the format.
    #[error("frame {frame} is too long to be written")]
    TooLong {
        /// Number of the frame.
        frame: u32,
    },
}

/// Longest frame that is common: the snap length stated where none is known.
const SNAPLEN: u32 = 262_144;
/// Most octets of one comment.
const COMMENT_MAX: usize = 65_535;
/// Offset in seconds of interfaces whose frames are older than 1970.
const EARLY: i64 = -9_223_372_037;

/// Writes frames. See the module's documentation.
pub struct FrameWriter {
    out: Box<dyn Write + Send>,
    state: State,
    /// Time of the last frame that had one.
    last: Option<Timestamp>,
    scratch: Vec<u8>,
}

/// What was written so far.
enum State {
    /// pcap, nothing yet; whether nanoseconds are wanted in any case.
    PcapStart(bool),
    /// pcap: link type, length of frame check sequences, nanoseconds.
    Pcap(u16, u8, bool),
    /// pcapng, nothing yet.
    PcapngStart,
    Pcapng(Interfaces),
}

/// The interfaces written so far.
#[derive(Default)]
struct Interfaces {
    /// By what sets them apart.
    ids: HashMap<Key, u32>,
    /// The same, found by where a frame came from, so that names need not be compared.
    known: HashMap<(u16, u32, Key2), u32>,
    /// Snap length of the first one: simple packets depend on it.
    first_snaplen: u32,
}

/// Link type, length of frame check sequences, older than 1970.
type Key2 = (u16, u8, bool);
/// The same with snap length and name.
type Key = (Key2, u32, Option<Box<[u8]>>);

impl FrameWriter {
    /// A writer of this format. Nothing is written before the first frame, but [`FrameWriter::finish`] makes an empty file a
    /// valid one.
    pub fn new(out: Box<dyn Write + Send>, format: Format) -> Self {
        let state = match format {
            Format::Pcap => State::PcapStart(false),
            Format::Pcapng => State::PcapngStart,
        };
        Self { out, state, last: None, scratch: Vec::new() }
    }

    /// Nanoseconds even where the first frame does not ask for them: for pcap files whose later frames may.
    #[must_use]
    pub fn nanos(mut self) -> Self {
        if let State::PcapStart(nanos) = &mut self.state {
            *nanos = true;
        }
        self
    }

    /// Writes a frame with its own comments (pcapng) and these ones after them. pcap keeps no comments.
    ///
    /// A frame without a time becomes a simple packet where the first interface is its own and no comment is to be kept;
    /// otherwise it gets the time of the frame before it, and in pcapng a comment that says so.
    ///
    /// # Errors
    /// Writing failed, or the format cannot hold the frame.
    pub fn write(&mut self, frame: &Frame<'_>, comments: &[&str]) -> Result<(), WriteError> {
        // Padding, options and lengths must fit 32 bits too.
        if frame.data.len() > super::framer::RECORD_MAX {
            return Err(WriteError::TooLong { frame: frame.number });
        }
        match self.state {
            State::PcapStart(_) | State::Pcap(..) => self.write_pcap(frame)?,
            State::PcapngStart | State::Pcapng(_) => self.write_pcapng(frame, comments)?,
        }
        self.last = frame.ts.or(self.last);
        Ok(())
    }

    /// Writes what a file without frames needs, and everything out.
    ///
    /// # Errors
    /// Writing failed.
    pub fn finish(&mut self) -> Result<(), WriteError> {
        match self.state {
            State::PcapStart(nanos) => self.start_pcap(1, 0, nanos, SNAPLEN)?,
            State::PcapngStart => self.start_pcapng()?,
            State::Pcap(..) | State::Pcapng(_) => {}
        }
        Ok(self.out.flush()?)
    }

    fn start_pcap(&mut self, link: u16, fcs_len: u8, nanos: bool, snaplen: u32) -> Result<(), WriteError> {
        let fcs = if fcs_len == 0 { 0 } else { u32::from(fcs_len / 2) << 28 | 0x0400_0000 };
        let header = PcapHeader {
            snaplen,
            datalink: DataLink::from(u32::from(link) | fcs),
            ts_resolution: if nanos { TsResolution::NanoSecond } else { TsResolution::MicroSecond },
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        header.write_to(&mut self.out).map_err(pcap_error)?;
        self.state = State::Pcap(link, fcs_len, nanos);
        Ok(())
    }

    fn write_pcap(&mut self, frame: &Frame<'_>) -> Result<(), WriteError> {
        if let State::PcapStart(nanos) = self.state {
            // Microseconds only where the source has them: a finer time may come later.
            let micros = frame.description.is_some_and(|interface| interface.clock.code() <= 6);
            let snaplen = frame.description.map_or(0, |interface| interface.snaplen);
            let snaplen = snaplen.max(SNAPLEN).max(u32::try_from(frame.data.len()).unwrap_or(0));
            self.start_pcap(frame.link.0, frame.fcs_len & 0x1e, nanos || !micros, snaplen)?;
        }
        let State::Pcap(link, fcs_len, nanos) = self.state else { return Ok(()) };
        if (link, fcs_len) != (frame.link.0, frame.fcs_len & 0x1e) {
            return Err(WriteError::MixedLinks { first: link, frame: frame.number, other: frame.link.0 });
        }
        let (secs, rest) = frame.ts.or(self.last).map_or((0, 0), Timestamp::parts);
        let time = |why| WriteError::Time { frame: frame.number, why };
        let Ok(ts_sec) = u32::try_from(secs) else { return Err(time("it is before 1970 or after 2106")) };
        if !nanos && !rest.is_multiple_of(1000) {
            return Err(time("it is finer than the microseconds of the first frame"));
        }
        let raw = RawPcapPacket {
            ts_sec,
            ts_frac: if nanos { rest } else { rest / 1000 },
            incl_len: length(frame.data),
            orig_len: frame.orig_len,
            data: Cow::Borrowed(frame.data),
        };
        raw.write_to::<_, LittleEndian>(&mut self.out).map_err(pcap_error)?;
        Ok(())
    }

    fn start_pcapng(&mut self) -> Result<(), WriteError> {
        self.scratch.clear();
        self.scratch.extend(0x1a2b_3c4d_u32.to_le_bytes());
        self.scratch.extend([1, 0, 0, 0]);
        self.scratch.extend(u64::MAX.to_le_bytes());
        option(&mut self.scratch, 4, concat!("pushscope ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut self.scratch, 0, &[]);
        self.block(SECTION)?;
        self.state = State::Pcapng(Interfaces::default());
        Ok(())
    }

    fn write_pcapng(&mut self, frame: &Frame<'_>, comments: &[&str]) -> Result<(), WriteError> {
        if matches!(self.state, State::PcapngStart) {
            self.start_pcapng()?;
        }
        let nanos = frame.ts.or(self.last).map_or(0, Timestamp::nanos);
        let (id, first_snaplen) = self.interface(frame, nanos < 0)?;
        let captured = length(frame.data);
        let bare = comments.is_empty() && frame.options.is_empty();
        let limit = if first_snaplen == 0 { u32::MAX } else { first_snaplen };
        self.scratch.clear();
        if frame.ts.is_none() && id == 0 && bare && frame.orig_len.min(limit) == captured {
            self.scratch.extend(frame.orig_len.to_le_bytes());
            pad_into(&mut self.scratch, frame.data);
            return self.block(SIMPLE);
        }
        let offset = if nanos < 0 { EARLY } else { 0 };
        let ticks = i128::from(nanos).saturating_sub(i128::from(offset).saturating_mul(1_000_000_000));
        let ticks = u64::try_from(ticks).unwrap_or(0).to_le_bytes();
        let (low, high) = ticks.split_at(4);
        self.scratch.extend(id.to_le_bytes());
        self.scratch.extend(high);
        self.scratch.extend(low);
        self.scratch.extend(captured.to_le_bytes());
        self.scratch.extend(frame.orig_len.to_le_bytes());
        pad_into(&mut self.scratch, frame.data);
        let options = self.scratch.len();
        for original in Options::new(frame.options, frame.order) {
            match original.code {
                1 => comment(&mut self.scratch, &String::from_utf8_lossy(original.value)),
                // Flags and the count of lost frames: the only other ones whose numbers we know how to turn around.
                2 => {
                    if let Some(flags) = frame.order.u32(original.value, 0) {
                        option(&mut self.scratch, 2, &flags.to_le_bytes());
                    }
                }
                4 => {
                    if let Some(lost) = frame.order.u64(original.value, 0) {
                        option(&mut self.scratch, 4, &lost.to_le_bytes());
                    }
                }
                _ => {}
            }
        }
        for text in comments {
            comment(&mut self.scratch, text);
        }
        if frame.ts.is_none() {
            comment(&mut self.scratch, "no capture time in the original file; this one is that of the frame before it");
        }
        if self.scratch.len() > options {
            option(&mut self.scratch, 0, &[]);
        }
        self.block(ENHANCED)
    }

    /// The interface of a frame, described now if it was not yet; and the snap length of the first interface.
    fn interface(&mut self, frame: &Frame<'_>, early: bool) -> Result<(u32, u32), WriteError> {
        let State::Pcapng(interfaces) = &mut self.state else { return Ok((0, 0)) };
        let short = (frame.link.0, frame.fcs_len, early);
        let origin = (frame.file, frame.interface, short);
        if let Some(id) = interfaces.known.get(&origin) {
            return Ok((*id, interfaces.first_snaplen));
        }
        let snaplen = frame.description.map_or(0, |interface| interface.snaplen);
        let name = frame.description.and_then(|interface| interface.name.clone());
        let next = u32::try_from(interfaces.ids.len()).unwrap_or(u32::MAX);
        let id = *interfaces.ids.entry((short, snaplen, name.clone())).or_insert(next);
        interfaces.known.insert(origin, id);
        if id == 0 {
            interfaces.first_snaplen = snaplen;
        }
        let first_snaplen = interfaces.first_snaplen;
        if id == next {
            self.scratch.clear();
            self.scratch.extend(frame.link.0.to_le_bytes());
            self.scratch.extend([0, 0]);
            self.scratch.extend(snaplen.to_le_bytes());
            if let Some(name) = &name {
                option(&mut self.scratch, 2, String::from_utf8_lossy(name).as_bytes());
            }
            option(&mut self.scratch, 9, &[9]);
            if frame.fcs_len != 0 {
                option(&mut self.scratch, 13, &[frame.fcs_len.saturating_mul(8)]);
            }
            if early {
                option(&mut self.scratch, 14, &EARLY.to_le_bytes());
            }
            option(&mut self.scratch, 0, &[]);
            self.block(INTERFACE)?;
        }
        Ok((id, first_snaplen))
    }

    /// Writes the scratch octets, padded already, as the body of a block.
    fn block(&mut self, kind: u32) -> Result<(), WriteError> {
        let len = length(&self.scratch).saturating_add(12);
        let raw = RawBlock { type_: kind, initial_len: len, body: Cow::Borrowed(&self.scratch), trailer_len: len };
        raw.write_to::<LittleEndian, _>(&mut self.out)?;
        Ok(())
    }
}

impl std::fmt::Debug for FrameWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameWriter").field("last", &self.last).finish_non_exhaustive()
    }
}

/// Length of octets that were checked to be few enough.
fn length(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).unwrap_or(u32::MAX)
}

fn pad_into(out: &mut Vec<u8>, octets: &[u8]) {
    out.extend_from_slice(octets);
    out.resize(padded(out.len()), 0);
}

fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..value.len().min(COMMENT_MAX)).unwrap_or(value);
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    pad_into(out, value);
}

/// A comment, cut between characters where it is too long.
fn comment(out: &mut Vec<u8>, text: &str) {
    let end = text.floor_char_boundary(COMMENT_MAX);
    option(out, 1, text.get(..end).unwrap_or(text).as_bytes());
}

fn pcap_error(error: PcapError) -> WriteError {
    WriteError::Io(match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    })
}
