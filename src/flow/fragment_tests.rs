//! Fragments through the whole chain: frames in, datagrams out, every octet traced back to the frame it came from.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of vectors")]

use super::{Bounds, Flow, Kept};
use crate::dissect::{Answer, Chain, Claim, DISSECTORS, Facts, Found, Leg, Table, Window, Work};
use crate::model::{BufId, Buffers, Duration, Span, Timestamp, Tree};

/// A datagram as it came out: octets, promised octets, findings, the frame it is listed under.
#[derive(Debug, PartialEq, Eq)]
struct Out {
    bytes: Vec<u8>,
    promised: u32,
    rules: Vec<&'static str>,
    frame: u32,
}

struct Net {
    flow: Flow<u32>,
    table: Table,
    frames: Vec<Vec<u8>>,
    out: Vec<Out>,
    leg: Leg,
}

impl Net {
    fn new(bounds: Bounds) -> Self {
        let (flow, table) = (Flow::new(bounds), Table::new(DISSECTORS));
        Self { flow, table, frames: Vec::new(), out: Vec::new(), leg: Leg::default() }
    }

    /// One raw IP frame at a time in seconds.
    fn feed(&mut self, frame: &[u8], seconds: i64) {
        self.feed_cut(frame, frame.len(), seconds);
    }

    fn feed_cut(&mut self, frame: &[u8], captured: usize, seconds: i64) {
        self.frames.push(frame[..captured].to_vec());
        let number = u32::try_from(self.frames.len()).unwrap();
        let mut buffers = Buffers::new(number, &frame[..captured]);
        let (mut tree, mut found) = (Tree::default(), Found::default());
        let facts = Facts { time: Some(Timestamp::from_secs(seconds, 0)), leg: self.leg, ..Facts::default() };
        let mut chain = Chain::default();
        let window = Window::whole(BufId::FRAME, captured, u32::try_from(frame.len()).unwrap());
        chain.start(window, Claim::LinkType(101), facts);
        let mut answers = Vec::new();
        while let Some(need) =
            chain.run(&self.table, &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found })
        {
            let kept = || Kept { frame: number, octets: captured };
            let answer = self.flow.answer(&need, &buffers, kept);
            let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
            chain.resume(&answer, &mut work, need.layer());
            answers.push(answer);
        }
        assert_eq!(crate::dissect::tiling::untiled(&buffers, &tree), []);
        for answer in answers {
            self.take(answer, number);
        }
        self.drain();
    }

    /// Every octet must be the one of the frame its piece names.
    fn take(&mut self, answer: Answer, number: u32) {
        let Answer::Resume { buffer, promised, remarks, .. } = answer else { return };
        let mut buffers = Buffers::new(number, &[]);
        let bytes = buffer.own().to_vec();
        let id = buffers.derive(buffer);
        for (at, octet) in (0u32..).zip(&bytes) {
            let from = buffers.resolve(Span::octets(id, at, 1));
            assert_eq!(from.len(), 1, "octet {at} comes from one place");
            assert_eq!(self.frames[from[0].frame as usize - 1][from[0].start as usize / 8], *octet);
        }
        let rules = remarks.iter().map(|remark| remark.0.id).collect();
        self.out.push(Out { bytes, promised, rules, frame: number });
    }

    fn drain(&mut self) {
        while let Some(late) = self.flow.late() {
            self.take(late.answer, late.frame);
        }
    }

    fn finish(mut self) -> Vec<Out> {
        self.flow.finish();
        self.drain();
        assert_eq!(self.flow.fragments.octets(), 0, "all memory is given back");
        self.out
    }
}

