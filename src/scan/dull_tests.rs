//! Fragments of datagrams that nobody wants are passed over: what is listed is what is listed when nothing is passed over.

use std::ops::ControlFlow;

use super::{Counts, Engine, Options, Packet, Sink};
use crate::capture::{Frame, LinkType};
use crate::dissect::{DISSECTORS, Table};
use crate::model::Timestamp;
use crate::verify::Keyring;

/// A packet: its frame, octets of its messages, findings.
type One = (u32, Vec<Vec<u8>>, Vec<&'static str>);

/// What is listed of pushes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listed(Vec<One>);

impl Sink for Listed {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        if packet.found.is_listed() {
            let octets = |octets| packet.view.buffers.octets(octets).to_vec();
            let messages = packet.found.messages.iter().map(|message| octets(message.octets)).collect();
            let rules = packet.view.findings().map(|found| found.rule.id).filter(|id| id.starts_with("NET")).collect();
            self.0.push((packet.frame.number, messages, rules));
        }
        ControlFlow::Continue(())
    }
}

/// Frames with their times in milliseconds.
type Capture = Vec<(i64, Vec<u8>)>;

fn scan(capture: &Capture, all: bool) -> (Listed, Counts) {
    let keys = Keyring::default();
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options { all, ..Options::default() });
    let mut listed = Listed::default();
    for (number, (millis, octets)) in (1u32..).zip(capture) {
        let frame = Frame::new(number, Some(Timestamp::from_nanos(millis * 1_000_000)), LinkType(101), octets);
        assert!(engine.frame(&frame, &mut listed).is_continue());
    }
    assert!(engine.finish(&mut listed).is_continue());
    (listed, engine.counts())
}

/// The frames of pushes, and how many frames were dissected; all frames dissected must list the same.
fn check(capture: &Capture, what: &str) -> (Vec<u32>, u64) {
    let (listed, counts) = scan(capture, false);
    assert_eq!(listed, scan(capture, true).0, "{what}");
    (listed.0.iter().map(|one| one.0).collect(), counts.dissected)
}

