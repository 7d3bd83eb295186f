//! A fast hash for keys that come from packets: seeded, so that nobody can choose keys that collide.
//!
//! Must not know the keys, and nothing may depend on the order it gives.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::fast::{FoldHasher, SeedableRandomState};

/// What whoever makes up packets does not know. From the random numbers of the system: what foldhash takes by itself, the
/// places of things in memory and the time, can be guessed in part.
static SECRET: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(random()));

fn random() -> u64 {
    RandomState::new().hash_one(0u64)
}

/// Makes hashers with one random seed.
#[derive(Clone, Debug)]
pub(super) struct Seeded(SeedableRandomState);

impl Default for Seeded {
    fn default() -> Self {
        Self(SeedableRandomState::with_seed(random(), &SECRET))
    }
}

impl BuildHasher for Seeded {
    type Hasher = FoldHasher<'static>;

    #[inline]
    fn build_hasher(&self) -> FoldHasher<'static> {
        self.0.build_hasher()
    }
}
