//! The help screen: the table of keys, as it is in force.
//!
//! Must not list anything by hand.

use crate::tui::keys::{KEYS, Mode};
use crate::tui::model::Model;
use crate::tui::text::{Bit, fit, made, own};
use crate::tui::theme::{Role, Theme};
use crate::verify::Status;

/// The title.
pub(super) fn title(_: &Model) -> String {
    "Help: all keys; each action can also be typed by its name after :".to_owned()
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
            out.push(vec![
                made(format!("   {} ", fit(&keys, 22, marks)), Role::Key),
                made(row.help.to_owned(), Role::Text),
                made(format!("  :{}", row.name), Role::Dim),
            ]);
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
