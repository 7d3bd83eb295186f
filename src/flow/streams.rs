//! TCP streams: octets in their order, cut into messages.
//!
//! Each direction is a stream of its own. What comes out of order waits; what never comes is skipped, and reading goes on at the
//! next message that is known or plausible. Only streams that somebody reads are remembered. Must not know any protocol beyond
//! how it frames its messages.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::set::copy_pieces;
use super::{Bounds, Kept, Late};
use crate::dissect::claim::{Extent, Framing};
use crate::dissect::{Answer, Claim, Cut, FRAMINGS, Leg, StreamOctets, Table, gsm_rp};
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

/// Streams remembered at most.
const STREAMS: usize = 16_384;

/// Octets of one stream that wait for a hole to be filled, before it is given up.
const AHEAD: usize = 64 << 10;

/// Segments that wait for the same.
const AHEAD_SEGMENTS: usize = 64;

/// How long a hole is waited for.
const AGE: Duration = Duration::from_secs(30);

/// Octets of administration counted per stream.
const COST: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    scope: Leg,
    src: (IpAddr, u16),
    dst: (IpAddr, u16),
}

#[derive(Debug)]
struct Segment {
    seq: u32,
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    /// Octets that the capture cut.
    cut: u32,
}

#[derive(Debug)]
struct Stream<K> {
    framing: &'static Framing,
    /// Sequence number of the first octet after those in `octets`.
    next: u32,
    /// The beginning of a message.
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    /// Whether the next octet is known to begin a message, or to continue the one in `octets`.
    synced: bool,
    /// Octets of a message with a hole that are still to be passed over.
    pass: u32,
    ahead: Vec<Segment>,
    /// Receiver acknowledged octets the capture does not have.
    confirmed: bool,
    touched: Option<Timestamp>,
    stamp: u64,
    kept: Option<Kept<K>>,
}

impl<K> Stream<K> {
    fn cost(&self) -> usize {
        let ahead: usize = self.ahead.iter().map(|s| s.octets.len() + s.pieces.len() * size_of::<Piece>() + 64).sum();
        let pieces = self.pieces.len() * size_of::<Piece>();
        COST + self.octets.len() + pieces + ahead + self.kept.as_ref().map_or(0, |kept| kept.octets)
    }
}

