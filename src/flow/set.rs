//! The fragments of one datagram that came one way.
//!
//! Must not know when a datagram is given up, nor what it carries.

use std::net::IpAddr;

use super::Kept;
use super::dulls::Dull;
use crate::dissect::ip::transport_sum;
use crate::dissect::{IpFragment, Leg};
use crate::model::Piece;

/// One fragment.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// First octet in the datagram.
    pub(super) at: u32,
    /// One past the last octet, as its header states.
    pub(super) end: u32,
    /// Whether more follow.
    pub(super) more: bool,
    /// Protocol, as its own header states.
    pub(super) proto: u8,
    /// Order of arrival.
    pub(super) serial: u64,
    /// Fingerprint of the octets.
    print: u64,
    /// The octets that were captured.
    pub(super) octets: Vec<u8>,
    /// Where they came from, from bit 0 of the fragment.
    pieces: Vec<Piece>,
}

impl Part {
    pub(super) fn new(fragment: &IpFragment, octets: &[u8], pieces: Vec<Piece>, serial: u64) -> Self {
        let end = fragment.offset.saturating_add(fragment.promised);
        let octets = octets.get(..octets.len().min(fragment.promised as usize)).unwrap_or(&[]);
        Self {
            at: fragment.offset,
            end,
            more: fragment.more,
            proto: fragment.proto,
            serial,
            print: print(octets),
            octets: octets.to_vec(),
            pieces,
        }
    }

    /// Octets of memory, roughly.
    pub(super) fn cost(&self) -> usize {
        size_of::<Self>()
            .saturating_add(self.octets.len())
            .saturating_add(self.pieces.len().saturating_mul(size_of::<Piece>()))
    }

    /// Forgets the octets but not the extent.
    fn strip(&mut self) {
        self.octets = Vec::new();
        self.pieces = Vec::new();
    }

    /// The captured octets in `[from, to)` of the datagram, as far as there are any from `from` on.
    fn slice(&self, from: u32, to: u32) -> &[u8] {
        let start = from.saturating_sub(self.at) as usize;
        let end = (to.saturating_sub(self.at) as usize).min(self.octets.len());
        self.octets.get(start.min(end)..end).unwrap_or(&[])
    }
}

/// A fingerprint of octets, eight at a time: it need not be better than the octets it stands for when they are gone.
fn print(octets: &[u8]) -> u64 {
    let mix = |print: u64, word: u64| (print.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = octets.as_chunks::<8>();
    let whole = words.iter().fold(octets.len() as u64, |print, word| mix(print, u64::from_le_bytes(*word)));
    let print = rest.iter().fold(whole, |print, octet| mix(print, u64::from(*octet)));
    print ^ (print >> 32)
}

/// How a fragment goes with those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is there already.
    Duplicate,
    /// It meets no other.
    Free,
    /// It overlaps others with the same octets.
    Agrees,
    /// It overlaps others with different octets.
    Differs,
    /// It cannot belong to the same datagram.
    Contradicts,
}

/// What becomes of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It waits.
    Open,
    /// It interests nobody: extents only.
    Dull,
    /// It was whole and went on: extents only, so that repeated fragments are told.
    Done,
}

/// The fragments. See the module's documentation.
#[derive(Debug)]
pub(super) struct Set<K> {
    pub(super) id: u64,
    pub(super) leg: Leg,
    pub(super) state: State,
    pub(super) parts: Vec<Part>,
    /// Length of the datagram, once its last fragment is known.
    pub(super) total: Option<u32>,
    /// Highest octet any fragment reaches.
    reach: u32,
    /// What the fragments cover: sorted, apart from each other.
    covered: Vec<(u32, u32)>,
    /// Fragments overlap with the same octets.
    pub(super) overlaps: bool,
    /// Fragments overlap with different octets: the lowest place.
    pub(super) contested: Option<u32>,
    /// All its fragments were seen before, in a datagram that was whole.
    pub(super) repeat: bool,
    pub(super) kept: Option<Kept<K>>,
}

impl<K> Set<K> {
    pub(super) const fn new(id: u64, leg: Leg, repeat: bool) -> Self {
        Self {
            id,
            leg,
            state: State::Open,
            parts: Vec::new(),
            total: None,
            reach: 0,
            covered: Vec::new(),
            overlaps: false,
            contested: None,
            repeat,
            kept: None,
        }
    }

    /// A datagram that interests nobody and whose first octets came, nobody knows any more in which fragments.
    pub(super) fn dull(id: u64, leg: Leg, known: &Dull) -> Self {
        let mut set = Self { state: State::Dull, ..Self::new(id, leg, false) };
        let (at, end, more) = (0, known.next, true);
        let octets = Vec::new();
        let _ = set.take(Part { at, end, more, proto: known.proto, serial: id, print: 0, octets, pieces: Vec::new() });
        set
    }

    /// How a fragment goes with those that are there.
    pub(super) fn fit(&self, part: &Part) -> Fit {
        let contradicts = match self.total {
            Some(total) => part.end > total || (part.more && part.end == total) || (!part.more && part.end != total),
            None => !part.more && part.end < self.reach,
        };
        if contradicts {
            return Fit::Contradicts;
        }
        let free = self.covered.iter().all(|(start, end)| part.end <= *start || *end <= part.at);
        if free && part.at < part.end {
            return Fit::Free;
        }
        let mut differs = false;
        for other in &self.parts {
            let same = (other.at, other.end, other.more) == (part.at, part.end, part.more);
            if same && other.print == part.print {
                return Fit::Duplicate;
            }
            let (from, to) = (part.at.max(other.at), part.end.min(other.end));
            if from >= to {
                continue;
            }
            // Without the octets there is nothing to compare: taken for different.
            let disagrees = self.state != State::Open
                || part.slice(from, to).iter().zip(other.slice(from, to)).any(|(one, two)| one != two);
            if disagrees && part.at == 0 && other.at == 0 {
                return Fit::Contradicts;
            }
            differs |= disagrees;
        }
        match (free, differs) {
            (true, _) => Fit::Free,
            (_, true) => Fit::Differs,
            (_, false) => Fit::Agrees,
        }
    }

