//! MD5 over sixteen short inputs at once, for the search for deviations: what waits, and what it costs.
//!
//! Only for inputs of at most two blocks; a match is always confirmed with the `md5` crate. Counts what hashing costs, the same
//! in every build and on every machine. Must not know what is hashed.

use super::hash::blocks;
use super::md5x16::{BLOCK, BLOCKS, EMPTY, LANES, MARGIN, Row, digests};

/// Longest input in octets: two blocks less the end mark and the length.
const MAX: usize = BLOCKS * BLOCK - 9;
/// Longest content of [`Piece::Short`].
pub(super) const SHORT: usize = MARGIN;

/// What a run of one block, and one of two, costs in blocks hashed one after the other: measured where vectors are shortest,
/// with bringing the inputs into place.
const RUN_COST: [u32; 2] = [6, 8];
/// What inputs can cost that still wait.
pub(super) const WAITING_COST: u32 = RUN_COST[0] + RUN_COST[1];

/// Without optimisation the lanes are slower than the crate, which is optimised even then. Tests of this module count.
const SIDE_BY_SIDE: bool = cfg!(test) || !cfg!(debug_assertions);

/// A part of an input.
#[derive(Clone, Copy)]
pub(super) enum Piece<'p> {
    /// So many octets, with zeros behind them: copied with the zeros, which what comes next is written over. No call, no loop.
    Short(&'p [u8; SHORT], u8),
    /// A digest in base64.
    Base64(&'p [u8; 24]),
    /// Any octets.
    Any(&'p [u8]),
}

impl<'p> Piece<'p> {
    pub(super) const EMPTY: Piece<'static> = Piece::Short(&[0; SHORT], 0);
    pub(super) const COLON: Piece<'static> = {
        const COLON: [u8; SHORT] = {
            let mut octets = [0; SHORT];
            octets[0] = b':';
            octets
        };
        Piece::Short(&COLON, 1)
    };

    fn len(self) -> usize {
        match self {
            Self::Short(_, len) => usize::from(len),
            Self::Base64(octets) => octets.len(),
            Self::Any(octets) => octets.len(),
        }
    }

    pub(super) fn octets(self) -> &'p [u8] {
        match self {
            Self::Short(octets, len) => octets.get(..usize::from(len)).unwrap_or(octets),
            Self::Base64(octets) => octets,
            Self::Any(octets) => octets,
        }
    }
}

/// Content and length of a [`Piece::Short`].
pub(super) type Short<'p> = (&'p [u8; SHORT], u8);
/// No octets.
pub(super) const NOTHING: Short<'static> = (&[0; SHORT], 0);

/// Inputs that wait to be hashed together, all of the same number of blocks.
struct Queue<T> {
    rows: Box<[Row; LANES]>,
    tags: [Option<T>; LANES],
    waiting: usize,
    /// Rows that ever held something.
    used: usize,
    blocks: usize,
}

impl<T: Copy> Queue<T> {
    fn new(blocks: usize) -> Self {
        Self { rows: Box::new([EMPTY; LANES]), tags: [None; LANES], waiting: 0, used: 0, blocks }
    }

