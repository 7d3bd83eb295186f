//! What is printed does not depend on the number of threads: one capture in parts, several merged, whole and damaged.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::chance::Rng;
use support::net::{Ip as _, Ip4, Tcp, Udp};
use support::traffic::{Kind, generate};
use support::{file, link, notification, sms, wsp};

/// A folder of its own for a test, gone afterwards.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for captures")
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("the capture can be written");
    path
}

fn made(kind: Kind, size: u64, seed: u64, pcapng: bool) -> Vec<u8> {
    let mut out = Vec::new();
    generate(kind, size, seed, pcapng, &mut out);
    out
}

/// The capture with damage at several places: octets overwritten, a stretch missing, the end cut off.
fn damaged(mut capture: Vec<u8>, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    for _ in 0..6 {
        let at = 64 + rng.below(capture.len() - 200);
        for octet in &mut capture[at..at + 24] {
            *octet = rng.octet();
        }
    }
    let at = capture.len() / 2;
    capture.drain(at..at + 1001);
    capture.truncate(capture.len() - 7);
    capture
}

fn run(files: &[&Path], threads: &str, more: &[&str]) -> Output {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/keys.toml");
    Command::new(env!("CARGO_BIN_EXE_pushscope"))
        .args(["read", "-q", "-v", "--secrets", keys, "--threads", threads])
        .args(more)
        .args(files)
        .output()
        .expect("the program runs")
}

/// Compares every number of threads with one thread, in output, messages and exit code.
fn check(what: &str, files: &[&Path], code: i32) {
    check_as(&[&["-T", "text"], &["-T", "ndjson"], &["-T", "tree"]], what, files, code);
}

/// The same, with these options.
fn check_as(forms: &[&[&str]], what: &str, files: &[&Path], code: i32) {
    for more in forms {
        let alone = run(files, "1", more);
        assert_eq!(alone.status.code(), Some(code), "{what}: {}", String::from_utf8_lossy(&alone.stderr));
        assert!(alone.stdout.len() > 1000, "{what}: hardly anything was listed");
        for threads in ["2", "3", "8"] {
            let several = run(files, threads, more);
            assert_eq!(
                String::from_utf8_lossy(&several.stderr),
                String::from_utf8_lossy(&alone.stderr),
                "{what}, {more:?}, {threads} threads: messages"
            );
            assert_eq!(several.status, alone.status, "{what}, {more:?}, {threads} threads");
            assert!(several.stdout == alone.stdout, "{what}, {more:?}, {threads} threads: output differs");
        }
    }
}

#[test]
fn one_capture_in_parts_is_printed_alike() {
    let folder = folder();
    for (name, kind, pcapng) in
        [("plain.pcap", Kind::Plain, false), ("plain.pcapng", Kind::Plain, true), ("pushes.pcap", Kind::Pushes, false)]
    {
        let size = if kind == Kind::Pushes { 5 << 20 } else { 18 << 20 };
        let file = write(folder.path(), name, &made(kind, size, 7, pcapng));
        if kind == Kind::Plain {
            check(name, &[&file], 0);
            let bad = write(folder.path(), &format!("damaged-{name}"), &damaged(made(kind, size, 7, pcapng), 11));
            check(&format!("damaged {name}"), &[&bad], 2);
        } else {
            let (alone, several) = (run(&[&file], "1", &["-T", "text"]), run(&[&file], "3", &["-T", "text"]));
            assert!(alone == several, "{name}: output differs");
        }
    }
}

#[test]
fn several_captures_merged_are_printed_alike() {
    let folder = folder();
    let plain = write(folder.path(), "a.pcap", &made(Kind::Plain, 9 << 20, 1, false));
    let same_times = write(folder.path(), "b.pcapng", &made(Kind::Plain, 5 << 20, 2, true));
    let tunnel = write(folder.path(), "c.pcap", &made(Kind::Gtpu, 5 << 20, 3, false));
    let bad = write(folder.path(), "d.pcapng", &damaged(made(Kind::Plain, 5 << 20, 4, true), 5));
    let empty = write(folder.path(), "empty.pcap", b"");
    let missing = folder.path().join("missing.pcap");
    check("three", &[&plain, &same_times, &tunnel], 0);
    check("with damage", &[&tunnel, &bad, &empty, &missing, &plain, &same_times], 2);
    let shipped: Vec<PathBuf> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"))
        .expect("the shipped captures")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"))
        .collect();
    let mut shipped: Vec<&Path> = shipped.iter().map(PathBuf::as_path).collect();
    shipped.sort();
    check("the shipped captures", &shipped, 0);
    let forms: [&[&str]; 5] = [
        &["-T", "json", "-x"],
        &["-T", "csv"],
        &["-e", "dmnoti.server_id", "-e", "push.outcome", "-e", "dmnoti.duplicate_of", "--header"],
        &["-T", "text", "--all", "-x"],
        &["-T", "tree", "-Y", "finding.severity >= warning"],
    ];
    check_as(&forms, "the shipped captures", &shipped, 0);
}

