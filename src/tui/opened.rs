//! One packet taken out to be looked at: octets, tree, notes and verdicts, owned.
//!
//! Must not know where it came from nor how it is shown.

use crate::dissect::Found;
use crate::model::{BufId, Buffers, Derived, Notes, Timestamp, Tree, View, buffer};
use crate::verify::Verdict;

/// One packet, owned.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Its index among the listed packets.
    pub at: u32,
    /// Number of the frame it is listed under.
    pub number: u32,
    /// Capture time.
    pub time: Option<Timestamp>,
    /// The frame's octets.
    pub frame: Vec<u8>,
    /// Buffers made from it and from other frames.
    pub derived: Vec<Derived>,
    /// What was read.
    pub tree: Tree,
    /// What was computed.
    pub notes: Notes,
    /// Pushes and messages.
    pub found: Found,
    /// The verdict of each message.
    pub verdicts: Vec<Verdict>,
    /// Octets of the other frames it was put together from, by number.
    pub others: Vec<(u32, Vec<u8>)>,
}

impl Opened {
    /// Looks at it as one.
    pub fn with<R>(&self, look: impl FnOnce(View<'_>) -> R) -> R {
        let buffers = Buffers::over(self.number, &self.frame, &self.derived);
        look(View { buffers: &buffers, tree: &self.tree, notes: &self.notes })
    }

    /// The octets of one of its buffers.
    pub fn buffer_octets(&self, id: BufId) -> &[u8] {
        buffer::bytes(&self.frame, &self.derived, id)
    }

    /// The octets of a frame that contributes to it.
    pub fn frame_octets(&self, number: u32) -> Option<&[u8]> {
        if number == self.number {
            return Some(&self.frame);
        }
        self.others.iter().find(|(n, _)| *n == number).map(|(_, octets)| octets.as_slice())
    }
}
