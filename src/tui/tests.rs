//! The whole UI without a terminal: keys in, screens out, over shipped captures.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::key::{Key, Mouse, MouseWhat};
use super::keys::KeyMap;
use super::library::Library;
use super::loader::{Batch, Outside, load};
use super::model::{Model, Pane, Screen};
use super::msg::{Effect, Msg, Notice};
use super::picture::svg;
use super::settings::{State, ThemeName};
use super::story::story;
use super::theme::{Terminal as Kind, Theme};
use super::update::update;
use super::view::view;
use super::worker::{Job, work};
use crate::capture::{Input, Merged};
use crate::dissect::{DISSECTORS, Table};
use crate::model::{Severity, visible_str};
use crate::scan::Options;
use crate::verify::Keyring;

/// The UI with everything around it done at once.
struct Ui {
    model: Model,
    library: Arc<Library>,
    /// Effects that were not carried out.
    asked: Vec<String>,
    copied: Vec<String>,
    left: bool,
}

const DARK: Kind = Kind { no_color: false, true_color: true, light: false, ascii: false };
const MONO: Kind = Kind { no_color: true, true_color: true, light: false, ascii: false };
const ASCII: Kind = Kind { no_color: true, true_color: false, light: false, ascii: true };

fn captures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

impl Ui {
    fn new(title: &str, kind: Kind, keys: &str) -> Self {
        let theme = Theme::new(ThemeName::Dark, kind);
        let keys = Keyring::from_text(keys, "test").expect("the test's keys are good");
        let mut model = Model::new(visible_str(title), State::default(), KeyMap::default(), theme);
        model.keys_loaded = keys.len();
        let library = Arc::new(Library::new(Table::new(DISSECTORS), keys));
        Self { model, library, asked: Vec::new(), copied: Vec::new(), left: false }
    }

    /// A shipped capture, with the keys shipped beside it.
    fn open(name: &str) -> Self {
        Self::open_as(name, DARK)
    }

    fn open_as(name: &str, kind: Kind) -> Self {
        let keys = std::fs::read_to_string(captures("keys.toml")).expect("captures/keys.toml is shipped");
        let mut ui = Self::new(name, kind, &keys);
        ui.load(Merged::open(&[captures(name)]), false);
        ui
    }

    fn load(&mut self, input: Merged, all: bool) {
        let told = Mutex::new(Vec::new());
        let send = |msg| {
            told.lock().expect("nothing panics while it is held").push(msg);
            true
        };
        let stop = AtomicBool::new(false);
        let batch = Arc::default();
        let outside =
            Outside { elapsed: &|| Duration::ZERO, send: &send, stop: &stop, total: None, batch, reached: None };
        load(&self.library, input, &Options { all, ..Options::default() }, None, &outside);
        for msg in told.into_inner().expect("nothing panics while it is held") {
            self.say(msg);
        }
    }

    fn work(&mut self, job: Job) {
        let told = Mutex::new(Vec::new());
        work(&self.library, job, &AtomicU64::new(0), 0, &|msg| {
            told.lock().expect("nothing panics while it is held").push(msg);
            true
        });
        for msg in told.into_inner().expect("nothing panics while it is held") {
            self.say(msg);
        }
    }

    fn say(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        let all = u32::try_from(self.model.store.len()).expect("tests are small");
        match effect {
            Effect::Open(at) => {
                let opened = self.library.open(at).expect("the packet is there");
                self.say(Msg::Opened(Box::new(opened)));
            }
            Effect::Compare(one, other) => {
                let (one, other) = (self.library.open(one).expect("there"), self.library.open(other).expect("there"));
                self.say(Msg::Compared(Box::new(one), Box::new(other)));
            }
            Effect::Work(job) => self.work(job),
            Effect::Comment(number, text) => self.library.comment(number, text),
            Effect::Story(at) => {
                let keys = self.library.keys();
                let lines = self.library.look(at, |packet, _| story(&keys, packet)).expect("the packet is there");
                self.say(Msg::Story(at, lines));
            }
            Effect::TypeSecrets(typed) => {
                self.library.set_keys(Keyring::from_text(&typed.0, "typed").expect("what was typed is well-formed"));
                self.work(Job::Judge { to: all, first: Vec::new() });
            }
            Effect::Copy(text) => self.copied.push(text),
            Effect::Quit => self.left = true,
            Effect::Save(_) => {}
            other => self.asked.push(format!("{other:?}")),
        }
    }

