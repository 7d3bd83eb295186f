//! The listed packets as the list, the statistics and the findings screen know them: one short record each.
//!
//! Records stand packed in [`Rows`], which other threads can look at while more are added; texts that recur are kept once.
//! Must not know files, frames or the screen.

use std::collections::BTreeMap;
use std::mem::size_of;
use std::sync::Arc;

use super::chunks::Chunks;
use super::statistics::Statistics;
use super::texts::{Sym, Texts, Written};
use crate::model::{Rule, Severity, Timestamp, Visible};
use crate::verify::Status;

/// How a packet relates to earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// Not at all.
    #[default]
    None,
    /// The same notification again.
    Duplicate(u32),
    /// The same octets on another leg.
    Sighting(u32),
    /// The same session asked for again, with other octets.
    Retrigger,
    /// Only a part of a message.
    Part,
}

/// What the loader says of a packet.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Number of the frame it is listed under.
    pub number: u32,
    /// Capture time.
    pub time: Option<Timestamp>,
    /// Source address.
    pub source: Visible,
    /// Destination address.
    pub destination: Visible,
    /// Carrier.
    pub carrier: &'static str,
    /// Server identifier.
    pub server: Visible,
    /// Content type of the first push.
    pub content: Visible,
    /// Session or notification id.
    pub id: Option<u16>,
    /// Verdict on the first message.
    pub status: Option<Status>,
    /// Messages beyond the first.
    pub more: usize,
    /// Age of a 2.0 notification in seconds.
    pub age: Option<i64>,
    /// How it relates to earlier packets.
    pub relation: Relation,
    /// Whether it carries or concerns a push.
    pub push: bool,
    /// Its findings, and whether verification made them.
    pub findings: Vec<(&'static Rule, Severity, bool)>,
    /// The finding that the list shows: none where all are notes of the layers that carry it. Where nobody says which, the
    /// worst.
    pub shown: Option<Option<(&'static Rule, Severity)>>,
    /// What it is, in one sentence.
    pub summary: Visible,
    /// What its worst finding says.
    pub said: Visible,
    /// The first rule of the user's own colours that selects it, from 1; 0 for none.
    pub color: u8,
}

/// One listed packet.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Number of the frame it is listed under.
    pub number: u32,
    /// Session or notification id.
    pub id: Option<u16>,
    /// Verdict on the first message.
    pub status: Option<Status>,
    /// Messages beyond the first.
    pub more: u8,
    /// Findings of at least warning severity beyond the worst.
    pub more_findings: u8,
    /// Whether it carries or concerns a push.
    pub push: bool,
    /// Capture time.
    pub time: Option<Timestamp>,
    /// Source address.
    pub source: Sym,
    /// Destination address.
    pub destination: Sym,
    /// Server identifier.
    pub server: Sym,
    /// Content type.
    pub content: Sym,
    /// Carrier.
    pub carrier: &'static str,
    /// One sentence, which says the worst finding too where `told` is set.
    pub summary: Sym,
    /// The sentence says what is particular to the worst finding.
    pub told: bool,
    /// Worst finding.
    pub worst: Option<(&'static Rule, Severity)>,
    /// How it relates to earlier packets.
    pub relation: Relation,
    /// Age of a 2.0 notification in seconds.
    pub age: Option<i32>,
    /// The first rule of the user's own colours that selects it, from 1; 0 for none.
    pub color: u8,
}

/// A [`Line`] as it is kept.
#[derive(Clone, Copy, Debug, Default)]
struct Packed {
    time: i64,
    number: u32,
    /// The highest number so far: what is decided late is listed later, under a lower one.
    upto: u32,
    source: Sym,
    destination: Sym,
    server: Sym,
    content: Sym,
    summary: Sym,
    /// The frame it relates to.
    related: u32,
    age: i32,
    id: u16,
    /// Index of the worst finding's rule; [`NONE`] for none.
    rule: u16,
    /// Index of the verdict, from 1; 0 for none.
    status: u8,
    severity: u8,
    relation: u8,
    carrier: u8,
    more: u8,
    more_findings: u8,
    color: u8,
    flags: u8,
}

// The promise of the manual: 200 octets per listed packet, of which the reader's own record takes 40, its index 8 and what is
// particular to duplicates about 50.
const _: () = assert!(size_of::<Packed>() <= 56);

const NONE: u16 = u16::MAX;
const PUSH: u8 = 1;
const TIMED: u8 = 2;
const NAMED: u8 = 4;
const AGED: u8 = 8;
const TOLD: u8 = 16;

/// What records refer to by index.
#[derive(Clone, Debug, Default)]
struct Shared {
    rules: Vec<&'static Rule>,
    carriers: Vec<&'static str>,
}

/// The records and their texts, to be read. A copy is cheap and stays as it was.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    lines: Chunks<Packed>,
    shared: Arc<Shared>,
    /// Texts of the records.
    pub texts: Written,
    /// What packets counted that have left the list.
    pub past: Arc<Statistics>,
}

