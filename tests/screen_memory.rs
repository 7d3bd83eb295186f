//! What the terminal UI keeps of every listed packet: at most 200 octets of memory, whatever the packets and wherever they come from;
//! of frames that are not listed at most one.
#![cfg(feature = "tui")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::cell::RefCell;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use pushscope::capture::{Input, Merged};
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::scan::Options;
use pushscope::tui::library::Library;
use pushscope::tui::loader::{Outside, load};
use pushscope::tui::msg::Msg;
use pushscope::tui::store::Store;
use pushscope::verify::Keyring;
use support::file::{Frame, PcapForm};
use support::traffic::{Kind, generate};

/// The promise of the manual.
const PER_PACKET: u64 = 200;

/// What is kept of a capture.
struct Kept {
    octets: u64,
    packets: u64,
    frames: u64,
}

impl Kept {
    /// The same less another one: what a longer capture takes more.
    const fn beyond(&self, other: &Self) -> Self {
        Self {
            octets: self.octets.saturating_sub(other.octets),
            packets: self.packets - other.packets,
            frames: self.frames - other.frames,
        }
    }

    fn per_packet(&self) -> u64 {
        self.octets / self.packets.max(1)
    }
}

/// Loads a capture as the UI does and counts what stays.
fn kept(input: impl FnOnce() -> Merged) -> Kept {
    let keys =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/keys.toml")).expect("it is shipped");
    let store = RefCell::new(Store::default());
    let frames = RefCell::new(0);
    let library = RefCell::new(None);
    let made = allocation_counter::measure(|| {
        let keys = Keyring::from_text(&keys, "keys.toml").expect("it is right");
        let one = Arc::new(Library::new(Table::new(DISSECTORS), keys));
        let send = |msg| {
            match msg {
                Msg::Listed(all) => all.listed.iter().for_each(|listed| store.borrow_mut().push(listed)),
                Msg::Progress(progress) => *frames.borrow_mut() = progress.frames,
                _ => {}
            }
            true
        };
        let stop = AtomicBool::new(false);
        let elapsed = || Duration::ZERO;
        let (elapsed, batch) = (&elapsed, Arc::default());
        let outside = Outside { elapsed, send: &send, stop: &stop, total: None, batch, reached: None };
        load(&one, input(), &Options::default(), None, &outside);
        *library.borrow_mut() = Some(one);
    });
    let octets = u64::try_from(made.bytes_current).expect("more is allocated than freed");
    let packets = u64::try_from(store.borrow().len()).expect("small");
    Kept { octets, packets, frames: frames.into_inner() }
}

/// What is given up while it is counted would count against what is kept: the octets stay.
fn piped(octets: &Arc<[u8]>) -> impl FnOnce() -> Merged {
    let octets = Arc::clone(octets);
    move || Merged::new(vec![Input::from_reader("a pipe", Cursor::new(octets))])
}

fn pushes(size: u64) -> Arc<[u8]> {
    let mut octets = Vec::new();
    generate(Kind::Pushes, size, 1, false, &mut octets);
    octets.into()
}

#[test]
fn a_listed_packet_takes_at_most_200_octets_from_a_file_and_from_a_pipe() {
    let octets = pushes(4 << 20);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pushes.pcap");
    std::fs::write(&path, &octets).expect("a file");
    for (what, kept) in [("a file", kept(|| Merged::open(&[path]))), ("a pipe", kept(piped(&octets)))] {
        assert!(kept.packets > 30_000, "{} packets", kept.packets);
        println!("{} packets from {what}: {} octets each", kept.packets, kept.per_packet());
        assert!(kept.per_packet() <= PER_PACKET, "{what}: {} octets each", kept.per_packet());
    }
}

#[test]
fn a_duplicate_takes_no_more() {
    // The first frame of a capture of ours, every second.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/appendix-c.pcap");
    let mut source = Merged::open(&[path]);
    let frame = source.next().expect("it has a frame");
    let (link, data) = (frame.link.0, frame.data.to_vec());
    let frames: Vec<Frame> = (0..30_000u64).map(|n| Frame::new(n * 1_000_000_000, data.clone())).collect();
    let kept = kept(piped(&PcapForm::new(link).file(&frames).into()));
    assert_eq!(kept.packets, 30_000);
    println!("duplicates: {} octets each", kept.per_packet());
    assert!(kept.per_packet() <= PER_PACKET, "{} octets each", kept.per_packet());
}

#[test]
fn a_frame_that_is_not_listed_takes_at_most_one_octet() {
    let traffic = |size| {
        let mut octets = Vec::new();
        generate(Kind::Plain, size, 1, false, &mut octets);
        kept(piped(&octets.into()))
    };
    let more = traffic(40 << 20).beyond(&traffic(8 << 20));
    let (unlisted, listed) = (more.frames - more.packets, more.packets * PER_PACKET);
    println!("{unlisted} frames that are not listed, {} that are: {} octets", more.packets, more.octets);
    assert!(more.octets <= unlisted + listed, "{} octets for {unlisted} frames and {listed} for others", more.octets);
}
