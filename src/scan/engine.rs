//! The engine: puts frames through gate, chain, flow, verification and sequence rules, and lends what is listed to a sink.
//!
//! Must not know how packets are printed, nor read files or clocks.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::frame as frame_layer;
use super::gate::Gate;
use super::judge;
use super::packet::{Packet, Past};
use super::protocols::Protocols;
use crate::capture::{Frame, Glimpse};
use crate::dissect::heuristic;
use crate::dissect::{Answer, Chain, Change, Claim, Facts, Found, Table, Way, Window, Work};
use crate::flow::{Bounds, Flow, Kept, Late, Ledger, Seen, Windows};
use crate::model::walk::View;
use crate::model::{BufId, Buffers, Derived, NodeId, Notes, Timestamp, Tree};
use crate::verify::{Keyring, NonceLog, Verdict};

/// Capture time goes on in steps of two to this power nanoseconds: 67 ms.
const TICK: u32 = 26;

/// Who gets the packets. `Break` ends the scan.
pub trait Sink {
    /// One listed packet, in capture order; lent until the next.
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()>;

    /// The first capture time there is, before any packet of it or of later frames.
    fn first_time(&mut self, _: Timestamp) {}

    /// The outcome of a push that was listed before, as soon as it is known. What tells it is listed too, before or after.
    fn changed(&mut self, _: &Change) {}

    /// Whether a packet listed under this frame is wanted: else it is remembered as all are, but neither verified nor lent.
    fn wants(&self, _: &Frame<'_>) -> bool {
        true
    }

    /// A frame passed the gate and is about to be dissected; most of them are not listed.
    fn frame(&mut self, _: &Frame<'_>) {}
}

/// What to list, and within which bounds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Every frame, not only those that carry or concern a push.
    pub all: bool,
    /// Windows of the sequence rules.
    pub windows: Windows,
    /// Bounds of the memory across frames.
    pub bounds: Bounds,
    /// Octets the ledger of seen notifications may take.
    pub ledger_octets: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { all: false, windows: Windows::default(), bounds: Bounds::default(), ledger_octets: 64 << 20 }
    }
}

/// What was counted. See [`Engine::counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames seen.
    pub frames: u64,
    /// Frames that passed the gate.
    pub dissected: u64,
    /// Packets listed.
    pub listed: u64,
}

/// Puts frames through everything. See the module's documentation.
pub struct Engine<'k> {
    table: Table,
    gate: Arc<Gate>,
    /// What the gate lets through: what the table claims, and ports on which streams were recognised.
    let_through: Table,
    /// The gate lets more through than the one that others were given.
    gate_grew: bool,
    keys: &'k Keyring,
    options: Options,
    chain: Chain,
    flow: Flow<KeptFrame>,
    ledger: Ledger,
    /// What the ledger says of the messages of a frame.
    seen: Vec<Seen>,
    /// Nonces learned from sessions. Only ever appended to; each packet gets what stood in it at its frame. Empty as long as
    /// sessions are not dissected.
    learned: Arc<NonceLog>,
    protocols: Protocols,
    tree: Tree,
    found: Found,
    notes: Notes,
    verdicts: Vec<Verdict>,
    answers: Vec<Answer>,
    /// Room for the buffers derived from a frame.
    room: Vec<Derived>,
    counts: Counts,
    /// The highest time so far, in ticks.
    tick: i64,
}

impl<'k> Engine<'k> {
    /// An engine with this dispatch table and these keys.
    pub fn new(table: Table, keys: &'k Keyring, options: Options) -> Self {
        let mut flow = Flow::new(Bounds { concat: options.windows.concat, ..options.bounds });
        flow.claims(&table);
        // Without keys nobody asks what a digest was copied from.
        let ledger = Ledger::new(options.windows, options.ledger_octets).by_digest(!keys.is_empty());
        let mut engine = Self {
            let_through: table.clone(),
            gate: Arc::new(Gate::new(&table)),
            gate_grew: false,
            table,
            keys,
            options,
            chain: Chain::default(),
            flow,
            ledger,
            seen: Vec::new(),
            learned: Arc::default(),
            protocols: Protocols::default(),
            tree: Tree::default(),
            found: Found::default(),
            notes: Notes::default(),
            verdicts: Vec::new(),
            answers: Vec::new(),
            room: Vec::new(),
            counts: Counts::default(),
            tick: i64::MIN,
        };
        engine.set_gate();
        engine
    }

