//! The messages remembered: the octets of each once, what of it is compared, and the first message of each digest.
//!
//! The oldest are forgotten first, and counted. Everything stands in tables of one size that grow by the chunk: millions of messages
//! cost what they hold, and beyond the first chunk, entries and octets are never copied. Must not know rules, keys or windows.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::ops::Range;

use hashbrown::HashTable;

use super::hash::Seeded;
use crate::dissect::{Body, Format, Leg, Message};
use crate::model::{Buffers, NoteValue, Timestamp, Value};

/// What a message costs beside its octets: its entry, the places of its parts, its share of three indexes.
pub(super) const OVERHEAD: usize = size_of::<Entry>() + 40;
/// A longer message is not remembered. No carrier has room for it.
const LONGEST: usize = u16::MAX as usize;
/// Entries for which room is made at a time.
const ENTRIES: usize = 1 << 10;
/// Octets for which room is made at a time: more than the longest message with the places of its parts.
const CHUNK: usize = 1 << CHUNK_BITS;
/// See [`CHUNK`].
const CHUNK_BITS: u32 = 17;
/// Octets that can be told apart by a place; entries that can by a number.
const MOST: usize = 1 << 31;

/// Frame number and index within the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Frame number, from 1, in the merged order.
    pub frame: u32,
    /// Index within the frame, from 1.
    pub index: u16,
}

impl Place {
    pub(super) const fn value(self) -> NoteValue {
        NoteValue::Plain(Value::Frame { number: self.frame, index: self.index })
    }

    /// Puts it at the end of a text, as findings name it: the frame, and the index where that is not 1.
    pub(super) fn push(self, text: &mut String) {
        // Writing to a text does not fail.
        let _ = write!(text, "frame {}", self.frame);
        if self.index > 1 {
            let _ = write!(text, ".{}", self.index);
        }
    }
}

/// A run of the octets of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    start: u16,
    len: u16,
}

impl Run {
    fn within(message: &Message, range: Range<usize>) -> Self {
        let start = range.start.saturating_sub(message.octets.octet_range().start);
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        Self { start: short(start), len: short(range.len()) }
    }

    pub(super) fn range(self) -> Range<usize> {
        let start = usize::from(self.start);
        start..start + usize::from(self.len)
    }
}

/// A message as it is compared with others: one that comes, or one that is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared<'m> {
    pub(super) place: Place,
    /// Capture time; of a remembered one that of the last message with these octets on this leg.
    pub(super) last: Option<Timestamp>,
    pub(super) format: Format,
    pub(super) leg: Leg,
    /// Hash of the destination.
    pub(super) dst: u64,
    /// Hash of the source; 0 where it is not compared.
    pub(super) src: u64,
    pub(super) octets: &'m [u8],
    pub(super) id: Option<u16>,
    pub(super) server_id: Option<Run>,
    /// Value of option 5, which resends may change.
    pub(super) digest_option: Option<Run>,
    /// The digest, where the message is whole.
    pub(super) digest: Option<Run>,
}

impl Compared<'_> {
    pub(super) fn server_id(&self) -> Option<&[u8]> {
        self.octets.get(self.server_id?.range())
    }

    fn digest(&self) -> Option<&[u8]> {
        self.octets.get(self.digest?.range())
    }

    /// Whether two 2.0 packages are equal but for the value of option 5.
    pub(super) fn same_but_digest(&self, other: &Self) -> bool {
        match (self.digest_option, other.digest_option) {
            (None, None) => self.octets == other.octets,
            (Some(one), Some(two)) if one == two => {
                let Range { start, end } = one.range();
                self.octets.get(..start) == other.octets.get(..start)
                    && self.octets.get(end..) == other.octets.get(end..)
            }
            _ => false,
        }
    }

    /// Whether the places of its parts must be kept: else there is at most a digest, at the start.
    fn has_parts(&self) -> bool {
        self.format == Format::Dm20 || self.digest.is_some_and(|run| run != DIGEST_FIRST)
    }
}

/// Where a 1.2 message has its digest.
const DIGEST_FIRST: Run = Run { start: 0, len: 16 };
/// Octets that say where the parts of a message are: they stand before it,
const PARTS: usize = 12;
/// and before them, where there is no server identifier, the hash of its source.
const SOURCE: usize = 8;

