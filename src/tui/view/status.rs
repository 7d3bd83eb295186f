//! The filter bar above, the status bar below, and what can be completed between them.
//!
//! Must not change anything.

use std::fmt::Write;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::paint::Paint;
use crate::model::{Severity, visible_str};
use crate::tui::keys::Action;
use crate::tui::layout::Areas;
use crate::tui::model::{Model, Screen};
use crate::tui::prompt::{Kind, Prompt};
use crate::tui::text::{fit, grouped, sentence_lines, severity_mark, sized};
use crate::tui::theme::{Role, Theme};

/// The part of a line being typed that fits, and the column of the cursor in it.
fn window(prompt: &Prompt, masked: &str, width: usize) -> (String, usize) {
    let shown = |text: &str| {
        if prompt.kind.masked() { masked.repeat(text.chars().count()) } else { plain(text) }
    };
    let (before, after) = (shown(prompt.before()), shown(prompt.after()));
    let mut skipped: String = before;
    // The end of what stands before the cursor is what is looked at.
    while skipped.width() > width.saturating_sub(2) {
        let mut chars = skipped.chars();
        chars.next();
        let rest = chars.as_str().to_owned();
        skipped = rest;
    }
    let column = skipped.width();
    (skipped + &after, column)
}

/// Text being typed, one column per character so that carets point right; what cannot be seen stands as a dot.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            let shown = visible_str(c.encode_utf8(&mut [0; 4]));
            if shown.as_str().chars().count() == 1 || c == '\\' { c } else { '·' }
        })
        .collect()
}

/// Where the cursor stands.
pub(super) fn cursor(model: &Model, areas: &Areas) -> Option<(u16, u16)> {
    let prompt = model.prompt.as_ref()?;
    let area = if prompt.kind == Kind::Filter { areas.filter } else { areas.status };
    let label = prompt.kind.label().width();
    let room = usize::from(area.width).saturating_sub(label);
    let (_, column) = window(prompt, model.theme.marks.masked, room);
    Some((area.x.saturating_add(u16::try_from(label.saturating_add(column)).ok()?), area.y))
}

fn typed(model: &Model, paint: &mut Paint<'_>, area: Rect, prompt: &Prompt, role: Role) {
    let label = prompt.kind.label();
    let room = usize::from(area.width).saturating_sub(label.width());
    let (text, _) = window(prompt, model.theme.marks.masked, room);
    let used = paint.text(area.x, area.y, area.width, label, Role::Key);
    let rest = area.width.saturating_sub(used);
    paint.text(area.x.saturating_add(used), area.y, rest, &format!("{text:<width$}", width = usize::from(rest)), role);
}

/// Draws the filter bar.
pub(super) fn filter_bar(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if let Some(prompt) = model.prompt.as_ref().filter(|p| p.kind == Kind::Filter) {
        let role = if model.filter_error.is_some() { Role::FilterBad } else { Role::FilterGood };
        typed(model, paint, area, prompt, role);
        let verdict = if model.filter_error.is_some() { " cannot be used " } else { " ok " };
        let width = u16::try_from(verdict.len()).unwrap_or(0);
        if prompt.text().width().saturating_add(verdict.len()).saturating_add(10) < usize::from(area.width) {
            paint.text(area.right().saturating_sub(width), area.y, width, verdict, role);
        }
        return;
    }
    let right = format!(" {} ", model.title);
    let right_width = right.width().min(usize::from(area.width) / 2);
    let room = area.width.saturating_sub(u16::try_from(right_width).unwrap_or(0));
    if model.shown.passed.is_some() {
        let used = paint.text(area.x, area.y, room, "Filter: ", Role::Key);
        let text = fit(&plain(&model.shown.filter), usize::from(room.saturating_sub(used)), &model.theme.marks);
        paint.text(area.x.saturating_add(used), area.y, room.saturating_sub(used), &text, Role::FilterGood);
    } else {
        let key = model.keys.hint(Action::Filter);
        let used = paint.text(area.x, area.y, room, "Filter: ", Role::Title);
        paint.text(
            area.x.saturating_add(used),
            area.y,
            room.saturating_sub(used),
            &format!("none ({key} types one)"),
            Role::Dim,
        );
    }
    let right = fit(&right, right_width, &model.theme.marks);
    paint.text(area.x.saturating_add(room), area.y, area.width.saturating_sub(room), &right, Role::Dim);
}

