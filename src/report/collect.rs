//! Counts packets: the sink that makes rows and a [`Summary`] of what one stream of captures holds.
//!
//! Must not know how many streams there are, nor where rows and summaries go.

use std::ops::ControlFlow;

use crate::capture::Frame;
use crate::dissect::{Body, Format, Message, Push, wsp_headers};
use crate::filter::Filter;
use crate::model::visible::push_visible;
use crate::model::{Timestamp, Visible};
use crate::scan::{Packet, Sink};
use crate::verify::{Status, Tagger};

use super::redact::Redactor;
use super::row::{Cell, Row, Rows, columns, position};
use super::shard::Shard;
use super::summary::{Example, Fingerprint, RuleUse, ServerStats, Summary};
use super::tally::{Merge, When};

/// What is asked of every packet.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Only packets that it selects count.
    pub filter: Option<&'a Filter>,
    /// What it selects is counted as failing.
    pub fail_if: Option<&'a Filter>,
    /// What must not be shown is replaced.
    pub redactor: Option<&'a Redactor>,
    /// Makes fingerprints.
    pub tagger: &'a Tagger,
    /// Whether rows are wanted.
    pub rows: bool,
    /// Only packets of this share count.
    pub shard: Option<Shard>,
}

/// Counts. See the module's documentation.
#[derive(Debug)]
pub struct Collector<'a> {
    asked: Asked<'a>,
    /// Names of the stream's captures, by [`crate::capture::Frame::file`].
    names: Vec<Visible>,
    /// Octets of their contents.
    contents: Vec<Option<u64>>,
    rows: Rows,
    /// Rows that nobody took yet.
    pub pending: Vec<Row>,
    /// What was counted since it was taken last.
    pub summary: Summary,
}