    /// Takes a fragment; the answer is the memory that it takes.
    pub(super) fn take(&mut self, mut part: Part) -> usize {
        if !part.more {
            self.total = Some(part.end);
        }
        self.reach = self.reach.max(part.end);
        self.cover(part.at, part.end);
        if self.state != State::Open {
            part.strip();
        }
        let cost = part.cost();
        if self.parts.is_empty() {
            // A vector would make room for four.
            self.parts.reserve_exact(2);
        }
        self.parts.push(part);
        cost
    }

    fn cover(&mut self, start: u32, end: u32) {
        if start >= end {
            return;
        }
        let first = self.covered.partition_point(|run| run.1 < start);
        let last = self.covered.partition_point(|run| run.0 <= end);
        let touched = self.covered.get(first..last).unwrap_or(&[]);
        let start = touched.first().map_or(start, |run| run.0.min(start));
        let end = touched.last().map_or(end, |run| run.1.max(end));
        self.covered.splice(first..last, [(start, end)]);
    }

    /// Whether every octet is stated by a fragment.
    pub(super) fn is_whole(&self) -> bool {
        match (self.total, self.covered.as_slice()) {
            (Some(total), [(0, end)]) => *end == total,
            _ => false,
        }
    }

    /// The length of the datagram; where its last fragment is not known, the least it can be.
    pub(super) fn least_total(&self) -> u32 {
        self.total.unwrap_or(self.reach.saturating_add(1))
    }

    /// What no fragment states.
    pub(super) fn gaps(&self) -> Vec<(u32, u32)> {
        let mut gaps = Vec::new();
        let mut at = 0;
        for (start, end) in &self.covered {
            if *start > at {
                gaps.push((at, *start));
            }
            at = *end;
        }
        let total = self.least_total();
        if at < total {
            gaps.push((at, total));
        }
        gaps
    }

    /// The octets from the first to the first one that is missing, at most `limit`, and where they came from.
    pub(super) fn assemble(&self, limit: u32) -> (Vec<u8>, Vec<Piece>) {
        let mut bytes = Vec::new();
        let mut pieces = Vec::new();
        loop {
            let at = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            // The fragment that came first among those that have the next octet, up to where an earlier one begins.
            let has = |part: &&Part| !part.slice(at, part.end.min(limit)).is_empty() && part.at <= at;
            let Some(part) = self.parts.iter().filter(has).min_by_key(|part| part.serial) else { break };
            let earlier = self.parts.iter().filter(|other| other.serial < part.serial && other.at > at);
            let end = earlier.map(|other| other.at).min().unwrap_or(u32::MAX).min(part.end).min(limit);
            let run = part.slice(at, end);
            bytes.extend_from_slice(run);
            copy_pieces(&part.pieces, at.saturating_sub(part.at), run.len(), at, &mut pieces);
        }
        (bytes, pieces)
    }

    /// Whether the datagram is UDP and its checksum does not hold: damaged, or made of the fragments of two.
    pub(super) fn sum_fails(&self, addresses: Option<(IpAddr, IpAddr)>) -> bool {
        let Some((src, dst)) = addresses else { return false };
        if !self.parts.iter().any(|part| part.at == 0 && part.proto == 17) {
            return false;
        }
        let (bytes, _) = self.assemble(u32::MAX);
        let all = self.total.is_some_and(|total| total as usize == bytes.len());
        let present = bytes.get(6..8).is_some_and(|sum| sum != [0, 0]);
        all && present && transport_sum(src, dst, 17, &bytes) != 0
    }

    /// Drops octets but not extents; the answer is the memory that is free now.
    pub(super) fn strip(&mut self) -> usize {
        let before = self.cost();
        self.parts.iter_mut().for_each(Part::strip);
        let kept = self.kept.take().map_or(0, |kept| kept.octets);
        before.saturating_sub(self.cost()).saturating_add(kept)
    }

    /// Drops the fragments with these serials; the answer is the memory that is free now.
    pub(super) fn drop_parts(&mut self, serials: &[u64]) -> usize {
        let before = self.cost();
        let parts = std::mem::take(&mut self.parts);
        (self.total, self.reach) = (None, 0);
        self.covered.clear();
        for part in parts {
            if !serials.contains(&part.serial) {
                let _ = self.take(part);
            }
        }
        let kept = self.kept.take().map_or(0, |kept| kept.octets);
        before.saturating_sub(self.cost()).saturating_add(kept)
    }

    /// Octets of memory of all fragments, roughly.
    pub(super) fn cost(&self) -> usize {
        self.parts.iter().map(Part::cost).sum()
    }
}

/// Copies the pieces of `len` octets from octet `from` of a fragment to octet `to` of the datagram.
pub(super) fn copy_pieces(pieces: &[Piece], from: u32, len: usize, to: u32, out: &mut Vec<Piece>) {
    let low = from.saturating_mul(8);
    let high = low.saturating_add(u32::try_from(len).unwrap_or(u32::MAX).saturating_mul(8));
    for piece in pieces {
        let start = piece.at.max(low);
        let end = piece.at.saturating_add(piece.len).min(high);
        if start < end {
            let at = to.saturating_mul(8).saturating_add(start.saturating_sub(low));
            let origin = piece.from.saturating_add(start.saturating_sub(piece.at));
            out.push(Piece::copy(at, end.saturating_sub(start), piece.origin, origin));
        }
    }
}
