//! Package #0 of DM Notification 1.2.1: digest, trigger header, vendor-specific body.
//!
//! ```text
//!  0          16                                                   21           23   24      24+n
//!  | digest    | version:10 ui-mode:2 initiator:1 future-use:27     | sessionid  | n  | id    | vendor …
//!  | 128 bits  |                 40 bits                            | 16 bits    | 8  | n x 8 |        (6.1)
//! ```
//!
//! Data Sync notifications share everything up to the server identifier.

use super::dmnoti::{self, DIGEST, Parts, SERVER_ID, SERVER_ID_LENGTH, place};
use super::dmnoti_decide::{FIXED_12, lacks_digest};
use super::dmnoti12_rules as rules;
use super::reader::{CUT, Reader, Stop};
use super::{vendor, wdp};
use crate::model::spec::DMNOTI_12;
use crate::model::{Field, Value};

/// Message version, ten times its number.
pub static VERSION: Field = Field::uint("dmnoti.version", "Version")
    .cite(&DMNOTI_12, "6.2.6")
    .about("Ten times the version of the message: 11 is 1.1, which belongs to DM 1.2; Data Sync sends 12.")
    .values(VERSIONS);

const VERSIONS: &[(u64, &str)] = &[
    (8, "0.8"),
    (9, "0.9"),
    (10, "1.0"),
    (11, "1.1"),
    (12, "1.2"),
    (13, "1.3"),
    (14, "1.4"),
    (15, "1.5"),
    (20, "2.0"),
    (21, "2.1"),
    (1023, "102.3"),
];

/// How much the user should notice.
pub static UI_MODE: Field = Field::uint("dmnoti.ui_mode", "User interaction mode")
    .cite(&DMNOTI_12, "6.2.7")
    .about("A recommendation of the server on how much the user should notice of the session.")
    .values(&[(0, "not-specified"), (1, "background"), (2, "informative"), (3, "user-interaction")]);

/// Who caused the session.
pub static INITIATOR: Field = Field::uint("dmnoti.initiator", "Initiator")
    .cite(&DMNOTI_12, "6.2.8")
    .about("Who caused the session: the end user (client) or the operator (server).")
    .values(&[(0, "client"), (1, "server")]);

/// Bits for the future.
pub static FUTURE_USE: Field =
    Field::uint("dmnoti.future_use", "Future use").cite(&DMNOTI_12, "6.2.9").hex(7).about("27 bits, all zero.");

/// Session identifier, 16 bits, 1..=FFFF.
///
/// Names the session the client is asked to open; on the way back it is written as one to four upper-case hex digits without
/// leading zeros.
pub static SESSION_ID: Field = Field::uint("dmnoti.session_id", "Session identifier")
    .cite(&DMNOTI_12, "6.2.10")
    .hex(4)
    .about("Names the session the client is asked to open.");

/// The session identifier as Package #1 must carry it.
pub static SESSION_ID_TEXT: Field = Field::text("dmnoti.session_id.text", "Session identifier in Package #1")
    .cite(&DMNOTI_12, "6.2.10")
    .about("Upper-case hexadecimal without leading zeros: what SessionID of Package #1 must hold.")
    .generated();

/// Vendor-specific body.
pub static VENDOR: Field = Field::bytes("dmnoti.vendor", "Vendor-specific")
    .cite(&DMNOTI_12, "6.2.13")
    .about("Body of the trigger, up to the end of the message; the digest covers it.");

/// The only legal version.
const VERSION_1_1: u64 = 11;

/// Reads a 1.2 message.
///
/// # Errors
/// The message ends early.
pub(super) fn read(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    if lacks_digest(r.peek()) {
        parts.malformed = true;
        r.flag_with(&rules::NO_DIGEST, r.layer(), format_args!("the trigger starts where the digest should stand"));
        trigger_header(r, parts, true)?;
    } else {
        header(r, parts, true)?;
    }
    body(r);
    Ok(())
}

