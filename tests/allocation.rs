//! Skipped frames allocate nothing: the invariant that keeps the bulk path fast.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use pushscope::capture::{Frame, LinkType};
use pushscope::dissect::{DISSECTORS, Table};
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
fn the_count_sees_allocations_at_all() {
    let made = allocation_counter::measure(|| drop(std::hint::black_box(vec![1u8; 64])));
    assert_eq!(made.count_total, 1);
}
