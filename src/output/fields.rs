//! Chosen fields of packets as lines: `-T fields` and `-T csv`.
//!
//! Must not know any protocol.

use crate::dissect::Message;
use crate::model::NodeId;
use crate::scan::Packet;

use super::columns::Columns;

/// Writes one line per packet: the fields asked for, in that order; an absent field is empty, several occurrences are joined
/// by commas.
#[derive(Debug)]
pub struct FieldsWriter {
    columns: Columns,
    separator: String,
    line: String,
}

impl FieldsWriter {
    /// A writer of these fields.
    pub fn new(columns: Columns, separator: String) -> Self {
        Self { columns, separator, line: String::new() }
    }

    /// The fields' names.
    pub fn header(&mut self) -> &str {
        self.line.clear();
        for (index, column) in self.columns.all().iter().enumerate() {
            if index > 0 {
                self.line.push_str(&self.separator);
            }
            self.line.push_str(column.source());
        }
        self.line.push('\n');
        &self.line
    }

    /// The line of a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) -> &str {
        self.line.clear();
        for (index, column) in self.columns.all().iter().enumerate() {
            if index > 0 {
                self.line.push_str(&self.separator);
            }
            column.push_cell(&mut self.line, packet.view);
        }
        self.line.push('\n');
        &self.line
    }
}

/// Writes comma-separated values (RFC 4180), one row per notification; a packet without one is one row.
pub struct CsvWriter {
    columns: Columns,
    inner: csv::Writer<Vec<u8>>,
    cell: String,
    hidden: Vec<NodeId>,
}

impl std::fmt::Debug for CsvWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvWriter").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl CsvWriter {
    /// A writer of these columns.
    pub fn new(columns: Columns) -> Self {
        let inner = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        Self { columns, inner, cell: String::new(), hidden: Vec::new() }
    }

    /// The columns' titles.
    ///
    /// # Errors
    /// The row cannot be written.
    pub fn header(&mut self) -> csv::Result<Vec<u8>> {
        for column in self.columns.all() {
            self.inner.write_field(column.title().as_str())?;
        }
        self.inner.write_record(None::<&[u8]>)?;
        self.take()
    }

    /// The rows of a packet.
    ///
    /// # Errors
    /// A row cannot be written.
    pub fn packet(&mut self, packet: &Packet<'_>) -> csv::Result<Vec<u8>> {
        let messages = &packet.found.messages;
        for index in 0..messages.len().max(1) {
            others(messages, index, &mut self.hidden);
            for column in self.columns.all() {
                self.cell.clear();
                column.push_cell_without(&mut self.cell, packet.view, &self.hidden);
                defuse(&mut self.cell);
                self.inner.write_field(&self.cell)?;
            }
            self.inner.write_record(None::<&[u8]>)?;
        }
        self.take()
    }

    fn take(&mut self) -> csv::Result<Vec<u8>> {
        self.inner.flush()?;
        let next = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let full = std::mem::replace(&mut self.inner, next);
        full.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}

/// The layers of the messages of a frame other than the one at `index`: they do not belong into its row.
pub fn others(messages: &[Message], index: usize, hidden: &mut Vec<NodeId>) {
    hidden.clear();
    let own = messages.get(index).map(|message| (message.layer, message.facts.push.map(|push| push.layer)));
    for message in messages {
        for layer in [Some(message.layer), message.facts.push.map(|push| push.layer)].into_iter().flatten() {
            if own.is_some_and(|(body, push)| layer != body && Some(layer) != push) {
                hidden.push(layer);
            }
        }
    }
}

/// A spreadsheet must not take a cell for a formula: an apostrophe in front makes it text. Plain negative numbers stay.
pub fn defuse(cell: &mut String) {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && cell.parse::<f64>().is_err() {
        cell.insert(0, '\'');
    }
}

#[cfg(test)]
mod tests {
    use super::defuse;

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        for (cell, want) in
            [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5.000000000", "-5.000000000"), ("-x", "'-x"), ("a=b", "a=b")]
        {
            let mut cell = cell.to_owned();
            defuse(&mut cell);
            assert_eq!(cell, want);
        }
    }
}
