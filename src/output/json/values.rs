//! The value of a node as JSON members: `value`, `raw` and `text`.
//!
//! Must not know where the node stands.

use std::io::Write;

use super::super::number::push_number;
use super::super::value::push_labelled;
use super::text::{
    Times, is_plain, push_ether, push_hex, push_hex_number, push_inside, push_ipv4, push_nanos, push_string,
};
use crate::model::{Base, Duration, Field, Kind, Value};

/// Writes values. Reuses its memory.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) ascii: bool,
    pub(super) times: Times,
    text: String,
}

impl Values {
    /// A writer; with `ascii` every character beyond ASCII is escaped.
    pub(super) fn new(ascii: bool) -> Self {
        Self { ascii, ..Self::default() }
    }

    /// Appends the members of a value; `octets` are its octets, where it has any.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, field: &'static Field, value: Value, octets: &[u8]) {
        if value == Value::None {
            return;
        }
        out.extend_from_slice(b",\"value\":");
        match value {
            Value::None => {}
            Value::Bool(flag) => {
                let members: &[u8] = if flag { b"true,\"text\":\"set\"" } else { b"false,\"text\":\"not set\"" };
                out.extend_from_slice(members);
            }
            Value::Uint(number) => self.number(out, field, number),
            Value::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Value::Duration(span) => {
                let start = out.len();
                push_duration(out, span);
                let end = out.len();
                out.extend_from_slice(b",\"text\":\"");
                out.extend_from_within(start..end);
                out.extend_from_slice(b" s\"");
            }
            Value::Time(time) => self.times.push(out, time),
            Value::Frame { number, index } => {
                out.push(b'"');
                push_number(out, number.into());
                if index > 1 {
                    out.push(b'.');
                    push_number(out, index.into());
                }
                out.push(b'"');
            }
            Value::Raw | Value::Scratch { .. } => self.octets(out, field, value, octets),
        }
    }

    /// A number, and how people read it where that is different: with its name, in hexadecimal.
    fn number(&self, out: &mut Vec<u8>, field: &'static Field, number: u64) {
        push_number(out, number);
        let name = field.value_name(number);
        if name.is_none() && field.base == Base::Dec {
            return;
        }
        out.extend_from_slice(b",\"text\":\"");
        if let Some(name) = name {
            push_inside(out, name.as_bytes(), self.ascii);
            out.extend_from_slice(b" (");
        }
        match field.base {
            Base::Dec => push_number(out, number),
            Base::Hex(digits) => push_hex_number(out, number, digits),
        }
        out.extend_from_slice(if name.is_some() { b")\"" } else { b"\"" });
    }

    fn octets(&mut self, out: &mut Vec<u8>, field: &'static Field, value: Value, octets: &[u8]) {
        match (field.kind, octets) {
            (Kind::Text, _) if is_plain(octets) => {
                out.push(b'"');
                out.extend_from_slice(octets);
                out.push(b'"');
            }
            (Kind::Text, _) => {
                push_string(out, octets, self.ascii);
                if std::str::from_utf8(octets).is_err() {
                    out.extend_from_slice(b",\"raw\":\"");
                    push_hex(out, octets);
                    out.push(b'"');
                }
                self.text.clear();
                push_labelled(&mut self.text, field, value, octets);
                let shown = self.text.as_bytes();
                // In quotes, which the value has already.
                if shown.get(1..shown.len().saturating_sub(1)) != Some(octets) {
                    out.extend_from_slice(b",\"text\":");
                    push_string(out, shown, self.ascii);
                }
            }
            (Kind::Ipv4, &[a, b, c, d]) => {
                out.push(b'"');
                push_ipv4(out, [a, b, c, d]);
                out.push(b'"');
            }
            (Kind::Ether, address) if let Ok(address) = <[u8; 6]>::try_from(address) => {
                out.push(b'"');
                push_ether(out, address);
                out.push(b'"');
            }
            (Kind::Ipv6 | Kind::Ether, _) => {
                self.text.clear();
                push_labelled(&mut self.text, field, value, octets);
                push_string(out, self.text.as_bytes(), self.ascii);
            }
            _ => {
                out.push(b'"');
                push_hex(out, octets);
                out.push(b'"');
            }
        }
    }
}

/// Seconds with nine decimals.
fn push_duration(out: &mut Vec<u8>, span: Duration) {
    const NANOS: u64 = 1_000_000_000;
    let nanos = span.nanos().unsigned_abs();
    if span.nanos() < 0 {
        out.push(b'-');
    }
    push_number(out, nanos / NANOS);
    out.push(b'.');
    push_nanos(out, u32::try_from(nanos % NANOS).unwrap_or(0));
}