/// Reads digest and trigger header, up to the server identifier. `is_dm`: the rules of DM apply.
///
/// # Errors
/// The message ends early.
pub(super) fn header(r: &mut Reader<'_, '_>, parts: &mut Parts, is_dm: bool) -> Result<(), Stop> {
    r.short_is(&rules::TOO_SHORT);
    if r.promised() < FIXED_12 {
        parts.malformed = true;
        if r.is_cut() {
            // What is there ends in a finding of the capture; the carrier's own length is too small all the same.
            r.flag_with(&rules::TOO_SHORT, r.layer(), format_args!("the carrier states {} octets", r.promised()));
        }
    }
    let digest = r.bytes(&DIGEST, 16)?;
    parts.digest = Some(place(&digest));
    if dmnoti::is_blank(digest.value) {
        r.flag_with(&rules::NO_DIGEST, digest.node, format_args!("all its octets are equal"));
    }
    trigger_header(r, parts, is_dm)
}

fn trigger_header(r: &mut Reader<'_, '_>, parts: &mut Parts, is_dm: bool) -> Result<(), Stop> {
    let octets = r.peek();
    let version = r.bits(&VERSION, 10)?;
    if is_dm && version.value != VERSION_1_1 {
        let (major, minor) = (version.value / 10, version.value % 10);
        r.flag_with(&rules::VERSION, version.node, format_args!("{major}.{minor}"));
        if let [first, second, ..] = octets
            && u64::from(u16::from_be_bytes([*second, *first]) >> 6) == VERSION_1_1
        {
            r.flag(&rules::SWAPPED, version.node);
        }
    }
    r.bits(&UI_MODE, 2)?;
    r.bits(&INITIATOR, 1)?;
    let future = r.bits(&FUTURE_USE, 27)?;
    if is_dm && future.value != 0 {
        r.flag(&rules::FUTURE_USE, future.node);
    }
    let session = r.u16(&SESSION_ID)?;
    parts.id = Some((session.value, session.node));
    if session.value != 0 {
        let (digits, len) = hex_digits(session.value);
        r.generated_octets(&SESSION_ID_TEXT, digits.get(..len).unwrap_or(&digits));
    } else if is_dm {
        r.flag(&rules::SESSION_ID_ZERO, session.node);
    }
    let length = r.u8(&SERVER_ID_LENGTH)?.map(usize::from);
    if is_dm && length.value == 0 {
        r.flag(&rules::SERVER_ID_EMPTY, length.node);
    }
    let overrun = length.value > r.promised();
    if overrun && let Some(node) = r.facts().sms.full {
        r.flag(&wdp::CUT_SHORT, node);
    }
    let id = r.within(length, &rules::SERVER_ID_OVERRUN, |r| {
        let id = r.rest(&SERVER_ID);
        if r.is_cut() {
            r.flag_with(
                &CUT,
                id.node,
                format_args!("server identifier: {} of {} octets", id.value.len(), length.value),
            );
        }
        Ok(id)
    });
    if let Some(id) = id {
        parts.server_id = Some(place(&id));
        if is_dm && !id.value.iter().all(|octet| (1..=0x7F).contains(octet)) {
            r.flag(&rules::SERVER_ID_CHARS, id.node);
        }
    }
    parts.malformed |= overrun;
    Ok(())
}

/// A number in upper-case hexadecimal without leading zeros, in the first so many octets.
fn hex_digits(number: u16) -> ([u8; 4], usize) {
    let mut digits = [0; 4];
    let len = number.checked_ilog2().unwrap_or(0).wrapping_div(4).saturating_add(1);
    let len = usize::try_from(len).unwrap_or(digits.len());
    let mut left = number;
    for digit in digits.iter_mut().take(len).rev() {
        let low = (left & 15).to_be_bytes()[1];
        *digit = if low < 10 { b'0'.wrapping_add(low) } else { b'A'.wrapping_sub(10).wrapping_add(low) };
        left >>= 4;
    }
    (digits, len)
}

/// Reads what follows the server identifier.
fn body(r: &mut Reader<'_, '_>) {
    let octets = r.peek();
    if r.is_done() {
        return;
    }
    let whole = !r.is_cut();
    let promised = r.promised();
    let node = if whole && vendor::fits_samsung(octets) {
        let Ok(group) = r.group(&VENDOR, vendor::samsung) else { return };
        r.set_value(group.node, Value::Raw);
        group.node
    } else {
        r.rest(&VENDOR).node
    };
    r.flag_with(&rules::VENDOR, node, format_args!("{promised} octets"));
    if !whole {
        r.flag_with(&CUT, node, format_args!("vendor-specific: {} of {promised} octets", octets.len()));
    }
}
