//! Display filters compared with tshark: the same filter over the same frames must select the same; skipped loudly where tshark
//! is not installed.
//!
//! All captures are joined into one, so that each filter costs one run. Differences that are meant are in docs/filter.md.
#![allow(clippy::expect_used, clippy::panic, reason = "a test's own functions fail loudly")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use pushscope::capture::Merged;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::filter::Filter;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

/// Captures, and the frames of each that tshark reads otherwise whatever the filter.
const CAPTURES: &[(&str, &[usize])] = &[
    ("appendix-c.pcap", &[]),
    // Lengths that lie or were left to the card: it believes others, and stops earlier.
    ("checksums.pcapng", &[8, 9, 10, 11, 14, 17]),
    ("duplicates.pcapng", &[]),
    ("sightings.pcapng", &[]),
    ("tunnels.pcapng", &[]),
    ("ui-modes.pcap", &[]),
    ("v20-all-options.pcap", &[]),
    ("v20-minimal.pcap", &[]),
    ("wrong-digest.pcap", &[]),
    ("wsp-forms.pcapng", &[]),
];

/// Filters that both must understand alike.
const FILTERS: &[&str] = &[
    "frame",
    "frame.number == 3",
    "frame.number >= 4 and frame.number < 9",
    "frame.number in {1, 3..5, 8}",
    "not frame.number in {1..20}",
    "frame.number % 2 == 0",
    "frame.len > 100",
    "frame.len != frame.cap_len",
    "frame.len == frame.cap_len",
    "frame.len - 20 > 100",
    "frame.time >= \"2026-01-01 00:00:00\"",
    "frame.time_epoch > 1767225600.5",
    "frame contains \"mgmtsrv\"",
    "frame contains 63:6f:6d",
    "frame matches \"MGMT[a-z]+\"",
    "frame[12:2] == 08:00",
    "frame[0-1] == 02:00",
    "frame[-1] == 00",
    "eth",
    "!eth",
    "eth.type == 0x0800",
    "eth.type == 0x86dd",
    "eth.type != 0x0800",
    "eth.src == 02:00:00:00:00:01",
    "eth.addr == 02-00-00-00-00-01",
    "eth.dst != 0200.0000.0001",
    "eth.src[0:3] == 02:00:00",
    "eth.dst[5] == 02",
    "eth.dst[0] & 1",
    "eth.src contains 00:00",
    "ip",
    "not ip",
    "ip or ipv6",
    "ip and not udp",
    "ip.version == 4",
    "ip.src == 192.0.2.1",
    "ip.src != 192.0.2.1",
    "ip.addr == 192.0.2.0/24",
    "ip.addr != 192.0.2.0/24",
    "ip.addr == 198.51.100.0/24 || ip.addr == 203.0.113.0/24",
    "!(ip.addr == 192.0.2.1)",
    "ip.dst in {192.0.2.0..198.51.100.255}",
    "ip.src[0:2] == c0:00",
    "ip.src < ip.dst",
    "ip.src === ip.src",
    "ip.ttl < 64",
    "ip.ttl == 64",
    "ip.proto == 17",
    "ip.flags.df",
    "ip.flags.df == 1",
    "ip.flags.mf == 0",
    "ip.len > 80",
    "ip.len == udp.length + 20",
    "ip.id & 1",
    "ip.checksum.status == \"Good\"",
    "ipv6",
    "ipv6.src == 2001:db8::/32",
    "ipv6.addr != 2001:db8::1",
    "ipv6.dst[0:4] == 20:01:0d:b8",
    "ipv6.hlim > 1",
    "ipv6.nxt == 17",
    "udp",
    "udp.port == 2948",
    "udp.port == 9200",
    "udp.dstport in {2948, 9200..9203}",
    "udp.dstport not in {2948}",
    "udp.srcport > udp.dstport",
    "udp.srcport != udp.dstport",
    "udp.length > 60 && udp.length <= 90",
    "udp.length & 0x01",
    "udp.length * 2 > frame.len",
    "all udp.port > 9000",
    "any udp.port < 3000",
    "udp.port !== 9200",
    "udp.checksum == 0",
    "udp[0:2] == 24:00",
    "udp[4:2] == 00:45",
    "udp contains \"syncml\"",
    "udp contains 0d:ba",
    "len(eth.src) == 6",
    "count(ip.addr) == 2",
    "count(udp.port) > 2",
    "max(udp.srcport, udp.dstport) == 9200",
    "min(udp.port) < 3000",
    "string(udp.dstport) matches \"^92\"",
    "wsp",
    "wsp.TID > 1",
    "wsp.TID == 0x01",
    "wsp.pdu_type == 6",
    "wsp.pdu_type == \"Push\"",
    "wsp.headers_length > 10",
    "wsp and ip.src == 192.0.2.0/24",
    "wsp && !(udp.dstport == 9200) || frame.len < 80",
];

