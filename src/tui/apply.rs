//! What can be done with the selected field: filter by it, show it as a column, sort by it, copy it.
//!
//! Must not know which key was pressed.

use unicode_width::UnicodeWidthStr;

use super::fields;
use super::keys::Action;
use super::model::{Column, Model, Screen};
use super::msg::{Effect, Notice};
use super::update::go;
use super::work;
use crate::model::visible_str;

/// Filters by the selected field, alone or with the filter in force.
pub(super) fn filter(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(expression) = selected_filter(model) else { return };
    let before = model.shown.filter.trim().to_owned();
    let expression = match action {
        Action::ApplyNot => format!("!({expression})"),
        Action::ApplyAnd if !before.is_empty() => format!("({before}) && {expression}"),
        Action::ApplyOr if !before.is_empty() => format!("({before}) || {expression}"),
        _ => expression,
    };
    work::set_filter(model, &expression, effects);
}

/// A filter for the selected field or finding.
fn selected_filter(model: &Model) -> Option<String> {
    let opened = model.opened.as_ref()?;
    if let Some(finding) = model.fields.finding() {
        return Some(format!("finding.rule == \"{}\"", finding.rule.id));
    }
    let entry = *model.fields.current()?.1;
    opened.with(|view| fields::item(view, &entry).map(|item| fields::filter_for(&item)))
}

/// The selected field as a column, or as what the list is sorted by.
pub(super) fn column(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(field) = model.fields.current().and_then(|(_, entry)| entry.field) else { return };
    let at = model.columns.iter().position(|c| matches!(c, Column::Field(f) if f.is(field)));
    match (action, at) {
        (Action::ApplyColumn, Some(at)) => {
            model.columns.remove(at);
            model.shown.sort = None;
            work::sort(model, effects);
        }
        (_, None) => {
            let before_summary = model.columns.len().saturating_sub(1);
            model.columns.insert(before_summary, Column::Field(field));
        }
        _ => {}
    }
    if action == Action::ApplySort {
        model.shown.sort =
            model.columns.iter().position(|c| matches!(c, Column::Field(f) if f.is(field))).map(|at| (at, false));
        work::sort(model, effects);
    }
    model.state.columns = model.columns.iter().map(|c| c.name().to_owned()).collect();
    effects.push(Effect::Save(Box::new(model.state.clone())));
}

/// Copies the selected field's value, name, filter or octets.
pub(super) fn copy(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(opened) = &model.opened else { return };
    let Some(entry) = model.fields.current().map(|(_, entry)| *entry) else { return };
    let text = if let Some(finding) = model.fields.finding() {
        match action {
            Action::CopyName => finding.rule.id.to_owned(),
            Action::CopyFilter => selected_filter(model).unwrap_or_default(),
            _ => finding.text.as_str().to_owned(),
        }
    } else {
        let text = opened.with(|view| {
            let item = fields::item(view, &entry)?;
            Some(match action {
                Action::CopyName => item.field.name.to_owned(),
                Action::CopyFilter => fields::filter_for(&item),
                Action::CopyOctets => {
                    let mut hex = String::new();
                    crate::output::value::push_hex(&mut hex, view.buffers.octets(item.span));
                    hex
                }
                _ => fields::plain_text(&item).into_string(),
            })
        });
        text.unwrap_or_default()
    };
    if text.is_empty() {
        model.notice = Some(Notice::note("nothing there to copy"));
        return;
    }
    // The fallback for terminals that take no clipboard: the text itself, to be selected with the mouse.
    let line = format!("copied: {text}");
    if line.width().saturating_add(2) > usize::from(model.size.0) {
        let title = "Copied, if the terminal allows it; else select it here (Shift and mouse)";
        model.whole = (title, visible_str(&text));
        go(model, Screen::Whole);
    } else {
        model.notice = Some(Notice::note(line));
    }
    effects.push(Effect::Copy(text));
}
