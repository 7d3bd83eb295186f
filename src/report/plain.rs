//! A report as text for terminals and as Markdown.
//!
//! Must not know what a report is about: it writes figures, tables and bars.

use std::fmt::Write as _;

use comfy_table::{Cell as Drawn, CellAlignment, ColumnConstraint, ContentArrangement, Table as Drawing, Width};
use unicode_width::UnicodeWidthStr;

use crate::model::visible::Visible;
use crate::output::style::{Ink, Painter};

use super::page::{Bars, Page, Part, Table, Tone};

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours or none.
    pub paint: Painter,
    /// Only ASCII characters of ours.
    pub ascii: bool,
    /// Columns to keep within; none for as many as it takes.
    pub width: Option<u16>,
}

/// Columns of the longest bar.
const BAR: u64 = 40;

/// Columns of a cell that is not broken into lines.
const WHOLE: u16 = 19;

/// As text.
pub fn text(page: &Page, look: Look) -> String {
    let mut out = String::new();
    for notice in &page.notices {
        look.paint.paint(&mut out, Ink::Red, |out| out.push_str("! "));
        let _ = writeln!(out, "{notice}");
    }
    if !page.notices.is_empty() {
        out.push('\n');
    }
    let label = page.figures.iter().map(|figure| figure.label.len()).max().unwrap_or(0);
    let width = page.figures.iter().map(|figure| figure.value.as_str().len()).max().unwrap_or(0);
    for figure in &page.figures {
        let _ = write!(out, "{:<label$}  ", figure.label);
        look.paint.paint(&mut out, ink(figure.tone), |out| {
            let _ = write!(out, "{:>width$}", figure.value);
        });
        let note = figure.note.as_str();
        let _ = writeln!(out, "{}{note}", if note.is_empty() { "" } else { "  " });
    }
    for section in &page.sections {
        out.push('\n');
        look.paint.paint(&mut out, Ink::Bold, |out| out.push_str(section.title));
        out.push('\n');
        for part in &section.parts {
            match part {
                Part::Text(text) => {
                    let _ = writeln!(out, "{text}");
                }
                Part::Table(table) if table.rows.is_empty() => {}
                Part::Table(table) => {
                    out.push('\n');
                    draw(&mut out, table, look);
                }
                Part::Bars(bars) => {
                    out.push('\n');
                    push_bars(&mut out, bars, look);
                }
            }
        }
    }
    out
}

/// As Markdown.
pub fn markdown(page: &Page) -> String {
    let mut out = String::from("# Pushes and notifications\n");
    for notice in &page.notices {
        let _ = write!(out, "\n> **{}**\n", escaped(notice));
    }
    out.push_str("\n| | | |\n| --- | ---: | --- |\n");
    for figure in &page.figures {
        let _ = writeln!(out, "| {} | {} | {} |", figure.label, escaped(&figure.value), escaped(&figure.note));
    }
    let look = Look { paint: Painter::new(false), ascii: false, width: None };
    for section in &page.sections {
        let _ = write!(out, "\n## {}\n", section.title);
        for part in &section.parts {
            match part {
                Part::Text(text) => {
                    let _ = write!(out, "\n{}\n", escaped(text));
                }
                Part::Table(table) if table.rows.is_empty() => {}
                Part::Table(table) => {
                    out.push('\n');
                    push_markdown(&mut out, table);
                }
                Part::Bars(bars) => {
                    out.push_str("\n```text\n");
                    push_bars(&mut out, bars, look);
                    out.push_str("```\n");
                }
            }
        }
    }
    out
}

fn push_markdown(out: &mut String, table: &Table) {
    for (title, _) in &table.heads {
        let _ = write!(out, "| {title} ");
    }
    out.push_str("|\n");
    for (_, right) in &table.heads {
        out.push_str(if *right { "| ---: " } else { "| --- " });
    }
    out.push_str("|\n");
    for row in &table.rows {
        for cell in row {
            let _ = write!(out, "| {} ", escaped(&cell.text));
        }
        out.push_str("|\n");
    }
    push_left_out(out, table);
}

