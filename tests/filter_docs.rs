//! docs/filter.md: every example is a filter, and each selects the packets it says it does.
#![allow(clippy::expect_used, clippy::panic, reason = "a test's own functions fail loudly")]

use std::ops::ControlFlow;
use std::path::PathBuf;

use pushscope::capture::Merged;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::filter::Filter;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

fn examples() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/filter.md");
    let text = std::fs::read_to_string(path).expect("docs/filter.md");
    let section = text.split("## What a field engineer asks").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.map(|line| line.split('`').nth(1).expect("a filter").replace("\\|", "|")).collect()
}

#[test]
fn every_example_is_a_filter() {
    let examples = examples();
    assert!(examples.len() >= 25, "{examples:?}");
    for example in examples {
        if let Err(error) = Filter::new(&example) {
            panic!("{error}");
        }
    }
}

/// Counts the packets each filter selects.
struct Counts(Vec<(Filter, usize)>);

impl Sink for Counts {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        for (filter, count) in &mut self.0 {
            *count += usize::from(filter.matches(&packet.view));
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn examples_select_what_they_say() {
    let examples = examples();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures");
    let keys = std::fs::read_to_string(folder.join("keys.toml")).expect("keys");
    let keys = Keyring::parse(&keys, "keys.toml").expect("keys");
    // What must select at least one packet of each capture.
    for (capture, filters) in [
        (
            "appendix-c.pcap",
            [
                "dmnoti",
                "dmnoti.session_id == 0x1234",
                "dmnoti.session_id.text == \"1234\"",
                "ip.src == 192.0.2.0/24",
                "ip.dst == 198.51.100.1",
            ]
            .as_slice(),
        ),
        ("resync.pcap", &["dmnoti.digest.status == \"resync\"", "dmnoti.digest.status != \"valid\""]),
        ("wrong-digest.pcap", &["dmnoti.server_id == \"com.mgmtsrv.manage\" && dmnoti.digest.status == \"invalid\""]),
        (
            "duplicates.pcapng",
            &["dmnoti.duplicate_of", "dmnoti and not dmnoti.duplicate_of and not dmnoti.sighting_of"],
        ),
        ("ui-modes.pcap", &["dmnoti.ui_mode == \"user-interaction\"", "dmnoti.initiator == 1"]),
        (
            "violations-12.pcapng",
            &[
                "finding.severity == error && finding.group == \"protocol\"",
                "finding.severity >= warning",
                "finding.rule == \"N12-014\"",
                "finding.rule matches \"^N12-\"",
            ],
        ),
        ("snaplen-cut.pcapng", &["frame.cap_len < frame.len"]),
    ] {
        let mut counts = Counts(Vec::new());
        for source in filters {
            assert!(examples.iter().any(|example| example == source), "{source} is no example");
            counts.0.push((Filter::new(source).expect("a filter"), 0));
        }
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
        let mut frames = Merged::open(&[folder.join(capture)]);
        while let Some(frame) = frames.next() {
            let _ = engine.frame(&frame, &mut counts);
        }
        let _ = engine.finish(&mut counts);
        for (filter, count) in &counts.0 {
            assert!(*count > 0, "{capture}: nothing selected by {}", filter.source());
        }
    }
}
