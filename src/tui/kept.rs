//! Where a frame is and what its record says, in few octets.
//!
//! Must not know what is in the frame.

use crate::capture::{Frame, Handle, LinkType};
use crate::model::Timestamp;

/// Where a frame is and what its record says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    offset: u64,
    time: i64,
    len: u32,
    orig_len: u32,
    /// Its number.
    pub(super) number: u32,
    file_number: u32,
    interface: u16,
    file: u16,
    link: u16,
    fcs_len: u8,
    flags: u8,
}

/// Octets of a written [`Kept`].
const SIZE: usize = 40;

// The promise of the manual: 200 octets per listed packet, of which the list's record takes 56.
const _: () = assert!(size_of::<Kept>() <= SIZE);

const TIMED: u8 = 1;
const SPOOLED: u8 = 2;
const LOST: u8 = 4;

impl Kept {
    /// The record of a frame that is stored there.
    pub(super) fn of(frame: &Frame<'_>, handle: Handle) -> Self {
        let (offset, len, file, place) = match handle {
            Handle::File { file, offset, len } => (offset, len, file, 0),
            Handle::Spool { offset, len } => (offset, len, frame.file, SPOOLED),
            Handle::Lost => (0, 0, frame.file, LOST),
        };
        Self {
            offset,
            time: frame.ts.map_or(0, Timestamp::nanos),
            len,
            orig_len: frame.orig_len,
            number: frame.number,
            file_number: frame.file_number,
            interface: u16::try_from(frame.interface).unwrap_or(u16::MAX),
            file,
            link: frame.link.0,
            fcs_len: frame.fcs_len,
            flags: place | if frame.ts.is_some() { TIMED } else { 0 },
        }
    }

    /// Where its octets are.
    pub(super) const fn handle(&self) -> Handle {
        if self.flags & LOST != 0 {
            Handle::Lost
        } else if self.flags & SPOOLED != 0 {
            Handle::Spool { offset: self.offset, len: self.len }
        } else {
            Handle::File { file: self.file, offset: self.offset, len: self.len }
        }
    }

    /// The frame with its octets, as far as a record of an ordinary frame says.
    pub(super) fn frame<'a>(&self, octets: &'a [u8]) -> Frame<'a> {
        let time = (self.flags & TIMED != 0).then(|| Timestamp::from_nanos(self.time));
        Frame {
            file: self.file,
            file_number: self.file_number,
            orig_len: self.orig_len,
            interface: u32::from(self.interface),
            fcs_len: self.fcs_len,
            ..Frame::new(self.number, time, LinkType(self.link), octets)
        }
    }

    /// Whether more must be kept of a frame than goes in here.
    pub(super) fn is_short_for(frame: &Frame<'_>) -> bool {
        // Of the options only comments are looked at again.
        !frame.odd.is_empty() || frame.comments().next().is_some() || frame.interface > u32::from(u16::MAX)
    }

    /// As octets.
    pub(super) fn octets(&self) -> [u8; SIZE] {
        let mut out = [0; SIZE];
        let numbers = self.offset.to_le_bytes().into_iter().chain(self.time.to_le_bytes());
        let words = [self.len, self.orig_len, self.number, self.file_number].map(u32::to_le_bytes);
        let halves = [self.interface, self.file, self.link].map(u16::to_le_bytes);
        let all = numbers.chain(words.into_iter().flatten()).chain(halves.into_iter().flatten());
        for (slot, octet) in out.iter_mut().zip(all.chain([self.fcs_len, self.flags])) {
            *slot = octet;
        }
        out
    }

    /// From those octets.
    pub(super) fn from_octets(octets: &[u8; SIZE]) -> Self {
        let mut rest = octets.as_slice();
        let mut take = |count: usize| {
            let (one, more) = rest.split_at_checked(count).unwrap_or((&[], &[]));
            rest = more;
            one.iter().rev().fold(0u64, |number, octet| number << 8 | u64::from(*octet))
        };
        let (offset, time) = (take(8), take(8).cast_signed());
        let mut word = || u32::try_from(take(4)).unwrap_or(0);
        let (len, orig_len, number, file_number) = (word(), word(), word(), word());
        let mut half = || u16::try_from(take(2)).unwrap_or(0);
        let (interface, file, link) = (half(), half(), half());
        let mut octet = || u8::try_from(take(1)).unwrap_or(0);
        let (fcs_len, flags) = (octet(), octet());
        Self { offset, time, len, orig_len, number, file_number, interface, file, link, fcs_len, flags }
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use crate::capture::{Frame, Handle, LinkType};
    use crate::model::Timestamp;

    #[test]
    fn a_record_says_the_same_after_being_written() {
        let time = Some(Timestamp::from_nanos(-3));
        let frame = Frame {
            file: 3,
            file_number: 70_001,
            orig_len: u32::MAX,
            interface: 9,
            fcs_len: 4,
            ..Frame::new(80_002, time, LinkType(113), b"abc")
        };
        for handle in
            [Handle::File { file: 3, offset: 1 << 40, len: 3 }, Handle::Spool { offset: 5, len: 3 }, Handle::Lost]
        {
            let kept = Kept::of(&frame, handle);
            assert_eq!((kept.handle(), Kept::from_octets(&kept.octets())), (handle, kept));
            assert_eq!(format!("{:?}", kept.frame(b"abc")), format!("{frame:?}"));
        }
    }
}
