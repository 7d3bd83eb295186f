//! What happens to the terminal UI, and what it asks to be done.
//!
//! Must not do anything itself.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::key::{Key, Mouse};
use super::loader::Batch;
use super::opened::Opened;
use super::order::Order;
use super::settings::State;
use super::statistics::Statistics;
use super::store::Listed;
use super::worker::{Among, Job, Lane};
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
    /// Packets were read, or more is known of some.
    Listed(Batch),
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
    /// A part of the digests was checked anew.
    Judged(Judged),
    /// The list was put in order, or a part of it.
    Sorted(Sorted),
    /// What is shown was counted; what it was, and the counts.
    Counted((u64, u64), Box<Statistics>),
    /// The steps of a packet's digests.
    Story(u32, Vec<StoryLine>),
    /// Values for columns: packet, field, text.
    Cells(Vec<(u32, &'static str, Visible)>),
    /// Packets before this one leave the list: it is full.
    Forget(u32),
    /// Something to tell.
    Say(Notice),
    /// Files whose path begins so; folders end in a slash.
    Paths(String, Vec<String>),
    /// Another capture is being read: its name, and whether it can be read only once.
    Opening(Visible, bool),
    /// Packets were written to a capture, and with them the comments on these frames.
    Written(Vec<u32>),
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
    /// What a live capture counted.
    pub live: Option<crate::capture::Tally>,
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

/// Digests were checked anew.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The packets, and what is known of them now.
    pub packets: Vec<(u32, Listed)>,
    /// They are on screen, and looked at before their turn.
    pub glance: bool,
    /// Packets before this one are done.
    pub upto: u32,
    /// There are no more.
    pub last: bool,
}

/// The list was put in order.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// Which order.
    pub run: u64,
    /// The order, or the stretches that are known; `None` while the values are being looked at.
    pub order: Option<Order>,
    /// How much of the work is done, in percent.
    pub share: u8,
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
    /// Text in what the list knows of a packet, in small letters.
    Row(String),
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
#[derive(Clone, Debug)]
pub struct Export {
    /// Format by the name of part 2: text, tree, json, ndjson, csv, pcap, pcapng.
    pub format: String,
    /// Where to.
    pub path: PathBuf,
    /// The packets, by index.
    pub packets: Among,
}

/// Something to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Take out a packet.
    Open(u32),
    /// Take out two packets to compare.
    Compare(u32, u32),
    /// Work on many packets.
    Work(Job),
    /// Tell the steps of a packet's digests.
    Story(u32),
    /// Stop loading.
    StopLoading,
    /// Stop work of this kind.
    Stop(Lane),
    /// Write a comment on a frame, or take it away.
    Comment(u32, Option<String>),
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
    /// Open another capture.
    OpenCapture(PathBuf),
    /// Say which files there are whose path begins so.
    Paths(String),
    /// Remember these settings.
    Save(Box<State>),
    /// Back to the shell for now.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
