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

/// Frames through the engine: rules of each listed packet, by frame.
fn rules_of(packets: &[Vec<u8>]) -> Vec<(u32, Vec<&'static str>)> {
    use support::{file, link};
    let frames: Vec<file::Frame> = (1u64..)
        .zip(packets)
        .map(|(second, packet)| {
            file::Frame::new(1_700_000_000_000_000_000 + second * 1_000_000_000, link::ethernet_ip(packet))
        })
        .collect();
    let capture = file::pcapng("a scene", link::link_type::ETHERNET, &frames);
    let keys = Keyring::parse(KEYS, "test").expect("the keys");
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut rows = Rows::default();
    let mut input = Input::from_reader("scene", std::io::Cursor::new(capture));
    while let Some(frame) = input.next() {
        let _ = engine.frame(&frame, &mut rows);
    }
    let _ = engine.finish(&mut rows);
    rows.0.into_iter().map(|row| (row.frame, row.rules)).collect()
}

/// SMPP PDUs, each with its way (`true`: to the service centre), one segment each.
fn smpp(pdus: &[(bool, Vec<u8>)]) -> Vec<Vec<u8>> {
    use support::net::{Ip as _, Ip4, Tcp};
    let (mut there, mut back) = (10u32, 20u32);
    let mut segment = |(forth, pdu): &(bool, Vec<u8>)| {
        let (source, destination) = if *forth { (40000, 3000) } else { (3000, 40000) };
        let (sequence, acknowledgement) = if *forth { (there, back) } else { (back, there) };
        let tcp = Tcp { source, destination, sequence, acknowledgement, flags: 0x18 };
        *(if *forth { &mut there } else { &mut back }) += u32::try_from(pdu.len()).unwrap_or(0);
        let (from, to) = if *forth { ("192.0.2.1", "192.0.2.2") } else { ("192.0.2.2", "192.0.2.1") };
        Ip4::new(from, to).tcp(&tcp, pdu)
    };
    pdus.iter().map(&mut segment).collect()
}

fn push() -> Vec<u8> {
    support::wsp::Push::dm12(1, support::notification::Trigger::new(0x77).signed()).octets()
}

fn submit(body: &[u8]) -> Vec<u8> {
    support::sms::pdu(4, 0, 1, body)
}

#[test]
fn receipts_find_their_submission_in_either_base_and_tell_failure() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    for (id, receipt) in [("1A2B", "6699"), ("6699", "1a2b"), ("007", "7")] {
        for (stat, rules) in [("UNDELIV", vec!["W-013"]), ("EXPIRED", vec!["W-013"]), ("DELIVRD", vec![])] {
            let text = format!(
                "id:{receipt} sub:001 dlvrd:001 submit date:2611201730 done date:2611201731 stat:{stat} err:000 text:"
            );
            let scene = smpp(&[
                (true, submit(&sms::submission(0x40, &message, &[]))),
                (false, sms::pdu(0x8000_0004, 0, 1, format!("{id}\0").as_bytes())),
                (false, sms::pdu(5, 0, 1, &sms::submission(0x04, text.as_bytes(), &[]))),
            ]);
            let rows = rules_of(&scene);
            assert_eq!(rows.get(2), Some(&(3, rules.clone())), "{id} {receipt} {stat}: {rows:?}");
        }
    }
}

#[test]
fn what_smpp_says_wrongly_of_a_push_is_found() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let first = |body: Vec<u8>| rules_of(&smpp(&[(true, submit(&body))])).first().cloned().unwrap_or_default().1;
    assert_eq!(first(sms::submission(0x40, &message, &[])), Vec::<&str>::new());
    assert_eq!(first(sms::submission(0, &message, &[])), ["W-010"], "a header without the indicator");
    assert_eq!(first(sms::submission(0x40, &push(), &[])), ["W-010"], "the indicator without a header");
    assert_eq!(first(sms::submission(0, &push(), &[])), ["W-010"], "neither header nor port");
    assert!(first(sms::submission(0x40, &message, &[(0x0424, b"x")])).contains(&"W-011"));
    assert_eq!(first(sms::submission(0, &push(), &[(0x020B, &[0x0B, 0x84])])), Vec::<&str>::new());
    assert_eq!(first(sms::submission(0, &push(), &[(0x020B, &[0x23, 0xF0])])), ["N12-029"], "another port");
    let mut text = sms::submission(0x40, &message, &[]);
    let coding = text.len() - message.len() - 3;
    text[coding] = 0;
    assert_eq!(first(text), ["W-006"], "not marked as octets");
}

#[test]
fn an_error_that_answers_a_push_and_a_push_cut_to_one_message_are_found() {
    use support::net::{Ip as _, Ip4, Udp};
    use support::sms;
    let send =
        |octets: &[u8]| Ip4::new("192.0.2.1", "192.0.2.2").udp(&Udp::new(49154, 4729), &sms::gsmtap(2, 0, octets));
    let message = [sms::header(None), push()].concat();
    let data = send(&sms::cp_data(&sms::rp_data(0x2A, &sms::deliver(&message))));
    let error = send(&[0x89, 0x01, 0x04, 0x04, 0x2A, 0x01, 0x16]);
    let ack = send(&[0x89, 0x01, 0x02, 0x02, 0x2A]);
    assert_eq!(rules_of(&[data.clone(), error]), [(1, vec![]), (2, vec!["W-014"])]);
    assert_eq!(rules_of(&[data.clone(), ack.clone()]), [(1, vec![]), (2, vec![])]);
    assert_eq!(rules_of(&[data.clone(), send(&[0x89, 0x10, 0x6F])]), [(1, vec![]), (2, vec!["W-014"])]);
    // A message of another reference is acknowledged, this one never is.
    let other = send(&sms::cp_data(&sms::rp_data(0x2B, &sms::deliver(&message))));
    let rows = rules_of(&[data, ack, other]);
    assert!(rows.contains(&(3, vec!["GSM-003"])), "{rows:?}");
    let long = support::notification::Trigger::new(0x78).server([b'a'; 120]).signed();
    let long = [sms::header(None), support::wsp::Push::dm12(1, long).octets()].concat();
    let cut = send(&sms::cp_data(&sms::rp_data(0x2C, &sms::deliver(&long[..140]))));
    let rows = rules_of(&[cut]);
    assert!(rows[0].1.contains(&"N12-031") && rows[0].1.contains(&"N12-002"), "{rows:?}");
}
