//! The command line: commands, options and their help.
//!
//! Must not do anything: it only says what was asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::shard::Shard;

use super::live_args::LiveArgs;

/// Dissect and analyze OMA Device Management notifications (Package #0) and the WAP push that carries them.
#[derive(Debug, Parser)]
#[command(
    name = "pushscope",
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    after_help = "\
Without a command, FILE opens in the terminal UI; with standard output not a terminal it is printed as by `read`.
A capture named like a command is given as ./report. `-` is standard input.

Exit codes: 0 done; 1 a finding at or above --fail-on; 2 bad usage, or something could not be read whole; 130 after Ctrl-C."
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Print the version
    #[arg(long, action = clap::ArgAction::Version)]
    pub version: Option<bool>,
    /// Without a command: read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print what captures hold: every push, its fields, its digest's verdict, the rules it breaks
    Read(ReadArgs),
    /// Show or print pushes as they arrive: at UDP ports, on interfaces, through pipes
    Live(Box<LiveArgs>),
    /// Summarise captures, folders and archives of captures
    Report(Box<ReportArgs>),
    /// Dissect octets pasted from a log: hex (blanks, colons, commas, 0x allowed) or base64
    Decode(DecodeArgs),
    /// Tell the whole story of one notification's digest: inputs, steps, variants tried, conclusion
    Explain(ExplainArgs),
    /// Look into a secrets file without showing secrets, and try it on captures
    #[command(subcommand)]
    Keys(KeysCommand),
    /// List every field: name, kind, meaning, section of the standard
    Fields(ListArgs),
    /// List every rule: what it means, why it matters, what to check
    Rules(ListArgs),
    /// Print the configuration in force and where each value came from
    Config(ConfigArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}

/// Options that several commands share.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Common {
    /// Keys to verify digests with (TOML; see docs/guide.md)
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// When to use colours [default: auto]
    #[arg(long, value_name = "WHEN", value_enum)]
    pub color: Option<When>,
    /// Say more on standard error
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// When something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What packets to show, and how: what `read`, `live` and the terminal UI share.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ShowArgs {
    /// No name resolution: accepted for the habit, there is none
    #[arg(short = 'n', hide = true)]
    pub no_names: bool,
    /// How to print packets
    #[arg(short = 'T', long = "type", value_name = "TYPE", value_enum)]
    pub output: Option<OutputType>,
    /// The same as -T tree
    #[arg(short = 'V', conflicts_with = "output")]
    pub tree: bool,
    /// A field to print (repeatable; implies -T fields)
    #[arg(short = 'e', long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// A line with the fields' names first (with -T fields)
    #[arg(long)]
    pub header: bool,
    /// What stands between fields (with -T fields) [default: tab]
    #[arg(long, value_name = "TEXT")]
    pub separator: Option<String>,
    /// Print the octets too
    #[arg(short = 'x', long = "octets")]
    pub octets: bool,
    /// Only packets that match this display filter
    #[arg(short = 'Y', long = "filter", value_name = "EXPR")]
    pub filter: Option<String>,
    /// Columns of -T text and -T csv: frame.number,Time=frame.time,Source=ip.src|ipv6.src
    #[arg(long, value_name = "LIST")]
    pub columns: Option<String>,
    /// Stop after this many listed packets
    #[arg(short = 'c', long = "count", value_name = "N")]
    pub count: Option<u64>,
    /// Every frame, dissected, not only those that carry or concern a push
    #[arg(long)]
    pub all: bool,
    /// Look for Package #0 on any UDP port, by its structure
    #[arg(long)]
    pub heuristic: bool,
    /// Exit with 1 when a finding of this severity, or a worse one, was seen
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<FailOn>,
    /// Windows of the sequence rules: reuse=24h,retrigger=10m,age=-5m..24h,concat=10m
    #[arg(long, value_name = "LIST")]
    pub window: Option<String>,
    /// Read what arrives under a key as a protocol: udp.port==1024,wsp (repeatable)
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub decode_as: Vec<String>,
    /// Time format: a absolute, ad with date, d since the packet before, e epoch, r since the first, u UTC, ud with date [default: r]
    #[arg(short = 't', long = "time", value_name = "FORMAT", value_enum)]
    pub time: Option<TimeStyle>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub common: Common,
}

