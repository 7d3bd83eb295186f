//! The sections of a report's page, made from what was counted.
//!
//! Must not know how a format writes them.

use crate::catalog::catalog;
use crate::model::{Severity, Visible, visible_str};
use crate::output::number::push_decimal;
use crate::verify::{DEVIATIONS, Status};

use super::document::Document;
use super::page::{Bar, Bars, Cell, Figure, Limits, Part, Section, Table, Tone};
use super::summary::{CarrierStats, Example, HourStats, Summary};
use super::tally::{Between, Merge, Tally, When};

/// A number with its thousands apart: `12 345`, by a space that does not break.
pub(super) fn number(number: u64) -> Visible {
    let mut digits = String::new();
    push_decimal(&mut digits, number);
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    Visible::from_parts(out)
}

pub(super) fn count(many: u64) -> Cell {
    Cell { text: number(many), number: Some(many), tone: Tone::Plain }
}

/// A count that is worth a colour where it is not zero.
pub(super) fn count_as(many: u64, tone: Tone) -> Cell {
    Cell { tone: if many > 0 { tone } else { Tone::Plain }, ..count(many) }
}

pub(super) fn words(text: Visible) -> Cell {
    Cell { text, number: None, tone: Tone::Plain }
}

/// Text that came from a summary. It was made visible when it was counted, so backslashes stay as they are; what another program
/// put into a report that was read is made visible here.
pub(super) fn shown(text: &str) -> Visible {
    let mut out = String::new();
    for (at, part) in text.split('\\').enumerate() {
        if at > 0 {
            out.push('\\');
        }
        out.push_str(visible_str(part).as_str());
    }
    Visible::from_parts(out)
}

pub(super) fn name(text: &str) -> Cell {
    words(if text.is_empty() { Visible::own("(none)") } else { shown(text) })
}

/// A time to the second: `2026-01-01 12:00:00`.
pub(super) fn time(when: Option<When>) -> Cell {
    let text = when.map(When::text).unwrap_or_default();
    let mut shown = text.replace('T', " ");
    shown.truncate(19);
    let sort = when.map(|when| when.0.cast_unsigned() ^ (1 << 63));
    Cell {
        text: Visible::from_parts(if shown.is_empty() { "-".to_owned() } else { shown }),
        number: sort,
        tone: Tone::Plain,
    }
}

pub(super) fn times(seen: &Between) -> [Cell; 2] {
    [time(seen.first), time(seen.last)]
}

/// `valid 12, invalid 3`: the verdicts that occurred, in their order.
pub(super) fn verdicts_of(statuses: &Tally) -> Cell {
    let mut text = String::new();
    let mut worst = Tone::Plain;
    for status in Status::ALL {
        let many = statuses.get(status.name());
        if many == 0 {
            continue;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(status.name());
        text.push(' ');
        text.push_str(number(many).as_str());
        if matches!(Tone::of(status), Tone::Bad) || worst == Tone::Plain {
            worst = Tone::of(status);
        }
    }
    Cell { text: Visible::from_parts(text), number: None, tone: worst }
}

/// `a 3, b`: names with counts above one.
pub(super) fn listed<'n>(names: impl Iterator<Item = (&'n str, u64)>) -> Cell {
    let mut text = String::new();
    for (name, many) in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(shown(name).as_str());
        if many > 1 {
            text.push(' ');
            text.push_str(number(many).as_str());
        }
    }
    words(Visible::from_parts(text))
}