/// What is known of an entry, one bit each.
mod known {
    /// It has a time.
    pub(super) const TIME: u8 = 1;
    /// It has an identifier.
    pub(super) const ID: u8 = 1 << 1;
    /// It has a server identifier.
    pub(super) const SERVER_ID: u8 = 1 << 2;
    /// It has option 5.
    pub(super) const OPTION: u8 = 1 << 3;
    /// It has a digest.
    pub(super) const DIGEST: u8 = 1 << 4;
    /// The places of its parts stand before it.
    pub(super) const PARTS: u8 = 1 << 5;
}

/// What is remembered of a message beside its octets.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// See [`Compared::last`].
    last: i64,
    leg: Leg,
    dst: u64,
    /// Where its octets start.
    at: u32,
    frame: u32,
    /// How many entries back is the one before in each of its chains; 0 for none.
    back: [u32; 2],
    /// By what it is found, so that an index that grows need not look at octets.
    hashes: [u32; 2],
    len: u16,
    index: u16,
    id: u16,
    format: Format,
    known: u8,
}

impl Entry {
    const fn has(&self, bit: u8) -> bool {
        self.known & bit != 0
    }
}

/// A hash of half the width for an index, which takes its highest bits and its lowest.
#[inline]
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// The messages remembered. See the module's documentation.
#[derive(Debug)]
pub struct Messages {
    limit: usize,
    used: usize,
    entries: VecDeque<Vec<Entry>>,
    /// How many entries of the first of `entries` were forgotten, and how many there are without them.
    gone: usize,
    len: usize,
    /// Number of the oldest entry, around the end of the numbers.
    base: u32,
    octets: Octets,
    /// The first entry of each digest.
    digests: HashTable<u32>,
    hasher: Seeded,
    forgotten: u64,
}

/// A message found by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'m> {
    /// Where it was seen.
    pub place: Place,
    /// The whole Package #0.
    pub message: &'m [u8],
    /// Where its digest stands.
    pub digest: Range<usize>,
}

