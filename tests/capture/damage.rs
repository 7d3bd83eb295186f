//! Damaged, cut, hostile and missing files: no panic, no memory beyond the file, good packets first, one message.

use std::io::Cursor;
use std::path::Path;

use pushscope::capture::{Input, Merged};

use crate::build::{
    One, Out, block, enhanced, interface, n32, option, pcap_frame, pcap_header, pcap_record, read, read_slowly,
    section, simple,
};

fn sample_pcap(big: bool, count: u32) -> Vec<u8> {
    let mut file = pcap_header(big, 0xa1b2_c3d4, 65_535, 1);
    for index in 0..count {
        file.extend(pcap_frame(big, 1_700_000_000 + index, &vec![0x55; 20 + index as usize * 3]));
    }
    file
}

fn sample_pcapng(big: bool) -> Vec<u8> {
    [
        section(big, &option(big, 3, b"system")),
        interface(big, 1, 0, &[option(big, 2, b"eth0"), option(big, 9, &[9])].concat()),
        enhanced(big, 0, 1_700_000_000_000_000_000, b"first", &option(big, 1, b"hello")),
        simple(big, 6, b"second"),
        section(!big, &[]),
        interface(!big, 101, 96, &[]),
        enhanced(!big, 0, 1, b"third", &[]),
        block(!big, 0x0bad, b"custom"),
        enhanced(!big, 0, 1, b"fourth", &[]),
    ]
    .concat()
}

#[test]
fn every_truncation_gives_the_frames_that_are_whole_and_one_message() {
    // Behind the data of a pcapng frame stand padding, options and a length before its block is whole.
    let samples =
        [(sample_pcap(false, 6), 0), (sample_pcap(true, 6), 0), (sample_pcapng(false), 20), (sample_pcapng(true), 20)];
    for (file, behind) in samples {
        let whole = read(&file).clean();
        for cut in 0..file.len() {
            let out = read(&file[..cut]);
            let count = out.frames.len();
            assert_eq!(out.frames, whole.frames[..count], "cut at {cut}");
            let end = |frame: &One| frame.data_offset + frame.data.len() as u64 + behind;
            let least = whole.frames.iter().filter(|frame| end(frame) <= cut as u64).count();
            assert!(count >= least, "a whole frame is missing at {cut}");
            assert!(out.problems.len() <= 1, "{:?}", out.problems);
            assert_eq!(read_slowly(&file[..cut], 7), out);
        }
    }
}

#[test]
fn cut_files_say_what_is_missing() {
    let file = sample_pcap(false, 1);
    let message = |cut: usize| read(&file[..cut]).problems.concat();
    assert_eq!(message(0), "test: the file is empty (0 octets) (at octet 0)");
    assert_eq!(message(3), "test: not a capture: only 3 octets, d4 c3 b2 (at octet 0)");
    assert_eq!(message(23), "test: the pcap header is cut off: 23 of 24 octets (at octet 0)");
    assert_eq!(message(24), "");
    assert_eq!(message(30), "test: the file ends inside a record header: 6 of 16 octets (at octet 24)");
    assert_eq!(message(44), "test: a record claims 20 octets of data, 4 are there (at octet 24)");
    assert_eq!(
        read(b"PK\x03\x04 something else").problems,
        ["test: not a capture (expected pcap or pcapng); the first octets are 50 4b 03 04 20 73 6f 6d (at octet 0)"]
    );
}

#[test]
fn after_a_damaged_length_reading_goes_on_where_a_chain_of_records_starts() {
    let mut file = sample_pcap(false, 200);
    let whole = read(&file).clean();
    let victim = usize::try_from(whole.frames[20].offset).unwrap();
    for length in [0xffff_ffff, 0x7fff_ffff, 0x00ff_0000] {
        file[victim + 8..victim + 12].copy_from_slice(&n32(false, length));
        let out = read(&file);
        assert_eq!(out.frames.len(), 199, "{length:x}");
        assert_eq!(out.frames[..20], whole.frames[..20]);
        assert_eq!(out.frames[20].odd, ["CAP-016"]);
        assert_eq!(out.frames[198].data, whole.frames[199].data);
        assert_eq!((out.problems.len(), out.problems[0].contains(&format!("octet {victim}"))), (1, true));
        assert_eq!(read_slowly(&file, 1000), out);
    }
}

#[test]
fn a_damaged_block_costs_itself_and_one_message() {
    for big in [false, true] {
        let file = sample_pcapng(big);
        let whole = read(&file).clean();
        let victim = usize::try_from(whole.frames[1].offset).unwrap();
        for (at, value) in [(4, 0xffff_ffff), (4, 0), (4, 1 << 20), (4, 20)] {
            let mut file = file.clone();
            file[victim + at..victim + at + 4].copy_from_slice(&n32(big, value));
            let out = read(&file);
            assert_eq!(out.data(), [&b"first"[..], b"third", b"fourth"], "{value:x}");
            assert_eq!((out.odd(), out.problems.len()), (vec![vec![], vec!["CAP-016"], vec![]], 1));
        }
    }
}

