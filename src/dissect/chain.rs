//! Runs layer after layer from a stack of payloads; never recursive, bounded in depth and number.
//!
//! Stops at a layer that needs memory and goes on when it is answered. Must not know any protocol, nor hold memory across frames.

use super::claim::{Claim, Dissector, Probe, Table};
use super::facts::Facts;
use super::heuristic::{self, BY_STRUCTURE};
use super::message::{Found, OUTCOME};
use super::need::{Answer, Need};
use super::outbox::{Job, Outbox};
use super::reader::{CUT, DATA, PADDING, Reader, Window, octets_in};
use crate::model::{Buffers, Group, NodeId, Rule, Span, Tree, Value};

/// Layers on top of each other.
const DEPTH_MAX: u8 = 32;

/// Layers in one packet.
const LAYERS_MAX: u32 = 2048;

/// Too many layers.
pub static TOO_DEEP: Rule = Rule::warning("NET-002", Group::Undecoded)
    .uncited("our bound against crafted nesting")
    .text("too many layers: what follows is not dissected")
    .explain(
        "The packet nests more protocols than any real one does, or holds more messages than a packet should.",
        "Such nesting is made to exhaust analyzers; nothing beyond it is shown as fields.",
        "Look at the octets themselves; if the traffic is genuine, capture inside the tunnel.",
    );

/// The layers still to be read of one packet.
#[derive(Debug, Default)]
pub struct Chain {
    layers: u32,
    out: Outbox,
}

/// What the chain works on.
#[derive(Debug)]
pub struct Work<'w, 'f> {
    /// The octets.
    pub buffers: &'w mut Buffers<'f>,
    /// The tree that grows.
    pub tree: &'w mut Tree,
    /// What dissectors report.
    pub found: &'w mut Found,
}

impl Chain {
    /// Starts a packet: the octets of `window` belong to whoever claims `claim`.
    #[inline]
    pub fn start(&mut self, window: Window, claim: Claim, facts: Facts) {
        self.layers = 0;
        self.out.start(window, claim, facts);
    }

    /// Reads layers until all are read (`None`) or one needs memory.
    pub fn run(&mut self, table: &Table, work: &mut Work<'_, '_>) -> Option<Need> {
        loop {
            if let Some(need) = self.out.question() {
                return Some(need);
            }
            let job = self.out.next()?;
            self.layer(table, work, &job);
        }
    }

    /// The layers still to be read are octets only, and what was reported so far is dropped: it was told when the packet was
    /// first read.
    fn forget(&mut self, work: &mut Work<'_, '_>) {
        self.out.forget();
        work.found.clear();
    }

    /// Goes on with the answer to the need that [`Chain::run`] returned; call `run` again afterwards.
    pub fn resume(&mut self, answer: &Answer, work: &mut Work<'_, '_>, layer: NodeId) {
        match answer {
            Answer::Wait => {}
            Answer::Late(answer) => {
                self.forget(work);
                self.resume(answer, work, layer);
            }
            Answer::Tell { nodes, remarks, outcome, concerns_push } => {
                // The layer that asked was the last to be read, so its subtree still reaches to the tree's end.
                let here = work
                    .tree
                    .get(layer)
                    .map_or_else(Span::default, |node| Span::new(node.span.buf, node.span.end(), 0));
                for (field, value) in nodes {
                    work.tree.push(Some(layer), field, here, *value);
                }
                if let Some(outcome) = outcome {
                    let words = match outcome.word() {
                        Some(name) => work.tree.scratch_bytes(name.as_bytes()),
                        None => work.tree.scratch(format_args!("{outcome}")),
                    };
                    work.tree.push(Some(layer), &OUTCOME, here, words);
                }
                remark(work.tree, layer, remarks);
                work.found.concerns_push |= concerns_push;
                work.found.outcomes.extend(*outcome);
            }
            Answer::Resume { buffer, promised, claim, remarks, facts, cuts } => {
                remark(work.tree, layer, remarks);
                let len = buffer.len();
                let buf = work.buffers.derive(buffer.clone());
                let window = Window::whole(buf, len, *promised);
                if cuts.is_empty() {
                    self.out.answered(std::iter::once(window), *claim, facts.as_deref());
                    return;
                }
                let octets = cuts.iter().fold(0u32, |all, cut| all.saturating_add(cut.len.saturating_mul(8)));
                let mut start = window.end.saturating_sub(octets);
                let windows = cuts.iter().map(|cut| {
                    let end = start.saturating_add(cut.len.saturating_mul(8));
                    let promised = start.saturating_add(cut.promised.max(cut.len).saturating_mul(8));
                    let window = Window { buf, start, end, promised };
                    start = end;
                    window
                });
                self.out.answered(windows, *claim, facts.as_deref());
            }
        }
    }

