//! Package #0 of DM Notification 2.0 (draft of 2012): a header of 32 bits, then options.
//!
//! ```text
//!  0       4        9             16                   32
//!  | VER:4 | OC:5   | RESERVED:7  | NOTIFICATION-ID:16 | { delta:4 length:12 | value } x OC         (5.1, 5.2)
//! ```
//!
//! An option's number is the sum of the deltas so far.

use unicode_normalization::is_nfc;

use super::dmnoti::{self, DIGEST, DIGEST_TIME, Parts, SERVER_ID, SERVER_ID_LENGTH, place};
use super::dmnoti20_rules as rules;
use super::reader::{At, CUT, DATA, Reader, Stop};
use crate::model::spec::DMNOTI_20;
use crate::model::{Field, Severity, Timestamp, Value};

/// Notification version.
pub static VER: Field = Field::uint("dmnoti.ver", "Version")
    .cite(&DMNOTI_20, "5.1.1")
    .about("Version of the notification, not of the DM protocol: 2.");
/// Number of options.
pub static OPTIONS_COUNT: Field = Field::uint("dmnoti.options_count", "Options count")
    .cite(&DMNOTI_20, "5.1.2")
    .about("Exactly so many options follow.");
/// Reserved bits.
pub static RESERVED: Field = Field::uint("dmnoti.reserved", "Reserved").cite(&DMNOTI_20, "5.1.3").hex(2);
/// Notification identifier.
pub static NOTIFICATION_ID: Field = Field::uint("dmnoti.notification_id", "Notification identifier")
    .cite(&DMNOTI_20, "5.1.4")
    .hex(4)
    .about("Together with the server identifier it lets the client detect duplicates.");
/// One option.
pub static OPTION: Field = Field::group("dmnoti.option", "Option").cite(&DMNOTI_20, "5.2");
/// Distance from the number before.
pub static OPTION_DELTA: Field = Field::uint("dmnoti.option.delta", "Option delta")
    .cite(&DMNOTI_20, "5.2")
    .about("Added to the number of the option before; the first option's delta is its number.");
/// Its number.
pub static OPTION_NUMBER: Field = Field::uint("dmnoti.option.number", "Option number")
    .cite(&DMNOTI_20, "5.2")
    .about("Sum of the deltas so far.")
    .values(NUMBERS)
    .generated();
/// Octets of its value.
pub static OPTION_LENGTH: Field = Field::uint("dmnoti.option.length", "Option length").cite(&DMNOTI_20, "5.2");
/// Its value.
pub static OPTION_VALUE: Field = Field::bytes("dmnoti.option.value", "Option value").cite(&DMNOTI_20, "5.2");
/// A connection type the server prefers.
pub static PREFERRED_CON_TYPE: Field = Field::uint("dmnoti.preferred_con_type", "Preferred connection type")
    .cite(&DMNOTI_20, "5.3.4")
    .about("One node per octet, in falling priority. Reading: the draft names values but no list syntax.")
    .values(&[(0, "not-specified"), (1, "mobile"), (2, "wireless"), (3, "wireline")]);
/// An MO the server asks for.
pub static REQ_MO: Field = Field::uint("dmnoti.req_mo", "Requested MO")
    .cite(&DMNOTI_20, "5.3.2")
    .hex(4)
    .about("Index of a management object that Package #1 must carry; one node per list element.");
/// An MO the server asks for if it changed.
pub static REQ_MO_CV: Field =
    Field::group("dmnoti.req_mo_cv", "Requested MO with cache validator").cite(&DMNOTI_20, "5.3.3");
/// Its index.
pub static REQ_MO_CV_MO: Field = Field::uint("dmnoti.req_mo_cv.mo", "Requested MO").cite(&DMNOTI_20, "5.3.3").hex(4);
/// Its cache validator.
pub static REQ_MO_CV_VALIDATOR: Field =
    Field::bytes("dmnoti.req_mo_cv.validator", "Cache validator").cite(&DMNOTI_20, "5.3.3");

