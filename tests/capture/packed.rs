//! Packed captures: every packing, several members, cut and damaged streams, windows that are too large.

use std::io::Write;
use std::process::{Command, Stdio};

use pushscope::capture::Input;

use crate::build::{Out, pcap_frame, pcap_header, read, read_slowly};
use crate::damage::{Random, mutate};

fn sample() -> Vec<u8> {
    let mut file = pcap_header(false, 0xa1b2_c3d4, 0, 1);
    for index in 0..300u32 {
        file.extend(pcap_frame(
            false,
            index,
            format!("frame {index}, {}", index.wrapping_mul(2_654_435_761)).as_bytes(),
        ));
    }
    file
}

/// Runs a packing program, where there is one.
fn run(program: &str, options: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let child = Command::new(program).args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("NOT CHECKED: {program} is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program}");
    Some(output.stdout)
}

/// A way to pack.
type Packer<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// The file packed in every way we can here, whole and as two members.
fn packed(file: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut out = Vec::new();
    let pack_gzip = |octets: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    };
    let pack_lz4 = |octets: &[u8]| {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    };
    let pack_bzip2 = |octets: &[u8]| {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    };
    let pack_zstd =
        |octets: &[u8]| ruzstd::encoding::compress_to_vec(octets, ruzstd::encoding::CompressionLevel::Fastest);
    let pack_xz = |octets: &[u8]| {
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(octets).unwrap();
        writer.finish().unwrap()
    };
    let (first, second) = file.split_at(file.len() / 3);
    let packers: [(&str, Packer<'_>); 5] =
        [("gzip", &pack_gzip), ("lz4", &pack_lz4), ("bzip2", &pack_bzip2), ("zstd", &pack_zstd), ("xz", &pack_xz)];
    for (name, pack) in packers {
        out.push((name, pack(file)));
        out.push((name, [pack(first), pack(second)].concat()));
    }
    let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9][..]].concat();
    out.push(("zstd", [skippable.clone(), pack_zstd(first), skippable.clone(), pack_zstd(second)].concat()));
    out.push(("lz4", [skippable.clone(), pack_lz4(file), skippable].concat()));
    out
}

#[test]
fn every_packing_is_recognised_by_content_and_gives_the_same_frames() {
    let file = sample();
    let plain = read(&file).clean();
    for (name, octets) in packed(&file) {
        assert_eq!(read(&octets), plain, "{name}");
        assert_eq!(read_slowly(&octets, 5), plain, "{name}");
    }
}

#[test]
fn the_usual_programs_pack_what_we_read() {
    let file = sample();
    let plain = read(&file).clean();
    let programs: [(&str, &[&str]); 9] = [
        ("gzip", &["-c"]),
        ("zstd", &["-c", "-q"]),
        ("zstd", &["-c", "-q", "--check", "-19"]),
        ("lz4", &["-c", "-q"]),
        ("lz4", &["-c", "-q", "-BD", "--no-frame-crc"]),
        ("lz4", &["-c", "-q", "-l"]),
        ("xz", &["-c"]),
        ("xz", &["-c", "-9", "--check=sha256"]),
        ("bzip2", &["-c"]),
    ];
    for (program, options) in programs {
        if let Some(octets) = run(program, options, &file) {
            assert_eq!(read(&octets), plain, "{program} {options:?}");
        }
    }
}

#[test]
fn a_cut_stream_gives_what_is_there_and_one_message() {
    let file = sample();
    let plain = read(&file).clean();
    for (name, octets) in packed(&file) {
        for cut in [octets.len() - 1, octets.len() - 5, octets.len() / 2, 20] {
            let out = read(&octets[..cut]);
            assert_eq!(out.frames, plain.frames[..out.frames.len()], "{name} cut at {cut}");
            assert!(out.problems.len() <= 1, "{:?}", out.problems);
            if cut < octets.len() - 11 {
                assert_eq!(out.problems.len(), 1, "{name} cut at {cut}");
            }
        }
    }
}

#[test]
fn an_empty_or_doubly_packed_content_is_named() {
    let texts = |content: &[u8]| -> Vec<Out> { packed(content).into_iter().map(|(_, octets)| read(&octets)).collect() };
    for out in texts(b"") {
        assert!(out.problems[0].contains("the file is empty (0 octets)"), "{:?}", out.problems);
    }
    let (_, gzip) = packed(&sample()).swap_remove(0);
    for out in texts(&gzip) {
        assert!(out.problems[0].contains("not a capture (expected pcap or pcapng); the first octets are 1f 8b"));
    }
}

#[test]
fn windows_above_the_limit_are_refused_with_the_limit_named() {
    // A zstd frame header that asks for a window of 256 MiB.
    let zstd = read(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0, 0, 0, 0]);
    assert!(zstd.problems[0].contains("a window of 256 MiB, the limit is 128 MiB"), "{:?}", zstd.problems);
    let Some(xz) = run("xz", &["-c", "--lzma2=dict=256MiB"], &sample()) else { return };
    let out = read(&xz);
    assert!(out.problems[0].contains("needs a dictionary above the limit of 128 MiB"), "{:?}", out.problems);
    let xz = run("xz", &["-c", "--lzma2=dict=128MiB"], &sample()).unwrap();
    read(&xz).clean();
}

#[test]
fn mutants_of_packed_files_never_panic() {
    let samples = packed(&sample());
    let mut random = Random(7);
    for round in 0..1500 {
        let (_, octets) = &samples[round % samples.len()];
        let _ = read(&mutate(octets, &mut random));
    }
}

#[test]
fn the_size_of_what_is_not_packed_is_known_before_reading() {
    let folder = tempfile::tempdir().unwrap();
    let file = pcap_header(false, 0xa1b2_c3d4, 65_535, 1);
    let (plain, gzip, short) = (folder.path().join("plain"), folder.path().join("packed"), folder.path().join("short"));
    std::fs::write(&plain, &file).unwrap();
    std::fs::write(&short, &file[..3]).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &file).unwrap();
    std::fs::write(&gzip, encoder.finish().unwrap()).unwrap();
    let mut input = Input::open(&plain).unwrap();
    assert_eq!(input.size(), Some(24));
    assert!(input.next().is_none());
    assert_eq!(input.size(), Some(24));
    assert_eq!(input.problems(), []);
    assert_eq!(Input::open(&gzip).unwrap().size(), None);
    assert_eq!(Input::open(&short).unwrap().size(), Some(3));
    assert_eq!(Input::from_reader("pipe", std::io::Cursor::new(file)).size(), None);
}
