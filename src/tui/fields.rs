//! The field tree as rows: which are there, which are open, which is selected.
//!
//! Findings are rows below the node that has them, and colour every row above it up to the layer. What is open is remembered
//! by field, not by packet. Must not know the screen.

use std::collections::BTreeMap;

use crate::model::visible::push_visible;
use crate::model::walk::Item;
use crate::model::{Cite, Field, NodeId, Rule, Severity, Value, View, Visible};
use crate::output::value::{push_labelled, push_plain};

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A node that was read.
    Node(NodeId),
    /// A generated node: the how-manieth of its parent.
    Note(NodeId, u32),
    /// A finding, by index.
    Finding(u32),
}

/// One row there is, visible or not.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it stands for.
    pub what: What,
    /// Its field; `None` for findings.
    pub field: Option<&'static Field>,
    /// How deep it stands.
    pub depth: u16,
    /// One past the last row below it.
    pub end: u32,
    /// The row it belongs to.
    pub parent: Option<u32>,
    /// The worst finding on it or below.
    pub worst: Option<Severity>,
}

/// A finding with all its words.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is an instance of.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub node: Option<NodeId>,
    /// In words.
    pub text: Visible,
}

/// The rows of one packet and what is selected among them.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    entries: Vec<Entry>,
    /// Findings of the packet, in the order made.
    pub findings: Vec<Finding>,
    /// The visible rows, by index.
    rows: Vec<u32>,
    /// Position of the selected one among the visible rows.
    pub selected: usize,
    /// First visible row on screen.
    pub top: usize,
    /// What the user opened and closed, by field.
    open: BTreeMap<&'static str, bool>,
    /// What is to stay selected from packet to packet: a field's name, and which of its occurrences.
    anchor: Option<(&'static str, usize)>,
}

/// Most rows of one packet: more than any dissection of an honest frame has.
const ROWS_MAX: usize = 1 << 20;

impl Fields {
    /// Shows another packet, keeping the selection where the packet has the same field.
    pub fn show(&mut self, view: View<'_>) {
        self.entries.clear();
        self.findings.clear();
        for found in view.findings() {
            let mut text = String::new();
            push_visible(&mut text, found.text().as_bytes());
            let text = Visible::from_parts(text);
            self.findings.push(Finding { rule: found.rule, severity: found.severity, node: found.node, text });
        }
        let mut open: Vec<u32> = Vec::new();
        let mut by_node: BTreeMap<Option<NodeId>, Vec<u32>> = BTreeMap::new();
        for (at, found) in (0u32..).zip(&self.findings) {
            by_node.entry(found.node).or_default().push(at);
        }
        for at in by_node.remove(&None).unwrap_or_default() {
            self.push(&mut open, 0, What::Finding(at), None);
        }
        let mut note: (Option<NodeId>, u32) = (None, 0);
        for item in view.walk().take(ROWS_MAX) {
            if let Some(id) = item.node {
                self.push(&mut open, item.depth, What::Node(id), Some(item.field));
                for at in by_node.remove(&Some(id)).unwrap_or_default() {
                    self.push(&mut open, item.depth.saturating_add(1), What::Finding(at), None);
                }
            } else if let Some(parent) = item.parent {
                note = if note.0 == item.parent { (note.0, note.1.saturating_add(1)) } else { (item.parent, 0) };
                self.push(&mut open, item.depth, What::Note(parent, note.1), Some(item.field));
            }
        }
        let all = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        for at in open {
            self.close_entry(at, all);
        }
        self.rebuild();
        let at = self.anchor.and_then(|(name, nth)| {
            let mut same = (0u32..).zip(&self.entries).filter(|(_, e)| e.field.is_some_and(|f| f.name == name));
            let first = same.clone().next();
            same.nth(nth).or(first).map(|(at, _)| at)
        });
        self.selected = 0;
        let at = at.or_else(|| self.first_of_interest());
        if let Some(at) = at {
            self.select_entry(at);
        }
    }