    /// Types keys: names apart by blanks; a name that is none is typed letter by letter.
    fn keys(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            match Key::parse(word) {
                Some(key) => self.say(Msg::Key(key)),
                None => self.text(word),
            }
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.say(Msg::Key(Key::plain(super::key::Code::Char(c))));
        }
    }

    fn mouse(&mut self, what: MouseWhat, column: u16, row: u16) {
        self.say(Msg::Mouse(Mouse { what, column, row }));
    }

    fn drawn(&mut self, width: u16, height: u16) -> Buffer {
        self.say(Msg::Resize(width, height));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test screen");
        terminal.draw(|frame| view(&self.model, frame)).expect("drawing does not fail");
        terminal.backend().buffer().clone()
    }

    fn screen(&mut self, width: u16, height: u16) -> String {
        let buffer = self.drawn(width, height);
        let mut out = String::new();
        for y in 0..height {
            let mut line = String::new();
            let mut skip = 0usize;
            for x in 0..width {
                let symbol = buffer[(x, y)].symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn selected_number(&self) -> u32 {
        self.model.current_line().map_or(0, |line| line.number)
    }
}

const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];

fn snapshots(name: &str, ui: &mut Ui) {
    for (width, height) in SIZES {
        let screen = ui.screen(width, height);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
    }
}

#[test]
fn panes_at_every_size() {
    snapshots("panes", &mut Ui::open("wrong-digest.pcap"));
}

#[test]
fn fragments_light_up_in_every_frame() {
    let mut ui = Ui::open("fragments.pcapng");
    ui.keys("Tab");
    let screen = ui.screen(120, 40);
    insta::assert_snapshot!("fragments_120x40", screen);
}

#[test]
fn violations_show_their_findings() {
    let mut ui = Ui::open("violations-12.pcapng");
    ui.screen(120, 40);
    ui.keys("e");
    snapshots("findings", &mut ui);
    ui.keys("Enter");
    assert_eq!((ui.model.screen, ui.model.focus), (Screen::Panes, Pane::Tree));
    assert!(ui.model.fields.finding().is_some(), "the finding itself is selected");
    insta::assert_snapshot!("finding_selected_120x40", ui.screen(120, 40));
}

#[test]
fn the_picture_in_the_docs_is_the_real_screen() {
    let mut ui = Ui::open("violations-12.pcapng");
    ui.screen(100, 30);
    ui.keys("7 g g Tab Ctrl-f");
    ui.text("N12-004");
    ui.keys("Enter Esc");
    let screen = ui.screen(100, 30);
    assert!(screen.contains("check:"), "the finding is selected and explained:\n{screen}");
    for (name, real) in [("screen.txt", screen), ("screen.svg", svg(&ui.drawn(100, 30)))] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &real).expect("the docs can be written");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == real, "docs/{name} differs from the screen: run the tests with UPDATE_DOCS=1");
    }
}

#[test]
fn the_digest_screen_tells_step_by_step() {
    let mut ui = Ui::open("wrong-digest.pcap");
    ui.screen(120, 40);
    ui.keys("d");
    snapshots("digest", &mut ui);
}

#[test]
fn statistics_follow_the_filter() {
    let mut ui = Ui::open("v20-all-options.pcap");
    ui.screen(120, 40);
    ui.keys("s");
    snapshots("statistics", &mut ui);
}

#[test]
fn help_is_the_table() {
    let mut ui = Ui::open("resync.pcap");
    ui.screen(120, 40);
    ui.keys("?");
    snapshots("help", &mut ui);
}

#[test]
fn two_packets_side_by_side() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.keys("m Space j c");
    assert_eq!(ui.model.screen, Screen::Compare);
    snapshots("compare", &mut ui);
}

#[test]
fn hostile_text_stays_text() {
    let mut ui = Ui::open("hostile-text.pcapng");
    ui.keys("Tab Ctrl-Right");
    for (width, height) in SIZES {
        let screen = ui.screen(width, height);
        assert!(
            !screen.chars().any(|c| c != '\n' && (c.is_control() || "\u{202e}\u{200b}\u{2066}".contains(c))),
            "raw text"
        );
    }
    let screen = ui.screen(120, 40);
    insta::assert_snapshot!("hostile_120x40", screen);
}

#[test]
fn without_colours_and_in_ascii_the_screen_says_the_same() {
    let mut ui = Ui::open_as("wrong-digest.pcap", MONO);
    ui.screen(100, 30);
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a test screen");
    terminal.draw(|frame| view(&ui.model, frame)).expect("drawing does not fail");
    let buffer = terminal.backend().buffer().clone();
    for cell in buffer.content() {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
    }
    assert!(buffer.content().iter().any(|c| c.modifier.contains(Modifier::REVERSED)), "the selection is seen");
    let mut ui = Ui::open_as("wrong-digest.pcap", ASCII);
    let screen = ui.screen(100, 30);
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!("ascii_100x30", screen);
}

