//! The digest screen: how the digest of the selected notification was checked, step by step.
//!
//! Shows what verification tells and nothing more: secrets, and what is computed from them, never get here.

use unicode_width::UnicodeWidthStr;

use crate::tui::model::Model;
use crate::tui::msg::StoryKind;
use crate::tui::text::{Bit, made, own, sentence_lines};
use crate::tui::theme::Role;

/// The title.
pub(super) fn title(model: &Model) -> String {
    let number = model.current_line().map(|line| line.number);
    number.map_or_else(|| "Digest".to_owned(), |n| format!("Digest of the notification in frame {n}"))
}

/// The lines.
pub(super) fn lines(model: &Model) -> Vec<Vec<Bit>> {
    let Some((_, story)) = model.story.as_ref().filter(|(of, _)| Some(*of) == model.current()) else {
        return vec![vec![own("  working it out", Role::Dim)]];
    };
    if story.is_empty() {
        return vec![vec![own("  this packet holds no notification", Role::Dim)]];
    }
    let marks = &model.theme.marks;
    let width = usize::from(model.size.0);
    let wide = if width >= 100 { 34 } else { 26 };
    let mut out = Vec::new();
    for line in story {
        let (mark, role) = match line.kind {
            StoryKind::Heading => {
                if !out.is_empty() {
                    out.push(Vec::new());
                }
                out.push(vec![
                    made(format!(" {}", line.label), Role::Heading),
                    made(format!("  {}", line.text), Role::Text),
                ]);
                continue;
            }
            StoryKind::Fact => (" ", Role::Text),
            StoryKind::Masked => (marks.masked, Role::Dim),
            StoryKind::Fits => (if marks.ascii { "v" } else { "✓" }, Role::Good),
            StoryKind::Misses => (if marks.ascii { "x" } else { "✗" }, Role::Dim),
            StoryKind::Diagnosis => ("!", Role::Deviant),
        };
        let label = line.label.as_str();
        if label.is_empty() {
            let lines = sentence_lines(line.text.as_str(), width.saturating_sub(6).max(20), 40, marks);
            for (at, text) in lines.into_iter().enumerate() {
                let mark = if at == 0 { mark } else { " " };
                out.push(vec![made(format!("  {mark} {text}"), role)]);
            }
            continue;
        }
        let mut label = label;
        if label.width() > wide {
            // Better a line of its own than half a name.
            let whole = crate::tui::text::fit(label, width.saturating_sub(5), marks);
            out.push(vec![made(format!("  {mark} "), role), made(whole.trim_end().to_owned(), Role::Dim)]);
            label = "";
        }
        let room = width.saturating_sub(wide).saturating_sub(6).max(20);
        for (at, text) in sentence_lines(line.text.as_str(), room, 40, marks).into_iter().enumerate() {
            let (mark, label) = if at == 0 && !label.is_empty() { (mark, label) } else { (" ", "") };
            let label = crate::tui::text::fit(label, wide, marks);
            out.push(vec![made(format!("  {mark} "), role), made(format!("{label} "), Role::Dim), made(text, role)]);
        }
    }
    out
}
