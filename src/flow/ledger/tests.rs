//! Sequences of notifications as the ledger judges them.

use std::net::{IpAddr, Ipv4Addr};

use super::{Ledger, Place, Seen, Windows};
use crate::dissect::{Chain, Claim, DISSECTORS, Facts, Found, Leg, Table, Window, Work};
use crate::model::{BufId, Buffers, Notes, Timestamp, Tree};

/// dm-notification-1.2.md 2.1, and the same trigger under the special nonce (2.3).
const V12: &str = "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765";
const V12_AGAIN: &str = "8209b578deee5d017c8a597b754a2f0b02d0000000123412636f6d2e6d676d747372762e6d616e616765";
/// dm-notification-1.2.md 2.1 with session 1235.
const V12_OTHER: &str = "d2a353caba93d9309e38d70229bfa58402d0000000123512636f6d2e6d676d747372762e6d616e616765";
/// dm-notification-2.0.md 3.1: SERVER-ID and digest.
const V20: &str = "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c9009ed0305d6e74175a538f010231429e5397225f22\
                   ed15e7c8504815d82de89b9c";
/// The same a minute later with a digest made up.
const V20_RESENT: &str = "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c93c000102030405060708090a0b0c0d0e0f101112131\
                          415161718191a1b1c1d1e1f";
/// The same identifiers, one option more.
const V20_REUSED: &str = "21800a0c1012636f6d2e6d676d747372762e6d616e61676510010230 2450c7c9009ed0305d6e74175a538f010231429e5397\
                          225f22ed15e7c8504815d82de89b9c";
/// dm-notification-2.0.md 3.1: digest only; and with another time.
const V20_BARE: &str = "20800a0d502450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb";
const V20_BARE_RESENT: &str = "20800a0d502450c7c93c8892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb";
/// Sending time of the 2.0 messages.
const SENT: i64 = 0x50C7_C900;

/// Where and when a message is seen.
#[derive(Clone, Copy)]
struct At {
    secs: Option<i64>,
    leg: u64,
    dst: u8,
    src: u8,
}

const HERE: At = At { secs: Some(SENT), leg: 1, dst: 1, src: 9 };

fn after(secs: i64) -> At {
    At { secs: Some(SENT + secs), ..HERE }
}

struct Book {
    ledger: Ledger,
    table: Table,
    frame: u32,
}

impl Book {
    fn new(windows: &str, octets: usize) -> Self {
        let windows = if windows.is_empty() { Windows::default() } else { windows.parse().unwrap() };
        Self { ledger: Ledger::new(windows, octets), table: Table::new(DISSECTORS), frame: 0 }
    }

    fn see_cut(&mut self, hex: &str, at: At, cut: usize) -> Seen {
        self.frame += 1;
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let octets: Vec<u8> = digits.chunks(2).map(pair).collect();
        let kept = &octets[..octets.len() - cut];
        let ip = |last| Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)));
        let facts = Facts {
            time: at.secs.map(|secs| Timestamp::from_secs(secs, 0)),
            leg: Leg(at.leg),
            src: ip(at.src),
            dst: ip(at.dst),
            ..Facts::default()
        };
        let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
        let mut buffers = Buffers::new(self.frame, kept);
        let window = Window::whole(BufId::FRAME, kept.len(), u32::try_from(octets.len()).unwrap());
        chain.start(window, Claim::Named("dmnoti"), facts);
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        assert!(chain.run(&self.table, &mut work).is_none());
        self.ledger.seen(self.frame, 1, &found.messages[0], &buffers)
    }

    fn see(&mut self, hex: &str, at: At) -> Seen {
        self.see_cut(hex, at, 0)
    }
}

fn rules(seen: &Seen) -> Vec<&'static str> {
    seen.findings.iter().map(|finding| finding.0.id).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "compared with optional places")]
fn frame(frame: u32) -> Option<Place> {
    Some(Place { frame, index: 1 })
}

#[test]
fn identical_octets_on_the_same_leg_are_a_duplicate_of_the_first() {
    let mut book = Book::new("", Ledger::OCTETS);
    assert!(rules(&book.see(V12, HERE)).is_empty());
    for k in 1..4 {
        let seen = book.see(V12, after(k));
        assert_eq!((seen.duplicate_of, seen.sighting_of), (frame(1), None));
        assert_eq!(rules(&seen), ["N12-035"]);
    }
    // The first of them counts even when only the last lies within the window.
    assert_eq!(book.see(V12, after(24 * 3600 + 2)).duplicate_of, frame(1));
}

#[test]
fn another_destination_or_a_session_beyond_the_window_is_no_duplicate() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V12, HERE);
    assert!(rules(&book.see(V12, At { dst: 2, ..HERE })).is_empty());
    assert!(rules(&book.see(V12, after(24 * 3600 + 1))).is_empty());
    assert!(rules(&book.see(V12_OTHER, after(1))).is_empty());
}