#[test]
fn an_empty_capture_says_so() {
    let mut ui = Ui::new("empty.pcap", DARK, "");
    ui.load(Merged::new(vec![Input::from_reader("empty.pcap", std::io::empty())]), false);
    snapshots("empty", &mut ui);
}

#[test]
fn a_damaged_capture_shows_what_was_readable_and_where_it_stopped() {
    let mut octets = std::fs::read(captures("ui-modes.pcap")).expect("captures are shipped");
    octets.truncate(octets.len() - 20);
    let mut ui = Ui::new("damaged.pcap", DARK, "");
    ui.load(Merged::new(vec![Input::from_reader("damaged.pcap", std::io::Cursor::new(octets))]), false);
    assert!(ui.model.shown_len() > 0, "what was readable is listed");
    assert!(
        ui.model.notice.as_ref().is_some_and(|n| n.severity == Severity::Error && n.text.as_str().contains("octet"))
    );
    insta::assert_snapshot!("damaged_80x24", ui.screen(80, 24));
}

#[test]
fn a_small_terminal_gets_a_clear_message_and_none_panics() {
    let mut ui = Ui::open("fragments.pcapng");
    for (width, height) in [(1, 1), (5, 2), (59, 15), (60, 14), (60, 15), (300, 100)] {
        for keys in
            ["", "|", "|", "\\", "Tab", "\\", "Tab", "e", "q", "s", "q", "?", "q", "/ x", "Esc", ": t", "Esc", "w"]
        {
            ui.keys(keys);
            let _ = ui.screen(width, height);
        }
    }
    assert!(ui.screen(59, 20).starts_with("pushscope needs 60x15"));
}

#[test]
fn moving_by_keys_counts_and_marks() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    let last = ui.model.shown_len() - 1;
    assert!(last >= 2, "the capture has several packets");
    ui.keys("G");
    assert_eq!(ui.model.selected, last);
    ui.keys("g g j j");
    assert_eq!(ui.model.selected, 2);
    ui.keys("m a g g ' a");
    assert_eq!(ui.model.selected, 2);
    ui.keys("g g 2 j");
    assert_eq!(ui.model.selected, 2);
    ui.keys("Tab Ctrl-Up F7 F8");
    assert_eq!((ui.model.selected, ui.model.focus), (1, Pane::Tree));
    let number = ui.selected_number();
    ui.keys("Tab Tab G");
    ui.text(&format!("{number}gg"));
    assert_eq!(ui.selected_number(), number);
    ui.keys("] [");
    assert_eq!(ui.selected_number(), number);
}

#[test]
fn a_filter_is_checked_while_typed_and_keeps_the_selection() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys("j");
    let number = ui.selected_number();
    let all = ui.model.shown_len();
    ui.keys("/");
    ui.text("dmnoti.ui_mod == 1");
    assert!(ui.model.filter_error.is_some());
    insta::assert_snapshot!("filter_wrong_80x24", ui.screen(80, 24));
    ui.keys("Enter");
    assert!(ui.model.prompt.is_some(), "a wrong filter stays open");
    ui.keys("Ctrl-u");
    ui.text("dmnoti.ui_m");
    insta::assert_snapshot!("filter_offers_80x24", ui.screen(80, 24));
    ui.keys("Tab");
    ui.text(&format!(" && frame.number >= {number}"));
    ui.keys("Enter");
    assert!(ui.model.prompt.is_none());
    assert_eq!((ui.selected_number(), ui.model.shown_len()), (number, all - 1));
    ui.keys("Esc");
    assert_eq!((ui.selected_number(), ui.model.shown_len()), (number, all));
    ui.keys("/ Up");
    assert!(ui.model.prompt.as_ref().is_some_and(|p| p.text().starts_with("dmnoti.ui_mode")), "history");
}

#[test]
fn the_selected_field_becomes_a_filter_a_column_and_the_clipboard() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.keys("Tab Ctrl-f");
    ui.text("user interaction");
    ui.keys("Enter");
    let label = ui.model.fields.current().and_then(|(_, e)| e.field).map(|f| f.name);
    assert_eq!(label, Some("dmnoti.ui_mode"), "find goes to the field");
    ui.keys("y f y n x x");
    let copied = ui.copied.clone();
    assert_eq!(copied.last().map(String::as_str), Some("dmnoti.ui_mode"));
    assert_eq!(Some(&ui.model.shown.filter), copied.first());
    assert!(ui.model.shown_len() > 0 && ui.model.shown_len() < ui.model.store.len());
    ui.keys("x c");
    assert!(ui.model.columns.iter().any(|c| c.name() == "dmnoti.ui_mode"));
    assert!(ui.screen(120, 40).contains("User"), "the column's title");
    ui.keys("x c");
    assert!(!ui.model.columns.iter().any(|c| c.name() == "dmnoti.ui_mode"));
}

