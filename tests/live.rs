//! Live capture, on the loopback interface only: sockets, helpers, pipes, what is saved, what is lost, how it ends.
//!
//! Every wait has an end; a test that needs what this machine lacks says so loudly and goes on.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use support::notification::Trigger;
use support::wsp::Push;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a clean environment that knows where helpers are.
fn program() -> Command {
    let nowhere = env!("CARGO_TARGET_TMPDIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushscope"));
    command.current_dir(ROOT).env_clear().env("TZ", "UTC").env("HOME", nowhere).env("XDG_CONFIG_HOME", nowhere);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    told(&program().args(arguments).stdin(Stdio::null()).output().unwrap())
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A folder for one test, emptied before.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A live capture that runs.
struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    /// What was said on standard error so far.
    said: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Running {
    fn start(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, err, said: Vec::new() }
    }

    fn live(arguments: &[&str]) -> Self {
        Self::start(program().arg("live").args(arguments).stdin(Stdio::null()))
    }

    /// Waits for a line on standard error that holds this.
    fn hear(&mut self, part: &str) -> String {
        loop {
            let line = self.err.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("`{part}` was never said, only {:#?}", self.said));
            self.said.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
    }

    /// The ports it listens at.
    fn ports(&mut self) -> Vec<u16> {
        let line = self.hear("listening at udp ");
        line.split_whitespace().filter_map(|word| word.rsplit_once(':')?.1.parse().ok()).collect()
    }

    fn line(&self) -> String {
        self.out.recv_timeout(PATIENCE).expect("a line on standard output")
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Waits for the end: exit code, the rest of standard output, all of standard error.
    fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let code = within(PATIENCE, || self.child.try_wait().unwrap()).expect("it ends").code();
        let out = self.out.iter().collect();
        self.said.extend(self.err.iter());
        (code, out, self.said.join("\n"))
    }
}

