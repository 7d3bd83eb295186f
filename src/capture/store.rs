//! Frames to look at again: a place in a file that can be read again, else a copy in a spool file.
//!
//! The spool file has no name, so that nothing of it stays behind, and a bound. It is made of several pieces, so that what is
//! old can be given back. Must not know what is in the frames.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Write};

use super::frame::Frame;
use super::place::read_exact_at;

/// Where a stored frame is. Small, and free to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle {
    /// In its own file.
    File {
        /// Index of the input.
        file: u16,
        /// Where its octets start.
        offset: u64,
        /// How many there are.
        len: u32,
    },
    /// In the spool file.
    Spool {
        /// Where its octets start.
        offset: u64,
        /// How many there are.
        len: u32,
    },
    /// Not stored: the spool file was full or could not be written.
    Lost,
}

/// The stored frames. See the module's documentation.
#[derive(Debug)]
pub struct FrameStore {
    files: BTreeMap<u16, Option<File>>,
    /// The pieces of the spool file, the oldest first.
    spool: VecDeque<Piece>,
    used: u64,
    limit: u64,
    lost: u64,
}

/// A piece of the spool file.
#[derive(Debug)]
struct Piece {
    file: File,
    /// Where its octets start among all that were ever spooled.
    start: u64,
}

impl FrameStore {
    /// Most octets a spool file takes by default.
    pub const LIMIT: u64 = 4 << 30;

    /// A store whose spool file takes at most `limit` octets. The file is made when the first frame needs it.
    pub const fn new(limit: u64) -> Self {
        Self { files: BTreeMap::new(), spool: VecDeque::new(), used: 0, limit, lost: 0 }
    }

    /// Stores a frame: a note of its place where it has a home, else its octets.
    pub fn put(&mut self, frame: &Frame<'_>) -> Handle {
        let Ok(len) = u32::try_from(frame.data.len()) else { return self.lose() };
        if let Some(home) = frame.home {
            let kept = self.files.entry(frame.file).or_insert_with(|| home.try_clone().ok());
            if kept.is_some() {
                return Handle::File { file: frame.file, offset: frame.data_offset, len };
            }
        }
        self.put_octets(frame.data)
    }

    /// Stores octets in the spool file.
    pub fn put_octets(&mut self, octets: &[u8]) -> Handle {
        let (Ok(len), offset) = (u32::try_from(octets.len()), self.used) else { return self.lose() };
        let end = offset.saturating_add(u64::from(len));
        let first = self.spool.front().map_or(offset, |piece| piece.start);
        if end.saturating_sub(first) > self.limit {
            return self.lose();
        }
        let piece = self.limit.checked_div(PIECES).unwrap_or(0).max(PIECE_MIN);
        if self.spool.back().is_none_or(|last| end.saturating_sub(last.start) > piece)
            && let Ok(file) = tempfile::tempfile()
        {
            self.spool.push_back(Piece { file, start: offset });
        }
        let Some(spool) = self.spool.back_mut() else { return self.lose() };
        if spool.file.write_all(octets).is_err() {
            // What was written in part is behind the end of what is used; nothing more can be appended safely.
            self.limit = 0;
            return self.lose();
        }
        self.used = end;
        Handle::Spool { offset, len }
    }

    /// Gives back what was spooled before the octets of this handle; frames there are not kept any more.
    pub fn forget_before(&mut self, handle: Handle) {
        let Handle::Spool { offset, .. } = handle else { return };
        while self.spool.get(1).is_some_and(|second| second.start <= offset) {
            self.spool.pop_front();
        }
    }

    /// How many octets are in the spool file, and how many may be.
    pub fn spooled(&self) -> (u64, u64) {
        (self.used.saturating_sub(self.spool.front().map_or(self.used, |piece| piece.start)), self.limit)
    }

    fn lose(&mut self) -> Handle {
        self.lost = self.lost.saturating_add(1);
        Handle::Lost
    }

    /// How many frames could not be stored.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// The octets of a stored frame.
    ///
    /// # Errors
    /// The frame was not stored, or its file was changed or taken away.
    pub fn get(&self, handle: Handle) -> io::Result<Vec<u8>> {
        let missing = |text: &str| io::Error::new(io::ErrorKind::NotFound, text.to_owned());
        let (file, offset, len) = match handle {
            Handle::File { file, offset, len } => {
                let file = self.files.get(&file).and_then(Option::as_ref);
                (file.ok_or_else(|| missing("the frame's file is not known"))?, offset, len)
            }
            Handle::Spool { offset, len } => {
                let at = self.spool.partition_point(|piece| piece.start <= offset).checked_sub(1);
                let piece =
                    at.and_then(|at| self.spool.get(at)).ok_or_else(|| missing("the frame is not kept any more"))?;
                (&piece.file, offset.saturating_sub(piece.start), len)
            }
            Handle::Lost => return Err(missing("the frame was not kept: the spool file was full")),
        };
        let mut octets = vec![0; super::octets::wide(len)];
        read_exact_at(file, offset, &mut octets)?;
        Ok(octets)
    }
}

/// Pieces that a full spool file is made of, and the least octets of one.
const PIECES: u64 = 16;
const PIECE_MIN: u64 = 1 << 20;

impl Default for FrameStore {
    fn default() -> Self {
        Self::new(Self::LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, FrameStore, Handle};
    use crate::capture::LinkType;

    #[test]
    fn spooled_frames_come_back_and_the_bound_holds() {
        let mut store = FrameStore::new(8);
        let put = |store: &mut FrameStore, data: &[u8]| store.put(&Frame::new(1, None, LinkType::ETHERNET, data));
        let (first, second) = (put(&mut store, b"abc"), put(&mut store, b"defg"));
        assert_eq!(put(&mut store, b"hi"), Handle::Lost);
        let third = put(&mut store, b"j");
        assert_eq!(store.get(second).unwrap(), b"defg");
        assert_eq!(store.get(first).unwrap(), b"abc");
        assert_eq!(store.get(third).unwrap(), b"j");
        assert!(store.get(Handle::Lost).is_err());
        assert_eq!(store.lost(), 1);
    }

    #[test]
    fn what_is_old_can_be_given_back_and_makes_room() {
        let mut store = FrameStore::new(4 << 20);
        let octets = vec![7; 600 << 10];
        let all: Vec<Handle> = (0..6).map(|_| store.put_octets(&octets)).collect();
        assert!(all.iter().all(|handle| store.get(*handle).is_ok_and(|back| back == octets)));
        assert_eq!(store.put_octets(&octets), Handle::Lost);
        store.forget_before(all[3]);
        assert!(store.get(all[0]).is_err() && store.get(all[3]).is_ok());
        assert!(store.spooled().0 <= (3 * 600) << 10);
        let next = store.put_octets(&octets);
        assert_eq!(store.get(next).unwrap(), octets);
        assert_eq!(store.get(all[5]).unwrap(), octets);
    }
}
