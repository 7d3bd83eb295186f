//! One frame per rule that one packet can break: 1.2, 2.0, WSP.

use super::super::net::{Ip as _, Udp};
use super::super::notification::{Package, Trigger, all_options, data_sync, later_layout, lwm2m_trigger};
use super::super::notification::{SERVER, Sync};
use super::super::wsp::{self, Push};
use super::{Expect as _, Scene, Shipped};

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    vec![
        ("violations-12.pcapng", violations_12()),
        ("violations-20.pcapng", violations_20()),
        ("violations-wsp.pcapng", violations_wsp()),
    ]
}

fn violations_12() -> Vec<u8> {
    let mut scene = Scene::new();
    message_12(&mut scene);
    push_12(&mut scene);
    scene.pcapng("1.2 notifications, each breaking one rule (its neighbours may follow from it)")
}

fn message_12(scene: &mut Scene) {
    let worked = Trigger::new(0x1234).signed();
    let mut add = |tid: u8, body: &[u8], rules: &str, status: &str, words: &str| {
        scene.push(&Push::dm12(tid, body).octets()).expect(rules, status, words);
    };
    let right = Trigger::new;
    add(1, &worked[..12], "N12-001", "malformed", "12 octets: not even a digest");
    add(2, &worked[..20], "N12-001", "", "20 octets: the trigger header is cut");
    add(3, &right(3).length(60).signed(), "N12-002", "", "server identifier of 60 octets promised, 18 there");
    add(4, &right(4).with_digest([0; 16]), "N12-003", "unsigned", "sixteen zero octets for a digest");
    add(5, &right(5).with_digest([0xFF; 16]), "N12-003", "unsigned", "sixteen FF octets for a digest");
    add(6, &right(6).octets(), "N12-003", "malformed", "the digest is missing: the trigger comes first");
    add(7, &right(7).signed_with(b"wrong", b"nonce-001"), "N12-004", "invalid", "signed with another password");
    add(8, &right(8).resync(), "N12-005", "resync", "signed with the special nonce");
    add(9, &right(9).version(12).signed(), "N12-007", "valid", "message version 1.2");
    add(10, &right(10).version(10).signed(), "N12-007", "valid", "message version 1.0");
    add(11, &right(11).future_use(1).signed(), "N12-011", "valid", "last future-use bit set");
    add(12, &right(12).future_use(0x0400_0000).signed(), "N12-011", "valid", "first future-use bit set");
    add(13, &right(0).signed(), "N12-014", "valid", "session identifier 0");
    add(14, &right(14).server(b"serv\xFCr\x00x").signed(), "N12-019", "deviant", "8-bit and NUL octets in the id");
    add(15, &right(15).server("").signed(), "N12-020", "deviant", "empty server identifier");
    add(16, &right(16).vendor([0xCA, 0xFE, 0, 1]).signed(), "N12-021", "valid", "four vendor octets");
    // The first two octets of the trigger swapped: C8 02 instead of 02 C8.
    let mut swapped = right(17).ui(0, 1).octets();
    swapped.swap(0, 1);
    let digest = super::super::notification::digest12(SERVER.as_bytes(), b"S3cr3t-Pw", b"nonce-001", &swapped);
    add(17, &[&digest[..], &swapped].concat(), "N12-007 N12-022", "valid", "little-endian version");
}

fn push_12(scene: &mut Scene) {
    let body = |session| Trigger::new(session).signed();
    let dm = |tid: u8| Push::new(tid, wsp::short(wsp::DM12), body(0x100 | u16::from(tid)));
    let id = || wsp::application(7);
    let octet_stream = Push::well_known(1, 0x5A, 7, body(0x101));
    scene.push(&octet_stream.octets()).expect("N12-023", "", "content type application/octet-stream");
    let mut add = |push: Push, rules: &str, words: &str| {
        scene.push(&push.octets()).expect(rules, "valid", words);
    };
    add(Push::new(2, wsp::text(wsp::DM12_TEXT), body(0x102)).header(id()), "N12-024", "content type as text");
    add(dm(3), "N12-025", "no application id");
    add(dm(4).header(wsp::field(0x2F, wsp::text("x-wap-application:syncml.dm"))), "N12-026", "application id as text");
    add(
        dm(5).header(wsp::field(0x2F, wsp::text("urn:x-wap-application:syncml.dm"))),
        "N12-026",
        "application id as text with urn:",
    );
    add(dm(6).header(wsp::field(0x2F, wsp::long(7))), "N12-026", "application id 7 as a long integer (a note)");
    add(
        dm(7).header(wsp::field(0x12, wsp::date(1_767_225_600))).header(id()),
        "N12-027 N12-032",
        "a Date header before the application id",
    );
    add(
        dm(8).header(id()).header(wsp::field(0x31, wsp::text("http://push.example.org/initiator/with/a/long/name"))),
        "N12-028 N12-032",
        "push header of more than 48 octets",
    );
    add(dm(9).header(id()).header(wsp::field(0x34, wsp::short(4))), "N12-032", "one more header: Push-Flag");
    add(
        dm(10).header(id()).header(wsp::field(0x07, wsp::basic_credentials("u", "p"))),
        "N12-032",
        "credentials in clear",
    );
    add(dm(11).header(id()).pdu_type(wsp::CONFIRMED_PUSH), "N12-030 W-004", "confirmed push");

    let pdu = dm(12).header(id()).octets();
    let packet = scene.ip().udp(&Udp::new(49154, 9200), &pdu);
    scene.packet(&packet).expect("N12-029", "valid", "sent to port 9200");
    let pdu = dm(13).header(id()).connected().pdu_type(wsp::CONFIRMED_PUSH).octets();
    let packet = scene.ip().udp(&Udp::new(49154, 9201), &wsp::wtp_invoke(1, 0x0101, &pdu));
    scene.packet(&packet).expect("N12-030", "valid", "connection mode: a confirmed push in WTP on port 9201");
}

