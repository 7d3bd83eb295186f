//! How far apart in capture time two messages may be to be compared: the option `--window`.
//!
//! Must not know a clock.

use std::fmt;
use std::str::FromStr;

use crate::model::{Duration, Timestamp};

/// The windows of the sequence rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Within this, an identifier or the same octets count as used again.
    pub reuse: Duration,
    /// Within this, two triggers of one server belong to one session.
    pub retrigger: Duration,
    /// Capture time minus sending time: the least that is plausible (negative: the server's clock is ahead).
    pub age_min: Duration,
    /// The greatest age that is plausible.
    pub age_max: Duration,
    /// How long parts of a concatenated SMS are waited for.
    pub concat: Duration,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            reuse: Duration::from_secs(24 * 3600),
            retrigger: Duration::from_secs(600),
            age_min: Duration::from_secs(-300),
            age_max: Duration::from_secs(24 * 3600),
            concat: Duration::from_secs(600),
        }
    }
}

impl Windows {
    /// Whether two capture times lie within a window; a missing time always does.
    pub fn holds(window: Duration, one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => one.since(other).nanos().unsigned_abs() <= window.nanos().unsigned_abs(),
            _ => true,
        }
    }

    /// Whether an age is plausible.
    pub fn is_plausible(&self, age: Duration) -> bool {
        (self.age_min..=self.age_max).contains(&age)
    }
}

/// What is wrong with a `--window` argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowError(String);

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WindowError {}

/// `reuse=24h,retrigger=10m,age=-5m..24h,concat=10m`, any of them, in any order; what is not named keeps its default.
impl FromStr for Windows {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let mut windows = Self::default();
        for part in text.split(',').map(str::trim) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(WindowError(format!("`{part}`: expected KEY=TIME, such as reuse=24h")));
            };
            match key.trim() {
                "reuse" => windows.reuse = length(value)?,
                "retrigger" => windows.retrigger = length(value)?,
                "concat" => windows.concat = length(value)?,
                "age" => (windows.age_min, windows.age_max) = range(value)?,
                other => {
                    return Err(WindowError(format!("`{other}`: expected reuse, retrigger, age or concat")));
                }
            }
        }
        Ok(windows)
    }
}

/// A window that cannot be negative.
fn length(text: &str) -> Result<Duration, WindowError> {
    let duration = duration(text)?;
    if duration < Duration::default() {
        return Err(WindowError(format!("`{}`: this window cannot be negative", text.trim())));
    }
    Ok(duration)
}

/// `-5m..24h`.
fn range(text: &str) -> Result<(Duration, Duration), WindowError> {
    let Some((low, high)) = text.split_once("..") else {
        return Err(WindowError(format!("`{}`: expected a range, such as -5m..24h", text.trim())));
    };
    let (low, high) = (duration(low)?, duration(high)?);
    if low > high {
        return Err(WindowError(format!("`{}`: the range is empty", text.trim())));
    }
    Ok((low, high))
}

/// `24h`, `10m`, `90s`, `500ms`, `2d`, `-5m`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, WindowError> {
    let text = text.trim();
    let wrong = || WindowError(format!("`{text}`: expected a time, such as 90s, 10m, 24h or 2d"));
    let (sign, number) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let split = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let (digits, unit) = number.split_at_checked(split).ok_or_else(wrong)?;
    let nanos: i64 = match unit {
        "ms" => 1_000_000,
        "" | "s" => 1_000_000_000,
        "m" | "min" => 60 * 1_000_000_000,
        "h" => 3600 * 1_000_000_000,
        "d" => 86_400 * 1_000_000_000,
        _ => return Err(wrong()),
    };
    let count: i64 = digits.parse().ok().ok_or_else(wrong)?;
    let nanos = count.checked_mul(nanos).and_then(|nanos| nanos.checked_mul(sign)).ok_or_else(wrong)?;
    Ok(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::{Duration, Windows};

    #[test]
    fn the_text_of_the_defaults_gives_the_defaults() {
        assert_eq!("reuse=24h,retrigger=10m,age=-5m..24h,concat=10m".parse(), Ok(Windows::default()));
    }

    #[test]
    fn parts_may_be_left_out_and_stand_in_any_order() {
        let windows: Windows = "age=-1d..90s, reuse=500ms".parse().unwrap();
        assert_eq!(windows.reuse, Duration::from_nanos(500_000_000));
        assert_eq!((windows.age_min, windows.age_max), (Duration::from_secs(-86_400), Duration::from_secs(90)));
        assert_eq!(windows.retrigger, Windows::default().retrigger);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("", "``"),
            ("reuse", "`reuse`"),
            ("reuse=", "``"),
            ("reuse=24x", "`24x`"),
            ("reuse=-1h", "`-1h`"),
            ("reuse=99999999999999d", "`99999999999999d`"),
            ("age=24h", "`24h`"),
            ("age=1h..1m", "`1h..1m`"),
            ("again=1h", "`again`"),
        ] {
            let error = text.parse::<Windows>().unwrap_err().to_string();
            assert!(error.starts_with(part), "{text}: {error}");
        }
    }
}
