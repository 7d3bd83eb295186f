//! Primitive values of WSP: integers, texts, and the rule by which any value can be skipped.
//!
//! Must not know what a value belongs to.
//!
//! ```text
//!  uintvar         1xxxxxxx … 0xxxxxxx                at most 5 octets and 32 bits                    (WSP 8.1.2)
//!  any value       00..1E  that many octets follow      1F  a uintvar, then as many octets            (WSP 8.4.1.2)
//!                  20..7F  text up to 00 (7F quotes)    80..FF  one octet, 7 bits of value
//! ```

use nom::bytes::complete::{tag, take, take_till};
use nom::error::{Error, ErrorKind};
use nom::number::complete::be_u8;
use nom::{IResult, Parser};

use super::reader::{At, Read, Reader};
use crate::model::spec::WSP;
use crate::model::{Field, Group, NodeId, Rule, Severity, Value};

/// A uintvar of more than 5 octets or 32 bits, or one with a useless leading octet.
pub static UINTVAR: Rule =
    Rule::error("W-002", Group::Malformed).cite(&WSP, "8.1.2").text("a variable-length integer is too long").explain(
        "A uintvar has at most 5 octets and 32 bits. A leading octet 80 adds nothing and is only noted.",
        "A receiver cannot know the length that was meant, and drops the PDU.",
        "Look at the encoder of the length: it may have written a fixed-length integer.",
    );

/// A number that is written longer than it needs.
pub static LONG: Rule =
    Rule::note("WSP-001", Group::Protocol).cite(&WSP, "8.4.2").text("a long integer has leading zero octets").explain(
        "Long integers are to be written in their shortest form.",
        "Most receivers accept it; a strict one may not.",
        "Look at the encoder of the number.",
    );

/// Length of a value that is more than one octet.
pub static VALUE_LENGTH: Field =
    Field::uint("wsp.default_val_len", "Value length").cite(&WSP, "8.4.1.2").about("Octets of the value that follow.");
/// A number without a field of its own.
pub static INTEGER: Field = Field::uint("wsp.default_int", "Value").cite(&WSP, "8.4.2");
/// Text without a field of its own.
pub static TEXT: Field = Field::text("wsp.default_string", "Value").cite(&WSP, "8.4.2");
/// A code that stands for a word.
pub static TOKEN: Field = Field::text("wsp.value.token", "Value")
    .cite(&WSP, "8.4.2")
    .about("One octet that stands for a word of HTTP; shown as the word.");
/// A point in time.
pub static DATE: Field = Field::time("wsp.value.date", "Value").cite(&WSP, "8.4.2").about("Seconds since 1970, UTC.");
/// Octets of a value that is neither text nor a number of at most 64 bits.
pub static OCTETS: Field = Field::bytes("wsp.value.octets", "Value").cite(&WSP, "8.4.2");
/// How much a value is wanted.
pub static QUALITY: Field =
    Field::text("wsp.parameter.q", "Quality").cite(&WSP, "8.4.2").about("0 to 1, at most three decimals.");

/// Result of a parser over octets.
type Parsed<'b, O> = IResult<&'b [u8], O, Error<&'b [u8]>>;

/// A variable-length unsigned integer; refuses one of more than 5 octets or 32 bits.
///
/// # Errors
/// The octets run out, or the number is too long.
pub fn uintvar(input: &[u8]) -> Parsed<'_, u32> {
    let mut value = 0u32;
    let mut rest = input;
    for _ in 0..5 {
        let (next, octet) = be_u8(rest)?;
        rest = next;
        if value > u32::MAX >> 7 {
            break;
        }
        value = (value << 7) | u32::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            return Ok((rest, value));
        }
    }
    Err(nom::Err::Error(Error::new(input, ErrorKind::TooLarge)))
}

/// One octet with bit 7 set: 0..=127.
///
/// # Errors
/// There is none.
#[inline]
pub fn short_integer(input: &[u8]) -> Parsed<'_, u64> {
    match input {
        [octet @ 0x80..=0xFF, rest @ ..] => Ok((rest, u64::from(octet & 0x7F))),
        [] => Err(nom::Err::Error(Error::new(input, ErrorKind::Eof))),
        _ => Err(nom::Err::Error(Error::new(input, ErrorKind::Verify))),
    }
}

