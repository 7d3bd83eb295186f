//! The real program in a real terminal: a pseudo-terminal on one side, an emulator that reads its screen on the other.
#![cfg(all(unix, feature = "tui"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/session.rs"]
mod session;

use std::io::Write as _;
use std::time::Duration;

use portable_pty::PtySize;
use session::{Session, size};

const WRONG: [&str; 3] = ["captures/wrong-digest.pcap", "--secrets", "captures/keys.toml"];

#[test]
fn a_wrong_digest_is_found_explained_and_the_terminal_given_back() {
    let mut session = Session::start(&WRONG, &[]);
    session.shows("digest invalid");
    session.shows("Packets 1 of 2");
    session.press("d");
    session.shows("Formula");
    session.press("q");
    session.press("e");
    session.shows("digest does not match");
    session.press("\r");
    session.shows("check:");
    session.press("/dmnoti.session_id == 0x1235\r");
    session.shows("Packets 1 of 1");
    session.press("\u{1b}");
    session.shows("of 2 ");
    session.master.resize(PtySize { rows: 10, cols: 40, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.screen.screen_mut().set_size(size(10), size(40));
    session.shows("pushscope needs 60x15");
    session.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.screen.screen_mut().set_size(size(24), size(80));
    session.shows("Fields of");
    session.press("q");
    assert_eq!(session.ends(), 0);
    assert!(session.is_restored());
}

#[test]
fn a_signal_gives_the_terminal_back_too() {
    let mut session = Session::start(&WRONG, &[]);
    session.shows("digest invalid");
    session.shows("Packets 1 of 2");
    let process = session.child.process_id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    session.ends();
    assert!(session.is_restored());
}

#[test]
fn stepping_back_to_the_shell_and_returning_works() {
    let mut session = Session::start(&WRONG, &[]);
    session.shows("digest invalid");
    session.shows("Packets 1 of 2");
    session.press("\u{c}j");
    session.shows("Fields of 2");
    session.press("\u{1a}");
    session.until("the shell's screen", |screen| !screen.alternate_screen());
    assert!(session.is_restored());
    let process = session.child.process_id().unwrap().to_string();
    // The process stops a moment after it has left the screen; a continuation that comes before that is lost.
    session.until_nudged(
        "Fields of 2",
        |screen| screen.alternate_screen() && screen.contents().contains("Fields of 2"),
        || assert!(std::process::Command::new("kill").args(["-CONT", &process]).status().unwrap().success()),
    );
    session.press("k");
    session.shows("Fields of 1");
    session.press("q");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_capture_that_comes_through_a_pipe_or_grows_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    let all = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/ui-modes.pcap")).unwrap();
    let (start, rest) = all.split_at(24 + 106 + 50);
    std::fs::write(&path, start).unwrap();
    let mut session = Session::start(&[path.to_str().unwrap()], &[]);
    session.shows("of 1 ");
    session.press("F");
    session.shows("following");
    session.shows("Fields of 1");
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(rest).unwrap();
    session.shows("Packets 8 of 8");
    session.press("ZZ");
    assert_eq!(session.ends(), 0);
}

#[test]
fn no_color_sends_no_colour() {
    let mut session = Session::start(&WRONG, &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]);
    session.shows("digest invalid");
    session.shows("Packets 1 of 2");
    session.press("j");
    session.shows("Fields of 2");
    session.press("ZZ");
    session.ends();
    let text = String::from_utf8_lossy(&session.seen);
    for sequence in text.split("\u{1b}[").skip(1) {
        let Some((codes, _)) = sequence.split_once('m') else { continue };
        if codes.chars().all(|c| c.is_ascii_digit() || c == ';') {
            for code in codes.split(';').filter_map(|code| code.parse::<u8>().ok()) {
                assert!(!matches!(code, 30..=38 | 40..=48 | 90..=107), "colour {code} in {codes}");
            }
        }
    }
}

#[test]
fn a_missing_file_is_told_and_the_exit_code_says_so() {
    let mut session = Session::start(&["no-such-file.pcap"], &[]);
    session.shows("no-such-file.pcap: ");
    session.press("q");
    assert_eq!(session.ends(), 2);
}

/// A push of a shipped capture as it goes into a socket: without IP and UDP headers.
fn shipped_push() -> Vec<u8> {
    let octets = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/appendix-c.pcap")).unwrap();
    let (ethernet, headers) = (24 + 16, 14 + 20 + 8);
    let len = u32::from_le_bytes(octets[32..36].try_into().unwrap()) as usize;
    octets[ethernet + headers..ethernet + len].to_vec()
}

#[test]
fn a_live_capture_is_shown_as_it_arrives_paused_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.pcapng");
    let probe = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = probe.local_addr().unwrap().port();
    drop(probe);
    let place = format!("127.0.0.1:{port}");
    let mut session = Session::start(&["live", "--listen", &place, "-w", file.to_str().unwrap()], &[]);
    session.shows("nothing was received yet");
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let push = shipped_push();
    sender.send_to(&push, &place).unwrap();
    session.shows("Packets 1 of 1");
    session.shows("com.mgmtsrv.manage");
    for _ in 0..40 {
        sender.send_to(&push, &place).unwrap();
    }
    // The newest one is selected.
    session.shows("Packets 41 of 41");
    session.press("F");
    session.shows("the list stands still");
    sender.send_to(&push, &place).unwrap();
    session.shows("Packets 41 of 42");
    session.press("F");
    session.shows("Packets 42 of 42");
    session.press("q");
    assert_eq!(session.ends(), 0);
    assert!(session.is_restored());
    let seen = String::from_utf8_lossy(&session.seen).into_owned();
    assert!(seen.contains("42 received, 42 listed, 0 dropped by the system, 42 saved"), "{seen}");
    let saved = std::fs::metadata(&file).unwrap().len();
    assert!(saved > 42 * 100, "{saved}");
}

#[test]
fn a_named_pipe_is_shown_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut session = Session::start(&[fifo.to_str().unwrap()], &[]);
    let mut pipe = std::fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    let capture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/duplicates.pcapng")).unwrap();
    pipe.write_all(&capture[..capture.len() / 2]).unwrap();
    // Nothing more comes for now, and the pipe stays open.
    session.shows("following");
    session.until("some packets", |screen| screen.contents().contains("com.mgmtsrv.manage"));
    pipe.write_all(&capture[capture.len() / 2..]).unwrap();
    drop(pipe);
    session.until("the end", |screen| !screen.contents().contains("following"));
    session.press("q");
    assert_eq!(session.ends(), 0);
}

#[test]
fn the_oldest_packets_leave_the_list_of_a_live_capture() {
    let probe = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let place = probe.local_addr().unwrap().to_string();
    drop(probe);
    let mut session = Session::start(&["live", "--listen", &place, "--keep", "1000"], &[]);
    session.shows("nothing was received yet");
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let push = shipped_push();
    for number in 0..12_000 {
        sender.send_to(&push, &place).unwrap();
        if number % 100 == 0 {
            // So that none is lost.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    // Two stretches of 4096 have left, the newest is selected, and all are counted.
    session.shows("Packets 3,808 of 3,808");
    session.press("s");
    session.shows("Statistics of 12,000 packets");
    session.shows("no longer in the list       8,192");
    session.press("q");
    session.press("e");
    session.shows("12,000 packets looked at");
    session.press("q");
    session.press("gg");
    session.shows("Packets 1 of 3,808");
    session.shows("Fields of 8193");
    session.press("q");
    assert_eq!(session.ends(), 0);
}
