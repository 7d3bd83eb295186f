//! MD5 over sixteen short inputs at once, for the search for deviations.
//!
//! Vectors of sixteen words: some six times as fast as one input after the other, even with what every 64-bit processor has. Only
//! for inputs of at most two blocks; a match is always confirmed with the `md5` crate. Counts what hashing costs, the same in
//! every build. Must not know what is hashed.

use wide::u32x16;
use zeroize::Zeroizing;

use super::hash::blocks;

/// Inputs hashed at once.
const LANES: usize = 16;
/// Longest input in octets: two blocks less the end mark and the length.
const MAX: usize = 2 * 64 - 9;

/// What a run of one block, and one of two, costs in blocks hashed one after the other: measured, with bringing the inputs
/// into place.
const RUN_COST: [u32; 2] = [6, 8];
/// What inputs can cost that still wait.
pub(super) const WAITING_COST: u32 = RUN_COST[0] + RUN_COST[1];

/// Without optimisation the lanes are slower than the crate, which is optimised even then. Tests of this module count.
const SIDE_BY_SIDE: bool = cfg!(test) || !cfg!(debug_assertions);

const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// One step of all lanes: `a = b + rotate(a + mix(b, c, d) + word + sine)`, `ROUND` choosing the mix.
#[expect(clippy::inline_always, reason = "a call would put all vectors into memory and take them out again")]
#[inline(always)]
fn step<const ROUND: u8, const TURN: u32>(a: u32x16, [b, c, d]: [u32x16; 3], word: u32x16, sine: u32) -> u32x16 {
    let mix = match ROUND {
        0 => d ^ (b & (c ^ d)),
        1 => c ^ (d & (b ^ c)),
        2 => b ^ c ^ d,
        _ => c ^ (b | !d),
    };
    let sum = a + mix + word + u32x16::splat(sine);
    b + ((sum << TURN) | (sum >> (32 - TURN)))
}

fn block(state: &mut [u32x16; 4], words: &[u32x16; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    macro_rules! round {
        ($round:literal, $mul:literal, $add:literal, $turns:expr) => {
            for quarter in 0..4 {
                let at = |i: usize| words[($mul * (4 * quarter + i) + $add) % 16];
                let sine = |i: usize| SINES[16 * $round + 4 * quarter + i];
                a = step::<$round, { $turns[0] }>(a, [b, c, d], at(0), sine(0));
                d = step::<$round, { $turns[1] }>(d, [a, b, c], at(1), sine(1));
                c = step::<$round, { $turns[2] }>(c, [d, a, b], at(2), sine(2));
                b = step::<$round, { $turns[3] }>(b, [c, d, a], at(3), sine(3));
            }
        };
    }
    round!(0, 1, 0, [7, 12, 17, 22]);
    round!(1, 5, 1, [5, 9, 14, 20]);
    round!(2, 3, 5, [4, 11, 16, 23]);
    round!(3, 7, 0, [6, 10, 15, 21]);
    for (sum, part) in state.iter_mut().zip([a, b, c, d]) {
        *sum += part;
    }
}

/// Inputs that wait to be hashed together, all of the same number of blocks.
struct Queue<T> {
    inputs: [[u8; 128]; LANES],
    tags: [Option<T>; LANES],
    words: [u32x16; 16],
    waiting: usize,
    blocks: usize,
}

impl<T: Copy> Queue<T> {
    fn new(blocks: usize) -> Self {
        Self { inputs: [[0; 128]; LANES], tags: [None; LANES], words: [u32x16::ZERO; 16], waiting: 0, blocks }
    }

    fn put(&mut self, parts: &[&[u8]], len: usize, tag: T) {
        let input = &mut self.inputs[self.waiting];
        let mut at = 0;
        for part in parts {
            let place = &mut input[at..at + part.len()];
            // Most parts are separators and digests in base64: copied in place they cost less than a call.
            if let ([place], [octet]) = (&mut *place, part) {
                *place = *octet;
            } else if let (Ok(place), Ok(part)) = (<&mut [u8; 24]>::try_from(&mut *place), <&[u8; 24]>::try_from(*part))
            {
                *place = *part;
            } else {
                place.copy_from_slice(part);
            }
            at += part.len();
        }
        let end = self.blocks * 64;
        input[at] = 0x80;
        input[at + 1..end].fill(0);
        // At most 119 octets: the number of bits takes two octets.
        let bits = u16::try_from(len * 8).unwrap_or(0).to_le_bytes();
        input[end - 8..end - 6].copy_from_slice(&bits);
        self.tags[self.waiting] = Some(tag);
        self.waiting += 1;
    }

    /// Hashes what waits. The digests stand in the lanes below `waiting`, which the caller sets back.
    fn run(&mut self) -> [[u32; LANES]; 4] {
        super::hash::count(self.cost());
        let mut state = START.map(u32x16::splat);
        for at in (0..self.blocks).map(|block| block * 64) {
            for (lane, input) in self.inputs.iter().enumerate() {
                for (word, octets) in self.words.iter_mut().zip(input[at..at + 64].as_chunks::<4>().0) {
                    word.as_mut_array()[lane] = u32::from_le_bytes(*octets);
                }
            }
            block(&mut state, &self.words);
        }
        state.map(u32x16::to_array)
    }

    /// What a run costs, in blocks hashed one after the other.
    fn cost(&self) -> u32 {
        RUN_COST[usize::from(self.blocks > 1)]
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        // Octet by octet, as `zeroize` writes, this would cost more than the search; the barrier keeps the stores.
        self.inputs.fill([0; 128]);
        self.words.fill(u32x16::ZERO);
        std::hint::black_box((&self.inputs, &self.words));
    }
}

/// Short inputs of any kind, hashed together.
struct Queues<T> {
    one: Queue<T>,
    two: Queue<T>,
    cost: u32,
}

impl<T: Copy> Queues<T> {
    fn new() -> Self {
        Self { one: Queue::new(1), two: Queue::new(2), cost: 0 }
    }

    /// Takes an input; `each` gets the digests of those that were waiting, now or later.
    fn put(&mut self, parts: &[&[u8]], tag: T, side_by_side: bool, each: &mut impl FnMut(T, [u32; 4])) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        if len > MAX {
            self.cost = self.cost.saturating_add(blocks(len));
            each(tag, words(super::hash::md5(parts)));
            return;
        }
        let queue = if len <= 64 - 9 { &mut self.one } else { &mut self.two };
        if side_by_side {
            queue.put(parts, len, tag);
        } else {
            // Waits all the same, so that costs are those of the optimised program.
            each(tag, words(super::hash::md5(parts)));
            queue.tags[queue.waiting] = None;
            queue.waiting += 1;
        }
        if queue.waiting == LANES {
            self.cost = self.cost.saturating_add(flush(queue, side_by_side, each));
        }
    }

    fn finish(&mut self, side_by_side: bool, each: &mut impl FnMut(T, [u32; 4])) {
        for queue in [&mut self.one, &mut self.two] {
            if queue.waiting > 0 {
                self.cost = self.cost.saturating_add(flush(queue, side_by_side, each));
            }
        }
    }
}

