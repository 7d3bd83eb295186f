//! Every shipped capture says in its comments what must be found in it; this holds the analyzer to it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

/// What was found in a frame.
#[derive(Default, Debug)]
struct Found {
    rules: Vec<&'static str>,
    statuses: Vec<&'static str>,
}

#[derive(Default)]
struct Collector(BTreeMap<u32, Found>);

impl Sink for Collector {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let found = self.0.entry(packet.frame.number).or_default();
        found.rules.extend(packet.view.findings().map(|f| f.rule.id));
        found.statuses.extend(packet.verdicts.iter().map(|v| v.status.name()));
        ControlFlow::Continue(())
    }
}

/// Expected rules and status of a comment: `expect: N12-007 N12-022; status: valid`.
fn expectation(comment: &str) -> (Vec<String>, Option<String>) {
    let (mut rules, mut status) = (Vec::new(), None);
    for part in comment.split(';').map(str::trim) {
        if let Some(list) = part.strip_prefix("expect:") {
            rules.extend(list.split_whitespace().map(str::to_owned));
        } else if let Some(text) = part.strip_prefix("status:") {
            status = Some(text.trim().to_owned());
        }
    }
    (rules, status)
}

#[test]
fn shipped_captures_show_what_their_comments_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let keys = Keyring::parse(&std::fs::read_to_string(root.join("keys.toml")).unwrap(), "keys.toml")
        .unwrap_or_else(|error| panic!("{error}"));
    let mut paths: Vec<_> = std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "pcapng"));
    paths.sort();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut input = Input::open(&path).unwrap_or_else(|problem| panic!("{problem}"));
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, Options::default());
        let mut collector = Collector::default();
        let mut expected = Vec::new();
        while let Some(frame) = input.next() {
            let first = frame.comments().next().map(|c| String::from_utf8_lossy(c).into_owned()).unwrap_or_default();
            expected.push((frame.number, first));
            assert!(engine.frame(&frame, &mut collector).is_continue());
        }
        assert!(engine.finish(&mut collector).is_continue());
        let nothing = Found::default();
        for (number, comment) in expected {
            let (rules, status) = expectation(&comment);
            if rules.is_empty() && status.is_none() {
                continue;
            }
            checked += 1;
            let found = collector.0.get(&number).unwrap_or(&nothing);
            let missing: Vec<&String> = rules.iter().filter(|rule| !found.rules.contains(&rule.as_str())).collect();
            let status_wrong = status.as_ref().is_some_and(|status| !found.statuses.contains(&status.as_str()));
            if !missing.is_empty() || status_wrong {
                wrong.push(format!("{name} frame {number}: expected `{comment}`, found {found:?}"));
            }
        }
    }
    assert!(checked > 100, "only {checked} expectations were found");
    assert!(wrong.is_empty(), "{} of {checked} expectations fail:\n{}", wrong.len(), wrong.join("\n"));
}
