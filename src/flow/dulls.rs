//! Datagrams that interest nobody, while their fragments come as they should: a few words each instead of a set of fragments.
//!
//! Holds no octets and knows no order but the plain one: each fragment begins where the one before it ended. Whatever else
//! comes is for [`super::fragments`], which takes the datagram over. Must not know how interest is told.

use std::collections::HashMap;

use super::fragments::Key;
use super::hash::Seeded;
use crate::dissect::{Leg, Way};
use crate::model::{Duration, Timestamp};

/// A fragment as far as the gate reads it.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    /// The way to the datagram, its addresses included.
    pub way: Way,
    /// Protocol, as its own header states.
    pub proto: u8,
    /// Identification.
    pub id: u32,
    /// First octet in the datagram.
    pub offset: u32,
    /// One past the last octet, as its header states.
    pub end: u32,
    /// Whether more follow.
    pub more: bool,
    /// The octets that are there.
    pub octets: &'a [u8],
}

/// Datagrams remembered; the half touched last stays when there are more. As many as a table of 512 places takes: it is to stay
/// in the cache.
const MOST: usize = 448;

/// A datagram and the way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub(super) key: Key,
    pub(super) leg: Leg,
}

/// A datagram whose first fragment interests nobody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dull {
    /// Protocol, as the first fragment states.
    pub(super) proto: u8,
    /// All octets before this one came.
    pub(super) next: u32,
    /// When the first fragment came.
    pub(super) born: Option<Timestamp>,
    /// The last fragment came: the datagram is done with, but for copies of that fragment.
    pub(super) whole: bool,
    /// Place and first octets of the fragment that came last, to tell a copy of it.
    last: (u32, u64),
    touched: u64,
}

/// What a fragment is to a datagram that is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meets {
    /// Its next fragment, or a copy of the last one.
    Fits,
    /// Something else: the datagram is forgotten here.
    Not(Option<Dull>),
}

/// The datagrams. See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Dulls {
    known: HashMap<Id, Dull, Seeded>,
    touches: u64,
}

/// Place and first octets.
fn print(fragment: &Glance<'_>) -> (u32, u64) {
    let first = fragment.octets.first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first));
    (fragment.offset, first)
}

impl Dulls {
    /// A first fragment that interests nobody. One with the same identification was another datagram's, or a copy.
    pub(super) fn begin(&mut self, id: Id, fragment: &Glance<'_>, now: Option<Timestamp>) {
        if self.known.len() >= MOST {
            let limit = self.touches.saturating_sub(MOST as u64 / 2);
            self.known.retain(|_, dull| dull.touched > limit);
        }
        self.touches += 1;
        let dull = Dull {
            proto: fragment.proto,
            next: fragment.end,
            born: now,
            whole: false,
            last: print(fragment),
            touched: self.touches,
        };
        self.known.insert(id, dull);
    }

    /// A later fragment.
    pub(super) fn meet(&mut self, id: &Id, fragment: &Glance<'_>, now: Option<Timestamp>, age: Duration) -> Meets {
        let Some(dull) = self.known.get_mut(id) else { return Meets::Not(None) };
        let old = now.zip(dull.born).is_some_and(|(now, born)| now.since(born) > age);
        let print = print(fragment);
        let ends_there = (fragment.end == dull.next, fragment.more != dull.whole);
        if !old && dull.last == print && ends_there == (true, true) {
            return Meets::Fits;
        }
        if old || dull.whole || fragment.offset != dull.next {
            let gone = self.known.remove(id);
            return Meets::Not(gone.filter(|dull| !old && !dull.whole));
        }
        self.touches += 1;
        (dull.next, dull.whole, dull.last, dull.touched) = (fragment.end, !fragment.more, print, self.touches);
        Meets::Fits
    }

    /// Forgets a datagram.
    pub(super) fn forget(&mut self, id: &Id) {
        self.known.remove(id);
    }
}
