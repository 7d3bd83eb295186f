//! What stands in rows and cells, as text with roles: shared by drawing, by scrolling and by the mouse.
//!
//! All text comes from [`crate::model::Visible`] or is our own. Must not draw.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::fields::{self, Entry, What, has_children};
use super::model::{Column, Model, Screen};
use super::settings::Times;
use super::store::{Line, Relation};
use super::theme::{Marks, Role, Theme};
use crate::model::{Rule, Severity, View};
use crate::output::clock::{Clock, TimeFormat};

/// A stretch of text with its role.
pub(super) type Bit = (Cow<'static, str>, Role);

/// A stretch of our own text.
pub(super) const fn own(text: &'static str, role: Role) -> Bit {
    (Cow::Borrowed(text), role)
}

/// A stretch of text made from visible parts.
pub(super) const fn made(text: String, role: Role) -> Bit {
    (Cow::Owned(text), role)
}

/// Cuts text to a width, showing that it was cut, and fills it up with blanks.
pub(super) fn fit(text: &str, width: usize, marks: &Marks) -> String {
    let mut out = String::with_capacity(width);
    let whole = text.width();
    let room = if whole > width { width.saturating_sub(1) } else { width };
    let mut used = 0usize;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used.saturating_add(w) > room {
            break;
        }
        out.push(c);
        used = used.saturating_add(w);
    }
    if whole > width && width > 0 {
        out.push_str(marks.more);
        used = used.saturating_add(1);
    }
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    out
}

/// The same, to the right.
pub(super) fn fit_right(text: &str, width: usize, marks: &Marks) -> String {
    let pad = width.saturating_sub(text.width());
    if pad == 0 {
        return fit(text, width, marks);
    }
    let mut out = " ".repeat(pad);
    out.push_str(text);
    out
}

/// A number with its thousands apart.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len().saturating_sub(at)).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Octets as people say them.
pub(super) fn sized(octets: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    for (unit, size) in UNITS {
        if octets >= size {
            return format!("{}.{} {unit}", octets / size, octets % size * 10 / size);
        }
    }
    format!("{octets} octets")
}

/// The mark of a severity, which doubles its colour.
pub(super) const fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "!",
        Severity::Warning => "*",
        Severity::Note => "-",
    }
}

/// A column on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Which of the model's columns.
    pub(super) index: usize,
    /// Where it starts.
    pub(super) start: usize,
    /// How wide it is.
    pub(super) width: usize,
}

/// Columns left of the list: the mark.
pub(super) const MARGIN: usize = 2;

/// The least width of a column, the width it would like, and who gives way first (the highest).
fn wants(model: &Model, column: Column) -> (usize, usize, u8) {
    let last = model.store.last().map_or(0, |line| line.number);
    let digits = last.max(100).to_string().len();
    match column {
        Column::Number => (digits, digits, 0),
        Column::Verdict => (11, 12, 1),
        Column::Summary => (18, 26, 2),
        Column::Field(_) => (8, 16, 3),
        Column::Server => (18, 26, 4),
        Column::Time => match model.state.times {
            Times::Relative | Times::Delta => (8, 13, 5),
            Times::Absolute | Times::Utc => (8, 15, 5),
            Times::AbsoluteDate | Times::UtcDate => (19, 26, 5),
            Times::Epoch => (10, 20, 5),
        },
        Column::Id => (4, 4, 6),
        Column::Finding => (9, 12, 7),
        Column::Source => (15, model.store.widest_address, 9),
        Column::Destination => (15, model.store.widest_address, 8),
        Column::Carrier => (4, 4, 10),
        Column::Content => (10, 30, 11),
    }
}

/// The columns that fit, and where they stand. When not all do, those that say least give way; scrolling sideways shows
/// them in their order.
pub(super) fn list_cells(model: &Model, width: usize) -> Vec<Cell> {
    let room = width.saturating_sub(MARGIN);
    let mut all: Vec<(usize, usize, usize, u8)> = model
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| *at == 0 || *at >= model.shift.min(model.columns.len().saturating_sub(1)))
        .map(|(at, column)| {
            let (least, wish, rank) = wants(model, *column);
            (at, least, wish, rank)
        })
        .collect();
    if model.shift == 0 {
        all.sort_by_key(|(_, _, _, rank)| *rank);
    }
    let mut used = 0usize;
    let mut taken: Vec<(usize, usize, usize, u8)> = Vec::new();
    for (at, least, wish, rank) in all {
        let needs = least.saturating_add(usize::from(!taken.is_empty()));
        if used.saturating_add(needs) > room {
            if model.shift > 0 {
                break;
            }
            continue;
        }
        used = used.saturating_add(needs);
        taken.push((at, least, wish, rank));
    }
    for (_, least, wish, _) in &mut taken {
        let more = wish.saturating_sub(*least).min(room.saturating_sub(used));
        *least = least.saturating_add(more);
        used = used.saturating_add(more);
    }
    taken.sort_by_key(|(at, ..)| *at);
    let widest = taken
        .iter()
        .position(|(at, ..)| matches!(model.columns.get(*at), Some(Column::Summary)))
        .or(taken.len().checked_sub(1));
    if let Some(cell) = widest.and_then(|at| taken.get_mut(at)) {
        cell.1 = cell.1.saturating_add(room.saturating_sub(used));
    }
    let mut start = MARGIN;
    taken
        .into_iter()
        .map(|(index, width, ..)| {
            let cell = Cell { index, start, width };
            start = start.saturating_add(width).saturating_add(1);
            cell
        })
        .collect()
}

