//! All frames of all captures through the engine: on this thread alone, or framing and gates on several.
//!
//! What comes out is the same for any number of threads: the engine sees what passed the gate in the merged order of all
//! frames, with the numbers and times it would have seen itself. One capture is walked in verified parts, several are read
//! side by side; memory is bounded either way. Must not know what is done with the packets.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::engine::{Engine, Sink};
use super::gate::Gate;
use super::stretch::{Feed, Stretch};
use crate::capture::{Glimpse, Home, Input, Merged, Parts, Problem};
use crate::model::Timestamp;

/// Octets of a part of one capture.
const PART: u64 = 4 << 20;
/// Octets that the stretches of several captures may take together, as long as each may have [`STRETCH_MIN`].
const STRETCHES: u64 = 96 << 20;
/// Least and most octets of a capture read at once.
const STRETCH_MIN: u64 = 64 << 10;
const STRETCH_MAX: u64 = 4 << 20;
/// Stretches of a capture that wait for the engine.
const AHEAD: usize = 2;
/// Frames from one look at the watcher to the next, where one thread does it all.
const WATCH: u64 = 4096;

/// How far a scan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Index of an input.
    pub file: u16,
    /// Place in it, in octets of unpacked content.
    pub offset: u64,
    /// Frames of all inputs so far.
    pub frames: u64,
}

/// Asked now and then, on the calling thread; `Break` ends the scan.
pub type Watch<'w> = &'w mut dyn FnMut(Reached) -> ControlFlow<()>;

/// Reads the captures to their ends on so many threads, and says what could not be read.
///
/// The first answer is `Break` where the sink or the watcher wanted no more. [`Engine::finish`] is the caller's.
pub fn scan(
    mut merged: Merged,
    threads: usize,
    engine: &mut Engine<'_>,
    sink: &mut dyn Sink,
    watch: Watch<'_>,
) -> (ControlFlow<()>, Vec<Problem>) {
    // Where every frame is dissected, the gate has nothing to say.
    if threads > 1 && !engine.wants_all() {
        match merged.inputs() {
            [input] => {
                let file = input.file();
                if let Some(parts) = Parts::of(input, PART) {
                    let mut dense = false;
                    let (flow, problems) = in_parts(&parts, file, threads, engine, sink, watch, &mut dense);
                    if engine.gate_grew() || dense {
                        return from_there(merged, engine, sink, watch);
                    }
                    return (flow, merged.unopened().iter().cloned().chain(problems).collect());
                }
            }
            // A pipe may be slow, and then nobody may wait for it but this thread.
            inputs if inputs.iter().all(|input| input.regular().is_some()) => {
                let flow = side_by_side(&mut merged, threads, engine, sink, watch);
                if engine.gate_grew() {
                    return from_there(merged, engine, sink, watch);
                }
                return (flow, merged.problems());
            }
            _ => {}
        }
    }
    let flow = alone(&mut merged, engine, sink, watch);
    (flow, merged.problems())
}

/// Goes on alone after the last frame that the engine saw: what other threads put through the gate of before, they would have
/// to put through again; and where nearly every frame passes, others have nothing to take off the engine.
fn from_there(
    mut merged: Merged,
    engine: &mut Engine<'_>,
    sink: &mut dyn Sink,
    watch: Watch<'_>,
) -> (ControlFlow<()>, Vec<Problem>) {
    merged.restart();
    let flow = alone(&mut merged, engine, sink, watch);
    (flow, merged.problems())
}

