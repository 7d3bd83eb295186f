//! A stretch of a capture after the gate: which of its frames are to be dissected, and when all of them were.
//!
//! Made on any thread, fed to the engine on one, in the merged order of all frames. Must not know how it was read.

use std::ops::ControlFlow;

use super::engine::{Engine, Sink};
use super::gate::Gate;
use crate::capture::{Batch, Frame, Glimpse, Home};
use crate::model::Timestamp;

/// Frames that follow each other in one capture. See the module's documentation.
#[derive(Debug, Default)]
pub struct Stretch {
    frames: usize,
    /// Frames before the first one with a time.
    untimed: usize,
    /// The latest time up to each frame after those: the order in which captures are merged.
    times: Vec<Timestamp>,
    /// Positions of the frames that passed the gate.
    passed: Vec<usize>,
    batch: Batch,
    /// Place in the file where the last frame ends.
    offset: u64,
    /// Frames can be read again from their file.
    rereadable: bool,
}

impl Stretch {
    /// The next frame of the capture; whether it passes the gate, and then it is to be taken.
    #[inline]
    pub fn passes(&mut self, gate: &Gate, glimpse: &Glimpse<'_>) -> bool {
        match glimpse.ts.max(self.times.last().copied()) {
            Some(time) => self.times.push(time),
            None => self.untimed += 1,
        }
        let passes = gate.matters(glimpse.link.0, glimpse.data);
        if passes {
            self.passed.push(self.frames);
        }
        self.frames += 1;
        self.offset = glimpse.end;
        passes
    }

    /// The frame that passed just now.
    pub fn take(&mut self, frame: &Frame<'_>) {
        self.batch.take(frame);
        self.rereadable = frame.home.is_some();
    }

    /// How many frames it has.
    pub const fn frames(&self) -> usize {
        self.frames
    }

    /// Whether most of its frames passed the gate: then taking them along costs more than the gate saves.
    pub fn is_dense(&self) -> bool {
        self.passed.len() > self.frames / 2
    }

    /// Place in the file where its last frame ends.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Octets that frames to be dissected take.
    pub fn octets(&self) -> usize {
        self.batch.octets()
    }
}

/// A stretch on its way through the engine.
#[derive(Debug)]
pub struct Feed {
    stretch: Stretch,
    /// Index of the input.
    file: u16,
    /// Frames of the same file before those that the stretch counts.
    before: u32,
    /// The latest time before the stretch.
    carry: Option<Timestamp>,
    /// The next frame.
    next: usize,
    /// The next of those that passed the gate.
    passed: usize,
    /// The first time of the stretch was told.
    timed: bool,
}

impl Feed {
    /// Starts a stretch of an input; `carry` is what [`Feed::key`] was at the end of the one before.
    pub fn new(stretch: Stretch, file: u16, before: u32, carry: Option<Timestamp>) -> Self {
        Self { stretch, file, before, carry, next: 0, passed: 0, timed: false }
    }

    /// Whether all its frames went through.
    pub const fn is_done(&self) -> bool {
        self.next >= self.stretch.frames
    }

    /// Its stretch.
    pub const fn stretch(&self) -> &Stretch {
        &self.stretch
    }

    /// The place of the next frame in the merged order, and after the last one the place of that.
    ///
    /// Merging by the times of the captures' next frames is sorting by the latest time so far: a frame that runs behind in
    /// its capture follows at once.
    pub fn key(&self) -> (Option<Timestamp>, u16) {
        (self.latest(self.next.min(self.stretch.frames.saturating_sub(1))), self.file)
    }

    fn latest(&self, frame: usize) -> Option<Timestamp> {
        let of = frame.checked_sub(self.stretch.untimed).and_then(|at| self.stretch.times.get(at)).copied();
        of.max(self.carry)
    }

    /// Puts the frames up to a place in the merged order (all for `None`) through the engine.
    ///
    /// # Errors
    /// `Break` when the sink wants no more, or when [`Engine::has_grown_gate`].
    pub fn until(
        &mut self,
        limit: Option<(Option<Timestamp>, u16)>,
        home: Option<&Home>,
        engine: &mut Engine<'_>,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        let home = home.filter(|_| self.stretch.rereadable);
        let end = limit.map_or(self.stretch.frames, |limit| self.reach(limit));
        while let Some(at) = self.stretch.passed.get(self.passed).copied().filter(|at| *at < end) {
            engine.skipped(at.saturating_sub(self.next));
            self.tell_time(at, engine, sink)?;
            if let Some(mut frame) = self.stretch.batch.get(self.passed, home) {
                frame.number = engine.next_number();
                frame.file_number = frame.file_number.saturating_add(self.before);
                frame.file = self.file;
                engine.candidate(&frame, sink)?;
                if engine.has_grown_gate() {
                    return ControlFlow::Break(());
                }
            }
            self.next = at + 1;
            self.passed += 1;
        }
        engine.skipped(end.saturating_sub(self.next));
        self.next = end;
        self.tell_time(end.saturating_sub(1), engine, sink)
    }

    /// The first frame that does not come before a place in the merged order: looked for from the next one on in growing
    /// steps, since captures that run side by side take turns often.
    fn reach(&self, limit: (Option<Timestamp>, u16)) -> usize {
        let before = |frame: usize| (self.latest(frame), self.file) < limit;
        let (mut low, mut step) = (self.next, 1);
        while low + step < self.stretch.frames && before(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.stretch.frames);
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Capture time goes on to that of a frame. What counts from the first time there is must see it.
    fn tell_time(&mut self, frame: usize, engine: &mut Engine<'_>, sink: &mut dyn Sink) -> ControlFlow<()> {
        if !self.timed && frame >= self.stretch.untimed {
            self.timed = true;
            engine.advance(self.stretch.times.first().copied(), sink)?;
        }
        engine.advance(self.latest(frame), sink)
    }
}
