//! A fast hash for keys that come from packets: seeded, so that nobody can choose keys that collide.
//!
//! Must not know the keys, and nothing may depend on the order it gives.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers with one random seed.
#[derive(Clone, Debug)]
pub(super) struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0u64))
    }
}

impl BuildHasher for Seeded {
    type Hasher = Folding;

    fn build_hasher(&self) -> Folding {
        Folding { state: self.0, seed: self.0.rotate_left(32) | 1 }
    }
}

/// Multiplies to twice the width and folds the halves, word by word.
#[derive(Clone, Debug)]
pub(super) struct Folding {
    state: u64,
    seed: u64,
}

impl Folding {
    #[inline]
    fn word(&mut self, word: u64) {
        let product = u128::from(self.state ^ word).wrapping_mul(u128::from(self.seed ^ 0x9e37_79b9_7f4a_7c15));
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.state = (low ^ high).wrapping_add(self.seed);
    }
}

impl Hasher for Folding {
    fn finish(&self) -> u64 {
        self.state ^ (self.state >> 29)
    }

    fn write(&mut self, octets: &[u8]) {
        let (words, rest) = octets.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            for (slot, octet) in last.iter_mut().zip(rest) {
                *slot = *octet;
            }
            self.word(u64::from_le_bytes(last) ^ ((rest.len() as u64) << 56));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.word(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.word(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.word(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.word(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.word(number.cast_unsigned() as u64);
    }
}
