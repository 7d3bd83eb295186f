//! The program as people and scripts call it: output, messages and exit codes, on the shipped captures.
//!
//! `tests/cli/*.txt` are transcripts: a command after `$ `, then its standard output, its standard error behind `2> `, and its
//! exit code where it is not 0. `PUSHSCOPE_BLESS=1 cargo test --test cli` writes them anew; read the difference before you
//! commit it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::chance::{Rng, mutate};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const KEYS: &str = "captures/keys.toml";

/// The program in a clean environment, in the folder of the sources.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushscope"));
    let nowhere = env!("CARGO_TARGET_TMPDIR");
    command.current_dir(ROOT).env_clear().env("TZ", "UTC").env("HOME", nowhere).env("XDG_CONFIG_HOME", nowhere);
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Standard output of a run that must succeed.
fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn run_with(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = program();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The program may have seen enough before all is written.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("output is UTF-8")
}

fn captures() -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        std::fs::read_dir(Path::new(ROOT).join("captures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "pcap" || e == "pcapng"));
    paths.sort();
    assert!(paths.len() > 20, "only {} captures", paths.len());
    paths
}

/// A file for one test, removed by the next run's.
fn scratch(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path.to_string_lossy().into_owned()
}

// ---------------------------------------------------------------- transcripts

/// Words of a command line; single quotes hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Runs a line of a transcript: `pushscope …` or `cat FILE | pushscope …`. The answer: standard output, standard error, code.
fn run_line(line: &str) -> (String, String, i32) {
    let (input, command) = match line.strip_prefix("cat ").and_then(|rest| rest.split_once(" | ")) {
        Some((file, command)) => (std::fs::read(Path::new(ROOT).join(file)).unwrap(), command),
        None => (Vec::new(), line),
    };
    let all = words(command.strip_prefix("pushscope").unwrap_or_else(|| panic!("no command: {line}")));
    let output = run_with(&all.iter().map(String::as_str).collect::<Vec<_>>(), &input);
    // Whether this is said depends on how the sources were checked out.
    let complaints = text(&output.stderr);
    let complaints = complaints.lines().filter(|line| !line.contains("captures/keys.toml can be read by others"));
    let complaints = complaints.fold(String::new(), |all, line| all + line + "\n");
    (text(&output.stdout), complaints, output.status.code().expect("an exit code"))
}

fn transcribe(line: &str) -> String {
    let (out, err, code) = run_line(line);
    let mut shown = format!("$ {line}\n{out}");
    for complaint in err.lines() {
        let _ = writeln!(shown, "{}", format!("2> {complaint}").trim_end());
    }
    if code != 0 {
        let _ = writeln!(shown, "exit {code}");
    }
    shown
}

/// As much of a line as helps.
fn begin(line: Option<&str>) -> String {
    line.unwrap_or("(nothing)").chars().take(200).collect()
}

#[test]
fn transcripts_are_what_the_program_says() {
    let bless = std::env::var_os("PUSHSCOPE_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(Path::new(ROOT).join("tests/cli")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 8, "only {} transcripts", paths.len());
    for path in paths {
        let wanted = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let head: String =
            wanted.lines().take_while(|line| !line.starts_with("$ ")).fold(String::new(), |a, l| a + l + "\n");
        let parts: Vec<String> = wanted.lines().filter_map(|line| line.strip_prefix("$ ")).map(transcribe).collect();
        let said = (head + &parts.join("\n")).replace("\r\n", "\n");
        if said == wanted {
            continue;
        }
        if bless {
            std::fs::write(&path, said).unwrap();
        } else {
            let line = said.lines().zip(wanted.lines()).position(|(a, b)| a != b);
            let line = line.unwrap_or_else(|| said.lines().count().min(wanted.lines().count()));
            wrong.push(format!(
                "{} line {}:\n  wanted {:?}\n  said   {:?}",
                path.file_name().unwrap().display(),
                line + 1,
                begin(wanted.lines().nth(line)),
                begin(said.lines().nth(line))
            ));
        }
    }
    assert!(wrong.is_empty(), "PUSHSCOPE_BLESS=1 cargo test --test cli rewrites these:\n{}", wrong.join("\n"));
}

// ---------------------------------------------------------------- outputs quoted in documents

/// The document with what the program prints: in ```console blocks behind their `$ ` line, and in the ```text block behind a
/// `cargo run --release -- …` line.
fn quoted(document: &str) -> String {
    let (mut out, mut lines, mut last_run) = (String::new(), document.lines(), None);
    while let Some(line) = lines.next() {
        out += line;
        out.push('\n');
        if let Some(arguments) = line.strip_prefix("cargo run --release -- ") {
            last_run = Some(words(arguments));
        }
        let said = match (line, &last_run) {
            ("```console", _) => lines.by_ref().find_map(|line| line.strip_prefix("$ ")).map(|line| {
                let (out, err, code) = run_line(line);
                assert_eq!(code, 0, "{line}: {err}");
                format!("$ {line}\n{err}{out}")
            }),
            ("```text", Some(run)) => Some(stdout(&run.iter().map(String::as_str).collect::<Vec<_>>())),
            _ => None,
        };
        if let Some(said) = said {
            out += &said;
            out += lines.by_ref().find(|line| line.starts_with("```")).expect("the end of a block");
            out.push('\n');
        }
    }
    out
}

#[test]
fn documents_quote_what_the_program_says() {
    for name in ["README.md", "docs/guide.md"] {
        let path = Path::new(ROOT).join(name);
        let written = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let said = quoted(&written);
        if std::env::var_os("PUSHSCOPE_BLESS").is_some() {
            std::fs::write(&path, said).unwrap();
        } else {
            let line = said.lines().zip(written.lines()).position(|(a, b)| a != b).unwrap_or(0);
            assert!(
                said == written,
                "{name} line {}: PUSHSCOPE_BLESS=1 cargo test --test cli rewrites it; now it is {:?}",
                line + 1,
                said.lines().nth(line)
            );
        }
    }
}

// ---------------------------------------------------------------- the recordings

#[test]
fn pushes_of_a_third_party_gateway_are_listed_and_verified() {
    let line = |file: &str| {
        stdout(&[
            "read",
            file,
            "--secrets",
            KEYS,
            "-q",
            "-Y",
            "udp.dstport == 2948",
            "-e",
            "frame.number",
            "-e",
            "dmnoti.format",
            "-e",
            "dmnoti.server_id",
            "-e",
            "dmnoti.digest.status",
            "-e",
            "finding.rule",
        ])
    };
    let plain = line("captures/thirdparty_kannel145.pcap");
    let rows: Vec<Vec<&str>> = plain.lines().map(|row| row.split('\t').collect()).collect();
    assert_eq!(rows.len(), 3, "{plain}");
    for row in &rows {
        assert_eq!((row[2], row[3]), ("com.mgmtsrv.manage", "valid"), "{plain}");
        let wanted = if row[1] == "1.2" { "N12-024" } else { "N20-026" };
        assert!(row[4].split(',').any(|rule| rule == wanted), "{wanted} is missing: {row:?}");
    }
    let auth = line("captures/thirdparty_kannel145_auth.pcap");
    let headers = auth.lines().filter(|row| row.contains("\t1.2\t"));
    assert_eq!(headers.clone().count(), 2, "{auth}");
    for row in headers {
        assert!(row.contains("N12-024") && row.contains("N12-032"), "{row}");
    }
    let tree = stdout(&["read", "captures/thirdparty_kannel145_auth.pcap", "-V", "-c", "1"]);
    assert!(tree.contains("N12-032: a further header in the push: Authorization"), "{tree}");
}

// ---------------------------------------------------------------- JSON

fn schema() -> jsonschema::Validator {
    let schema = std::fs::read_to_string(Path::new(ROOT).join("docs/json.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

/// Checks every line of an ndjson output; the answer is how many there were.
fn check_json(schema: &jsonschema::Validator, output: &str, what: &str) -> usize {
    for line in output.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{what}: {error}: {line}"));
        if let Err(error) = schema.validate(&value) {
            panic!("{what}: {error} at {}: {line}", error.instance_path());
        }
        check_spans(&value, what);
    }
    output.lines().count()
}

/// Spans lie inside their buffers, children inside nothing but their own buffer's length.
fn check_spans(packet: &Value, what: &str) {
    let lengths: Vec<u64> =
        packet["buffers"].as_array().unwrap().iter().map(|buffer| buffer["len"].as_u64().unwrap() * 8).collect();
    let mut nodes: Vec<&Value> = packet["layers"].as_array().unwrap().iter().collect();
    while let Some(node) = nodes.pop() {
        if let Some(span) = node.get("span") {
            let buffer = usize::try_from(span["buffer"].as_u64().unwrap()).unwrap();
            let end = span["bit"].as_u64().unwrap() + span["len"].as_u64().unwrap();
            assert!(end <= lengths[buffer], "{what}: {} ends at bit {end} of {}", node["name"], lengths[buffer]);
        }
        nodes.extend(node.get("children").and_then(Value::as_array).into_iter().flatten());
    }
}

#[test]
fn json_of_every_capture_is_as_the_schema_says() {
    let schema = schema();
    let mut packets = 0;
    for path in captures() {
        let name = path.to_string_lossy();
        let output = run(&["read", &name, "-T", "ndjson", "-x", "--all", "-q", "--secrets", KEYS]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        packets += check_json(&schema, &text(&output.stdout), &name);
    }
    assert!(packets > 500, "only {packets} packets");
}

#[test]
fn json_of_mutated_captures_is_as_the_schema_says() {
    let schema = schema();
    let mut rng = Rng::new(0x150a);
    let files: Vec<Vec<u8>> = captures().iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut packets = 0;
    for round in 0..40 {
        let file = rng.pick(&files).clone();
        let octets = mutate(&mut rng, &file);
        let output = run_with(&["read", "-", "-T", "ndjson", "-x", "--all", "-q", "--secrets", KEYS], &octets);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{:?}", output.status);
        packets += check_json(&schema, &text(&output.stdout), &format!("mutation {round}"));
    }
    assert!(packets > 200, "only {packets} packets");
}

#[test]
fn a_json_array_holds_the_same_objects_as_the_lines() {
    for file in ["captures/ui-modes.pcap", "captures/fragments.pcapng"] {
        let array: Value = serde_json::from_str(&stdout(&["read", file, "-T", "json"])).unwrap();
        let lines = stdout(&["read", file, "-T", "ndjson"]);
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, Value::Array(lines), "{file}");
    }
    let nothing = run(&["read", "captures/ui-modes.pcap", "-T", "json", "-Y", "udp.dstport == 1"]);
    assert_eq!((nothing.status.code(), text(&nothing.stdout).as_str()), (Some(0), "[]\n"));
}

// ---------------------------------------------------------------- hostile text

/// Characters that steer a terminal or hide.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(u32::from(c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfeff | 0x115f | 0x1160)
}

#[test]
fn nothing_in_a_packet_steers_a_terminal() {
    let file = "captures/hostile-text.pcapng";
    let fields: Vec<String> =
        stdout(&["fields"]).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    let mut every: Vec<&str> = vec!["read", file];
    for field in &fields {
        every.extend(["-e", field]);
    }
    let mut runs = vec![
        vec!["read", file],
        vec!["read", file, "--all", "--header"],
        vec!["read", file, "-V", "-x"],
        vec!["read", file, "-T", "csv"],
        vec!["explain", file, "-n", "1"],
        vec!["read", file, "-Y", "dmnoti.server_id == \"\u{1b}[31m\""],
        vec!["read", "captures/\u{1b}[31m\u{202e}"],
        vec!["read", file, "-Y", "no\u{1b}[31m"],
        vec!["read", file, "-e", "no\u{1b}[31m"],
        vec!["read", file, "-d", "udp.port==1,no\u{1b}[31m"],
        vec!["fields", "\u{1b}[31m"],
    ];
    runs.push(every);
    for arguments in runs {
        let output = run(&arguments);
        for (stream, octets) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
            // Rows of comma-separated values end like this.
            let shown = text(octets).replace("\r\n", "\n");
            if let Some(c) = shown.chars().find(|c| steers(*c)) {
                panic!("{:?} on {stream} of {:?}", c, &arguments[..arguments.len().min(6)]);
            }
        }
    }
}

/// Writes every packet as JSON for a terminal.
struct ForTerminal(pushscope::output::json::JsonWriter, usize);

impl pushscope::scan::Sink for ForTerminal {
    fn packet(&mut self, packet: &pushscope::scan::Packet<'_>) -> std::ops::ControlFlow<()> {
        let written = self.0.packet(packet);
        assert!(written.iter().all(|octet| (0x20..0x7f).contains(octet)), "{}", String::from_utf8_lossy(written));
        self.1 += 1;
        std::ops::ControlFlow::Continue(())
    }
}

#[test]
fn json_on_a_terminal_is_plain_ascii() {
    let options = pushscope::output::json::Options { ascii: true, octets: true };
    let mut sink = ForTerminal(pushscope::output::json::JsonWriter::new(options), 0);
    let keys = pushscope::verify::Keyring::default();
    let table = pushscope::dissect::Table::new(pushscope::dissect::DISSECTORS);
    let mut engine = pushscope::scan::Engine::new(table, &keys, pushscope::scan::Options::default());
    let path = Path::new(ROOT).join("captures/hostile-text.pcapng");
    let mut input = pushscope::capture::Input::open(&path).unwrap_or_else(|problem| panic!("{problem}"));
    while let Some(frame) = input.next() {
        assert!(engine.frame(&frame, &mut sink).is_continue());
    }
    assert!(sink.1 > 50, "only {} packets", sink.1);
}

#[test]
fn json_holds_no_control_characters() {
    let output = stdout(&["read", "captures/hostile-text.pcapng", "--all", "-T", "ndjson"]);
    assert!(!output.chars().any(|c| c.is_control() && c != '\n'));
    assert_eq!(check_json(&schema(), &output, "hostile-text"), output.lines().count());
}

// ---------------------------------------------------------------- inputs

#[test]
fn every_way_in_gives_the_same() {
    let file = "captures/ui-modes.pcap";
    let octets = std::fs::read(Path::new(ROOT).join(file)).unwrap();
    let wanted = stdout(&["read", file, "-T", "ndjson"]);
    let same = |output: &Output, what: &str| {
        assert_eq!(output.status.code(), Some(0), "{what}: {}", text(&output.stderr));
        assert!(text(&output.stdout) == wanted, "{what} differs");
    };
    same(&run_with(&["read", "-", "-T", "ndjson"], &octets), "standard input");
    same(&run_with(&["-", "-T", "ndjson"], &octets), "standard input without a command");
    same(&run(&["-r", file, "-n", "-T", "ndjson"]), "-r FILE -n");
    same(&run(&["read", file, "-T", "ndjson", "--threads", "1"]), "one thread");
    same(&run(&["read", file, "-T", "ndjson", "--threads", "4"]), "four threads");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&octets).unwrap();
    let gzip = gzip.finish().unwrap();
    same(&run(&["read", &scratch("cli-packed", &gzip), "-T", "ndjson"]), "gzip");
    same(&run_with(&["read", "-", "-T", "ndjson"], &gzip), "gzip on standard input");
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip.write_all(&octets).unwrap();
    same(&run_with(&["read", "-", "-T", "ndjson"], &bzip.finish().unwrap()), "bzip2");
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(&octets).unwrap();
    same(&run_with(&["read", "-", "-T", "ndjson"], &lz4.finish().unwrap()), "lz4");
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_read_as_it_arrives() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-fifo-{}", std::process::id()));
    if !Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()) {
        println!("SKIPPED: no mkfifo here");
        return;
    }
    let octets = std::fs::read(Path::new(ROOT).join("captures/ui-modes.pcap")).unwrap();
    let name = path.to_string_lossy().into_owned();
    let child =
        program().args(["read", &name, "-c", "3"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(&octets);
    let output = child.wait_with_output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(0), 3));
}

