//! `read -w`: writes the matching frames, and all frames they were reassembled from, as a capture.
//!
//! Files are read twice: first to see which frames matter, then to write them in order. What cannot be read twice is held while
//! it may be needed. pcapng says in comments what was found. Must not know file formats.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};

use super::args::{CaptureFormat, ReadArgs};
use super::say;
use crate::capture::{Format, Frame, FrameWriter, Interface, LinkType, Merged, Saver, WriteError};
use crate::model::{Timestamp, visible};
use crate::output::row::Row;
use crate::scan::Packet;

/// Octets held of frames that may still be needed, where the input cannot be read twice.
const HELD_MAX: usize = 64 << 20;
/// Numbers remembered of frames that were written.
const WRITTEN_MAX: usize = 1 << 18;

/// The capture being written.
pub(super) struct Save {
    path: PathBuf,
    format: Format,
    /// Frames to write, and what to say about them.
    wanted: BTreeMap<u32, Vec<String>>,
    hold: Option<Hold>,
}

/// Frames that may still be needed, and the writer they go to at once.
struct Hold {
    writer: Writer,
    frames: BTreeMap<u32, Held>,
    written: BTreeSet<u32>,
    octets: usize,
    missing: u64,
    failed: Option<anyhow::Error>,
}

/// Who writes what was held.
enum Writer {
    Own(FrameWriter),
    Live(Arc<Mutex<Saver>>),
}

impl Writer {
    fn write(&mut self, frame: &Frame<'_>, comments: &[&str]) -> Result<(), WriteError> {
        match self {
            Self::Own(writer) => writer.write(frame, comments),
            Self::Live(saver) => {
                saver.lock().unwrap_or_else(PoisonError::into_inner).write(frame, comments);
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> Result<(), WriteError> {
        match self {
            Self::Own(writer) => writer.finish(),
            Self::Live(_) => Ok(()),
        }
    }
}

struct Held {
    octets: Box<[u8]>,
    ts: Option<Timestamp>,
    link: LinkType,
    orig_len: u32,
    fcs_len: u8,
    interface: u32,
    description: Option<Box<Interface>>,
}

impl Hold {
    fn new(writer: Writer) -> Self {
        Self { writer, frames: BTreeMap::new(), written: BTreeSet::new(), octets: 0, missing: 0, failed: None }
    }
}

impl Save {
    /// What `-w` and `-F` ask for; `None` without `-w`.
    ///
    /// # Errors
    /// The file would overwrite an input, or cannot be made.
    pub(super) fn new(args: &ReadArgs, inputs: &[PathBuf]) -> Result<Option<Self>> {
        let Some(path) = &args.write else { return Ok(None) };
        let format = format(args.format, Some(path));
        if let Ok(own) = path.canonicalize()
            && inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == own))
        {
            bail!("-w {}: this is one of the captures being read; name another file", path.display());
        }
        let twice = inputs.iter().all(|path| path.is_file());
        let hold =
            if twice { None } else { Some(Hold::new(Writer::Own(FrameWriter::new(create(path)?, format).nanos()))) };
        Ok(Some(Self { path: path.clone(), format, wanted: BTreeMap::new(), hold }))
    }

    /// Saves the matching packets of a live capture as they come.
    pub(super) fn matching(saver: Arc<Mutex<Saver>>, format: Format) -> Self {
        Self { path: PathBuf::new(), format, wanted: BTreeMap::new(), hold: Some(Hold::new(Writer::Live(saver))) }
    }

    /// Frames of matching packets that were not held any more when they matched.
    pub(super) fn unheld(&self) -> u64 {
        self.hold.as_ref().map_or(0, |hold| hold.missing)
    }

    /// A frame is about to be dissected: it is held where it may be needed and cannot be read again.
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        let Some(hold) = &mut self.hold else { return };
        hold.octets += frame.data.len();
        let kept = Held {
            octets: frame.data.into(),
            ts: frame.ts,
            link: frame.link,
            orig_len: frame.orig_len,
            fcs_len: frame.fcs_len,
            interface: frame.interface,
            description: frame.description.cloned().map(Box::new),
        };
        hold.frames.insert(frame.number, kept);
        while hold.octets > HELD_MAX
            && let Some((_, oldest)) = hold.frames.pop_first()
        {
            hold.octets -= oldest.octets.len();
        }
    }

