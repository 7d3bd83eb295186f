//! TCP streams: which are remembered, for how long, and whom a segment belongs to.
//!
//! Each direction is a stream of its own. Copies of a stream that came another way (another interface, another router) are
//! streams of their own, so that what is in them shows as another sighting; a stream whose segments take turns between ways is
//! one. Only streams that somebody reads are remembered. Must not know any protocol beyond how it frames its messages.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::hash::Seeded;
use super::stream::{Out, Segment, Stream, is_in};
use super::{Bounds, Kept, Late};
use crate::dissect::claim::Framing;
use crate::dissect::{Answer, Claim, FRAMINGS, Leg, StreamOctets, Table, gsm_rp};
use crate::model::spec::RFC_9293;
use crate::model::{Derived, Duration, Group, Piece, Rule, Timestamp};

/// Octets of the stream are not in the capture.
pub static LOST: Rule = Rule::warning("TCP-001", Group::Reassembly)
    .cite(&RFC_9293, "3.1")
    .text("octets of the TCP stream are missing")
    .explain(
        "A segment is not in the capture; reading went on at the next message after it.",
        "Messages in the missing octets cannot be shown. The receiver got them: TCP repeats what is lost on the way.",
        "Capture without loss: larger buffers, a filter, a faster disk.",
    );

/// Octets that came twice differ.
pub static DIFFERS: Rule = Rule::warning("TCP-002", Group::Reassembly)
    .cite(&RFC_9293, "3.1")
    .text("a retransmission states other octets: those that came first are shown")
    .explain(
        "A segment repeats octets of the stream with another content.",
        "Receivers differ in which they take; it is a known evasion, or a broken middlebox.",
        "Compare TTL and link addresses of the two segments.",
    );

/// Octets were skipped to find a message.
pub static RESYNCHRONISED: Rule = Rule::note("TCP-003", Group::Reassembly)
    .uncited("how we find messages again")
    .text("octets were skipped up to the next plausible message")
    .explain(
        "The capture begins within a message, or lost its beginning.",
        "The octets before the next message cannot be read.",
        "Begin the capture before the connection, or accept the loss of this one message.",
    );

/// Forgotten for lack of room.
pub static EVICTED: Rule = Rule::warning("TCP-004", Group::Reassembly)
    .uncited("our bound against floods of streams")
    .text("the stream's unfinished message was given up for lack of room")
    .explain(
        "More octets waited than may be remembered, and this stream was idle longest.",
        "The rest of the message may be in the capture all the same.",
        "Read the part of the capture around this frame alone.",
    );

/// The rules of this module.
pub(super) static RULES: &[&Rule] = &[&LOST, &DIFFERS, &RESYNCHRONISED, &EVICTED];

/// How long a hole is waited for.
const HOLE_AGE: Duration = Duration::from_secs(30);

/// How long a stream with nothing new is remembered.
const IDLE_AGE: Duration = Duration::from_secs(600);

/// Copies of one stream that came different ways, and ways that one stream takes.
const COPIES: usize = 4;

/// Ports that are told to be entered because a stream on them was recognised.
const RECOGNISED: usize = 256;

/// One direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    scope: Leg,
    src: (IpAddr, u16),
    dst: (IpAddr, u16),
}

