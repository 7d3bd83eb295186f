//! Hostile input: whatever the octets, nothing panics, leaves tile every buffer, spans resolve inside real frames.
//!
//! `PUSHSCOPE_MUTATIONS` sets how many mutations are tried (default 100,000); the seed is fixed, so a failure repeats.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use pushscope::capture::{Frame, Input, LinkType};
use pushscope::dissect::tiling::untiled;
use pushscope::dissect::{Claim, DISSECTORS, Table};
use pushscope::output::json::{JsonWriter, Options as JsonOptions};
use pushscope::output::style::Painter;
use pushscope::output::tree;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;
use support::chance::{Rng, mutate};

/// A frame of a sample, owned.
#[derive(Clone)]
struct Sample {
    link: LinkType,
    octets: Vec<u8>,
}

/// Every frame of every shipped capture.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for path in captures() {
        let mut input = Input::open(&path).unwrap_or_else(|problem| panic!("{problem}"));
        while let Some(frame) = input.next() {
            samples.push(Sample { link: frame.link, octets: frame.data.to_vec() });
        }
    }
    assert!(samples.len() > 50, "only {} frames in captures/", samples.len());
    samples
}

fn captures() -> Vec<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "pcap" || e == "pcapng"));
    paths.sort();
    paths
}

fn mutations() -> usize {
    std::env::var("PUSHSCOPE_MUTATIONS").ok().map_or(100_000, |text| text.parse().expect("a number"))
}

fn keys() -> Keyring {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/keys.toml")).unwrap();
    Keyring::parse(&text, "captures/keys.toml").unwrap_or_else(|error| panic!("{error}"))
}

/// Checks the invariants of every packet it gets.
#[derive(Default)]
struct Checker {
    /// Length in bits of every frame that was put in.
    lengths: BTreeMap<u32, u32>,
    packets: usize,
    messages: usize,
    findings: usize,
    json: JsonWriter,
    text: String,
    print: bool,
}

impl Sink for Checker {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.packets += 1;
        self.messages += packet.found.messages.len();
        self.findings += packet.view.findings().count();
        let view = packet.view;
        let gaps = untiled(view.buffers, view.tree);
        assert!(gaps.is_empty(), "frame {}: no leaf covers {gaps:?}", packet.frame.number);
        for node in view.tree.nodes().iter().filter(|node| !node.field.generated) {
            for part in view.buffers.resolve(node.span) {
                let length = self.lengths.get(&part.frame).copied().unwrap_or(0);
                assert!(
                    part.start + part.len <= length,
                    "{} resolves to {part:?}, the frame has {length} bits",
                    node.field.name
                );
            }
        }
        assert_eq!(packet.verdicts.len(), packet.found.messages.len());
        if self.print {
            self.text.clear();
            tree::push_tree(&mut self.text, packet, Painter::new(false));
            assert!(
                self.text.lines().all(|line| !line.chars().any(char::is_control)),
                "control characters reach the screen: {:?}",
                self.text
            );
            let json: serde_json::Value = serde_json::from_slice(self.json.packet(packet)).expect("valid JSON");
            assert!(json["layers"].is_array());
        }
        ControlFlow::Continue(())
    }
}

fn every_frame() -> Options {
    Options { all: true, ..Options::default() }
}

#[test]
fn mutated_frames_keep_every_invariant() {
    let samples = samples();
    let keys = keys();
    let mut rng = Rng::new(0x7075_7368);
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, every_frame());
    let mut checker =
        Checker { json: JsonWriter::new(JsonOptions { ascii: true, octets: true }), ..Checker::default() };
    let rounds = mutations() / 2;
    for number in 1..=u32::try_from(rounds).unwrap() {
        let sample = rng.pick(&samples).clone();
        let octets = mutate(&mut rng, &sample.octets);
        let mut frame = Frame::new(number, None, sample.link, &octets);
        if rng.one_in(4) {
            // A capture that cut the frame.
            frame.orig_len = frame.orig_len.saturating_add(u32::from(rng.octet()));
        }
        checker.lengths.insert(number, u32::try_from(octets.len() * 8).unwrap());
        checker.print = rng.one_in(8);
        assert!(engine.frame(&frame, &mut checker).is_continue());
    }
    assert!(engine.finish(&mut checker).is_continue());
    println!("{rounds} mutated frames: {} messages, {} findings", checker.messages, checker.findings);
    assert!(checker.packets >= rounds && checker.messages > 0 && checker.findings > 0);
}

#[test]
fn mutated_messages_keep_every_invariant() {
    let seeds: Vec<Vec<u8>> = vec![
        support::hex("d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        support::hex("20800a0d502450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb"),
        support::notification::all_options(0x0a0b, 1_355_270_400).signed(),
        support::notification::later_layout(0x0a0b),
        support::notification::lwm2m_trigger(7),
        support::notification::data_sync(&[]),
    ];
    let keys = keys();
    let mut rng = Rng::new(0x2e31);
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, every_frame());
    let mut checker = Checker::default();
    let rounds = mutations() / 4;
    for number in 1..=u32::try_from(rounds).unwrap() {
        let body = rng.pick(&seeds).clone();
        let body = mutate(&mut rng, &body);
        let code = *rng.pick(&[0x44u8, 0x58, 0x4e, 0x03]);
        let app = *rng.pick(&[7u8, 0x1a, 5]);
        let mut octets = support::wsp::Push::well_known(1, code, app, &body).octets();
        if rng.one_in(3) {
            octets = mutate(&mut rng, &octets);
        }
        let frame = Frame::new(number, None, LinkType(147), &octets);
        checker.lengths.insert(number, u32::try_from(octets.len() * 8).unwrap());
        checker.print = rng.one_in(8);
        assert!(engine.octets(&frame, Claim::Named("wsp"), &mut checker).is_continue());
    }
    assert!(checker.messages > rounds / 4, "only {} messages", checker.messages);
}

#[test]
fn mutated_captures_are_read_as_far_as_they_go() {
    let keys = keys();
    let mut rng = Rng::new(0xca97);
    let files: Vec<Vec<u8>> = captures().iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut frames = 0u64;
    for _ in 0..mutations() / 100 {
        let file = rng.pick(&files).clone();
        let octets = mutate(&mut rng, &file);
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
        let mut checker = Checker::default();
        let mut input = Input::from_reader("mutated", std::io::Cursor::new(octets));
        while let Some(frame) = input.next() {
            frames += 1;
            checker.lengths.insert(frame.number, u32::try_from(frame.data.len() * 8).unwrap());
            assert!(engine.frame(&frame, &mut checker).is_continue());
        }
        assert!(engine.finish(&mut checker).is_continue());
    }
    assert!(frames > 0);
}

#[test]
fn every_truncation_of_a_capture_is_read_as_far_as_it_goes() {
    let keys = keys();
    for path in captures().into_iter().filter(|path| std::fs::metadata(path).unwrap().len() < 4096) {
        let whole = std::fs::read(&path).unwrap();
        for len in 0..whole.len() {
            let octets = whole[..len].to_vec();
            let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
            let mut checker = Checker::default();
            let mut input = Input::from_reader("truncated", std::io::Cursor::new(octets));
            while let Some(frame) = input.next() {
                checker.lengths.insert(frame.number, u32::try_from(frame.data.len() * 8).unwrap());
                assert!(engine.frame(&frame, &mut checker).is_continue());
            }
            assert!(engine.finish(&mut checker).is_continue());
        }
    }
}
