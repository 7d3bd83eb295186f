//! The worked numbers of the standard reading, and the rules between statuses.

use std::fmt::Write as _;

use super::hash;
use super::{
    Candidate, Earlier, Format, Keyring, Learned, NonceLog, NonceUsed, Secret, Status, Subject, Verdict, verify,
    verify_standard,
};
use crate::model::Timestamp;

pub(super) fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(super) fn ring(text: &str) -> Keyring {
    Keyring::parse(text, "keys").unwrap_or_else(|error| panic!("{error}"))
}

/// Digest of worked example 1 and its neighbours over the Appendix C trigger.
fn example_1(digest: &str) -> Vec<u8> {
    octets(&format!("{digest}02d0000000123412636f6d2e6d676d747372762e6d616e616765"))
}

const LAB: &str = "[[server]]\nlabel = \"lab\"\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nsecret = \"srv-secret-0001\"\n";

fn verdict(keys: &str, message: &[u8]) -> Verdict {
    verify(&ring(keys), Learned::NOTHING, &Subject::v12(message).unwrap())
}

#[test]
fn worked_example_1_is_valid_and_names_key_and_position() {
    let keys = format!("{LAB}nonce = [\"hex:00\", \"nonce-001\"]\n");
    let verdict = verdict(&keys, &example_1("d2a353caba93d9309e38d70229bfa584"));
    assert_eq!(verdict.status, Status::Valid);
    assert_eq!(verdict.key(), Some("lab"));
    assert_eq!(verdict.found.unwrap().nonce, NonceUsed::Configured { number: 2, of: 2 });
    assert_eq!(verdict.tried, 2);
}

#[test]
fn worked_example_2_covers_vendor_octets_and_a_binary_nonce() {
    let message =
        octets("f9bed4bf88ca899d1d8e1c857fad2b1c02f800000000a712636f6d2e6d676d747372762e6d616e616765cafe0001");
    let keys = format!("{LAB}nonce = \"hex:3a00ff107f80e2829c0d0a3a3a002041\"\n");
    assert_eq!(verdict(&keys, &message).status, Status::Valid);
    let mut other = message.clone();
    other[45] ^= 1;
    assert_eq!(verdict(&keys, &other).status, Status::Invalid);
}

#[test]
fn the_special_nonce_is_resync_unless_it_is_configured() {
    let message = example_1("8209b578deee5d017c8a597b754a2f0b");
    let first = verdict(&format!("{LAB}nonce = \"nonce-001\"\n"), &message);
    assert_eq!((first.status, first.key()), (Status::Resync, Some("lab")));
    assert_eq!(first.found.unwrap().nonce, NonceUsed::Special);
    assert_eq!(verdict(&format!("{LAB}nonce = \"hex:00000000\"\n"), &message).status, Status::Valid);
}

#[test]
fn an_entry_without_nonce_stands_for_the_empty_one() {
    let verdict = verdict(LAB, &example_1("a30f727995b25b66c0e34591b14b36fd"));
    assert_eq!(verdict.status, Status::Valid);
    assert_eq!(verdict.found.unwrap().nonce, NonceUsed::Unset);
}

#[test]
fn a_digest_never_filled_in_is_unsigned_with_or_without_keys() {
    for octet in ["00", "ff", "41"] {
        let message = example_1(&octet.repeat(16));
        assert_eq!(verdict(LAB, &message).status, Status::Unsigned);
        assert_eq!(verdict("", &message).status, Status::Unsigned);
    }
}

#[test]
fn without_a_key_for_the_server_nothing_is_checked() {
    let message = example_1("d2a353caba93d9309e38d70229bfa584");
    assert_eq!(verdict("", &message).status, Status::Unchecked);
    let other = LAB.replace("manage", "other").replace("S3cr3t", "x");
    assert_eq!(verdict(&other, &message).status, Status::Unchecked);
    let only_20 = LAB.replace("password = \"S3cr3t-Pw\"\n", "");
    assert_eq!(verdict(&only_20, &message).status, Status::Unchecked);
}

#[test]
fn a_key_for_every_server_takes_the_identifier_from_the_message() {
    let keys = ring(&LAB.replace("com.mgmtsrv.manage", "*").replace("\"lab\"", "\"all\""));
    let message = example_1("a30f727995b25b66c0e34591b14b36fd");
    for _ in 0..2 {
        let verdict = verify(&keys, Learned::NOTHING, &Subject::v12(&message).unwrap());
        assert_eq!((verdict.status, verdict.key()), (Status::Valid, Some("all")));
    }
}

