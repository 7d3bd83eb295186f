//! From octets to records, whatever the format: the part that knows files but reads none.
//!
//! A framer looks at a slice and says what stands at its start. It never reads, never waits and never allocates for a good
//! record, so that the streaming reader and the parallel walk give the same frames.

use super::frame::{Frame, Glimpse, Interface, LinkType, Log};
use super::octets::{Order, hex, padded, wide};
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use crate::model::Timestamp;

/// The largest record or block we read, in octets. Larger ones are damage.
pub(crate) const RECORD_MAX: usize = 256 << 20;

/// A record found in a slice; positions count from the start of the slice. Small, since it is moved for every frame; all
/// lengths are below [`RECORD_MAX`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// Octets of the whole record, header and padding included.
    pub(crate) len: u32,
    /// Where the octets of the frame start.
    pub(crate) data: u32,
    /// How many there are.
    pub(crate) data_len: u32,
    /// How many octets of options there are, behind the padded data.
    pub(crate) options_len: u32,
    /// Capture time.
    pub(crate) ts: Option<Timestamp>,
    /// Length on the wire.
    pub(crate) orig_len: u32,
    /// Link type.
    pub(crate) link: LinkType,
    /// Octets of frame check sequence.
    pub(crate) fcs_len: u8,
    /// Byte order of the options.
    pub(crate) order: Order,
    /// Interface, counted over all sections.
    pub(crate) interface: u32,
}

impl Record {
    /// The frame of this record: `octets` is the slice it was found in, `at` that slice's place in the file.
    #[inline]
    pub(crate) fn frame<'a>(&self, octets: &'a [u8], at: u64, odd: &'a [super::Oddity]) -> Frame<'a> {
        let part = |start: usize, len: usize| octets.get(start..).and_then(|rest| rest.get(..len)).unwrap_or(&[]);
        let options = if self.options_len == 0 {
            &[]
        } else {
            part(wide(self.data).saturating_add(padded(wide(self.data_len))), wide(self.options_len))
        };
        Frame {
            number: 0,
            file: 0,
            file_number: 0,
            ts: self.ts,
            data: part(wide(self.data), wide(self.data_len)),
            orig_len: self.orig_len,
            link: self.link,
            fcs_len: self.fcs_len,
            interface: self.interface,
            description: None,
            home: None,
            offset: at,
            data_offset: at.saturating_add(u64::from(self.data)),
            odd,
            options,
            order: self.order,
        }
    }
}

/// What stands at the start of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A frame.
    Frame(Record),
    /// This many octets (at least one) without a frame.
    Skip(usize),
    /// Not to be told before the slice has this many octets (more than it has now). Never said at the end of the file.
    Need(usize),
    /// Nothing more can come.
    End,
}

/// Where a sweep stands in the file: what a glimpse says beside the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    /// Index of the input.
    pub(crate) file: u16,
    /// Place of the first octet of the slice.
    pub(crate) at: u64,
}

/// How far a sweep came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sweep {
    /// Octets of the records that were shown.
    pub(crate) octets: usize,
    /// How many they were.
    pub(crate) frames: u32,
    /// The last of them, where it is wanted. Without it, [`Framer::step`] says what stands there.
    pub(crate) found: Option<Record>,
}

/// The framing of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Framer {
    /// Nothing is known yet.
    Start,
    /// A pcap file.
    Pcap(Pcap),
    /// A pcapng file.
    Pcapng(Pcapng),
    /// No capture file, or one whose header is cut off: said in the log.
    Nothing,
}

impl Framer {
    /// What stands at the start of `octets`, which stand at `at` in the file; `ended`: no more octets follow.
    #[inline]
    pub(crate) fn step(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        match self {
            Self::Pcap(pcap) => pcap.step(octets, at, ended, log),
            Self::Pcapng(pcapng) => pcapng.step(octets, at, ended, log),
            Self::Start => self.start(octets, at, ended, log),
            Self::Nothing => Step::End,
        }
    }

