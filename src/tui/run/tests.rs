//! The loop over a live capture, without a terminal.

use std::io::Cursor;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::Terminal as Screen;
use ratatui::backend::TestBackend;

use super::{CHUNK, Happened, Outer, Places, turn};
use crate::capture::{Frame, Input, LinkType, Live, Merged};
use crate::dissect::{DISSECTORS, Table};
use crate::model::visible_str;
use crate::scan::Options;
use crate::tui::keys::KeyMap;
use crate::tui::library::Library;
use crate::tui::loader::{Outside, load};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Progress};
use crate::tui::settings::{State, ThemeName};
use crate::tui::theme::{Terminal, Theme};
use crate::tui::update::update;
use crate::tui::{Feed, TuiOptions};
use crate::verify::Keyring;

/// So many octets the spool file of the test may take.
const SPOOL: u64 = 16 << 20;

/// A shipped capture of one push as one of so many.
fn pushes(many: usize) -> Merged {
    let one = include_bytes!("../../../captures/appendix-c.pcap");
    let (header, record) = one.split_at(24);
    let octets = [header, &record.repeat(many)].concat();
    Merged::new(vec![Input::from_reader("live", Cursor::new(octets))])
}

/// Spools frames that are not listed until only this many octets are left.
fn spool_all_but(library: &Library, left: u64) {
    let octets = vec![0; 1 << 20];
    for number in 1_000_000.. {
        let (spooled, room) = library.spooled();
        let Some(more) = room.checked_sub(spooled + left).filter(|more| *more > 0) else { return };
        let more = usize::try_from(more).map_or(octets.len(), |more| more.min(octets.len()));
        library.remember(&Frame::new(number, None, LinkType::ETHERNET, &octets[..more]));
    }
}

/// A live capture of so many packets whose spool file is all but full; how many packets are in the list after the screen heard
/// how far reading is, and how much the spool file has room for then.
fn kept_of(packets: usize, keep: Option<u32>) -> (usize, u64) {
    let table = Table::new(DISSECTORS);
    let live = Feed { title: "live".to_owned(), control: Live::control(), start: Arc::new(Mutex::new(None)), keep };
    let options = TuiOptions {
        table: table.clone(),
        scan: Options::default(),
        secrets: None,
        keys: Vec::new(),
        colors: None,
        columns: None,
        filter: None,
        no_color: true,
        theme: None,
        forget: true,
        live: Some(live),
    };
    let (sender, receiver) = channel();
    let mut outer = Outer::new(&[], options, Vec::new(), Keyring::default(), Places::default(), sender.clone());
    outer.library = Arc::new(Library::new(table, Keyring::default()).with_spool(SPOOL));
    spool_all_but(&outer.library, 2 << 20);
    let kind = Terminal { no_color: true, true_color: false, light: false, ascii: true };
    let theme = Theme::new(ThemeName::Dark, kind);
    let mut model = Model::new(visible_str("live"), State::default(), KeyMap::default(), theme);
    let told = Mutex::new(Vec::new());
    let send = |msg| {
        told.lock().expect("nothing panics while it is held").push(msg);
        true
    };
    let (stop, batch) = (AtomicBool::new(false), Arc::default());
    let outside = Outside { elapsed: &|| Duration::ZERO, send: &send, stop: &stop, total: None, batch, reached: None };
    load(&outer.library, pushes(packets), &Options::default(), None, &outside);
    for msg in told.into_inner().expect("nothing panics while it is held") {
        update(&mut model, msg);
    }
    assert_eq!(model.store.kept(), packets);
    for happened in [Happened::Loaded(0, Msg::Progress(Progress::default())), Happened::Leave] {
        sender.send(happened).expect("the receiver is there");
    }
    let mut screen = Screen::new(TestBackend::new(80, 24)).expect("a test screen");
    turn(&mut screen, &mut model, &mut outer, &receiver).expect("a test screen does not fail");
    let (spooled, room) = outer.library.spooled();
    (model.store.kept(), room - spooled)
}

#[test]
fn packets_leave_a_short_list_too_where_the_spool_is_full() {
    for keep in [None, Some(1000), Some(100_000)] {
        let (kept, room) = kept_of(CHUNK + 900, keep);
        assert_eq!(kept, 900, "--keep {keep:?}");
        assert!(room > SPOOL / 2, "--keep {keep:?}: {room} octets");
    }
    // Less than a chunk is not given back.
    assert_eq!(kept_of(CHUNK, None).0, CHUNK);
}