/// The one's complement sum of RFC 1071.
fn sum(parts: &[&[u8]]) -> u16 {
    let all: Vec<u8> = parts.concat();
    let mut sum: u32 = all.chunks(2).map(|c| u32::from(c[0]) << 8 | u32::from(*c.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// A UDP datagram of `len` octets in all to port 7, which nobody dissects, filled from a seed.
fn datagram(v4: bool, len: usize, seed: u8) -> Vec<u8> {
    let mut out = vec![0x30, seed, 0, 7, (len >> 8) as u8, len as u8, 0, 0];
    out.extend((8..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)));
    let addresses = if v4 { [vec![10, 0, 0, 1], vec![10, 0, 0, 2]] } else { [vec![1; 16], vec![2; 16]] };
    let sum = sum(&[&addresses[0], &addresses[1], &[0, 17], &(len as u16).to_be_bytes(), &out]);
    out[6..8].copy_from_slice(&sum.to_be_bytes());
    out
}

/// Octets `[from, to)` of a datagram as an IPv4 packet or an IPv6 packet with a fragment header.
fn fragment(v4: bool, id: u8, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let more = u16::from(to < whole.len());
    let part = &whole[from..to];
    let mut out = Vec::new();
    if v4 {
        let len = (part.len() + 20) as u16;
        let offset = more << 13 | (from / 8) as u16;
        out.extend([0x45, 0, (len >> 8) as u8, len as u8, 0, id, (offset >> 8) as u8, offset as u8, 64, 17, 0, 0]);
        out.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        let sum = sum(&[&out]);
        out[10..12].copy_from_slice(&sum.to_be_bytes());
    } else {
        let len = (part.len() + 8) as u16;
        out.extend([0x60, 0, 0, 0, (len >> 8) as u8, len as u8, 44, 64]);
        out.extend([1; 16]);
        out.extend([2; 16]);
        let offset = (from as u16) | more;
        out.extend([17, 0, (offset >> 8) as u8, offset as u8, 0, 0, 0, id]);
    }
    out.extend_from_slice(part);
    out
}

/// A datagram of 40 octets in three fragments: 16, 16, 8.
fn three(v4: bool, seed: u8) -> (Vec<u8>, Vec<Vec<u8>>) {
    let whole = datagram(v4, 40, seed);
    let parts = [(0, 16), (16, 32), (32, 40)].map(|(from, to)| fragment(v4, 1, &whole, from, to));
    (whole, parts.to_vec())
}

fn run(frames: &[&Vec<u8>]) -> Vec<Out> {
    let mut net = Net::new(Bounds::default());
    for frame in frames {
        net.feed(frame, 0);
    }
    net.finish()
}

#[test]
fn any_order_gives_the_datagram_at_the_last_frame() {
    for v4 in [true, false] {
        let (whole, f) = three(v4, 5);
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let out = run(&order.map(|i| &f[i]));
            assert_eq!(out, [Out { bytes: whole.clone(), promised: 40, rules: vec![], frame: 3 }]);
        }
    }
}

#[test]
fn duplicates_change_nothing_and_a_repeated_datagram_shows_twice() {
    let (whole, f) = three(true, 5);
    let one = Out { bytes: whole.clone(), promised: 40, rules: vec![], frame: 5 };
    assert_eq!(run(&[&f[0], &f[0], &f[2], &f[2], &f[1], &f[0], &f[2]]), [one]);
    let out = run(&[&f[0], &f[1], &f[2], &f[0], &f[1], &f[2]]);
    assert_eq!(out.iter().map(|o| (o.frame, &o.bytes)).collect::<Vec<_>>(), [(3, &whole), (6, &whole)]);
}

#[test]
fn what_never_comes_is_named_and_the_beginning_shown_under_the_last_frame() {
    let (whole, f) = three(true, 5);
    let late = |bytes: &[u8], promised, frame| Out { bytes: bytes.to_vec(), promised, rules: vec!["NET-032"], frame };
    assert_eq!(run(&[&f[0], &f[2]]), [late(&whole[..16], 40, 2)]);
    assert_eq!(run(&[&f[0], &f[1]]), [late(&whole[..32], 40, 2)]);
    assert_eq!(run(&[&f[0]]), [late(&whole[..16], 40, 1)]);
    assert_eq!(run(&[&f[1], &f[2]]), []);
}

#[test]
fn a_fragment_cut_by_the_capture_ends_the_octets_but_not_the_wait() {
    let (whole, f) = three(true, 5);
    let mut net = Net::new(Bounds::default());
    net.feed(&f[0], 0);
    net.feed_cut(&f[1], 20 + 9, 0);
    net.feed(&f[2], 0);
    assert_eq!(net.finish(), [Out { bytes: whole[..25].to_vec(), promised: 40, rules: vec![], frame: 3 }]);
}

#[test]
fn where_fragments_overlap_the_first_wins_and_the_finding_tells() {
    for (v4, same, differs) in [(true, vec![], vec!["NET-030"]), (false, vec!["NET-031"], vec!["NET-030", "NET-031"])] {
        let (whole, f) = three(v4, 5);
        let agrees = fragment(v4, 1, &whole, 8, 32);
        assert_eq!(run(&[&f[0], &agrees, &f[2]]), [Out { bytes: whole.clone(), promised: 40, rules: same, frame: 3 }]);
        let mut other = whole.clone();
        other[17] ^= 1;
        let disagrees = fragment(v4, 1, &other, 16, 32);
        let out = run(&[&f[0], &f[1], &disagrees, &f[2]]);
        assert_eq!(out, [Out { bytes: whole.clone(), promised: 40, rules: differs, frame: 4 }]);
    }
}

#[test]
fn the_octets_that_came_first_win_even_behind_a_later_fragment_that_starts_before_them() {
    let (whole, f) = three(true, 5);
    let mut other = whole.clone();
    other[16..32].fill(0xee);
    let wide = fragment(true, 1, &other, 8, 40);
    let out = run(&[&f[1], &wide, &f[0]]);
    assert_eq!(out[0], Out { bytes: whole, promised: 40, rules: vec!["NET-030"], frame: 3 });
}

#[test]
fn another_datagram_with_the_same_identification_is_never_mixed_in() {
    let (a, f) = three(true, 5);
    let (b, g) = three(true, 6);
    let lost = Out { bytes: a[..32].to_vec(), promised: 40, rules: vec!["NET-032", "NET-033"], frame: 2 };
    let good = |frame| Out { bytes: b.clone(), promised: 40, rules: vec![], frame };
    assert_eq!(run(&[&f[0], &f[1], &g[0], &g[1], &g[2]]), [lost, good(5)]);
    // The last fragment of the other comes first: a whole whose checksum fails, told as such when the other's first comes.
    let out = run(&[&f[0], &f[1], &g[2], &g[0], &g[1], &g[2]]);
    assert_eq!(out[0].rules, ["NET-035", "NET-033"]);
    assert_eq!(out[1], good(6));
    // Another length.
    let long = datagram(true, 48, 7);
    let tail = fragment(true, 1, &long, 40, 48);
    let out = run(&[&f[0], &f[2], &tail, &f[1]]);
    assert_eq!(out[0].rules, ["NET-032", "NET-033"]);
    assert_eq!(out.len(), 1);
}

#[test]
fn age_counts_from_the_first_fragment_in_capture_time() {
    let (whole, f) = three(true, 5);
    let mut net = Net::new(Bounds::default());
    net.feed(&f[0], 100);
    net.feed(&f[1], 130);
    net.feed(&f[2], 90);
    assert_eq!(net.out, [Out { bytes: whole.clone(), promised: 40, rules: vec![], frame: 3 }]);
    let mut net = Net::new(Bounds::default());
    net.feed(&f[0], 100);
    net.feed(&f[1], 100);
    net.feed(&f[2], 131);
    assert_eq!(net.out, [Out { bytes: whole[..32].to_vec(), promised: 40, rules: vec!["NET-032"], frame: 2 }]);
    assert_eq!(net.finish().len(), 1);
}

#[test]
fn memory_is_bounded_and_the_oldest_goes_first() {
    let bounds = Bounds { octets: 4000, datagrams: 5, fragments: 4, age: Duration::from_secs(30), ..Bounds::default() };
    let mut net = Net::new(bounds);
    let whole = datagram(true, 40, 5);
    for id in 0..100 {
        net.feed(&fragment(true, id, &whole, 0, 16), 0);
        assert!(net.flow.fragments.octets() <= 4000);
    }
    assert_eq!(net.out[0].frame, 1);
    assert_eq!(net.out[0].rules, ["NET-032", "NET-034"]);
    assert_eq!(net.flow.stats().evicted, net.out.len() as u64);
    assert_eq!(net.finish().len(), 100);
    let mut net = Net::new(bounds);
    let whole = datagram(true, 400, 5);
    for at in (0..400).step_by(8) {
        net.feed(&fragment(true, 1, &whole, at, at + 8), 0);
    }
    let out = net.finish();
    assert_eq!(out[0].rules, ["NET-032", "NET-034"]);
}

#[test]
fn each_way_is_a_sighting_of_its_own_and_ways_join_only_when_none_has_all() {
    let (whole, f) = three(true, 5);
    let (a, b) = (Leg(1), Leg(2));
    let run = |steps: &[(Leg, usize)]| {
        let mut net = Net::new(Bounds::default());
        for (leg, i) in steps {
            net.leg = *leg;
            net.feed(&f[*i], 0);
        }
        let out = net.finish();
        assert!(out.iter().all(|o| o.bytes == whole || o.rules == ["NET-032"]));
        out.iter().map(|o| (o.frame, o.bytes == whole)).collect::<Vec<_>>()
    };
    assert_eq!(run(&[(a, 0), (b, 0), (a, 1), (b, 1), (a, 2), (b, 2)]), [(5, true), (6, true)]);
    assert_eq!(run(&[(a, 0), (b, 1), (a, 2)]), [(3, true)]);
    assert_eq!(run(&[(a, 0), (b, 1), (b, 0), (a, 1), (a, 2), (b, 2)]), [(5, true), (6, true)]);
}

#[test]
fn what_interests_nobody_is_not_remembered_but_still_told_apart() {
    let (_, f) = three(true, 5);
    let (b, g) = three(true, 6);
    let mut net = Net::new(Bounds::default());
    net.flow.only(Box::new(|proto, octets| proto == 17 && octets.get(1) == Some(&6)));
    for frame in [&f[0], &f[1], &g[0], &g[1], &g[2], &f[1], &f[0], &f[2]] {
        net.feed(frame, 0);
    }
    assert_eq!(net.flow.stats().dull, 2);
    let out = net.finish();
    assert_eq!(out[0], Out { bytes: b, promised: 40, rules: vec![], frame: 5 });
    assert_eq!(out.len(), 1);
}

/// xorshift: the same numbers everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[test]
fn random_splits_orders_duplicates_and_losses_give_the_datagram_or_its_beginning() {
    for seed in 1..=800 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15));
        let v4 = chance.below(2) == 0;
        let count = 1 + chance.below(4);
        let wholes: Vec<Vec<u8>> =
            (0..count).map(|i| datagram(v4, 24 + 8 * chance.below(40), seed as u8 ^ i as u8)).collect();
        let mut frames = Vec::new();
        let mut lossless = vec![true; count];
        for (id, whole) in wholes.iter().enumerate() {
            let mut from = 0;
            while from < whole.len() {
                // Never all in one: that would be no fragment.
                let most = if from == 0 { whole.len() - 8 } else { whole.len() };
                let to = (from + 8 * (1 + chance.below(6))).min(most);
                // An overlap with the same octets now and then.
                let start = if from > 8 && chance.below(6) == 0 { from - 8 } else { from };
                let frame = fragment(v4, id as u8, whole, start, to);
                match chance.below(12) {
                    0 => lossless[id] = false,
                    1 => frames.extend([frame.clone(), frame]),
                    _ => frames.push(frame),
                }
                from = to;
            }
        }
        for i in (1..frames.len()).rev() {
            frames.swap(i, chance.below(i + 1));
        }
        let out = run(&frames.iter().collect::<Vec<_>>());
        for one in &out {
            let whole = wholes.iter().find(|whole| whole.starts_with(&one.bytes[..one.bytes.len().min(8)])).unwrap();
            assert!(whole.starts_with(&one.bytes), "seed {seed}: spliced");
            let complete = !one.rules.contains(&"NET-032");
            assert_eq!(complete, one.bytes.len() == whole.len(), "seed {seed}");
        }
        for (whole, lossless) in wholes.iter().zip(lossless) {
            let times = out.iter().filter(|one| one.bytes == *whole).count();
            // Twice where every fragment came twice.
            assert!(times <= 2 && (times > 0 || !lossless), "seed {seed}: {times} times");
        }
    }
}

#[test]
fn datagrams_with_one_identification_after_each_other_are_never_spliced() {
    for seed in 1..=800 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x2545_f491_4f6c_dd1d));
        let (a, b) = (datagram(true, 96, 1), datagram(true, 96, 2));
        let cut = |whole: &[u8], chance: &mut Chance, loss: usize| {
            let mut frames = Vec::new();
            for at in (0..96).step_by(16) {
                if loss == 0 || chance.below(loss) != 0 {
                    frames.push(fragment(true, 9, whole, at, at + 16));
                }
            }
            for i in (1..frames.len()).rev() {
                frames.swap(i, chance.below(i + 1));
            }
            frames
        };
        let mut frames = cut(&a, &mut chance, 3);
        frames.extend(cut(&b, &mut chance, 6));
        for one in run(&frames.iter().collect::<Vec<_>>()) {
            let pure = a.starts_with(&one.bytes) || b.starts_with(&one.bytes);
            assert!(pure || one.rules.iter().any(|rule| *rule != "NET-033"), "seed {seed}: {:?}", one.rules);
            if one.rules.is_empty() {
                assert!(one.bytes == a || one.bytes == b, "seed {seed}");
            }
        }
    }
}
