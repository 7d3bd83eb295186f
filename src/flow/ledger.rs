//! The ledger of notifications seen: duplicates, re-triggers, reused identifiers, other sightings, age.
//!
//! Keeps the octets of each notification, bounded; what had to be forgotten is counted. Capture time only; frames without a
//! time count as within every window. Must not know keys or sessions.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use super::windows::Windows;
use crate::dissect::{Body, Format, Leg, Message, dmnoti, dmnoti12_rules as n12, dmnoti20_rules as n20};
use crate::model::{Author, Buffers, Duration, NodeId, NoteValue, Notes, Rule, Timestamp, Value};

/// Octets of an entry beside those of its message: the entry itself, what its allocation costs, its places in the index.
const OVERHEAD: usize = 192;
/// Entries compared with one message: against crafted captures in which everything resembles everything.
const COMPARED_MAX: usize = 256;
/// Octets before the trigger of a 1.2 message.
const DIGEST_12: usize = 16;

/// Frame number and index within the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Frame number, from 1, in the merged order.
    pub frame: u32,
    /// Index within the frame, from 1.
    pub index: u16,
}

impl Place {
    const fn value(self) -> NoteValue {
        NoteValue::Plain(Value::Frame { number: self.frame, index: self.index })
    }
}

/// As findings name it: the frame, and the index where that is not 1.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "frame {}", self.frame)?;
        if self.index > 1 { write!(f, ".{}", self.index) } else { Ok(()) }
    }
}

/// A message that was seen.
#[derive(Debug)]
struct Entry {
    place: Place,
    /// Capture time of the last message with these octets on this leg.
    last: Option<Timestamp>,
    format: Format,
    leg: Leg,
    /// Hashes of the addresses.
    src: u64,
    dst: u64,
    octets: Box<[u8]>,
    /// Runs of `octets`.
    parts: Parts,
    /// How many entries on is the next one of the same whole, and of the same family; 0 where there is none.
    next: [u32; 2],
}

/// Where in the octets of a message the parts stand that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    server_id: Option<Range<u32>>,
    /// Value of option 5, which resends may change.
    digest_option: Option<Range<u32>>,
    id: Option<u16>,
}

/// By what entries are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// All octets.
    Whole = 0,
    /// 1.2: the trigger. 2.0: the identifiers.
    Family = 1,
}

/// First and last entry of those with one hash, by the lower halves of their numbers.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u32,
    last: u32,
}

/// What is known of a message from those before it.
#[derive(Debug, Default)]
pub struct Seen {
    /// The first of the messages that it repeats.
    pub duplicate_of: Option<Place>,
    /// The first sighting of the same octets on another leg.
    pub sighting_of: Option<Place>,
    /// Capture time minus sending time.
    pub age: Option<Duration>,
    /// Rules that the sequence shows broken: where, and what is particular.
    pub findings: Vec<(&'static Rule, NodeId, String)>,
}

impl Seen {
    /// Puts it beside the tree.
    pub fn note(&self, message: &Message, notes: &mut Notes) {
        let by = Author::Sequence;
        if let Some(place) = self.duplicate_of {
            notes.add(by, message.layer, &dmnoti::DUPLICATE_OF, place.value());
        }
        if let Some(place) = self.sighting_of {
            notes.add(by, message.layer, &dmnoti::SIGHTING_OF, place.value());
        }
        if let (Some(age), Some((_, node))) = (self.age, message.time) {
            notes.add(by, node, &dmnoti::DIGEST_AGE, NoteValue::Plain(Value::Duration(age)));
        }
        for (rule, node, detail) in &self.findings {
            notes.flag(by, Some(*node), rule, detail.clone());
        }
    }
}

/// The ledger. See the module's documentation.
#[derive(Debug)]
pub struct Ledger {
    windows: Windows,
    limit: usize,
    used: usize,
    entries: VecDeque<Entry>,
    /// Number of the first of `entries`: how many were forgotten before it, around the end of the numbers.
    base: u32,
    index: [HashMap<u64, Ends>; 2],
    hasher: RandomState,
    forgotten: u64,
}

impl Ledger {
    /// Octets kept unless configured otherwise.
    pub const OCTETS: usize = 64 << 20;

