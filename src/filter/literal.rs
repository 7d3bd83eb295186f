//! Values as they are written: numbers, addresses, octets, times.
//!
//! Must not know fields; what a value may be is decided by the type it is compared with.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::program::{Const, Ty};
use crate::model::Severity;

const NANOS: i128 = 1_000_000_000;

/// A value without quotes, as this type; `None` where it is none.
pub(super) fn bare(word: &str, ty: Ty) -> Option<Const> {
    match ty {
        Ty::Number => number(word).map(Const::Number),
        Ty::Text => Some(octets_of(word)),
        Ty::Octets => bytes(word).map(|octets| Const::Octets(octets.into())),
        _ => either(word, ty),
    }
}

/// A value in quotes, as this type.
pub(super) fn quoted(octets: &[u8], ty: Ty) -> Option<Const> {
    match ty {
        Ty::Text | Ty::Octets => Some(Const::Octets(octets.into())),
        Ty::Number => None,
        _ => either(std::str::from_utf8(octets).ok()?, ty),
    }
}

/// What is written the same with quotes and without.
fn either(word: &str, ty: Ty) -> Option<Const> {
    match ty {
        Ty::Bool => boolean(word).map(|flag| Const::Number(i128::from(flag))),
        Ty::Ipv4 => net(word, 32, |address| Some(address.parse::<Ipv4Addr>().ok()?.octets().into())),
        Ty::Ipv6 => net(word, 128, |address| Some(address.parse::<Ipv6Addr>().ok()?.octets().into())),
        Ty::Ether => ether(word).map(|octets| Const::Octets(octets.into())),
        Ty::Time => time(word).map(Const::Number),
        Ty::Duration => duration(word).map(Const::Number),
        Ty::Frame => frame(word),
        Ty::Severity => severity(word),
        Ty::Number | Ty::Text | Ty::Octets => None,
    }
}

fn octets_of(text: &str) -> Const {
    Const::Octets(text.as_bytes().into())
}

/// Decimal, `0x`, `0b` or, with a leading 0, octal.
pub(super) fn number(word: &str) -> Option<i128> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, word),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        [b'0', _, ..] => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    // Beyond 64 bits nothing is equal, but the order still counts.
    i128::from_str_radix(digits, radix).ok().filter(|n| *n < 1 << 100).map(|n| n * sign)
}

fn boolean(word: &str) -> Option<bool> {
    if word.eq_ignore_ascii_case("true") {
        Some(true)
    } else if word.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        number(word).map(|n| n != 0)
    }
}

fn severity(word: &str) -> Option<Const> {
    let all = [Severity::Note, Severity::Warning, Severity::Error];
    all.into_iter().find(|s| s.name().eq_ignore_ascii_case(word)).map(|s| Const::Number(rank(s)))
}

/// A severity as a number that grows with it.
pub(super) fn rank(severity: Severity) -> i128 {
    match severity {
        Severity::Note => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}

/// Octets as `01:02`, `01-02`, `01.02`, `0102`, `0x0102` or `hex:0102`.
fn bytes(word: &str) -> Option<Vec<u8>> {
    let lower = word.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("hex:") {
        let plain: String = digits.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        return hex(&plain);
    }
    if let Some(digits) = lower.strip_prefix("0x") {
        return hex(digits);
    }
    match lower.chars().find(|c| matches!(c, ':' | '-' | '.')) {
        Some(separator) => {
            lower.split(separator).map(|pair| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() <= 2)).collect()
        }
        None => hex(&lower),
    }
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    if digits.len() == 1 {
        return u8::from_str_radix(digits, 16).ok().map(|octet| vec![octet]);
    }
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| (pair.len() == 2).then(|| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())?).collect()
}

/// `00:11:22:33:44:55`, with `-` or `.`, `0011.2233.4455` or twelve digits.
fn ether(word: &str) -> Option<Vec<u8>> {
    let digits: String = word.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let shape = [12, 14, 17].contains(&word.len()) && digits.len() == 12;
    hex(&digits).filter(|_| shape)
}

fn net(word: &str, bits: u8, address: impl Fn(&str) -> Option<Box<[u8]>>) -> Option<Const> {
    match word.split_once('/') {
        None => address(word).map(Const::Octets),
        Some((before, prefix)) => {
            let prefix = prefix.parse::<u8>().ok().filter(|p| *p <= bits)?;
            address(before).map(|octets| Const::Net(octets, prefix))
        }
    }
}

