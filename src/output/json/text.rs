//! Strings, numbers and octets as JSON has them, without the machinery of formatting: a large export writes hundreds per packet.
//!
//! Must not know what is written.

use std::io::Write;

use super::super::number::last_two;
use crate::model::Timestamp;

/// Whether octets stand in a JSON string, and in visible text, as they are: printable ASCII without quotes and backslashes.
pub(super) fn is_plain(octets: &[u8]) -> bool {
    // No early end, so that many octets are looked at at once.
    let odd = |b: &u8| u8::from(b.wrapping_sub(0x20) >= 0x5f) | u8::from(*b == b'"') | u8::from(*b == b'\\');
    octets.iter().fold(0, |all, b| all | odd(b)) == 0
}

/// Appends octets as the inside of a JSON string; what is not UTF-8 becomes U+FFFD.
pub(super) fn push_inside(out: &mut Vec<u8>, octets: &[u8], ascii: bool) {
    if is_plain(octets) {
        out.extend_from_slice(octets);
    } else {
        for c in String::from_utf8_lossy(octets).chars() {
            push_char(out, c, ascii);
        }
    }
}

/// Appends octets as a JSON string; what is not UTF-8 becomes U+FFFD.
pub(super) fn push_string(out: &mut Vec<u8>, octets: &[u8], ascii: bool) {
    out.push(b'"');
    push_inside(out, octets, ascii);
    out.push(b'"');
}

/// Appends one character of a JSON string.
fn push_char(out: &mut Vec<u8>, c: char, ascii: bool) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        ' '..='~' => out.extend(u8::try_from(c)),
        _ if ascii || c.is_control() => {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// The hex digits of every octet.
static HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut all = [[0; 2]; 256];
    let mut at = 0;
    while at < 256 {
        all[at] = [DIGITS[at >> 4], DIGITS[at & 15]];
        at += 1;
    }
    all
};

/// Appends lower-case hex without separators.
pub(super) fn push_hex(out: &mut Vec<u8>, octets: &[u8]) {
    for part in octets.chunks(32) {
        let mut digits = [[0u8; 2]; 32];
        for (pair, octet) in digits.iter_mut().zip(part) {
            *pair = HEX[usize::from(*octet)];
        }
        out.extend_from_slice(digits.get(..part.len()).unwrap_or(&[]).as_flattened());
    }
}

/// Appends a number in hexadecimal with `0x` and at least so many digits, at most sixteen.
pub(super) fn push_hex_number(out: &mut Vec<u8>, number: u64, digits: u8) {
    let mut all = [[b'0'; 2]; 9];
    for (pair, octet) in all.iter_mut().skip(1).zip(number.to_be_bytes()) {
        *pair = HEX[usize::from(octet)];
    }
    let shown = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1).max(u32::from(digits)).min(16) as usize;
    let all = all.as_flattened_mut();
    let first = all.len() - shown - 2;
    if let Some(tail) = all.get_mut(first..) {
        tail[..2].copy_from_slice(b"0x");
        out.extend_from_slice(tail);
    }
}

/// Appends a link-layer address: `02:00:00:00:00:01`.
pub(super) fn push_ether(out: &mut Vec<u8>, address: [u8; 6]) {
    let mut text = [b':'; 17];
    for (place, octet) in text.chunks_mut(3).zip(address) {
        place[..2].copy_from_slice(&HEX[usize::from(octet)]);
    }
    out.extend_from_slice(&text);
}

