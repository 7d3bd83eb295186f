//! Secrets never leave: marker secrets go through every command, and everything that is written is searched for them.
//!
//! Searched for are the values as plain text, hex and base64, their MD5 and SHA-256, the credential hash and what stands
//! around it, and every digest that would be right and was not received. What a server sent is public.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::{Keyring, Secret};
use support::forms::Forbidden;
use support::marker::{NONCES, PASSWORD, SECRET, STEM, capture, forbidden, messages, secrets, text};
use support::notification::{SERVER, Trigger, base64, digest12, md5, sha256};
use support::to_hex;

/// A folder of its own that is removed at the end.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, octets: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, octets).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        path.display().to_string()
    }

    /// Runs the program: exit code, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, Vec<u8>, Vec<u8>) {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, Vec<u8>, Vec<u8>) {
        let output = Command::new(env!("CARGO_BIN_EXE_pushscope"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env_remove("PUSHSCOPE_SECRETS")
            .env("RUST_BACKTRACE", "full")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), output.stdout, output.stderr)
    }
}

/// Runs, expects this exit code, and searches what was written.
fn search(place: &Place, forbidden: &mut Forbidden, arguments: &[&str], code: i32) -> Vec<u8> {
    let (ended, out, err) = place.run(arguments);
    assert_eq!(ended, Some(code), "{arguments:?}: {}", text(&err));
    let leaked: Vec<_> = [&out, &err].into_iter().flat_map(|written| forbidden.found_in(written)).collect();
    assert!(leaked.is_empty(), "{arguments:?} writes {leaked:?}");
    out
}

#[test]
fn no_command_writes_a_secret() {
    let place = Place::new();
    let messages = messages();
    let mut forbidden = forbidden(&messages);
    let keys = place.file("keys.toml", secrets().as_bytes());
    let pcap = place.file("all.pcapng", &capture(&messages));
    let mut seen = String::new();
    for output in ["text", "tree", "json", "ndjson", "csv"] {
        for more in [["-x", "-v"], ["--all", "--heuristic"], ["--color=always", "-vv"]] {
            let arguments = [&["read", &pcap, "--secrets", &keys, "-T", output], more.as_slice()].concat();
            seen += &text(&search(&place, &mut forbidden, &arguments, 0));
        }
    }
    for status in ["valid", "resync", "deviant", "invalid", "unsigned", "unchecked", "incomplete"] {
        assert!(seen.contains(&format!("\"{status}\"")), "no {status} message in the test");
    }
    for deviation in [
        "nonce-base64",
        "nonce-empty",
        "nonce-cut-at-nul",
        "nonce-constant:1234",
        "resync-ascii-0x",
        "trigger-raw",
        "trigger-digest-raw",
        "credential-hex",
        "user-for-id",
        "nonce-base64+secret-whitespace",
        "other-account",
        "replayed-digest",
        "secret-whitespace",
        "secret-appended",
        "auth-data-appended",
    ] {
        assert!(seen.contains(&format!("\"{deviation}\"")), "no {deviation} in the test");
    }
    let fields = search(&place, &mut forbidden, &["fields", "dmnoti.digest", "--json"], 0);
    let fields: Vec<serde_json::Value> = serde_json::from_slice(&fields).unwrap();
    let names: Vec<&str> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
    assert!(names.contains(&"dmnoti.digest.key"), "{names:?}");
    let mut arguments = vec!["read", &pcap, "--secrets", &keys, "--header"];
    for &name in &names {
        arguments.extend(["-e", name]);
        search(&place, &mut forbidden, &["read", &pcap, "--secrets", &keys, "-Y", name], 0);
    }
    search(&place, &mut forbidden, &arguments, 0);
    for (name, more) in [("a.pcapng", "-V"), ("b.pcap", "-Tjson"), ("c.pcapng", "--all")] {
        search(&place, &mut forbidden, &["read", &pcap, "--secrets", &keys, "-w", name, more], 0);
    }
    search(&place, &mut forbidden, &["read", &pcap, "--secrets", &keys, "-w", "-"], 0);
    search(&place, &mut forbidden, &[&pcap, "--secrets", &keys], 0);
    search(&place, &mut forbidden, &["read", &pcap, "--secrets", &keys, "--fail-on", "error"], 1);
    for frame in 1..=messages.len() + 1 {
        let number = frame.to_string();
        // The second frame is cut: there is nothing to explain.
        let code = if frame == 2 { 2 } else { 0 };
        for output in ["text", "json"] {
            let arguments = ["explain", &pcap, "-n", &number, "--secrets", &keys, "-T", output, "-v"];
            search(&place, &mut forbidden, &arguments, code);
        }
    }
    search(&place, &mut forbidden, &["explain", &pcap, "-n", "999", "--secrets", &keys], 2);
    for more in [&[][..], &["--json"], &[&pcap], &["--json", &pcap]] {
        search(&place, &mut forbidden, &[&["keys", "check", &keys], more].concat(), 0);
    }
    for (_, message) in &messages {
        // Whatever it is taken for.
        let (_, out, err) = place.run(&["decode", &to_hex(message), "--secrets", &keys, "-x"]);
        let leaked = [forbidden.found_in(&out), forbidden.found_in(&err)].concat();
        assert!(leaked.is_empty(), "decode writes {leaked:?}");
    }
    let json = ["decode", "-T", "json", &to_hex(&messages[5].1), "--secrets", &keys];
    search(&place, &mut forbidden, &json, 0);
    search(&place, &mut forbidden, &["config", "--secrets", &keys, "-v"], 0);
    search(&place, &mut forbidden, &["rules", "--json"], 0);
    search(&place, &mut forbidden, &["read", &pcap, "--secrets", &keys, "-Y", "dmnoti.digest.status =="], 2);
    search(&place, &mut forbidden, &["read", "missing.pcap", "--secrets", &keys], 2);
    for command in [vec!["read", &pcap], vec!["config"], vec!["report", &pcap]] {
        let (_, out, err) = place.run_with(&command, &[("PUSHSCOPE_SECRETS", &keys)]);
        let leaked = [forbidden.found_in(&out), forbidden.found_in(&err)].concat();
        assert!(leaked.is_empty(), "{command:?} writes {leaked:?}");
    }
    written_files(place.0.path(), &keys, &mut forbidden);
}

