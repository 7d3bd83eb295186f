//! The encoder against the worked numbers of the reference, and against tshark where it is installed.
//!
//! It must not use the crate: the encoder is the second opinion.
#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test says loudly what went wrong or was left out")]

mod support;

use std::process::Command;

use support::chance::{Rng, mutate};
use support::net::{Ip, Ip4, Ip6, Udp, checksum, protocol};
use support::notification::{
    Package, SERVER, Sync, Trigger, all_options, base64, data_sync, digest12, later_layout, md5,
};
use support::traffic::{Kind, generate};
use support::wsp::{self, Push};
use support::{hex, to_hex};

const WORKED_TIME: u32 = 1_355_270_400;

#[test]
fn worked_example_1_of_dm_1_2() {
    let trigger = Trigger::new(0x1234);
    assert_eq!(to_hex(&trigger.octets()), "02d0000000123412636f6d2e6d676d747372762e6d616e616765");
    assert_eq!(base64(&md5(b"com.mgmtsrv.manage:S3cr3t-Pw")), "ZYTy64+xHt8KdfW2wKDtxA==");
    assert_eq!(
        to_hex(&trigger.signed()),
        "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"
    );
}

#[test]
fn worked_example_2_of_dm_1_2() {
    let nonce = hex("3a00ff107f80e2829c0d0a3a3a002041");
    let message = Trigger::new(0xA7).ui(3, 1).vendor(hex("cafe0001")).signed_with(b"S3cr3t-Pw", &nonce);
    assert_eq!(
        to_hex(&message),
        "f9bed4bf88ca899d1d8e1c857fad2b1c02f800000000a712636f6d2e6d676d747372762e6d616e616765cafe0001"
    );
}

#[test]
fn special_nonces_of_dm_1_2() {
    let trigger = Trigger::new(0x1234).octets();
    for (nonce, digest) in [
        (&[0, 0, 0, 0][..], "8209b578deee5d017c8a597b754a2f0b"),
        (b"0x00000000", "daf3658b48ec70d4f45397d8de0dab05"),
        (b"", "a30f727995b25b66c0e34591b14b36fd"),
        (b"AAAAAA==", "adc0317f85b7f35e213c62c053b332f2"),
    ] {
        assert_eq!(to_hex(&digest12(SERVER.as_bytes(), b"S3cr3t-Pw", nonce, &trigger)), digest);
    }
    assert_eq!(to_hex(&Trigger::new(0x1234).resync()[..16]), "8209b578deee5d017c8a597b754a2f0b");
}

#[test]
fn header_octets_of_dm_1_2_for_every_ui_mode_and_initiator() {
    for (ui_mode, initiator, octets) in [
        (0, 0, [0x02, 0xC0]),
        (0, 1, [0x02, 0xC8]),
        (1, 0, [0x02, 0xD0]),
        (1, 1, [0x02, 0xD8]),
        (2, 0, [0x02, 0xE0]),
        (2, 1, [0x02, 0xE8]),
        (3, 0, [0x02, 0xF0]),
        (3, 1, [0x02, 0xF8]),
    ] {
        assert_eq!(Trigger::new(1).ui(ui_mode, initiator).octets()[..5], [octets[0], octets[1], 0, 0, 0]);
    }
}

#[test]
fn worked_examples_of_dm_2_0() {
    assert_eq!(
        to_hex(&all_options(0x0A0B, WORKED_TIME).signed()),
        "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900\
         21906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815"
    );
    assert_eq!(
        to_hex(&Package::new(0x0A0C).server().digest_at(WORKED_TIME).signed()),
        "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c9009ed0305d6e74175a538f010231429e5397225f22ed15e7c8504815d82de89b9c"
    );
    assert_eq!(
        to_hex(&Package::new(0x0A0D).digest_at(WORKED_TIME).signed()),
        "20800a0d502450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb"
    );
    for (count, octets) in [(0, "2000beef"), (1, "2080beef"), (5, "2280beef"), (31, "2f80beef")] {
        assert_eq!(to_hex(&Package::new(0xBEEF).count(count).octets()), octets);
    }
    assert_eq!(to_hex(&later_layout(0x0A0B)), "21001012636f6d2e6d676d747372762e6d616e61676520020a0b");
}

#[test]
fn data_sync_bodies() {
    let body = data_sync(&[Sync { alert: 206, content_type: 7, uri: "card" }]);
    assert_eq!(to_hex(&body), "10600000070463617264");
}

#[test]
fn wsp_values_of_the_reference() {
    for (value, octets) in [(0x7F, "7f"), (128, "8100"), (16_383, "ff7f"), (16_384, "818000"), (u32::MAX, "8fffffff7f")]
    {
        assert_eq!(to_hex(&wsp::uintvar(value)), octets);
    }
    assert_eq!(to_hex(&wsp::date(1_355_270_400)), "0450c7c900");
    assert_eq!(to_hex(&wsp::long(7)), "0107");
    assert_eq!(to_hex(&wsp::long(0x9071)), "029071");
    assert_eq!(to_hex(&wsp::integer(106)), "ea");
    assert_eq!(to_hex(&wsp::general(&wsp::short(0x44), &[0x81, 0xEA])), "03c481ea");
    assert_eq!(to_hex(&wsp::general(&wsp::long(0x0312), &[])), "03020312");
    assert_eq!(to_hex(&wsp::with_long_length(&wsp::short(0x44))), "1f01c4");
    assert_eq!(to_hex(&wsp::version(1, 3)), "93");
    assert_eq!(to_hex(&wsp::field(0x07, wsp::basic_credentials("u", "p"))), "87058075007000");
    assert_eq!(to_hex(&Push::dm12(1, []).octets()), "010603c4af87");
    assert_eq!(to_hex(&Push::dm20(1, []).octets()), "010603d8af87");
    assert_eq!(to_hex(&Push::well_known(1, wsp::DM12, 0x1A, []).octets()), "010603c4af9a");
    assert_eq!(to_hex(&wsp::udh_ports(2948, 0xC002)), "0605040b84c002");
    assert_eq!(to_hex(&wsp::udh_ports_concat(2948, 9200, 1, 2, 1)), "0b05040b8423f00003010201");
}

