//! Secrets with a mark in every value, messages made with them, and what must never be written of them.
//!
//! Shared by the tests that search what commands and screens write. Knows nothing of the crate under test.

use super::file::{Frame, pcapng};
use super::forms::Forbidden;
use super::link::{ethernet_ip, link_type};
use super::net::{Ip as _, Ip4};
use super::notification::{Package, SERVER, Trigger, base64, digest12, md5, sha256};
use super::to_hex;
use super::wsp::Push;

pub const PASSWORD: &[u8] = b"MaRk3r-passw0rd";
pub const NONCES: [&[u8]; 3] = [b"MaRk3r-n0nce-1", b"MaRk3r\0\xff-n0nce-2", b"MaRk3r-n0nce-3"];
pub const USER: &[u8] = b"MaRk3r-us3r";
pub const SECRET: &[u8] = b"MaRk3r-s3cret";
pub const AUTH_DATA: &[u8] = b"MaRk3r-auth-data";
pub const OTHER_ID: &str = "com.other.server";
pub const OTHER_PASSWORD: &[u8] = b"MaRk3r-0ther";
pub const OTHER_SECRET: &[u8] = b"MaRk3r-0ther-s3cret";
pub const ALL_PASSWORD: &[u8] = b"MaRk3r-f0r-all\n";
/// In every value: whatever part of one is shown, this is likely in it.
pub const STEM: &[u8] = b"MaRk3r";

pub fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// A secrets file with every key and every way to write a value.
pub fn secrets() -> String {
    format!(
        "[[server]]\nlabel = \"lab\"\nid = \"{SERVER}\"\npassword = \"{}\"\nnonce = [\"{}\", \"hex:{}\", \"b64:{}\"]\n\
         user = \"{}\"\nsecret = \"{}\"\nauth-data = \"text:{}\"\n\
         [[server]]\nlabel = \"other\"\nid = \"{OTHER_ID}\"\npassword = \"b64:{}\"\nsecret = \"hex:{}\"\n\
         [[server]]\nid = \"*\"\npassword = \"hex:{}\"\nvalid-from = 2026-01-01T00:00:00Z\n",
        text(PASSWORD),
        text(NONCES[0]),
        to_hex(NONCES[1]),
        base64(NONCES[2]),
        text(USER),
        text(SECRET),
        text(AUTH_DATA),
        base64(OTHER_PASSWORD),
        to_hex(OTHER_SECRET),
        to_hex(ALL_PASSWORD),
    )
}

/// The messages of the capture: valid, resynchronising, deviant in many ways, wrong, unsigned, of unknown servers.
pub fn messages() -> Vec<(bool, Vec<u8>)> {
    let credential = base64(&md5(&[SERVER.as_bytes(), b":", PASSWORD].concat()));
    let outer = |parts: [&[u8]; 3]| md5(&[parts[0], b":", parts[1], b":", parts[2]].concat());
    let trigger = |session: u16| Trigger::new(session).server(SERVER);
    let inner = |trigger: &Trigger| base64(&md5(&trigger.octets()));
    let mut all = Vec::new();
    for (session, nonce) in (0x0100..).zip(NONCES) {
        all.push(trigger(session).signed_with(PASSWORD, nonce));
    }
    all.push(trigger(0x0200).signed_with(PASSWORD, &[0; 4]));
    for (session, nonce) in (0x0300..).zip([base64(NONCES[0]).as_bytes(), b"", b"1234", b"0x00000000", b"MaRk3r"]) {
        all.push(trigger(session).signed_with(PASSWORD, nonce));
    }
    let t = trigger(0x0400);
    all.push(t.with_digest(outer([credential.as_bytes(), NONCES[0], &t.octets()])));
    let t = trigger(0x0401);
    let as_hex = to_hex(&md5(&[SERVER.as_bytes(), b":", PASSWORD].concat()));
    all.push(t.with_digest(outer([as_hex.as_bytes(), NONCES[1], inner(&t).as_bytes()])));
    let t = trigger(0x0402);
    all.push(t.with_digest(digest12(USER, PASSWORD, NONCES[2], &t.octets())));
    let t = trigger(0x0403);
    let slip = [PASSWORD, b"\n"].concat();
    all.push(t.with_digest(digest12(SERVER.as_bytes(), &slip, base64(NONCES[0]).as_bytes(), &t.octets())));
    let t = trigger(0x0404);
    all.push(t.with_digest(outer([credential.as_bytes(), NONCES[0], &md5(&t.octets())])));
    let t = trigger(0x0405);
    all.push(t.with_digest(digest12(OTHER_ID.as_bytes(), OTHER_PASSWORD, b"", &t.octets())));
    all.push(trigger(0x0406).with_digest(md5(b"wrong")));
    all.push(trigger(0x0407).with_digest(md5(b"wrong")));
    all.push(trigger(0x0408).with_digest([0; 16]));
    all.push(Trigger::new(0x0409).server("com.unknown").with_digest(md5(b"unknown")));
    all.push(Trigger::new(0x040a).server(OTHER_ID).signed_with(OTHER_PASSWORD, b""));
    let mut all: Vec<(bool, Vec<u8>)> = all.into_iter().map(|message| (true, message)).collect();
    let package = |id: u16| Package::new(id).server().digest_at(1_767_225_600);
    let ready = |id: u16, make: &dyn Fn(&[u8]) -> [u8; 32]| {
        let mut octets = package(id).octets();
        let at = octets.len() - 32;
        let digest = make(&octets);
        octets[at..].copy_from_slice(&digest);
        octets
    };
    let mut later = vec![
        package(1).signed_with(SECRET),
        package(2).signed_with(OTHER_SECRET),
        package(3).signed_with(&[SECRET, b"\n"].concat()),
        package(4).signed_with(base64(SECRET).as_bytes()),
        ready(5, &|octets| sha256(&[octets, SECRET].concat())),
        ready(6, &|octets| sha256(&[SECRET, octets, AUTH_DATA].concat())),
        ready(7, &|_| sha256(b"wrong")),
        Package::new(8).server().octets(),
        Package::new(9).digest_at(1_767_225_600).signed_with(SECRET),
        Package::new(10).option(1, "com.unknown").digest_at(1_767_225_600).signed_with(b"unknown"),
    ];
    all.extend(later.drain(..).map(|message| (false, message)));
    all
}