impl Messages {
    /// Nothing remembered yet; at most `limit` octets, administration included.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.min(MOST),
            used: 0,
            entries: VecDeque::new(),
            gone: 0,
            len: 0,
            base: 0,
            octets: Octets::default(),
            digests: HashTable::new(),
            hasher: Seeded::default(),
            forgotten: 0,
        }
    }

    /// The first message with this digest among those that were remembered for it.
    pub fn earlier(&self, digest: &[u8]) -> Option<Signed<'_>> {
        if self.digests.is_empty() {
            return None;
        }
        let number = *self.digests.find(spread(self.hash(digest)), |number| self.has_digest(*number, digest))?;
        let seen = self.get(number)?;
        Some(Signed { place: seen.place, message: seen.octets, digest: seen.digest?.range() })
    }

    /// Remembers a message for its digest, unless one is.
    pub fn remember(&mut self, place: Place, message: &Message, buffers: &Buffers<'_>) {
        let seen = self.compared(place, message, buffers);
        if seen.digest().is_some_and(|digest| self.earlier(digest).is_none()) && self.make_room(&seen, |_, _| {}) {
            let number = self.append(&seen, [0; 2], [0; 2]);
            self.sign(number);
        }
    }

    /// Remembers a message by its octets alone, for this digest.
    pub fn remember_octets(&mut self, place: Place, digest: Range<usize>, octets: &[u8]) {
        let run = |range: Range<usize>| {
            Some(Run { start: u16::try_from(range.start).ok()?, len: u16::try_from(range.len()).ok()? })
        };
        let seen = Compared {
            place,
            last: None,
            format: Format::Dm12,
            leg: Leg::default(),
            dst: 0,
            src: 0,
            octets,
            id: None,
            server_id: None,
            digest_option: None,
            digest: run(digest),
        };
        if self.make_room(&seen, |_, _| {}) {
            let number = self.append(&seen, [0; 2], [0; 2]);
            self.sign(number);
        }
    }

    /// How many messages had to be forgotten for lack of room.
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// A message that comes, as it is compared.
    pub(super) fn compared<'b>(&self, place: Place, message: &Message, buffers: &'b Buffers<'_>) -> Compared<'b> {
        let server_id = message.server_id.map(|(span, _)| Run::within(message, span.octet_range()));
        let alone = message.format == Format::Dm20 && server_id.is_none();
        Compared {
            place,
            last: message.facts.time,
            format: message.format,
            leg: message.facts.leg,
            dst: self.address(message.facts.dst),
            src: if alone { self.address(message.facts.src) } else { 0 },
            octets: buffers.octets(message.octets),
            id: message.id.map(|(id, _)| id),
            server_id,
            digest_option: message.digest_option.map(|span| Run::within(message, span.octet_range())),
            digest: message
                .digest
                .filter(|_| message.body == Body::Whole)
                .map(|span| Run::within(message, span.octet_range())),
        }
    }

    fn address(&self, address: Option<IpAddr>) -> u64 {
        match address {
            None => 0,
            Some(IpAddr::V4(v4)) => self.hasher.hash_one(v4.to_bits()),
            Some(IpAddr::V6(v6)) => self.hasher.hash_one(v6.to_bits()),
        }
    }

    /// A hash for what is looked for in an index: as much of it as an entry keeps.
    #[inline]
    pub(super) fn hash<T: Hash>(&self, what: T) -> u32 {
        // The upper half of the product is where all bits went.
        u32::try_from(self.hasher.hash_one(what) >> 32).unwrap_or_default()
    }

    fn position(&self, number: u32) -> Option<(usize, usize)> {
        let at = number.wrapping_sub(self.base) as usize;
        (at < self.len).then(|| ((self.gone + at) / ENTRIES, (self.gone + at) % ENTRIES))
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        let (chunk, slot) = self.position(number)?;
        self.entries.get(chunk)?.get(slot)
    }

    fn entry_mut(&mut self, number: u32) -> Option<&mut Entry> {
        let (chunk, slot) = self.position(number)?;
        self.entries.get_mut(chunk)?.get_mut(slot)
    }

    /// The octets of a message that is remembered, and its format.
    pub(super) fn octets(&self, number: u32) -> Option<(Format, &[u8])> {
        let entry = self.entry(number)?;
        Some((entry.format, self.octets.get(entry.at, entry.len.into())))
    }

    /// A message that is remembered.
    pub(super) fn get(&self, number: u32) -> Option<Compared<'_>> {
        let entry = self.entry(number)?;
        let octets = self.octets.get(entry.at, entry.len.into());
        let parts = if entry.has(known::PARTS) { self.octets.before(entry.at, 0, PARTS) } else { &[] };
        let run = |bit, at: usize| {
            let run = parts.get(at..)?.first_chunk::<4>()?;
            let [low, high, len_low, len_high] = *run;
            let run = Run { start: u16::from_le_bytes([low, high]), len: u16::from_le_bytes([len_low, len_high]) };
            entry.has(bit).then_some(run)
        };
        let alone = entry.has(known::PARTS) && !entry.has(known::SERVER_ID);
        let src = alone.then(|| self.octets.before(entry.at, PARTS, SOURCE)).and_then(<[u8]>::first_chunk);
        Some(Compared {
            place: Place { frame: entry.frame, index: entry.index },
            last: entry.has(known::TIME).then(|| Timestamp::from_nanos(entry.last)),
            format: entry.format,
            leg: entry.leg,
            dst: entry.dst,
            src: src.map_or(0, |src| u64::from_le_bytes(*src)),
            octets,
            id: entry.has(known::ID).then_some(entry.id),
            server_id: run(known::SERVER_ID, 0),
            digest_option: run(known::OPTION, 4),
            digest: run(known::DIGEST, 8).or_else(|| entry.has(known::DIGEST).then_some(DIGEST_FIRST)),
        })
    }

    /// The hash by which a message is found in an index.
    #[inline]
    pub(super) fn hash_of(&self, number: u32, chain: usize) -> u64 {
        spread(self.entry(number).and_then(|entry| entry.hashes.get(chain)).copied().unwrap_or_default())
    }

    /// The entry before in a chain.
    pub(super) fn back(&self, number: u32, chain: usize) -> Option<u32> {
        let back = *self.entry(number)?.back.get(chain)?;
        (back > 0).then(|| number.wrapping_sub(back))
    }

    /// A remembered message was repeated at this time.
    pub(super) fn repeated(&mut self, number: u32, time: Option<Timestamp>) {
        if let (Some(entry), Some(time)) = (self.entry_mut(number), time) {
            let last = if entry.has(known::TIME) { entry.last.max(time.nanos()) } else { time.nanos() };
            (entry.last, entry.known) = (last, entry.known | known::TIME);
        }
    }

    /// Octets taken.
    #[cfg(test)]
    pub(super) const fn used(&self) -> usize {
        self.used
    }

    /// The numbers of all entries, rising.
    #[cfg(test)]
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        (0..u32::try_from(self.len).unwrap_or(u32::MAX)).map(|at| self.base.wrapping_add(at))
    }

    /// The number of the next entry.
    pub(super) fn next(&self) -> u32 {
        self.base.wrapping_add(u32::try_from(self.len).unwrap_or(u32::MAX))
    }

    /// Makes room for a message; `forget` hears of every one that goes, while it is still there. `false` where there can be none,
    /// and the message is counted as forgotten.
    pub(super) fn make_room(&mut self, seen: &Compared<'_>, mut forget: impl FnMut(&Self, u32)) -> bool {
        let cost = OVERHEAD + seen.octets.len();
        if cost > self.limit || seen.octets.len() > LONGEST {
            self.forgotten += 1;
            return false;
        }
        while self.used + cost > self.limit && self.len > 0 {
            forget(self, self.base);
            self.forget();
        }
        true
    }

    /// Remembers a message after room was made: by which hashes it is found, and how far back the one before is in each of its
    /// chains. The answer is its number.
    pub(super) fn append(&mut self, seen: &Compared<'_>, hashes: [u32; 2], back: [u32; 2]) -> u32 {
        let number = self.next();
        let parts = seen.has_parts();
        let bit = |there: bool, bit: u8| if there { bit } else { 0 };
        let entry = Entry {
            last: seen.last.map_or(0, Timestamp::nanos),
            leg: seen.leg,
            dst: seen.dst,
            at: self.octets.push(seen, parts),
            frame: seen.place.frame,
            back,
            hashes,
            len: u16::try_from(seen.octets.len()).unwrap_or(u16::MAX),
            index: seen.place.index,
            id: seen.id.unwrap_or(0),
            format: seen.format,
            known: bit(seen.last.is_some(), known::TIME)
                | bit(seen.id.is_some(), known::ID)
                | bit(seen.server_id.is_some(), known::SERVER_ID)
                | bit(seen.digest_option.is_some(), known::OPTION)
                | bit(seen.digest.is_some(), known::DIGEST)
                | bit(parts, known::PARTS),
        };
        self.used += OVERHEAD + seen.octets.len();
        self.len += 1;
        if self.entries.back().is_none_or(|chunk| chunk.len() == ENTRIES) {
            // A memory of one message is small.
            let room = if self.entries.is_empty() { 1 } else { ENTRIES };
            self.entries.push_back(Vec::with_capacity(room));
        }
        if let Some(chunk) = self.entries.back_mut() {
            chunk.push(entry);
        }
        number
    }

    /// An entry can be found by its digest from now on, unless an earlier one is.
    pub(super) fn sign(&mut self, number: u32) {
        // Taken out while its entries are looked at.
        let mut digests = std::mem::take(&mut self.digests);
        if let Some(digest) = self.get(number).as_ref().and_then(Compared::digest) {
            let hash = |digest: &[u8]| spread(self.hash(digest));
            let again = |number: &u32| self.get(*number).as_ref().and_then(Compared::digest).map_or(0, hash);
            digests.entry(hash(digest), |other| self.has_digest(*other, digest), again).or_insert(number);
        }
        self.digests = digests;
    }

    fn has_digest(&self, number: u32, digest: &[u8]) -> bool {
        self.get(number).is_some_and(|seen| seen.digest() == Some(digest))
    }

    /// Forgets the oldest message.
    fn forget(&mut self) {
        let Some(old) = self.get(self.base) else { return };
        let len = old.octets.len();
        if let Some(digest) = old.digest() {
            let (hash, base) = (spread(self.hash(digest)), self.base);
            if let Ok(slot) = self.digests.find_entry(hash, |number| *number == base) {
                slot.remove();
            }
        }
        self.used -= OVERHEAD + len;
        self.forgotten += 1;
        self.len -= 1;
        self.base = self.base.wrapping_add(1);
        self.gone += 1;
        if self.gone == ENTRIES {
            self.entries.pop_front();
            self.gone = 0;
        }
        let first = self.entry(self.base).map(|entry| entry.at);
        self.octets.forget_before(first);
    }
}