fn alone(merged: &mut Merged, engine: &mut Engine<'_>, sink: &mut dyn Sink, watch: Watch<'_>) -> ControlFlow<()> {
    let mut seen = engine.counts().frames.saturating_sub(merged.before().into());
    let mut flow = ControlFlow::Continue(());
    while let Some(frame) = merged.find(|glimpse| {
        if seen > 0 {
            seen -= 1;
            return false;
        }
        match engine.skip(glimpse, sink) {
            ControlFlow::Continue(true) => {
                let frames = engine.counts().frames;
                if frames.is_multiple_of(WATCH) {
                    flow = watch(Reached { file: glimpse.file, offset: glimpse.end, frames });
                    return flow.is_break();
                }
                false
            }
            ControlFlow::Continue(false) => true,
            ControlFlow::Break(()) => {
                flow = ControlFlow::Break(());
                true
            }
        }
    }) {
        flow?;
        engine.candidate(&frame, sink)?;
        let frames = engine.counts().frames;
        if frames.is_multiple_of(WATCH) {
            watch(Reached { file: frame.file, offset: frame.offset, frames })?;
        }
    }
    flow
}

fn in_parts(
    parts: &Parts,
    file: u16,
    threads: usize,
    engine: &mut Engine<'_>,
    sink: &mut dyn Sink,
    watch: Watch<'_>,
    dense: &mut bool,
) -> (ControlFlow<()>, Vec<Problem>) {
    let gate = engine.gate();
    let mut flow = ControlFlow::Continue(());
    let mut carry = None;
    let each = |stretch: &mut Stretch, glimpse: &Glimpse<'_>| stretch.passes(&gate, glimpse);
    let outcome = parts.walk(threads, Stretch::default, each, Stretch::take, |before, stretch| {
        let mut feed = Feed::new(stretch, file, before, carry);
        flow = feed.until(None, Some(parts.home()), engine, sink);
        carry = feed.key().0;
        if flow.is_continue() {
            flow = watch(Reached { file, offset: feed.stretch().offset(), frames: engine.counts().frames });
        }
        *dense = flow.is_continue() && feed.stretch().is_dense();
        if *dense { ControlFlow::Break(()) } else { flow }
    });
    (flow, outcome.problems)
}

fn side_by_side(
    merged: &mut Merged,
    threads: usize,
    engine: &mut Engine<'_>,
    sink: &mut dyn Sink,
    watch: Watch<'_>,
) -> ControlFlow<()> {
    let gate = engine.gate();
    let inputs = std::mem::take(merged.inputs_mut());
    let share = STRETCHES.checked_div(inputs.len() as u64 * (AHEAD as u64 + 1)).unwrap_or(STRETCH_MAX);
    let share = share.clamp(STRETCH_MIN, STRETCH_MAX);
    let lanes = Lanes::new(inputs);
    let flow = std::thread::scope(|scope| {
        // Whatever happens, the threads end before the scope does.
        let _farewell = Farewell(&lanes);
        for _ in 0..threads {
            scope.spawn(|| lanes.work(&gate, share));
        }
        lanes.merge(engine, sink, watch)
    });
    *merged.inputs_mut() = lanes.into_inputs();
    flow
}

/// What the threads share.
#[derive(Debug)]
struct Lanes {
    /// The files of the captures.
    homes: Vec<Option<Home>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    lanes: Vec<Lane>,
    /// Lanes to be read on, the most urgent one first.
    todo: VecDeque<usize>,
    stop: bool,
}

/// One capture.
#[derive(Debug)]
struct Lane {
    /// `None` while a thread reads it.
    input: Option<Input>,
    ready: VecDeque<Stretch>,
    ended: bool,
}