/// Characters that Markdown takes for its own, taken for themselves.
fn escaped(text: &Visible) -> String {
    let mut out = String::new();
    for c in text.as_str().chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn push_left_out(out: &mut String, table: &Table) {
    if table.left_out > 0 {
        let _ = write!(out, "\n… and {} more; --format json has all of them\n", table.left_out);
    }
}

/// A table without lines: the shortest that stays readable in a terminal, a mail and a log.
fn draw(out: &mut String, table: &Table, look: Look) {
    let mut drawing = Drawing::new();
    drawing.load_style(comfy_table::presets::NOTHING);
    if let Some(width) = look.width {
        drawing.set_content_arrangement(ContentArrangement::Dynamic);
        drawing.set_width(width);
    }
    let align = |right: bool| if right { CellAlignment::Right } else { CellAlignment::Left };
    drawing.set_header(table.heads.iter().map(|(title, right)| Drawn::new(title).set_alignment(align(*right))));
    for row in &table.rows {
        let cells = row
            .iter()
            .zip(&table.heads)
            .map(|(cell, (_, right))| Drawn::new(cell.text.as_str()).set_alignment(align(*right)));
        drawing.add_row(cells);
    }
    let widths = drawing.column_max_content_widths();
    for (column, width) in drawing.column_iter_mut().zip(widths) {
        column.set_padding((0, 2));
        // Names and times are copied from here: only long text is broken.
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width.min(WHOLE).saturating_add(2))));
    }
    for (at, line) in drawing.lines().enumerate() {
        let line = line.trim_end();
        if at == 0 {
            look.paint.paint(out, Ink::Dim, |out| out.push_str(line));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    push_left_out(out, table);
}

const fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => Ink::Plain,
        Tone::Good => Ink::Green,
        Tone::Calm => Ink::Cyan,
        Tone::Warn => Ink::Yellow,
        Tone::Bad => Ink::Red,
        Tone::Faint => Ink::Dim,
    }
}

/// What the parts of a bar are drawn with: distinct without colours too.
const fn filling(tone: Tone, ascii: bool) -> char {
    match (tone, ascii) {
        (Tone::Good, false) => '█',
        (Tone::Calm, false) => '▓',
        (Tone::Warn, false) => '▒',
        (Tone::Bad, _) => '!',
        (Tone::Faint, false) => '░',
        (Tone::Plain, _) => '·',
        (Tone::Good, true) => '#',
        (Tone::Calm, true) => '+',
        (Tone::Warn, true) => '~',
        (Tone::Faint, true) => '-',
    }
}

fn push_bars(out: &mut String, bars: &Bars, look: Look) {
    if bars.bars.is_empty() {
        return;
    }
    let used = |at: usize| bars.bars.iter().any(|bar| bar.parts.get(at).is_some_and(|part| *part > 0));
    let legend = bars.legend.iter().enumerate().filter(|(at, _)| used(*at));
    let _ = write!(out, "{}:", bars.title);
    for (_, (name, tone)) in legend {
        let _ = write!(out, "  ");
        look.paint.paint(out, ink(*tone), |out| out.push(filling(*tone, look.ascii)));
        let _ = write!(out, " {name}");
    }
    out.push('\n');
    let label = bars.bars.iter().map(|bar| bar.label.as_str().width()).max().unwrap_or(0);
    let total = bars.bars.iter().map(|bar| super::sections::number(bar.total).as_str().len()).max().unwrap_or(0);
    for bar in &bars.bars {
        let gap = label.saturating_sub(bar.label.as_str().width());
        let _ = write!(out, "{}{:gap$}  {:>total$}  ", bar.label, "", super::sections::number(bar.total));
        // Each part ends where its sum does, so that rounding never adds up.
        let (mut sum, mut drawn) = (0u64, 0);
        for (part, (_, tone)) in bar.parts.iter().zip(&bars.legend) {
            sum = sum.saturating_add(*part);
            let end = scaled(sum, bars.most());
            // What is there is seen.
            let end = if *part > 0 { end.max(drawn + 1) } else { end };
            look.paint.paint(out, ink(*tone), |out| {
                out.extend((drawn..end).map(|_| filling(*tone, look.ascii)));
            });
            drawn = end;
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
}

fn scaled(part: u64, most: u64) -> u64 {
    let wide = u128::from(part) * u128::from(BAR) / u128::from(most.max(1));
    u64::try_from(wide).unwrap_or(BAR)
}