/// What stands in a cell of the list.
pub(super) fn cell_text(model: &Model, at: u32, line: &Line, position: usize, cell: &Cell) -> Bit {
    let marks = &model.theme.marks;
    let Some(column) = model.columns.get(cell.index) else { return own("", Role::Text) };
    let texts = &model.store.texts;
    let text = |sym| texts.get(sym);
    let fitted = |text: &str, role| made(fit(text, cell.width, marks), role);
    match column {
        Column::Number => made(fit_right(&line.number.to_string(), cell.width, marks), Role::Text),
        Column::Time => made(fit_time(&time_text(model, line, position), cell.width), Role::Text),
        Column::Source => fitted(text(line.source), Role::Text),
        Column::Destination => fitted(text(line.destination), Role::Text),
        Column::Carrier => fitted(line.carrier, Role::Dim),
        Column::Server => fitted(text(line.server), Role::Text),
        Column::Content => fitted(text(line.content), Role::Text),
        Column::Id => fitted(&line.id.map(|id| format!("{id:04X}")).unwrap_or_default(), Role::Text),
        Column::Verdict => match line.status {
            None => fitted("", Role::Text),
            Some(status) => {
                let mark = model.theme.status_mark(status);
                let more = if line.more > 0 { format!(" +{}", line.more) } else { String::new() };
                let name = if cell.width < 9 { "" } else { status.name() };
                fitted(format!("{mark} {name}{more}").trim_end(), Theme::verdict(status))
            }
        },
        Column::Finding => match line.worst {
            None => fitted("", Role::Text),
            Some((rule, severity)) => {
                let more = if line.more_findings > 0 { format!(" +{}", line.more_findings) } else { String::new() };
                let one = format!("{} {}", severity_mark(severity), rule.id);
                // Better no count than half an id.
                let all = format!("{one}{more}");
                fitted(if all.width() > cell.width { &one } else { &all }, Theme::severity(severity))
            }
        },
        Column::Summary => fitted(&summary_text(model, line), Role::Text),
        Column::Field(field) => {
            let known = model.cells.get(&(at, field.name));
            fitted(known.map_or("", |text| text.as_str()), Role::Text)
        }
    }
}

/// The sentence of a row, which says first how the packet relates to others.
pub(super) fn summary_text(model: &Model, line: &Line) -> String {
    // The columns say the rest.
    let text = model.store.texts.get(line.summary);
    let text = text.strip_prefix("Package #0 ").unwrap_or(text);
    // The dash is ours.
    let text = if model.theme.marks.ascii { text.replacen('–', "-", 1) } else { text.to_owned() };
    let text = match line.worst.filter(|_| !line.told) {
        Some((rule, _)) => format!("{text} {} {}", if model.theme.marks.ascii { "-" } else { "–" }, rule.text),
        None => text,
    };
    let text = match text.strip_prefix("Wireless Session Protocol, ") {
        Some(content) => format!("push, {content}"),
        None => text,
    };
    match line.relation {
        Relation::None => text,
        Relation::Duplicate(frame) => format!("duplicate of {frame}: {text}"),
        Relation::Sighting(frame) => format!("seen before in {frame}: {text}"),
        Relation::Retrigger => format!("re-trigger: {text}"),
        Relation::Part => format!("part of a message: {text}"),
    }
}

/// The time of a row.
pub(super) fn time_text(model: &Model, line: &Line, position: usize) -> String {
    let format = match model.state.times {
        Times::Relative => TimeFormat::Relative,
        Times::Delta => TimeFormat::Delta,
        Times::Absolute => TimeFormat::Absolute,
        Times::AbsoluteDate => TimeFormat::AbsoluteDate,
        Times::Utc => TimeFormat::Utc,
        Times::UtcDate => TimeFormat::UtcDate,
        Times::Epoch => TimeFormat::Epoch,
    };
    let mut clock = Clock::new(format, model.zone.clone());
    clock.start(model.store.first);
    let mut out = String::new();
    let before = position.checked_sub(1).and_then(|p| model.packet_at(p)).and_then(|id| model.store.line(id));
    if model.state.times == Times::Delta
        && let Some(before) = before
    {
        clock.push(&mut out, before.time);
        out.clear();
    }
    clock.push(&mut out, line.time);
    out
}