    /// An empty ledger that keeps at most so many octets, its own administration included.
    pub fn new(windows: Windows, octets: usize) -> Self {
        Self {
            windows,
            limit: octets,
            used: 0,
            entries: VecDeque::new(),
            base: 0,
            index: [HashMap::new(), HashMap::new()],
            hasher: RandomState::new(),
            forgotten: 0,
        }
    }

    /// How many messages had to be forgotten for lack of room.
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Compares a message with those before it, and remembers it. Messages come in the order of their frames.
    pub fn seen(&mut self, frame: u32, index: u16, message: &Message, buffers: &Buffers<'_>) -> Seen {
        let mut seen = Seen::default();
        self.age(message, &mut seen);
        // A message that the capture cut may differ where it was cut.
        if message.body == Body::Incomplete {
            return seen;
        }
        let octets = buffers.octets(message.octets);
        let new = Entry {
            place: Place { frame, index },
            last: message.facts.time,
            format: message.format,
            leg: message.facts.leg,
            src: self.hasher.hash_one(message.facts.src),
            dst: self.hasher.hash_one(message.facts.dst),
            octets: octets.into(),
            parts: Parts::of(message),
            next: [0; 2],
        };
        let hashes = [self.hasher.hash_one(octets), self.family_hash(&new)];
        if let Some(before) = self.repeats(&new, hashes[0], &mut seen) {
            self.duplicate(message, &new, before, &mut seen);
            return seen;
        }
        if seen.sighting_of.is_none() {
            self.family(message, &new, hashes[1], &mut seen);
        }
        self.remember(new, hashes);
        seen
    }

    /// N20-026.
    fn age(&self, message: &Message, seen: &mut Seen) {
        let (Some((seconds, node)), Some(time)) = (message.time, message.facts.time) else { return };
        let age = time.since(Timestamp::from_secs(i64::from(seconds), 0));
        seen.age = Some(age);
        if message.format == Format::Dm20 && !self.windows.is_plausible(age) {
            seen.findings.push((&n20::AGE, node, far(age)));
        }
    }

    /// Looks for the same octets: on the same leg and to the same destination they are repeated (the answer is the entry's
    /// number), on another leg they are sighted again.
    fn repeats(&mut self, new: &Entry, hash: u64, seen: &mut Seen) -> Option<u32> {
        let mut at = self.index[By::Whole as usize].get(&hash).map(|ends| ends.first);
        for _ in 0..COMPARED_MAX {
            let number = at?;
            let reuse = self.windows.reuse;
            let entry = self.entry_mut(number)?;
            let (same, next) =
                (entry.octets == new.octets && entry.format == new.format, entry.next[By::Whole as usize]);
            if same && Windows::holds(reuse, entry.last, new.last) {
                if entry.leg != new.leg {
                    seen.sighting_of.get_or_insert(entry.place);
                } else if entry.dst == new.dst {
                    entry.last = entry.last.max(new.last);
                    seen.sighting_of = None;
                    return Some(number);
                }
            }
            at = Self::step(number, next);
        }
        None
    }

    /// The entry so many after another.
    fn step(number: u32, steps: u32) -> Option<u32> {
        (steps > 0).then(|| number.wrapping_add(steps))
    }

    /// N12-035 and N20-006 for identical octets.
    fn duplicate(&self, message: &Message, new: &Entry, number: u32, seen: &mut Seen) {
        let Some(before) = self.entry(number) else { return };
        let (mut place, mut resent) = (before.place, false);
        // A 2.0 package may repeat an earlier one that was sent at another time.
        if new.format == Format::Dm20 {
            let hash = self.family_hash(new);
            for entry in self.chain(By::Family, hash) {
                if self.is_resend(entry, new) && entry.place < place {
                    (place, resent) = (entry.place, true);
                }
            }
        }
        seen.duplicate_of = Some(place);
        let detail = format!("of {place}");
        match new.format {
            Format::Dm12 => seen.findings.push((&n12::DUPLICATE, message.layer, format!("duplicate {detail}"))),
            Format::Dm20 => seen.findings.push((&n20::DUPLICATE, id_node(message), told(new, message, detail, resent))),
            _ => {}
        }
    }

