//! Packets read on one thread and handed to their sink on another, in the same order.
//!
//! Writing a packet may take as long as reading it. What is under way is bounded. Must not know what the sink does.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::engine::Sink;
use super::packet::Packet;
use crate::capture::Frame;
use crate::dissect::{Change, Found};
use crate::model::walk::View;
use crate::model::{Buffers, Derived, Notes, Timestamp, Tree};
use crate::verify::Verdict;

/// Most packets that are handed over at once,
const PACKETS: usize = 64;
/// unless they take so many octets before.
const OCTETS: usize = 256 << 10;
/// Loads that wait for the sink.
const WAITING: usize = 2;
/// Octets of a packet whose room is used again: one that is larger than others does not take it for ever.
const ROOM: usize = 32 << 10;

/// Runs a scan on this thread, and a sink of its packets on another; both have ended when this returns.
///
/// The sink gets packets without their past, first times and changes, each in its order. It is not asked what it wants, nor
/// told of frames: who needs that has to stand where the scan is. That it wants no more is heard some packets later.
pub fn relay<R>(sink: &mut (dyn Sink + Send), scan: impl FnOnce(&mut dyn Sink) -> R) -> R {
    std::thread::scope(|scope| {
        let (full, loads) = sync_channel(WAITING);
        let (emptied, empty) = channel();
        scope.spawn(move || unload(&loads, &emptied, sink));
        // Hands over what is left when it goes.
        scan(&mut Relay { load: Load::default(), full, empty })
    })
}

/// What the sink's thread does.
fn unload(loads: &Receiver<Load>, emptied: &Sender<Load>, sink: &mut dyn Sink) {
    for mut load in loads {
        if load.tell(sink).is_break() {
            return;
        }
        load.clear();
        // Nobody needs it any more once the scan is over.
        let _ = emptied.send(load);
    }
}

/// The sink that the scan sees.
struct Relay {
    load: Load,
    full: SyncSender<Load>,
    empty: Receiver<Load>,
}

