//! The listed packets as the list, the statistics and the findings screen know them: one short record each.
//!
//! Texts that recur are kept once. Must not know files, frames or the screen.

use std::collections::{BTreeMap, HashMap};
use std::mem::size_of;

use crate::model::{Rule, Severity, Timestamp, Visible};
use crate::verify::Status;

/// Most octets of one text in a record: a packet can state longer ones, which the tree shows whole.
const TEXT_MAX: usize = 160;

/// A text that is kept once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

/// Texts that recur.
#[derive(Clone, Debug)]
pub struct Texts {
    all: Vec<Visible>,
    known: HashMap<Visible, Sym>,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self { all: Vec::new(), known: HashMap::new() };
        texts.keep(Visible::default());
        texts
    }
}

impl Texts {
    /// Keeps a text; long ones are cut.
    pub fn keep(&mut self, text: Visible) -> Sym {
        if let Some(sym) = self.known.get(&text) {
            return *sym;
        }
        let text = cut(text);
        if let Some(sym) = self.known.get(&text) {
            return *sym;
        }
        let sym = Sym(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(text.clone());
        self.known.insert(text, sym);
        sym
    }

    /// The texts that hold this one, in small letters.
    pub fn holding<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Sym> + 't {
        (0u32..)
            .map(Sym)
            .zip(&self.all)
            .filter(move |(_, t)| t.as_str().to_lowercase().contains(text))
            .map(|(sym, _)| sym)
    }

    /// The text.
    pub fn get(&self, sym: Sym) -> &Visible {
        static EMPTY: std::sync::LazyLock<Visible> = std::sync::LazyLock::new(Visible::default);
        self.all.get(sym.0 as usize).unwrap_or(&EMPTY)
    }
}

fn cut(text: Visible) -> Visible {
    if text.as_str().len() <= TEXT_MAX {
        return text;
    }
    let end = text.as_str().char_indices().map(|(at, _)| at).take_while(|at| *at <= TEXT_MAX).last().unwrap_or(0);
    let mut short = text.as_str().get(..end).unwrap_or_default().to_owned();
    short.push('…');
    Visible::from_parts(short)
}

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
    /// One sentence.
    pub summary: Visible,
}

/// One listed packet.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Number of the frame it is listed under.
    pub number: u32,
    /// The highest number so far: what is decided late is listed later, under a lower one.
    upto: u32,
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
    pub carrier: Sym,
    /// One sentence.
    pub summary: Sym,
    /// Worst finding.
    pub worst: Option<(&'static Rule, Severity)>,
    /// How it relates to earlier packets.
    pub relation: Relation,
    /// Age of a 2.0 notification in seconds.
    pub age: Option<i32>,
}

// The promise of the manual: 200 octets per listed packet, of which the reader's own record takes up to 56.
const _: () = assert!(size_of::<Line>() <= 128);

/// Packets with findings of one rule.
#[derive(Clone, Debug)]
pub struct RuleHits {
    /// The rule.
    pub rule: &'static Rule,
    /// The worst severity seen.
    pub severity: Severity,
    /// The packets, by index, each once per finding, in order.
    pub packets: Vec<u32>,
}

/// The listed packets.
#[derive(Clone, Debug, Default)]
pub struct Store {
    lines: Vec<Line>,
    /// Texts of the lines.
    pub texts: Texts,
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
}

impl Store {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A packet by index.
    pub fn line(&self, at: u32) -> Option<&Line> {
        self.lines.get(at as usize)
    }

    /// All packets.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Adds a packet.
    pub fn push(&mut self, listed: Listed) {
        let at = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        for (rule, severity, judged) in &listed.findings {
            let index = if *judged { &mut self.judged } else { &mut self.read };
            add_hit(index, rule, *severity, at);
        }
        let mut line = self.line_of(listed);
        line.upto = line.number.max(self.lines.last().map_or(0, |before| before.upto));
        if line.upto > line.number {
            self.late.entry(line.number).or_insert(at);
        }
        if self.first.is_none() {
            self.first = line.time;
        }
        self.lines.push(line);
        self.version = self.version.wrapping_add(1);
    }

