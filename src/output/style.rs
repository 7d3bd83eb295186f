//! Colours of command line output, or their absence.
//!
//! Every colour is doubled by a mark or a word, so that plain output says the same. Must not know a terminal.

/// A colour or weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// As it is.
    Plain,
    /// Emphasised.
    Bold,
    /// Less important.
    Dim,
    /// Errors, wrong digests.
    Red,
    /// Warnings.
    Yellow,
    /// Right digests.
    Green,
    /// Notes.
    Cyan,
    /// Deviations.
    Magenta,
}

/// Paints text, or leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Painter {
    on: bool,
}

impl Painter {
    /// Colours on or off.
    pub const fn new(on: bool) -> Self {
        Self { on }
    }

    /// Whether it paints.
    pub const fn is_on(self) -> bool {
        self.on
    }

    /// Appends what `write` appends, in a colour.
    pub fn paint(self, out: &mut String, ink: Ink, write: impl FnOnce(&mut String)) {
        let code = match ink {
            Ink::Plain => "",
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Red => "31",
            Ink::Yellow => "33",
            Ink::Green => "32",
            Ink::Cyan => "36",
            Ink::Magenta => "35",
        };
        if !self.on || code.is_empty() {
            write(out);
            return;
        }
        out.push_str("\u{1b}[");
        out.push_str(code);
        out.push('m');
        write(out);
        out.push_str("\u{1b}[0m");
    }
}
