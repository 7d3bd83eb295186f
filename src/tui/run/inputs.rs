//! Captures that come by themselves: through pipes, in files that grow. The screen is told while their reader waits.
//!
//! Must not decide what is shown.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::capture::{Control, Input, Merged, Pipe, Problem};
use crate::tui::growing::Growing;
use crate::tui::loader::Batch;
use crate::tui::msg::{Msg, Notice, Progress};

/// The screen hears of what comes by itself at most this often.
const OFTEN: Duration = Duration::from_millis(50);

/// Tells the screen what there is while the reader waits for more.
#[derive(Clone)]
pub(super) struct Teller<S> {
    batch: Arc<Mutex<Batch>>,
    reached: Arc<Mutex<Progress>>,
    control: Option<Control>,
    told: Option<Instant>,
    send: S,
}

impl<S: Fn(Msg) -> bool> Teller<S> {
    /// Of packets that were read, and how far reading is; of a live capture what it counts and has to tell, too.
    pub(super) const fn new(
        batch: Arc<Mutex<Batch>>,
        reached: Arc<Mutex<Progress>>,
        control: Option<Control>,
        send: S,
    ) -> Self {
        Self { batch, reached, control, told: None, send }
    }

    /// Tells what there is, if it was not just told; `false` when nobody listens any more.
    pub(super) fn idle(&mut self) -> bool {
        if self.told.is_some_and(|told| told.elapsed() < OFTEN) {
            return true;
        }
        self.told = Some(Instant::now());
        let live = self.control.as_ref().map(|control| control.counts.tally());
        for text in self.control.iter().flat_map(|control| control.news.take()) {
            if !(self.send)(Msg::Say(Notice::error(text))) {
                return false;
            }
        }
        let listed = std::mem::take(&mut *self.batch.lock().unwrap_or_else(PoisonError::into_inner));
        let progress = Progress { live, ..*self.reached.lock().unwrap_or_else(PoisonError::into_inner) };
        (listed.is_empty() || (self.send)(Msg::Listed(listed))) && (self.send)(Msg::Progress(progress))
    }
}

/// Captures, and whether some of them come through pipes: what comes there is shown as it comes.
pub(super) fn piped<S>(paths: &[PathBuf], stop: &Arc<AtomicBool>, teller: &Teller<S>) -> (Merged, bool)
where
    S: Fn(Msg) -> bool + Clone + Send + 'static,
{
    let input = Merged::open_with(paths, |path| {
        if !Pipe::is_one(path) {
            return Input::open(path);
        }
        let (stop, mut teller) = (Arc::clone(stop), teller.clone());
        let meanwhile = Box::new(move || teller.idle() && !stop.load(Ordering::Relaxed));
        let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        let problem = |error: std::io::Error| Problem { file: name.clone(), offset: None, text: error.to_string() };
        Ok(Input::from_reader(&name, Pipe::open(path, meanwhile).map_err(problem)?))
    });
    (input, paths.iter().any(|path| Pipe::is_one(path)))
}

/// Captures that are read on as they grow; what there is is told whenever there is nothing more yet.
pub(super) fn following<S>(
    paths: &[PathBuf],
    follow: &Arc<AtomicBool>,
    stop: &Arc<AtomicBool>,
    teller: &Teller<S>,
) -> Merged
where
    S: Fn(Msg) -> bool + Clone + Send + 'static,
{
    let open = |path: &PathBuf| -> Option<Input> {
        let name = path.display().to_string();
        let file = fs::File::open(path).ok()?;
        let (follow, stop, mut teller) = (Arc::clone(follow), Arc::clone(stop), teller.clone());
        let wait = move || {
            let on = teller.idle() && follow.load(Ordering::Relaxed) && !stop.load(Ordering::Relaxed);
            if on {
                thread::sleep(Duration::from_millis(200));
            }
            on
        };
        Some(Input::from_reader(&name, Growing::new(file, wait)))
    };
    Merged::new(paths.iter().filter_map(open).collect())
}