/// Short messages in the middle of other traffic: SMPP on a port of nobody, whose segments begin anywhere once the connection
/// runs, and messages in parts over GSMTAP whose last part comes much later or never.
fn short_messages(other: usize, step: u64) -> Vec<u8> {
    let server = |n: u16| notification::Trigger::new(n).server(format!("server.{n}.example")).signed();
    let mut stream = Vec::new();
    for n in 1..=40u16 {
        let user_data = support::join(&[&sms::header(None), &wsp::Push::dm12(1, server(n)).octets()]);
        stream.extend(sms::pdu(4, 0, u32::from(n), &sms::submission(0x40, &user_data, &[])));
    }
    let answers: Vec<Vec<u8>> =
        (1..=40u32).map(|n| sms::pdu(0x8000_0004, u32::from(n % 7 == 0) * 0x58, n, b"a1b2\0")).collect();
    let (mut sent, mut segments) = (0u32, Vec::new());
    for (n, part) in stream.chunks(113).enumerate() {
        let there = Tcp { source: 40_000, destination: 3000, sequence: sent, acknowledgement: 0, flags: 0x18 };
        segments.push(Ip4::new("192.0.2.1", "192.0.2.2").tcp(&there, part));
        sent += u32::try_from(part.len()).expect("a small segment");
        if let Some(answer) = answers.get(n) {
            let sequence = u32::try_from(answers[..n].concat().len()).expect("a short stream");
            let back = Tcp { source: 3000, destination: 40_000, sequence, acknowledgement: sent, flags: 0x18 };
            segments.push(Ip4::new("192.0.2.2", "192.0.2.1").tcp(&back, answer));
        }
    }
    for n in 0..8u8 {
        let push = wsp::Push::dm12(1, notification::Trigger::new(600 + u16::from(n)).vendor([n; 90]).signed()).octets();
        for (number, part) in sms::parts(&push, n, 140).iter().enumerate() {
            // Of every third message the last part never comes.
            if n % 3 < 2 || number == 0 {
                let data = sms::cp_data(&sms::rp_data(n, &sms::deliver(part)));
                segments
                    .push(Ip4::new("192.0.2.3", "192.0.2.4").udp(&Udp::new(49_154, 4729), &sms::gsmtap(2, 0, &data)));
            }
        }
    }
    let mut frames = Vec::new();
    let mut rng = Rng::new(9);
    let gap = (other / segments.len()).max(1);
    let filler = Ip4::new("192.0.2.9", "192.0.2.8").udp(&Udp::new(5000, 5001), &[7; 400]);
    let mut segments = segments.into_iter().peekable();
    let mut count = 0;
    while segments.peek().is_some() || count < other {
        count += 1;
        let packet = if count % gap == 0 { segments.next() } else { None };
        let time = 1_700_000_000_000_000_000 + count as u64 * step + rng.below(1000) as u64;
        frames.push(file::Frame::new(time, link::ethernet_ip(&packet.unwrap_or_else(|| filler.clone()))));
    }
    file::pcapng("short messages", link::link_type::ETHERNET, &frames)
}

#[test]
fn short_messages_in_parts_and_streams_on_any_port_are_printed_alike() {
    let folder = folder();
    let one = write(folder.path(), "one.pcapng", &short_messages(40_000, 50_000_000));
    check("short messages", &[&one], 0);
    let text = String::from_utf8(run(&[&one], "3", &["-T", "text"]).stdout).expect("text");
    for n in 1..=40 {
        assert!(text.contains(&format!("server.{n}.example")), "the push to server {n} is missing:\n{text}");
    }
    let other = write(folder.path(), "other.pcap", &made(Kind::Plain, 5 << 20, 3, false));
    check("short messages beside others", &[&other, &one], 0);
}
