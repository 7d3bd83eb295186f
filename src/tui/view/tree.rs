//! The field tree, with the summary above it.
//!
//! Must not change anything.

use ratatui::layout::Rect;

use super::focused;
use super::paint::Paint;
use crate::tui::layout::summary_rows;
use crate::tui::model::{Model, Pane};
use crate::tui::msg::Needle;
use crate::tui::text::{sentence_lines, tree_text, wrapped};
use crate::tui::theme::{Role, Theme};

/// Draws the tree.
pub(super) fn tree(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let focus = focused(model, Pane::Tree);
    let name = match &model.opened {
        Some(opened) => format!("Fields of {}", opened.number),
        None => "Fields".to_owned(),
    };
    let count = model.fields.findings.len();
    let right = match count {
        0 => String::new(),
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    };
    paint.title(area, &name, &right, focus);
    let bottom = area.y.saturating_add(area.height);
    let mut y = area.y.saturating_add(1);
    let Some(opened) = &model.opened else {
        let text = model.lost.as_ref().map_or("", |why| why.as_str());
        paint.text(area.x.saturating_add(2), y, area.width.saturating_sub(2), text, Role::Bad);
        return;
    };
    let rows = summary_rows(area);
    let worst = model.fields.findings.iter().map(|f| f.severity).max();
    let status = opened.verdicts.first().map(|v| Theme::verdict(v.status));
    let role = match (status, worst) {
        (Some(Role::Good) | None, Some(severity)) => Theme::severity(severity),
        (Some(role), _) => role,
        (None, None) => Role::Text,
    };
    let width = usize::from(area.width.saturating_sub(2));
    let lines = sentence_lines(model.sentence.as_str(), width, usize::from(rows), &model.theme.marks);
    for (line, y) in lines.iter().zip(y..y.saturating_add(rows).min(bottom)) {
        paint.text(area.x.saturating_add(1), y, area.width.saturating_sub(1), line, role);
    }
    y = y.saturating_add(rows);
    let needle = match &model.find.needle {
        Some(Needle::Fields(text)) => Some(text.as_str()),
        _ => None,
    };
    opened.with(|view| {
        for (position, (at, entry)) in model.fields.rows().enumerate().skip(model.fields.top) {
            if y >= bottom {
                break;
            }
            let bits = tree_text(model, view, at, entry);
            let hit = needle.is_some_and(|text| {
                crate::tui::fields::item(view, entry).is_some_and(|item| crate::tui::work::holds(&item, text))
            });
            let lines = if model.state.wrap { wrapped(bits, usize::from(area.width)) } else { vec![bits] };
            let start = y;
            for line in lines {
                if y >= bottom {
                    break;
                }
                paint.row(Rect { y, height: 1, ..area }, &line);
                y = y.saturating_add(1);
            }
            let rows = Rect { y: start, height: y.saturating_sub(start), ..area };
            if hit {
                paint.over(rows, Role::Hit);
            }
            if position == model.fields.selected {
                paint.over(rows, if focus { Role::Selected } else { Role::Idle });
            }
        }
    });
}