    /// Shows nothing; what is open and what was selected stays known.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.findings.clear();
        self.rows.clear();
        self.selected = 0;
        self.top = 0;
    }

    /// Where to look first: the innermost message layer, else the last layer.
    fn first_of_interest(&self) -> Option<u32> {
        let layers = (0u32..).zip(&self.entries).filter(|(_, e)| e.depth == 0 && e.field.is_some());
        let message = layers.clone().find(|(_, e)| e.field.is_some_and(|f| f.name == "dmnoti"));
        message.or_else(|| layers.last()).map(|(at, _)| at)
    }

    fn push(&mut self, open: &mut Vec<u32>, depth: usize, what: What, field: Option<&'static Field>) {
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        while open.len() > depth {
            if let Some(done) = open.pop() {
                self.close_entry(done, at);
            }
        }
        let worst = match what {
            What::Finding(found) => self.findings.get(found as usize).map(|f| f.severity),
            _ => None,
        };
        let parent = open.last().copied();
        self.entries.push(Entry {
            what,
            field,
            depth: u16::try_from(depth).unwrap_or(u16::MAX),
            end: at.saturating_add(1),
            parent,
            worst,
        });
        for above in open.iter() {
            if let Some(entry) = self.entries.get_mut(*above as usize) {
                entry.worst = entry.worst.max(worst);
            }
        }
        open.push(at);
    }

    fn close_entry(&mut self, at: u32, end: u32) {
        if let Some(entry) = self.entries.get_mut(at as usize) {
            entry.end = end;
        }
    }

    /// Finds the visible rows anew, after something was opened or closed.
    fn rebuild(&mut self) {
        self.rows.clear();
        let mut at = 0u32;
        while let Some(entry) = self.entries.get(at as usize) {
            self.rows.push(at);
            at = if has_children(at, entry) && !self.is_open(entry) { entry.end } else { at.saturating_add(1) };
        }
    }

    /// Whether what is below a row is shown.
    pub fn is_open(&self, entry: &Entry) -> bool {
        let Some(field) = entry.field else { return false };
        self.open.get(field.name).copied().unwrap_or_else(|| field.name.starts_with("dmnoti"))
    }

    /// The visible rows: index, and the row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (u32, &Entry)> + '_ {
        static NONE: Entry =
            Entry { what: What::Finding(u32::MAX), field: None, depth: 0, end: 0, parent: None, worst: None };
        self.rows.iter().map(|at| (*at, self.entries.get(*at as usize).unwrap_or(&NONE)))
    }

    /// How many rows are visible.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, visible or not.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The selected row.
    pub fn current(&self) -> Option<(u32, &Entry)> {
        let at = *self.rows.get(self.selected)?;
        Some((at, self.entries.get(at as usize)?))
    }

    /// The node that the selected row is or belongs to.
    pub fn node(&self) -> Option<NodeId> {
        match self.current()?.1.what {
            What::Node(id) | What::Note(id, _) => Some(id),
            What::Finding(at) => self.findings.get(at as usize)?.node,
        }
    }

    /// The finding selected.
    pub fn finding(&self) -> Option<&Finding> {
        match self.current()?.1.what {
            What::Finding(at) => self.findings.get(at as usize),
            _ => None,
        }
    }

    /// Selects a visible row by position.
    pub fn select(&mut self, position: usize) {
        self.selected = position.min(self.rows.len().saturating_sub(1));
        let Some(&at) = self.rows.get(self.selected) else { return };
        let named = self.entries.get(at as usize).and_then(|e| e.field.or_else(|| self.field_of_parent(e)));
        self.anchor = named.map(|field| {
            let before = self.entries.iter().take(at as usize);
            (field.name, before.filter(|e| e.field.is_some_and(|f| f.is(field))).count())
        });
    }

    fn field_of_parent(&self, entry: &Entry) -> Option<&'static Field> {
        self.entries.get(entry.parent? as usize)?.field
    }

    /// Selects a row, opening all above it.
    pub fn select_entry(&mut self, at: u32) {
        let mut above = self.entries.get(at as usize).and_then(|e| e.parent);
        let mut changed = false;
        while let Some(entry) = above.and_then(|p| self.entries.get(p as usize)) {
            if let Some(field) = entry.field
                && !self.is_open(entry)
            {
                self.open.insert(field.name, true);
                changed = true;
            }
            above = entry.parent;
        }
        if changed {
            self.rebuild();
        }
        let position = self.rows.partition_point(|row| *row < at);
        self.select(position);
    }

    /// Selects the row of a node.
    pub fn select_node(&mut self, node: NodeId) {
        let at = (0u32..).zip(&self.entries).find(|(_, e)| e.what == What::Node(node)).map(|(at, _)| at);
        if let Some(at) = at {
            self.select_entry(at);
        }
    }

    /// Selects the first finding of a rule.
    pub fn select_rule(&mut self, rule: &'static Rule) {
        let found = self.findings.iter().position(|f| f.rule.is(rule)).and_then(|at| u32::try_from(at).ok());
        let Some(found) = found else { return };
        let at = (0u32..).zip(&self.entries).find(|(_, e)| e.what == What::Finding(found)).map(|(at, _)| at);
        if let Some(at) = at {
            self.select_entry(at);
        }
    }

    fn set_open(&mut self, range: std::ops::Range<u32>, open: bool) {
        let entries = self.entries.get(range.start as usize..range.end as usize).unwrap_or(&[]);
        for (at, entry) in (range.start..).zip(entries) {
            if let Some(field) = entry.field.filter(|_| has_children(at, entry)) {
                self.open.insert(field.name, open);
            }
        }
        let keep = self.rows.get(self.selected).copied();
        self.rebuild();
        let mut keep = keep;
        // What is no longer visible gives way to what it stands in.
        while let Some(at) = keep {
            if let Ok(position) = self.rows.binary_search(&at) {
                self.select(position);
                return;
            }
            keep = self.entries.get(at as usize).and_then(|e| e.parent);
        }
        self.select(self.selected);
    }

    /// Opens the selected row, or goes to its first child.
    pub fn open_or_enter(&mut self) {
        let Some((at, entry)) = self.current().map(|(at, e)| (at, *e)) else { return };
        if !has_children(at, &entry) {
            return;
        }
        if self.is_open(&entry) {
            self.select(self.selected.saturating_add(1));
        } else {
            self.set_open(at..at.saturating_add(1), true);
        }
    }

    /// Closes the selected row, or goes to its parent.
    pub fn close_or_leave(&mut self) {
        let Some((at, entry)) = self.current().map(|(at, e)| (at, *e)) else { return };
        if has_children(at, &entry) && self.is_open(&entry) {
            self.set_open(at..at.saturating_add(1), false);
        } else if let Some(parent) = entry.parent {
            self.select_entry(parent);
        }
    }

    /// Opens what is closed and closes what is open; `false` where there is nothing below.
    pub fn toggle(&mut self) -> bool {
        let Some((at, entry)) = self.current().map(|(at, e)| (at, *e)) else { return false };
        let children = has_children(at, &entry);
        if children {
            self.set_open(at..at.saturating_add(1), !self.is_open(&entry));
        }
        children
    }

    /// Opens or closes the selected row and all below.
    pub fn set_below(&mut self, open: bool) {
        if let Some((at, entry)) = self.current() {
            self.set_open(at..entry.end, open);
        }
    }

    /// Opens or closes everything.
    pub fn set_all(&mut self, open: bool) {
        self.set_open(0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX), open);
    }
}

