//! What is particular to some of the packets, as octets: short ones in memory, long ones in the spool file.
//!
//! Must not know what the octets say.

use super::chunks::Chunks;
use crate::capture::{FrameStore, Handle};

/// Octets that are put away together.
const CHUNK: usize = 1 << 16;
/// Longest octets that stay in memory.
const SHORT: usize = 120;
/// The length that says: in the spool file.
const AWAY: u16 = u16::MAX;

/// Octets of some packets. See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Packs {
    /// Packets, in order, and where their octets start.
    index: Chunks<(u32, u32)>,
    chunks: Vec<Vec<u8>>,
}

impl Packs {
    /// Puts the octets of a packet away, which comes after all packets before; `false` where there is no room.
    pub(super) fn put(&mut self, at: u32, octets: &[u8], spool: &mut FrameStore) -> bool {
        let mut away = [0; 12];
        let (head, body) = match u16::try_from(octets.len()) {
            Ok(len) if octets.len() <= SHORT => (len, octets),
            _ => {
                let Handle::Spool { offset, len } = spool.put_octets(octets) else { return false };
                let numbers = offset.to_le_bytes().into_iter().chain(len.to_le_bytes());
                away.iter_mut().zip(numbers).for_each(|(slot, octet)| *slot = octet);
                (AWAY, &away[..])
            }
        };
        let needs = body.len().saturating_add(2);
        if self.chunks.last().is_none_or(|chunk| chunk.len().saturating_add(needs) > CHUNK) {
            self.chunks.push(Vec::new());
        }
        let base = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        let Some(chunk) = self.chunks.last_mut() else { return false };
        let Ok(start) = u32::try_from(base.saturating_add(chunk.len())) else { return false };
        chunk.extend(head.to_le_bytes());
        chunk.extend(body);
        self.index.push((at, start));
        true
    }

    /// The octets of a packet; `None` where it has none.
    ///
    /// # Errors
    /// They cannot be read again.
    pub(super) fn get(&self, at: u32, spool: &FrameStore) -> Result<Option<Vec<u8>>, String> {
        let found = self.index.partition_point(|(packet, _)| *packet < at);
        let Some((_, start)) = self.index.get(found).filter(|(packet, _)| *packet == at) else { return Ok(None) };
        let rest = self.chunks.get(*start as usize / CHUNK).and_then(|chunk| chunk.get(*start as usize % CHUNK..));
        let Some((head, rest)) = rest.and_then(|rest| rest.split_first_chunk()) else { return Ok(None) };
        let head = u16::from_le_bytes(*head);
        if head != AWAY {
            return Ok(rest.get(..usize::from(head)).map(<[u8]>::to_vec));
        }
        let Some((offset, rest)) = rest.split_first_chunk() else { return Ok(None) };
        let Some(len) = rest.first_chunk() else { return Ok(None) };
        let handle = Handle::Spool { offset: u64::from_le_bytes(*offset), len: u32::from_le_bytes(*len) };
        spool.get(handle).map(Some).map_err(|error| error.to_string())
    }

    /// Lets go of the octets of packets before this one.
    pub(super) fn forget(&mut self, upto: u32) {
        let left = self.index.partition_point(|(packet, _)| *packet < upto);
        let Some((_, start)) = self.index.get(left) else { return };
        for chunk in self.chunks.iter_mut().take(*start as usize / CHUNK) {
            *chunk = Vec::new();
        }
        self.index.forget(left);
    }

    /// Octets of memory it takes.
    pub(super) fn octets(&self) -> usize {
        self.chunks.iter().map(Vec::capacity).sum::<usize>().saturating_add(self.index.octets())
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, FrameStore, Packs};

    #[test]
    fn short_and_long_octets_come_back_and_only_short_ones_take_memory() {
        let mut spool = FrameStore::new(10 << 20);
        let mut packs = Packs::default();
        let octets = |at: u32| vec![at.to_le_bytes()[0]; if at.is_multiple_of(3) { 900 } else { 40 }];
        for at in (0..6000).step_by(2) {
            assert!(packs.put(at, &octets(at), &mut spool));
        }
        for at in 0..6001u32 {
            let expected = (at.is_multiple_of(2) && at < 6000).then(|| octets(at));
            assert_eq!(packs.get(at, &spool), Ok(expected), "packet {at}");
        }
        assert!(packs.octets() < 3000 * 48 + 2 * CHUNK + 4096 * 8, "{}", packs.octets());
    }

    #[test]
    fn where_the_spool_is_full_it_says_so() {
        let mut spool = FrameStore::new(100);
        let mut packs = Packs::default();
        assert!(!packs.put(1, &[0; 500], &mut spool));
        assert_eq!(packs.get(1, &spool), Ok(None));
    }
}