#[test]
fn a_packet_that_claims_more_than_its_block_is_left_out() {
    let mut packet = enhanced(false, 0, 1, b"abcd", &[]);
    packet[20..24].copy_from_slice(&n32(false, 5));
    let file = [section(false, &[]), interface(false, 1, 0, &[]), packet, enhanced(false, 0, 2, b"e", &[])].concat();
    let out = read(&file);
    assert_eq!((out.data(), out.problems.len()), (vec![&b"e"[..]], 1));
}

#[test]
fn length_bombs_cost_no_memory() {
    let bomb = |length: u32| -> Out {
        let pcap = [pcap_header(false, 0xa1b2_c3d4, 0, 1), pcap_record(false, (1, 1), length, length, b"abc")].concat();
        let out = read(&pcap);
        assert_eq!((out.frames.len(), out.problems.len()), (0, 1));
        let mut ng = [section(false, &[]), interface(false, 1, 0, &[])].concat();
        ng.extend([n32(false, 6), n32(false, length & !3), [0; 4]].concat());
        let out = read(&ng);
        assert_eq!((out.frames.len(), out.problems.len()), (0, 1));
        out
    };
    assert!(bomb(0xffff_ffff).problems[0].contains("268435456"));
    bomb(200 << 20);
    bomb(70_000);
}

#[test]
fn a_file_of_headers_only_stays_small() {
    let mut file = section(false, &[]);
    for _ in 0..70_000 {
        file.extend(interface(false, 1, 0, &[]));
    }
    let out = read(&file);
    assert_eq!(out.problems.len(), 1, "{:?}", out.problems);
}

#[test]
fn what_cannot_be_opened_is_a_message_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.pcap");
    let empty = folder.path().join("empty.pcap");
    std::fs::write(&good, sample_pcap(false, 2)).unwrap();
    std::fs::write(&empty, b"").unwrap();
    let missing = folder.path().join("missing.pcap");
    let mut merged = Merged::open(&[folder.path(), &missing, &good, &empty]);
    let mut count = 0;
    while merged.next().is_some() {
        count += 1;
    }
    assert_eq!(count, 2);
    let texts: Vec<String> = merged.problems().iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 3);
    assert!(texts[0].contains("is a folder; expected a capture file"), "{texts:?}");
    assert!(texts[1].contains("missing.pcap: does not exist"), "{texts:?}");
    assert!(texts[2].contains("empty.pcap: the file is empty (0 octets)"), "{texts:?}");
    assert!(Input::open(Path::new("-")).is_ok());
}

#[test]
fn reading_that_fails_half_way_is_one_message() {
    struct Fails(Cursor<Vec<u8>>);
    impl std::io::Read for Fails {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                count => Ok(count),
            }
        }
    }
    let file = sample_pcap(false, 3);
    let out = crate::build::drain(Input::from_reader("test", Fails(Cursor::new(file[..file.len() - 1].to_vec()))));
    assert_eq!(out.frames.len(), 2);
    assert_eq!(out.problems.len(), 1);
    assert!(out.problems[0].starts_with("test: reading failed: the disk is gone"), "{:?}", out.problems);
}

/// A small generator of numbers: the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % below.max(1)
    }
}

/// Changes a file at a few places.
pub(crate) fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=random.next(4) {
        if file.is_empty() {
            break;
        }
        let at = random.next(file.len());
        match random.next(6) {
            0 => file.truncate(at),
            1 => file[at] = [0, 1, 0x7f, 0x80, 0xff][random.next(5)],
            2 => drop(file.remove(at)),
            3 => file.insert(at, u8::try_from(random.next(256)).unwrap_or(0)),
            4 => {
                let piece = file[at..(at + random.next(60)).min(file.len())].to_vec();
                let to = random.next(file.len());
                file.splice(to..to, piece);
            }
            _ => file[at] ^= 1 << random.next(8),
        }
    }
    file
}

#[test]
fn twenty_thousand_mutants_give_frames_inside_the_file_whatever_the_steps_of_reading() {
    let samples = [sample_pcap(false, 12), sample_pcap(true, 5), sample_pcapng(false), sample_pcapng(true)];
    let mut random = Random(0x5eed);
    for round in 0..20_000 {
        let file = mutate(&samples[round % samples.len()], &mut random);
        let out = read(&file);
        for frame in &out.frames {
            let (start, len) = (usize::try_from(frame.data_offset).unwrap(), frame.data.len());
            assert_eq!(file.get(start..start + len), Some(frame.data.as_slice()), "round {round}");
        }
        if round % 32 == 0 {
            assert_eq!(read_slowly(&file, 1 + round % 61), out, "round {round}");
        }
    }
}
