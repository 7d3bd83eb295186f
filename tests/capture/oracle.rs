//! Comparison with tshark where it is installed: frames, times, lengths.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use pushscope::capture::Input;

use crate::build::{Out, drain, enhanced, interface, option, pcap_header, pcap_record, section, simple};

/// What tshark says of a file: one `time captured original` line per frame.
fn tshark(file: &Path) -> Option<Vec<String>> {
    let output = Command::new("tshark")
        .args([
            "-n",
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "frame.cap_len",
            "-e",
            "frame.len",
            "-e",
            "frame.encap_type",
            "-r",
        ])
        .arg(file)
        .output();
    let Ok(output) = output else {
        eprintln!("NOT CHECKED: tshark is not installed");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    // tshark counts custom and journal blocks as frames too; those have no link type.
    let frames = text.lines().filter(|line| !line.ends_with('\t'));
    Some(frames.filter_map(|line| Some(line.rsplit_once('\t')?.0.to_owned())).collect())
}

fn ours(out: &Out) -> Vec<String> {
    let mut lines = Vec::new();
    for frame in &out.frames {
        let mut line = String::new();
        if let Some(nanos) = frame.nanos {
            let (secs, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
            write!(line, "{secs}.{rest:09}").unwrap();
        }
        write!(line, "\t{}\t{}", frame.data.len(), frame.orig_len).unwrap();
        lines.push(line);
    }
    lines
}

fn compare(file: &Path) {
    let Some(expected) = tshark(file) else { return };
    assert_eq!(ours(&drain(Input::open(file).unwrap())), expected, "{}", file.display());
}

#[test]
fn shipped_captures_read_as_tshark_reads_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["captures", "../shared/captures"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            eprintln!("NOT CHECKED: {folder} is not there");
            continue;
        };
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|ext| ext == "pcap" || ext == "pcapng"));
    files.sort();
    for file in &files {
        compare(file);
    }
}

#[test]
fn oddities_read_as_tshark_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, octets).unwrap();
        compare(&path);
    };
    let frame = [0x11; 60];
    for big in [false, true] {
        for magic in [0xa1b2_c3d4, 0xa1b2_3c4d] {
            let mut file = pcap_header(big, magic, 96, 1);
            file.extend(pcap_record(big, (1_700_000_000, 999_999), 60, 60, &frame));
            file.extend(pcap_record(big, (3_000_000_000, 1), 60, 1500, &frame));
            check("plain.pcap", &file);
        }
        check(
            "snaplen0.pcap",
            &[pcap_header(big, 0xa1b2_c3d4, 0, 1), pcap_record(big, (1, 0), 60, 60, &frame)].concat(),
        );
        check("beyond.pcap", &[pcap_header(big, 0xa1b2_c3d4, 9, 1), pcap_record(big, (1, 0), 60, 60, &frame)].concat());
        check(
            "shorter.pcap",
            &[pcap_header(big, 0xa1b2_c3d4, 99, 1), pcap_record(big, (1, 0), 60, 50, &frame)].concat(),
        );
        for (code, ticks) in [(6, 1_700_000_000_123_456), (3, 1_700_000_000_123), (9, 1_700_000_000_123_456_789)]
            .into_iter()
            .chain([(0x94, 1_700_000_000_u64 << 20 | 0xabcd), (0, 1_700_000_000), (10, 17_000_000_001_234_567_899)])
        {
            let options = [option(big, 9, &[code]), option(big, 0, &[])].concat();
            let file = [
                section(big, &[]),
                interface(big, 1, 0, &options),
                enhanced(big, 0, ticks, &frame, &[]),
                section(!big, &[]),
                interface(!big, 1, 40, &[]),
                enhanced(!big, 0, 1_700_000_000_000_001, &frame, &[]),
            ]
            .concat();
            check("resolution.pcapng", &file);
        }
        let file =
            [section(big, &[]), interface(big, 1, 0, &[]), simple(big, 60, &frame), simple(big, 61, &[2; 61])].concat();
        check("simple.pcapng", &file);
    }
}
