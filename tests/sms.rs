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
use pushscope::dissect::{Change, DISSECTORS, Table};
use pushscope::model::Value;
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
    summary: String,
}

/// Listed packets, and what became known of earlier ones meanwhile: the frame, the frame that tells it, in words.
#[derive(Default)]
struct Rows(Vec<Row>, Vec<(u32, Option<u32>, String)>);

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
            summary: pushscope::output::row::Row::new(packet).summary.to_string(),
        });
        assert_eq!(pushscope::dissect::tiling::untiled(packet.view.buffers, tree), []);
        ControlFlow::Continue(())
    }

    fn changed(&mut self, change: &Change) {
        self.1.push((change.frame, change.told_in.map(|told| told.1), change.outcome.to_string()));
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

/// Frames through the engine, a second between them: rules of each listed packet, by frame.
fn rules_of(packets: &[Vec<u8>]) -> Vec<(u32, Vec<&'static str>)> {
    let frames: Vec<Vec<u8>> = packets.iter().map(|packet| support::link::ethernet_ip(packet)).collect();
    played(&frames).0.into_iter().map(|row| (row.frame, row.rules)).collect()
}

/// The same with all that is known of the rows, of frames with their link layer.
fn played(frames: &[Vec<u8>]) -> Rows {
    played_as(support::link::link_type::ETHERNET, frames)
}

/// The same of another link type.
fn played_as(link_type: u16, frames: &[Vec<u8>]) -> Rows {
    use support::file;
    let frames: Vec<file::Frame> = (1u64..)
        .zip(frames)
        .map(|(second, frame)| file::Frame::new(1_700_000_000_000_000_000 + second * 1_000_000_000, frame.clone()))
        .collect();
    let capture = file::pcapng("a scene", link_type, &frames);
    let keys = Keyring::parse(KEYS, "test").expect("the keys");
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut rows = Rows::default();
    let mut input = Input::from_reader("scene", std::io::Cursor::new(capture));
    while let Some(frame) = input.next() {
        let _ = engine.frame(&frame, &mut rows);
    }
    let _ = engine.finish(&mut rows);
    rows
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
    assert_eq!(rules_of(&[data.clone(), error.clone()]), [(1, vec![]), (2, vec!["W-014"])]);
    assert_eq!(rules_of(&[data.clone(), ack.clone()]), [(1, vec![]), (2, vec![])]);
    assert_eq!(rules_of(&[data.clone(), send(&[0x89, 0x10, 0x6F])]), [(1, vec![]), (2, vec!["W-014"])]);
    let (rows, changes) = told(&[data.clone(), send(&[0x89, 0x04]), error.clone()]);
    assert_eq!(rows[0], (2, "CP-ACK after 1.00 s: the push of frame 1".to_owned()));
    assert_eq!(rows[1], (3, "RP-ERROR: memory capacity exceeded (22) after 2.00 s: the push of frame 1".to_owned()));
    let changes: Vec<_> = changes.into_iter().map(|change| (change.0, change.1)).collect();
    assert_eq!(changes, [(1, Some(2)), (1, Some(3))]);
    let (rows, _) = told(&[data.clone(), send(&[0x89, 0x10, 0x6F])]);
    assert_eq!(rows[0].1, "CP-ERROR: protocol error, unspecified (111) after 1.00 s: the push of frame 1");
    let (rows, _) = told(&[data.clone(), ack.clone()]);
    assert_eq!(rows[0].1, "RP-ACK after 1.00 s: the push of frame 1");
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

/// Summaries of the rows of a scene, by frame, and what became known late.
type Story = (Vec<(u32, String)>, Vec<(u32, Option<u32>, String)>);

fn story(packets: &[Vec<u8>]) -> Story {
    let frames: Vec<Vec<u8>> = packets.iter().map(|packet| support::link::ethernet_ip(packet)).collect();
    let Rows(rows, changes) = played(&frames);
    (rows.into_iter().map(|row| (row.frame, row.summary)).collect(), changes)
}

/// As [`story`], of the rows that hold no message themselves.
fn told(packets: &[Vec<u8>]) -> Story {
    let (mut rows, changes) = story(packets);
    rows.retain(|row| !row.1.starts_with("Package #0"));
    (rows, changes)
}

#[test]
fn the_outcome_of_a_push_over_smpp_is_told_where_it_comes_and_where_the_push_is() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let sent = (true, submit(&sms::submission(0x40, &message, &[])));
    let answer = |status| (false, sms::pdu(0x8000_0004, status, 1, b"id7\0"));
    let receipt = |text: &str| (false, sms::pdu(5, 0, 9, &sms::submission(4, text.as_bytes(), &[])));
    let (rows, changes) = told(&smpp(&[sent.clone(), answer(0)]));
    assert_eq!(rows, [(2, "Ok after 1.00 s: the push of frame 1".to_owned())]);
    assert_eq!(changes, [(1, Some(2), "Ok".to_owned())]);
    let (rows, changes) = told(&smpp(&[sent.clone(), answer(0x58)]));
    let words = "refused: throttling error (ESME exceeded allowed message limits) (88)";
    assert_eq!(rows, [(2, format!("{words} after 1.00 s: the push of frame 1"))]);
    assert_eq!(changes, [(1, Some(2), words.to_owned())]);
    for (stat, words) in [
        ("UNDELIV", "not delivered: UNDELIVERABLE (5)"),
        ("EXPIRED", "not delivered: EXPIRED (3)"),
        ("REJECTD", "not delivered: REJECTED (8)"),
        ("DELIVRD", "DELIVERED"),
        ("ENROUTE", "ENROUTE"),
    ] {
        let (rows, changes) = told(&smpp(&[sent.clone(), answer(0), receipt(&format!("id:id7 sub:001 stat:{stat}"))]));
        assert_eq!(rows[1], (3, format!("{words} after 2.00 s: the push of frame 1")));
        assert_eq!(changes[1], (1, Some(3), words.to_owned()));
    }
    // A receipt by its parameter alone; one of another message concerns nobody.
    let stated = sms::pdu(5, 0, 9, &sms::submission(4, b"id:id7", &[(0x0427, &[3])]));
    let (rows, _) = told(&smpp(&[sent.clone(), answer(0), (false, stated)]));
    assert_eq!(rows[1].1, "not delivered: EXPIRED (3) after 2.00 s: the push of frame 1");
    let (rows, _) = told(&smpp(&[sent.clone(), answer(0), receipt("id:id8 stat:UNDELIV")]));
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn a_push_without_a_response_is_told_as_that_and_not_listed_as_new() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let submitted = |sequence| (true, sms::pdu(4, 0, sequence, &sms::submission(0x40, &message, &[])));
    let answer = |sequence| (false, sms::pdu(0x8000_0004, 0, sequence, b"id7\0"));
    let link = (true, sms::pdu(0x15, 0, 7, &[]));
    let (rows, changes) = told(&smpp(&[submitted(1), answer(1), submitted(2), link.clone()]));
    assert_eq!(rows[1], (3, "no response until the capture ends: the push of frame 3".to_owned()));
    assert_eq!(changes[1], (3, None, "no response until the capture ends".to_owned()));
    // Where nobody ever answers, the capture lacks that direction: nothing can be missed.
    let (rows, changes) = told(&smpp(&[submitted(1), link.clone()]));
    assert_eq!((rows.len(), changes.len()), (0, 0));
    // Two minutes later it is decided, long before the capture ends.
    let mut scene = vec![submitted(1), answer(1), submitted(2)];
    scene.extend((0..130).map(|_| link.clone()));
    scene.push(submitted(3));
    scene.push(answer(3));
    let (rows, _) = told(&smpp(&scene));
    assert_eq!(rows[1], (3, "no response within 120 s: the push of frame 3".to_owned()));
    assert_eq!(rows[2].0, 135, "{rows:?}");
}

#[test]
fn copies_of_request_and_response_on_another_way_are_told_too() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let scene =
        smpp(&[(true, submit(&sms::submission(0x40, &message, &[]))), (false, sms::pdu(0x8000_0004, 0, 1, b"id7\0"))]);
    let copied = |packet: &Vec<u8>| {
        let frame = support::link::ethernet_ip(packet);
        let mut other = frame.clone();
        other[5] ^= 9;
        other[11] ^= 9;
        [frame, other]
    };
    let frames: Vec<Vec<u8>> = scene.iter().flat_map(copied).collect();
    let Rows(rows, changes) = played(&frames);
    let summaries: Vec<_> = rows.iter().map(|row| (row.frame, row.summary.as_str())).collect();
    assert_eq!(summaries[1].0, 2);
    assert!(summaries[1].1.contains("seen before as frame 1"), "{summaries:?}");
    assert_eq!(summaries[2], (3, "Ok after 2.00 s: the push of frame 1"));
    assert_eq!(summaries[3], (4, "Ok after 3.00 s: the push of frame 1"));
    assert_eq!(changes, [(1, Some(3), "Ok".to_owned()), (2, Some(3), "Ok".to_owned())]);
    // The very same response again says nothing new.
    let [request, _, response, _] = &frames[..] else { panic!("four frames") };
    let Rows(rows, changes) = played(&[request.clone(), response.clone(), response.clone()]);
    assert_eq!((rows.len(), changes.len()), (2, 1), "{rows:?}");
}