impl Relay {
    fn hand_over(&mut self) -> ControlFlow<()> {
        let next = self.empty.try_recv().unwrap_or_default();
        let load = std::mem::replace(&mut self.load, next);
        // Nobody is there: the sink wanted no more.
        if self.full.send(load).is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Sink for Relay {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.load.put(packet);
        if self.load.is_full() { self.hand_over() } else { ControlFlow::Continue(()) }
    }

    fn first_time(&mut self, time: Timestamp) {
        self.load.events.push(Event::FirstTime(time));
    }

    fn changed(&mut self, change: &Change) {
        self.load.events.push(Event::Changed(change.clone()));
        if self.load.is_full() {
            // That nobody is there is heard with the next packet.
            let _ = self.hand_over();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.hand_over();
    }
}

/// What happened, in its order. Reuses its memory.
#[derive(Default)]
struct Load {
    events: Vec<Event>,
    /// The packets; those behind the first `used` are room.
    packets: Vec<Owned>,
    used: usize,
    octets: usize,
}

enum Event {
    /// The next packet.
    Packet,
    FirstTime(Timestamp),
    Changed(Change),
}

impl Load {
    fn put(&mut self, packet: &Packet<'_>) {
        if self.packets.len() <= self.used {
            self.packets.push(Owned::default());
        }
        if let Some(place) = self.packets.get_mut(self.used) {
            place.copy(packet);
            self.octets = self.octets.saturating_add(place.octets());
        }
        self.used += 1;
        self.events.push(Event::Packet);
    }

    fn is_full(&self) -> bool {
        self.used >= PACKETS || self.octets >= OCTETS || self.events.len() >= 2 * PACKETS
    }

    fn tell(&self, sink: &mut dyn Sink) -> ControlFlow<()> {
        let mut packets = self.packets.iter();
        for event in &self.events {
            match event {
                Event::Packet => packets.next().map_or(ControlFlow::Continue(()), |owned| owned.lend(sink))?,
                Event::FirstTime(time) => sink.first_time(*time),
                Event::Changed(change) => sink.changed(change),
            }
        }
        ControlFlow::Continue(())
    }

    fn clear(&mut self) {
        self.events.clear();
        self.packets.retain(|packet| packet.octets() <= ROOM);
        (self.used, self.octets) = (0, 0);
    }
}

/// A packet that borrows nothing. Reuses its memory.
struct Owned {
    frame: Frame<'static>,
    octets: Vec<u8>,
    derived: Vec<Derived>,
    tree: Tree,
    notes: Notes,
    found: Found,
    verdicts: Vec<Verdict>,
}

impl Default for Owned {
    fn default() -> Self {
        Self {
            frame: Frame::new(0, None, crate::capture::LinkType(0), &[]),
            octets: Vec::new(),
            derived: Vec::new(),
            tree: Tree::default(),
            notes: Notes::default(),
            found: Found::default(),
            verdicts: Vec::new(),
        }
    }
}

impl Owned {
    fn copy(&mut self, packet: &Packet<'_>) {
        let View { buffers, tree, notes } = packet.view;
        self.frame = packet.frame.without_data();
        self.octets.clear();
        self.octets.extend_from_slice(buffers.frame());
        self.derived.clear();
        self.derived.extend(buffers.derived().map(|(_, derived)| derived.clone()));
        self.tree.clone_from(tree);
        self.notes.clone_from(notes);
        self.found.clone_from(packet.found);
        self.verdicts.clear();
        self.verdicts.extend_from_slice(packet.verdicts);
    }

    /// About how many octets it takes.
    fn octets(&self) -> usize {
        let derived = self.derived.iter().fold(0usize, |sum, derived| sum.saturating_add(derived.own().len()));
        self.octets.len().saturating_add(derived).saturating_add(self.tree.octets_taken())
    }

    fn lend(&self, sink: &mut dyn Sink) -> ControlFlow<()> {
        let buffers = Buffers::over(self.frame.number, &self.octets, &self.derived);
        let frame = Frame { data: &self.octets, ..self.frame };
        let view = View { buffers: &buffers, tree: &self.tree, notes: &self.notes };
        sink.packet(&Packet { frame: &frame, view, found: &self.found, verdicts: &self.verdicts, past: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::dissect::{Carrier, Outcome, Teller};
    use crate::model::{BufId, Field, NodeId, Origin, Piece, Span, Value};

    static LAYER: Field = Field::layer("a", "A");
    static LEAF: Field = Field::text("a.text", "Text");

    /// What a sink is told, in words.
    #[derive(Default)]
    struct Told {
        lines: Vec<String>,
        /// How many packets it wants.
        wanted: Option<usize>,
    }

    impl Sink for Told {
        fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
            let View { buffers, tree, .. } = packet.view;
            let derived: usize = buffers.derived().map(|(id, _)| buffers.bytes(id).len()).sum();
            let text = tree.nodes().get(1).map(|node| tree.octets(buffers, node.span, node.value).len());
            self.lines.push(format!("{} {} {derived} {text:?}", packet.frame.number, packet.frame.data.len()));
            if self.wanted == Some(self.lines.len()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }

        fn first_time(&mut self, time: Timestamp) {
            self.lines.push(format!("first time {}", time.nanos()));
        }

        fn changed(&mut self, change: &Change) {
            self.lines.push(format!("{} changed", change.frame));
        }
    }

    /// Tells a sink of packets, some of them large, and of changes between them; how many packets it took.
    fn scan(sink: &mut dyn Sink, packets: u32) -> u32 {
        sink.first_time(Timestamp::from_nanos(7));
        for number in 1..=packets {
            let len = if number % 50 == 0 { OCTETS + 1 } else { number as usize % 90 };
            let octets = vec![7; len];
            let frame = Frame::new(number, None, LinkType(1), &octets);
            let mut buffers = Buffers::new(number, &octets);
            let origin = Piece::copy(0, 8, Origin::Buffer(BufId::FRAME), 0);
            if number % 3 == 0 {
                buffers.derive(Derived::new("derived", vec![1; number as usize % 7], vec![origin]));
            }
            let mut tree = Tree::default();
            let layer = tree.push(None, &LAYER, Span::default(), Value::None);
            let text = tree.scratch_bytes(&octets[..len / 2]);
            tree.push(Some(layer), &LEAF, Span::default(), text);
            let (notes, found) = (Notes::default(), Found::default());
            let view = View { buffers: &buffers, tree: &tree, notes: &notes };
            let packet = Packet { frame: &frame, view, found: &found, verdicts: &[], past: None };
            if sink.packet(&packet).is_break() {
                return number;
            }
            if number % 10 == 0 {
                let outcome = Outcome {
                    carrier: Carrier::Pasted,
                    request: number,
                    layer: NodeId(0),
                    teller: Teller::Nobody,
                    failed: true,
                    status: (0, "within 120 s"),
                    latency: None,
                };
                sink.changed(&Change { frame: number, layer: NodeId(0), told_in: None, outcome });
            }
        }
        packets
    }

    #[test]
    fn what_happens_is_told_in_its_order() {
        for packets in [0, 1, 64, 65, 1000] {
            let (mut there, mut here) = (Told::default(), Told::default());
            assert_eq!(scan(&mut here, packets), packets);
            assert_eq!(relay(&mut there, |sink| scan(sink, packets)), packets);
            assert_eq!(there.lines, here.lines);
        }
    }

    #[test]
    fn who_wants_no_more_is_heard() {
        let mut sink = Told { wanted: Some(3), ..Told::default() };
        let packets = relay(&mut sink, |sink| scan(sink, 100_000));
        assert_eq!(sink.lines.len(), 3);
        let under_way = PACKETS * (WAITING + 3);
        assert!(packets as usize <= under_way, "{packets} packets were read");
    }

    #[test]
    fn large_packets_take_no_room_afterwards() {
        let mut load = Load::default();
        let (tree, notes, found) = (Tree::default(), Notes::default(), Found::default());
        for len in [10, ROOM + 1, OCTETS, 20] {
            assert!(!load.is_full());
            let octets = vec![7; len];
            let (frame, buffers) = (Frame::new(1, None, LinkType(1), &octets), Buffers::new(1, &octets));
            let view = View { buffers: &buffers, tree: &tree, notes: &notes };
            load.put(&Packet { frame: &frame, view, found: &found, verdicts: &[], past: None });
            if load.is_full() {
                break;
            }
        }
        assert_eq!(load.used, 3, "what is large is handed over at once");
        load.clear();
        assert_eq!(load.packets.iter().map(Owned::octets).collect::<Vec<_>>(), [10]);
    }
}