    /// N12-035 (re-trigger), N20-006 (resend) and N20-007.
    fn family(&self, message: &Message, new: &Entry, hash: u64, seen: &mut Seen) {
        let mut chain = self.chain(By::Family, hash).filter(|entry| self.is_family(entry, new));
        match new.format {
            Format::Dm12 => {
                if let (Some(_), Some(entry)) = (message.digest, chain.next()) {
                    let detail = format!("re-trigger of {}: the same trigger with another digest", entry.place);
                    seen.findings.push((&n12::DUPLICATE, message.layer, detail));
                }
            }
            Format::Dm20 => {
                let mut other = None;
                for entry in chain {
                    if self.is_resend(entry, new) {
                        seen.duplicate_of = Some(entry.place);
                        let detail = format!("of {}", entry.place);
                        seen.findings.push((&n20::DUPLICATE, id_node(message), told(new, message, detail, true)));
                        return;
                    }
                    if !entry.parts.same_but_digest(&entry.octets, &new.parts, &new.octets) {
                        other.get_or_insert(entry.place);
                    }
                }
                if let Some(place) = other {
                    let detail = told(new, message, format!("{place} has other content"), false);
                    seen.findings.push((&n20::ID_REUSED, id_node(message), detail));
                }
            }
            _ => {}
        }
    }

    /// Whether an entry belongs to the family of a message: same trigger, or same identifiers, and same destination.
    fn is_family(&self, entry: &Entry, new: &Entry) -> bool {
        let same = match new.format {
            Format::Dm12 => {
                new.octets.len() > DIGEST_12
                    && entry.octets.get(DIGEST_12..) == new.octets.get(DIGEST_12..)
                    && entry.octets.get(..DIGEST_12) != new.octets.get(..DIGEST_12)
            }
            Format::Dm20 => {
                new.parts.id.is_some()
                    && entry.parts.id == new.parts.id
                    && entry.server_id() == new.server_id()
                    && (new.parts.server_id.is_some() || entry.src == new.src)
            }
            _ => false,
        };
        same && entry.format == new.format
            && entry.dst == new.dst
            && Windows::holds(self.windows.reuse, entry.last, new.last)
    }

    /// Whether a message repeats an entry on the same leg in everything but time and digest.
    fn is_resend(&self, entry: &Entry, new: &Entry) -> bool {
        entry.leg == new.leg
            && self.is_family(entry, new)
            && entry.parts.same_but_digest(&entry.octets, &new.parts, &new.octets)
    }

    /// The hash by which messages of one family are found.
    fn family_hash(&self, entry: &Entry) -> u64 {
        match entry.format {
            Format::Dm12 => self.hasher.hash_one(entry.octets.get(DIGEST_12..)),
            _ => self.hasher.hash_one((entry.parts.id, entry.server_id(), entry.dst)),
        }
    }

    /// The entries with this hash, oldest first, at most [`COMPARED_MAX`].
    fn chain(&self, by: By, hash: u64) -> impl Iterator<Item = &Entry> {
        let first = self.index[by as usize].get(&hash).map(|ends| ends.first);
        let entry = move |number: u32| Some((number, self.entry(number)?));
        std::iter::successors(first.and_then(entry), move |(number, before)| {
            Self::step(*number, before.next[by as usize]).and_then(entry)
        })
        .map(|(_, entry)| entry)
        .take(COMPARED_MAX)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number.wrapping_sub(self.base) as usize)
    }

