//! Measures side by side, in turn, in one run: reading alone, `cat`, tcpdump, tshark, pushscope. Ratios of medians count, seconds do not.
//!
//! `cargo build --release && cargo bench --bench compare -- plain=FILE [gtpu=FILE] [vxlan=FILE] [pushes=FILE] [smpp=FILE] [--rounds 5]
//! [--tshark-rounds 1] [--bin target/release/pushscope] [--keys captures/keys.toml]`, files as `generate` makes them.
//!
//! The limit is read(2) with a buffer of 256 KiB whose octets nobody looks at. Peak memory is `VmHWM` of each child, read while it
//! runs. A tool that is missing is named and left out. It judges nothing: targets are printed beside the ratios.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "a measuring tool: it talks, and stops at the first error"
)]

use std::fs::File;
use std::io::Read;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct Setup {
    files: Vec<(String, String)>,
    rounds: usize,
    tshark_rounds: usize,
    bin: String,
    keys: String,
}

/// One thing to measure on a file.
struct Runner {
    name: String,
    /// Program and arguments; empty: read the file ourselves.
    command: Vec<String>,
    rounds: usize,
    times: Vec<Duration>,
    peak: u64,
}

fn main() -> ExitCode {
    let Some(setup) = setup() else {
        eprintln!(
            "usage: cargo bench --bench compare -- plain=FILE [gtpu=FILE] [vxlan=FILE] [pushes=FILE] [smpp=FILE] [--rounds 5] \
             [--tshark-rounds 1] [--bin target/release/pushscope] [--keys captures/keys.toml]"
        );
        return ExitCode::SUCCESS;
    };
    for (kind, file) in &setup.files {
        compare(&setup, kind, file);
    }
    start_to_finish(&setup);
    ExitCode::SUCCESS
}

fn setup() -> Option<Setup> {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut setup = Setup {
        files: Vec::new(),
        rounds: 5,
        tshark_rounds: 1,
        bin: format!("{root}/target/release/pushscope"),
        keys: format!("{root}/captures/keys.toml"),
    };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => setup.rounds = words.next()?.parse().ok()?,
            "--tshark-rounds" => setup.tshark_rounds = words.next()?.parse().ok()?,
            "--bin" => setup.bin = words.next()?,
            "--keys" => setup.keys = words.next()?,
            _ => {
                let (kind, file) = word.split_once('=')?;
                setup.files.push((kind.to_owned(), file.to_owned()));
            }
        }
    }
    (!setup.files.is_empty()).then_some(setup)
}

/// Whether a program can be started; says so loudly if not.
fn present(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("LEFT OUT: {program} is not there");
    }
    found
}

fn runner(name: &str, rounds: usize, command: &[&str]) -> Runner {
    let command = command.iter().map(|word| (*word).to_owned()).collect();
    Runner { name: name.to_owned(), command, rounds, times: Vec::new(), peak: 0 }
}

fn ours(setup: &Setup, file: &str, rounds: usize) -> Vec<Runner> {
    let read = |more: &[&str]| {
        let mut words = vec![setup.bin.as_str(), "read", file, "--secrets", &setup.keys, "--threads", "1"];
        words.extend(more);
        runner(&format!("pushscope {}", more.join(" ")), rounds, &words)
    };
    vec![read(&["-T", "ndjson"]), read(&["-T", "text"]), read(&["-T", "fields", "-e", "dmnoti.digest.status"])]
}

