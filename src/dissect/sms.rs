//! SMS TPDUs: DELIVER, SUBMIT, STATUS-REPORT, COMMAND and the reports.
//!
//! The direction comes from the carrier; where none is known, the PDU is the one the network sends or, for type 01, SUBMIT.
//! Must not know the layers around it, nor join parts: user data with a header belong to [`super::wdp`].
//!
//! ```text
//!  DELIVER        first octet | OA 2..12 | PID | DCS | SCTS 7 | UDL | UD          (23.040 9.2.2)
//!  SUBMIT         first octet | MR | DA 2..12 | PID | DCS | VP 0, 1, 7 | UDL | UD
//!  STATUS-REPORT  first octet | MR | RA 2..12 | SCTS 7 | DT 7 | ST | PI … optional
//!  COMMAND        first octet | MR | PID | CT | MN | DA 2..12 | CDL | CD
//!  reports        first octet | FCS in errors | PI | SCTS (SUBMIT-REPORT) | PID, DCS, UDL, UD as PI says
//! ```

use super::claim::{Claim, Dissector};
use super::facts::{Carrier, Coding, Leg};
use super::reader::{At, Reader, Stop};
use super::sms_fields::{
    ADDRESS_LENGTH, BODY, COMMAND, COMMAND_DATA, COMMAND_LENGTH, COMPRESSED, DA, DA_DIGITS, DAY, DCS, DCS_CHARACTERS,
    DCS_CLASS, DCS_CODING, DCS_COMPRESSED, DCS_GROUP, DCS_GROUP_4, DCS_HAS_CLASS, DCS_RESERVED, DCS_SENSE, DCS_WAITING,
    DISCHARGE, EXTENSION, FCS, FIELDS, HOUR, LP, MESSAGE_NUMBER, MINUTES, MMS, MONTH, MR, MTI, NUM_PLAN, NUM_TYPE, OA,
    OA_DIGITS, PDU, PI, PI_DCS, PI_EXTENSION, PI_PID, PI_RESERVED, PI_UDL, PID, PID_CENTRE, PID_DEVICE, PID_FORMAT,
    PID_MESSAGE, PID_PROTOCOL, PID_RESERVED, PID_TELEMATIC, RA, RA_DIGITS, RD, RP, SCTS, SECONDS, SMS, SPARE, SRI, SRQ,
    SRR, ST_DEFINITION, ST_ERROR, ST_REASON, STATUS, TEXT, TIMEZONE, UDHI, UDL, VP, VP_ABSOLUTE, VP_DURATION,
    VP_EXTENSION, VP_FORM, VP_HOUR, VP_MINUTES, VP_RELATIVE, VP_RESERVED, VP_SECONDS, VP_SINGLE, VP_UNUSED, VPF, YEAR,
};
use super::sms_text;
use super::wsp;
use crate::model::spec::TS_23_040;
use crate::model::{Duration, Field, Group, Rule, Timestamp, Value};

/// The user data are longer or shorter than stated.
pub static LENGTHS: Rule = Rule::error("SMS-001", Group::Malformed)
    .cite(&TS_23_040, "9.2.3.16")
    .text("the TPDU's lengths do not come out")
    .explain(
        "A length in the TPDU states more octets than the TPDU has.",
        "A handset rejects the message, or takes other octets for the push.",
        "Look at who built the TPDU, and at the length the layer around it states.",
    );

/// An address cannot be.
pub static ADDRESS: Rule = Rule::warning("SMS-002", Group::Malformed)
    .cite(&TS_23_040, "9.1.2.5")
    .text("an address is longer than 20 digits")
    .explain(
        "An address of a TPDU has at most ten octets of digits.",
        "What follows the address may be read in the wrong place.",
        "Look at who built the TPDU: the length counts digits, not octets.",
    );

/// A time stamp cannot be.
pub static TIME: Rule = Rule::note("SMS-003", Group::Malformed)
    .cite(&TS_23_040, "9.2.3.11")
    .text("a time stamp states no point in time")
    .explain(
        "Month, day or time of day are out of range.",
        "The message itself is not affected.",
        "Look at the clock and the encoder of the service centre.",
    );

/// A push without a header.
pub static NO_HEADER: Rule = Rule::error("SMS-004", Group::Protocol)
    .cite(&TS_23_040, "9.2.3.24.4")
    .text("a push without application ports: nothing says whose it is")
    .explain(
        "The octets are those of a push with a DM content type, but no user data header with ports stands in front.",
        "A handset takes it for a text or data message to the user.",
        "Set TP-UDHI and put ports in front, or see which gateway drops them.",
    );