/// Decimal number with fraction, in units of one thousand-millionth.
fn decimal(word: &str) -> Option<i128> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, word),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let mut nanos = 0;
    for place in 0..9 {
        let digit = fraction.as_bytes().get(place).map_or(0, |b| i128::from(b - b'0'));
        nanos = nanos * 10 + digit;
    }
    Some(sign * (whole.parse::<i128>().ok()? * NANOS + nanos))
}

/// Seconds, or a number with a unit.
pub(super) fn duration(word: &str) -> Option<i128> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = word.strip_prefix(digits)?;
    let seconds = match unit {
        "" | "s" => return decimal(digits),
        "ms" => return decimal(digits).map(|n| n / 1_000),
        "us" => return decimal(digits).map(|n| n / 1_000_000),
        "ns" => return decimal(digits).map(|n| n / NANOS),
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    decimal(digits).map(|n| n * seconds)
}

/// A time in ISO 8601 (UTC where it states no zone), in Wireshark's own form, or in seconds since 1970.
fn time(word: &str) -> Option<i128> {
    let word = word.trim();
    if let Some(nanos) = decimal(word) {
        return Some(nanos);
    }
    if let Ok(time) = word.parse::<jiff::Timestamp>() {
        return Some(time.as_nanosecond());
    }
    let civil = word.parse::<jiff::civil::DateTime>().ok().or_else(|| {
        let parsed = jiff::fmt::strtime::parse("%b %d, %Y %H:%M:%S%.f", word).ok()?;
        parsed.to_datetime().ok()
    })?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok().map(jiff::Timestamp::as_nanosecond)
}

/// Frame number, or frame number and index.
fn frame(word: &str) -> Option<Const> {
    let part =
        |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())).map(i128::from);
    match word.split_once('.') {
        None => part(word).map(|number| Const::Span(number << 16, (number << 16) + 0xffff)),
        Some((number, index)) => {
            let index = part(index).filter(|i| *i <= 0xffff)?;
            part(number).map(|number| Const::Number((number << 16) + index))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Const, Ty, bare, duration, number, quoted};

    #[test]
    fn numbers_have_four_spellings() {
        for (word, expected) in [
            ("12", Some(12)),
            ("0x1F", Some(31)),
            ("010", Some(8)),
            ("0b101", Some(5)),
            ("-3", Some(-3)),
            ("0", Some(0)),
            ("09", None),
            ("1.5", None),
            ("--1", None),
            ("0x", None),
            ("", None),
            ("1e3", None),
            ("99999999999999999999999999999999999999999", None),
        ] {
            assert_eq!(number(word), expected, "{word}");
        }
    }

    #[test]
    fn durations_are_seconds_unless_a_unit_says_otherwise() {
        for (word, nanos) in
            [("1", 1_000_000_000), ("-0.5", -500_000_000), ("20ms", 20_000_000), ("2h", 7_200_000_000_000)]
        {
            assert_eq!(duration(word), Some(nanos), "{word}");
        }
        assert_eq!(duration("5 parsecs"), None);
    }

    #[test]
    fn times_without_zone_are_utc() {
        let noon = Some(Const::Number(1_355_313_600_000_000_000));
        for word in
            ["2012-12-12T12:00:00Z", "2012-12-12T14:00:00+02:00", "2012-12-12T12:00:00", "1355313600", "1355313600.0"]
        {
            assert_eq!(bare(word, Ty::Time), noon, "{word}");
        }
        for word in ["2012-12-12 12:00:00", "2012-12-12 12:00", "Dec 12, 2012 12:00:00", "Dec 12, 2012 12:00:00.000"] {
            assert_eq!(quoted(word.as_bytes(), Ty::Time), noon, "{word}");
        }
        assert_eq!(bare("2012-13-12", Ty::Time), None);
    }

    #[test]
    fn octets_have_several_spellings() {
        for word in ["01:02", "01-02", "01.02", "0102", "0x0102", "hex:0102", "hex:01:02", "1:2"] {
            assert_eq!(bare(word, Ty::Octets), Some(Const::Octets([1, 2].into())), "{word}");
        }
        for word in ["012", "01:02-03", "01::02", "0g", "hex:", "001:02"] {
            assert_eq!(bare(word, Ty::Octets), None, "{word}");
        }
    }

    #[test]
    fn link_layer_addresses_have_six_octets() {
        for word in ["00:11:22:33:44:55", "00-11-22-33-44-55", "0011.2233.4455", "001122334455"] {
            assert_eq!(bare(word, Ty::Ether), Some(Const::Octets([0, 0x11, 0x22, 0x33, 0x44, 0x55].into())), "{word}");
        }
        assert_eq!(bare("00:11", Ty::Ether), None);
    }
}
