//! pcap: every form, and each finding with a neighbour that does not raise it.

use crate::build::{merge, n16, n32, pcap_frame, pcap_header, pcap_record, read, read_slowly};

const MICROS: u32 = 0xa1b2_c3d4;
const NANOS: u32 = 0xa1b2_3c4d;
const MODIFIED: u32 = 0xa1b2_cd34;

/// Reads one record behind a header with this magic; gives its time and findings.
fn check(magic: u32, snaplen: u32, time: (u32, u32), captured: u32, original: u32) -> (i64, Vec<String>) {
    let mut both = Vec::new();
    for big in [false, true] {
        let data = vec![7; captured as usize];
        let file = [pcap_header(big, magic, snaplen, 1), pcap_record(big, time, captured, original, &data)].concat();
        let out = read(&file).clean();
        assert_eq!(out.data(), [data.as_slice()]);
        assert_eq!((out.frames[0].orig_len, out.frames[0].link), (original, 1));
        assert_eq!((out.frames[0].offset, out.frames[0].data_offset), (24, 40));
        assert_eq!(read_slowly(&file, 1), out);
        both.push((out.frames[0].nanos.unwrap(), out.frames[0].odd.clone()));
    }
    assert_eq!(both[0], both[1]);
    both.remove(0)
}

#[test]
fn micro_and_nanoseconds_in_both_byte_orders() {
    assert_eq!(check(MICROS, 100, (1, 999_999), 4, 4), (1_999_999_000, vec![]));
    assert_eq!(check(NANOS, 100, (1, 999_999_999), 4, 4), (1_999_999_999, vec![]));
    assert_eq!(check(MICROS, 0, (u32::MAX, 0), 4, 9), (i64::from(u32::MAX) * 1_000_000_000, vec![]));
}

#[test]
fn cap_001_a_fraction_of_a_second_or_more_is_carried() {
    assert_eq!(check(MICROS, 100, (1, 1_000_000), 4, 4), (2_000_000_000, vec!["CAP-001".to_owned()]));
    assert_eq!(check(NANOS, 100, (1, 1_000_000_000), 4, 4), (2_000_000_000, vec!["CAP-001".to_owned()]));
    assert_eq!(check(NANOS, 100, (1, 1_000_000), 4, 4).1, Vec::<String>::new());
}

#[test]
fn cap_002_captured_beyond_the_snap_length() {
    assert_eq!(check(MICROS, 10, (1, 0), 11, 11).1, ["CAP-002"]);
    assert!(check(MICROS, 10, (1, 0), 10, 11).1.is_empty());
    assert!(check(MICROS, 0, (1, 0), 11, 11).1.is_empty());
}

#[test]
fn cap_003_original_shorter_than_captured() {
    assert_eq!(check(MICROS, 100, (1, 0), 11, 10).1, ["CAP-003"]);
    assert!(check(MICROS, 100, (1, 0), 10, 10).1.is_empty());
}

#[test]
fn cap_006_old_versions_have_their_lengths_swapped() {
    let mut file = pcap_header(false, MICROS, 100, 1);
    file[6..8].copy_from_slice(&n16(false, 2));
    file.extend(pcap_record(false, (1, 0), 9, 4, b"abcd"));
    let out = read(&file).clean();
    assert_eq!((out.data(), out.frames[0].orig_len), (vec![&b"abcd"[..]], 9));
    assert_eq!(out.odd(), [["CAP-006"]]);
    file[6..8].copy_from_slice(&n16(false, 3));
    let out = read(&file).clean();
    assert_eq!((out.data(), out.frames[0].orig_len), (vec![&b"abcd"[..]], 9));
}

#[test]
fn cap_007_the_modified_form_has_longer_record_headers() {
    for big in [false, true] {
        let record = |data: &[u8]| {
            let len = n32(big, u32::try_from(data.len()).unwrap());
            [&n32(big, 1), &n32(big, 2), &len, &len, &[9; 8][..], data].concat()
        };
        let file = [pcap_header(big, MODIFIED, 100, 1), record(b"one"), record(b"three")].concat();
        let out = read(&file).clean();
        assert_eq!(out.data(), [&b"one"[..], b"three"]);
        assert_eq!(out.odd(), [vec!["CAP-007"], vec![]]);
        assert_eq!((out.frames[1].offset, out.frames[1].data_offset), (24 + 27, 24 + 27 + 24));
    }
}

#[test]
fn fcs_bits_leave_the_link_type_and_cap_011_tells_reserved_ones() {
    let file = |link: u32, zone: u32| {
        let mut file = pcap_header(false, MICROS, 100, link);
        file[8..12].copy_from_slice(&n32(false, zone));
        file.extend(pcap_frame(false, 1, b"abcdefgh"));
        let out = read(&file).clean();
        (out.frames[0].link, out.frames[0].fcs_len, out.frames[0].odd.clone())
    };
    assert_eq!(file(0x2400_0001, 0), (1, 4, vec![]));
    assert_eq!(file(0x2000_0001, 0), (1, 0, vec!["CAP-011".to_owned()]));
    assert_eq!(file(0x0001_0071, 0), (0x71, 0, vec!["CAP-011".to_owned()]));
    assert_eq!(file(0x71, 3600), (0x71, 0, vec!["CAP-011".to_owned()]));
}

#[test]
fn a_jumbo_record_is_read_whole() {
    let data: Vec<u8> = (0..3_000_000u32).map(|index| u8::try_from(index % 251).unwrap()).collect();
    let file = [pcap_header(false, MICROS, 0, 1), pcap_frame(false, 1, &data), pcap_frame(false, 2, b"next")].concat();
    assert_eq!(read(&file).clean().data(), [data.as_slice(), b"next"]);
}

#[test]
fn merging_goes_by_time_and_never_sorts_within_a_file() {
    let file = |times: &[u32]| {
        let mut file = pcap_header(false, MICROS, 100, 1);
        for secs in times {
            file.extend(pcap_frame(false, *secs, b"x"));
        }
        file
    };
    assert_eq!(merge(&[&file(&[5, 1, 6]), &file(&[2, 5]), &file(&[])]), [(1, 1), (0, 1), (0, 2), (1, 2), (0, 3)]);
    assert_eq!(merge(&[&file(&[5, 1])]), [(0, 1), (0, 2)]);
}
