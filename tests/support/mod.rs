//! The encoder: builds every octet the tests, shipped captures and benches need, from the reference alone.
//!
//! It is the second opinion about every format, so it must not use anything of the crate `pushscope`: what the dissectors
//! believe and what is written here meet only in the octets. It builds wrong messages as readily as right ones; whoever calls
//! it says which.
//!
//! `notification` Package #0 and its relatives · `wsp` push headers · `net` IP, UDP, TCP, fragments · `link` link layers ·
//! `tunnel` GRE, GTP-U, VXLAN, Geneve … · `file` pcap and pcapng · `chance` random numbers and mutations · `shipped` the
//! captures in `captures/` · `traffic` captures of any size with known truth · `program` the program, started ·
//! `forms`
//! what must never be written of a secret · `marker` secrets with a mark, and messages made with them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::too_many_arguments,
    reason = "every test crate uses its own part of the encoder; a length that does not fit is cut on purpose"
)]

pub mod chance;
pub mod file;
pub mod forms;
pub mod link;
pub mod marker;
pub mod net;
pub mod notification;
pub mod program;
pub mod shipped;
pub mod sms;
pub mod traffic;
pub mod tunnel;
pub mod wsp;

/// Octets from hex digits; blanks are skipped.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).expect("a hex digit") as u8).collect();
    assert!(digits.len().is_multiple_of(2), "odd number of hex digits");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Lower-case hex without separators.
pub fn to_hex(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// Several parts, one after the other.
pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
