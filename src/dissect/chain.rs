//! Runs layer after layer from a stack of payloads; never recursive, bounded in depth and number.
//!
//! Stops at a layer that needs memory and goes on when it is answered. Must not know any protocol, nor hold memory across frames.

use super::claim::{Claim, Claims, Dissector, Probe, Table};
use super::facts::Facts;
use super::heuristic::{self, BY_STRUCTURE};
use super::message::{Found, OUTCOME};
use super::need::{Answer, Need};
use super::reader::{CUT, DATA, Handed, Outbox, PADDING, Reader, Window, octets_in};
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

#[derive(Debug)]
struct Job {
    window: Window,
    claims: Claims,
    /// The place of what the layers below know.
    facts: usize,
    depth: u8,
}

/// The layers still to be read of one packet.
#[derive(Debug, Default)]
pub struct Chain {
    jobs: Vec<Job>,
    layers: u32,
    /// What the last layer still asks, the first question last.
    needs: Vec<Need>,
    waiting: u8,
    facts: Facts,
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
    pub fn start(&mut self, window: Window, claim: Claim, facts: Facts) {
        self.jobs.clear();
        self.needs.clear();
        self.layers = 0;
        self.out.facts.clear();
        let facts = self.out.know(&facts);
        self.jobs.push(Job { window, claims: Claims::one(claim), facts, depth: 0 });
    }

    /// Reads layers until all are read (`None`) or one needs memory.
    pub fn run(&mut self, table: &Table, work: &mut Work<'_, '_>) -> Option<Need> {
        loop {
            if let Some(need) = self.needs.pop() {
                return Some(need);
            }
            let job = self.jobs.pop()?;
            self.layer(table, work, &job);
            self.waiting = job.depth;
        }
    }

    /// The layers still to be read are octets only, and what was reported so far is dropped: it was told when the packet was
    /// first read.
    fn forget(&mut self, work: &mut Work<'_, '_>) {
        self.jobs.iter_mut().for_each(|job| job.claims = Claims::NONE);
        self.needs.clear();
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
                    let words = work.tree.scratch(format_args!("{outcome}"));
                    work.tree.push(Some(layer), &OUTCOME, here, words);
                }
                remark(work.tree, layer, remarks);
                work.found.concerns_push |= concerns_push;
                work.found.outcomes.extend(*outcome);
            }
            Answer::Resume { buffer, promised, claim, remarks, facts, cuts } => {
                remark(work.tree, layer, remarks);
                let len = buffer.bytes.len();
                let buf = work.buffers.derive(buffer.clone());
                let window = Window::whole(buf, len, *promised);
                let depth = self.waiting.saturating_add(1);
                let facts = self.out.know(facts.as_deref().unwrap_or(&self.facts));
                if cuts.is_empty() {
                    self.jobs.push(Job { window, claims: Claims::one(*claim), facts, depth });
                }
                // The last message first: jobs are a stack.
                let mut end = window.end;
                for cut in cuts.iter().rev() {
                    let start = end.saturating_sub(cut.len.saturating_mul(8));
                    let promised = start.saturating_add(cut.promised.max(cut.len).saturating_mul(8));
                    self.jobs.push(Job {
                        window: Window { buf, start, end, promised },
                        claims: Claims::one(*claim),
                        facts,
                        depth,
                    });
                    end = start;
                }
            }
        }
    }

    fn layer(&mut self, table: &Table, work: &mut Work<'_, '_>, job: &Job) {
        // Every job was given its facts when it was made.
        let Some(facts) = self.out.facts.get(job.facts) else { return };
        let Some((dissector, by_structure)) = choose(table, work.buffers, job, facts) else {
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
        let layer = work.tree.push(None, dissector.layer, job.window.octets(), Value::None);
        if by_structure {
            work.tree.flag(&BY_STRUCTURE, layer, format_args!(""));
        }
        self.out.handed.clear();
        self.out.needs.clear();
        self.out.trailing = None;
        {
            let bytes = work.buffers.bytes(job.window.buf);
            let next_buffer = u16::try_from(work.buffers.derived().count()).unwrap_or(u16::MAX).saturating_add(1);
            let facts = *facts;
            let parts = (&mut *work.tree, &mut *work.found, &mut self.out);
            let mut reader = Reader::new(bytes, job.window, layer, facts, next_buffer, parts);
            // A `Stop` has left its finding in the tree: nothing more to do about it here.
            let _ = (dissector.dissect)(&mut reader);
            if reader.asks() {
                self.facts = *reader.facts();
            }
            reader.finish();
        }
        for derived in self.out.derived.drain(..) {
            work.buffers.derive(derived);
        }
        if let Some(span) = self.out.trailing {
            work.tree.push(None, &PADDING, span, Value::Raw);
        }
        for Handed { window, claims, facts } in self.out.handed.drain(..).rev() {
            self.jobs.push(Job { window, claims, facts, depth: job.depth.saturating_add(1) });
        }
        self.needs.extend(self.out.needs.drain(..).rev());
    }
}

/// The dissector for a payload, by the first of its claims that anyone has; and whether only the structure tells.
fn choose(table: &Table, buffers: &Buffers<'_>, job: &Job, facts: &Facts) -> Option<(&'static Dissector, bool)> {
    let promised = octets_in(job.window.promised.saturating_sub(job.window.start));
    let probe = Probe { octets: buffers.octets(job.window.octets()), promised, facts };
    if let Some(found) = job.claims.iter().find_map(|claim| table.find(claim, &probe)) {
        return Some((found, false));
    }
    let is_datagram = job.claims.iter().any(|claim| matches!(claim, Claim::UdpPort(_)));
    if !is_datagram || !table.looks_for_structure() {
        return None;
    }
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