/// Hashes what waits in a queue; gives the cost.
fn flush<T: Copy>(queue: &mut Queue<T>, side_by_side: bool, each: &mut impl FnMut(T, [u32; 4])) -> u32 {
    if side_by_side {
        let state = queue.run();
        for (lane, tag) in queue.tags.iter().enumerate().take(queue.waiting) {
            if let Some(tag) = *tag {
                each(tag, state.map(|word| word[lane]));
            }
        }
    }
    queue.waiting = 0;
    queue.cost()
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
    pub(super) fn new(digest: [u8; 16]) -> Self {
        Self { wanted: words(digest), queues: Queues::new(), hits: Vec::new() }
    }

    /// Hashes the parts, one after the other, now or together with later ones.
    pub(super) fn put(&mut self, parts: &[&[u8]], tag: T) {
        self.add(parts, tag, SIDE_BY_SIDE);
    }

    fn add(&mut self, parts: &[&[u8]], tag: T, side_by_side: bool) {
        let Self { wanted, queues, hits } = self;
        queues.put(parts, tag, side_by_side, &mut |tag, digest| hits.extend((digest == *wanted).then_some(tag)));
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
    digests: Zeroizing<Vec<[u8; 16]>>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { queues: Queues::new(), digests: Zeroizing::default() }
    }

    /// Takes an input; its digest will stand at the place that comes back. No more than 65,536 between two calls of
    /// [`Batch::digests`].
    pub(super) fn put(&mut self, parts: &[&[u8]]) -> u16 {
        let at = u16::try_from(self.digests.len()).unwrap_or(u16::MAX);
        self.digests.push([0; 16]);
        let Self { queues, digests } = self;
        queues.put(parts, at, SIDE_BY_SIDE, &mut |at, digest| keep(digests, at, digest));
        at
    }

    /// The digests since the last call.
    pub(super) fn digests(&mut self) -> Zeroizing<Vec<[u8; 16]>> {
        let Self { queues, digests } = self;
        queues.finish(SIDE_BY_SIDE, &mut |at, digest| keep(digests, at, digest));
        std::mem::take(digests)
    }

    /// What was hashed so far, in blocks.
    pub(super) fn cost(&self) -> u32 {
        self.queues.cost
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
    use super::{Batch, Lanes, RUN_COST};
    use crate::verify::hash::md5;

    #[test]
    fn every_length_is_found_among_others_and_nothing_else() {
        let octets: Vec<u8> = (0..200u8).collect();
        for wanted in 0..150usize {
            let mut lanes = Lanes::new(md5(&[&octets[..wanted]]));
            for len in 0..150 {
                let (a, b) = octets[..len].split_at(len / 3);
                lanes.add(&[a, b], len, true);
            }
            assert_eq!(lanes.take(true), [wanted]);
            assert_eq!(lanes.take(true), [0usize; 0]);
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
            let mut lanes = Lanes::new([0; 16]);
            for len in (0..20).chain(60..77).chain([300]) {
                lanes.add(&[&[7; 300][..len]], len, side_by_side);
            }
            lanes.take(side_by_side);
            lanes.cost()
        };
        assert_eq!(cost(true), 2 * RUN_COST[0] + 2 * RUN_COST[1] + 5);
        assert_eq!(cost(false), cost(true));
    }
}
