//! All that the terminal UI knows: what is listed, shown, selected, typed, remembered.
//!
//! Changed by [`super::update`] alone, drawn by [`super::view`]. Must not know a terminal, a file or a thread.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::fields::Fields;
use super::key::Key;
use super::keys::{KeyMap, Mode};
use super::msg::{Ended, Needle, Notice, Progress, StoryLine};
use super::octets::{Light, Tab};
use super::opened::Opened;
use super::order::Order;
use super::prompt::Prompt;
use super::settings::State;
use super::statistics::Statistics;
use super::store::{Line, Store};
use super::theme::Theme;
use super::worker::Among;
use crate::model::{Field, Rule, Visible};
use crate::output::colors::{ColorRule, ColorRules};

/// A pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The packet list.
    #[default]
    List,
    /// The field tree.
    Tree,
    /// The octets.
    Octets,
}

/// What fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// The three panes.
    #[default]
    Panes,
    /// Findings by rule.
    Findings,
    /// The digest, step by step.
    Digest,
    /// Statistics.
    Statistics,
    /// Two packets side by side.
    Compare,
    /// A text that is too long for the status bar.
    Whole,
    /// The keys.
    Help,
}

/// A column of the list.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    /// Frame number.
    Number,
    /// Capture time.
    Time,
    /// Source address.
    Source,
    /// Destination address.
    Destination,
    /// Carrier.
    Carrier,
    /// Server identifier.
    Server,
    /// Session or notification id.
    Id,
    /// Verdict.
    Verdict,
    /// Worst finding.
    Finding,
    /// Content type.
    Content,
    /// One sentence.
    Summary,
    /// Any field.
    Field(&'static Field),
}

impl Column {
    /// The columns that are no fields.
    pub const OWN: [(&'static str, Self); 11] = [
        ("number", Self::Number),
        ("time", Self::Time),
        ("source", Self::Source),
        ("destination", Self::Destination),
        ("carrier", Self::Carrier),
        ("server", Self::Server),
        ("id", Self::Id),
        ("verdict", Self::Verdict),
        ("finding", Self::Finding),
        ("content", Self::Content),
        ("summary", Self::Summary),
    ];

    /// The column of this name.
    pub fn named(name: &str) -> Option<Self> {
        let own = Self::OWN.iter().find(|(own, _)| *own == name).map(|(_, column)| *column);
        own.or_else(|| crate::catalog::catalog().field(name).map(Self::Field))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        if let Self::Field(field) = self {
            return field.name;
        }
        Self::OWN
            .iter()
            .find(|(_, column)| std::mem::discriminant(column) == std::mem::discriminant(&self))
            .map_or("", |(name, _)| name)
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Number => "No.",
            Self::Time => "Time",
            Self::Source => "Source",
            Self::Destination => "Destination",
            Self::Carrier => "By",
            Self::Server => "Server",
            Self::Id => "Id",
            Self::Verdict => "Digest",
            Self::Finding => "Finding",
            Self::Content => "Content",
            Self::Summary => "Summary",
            Self::Field(field) => field.label,
        }
    }
}

/// Which packets are shown, and in which order.
#[derive(Debug, Default)]
pub struct Shown {
    /// Those that pass the filter, in capture order; `None` without a filter.
    pub passed: Option<Arc<Vec<u32>>>,
    /// The same in another order; `None` in capture order.
    pub sorted: Option<Order>,
    /// The order is being worked out: how much of it is done, in percent.
    pub sorting: Option<u8>,
    /// Names the order, so that late answers to another one are told.
    pub sort_run: u64,
    /// The filter in force.
    pub filter: String,
    /// Names the filter, so that late answers to another one are told.
    pub run: u64,
    /// Packets before this one are decided.
    pub decided: u32,
    /// Packets before this one were handed to the filter.
    pub asked: u32,
    /// The column it is sorted by, and whether downwards.
    pub sort: Option<(usize, bool)>,
    /// The packet to stay at while the filter or the ordering runs.
    pub keep: Option<u32>,
}