#[test]
fn the_window_can_be_set_and_frames_without_time_are_within() {
    let mut book = Book::new("reuse=10s", Ledger::OCTETS);
    book.see(V12, HERE);
    assert_eq!(rules(&book.see(V12, At { secs: None, ..HERE })), ["N12-035"]);
    let mut book = Book::new("reuse=10s", Ledger::OCTETS);
    book.see(V12, HERE);
    assert!(rules(&book.see(V12, after(11))).is_empty());
    assert_eq!(rules(&book.see(V12, after(5))), ["N12-035"], "times that run backwards");
}

#[test]
fn the_same_trigger_with_another_digest_is_a_retrigger() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V12, HERE);
    let seen = book.see(V12_AGAIN, after(60));
    assert_eq!((rules(&seen).as_slice(), seen.duplicate_of), (["N12-035"].as_slice(), None));
    assert!(seen.findings[0].2.starts_with("re-trigger of frame 1"));
    assert!(rules(&book.see(V12_AGAIN, At { dst: 2, ..HERE })).is_empty());
}

#[test]
fn the_same_octets_on_another_leg_are_another_sighting() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V12, HERE);
    book.see(V20, HERE);
    for hex in [V12, V20] {
        let seen = book.see(hex, At { leg: 2, dst: 7, ..after(1) });
        assert_eq!(seen.sighting_of, frame(if hex == V12 { 1 } else { 2 }));
        assert_eq!((rules(&seen).as_slice(), seen.duplicate_of), ([].as_slice(), None));
    }
    // Once more on the second leg: there it is a duplicate.
    assert_eq!(book.see(V12, At { leg: 2, dst: 7, ..after(2) }).duplicate_of, frame(3));
}

#[test]
fn a_resend_of_2_0_may_change_time_and_digest() {
    let mut book = Book::new("", Ledger::OCTETS);
    assert!(rules(&book.see(V20, HERE)).is_empty());
    let seen = book.see(V20_RESENT, after(60));
    assert_eq!((rules(&seen).as_slice(), seen.duplicate_of), (["N20-006"].as_slice(), frame(1)));
    // The same octets as the resend are a duplicate of the first all the same.
    assert_eq!(book.see(V20_RESENT, after(61)).duplicate_of, frame(1));
    assert_eq!(book.see(V20, after(62)).duplicate_of, frame(1));
}

#[test]
fn other_content_under_the_same_id_is_reuse_and_every_earlier_package_counts() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V20, HERE);
    assert_eq!(rules(&book.see(V20_REUSED, after(1))), ["N20-007"]);
    assert_eq!(rules(&book.see(V20_RESENT, after(2))), ["N20-006"], "compared with the first, not only with the last");
    assert!(rules(&book.see(V20_REUSED, At { dst: 2, ..after(3) })).is_empty());
}

#[test]
fn without_server_id_the_sender_stands_for_it() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V20_BARE, HERE);
    let seen = book.see(V20_BARE_RESENT, after(1));
    assert_eq!(rules(&seen), ["N20-006"]);
    assert!(seen.findings[0].2.contains("the sender 10.0.0.9 stands for it"), "{}", seen.findings[0].2);
    assert!(rules(&book.see(V20_BARE_RESENT, At { src: 8, leg: 3, ..after(1) })).is_empty());
}

#[test]
fn age_is_capture_time_minus_sending_time() {
    let mut book = Book::new("", Ledger::OCTETS);
    for (secs, rule) in [(0, false), (-300, false), (-301, true), (86_400, false), (86_401, true)] {
        let seen = book.see(V20, At { dst: u8::try_from(book.frame).unwrap(), ..after(secs) });
        assert_eq!(seen.age.unwrap().nanos(), secs * 1_000_000_000);
        assert_eq!(rules(&seen).contains(&"N20-026"), rule, "{secs}");
    }
    assert!(book.see(V20, At { secs: None, dst: 99, ..HERE }).age.is_none());
    assert!(book.see(V12, HERE).age.is_none());
}

#[test]
fn what_the_capture_cut_is_not_compared() {
    let mut book = Book::new("", Ledger::OCTETS);
    book.see_cut(V12, HERE, 1);
    assert!(rules(&book.see_cut(V12, after(1), 1)).is_empty());
}

#[test]
fn room_is_bounded_and_what_is_forgotten_is_counted() {
    let room = 3 * (V12.len() / 2 + super::super::messages::OVERHEAD) + 50;
    let mut book = Book::new("", room);
    for k in 0..10u8 {
        book.see(V12, At { dst: k, ..HERE });
        assert!(book.ledger.messages.used() <= room);
    }
    assert_eq!(book.ledger.forgotten(), 7);
    assert!(rules(&book.see(V12, At { dst: 0, ..HERE })).is_empty(), "forgotten");
    assert_eq!(rules(&book.see(V12, At { dst: 9, ..HERE })), ["N12-035"]);
    let mut none = Book::new("", 0);
    none.see(V12, HERE);
    assert_eq!(none.ledger.forgotten(), 1);
}

/// A small generator (xorshift), so that a failure can be repeated.
fn dice(state: &mut u64, sides: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % sides
}

