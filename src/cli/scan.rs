//! A scan as commands run it: on the threads asked for, with its progress shown, until it ends or is interrupted.
//!
//! Must not know what is done with the packets.

use std::ops::ControlFlow;

use super::progress::Progress;
use super::setup::Interrupt;
use crate::capture::{Merged, Problem};
use crate::scan::{Engine, Sink, bulk};

/// How a scan ended.
#[derive(Debug)]
pub(super) struct Scanned {
    /// `Break` where the sink wanted no more, or a signal came.
    pub(super) flow: ControlFlow<()>,
    /// A signal came.
    pub(super) interrupted: bool,
    /// What could not be opened or read.
    pub(super) problems: Vec<Problem>,
}

/// Puts all frames through the engine, and what waits for more at the end.
pub(super) fn scan(
    input: Merged,
    threads: usize,
    engine: &mut Engine<'_>,
    sink: &mut dyn Sink,
    progress: &mut Progress,
    interrupt: &Interrupt,
) -> Scanned {
    let mut interrupted = false;
    let (mut flow, problems) = bulk::scan(input, threads, engine, sink, &mut |reached| {
        progress.tick(reached);
        interrupted = interrupt.seen();
        if interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // What was waiting when a signal came is shown too: it is part of what was read.
    if flow.is_continue() || interrupted {
        flow = engine.finish(sink);
    }
    Scanned { flow, interrupted: interrupted || interrupt.seen(), problems }
}

/// Threads to read with: those asked for, else one per core. One where reading stops after a number of packets: what is
/// said about the rest of the captures must not depend on how far other threads have come.
pub(super) fn threads(asked: Option<u16>, stops_early: bool) -> usize {
    match asked {
        _ if stops_early => 1,
        Some(asked) => usize::from(asked),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    }
}
