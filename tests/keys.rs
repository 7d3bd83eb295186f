//! Keys as a user gives them: every form of a secrets file, who may read it, which entry is a key when, and what
//! `keys check` says of it all.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The one notification of `captures/appendix-c.pcap`, of 2026-01-01T00:00:00Z, signed with these.
const ID: &str = "com.mgmtsrv.manage";
const PASSWORD: &str = "S3cr3t-Pw";
const NONCE: &str = "nonce-001";
const SECRET: &str = "srv-secret-0001";

fn shipped(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name).display().to_string()
}

/// A folder that is removed at the end.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.path().join("keys");
        std::fs::write(&path, text).unwrap();
        self.mode(0o600);
        path
    }

    #[cfg(unix)]
    fn mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(self.0.path().join("keys"), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn mode(&self, _: u32) {}

    /// Runs the program in the folder: exit code, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_pushscope"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path())
            .env_remove("PUSHSCOPE_SECRETS")
            .output()
            .unwrap();
        let text = |octets| String::from_utf8(octets).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Status, deviation, key and nonce of a shipped capture's only notification with this secrets file.
    fn verdict(&self, keys: &str, capture: &str) -> Vec<String> {
        self.file(keys);
        let fields = ["status", "deviation", "key", "nonce"].map(|name| format!("dmnoti.digest.{name}"));
        let capture = shipped(capture);
        let mut arguments = vec!["read", &capture, "--secrets", "keys"];
        for field in &fields {
            arguments.extend(["-e", field]);
        }
        let (code, out, err) = self.run(&arguments);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{keys}");
        assert_eq!(out.lines().count(), 1, "{out}");
        out.trim_end_matches('\n').split('\t').map(str::to_owned).collect()
    }
}

/// An entry of a secrets file.
fn entry(label: &str, id: &str, more: &str) -> String {
    format!("[[server]]\nlabel = \"{label}\"\nid = \"{id}\"\n{more}\n")
}

/// What a valid digest of the sample server needs.
fn right() -> String {
    format!("password = \"{PASSWORD}\"\nnonce = \"{NONCE}\"")
}

#[test]
fn every_form_of_a_secrets_file_verifies() {
    let place = Place::new();
    for (keys, label) in [
        (entry("lab", ID, &right()), "lab"),
        (format!("{ID}:{PASSWORD}:{NONCE}\n"), ID),
        (format!("# kept by hand\n\nother:x:y\r\n{ID}:{PASSWORD}:hex:6e6f6e63652d303031\r\n"), ID),
        (format!("{ID}:b64:UzNjcjN0LVB3:{NONCE}"), ID),
        (format!("{ID},{PASSWORD},{NONCE}\n"), ID),
        (format!("Label;Nonce;Password;Id\nlab;{NONCE};{PASSWORD};{ID}\n"), "lab"),
        (format!("id\tpassword\tnonce\n{ID}\t{PASSWORD}\t{NONCE}\n"), ID),
        (format!("id,password,nonce,note\n\"{ID}\",\"{PASSWORD}\",\"{NONCE}\",\"one, two\"\n"), ID),
        (entry("hex", "hex:636f6d2e6d676d747372762e6d616e616765", &right()), "hex"),
    ] {
        assert_eq!(place.verdict(&keys, "appendix-c.pcap"), ["valid", "", label, ""], "{keys}");
    }
}

