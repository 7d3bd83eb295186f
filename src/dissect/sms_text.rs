//! Text of short messages: packed 7-bit characters, the GSM default alphabet, addresses in semi-octets.
//!
//! Must not know the PDUs around them.

use crate::model::{Derived, Origin, Piece, Span};

/// The GSM default alphabet (23.038 chapter 6.2.1), by septet.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{a0}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§\
                        ¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table, reached by septet 1B.
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// The escape to the extension table.
const ESCAPE: u8 = 0x1b;

/// The digits of addresses, by semi-octet; F is the filler.
const DIGITS: [char; 15] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c'];

/// Unpacks at most `count` septets that begin `skip` bits (0..=6) into the first octet.
pub(super) fn septets(packed: &[u8], skip: u32, count: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(count.min(packed.len().saturating_mul(2)));
    let mut held: u32 = 0;
    let mut bits: u32 = 0;
    for (i, octet) in packed.iter().enumerate() {
        if out.len() >= count {
            break;
        }
        held |= u32::from(*octet) << bits;
        bits = bits.saturating_add(8);
        if i == 0 {
            held >>= skip.min(7);
            bits = bits.saturating_sub(skip.min(7));
        }
        while bits >= 7 && out.len() < count {
            out.push(u8::try_from(held & 0x7f).unwrap_or(0));
            held >>= 7;
            bits = bits.saturating_sub(7);
        }
    }
    out
}

/// The text of septets in the default alphabet.
pub(super) fn text(septets: &[u8]) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for septet in septets {
        if *septet == ESCAPE && !escaped {
            escaped = true;
            continue;
        }
        let extended = EXTENSION.iter().find(|row| escaped && row.0 == *septet).map(|row| row.1);
        let plain = || ALPHABET.chars().nth(usize::from(*septet)).unwrap_or('?');
        out.push(extended.unwrap_or_else(plain));
        escaped = false;
    }
    out
}

/// The text of UCS2 octets.
pub(super) fn ucs2(octets: &[u8]) -> String {
    let units =
        octets.chunks_exact(2).map(|pair| pair.iter().fold(0u16, |unit, octet| (unit << 8) | u16::from(*octet)));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The digits of semi-octets, low half first, at most `count`; the filler ends them.
pub(super) fn digits(octets: &[u8], count: usize) -> String {
    let halves = octets.iter().flat_map(|octet| [octet & 0xf, octet >> 4]);
    halves.take(count).map_while(|half| DIGITS.get(usize::from(half))).collect()
}

/// The number that two decimal semi-octets, low half first, stand for.
pub(super) fn swapped(octet: u8) -> u8 {
    (octet & 0xf).saturating_mul(10).saturating_add(octet >> 4)
}

/// Septets as a buffer of their own, one in each octet: each comes from the octets its bits are in.
pub(super) fn unpacked(packed: &[u8], skip: u32, from: Span) -> Derived {
    let bits = u32::try_from(packed.len()).unwrap_or(0).saturating_mul(8).saturating_sub(skip);
    let count = bits / 7;
    let bytes = septets(packed, skip, usize::try_from(count).unwrap_or(0));
    let pieces = (0..count)
        .map(|i| {
            let first = i.saturating_mul(7).saturating_add(skip) / 8;
            let last = i.saturating_mul(7).saturating_add(skip).saturating_add(6) / 8;
            Piece {
                at: i.saturating_mul(8),
                len: 8,
                origin: Origin::Buffer(from.buf),
                from: from.start.saturating_add(first.saturating_mul(8)),
                from_len: last.saturating_sub(first).saturating_add(1).saturating_mul(8),
            }
        })
        .collect();
    Derived::new("unpacked 7-bit characters", bytes, pieces)
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, digits, septets, swapped, text, ucs2};

    #[test]
    fn packed_text_is_read_in_the_default_alphabet() {
        assert_eq!(ALPHABET.chars().count(), 128);
        // wdp-wsp.md 3.1: "DMSRV".
        assert_eq!(text(&septets(&[0xc4, 0xe6, 0x54, 0x6a, 0x05], 0, 5)), "DMSRV");
        assert_eq!(text(&[0x1b, 0x65, 0x1b, 0x3c, 0x00]), "€[@");
        assert_eq!(ucs2(&[0x20, 0xac, 0x00, 0x41]), "€A");
    }

    #[test]
    fn septets_may_begin_within_an_octet() {
        assert_eq!(septets(&[0x41 << 1], 1, 1), [0x41]);
        assert_eq!(septets(&[0xff; 40], 0, 1), [0x7f], "what follows the last one is not looked at");
    }

    #[test]
    fn semi_octets_are_swapped() {
        assert_eq!(digits(&[0x44, 0x77, 0x00, 0x09, 0x10, 0xf2], 11), "44770090012");
        assert_eq!(digits(&[0xba, 0xdc, 0xfe], 6), "*#abc");
        assert_eq!(swapped(0x42), 24);
    }
}