#[test]
fn files_are_merged_by_time() {
    let output = stdout(&[
        "read",
        "captures/duplicates.pcapng",
        "captures/ui-modes.pcap",
        "-e",
        "frame.number",
        "-e",
        "frame.file",
        "-e",
        "frame.file_number",
        "-e",
        "frame.time_epoch",
    ]);
    let rows: Vec<Vec<&str>> = output.lines().map(|row| row.split('\t').collect()).collect();
    assert_eq!(rows.len(), 23);
    assert!(rows.iter().any(|row| row[1] == "0") && rows.iter().any(|row| row[1] == "1"), "{output}");
    let times: Vec<f64> = rows.iter().map(|row| row[3].parse().unwrap()).collect();
    assert!(times.is_sorted(), "{output}");
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row[0], (index + 1).to_string(), "{output}");
    }
}

#[test]
fn damaged_files_are_read_as_far_as_they_go_and_named() {
    let whole = std::fs::read(Path::new(ROOT).join("captures/ui-modes.pcap")).unwrap();
    for (name, octets, listed, complaint) in [
        ("cli-empty.pcap", &whole[..0], 0, "the file is empty (0 octets)"),
        ("cli-header.pcap", &whole[..10], 0, "the pcap header is cut off: 10 of 24 octets"),
        ("cli-cut.pcap", &whole[..24 + 2 * 106 + 50], 2, "a record claims 90 octets of data, 34 are there"),
        ("cli-text.pcap", &b"no capture at all"[..], 0, "not a capture (expected pcap or pcapng)"),
    ] {
        let output = run(&["read", &scratch(name, octets)]);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!((output.status.code(), out.lines().count()), (Some(2), listed), "{name}: {out}{err}");
        assert!(err.contains(complaint) && err.contains(name) && err.lines().count() == 1, "{name}: {err}");
    }
    // The others are still read; where 1 and 2 both apply, it is 2.
    let output =
        run(&["read", "nowhere.pcap", "captures/wrong-digest.pcap", "--secrets", KEYS, "--fail-on", "error", "-q"]);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(2), 2));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let path = scratch("cli-locked.pcap", b"");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let readable = std::fs::File::open(&path).is_ok();
    let output = run(&["read", &path]);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(output.status.code(), Some(2));
    if readable {
        println!("SKIPPED: this user may read everything");
        return;
    }
    assert!(text(&output.stderr).contains("may not be read"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn secrets_that_others_may_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let secrets = scratch("cli-secrets.toml", &std::fs::read(Path::new(ROOT).join(KEYS)).unwrap());
    for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(mode)).unwrap();
        let output = run(&["read", "captures/appendix-c.pcap", "--secrets", &secrets]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(text(&output.stderr).contains("can be read by others"), warned, "{mode:o}");
    }
}