impl Lanes {
    fn new(inputs: Vec<Input>) -> Self {
        let todo = (0..inputs.len()).collect();
        let homes = inputs.iter().map(|input| input.home().cloned()).collect();
        let lane = |input| Lane { input: Some(input), ready: VecDeque::new(), ended: false };
        let state = State { lanes: inputs.into_iter().map(lane).collect(), todo, stop: false };
        Self { homes, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn into_inputs(self) -> Vec<Input> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.lanes.into_iter().filter_map(|lane| lane.input).collect()
    }

    /// The shared state, even if a thread died while it held it: it is consistent between any two statements.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each of the threads does.
    fn work(&self, gate: &Gate, share: u64) {
        let _farewell = OnPanic(self);
        let mut state = self.lock();
        while !state.stop {
            let next = state.todo.pop_front();
            let taken = next.and_then(|at| Some((at, state.lanes.get_mut(at)?.input.take()?)));
            let Some((at, mut input)) = taken else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let (stretch, ended) = read(&mut input, gate, share);
            state = self.lock();
            let mut full = true;
            if let Some(lane) = state.lanes.get_mut(at) {
                lane.input = Some(input);
                lane.ended = ended;
                lane.ready.push_back(stretch);
                full = lane.ready.len() >= AHEAD;
            }
            if !ended && !full {
                state.todo.push_back(at);
            }
            self.changed.notify_all();
        }
    }

    /// The next stretch of a lane that has frames; `None` at its end.
    fn next(&self, at: usize) -> Option<Stretch> {
        let mut state = self.lock();
        loop {
            let lane = state.lanes.get_mut(at)?;
            let full = lane.ready.len() >= AHEAD;
            if let Some(stretch) = lane.ready.pop_front() {
                if full && !lane.ended {
                    state.todo.push_back(at);
                    self.changed.notify_all();
                }
                if stretch.frames() > 0 {
                    return Some(stretch);
                }
                continue;
            }
            if lane.ended || state.stop {
                return None;
            }
            if let Some(place) = state.todo.iter().position(|waiting| *waiting == at) {
                state.todo.remove(place);
                state.todo.push_front(at);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes the stretches of all lanes in turn, in the merged order.
    fn merge(&self, engine: &mut Engine<'_>, sink: &mut dyn Sink, watch: Watch<'_>) -> ControlFlow<()> {
        let count = self.lock().lanes.len();
        let files = || 0..u16::try_from(count).unwrap_or(u16::MAX);
        let mut feeds: Vec<Option<Feed>> = files().map(|file| self.feed(file, None)).collect();
        let mut turns: BinaryHeap<Reverse<(Option<Timestamp>, u16)>> =
            feeds.iter().flatten().map(|feed| Reverse(feed.key())).collect();
        while let Some(Reverse((_, file))) = turns.pop() {
            let Some(slot) = feeds.get_mut(usize::from(file)) else { continue };
            let Some(feed) = slot else { continue };
            let limit = turns.peek().map(|turn| turn.0);
            let home = self.homes.get(usize::from(file)).and_then(Option::as_ref);
            feed.until(limit, home, engine, sink)?;
            if feed.is_done() {
                watch(Reached { file, offset: feed.stretch().offset(), frames: engine.counts().frames })?;
                let carry = feed.key().0;
                *slot = self.feed(file, carry);
            }
            turns.extend(slot.iter().map(|feed| Reverse(feed.key())));
        }
        ControlFlow::Continue(())
    }

    fn feed(&self, file: u16, carry: Option<Timestamp>) -> Option<Feed> {
        self.next(usize::from(file)).map(|stretch| Feed::new(stretch, file, 0, carry))
    }
}

/// Reads on in a capture until the stretch is large enough; and whether it ended.
fn read(input: &mut Input, gate: &Gate, share: u64) -> (Stretch, bool) {
    let mut stretch = Stretch::default();
    let end = input.position().saturating_add(share);
    while input.position() < end {
        let mut passes = false;
        let Some(record) = input.find(|glimpse| {
            passes = stretch.passes(gate, glimpse);
            passes || glimpse.end >= end
        }) else {
            return (stretch, true);
        };
        if let Some(frame) = input.frame(&record).filter(|_| passes) {
            stretch.take(&frame);
        }
    }
    (stretch, false)
}

/// Tells the threads to end when the scan does.
struct Farewell<'a>(&'a Lanes);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.changed.notify_all();
    }
}

/// The same when a thread ends by a panic: nobody may wait for it for ever.
struct OnPanic<'a>(&'a Lanes);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(Farewell(self.0));
        }
    }
}