impl Rows {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A packet by index.
    pub fn line(&self, at: u32) -> Option<Line> {
        Some(unpacked(self.lines.get(at as usize)?, &self.shared))
    }
}

fn unpacked(packed: &Packed, shared: &Shared) -> Line {
    let has = |flag: u8| packed.flags & flag != 0;
    let severity = match packed.severity {
        0 => Severity::Note,
        1 => Severity::Warning,
        _ => Severity::Error,
    };
    Line {
        number: packed.number,
        id: has(NAMED).then_some(packed.id),
        status: packed.status.checked_sub(1).and_then(|at| Status::ALL.get(usize::from(at)).copied()),
        more: packed.more,
        more_findings: packed.more_findings,
        push: has(PUSH),
        time: has(TIMED).then(|| Timestamp::from_nanos(packed.time)),
        source: packed.source,
        destination: packed.destination,
        server: packed.server,
        content: packed.content,
        carrier: shared.carriers.get(usize::from(packed.carrier)).copied().unwrap_or_default(),
        summary: packed.summary,
        told: has(TOLD),
        worst: shared.rules.get(usize::from(packed.rule)).map(|rule| (*rule, severity)),
        relation: match packed.relation {
            1 => Relation::Duplicate(packed.related),
            2 => Relation::Sighting(packed.related),
            3 => Relation::Retrigger,
            4 => Relation::Part,
            _ => Relation::None,
        },
        age: has(AGED).then_some(packed.age),
        color: packed.color,
    }
}

/// Packets with findings of one rule.
#[derive(Clone, Debug)]
pub struct RuleHits {
    /// The rule.
    pub rule: &'static Rule,
    /// The worst severity seen.
    pub severity: Severity,
    /// How many findings.
    pub count: usize,
    /// The packets, by index, each once, in order.
    pub packets: Chunks<u32>,
}

/// The listed packets.
#[derive(Clone, Debug, Default)]
pub struct Store {
    lines: Chunks<Packed>,
    shared: Arc<Shared>,
    /// Texts of the lines.
    pub texts: Texts,
    /// Octets of sentences that say what is particular to a finding.
    told: usize,
    read: BTreeMap<&'static str, RuleHits>,
    judged: BTreeMap<&'static str, RuleHits>,
    /// Changes whenever anything in here does.
    pub version: u64,
    /// Time of the first frame, listed or not.
    pub first: Option<Timestamp>,
    /// Characters of the longest address.
    pub widest_address: usize,
    /// Packets that were listed late, by number.
    late: BTreeMap<u32, u32>,
    /// Packets before this one have left the list.
    gone: u32,
    /// What they counted.
    past: Arc<Statistics>,
}

/// Octets of sentences that say what is particular to a finding. What packets say of other packets is different in each: the list
/// must not fill the memory with it. Beyond, it says what the rule says; the tree says all.
const TOLD_MAX: usize = 2 << 20;