impl ShowArgs {
    /// Whether the command line says how packets are to be printed.
    pub(super) fn formed(&self) -> bool {
        self.output.is_some() || self.tree || !self.fields.is_empty()
    }
}

/// `pushscope read`.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ReadArgs {
    /// Captures to read: pcap or pcapng, plain or compressed (gzip, zstd, lz4, xz, bzip2); several are merged by time
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Another capture to read (the same as FILE)
    #[arg(short = 'r', long = "read-file", value_name = "FILE")]
    pub read_files: Vec<PathBuf>,
    /// Write the matching frames, and all frames they were reassembled from, to a capture (`-`: standard output)
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Format of the capture written [default: by extension, else pcapng]
    #[arg(short = 'F', long = "format", value_name = "FORMAT", value_enum)]
    pub format: Option<CaptureFormat>,
    /// Threads to read with [default: one per core; 1 for standard input]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub show: ShowArgs,
}

/// Output types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputType {
    /// One line per packet.
    #[default]
    Text,
    /// Every field, indented.
    Tree,
    /// A JSON array of packets.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// The fields asked for with -e, one line per packet.
    Fields,
    /// Comma-separated values: the fields of -e or the columns, one row per notification.
    Csv,
}

/// Capture file formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CaptureFormat {
    /// Classic pcap.
    Pcap,
    /// pcapng, with verdicts and findings as comments.
    Pcapng,
}

/// Severities for `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Any finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
}

/// Time formats, by tshark's letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TimeStyle {
    /// Absolute, local time zone.
    A,
    /// Absolute with date, local time zone.
    Ad,
    /// Seconds since the listed packet before.
    D,
    /// Seconds since 1970.
    E,
    /// Seconds since the first frame.
    #[default]
    R,
    /// Absolute, UTC.
    U,
    /// Absolute with date, UTC.
    Ud,
}

/// `pushscope report`.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ReportArgs {
    /// Captures, folders with all captures below them, archives of captures (tar, zip, plain or packed); `-` is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// In folders and archives, only files whose names match (repeatable): *.pcap, core/**/*.gz
    #[arg(long = "glob", value_name = "PATTERN")]
    pub globs: Vec<String>,
    /// Leave out files and folders whose names match (repeatable)
    #[arg(long = "exclude", value_name = "PATTERN")]
    pub excludes: Vec<String>,
    /// Read more paths from a file, one per line (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// With --files-from: a NUL stands between paths
    #[arg(short = '0', long, requires = "files_from")]
    pub null: bool,
    /// Form of the report; ndjson, csv and parquet are one row per notification
    #[arg(short = 'T', long = "format", value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: ReportFormat,
    /// Where to write it, replacing the file when all is done [default: standard output]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Of huge captures, only the I-th of N shares of the rows; all shares together are the whole
    #[arg(long, value_name = "I/N", conflicts_with_all = ["merge", "state"])]
    pub shard: Option<Shard>,
    /// Only packets that match this display filter
    #[arg(short = 'Y', long = "filter", value_name = "EXPR")]
    pub filter: Option<String>,
    /// Remember what was reported, so that unchanged captures are not read again
    #[arg(long, value_name = "FILE", conflicts_with = "merge")]
    pub state: Option<PathBuf>,
    /// With --state: compare the content of all captures, not only of those whose size or time changed
    #[arg(long, requires = "state")]
    pub verify: bool,
    /// Merge reports made with --format json instead of reading captures
    #[arg(long, value_name = "REPORT", num_args = 1.., conflicts_with_all = ["paths", "filter", "fail_if"])]
    pub merge: Vec<PathBuf>,
    /// Replace subscriber numbers, addresses, server identifiers and key labels
    #[arg(long, conflicts_with = "merge")]
    pub redact: bool,
    /// With --redact: a file whose content makes the same names for the same values every time
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub redact_key: Option<PathBuf>,
    /// Exit with 1 when a finding of this severity, or a worse one, was seen
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<FailOn>,
    /// Exit with 1 when a packet matches this display filter
    #[arg(long, value_name = "EXPR")]
    pub fail_if: Option<String>,
    /// Say how long reading took
    #[arg(long)]
    pub timings: bool,
    /// Threads to read with [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Windows of the sequence rules: reuse=24h,retrigger=10m,age=-5m..24h,concat=10m
    #[arg(long, value_name = "LIST")]
    pub window: Option<String>,
    /// Look for Package #0 on any UDP port, by its structure
    #[arg(long)]
    pub heuristic: bool,
    /// Read what arrives under a key as a protocol: udp.port==1024,wsp (repeatable)
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub decode_as: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub common: Common,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For terminals and mails.
    #[default]
    Text,
    /// Markdown.
    Markdown,
    /// Everything that was counted; reports in this form can be merged.
    Json,
    /// One self-contained page.
    Html,
    /// One JSON object per notification and line.
    Ndjson,
    /// Comma-separated values, one row per notification.
    Csv,
    /// Apache Parquet, one row per notification (cargo feature `parquet`).
    Parquet,
}

