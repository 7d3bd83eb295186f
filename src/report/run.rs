//! Reads the streams of captures on several threads, and hands over what each holds in the order of their names.
//!
//! Each thread has one capture open at a time. Rows wait in bounded queues until it is their stream's turn, so memory does not grow
//! with the archive, and what comes out does not depend on which thread was faster. Must not know what is done with it.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::capture::{Frame, Merged, Problem};
use crate::dissect::Table;
use crate::model::{Visible, visible_str};
use crate::scan::{self, Engine, bulk};
use crate::verify::Keyring;

use super::collect::{Asked, Collector};
use super::inputs::{Item, Member};
use super::row::Row;
use super::streams;
use super::summary::{Damage, Summary};

/// Rows of one stream that may wait for their turn.
const WAITING: usize = 1024;
/// Rows handed over at once.
const CHUNK: usize = 256;
/// Streams that may be ahead of the one whose turn it is, for each thread.
const AHEAD: usize = 2;
/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

/// What is to be done with every capture.
pub struct Job<'a> {
    /// Who reads what.
    pub table: &'a Table,
    /// Keys to verify with.
    pub keys: &'a Keyring,
    /// Windows and bounds.
    pub options: scan::Options,
    /// What is counted.
    pub asked: Asked<'a>,
    /// Threads to read with, at least 1.
    pub threads: usize,
    /// Tells the time in microseconds, where durations are wanted.
    pub clock: Option<fn() -> u64>,
    /// Hashes the content of a file, where that is wanted.
    pub content: Option<fn(&Path) -> Option<String>>,
}

/// What one item held.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its position among the items.
    pub item: usize,
    /// What was counted.
    pub summary: Summary,
    /// What could not be read; names not redacted.
    pub problems: Vec<Problem>,
    /// Whether it was read to its end.
    pub complete: bool,
    /// How long it took, in microseconds; 0 without a clock.
    pub micros: u64,
    /// Hash of its content, where that is wanted and can be had.
    pub content: Option<String>,
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items done.
    pub items: u64,
    /// Octets of files done.
    pub octets: u64,
    /// Frames seen.
    pub frames: u64,
}

/// Who gets the results, on the calling thread. `Break` ends the run.
pub trait Receiver {
    /// Rows, in their order.
    fn rows(&mut self, rows: Vec<Row>) -> ControlFlow<()>;
    /// An item is done; its rows came before.
    fn done(&mut self, done: Done) -> ControlFlow<()>;
    /// Asked several times a second; `Break` ends the run early, and what was read is handed over.
    fn tick(&mut self, progress: Progress) -> ControlFlow<()>;
}

/// Reads all items. `Break` where it was ended early: then not every item was handed over, or not whole.
pub fn run(job: &Job<'_>, items: &[Item], receiver: &mut dyn Receiver) -> ControlFlow<()> {
    let streams = streams::streams(items.iter().map(Item::name));
    let threads = job.threads.clamp(1, streams.len().max(1));
    let inner = job.threads.checked_div(threads).unwrap_or(1).max(1);
    let desk = Desk {
        state: Mutex::default(),
        changed: Condvar::new(),
        stop: Arc::default(),
        octets: AtomicU64::new(0),
        frames: AtomicU64::new(0),
        items: AtomicU64::new(0),
        streams: streams.len(),
        ahead: threads * AHEAD,
    };
    std::thread::scope(|scope| {
        let _farewell = Farewell(&desk);
        for _ in 0..threads {
            scope.spawn(|| {
                let _farewell = OnPanic(&desk);
                while let Some(at) = desk.take() {
                    let stream = streams.get(at).map_or(&[][..], Vec::as_slice);
                    Reader { job, items, desk: &desk, at, inner }.stream(stream);
                    desk.give(at, Event::End);
                }
            });
        }
        desk.receive(receiver)
    })
}

/// What a thread tells of its stream.
enum Event {
    Rows(Vec<Row>),
    Done(Box<Done>),
    End,
}

/// Where threads and receiver meet.
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    stop: Arc<AtomicBool>,
    octets: AtomicU64,
    frames: AtomicU64,
    items: AtomicU64,
    streams: usize,
    ahead: usize,
}

#[derive(Default)]
struct State {
    /// The stream to be begun next.
    next: usize,
    /// The stream whose turn it is.
    turn: usize,
    /// What waits, by stream, with the number of rows.
    waiting: BTreeMap<usize, (VecDeque<Event>, usize)>,
}

