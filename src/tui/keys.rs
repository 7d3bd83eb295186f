//! Every key of the terminal UI: one table of mode, keys, action and help.
//!
//! Dispatch, the help screen, completion of `:` and docs/keys.md read it. Must not do anything.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::key::{Code, Key};

/// Where a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Everywhere but in a line being typed.
    Any,
    /// In all three panes.
    Panes,
    /// In the packet list.
    List,
    /// In the field tree.
    Tree,
    /// In the octets.
    Octets,
    /// On the findings screen.
    Findings,
    /// On screens that only scroll: digest, statistics, comparison, help.
    Page,
    /// In a line being typed: filter, find, command.
    Line,
}

impl Mode {
    /// All of them, in the order of the help screen.
    pub const ALL: [Self; 8] =
        [Self::Any, Self::Panes, Self::List, Self::Tree, Self::Octets, Self::Findings, Self::Page, Self::Line];

    /// The heading on the help screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Any => "Everywhere",
            Self::Panes => "In all panes",
            Self::List => "Packet list",
            Self::Tree => "Field tree",
            Self::Octets => "Octets",
            Self::Findings => "Findings screen",
            Self::Page => "Digest, statistics, comparison, help",
            Self::Line => "While typing a line",
        }
    }

    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Panes => "panes",
            Self::List => "list",
            Self::Tree => "tree",
            Self::Octets => "octets",
            Self::Findings => "findings",
            Self::Page => "page",
            Self::Line => "line",
        }
    }

    /// Modes whose keys count in this one, the nearest first.
    const fn chain(self) -> &'static [Self] {
        match self {
            Self::Any => &[Self::Any],
            Self::Panes => &[Self::Panes, Self::Any],
            Self::List => &[Self::List, Self::Panes, Self::Any],
            Self::Tree => &[Self::Tree, Self::Panes, Self::Any],
            Self::Octets => &[Self::Octets, Self::Panes, Self::Any],
            Self::Findings => &[Self::Findings, Self::Any],
            Self::Page => &[Self::Page, Self::Any],
            Self::Line => &[Self::Line],
        }
    }
}

/// What a key does.
#[expect(missing_docs, reason = "the table says what each does")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Left,
    Right,
    CloseBelow,
    OpenBelow,
    CloseAll,
    OpenAll,
    BitLeft,
    BitRight,
    LineHome,
    LineEnd,
    Enter,
    Toggle,
    Back,
    NextPane,
    PreviousPane,
    NextPacket,
    PreviousPacket,
    NextOfServer,
    PreviousOfServer,
    NextTab,
    PreviousTab,
    GoTo,
    Filter,
    Find,
    NextHit,
    PreviousHit,
    Mark,
    NamedMark,
    ToNamedMark,
    Zoom,
    Layout,
    Taller,
    Shorter,
    Narrower,
    Wider,
    Detail,
    Wrap,
    TimeFormat,
    Sort,
    SortColumn,
    AllFrames,
    Follow,
    Command,
    Help,
    Findings,
    Digest,
    Statistics,
    Compare,
    Secrets,
    TypeSecrets,
    ApplyFilter,
    ApplyNot,
    ApplyAnd,
    ApplyOr,
    ApplyColumn,
    ApplySort,
    CopyValue,
    CopyName,
    CopyFilter,
    CopyOctets,
    Comment,
    Stop,
    Suspend,
    Redraw,
    Quit,
    QuitNow,
    Accept,
    Cancel,
    Complete,
    CompleteBack,
    Older,
    Newer,
    CharLeft,
    CharRight,
    WordLeft,
    WordRight,
    Start,
    End,
    DeleteLeft,
    DeleteRight,
    DeleteWord,
    DeleteToStart,
    DeleteToEnd,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where it counts.
    pub mode: Mode,
    /// Key sequences that do it: keys separated by blanks; `{a-z}` stands for any small letter.
    pub keys: &'static [&'static str],
    /// What they do.
    pub action: Action,
    /// The name in `:` and in the configuration.
    pub name: &'static str,
    /// What they do, in words.
    pub help: &'static str,
}

const fn row(mode: Mode, keys: &'static [&'static str], action: Action, name: &'static str, help: &'static str) -> Row {
    Row { mode, keys, action, name, help }
}

