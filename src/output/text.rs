//! Packets as aligned lines, one each.
//!
//! Must not know any protocol.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::scan::Packet;
use crate::verify::Status;

use super::clock::Clock;
use super::colors::ColorRules;
use super::columns::Columns;
use super::row::Row;
use super::style::{Ink, Painter};
use super::tree::{ink_of, mark};

/// Writes one line per packet.
#[derive(Debug)]
pub struct TextWriter {
    clock: Clock,
    paint: Painter,
    ascii: bool,
    line: String,
    cell: String,
    columns: Option<Columns>,
    rules: Option<ColorRules>,
    widths: [usize; COLUMNS.len()],
}

/// Width of a column of the user's own.
const OWN_WIDTH: usize = 14;

/// Columns and the width they have at least. A longer value widens its column for the lines after it, up to [`WIDEST`].
const COLUMNS: [(&str, usize); 9] = [
    ("No.", 7),
    ("Time", 14),
    ("Source", 15),
    ("Destination", 15),
    ("By", 4),
    ("Server", 20),
    ("Id", 4),
    ("Digest", 12),
    ("Finding", 13),
];

/// A column is not made wider than this: an attacker's server identifier must not push the others off the screen for good.
const WIDEST: usize = 40;

impl TextWriter {
    /// A writer; `ascii` marks verdicts with ASCII characters only.
    pub fn new(clock: Clock, paint: Painter, ascii: bool) -> Self {
        let mut widths = COLUMNS.map(|(_, width)| width);
        let [_, time, ..] = &mut widths;
        *time = clock.width();
        Self { clock, paint, ascii, line: String::new(), cell: String::new(), columns: None, rules: None, widths }
    }

    /// Other columns than the standard ones.
    #[must_use]
    pub fn with_columns(mut self, columns: Option<Columns>) -> Self {
        self.columns = columns;
        self
    }

    /// Whole lines coloured by these rules, instead of cells by verdict and severity.
    #[must_use]
    pub fn with_rules(mut self, rules: Option<ColorRules>) -> Self {
        self.rules = rules.filter(|_| self.paint.is_on());
        if self.rules.is_some() {
            self.paint = Painter::new(false);
        }
        self
    }

    /// Relative times count from the first frame, listed or not.
    pub fn start(&mut self, first: Option<crate::model::Timestamp>) {
        self.clock.start(first);
    }

    /// The column titles.
    pub fn header(&mut self) -> &str {
        self.line.clear();
        if let Some(columns) = &self.columns {
            for column in columns.all() {
                let _ = write!(self.line, "{:<OWN_WIDTH$} ", column.title());
            }
            self.line.truncate(self.line.trim_end().len());
        } else {
            for ((title, _), width) in COLUMNS.iter().zip(self.widths) {
                let _ = write!(self.line, "{title:<width$} ");
            }
            self.line.push_str("Summary");
        }
        let line = std::mem::take(&mut self.line);
        self.paint.paint(&mut self.line, Ink::Bold, |out| out.push_str(&line));
        self.line.push('\n');
        &self.line
    }

    /// The line of a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) -> &str {
        self.write(packet);
        let rule = self.rules.as_ref().and_then(|rules| rules.of(&packet.view));
        let sgr = rule.map(|rule| rule.style.sgr()).filter(|sgr| !sgr.is_empty());
        if let Some(sgr) = sgr {
            let text = self.line.trim_end().to_owned();
            self.line.clear();
            let _ = writeln!(self.line, "\u{1b}[{sgr}m{text}\u{1b}[0m");
        }
        &self.line
    }

    fn write(&mut self, packet: &Packet<'_>) {
        self.line.clear();
        if let Some(columns) = &self.columns {
            for column in columns.all() {
                self.cell.clear();
                column.push_cell(&mut self.cell, packet.view);
                let pad = OWN_WIDTH.saturating_sub(self.cell.width());
                self.line.push_str(&self.cell);
                self.line.extend(std::iter::repeat_n(' ', pad + 1));
            }
            self.line.truncate(self.line.trim_end().len());
            self.line.push('\n');
            return;
        }
        let row = Row::new(packet);
        let mut widths = self.widths.iter_mut();
        let mut cell = std::mem::take(&mut self.cell);
        let paint = self.paint;
        let mut put = |line: &mut String, cell: &mut String, ink: Ink| {
            let mut pad = 0;
            if let Some(width) = widths.next() {
                *width = cell.width().clamp(*width, WIDEST);
                pad = width.saturating_sub(cell.width());
            }
            paint.paint(line, ink, |out| out.push_str(cell));
            line.extend(std::iter::repeat_n(' ', pad + 1));
            cell.clear();
        };
        let _ = write!(cell, "{}", packet.frame.number);
        put(&mut self.line, &mut cell, Ink::Plain);
        self.clock.push(&mut cell, packet.frame.ts);
        put(&mut self.line, &mut cell, Ink::Plain);
        for text in [row.source.as_str(), row.destination.as_str(), row.carrier, row.server.as_str(), &row.id] {
            cell.push_str(if text.is_empty() { "-" } else { text });
            put(&mut self.line, &mut cell, Ink::Plain);
        }
        push_status(&mut cell, row.status, row.more, self.ascii);
        put(&mut self.line, &mut cell, row.status.map_or(Ink::Plain, status_ink));
        let ink = row.worst.map_or(Ink::Plain, |(_, severity)| ink_of(severity));
        match row.worst {
            Some((rule, severity)) if row.more_findings > 0 => {
                let _ = write!(cell, "{} {} +{}", mark(severity), rule.id, row.more_findings);
            }
            Some((rule, severity)) => {
                let _ = write!(cell, "{} {}", mark(severity), rule.id);
            }
            None => cell.push('-'),
        }
        put(&mut self.line, &mut cell, ink);
        if self.ascii {
            // The dash is ours.
            self.line.push_str(&row.summary.as_str().replacen('–', "-", 1));
        } else {
            self.line.push_str(row.summary.as_str());
        }
        self.line.push('\n');
        self.cell = cell;
    }
}

fn push_status(out: &mut String, status: Option<Status>, more: usize, ascii: bool) {
    let Some(status) = status else {
        out.push('-');
        return;
    };
    let mark = if ascii { status.ascii_mark() } else { status.mark() };
    let _ = write!(out, "{mark} {}", status.name());
    if more > 0 {
        let _ = write!(out, " +{more}");
    }
}

/// The colour of a verdict; its mark and name say the same.
pub const fn status_ink(status: Status) -> Ink {
    match status {
        Status::Valid => Ink::Green,
        Status::Resync => Ink::Cyan,
        Status::Deviant => Ink::Magenta,
        Status::Invalid | Status::Malformed => Ink::Red,
        Status::Unsigned | Status::Incomplete => Ink::Yellow,
        Status::Unchecked => Ink::Plain,
    }
}