/// Every octet in decimal with a dot behind it, and how many places that takes.
static DOTTED: [([u8; 4], usize); 256] = {
    const DIGITS: &[u8; 10] = b"0123456789";
    let mut all = [([b'.'; 4], 0); 256];
    let mut at = 0;
    while at < 256 {
        let (hundreds, tens, ones) = (DIGITS[at / 100], DIGITS[at / 10 % 10], DIGITS[at % 10]);
        all[at] = match at {
            0..10 => ([ones, b'.', b'.', b'.'], 2),
            10..100 => ([tens, ones, b'.', b'.'], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        at += 1;
    }
    all
};

/// Appends an IPv4 address.
pub(super) fn push_ipv4(out: &mut Vec<u8>, address: [u8; 4]) {
    let mut text = [0; 16];
    let mut len = 0;
    for octet in address {
        let (digits, count) = &DOTTED[usize::from(octet)];
        if let Some(place) = text.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
            *place = *digits;
        }
        len += count;
    }
    out.extend_from_slice(text.get(..len.saturating_sub(1)).unwrap_or(&[]));
}

/// Writes times; remembers the last second, since captures hold many packets of each.
#[derive(Debug, Default)]
pub(super) struct Times {
    second: Option<i64>,
    /// The text up to the dot.
    text: String,
}

impl Times {
    /// Appends a time as ISO 8601 with nanoseconds, in UTC, in quotes.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let (second, nanos) = time.parts();
        if self.second != Some(second) {
            self.text.clear();
            super::super::value::push_time(&mut self.text, Timestamp::from_secs(second, 0));
            self.text.truncate(self.text.len().saturating_sub("000000000Z".len()));
            self.second = Some(second);
        }
        out.push(b'"');
        out.extend_from_slice(self.text.as_bytes());
        push_nanos(out, nanos);
        out.extend_from_slice(b"Z\"");
    }
}

/// Appends nine digits.
pub(super) fn push_nanos(out: &mut Vec<u8>, nanos: u32) {
    let mut digits = [b'0'; 9];
    let mut left = nanos;
    for two in digits.rchunks_mut(2) {
        let both = last_two(left.into());
        left /= 100;
        two.copy_from_slice(both.get(2 - two.len()..).unwrap_or(&[]));
    }
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::super::super::value;
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn numbers_and_octets_are_written_as_in_columns() {
        let octets: Vec<u8> = (0..=255).collect();
        for part in [&octets[..], &octets[..32], &octets[40..73], &[]] {
            let mut plain = String::new();
            value::push_hex(&mut plain, part);
            assert_eq!(written(|out| push_hex(out, part)), plain);
        }
        let mut number = 1u64;
        for _ in 0..200 {
            for digits in [1, 2, 4, 7, 16] {
                let width = usize::from(digits) + 2;
                assert_eq!(written(|out| push_hex_number(out, number, digits)), format!("{number:#0width$x}"));
            }
            assert_eq!(
                written(|out| push_nanos(out, (number % 1_000_000_000) as u32)),
                format!("{:09}", number % 1_000_000_000)
            );
            number = number.wrapping_mul(11).wrapping_add(5);
        }
        assert_eq!(written(|out| push_hex_number(out, 0, 0)), "0x0");
        assert_eq!(written(|out| push_ether(out, [2, 0, 0xab, 0, 0, 255])), "02:00:ab:00:00:ff");
        assert_eq!(written(|out| push_ipv4(out, [192, 0, 2, 255])), "192.0.2.255");
    }

    #[test]
    fn a_remembered_second_changes_nothing() {
        let mut times = Times::default();
        for nanos in
            [0, 1, 999_999_999, 1_000_000_000, 1_767_225_600_123_456_789, 1_767_225_600_000_000_001, -1, -1_000_000_000]
        {
            let time = Timestamp::from_nanos(nanos);
            let mut plain = String::new();
            value::push_time(&mut plain, time);
            assert_eq!(written(|out| times.push(out, time)), format!("\"{plain}\""));
        }
    }

    #[test]
    fn what_json_must_escape_is_escaped() {
        assert_eq!(written(|out| push_string(out, b"a\"\\\x00\x7f", false)), "\"a\\\"\\\\\\u0000\\u007f\"");
        assert_eq!(written(|out| push_string(out, "ä\u{1f600}".as_bytes(), true)), "\"\\u00e4\\ud83d\\ude00\"");
        assert_eq!(written(|out| push_string(out, &[b'a', 0xff], false)), "\"a\u{fffd}\"");
        assert!(is_plain(b" ~az") && !is_plain(b"\x1f") && !is_plain(b"\x7f") && !is_plain(b"\x80"));
    }
}
