//! How long the gate takes per frame, for the frames a capture is made of.
//!
//! `cargo bench --bench gate`. Prints nanoseconds a frame, the best of several rounds; seconds of a shared machine mean little, so
//! compare rows with each other. Every frame is tried in many copies, as far apart in memory as the frames of a capture are.
#![expect(clippy::print_stdout, reason = "a measuring tool: it talks")]

use std::hint::black_box;
use std::time::Instant;

use pushscope::dissect::{DISSECTORS, Table};
use pushscope::scan::gate::Gate;

/// Frames in one round.
const COPIES: usize = 4096;

/// Octets from one frame to the next.
const STRIDE: usize = 411;

/// An IPv4 packet; checksums do not matter to the gate.
fn ipv4(proto: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len() + 20).unwrap_or(0).to_be_bytes();
    let mut out = vec![0x45, 0, len[0], len[1], 0, 1, 0, 0, 64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    out.extend_from_slice(payload);
    out
}

/// An IPv6 packet.
fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    let mut out = vec![0x60, 0, 0, 0, len[0], len[1], next, 64];
    out.extend([0x20; 32]);
    out.extend_from_slice(payload);
    out
}

/// A UDP datagram.
fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let (port, len) = (port.to_be_bytes(), u16::try_from(payload.len() + 8).unwrap_or(0).to_be_bytes());
    let mut out = vec![0x9c, 0x40, port[0], port[1], len[0], len[1], 0, 0];
    out.extend_from_slice(payload);
    out
}

/// An Ethernet frame; `tags` are the octets from the type on.
fn ethernet(tags: &[u8], payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], tags, payload].concat()
}

fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let tcp = [&[0x01, 0xbb, 0xc3, 0x50], [0; 16].as_slice(), &[7; 60]].concat();
    let inner = ipv4(6, &tcp);
    let gtp = [&[0x30, 0xff, 0, 100, 0, 0, 0, 1], inner.as_slice()].concat();
    let session = [&[0x34, 0xff, 0, 108, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 9, 0], inner.as_slice()].concat();
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0], ethernet(&[8, 0], &inner).as_slice()].concat();
    let mut fragment = ipv4(17, &[7; 60]);
    fragment[7] = 185;
    vec![
        ("Ethernet, IPv4, TCP", ethernet(&[8, 0], &inner)),
        ("Ethernet, IPv4, UDP", ethernet(&[8, 0], &ipv4(17, &udp(53, &[7; 60])))),
        ("Ethernet, IPv6, TCP", ethernet(&[0x86, 0xdd], &ipv6(6, &tcp))),
        ("VLAN, IPv4, UDP", ethernet(&[0x81, 0, 0, 5, 8, 0], &ipv4(17, &udp(53, &[7; 60])))),
        ("Ethernet, ARP", ethernet(&[8, 6], &[0; 46])),
        ("GTP-U, IPv4, TCP", ethernet(&[8, 0], &ipv4(17, &udp(2152, &gtp)))),
        ("GTP-U with an extension, IPv4, TCP", ethernet(&[8, 0], &ipv4(17, &udp(2152, &session)))),
        ("VXLAN, IPv4, TCP", ethernet(&[8, 0], &ipv4(17, &udp(4789, &vxlan)))),
        ("IPv4 fragment", ethernet(&[8, 0], &fragment)),
        ("push", ethernet(&[8, 0], &ipv4(17, &udp(2948, &[1, 6, 3])))),
    ]
}

fn main() {
    let gate = Gate::new(&Table::new(DISSECTORS));
    for (name, frame) in frames() {
        let mut memory = vec![0; COPIES * STRIDE];
        for copy in memory.chunks_exact_mut(STRIDE) {
            copy[..frame.len()].copy_from_slice(&frame);
        }
        let mut best = f64::INFINITY;
        let mut passed = 0usize;
        for _ in 0..400 {
            let start = Instant::now();
            passed = memory
                .chunks_exact(STRIDE)
                .filter(|copy| gate.matters(black_box(1), black_box(&copy[..frame.len()])))
                .count();
            best = best.min(start.elapsed().as_secs_f64());
        }
        let nanos = best * 1e9 / f64::from(u16::try_from(COPIES).unwrap_or(u16::MAX));
        println!("{nanos:6.1} ns  {name}{}", if passed > 0 { "  (passes)" } else { "" });
    }
}