#[test]
fn every_field_lights_up_where_it_was_read_and_is_found_from_there() {
    for name in ["fragments.pcapng", "ui-modes.pcap", "v20-all-options.pcap", "wsp-forms.pcapng"] {
        let mut ui = Ui::open(name);
        ui.screen(120, 40);
        ui.keys("G Tab Ctrl-Right");
        for row in 0..ui.model.fields.len() {
            ui.model.fields.select(row);
            super::update::follow_field(&mut ui.model);
            let Some(node) = ui.model.fields.node() else { continue };
            let lights = ui.model.octets.lights.clone();
            let opened = ui.model.opened.clone().expect("a packet is selected");
            opened.with(|view| {
                let read = view.tree.get(node).expect("the node is there");
                if read.field.generated || read.span.len == 0 {
                    return;
                }
                assert!(!lights.is_empty(), "{name}: {} lights nothing", read.field.name);
                let native: u32 =
                    lights.iter().filter(|l| l.tab == super::octets::home(view, read.span)).map(|l| l.len).sum();
                assert_eq!(native, read.span.len, "{name}: {}", read.field.name);
                if view.tree.is_leaf(node) {
                    for light in &lights {
                        let back = super::octets::field_at(view, light.tab, light.start);
                        let found = back.and_then(|id| view.tree.get(id)).expect("some field is there");
                        assert!(found.span.len <= read.span.len, "{name}: {} is not innermost", read.field.name);
                    }
                }
            });
        }
    }
}

#[test]
fn octets_select_fields_and_find_finds_octets() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.keys("Tab Tab");
    assert_eq!(ui.model.focus, Pane::Octets);
    ui.keys("g g");
    let first = ui.model.fields.node();
    ui.keys("G");
    assert_ne!(ui.model.fields.node(), first, "moving in the octets selects other fields");
    ui.keys("g g Ctrl-f");
    ui.text("\"com.");
    ui.keys("Enter");
    let name = ui.model.fields.current().and_then(|(_, e)| e.field).map(|f| f.name);
    assert_eq!(name, Some("dmnoti.server_id"));
    ui.keys("n");
    assert!(ui.model.selected > 0 || ui.model.notice.is_some(), "the next hit is in another packet");
}

#[test]
fn secrets_typed_are_unseen_and_change_verdicts_at_once() {
    let mut ui = Ui::new("appendix-c.pcap", DARK, "");
    ui.load(Merged::open(&[captures("wrong-digest.pcap")]), false);
    let before = ui.model.current_line().and_then(|l| l.status);
    assert_eq!(before, Some(crate::verify::Status::Unchecked));
    let server = ui.model.current_line().map(|l| ui.model.store.texts.get(l.server).to_owned()).expect("a server");
    ui.keys("K");
    ui.text(&server);
    ui.keys("Enter");
    ui.text("hunter2");
    assert!(!ui.screen(80, 24).contains("hunter2"));
    ui.keys("Enter Enter Enter");
    let after = ui.model.current_line().and_then(|l| l.status);
    assert_eq!(after, Some(crate::verify::Status::Invalid));
    assert!(ui.model.sentence.as_str().contains("invalid"), "{}", ui.model.sentence);
    assert!(!format!("{:?}", ui.asked).contains("hunter2"));
}

#[test]
fn comments_are_asked_for_before_leaving() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys("C");
    ui.text("look here");
    ui.keys("Enter q");
    assert!(!ui.left && ui.model.prompt.is_some(), "asked");
    ui.keys("n q y");
    assert!(ui.left);
    ui.keys(":");
    ui.text("w out.pcapng");
    ui.keys("Enter");
    assert!(ui.asked.iter().any(|e| e.contains("Export") && e.contains("pcapng")), "{:?}", ui.asked);
}

