//! Reports over generated archives, compared with what is known of them: exact to the count, whoever was faster, merged or in one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::program::{report, report_told};
use support::traffic::{Kind, Truth, generate};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// The JSON of a run that ends with this code.
fn json(arguments: &[&str], code: i32) -> Value {
    let output = report(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An archive of captures in folders, and the truth about each.
struct Archive {
    folder: tempfile::TempDir,
    truths: BTreeMap<PathBuf, Truth>,
}

impl Archive {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), truths: BTreeMap::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shown(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn add(&mut self, name: &str, kind: Kind, size: u64, seed: u64) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut content = Vec::new();
        let truth = generate(kind, size, seed, name.contains("pcapng"), &mut content);
        if path.extension().is_some_and(|end| end == "gz") {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(&content).unwrap();
            content = packed.finish().unwrap();
        }
        fs::write(&path, content).unwrap();
        self.truths.insert(path, truth);
    }

    /// What several tests use: plain and packed, traffic and pushes alone, in folders.
    fn mixed() -> Self {
        let mut archive = Self::new();
        archive.add("a/one.pcap", Kind::Plain, 3 << 20, 1);
        archive.add("a/two.pcapng", Kind::Plain, 2 << 20, 2);
        archive.add("b/deep/three.pcap.gz", Kind::Gtpu, 1 << 20, 3);
        archive.add("b/four.pcapng.gz", Kind::Pushes, 60_000, 4);
        archive.add("five.pcap", Kind::Pushes, 90_000, 5);
        archive
    }

    fn sum(&self, of: impl Fn(&Truth) -> u64) -> u64 {
        self.truths.values().map(of).sum()
    }

    /// Notifications by status.
    fn statuses(truths: &[&Truth]) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (_, status, count) in truths.iter().flat_map(|truth| truth.notifications).filter(|row| row.2 > 0) {
            *all.entry(status.to_owned()).or_insert(0) += count;
        }
        all
    }
}

fn notifications(truth: &Truth) -> u64 {
    truth.notifications.iter().map(|row| row.2).sum()
}

fn counts(value: &Value) -> BTreeMap<String, u64> {
    // An empty one is left out.
    value.as_object().into_iter().flatten().map(|(name, count)| (name.clone(), count.as_u64().unwrap())).collect()
}

#[test]
fn every_count_is_the_truth() {
    let archive = Archive::mixed();
    let report = json(&[&archive.shown()], 0);
    let summary = &report["summary"];
    let totals = &summary["totals"];
    assert_eq!(totals["files"], 5);
    assert_eq!(totals["frames"], archive.sum(|truth| truth.frames));
    assert_eq!(totals["pushes"], archive.sum(|truth| truth.pushes));
    assert_eq!(totals["notifications"], archive.sum(notifications));
    assert_eq!((&totals["duplicates"], &totals["sightings"]), (&0.into(), &0.into()));
    let all: Vec<&Truth> = archive.truths.values().collect();
    assert_eq!(counts(&totals["statuses"]), Archive::statuses(&all));
    let octets: u64 = archive.truths.keys().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert_eq!(totals["octets"], octets);
    for (path, truth) in &archive.truths {
        let file = &summary["files"][path.display().to_string()];
        assert_eq!(file["frames"], truth.frames, "{}", path.display());
        assert_eq!(file["notifications"], notifications(truth), "{}", path.display());
        assert_eq!(counts(&file["statuses"]), Archive::statuses(&[truth]), "{}", path.display());
    }
    // Unchecked ones have the identifier of an unknown server; all others that of ours.
    let unknown =
        archive.sum(|truth| truth.notifications.iter().filter(|row| row.1 == "unchecked").map(|row| row.2).sum());
    let servers = &summary["servers"]["entries"];
    assert_eq!(servers["org.example.unknown"]["notifications"], unknown);
    assert_eq!(servers["com.mgmtsrv.manage"]["notifications"], archive.sum(notifications) - unknown);
    let resync = Archive::statuses(&all)["resync"];
    assert_eq!(summary["rules"]["N12-005"]["count"], resync);
    assert_eq!(summary["diagnoses"]["entries"]["resync"]["count"], resync);
    assert_eq!(
        summary["content_types"]["entries"]["application/vnd.wap.sic"]["pushes"],
        archive.sum(|truth| truth.other_pushes)
    );
    let sum_of = |entries: &Value, what: &str| -> u64 {
        entries.as_object().unwrap().values().map(|one| one[what].as_u64().unwrap()).sum()
    };
    for part in ["carriers", "content_types", "hours"] {
        let entries = &summary[part]["entries"];
        assert_eq!(sum_of(entries, "pushes"), archive.sum(|truth| truth.pushes), "{part}");
        assert_eq!(sum_of(entries, "notifications"), archive.sum(notifications), "{part}");
    }
}

