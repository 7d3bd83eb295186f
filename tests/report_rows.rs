//! Rows of reports: shares put together, archives against folders, Parquet against ndjson, the columns that others rely on.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use pushscope::report::row::{Type, columns};
use support::program::report;
use support::traffic::{Kind, generate};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The rows of a run as lines of JSON.
fn rows(arguments: &[&str]) -> Vec<String> {
    let output = report(&[arguments, &["--format", "ndjson"]].concat());
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn shipped() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(format!("{ROOT}/captures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"))
        .collect();
    all.sort();
    assert!(all.len() > 20);
    all
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_shares_of_a_capture_are_the_whole_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let mut captures: Vec<PathBuf> =
        ["fragments", "duplicates", "sightings", "carrier-sms-concatenated", "carrier-smpp-sar", "resync"]
            .iter()
            .map(|name| shipped().into_iter().find(|path| path.file_stem().unwrap() == *name).unwrap())
            .collect();
    for (name, kind, size) in [("traffic.pcap", Kind::Plain, 1 << 20), ("pushes.pcapng", Kind::Pushes, 60_000)] {
        let mut content = Vec::new();
        generate(kind, size, 7, name.contains("pcapng"), &mut content);
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        captures.push(path);
    }
    let mut spread = 0;
    for capture in &captures {
        let mut whole = rows(&[text(capture)]);
        assert!(!whole.is_empty(), "{}", capture.display());
        whole.sort();
        for of in 1..=7 {
            let shares: Vec<Vec<String>> =
                (1..=of).map(|part| rows(&[text(capture), "--shard", &format!("{part}/{of}")])).collect();
            spread += usize::from(shares.iter().filter(|share| !share.is_empty()).count() > 1);
            let mut all = shares.concat();
            all.sort();
            assert_eq!(all, whole, "{} in {of} shares", capture.display());
        }
    }
    assert!(spread >= captures.len() * 3, "the rows of a capture lie in several shares: {spread}");
}

#[test]
fn what_stands_before_a_share_is_remembered_in_it() {
    let capture = format!("{ROOT}/captures/duplicates.pcapng");
    let late = |share: &[String]| share.iter().filter(|row| row.contains("dmnoti.duplicate_of")).count();
    assert!(late(&rows(&[&capture, "--shard", "2/2"])) > 0, "duplicates of what lies in the first share");
}

