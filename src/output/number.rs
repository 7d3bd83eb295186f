//! Numbers as decimal digits, without the machinery of formatting: a large export writes hundreds per packet.
//!
//! Must not know what is counted.

/// All pairs of digits.
const PAIRS: &[[u8; 2]; 100] = &{
    let mut pairs = [[b'0'; 2]; 100];
    let mut at = 0u8;
    while at < 100 {
        pairs[at as usize] = [b'0' + at / 10, b'0' + at % 10];
        at += 1;
    }
    pairs
};

/// How many of something, in words: `1 digest`, `2 digests`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Appends a number in decimal.
#[inline]
pub fn push_number(out: &mut Vec<u8>, number: u64) {
    if number < 10 {
        out.push(last_two(number)[1]);
    } else if number < 100 {
        out.extend_from_slice(&last_two(number));
    } else if number < 10_000 {
        let ([thousands, hundreds], [tens, ones]) = (last_two(number / 100), last_two(number));
        if number < 1000 {
            out.extend_from_slice(&[hundreds, tens, ones]);
        } else {
            out.extend_from_slice(&[thousands, hundreds, tens, ones]);
        }
    } else {
        push_long(out, number);
    }
}

fn push_long(out: &mut Vec<u8>, mut number: u64) {
    // The largest number has twenty digits.
    let mut digits = [[b'0'; 2]; 10];
    let mut first = digits.len();
    for (at, slot) in digits.iter_mut().enumerate().rev() {
        *slot = last_two(number % 100);
        number /= 100;
        first = at;
        if number == 0 {
            break;
        }
    }
    let digits = digits.get(first..).unwrap_or(&[]).as_flattened();
    let digits = digits.strip_prefix(b"0").unwrap_or(digits);
    out.extend_from_slice(digits);
}

/// The last two digits of a number.
#[inline]
pub fn last_two(number: u64) -> [u8; 2] {
    let at = (number % 100) as usize;
    PAIRS[at]
}

/// Appends a number in decimal.
pub fn push_decimal(out: &mut String, number: u64) {
    push_padded(out, number, 1);
}

/// Appends a number in decimal with at least so many digits, at most twenty.
pub fn push_padded(out: &mut String, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for (at, slot) in digits.iter_mut().enumerate().rev() {
        if number == 0 && digits_from(at) > width {
            break;
        }
        *slot = last_two(number)[1];
        number /= 10;
        first = at;
    }
    out.push_str(std::str::from_utf8(digits.get(first..).unwrap_or(&[])).unwrap_or_default());
}

/// How many of twenty digits there are from one on.
const fn digits_from(at: usize) -> usize {
    20 - at
}

#[cfg(test)]
mod tests {
    use super::{push_decimal, push_number, push_padded};

    #[test]
    fn every_length_is_written_as_the_standard_library_does() {
        let mut number = 1u64;
        for _ in 0..400 {
            for near in [number.wrapping_sub(1), number, number.wrapping_add(1), u64::MAX - number, 0] {
                let (mut octets, mut text) = (Vec::new(), String::new());
                push_number(&mut octets, near);
                push_decimal(&mut text, near);
                assert_eq!((octets, text), (near.to_string().into_bytes(), near.to_string()));
                let mut padded = String::new();
                push_padded(&mut padded, near % 1_000_000_000, 9);
                assert_eq!(padded, format!("{:09}", near % 1_000_000_000));
            }
            number = number.wrapping_mul(7).wrapping_add(3);
        }
    }
}
