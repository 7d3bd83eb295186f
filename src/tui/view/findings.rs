//! The findings screen: every rule that was broken, how often, and where.
//!
//! Must not change anything.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::tui::fields::citation;
use crate::tui::layout::{areas, finding_foot};
use crate::tui::model::Model;
use crate::tui::text::{FindingRow, finding_rows, fit, grouped, made, own, severity_mark, summary_text};
use crate::tui::theme::{Role, Theme};

/// Draws the screen.
pub(super) fn findings(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let all = model.store.findings();
    let total: usize = all.iter().map(|h| h.count).sum();
    let name =
        format!("{} findings of {} rules, {} packets looked at", grouped(total), all.len(), grouped(model.store.len()));
    paint.title(area, &name, "", true);
    if all.is_empty() {
        let row = area.y.saturating_add(1);
        paint.text(area.x.saturating_add(2), row, area.width.saturating_sub(2), "nothing was found wrong", Role::Dim);
        return;
    }
    let rows = finding_rows(model);
    let marks = model.theme.marks;
    let foot = finding_foot(&areas(model));
    let lines = area.y.saturating_add(1)..area.bottom().saturating_sub(foot);
    for ((at, row), y) in rows.iter().enumerate().skip(model.findings.top).zip(lines) {
        let line = Rect { y, height: 1, ..area };
        match row {
            FindingRow::Rule(rule) => {
                let Some(hits) = all.iter().find(|h| h.rule.is(rule)) else { continue };
                let arrow = if model.findings.open.contains(rule.id) { marks.open } else { marks.closed };
                let color = Theme::severity(hits.severity);
                paint.row(
                    line,
                    &[
                        made(format!(" {arrow} "), Role::Dim),
                        made(format!("{} {:<8}", severity_mark(hits.severity), hits.severity.name()), color),
                        made(format!("{:>8}  ", grouped(hits.count)), Role::Text),
                        made(format!("{:<9} ", rule.id), color),
                        made(fit(rule.group.name(), 12, &marks), Role::Dim),
                        made(rule.text.to_owned(), Role::Text),
                    ],
                );
            }
            FindingRow::Packet(_, packet) => {
                let Some(packet) = model.store.line(*packet) else { continue };
                let texts = &model.store.texts;
                let status = packet
                    .status
                    .map(|s| (format!("{} {:<11}", model.theme.status_mark(s), s.name()), Theme::verdict(s)));
                let (status, role) = status.unwrap_or((" ".repeat(13), Role::Text));
                paint.row(
                    line,
                    &[
                        own("      ", Role::Text),
                        made(format!("frame {:<9}", packet.number), Role::Text),
                        made(status, role),
                        made(format!(" {}  ", fit(texts.get(packet.server), 24, &marks)), Role::Text),
                        made(summary_text(model, &packet), Role::Dim),
                    ],
                );
            }
        }
        if at == model.findings.selected {
            paint.over(line, Role::Selected);
        }
    }
    let selected = rows.get(model.findings.selected).map(|row| match row {
        FindingRow::Rule(rule) | FindingRow::Packet(rule, _) => *rule,
    });
    if let Some(rule) = selected.filter(|_| foot > 0) {
        let y = area.bottom().saturating_sub(foot);
        paint.title(Rect { y, height: 1, ..area }, rule.id, &citation(rule.cite, rule.uncited), false);
        for (at, text) in (1u16..).zip([rule.text, rule.check]) {
            let lead = if at == 2 && !text.is_empty() { "check: " } else { "" };
            let bits = [own(" ", Role::Text), own(lead, Role::Dim), made(text.to_owned(), Role::Text)];
            paint.row(Rect { y: y.saturating_add(at), height: 1, ..area }, &bits);
        }
    }
}
