//! The statistics screen: servers and verdicts, content types, carriers, duplicates, rate over time, digest ages.
//!
//! Must not count: [`crate::tui::statistics`] does.

use std::fmt::Write;

use crate::model::Timestamp;
use crate::output::value::push_time;
use crate::tui::model::Model;
use crate::tui::statistics::{AGES, Statistics};
use crate::tui::text::{Bit, fit, grouped, made, own};
use crate::tui::texts::Sym;
use crate::tui::theme::{Role, Theme};
use crate::verify::Status;

/// The title.
pub(super) fn title(model: &Model) -> String {
    let all = model.statistics.as_ref().map_or(0, |(_, s)| s.packets);
    let filter = if model.shown.passed.is_some() { " that pass the filter" } else { "" };
    let plural = if all == 1 { "" } else { "s" };
    format!("Statistics of {} packet{plural}{filter}", grouped(all))
}

/// The lines.
pub(super) fn lines(model: &Model) -> Vec<Vec<Bit>> {
    let Some((_, all)) = &model.statistics else { return vec![vec![own("   counting", Role::Dim)]] };
    let mut out = Vec::new();
    overview(model, all, &mut out);
    heading(&mut out, "Rate over time");
    rate(model, all, &mut out);
    heading(&mut out, "Servers and verdicts");
    servers(model, all, &mut out);
    heading(&mut out, "Content types");
    let name = |(sym, count): &(Sym, usize)| (model.store.texts.get(*sym).to_owned(), *count);
    counts(model, &all.contents.iter().map(name).collect::<Vec<_>>(), &mut out);
    heading(&mut out, "Carriers");
    let carriers: Vec<_> = all.carriers.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    counts(model, &carriers, &mut out);
    if all.ages.iter().any(|n| *n > 0) {
        heading(&mut out, "Age of 2.0 digests: capture time minus sending time");
        let most = all.ages.iter().copied().max().unwrap_or(0);
        for (count, (_, name)) in all.ages.iter().zip(AGES) {
            out.push(bar_line(model, name, *count, most));
        }
    }
    out
}

fn heading(out: &mut Vec<Vec<Bit>>, text: &'static str) {
    out.push(Vec::new());
    out.push(vec![own(" ", Role::Text), own(text, Role::Heading)]);
}

fn overview(model: &Model, all: &Statistics, out: &mut Vec<Vec<Bit>>) {
    let fact =
        |name: &'static str, n: usize| vec![made(format!("   {name:<28}"), Role::Dim), made(grouped(n), Role::Text)];
    out.push(fact("packets", all.packets));
    if model.store.gone() > 0 && model.shown.passed.is_none() {
        out.push(fact("no longer in the list", model.store.gone() as usize));
    }
    out.push(fact("with a notification", all.notifications));
    out.push(fact("duplicates", all.duplicates));
    out.push(fact("seen on another leg before", all.sightings));
    let mut verdicts = vec![made(format!("   {:<28}", "digests"), Role::Dim)];
    for (status, count) in &all.verdicts {
        let text = format!("{} {} {}   ", model.theme.status_mark(*status), status.name(), grouped(*count));
        verdicts.push(made(text, Theme::verdict(*status)));
    }
    out.push(verdicts);
}

/// Heights of a bar in eighths.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Rows of the chart.
const ROWS: u64 = 4;

fn rate(model: &Model, all: &Statistics, out: &mut Vec<Vec<Bit>>) {
    let Some((first, last)) = all.time else {
        out.push(vec![own("   the capture states no times", Role::Dim)]);
        return;
    };
    if first == last {
        let mut text = String::from("   all at ");
        push_short(&mut text, first);
        out.push(vec![made(text, Role::Dim)]);
        return;
    }
    let most = all.rate.iter().copied().max().unwrap_or(0).max(1);
    for row in (0..ROWS).rev() {
        let mut line = String::from("   ");
        for count in &all.rate {
            let eighths = (count * ROWS * 8).div_ceil(most).saturating_sub(row * 8).min(8);
            let at = usize::try_from(eighths).unwrap_or(8);
            line.push_str(if model.theme.marks.ascii {
                if eighths >= 4 || (eighths > 0 && row == 0) { "#" } else { " " }
            } else {
                EIGHTHS.get(at).copied().unwrap_or(" ")
            });
        }
        let scale = if row == ROWS - 1 { format!("  {most}") } else { String::new() };
        out.push(vec![made(line, Role::Note), made(scale, Role::Dim)]);
    }
    let mut text = String::from("   ");
    push_short(&mut text, first);
    text.push_str(" to ");
    push_short(&mut text, last);
    let width = last.abs_diff(first) / u64::try_from(all.rate.len().max(1)).unwrap_or(1);
    let seconds = width / 1_000_000_000;
    let each = match seconds {
        0 => format!("{} ms", width / 1_000_000),
        1..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    };
    let _ = write!(text, ", {each} a column");
    out.push(vec![made(text, Role::Dim)]);
}

fn push_short(out: &mut String, nanos: i64) {
    let mut text = String::new();
    push_time(&mut text, Timestamp::from_nanos(nanos));
    out.push_str(&text.get(..19).unwrap_or(&text).replace('T', " "));
}

fn servers(model: &Model, all: &Statistics, out: &mut Vec<Vec<Bit>>) {
    if all.servers.is_empty() {
        out.push(vec![own("   none", Role::Dim)]);
        return;
    }
    let marks = &model.theme.marks;
    let wide = usize::from(model.size.0).saturating_sub(62).clamp(18, 48);
    let mut head = vec![made(format!("   {:<wide$} {:>7}", "server", "all"), Role::Dim)];
    let shown: Vec<Status> = Status::ALL.into_iter().filter(|s| all.verdicts.contains_key(s)).collect();
    for status in &shown {
        head.push(made(format!(" {:>10}", status.name()), Theme::verdict(*status)));
    }
    out.push(head);
    for (server, by) in &all.servers {
        let name = model.store.texts.get(*server);
        let name = if name.is_empty() { "(none)" } else { name };
        let sum: usize = by.values().sum();
        let mut line = vec![made(format!("   {} {:>7}", fit(name, wide, marks), grouped(sum)), Role::Text)];
        for status in &shown {
            let count = by.get(status).copied().unwrap_or(0);
            let text = if count == 0 { marks.dot.to_owned() } else { grouped(count) };
            line.push(made(format!(" {text:>10}"), if count == 0 { Role::Dim } else { Theme::verdict(*status) }));
        }
        out.push(line);
    }
}

fn counts(model: &Model, counts: &[(String, usize)], out: &mut Vec<Vec<Bit>>) {
    let most = counts.iter().map(|c| c.1).max().unwrap_or(0);
    if counts.is_empty() {
        out.push(vec![own("   none", Role::Dim)]);
    }
    for (name, count) in counts {
        let name = if name.is_empty() { "(none)" } else { name };
        out.push(bar_line(model, name, *count, most));
    }
}

fn bar_line(model: &Model, name: &str, count: usize, most: usize) -> Vec<Bit> {
    let marks = &model.theme.marks;
    let room = usize::from(model.size.0).saturating_sub(56).clamp(4, 60);
    let len = count.saturating_mul(room).div_ceil(most.max(1));
    vec![
        made(format!("   {} {:>9} ", fit(name, 40, marks), grouped(count)), Role::Text),
        made(marks.block.repeat(len), Role::Note),
    ]
}
