//! Nonces learned from the capture: a message is judged with those seen before its frame, whenever it is looked at.
#![cfg(feature = "tui")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::flow::Messages;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::tui::library::Library;
use pushscope::verify::{Candidate, Keyring, NonceLog, Secret, Status};
use support::file::{Frame, pcapng};
use support::link::{ethernet_ip, link_type};
use support::net::{Ip as _, Ip4};
use support::notification::{SERVER, Trigger};
use support::wsp::Push;

const PASSWORD: &[u8] = b"S3cr3t-Pw";
const PHONE: &str = "198.51.100.7";

fn keys() -> Keyring {
    let text = format!("[[server]]\nlabel = \"lab\"\nid = \"{SERVER}\"\npassword = \"S3cr3t-Pw\"\nnonce = \"old\"\n");
    Keyring::parse(&text, "keys").unwrap_or_else(|error| panic!("{error}"))
}

/// Notifications to two phones, all made with the same nonce, which neither has in its keys.
fn capture() -> Vec<u8> {
    let frames = (0u16..).zip([PHONE, PHONE, "198.51.100.8", PHONE]).map(|(at, phone)| {
        let message = Trigger::new(0x0100 + at).server(SERVER).signed_with(PASSWORD, b"fresh");
        let packet = Ip4::new("192.0.2.10", phone).push(&Push::dm12(1, &message).octets());
        Frame::new((1_767_225_600 + u64::from(at)) * 1_000_000_000, ethernet_ip(&packet))
    });
    pcapng("nonces", link_type::ETHERNET, &frames.collect::<Vec<_>>())
}

/// Takes down the verdicts, and keeps the packets as the screen does.
struct Notes<'l> {
    library: &'l Library,
    seen: Vec<(Status, String)>,
}

impl Sink for Notes<'_> {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.library.keep(packet);
        self.seen.push(told(packet));
        ControlFlow::Continue(())
    }
}

fn told(packet: &Packet<'_>) -> (Status, String) {
    let verdict = &packet.verdicts[0];
    (verdict.status, verdict.found.as_ref().map(|found| found.nonce.to_string()).unwrap_or_default())
}

fn learn(log: &NonceLog, nonce: &[u8], frame: u32) {
    let device = Some(PHONE.as_bytes().to_vec());
    assert!(log.push(Candidate { server_id: SERVER.as_bytes().to_vec(), device, nonce: Secret::new(nonce), frame }));
}

#[test]
fn a_nonce_verifies_what_comes_after_it_and_nothing_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nonces.pcapng");
    std::fs::write(&path, capture()).unwrap();
    let library = Library::new(Table::new(DISSECTORS), Keyring::default());
    let log = Arc::clone(library.nonces());
    let keys = keys();
    let mut engine =
        Engine::new(Table::new(DISSECTORS), &keys, Options::default()).with_nonces(Arc::clone(library.nonces()));
    let mut notes = Notes { library: &library, seen: Vec::new() };
    let mut input = Input::open(Path::new(&path)).unwrap_or_else(|problem| panic!("{problem}"));
    while let Some(frame) = input.next() {
        let number = frame.number;
        let _ = engine.frame(&frame, &mut notes);
        // What a session between the frames would tell: the nonce in use, and later one more.
        match number {
            1 => learn(&log, b"fresh", 1),
            3 => learn(&log, b"newer", 3),
            _ => {}
        }
    }
    let invalid = (Status::Invalid, String::new());
    let expected = [
        // Nothing was learned yet.
        invalid.clone(),
        (Status::Valid, "nonce learned in frame 1".to_owned()),
        // Another phone.
        invalid,
        // A newer one was learned: the sender is behind.
        (Status::Deviant, "nonce learned in frame 1".to_owned()),
    ];
    assert_eq!(notes.seen, expected);
    // Looked at again, in another order, with keys that are only given now.
    library.set_keys(self::keys());
    for at in [3u32, 0, 2, 1] {
        let again = library.look(at, |packet, _| told(packet)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, expected[at as usize], "packet {at} opened again");
    }
    let mut seen = Messages::new(1 << 20);
    for (at, expected) in (0u32..).zip(&expected) {
        let listed = library.judge(at, &mut seen).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(listed.status, Some(expected.0), "packet {at} judged anew");
    }
}
