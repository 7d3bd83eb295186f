//! Parts of concatenated short messages: collected in any order until a message is whole, or given up.
//!
//! Parts belong together when originator, destination, reference, number of parts and kind of reference agree. Where both
//! addresses are known, parts that took different ways are joined; where one is not (on the air the subscriber is not named),
//! only those of one way and channel. Two messages are never mixed: a part that contradicts what is there begins another
//! message. Must not know what the messages hold beyond whether they are pushes.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{Bounds, Kept, Late};
use crate::dissect::wdp::CONCATENATION;
use crate::dissect::{Answer, Claim, Facts, Leg, PartKind, SmsPart, wsp};
use crate::model::spec::TS_23_040;
use crate::model::{Derived, Group, Origin, Piece, Rule, Timestamp};

/// Another message with the same reference came before this one was whole.
pub static SUPERSEDED: Rule = Rule::note("SMS-010", Group::Reassembly)
    .cite(&TS_23_040, "9.2.3.24.1")
    .text("another message with the same reference ended the wait for the missing parts")
    .explain(
        "A part with the same addresses, reference and number came with other content: it belongs to another message.",
        "The parts of the two are not mixed.",
        "A sender that uses references again so soon makes handsets mix messages; look at the gateway's counter.",
    );

/// Forgotten for lack of room.
pub static EVICTED: Rule = Rule::warning("SMS-011", Group::Reassembly)
    .uncited("our bound against floods of parts")
    .text("the concatenated message was given up for lack of room")
    .explain(
        "More messages waited for parts than may be remembered, and this one waited longest.",
        "The rest of it may be in the capture all the same.",
        "Read the part of the capture around this frame alone.",
    );

/// The rules of this module.
pub(super) static RULES: &[&Rule] = &[&SUPERSEDED, &EVICTED];

/// The port of pushes.
const PUSH_PORT: u16 = 2948;

/// Octets of administration counted per message.
const SET_COST: usize = 512;

/// Messages with one key that wait side by side, or are remembered as whole.
const SETS_PER_KEY: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: PartKind,
    reference: u16,
    parts: u8,
    from: Leg,
    to: Leg,
    /// The way, where the addresses do not name both sides.
    leg: Leg,
}

/// The way a part came, and the radio channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    leg: Leg,
    channel: Leg,
}

/// One part.
#[derive(Debug)]
struct Part {
    octets: Vec<u8>,
    promised: u32,
    pieces: Vec<Piece>,
    print: Leg,
    /// Destination and origin port, where the part states them.
    ports: Option<(u16, Option<u16>)>,
    udh_octets: u32,
}

impl Part {
    fn cost(&self) -> usize {
        self.octets.len() + self.pieces.len() * size_of::<Piece>() + size_of::<Self>()
    }
}

#[derive(Debug)]
struct Set<K> {
    id: u64,
    way: Way,
    parts: BTreeMap<u8, Part>,
    whole: bool,
    /// Every part repeats one of a message that was whole before.
    repeat: bool,
    twice: Vec<u8>,
    kept: Option<Kept<K>>,
}

impl<K> Set<K> {
    fn cost(&self) -> usize {
        let parts: usize = self.parts.values().map(Part::cost).sum();
        parts + SET_COST + self.kept.as_ref().map_or(0, |kept| kept.octets)
    }

    fn ports(&self) -> Option<(u16, Option<u16>)> {
        self.parts.values().find_map(|part| part.ports)
    }

    fn prints(&self, number: u8, print: Leg) -> bool {
        self.parts.get(&number).is_some_and(|part| part.print == print)
    }
}

/// Why a message is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Time,
    Superseded,
    Room,
}

/// The parts that wait. See the module's documentation.
#[derive(Debug)]
pub struct Parts<K> {
    bounds: Bounds,
    sets: HashMap<Key, Vec<Set<K>>>,
    queue: VecDeque<(Option<Timestamp>, Key, u64)>,
    live: usize,
    octets: usize,
    now: Option<Timestamp>,
    serial: u64,
    late: VecDeque<Late<K>>,
    evicted: u64,
}