/// Decimals that do not fit are left out.
fn fit_time(text: &str, width: usize) -> String {
    let mut out: String = text.chars().take(width).collect();
    if text.len() > width && out.ends_with('.') {
        out.pop();
    }
    format!("{out:<width$}")
}

/// A row of the tree.
pub(super) fn tree_text(model: &Model, view: View<'_>, at: u32, entry: &Entry) -> Vec<Bit> {
    let marks = &model.theme.marks;
    let mut out = Vec::new();
    let indent = usize::from(entry.depth).min(24).saturating_mul(2);
    let arrow = match (has_children(at, entry), model.fields.is_open(entry)) {
        (false, _) => " ",
        (true, true) => marks.open,
        (true, false) => marks.closed,
    };
    out.push(made(format!("{}{arrow} ", " ".repeat(indent)), Role::Dim));
    if let What::Finding(found) = entry.what {
        if let Some(found) = model.fields.findings.get(found as usize) {
            let role = Theme::severity(found.severity);
            out.push(made(format!("{} {} ", severity_mark(found.severity), found.rule.id), role));
            out.push(made(found.text.as_str().to_owned(), role));
        }
        return out;
    }
    let Some(item) = fields::item(view, entry) else { return out };
    let worst = entry.worst.map(|severity| (severity_mark(severity), Theme::severity(severity)));
    if let Some((mark, role)) = worst {
        out.push(made(format!("{mark} "), role));
    }
    let role = match (worst, entry.depth, item.field.generated) {
        (Some((_, role)), ..) => role,
        (None, 0, _) => Role::Heading,
        (None, _, true) => Role::Generated,
        (None, _, false) => Role::Label,
    };
    let value = fields::value_text(&item);
    let (open, close) = if item.field.generated { ("[", "]") } else { ("", "") };
    if value.as_str().is_empty() {
        out.push(made(format!("{open}{}{close}", item.field.label), role));
    } else {
        out.push(made(format!("{open}{}: ", item.field.label), role));
        let value_role = if item.field.name == "dmnoti.digest.status" {
            crate::verify::Status::ALL
                .into_iter()
                .find(|s| s.name().as_bytes() == item.octets)
                .map_or(Role::Text, Theme::verdict)
        } else {
            Role::Text
        };
        out.push(made(format!("{}{close}", value.as_str()), value_role));
    }
    if entry.depth == 0 && item.field.name != "data" {
        out.push(made(format!("  {}", item.field.name), Role::Dim));
    }
    out
}

/// Breaks a row into lines of this width; continued lines are set in.
pub(super) fn wrapped(bits: Vec<Bit>, width: usize) -> Vec<Vec<Bit>> {
    let indent = bits.first().map_or(0, |(text, _)| text.width()).saturating_add(2).min(width / 2);
    let mut lines: Vec<Vec<Bit>> = vec![Vec::new()];
    let mut used = 0usize;
    for (text, role) in bits {
        let mut piece = String::new();
        for c in text.chars() {
            let w = c.width().unwrap_or(0);
            if used.saturating_add(w) > width.max(1) {
                if let Some(line) = lines.last_mut() {
                    line.push(made(std::mem::take(&mut piece), role));
                }
                lines.push(vec![made(" ".repeat(indent), Role::Text)]);
                used = indent;
            }
            piece.push(c);
            used = used.saturating_add(w);
        }
        if let Some(line) = lines.last_mut() {
            line.push(made(piece, role));
        }
    }
    lines
}

/// Breaks a sentence into lines between words, at most so many; the last one shows that there is more.
pub(super) fn sentence_lines(text: &str, width: usize, most: usize, marks: &Marks) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needs = line.width().saturating_add(usize::from(!line.is_empty())).saturating_add(word.width());
        if needs > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        // A word longer than the line is broken where it must be.
        while line.width() > width && width > 0 {
            let mut used = 0usize;
            let cut = line.char_indices().find(|(_, c)| {
                used = used.saturating_add(c.width().unwrap_or(0));
                used > width
            });
            let Some((at, _)) = cut.filter(|(at, _)| *at > 0) else { break };
            let rest = line.split_off(at);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            last.push_str(marks.more);
            fit(last, width, marks).trim_end().clone_into(last);
            if !last.ends_with(marks.more) {
                last.push_str(marks.more);
            }
        }
    }
    lines
}

