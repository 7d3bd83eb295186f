//! Framing of pcapng files: sections in either byte order, interfaces, and the three kinds of packet blocks.
//!
//! ```text
//! block          type 4 · length 4 · body, padded to 4 · length again 4
//! enhanced       interface 4 · ticks high 4 · ticks low 4 · captured 4 · original 4 · data, padded · options
//! simple         original 4 · data, padded
//! obsolete       interface 2 · drops 2 · ticks high 4 · ticks low 4 · captured 4 · original 4 · data, padded · options
//! ```
//!
//! Good blocks are split by pcap-file's raw layer; everything inside them and all leniency is ours. Section and interface
//! descriptions are read in [`super::sections`]. Must not read or wait.

use byteorder_slice::{BigEndian, ByteOrder, LittleEndian};
use pcap_file::pcapng::RawBlock;

use super::frame::{Detail, Glimpse, Interface, Log};
use super::framer::{Base, Chain, RECORD_MAX, Record, Step, Sweep, follow};
use super::octets::{Options, Order, padded, wide};
use super::rules;
use super::sections;

/// Section header; reads the same in both byte orders.
pub(crate) const SECTION: u32 = 0x0a0d_0d0a;
/// Interface description.
pub(crate) const INTERFACE: u32 = 1;
/// Obsolete packet block.
const OBSOLETE: u32 = 2;
/// Simple packet block.
pub(crate) const SIMPLE: u32 = 3;
/// Enhanced packet block.
pub(crate) const ENHANCED: u32 = 6;
/// Block types that occur: what reading may go on with after damage.
const KNOWN: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x204, 0x208, 0x0bad, 0x4000_0bad, 0x8000_0001];

/// Octets of a block around its body.
const AROUND: usize = 12;
/// Largest block reading may go on with after damage.
const FIND_MAX: usize = 4 << 20;

/// The framing of one pcapng file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pcapng {
    order: Order,
    /// Sections seen so far.
    sections: u32,
    /// Index of the current section's first interface.
    first: usize,
    interfaces: Vec<Interface>,
    /// Where damage started, while looking for the next block.
    lost: Option<u64>,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { order: Order::Little, sections: 0, first: 0, interfaces: Vec::new(), lost: None }
    }
}

/// A block that is all there.
struct Block<'a> {
    kind: u32,
    body: &'a [u8],
    /// Octets of the whole block.
    len: usize,
}

impl Pcapng {
    /// All interfaces described so far.
    #[inline]
    pub(crate) fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Whether the next block is being looked for after damage.
    pub(crate) const fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// See [`super::framer::Framer::step`].
    #[inline]
    pub(crate) fn step(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        if self.lost.is_some() {
            return self.find(octets, at, ended, log);
        }
        let raw = match self.order {
            Order::Little => RawBlock::from_slice::<LittleEndian>(octets),
            Order::Big => RawBlock::from_slice::<BigEndian>(octets),
        };
        let Ok((_, raw)) = raw else { return self.odd_block(octets, at, ended, log) };
        let len = wide(raw.initial_len);
        let (Some(body), true) = (octets.get(8..len.saturating_sub(4)), len <= RECORD_MAX) else {
            return self.odd_block(octets, at, ended, log);
        };
        let block = Block { kind: raw.type_, body, len };
        match (block.kind, self.order) {
            // The byte order is spelled out so that each gets its own code.
            (ENHANCED, Order::Little) => self.enhanced(&block, Order::Little, at, log),
            (ENHANCED, Order::Big) => self.enhanced(&block, Order::Big, at, log),
            _ => self.other(&block, at, log),
        }
    }

