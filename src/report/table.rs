//! Rows as csv and ndjson.
//!
//! Must not know where the lines go.

use serde_json::Value;

use crate::model::{Duration, Timestamp, Value as Given};
use crate::output::fields::defuse;
use crate::output::value::{push_hex, push_plain, push_time};

use super::row::{Cell, Column, Row, columns};

/// Writes rows as comma-separated values (RFC 4180).
pub struct CsvRows {
    inner: csv::Writer<Vec<u8>>,
    cell: String,
}

impl std::fmt::Debug for CsvRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvRows").finish_non_exhaustive()
    }
}

impl Default for CsvRows {
    fn default() -> Self {
        Self { inner: writer(), cell: String::new() }
    }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

impl CsvRows {
    /// The names of the columns.
    ///
    /// # Errors
    /// The row cannot be written.
    pub fn header(&mut self) -> csv::Result<Vec<u8>> {
        for column in columns() {
            self.inner.write_field(column.name)?;
        }
        self.inner.write_record(None::<&[u8]>)?;
        self.take()
    }

    /// The lines of rows.
    ///
    /// # Errors
    /// A row cannot be written.
    pub fn rows(&mut self, rows: &[Row]) -> csv::Result<Vec<u8>> {
        for row in rows {
            for (column, cell) in columns().iter().zip(&row.cells) {
                self.cell.clear();
                push_cell(&mut self.cell, column, cell);
                defuse(&mut self.cell);
                self.inner.write_field(&self.cell)?;
            }
            self.inner.write_record(None::<&[u8]>)?;
        }
        self.take()
    }

    fn take(&mut self) -> csv::Result<Vec<u8>> {
        self.inner.flush()?;
        let full = std::mem::replace(&mut self.inner, writer());
        full.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}

/// Appends a cell as columns show it: as `read -T fields` does.
fn push_cell(out: &mut String, column: &Column, cell: &Cell) {
    let value = match cell {
        Cell::None => return,
        Cell::Text(text) => return out.push_str(text.as_str()),
        Cell::Bytes(octets) => return push_hex(out, octets),
        Cell::Time(nanos) => return push_time(out, Timestamp::from_nanos(*nanos)),
        Cell::Uint(number) => Given::Uint(*number),
        Cell::Int(number) => Given::Int(*number),
        Cell::Bool(flag) => Given::Bool(*flag),
        Cell::Duration(nanos) => Given::Duration(Duration::from_nanos(*nanos)),
    };
    if let Some(field) = column.field {
        push_plain(out, field, value, &[]);
    }
}

/// Appends a row as one line of JSON: the columns that have something, numbers as numbers, octets as hex, times as ISO 8601,
/// durations in seconds.
///
/// # Errors
/// It cannot be written as JSON: a fault of ours.
pub fn push_ndjson(out: &mut Vec<u8>, row: &Row) -> serde_json::Result<()> {
    let mut before = b'{';
    for (column, cell) in columns().iter().zip(&row.cells) {
        let value = match cell {
            Cell::None => continue,
            Cell::Uint(number) => Value::from(*number),
            Cell::Int(number) => Value::from(*number),
            Cell::Bool(flag) => Value::from(*flag),
            Cell::Duration(nanos) => Value::from(seconds(*nanos)),
            Cell::Text(_) | Cell::Bytes(_) | Cell::Time(_) => {
                let mut text = String::new();
                push_cell(&mut text, column, cell);
                Value::from(text)
            }
        };
        out.push(before);
        before = b',';
        serde_json::to_writer(&mut *out, column.name)?;
        out.push(b':');
        serde_json::to_writer(&mut *out, &value)?;
    }
    if before == b'{' {
        out.push(b'{');
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

/// Nanoseconds as a number of seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "whole seconds fit exactly, and so does what is below a second; the sum is exact enough to the microsecond"
)]
pub(super) fn seconds(nanos: i64) -> f64 {
    (nanos / 1_000_000_000) as f64 + (nanos % 1_000_000_000) as f64 / 1e9
}
