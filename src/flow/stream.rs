//! One direction of a TCP connection: octets put into their order and cut into messages.
//!
//! What comes out of order waits; what never comes is skipped, and reading goes on at the next message whose place is known or
//! plausible. A segment that holds nothing but whole messages is read where it stands. Must not know other streams, nor any protocol beyond how it frames its messages.

use super::Kept;
use super::set::copy_pieces;
use super::streams::{DIFFERS, LOST, RESYNCHRONISED};
use crate::dissect::claim::{Extent, Framing};
use crate::dissect::{Cut, Leg};
use crate::model::{Buffers, Piece, Rule, Span, Timestamp};

/// Octets of one stream that wait for a hole to be filled, before it is given up; as many are kept of its beginning.
const AHEAD: usize = 64 << 10;

/// Segments that wait for the same.
const AHEAD_SEGMENTS: usize = 64;

/// Segments after which nothing is expected any more from before a stream that was entered in its middle.
const YOUNG: u32 = 32;

/// No sender repeats what lies further back, nor sends so far ahead: another connection between the same ports.
const BACK: u32 = 1 << 20;
const FORTH: u32 = 1 << 26;

/// Octets kept when no message starts in them: one fewer than a header that can be told.
const HEADER_KEPT: usize = 15;

/// Octets of administration counted per stream.
const COST: usize = 320;

/// One segment as it comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming<'a> {
    pub(super) seq: u32,
    /// Its octets, and where they stand.
    pub(super) octets: &'a [u8],
    pub(super) span: Span,
    pub(super) buffers: &'a Buffers<'a>,
    /// Octets that the capture cut.
    pub(super) cut: u32,
}

/// One segment that is kept.
#[derive(Debug)]
struct Segment {
    seq: u32,
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    /// Octets that the capture cut.
    cut: u32,
}

impl Segment {
    fn of(incoming: &Incoming<'_>) -> Self {
        let Incoming { seq, octets, span, buffers, cut } = *incoming;
        Self { seq, octets: octets.to_vec(), pieces: buffers.pieces(span, 0), cut }
    }

    fn cost(&self) -> usize {
        self.octets.len() + self.pieces.len() * size_of::<Piece>() + size_of::<Self>()
    }
}

/// The beginning of what is known of a stream that was entered in its middle: what comes before it may still come.
#[derive(Debug)]
struct Head {
    /// Sequence number of its first octet.
    seq: u32,
    /// Octets up to the first message.
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    /// Segments from before it, apart from it.
    early: Vec<Segment>,
    /// Segments seen since.
    age: u32,
}

/// What one segment led to.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// The segment's octets are all there is, where they stand; else they are in `bytes`.
    pub(super) run: Option<Span>,
    pub(super) bytes: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    /// The messages. None for a run that is one message.
    pub(super) cuts: Vec<Cut>,
    pub(super) remarks: Vec<(&'static Rule, String)>,
}

impl Out {
    /// Takes octets `[from, to)`, whose cuts are made.
    fn emit(&mut self, octets: &[u8], pieces: &[Piece], from: usize, to: usize) {
        let Some(octets) = octets.get(from..to).filter(|octets| !octets.is_empty()) else { return };
        let at = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        copy_pieces(pieces, u32::try_from(from).unwrap_or(0), octets.len(), at, &mut self.pieces);
        self.bytes.extend_from_slice(octets);
    }
}

/// One direction. See the module's documentation.
#[derive(Debug)]
pub(super) struct Stream<K> {
    pub(super) framing: &'static Framing,
    /// The ways its segments came.
    pub(super) legs: Vec<Leg>,
    /// Sequence number of the first octet after those in `octets`.
    pub(super) next: u32,
    /// The beginning of a message.
    octets: Vec<u8>,
    pieces: Vec<Piece>,
    /// Whether the next octet is known to begin a message, or to continue the one in `octets`.
    synced: bool,
    /// Octets passed over since that was known last.
    skipped: u32,
    /// Octets of a message with a hole that are still to be passed over.
    pass: u32,
    ahead: Vec<Segment>,
    head: Option<Box<Head>>,
    /// The receiver acknowledged octets the capture does not have.
    confirmed: bool,
    pub(super) touched: Option<Timestamp>,
    /// Few have it, so it does not stand in the table.
    pub(super) kept: Option<Box<Kept<K>>>,
}