fn violations_20() -> Vec<u8> {
    let mut scene = Scene::new();
    message_20(&mut scene);
    options_20(&mut scene);
    push_20(&mut scene);
    scene.pcapng("2.0 notifications, each breaking one rule (its neighbours may follow from it)")
}

/// Adds a 2.0 message to the scene.
fn dm20(scene: &mut Scene, body: &[u8], rules: &str, status: &str, words: &str) {
    scene.push(&Push::dm20(1, body).octets()).expect(rules, status, words);
}

fn message_20(scene: &mut Scene) {
    let now = scene.now();
    let right = |id: u16| Package::new(id).server().digest_at(now);
    dm20(scene, &[0x20, 0x00, 0x01], "N20-001", "malformed", "three octets: the header is cut");
    dm20(scene, &right(2).ver(3).signed(), "N20-002 N20-037", "", "VER 3");
    dm20(scene, &right(3).count(4).signed(), "N20-003", "valid", "four options counted, two there");
    dm20(scene, &right(4).count(1).signed(), "N20-004", "", "one option counted, two there");
    dm20(scene, &right(5).trailing([0, 0]).signed(), "N20-004", "valid", "two octets after the last option");
    dm20(scene, &right(6).reserved(0x55).signed(), "N20-005", "valid", "RESERVED is not zero");
    dm20(scene, &Package::new(7).digest_at(now).signed(), "N20-012", "valid", "no SERVER-ID");
    let forged = right(8).signed_with(b"another secret");
    dm20(scene, &forged, "N20-024", "invalid", "signed with another secret");
    dm20(scene, &right(9).octets(), "N20-025", "unsigned", "digest still zero");
    let old = Package::new(10).server().digest_at(now - 3 * 86_400).signed();
    dm20(scene, &old, "N20-026", "valid", "sent three days before");
    let future = Package::new(11).server().digest_at(now + 86_400).signed();
    dm20(scene, &future, "N20-026", "valid", "sent tomorrow");
    dm20(scene, &Package::new(12).server().octets(), "N20-029", "unsigned", "no digest option");
    dm20(scene, &later_layout(13), "N20-036", "", "the later 2.0 layout: 16-bit header");
    dm20(scene, &right(14).ver(1).signed(), "N20-002 N20-037", "", "VER 1: perhaps DM Notification 1.3");
}

fn options_20(scene: &mut Scene) {
    let now = scene.now();
    let begin = |id: u16| Package::new(0x100 | id).server();
    let end = |package: Package| package.digest_at(now).signed();
    let with = |id: u16, number: u16, value: &[u8]| end(begin(id).option(number, value));
    // Options above 5 follow the digest, which is number 5.
    let after = |id: u16| begin(id).digest_at(now);
    let twice_six = after(1).option(6, "a").raw_option(0, 1, "b").signed();
    dm20(scene, &twice_six, "N20-008 N20-011", "valid", "option 6 twice (delta 0)");
    let zero =
        Package::new(0x102).raw_option(0, 2, "xx").option(5, [&now.to_be_bytes()[..], &[0; 32]].concat()).signed();
    dm20(scene, &zero, "N20-009", "", "option number 0");
    let names = begin(3).raw_option(0, SERVER.len() as u16, SERVER);
    dm20(scene, &end(names), "N20-010", "", "SERVER-ID twice");
    dm20(scene, &after(4).option(7, [1, 2, 3]).signed(), "N20-011", "valid", "option 7 is not defined");
    for (id, name, words) in [
        (5, &b"serv\xFF\xFEer"[..], "SERVER-ID is not UTF-8"),
        (6, b"srv\x1B[31m", "SERVER-ID holds control characters"),
        (7, b"cafe\xCC\x81.example", "SERVER-ID is not in normal form C"),
        (8, b"", "SERVER-ID is empty"),
    ] {
        let package = Package::new(0x100 | id).option(1, name).digest_at(now).signed();
        dm20(scene, &package, "N20-013", "", words);
    }
    dm20(scene, &with(9, 3, &[0, 1, 2]), "N20-014", "valid", "REQ-MO of three octets");
    dm20(scene, &with(10, 3, &[]), "N20-015", "valid", "empty REQ-MO");
    dm20(scene, &with(11, 4, &[0, 3, 1, 2, 3]), "N20-017", "valid", "REQ-MO-CV of five octets");
    dm20(scene, &with(12, 4, &[]), "N20-018", "valid", "empty REQ-MO-CV");
    dm20(scene, &with(13, 2, &[1, 4]), "N20-020", "valid", "connection type 4");
    dm20(scene, &with(14, 2, &[]), "N20-021", "valid", "empty PREFERRED-CON-TYPE");
    dm20(scene, &with(15, 2, &[1, 2, 1]), "N20-021", "valid", "connection type 1 twice");
    dm20(scene, &with(16, 2, &[0, 1]), "N20-021", "valid", "connection type 0 not alone");
    let short = begin(17).option(5, [0x55; 20]).octets();
    dm20(scene, &short, "N20-023", "malformed", "SHA256-DIGEST of 20 octets");
    let twice = begin(18).digest_at(now).raw_option(0, 36, [0x11; 36]).octets();
    dm20(scene, &twice, "N20-010", "malformed", "SHA256-DIGEST twice");
}

