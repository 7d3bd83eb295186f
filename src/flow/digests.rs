//! Digests seen before: a digest that comes again over other content was copied.
//!
//! Remembers the first message of each digest, bounded in octets. Must not know keys.

use std::collections::HashMap;

use super::hash::Seeded;
use super::ledger::Place;

/// What a remembered message costs beside its octets.
const COST: usize = 96;

/// A message remembered for its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Where it was seen.
    pub place: Place,
    /// The whole Package #0.
    pub message: Box<[u8]>,
}

/// The digests seen. See the module's documentation.
#[derive(Debug)]
pub struct Digests {
    room: usize,
    first: HashMap<Box<[u8]>, Signed, Seeded>,
    forgotten: u64,
}

impl Digests {
    /// Nothing seen yet; at most `room` octets are remembered.
    pub fn new(room: usize) -> Self {
        Self { room, first: HashMap::default(), forgotten: 0 }
    }

    /// The first message with this digest, where one was seen before.
    pub fn earlier(&self, digest: &[u8]) -> Option<&Signed> {
        self.first.get(digest)
    }

    /// Remembers a message for its digest, unless one is.
    pub fn remember(&mut self, digest: &[u8], place: Place, message: &[u8]) {
        if self.first.contains_key(digest) {
            return;
        }
        let cost = COST.saturating_add(digest.len()).saturating_add(message.len());
        match self.room.checked_sub(cost) {
            Some(left) => {
                self.room = left;
                self.first.insert(digest.into(), Signed { place, message: message.into() });
            }
            None => self.forgotten = self.forgotten.saturating_add(1),
        }
    }

    /// How many messages there was no room for.
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::{Digests, Place};

    #[test]
    fn the_first_message_of_a_digest_is_remembered_while_there_is_room() {
        let mut digests = Digests::new(300);
        digests.remember(&[1; 16], Place { frame: 3, index: 1 }, b"one");
        digests.remember(&[1; 16], Place { frame: 4, index: 1 }, b"two");
        digests.remember(&[2; 16], Place { frame: 5, index: 1 }, b"three");
        digests.remember(&[3; 16], Place { frame: 6, index: 1 }, b"no room");
        assert_eq!(digests.earlier(&[1; 16]).map(|s| (s.place.frame, &*s.message)), Some((3, &b"one"[..])));
        assert!(digests.earlier(&[2; 16]).is_some());
        assert!(digests.earlier(&[3; 16]).is_none());
        assert_eq!(digests.forgotten(), 1);
    }
}
