//! What a deviant digest may be made of: octets with the deviations they stand for, and the slips in writing a secret down.
//!
//! Shared by both searches. Must not know how parts are hashed or combined.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::deviation::Found;
use super::hash;
use super::keyfile;
use super::keyring::{Value, Written};
use super::verdict::NonceUsed;

/// Octets of a part: borrowed where they stand somewhere, wiped where they were made.
pub(super) enum Octets<'a> {
    Lent(&'a [u8]),
    /// Few octets in place: most parts are short, and memory for each would cost more than to hash them.
    Short(Zeroizing<[u8; SHORT]>, u8),
    Own(Zeroizing<Vec<u8>>),
}

/// Longest content of [`Octets::Short`]: a digest in hex.
const SHORT: usize = 2 * hash::MD5_LEN;

impl Octets<'_> {
    pub(super) fn own(octets: Vec<u8>) -> Self {
        Self::Own(Zeroizing::new(octets))
    }

    /// The parts, one after the other.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let Some(short) = u8::try_from(len).ok().filter(|_| len <= SHORT) else { return Self::own(parts.concat()) };
        let mut octets = Zeroizing::new([0; SHORT]);
        let mut rest = octets.as_mut_slice();
        for part in parts {
            let (place, behind) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = behind;
        }
        Self::Short(octets, short)
    }

    /// Base64 of the octets.
    pub(super) fn base64(octets: &[u8]) -> Self {
        let mut short = Zeroizing::new([0; SHORT]);
        match STANDARD.encode_slice(octets, short.as_mut_slice()).map(u8::try_from) {
            Ok(Ok(len)) => Self::Short(short, len),
            _ => Self::own(STANDARD.encode(octets).into_bytes()),
        }
    }

    pub(super) fn get(&self) -> &[u8] {
        match self {
            Self::Lent(octets) => octets,
            Self::Short(octets, len) => octets.get(..usize::from(*len)).unwrap_or(&[]),
            Self::Own(octets) => octets,
        }
    }
}

/// One way to feed a part.
pub(super) struct Part<'a> {
    pub(super) octets: Octets<'a>,
    pub(super) names: [Option<Found>; 2],
    /// The rows of the table that are in the names.
    pub(super) rows: u64,
    pub(super) note: &'static str,
    pub(super) nonce: NonceUsed,
    /// Seen in products: tried in pairs before the others.
    pub(super) likely: bool,
}

impl<'a> Part<'a> {
    pub(super) fn new(octets: Octets<'a>, name: Option<Found>) -> Self {
        let rows = name.map_or(0, |name| name.row().bit());
        Self { octets, names: [name, None], rows, note: "", nonce: NonceUsed::None, likely: false }
    }

    pub(super) fn likely(mut self) -> Self {
        self.likely = true;
        self
    }

    pub(super) fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub(super) fn with(mut self, name: Found) -> Self {
        self.names[1] = Some(name);
        self.rows |= name.row().bit();
        self
    }

    pub(super) fn used(mut self, nonce: NonceUsed) -> Self {
        self.nonce = nonce;
        self
    }
}

/// All ways to feed a part, by the number of deviations: none, one, two.
#[derive(Default)]
pub(super) struct Axis<'a>(pub(super) [Vec<Part<'a>>; 3]);

impl<'a> Axis<'a> {
    pub(super) fn add(&mut self, part: Part<'a>) {
        let weight = part.names.iter().flatten().count();
        self.0[weight.min(2)].push(part);
    }
}

/// Adds the slips at the ends of a value: what one side kept or lost behind its secret.
pub(super) fn whitespace(value: &[u8], mut add: impl FnMut(Octets<'static>, &'static str)) {
    for (tail, note) in [
        (b"\n".as_slice(), "with a newline behind it"),
        (b"\r\n", "with CR LF behind it"),
        (b" ", "with a blank behind it"),
        (b"\0", "with a zero octet behind it"),
        (b"\t", "with a tab behind it"),
    ] {
        add(Octets::of(&[value, tail]), note);
    }
    let blank = |octet: &u8| octet.is_ascii_whitespace() || *octet == 0;
    if value.first().is_some_and(blank) || value.last().is_some_and(blank) {
        let start = value.iter().position(|octet| !blank(octet)).unwrap_or(value.len());
        let end = value.iter().rposition(|octet| !blank(octet)).map_or(start, |last| last + 1);
        add(Octets::of(&[value.get(start..end).unwrap_or(&[])]), "without the blanks around it");
        add(Octets::of(&[value.get(..end).unwrap_or(&[])]), "without the blanks behind it");
    }
}

/// Adds the readings of a value under another encoding than it was written in.
pub(super) fn encodings(value: &Value, mut add: impl FnMut(Octets<'static>, &'static str)) {
    let literal = value.literal.expose();
    match value.written {
        Written::Plain | Written::Text => {
            if let Some(octets) = keyfile::hex(literal).filter(|octets| !octets.is_empty()) {
                add(Octets::Own(octets), "given as text, hashed as the hex it spells");
            }
            // Most short words are base64 by accident: two characters at least must have been meant.
            if let Some(octets) = keyfile::b64(literal).filter(|octets| !octets.is_empty()) {
                add(Octets::Own(octets), "given as text, hashed as the base64 it spells");
            }
        }
        Written::Hex => {
            add(Octets::of(&[literal]), "given as hex, hashed as the text of its digits");
            let lower = Zeroizing::new(literal.to_ascii_lowercase());
            let upper = Zeroizing::new(literal.to_ascii_uppercase());
            for other in [lower, upper].into_iter().filter(|other| **other != *literal) {
                add(Octets::Own(other), "given as hex, hashed as the text of its digits in the other case");
            }
        }
        Written::B64 => add(Octets::of(&[literal]), "given as base64, hashed as its text"),
    }
}