#[test]
fn notes_of_the_layers_below_do_not_hide_an_outcome_and_warnings_do_not_hide() {
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let mut scene =
        smpp(&[(true, submit(&sms::submission(0x40, &message, &[]))), (false, sms::pdu(0x8000_0004, 0, 1, b"id7\0"))]);
    // The sum of the pseudo header alone, as a network card gets it; then a sum that nothing explains.
    let pseudo = |packet: &[u8]| {
        let len = u16::try_from(packet.len() - 20).expect("a short segment").to_be_bytes();
        let sum = support::net::checksum(&[&packet[12..20], &[0, 6], &len]);
        (!sum).to_be_bytes()
    };
    let sum = pseudo(&scene[1]);
    scene[1][36..38].copy_from_slice(&sum);
    let (rows, _) = told(&scene);
    assert_eq!(rows, [(2, "Ok after 1.00 s: the push of frame 1".to_owned())]);
    scene[1][36] ^= 0x55;
    let (rows, _) = told(&scene);
    assert!(rows[0].1.starts_with("Ok after 1.00 s: the push of frame 1 – TCP checksum is wrong"), "{rows:?}");
}

#[test]
fn exported_pdus_of_every_layer_lead_to_the_push() {
    use support::sms;
    const EXPORTED: u16 = 252;
    let push = support::wsp::Push::dm12(1, support::notification::Trigger::new(0x1234).signed()).octets();
    let message = [sms::header(None), push.clone()].concat();
    let tpdu = sms::deliver(&message);
    let rp = sms::rp_data(0x2A, &tpdu);
    let cp = sms::cp_data(&rp);
    let submit = sms::pdu(4, 0, 1, &sms::submission(0x40, &message, &[]));
    for (protocol, octets, carrier) in [
        ("wsp", push.clone(), ""),
        ("wsp-cl", push, ""),
        ("gsm_sms", tpdu, "SMS"),
        ("gsm_sms_ud", message, ""),
        ("gsm_a_rp", rp, "SMS"),
        ("gsm_a_dtap", cp.clone(), "SMS"),
        ("nas-eps", sms::nas(&cp), "SMS/LTE"),
        ("gsmtap", sms::gsmtap(2, 0, &cp), "SMS/Abis"),
        ("smpp", submit, "SMPP"),
    ] {
        let Rows(rows, _) = played_as(EXPORTED, &[sms::exported(protocol, &octets)]);
        let [row] = &rows[..] else { panic!("{protocol}: {rows:?}") };
        assert_eq!(
            (&row.carriers[..], &row.status[..], &row.rules[..]),
            (&[carrier][..], &["valid"][..], &[][..]),
            "{protocol}"
        );
        // Cut anywhere, it is read as far as it goes.
        for len in 0..octets.len() {
            let _ = played_as(EXPORTED, &[sms::exported(protocol, &octets[..len])]);
        }
    }
    let blocks: Vec<Vec<u8>> = sms::lapdm(&cp).iter().map(|block| sms::exported("lapdm", block)).collect();
    let Rows(rows, _) = played_as(EXPORTED, &blocks);
    assert_eq!((rows.len(), &rows[0].status[..]), (1, &["valid"][..]), "{rows:?}");
    // What was exported from a request and its response is tied together as well.
    let answer = sms::pdu(0x8000_0004, 0x0B, 1, b"");
    let submit = sms::pdu(4, 0, 1, &sms::submission(0x40, &[sms::header(None), self::push()].concat(), &[]));
    let Rows(rows, _) = played_as(EXPORTED, &[sms::exported("smpp", &submit), sms::exported("smpp", &answer)]);
    assert_eq!(rows[1].rules, ["W-012"], "{rows:?}");
}