/// The message type is reserved.
pub static RESERVED_TYPE: Rule = Rule::note("SMS-005", Group::Undecoded)
    .cite(&TS_23_040, "9.2.3.1")
    .text("a reserved message type; read as DELIVER")
    .explain(
        "Type 11 is reserved; receivers in the network reject it, handsets read it as DELIVER.",
        "The octets are probably no TPDU.",
        "Look at the layer around it.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &SMS,
    claims: &[],
    fields: FIELDS,
    rules: &[&LENGTHS, &ADDRESS, &TIME, &NO_HEADER, &RESERVED_TYPE],
    dissect,
    probe: None,
};

/// Most digits of an address.
const DIGITS_MAX: u8 = 20;

/// Octets of user data that one short message has room for.
const FULL: usize = 140;

/// Which address of a TPDU.
struct Party {
    group: &'static Field,
    digits: &'static Field,
    from: bool,
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    if r.facts().carrier == Carrier::None {
        r.facts().enter_sms(Carrier::Sms);
    }
    let first = r.peek().first().copied().unwrap_or(0);
    let to_network = r.facts().sms.to_network;
    match (first & 3, to_network) {
        (0 | 3, Some(true)) => report(r, false),
        (0 | 3, _) => deliver(r),
        (1, Some(false)) => report(r, true),
        (1, _) => submit(r),
        (2, Some(true)) => command(r),
        (2, _) => status_report(r),
        _ => Ok(()),
    }
}

/// Names the PDU, once its first octet is read.
fn named(r: &mut Reader<'_, '_>, name: &str) {
    r.generated_text(&PDU, format_args!("{name}"));
}

fn deliver(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bit(&RP)?;
    let header = r.bit(&UDHI)?.value;
    r.bit(&SRI)?;
    r.bits(&SPARE, 1)?;
    r.bit(&LP)?;
    r.bit(&MMS)?;
    let mti = r.bits(&MTI, 2)?;
    if mti.value == 3 {
        r.flag(&RESERVED_TYPE, mti.node);
    }
    named(r, "SMS-DELIVER");
    address(r, &Party { group: &OA, digits: &OA_DIGITS, from: true })?;
    pid(r)?;
    let coding = dcs(r)?;
    time(r, &SCTS)?;
    user_data(r, header, coding)
}

fn submit(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bit(&RP)?;
    let header = r.bit(&UDHI)?.value;
    r.bit(&SRR)?;
    // The two bits stand in the order b4, b3: 10 is relative.
    let validity = r.bits(&VPF, 2)?.value;
    r.bit(&RD)?;
    r.bits(&MTI, 2)?;
    named(r, "SMS-SUBMIT");
    r.u8(&MR)?;
    address(r, &Party { group: &DA, digits: &DA_DIGITS, from: false })?;
    pid(r)?;
    let coding = dcs(r)?;
    match validity {
        1 => r.group(&VP, enhanced).map(drop)?,
        2 => r.group(&VP, relative).map(drop)?,
        3 => time(r, &VP_ABSOLUTE)?,
        _ => {}
    }
    user_data(r, header, coding)
}

fn status_report(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bits(&SPARE, 1)?;
    let header = r.bit(&UDHI)?.value;
    r.bit(&SRQ)?;
    r.bits(&SPARE, 1)?;
    r.bit(&LP)?;
    r.bit(&MMS)?;
    r.bits(&MTI, 2)?;
    named(r, "SMS-STATUS-REPORT");
    r.u8(&MR)?;
    address(r, &Party { group: &RA, digits: &RA_DIGITS, from: false })?;
    time(r, &SCTS)?;
    time(r, &DISCHARGE)?;
    let octet = r.peek().first().copied().unwrap_or(0);
    let status = r.group(&STATUS, |r| {
        r.bit(&ST_DEFINITION)?;
        r.bits(&ST_ERROR, 2)?;
        r.bits(&ST_REASON, 5)
    })?;
    r.set_value(status.node, Value::Uint(u64::from(octet)));
    if r.is_done() {
        return Ok(());
    }
    optional(r, header)
}

