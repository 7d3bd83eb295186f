//! Makes captures of any size for measuring, and says what is in them.
//!
//! `cargo bench --bench generate -- --kind plain|gtpu|vxlan|pushes|smpp|streams --size 1G --out FILE|- [--format pcap|pcapng] [--seed N]`
//!
//! What the kinds hold stands in `tests/support/traffic.rs`. Keys: `captures/keys.toml`. The truth goes to `FILE.truth.json` and
//! standard output (standard error when the capture itself goes there). It must not use the crate.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "a measuring tool: it talks, and stops at the first error"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::process::ExitCode;

use support::traffic::{Kind, generate};

const USAGE: &str = "cargo bench --bench generate -- --kind plain|gtpu|vxlan|pushes|smpp|streams --size 1G --out FILE|- \
                     [--format pcap|pcapng] [--seed N]";

struct Options {
    kind: Kind,
    size: u64,
    out: String,
    pcapng: bool,
    seed: u64,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("usage: {USAGE}");
        return ExitCode::SUCCESS;
    };
    let truth = if options.out == "-" {
        generate(options.kind, options.size, options.seed, options.pcapng, &mut std::io::stdout().lock())
    } else {
        generate(
            options.kind,
            options.size,
            options.seed,
            options.pcapng,
            &mut File::create(&options.out).expect("the output can be created"),
        )
    };
    let json = truth.json();
    if options.out == "-" {
        eprint!("{json}");
    } else {
        std::fs::write(format!("{}.truth.json", options.out), &json).expect("the truth can be written");
        print!("{json}");
    }
    ExitCode::SUCCESS
}

fn options() -> Option<Options> {
    let (mut kind, mut size, mut out, mut pcapng, mut seed) = (None, None, None, false, 1);
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--kind" => {
                kind = Some(match value.as_str() {
                    "plain" => Kind::Plain,
                    "gtpu" => Kind::Gtpu,
                    "vxlan" => Kind::Vxlan,
                    "pushes" => Kind::Pushes,
                    "smpp" => Kind::Smpp,
                    "streams" => Kind::Streams,
                    _ => return None,
                });
            }
            "--size" => size = Some(octets(&value)?),
            "--out" => out = Some(value),
            "--format" => pcapng = value == "pcapng",
            "--seed" => seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(Options { kind: kind?, size: size?, out: out?, pcapng, seed })
}

/// `64K`, `100M`, `1G` or plain octets.
fn octets(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let shift = match text.get(digits.len()..)? {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_shl(shift)
}
