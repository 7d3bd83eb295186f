//! A key press by the name people call it: `j`, `Ctrl-f`, `Shift-Left`, `F8`.
//!
//! Must not know a terminal, nor what any key does.

use std::fmt;

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character; Shift is part of it.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key with what is held down beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift; never for characters, where it is part of the character.
    pub shift: bool,
}

/// Names of the keys that are no characters.
const NAMED: [(Code, &str); 15] = [
    (Code::Enter, "Enter"),
    (Code::Esc, "Esc"),
    (Code::Tab, "Tab"),
    (Code::BackTab, "Shift-Tab"),
    (Code::Backspace, "Backspace"),
    (Code::Delete, "Delete"),
    (Code::Up, "Up"),
    (Code::Down, "Down"),
    (Code::Left, "Left"),
    (Code::Right, "Right"),
    (Code::Home, "Home"),
    (Code::End, "End"),
    (Code::PageUp, "PgUp"),
    (Code::PageDown, "PgDn"),
    (Code::Char(' '), "Space"),
];

impl Key {
    /// A key by itself.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A character typed, with neither Ctrl nor Alt.
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads the name of a key.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "Shift-Tab" {
            return Some(Self::plain(Code::BackTab));
        }
        let mut key = Self::plain(Code::Esc);
        let mut rest = name;
        loop {
            // The last character may be a dash itself.
            let (flag, after) = if let Some(after) = rest.strip_prefix("Ctrl-") {
                (&mut key.ctrl, after)
            } else if let Some(after) = rest.strip_prefix("Alt-") {
                (&mut key.alt, after)
            } else if let Some(after) = rest.strip_prefix("Shift-") {
                (&mut key.shift, after)
            } else {
                break;
            };
            *flag = true;
            rest = after;
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) => Code::Char(c),
            _ => match NAMED.iter().find(|(_, n)| *n == rest) {
                Some((code, _)) => *code,
                None => Code::F(rest.strip_prefix('F')?.parse().ok().filter(|n| (1..=12).contains(n))?),
            },
        };
        Some(key)
    }

    /// Why a plain terminal cannot tell this key from another one, where that is so.
    pub fn unportable(self) -> Option<&'static str> {
        match self.code {
            Code::Char(_) if self.shift => Some("Shift is part of the character"),
            Code::Char(c) if self.ctrl => match c {
                'm' => Some("Ctrl-m is Enter"),
                'i' => Some("Ctrl-i is Tab"),
                '[' => Some("Ctrl-[ is Esc"),
                'j' => Some("Ctrl-j is Enter on some terminals"),
                'h' => Some("Ctrl-h is Backspace on some terminals"),
                's' | 'q' => Some("Ctrl-s and Ctrl-q stop and start terminals"),
                'a'..='z' => None,
                _ => Some("Ctrl goes with letters only"),
            },
            Code::Enter | Code::Esc | Code::Tab | Code::BackTab | Code::Backspace if self.ctrl || self.shift => {
                Some("needs an extended keyboard protocol")
            }
            _ if self.ctrl && self.shift => Some("Ctrl and Shift together need an extended keyboard protocol"),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match (NAMED.iter().find(|(code, _)| *code == self.code), self.code) {
            (Some((_, name)), _) => f.write_str(name),
            (None, Code::F(n)) => write!(f, "F{n}"),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

/// A button of the mouse, or its wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseWhat {
    /// The left button went down.
    Down,
    /// The mouse moved with the left button down.
    Drag,
    /// The left button went up.
    Up,
    /// The wheel turned away.
    WheelUp,
    /// The wheel turned back.
    WheelDown,
}

/// Something the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub what: MouseWhat,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
}

#[cfg(test)]
mod tests {
    use super::{Code, Key};

    #[test]
    fn names_and_keys_go_both_ways() {
        for name in
            ["j", "-", "Ctrl-f", "Ctrl-Down", "Shift-Left", "Shift-Tab", "F8", "Space", "PgDn", "Alt-x", "|", "é"]
        {
            let key = Key::parse(name).expect(name);
            assert_eq!(key.to_string(), name);
        }
        assert_eq!(Key::parse("F13"), None);
        assert_eq!(Key::parse("Hyper-x"), None);
        assert_eq!(Key::parse("G"), Some(Key::plain(Code::Char('G'))));
    }

    #[test]
    fn keys_that_plain_terminals_confuse_are_told() {
        for name in ["Ctrl-m", "Ctrl-i", "Ctrl-[", "Ctrl-1", "Ctrl-Shift-Up", "Ctrl-Enter"] {
            assert!(Key::parse(name).is_some_and(|key| key.unportable().is_some()), "{name}");
        }
        for name in ["Ctrl-f", "Ctrl-Down", "Shift-Left", "Alt-x", "Z"] {
            assert!(Key::parse(name).is_some_and(|key| key.unportable().is_none()), "{name}");
        }
    }
}
