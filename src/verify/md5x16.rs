//! The compression of MD5 on sixteen inputs at once, with the vectors the processor has: chosen when the program runs.
//!
//! Must not know what is hashed, nor what the digests are compared with.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u32x16};

/// Inputs hashed at once.
pub(super) const LANES: usize = 16;
/// Octets of a block.
pub(super) const BLOCK: usize = 64;
/// Most blocks of an input.
pub(super) const BLOCKS: usize = 2;
/// Room behind an input: octets that are copied in pieces of fixed length may reach into it.
pub(super) const MARGIN: usize = 32;

/// One input as MD5 takes it: with the end mark and the number of bits in its last block.
pub(super) type Row = [u8; BLOCKS * BLOCK + MARGIN];

/// A row with nothing in it.
pub(super) const EMPTY: Row = [0; BLOCKS * BLOCK + MARGIN];

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

/// The digests of all rows, each of this many blocks: the first words of all, the second words and so on.
pub(super) fn digests(rows: &[Row; LANES], blocks: usize) -> [[u32; LANES]; 4] {
    dispatch!(Level::new(), simd => run(simd, rows, blocks))
}

#[expect(clippy::inline_always, reason = "what is not inlined does not get the processor's vectors")]
#[inline(always)]
fn run<S: Simd>(simd: S, rows: &[Row; LANES], blocks: usize) -> [[u32; LANES]; 4] {
    let mut state = START.map(|word| u32x16::splat(simd, word));
    for at in (0..blocks.min(BLOCKS)).map(|block| block * BLOCK) {
        let words = words(simd, rows, at);
        block(&mut state, &words);
    }
    state.map(Into::into)
}

/// The words of the block at this offset: the first of all rows, the second of all and so on.
#[expect(clippy::inline_always, reason = "what is not inlined does not get the processor's vectors")]
#[inline(always)]
fn words<S: Simd>(simd: S, rows: &[Row; LANES], at: usize) -> [u32x16<S>; 16] {
    let mut turned = [u32x16::splat(simd, 0); 16];
    for (words, row) in turned.iter_mut().zip(rows) {
        let mut own = [0; 16];
        for (word, octets) in own.iter_mut().zip(row[at..at + BLOCK].as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*octets);
        }
        *words = own.simd_into(simd);
    }
    // Shuffling the upper half of the rows into the lower one, four times, makes columns of rows.
    for _ in 0..LANES.ilog2() {
        let rows = turned;
        for half in 0..8 {
            turned[2 * half] = rows[half].zip_low(rows[half + 8]);
            turned[2 * half + 1] = rows[half].zip_high(rows[half + 8]);
        }
    }
    turned
}

/// One step of all lanes: `a = b + rotate(a + mix(b, c, d) + word + sine)`, `ROUND` choosing the mix.
#[expect(clippy::inline_always, reason = "a call would put all vectors into memory and take them out again")]
#[inline(always)]
fn step<S: Simd, const ROUND: u8, const TURN: u32>(
    a: u32x16<S>,
    [b, c, d]: [u32x16<S>; 3],
    word: u32x16<S>,
    sine: u32,
) -> u32x16<S> {
    let mix = match ROUND {
        0 => d ^ (b & (c ^ d)),
        1 => c ^ (d & (b ^ c)),
        2 => b ^ c ^ d,
        _ => c ^ (b | !d),
    };
    let sum = a + mix + (word + sine);
    b + ((sum << TURN) | (sum >> (32 - TURN)))
}

#[expect(clippy::inline_always, reason = "what is not inlined does not get the processor's vectors")]
#[inline(always)]
fn block<S: Simd>(state: &mut [u32x16<S>; 4], words: &[u32x16<S>; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    macro_rules! round {
        ($round:literal, $mul:literal, $add:literal, $turns:expr) => {
            for quarter in 0..4 {
                let at = |i: usize| words[($mul * (4 * quarter + i) + $add) % 16];
                let sine = |i: usize| SINES[16 * $round + 4 * quarter + i];
                a = step::<S, $round, { $turns[0] }>(a, [b, c, d], at(0), sine(0));
                d = step::<S, $round, { $turns[1] }>(d, [a, b, c], at(1), sine(1));
                c = step::<S, $round, { $turns[2] }>(c, [d, a, b], at(2), sine(2));
                b = step::<S, $round, { $turns[3] }>(b, [c, d, a], at(3), sine(3));
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

#[cfg(test)]
mod tests {
    use super::{BLOCK, BLOCKS, LANES, MARGIN, digests};
    use crate::verify::hash::md5;

    /// What the program chose on this machine; what other machines choose is the crate's to prove.
    #[test]
    fn every_lane_gives_the_digest_of_its_row() {
        for (blocks, len) in [(1, 0), (1, 55), (2, 56), (2, 119)] {
            let mut rows = [[0xff; BLOCKS * BLOCK + MARGIN]; LANES];
            for (lane, row) in (0u8..).zip(&mut rows) {
                row[..len].fill(lane * 7);
                row[len] = 0x80;
                row[len + 1..blocks * BLOCK].fill(0);
                row[blocks * BLOCK - 8..][..2].copy_from_slice(&u16::try_from(len * 8).unwrap().to_le_bytes());
            }
            let out = digests(&rows, blocks);
            for lane in 0..LANES {
                let digest: Vec<u8> = out.iter().flat_map(|word| word[lane].to_le_bytes()).collect();
                assert_eq!(digest, md5(&[&rows[lane][..len]]), "lane {lane}, {len} octets");
            }
        }
    }
}
