//! Packets as indented trees, with octets on request.
//!
//! Must not know any protocol.

use std::fmt::Write;

use crate::model::visible::push_visible;
use crate::model::walk::{Item, View};
use crate::model::{BufId, Severity};
use crate::scan::Packet;

use super::style::{Ink, Painter};
use super::value::push_labelled;

/// Appends the tree of a packet: one line per node, findings below the node that has them.
pub fn push_tree(out: &mut String, packet: &Packet<'_>, paint: Painter) {
    let view = packet.view;
    for item in view.walk() {
        push_line(out, view, &item, paint);
        if let Some(id) = item.node {
            for found in view.findings().filter(|found| found.node == Some(id)) {
                indent(out, item.depth + 1);
                push_finding(out, &found, paint);
            }
        }
    }
    for found in view.findings().filter(|found| found.node.is_none()) {
        push_finding(out, &found, paint);
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("    ");
    }
}

fn push_finding(out: &mut String, found: &crate::model::walk::FindingView<'_>, paint: Painter) {
    let ink = ink_of(found.severity);
    paint.paint(out, ink, |out| {
        let _ = write!(out, "{} {} {}: ", mark(found.severity), found.severity.name(), found.rule.id);
        push_visible(out, found.text().as_bytes());
    });
    if let Some(cite) = found.rule.cite {
        let _ = write!(out, " [{cite}]");
    }
    out.push('\n');
}

/// The mark that doubles the colour of a severity.
pub const fn mark(severity: Severity) -> char {
    match severity {
        Severity::Error => '!',
        Severity::Warning => '*',
        Severity::Note => '-',
    }
}

/// The colour of a severity.
pub const fn ink_of(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Red,
        Severity::Warning => Ink::Yellow,
        Severity::Note => Ink::Cyan,
    }
}

fn push_line(out: &mut String, view: View<'_>, item: &Item<'_>, paint: Painter) {
    indent(out, item.depth);
    if item.field.generated {
        out.push('[');
    }
    let ink = if item.depth == 0 { Ink::Bold } else { Ink::Plain };
    paint.paint(out, ink, |out| push_item(out, item));
    if item.field.generated {
        out.push(']');
    }
    if let Some(place) = place(view, item) {
        paint.paint(out, Ink::Dim, |out| out.push_str(&place));
    }
    out.push('\n');
}

/// Appends label and value of a row, on one line.
pub fn push_item(out: &mut String, item: &Item<'_>) {
    out.push_str(item.field.label);
    if item.value != crate::model::Value::None {
        out.push_str(": ");
        push_labelled(out, item.field, item.value, item.octets);
    }
    if item.depth == 0 && item.field.name != "data" {
        let _ = write!(out, " ({})", item.field.name);
    }
}

/// Where a row was read: octets of the frame, or of a derived buffer; bits where they are not whole octets.
pub fn place(view: View<'_>, item: &Item<'_>) -> Option<String> {
    let span = item.span;
    if item.node.is_none() || item.field.generated || span.len == 0 {
        return None;
    }
    let mut out = String::from("  @");
    if span.buf != BufId::FRAME {
        let name = view.buffers.derived().find(|(id, _)| *id == span.buf).map_or("", |(_, derived)| derived.name);
        let _ = write!(out, "{name} ");
    }
    let first = span.start / 8;
    if span.is_aligned() {
        let last = (span.end() / 8).saturating_sub(1);
        let _ = if first == last { write!(out, "{first}") } else { write!(out, "{first}..{last}") };
    } else {
        let last = span.end().saturating_sub(1);
        let _ = write!(out, "{first}.{}", 7 - span.start % 8);
        if span.len > 1 {
            let _ = write!(out, "..{}.{}", last / 8, 7 - last % 8);
        }
    }
    Some(out)
}

/// Appends every buffer as hex and text, 16 octets a line.
pub fn push_octets(out: &mut String, view: View<'_>, paint: Painter) {
    push_dump(out, "frame", view.buffers.frame(), paint);
    for (id, derived) in view.buffers.derived() {
        push_dump(out, derived.name, view.buffers.bytes(id), paint);
    }
}

fn push_dump(out: &mut String, name: &str, octets: &[u8], paint: Painter) {
    paint.paint(out, Ink::Dim, |out| {
        let _ = write!(out, "{name} ({} octets)", octets.len());
    });
    out.push('\n');
    for (row, chunk) in octets.chunks(16).enumerate() {
        let _ = write!(out, "{:04x}  ", row * 16);
        for at in 0..16 {
            match chunk.get(at) {
                Some(octet) => {
                    let _ = write!(out, "{octet:02x} ");
                }
                None => out.push_str("   "),
            }
            if at == 7 {
                out.push(' ');
            }
        }
        out.push(' ');
        out.extend(chunk.iter().map(|octet| if (0x20..0x7f).contains(octet) { char::from(*octet) } else { '.' }));
        out.push('\n');
    }
}
