//! Archives made here, whole and damaged, against what their members hold.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use super::{Contents, Found, Kind, looks_like_capture};

/// A capture of so many frames of 60 octets.
fn capture(frames: u32) -> Vec<u8> {
    let mut file = 0xa1b2_c3d4u32.to_le_bytes().to_vec();
    for word in [0x0004_0002u32, 0, 0, 65535, 1] {
        file.extend(word.to_le_bytes());
    }
    for frame in 0..frames {
        for word in [frame, 0, 60, 60] {
            file.extend(word.to_le_bytes());
        }
        file.extend((0..60).map(|octet| (frame.wrapping_mul(31).wrapping_add(octet) & 0xff) as u8));
    }
    file
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn zstd(octets: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(octets, ruzstd::encoding::CompressionLevel::Fastest)
}

fn bzip2(octets: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn tar(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, octets) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(octets.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, octets.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(members: &[(&str, Vec<u8>, bool)]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, octets, packed) in members {
        let method = if *packed { ::zip::CompressionMethod::Deflated } else { ::zip::CompressionMethod::Stored };
        let options = ::zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(octets).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The same as it is written to a pipe: sizes and checksums behind the contents.
fn zip_streamed(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    for (name, octets) in members {
        let options = ::zip::write::SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(octets).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Everything found in a file of this name: a line each.
fn found(name: &str, octets: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, octets).unwrap();
    lines(Contents::named(&path), &folder.path().to_string_lossy())
}

fn lines(mut contents: Contents, folder: &str) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(found) = contents.next() {
        let line = match found {
            Found::Capture(mut capture) => {
                while capture.input.next().is_some() {}
                let mut line = format!("{}: {} frames", capture.name(), capture.input.count());
                for problem in capture.input.problems() {
                    line = format!("{line}; {problem}");
                }
                line
            }
            Found::Skipped(name) => format!("{name}: skipped"),
            Found::Problem(problem) => format!("problem: {problem}"),
        };
        lines.push(line.replace(&format!("{folder}/"), ""));
        assert!(lines.len() < 1000, "it never ends");
    }
    lines
}

fn members() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("readme.txt", b"not a capture at all".to_vec()),
        ("lab/a.pcap", capture(3)),
        ("lab/b.pcap.gz", gzip(&capture(500))),
        ("lab/c.pcap.zst", zstd(&capture(40))),
        ("d.pcap.bz2", bzip2(&capture(7))),
        ("no-name-that-says-it", capture(2)),
        ("empty.pcap", Vec::new()),
    ]
}

/// What must be found of [`members`] in an archive.
fn expected(archive: &str) -> Vec<String> {
    [
        "readme.txt: skipped",
        "lab/a.pcap: 3 frames",
        "lab/b.pcap.gz: 500 frames",
        "lab/c.pcap.zst: 40 frames",
        "d.pcap.bz2: 7 frames",
        "no-name-that-says-it: 2 frames",
    ]
    .map(|line| format!("{archive}!{line}"))
    .into_iter()
    .chain([format!("{archive}!empty.pcap: 0 frames; {archive}!empty.pcap: the file is empty (0 octets) (at octet 0)")])
    .collect()
}

#[test]
fn members_of_tar_archives_are_read_however_they_are_packed() {
    let archive = tar(&members());
    for (name, octets) in [
        ("x.tar", archive.clone()),
        ("x.tar.gz", gzip(&archive)),
        ("x.tar.zst", zstd(&archive)),
        ("x.tbz2", bzip2(&archive)),
        ("named-anyhow", archive),
    ] {
        assert_eq!(found(name, &octets), expected(name), "{name}");
    }
}

#[test]
fn members_of_zip_archives_are_read_by_the_directory_and_without_it() {
    let packed: Vec<_> = members().into_iter().map(|(name, octets)| (name, octets, true)).collect();
    let stored: Vec<_> = members().into_iter().map(|(name, octets)| (name, octets, false)).collect();
    for octets in [zip(&packed), zip(&stored), zip_streamed(&members())] {
        assert_eq!(found("x.zip", &octets), expected("x.zip"));
        // Within something that cannot be sought in.
        let nested = tar(&[("y.zip", octets.clone())]);
        assert_eq!(found("n.tar.gz", &gzip(&nested)), expected("n.tar.gz!y.zip"));
        // Something before it, as in archives that unpack themselves: not recognised by content, so not read.
        let mut shifted = b"#!/bin/sh\nexec unzip $0\n".to_vec();
        shifted.extend(&octets);
        assert!(found("x.run", &shifted).concat().contains("not a capture"));
    }
}

#[test]
fn archives_within_archives_are_gone_into_up_to_a_depth() {
    let mut archive = tar(&[("a.pcap", capture(4))]);
    for _ in 0..3 {
        archive = zip(&[("in.tgz", gzip(&tar(&[("deeper.tar", tar(&[("in.zip", archive)]))])), true)]);
    }
    let name = "x.zip!in.tgz!deeper.tar!in.zip!in.tgz!deeper.tar!in.zip";
    assert_eq!(
        found("x.zip", &archive),
        [format!("problem: {name}: is an archive 6 archives deep, which is not read")]
    );
    let shallow = zip(&[("in.tgz", gzip(&tar(&[("deeper.tar", tar(&[("a.pcap", capture(4))]))])), true)]);
    assert_eq!(found("x.zip", &shallow), ["x.zip!in.tgz!deeper.tar!a.pcap: 4 frames"]);
}

#[test]
fn what_is_cut_off_is_named_with_archive_member_and_place() {
    let archive = tar(&[("a.pcap", capture(3)), ("b.pcap", capture(100)), ("c.pcap", capture(3))]);
    // Within the second member.
    let cut = &archive[..4096];
    let lines = found("x.tar", cut);
    assert_eq!(lines[0], "x.tar!a.pcap: 3 frames");
    assert!(
        lines[1].starts_with(
            "x.tar!b.pcap: 33 frames; x.tar!b.pcap: reading failed: the archive ends within this member (at octet "
        ),
        "{}",
        lines[1]
    );
    assert_eq!(lines[2..], ["problem: x.tar: the tar archive is cut off within its last member (at octet 4096)"]);
    // A gzip stream that breaks.
    let mut packed = gzip(&archive);
    let half = packed.len() / 2;
    packed.truncate(half);
    let lines = found("x.tar.gz", &packed);
    assert!(
        lines.iter().any(|line| line.contains("x.tar.gz!b.pcap") && line.contains("the gzip stream is cut off")),
        "{lines:?}"
    );
    assert!(
        lines
            .last()
            .unwrap()
            .starts_with("problem: x.tar.gz: reading failed: the gzip stream is cut off; members behind"),
        "{lines:?}"
    );
    // A zip without its directory.
    let archive = zip(&[("a.pcap", capture(3), true), ("b.pcap", capture(100), true), ("c.pcap", capture(3), true)]);
    let at = archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let lines = found("x.zip", &archive[..at - 20]);
    assert_eq!(
        lines[0],
        format!(
            "problem: x.zip: has no zip directory: it is cut off; its members are read as far as they go (at octet {})",
            at - 20
        )
    );
    assert_eq!(lines[1..3], ["x.zip!a.pcap: 3 frames", "x.zip!b.pcap: 100 frames"]);
    assert!(lines[3].starts_with("x.zip!c.pcap: "), "{}", lines[3]);
}

#[test]
fn a_damaged_tar_header_costs_one_member() {
    let mut archive = tar(&[("a.pcap", capture(3)), ("b.pcap", capture(3)), ("c.pcap", capture(5))]);
    let second = archive.windows(6).position(|window| window == b"b.pcap").unwrap();
    archive[second + 150] ^= 0x55;
    let lines = found("x.tar", &archive);
    assert_eq!(
        lines,
        [
            "x.tar!a.pcap: 3 frames".to_owned(),
            format!(
                "problem: x.tar: a tar header is damaged; went on with the one at octet {} (at octet {second})",
                second + 1024
            ),
            "x.tar!c.pcap: 5 frames".to_owned(),
        ]
    );
}

#[test]
fn a_wrong_zip_checksum_is_told_after_the_frames() {
    let mut archive = zip(&[("a.pcap", capture(3), false)]);
    // The last octet of the last frame.
    let at = 30 + "a.pcap".len() + capture(3).len() - 1;
    archive[at] ^= 1;
    let lines = found("x.zip", &archive);
    assert_eq!(
        lines,
        ["x.zip!a.pcap: 3 frames; x.zip!a.pcap: reading failed: its zip checksum is wrong (at octet 252)"]
    );
}

#[test]
fn long_names_are_kept_and_impossible_sizes_end_the_walk() {
    let long = format!("{}/a.pcap", "folder".repeat(40));
    assert_eq!(found("x.tar", &tar(&[(&long, capture(1))])), [format!("x.tar!{long}: 1 frames")]);
    let mut archive = tar(&[("a.pcap", capture(3))]);
    let mut header = ::tar::Header::from_byte_slice(&archive[..512]).clone();
    header.set_size(u64::MAX / 2);
    header.set_cksum();
    archive[..512].copy_from_slice(header.as_bytes());
    let lines = found("x.tar", &archive);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].ends_with("the archive ends within this member (at octet 1532)"), "{lines:?}");
    assert_eq!(lines[1], "problem: x.tar: the tar archive is cut off within its last member (at octet 2048)");
}

