//! The hashes of both digests and the text forms they are fed in.
//!
//! The only file that knows `md5`, and with `tag` the only one that knows `sha2`. Must not know keys or messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

/// Octets of an MD5 digest.
pub(super) const MD5_LEN: usize = 16;
/// Octets of a SHA-256 digest.
pub(super) const SHA256_LEN: usize = 32;

/// Octets SHA-256 takes at a time.
pub(super) const SHA256_BLOCK: usize = 64;

/// Blocks that MD5 or SHA-256 compress for an input of this many octets: its measure of cost.
pub(super) fn blocks(octets: usize) -> u32 {
    u32::try_from(octets.saturating_add(8) / 64 + 1).unwrap_or(u32::MAX)
}

/// Counts blocks for the tests of the bound; costs nothing else.
#[cfg(not(test))]
pub(super) const fn count(_: u32) {}

#[cfg(test)]
pub(super) fn count(blocks: u32) {
    COUNT.with(|count| count.set(count.get() + blocks));
}

#[cfg(test)]
thread_local! {
    /// Blocks hashed by this thread; those of several inputs side by side as far as they cost.
    pub(super) static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

fn len(parts: &[&[u8]]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}

/// MD5 over the parts, one after the other.
pub(super) fn md5(parts: &[&[u8]]) -> [u8; MD5_LEN] {
    md5_of(parts.iter().copied())
}

/// The same over parts that do not stand side by side.
pub(super) fn md5_of<'p>(parts: impl Iterator<Item = &'p [u8]> + Clone) -> [u8; MD5_LEN] {
    count(blocks(parts.clone().map(<[u8]>::len).sum()));
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 over the parts, one after the other.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; SHA256_LEN] {
    count(blocks(len(parts)));
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104) over the parts.
pub(super) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; SHA256_LEN] {
    let mut padded = [0u8; SHA256_BLOCK];
    if key.len() > SHA256_BLOCK {
        padded[..SHA256_LEN].copy_from_slice(&sha256(&[key]));
    } else {
        padded[..key.len()].copy_from_slice(key);
    }
    count(blocks(SHA256_BLOCK + len(parts)) + blocks(SHA256_BLOCK + SHA256_LEN));
    let mut inner = Sha256::new();
    inner.update(padded.map(|octet| octet ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new();
    outer.update(padded.map(|octet| octet ^ 0x5c));
    outer.update(inner.finalize());
    zeroize::Zeroize::zeroize(&mut padded);
    outer.finalize().into()
}

/// Base64 of an MD5 digest: always 24 characters.
pub(super) fn b64(digest: &[u8; MD5_LEN]) -> [u8; 24] {
    let mut out = [0; 24];
    // 16 octets make exactly 24 characters, so this does not fail.
    let _ = STANDARD.encode_slice(digest, &mut out);
    out
}

/// Lower-case hex of an MD5 digest: always 32 characters.
pub(super) fn hex(digest: &[u8; MD5_LEN]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = [0; 32];
    for (pair, octet) in out.chunks_exact_mut(2).zip(digest) {
        pair[0] = DIGITS[usize::from(octet >> 4)];
        pair[1] = DIGITS[usize::from(octet & 15)];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{b64, hex, hmac_sha256, md5, sha256};

    #[test]
    fn the_hashes_are_those_of_the_standards() {
        assert_eq!(hex(&md5(&[b"a", b"bc"])), *b"900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(b64(&[0; 16]), *b"AAAAAAAAAAAAAAAAAAAAAA==");
        assert_eq!(sha256(&[b"abc"])[..4], [0xba, 0x78, 0x16, 0xbf]);
        // RFC 4231, test cases 2 and 6.
        assert_eq!(hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"])[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        let long = [0xaa; 131];
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(hmac_sha256(&long, &[text])[..4], [0x60, 0xe4, 0x31, 0x59]);
    }
}