#[test]
fn a_block_that_is_lost_on_the_air_is_missed() {
    use support::net::{Ip as _, Ip4, Udp};
    use support::sms;
    let message = [sms::header(None), push()].concat();
    let send = |octets: &[u8]| {
        let packet = Ip4::new("192.0.2.1", "192.0.2.2").udp(&Udp::new(49154, 4729), &sms::gsmtap(1, 8, octets));
        support::link::ethernet_ip(&packet)
    };
    let blocks: Vec<Vec<u8>> =
        sms::lapdm(&sms::cp_data(&sms::rp_data(1, &sms::deliver(&message)))).iter().map(|block| send(block)).collect();
    let rules = |order: &[usize]| {
        let frames: Vec<Vec<u8>> = order.iter().map(|at| blocks[*at].clone()).collect();
        let rows = played(&frames).0;
        (
            rows.iter().flat_map(|row| row.status.clone()).collect::<Vec<_>>(),
            rows.iter().any(|row| row.rules.contains(&"GSM-016")),
        )
    };
    let all: Vec<usize> = (0..blocks.len()).collect();
    assert!(blocks.len() > 4);
    assert_eq!(rules(&all), (vec!["valid"], false));
    let twice: Vec<usize> = all.iter().flat_map(|at| [*at, *at]).collect();
    assert_eq!(rules(&twice), (vec!["valid"], false), "a block that was sent again is no other");
    let without: Vec<usize> = all.iter().copied().filter(|at| *at != 3).collect();
    assert_eq!(rules(&without), (vec!["incomplete"], true));
    assert!(rules(&all[..all.len() - 1]).1, "the last one never came");
}

