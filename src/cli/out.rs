//! Standard output: buffered, honest about errors, silent about a reader that went away.
//!
//! Must not know what is written.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;

/// Octets that are collected before they are written.
const ROOM: usize = 1 << 16;

/// Where results go.
pub(super) struct Out {
    inner: Box<dyn Write + Send>,
    /// What was not written yet.
    room: Vec<u8>,
    terminal: bool,
    failed: Option<io::Error>,
    gone: bool,
}

impl Out {
    /// Standard output.
    pub(super) fn stdout() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self { inner: Box::new(stdout), room: Vec::with_capacity(2 * ROOM), terminal, failed: None, gone: false }
    }

    /// Whether a person looks at it.
    pub(super) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes; `Break` when there is no point in going on.
    pub(super) fn put(&mut self, octets: &[u8]) -> ControlFlow<()> {
        self.room.extend_from_slice(octets);
        self.settle()
    }

    /// Where to append what is to be written; [`Out::settle`] comes afterwards.
    pub(super) const fn room(&mut self) -> &mut Vec<u8> {
        &mut self.room
    }

    /// Writes what was collected if it is much; `Break` when there is no point in going on.
    pub(super) fn settle(&mut self) -> ControlFlow<()> {
        if self.room.len() < ROOM { ControlFlow::Continue(()) } else { self.write() }
    }

    fn write(&mut self) -> ControlFlow<()> {
        let result = self.inner.write_all(&self.room);
        // A packet larger than all others does not take its room for ever.
        self.room.clear();
        self.room.shrink_to(2 * ROOM);
        self.check(result)
    }

    /// Writes out what is buffered: a line on a terminal or a pipe that somebody watches.
    pub(super) fn flush(&mut self) -> ControlFlow<()> {
        self.write()?;
        let result = self.inner.flush();
        self.check(result)
    }

    fn check(&mut self, result: io::Result<()>) -> ControlFlow<()> {
        match result {
            Ok(()) => ControlFlow::Continue(()),
            // The reader has seen enough (`| head`): that is success.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                ControlFlow::Break(())
            }
            Err(error) => {
                self.failed.get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Flushes, and says whether everything was written.
    ///
    /// # Errors
    /// The first error of writing; a reader that went away is none.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.gone && self.failed.is_none() {
            let _ = self.flush();
        }
        let named = |error: io::Error| io::Error::new(error.kind(), format!("standard output: {error}"));
        self.failed.take().map_or(Ok(()), |error| Err(named(error)))
    }
}

/// What was printed before an error elsewhere is seen.
impl Drop for Out {
    fn drop(&mut self) {
        if !self.gone && self.failed.is_none() {
            let _ = self.inner.write_all(&self.room);
        }
    }
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Out").field("terminal", &self.terminal).field("gone", &self.gone).finish_non_exhaustive()
    }
}