/// Filters and the frames each selects.
struct Selected {
    filters: Vec<Filter>,
    frames: Vec<Vec<u32>>,
}

impl Sink for Selected {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        for (filter, frames) in self.filters.iter().zip(&mut self.frames) {
            if filter.matches(&packet.view) {
                frames.push(packet.frame.number);
            }
        }
        ControlFlow::Continue(())
    }
}

fn ours(capture: &Path) -> Vec<Vec<u32>> {
    let filters = FILTERS.iter().map(|source| match Filter::new(source) {
        Ok(filter) => filter,
        Err(error) => panic!("{error}"),
    });
    let mut selected = Selected { filters: filters.collect(), frames: vec![Vec::new(); FILTERS.len()] };
    let keys = Keyring::default();
    let options = Options { all: true, ..Options::default() };
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, options);
    let mut frames = Merged::open(&[capture]);
    while let Some(frame) = frames.next() {
        let _ = engine.frame(&frame, &mut selected);
    }
    let _ = engine.finish(&mut selected);
    selected.frames
}

fn theirs(capture: &Path, filter: &str) -> Result<Vec<u32>, String> {
    let mut command = Command::new("tshark");
    command.args([
        "-n",
        "-o",
        "ip.check_checksum:TRUE",
        "-o",
        "udp.check_checksum:TRUE",
        "-T",
        "fields",
        "-e",
        "frame.number",
    ]);
    let output = command.arg("-r").arg(capture).args(["-Y", filter]).env("TZ", "UTC").output().expect("tshark runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

/// Capture and number in it of every frame of the joined one, and whether it is compared.
fn origins(paths: &[PathBuf]) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    for ((name, exceptions), path) in CAPTURES.iter().zip(paths) {
        let mut frames = Merged::open(&[path]);
        let mut number = 0;
        while frames.next().is_some() {
            number += 1;
            all.push((format!("{name} frame {number}"), !exceptions.contains(&number)));
        }
    }
    all
}

/// What only one of both selects, apart from the exceptions.
fn differences(ours: &[u32], theirs: &[u32], origins: &[(String, bool)]) -> Vec<String> {
    let rows = (1u32..).zip(origins).filter(|(_, (_, compared))| *compared);
    rows.filter_map(|(number, (origin, _))| match (ours.contains(&number), theirs.contains(&number)) {
        (true, false) => Some(format!("{origin}: only ours")),
        (false, true) => Some(format!("{origin}: only tshark")),
        _ => None,
    })
    .collect()
}

#[test]
fn filters_select_what_tshark_selects() {
    if ["tshark", "mergecap"].iter().any(|tool| Command::new(tool).arg("--version").output().is_err()) {
        eprintln!("SKIPPED: tshark or mergecap is not installed, so no filter was compared with it");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures");
    let paths: Vec<PathBuf> = CAPTURES.iter().map(|row| folder.join(row.0)).collect();
    let room = tempfile::tempdir().expect("a folder");
    let joined = room.path().join("joined.pcapng");
    let done = Command::new("mergecap").args(["-a", "-w"]).arg(&joined).args(&paths).status().expect("mergecap runs");
    assert!(done.success());
    let origins = origins(&paths);
    let ours = ours(&joined);
    let next = Mutex::new(0..FILTERS.len());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(index) = { next.lock().expect("a lock").next() } {
                    let fault = match theirs(&joined, FILTERS[index]) {
                        Ok(theirs) => differences(&ours[index], &theirs, &origins),
                        Err(error) => vec![error],
                    };
                    if !fault.is_empty() {
                        faults.lock().expect("a lock").push(format!("{}\n  {}", FILTERS[index], fault.join("\n  ")));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("a lock");
    assert!(faults.is_empty(), "{} of {} filters differ:\n{}", faults.len(), FILTERS.len(), faults.join("\n"));
    let telling = ours.iter().filter(|frames| !frames.is_empty()).count();
    assert!(telling > 60, "only {telling} filters select anything");
}
