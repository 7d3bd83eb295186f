//! TCP streams: which are remembered, for how long, and whom a segment belongs to.
//!
//! Each direction is a stream of its own. Copies of a stream that came another way (another interface, another router) are
//! streams of their own, so that what is in them shows as another sighting; a stream whose segments take turns between ways is
//! one. Only streams that somebody reads are remembered. Must not know any protocol beyond how it frames its messages.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::hash::Seeded;
use super::recent::Recent;
use super::stream::{Incoming, Out, Stream, is_in};
use super::{Bounds, Kept, Late};
use crate::dissect::claim::Framing;
use crate::dissect::{Answer, Claim, FRAMINGS, Leg, StreamOctets, Table, gsm_rp};
use crate::model::spec::RFC_9293;
use crate::model::{Buffers, Derived, Duration, Group, Rule, Timestamp};

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

/// What the octets of messages are called.
const NAME: &str = "TCP stream";

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

/// The places of the copies of one stream, in the order they began.
type Copies = [Option<u32>; COPIES];

/// A stream and what it belongs to.
#[derive(Debug)]
struct Known<K> {
    key: Key,
    stream: Stream<K>,
    /// The highest time there was when it was used last.
    used: Option<Timestamp>,
}

/// The streams. See the module's documentation.
#[derive(Debug)]
pub struct Streams<K> {
    bounds: Bounds,
    table: Option<Table>,
    open: HashMap<Key, Copies, Seeded>,
    known: Recent<Known<K>>,
    /// Streams in which octets wait behind a hole.
    holes: usize,
    octets: usize,
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
            known: Recent::default(),
            holes: 0,
            octets: 0,
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
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.len() == 0
    }

    /// Streams forgotten for lack of room with something in them.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        self.now = self.now.max(time);
        while let (Some(now), Some(at)) = (self.now, self.known.oldest()) {
            let Some(known) = self.known.get_mut(at) else { return };
            match known.used {
                Some(used) if now.since(used) <= IDLE_AGE => return,
                Some(_) => self.give_up(at, None),
                None => {
                    // Its wait begins with the first time there is.
                    known.used = Some(now);
                    self.known.touch(at);
                }
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some(at) = self.known.oldest() {
            self.give_up(at, None);
        }
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

    pub(super) fn add(&mut self, need: &StreamOctets, buffers: &Buffers<'_>, keep: impl FnOnce() -> Kept<K>) -> Answer {
        self.advance(need.sighting.time);
        let key = Key { scope: need.sighting.scope, src: (need.src, need.src_port), dst: (need.dst, need.dst_port) };
        if need.reset {
            if let Some((at, _)) = self.on_way(&key, need.sighting.leg) {
                self.give_up(at, None);
            }
            return Answer::Wait;
        }
        self.acknowledged(&key, need);
        let mut seq = need.seq;
        if need.syn {
            // The octets count from the one after the flag; of before nothing goes on.
            seq = seq.wrapping_add(1);
            self.opened(&key, seq, need);
        }
        if need.promised == 0 {
            return Answer::Wait;
        }
        let octets = buffers.octets(need.payload);
        let Some(at) = self.choose(&key, seq, need, octets) else { return Answer::Wait };
        let cut = need.promised.saturating_sub(u32::try_from(octets.len()).unwrap_or(u32::MAX));
        let now = self.now;
        let Some(known) = self.known.get_mut(at) else { return Answer::Wait };
        known.used = now;
        let stream = &mut known.stream;
        let mut out = Out::default();
        let before = (stream.cost(), stream.has_hole());
        let framing = stream.framing;
        let waited = stream.touched.zip(now).is_some_and(|(then, now)| now.since(then) > HOLE_AGE);
        stream.take_in(&Incoming { seq, octets, span: need.payload, buffers, cut }, &mut out);
        if stream.has_hole() && (stream.is_confirmed() || waited || stream.is_full() || need.fin) {
            stream.skip(&mut out);
        }
        stream.touched = now;
        let holds = stream.has_hole() || gsm_rp::holds_push(stream.begun());
        stream.kept = holds.then(|| Box::new(keep()));
        let after = (stream.cost(), stream.has_hole());
        let ends = need.fin && stream.is_idle();
        self.octets = (self.octets + after.0).saturating_sub(before.0);
        self.holes = (self.holes + usize::from(after.1)).saturating_sub(usize::from(before.1));
        if ends {
            self.remove(at);
        } else {
            self.known.touch(at);
        }
        self.shrink();
        answer(out, framing)
    }

    /// The copies of a stream, in the order they began.
    fn copies(&self, key: &Key) -> impl Iterator<Item = (u32, &Stream<K>)> + use<'_, K> {
        let places = self.open.get(key).copied().unwrap_or_default();
        places.into_iter().flatten().filter_map(|at| Some((at, &self.known.get(at)?.stream)))
    }

    /// The copy of a stream that comes this way.
    fn on_way(&self, key: &Key, leg: Leg) -> Option<(u32, &Stream<K>)> {
        self.copies(key).find(|(_, copy)| copy.comes(leg))
    }

    /// The stream a segment belongs to; a new one where there is none.
    fn choose(&mut self, key: &Key, seq: u32, need: &StreamOctets, octets: &[u8]) -> Option<u32> {
        let leg = need.sighting.leg;
        let mut known = None;
        let mut other = None;
        let mut count = 0;
        for (at, copy) in self.copies(key) {
            if copy.comes(leg) {
                known = Some((at, copy.is_strange(seq)));
                break;
            }
            // Exactly what another way lacks: the stream takes turns between ways. What that way had already is a copy of it.
            if other.is_none() && copy.goes_on_at(seq) && copy.legs.len() < COPIES {
                other = Some(at);
            }
            count += 1;
        }
        match (known, other) {
            (Some((at, false)), _) => return Some(at),
            (Some((at, true)), _) => self.give_up(at, None),
            (None, Some(at)) => {
                self.known.get_mut(at)?.stream.legs.push(leg);
                return Some(at);
            }
            (None, None) if count >= COPIES => return None,
            (None, None) => {}
        }
        let framing = self.framing(need, octets)?;
        Some(self.begin(*key, leg, framing, seq, false))
    }

    /// A connection begins: what is on a port that somebody reads is known from its first octet on.
    fn opened(&mut self, key: &Key, seq: u32, need: &StreamOctets) {
        let leg = need.sighting.leg;
        match self.on_way(key, leg).map(|(at, copy)| (at, copy.goes_on_at(seq))) {
            // The flag again, before anything else came.
            Some((_, true)) => return,
            Some((at, false)) => self.give_up(at, None),
            None if self.copies(key).count() >= COPIES => return,
            None => {}
        }
        if let Some(framing) = self.claimed(need) {
            let at = self.begin(*key, leg, framing, seq, true);
            if let Some(known) = self.known.get_mut(at) {
                known.stream.touched = need.sighting.time;
            }
            self.shrink();
        }
    }

    /// A stream begins; there is room for another copy.
    fn begin(&mut self, key: Key, leg: Leg, framing: &'static Framing, seq: u32, opened: bool) -> u32 {
        let stream = Stream::new(framing, leg, seq, opened);
        self.octets += stream.cost();
        let at = self.known.insert(Known { key, stream, used: self.now });
        let places = self.open.entry(key).or_default();
        if let Some(place) = places.iter_mut().find(|place| place.is_none()) {
            *place = Some(at);
        }
        at
    }

    /// The other side's acknowledgement: it has octets that the capture does not.
    fn acknowledged(&mut self, key: &Key, need: &StreamOctets) {
        let Some(ack) = need.ack.filter(|_| self.holes > 0) else { return };
        let back = Key { scope: key.scope, src: key.dst, dst: key.src };
        for at in self.open.get(&back).copied().unwrap_or_default().into_iter().flatten() {
            if let Some(known) = self.known.get_mut(at) {
                known.stream.acknowledged(ack);
            }
        }
    }

    fn shrink(&mut self) {
        while self.octets > self.bounds.octets.saturating_mul(2) || self.known.len() > self.bounds.streams {
            let Some(at) = self.known.oldest() else { return };
            self.give_up(at, Some(&EVICTED));
        }
    }

    fn remove(&mut self, at: u32) -> Option<Stream<K>> {
        let Known { key, stream, .. } = self.known.remove(at)?;
        if let Some(places) = self.open.get_mut(&key) {
            let mut left = places.iter().copied().flatten().filter(|other| *other != at);
            *places = std::array::from_fn(|_| left.next());
            if places.iter().all(Option::is_none) {
                self.open.remove(&key);
            }
        }
        self.holes = self.holes.saturating_sub(usize::from(stream.has_hole()));
        self.octets = self.octets.saturating_sub(stream.cost());
        Some(stream)
    }

    /// Forgets a stream; what it holds that can still be read becomes late.
    fn give_up(&mut self, at: u32, reason: Option<&'static Rule>) {
        let Some(mut stream) = self.remove(at) else { return };
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
    let Out { run, bytes, pieces, cuts, remarks } = out;
    let buffer = match run {
        Some(run) => Derived::run(NAME, run),
        None if !bytes.is_empty() => Derived::new(NAME, bytes, pieces),
        None if remarks.is_empty() => return Answer::Wait,
        None => return Answer::Tell { nodes: Vec::new(), remarks, outcome: None, concerns_push: false },
    };
    Answer::Resume { promised: 0, buffer, claim: Claim::Named(framing.layer.name), remarks, facts: None, cuts }
}