impl<K> Stream<K> {
    /// A stream whose first octet has this sequence number; `opened` where its beginning was seen.
    pub(super) fn new(framing: &'static Framing, leg: Leg, seq: u32, opened: bool) -> Self {
        let head = Head { seq, octets: Vec::new(), pieces: Vec::new(), early: Vec::new(), age: 0 };
        Self {
            framing,
            legs: vec![leg],
            next: seq,
            octets: Vec::new(),
            pieces: Vec::new(),
            synced: opened,
            skipped: 0,
            pass: 0,
            ahead: Vec::new(),
            head: (!opened).then(|| Box::new(head)),
            confirmed: false,
            touched: None,
            kept: None,
        }
    }

    /// Octets of memory, roughly.
    pub(super) fn cost(&self) -> usize {
        let ahead: usize = self.ahead.iter().map(Segment::cost).sum();
        let head = self.head.as_ref().map_or(0, |head| {
            let early: usize = head.early.iter().map(Segment::cost).sum();
            early + head.octets.len() + head.pieces.len() * size_of::<Piece>() + size_of::<Head>()
        });
        let pieces = self.pieces.len() * size_of::<Piece>();
        COST + self.octets.len() + pieces + ahead + head + self.kept.as_ref().map_or(0, |kept| kept.octets)
    }

    /// Whether its segments come this way.
    pub(super) fn comes(&self, leg: Leg) -> bool {
        self.legs.contains(&leg)
    }

    /// The beginning of a message.
    pub(super) fn begun(&self) -> &[u8] {
        &self.octets
    }

    /// Whether octets wait behind a hole.
    pub(super) fn has_hole(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Whether nothing is lost when it is forgotten.
    pub(super) fn is_idle(&self) -> bool {
        self.ahead.is_empty() && self.octets.is_empty() && self.pass == 0
    }

    /// Whether what waits behind a hole is as much as may wait.
    pub(super) fn is_full(&self) -> bool {
        let octets: usize = self.ahead.iter().map(|segment| segment.octets.len()).sum();
        octets > AHEAD || self.ahead.len() > AHEAD_SEGMENTS
    }

    /// Whether a segment cannot belong to the same connection.
    pub(super) fn is_strange(&self, seq: u32) -> bool {
        (FORTH..u32::MAX - BACK).contains(&seq.wrapping_sub(self.next))
    }

    /// Whether a segment continues what is there, without a hole.
    pub(super) fn goes_on_at(&self, seq: u32) -> bool {
        self.next == seq
    }

    /// The other side has everything before `ack`.
    pub(super) fn acknowledged(&mut self, ack: u32) {
        self.confirmed |= self.ahead.first().is_some_and(|first| !is_before(ack, first.seq));
    }

    /// Whether a hole is there that nothing will fill.
    pub(super) fn is_confirmed(&self) -> bool {
        self.confirmed && self.has_hole()
    }

    /// Takes a segment.
    pub(super) fn take_in(&mut self, incoming: &Incoming<'_>, out: &mut Out) {
        if !self.passes(incoming, out) {
            self.place(Segment::of(incoming), out);
        }
    }

    /// A segment that comes next, when nothing waits, and holds whole messages alone is not copied: whether it is one. Nearly
    /// all are.
    fn passes(&mut self, incoming: &Incoming<'_>, out: &mut Out) -> bool {
        let Incoming { seq, octets, cut, .. } = *incoming;
        let settles = self.head.as_ref().is_some_and(|head| head.age >= YOUNG);
        let expected = self.synced && self.pass == 0 && self.next == seq && cut == 0;
        if !expected || settles || !self.octets.is_empty() || !self.ahead.is_empty() {
            return false;
        }
        let Some(first) = whole_message(self.framing, octets) else { return false };
        if first < octets.len() {
            let mut at = 0;
            while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
                let Some(len) = whole_message(self.framing, rest) else {
                    out.cuts.clear();
                    return false;
                };
                out.cuts.push(Cut::whole(len));
                at += len;
            }
        }
        if let Some(head) = &mut self.head {
            head.age += 1;
        }
        self.next = seq.wrapping_add(u32::try_from(octets.len()).unwrap_or(0));
        out.run = Some(incoming.span);
        true
    }

