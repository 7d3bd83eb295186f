//! From the ticks of an interface to points in time.
//!
//! Must not know where ticks come from, nor any real clock.

use crate::model::Timestamp;

/// Nanoseconds in a second.
const NANOS: u64 = 1_000_000_000;

/// How long a tick is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// This many nanoseconds.
    Nanos(u64),
    /// This many ticks to a nanosecond.
    PerNano(u64),
    /// Two to this power ticks to a second.
    Binary(u8),
    /// So short that 64 bits of them are less than a nanosecond.
    None,
}

/// Unit and offset of an interface's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    tick: Tick,
    /// Seconds added to every time.
    offset: i64,
    /// The resolution octet as pcapng writes it.
    code: u8,
}

impl Clock {
    /// Microseconds since the epoch: what holds where nothing else is said.
    pub const MICROS: Self = Self { tick: Tick::Nanos(1000), offset: 0, code: 6 };
    /// Nanoseconds since the epoch.
    pub const NANOS: Self = Self { tick: Tick::Nanos(1), offset: 0, code: 9 };

    /// The clock with this resolution (`if_tsresol`: a power of ten, or of two where the highest bit is set) and offset in
    /// seconds (`if_tsoffset`).
    pub(crate) fn new(code: u8, offset: i64) -> Self {
        let power = u32::from(code & 0x7f);
        let tick = if code & 0x80 != 0 {
            Tick::Binary(code & 0x7f)
        } else if power <= 9 {
            Tick::Nanos(10u64.saturating_pow(9u32.saturating_sub(power)))
        } else {
            10u64.checked_pow(power.saturating_sub(9)).map_or(Tick::None, Tick::PerNano)
        };
        Self { tick, offset, code }
    }

    /// The resolution octet as pcapng writes it: 6 for microseconds, 9 for nanoseconds, 0x80 + n for 2⁻ⁿ seconds.
    pub const fn code(self) -> u8 {
        self.code
    }

    /// Seconds added to every time.
    pub const fn offset(self) -> i64 {
        self.offset
    }

    /// The time `ticks` after the epoch, rounded down to nanoseconds, and whether it had to be moved into the range.
    #[inline]
    pub(crate) fn time(self, ticks: u64) -> (Timestamp, bool) {
        // The common case: no offset, and nothing overflows.
        if let Tick::Nanos(nanos) = self.tick
            && self.offset == 0
            && let Some(nanos) = ticks.checked_mul(nanos)
            && let Ok(nanos) = i64::try_from(nanos)
        {
            return (Timestamp::from_nanos(nanos), false);
        }
        self.any_time(ticks)
    }

    #[cold]
    fn any_time(self, ticks: u64) -> (Timestamp, bool) {
        let ticks = u128::from(ticks);
        // All below 2^64 · 1e9 < 2^94.
        let nanos = match self.tick {
            Tick::Nanos(nanos) => ticks.saturating_mul(u128::from(nanos)),
            Tick::PerNano(count) => ticks.checked_div(u128::from(count)).unwrap_or(0),
            Tick::Binary(power) => ticks.saturating_mul(u128::from(NANOS)) >> power,
            Tick::None => 0,
        };
        let offset = i128::from(self.offset).saturating_mul(i128::from(NANOS));
        let all = i128::try_from(nanos).unwrap_or(i128::MAX).saturating_add(offset);
        match i64::try_from(all) {
            Ok(nanos) => (Timestamp::from_nanos(nanos), false),
            Err(_) if all < 0 => (Timestamp::from_nanos(i64::MIN), true),
            Err(_) => (Timestamp::from_nanos(i64::MAX), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Timestamp};

    fn check(code: u8, offset: i64, ticks: u64, nanos: i64, moved: bool) {
        assert_eq!(Clock::new(code, offset).time(ticks), (Timestamp::from_nanos(nanos), moved), "{code:#x} {offset}");
    }

    #[test]
    fn every_resolution_gives_nanoseconds_rounded_down() {
        check(6, 0, 1_500_000, 1_500_000_000, false);
        check(9, 0, 7, 7, false);
        check(0, 0, 3, 3_000_000_000, false);
        check(3, -1, 1001, 1_000_000, false);
        check(12, 0, 1999, 1, false);
        check(28, 0, u64::MAX, 1, false);
        check(29, 0, u64::MAX, 0, false);
        check(127, 0, u64::MAX, 0, false);
        check(0x80, 0, 2, 2_000_000_000, false);
        check(0x81, 0, 3, 1_500_000_000, false);
        check(0xa0, 1, 1 << 31, 1_500_000_000, false);
        check(0xff, 0, u64::MAX, 0, false);
    }

    #[test]
    fn times_beyond_the_range_move_to_its_end() {
        check(0, 0, u64::MAX, i64::MAX, true);
        check(9, i64::MIN, 0, i64::MIN, true);
        check(9, 0, u64::MAX, i64::MAX, true);
        check(9, -5_000_000_000, 9_223_372_037_000_000_000, 4_223_372_037_000_000_000, false);
    }
}
