//! Colours and marks. Every colour is doubled by a mark, a word or a weight, so that a screen without colours says the same.
//!
//! The theme without colours sets none at all: a terminal told to reset its colours also forgets reverse and bold. Must not
//! know what is drawn where.

use ratatui::style::{Color, Modifier, Style};

use super::settings::ThemeName;
use crate::model::Severity;
use crate::output::colors;
use crate::verify::Status;

/// What something on the screen is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plain text.
    Text,
    /// Less important text.
    Dim,
    /// Rules and titles.
    Title,
    /// Rules and titles of the pane with the focus.
    Focus,
    /// The selected row where the focus is.
    Selected,
    /// The selected row elsewhere.
    Idle,
    /// Layers and headings.
    Heading,
    /// Labels.
    Label,
    /// Generated fields.
    Generated,
    /// The octets of the selected field.
    Light,
    /// The octet at the cursor.
    Cursor,
    /// Hits of find.
    Hit,
    /// Right.
    Good,
    /// Wrong.
    Bad,
    /// A warning.
    Warning,
    /// Worth knowing.
    Note,
    /// A resynchronisation.
    Resync,
    /// A deviation.
    Deviant,
    /// The filter bar with a filter that can be used.
    FilterGood,
    /// The filter bar with one that cannot.
    FilterBad,
    /// A key, in hints.
    Key,
    /// The status bar.
    Status,
    /// What differs in a comparison.
    Differs,
}

/// Colours of one palette.
#[derive(Clone, Copy, Debug)]
struct Palette {
    dim: Color,
    title: Color,
    focus: Color,
    selected: Color,
    idle: Color,
    on_selected: Color,
    heading: Color,
    generated: Color,
    light: Color,
    on_light: Color,
    cursor: Color,
    hit: Color,
    good: Color,
    bad: Color,
    warning: Color,
    note: Color,
    deviant: Color,
    filter_good: Color,
    filter_bad: Color,
    status: Color,
}

const fn rgb(value: u32) -> Color {
    let [_, r, g, b] = value.to_be_bytes();
    Color::Rgb(r, g, b)
}

const DARK: Palette = Palette {
    dim: rgb(0x8a_93a0),
    title: rgb(0x5b_6573),
    focus: rgb(0x7a_b7ff),
    selected: rgb(0x2f_4a6d),
    idle: rgb(0x2b_313a),
    on_selected: rgb(0xf2_f5f8),
    heading: rgb(0xc3_d5ea),
    generated: rgb(0x9f_b8c9),
    light: rgb(0x8a_6d1f),
    on_light: rgb(0xff_ffff),
    cursor: rgb(0xff_d35c),
    hit: rgb(0x6b_4a7d),
    good: rgb(0x7c_cf8a),
    bad: rgb(0xff_7b72),
    warning: rgb(0xe3_b341),
    note: rgb(0x6c_c7d6),
    deviant: rgb(0xd2_a1f2),
    filter_good: rgb(0x1f_4a2c),
    filter_bad: rgb(0x5c_2323),
    status: rgb(0x26_2c35),
};

const LIGHT: Palette = Palette {
    dim: rgb(0x5f_6873),
    title: rgb(0x9a_a3ad),
    focus: rgb(0x0b_5cad),
    selected: rgb(0xbf_d8f5),
    idle: rgb(0xe3_e7ec),
    on_selected: rgb(0x10_1820),
    heading: rgb(0x12_3a63),
    generated: rgb(0x45_5f73),
    light: rgb(0xff_e08a),
    on_light: rgb(0x10_1820),
    cursor: rgb(0xc7_7700),
    hit: rgb(0xe6_cff2),
    good: rgb(0x1a_7f37),
    bad: rgb(0xc0_1c28),
    warning: rgb(0x8a_5a00),
    note: rgb(0x05_6b7a),
    deviant: rgb(0x7d_2fa8),
    filter_good: rgb(0xd3_f0da),
    filter_bad: rgb(0xfa_d7d7),
    status: rgb(0xe3_e7ec),
};

