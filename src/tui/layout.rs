//! Where everything stands on the screen.
//!
//! Pure arithmetic on the model: drawing, paging and the mouse all ask here. Must not draw.

use ratatui::layout::Rect;

use super::model::{Model, Pane, Screen};
use super::settings::{Layout, State};

/// The smallest screen that shows anything.
pub const SMALLEST: (u16, u16) = (60, 15);

/// A border that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Between the list and the rest.
    List,
    /// Between tree and octets.
    Tree,
}

/// Where everything stands. Panes have their title in their first row; a pane that is not shown has no area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The filter bar.
    pub filter: Rect,
    /// The packet list.
    pub list: Rect,
    /// The field tree.
    pub tree: Rect,
    /// The octets.
    pub octets: Rect,
    /// A bar between panes that stand beside each other.
    pub bar: Rect,
    /// All panes, or the screen that stands in their place.
    pub body: Rect,
    /// The detail line.
    pub detail: Rect,
    /// The status bar.
    pub status: Rect,
}

/// The layout in force.
pub fn layout(model: &Model) -> Layout {
    match model.state.layout {
        Layout::Auto if model.size.0 >= 110 => Layout::Split,
        Layout::Auto => Layout::Stacked,
        other => other,
    }
}

/// Rows of the detail line.
fn detail_rows(model: &Model) -> u16 {
    let height = model.size.1;
    match model.state.detail_rows {
        0 if height < 20 => 1,
        0 if height < 30 => 2,
        0 if height < 50 => 4,
        0 => 6,
        rows => rows.min(height / 3).max(1),
    }
}

/// A share of something in percent, leaving at least `least` on both sides.
fn share(of: u16, percent: u16, least: u16) -> u16 {
    let part = u32::from(of).saturating_mul(u32::from(percent.min(100))) / 100;
    let part = u16::try_from(part).unwrap_or(of);
    part.clamp(least.min(of), of.saturating_sub(least).max(least.min(of)))
}

/// The list takes no more room than a small capture needs, unless somebody chose how much it gets.
fn list_most(model: &Model) -> u16 {
    if model.loading() || model.state.list_share != State::LIST_SHARE {
        return u16::MAX;
    }
    // Title, heads and a row to spare; what the filter hides counts, so that nothing jumps when it changes.
    u16::try_from(model.store.len().max(3).saturating_add(3)).unwrap_or(u16::MAX)
}

/// Where everything stands.
pub fn areas(model: &Model) -> Areas {
    let (width, height) = model.size;
    let full = Rect::new(0, 0, width, height);
    let row = |at: u16| Rect::new(0, at, width, 1).intersection(full);
    let mut areas = Areas { filter: row(0), status: row(height.saturating_sub(1)), ..Areas::default() };
    let detail = if model.screen == Screen::Panes { detail_rows(model) } else { 0 };
    let body_height = height.saturating_sub(2).saturating_sub(detail);
    areas.body = Rect::new(0, 1, width, body_height).intersection(full);
    areas.detail = Rect::new(0, 1u16.saturating_add(body_height), width, detail).intersection(full);
    let body = areas.body;
    if model.zoom {
        *match model.focus {
            Pane::List => &mut areas.list,
            Pane::Tree => &mut areas.tree,
            Pane::Octets => &mut areas.octets,
        } = body;
        return areas;
    }
    let list = model.state.list_share;
    let tree = model.state.tree_share;
    match layout(model) {
        Layout::Beside => {
            let left = share(body.width, list.max(20), 24);
            areas.list = Rect { width: left, ..body };
            areas.bar = Rect::new(left, body.y, 1, body.height);
            let right = Rect::new(
                left.saturating_add(1),
                body.y,
                body.width.saturating_sub(left).saturating_sub(1),
                body.height,
            );
            (areas.tree, areas.octets) = above_and_below(right, tree, 3, u16::MAX);
        }
        Layout::Split => {
            let (list, rest) = above_and_below(body, list, 4, list_most(model));
            areas.list = list;
            let left = if tree == State::TREE_SHARE {
                // Unless somebody chose otherwise, the octets get what whole lines need, and the tree the rest.
                let fits = |in_line: u16, least: u16| {
                    let octets = OFFSET_WIDTH + in_line * 4 + in_line / 8 + 1;
                    rest.width.checked_sub(octets + 1).filter(|left| *left >= least)
                };
                fits(16, 70).or_else(|| fits(8, 36)).unwrap_or_else(|| share(rest.width.saturating_sub(1), tree, 24))
            } else {
                share(rest.width.saturating_sub(1), tree, 24)
            };
            areas.tree = Rect { width: left, ..rest };
            // The bar starts below the titles.
            areas.bar = Rect::new(left, rest.y, 1, rest.height);
            areas.octets = Rect::new(
                left.saturating_add(1),
                rest.y,
                rest.width.saturating_sub(left).saturating_sub(1),
                rest.height,
            );
        }
        Layout::Auto | Layout::Stacked => {
            let (list, rest) = above_and_below(body, list, 3, list_most(model));
            areas.list = list;
            (areas.tree, areas.octets) = above_and_below(rest, tree, 3, u16::MAX);
        }
    }
    areas
}

