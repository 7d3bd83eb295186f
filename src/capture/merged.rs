//! Several captures as one: merged by time, each in its own order.
//!
//! A frame without a time follows the frame before it in its file. Must not know what is in the frames.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use super::frame::{Frame, Glimpse, Interface, Problem};
use super::framer::Record;
use super::input::Input;
use super::refill::USUAL;
use crate::model::Timestamp;

/// Octets of buffers that all inputs share, as long as each keeps [`BUFFER_MIN`].
const BUFFERS: usize = 8 << 20;
/// Least size of an input's buffer in octets.
const BUFFER_MIN: usize = 32 << 10;

/// The merged captures. See the module's documentation.
#[derive(Debug, Default)]
pub struct Merged {
    inputs: Vec<Input>,
    /// The next record of each input.
    heads: Vec<Option<Record>>,
    /// Inputs that have a next record, the earliest on top; among equals the first one.
    queue: BinaryHeap<Reverse<(Option<Timestamp>, u16)>>,
    /// Time of the frame last taken from each input.
    times: Vec<Option<Timestamp>>,
    /// The input whose head was given away and has to move on.
    given: Option<u16>,
    started: bool,
    count: u32,
    unopened: Vec<Problem>,
    /// Frames and captures that came before.
    continues: (u32, u16),
}

impl Merged {
    /// Opens all files (`-` is standard input). Those that cannot be opened are problems; the others are read.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Self {
        Self::open_with(paths, Input::open)
    }

    /// Opens all files in a way of the caller's own.
    pub fn open_with<P: AsRef<Path>>(paths: &[P], open: impl Fn(&Path) -> Result<Input, Problem>) -> Self {
        let mut inputs = Vec::new();
        let mut unopened = Vec::new();
        for path in paths {
            match open(path.as_ref()) {
                Ok(input) => inputs.push(input),
                Err(problem) => unopened.push(problem),
            }
        }
        let mut merged = Self::new(inputs);
        merged.unopened.append(&mut unopened);
        merged
    }

    /// Merges inputs from which nothing was read yet. At most 65,535; more are problems.
    pub fn new(inputs: Vec<Input>) -> Self {
        let buffer = BUFFERS.checked_div(inputs.len()).unwrap_or(USUAL).clamp(BUFFER_MIN, USUAL);
        let mut merged = Self::default();
        for input in inputs {
            match u16::try_from(merged.inputs.len()) {
                Ok(file) if file < u16::MAX => merged.inputs.push(input.placed(file, buffer)),
                _ => merged.unopened.push(Problem {
                    file: input.name().to_owned(),
                    offset: None,
                    text: format!("more than {} captures at once", u16::MAX),
                }),
            }
        }
        merged.heads.resize_with(merged.inputs.len(), || None);
        merged.times.resize(merged.inputs.len(), None);
        merged
    }

    /// Begins anew with the first frame. Inputs that cannot be read twice go on where they are.
    pub fn restart(&mut self) {
        let inputs = std::mem::take(&mut self.inputs).into_iter().map(Input::restarted).collect();
        let unopened = std::mem::take(&mut self.unopened);
        let (count, file) = self.continues;
        *self = Self::new(inputs);
        if self.inputs.len() == 1 {
            *self = std::mem::take(self).continuing(count, file);
        }
        self.unopened = unopened;
    }

    /// The same for one capture that continues others: `count` frames and `file` captures came before. Nothing was read yet.
    #[must_use]
    pub fn continuing(mut self, count: u32, file: u16) -> Self {
        self.count = count;
        self.continues = (count, file);
        self.inputs = self.inputs.into_iter().map(|input| input.placed(file, USUAL)).collect();
        self
    }

    /// Frames of other captures that came before.
    pub(crate) const fn before(&self) -> u32 {
        self.continues.0
    }

    /// The next frame in the order of time; numbers count the merged order.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        self.count = self.count.saturating_add(1);
        let count = self.count;
        if self.inputs.len() == 1 {
            let record = self.inputs.first_mut()?.advance()?;
            let mut frame = self.inputs.first()?.frame(&record)?;
            frame.number = count;
            return Some(frame);
        }
        let file = self.choose()?;
        let record = self.heads.get(usize::from(file)).copied().flatten()?;
        let mut frame = self.inputs.get(usize::from(file))?.frame(&record)?;
        frame.number = count;
        Some(frame)
    }

    /// The next frame that is wanted, by what is seen of it; every frame up to it is shown to `wanted`, in the order of
    /// [`Merged::next`]. A frame nobody wants costs nothing more.
    #[inline]
    pub fn find(&mut self, mut wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Option<Frame<'_>> {
        if self.inputs.len() == 1 {
            let before = self.inputs.first()?.count();
            let record = self.inputs.first_mut()?.find(wanted);
            let input = self.inputs.first()?;
            self.count = self.count.saturating_add(input.count().saturating_sub(before));
            return input.frame(&record?).map(|frame| Frame { number: self.count, ..frame });
        }
        let (file, record) = loop {
            self.count = self.count.saturating_add(1);
            let file = usize::from(self.choose()?);
            let record = self.heads.get(file).copied().flatten()?;
            if wanted(&self.inputs.get(file)?.glimpse(&record)) {
                break (file, record);
            }
        };
        let frame = self.inputs.get(file)?.frame(&record)?;
        Some(Frame { number: self.count, ..frame })
    }

    /// The input whose turn it is.
    fn choose(&mut self) -> Option<u16> {
        if !self.started {
            self.started = true;
            for file in 0..u16::try_from(self.inputs.len()).unwrap_or(u16::MAX) {
                self.move_on(file);
            }
        }
        if let Some(file) = self.given.take() {
            self.move_on(file);
        }
        let Reverse((_, file)) = self.queue.pop()?;
        self.given = Some(file);
        Some(file)
    }

    /// Reads the next record of an input. It stays in the input's buffer until that input moves on again.
    fn move_on(&mut self, file: u16) {
        let index = usize::from(file);
        let (Some(input), Some(head), Some(time)) =
            (self.inputs.get_mut(index), self.heads.get_mut(index), self.times.get_mut(index))
        else {
            return;
        };
        *head = input.advance();
        if let Some(record) = head {
            *time = record.ts.or(*time);
            self.queue.push(Reverse((*time, file)));
        }
    }

    /// The inputs, in the order of [`Frame::file`].
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The inputs, to be taken away and read side by side, and put back in the same order for [`Merged::problems`].
    pub(crate) fn inputs_mut(&mut self) -> &mut Vec<Input> {
        &mut self.inputs
    }

    /// What could not be opened.
    pub fn unopened(&self) -> &[Problem] {
        &self.unopened
    }

    /// An interface by [`Frame::file`] and [`Frame::interface`].
    pub fn interface(&self, file: u16, interface: u32) -> Option<&Interface> {
        self.inputs.get(usize::from(file))?.interfaces().get(interface as usize)
    }

    /// What could not be opened or read, so far; the whole truth after [`Merged::next`] gave `None`.
    pub fn problems(&self) -> Vec<Problem> {
        let read = self.inputs.iter().flat_map(Input::problems);
        self.unopened.iter().cloned().chain(read).collect()
    }
}
