//! A text that is too long for the status bar: what was copied, for terminals that take no clipboard, or what could not be read.
//!
//! Must not change anything.

use unicode_width::UnicodeWidthChar;

use crate::tui::model::Model;
use crate::tui::text::{Bit, made};
use crate::tui::theme::Role;

/// The title.
pub(super) fn title(model: &Model) -> String {
    model.whole.0.to_owned()
}

/// The lines: from edge to edge, so that nothing but the text is selected.
pub(super) fn lines(model: &Model) -> Vec<Vec<Bit>> {
    let width = usize::from(model.size.0).max(1);
    let mut lines = vec![String::new()];
    let mut used = 0usize;
    for c in model.whole.1.as_str().chars() {
        let wide = c.width().unwrap_or(0);
        if used.saturating_add(wide) > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
        used = used.saturating_add(wide);
    }
    lines.into_iter().map(|line| vec![made(line, Role::Text)]).collect()
}