const SIXTEEN: Palette = Palette {
    dim: Color::DarkGray,
    title: Color::DarkGray,
    focus: Color::Cyan,
    selected: Color::Blue,
    // Dim text is dark grey too: underlined instead.
    idle: Color::Reset,
    on_selected: Color::White,
    heading: Color::Cyan,
    generated: Color::Gray,
    light: Color::Yellow,
    on_light: Color::Black,
    cursor: Color::White,
    hit: Color::Magenta,
    good: Color::Green,
    bad: Color::Red,
    warning: Color::Yellow,
    note: Color::Cyan,
    deviant: Color::Magenta,
    filter_good: Color::Green,
    filter_bad: Color::Red,
    status: Color::Reset,
};

/// Colours and marks in force.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Which it is.
    pub name: ThemeName,
    /// What it was chosen for.
    pub terminal: Terminal,
    palette: Option<Palette>,
    /// Marks.
    pub marks: Marks,
}

/// Characters that a terminal may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Only ASCII.
    pub ascii: bool,
    /// Horizontal rule.
    pub rule: &'static str,
    /// Vertical bar.
    pub bar: &'static str,
    /// A closed node.
    pub closed: &'static str,
    /// An open node.
    pub open: &'static str,
    /// Text was cut.
    pub more: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// The selected row.
    pub here: &'static str,
    /// A bar of a chart.
    pub block: &'static str,
    /// A marked packet.
    pub marked: &'static str,
    /// Something unseen.
    pub masked: &'static str,
}

const UNICODE: Marks = Marks {
    ascii: false,
    rule: "─",
    bar: "│",
    closed: "▸",
    open: "▾",
    more: "…",
    dot: "·",
    here: "▌",
    block: "█",
    marked: "●",
    masked: "•",
};

const ASCII: Marks = Marks {
    ascii: true,
    rule: "-",
    bar: "|",
    closed: "+",
    open: "-",
    more: "~",
    dot: "-",
    here: ">",
    block: "#",
    marked: "*",
    masked: "*",
};

/// What the environment says of the terminal.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the terminal")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// `NO_COLOR` is set, or colours were refused.
    pub no_color: bool,
    /// It has 24-bit colours.
    pub true_color: bool,
    /// Its background is light.
    pub light: bool,
    /// It shows only ASCII.
    pub ascii: bool,
}

impl Theme {
    /// The theme asked for, as far as the terminal can show it. `NO_COLOR` beats everything.
    pub fn new(name: ThemeName, terminal: Terminal) -> Self {
        let palette = match name {
            _ if terminal.no_color => None,
            ThemeName::Mono => None,
            ThemeName::Sixteen => Some(SIXTEEN),
            _ if !terminal.true_color => Some(SIXTEEN),
            ThemeName::Dark => Some(DARK),
            ThemeName::Light => Some(LIGHT),
            ThemeName::Auto => Some(if terminal.light { LIGHT } else { DARK }),
        };
        Self { name, terminal, palette, marks: if terminal.ascii { ASCII } else { UNICODE } }
    }

