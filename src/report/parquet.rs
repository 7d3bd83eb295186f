//! Rows as a Parquet file: one per notification, typed columns named as the catalog names its fields.
//!
//! Every column may be absent from a row. Text is UTF-8; numbers are signed 64 bits, since many readers know no others; spans of
//! time are seconds; points in time are microseconds (UTC), and beside the capture time stands the same in nanoseconds as a
//! number (`frame.time_ns`), since Spark refuses files with times in nanoseconds. Rows are written in groups, so that no more
//! than a group is held. Must not know where the octets go.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type as Schema;

use super::row::{Cell, Row, Type, columns};
use super::table::seconds;

/// Most rows of a group.
const GROUP_ROWS: usize = 64 << 10;
/// Octets of text and octets after which a group ends early.
const GROUP_OCTETS: usize = 16 << 20;
/// The column of capture times, which is there twice.
const TIME: &str = "frame.time";

/// A Parquet file being written. See the module's documentation.
pub struct ParquetWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Column>,
    rows: usize,
    octets: usize,
}

/// A column of the file.
#[derive(Debug)]
struct Column {
    name: String,
    /// The column of a row it is made from.
    from: usize,
    /// What its values mean.
    kind: Meaning,
    values: Values,
    /// For each row of the group, whether there is a value.
    present: Vec<i16>,
}

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Text,
    Number,
    Flag,
    Octets,
    Micros,
    Nanos,
    Seconds,
}

/// The values of a group.
#[derive(Debug)]
enum Values {
    Octets(Vec<ByteArray>),
    Numbers(Vec<i64>),
    Flags(Vec<bool>),
    Seconds(Vec<f64>),
}

impl Meaning {
    const fn physical(self) -> Physical {
        match self {
            Self::Text | Self::Octets => Physical::BYTE_ARRAY,
            Self::Number | Self::Micros | Self::Nanos => Physical::INT64,
            Self::Flag => Physical::BOOLEAN,
            Self::Seconds => Physical::DOUBLE,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Self::Text => Some(LogicalType::String),
            Self::Micros => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            Self::Number | Self::Flag | Self::Octets | Self::Nanos | Self::Seconds => None,
        }
    }

    const fn values(self) -> Values {
        match self {
            Self::Text | Self::Octets => Values::Octets(Vec::new()),
            Self::Number | Self::Micros | Self::Nanos => Values::Numbers(Vec::new()),
            Self::Flag => Values::Flags(Vec::new()),
            Self::Seconds => Values::Seconds(Vec::new()),
        }
    }
}

fn file_columns() -> Vec<Column> {
    let mut all = Vec::new();
    for (from, column) in columns().iter().enumerate() {
        let kind = match column.kind {
            Type::Text => Meaning::Text,
            Type::Uint | Type::Int => Meaning::Number,
            Type::Bool => Meaning::Flag,
            Type::Bytes => Meaning::Octets,
            Type::Time => Meaning::Micros,
            Type::Duration => Meaning::Seconds,
        };
        let mut add = |name: String, kind: Meaning| {
            all.push(Column { name, from, kind, values: kind.values(), present: Vec::new() });
        };
        add(column.name.to_owned(), kind);
        if column.name == TIME {
            add(format!("{TIME}_ns"), Meaning::Nanos);
        }
    }
    all
}

fn schema(columns: &[Column]) -> Result<Schema> {
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns {
        let field = Schema::primitive_type_builder(&column.name, column.kind.physical())
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(column.kind.logical())
            .build()?;
        fields.push(Arc::new(field));
    }
    Schema::group_type_builder("notification").with_fields(fields).build()
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Nothing can be written.
    pub fn new(out: W) -> Result<Self> {
        let columns = file_columns();
        let about = KeyValue::new("pushscope".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("pushscope version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(vec![about]))
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema(&columns)?), Arc::new(properties))?;
        Ok(Self { writer, columns, rows: 0, octets: 0 })
    }

    /// The next row.
    ///
    /// # Errors
    /// A group is full and cannot be written.
    pub fn row(&mut self, row: &Row) -> Result<()> {
        for column in &mut self.columns {
            self.octets += column.push(row.cells.get(column.from).unwrap_or(&Cell::None));
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.octets >= GROUP_OCTETS { self.group() } else { Ok(()) }
    }

    /// Writes the rows that are held as a group.
    fn group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        (self.rows, self.octets) = (0, 0);
        Ok(())
    }

    /// Ends the file, and gives back what it was written to.
    ///
    /// # Errors
    /// The rest cannot be written.
    pub fn finish(mut self) -> Result<W> {
        if self.rows > 0 {
            self.group()?;
        }
        self.writer.into_inner()
    }
}

/// Rows as the octets of a Parquet file, as they come to be.
#[derive(Debug)]
pub struct ParquetRows {
    inner: ParquetWriter<Drain>,
    drain: Drain,
}

impl ParquetRows {
    /// Begins a file.
    ///
    /// # Errors
    /// A fault of ours: nothing is written yet.
    pub fn new() -> Result<Self> {
        let drain = Drain::default();
        Ok(Self { inner: ParquetWriter::new(drain.clone())?, drain })
    }