pub fn capture(messages: &[(bool, Vec<u8>)]) -> Vec<u8> {
    let mut frames = Vec::new();
    for (at, (first, message)) in (0u8..).zip(messages) {
        let tid = at;
        let push = if *first { Push::dm12(tid, message) } else { Push::dm20(tid, message) };
        let packet = Ip4::new("192.0.2.10", &format!("198.51.100.{}", at + 1)).push(&push.octets());
        let frame = Frame::new((1_767_225_600 + u64::from(at)) * 1_000_000_000, ethernet_ip(&packet));
        let cut = frame.octets.len() - 3;
        frames.push(frame.clone());
        if at == 0 {
            frames.push(frame.kept(cut));
        }
    }
    pcapng("marker secrets", link_type::ETHERNET, &frames)
}

/// Every form of every secret, less what the messages show anyway.
pub fn forbidden(messages: &[(bool, Vec<u8>)]) -> Forbidden {
    let mut all = Forbidden::default();
    let values = [PASSWORD, NONCES[0], NONCES[1], NONCES[2], USER, SECRET, AUTH_DATA];
    for value in values.into_iter().chain([OTHER_PASSWORD, OTHER_SECRET, ALL_PASSWORD, ALL_PASSWORD.trim_ascii_end()]) {
        all.value(&text(value), value);
        all.shown("a slip of a value", &[value, b"\n"].concat());
        all.shown("a value left in base64", base64(value).as_bytes());
    }
    all.shown("a part of a value", STEM);
    let ids = [SERVER.as_bytes(), OTHER_ID.as_bytes(), USER, b"com.unknown"];
    for id in ids {
        for password in [PASSWORD, OTHER_PASSWORD, ALL_PASSWORD] {
            all.account(id, password, &[NONCES[0], NONCES[1], NONCES[2], b"", &[0; 4]]);
        }
    }
    // The digest that would be right lets a password be guessed offline, or a message be forged.
    for (first, message) in messages {
        if *first {
            let trigger = &message[16..];
            for nonce in NONCES.into_iter().chain([b"".as_slice(), &[0; 4]]) {
                let right = digest12(SERVER.as_bytes(), PASSWORD, nonce, trigger);
                all.shown("a digest that was not received", &right);
            }
        } else if message.len() > 60 {
            let mut zeroed = message.clone();
            let at = zeroed.len() - 32;
            zeroed[at..].fill(0);
            for parts in [[SECRET, &zeroed], [&zeroed, SECRET], [OTHER_SECRET, &zeroed]] {
                all.shown("a digest that was not received", &sha256(&parts.concat()));
            }
        }
    }
    for (first, message) in messages {
        let digest = if *first { &message[..16] } else { &message[message.len().saturating_sub(32)..] };
        all.public(digest);
    }
    all
}
