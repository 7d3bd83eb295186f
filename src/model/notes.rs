//! What is computed about a packet after it was read: generated nodes and findings beside the tree.
//!
//! A flat tree cannot take late insertions, and verdicts change when secrets change; so they stand here, sorted by the node
//! they belong to, and [`super::walk`] shows tree and notes as one. Must not know how anything is computed.

use std::sync::Arc;

use super::field::Field;
use super::rule::{Rule, Severity};
use super::tree::NodeId;
use super::value::Value;

/// Who made a note, so that it can be made again: new secrets replace only the verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Digest verification.
    Verdict,
    /// Sequence rules and correlation across frames.
    Sequence,
    /// The capture reader.
    Capture,
}

/// Value of a generated node; text is owned, since there is no buffer it could stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteValue {
    /// Any value without octets.
    Plain(Value),
    /// Text.
    Text(String),
    /// A name out of a fixed list.
    Name(&'static str),
    /// Text that many packets share.
    Shared(Arc<str>),
}

impl NoteValue {
    /// As a tree has it: the value, and its octets.
    pub fn seen(&self) -> (Value, &[u8]) {
        match self {
            Self::Plain(value) => (*value, &[]),
            Self::Text(text) => (Value::Raw, text.as_bytes()),
            Self::Name(name) => (Value::Raw, name.as_bytes()),
            Self::Shared(text) => (Value::Raw, text.as_bytes()),
        }
    }
}

/// A generated node: the last child of the node it belongs to, after the notes made before it.
#[derive(Clone, Debug)]
pub struct Note {
    /// The node it belongs to.
    pub parent: NodeId,
    /// What it is.
    pub field: &'static Field,
    /// Its value.
    pub value: NoteValue,
    /// Who made it.
    pub author: Author,
}

/// A finding made after the tree.
#[derive(Clone, Debug)]
pub struct LateFinding {
    /// What it is an instance of.
    pub rule: &'static Rule,
    /// Its severity where that is not the rule's.
    pub severity: Option<Severity>,
    /// Where; `None` for the packet as a whole.
    pub node: Option<NodeId>,
    /// What is particular to this instance, maybe empty.
    pub detail: String,
    /// Who made it.
    pub author: Author,
}

impl LateFinding {
    /// How bad it is: the rule's severity unless this instance has its own.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(self.rule.severity)
    }
}

/// All that was computed about a packet.
#[derive(Debug, Default)]
pub struct Notes {
    nodes: Vec<Note>,
    findings: Vec<LateFinding>,
}

/// A copy into notes that were used before takes their room.
impl Clone for Notes {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), findings: self.findings.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { nodes, findings } = other;
        self.nodes.clone_from(nodes);
        self.findings.clone_from(findings);
    }
}

impl Notes {
    /// Forgets everything but keeps the room.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.findings.clear();
    }

    /// Forgets what this author made.
    pub fn retract(&mut self, author: Author) {
        self.nodes.retain(|note| note.author != author);
        self.findings.retain(|finding| finding.author != author);
    }

    /// Adds a generated node.
    pub fn add(&mut self, author: Author, parent: NodeId, field: &'static Field, value: NoteValue) {
        let note = Note { parent, field, value, author };
        if self.nodes.last().is_none_or(|last| last.parent <= parent) {
            self.nodes.push(note);
            return;
        }
        let at = self.nodes.partition_point(|note| note.parent <= parent);
        self.nodes.insert(at, note);
    }

    /// Adds a finding.
    pub fn flag(&mut self, author: Author, node: Option<NodeId>, rule: &'static Rule, detail: String) {
        self.findings.push(LateFinding { rule, severity: None, node, detail, author });
    }

    /// The generated nodes, sorted by the node they belong to.
    pub fn nodes(&self) -> &[Note] {
        &self.nodes
    }

    /// The generated nodes of one node.
    pub fn of(&self, parent: NodeId) -> &[Note] {
        let start = self.nodes.partition_point(|note| note.parent < parent);
        let end = self.nodes.partition_point(|note| note.parent <= parent);
        self.nodes.get(start..end).unwrap_or(&[])
    }

    /// The findings, in the order they were made.
    pub fn findings(&self) -> &[LateFinding] {
        &self.findings
    }
}