/// Everything in the folder but the secrets file itself.
fn written_files(folder: &Path, keys: &str, forbidden: &mut Forbidden) {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written_files(&path, keys, forbidden);
        } else if path != Path::new(keys) {
            count += 1;
            let leaked = forbidden.found_in(&std::fs::read(&path).unwrap());
            assert!(leaked.is_empty(), "{} holds {leaked:?}", path.display());
        }
    }
    assert!(count == 0 || count >= 4, "the captures were written");
}

#[test]
fn the_search_finds_what_is_written() {
    let mut forbidden = forbidden(&messages());
    let credential = md5(&[SERVER.as_bytes(), b":", PASSWORD].concat());
    for written in [
        format!("x{}y", text(PASSWORD)),
        to_hex(NONCES[1]),
        to_hex(NONCES[2]).to_uppercase(),
        base64(&[b"ab", SECRET, b"cd"].concat()),
        to_hex(&sha256(SECRET)),
        base64(&md5(PASSWORD)),
        to_hex(&credential),
        format!("H({}:..)", base64(&credential)),
        format!("{:?}", credential.as_slice()),
        "half of MaRk3r-p".to_owned(),
        to_hex(&digest12(SERVER.as_bytes(), PASSWORD, NONCES[0], &Trigger::new(0x0406).server(SERVER).octets())),
    ] {
        assert!(!forbidden.found_in(written.as_bytes()).is_empty(), "{written} is not found");
    }
    assert!(forbidden.found_in(&capture(&messages())).is_empty(), "the capture itself is public");
}