impl Store {
    /// How many there are, those that left among them: the index of the next one.
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Packets before this one have left the list.
    pub const fn gone(&self) -> u32 {
        self.gone
    }

    /// How many are in the list.
    pub const fn kept(&self) -> usize {
        self.lines.len().saturating_sub(self.gone as usize)
    }

    /// Lets packets before this one leave the list, roughly; counts of findings and statistics keep them.
    pub fn forget(&mut self, upto: u32) {
        let rows = self.rows();
        let gone = u32::try_from(self.lines.forget(upto as usize)).unwrap_or(u32::MAX);
        if gone <= self.gone {
            return;
        }
        Arc::make_mut(&mut self.past).add(&Statistics::of(&rows, self.gone..gone));
        self.gone = gone;
        for hits in self.read.values_mut().chain(self.judged.values_mut()) {
            let left = hits.packets.partition_point(|packet| *packet < gone);
            hits.packets.forget(left);
        }
        self.late.retain(|_, at| *at >= gone);
        self.version = self.version.wrapping_add(1);
    }

    /// A packet by index.
    pub fn line(&self, at: u32) -> Option<Line> {
        Some(unpacked(self.lines.get(at as usize)?, &self.shared))
    }

    /// The last packet.
    pub fn last(&self) -> Option<Line> {
        Some(unpacked(self.lines.last()?, &self.shared))
    }

    /// The records as they are now, for other threads.
    pub fn rows(&self) -> Rows {
        Rows {
            lines: self.lines.clone(),
            shared: Arc::clone(&self.shared),
            texts: self.texts.written(),
            past: Arc::clone(&self.past),
        }
    }

    /// Adds a packet.
    pub fn push(&mut self, listed: &Listed) {
        let at = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        for (rule, severity, judged) in &listed.findings {
            let index = if *judged { &mut self.judged } else { &mut self.read };
            add_hit(index, rule, *severity, at);
        }
        let mut line = self.packed(listed);
        line.upto = line.number.max(self.lines.last().map_or(0, |before| before.upto));
        if line.upto > line.number {
            self.late.entry(line.number).or_insert(at);
        }
        self.first = self.first.or(listed.time);
        self.lines.push(line);
        self.version = self.version.wrapping_add(1);
    }

    /// Forgets what verification said, before new secrets say it anew.
    pub fn forget_verdicts(&mut self) {
        self.judged.clear();
        self.version = self.version.wrapping_add(1);
    }

    /// Replaces what is known of a packet after its digests were checked anew. A `glance` is looked at before its turn: its
    /// findings are counted when that comes.
    pub fn rejudge(&mut self, at: u32, listed: &Listed, glance: bool) {
        for (rule, severity, judged) in &listed.findings {
            if *judged && !glance {
                add_hit(&mut self.judged, rule, *severity, at);
            }
        }
        self.change(at, listed);
    }

    /// Replaces what is known of a packet after more became known of it than its digests say; no finding is new.
    pub fn change(&mut self, at: u32, listed: &Listed) {
        let line = self.packed(listed);
        if let Some(slot) = self.lines.get_mut(at as usize) {
            *slot = Packed { upto: slot.upto, ..line };
        }
        self.version = self.version.wrapping_add(1);
    }

