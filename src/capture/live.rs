//! A live capture: sockets, capture helpers and pipes on one side, one [`Input`] on the other; saved on the way.
//!
//! Each source receives on a thread of its own, one more thread saves and passes on; neither waits for those who look at the
//! frames. What they see is a pcapng stream, so that a live capture and its saved file are read alike. Must not know what is in
//! the frames.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::frame::Frame;
use super::helper::Helper;
use super::input::Input;
use super::line::{Counts, Line, News, Tally};
use super::pipe::Pipe;
use super::queue::{Meanwhile, Queue};
use super::saver::{Saver, Sheet};
use super::socket::Socket;
use super::write::{Format, FrameWriter};

/// Batches that may wait to be saved.
const AHEAD: usize = 256;
/// Frames and octets of a batch that comes from a stream.
const BATCH_FRAMES: usize = 512;
const BATCH_OCTETS: usize = 256 << 10;
/// How often files are looked after while nothing arrives.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long sources may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Where frames come from.
#[derive(Debug)]
pub enum Source {
    /// A socket that listens.
    Socket(Socket),
    /// A capture helper.
    Helper(Helper),
    /// A capture that comes through a pipe, and its name.
    Pipe(String, Pipe),
}

/// What a live capture holds back at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Octets in memory for those who look at the frames.
    pub memory: usize,
    /// Octets on disk for them, where they fall behind.
    pub spill: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 16 << 20, spill: 4 << 30 }
    }
}

/// Who saves, and what.
#[derive(Clone, Debug)]
pub enum Save {
    /// Nobody.
    Nothing,
    /// Everything that is received.
    All(Arc<Mutex<Saver>>),
    /// Somebody else writes; the files are looked after here.
    Elsewhere(Arc<Mutex<Saver>>),
}

/// A running live capture. See the module's documentation.
#[derive(Debug)]
pub struct Live {
    counts: Arc<Counts>,
    news: Arc<News>,
    stop: Arc<AtomicBool>,
    pump: Option<JoinHandle<()>>,
}

/// Lets a live capture be stopped, and seen, from elsewhere.
#[derive(Clone, Debug)]
pub struct Control {
    /// What was counted.
    pub counts: Arc<Counts>,
    /// What there is to tell.
    pub news: Arc<News>,
    stop: Arc<AtomicBool>,
}

impl Control {
    /// The capture is to end: what was received until now still comes.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether something went wrong that makes the capture less than it should be.
    pub fn is_damaged(&self) -> bool {
        self.counts.damaged.load(Ordering::Relaxed)
    }

    /// Whether it was told to.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Live {
    /// Counts and news that a saver and a live capture share, before it starts.
    pub fn control() -> Control {
        Control { counts: Arc::default(), news: Arc::default(), stop: Arc::default() }
    }

    /// Starts to receive. `meanwhile` is called whenever the input looks for more; `false` ends it.
    ///
    /// # Errors
    /// There are no threads to be had.
    pub fn start(
        sources: Vec<Source>,
        save: Save,
        limits: Limits,
        control: &Control,
        meanwhile: Meanwhile,
    ) -> io::Result<(Self, Input)> {
        let (queue, reader) = Queue::new(limits.memory, limits.spill, meanwhile);
        let (sender, batches) = sync_channel(AHEAD);
        let Control { counts, news, stop } = control.clone();
        let line = Line { index: 0, counts, news, stop, sender };
        for (index, source) in (0u16..).zip(sources) {
            let line = Line { index, ..line.clone() };
            thread::Builder::new().name(format!("source {index}")).spawn(move || match source {
                Source::Socket(socket) => socket.run(&line),
                Source::Helper(helper) => helper.run(&line),
                Source::Pipe(name, pipe) => stream(&name, pipe, &line),
            })?;
        }
        let Line { counts, news, stop, .. } = line;
        let pump = Pump {
            batches,
            save,
            queue,
            counts: Arc::clone(&counts),
            news: Arc::clone(&news),
            stop: Arc::clone(&stop),
        };
        let pump = thread::Builder::new().name("live".to_owned()).spawn(move || pump.run())?;
        Ok((Self { counts, news, stop, pump: Some(pump) }, Input::from_reader("live capture", reader)))
    }