#[test]
fn duplicates_and_sightings_are_those_that_comparing_everything_finds() {
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for round in 0..20 {
        let mut book = Book::new("", Ledger::OCTETS);
        let mut all: Vec<(&str, u64, u8)> = Vec::new();
        for _ in 0..100 {
            let hex = [V12, V12_AGAIN, V12_OTHER][usize::try_from(dice(&mut state, 3)).unwrap()];
            let (leg, dst) = (dice(&mut state, 3), u8::try_from(dice(&mut state, 3)).unwrap());
            let seen = book.see(hex, At { leg, dst, ..HERE });
            let first = |found: &dyn Fn(&(&str, u64, u8)) -> bool| {
                all.iter().position(found).and_then(|at| frame(u32::try_from(at).unwrap() + 1))
            };
            let duplicate = first(&|entry| *entry == (hex, leg, dst));
            let sighting = first(&|entry| entry.0 == hex && entry.1 != leg).filter(|_| duplicate.is_none());
            assert_eq!((seen.duplicate_of, seen.sighting_of), (duplicate, sighting), "round {round}");
            let retriggers =
                all.iter().any(|entry| entry.0 != hex && entry.0 != V12_OTHER && hex != V12_OTHER && entry.2 == dst);
            let expected = duplicate.is_some() || (sighting.is_none() && retriggers);
            assert_eq!(!seen.findings.is_empty(), expected, "round {round}");
            all.push((hex, leg, dst));
        }
    }
}

/// All entries of a chain, newest first.
fn chain(ledger: &Ledger, by: super::By, newest: u32) -> Vec<u32> {
    std::iter::successors(Some(newest), |number| {
        ledger.messages.back(*number, by as usize).filter(|number| ledger.messages.get(*number).is_some())
    })
    .collect()
}

#[test]
fn forgetting_leaves_the_index_whole() {
    let mut state = 42;
    let mut book = Book::new("", 2000);
    for _ in 0..2000 {
        let hex = [V12, V12_AGAIN, V12_OTHER, V20, V20_RESENT, V20_REUSED, V20_BARE]
            [usize::try_from(dice(&mut state, 7)).unwrap()];
        let (leg, dst) = (dice(&mut state, 3), u8::try_from(dice(&mut state, 4)).unwrap());
        book.see(hex, At { leg, dst, ..HERE });
        let ledger = &book.ledger;
        let there: Vec<u32> = ledger.messages.numbers().collect();
        assert_eq!(u64::from(ledger.messages.next()), there.len() as u64 + ledger.forgotten());
        let cost = |number: &u32| ledger.messages.get(*number).unwrap().octets.len() + super::super::messages::OVERHEAD;
        assert_eq!(ledger.messages.used(), there.iter().map(cost).sum::<usize>());
        for by in super::By::ALL {
            let mut listed = Vec::new();
            for newest in &ledger.index[by as usize] {
                let chain = chain(ledger, by, *newest);
                let first = ledger.messages.get(chain[0]).unwrap();
                assert!(chain.iter().all(|number| by.holds(&ledger.messages, *number, &first)));
                listed.extend(chain);
            }
            listed.sort_unstable();
            assert_eq!(listed, there);
        }
    }
}

#[test]
fn what_was_seen_stands_beside_the_tree() {
    let mut notes = Notes::default();
    let seen = Seen { duplicate_of: frame(3), ..Seen::default() };
    let mut book = Book::new("", Ledger::OCTETS);
    book.see(V12, HERE);
    let found = crate::dissect::Message { layer: crate::model::NodeId(0), ..message() };
    seen.note(&found, &mut notes);
    assert_eq!(notes.nodes().len(), 1);
    assert_eq!(notes.nodes()[0].field.name, "dmnoti.duplicate_of");
}

fn message() -> crate::dissect::Message {
    let node = crate::model::NodeId(0);
    crate::dissect::Message {
        format: crate::dissect::Format::Dm12,
        layer: node,
        octets: crate::model::Span::default(),
        promised: 0,
        body: crate::dissect::Body::Whole,
        server_id: None,
        digest: None,
        digest_node: node,
        id: None,
        time: None,
        digest_option: None,
        facts: Facts::default(),
    }
}

#[test]
fn of_many_that_resemble_each_other_the_newest_are_compared() {
    let mut book = Book::new("", Ledger::OCTETS);
    for k in 0..300u32 {
        let (leg, dst) = (u64::from(k / 200), u8::try_from(k % 200).unwrap());
        assert!(rules(&book.see(V12, At { leg, dst, ..HERE })).is_empty());
    }
    assert_eq!(book.see(V12, At { leg: 1, dst: 99, ..HERE }).duplicate_of, frame(300));
    assert_eq!(book.see(V12, At { leg: 0, dst: 199, ..HERE }).duplicate_of, frame(200));
    let oldest = book.see(V12, At { leg: 0, dst: 0, ..HERE });
    assert_eq!((oldest.duplicate_of, oldest.sighting_of.is_some()), (None, true), "beyond what is compared");
}