fn command(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bits(&SPARE, 1)?;
    r.bit(&UDHI)?;
    r.bit(&SRR)?;
    r.bits(&SPARE, 3)?;
    r.bits(&MTI, 2)?;
    named(r, "SMS-COMMAND");
    r.u8(&MR)?;
    pid(r)?;
    r.u8(&COMMAND)?;
    r.u8(&MESSAGE_NUMBER)?;
    address(r, &Party { group: &DA, digits: &DA_DIGITS, from: false })?;
    let len = r.u8(&COMMAND_LENGTH)?.map(usize::from);
    if len.value > 0 {
        r.within(len, &LENGTHS, |r| {
            let n = r.promised();
            r.bytes(&COMMAND_DATA, n)
        });
    }
    Ok(())
}

/// DELIVER-REPORT and SUBMIT-REPORT.
fn report(r: &mut Reader<'_, '_>, is_submit: bool) -> Result<(), Stop> {
    r.bits(&SPARE, 1)?;
    let header = r.bit(&UDHI)?.value;
    r.bits(&SPARE, 4)?;
    r.bits(&MTI, 2)?;
    named(r, if is_submit { "SMS-SUBMIT-REPORT" } else { "SMS-DELIVER-REPORT" });
    // Failure causes have bit 7 set; a parameter indicator never has, until extensions exist.
    let has_cause = r.peek().first().is_some_and(|octet| octet & 0x80 != 0);
    if r.facts().sms.in_error || has_cause {
        r.u8(&FCS)?;
    }
    let flags = indicator(r)?;
    if is_submit {
        time(r, &SCTS)?;
    }
    parameters(r, header, flags)
}

/// What may follow a STATUS-REPORT.
fn optional(r: &mut Reader<'_, '_>, header: bool) -> Result<(), Stop> {
    let flags = indicator(r)?;
    parameters(r, header, flags)
}

/// Reads the parameter indicator; the answer is its first octet.
fn indicator(r: &mut Reader<'_, '_>) -> Result<u8, Stop> {
    let mut first = None;
    loop {
        let octet = r.peek().first().copied().unwrap_or(0);
        let at = r.group(&PI, |r| {
            let more = r.bit(&PI_EXTENSION)?.value;
            r.bits(&PI_RESERVED, 4)?;
            r.bit(&PI_UDL)?;
            r.bit(&PI_DCS)?;
            r.bit(&PI_PID)?;
            Ok(more)
        })?;
        r.set_value(at.node, Value::Uint(u64::from(octet)));
        let flags = *first.get_or_insert(octet);
        if !at.value {
            return Ok(flags);
        }
    }
}

fn parameters(r: &mut Reader<'_, '_>, header: bool, flags: u8) -> Result<(), Stop> {
    if flags & 1 != 0 {
        pid(r)?;
    }
    let coding = if flags & 2 != 0 { dcs(r)? } else { Scheme::Septets };
    if flags & 4 != 0 {
        user_data(r, header, coding)?;
    }
    Ok(())
}

fn address(r: &mut Reader<'_, '_>, party: &Party) -> Result<(), Stop> {
    r.group(party.group, |r| {
        let len = r.u8(&ADDRESS_LENGTH)?;
        if len.value > DIGITS_MAX {
            r.flag_with(&ADDRESS, len.node, format_args!("{} digits", len.value));
        }
        r.bit(&EXTENSION)?;
        let kind = r.bits(&NUM_TYPE, 3)?.value;
        r.bits(&NUM_PLAN, 4)?;
        if len.value == 0 {
            return Ok(());
        }
        let count = usize::from(len.value);
        let octets = r.bytes(party.digits, count.div_ceil(2))?;
        let text = if kind == 5 {
            let septets = count.saturating_mul(4) / 7;
            sms_text::text(&sms_text::septets(octets.value, 0, septets))
        } else {
            sms_text::digits(octets.value, count)
        };
        let value = r.scratch_bytes(text.as_bytes());
        r.set_value(octets.node, value);
        let mark = address_mark(text.as_bytes());
        let sms = &mut r.facts().sms;
        *(if party.from { &mut sms.from } else { &mut sms.to }) = mark;
        Ok(())
    })?;
    Ok(())
}

/// Fingerprint of an address as text, the same on every carrier.
pub(super) fn address_mark(digits: &[u8]) -> Leg {
    Leg::default().step("address", digits)
}

fn pid(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let octet = r.peek().first().copied().unwrap_or(0);
    let at = r.group(&PID, |r| match r.bits(&PID_FORMAT, 2)?.value {
        0 => {
            let field = if r.bit(&PID_TELEMATIC)?.value { &PID_DEVICE } else { &PID_PROTOCOL };
            r.bits(field, 5)
        }
        1 => r.bits(&PID_MESSAGE, 6),
        2 => r.bits(&PID_RESERVED, 6),
        _ => r.bits(&PID_CENTRE, 6),
    })?;
    r.set_value(at.node, Value::Uint(u64::from(octet)));
    Ok(())
}