/// What comes of something within a time.
fn within<T>(time: Duration, mut what: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + time;
    loop {
        if let Some(answer) = what() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The option under which a saved capture is read as it was when it arrived at a port that is not that of pushes.
fn decoded(port: u16) -> String {
    format!("udp.port=={port},wsp")
}

/// The WSP octets of a push with a signed notification of this session.
fn push(session: u16) -> Vec<u8> {
    Push::dm12(1, Trigger::new(session).signed()).octets()
}

/// How many frames were received, and what else a summary counts, by its words.
fn count(summary: &str, words: &str) -> u64 {
    let line = summary.lines().find(|line| line.contains(" received, ")).expect("a summary");
    let parts = line.trim_start_matches("pushscope: ").split(", ");
    let mut numbers = parts.filter_map(|part| part.split_once(' '));
    numbers.find(|(_, rest)| *rest == words).map_or(0, |(number, _)| number.parse().unwrap())
}

#[test]
fn pushes_are_printed_as_they_arrive_and_a_saved_capture_reads_the_same() {
    let file = folder("same").join("lab.pcapng");
    let file = file.to_str().unwrap();
    let keys = ["--secrets", "captures/keys.toml"];
    let mut running =
        Running::live(&[&["--listen", "127.0.0.1:0", "-w", file, "-T", "ndjson", "-c", "4"][..], &keys].concat());
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut printed = Vec::new();
    // The second is a duplicate of the first, the third is wrong, the fourth is cut.
    let wrong = Push::dm12(1, Trigger::new(3).signed_with(b"other", b"nonce")).octets();
    for octets in [push(1), push(1), wrong, push(4)[..40].to_vec()] {
        sender.send_to(&octets, ("127.0.0.1", port)).unwrap();
        // There before the next one is sent.
        printed.push(running.line());
    }
    let (code, rest, said) = running.end();
    assert_eq!((code, rest.as_slice()), (Some(0), &[][..]), "{said}");
    assert_eq!((count(&said, "received"), count(&said, "listed"), count(&said, "saved")), (4, 4, 4), "{said}");
    assert!(
        printed[0].contains("\"valid\"") && printed[1].contains("duplicate_of") && printed[2].contains("\"invalid\"")
    );
    let source = sender.local_addr().unwrap().to_string();
    let (host, from) = source.split_once(':').unwrap();
    let arguments = [
        "-T",
        "fields",
        "-e",
        "ip.src",
        "-e",
        "udp.srcport",
        "-e",
        "ip.dst",
        "-e",
        "udp.dstport",
        "-e",
        "frame.link_type",
    ];
    let (_, fields, _) = run(&[&["read", file, "-d", &decoded(port)][..], &arguments].concat());
    assert_eq!(fields.lines().next(), Some(&*format!("{host}\t{from}\t127.0.0.1\t{port}\t101")));
    let (code, read, said) = run(&[&["read", file, "-T", "ndjson", "-d", &decoded(port)][..], &keys].concat());
    assert!(code == Some(0) && said.lines().count() <= 1, "{said}");
    let read: Vec<&str> = read.lines().collect();
    assert_eq!(read, printed);
    let (_, all, _) = run(&["read", file, "-T", "tree", "-d", &decoded(port)]);
    assert!(!all.contains("NET-"), "checksums and lengths are right: {all}");
}

#[test]
fn of_pushes_sent_at_full_speed_each_is_received_or_counted_as_lost() {
    const SENT: u64 = 100_000;
    let file = folder("speed").join("lab.pcapng");
    let mut running =
        Running::live(&["--listen", "127.0.0.1:0", "-w", file.to_str().unwrap(), "-T", "fields", "-e", "frame.number"]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.connect(("127.0.0.1", port)).unwrap();
    let pushes: Vec<Vec<u8>> = (1..=1000).map(push).collect();
    for number in 0..SENT {
        sender.send(&pushes[usize::try_from(number).unwrap() % pushes.len()]).unwrap();
    }
    running.signal("-INT");
    let (code, out, said) = running.end();
    assert_eq!(code, Some(130), "{said}");
    let (received, dropped) = (count(&said, "received"), count(&said, "dropped by the system"));
    assert_eq!(received + dropped, SENT, "{said}");
    assert_eq!(received, count(&said, "saved"), "{said}");
    assert_eq!(received, count(&said, "listed") + count(&said, "received but not looked at"), "{said}");
    assert_eq!(out.len() as u64, count(&said, "listed"));
    let (code, read, said) =
        run(&["read", file.to_str().unwrap(), "-T", "fields", "-e", "frame.number", "-d", &decoded(port)]);
    assert_eq!((code, read.lines().count() as u64), (Some(0), received), "{said}");
}

#[test]
fn losses_of_the_system_are_counted_when_nobody_receives() {
    let mut running = Running::live(&["--listen", "127.0.0.1:0", "-T", "fields", "-e", "frame.number"]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    // It is stopped, and its room at the system overflows.
    running.signal("-STOP");
    let (mut sent, datagram) = (0u64, vec![0; 60_000]);
    for _ in 0..3000 {
        sent += u64::from(sender.send_to(&datagram, ("127.0.0.1", port)).is_ok());
    }
    running.signal("-CONT");
    running.signal("-TERM");
    let (_, _, said) = running.end();
    let (received, dropped) = (count(&said, "received"), count(&said, "dropped by the system"));
    assert_eq!(received + dropped, sent, "{said}");
    assert!(dropped > 0 && received > 0, "{said}");
}

#[test]
fn both_families_are_heard_and_garbage_harms_nobody() {
    let file = folder("garbage").join("lab.pcap");
    let mut running = Running::live(&["--listen", "0", "-w", file.to_str().unwrap(), "-T", "text", "--all", "-x"]);
    let ports = running.ports();
    let Ok(sender6) = UdpSocket::bind("[::1]:0") else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: this machine has no IPv6");
        return;
    };
    let ([six, four], sender4) = ([ports[0], ports[1]], UdpSocket::bind("127.0.0.1:0").unwrap());
    let mut rng = support::chance::Rng::new(7);
    let pushed = push(5);
    for round in 0..500 {
        let mut octets = if round % 2 == 0 { rng.octets(round) } else { support::chance::mutate(&mut rng, &pushed) };
        octets.truncate(60_000);
        sender6.send_to(&octets, ("::1", six)).unwrap();
        sender4.send_to(&octets, ("127.0.0.1", four)).unwrap();
    }
    sender6.send_to(&pushed, ("::1", six)).unwrap();
    sender4.send_to(&pushed, ("127.0.0.1", four)).unwrap();
    // The last of each is there before the end.
    let mut out = Vec::new();
    let seen = within(PATIENCE, || {
        out.extend(running.out.try_iter());
        (out.iter().filter(|line| line.contains("notification") || line.contains("com.mgmtsrv")).count() >= 2)
            .then_some(())
    });
    assert!(seen.is_some(), "{}", out.join("\n"));
    thread::sleep(Duration::from_millis(300));
    running.signal("-INT");
    let (code, _, said) = running.end();
    assert_eq!((code, count(&said, "received")), (Some(130), 1002), "{said}");
    let fields = ["-T", "fields", "-e", "ipv6.src", "-e", "ipv6.dst", "-e", "ip.dst"];
    let (code, read, said) =
        run(&[
            &[
                "read",
                file.to_str().unwrap(),
                "-Y",
                "dmnoti.session_id == 5",
                "-d",
                &decoded(six),
                "-d",
                &decoded(four),
            ][..],
            &fields,
        ]
        .concat());
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(
        read.lines().any(|line| line == "::1\t::1\t") && read.lines().any(|line| line == "\t\t127.0.0.1"),
        "{read}"
    );
}

#[test]
fn what_was_received_is_on_disk_within_a_second_and_readable_after_kill_9() {
    let file = folder("killed").join("lab.pcapng");
    let mut running = Running::live(&["--listen", "127.0.0.1:0", "-w", file.to_str().unwrap(), "-T", "ndjson"]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for session in 1..=3 {
        sender.send_to(&push(session), ("127.0.0.1", port)).unwrap();
        running.line();
    }
    thread::sleep(Duration::from_secs(1));
    running.signal("-KILL");
    let _ = running.end();
    let (code, read, said) =
        run(&["read", file.to_str().unwrap(), "-T", "fields", "-e", "dmnoti.session_id", "-d", &decoded(port)]);
    assert_eq!((code, read.as_str(), said.as_str()), (Some(0), "0x0001\n0x0002\n0x0003\n", ""));
    // Killed in the middle of writing: what is whole is readable, the rest is at most one record.
    for round in 0..3 {
        let mut running = Running::live(&[
            "--listen",
            "127.0.0.1:0",
            "-w",
            file.to_str().unwrap(),
            "-T",
            "fields",
            "-e",
            "frame.len",
        ]);
        let port = running.ports()[0];
        let flood = thread::spawn(move || {
            let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
            let octets = push(9);
            let end = Instant::now() + Duration::from_millis(700 + 37 * round);
            while Instant::now() < end {
                let _ = sender.send_to(&octets, ("127.0.0.1", port));
            }
        });
        thread::sleep(Duration::from_millis(600 + 31 * round));
        running.signal("-KILL");
        let _ = running.end();
        flood.join().unwrap();
        let (code, read, said) =
            run(&["read", file.to_str().unwrap(), "-T", "fields", "-e", "dmnoti.session_id", "-d", &decoded(port)]);
        assert!(read.lines().count() > 100 && read.lines().all(|line| line == "0x0009"), "{}", read.lines().count());
        assert!(code == Some(0) || said.contains(" octets, ") && said.contains(" are there"), "{said}");
    }
}

#[test]
fn only_what_matches_is_saved_with_save_matching() {
    let file = folder("matching").join("lab.pcapng");
    let until = "dmnoti.session_id == 9";
    let mut running = Running::live(&[
        "--listen",
        "127.0.0.1:0",
        "-w",
        file.to_str().unwrap(),
        "--save-matching",
        "-Y",
        "dmnoti.session_id in {2, 3}",
        "-T",
        "fields",
        "-e",
        "dmnoti.session_id",
        "--until",
        until,
    ]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for session in [1, 2, 3, 4] {
        sender.send_to(&push(session), ("127.0.0.1", port)).unwrap();
    }
    assert_eq!([running.line(), running.line()], ["0x0002", "0x0003"]);
    sender.send_to(&push(9), ("127.0.0.1", port)).unwrap();
    let (code, rest, said) = running.end();
    // What ends the capture need not be listed.
    assert_eq!((code, rest.len(), count(&said, "saved")), (Some(0), 0, 2), "{said}");
    let (_, read, _) =
        run(&["read", file.to_str().unwrap(), "-T", "fields", "-e", "dmnoti.session_id", "-d", &decoded(port)]);
    assert_eq!(read, "0x0002\n0x0003\n");
}

#[test]
fn a_ring_of_files_and_a_duration_end_as_asked() {
    let folder = folder("ring");
    let began = Instant::now();
    let file = folder.join("lab.pcapng");
    let mut running = Running::live(&[
        "--listen",
        "127.0.0.1:0",
        "-w",
        file.to_str().unwrap(),
        "--files",
        "2",
        "--file-size",
        "2K",
        "--duration",
        "1500ms",
        "-T",
        "text",
    ]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for session in 1..=100 {
        sender.send_to(&push(session), ("127.0.0.1", port)).unwrap();
    }
    let (code, out, said) = running.end();
    assert_eq!((code, out.len(), count(&said, "saved")), (Some(0), 100, 100), "{said}");
    assert!(began.elapsed() > Duration::from_millis(1500));
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    let last = files.last().unwrap().to_str().unwrap();
    let (code, read, _) = run(&["read", last, "-T", "fields", "-e", "dmnoti.session_id", "-d", &decoded(port)]);
    assert_eq!((code, read.lines().last()), (Some(0), Some("0x0064")));
    let (code, _, said) = run(&["live", "-w", "x.pcapng", "--files", "2"]);
    assert!(code == Some(2) && said.contains("--file-size or --file-duration"), "{said}");
}

#[test]
fn a_full_disk_is_told_and_the_capture_goes_on() {
    let mut running = Running::live(&[
        "--listen",
        "127.0.0.1:0",
        "-w",
        "/dev/full",
        "-T",
        "fields",
        "-e",
        "dmnoti.session_id",
        "-c",
        "2",
    ]);
    let port = running.ports()[0];
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(&push(1), ("127.0.0.1", port)).unwrap();
    running.hear("the disk is full; the capture goes on without saving");
    sender.send_to(&push(2), ("127.0.0.1", port)).unwrap();
    let (code, out, said) = running.end();
    assert_eq!((code, out.as_slice()), (Some(2), &["0x0001".to_owned(), "0x0002".to_owned()][..]), "{said}");
    assert_eq!((count(&said, "saved"), count(&said, "NOT saved")), (0, 2), "{said}");
}

#[test]
fn what_cannot_be_had_is_said_and_ends_with_2() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let check = |arguments: &[&str], expected: &str| {
        let (code, out, said) = run(&[&["live", "-T", "text"][..], arguments].concat());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    };
    check(&["--listen", &format!("127.0.0.1:{port}")], "the port is in use by another program");
    check(&["--listen", &port.to_string()], "the port is in use by another program");
    check(&["--listen", "192.0.2.1:2948"], "this machine has no such address");
    check(&["--listen", "somewhere:2948"], "expected PORT, ADDR:PORT or [ADDR]:PORT");
    check(&["--listen", "127.0.0.1:0", "-Y", "dmnoti.nothing"], "display filter");
    check(&["--listen", "127.0.0.1:0", "--until", "dmnoti ="], "display filter");
    check(&["--listen", "127.0.0.1:0", "-w", "/nowhere/lab.pcapng"], "there is no such folder");
    check(&["-r", "/nowhere/fifo"], "does not exist");
    check(&["--duration", "soon"], "expected a time such as 90");
    check(&["-f", "udp"], "--interface");
}

// ---------------------------------------------------------------- capture helpers

/// A program of this name that is a script.
fn script(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// `live -i lo` with the helpers of one folder, and those of the system behind it where they are wanted.
fn helped(folder: &Path, arguments: &[&str]) -> Running {
    let mut command = program();
    command.env("PATH", folder).args(["live", "-i", "lo", "-T", "fields", "-e", "dmnoti.session_id"]).args(arguments);
    Running::start(command.stdin(Stdio::null()))
}

#[test]
fn without_a_helper_it_is_said_what_to_install() {
    if ["/usr/sbin", "/sbin", "/usr/local/sbin"]
        .iter()
        .any(|f| ["dumpcap", "tcpdump"].iter().any(|p| Path::new(f).join(p).exists()))
    {
        eprintln!("SKIPPED: helpers are installed where they are always found");
        return;
    }
    let (code, _, said) = helped(&folder("none"), &[]).end();
    assert_eq!(code, Some(2));
    assert!(said.contains("install dumpcap") && said.contains("or tcpdump"), "{said}");
}

#[test]
fn a_helper_that_dies_is_told_and_what_it_gave_is_kept() {
    let folder = folder("dying");
    let capture = Path::new(ROOT).join("captures/duplicates.pcapng");
    let capture = capture.to_str().unwrap();
    // Half of a capture, cut within a record.
    let octets = fs::read(capture).unwrap();
    fs::write(folder.join("half"), &octets[..octets.len() / 2]).unwrap();
    let half = folder.join("half");
    let text = format!(
        "echo 'File: -' >&2\n/bin/cat {}\necho 'dumpcap: the interface went away \u{1b}[31m' >&2\nexit 3",
        half.display()
    );
    script(&folder, "dumpcap", &text);
    let (code, out, said) = helped(&folder, &[]).end();
    assert_eq!(code, Some(2), "{said}");
    assert!(!out.is_empty(), "{said}");
    assert!(said.contains("dumpcap ended by itself: the interface went away \\u{1b}[31m"), "{said}");
    // One that does not begin at all.
    script(
        &folder,
        "dumpcap",
        "echo \"Capturing on 'lo'\" >&2\necho 'dumpcap: You do not have permission.' >&2\nexit 1",
    );
    let (code, _, said) = helped(&folder, &[]).end();
    assert_eq!(code, Some(2));
    assert!(said.contains("dumpcap: You do not have permission."), "{said}");
}

/// The real helper of this name, alone in a folder; `None` where this machine has none, or may not use it.
fn real(name: &str) -> Option<PathBuf> {
    let folder = folder(&format!("real-{name}"));
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path).map(|f| f.join(name)).find(|p| p.exists());
    let usable = program.as_ref().is_some_and(|program| {
        let listed = Command::new(program).arg("-D").output();
        listed.is_ok_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains("lo"))
    });
    if !usable {
        let _ = writeln!(std::io::stderr(), "SKIPPED: {name} is not installed here, or may not capture");
        return None;
    }
    std::os::unix::fs::symlink(program?, folder.join(name)).unwrap();
    Some(folder)
}

#[test]
fn helpers_capture_on_the_loopback_interface_and_end_with_us() {
    for name in ["dumpcap", "tcpdump"] {
        let Some(folder) = real(name) else { continue };
        let saved = folder.join("lab.pcapng");
        let mut running = helped(&folder, &["-w", saved.to_str().unwrap()]);
        running.hear(&format!("capturing on lo with {name}"));
        // Nobody listens at the port: the sockets of others are not disturbed.
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        for session in [0x7001, 0x7002] {
            sender.send_to(&push(session), "127.0.0.1:9200").unwrap();
            let expected = format!("0x{session:04x}");
            let there = within(PATIENCE, || running.out.try_iter().any(|line| line == expected).then_some(()));
            assert!(there.is_some(), "{name}: {expected} is printed as it arrives");
        }
        running.signal("-INT");
        let (code, _, said) = running.end();
        assert_eq!(code, Some(130), "{name}: {said}");
        assert!(count(&said, "saved") >= 2, "{name}: {said}");
        let (code, read, said) = run(&["read", saved.to_str().unwrap(), "-Y", "dmnoti.session_id == 0x7002"]);
        assert!(code == Some(0) && read.lines().count() == 1, "{name}: {read}{said}");
        // Killed, it leaves no helper behind, even when nothing arrives any more.
        let mut running = helped(&folder, &["-f", "udp port 1"]);
        running.hear("capturing on lo");
        let before = family(running.child.id());
        assert!(before.len() >= 2, "{name}: a supervisor and a helper, {before:?}");
        running.signal("-KILL");
        let gone = within(Duration::from_secs(10), || before.iter().all(|pid| !alive(*pid)).then_some(()));
        assert!(gone.is_some(), "{name}: {before:?} are still there");
        let mut command = program();
        command.env("PATH", &folder).args(["live", "-i", "nonesuch"]);
        let (code, _, said) = told(&command.output().unwrap());
        assert!(code == Some(2) && said.contains("nonesuch"), "{name}: {said}");
        let (code, list, _) = told(&program().env("PATH", &folder).args(["live", "-D"]).output().unwrap());
        assert!(code == Some(0) && list.contains("lo"), "{name}: {list}");
    }
}

/// Children and grandchildren of a process.
fn family(pid: u32) -> Vec<u32> {
    let children = |pid: u32| -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        lists
            .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
            .collect()
    };
    let first = children(pid);
    let second: Vec<u32> = first.iter().flat_map(|pid| children(*pid)).collect();
    first.into_iter().chain(second).collect()
}

/// Whether a process is there and not dead already.
fn alive(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

// ---------------------------------------------------------------- pipes

#[test]
fn a_named_pipe_streams_and_a_partial_record_at_its_end_is_damage() {
    let folder = folder("fifo");
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let running = Running::live(&["-r", fifo.to_str().unwrap(), "-T", "fields", "-e", "frame.number"]);
    let capture = fs::read(Path::new(ROOT).join("captures/duplicates.pcapng")).unwrap();
    let mut pipe = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    // A record arrives in two parts; what is whole is printed before the rest comes.
    let cut = capture.len() / 2;
    pipe.write_all(&capture[..cut]).unwrap();
    let first = running.line();
    assert_eq!(first, "1");
    pipe.write_all(&capture[cut..capture.len() - 7]).unwrap();
    drop(pipe);
    let (code, rest, said) = running.end();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("fifo: a block claims 236 octets, 229 are there"), "{said}");
    let (_, whole, _) = run(&["read", "captures/duplicates.pcapng", "-T", "fields", "-e", "frame.number"]);
    assert_eq!(rest.len() + 2, whole.lines().count(), "all but the last, and the first was printed before");
}

#[test]
fn standard_input_streams_and_ctrl_c_ends_it_at_once() {
    let mut command = program();
    command.args(["live", "-r", "-", "-T", "fields", "-e", "frame.number"]).stdin(Stdio::piped());
    let mut running = Running::start(&mut command);
    let mut stdin = running.child.stdin.take().unwrap();
    stdin.write_all(&fs::read(Path::new(ROOT).join("captures/duplicates.pcapng")).unwrap()).unwrap();
    stdin.flush().unwrap();
    assert_eq!(running.line(), "1");
    let began = Instant::now();
    running.signal("-INT");
    let (code, _, said) = running.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(stdin);
}
