//! Streams of SMPP through the whole chain: segments in, messages out.

use super::{Bounds, Flow, Kept};
use crate::dissect::{Answer, Chain, Claim, Cut, DISSECTORS, Facts, Found, Leg, Table, Window, Work};
use crate::model::{BufId, Buffers, Rule, Timestamp, Tree};

/// A message as it came out: sequence number, octets there, octets promised, frame.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Out {
    sequence: u32,
    len: u32,
    promised: u32,
    frame: u32,
}

struct Net {
    flow: Flow<u32>,
    table: Table,
    frame: u32,
    /// The octets of the last one.
    last: Vec<u8>,
    /// The way the next segments come.
    leg: u8,
    /// The service centre's port.
    port: u16,
    /// Seconds that the clock runs ahead of the frames' numbers.
    pause: i64,
    out: Vec<Out>,
    rules: Vec<&'static str>,
    told: Vec<String>,
}

impl Net {
    fn new() -> Self {
        Self::within(Bounds::default())
    }

    fn within(bounds: Bounds) -> Self {
        let table = Table::new(DISSECTORS);
        let mut flow = Flow::new(bounds);
        flow.claims(&table);
        let (out, rules, told) = (Vec::new(), Vec::new(), Vec::new());
        Self { flow, table, frame: 0, last: Vec::new(), leg: 0, port: 2775, pause: 0, out, rules, told }
    }

    /// A segment from 10.0.0.1:40000 to 10.0.0.2.
    fn feed(&mut self, seq: u32, flags: u8, payload: &[u8]) {
        self.frame += 1;
        let frame = segment(self.port, seq, flags, payload);
        let mut buffers = Buffers::new(self.frame, &frame);
        let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
        let time = Some(Timestamp::from_secs(i64::from(self.frame) + self.pause, 0));
        let leg = Leg::default().step("interface", &[self.leg]);
        let facts = Facts { time, leg, ..Facts::default() };
        self.flow.advance(time);
        chain.start(Window::whole(BufId::FRAME, frame.len(), 0), Claim::LinkType(101), facts);
        let mut answers = Vec::new();
        loop {
            let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
            let Some(need) = chain.run(&self.table, &mut work) else { break };
            let number = self.frame;
            let answer = self.flow.answer(&need, work.buffers, || Kept { frame: number, octets: 100 });
            chain.resume(&answer, &mut work, need.layer());
            answers.push(answer);
        }
        assert_eq!(crate::dissect::tiling::untiled(&buffers, &tree), []);
        self.last = frame;
        for answer in &answers {
            self.take(answer, self.frame);
        }
        self.late();
    }

    fn late(&mut self) {
        while let Some(late) = self.flow.late() {
            self.take(&late.answer, late.frame);
        }
    }

    fn take(&mut self, answer: &Answer, frame: u32) {
        match answer {
            Answer::Resume { buffer, cuts, remarks, .. } => {
                let mut at = 0;
                let run = buffer.as_run().map(|run| self.last[run.octet_range()].to_vec());
                let bytes = run.unwrap_or_else(|| buffer.own().to_vec());
                let one = [Cut::whole(bytes.len())];
                for cut in if cuts.is_empty() { &one[..] } else { cuts } {
                    let octets = &bytes[at..at + cut.len as usize];
                    let sequence = octets.get(12..16).map_or(0, |n| u32::from_be_bytes(n.try_into().unwrap()));
                    self.out.push(Out { sequence, len: cut.len, promised: cut.promised, frame });
                    at += cut.len as usize;
                }
                assert_eq!(at, buffer.len(), "cuts tile the octets");
                self.remark(remarks);
            }
            Answer::Tell { remarks, .. } => self.remark(remarks),
            Answer::Late(answer) => self.take(answer, frame),
            Answer::Wait => {}
        }
    }