    fn layer(&mut self, table: &Table, work: &mut Work<'_, '_>, job: &Job) {
        let Some((dissector, by_structure)) = choose(table, work.buffers, job, self.out.known()) else {
            data(work.tree, job.window);
            return;
        };
        self.layers = self.layers.saturating_add(1);
        if job.depth >= DEPTH_MAX || self.layers > LAYERS_MAX {
            if let Some(node) = data(work.tree, job.window) {
                work.tree.flag(&TOO_DEEP, node, format_args!(""));
            }
            return;
        }
        let layer = work.tree.add(None, dissector.layer, job.window.octets(), Value::None);
        if by_structure {
            work.tree.flag(&BY_STRUCTURE, layer, format_args!(""));
        }
        self.out.open(job.depth);
        let bytes = work.buffers.bytes(job.window.buf);
        let parts = (&mut *work.tree, &mut *work.found, &mut self.out);
        let mut reader = Reader::new(bytes, job.window, layer, work.buffers.next().0, parts);
        // A `Stop` has left its finding in the tree: nothing more to do about it here.
        let _ = (dissector.dissect)(&mut reader);
        reader.finish();
        for derived in self.out.derived.drain(..) {
            work.buffers.derive(derived);
        }
        if let Some(span) = self.out.trailing {
            work.tree.add(None, &PADDING, span, Value::Raw);
        }
        self.out.close();
    }
}

/// The dissector for a payload, by the first of its claims that anyone has; and whether only the structure tells.
#[inline]
fn choose(table: &Table, buffers: &Buffers<'_>, job: &Job, facts: &Facts) -> Option<(&'static Dissector, bool)> {
    match table.only(job.claims) {
        Some(found) => Some((found, false)),
        None => choose_among(table, buffers, job, facts),
    }
}

/// The same where the first of the claims does not tell.
#[inline(never)]
fn choose_among(table: &Table, buffers: &Buffers<'_>, job: &Job, facts: &Facts) -> Option<(&'static Dissector, bool)> {
    let probe = || {
        let promised = octets_in(job.window.promised.saturating_sub(job.window.start));
        Probe { octets: buffers.octets(job.window.octets()), promised, facts }
    };
    if let Some(found) = table.first_of(job.claims, probe) {
        return Some((found, false));
    }
    if !table.looks_for_structure() || !job.claims.is_datagram() {
        return None;
    }
    let probe = probe();
    table.find(heuristic::claim(probe.octets)?, &probe).map(|found| (found, true))
}

/// What was found while an answer was made.
fn remark(tree: &mut Tree, layer: NodeId, remarks: &[(&'static Rule, String)]) {
    for (rule, detail) in remarks {
        tree.flag(rule, layer, format_args!("{detail}"));
    }
}

/// Octets nobody reads.
fn data(tree: &mut Tree, window: Window) -> Option<NodeId> {
    let span = window.octets();
    if span.len == 0 {
        return None;
    }
    let node = tree.push(None, &DATA, span, Value::Raw);
    if window.promised > window.end {
        tree.flag(&CUT, node, format_args!("{} octets", octets_in(window.promised.saturating_sub(window.end))));
    }
    Some(node)
}
