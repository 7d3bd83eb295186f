//! Draws the model. Reads only; one file per part of the screen.
//!
//! Must not change anything, nor show text that was not made visible.

mod compare;
mod detail;
mod digest;
mod findings;
mod help;
mod list;
mod octets;
mod paint;
mod statistics;
mod status;
mod tree;
mod whole;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::layout::{SMALLEST, areas};
use super::model::{Model, Pane, Screen};
use super::text::Bit;
use super::theme::Role;
use paint::Paint;

/// Draws everything.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut paint = Paint::new(&model.theme, frame.buffer_mut());
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut paint, area);
        return;
    }
    let areas = areas(model);
    status::filter_bar(model, &mut paint, areas.filter);
    match model.screen {
        Screen::Panes => {
            list::list(model, &mut paint, areas.list);
            tree::tree(model, &mut paint, areas.tree);
            octets::octets(model, &mut paint, areas.octets, &areas);
            let bar = areas.bar;
            for y in bar.y..bar.y.saturating_add(bar.height) {
                paint.text(bar.x, y, 1, model.theme.marks.bar, Role::Title);
            }
            detail::detail(model, &mut paint, areas.detail);
        }
        Screen::Findings => findings::findings(model, &mut paint, areas.body),
        _ => {
            let title = match model.screen {
                Screen::Digest => digest::title(model),
                Screen::Statistics => statistics::title(model),
                Screen::Compare => compare::title(model),
                Screen::Whole => whole::title(model),
                _ => help::title(model),
            };
            pages(model, &mut paint, areas.body, &title);
        }
    }
    status::status(model, &mut paint, areas.status);
    status::offers(model, &mut paint, areas.body);
    if let Some((x, y)) = status::cursor(model, &areas) {
        frame.set_cursor_position((x, y));
    }
}

fn too_small(paint: &mut Paint<'_>, area: Rect) {
    let lines = [
        format!("pushscope needs {}x{}", SMALLEST.0, SMALLEST.1),
        format!("this terminal has {}x{}", area.width, area.height),
        "make it larger; q leaves".to_owned(),
    ];
    for (y, line) in (area.y..area.y.saturating_add(area.height)).zip(&lines) {
        paint.text(area.x, y, area.width, line, Role::Text);
    }
}

/// The lines of a screen that only scrolls.
pub fn page(model: &Model) -> Vec<Vec<Bit>> {
    match model.screen {
        Screen::Digest => digest::lines(model),
        Screen::Statistics => statistics::lines(model),
        Screen::Compare => compare::lines(model),
        Screen::Whole => whole::lines(model),
        Screen::Help => help::lines(model),
        Screen::Panes | Screen::Findings => Vec::new(),
    }
}

fn pages(model: &Model, paint: &mut Paint<'_>, area: Rect, title: &str) {
    let lines = page(model);
    let rows = usize::from(area.height.saturating_sub(1));
    let more = if lines.len() > rows {
        let last = model.page_top.saturating_add(rows).min(lines.len());
        format!("{}-{last} of {}", model.page_top.saturating_add(1), lines.len())
    } else {
        String::new()
    };
    paint.title(area, title, &more, true);
    let rows = area.y.saturating_add(1)..area.y.saturating_add(area.height);
    for (y, bits) in rows.zip(lines.iter().skip(model.page_top)) {
        paint.scrolled(Rect { y, height: 1, ..area }, bits, model.page_left);
    }
}

/// Whether a pane has the focus.
fn focused(model: &Model, pane: Pane) -> bool {
    model.focus == pane && model.prompt.is_none()
}