#[test]
fn members_nobody_reads_are_passed_over() {
    for octets in [tar(&members()), gzip(&tar(&members())), zip_streamed(&members())] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, octets).unwrap();
        let mut contents = Contents::named(&path);
        let mut captures = Vec::new();
        while let Some(found) = contents.next() {
            if let Found::Capture(capture) = found {
                captures.push(capture);
            }
        }
        assert_eq!(captures.len(), 6);
        // Their turn is over: they hold no more than what was looked at before.
        for capture in &mut captures {
            while capture.input.next().is_some() {}
            assert!(capture.input.count() <= 500, "{}", capture.name());
        }
    }
}

#[test]
fn only_wanted_members_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    fs::write(&path, tar(&members())).unwrap();
    let contents = Contents::named(&path).only(Box::new(|name| name.contains(".bz2")));
    assert_eq!(lines(contents, &folder.path().to_string_lossy()), ["x.tar!d.pcap.bz2: 7 frames"]);
}

#[test]
fn a_file_met_in_a_folder_is_skipped_unless_its_name_says_capture() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, octets).unwrap();
        lines(Contents::met(&path), &folder.path().to_string_lossy())
    };
    assert_eq!(told("notes.txt", b"hello"), ["notes.txt: skipped"]);
    assert_eq!(told("notes.gz", &gzip(b"hello")), ["notes.gz: skipped"]);
    assert_eq!(told("broken.gz", &gzip(b"hello")[..12]), ["broken.gz: skipped"]);
    assert_eq!(told("empty", b""), ["empty: skipped"]);
    assert_eq!(told("x", &capture(1)), ["x: 1 frames"]);
    assert_eq!(told("x.pcap", b""), ["x.pcap: 0 frames; x.pcap: the file is empty (0 octets) (at octet 0)"]);
    assert!(told("x.pcap.gz", &gzip(&capture(9))[..12])[0].contains("the gzip stream is cut off"));
}