/// Octets of messages one behind the other, in chunks. A place is the number of a chunk and a place in it, around the end of the
/// numbers; what the places of parts take stands before it.
#[derive(Debug, Default)]
struct Octets {
    chunks: VecDeque<Vec<u8>>,
    /// Number of the first chunk.
    base: u32,
}

impl Octets {
    fn push(&mut self, seen: &Compared<'_>, parts: bool) -> u32 {
        let before = if parts { PARTS + SOURCE } else { 0 };
        let full = |chunk: &Vec<u8>| CHUNK - chunk.len() <= before + seen.octets.len();
        if self.chunks.back().is_none_or(full) {
            self.chunks.push_back(Vec::with_capacity(if self.chunks.is_empty() { 0 } else { CHUNK }));
        }
        let number = u32::try_from(self.chunks.len()).unwrap_or(0).wrapping_sub(1).wrapping_add(self.base);
        let Some(chunk) = self.chunks.back_mut() else { return 0 };
        if parts {
            if seen.server_id.is_none() {
                chunk.extend_from_slice(&seen.src.to_le_bytes());
            }
            for run in [seen.server_id, seen.digest_option, seen.digest] {
                let Run { start, len } = run.unwrap_or_default();
                let ([a, b], [c, d]) = (start.to_le_bytes(), len.to_le_bytes());
                chunk.extend_from_slice(&[a, b, c, d]);
            }
        }
        let at = u32::try_from(chunk.len()).unwrap_or(0);
        chunk.extend_from_slice(seen.octets);
        number << CHUNK_BITS | at
    }

