//! Parts of short messages through the whole chain: RP-DATA in, pushes out.

use super::{Bounds, Flow, Kept};
use crate::dissect::{
    Answer, Chain, Claim, DISSECTORS, Facts, Found, Leg, Need, PartKind, SmsPart, Table, Window, Work,
};
use crate::model::{BufId, Buffers, NodeId, Span, Timestamp, Tree};

struct Net {
    flow: Flow<u32>,
    table: Table,
    frame: u32,
    /// Frame, octets, promised octets and rules of each message that came out.
    out: Vec<(u32, Vec<u8>, u32, Vec<&'static str>)>,
    told: Vec<String>,
}

impl Net {
    fn new() -> Self {
        Self::within(Bounds::default())
    }

    fn within(bounds: Bounds) -> Self {
        Self { flow: Flow::new(bounds), table: Table::new(DISSECTORS), frame: 0, out: Vec::new(), told: Vec::new() }
    }

    fn feed(&mut self, tpdu: &[u8], seconds: i64) {
        self.frame += 1;
        let mut buffers = Buffers::new(self.frame, tpdu);
        let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
        let facts = Facts { time: Some(Timestamp::from_secs(seconds, 0)), ..Facts::default() };
        chain.start(Window::whole(BufId::FRAME, tpdu.len(), 0), Claim::Named("gsm_sms"), facts);
        self.flow.advance(facts.time);
        let number = self.frame;
        let mut answers = Vec::new();
        loop {
            let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
            let Some(need) = chain.run(&self.table, &mut work) else { break };
            let answer = self.flow.answer(&need, work.buffers, || Kept { frame: number, octets: 100 });
            chain.resume(&answer, &mut work, need.layer());
            answers.push(answer);
        }
        assert_eq!(crate::dissect::tiling::untiled(&buffers, &tree), []);
        self.late();
        for answer in answers {
            self.take(answer, number);
        }
    }

    /// A part of a message between these subscribers (0: not named) that came this way.
    fn feed_part(&mut self, (from, to): (u8, u8), way: &str, part: u8, octets: &[u8]) {
        self.frame += 1;
        let buffers = Buffers::new(self.frame, octets);
        let name = |n: u8| if n == 0 { Leg::default() } else { Leg::default().step("address", &[n]) };
        let mut facts = Facts { leg: Leg::default().step("way", way.as_bytes()), ..Facts::default() };
        (facts.sms.from, facts.sms.to, facts.dst_port) = (name(from), name(to), Some(2948));
        let len = u32::try_from(octets.len()).unwrap();
        let need = Need::SmsPart(Box::new(SmsPart {
            kind: PartKind::Narrow,
            reference: 7,
            parts: 3,
            part,
            payload: Span::octets(BufId::FRAME, 0, len),
            promised: len,
            layer: NodeId(0),
            facts,
        }));
        let number = self.frame;
        let answer = self.flow.answer(&need, &buffers, || Kept { frame: number, octets: 100 });
        self.take(answer, number);
        self.late();
    }

    fn late(&mut self) {
        while let Some(late) = self.flow.late() {
            self.take(late.answer, late.frame);
        }
    }

    fn take(&mut self, answer: Answer, frame: u32) {
        match answer {
            Answer::Resume { buffer, promised, remarks, .. } => {
                let rules = remarks.iter().map(|remark| remark.0.id).collect();
                self.told.extend(remarks.into_iter().map(|remark| remark.1));
                self.out.push((frame, buffer.own().to_vec(), promised, rules));
            }
            Answer::Tell { remarks, .. } => self.told.extend(remarks.into_iter().map(|remark| remark.1)),
            Answer::Late(_) | Answer::Wait => {}
        }
    }