    /// Takes a segment: old octets are left out, those beyond a hole wait.
    fn place(&mut self, mut segment: Segment, out: &mut Out) {
        if let Some(head) = &mut self.head {
            head.age += 1;
            if head.age > YOUNG {
                self.settle(out);
            }
        }
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
        self.before(&segment, out);
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

    /// Octets from before the place where the stream was entered: the segments there came out of order.
    fn before(&mut self, segment: &Segment, out: &mut Out) {
        let Some(head) = &mut self.head else { return };
        let room = head.seq.wrapping_sub(segment.seq) as usize;
        if room == 0 || room > AHEAD || segment.octets.is_empty() {
            return;
        }
        // One octet right in front keeps a connection alive; it is no octet of the stream.
        if room == 1 && segment.octets.len() == 1 {
            return;
        }
        let len = room.min(segment.octets.len());
        let mut pieces = Vec::new();
        copy_pieces(&segment.pieces, 0, len, 0, &mut pieces);
        let octets = segment.octets.get(..len).unwrap_or(&[]).to_vec();
        let waiting: usize = head.early.iter().map(|early| early.octets.len()).sum();
        if waiting + len > AHEAD || head.early.len() >= AHEAD_SEGMENTS {
            return;
        }
        if !head.early.iter().any(|early| early.seq == segment.seq && early.octets.len() >= len) {
            head.early.push(Segment { seq: segment.seq, octets, pieces, cut: 0 });
        }
        if !head.join() {
            return;
        }
        if self.synced {
            head.read(self.framing, out);
            return;
        }
        // No message was found yet: one may begin in front and reach beyond.
        let end = u32::try_from(head.octets.len() + self.octets.len()).unwrap_or(u32::MAX);
        if head.seq.wrapping_add(end) == self.next {
            let (mut octets, mut pieces) = (std::mem::take(&mut head.octets), std::mem::take(&mut head.pieces));
            let at = u32::try_from(octets.len()).unwrap_or(u32::MAX);
            copy_pieces(&self.pieces, 0, self.octets.len(), at, &mut pieces);
            octets.append(&mut self.octets);
            (self.octets, self.pieces, self.skipped) = (octets, pieces, 0);
            self.take(out);
        }
    }

    /// Nothing is expected any more from before the stream: whole messages among what came from there are read.
    fn settle(&mut self, out: &mut Out) {
        let Some(mut head) = self.head.take() else { return };
        head.early.sort_by_key(|early| std::cmp::Reverse(head.seq.wrapping_sub(early.seq)));
        for early in head.early {
            cut_whole(self.framing, &early.octets, &early.pieces, out);
        }
    }

    /// Octets that came before should be the same.
    fn compare(&self, segment: &Segment, old: usize, out: &mut Out) {
        let is_probe = old == 1 && segment.octets.len() == 1;
        let held = self.octets.len().min(old);
        let theirs = segment.octets.get(old - held..old.min(segment.octets.len()).max(old - held)).unwrap_or(&[]);
        let ours = self.octets.get(self.octets.len() - held..).unwrap_or(&[]);
        if !is_probe && theirs.iter().zip(ours).any(|(one, other)| one != other) {
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
                out.emit(&self.octets, &self.pieces, from, at);
                let found = find(self.framing, rest);
                // A header may straddle the border: its first octets stay.
                let skip = found.unwrap_or(rest.len().saturating_sub(HEADER_KEPT));
                self.skip_octets(at, skip);
                at += skip;
                from = at;
                if found.is_none() {
                    break;
                }
                if self.skipped > 0 {
                    out.remarks.push((&RESYNCHRONISED, format!("{} octets", self.skipped)));
                }
                self.skipped = 0;
                self.synced = true;
                continue;
            }
            match (self.framing.extent)(rest) {
                Extent::Octets(len) if len <= rest.len() => {
                    out.cuts.push(Cut::whole(len));
                    at += len;
                }
                Extent::Octets(_) | Extent::Unknown => break,
                Extent::Nothing => {
                    out.emit(&self.octets, &self.pieces, from, at);
                    from = at;
                    self.synced = false;
                }
            }
        }
        out.emit(&self.octets, &self.pieces, from, at);
        self.forget(at);
    }

    /// Octets `[at, at + count)` begin no message. Those at the stream's beginning may end one.
    fn skip_octets(&mut self, at: usize, count: usize) {
        let len = u32::try_from(count).unwrap_or(u32::MAX);
        self.skipped = self.skipped.saturating_add(len);
        let Some(head) = &mut self.head else { return };
        let place = self.next.wrapping_sub(u32::try_from(self.octets.len().saturating_sub(at)).unwrap_or(0));
        let is_first = place == head.seq.wrapping_add(u32::try_from(head.octets.len()).unwrap_or(u32::MAX));
        if is_first && count > 0 && head.octets.len() + count <= AHEAD {
            let to = u32::try_from(head.octets.len()).unwrap_or(u32::MAX);
            if head.pieces.is_empty() {
                // Most have one, and a vector would make room for four.
                head.pieces.reserve_exact(1);
            }
            copy_pieces(&self.pieces, u32::try_from(at).unwrap_or(0), count, to, &mut head.pieces);
            head.octets.extend_from_slice(self.octets.get(at..at + count).unwrap_or(&[]));
        }
    }

