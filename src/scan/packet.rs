//! A packet: a frame that passed the gate, with all that is known of it.
//!
//! Lent to a sink and gone afterwards. Must not know how anything is printed.

use super::judge;
use crate::capture::Frame;
use crate::dissect::{Answer, Found, Message};
use crate::flow::{Messages, Signed};
use crate::model::walk::View;
use crate::verify::{Learned, Verdict};

/// A frame with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'p> {
    /// The frame it is listed under.
    pub frame: &'p Frame<'p>,
    /// Its octets, tree and notes.
    pub view: View<'p>,
    /// The pushes and messages in it.
    pub found: &'p Found,
    /// The verdict of each of [`Found::messages`].
    pub verdicts: &'p [Verdict],
    /// What was known when it was read; `None` on another thread than the one that reads.
    pub past: Option<Past<'p>>,
}

/// What a capture had told before a packet: with it the packet can be read again.
#[derive(Clone, Copy, Debug)]
pub struct Past<'p> {
    /// What `flow` answered, in order: with them the packet can be read again without memory.
    pub answers: &'p [Answer],
    /// The nonces learned from the capture before this packet.
    pub learned: Learned<'p>,
    /// The messages seen so far, by their digests; this packet's included.
    pub seen: &'p Messages,
}

impl<'p> Packet<'p> {
    /// The first message of the capture with the digest of this packet's message `index` (from 1), where that is another one.
    pub fn earlier(&self, index: u16) -> Option<Signed<'p>> {
        let message = self.found.messages.get(usize::from(index.checked_sub(1)?))?;
        judge::before(self.past?.seen, self.view.buffers, index, message)
    }

    /// The nonces learned from the capture before it.
    pub fn learned(&self) -> Learned<'p> {
        self.past.map(|past| past.learned).unwrap_or_default()
    }

    /// The messages with their verdicts.
    pub fn messages(&self) -> impl Iterator<Item = (&'p Message, Option<&'p Verdict>)> + use<'p> {
        let verdicts = self.verdicts;
        self.found.messages.iter().enumerate().map(move |(index, message)| (message, verdicts.get(index)))
    }
}
