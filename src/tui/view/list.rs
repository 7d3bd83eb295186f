//! The packet list. Only the rows on screen are made.
//!
//! Must not change anything.

use ratatui::layout::Rect;

use super::focused;
use super::paint::Paint;
use crate::tui::model::{Model, Pane};
use crate::tui::msg::Needle;
use crate::tui::text::{cell_text, fit, fit_right, grouped, list_cells};
use crate::tui::theme::Role;
use crate::tui::worker::row_holds;

/// Draws the list.
pub(super) fn list(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let focus = focused(model, Pane::List);
    let cells = list_cells(model, usize::from(area.width));
    let hidden = model.columns.len().saturating_sub(cells.len());
    let mut right = Vec::new();
    if hidden > 0 {
        let plural = if hidden == 1 { "" } else { "s" };
        right.push(format!("{hidden} column{plural} more: Left Right"));
    }
    if let Some(rule) = model.current_line().and_then(|line| model.rule_of(&line)) {
        right.push(format!("coloured: {}", rule.name));
    }
    if let Some((at, down)) = model.shown.sort {
        let name = model.columns.get(at).map_or("", |c| c.title());
        right.push(format!("by {name}{}", if down { ", downwards" } else { "" }));
    }
    let kind = if model.load.all { "Frames" } else { "Packets" };
    let position = if model.shown_len() == 0 { 0 } else { model.selected.saturating_add(1) };
    let name = format!("{kind} {} of {}", grouped(position), grouped(model.shown_len()));
    paint.title(area, &name, &right.join(&format!(" {} ", model.theme.marks.dot)), focus);
    let marks = model.theme.marks;
    let head = area.y.saturating_add(1);
    for cell in &cells {
        let Some(column) = model.columns.get(cell.index) else { continue };
        let sorted = model.shown.sort.filter(|(at, _)| *at == cell.index);
        let arrow = match sorted {
            Some((_, true)) if marks.ascii => "v",
            Some((_, false)) if marks.ascii => "^",
            Some((_, true)) => "▼",
            Some((_, false)) => "▲",
            None => "",
        };
        let title = format!("{}{arrow}", column.title());
        let numeric = matches!(column, crate::tui::model::Column::Number);
        let title = if numeric { fit_right(&title, cell.width, &marks) } else { fit(&title, cell.width, &marks) };
        paint.text(column_of(area, cell.start), head, width_of(cell.width), &title, Role::Dim);
    }
    let first = area.y.saturating_add(2);
    let sought = match &model.find.needle {
        Some(Needle::Row(text)) => Some(text.as_str()),
        _ => None,
    };
    if model.shown_len() == 0 {
        paint.text(area.x.saturating_add(2), first, area.width.saturating_sub(2), &nothing(model), Role::Dim);
        return;
    }
    for (position, y) in (model.top..model.shown_len()).zip(first..area.y.saturating_add(area.height)) {
        let Some(at) = model.packet_at(position) else {
            // Its place in the order is being worked out.
            paint.text(area.x.saturating_add(2), y, area.width.saturating_sub(2), marks.more, Role::Dim);
            continue;
        };
        let Some(line) = model.store.line(at) else { continue };
        let row = Rect { y, height: 1, ..area };
        let selected = position == model.selected;
        let colored = model.rule_of(&line).map(|rule| model.theme.rule(&rule.style));
        for cell in &cells {
            let (said, role) = cell_text(model, at, &line, position, cell);
            paint.text(column_of(area, cell.start), y, width_of(cell.width), &said, role);
        }
        if let Some(style) = colored {
            paint.over_styled(row, style);
            if let Some(letter) = model.rule_of(&line).and_then(|rule| rule.name.as_str().chars().next())
                && !model.theme.has_colors()
            {
                // A rule may have nothing but colours: its letter says the same.
                paint.text(area.x.saturating_add(1), y, 1, letter.encode_utf8(&mut [0; 4]), Role::Dim);
            }
        }
        if sought.is_some_and(|text| row_holds(&model.store.texts, &line, text)) {
            paint.over(row, Role::Hit);
        }
        let letter = model.named.iter().find(|(_, n)| **n == line.number).map(|(c, _)| c.to_string());
        let mark = if model.marks.contains(&line.number) {
            marks.marked.to_owned()
        } else if let Some(letter) = letter {
            letter
        } else if model.comments.contains_key(&line.number) {
            "\"".to_owned()
        } else {
            " ".to_owned()
        };
        paint.text(area.x, y, 1, &mark, Role::Key);
        if selected {
            paint.over(row, if focus { Role::Selected } else { Role::Idle });
            // Without colours the row must still be told from others that are underlined.
            paint.text(area.x.saturating_add(1), y, 1, marks.here, if focus { Role::Focus } else { Role::Title });
        }
    }
}

fn column_of(area: Rect, start: usize) -> u16 {
    area.x.saturating_add(width_of(start))
}

fn width_of(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// Why there is nothing.
fn nothing(model: &Model) -> String {
    if model.shown.passed.is_some() && !model.store.is_empty() {
        return if model.filtering() {
            "looking for packets that pass the filter".to_owned()
        } else {
            format!("none of {} packets passes the filter; Esc takes it away", grouped(model.store.len()))
        };
    }
    if model.loading() {
        return match model.load.progress.live {
            Some(tally) if tally.received > 0 => format!("no push yet in {} frames", tally.received),
            Some(_) => "nothing was received yet".to_owned(),
            None => "no push yet".to_owned(),
        };
    }
    let frames = model.load.progress.frames;
    if frames == 0 {
        "the capture holds no frames".to_owned()
    } else {
        let all = if model.load.all { "" } else { "; a lists all frames" };
        format!("no push in {} frames{all}", grouped(usize::try_from(frames).unwrap_or(usize::MAX)))
    }
}