const NUMBERS: &[(u64, &str)] =
    &[(1, "SERVER-ID"), (2, "PREFERRED-CON-TYPE"), (3, "REQ-MO"), (4, "REQ-MO-CV"), (5, "SHA256-DIGEST")];

/// The highest option number the draft defines.
const LAST: u16 = 5;
/// Octets of the digest option: time and digest.
const DIGEST_OPTION: usize = 36;

/// What is known while walking the options.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Walk {
    /// Number of the last option.
    pub(super) number: u16,
    /// Numbers 0..=15 that were seen, as bits.
    seen: u16,
}

impl Walk {
    fn saw(self, number: u16) -> bool {
        number < 16 && self.seen >> number & 1 == 1
    }
}

/// Reads a 2.0 message.
///
/// # Errors
/// The message ends early.
pub(super) fn read(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    r.short_is(&rules::TOO_SHORT);
    let result = whole(r, parts);
    if result.is_err() && !r.is_cut() && parts.digest.is_none() {
        parts.malformed = true;
    }
    result
}

fn whole(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    let mut walk = Walk::default();
    let count = header(r, parts)?;
    options(r, parts, &mut walk, count, read_option)?;
    end(r);
    if !walk.saw(1) {
        r.flag(&rules::NO_SERVER_ID, r.layer());
    }
    if !walk.saw(5) {
        r.flag(&rules::UNSIGNED, r.layer());
    }
    Ok(())
}

