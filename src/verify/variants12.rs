//! The parts a deviant 1.2 digest may be made of: credential, nonce and trigger, each as the standard feeds it and as known
//! deviations do.
//!
//! Every part is made once and shared by all combinations. Must not know how they are combined.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::deviation::Found;
use super::hash;
use super::keyfile;
use super::keyring::{Entry, Value, Written};
use super::rows_keys::{ID_CASE, SECRET_ENCODING, SECRET_WHITESPACE};
use super::rows12::{
    CREDENTIAL_HEX, HEADER_BYTE_SWAPPED, NO_COLON_EMPTY_PASSWORD, NONCE_BASE64, NONCE_CONSTANT, NONCE_CUT_AT_NUL,
    NONCE_DOUBLE_DECODED, NONCE_EMPTY, NONCE_LOSSY_UTF8, PASSWORD_EMPTY, RESYNC_ASCII_0X, RESYNC_ASCII_8,
    RESYNC_BASE64, RESYNC_OTHER_LENGTH, TRIGGER_DIGEST_HEX, TRIGGER_DIGEST_RAW, TRIGGER_HEADER_ONLY,
    TRIGGER_LENGTH_MOD_256, TRIGGER_RAW, TRIGGER_WITH_DIGEST, USER_FOR_ID, VENDOR_ADDED, VENDOR_CUT,
};
use super::subject::{HEADER_12, Subject};
use super::v12::SPECIAL;
use super::verdict::NonceUsed;

/// Octets of a part: borrowed where they stand somewhere, wiped where they were made.
pub(super) enum Octets<'a> {
    Lent(&'a [u8]),
    Own(Zeroizing<Vec<u8>>),
}

impl Octets<'_> {
    pub(super) fn own(octets: Vec<u8>) -> Self {
        Self::Own(Zeroizing::new(octets))
    }

    pub(super) fn get(&self) -> &[u8] {
        match self {
            Self::Lent(octets) => octets,
            Self::Own(octets) => octets,
        }
    }
}

/// One way to feed a part.
pub(super) struct Part<'a> {
    pub(super) octets: Octets<'a>,
    pub(super) names: [Option<Found>; 2],
    pub(super) note: &'static str,
    pub(super) nonce: NonceUsed,
    /// Seen in products: tried in pairs before the others.
    pub(super) likely: bool,
}