/// The rows a table has room for, and how many are left out.
pub(super) fn table(heads: &[(&'static str, bool)], mut rows: Vec<Vec<Cell>>, limits: Limits) -> Part {
    let left_out = rows.len().saturating_sub(limits.rows);
    rows.truncate(limits.rows);
    Part::Table(Table { heads: heads.to_vec(), rows, left_out })
}

pub(super) fn section(id: &'static str, title: &'static str, parts: Vec<Part>) -> Option<Section> {
    let empty = parts.iter().all(|part| match part {
        Part::Text(text) => text.as_str().is_empty(),
        Part::Table(table) => table.rows.is_empty(),
        Part::Bars(bars) => bars.bars.is_empty(),
    });
    (!empty).then_some(Section { id, title, parts })
}

/// Octets for people: `2.0 GiB`.
fn octets(many: u64) -> Visible {
    const UNITS: [&str; 5] = ["octets", "KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (many.saturating_mul(10), 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    Visible::from_parts(if unit == 0 {
        format!("{many} {name}")
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    })
}

fn plural(many: u64, one: &str, more: &str) -> String {
    format!("{} {}", number(many), if many == 1 { one } else { more })
}

pub(super) fn figures(summary: &Summary) -> Vec<Figure> {
    let totals = &summary.totals;
    let wrong: u64 = ["invalid", "malformed"].iter().map(|name| totals.statuses.get(name)).sum();
    let errors = totals.findings.get(Severity::Error.name());
    let warnings = totals.findings.get(Severity::Warning.name());
    let figure = |label, value, note: String, tone| Figure { label, value, note: Visible::from_parts(note), tone };
    vec![
        figure("Captures", number(totals.files), captures_note(totals.octets, totals.skipped), Tone::Plain),
        figure("Frames", number(totals.frames), String::new(), Tone::Plain),
        figure("Pushes", number(totals.pushes), String::new(), Tone::Plain),
        figure(
            "Notifications",
            number(totals.notifications),
            format!(
                "{}, {}",
                plural(totals.duplicates, "duplicate", "duplicates"),
                plural(totals.sightings, "other sighting", "other sightings")
            ),
            Tone::Plain,
        ),
        figure(
            "Valid digests",
            number(totals.statuses.get("valid")),
            share(totals.statuses.get("valid"), totals.notifications),
            Tone::Good,
        ),
        figure("Wrong digests", number(wrong), share(wrong, totals.notifications), tone_if(wrong, Tone::Bad)),
        figure("Errors", number(errors), plural(warnings, "warning", "warnings"), tone_if(errors, Tone::Bad)),
        figure("Damaged captures", number(totals.damaged), String::new(), tone_if(totals.damaged, Tone::Bad)),
    ]
}

/// How large captures are, and how many files in folders and archives were none.
fn captures_note(size: u64, skipped: u64) -> String {
    let mut note = octets(size).into_string();
    if skipped > 0 {
        note.push_str(", ");
        note.push_str(&plural(skipped, "other file", "other files"));
        note.push_str(" passed over");
    }
    note
}

const fn tone_if(many: u64, tone: Tone) -> Tone {
    if many > 0 { tone } else { Tone::Plain }
}

/// `12.5 %`.
fn share(part: u64, whole: u64) -> String {
    match part.saturating_mul(1000).checked_div(whole) {
        // Not everything is everything, and something is not nothing.
        Some(1000) if part < whole => "99.9 %".to_owned(),
        Some(0) if part > 0 => "under 0.1 %".to_owned(),
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => String::new(),
    }
}

pub(super) fn notices(document: &Document) -> Vec<Visible> {
    let summary = &document.summary;
    let mut all = Vec::new();
    if document.made.partial {
        all.push(Visible::own("Reading was interrupted: this report is partial."));
    }
    if summary.totals.damaged > 0 || !summary.unlisted.is_empty() {
        let many = summary.totals.damaged + summary.unlisted.len() as u64;
        all.push(Visible::from_parts(format!(
            "{} could not be read whole: see \"Damaged captures\".",
            plural(many, "capture or folder", "captures or folders")
        )));
    }
    for (over, what) in [
        (summary.servers.is_over(), "servers"),
        (summary.content_types.is_over(), "content types"),
        (summary.diagnoses.is_over(), "diagnoses"),
        (summary.hours.is_over(), "hours"),
    ] {
        if over {
            all.push(Visible::from_parts(format!(
                "There were more {what} than a report keeps: some are only in the sums."
            )));
        }
    }
    all
}

pub(super) fn verdicts(summary: &Summary) -> Option<Section> {
    let totals = &summary.totals;
    let mut rows = Vec::new();
    let mut bars = Bars { title: "Notifications by verdict", ..Bars::default() };
    let occurred: Vec<Status> =
        Status::ALL.into_iter().filter(|status| totals.statuses.get(status.name()) > 0).collect();
    for (at, status) in occurred.iter().enumerate() {
        let many = totals.statuses.get(status.name());
        rows.push(vec![
            Cell {
                tone: Tone::of(*status),
                ..words(Visible::from_parts(format!("{} {}", status.mark(), status.name())))
            },
            count(many),
            words(Visible::from_parts(share(many, totals.notifications))),
            words(Visible::own(status.about())),
        ]);
        let parts = (0..occurred.len()).map(|part| if part == at { many } else { 0 }).collect();
        bars.legend.push((Visible::own(status.name()), Tone::of(*status)));
        bars.bars.push(Bar { label: Visible::own(status.name()), parts, total: many });
    }
    let heads = [("Verdict", false), ("Count", true), ("Share", true), ("Meaning", false)];
    let limits = Limits { rows: usize::MAX, bars: usize::MAX };
    section("verdicts", "Verdicts on digests", vec![Part::Bars(bars), table(&heads, rows, limits)])
}

/// What a bar over time tells apart: as much as colours and fillings can.
const GROUPS: [(&str, Tone, &[&str]); 5] = [
    ("valid", Tone::Good, &["valid"]),
    ("resync", Tone::Calm, &["resync"]),
    ("deviant", Tone::Warn, &["deviant"]),
    ("invalid or malformed", Tone::Bad, &["invalid", "malformed"]),
    ("unsigned, unchecked or incomplete", Tone::Faint, &["unsigned", "unchecked", "incomplete"]),
];

/// Number of an hour, day, month or year, by its start: those that follow each other differ by one.
fn ordinal(start: &str) -> Option<i64> {
    let hours = |text: String| text.parse::<jiff::Timestamp>().ok().map(|time| time.as_second().div_euclid(3600));
    match start.len() {
        13 => hours(format!("{start}:00:00Z")),
        10 => hours(format!("{start}T00:00:00Z")).map(|hours| hours / 24),
        7 => {
            let (year, month) = start.split_once('-')?;
            Some(year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()?)
        }
        _ => start.parse().ok(),
    }
}

pub(super) fn timeline(summary: &Summary, limits: Limits) -> Option<Section> {
    // Lengths of the names of years, months, days, hours: the finest of which there are not too many.
    let mut chosen: Vec<(String, HourStats)> = Vec::new();
    let mut unit = "";
    for (length, name) in [(13, "hour"), (10, "day"), (7, "month"), (4, "year")] {
        chosen.clear();
        for (hour, stats) in summary.hours.sorted() {
            let start = hour.get(..length).unwrap_or(hour);
            match chosen.last_mut() {
                Some((before, sum)) if before == start => sum.absorb(stats.clone()),
                _ => chosen.push((start.to_owned(), stats.clone())),
            }
        }
        unit = name;
        if chosen.len() <= limits.bars {
            break;
        }
    }
    let bar = |start: &str, stats: &HourStats| {
        let group = |names: &[&str]| names.iter().map(|name| stats.statuses.get(name)).sum::<u64>();
        let parts: Vec<u64> = GROUPS.iter().map(|(_, _, names)| group(names)).collect();
        let others = stats.pushes.saturating_sub(stats.notifications);
        let total = parts.iter().sum::<u64>() + others;
        Bar { label: shown(&start.replace('T', " ")), parts: parts.into_iter().chain([others]).collect(), total }
    };
    let left_out = chosen.len().saturating_sub(limits.bars);
    let mut bars: Vec<Bar> = Vec::new();
    let mut before: Option<i64> = None;
    for (start, stats) in chosen.iter().skip(left_out) {
        let at = ordinal(start);
        if let (Some(before), Some(at)) = (before, at)
            && at > before + 1
        {
            let missing = (at - before - 1).unsigned_abs();
            let text = format!("… {} without", plural(missing, unit, &format!("{unit}s")));
            bars.push(Bar { label: Visible::from_parts(text), parts: Vec::new(), total: 0 });
        }
        before = at;
        bars.push(bar(start, stats));
    }
    let legend = GROUPS.iter().map(|(name, tone, _)| (Visible::own(name), *tone));
    let legend = legend.chain([(Visible::own("other pushes"), Tone::Plain)]).collect();
    let title = match unit {
        "hour" => "Pushes per hour (UTC)",
        "day" => "Pushes per day (UTC)",
        "month" => "Pushes per month (UTC)",
        _ => "Pushes per year (UTC)",
    };
    section("timeline", "Timeline", vec![Part::Bars(Bars { title, legend, bars, over_time: true })])
}

/// `x.pcap 12`: a capture and the frame in it.
fn examples<'e>(all: impl Iterator<Item = &'e Example>) -> Cell {
    let mut text = String::new();
    for example in all.take(3) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(shown(&example.file).as_str());
        text.push_str(" frame ");
        push_decimal(&mut text, example.frame.into());
    }
    words(Visible::from_parts(text))
}

