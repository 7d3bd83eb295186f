//! Work on many packets, on a thread of its own: filtering, finding, checking digests anew.
//!
//! Goes in slices and stops between them when asked to. Must not know the screen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::library::Library;
use super::msg::{Filtered, FoundHit, Msg, Needle};
use super::work::{holds, holds_octets};
use crate::filter::Filter;
use crate::flow::Digests;
use crate::model::visible::push_visible;
use crate::model::{View, Visible};

/// Packets in a slice.
const SLICE: u32 = 256;

/// Octets that the digests seen may take while all are checked anew.
const DIGESTS_OCTETS: usize = 16 << 20;

/// A job for the thread.
#[derive(Debug)]
pub enum Job {
    /// Ask a filter about the packets from one on, up to those listed now.
    Filter {
        /// Which run.
        run: u64,
        /// The expression.
        expression: String,
        /// First packet.
        from: u32,
        /// Packets there are.
        to: u32,
    },
    /// Look for something.
    Find {
        /// Which search.
        run: u64,
        /// What for.
        needle: Needle,
        /// The packets, in the order they are looked at.
        order: Vec<u32>,
    },
    /// Check all digests anew.
    Judge {
        /// Packets there are.
        to: u32,
    },
    /// Work out fields.
    Cells {
        /// The packets.
        packets: Vec<u32>,
        /// The fields.
        fields: Vec<&'static str>,
    },
}

/// Does a job. `turn` changes when jobs begun before are of no use any more; `send` says `false` when nobody listens.
pub fn work(library: &Arc<Library>, job: Job, turn: &AtomicU64, send: &dyn Fn(Msg) -> bool) {
    let mine = turn.load(Ordering::Relaxed);
    let stopped = || turn.load(Ordering::Relaxed) != mine;
    match job {
        Job::Filter { run, expression, from, to } => {
            // It was checked before it got here.
            let Ok(filter) = Filter::new(&expression) else { return };
            let mut at = from;
            while at < to && !stopped() {
                // The first slice is small: what is on screen first must come first.
                let end = at.saturating_add(if at == from { SLICE / 4 } else { SLICE }).min(to);
                let pass = |at: &u32| library.look(*at, |packet, _| filter.matches(&packet.view)).unwrap_or(false);
                let hits: Vec<u32> = (at..end).filter(pass).collect();
                at = end;
                if !send(Msg::Filtered(Filtered { run, upto: at, hits })) {
                    return;
                }
            }
        }
        Job::Find { run, needle, order } => {
            let hit = |at: u32| library.look(at, |packet, _| matches(packet.view, &needle)).unwrap_or(false);
            let mut found = None;
            for (count, at) in order.into_iter().enumerate() {
                if count.is_multiple_of(SLICE as usize) && stopped() {
                    return;
                }
                if hit(at) {
                    found = Some(at);
                    break;
                }
            }
            let _ = send(Msg::Found(FoundHit { run, at: found }));
        }
        Job::Judge { to } => {
            let mut at = 0u32;
            let mut digests = Digests::new(DIGESTS_OCTETS);
            while at < to {
                let end = at.saturating_add(SLICE).min(to);
                let all = (at..end).filter_map(|at| Some((at, library.judge(at, &mut digests).ok()?))).collect();
                at = end;
                if !send(Msg::Judged(all, at >= to)) {
                    return;
                }
            }
            if to == 0 {
                let _ = send(Msg::Judged(Vec::new(), true));
            }
        }
        Job::Cells { packets, fields } => {
            let mut left = packets.len();
            for some in packets.chunks(SLICE as usize) {
                left = left.saturating_sub(some.len());
                let mut cells = Vec::new();
                for at in some {
                    let texts =
                        library.look(*at, |packet, _| fields.iter().map(|f| cell(packet.view, f)).collect::<Vec<_>>());
                    let texts = texts.unwrap_or_else(|_| vec![Visible::default(); fields.len()]);
                    cells.extend(fields.iter().zip(texts).map(|(field, text)| (*at, *field, text)));
                }
                if !send(Msg::Cells(cells, left == 0)) {
                    return;
                }
            }
        }
    }
}

/// Whether a packet holds what is looked for.
fn matches(view: View<'_>, needle: &Needle) -> bool {
    match needle {
        Needle::Octets(wanted) => holds_octets(view, wanted),
        Needle::Fields(text) => {
            view.walk().any(|item| holds(&item, text))
                || view
                    .findings()
                    .any(|f| f.text().to_lowercase().contains(text) || f.rule.id.to_lowercase().contains(text))
        }
    }
}

/// All occurrences of a field in a packet.
fn cell(view: View<'_>, name: &str) -> Visible {
    let mut out = String::new();
    for item in view.walk().filter(|item| item.field.name == name) {
        if !out.is_empty() {
            out.push_str(", ");
        }
        let octets = item.octets.get(..256).unwrap_or(item.octets);
        crate::output::value::push_plain(&mut out, item.field, item.value, octets);
    }
    if name.starts_with("finding.") {
        for found in view.findings() {
            if !out.is_empty() {
                out.push_str(", ");
            }
            match name {
                "finding.rule" => out.push_str(found.rule.id),
                "finding.severity" => out.push_str(found.severity.name()),
                "finding.group" => out.push_str(found.rule.group.name()),
                _ => push_visible(&mut out, found.text().as_bytes()),
            }
        }
    }
    Visible::from_parts(out)
}
