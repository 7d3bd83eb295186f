//! A packet as one row: what the text output, the terminal UI's list and summaries show.
//!
//! Must not know where the row goes. All text in it is safe to show.

use std::fmt::Write;

use crate::dissect::{Format, Message, OUTCOME, dmnoti, dmnoti12, dmnoti20, wsp_fields, wsp_headers};
use crate::model::visible::push_visible;
use crate::model::walk::FindingView;
use crate::model::{Duration, Field, Group, Item, NodeId, NoteValue, Rule, Severity, Value, Visible, visible};
use crate::scan::Packet;
use crate::verify::Status;

use super::value::push_plain;

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
    /// Worst finding: its rule and severity. Notes on the layers that carry a push are for the tree.
    pub worst: Option<(&'static Rule, Severity)>,
    /// Findings of at least warning severity beyond the worst.
    pub more_findings: usize,
    /// One sentence.
    pub summary: Visible,
    /// How many octets of it say what the packet is: what follows relates it to others and tells its worst finding.
    pub plain: usize,
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
        if let Some(outcome) = packet.found.outcomes.first() {
            row.carrier = outcome.carrier.name();
        }
        row.more = packet.found.messages.len().saturating_sub(1);
        if let Some((message, verdict)) = packet.messages().next() {
            row.server = message.server_id.map(|id| visible(packet.view.buffers.octets(id.0))).unwrap_or_default();
            row.id = message.id.map(|(id, _)| format!("{id:04X}")).unwrap_or_default();
            row.status = verdict.map(|v| v.status);
        }
        let worst = worst(packet);
        row.worst = worst.as_ref().map(|found| (found.rule, found.severity));
        let serious = packet.view.findings().filter(|found| found.severity >= Severity::Warning).count();
        row.more_findings = serious.saturating_sub(1);
        (row.summary, row.plain) = summary(packet, worst.as_ref());
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
        push_plain(&mut text, item.field, item.value, item.octets);
        *slot = Some(text);
    }
    found
}

/// The worst finding that a line shows: what the transport layer and those below it only note would hide what matters.
fn worst<'p>(packet: &Packet<'p>) -> Option<FindingView<'p>> {
    let found = packet.found;
    let carried = found.pushes.first().map(|push| push.layer).or(found.outcomes.first().map(|outcome| outcome.layer));
    let tree = packet.view.tree;
    let is_transport = |id: &NodeId| tree.get(*id).is_some_and(|node| matches!(node.field.name, "udp" | "tcp"));
    let below = carried.and_then(|layer| tree.children(None).take_while(|id| *id < layer).filter(is_transport).last());
    packet.view.worst_above(below)
}

/// One sentence on a packet, and how much of it says what it is.
fn summary(packet: &Packet<'_>, worst: Option<&FindingView<'_>>) -> (Visible, usize) {
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
    for outcome in &packet.found.outcomes {
        let comma = if out.is_empty() { "" } else { "; " };
        let _ = write!(out, "{comma}{outcome}");
        if let Some(latency) = outcome.latency {
            out.push_str(" after ");
            push_span(&mut out, latency);
        }
        let _ = write!(out, ": the push of frame {}", outcome.request);
    }
    if out.is_empty() {
        push_layers(&mut out, packet);
    }
    // What became of it meanwhile, where that is known.
    for note in packet.view.notes.nodes().iter().filter(|note| note.field.is(&OUTCOME)) {
        if let NoteValue::Text(text) = &note.value {
            out.push_str("; ");
            push_visible(&mut out, text.as_bytes());
        }
    }
    let plain = out.len();
    for Item { value, .. } in packet.view.occurrences(&dmnoti::SIGHTING_OF).take(1) {
        out.push_str(", seen before as frame ");
        push_plain(&mut out, &dmnoti::SIGHTING_OF, value, &[]);
    }
    // An outcome says in its own words what its finding is.
    let is_said = |found: &FindingView<'_>| {
        let layer = packet.view.layer_of(found.node);
        found.rule.group == Group::Sequence && packet.found.outcomes.iter().any(|outcome| Some(outcome.layer) == layer)
    };
    if let Some(found) = worst.filter(|found| !is_said(found)) {
        out.push_str(" – ");
        push_visible(&mut out, found.text().as_bytes());
    }
    (Visible::from_parts(out), plain)
}

/// A span as people say it: three digits, in the unit that fits.
fn push_span(out: &mut String, span: Duration) {
    let nanos = span.nanos();
    let (unit, name) = match nanos.unsigned_abs() {
        0..1_000_000 => (1_000u64, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let thousandths = i128::from(nanos) * 1000 / i128::from(unit);
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
    let _ = match whole {
        0..10 => write!(out, "{sign}{whole}.{:02} {name}", rest / 10),
        10..100 => write!(out, "{sign}{whole}.{} {name}", rest / 100),
        _ => write!(out, "{sign}{whole} {name}"),
    };
}

fn push_message(out: &mut String, packet: &Packet<'_>, message: &Message) {
    out.push_str(match message.format {
        Format::Dm12 => "Package #0 1.2",
        Format::Dm20 => "Package #0 2.0",
        Format::Ds12 => "Data Sync notification 1.2",
        Format::Dm20Later => "Package #0 2.0 (later layout)",
        Format::Dm13 => "Package #0 1.3",
    });
    for (field, more) in [(&dmnoti12::UI_MODE, ""), (&dmnoti12::INITIATOR, "-initiated")] {
        if let Some(value) = child(packet, message.layer, field)
            && let Some(named) = field.value_name(value)
        {
            let _ = write!(out, ", {named}{more}");
        }
    }
    match child(packet, message.layer, &dmnoti20::OPTIONS_COUNT) {
        Some(1) => out.push_str(", 1 option"),
        Some(count) => {
            let _ = write!(out, ", {count} options");
        }
        None => {}
    }
}

/// The number a field of a layer holds.
fn child(packet: &Packet<'_>, layer: NodeId, field: &'static Field) -> Option<u64> {
    let tree = packet.view.tree;
    let end = tree.get(layer)?.end as usize;
    let nodes = tree.nodes().get(layer.index()..end)?;
    nodes.iter().find(|node| node.field.is(field)).and_then(|node| match node.value {
        Value::Uint(value) => Some(value),
        _ => None,
    })
}

fn push_push(out: &mut String, packet: &Packet<'_>, layer: NodeId) {
    let tree = packet.view.tree;
    let text = |field| tree.find(Some(layer), field).and_then(|id| tree.get(id));
    let Some(content) = text(&wsp_headers::CONTENT_TYPE) else {
        out.push_str(tree.get(layer).map_or("push", |node| node.field.label));
        return;
    };
    out.push_str("Push of ");
    push_visible(out, tree.octets(packet.view.buffers, content.span, content.value));
    if let Some(app) = text(&wsp_fields::X_WAP_APPLICATION_ID) {
        out.push_str(" to ");
        push_visible(out, tree.octets(packet.view.buffers, app.span, app.value));
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
