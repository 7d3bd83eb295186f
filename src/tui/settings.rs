//! What is remembered from run to run, and what the configuration may set.
//!
//! Must not know where it is kept.

use serde::{Deserialize, Serialize};

/// How the panes are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// By the width of the screen.
    #[default]
    Auto,
    /// List, tree and octets above each other.
    Stacked,
    /// List above, tree and octets beside each other below.
    Split,
    /// List left, tree above octets right.
    Beside,
}

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// By what the terminal says of itself.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// The terminal's own sixteen colours.
    Sixteen,
    /// No colours.
    Mono,
}

/// How times are shown in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Times {
    /// Seconds since the first frame.
    #[default]
    Relative,
    /// Seconds since the packet before.
    Delta,
    /// Local time of day.
    Absolute,
    /// Local date and time.
    AbsoluteDate,
    /// UTC time of day.
    Utc,
    /// UTC date and time.
    UtcDate,
    /// Seconds since 1970.
    Epoch,
}

impl Times {
    /// All of them, in the order they cycle.
    pub const ALL: [Self; 7] =
        [Self::Relative, Self::Delta, Self::Absolute, Self::AbsoluteDate, Self::Utc, Self::UtcDate, Self::Epoch];

    /// The name in commands and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relative => "relative",
            Self::Delta => "delta",
            Self::Absolute => "absolute",
            Self::AbsoluteDate => "absolute-date",
            Self::Utc => "utc",
            Self::UtcDate => "utc-date",
            Self::Epoch => "epoch",
        }
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|t| *t == self).unwrap_or(0);
        Self::ALL.get(at.saturating_add(1)).copied().unwrap_or_default()
    }
}

/// Columns of a fresh installation.
pub const COLUMNS: [&str; 10] =
    ["number", "time", "source", "destination", "carrier", "server", "id", "verdict", "finding", "summary"];

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct State {
    /// Layout of the panes.
    pub layout: Layout,
    /// Share of the list's height (stacked, split) or width (beside), in percent.
    pub list_share: u16,
    /// Share of the tree in what is left, in percent.
    pub tree_share: u16,
    /// Rows of detail: 1 for a line; 0 by the height of the screen.
    pub detail_rows: u16,
    /// Whether long values are wrapped.
    pub wrap: bool,
    /// Time format.
    pub times: Times,
    /// Colours.
    pub theme: ThemeName,
    /// Columns of the list: our names, or names of fields.
    pub columns: Vec<String>,
    /// Filters typed, the newest last.
    pub filters: Vec<String>,
    /// Things found, the newest last.
    pub finds: Vec<String>,
    /// Commands typed, the newest last.
    pub commands: Vec<String>,
}

impl State {
    /// Share of the list where nobody chose one.
    pub const LIST_SHARE: u16 = 34;
    /// Share of the tree where nobody chose one.
    pub const TREE_SHARE: u16 = 58;
}

impl Default for State {
    fn default() -> Self {
        Self {
            layout: Layout::Auto,
            list_share: Self::LIST_SHARE,
            tree_share: Self::TREE_SHARE,
            detail_rows: 0,
            wrap: false,
            times: Times::Relative,
            theme: ThemeName::Auto,
            columns: COLUMNS.map(str::to_owned).to_vec(),
            filters: Vec::new(),
            finds: Vec::new(),
            commands: Vec::new(),
        }
    }
}

/// Most lines of one history.
const HISTORY_MAX: usize = 200;

/// Adds a line to a history: the newest last, each once.
pub fn remember(history: &mut Vec<String>, line: &str) {
    if line.trim().is_empty() {
        return;
    }
    history.retain(|l| l != line);
    history.push(line.to_owned());
    if history.len() > HISTORY_MAX {
        history.remove(0);
    }
}
