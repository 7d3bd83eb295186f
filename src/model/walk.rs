//! Tree and notes of a packet seen as one: rows in the order they are shown, and findings whoever made them.
//!
//! Must not know how rows are printed, nor what any field means.

use std::borrow::Cow;

use super::buffer::Buffers;
use super::field::Field;
use super::notes::{LateFinding, Note, Notes};
use super::rule::{Rule, Severity};
use super::span::Span;
use super::tree::{Finding, Node, NodeId, Tree};
use super::value::Value;

/// A row of the tree as shown: a node that was read, or a generated one.
#[derive(Clone, Copy, Debug)]
pub struct Item<'p> {
    /// How deep it stands; 0 for layers.
    pub depth: usize,
    /// The node; `None` for a note.
    pub node: Option<NodeId>,
    /// The node it belongs to; `None` for layers.
    pub parent: Option<NodeId>,
    /// What it is.
    pub field: &'static Field,
    /// Where it was read; empty for notes.
    pub span: Span,
    /// Its value.
    pub value: Value,
    /// Octets of text, bytes and addresses; empty for other kinds.
    pub octets: &'p [u8],
}

impl<'p> Item<'p> {
    /// A node that was read, as a row.
    fn of_node(tree: &'p Tree, buffers: &'p Buffers<'_>, id: NodeId, node: &Node, depth: usize) -> Self {
        let octets = match node.value {
            Value::Raw | Value::Scratch { .. } => tree.octets(buffers, node.span, node.value),
            _ => &[],
        };
        let Node { field, span, value, parent, .. } = *node;
        Self { depth, node: Some(id), parent, field, span, value, octets }
    }

    /// A generated node, as a row.
    fn of_note(note: &'p Note, depth: usize) -> Self {
        let (value, octets) = note.value.seen();
        let (parent, field) = (Some(note.parent), note.field);
        Self { depth, node: None, parent, field, span: Span::default(), value, octets }
    }
}

/// A finding, whoever made it.
#[derive(Clone, Debug)]
pub struct FindingView<'p> {
    /// What it is an instance of.
    pub rule: &'static Rule,
    /// How bad this instance is.
    pub severity: Severity,
    /// Where; `None` for the packet as a whole.
    pub node: Option<NodeId>,
    /// What is particular to it, maybe empty; not escaped.
    pub detail: Cow<'p, str>,
}

impl FindingView<'_> {
    /// The finding in words: the rule's text, and what is particular. Not escaped.
    pub fn text(&self) -> String {
        if self.detail.is_empty() { self.rule.text.to_owned() } else { format!("{}: {}", self.rule.text, self.detail) }
    }
}

/// A finding made while reading.
fn read<'p>(tree: &'p Tree, found: &Finding) -> FindingView<'p> {
    let detail = String::from_utf8_lossy(tree.detail(found));
    FindingView { rule: found.rule, severity: found.severity(), node: Some(found.node), detail }
}

/// A finding made later.
fn late(found: &LateFinding) -> FindingView<'_> {
    let detail = Cow::Borrowed(found.detail.as_str());
    FindingView { rule: found.rule, severity: found.severity(), node: found.node, detail }
}

/// Tree, notes and octets of one packet, seen as one.
#[derive(Clone, Copy, Debug)]
pub struct View<'p> {
    /// The octets.
    pub buffers: &'p Buffers<'p>,
    /// What was read.
    pub tree: &'p Tree,
    /// What was computed.
    pub notes: &'p Notes,
}

