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
use super::lanes::{Piece, SHORT, Short};
use super::verdict::NonceUsed;

/// Octets of a part: borrowed where they stand somewhere, wiped where they were made, unless they are no secret.
pub(super) enum Octets<'a> {
    Lent(&'a [u8]),
    /// Few octets in place, and zeros behind them: most parts are short, and memory for each would cost more than to hash them.
    Short(Zeroizing<[u8; SHORT]>, u8),
    /// The same for what is no secret: not wiped.
    Open([u8; SHORT], u8),
    Own(Zeroizing<Vec<u8>>),
}

/// A digest in hex is the longest that most parts are made of.
const _: () = assert!(SHORT == 2 * hash::MD5_LEN);

impl Octets<'_> {
    pub(super) fn own(octets: Vec<u8>) -> Self {
        Self::Own(Zeroizing::new(octets))
    }

    /// Octets that are no secret.
    pub(super) fn open(octets: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..octets.len()), u8::try_from(octets.len())) {
            (Some(place), Ok(len)) => {
                place.copy_from_slice(octets);
                Self::Open(short, len)
            }
            _ => Self::own(octets.to_vec()),
        }
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
            Self::Open(octets, len) => octets.get(..usize::from(*len)).unwrap_or(&[]),
            Self::Own(octets) => octets,
        }
    }

    /// The same, where they are few.
    pub(super) fn short(&self) -> Option<Short<'_>> {
        match self {
            Self::Short(octets, len) => Some((octets, *len)),
            Self::Open(octets, len) => Some((octets, *len)),
            _ => None,
        }
    }

    /// The same, to be put behind other octets.
    pub(super) fn piece(&self) -> Piece<'_> {
        match self {
            Self::Lent(octets) => Piece::Any(octets),
            Self::Short(octets, len) => Piece::Short(octets, *len),
            Self::Open(octets, len) => Piece::Short(octets, *len),
            Self::Own(octets) => Piece::Any(octets),
        }
    }
}

/// One way to feed a part.
pub(super) struct Part {
    pub(super) octets: Octets<'static>,
    pub(super) names: [Option<Found>; 2],
    /// The rows of the table that are in the names.
    pub(super) rows: u64,
    pub(super) note: &'static str,
    pub(super) nonce: NonceUsed,
    /// Not deviant, or seen in products: tried in pairs before the others.
    pub(super) likely: bool,
}

impl Part {
    pub(super) fn new(octets: Octets<'static>, name: Option<Found>) -> Self {
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
pub(super) struct Axis([Ways; 3]);

/// The ways of one number of deviations.
#[derive(Default)]
struct Ways {
    parts: Vec<Part>,
    /// Places of the likely ones.
    likely: Vec<u16>,
}

impl Axis {
    pub(super) fn add(&mut self, mut part: Part) {
        let weight = part.names.iter().flatten().count().min(2);
        let Ways { parts, likely } = &mut self.0[weight];
        let Ok(at) = u16::try_from(parts.len()) else { return };
        part.likely |= weight == 0;
        likely.extend(part.likely.then_some(at));
        parts.push(part);
    }

    /// The part at a place.
    pub(super) fn get(&self, weight: usize, at: usize) -> Option<&Part> {
        self.0.get(weight)?.parts.get(at)
    }

    /// Whether there is none of this weight.
    pub(super) fn is_empty(&self, weight: usize) -> bool {
        self.0[weight].parts.is_empty()
    }

    /// The parts of a weight with their places, all or the likely ones.
    pub(super) fn ways(&self, weight: usize, likely: bool) -> impl Iterator<Item = (u16, &Part)> {
        let Ways { parts, likely: some } = &self.0[weight];
        let count = if likely { some.len() } else { parts.len() };
        (0..count).filter_map(move |place| {
            let at = if likely { *some.get(place)? } else { u16::try_from(place).ok()? };
            Some((at, parts.get(usize::from(at))?))
        })
    }

    /// Forgets all parts and keeps the room.
    pub(super) fn clear(&mut self) {
        for Ways { parts, likely } in &mut self.0 {
            parts.clear();
            likely.clear();
        }
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
