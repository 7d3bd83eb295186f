//! The line between those who receive frames and the one who takes them in: batches of frames, counts, and the word to stop.
//!
//! Must not know where frames come from, nor what becomes of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Batch;

/// What was counted of a live capture so far. The counts only ever grow.
#[derive(Debug, Default)]
pub struct Counts {
    /// Frames received.
    pub received: AtomicU64,
    /// Frames the system, or the capture helper, says it dropped.
    pub dropped: AtomicU64,
    /// Frames received, and saved where that was asked for, that nobody looked at: there was no room left to hold them.
    pub unseen: AtomicU64,
    /// Frames saved.
    pub saved: AtomicU64,
    /// Frames that were to be saved and could not be.
    pub unsaved: AtomicU64,
    /// Something went wrong that makes the capture less than it should be.
    pub damaged: AtomicBool,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// See [`Counts::received`].
    pub received: u64,
    /// See [`Counts::dropped`].
    pub dropped: u64,
    /// See [`Counts::unseen`].
    pub unseen: u64,
    /// See [`Counts::saved`].
    pub saved: u64,
    /// See [`Counts::unsaved`].
    pub unsaved: u64,
}

impl Counts {
    /// The counts now.
    pub fn tally(&self) -> Tally {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Tally {
            received: of(&self.received),
            dropped: of(&self.dropped),
            unseen: of(&self.unseen),
            saved: of(&self.saved),
            unsaved: of(&self.unsaved),
        }
    }
}

/// What happened that a person should hear of, oldest first.
#[derive(Debug, Default)]
pub struct News(Mutex<Vec<String>>);

/// News that wait at most: nobody may fill the memory with them.
const NEWS_MAX: usize = 100;

impl News {
    /// Something to tell. Not escaped.
    pub fn tell(&self, text: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < NEWS_MAX {
            all.push(text);
        }
    }

    /// Takes what there is to tell.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What every source of a live capture holds.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Which source it is.
    pub(crate) index: u16,
    pub(crate) counts: Arc<Counts>,
    pub(crate) news: Arc<News>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) sender: SyncSender<Batch>,
}

impl Line {
    /// Passes frames on; `false` when nobody wants them any more.
    pub(crate) fn send(&self, batch: Batch) -> bool {
        self.counts.received.fetch_add(batch.len() as u64, Ordering::Relaxed);
        self.sender.send(batch).is_ok()
    }

    /// Whether the capture is to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Something went wrong; the capture goes on with what there is.
    pub(crate) fn failed(&self, text: String) {
        self.counts.damaged.store(true, Ordering::Relaxed);
        self.news.tell(text);
    }
}