    /// Makes the gate for what is to be let through.
    fn set_gate(&mut self) {
        let gate = Gate::new(&self.let_through);
        self.gate = Arc::new(if self.let_through.looks_for_structure() {
            gate.with_fit_test(|payload| heuristic::claim(payload).is_some())
        } else {
            gate
        });
        if !self.options.all {
            let gate = Arc::clone(&self.gate);
            self.flow.only(Box::new(move |proto, first| gate.datagram_matters(proto, first)));
        }
    }

    /// A stream was recognised on a port that nobody claims: from now on all of its segments pass.
    #[cold]
    fn enter(&mut self, port: u16, layer: &str) {
        if self.let_through.redirect(Claim::TcpPort(port), layer) {
            self.set_gate();
            self.gate_grew = true;
        }
    }

    /// Whether the gate lets more through than it did before: what somebody else put through that gate has to be put through
    /// anew, from the next frame on.
    pub const fn has_grown_gate(&self) -> bool {
        self.gate_grew
    }

    /// The same; asked again it says no.
    pub const fn gate_grew(&mut self) -> bool {
        std::mem::replace(&mut self.gate_grew, false)
    }

    /// The same, with a log of nonces that others keep and read as well.
    #[must_use]
    pub fn with_nonces(mut self, learned: Arc<NonceLog>) -> Self {
        self.learned = learned;
        self
    }

    /// The nonces learned so far. What is appended is known from the next frame on.
    pub const fn nonces(&self) -> &Arc<NonceLog> {
        &self.learned
    }