#[test]
fn the_mouse_selects_scrolls_drags_and_sorts() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.mouse(MouseWhat::Down, 20, 4);
    assert_eq!((ui.model.selected, ui.model.focus), (1, Pane::List));
    let areas = super::layout::areas(&ui.model);
    ui.mouse(MouseWhat::Down, areas.tree.x + 5, areas.tree.y + 4);
    assert_eq!(ui.model.focus, Pane::Tree);
    ui.mouse(MouseWhat::Down, areas.octets.x + super::layout::hex_column(3), areas.octets.y + 1);
    assert_eq!((ui.model.focus, ui.model.octets.cursor / 8), (Pane::Octets, 3));
    let share = ui.model.state.list_share;
    ui.mouse(MouseWhat::Down, 10, areas.tree.y);
    ui.mouse(MouseWhat::Drag, 10, areas.tree.y + 6);
    ui.mouse(MouseWhat::Up, 10, areas.tree.y + 6);
    assert!(ui.model.state.list_share > share, "the border moved");
    assert_eq!(super::layout::areas(&ui.model).tree.y, areas.tree.y + 6);
    ui.mouse(MouseWhat::Down, 3, 2);
    assert_eq!(ui.model.shown.sort, Some((0, false)));
    ui.mouse(MouseWhat::Down, 3, 2);
    assert_eq!(ui.model.shown.sort, Some((0, true)));
    assert_eq!(ui.model.packet_at(0), Some(u32::try_from(ui.model.store.len()).expect("small") - 1));
}

#[test]
fn commands_do_what_keys_do_and_say_what_is_near() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys(":");
    ui.text("botom");
    ui.keys("Enter");
    assert!(ui.model.notice.as_ref().is_some_and(|n: &Notice| n.text.as_str().contains("bottom")));
    ui.keys(":");
    ui.text("bottom");
    ui.keys("Enter");
    assert_eq!(ui.model.selected, ui.model.shown_len() - 1);
    ui.keys(":");
    ui.text("theme mono");
    ui.keys("Enter");
    assert_eq!(ui.model.theme.name, ThemeName::Mono);
}

#[test]
fn following_and_all_frames_ask_for_a_new_reading_and_keep_the_frame() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys("j a");
    assert!(ui.asked.iter().any(|e| e.contains("Reload { all: true")), "{:?}", ui.asked);
    assert!(ui.model.store.is_empty());
    let number = ui.model.load.back_to.expect("the frame is remembered");
    ui.library = Arc::new(Library::new(Table::new(DISSECTORS), Keyring::default()));
    ui.load(Merged::open(&[captures("ui-modes.pcap")]), true);
    assert_eq!(ui.selected_number(), number);
}

/// Presses keys until nothing is typed any more, on a capture whose packets were put together from several frames.
#[test]
fn other_frames_are_written_with_their_own_records() {
    let mut ui = Ui::open("fragments.pcapng");
    ui.screen(120, 40);
    let mut original = std::collections::BTreeSet::new();
    let mut input = Merged::open(&[captures("fragments.pcapng")]);
    while let Some(frame) = input.next() {
        original.insert((frame.data.to_vec(), frame.ts, frame.link, frame.orig_len));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.pcapng");
    let packets = ui.model.among();
    ui.library.comment(ui.selected_number(), Some("look here".to_owned()));
    let export = super::msg::Export { format: "pcapng".to_owned(), path: path.clone(), packets };
    let file = std::fs::File::create(&path).expect("a file");
    let written = super::export::write(&ui.library, &export, Box::new(file)).expect("it can be written");
    assert!(written.frames > written.packets, "several frames make one packet");
    assert_eq!(written.comments, [ui.selected_number()]);
    let mut back = Merged::open(&[path]);
    let (mut count, mut comments) = (0, Vec::new());
    while let Some(frame) = back.next() {
        count += 1;
        comments.extend(frame.comments().map(|c| String::from_utf8_lossy(c).into_owned()));
        let same = original.contains(&(frame.data.to_vec(), frame.ts, frame.link, frame.orig_len));
        assert!(same, "frame {} has a record of its own", frame.number);
    }
    assert_eq!(count, written.frames);
    assert_eq!(comments.iter().filter(|c| *c == "look here").count(), 1);
}

#[test]
fn a_comment_stands_in_the_tree_at_once_and_can_be_filtered_by() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.keys("j C");
    ui.text("look here");
    ui.keys("Enter");
    let comment =
        |ui: &Ui| ui.model.fields.entries().iter().any(|e| e.field.is_some_and(|f| f.name == "frame.comment"));
    assert!(comment(&ui));
    ui.keys("/");
    ui.text("frame.comment contains look");
    ui.keys("Enter");
    assert_eq!(ui.model.shown_len(), 1);
    ui.keys("Esc C Ctrl-u Enter");
    assert!(!comment(&ui) && ui.model.unwritten.is_empty(), "an empty one takes it away");
}