/// The table.
pub static KEYS: &[Row] = &[
    row(Mode::Any, &["Down", "j"], Action::Down, "down", "next row"),
    row(Mode::Any, &["Up", "k"], Action::Up, "up", "row before"),
    row(Mode::Any, &["PgDn", "Ctrl-d"], Action::PageDown, "page-down", "a page on"),
    row(Mode::Any, &["PgUp", "Ctrl-u"], Action::PageUp, "page-up", "a page back"),
    row(
        Mode::Any,
        &["g g", "Home"],
        Action::Top,
        "top",
        "first row; with a number (5gg) that row, in the list that frame",
    ),
    row(Mode::Any, &["G", "End"], Action::Bottom, "bottom", "last row; with a number as gg"),
    row(
        Mode::Any,
        &["Esc"],
        Action::Back,
        "back",
        "back to the panes; in them: end find, zoom and filter, one after the other",
    ),
    row(Mode::Any, &["/"], Action::Filter, "filter", "display filter, checked while it is typed; empty shows all"),
    row(Mode::Any, &["Ctrl-f"], Action::Find, "find", "find text or octets in the pane that has the focus"),
    row(Mode::Any, &["n"], Action::NextHit, "next-hit", "next hit of find"),
    row(Mode::Any, &["N"], Action::PreviousHit, "previous-hit", "hit before"),
    row(Mode::Any, &["Ctrl-g"], Action::GoTo, "go-to", "go to a frame by number"),
    row(Mode::Any, &[":"], Action::Command, "command", "type a command"),
    row(Mode::Any, &["?", "F1"], Action::Help, "help", "this help"),
    row(Mode::Any, &["e"], Action::Findings, "findings", "findings of all packets, by rule"),
    row(Mode::Any, &["d"], Action::Digest, "digest", "how the digest of this notification was checked, step by step"),
    row(Mode::Any, &["s"], Action::Statistics, "statistics", "statistics of the packets shown"),
    row(Mode::Any, &["c"], Action::Compare, "compare", "compare with the marked packet, or two marked ones"),
    row(Mode::Any, &["S"], Action::Secrets, "secrets", "load a secrets file; all digests are checked again"),
    row(Mode::Any, &["K"], Action::TypeSecrets, "type-secrets", "type the secrets of a server, unseen"),
    row(Mode::Any, &["F"], Action::Follow, "follow", "follow a capture that grows, at its end; pause a live one"),
    row(Mode::Any, &["Ctrl-c"], Action::Stop, "stop", "stop what is running: loading, filtering"),
    row(Mode::Any, &["Ctrl-z"], Action::Suspend, "suspend", "back to the shell for now"),
    row(Mode::Any, &["Ctrl-l"], Action::Redraw, "redraw", "draw the screen anew"),
    row(Mode::Any, &["q"], Action::Quit, "quit", "leave; on other screens: back to the panes"),
    row(Mode::Any, &["Z Z"], Action::QuitNow, "quit-now", "leave from anywhere"),
    row(Mode::Panes, &["Tab"], Action::NextPane, "next-pane", "next pane"),
    row(Mode::Panes, &["Shift-Tab"], Action::PreviousPane, "previous-pane", "pane before"),
    row(
        Mode::Panes,
        &["Ctrl-Down", "F8"],
        Action::NextPacket,
        "next-packet",
        "next packet, whatever pane has the focus",
    ),
    row(Mode::Panes, &["Ctrl-Up", "F7"], Action::PreviousPacket, "previous-packet", "packet before"),
    row(Mode::Panes, &["]"], Action::NextOfServer, "next-of-server", "next notification of the same server"),
    row(Mode::Panes, &["["], Action::PreviousOfServer, "previous-of-server", "notification of the same server before"),
    row(Mode::Panes, &[")"], Action::NextTab, "next-tab", "octets: next frame or derived buffer"),
    row(Mode::Panes, &["("], Action::PreviousTab, "previous-tab", "octets: frame or derived buffer before"),
    row(Mode::Panes, &["m Space"], Action::Mark, "mark", "mark the packet, or take the mark away"),
    row(Mode::Panes, &["m {a-z}"], Action::NamedMark, "named-mark", "give the packet a letter"),
    row(Mode::Panes, &["' {a-z}"], Action::ToNamedMark, "to-named-mark", "back to the packet with that letter"),
    row(Mode::Panes, &["C"], Action::Comment, "comment", "write a comment on the packet; kept by :w FILE.pcapng"),
    row(Mode::Panes, &["\\"], Action::Zoom, "zoom", "give the whole screen to the pane, and back"),
    row(Mode::Panes, &["|"], Action::Layout, "layout", "next layout: stacked, split, beside"),
    row(Mode::Panes, &["+", "="], Action::Taller, "taller", "more rows for the list"),
    row(Mode::Panes, &["-"], Action::Shorter, "shorter", "fewer rows for the list"),
    row(Mode::Panes, &[">"], Action::Wider, "wider", "more room for what stands left (stacked: for the tree)"),
    row(Mode::Panes, &["<"], Action::Narrower, "narrower", "less room for what stands left (stacked: for the tree)"),
    row(Mode::Panes, &["D"], Action::Detail, "detail", "more or less room for the detail line"),
    row(Mode::Panes, &["t"], Action::TimeFormat, "time-format", "next time format"),
    row(Mode::Panes, &["a"], Action::AllFrames, "all-frames", "all frames, or pushes only; the frame stays selected"),
    row(Mode::Panes, &["x x"], Action::ApplyFilter, "apply", "filter by the selected field and its value"),
    row(Mode::Panes, &["x n"], Action::ApplyNot, "apply-not", "filter: not this value"),
    row(Mode::Panes, &["x a"], Action::ApplyAnd, "apply-and", "filter: and this value"),
    row(Mode::Panes, &["x o"], Action::ApplyOr, "apply-or", "filter: or this value"),
    row(
        Mode::Panes,
        &["x c"],
        Action::ApplyColumn,
        "apply-column",
        "the selected field as a column, or away with that column",
    ),
    row(Mode::Panes, &["x s"], Action::ApplySort, "apply-sort", "sort the list by the selected field"),
    row(Mode::Panes, &["y v", "y y"], Action::CopyValue, "copy-value", "copy the value"),
    row(Mode::Panes, &["y n"], Action::CopyName, "copy-name", "copy the field's name"),
    row(Mode::Panes, &["y f"], Action::CopyFilter, "copy-filter", "copy a filter for the field and its value"),
    row(Mode::Panes, &["y o"], Action::CopyOctets, "copy-octets", "copy the octets as hex"),
    row(Mode::List, &["Left", "h"], Action::Left, "left", "columns to the left"),
    row(Mode::List, &["Right", "l"], Action::Right, "right", "columns to the right"),
    row(
        Mode::List,
        &["o"],
        Action::SortColumn,
        "sort-column",
        "sort by the next column; after the last: capture order",
    ),
    row(Mode::List, &["O"], Action::Sort, "sort", "turn the order round"),
    row(Mode::List, &["Enter"], Action::Enter, "enter", "to the field tree"),
    row(Mode::Tree, &["Left", "h"], Action::Left, "left", "close, or to the parent"),
    row(Mode::Tree, &["Right", "l"], Action::Right, "right", "open, or to the first child"),
    row(Mode::Tree, &["Shift-Left", "H"], Action::CloseBelow, "close-below", "close it and all below"),
    row(Mode::Tree, &["Shift-Right", "L"], Action::OpenBelow, "open-below", "open it and all below"),
    row(Mode::Tree, &["Ctrl-Left", "z M"], Action::CloseAll, "close-all", "close all"),
    row(Mode::Tree, &["Ctrl-Right", "z R"], Action::OpenAll, "open-all", "open all"),
    row(Mode::Tree, &["Enter", "Space"], Action::Toggle, "toggle", "open or close; on a reference: go to that frame"),
    row(Mode::Tree, &["w"], Action::Wrap, "wrap", "wrap long values, or cut them"),
    row(Mode::Octets, &["Left", "h"], Action::Left, "left", "octet before"),
    row(Mode::Octets, &["Right", "l"], Action::Right, "right", "next octet"),
    row(Mode::Octets, &["Shift-Left", "H"], Action::BitLeft, "bit-left", "bit before"),
    row(Mode::Octets, &["Shift-Right", "L"], Action::BitRight, "bit-right", "next bit"),
    row(Mode::Octets, &["0", "^"], Action::LineHome, "line-home", "first octet of the line"),
    row(Mode::Octets, &["$"], Action::LineEnd, "line-end", "last octet of the line"),
    row(Mode::Octets, &["Enter"], Action::Enter, "enter", "to the field of this octet in the tree"),
    row(Mode::Findings, &["Enter"], Action::Enter, "enter", "to the packet and the node"),
    row(Mode::Findings, &["Right", "l", "Space"], Action::Right, "right", "show the packets of the rule"),
    row(Mode::Findings, &["Left", "h"], Action::Left, "left", "hide them"),
    row(Mode::Page, &["Left", "h"], Action::Left, "left", "to the left"),
    row(Mode::Page, &["Right", "l"], Action::Right, "right", "to the right"),
    row(Mode::Page, &["Ctrl-Down", "F8"], Action::NextPacket, "next-packet", "next packet (digest)"),
    row(Mode::Page, &["Ctrl-Up", "F7"], Action::PreviousPacket, "previous-packet", "packet before (digest)"),
    row(Mode::Page, &["]"], Action::NextOfServer, "next-of-server", "next notification of the same server (digest)"),
    row(Mode::Page, &["["], Action::PreviousOfServer, "previous-of-server", "the one before (digest)"),
    row(Mode::Line, &["Enter"], Action::Accept, "accept", "take it"),
    row(Mode::Line, &["Esc", "Ctrl-c"], Action::Cancel, "cancel", "leave things as they were"),
    row(Mode::Line, &["Tab"], Action::Complete, "complete", "complete; again: next offer"),
    row(Mode::Line, &["Shift-Tab"], Action::CompleteBack, "complete-back", "offer before"),
    row(Mode::Line, &["Up", "Ctrl-p"], Action::Older, "older", "line typed before"),
    row(Mode::Line, &["Down", "Ctrl-n"], Action::Newer, "newer", "line typed after"),
    row(Mode::Line, &["Left", "Ctrl-b"], Action::CharLeft, "char-left", "a character back"),
    row(Mode::Line, &["Right", "Ctrl-f"], Action::CharRight, "char-right", "a character on"),
    row(Mode::Line, &["Ctrl-Left", "Alt-b"], Action::WordLeft, "word-left", "a word back"),
    row(Mode::Line, &["Ctrl-Right", "Alt-f"], Action::WordRight, "word-right", "a word on"),
    row(Mode::Line, &["Home", "Ctrl-a"], Action::Start, "start", "to the start"),
    row(Mode::Line, &["End", "Ctrl-e"], Action::End, "end", "to the end"),
    row(Mode::Line, &["Backspace"], Action::DeleteLeft, "delete-left", "delete the character before"),
    row(Mode::Line, &["Delete", "Ctrl-d"], Action::DeleteRight, "delete-right", "delete this character"),
    row(Mode::Line, &["Ctrl-w"], Action::DeleteWord, "delete-word", "delete the word before"),
    row(Mode::Line, &["Ctrl-u"], Action::DeleteToStart, "delete-to-start", "delete to the start"),
    row(Mode::Line, &["Ctrl-k"], Action::DeleteToEnd, "delete-to-end", "delete to the end"),
];

