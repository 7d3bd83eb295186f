//! A line being typed: text, cursor, history, offers for completion; masked where it is a secret.
//!
//! Must not know what the line is for beyond its kind, nor the screen.

use zeroize::Zeroizing;

use super::keys::Action;

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A display filter.
    Filter,
    /// Something to find.
    Find,
    /// A command.
    Command,
    /// A frame number.
    GoTo,
    /// The name of a secrets file.
    SecretsFile,
    /// A server identifier, whose secrets follow.
    ServerId,
    /// Its 1.2 password.
    Password,
    /// Its 1.2 nonce.
    Nonce,
    /// Its 2.0 secret.
    Secret,
    /// A comment on a packet.
    Comment,
    /// Whether to leave with comments that are not written.
    Leave,
}

impl Kind {
    /// What stands before the line.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Filter => "Filter: ",
            Self::Find => "Find: ",
            Self::Command => ":",
            Self::GoTo => "Go to frame: ",
            Self::SecretsFile => "Secrets file: ",
            Self::ServerId => "Server identifier (* for every server): ",
            Self::Password => "1.2 password (unseen; empty: none): ",
            Self::Nonce => "1.2 nonce (unseen; text, hex:… or b64:…; empty: none): ",
            Self::Secret => "2.0 secret (unseen; empty: none): ",
            Self::Comment => "Comment: ",
            Self::Leave => "Comments are not written. Leave without them? (y/n, or :w FILE.pcapng first): ",
        }
    }

    /// Whether what is typed must not be seen.
    pub const fn masked(self) -> bool {
        matches!(self, Self::Password | Self::Nonce | Self::Secret)
    }

    /// Whether lines typed are remembered.
    pub const fn remembered(self) -> bool {
        matches!(self, Self::Filter | Self::Find | Self::Command)
    }
}

/// Longest line in octets. A masked one never grows beyond it, so that no copy of it is left in memory.
const LINE_MAX: usize = 4096;

/// A line being typed.
pub struct Prompt {
    /// What for.
    pub kind: Kind,
    text: Zeroizing<String>,
    /// Cursor, in octets; always between characters.
    cursor: usize,
    /// Which of the lines typed before is shown, from the newest.
    recalled: Option<usize>,
    /// What was typed before a line was recalled.
    draft: String,
    /// Offers for completion and where they go.
    pub offers: Vec<Offer>,
    /// The offer taken.
    pub chosen: Option<usize>,
}

/// An offer for completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What stands in the line when it is taken.
    pub text: String,
    /// What it is.
    pub note: String,
    /// The part of the line it replaces, in octets.
    pub range: (usize, usize),
}

impl std::fmt::Debug for Prompt {
    /// Never shows the text: it may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prompt").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Prompt {
    /// An empty line, or one to go on with.
    pub fn new(kind: Kind, text: &str) -> Self {
        let mut line = Zeroizing::new(String::with_capacity(LINE_MAX));
        line.push_str(text.get(..LINE_MAX).unwrap_or(text));
        let cursor = line.len();
        Self { kind, text: line, cursor, recalled: None, draft: String::new(), offers: Vec::new(), chosen: None }
    }

    /// The line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line, to be kept as a secret.
    pub fn take(&mut self) -> Zeroizing<String> {
        std::mem::replace(&mut self.text, Zeroizing::new(String::new()))
    }