    fn put<'p>(&mut self, pieces: impl Iterator<Item = Piece<'p>>, len: usize, tag: T) {
        let Some(row) = self.rows.get_mut(self.waiting) else { return };
        *row = EMPTY;
        let mut at = 0;
        for piece in pieces {
            match piece {
                Piece::Short(octets, _) => row[at..at + SHORT].copy_from_slice(octets),
                Piece::Base64(octets) => row[at..at + octets.len()].copy_from_slice(octets),
                Piece::Any(octets) => row[at..at + octets.len()].copy_from_slice(octets),
            }
            at += piece.len();
        }
        self.seal(at, len, tag);
    }

    /// The same for what most inputs are: three short parts, with a colon or nothing behind the first and the second. Copying and
    /// counting take as long as hashing, so this does nothing that need not be done.
    fn put_short(&mut self, parts: [Short<'_>; 3], colons: [bool; 2], len: usize, tag: T) {
        let Some(row) = self.rows.get_mut(self.waiting) else { return };
        *row = EMPTY;
        let mut at = 0;
        for ((octets, len), colon) in parts.into_iter().zip([colons[0], colons[1], false]) {
            row[at..at + SHORT].copy_from_slice(octets);
            at += usize::from(len);
            // Written over where none is wanted.
            row[at] = b':';
            at += usize::from(colon);
        }
        self.seal(at, len, tag);
    }

    /// Ends the input that stands in the next row up to `at`: the end mark, and its length of `len` octets.
    #[inline]
    fn seal(&mut self, at: usize, len: usize, tag: T) {
        let (row, end) = (&mut self.rows[self.waiting], self.blocks * BLOCK);
        row[at] = 0x80;
        // At most 119 octets: the number of bits takes two octets.
        row[end - 8..end - 6].copy_from_slice(&u16::try_from(len * 8).unwrap_or(0).to_le_bytes());
        self.tags[self.waiting] = Some(tag);
        self.waiting += 1;
        self.used = self.used.max(self.waiting);
    }

    /// What a run costs, in blocks hashed one after the other.
    fn cost(&self) -> u32 {
        RUN_COST[usize::from(self.blocks > 1)]
    }

    /// Hashes what waits; gives the cost.
    fn flush(&mut self, side_by_side: bool, each: &mut impl FnMut(T, [u32; 4])) -> u32 {
        if side_by_side {
            super::hash::count(self.cost());
            let state = digests(&self.rows, self.blocks);
            for (lane, tag) in self.tags.iter().enumerate().take(self.waiting) {
                if let Some(tag) = *tag {
                    each(tag, state.map(|word| word[lane]));
                }
            }
        }
        self.waiting = 0;
        self.cost()
    }
}

impl<T> Queue<T> {
    fn wipe(&mut self) {
        // Octet by octet, as `zeroize` writes, this would cost more than the search; the barrier keeps the stores.
        for row in self.rows.iter_mut().take(self.used) {
            *row = EMPTY;
        }
        std::hint::black_box(&self.rows);
        (self.used, self.waiting) = (0, 0);
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Short inputs of any kind, hashed together: those of one block, and those of two. Most searches need but one of these.
struct Queues<T> {
    queues: [Option<Queue<T>>; BLOCKS],
    cost: u32,
}

impl<T: Copy> Queues<T> {
    fn new() -> Self {
        Self { queues: [const { None }; BLOCKS], cost: 0 }
    }

    fn wipe(&mut self) {
        self.queues.iter_mut().flatten().for_each(Queue::wipe);
        self.cost = 0;
    }

    /// Takes an input; `each` gets the digests of those that were waiting, now or later.
    fn put<'p>(
        &mut self,
        pieces: impl Iterator<Item = Piece<'p>> + Clone,
        tag: T,
        side_by_side: bool,
        each: &mut impl FnMut(T, [u32; 4]),
    ) {
        let len: usize = pieces.clone().map(Piece::len).sum();
        if len > MAX {
            self.cost = self.cost.saturating_add(blocks(len));
            each(tag, words(super::hash::md5_of(pieces.map(Piece::octets))));
            return;
        }
        let blocks = if len <= BLOCK - 9 { 1 } else { 2 };
        let queue = self.queues[blocks - 1].get_or_insert_with(|| Queue::new(blocks));
        if side_by_side {
            queue.put(pieces, len, tag);
        } else {
            // Waits all the same, so that costs are those of the optimised program.
            each(tag, words(super::hash::md5_of(pieces.map(Piece::octets))));
            queue.tags[queue.waiting] = None;
            queue.waiting += 1;
        }
        if queue.waiting == LANES {
            self.cost = self.cost.saturating_add(queue.flush(side_by_side, each));
        }
    }

    fn finish(&mut self, side_by_side: bool, each: &mut impl FnMut(T, [u32; 4])) {
        for queue in self.queues.iter_mut().flatten() {
            if queue.waiting > 0 {
                self.cost = self.cost.saturating_add(queue.flush(side_by_side, each));
            }
        }
    }
}

/// A digest as the four words it is computed in.
fn words(digest: [u8; 16]) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, octets) in words.iter_mut().zip(digest.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*octets);
    }
    words
}

/// Compares the MD5 of many short inputs with one digest.
pub(super) struct Lanes<T> {
    wanted: [u32; 4],
    queues: Queues<T>,
    hits: Vec<T>,
}

