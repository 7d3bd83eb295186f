//! From a packet to what the list, the statistics and the findings screen know of it.
//!
//! Must not know files or the screen.

use super::store::{Listed, Relation};
use crate::dissect::dmnoti12_rules::DUPLICATE;
use crate::dissect::{dmnoti, wsp_headers};
use crate::model::{Author, Group, Value, Visible, visible};
use crate::output::row::Row;
use crate::scan::Packet;
use crate::verify::Status;

/// What the list knows of a packet.
pub(super) fn listed(packet: &Packet<'_>) -> Listed {
    let row = Row::new(packet);
    let view = packet.view;
    let first = packet.found.messages.first();
    let judged = view
        .notes
        .findings()
        .iter()
        .map(|f| (f.rule, f.severity.unwrap_or(f.rule.severity), f.author == Author::Verdict));
    let read = view.tree.findings().iter().map(|f| (f.rule, f.severity(), false));
    let findings: Vec<_> = read.chain(judged).collect();
    let content = packet.found.pushes.first().and_then(|push| {
        let node = view.tree.get(view.tree.find(Some(push.layer), &wsp_headers::CONTENT_TYPE)?)?;
        Some(visible(view.tree.octets(view.buffers, node.span, node.value)))
    });
    let mut age = None;
    let mut relation = Relation::None;
    for note in view.notes.nodes() {
        let crate::model::NoteValue::Plain(value) = note.value else { continue };
        match value {
            Value::Frame { number, .. } if note.field.is(&dmnoti::DUPLICATE_OF) => {
                relation = Relation::Duplicate(number);
            }
            Value::Frame { number, .. } if note.field.is(&dmnoti::SIGHTING_OF) => relation = Relation::Sighting(number),
            Value::Duration(span) if note.field.is(&dmnoti::DIGEST_AGE) => {
                age = Some(span.nanos().div_euclid(1_000_000_000));
            }
            _ => {}
        }
    }
    if relation == Relation::None {
        let incomplete = packet.verdicts.iter().any(|v| v.status == Status::Incomplete);
        let part = packet.found.messages.is_empty() && packet.found.pushes.is_empty() && packet.found.concerns_push;
        let missing = findings.iter().any(|(rule, _, _)| rule.group == Group::Reassembly);
        // A duplicate has a note that names the first one; what has only the finding is a re-trigger.
        if findings.iter().any(|(rule, ..)| rule.is(&DUPLICATE)) {
            relation = Relation::Retrigger;
        } else if missing && (part || incomplete) {
            relation = Relation::Part;
        }
    }
    // The list says by itself how a packet relates to others.
    let (what, rest) = row.summary.as_str().split_at_checked(row.plain).unwrap_or((row.summary.as_str(), ""));
    let said = rest.split_once(" – ").map_or("", |(_, said)| said);
    Listed {
        number: packet.frame.number,
        time: packet.frame.ts,
        source: row.source,
        destination: row.destination,
        carrier: row.carrier,
        server: row.server,
        content: content.unwrap_or_default(),
        id: first.and_then(|message| message.id).map(|(id, _)| id),
        status: row.status,
        more: row.more,
        age,
        relation,
        push: packet.found.is_listed(),
        shown: Some(row.worst),
        findings,
        summary: Visible::from_parts(what.to_owned()),
        said: Visible::from_parts(said.to_owned()),
        color: 0,
    }
}
