//! Time as captures and messages state it.
//!
//! Must not know a clock: a [`Timestamp`] only ever comes from octets that were read.

use std::fmt;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The range is 1677-09-21 to 2262-04-11. A capture can state times outside of it; such a
/// time saturates at the end of the range, and the capture reader records a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A span of time in nanoseconds, negative when it points backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(i64);

/// Nanoseconds in a second.
const NANOS: i64 = 1_000_000_000;

impl Timestamp {
    /// The time `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The time `secs` seconds and `nanos` nanoseconds after the epoch; saturates at the ends of the range.
    pub const fn from_secs(secs: i64, nanos: u32) -> Self {
        Self(secs.saturating_mul(NANOS).saturating_add(nanos as i64))
    }

    /// Nanoseconds since the epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch (rounded down) and the nanoseconds beyond them (0..1e9).
    pub const fn parts(self) -> (i64, u32) {
        let nanos = self.0.rem_euclid(NANOS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rem_euclid by 1e9 lies in 0..1e9")]
        (self.0.div_euclid(NANOS), nanos as u32)
    }

    /// How long after `earlier` this is; saturates.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A span of `secs` seconds; saturates.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(NANOS))
    }

    /// The span in nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }
}

/// Seconds with nine decimals, as `-12.000000001`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = NANOS.unsigned_abs();
        let all = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:09}", all / nanos, all % nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Timestamp};

    #[test]
    fn parts_of_a_time_before_the_epoch_count_forward() {
        assert_eq!(Timestamp::from_nanos(-1).parts(), (-1, 999_999_999));
        assert_eq!(Timestamp::from_secs(12, 5).parts(), (12, 5));
    }

    #[test]
    fn a_time_beyond_the_range_saturates() {
        assert_eq!(Timestamp::from_secs(i64::MAX, 0).nanos(), i64::MAX);
    }

    #[test]
    fn a_negative_duration_shows_its_sign_once() {
        assert_eq!(Duration::from_nanos(-1_500_000_000).to_string(), "-1.500000000");
    }
}
