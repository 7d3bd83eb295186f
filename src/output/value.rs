//! Values as text: for columns (`-T fields`), for people (tree), and for machines (JSON).
//!
//! Must not know where the text goes; what it makes from a packet's own text is always safe to show.

use std::fmt::Write;
use std::net::Ipv6Addr;

use super::number::{push_decimal, push_padded};
use crate::model::visible::push_visible;
use crate::model::{Base, Duration, Field, Kind, Timestamp, Value};

/// Appends a value as a column shows it: numbers as the field shows them, no value names, bytes as hex, text escaped.
pub fn push_plain(out: &mut String, field: &Field, value: Value, octets: &[u8]) {
    match value {
        Value::None => {}
        Value::Bool(flag) => out.push(if flag { '1' } else { '0' }),
        Value::Uint(number) => push_uint(out, field, number),
        Value::Int(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Time(time) => push_time(out, time),
        Value::Duration(span) => push_duration(out, span),
        Value::Frame { number, index } => {
            let _ = write!(out, "{number}");
            if index > 1 {
                let _ = write!(out, ".{index}");
            }
        }
        Value::Raw | Value::Scratch { .. } => push_octets(out, field, octets),
    }
}

fn push_uint(out: &mut String, field: &Field, number: u64) {
    match field.base {
        Base::Dec => push_decimal(out, number),
        Base::Hex(digits) => {
            out.push_str("0x");
            let shown = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
            let first = u32::from(digits).max(shown);
            for at in (0..first).rev() {
                out.push(digit(number.checked_shr(at * 4).unwrap_or(0)));
            }
        }
    }
}

fn push_octets(out: &mut String, field: &Field, octets: &[u8]) {
    match (field.kind, octets) {
        (Kind::Text, _) => push_visible(out, octets),
        (Kind::Ipv4, &[a, b, c, d]) => {
            for (at, octet) in [a, b, c, d].into_iter().enumerate() {
                if at > 0 {
                    out.push('.');
                }
                push_decimal(out, octet.into());
            }
        }
        (Kind::Ipv6, _) => match <[u8; 16]>::try_from(octets) {
            Ok(address) => {
                let _ = write!(out, "{}", Ipv6Addr::from(address));
            }
            Err(_) => push_hex(out, octets),
        },
        (Kind::Ether, _) => {
            for (i, octet) in octets.iter().enumerate() {
                if i > 0 {
                    out.push(':');
                }
                push_hex(out, std::slice::from_ref(octet));
            }
        }
        _ => push_hex(out, octets),
    }
}

/// Appends lower-case hex without separators.
pub fn push_hex(out: &mut String, octets: &[u8]) {
    out.reserve(octets.len() * 2);
    for octet in octets {
        out.push(digit(u64::from(octet >> 4)));
        out.push(digit(u64::from(*octet)));
    }
}

/// The last hex digit of a number.
fn digit(number: u64) -> char {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    char::from(DIGITS[(number & 15) as usize])
}

/// Appends a time as ISO 8601 with nanoseconds, in UTC: `2012-12-12T00:00:00.000000000Z`.
pub fn push_time(out: &mut String, time: Timestamp) {
    let (seconds, nanos) = time.parts();
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(day);
    let parts = [(year, 4, '-'), (month, 2, '-'), (day, 2, 'T')];
    let parts = parts.into_iter().chain([(second / 3600, 2, ':'), (second / 60 % 60, 2, ':'), (second % 60, 2, '.')]);
    for (number, width, mark) in parts.chain([(i64::from(nanos), 9, 'Z')]) {
        push_padded(out, number.unsigned_abs(), width);
        out.push(mark);
    }
}

/// Year, month and day of a day counted from 1970-01-01, by the rules of the Gregorian calendar. Years are counted from March,
/// so that the day that some years have comes last.
const fn date(day: i64) -> (i64, i64, i64) {
    // From 0000-03-01 on; 400 years have 146,097 days.
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, over and over.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + turn, month, day)
}

fn push_duration(out: &mut String, span: Duration) {
    let nanos = span.nanos().unsigned_abs();
    if span.nanos() < 0 {
        out.push('-');
    }
    push_decimal(out, nanos / 1_000_000_000);
    out.push('.');
    push_padded(out, nanos % 1_000_000_000, 9);
}

/// Appends a value as people read it: with the name of the value where it has one.
pub fn push_labelled(out: &mut String, field: &Field, value: Value, octets: &[u8]) {
    match value {
        Value::Uint(number) => match field.value_name(number) {
            Some(name) => {
                out.push_str(name);
                out.push_str(" (");
                push_uint(out, field, number);
                out.push(')');
            }
            None => push_uint(out, field, number),
        },
        Value::Bool(flag) => out.push_str(if flag { "set" } else { "not set" }),
        Value::Duration(span) => {
            push_duration(out, span);
            out.push_str(" s");
        }
        Value::Raw | Value::Scratch { .. } if field.kind == Kind::Text => {
            out.push('"');
            push_visible(out, octets);
            out.push('"');
        }
        _ => push_plain(out, field, value, octets),
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, push_time};

    fn shown(secs: i64) -> String {
        let mut out = String::new();
        push_time(&mut out, Timestamp::from_secs(secs, 0));
        out
    }

    #[test]
    fn times_have_nine_decimals_even_before_the_epoch() {
        assert_eq!(shown(0), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(shown(1_355_270_400), "2012-12-12T00:00:00.000000000Z");
        assert_eq!(shown(-1), "1969-12-31T23:59:59.000000000Z");
    }

    #[test]
    fn times_are_those_of_the_calendar_library() {
        for day in -106_700i64..106_700 {
            let secs = day * 86_400 + day.rem_euclid(86_399);
            let other = jiff::Timestamp::from_second(secs).map(|time| format!("{time:.9}"));
            assert_eq!(Some(shown(secs)), other.ok(), "day {day}");
        }
    }
}