fn compare(setup: &Setup, kind: &str, file: &str) {
    let mut runners = vec![runner("read(2), 256 KiB", setup.rounds, &[])];
    if present("cat") {
        runners.push(runner("cat", setup.rounds, &["cat", file]));
    }
    if present("tcpdump") {
        let words = ["tcpdump", "-nr", file, "-w", "/dev/null", "udp", "port", "2948"];
        runners.push(runner("tcpdump -w udp port 2948", setup.rounds, &words));
    }
    if present("tshark") {
        let words = ["tshark", "-n", "-r", file, "-Y", "udp.dstport==2948", "-w", "/dev/null"];
        runners.push(runner("tshark -Y -w", setup.tshark_rounds, &words));
        if matches!(kind, "pushes" | "smpp") {
            let words = ["tshark", "-n", "-r", file, "-T", "json"];
            runners.push(runner("tshark -T json", setup.tshark_rounds, &words));
        }
    }
    if present(&setup.bin) {
        runners.extend(ours(setup, file, setup.rounds));
        let words = [setup.bin.as_str(), "read", file, "-T", "ndjson", "--threads", "1"];
        runners.push(runner("pushscope -T ndjson, no keys", setup.rounds, &words));
        // One thread per core, as it comes.
        let words = &words[..5];
        runners.push(runner("pushscope -T ndjson, no keys, all cores", setup.rounds, words));
        let words = [words, &["--secrets", &setup.keys]].concat();
        runners.push(runner("pushscope -T ndjson, all cores", setup.rounds, &words));
    }
    // Once unmeasured, so that the page cache holds the file.
    read_alone(file);
    measure(&mut runners, file, setup.rounds.max(setup.tshark_rounds));
    let size = std::fs::metadata(file).map_or(0, |data| data.len());
    println!("\n{kind}: {file}, {} MiB, medians of {} rounds", size >> 20, setup.rounds);
    table(&runners);
    println!(
        "to reach: pushscope at most 1.5 of read(2), 0.55 of tcpdump, 1/200 of tshark -Y; ndjson of pushes 80 times and of smpp \
         50 times as fast as tshark -T json; 16 MiB; gtpu and vxlan at most twice the plain ratio"
    );
}

/// Ten packets or so from start to finish.
fn start_to_finish(setup: &Setup) {
    let file = format!("{}/captures/ui-modes.pcap", env!("CARGO_MANIFEST_DIR"));
    let rounds = setup.rounds * 4;
    let mut runners = vec![runner("read(2), 256 KiB", rounds, &[])];
    if present("tcpdump") {
        runners.push(runner("tcpdump", rounds, &["tcpdump", "-nr", &file, "-w", "/dev/null"]));
    }
    if present("tshark") {
        runners.push(runner("tshark -n", rounds.min(12), &["tshark", "-n", "-r", &file]));
    }
    if present(&setup.bin) {
        runners.extend(ours(setup, &file, rounds));
    }
    measure(&mut runners, &file, rounds);
    println!("\nstart to finish: {file}");
    table(&runners);
    println!("to reach: pushscope at most 1/30 of tshark");
}

fn measure(runners: &mut [Runner], file: &str, rounds: usize) {
    for round in 0..rounds {
        for runner in runners.iter_mut().filter(|runner| round < runner.rounds) {
            let (time, peak) = if runner.command.is_empty() { (read_alone(file), 0) } else { run(&runner.command) };
            runner.times.push(time);
            runner.peak = runner.peak.max(peak);
        }
    }
}

fn read_alone(file: &str) -> Duration {
    let mut buffer = vec![0; 256 << 10];
    let start = Instant::now();
    let mut input = File::open(file).expect("the file can be opened");
    while input.read(&mut buffer).expect("the file can be read") > 0 {}
    start.elapsed()
}

/// Runs a command with its output thrown away: time and peak memory in KiB.
fn run(command: &[String]) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(File::create("/dev/null").expect("/dev/null"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let done = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (status, done) = (format!("/proc/{}/status", child.id()), Arc::clone(&done));
        std::thread::spawn(move || {
            let mut peak = 0;
            while !done.load(Ordering::Relaxed) {
                peak = peak.max(high_water(&status).unwrap_or(0));
                std::thread::sleep(Duration::from_millis(5));
            }
            peak
        })
    };
    let status = child.wait().expect("the child can be waited for");
    let time = start.elapsed();
    done.store(true, Ordering::Relaxed);
    let peak = watcher.join().expect("the watcher ends");
    if status.code().is_none_or(|code| code > 1) {
        eprintln!("{}: {status}", command.join(" "));
    }
    (time, peak)
}

fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn median(times: &[Duration]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

fn table(runners: &[Runner]) {
    let of = |start: &str| {
        runners.iter().find(|runner| runner.name.starts_with(start)).map_or(f64::NAN, |runner| median(&runner.times))
    };
    let references = [of("read(2)"), of("tcpdump"), of("tshark -"), of("tshark -T json")];
    println!("{:<48} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}", "", "ms", "/read", "/tcpdump", "tshark/", "json/", "KiB");
    for runner in runners {
        let time = median(&runner.times);
        println!(
            "{:<48} {:>10.2} {:>9.3} {:>9.3} {:>9.1} {:>9.1} {:>9}",
            runner.name,
            time * 1000.0,
            time / references[0],
            time / references[1],
            references[2] / time,
            references[3] / time,
            runner.peak
        );
    }
}