fn above_and_below(area: Rect, percent: u16, least: u16, most: u16) -> (Rect, Rect) {
    let above = share(area.height, percent, least).min(most);
    let below = Rect { y: area.y.saturating_add(above), height: area.height.saturating_sub(above), ..area };
    (Rect { height: above, ..area }, below)
}

/// Whether there is room for the summary above the tree, and for how many lines of it.
pub const fn summary_rows(tree: Rect) -> u16 {
    match tree.height {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Rows of the list below its title and column heads.
pub fn list_rows(areas: &Areas) -> usize {
    usize::from(areas.list.height.saturating_sub(2))
}

/// Rows of the tree below its title and summary.
pub fn tree_rows(areas: &Areas) -> usize {
    usize::from(areas.tree.height.saturating_sub(1).saturating_sub(summary_rows(areas.tree)))
}

/// Lines of the octets pane below its title and above its bit line.
pub fn octet_rows(areas: &Areas) -> usize {
    usize::from(areas.octets.height.saturating_sub(1).saturating_sub(u16::from(areas.octets.height > 2)))
}

/// Columns left of the octets: the offset.
pub const OFFSET_WIDTH: u16 = 6;

/// Octets in a line of the octets pane.
pub fn octets_in_line(areas: &Areas) -> u16 {
    // Offset, two digits and a blank each, a gap every eight, a gap, one character each.
    let fits = |n: u16| OFFSET_WIDTH + n * 4 + n / 8 < areas.octets.width;
    [32, 16, 8].into_iter().find(|n| fits(*n)).unwrap_or(4)
}

/// The column of an octet's digits, from the left of the pane.
pub const fn hex_column(at: u16) -> u16 {
    OFFSET_WIDTH + at * 3 + at / 8
}

/// The column of an octet's character.
pub const fn text_column(at: u16, in_line: u16) -> u16 {
    OFFSET_WIDTH + in_line * 3 + in_line / 8 + at
}

/// Rows of a screen that stands in place of the panes, below its title.
pub fn page_rows(areas: &Areas) -> usize {
    usize::from(areas.body.height.saturating_sub(1))
}

/// Rows below the findings that explain the selected one, where there is room for them.
pub fn finding_foot(areas: &Areas) -> u16 {
    if areas.body.height < 16 { 0 } else { 3 }
}

/// Rows of the findings screen below its title and above what explains the selected one.
pub fn finding_list_rows(areas: &Areas) -> usize {
    page_rows(areas).saturating_sub(usize::from(finding_foot(areas)))
}

/// The border at a place.
pub fn border_at(model: &Model, column: u16, row: u16) -> Option<Border> {
    let areas = areas(model);
    let at = ratatui::layout::Position::new(column, row);
    if model.zoom || model.screen != Screen::Panes {
        return None;
    }
    if areas.bar.contains(at) {
        return Some(if layout(model) == Layout::Beside { Border::List } else { Border::Tree });
    }
    if layout(model) != Layout::Beside && row == areas.tree.y {
        return Some(Border::List);
    }
    if layout(model) != Layout::Split && row == areas.octets.y && areas.octets.contains(at) {
        return Some(Border::Tree);
    }
    None
}

/// The share of a border dragged to a place.
pub fn dragged(model: &Model, border: Border, column: u16, row: u16) -> u16 {
    let areas = areas(model);
    let beside = layout(model) == Layout::Beside;
    let (at, from, of) = match border {
        Border::List if beside => (column, areas.body.x, areas.body.width),
        Border::List => (row, areas.body.y, areas.body.height),
        Border::Tree if layout(model) == Layout::Split => (column, areas.tree.x, areas.body.width),
        Border::Tree => (row, areas.tree.y, areas.tree.height.saturating_add(areas.octets.height)),
    };
    let part = u32::from(at.saturating_sub(from)).saturating_mul(100).checked_div(u32::from(of)).unwrap_or(50);
    // Rounding down would make the border creep.
    u16::try_from(part.saturating_add(1)).unwrap_or(50).clamp(5, 95)
}
