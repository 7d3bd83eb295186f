//! A notification as one row of typed cells, named as the catalog names its fields.
//!
//! csv, ndjson and columnar files write these rows, and every aggregate of a report is made from them. Must not know where
//! rows go. All text in a row is safe to show.

use std::sync::LazyLock;

use crate::catalog::{catalog, finding};
use crate::model::{Field, Item, Kind, NodeId, Severity, Value, Visible};
use crate::output::fields::others;
use crate::output::value::push_plain;
use crate::scan::Packet;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text, safe to show; lists are joined by commas.
    Text,
    /// Unsigned number.
    Uint,
    /// Signed number.
    Int,
    /// True or false.
    Bool,
    /// Octets.
    Bytes,
    /// Point in time: nanoseconds since 1970.
    Time,
    /// Span of time: nanoseconds.
    Duration,
}

/// What stands in a column of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: the field does not occur.
    #[default]
    None,
    /// Text, safe to show.
    Text(Visible),
    /// Unsigned number.
    Uint(u64),
    /// Signed number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Octets.
    Bytes(Vec<u8>),
    /// Nanoseconds since 1970.
    Time(i64),
    /// Nanoseconds.
    Duration(i64),
}

/// A column of every row.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name: that of the field, but for `file`, `carrier` and `finding.worst`.
    pub name: &'static str,
    /// The type of its cells.
    pub kind: Type,
    /// What it means.
    pub about: &'static str,
    /// The field of the catalog it shows.
    pub field: Option<&'static Field>,
    /// Whether all occurrences are shown; else the innermost one.
    all: bool,
}

/// Columns that are no fields, with what they mean.
const OURS: [(&str, &str); 3] = [
    ("file", "Name of the capture."),
    ("carrier", "What carried the push: UDP, WTP, SMPP, SMS/Abis …"),
    ("finding.worst", "Rule of the worst finding."),
];

/// The columns in their order.
const NAMES: &[&str] = &[
    "file",
    "frame.number",
    "frame.file_number",
    "frame.time",
    "frame.protocols",
    "carrier",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "udp.srcport",
    "udp.dstport",
    "tcp.srcport",
    "tcp.dstport",
    "gsm_sms.originator_port",
    "gsm_sms.destination_port",
    "gsm_sms.tp-oa",
    "gsm_sms.tp-da",
    "smpp.source_addr",
    "smpp.destination_addr",
    "wsp.TID",
    "wsp.pdu_type",
    "wsp.content_type",
    "wsp.application_id",
    "dmnoti.index",
    "dmnoti.format",
    "dmnoti.server_id",
    "dmnoti.digest",
    "dmnoti.digest.status",
    "dmnoti.digest.deviation",
    "dmnoti.digest.key",
    "dmnoti.digest.nonce",
    "dmnoti.digest.time",
    "dmnoti.digest.age",
    "dmnoti.version",
    "dmnoti.ui_mode",
    "dmnoti.initiator",
    "dmnoti.future_use",
    "dmnoti.session_id",
    "dmnoti.session_id.text",
    "dmnoti.vendor",
    "dmnoti.ver",
    "dmnoti.options_count",
    "dmnoti.reserved",
    "dmnoti.notification_id",
    "dmnoti.option.number",
    "dmnoti.preferred_con_type",
    "dmnoti.req_mo",
    "dmnoti.req_mo_cv.mo",
    "dmnoti.duplicate_of",
    "dmnoti.sighting_of",
    "finding.worst",
    "finding.severity",
    "finding.rule",
];

/// Fields that occur several times in one notification: all are shown, joined.
const LISTS: [&str; 5] =
    ["dmnoti.option.number", "dmnoti.preferred_con_type", "dmnoti.req_mo", "dmnoti.req_mo_cv.mo", "finding.rule"];

/// The columns of every row, in their order. The same in every run.
pub fn columns() -> &'static [Column] {
    static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| NAMES.iter().copied().filter_map(column).collect());
    &COLUMNS
}

fn column(name: &'static str) -> Option<Column> {
    if let Some((name, about)) = OURS.iter().find(|own| own.0 == name) {
        return Some(Column { name, kind: Type::Text, about, field: None, all: false });
    }
    let field = catalog().field(name)?;
    let all = LISTS.contains(&name);
    let kind = match field.kind {
        _ if all => Type::Text,
        Kind::Uint => Type::Uint,
        Kind::Int => Type::Int,
        Kind::Bool => Type::Bool,
        Kind::Bytes => Type::Bytes,
        Kind::Time => Type::Time,
        Kind::Duration => Type::Duration,
        _ => Type::Text,
    };
    Some(Column { name, kind, about: field.label, field: Some(field), all })
}

/// The position of a column.
pub fn position(name: &str) -> Option<usize> {
    columns().iter().position(|column| column.name == name)
}

/// One notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// As many as there are [`columns`], in their order.
    pub cells: Vec<Cell>,
}

/// Makes rows from packets. Keeps its room from row to row.
#[derive(Debug)]
pub struct Rows {
    /// Addresses of the columns' fields with their positions, sorted.
    fields: Vec<(usize, usize)>,
    hidden: Vec<NodeId>,
    joined: String,
}

