//! pcapng: every kind of block, and each finding with a neighbour that does not raise it.

use crate::build::{
    Out, block, enhanced, interface, merge, n16, n32, option, pcap_frame, pcap_header, read, read_slowly, section,
    simple,
};

/// Reads a file both whole and octet by octet.
fn both(parts: &[Vec<u8>]) -> Out {
    let file = parts.concat();
    let out = read(&file);
    assert_eq!(read_slowly(&file, 1), out);
    out
}

#[test]
fn both_byte_orders_and_several_sections_with_their_own_interfaces() {
    let out = both(&[
        section(true, &[]),
        interface(true, 1, 0, &[]),
        enhanced(true, 0, 1_000_001, b"abc", &[]),
        section(false, &[]),
        interface(false, 101, 0, &option(false, 9, &[9])),
        interface(false, 113, 0, &option(false, 9, &[0x83])),
        enhanced(false, 1, 12, b"defg", &[]),
        enhanced(false, 0, 7, b"h", &[]),
    ])
    .clean();
    let seen: Vec<_> = out.frames.iter().map(|frame| (frame.link, frame.interface, frame.nanos.unwrap())).collect();
    assert_eq!(seen, [(1, 0, 1_000_001_000), (113, 2, 1_500_000_000), (101, 1, 7)]);
    assert_eq!(out.data(), [&b"abc"[..], b"defg", b"h"]);
    assert_eq!(out.odd(), [vec![""; 0], vec![], vec![]]);
    assert_eq!((out.frames[0].offset, out.frames[0].data_offset), (28 + 20, 28 + 20 + 28));
}

#[test]
fn the_offset_of_an_interface_is_added() {
    let options = [option(false, 14, &(-100i64).to_le_bytes()), option(false, 0, &[])].concat();
    let out =
        both(&[section(false, &[]), interface(false, 1, 0, &options), enhanced(false, 0, 200_000_000, b"a", &[])]);
    assert_eq!(out.clean().frames[0].nanos, Some(100_000_000_000));
}

#[test]
fn unknown_and_custom_blocks_are_skipped_and_comments_kept() {
    let options = [option(false, 1, b"one"), option(false, 2, &n32(false, 4 << 5)), option(false, 1, b"two")].concat();
    let out = both(&[
        section(false, &option(false, 3, b"os")),
        block(false, 0x0bad, b"custom"),
        interface(false, 1, 0, &option(false, 2, b"eth0")),
        block(false, 4, &[0; 4]),
        block(false, 10, b"secret"),
        block(false, 0x1234_5678, &[1; 33]),
        enhanced(false, 0, 1, b"abcdef", &options),
        block(false, 5, &[0; 12]),
    ])
    .clean();
    assert_eq!(out.frames[0].comments, [b"one", b"two"]);
    assert_eq!((out.frames[0].fcs_len, out.frames[0].odd.len()), (4, 0));
}

#[test]
fn cap_005_simple_packets_have_no_time_and_lose_their_padding() {
    let out = both(&[
        section(false, &[]),
        interface(false, 1, 4, &[]),
        simple(false, 3, b"abc"),
        simple(false, 9, b"defg"),
        enhanced(false, 0, 5, b"h", &[]),
    ])
    .clean();
    assert_eq!(out.data(), [&b"abc"[..], b"defg", b"h"]);
    assert_eq!((out.frames[1].orig_len, out.frames[1].nanos), (9, None));
    assert_eq!(out.odd(), [vec!["CAP-005"], vec!["CAP-005"], vec![]]);
}

#[test]
fn a_frame_without_time_stays_behind_its_predecessor_when_merged() {
    let pcapng = [
        section(false, &[]),
        interface(false, 1, 0, &[]),
        enhanced(false, 0, 5_000_000, b"a", &[]),
        simple(false, 1, b"b"),
        enhanced(false, 0, 9_000_000, b"c", &[]),
    ]
    .concat();
    let pcap = [
        pcap_header(false, 0xa1b2_c3d4, 0, 1),
        pcap_frame(false, 4, b"x"),
        pcap_frame(false, 5, b"y"),
        pcap_frame(false, 8, b"z"),
    ]
    .concat();
    assert_eq!(merge(&[&pcapng, &pcap]), [(1, 1), (0, 1), (0, 2), (1, 2), (1, 3), (0, 3)]);
}

#[test]
fn cap_004_times_beyond_the_range() {
    let file =
        |ticks| both(&[section(false, &[]), interface(false, 1, 0, &[]), enhanced(false, 0, ticks, b"a", &[])]).clean();
    assert_eq!(file(u64::MAX).odd(), [["CAP-004"]]);
    assert_eq!(file(u64::MAX).frames[0].nanos, Some(i64::MAX));
    assert_eq!(file(9_223_372_036_854_775).odd(), [[""; 0]]);
}

#[test]
fn cap_006_and_cap_015_at_the_section_go_to_the_first_frame() {
    let mut head = section(false, &option(false, 4, b"\xff"));
    let frames =
        [interface(false, 1, 0, &[]), enhanced(false, 0, 1, b"a", &[]), enhanced(false, 0, 1, b"b", &[])].concat();
    assert_eq!(both(&[head.clone(), frames.clone()]).clean().odd(), [vec!["CAP-015"], vec![]]);
    head[12..14].copy_from_slice(&n16(false, 3));
    assert_eq!(both(&[head, frames.clone()]).clean().odd(), [vec!["CAP-006", "CAP-015"], vec![]]);
    assert_eq!(both(&[section(false, &option(false, 4, b"me")), frames]).clean().odd(), [vec![""; 0], vec![]]);
}