fn header(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<At<u64>, Stop> {
    if r.is_cut() && r.promised() < 4 {
        r.flag_with(&rules::TOO_SHORT, r.layer(), format_args!("the carrier states {} octets", r.promised()));
    }
    let ver = r.bits(&VER, 4)?;
    if ver.value != 2 {
        r.flag(&rules::VERSION, ver.node);
    }
    let count = r.bits(&OPTIONS_COUNT, 5)?;
    let reserved = r.bits(&RESERVED, 7)?;
    if reserved.value != 0 {
        r.flag(&rules::RESERVED, reserved.node);
    }
    let id = r.u16(&NOTIFICATION_ID)?;
    parts.id = Some((id.value, id.node));
    Ok(count)
}

/// Reads the value of the option the walk has come to.
pub(super) type ReadOption = fn(&mut Reader<'_, '_>, &mut Parts, Walk) -> Result<(), Stop>;

/// Walks the options.
///
/// # Errors
/// They run past the end.
pub(super) fn options(
    r: &mut Reader<'_, '_>,
    parts: &mut Parts,
    walk: &mut Walk,
    count: At<u64>,
    read: ReadOption,
) -> Result<(), Stop> {
    for k in 1..=count.value {
        if r.promised() < 2 {
            let left = r.promised();
            return Err(r.stop_with(
                &rules::TRUNCATED,
                count.node,
                format_args!("option {k} of {}: its header needs 2 octets, {left} are left", count.value),
            ));
        }
        r.group(&OPTION, |r| option(r, parts, walk, (k, count.value), read))?;
    }
    Ok(())
}

fn option(
    r: &mut Reader<'_, '_>,
    parts: &mut Parts,
    walk: &mut Walk,
    (k, of): (u64, u64),
    read: ReadOption,
) -> Result<(), Stop> {
    let delta = r.bits(&OPTION_DELTA, 4)?;
    walk.number = walk.number.saturating_add(u16::try_from(delta.value).unwrap_or(0));
    let number = walk.number;
    r.generated(&OPTION_NUMBER, Value::Uint(u64::from(number)));
    match (k, delta.value, number) {
        (1, 0, _) => r.flag(&rules::NUMBER_ZERO, delta.node),
        (_, 0, 1..=LAST) => r.flag_with(&rules::REPEATED, delta.node, format_args!("option {number}")),
        (_, 0, 0) => r.flag(&rules::ORDER, delta.node),
        (_, 0, _) => {
            r.flag_as(&rules::ORDER, Severity::Warning, delta.node, format_args!("option {number}, undefined here"));
        }
        _ => {}
    }
    let length = option_length(r, number)?.map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    let (stated, left, there) = (length.value, r.promised(), r.left());
    if stated > left {
        r.rest(&OPTION_VALUE);
        let detail = format_args!("option {k} of {of}: states {stated} octets, {left} are left");
        return Err(r.stop_with(&rules::TRUNCATED, length.node, detail));
    }
    let _ = r.within(length, &rules::TRUNCATED, |r| read(r, parts, *walk));
    walk.seen |= if number < 16 { 1 << number } else { 0 };
    if stated > there {
        let detail = format_args!("option {k} of {of}: {there} of {stated} octets");
        return Err(r.stop_with(&CUT, length.node, detail));
    }
    Ok(())
}

/// The length of an option; that of SERVER-ID is the identifier's length too.
fn option_length(r: &mut Reader<'_, '_>, number: u16) -> Result<At<u64>, Stop> {
    if number != 1 {
        return r.bits(&OPTION_LENGTH, 12);
    }
    let group = r.group(&OPTION_LENGTH, |r| r.bits(&SERVER_ID_LENGTH, 12))?;
    r.set_value(group.node, Value::Uint(group.value.value));
    Ok(At { value: group.value.value, node: group.node, span: group.span })
}

/// The end of the options: nothing may follow.
pub(super) fn end(r: &mut Reader<'_, '_>) {
    let trailing = r.promised();
    if trailing > 0 {
        let node = r.rest(&DATA).node;
        r.flag_with(&rules::TRAILING, node, format_args!("{trailing} octets"));
    }
}

/// Reads the value of an option as octets that have children.
pub(super) fn value<'t, 'b, T>(
    r: &mut Reader<'t, 'b>,
    read: impl FnOnce(&mut Reader<'t, 'b>) -> Result<T, Stop>,
) -> Result<At<T>, Stop> {
    let group = r.group(&OPTION_VALUE, |r| {
        let result = read(r);
        // Octets that form no element stay inside the value.
        if r.left() > 0 {
            r.rest(&DATA);
        }
        result
    });
    if let Ok(group) = &group {
        r.set_value(group.node, Value::Raw);
    }
    group
}

fn read_option(r: &mut Reader<'_, '_>, parts: &mut Parts, walk: Walk) -> Result<(), Stop> {
    match walk.number {
        1 => server_id(r, parts),
        2 => connection_types(r, true),
        3 => requested(r),
        4 => requested_with_validator(r),
        5 => digest(r, parts, walk),
        _ => {
            let at = r.rest(&OPTION_VALUE);
            if walk.number > LAST {
                r.flag_with(&rules::UNKNOWN_OPTION, at.node, format_args!("option {}", walk.number));
            }
            Ok(())
        }
    }
}

/// Option 1.
pub(super) fn server_id(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    let whole = !r.is_cut();
    let id = value(r, |r| Ok(r.rest(&SERVER_ID)))?.value;
    parts.server_id = parts.server_id.or(Some(place(&id)));
    let rule = &rules::SERVER_ID_TEXT;
    match std::str::from_utf8(id.value) {
        _ if !whole => {}
        Err(_) => r.flag_with(rule, id.node, format_args!("invalid UTF-8")),
        Ok("") => r.flag_as(rule, Severity::Warning, id.node, format_args!("empty")),
        // ASCII is normalised.
        Ok(text) if text.is_ascii() && !text.bytes().any(|octet| octet.is_ascii_control()) => {}
        Ok(text) if text.chars().any(char::is_control) => {
            r.flag_as(rule, Severity::Warning, id.node, format_args!("control characters"));
        }
        Ok(text) if !is_nfc(text) => r.flag_as(rule, Severity::Warning, id.node, format_args!("not normalised (NFC)")),
        Ok(_) => {}
    }
    Ok(())
}

/// Option 2. `checked`: the rules of the draft apply.
pub(super) fn connection_types(r: &mut Reader<'_, '_>, checked: bool) -> Result<(), Stop> {
    let (octets, whole) = (r.peek(), !r.is_cut());
    let group = value(r, |r| {
        while r.left() > 0 {
            let at = r.u8(&PREFERRED_CON_TYPE)?;
            if checked && at.value > 3 {
                r.flag_with(&rules::CON_TYPE, at.node, format_args!("{}", at.value));
            }
        }
        Ok(())
    })?;
    let repeats = octets.iter().enumerate().any(|(k, octet)| octets.iter().take(k).any(|before| before == octet));
    let problem = match octets {
        _ if !checked || !whole => None,
        [] => Some("empty"),
        _ if repeats => Some("a value stands twice"),
        [_, _, ..] if octets.contains(&0) => Some("0 (not specified) beside others"),
        _ => None,
    };
    if let Some(problem) = problem {
        r.flag_with(&rules::CON_TYPE_LIST, group.node, format_args!("{problem}"));
    }
    Ok(())
}

/// Option 3.
fn requested(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let (len, whole) = (r.left(), !r.is_cut());
    let group = value(r, |r| {
        while r.left() >= 2 {
            r.u16(&REQ_MO)?;
        }
        Ok(())
    })?;
    if whole && !len.is_multiple_of(2) {
        r.flag_with(&rules::REQ_MO_ODD, group.node, format_args!("{len} octets"));
    }
    if whole && len == 0 {
        r.flag(&rules::REQ_MO_EMPTY, group.node);
    }
    Ok(())
}

/// Option 4.
fn requested_with_validator(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let (len, whole) = (r.left(), !r.is_cut());
    let group = value(r, |r| {
        while r.left() >= 6 {
            r.group(&REQ_MO_CV, |r| {
                r.u16(&REQ_MO_CV_MO)?;
                r.bytes(&REQ_MO_CV_VALIDATOR, 4)
            })?;
        }
        Ok(())
    })?;
    if whole && !len.is_multiple_of(6) {
        r.flag_with(&rules::REQ_MO_CV_LENGTH, group.node, format_args!("{len} octets"));
    }
    if whole && len == 0 {
        r.flag(&rules::REQ_MO_CV_EMPTY, group.node);
    }
    Ok(())
}

/// Option 5.
fn digest(r: &mut Reader<'_, '_>, parts: &mut Parts, walk: Walk) -> Result<(), Stop> {
    let len = r.promised();
    if len != DIGEST_OPTION {
        parts.malformed = true;
        let at = r.rest(&OPTION_VALUE);
        r.flag_with(&rules::DIGEST_LENGTH, at.node, format_args!("{len} octets"));
        return Ok(());
    }
    let again = walk.saw(5);
    parts.malformed |= again;
    let span = r.ahead();
    value(r, |r| {
        if r.left() < 4 {
            return Ok(());
        }
        let seconds = sending_time(r)?;
        if r.left() < 32 {
            return Ok(());
        }
        let digest = r.bytes(&DIGEST, 32)?;
        if dmnoti::is_blank(digest.value) {
            r.flag(&rules::DIGEST_ZERO, digest.node);
        }
        if !again {
            parts.time = Some((seconds.value, seconds.node));
            parts.digest = Some(place(&digest));
            parts.digest_option = Some(span);
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads four octets of time: seconds since 1970, unsigned.
///
/// # Errors
/// The octets run out.
pub(super) fn sending_time(r: &mut Reader<'_, '_>) -> Result<At<u32>, Stop> {
    let seconds = r.u32(&DIGEST_TIME)?;
    r.set_value(seconds.node, Value::Time(Timestamp::from_secs(i64::from(seconds.value), 0)));
    Ok(seconds)
}