/// A UDP datagram of `len` octets, a push or nobody's; filled from a seed.
fn datagram(push: bool, len: usize, seed: u8) -> Vec<u8> {
    let port: u16 = if push { 2948 } else { 2049 };
    let size = u16::try_from(len).unwrap().to_be_bytes();
    let mut out = [&[0x30, seed][..], &port.to_be_bytes(), &size, &[0, 0], &[seed, 6, 1, 0xc4]].concat();
    out.extend((12..len).map(|i| u8::try_from(i & 0xff).unwrap().wrapping_mul(31).wrapping_add(seed)));
    let pseudo = [&[10, 0, 0, 1, 10, 0, 0, 2, 0, 17][..], &size, &out].concat();
    let mut sum: u32 = pseudo.chunks(2).map(|c| u32::from(c[0]) << 8 | u32::from(*c.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    out[6..8].copy_from_slice(&(!u16::try_from(sum).unwrap()).to_be_bytes());
    out
}

/// Octets `[from, to)` of a datagram as an IPv4 packet.
fn fragment(id: u8, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let len = u16::try_from(to - from + 20).unwrap().to_be_bytes();
    let place = u16::from(to < whole.len()) << 13 | u16::try_from(from / 8).unwrap();
    let mut out = vec![0x45, 0, len[0], len[1], 0, id];
    out.extend(place.to_be_bytes());
    out.extend([64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    out.extend_from_slice(&whole[from..to]);
    out
}

/// The fragments of a datagram, `size` octets each.
fn fragments(id: u8, whole: &[u8], size: usize) -> Vec<Vec<u8>> {
    (0..whole.len()).step_by(size).map(|at| fragment(id, whole, at, whole.len().min(at + size))).collect()
}

/// A frame each millisecond.
fn steady(frames: &[Vec<u8>]) -> Capture {
    (1..).zip(frames.iter().cloned()).collect()
}

fn dull(id: u8) -> Vec<Vec<u8>> {
    fragments(id, &datagram(false, 100, id), 32)
}

fn push(id: u8) -> Vec<Vec<u8>> {
    fragments(id, &datagram(true, 100, id), 32)
}

#[test]
fn datagrams_nobody_wants_are_not_dissected() {
    let frames = [dull(1), dull(2), push(3), dull(4)].concat();
    assert_eq!(check(&steady(&frames), "in order"), (vec![12], 4));
    // Interleaved, and each frame twice as a mirrored port shows it.
    let frames: Vec<Vec<u8>> =
        dull(1).into_iter().zip(dull(2)).flat_map(|(one, two)| [one.clone(), one, two.clone(), two]).collect();
    assert_eq!(check(&steady(&frames), "mirrored"), (vec![], 0));
}

#[test]
fn an_identification_used_again_is_another_datagram() {
    // After a whole one, and after one whose end was lost; either way round.
    let lost = |frames: Vec<Vec<u8>>| frames[..2].to_vec();
    assert_eq!(check(&steady(&[dull(1), push(1), dull(1), push(1)].concat()), "whole").0, [8, 16]);
    assert_eq!(check(&steady(&[lost(dull(1)), push(1)].concat()), "end lost").0, [6]);
    assert_eq!(check(&steady(&[lost(push(1)), dull(1)].concat()), "push lost").0, [2]);
    // The push's first fragment comes late: what came before it is not taken for the other's.
    let mut late = push(1);
    late.swap(0, 1);
    assert_eq!(check(&steady(&[dull(1), late].concat()), "first one late").0, [8]);
}

#[test]
fn fragments_out_of_order_or_without_their_first_are_left_to_the_memory() {
    let (d, p) = (dull(1), push(2));
    let order = [&d[1], &d[0], &p[3], &p[1], &d[3], &p[0], &d[2], &p[2]];
    assert_eq!(check(&steady(&order.map(Clone::clone)), "out of order").0, [8]);
    let order = [&d[1], &d[2], &p[1], &d[3], &p[2], &p[3]];
    assert_eq!(check(&steady(&order.map(Clone::clone)), "first ones lost").0, [0; 0]);
    // A first fragment that shows a push is listed, whatever becomes of the rest.
    assert_eq!(check(&steady(&[d[0].clone(), p[0].clone(), d[1].clone()]), "rest lost").0, [2]);
}

#[test]
fn age_ends_a_datagram_nobody_wants_too() {
    let (d, p) = (dull(1), push(1));
    // The rest of the push comes while the other still waits, or when it is forgotten.
    for (wait, what) in [(20_000, "waits"), (40_000, "forgotten")] {
        let mut capture = steady(&d[..2]);
        capture.extend((wait..).zip([&p[1], &p[0], &p[2], &p[3]].map(Clone::clone)));
        let (listed, _) = scan(&capture, false);
        assert_eq!(listed.0.len(), 1, "{what}");
        assert_eq!(listed.0[0].0, 6, "{what}");
    }
}

#[test]
fn a_flood_of_beginnings_keeps_nothing_from_a_push() {
    let mut capture = Vec::new();
    let p = push(7);
    for round in 0..20_000u32 {
        let mut frame = dull(1)[0].clone();
        frame[12..16].copy_from_slice(&round.to_be_bytes());
        capture.push((i64::from(round), frame));
        if round % 5000 == 100 {
            capture.push((i64::from(round), p[usize::try_from(round / 5000).unwrap()].clone()));
        }
    }
    let (listed, counts) = scan(&capture, false);
    assert_eq!(listed.0.len(), 1);
    assert_eq!(counts.dissected, 4);
}

/// xorshift: the same numbers everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

#[test]
fn random_traffic_lists_the_same_as_when_nothing_is_passed_over() {
    let (mut pushes, mut passed) = (0, 0);
    for seed in 1..=600u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut flows: Vec<Vec<Vec<u8>>> = Vec::new();
        for id in 0..12u8 {
            let whole = datagram(chance.below(3) == 0, 40 + chance.below(200), id);
            let mut frames = fragments(id, &whole, 16 * (1 + chance.below(2)));
            match chance.below(8) {
                0 => {
                    frames.remove(chance.below(frames.len()));
                }
                1 => {
                    let (a, b) = (chance.below(frames.len()), chance.below(frames.len()));
                    frames.swap(a, b);
                }
                2 => {
                    let at = chance.below(frames.len());
                    frames.insert(at, frames[at].clone());
                }
                _ => {}
            }
            frames.reverse();
            flows.push(frames);
        }
        let mut capture = Capture::new();
        let mut time = 1;
        while flows.iter().any(|frames| !frames.is_empty()) {
            let at = chance.below(flows.len());
            if let Some(frame) = flows[at].pop() {
                time += i64::try_from(chance.below(200)).unwrap();
                capture.push((time, frame));
            }
        }
        let (listed, dissected) = check(&capture, &format!("seed {seed}"));
        pushes += listed.len();
        passed += capture.len() as u64 - dissected.min(capture.len() as u64);
    }
    assert!(pushes > 2000 && passed > 10_000, "{pushes} pushes, {passed} frames passed over");
}
