//! Parts of short messages through the whole chain: RP-DATA in, pushes out.

use super::{Bounds, Flow, Kept};
use crate::dissect::{Answer, Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use crate::model::{BufId, Buffers, Timestamp, Tree};

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
        Self {
            flow: Flow::new(Bounds::default()),
            table: Table::new(DISSECTORS),
            frame: 0,
            out: Vec::new(),
            told: Vec::new(),
        }
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
            chain.resume(answer.clone(), &mut work, need.layer());
            answers.push(answer);
        }
        assert_eq!(crate::dissect::tiling::untiled(&buffers, &tree), []);
        self.late();
        for answer in answers {
            self.take(answer, number);
        }
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
                self.out.push((frame, buffer.bytes, promised, rules));
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