    /// What stands before the cursor.
    pub fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or(&self.text)
    }

    /// What stands behind it.
    pub fn after(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or("")
    }

    /// Types characters; line breaks become blanks, other control characters are left out.
    pub fn insert(&mut self, typed: &str) {
        for c in typed.chars() {
            let c = if c == '\n' || c == '\t' { ' ' } else { c };
            if !c.is_control() && self.text.len().saturating_add(c.len_utf8()) <= LINE_MAX {
                self.text.insert(self.cursor, c);
                self.cursor = self.cursor.saturating_add(c.len_utf8());
            }
        }
        self.edited();
    }

    fn edited(&mut self) {
        self.offers.clear();
        self.chosen = None;
        self.recalled = None;
    }

    fn char_before(&self) -> usize {
        self.before().char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn char_after(&self) -> usize {
        self.cursor.saturating_add(self.after().chars().next().map_or(0, char::len_utf8))
    }

    fn word_before(&self) -> usize {
        let trimmed = self.before().trim_end_matches(|c: char| !c.is_alphanumeric());
        trimmed.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric()).last().map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let after = self.after();
        let start = after.find(|c: char| c.is_alphanumeric()).unwrap_or(after.len());
        let word = after.get(start..).unwrap_or("");
        let len = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
        self.cursor.saturating_add(start).saturating_add(len)
    }

    fn delete(&mut self, from: usize, to: usize) {
        if from < to && self.text.is_char_boundary(from) && self.text.is_char_boundary(to) {
            self.text.replace_range(from..to, "");
            self.cursor = from;
        }
        self.edited();
    }

    /// Edits the line; `false` where the action is none of editing.
    pub fn edit(&mut self, action: Action) -> bool {
        match action {
            Action::CharLeft => self.cursor = self.char_before(),
            Action::CharRight => self.cursor = self.char_after(),
            Action::WordLeft => self.cursor = self.word_before(),
            Action::WordRight => self.cursor = self.word_after(),
            Action::Start => self.cursor = 0,
            Action::End => self.cursor = self.text.len(),
            Action::DeleteLeft => self.delete(self.char_before(), self.cursor),
            Action::DeleteRight => self.delete(self.cursor, self.char_after()),
            Action::DeleteWord => self.delete(self.word_before(), self.cursor),
            Action::DeleteToStart => self.delete(0, self.cursor),
            Action::DeleteToEnd => self.delete(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    /// Shows a line typed before (`older`) or after. `history` has the newest last.
    pub fn recall(&mut self, history: &[String], older: bool) {
        let next = match (self.recalled, older) {
            (None, true) => {
                self.draft.clear();
                self.draft.push_str(&self.text);
                Some(0)
            }
            (Some(at), true) => Some(at.saturating_add(1)),
            (Some(0) | None, false) => None,
            (Some(at), false) => Some(at.saturating_sub(1)),
        };
        let line = match next {
            Some(at) => match history.iter().rev().nth(at) {
                Some(line) => line.clone(),
                None => return,
            },
            None if self.recalled.is_some() => self.draft.clone(),
            None => return,
        };
        self.replace(&line);
        self.recalled = next;
    }

    /// Puts another line in its place.
    pub fn replace(&mut self, line: &str) {
        self.text.clear();
        self.text.push_str(line.get(..LINE_MAX).unwrap_or(line));
        self.cursor = self.text.len();
        self.edited();
    }

    /// Takes the next offer, or the one before. Offers stay, so that pressing again goes on.
    pub fn complete(&mut self, forward: bool) {
        let count = self.offers.len();
        if count == 0 {
            return;
        }
        let next = match (self.chosen, forward) {
            (None, true) => 0,
            (None, false) => count.saturating_sub(1),
            (Some(at), true) => at.saturating_add(1) % count,
            (Some(at), false) => at.checked_sub(1).unwrap_or(count.saturating_sub(1)),
        };
        let Some(offer) = self.offers.get(next) else { return };
        let (from, to) = offer.range;
        let text = offer.text.clone();
        if from <= to && to <= self.text.len() && self.text.is_char_boundary(from) && self.text.is_char_boundary(to) {
            self.text.replace_range(from..to, &text);
            let end = from.saturating_add(text.len());
            self.cursor = end;
            for offer in &mut self.offers {
                offer.range = (from, end);
            }
            self.chosen = Some(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Kind, Offer, Prompt};

    #[test]
    fn editing_keeps_to_characters_and_words() {
        let mut line = Prompt::new(Kind::Filter, "udp.port == ä");
        line.edit(Action::DeleteLeft);
        assert_eq!(line.text(), "udp.port == ");
        line.edit(Action::WordLeft);
        line.insert("dst");
        assert_eq!(line.text(), "udp.dstport == ");
        line.edit(Action::DeleteWord);
        assert_eq!(line.text(), "udp.port == ");
        line.edit(Action::DeleteToEnd);
        line.insert("\u{1b}x\n");
        assert_eq!(line.text(), "udp.x ");
    }

    #[test]
    fn what_was_typed_comes_back_after_the_history() {
        let history = ["a".to_owned(), "b".to_owned()];
        let mut line = Prompt::new(Kind::Find, "new");
        line.recall(&history, true);
        assert_eq!(line.text(), "b");
        line.recall(&history, true);
        line.recall(&history, true);
        assert_eq!(line.text(), "a");
        line.recall(&history, false);
        line.recall(&history, false);
        assert_eq!(line.text(), "new");
    }

    #[test]
    fn completing_again_takes_the_next_offer() {
        let mut line = Prompt::new(Kind::Filter, "x == d");
        let offer = |text: &str| Offer { text: text.to_owned(), note: String::new(), range: (5, 6) };
        line.offers = vec![offer("dmnoti"), offer("data")];
        line.complete(true);
        assert_eq!(line.text(), "x == dmnoti");
        line.complete(true);
        assert_eq!(line.text(), "x == data");
        line.complete(true);
        assert_eq!(line.text(), "x == dmnoti");
    }

    #[test]
    fn a_secret_does_not_show_when_printed() {
        assert!(!format!("{:?}", Prompt::new(Kind::Password, "hunter2")).contains("hunter2"));
    }
}