#[test]
fn mutated_archives_end_and_allocate_no_more_than_they_hold() {
    let whole: Vec<Vec<u8>> = vec![
        tar(&members()),
        zip(&members().into_iter().map(|(name, octets)| (name, octets, true)).collect::<Vec<_>>()),
        zip_streamed(&members()),
        gzip(&tar(&[("z.zip", zip(&[("a.pcap", capture(9), true)]))])),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("x");
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for octets in whole {
        for _ in 0..150 {
            let mut octets = octets.clone();
            for _ in 0..=random(4) {
                let at = random(octets.len());
                // Headers stand at the start, directories at the end: those places are hit more often.
                let at = match random(3) {
                    0 => at % 600,
                    1 => octets.len() - 1 - at % 600.min(octets.len()),
                    _ => at,
                };
                let at = at.min(octets.len() - 1);
                octets[at] = [0, 0xff, 0x7f, 1][random(4)] ^ [0, 0, 5, 8][random(4)];
            }
            if random(3) == 0 {
                octets.truncate(random(octets.len()));
            }
            fs::write(&path, octets).unwrap();
            lines(Contents::named(&path), "");
        }
    }
}

#[test]
fn contents_are_recognised_by_their_octets() {
    assert_eq!(Kind::of(&capture(0)), Kind::Capture);
    assert_eq!(Kind::of(&tar(&[("a", Vec::new())])), Kind::Tar);
    assert_eq!(Kind::of(b"PK\x03\x04"), Kind::Zip);
    assert_eq!(Kind::of(&[0; 512]), Kind::Other);
    assert_eq!(Kind::of(b""), Kind::Other);
    for name in ["a.pcap", "dir/a.PCAPNG", "a.pcap.gz", "a.pcap3", "a.cap", "x.tar.gz", "x.tgz", "y.zip!a.ntar"] {
        assert!(looks_like_capture(name), "{name}");
    }
    for name in ["a.txt", "pcap", "a.gz", "a.pcap.txt", "dir.pcap/notes", ""] {
        assert!(!looks_like_capture(name), "{name}");
    }
}
