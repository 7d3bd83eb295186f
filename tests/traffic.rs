//! Generated traffic and shipped captures through engine and JSON: every push of the truth is found and judged as it was made, and
//! what the writer remembers from packet to packet never changes what it writes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::output::json::{JsonWriter, Options as JsonOptions};
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;
use serde_json::Value;
use support::traffic::{Kind, generate};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Writes every packet twice: with a writer that has written all packets before it, and with one that has written none.
#[derive(Default)]
struct Twice {
    used: JsonWriter,
    pushes: u64,
    notifications: BTreeMap<(String, String), u64>,
    packets: usize,
}

impl Sink for Twice {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let written = self.used.packet(packet);
        let fresh = JsonWriter::new(JsonOptions::default()).packet(packet).to_vec();
        assert_eq!(String::from_utf8_lossy(written), String::from_utf8_lossy(&fresh));
        self.packets += 1;
        self.pushes += packet.found.pushes.len() as u64;
        for (message, verdict) in packet.messages() {
            let status = verdict.map_or("", |verdict| verdict.status.name());
            *self.notifications.entry((message.format.name().to_owned(), status.to_owned())).or_default() += 1;
        }
        if self.packets.is_multiple_of(97) {
            references(&serde_json::from_slice(&fresh).unwrap());
        }
        ControlFlow::Continue(())
    }
}

/// What findings and notifications name is there, and has what is said of it.
fn references(packet: &Value) {
    let mut named = BTreeMap::new();
    let mut open: Vec<&Value> = packet["layers"].as_array().unwrap().iter().collect();
    while let Some(node) = open.pop() {
        if let Some(id) = node["id"].as_u64() {
            assert!(named.insert(id, node).is_none(), "two nodes {id}");
        }
        open.extend(node["children"].as_array().into_iter().flatten());
    }
    for message in packet["notifications"].as_array().unwrap() {
        assert_eq!(named[&message["node"].as_u64().unwrap()]["name"], "dmnoti");
    }
    for finding in packet["findings"].as_array().unwrap() {
        let Some(node) = finding["node"].as_u64() else { continue };
        let there = named[&node]["findings"].as_array().unwrap();
        assert!(there.iter().any(|other| other["rule"] == finding["rule"] && other["text"] == finding["text"]));
    }
}

fn read(mut input: Input, keys: &Keyring, sink: &mut Twice, all: bool) -> u64 {
    let mut engine = Engine::new(Table::new(DISSECTORS), keys, Options { all, ..Options::default() });
    while let Some(frame) = input.next() {
        assert!(engine.frame(&frame, sink).is_continue());
    }
    assert!(engine.finish(sink).is_continue());
    engine.counts().frames
}

fn keys() -> Keyring {
    let text = std::fs::read_to_string(Path::new(ROOT).join("captures/keys.toml")).unwrap();
    Keyring::parse(&text, "keys.toml").unwrap()
}

#[test]
fn every_push_of_generated_traffic_is_found_and_judged_as_it_was_made() {
    let keys = keys();
    for kind in [Kind::Pushes, Kind::Smpp, Kind::Streams] {
        let mut file = Vec::new();
        let truth = generate(kind, 1 << 20, 7, false, &mut file);
        let mut sink = Twice::default();
        let frames = read(Input::from_reader("traffic", Cursor::new(file)), &keys, &mut sink, false);
        assert_eq!((frames, sink.pushes), (truth.frames, truth.pushes), "{kind:?}");
        let made = truth.notifications.map(|(format, status, count)| ((format.to_owned(), status.to_owned()), count));
        assert_eq!(sink.notifications, made.into_iter().collect(), "{kind:?}");
    }
}

#[test]
fn what_was_written_before_changes_nothing_in_any_shipped_capture() {
    let (keys, mut sink) = (keys(), Twice::default());
    let mut paths: Vec<_> =
        std::fs::read_dir(Path::new(ROOT).join("captures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "pcapng" || e == "pcap"));
    paths.sort();
    for _ in 0..2 {
        for path in &paths {
            read(Input::open(path).unwrap_or_else(|problem| panic!("{problem}")), &keys, &mut sink, true);
        }
    }
    assert!(sink.packets > 500, "only {} packets", sink.packets);
}
