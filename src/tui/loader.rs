//! Reads captures on a thread of its own and tells the screen in batches: at most a few wait at a time.
//!
//! Time and files come from outside. Must not know the screen.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Watcher;
use super::library::Library;
use super::msg::{Ended, Msg, Progress};
use super::store::Listed;
use crate::capture::{Frame, Merged};
use crate::dissect::Change;
use crate::model::{Timestamp, visible_str};
use crate::scan::{Engine, Options, Packet, Sink};

/// Packets in a batch.
const BATCH: usize = 2048;
/// The screen hears of packets at least this often.
const OFTEN: Duration = Duration::from_millis(100);
/// Frames between two looks at the clock.
const LOOK: u64 = 512;

/// What a scan needs from outside.
pub struct Outside<'o> {
    /// Time since the scan began.
    pub elapsed: &'o dyn Fn() -> Duration,
    /// Sends to the screen, waiting while it has enough to do; `false` when nobody listens any more.
    pub send: &'o dyn Fn(Msg) -> bool,
    /// Set when the scan is to stop.
    pub stop: &'o AtomicBool,
    /// Octets of all inputs, where known.
    pub total: Option<u64>,
    /// Where packets wait until the screen is told.
    pub batch: Arc<Mutex<Batch>>,
    /// How far reading is, for somebody who tells the screen while the reader waits.
    pub reached: Option<Arc<Mutex<Progress>>>,
}

/// What the screen is to be told of packets.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Packets that were read.
    pub listed: Vec<Listed>,
    /// Packets that were listed before, by index, and what is known of them now.
    pub changed: Vec<(u32, Listed)>,
}

impl Batch {
    /// Whether there is nothing to tell.
    pub const fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.changed.is_empty()
    }
}

impl std::fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("total", &self.total).finish_non_exhaustive()
    }
}

/// Takes listed packets.
struct Collector<'c> {
    library: &'c Library,
    batch: &'c Mutex<Batch>,
    /// Looks at the same.
    watcher: Option<Watcher>,
}

impl Collector<'_> {
    fn len(&self) -> usize {
        let batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        batch.listed.len().saturating_add(batch.changed.len())
    }
}

impl Sink for Collector<'_> {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.library.keep(packet);
        let listed = self.library.listed(packet);
        self.batch.lock().unwrap_or_else(PoisonError::into_inner).listed.push(listed);
        self.watcher.as_mut().map_or(ControlFlow::Continue(()), |watcher| watcher.packet(packet))
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        if let Some(watcher) = &mut self.watcher {
            watcher.frame(frame);
        }
    }

    fn changed(&mut self, change: &Change) {
        if let Some(changed) = self.library.change(change) {
            self.batch.lock().unwrap_or_else(PoisonError::into_inner).changed.push(changed);
        }
    }
}

/// Reads everything there is; `watcher` looks on, and may end it. Says how it ended in its last message.
pub fn load(
    library: &Arc<Library>,
    mut input: Merged,
    options: &Options,
    watcher: Option<Watcher>,
    outside: &Outside<'_>,
) {
    let keys = library.keys();
    let mut engine =
        Engine::new(library.table().clone(), &keys, options.clone()).with_nonces(Arc::clone(library.nonces()));
    let mut sink = Collector { library, batch: &outside.batch, watcher };
    let mut first: Option<Timestamp> = None;
    let mut frames = 0u64;
    let mut told = Duration::ZERO;
    let mut stopped = false;
    while let Some(frame) = input.next() {
        frames = frames.saturating_add(1);
        first = first.or(frame.ts);
        if may_be_part(&engine, options, &frame) {
            library.remember(&frame);
        }
        if engine.frame(&frame, &mut sink).is_break() {
            break;
        }
        if let Some(reached) = &outside.reached {
            let progress = progress(&input, frames, (outside.elapsed)(), outside.total, first);
            *reached.lock().unwrap_or_else(PoisonError::into_inner) = progress;
        }
        let waiting = sink.len();
        let full = waiting >= BATCH;
        if full || frames.is_multiple_of(LOOK) || frames == 1 {
            if outside.stop.load(Ordering::Relaxed) {
                stopped = true;
                break;
            }
            let now = (outside.elapsed)();
            if full || now.saturating_sub(told) >= OFTEN || (frames == 1 && waiting > 0) {
                told = now;
                let progress = progress(&input, frames, now, outside.total, first);
                if !tell(outside) || !(outside.send)(Msg::Progress(progress)) {
                    return;
                }
            }
        }
    }
    let _ = engine.finish(&mut sink);
    library.forget_recent();
    let now = (outside.elapsed)();
    let progress = progress(&input, frames, now, outside.total, first);
    let problems = input.problems().iter().map(|problem| visible_str(&problem.to_string())).collect();
    let _ = tell(outside);
    let _ = (outside.send)(Msg::Progress(progress));
    let _ = (outside.send)(Msg::Loaded(Ended { stopped, problems }));
}

/// Whether a later packet may be put together from this frame and others.
fn may_be_part(engine: &Engine<'_>, options: &Options, frame: &Frame<'_>) -> bool {
    options.all || engine.gate().matters(frame.link.0, frame.data)
}

fn tell(outside: &Outside<'_>) -> bool {
    let batch = std::mem::take(&mut *outside.batch.lock().unwrap_or_else(PoisonError::into_inner));
    batch.is_empty() || (outside.send)(Msg::Listed(batch))
}

fn progress(input: &Merged, frames: u64, now: Duration, total: Option<u64>, first: Option<Timestamp>) -> Progress {
    let octets: u64 = input.inputs().iter().map(crate::capture::Input::position).sum();
    let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let rate = octets.saturating_mul(1000).checked_div(millis).unwrap_or(0);
    // Half a second says nothing about the rest.
    let left = total.filter(|_| millis > 500).and_then(|t| t.saturating_sub(octets).checked_div(rate));
    Progress { frames, octets, total, rate, left, first, live: None }
}
