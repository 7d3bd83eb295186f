//! Nonces seen in the capture: what clients told their servers to use next.
//!
//! A log that is only ever appended to and can be read while it grows. Every message remembers how long it was at its frame, and
//! is always verified with that prefix: looking at it again later, with other keys or in another order, sees the same
//! nonces. Must not know sessions or frames.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use super::secret::Secret;

/// A nonce seen in a session of the capture: what a client told its server to use next.
pub struct Candidate {
    /// The server it was told.
    pub server_id: Vec<u8>,
    /// The device that told it, in whatever form the caller also gives with the subject; `None` where unknown.
    pub device: Option<Vec<u8>>,
    /// The nonce, base64 decoded.
    pub nonce: Secret,
    /// The frame it was seen in.
    pub frame: u32,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate").field("frame", &self.frame).finish_non_exhaustive()
    }
}

/// A log takes no more candidates than this; a longer capture keeps the first ones.
const LOG_MAX: usize = CHUNK * CHUNKS;
/// Candidates for which room is made at a time,
const CHUNK: usize = 1 << 10;
/// and how often.
const CHUNKS: usize = 1 << 6;
/// Longest nonce, server identifier and device the log takes, in octets.
const VALUE_MAX: usize = 1 << 10;
/// Octets of all of them that the log takes.
const OCTETS_MAX: usize = 1 << 24;
/// Nonces of one server that are looked through for those of a device, newest first.
const LOOK_MAX: usize = 1 << 10;

/// A candidate, and the one before it of the same server.
struct Entry {
    candidate: Candidate,
    before: Option<usize>,
}

#[derive(Default)]
struct Index {
    /// Positions by server, rising.
    by_server: HashMap<Vec<u8>, Vec<usize>>,
    octets: usize,
}

/// Candidates in the order they were seen; never changed, only appended to. See the module's documentation.
pub struct NonceLog {
    chunks: Vec<OnceLock<Box<[OnceLock<Entry>]>>>,
    len: AtomicUsize,
    index: RwLock<Index>,
}

impl Default for NonceLog {
    fn default() -> Self {
        let chunks = (0..CHUNKS).map(|_| OnceLock::new()).collect();
        Self { chunks, len: AtomicUsize::new(0), index: RwLock::default() }
    }
}

impl std::fmt::Debug for NonceLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NonceLog").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl NonceLog {
    /// Appends a candidate; `false` where the log is full or a value is absurdly long.
    pub fn push(&self, candidate: Candidate) -> bool {
        let lens =
            [candidate.server_id.len(), candidate.device.as_ref().map_or(0, Vec::len), candidate.nonce.expose().len()];
        // Whoever appends holds the index: positions are given once.
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let at = self.len.load(Ordering::Acquire);
        let octets = lens.into_iter().fold(index.octets, usize::saturating_add);
        if at >= LOG_MAX || octets > OCTETS_MAX || lens.into_iter().any(|len| len > VALUE_MAX) {
            return false;
        }
        let chunk = self.chunks.get(at / CHUNK).map(|chunk| {
            chunk.get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect::<Vec<_>>().into_boxed_slice())
        });
        let Some(place) = chunk.and_then(|chunk| chunk.get(at % CHUNK)) else { return false };
        let positions = index.by_server.entry(candidate.server_id.clone()).or_default();
        let before = positions.last().copied();
        positions.push(at);
        index.octets = octets;
        let put = place.set(Entry { candidate, before }).is_ok();
        self.len.store(at + 1, Ordering::Release);
        put
    }

    /// How many candidates there are.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `len` candidates, or all where there are fewer.
    pub fn prefix(&self, len: usize) -> Learned<'_> {
        let len = len.min(self.len());
        Learned { log: (len > 0).then_some(self), len }
    }

    fn get(&self, at: usize) -> Option<&Entry> {
        self.chunks.get(at / CHUNK)?.get()?.get(at % CHUNK)?.get()
    }
}

/// What had been learned when a frame was seen: a beginning of a [`NonceLog`]. Without a log, nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Learned<'l> {
    log: Option<&'l NonceLog>,
    len: usize,
}

impl<'l> Learned<'l> {
    /// Nothing was learned.
    pub const NOTHING: Learned<'static> = Learned { log: None, len: 0 };

    /// How many candidates it holds.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The nonces told to a server by a device, newest first. Where either side does not say which device, any will do.
    pub(super) fn nonces(self, server: Option<&[u8]>, device: Option<&[u8]>) -> impl Iterator<Item = &'l Candidate> {
        let log = self.log.filter(|_| self.len > 0);
        let newest = log.zip(server).and_then(|(log, server)| {
            let index = log.index.read().unwrap_or_else(PoisonError::into_inner);
            let positions = index.by_server.get(server)?;
            let end = positions.partition_point(|&at| at < self.len);
            positions.get(end.checked_sub(1)?).copied()
        });
        let get = move |at: usize| log.and_then(|log| log.get(at));
        std::iter::successors(newest.and_then(get), move |entry| entry.before.and_then(get))
            .take(LOOK_MAX)
            .map(|entry| &entry.candidate)
            .filter(move |candidate| candidate.device.as_deref().zip(device).is_none_or(|(own, device)| own == device))
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Candidate, LOG_MAX, NonceLog, Secret};

    fn candidate(server: u32, device: Option<&[u8]>, frame: u32) -> Candidate {
        let device = device.map(<[u8]>::to_vec);
        Candidate { server_id: server.to_be_bytes().to_vec(), device, nonce: Secret::new(b"n"), frame }
    }

    #[test]
    fn a_prefix_does_not_see_what_is_appended_later() {
        let log = NonceLog::default();
        for frame in 0..3000u32 {
            assert!(log.push(candidate(frame % 3, (frame % 2 == 0).then_some(b"even".as_slice()), frame)));
        }
        let early = log.prefix(CHUNK);
        let frames = |server: u32, device: Option<&[u8]>, len: usize| -> Vec<u32> {
            let server = server.to_be_bytes();
            log.prefix(len).nonces(Some(&server), device).map(|candidate| candidate.frame).collect()
        };
        assert_eq!(early.len(), CHUNK);
        assert_eq!(frames(1, None, CHUNK)[..3], [1021, 1018, 1015]);
        assert_eq!(frames(1, Some(b"odd"), CHUNK)[..3], [1021, 1015, 1009], "devices that are not named fit any");
        assert_eq!(frames(1, None, 2), [1]);
        assert!(frames(1, None, 0).is_empty() && frames(1, None, 1).is_empty() && frames(7, None, 3000).is_empty());
        assert_eq!(frames(2, None, 5000)[0], 2999);
    }

    #[test]
    fn room_is_bounded() {
        let log = NonceLog::default();
        assert!(!log.push(Candidate { nonce: Secret::new(&[0; 2000]), ..candidate(1, None, 1) }));
        let taken = (0..u32::MAX).take_while(|frame| log.push(candidate(*frame, None, *frame))).count();
        assert_eq!((taken, log.len()), (LOG_MAX, LOG_MAX));
    }
}