/// A part of a key sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    One(Key),
    Letter,
}

impl Step {
    fn fits(self, key: Key) -> bool {
        match self {
            Self::One(one) => one == key,
            Self::Letter => matches!(key.typed(), Some('a'..='z')),
        }
    }
}

/// Reads a sequence of the table or the configuration.
fn sequence(text: &str) -> Option<Vec<Step>> {
    let steps: Option<Vec<Step>> = text
        .split_whitespace()
        .map(|word| if word == "{a-z}" { Some(Step::Letter) } else { Key::parse(word).map(Step::One) })
        .collect();
    steps.filter(|steps| !steps.is_empty())
}

/// What keys typed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Do this; the letter is the one `{a-z}` stands for.
    Do(Action, Option<char>),
    /// The start of something.
    Begin,
    /// Nothing.
    Nothing,
}

/// The table with the user's changes.
#[derive(Clone, Debug)]
pub struct KeyMap {
    bound: Vec<(Mode, Vec<Step>, Action)>,
    shown: BTreeMap<(Mode, Action), Vec<String>>,
}

impl Default for KeyMap {
    fn default() -> Self {
        let mut map = Self { bound: Vec::new(), shown: BTreeMap::new() };
        for row in KEYS {
            for keys in row.keys {
                map.bind(row.mode, keys, row.action);
            }
        }
        map
    }
}