#[test]
fn cap_002_cap_003_in_enhanced_packets() {
    let file = |captured: u32, original: u32| {
        let mut packet = enhanced(false, 0, 1, b"abcd", &[]);
        packet[20..24].copy_from_slice(&n32(false, captured));
        packet[24..28].copy_from_slice(&n32(false, original));
        both(&[section(false, &[]), interface(false, 1, 3, &[]), packet]).clean().odd().concat().join(" ")
    };
    assert_eq!(file(4, 4), "CAP-002");
    assert_eq!(file(3, 2), "CAP-003");
    assert_eq!(file(3, 4), "");
}

#[test]
fn cap_008_a_wrong_closing_length_is_forgiven_where_a_block_follows() {
    let mut packet = enhanced(false, 0, 1, b"abcd", &[]);
    let end = packet.len();
    packet[end - 4..].copy_from_slice(&[0; 4]);
    let start = [section(false, &[]), interface(false, 1, 0, &[])].concat();
    let next = enhanced(false, 0, 2, b"next", &[]);
    let out = both(&[start.clone(), packet.clone(), next]).clean();
    assert_eq!(out.odd(), [vec!["CAP-008"], vec![]]);
    assert_eq!(both(&[start.clone(), packet.clone()]).clean().odd(), [["CAP-008"]]);
    let out = both(&[start, packet, b"garbage that is no block".to_vec()]);
    assert_eq!((out.frames.len(), out.problems.len()), (0, 1));
}

#[test]
fn cap_009_cap_010_damaged_options_never_cost_the_frame() {
    let file = |interface_options: &[u8], options: &[u8]| {
        let parts =
            [section(false, &[]), interface(false, 1, 0, interface_options), enhanced(false, 0, 1, b"a", options)];
        both(&parts).clean().odd().concat().join(" ")
    };
    assert_eq!(file(&[], &[1, 0, 200, 0, b'x', 0, 0, 0]), "CAP-009");
    assert_eq!(file(&[2, 0, 200, 0], &[]), "CAP-009");
    assert_eq!(file(&option(false, 9, &[6, 6]), &[]), "CAP-010");
    assert_eq!(file(&option(false, 14, &[6]), &[]), "CAP-010");
    assert_eq!(file(&option(false, 13, &[]), &[]), "CAP-010");
    assert_eq!(file(&[], &option(false, 2, &[1])), "CAP-010");
    assert_eq!(file(&option(false, 2, b"\xff\xfe"), &option(false, 1, b"\xff")), "CAP-015 CAP-015");
    assert_eq!(file(&option(false, 9, &[6]), &option(false, 1, b"fine")), "");
    assert_eq!(file(&option(false, 10, &[0; 3]), &option(false, 0x8bad, b"odd")), "");
}

#[test]
fn cap_012_a_length_that_is_no_multiple_of_four() {
    let start = [section(false, &[]), interface(false, 1, 0, &[])].concat();
    // The length counts the body without its padding.
    let mut rounded = enhanced(false, 0, 1, b"abc", &[]);
    let len = n32(false, u32::try_from(rounded.len() - 1).unwrap());
    let end = rounded.len();
    rounded[4..8].copy_from_slice(&len);
    rounded[end - 4..].copy_from_slice(&len);
    // There is no padding at all.
    let mut tight = rounded.clone();
    tight.remove(end - 5);
    for odd in [rounded, tight] {
        let out = both(&[start.clone(), odd, enhanced(false, 0, 2, b"next", &[])]).clean();
        assert_eq!((out.data(), out.odd()), (vec![&b"abc"[..], b"next"], vec![vec!["CAP-012"], vec![]]));
    }
}

#[test]
fn cap_013_cap_014_obsolete_packets_and_lost_frames() {
    let obsolete = |drops: u16| {
        let body =
            [&n16(false, 0)[..], &n16(false, drops), &[0; 8], &n32(false, 2), &n32(false, 3), b"ab\0\0"].concat();
        let parts = [section(false, &[]), interface(false, 1, 0, &[]), block(false, 2, &body)];
        let out = both(&parts).clean();
        assert_eq!((out.data(), out.frames[0].orig_len), (vec![&b"ab"[..]], 3));
        out.odd().concat().join(" ")
    };
    assert_eq!(obsolete(0), "CAP-013");
    assert_eq!(obsolete(9), "CAP-013 CAP-014");
    assert_eq!(obsolete(0xffff), "CAP-013");
    let drops = |count: u64| {
        let options = option(false, 4, &count.to_le_bytes());
        let parts = [section(false, &[]), interface(false, 1, 0, &[]), enhanced(false, 0, 1, b"a", &options)];
        both(&parts).clean().odd().concat().join(" ")
    };
    assert_eq!((drops(3).as_str(), drops(0).as_str()), ("CAP-014", ""));
}

#[test]
fn a_packet_of_an_unknown_interface_is_left_out_and_told_once() {
    let out = both(&[
        section(false, &[]),
        interface(false, 1, 0, &[]),
        enhanced(false, 0, 1, b"a", &[]),
        enhanced(false, 1, 1, b"b", &[]),
        enhanced(false, 2, 1, b"c", &[]),
        enhanced(false, 0, 1, b"d", &[]),
    ]);
    assert_eq!(out.data(), [b"a", b"d"]);
    assert_eq!(
        out.problems,
        [
            "test: a packet belongs to interface 1, but its section describes 1; it is left out; 1 more place is damaged \
          (at octet 84)"
        ]
    );
    let out = both(&[section(false, &[]), simple(false, 1, b"a")]);
    assert_eq!((out.frames.len(), out.problems.len()), (0, 1));
}