/// Mistakes of the author of a secrets file, each with a value that must not be shown.
fn mistakes() -> Vec<(&'static str, String)> {
    let head = format!("[[server]]\nid = \"{SERVER}\"\n");
    let body = |line: &str| format!("{head}{line}\n");
    vec![
        ("a digit that is no hex", body("password = \"hex:4d61526b3372MaRk3r\"")),
        ("an odd number of digits", body("password = \"hex:4d61526b33725\"")),
        ("no base64", body("nonce = [\"b64:AQID\",\n  \"b64:MaRk3r!!\"]")),
        ("a key misspelt", body("pasword = \"MaRk3r-1\"")),
        ("a value left of the =", body("MaRk3r-key = \"MaRk3r-1\"")),
        ("no quotes", body("password = MaRk3r-1")),
        ("a quote not closed", body("password = \"MaRk3r-1")),
        ("a backslash in quotes", body("password = \"MaRk3r\\q\"")),
        ("a key twice", body("password = \"MaRk3r-1\"\npassword = \"MaRk3r-2\"")),
        ("a number", body("password = 77826107")),
        ("a list for a password", body("password = [\"MaRk3r-1\", \"MaRk3r-2\"]")),
        ("a table for a password", body("password = { plain = \"MaRk3r-1\" }")),
        ("a key of a key", body("password.MaRk3r = \"MaRk3r-1\"")),
        ("a number among nonces", body("password = \"MaRk3r-1\"\nnonce = [\"MaRk3r-2\", 3]")),
        ("a list not closed", body("password = \"MaRk3r-1\"\nnonce = [\"MaRk3r-2\",")),
        ("a date without time", body("password = \"MaRk3r-1\"\nvalid-from = 2026-01-01")),
        ("a time without zone", body("password = \"MaRk3r-1\"\nvalid-from = 2026-01-01T00:00:00")),
        ("a time in quotes", body("password = \"MaRk3r-1\"\nvalid-to = \"2026-01-01T00:00:00Z\"")),
        (
            "limits the wrong way round",
            body("password = \"MaRk3r-1\"\nvalid-from = 2026-01-02T00:00:00Z\nvalid-to = 2026-01-01T00:00:00Z"),
        ),
        ("neither password nor secret", body("nonce = \"MaRk3r-1\"")),
        ("no id", "[[server]]\npassword = \"MaRk3r-1\"\n".to_owned()),
        ("an id that is a number", "[[server]]\nid = 7\npassword = \"MaRk3r-1\"\n".to_owned()),
        ("single brackets", format!("[server]\nid = \"{SERVER}\"\npassword = \"MaRk3r-1\"\n")),
        ("another table", body("password = \"MaRk3r-1\"\n[[servers]]\nsecret = \"MaRk3r-2\"")),
        ("a bracket missing", format!("[[server]\nid = \"{SERVER}\"\npassword = \"MaRk3r-1\"\n")),
        ("a control character", body("password = \"MaRk3r\u{1}\"")),
        ("one-line form, no hex", format!("{SERVER}:MaRk3r-1:MaRk3r-2\n{SERVER}:hex:MaRk3r:MaRk3r-2\n")),
        ("one-line form, no id", ":MaRk3r-1:MaRk3r-2\n".to_owned()),
        ("one-line form, no password", format!("{SERVER}:MaRk3r-1:n\n{SERVER}\n")),
        ("CSV, too many cells", format!("{SERVER},MaRk3r-1,MaRk3r-2,MaRk3r-3\n")),
        ("CSV, a quote not closed", format!("{SERVER},\"MaRk3r-1\n")),
        ("CSV, no base64", format!("id,password,nonce\n{SERVER},MaRk3r-1,b64:MaRk3r!\n")),
        ("CSV, a date", format!("id,password,valid-to\n{SERVER},MaRk3r-1,MaRk3r-2\n")),
        ("a password only", "MaRk3r-1\n".to_owned()),
    ]
}

