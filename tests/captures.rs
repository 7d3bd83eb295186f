//! The shipped captures are what the encoder makes, octet for octet.
//!
//! `PUSHSCOPE_BLESS=1 cargo test --test captures` writes them. Recordings of third parties are held by their SHA-256.

mod support;

use std::path::PathBuf;

use support::notification::sha256;
use support::{shipped, to_hex};

/// Recordings, not made by the encoder: name and SHA-256.
const RECORDINGS: [(&str, &str); 2] = [
    ("thirdparty_kannel145.pcap", "999b004c67c245ec3030a6d8e9af136240913e39a3500ebdf9972237a1abc5e4"),
    ("thirdparty_kannel145_auth.pcap", "45cad98554a14e4d5fc95383189c7daf26cb9d28779e196892d9e8a6a07377c1"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures")
}

#[test]
fn shipped_captures_are_what_the_encoder_makes() {
    let bless = std::env::var_os("PUSHSCOPE_BLESS").is_some();
    let mut differing = Vec::new();
    for (name, content) in shipped::all() {
        let path = folder().join(name);
        if bless {
            std::fs::write(&path, &content).expect("the capture can be written");
        } else if std::fs::read(&path).ok().as_ref() != Some(&content) {
            differing.push(name);
        }
    }
    assert!(
        differing.is_empty(),
        "{differing:?} differ from the encoder: PUSHSCOPE_BLESS=1 cargo test --test captures writes them"
    );
}

#[test]
fn recordings_are_untouched() {
    for (name, digest) in RECORDINGS {
        let content = std::fs::read(folder().join(name)).expect("the recording is there");
        assert_eq!(to_hex(&sha256(&content)), digest, "{name}");
    }
}

#[test]
fn every_capture_is_described_and_made() {
    let readme = std::fs::read_to_string(folder().join("README.md")).expect("captures/README.md");
    let made = shipped::all();
    let mut total = 0;
    for entry in std::fs::read_dir(folder()).expect("the folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.contains(".pcap") {
            continue;
        }
        total += entry.metadata().expect("its size").len();
        assert!(readme.contains(&format!("`{name}`")), "{name} is not described in captures/README.md");
        let known = made.iter().any(|(made, _)| *made == name) || RECORDINGS.iter().any(|(known, _)| *known == name);
        assert!(known, "{name} is neither made by the encoder nor a recording");
    }
    assert!(total < 1_000_000, "the captures have grown to {total} octets");
}