    fn remark(&mut self, remarks: &[(&'static Rule, String)]) {
        self.rules.extend(remarks.iter().map(|remark| remark.0.id));
        self.told.extend(remarks.iter().map(|remark| remark.1.clone()));
    }

    fn finish(mut self) -> (Vec<u32>, Vec<&'static str>, Vec<Out>) {
        self.flow.finish();
        self.late();
        assert_eq!((self.flow.streams.octets(), self.flow.streams.len()), (0, 0), "all memory is given back");
        (self.out.iter().map(|out| out.sequence).collect(), self.rules, self.out)
    }
}

fn segment(port: u16, seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(40 + payload.len()).unwrap();
    let mut out = vec![0x45, 0];
    out.extend(len.to_be_bytes());
    out.extend([0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    out.extend(40_000u16.to_be_bytes());
    out.extend(port.to_be_bytes());
    out.extend(seq.to_be_bytes());
    out.extend([0, 0, 0, 0, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    out.extend(payload);
    out
}

/// A submission with a text of `len` octets.
fn submit(sequence: u32, len: u8) -> Vec<u8> {
    let mut body = b"\0\x01\x01447700900123\0\x01\x01447700900456\0".to_vec();
    body.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, len]);
    body.extend((0..len).map(|i| b'a' + i % 26));
    let mut out = u32::try_from(body.len() + 16).unwrap().to_be_bytes().to_vec();
    out.extend([0, 0, 0, 4, 0, 0, 0, 0]);
    out.extend(sequence.to_be_bytes());
    out.extend(body);
    out
}

/// Ten submissions and where each begins.
fn ten() -> (Vec<u8>, Vec<usize>) {
    let (mut stream, mut at) = (Vec::new(), Vec::new());
    for sequence in 1..=10 {
        at.push(stream.len());
        stream.extend(submit(sequence, 20 + u8::try_from(sequence).unwrap() * 7));
    }
    (stream, at)
}

/// The stream in segments of 50 octets, in the order given, from this sequence number on.
fn run(order: impl Fn(usize) -> Vec<usize>, first: u32) -> (Vec<u32>, Vec<&'static str>, Vec<Out>) {
    let (stream, _) = ten();
    let parts: Vec<&[u8]> = stream.chunks(50).collect();
    let mut net = Net::new();
    for i in order(parts.len()) {
        net.feed(first.wrapping_add(u32::try_from(i * 50).unwrap()), 0x18, parts[i]);
    }
    net.finish()
}

#[test]
fn any_order_repetition_and_the_end_of_the_numbers_give_all_messages() {
    let all: Vec<u32> = (1..=10).collect();
    for first in [0, 1000, u32::MAX - 120] {
        assert_eq!(run(|n| (0..n).collect(), first).0, all);
        assert_eq!(run(|n| (0..n).flat_map(|i| [i, i]).collect(), first).0, all);
        // Neighbours change places, but for the first, by which the stream is entered.
        let swapped = |n: usize| {
            (0..n).map(|i| if i == 0 || (i == n - 1 && i % 2 == 1) { i } else { ((i - 1) ^ 1) + 1 }).collect()
        };
        let (messages, rules, _) = run(swapped, first);
        assert_eq!((messages, rules), (all.clone(), vec![]));
    }
}

#[test]
fn after_a_lost_segment_the_next_message_is_found_and_the_loss_told() {
    let (messages, rules, out) = run(|n| (0..n).filter(|i| *i != 3).collect(), 7);
    assert!(rules.contains(&"TCP-001"), "{rules:?}");
    // Octets 150 to 199 are in the second and third message.
    let whole: Vec<u32> = out.iter().filter(|out| out.len == out.promised).map(|out| out.sequence).collect();
    assert!(whole.ends_with(&[4, 5, 6, 7, 8, 9, 10]), "{messages:?} {out:?}");
    assert!(whole.starts_with(&[1]), "{out:?}");
    assert!(out.iter().any(|out| out.len < out.promised), "the message with the hole is shown as far as it goes");
}

#[test]
fn a_capture_that_begins_within_a_message_finds_the_next() {
    let (messages, rules, _) = run(|n| (1..n).collect(), 7);
    assert_eq!(messages, (2..=10).collect::<Vec<u32>>());
    assert_eq!(rules, ["TCP-003"]);
}

#[test]
fn octets_that_differ_in_a_repetition_are_told_and_the_first_are_kept() {
    let (stream, _) = ten();
    let mut net = Net::new();
    net.feed(0, 0x18, &stream[..60]);
    let mut other = stream[40..80].to_vec();
    other[5] ^= 1;
    net.feed(40, 0x18, &other);
    net.feed(80, 0x18, &stream[80..]);
    let (messages, rules, _) = net.finish();
    assert_eq!((messages.len(), &rules[..]), (10, &["TCP-002"][..]));
}

#[test]
fn streams_of_others_are_not_remembered_and_memory_is_given_back() {
    let mut net = Net::new();
    for i in 0..100u32 {
        net.feed(i * 1000, 0x02, &[]);
        net.feed(i * 1000 + 1, 0x18, &submit(i, 30));
        net.feed(i * 1000 + 100, 0x04, &[]);
    }
    assert_eq!(net.flow.streams.octets(), 0);
    let (messages, _, _) = net.finish();
    assert_eq!(messages.len(), 100);
}

#[test]
fn what_was_sent_before_the_first_segment_seen_is_read_when_it_comes() {
    let all: Vec<u32> = (1..=10).collect();
    for first in [0, u32::MAX - 40] {
        for lead in [&[1, 0][..], &[2, 1, 0], &[2, 0, 1], &[3, 0, 2, 1], &[1, 3, 0, 2]] {
            let (mut messages, rules, _) = run(|n| lead.iter().copied().chain(lead.len()..n).collect(), first);
            messages.sort_unstable();
            assert_eq!(messages, all, "{lead:?}");
            assert!(rules.iter().all(|rule| *rule == "TCP-003"), "{lead:?} {rules:?}");
        }
    }
    // Where the connection's beginning was seen, nothing is in doubt.
    let (stream, _) = ten();
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [2, 0, 1]] {
        let mut net = Net::new();
        net.feed(99, 0x02, &[]);
        let parts: Vec<&[u8]> = stream.chunks(stream.len().div_ceil(3)).collect();
        for i in order {
            net.feed(100 + u32::try_from(i * parts[0].len()).unwrap(), 0x18, parts[i]);
        }
        let (messages, rules, _) = net.finish();
        assert_eq!((messages, rules), (all.clone(), vec![]), "{order:?}");
    }
}

#[test]
fn copies_that_came_another_way_are_sightings_and_turns_between_ways_are_one_stream() {
    let (stream, _) = ten();
    let parts: Vec<&[u8]> = stream.chunks(50).collect();
    let mut net = Net::new();
    for (i, part) in parts.iter().enumerate() {
        for leg in [0, 1] {
            net.leg = leg;
            net.feed(u32::try_from(i * 50).unwrap(), 0x18, part);
        }
    }
    let (mut messages, rules, _) = net.finish();
    messages.sort_unstable();
    assert_eq!((messages, rules), ((1..=10).flat_map(|n| [n, n]).collect(), vec![]));

    let mut net = Net::new();
    for (i, part) in parts.iter().enumerate() {
        net.leg = u8::from(i % 3 == 1);
        net.feed(u32::try_from(i * 50).unwrap(), 0x18, part);
        if i == 4 {
            // A repetition on a way that the stream takes is one.
            net.leg = 1;
            net.feed(u32::try_from(i * 50).unwrap(), 0x18, part);
        }
    }
    let (messages, rules, _) = net.finish();
    assert_eq!((messages, rules), ((1..=10).collect(), vec![]));
}

#[test]
fn the_loss_is_told_in_octets_and_sequence_numbers() {
    let (stream, _) = ten();
    let mut net = Net::new();
    net.feed(1000, 0x18, &stream[..100]);
    net.feed(1160, 0x19, &stream[160..]);
    assert_eq!(net.told[0], "60 octets from sequence number 1100 on");
    let (messages, rules, _) = net.finish();
    assert!(messages.ends_with(&[4, 5, 6, 7, 8, 9, 10]), "{messages:?}");
    assert_eq!(rules[0], "TCP-001");
}

#[test]
fn octets_in_order_and_plausible_lengths_alone_raise_nothing() {
    let (messages, rules, _) = run(|n| (0..n).collect(), 5);
    assert_eq!((messages.len(), rules), (10, vec![]));
}

#[test]
fn too_many_streams_are_given_up_idlest_first_and_that_is_told() {
    let whole = submit(1, 60);
    for (streams, rules) in [(4, vec![]), (1, vec!["TCP-004"])] {
        let mut net = Net::within(Bounds { streams, ..Bounds::default() });
        // A message with a push that never ends, and another stream.
        let mut push = whole.clone();
        push[70..74].copy_from_slice(&[0x05, 0x04, 0x0b, 0x84]);
        net.feed(1, 0x18, &push[..push.len() - 5]);
        net.port = 2776;
        net.feed(1, 0x18, &whole);
        assert_eq!(net.rules, rules, "{streams} streams");
        assert_eq!(net.flow.streams.evicted(), u64::from(streams == 1));
        assert_eq!(net.finish().0.len(), 2);
    }
    // The same by octets.
    let mut net = Net::within(Bounds { octets: 20_000, ..Bounds::default() });
    for port in 2775..2875 {
        net.port = port;
        net.feed(1, 0x18, &submit(1, 60));
        for i in 1..8u32 {
            net.feed(i * 1000, 0x18, &[0; 300]);
        }
        assert!(net.flow.streams.octets() <= 40_000, "{}", net.flow.streams.octets());
    }
    assert!(net.rules.contains(&"TCP-004"), "{:?}", net.rules);
}

#[test]
fn another_connection_between_the_same_ports_is_no_repetition() {
    let mut net = Net::new();
    net.feed(4_000_000_000, 0x18, &submit(1, 30));
    net.feed(1_000_000_000, 0x18, &submit(2, 30));
    net.feed(1_000_000_092, 0x18, &submit(3, 30));
    assert_eq!(net.finish().0, [1, 2, 3]);
}

#[test]
fn a_stream_with_nothing_new_is_forgotten_and_found_again() {
    let (stream, at) = ten();
    let mut net = Net::new();
    net.feed(1, 0x18, &stream[..at[5] + 20]);
    assert_eq!(net.flow.streams.len(), 1);
    net.pause = 700;
    net.port = 2776;
    net.feed(1, 0x18, &[]);
    assert_eq!(net.flow.streams.len(), 0);
    net.port = 2775;
    net.feed(1 + u32::try_from(at[5]).unwrap() + 20, 0x18, &stream[at[5] + 20..]);
    assert_eq!(net.finish().0, [1, 2, 3, 4, 5, 7, 8, 9, 10]);
}

#[test]
fn a_port_of_nobody_is_entered_where_a_stream_on_it_begins_with_a_message() {
    let mut net = Net::new();
    net.port = 3000;
    net.feed(1, 0x18, b"GET / HTTP/1.1\r\n\r\n");
    let text = submit(1, 40);
    net.feed(21, 0x18, &text[10..]);
    assert_eq!((net.flow.recognised(), net.flow.streams.len()), (None, 0));
    net.feed(1, 0x18, &text);
    assert_eq!(net.flow.recognised(), Some((3000, "smpp")));
    assert_eq!(net.flow.recognised(), None, "told once");
    // Another connection on it may be entered within a message.
    net.feed(2_000_000_000, 0x18, &[&text[30..], &submit(2, 40), &submit(3, 40)].concat());
    let (messages, rules, _) = net.finish();
    assert_eq!((messages, rules), (vec![1, 2, 3], vec!["TCP-003"]));
}

#[test]
fn what_resembles_a_message_only_by_its_header_is_none() {
    let starts = crate::dissect::smpp::FRAMING.starts;
    let good = submit(1, 40);
    assert!((0..=good.len()).all(|len| starts(&good[..len]) == (len >= 16)));
    // A broker's request with the same length and version, and no service type behind it.
    let mut other = good.clone();
    other[16..20].copy_from_slice(&[0, 9, 0x99, 0x01]);
    assert!(!starts(&other));
    other[16..24].copy_from_slice(b"producer");
    assert!(!starts(&other));
}