/// What is left unexplained, and how many submissions and answered responses there are.
#[derive(Default)]
struct Explained {
    unexplained: Vec<String>,
    submissions: Vec<u32>,
    tied: Vec<u64>,
    verdicts: usize,
}

impl Sink for Explained {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let tree = packet.view.tree;
        let value = |below, name: &str| {
            let end = tree.get(below).map_or(0, |node| node.end as usize);
            let nodes = tree.nodes().get(below.index()..end).unwrap_or(&[]);
            nodes.iter().find(|node| node.field.name == name).map(|node| node.value)
        };
        let mut of_push = false;
        for layer in tree.children(None) {
            let name = tree.get(layer).map_or("", |node| node.field.name);
            of_push |= matches!(name, "smpp" | "gsm_sms_ud" | "wsp" | "dmnoti");
            if !of_push {
                continue;
            }
            let end = tree.get(layer).map_or(0, |node| node.end as usize);
            let nodes = tree.nodes().get(layer.index()..end).unwrap_or(&[]);
            let lost = ["data", "smpp.body", "smpp.vendor_op"];
            if let Some(node) = nodes.iter().find(|node| lost.contains(&node.field.name)) {
                self.unexplained.push(format!("frame {}: {} in {name}", packet.frame.number, node.field.name));
            }
            if name == "smpp" {
                match value(layer, "smpp.command_id") {
                    Some(Value::Uint(4)) => self.submissions.push(packet.frame.number),
                    Some(Value::Uint(0x8000_0004)) => match value(layer, "smpp.request_in") {
                        Some(Value::Frame { number, .. }) => self.tied.push(u64::from(number)),
                        other => self.unexplained.push(format!("frame {}: {other:?}", packet.frame.number)),
                    },
                    _ => {}
                }
            }
        }
        // What the vendor of the server put behind its identifier is for its devices alone.
        let undecoded = pushscope::model::Group::Undecoded;
        let findings =
            tree.findings().iter().filter(|found| found.rule.group == undecoded && found.rule.id != "N12-021");
        self.unexplained.extend(findings.map(|found| format!("frame {}: {}", packet.frame.number, found.rule.id)));
        self.verdicts += packet.verdicts.len();
        ControlFlow::Continue(())
    }
}

#[test]
fn everything_of_the_pushes_of_a_third_party_gateway_is_explained() {
    let keys = Keyring::parse(KEYS, "test").expect("the keys");
    for (name, verdicts) in [("thirdparty_kannel145.pcap", 6), ("thirdparty_kannel145_auth.pcap", 6)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        let options = Options { all: true, ..Options::default() };
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, options);
        let mut found = Explained::default();
        let mut input = Input::open(&path).expect("the capture");
        while let Some(frame) = input.next() {
            let _ = engine.frame(&frame, &mut found);
        }
        let _ = engine.finish(&mut found);
        assert_eq!(found.unexplained, [] as [String; 0], "{name}");
        let submissions: Vec<u64> = found.submissions.iter().map(|number| u64::from(*number)).collect();
        assert_eq!(submissions, found.tied, "{name}: each submission has its response");
        assert_eq!((found.submissions.len(), found.verdicts), (4, verdicts), "{name}");
    }
}
