//! Memory across frames: answers what a dissector cannot know from one frame alone.
//!
//! The only mutable protocol state there is. Consumes frames in their order on one thread; bounded in octets, entries and age,
//! where age counts in capture time alone. Must not know capture files or output: what the engine wants to keep of a frame, so
//! that it can read it again later, is the engine's own type `K`.

pub mod digests;
pub mod fragments;
pub mod ledger;
mod set;
pub mod windows;

#[cfg(test)]
mod fragment_tests;

use crate::dissect::{Answer, Need};
use crate::model::{Buffers, Duration, Rule, Timestamp};

pub use digests::{Digests, Signed};
pub use fragments::{Fragments, Interest, Stats};
pub use ledger::{Ledger, Place, Seen};
pub use windows::{WindowError, Windows};

/// Every rule that only memory across frames can find broken.
pub static RULES: &[&Rule] = fragments::RULES;

/// How much may be remembered.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Octets of fragments and kept frames, administration included.
    pub octets: usize,
    /// Datagrams that wait for fragments or are remembered as finished.
    pub datagrams: usize,
    /// Fragments of one datagram.
    pub fragments: usize,
    /// How long a datagram waits for its fragments, in capture time.
    pub age: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { octets: 4 << 20, datagrams: 8192, fragments: 1024, age: Duration::from_secs(30) }
    }
}

/// What the engine keeps of a frame.
#[derive(Clone, Debug)]
pub struct Kept<K> {
    /// Enough to read the frame again: its octets, where it stands, the answers it got so far.
    pub frame: K,
    /// How many octets that takes.
    pub octets: usize,
}

/// A datagram that will not be completed: its last frame is to be read again, with this answer after the ones it got before.
#[derive(Clone, Debug)]
pub struct Late<K> {
    /// What was kept of the last frame.
    pub frame: K,
    /// The octets from the first to the first gap, and what is missing.
    pub answer: Answer,
}

/// The memory. See the module's documentation.
#[derive(Debug)]
pub struct Flow<K> {
    fragments: Fragments<K>,
}

impl<K> Flow<K> {
    /// Empty memory of this size.
    pub fn new(bounds: Bounds) -> Self {
        Self { fragments: Fragments::new(bounds) }
    }

    /// Datagrams whose first fragment does not interest are not remembered: `interest` sees the protocol and the first octets.
    pub fn only(&mut self, interest: Interest) {
        self.fragments.only(interest);
    }

    /// Capture time goes on: what waited too long becomes late. Times that run backwards change nothing.
    pub fn advance(&mut self, time: Option<Timestamp>) {
        self.fragments.advance(time);
    }

    /// The answer to a question about a frame. `keep` is asked only when the frame may have to be read again.
    pub fn answer(&mut self, need: &Need, buffers: &Buffers<'_>, keep: impl FnOnce() -> Kept<K>) -> Answer {
        match need {
            Need::IpFragment(fragment) => {
                let octets = buffers.octets(fragment.payload);
                let pieces = buffers.pieces(fragment.payload, 0);
                self.fragments.add(fragment, octets, pieces, keep)
            }
        }
    }

    /// The next datagram that was given up, in the order they began; to be asked until there is none.
    pub fn late(&mut self) -> Option<Late<K>> {
        self.fragments.late()
    }

    /// No more frames will come: everything that waits becomes late.
    pub fn finish(&mut self) {
        self.fragments.finish();
    }

    /// What was remembered, completed and forgotten.
    pub fn stats(&self) -> &Stats {
        self.fragments.stats()
    }
}
