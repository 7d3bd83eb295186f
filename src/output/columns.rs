//! Columns: which fields a list shows, under which titles.
//!
//! Must not know how a list is drawn, nor any protocol.

use std::fmt;

use super::value::push_plain;
use crate::catalog::finding;
use crate::filter;
use crate::model::visible::push_visible;
use crate::model::{Field, Item, Kind, NodeId, View, Visible, visible_str};

/// A column: the first of its fields that occurs in a packet is shown, every occurrence.
#[derive(Clone, Debug)]
pub struct Column {
    title: Visible,
    source: String,
    /// Alternatives; each is several fields where the name stands for several.
    fields: Vec<Vec<&'static Field>>,
}

impl Column {
    /// What stands above it.
    pub const fn title(&self) -> &Visible {
        &self.title
    }

    /// The fields as they were named: `ip.src|ipv6.src`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Appends what the column shows of a packet; nothing where none of its fields occurs. Safe to show.
    pub fn push_cell(&self, out: &mut String, view: View<'_>) {
        self.push_cell_without(out, view, &[]);
    }

    /// The same, leaving out what stands in the layers `hidden`: those of the other notifications of the frame.
    pub fn push_cell_without(&self, out: &mut String, view: View<'_>, hidden: &[NodeId]) {
        let before = out.len();
        for alternative in &self.fields {
            for field in alternative {
                push_occurrences(out, before, view, field, hidden);
            }
            if out.len() > before {
                return;
            }
        }
    }
}

/// Columns in their order.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    all: Vec<Column>,
}

/// The columns that are shown where the user names none.
const STANDARD: &str = "No.=frame.number,Time=frame.time,Source=ip.src|ipv6.src,Destination=ip.dst|ipv6.dst,\
    Port=udp.dstport|tcp.dstport,Server=dmnoti.server_id,Id=dmnoti.session_id.text|dmnoti.notification_id,\
    Digest=dmnoti.digest.status,Findings=finding.rule";

impl Columns {
    /// The columns that are shown where the user names none; those of fields we do not have yet are left out.
    pub fn standard() -> Self {
        Self { all: STANDARD.split(',').filter_map(|text| column(text).ok()).collect() }
    }

    /// Columns as `frame.number,Time=frame.time,Source=ip.src|ipv6.src`: names, titles before them, alternatives between bars.
    ///
    /// # Errors
    /// A name is unknown, or a column names nothing: the message says which, and what is near.
    pub fn parse(text: &str) -> Result<Self, ColumnError> {
        let all = text.split(',').map(|one| column(one.trim())).collect::<Result<Vec<Column>, ColumnError>>()?;
        Ok(Self { all })
    }

    /// One column for each of these fields, under its name: scripts know fields by their names.
    ///
    /// # Errors
    /// A name is unknown: the message says which, and what is near.
    pub fn of_fields(names: &[String]) -> Result<Self, ColumnError> {
        let by_name = |name: &String| column(name).map(|found| Column { title: visible_str(found.source()), ..found });
        let all = names.iter().map(by_name).collect::<Result<Vec<Column>, ColumnError>>()?;
        Ok(Self { all })
    }

    /// The columns.
    pub fn all(&self) -> &[Column] {
        &self.all
    }

    /// The cells of a packet, in the order of the columns. The rooms of `cells` are used again.
    pub fn cells(&self, view: View<'_>, cells: &mut Vec<String>) {
        cells.resize_with(self.all.len(), String::new);
        for (column, cell) in self.all.iter().zip(cells) {
            cell.clear();
            column.push_cell(cell, view);
        }
    }
}

/// As [`Columns::parse`] takes it.
impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, column) in self.all.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{}={}", column.title, column.source)?;
        }
        Ok(())
    }
}

/// What is wrong with a column; safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ColumnError(String);

fn column(text: &str) -> Result<Column, ColumnError> {
    let (title, names) = match text.split_once('=') {
        Some((title, names)) => (Some(title.trim()).filter(|title| !title.is_empty()), names.trim()),
        None => (None, text),
    };
    let mut fields = Vec::new();
    for name in names.split('|').map(str::trim) {
        let found = filter::fields_named(name);
        if found.is_empty() {
            return Err(unknown(name));
        }
        fields.push(found);
    }
    let label = fields.first().and_then(|first| first.first()).map_or("", |field| field.label);
    let title = title.map_or_else(|| Visible::own(label), visible_str);
    Ok(Column { title, source: names.to_owned(), fields })
}