#[test]
fn what_was_copied_stands_on_a_screen_of_its_own_where_it_is_long() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys("Tab g g y o");
    let copied = ui.copied.last().cloned().expect("something was copied");
    assert!(copied.len() > 80);
    assert_eq!(ui.model.screen, Screen::Whole);
    let screen: String = ui.screen(80, 24).lines().skip(2).take(21).collect();
    assert!(screen.contains(&copied), "all of it, from edge to edge");
    ui.keys("q y n");
    assert_eq!(ui.model.screen, Screen::Panes);
    assert!(ui.model.notice.as_ref().is_some_and(|n| n.text.as_str().starts_with("copied: ")));
}

#[test]
fn rows_are_coloured_by_rules_of_the_users_own() {
    let mut rules = crate::output::colors::ColorRules::new();
    rules.add("first", "frame.number == 1", "bold red".parse().expect("a style")).expect("a filter");
    let mut ui = Ui::new("ui-modes.pcap", DARK, "");
    let rules = Arc::new(rules);
    ui.model.colors = Some(Arc::clone(&rules));
    ui.library = Arc::new(Library::new(Table::new(DISSECTORS), Keyring::default()).with_colors(Some(rules)));
    ui.load(Merged::open(&[captures("ui-modes.pcap")]), false);
    assert!(ui.screen(120, 40).contains("coloured: first"), "the rule of the selected row is named");
    ui.keys("j");
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a test screen");
    let mut look = |ui: &Ui, x: u16, y: u16| {
        terminal.draw(|frame| view(&ui.model, frame)).expect("drawing does not fail");
        terminal.backend().buffer()[(x, y)].clone()
    };
    let red = ui.model.theme.rule(&"red".parse().expect("a style")).fg;
    let cell = look(&ui, 30, 3);
    assert_eq!((Some(cell.fg), cell.modifier.contains(Modifier::BOLD)), (red, true));
    assert_ne!(Some(look(&ui, 30, 5).fg), red);
    ui.model.theme = Theme::new(ThemeName::Dark, MONO);
    let cell = look(&ui, 1, 3);
    assert_eq!((cell.symbol(), cell.fg), ("f", ratatui::style::Color::Reset), "without colours a letter says the same");
}

#[test]
fn sorting_by_any_column_keeps_the_packet_and_can_be_stopped() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(120, 40);
    ui.keys("j j");
    let number = ui.selected_number();
    ui.keys("Tab Ctrl-f");
    ui.text("session identifier");
    ui.keys("Enter x s");
    assert_eq!(ui.selected_number(), number);
    assert!(ui.model.shown.sorted.is_some() && ui.model.shown.sorting.is_none());
    let column = ui.model.shown.sort.expect("it is sorted").0;
    let values: Vec<String> = (0..ui.model.shown_len())
        .filter_map(|at| ui.model.packet_at(at))
        .map(|at| ui.model.cells.get(&(at, ui.model.columns[column].name())).map_or("", |t| t.as_str()).to_owned())
        .collect();
    assert!(values.is_sorted(), "{values:?}");
    // A job that never answers, as a long one does.
    let job = update(&mut ui.model, Msg::Key(Key::plain(super::key::Code::Char('O'))));
    assert!(job.is_empty(), "the tree has the focus: O is no key of it");
    ui.keys("Tab Tab");
    let job = update(&mut ui.model, Msg::Key(Key::plain(super::key::Code::Char('O'))));
    assert!(job.iter().any(|e| matches!(e, Effect::Work(Job::Sort { .. }))) && ui.model.shown.sorting == Some(0));
    ui.keys("Ctrl-c");
    assert!(ui.model.shown.sorting.is_none() && ui.model.shown.sorted.is_none());
    for effect in job {
        ui.carry_out(effect);
    }
    assert!(ui.model.shown.sorted.is_none(), "what comes too late is not taken");
    assert_eq!(ui.selected_number(), number);
}

#[test]
fn paths_are_offered_where_a_command_takes_one() {
    let mut ui = Ui::open("ui-modes.pcap");
    ui.screen(80, 24);
    ui.keys(":");
    ui.text("open capt");
    assert!(ui.asked.iter().any(|e| e.contains("Paths(\"capt\")")), "{:?}", ui.asked);
    ui.say(Msg::Paths("capt".to_owned(), vec!["captures/".to_owned(), "captures.txt".to_owned()]));
    ui.keys("Tab");
    assert_eq!(ui.model.prompt.as_ref().map(|p| p.text().to_owned()), Some("open captures/".to_owned()));
    ui.keys("Tab");
    assert_eq!(ui.model.prompt.as_ref().map(|p| p.text().to_owned()), Some("open captures.txt".to_owned()));
}

