//! The field tree of a packet: flat, in pre-order, reused from packet to packet.
//!
//! Holds what was read; what is computed later (verdicts, duplicates) stands beside it in [`super::notes::Notes`].
//! Must not know what any field means.

use super::buffer::Buffers;
use super::field::Field;
use super::rule::{Rule, Severity};
use super::span::Span;
use super::value::Value;

/// Index of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The index as an array index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One node.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What was read.
    pub field: &'static Field,
    /// Where.
    pub span: Span,
    /// Its value.
    pub value: Value,
    /// The node it belongs to, `None` for layers.
    pub parent: Option<NodeId>,
    /// One past the last node of its subtree.
    pub end: u32,
}

/// Something noteworthy about a node.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// What it is an instance of.
    pub rule: &'static Rule,
    /// Where.
    pub node: NodeId,
    /// What is particular to this instance: a run in the scratch space, maybe empty.
    pub detail: (u32, u32),
    /// How bad this instance is, where it differs from the rule.
    pub severity: Option<Severity>,
}

impl Finding {
    /// How bad it is: the rule's severity unless this instance has its own.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(self.rule.severity)
    }
}

/// The tree. Nodes in pre-order; the subtree of node `i` is `nodes[i..nodes[i].end]`.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    findings: Vec<Finding>,
    scratch: Vec<u8>,
}

/// A copy into a tree that was used before takes its room.
impl Clone for Tree {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), findings: self.findings.clone(), scratch: self.scratch.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { nodes, findings, scratch } = other;
        self.nodes.clone_from(nodes);
        self.findings.clone_from(findings);
        self.scratch.clone_from(scratch);
    }
}

/// Octets of scratch space per tree: generated text beyond this is cut.
const SCRATCH_MAX: usize = 1 << 20;

