//! Random numbers that repeat, and mutations of octets.
//!
//! The same seed gives the same numbers on every machine: a failing seed is a test vector.

/// PCG-XSH-RR: 64 bits of state, 32 out.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Self { state: seed.wrapping_add(0xDA3E_39CB_94B9_5BDB) };
        rng.u32();
        rng.u32();
        rng
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (((old >> 18) ^ old) >> 27) as u32;
        mixed.rotate_right((old >> 59) as u32)
    }

    /// 64 random bits.
    pub fn u64(&mut self) -> u64 {
        u64::from(self.u32()) << 32 | u64::from(self.u32())
    }

    /// A number below this (0 for 0).
    pub fn below(&mut self, limit: usize) -> usize {
        ((u64::from(self.u32()) * limit as u64) >> 32) as usize
    }

    /// One octet.
    pub fn octet(&mut self) -> u8 {
        (self.u32() >> 24) as u8
    }

    /// True once in this many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Random octets.
    pub fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.octet()).collect()
    }
}

/// Octets that tend to matter: borders of lengths, text and codes.
const TELLING: [u8; 16] =
    [0x00, 0x01, 0x1E, 0x1F, 0x20, 0x22, 0x7F, 0x80, 0x84, 0x87, 0xAF, 0xC4, 0xD8, 0xFE, 0xFF, 0x45];

/// A mutant: one to four changes of these octets (flips, sets, cuts, insertions, deletions, length bombs, splices).
pub fn mutate(rng: &mut Rng, octets: &[u8]) -> Vec<u8> {
    let mut out = octets.to_vec();
    for _ in 0..=rng.below(4) {
        change(rng, &mut out);
    }
    out
}

fn change(rng: &mut Rng, out: &mut Vec<u8>) {
    let kind = if out.is_empty() { 4 } else { rng.below(10) };
    let at = rng.below(out.len());
    match kind {
        0 => out[at] ^= 1 << rng.below(8),
        1 => out[at] = rng.octet(),
        2 => out[at] = *rng.pick(&TELLING),
        3 => out.truncate(at),
        4 => {
            let count = 1 + rng.below(8);
            let inserted = rng.octets(count);
            out.splice(at..at, inserted);
        }
        5 => {
            let end = (at + 1 + rng.below(8)).min(out.len());
            out.drain(at..end);
        }
        6 => {
            // A length field of one, two or four octets that promises everything.
            let width = *rng.pick(&[1, 2, 4]);
            let end = (at + width).min(out.len());
            out[at..end].fill(*rng.pick(&[0xFF, 0x7F, 0x80, 0x00]));
        }
        7 => {
            // A length field off by a little.
            out[at] = out[at].wrapping_add(*rng.pick(&[1, 0xFF, 2, 0xFE, 0x10]));
        }
        8 => {
            // A piece of the message once more, elsewhere.
            let end = (at + 1 + rng.below(24)).min(out.len());
            let piece = out[at..end].to_vec();
            let place = rng.below(out.len() + 1);
            out.splice(place..place, piece);
        }
        _ => {
            // A piece of the message over another.
            let from = rng.below(out.len());
            let count = (1 + rng.below(16)).min(out.len() - from).min(out.len() - at);
            out.copy_within(from..from + count, at);
        }
    }
}
