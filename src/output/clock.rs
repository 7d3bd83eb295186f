//! Capture times as columns show them, in tshark's formats.
//!
//! Must not know the machine's time zone: it is given.

use std::fmt::Write;

use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// Absolute, in the zone given.
    Absolute,
    /// Absolute with date, in the zone given.
    AbsoluteDate,
    /// Seconds since the listed packet before.
    Delta,
    /// Seconds since 1970.
    Epoch,
    /// Seconds since the first frame.
    #[default]
    Relative,
    /// Absolute, UTC.
    Utc,
    /// Absolute with date, UTC.
    UtcDate,
}

/// Writes the times of packets in order.
#[derive(Clone, Debug)]
pub struct Clock {
    format: TimeFormat,
    zone: TimeZone,
    first: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Clock {
    /// A clock that writes absolute times in this zone.
    pub fn new(format: TimeFormat, zone: TimeZone) -> Self {
        Self { format, zone, first: None, before: None }
    }

    /// Relative times count from this one: the time of the first frame.
    pub fn start(&mut self, first: Option<Timestamp>) {
        if self.first.is_none() {
            self.first = first;
        }
    }

    /// Room that most times take.
    pub const fn width(&self) -> usize {
        match self.format {
            TimeFormat::Relative | TimeFormat::Delta => 14,
            TimeFormat::Absolute | TimeFormat::Utc => 18,
            TimeFormat::Epoch => 20,
            TimeFormat::AbsoluteDate | TimeFormat::UtcDate => 29,
        }
    }

    /// Appends the time of the next listed packet; `-` where the capture states none.
    pub fn push(&mut self, out: &mut String, time: Option<Timestamp>) {
        let Some(time) = time else {
            out.push('-');
            return;
        };
        let before = self.before.replace(time).unwrap_or(time);
        let first = *self.first.get_or_insert(time);
        let _ = match self.format {
            TimeFormat::Relative => write!(out, "{}", time.since(first)),
            TimeFormat::Delta => write!(out, "{}", time.since(before)),
            TimeFormat::Epoch => {
                let (secs, nanos) = time.parts();
                write!(out, "{secs}.{nanos:09}")
            }
            TimeFormat::Absolute => self.absolute(out, time, &self.zone, "%H:%M:%S%.9f"),
            TimeFormat::AbsoluteDate => self.absolute(out, time, &self.zone, "%Y-%m-%d %H:%M:%S%.9f"),
            TimeFormat::Utc => self.absolute(out, time, &TimeZone::UTC, "%H:%M:%S%.9f"),
            TimeFormat::UtcDate => self.absolute(out, time, &TimeZone::UTC, "%Y-%m-%d %H:%M:%S%.9f"),
        };
    }

    #[expect(clippy::unused_self, reason = "reads as a part of the clock")]
    fn absolute(&self, out: &mut String, time: Timestamp, zone: &TimeZone, format: &str) -> std::fmt::Result {
        // Every 64-bit number of nanoseconds is a time the library knows.
        match jiff::Timestamp::from_nanosecond(i128::from(time.nanos())) {
            Ok(time) => write!(out, "{}", time.to_zoned(zone.clone()).strftime(format)),
            Err(_) => Ok(()),
        }
    }
}
