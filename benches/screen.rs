//! How long the terminal UI takes: a key on a million listed packets, drawing, sorting, counting.
//!
//! `cargo bench --bench screen`. A key and the drawing after it should take less than 16 ms.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measuring tool: it talks, and stops at the first error"
)]

use std::time::{Duration, Instant};

use pushscope::model::{Severity, Timestamp, visible};
use pushscope::tui::key::{Code, Key};
use pushscope::tui::keys::KeyMap;
use pushscope::tui::loader::Batch;
use pushscope::tui::model::Model;
use pushscope::tui::msg::{Ended, Msg};
use pushscope::tui::settings::{State, ThemeName};
use pushscope::tui::store::Listed;
use pushscope::tui::theme::{Terminal as Kind, Theme};
use pushscope::tui::update::update;
use pushscope::tui::view::view;
use pushscope::verify::Status;
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
    println!("listing {PACKETS} packets: {:?}", began.elapsed());
    let mut screen = Terminal::new(TestBackend::new(200, 60)).expect("a test screen");
    update(&mut model, Msg::Resize(200, 60));
    let mut press = |what: &str, keys: &[Code], times: u32| {
        let mut worst = Duration::ZERO;
        let began = Instant::now();
        for _ in 0..times {
            let one = Instant::now();
            for code in keys {
                update(&mut model, Msg::Key(Key::plain(*code)));
            }
            screen.draw(|frame| view(&model, frame)).expect("drawing does not fail");
            worst = worst.max(one.elapsed());
        }
        println!("{what}: {:?} each, {worst:?} at worst", began.elapsed() / times);
    };
    press("next row and drawing", &[Code::Down], 1000);
    press("page and drawing", &[Code::PageDown], 1000);
    press("end and start", &[Code::Char('G'), Code::Char('g'), Code::Char('g')], 200);
    press("statistics", &[Code::Char('s'), Code::Char('q')], 3);
    press("findings", &[Code::Char('e'), Code::Char('q')], 20);
    press("sorting by the next column", &[Code::Char('o')], 4);
    press("next row in that order", &[Code::Down], 1000);
}