    /// Forgets what verification said, before new secrets say it anew.
    pub fn forget_verdicts(&mut self) {
        self.judged.clear();
        self.version = self.version.wrapping_add(1);
    }

    /// Replaces what is known of a packet after its digests were checked anew.
    pub fn rejudge(&mut self, at: u32, listed: Listed) {
        for (rule, severity, judged) in &listed.findings {
            if *judged {
                add_hit(&mut self.judged, rule, *severity, at);
            }
        }
        let line = self.line_of(listed);
        if let Some(slot) = self.lines.get_mut(at as usize) {
            *slot = Line { upto: slot.upto, ..line };
        }
        self.version = self.version.wrapping_add(1);
    }

    fn line_of(&mut self, listed: Listed) -> Line {
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
        Line {
            number: listed.number,
            upto: 0,
            id: listed.id,
            status: listed.status,
            more: u8::try_from(listed.more).unwrap_or(u8::MAX),
            more_findings: u8::try_from(serious.saturating_sub(1)).unwrap_or(u8::MAX),
            push: listed.push,
            time: listed.time,
            source: self.texts.keep(listed.source),
            destination: self.texts.keep(listed.destination),
            server: self.texts.keep(listed.server),
            content: self.texts.keep(listed.content),
            carrier: self.texts.keep(Visible::own(listed.carrier)),
            summary: self.texts.keep(listed.summary),
            worst,
            relation: listed.relation,
            age: listed.age.map(|age| i32::try_from(age).unwrap_or(if age < 0 { i32::MIN } else { i32::MAX })),
        }
    }

    /// Findings by rule: the worst severity first, then the most frequent.
    pub fn findings(&self) -> Vec<&RuleHits> {
        let mut all: Vec<&RuleHits> = self.read.values().chain(self.judged.values()).collect();
        all.sort_by(|a, b| (b.severity, b.packets.len(), a.rule.id).cmp(&(a.severity, a.packets.len(), b.rule.id)));
        all
    }

    /// The index of the packet listed under this frame, or of the next one.
    pub fn at_frame(&self, number: u32) -> Option<u32> {
        let at = self.lines.partition_point(|line| line.upto < number);
        let found = (at < self.lines.len()).then(|| u32::try_from(at).unwrap_or(u32::MAX));
        let exact = self.lines.get(at).is_some_and(|line| line.number == number);
        found.filter(|_| exact).or_else(|| self.late.get(&number).copied()).or(found)
    }
}

fn add_hit(index: &mut BTreeMap<&'static str, RuleHits>, rule: &'static Rule, severity: Severity, at: u32) {
    let hits = index.entry(rule.id).or_insert(RuleHits { rule, severity, packets: Vec::new() });
    hits.severity = hits.severity.max(severity);
    hits.packets.push(at);
}

#[cfg(test)]
mod tests {
    use super::{Listed, Store};
    use crate::model::visible;

    #[test]
    fn texts_are_kept_once_and_cut_when_a_packet_states_a_huge_one() {
        let mut store = Store::default();
        for number in 1..=3 {
            store.push(Listed {
                number,
                server: visible(b"a.b"),
                summary: visible(&[b'x'; 5000]),
                ..Listed::default()
            });
        }
        let lines = store.lines();
        assert_eq!(lines.first().map(|l| l.server), lines.last().map(|l| l.server));
        let longest = lines.first().map(|l| store.texts.get(l.summary).as_str().len());
        assert!(longest.is_some_and(|len| len < 200));
        assert_eq!(store.at_frame(2), Some(1));
        assert_eq!(store.at_frame(4), None);
    }

    #[test]
    fn frames_are_found_even_where_something_was_decided_late() {
        let mut store = Store::default();
        for number in [3, 6, 4, 9] {
            store.push(Listed { number, ..Listed::default() });
        }
        let found: Vec<Option<u32>> = [1, 3, 4, 5, 6, 7, 9, 10].map(|n| store.at_frame(n)).to_vec();
        assert_eq!(found, [Some(0), Some(0), Some(2), Some(1), Some(1), Some(3), Some(3), None]);
    }
}
