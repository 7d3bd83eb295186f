//! A progress line on standard error for long runs that a person watches.
//!
//! Must not write where nobody looks, nor slow down short runs.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::capture::{Input, Merged};
use crate::scan::Reached;

/// Runs shorter than this show nothing.
const QUIET: Duration = Duration::from_millis(800);

/// The progress of a run.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    since: Instant,
    shown: bool,
    read: Vec<u64>,
}

impl Progress {
    /// Of a run over these inputs; silent when asked to be, and when results go to the same terminal.
    pub(super) fn new(input: &Merged, quiet: bool, results_on_terminal: bool) -> Self {
        let wanted = !quiet && !results_on_terminal && super::watched();
        let sizes: Vec<Option<u64>> = input.inputs().iter().map(Input::size).collect();
        // What is left can be told only where all ends are known.
        let total: u64 = sizes.iter().copied().sum::<Option<u64>>().unwrap_or(0);
        let bar = wanted.then(|| if total > 0 { ProgressBar::new(total) } else { ProgressBar::no_length() });
        if let Some(bar) = &bar {
            let template = if total > 0 {
                "{bytes} of {total_bytes} [{bar:30}] {bytes_per_sec}, {eta} left, frame {msg}"
            } else {
                "{bytes} read, {bytes_per_sec}, frame {msg}"
            };
            // The template is ours; a wrong one would only change the look.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        let read = vec![0; sizes.len()];
        Self { bar, since: Instant::now(), shown: false, read }
    }

    /// This place was reached.
    pub(super) fn tick(&mut self, reached: Reached) {
        let Some(bar) = &self.bar else { return };
        if !self.shown {
            if self.since.elapsed() < QUIET {
                return;
            }
            self.shown = true;
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        if let Some(read) = self.read.get_mut(usize::from(reached.file)) {
            *read = reached.offset;
        }
        bar.set_position(self.read.iter().sum());
        bar.set_message(reached.frames.to_string());
    }

    /// The run is over.
    pub(super) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