/// The streams. See the module's documentation.
#[derive(Debug)]
pub struct Streams<K> {
    bounds: Bounds,
    table: Option<Table>,
    open: HashMap<Key, Vec<Stream<K>>, Seeded>,
    live: usize,
    /// When a stream was touched, which, and its stamp then.
    queue: VecDeque<(Option<Timestamp>, Key, u64, u64)>,
    octets: usize,
    serial: u64,
    now: Option<Timestamp>,
    late: VecDeque<Late<K>>,
    evicted: u64,
    /// Ports nobody claims on which a stream was recognised, and how many of them were told.
    recognised: Vec<(u16, &'static Framing)>,
    told: usize,
}

impl<K> Streams<K> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            table: None,
            open: HashMap::default(),
            live: 0,
            queue: VecDeque::new(),
            octets: 0,
            serial: 0,
            now: None,
            late: VecDeque::new(),
            evicted: 0,
            recognised: Vec::new(),
            told: 0,
        }
    }

    pub(super) fn claims(&mut self, table: &Table) {
        self.table = Some(table.clone());
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    /// A port that nobody claims and on which a stream was recognised: each is told once.
    pub(super) fn recognised(&mut self) -> Option<(u16, &'static str)> {
        let (port, framing) = self.recognised.get(self.told).copied()?;
        self.told += 1;
        Some((port, framing.layer.name))
    }

    /// Octets remembered.
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// Streams remembered.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Streams forgotten for lack of room with something in them.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        self.now = self.now.max(time);
        while let (Some(now), Some((touched, key, id, stamp))) = (self.now, self.queue.front().copied()) {
            if touched.is_some_and(|touched| now.since(touched) <= IDLE_AGE) {
                return;
            }
            self.queue.pop_front();
            if touched.is_none() {
                // Its wait begins with the first time there is.
                self.queue.push_back((Some(now), key, id, stamp));
            } else if self.is_current(&key, id, stamp) {
                self.give_up(&key, id, None);
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id, stamp)) = self.queue.pop_front() {
            if self.is_current(&key, id, stamp) {
                self.give_up(&key, id, None);
            }
        }
    }

    fn is_current(&self, key: &Key, id: u64, stamp: u64) -> bool {
        self.open.get(key).is_some_and(|copies| copies.iter().any(|copy| (copy.id, copy.stamp) == (id, stamp)))
    }

    /// Who reads a stream: by its ports.
    fn claimed(&self, need: &StreamOctets) -> Option<&'static Framing> {
        for port in [need.dst_port, need.src_port] {
            let claimed = self.table.as_ref().and_then(|table| table.stream(Claim::TcpPort(port)));
            if let Some(dissector) = claimed {
                return FRAMINGS.iter().copied().find(|framing| framing.layer.is(dissector.layer));
            }
        }
        // A port that was entered because of what was on it belongs to that protocol alone if nothing else does.
        None
    }

    /// Who reads a stream: by its ports, else by what it begins with; on a port where one was recognised before, by what is
    /// anywhere in its first segment.
    fn framing(&mut self, need: &StreamOctets, octets: &[u8]) -> Option<&'static Framing> {
        if let Some(framing) = self.claimed(need) {
            return Some(framing);
        }
        // Of the two ports the server's is nearly always the lower one; either lets both directions through.
        let port = need.src_port.min(need.dst_port);
        if let Some((_, framing)) = self.recognised.iter().find(|known| known.0 == port) {
            return is_in(framing, octets).then_some(*framing);
        }
        let framing = FRAMINGS.iter().copied().find(|framing| (framing.starts)(octets))?;
        if self.recognised.len() < RECOGNISED {
            self.recognised.push((port, framing));
        }
        Some(framing)
    }

    pub(super) fn add(
        &mut self,
        need: &StreamOctets,
        octets: &[u8],
        pieces: Vec<Piece>,
        keep: impl FnOnce() -> Kept<K>,
    ) -> Answer {
        self.advance(need.facts.time);
        let key = Key { scope: need.facts.scope, src: (need.src, need.src_port), dst: (need.dst, need.dst_port) };
        let leg = need.facts.leg;
        if need.reset {
            self.forget_way(&key, leg);
            return Answer::Wait;
        }
        self.acknowledged(&key, need);
        let mut seq = need.seq;
        if need.syn {
            // The octets count from the one after the flag; of before nothing goes on.
            seq = seq.wrapping_add(1);
            self.opened(&key, leg, seq, need);
        }
        if need.promised == 0 {
            return Answer::Wait;
        }
        let Some(id) = self.choose(&key, leg, seq, need, octets) else { return Answer::Wait };
        let cut = need.promised.saturating_sub(u32::try_from(octets.len()).unwrap_or(u32::MAX));
        let segment = Segment { seq, octets: octets.to_vec(), pieces, cut };
        self.serial += 1;
        let (now, stamp) = (self.now, self.serial);
        let Some(stream) = self.stream(&key, id) else { return Answer::Wait };
        let mut out = Out::default();
        let before = stream.cost();
        let framing = stream.framing;
        let waited = stream.touched.zip(now).is_some_and(|(then, now)| now.since(then) > HOLE_AGE);
        stream.place(segment, &mut out);
        if stream.has_hole() && (stream.is_confirmed() || waited || stream.is_full() || need.fin) {
            stream.skip(&mut out);
        }
        stream.touched = now;
        stream.stamp = stamp;
        let holds = stream.has_hole() || gsm_rp::holds_push(stream.begun());
        stream.kept = holds.then(|| Box::new(keep()));
        let after = stream.cost();
        let ends = need.fin && stream.is_idle();
        self.octets = (self.octets + after).saturating_sub(before);
        if ends {
            self.remove(&key, id);
        } else {
            self.queue.push_back((now, key, id, stamp));
        }
        self.shrink();
        answer(out, framing)
    }

    fn stream(&mut self, key: &Key, id: u64) -> Option<&mut Stream<K>> {
        self.open.get_mut(key)?.iter_mut().find(|stream| stream.id == id)
    }

    /// The stream a segment belongs to; a new one where there is none.
    fn choose(&mut self, key: &Key, leg: Leg, seq: u32, need: &StreamOctets, octets: &[u8]) -> Option<u64> {
        let copies = self.open.get_mut(key).map_or(&mut [][..], Vec::as_mut_slice);
        let mut known = copies.iter().find(|copy| copy.legs.contains(&leg)).map(|copy| (copy.id, copy.is_strange(seq)));
        if known.is_none() {
            // Exactly what another way lacks: the stream takes turns between ways. What that way had already is a copy of it.
            let other = copies.iter_mut().find(|copy| copy.goes_on_at(seq) && copy.legs.len() < COPIES);
            if let Some(other) = other {
                other.legs.push(leg);
                known = Some((other.id, false));
            }
        }
        match known {
            Some((id, false)) => return Some(id),
            Some((id, true)) => self.give_up(key, id, None),
            None if copies.len() >= COPIES => return None,
            None => {}
        }
        let framing = self.framing(need, octets)?;
        Some(self.begin(*key, leg, framing, seq, false))
    }

    /// A connection begins: what is on a port that somebody reads is known from its first octet on.
    fn opened(&mut self, key: &Key, leg: Leg, seq: u32, need: &StreamOctets) {
        let copies = self.open.get(key).map_or(&[][..], Vec::as_slice);
        let known = copies.iter().find(|copy| copy.legs.contains(&leg)).map(|copy| (copy.id, copy.goes_on_at(seq)));
        match known {
            // The flag again, before anything else came.
            Some((_, true)) => return,
            Some((id, false)) => self.give_up(key, id, None),
            None if copies.len() >= COPIES => return,
            None => {}
        }
        if let Some(framing) = self.claimed(need) {
            let id = self.begin(*key, leg, framing, seq, true);
            if let Some(stream) = self.stream(key, id) {
                stream.touched = need.facts.time;
                let stamp = stream.stamp;
                self.queue.push_back((self.now, *key, id, stamp));
            }
            self.shrink();
        }
    }

    fn begin(&mut self, key: Key, leg: Leg, framing: &'static Framing, seq: u32, opened: bool) -> u64 {
        self.serial += 1;
        let stream = Stream::new(framing, self.serial, leg, seq, opened);
        self.octets += stream.cost();
        self.live += 1;
        let copies = self.open.entry(key).or_default();
        if copies.is_empty() {
            // Hardly ever are there two, and a vector would make room for four.
            copies.reserve_exact(1);
        }
        copies.push(stream);
        self.serial
    }

    /// The other side's acknowledgement: it has octets that the capture does not.
    fn acknowledged(&mut self, key: &Key, need: &StreamOctets) {
        let Some(ack) = need.ack else { return };
        let back = Key { scope: key.scope, src: key.dst, dst: key.src };
        if let Some(copies) = self.open.get_mut(&back) {
            for stream in copies {
                stream.acknowledged(ack);
            }
        }
    }

    fn shrink(&mut self) {
        while self.octets > self.bounds.octets.saturating_mul(2) || self.live > self.bounds.streams {
            let Some((_, key, id, stamp)) = self.queue.pop_front() else { return };
            if self.is_current(&key, id, stamp) {
                self.give_up(&key, id, Some(&EVICTED));
            }
        }
        if self.queue.len() > self.live * 4 + 256 {
            let open = &self.open;
            self.queue.retain(|(_, key, id, stamp)| {
                open.get(key).is_some_and(|copies| copies.iter().any(|copy| (copy.id, copy.stamp) == (*id, *stamp)))
            });
        }
    }

    fn forget_way(&mut self, key: &Key, leg: Leg) {
        let known = self.open.get(key).and_then(|copies| copies.iter().find(|copy| copy.legs.contains(&leg)));
        if let Some(id) = known.map(|copy| copy.id) {
            self.give_up(key, id, None);
        }
    }

    fn remove(&mut self, key: &Key, id: u64) -> Option<Stream<K>> {
        let copies = self.open.get_mut(key)?;
        let at = copies.iter().position(|copy| copy.id == id)?;
        let stream = copies.swap_remove(at);
        if copies.is_empty() {
            self.open.remove(key);
        }
        self.live = self.live.saturating_sub(1);
        self.octets = self.octets.saturating_sub(stream.cost());
        Some(stream)
    }

    /// Forgets a stream; what it holds that can still be read becomes late.
    fn give_up(&mut self, key: &Key, id: u64, reason: Option<&'static Rule>) {
        let Some(mut stream) = self.remove(key, id) else { return };
        let Some(kept) = stream.kept.take() else { return };
        let mut out = Out::default();
        stream.end(&mut out);
        if let Some(rule) = reason {
            self.evicted += 1;
            out.remarks.push((rule, String::new()));
        }
        let answer = answer(out, stream.framing);
        if !matches!(answer, Answer::Wait) {
            self.late.push_back(Late { frame: kept.frame, answer });
        }
    }
}

/// What a segment led to, as an answer.
fn answer(out: Out, framing: &'static Framing) -> Answer {
    let Out { bytes, pieces, cuts, remarks } = out;
    match (bytes.is_empty(), remarks.is_empty()) {
        (true, true) => Answer::Wait,
        (true, false) => Answer::Tell { nodes: Vec::new(), remarks, outcome: None, concerns_push: false },
        (false, _) => Answer::Resume {
            promised: 0,
            buffer: Derived { name: "TCP stream", bytes, pieces },
            claim: Claim::Named(framing.layer.name),
            remarks,
            facts: None,
            cuts,
        },
    }
}