// ---------------------------------------------------------------- endings

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [
        vec!["rules"],
        vec!["read", "captures/hostile-text.pcapng", "-V", "-x"],
        vec!["read", "captures/hostile-text.pcapng", "-T", "json", "-x"],
    ] {
        let mut child = program().args(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(text(&output.stderr).lines().find(|line| !line.contains("warning")), None, "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_run_that_waits() {
    let octets = std::fs::read(Path::new(ROOT).join("captures/ui-modes.pcap")).unwrap();
    for (style, end) in [("ndjson", "}\n"), ("json", "\n]\n")] {
        let mut command = program();
        command.args(["read", "-", "-T", style]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&octets).unwrap();
        // The pipe stays open: the program waits for more.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        if !sent.is_ok_and(|status| status.success()) {
            println!("SKIPPED: no kill here");
            drop(stdin);
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
        let printed = text(&output.stdout);
        assert!(printed.matches("\"schema\"").count() == 8 && printed.ends_with(end), "{printed}");
    }
}

#[test]
fn fail_on_decides_the_exit_code() {
    for (file, limit, code) in [
        ("captures/appendix-c.pcap", "note", 0),
        ("captures/resync.pcap", "note", 1),
        ("captures/resync.pcap", "warning", 0),
        ("captures/thirdparty_kannel145.pcap", "error", 1),
        ("captures/wrong-digest.pcap", "error", 1),
        ("captures/v20-minimal.pcap", "warning", 0),
    ] {
        let output = run(&["read", file, "--secrets", KEYS, "--fail-on", limit, "-q"]);
        assert_eq!(output.status.code(), Some(code), "{file} --fail-on {limit}");
    }
}

#[test]
fn output_depends_on_neither_locale_nor_time_zone() {
    let file = "captures/v20-all-options.pcap";
    for arguments in [
        vec!["read", file],
        vec!["read", file, "-V"],
        vec!["read", file, "-T", "ndjson"],
        vec!["read", file, "-t", "ud"],
        vec!["read", file, "-t", "e"],
        vec!["read", file, "-e", "dmnoti.digest.time", "-e", "dmnoti.digest.age"],
        vec!["rules"],
        vec!["--help"],
    ] {
        let here = run(&arguments);
        let there = program()
            .args(&arguments)
            .envs([("TZ", "Asia/Tokyo"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "de_DE")])
            .output()
            .unwrap();
        assert!(here == there, "{arguments:?}");
    }
    // Local time is asked for by -t a and -t ad alone.
    let tokyo = program().args(["read", file, "-t", "ad"]).env("TZ", "JST-9").output().unwrap();
    assert!(text(&tokyo.stdout).contains("2012-12-12 09:00:02.25"), "{}", text(&tokyo.stdout));
}

#[test]
fn colour_is_given_when_asked_for_and_says_nothing_more() {
    let file = "captures/violations-12.pcapng";
    for style in ["text", "tree"] {
        let plain = stdout(&["read", file, "-T", style]);
        let coloured = stdout(&["read", file, "-T", style, "--color", "always"]);
        assert!(coloured.contains("\u{1b}[31m") && !plain.contains('\u{1b}'), "{style}");
        let mut bare = String::new();
        for (index, part) in coloured.split("\u{1b}[").enumerate() {
            bare += if index == 0 { part } else { part.split_once('m').unwrap().1 };
        }
        assert!(bare == plain, "{style}: colour changes the text");
    }
}

// ---------------------------------------------------------------- help

#[test]
fn help_manual_and_completions_name_every_command() {
    let help = stdout(&["--help"]);
    let manual = stdout(&["man"]);
    let commands = ["read", "decode", "explain", "keys", "fields", "rules", "config", "completions", "man"];
    for command in commands {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command} is not in --help");
        assert!(manual.contains(command), "{command} is not in the manual");
        if command != "keys" {
            assert!(stdout(&[command, "--help"]).contains("Usage: pushscope"), "{command}");
        }
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&["completions", shell]);
        for word in commands.into_iter().chain(["fail-on", "decode-as", "secrets"]) {
            assert!(script.contains(word), "{word} is not completed in {shell}");
        }
    }
    assert!(help.contains("Exit codes:"));
    assert!(stdout(&["--version"]).starts_with("pushscope "));
    assert!(run(&["read", "-h"]).status.success());
}

#[test]
fn the_catalog_is_listed_as_text_and_json() {
    for (what, name) in [("fields", "name"), ("rules", "id")] {
        let all: Value = serde_json::from_str(&stdout(&[what, "--json"])).unwrap();
        let all = all.as_array().unwrap();
        assert!(all.len() > 100, "{what}: {}", all.len());
        let listed = stdout(&[what]);
        for row in all {
            let key = row[name].as_str().unwrap();
            assert!(listed.lines().any(|line| line.split(' ').next() == Some(key)), "{key} is not listed");
        }
    }
    assert_eq!(stdout(&["fields", "dmnoti.digest.status"]).lines().count(), 1);
}
