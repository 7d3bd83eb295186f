//! Chosen fields of packets as lines: `-T fields`.
//!
//! Must not know any protocol.

use crate::catalog::finding;
use crate::model::visible::push_visible;
use crate::model::walk::View;
use crate::model::{Field, Kind};
use crate::scan::Packet;

use super::value::push_plain;

/// Writes one line per packet: the fields asked for, in that order; an absent field is empty, several occurrences are joined
/// by commas.
#[derive(Debug)]
pub struct FieldsWriter {
    fields: Vec<&'static Field>,
    separator: String,
    line: String,
}

impl FieldsWriter {
    /// A writer of these fields.
    pub fn new(fields: Vec<&'static Field>, separator: String) -> Self {
        Self { fields, separator, line: String::new() }
    }

    /// The fields' names.
    pub fn header(&mut self) -> &str {
        self.line.clear();
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                self.line.push_str(&self.separator);
            }
            self.line.push_str(field.name);
        }
        self.line.push('\n');
        &self.line
    }

    /// The line of a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) -> &str {
        self.line.clear();
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                self.line.push_str(&self.separator);
            }
            push_occurrences(&mut self.line, packet.view, field);
        }
        self.line.push('\n');
        &self.line
    }
}

/// Appends every occurrence of a field, joined by commas.
pub fn push_occurrences(out: &mut String, view: View<'_>, field: &'static Field) {
    let mut first = true;
    let mut comma = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
    };
    if finding::FIELDS.iter().any(|f| f.is(field)) {
        for found in view.findings() {
            comma(out);
            match field.name {
                "finding.rule" => out.push_str(found.rule.id),
                "finding.severity" => out.push_str(found.severity.name()),
                "finding.group" => out.push_str(found.rule.group.name()),
                _ => push_visible(out, found.text().as_bytes()),
            }
        }
        return;
    }
    for item in view.walk().filter(|item| item.field.name == field.name) {
        comma(out);
        match field.kind {
            // As tshark: a layer asked for shows that it is there.
            Kind::Presence | Kind::Group => out.push_str(field.label),
            _ => push_plain(out, item.field, item.value, item.octets),
        }
    }
}