    /// See [`super::framer::Framer::sweep`].
    #[inline]
    pub(crate) fn sweep(&self, octets: &[u8], base: Base, wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Sweep {
        match (self.lost, self.order) {
            (None, Order::Little) => self.sweep_in::<LittleEndian>(octets, Order::Little, base, wanted),
            (None, Order::Big) => self.sweep_in::<BigEndian>(octets, Order::Big, base, wanted),
            _ => Sweep::default(),
        }
    }

    #[inline]
    fn sweep_in<B: ByteOrder>(
        &self,
        octets: &[u8],
        order: Order,
        base: Base,
        mut wanted: impl FnMut(&Glimpse<'_>) -> bool,
    ) -> Sweep {
        let mut rest = octets;
        let mut frames = 0u32;
        // What is odd, and every other kind of block, is left to `step`.
        while let Ok((after, raw)) = RawBlock::from_slice::<B>(rest) {
            let len = wide(raw.initial_len);
            if raw.type_ != ENHANCED || len > RECORD_MAX {
                break;
            }
            let body = rest.get(8..len.saturating_sub(4)).unwrap_or(&[]);
            let Some((head, data)) = body.split_first_chunk::<20>() else { break };
            let word = |index: usize| order.u32(head, index).unwrap_or(0);
            let (captured, original) = (word(12), word(16));
            let index = self.first.saturating_add(wide(word(0)));
            let Some(interface) = self.interfaces.get(index).filter(|interface| interface.usable) else { break };
            let (ts, moved) = interface.clock.time(u64::from(word(4)) << 32 | u64::from(word(8)));
            let beyond = interface.snaplen != 0 && captured > interface.snaplen;
            // A block with options is longer than its padded data.
            if moved || beyond || original < captured || data.len() != padded(wide(captured)) {
                break;
            }
            let Some(data) = data.get(..wide(captured)) else { break };
            let used = octets.len() - after.len();
            frames += 1;
            let end = base.at + used as u64;
            if wanted(&Glimpse { ts: Some(ts), link: interface.link, data, file: base.file, end }) {
                let record = Record {
                    len: narrow(len),
                    data: 28,
                    data_len: captured,
                    options_len: 0,
                    ts: Some(ts),
                    orig_len: original,
                    link: interface.link,
                    fcs_len: interface.fcs_len,
                    order: self.order,
                    interface: u32::try_from(index).unwrap_or(u32::MAX),
                };
                return Sweep { octets: used, frames, found: Some(record) };
            }
            rest = after;
        }
        Sweep { octets: octets.len() - rest.len(), frames, found: None }
    }

    /// An enhanced packet block: nearly all of nearly every file.
    #[inline]
    fn enhanced(&mut self, block: &Block<'_>, order: Order, at: u64, log: &mut Log) -> Step {
        let Some(head) = block.body.first_chunk::<20>() else {
            return short(block, at, log, "an enhanced packet block");
        };
        let word = |index: usize| order.u32(head, index).unwrap_or(0);
        let ticks = u64::from(word(4)) << 32 | u64::from(word(8));
        self.packet(block, at, log, &Packet { id: word(0), ticks, captured: word(12), original: word(16), drops: None })
    }

    /// The common part of enhanced and obsolete packet blocks.
    #[inline]
    fn packet(&mut self, block: &Block<'_>, at: u64, log: &mut Log, packet: &Packet) -> Step {
        let Packet { id, ticks, captured, original, drops } = *packet;
        let index = self.first.saturating_add(wide(id));
        let Some(interface) = self.interfaces.get(index).filter(|interface| interface.usable) else {
            return self.no_interface(block, at, log, id);
        };
        let data_len = wide(captured);
        let Some(after) = block.body.get(20..).filter(|rest| rest.len() >= data_len) else {
            let room = block.body.len().saturating_sub(20);
            log.damage(at, format_args!("a packet claims {captured} octets of data, its block has room for {room}"));
            return Step::Skip(block.len);
        };
        let (ts, moved) = interface.clock.time(ticks);
        let mut record = Record {
            len: narrow(block.len),
            data: 28,
            data_len: captured,
            options_len: 0,
            ts: Some(ts),
            orig_len: original,
            link: interface.link,
            fcs_len: interface.fcs_len,
            order: self.order,
            interface: u32::try_from(index).unwrap_or(u32::MAX),
        };
        if moved {
            log.flag(&rules::TIME_RANGE, Detail::One("ticks", ticks));
        }
        if original < captured {
            log.flag(&rules::ORIGINAL_SHORTER, Detail::Two("captured", captured.into(), "original", original.into()));
        }
        if captured > interface.snaplen && interface.snaplen != 0 {
            let limit = u64::from(interface.snaplen);
            log.flag(&rules::BEYOND_SNAPLEN, Detail::Two("captured", captured.into(), "snap length", limit));
        }
        if let Some(options) = after.get(padded(data_len)..).filter(|options| !options.is_empty()) {
            record.options_len = narrow(options.len());
            packet_options(Options::new(options, self.order), self.order, &mut record, log);
        }
        if let Some(drops) = drops {
            log.flag(&rules::OBSOLETE_BLOCK, Detail::None);
            if drops != 0 && drops != u16::MAX {
                log.flag(&rules::DROPS, Detail::One("lost", drops.into()));
            }
        }
        Step::Frame(record)
    }

    /// Every kind of block but the enhanced packet block.
    #[cold]
    fn other(&mut self, block: &Block<'_>, at: u64, log: &mut Log) -> Step {
        match block.kind {
            SECTION => {
                let Some(order) = sections::read_section(block.body, log) else {
                    return short(block, at, log, "a section header");
                };
                self.order = order;
                self.first = self.interfaces.len();
                self.sections = self.sections.saturating_add(1);
            }
            INTERFACE => {
                let section = self.sections.saturating_sub(1);
                let id = self.interfaces.len().saturating_sub(self.first);
                match sections::read_interface(block.body, self.order, log) {
                    _ if self.interfaces.len() >= sections::INTERFACES_MAX => {
                        let most = sections::INTERFACES_MAX;
                        log.damage(at, format_args!("more than {most} interfaces are described"));
                    }
                    Some(mut interface) => {
                        (interface.section, interface.id) = (section, u32::try_from(id).unwrap_or(u32::MAX));
                        self.interfaces.push(interface);
                    }
                    None => {
                        // Its number is taken all the same, so that the ones after it keep theirs.
                        self.interfaces.push(sections::unusable(section, u32::try_from(id).unwrap_or(u32::MAX)));
                        return short(block, at, log, "an interface description");
                    }
                }
            }
            SIMPLE => return self.simple(block, at, log),
            ENHANCED => return self.enhanced(block, self.order, at, log),
            OBSOLETE => return self.obsolete(block, at, log),
            _ => {}
        }
        Step::Skip(block.len)
    }

    /// An obsolete packet block.
    fn obsolete(&mut self, block: &Block<'_>, at: u64, log: &mut Log) -> Step {
        let Some(head) = block.body.first_chunk::<20>() else {
            return short(block, at, log, "an obsolete packet block");
        };
        let word = |index: usize| self.order.u32(head, index).unwrap_or(0);
        let half = |index: usize| self.order.u16(head, index).unwrap_or(0);
        let ticks = u64::from(word(4)) << 32 | u64::from(word(8));
        let (id, drops) = (u32::from(half(0)), Some(half(2)));
        self.packet(block, at, log, &Packet { id, ticks, captured: word(12), original: word(16), drops })
    }

    /// A simple packet block: first interface, no time, and a captured length that has to be worked out.
    fn simple(&mut self, block: &Block<'_>, at: u64, log: &mut Log) -> Step {
        let (Some(original), Some(data)) = (self.order.u32(block.body, 0), block.body.get(4..)) else {
            return short(block, at, log, "a simple packet block");
        };
        let Some(interface) = self.interfaces.get(self.first).filter(|interface| interface.usable) else {
            return self.no_interface(block, at, log, 0);
        };
        let limit = if interface.snaplen == 0 { usize::MAX } else { wide(interface.snaplen) };
        let data_len = wide(original).min(limit);
        if data_len > data.len() {
            let room = data.len();
            log.damage(
                at,
                format_args!("a simple packet claims {data_len} octets of data, its block has room for {room}"),
            );
            return Step::Skip(block.len);
        }
        log.flag(&rules::NO_TIME, Detail::None);
        Step::Frame(Record {
            len: narrow(block.len),
            data: 12,
            data_len: narrow(data_len),
            options_len: 0,
            ts: None,
            orig_len: original,
            link: interface.link,
            fcs_len: interface.fcs_len,
            order: self.order,
            interface: u32::try_from(self.first).unwrap_or(u32::MAX),
        })
    }

    /// A packet of an interface nobody described.
    #[cold]
    fn no_interface(&self, block: &Block<'_>, at: u64, log: &mut Log, id: u32) -> Step {
        let known = self.interfaces.len().saturating_sub(self.first);
        log.damage(
            at,
            format_args!("a packet belongs to interface {id}, but its section describes {known}; it is left out"),
        );
        Step::Skip(block.len)
    }

    /// Blocks the raw layer does not take: cut off, badly closed, not padded, or damaged.
    #[cold]
    fn odd_block(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        let Some((kind, claimed)) = self.head(octets) else {
            return match octets.len() {
                AROUND.. => self.lose(at, log, format_args!("a section header has no valid byte-order mark")),
                _ if !ended => Step::Need(AROUND),
                0 => Step::End,
                have => {
                    log.damage(at, format_args!("the file ends inside a block: {have} octets of one are there"));
                    Step::End
                }
            };
        };
        let len = wide(claimed);
        if !(AROUND..=RECORD_MAX).contains(&len) {
            return self.lose(
                at,
                log,
                format_args!("a block claims a length of {claimed} octets (possible are {AROUND} to {RECORD_MAX})"),
            );
        }
        if self.sections == 0 && kind != SECTION {
            return self.lose(at, log, format_args!("the file does not start with a section header"));
        }
        let have = octets.len();
        if len > have {
            if ended {
                return self.lose(at, log, format_args!("a block claims {len} octets, {have} are there"));
            }
            return Step::Need(len);
        }
        let order = if kind == SECTION { mark(octets).unwrap_or(self.order) } else { self.order };
        let closes = |end: usize| order.u32(octets, end.saturating_sub(4)).is_some_and(|closing| wide(closing) == len);
        // Not padded to four octets: either the length is too small for what is there, or the writer meant it.
        if !len.is_multiple_of(4) {
            let rounded = padded(len);
            if rounded > have && !ended {
                return Step::Need(rounded);
            }
            let full = order.u32(octets, rounded.saturating_sub(4)).map(wide);
            let end = if full == Some(len) || full == Some(rounded) { rounded } else { len };
            if end == rounded || closes(len) {
                log.flag(&rules::BLOCK_ALIGNMENT, Detail::One("length", len as u64));
                let body = octets.get(8..end.saturating_sub(4)).unwrap_or(&[]);
                return self.other(&Block { kind, body, len: end }, at, log);
            }
        }
        if closes(len) {
            let body = octets.get(8..len.saturating_sub(4)).unwrap_or(&[]);
            return self.other(&Block { kind, body, len }, at, log);
        }
        // The two lengths differ: believe the first one if a block follows where it says.
        let follows = match octets.get(len..) {
            Some(rest) if rest.len() >= AROUND => self.likely(rest, false).is_ok(),
            Some([]) if ended => true,
            _ if !ended => return Step::Need(len.saturating_add(AROUND)),
            _ => false,
        };
        if !follows {
            return self.lose(at, log, format_args!("the two lengths of a block differ ({len} at its start)"));
        }
        let closing = order.u32(octets, len.saturating_sub(4)).unwrap_or(0);
        log.flag(&rules::CLOSING_LENGTH, Detail::Two("first", len as u64, "closing", closing.into()));
        let body = octets.get(8..len.saturating_sub(4)).unwrap_or(&[]);
        self.other(&Block { kind, body, len }, at, log)
    }

    /// Type and length of the block at the start of a slice; `None` where octets are missing or the byte order is unknown.
    fn head(&self, octets: &[u8]) -> Option<(u32, u32)> {
        octets.get(..AROUND)?;
        let kind = self.order.u32(octets, 0)?;
        let order = if kind == SECTION { mark(octets)? } else { self.order };
        Some((kind, order.u32(octets, 4)?))
    }

    /// Damage at the start of the slice: look for the next block from the octet after it.
    #[cold]
    fn lose(&mut self, at: u64, log: &mut Log, text: std::fmt::Arguments<'_>) -> Step {
        log.damage(at, text);
        log.odd.clear();
        self.lost = Some(at);
        Step::Skip(1)
    }

    /// Looks for the next plausible block after damage.
    #[cold]
    fn find(&mut self, octets: &[u8], at: u64, ended: bool, log: &mut Log) -> Step {
        let mut place = 0usize;
        while let Some(rest) = octets.get(place..) {
            match self.likely(rest, true) {
                Ok(_) => {
                    let from = self.lost.take().unwrap_or(at);
                    let here = at.saturating_add(place as u64);
                    log.flag(&rules::RESYNCHRONISED, Detail::Two("octets skipped", here - from, "from octet", from));
                    return if place == 0 { self.step(octets, at, ended, log) } else { Step::Skip(place) };
                }
                Err(Some(_)) if ended && rest.is_empty() => break,
                Err(Some(_)) if !ended && place > 0 => return Step::Skip(place),
                Err(Some(more)) if !ended => return Step::Need(more),
                Err(_) => place = place.saturating_add(1),
            }
        }
        if place > 0 { Step::Skip(place) } else { Step::End }
    }

    /// Whether a block is likely to start at the start of a slice, and its length. `whole`: it must be there to its end, and
    /// make sense. `Err` says how many octets are needed to tell, or that there is none.
    fn likely(&self, octets: &[u8], whole: bool) -> Result<usize, Option<usize>> {
        if octets.len() < AROUND {
            return Err(Some(AROUND));
        }
        let (kind, len) = self.head(octets).ok_or(None)?;
        let len = wide(len);
        let known = kind == SECTION || (self.sections > 0 && KNOWN.contains(&kind));
        if !known || !len.is_multiple_of(4) || !(AROUND..=FIND_MAX).contains(&len) {
            return Err(None);
        }
        if !whole {
            return Ok(len);
        }
        let order = if kind == SECTION { mark(octets).ok_or(None)? } else { self.order };
        if kind == ENHANCED && octets.len() >= 28 {
            let (id, captured) = (order.u32(octets, 8).unwrap_or(0), order.u32(octets, 20).unwrap_or(0));
            let known = wide(id) < self.interfaces.len().saturating_sub(self.first);
            if !known || wide(captured).saturating_add(32) > len {
                return Err(None);
            }
        }
        match order.u32(octets, len.saturating_sub(4)) {
            Some(closing) if wide(closing) == len => Ok(len),
            Some(_) => Err(None),
            None => Err(Some(len)),
        }
    }

    /// See [`super::framer::Framer::chain`].
    pub(crate) fn chain(&self, octets: &[u8], ended: bool) -> Chain {
        follow(octets, ended, |rest| self.likely(rest, true).map_err(|need| need.is_some()))
    }
}

/// The byte order that the section header at the start of a slice states.
fn mark(octets: &[u8]) -> Option<Order> {
    sections::byte_order(octets.get(8..)?)
}

/// A length that was compared with the largest block.
#[inline]
fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// What a packet block says before its data.
struct Packet {
    id: u32,
    ticks: u64,
    captured: u32,
    original: u32,
    /// The count of lost frames of an obsolete block.
    drops: Option<u16>,
}

/// Reads those options of a packet that say something about the frame; comments are read when asked for.
fn packet_options(mut options: Options<'_>, order: Order, record: &mut Record, log: &mut Log) {
    for option in options.by_ref() {
        match option.code {
            1 if std::str::from_utf8(option.value).is_err() => log.flag(&rules::NOT_UTF8, Detail::None),
            2 => match order.u32(option.value, 0) {
                Some(flags) if option.value.len() == 4 => {
                    // Bits 5 to 8: octets of frame check sequence, 0 where unknown.
                    let fcs_len = u8::try_from(flags >> 5 & 0xf).unwrap_or(0);
                    if fcs_len != 0 {
                        record.fcs_len = fcs_len;
                    }
                }
                _ => log.flag(&rules::OPTION_LENGTH, Detail::Two("option", 2, "length", option.value.len() as u64)),
            },
            4 => match order.u64(option.value, 0) {
                Some(0) => {}
                Some(lost) if option.value.len() == 8 => log.flag(&rules::DROPS, Detail::One("lost", lost)),
                _ => log.flag(&rules::OPTION_LENGTH, Detail::Two("option", 4, "length", option.value.len() as u64)),
            },
            _ => {}
        }
    }
    if options.damaged() {
        log.flag(&rules::OPTIONS_DAMAGED, Detail::None);
    }
}

/// A block too short for what its type demands.
#[cold]
fn short(block: &Block<'_>, at: u64, log: &mut Log, what: &str) -> Step {
    let have = block.body.len();
    log.damage(at, format_args!("{what} is damaged or too short: its body has {have} octets"));
    Step::Skip(block.len)
}
