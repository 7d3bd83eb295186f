//! A drawn screen as an SVG image, for the picture in the docs: every cell where the terminal has it, in the theme's colours.
//!
//! Part of the tests. Must not know what is on the screen.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Width and height of a cell, in the image's units.
const CELL: (f32, f32) = (8.4, 18.0);
/// Distance of the text's base line from the top of its row.
const BASE: f32 = 13.5;
/// Room around the screen.
const EDGE: f32 = 12.0;
/// Colours of text and ground where the theme asks for none.
const PLAIN: (&str, &str) = ("#d7dae0", "#16181d");

/// The screen in `buffer`.
pub(super) fn svg(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (width, height) = (f32::from(area.width) * CELL.0 + 2.0 * EDGE, f32::from(area.height) * CELL.1 + 2.0 * EDGE);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" xml:space=\"preserve\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        PLAIN.1
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let look = Look::of(&buffer[(x, y)]);
            let from = x;
            let mut text = String::new();
            while x < area.width && Look::of(&buffer[(x, y)]) == look {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x = x.saturating_add(u16::try_from(symbol.width().max(1)).unwrap_or(1));
            }
            look.draw(&mut out, (from, x, y), &text);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// What cells that are drawn in one stretch have in common.
#[derive(PartialEq)]
struct Look {
    text: String,
    ground: String,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut text, mut ground) = (colour(cell.fg, PLAIN.0), colour(cell.bg, PLAIN.1));
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut text, &mut ground);
        }
        let has = |modifier| cell.modifier.contains(modifier);
        Self { text, ground, bold: has(Modifier::BOLD), dim: has(Modifier::DIM), underlined: has(Modifier::UNDERLINED) }
    }

    fn draw(&self, out: &mut String, (from, to, y): (u16, u16, u16), text: &str) {
        let (x, top) = (f32::from(from) * CELL.0 + EDGE, f32::from(y) * CELL.1 + EDGE);
        let width = f32::from(to.saturating_sub(from)) * CELL.0;
        if self.ground != PLAIN.1 {
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                CELL.1, self.ground
            );
        }
        if text.trim().is_empty() {
            return;
        }
        let _ =
            write!(out, "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" fill=\"{}\"", top + BASE, self.text);
        for (on, attribute) in [
            (self.bold, " font-weight=\"bold\""),
            (self.dim, " opacity=\"0.65\""),
            (self.underlined, " text-decoration=\"underline\""),
        ] {
            out.push_str(if on { attribute } else { "" });
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(' ', "\u{a0}");
        let _ = writeln!(out, ">{text}</text>");
    }
}

/// A colour as the image writes it.
fn colour(colour: Color, plain: &str) -> String {
    let name = match colour {
        Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Black => "#16181d",
        Color::Red | Color::LightRed => "#e06c75",
        Color::Green | Color::LightGreen => "#98c379",
        Color::Yellow | Color::LightYellow => "#e5c07b",
        Color::Blue | Color::LightBlue => "#61afef",
        Color::Magenta | Color::LightMagenta => "#c678dd",
        Color::Cyan | Color::LightCyan => "#56b6c2",
        Color::Gray => "#abb2bf",
        Color::DarkGray => "#7f848e",
        Color::White => "#ffffff",
        Color::Reset | Color::Indexed(_) => plain,
    };
    name.to_owned()
}
