//! A packet as one row: what the text output, the terminal UI's list and summaries show.
//!
//! Must not know where the row goes. All text in it is safe to show.

use std::fmt::Write;

use crate::dissect::{Message, wsp_headers};
use crate::model::visible::push_visible;
use crate::model::{NodeId, Severity, Value, Visible, visible};
use crate::scan::Packet;
use crate::verify::Status;

/// A packet as one row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Source address of the innermost network layer.
    pub source: Visible,
    /// Destination address of the innermost network layer.
    pub destination: Visible,
    /// The carrier of the first push.
    pub carrier: &'static str,
    /// Server identifier of the first message.
    pub server: Visible,
    /// Session or notification id of the first message: `1234`.
    pub id: String,
    /// Verdict on the first message's digest.
    pub status: Option<Status>,
    /// Messages beyond the first.
    pub more: usize,
    /// Worst finding: its rule and severity.
    pub worst: Option<(&'static str, Severity)>,
    /// Findings of at least warning severity beyond the worst.
    pub more_findings: usize,
    /// One sentence.
    pub summary: Visible,
}

impl Row {
    /// The row of a packet.
    pub fn new(packet: &Packet<'_>) -> Self {
        let mut row = Self::default();
        let facts = packet
            .found
            .messages
            .first()
            .map(|m| m.facts)
            .or_else(|| packet.found.pushes.first().map(|p| p.facts))
            .unwrap_or_default();
        let (src, dst) = match (facts.src, facts.dst) {
            (None, None) => addresses(packet),
            (src, dst) => (src.map(|a| a.to_string()), dst.map(|a| a.to_string())),
        };
        row.source = visible(src.unwrap_or_default().as_bytes());
        row.destination = visible(dst.unwrap_or_default().as_bytes());
        row.carrier = facts.carrier.name();
        row.more = packet.found.messages.len().saturating_sub(1);
        if let Some((message, verdict)) = packet.messages().next() {
            row.server = message.server_id.map(|id| visible(packet.view.buffers.octets(id.0))).unwrap_or_default();
            row.id = message.id.map(|(id, _)| format!("{id:04X}")).unwrap_or_default();
            row.status = verdict.map(|v| v.status);
        }
        let worst = packet.view.worst();
        row.worst = worst.as_ref().map(|found| (found.rule.id, found.severity));
        let serious = packet.view.findings().filter(|found| found.severity >= Severity::Warning).count();
        row.more_findings = serious.saturating_sub(1);
        row.summary = summary(packet);
        row
    }
}

/// Addresses of a packet without a push: the last network layer's.
fn addresses(packet: &Packet<'_>) -> (Option<String>, Option<String>) {
    let mut found = (None, None);
    for item in packet.view.walk() {
        let slot = match item.field.name {
            "ip.src" | "ipv6.src" => &mut found.0,
            "ip.dst" | "ipv6.dst" => &mut found.1,
            _ => continue,
        };
        let mut text = String::new();
        super::value::push_plain(&mut text, item.field, item.value, item.octets);
        *slot = Some(text);
    }
    found
}

/// One sentence on a packet.
fn summary(packet: &Packet<'_>) -> Visible {
    let mut out = String::new();
    for (index, (message, _)) in packet.messages().enumerate() {
        if index > 0 {
            out.push_str("; ");
        }
        push_message(&mut out, packet, message);
    }
    if out.is_empty() {
        for (index, push) in packet.found.pushes.iter().enumerate() {
            if index > 0 {
                out.push_str("; ");
            }
            push_push(&mut out, packet, push.layer);
        }
    }
    if out.is_empty() {
        push_layers(&mut out, packet);
    }
    if let Some(found) = packet.view.worst().filter(|found| found.severity >= Severity::Warning) {
        let _ = write!(out, " – ");
        push_visible(&mut out, found.text().as_bytes());
    }
    Visible::from_parts(out)
}

fn push_message(out: &mut String, packet: &Packet<'_>, message: &Message) {
    let _ = write!(out, "Package #0 {}", message.format.name());
    for (name, text) in [("dmnoti.ui_mode", ""), ("dmnoti.initiator", "")] {
        let node = child(packet, message.layer, name);
        if let Some((field, Value::Uint(value))) = node
            && let Some(named) = field.value_name(value)
        {
            let _ = write!(out, ", {text}{named}");
        }
    }
}

fn child(packet: &Packet<'_>, layer: NodeId, name: &str) -> Option<(&'static crate::model::Field, Value)> {
    let tree = packet.view.tree;
    let end = tree.get(layer)?.end as usize;
    let nodes = tree.nodes().get(layer.index()..end)?;
    nodes.iter().find(|node| node.field.name == name).map(|node| (node.field, node.value))
}

fn push_push(out: &mut String, packet: &Packet<'_>, layer: NodeId) {
    let tree = packet.view.tree;
    out.push_str(tree.get(layer).map_or("push", |node| node.field.label));
    if let Some(id) = tree.find(Some(layer), &wsp_headers::CONTENT_TYPE)
        && let Some(node) = tree.get(id)
    {
        out.push_str(", ");
        push_visible(out, tree.octets(packet.view.buffers, node.span, node.value));
    }
}

fn push_layers(out: &mut String, packet: &Packet<'_>) {
    let tree = packet.view.tree;
    let last = tree
        .children(None)
        .filter_map(|id| tree.get(id))
        .filter(|node| node.field.kind == crate::model::Kind::Presence);
    out.push_str(last.last().map_or("", |node| node.field.label));
}
