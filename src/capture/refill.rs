//! The buffer between a reader and framing: holds what is not used up yet, and grows only as octets really arrive.
//!
//! Must not know formats.

use std::io::Read;

/// Usual size in octets: fits the second-level cache of common machines, beside what the system copies from.
pub(crate) const USUAL: usize = 256 << 10;

/// The buffer. See the module's documentation.
pub(crate) struct Refill {
    source: Box<dyn Read + Send>,
    octets: Vec<u8>,
    /// The part that is not used up.
    start: usize,
    end: usize,
    /// Place in the file of the octet at `start`.
    at: u64,
    ended: bool,
    error: Option<String>,
    usual: usize,
}

impl Refill {
    /// A buffer of `usual` octets over a reader whose first octet stands at `at` in the file.
    pub(crate) fn new(source: Box<dyn Read + Send>, at: u64, usual: usize) -> Self {
        Self { source, octets: Vec::new(), start: 0, end: 0, at, ended: false, error: None, usual }
    }

    /// What is there and not used up.
    #[inline]
    pub(crate) fn octets(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or(&[])
    }

    /// Place in the file of the first of [`Refill::octets`].
    #[inline]
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// Whether nothing more will come.
    #[inline]
    pub(crate) const fn ended(&self) -> bool {
        self.ended
    }

    /// Why reading ended early, once.
    pub(crate) fn take_error(&mut self) -> Option<String> {
        self.error.take()
    }

    /// Uses up octets; they stay readable through [`Refill::before`] until the next [`Refill::fill`].
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end.saturating_sub(self.start));
        self.start = self.start.saturating_add(count);
        self.at = self.at.saturating_add(count as u64);
    }

    /// The last `count` octets that were used up.
    #[inline]
    pub(crate) fn before(&self, count: usize) -> &[u8] {
        self.octets.get(self.start.saturating_sub(count)..self.start).unwrap_or(&[])
    }

    /// Reads until at least `want` octets are there, or the file ends. Takes more where they are there anyway, but never
    /// waits for them.
    #[cold]
    pub(crate) fn fill(&mut self, want: usize) {
        self.octets.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        // A single huge record must not hold its memory for the rest of the file.
        if self.octets.len() > self.usual.saturating_mul(8) && self.end.max(want) < self.usual {
            self.octets.truncate(self.usual);
            self.octets.shrink_to_fit();
        }
        while !self.ended && self.end < want {
            if self.end >= self.octets.len() {
                // Doubling in steps: a length that lies costs at most twice what the file really holds.
                let grown = self.octets.len().saturating_mul(2).max(self.usual);
                if self.octets.is_empty() {
                    // Fresh from the system such memory costs nothing until it is used.
                    self.octets = vec![0; grown];
                } else {
                    self.octets.resize(grown, 0);
                }
            }
            let Some(room) = self.octets.get_mut(self.end..) else { break };
            match self.source.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end = self.end.saturating_add(count).min(self.octets.len()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error.to_string());
                    self.ended = true;
                }
            }
        }
    }
}

impl std::fmt::Debug for Refill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refill").field("at", &self.at).field("ended", &self.ended).finish_non_exhaustive()
    }
}