pub(super) fn diagnoses(summary: &Summary, limits: Limits) -> Option<Section> {
    let mut all = summary.diagnoses.sorted();
    all.sort_by_key(|row| std::cmp::Reverse(row.1.count));
    let rows = all.into_iter().map(|(diagnosis, stats)| {
        let status = Status::ALL.into_iter().find(|status| status.name() == diagnosis);
        let tone = status.map_or(Tone::Warn, Tone::of);
        let [first, last] = times(&stats.seen);
        vec![
            Cell { tone, ..name(diagnosis) },
            count(stats.count),
            listed(
                stats
                    .servers
                    .sorted()
                    .into_iter()
                    .map(|(server, many)| (if server.is_empty() { "(none)" } else { server }, *many)),
            ),
            first,
            last,
            words(status.map_or_else(|| deviation(diagnosis), |status| Visible::own(status.about()))),
            examples(stats.examples.iter()),
        ]
    });
    let heads = [
        ("Diagnosis", false),
        ("Count", true),
        ("Servers", false),
        ("First", false),
        ("Last", false),
        ("Meaning", false),
        ("Examples", false),
    ];
    section("digests", "Digests that are not valid, by diagnosis", vec![table(&heads, rows.collect(), limits)])
}

/// What deviations joined by `+` mean.
fn deviation(names: &str) -> Visible {
    let mut text = String::new();
    for one in names.split('+') {
        let bare = one.split(':').next().unwrap_or(one);
        if let Some(row) = DEVIATIONS.iter().find(|row| row.name == bare) {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(row.rule.text);
        }
    }
    Visible::from_parts(text)
}

