//! Two packets side by side; what differs is marked.
//!
//! Must not change anything.

use std::collections::BTreeMap;

use crate::tui::fields::{plain_text, value_text};
use crate::tui::model::Model;
use crate::tui::opened::Opened;
use crate::tui::text::{Bit, fit, made, own};
use crate::tui::theme::Role;

/// The title.
pub(super) fn title(model: &Model) -> String {
    match &model.compared {
        Some((one, other)) => {
            let rows = rows(one, other);
            let differ = rows.iter().filter(|r| r.differs()).count();
            format!("Frames {} and {}: {differ} of {} fields differ", one.number, other.number, rows.len())
        }
        None => "Comparison".to_owned(),
    }
}

/// A field of both.
struct Row {
    depth: usize,
    label: &'static str,
    name: &'static str,
    one: Option<String>,
    other: Option<String>,
}

impl Row {
    /// Fields that differ in any two packets say nothing.
    fn differs(&self) -> bool {
        self.one != self.other
    }
}

/// The fields of both, in the order of the first; those that only the second has stand behind their kin.
fn rows(one: &Opened, other: &Opened) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places: BTreeMap<(&'static str, usize), usize> = BTreeMap::new();
    one.with(|view| {
        let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
        for item in view.walk().take(20_000) {
            let nth = seen.entry(item.field.name).or_default();
            places.insert((item.field.name, *nth), rows.len());
            *nth += 1;
            let value = text(&item);
            rows.push(Row {
                depth: item.depth,
                label: item.field.label,
                name: item.field.name,
                one: Some(value),
                other: None,
            });
        }
    });
    let mut extra: Vec<(usize, Row)> = Vec::new();
    other.with(|view| {
        let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut last = 0usize;
        for item in view.walk().take(20_000) {
            let nth = seen.entry(item.field.name).or_default();
            let place = places.get(&(item.field.name, *nth)).copied();
            *nth += 1;
            let value = text(&item);
            if let Some((at, row)) = place.and_then(|at| Some((at, rows.get_mut(at)?))) {
                row.other = Some(value);
                last = at;
            } else {
                let row = Row {
                    depth: item.depth,
                    label: item.field.label,
                    name: item.field.name,
                    one: None,
                    other: Some(value),
                };
                extra.push((last, row));
            }
        }
    });
    for (after, row) in extra.into_iter().rev() {
        rows.insert(after.saturating_add(1).min(rows.len()), row);
    }
    rows
}

fn text(item: &crate::model::Item<'_>) -> String {
    if item.field.kind == crate::model::Kind::Bytes {
        plain_text(item).into_string()
    } else {
        value_text(item).into_string()
    }
}

/// The lines.
pub(super) fn lines(model: &Model) -> Vec<Vec<Bit>> {
    let Some((one, other)) = &model.compared else { return Vec::new() };
    let marks = &model.theme.marks;
    let width = usize::from(model.size.0);
    let label = (width / 3).clamp(20, 40);
    let each = width.saturating_sub(label).saturating_sub(7) / 2;
    let mut out = vec![vec![
        made(" ".repeat(label.saturating_add(3)), Role::Dim),
        made(format!("{} ", fit(&format!("frame {}", one.number), each, marks)), Role::Heading),
        made(format!("{} {}", marks.bar, fit(&format!("frame {}", other.number), each, marks)), Role::Heading),
    ]];
    for row in rows(one, other) {
        let differs = row.differs();
        let mark = match (&row.one, &row.other) {
            (Some(_), Some(_)) if differs => {
                if marks.ascii {
                    "!"
                } else {
                    "≠"
                }
            }
            (Some(_), Some(_)) => " ",
            (Some(_), None) => "<",
            _ => ">",
        };
        let role = if differs { Role::Differs } else { Role::Dim };
        let text = |side: &Option<String>| fit(side.as_deref().unwrap_or(marks.dot), each, marks);
        let name = format!("{}{}", " ".repeat(row.depth.min(8).saturating_mul(2)), row.label);
        let heading = row.depth == 0;
        out.push(vec![
            made(format!("{mark} "), role),
            made(fit(&name, label, marks), if heading { Role::Heading } else { role }),
            own(" ", Role::Text),
            made(text(&row.one), role),
            made(format!(" {} ", marks.bar), Role::Title),
            made(text(&row.other), role),
        ]);
        debug_assert!(!row.name.is_empty(), "a field without a name");
    }
    out
}
