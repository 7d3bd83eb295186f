//! The ledger of notifications seen: duplicates, re-triggers, reused identifiers, other sightings, age.
//!
//! Compares each notification with those before it, which it remembers as long as there is room; what had to be forgotten is
//! counted. Capture time only; frames without a time count as within every window. Must not know keys or sessions.

use hashbrown::HashTable;

use super::messages::{Compared, Messages, Place, spread};
use super::windows::Windows;
use crate::dissect::{Body, Format, Message, dmnoti, dmnoti12_rules as n12, dmnoti20_rules as n20};
use crate::model::{Author, Buffers, Duration, NodeId, NoteValue, Notes, Rule, Timestamp, Value};

/// Entries compared with one message, the newest: against crafted captures in which everything resembles everything.
const COMPARED_MAX: usize = 256;
/// Octets before the trigger of a 1.2 message.
const DIGEST_12: usize = 16;

/// By what entries are found. Those that are equal by it are a chain, each of which knows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// All octets.
    Whole = 0,
    /// The destination, and 1.2: the trigger; 2.0: the identifiers.
    Family = 1,
}

impl By {
    const ALL: [Self; 2] = [Self::Whole, Self::Family];

    /// The hash of a message; `None` where it is not looked for by this.
    fn hash(self, messages: &Messages, seen: &Compared<'_>) -> Option<u32> {
        match (self, seen.format) {
            (Self::Whole, _) => Some(messages.hash(seen.octets)),
            (Self::Family, Format::Dm12) => {
                let trigger = seen.octets.get(DIGEST_12..).filter(|trigger| !trigger.is_empty())?;
                Some(messages.hash((seen.dst, trigger)))
            }
            (Self::Family, Format::Dm20) => Some(messages.hash((seen.id?, seen.server_id(), seen.src, seen.dst))),
            (Self::Family, _) => None,
        }
    }

    /// Whether a message that is remembered belongs into one chain with another.
    fn holds(self, messages: &Messages, number: u32, new: &Compared<'_>) -> bool {
        if self == Self::Whole {
            return messages.octets(number) == Some((new.format, new.octets));
        }
        let Some(old) = messages.get(number).filter(|old| old.format == new.format && old.dst == new.dst) else {
            return false;
        };
        match new.format {
            Format::Dm12 => old.octets.get(DIGEST_12..) == new.octets.get(DIGEST_12..),
            Format::Dm20 => old.id == new.id && old.server_id() == new.server_id() && old.src == new.src,
            _ => false,
        }
    }
}

/// Where a chain was looked for: by which hash, if by any, and its newest entry, if there is one.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    hash: Option<u32>,
    newest: Option<u32>,
}

/// The chains of a message, by [`By`].
type Chains = [Found; 2];

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
    messages: Messages,
    /// The newest entry of each chain.
    index: [HashTable<u32>; 2],
    by_digest: bool,
}

impl Ledger {
    /// Octets kept unless configured otherwise.
    pub const OCTETS: usize = 64 << 20;

    /// An empty ledger that keeps at most so many octets, its own administration included.
    pub fn new(windows: Windows, octets: usize) -> Self {
        let index = [HashTable::new(), HashTable::new()];
        Self { windows, messages: Messages::new(octets), index, by_digest: false }
    }

    /// The same; what it remembers can be found by its digest.
    #[must_use]
    pub fn by_digest(mut self, wanted: bool) -> Self {
        self.by_digest = wanted;
        self
    }

    /// The messages it remembers.
    pub const fn messages(&self) -> &Messages {
        &self.messages
    }

    /// How many messages had to be forgotten for lack of room.
    pub const fn forgotten(&self) -> u64 {
        self.messages.forgotten()
    }

