//! Streams of SMPP through the whole chain: segments in, messages out.

use super::{Bounds, Flow, Kept};
use crate::dissect::{Answer, Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use crate::model::{BufId, Buffers, Timestamp, Tree};

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
    out: Vec<Out>,
    rules: Vec<&'static str>,
}

impl Net {
    fn new() -> Self {
        let table = Table::new(DISSECTORS);
        let mut flow = Flow::new(Bounds::default());
        flow.claims(&table);
        Self { flow, table, frame: 0, out: Vec::new(), rules: Vec::new() }
    }

    /// A segment from 10.0.0.1:40000 to 10.0.0.2:2775.
    fn feed(&mut self, seq: u32, flags: u8, payload: &[u8]) {
        self.frame += 1;
        let frame = segment(seq, flags, payload);
        let mut buffers = Buffers::new(self.frame, &frame);
        let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
        let facts = Facts { time: Some(Timestamp::from_secs(i64::from(self.frame), 0)), ..Facts::default() };
        chain.start(Window::whole(BufId::FRAME, frame.len(), 0), Claim::LinkType(101), facts);
        let mut answers = Vec::new();
        loop {
            let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
            let Some(need) = chain.run(&self.table, &mut work) else { break };
            let number = self.frame;
            let answer = self.flow.answer(&need, work.buffers, || Kept { frame: number, octets: 100 });
            chain.resume(answer.clone(), &mut work, need.layer());
            answers.push(answer);
        }
        assert_eq!(crate::dissect::tiling::untiled(&buffers, &tree), []);
        for answer in &answers {
            self.take(answer, self.frame);
        }
    }

    fn take(&mut self, answer: &Answer, frame: u32) {
        match answer {
            Answer::Resume { buffer, cuts, remarks, .. } => {
                let mut at = 0;
                for cut in cuts {
                    let octets = &buffer.bytes[at..at + cut.len as usize];
                    let sequence = octets.get(12..16).map_or(0, |n| u32::from_be_bytes(n.try_into().unwrap()));
                    self.out.push(Out { sequence, len: cut.len, promised: cut.promised, frame });
                    at += cut.len as usize;
                }
                assert_eq!(at, buffer.bytes.len(), "cuts tile the octets");
                self.rules.extend(remarks.iter().map(|remark| remark.0.id));
            }
            Answer::Tell { remarks, .. } => self.rules.extend(remarks.iter().map(|remark| remark.0.id)),
            Answer::Late(answer) => self.take(answer, frame),
            Answer::Wait => {}
        }
    }

    fn finish(mut self) -> (Vec<u32>, Vec<&'static str>, Vec<Out>) {
        self.flow.finish();
        while let Some(late) = self.flow.late() {
            self.take(&late.answer, late.frame);
        }
        (self.out.iter().map(|out| out.sequence).collect(), self.rules, self.out)
    }
}

fn segment(seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(40 + payload.len()).unwrap();
    let mut out = vec![0x45, 0];
    out.extend(len.to_be_bytes());
    out.extend([0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    out.extend(40_000u16.to_be_bytes());
    out.extend(2775u16.to_be_bytes());
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
