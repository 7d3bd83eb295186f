//! A frame as it came out of a capture, and what is said about the file it came from.
//!
//! Must not know file formats beyond the option list of a pcapng block, nor anything about the octets of the frame.

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use super::clock::Clock;
use super::octets::{Options, Order};
use crate::model::{Rule, Timestamp};

/// Link type of a frame: which dissector reads it. Numbers as in the registry of link types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
}

/// A file that frames can be read again from.
pub type Home = Arc<File>;

/// One record of a capture, lent until the next one is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Number from 1, in the merged order of all inputs; saturates.
    pub number: u32,
    /// Index of the input it came from.
    pub file: u16,
    /// Number from 1 within its file; saturates.
    pub file_number: u32,
    /// When it was captured; `None` where the file does not say.
    pub ts: Option<Timestamp>,
    /// The captured octets.
    pub data: &'a [u8],
    /// How many octets it had on the wire, as the file says.
    pub orig_len: u32,
    /// How to read the octets.
    pub link: LinkType,
    /// How many of the last octets are a frame check sequence; 0 where none or unknown.
    pub fcs_len: u8,
    /// Index of its interface in the file, over all sections.
    pub interface: u32,
    /// What the file says about that interface.
    pub description: Option<&'a Interface>,
    /// The file it can be read from again at `data_offset`, where that is possible.
    pub home: Option<&'a File>,
    /// Where its record starts in the (decompressed) file, in octets.
    pub offset: u64,
    /// Where its octets start in the (decompressed) file.
    pub data_offset: u64,
    /// What is odd about its record.
    pub odd: &'a [Oddity],
    pub(crate) options: &'a [u8],
    pub(crate) order: Order,
}

impl<'a> Frame<'a> {
    /// A frame that stands in no file: for tests, and for octets that come from elsewhere.
    pub const fn new(number: u32, ts: Option<Timestamp>, link: LinkType, data: &'a [u8]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "cut to the maximum just before")]
        let orig_len = if data.len() > u32::MAX as usize { u32::MAX } else { data.len() as u32 };
        Self {
            number,
            file: 0,
            file_number: number,
            ts,
            data,
            orig_len,
            link,
            fcs_len: 0,
            interface: 0,
            description: None,
            home: None,
            offset: 0,
            data_offset: 0,
            odd: &[],
            options: &[],
            order: Order::Little,
        }
    }

    /// All that is known of the frame but its octets, comments and oddities: for keeping.
    pub const fn without_data(&self) -> Frame<'static> {
        Frame {
            number: self.number,
            file: self.file,
            file_number: self.file_number,
            ts: self.ts,
            data: &[],
            orig_len: self.orig_len,
            link: self.link,
            fcs_len: self.fcs_len,
            interface: self.interface,
            description: None,
            home: None,
            offset: self.offset,
            data_offset: self.data_offset,
            odd: &[],
            options: &[],
            order: self.order,
        }
    }

    /// The comments the file attaches to the frame, in their order; UTF-8 unless the file is odd.
    pub fn comments(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        Options::new(self.options, self.order).filter(|option| option.code == 1).map(|option| option.value)
    }

    /// The options of its record with one more comment.
    pub fn options_with(&self, comment: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let before = Options::new(self.options, self.order).map(|option| (option.code, option.value));
        for (code, value) in before.chain([(1, comment.as_bytes())]) {
            let Ok(len) = u16::try_from(value.len()) else { continue };
            for number in [code, len] {
                out.extend(match self.order {
                    Order::Little => number.to_le_bytes(),
                    Order::Big => number.to_be_bytes(),
                });
            }
            out.extend(value);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        out
    }

    /// Whether the capture holds fewer octets than were on the wire.
    pub const fn cut(&self) -> bool {
        (self.orig_len as usize) > self.data.len()
    }
}

/// What is seen of a frame before it is decided whether anybody wants all of it.
#[derive(Clone, Copy, Debug)]
pub struct Glimpse<'a> {
    /// When it was captured.
    pub ts: Option<Timestamp>,
    /// How to read the octets.
    pub link: LinkType,
    /// The captured octets.
    pub data: &'a [u8],
    /// Index of the input it came from.
    pub file: u16,
    /// Where in the file its record ends.
    pub end: u64,
}