    /// Compares a message with those before it, and remembers it. Messages come in the order of their frames.
    pub fn seen(&mut self, frame: u32, index: u16, message: &Message, buffers: &Buffers<'_>) -> Seen {
        let mut seen = Seen::default();
        self.age(message, &mut seen);
        // A message that the capture cut may differ where it was cut.
        if message.body == Body::Incomplete {
            return seen;
        }
        let new = self.messages.compared(Place { frame, index }, message, buffers);
        let chains = By::ALL.map(|by| self.find(by, &new));
        if let Some(before) = self.repeats(&new, chains, &mut seen) {
            self.duplicate(message, &new, before, chains, &mut seen);
            return seen;
        }
        if seen.sighting_of.is_none() {
            self.family(message, &new, chains, &mut seen);
        }
        self.remember(&new, chains);
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

    /// Looks for the same octets: on the same leg and to the same destination they are repeated (the answer is the first such
    /// entry's number), on another leg they are sighted again.
    fn repeats(&mut self, new: &Compared<'_>, chains: Chains, seen: &mut Seen) -> Option<u32> {
        let (mut repeated, mut sighted) = (None, None);
        for (number, entry) in self.chain(By::Whole, chains) {
            if !self.in_reuse(&entry, new) {
            } else if entry.leg != new.leg {
                sighted = Some(entry.place);
            } else if entry.dst == new.dst {
                repeated = Some(number);
            }
        }
        match repeated {
            Some(number) => self.messages.repeated(number, new.last),
            None => seen.sighting_of = sighted,
        }
        repeated
    }

    fn in_reuse(&self, entry: &Compared<'_>, new: &Compared<'_>) -> bool {
        Windows::holds(self.windows.reuse, entry.last, new.last)
    }

    /// N12-035 and N20-006 for identical octets.
    fn duplicate(&self, message: &Message, new: &Compared<'_>, number: u32, chains: Chains, seen: &mut Seen) {
        let Some(before) = self.messages.get(number) else { return };
        let (mut place, mut resent) = (before.place, false);
        // A 2.0 package may repeat an earlier one that was sent at another time.
        if new.format == Format::Dm20 {
            for (_, entry) in self.chain(By::Family, chains) {
                if self.is_resend(&entry, new) && entry.place < place {
                    (place, resent) = (entry.place, true);
                }
            }
        }
        seen.duplicate_of = Some(place);
        match new.format {
            Format::Dm12 => {
                let detail = in_words("duplicate of ", place, "");
                seen.findings.push((&n12::DUPLICATE, message.layer, detail));
            }
            Format::Dm20 => {
                let detail = told(new, message, in_words("of ", place, ""), resent);
                seen.findings.push((&n20::DUPLICATE, id_node(message), detail));
            }
            _ => {}
        }
    }

    /// N12-035 (re-trigger), N20-006 (resend) and N20-007, each against the first entry it is true of.
    fn family(&self, message: &Message, new: &Compared<'_>, chains: Chains, seen: &mut Seen) {
        let (mut retrigger, mut resend, mut other) = (None, None, None);
        for (_, entry) in self.chain(By::Family, chains) {
            if !self.in_reuse(&entry, new) {
                continue;
            }
            match new.format {
                Format::Dm12 if message.digest.is_none() || entry.octets == new.octets => {}
                Format::Dm12 => retrigger = Some(entry.place),
                _ if self.is_resend(&entry, new) => resend = Some(entry.place),
                _ if !entry.same_but_digest(new) => other = Some(entry.place),
                _ => {}
            }
        }
        if let Some(place) = retrigger {
            let detail = in_words("re-trigger of ", place, ": the same trigger with another digest");
            seen.findings.push((&n12::DUPLICATE, message.layer, detail));
        }
        if let Some(place) = resend {
            seen.duplicate_of = Some(place);
            let detail = told(new, message, in_words("of ", place, ""), true);
            seen.findings.push((&n20::DUPLICATE, id_node(message), detail));
        } else if let Some(place) = other {
            let detail = told(new, message, in_words("", place, " has other content"), false);
            seen.findings.push((&n20::ID_REUSED, id_node(message), detail));
        }
    }

    /// Whether a message repeats an entry of its family on the same leg in everything but time and digest.
    fn is_resend(&self, entry: &Compared<'_>, new: &Compared<'_>) -> bool {
        entry.leg == new.leg && self.in_reuse(entry, new) && entry.same_but_digest(new)
    }

    /// Finds the chain that a message belongs to.
    fn find(&self, by: By, new: &Compared<'_>) -> Found {
        let Some(hash) = by.hash(&self.messages, new) else { return Found::default() };
        let same = |number: &u32| by.holds(&self.messages, *number, new);
        Found { hash: Some(hash), newest: self.index[by as usize].find(spread(hash), same).copied() }
    }

    /// The entries of a chain, newest first, at most [`COMPARED_MAX`].
    fn chain(&self, by: By, chains: Chains) -> impl Iterator<Item = (u32, Compared<'_>)> {
        let newest = chains[by as usize].newest;
        let chain = std::iter::successors(newest, move |number| self.messages.back(*number, by as usize));
        chain.take(COMPARED_MAX).map_while(|number| Some((number, self.messages.get(number)?)))
    }

    fn remember(&mut self, new: &Compared<'_>, chains: Chains) {
        let index = &mut self.index;
        let room = self.messages.make_room(new, |messages, old| Self::unlink(index, messages, old));
        if !room {
            return;
        }
        let (messages, number) = (&self.messages, self.messages.next());
        let mut back = [0; 2];
        for ((by, chain), back) in By::ALL.into_iter().zip(chains).zip(&mut back) {
            let Some(hash) = chain.hash else { continue };
            let index = &mut index[by as usize];
            // The newest may just have been forgotten, and its chain with it.
            let newest = chain.newest.and_then(|newest| index.find_mut(spread(hash), |number| *number == newest));
            if let Some(newest) = newest {
                *back = number.wrapping_sub(std::mem::replace(newest, number));
            } else {
                index.insert_unique(spread(hash), number, |old| messages.hash_of(*old, by as usize));
            }
        }
        let number = self.messages.append(new, chains.map(|chain| chain.hash.unwrap_or_default()), back);
        if self.by_digest {
            self.messages.sign(number);
        }
    }

    /// An entry is about to be forgotten: the oldest of all, so that only where it is the newest of a chain the index knows it.
    fn unlink(index: &mut [HashTable<u32>; 2], messages: &Messages, old: u32) {
        for by in By::ALL {
            let hash = messages.hash_of(old, by as usize);
            if let Ok(slot) = index[by as usize].find_entry(hash, |number| *number == old) {
                slot.remove();
            }
        }
    }
}

/// The node that sequence rules of 2.0 are about.
fn id_node(message: &Message) -> NodeId {
    message.id.map_or(message.layer, |(_, node)| node)
}

/// A place with what is said of it: one push in five of some captures has it, so room is made for it once.
fn in_words(before: &str, place: Place, after: &str) -> String {
    let mut text = String::with_capacity(before.len() + after.len() + 24);
    text.push_str(before);
    place.push(&mut text);
    text.push_str(after);
    text
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
fn told(new: &Compared<'_>, message: &Message, detail: String, resent: bool) -> String {
    let detail = if resent { detail + ", sent again with another time or digest" } else { detail };
    match (new.server_id, message.facts.src) {
        (None, Some(src)) => format!("{detail}; no SERVER-ID, so the sender {src} stands for it"),
        _ => detail,
    }
}

#[cfg(test)]
mod tests;