    /// The style of something.
    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        let Some(p) = &self.palette else { return mono(role) };
        match role {
            Role::Text | Role::Label => plain,
            Role::Dim => plain.fg(p.dim),
            Role::Title => plain.fg(p.title),
            Role::Focus => plain.fg(p.focus).add_modifier(Modifier::BOLD),
            Role::Selected => plain.fg(p.on_selected).bg(p.selected).add_modifier(Modifier::BOLD),
            Role::Idle if p.idle == Color::Reset => plain.add_modifier(Modifier::UNDERLINED),
            Role::Idle => plain.bg(p.idle),
            Role::Heading => plain.fg(p.heading).add_modifier(Modifier::BOLD),
            Role::Generated => plain.fg(p.generated),
            Role::Light => plain.fg(p.on_light).bg(p.light),
            Role::Cursor => plain.fg(p.cursor).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Role::Hit => plain.bg(p.hit),
            Role::Good => plain.fg(p.good),
            Role::Bad => plain.fg(p.bad).add_modifier(Modifier::BOLD),
            Role::Warning => plain.fg(p.warning),
            Role::Note | Role::Resync => plain.fg(p.note),
            Role::Deviant => plain.fg(p.deviant),
            Role::FilterGood => plain.fg(p.on_selected).bg(p.filter_good),
            Role::FilterBad => plain.fg(p.on_selected).bg(p.filter_bad),
            Role::Key => plain.fg(p.focus),
            Role::Status => plain.bg(p.status),
            Role::Differs => plain.fg(p.warning).add_modifier(Modifier::BOLD),
        }
    }

    /// How a colour rule of the user's own makes a row look. Its colours are those of the palette where they have a name, so
    /// that they can be read on any background; without colours only its weights count.
    pub fn rule(&self, wanted: &colors::Style) -> Style {
        let mut style = Style::new();
        for (set, modifier) in [
            (wanted.bold, Modifier::BOLD),
            (wanted.dim, Modifier::DIM),
            (wanted.italic, Modifier::ITALIC),
            (wanted.underline, Modifier::UNDERLINED),
            (wanted.reverse, Modifier::REVERSED),
        ] {
            if set {
                style = style.add_modifier(modifier);
            }
        }
        let Some(p) = &self.palette else { return style };
        let color = |color: colors::Color, behind: bool| match color {
            colors::Color::Rgb(r, g, b) if self.is_true_color() => Color::Rgb(r, g, b),
            colors::Color::Rgb(r, g, b) => {
                SIXTEEN_COLORS.into_iter().min_by_key(|one| one.far(r, g, b)).map_or(Color::Reset, |one| one.color)
            }
            // A background, and text on one, are what they are called.
            colors::Color::Named(number) if behind || wanted.bg.is_some() => named(number),
            colors::Color::Named(number) => match number % 8 {
                1 => p.bad,
                2 => p.good,
                3 => p.warning,
                4 => p.focus,
                5 => p.deviant,
                6 => p.note,
                _ => named(number),
            },
        };
        style.fg = wanted.fg.map(|one| color(one, false));
        style.bg = wanted.bg.map(|one| color(one, true));
        style
    }

    /// Whether there are colours at all.
    pub const fn has_colors(&self) -> bool {
        self.palette.is_some()
    }

    /// Whether colours of any mixture can be shown.
    const fn is_true_color(&self) -> bool {
        self.terminal.true_color && !matches!(self.name, ThemeName::Sixteen)
    }

    /// The role of a severity.
    pub const fn severity(severity: Severity) -> Role {
        match severity {
            Severity::Error => Role::Bad,
            Severity::Warning => Role::Warning,
            Severity::Note => Role::Note,
        }
    }

    /// The role of a verdict.
    pub const fn verdict(status: Status) -> Role {
        match status {
            Status::Valid => Role::Good,
            Status::Resync => Role::Resync,
            Status::Deviant => Role::Deviant,
            Status::Invalid | Status::Malformed => Role::Bad,
            Status::Unsigned | Status::Incomplete => Role::Warning,
            Status::Unchecked => Role::Dim,
        }
    }

    /// The mark of a verdict.
    pub const fn status_mark(&self, status: Status) -> char {
        if self.marks.ascii { status.ascii_mark() } else { status.mark() }
    }
}

/// One of the sixteen colours of every terminal, and how it usually looks.
#[derive(Clone, Copy)]
struct Sixteenth {
    color: Color,
    look: (u8, u8, u8),
}

impl Sixteenth {
    /// How far from another colour.
    fn far(self, r: u8, g: u8, b: u8) -> u32 {
        let far = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        far(self.look.0, r) + far(self.look.1, g) + far(self.look.2, b)
    }
}

