//! One large capture in parts that are walked at the same time, with results as if it had been walked from start to end.
//!
//! Where a part starts is guessed by a chain of records. Captures that carry capture files inside their packets fool every
//! guess, so none is believed: a part counts only if the walk of the part before it ended exactly at its start and with the
//! very state it assumed (byte order, interfaces, oddities waiting for a frame). Otherwise it is walked again from the true
//! place. Must not know what is done with the frames.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::frame::{Frame, Glimpse, Home, Interface, Log, Oddity, Problem};
use super::framer::{Base, Chain, Framer, Record, Step};
use super::input::Input;
use super::octets::wide;
use super::place::From;
use super::refill::{Refill, USUAL};

/// Usual size of a part in octets.
pub const PART: u64 = 32 << 20;

/// A capture that can be walked in parts. See the module's documentation.
#[derive(Debug)]
pub struct Parts {
    name: String,
    file: Home,
    len: u64,
    size: u64,
    /// What is known once the first record was reached.
    lead: Framer,
}

/// What a walk in parts gave beside the frames.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Frames in the file, as far as it was walked; saturates.
    pub frames: u32,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The interfaces of all sections.
    pub interfaces: Vec<Interface>,
    /// Parts whose start was guessed wrong and that were walked again.
    pub again: usize,
}

/// Where a walk stands: the place in the file and all that what follows depends on.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    at: u64,
    framer: Framer,
    odd: Vec<Oddity>,
}

/// The walk of one part.
struct Walk<T> {
    /// Where it started; `None` where no start could be guessed.
    start: Option<Spot>,
    end: Spot,
    /// The file has nothing more to read.
    ended: bool,
    frames: u32,
    log: Log,
    result: T,
}

/// What the walking threads share.
struct Shared<T> {
    /// The next part to be walked.
    next: u64,
    /// The part that is waited for.
    wanted: u64,
    walked: BTreeMap<u64, Walk<T>>,
    /// The newest state known at the start of a part.
    lead: Arc<Framer>,
    stop: bool,
}

impl Parts {
    /// Prepares a walk with parts of `size` octets (usually [`PART`]). `None` where the file is no regular, unpacked capture
    /// with at least two parts: then it is read as an [`super::Input`].
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn plan(path: &Path, size: u64) -> io::Result<Option<Self>> {
        Self::plan_file(path.display().to_string(), Arc::new(File::open(path)?), size)
    }

    /// The same for a capture that was opened, and from which nothing was read yet. What goes wrong now will when it is read.
    pub fn of(input: &Input, size: u64) -> Option<Self> {
        Self::plan_file(input.name().to_owned(), Arc::clone(input.home()?), size).ok().flatten()
    }

    fn plan_file(name: String, file: Home, size: u64) -> io::Result<Option<Self>> {
        let data = file.metadata()?;
        let (size, len) = (size.max(1), data.len());
        if !data.is_file() || len <= size {
            return Ok(None);
        }
        let mut refill = Refill::new(Box::new(From { file: Arc::clone(&file), at: 0 }), 0, USUAL);
        let (mut framer, mut log) = (Framer::Start, Log::default());
        loop {
            let before = framer.clone();
            match framer.step(refill.octets(), refill.at(), refill.ended(), &mut log) {
                Step::Frame(_) => {
                    return Ok(Some(Self { name, file, len, size, lead: before }));
                }
                Step::Skip(count) => refill.consume(count),
                Step::Need(want) if !refill.ended() => refill.fill(want.max(refill.octets().len().saturating_add(1))),
                Step::Need(_) | Step::End => return Ok(None),
            }
            // A file that opens with that much of anything else is not what parts are for.
            if refill.at() > size {
                return Ok(None);
            }
        }
    }

    /// The file.
    pub fn home(&self) -> &Home {
        &self.file
    }

    /// How many parts there are.
    pub const fn count(&self) -> u64 {
        self.len.div_ceil(self.size)
    }