/// What a data coding scheme makes of the user data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Packed 7-bit characters.
    Septets,
    /// Octets.
    Octets,
    /// UCS2.
    Ucs2,
    /// Compressed, or reserved.
    Opaque,
}

/// What a data coding scheme means (23.038 chapter 4).
///
/// Reading: the reserved groups 80..BF and the reserved character set are octets that nobody can read.
pub(super) const fn scheme(dcs: u8) -> Scheme {
    match (dcs >> 4, dcs & 0x2c) {
        (0..=7, bits) if bits & 0x20 != 0 => Scheme::Opaque,
        (0..=7, 0x00) | (0xc | 0xd, _) => Scheme::Septets,
        (0..=7, 0x04) => Scheme::Octets,
        (0..=7, 0x08) | (0xe, _) => Scheme::Ucs2,
        (0xf, _) => match dcs & 0x0c {
            0x04 => Scheme::Octets,
            0x00 => Scheme::Septets,
            _ => Scheme::Opaque,
        },
        _ => Scheme::Opaque,
    }
}

fn dcs(r: &mut Reader<'_, '_>) -> Result<Scheme, Stop> {
    let octet = r.peek().first().copied().unwrap_or(0);
    let at = r.group(&DCS, |r| {
        match octet >> 4 {
            0..=7 => {
                r.bits(&DCS_GROUP, 2)?;
                r.bit(&DCS_COMPRESSED)?;
                r.bit(&DCS_HAS_CLASS)?;
                r.bits(&DCS_CHARACTERS, 2)?;
                r.bits(&DCS_CLASS, 2)?;
            }
            0xc..=0xe => {
                r.bits(&DCS_GROUP_4, 4)?;
                r.bit(&DCS_SENSE)?;
                r.bits(&DCS_RESERVED, 1)?;
                r.bits(&DCS_WAITING, 2)?;
            }
            0xf => {
                r.bits(&DCS_GROUP_4, 4)?;
                r.bits(&DCS_RESERVED, 1)?;
                r.bit(&DCS_CODING)?;
                r.bits(&DCS_CLASS, 2)?;
            }
            _ => {
                r.bits(&DCS_GROUP_4, 4)?;
                r.bits(&DCS_RESERVED, 4)?;
            }
        }
        Ok(())
    })?;
    r.set_value(at.node, Value::Uint(u64::from(octet)));
    r.facts().sms.coding_node = Some(at.node);
    Ok(scheme(octet))
}

/// Reads a time stamp of seven octets as a point in time.
fn time(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<(), Stop> {
    let at = r.group(field, |r| {
        let mut parts = [0u8; 6];
        for (part, field) in parts.iter_mut().zip([&YEAR, &MONTH, &DAY, &HOUR, &MINUTES, &SECONDS]) {
            let at = r.u8(field)?;
            *part = sms_text::swapped(at.value);
            r.set_value(at.node, Value::Uint(u64::from(*part)));
        }
        let zone = r.u8(&TIMEZONE)?.value;
        Ok((parts, zone))
    })?;
    let (parts, zone) = at.value;
    match point(parts, zone) {
        Some(time) => r.set_value(at.node, Value::Time(time)),
        None => r.flag(&TIME, at.node),
    }
    Ok(())
}

/// The point in time that year (two digits), month, day, hour, minutes, seconds and zone state.
fn point([year, month, day, hour, minutes, seconds]: [u8; 6], zone: u8) -> Option<Timestamp> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    // Reading: the century of two digits is 2000 up to 89.
    let year = if year < 90 { i64::from(year).saturating_add(2000) } else { i64::from(year).saturating_add(1900) };
    // Days from the civil calendar, years beginning in March.
    let (y, m) = if month > 2 {
        (year, i64::from(month).saturating_sub(3))
    } else {
        (year.saturating_sub(1), i64::from(month).saturating_add(9))
    };
    let days = y.saturating_mul(365).saturating_add(y / 4).saturating_sub(y / 100).saturating_add(y / 400);
    let days = days.saturating_add(m.saturating_mul(153).saturating_add(2) / 5).saturating_add(i64::from(day));
    let days = days.saturating_sub(719_469);
    let clock = i64::from(hour).saturating_mul(3600).saturating_add(i64::from(minutes).saturating_mul(60));
    let local = days.saturating_mul(86_400).saturating_add(clock).saturating_add(i64::from(seconds));
    let quarters = i64::from(sms_text::swapped(zone & !8));
    let offset = quarters.saturating_mul(900);
    let utc = if zone & 8 != 0 { local.saturating_add(offset) } else { local.saturating_sub(offset) };
    Some(Timestamp::from_secs(utc, 0))
}