    /// The octets that these rows complete: often none.
    ///
    /// # Errors
    /// A group cannot be encoded.
    pub fn rows(&mut self, rows: &[Row]) -> Result<Vec<u8>> {
        for row in rows {
            self.inner.row(row)?;
        }
        Ok(self.drain.take())
    }

    /// The rest of the file.
    ///
    /// # Errors
    /// The last group cannot be encoded.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.inner.finish().map(|drain| drain.take())
    }
}

/// Octets on their way from the writer to whoever takes them.
#[derive(Clone, Debug, Default)]
struct Drain(Arc<Mutex<Vec<u8>>>);

impl Drain {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Drain {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Column {
    /// Takes over a cell, and says how many octets it holds. What is not of the column's type is left out.
    fn push(&mut self, cell: &Cell) -> usize {
        let mut octets = 0;
        let mut array = |value: &[u8]| {
            octets = value.len();
            ByteArray::from(value.to_vec())
        };
        let fits = match (&mut self.values, cell) {
            (Values::Octets(values), Cell::Text(text)) if self.kind == Meaning::Text => {
                values.push(array(text.as_str().as_bytes()));
                true
            }
            (Values::Octets(values), Cell::Bytes(value)) if self.kind == Meaning::Octets => {
                values.push(array(value));
                true
            }
            (Values::Numbers(values), Cell::Uint(number)) => {
                values.push(i64::try_from(*number).unwrap_or(i64::MAX));
                true
            }
            (Values::Numbers(values), Cell::Int(number)) => {
                values.push(*number);
                true
            }
            (Values::Numbers(values), Cell::Time(nanos)) => {
                values.push(if self.kind == Meaning::Micros { nanos.div_euclid(1000) } else { *nanos });
                true
            }
            (Values::Flags(values), Cell::Bool(flag)) => {
                values.push(*flag);
                true
            }
            (Values::Seconds(values), Cell::Duration(nanos)) => {
                values.push(seconds(*nanos));
                true
            }
            _ => false,
        };
        self.present.push(i16::from(fits));
        octets
    }

    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let present = std::mem::take(&mut self.present);
        match std::mem::replace(&mut self.values, self.kind.values()) {
            Values::Octets(values) => put::<ByteArrayType>(writer, &values, &present),
            Values::Numbers(values) => put::<Int64Type>(writer, &values, &present),
            Values::Flags(values) => put::<BoolType>(writer, &values, &present),
            Values::Seconds(values) => put::<DoubleType>(writer, &values, &present),
        }
    }
}

fn put<T: DataType>(writer: &mut SerializedColumnWriter<'_>, values: &[T::T], present: &[i16]) -> Result<()> {
    writer.typed::<T>().write_batch(values, Some(present), None).map(|_| ())
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").field("rows", &self.rows).field("octets", &self.octets).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::{GROUP_ROWS, ParquetWriter};
    use crate::model::Visible;
    use crate::report::row::{Cell, Row, columns};

    fn row(number: u64) -> Row {
        let mut row = Row { cells: vec![Cell::None; columns().len()] };
        row.set("file", Cell::Text(Visible::own("a.pcap")));
        row.set("frame.number", Cell::Uint(number));
        row.set("frame.time", Cell::Time(1_700_000_000_123_456_789 - i64::try_from(number).unwrap()));
        row.set("dmnoti.digest", Cell::Bytes(vec![0xff, 0, 7]));
        row.set("dmnoti.digest.age", Cell::Duration(-1_500_000_000));
        row
    }

    fn at(name: &str) -> usize {
        let time = columns().iter().position(|column| column.name == "frame.time").unwrap();
        let at = columns().iter().position(|column| column.name == name).unwrap();
        at + usize::from(at > time)
    }

    #[test]
    fn rows_come_back_as_they_were_in_groups_of_bounded_size() {
        let mut writer = ParquetWriter::new(tempfile::tempfile().unwrap()).unwrap();
        let count = GROUP_ROWS as u64 + 10;
        for number in 0..count {
            writer.row(&row(number)).unwrap();
        }
        let reader = SerializedFileReader::new(writer.finish().unwrap()).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let mut seen = 0;
        for (number, read) in (0..).zip(reader.get_row_iter(None).unwrap()) {
            let read = read.unwrap();
            assert_eq!(read.get_string(at("file")).unwrap(), "a.pcap");
            assert_eq!(read.get_long(at("frame.number")).unwrap(), number);
            let nanos = 1_700_000_000_123_456_789 - number;
            assert_eq!(read.get_timestamp_micros(at("frame.time")).unwrap(), nanos / 1000);
            assert_eq!(read.get_long(at("frame.time") + 1).unwrap(), nanos);
            assert_eq!(read.get_bytes(at("dmnoti.digest")).unwrap().data(), [0xff, 0, 7]);
            assert!((read.get_double(at("dmnoti.digest.age")).unwrap() + 1.5).abs() < 1e-12);
            assert!(read.get_string(at("carrier")).is_err(), "absent, not empty");
            seen += 1;
        }
        assert_eq!(seen, count);
    }

    #[test]
    fn a_file_without_rows_has_its_columns() {
        let writer = ParquetWriter::new(tempfile::tempfile().unwrap()).unwrap();
        let reader = SerializedFileReader::new(writer.finish().unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        assert_eq!(schema.num_columns(), columns().len() + 1);
        assert_eq!(schema.column(at("frame.time") + 1).name(), "frame.time_ns");
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}
