//! What happens to the terminal UI, and what it asks to be done.
//!
//! Must not do anything itself.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::key::{Key, Mouse};
use super::opened::Opened;
use super::settings::State;
use super::store::Listed;
use crate::model::{Severity, Timestamp, Visible};

/// Something happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The screen has this many columns and rows now.
    Resize(u16, u16),
    /// A quarter of a second passed.
    Tick,
    /// Packets were read.
    Listed(Vec<Listed>),
    /// How far reading is.
    Progress(Progress),
    /// Reading ended.
    Loaded(Ended),
    /// A packet was taken out.
    Opened(Box<Opened>),
    /// A packet to compare was taken out.
    Compared(Box<Opened>, Box<Opened>),
    /// The octets of a packet cannot be had again.
    Lost(u32, Visible),
    /// A part of the packets was filtered.
    Filtered(Filtered),
    /// A part of the packets was searched.
    Found(FoundHit),
    /// Digests of these packets were checked anew; `true` with the last ones.
    Judged(Vec<(u32, Listed)>, bool),
    /// The steps of a packet's digests.
    Story(u32, Vec<StoryLine>),
    /// Values for columns: packet, field, text; `true` with the last ones.
    Cells(Vec<(u32, &'static str, Visible)>, bool),
    /// Something to tell.
    Say(Notice),
    /// Packets were written to a capture; `true` where it holds the comments too.
    Written(bool),
}

/// How far reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Frames read.
    pub frames: u64,
    /// Octets read.
    pub octets: u64,
    /// Octets there are, where known.
    pub total: Option<u64>,
    /// Octets a second.
    pub rate: u64,
    /// Seconds left, where known.
    pub left: Option<u64>,
    /// Time of the first frame.
    pub first: Option<Timestamp>,
}

/// How reading ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// The user stopped it.
    pub stopped: bool,
    /// What could not be read.
    pub problems: Vec<Visible>,
}

/// Which of a part of the packets pass the filter.
#[derive(Clone, Debug, Default)]
pub struct Filtered {
    /// Which run of the filter.
    pub run: u64,
    /// Packets before this one are decided.
    pub upto: u32,
    /// Those that pass, since the last part.
    pub hits: Vec<u32>,
}

/// A search came to an end, or to a hit.
#[derive(Clone, Debug)]
pub struct FoundHit {
    /// Which search.
    pub run: u64,
    /// The packet, by index; `None` when nothing was found.
    pub at: Option<u32>,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How bad it is.
    pub severity: Severity,
    /// In words.
    pub text: Visible,
}

impl Notice {
    /// Good news, or news.
    pub fn note(text: impl Into<String>) -> Self {
        Self { severity: Severity::Note, text: crate::model::visible_str(&text.into()) }
    }

    /// Bad news.
    pub fn error(text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, text: crate::model::visible_str(&text.into()) }
    }
}

/// A line of the digest screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryLine {
    /// What kind of line.
    pub kind: StoryKind,
    /// What it is about.
    pub label: Visible,
    /// What is to say.
    pub text: Visible,
}

/// Kinds of lines of the digest screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoryKind {
    /// A heading.
    Heading,
    /// Something known.
    Fact,
    /// Something that is not shown.
    Masked,
    /// A key that fits.
    Fits,
    /// A key that does not.
    Misses,
    /// The diagnosis.
    Diagnosis,
}

/// What a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needle {
    /// Text in values and labels of the tree, small and capital letters alike.
    Fields(String),
    /// Octets in any buffer.
    Octets(Vec<u8>),
}

/// Secrets typed; never printed.
pub struct Typed(pub Zeroizing<String>);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed")
    }
}

/// Which packets are exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Format by the name of part 2: text, tree, json, ndjson, csv, pcap, pcapng.
    pub format: String,
    /// Where to.
    pub path: PathBuf,
    /// The packets, by index.
    pub packets: Vec<u32>,
    /// Comments by index.
    pub comments: Vec<(u32, String)>,
}

/// Something to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Take out a packet.
    Open(u32),
    /// Take out two packets to compare.
    Compare(u32, u32),
    /// Filter packets from this one on; `run` names the filter.
    Filter {
        /// Which run.
        run: u64,
        /// The expression, which was checked.
        expression: String,
        /// First packet.
        from: u32,
    },
    /// Search packets for something, from one on, in this direction and round to it.
    Find {
        /// Which search.
        run: u64,
        /// What for.
        needle: Needle,
        /// First packet looked at.
        from: u32,
        /// Towards higher indices.
        forward: bool,
        /// Only these, where a filter or an order is in force.
        among: Option<Vec<u32>>,
    },
    /// Work out columns that are fields.
    Cells(Vec<u32>, Vec<&'static str>),
    /// Tell the steps of a packet's digests.
    Story(u32),
    /// Stop loading.
    StopLoading,
    /// Stop filtering and searching.
    StopWork,
    /// Read everything again: all frames, or pushes only.
    Reload {
        /// All frames.
        all: bool,
    },
    /// Go on reading as the capture grows, or not.
    Follow(bool),
    /// Load a secrets file and check all digests again.
    LoadSecrets(PathBuf),
    /// Take typed secrets and check all digests again.
    TypeSecrets(Typed),
    /// Put text into the clipboard.
    Copy(String),
    /// Write packets to a file.
    Export(Export),
    /// Remember these settings.
    Save(Box<State>),
    /// Back to the shell for now.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