/// Whether there is anything below a row.
pub const fn has_children(at: u32, entry: &Entry) -> bool {
    entry.end > at.saturating_add(1)
}

/// The row of the tree and notes that an entry stands for; `None` for findings.
pub fn item<'p>(view: View<'p>, entry: &Entry) -> Option<Item<'p>> {
    let depth = usize::from(entry.depth);
    match entry.what {
        What::Node(id) => view.item(id, depth),
        What::Note(parent, nth) => view.note_item(parent, nth as usize, depth),
        What::Finding(_) => None,
    }
}

/// Most octets of a value that are turned into text for one row.
const VALUE_MAX: usize = 4096;

/// A value as people read it, cut where it is huge.
pub fn value_text(item: &Item<'_>) -> Visible {
    let mut out = String::new();
    if item.value != Value::None {
        let octets = item.octets.get(..VALUE_MAX).unwrap_or(item.octets);
        push_labelled(&mut out, item.field, item.value, octets);
        if octets.len() < item.octets.len() {
            out.push('…');
        }
    }
    Visible::from_parts(out)
}

/// A value as a column shows it.
pub fn plain_text(item: &Item<'_>) -> Visible {
    let mut out = String::new();
    let octets = item.octets.get(..VALUE_MAX).unwrap_or(item.octets);
    push_plain(&mut out, item.field, item.value, octets);
    Visible::from_parts(out)
}

/// The section a row goes back to, or why there is none.
pub fn citation(cite: Option<Cite>, uncited: Option<&'static str>) -> String {
    match (cite, uncited) {
        (Some(cite), _) => cite.to_string(),
        (None, Some(why)) => format!("no standard: {why}"),
        (None, None) => String::new(),
    }
}

/// A display filter that selects packets with this field and value.
pub fn filter_for(item: &Item<'_>) -> String {
    use crate::model::Kind;
    let name = item.field.name;
    if matches!(item.field.kind, Kind::Presence | Kind::Group) || item.value == Value::None {
        return name.to_owned();
    }
    let mut value = String::new();
    match item.field.kind {
        Kind::Text => {
            value.push('"');
            for octet in item.octets {
                match octet {
                    b'"' | b'\\' => {
                        value.push('\\');
                        value.push(char::from(*octet));
                    }
                    0x20..0x7f => value.push(char::from(*octet)),
                    _ => {
                        let _ = std::fmt::Write::write_fmt(&mut value, format_args!("\\x{octet:02x}"));
                    }
                }
            }
            value.push('"');
        }
        Kind::Bytes => {
            if item.octets.is_empty() {
                return name.to_owned();
            }
            for (at, octet) in item.octets.iter().enumerate() {
                let separator = if at > 0 { ":" } else { "" };
                let _ = std::fmt::Write::write_fmt(&mut value, format_args!("{separator}{octet:02x}"));
            }
        }
        Kind::Time => {
            push_plain(&mut value, item.field, item.value, item.octets);
            value = format!("\"{value}\"");
        }
        _ => push_plain(&mut value, item.field, item.value, item.octets),
    }
    format!("{name} == {value}")
}