#[test]
fn there_is_one_row_per_notification_in_the_order_of_names_and_frames() {
    let archive = Archive::mixed();
    let csv = text(&report(&[&archive.shown(), "--format", "csv"]).stdout);
    let ndjson = text(&report(&[&archive.shown(), "--format", "ndjson"]).stdout);
    let all = archive.sum(notifications);
    assert_eq!(csv.lines().count() as u64, all + 1);
    let rows: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len() as u64, all);
    let places: Vec<(&str, u64)> =
        rows.iter().map(|row| (row["file"].as_str().unwrap(), row["frame.file_number"].as_u64().unwrap())).collect();
    assert!(places.is_sorted(), "rows are not in order");
    for (path, truth) in &archive.truths {
        let own = rows.iter().filter(|row| row["file"] == path.display().to_string());
        let mut statuses = BTreeMap::new();
        for row in own {
            *statuses.entry(row["dmnoti.digest.status"].as_str().unwrap().to_owned()).or_insert(0) += 1;
            assert_eq!(row["udp.dstport"], 2948);
            assert!(row["frame.time"].as_str().unwrap().starts_with("2026-01-01T"));
        }
        assert_eq!(statuses, Archive::statuses(&[truth]));
    }
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let archive = Archive::mixed();
    for format in ["json", "csv", "text", "html"] {
        let run = |threads| report(&[&archive.shown(), "--format", format, "--threads", threads]);
        let alone = run("1");
        assert!(alone.stdout.len() > 1000);
        for threads in ["2", "7"] {
            assert!(run(threads).stdout == alone.stdout, "{format}, {threads} threads");
        }
    }
    // One capture is read in parts.
    let one = archive.path("a/one.pcap").display().to_string();
    let run = |threads| report(&[&one, "--format", "csv", "--threads", threads]).stdout;
    assert!(run("1") == run("4"));
}

#[test]
fn merged_reports_equal_one_report_over_all() {
    let archive = Archive::mixed();
    let [a, b, five] = ["a", "b", "five.pcap"].map(|name| archive.path(name).display().to_string());
    let part = |name: &str, paths: &[&str]| {
        let to = archive.path(name).display().to_string();
        let output = report(&[paths, &["--format", "json", "-o", &to]].concat());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
        to
    };
    let whole = part("whole.json", &[&a, &b, &five]);
    let (one, two, three) = (part("1.json", &[&a]), part("2.json", &[&b]), part("3.json", &[&five]));
    let both = archive.path("both.json").display().to_string();
    let merge = |parts: &[&str]| report(&[&["--format", "json", "--merge"], parts].concat()).stdout;
    fs::write(&both, merge(&[&three, &one])).unwrap();
    let whole = fs::read(whole).unwrap();
    for parts in [&[&*one, &two, &three][..], &[&three, &two, &one], &[&both, &two], &[&two, &both]] {
        assert!(merge(parts) == whole, "{parts:?}");
    }
    // The other forms too.
    let merged = report(&["--merge", &one, &two, &three]).stdout;
    assert!(merged == report(&[&a, &b, &five]).stdout);
}