#[test]
fn keys_limited_in_time_are_in_force_up_to_both_ends() {
    let keys = ring(&format!(
        "{LAB}nonce = \"nonce-001\"\nvalid-from = 2026-01-01T00:00:00Z\nvalid-to = 2026-01-02T00:00:00Z\n"
    ));
    let message = example_1("d2a353caba93d9309e38d70229bfa584");
    let at = |secs: i64| {
        let subject = Subject::v12(&message).unwrap().at(Some(Timestamp::from_secs(secs, 0)));
        verify(&keys, Learned::NOTHING, &subject).status
    };
    assert_eq!((at(1_767_225_600), at(1_767_312_000)), (Status::Valid, Status::Valid));
    assert!(at(1_767_225_599) != Status::Valid && at(1_767_312_001) != Status::Valid);
}

#[test]
fn the_2_0_examples_are_valid() {
    for (message, at) in [
        (
            "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90021906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815",
            49,
        ),
        (
            "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c9009ed0305d6e74175a538f010231429e5397225f22ed15e7c8504815d82de89b9c",
            30,
        ),
        ("20800a0d502450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb", 10),
    ] {
        let mut message = octets(message);
        let id = b"com.mgmtsrv.manage".as_slice();
        let id = (at != 10).then_some(id);
        let keys = ring(LAB);
        let status =
            |message: &[u8]| verify(&keys, Learned::NOTHING, &Subject::v20(message, id, Some(at)).unwrap()).status;
        assert_eq!(status(&message), Status::Valid);
        message[3] ^= 1;
        assert_eq!(status(&message), Status::Invalid);
    }
    let none = Subject::v20(&[0x20, 0, 0, 1], None, None).unwrap();
    assert_eq!(verify(&ring(LAB), Learned::NOTHING, &none).status, Status::Unsigned);
    assert!(Subject::v20(&[0; 40], None, Some(9)).is_none());
}

#[test]
fn a_learned_nonce_verifies_for_its_server_and_device() {
    let keys = ring(&format!("{LAB}nonce = \"old\"\n"));
    let message = example_1("d2a353caba93d9309e38d70229bfa584");
    let log = NonceLog::default();
    let candidate = |nonce: &[u8], device: Option<&[u8]>, frame| Candidate {
        server_id: b"com.mgmtsrv.manage".to_vec(),
        device: device.map(<[u8]>::to_vec),
        nonce: Secret::new(nonce),
        frame,
    };
    assert!(log.push(candidate(b"nonce-001", Some(b"phone"), 7)));
    assert!(log.push(candidate(b"another", Some(b"other phone"), 8)));
    let verdict = |len: usize, device: &'static [u8]| {
        verify(&keys, log.prefix(len), &Subject::v12(&message).unwrap().to(Some(device)))
    };
    assert_eq!(verdict(0, b"phone").status, Status::Invalid);
    let found = verdict(2, b"phone");
    assert_eq!(found.status, Status::Valid);
    assert_eq!(found.found.unwrap().nonce, NonceUsed::Learned { frame: 7 });
    assert_ne!(verdict(2, b"other phone").status, Status::Valid);
}

#[test]
fn a_message_shorter_than_its_fields_is_no_subject() {
    let message = example_1("d2a353caba93d9309e38d70229bfa584");
    for len in 0..message.len() {
        assert!(Subject::v12(&message[..len]).is_none());
    }
    assert_eq!(Subject::v12(&message).unwrap().server_id(), Some(b"com.mgmtsrv.manage".as_slice()));
    assert_eq!(Subject::ds12(&message).unwrap().format(), Format::Ds12);
    let earlier = Earlier { frame: 1, index: 1, digest: &message[..16], message: &message };
    assert_eq!(Subject::v12(&message).unwrap().after(&[earlier]).message(), message);
}

/// Blocks one call hashes, counted where they are hashed.
fn blocks_of(call: impl FnOnce()) -> u32 {
    hash::COUNT.with(|count| count.set(0));
    call();
    hash::COUNT.with(std::cell::Cell::get)
}