fn unknown(name: &str) -> ColumnError {
    if name.is_empty() {
        return ColumnError("a column names no field: expected FIELD or TITLE=FIELD".to_owned());
    }
    let near = filter::names_near(name);
    let hint = match near.as_slice() {
        [] => "`pushscope fields` lists all fields".to_owned(),
        near => format!("did you mean `{}`?", near.join("` or `")),
    };
    ColumnError(format!("unknown field `{}`: {hint}", visible_str(name)))
}

/// Appends every occurrence of a field outside of the layers `hidden`; commas stand between what is appended behind `start`.
fn push_occurrences(out: &mut String, start: usize, view: View<'_>, field: &'static Field, hidden: &[NodeId]) {
    let shown = |node| hidden.is_empty() || view.layer_of(node).is_none_or(|layer| !hidden.contains(&layer));
    let comma = |out: &mut String| {
        if out.len() > start {
            out.push(',');
        }
    };
    if finding::FIELDS.iter().any(|own| own.is(field)) {
        for found in view.findings().filter(|found| shown(found.node)) {
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
    for Item { value, octets, .. } in view.occurrences(field).filter(|item| shown(item.node.or(item.parent))) {
        comma(out);
        match field.kind {
            // A layer asked for shows that it is there.
            Kind::Presence | Kind::Group => out.push_str(field.label),
            _ => push_plain(out, field, value, octets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Columns;
    use crate::catalog::catalog;
    use crate::model::{BufId, Buffers, Notes, Span, Tree, Value, View};

    fn row(columns: &str) -> Vec<String> {
        let octets = [0x23, 0xf0, 0x0b, 0x84];
        let buffers = Buffers::new(1, &octets);
        let (mut tree, notes) = (Tree::default(), Notes::default());
        let known = |name| catalog().field(name).expect("a field of the catalog");
        let udp = Some(tree.push(None, known("udp"), Span::octets(BufId::FRAME, 0, 4), Value::None));
        tree.push(udp, known("udp.srcport"), Span::octets(BufId::FRAME, 0, 2), Value::Uint(9200));
        tree.push(udp, known("udp.dstport"), Span::octets(BufId::FRAME, 2, 2), Value::Uint(2948));
        let mut cells = Vec::new();
        let columns = Columns::parse(columns).expect("columns");
        columns.cells(View { buffers: &buffers, tree: &tree, notes: &notes }, &mut cells);
        cells
    }

    #[test]
    fn cells_hold_every_occurrence_of_the_first_field_there_is() {
        assert_eq!(row("udp.dstport"), ["2948"]);
        assert_eq!(row("To=udp.dstport, udp, udp.length"), ["2948", "User Datagram Protocol", ""]);
        assert_eq!(row("Port=udp.length|udp.srcport"), ["9200"]);
        assert_eq!(row("udp.port,finding.rule"), ["9200,2948", ""]);
    }

    #[test]
    fn titles_come_from_the_catalog_where_none_is_given() {
        let columns = Columns::parse("udp.dstport,To\u{1b}=udp.srcport").expect("columns");
        assert_eq!(columns.all()[0].title().as_str(), "Destination port");
        assert_eq!(columns.all()[1].title().as_str(), "To\\u{1b}");
        assert_eq!(
            Columns::parse("A=udp.dstport,B=udp.length|udp").expect("columns").to_string(),
            "A=udp.dstport,B=udp.length|udp"
        );
    }

    #[test]
    fn an_unknown_field_is_named_with_the_nearest() {
        let error = |text| Columns::parse(text).expect_err("no columns").to_string();
        assert_eq!(error("udp.dstpor"), "unknown field `udp.dstpor`: did you mean `udp.dstport` or `tcp.dstport`?");
        assert_eq!(error("udp,,udp"), "a column names no field: expected FIELD or TITLE=FIELD");
    }

    #[test]
    fn standard_columns_are_there() {
        assert!(Columns::standard().all().len() >= 4);
    }
}