fn push_20(scene: &mut Scene) {
    let now = scene.now();
    let body = |id: u16| Package::new(0x200 | id).server().digest_at(now).signed();
    let dm = |id: u16| Push::new(id as u8, wsp::short(wsp::DM20), body(id));
    let id = || wsp::application(7);
    let mut add = |push: Push, rules: &str, words: &str| {
        scene.push(&push.octets()).expect(rules, "valid", words);
    };
    add(dm(1).header(id()).pdu_type(wsp::CONFIRMED_PUSH), "N20-030 W-004", "confirmed push");
    add(dm(2), "N20-031", "no application id");
    add(dm(3).header(wsp::application(8)), "N20-031", "application id 8");
    add(
        Push::new(4, wsp::text("application/vnd.syncml.dm.notification"), body(4)).header(id()),
        "N20-032",
        "content type as text",
    );
    add(
        dm(5).header(id()).header(wsp::field(0x31, wsp::text("http://push.example.org/initiator/with/a/long/name"))),
        "N20-033",
        "push header of more than 48 octets",
    );
    let pdu = dm(6).header(id()).octets();
    let packet = scene.ip().udp(&Udp::new(49154, 9200), &pdu);
    scene.packet(&packet).expect("N20-034", "valid", "sent to port 9200");
}

fn violations_wsp() -> Vec<u8> {
    let mut scene = Scene::new();
    let body = |session| Trigger::new(session).signed();
    let right = |tid: u8| Push::dm12(tid, body(0x300 | u16::from(tid)));
    let mut add = |push: Push, rules: &str, status: &str, words: &str| {
        scene.push(&push.octets()).expect(rules, status, words);
    };
    add(right(1).headers_len([0x7F]), "W-001", "", "HeadersLen 127 runs past the end");
    add(right(2).headers_len(wsp::uintvar(0x0FFF_FFFF)), "W-001", "", "HeadersLen 268435455");
    add(right(3).headers_len([0x81, 0x80, 0x80, 0x80, 0x80, 0x03]), "W-002", "", "uintvar of six octets");
    add(right(4).headers_len([0x80, 0x80, 0x03]), "W-002", "valid", "uintvar with leading 80 octets (a note)");
    add(right(5).headers_len([0x02]), "W-003", "", "HeadersLen ends inside the application id");
    let cut = right(6).header(wsp::field(0x31, [0x05, b'a', b'b']));
    add(cut, "W-003", "valid", "the value of the last header is longer than the headers");
    add(right(7).pdu_type(wsp::CONFIRMED_PUSH), "W-004", "valid", "confirmed push");
    add(right(8).header(wsp::field(0x34, wsp::short(0x7C))), "W-005", "valid", "undefined bits in Push-Flag");
    add(Push::well_known(9, wsp::DM12, 0x1A, lwm2m_trigger(9)), "W-015", "", "LwM2M trigger");
    let sync = data_sync(&[Sync { alert: 206, content_type: 7, uri: "card" }]);
    let ds = Trigger::new(10).version(12).vendor(sync).signed();
    add(Push::well_known(10, wsp::DS, 5, ds), "W-016", "", "Data Sync notification");
    add(Push::new(11, [], body(0x30B)).headers_len([0]), "W-017", "", "no content type: HeadersLen 0");
    add(right(14).header(wsp::field(0x26, [])), "W-003", "valid", "the last header has no value");
    let all = all_options(0x30C, scene.now()).signed();
    scene.push(&Push::dm20(12, all).octets()).expect("", "valid", "nothing wrong: all options, for comparison");
    scene.push(&right(13).octets()).expect("", "valid", "nothing wrong, for comparison");
    scene.pcapng("pushes, each breaking one rule of the push header")
}
