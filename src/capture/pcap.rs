//! Framing of pcap files: microseconds and nanoseconds, both byte orders, the modified form with longer record headers.
//!
//! ```text
//! file header    magic 4 · major 2 · minor 2 · zone 4 · accuracy 4 · snap length 4 · FCS length and link type 4
//! record         seconds 4 · fraction 4 · captured 4 · original 4 · (modified: interface 4 · protocol 2 · type 1 · 1) · data
//! ```
//!
//! Records are split by pcap-file's raw layer; lengths, times and all leniency are ours. Must not read or wait.

use std::borrow::Cow;

use byteorder_slice::{BigEndian, ByteOrder, LittleEndian};
use pcap_file::pcap::RawPcapPacket;

use super::clock::Clock;
use super::frame::{Detail, Glimpse, Interface, LinkType, Log};
use super::framer::{Base, Chain, RECORD_MAX, Record, Step, Sweep, follow};
use super::octets::{Order, wide};
use super::rules;
use crate::model::Timestamp;

/// Octets of the file header.
pub(crate) const HEADER: usize = 24;
/// Octets of a record header.
const RECORD: u32 = 16;
/// Octets of a record header in the modified form.
const RECORD_MODIFIED: u32 = 24;

const MICROS: u32 = 0xa1b2_c3d4;
const NANOS: u32 = 0xa1b2_3c4d;
const MODIFIED: u32 = 0xa1b2_cd34;

/// Longest frame that is common: what capture programs use as their largest snap length.
const USUAL_MAX: u32 = 262_144;

/// How the two lengths of a record are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    /// Captured, then original.
    Normal,
    /// Original, then captured: files before version 2.3.
    Swapped,
    /// The smaller one is the captured one: version 2.3, where both occur.
    Either,
}

/// The framing of one pcap file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pcap {
    order: Order,
    /// Nanoseconds per unit of the fraction.
    unit: u32,
    /// Units in a second.
    units: u32,
    /// Octets of a record header.
    head: u32,
    lengths: Lengths,
    interface: Interface,
    /// Where damage started, while looking for the next record.
    lost: Option<u64>,
}

/// A record header.
#[derive(Clone, Copy)]
struct Head {
    secs: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Head {
    /// The capture time; `unit` is how many nanoseconds the fraction counts in.
    #[inline]
    fn time(self, unit: u32) -> Timestamp {
        // At most 2^32 · 1e9 + 2^32 · 1000, which fits.
        Timestamp::from_nanos(i64::from(self.secs) * 1_000_000_000 + i64::from(self.fraction) * i64::from(unit))
    }
}

impl Pcap {
    /// Whether these four octets (first one highest) start a pcap file.
    pub(crate) const fn is_magic(magic: u32) -> bool {
        matches!(magic, MICROS | NANOS | MODIFIED) || matches!(magic.swap_bytes(), MICROS | NANOS | MODIFIED)
    }

    /// Reads the file header; `None` where octets are missing. Gives the header's length too.
    pub(crate) fn new(octets: &[u8], log: &mut Log) -> Option<(Self, usize)> {
        let header = octets.get(..HEADER)?;
        let big = Order::Big.u32(header, 0)?;
        let order = if matches!(big, MICROS | NANOS | MODIFIED) { Order::Big } else { Order::Little };
        let magic = order.u32(header, 0)?;
        let (unit, units) = if magic == NANOS { (1, 1_000_000_000) } else { (1000, 1_000_000) };
        let (major, minor) = (order.u16(header, 4)?, order.u16(header, 6)?);
        let (zone, accuracy) = (order.u32(header, 8)?, order.u32(header, 12)?);
        let link = order.u32(header, 20)?;

        if magic == MODIFIED {
            log.flag(&rules::MODIFIED_PCAP, Detail::None);
        }
        if (major, minor) != (2, 4) {
            log.flag(&rules::OTHER_VERSION, Detail::Two("major", major.into(), "minor", minor.into()));
        }
        // Bit 26 says that bits 28 to 31 hold the length of the frame check sequence in 16-bit words; 27 and 16 to 25 are
        // reserved.
        let has_fcs = link & 0x0400_0000 != 0;
        let fcs_len = if has_fcs { (link >> 28).saturating_mul(2) } else { 0 };
        let reserved = link & if has_fcs { 0x0bff_0000 } else { 0xfbff_0000 };
        if zone != 0 || accuracy != 0 {
            log.flag(&rules::RESERVED_HEADER, Detail::Two("zone", zone.into(), "accuracy", accuracy.into()));
        }
        if reserved != 0 {
            log.flag(&rules::RESERVED_HEADER, Detail::One("link type field", link.into()));
        }
        let lengths = match (major, minor) {
            (2, 0..=2) | (0 | 1, _) => Lengths::Swapped,
            (2, 3) => Lengths::Either,
            _ => Lengths::Normal,
        };
        let interface = Interface {
            section: 0,
            id: 0,
            link: LinkType(u16::try_from(link & 0xffff).unwrap_or(0)),
            snaplen: order.u32(header, 16)?,
            fcs_len: u8::try_from(fcs_len).unwrap_or(0),
            name: None,
            clock: if magic == NANOS { Clock::NANOS } else { Clock::MICROS },
            usable: true,
        };
        let head = if magic == MODIFIED { RECORD_MODIFIED } else { RECORD };
        Some((Self { order, unit, units, head, lengths, interface, lost: None }, HEADER))
    }

