//! Writing: what is written reads back as it was, and tshark and capinfos agree.

use std::io::{Cursor, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};

use pushscope::capture::{Format, Frame, FrameWriter, Input, LinkType, WriteError};
use pushscope::model::Timestamp;

use crate::build::{Out, enhanced, interface, n32, option, pcap_frame, pcap_header, read, section, simple};

/// Octets that a writer wrote.
#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Write for Sheet {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Reads a file and writes all its frames.
fn rewrite(octets: &[u8], format: Format, comments: &[&str]) -> Result<Vec<u8>, WriteError> {
    let sheet = Sheet::default();
    let mut writer = FrameWriter::new(Box::new(sheet.clone()), format);
    let mut input = Input::from_reader("test", Cursor::new(octets.to_vec()));
    while let Some(frame) = input.next() {
        writer.write(&frame, comments)?;
    }
    writer.finish()?;
    Ok(std::mem::take(&mut *sheet.0.lock().unwrap()))
}

/// What must survive rewriting: time, octets, length, link type, check sequence.
type Essence<'a> = (Option<i64>, &'a [u8], u32, u16, u8);

/// The essence of each frame.
fn essence(out: &Out) -> Vec<Essence<'_>> {
    let of = |frame: &crate::build::One| (frame.nanos, frame.orig_len, frame.link, frame.fcs_len);
    let rows = out.frames.iter().map(|frame| (of(frame), frame.data.as_slice()));
    rows.map(|((nanos, orig_len, link, fcs_len), data)| (nanos, data, orig_len, link, fcs_len)).collect()
}

fn mixed() -> Vec<u8> {
    let flags = option(true, 2, &n32(true, 1 << 5 | 1));
    [
        section(true, &[]),
        interface(true, 1, 0, &[option(true, 2, b"eth0"), option(true, 9, &[9])].concat()),
        interface(true, 101, 6, &[option(true, 2, b"tun0"), option(true, 13, &[32])].concat()),
        enhanced(true, 0, 1_700_000_000_123_456_789, &[0x11; 33], &option(true, 1, "grüße".as_bytes())),
        enhanced(true, 1, 1_700_000_000_123_456, &[0x45; 21], &[]),
        enhanced(true, 0, 1_700_000_000_123_456_790, &[0x22; 60], &flags),
        simple(true, 7, b"no time"),
    ]
    .concat()
}

#[test]
fn pcapng_keeps_times_octets_link_types_names_and_comments() {
    let before = read(&mixed()).clean();
    let written = rewrite(&mixed(), Format::Pcapng, &[]).unwrap();
    let after = read(&written).clean();
    assert_eq!(essence(&after), essence(&before));
    assert_eq!(after.frames[0].comments, ["grüße".as_bytes()]);
    let again = read(&rewrite(&written, Format::Pcapng, &[]).unwrap()).clean();
    assert_eq!(essence(&again), essence(&after));
    let mut input = Input::from_reader("test", Cursor::new(written));
    while input.next().is_some() {}
    let names: Vec<_> = input.interfaces().iter().map(|interface| interface.name.clone().unwrap()).collect();
    // The third one is the first with another length of check sequences.
    assert_eq!(names, [b"eth0".as_slice(), b"tun0", b"eth0"].map(Box::from));
}

#[test]
fn a_frame_without_time_that_gets_a_comment_takes_the_time_before_it() {
    let after = read(&rewrite(&mixed(), Format::Pcapng, &["ours"]).unwrap()).clean();
    assert_eq!(after.frames[0].comments, ["grüße".as_bytes(), b"ours"]);
    assert_eq!(after.frames[3].nanos, after.frames[2].nanos);
    assert_eq!(after.frames[3].comments.len(), 2);
}

#[test]
fn pcap_keeps_micro_or_nanoseconds_and_refuses_a_second_link_type() {
    for (magic, nanos) in [(0xa1b2_c3d4, 5000), (0xa1b2_3c4d, 5)] {
        for link in [1, 0x2400_0001] {
            let file = [pcap_header(true, magic, 0, link), pcap_frame(true, 1_700_000_000, b"abc")].concat();
            let written = rewrite(&file, Format::Pcap, &["not kept"]).unwrap();
            assert_eq!(essence(&read(&written).clean()), essence(&read(&file).clean()));
            assert_eq!(read(&written).frames[0].nanos, Some(1_700_000_000_000_000_000 + nanos));
            assert_eq!(written[..4], n32(false, magic));
        }
    }
    let error = rewrite(&mixed(), Format::Pcap, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pcap files hold one link type: the first frame has 1, frame 2 has 101; write pcapng instead"
    );
}

#[test]
fn times_before_1970_and_empty_files_can_be_written() {
    let sheet = Sheet::default();
    let mut writer = FrameWriter::new(Box::new(sheet.clone()), Format::Pcapng);
    let times = [-1, i64::MIN, 5, i64::MAX].map(Timestamp::from_nanos);
    for (number, time) in (1..).zip(times) {
        writer.write(&Frame::new(number, Some(time), LinkType::ETHERNET, b"x"), &[]).unwrap();
    }
    writer.finish().unwrap();
    let out = read(&std::mem::take(&mut *sheet.0.lock().unwrap())).clean();
    assert_eq!(out.frames.iter().map(|frame| frame.nanos).collect::<Vec<_>>(), times.map(|time| Some(time.nanos())));
    for format in [Format::Pcap, Format::Pcapng] {
        let sheet = Sheet::default();
        FrameWriter::new(Box::new(sheet.clone()), format).finish().unwrap();
        let out = read(&std::mem::take(&mut *sheet.0.lock().unwrap())).clean();
        assert_eq!(out.frames.len(), 0);
    }
    let mut writer = FrameWriter::new(Box::new(Sheet::default()), Format::Pcap);
    assert!(writer.write(&Frame::new(1, Some(times[0]), LinkType::ETHERNET, b"x"), &[]).is_err());
}

#[test]
fn tshark_and_capinfos_take_what_we_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written.pcapng");
    std::fs::write(&path, rewrite(&mixed(), Format::Pcapng, &["verdict: valid", "second\nline"]).unwrap()).unwrap();
    let run = |program: &str, options: &[&str]| {
        let Ok(output) = Command::new(program).args(options).arg(&path).output() else {
            eprintln!("NOT CHECKED: {program} is not installed");
            return None;
        };
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).unwrap())
    };
    let fields = ["-n", "-T", "fields", "-e", "frame.comment", "-e", "frame.time_epoch", "-e", "frame.interface_name"];
    if let Some(text) = run("tshark", &[&fields[..], &["-r"]].concat()) {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[0].starts_with("grüße,verdict: valid,second"), "{text}");
        assert!(lines[0].ends_with("\t1700000000.123456789\teth0"), "{text}");
        assert!(lines[1].starts_with("verdict: valid,") && lines[1].ends_with("\ttun0"), "{text}");
    }
    if let Some(text) = run("capinfos", &["-M", "-t", "-c", "-E", "-I"]) {
        assert!(text.contains("pcapng") && text.contains("Number of packets:   4"), "{text}");
    }
}
