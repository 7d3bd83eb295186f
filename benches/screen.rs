//! How long the terminal UI takes: a key on a million listed packets, drawing, ordering, searching, counting; and with a capture
//! what is listed when, and how much memory a packet takes.
//!
//! `cargo bench --bench screen [-- CAPTURE [FILTER]]`. A key and the drawing after it should take less than 16 ms; what works beside the
//! keys says when its first rows are there and when all are.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measuring tool: it talks, and stops at the first error"
)]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use pushscope::capture::Merged;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::model::{Severity, Timestamp, visible};
use pushscope::scan::Options;
use pushscope::tui::key::{Code, Key};
use pushscope::tui::keys::KeyMap;
use pushscope::tui::library::Library;
use pushscope::tui::loader::{Batch, Outside, load};
use pushscope::tui::model::Model;
use pushscope::tui::msg::{Effect, Ended, Msg};
use pushscope::tui::settings::{State, ThemeName};
use pushscope::tui::store::Listed;
use pushscope::tui::theme::{Terminal as Kind, Theme};
use pushscope::tui::update::update;
use pushscope::tui::view::view;
use pushscope::tui::worker::{Job, work};
use pushscope::verify::{Keyring, Status};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const PACKETS: u32 = 1_000_000;

fn main() {
    let theme = Theme::new(ThemeName::Dark, Kind { true_color: true, ..Kind::default() });
    let mut model = Model::new(visible(b"bench.pcap"), State::default(), KeyMap::default(), theme);
    let rule = pushscope::catalog::catalog().rules().next().expect("there are rules");
    let began = Instant::now();
    for start in (0..PACKETS).step_by(2048) {
        let batch = (start..PACKETS.min(start + 2048)).map(|number| Listed {
            number: number + 1,
            time: Some(Timestamp::from_secs(i64::from(number), 0)),
            source: visible(b"192.0.2.1"),
            destination: visible(format!("198.51.100.{}", number % 251).as_bytes()),
            server: visible(format!("server{}.example", number % 1000).as_bytes()),
            id: u16::try_from(number % 65_000).ok(),
            status: Some(if number % 7 == 0 { Status::Invalid } else { Status::Valid }),
            push: true,
            findings: vec![(rule, Severity::Note, false)],
            summary: visible(format!("Package #0 1.2, {}", number % 40).as_bytes()),
            ..Listed::default()
        });
        update(&mut model, Msg::Listed(Batch { listed: batch.collect(), changed: Vec::new() }));
    }
    update(&mut model, Msg::Loaded(Ended::default()));
    println!(
        "listing {PACKETS} packets: {:?}, {} octets each",
        began.elapsed(),
        model.store.octets() / PACKETS as usize
    );
    let library = Arc::new(Library::new(Table::new(DISSECTORS), Keyring::default()));
    let mut screen = Terminal::new(TestBackend::new(200, 60)).expect("a test screen");
    update(&mut model, Msg::Resize(200, 60));
    timed("next row and drawing", &mut model, &mut screen, &[Code::Down], 1000);
    timed("page and drawing", &mut model, &mut screen, &[Code::PageDown], 1000);
    timed("end and start", &mut model, &mut screen, &[Code::Char('G'), Code::Char('g'), Code::Char('g')], 200);
    timed("findings", &mut model, &mut screen, &[Code::Char('e'), Code::Char('q')], 20);
    for _ in 0..5 {
        beside("the next column as order", &mut model, &library, &[Code::Char('o')]);
    }
    timed("next row in that order", &mut model, &mut screen, &[Code::Down], 1000);
    beside("find in the list what is nowhere", &mut model, &library, &find("nowhere to be found"));
    beside("statistics", &mut model, &library, &[Code::Char('s')]);
    let captures = std::env::args().skip(1).filter(|word| word != "--bench").collect::<Vec<_>>();
    if let Some((capture, filter)) = captures.split_first() {
        real(capture, filter.first().map_or("udp.dstport == 2948", String::as_str));
    }
}

/// Keys that find something in the pane with the focus.
fn find(text: &str) -> Vec<Key> {
    let ctrl_f = Key::parse("Ctrl-f").expect("a key");
    let typed = text.chars().map(|c| Key::plain(Code::Char(c)));
    std::iter::once(ctrl_f).chain(typed).chain([Key::plain(Code::Enter)]).collect()
}

/// A key and the drawing after it.
fn timed(what: &str, model: &mut Model, screen: &mut Terminal<TestBackend>, keys: &[Code], times: u32) {
    let mut worst = Duration::ZERO;
    let began = Instant::now();
    for _ in 0..times {
        let one = Instant::now();
        for code in keys {
            update(model, Msg::Key(Key::plain(*code)));
        }
        screen.draw(|frame| view(model, frame)).expect("drawing does not fail");
        worst = worst.max(one.elapsed());
    }
    println!("{what}: {:?} each, {worst:?} at worst", began.elapsed() / times);
}