    /// The one interface of the file.
    pub(crate) const fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Whether the next record is being looked for after damage.
    pub(crate) const fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// See [`super::framer::Framer::step`].
    #[inline]
    pub(crate) fn step(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        if self.lost.is_some() {
            return self.find(octets, at, ended, log);
        }
        let raw = match (self.head, self.order) {
            (RECORD, Order::Little) => RawPcapPacket::from_slice::<LittleEndian>(octets),
            (RECORD, Order::Big) => RawPcapPacket::from_slice::<BigEndian>(octets),
            _ => return self.modified(octets, at, ended, log),
        };
        match raw {
            Ok((_, raw)) if self.lengths == Lengths::Normal => {
                let head =
                    Head { secs: raw.ts_sec, fraction: raw.ts_frac, captured: raw.incl_len, original: raw.orig_len };
                self.record(head, at, log)
            }
            _ => self.modified(octets, at, ended, log),
        }
    }

    /// See [`super::framer::Framer::sweep`].
    #[inline]
    pub(crate) fn sweep(&self, octets: &[u8], base: Base, wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Sweep {
        match (self.lost, self.head, self.lengths, self.order) {
            // The byte order is spelled out so that each gets its own code.
            (None, RECORD, Lengths::Normal, Order::Little) => self.sweep_in::<LittleEndian>(octets, base, wanted),
            (None, RECORD, Lengths::Normal, Order::Big) => self.sweep_in::<BigEndian>(octets, base, wanted),
            _ => Sweep::default(),
        }
    }

    #[inline]
    fn sweep_in<B: ByteOrder>(&self, octets: &[u8], base: Base, mut wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Sweep {
        let limit = if self.interface.snaplen == 0 { u32::MAX } else { self.interface.snaplen };
        let limit = limit.min(u32::try_from(RECORD_MAX).unwrap_or(u32::MAX));
        let (units, unit, link) = (self.units, self.unit, self.interface.link);
        let mut rest = octets;
        let mut frames = 0u32;
        while let Ok((after, raw)) = RawPcapPacket::from_slice::<B>(rest) {
            let head = Head { secs: raw.ts_sec, fraction: raw.ts_frac, captured: raw.incl_len, original: raw.orig_len };
            // What is odd is left to `step`.
            if head.fraction >= units || head.original < head.captured || head.captured > limit {
                break;
            }
            let Cow::Borrowed(data) = raw.data else { break };
            let used = octets.len() - after.len();
            let ts = Some(head.time(unit));
            frames += 1;
            if wanted(&Glimpse { ts, link, data, file: base.file, end: base.at + used as u64 }) {
                return Sweep { octets: used, frames, found: Some(self.plain(head)) };
            }
            rest = after;
        }
        Sweep { octets: octets.len() - rest.len(), frames, found: None }
    }

    /// A record whose octets are all there.
    #[inline]
    fn record(&mut self, head: Head, at: u64, log: &mut Log) -> Step {
        let Head { fraction, captured, original, .. } = head;
        let snaplen = self.interface.snaplen;
        if fraction >= self.units || original < captured || (captured > snaplen && snaplen != 0) {
            if !self.believable(&head) || wide(captured) > RECORD_MAX {
                return self.lose(at, log, format_args!("a record that claims {captured} octets makes no sense"));
            }
            if fraction >= self.units {
                log.flag(&rules::SUBSECOND_RANGE, Detail::One("fraction", fraction.into()));
            }
            if captured > snaplen && snaplen != 0 {
                log.flag(
                    &rules::BEYOND_SNAPLEN,
                    Detail::Two("captured", captured.into(), "snap length", snaplen.into()),
                );
            }
            if original < captured {
                log.flag(
                    &rules::ORIGINAL_SHORTER,
                    Detail::Two("captured", captured.into(), "original", original.into()),
                );
            }
        }
        Step::Frame(self.plain(head))
    }

    /// The record of a header about which nothing need be said.
    #[inline]
    fn plain(&self, head: Head) -> Record {
        Record {
            len: head.captured.saturating_add(self.head),
            data: self.head,
            data_len: head.captured,
            options_len: 0,
            ts: Some(head.time(self.unit)),
            orig_len: head.original,
            link: self.interface.link,
            fcs_len: self.interface.fcs_len,
            order: self.order,
            interface: 0,
        }
    }

    /// The header at the start of a slice.
    fn head(&self, octets: &[u8]) -> Option<Head> {
        octets.get(..wide(self.head))?;
        let (first, second) = (self.order.u32(octets, 8)?, self.order.u32(octets, 12)?);
        let (captured, original) = match self.lengths {
            Lengths::Normal => (first, second),
            Lengths::Swapped => (second, first),
            Lengths::Either => (first.min(second), first.max(second)),
        };
        Some(Head { secs: self.order.u32(octets, 0)?, fraction: self.order.u32(octets, 4)?, captured, original })
    }

    /// Whether the lengths can be true. A single odd one is met in practice; a length beyond all limits that also
    /// contradicts the other one is not.
    fn believable(&self, head: &Head) -> bool {
        let limit = self.interface.snaplen.max(USUAL_MAX);
        head.captured <= limit || head.captured <= head.original
    }

    /// The rare cases: the modified form, old files, and records that are not whole.
    #[cold]
    fn modified(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        let Some(head) = self.head(octets) else {
            if !ended {
                return Step::Need(wide(self.head));
            }
            if !octets.is_empty() {
                let (have, need) = (octets.len(), wide(self.head));
                log.damage(at, format_args!("the file ends inside a record header: {have} of {need} octets"));
            }
            return Step::End;
        };
        let captured = head.captured;
        if wide(captured) > RECORD_MAX {
            return self.lose(
                at,
                log,
                format_args!("a record claims {captured} octets, more than the limit of {RECORD_MAX}"),
            );
        }
        let len = wide(self.head).saturating_add(wide(captured));
        if len <= octets.len() {
            return self.record(head, at, log);
        }
        if ended {
            let have = octets.len().saturating_sub(wide(self.head));
            return self.lose(at, log, format_args!("a record claims {captured} octets of data, {have} are there"));
        }
        Step::Need(len)
    }

    /// Damage at the start of the slice: look for the next record from the octet after it.
    #[cold]
    fn lose(&mut self, at: u64, log: &mut Log, text: std::fmt::Arguments<'_>) -> Step {
        log.damage(at, text);
        log.odd.clear();
        self.lost = Some(at);
        Step::Skip(1)
    }

    /// Looks for the next record after damage.
    #[cold]
    fn find(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        let mut place = 0usize;
        while let Some(rest) = octets.get(place..) {
            if rest.is_empty() {
                break;
            }
            match self.chain(rest, ended) {
                Chain::Yes => {
                    let from = self.lost.take().unwrap_or(at);
                    let here = at.saturating_add(place as u64);
                    log.flag(&rules::RESYNCHRONISED, Detail::Two("octets skipped", here - from, "from octet", from));
                    return if place == 0 { self.step(octets, at, ended, log) } else { Step::Skip(place) };
                }
                Chain::No => place = place.saturating_add(1),
                // What was ruled out is given back first, so that the buffer need not hold it.
                Chain::Need(_) if place > 0 => return Step::Skip(place),
                Chain::Need(more) => return Step::Need(more),
            }
        }
        if place > 0 {
            return Step::Skip(place);
        }
        if ended { Step::End } else { Step::Need(1) }
    }

    /// See [`super::framer::Framer::chain`].
    pub(crate) fn chain(&self, octets: &[u8], ended: bool) -> Chain {
        follow(octets, ended, |rest| {
            let head = self.head(rest).ok_or(true)?;
            let snaplen = self.interface.snaplen;
            let limit = if snaplen == 0 { USUAL_MAX } else { snaplen.min(USUAL_MAX) };
            let likely = head.captured <= limit
                && head.captured <= head.original
                && head.fraction < self.units
                && head.original <= USUAL_MAX
                && (head.captured > 0 || head.secs > 0);
            if !likely {
                return Err(false);
            }
            let len = wide(self.head).saturating_add(wide(head.captured));
            if ended && len > rest.len() { Err(false) } else { Ok(len) }
        })
    }
}
