//! An archive of 200 captures, packed in several ways: `report` against unpacking and reading it, with the same number of threads.
//!
//! `cargo build --release && cargo bench --bench archive -- --size 2G [--files 200] [--rounds 5] [--bin target/release/pushscope]
//! [--keep FOLDER]`. The limit uses the same decoders, reads with a buffer of 256 KiB, and looks at nothing. Everything is run in
//! turn, round by round; ratios of medians count, seconds do not. The archive is made anew from fixed seeds and removed at the
//! end, unless `--keep` says where it is to stay. It judges nothing: targets are printed beside the ratios.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "a measuring tool: it talks, and stops at the first error"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::traffic::{Kind, generate};

/// How the files of an archive are packed, in turn.
const PACKED: [&str; 8] = ["pcap", "pcap.gz", "pcap.zst", "pcap.lz4", "pcap.gz", "pcap", "pcap.zst", "pcap.gz"];
/// Distinct contents; the files repeat them.
const CONTENTS: u64 = 4;

struct Options {
    size: u64,
    files: usize,
    rounds: usize,
    bin: String,
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!(
            "usage: cargo bench --bench archive -- --size 2G [--files 200] [--rounds 5] [--bin FILE] [--keep FOLDER]"
        );
        return ExitCode::SUCCESS;
    };
    let made = tempfile::tempdir().expect("a folder");
    let folder = options.keep.clone().unwrap_or_else(|| made.path().to_owned());
    fs::create_dir_all(&folder).expect("the folder can be made");
    let (octets, stored) = make(&folder, &options);
    let files: Vec<PathBuf> = files(&folder);
    println!("{} files, {} MB, {} MB as stored", files.len(), octets >> 20, stored >> 20);
    let mut times = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for _ in 0..options.rounds {
        for threads in [1, 2] {
            let [limit, report] = &mut times[threads - 1];
            limit.push(unpack_all(&files, threads));
            report.push(run(&options.bin, &folder, threads));
        }
    }
    let [[limit_1, report_1], [limit_2, report_2]] = times.map(|pair| pair.map(median));
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!("threads  unpack and read    report    ratio (target at most 1.3)");
    println!("1        {limit_1:>12.2?} {report_1:>12.2?}    {:.2}", ratio(report_1, limit_1));
    println!("2        {limit_2:>12.2?} {report_2:>12.2?}    {:.2}", ratio(report_2, limit_2));
    println!(
        "two threads against one: report {:.2} (target at least 1.8), limit {:.2}",
        ratio(report_1, report_2),
        ratio(limit_1, limit_2)
    );
    ExitCode::SUCCESS
}

fn options() -> Option<Options> {
    let bin = concat!(env!("CARGO_MANIFEST_DIR"), "/target/release/pushscope").to_owned();
    let mut options = Options { size: 0, files: 200, rounds: 5, bin, keep: None };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--size" => {
                let (number, unit) = value.split_at(value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len()));
                let shift = match unit {
                    "" => 0,
                    "K" => 10,
                    "M" => 20,
                    "G" => 30,
                    _ => return None,
                };
                options.size = number.parse::<u64>().ok()? << shift;
            }
            "--files" => options.files = value.parse().ok()?,
            "--rounds" => options.rounds = value.parse().ok()?,
            "--bin" => options.bin = value,
            "--keep" => options.keep = Some(value.into()),
            _ => return None,
        }
    }
    (options.size > 0 && options.files > 0 && options.rounds > 0).then_some(options)
}

/// Makes the archive; octets of content and as stored.
fn make(folder: &Path, options: &Options) -> (u64, u64) {
    let each = options.size / options.files as u64;
    let (mut octets, mut stored) = (0, 0);
    for seed in 0..CONTENTS {
        let mut content = Vec::new();
        generate(Kind::Plain, each, seed + 1, false, &mut content);
        for (kind, packing) in PACKED.iter().enumerate() {
            // Packed once, written as often as it occurs.
            let places: Vec<usize> = (0..options.files)
                .filter(|file| file % PACKED.len() == kind && (file / PACKED.len()) as u64 % CONTENTS == seed)
                .collect();
            if places.is_empty() {
                continue;
            }
            let packed = pack(packing, &content);
            for file in places {
                let name = folder.join(format!("{:02}", file % 10)).join(format!("{file:04}.{packing}"));
                fs::create_dir_all(name.parent().expect("it has one")).expect("a folder");
                fs::write(name, &packed).expect("a file can be written");
                octets += content.len() as u64;
                stored += packed.len() as u64;
            }
        }
    }
    (octets, stored)
}

fn pack(packing: &str, content: &[u8]) -> Vec<u8> {
    match packing {
        "pcap.gz" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).expect("it packs");
            encoder.finish().expect("it packs")
        }
        "pcap.zst" => ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest),
        "pcap.lz4" => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(content).expect("it packs");
            encoder.finish().expect("it packs")
        }
        _ => content.to_vec(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    all.sort();
    all
}

/// The limit: every file unpacked and read by so many threads.
fn unpack_all(files: &[PathBuf], threads: usize) -> Duration {
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut buffer = vec![0; 256 << 10];
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let file = std::io::BufReader::new(File::open(path).expect("it opens"));
                    let mut source: Box<dyn Read> = match path.extension().and_then(|end| end.to_str()) {
                        Some("gz") => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
                        Some("zst") => Box::new(ruzstd::decoding::StreamingDecoder::new(file).expect("it is zstd")),
                        Some("lz4") => Box::new(lz4_flex::frame::FrameDecoder::new(file)),
                        _ => Box::new(file.into_inner()),
                    };
                    while source.read(&mut buffer).expect("it unpacks") > 0 {}
                }
            });
        }
    });
    start.elapsed()
}

fn run(bin: &str, folder: &Path, threads: usize) -> Duration {
    let start = Instant::now();
    let status = Command::new(bin)
        .args(["report", "-q", "--threads", &threads.to_string()])
        .arg(folder)
        .stdout(Stdio::null())
        .status()
        .expect("pushscope runs: cargo build --release");
    assert!(status.success(), "{status}");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
