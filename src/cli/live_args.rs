//! The options of `pushscope live`.
//!
//! Must not do anything: it only says what was asked for.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::{CaptureFormat, ShowArgs};
use crate::capture::Listen;

/// `pushscope live`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "\
Without a source it listens at UDP port 2948. On a terminal packets are shown in the terminal UI; with -T, -V, -e or -x,
or with standard output not a terminal, they are printed as they arrive.")]
pub(super) struct LiveArgs {
    /// Receive at a UDP port, IPv4 and IPv6; needs no privilege (repeatable) [default: 2948]
    #[arg(long, value_name = "[ADDR:]PORT", num_args = 0..=1, default_missing_value = "2948")]
    pub listen: Vec<Listen>,
    /// Capture on an interface, by dumpcap or tcpdump (repeatable)
    #[arg(short, long, value_name = "IFACE")]
    pub interface: Vec<String>,
    /// Capture filter for -i, in the language of tcpdump [default: what can carry pushes]
    #[arg(short = 'f', long, value_name = "FILTER", requires = "interface")]
    pub capture_filter: Option<String>,
    /// List the interfaces that -i can capture on
    #[arg(short = 'D', long)]
    pub list_interfaces: bool,
    /// Read a capture as it is written to a named pipe, or to standard input (`-`) (repeatable)
    #[arg(short = 'r', long = "read-file", value_name = "FIFO")]
    pub read_files: Vec<PathBuf>,
    /// Stop after this time: 90, 90s, 15m, 8h, 2d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Stop at the first packet that matches this display filter
    #[arg(long, value_name = "EXPR")]
    pub until: Option<String>,
    /// Save everything that is received to a capture
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Format of the capture saved [default: by extension, else pcapng]
    #[arg(short = 'F', long = "format", value_name = "FORMAT", value_enum, requires = "write")]
    pub format: Option<CaptureFormat>,
    /// Save only packets that are listed and match -Y, with all frames they were put together from
    #[arg(long, requires = "write")]
    pub save_matching: bool,
    /// Save to a ring of files, `FILE_00001_TIME` and so on, and keep this many
    #[arg(long, value_name = "N", requires = "write", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub files: Option<u32>,
    /// Begin the next file of the ring after this size: 500K, 100M, 1G
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = size)]
    pub file_size: Option<u64>,
    /// Begin the next file of the ring after this time: 60s, 15m, 1h
    #[arg(long, value_name = "TIME", requires = "write", value_parser = duration)]
    pub file_duration: Option<Duration>,
    /// Keep about N packets in the list of the terminal UI; older ones leave it [default: by memory, about two million]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1000..))]
    pub keep: Option<u32>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub show: ShowArgs,
}

/// A time: a number of seconds, or one with a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let wrong = || "expected a time such as 90, 90s, 15m, 8h or 2d".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = if unit.is_empty() { Some(1000) } else { units.iter().find(|(name, _)| *name == unit).map(|u| u.1) };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale?)).ok_or_else(wrong)?;
    if millis == 0 { Err(wrong()) } else { Ok(Duration::from_millis(millis)) }
}

/// A size: a number of octets, or one with a unit (powers of 1024).
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "expected a size such as 500K, 100M or 1G".to_owned();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" => Some(0),
        "K" | "KB" | "KIB" => Some(10),
        "M" | "MB" | "MIB" => Some(20),
        "G" | "GB" | "GIB" => Some(30),
        _ => None,
    };
    let octets = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1u64 << shift?)).ok_or_else(wrong)?;
    // A file holds at least its own header.
    if octets < 1024 { Err("at least 1K".to_owned()) } else { Ok(octets) }
}

#[cfg(test)]
mod tests {
    use super::{duration, size};

    #[test]
    fn times_and_sizes_are_read_with_their_units() {
        let millis = |text: &str| duration(text).ok().map(|duration| duration.as_millis());
        assert_eq!(millis("90"), Some(90_000));
        assert_eq!(
            ["250ms", "90s", "15m", "8h", "2d"].map(millis),
            [250, 90_000, 900_000, 28_800_000, 172_800_000].map(Some)
        );
        assert_eq!(["", "s", "0", "1x", "-1", "1.5h", "99999999999999999999"].map(millis), [None; 7]);
        let octets = |text: &str| size(text).ok();
        assert_eq!(["4096", "500K", "100M", "1g"].map(octets), [4096, 512_000, 104_857_600, 1 << 30].map(Some));
        assert_eq!(["", "K", "0", "10", "1T", "99999999999G"].map(octets), [None; 6]);
    }
}
