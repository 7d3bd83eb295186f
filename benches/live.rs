//! Measures live capture on the loopback interface: datagrams received, dissected, verified and saved on one core, beside
//! `tcpdump -w` of the same stream.
//!
//! `cargo build --release && cargo bench --bench live [-- --datagrams 300000 --rounds 3 --rate 0 --bin target/release/pushscope]`
//!
//! The receiver is held on core 0 (`taskset`), the sender on the last one. What counts is processor time (user and system) of the
//! receiver for each datagram it got: it does not depend on who else uses the machine. Losses are printed beside it. A tool that
//! is missing, or may not capture, is named and left out.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::zombie_processes,
    reason = "a measuring tool: it talks, and stops at the first error; the encoder is that of the tests"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use support::notification::Trigger;
use support::wsp::Push;

struct Setup {
    datagrams: u64,
    rounds: usize,
    /// Datagrams a second; 0: as fast as it goes.
    rate: u64,
    bin: String,
}

/// What one run came to.
#[derive(Clone, Copy)]
struct Run {
    got: u64,
    processor: Duration,
}

fn main() -> ExitCode {
    let Some(setup) = setup() else {
        eprintln!("usage: cargo bench --bench live [-- --datagrams N --rounds N --rate N --bin PATH]");
        return ExitCode::SUCCESS;
    };
    if !cfg!(target_os = "linux") || Command::new("taskset").arg("--version").output().is_err() {
        eprintln!("LEFT OUT: needs Linux and taskset");
        return ExitCode::SUCCESS;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // The sender is this process.
    let own = std::process::id().to_string();
    let _ = Command::new("taskset").args(["-a", "-p", "-c", &(cores - 1).to_string(), &own]).output();
    let folder = std::env::temp_dir().join(format!("pushscope-live-{own}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..setup.rounds {
        ours.extend(pushscope(&setup, &folder));
        theirs.extend(tcpdump(&setup, &folder));
    }
    let _ = std::fs::remove_dir_all(&folder);
    let ours = report("pushscope live: received, dissected, verified, saved, a line each", &setup, &ours);
    let theirs = report("tcpdump -w", &setup, &theirs);
    if let (Some(ours), Some(theirs)) = (ours, theirs) {
        println!("pushscope takes {:.2} times the processor time of tcpdump -w for each datagram", ours / theirs);
    }
    ExitCode::SUCCESS
}

fn setup() -> Option<Setup> {
    let bin = format!("{}/target/release/pushscope", env!("CARGO_MANIFEST_DIR"));
    let mut setup = Setup { datagrams: 300_000, rounds: 3, rate: 0, bin };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--datagrams" => setup.datagrams = words.next()?.parse().ok()?,
            "--rounds" => setup.rounds = words.next()?.parse().ok()?,
            "--rate" => setup.rate = words.next()?.parse().ok()?,
            "--bin" => setup.bin = words.next()?,
            _ => return None,
        }
    }
    Path::new(&setup.bin).exists().then_some(setup)
}

/// Starts a program on core 0.
fn start(words: &[&str]) -> Child {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("it can be started")
}

fn send(setup: &Setup, port: u16) {
    let pushes: Vec<Vec<u8>> =
        (1..=1000).map(|session| Push::dm12(1, Trigger::new(session).signed()).octets()).collect();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let began = Instant::now();
    for (number, push) in (0..setup.datagrams).zip(pushes.iter().cycle()) {
        // Nobody may listen at the port while tcpdump looks on: an error of the datagram before comes back then.
        let _ = socket.send_to(push, ("127.0.0.1", port));
        if setup.rate > 0 && number % 64 == 0 {
            let due = Duration::from_secs_f64(number as f64 / setup.rate as f64);
            sleep(due.saturating_sub(began.elapsed()));
        }
    }
}

/// Processor time of a process so far.
fn processor(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields: Vec<u64> = rest.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
    // In hundredths of a second.
    let ticks = fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0);
    Duration::from_millis(ticks * 10)
}

/// Waits until a process has nothing to do any more, and says how much it did.
fn settled(pid: u32) -> Duration {
    let mut before = processor(pid);
    loop {
        sleep(Duration::from_millis(500));
        let now = processor(pid);
        if now == before {
            return now;
        }
        before = now;
    }
}

fn interrupt(child: &Child) {
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
}

fn pushscope(setup: &Setup, folder: &Path) -> Option<Run> {
    let file = folder.join("ours.pcapng");
    let keys = format!("{}/captures/keys.toml", env!("CARGO_MANIFEST_DIR"));
    let file = file.to_str()?;
    let mut child = start(&[
        &setup.bin,
        "live",
        "--listen",
        "127.0.0.1:0",
        "-w",
        file,
        "--secrets",
        &keys,
        "-T",
        "text",
        "--color",
        "never",
    ]);
    let mut said = BufReader::new(child.stderr.take()?).lines().map_while(Result::ok);
    let port = said.find_map(|line| line.split_once("listening at udp ")?.1.rsplit_once(':')?.1.parse().ok())?;
    send(setup, port);
    let processor = settled(child.id());
    interrupt(&child);
    let summary: Vec<String> = said.collect();
    let _ = child.wait();
    let got = summary.iter().find_map(|line| line.split_once(" received, ")?.0.rsplit(' ').next()?.parse().ok())?;
    Some(Run { got, processor })
}

fn tcpdump(setup: &Setup, folder: &Path) -> Option<Run> {
    let file = folder.join("theirs.pcap");
    // A port where nobody listens; the kernel answers each datagram with an ICMP message, which costs the sender only.
    let port = 29_480;
    let filter = format!("udp dst port {port}");
    let mut child = start(&["tcpdump", "-i", "lo", "-B", "32768", "-w", file.to_str()?, &filter]);
    let mut said = BufReader::new(child.stderr.take()?).lines().map_while(Result::ok);
    if said.find(|line| line.contains("listening on")).is_none() {
        eprintln!("LEFT OUT: tcpdump is not there, or may not capture");
        let _ = child.wait();
        return None;
    }
    send(setup, port);
    let processor = settled(child.id());
    interrupt(&child);
    let summary: Vec<String> = said.collect();
    let _ = child.wait();
    let got = summary.iter().find_map(|line| line.split_once(" packets captured")?.0.trim().parse().ok())?;
    Some(Run { got, processor })
}

/// Prints the median, and gives it in microseconds for each datagram.
fn report(name: &str, setup: &Setup, runs: &[Run]) -> Option<f64> {
    let mut each: Vec<f64> = runs.iter().map(|run| run.processor.as_secs_f64() * 1e6 / run.got as f64).collect();
    each.sort_by(f64::total_cmp);
    let median = *each.get(each.len() / 2)?;
    let got: Vec<String> =
        runs.iter().map(|run| format!("{:.1} %", 100.0 * run.got as f64 / setup.datagrams as f64)).collect();
    println!("{name}: {median:.2} µs of one core each, {:.0} datagrams a second; got {}", 1e6 / median, got.join(", "));
    Some(median)
}