// ---------------------------------------------------------------- live captures

/// A packet that the loader tells of.
fn told(number: u32) -> super::store::Listed {
    super::store::Listed {
        number,
        server: visible_str(&format!("server {}", number % 3)),
        status: Some(crate::verify::Status::Valid),
        push: true,
        carrier: "UDP",
        ..Default::default()
    }
}

/// The UI on a live capture that runs, with so many packets.
fn live(packets: u32) -> Ui {
    let mut ui = Ui::new("listening at udp 127.0.0.1:2948", DARK, "");
    ui.model.load.live = true;
    ui.model.load.once = true;
    ui.model.load.follow = true;
    let _ = super::update::update(&mut ui.model, Msg::Resize(100, 30));
    come(&mut ui, 1..=packets);
    ui
}

/// Packets come. (Nothing is behind them that could be opened.)
fn come(ui: &mut Ui, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        let _ = update(&mut ui.model, Msg::Listed(Batch { listed: vec![told(number)], changed: Vec::new() }));
    }
}

fn press(ui: &mut Ui, key: &str) {
    let _ = update(&mut ui.model, Msg::Key(Key::parse(key).expect("a key")));
}

fn status_line(ui: &mut Ui) -> String {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).expect("a test screen");
    terminal.draw(|frame| view(&ui.model, frame)).expect("drawing does not fail");
    let buffer = terminal.backend().buffer().clone();
    (0..100).map(|x| buffer[(x, 29)].symbol()).collect()
}

#[test]
fn a_live_list_stays_at_its_end_until_it_is_left_or_paused() {
    let mut ui = live(50);
    assert_eq!((ui.model.current(), ui.model.unseen()), (Some(49), 0));
    // Above the end it stays where it is, and says how many came since.
    press(&mut ui, "Up");
    press(&mut ui, "Home");
    come(&mut ui, 51..=57);
    assert_eq!((ui.model.current(), ui.model.unseen()), (Some(0), 7));
    assert!(status_line(&mut ui).contains("live · 7 new (G)"), "{}", status_line(&mut ui));
    press(&mut ui, "G");
    assert_eq!((ui.model.current(), ui.model.unseen()), (Some(56), 0));
    come(&mut ui, 58..=58);
    assert_eq!(ui.model.current(), Some(57));
    // Paused at the end it stays there too.
    press(&mut ui, "F");
    come(&mut ui, 59..=61);
    assert_eq!((ui.model.current(), ui.model.unseen()), (Some(57), 3));
    press(&mut ui, "j");
    assert!(status_line(&mut ui).contains("paused (F) · 3 new (G)"), "{}", status_line(&mut ui));
    press(&mut ui, "F");
    come(&mut ui, 62..=62);
    assert_eq!((ui.model.current(), ui.model.unseen()), (Some(61), 0));
}

#[test]
fn what_a_live_capture_lost_is_on_the_screen() {
    let mut ui = live(3);
    let tally = crate::capture::Tally { received: 4000, dropped: 1200, unseen: 34, saved: 3990, unsaved: 0 };
    let progress = super::msg::Progress { frames: 3, live: Some(tally), ..Default::default() };
    let _ = update(&mut ui.model, Msg::Progress(progress));
    let line = status_line(&mut ui);
    assert!(line.contains("! 1,234 lost") && line.contains("saving") && line.contains("3 of 4,000 frames"), "{line}");
    let tally = crate::capture::Tally { unsaved: 10, ..tally };
    let _ = update(&mut ui.model, Msg::Progress(super::msg::Progress { live: Some(tally), ..progress }));
    // What the loader says in between does not hide it.
    let _ = update(&mut ui.model, Msg::Progress(super::msg::Progress { frames: 5, ..Default::default() }));
    assert!(status_line(&mut ui).contains("! 10 not saved"), "{}", status_line(&mut ui));
}