    /// A packet matched.
    pub(super) fn packet(&mut self, packet: &Packet<'_>) {
        let comments = if self.format == Format::Pcapng { comments(packet) } else { Vec::new() };
        for number in packet.view.buffers.frames() {
            let entry = self.wanted.entry(number).or_default();
            if number == packet.frame.number {
                entry.extend(comments.iter().cloned());
            }
        }
        let Some(hold) = &mut self.hold else { return };
        for (number, comments) in std::mem::take(&mut self.wanted) {
            let Some(kept) = hold.frames.get(&number) else {
                hold.missing += u64::from(!hold.written.contains(&number));
                continue;
            };
            if hold.written.insert(number) {
                let mut frame = Frame::new(number, kept.ts, kept.link, &kept.octets);
                frame.orig_len = kept.orig_len;
                frame.fcs_len = kept.fcs_len;
                frame.interface = kept.interface;
                frame.description = kept.description.as_deref();
                let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
                if hold.written.len() > WRITTEN_MAX {
                    hold.written.pop_first();
                }
                if let Err(error) = hold.writer.write(&frame, &comments) {
                    hold.failed.get_or_insert(error.into());
                }
            }
        }
    }

    /// The input is over: writes what is to be written.
    ///
    /// # Errors
    /// Writing failed, or the format cannot hold the frames.
    pub(super) fn finish(self, inputs: &[PathBuf]) -> Result<()> {
        let name = self.path.display().to_string();
        if let Some(mut hold) = self.hold {
            if hold.missing > 0 {
                let missing = hold.missing;
                say(&format!(
                    "-w {name}: {missing} frames of matching packets could not be held long enough to be saved"
                ));
            }
            if let Some(error) = hold.failed {
                return Err(error).with_context(|| format!("-w {name}"));
            }
            return hold.writer.finish().map_err(|error| anyhow!("-w {name}: {error}"));
        }
        let mut writer = FrameWriter::new(create(&self.path)?, self.format);
        if inputs.len() > 1 {
            writer = writer.nanos();
        }
        let mut wanted = self.wanted.into_iter().peekable();
        let mut input = Merged::open(inputs);
        while let Some((number, _)) = wanted.peek()
            && let Some(frame) = input.next()
        {
            if frame.number < *number {
                continue;
            }
            let Some((_, comments)) = wanted.next() else { break };
            let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
            writer.write(&frame, &comments).map_err(|error| anyhow!("-w {name}: {error}"))?;
        }
        writer.finish().map_err(|error| anyhow!("-w {name}: {error}"))
    }
}

/// The format asked for, else that of the file's extension, else pcapng.
pub(super) fn format(asked: Option<CaptureFormat>, path: Option<&Path>) -> Format {
    match asked {
        Some(CaptureFormat::Pcap) => Format::Pcap,
        None if path.and_then(Path::extension).is_some_and(|e| e.eq_ignore_ascii_case("pcap")) => Format::Pcap,
        Some(CaptureFormat::Pcapng) | None => Format::Pcapng,
    }
}

fn create(path: &Path) -> Result<Box<dyn Write + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let file = File::create(path).with_context(|| format!("-w {}", path.display()))?;
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}

/// What was found, as packet comments: one for the packet, one for each finding. Safe to show.
fn comments(packet: &Packet<'_>) -> Vec<String> {
    let row = Row::new(packet);
    let mut first = String::from("pushscope: ");
    for (index, (message, verdict)) in packet.messages().enumerate() {
        if index > 0 {
            first.push_str("; ");
        }
        let server = message.server_id.map(|(span, _)| visible(packet.view.buffers.octets(span))).unwrap_or_default();
        let id = message.id.map(|(id, _)| format!(" {id:04X}")).unwrap_or_default();
        let _ = write!(first, "Package #0 {} {server}{id}", message.format.name());
        if let Some(verdict) = verdict {
            let _ = write!(first, ", digest {}", verdict.status.name());
            if let Some(deviation) = verdict.deviation() {
                let _ = write!(first, " ({deviation})");
            }
            if let Some(key) = verdict.key() {
                let _ = write!(first, ", key {}", visible(key.as_bytes()));
            }
        }
    }
    if packet.found.messages.is_empty() {
        first.push_str(row.summary.as_str());
    }
    let findings = packet
        .view
        .findings()
        .map(|found| format!("{} {}: {}", found.rule.id, found.severity.name(), visible(found.text().as_bytes())));
    std::iter::once(first).chain(findings).collect()
}