    /// The chunk of a place, and the place in it.
    fn chunk(&self, at: u32) -> (usize, usize) {
        let number = (at >> CHUNK_BITS).wrapping_sub(self.base) & (u32::MAX >> CHUNK_BITS);
        (number as usize, at as usize % CHUNK)
    }

    #[inline]
    fn get(&self, at: u32, len: usize) -> &[u8] {
        let (chunk, at) = self.chunk(at);
        self.chunks.get(chunk).and_then(|chunk| chunk.get(at..at + len)).unwrap_or_default()
    }

    /// So many octets that end so many before a place.
    fn before(&self, at: u32, skip: usize, len: usize) -> &[u8] {
        let (chunk, at) = self.chunk(at);
        let range = at.checked_sub(skip + len).map(|start| start..start + len);
        self.chunks.get(chunk).zip(range).and_then(|(chunk, range)| chunk.get(range)).unwrap_or_default()
    }

    /// Nobody looks any more for what stands before this place; for `None` at nothing at all.
    fn forget_before(&mut self, first: Option<u32>) {
        let keep = first.map_or(1, |at| self.chunks.len() - self.chunk(at).0.min(self.chunks.len()));
        while self.chunks.len() > keep {
            self.chunks.pop_front();
            self.base = self.base.wrapping_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Compared, ENTRIES, Format, Leg, Messages, OVERHEAD, Place, Run, Timestamp};

    const ROOM: usize = 64 << 20;

    fn compared(frame: u32, octets: &[u8]) -> Compared<'_> {
        Compared {
            place: Place { frame, index: 2 },
            last: None,
            format: Format::Dm12,
            leg: Leg(5),
            dst: 6,
            src: 0,
            octets,
            id: None,
            server_id: None,
            digest_option: None,
            digest: None,
        }
    }

    fn push(messages: &mut Messages, seen: &Compared<'_>, back: [u32; 2]) -> Option<u32> {
        messages.make_room(seen, |_, _| {}).then(|| messages.append(seen, [1, 2], back))
    }

    fn same(one: &Compared<'_>, other: &Compared<'_>) {
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }

    #[test]
    fn an_entry_is_no_larger_than_it_must_be() {
        assert_eq!(size_of::<super::Entry>(), 56);
    }