    fn finish(mut self) -> Self {
        self.flow.finish();
        self.late();
        assert_eq!(self.flow.parts.octets(), 0, "all memory is given back");
        self
    }
}

/// SMS-DELIVER from a number that ends in this digit: a part of a push.
fn part(from: u8, reference: u8, parts: u8, number: u8, data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x44, 0x0c, 0x91, 0x44, 0x77, 0x00, 0x09, 0x10, 0x02 | from << 4, 0x00, 0x04];
    out.extend([0x42, 0x11, 0x02, 0x91, 0x03, 0x51, 0x40]);
    out.push(u8::try_from(12 + data.len()).unwrap());
    out.extend([0x0b, 0x05, 0x04, 0x0b, 0x84, 0xc0, 0x02, 0x00, 0x03, reference, parts, number]);
    out.extend(data);
    out
}

/// Three parts of a push of a service: `1 2 3` joined are its octets.
fn three(from: u8, mark: u8) -> [Vec<u8>; 3] {
    [
        part(from, 7, 3, 1, &[1, 6, 3, 0xc4, 0xaf, 0x87, mark]),
        part(from, 7, 3, 2, &[mark, 2, 2]),
        part(from, 7, 3, 3, &[mark, 3]),
    ]
}

fn whole(mark: u8) -> Vec<u8> {
    vec![1, 6, 3, 0xc4, 0xaf, 0x87, mark, mark, 2, 2, mark, 3]
}

fn run(parts: &[(&Vec<u8>, i64)]) -> Net {
    let mut net = Net::new();
    for (part, seconds) in parts {
        net.feed(part, *seconds);
    }
    net.finish()
}

#[test]
fn any_order_gives_the_message_at_its_last_part() {
    let p = three(1, 0xaa);
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let net = run(&order.map(|i| (&p[i], 0)));
        assert_eq!(net.out, [(3, whole(0xaa), 12, vec![])]);
    }
}

#[test]
fn repeated_parts_are_told_and_a_message_resent_is_a_message_again() {
    let p = three(1, 0xaa);
    let net = run(&[(&p[0], 0), (&p[0], 0), (&p[1], 0), (&p[2], 0)]);
    assert_eq!(net.out, [(4, whole(0xaa), 12, vec!["W-008"])]);
    let net = run(&[(&p[0], 0), (&p[1], 0), (&p[2], 0), (&p[0], 1), (&p[1], 1), (&p[2], 1)]);
    assert_eq!(net.out.iter().map(|out| out.0).collect::<Vec<_>>(), [3, 6]);
    let net = run(&[(&p[0], 0), (&p[1], 0), (&p[2], 0), (&p[2], 1)]);
    assert_eq!((net.out.len(), net.told), (1, vec![]), "a last part that comes twice begins nothing");
}

#[test]
fn two_messages_are_never_mixed() {
    let (a, b) = (three(1, 0xaa), three(2, 0xbb));
    let net = run(&[(&a[0], 0), (&b[0], 0), (&b[1], 0), (&a[1], 0), (&a[2], 0), (&b[2], 0)]);
    assert_eq!(net.out.iter().map(|out| &out.1).collect::<Vec<_>>(), [&whole(0xaa), &whole(0xbb)]);
    // The same originator uses the reference again before the first message is whole.
    let c = three(1, 0xcc);
    let net = run(&[(&a[0], 0), (&a[1], 0), (&c[0], 5), (&c[1], 5), (&c[2], 5)]);
    assert_eq!(net.out[0].3, ["W-008", "SMS-010"]);
    assert_eq!(net.told[0], "parts 1, 2 of 3; part 3 never came");
    assert_eq!(net.out[1].1, whole(0xcc));
    assert_eq!(net.out.len(), 2);
}

#[test]
fn what_never_comes_is_named_when_its_time_runs_out() {
    let p = three(1, 0xaa);
    let net = run(&[(&p[0], 0), (&p[2], 1)]);
    assert_eq!(net.told, ["parts 1, 3 of 3; part 2 never came"]);
    assert_eq!((net.out[0].0, &net.out[0].1[..], net.out[0].2), (2, &whole(0xaa)[..7], 8));
    let net = run(&[(&p[0], 0), (&p[1], 601), (&p[2], 602)]);
    assert_eq!(net.told, ["part 1 of 3; parts 2, 3 never came", "parts 2, 3 of 3; part 1 never came"]);
}

