//! Reports that go on from the one before: what is read again, what is new, what survives being killed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use support::traffic::{Kind, generate};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// An archive, and a state beside it.
struct Nightly {
    folder: tempfile::TempDir,
    keys: PathBuf,
}

impl Nightly {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("captures")).unwrap();
        let keys = folder.path().join("keys.toml");
        fs::copy(Path::new(ROOT).join("captures/keys.toml"), &keys).unwrap();
        Self { folder, keys }
    }

    fn capture(&self, name: &str) -> PathBuf {
        self.folder.path().join("captures").join(name)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn add(&self, name: &str, size: u64, seed: u64) {
        let mut content = Vec::new();
        generate(Kind::Pushes, size, seed, false, &mut content);
        fs::write(self.capture(name), content).unwrap();
    }

    fn command(&self, state: bool, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushscope"));
        command.env_clear().env("TZ", "UTC").env("HOME", "/nowhere").current_dir(self.folder.path());
        command.args(["report", "captures", "-q", "--format", "json", "--secrets"]).arg(&self.keys).args(more);
        if state {
            command.arg("--state").arg(self.state());
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The report with the state, and what it says of the report before.
    fn report(&self, more: &[&str]) -> (Value, Value) {
        let output = self.command(true, more).output().unwrap();
        let mut report = parsed(&output, 0);
        let schema = fs::read_to_string(Path::new(ROOT).join("docs/report.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let faults: Vec<String> = validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
        let since = report.as_object_mut().unwrap().remove("since_last").unwrap();
        (report, since)
    }

    /// A report that knows of none before.
    fn fresh(&self, more: &[&str]) -> Value {
        parsed(&self.command(false, more).output().unwrap(), 0)
    }

    /// Other content of the same length and time: whoever does not read it does not know.
    fn forge(&self, name: &str) {
        let path = self.capture(name);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let mut content = fs::read(&path).unwrap();
        // The link type of the file: no frame is a push any more.
        content[20] = 0x77;
        fs::write(&path, content).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    fn touch(&self, name: &str) {
        let later = SystemTime::now() + Duration::from_secs(100);
        File::options().write(true).open(self.capture(name)).unwrap().set_modified(later).unwrap();
    }

    /// Waits until so many captures are remembered by a run that is not done.
    fn wait_for(&self, child: &mut Child, captures: usize) {
        let part = self.folder.path().join("state.part");
        let start = Instant::now();
        loop {
            let lines = fs::read(&part).map_or(0, |content| String::from_utf8_lossy(&content).matches('\n').count());
            if lines > captures {
                return;
            }
            assert!(child.try_wait().unwrap().is_none(), "the run ended with {lines} lines");
            assert!(start.elapsed() < Duration::from_mins(1), "nothing was remembered");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn parsed(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn numbers(since: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "gone"].map(|name| since[name].as_u64().unwrap())
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn unchanged_captures_are_not_read_again_and_the_report_is_the_same() {
    let nightly = Nightly::new();
    for (name, seed) in [("a.pcap", 1), ("b.pcap", 2), ("c.pcap", 3)] {
        nightly.add(name, 20_000, seed);
    }
    let whole = nightly.fresh(&[]);
    let (first, since) = nightly.report(&[]);
    assert_eq!((&first, &since["first"], numbers(&since)), (&whole, &true.into(), [3, 0, 0, 0]));
    // Whatever is in them now: nobody looks.
    nightly.forge("b.pcap");
    nightly.touch("c.pcap");
    let (second, since) = nightly.report(&[]);
    assert_eq!((&second, &since["first"], numbers(&since)), (&whole, &false.into(), [0, 0, 3, 0]));
    assert_eq!((&since["notifications"], since["rules"].as_array().unwrap().len()), (&0.into(), 0));
    // Unless they are told to.
    let (third, since) = nightly.report(&["--verify"]);
    assert_eq!(numbers(&since), [0, 1, 2, 0]);
    assert_eq!(third, nightly.fresh(&[]));
    assert_ne!(third["summary"], whole["summary"]);
}

#[test]
fn what_is_new_changed_and_gone_is_told() {
    let nightly = Nightly::new();
    for (name, seed) in [("a.pcap", 1), ("b.pcap", 2), ("c.pcap", 3)] {
        nightly.add(name, 20_000, seed);
    }
    fs::copy(Path::new(ROOT).join("captures/v20-minimal.pcap"), nightly.capture("d.pcap")).unwrap();
    nightly.report(&[]);
    nightly.add("b.pcap", 30_000, 4);
    fs::remove_file(nightly.capture("c.pcap")).unwrap();
    fs::copy(Path::new(ROOT).join("captures/violations-12.pcapng"), nightly.capture("e.pcapng")).unwrap();
    let (report, since) = nightly.report(&[]);
    assert_eq!(numbers(&since), [1, 1, 2, 1]);
    assert_eq!(report, nightly.fresh(&[]));
    let of = |name: &str| report["summary"]["files"][format!("captures/{name}")]["notifications"].as_u64().unwrap();
    assert_eq!(since["notifications"], of("b.pcap") + of("e.pcapng"));
    let rules: Vec<&str> = since["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    assert!(rules.contains(&"N12-014") && !rules.contains(&"N12-005"), "{rules:?}");
    // What is new once is not new again.
    let (_, since) = nightly.report(&[]);
    assert_eq!(numbers(&since), [0, 0, 4, 0]);
}

#[test]
fn other_keys_or_options_make_it_useless() {
    let nightly = Nightly::new();
    nightly.add("a.pcap", 20_000, 1);
    nightly.report(&[]);
    let (_, since) = nightly.report(&["-Y", "dmnoti"]);
    assert_eq!((&since["first"], numbers(&since)), (&true.into(), [1, 0, 0, 0]));
    let (_, since) = nightly.report(&["-Y", "dmnoti"]);
    assert_eq!(numbers(&since), [0, 0, 1, 0]);
    let keys = fs::read_to_string(&nightly.keys).unwrap();
    // One letter of a password, the same length.
    let at = keys.find("password").unwrap() + "password".len() + 6;
    let mut octets = keys.into_bytes();
    octets[at] ^= 1;
    fs::write(&nightly.keys, octets).unwrap();
    let (_, since) = nightly.report(&["-Y", "dmnoti"]);
    assert_eq!((&since["first"], numbers(&since)), (&true.into(), [1, 0, 0, 0]));
}

#[test]
fn the_state_holds_no_secret_and_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let nightly = Nightly::new();
    nightly.add("a.pcap", 20_000, 1);
    nightly.report(&[]);
    let mut forbidden = support::forms::Forbidden::default();
    let values = [("password", &b"S3cr3t-Pw"[..]), ("nonce", b"nonce-001"), ("secret", b"srv-secret-0001")];
    for (name, value) in values {
        let keys = fs::read_to_string(&nightly.keys).unwrap();
        assert!(keys.contains(&format!("{name} = \"{}\"", String::from_utf8_lossy(value))), "the keys are others");
        forbidden.value(name, value);
    }
    forbidden.account(b"com.mgmtsrv.manage", b"S3cr3t-Pw", &[b"nonce-001"]);
    for name in ["state", "state.key"] {
        assert_eq!(forbidden.found_in(&fs::read(nightly.folder.path().join(name)).unwrap()), [""; 0], "{name}");
    }
    for name in ["state", "state.key"] {
        let mode = fs::metadata(nightly.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    assert!(!nightly.folder.path().join("state.part").exists());
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let nightly = Nightly::new();
    for number in 0..8 {
        nightly.add(&format!("{number}.pcap"), 100_000, number);
    }
    let whole = nightly.fresh(&[]);
    let mut child = nightly.command(true, &["--threads", "1"]).spawn().unwrap();
    nightly.wait_for(&mut child, 2);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!nightly.state().exists(), "an unfinished report is no state");
    // A line that was cut off is no line.
    let part = nightly.folder.path().join("state.part");
    let mut lines = fs::read(&part).unwrap();
    lines.extend_from_slice(b"{\"item\":{\"name\":\"captures/7.pcap\",\"oct");
    fs::write(&part, lines).unwrap();
    // What was read before is not read again: this is not noticed.
    nightly.forge("0.pcap");
    let (report, since) = nightly.report(&[]);
    assert_eq!(report, whole);
    assert_eq!(
        (numbers(&since), &since["notifications"]),
        ([8, 0, 0, 0], &whole["summary"]["totals"]["notifications"])
    );
    let (report, since) = nightly.report(&[]);
    assert_eq!((&report, numbers(&since)), (&whole, [0, 0, 8, 0]));
}

#[test]
fn an_interrupted_report_is_partial_and_says_so() {
    let nightly = Nightly::new();
    for number in 0..8 {
        nightly.add(&format!("{number}.pcap"), 100_000, number);
    }
    let mut child = nightly.command(true, &["--threads", "1"]).spawn().unwrap();
    nightly.wait_for(&mut child, 1);
    // Nobody else may use the state meanwhile.
    let other = nightly.command(true, &[]).output().unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("another report is using it"));
    signal(&child, "-INT");
    let report = parsed(&child.wait_with_output().unwrap(), 130);
    assert_eq!(report["made"]["partial"], true);
    let files = report["summary"]["totals"]["files"].as_u64().unwrap();
    assert!((1..8).contains(&files), "{files}");
    assert!(!nightly.state().exists(), "a partial report is no state");
    let (report, _) = nightly.report(&[]);
    assert_eq!(report, nightly.fresh(&[]));
}

#[test]
fn an_interrupt_ends_waiting_for_a_pipe() {
    let nightly = Nightly::new();
    nightly.add("a.pcap", 20_000, 1);
    let whole = fs::read(nightly.capture("a.pcap")).unwrap();
    let pipe = nightly.folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = nightly.command(false, &["pipe"]).spawn().unwrap();
    // Half of a capture, and then nothing more.
    let mut writer = File::options().write(true).open(&pipe).unwrap();
    std::io::Write::write_all(&mut writer, &whole[..whole.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it waits for more");
    signal(&child, "-INT");
    let report = parsed(&child.wait_with_output().unwrap(), 130);
    assert_eq!((&report["made"]["partial"], &report["summary"]["totals"]["damaged"]), (&true.into(), &0.into()));
    assert_eq!(report["summary"]["totals"]["files"], 2);
    drop(writer);
    // What comes through a pipe whole is read whole.
    let child = nightly.command(false, &["pipe"]).spawn().unwrap();
    fs::write(&pipe, &whole).unwrap();
    let report = parsed(&child.wait_with_output().unwrap(), 0);
    let files = &report["summary"]["files"];
    assert_eq!(files["pipe"]["notifications"], files["captures/a.pcap"]["notifications"]);
}
