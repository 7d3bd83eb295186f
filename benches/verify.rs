//! Digests: verifications a second with 1, 10 and 1,000 keys, and failures diagnosed a second.
//!
//! `cargo bench --bench verify`. One thread; each figure is the fastest of many short rounds, taken in turn, so that other
//! programs disturb little. The last column is the cost of a diagnosis in verifications with the same keys: at most 50 is the
//! aim, and the unit tests hold it in blocks hashed.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use pushscope::verify::{Keyring, Learned, Status, Subject, verify, verify_standard};

const ROUNDS: usize = 60;
const TRIGGER: &str = "02d0000000123412636f6d2e6d676d747372762e6d616e616765";
const VALID_12: &str = "d2a353caba93d9309e38d70229bfa584";
const WRONG_12: &str = "d2a353caba93d9309e38d70229bfa585";
const START_20: &str =
    "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900";
const VALID_20: &str = "21906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815";
const WRONG_20: &str = "21906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769816";
const ID: &str = "com.mgmtsrv.manage";

fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// `count` entries, the right one last; for different servers or all for one.
fn keys(count: usize, one_server: bool) -> Keyring {
    let mut text = String::new();
    for at in 1..count {
        let id = if one_server { ID.to_owned() } else { format!("com.server{at}.manage") };
        let _ =
            write!(text, "[[server]]\nid = \"{id}\"\npassword = \"p{at}\"\nnonce = \"n{at}\"\nsecret = \"s{at}\"\n");
    }
    let _ = write!(
        text,
        "[[server]]\nid = \"{ID}\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-001\"\nsecret = \"srv-secret-0001\"\n"
    );
    Keyring::parse(&text, "keys").unwrap_or_default()
}

/// Nanoseconds one call takes.
fn time(batch: u32, mut call: impl FnMut() -> Status) -> f64 {
    let start = Instant::now();
    let mut calls = 0u32;
    while start.elapsed().as_millis() < 2 {
        // Reading the clock costs as much as a fifth of a verification.
        for _ in 0..batch {
            black_box(call());
        }
        calls += batch;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

fn main() {
    let of_12 = |digest: &str| octets(&format!("{digest}{TRIGGER}"));
    let of_20 = |digest: &str| octets(&format!("{START_20}{digest}"));
    let messages = [("1.2", of_12(VALID_12), of_12(WRONG_12)), ("2.0", of_20(VALID_20), of_20(WRONG_20))];
    println!("digest  keys  for              valid/s   failed by the standard/s   diagnosed/s   digests   cost");
    for (format, valid, wrong) in &messages {
        for (count, one_server) in [(1, true), (10, false), (10, true), (1000, false), (1000, true)] {
            let keys = keys(count, one_server);
            let subject = |message| match *format {
                "1.2" => Subject::v12(message),
                _ => Subject::v20(message, Some(ID.as_bytes()), Some(49)),
            };
            let (Some(valid), Some(wrong)) = (subject(valid), subject(wrong)) else { return };
            let [mut a, mut b, mut c] = [f64::INFINITY; 3];
            for _ in 0..ROUNDS {
                a = a.min(time(16, || verify(&keys, Learned::NOTHING, &valid).status));
                b = b.min(time(16, || verify_standard(&keys, Learned::NOTHING, &wrong).status));
                c = c.min(time(1, || verify(&keys, Learned::NOTHING, &wrong).status));
            }
            let servers = if one_server { "one server" } else { "as many servers" };
            let tried = verify(&keys, Learned::NOTHING, &wrong).tried;
            println!(
                "{format:6} {count:5}  {servers:15} {:8.0} {:26.0} {:13.0} {tried:9} {:6.1}",
                1e9 / a,
                1e9 / b,
                1e9 / c,
                c / a
            );
        }
    }
}
