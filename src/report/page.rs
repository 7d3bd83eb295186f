//! A report as a page: figures, tables and bars in their order, the same for every format that people read.
//!
//! All text in it is safe to show. Must not know how a format writes them, nor count anything.

use crate::model::Visible;
use crate::verify::Status;

use super::document::Document;
use super::{sections, sections_servers};

/// What colour means; a word or mark beside it says the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// To be looked at: a resynchronisation, a note.
    Calm,
    /// A deviation, a warning.
    Warn,
    /// A fault.
    Bad,
    /// Nothing can be said.
    Faint,
}

impl Tone {
    /// Name of its class in HTML.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Calm => "calm",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Faint => "faint",
        }
    }

    /// The tone of a verdict.
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Valid => Self::Good,
            Status::Resync => Self::Calm,
            Status::Deviant => Self::Warn,
            Status::Invalid | Status::Malformed => Self::Bad,
            Status::Unsigned | Status::Unchecked | Status::Incomplete => Self::Faint,
        }
    }

    /// The tone of a severity, by its name.
    pub fn of_severity(name: &str) -> Self {
        match name {
            "error" => Self::Bad,
            "warning" => Self::Warn,
            _ => Self::Calm,
        }
    }
}

/// A number that stands out at the top.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it is.
    pub label: &'static str,
    /// The number, grouped.
    pub value: Visible,
    /// More about it.
    pub note: Visible,
    /// What it means.
    pub tone: Tone,
}

/// One cell of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// What stands in it.
    pub text: Visible,
    /// What it is sorted by, where that is a number.
    pub number: Option<u64>,
    /// What it means.
    pub tone: Tone,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Titles of the columns, and whether they hold numbers.
    pub heads: Vec<(&'static str, bool)>,
    /// Rows; as many cells as there are titles.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows had no room.
    pub left_out: usize,
}

/// A bar in parts.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it stands for.
    pub label: Visible,
    /// How much of each tone, by the legend's order.
    pub parts: Vec<u64>,
    /// All of it.
    pub total: u64,
}

/// Bars over one scale.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// What is counted.
    pub title: &'static str,
    /// Names of the parts with their tones.
    pub legend: Vec<(Visible, Tone)>,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Whether they are points in time and follow each other.
    pub over_time: bool,
}

impl Bars {
    /// The longest bar.
    pub fn most(&self) -> u64 {
        self.bars.iter().map(|bar| bar.total).max().unwrap_or(0)
    }
}

/// Something in a section.
#[derive(Clone, Debug)]
pub enum Part {
    /// A paragraph.
    Text(Visible),
    /// A table.
    Table(Table),
    /// Bars.
    Bars(Bars),
}

/// A section.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in links.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What is in it.
    pub parts: Vec<Part>,
}

/// A page. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Page {
    /// The numbers at the top.
    pub figures: Vec<Figure>,
    /// What must not be overlooked: interrupted, damaged, capped.
    pub notices: Vec<Visible>,
    /// The sections.
    pub sections: Vec<Section>,
}

/// How much of a long table is shown.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of a table.
    pub rows: usize,
    /// Bars of a chart over time.
    pub bars: usize,
}

impl Page {
    /// The page of a report.
    pub fn new(document: &Document, limits: Limits) -> Self {
        let summary = &document.summary;
        let all = [
            sections::since_last(document, limits),
            sections::verdicts(summary),
            sections::timeline(summary, limits),
            sections::diagnoses(summary, limits),
            sections_servers::servers(document, limits),
            sections_servers::rules_of_servers(summary, limits),
            sections_servers::ages(summary, limits),
            sections::rules(summary, limits),
            sections::carriers(summary, limits),
            sections::damaged(summary, limits),
            sections::files(summary, limits),
            sections::timings(document),
            sections::made(document),
        ];
        Self {
            figures: sections::figures(summary),
            notices: sections::notices(document),
            sections: all.into_iter().flatten().collect(),
        }
    }
}