pub(super) fn rules(summary: &Summary, limits: Limits) -> Option<Section> {
    let mut all: Vec<_> = summary.rules.iter().collect();
    let rank = |stats: &super::summary::RuleStats| {
        Severity::ALL.iter().rev().position(|severity| stats.severities.get(severity.name()) > 0).unwrap_or(usize::MAX)
    };
    all.sort_by_key(|(_, stats)| (rank(stats), std::cmp::Reverse(stats.count)));
    let rows = all.into_iter().map(|(id, stats)| {
        let worst = Severity::ALL.iter().rev().find(|severity| stats.severities.get(severity.name()) > 0);
        let worst = worst.map_or("", |severity| severity.name());
        let [first, last] = times(&stats.seen);
        vec![
            name(id),
            Cell { tone: Tone::of_severity(worst), ..words(Visible::own(worst)) },
            count(stats.count),
            first,
            last,
            words(catalog().rule(id).map_or_else(Visible::default, |rule| Visible::own(rule.text))),
            examples(stats.examples.iter()),
        ]
    });
    let heads = [
        ("Rule", false),
        ("Severity", false),
        ("Count", true),
        ("First", false),
        ("Last", false),
        ("Finding", false),
        ("Examples", false),
    ];
    section("rules", "Rules that were broken", vec![table(&heads, rows.collect(), limits)])
}

