//! Text that is safe to show: nothing an attacker puts into a packet, a file name or an error reaches a screen raw.
//!
//! [`visible`] is the only way from octets to [`Visible`], and everything that shows text takes [`Visible`]. Must not know
//! where text goes.

use std::fmt::{self, Write};

/// Text without control characters, escapes, bidirectional overrides, zero-width or other invisible characters.
///
/// What was taken out stands as an escape: `\n`, `\u{1b}`, `\xff`. A backslash is doubled, so that no text can pretend.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Visible(String);

impl Visible {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as a string of its own.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Text put together from parts that are all visible already: it must not be escaped twice.
    pub fn from_parts(text: String) -> Self {
        debug_assert!(!text.chars().any(char::is_control), "a part was not made visible");
        Self(text)
    }

    /// Text of the program's own, which holds nothing from outside.
    pub fn own(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Visible {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::ops::Add<&Self> for Visible {
    type Output = Self;

    fn add(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }
}

/// Makes octets safe to show. Octets that are not UTF-8 become `\xNN`.
pub fn visible(octets: &[u8]) -> Visible {
    let mut out = String::with_capacity(octets.len());
    push_visible(&mut out, octets);
    Visible(out)
}

/// Makes text safe to show.
pub fn visible_str(text: &str) -> Visible {
    visible(text.as_bytes())
}

/// Appends octets, safe to show, to text that is.
pub fn push_visible(out: &mut String, octets: &[u8]) {
    // Most text is plain ASCII: nothing to look at character by character.
    if let Ok(text) = std::str::from_utf8(octets)
        && text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'\\')
    {
        out.push_str(text);
        return;
    }
    for chunk in octets.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(out, c);
        }
        for octet in chunk.invalid() {
            let _ = write!(out, "\\x{octet:02x}");
        }
    }
}

fn push_char(out: &mut String, c: char) {
    match c {
        // The debug form escapes quotes too, which do no harm here.
        '"' | '\'' => out.push(c),
        // Letters without width that the standard library takes for printable.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.extend(c.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        let hostile = "a\u{1b}[31m\u{202e}\u{200b}\u{9b}\u{feff}\u{3164}\t\0\\".as_bytes();
        let shown = visible(&[hostile, &[0xff, 0xc2]].concat());
        assert_eq!(shown.as_str(), "a\\u{1b}[31m\\u{202e}\\u{200b}\\u{9b}\\u{feff}\\u{3164}\\t\\0\\\\\\xff\\xc2");
    }

    #[test]
    fn printable_text_of_any_language_stays() {
        assert_eq!(visible("Straße 'ö' \"日本\"".as_bytes()).as_str(), "Straße 'ö' \"日本\"");
    }

    #[test]
    fn combining_marks_that_could_climb_over_other_text_are_escaped() {
        assert_eq!(visible("\u{301}x".as_bytes()).as_str(), "\\u{301}x");
    }
}