    fn entry_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.entries.get_mut(number.wrapping_sub(self.base) as usize)
    }

    fn remember(&mut self, new: Entry, hashes: [u64; 2]) {
        let cost = new.octets.len() + OVERHEAD;
        if cost > self.limit {
            self.forgotten += 1;
            return;
        }
        while self.used + cost > self.limit && self.forget() {}
        // The bound in octets keeps far fewer than numbers there are.
        let number = self.base.wrapping_add(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push_back(new);
        self.used += cost;
        for (by, hash) in [By::Whole, By::Family].into_iter().zip(hashes) {
            let ends = self.index[by as usize].entry(hash).or_insert(Ends { first: number, last: number });
            let before = std::mem::replace(&mut ends.last, number);
            if before != number
                && let Some(entry) = self.entry_mut(before)
            {
                entry.next[by as usize] = number.wrapping_sub(before);
            }
        }
    }

    /// Forgets the oldest message. `false` when there is none.
    fn forget(&mut self) -> bool {
        let Some(old) = self.entries.pop_front() else { return false };
        let hashes = [self.hasher.hash_one(&old.octets), self.family_hash(&old)];
        let number = self.base;
        self.base = self.base.wrapping_add(1);
        self.used -= old.octets.len() + OVERHEAD;
        self.forgotten += 1;
        // The oldest entry is the first of its chains: the next one takes its place.
        for (by, hash) in [By::Whole, By::Family].into_iter().zip(hashes) {
            let index = &mut self.index[by as usize];
            match Self::step(number, old.next[by as usize]) {
                Some(next) => {
                    if let Some(ends) = index.get_mut(&hash) {
                        ends.first = next;
                    }
                }
                None => {
                    index.remove(&hash);
                }
            }
        }
        true
    }
}

impl Entry {
    fn server_id(&self) -> Option<&[u8]> {
        self.octets.get(wide(self.parts.server_id.as_ref()?))
    }
}

impl Parts {
    fn of(message: &Message) -> Self {
        let start = message.octets.octet_range().start;
        let place = |at: usize| u32::try_from(at.saturating_sub(start)).unwrap_or(u32::MAX);
        let within = |range: Range<usize>| place(range.start)..place(range.end);
        Self {
            server_id: message.server_id.map(|(span, _)| within(span.octet_range())),
            digest_option: message.digest_option.map(|span| within(span.octet_range())),
            id: message.id.map(|(id, _)| id),
        }
    }

    /// Whether two 2.0 packages are equal but for the value of option 5.
    fn same_but_digest(&self, mine: &[u8], other: &Self, others: &[u8]) -> bool {
        match (&self.digest_option, &other.digest_option) {
            (None, None) => mine == others,
            (Some(one), Some(two)) => {
                let (mine_at, others_at) = (wide(one), wide(two));
                one == two
                    && mine.get(..mine_at.start) == others.get(..others_at.start)
                    && mine.get(mine_at.end..) == others.get(others_at.end..)
            }
            _ => false,
        }
    }
}

/// A run as places in memory.
const fn wide(run: &Range<u32>) -> Range<usize> {
    run.start as usize..run.end as usize
}

/// The node that sequence rules of 2.0 are about.
fn id_node(message: &Message) -> NodeId {
    message.id.map_or(message.layer, |(_, node)| node)
}

/// How far, and to which side, in words.
fn far(age: Duration) -> String {
    let seconds = age.nanos() / 1_000_000_000;
    let side = if age.nanos() < 0 { "after the capture time" } else { "before the capture time" };
    let days = match seconds.unsigned_abs() / 86_400 {
        0 => String::new(),
        1 => " (1 day)".to_owned(),
        days => format!(" ({days} days)"),
    };
    format!("{} s{days} {side}", seconds.unsigned_abs())
}

/// A detail, with what must be said about how it was found.
fn told(new: &Entry, message: &Message, detail: String, resent: bool) -> String {
    let detail = if resent { detail + ", sent again with another time or digest" } else { detail };
    match (&new.parts.server_id, message.facts.src) {
        (None, Some(src)) => format!("{detail}; no SERVER-ID, so the sender {src} stands for it"),
        _ => detail,
    }
}

#[cfg(test)]
mod tests;