impl Desk {
    /// The shared state, even if a thread died while it held it: it is consistent between any two statements.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
        // Whoever is about to wait holds the lock: it must not miss this.
        drop(self.lock());
        self.changed.notify_all();
    }

    /// A stream to read; `None` when there are no more.
    fn take(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if self.stopped() || state.next >= self.streams {
                return None;
            }
            if state.next < state.turn + self.ahead {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts something down for the receiver; rows wait until there is room.
    fn give(&self, stream: usize, event: Event) {
        let mut state = self.lock();
        if let Event::Rows(rows) = &event {
            loop {
                let waiting = state.waiting.get(&stream).map_or(0, |queue| queue.1);
                if waiting == 0 || waiting + rows.len() <= WAITING || self.stopped() {
                    break;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting.entry(stream).or_default().1 += rows.len();
        }
        state.waiting.entry(stream).or_default().0.push_back(event);
        drop(state);
        self.changed.notify_all();
    }

    /// The next event of the stream whose turn it is; `None` when nothing came for a while.
    fn next(&self) -> Option<Event> {
        let mut state = self.lock();
        let turn = state.turn;
        if let Some((queue, rows)) = state.waiting.get_mut(&turn)
            && let Some(event) = queue.pop_front()
        {
            match &event {
                Event::Rows(taken) => *rows = rows.saturating_sub(taken.len()),
                Event::End => {
                    state.waiting.remove(&turn);
                    state.turn += 1;
                }
                Event::Done(_) => {}
            }
            drop(state);
            self.changed.notify_all();
            return Some(event);
        }
        let _ = self.changed.wait_timeout(state, TICK);
        None
    }

    fn receive(&self, receiver: &mut dyn Receiver) -> ControlFlow<()> {
        let mut early = ControlFlow::Continue(());
        loop {
            let (turn, begun) = {
                let state = self.lock();
                (state.turn, state.next)
            };
            // After an early end only what was begun is still to come.
            if turn >= self.streams || (early.is_break() && turn >= begun) {
                return early;
            }
            let flow = match self.next() {
                Some(Event::Rows(rows)) => receiver.rows(rows),
                Some(Event::Done(done)) => receiver.done(*done),
                Some(Event::End) | None => ControlFlow::Continue(()),
            };
            let tick = receiver.tick(self.progress());
            if (flow.is_break() || tick.is_break()) && early.is_continue() {
                early = ControlFlow::Break(());
                self.end();
            }
        }
    }

    fn progress(&self) -> Progress {
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Progress { items: get(&self.items), octets: get(&self.octets), frames: get(&self.frames) }
    }
}

/// Tells the threads to end when the receiver is gone.
struct Farewell<'a>(&'a Desk);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The same when a thread ends by a panic: nobody may wait for it for ever.
struct OnPanic<'a>(&'a Desk);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.lock();
            state.turn = self.0.streams;
            drop(state);
            self.0.end();
        }
    }
}

/// Reads one stream.
struct Reader<'r> {
    job: &'r Job<'r>,
    items: &'r [Item],
    desk: &'r Desk,
    /// Position of the stream.
    at: usize,
    /// Threads for one capture.
    inner: usize,
}

impl Reader<'_> {
    fn stream(&self, stream: &[usize]) {
        let mut run = Run { reader: self, engine: None, collector: Collector::new(self.job.asked), set: None };
        for (position, &at) in stream.iter().enumerate() {
            if self.desk.stopped() {
                return;
            }
            let Some(item) = self.items.get(at) else { continue };
            let now = || self.job.clock.map_or(0, |clock| clock());
            let start = now();
            let mut problems = Vec::new();
            run.collector.summary.totals.octets = item.octets();
            let stop = Arc::clone(&self.desk.stop);
            let meanwhile = Box::new(move || !stop.load(Ordering::Relaxed));
            let outcome = item.read_while(meanwhile, &mut |member| run.member(member, item, &mut problems));
            run.collector.summary.totals.skipped += outcome.skipped;
            for problem in outcome.problems.into_iter().filter(|_| !self.desk.stopped()) {
                run.problem(&problem.file, &problem);
                problems.push(problem);
            }
            if position + 1 == stream.len() {
                run.finish();
            }
            run.flush();
            let complete = !self.desk.stopped();
            let summary = std::mem::take(&mut run.collector.summary);
            let micros = now().saturating_sub(start);
            let content = self.job.content.filter(|_| complete).and_then(|content| content(item.path()));
            let done = Done { item: at, summary, problems, complete, micros, content };
            self.desk.items.fetch_add(1, Ordering::Relaxed);
            self.desk.give(self.at, Event::Done(Box::new(done)));
        }
    }

    fn shown(&self, name: &str) -> Visible {
        let name = visible_str(name);
        self.job.asked.redactor.map_or(name.clone(), |redactor| redactor.file(&name))
    }
}

