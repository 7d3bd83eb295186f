//! Secrets never reach the screen: marker secrets in a file and typed, every screen of the real program, every mistake told.
//!
//! Searched is everything the program wrote to its terminal, what the screen then showed, and the files it left behind.
#![cfg(all(unix, feature = "tui"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/session.rs"]
mod session;
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use portable_pty::PtySize;
use session::{Session, size};
use support::forms::Forbidden;
use support::marker::{NONCES, PASSWORD, SECRET, capture, forbidden, messages, secrets, text};
use support::notification::SERVER;

const F8: &str = "\u{1b}[19~";

fn write(folder: &Path, name: &str, octets: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, octets).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

fn resize(session: &mut Session, rows: u16, cols: u16) {
    session.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.screen.screen_mut().set_size(size(rows), size(cols));
}

/// Types the secrets of the server, blind.
fn type_secrets(session: &mut Session, password: &str, nonce: &str, secret: &str) {
    session.press("K");
    session.shows("Server identifier");
    session.press(SERVER);
    session.press("\r");
    session.shows("1.2 password");
    for (typed, next) in [(password, "1.2 nonce"), (nonce, "2.0 secret")] {
        session.press(typed);
        // Back and forth, over the history and by words: nothing of it may bring the text back.
        session.press("\u{1b}[D\u{1b}[D\u{1b}[C\u{1b}[A\u{1b}[B\u{5}");
        session.press("\r");
        session.shows(next);
    }
    session.press(secret);
    session.press("\r");
}

fn files_below(folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, out);
        } else {
            out.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn no_screen_shows_a_secret() {
    let messages = messages();
    let mut forbidden = forbidden(&messages);
    let folder = tempfile::tempdir().unwrap();
    let keys = write(folder.path(), "keys.toml", secrets().as_bytes());
    let pcap = write(folder.path(), "all.pcapng", &capture(&messages));
    let listed = messages.len() + 1;
    let mut session = Session::start(&[&pcap, "--secrets", &keys], &[]);
    session.shows(&format!("of {listed}"));
    resize(&mut session, 60, 160);
    session.until("a wide screen", |screen| screen.contents().lines().any(|line| line.chars().count() > 120));
    // The digest of each notification, from the first line to the last.
    session.press("d");
    for frame in 1..=listed {
        session.shows(&format!("Digest of the notification in frame {frame} "));
        for _ in 0..3 {
            session.press("\u{4}");
        }
        session.press("gg");
        session.press(F8);
    }
    session.press("q");
    session.shows("Fields of");
    session.press("\t\u{1b}[1;5C");
    for (key, title) in [("e", " findings of"), ("s", "Statistics of"), ("?", "Help:")] {
        session.press(key);
        session.shows(title);
        session.press("llljjjlll\u{4}\u{4}Gq");
        session.shows("Fields of");
    }
    session.press("m \u{1b}[18~c");
    session.shows("fields differ");
    session.press("q");
    session.shows("Fields of");
    for (name, file, line) in [
        ("hex", "[[server]]\nid = \"a\"\npassword = \"hex:MaRk3r-passw0rd\"\n", 3),
        ("base64", "[[server]]\nid = \"a\"\npassword = \"MaRk3r-passw0rd\"\nnonce = \"b64:MaRk3r!!\"\n", 4),
        ("quote", "[[server]]\nid = \"a\"\npassword = \"MaRk3r-passw0rd\n", 3),
        ("line", "com.a:MaRk3r-passw0rd:MaRk3r-n0nce-1\ncom.b\n", 2),
    ] {
        let path = write(folder.path(), name, file.as_bytes());
        session.press("S");
        session.shows("Secrets file");
        session.press(&format!("{path}\r"));
        session.shows(&format!("{name}:{line}:"));
    }
    type_secrets(&mut session, "hex:MaRk3r", "", "");
    session.shows("typed:");
    type_secrets(&mut session, &text(PASSWORD), &text(NONCES[0]), &text(SECRET));
    session.shows("checked again");
    session.press("d");
    session.shows("Digest of");
    session.press("q");
    for format in ["text", "tree", "json", "csv", "pcapng"] {
        let out = folder.path().join(format!("out.{format}"));
        session.press(&format!(":export {format} {}\r", out.display()));
        session.until(&format!("{format} written"), |_| out.exists());
    }
    session.press("ZZ");
    assert_eq!(session.ends(), 0);
    assert!(session.is_restored());
    let mut files = Vec::new();
    files_below(session.home.path(), &mut files);
    files_below(folder.path(), &mut files);
    let given = [keys.as_str(), "hex", "base64", "quote", "line"];
    files.retain(|(name, _)| !given.iter().any(|given| name.ends_with(given)));
    files.push(("what was written to the terminal".to_owned(), session.seen));
    let shown = session.shown.concat();
    let mut probe = Forbidden::default();
    probe.shown("the server", SERVER.as_bytes());
    assert!(!probe.found_in(shown.as_bytes()).is_empty(), "what is on the screen is found");
    assert!(shown.contains("deviant") && shown.contains("not shown"), "the digest screens were there");
    files.push(("the screen".to_owned(), shown.into_bytes()));
    assert!(files.len() >= 8, "captures and exports were written");
    for (name, written) in files {
        let leaked = forbidden.found_in(&written);
        assert!(leaked.is_empty(), "{name} holds {leaked:?}");
    }
}
