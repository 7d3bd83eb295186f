//! The captures in `captures/`: every octet of each, made by the encoder.
//!
//! In the pcapng ones each frame says in its first comment what is expected of it, in words a test can read:
//! `expect: N12-007 N12-022; status: valid` (rules that must be among the findings, the digest status with
//! `captures/keys.toml`; either part may be absent, others may be found too). The second comment says it for people.

pub mod carriers;
mod network;
mod notifications;
mod others;
mod sequence;
mod violations;
mod wsp_forms;

use super::file::{Frame, pcapng};
use super::link::{ethernet_ip, link_type};
use super::net::{Ip as _, Ip4};

/// Capture time of the first frame: 2026-01-01T00:00:00Z.
pub const START: u64 = 1_767_225_600;
/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;
/// Where the pushes come from.
pub const SENDER: &str = "192.0.2.10";

/// A shipped capture: file name and content.
pub type Shipped = (&'static str, Vec<u8>);

/// All of them, in the order of the README.
pub fn all() -> Vec<Shipped> {
    let mut all = notifications::captures();
    all.extend(violations::captures());
    all.extend(wsp_forms::captures());
    all.extend(others::captures());
    all.extend(sequence::captures());
    all.extend(network::captures());
    all.extend(carriers::captures());
    all
}

/// Frames in the making: each next one a second later and, for pushes, to a handset of its own, so that no two are related.
pub(super) struct Scene {
    /// What was made so far.
    pub(super) frames: Vec<Frame>,
    clock: u64,
    handset: u8,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self { frames: Vec::new(), clock: START * SECOND, handset: 0 }
    }

    /// Moves the clock.
    pub(super) fn wait(&mut self, seconds: u64) {
        self.clock += seconds * SECOND;
    }

    /// The time of the next frame in seconds, as a 2.0 message carries it.
    pub(super) fn now(&self) -> u32 {
        (self.clock / SECOND) as u32
    }

    /// IP from the sender to a handset of its own.
    pub(super) fn ip(&mut self) -> Ip4 {
        self.handset += 1;
        Ip4::new(SENDER, &format!("198.51.100.{}", self.handset)).id(u16::from(self.handset))
    }

    /// Any frame.
    pub(super) fn frame(&mut self, octets: impl Into<Vec<u8>>) -> &mut Frame {
        self.frames.push(Frame::new(self.clock, octets));
        self.clock += SECOND;
        self.frames.last_mut().expect("just pushed")
    }

    /// An IP packet on Ethernet.
    pub(super) fn packet(&mut self, packet: &[u8]) -> &mut Frame {
        self.frame(ethernet_ip(packet))
    }

    /// A push PDU on Ethernet, IPv4, UDP 2948.
    pub(super) fn push(&mut self, pdu: &[u8]) -> &mut Frame {
        let packet = self.ip().push(pdu);
        self.packet(&packet)
    }

    /// All frames as pcapng with a comment on the whole.
    pub(super) fn pcapng(&self, comment: &str) -> Vec<u8> {
        pcapng(comment, link_type::ETHERNET, &self.frames)
    }
}

/// What is expected of a frame, as comments.
pub(super) trait Expect {
    /// Rules that must be found (blank-separated), status with the shipped keys (may be empty), words for people.
    fn expect(&mut self, rules: &str, status: &str, words: &str);
}

impl Expect for Frame {
    fn expect(&mut self, rules: &str, status: &str, words: &str) {
        let mut parts = Vec::new();
        if !rules.is_empty() {
            parts.push(format!("expect: {rules}"));
        }
        if !status.is_empty() {
            parts.push(format!("status: {status}"));
        }
        if !parts.is_empty() {
            self.comments.push(parts.join("; "));
        }
        self.comments.push(words.to_owned());
    }
}
