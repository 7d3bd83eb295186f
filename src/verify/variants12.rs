//! The parts a deviant 1.2 digest may be made of: credential, nonce and trigger, each as the standard feeds it and as known
//! deviations do.
//!
//! Every part is made once and shared by all combinations. Must not know how they are combined.

use super::deviation::{Deviation, Found};
use super::hash;
use super::keyfile;
use super::keyring::{Entry, Value, Written};
use super::lanes::Batch;
use super::parts::{Axis, Octets, Part, encodings, whitespace};
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

/// A credential that is being hashed.
struct Pending {
    at: u16,
    hex: bool,
    names: [Option<Found>; 2],
    note: &'static str,
    likely: bool,
}

/// Credentials on their way: all are hashed together.
struct Credentials<'b> {
    batch: &'b mut Batch,
    pending: Vec<Pending>,
}

impl Credentials<'_> {
    fn put(
        &mut self,
        parts: &[&[u8]],
        names: [Option<&'static Deviation>; 2],
        note: &'static str,
        likely: bool,
    ) -> u16 {
        let at = self.batch.put(parts);
        self.form(at, false, names, note, likely);
        at
    }

    fn form(&mut self, at: u16, hex: bool, names: [Option<&'static Deviation>; 2], note: &'static str, likely: bool) {
        self.pending.push(Pending { at, hex, names: names.map(|row| row.map(Found::new)), note, likely });
    }

    fn axis(self) -> Axis {
        let digests = self.batch.digests();
        let mut axis = Axis::default();
        for Pending { at, hex, names: [first, second], note, likely } in self.pending {
            let Some(digest) = digests.get(usize::from(at)) else { continue };
            let octets = if hex { Octets::of(&[&hash::hex(digest)]) } else { Octets::of(&[&hash::b64(digest)]) };
            let mut part = Part::new(octets, first).note(note);
            part.likely = likely;
            axis.add(if let Some(second) = second { part.with(second) } else { part });
        }
        axis
    }
}

/// The credentials of an entry for a server identifier, weight 0 first.
pub(super) fn credentials(entry: &Entry, id: &[u8], password: &Value, batch: &mut Batch) -> Axis {
    let octets = password.octets.expose();
    let user = entry.user.as_ref().map(|user| user.octets.expose());
    let mut all = Credentials { batch, pending: Vec::with_capacity(24) };
    let own = all.put(&[id, b":", octets], [None, None], "", false);
    all.form(own, true, [Some(&CREDENTIAL_HEX), None], "", true);
    if let Some(user) = user {
        let at = all.put(&[user, b":", octets], [Some(&USER_FOR_ID), None], "", true);
        all.form(at, true, [Some(&USER_FOR_ID), Some(&CREDENTIAL_HEX)], "", true);
    }
    let without_colon = Some(&NO_COLON_EMPTY_PASSWORD);
    if octets.is_empty() {
        all.put(&[id], [without_colon, None], "", true);
        if let Some(user) = user {
            all.put(&[user], [without_colon, Some(&USER_FOR_ID)], "", true);
        }
    } else {
        let empty = Some(&PASSWORD_EMPTY);
        all.put(&[id, b":"], [empty, None], "", true);
        all.put(&[id], [without_colon, empty], "", true);
        if let Some(user) = user {
            all.put(&[user, b":"], [Some(&USER_FOR_ID), empty], "", false);
        }
    }
    whitespace(octets, |value, note| {
        let newline = note.contains("newline");
        let slip = Some(&SECRET_WHITESPACE);
        all.put(&[id, b":", value.get()], [slip, None], note, newline || note.starts_with("without"));
        if let Some(user) = user.filter(|_| newline) {
            all.put(&[user, b":", value.get()], [Some(&USER_FOR_ID), slip], note, false);
        }
    });
    encodings(password, |value, note| {
        all.put(&[id, b":", value.get()], [Some(&SECRET_ENCODING), None], note, true);
    });
    for (other, note) in
        [(id.to_ascii_lowercase(), "hashed in lower case"), (id.to_ascii_uppercase(), "hashed in upper case")]
    {
        if other != id {
            all.put(&[&other, b":", octets], [Some(&ID_CASE), None], note, false);
        }
    }
    all.axis()
}

/// Adds a nonce and its deviant forms; `name` is a deviation that using it at all is.
pub(super) fn nonce(axis: &mut Axis, octets: &[u8], value: Option<&Value>, used: NonceUsed, name: Option<Found>) {
    let mut add = |octets: Octets<'static>, second: Option<Found>, note: &'static str, likely: bool| {
        let mut part = Part::new(octets, name.or(second)).note(note).used(used);
        if let (Some(_), Some(second)) = (name, second) {
            part = part.with(second);
        }
        part.likely = likely;
        axis.add(part);
    };
    add(Octets::of(&[octets]), None, "", true);
    if octets.is_empty() {
        return;
    }
    let one = |row| Some(Found::new(row));
    add(Octets::base64(octets), one(&NONCE_BASE64), "", true);
    let plain = value.is_some_and(|value| value.written == Written::Plain);
    let decoded = |add: &mut dyn FnMut(Octets<'static>, Option<Found>, &'static str, bool)| {
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
            let same = value.written == Written::B64 && Octets::base64(value.octets.expose()).get() == octets.get();
            if !same {
                add(octets, one(&SECRET_ENCODING), note, true);
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
        add(Octets::of(&[&octets[..end]]), one(&NONCE_CUT_AT_NUL), "", true);
    }
    whitespace(octets, |octets, note| add(octets, one(&SECRET_WHITESPACE), note, false));
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

/// Adds the nonces that are no key's: constants, and readings of the special nonce.
pub(super) fn constants(axis: &mut Axis) {
    axis.add(Part::new(Octets::open(&SPECIAL), None).used(NonceUsed::Special));
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
        let mut part = Part::new(Octets::open(octets), Some(Found::new(row))).note(note);
        part.likely = likely;
        axis.add(part);
    }
    for text in ["SyncEvolution", "1234", "12345", "MTIzNA=="] {
        let part = Part::new(Octets::open(text.as_bytes()), Some(Found::text(&NONCE_CONSTANT, text)));
        axis.add(part.likely());
    }
}

/// The empty nonce, where the entry has others.
pub(super) fn empty(axis: &mut Axis) {
    axis.add(Part::new(Octets::open(b""), Some(Found::new(&NONCE_EMPTY))).likely());
}

/// How the digest of a trigger may be written.
#[derive(Clone, Copy)]
enum Form {
    Base64,
    Raw,
    Hex,
}

/// What is fed of a trigger: a digest that is being hashed, or octets as they are.
enum Content {
    Digest(u16, Form),
    Octets(Octets<'static>),
}

/// A way to feed the trigger that is being made.
pub(super) struct Fed {
    content: Content,
    names: [Option<Found>; 2],
    note: &'static str,
    likely: bool,
}

/// Triggers on their way: all are hashed together.
struct Triggers<'b> {
    batch: &'b mut Batch,
    pending: &'b mut Vec<Fed>,
}

impl Triggers<'_> {
    /// B64(H(parts)) under a name.
    fn put(&mut self, parts: &[&[u8]], name: Option<Found>, note: &'static str, likely: bool) {
        let at = self.batch.put(parts);
        self.pending.push(Fed { content: Content::Digest(at, Form::Base64), names: [name, None], note, likely });
    }

    /// The octets in the forms of a digest nobody should write, and for other octets than the trigger in the standard one.
    fn forms(&mut self, octets: &[u8], name: Option<Found>) {
        let at = self.batch.put(&[octets]);
        for (content, row) in [
            (Content::Digest(at, Form::Raw), &TRIGGER_DIGEST_RAW),
            (Content::Digest(at, Form::Hex), &TRIGGER_DIGEST_HEX),
            (Content::Octets(Octets::open(octets)), &TRIGGER_RAW),
        ] {
            let row = Some(Found::new(row));
            let names = if name.is_some() { [name, row] } else { [row, None] };
            self.pending.push(Fed { content, names, note: "", likely: true });
        }
        if name.is_some() {
            let content = Content::Digest(at, Form::Base64);
            self.pending.push(Fed { content, names: [name, None], note: "", likely: true });
        }
    }

    fn add_to(self, axis: &mut Axis) {
        let digests = self.batch.digests();
        for Fed { content, names: [first, second], note, likely } in self.pending.drain(..) {
            let octets = match content {
                Content::Octets(octets) => octets,
                Content::Digest(at, form) => {
                    let Some(digest) = digests.get(usize::from(at)) else { continue };
                    match form {
                        Form::Base64 => Octets::open(&hash::b64(digest)),
                        Form::Raw => Octets::open(digest),
                        Form::Hex => Octets::open(&hash::hex(digest)),
                    }
                }
            };
            let mut part = Part::new(octets, first).note(note);
            part.likely = likely;
            axis.add(if let Some(second) = second { part.with(second) } else { part });
        }
    }
}

/// Adds the ways to feed the trigger; `pending` is room that is used meanwhile.
pub(super) fn triggers(subject: &Subject<'_>, batch: &mut Batch, pending: &mut Vec<Fed>, axis: &mut Axis) {
    let trigger = subject.trigger_octets();
    let mut all = Triggers { batch, pending };
    all.put(&[trigger], None, "", false);
    let header = HEADER_12 + subject.server_id.map_or(0, <[u8]>::len);
    let head = trigger.get(..header).unwrap_or(trigger);
    let vendor = trigger.get(header..).unwrap_or(&[]);
    all.forms(trigger, None);
    if !vendor.is_empty() {
        all.forms(head, Some(Found::new(&TRIGGER_HEADER_ONLY)));
    }
    if trigger.len() > 255 {
        let start = trigger.get(..trigger.len() % 256).unwrap_or(&[]);
        all.forms(start, Some(Found::new(&TRIGGER_LENGTH_MOD_256)));
    }
    let with_digest = Some(Found::new(&TRIGGER_WITH_DIGEST));
    all.put(&[&[0; 16], trigger], with_digest, "", true);
    let shorter = trigger.get(..trigger.len().saturating_sub(16)).unwrap_or(&[]);
    all.put(&[&[0; 16], shorter], with_digest, "and the last 16 octets left out", false);
    swapped(&mut all, trigger);
    for cut in (1..=8u32).filter(|cut| (*cut as usize) < vendor.len()) {
        let kept = trigger.get(..trigger.len() - cut as usize).unwrap_or(trigger);
        all.put(&[kept], Some(Found::number(&VENDOR_CUT, cut)), "", false);
    }
    for (more, note) in [
        (b"\0".as_slice(), "one zero octet more"),
        (b"\n", "a newline more"),
        (b"\r\n", "CR LF more"),
        (b"1010101010101", "the 13 characters 1010101010101 more"),
    ] {
        all.put(&[trigger, more], Some(Found::new(&VENDOR_ADDED)), note, false);
    }
    all.add_to(axis);
}

/// Adds the trigger with fields of its header in the other byte order.
fn swapped(all: &mut Triggers<'_>, trigger: &[u8]) {
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
        all.put(&[&header, rest], Some(Found::new(&HEADER_BYTE_SWAPPED)), note, false);
    }
}