    /// Drops the first octets.
    fn forget(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let left = self.octets.len() - count.min(self.octets.len());
        let mut pieces = Vec::with_capacity(usize::from(left > 0));
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
        self.skipped = 0;
        if lacks >= lost && lacks > 0 {
            self.pass = lacks - lost;
            self.synced = true;
        } else {
            self.pass = 0;
            self.synced = false;
        }
    }

    /// Gives up the octets before those that wait.
    pub(super) fn skip(&mut self, out: &mut Out) {
        let Some(lost) = self.ahead.first().map(|first| first.seq.wrapping_sub(self.next)) else { return };
        out.remarks.push((&LOST, format!("{lost} octets from sequence number {} on", self.next)));
        self.hole(lost, out);
        self.drain(out);
    }

    /// The stream ends: what can still be read of it.
    pub(super) fn end(&mut self, out: &mut Out) {
        self.settle(out);
        while !self.ahead.is_empty() {
            self.skip(out);
        }
        self.unfinished(out);
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
            out.emit(&self.octets, &self.pieces, 0, self.octets.len());
        }
        self.octets.clear();
        self.pieces.clear();
    }
}

impl Head {
    /// Puts early segments that reach the beginning in front of it; whether there were any.
    fn join(&mut self) -> bool {
        let mut joined = false;
        while let Some(at) = self.early.iter().position(|early| {
            let room = self.seq.wrapping_sub(early.seq) as usize;
            room <= early.octets.len()
        }) {
            let early = self.early.swap_remove(at);
            let len = self.seq.wrapping_sub(early.seq);
            // A repetition of what is there already has a distance that wraps around.
            if len == 0 || len as usize > AHEAD {
                continue;
            }
            let mut pieces = Vec::new();
            copy_pieces(&early.pieces, 0, len as usize, 0, &mut pieces);
            copy_pieces(&self.pieces, 0, self.octets.len(), len, &mut pieces);
            let mut octets = early.octets;
            octets.truncate(len as usize);
            octets.append(&mut self.octets);
            (self.seq, self.octets, self.pieces) = (early.seq, octets, pieces);
            joined = true;
        }
        joined
    }

    /// Reads the messages in front of the stream; what comes before the first of them waits.
    fn read(&mut self, framing: &'static Framing, out: &mut Out) {
        let Some(first) = cut_whole(framing, &self.octets, &self.pieces, out) else { return };
        let mut pieces = Vec::new();
        copy_pieces(&self.pieces, 0, first, 0, &mut pieces);
        self.octets.truncate(first);
        self.pieces = pieces;
    }
}

/// Cuts whole messages out of octets that stand alone; the answer is where the first one begins.
fn cut_whole(framing: &'static Framing, octets: &[u8], pieces: &[Piece], out: &mut Out) -> Option<usize> {
    let first = find(framing, octets)?;
    let mut at = first;
    while let Some(len) = whole_message(framing, octets.get(at..).unwrap_or(&[])) {
        out.cuts.push(Cut::whole(len));
        at += len;
    }
    out.emit(octets, pieces, first, at);
    (at > first).then_some(first)
}

/// The length of the message at the beginning of some octets, if all of it is there.
fn whole_message(framing: &Framing, octets: &[u8]) -> Option<usize> {
    match (framing.extent)(octets) {
        Extent::Octets(len) if 0 < len && len <= octets.len() => Some(len),
        _ => None,
    }
}

/// Whether a message plausibly starts among these octets.
pub(super) fn is_in(framing: &Framing, octets: &[u8]) -> bool {
    find(framing, octets).is_some()
}

/// Where the next plausible message starts; behind it another one must start, if its first octets are there.
fn find(framing: &Framing, octets: &[u8]) -> Option<usize> {
    (0..octets.len()).find(|at| {
        let rest = octets.get(*at..).unwrap_or(&[]);
        let Extent::Octets(len) = (framing.extent)(rest) else { return false };
        (framing.starts)(rest) && rest.get(len..).is_none_or(|next| next.len() < 20 || (framing.starts)(next))
    })
}

/// Whether one sequence number comes before another, around the end of the numbers.
pub(super) const fn is_before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other) >= 1 << 31
}
