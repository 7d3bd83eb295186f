//! MD5 over sixteen short inputs at once, for the search for deviations.
//!
//! Plain arrays that the compiler turns into vector instructions: some five times as fast as one input after the other. Only
//! for inputs of at most two blocks; a match is always confirmed with the `md5` crate. Must not know what is hashed.

/// Inputs hashed at once.
const LANES: usize = 16;
/// Longest input in octets: two blocks less the end mark and the length.
const MAX: usize = 2 * 64 - 9;

/// Without optimisation the lanes are slower than the crate, which is optimised even then.
const SIDE_BY_SIDE: bool = !cfg!(debug_assertions);

type Words = [u32; LANES];

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
///
/// Not inlined: unrolled into its caller the loop over the lanes is no longer seen as one, and becomes no vector instructions.
#[inline(never)]
fn step<const ROUND: u8>(a: &mut Words, [b, c, d]: [&Words; 3], word: &Words, sine: u32, turn: u32) {
    for lane in 0..LANES {
        let [b, c, d] = [b[lane], c[lane], d[lane]];
        let mix = match ROUND {
            0 => d ^ (b & (c ^ d)),
            1 => c ^ (d & (b ^ c)),
            2 => b ^ c ^ d,
            _ => c ^ (b | !d),
        };
        let sum = a[lane].wrapping_add(mix).wrapping_add(word[lane]).wrapping_add(sine);
        #[expect(
            clippy::manual_rotate,
            reason = "a rotation by a variable is not turned into vector instructions, shifts are"
        )]
        let turned = (sum << turn) | (sum >> (32 - turn));
        a[lane] = b.wrapping_add(turned);
    }
}

fn block(state: &mut [Words; 4], words: &[Words; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    macro_rules! round {
        ($round:literal, $mul:literal, $add:literal, $turns:expr) => {
            for quarter in 0..4 {
                let at = |i: usize| &words[($mul * (4 * quarter + i) + $add) % 16];
                let sine = |i: usize| SINES[16 * $round + 4 * quarter + i];
                step::<$round>(&mut a, [&b, &c, &d], at(0), sine(0), $turns[0]);
                step::<$round>(&mut d, [&a, &b, &c], at(1), sine(1), $turns[1]);
                step::<$round>(&mut c, [&d, &a, &b], at(2), sine(2), $turns[2]);
                step::<$round>(&mut b, [&c, &d, &a], at(3), sine(3), $turns[3]);
            }
        };
    }
    round!(0, 1, 0, [7, 12, 17, 22]);
    round!(1, 5, 1, [5, 9, 14, 20]);
    round!(2, 3, 5, [4, 11, 16, 23]);
    round!(3, 7, 0, [6, 10, 15, 21]);
    for (sum, part) in state.iter_mut().zip([a, b, c, d]) {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum = sum.wrapping_add(part);
        }
    }
}

/// Inputs that wait to be hashed together, all of the same number of blocks.
struct Queue<T> {
    inputs: [[u8; 128]; LANES],
    tags: [Option<T>; LANES],
    words: [Words; 16],
    waiting: usize,
    blocks: usize,
}

impl<T: Copy> Queue<T> {
    fn new(blocks: usize) -> Self {
        Self { inputs: [[0; 128]; LANES], tags: [None; LANES], words: [[0; LANES]; 16], waiting: 0, blocks }
    }

    fn put(&mut self, parts: &[&[u8]], len: usize, tag: T) {
        let input = &mut self.inputs[self.waiting];
        let mut at = 0;
        for part in parts {
            input[at..at + part.len()].copy_from_slice(part);
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

    /// Hashes what waits, and reports the tags of those with this digest.
    fn flush(&mut self, digest: &[u8; 16], hits: &mut Vec<T>) {
        let mut state = START.map(|word| [word; LANES]);
        for at in (0..self.blocks).map(|block| block * 64) {
            for (lane, input) in self.inputs.iter().enumerate() {
                for (word, octets) in self.words.iter_mut().zip(input[at..at + 64].as_chunks::<4>().0) {
                    word[lane] = u32::from_le_bytes(*octets);
                }
            }
            block(&mut state, &self.words);
        }
        let wanted = digest.as_chunks::<4>().0;
        for lane in 0..self.waiting {
            let same = state.iter().zip(wanted).all(|(word, wanted)| word[lane] == u32::from_le_bytes(*wanted));
            if let Some(tag) = self.tags[lane].filter(|_| same) {
                hits.push(tag);
            }
        }
        self.waiting = 0;
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        // Octet by octet, as `zeroize` writes, this would cost more than the search; the barrier keeps the stores.
        self.inputs.fill([0; 128]);
        self.words.fill([0; LANES]);
        std::hint::black_box((&self.inputs, &self.words));
    }
}

/// Compares the MD5 of many short inputs with one digest.
pub(super) struct Lanes<T> {
    digest: [u8; 16],
    one: Queue<T>,
    two: Queue<T>,
    hits: Vec<T>,
}

impl<T: Copy> Lanes<T> {
    pub(super) fn new(digest: [u8; 16]) -> Self {
        Self { digest, one: Queue::new(1), two: Queue::new(2), hits: Vec::new() }
    }

    /// Hashes the parts, one after the other, now or together with later ones.
    pub(super) fn put(&mut self, parts: &[&[u8]], tag: T) {
        self.add(parts, tag, SIDE_BY_SIDE);
    }

    fn add(&mut self, parts: &[&[u8]], tag: T, side_by_side: bool) {
        let len = parts.iter().map(|part| part.len()).sum();
        if len > MAX || !side_by_side {
            if super::hash::md5(parts) == self.digest {
                self.hits.push(tag);
            }
            return;
        }
        let queue = if len <= 64 - 9 { &mut self.one } else { &mut self.two };
        queue.put(parts, len, tag);
        if queue.waiting == LANES {
            queue.flush(&self.digest, &mut self.hits);
        }
    }

    /// Tags of all inputs so far whose digest is the wanted one.
    pub(super) fn hits(&mut self) -> Vec<T> {
        for queue in [&mut self.one, &mut self.two] {
            if queue.waiting > 0 {
                queue.flush(&self.digest, &mut self.hits);
            }
        }
        std::mem::take(&mut self.hits)
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;
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
            assert_eq!(lanes.hits(), [wanted]);
            assert_eq!(lanes.hits(), [0usize; 0]);
        }
    }
}
