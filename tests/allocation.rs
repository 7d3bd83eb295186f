//! Skipped frames allocate nothing, nor does asking a filter about a packet: the invariants that keep the bulk path fast.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use pushscope::capture::{Frame, Input, LinkType};
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::filter::Filter;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

struct Nobody;

impl Sink for Nobody {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        panic!("frame {} was listed", packet.frame.number)
    }
}

/// An Ethernet frame with an IPv4 packet of this protocol to this port, plain or behind two VLAN tags.
fn frame(proto: u8, port: u16, tagged: bool) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    if tagged {
        frame.extend([0x88, 0xa8, 0, 5, 0x81, 0, 0, 7]);
    }
    frame.extend([8, 0, 0x45, 0, 0, 228, 0, 1, 0, 0, 64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0xc0, 2]);
    frame.extend(port.to_be_bytes());
    frame.extend([0, 208, 0, 0]);
    frame.resize(frame.len() + 200, 0x55);
    frame
}

#[test]
fn skipped_frames_allocate_nothing() {
    let keys = Keyring::default();
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let frames = [frame(6, 443, false), frame(17, 53, false), frame(17, 4500, true), frame(6, 80, true)];
    let made = allocation_counter::measure(|| {
        for number in 1..=10_000u32 {
            for octets in &frames {
                let frame = Frame::new(number, None, LinkType::ETHERNET, octets);
                assert!(engine.frame(&frame, &mut Nobody).is_continue());
            }
        }
    });
    assert_eq!(made.count_total, 0, "skipped frames allocated");
}

#[test]
fn fragments_of_datagrams_that_nobody_wants_allocate_nothing() {
    let keys = Keyring::default();
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut number = 0;
    let mut datagram = |engine: &mut Engine<'_>, id: u16| {
        for (flags, offset) in [(0x20, 0), (0x20, 26), (0, 52)] {
            let mut octets = frame(17, 53, false);
            octets[18..20].copy_from_slice(&id.to_be_bytes());
            (octets[20], octets[21]) = (flags, offset);
            number += 1;
            let frame = Frame::new(number, None, LinkType::ETHERNET, &octets);
            // What the test itself needs does not count.
            let made = allocation_counter::measure(|| assert!(engine.frame(&frame, &mut Nobody).is_continue()));
            assert!(id < 1000 || made.count_total == 0, "a fragment of datagram {id} allocated");
        }
    };
    // The table grows to its full size first.
    for id in 0..4000 {
        datagram(&mut engine, id);
    }
    assert_eq!(engine.counts().dissected, 0);
}

#[test]
fn the_count_sees_allocations_at_all() {
    let made = allocation_counter::measure(|| drop(std::hint::black_box(vec![1u8; 64])));
    assert_eq!(made.count_total, 1);
}

/// Asks every filter about every packet, and counts what that allocates.
struct Asker {
    filters: Vec<Filter>,
    asked: u32,
    selected: u32,
}

impl Sink for Asker {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        for filter in &self.filters {
            // The first question fills the caches of a regular expression.
            let selects = filter.matches(&packet.view);
            let made = allocation_counter::measure(|| assert_eq!(filter.matches(&packet.view), selects));
            assert_eq!(made.count_total, 0, "`{}` allocated", filter.source());
            self.asked += 1;
            self.selected += u32::from(selects);
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn asking_a_filter_allocates_nothing() {
    let filters = [
        "dmnoti.session_id == 0x1234",
        "dmnoti && ip.dst == 198.51.100.0/24",
        "dmnoti.server_id contains \"mgmt\" and not udp.dstport == 9200",
        "dmnoti.server_id matches \"^com\\\\.\"",
        "dmnoti.digest[0:4] == d2:a3:53:ca",
        "finding.severity == \"error\" || finding.rule == \"N12-035\"",
        "udp.length != frame.len && udp.dstport in {2948, 9200..9203}",
        "lower(dmnoti.server_id) == \"com.mgmtsrv.manage\"",
        "count(finding.rule) > 1",
    ];
    let filters = filters.iter().map(|text| Filter::new(text).unwrap_or_else(|error| panic!("{error}"))).collect();
    let keys = Keyring::default();
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut asker = Asker { filters, asked: 0, selected: 0 };
    for name in ["duplicates.pcapng", "violations-12.pcapng", "v20-minimal.pcap"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        let mut input = Input::open(&path).unwrap_or_else(|problem| panic!("{problem}"));
        while let Some(frame) = input.next() {
            assert!(engine.frame(&frame, &mut asker).is_continue());
        }
    }
    assert!(asker.asked > 100 && asker.selected > 20, "{} of {} answers are yes", asker.selected, asker.asked);
}