/// The captures of one stream, one after the other through one engine.
struct Run<'r> {
    reader: &'r Reader<'r>,
    /// The engine of the set at hand.
    engine: Option<Engine<'r>>,
    collector: Collector<'r>,
    /// The set the capture before belongs to.
    set: Option<String>,
}

impl Run<'_> {
    fn member(&mut self, member: Member, item: &Item, problems: &mut Vec<Problem>) -> ControlFlow<()> {
        let Reader { job, desk, inner, .. } = *self.reader;
        let set = streams::member(&member.name).map(|member| member.set);
        if set.is_none() || set != self.set {
            self.finish();
        }
        self.set = set;
        let shown = self.reader.shown(&member.name);
        self.collector.file(shown.clone(), member.content);
        let file = self.collector.files().saturating_sub(1);
        let engine = self.engine.take();
        let mut engine = engine.unwrap_or_else(|| Engine::new(job.table.clone(), job.keys, job.options.clone()));
        let first = engine.counts().frames;
        let number = u32::try_from(first).unwrap_or(u32::MAX);
        let input = Merged::new(vec![member.input]).continuing(number, file);
        let (mut told, mut frames) = (0, first);
        let mut sink = Flushing { collector: &mut self.collector, reader: self.reader };
        let (flow, found) = bulk::scan(input, inner, &mut engine, &mut sink, &mut |reached| {
            let octets = reached.offset.min(item.octets());
            desk.octets.fetch_add(octets.saturating_sub(told), Ordering::Relaxed);
            desk.frames.fetch_add(reached.frames.saturating_sub(frames), Ordering::Relaxed);
            (told, frames) = (told.max(octets), reached.frames);
            if desk.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        desk.octets.fetch_add(item.octets().saturating_sub(told), Ordering::Relaxed);
        let all = engine.counts().frames;
        desk.frames.fetch_add(all.saturating_sub(frames), Ordering::Relaxed);
        let summary = &mut self.collector.summary;
        summary.totals.files += 1;
        summary.totals.frames += all.saturating_sub(first);
        let stats = summary.files.entry(shown.into_string()).or_default();
        stats.octets = member.octets.unwrap_or(0);
        stats.frames += all.saturating_sub(first);
        stats.unfinished = flow.is_break();
        stats.unfinished |= desk.stopped();
        // A pipe that was given up ends anywhere: that is no damage.
        if !desk.stopped() {
            for problem in &found {
                self.problem(&member.name, problem);
            }
            problems.extend(found);
        }
        self.engine = Some(engine);
        flow
    }

    /// What waits for more of the set is decided.
    fn finish(&mut self) {
        if let Some(mut engine) = self.engine.take() {
            let mut sink = Flushing { collector: &mut self.collector, reader: self.reader };
            let _ = engine.finish(&mut sink);
        }
    }

    fn problem(&mut self, name: &str, problem: &Problem) {
        let shown = self.reader.shown(name).into_string();
        let summary = &mut self.collector.summary;
        summary.totals.files += u64::from(!summary.files.contains_key(&shown));
        let stats = summary.files.entry(shown).or_default();
        if stats.damage.is_empty() {
            summary.totals.damaged += 1;
        }
        stats.damage.add(Damage { offset: problem.offset, reason: visible_str(&problem.text).into_string() });
    }

    /// Hands over the rows there are.
    fn flush(&mut self) {
        let rows = std::mem::take(&mut self.collector.pending);
        if !rows.is_empty() {
            self.reader.desk.give(self.reader.at, Event::Rows(rows));
        }
    }
}

/// The collector, emptied of rows now and then.
struct Flushing<'f, 'r> {
    collector: &'f mut Collector<'r>,
    reader: &'f Reader<'f>,
}

impl scan::Sink for Flushing<'_, '_> {
    fn wants(&self, frame: &Frame<'_>) -> bool {
        self.collector.wants(frame)
    }

    fn packet(&mut self, packet: &scan::Packet<'_>) -> ControlFlow<()> {
        let flow = self.collector.packet(packet);
        if self.collector.pending.len() >= CHUNK {
            let rows = std::mem::take(&mut self.collector.pending);
            self.reader.desk.give(self.reader.at, Event::Rows(rows));
        }
        flow
    }
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("asked", &self.asked).field("threads", &self.threads).finish_non_exhaustive()
    }
}