/// What one segment led to.
#[derive(Default)]
struct Out {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    cuts: Vec<Cut>,
    remarks: Vec<(&'static Rule, String)>,
}

/// The streams. See the module's documentation.
#[derive(Debug)]
pub struct Streams<K> {
    bounds: Bounds,
    table: Option<Table>,
    open: HashMap<Key, Stream<K>>,
    queue: VecDeque<(Key, u64)>,
    octets: usize,
    serial: u64,
    now: Option<Timestamp>,
    late: VecDeque<Late<K>>,
    evicted: u64,
}

impl<K> Streams<K> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            table: None,
            open: HashMap::new(),
            queue: VecDeque::new(),
            octets: 0,
            serial: 0,
            now: None,
            late: VecDeque::new(),
            evicted: 0,
        }
    }

    pub(super) fn claims(&mut self, table: &Table) {
        self.table = Some(table.clone());
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    /// Octets remembered.
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// Streams forgotten for lack of room with something in them.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn finish(&mut self) {
        while let Some((key, stamp)) = self.queue.pop_front() {
            if self.open.get(&key).is_some_and(|stream| stream.stamp == stamp) {
                self.give_up(&key, None);
            }
        }
    }

    /// Who reads a stream: by its ports, else by what it begins with.
    fn framing(&self, need: &StreamOctets, octets: &[u8]) -> Option<&'static Framing> {
        for port in [need.dst_port, need.src_port] {
            let claimed = self.table.as_ref().and_then(|table| table.stream(Claim::TcpPort(port)));
            if let Some(dissector) = claimed {
                return FRAMINGS.iter().copied().find(|framing| framing.layer.is(dissector.layer));
            }
        }
        FRAMINGS.iter().copied().find(|framing| (framing.starts)(octets))
    }

    pub(super) fn add(
        &mut self,
        need: &StreamOctets,
        octets: &[u8],
        pieces: Vec<Piece>,
        keep: impl FnOnce() -> Kept<K>,
    ) -> Answer {
        self.now = self.now.max(need.facts.time);
        let key = Key { scope: need.facts.scope, src: (need.src, need.src_port), dst: (need.dst, need.dst_port) };
        if need.syn || need.reset {
            // A connection with the same ports begins, or this one ends: nothing of before goes on.
            self.give_up(&key, None);
            return Answer::Wait;
        }
        self.acknowledged(&key, need);
        if need.promised == 0 {
            return Answer::Wait;
        }
        if !self.open.contains_key(&key) {
            let Some(framing) = self.framing(need, octets) else { return Answer::Wait };
            self.begin(key, framing, need.seq);
        }
        let mut out = Out::default();
        let cut = need.promised.saturating_sub(u32::try_from(octets.len()).unwrap_or(u32::MAX));
        let segment = Segment { seq: need.seq, octets: octets.to_vec(), pieces, cut };
        let now = self.now;
        self.serial += 1;
        let serial = self.serial;
        let Some(stream) = self.open.get_mut(&key) else { return Answer::Wait };
        let framing = stream.framing;
        self.octets = self.octets.saturating_sub(stream.cost());
        let waited = stream.touched.zip(now).is_some_and(|(then, now)| now.since(then) > AGE);
        stream.place(segment, &mut out);
        if !stream.ahead.is_empty() && (stream.confirmed || waited || stream.is_full() || need.fin) {
            stream.skip(&mut out);
        }
        stream.touched = now;
        stream.stamp = serial;
        let holds = !stream.ahead.is_empty() || gsm_rp::holds_push(&stream.octets);
        stream.kept = holds.then(keep);
        self.octets += stream.cost();
        let idle = stream.ahead.is_empty() && stream.octets.is_empty() && stream.pass == 0;
        if need.fin && idle {
            self.octets = self.octets.saturating_sub(stream.cost());
            self.open.remove(&key);
        } else {
            self.queue.push_back((key, serial));
        }
        self.shrink();
        answer(out, framing)
    }

    fn begin(&mut self, key: Key, framing: &'static Framing, seq: u32) {
        let stream = Stream {
            framing,
            next: seq,
            octets: Vec::new(),
            pieces: Vec::new(),
            synced: false,
            pass: 0,
            ahead: Vec::new(),
            confirmed: false,
            touched: self.now,
            stamp: 0,
            kept: None,
        };
        self.octets += stream.cost();
        self.open.insert(key, stream);
    }

    /// The other side's acknowledgement: it has octets that the capture does not.
    fn acknowledged(&mut self, key: &Key, need: &StreamOctets) {
        let Some(ack) = need.ack else { return };
        let back = Key { scope: key.scope, src: key.dst, dst: key.src };
        if let Some(stream) = self.open.get_mut(&back)
            && let Some(first) = stream.ahead.first()
            && !is_before(ack, first.seq)
        {
            stream.confirmed = true;
        }
    }

    fn shrink(&mut self) {
        while self.octets > self.bounds.octets.saturating_mul(2) || self.open.len() > STREAMS {
            let Some((key, stamp)) = self.queue.pop_front() else { return };
            if self.open.get(&key).is_some_and(|stream| stream.stamp == stamp) {
                self.give_up(&key, Some(&EVICTED));
            }
        }
        if self.queue.len() > self.open.len() * 4 + 256 {
            let open = &self.open;
            self.queue.retain(|(key, stamp)| open.get(key).is_some_and(|stream| stream.stamp == *stamp));
        }
    }

    /// Forgets a stream; what it holds that can still be read becomes late.
    fn give_up(&mut self, key: &Key, reason: Option<&'static Rule>) {
        let Some(mut stream) = self.open.remove(key) else { return };
        self.octets = self.octets.saturating_sub(stream.cost());
        let Some(kept) = stream.kept.take() else { return };
        let mut out = Out::default();
        while !stream.ahead.is_empty() {
            stream.skip(&mut out);
        }
        stream.unfinished(&mut out);
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

impl<K> Stream<K> {
    /// Whether what waits behind a hole is as much as may wait.
    fn is_full(&self) -> bool {
        let octets: usize = self.ahead.iter().map(|segment| segment.octets.len()).sum();
        octets > AHEAD || self.ahead.len() > AHEAD_SEGMENTS
    }

    /// Takes a segment: old octets are left out, those beyond a hole wait.
    fn place(&mut self, mut segment: Segment, out: &mut Out) {
        if is_before(self.next, segment.seq) {
            let after = segment.seq.wrapping_sub(self.next);
            let at = self.ahead.partition_point(|other| other.seq.wrapping_sub(self.next) < after);
            let known = self
                .ahead
                .get(at)
                .is_some_and(|other| other.seq == segment.seq && other.octets.len() >= segment.octets.len());
            if !known {
                self.ahead.insert(at, segment);
            }
            return;
        }
        let old = self.next.wrapping_sub(segment.seq) as usize;
        self.compare(&segment, old, out);
        if old > segment.octets.len() || (old == segment.octets.len() && segment.cut == 0) {
            return;
        }
        segment.octets.drain(..old);
        let mut pieces = Vec::new();
        copy_pieces(&segment.pieces, u32::try_from(old).unwrap_or(0), segment.octets.len(), 0, &mut pieces);
        self.append(&segment.octets, &pieces, out);
        if segment.cut > 0 {
            self.hole(segment.cut, out);
        }
        self.drain(out);
    }

    /// What waited behind a hole that is filled now.
    fn drain(&mut self, out: &mut Out) {
        while self.ahead.first().is_some_and(|first| !is_before(self.next, first.seq)) {
            let first = self.ahead.remove(0);
            self.place(first, out);
        }
        self.confirmed &= !self.ahead.is_empty();
    }

    /// Octets that came before should be the same.
    fn compare(&self, segment: &Segment, old: usize, out: &mut Out) {
        let held = self.octets.len().min(old);
        let theirs = segment.octets.get(old - held..old.min(segment.octets.len()).max(old - held)).unwrap_or(&[]);
        let ours = self.octets.get(self.octets.len() - held..).unwrap_or(&[]);
        if theirs.iter().zip(ours).any(|(one, other)| one != other) {
            out.remarks.push((&DIFFERS, format!("sequence number {}", segment.seq)));
        }
    }

    /// Takes octets that come next.
    fn append(&mut self, octets: &[u8], pieces: &[Piece], out: &mut Out) {
        self.next = self.next.wrapping_add(u32::try_from(octets.len()).unwrap_or(0));
        let passed = octets.len().min(self.pass as usize);
        self.pass -= u32::try_from(passed).unwrap_or(self.pass);
        let fresh = octets.get(passed..).unwrap_or(&[]);
        let at = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        copy_pieces(pieces, u32::try_from(passed).unwrap_or(0), fresh.len(), at, &mut self.pieces);
        self.octets.extend_from_slice(fresh);
        self.take(out);
    }

    /// Cuts off the messages that are whole.
    fn take(&mut self, out: &mut Out) {
        let mut at = 0;
        let mut from = 0;
        while at < self.octets.len() {
            let rest = self.octets.get(at..).unwrap_or(&[]);
            if !self.synced {
                let Some(skipped) = find(self.framing, rest) else {
                    // A header may straddle the border: its first octets stay.
                    self.emit(from, at, out);
                    let keep = rest.len().min(HEADER_KEPT);
                    self.forget(self.octets.len() - keep);
                    return;
                };
                if skipped > 0 {
                    self.emit(from, at, out);
                    out.remarks.push((&RESYNCHRONISED, format!("{skipped} octets")));
                }
                at += skipped;
                from = at;
                self.synced = true;
                continue;
            }
            match (self.framing.extent)(rest) {
                Extent::Octets(len) if len <= rest.len() => {
                    let len = u32::try_from(len).unwrap_or(0);
                    out.cuts.push(Cut { len, promised: len });
                    at += len as usize;
                }
                Extent::Octets(_) | Extent::Unknown => break,
                Extent::Nothing => {
                    self.emit(from, at, out);
                    from = at;
                    self.synced = false;
                }
            }
        }
        self.emit(from, at, out);
        self.forget(at);
    }

    /// Gives on the octets `[from, to)`, whose cuts are made.
    fn emit(&self, from: usize, to: usize, out: &mut Out) {
        let Some(octets) = self.octets.get(from..to).filter(|octets| !octets.is_empty()) else { return };
        let at = u32::try_from(out.bytes.len()).unwrap_or(u32::MAX);
        copy_pieces(&self.pieces, u32::try_from(from).unwrap_or(0), octets.len(), at, &mut out.pieces);
        out.bytes.extend_from_slice(octets);
    }

    /// Drops the first octets.
    fn forget(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let left = self.octets.len() - count.min(self.octets.len());
        let mut pieces = Vec::new();
        copy_pieces(&self.pieces, u32::try_from(count).unwrap_or(0), left, 0, &mut pieces);
        self.octets.drain(..count.min(self.octets.len()));
        self.pieces = pieces;
    }

    /// The next `lost` octets never come: the message they are in ends here; if its length is known, so is the next one's place.
    fn hole(&mut self, lost: u32, out: &mut Out) {
        self.next = self.next.wrapping_add(lost);
        let have = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        let lacks = if self.synced && have > 0 {
            match (self.framing.extent)(&self.octets) {
                Extent::Octets(len) => u32::try_from(len).unwrap_or(u32::MAX).saturating_sub(have),
                Extent::Unknown | Extent::Nothing => 0,
            }
        } else {
            self.pass
        };
        self.unfinished(out);
        if lacks >= lost && lacks > 0 {
            self.pass = lacks - lost;
            self.synced = true;
        } else {
            self.pass = 0;
            self.synced = false;
        }
    }

    /// Gives up the octets before those that wait.
    fn skip(&mut self, out: &mut Out) {
        let Some(lost) = self.ahead.first().map(|first| first.seq.wrapping_sub(self.next)) else { return };
        out.remarks.push((&LOST, format!("{lost} octets from sequence number {} on", self.next)));
        self.hole(lost, out);
        self.drain(out);
    }

    /// The beginning of a message whose end never comes.
    fn unfinished(&mut self, out: &mut Out) {
        let have = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        if self.synced && have > 0 {
            let promised = match (self.framing.extent)(&self.octets) {
                Extent::Octets(len) => u32::try_from(len).unwrap_or(u32::MAX),
                Extent::Unknown | Extent::Nothing => have.saturating_add(1),
            };
            out.cuts.push(Cut { len: have, promised });
            self.emit(0, self.octets.len(), out);
        }
        self.octets.clear();
        self.pieces.clear();
    }
}

/// Octets kept when no message starts in them: one fewer than a header that can be told.
const HEADER_KEPT: usize = 15;

/// Where the next plausible message starts; behind it another one must start, if its first octets are there.
fn find(framing: &Framing, octets: &[u8]) -> Option<usize> {
    (0..octets.len()).find(|at| {
        let rest = octets.get(*at..).unwrap_or(&[]);
        let Extent::Octets(len) = (framing.extent)(rest) else { return false };
        (framing.starts)(rest) && rest.get(len..).is_none_or(|next| next.len() < 20 || (framing.starts)(next))
    })
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

/// Whether one sequence number comes before another, around the end of the numbers.
const fn is_before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other) >= 1 << 31
}