/// Draws the status bar.
pub(super) fn status(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    paint.text(area.x, area.y, area.width, &" ".repeat(usize::from(area.width)), Role::Status);
    if let Some(prompt) = model.prompt.as_ref().filter(|p| p.kind != Kind::Filter) {
        typed(model, paint, area, prompt, Role::Text);
        return;
    }
    let wide =
        model.notice.as_ref().is_some_and(|n| n.text.as_str().width().saturating_add(50) > usize::from(area.width));
    let right = if wide || model.prompt.is_some() { String::new() } else { right(model) };
    let right_width = right.width().min(usize::from(area.width));
    let room = area.width.saturating_sub(u16::try_from(right_width).unwrap_or(0));
    if let Some(error) = model.filter_error.as_ref().filter(|_| model.prompt.is_some()) {
        let advice = error.advice().map(|a| format!(" ({a})")).unwrap_or_default();
        paint.text(area.x, area.y, area.width, &format!(" {}{advice}", error.message()), Role::Bad);
    } else if let Some(notice) = &model.notice {
        let note = notice.severity == Severity::Note;
        let role = if note { Role::Text } else { Theme::severity(notice.severity) };
        let lead = if note { " ".to_owned() } else { format!(" {} ", severity_mark(notice.severity)) };
        let width = usize::from(room).saturating_sub(lead.len()).max(1);
        let lines = sentence_lines(notice.text.as_str(), width, NOTICE_ROWS, &model.theme.marks);
        // What does not fit stands above: bad news is not to be cut off.
        let top = area.y.saturating_sub(u16::try_from(lines.len()).unwrap_or(1).saturating_sub(1));
        for (at, (line, y)) in lines.iter().zip(top..=area.y).enumerate() {
            let lead = if at == 0 { lead.clone() } else { " ".repeat(lead.len()) };
            let width = if y == area.y { usize::from(room) } else { usize::from(area.width) };
            paint.text(area.x, y, area.width, &format!("{:<width$}", format!("{lead}{line}")), role);
            if y < area.y {
                paint.over(Rect { y, ..area }, Role::Status);
            }
        }
    } else {
        hints(model, paint, Rect { width: room, ..area });
    }
    paint.text(area.x.saturating_add(room), area.y, area.width.saturating_sub(room), &right, Role::Dim);
    if !paint.theme.style(Role::Status).eq(&ratatui::style::Style::new()) {
        paint.over(area, Role::Status);
    }
}

/// Most rows of something to tell.
const NOTICE_ROWS: usize = 4;

/// How things stand: what is typed, what runs, how many there are.
fn right(model: &Model) -> String {
    let mut parts = Vec::new();
    if !model.pending.is_empty() || model.count.is_some() {
        let count = model.count.map(|c| c.to_string()).unwrap_or_default();
        let keys: String = model.pending.iter().map(|k| visible_str(&k.to_string()).into_string()).collect();
        parts.push(format!("{count}{keys}{}", model.theme.marks.more));
    }
    if model.judging {
        let share = percent(u64::from(model.judged), model.store.len() as u64);
        parts.push(format!("checking digests {share}%"));
    }
    if let Some(share) = model.shown.sorting {
        parts.push(if share < 100 { format!("sorting {share}%") } else { "sorting".to_owned() });
    }
    if model.find.busy {
        parts.push(format!("looking for {}", fit(&plain(&model.find.text), 20, &model.theme.marks).trim_end()));
    }
    if model.filtering() {
        let share = percent(u64::from(model.shown.decided), model.store.len() as u64);
        parts.push(format!("filter {share}%"));
    }
    if model.loading() {
        let progress = &model.load.progress;
        let mut text = match progress.total.filter(|t| *t > 0) {
            Some(total) => format!("reading {}%", percent(progress.octets, total)),
            None => format!("reading {}", sized(progress.octets)),
        };
        if progress.rate > 0 {
            let _ = write!(text, ", {}/s", sized(progress.rate));
        }
        if let Some(left) = progress.left.filter(|l| *l > 0) {
            let _ = write!(text, ", {left} s left");
        }
        if model.load.live || model.load.follow {
            text = match (model.load.paused, model.load.live) {
                (true, _) => format!("paused ({})", model.keys.hint(Action::Follow)),
                (false, true) => "live".to_owned(),
                (false, false) => "following".to_owned(),
            };
        }
        parts.push(text);
        let unseen = model.unseen();
        if unseen > 0 && model.load.follow {
            parts.push(format!("{} new ({})", grouped(unseen), model.keys.hint(Action::Bottom)));
        }
    } else if model.load.ended.as_ref().is_some_and(|e| e.stopped) {
        parts.push("stopped".to_owned());
    } else if model.load.ended.as_ref().is_some_and(|e| !e.problems.is_empty()) {
        parts.push("! damaged".to_owned());
    }
    if let Some(tally) = &model.load.progress.live {
        let count = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
        let lost = tally.dropped.saturating_add(tally.unseen);
        if lost > 0 {
            parts.push(format!("! {} lost", count(lost)));
        }
        if tally.unsaved > 0 {
            parts.push(format!("! {} not saved", count(tally.unsaved)));
        } else if tally.saved > 0 {
            parts.push(if model.loading() { "saving" } else { "saved" }.to_owned());
        }
    }
    if !model.marks.is_empty() {
        parts.push(format!("{} marked", model.marks.len()));
    }
    if model.keys_loaded == 0 && !model.store.is_empty() {
        parts.push(format!("no keys ({})", model.keys.hint(Action::Secrets)));
    }
    // What a live capture has received may wait to be looked at.
    let received = model.load.progress.live.map_or(0, |tally| tally.received);
    let frames = usize::try_from(model.load.progress.frames.max(received)).unwrap_or(usize::MAX);
    if frames > model.store.len() {
        parts.push(format!("{} of {} frames", grouped(model.store.len()), grouped(frames)));
    } else {
        parts.push(format!("{} frames", grouped(frames.max(model.store.len()))));
    }
    format!(" {} ", parts.join(&format!(" {} ", model.theme.marks.dot)))
}