impl<'a> Glimpse<'a> {
    /// The same of a frame that is there already.
    #[inline]
    pub const fn of(frame: &Frame<'a>) -> Self {
        Self { ts: frame.ts, link: frame.link, data: frame.data, file: frame.file, end: frame.offset }
    }
}

/// An interface of a pcapng section, or the one a pcap file describes in its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Section it belongs to, from 0.
    pub section: u32,
    /// Its number within the section, from 0.
    pub id: u32,
    /// Link type of its frames.
    pub link: LinkType,
    /// Most octets captured per frame; 0 for no limit.
    pub snaplen: u32,
    /// Octets of frame check sequence at the end of its frames.
    pub fcs_len: u8,
    /// Name, as the file gives it; may be anything. Cut to 255 octets.
    pub name: Option<Box<[u8]>>,
    /// Unit and offset of its times.
    pub clock: Clock,
    /// Whether its description could be read.
    pub(crate) usable: bool,
}

/// Something odd about the record of a frame that did not keep it from being read.
#[derive(Clone, Copy, Debug)]
pub struct Oddity {
    /// What it is an instance of.
    pub rule: &'static Rule,
    /// What is particular to this instance.
    pub detail: Detail,
}

impl PartialEq for Oddity {
    /// The same rule, by identity, with the same numbers.
    fn eq(&self, other: &Self) -> bool {
        self.rule.is(other.rule) && self.detail == other.detail
    }
}

impl Eq for Oddity {}

/// Numbers particular to an oddity, shown as `captured 100, limit 96`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    None,
    /// One number and what it is.
    One(&'static str, u64),
    /// Two numbers and what they are.
    Two(&'static str, u64, &'static str, u64),
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::One(what, number) => write!(f, "{what} {number}"),
            Self::Two(what, number, other, second) => write!(f, "{what} {number}, {other} {second}"),
        }
    }
}

/// Something about a file that keeps a part of it, or all of it, from being read.
///
/// Shown once after the good packets; the exit code is then 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// Where in the (decompressed) file, in octets.
    pub offset: Option<u64>,
    /// What is wrong and what was expected.
    pub text: String,
}

impl fmt::Display for Problem {
    /// `FILE: TEXT (at octet N)`. File name and text are not escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.text)?;
        match self.offset {
            Some(offset) => write!(f, " (at octet {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// How many oddities wait for a frame at most: a file of nothing but odd headers must not fill the memory.
const ODD_MAX: usize = 32;

/// What framing has to say beside the frames: oddities for the next frame, and damage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// Oddities of the frame being read.
    pub(crate) odd: Vec<Oddity>,
    /// The first damage: where and what.
    pub(crate) damage: Option<(u64, String)>,
    /// How many more there were.
    pub(crate) more: u64,
    /// Set when reading failed: what framing says after that is only an echo.
    pub(crate) muted: bool,
}

impl Log {
    /// Something odd about the frame to come.
    #[cold]
    pub(crate) fn flag(&mut self, rule: &'static Rule, detail: Detail) {
        if self.odd.len() < ODD_MAX {
            self.odd.push(Oddity { rule, detail });
        }
    }

    /// Octets that could not be read.
    #[cold]
    pub(crate) fn damage(&mut self, at: u64, text: fmt::Arguments<'_>) {
        if self.muted {
            return;
        }
        if self.damage.is_none() {
            self.damage = Some((at, text.to_string()));
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Takes over the damage of a later part of the same file.
    pub(crate) fn append(&mut self, later: &Self) {
        match (&self.damage, &later.damage) {
            (Some(_), Some(_)) => self.more = self.more.saturating_add(later.more).saturating_add(1),
            (None, Some(_)) => (self.damage, self.more) = (later.damage.clone(), later.more),
            _ => {}
        }
    }

    /// The damage as a message about `file`.
    pub(crate) fn problem(&self, file: &str) -> Option<Problem> {
        let (offset, text) = self.damage.as_ref()?;
        let text = match self.more {
            0 => text.clone(),
            1 => format!("{text}; 1 more place is damaged"),
            more => format!("{text}; {more} more places are damaged"),
        };
        Some(Problem { file: file.to_owned(), offset: Some(*offset), text })
    }
}
