//! What the mouse does: select, scroll, drag a border, sort by a column's title.
//!
//! Must not draw.

use ratatui::layout::Position;

use super::act;
use super::key::{Mouse, MouseWhat};
use super::keys::Action;
use super::layout::{
    Border, areas, border_at, dragged, finding_list_rows, hex_column, octets_in_line, summary_rows, text_column,
};
use super::model::{Model, Pane, Screen};
use super::msg::Effect;
use super::update::follow_field;
use super::work;

/// Takes in what the mouse did.
pub(super) fn mouse(model: &mut Model, mouse: Mouse, effects: &mut Vec<Effect>) {
    if model.prompt.is_some() {
        return;
    }
    match mouse.what {
        MouseWhat::Down => {
            model.drag = border_at(model, mouse.column, mouse.row);
            if model.drag.is_none() {
                click(model, mouse, effects);
            }
        }
        MouseWhat::Drag => {
            if let Some(border) = model.drag {
                let share = dragged(model, border, mouse.column, mouse.row);
                match border {
                    Border::List => model.state.list_share = share,
                    Border::Tree => model.state.tree_share = share,
                }
            }
        }
        MouseWhat::Up => {
            if model.drag.take().is_some() {
                effects.push(Effect::Save(Box::new(model.state.clone())));
            }
        }
        MouseWhat::WheelUp | MouseWhat::WheelDown => {
            let action = if mouse.what == MouseWhat::WheelUp { Action::Up } else { Action::Down };
            // The wheel turns what is under the mouse; the focus stays where it is.
            let focus = model.focus;
            if model.screen == Screen::Panes {
                model.focus = pane_at(model, mouse).unwrap_or(focus);
            }
            act::act(model, action, Some(3), None, effects);
            model.focus = focus;
        }
    }
}

fn pane_at(model: &Model, mouse: Mouse) -> Option<Pane> {
    let areas = areas(model);
    let at = Position::new(mouse.column, mouse.row);
    [(areas.list, Pane::List), (areas.tree, Pane::Tree), (areas.octets, Pane::Octets)]
        .into_iter()
        .find(|(area, _)| area.contains(at))
        .map(|(_, pane)| pane)
}

fn click(model: &mut Model, mouse: Mouse, effects: &mut Vec<Effect>) {
    let areas = areas(model);
    if areas.filter.contains(Position::new(mouse.column, mouse.row)) {
        act::act(model, Action::Filter, None, None, effects);
        return;
    }
    if model.screen == Screen::Findings {
        let row = mouse.row.saturating_sub(areas.body.y.saturating_add(1));
        if usize::from(row) >= finding_list_rows(&areas) {
            return;
        }
        let again = model.findings.top.saturating_add(usize::from(row));
        if model.findings.selected == again {
            act::act(model, Action::Enter, None, None, effects);
        } else {
            model.findings.selected = again;
        }
        return;
    }
    if model.screen != Screen::Panes {
        return;
    }
    let Some(pane) = pane_at(model, mouse) else { return };
    model.focus = pane;
    match pane {
        Pane::List => {
            let row = mouse.row.saturating_sub(areas.list.y);
            if row == 1 {
                let cells = super::text::list_cells(model, usize::from(areas.list.width));
                let column = usize::from(mouse.column.saturating_sub(areas.list.x));
                if let Some(cell) = cells.iter().find(|c| c.start <= column && column < c.start.saturating_add(c.width))
                {
                    let down = model.shown.sort.is_some_and(|(at, down)| at == cell.index && !down);
                    model.shown.sort = Some((cell.index, down));
                    work::sort(model, effects);
                }
            } else if row > 1 {
                let at = model.top.saturating_add(usize::from(row.saturating_sub(2)));
                if at < model.shown_len() {
                    model.selected = at;
                }
            }
        }
        Pane::Tree => {
            let skip = 1u16.saturating_add(summary_rows(areas.tree));
            let row = mouse.row.saturating_sub(areas.tree.y);
            if row < skip {
                return;
            }
            let row = usize::from(row.saturating_sub(skip));
            let Some(at) = super::text::tree_row_at(model, row, usize::from(areas.tree.width)) else { return };
            let column = usize::from(mouse.column.saturating_sub(areas.tree.x));
            let again = model.fields.selected == at;
            model.fields.select(at);
            let marker = model
                .fields
                .current()
                .is_some_and(|(_, e)| column <= usize::from(e.depth).saturating_mul(2).saturating_add(1));
            if again || marker {
                model.fields.toggle();
            }
            follow_field(model);
        }
        Pane::Octets => {
            let in_line = octets_in_line(&areas);
            let row = mouse.row.saturating_sub(areas.octets.y);
            let column = mouse.column.saturating_sub(areas.octets.x);
            let at = (0..in_line).find(|at| {
                let hex = hex_column(*at);
                (hex..hex.saturating_add(2)).contains(&column) || text_column(*at, in_line) == column
            });
            if row == 0 {
                act::act(model, Action::NextTab, None, None, effects);
            } else if let Some(at) = at {
                let line = model.octets.top.saturating_add(usize::from(row.saturating_sub(1)));
                let octet = line.saturating_mul(usize::from(in_line)).saturating_add(usize::from(at));
                act::set_cursor(model, octet, 0);
            }
        }
    }
}