impl<K> Parts<K> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            sets: HashMap::new(),
            queue: VecDeque::new(),
            live: 0,
            octets: 0,
            now: None,
            serial: 0,
            late: VecDeque::new(),
            evicted: 0,
        }
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    /// Messages forgotten for lack of room.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Octets remembered.
    pub fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        if self.queue.is_empty() || time <= self.now {
            self.now = self.now.max(time);
            return;
        }
        self.now = time;
        while let (Some(now), Some((born, key, id))) = (self.now, self.queue.front().copied()) {
            match born {
                Some(born) if now.since(born) > self.bounds.concat => {
                    self.queue.pop_front();
                    self.give_up(&key, id, Reason::Time);
                }
                Some(_) => return,
                None => self.queue.iter_mut().filter(|entry| entry.0.is_none()).for_each(|entry| entry.0 = Some(now)),
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id)) = self.queue.pop_front() {
            self.give_up(&key, id, Reason::Time);
        }
    }

    pub(super) fn add(
        &mut self,
        part: &SmsPart,
        octets: &[u8],
        pieces: Vec<Piece>,
        keep: impl FnOnce() -> Kept<K>,
    ) -> Answer {
        self.advance(part.facts.time);
        self.serial += 1;
        let sms = &part.facts.sms;
        let names_both = sms.from != Leg::default() && sms.to != Leg::default();
        let key = Key {
            kind: part.kind,
            reference: part.reference,
            parts: part.parts,
            from: sms.from,
            to: sms.to,
            leg: if names_both { Leg::default() } else { part.facts.leg },
        };
        let way = Way { leg: part.facts.leg, channel: sms.channel };
        let new = Part {
            octets: octets.to_vec(),
            promised: part.promised,
            pieces,
            print: Leg::default().step("part", octets),
            ports: part.facts.dst_port.map(|dst| (dst, part.facts.src_port)),
            udh_octets: part.facts.udh_octets,
        };
        let id = self.place(&key, way, part.part, new);
        let answer = self.complete(&key, id, part);
        if matches!(answer, Answer::Wait) {
            self.keep(&key, id, keep);
        }
        self.shrink();
        answer
    }

    /// Puts a part into the message it belongs to; the answer names it.
    fn place(&mut self, key: &Key, way: Way, number: u8, part: Part) -> u64 {
        let sets = self.sets.entry(*key).or_default();
        let was_whole = |set: &Set<K>| set.whole && set.prints(number, part.print);
        let again = sets.iter().any(|set| was_whole(set) && set.way.leg == way.leg);
        let open = |set: &Set<K>| !set.whole && (set.repeat || !again);
        // The message that came this way first: on the air, that is one subscriber; elsewhere, copies are messages of their own.
        let same = sets.iter().any(|set| open(set) && set.way == way);
        let repeat = again || (!same && sets.iter().any(was_whole));
        let fits = |set: &&mut Set<K>| open(set) && if same { set.way == way } else { set.repeat == repeat };
        let mut contradicted = None;
        for set in sets.iter_mut().filter(fits) {
            let comes_again = set.prints(number, part.print);
            if comes_again && set.way.leg == way.leg {
                if !set.twice.contains(&number) {
                    set.twice.push(number);
                }
                return set.id;
            }
            if set.parts.contains_key(&number) {
                // Another way, and it is a copy of the message; another channel, and it is another subscriber's: both go on.
                if set.way == way {
                    contradicted = Some(set.id);
                }
                continue;
            }
            self.octets += part.cost();
            set.parts.insert(number, part);
            set.way = way;
            return set.id;
        }
        if let Some(id) = contradicted {
            self.give_up(key, id, Reason::Superseded);
        }
        self.begin(key, way, number, part, repeat)
    }

    fn begin(&mut self, key: &Key, way: Way, number: u8, part: Part, repeat: bool) -> u64 {
        let full = self.sets.get(key).filter(|sets| sets.len() >= SETS_PER_KEY);
        let oldest = full.and_then(|sets| sets.iter().find(|set| set.whole).or(sets.first())).map(|set| set.id);
        if let Some(id) = oldest {
            self.give_up(key, id, Reason::Room);
        }
        let id = self.serial;
        let parts = BTreeMap::from([(number, part)]);
        let set = Set { id, way, parts, whole: false, repeat, twice: Vec::new(), kept: None };
        self.octets += set.cost();
        self.live += 1;
        self.sets.entry(*key).or_default().push(set);
        self.queue.push_back((self.now, *key, id));
        id
    }

    /// The message, if it is whole now.
    fn complete(&mut self, key: &Key, id: u64, part: &SmsPart) -> Answer {
        let Some(set) = self.sets.get_mut(key).and_then(|sets| sets.iter_mut().find(|set| set.id == id)) else {
            return Answer::Wait;
        };
        if set.parts.len() < usize::from(key.parts) {
            return Answer::Wait;
        }
        let answer = joined(set, key.parts, Some(&part.facts), Vec::new());
        let before = set.cost();
        set.whole = true;
        set.kept = None;
        for part in set.parts.values_mut() {
            part.octets = Vec::new();
            part.pieces = Vec::new();
        }
        self.octets = self.octets.saturating_sub(before.saturating_sub(set.cost()));
        answer
    }

    fn keep(&mut self, key: &Key, id: u64, keep: impl FnOnce() -> Kept<K>) {
        let Some(set) = self.sets.get_mut(key).and_then(|sets| sets.iter_mut().find(|set| set.id == id)) else {
            return;
        };
        if set.whole || set.repeat {
            return;
        }
        let kept = keep();
        self.octets += kept.octets;
        if let Some(before) = set.kept.replace(kept) {
            self.octets = self.octets.saturating_sub(before.octets);
        }
    }

    fn shrink(&mut self) {
        while self.octets > self.bounds.octets || self.live > self.bounds.datagrams {
            let Some((_, key, id)) = self.queue.pop_front() else { return };
            self.give_up(&key, id, Reason::Room);
        }
        if self.queue.len() > self.live * 2 + 64 {
            let sets = &self.sets;
            self.queue.retain(|(_, key, id)| sets.get(key).is_some_and(|sets| sets.iter().any(|set| set.id == *id)));
        }
    }

    /// Forgets a message; a push that was not whole becomes late.
    fn give_up(&mut self, key: &Key, id: u64, reason: Reason) {
        let Some(sets) = self.sets.get_mut(key) else { return };
        let Some(index) = sets.iter().position(|set| set.id == id) else { return };
        let mut set = sets.remove(index);
        if sets.is_empty() {
            self.sets.remove(key);
        }
        self.live = self.live.saturating_sub(1);
        self.octets = self.octets.saturating_sub(set.cost());
        if set.whole || set.repeat {
            return;
        }
        if reason == Reason::Room {
            self.evicted += 1;
        }
        let mut remarks = vec![(&CONCATENATION, missing(&set, key.parts))];
        match reason {
            Reason::Superseded => remarks.push((&SUPERSEDED, String::new())),
            Reason::Room => remarks.push((&EVICTED, String::new())),
            Reason::Time => {}
        }
        if let Some(kept) = set.kept.take()
            && set.ports().is_some_and(|ports| ports.0 == PUSH_PORT)
        {
            let answer = joined(&set, key.parts, None, remarks);
            self.late.push_back(Late { frame: kept.frame, answer });
        }
    }
}