    /// The gate, for scans that ask it in parallel.
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }

    /// What was counted so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// One line on what was done and forgotten.
    pub fn statistics(&self) -> String {
        let Counts { frames, dissected, listed } = self.counts;
        let evicted = self.flow.stats().evicted;
        let forgotten = self.ledger.forgotten();
        format!(
            "{frames} frames, {dissected} dissected, {listed} listed; {evicted} unfinished datagrams and {forgotten} seen \
             notifications were forgotten to bound memory"
        )
    }

    /// The next frame in capture order.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    #[inline]
    pub fn frame(&mut self, frame: &Frame<'_>, sink: &mut dyn Sink) -> ControlFlow<()> {
        let glimpse = Glimpse::of(frame);
        if self.skip(&glimpse, sink)? { ControlFlow::Continue(()) } else { self.candidate(frame, sink) }
    }

    /// The next frame in capture order, if it can be skipped; else it is to be given to [`Engine::candidate`] next.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    #[inline]
    pub fn skip(&mut self, glimpse: &Glimpse<'_>, sink: &mut dyn Sink) -> ControlFlow<(), bool> {
        self.advance(glimpse.ts, sink)?;
        let skip = !self.options.all && !self.gate.matters(glimpse.link.0, glimpse.data);
        self.counts.frames += u64::from(skip);
        ControlFlow::Continue(skip)
    }

    /// Whether every frame is dissected, so that nobody need ask the gate.
    pub const fn wants_all(&self) -> bool {
        self.options.all
    }

    /// So many frames did not pass the gate that somebody else asked. Their times go to [`Engine::advance`].
    pub const fn skipped(&mut self, frames: usize) {
        self.counts.frames = self.counts.frames.saturating_add(frames as u64);
    }

    /// The number of the next frame in the merged order.
    pub fn next_number(&self) -> u32 {
        u32::try_from(self.counts.frames.saturating_add(1)).unwrap_or(u32::MAX)
    }

    /// The next frame in capture order, known to have passed the gate; [`Engine::advance`] has seen its time.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    pub fn candidate(&mut self, frame: &Frame<'_>, sink: &mut dyn Sink) -> ControlFlow<()> {
        self.counts.frames += 1;
        if self.is_dull_fragment(frame) {
            return self.late(sink);
        }
        sink.frame(frame);
        self.dissect(frame, Claim::LinkType(frame.link.0), Facts::default(), None, sink)?;
        self.late(sink)?;
        while let Some((port, layer)) = self.flow.recognised() {
            self.enter(port, layer);
        }
        ControlFlow::Continue(())
    }

    /// Whether a frame is a fragment of a datagram that nobody wants: told without dissecting it, in the order of all frames,
    /// so that it does not depend on who asked the gate.
    fn is_dull_fragment(&mut self, frame: &Frame<'_>) -> bool {
        if self.options.all {
            return false;
        }
        let fragment = self.gate.fragment(frame.link.0, frame.interface, frame.data);
        fragment.is_some_and(|fragment| self.flow.is_dull(&fragment, frame.ts))
    }

    /// Capture time reached this point; what waited too long is listed. Of several times in a row the latest will do, but for
    /// the very first one.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    #[inline]
    pub fn advance(&mut self, time: Option<Timestamp>, sink: &mut dyn Sink) -> ControlFlow<()> {
        // Nothing waits so exactly that it must be asked for every frame.
        match time {
            Some(time) if time.nanos() >> TICK > self.tick => self.tick(time, sink),
            _ => ControlFlow::Continue(()),
        }
    }

    #[cold]
    fn tick(&mut self, time: Timestamp, sink: &mut dyn Sink) -> ControlFlow<()> {
        if self.tick == i64::MIN {
            sink.first_time(time);
        }
        self.tick = time.nanos() >> TICK;
        self.flow.advance(Some(Timestamp::from_nanos(self.tick << TICK)));
        self.late(sink)
    }

    /// Octets that are no frame of a capture: `claim` says who reads them.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    pub fn octets(&mut self, frame: &Frame<'_>, claim: Claim, sink: &mut dyn Sink) -> ControlFlow<()> {
        self.counts.frames += 1;
        self.options.all = true;
        let facts = Facts { carrier: crate::dissect::Carrier::Pasted, ..Facts::default() };
        self.dissect(frame, claim, facts, None, sink)
    }

    /// The capture is over: what was waiting for more is listed.
    ///
    /// # Errors
    /// `Break` when the sink wants no more.
    pub fn finish(&mut self, sink: &mut dyn Sink) -> ControlFlow<()> {
        self.flow.finish();
        self.late(sink)
    }

    /// Lists what was given up meanwhile: its last frame is read again, with what there is of the datagram.
    #[inline]
    fn late(&mut self, sink: &mut dyn Sink) -> ControlFlow<()> {
        while let Some(late) = self.flow.late() {
            self.decided_late(late, sink)?;
        }
        while let Some(change) = self.flow.change() {
            sink.changed(&change);
        }
        ControlFlow::Continue(())
    }

    #[cold]
    fn decided_late(&mut self, late: Late<KeptFrame>, sink: &mut dyn Sink) -> ControlFlow<()> {
        let Late { frame: kept, answer } = late;
        let frame = kept.frame();
        let mut answers = kept.answers.clone();
        answers.push(Answer::Late(Box::new(answer)));
        self.dissect(&frame, Claim::LinkType(frame.link.0), Facts::default(), Some((answers, kept.learned)), sink)
    }

    /// Reads one frame; `given` are answers to its first needs, so that `flow` is not asked, and how many nonces were
    /// learned at its frame: it was read before.
    fn dissect(
        &mut self,
        frame: &Frame<'_>,
        claim: Claim,
        facts: Facts,
        given: Option<(Vec<Answer>, usize)>,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        self.counts.dissected += 1;
        let late = given.is_some();
        let (given, known) = given.unwrap_or_else(|| (Vec::new(), self.learned.len()));
        let mut given = given.into_iter();
        let mut buffers = Buffers::with_room(frame.number, frame.data, std::mem::take(&mut self.room));
        self.tree.clear();
        self.found.clear();
        self.notes.clear();
        self.answers.clear();
        let top = frame_layer::push(&mut self.tree, frame);
        let leg = Way::from_interface(frame.interface).leg;
        let facts = Facts { time: frame.ts, leg, fcs_octets: frame.fcs_len, ..facts };
        self.chain.start(Window::whole(BufId::FRAME, frame.data.len(), frame.orig_len), claim, facts);
        loop {
            let mut work = Work { buffers: &mut buffers, tree: &mut self.tree, found: &mut self.found };
            let Some(need) = self.chain.run(&self.table, &mut work) else { break };
            let answers = &self.answers;
            let answer = match given.next() {
                Some(answer) => answer,
                None if late => Answer::Wait,
                None => self.flow.answer(&need, work.buffers, || KeptFrame::new(frame, answers, known)),
            };
            self.chain.resume(&answer, &mut work, need.layer());
            self.answers.push(answer);
        }
        let flow = if (late || !self.options.all) && !self.found.is_listed() {
            ControlFlow::Continue(())
        } else {
            self.list(frame, &buffers, top, known, sink)
        };
        self.room = buffers.into_room();
        flow
    }

    /// Lists a packet that was read; so many nonces were known at its frame.
    fn list(
        &mut self,
        frame: &Frame<'_>,
        buffers: &Buffers<'_>,
        top: NodeId,
        known: usize,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        self.verdicts.clear();
        self.sequence(frame, buffers);
        if !sink.wants(frame) {
            return ControlFlow::Continue(());
        }
        // The first note stands first: nothing has to make room for it.
        self.protocols.note(&self.tree, top, &mut self.notes);
        let log = Arc::clone(&self.learned);
        let learned = log.prefix(known);
        judge::verdicts(self.keys, learned, self.ledger.messages(), buffers, &self.found, &mut self.verdicts);
        judge::note(buffers, &self.found, &self.verdicts, &mut self.notes);
        for (message, seen) in self.found.messages.iter().zip(&self.seen) {
            seen.note(message, &mut self.notes);
        }
        self.counts.listed += 1;
        let view = View { buffers, tree: &self.tree, notes: &self.notes };
        sink.packet(&Packet {
            frame,
            view,
            found: &self.found,
            verdicts: &self.verdicts,
            past: Some(Past { answers: &self.answers, learned, seen: self.ledger.messages() }),
        })
    }

    fn sequence(&mut self, frame: &Frame<'_>, buffers: &Buffers<'_>) {
        self.seen.clear();
        for (index, message) in (1u16..).zip(&self.found.messages) {
            self.seen.push(self.ledger.seen(frame.number, index, message, buffers));
        }
    }
}

/// What is kept of a frame whose datagram may never be completed: it is read again then.
#[derive(Clone, Debug)]
struct KeptFrame {
    /// All but the octets.
    meta: Frame<'static>,
    octets: Box<[u8]>,
    /// The answers it got before the one it waits for.
    answers: Vec<Answer>,
    /// How many nonces were learned at its frame.
    learned: usize,
}

impl KeptFrame {
    fn new(frame: &Frame<'_>, answers: &[Answer], learned: usize) -> Kept<Self> {
        let octets = frame.data.len();
        let kept = Self { meta: frame.without_data(), octets: frame.data.into(), answers: answers.to_vec(), learned };
        Kept { frame: kept, octets: octets + std::mem::size_of::<Self>() }
    }

    fn frame(&self) -> Frame<'_> {
        Frame { data: &self.octets, ..self.meta }
    }
}