#[test]
fn the_entry_in_force_is_the_key() {
    let place = Place::new();
    let check =
        |keys: &str, expected: [&str; 4]| assert_eq!(place.verdict(keys, "appendix-c.pcap"), expected, "{keys}");
    let range = |from: &str, to: &str| format!("{}\nvalid-from = {from}\nvalid-to = {to}", right());
    let now = entry("now", ID, &range("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"));
    let old = entry("old", ID, &range("2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z"));
    check(&now, ["valid", "", "now", ""]);
    check(&format!("{old}{now}"), ["valid", "", "now", ""]);
    check(&old, ["deviant", "nonce-other:1", "old", ""]);
    // The current entry has another nonce: which one fits is counted over all of the server's.
    let wrong = entry("new", ID, &format!("password = \"{PASSWORD}\"\nnonce = [\"a\", \"b\"]"));
    check(&format!("{wrong}{old}"), ["deviant", "nonce-other:3", "old", ""]);
    let several = entry("several", ID, &format!("password = \"{PASSWORD}\"\nnonce = [\"a\", \"{NONCE}\", \"b\"]"));
    check(&several, ["valid", "", "several", "nonce 2 of 3"]);
    check(&format!("{wrong}{several}"), ["valid", "", "several", "nonce 2 of 3"]);
    check(&entry("all", "*", &right()), ["valid", "", "all", ""]);
    // In the order of the file.
    check(&format!("{}{}", entry("all", "*", &right()), entry("lab", ID, &right())), ["valid", "", "all", ""]);
    check(&format!("{}{}", entry("lab", ID, &right()), entry("all", "*", &right())), ["valid", "", "lab", ""]);
    check(&entry("other", "com.other", "password = \"x\""), ["unchecked", "", "", ""]);
    check(&entry("only 2.0", ID, &format!("secret = \"{SECRET}\"")), ["unchecked", "", "", ""]);
}

#[cfg(unix)]
#[test]
fn a_secrets_file_that_others_may_read_gets_a_warning() {
    let place = Place::new();
    place.file(&entry("lab", ID, &right()));
    let capture = shipped("appendix-c.pcap");
    for (mode, warned) in [(0o600, false), (0o400, false), (0o644, true), (0o640, true), (0o602, true)] {
        place.mode(mode);
        for arguments in [&["read", &capture, "--secrets", "keys"][..], &["keys", "check", "keys"]] {
            let (code, out, err) = place.run(arguments);
            assert_eq!(code, Some(0));
            assert!(!out.is_empty());
            assert_eq!(err.contains("can be read by others") && err.contains("chmod 600"), warned, "{mode:o}: {err}");
            assert!(warned || err.is_empty(), "{err}");
        }
    }
    place.mode(0o644);
    assert_eq!(place.run(&["read", &capture, "--secrets", "keys", "-q"]).2, "", "-q wants errors only");
}

#[test]
fn keys_check_says_what_is_there_and_what_it_verifies() {
    let place = Place::new();
    place.file(
        &[
            entry("lab", ID, &format!("{}\nvalid-from = 2026-01-01T00:00:00Z", right())),
            entry("before", ID, "password = \"x\"\nnonce = [\"a\", \"b\"]\nvalid-to = 2025-12-31T23:59:59.5Z"),
            entry("any", "*", &format!("secret = \"{SECRET}\"\nauth-data = \"d\"")),
            entry("unused", "com.unused", "password = \"p \"\nnonce = \"YWJjZGVmZ2g=\"\nuser = \"u\""),
        ]
        .concat(),
    );
    let names = ["appendix-c.pcap", "resync.pcap", "wrong-digest.pcap", "v20-minimal.pcap", "unknown-server.pcap"];
    let captures = names.map(shipped);
    let captures: Vec<&str> = captures.iter().map(String::as_str).collect();
    let mut all = Vec::new();
    for arguments in [&[][..], &captures, &["--json"], &[&["--json"], captures.as_slice()].concat()] {
        let (code, out, err) = place.run(&[&["keys", "check", "keys"], arguments].concat());
        assert_eq!(code, Some(0), "{err}");
        all.push(arguments.first().map_or("nothing", |first| first.rsplit('/').next().unwrap()).to_owned());
        all.push(out);
        assert_eq!(err.lines().count(), 2, "a blank at the end and a nonce that looks like base64: {err}");
    }
    insta::assert_snapshot!("keys_check", all.join("\n"));
}