impl<'a> Collector<'a> {
    /// Counts what `asked` selects.
    pub fn new(asked: Asked<'a>) -> Self {
        Self {
            asked,
            names: Vec::new(),
            contents: Vec::new(),
            rows: Rows::default(),
            pending: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// The next capture of the stream: its name as reports show it, and the octets of its content where they are known.
    pub fn file(&mut self, name: Visible, content: Option<u64>) {
        self.names.push(name);
        self.contents.push(content);
    }

    /// How many captures there were.
    pub fn files(&self) -> u16 {
        u16::try_from(self.names.len()).unwrap_or(u16::MAX)
    }

    /// The name of a capture of the stream.
    fn name(&self, file: u16) -> Visible {
        self.names.get(usize::from(file)).or(self.names.last()).cloned().unwrap_or_default()
    }

    fn push(&mut self, packet: &Packet<'_>, push: &Push) {
        let mut media = String::new();
        let tree = packet.view.tree;
        if let Some(node) = tree.find(Some(push.layer), &wsp_headers::CONTENT_TYPE).and_then(|id| tree.get(id)) {
            push_visible(&mut media, tree.octets(packet.view.buffers, node.span, node.value));
        }
        self.summary.totals.pushes += 1;
        for (all, name) in
            [(&mut self.summary.carriers, push.facts.carrier.name()), (&mut self.summary.content_types, media.as_str())]
        {
            if let Some(slot) = all.slot(name) {
                slot.pushes += 1;
            }
        }
        if let Some(hour) = packet.frame.ts.map(hour)
            && let Some(slot) = self.summary.hours.slot(&hour)
        {
            slot.pushes += 1;
        }
    }

    fn findings(&mut self, packet: &Packet<'_>, example: &Example) {
        let summary = &mut self.summary;
        let mut file = summary.files.get_mut(&example.file);
        for found in packet.view.findings() {
            let severity = found.severity.name();
            summary.totals.findings.add(severity);
            if let Some(file) = &mut file {
                file.findings.add(severity);
            }
            let rule = entry(&mut summary.rules, found.rule.id);
            rule.count += 1;
            rule.severities.add(severity);
            rule.seen.add(packet.frame.ts);
            if rule.examples.wants(example) {
                rule.examples.add(example.clone());
            }
        }
    }

    fn notification(&mut self, packet: &Packet<'_>, index: usize, message: &Message, example: &Example) {
        let file = self.name(packet.frame.file);
        let mut row = self.rows.row(packet, index, &file);
        let destination = ["gsm_sms.tp-da", "smpp.destination_addr", "ip.dst", "ipv6.dst"]
            .iter()
            .find_map(|name| row.text(name).map(str::to_owned))
            .unwrap_or_default();
        if let Some(redactor) = self.asked.redactor {
            redactor.row(&mut row);
        }
        let status = packet.verdicts.get(index).map_or(Status::Unchecked, |verdict| verdict.status);
        let repeated = (*row.get("dmnoti.duplicate_of") != Cell::None, *row.get("dmnoti.sighting_of") != Cell::None);
        let server = row.text("dmnoti.server_id").unwrap_or_default().to_owned();
        let time = packet.frame.ts;
        self.count(&row, status, repeated, time, &example.file);
        self.diagnosis(&row, status, &server, time, example);
        if let Some(stats) = self.summary.servers.slot(&server) {
            count_server(stats, &row, status, repeated, time);
        }
        if repeated == (false, false) && message.body == Body::Whole {
            self.id(packet, message, &server, &destination, time);
        }
        if self.asked.rows {
            self.pending.push(row);
        }
    }

    fn count(
        &mut self,
        row: &Row,
        status: Status,
        (duplicate, sighting): (bool, bool),
        time: Option<Timestamp>,
        file: &str,
    ) {
        let summary = &mut self.summary;
        summary.totals.notifications += 1;
        summary.totals.duplicates += u64::from(duplicate);
        summary.totals.sightings += u64::from(sighting);
        summary.totals.statuses.add(status.name());
        summary.totals.formats.add(row.text("dmnoti.format").unwrap_or_default());
        let file = entry(&mut summary.files, file);
        file.notifications += 1;
        file.statuses.add(status.name());
        for (all, name) in [(&mut summary.carriers, "carrier"), (&mut summary.content_types, "wsp.content_type")] {
            if let Some(slot) = all.slot(row.text(name).unwrap_or_default()) {
                slot.notifications += 1;
                slot.statuses.add(status.name());
            }
        }
        if let Some(hour) = time.map(hour)
            && let Some(slot) = summary.hours.slot(&hour)
        {
            slot.notifications += 1;
            slot.statuses.add(status.name());
        }
    }

    /// Why a digest does not verify as the standard says.
    fn diagnosis(&mut self, row: &Row, status: Status, server: &str, time: Option<Timestamp>, example: &Example) {
        if status == Status::Valid {
            return;
        }
        let deviation = row.text("dmnoti.digest.deviation").unwrap_or_default();
        let name = if deviation.is_empty() { status.name() } else { deviation };
        let Some(slot) = self.summary.diagnoses.slot(name) else { return };
        slot.count += 1;
        slot.seen.add(time);
        if let Some(servers) = slot.servers.slot(server) {
            *servers += 1;
        }
        if slot.examples.wants(example) {
            slot.examples.add(example.clone());
        }
    }

    /// Remembers the use of an identifier.
    fn id(&mut self, packet: &Packet<'_>, message: &Message, server: &str, destination: &str, time: Option<Timestamp>) {
        let Some((id, _)) = message.id else { return };
        let tagger = self.asked.tagger;
        let to = tagger.tag(&[b"destination", destination.as_bytes()]) >> 32;
        let key = format!("{server}\t{}\t{id:04X}\t{to:08x}", message.format.name());
        let octets = packet.view.buffers.octets(message.octets);
        // What may differ between resends is left out: the digest, and the sending time beside it.
        let rest = match (message.format, message.digest_option) {
            (Format::Dm12 | Format::Ds12, _) => [octets.get(16..).unwrap_or_default(), &[]],
            (_, Some(option)) => {
                let start = message.octets.octet_range().start;
                let option = option.octet_range();
                let within = option.start.saturating_sub(start)..option.end.saturating_sub(start);
                [octets.get(..within.start).unwrap_or_default(), octets.get(within.end..).unwrap_or_default()]
            }
            _ => [octets, &[]],
        };
        let print = Fingerprint(tagger.tag(&[b"content", rest[0], rest[1]]));
        if let Some(slot) = self.summary.ids.slot(&key) {
            slot.count += 1;
            slot.seen.add(time);
            slot.varied |= slot.fingerprint.is_some_and(|before| before != print);
            slot.fingerprint = Some(slot.fingerprint.map_or(print, |before| before.min(print)));
        }
    }
}

fn count_server(
    server: &mut ServerStats,
    row: &Row,
    status: Status,
    (duplicate, sighting): (bool, bool),
    time: Option<Timestamp>,
) {
    server.notifications += 1;
    server.duplicates += u64::from(duplicate);
    server.sightings += u64::from(sighting);
    server.seen.add(time);
    server.statuses.add(status.name());
    if let Some(slot) = row.text("dmnoti.digest.deviation").and_then(|name| server.deviations.slot(name)) {
        *slot += 1;
    }
    for (tally, name) in [
        (&mut server.keys, "dmnoti.digest.key"),
        (&mut server.formats, "dmnoti.format"),
        (&mut server.carriers, "carrier"),
    ] {
        if let Some(text) = row.text(name) {
            tally.add(text);
        }
    }
    for (tally, name) in [
        (&mut server.versions, ["dmnoti.version", "dmnoti.ver"]),
        (&mut server.ui_modes, ["dmnoti.ui_mode", ""]),
        (&mut server.initiators, ["dmnoti.initiator", ""]),
    ] {
        for (name, number) in name.iter().filter_map(|name| Some((name, row.uint(name)?))) {
            let field = position(name).and_then(|at| columns().get(at)).and_then(|column| column.field);
            match field.and_then(|field| field.value_name(number)) {
                Some(named) => tally.add(named),
                None => tally.add(&number.to_string()),
            }
        }
    }
    for rule in row.text("finding.rule").unwrap_or_default().split(',').filter(|rule| !rule.is_empty()) {
        let mut one = RuleUse { count: 1, ..RuleUse::default() };
        one.seen.add(time);
        entry(&mut server.rules, rule).absorb(one);
    }
    if let Some(severity) = row.text("finding.severity") {
        server.findings.add(severity);
    }
    if let Cell::Duration(age) = row.get("dmnoti.digest.age") {
        server.ages.add(*age);
    }
}

impl Sink for Collector<'_> {
    fn wants(&self, frame: &Frame<'_>) -> bool {
        let content = self.contents.get(usize::from(frame.file)).copied().flatten();
        self.asked.shard.is_none_or(|shard| shard.has(frame.offset, content))
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let selects = |filter: Option<&Filter>| filter.map(|filter| filter.matches(&packet.view));
        if selects(self.asked.filter) == Some(false) {
            return ControlFlow::Continue(());
        }
        let time = packet.frame.ts;
        let file = self.name(packet.frame.file).into_string();
        let example = Example { file, frame: packet.frame.file_number, time: time.map(|time| When(time.nanos())) };
        let failing = selects(self.asked.fail_if) == Some(true);
        let totals = &mut self.summary.totals;
        totals.packets += 1;
        totals.failing += u64::from(failing);
        totals.seen.add(time);
        let stats = entry(&mut self.summary.files, &example.file);
        stats.packets += 1;
        stats.seen.add(time);
        self.findings(packet, &example);
        for push in &packet.found.pushes {
            self.push(packet, push);
        }
        for (index, message) in packet.found.messages.iter().enumerate() {
            self.notification(packet, index, message, &example);
        }
        ControlFlow::Continue(())
    }
}

/// What is known of a name, to be added to.
fn entry<'m, V: Default>(map: &'m mut std::collections::BTreeMap<String, V>, name: &str) -> &'m mut V {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), V::default());
    }
    map.entry(name.to_owned()).or_default()
}

/// The hour of a time, in UTC: `2026-01-01T13`.
fn hour(time: Timestamp) -> String {
    let mut text = When(time.nanos()).text();
    text.truncate(13);
    text
}
