//! A report as one self-contained page of HTML: no network, light and dark, tables that sort, charts as SVG.
//!
//! The template is `templates/report.html`; all text that reaches it is [`Visible`] or our own, and it escapes every value. Must not
//! know what a report is about.

use askama::Template;

use crate::model::Visible;

use super::page::{Bars, Page, Part, Table};
use super::sections::number;

/// What the template shows.
#[derive(Template)]
#[template(path = "report.html")]
struct Shown<'p> {
    page: &'p Page,
    subtitle: Visible,
    sections: Vec<Section>,
}

struct Section {
    id: &'static str,
    title: &'static str,
    parts: Vec<Drawn>,
}

enum Drawn {
    Text(Visible),
    Table(Grid),
    /// Bars beside each other from left to right, each with its name.
    Rows(Chart),
    /// Bars over time.
    Columns(Chart),
}

struct Grid {
    heads: Vec<(&'static str, bool)>,
    rows: Vec<Vec<Square>>,
    left_out: usize,
}

struct Square {
    class: String,
    sort: Option<u64>,
    text: Visible,
}

/// Bars in thousandths of the longest.
struct Chart {
    title: &'static str,
    legend: Vec<(&'static str, Visible)>,
    most: Visible,
    /// Room of all columns, and of one bar, in units of its own.
    width: usize,
    bar: usize,
    /// Names of some columns, from left to right.
    labels: Vec<Visible>,
    rows: Vec<Row>,
}

struct Row {
    label: Visible,
    total: Visible,
    at: usize,
    pieces: Vec<Piece>,
}

struct Piece {
    class: &'static str,
    start: u64,
    length: u64,
}

/// Room of a column and of the gap behind it.
const BAR: usize = 10;
const GAP: usize = 2;
/// Columns there is room for at least: few bars are not drawn as wide as the page.
const COLUMNS: usize = 24;
/// Text as long as this wants a wider column.
const LONG: usize = 33;
/// Text up to this length stands in one line.
const SHORT: usize = 22;

/// As HTML.
///
/// # Errors
/// The template cannot be written: a fault of ours.
pub fn html(page: &Page, subtitle: Visible) -> Result<String, askama::Error> {
    let sections = page.sections.iter().map(|section| Section {
        id: section.id,
        title: section.title,
        parts: section.parts.iter().filter_map(drawn).collect(),
    });
    Shown { page, subtitle, sections: sections.collect() }.render()
}

fn drawn(part: &Part) -> Option<Drawn> {
    match part {
        Part::Text(text) => Some(Drawn::Text(text.clone())),
        Part::Table(table) if table.rows.is_empty() => None,
        Part::Table(table) => Some(Drawn::Table(grid(table))),
        Part::Bars(bars) if bars.bars.is_empty() => None,
        Part::Bars(bars) if bars.over_time => Some(Drawn::Columns(chart(bars))),
        Part::Bars(bars) => Some(Drawn::Rows(chart(bars))),
    }
}

fn grid(table: &Table) -> Grid {
    let rows = table.rows.iter().map(|row| {
        let squares = row.iter().zip(&table.heads).map(|(cell, (_, right))| {
            let mut class = cell.tone.class().to_owned();
            if *right {
                class.push_str(" num");
            } else if cell.number.is_some() {
                class.push_str(" time");
            } else {
                class.push_str(match cell.text.as_str().chars().count() {
                    0..=SHORT => " time",
                    LONG.. => " long",
                    _ => "",
                });
            }
            Square { class, sort: cell.number, text: cell.text.clone() }
        });
        squares.collect()
    });
    Grid { heads: table.heads.clone(), rows: rows.collect(), left_out: table.left_out }
}

fn chart(bars: &Bars) -> Chart {
    let most = bars.most().max(1);
    let scaled = |part: u64| u64::try_from(u128::from(part) * 1000 / u128::from(most)).unwrap_or(1000);
    let row = |(at, bar): (usize, &super::page::Bar)| {
        let (mut sum, mut pieces) = (0u64, Vec::new());
        for (part, (_, tone)) in bar.parts.iter().zip(&bars.legend).filter(|(part, _)| **part > 0) {
            let start = scaled(sum);
            sum = sum.saturating_add(*part);
            // What is there is seen.
            let length = scaled(sum).saturating_sub(start).max(4);
            let start = if bars.over_time { 1000u64.saturating_sub(start).saturating_sub(length) } else { start };
            pieces.push(Piece { class: tone.class(), start, length });
        }
        Row { label: bar.label.clone(), total: number(bar.total), at: at * (BAR + GAP), pieces }
    };
    let used = |at: usize| bars.bars.iter().any(|bar| bar.parts.get(at).is_some_and(|part| *part > 0));
    let legend = bars.legend.iter().enumerate().filter(|(at, _)| used(*at));
    let (first, last) = (bars.bars.first(), bars.bars.last().filter(|_| bars.bars.len() > 1));
    let middle = bars.bars.get(bars.bars.len() / 2).filter(|_| bars.bars.len() > 4);
    // Where there is room for more, the names stand below the bars, not at the far end.
    let full = bars.bars.len() >= COLUMNS;
    let labels = if full { vec![first, middle, last] } else { vec![first, last] };
    Chart {
        title: bars.title,
        legend: legend.map(|(_, (name, tone))| (tone.class(), name.clone())).collect(),
        most: number(bars.most()),
        width: bars.bars.len().max(if bars.over_time { COLUMNS } else { 1 }) * (BAR + GAP),
        bar: BAR,
        labels: joined(labels.into_iter().flatten().map(|bar| bar.label.clone()).collect(), full),
        rows: bars.bars.iter().enumerate().map(row).collect(),
    }
}

/// The names of the first and the last bar: apart where they fill the room, else as one.
fn joined(labels: Vec<Visible>, full: bool) -> Vec<Visible> {
    if full || labels.len() < 2 {
        return labels;
    }
    let text: Vec<&str> = labels.iter().map(Visible::as_str).collect();
    vec![Visible::from_parts(text.join(" – "))]
}

#[cfg(test)]
mod tests {
    use super::html;
    use crate::model::{Visible, visible_str};
    use crate::report::page::{Cell, Page, Part, Section, Table};

    #[test]
    fn every_value_is_escaped() {
        let hostile = visible_str("<script>alert(1)</script>\u{202e}\u{1b}\"'&");
        let cell = Cell { text: hostile.clone(), ..Cell::default() };
        let table = Table { heads: vec![("Name", false)], rows: vec![vec![cell]], left_out: 0 };
        let parts = vec![Part::Text(hostile.clone()), Part::Table(table)];
        let page = Page {
            figures: Vec::new(),
            notices: vec![hostile.clone()],
            sections: vec![Section { id: "x", title: "X", parts }],
        };
        let out = html(&page, hostile).expect("a page");
        assert!(!out.contains("<script>alert") && !out.contains('\u{202e}') && !out.contains('\u{1b}'));
        assert_eq!(out.matches("alert(1)").count(), 5, "{out}");
        assert_eq!(out.matches("http").count(), 1, "nothing is fetched: {out}");
        assert!(html(&Page { figures: vec![], notices: vec![], sections: vec![] }, Visible::default()).is_ok());
    }
}