impl<T: Copy> Lanes<T> {
    pub(super) fn new() -> Self {
        Self { wanted: [0; 4], queues: Queues::new(), hits: Vec::new() }
    }

    /// Begins: this is the digest to be compared with.
    pub(super) fn begin(&mut self, digest: [u8; 16]) {
        self.wipe();
        self.wanted = words(digest);
    }

    /// Forgets everything; the room is kept.
    pub(super) fn wipe(&mut self) {
        self.queues.wipe();
        self.hits.clear();
    }

    /// Hashes the pieces, one after the other, now or together with later ones.
    pub(super) fn put(&mut self, pieces: &[Piece<'_>; 5], tag: T) {
        self.add(pieces, tag, SIDE_BY_SIDE);
    }

    /// Hashes three short parts, with colons between them or none, as [`Lanes::put`] does.
    pub(super) fn put_short(&mut self, parts: [Short<'_>; 3], colons: [bool; 2], tag: T) {
        let [a, b, c] = parts;
        let len = usize::from(a.1) + usize::from(b.1) + usize::from(c.1);
        let len = len + usize::from(colons[0]) + usize::from(colons[1]);
        let queue = self.queues.queues[usize::from(len > BLOCK - 9)].as_mut();
        if let Some(queue) = queue.filter(|queue| SIDE_BY_SIDE && len <= MAX && queue.waiting + 1 < LANES) {
            queue.put_short(parts, colons, len, tag);
        } else {
            let pieces = parts.map(|(octets, len)| Piece::Short(octets, len));
            let [first, second] = colons.map(|colon| if colon { Piece::COLON } else { Piece::EMPTY });
            let [a, b, c] = pieces;
            self.add(&[a, first, b, second, c], tag, SIDE_BY_SIDE);
        }
    }

    fn add(&mut self, pieces: &[Piece<'_>], tag: T, side_by_side: bool) {
        let Self { wanted, queues, hits } = self;
        queues.put(pieces.iter().copied(), tag, side_by_side, &mut |tag, digest| {
            hits.extend((digest == *wanted).then_some(tag));
        });
    }

    /// What was hashed so far, in blocks; inputs that still wait are not in it.
    pub(super) fn cost(&self) -> u32 {
        self.queues.cost
    }

    /// Tags of all inputs so far whose digest is the wanted one.
    pub(super) fn hits(&mut self) -> Vec<T> {
        self.take(SIDE_BY_SIDE)
    }

    fn take(&mut self, side_by_side: bool) -> Vec<T> {
        let Self { wanted, queues, hits } = self;
        queues.finish(side_by_side, &mut |tag, digest| hits.extend((digest == *wanted).then_some(tag)));
        std::mem::take(hits)
    }
}

/// The MD5 of many short inputs, to be hashed again.
pub(super) struct Batch {
    queues: Queues<u16>,
    digests: Vec<[u8; 16]>,
    /// The digests were asked for: the next input begins a new list.
    given: bool,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { queues: Queues::new(), digests: Vec::new(), given: false }
    }

    /// Forgets everything; the room is kept.
    pub(super) fn wipe(&mut self) {
        self.queues.wipe();
        self.forget();
    }

    fn forget(&mut self) {
        self.digests.fill([0; 16]);
        std::hint::black_box(&self.digests);
        self.digests.clear();
        self.given = false;
    }

    /// Takes an input; its digest will stand at the place that comes back. No more than 65,536 between two calls of
    /// [`Batch::digests`].
    pub(super) fn put(&mut self, parts: &[&[u8]]) -> u16 {
        if self.given {
            self.forget();
        }
        let at = u16::try_from(self.digests.len()).unwrap_or(u16::MAX);
        self.digests.push([0; 16]);
        let Self { queues, digests, .. } = self;
        let pieces = parts.iter().map(|part| Piece::Any(part));
        queues.put(pieces, at, SIDE_BY_SIDE, &mut |at, digest| keep(digests, at, digest));
        at
    }

    /// The digests of all inputs since the last call.
    pub(super) fn digests(&mut self) -> &[[u8; 16]] {
        if self.given {
            self.forget();
        }
        let Self { queues, digests, given } = self;
        queues.finish(SIDE_BY_SIDE, &mut |at, digest| keep(digests, at, digest));
        *given = true;
        digests
    }

    /// Counts what was hashed before and kept: the bound of a search must not depend on what was searched earlier.
    pub(super) fn spend(&mut self, cost: u32) {
        self.queues.cost = self.queues.cost.saturating_add(cost);
    }

    /// What was hashed so far, in blocks.
    pub(super) fn cost(&self) -> u32 {
        self.queues.cost
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.forget();
    }
}

fn keep(digests: &mut [[u8; 16]], at: u16, digest: [u32; 4]) {
    if let Some(place) = digests.get_mut(usize::from(at)) {
        for (octets, word) in place.as_chunks_mut::<4>().0.iter_mut().zip(digest) {
            *octets = word.to_le_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Lanes, Piece, RUN_COST, SHORT};
    use crate::verify::hash::md5;

    #[test]
    fn every_length_is_found_among_others_and_nothing_else() {
        let octets: Vec<u8> = (0..200u8).collect();
        for wanted in 0..150usize {
            let mut lanes = Lanes::new();
            lanes.begin(md5(&[&octets[..wanted]]));
            for len in 0..150 {
                let (a, b) = octets[..len].split_at(len / 3);
                let (mut front, all) = ([0; SHORT], octets.len().min(SHORT));
                front[..a.len().min(all)].copy_from_slice(&a[..a.len().min(all)]);
                let short = u8::try_from(a.len()).ok().filter(|len| usize::from(*len) <= SHORT);
                let a = short.map_or(Piece::Any(a), |len| Piece::Short(&front, len));
                let b = <&[u8; 24]>::try_from(b).map_or(Piece::Any(b), Piece::Base64);
                lanes.add(&[a, b], len, true);
            }
            assert_eq!(lanes.take(true), [wanted]);
            assert_eq!(lanes.take(true), [0usize; 0]);
        }
    }

    #[test]
    fn short_parts_are_hashed_like_any_others() {
        let octets: [u8; SHORT] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(0) + 1);
        let short = |len: u8| {
            let mut short = [0; SHORT];
            short[..usize::from(len)].copy_from_slice(&octets[..usize::from(len)]);
            short
        };
        for colons in [[true, true], [false, false], [true, false]] {
            let lens = (0..33u8).map(|at| [at % 33, at * 7 % 33, at * 5 % 33]);
            for (wanted, lens) in lens.clone().enumerate() {
                let [a, b, c] = lens.map(short);
                let between = colons.map(|colon| if colon { b":".as_slice() } else { b"" });
                let parts = [&a[..lens[0].into()], between[0], &b[..lens[1].into()], between[1], &c[..lens[2].into()]];
                let mut lanes = Lanes::new();
                lanes.begin(md5(&parts));
                for (tag, lens) in (0..33u8).map(|at| [at % 33, at * 7 % 33, at * 5 % 33]).enumerate() {
                    let [a, b, c] = lens.map(short);
                    lanes.put_short([(&a, lens[0]), (&b, lens[1]), (&c, lens[2])], colons, tag);
                }
                assert_eq!(lanes.hits(), [wanted], "{colons:?}");
            }
        }
    }

    #[test]
    fn a_batch_gives_the_digests_in_the_order_of_the_inputs() {
        let octets: Vec<u8> = (0..200u8).collect();
        let mut batch = Batch::new();
        for count in [0, 150, 3] {
            for len in 0..count {
                assert_eq!(usize::from(batch.put(&[&octets[..len]])), len);
            }
            let digests = batch.digests();
            assert_eq!(digests.len(), count);
            assert!((0..count).all(|len| digests[len] == md5(&[&octets[..len]])));
        }
    }

    #[test]
    fn costs_do_not_depend_on_how_it_is_hashed() {
        let cost = |side_by_side| {
            let mut lanes = Lanes::new();
            for len in (0..20).chain(60..77).chain([300]) {
                lanes.add(&[Piece::Any(&[7; 300][..len])], len, side_by_side);
            }
            lanes.take(side_by_side);
            lanes.cost()
        };
        assert_eq!(cost(true), 2 * RUN_COST[0] + 2 * RUN_COST[1] + 5);
        assert_eq!(cost(false), cost(true));
    }
}
