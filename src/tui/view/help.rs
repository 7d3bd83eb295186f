//! The help screen: the table of keys, as it is in force.
//!
//! Must not list anything by hand.

use unicode_width::UnicodeWidthStr;

use crate::tui::keys::{KEYS, Mode};
use crate::tui::model::Model;
use crate::tui::text::{Bit, fit, made, own, sentence_lines};
use crate::tui::theme::{Role, Theme};
use crate::verify::Status;

/// The title.
pub(super) fn title(_: &Model) -> String {
    "Help: all keys; what follows : can be typed too".to_owned()
}

/// The lines.
pub(super) fn lines(model: &Model) -> Vec<Vec<Bit>> {
    let marks = &model.theme.marks;
    let mut out = Vec::new();
    for mode in Mode::ALL {
        if !out.is_empty() {
            out.push(Vec::new());
        }
        out.push(vec![made(format!(" {}", mode.title()), Role::Heading)]);
        for row in KEYS.iter().filter(|row| row.mode == mode) {
            let keys = model.keys.keys_of(mode, row.action);
            let keys = if keys.is_empty() { marks.dot.to_owned() } else { keys };
            let narrow = model.size.0 < 100;
            let wide = if narrow { 18 } else { 22 };
            let room = usize::from(model.size.0).saturating_sub(wide).saturating_sub(5);
            let name = format!(":{}", row.name);
            for (at, text) in sentence_lines(row.help, room, 9, marks).into_iter().enumerate() {
                let last = row.help.ends_with(text.as_str());
                let keys = if at == 0 { keys.as_str() } else { "" };
                let fits = text.width().saturating_add(name.len()).saturating_add(2) <= room;
                let mut line = vec![made(format!("   {} ", fit(keys, wide, marks)), Role::Key), made(text, Role::Text)];
                if last && fits {
                    line.push(made(format!("  {name}"), Role::Dim));
                }
                out.push(line);
                if last && !fits {
                    out.push(vec![
                        own("   ", Role::Text),
                        made(" ".repeat(wide.saturating_add(1)), Role::Text),
                        made(name.clone(), Role::Dim),
                    ]);
                }
            }
        }
    }
    out.push(Vec::new());
    out.push(vec![own(" Marks of digests", Role::Heading)]);
    for status in Status::ALL {
        out.push(vec![
            made(format!("   {} {:<12}", model.theme.status_mark(status), status.name()), Theme::verdict(status)),
            made(status.about().to_owned(), Role::Text),
        ]);
    }
    out.push(Vec::new());
    out.push(vec![own(" Marks of findings", Role::Heading)]);
    for (mark, role, text) in [("!", Role::Bad, "error"), ("*", Role::Warning, "warning"), ("-", Role::Note, "note")] {
        out.push(vec![made(format!("   {mark} {text}"), role)]);
    }
    out
}