/// `count` entries, the one for the message last: for different servers, or all for one.
fn many(count: usize, one_server: bool, nonce: usize, more: &str) -> Keyring {
    let mut text = String::new();
    for at in 1..=count {
        let id = if one_server || at == count { "com.mgmtsrv.manage".to_owned() } else { format!("com.server{at}") };
        let nonce = if nonce > 0 { format!("nonce = \"{at:x>nonce$}\"\n") } else { String::new() };
        let _ = write!(text, "[[server]]\nid = \"{id}\"\npassword = \"p{at}\"\n{nonce}secret = \"s{at}\"\n{more}");
    }
    ring(&text)
}

#[test]
fn a_diagnosis_hashes_at_most_fifty_times_what_a_verification_does() {
    let trigger = "02d0000000123412636f6d2e6d676d747372762e6d616e616765";
    let package = "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c900";
    let more = "user = \"account name\"\n";
    for (count, one_server) in [(1, true), (10, false), (10, true), (1000, false), (1000, true)] {
        for (nonce, vendor, more) in
            [(9, 0, ""), (0, 0, ""), (5, 0, more), (16, 4, more), (40, 150, ""), (100, 0, ""), (1000, 2000, more)]
        {
            // The largest ring with the longest values shows nothing that a smaller one does not.
            let count = if nonce > 40 { count.min(10) } else { count };
            let keys = many(count, one_server, nonce, more);
            let wrong = octets(&format!("{}{trigger}{}", "5a".repeat(15) + "00", "56".repeat(vendor)));
            let wrong_20 = octets(&format!("{package}{}", "5a".repeat(31) + "00"));
            for subject in [Subject::v12(&wrong), Subject::v20(&wrong_20, Some(b"com.mgmtsrv.manage"), Some(30))]
                .map(Option::unwrap)
            {
                let special =
                    if subject.format() == Format::V20 { 0 } else { keys.for_server(subject.server_id()).count() };
                // A message that verifies with the last key does not come to the special nonce.
                let one = blocks_of(|| drop(verify_standard(&keys, Learned::NOTHING, &subject)))
                    - u32::try_from(special).unwrap();
                let mut verdict = Verdict::plain(Status::Valid);
                let all = blocks_of(|| verdict = verify(&keys, Learned::NOTHING, &subject));
                let what = format!("{count} {one_server} {nonce} {vendor} {:?}: {all} of {one}", subject.format());
                assert_eq!(verdict.status, Status::Invalid, "{what}");
                // What many keys are made ready of is kept, and counted each time.
                let kept = count > 100 && one_server && subject.format() == Format::V12;
                assert!(verdict.cost == all || kept && verdict.cost > all, "what is counted is what is hashed: {what}");
                assert!(verdict.cost <= 50 * one, "{what}");
                assert!(all >= 15 * one, "the bound is made use of: {what}");
                let again = blocks_of(|| assert_eq!(verdict, verify(&keys, Learned::NOTHING, &subject), "{what}"));
                let less = subject.format() == Format::V12 && !keys.for_server(subject.server_id()).count().eq(&0);
                assert!(
                    if less { again < all } else { again == all },
                    "what was made of keys is kept: {again}, {what}"
                );
            }
        }
    }
}

#[test]
fn what_the_bound_left_out_is_told() {
    let wrong = example_1("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a00");
    let package = "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c900";
    let wrong_20 = octets(&format!("{package}{}", "5a".repeat(31) + "00"));
    let mut told = String::new();
    for (count, one_server) in [(1, true), (10, false), (10, true), (1000, false), (1000, true)] {
        let keys = many(count, one_server, 9, "");
        for subject in
            [Subject::v12(&wrong), Subject::v20(&wrong_20, Some(b"com.mgmtsrv.manage"), Some(30))].map(Option::unwrap)
        {
            let verdict = verify(&keys, Learned::NOTHING, &subject);
            assert_eq!(verdict.bounded, !verdict.left_out.is_empty());
            let servers = if one_server { "one server" } else { "as many servers" };
            let (format, tried, left) = (subject.format(), verdict.tried, verdict.left_out.join("; "));
            let _ = writeln!(told, "{format:?}, {count} keys of {servers}: {tried} digests, not tried: {left}");
        }
    }
    // A server nobody has a key for: nothing but the other keys is tried, all of them.
    let unknown = octets("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a0002d00000001234036f6e65");
    let verdict = verify(&many(10, false, 9, ""), Learned::NOTHING, &Subject::v12(&unknown).unwrap());
    let _ = writeln!(told, "unknown server, {:?}: {} digests, {:?}", verdict.status, verdict.tried, verdict.left_out);
    insta::assert_snapshot!("left_out", told);
}