#[test]
fn a_capture_in_both_reports_and_a_file_that_is_none_are_named() {
    let archive = Archive::mixed();
    let to = archive.path("1.json").display().to_string();
    report(&[&archive.path("a").display().to_string(), "--format", "json", "-o", &to]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushscope"));
    let output = command.args(["report", "--merge", &to, &to]).output().unwrap();
    assert!(text(&output.stderr).contains("one.pcap and 1 more is in an earlier report too, and is counted twice"));
    fs::write(&to, "{\"schema\": 99}").unwrap();
    let output = report(&["--merge", &to]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("has schema version 99"), "{}", text(&output.stderr));
}

#[test]
fn damage_is_named_with_its_place_and_the_rest_goes_on() {
    let mut archive = Archive::mixed();
    archive.add("c/cut.pcap", Kind::Pushes, 20_000, 9);
    let cut = archive.path("c/cut.pcap");
    let whole = fs::read(&cut).unwrap();
    fs::write(&cut, &whole[..whole.len() - 7]).unwrap();
    fs::write(archive.path("c/empty.pcap"), b"").unwrap();
    let report = json(&[&archive.shown()], 2);
    let files = &report["summary"]["files"];
    let damage = &files[cut.display().to_string()]["damage"][0];
    assert!(damage["offset"].as_u64().unwrap() > 10_000, "{damage}");
    assert!(damage["reason"].as_str().unwrap().len() > 10, "{damage}");
    let frames = archive.truths[&cut].frames;
    assert_eq!(files[cut.display().to_string()]["frames"], frames - 1);
    assert_eq!(report["summary"]["totals"]["damaged"], 2);
    assert_eq!(report["summary"]["totals"]["frames"], archive.sum(|truth| truth.frames) - 1);
}

#[test]
fn the_exit_code_says_what_was_asked() {
    let archive = Archive::mixed();
    let code = |arguments: &[&str]| report(&[&[&*archive.shown()], arguments].concat()).status.code();
    assert_eq!(code(&["--fail-if", "dmnoti.digest.status == \"invalid\""]), Some(1));
    assert_eq!(code(&["--fail-if", "dmnoti.digest.status == \"deviant\""]), Some(0));
    assert_eq!(code(&["--fail-on", "error"]), Some(1));
    assert_eq!(code(&["--fail-on", "note", "-Y", "dmnoti.digest.status == \"malformed\""]), Some(0));
    assert_eq!(code(&["--fail-if", "no such field"]), Some(2));
    assert_eq!(report(&["/no/such/place"]).status.code(), Some(2));
    assert_eq!(report(&[]).status.code(), Some(2));
}

#[test]
fn a_filter_selects_what_counts() {
    let archive = Archive::mixed();
    let report = json(&[&archive.shown(), "-Y", "dmnoti.digest.status == \"resync\""], 0);
    let all: Vec<&Truth> = archive.truths.values().collect();
    let resync = Archive::statuses(&all)["resync"];
    assert_eq!(report["summary"]["totals"]["notifications"], resync);
    assert_eq!(report["summary"]["totals"]["packets"], resync);
    assert_eq!(report["summary"]["totals"]["frames"], archive.sum(|truth| truth.frames));
}

#[test]
fn the_files_of_a_ring_buffer_are_one_stream() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(format!("{ROOT}/captures/duplicates.pcapng")).unwrap();
    let one = report(&[&format!("{ROOT}/captures/duplicates.pcapng"), "--format", "ndjson"]).stdout;
    for name in ["x_00001_20260101000000.pcapng", "x_00002_20260101000100.pcapng"] {
        // Both hold everything: the second repeats the first.
        fs::write(folder.path().join(name), &whole).unwrap();
    }
    let both = report(&[&folder.path().display().to_string(), "--format", "ndjson"]).stdout;
    let rows = |octets: &[u8]| -> Vec<Value> {
        text(octets).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (one, both) = (rows(&one), rows(&both));
    assert_eq!(both.len(), 2 * one.len());
    let (first, second) = both.split_at(one.len());
    for (alone, row) in one.iter().zip(first) {
        assert_eq!(alone["dmnoti.duplicate_of"], row["dmnoti.duplicate_of"]);
    }
    assert_eq!((&second[0]["frame.number"], &second[0]["frame.file_number"]), (&16.into(), &1.into()));
    // The last two of the capture came within a day before the second round: the first of it does not.
    let again = second.iter().filter(|row| row["dmnoti.duplicate_of"].is_string()).count();
    assert!(again > one.iter().filter(|row| row["dmnoti.duplicate_of"].is_string()).count(), "{again}");
    // Under other names they are captures of their own.
    fs::rename(folder.path().join("x_00002_20260101000100.pcapng"), folder.path().join("y.pcapng")).unwrap();
    let apart = rows(&report(&[&folder.path().display().to_string(), "--format", "ndjson"]).stdout);
    let second = apart.iter().filter(|row| row["file"].as_str().unwrap().ends_with("y.pcapng"));
    for (alone, row) in one.iter().zip(second) {
        assert_eq!(alone["dmnoti.duplicate_of"], row["dmnoti.duplicate_of"]);
        assert_eq!(alone["frame.number"], row["frame.number"]);
    }
}

#[test]
fn redacted_reports_hold_no_name_that_must_not_leave() {
    let archive = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("captures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("carrier") || name.starts_with("dup") || name.starts_with("v20") {
            fs::copy(&path, archive.path().join(name)).unwrap();
        }
    }
    fs::copy(
        Path::new(ROOT).join("captures/unsigned.pcap"),
        archive.path().join("trace-491701234567-10.20.30.40.pcap"),
    )
    .unwrap();
    let folder = archive.path().display().to_string();
    let key = archive.path().join("key");
    fs::write(&key, b"0123456789abcdef").unwrap();
    let key = key.display().to_string();
    let plain = text(&report(&[&folder, "--format", "csv"]).stdout);
    // What the rows hold in the clear is what must not be in redacted ones.
    let mut reader = csv::Reader::from_reader(plain.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let mut hidden = std::collections::BTreeSet::new();
    for record in reader.records() {
        let record = record.unwrap();
        for (head, cell) in heads.iter().zip(&record) {
            let secret =
                matches!(head, "ip.src" | "ip.dst" | "dmnoti.server_id" | "dmnoti.digest" | "dmnoti.digest.key")
                    || head.ends_with("_addr")
                    || head.starts_with("gsm_sms.tp-");
            if secret && cell.len() > 3 {
                hidden.insert(cell.trim_start_matches('\'').to_owned());
            }
        }
    }
    assert!(hidden.len() > 20 && hidden.contains("com.mgmtsrv.manage"), "{hidden:?}");
    hidden.extend(["491701234567", "10.20.30.40", "sample server"].map(str::to_owned));
    for format in ["text", "markdown", "json", "html", "csv", "ndjson"] {
        let arguments = [&*folder, "--redact", "--redact-key", &key, "--format", format];
        let output = text(&report(&arguments).stdout);
        assert!(output.contains("server-"), "{format}");
        for name in &hidden {
            assert!(!output.contains(name.as_str()), "{format} holds {name}");
        }
        // The same key, the same names; without one, others every time.
        assert_eq!(output, text(&report(&arguments).stdout), "{format}");
        let other = text(&report(&[&folder, "--redact", "--format", format]).stdout);
        assert_ne!(output, other, "{format}");
    }
    let names = |arguments: &[&str]| json(&[&[&*folder], arguments].concat(), 0)["summary"]["totals"].clone();
    assert_eq!(names(&[]), names(&["--redact"]), "what is counted does not depend on names");
}

#[test]
fn timings_stand_apart() {
    let archive = Archive::mixed();
    let without = json(&[&archive.shown()], 0);
    let mut with = json(&[&archive.shown(), "--timings"], 0);
    let timings = with.as_object_mut().unwrap().remove("timings").unwrap();
    assert!(timings["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(timings["slowest"].as_array().unwrap().len(), 5);
    assert_eq!(with, without);
}

#[test]
fn json_has_the_shape_that_is_documented() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(Path::new(ROOT).join("docs/report.schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let archive = Archive::mixed();
    fs::write(archive.path("bad.pcap"), b"no capture").unwrap();
    let folder = archive.shown();
    let captures = format!("{ROOT}/captures");
    let runs: [&[&str]; 5] = [
        &[&captures],
        &[&captures, "--redact", "--timings"],
        &[&folder],
        &[&folder, "/no/such"],
        &[&captures, "-Y", "udp"],
    ];
    for arguments in runs {
        let output = report(&[arguments, &["--format", "json"]].concat());
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{arguments:?}: {faults:#?}");
        let mut wrong = value;
        wrong["summary"]["totals"]["frames"] = "many".into();
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn nothing_in_a_capture_or_a_merged_report_steers_a_terminal() {
    let captures = format!("{ROOT}/captures");
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("r.json").display().to_string();
    report(&[&captures, "--format", "json", "-o", &json]);
    // Another program may write anything into a report.
    let hostile = "\\u001b]0;owned\\u0007\\u202e\\u009b31m\\u200b";
    let forged =
        fs::read_to_string(&json).unwrap().replace("com.mgmtsrv.manage", hostile).replace("captures/", hostile);
    let other = folder.path().join("forged.json").display().to_string();
    fs::write(&other, forged).unwrap();
    let runs: [&[&str]; 2] = [&[&captures], &["--merge", &other]];
    for arguments in runs {
        let formats: &[&str] = if arguments.len() == 1 {
            &["text", "markdown", "html", "json", "csv", "ndjson"]
        } else {
            &["text", "markdown", "html", "json"]
        };
        for format in formats {
            let output = text(&report(&[arguments, &["--format", format]].concat()).stdout);
            assert!(output.len() > 1000, "{format}");
            let steers = |c: &char| {
                (c.is_control() && !matches!(c, '\n' | '\r'))
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            };
            let bad: Vec<char> = output.chars().filter(steers).collect();
            assert!(bad.is_empty(), "{format}: {bad:?}");
        }
    }
}

#[test]
fn a_report_over_no_capture_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().to_str().unwrap();
    let captures = format!("{ROOT}/captures");
    for (arguments, why) in [
        (
            vec![captures.as_str(), "--glob", "*.nowhere", "--exclude", "x*"],
            "no capture is selected by --glob *.nowhere --exclude x*",
        ),
        (vec![nothing], "there is no capture"),
    ] {
        let output = report_told(&arguments);
        assert_eq!(output.status.code(), Some(0));
        let said = text(&output.stderr);
        assert_eq!(said.lines().last(), Some(&*format!("pushscope: warning: {why}: the report is empty")));
        assert!(report(&arguments).stderr.is_empty(), "-q says nothing");
    }
    let some = report_told(&[&format!("{captures}/resync.pcap"), "--glob", "*.pcap"]);
    assert!(!text(&some.stderr).contains("empty"));
}