/// `pushscope keys`.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Say what a secrets file holds, and which entry verifies how many notifications of captures
    Check(KeysCheckArgs),
}

/// `pushscope keys check`.
#[derive(Args, Clone, Debug)]
pub(super) struct KeysCheckArgs {
    /// The secrets file: TOML, or lines of id:password:nonce
    #[arg(value_name = "SECRETS")]
    pub secrets: PathBuf,
    /// Captures to try it on
    #[arg(value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `pushscope explain`.
#[derive(Args, Clone, Debug)]
pub(super) struct ExplainArgs {
    /// The capture
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which notification: frame number, and index within the frame where that is not 1 (12, 12.2)
    #[arg(short = 'n', long = "number", value_name = "N[.K]")]
    pub number: String,
    /// How to print
    #[arg(short = 'T', long = "type", value_name = "TYPE", value_enum, default_value = "text")]
    pub output: ExplainType,
    /// Read what arrives under a key as a protocol: udp.port==1024,wsp (repeatable)
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub decode_as: Vec<String>,
    /// Look for Package #0 on any UDP port, by its structure
    #[arg(long)]
    pub heuristic: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub common: Common,
}

/// Output types of `explain`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainType {
    /// Plain text.
    #[default]
    Text,
    /// JSON.
    Json,
}

/// `pushscope decode`.
#[derive(Args, Clone, Debug)]
pub(super) struct DecodeArgs {
    /// The octets, several arguments are joined; `-` reads standard input
    #[arg(value_name = "HEX", required = true)]
    pub octets: Vec<String>,
    /// How to print
    #[arg(short = 'T', long = "type", value_name = "TYPE", value_enum, default_value = "tree")]
    pub output: OutputType,
    /// A field to print (repeatable; implies -T fields)
    #[arg(short = 'e', long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Print the octets too
    #[arg(short = 'x', long = "octets-dump")]
    pub dump: bool,
    /// Exit with 1 when a finding of this severity, or a worse one, was seen
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<FailOn>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub common: Common,
}

/// `pushscope fields` and `pushscope rules`.
#[derive(Args, Clone, Debug)]
pub(super) struct ListArgs {
    /// Only those whose name or text contains this
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
    /// As JSON
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// As Markdown: what docs/fields.md and docs/findings.md are made from
    #[arg(long)]
    pub markdown: bool,
}

/// `pushscope config`.
#[derive(Args, Clone, Debug)]
pub(super) struct ConfigArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "flattened options have no help of their own")]
    pub common: Common,
}

/// `pushscope completions`.
#[derive(Args, Clone, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