/// What works beside the keys: how long the key itself takes, when its first rows are there, and when all are.
fn beside(what: &str, model: &mut Model, library: &Arc<Library>, keys: &[impl Copy + Into<Pressed>]) {
    let began = Instant::now();
    let mut effects = Vec::new();
    for key in keys {
        let Pressed(key) = (*key).into();
        effects.extend(update(model, Msg::Key(key)));
    }
    let key = began.elapsed();
    for job in effects.into_iter().filter_map(|effect| if let Effect::Work(job) = effect { Some(job) } else { None }) {
        done(what, key, model, library, job);
    }
}

/// Does a job and says when its answers came, and how long the screen was busy with the longest of them.
fn done(what: &str, key: Duration, model: &mut Model, library: &Arc<Library>, job: Job) {
    let began = Instant::now();
    let (first, busy, model) = (RefCell::new(None), RefCell::new(Duration::ZERO), RefCell::new(model));
    work(library, job, &AtomicU64::new(0), 0, &|msg| {
        let rows = match &msg {
            Msg::Sorted(sorted) => sorted.order.is_some(),
            Msg::Filtered(part) => !part.hits.is_empty(),
            _ => true,
        };
        if rows {
            first.borrow_mut().get_or_insert_with(|| began.elapsed());
        }
        let one = Instant::now();
        update(&mut model.borrow_mut(), msg);
        let mut busy = busy.borrow_mut();
        *busy = one.elapsed().max(*busy);
        true
    });
    let first = first.into_inner().map_or_else(|| "none".to_owned(), |at| format!("{at:?}"));
    let busy = busy.into_inner();
    println!("{what}: key {key:?}; first answer {first}, all {:?}; longest answer {busy:?}", began.elapsed());
}

/// A key, however it is written.
struct Pressed(Key);

impl From<Code> for Pressed {
    fn from(code: Code) -> Self {
        Self(Key::plain(code))
    }
}

impl From<Key> for Pressed {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

/// Memory the process takes, in octets, where the system tells.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// A capture as the UI loads it, with the keys shipped.
fn real(capture: &str, filter: &str) {
    let keys =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/keys.toml")).expect("it is shipped");
    let keys = Keyring::from_text(&keys, "keys.toml").expect("it is right");
    let library = Arc::new(Library::new(Table::new(DISSECTORS), keys));
    let theme = Theme::new(ThemeName::Dark, Kind { true_color: true, ..Kind::default() });
    let model = Model::new(visible(b"capture"), State::default(), KeyMap::default(), theme);
    let (model, first) = (RefCell::new(model), RefCell::new(None));
    let before = resident();
    let began = Instant::now();
    let send = |msg| {
        if matches!(msg, Msg::Listed(_)) {
            first.borrow_mut().get_or_insert_with(|| began.elapsed());
        }
        update(&mut model.borrow_mut(), msg);
        true
    };
    let stop = AtomicBool::new(false);
    let outside = Outside {
        elapsed: &|| began.elapsed(),
        send: &send,
        stop: &stop,
        total: None,
        batch: Arc::default(),
        reached: None,
    };
    load(&library, Merged::open(&[capture]), &Options::default(), None, &outside);
    let mut model = model.into_inner();
    let (packets, frames) = (model.store.len().max(1) as u64, model.load.progress.frames);
    println!(
        "{capture}: first rows after {:?}, {packets} packets of {frames} frames listed after {:?}; {} octets each by our count, {} by the system's",
        first.into_inner(),
        began.elapsed(),
        (model.store.octets() + library.octets()) as u64 / packets,
        resident().saturating_sub(before) / packets,
    );
    let began = Instant::now();
    let some = 200u32.min(u32::try_from(packets).unwrap_or(u32::MAX));
    let worst = (0..some).map(|at| {
        let one = Instant::now();
        library.open(at).map(|_| one.elapsed()).unwrap_or_default()
    });
    let worst = worst.max().unwrap_or_default();
    println!("opening a packet: {:?} each, {worst:?} at worst", began.elapsed() / some.max(1));
    let mut keys = vec![Key::plain(Code::Char('/'))];
    keys.extend(filter.chars().map(|c| Key::plain(Code::Char(c))));
    keys.push(Key::plain(Code::Enter));
    beside(&format!("filter {filter}"), &mut model, &library, &keys);
    let to = u32::try_from(packets).unwrap_or(u32::MAX);
    done("all digests anew", Duration::ZERO, &mut model, &library, Job::Judge { to, first: (0..50).collect() });
}