impl KeyMap {
    fn bind(&mut self, mode: Mode, keys: &str, action: Action) {
        if let Some(steps) = sequence(keys) {
            self.bound.push((mode, steps, action));
            self.shown.entry((mode, action)).or_default().push(keys.to_owned());
        }
    }

    /// Gives an action other keys, in one mode.
    ///
    /// # Errors
    /// Says what is wrong with the line: an unknown mode, action or key, or a key that terminals cannot tell.
    pub fn remap(&mut self, mode: &str, name: &str, keys: &[String]) -> Result<(), String> {
        let Some(mode) = Mode::ALL.into_iter().find(|m| m.name() == mode) else {
            let all: Vec<&str> = Mode::ALL.iter().map(|m| m.name()).collect();
            return Err(format!("keys.{mode}: there is {}", all.join(", ")));
        };
        let Some(row) = KEYS.iter().find(|row| row.mode == mode && row.name == name) else {
            return Err(format!("keys.{}.{name}: no such action there; docs/keys.md lists them", mode.name()));
        };
        for keys in keys {
            let Some(steps) = sequence(keys) else {
                return Err(format!(
                    "keys.{}.{name}: {keys} is no key; write it as j, Ctrl-f, Shift-Left, F8, g g",
                    mode.name()
                ));
            };
            for step in &steps {
                if let Step::One(key) = step
                    && let Some(why) = key.unportable()
                {
                    return Err(format!("keys.{}.{name}: {keys} cannot be told by every terminal: {why}", mode.name()));
                }
            }
            // A key does one thing: who had it loses it.
            self.bound.retain(|(m, s, _)| *m != mode || *s != steps);
        }
        self.bound.retain(|(m, _, a)| *m != mode || *a != row.action);
        self.shown.remove(&(mode, row.action));
        for keys in keys {
            for ((m, _), shown) in &mut self.shown {
                if *m == mode {
                    shown.retain(|k| k != keys);
                }
            }
            self.bind(mode, keys, row.action);
        }
        Ok(())
    }