/// A text: `[7F] text 00`; the value is without quote and zero.
///
/// # Errors
/// No zero octet ends it.
pub fn text_string(input: &[u8]) -> Parsed<'_, &[u8]> {
    let unquoted = match input.split_first() {
        Some((0x7F, rest)) => rest,
        _ => input,
    };
    let (rest, text) = take_till(|octet| octet == 0).parse(unquoted)?;
    let (rest, _) = tag([0u8].as_slice()).parse(rest)?;
    Ok((rest, text))
}

/// A big-endian number of at most 64 bits from octets with any number of leading zeros.
pub fn number(octets: &[u8]) -> Option<u64> {
    if octets.is_empty() {
        return None;
    }
    octets.iter().try_fold(
        0u64,
        |value, octet| {
            if value > u64::MAX >> 8 { None } else { Some((value << 8) | u64::from(*octet)) }
        },
    )
}

/// What a value is by its first octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape<'b> {
    /// One octet, 7 bits of value.
    Short(u64),
    /// A length, then octets: a long integer or something structured.
    Sized(&'b [u8]),
    /// Text, without quote and zero.
    Text(&'b [u8]),
}

/// The shape of the value in front, and its octets in all.
///
/// # Errors
/// The octets run out before its end.
#[inline]
pub fn shape(input: &[u8]) -> Parsed<'_, (Shape<'_>, usize)> {
    match input {
        [octet @ 0x80..=0xFF, rest @ ..] => Ok((rest, (Shape::Short(u64::from(octet & 0x7F)), 1))),
        _ => longer_shape(input),
    }
}

/// The shape of a value of more than one octet.
fn longer_shape(input: &[u8]) -> Parsed<'_, (Shape<'_>, usize)> {
    let (after, first) = be_u8(input)?;
    let (rest, shape) = match first {
        0..=0x1E => take(first).map(Shape::Sized).parse(after)?,
        0x1F => {
            let (data, len) = uintvar(after)?;
            take(len).map(Shape::Sized).parse(data)?
        }
        0x20..=0x7F => text_string.map(Shape::Text).parse(input)?,
        0x80..=0xFF => (after, Shape::Short(u64::from(first & 0x7F))),
    };
    Ok((rest, (shape, input.len().saturating_sub(rest.len()))))
}

/// Reads a uintvar, and says when it is too long (W-002).
///
/// # Errors
/// The octets run out, or the number is too long.
pub fn read_uintvar(r: &mut Reader<'_, '_>, field: &'static Field) -> Read<u32> {
    let input = r.peek();
    if let [0..=0x7F, ..] = input {
        return Ok(r.u8(field)?.map(u32::from));
    }
    let endless = input.iter().take(5).take_while(|octet| **octet & 0x80 != 0).count();
    let octets = endless.saturating_add(1).min(5);
    if uintvar(input).is_err() && input.len() >= octets {
        let at = r.bytes(&OCTETS, octets)?;
        return Err(r.stop_with(&UINTVAR, at.node, format_args!("{}: {octets} octets", field.label)));
    }
    let at = r.take(field, uintvar)?;
    if input.first() == Some(&0x80) {
        r.flag_as(&UINTVAR, Severity::Note, at.node, format_args!("leading 80 octet"));
    }
    Ok(at)
}

/// Reads a text; the value leaves quote and zero out.
///
/// # Errors
/// No zero octet ends it.
pub fn read_text<'b>(r: &mut Reader<'_, 'b>, field: &'static Field) -> Read<&'b [u8]> {
    let input = r.peek();
    let Ok((rest, text)) = text_string(input) else { return r.c_string(field) };
    let at = r.bytes(field, input.len().saturating_sub(rest.len()))?;
    let value = r.scratch_bytes(text);
    r.set_value(at.node, value);
    Ok(at.map(|_| text))
}

/// Reads the length in front of a structured value or long integer: one octet, or 1F and a uintvar. The part it states is
/// what is left, so it is not checked here: [`shape`] did.
///
/// # Errors
/// The octets run out.
pub fn read_length(r: &mut Reader<'_, '_>) -> Read<u32> {
    if r.peek().first() == Some(&0x1F) {
        return r.take(&VALUE_LENGTH, |input| {
            let (rest, _) = be_u8(input)?;
            uintvar(rest)
        });
    }
    let at = r.u8(&VALUE_LENGTH)?;
    Ok(at.map(u32::from))
}