impl<'p> View<'p> {
    /// All rows of the tree, notes included, in the order they are shown.
    pub fn walk(&self) -> Walk<'p> {
        Walk { tree: self.tree, buffers: self.buffers, notes: self.notes, next: 0, open: Vec::new(), pending: None }
    }

    /// The row of a node; `depth` is for the row to carry.
    pub fn item(&self, id: NodeId, depth: usize) -> Option<Item<'p>> {
        Some(Item::of_node(self.tree, self.buffers, id, self.tree.get(id)?, depth))
    }

    /// The row of a node's generated node, by its place among them; `depth` is for the row to carry.
    pub fn note_item(&self, parent: NodeId, nth: usize, depth: usize) -> Option<Item<'p>> {
        let notes: &'p Notes = self.notes;
        Some(Item::of_note(notes.of(parent).get(nth)?, depth))
    }

    /// All findings: those of the tree, then those made later.
    pub fn findings(&self) -> impl Iterator<Item = FindingView<'p>> + use<'p> {
        let tree = self.tree;
        let read = tree.findings().iter().map(move |found| read(tree, found));
        read.chain(self.notes.findings().iter().map(late))
    }

    /// A finding by its position among all.
    pub fn finding(&self, at: usize) -> Option<FindingView<'p>> {
        let found = self.tree.findings();
        match at.checked_sub(found.len()) {
            None => found.get(at).map(|found| read(self.tree, found)),
            Some(at) => self.notes.findings().get(at).map(late),
        }
    }

    /// The node of each finding, in the order of [`View::findings`].
    pub fn finding_nodes(&self) -> impl Iterator<Item = Option<NodeId>> + use<'p> {
        let read = self.tree.findings().iter().map(|found| Some(found.node));
        read.chain(self.notes.findings().iter().map(|found| found.node))
    }

    /// The severity of the worst finding.
    pub fn worst_severity(&self) -> Option<Severity> {
        let read = self.tree.findings().iter().map(Finding::severity);
        read.chain(self.notes.findings().iter().map(LateFinding::severity)).max()
    }

    /// The worst finding: of the highest severity, and among those the first one in the innermost layer.
    pub fn worst(&self) -> Option<FindingView<'p>> {
        self.worst_above(None)
    }

    /// The same; notes on this layer and those below it do not count.
    pub fn worst_above(&self, below: Option<NodeId>) -> Option<FindingView<'p>> {
        let mut worst: Option<(FindingView<'p>, Option<NodeId>)> = None;
        for found in self.findings() {
            let layer = self.layer_of(found.node);
            if found.severity == Severity::Note && below.is_some_and(|below| layer.is_some_and(|layer| layer <= below))
            {
                continue;
            }
            let better = worst.as_ref().is_none_or(|(before, at)| (found.severity, layer) > (before.severity, *at));
            if better {
                worst = Some((found, layer));
            }
        }
        worst.map(|found| found.0)
    }

    /// The layer a node belongs to.
    pub fn layer_of(&self, node: Option<NodeId>) -> Option<NodeId> {
        let mut at = node?;
        while let Some(parent) = self.tree.get(at).and_then(|node| node.parent) {
            at = parent;
        }
        Some(at)
    }

    /// Every occurrence of a field, in the order shown.
    pub fn occurrences(&self, field: &'static Field) -> impl Iterator<Item = Item<'p>> + use<'p> {
        let mut walk = self.walk();
        // Most packets lack most fields, and that is told sooner than walked.
        let read = self.tree.nodes().iter().any(|node| node.field.is(field));
        if !read && !self.notes.nodes().iter().any(|note| note.field.is(field)) {
            walk.next = u32::MAX;
        }
        walk.filter(move |item| item.field.is(field))
    }
}

/// Iterator over the rows of a tree with its notes. See [`View::walk`].
#[derive(Clone, Debug)]
pub struct Walk<'p> {
    tree: &'p Tree,
    buffers: &'p Buffers<'p>,
    notes: &'p Notes,
    next: u32,
    /// Nodes whose subtree is being walked, innermost last.
    open: Vec<NodeId>,
    /// Notes of a node whose subtree is done: the node, its depth, and the next note.
    pending: Option<(NodeId, usize, usize)>,
}

impl<'p> Iterator for Walk<'p> {
    type Item = Item<'p>;

    fn next(&mut self) -> Option<Item<'p>> {
        loop {
            if let Some((parent, depth, at)) = self.pending {
                let notes: &'p Notes = self.notes;
                if let Some(note) = notes.of(parent).get(at) {
                    self.pending = Some((parent, depth, at + 1));
                    return Some(Item::of_note(note, depth + 1));
                }
                self.pending = None;
            }
            let closing = match self.open.last().copied() {
                Some(id) if self.tree.get(id).is_none_or(|node| node.end <= self.next) => Some(id),
                _ => None,
            };
            if let Some(id) = closing {
                self.open.pop();
                if !self.notes.of(id).is_empty() {
                    self.pending = Some((id, self.open.len(), 0));
                }
                continue;
            }
            let id = NodeId(self.next);
            let tree: &'p Tree = self.tree;
            let node = tree.get(id)?;
            self.next += 1;
            let depth = self.open.len();
            self.open.push(id);
            return Some(Item::of_node(tree, self.buffers, id, node, depth));
        }
    }
}