    /// What these keys mean in a mode.
    pub fn meaning(&self, mode: Mode, typed: &[Key]) -> Meaning {
        let mut begins = false;
        for mode in mode.chain() {
            for (_, steps, action) in self.bound.iter().filter(|b| b.0 == *mode) {
                if steps.len() < typed.len() || !steps.iter().zip(typed).all(|(step, key)| step.fits(*key)) {
                    continue;
                }
                if steps.len() == typed.len() {
                    let letter = match (steps.last(), typed.last()) {
                        (Some(Step::Letter), Some(key)) => key.typed(),
                        _ => None,
                    };
                    return Meaning::Do(*action, letter);
                }
                begins = true;
            }
            if begins {
                return Meaning::Begin;
            }
        }
        Meaning::Nothing
    }

    /// The keys of an action in a mode, as shown.
    pub fn keys_of(&self, mode: Mode, action: Action) -> String {
        self.shown
            .get(&(mode, action))
            .map(|keys| keys.iter().map(|k| compact(k)).collect::<Vec<_>>().join("  "))
            .unwrap_or_default()
    }

    /// The first key of an action, for hints; the table's modes are searched in order.
    pub fn hint(&self, action: Action) -> String {
        let keys = self.shown.iter().find(|((_, a), keys)| *a == action && !keys.is_empty());
        keys.and_then(|(_, keys)| keys.first()).map(|k| compact(k)).unwrap_or_default()
    }
}

/// A sequence as people write it: `gg`, `m Space`, `ZZ`.
fn compact(keys: &str) -> String {
    let words: Vec<&str> = keys.split_whitespace().collect();
    let short = words.iter().all(|w| w.chars().count() == 1 || *w == "{a-z}");
    if short { words.concat() } else { words.join(" ") }
}

/// Actions by name that can be typed after `:`, each once, with their help.
pub fn commands() -> impl Iterator<Item = &'static Row> {
    KEYS.iter()
        .enumerate()
        .filter(|(at, row)| row.mode != Mode::Line && !KEYS.iter().take(*at).any(|before| before.name == row.name))
        .map(|(_, row)| row)
}