    /// Ends the capture, waits until everything is saved, and says what was counted.
    pub fn finish(mut self) -> (Tally, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(pump) = self.pump.take() {
            let _ = pump.join();
        }
        (self.counts.tally(), self.news.take())
    }
}

/// Passes a capture that comes through a pipe on, frame by frame.
pub(crate) fn stream(name: &str, source: impl Read + Send + 'static, line: &Line) {
    let batch = Arc::new(Mutex::new(Batch::default()));
    let source = Flushing { source, batch: Arc::clone(&batch), line: line.clone() };
    let mut input = Input::from_reader(name, source);
    while let Some(frame) = input.next() {
        let mut held = batch.lock().unwrap_or_else(PoisonError::into_inner);
        held.take(&Frame { file: line.index, ..frame });
        if held.len() >= BATCH_FRAMES || held.octets() >= BATCH_OCTETS {
            let full = std::mem::take(&mut *held);
            drop(held);
            if !line.send(full) {
                return;
            }
        }
    }
    let rest = std::mem::take(&mut *batch.lock().unwrap_or_else(PoisonError::into_inner));
    if !rest.is_empty() && !line.send(rest) {
        return;
    }
    // What is cut off because we stopped is no damage.
    for problem in input.problems().iter().filter(|_| !line.is_stopped()) {
        line.failed(problem.to_string());
    }
}

/// A reader that passes on what was read before it waits for more.
struct Flushing<R> {
    source: R,
    batch: Arc<Mutex<Batch>>,
    line: Line,
}

impl<R: Read> Read for Flushing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let batch = std::mem::take(&mut *self.batch.lock().unwrap_or_else(PoisonError::into_inner));
        if !batch.is_empty() && !self.line.send(batch) {
            return Ok(0);
        }
        self.source.read(into)
    }
}

/// Saves frames and passes them on.
struct Pump {
    batches: Receiver<Batch>,
    save: Save,
    queue: Queue,
    counts: Arc<Counts>,
    news: Arc<News>,
    stop: Arc<AtomicBool>,
}

impl Pump {
    fn run(self) {
        let sheet = Sheet::default();
        let mut encoder = FrameWriter::new(Box::new(sheet.clone()), Format::Pcapng);
        // A stream without frames is a capture too.
        let _ = encoder.finish();
        let mut number = 0u32;
        let mut ending: Option<Instant> = None;
        let mut fits = self.put(&sheet);
        loop {
            match self.batches.recv_timeout(PATIENCE) {
                Ok(batch) => {
                    for index in 0..batch.len() {
                        let Some(frame) = batch.get(index, None) else { continue };
                        number = number.saturating_add(1);
                        let frame = Frame { number, ..frame };
                        if let Save::All(saver) = &self.save {
                            saver.lock().unwrap_or_else(PoisonError::into_inner).write(&frame, &[]);
                        }
                        // Whether there is room is asked once per batch: a batch is small.
                        if !fits || encoder.write(&frame, &[]).is_err() {
                            self.counts.unseen.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    fits = self.put(&sheet);
                }
                Err(RecvTimeoutError::Timeout) => fits = self.put(&sheet),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if let Save::All(saver) | Save::Elsewhere(saver) = &self.save {
                saver.lock().unwrap_or_else(PoisonError::into_inner).tick();
            }
            if self.stop.load(Ordering::Relaxed) && ending.get_or_insert_with(Instant::now).elapsed() > FAREWELL {
                // A source that waits for ever is left to itself.
                break;
            }
        }
        if let Save::All(saver) = &self.save {
            saver.lock().unwrap_or_else(PoisonError::into_inner).complete();
        }
        self.queue.close();
    }

    /// Passes on what was encoded. The answer: whether there is room for more.
    fn put(&self, sheet: &Sheet) -> bool {
        if let Err(error) = self.queue.put(sheet.take()) {
            self.counts.damaged.store(true, Ordering::Relaxed);
            self.news.tell(format!("what is received cannot be held: {error}; nothing more is shown"));
            return false;
        }
        !self.queue.is_full()
    }
}
