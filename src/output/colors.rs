//! Colour rules: the first display filter that selects a packet decides how its row looks.
//!
//! Every rule of ours has a mark beside its colour, so that a monochrome screen says the same. Must not know a terminal: a
//! style says what is wanted, and who draws decides what can be had.

use std::fmt;
use std::str::FromStr;

use crate::filter::{Filter, FilterError};
use crate::model::{Severity, View, Visible, visible_str};
use crate::verify::Status;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// One of the sixteen of every terminal: 0 black, 1 red, 2 green, 3 yellow, 4 blue, 5 magenta, 6 cyan, 7 white; 8..=15 bright.
    Named(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rgb(r, g, b) => write!(f, "#{r:02x}{g:02x}{b:02x}"),
            Self::Named(number) => {
                let name = NAMES.get(usize::from(number % 8)).copied().unwrap_or_default();
                write!(f, "{}{name}", if *number >= 8 { "bright-" } else { "" })
            }
        }
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        if let Some(digits) = lower.strip_prefix('#') {
            let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6 && !digits.starts_with('+'));
            let [_, r, g, b] =
                number.ok_or_else(|| format!("`{}` is no colour: expected #rrggbb", visible_str(text)))?.to_be_bytes();
            return Ok(Self::Rgb(r, g, b));
        }
        let (plain, bright) = match lower.strip_prefix("bright-") {
            Some(plain) => (plain, 8),
            None => (lower.as_str(), 0),
        };
        let found = (0u8..).zip(NAMES).find(|(_, name)| *name == plain);
        found.map(|(number, _)| Self::Named(number + bright)).ok_or_else(|| {
            format!(
                "`{}` is no colour: expected #rrggbb or {}, with `bright-` before it",
                visible_str(text),
                NAMES.join(", ")
            )
        })
    }
}

/// How text looks.
///
/// Written as words: `bold red`, `white on #800000`, `dim`, `reverse`.
#[expect(clippy::struct_excessive_bools, reason = "each is a property a terminal has or has not, in any combination")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Colour of the text.
    pub fg: Option<Color>,
    /// Colour behind it.
    pub bg: Option<Color>,
    /// Heavier.
    pub bold: bool,
    /// Fainter.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Text and background exchanged.
    pub reverse: bool,
}

impl FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut style = Self::default();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_str() {
                "bold" => style.bold = true,
                "dim" => style.dim = true,
                "italic" => style.italic = true,
                "underline" => style.underline = true,
                "reverse" => style.reverse = true,
                "on" => style.bg = Some(words.next().ok_or("a colour is missing after `on`")?.parse()?),
                _ => style.fg = Some(word.parse()?),
            }
        }
        Ok(style)
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.reverse, "reverse"),
        ];
        let mut words: Vec<String> = flags.iter().filter(|row| row.0).map(|row| row.1.to_owned()).collect();
        words.extend(self.fg.map(|color| color.to_string()));
        words.extend(self.bg.map(|color| format!("on {color}")));
        f.write_str(&words.join(" "))
    }
}

impl Style {
    /// The parameters of the terminal's "select graphic rendition" sequence: `1;31`. Empty for plain text.
    pub fn sgr(&self) -> String {
        let flags = [(self.bold, "1"), (self.dim, "2"), (self.italic, "3"), (self.underline, "4"), (self.reverse, "7")];
        let mut codes: Vec<String> = flags.iter().filter(|row| row.0).map(|row| row.1.to_owned()).collect();
        for (color, normal, bright, other) in [(self.fg, 30, 90, 38), (self.bg, 40, 100, 48)] {
            codes.extend(color.map(|color| match color {
                Color::Named(number) if number < 8 => format!("{}", normal + u16::from(number)),
                Color::Named(number) => format!("{}", bright + u16::from(number % 8)),
                Color::Rgb(r, g, b) => format!("{other};2;{r};{g};{b}"),
            }));
        }
        codes.join(";")
    }
}

/// A colour rule: packets the filter selects look like this.
#[derive(Debug)]
pub struct ColorRule {
    /// What it is called.
    pub name: Visible,
    /// What stands before the row, so that the colour is not needed; may be empty in rules of the user's own.
    pub mark: &'static str,
    /// Which packets.
    pub filter: Filter,
    /// How they look.
    pub style: Style,
}

/// Ordered rules: the first that selects a packet counts.
#[derive(Debug, Default)]
pub struct ColorRules {
    rules: Vec<ColorRule>,
}

impl ColorRules {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rules that count where the user has none: by verdict and severity, the gravest first.
    pub fn standard() -> Self {
        let mut all = Self::new();
        let mut add = |name, mark, filter: String, style: &str| {
            // A test holds that all of them are right.
            if let (Ok(filter), Ok(style)) = (Filter::new(&filter), style.parse()) {
                all.rules.push(ColorRule { name: Visible::own(name), mark, filter, style });
            }
        };
        for (status, style) in STATUS_FIRST {
            add(status.name(), mark_of(*status), status_filter(*status), style);
        }
        for (severity, mark, style) in [(Severity::Error, "E", "red"), (Severity::Warning, "W", "yellow")] {
            add(severity.name(), mark, format!("finding.severity == {}", severity.name()), style);
        }
        for (status, style) in STATUS_LAST {
            add(status.name(), mark_of(*status), status_filter(*status), style);
        }
        all
    }

    /// Adds a rule of the user's own after all others.
    ///
    /// # Errors
    /// The filter is wrong.
    pub fn add(&mut self, name: &str, filter: &str, style: Style) -> Result<(), FilterError> {
        let filter = Filter::new(filter)?;
        self.rules.push(ColorRule { name: visible_str(name), mark: "", filter, style });
        Ok(())
    }

