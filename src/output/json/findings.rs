//! The findings of a packet as JSON, each on its node and all of them once more, and which nodes somebody points at.
//!
//! Must not know what a finding means.

use super::super::number::push_number;
use super::text::push_string;
use crate::model::walk::{FindingView, View};
use crate::model::{NodeId, Tree};

/// A finding or a notification names the node: it has its `id`.
pub(super) const NAMED: u8 = 1;

/// Which nodes somebody points at. Reuses its memory.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// By node.
    marks: Vec<u8>,
    /// Nodes with findings, and the position of each finding among all; sorted.
    placed: Vec<(NodeId, usize)>,
}

impl Findings {
    /// Looks at a packet; `named` are the nodes that something else than a finding names.
    pub(super) fn read(&mut self, view: View<'_>, named: impl Iterator<Item = NodeId>) {
        self.marks.clear();
        self.marks.resize(Tree::nodes(view.tree).len(), 0);
        self.placed.clear();
        let nodes = view.finding_nodes().enumerate();
        self.placed.extend(nodes.filter_map(|(at, node)| Some((node?, at))));
        self.placed.sort_unstable();
        for node in named.chain(self.placed.iter().map(|row| row.0)) {
            if let Some(mark) = self.marks.get_mut(node.index()) {
                *mark |= NAMED;
            }
        }
    }

    /// What there is to say of so many nodes.
    pub(super) fn marks(&self, first: u32, count: usize) -> &[u8] {
        self.marks.get(first as usize..).and_then(|marks| marks.get(..count)).unwrap_or(&[])
    }

    /// What there is to say of a node.
    pub(super) fn mark(&self, node: NodeId) -> u8 {
        self.marks.get(node.index()).copied().unwrap_or(0)
    }

    /// Appends the findings of one node as a member, if it has any.
    pub(super) fn of(&self, out: &mut Vec<u8>, view: View<'_>, node: NodeId, ascii: bool) {
        let start = self.placed.partition_point(|row| row.0 < node);
        let here = self.placed.get(start..).unwrap_or(&[]).iter().take_while(|row| row.0 == node);
        let mut any = false;
        for found in here.filter_map(|row| view.finding(row.1)) {
            out.extend_from_slice(if any { b"," } else { b",\"findings\":[" });
            any = true;
            push_finding(out, &found, false, ascii);
        }
        if any {
            out.push(b']');
        }
    }

    /// Appends all findings, as the inside of an array.
    pub(super) fn all(out: &mut Vec<u8>, view: View<'_>, ascii: bool) {
        for (at, found) in view.findings().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            push_finding(out, &found, true, ascii);
        }
    }
}

fn push_finding(out: &mut Vec<u8>, found: &FindingView<'_>, with_node: bool, ascii: bool) {
    for (name, word) in [
        ("{\"rule\":\"", found.rule.id),
        ("\",\"severity\":\"", found.severity.name()),
        ("\",\"group\":\"", found.rule.group.name()),
    ] {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(word.as_bytes());
    }
    out.extend_from_slice(b"\",\"text\":");
    push_string(out, found.text().as_bytes(), ascii);
    if let Some(node) = found.node.filter(|_| with_node) {
        out.extend_from_slice(b",\"node\":");
        push_number(out, node.0.into());
    }
    out.push(b'}');
}