#[test]
fn shares_are_of_rows_only() {
    let output = report(&["captures", "--shard", "1/2"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "pushscope: --shard: a share of the rows has no summary; expected --format ndjson, csv or parquet\n"
    );
    let output = report(&["captures", "--shard", "3/2", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(2));
}

/// The rows with the names of their captures cut to the last part.
fn nameless(rows: &[String]) -> Vec<String> {
    let mut all: Vec<String> = rows
        .iter()
        .map(|row| {
            let (before, name) = row.split_once("\"file\":\"").unwrap();
            let (name, after) = name.split_once('"').unwrap();
            format!("{before}{}{after}", name.rsplit(['/', '!']).next().unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn an_archive_holds_the_rows_of_the_folder_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("captures.tar.gz");
    let packed = flate2::write::GzEncoder::new(fs::File::create(&archive).unwrap(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    builder.append_dir_all("captures", format!("{ROOT}/captures")).unwrap();
    builder.into_inner().unwrap().finish().unwrap();
    let of_folder = rows(&[&format!("{ROOT}/captures")]);
    assert!(of_folder.len() > 100);
    assert_eq!(nameless(&rows(&[text(&archive)])), nameless(&of_folder));
    // Listed one by one, and by the name of the folder.
    let list = folder.path().join("list");
    let names: Vec<&str> = vec![text(&archive), "nowhere"];
    fs::write(&list, names.join("\0")).unwrap();
    let listed = report(&["--files-from", text(&list), "-0", "--format", "ndjson", "--glob", "*.pcap"]);
    assert_eq!(listed.status.code(), Some(2));
    let said = String::from_utf8(listed.stderr).unwrap();
    assert_eq!(said, "pushscope: nowhere: does not exist\n");
    let some = String::from_utf8(listed.stdout).unwrap();
    assert!(!some.is_empty() && some.lines().all(|row| row.contains(".pcap\"")), "only the members asked for");
}

#[test]
fn the_columns_are_those_that_spark_is_told() {
    let path = format!("{ROOT}/contrib/spark/pushscope_spark/columns.json");
    let kind = |kind| match kind {
        Type::Text => "text",
        Type::Uint | Type::Int => "number",
        Type::Bool => "flag",
        Type::Bytes => "octets",
        Type::Time => "time",
        Type::Duration => "seconds",
    };
    let lines: Vec<String> =
        columns().iter().map(|column| format!("  [\"{}\", \"{}\"]", column.name, kind(column.kind))).collect();
    let json = format!("[\n{}\n]\n", lines.join(",\n"));
    if std::env::var_os("PUSHSCOPE_BLESS").is_some() {
        fs::write(&path, &json).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), json, "PUSHSCOPE_BLESS=1 writes the columns");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_the_feature_the_message_says_how_to_get_parquet() {
    let output = report(&["captures", "--format", "parquet"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`cargo install pushscope --features parquet`"), "{said}");
}

#[cfg(feature = "parquet")]
mod with_parquet {
    use std::fmt::Write as _;
    use std::fs;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use serde_json::Value;

    use super::{ROOT, report, rows, text};

    /// A field as ndjson shows it.
    fn shown(name: &str, field: &Field, row: &Value) -> Option<Value> {
        match field {
            Field::Null => None,
            Field::Str(text) => Some(Value::from(text.as_str())),
            Field::Long(number) => Some(Value::from(*number)),
            Field::Double(number) => Some(Value::from(*number)),
            Field::Bool(flag) => Some(Value::from(*flag)),
            Field::Bytes(octets) => Some(Value::from(octets.data().iter().fold(String::new(), |mut hex, octet| {
                write!(hex, "{octet:02x}").unwrap();
                hex
            }))),
            Field::TimestampMicros(micros) => {
                // The same moment, to the microsecond.
                let text = row[name].as_str().unwrap();
                let moment: jiff::Timestamp = text.parse().unwrap();
                assert_eq!(moment.as_nanosecond().div_euclid(1000), i128::from(*micros), "{name}");
                Some(row[name].clone())
            }
            other => unreachable!("{name}: {other:?}"),
        }
    }

    #[test]
    fn parquet_holds_the_rows_of_ndjson() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        let captures = format!("{ROOT}/captures");
        let output = report(&[&captures, "--format", "parquet", "-o", text(&path)]);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = rows(&[&captures]);
        let reader = SerializedFileReader::new(fs::File::open(&path).unwrap()).unwrap();
        let mut count = 0;
        for (line, read) in lines.iter().zip(reader.get_row_iter(None).unwrap()) {
            let row: Value = serde_json::from_str(line).unwrap();
            let mut same = serde_json::Map::new();
            for (name, field) in read.unwrap().get_column_iter() {
                if name == "frame.time_ns" {
                    if let Field::Long(nanos) = field {
                        let moment: jiff::Timestamp = row["frame.time"].as_str().unwrap().parse().unwrap();
                        assert_eq!(moment.as_nanosecond(), i128::from(*nanos));
                    }
                } else if let Some(value) = shown(name, field, &row) {
                    same.insert(name.clone(), value);
                }
            }
            assert_eq!(Value::Object(same), row);
            count += 1;
        }
        assert_eq!(count, lines.len());
        assert_eq!(reader.metadata().file_metadata().num_rows(), i64::try_from(count).unwrap());
        // The same octets through a pipe, and again.
        let piped = report(&[&captures, "--format", "parquet"]);
        assert_eq!(piped.stdout, fs::read(&path).unwrap());
    }
}