/// The action of this name.
pub fn action(name: &str) -> Option<Action> {
    commands().find(|row| row.name == name).map(|row| row.action)
}

/// docs/keys.md.
pub fn docs() -> String {
    let mut out = String::from(
        "# Keys of the terminal UI\n\nMade from the table in `src/tui/keys.rs`; a test compares the two. `{a-z}` stands for any small letter. Most keys take\n\
         a number before them: `5j`, `5gg`. Every action can be typed by its name after `:`.\n\n\
         Keys are changed in the configuration, per mode:\n\n```toml\n[keys.tree]\nopen-all = [\"z R\", \"E\"]\n```\n",
    );
    for mode in Mode::ALL {
        let _ = write!(
            out,
            "\n## {} (`{}`)\n\n| keys | action | what it does |\n|---|---|---|\n",
            mode.title(),
            mode.name()
        );
        for row in KEYS.iter().filter(|row| row.mode == mode) {
            let keys: Vec<String> = row.keys.iter().map(|k| format!("`{}`", compact(k).replace('|', "\\|"))).collect();
            let _ = writeln!(out, "| {} | `{}` | {} |", keys.join(" "), row.name, row.help);
        }
    }
    out
}

/// Whether a key starts or continues a count.
pub fn digit(key: Key, begun: bool) -> Option<u32> {
    match key.code {
        Code::Char(c) if !key.ctrl && !key.alt && (c != '0' || begun) => c.to_digit(10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, KEYS, Key, KeyMap, Meaning, Mode, Step, docs, sequence};

    fn typed(names: &[&str]) -> Vec<Key> {
        names.iter().map(|n| Key::parse(n).expect(n)).collect()
    }

    #[test]
    fn no_key_needs_an_extended_keyboard_protocol() {
        for row in KEYS {
            for keys in row.keys {
                for step in sequence(keys).expect(keys) {
                    if let Step::One(key) = step {
                        assert_eq!(key.unportable(), None, "{keys}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_mode_and_no_sequence_hides_another() {
        for (at, row) in KEYS.iter().enumerate() {
            for keys in row.keys {
                let steps = sequence(keys).expect(keys);
                for other in KEYS.iter().skip(at + 1).filter(|o| o.mode == row.mode) {
                    for others in other.keys.iter().map(|k| sequence(k).expect(k)) {
                        let shared = steps.iter().zip(&others).take_while(|(a, b)| a == b).count();
                        assert!(shared < steps.len().min(others.len()), "{keys} of {} and {}", row.name, other.name);
                    }
                }
            }
        }
    }

    #[test]
    fn sequences_letters_and_modes_are_told_apart() {
        let map = KeyMap::default();
        assert_eq!(map.meaning(Mode::List, &typed(&["g"])), Meaning::Begin);
        assert_eq!(map.meaning(Mode::List, &typed(&["g", "g"])), Meaning::Do(Action::Top, None));
        assert_eq!(map.meaning(Mode::Tree, &typed(&["m", "q"])), Meaning::Do(Action::NamedMark, Some('q')));
        assert_eq!(map.meaning(Mode::Tree, &typed(&["m", "Space"])), Meaning::Do(Action::Mark, None));
        assert_eq!(map.meaning(Mode::Findings, &typed(&["m"])), Meaning::Nothing);
        assert_eq!(map.meaning(Mode::Line, &typed(&["q"])), Meaning::Nothing);
    }

    #[test]
    fn a_remapped_key_takes_the_key_from_whoever_had_it() {
        let mut map = KeyMap::default();
        map.remap("list", "sort", &["o".to_owned()]).expect("a good line");
        assert_eq!(map.meaning(Mode::List, &typed(&["o"])), Meaning::Do(Action::Sort, None));
        assert_eq!(map.meaning(Mode::List, &typed(&["O"])), Meaning::Nothing);
        assert!(map.remap("list", "sort", &["Ctrl-m".to_owned()]).is_err());
        assert!(map.remap("nowhere", "sort", &[]).is_err());
    }

    #[test]
    fn the_documentation_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, docs()).expect("docs/keys.md can be written");
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        assert!(text == docs(), "docs/keys.md differs from the table: run the tests with UPDATE_DOCS=1");
    }
}