/// What is to be done once the packet that was asked for is there.
#[derive(Clone, Debug)]
pub enum Afterwards {
    /// Select the finding of a rule.
    Rule(&'static Rule),
    /// Select the first hit of find, or the last.
    Hit {
        /// The first.
        forward: bool,
    },
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// As typed.
    pub text: String,
    /// What that means in the pane that had the focus.
    pub needle: Option<Needle>,
    /// Names the search.
    pub run: u64,
    /// Other packets are being searched.
    pub busy: bool,
    /// In which direction.
    pub forward: bool,
}

/// How loading goes.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about reading")]
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// How far.
    pub progress: Progress,
    /// How it ended; `None` while it runs.
    pub ended: Option<Ended>,
    /// All frames are listed.
    pub all: bool,
    /// The capture is followed as it grows.
    pub follow: bool,
    /// It is captured now.
    pub live: bool,
    /// The list stays where it is while more comes.
    pub paused: bool,
    /// Packets before this one were on the list when its end was last on the screen.
    pub seen: u32,
    /// It can be read only once: it comes through a pipe.
    pub once: bool,
    /// Frame to select once it is there, after reading anew.
    pub back_to: Option<u32>,
}

/// The octets pane.
#[derive(Clone, Debug, Default)]
pub struct OctetsPane {
    /// What can be looked at.
    pub tabs: Vec<Tab>,
    /// Which is looked at.
    pub tab: usize,
    /// First line on screen.
    pub top: usize,
    /// The cursor, in bits.
    pub cursor: u32,
    /// Where the selected field was read.
    pub lights: Vec<Light>,
}

/// The findings screen.
#[derive(Clone, Debug, Default)]
pub struct FindingsScreen {
    /// Selected row.
    pub selected: usize,
    /// First row on screen.
    pub top: usize,
    /// Rules whose packets are shown.
    pub open: BTreeSet<&'static str>,
}

/// Secrets being typed, line by line.
#[derive(Default)]
pub struct Typing {
    /// The server.
    pub id: String,
    /// 1.2 password.
    pub password: zeroize::Zeroizing<String>,
    /// 1.2 nonce.
    pub nonce: zeroize::Zeroizing<String>,
}

impl std::fmt::Debug for Typing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typing")
    }
}

