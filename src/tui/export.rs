//! Writes packets to a file: as captures with comments, or as text, tree, JSON and columns.
//!
//! Must not choose where.

use std::collections::HashSet;
use std::io::Write;

use super::library::Library;
use super::msg::Export;
use crate::capture::{Format, FrameWriter};
use crate::output::clock::{Clock, TimeFormat};
use crate::output::json::{self, JsonWriter};
use crate::output::style::Painter;
use crate::output::text::TextWriter;
use crate::output::tree::push_tree;
use crate::scan::Packet;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Packets.
    pub(super) packets: usize,
    /// Frames, those that packets were put together from among them.
    pub(super) frames: usize,
    /// Frames whose comments of the user's own were written.
    pub(super) comments: Vec<u32>,
}

/// Writes packets.
///
/// # Errors
/// Says what could not be written, or read again.
pub(super) fn write(library: &Library, export: &Export, mut out: Box<dyn Write + Send>) -> Result<Written, String> {
    let packets = export.packets.len();
    match export.format.as_str() {
        "pcap" | "pcapng" => {
            let format = if export.format == "pcap" { Format::Pcap } else { Format::Pcapng };
            let mut writer = FrameWriter::new(out, format);
            let (mut frames, mut comments) = (0usize, Vec::new());
            // A frame that belongs to several packets is written once.
            let mut written = HashSet::new();
            for at in export.packets.iter() {
                library.with_frames(at, |frame, commented| {
                    if !written.insert(frame.number) {
                        return Ok(());
                    }
                    frames = frames.saturating_add(1);
                    if commented && format == Format::Pcapng {
                        comments.push(frame.number);
                    }
                    writer.write(frame, &[]).map_err(|error| error.to_string())
                })?;
            }
            writer.finish().map_err(|error| error.to_string())?;
            Ok(Written { packets, frames, comments })
        }
        format => {
            let mut encoder = Encoder::new(format)?;
            let mut text = String::new();
            encoder.begin(&mut text);
            for at in export.packets.iter() {
                library.look(at, |packet, _| encoder.packet(packet, &mut text))?;
                if text.len() > 1 << 16 {
                    out.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
                    text.clear();
                }
            }
            encoder.end(&mut text);
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| error.to_string())?;
            Ok(Written { packets, frames: packets, comments: Vec::new() })
        }
    }
}

/// Turns packets into text.
enum Encoder {
    Text(TextWriter),
    Tree,
    Json(JsonWriter, bool),
    Ndjson(JsonWriter),
    Csv,
}

impl Encoder {
    fn new(format: &str) -> Result<Self, String> {
        let json = || JsonWriter::new(json::Options { ascii: false, octets: true });
        Ok(match format {
            "text" => {
                let clock = Clock::new(TimeFormat::UtcDate, jiff::tz::TimeZone::UTC);
                Self::Text(TextWriter::new(clock, Painter::new(false), false))
            }
            "tree" => Self::Tree,
            "json" => Self::Json(json(), true),
            "ndjson" => Self::Ndjson(json()),
            "csv" => Self::Csv,
            other => return Err(format!("{other} is no format")),
        })
    }

    fn begin(&mut self, out: &mut String) {
        match self {
            Self::Text(writer) => out.push_str(writer.header()),
            Self::Json(..) => out.push('['),
            Self::Csv => out.push_str("number,time,source,destination,carrier,server,id,status,finding,summary\r\n"),
            _ => {}
        }
    }

    fn packet(&mut self, packet: &Packet<'_>, out: &mut String) {
        match self {
            Self::Text(writer) => out.push_str(writer.packet(packet)),
            Self::Tree => {
                push_tree(out, packet, Painter::new(false));
                out.push('\n');
            }
            Self::Json(writer, first) => {
                out.push_str(if std::mem::take(first) { "\n" } else { ",\n" });
                out.push_str(&String::from_utf8_lossy(writer.packet(packet)));
            }
            Self::Ndjson(writer) => {
                out.push_str(&String::from_utf8_lossy(writer.packet(packet)));
                out.push('\n');
            }
            Self::Csv => csv_row(packet, out),
        }
    }

    fn end(&mut self, out: &mut String) {
        if matches!(self, Self::Json(..)) {
            out.push_str("\n]\n");
        }
    }
}

fn csv_row(packet: &Packet<'_>, out: &mut String) {
    let listed = super::listed::listed(packet);
    let mut time = String::new();
    if let Some(at) = packet.frame.ts {
        crate::output::value::push_time(&mut time, at);
    }
    let worst = packet.view.worst().map(|found| found.rule.id).unwrap_or_default();
    let cells = [
        listed.number.to_string(),
        time,
        listed.source.into_string(),
        listed.destination.into_string(),
        listed.carrier.to_owned(),
        listed.server.into_string(),
        listed.id.map(|id| format!("{id:04X}")).unwrap_or_default(),
        listed.status.map(|s| s.name().to_owned()).unwrap_or_default(),
        worst.to_owned(),
        listed.summary.into_string(),
    ];
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_csv(out, cell);
    }
    out.push_str("\r\n");
}

/// A cell, quoted where it must be; one that a spreadsheet would take for a formula is kept from it.
fn push_csv(out: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || cell.contains([',', '"', '\n', '\r']);
    if quoted {
        out.push('"');
    }
    if formula {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    if quoted {
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::push_csv;

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        let csv = |cell: &str| {
            let mut out = String::new();
            push_csv(&mut out, cell);
            out
        };
        assert_eq!(csv("a"), "a");
        assert_eq!(csv("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(csv("=1+1"), "\"'=1+1\"");
    }
}
