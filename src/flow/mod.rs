//! Memory across frames: answers what a dissector cannot know from one frame alone.
//!
//! The only mutable protocol state there is. Consumes frames in their order on one thread; bounded in octets, entries and age,
//! where age counts in capture time alone. Must not know capture files or output: what the engine wants to keep of a frame, so
//! that it can read it again later, is the engine's own type `K`.

mod dulls;
pub mod fragments;
mod hash;
pub mod ledger;
pub mod messages;
pub mod parts;
pub mod peers;
mod recent;
pub mod segments;
mod set;
mod stream;
pub mod streams;
pub mod windows;

#[cfg(test)]
mod fragment_tests;
#[cfg(test)]
mod part_tests;
#[cfg(test)]
mod stream_tests;

use crate::dissect::{Answer, Change, Need, Table};
use crate::model::{Buffers, Duration, Rule, Timestamp};

pub use dulls::Glance;
pub use fragments::{Fragments, Interest, Stats};
pub use ledger::{Ledger, Seen};
pub use messages::{Messages, Place, Signed};
pub use parts::Parts;
pub use peers::Peers;
pub use segments::Segments;
pub use streams::Streams;
pub use windows::{WindowError, Windows};

/// Every rule that only memory across frames can find broken.
pub static RULES: &[&[&Rule]] = &[fragments::RULES, parts::RULES, segments::RULES, streams::RULES];

/// How much may be remembered.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Octets of fragments and kept frames, administration included.
    pub octets: usize,
    /// Datagrams that wait for fragments or are remembered as finished.
    pub datagrams: usize,
    /// Fragments of one datagram.
    pub fragments: usize,
    /// TCP streams, each direction one.
    pub streams: usize,
    /// How long a datagram waits for its fragments, in capture time.
    pub age: Duration,
    /// How long a concatenated short message waits for its parts, in capture time.
    pub concat: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            octets: 4 << 20,
            datagrams: 8192,
            fragments: 1024,
            streams: 16_384,
            age: Duration::from_secs(30),
            concat: Duration::from_secs(600),
        }
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
    parts: Parts<K>,
    segments: Segments<K>,
    peers: Peers<K>,
    streams: Streams<K>,
}

impl<K> Flow<K> {
    /// Empty memory of this size.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            fragments: Fragments::new(bounds),
            parts: Parts::new(bounds),
            segments: Segments::new(),
            peers: Peers::new(bounds.octets),
            streams: Streams::new(bounds),
        }
    }

    /// Datagrams whose first fragment does not interest are not remembered: `interest` sees the protocol and the first octets.
    pub fn only(&mut self, interest: Interest) {
        self.fragments.only(interest);
    }

    /// Whether a fragment belongs to a datagram that interests nobody, told before it is dissected: then it need not be, and must
    /// not be asked about. Where there is any doubt the answer is no.
    pub fn is_dull(&mut self, fragment: &Glance<'_>, time: Option<Timestamp>) -> bool {
        self.fragments.is_dull(fragment, time)
    }

    /// Streams on ports that this table claims are read whatever they begin with.
    pub fn claims(&mut self, table: &Table) {
        self.streams.claims(table);
    }

    /// Capture time goes on: what waited too long becomes late. Times that run backwards change nothing.
    #[inline]
    pub fn advance(&mut self, time: Option<Timestamp>) {
        self.fragments.advance(time);
        self.parts.advance(time);
        self.segments.advance(time);
        self.peers.advance(time);
        self.streams.advance(time);
    }

    /// The answer to a question about a frame. `keep` is asked only when the frame may have to be read again.
    pub fn answer(&mut self, need: &Need, buffers: &Buffers<'_>, keep: impl FnOnce() -> Kept<K>) -> Answer {
        match need {
            Need::IpFragment(fragment) => {
                let octets = buffers.octets(fragment.payload);
                let pieces = buffers.pieces(fragment.payload, 0);
                self.fragments.add(fragment, octets, pieces, keep)
            }
            Need::SmsPart(part) => {
                self.parts.add(part, buffers.octets(part.payload), buffers.pieces(part.payload, 0), keep)
            }
            Need::Segment(segment) => {
                self.segments.add(segment, buffers.octets(segment.payload), &buffers.pieces(segment.payload, 0), keep)
            }
            Need::StreamOctets(need) => self.streams.add(need, buffers, keep),
            Need::Peer(peer) => self.peers.ask(peer, buffers.number(), keep),
        }
    }

    /// What was decided late, one by one; to be asked until there is nothing.
    #[inline]
    pub fn late(&mut self) -> Option<Late<K>> {
        let fragment = self.fragments.late();
        fragment
            .or_else(|| self.streams.late())
            .or_else(|| self.segments.late())
            .or_else(|| self.parts.late())
            .or_else(|| self.peers.late())
    }

    /// Outcomes of pushes that were listed before, one by one; to be asked until there is nothing.
    #[inline]
    pub fn change(&mut self) -> Option<Change> {
        self.peers.change()
    }

    /// A TCP port that nobody claims and on which a stream was recognised by its content, and the layer of its messages; each
    /// is told once.
    #[inline]
    pub fn recognised(&mut self) -> Option<(u16, &'static str)> {
        self.streams.recognised()
    }

    /// No more frames will come: everything that waits becomes late.
    pub fn finish(&mut self) {
        self.fragments.finish();
        self.streams.finish();
        self.segments.finish();
        self.parts.finish();
        self.peers.finish();
    }

    /// What was remembered, completed and forgotten.
    pub fn stats(&self) -> &Stats {
        self.fragments.stats()
    }
}