pub(super) fn carriers(summary: &Summary, limits: Limits) -> Option<Section> {
    let rows = |all: Vec<(&str, &CarrierStats)>| {
        let mut all = all;
        all.sort_by_key(|row| std::cmp::Reverse((row.1.pushes, row.1.notifications)));
        all.into_iter()
            .map(|(carrier, stats)| {
                vec![name(carrier), count(stats.pushes), count(stats.notifications), verdicts_of(&stats.statuses)]
            })
            .collect()
    };
    let heads = |first| [(first, false), ("Pushes", true), ("Notifications", true), ("Verdicts", false)];
    section(
        "carriers",
        "Carriers and content types",
        vec![
            table(&heads("Carrier"), rows(summary.carriers.sorted()), limits),
            table(&heads("Content type"), rows(summary.content_types.sorted()), limits),
        ],
    )
}

pub(super) fn damaged(summary: &Summary, limits: Limits) -> Option<Section> {
    let of_files = summary.files.iter().map(|(file, stats)| (file, &stats.damage));
    let mut rows = Vec::new();
    for (file, damage) in of_files.chain(summary.unlisted.iter()) {
        for one in damage.iter() {
            let offset = one.offset.map_or_else(|| words(Visible::own("-")), count);
            rows.push(vec![Cell { tone: Tone::Bad, ..name(file) }, offset, words(shown(&one.reason))]);
        }
    }
    let heads = [("Capture", false), ("Octet", true), ("Reason", false)];
    section("damaged", "Damaged captures", vec![table(&heads, rows, limits)])
}

pub(super) fn files(summary: &Summary, limits: Limits) -> Option<Section> {
    let rows = summary.files.iter().map(|(file, stats)| {
        let [first, last] = times(&stats.seen);
        let marks = match (stats.unfinished, stats.damage.is_empty()) {
            (true, _) => " (not read whole)",
            (_, false) => " (damaged)",
            _ => "",
        };
        vec![
            Cell {
                tone: if marks.is_empty() { Tone::Plain } else { Tone::Bad },
                ..words(shown(file) + &Visible::own(marks))
            },
            count(stats.frames),
            count(stats.packets),
            count(stats.notifications),
            verdicts_of(&stats.statuses),
            count_as(stats.findings.get("error"), Tone::Bad),
            count_as(stats.findings.get("warning"), Tone::Warn),
            first,
            last,
        ]
    });
    let heads = [
        ("Capture", false),
        ("Frames", true),
        ("Packets", true),
        ("Notifications", true),
        ("Verdicts", false),
        ("Errors", true),
        ("Warnings", true),
        ("First", false),
        ("Last", false),
    ];
    section("captures", "Captures", vec![table(&heads, rows.collect(), limits)])
}

pub(super) fn since_last(document: &Document, limits: Limits) -> Option<Section> {
    let since = document.since_last.as_ref()?;
    if since.first {
        let text = "There is no earlier report made the same way: everything was read, and all of it is new.";
        return section("new", "Since the last report", vec![Part::Text(Visible::own(text))]);
    }
    let mut rows = Vec::new();
    for (what, many) in [
        ("New captures", since.new),
        ("Changed captures", since.changed),
        ("Unchanged captures, not read again", since.unchanged),
        ("Captures that are gone", since.gone),
        ("Notifications in what was read", since.notifications),
    ] {
        rows.push(vec![words(Visible::own(what)), count(many)]);
    }
    let mut add = |what, cell: Cell| {
        if !cell.text.as_str().is_empty() {
            rows.push(vec![words(Visible::own(what)), cell]);
        }
    };
    add("Verdicts in what was read", verdicts_of(&since.statuses));
    let once = |names: &std::collections::BTreeSet<String>| listed(names.iter().map(|name| (name.as_str(), 1)));
    add("Servers seen for the first time", once(&since.servers));
    add("Rules broken for the first time", once(&since.rules));
    section("new", "Since the last report", vec![table(&[("What", false), ("How many", true)], rows, limits)])
}