impl Default for Rows {
    fn default() -> Self {
        let fields = columns().iter().enumerate();
        let mut fields: Vec<(usize, usize)> =
            fields.filter_map(|(at, column)| Some((std::ptr::from_ref(column.field?).addr(), at))).collect();
        fields.sort_unstable();
        Self { fields, hidden: Vec::new(), joined: String::new() }
    }
}

impl Rows {
    /// The row of a packet's message `index` (from 0); `file` is the name of its capture.
    pub fn row(&mut self, packet: &Packet<'_>, index: usize, file: &Visible) -> Row {
        let mut row = Row { cells: vec![Cell::None; columns().len()] };
        let messages = &packet.found.messages;
        others(messages, index, &mut self.hidden);
        let own = messages.get(index);
        self.walk(packet, own.map(|message| message.layer), &mut row);
        let hidden = &self.hidden;
        row.findings(packet, |node| packet.view.layer_of(node).is_none_or(|layer| !hidden.contains(&layer)));
        row.set("file", Cell::Text(file.clone()));
        let carrier = own.map_or("", |message| message.facts.carrier.name());
        if !carrier.is_empty() {
            row.set("carrier", Cell::Text(Visible::own(carrier)));
        }
        row
    }

    /// Takes what stands before and in a message's layer, leaving out the layers of the frame's other messages: of a field
    /// that occurs several times (tunnels) the innermost is the message's own.
    fn walk(&mut self, packet: &Packet<'_>, own: Option<NodeId>, row: &mut Row) {
        let (mut layer, mut hidden) = (None, false);
        for item in packet.view.walk() {
            if item.depth == 0 {
                if layer.is_some() && layer == own {
                    break;
                }
                layer = item.node;
                hidden = layer.is_some_and(|layer| self.hidden.contains(&layer));
            }
            if hidden {
                continue;
            }
            let address = std::ptr::from_ref(item.field).addr();
            let Ok(at) = self.fields.binary_search_by_key(&address, |field| field.0) else { continue };
            let Some((column, cell)) = self.fields.get(at).and_then(|field| row.slot(field.1)) else { continue };
            if column.all {
                self.joined.clear();
                if let Cell::Text(before) = cell {
                    self.joined.push_str(before.as_str());
                    self.joined.push(',');
                }
                push_plain(&mut self.joined, item.field, item.value, item.octets);
                *cell = Cell::Text(Visible::from_parts(self.joined.clone()));
            } else {
                *cell = Cell::of(&item);
            }
        }
    }
}

impl Row {
    fn slot(&mut self, at: usize) -> Option<(&'static Column, &mut Cell)> {
        Some((columns().get(at)?, self.cells.get_mut(at)?))
    }

    /// What stands in a column; [`Cell::None`] where there is no such column.
    pub fn get(&self, name: &str) -> &Cell {
        position(name).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::None)
    }

    /// Text of a column.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Cell::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Number of a column.
    pub fn uint(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Cell::Uint(number) => Some(*number),
            _ => None,
        }
    }

    /// Puts a cell into a column.
    pub fn set(&mut self, name: &str, cell: Cell) {
        if let Some((_, slot)) = position(name).and_then(|at| self.slot(at)) {
            *slot = cell;
        }
    }

    fn findings(&mut self, packet: &Packet<'_>, shown: impl Fn(Option<NodeId>) -> bool) {
        let mut worst: Option<(&'static str, Severity)> = None;
        let mut rules = String::new();
        for found in packet.view.findings().filter(|found| shown(found.node)) {
            if !rules.is_empty() {
                rules.push(',');
            }
            rules.push_str(found.rule.id);
            // Of equally grave ones the last stands in the innermost layer.
            if worst.is_none_or(|before| found.severity >= before.1) {
                worst = Some((found.rule.id, found.severity));
            }
        }
        if let Some((rule, severity)) = worst {
            self.set("finding.worst", Cell::Text(Visible::own(rule)));
            self.set(finding::SEVERITY.name, Cell::Text(Visible::own(severity.name())));
            self.set(finding::RULE.name, Cell::Text(Visible::from_parts(rules)));
        }
    }
}

impl Cell {
    fn of(item: &Item<'_>) -> Self {
        match item.value {
            Value::None => Self::None,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Uint(number) => Self::Uint(number),
            Value::Int(number) => Self::Int(number),
            Value::Time(time) => Self::Time(time.nanos()),
            Value::Duration(span) => Self::Duration(span.nanos()),
            Value::Raw | Value::Scratch { .. } if item.field.kind == Kind::Bytes => Self::Bytes(item.octets.to_vec()),
            Value::Raw | Value::Scratch { .. } | Value::Frame { .. } => {
                let mut text = String::new();
                push_plain(&mut text, item.field, item.value, item.octets);
                Self::Text(Visible::from_parts(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LISTS, NAMES, OURS, columns, position};

    #[test]
    fn every_column_is_a_field_or_says_what_it_is() {
        assert_eq!(columns().len(), NAMES.len(), "a name is no field");
        for column in columns() {
            assert!(column.field.is_some() || OURS.iter().any(|own| own.0 == column.name), "{}", column.name);
            assert!(!column.about.is_empty(), "{}", column.name);
        }
        for name in LISTS {
            assert!(position(name).is_some(), "{name}");
        }
    }
}
