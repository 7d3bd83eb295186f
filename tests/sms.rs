//! Short messages through the whole engine: GSMTAP, concatenation, and what is found on the way.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what is wrong by failing, and loudly what it skips"
)]
mod support;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

/// The keys of the captures.
const KEYS: &str = r#"
[[server]]
id = "com.mgmtsrv.manage"
password = "S3cr3t-Pw"
nonce = "nonce-001"
secret = "srv-secret-0001"
"#;

/// One listed packet: frame, carriers of its messages, verdicts, findings.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Row {
    frame: u32,
    carriers: Vec<&'static str>,
    status: Vec<&'static str>,
    rules: Vec<&'static str>,
    octets: Vec<Vec<u8>>,
    details: Vec<String>,
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Sink for Rows {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let tree = packet.view.tree;
        let mut rules: Vec<_> = tree.findings().iter().map(|f| f.rule.id).filter(|id| !id.starts_with("NET")).collect();
        rules.sort_unstable();
        self.0.push(Row {
            frame: packet.frame.number,
            carriers: packet.found.messages.iter().map(|m| m.facts.carrier.name()).collect(),
            status: packet.verdicts.iter().map(|v| v.status.name()).collect(),
            rules,
            octets: packet.found.messages.iter().map(|m| packet.view.buffers.octets(m.octets).to_vec()).collect(),
            details: tree.findings().iter().map(|f| String::from_utf8_lossy(tree.detail(f)).into_owned()).collect(),
        });
        assert_eq!(pushscope::dissect::tiling::untiled(packet.view.buffers, tree), []);
        ControlFlow::Continue(())
    }
}

fn read(path: &Path) -> Vec<Row> {
    let keys = Keyring::parse(KEYS, "test").expect("the keys");
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut rows = Rows::default();
    let mut input = Input::open(path).expect("the capture");
    while let Some(frame) = input.next() {
        let _ = engine.frame(&frame, &mut rows);
    }
    let _ = engine.finish(&mut rows);
    rows.0
}

/// A capture made for this project, where it is at hand.
fn shared(name: &str) -> Option<Vec<Row>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures").join(name);
    if !path.exists() {
        println!("SKIPPED: {} is not here", path.display());
        return None;
    }
    Some(read(&path))
}

#[test]
fn one_notification_over_every_radio_leg() {
    for (name, frame, carrier) in [
        ("gsmtap_abis_cpdata_v12.pcap", 1, "SMS/Abis"),
        ("gsmtap_abis_mo_submit.pcap", 1, "SMS/Abis"),
        ("gsmtap_abis_concat8.pcap", 2, "SMS/Abis"),
        ("gsmtap_abis_concat16.pcap", 2, "SMS/Abis"),
        ("gsmtap_um_sdcch8_v12.pcap", 5, "SMS/Um"),
        ("gsmtap_ltenas_v12.pcap", 1, "SMS/LTE"),
        ("addr.pcap", 1, "SMS/Abis"),
    ] {
        let Some(rows) = shared(name) else { continue };
        let [row, ..] = &rows[..] else { panic!("{name}: nothing") };
        // The longer message is another server's.
        let status = if name.contains("concat") { "unchecked" } else { "valid" };
        assert_eq!(rows.len(), 1, "{name} {rows:?}");
        assert_eq!((row.frame, &row.carriers[..], &row.status[..]), (frame, &[carrier][..], &[status][..]), "{name}");
    }
}

#[test]
fn all_data_coding_schemes_and_headers_lead_to_the_push() {
    let eight = [0x04, 0x05, 0x14, 0x15, 0x44, 0xf4, 0xf5, 0xf6, 0xf7];
    if let Some(rows) = shared("dcs.pcap") {
        let dcs = [
            0x00, 0x01, 0x04, 0x05, 0x08, 0x0c, 0x10, 0x11, 0x14, 0x15, 0x24, 0x44, 0xc0, 0xd0, 0xe0, 0xf0, 0xf4, 0xf5,
            0xf6, 0xf7,
        ];
        let valid: Vec<_> = rows.iter().filter(|row| row.status == ["valid"]).collect();
        assert_eq!(valid.len(), 20, "{rows:?}");
        for (row, dcs) in valid.iter().zip(dcs) {
            assert_eq!(row.rules.contains(&"W-006"), !eight.contains(&dcs), "{dcs:02x}: {row:?}");
        }
    }
    if let Some(rows) = shared("udh.pcap") {
        let rows: Vec<_> = rows.into_iter().filter(|row| !row.status.is_empty()).collect();
        assert!(rows.iter().all(|row| row.status == ["valid"]), "{rows:?}");
        let rules: Vec<_> = rows.iter().map(|row| row.rules.clone()).collect();
        assert_eq!(rules.len(), 7, "{rows:?}");
        assert!(rules[0].contains(&"W-009"), "{rules:?}");
        assert!(rules[4].contains(&"W-008") && rules[5].contains(&"W-008"), "{rules:?}");
        assert!(rules[6].contains(&"W-007"), "{rules:?}");
    }
}

#[test]
fn every_message_of_an_smpp_connection_is_found() {
    if let Some(rows) = shared("smpp.pcap") {
        for row in &rows {
            println!("{} {:?} {:?} {:?} {:?}", row.frame, row.carriers, row.status, row.rules, row.details);
        }
        let status: Vec<_> = rows.iter().flat_map(|row| row.status.clone()).collect();
        assert!(status.iter().all(|status| *status == "valid" || *status == "unchecked"), "{rows:?}");
    }
    for name in ["thirdparty_kannel145.pcap", "thirdparty_kannel145_auth.pcap"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        let rows = read(&path);
        for row in &rows {
            println!("{} {:?} {:?} {:?} {:?}", row.frame, row.carriers, row.status, row.rules, row.details);
        }
        assert!(rows.iter().any(|row| row.carriers.contains(&"SMPP")), "{name}");
    }
}

/// The Package #0 subtree of the first message: names and values, findings of nothing below it.
struct Subtrees(Vec<(String, &'static str)>);

impl Sink for Subtrees {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let tree = packet.view.tree;
        for (message, verdict) in packet.messages() {
            let end = tree.get(message.layer).map_or(0, |node| node.end as usize);
            let nodes = tree.nodes().get(message.layer.index()..end).unwrap_or(&[]);
            let lines = nodes.iter().map(|node| {
                let octets = tree.octets(packet.view.buffers, node.span, node.value);
                let value = match node.value {
                    pushscope::model::Value::Raw | pushscope::model::Value::Scratch { .. } => support::to_hex(octets),
                    other => format!("{other:?}"),
                };
                format!("{} {} {value}\n", node.field.name, node.span.len)
            });
            self.0.push((lines.collect(), verdict.map_or("", |verdict| verdict.status.name())));
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn the_same_notification_over_every_carrier_gives_the_same_subtree_and_verdict() {
    let keys = Keyring::parse(KEYS, "test").expect("the keys");
    let mut first: Option<String> = None;
    for name in support::shipped::carriers::SAME {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
        let mut found = Subtrees(Vec::new());
        let mut input = Input::open(&path).expect("the capture");
        while let Some(frame) = input.next() {
            let _ = engine.frame(&frame, &mut found);
        }
        let _ = engine.finish(&mut found);
        let [(tree, status)] = &found.0[..] else { panic!("{name}: {:?}", found.0) };
        assert_eq!(*status, "valid", "{name}");
        assert_eq!(first.get_or_insert_with(|| tree.clone()), tree, "{name}");
    }
}