#[test]
fn one_of_one_is_whole() {
    let mut net = Net::new();
    net.feed(&part(1, 7, 1, 1, &[1, 6, 3, 0xc4, 0xaf, 0x87, 9]), 0);
    assert_eq!(net.flow.parts.octets(), 0);
}

/// Messages that came out of parts of one message on these ways: the order of parts and ways.
fn ways(between: (u8, u8), order: &[(&str, u8)]) -> Net {
    let octets = [&[1, 6, 3, 0xc4, 0xaf, 0x87, 0xaa][..], &[0xaa, 2, 2], &[0xaa, 3]];
    let mut net = Net::new();
    for (way, part) in order {
        net.feed_part(between, way, *part, octets[usize::from(*part) - 1]);
    }
    net.finish()
}

#[test]
fn parts_that_took_different_ways_are_joined_where_the_addresses_name_both_sides() {
    let split = [("a", 1), ("b", 2), ("a", 3)];
    let net = ways((1, 2), &split);
    assert_eq!((net.out, net.told), (vec![(3, whole(0xaa), 12, vec![])], vec![]));
    // On the air nobody says to whom: two ways may be two subscribers.
    let net = ways((1, 0), &split);
    assert_eq!(net.told, ["parts 1, 3 of 3; part 2 never came", "part 2 of 3; parts 1, 3 never came"]);
    // Nor may the parts of two senders or two recipients meet.
    let mut net = Net::new();
    net.feed_part((1, 2), "a", 1, &[1, 6, 3, 0xc4, 0xaf, 0x87, 0xaa]);
    net.feed_part((1, 3), "a", 2, &[0xaa, 2, 2]);
    net.feed_part((4, 2), "a", 3, &[0xaa, 3]);
    let net = net.finish();
    assert_eq!(net.told.len(), 3, "{:?}", net.told);
}

#[test]
fn copies_on_another_way_are_messages_of_their_own_and_no_repetition() {
    let both = [("a", 1), ("b", 1), ("a", 2), ("b", 2), ("a", 3), ("b", 3)];
    for order in [both, [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]] {
        let net = ways((1, 2), &order);
        let out: Vec<_> = net.out.iter().map(|out| (&out.1, out.3.len())).collect();
        assert_eq!((out, net.told), (vec![(&whole(0xaa), 0), (&whole(0xaa), 0)], vec![]), "{order:?}");
    }
    // The same way says it twice: that is a repetition.
    let net = ways((1, 2), &[("a", 1), ("a", 1), ("a", 2), ("a", 3)]);
    assert_eq!(net.told, ["part 1 came twice"]);
}

#[test]
fn too_many_messages_in_parts_are_given_up_oldest_first_and_that_is_told() {
    for (datagrams, rules) in [(2, vec!["W-008"]), (1, vec!["W-008", "SMS-011"])] {
        let mut net = Net::within(Bounds { datagrams, ..Bounds::default() });
        net.feed(&three(1, 0xaa)[0], 0);
        net.feed(&three(2, 0xbb)[0], 0);
        assert_eq!(net.flow.parts.evicted(), u64::from(datagrams == 1));
        let net = net.finish();
        assert_eq!(net.out[0].3, rules, "room for {datagrams}");
        assert_eq!(net.out[0].1, whole(0xaa)[..7], "the older one");
    }
    let mut net = Net::within(Bounds { octets: 50_000, ..Bounds::default() });
    for reference in 0..=255 {
        net.feed(&part(1, reference, 3, 1, &[1, 6, 3, 0xc4, 0xaf, 0x87, reference]), 0);
        assert!(net.flow.parts.octets() <= 50_000, "{}", net.flow.parts.octets());
    }
    assert!(net.flow.parts.evicted() > 0);
}
