//! A small encoder of Package #0 digests for tests, written apart from `src/verify` and from the standard alone.
//!
//! It knows no deviation by name: a test states the octets that are hashed, and so says what the deviation is.
#![allow(dead_code, reason = "each test uses its part")]

use md5::{Digest, Md5};
use sha2::Sha256;

/// Octets of a hex text.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// Hex text of octets.
pub(crate) fn to_hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02x}"))
}

/// MD5.
pub(crate) fn h(octets: &[u8]) -> Vec<u8> {
    Md5::digest(octets).to_vec()
}

/// SHA-256.
pub(crate) fn s(octets: &[u8]) -> Vec<u8> {
    Sha256::digest(octets).to_vec()
}

/// Base64 by the definition: six bits a character.
pub(crate) fn b64(octets: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for three in octets.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let six = (bits >> (18 - 6 * at)) as usize & 63;
            text.push(if at <= three.len() { LETTERS[six] } else { b'=' });
        }
    }
    text
}

/// HMAC-SHA-256 for keys of at most 64 octets.
pub(crate) fn hmac(key: &[u8], octets: &[u8]) -> Vec<u8> {
    let mut block = key.to_vec();
    block.resize(64, 0);
    let pad = |with: u8| block.iter().map(|octet| octet ^ with).collect::<Vec<u8>>();
    s(&[pad(0x5c), s(&[pad(0x36), octets.to_vec()].concat())].concat())
}

/// Joins octets.
pub(crate) fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Header and server identifier of a 1.2 trigger with version 11, ui-mode 1, initiator 0.
pub(crate) fn trigger(session: u16, server_id: &[u8]) -> Vec<u8> {
    let mut out = vec![0x02, 0xd0, 0, 0, 0];
    out.extend(session.to_be_bytes());
    out.push(u8::try_from(server_id.len()).unwrap());
    out.extend(server_id);
    out
}

/// The 1.2 digest: `H( B64(H(id:password)) : nonce : B64(H(trigger)) )`.
pub(crate) fn digest(id: &[u8], password: &[u8], nonce: &[u8], trigger: &[u8]) -> Vec<u8> {
    let credential = b64(&h(&cat(&[id, b":", password])));
    h(&cat(&[&credential, b":", nonce, b":", &b64(&h(trigger))]))
}

/// A 2.0 package: header and options (delta, value), without an option 5.
pub(crate) fn package(count: u8, id: u16, options: &[(u8, &[u8])]) -> Vec<u8> {
    let word = 2u32 << 28 | u32::from(count) << 23 | u32::from(id);
    let mut out = word.to_be_bytes().to_vec();
    for (delta, value) in options {
        out.extend((u16::from(*delta) << 12 | u16::try_from(value.len()).unwrap()).to_be_bytes());
        out.extend(*value);
    }
    out
}