const fn sixteenth(color: Color, r: u8, g: u8, b: u8) -> Sixteenth {
    Sixteenth { color, look: (r, g, b) }
}

const SIXTEEN_COLORS: [Sixteenth; 16] = [
    sixteenth(Color::Black, 0, 0, 0),
    sixteenth(Color::Red, 205, 0, 0),
    sixteenth(Color::Green, 0, 205, 0),
    sixteenth(Color::Yellow, 205, 205, 0),
    sixteenth(Color::Blue, 0, 0, 238),
    sixteenth(Color::Magenta, 205, 0, 205),
    sixteenth(Color::Cyan, 0, 205, 205),
    sixteenth(Color::Gray, 229, 229, 229),
    sixteenth(Color::DarkGray, 127, 127, 127),
    sixteenth(Color::LightRed, 255, 92, 92),
    sixteenth(Color::LightGreen, 92, 255, 92),
    sixteenth(Color::LightYellow, 255, 255, 92),
    sixteenth(Color::LightBlue, 92, 92, 255),
    sixteenth(Color::LightMagenta, 255, 92, 255),
    sixteenth(Color::LightCyan, 92, 255, 255),
    sixteenth(Color::White, 255, 255, 255),
];

/// A colour by its number among the sixteen.
fn named(number: u8) -> Color {
    SIXTEEN_COLORS.get(usize::from(number % 16)).map_or(Color::Reset, |one| one.color)
}

/// Weights instead of colours.
fn mono(role: Role) -> Style {
    let plain = Style::new();
    match role {
        Role::Selected | Role::Light | Role::FilterBad => plain.add_modifier(Modifier::REVERSED),
        Role::Cursor => plain.add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED),
        Role::Idle | Role::Hit | Role::Differs => plain.add_modifier(Modifier::UNDERLINED),
        Role::Focus | Role::Heading | Role::Bad | Role::Key => plain.add_modifier(Modifier::BOLD),
        Role::Dim | Role::Title | Role::Generated => plain.add_modifier(Modifier::DIM),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, Modifier, Role, Terminal, Theme, ThemeName};

    #[test]
    fn colour_rules_look_as_the_theme_can_show_them() {
        let look = |name, true_color, no_color, text: &str| {
            let terminal = Terminal { no_color, true_color, ..Terminal::default() };
            let style = Theme::new(name, terminal).rule(&text.parse().expect(text));
            (style.fg, style.bg, style.add_modifier)
        };
        let (dark, light) = (ThemeName::Dark, ThemeName::Light);
        let (red_dark, red_light) = (look(dark, true, false, "red").0, look(light, true, false, "red").0);
        assert!(red_dark.is_some() && red_light.is_some() && red_dark != red_light, "red is one of each theme");
        assert_eq!(look(dark, true, false, "#010203 on #ff0000").1, Some(Color::Rgb(255, 0, 0)));
        assert_eq!(look(dark, false, false, "#010203 on #ff0000").1, Some(Color::Red));
        assert_eq!(look(ThemeName::Sixteen, true, false, "white on red").0, Some(Color::Gray));
        for name in [dark, light, ThemeName::Sixteen, ThemeName::Mono] {
            assert_eq!(look(name, true, true, "bold red on blue"), (None, None, Modifier::BOLD));
        }
    }

    #[test]
    fn no_color_sets_no_colour_at_all_whatever_theme_is_asked_for() {
        let terminal = Terminal { no_color: true, true_color: true, ..Terminal::default() };
        for name in [ThemeName::Auto, ThemeName::Dark, ThemeName::Light, ThemeName::Sixteen, ThemeName::Mono] {
            let theme = Theme::new(name, terminal);
            for role in [Role::Selected, Role::Light, Role::Bad, Role::Good, Role::Status, Role::FilterGood] {
                let style = theme.style(role);
                assert_eq!((style.fg, style.bg, style.underline_color), (None, None, None), "{role:?}");
            }
        }
    }
}