#[test]
fn a_mistake_in_a_secrets_file_is_named_by_line_and_key() {
    let place = Place::new();
    let mut forbidden = Forbidden::default();
    forbidden.shown("a part of a value", STEM);
    forbidden.shown("a number", b"77826107");
    let pcap = place.file("all.pcapng", &capture(&messages()));
    let mut transcript = String::new();
    for (name, file) in mistakes() {
        place.file("keys", file.as_bytes());
        let mut said = Vec::new();
        for arguments in [
            &["keys", "check", "keys"][..],
            &["keys", "check", "keys", "--json", &pcap],
            &["read", &pcap, "--secrets", "keys"],
            &["explain", &pcap, "-n", "1", "--secrets", "keys", "-v"],
            &["decode", &to_hex(&messages()[0].1), "-q", "--secrets", "keys"],
        ] {
            let (code, out, err) = place.run(arguments);
            assert_eq!(code, Some(2), "{name}: {arguments:?} {}", text(&err));
            assert!(out.is_empty(), "{name}: {arguments:?} prints {}", text(&out));
            let leaked = forbidden.found_in(&err);
            assert!(leaked.is_empty(), "{name}: {arguments:?} writes {leaked:?}: {}", text(&err));
            said.push(text(&err));
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{name}: every command says the same: {said:?}");
        let _ = write!(transcript, "{name}\n  {}", said[0]);
    }
    insta::assert_snapshot!("mistakes", transcript);
}

#[test]
fn a_secrets_file_that_cannot_be_read_shows_nothing() {
    let place = Place::new();
    let mut forbidden = Forbidden::default();
    forbidden.shown("a part of a value", STEM);
    let pcap = place.file("all.pcapng", &capture(&messages()));
    place.file("latin1.toml", &[secrets().as_bytes(), b"# \xe4\n"].concat());
    place.file("utf16.toml", &secrets().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    std::fs::create_dir(place.path("folder")).unwrap();
    for file in ["latin1.toml", "utf16.toml", "folder", "missing.toml", &pcap] {
        for arguments in [&["read", &pcap, "--secrets", file][..], &["keys", "check", file]] {
            let (code, out, err) = place.run(arguments);
            assert_eq!(code, Some(2), "{arguments:?}");
            assert!(text(&err).contains(file), "{arguments:?}: {}", text(&err));
            let leaked = [forbidden.found_in(&out), forbidden.found_in(&err)].concat();
            assert!(leaked.is_empty(), "{arguments:?} writes {leaked:?}");
        }
    }
}

/// Writes everything there is of each packet, as a debugger or a panic message would.
struct Dump(String);

impl Sink for Dump {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let _ = writeln!(self.0, "{packet:?}");
        ControlFlow::Continue(())
    }
}

#[test]
fn nothing_that_can_be_printed_for_debugging_holds_a_secret() {
    let place = Place::new();
    let messages = messages();
    let mut forbidden = forbidden(&messages);
    let path = place.file("all.pcapng", &capture(&messages));
    let keys = Keyring::parse(&secrets(), "keys").unwrap_or_else(|error| panic!("{error}"));
    let mut input = Input::open(Path::new(&path)).unwrap_or_else(|problem| panic!("{problem}"));
    let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
    let mut dump = Dump(String::new());
    while let Some(frame) = input.next() {
        let _ = engine.frame(&frame, &mut dump);
    }
    let _ = write!(dump.0, "{:?}{:?}", keys.list().collect::<Vec<_>>(), keys.warnings());
    assert!(dump.0.contains("Deviant") && dump.0.len() > 10_000);
    let leaked = forbidden.found_in(dump.0.as_bytes());
    assert!(leaked.is_empty(), "{leaked:?}");
}

/// Fails to compile where a type has a trait: two candidates for `what` then.
macro_rules! lacks {
    ($type:ty: $($trait:path),+) => {$(
        const _: fn() = || {
            trait Twice<Which> {
                fn what() {}
            }
            impl<T: ?Sized> Twice<()> for T {}
            struct Has;
            impl<T: ?Sized + $trait> Twice<Has> for T {}
            let _ = <$type as Twice<_>>::what;
        };
    )+};
}

lacks!(Secret: std::fmt::Debug, std::fmt::Display, Clone, serde::Serialize, AsRef<[u8]>);
lacks!(Keyring: std::fmt::Debug, std::fmt::Display, Clone, serde::Serialize);