/// Everything.
#[derive(Debug)]
pub struct Model {
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// What is read, for the title.
    pub title: Visible,
    /// What is remembered from run to run.
    pub state: State,
    /// Keys.
    pub keys: KeyMap,
    /// Colours and marks.
    pub theme: Theme,
    /// Zone of local times.
    pub zone: jiff::tz::TimeZone,
    /// The listed packets.
    pub store: Store,
    /// Which are shown.
    pub shown: Shown,
    /// Position of the selected one among them.
    pub selected: usize,
    /// First row of the list on screen.
    pub top: usize,
    /// Columns scrolled out of sight.
    pub shift: usize,
    /// Columns of the list.
    pub columns: Vec<Column>,
    /// Values of columns that are fields.
    pub cells: HashMap<(u32, &'static str), Visible>,
    /// The selected packet.
    pub opened: Option<Box<Opened>>,
    /// Its summary.
    pub sentence: Visible,
    /// The packet that was asked for.
    pub asked: Option<u32>,
    /// What comes then.
    pub afterwards: Option<Afterwards>,
    /// Why the selected packet cannot be shown.
    pub lost: Option<Visible>,
    /// Its tree.
    pub fields: Fields,
    /// Its octets.
    pub octets: OctetsPane,
    /// The pane with the focus.
    pub focus: Pane,
    /// It fills the screen.
    pub zoom: bool,
    /// What fills the screen.
    pub screen: Screen,
    /// First line of a screen that only scrolls.
    pub page_top: usize,
    /// Its first column.
    pub page_left: usize,
    /// The findings screen.
    pub findings: FindingsScreen,
    /// The digest screen: the packet and its lines.
    pub story: Option<(u32, Vec<StoryLine>)>,
    /// The statistics screen, and the version of what it was made from.
    pub statistics: Option<((u64, u64), Statistics)>,
    /// That version is being counted.
    pub counting: Option<(u64, u64)>,
    /// A text that is too long for the status bar, and its title.
    pub whole: (&'static str, Visible),
    /// The comparison screen.
    pub compared: Option<(Box<Opened>, Box<Opened>)>,
    /// The line being typed.
    pub prompt: Option<Prompt>,
    /// What is wrong with the filter being typed.
    pub filter_error: Option<crate::filter::FilterError>,
    /// Secrets being typed.
    pub typing: Typing,
    /// Something to tell.
    pub notice: Option<Notice>,
    /// Keys typed of a sequence.
    pub pending: Vec<Key>,
    /// Number typed before a key.
    pub count: Option<u32>,
    /// Marked packets, by frame number, so that they stay when all is read anew.
    pub marks: BTreeSet<u32>,
    /// Packets with a letter, by frame number.
    pub named: BTreeMap<char, u32>,
    /// Comments by frame number.
    pub comments: BTreeMap<u32, String>,
    /// Frames whose comments are not written to a file yet.
    pub unwritten: BTreeSet<u32>,
    /// What is looked for.
    pub find: Find,
    /// How loading goes.
    pub load: Load,
    /// Digests are being checked anew.
    pub judging: bool,
    /// Packets before this one have been.
    pub judged: u32,
    /// Colour rules of the user's own.
    pub colors: Option<Arc<ColorRules>>,
    /// How many keys there are.
    pub keys_loaded: usize,
    /// The border being dragged.
    pub drag: Option<super::layout::Border>,
    /// The screen is left once comments are written.
    pub leaving: bool,
}

impl Model {
    /// An empty screen.
    pub fn new(title: Visible, state: State, keys: KeyMap, theme: Theme) -> Self {
        let columns = columns(&state);
        Self {
            size: (80, 24),
            title,
            state,
            keys,
            theme,
            zone: jiff::tz::TimeZone::UTC,
            store: Store::default(),
            shown: Shown::default(),
            selected: 0,
            top: 0,
            shift: 0,
            columns,
            cells: HashMap::new(),
            opened: None,
            sentence: Visible::default(),
            asked: None,
            afterwards: None,
            lost: None,
            fields: Fields::default(),
            octets: OctetsPane::default(),
            focus: Pane::List,
            zoom: false,
            screen: Screen::Panes,
            page_top: 0,
            page_left: 0,
            findings: FindingsScreen::default(),
            story: None,
            statistics: None,
            counting: None,
            whole: Default::default(),
            compared: None,
            prompt: None,
            filter_error: None,
            typing: Typing::default(),
            notice: None,
            pending: Vec::new(),
            count: None,
            marks: BTreeSet::new(),
            named: BTreeMap::new(),
            comments: BTreeMap::new(),
            unwritten: BTreeSet::new(),
            find: Find::default(),
            load: Load::default(),
            judging: false,
            judged: 0,
            colors: None,
            keys_loaded: 0,
            drag: None,
            leaving: false,
        }
    }

    /// Where keys count now.
    pub const fn mode(&self) -> Mode {
        if self.prompt.is_some() {
            return Mode::Line;
        }
        match (self.screen, self.focus) {
            (Screen::Panes, Pane::List) => Mode::List,
            (Screen::Panes, Pane::Tree) => Mode::Tree,
            (Screen::Panes, Pane::Octets) => Mode::Octets,
            (Screen::Findings, _) => Mode::Findings,
            _ => Mode::Page,
        }
    }

    /// How many packets are shown.
    pub fn shown_len(&self) -> usize {
        match (&self.shown.sorted, &self.shown.passed) {
            (Some(sorted), _) => sorted.len(),
            (None, Some(passed)) => passed.len(),
            (None, None) => self.store.kept(),
        }
    }

    /// The packet at a position of the list, where the order is known that far.
    pub fn packet_at(&self, position: usize) -> Option<u32> {
        match (&self.shown.sorted, &self.shown.passed) {
            (Some(sorted), _) => sorted.get(position),
            (None, Some(ids)) => ids.get(position).copied(),
            (None, None) => (position < self.store.kept())
                .then(|| u32::try_from(position).unwrap_or(u32::MAX).saturating_add(self.store.gone())),
        }
    }

    /// Whether the selection stays at the end of the list while more comes.
    pub fn is_sticking(&self) -> bool {
        let at_end = self.selected.saturating_add(1) >= self.shown_len();
        self.load.follow && !self.load.paused && at_end && self.shown.sort.is_none()
    }

    /// Packets shown that came since the end of the list was last on the screen.
    pub fn unseen(&self) -> usize {
        let end = self.store.len();
        match &self.shown.passed {
            Some(passed) => passed.len().saturating_sub(passed.partition_point(|id| *id < self.load.seen)),
            None => end.saturating_sub(self.load.seen as usize),
        }
    }

    /// The position of a packet in the list, or of the next one where it is not shown.
    pub fn position_of(&self, packet: u32) -> usize {
        match (&self.shown.sorted, &self.shown.passed) {
            (Some(sorted), _) => sorted.position(packet).unwrap_or(0),
            (None, Some(passed)) => passed.partition_point(|id| *id < packet),
            (None, None) => packet.saturating_sub(self.store.gone()) as usize,
        }
    }

    /// Whether a packet is shown.
    pub fn is_shown(&self, packet: u32) -> bool {
        match &self.shown.passed {
            Some(passed) => passed.binary_search(&packet).is_ok(),
            None => packet >= self.store.gone() && (packet as usize) < self.store.len(),
        }
    }

    /// The packets shown, in their order where all of it is known.
    pub fn among(&self) -> Among {
        match self.shown.sorted.as_ref().and_then(Order::all) {
            Some(all) => Among::These(Arc::clone(all)),
            None => self.among_unsorted(),
        }
    }

    /// The packets shown, in capture order.
    pub fn among_unsorted(&self) -> Among {
        match &self.shown.passed {
            Some(passed) => Among::These(Arc::clone(passed)),
            None => Among::All(self.store.gone()..u32::try_from(self.store.len()).unwrap_or(u32::MAX)),
        }
    }

    /// The selected packet.
    pub fn current(&self) -> Option<u32> {
        self.packet_at(self.selected)
    }

    /// Its record.
    pub fn current_line(&self) -> Option<Line> {
        self.store.line(self.current()?)
    }

    /// The colour rule of the user's own that selected a packet.
    pub fn rule_of(&self, line: &Line) -> Option<&ColorRule> {
        self.colors.as_ref()?.rules().get(usize::from(line.color.checked_sub(1)?))
    }

    /// The tab of the octets pane.
    pub fn tab(&self) -> Option<Tab> {
        self.octets.tabs.get(self.octets.tab).copied()
    }

    /// Whether loading runs.
    pub const fn loading(&self) -> bool {
        self.load.ended.is_none()
    }

    /// Whether the filter is still being asked.
    pub fn filtering(&self) -> bool {
        self.shown.passed.is_some() && (self.shown.decided as usize) < self.store.len()
    }
}

/// The columns remembered; those that no longer exist are left out.
pub fn columns(state: &State) -> Vec<Column> {
    let columns: Vec<Column> = state.columns.iter().filter_map(|name| Column::named(name)).collect();
    if columns.is_empty() {
        return super::settings::COLUMNS.iter().filter_map(|name| Column::named(name)).collect();
    }
    columns
}
