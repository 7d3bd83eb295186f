//! Octets on their way from a live capture to whoever looks at them: in memory, and in a spill file while nobody does.
//!
//! Putting in never waits; a screen that stands still costs disk, not frames. Must not know what the octets are.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::place::read_exact_at;

/// How often somebody who waits is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(50);
/// Octets read back from the spill file at once.
const BACK: u64 = 1 << 20;

/// The end that puts in.
#[derive(Clone, Debug)]
pub(crate) struct Queue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Octets held in memory, and in the spill file.
    limits: (usize, u64),
}

#[derive(Debug, Default)]
struct State {
    memory: VecDeque<Vec<u8>>,
    octets: usize,
    spill: Option<Spill>,
    closed: bool,
    /// Nobody takes anything out any more.
    left: bool,
}

/// What is in the spill file: everything in it came after everything in memory.
#[derive(Debug)]
struct Spill {
    file: File,
    start: u64,
    end: u64,
}

impl Queue {
    /// A queue that holds so many octets in memory, and so many in a spill file; and the end that takes out.
    ///
    /// `meanwhile` is called whenever that end looks for more; `false` ends the reading.
    pub(crate) fn new(memory: usize, spill: u64, meanwhile: Meanwhile) -> (Self, Reader) {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), limits: (memory, spill) });
        let reader = Reader { shared: Arc::clone(&shared), chunk: Vec::new(), at: 0, meanwhile };
        (Self(shared), reader)
    }

    /// Whether nothing more should be put in: there is no room, or nobody who takes it out.
    pub(crate) fn is_full(&self) -> bool {
        let state = self.0.lock();
        state.left || state.spill.as_ref().is_some_and(|spill| spill.end.saturating_sub(spill.start) >= self.0.limits.1)
    }

    /// Puts octets in.
    ///
    /// # Errors
    /// The spill file cannot be written: the octets are lost, and those after them would be useless.
    pub(crate) fn put(&self, octets: Vec<u8>) -> io::Result<()> {
        let mut state = self.0.lock();
        if octets.is_empty() || state.left {
            return Ok(());
        }
        if state.spill.is_none() && state.octets < self.0.limits.0 {
            state.octets = state.octets.saturating_add(octets.len());
            state.memory.push_back(octets);
            self.0.changed.notify_one();
            return Ok(());
        }
        let result = state.spill(&octets);
        if result.is_err() {
            state.closed = true;
        }
        self.0.changed.notify_one();
        result
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.0.lock().closed = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// The state, even if a thread died while it held it: it is consistent between any two statements.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn spill(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.spill.is_none() {
            self.spill = Some(Spill { file: tempfile::tempfile()?, start: 0, end: 0 });
        }
        let Some(spill) = &mut self.spill else { return Ok(()) };
        spill.file.seek(SeekFrom::Start(spill.end))?;
        spill.file.write_all(octets)?;
        spill.end = spill.end.saturating_add(octets.len() as u64);
        Ok(())
    }

    /// The next octets, where there are any.
    fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(chunk) = self.memory.pop_front() {
            self.octets = self.octets.saturating_sub(chunk.len());
            return Ok(Some(chunk));
        }
        let Some(spill) = &mut self.spill else { return Ok(None) };
        let len = spill.end.saturating_sub(spill.start).min(BACK);
        let mut chunk = vec![0; usize::try_from(len).unwrap_or(0)];
        read_exact_at(&spill.file, spill.start, &mut chunk)?;
        spill.start = spill.start.saturating_add(len);
        if spill.start >= spill.end {
            // What comes now fits memory again; the file goes.
            self.spill = None;
        }
        Ok(Some(chunk))
    }
}

/// Called by the end that takes out, whenever it looks for more; `false` ends the reading.
pub type Meanwhile = Box<dyn FnMut() -> bool + Send>;

/// The end that takes out: a reader that waits until there is more, or the end.
pub(crate) struct Reader {
    shared: Arc<Shared>,
    chunk: Vec<u8>,
    at: usize,
    meanwhile: Meanwhile,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.chunk.len() {
            if !(self.meanwhile)() {
                return Ok(0);
            }
            let mut state = self.shared.lock();
            match state.take()? {
                Some(chunk) => (self.chunk, self.at) = (chunk, 0),
                None if state.closed => return Ok(0),
                None => drop(self.shared.changed.wait_timeout(state, PATIENCE)),
            }
        }
        let count = self.chunk.get(self.at..).unwrap_or_default().read(into)?;
        self.at = self.at.saturating_add(count);
        Ok(count)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.left = true;
        state.memory.clear();
        state.spill = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use std::io::Read;

    #[test]
    fn what_does_not_fit_memory_is_spilled_and_comes_back_in_order() {
        let (queue, mut reader) = Queue::new(10, 1000, Box::new(|| true));
        let mut expected = Vec::new();
        let mut put = |number: u8| {
            let chunk = vec![number; 6];
            expected.extend_from_slice(&chunk);
            queue.put(chunk).unwrap();
        };
        (0..50).for_each(&mut put);
        let mut back = vec![0; 100];
        reader.read_exact(&mut back).unwrap();
        // Spilled still: memory is not used before the file is empty.
        (50..60).for_each(&mut put);
        queue.close();
        reader.read_to_end(&mut back).unwrap();
        assert_eq!(back, expected);
    }

    #[test]
    fn nobody_is_kept_waiting_by_a_full_queue_or_a_reader_that_left() {
        let (queue, reader) = Queue::new(4, 8, Box::new(|| true));
        queue.put(vec![0; 4]).unwrap();
        assert!(!queue.is_full());
        queue.put(vec![0; 8]).unwrap();
        assert!(queue.is_full());
        drop(reader);
        assert!(queue.is_full());
        queue.put(vec![0; 8]).unwrap();
    }

    #[test]
    fn waiting_ends_when_the_reader_is_told_so() {
        let mut turns = 3;
        let (_queue, mut reader) = Queue::new(
            4,
            8,
            Box::new(move || {
                turns -= 1;
                turns > 0
            }),
        );
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
    }
}