    /// Adds all rules of another list after all others.
    pub fn append(&mut self, other: Self) {
        self.rules.extend(other.rules);
    }

    /// The rules in their order.
    pub fn rules(&self) -> &[ColorRule] {
        &self.rules
    }

    /// The first rule that selects the packet.
    pub fn of(&self, view: &View<'_>) -> Option<&ColorRule> {
        self.rules.iter().find(|rule| rule.filter.matches(view))
    }

    /// Rules of a Wireshark colour filter file (`@name@filter@[background][text]`), those switched off left out.
    ///
    /// What cannot be used (most often fields of protocols we do not dissect) is told with line, name and reason.
    pub fn import_wireshark(text: &str) -> (Self, Vec<Skipped>) {
        let mut all = Self::new();
        let mut skipped = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() || text.starts_with('#') || text.starts_with('!') {
                continue;
            }
            let (name, result) = match wireshark_rule(text) {
                Some((name, filter, style)) => {
                    (name, all.add(name, filter, style).map_err(|error| error.message().to_owned()))
                }
                None => ("", Err("not of the form @name@filter@[r,g,b][r,g,b]".to_owned())),
            };
            if let Err(reason) = result {
                skipped.push(Skipped { line, name: visible_str(name), reason });
            }
        }
        (all, skipped)
    }
}

/// A rule of an imported file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Line, from 1.
    pub line: usize,
    /// The rule's name.
    pub name: Visible,
    /// Why; safe to show.
    pub reason: String,
}

/// Verdicts that say more than any finding.
const STATUS_FIRST: &[(Status, &str)] = &[
    (Status::Invalid, "bold red"),
    (Status::Malformed, "bold white on red"),
    (Status::Deviant, "magenta"),
    (Status::Resync, "bold cyan"),
];

/// Verdicts that say less than a finding.
const STATUS_LAST: &[(Status, &str)] = &[
    (Status::Unsigned, "yellow"),
    (Status::Incomplete, "dim yellow"),
    (Status::Unchecked, "dim"),
    (Status::Valid, "green"),
];

fn status_filter(status: Status) -> String {
    format!("dmnoti.digest.status == \"{}\"", status.name())
}

const fn mark_of(status: Status) -> &'static str {
    match status {
        Status::Valid => "✓",
        Status::Resync => "↻",
        Status::Deviant => "~",
        Status::Invalid => "✗",
        Status::Unsigned => "∅",
        Status::Unchecked => "?",
        Status::Incomplete => "…",
        Status::Malformed => "!",
    }
}

fn wireshark_rule(line: &str) -> Option<(&str, &str, Style)> {
    let (name, rest) = line.strip_prefix('@')?.split_once('@')?;
    // A filter may hold the separator, the colours do not.
    let (filter, colors) = rest.rsplit_once('@')?;
    let (bg, fg) = colors.trim().strip_prefix('[')?.strip_suffix(']')?.split_once("][")?;
    let color = |text: &str| {
        let mut parts = text.split(',').map(|part| part.trim().parse::<u16>().ok().map(|value| value.to_be_bytes()[0]));
        let color = Color::Rgb(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(color)
    };
    Some((name, filter, Style { fg: Some(color(fg)?), bg: Some(color(bg)?), ..Style::default() }))
}

#[cfg(test)]
mod tests {
    use super::{Color, ColorRules, Status, Style, mark_of};

    #[test]
    fn a_style_is_written_in_words() {
        for text in ["bold red", "dim", "white on #800000", "underline reverse bright-blue on black", ""] {
            let style: Style = text.parse().expect(text);
            assert_eq!(style.to_string(), text);
        }
        assert_eq!("bold red on #010203".parse::<Style>().expect("a style").sgr(), "1;31;48;2;1;2;3");
        assert_eq!("bright-green on bright-black".parse::<Style>().expect("a style").sgr(), "92;100");
        for wrong in ["crimson", "on", "#12345", "red on", "bright-bold", "#+12345"] {
            assert!(wrong.parse::<Style>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_standard_rule_has_a_mark_of_its_own() {
        let all = ColorRules::standard();
        let expected = if crate::catalog::catalog().field("dmnoti.digest.status").is_some() { 10 } else { 2 };
        assert_eq!(all.rules().len(), expected);
        let mut marks: Vec<&str> = all.rules().iter().map(|rule| rule.mark).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), expected);
        for status in Status::ALL {
            assert_eq!(mark_of(status), status.mark().to_string());
        }
    }

    #[test]
    fn wireshark_s_colour_filters_are_imported_where_their_fields_are_ours() {
        let text = "# a comment\n\
            @UDP@udp || eth.type == 0x88cc@[56283,61166,65535][4718,10030,11796]\n\
            !@Off@udp@[0,0,0][65535,65535,65535]\n\
            @Bad TCP@tcp.analysis.flags@[4718,10030,11796][63479,34695,34695]\n\
            @Text@udp contains \"a@b\"@[0,0,0][65535,65535,65535]\n\
            nonsense\n";
        let (rules, skipped) = ColorRules::import_wireshark(text);
        let names: Vec<&str> = rules.rules().iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["UDP", "Text"]);
        assert_eq!(rules.rules()[0].style.bg, Some(Color::Rgb(219, 238, 255)));
        assert_eq!(rules.rules()[1].filter.source(), "udp contains \"a@b\"");
        let lines: Vec<usize> = skipped.iter().map(|rule| rule.line).collect();
        assert_eq!(lines, [4, 6]);
        assert!(skipped[0].reason.contains("tcp.analysis.flags"));
    }
}