impl<'a> Part<'a> {
    pub(super) fn new(octets: Octets<'a>, name: Option<Found>) -> Self {
        Self { octets, names: [name, None], note: "", nonce: NonceUsed::None, likely: false }
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
pub(super) fn whitespace(value: &[u8], mut add: impl FnMut(Zeroizing<Vec<u8>>, &'static str)) {
    for (tail, note) in [
        (b"\n".as_slice(), "with a newline behind it"),
        (b"\r\n", "with CR LF behind it"),
        (b" ", "with a blank behind it"),
        (b"\0", "with a zero octet behind it"),
        (b"\t", "with a tab behind it"),
    ] {
        add(Zeroizing::new([value, tail].concat()), note);
    }
    let blank = |octet: &u8| octet.is_ascii_whitespace() || *octet == 0;
    if value.first().is_some_and(blank) || value.last().is_some_and(blank) {
        let start = value.iter().position(|octet| !blank(octet)).unwrap_or(value.len());
        let end = value.iter().rposition(|octet| !blank(octet)).map_or(start, |last| last + 1);
        add(Zeroizing::new(value[start..end].to_vec()), "without the blanks around it");
        add(Zeroizing::new(value[..end.max(start)].to_vec()), "without the blanks behind it");
    }
}

/// Adds the readings of a value under another encoding than it was written in.
pub(super) fn encodings(value: &Value, mut add: impl FnMut(Zeroizing<Vec<u8>>, &'static str)) {
    let literal = value.literal.expose();
    match value.written {
        Written::Plain | Written::Text => {
            if let Some(octets) = keyfile::hex(literal).filter(|octets| !octets.is_empty()) {
                add(octets, "given as text, hashed as the hex it spells");
            }
            // Most short words are base64 by accident: two characters at least must have been meant.
            if let Some(octets) = keyfile::b64(literal).filter(|octets| !octets.is_empty()) {
                add(octets, "given as text, hashed as the base64 it spells");
            }
        }
        Written::Hex => {
            add(Zeroizing::new(literal.to_vec()), "given as hex, hashed as the text of its digits");
            let lower = literal.to_ascii_lowercase();
            let upper = literal.to_ascii_uppercase();
            for other in [lower, upper].into_iter().filter(|other| other != literal) {
                add(Zeroizing::new(other), "given as hex, hashed as the text of its digits in the other case");
            }
        }
        Written::B64 => add(Zeroizing::new(literal.to_vec()), "given as base64, hashed as its text"),
    }
}

/// The credentials of an entry for a server identifier, weight 0 first.
pub(super) fn credentials<'a>(entry: &'a Entry, id: &[u8], password: &'a Value) -> Axis<'a> {
    let mut axis = Axis::default();
    let octets = password.octets.expose();
    let hash = |parts: &[&[u8]]| hash::md5(parts);
    let coded = |digest: [u8; 16]| Octets::own(hash::b64(&digest).to_vec());
    let own = hash(&[id, b":", octets]);
    axis.add(Part::new(coded(own), None));
    let as_hex = Found::new(&CREDENTIAL_HEX);
    axis.add(Part::new(Octets::own(hash::hex(&own).to_vec()), Some(as_hex)).likely());
    if let Some(user) = &entry.user {
        let name = Some(Found::new(&USER_FOR_ID));
        let digest = hash(&[user.octets.expose(), b":", octets]);
        axis.add(Part::new(coded(digest), name).likely());
        axis.add(Part::new(Octets::own(hash::hex(&digest).to_vec()), name).with(as_hex).likely());
    }
    let without_colon = Found::new(&NO_COLON_EMPTY_PASSWORD);
    if octets.is_empty() {
        axis.add(Part::new(coded(hash(&[id])), Some(without_colon)).likely());
        if let Some(user) = &entry.user {
            let digest = hash(&[user.octets.expose()]);
            axis.add(Part::new(coded(digest), Some(without_colon)).with(Found::new(&USER_FOR_ID)).likely());
        }
    } else {
        let empty = Found::new(&PASSWORD_EMPTY);
        axis.add(Part::new(coded(hash(&[id, b":"])), Some(empty)).likely());
        axis.add(Part::new(coded(hash(&[id])), Some(without_colon)).with(empty).likely());
        if let Some(user) = &entry.user {
            let digest = hash(&[user.octets.expose(), b":"]);
            axis.add(Part::new(coded(digest), Some(Found::new(&USER_FOR_ID))).with(empty));
        }
    }
    whitespace(octets, |value, note| {
        let mut part = Part::new(coded(hash(&[id, b":", &value])), Some(Found::new(&SECRET_WHITESPACE)));
        part.likely = note.contains("newline") || note.starts_with("without");
        axis.add(part.note(note));
        if let Some(user) = entry.user.as_ref().filter(|_| note.contains("newline")) {
            let digest = hash(&[user.octets.expose(), b":", &value]);
            let part = Part::new(coded(digest), Some(Found::new(&USER_FOR_ID)));
            axis.add(part.with(Found::new(&SECRET_WHITESPACE)).note(note));
        }
    });
    encodings(password, |value, note| {
        let part = Part::new(coded(hash(&[id, b":", &value])), Some(Found::new(&SECRET_ENCODING)));
        axis.add(part.note(note).likely());
    });
    let case = Some(Found::new(&ID_CASE));
    for (other, note) in
        [(id.to_ascii_lowercase(), "hashed in lower case"), (id.to_ascii_uppercase(), "hashed in upper case")]
    {
        if other != id {
            axis.add(Part::new(coded(hash(&[&other, b":", octets])), case).note(note));
        }
    }
    axis
}

/// Adds a nonce and its deviant forms; `name` is a deviation that using it at all is.
pub(super) fn nonce<'a>(
    axis: &mut Axis<'a>,
    octets: &'a [u8],
    value: Option<&'a Value>,
    used: NonceUsed,
    name: Option<Found>,
) {
    let mut add = |octets: Octets<'a>, second: Option<Found>, note: &'static str, likely: bool| {
        let mut part = Part::new(octets, name.or(second)).note(note).used(used);
        if let (Some(_), Some(second)) = (name, second) {
            part = part.with(second);
        }
        part.likely = likely;
        axis.add(part);
    };
    add(Octets::Lent(octets), None, "", true);
    if octets.is_empty() {
        return;
    }
    let one = |row| Some(Found::new(row));
    add(Octets::own(STANDARD.encode(octets).into_bytes()), one(&NONCE_BASE64), "", true);
    let plain = value.is_some_and(|value| value.written == Written::Plain);
    let decoded = |add: &mut dyn FnMut(Octets<'a>, Option<Found>, &'static str, bool)| {
        if let Some(twice) = keyfile::b64(octets).filter(|twice| !twice.is_empty()) {
            add(Octets::Own(twice), one(&NONCE_DOUBLE_DECODED), "", true);
        }
    };
    // A value without prefix that is base64 is more likely a slip in the file than a second decoding by the sender.
    if !plain {
        decoded(&mut add);
    }
    if let Some(value) = value {
        encodings(value, |octets, note| {
            let same = value.written == Written::B64 && STANDARD.encode(value.octets.expose()).as_bytes() == &**octets;
            if !same {
                add(Octets::Own(octets), one(&SECRET_ENCODING), note, true);
            }
        });
    }
    if plain {
        decoded(&mut add);
    }
    if let Err(error) = std::str::from_utf8(octets) {
        let whole = String::from_utf8_lossy(octets).into_owned().into_bytes();
        let single = lossy_by_octet(octets, error.valid_up_to());
        if single != whole {
            add(Octets::own(single), one(&NONCE_LOSSY_UTF8), "every octet by itself", true);
        }
        add(Octets::own(whole), one(&NONCE_LOSSY_UTF8), "", true);
    }
    if let Some(end) = octets.iter().position(|&octet| octet == 0) {
        add(Octets::Lent(&octets[..end]), one(&NONCE_CUT_AT_NUL), "", true);
    }
    whitespace(octets, |octets, note| add(Octets::Own(octets), one(&SECRET_WHITESPACE), note, false));
}

/// Replaces every octet that is no UTF-8 by U+FFFD, one for one.
fn lossy_by_octet(octets: &[u8], valid: usize) -> Vec<u8> {
    let mut out = octets[..valid].to_vec();
    let mut rest = &octets[valid..];
    while let Some((_, behind)) = rest.split_first() {
        out.extend("\u{fffd}".as_bytes());
        rest = behind;
        let valid = std::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
        out.extend(&rest[..valid]);
        rest = &rest[valid..];
    }
    out
}

/// Adds the nonces that are no key's: none, constants, and readings of the special nonce.
pub(super) fn constants(axis: &mut Axis<'_>, has_nonce: bool) {
    axis.add(Part::new(Octets::Lent(&SPECIAL), None).used(NonceUsed::Special));
    if has_nonce {
        axis.add(Part::new(Octets::Lent(b""), Some(Found::new(&NONCE_EMPTY))).likely());
    }
    for (octets, row, note, likely) in [
        (b"0x00000000".as_slice(), &RESYNC_ASCII_0X, "", true),
        (b"AAAAAA==", &RESYNC_BASE64, "", true),
        (b"00000000", &RESYNC_ASCII_8, "", false),
        (&[0; 16], &RESYNC_OTHER_LENGTH, "16 zero octets", false),
        (&[0; 8], &RESYNC_OTHER_LENGTH, "8 zero octets", false),
        (&[0], &RESYNC_OTHER_LENGTH, "1 zero octet", false),
        (b"0000", &RESYNC_OTHER_LENGTH, "the text 0000", false),
        (b"0", &RESYNC_OTHER_LENGTH, "the text 0", false),
    ] {
        let mut part = Part::new(Octets::Lent(octets), Some(Found::new(row))).note(note);
        part.likely = likely;
        axis.add(part);
    }
    for text in ["SyncEvolution", "1234", "12345", "MTIzNA=="] {
        let part = Part::new(Octets::Lent(text.as_bytes()), Some(Found::text(&NONCE_CONSTANT, text)));
        axis.add(part.likely());
    }
}

/// The ways to feed the trigger.
pub(super) fn triggers<'a>(subject: &Subject<'a>) -> Axis<'a> {
    let trigger = subject.trigger_octets();
    let mut axis = Axis::default();
    let coded = |parts: &[&[u8]]| Octets::own(hash::b64(&hash::md5(parts)).to_vec());
    axis.add(Part::new(coded(&[trigger]), None));
    let header = HEADER_12 + subject.server_id.map_or(0, <[u8]>::len);
    let head = trigger.get(..header).unwrap_or(trigger);
    let vendor = trigger.get(header..).unwrap_or(&[]);
    let mut forms = |octets: &'a [u8], name: Option<Found>| {
        let digest = hash::md5(&[octets]);
        for (form, row) in [
            (Octets::own(digest.to_vec()), &TRIGGER_DIGEST_RAW),
            (Octets::own(hash::hex(&digest).to_vec()), &TRIGGER_DIGEST_HEX),
            (Octets::Lent(octets), &TRIGGER_RAW),
        ] {
            let row = Found::new(row);
            let part = Part::new(form, name.or(Some(row))).likely();
            axis.add(if name.is_some() { part.with(row) } else { part });
        }
        if name.is_some() {
            axis.add(Part::new(Octets::own(hash::b64(&digest).to_vec()), name).likely());
        }
    };
    forms(trigger, None);
    if !vendor.is_empty() {
        forms(head, Some(Found::new(&TRIGGER_HEADER_ONLY)));
    }
    if trigger.len() > 255 {
        forms(&trigger[..trigger.len() % 256], Some(Found::new(&TRIGGER_LENGTH_MOD_256)));
    }
    let with_digest = Some(Found::new(&TRIGGER_WITH_DIGEST));
    axis.add(Part::new(coded(&[&[0; 16], trigger]), with_digest).likely());
    let shorter = trigger.get(..trigger.len().saturating_sub(16)).unwrap_or(&[]);
    axis.add(Part::new(coded(&[&[0; 16], shorter]), with_digest).note("and the last 16 octets left out"));
    swapped(&mut axis, trigger);
    for cut in (1..=8u32).filter(|cut| (*cut as usize) < vendor.len()) {
        let kept = trigger.get(..trigger.len() - cut as usize).unwrap_or(trigger);
        axis.add(Part::new(coded(&[kept]), Some(Found::number(&VENDOR_CUT, cut))));
    }
    for (more, note) in [
        (b"\0".as_slice(), "one zero octet more"),
        (b"\n", "a newline more"),
        (b"\r\n", "CR LF more"),
        (b"1010101010101", "the 13 characters 1010101010101 more"),
    ] {
        axis.add(Part::new(coded(&[trigger, more]), Some(Found::new(&VENDOR_ADDED))).note(note));
    }
    axis
}

/// Adds the trigger with fields of its header in the other byte order.
fn swapped(axis: &mut Axis<'_>, trigger: &[u8]) {
    let Some((header, rest)) = trigger.split_first_chunk::<HEADER_12>() else { return };
    let mut session = *header;
    session.swap(5, 6);
    let mut first = *header;
    first.swap(0, 1);
    let mut both = session;
    both.swap(0, 1);
    let mut reversed = *header;
    reversed.reverse();
    for (header, note) in [
        (session, "session identifier swapped"),
        (first, "first two octets swapped"),
        (both, "first two octets and session identifier swapped"),
        (reversed, "all eight octets reversed"),
    ] {
        let octets = Octets::own(hash::b64(&hash::md5(&[&header, rest])).to_vec());
        axis.add(Part::new(octets, Some(Found::new(&HEADER_BYTE_SWAPPED))).note(note));
    }
}
