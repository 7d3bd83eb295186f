//! What is wrong with a filter: message, place, and what was expected instead. One text for command line and screen.
//!
//! Must not know how expressions are parsed.

use std::fmt;

use super::syntax::Spot;
use crate::model::visible_str;

/// What is wrong with an expression.
///
/// Shown as message, expression, caret and hint:
///
/// ```text
/// unknown field `dmnoti.sesion_id`
///   dmnoti.sesion_id == 1
///   ^~~~~~~~~~~~~~~~
/// did you mean `dmnoti.session_id`?
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    message: String,
    hint: Option<String>,
    source: String,
    spot: Spot,
}

/// How much of an expression is shown to the left and right of the place.
const BEFORE: usize = 60;
const AFTER: usize = 40;

impl FilterError {
    pub(super) fn new(source: &str, spot: Spot, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, source: source.to_owned(), spot }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A hint that names what exists, unless nothing near does.
    #[must_use]
    pub(super) fn did_you_mean(self, near: &[&str]) -> Self {
        match near {
            [] => self,
            [only] => self.hint(format!("did you mean `{only}`?")),
            _ => {
                let all: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                self.hint(format!("did you mean one of {}?", all.join(", ")))
            }
        }
    }

    /// What is wrong, in one line; safe to show.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, in one line; safe to show.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The column of the place, from 1, in characters.
    pub fn column(&self) -> usize {
        self.chars_before(self.spot.start) + 1
    }

    /// The number of characters the place is wide, at least 1.
    pub fn width(&self) -> usize {
        self.chars_before(self.spot.end).saturating_sub(self.chars_before(self.spot.start)).max(1)
    }

    fn chars_before(&self, at: usize) -> usize {
        self.source.char_indices().take_while(|(i, _)| *i < at).count()
    }

    /// The two lines that show the place: the expression (cut where it is long), and the caret under it.
    pub fn excerpt(&self) -> (String, String) {
        let start = self.column() - 1;
        let skip = start.saturating_sub(BEFORE);
        let room = start - skip + self.width().min(AFTER) + AFTER;
        let mut line = String::new();
        let mut caret = String::new();
        if skip > 0 {
            line.push('…');
            caret.push(' ');
        }
        let all = self.source.chars().count();
        for c in self.source.chars().skip(skip).take(room) {
            // One column for each character, or the caret would point beside it.
            let plain = visible_str(c.encode_utf8(&mut [0; 4])).as_str().chars().count() == 1 || c == '\\';
            line.push(if plain { c } else { '·' });
        }
        if all > skip + room {
            line.push('…');
        }
        caret.extend(std::iter::repeat_n(' ', start - skip));
        caret.push('^');
        caret.extend(std::iter::repeat_n('~', self.width().min(AFTER) - 1));
        (line, caret)
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, caret) = self.excerpt();
        write!(f, "{}\n  {line}\n  {caret}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}