    fn packed(&mut self, listed: &Listed) -> Packed {
        let longest = listed.source.as_str().len().max(listed.destination.as_str().len());
        self.widest_address = self.widest_address.max(longest).clamp(15, 39);
        let mut worst: Option<(&'static Rule, Severity)> = None;
        let mut serious = 0usize;
        for (rule, severity, _) in &listed.findings {
            if *severity >= Severity::Warning {
                serious = serious.saturating_add(1);
            }
            if worst.is_none_or(|w| *severity > w.1) {
                worst = Some((rule, *severity));
            }
        }
        let worst = listed.shown.unwrap_or(worst);
        let (relation, related) = match listed.relation {
            Relation::None => (0, 0),
            Relation::Duplicate(frame) => (1, frame),
            Relation::Sighting(frame) => (2, frame),
            Relation::Retrigger => (3, 0),
            Relation::Part => (4, 0),
        };
        let (summary, told) = self.sentence(listed);
        let mut flags = 0;
        for (flag, set) in [
            (PUSH, listed.push),
            (TIMED, listed.time.is_some()),
            (NAMED, listed.id.is_some()),
            (AGED, listed.age.is_some()),
            (TOLD, told),
        ] {
            flags |= if set { flag } else { 0 };
        }
        let status = listed.status.and_then(|status| Status::ALL.iter().position(|one| *one == status));
        Packed {
            time: listed.time.map_or(0, Timestamp::nanos),
            number: listed.number,
            upto: 0,
            source: self.texts.keep(&listed.source),
            destination: self.texts.keep(&listed.destination),
            server: self.texts.keep(&listed.server),
            content: self.texts.keep(&listed.content),
            summary,
            related,
            age: listed.age.map_or(0, |age| i32::try_from(age).unwrap_or(if age < 0 { i32::MIN } else { i32::MAX })),
            id: listed.id.unwrap_or(0),
            rule: worst.map_or(NONE, |(rule, _)| self.rule(rule)),
            status: status.and_then(|at| u8::try_from(at.saturating_add(1)).ok()).unwrap_or(0),
            severity: match worst.map(|w| w.1) {
                None | Some(Severity::Note) => 0,
                Some(Severity::Warning) => 1,
                Some(Severity::Error) => 2,
            },
            relation,
            carrier: self.carrier(listed.carrier),
            more: u8::try_from(listed.more).unwrap_or(u8::MAX),
            more_findings: u8::try_from(serious.saturating_sub(1)).unwrap_or(u8::MAX),
            color: listed.color,
            flags,
        }
    }

    /// The sentence of a row, and whether it says what the worst finding does.
    fn sentence(&mut self, listed: &Listed) -> (Sym, bool) {
        if listed.said.as_str().is_empty() {
            return (self.texts.keep(&listed.summary), true);
        }
        let whole = listed.summary.clone() + &Visible::own(" – ") + &listed.said;
        if let Some(known) = self.texts.known(&whole) {
            return (known, true);
        }
        let more = self.told.saturating_add(whole.as_str().len());
        if more > TOLD_MAX {
            return (self.texts.keep(&listed.summary), false);
        }
        self.told = more;
        (self.texts.keep(&whole), true)
    }

    fn rule(&mut self, rule: &'static Rule) -> u16 {
        let known = self.shared.rules.iter().position(|one| one.is(rule));
        let at = known.unwrap_or_else(|| {
            let rules = &mut Arc::make_mut(&mut self.shared).rules;
            rules.push(rule);
            rules.len().saturating_sub(1)
        });
        u16::try_from(at).unwrap_or(NONE)
    }

    fn carrier(&mut self, name: &'static str) -> u8 {
        let known = self.shared.carriers.iter().position(|one| *one == name);
        let at = known.unwrap_or_else(|| {
            let carriers = &mut Arc::make_mut(&mut self.shared).carriers;
            carriers.push(name);
            carriers.len().saturating_sub(1)
        });
        u8::try_from(at).unwrap_or(u8::MAX)
    }

    /// Findings by rule: the worst severity first, then the most frequent.
    pub fn findings(&self) -> Vec<&RuleHits> {
        let mut all: Vec<&RuleHits> = self.read.values().chain(self.judged.values()).collect();
        all.sort_by(|a, b| (b.severity, b.count, a.rule.id).cmp(&(a.severity, a.count, b.rule.id)));
        all
    }

    /// The index of the packet listed under this frame, or of the next one.
    pub fn at_frame(&self, number: u32) -> Option<u32> {
        let at = self.lines.partition_point(|line| line.upto < number);
        let found = (at < self.lines.len()).then(|| u32::try_from(at).unwrap_or(u32::MAX));
        let exact = self.lines.get(at).is_some_and(|line| line.number == number);
        found.filter(|_| exact).or_else(|| self.late.get(&number).copied()).or(found)
    }

    /// Octets that all of it takes in memory, but for what does not grow with the packets.
    pub fn octets(&self) -> usize {
        let hits: usize = self.read.values().chain(self.judged.values()).map(|h| h.packets.octets()).sum();
        let late = self.late.len().saturating_mul(12);
        self.lines.octets().saturating_add(self.texts.octets()).saturating_add(hits).saturating_add(late)
    }
}

fn add_hit(index: &mut BTreeMap<&'static str, RuleHits>, rule: &'static Rule, severity: Severity, at: u32) {
    let hits =
        index.entry(rule.id).or_insert_with(|| RuleHits { rule, severity, count: 0, packets: Chunks::default() });
    hits.severity = hits.severity.max(severity);
    hits.count = hits.count.saturating_add(1);
    if hits.packets.last() != Some(&at) {
        hits.packets.push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::{Listed, Relation, Store};
    use crate::model::{Severity, Timestamp, visible, visible_str};
    use crate::verify::Status;

    #[test]
    fn what_is_packed_comes_out_again() {
        let rule = crate::catalog::catalog().rules().next().expect("there are rules");
        let mut store = Store::default();
        store.push(&Listed { number: 3, ..Listed::default() });
        store.push(&Listed {
            number: 9,
            time: Some(Timestamp::from_nanos(i64::MIN)),
            server: visible(b"a.b"),
            carrier: "SMPP",
            id: Some(0xffff),
            status: Some(Status::Malformed),
            more: 700,
            age: Some(-1 << 40),
            relation: Relation::Duplicate(3),
            push: true,
            findings: vec![(rule, Severity::Error, false), (rule, Severity::Warning, true)],
            summary: visible(b"what"),
            said: visible(b"why"),
            color: 4,
            ..Listed::default()
        });
        let rows = store.rows();
        let (bare, line) = (rows.line(0).expect("kept"), rows.line(1).expect("kept"));
        assert_eq!((bare.id, bare.time, bare.status, bare.age), (None, None, None, None));
        assert!(bare.worst.is_none() && !bare.push && bare.carrier.is_empty());
        assert_eq!((line.number, line.id, line.status), (9, Some(0xffff), Some(Status::Malformed)));
        assert_eq!((line.time, line.age, line.more), (Some(Timestamp::from_nanos(i64::MIN)), Some(i32::MIN), 255));
        assert_eq!((line.relation, line.carrier, line.color), (Relation::Duplicate(3), "SMPP", 4));
        assert_eq!((line.worst.map(|w| w.1), line.more_findings, line.push), (Some(Severity::Error), 1, true));
        assert_eq!((rows.texts.get(line.summary), line.told), ("what – why", true));
        assert_eq!(rows.texts.get(line.server), "a.b");
    }

    #[test]
    fn sentences_that_differ_in_every_packet_do_not_fill_the_memory() {
        let mut store = Store::default();
        for number in 0..60_000 {
            let said = visible_str(&format!("the same notification was seen before, in frame {number}"));
            store.push(&Listed { number, summary: visible(b"what"), said, ..Listed::default() });
        }
        let (first, last) = (store.line(0).expect("kept"), store.last().expect("kept"));
        assert!(first.told && store.texts.get(first.summary).ends_with("frame 0"));
        assert_eq!((last.told, store.texts.get(last.summary)), (false, "what"));
    }

    #[test]
    fn frames_are_found_even_where_something_was_decided_late() {
        let mut store = Store::default();
        for number in [3, 6, 4, 9] {
            store.push(&Listed { number, ..Listed::default() });
        }
        let found: Vec<Option<u32>> = [1, 3, 4, 5, 6, 7, 9, 10].map(|n| store.at_frame(n)).to_vec();
        assert_eq!(found, [Some(0), Some(0), Some(2), Some(1), Some(1), Some(3), Some(3), None]);
    }
}