/// Reads `n` octets as one number. More than 64 bits are shown as octets, without a value.
///
/// # Errors
/// The octets run out.
pub fn read_number(r: &mut Reader<'_, '_>, field: &'static Field, n: usize) -> Result<Option<At<u64>>, super::Stop> {
    let octets = r.peek().get(..n).unwrap_or(&[]);
    let Some(value) = number(octets) else {
        r.bytes(&OCTETS, n)?;
        return Ok(None);
    };
    let at = r.bytes(field, n)?;
    r.set_value(at.node, Value::Uint(value));
    if n > 1 && octets.first() == Some(&0) {
        r.flag(&LONG, at.node);
    }
    Ok(Some(at.map(|_| value)))
}

/// Reads an Integer-value: short, or long with its length. `None` where it is neither, or too large to be a number.
///
/// # Errors
/// The octets run out.
pub fn read_integer(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<Option<At<u64>>, super::Stop> {
    if let [0x80..=0xFF, ..] = r.peek() {
        return Ok(Some(r.take(field, short_integer)?));
    }
    match shape(r.peek()) {
        Ok((_, (Shape::Sized(octets), _))) if !octets.is_empty() => {
            read_length(r)?;
            read_number(r, field, octets.len())
        }
        _ => Ok(None),
    }
}

/// Sets the value of a node to a text.
pub fn say(r: &mut Reader<'_, '_>, node: NodeId, text: &[u8]) {
    let value = r.scratch_bytes(text);
    r.set_value(node, value);
}

/// A quality value 1..=1099 as a decimal fraction.
pub fn quality(code: u32) -> Option<String> {
    match code {
        1..=100 => Some(format!("0.{:02}", code.saturating_sub(1))),
        101..=1099 => Some(format!("0.{:03}", code.saturating_sub(100))),
        _ => None,
    }
}

/// A version octet's 7 bits: major in 3, minor in 4, minor 15 stands for none.
pub fn version(code: u64) -> String {
    let (major, minor) = (code >> 4, code & 15);
    if minor == 15 { major.to_string() } else { format!("{major}.{minor}") }
}

#[cfg(test)]
mod tests {
    use super::{Shape, number, quality, shape, uintvar, version};

    #[test]
    fn numbers_of_variable_length_follow_the_reference() {
        // wdp-wsp.md, chapter 6
        for (octets, value) in [
            (&[0x7F][..], 127),
            (&[0x81, 0], 128),
            (&[0xFF, 0x7F], 16383),
            (&[0x81, 0x80, 0], 16384),
            (&[0x8F, 0xFF, 0xFF, 0xFF, 0x7F], u32::MAX),
        ] {
            assert_eq!(uintvar(octets).unwrap(), (&[][..], value));
        }
        assert!(uintvar(&[0xFF; 5]).is_err());
        assert!(uintvar(&[0x90, 0x80, 0x80, 0x80, 0]).is_err(), "33 bits");
        assert!(uintvar(&[0x81]).is_err());
    }

    #[test]
    fn a_value_is_skipped_by_its_first_octet() {
        for (octets, expected) in [
            (&[0x87, 1][..], Some((Shape::Short(7), 1))),
            (&[0], Some((Shape::Sized(&[]), 1))),
            (&[2, 0x90, 0x71, 9], Some((Shape::Sized(&[0x90, 0x71]), 3))),
            (&[0x1F, 1, 0xC4], Some((Shape::Sized(&[0xC4]), 3))),
            (b"abc\0d", Some((Shape::Text(b"abc"), 4))),
            (b"\x7F\xC3\0", Some((Shape::Text(b"\xC3"), 3))),
            (b"abc", None),
            (&[3, 1], None),
            (&[0x1F, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], None),
            (&[], None),
        ] {
            assert_eq!(shape(octets).ok().map(|found| found.1), expected, "{octets:02X?}");
        }
    }

    #[test]
    fn small_encodings() {
        assert_eq!(number(&[0; 30]), Some(0));
        assert_eq!(number(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(version(0x13), "1.3");
        assert_eq!(version(0x1F), "1");
        assert_eq!(quality(1).as_deref(), Some("0.00"));
        assert_eq!(quality(51).as_deref(), Some("0.50"));
        assert_eq!(quality(433).as_deref(), Some("0.333"));
        assert_eq!(quality(1100), None);
    }
}