/// A share in percent; all is 100.
fn percent(part: u64, all: u64) -> u64 {
    part.saturating_mul(100).checked_div(all).unwrap_or(100).min(100)
}

/// The keys that help most now.
fn hints(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let hints: &[(Action, &str)] = match model.screen {
        Screen::Panes => &[
            (Action::Help, "help"),
            (Action::Filter, "filter"),
            (Action::NextPane, "pane"),
            (Action::Digest, "digest"),
            (Action::Findings, "findings"),
            (Action::Statistics, "statistics"),
            (Action::Find, "find"),
            (Action::Layout, "layout"),
            (Action::Zoom, "zoom"),
            (Action::Quit, "quit"),
        ],
        Screen::Findings => {
            &[(Action::Enter, "go there"), (Action::Right, "packets"), (Action::Quit, "back"), (Action::Help, "help")]
        }
        _ => &[(Action::Down, "scroll"), (Action::Quit, "back"), (Action::Help, "help")],
    };
    let mut x = area.x.saturating_add(1);
    for (action, name) in hints {
        let key = model.keys.hint(*action);
        let needs = key.width().saturating_add(name.len()).saturating_add(3);
        if usize::from(area.right().saturating_sub(x)) < needs {
            break;
        }
        let used = paint.text(x, area.y, area.right().saturating_sub(x), &key, Role::Key);
        x = x.saturating_add(used).saturating_add(1);
        let used = paint.text(x, area.y, area.right().saturating_sub(x), name, Role::Dim);
        x = x.saturating_add(used).saturating_add(2);
    }
}

/// Rows of offers shown at once.
const OFFERS: usize = 8;

/// Draws what can be completed, and where the filter is wrong.
pub(super) fn offers(model: &Model, paint: &mut Paint<'_>, body: Rect) {
    let Some(prompt) = &model.prompt else { return };
    let filter = prompt.kind == Kind::Filter;
    let mut y = body.y;
    if let Some(error) = model.filter_error.as_ref().filter(|_| filter && prompt.text().is_ascii()) {
        // Under the line itself, where the eyes are.
        let label = prompt.kind.label().len();
        let column = label.saturating_add(error.column().saturating_sub(1));
        if column < usize::from(body.width) && prompt.text().len().saturating_add(label) < usize::from(body.width) {
            paint.text(body.x, y, body.width, &" ".repeat(usize::from(body.width)), Role::Text);
            let caret = format!("^{}", "~".repeat(error.width().saturating_sub(1)));
            let x = body.x.saturating_add(u16::try_from(column).unwrap_or(0));
            let used = paint.text(x, y, body.right().saturating_sub(x), &caret, Role::Bad);
            let x = x.saturating_add(used).saturating_add(1);
            paint.text(x, y, body.right().saturating_sub(x), error.message(), Role::Bad);
            y = y.saturating_add(1);
        }
    }
    if prompt.offers.is_empty() {
        return;
    }
    let chosen = prompt.chosen.unwrap_or(0);
    let first = chosen.saturating_sub(OFFERS.saturating_sub(1));
    let some: Vec<_> = prompt.offers.iter().enumerate().skip(first).take(OFFERS).collect();
    let wide = some.iter().map(|(_, o)| o.text.width()).max().unwrap_or(0).min(40);
    let width = usize::from(body.width).min(96);
    if !filter {
        y = body.bottom().saturating_sub(u16::try_from(some.len()).unwrap_or(0));
    }
    for (at, offer) in some {
        if y >= body.bottom() {
            break;
        }
        let text = fit(&plain(&offer.text), wide, &model.theme.marks);
        let note = visible_str(&offer.note);
        let line = fit(&format!(" {text}  {note}"), width, &model.theme.marks);
        let role = if prompt.chosen == Some(at) { Role::Selected } else { Role::Idle };
        paint.text(body.x, y, body.width, &line, Role::Text);
        paint.over(Rect { x: body.x, y, width: u16::try_from(width).unwrap_or(body.width), height: 1 }, role);
        y = y.saturating_add(1);
    }
}