    #[test]
    fn what_is_remembered_comes_back_as_it_was() {
        let mut messages = Messages::new(ROOM);
        let run = |start, len| Some(Run { start, len });
        let octets: Vec<u8> = (0..200u8).collect();
        let plain = Compared { digest: run(0, 16), ..compared(1, &octets) };
        let timed = Compared { last: Some(Timestamp::from_nanos(-7)), ..compared(2, &octets[..40]) };
        let bare = Compared {
            format: Format::Dm20,
            src: 0x0102_0304_0506_0708,
            id: Some(10),
            digest_option: run(7, 36),
            digest: run(11, 32),
            ..compared(3, &octets)
        };
        let full = Compared { server_id: run(60, 20), src: 0, id: Some(0), ..bare };
        let odd = Compared { digest: run(3, 16), ..compared(4, &octets) };
        let all = [plain, timed, bare, full, odd, compared(5, &[])];
        for seen in &all {
            push(&mut messages, seen, [0; 2]).unwrap();
        }
        for (number, seen) in messages.numbers().zip(&all) {
            same(&messages.get(number).unwrap(), seen);
        }
        messages.repeated(1, Some(Timestamp::from_nanos(9)));
        messages.repeated(1, Some(Timestamp::from_nanos(3)));
        messages.repeated(1, None);
        assert_eq!(messages.get(1).unwrap().last, Some(Timestamp::from_nanos(9)));
    }

    #[test]
    fn the_first_message_of_a_digest_is_found_while_there_is_room() {
        let mut messages = Messages::new(3 * OVERHEAD + 3 * 20);
        let with = |digest: u8, rest: u8| -> Vec<u8> { [[digest; 16].as_slice(), &[rest; 4]].concat() };
        for (frame, (digest, rest)) in (1..).zip([(1, 1), (1, 2), (2, 3)]) {
            messages.remember_octets(Place { frame, index: 1 }, 0..16, &with(digest, rest));
        }
        let found = messages.earlier(&[1; 16]).unwrap();
        assert_eq!((found.place.frame, found.message, found.digest), (1, with(1, 1).as_slice(), 0..16));
        assert_eq!(messages.earlier(&[2; 16]).unwrap().place.frame, 3);
        assert!(messages.earlier(&[3; 16]).is_none());
        messages.remember_octets(Place { frame: 4, index: 1 }, 0..16, &with(3, 4));
        assert!(messages.earlier(&[1; 16]).is_none(), "forgotten");
        assert_eq!(messages.earlier(&[2; 16]).unwrap().place.frame, 3);
        assert_eq!(messages.earlier(&[3; 16]).unwrap().place.frame, 4);
        assert_eq!(messages.forgotten(), 1);
    }

    #[test]
    fn what_is_forgotten_gives_its_memory_back() {
        let room = 40 * ENTRIES * OVERHEAD;
        let mut messages = Messages::new(room);
        let octets: Vec<u8> = (0..=255u8).cycle().take(70_000).collect();
        for frame in 0..200_000u32 {
            let len = if frame % 5000 == 0 { 65_535 } else { frame as usize % 300 };
            let number = push(&mut messages, &compared(frame, &octets[..len]), [0; 2]).unwrap();
            assert_eq!((number, messages.get(number).unwrap().octets), (frame, &octets[..len]));
            let chunks = messages.octets.chunks.iter().map(Vec::capacity).sum::<usize>();
            assert!(messages.used() <= room && chunks <= 2 * room + CHUNK, "{chunks}");
            assert!(messages.entries.len() <= 41 + 1);
        }
        let oldest = messages.numbers().next().unwrap();
        assert_eq!(messages.get(oldest).unwrap().place.frame, oldest);
        assert!(messages.get(oldest - 1).is_none());
        assert!(push(&mut messages, &compared(1, &octets), [0; 2]).is_none(), "too long");
    }

    #[test]
    fn numbers_and_places_go_around() {
        let mut messages = Messages::new(ROOM);
        (messages.base, messages.octets.base) = (u32::MAX - 1, (1 << 15) - 1);
        let octets = vec![7; 60_000];
        for frame in 0..9 {
            let number = push(&mut messages, &compared(frame, &octets), [u32::from(frame > 0), 0]).unwrap();
            assert_eq!(number, (u32::MAX - 1).wrapping_add(frame));
            assert_eq!(messages.back(number, 0), (frame > 0).then(|| number.wrapping_sub(1)));
        }
        for (frame, number) in (0..).zip(messages.numbers()) {
            same(&messages.get(number).unwrap(), &compared(frame, &octets));
        }
    }
}