#[test]
fn internet_checksums_close_to_zero() {
    let header = Ip4::new("192.0.2.10", "198.51.100.1").packet(protocol::UDP, &[]);
    assert_eq!(checksum(&[&header]), 0);
    let six = Ip6::new("2001:db8::1", "2001:db8::2");
    for data in [&b"odd"[..], b"even"] {
        let datagram = six.datagram(&Udp::new(1, 2), data);
        assert_eq!(checksum(&[&six.pseudo(protocol::UDP, datagram.len()), &datagram]), 0);
    }
}

#[test]
fn mutants_repeat_and_differ() {
    let message = Trigger::new(1).signed();
    let run = |seed| {
        let mut rng = Rng::new(seed);
        (0..200).map(|_| mutate(&mut rng, &message)).collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    assert!(run(7).iter().filter(|mutant| **mutant != message).count() > 150);
}

#[test]
fn traffic_repeats_and_tunnels_carry_the_same_packets() {
    let make = |kind, seed| {
        let mut out = Vec::new();
        let truth = generate(kind, 1 << 20, seed, false, &mut out);
        (out, truth)
    };
    let (plain, truth) = make(Kind::Plain, 7);
    assert_eq!(plain, make(Kind::Plain, 7).0);
    assert_ne!(plain, make(Kind::Plain, 8).0);
    assert_eq!(plain.len() as u64, 24 + 16 * truth.frames + truth.octets);
    for kind in [Kind::Gtpu, Kind::Vxlan] {
        let (file, other) = make(kind, 7);
        assert_eq!(
            (other.frames, other.pushes, other.notifications),
            (truth.frames, truth.pushes, truth.notifications)
        );
        assert!(file.len() > plain.len());
    }
    let (_, pushes) = make(Kind::Pushes, 7);
    let notifications: u64 = pushes.notifications.iter().map(|(_, _, count)| count).sum();
    assert_eq!(pushes.pushes, notifications + pushes.other_pushes);
    assert!(pushes.notifications.iter().all(|(_, _, count)| *count > 0));
}

/// What tshark says of a shipped capture: these fields, a line per frame that matches.
fn tshark(name: &str, filter: &str, fields: &[&str]) -> Option<Vec<String>> {
    let content = support::shipped::all().into_iter().find(|(known, _)| *known == name).expect("a shipped capture").1;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), content).expect("it can be written");
    let mut command = Command::new("tshark");
    command.args(["-n", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.defragment:TRUE"]);
    command.args(["-d", "udp.port==4789,vxlan", "-Y", filter, "-T", "fields"]).arg("-r").arg(file.path());
    for field in fields {
        command.args(["-e", field]);
    }
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: tshark is not installed, {name} is not compared with it");
        return None;
    };
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn expected(name: &str, word: &str) -> usize {
    let content = support::shipped::all().into_iter().find(|(known, _)| *known == name).expect("a shipped capture").1;
    String::from_utf8_lossy(&content).matches(word).count()
}

#[test]
fn tshark_sees_a_push_in_every_carrier_and_link() {
    // tshark 4.0 does not know link type 219 (MPLS without Ethernet).
    for (name, missing) in [("tunnels.pcapng", 0), ("links.pcapng", 1)] {
        if let Some(lines) = tshark(name, "wsp.pdu_type == 6", &["frame.number"]) {
            assert_eq!(lines.len() + missing, expected(name, "status: valid"), "{name}: {lines:?}");
        }
    }
}

#[test]
fn tshark_reassembles_the_fragments() {
    if let Some(lines) = tshark("fragments.pcapng", "wsp.pdu_type == 6", &["frame.number", "wsp.TID"]) {
        // Five IPv4 groups and four IPv6 ones come whole, the interleaved pair counts twice; tshark keeps contradictions.
        assert!(lines.len() >= 10, "{lines:?}");
    }
}

#[test]
fn tshark_finds_the_broken_checksums_and_no_others() {
    let bad = "ip.checksum.status == 0 || udp.checksum.status == 0";
    for name in ["appendix-c.pcap", "tunnels.pcapng", "violations-12.pcapng", "wsp-forms.pcapng", "links.pcapng"] {
        if let Some(lines) = tshark(name, bad, &["frame.number"]) {
            assert!(lines.is_empty(), "{name}: {lines:?}");
        }
    }
    if let Some(lines) = tshark("checksums.pcapng", bad, &["frame.number"]) {
        for frame in ["2", "3", "4", "6"] {
            assert!(lines.iter().any(|line| line == frame), "frame {frame}: {lines:?}");
        }
    }
}