#[test]
fn old_packets_leave_a_full_list_and_are_still_counted() {
    let mut ui = live(30_000);
    press(&mut ui, "Home");
    ui.model.selected = 20_000;
    let (current, line) = (ui.model.current(), ui.model.current_line().map(|line| line.number));
    let _ = update(&mut ui.model, Msg::Forget(10_000));
    let gone = ui.model.store.gone();
    assert!(gone > 8000 && gone <= 10_000, "{gone}");
    assert_eq!((ui.model.shown_len(), ui.model.packet_at(0)), (30_000 - gone as usize, Some(gone)));
    assert_eq!((ui.model.current(), ui.model.current_line().map(|line| line.number)), (current, line));
    assert_eq!(ui.model.store.at_frame(20_001), current);
    // Only whole stretches leave: what was said to have left before is no less gone.
    assert!(ui.model.store.line(gone - 1).is_none() && ui.model.store.line(gone).is_some());
    // The selected packet leaves too: the first that is left is near.
    press(&mut ui, "Home");
    let _ = update(&mut ui.model, Msg::Forget(25_000));
    assert_eq!(ui.model.selected, 0);
    assert!(ui.model.current_line().is_some());
    let rows = ui.model.store.rows();
    let mut all = super::statistics::Statistics::of(&rows, ui.model.among_unsorted().iter());
    all.add(&rows.past);
    assert_eq!((all.packets, all.notifications, all.servers.len()), (30_000, 30_000, 3));
    assert_eq!(all.verdicts.values().sum::<usize>(), 30_000);
    assert_eq!(all.servers.iter().flat_map(|(_, by)| by.values()).sum::<usize>(), 30_000);
}

#[test]
fn a_filter_over_a_list_that_is_full_keeps_what_is_left() {
    let mut ui = live(20_000);
    let mut effects = Vec::new();
    super::work::set_filter(&mut ui.model, "dmnoti", &mut effects);
    let run = ui.model.shown.run;
    let hits = (0..20_000).step_by(2).collect();
    let _ = update(&mut ui.model, Msg::Filtered(super::msg::Filtered { run, upto: 20_000, hits }));
    let _ = update(&mut ui.model, Msg::Forget(9000));
    let gone = ui.model.store.gone();
    assert_eq!(ui.model.packet_at(0), Some(gone));
    assert_eq!(ui.model.shown_len(), (20_000 - gone as usize) / 2);
    super::work::take_filter_away(&mut ui.model, &mut effects);
    assert_eq!((ui.model.packet_at(0), ui.model.shown_len()), (Some(gone), 20_000 - gone as usize));
}

/// What printing says of every packet: frame, carrier, verdict, rule and sentence.
type PrintedRow = (u32, &'static str, Option<crate::verify::Status>, Option<&'static str>, String);

#[derive(Default)]
struct Printed(Vec<PrintedRow>);

impl crate::scan::Sink for Printed {
    fn packet(&mut self, packet: &crate::scan::Packet<'_>) -> std::ops::ControlFlow<()> {
        let row = crate::output::row::Row::new(packet);
        let what = row.summary.as_str().split_at(row.plain).0.to_owned();
        self.0.push((packet.frame.number, row.carrier, row.status, row.worst.map(|worst| worst.0.id), what));
        std::ops::ControlFlow::Continue(())
    }
}

#[test]
fn the_list_says_what_printing_says_and_shows_the_outcome_with_the_push() {
    let keys = std::fs::read_to_string(captures("keys.toml")).expect("captures/keys.toml is shipped");
    let keyring = Keyring::from_text(&keys, "test").expect("the shipped keys are good");
    let mut outcomes = 0;
    for name in [
        "thirdparty_kannel145.pcap",
        "carrier-smpp.pcapng",
        "carrier-smpp-sar.pcapng",
        "carrier-sms-concatenated.pcapng",
        "carrier-sms-um.pcapng",
        "sightings.pcapng",
    ] {
        let ui = Ui::open(name);
        let mut engine = crate::scan::Engine::new(Table::new(DISSECTORS), &keyring, Options::default());
        let mut printed = Printed::default();
        let mut input = Merged::open(&[captures(name)]);
        while let Some(frame) = input.next() {
            let _ = engine.frame(&frame, &mut printed);
        }
        let _ = engine.finish(&mut printed);
        assert_eq!(ui.model.store.len(), printed.0.len(), "{name}");
        for (at, (number, carrier, status, rule, what)) in (0u32..).zip(&printed.0) {
            let line = ui.model.store.line(at).expect("it is listed");
            let text = ui.model.store.texts.get(line.summary);
            let known = (line.number, line.carrier, line.status, line.worst.map(|worst| worst.0.id));
            assert_eq!(known, (*number, *carrier, *status, *rule), "{name} {number}");
            assert!(text.starts_with(what.as_str()), "{name} {number}: {text}, printed as {what}");
            let rest = text.split_at(what.len()).1;
            outcomes += usize::from(rest.starts_with("; Ok"));
            let opened = ui.library.open(at).expect("the packet is there");
            let shown = opened.notes.nodes().iter().filter(|note| note.field.name == "push.outcome").count();
            assert_eq!(shown, usize::from(rest.starts_with("; ")), "{name} {number}");
        }
    }
    assert!(outcomes >= 3, "{outcomes} pushes with their outcome");
}
