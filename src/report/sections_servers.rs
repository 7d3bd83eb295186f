//! The sections of a report's page about servers.
//!
//! Must not know how a format writes them.

use std::cmp::Reverse;

use crate::catalog::catalog;
use crate::model::{Severity, Visible};

use super::document::Document;
use super::page::{Cell, Limits, Section, Tone};
use super::sections::{count, count_as, listed, name, number, section, table, times, verdicts_of, words};
use super::summary::{AGES, ServerStats, Summary};

/// Servers, the busiest first.
fn busiest(summary: &Summary) -> Vec<(&str, &ServerStats)> {
    let mut all = summary.servers.sorted();
    all.sort_by_key(|row| Reverse(row.1.notifications));
    all
}

pub(super) fn servers(document: &Document, limits: Limits) -> Option<Section> {
    let summary = &document.summary;
    let mut rows = Vec::new();
    let mut details = Vec::new();
    for (server, stats) in busiest(summary) {
        let [first, last] = times(&stats.seen);
        rows.push(vec![
            name(server),
            count(stats.notifications),
            verdicts_of(&stats.statuses),
            count_as(stats.findings.get(Severity::Error.name()), Tone::Bad),
            count_as(stats.findings.get(Severity::Warning.name()), Tone::Warn),
            count(stats.duplicates),
            count(stats.sightings),
            first,
            last,
        ]);
        let reuse = document.reuse.get(server).copied().unwrap_or_default();
        let many = |many: u64, tone| {
            let bound = if reuse.at_least { "at least " } else { "" };
            Cell { text: Visible::from_parts(format!("{bound}{}", number(many))), ..count_as(many, tone) }
        };
        details.push(vec![
            name(server),
            listed(stats.formats.iter()),
            listed(stats.versions.iter()),
            listed(stats.ui_modes.iter()),
            listed(stats.initiators.iter()),
            listed(stats.carriers.iter()),
            listed(stats.deviations.sorted().into_iter().map(|(name, many)| (name, *many))),
            listed(stats.keys.iter()),
            many(reuse.ids, Tone::Plain),
            many(reuse.again, Tone::Plain),
            many(reuse.changed, Tone::Warn),
        ]);
    }
    let heads = [
        ("Server", false),
        ("Notifications", true),
        ("Verdicts", false),
        ("Errors", true),
        ("Warnings", true),
        ("Duplicates", true),
        ("Sightings", true),
        ("First", false),
        ("Last", false),
    ];
    let more = [
        ("Server", false),
        ("Layouts", false),
        ("Versions", false),
        ("UI modes", false),
        ("Initiators", false),
        ("Carriers", false),
        ("Deviations", false),
        ("Keys", false),
        ("Ids", true),
        ("Used again", true),
        ("With other content", true),
    ];
    section("servers", "Servers", vec![table(&heads, rows, limits), table(&more, details, limits)])
}

pub(super) fn rules_of_servers(summary: &Summary, limits: Limits) -> Option<Section> {
    let mut rows = Vec::new();
    for (server, stats) in busiest(summary) {
        for (rule, used) in &stats.rules {
            let known = catalog().rule(rule);
            let severity = known.map_or("", |rule| rule.severity.name());
            let [first, last] = times(&used.seen);
            rows.push(vec![
                name(server),
                Cell { tone: Tone::of_severity(severity), ..name(rule) },
                count(used.count),
                first,
                last,
                words(known.map_or_else(Visible::default, |rule| Visible::own(rule.text))),
            ]);
        }
    }
    let heads =
        [("Server", false), ("Rule", false), ("Count", true), ("Since", false), ("Last", false), ("Finding", false)];
    section("server-rules", "Which server breaks which rule", vec![table(&heads, rows, limits)])
}

pub(super) fn ages(summary: &Summary, limits: Limits) -> Option<Section> {
    let timed = busiest(summary).into_iter().filter(|row| !row.1.ages.counts.is_empty());
    let rows = timed.map(|(server, stats)| {
        let counts = AGES.iter().map(|(_, class)| count(stats.ages.counts.get(class)));
        std::iter::once(name(server)).chain(counts).collect()
    });
    let heads: Vec<(&'static str, bool)> =
        std::iter::once(("Server", false)).chain(AGES.iter().map(|(_, class)| (*class, true))).collect();
    section("ages", "Age of 2.0 notifications when captured", vec![table(&heads, rows.collect(), limits)])
}