/// What there is of a message, from its first part to the first that is missing or cut.
fn joined<K>(set: &Set<K>, total: u8, facts: Option<&Facts>, mut remarks: Vec<(&'static Rule, String)>) -> Answer {
    for number in &set.twice {
        remarks.push((&CONCATENATION, format!("part {number} came twice")));
    }
    let mut bytes = Vec::new();
    let mut pieces = Vec::new();
    let mut promised = 0u32;
    let mut cut = false;
    for number in 1..=total {
        let Some(part) = set.parts.get(&number) else {
            // How long it is nobody knows: one octet at least.
            promised = promised.saturating_add(1);
            break;
        };
        promised = promised.saturating_add(part.promised);
        if cut {
            continue;
        }
        let at = u32::try_from(bytes.len()).unwrap_or(u32::MAX).saturating_mul(8);
        pieces.extend(part.pieces.iter().map(|piece| Piece { at: piece.at.saturating_add(at), ..*piece }));
        bytes.extend_from_slice(&part.octets);
        cut = u32::try_from(part.octets.len()).is_ok_and(|len| len < part.promised);
    }
    let is_push = wsp::is_dm_push(&bytes);
    let ports = set.ports();
    let claim = match ports {
        Some((port, _)) if port == PUSH_PORT || !is_push => Claim::SmsPort(port),
        _ if is_push => Claim::Named("wsp"),
        _ => return Answer::Wait,
    };
    if bytes.is_empty() {
        // The first part is missing: nothing can be read, but that it was a push can be told.
        return Answer::Tell { nodes: Vec::new(), remarks, outcome: None, concerns_push: true };
    }
    debug_assert!(
        pieces.iter().all(|piece: &Piece| matches!(piece.origin, Origin::Frame(_))),
        "parts outlive their frame"
    );
    let facts = facts.map(|facts| Box::new(with_ports(*facts, ports, set.parts.get(&1))));
    Answer::Resume {
        buffer: Derived::new("concatenated SMS", bytes, pieces),
        promised,
        claim,
        remarks,
        facts,
        cuts: Vec::new(),
    }
}

/// Facts of the last part, with what the first ones stated.
fn with_ports(mut facts: Facts, ports: Option<(u16, Option<u16>)>, first: Option<&Part>) -> Facts {
    if let Some((dst, src)) = ports
        && facts.dst_port.is_none()
    {
        facts.dst_port = Some(dst);
        facts.src_port = src;
    }
    if let Some(first) = first {
        facts.udh_octets = first.udh_octets;
    }
    facts
}

/// Names the parts that are missing.
fn missing<K>(set: &Set<K>, total: u8) -> String {
    let list = |numbers: Vec<u8>| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let have: Vec<u8> = set.parts.keys().copied().collect();
    let lack: Vec<u8> = (1..=total).filter(|number| !set.parts.contains_key(number)).collect();
    let plural = |numbers: &[u8]| if numbers.len() == 1 { "part" } else { "parts" };
    let (of_have, of_lack) = (plural(&have), plural(&lack));
    format!("{of_have} {} of {total}; {of_lack} {} never came", list(have), list(lack))
}