    /// Shows the records at the start of `octets` to `wanted`, one after the other, up to the first that is wanted. Goes only
    /// as far as nothing need be said about them; nearly all records of nearly all files are passed over here, so that this
    /// is where the time goes.
    #[inline]
    pub(crate) fn sweep(&self, octets: &[u8], base: Base, wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Sweep {
        match self {
            Self::Pcap(pcap) => pcap.sweep(octets, base, wanted),
            Self::Pcapng(pcapng) => pcapng.sweep(octets, base, wanted),
            Self::Start | Self::Nothing => Sweep::default(),
        }
    }

    /// Recognises the format.
    #[cold]
    fn start(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        let Some(magic) = Order::Big.u32(octets, 0) else {
            if !ended {
                return Step::Need(4);
            }
            *self = Self::Nothing;
            match octets {
                [] => log.damage(at, format_args!("the file is empty (0 octets)")),
                _ => log.damage(at, format_args!("not a capture: only {} octets, {}", octets.len(), hex(octets))),
            }
            return Step::End;
        };
        if magic == super::pcapng::SECTION {
            *self = Self::Pcapng(Pcapng::default());
            return self.step(octets, at, ended, log);
        }
        if !Pcap::is_magic(magic) {
            let first = octets.get(..octets.len().min(8)).unwrap_or(&[]);
            if octets.len() < 8 && !ended {
                return Step::Need(8);
            }
            *self = Self::Nothing;
            log.damage(
                at,
                format_args!("not a capture (expected pcap or pcapng); the first octets are {}", hex(first)),
            );
            return Step::End;
        }
        match Pcap::new(octets, log) {
            Some((pcap, len)) => {
                *self = Self::Pcap(pcap);
                Step::Skip(len)
            }
            None if !ended => Step::Need(super::pcap::HEADER),
            None => {
                *self = Self::Nothing;
                let (have, need) = (octets.len(), super::pcap::HEADER);
                log.damage(at, format_args!("the pcap header is cut off: {have} of {need} octets"));
                Step::End
            }
        }
    }

    /// The interfaces described so far, over all sections.
    #[inline]
    pub(crate) fn interfaces(&self) -> &[Interface] {
        match self {
            Self::Pcap(pcap) => std::slice::from_ref(pcap.interface()),
            Self::Pcapng(pcapng) => pcapng.interfaces(),
            Self::Start | Self::Nothing => &[],
        }
    }

    /// Whether octets are being skipped after damage.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Pcap(pcap) => pcap.is_lost(),
            Self::Pcapng(pcapng) => pcapng.is_lost(),
            Self::Start | Self::Nothing => false,
        }
    }

    /// Whether a record is likely to start at the start of `octets`; for a place somewhere in the file.
    pub(crate) fn chain(&self, octets: &[u8], ended: bool) -> Chain {
        match self {
            Self::Pcap(pcap) => pcap.chain(octets, ended),
            Self::Pcapng(pcapng) => pcapng.chain(octets, ended),
            Self::Start | Self::Nothing => Chain::No,
        }
    }
}

/// How plausible it is that a record starts at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chain {
    /// Enough records follow each other from there.
    Yes,
    /// Something there cannot be a record.
    No,
    /// Not to be told before the slice has this many octets.
    Need(usize),
}

/// Records that must follow each other before a place is believed to be the start of one.
pub(crate) const CHAIN_RECORDS: usize = 16;
/// Octets such a chain must span; a chain may end early only at the end of the file.
pub(crate) const CHAIN_OCTETS: usize = 16 << 10;
/// How far such a chain is followed.
pub(crate) const CHAIN_REACH: usize = 8 << 20;

/// Follows a chain of records; `next` gives the length of the one at the start of a slice, `Err(true)` where more octets are
/// needed to tell, `Err(false)` where there is none.
pub(crate) fn follow(octets: &[u8], ended: bool, next: impl Fn(&[u8]) -> Result<usize, bool>) -> Chain {
    let mut at = 0usize;
    let mut count = 0usize;
    loop {
        if count >= CHAIN_RECORDS && at >= CHAIN_OCTETS {
            return Chain::Yes;
        }
        if at > CHAIN_REACH {
            return Chain::No;
        }
        let Some(rest) = octets.get(at..) else {
            return if ended { Chain::No } else { Chain::Need(at.saturating_add(1)) };
        };
        if rest.is_empty() && ended {
            // The chain reaches the very end of the file: nothing can be better.
            return if count > 0 { Chain::Yes } else { Chain::No };
        }
        match next(rest) {
            Ok(len) => at = at.saturating_add(len.max(1)),
            Err(true) if !ended => return Chain::Need(octets.len().saturating_add(1)),
            Err(_) => return Chain::No,
        }
        count = count.saturating_add(1);
    }
}
