//! Puts text with roles onto the screen.
//!
//! Must not know what the text says.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::tui::text::{Bit, fit};
use crate::tui::theme::{Role, Theme};

/// A screen to draw on.
pub(super) struct Paint<'b> {
    pub(super) theme: &'b Theme,
    buffer: &'b mut Buffer,
}

impl<'b> Paint<'b> {
    pub(super) const fn new(theme: &'b Theme, buffer: &'b mut Buffer) -> Self {
        Self { theme, buffer }
    }

    /// Puts text into one line, cut to a width; says how wide it was.
    pub(super) fn text(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        self.styled(x, y, width, text, self.theme.style(role))
    }

    pub(super) fn styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() {
            return 0;
        }
        let (end, _) =
            self.buffer.set_stringn(x, y, text, usize::from(width.min(area.right().saturating_sub(x))), style);
        end.saturating_sub(x)
    }

    /// Puts a row of stretches into the first line of an area; a row that is too long shows that it was cut.
    pub(super) fn row(&mut self, area: Rect, bits: &[Bit]) {
        let whole: usize = bits.iter().map(|(text, _)| text.width()).sum();
        let cut = whole > usize::from(area.width);
        let room = area.width.saturating_sub(u16::from(cut));
        let mut used = 0u16;
        for (text, role) in bits {
            used = used.saturating_add(self.text(
                area.x.saturating_add(used),
                area.y,
                room.saturating_sub(used),
                text,
                *role,
            ));
        }
        if cut {
            self.text(area.x.saturating_add(room), area.y, 1, self.theme.marks.more, Role::Dim);
        }
    }

    /// The same, scrolled to the left by some columns.
    pub(super) fn scrolled(&mut self, area: Rect, bits: &[Bit], left: usize) {
        if left == 0 {
            self.row(area, bits);
            return;
        }
        let mut skip = left;
        let mut rest: Vec<Bit> = Vec::new();
        for (text, role) in bits {
            let kept: String = text
                .chars()
                .skip_while(|_| {
                    let skipped = skip > 0;
                    skip = skip.saturating_sub(1);
                    skipped
                })
                .collect();
            rest.push((kept.into(), *role));
        }
        self.row(area, &rest);
    }

    /// Lays a role over what stands in an area already; colours of the text stay where the role sets none.
    pub(super) fn over(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// The same for a style that is no role.
    pub(super) fn over_styled(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// The title of a pane: a rule with a name at its left and something at its right.
    pub(super) fn title(&mut self, area: Rect, name: &str, right: &str, focus: bool) {
        let role = if focus { Role::Focus } else { Role::Title };
        let marks = self.theme.marks;
        let width = usize::from(area.width);
        let lead = if focus { marks.here } else { marks.rule };
        let mut left = format!("{lead}{} {name} ", if focus { "" } else { marks.rule });
        let right = if right.is_empty() { String::new() } else { format!(" {right} {}", marks.rule) };
        let right = if left.width().saturating_add(right.width()) > width { String::new() } else { right };
        let room = width.saturating_sub(right.width());
        if left.width() > room {
            left = fit(&left, room, &marks);
        }
        let fill = width.saturating_sub(left.width()).saturating_sub(right.width());
        let line = format!("{left}{}{right}", marks.rule.repeat(fill));
        self.text(area.x, area.y, area.width, &line, role);
    }
}