/// Seconds that a relative validity period stands for.
fn relative_seconds(octet: u8) -> i64 {
    let n = i64::from(octet);
    match octet {
        0..=143 => n.saturating_add(1).saturating_mul(300),
        144..=167 => n.saturating_sub(143).saturating_mul(1800).saturating_add(43_200),
        168..=196 => n.saturating_sub(166).saturating_mul(86_400),
        _ => n.saturating_sub(192).saturating_mul(604_800),
    }
}

fn relative(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let octet = r.u8(&VP_RELATIVE)?.value;
    r.generated(&VP_DURATION, Value::Duration(Duration::from_secs(relative_seconds(octet))));
    Ok(())
}

fn enhanced(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let mut unused = 6usize;
    r.bit(&VP_EXTENSION)?;
    r.bit(&VP_SINGLE)?;
    r.bits(&VP_RESERVED, 3)?;
    match r.bits(&VP_FORM, 3)?.value {
        1 => {
            relative(r)?;
            unused = 5;
        }
        2 => {
            r.u8(&VP_SECONDS)?;
            unused = 5;
        }
        3 => {
            for field in [&VP_HOUR, &VP_MINUTES, &VP_SECONDS] {
                let at = r.u8(field)?;
                r.set_value(at.node, Value::Uint(u64::from(sms_text::swapped(at.value))));
            }
            unused = 3;
        }
        _ => {}
    }
    r.bytes(&VP_UNUSED, unused)?;
    Ok(())
}

fn user_data(r: &mut Reader<'_, '_>, header: bool, scheme: Scheme) -> Result<(), Stop> {
    let len = r.u8(&UDL)?;
    let stated = usize::from(len.value);
    let octets = if scheme == Scheme::Septets { stated.saturating_mul(7).div_ceil(8) } else { stated };
    // A sender that means octets but says characters counts octets, too: then all of them are there.
    let octets = if scheme == Scheme::Septets && header && stated == r.promised() { stated } else { octets };
    if octets == 0 {
        return Ok(());
    }
    let sms = &mut r.facts().sms;
    sms.coding = match scheme {
        Scheme::Octets => Coding::Octets,
        Scheme::Septets => Coding::Septets(len.value),
        Scheme::Ucs2 | Scheme::Opaque => Coding::Other,
    };
    sms.full = (octets >= FULL).then_some(len.node);
    let octets = len.map(|_| octets);
    if header || (scheme == Scheme::Octets && wsp::is_dm_push(r.peek())) {
        if !header {
            r.flag(&NO_HEADER, len.node);
        }
        let room = r.promised();
        if octets.value > room {
            r.flag_with(&LENGTHS, len.node, format_args!("states {} octets, {room} are left", octets.value));
        }
        let claim = if header { "gsm_sms_ud" } else { "wsp" };
        r.hand_over_part(octets.value, Claim::Named(claim));
        return Ok(());
    }
    r.within(octets, &LENGTHS, |r| body(r, scheme, stated));
    Ok(())
}

/// User data without a header.
fn body(r: &mut Reader<'_, '_>, scheme: Scheme, stated: usize) -> Result<(), Stop> {
    let wanted = r.promised();
    match scheme {
        Scheme::Octets => drop(r.bytes(&BODY, wanted)?),
        Scheme::Opaque => drop(r.bytes(&COMPRESSED, wanted)?),
        Scheme::Septets => characters(r, wanted, 0, stated)?,
        Scheme::Ucs2 => {
            let at = r.bytes(&TEXT, wanted)?;
            let text = sms_text::ucs2(at.value);
            let value = r.scratch_bytes(text.as_bytes());
            r.set_value(at.node, value);
        }
    }
    Ok(())
}

/// Reads `octets` octets as `count` packed characters that begin `skip` bits into the first.
pub(super) fn characters(r: &mut Reader<'_, '_>, octets: usize, skip: u32, count: usize) -> Result<(), Stop> {
    let at: At<&[u8]> = r.bytes(&TEXT, octets)?;
    let text = sms_text::text(&sms_text::septets(at.value, skip, count));
    let value = r.scratch_bytes(text.as_bytes());
    r.set_value(at.node, value);
    Ok(())
}
