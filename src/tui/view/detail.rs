//! The detail line: full name, meaning, citation and raw value of the selected field; for a finding what it means, why it
//! matters and what to check.
//!
//! Must not change anything.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::model::{Severity, View};
use crate::output::value::push_hex;
use crate::tui::fields::{self, Entry, Finding};
use crate::tui::model::Model;
use crate::tui::octets;
use crate::tui::text::{Bit, made, own, sentence_lines, severity_mark};
use crate::tui::theme::{Role, Theme};

/// Draws the detail line.
pub(super) fn detail(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let lines = lines(model, usize::from(area.width.saturating_sub(2)), usize::from(area.height));
    for (line, y) in lines.iter().zip(area.y..area.y.saturating_add(area.height)) {
        let row = Rect { x: area.x.saturating_add(1), y, width: area.width.saturating_sub(1), height: 1 };
        paint.row(row, line);
    }
}

fn lines(model: &Model, width: usize, rows: usize) -> Vec<Vec<Bit>> {
    if let Some(finding) = model.fields.finding() {
        return finding_lines(model, finding, width, rows);
    }
    let (Some(opened), Some((_, entry))) = (&model.opened, model.fields.current()) else { return Vec::new() };
    opened.with(|view| field_lines(model, view, entry, width, rows))
}

fn finding_lines(model: &Model, finding: &Finding, width: usize, rows: usize) -> Vec<Vec<Bit>> {
    let rule = finding.rule;
    let color = Theme::severity(finding.severity);
    let cite = fields::citation(rule.cite, rule.uncited);
    let head = format!("{} {} {}", severity_mark(finding.severity), rule.id, finding.severity.name());
    if rows == 1 {
        // One line: what to do is what is needed most.
        let check = if rule.check.is_empty() { finding.text.as_str() } else { rule.check };
        return vec![vec![made(head, color), made(format!("  check: {check}"), Role::Text)]];
    }
    let mut out = vec![vec![
        made(head, color),
        made(format!(" {} {}  ", model.theme.marks.dot, rule.group.name()), Role::Dim),
        made(cite, Role::Dim),
    ]];
    let parts = [("check: ", rule.check), ("means: ", rule.means), ("matters: ", rule.matters)];
    let parts: Vec<(&'static str, &str)> = parts.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    if rows >= 4 {
        // Enough room: in the order they are read.
        let order = ["means: ", "matters: ", "check: "];
        let room = rows.saturating_sub(1);
        let each = (room / parts.len().max(1)).max(1);
        for wanted in order {
            for (label, text) in parts.iter().filter(|(l, _)| *l == wanted) {
                labelled(&mut out, label, text, width, each, model);
            }
        }
    } else {
        for (label, text) in parts {
            if out.len() < rows {
                labelled(&mut out, label, text, width, 1, model);
            }
        }
    }
    out
}

fn labelled(out: &mut Vec<Vec<Bit>>, label: &'static str, text: &str, width: usize, most: usize, model: &Model) {
    let lines = sentence_lines(text, width.saturating_sub(9), most, &model.theme.marks);
    for (at, line) in lines.into_iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        out.push(vec![made(format!("{label:<9}"), Role::Dim), made(line, Role::Text)]);
    }
}

fn field_lines(model: &Model, view: View<'_>, entry: &Entry, width: usize, rows: usize) -> Vec<Vec<Bit>> {
    let Some(item) = fields::item(view, entry) else { return Vec::new() };
    let field = item.field;
    let dot = model.theme.marks.dot;
    let cite = fields::citation(field.cite, field.uncited);
    let kind = if field.generated { format!("{}, generated", field.kind.name()) } else { field.kind.name().to_owned() };
    let mut head = vec![made(field.name.to_owned(), Role::Heading), made(format!(" {dot} {kind}"), Role::Dim)];
    if rows == 1 {
        let about = if field.about.is_empty() { field.label } else { field.about };
        head.push(made(format!(" {dot} {about}"), Role::Text));
        head.push(made(format!(" {dot} {cite}"), Role::Dim));
        return vec![head];
    }
    head.push(made(format!(" {dot} {cite}"), Role::Dim));
    let place = octets::place(view, item.span);
    if !place.is_empty() {
        head.push(made(format!(" {dot} {place}"), Role::Dim));
    }
    let mut out = vec![head];
    let mut raw = String::new();
    if !field.generated && item.span.len > 0 && item.value != crate::model::Value::None {
        let octets = view.buffers.octets(item.span);
        push_hex(&mut raw, octets.get(..64).unwrap_or(octets));
        if octets.len() > 64 {
            raw.push_str(model.theme.marks.more);
        }
    }
    let about = if field.about.is_empty() { field.label } else { field.about };
    let value = fields::value_text(&item);
    if rows == 2 {
        let mut second = vec![made(about.to_owned(), Role::Text)];
        if !raw.is_empty() {
            second.push(made(format!(" {dot} raw {raw}"), Role::Dim));
        }
        out.push(second);
        return out;
    }
    let most = rows.saturating_sub(3).clamp(1, 3);
    for line in sentence_lines(about, width, most, &model.theme.marks) {
        out.push(vec![made(line, Role::Text)]);
    }
    if !value.as_str().is_empty() {
        out.push(vec![own("value  ", Role::Dim), made(value.into_string(), Role::Text)]);
    }
    if !raw.is_empty() && out.len() < rows {
        out.push(vec![own("raw    ", Role::Dim), made(raw, Role::Text)]);
    }
    let worst = entry.worst.filter(|s| *s >= Severity::Warning);
    if let Some(severity) = worst.filter(|_| out.len() < rows) {
        let text = "a finding stands below this row; select it to see what it means";
        out.push(vec![own(severity_mark(severity), Theme::severity(severity)), made(format!(" {text}"), Role::Dim)]);
    }
    out
}