/// Lines that each visible row of the tree takes when long values are wrapped.
fn tree_heights(model: &Model, width: usize, rows: std::ops::Range<usize>) -> Vec<usize> {
    let Some(opened) = &model.opened else { return Vec::new() };
    opened.with(|view| {
        let rows = model.fields.rows().skip(rows.start).take(rows.len());
        rows.map(|(at, entry)| wrapped(tree_text(model, view, at, entry), width).len()).collect()
    })
}

/// The first row of the tree on screen when long values are wrapped.
pub(super) fn wrapped_top(model: &Model, rows: usize, width: usize) -> usize {
    let selected = model.fields.selected;
    let top = model.fields.top.min(selected);
    let lowest = selected.saturating_sub(rows);
    let heights = tree_heights(model, width, lowest..selected.saturating_add(1));
    let mut used = 0usize;
    let mut first = selected;
    for (back, height) in heights.iter().rev().enumerate() {
        used = used.saturating_add(*height);
        if used > rows.max(1) && back > 0 {
            break;
        }
        first = selected.saturating_sub(back);
    }
    top.max(first)
}

/// The visible row of the tree on a line of the screen.
pub(super) fn tree_row_at(model: &Model, line: usize, width: usize) -> Option<usize> {
    let top = model.fields.top;
    if !model.state.wrap {
        return Some(top.saturating_add(line)).filter(|row| *row < model.fields.len());
    }
    let heights = tree_heights(model, width, top..top.saturating_add(line).saturating_add(1));
    let mut used = 0usize;
    for (at, height) in heights.iter().enumerate() {
        used = used.saturating_add(*height);
        if line < used {
            return Some(top.saturating_add(at));
        }
    }
    None
}

/// A row of the findings screen.
#[derive(Clone, Copy, Debug)]
pub(super) enum FindingRow {
    /// A rule with its counts.
    Rule(&'static Rule),
    /// A packet in which it was found.
    Packet(&'static Rule, u32),
}

/// Most packets shown below one rule.
const PACKETS_MAX: usize = 100_000;

/// The rows of the findings screen.
pub(super) fn finding_rows(model: &Model) -> Vec<FindingRow> {
    let mut rows = Vec::new();
    for hits in model.store.findings() {
        rows.push(FindingRow::Rule(hits.rule));
        if model.findings.open.contains(hits.rule.id) {
            let mut last = None;
            let gone = model.store.gone();
            for packet in hits.packets.iter().filter(|packet| **packet >= gone).take(PACKETS_MAX) {
                // A packet may break a rule several times.
                if last.replace(*packet) != Some(*packet) {
                    rows.push(FindingRow::Packet(hits.rule, *packet));
                }
            }
        }
    }
    rows
}

/// Lines of the screen that stands in place of the panes.
pub(super) fn page_lines(model: &Model) -> usize {
    match model.screen {
        Screen::Panes | Screen::Findings => 0,
        _ => super::view::page(model).len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, fit, grouped, made, sentence_lines, sized, wrapped};
    use crate::tui::settings::ThemeName;
    use crate::tui::theme::{Terminal, Theme};

    #[test]
    fn text_is_cut_by_columns_and_says_so() {
        let marks = Theme::new(ThemeName::Mono, Terminal::default()).marks;
        assert_eq!(fit("abcdef", 4, &marks), "abc…");
        assert_eq!(fit("日本語", 4, &marks), "日… ");
        assert_eq!(fit("ab", 4, &marks), "ab  ");
        assert_eq!(fit("ab", 0, &marks), "");
    }

    #[test]
    fn sentences_break_between_words() {
        let marks = Theme::new(ThemeName::Mono, Terminal::default()).marks;
        assert_eq!(sentence_lines("one two three", 7, 2, &marks), ["one two", "three"]);
        assert_eq!(sentence_lines("one two three four", 7, 2, &marks), ["one two", "three …"]);
        assert_eq!(sentence_lines("abcdefghij", 4, 3, &marks), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!((grouped(1_234_567), grouped(12)), ("1,234,567".to_owned(), "12".to_owned()));
        assert_eq!((sized(999), sized(1_500_000)), ("999 octets".to_owned(), "1.5 MB".to_owned()));
    }

    #[test]
    fn long_rows_go_on_set_in() {
        let lines = wrapped(vec![made("  ".to_owned(), Role::Dim), made("abcdefgh".to_owned(), Role::Text)], 8);
        let texts: Vec<String> = lines.iter().map(|l| l.iter().map(|b| b.0.as_ref()).collect()).collect();
        assert_eq!(texts, ["  abcdef", "    gh"]);
    }
}