pub(super) fn timings(document: &Document) -> Option<Section> {
    let timings = document.timings.as_ref()?;
    let mut rows =
        vec![vec![words(Visible::own("all")), words(Visible::from_parts(format!("{:.3} s", timings.seconds)))]];
    for (file, seconds) in &timings.slowest {
        rows.push(vec![name(file), words(Visible::from_parts(format!("{seconds:.3} s")))]);
    }
    let limits = Limits { rows: usize::MAX, bars: 0 };
    section("timings", "How long it took", vec![table(&[("Capture", false), ("Time", true)], rows, limits)])
}

pub(super) fn made(document: &Document) -> Option<Section> {
    let made = &document.made;
    let mut rows = Vec::new();
    for (what, all) in [("Program", &made.by), ("Paths", &made.paths), ("Options", &made.options), ("Keys", &made.keys)]
    {
        let mut text = String::new();
        for one in all {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(shown(one).as_str());
        }
        if text.is_empty() {
            text.push_str("none");
        }
        rows.push(vec![words(Visible::own(what)), words(Visible::from_parts(text))]);
    }
    let redacted = if made.redacted { "yes: names are replaced" } else { "no" };
    rows.push(vec![words(Visible::own("Redacted")), words(Visible::own(redacted))]);
    let limits = Limits { rows: usize::MAX, bars: 0 };
    section("made", "How this report was made", vec![table(&[("What", false), ("Value", false)], rows, limits)])
}

#[cfg(test)]
mod tests {
    use super::{captures_note, number, ordinal, share, shown, timeline};
    use crate::report::page::{Bars, Limits, Part};
    use crate::report::summary::Summary;

    fn bars(hours: &[&str], most: usize) -> Bars {
        let mut summary = Summary::default();
        for hour in hours {
            summary.hours.slot(hour).expect("room").pushes += 1;
        }
        let section = timeline(&summary, Limits { rows: 9, bars: most }).expect("a section");
        match section.parts.into_iter().next() {
            Some(Part::Bars(bars)) => bars,
            _ => Bars::default(),
        }
    }

    #[test]
    fn the_timeline_has_the_finest_unit_there_is_room_for_and_names_gaps() {
        let hours = ["2026-01-01T00", "2026-01-01T01", "2026-01-01T05", "2026-01-02T00"];
        let labels = |most| bars(&hours, most).bars.iter().map(|bar| bar.label.to_string()).collect::<Vec<_>>();
        assert_eq!(
            labels(4),
            [
                "2026-01-01 00",
                "2026-01-01 01",
                "… 3 hours without",
                "2026-01-01 05",
                "… 18 hours without",
                "2026-01-02 00"
            ]
        );
        assert_eq!(labels(3), ["2026-01-01", "2026-01-02"]);
        assert_eq!(bars(&hours, 3).bars.iter().map(|bar| bar.total).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(labels(1), ["2026-01"]);
        assert_eq!(ordinal("2026-01").zip(ordinal("2025-12")).map(|(a, b)| a - b), Some(1));
    }

    #[test]
    fn numbers_are_grouped_and_shares_never_round_to_all_or_nothing() {
        let all: Vec<String> = [0, 999, 1000, 1_234_567].iter().map(|n| number(*n).into_string()).collect();
        assert_eq!(all, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [share(1, 3), share(0, 5), share(9999, 10_000), share(1, 10_000)],
            ["33.3 %", "0.0 %", "99.9 %", "under 0.1 %"]
        );
        assert_eq!((share(5, 5), share(0, 0)), ("100.0 %".to_owned(), String::new()));
        assert_eq!(captures_note(3 << 30, 1), "3.0 GiB, 1 other file passed over");
    }

    #[test]
    fn text_that_was_made_visible_stays_as_it_is() {
        assert_eq!(shown("a\\u{1b}b\\\\c").as_str(), "a\\u{1b}b\\\\c");
        assert_eq!(shown("a\u{202e}b").as_str(), "a\\u{202e}b");
    }
}