impl Tree {
    /// Forgets everything but keeps the room.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.findings.clear();
        self.scratch.clear();
    }

    /// How many octets nodes, findings and text take.
    pub fn octets_taken(&self) -> usize {
        size_of_val(self.nodes.as_slice())
            .saturating_add(size_of_val(self.findings.as_slice()))
            .saturating_add(self.scratch.len())
    }

    /// All nodes in pre-order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    /// All nodes with their ids, in pre-order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        (0u32..).map(NodeId).zip(&self.nodes)
    }

    /// All findings, in the order they were made.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The text particular to a finding.
    pub fn detail(&self, finding: &Finding) -> &[u8] {
        self.scratch_at(finding.detail.0, finding.detail.1)
    }

    /// The id the next node will get.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "2^32 nodes would take 200 GB")]
    pub fn next_id(&self) -> NodeId {
        NodeId(self.nodes.len() as u32)
    }

    /// Appends a node below `parent`, which must be open: the last one, or one whose subtree reaches to the end.
    pub fn push(&mut self, parent: Option<NodeId>, field: &'static Field, span: Span, value: Value) -> NodeId {
        let id = self.add(parent, field, span, value);
        let end = self.next_id().0;
        let mut above = parent;
        while let Some(node) = above.and_then(|p| self.nodes.get_mut(p.index())) {
            node.end = end;
            above = node.parent;
        }
        id
    }

    /// Appends a node below `parent`, which whoever reads keeps open: the subtrees it stands in are told their end when they are
    /// closed, by [`Tree::close`].
    #[inline]
    pub fn add(&mut self, parent: Option<NodeId>, field: &'static Field, span: Span, value: Value) -> NodeId {
        let id = self.next_id();
        self.nodes.push(Node { field, span, value, parent, end: id.0.wrapping_add(1) });
        id
    }

    /// Appends nodes that take no room, as [`Tree::add`] does.
    #[inline]
    pub fn add_generated(&mut self, parent: NodeId, row: &[(&'static Field, Value)]) {
        let mut end = self.next_id().0;
        self.nodes.extend(row.iter().map(|(field, value)| {
            end = end.wrapping_add(1);
            Node { field, span: Span::default(), value: *value, parent: Some(parent), end }
        }));
    }

    /// Ends the subtree of a node that was open: it reaches to here, and was read from `span`.
    #[inline]
    pub fn close(&mut self, id: NodeId, span: Span) {
        let end = self.next_id().0;
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.span = span;
            node.end = end;
        }
    }

    /// Changes a node's value.
    #[inline]
    pub fn set_value(&mut self, id: NodeId, value: Value) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.value = value;
        }
    }

    /// Changes a node's field: a value that turns out to be of another sort.
    pub fn set_field(&mut self, id: NodeId, field: &'static Field) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.field = field;
        }
    }

    /// Records a finding on a node.
    pub fn flag(&mut self, rule: &'static Rule, node: NodeId, detail: std::fmt::Arguments<'_>) {
        let detail = self.write(detail);
        self.findings.push(Finding { rule, node, detail, severity: None });
    }

    /// Records a finding whose severity differs from its rule's: a milder or graver case of the same rule.
    pub fn flag_as(&mut self, rule: &'static Rule, severity: Severity, node: NodeId, detail: std::fmt::Arguments<'_>) {
        let detail = self.write(detail);
        self.findings.push(Finding { rule, node, detail, severity: Some(severity) });
    }

    /// Puts text into the scratch space.
    pub fn scratch(&mut self, text: std::fmt::Arguments<'_>) -> Value {
        let (start, len) = self.write(text);
        Value::Scratch { start, len }
    }

    /// Puts octets into the scratch space.
    pub fn scratch_bytes(&mut self, octets: &[u8]) -> Value {
        let start = self.scratch.len();
        let room = SCRATCH_MAX.saturating_sub(start);
        self.scratch.extend_from_slice(octets.get(..room).unwrap_or(octets));
        let (start, len) = self.run(start);
        Value::Scratch { start, len }
    }

    /// Puts octets into the scratch space, ASCII letters in lower case.
    pub fn scratch_lower_case(&mut self, octets: &[u8]) -> Value {
        let start = self.scratch.len();
        let value = self.scratch_bytes(octets);
        self.scratch.get_mut(start..).unwrap_or(&mut []).make_ascii_lowercase();
        value
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) -> (u32, u32) {
        let start = self.scratch.len();
        if let Some(text) = text.as_str() {
            self.scratch.extend_from_slice(text.as_bytes());
            self.scratch.truncate(SCRATCH_MAX);
        } else if start < SCRATCH_MAX {
            // Writing to a vector does not fail.
            let _ = std::io::Write::write_fmt(&mut self.scratch, text);
            self.scratch.truncate(SCRATCH_MAX);
        }
        self.run(start)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the scratch space is bounded")]
    fn run(&self, start: usize) -> (u32, u32) {
        (start as u32, self.scratch.len().saturating_sub(start) as u32)
    }

    fn scratch_at(&self, start: u32, len: u32) -> &[u8] {
        let start = start as usize;
        self.scratch.get(start..start.saturating_add(len as usize)).unwrap_or(&[])
    }

    /// The octets of a text, bytes or address value: those of its span, or of the scratch space.
    pub fn octets<'a>(&'a self, buffers: &'a Buffers<'_>, span: Span, value: Value) -> &'a [u8] {
        match value {
            Value::Scratch { start, len } => self.scratch_at(start, len),
            _ => buffers.octets(span),
        }
    }

    /// Whether a node has no children.
    pub fn is_leaf(&self, id: NodeId) -> bool {
        self.get(id).is_some_and(|node| node.end == id.0.saturating_add(1))
    }

    /// Direct children of a node, or the layers for `None`.
    pub fn children(&self, of: Option<NodeId>) -> Children<'_> {
        let (next, end) = match of {
            None => (0, self.next_id().0),
            Some(id) => (id.0.saturating_add(1), self.get(id).map_or(0, |node| node.end)),
        };
        Children { tree: self, next, end }
    }

    /// The first node of this field in the subtree of `below` (in the whole tree for `None`).
    pub fn find(&self, below: Option<NodeId>, field: &'static Field) -> Option<NodeId> {
        let (start, end) = match below {
            None => (0, self.nodes.len()),
            Some(id) => (id.index(), self.get(id)?.end as usize),
        };
        let at = self.nodes.get(start..end)?.iter().position(|node| node.field.is(field))?;
        u32::try_from(start.saturating_add(at)).ok().map(NodeId)
    }

    /// The innermost leaf that covers a bit of a buffer: what a click into the octets selects.
    pub fn innermost(&self, bit: Span) -> Option<NodeId> {
        self.iter()
            .filter(|(_, node)| !node.field.generated && node.span.len > 0 && node.span.contains(bit))
            .min_by_key(|(id, node)| (node.span.len, u32::MAX.saturating_sub(id.0)))
            .map(|(id, _)| id)
    }
}

/// Iterator over direct children. See [`Tree::children`].
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next = self.tree.get(id)?.end;
        Some(id)
    }
}