    /// Length of the file in octets.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file is empty: never.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Walks the file on `threads` threads. Each part gets a result from `make`; `each` fills it from glimpses of its frames,
    /// and `take` gets those frames for which `each` said yes, whose numbers count from 1 within the part. `done` gets the
    /// results in the order of the file, with the number of frames before the part, and may end the walk.
    pub fn walk<T: Send>(
        &self,
        threads: usize,
        make: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, &Glimpse<'_>) -> bool + Sync,
        take: impl Fn(&mut T, &Frame<'_>) + Sync,
        mut done: impl FnMut(u32, T) -> ControlFlow<()>,
    ) -> Outcome {
        let threads = threads.max(1);
        let shared = Mutex::new(Shared {
            next: 0,
            wanted: 0,
            walked: BTreeMap::new(),
            lead: Arc::new(self.lead.clone()),
            stop: false,
        });
        let changed = Condvar::new();
        let ahead = threads.saturating_mul(2) as u64;
        let fill = (each, take);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    // Whatever happens in here, nobody may wait for this thread for ever.
                    let _farewell = Farewell { shared: &shared, changed: &changed };
                    loop {
                        let mut state = lock(&shared);
                        while !state.stop && state.next >= state.wanted.saturating_add(ahead) {
                            state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                        }
                        let index = state.next;
                        if state.stop || index >= self.count() {
                            return;
                        }
                        state.next = index.saturating_add(1);
                        let lead = Arc::clone(&state.lead);
                        drop(state);
                        let walk = self.walk_guessed(index, &lead, make(), &fill);
                        lock(&shared).walked.insert(index, walk);
                        changed.notify_all();
                    }
                });
            }
            let outcome = self.stitch(&shared, &changed, &make, &fill, &mut done);
            lock(&shared).stop = true;
            changed.notify_all();
            outcome
        })
    }

    /// Takes the parts in their order and believes only what fits.
    fn stitch<T>(
        &self,
        shared: &Mutex<Shared<T>>,
        changed: &Condvar,
        make: &impl Fn() -> T,
        fill: &impl Fill<T>,
        done: &mut impl FnMut(u32, T) -> ControlFlow<()>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let mut log = Log::default();
        let mut spot = Spot { at: 0, framer: Framer::Start, odd: Vec::new() };
        for index in 0..self.count() {
            let mut state = lock(shared);
            state.wanted = index;
            changed.notify_all();
            let mut walk = loop {
                if let Some(walk) = state.walked.remove(&index) {
                    break walk;
                }
                if state.stop {
                    return outcome;
                }
                state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            // Parts not begun yet start from what is known here.
            if index > 0 && *state.lead != spot.framer {
                state.lead = Arc::new(spot.framer.clone());
            }
            drop(state);
            if walk.start.as_ref() != Some(&spot) {
                outcome.again = outcome.again.saturating_add(1);
                walk = self.walk_from(spot, self.end(index), make(), fill);
            }
            let before = outcome.frames;
            outcome.frames = before.saturating_add(walk.frames);
            log.append(&walk.log);
            spot = walk.end;
            if done(before, walk.result).is_break() || walk.ended {
                break;
            }
        }
        outcome.interfaces = spot.framer.interfaces().to_vec();
        outcome.problems = log.problem(&self.name).into_iter().collect();
        outcome
    }

    /// Where a part ends: records that start before it belong to the part.
    fn end(&self, index: u64) -> u64 {
        let next = index.saturating_add(1);
        if next >= self.count() { u64::MAX } else { next.saturating_mul(self.size) }
    }

    /// Walks a part from where it seems to start.
    fn walk_guessed<T>(&self, index: u64, lead: &Framer, result: T, fill: &impl Fill<T>) -> Walk<T> {
        let start = if index == 0 {
            Some(Spot { at: 0, framer: Framer::Start, odd: Vec::new() })
        } else {
            self.guess(index, lead).map(|at| Spot { at, framer: lead.clone(), odd: Vec::new() })
        };
        match start {
            Some(spot) => self.walk_from(spot, self.end(index), result, fill),
            None => Walk {
                start: None,
                end: Spot { at: 0, framer: Framer::Nothing, odd: Vec::new() },
                ended: false,
                frames: 0,
                log: Log::default(),
                result,
            },
        }
    }

    /// The first place at or after a part's border where a chain of records starts, if there is one in the part.
    fn guess(&self, index: u64, lead: &Framer) -> Option<u64> {
        let border = index.saturating_mul(self.size);
        let source = From { file: Arc::clone(&self.file), at: border };
        let mut refill = Refill::new(Box::new(source), border, USUAL);
        while refill.at() < self.end(index) {
            match lead.chain(refill.octets(), refill.ended()) {
                Chain::Yes => return Some(refill.at()),
                Chain::No if refill.octets().is_empty() && refill.ended() => return None,
                Chain::No => refill.consume(1),
                Chain::Need(_) if refill.ended() => return None,
                Chain::Need(want) => refill.fill(want.max(refill.octets().len().saturating_add(1))),
            }
        }
        None
    }

    /// The frame of a record that was used up just now; `number` counts within the part.
    fn frame<'a>(
        &'a self,
        record: &Record,
        refill: &'a Refill,
        number: u32,
        framer: &'a Framer,
        log: &'a Log,
    ) -> Frame<'a> {
        let at = refill.at().saturating_sub(u64::from(record.len));
        Frame {
            number,
            file_number: number,
            description: framer.interfaces().get(wide(record.interface)),
            home: Some(&self.file),
            ..record.frame(refill.before(wide(record.len)), at, &log.odd)
        }
    }

    /// Walks from a spot to the first record at or after `end`.
    fn walk_from<T>(&self, start: Spot, end: u64, mut result: T, fill: &impl Fill<T>) -> Walk<T> {
        let source = From { file: Arc::clone(&self.file), at: start.at };
        let mut refill = Refill::new(Box::new(source), start.at, USUAL);
        let mut framer = start.framer.clone();
        let mut log = Log { odd: start.odd.clone(), ..Log::default() };
        let mut count = 0u32;
        let ended = loop {
            if refill.at() >= end && !framer.is_lost() {
                break false;
            }
            // Where nothing waits to be said, the plain records are passed over at once.
            if log.odd.is_empty() {
                let mut wanted = false;
                let sweep = framer.sweep(refill.octets(), Base { file: 0, at: refill.at() }, |glimpse| {
                    wanted = fill.each(&mut result, glimpse);
                    wanted || glimpse.end >= end
                });
                refill.consume(sweep.octets);
                count = count.saturating_add(sweep.frames);
                if let Some(record) = sweep.found {
                    if wanted {
                        fill.take(&mut result, &self.frame(&record, &refill, count, &framer, &log));
                    }
                    continue;
                }
            }
            match framer.step(refill.octets(), refill.at(), refill.ended(), &mut log) {
                Step::Frame(record) => {
                    refill.consume(wide(record.len));
                    count = count.saturating_add(1);
                    let frame = self.frame(&record, &refill, count, &framer, &log);
                    if fill.each(&mut result, &Glimpse { end: refill.at(), ..Glimpse::of(&frame) }) {
                        fill.take(&mut result, &frame);
                    }
                    log.odd.clear();
                }
                Step::Skip(octets) => refill.consume(octets),
                Step::Need(want) if !refill.ended() => {
                    refill.fill(want.max(refill.octets().len().saturating_add(1)));
                    if let Some(error) = refill.take_error() {
                        log.damage(refill.at(), format_args!("reading failed: {error}"));
                        log.muted = true;
                    }
                }
                Step::Need(_) | Step::End => break true,
            }
        };
        let odd = std::mem::take(&mut log.odd);
        Walk { start: Some(start), end: Spot { at: refill.at(), framer, odd }, ended, frames: count, log, result }
    }
}

/// Fills the result of a part.
trait Fill<T>: Sync {
    /// Sees the next frame; the answer is whether all of it is wanted.
    fn each(&self, result: &mut T, glimpse: &Glimpse<'_>) -> bool;
    /// Takes a frame that is wanted.
    fn take(&self, result: &mut T, frame: &Frame<'_>);
}

impl<T, E, F> Fill<T> for (E, F)
where
    E: Fn(&mut T, &Glimpse<'_>) -> bool + Sync,
    F: Fn(&mut T, &Frame<'_>) + Sync,
{
    fn each(&self, result: &mut T, glimpse: &Glimpse<'_>) -> bool {
        self.0(result, glimpse)
    }

    fn take(&self, result: &mut T, frame: &Frame<'_>) {
        self.1(result, frame);
    }
}

/// The shared state, even if a thread died while it held it: it is consistent between any two statements.
fn lock<T>(shared: &Mutex<Shared<T>>) -> MutexGuard<'_, Shared<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the walk for all when a thread ends by a panic.
struct Farewell<'a, T> {
    shared: &'a Mutex<Shared<T>>,
    changed: &'a Condvar,
}

impl<T> Drop for Farewell<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(self.shared).stop = true;
            self.changed.notify_all();
        }
    }
}
