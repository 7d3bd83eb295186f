//! Values as text: for columns (`-T fields`), for people (tree), and for machines (JSON).
//!
//! Must not know where the text goes; what it makes from a packet's own text is always safe to show.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

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
    let _ = match field.base {
        Base::Dec => write!(out, "{number}"),
        Base::Hex(digits) => write!(out, "0x{number:0width$x}", width = usize::from(digits)),
    };
}

fn push_octets(out: &mut String, field: &Field, octets: &[u8]) {
    match (field.kind, octets) {
        (Kind::Text, _) => push_visible(out, octets),
        (Kind::Ipv4, &[a, b, c, d]) => {
            let _ = write!(out, "{}", Ipv4Addr::new(a, b, c, d));
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
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(octets.len() * 2);
    for octet in octets {
        for nibble in [octet >> 4, octet & 15] {
            out.push(char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'?')));
        }
    }
}

/// Appends a time as ISO 8601 with nanoseconds, in UTC: `2012-12-12T00:00:00.000000000Z`.
pub fn push_time(out: &mut String, time: Timestamp) {
    // Every 64-bit number of nanoseconds is a time the library knows.
    if let Ok(time) = jiff::Timestamp::from_nanosecond(i128::from(time.nanos())) {
        let _ = write!(out, "{time:.9}");
    }
}

fn push_duration(out: &mut String, span: Duration) {
    let _ = write!(out, "{span}");
}

/// Appends a value as people read it: with the name of the value where it has one.
pub fn push_labelled(out: &mut String, field: &Field, value: Value, octets: &[u8]) {
    match value {
        Value::Uint(number) if field.value_name(number).is_some() => {
            out.push_str(field.value_name(number).unwrap_or_default());
            out.push_str(" (");
            push_uint(out, field, number);
            out.push(')');
        }
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
}
