//! What reports count merges in any grouping and any order to the same, also where there is more than a report keeps.

use proptest::collection::vec;
use proptest::prelude::*;
use pushscope::model::Timestamp;
use pushscope::report::summary::{Damage, Example, Fingerprint, IdStats, Summary};
use pushscope::report::tally::{Capped, Merge, When};

/// One thing that happens to a summary: which part, which name, when.
type Event = (u8, u16, i64);

fn apply(summary: &mut Summary, (part, name, time): Event) {
    let (text, when) = (format!("name{name}"), Some(Timestamp::from_nanos(time)));
    let example = Example { file: text.clone(), frame: u32::from(name), time: Some(When(time)) };
    match part % 9 {
        0 => {
            summary.totals.notifications += 1;
            summary.totals.seen.add(when);
            summary.totals.statuses.add(&text);
        }
        1 => {
            let file = summary.files.entry(text).or_default();
            file.frames += 1;
            file.damage.add(Damage { offset: Some(time.unsigned_abs()), reason: "cut".to_owned() });
            file.seen.add(when);
        }
        2 => {
            if let Some(server) = summary.servers.slot(&text) {
                server.notifications += 1;
                server.seen.add(when);
                server.ages.add(time);
                server.rules.entry("N12-014".to_owned()).or_default().count += 1;
                if let Some(deviation) = server.deviations.slot("nonce-base64") {
                    *deviation += 1;
                }
            }
        }
        3 => {
            let rule = summary.rules.entry(text).or_default();
            rule.count += 1;
            rule.examples.add(example);
        }
        4 => {
            if let Some(hour) = summary.hours.slot(&text) {
                hour.pushes += 1;
            }
        }
        5 => {
            if let Some(diagnosis) = summary.diagnoses.slot("invalid") {
                diagnosis.count += 1;
                diagnosis.examples.add(example);
                // There may be sixteen of these.
                if let Some(server) = diagnosis.servers.slot(&text) {
                    *server += 1;
                }
            }
        }
        6 => {
            if let Some(id) = summary.ids.slot(&format!("{}\t1.2\t{name:04X}\t0", name % 7)) {
                let mut one =
                    IdStats { count: 1, fingerprint: Some(Fingerprint(time.unsigned_abs() % 3)), ..IdStats::default() };
                one.seen.add(when);
                id.absorb(one);
            }
        }
        7 => {
            if let Some(content) = summary.content_types.slot(&text) {
                content.pushes += 1;
            }
        }
        _ => summary.unlisted.entry(text).or_default().add(Damage { offset: None, reason: format!("{time}") }),
    }
}

fn of(events: &[Event]) -> Summary {
    let mut summary = Summary::default();
    for event in events {
        apply(&mut summary, *event);
    }
    summary
}

fn merged(parts: impl IntoIterator<Item = Summary>) -> Summary {
    parts.into_iter().fold(Summary::default(), |mut all, part| {
        all.absorb(part);
        all
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    vec((any::<u8>(), 0u16..400, -4_000_000_000_000_000_000i64..4_000_000_000_000_000_000), 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn summaries_merge_in_any_grouping_and_order(
        events in events(),
        cuts in vec(0usize..600, 0..5),
        turn in 0usize..6,
    ) {
        let whole = of(&events);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(events.len())).collect();
        cuts.extend([0, events.len()]);
        cuts.sort_unstable();
        let mut parts: Vec<Summary> = cuts.windows(2).map(|cut| of(&events[cut[0]..cut[1]])).collect();
        let in_order = merged(parts.clone());
        prop_assert_eq!(&in_order, &whole);
        let by = turn % parts.len().max(1);
        parts.rotate_left(by);
        prop_assert_eq!(&merged(parts.clone()), &whole);
        parts.reverse();
        // Right to left: a + (b + (c + …)).
        let nested = parts.into_iter().rev().fold(Summary::default(), |all, mut part| {
            part.absorb(all);
            part
        });
        prop_assert_eq!(&nested, &whole);
    }

    #[test]
    fn what_was_merged_is_the_same_after_json(events in events()) {
        let whole = of(&events);
        let json = serde_json::to_string(&whole).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let read: Summary = serde_json::from_str(&json).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read, whole);
    }

    #[test]
    fn kept_names_have_complete_counts(names in vec(0u16..60, 0..300), cut in 0usize..300) {
        let count = |names: &[u16]| {
            let mut all: Capped<u64, 8> = Capped::default();
            for name in names {
                if let Some(slot) = all.slot(&name.to_string()) {
                    *slot += 1;
                }
            }
            all
        };
        let whole = count(&names);
        let (left, right) = names.split_at(cut.min(names.len()));
        let mut parts = count(right);
        parts.absorb(count(left));
        prop_assert_eq!(&parts, &whole);
        for (name, many) in whole.sorted() {
            let truth = names.iter().filter(|one| one.to_string() == name).count() as u64;
            prop_assert_eq!(*many, truth);
        }
        let different = names.iter().collect::<std::collections::BTreeSet<_>>().len();
        prop_assert_eq!(whole.is_over(), different > 8);
    }
}
