//! Work on many packets, on a thread of its own: filtering, ordering, finding, counting, checking digests anew.
//!
//! Goes in slices and stops between them when asked to; what is on screen comes first. Must not know the screen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::library::Library;
use super::model::Column;
use super::msg::{Filtered, FoundHit, Judged, Msg, Needle, Sorted};
use super::order::{Compare, Entry, Order, glance, sorted};
use super::statistics::Statistics;
use super::store::{Line, Rows};
use super::texts::{Sym, Texts};
use super::work::{holds, holds_octets};
use crate::filter::Filter;
use crate::flow::{Ledger, Messages};
use crate::model::visible::push_visible;
use crate::model::{Field, View, Visible};

/// Packets in a slice.
const SLICE: u32 = 256;

/// Packets, in the order they are looked at.
#[derive(Clone, Debug)]
pub enum Among {
    /// All of these, in capture order.
    All(std::ops::Range<u32>),
    /// These.
    These(Arc<Vec<u32>>),
}

impl Among {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::All(all) => all.len(),
            Self::These(packets) => packets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packet at a position.
    pub fn get(&self, position: usize) -> Option<u32> {
        match self {
            Self::All(all) => all.clone().nth(position),
            Self::These(packets) => packets.get(position).copied(),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        (0..self.len()).filter_map(|position| self.get(position))
    }
}

/// A job for the thread.
#[derive(Debug)]
pub enum Job {
    /// Ask a filter about the packets from one on, up to those listed now.
    Filter {
        /// Which run.
        run: u64,
        /// The expression, which was checked.
        expression: String,
        /// First packet.
        from: u32,
        /// Packets there are.
        to: u32,
    },
    /// Look for something, from one position on and round to it.
    Find {
        /// Which search.
        run: u64,
        /// What for.
        needle: Needle,
        /// The records of the list.
        rows: Rows,
        /// Which packets.
        among: Among,
        /// Position of the selected one, which is looked at last.
        from: usize,
        /// Towards the end.
        forward: bool,
    },
    /// Put packets in order.
    Sort {
        /// Which order.
        run: u64,
        /// By what.
        column: Column,
        /// The highest first.
        down: bool,
        /// The records of the list.
        rows: Rows,
        /// Which packets.
        among: Among,
        /// The selected one: what is around it is wanted first.
        keep: Option<u32>,
    },
    /// Count.
    Count {
        /// What is counted, to be told from later countings.
        version: (u64, u64),
        /// The records of the list.
        rows: Rows,
        /// Which packets.
        among: Among,
    },
    /// Check all digests anew.
    Judge {
        /// Packets there are.
        to: u32,
        /// Those on screen, which come first.
        first: Vec<u32>,
    },
    /// Work out fields.
    Cells {
        /// The packets.
        packets: Vec<u32>,
        /// The fields.
        fields: Vec<&'static str>,
    },
}

/// Jobs of one kind: a new one makes those begun before it useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Filtering goes on where it was when more packets come: one job after the other.
    Filter,
    /// Searching.
    Find,
    /// Ordering.
    Sort,
    /// Counting.
    Count,
    /// Checking digests.
    Judge,
    /// Working out fields: none makes another useless.
    Cells,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Filter, Self::Find, Self::Sort, Self::Count, Self::Judge, Self::Cells];
}

impl Job {
    /// Its kind.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Filter { .. } => Lane::Filter,
            Self::Find { .. } => Lane::Find,
            Self::Sort { .. } => Lane::Sort,
            Self::Count { .. } => Lane::Count,
            Self::Judge { .. } => Lane::Judge,
            Self::Cells { .. } => Lane::Cells,
        }
    }

    /// Whether jobs of its kind begun before are of no use any more.
    pub const fn begins_anew(&self) -> bool {
        match self {
            Self::Filter { from, .. } => *from == 0,
            Self::Cells { .. } => false,
            _ => true,
        }
    }
}

/// Does a job. `turn` changes when jobs begun before are of no use any more: then it is not `mine`; `send` says `false` when
/// nobody listens.
pub fn work(library: &Arc<Library>, job: Job, turn: &AtomicU64, mine: u64, send: &dyn Fn(Msg) -> bool) {
    let stopped = || turn.load(Ordering::Relaxed) != mine;
    match job {
        Job::Filter { run, expression, from, to } => filter(library, run, &expression, from..to, &stopped, send),
        Job::Find { run, needle, rows, among, from, forward } => {
            if let Ok(at) = find(library, &needle, &rows, &among, from, forward, &stopped) {
                let _ = send(Msg::Found(FoundHit { run, at }));
            }
        }
        Job::Sort { run, column, down, rows, among, keep } => {
            let told = |order, share| send(Msg::Sorted(Sorted { run, order, share }));
            sort(library, &Sorting { column, down, rows, among, keep }, &stopped, &told);
        }
        Job::Count { version, rows, among } => {
            let mut statistics = Statistics::of(&rows, among.iter());
            // Whether a filter would have let through what left the list is not known any more.
            if matches!(among, Among::All(_)) {
                statistics.add(&rows.past);
            }
            if !stopped() {
                let _ = send(Msg::Counted(version, Box::new(statistics)));
            }
        }
        Job::Judge { to, first } => judge(library, to, &first, &stopped, send),
        Job::Cells { packets, fields } => cells(library, &packets, &fields, send),
    }
}

fn filter(
    library: &Library,
    run: u64,
    expression: &str,
    packets: std::ops::Range<u32>,
    stopped: &dyn Fn() -> bool,
    send: &dyn Fn(Msg) -> bool,
) {
    // It was checked before it got here.
    let Ok(filter) = Filter::new(expression) else { return };
    // Verdicts are fields of the digest, and findings.
    let judged = expression.contains("digest") || expression.contains("finding");
    let pass = |at: &u32| {
        let look = |view: View<'_>| filter.matches(&view);
        let passes = if judged {
            library.look(*at, |packet, _| look(packet.view))
        } else {
            library.look_unjudged(*at, |packet| look(packet.view))
        };
        passes.unwrap_or(false)
    };
    let mut at = packets.start;
    while at < packets.end && !stopped() {
        // The first slice is small: what is on screen first must come first.
        let end = at.saturating_add(if at == packets.start { SLICE / 4 } else { SLICE }).min(packets.end);
        let hits: Vec<u32> = (at..end).filter(pass).collect();
        at = end;
        if !send(Msg::Filtered(Filtered { run, upto: at, hits })) {
            return;
        }
    }
}

/// It was stopped.
struct Stopped;

/// The first packet that holds what is looked for.
fn find(
    library: &Library,
    needle: &Needle,
    rows: &Rows,
    among: &Among,
    from: usize,
    forward: bool,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<u32>, Stopped> {
    let mut known = match needle {
        Needle::Row(text) => RowNeedle::new(rows, text),
        _ => RowNeedle::default(),
    };
    known.texts.sort_unstable();
    let all = among.len();
    for step in 1..=all {
        if step.is_multiple_of(SLICE as usize) && stopped() {
            return Err(Stopped);
        }
        let by = if forward { step } else { all.saturating_sub(step) };
        let Some(at) = from.saturating_add(by).checked_rem(all).and_then(|position| among.get(position)) else {
            continue;
        };
        let hit = match needle {
            Needle::Row(_) => rows.line(at).is_some_and(|line| known.is_in(&line)),
            Needle::Octets(wanted) => {
                library.look_unjudged(at, |packet| holds_octets(packet.view, wanted)).unwrap_or(false)
            }
            Needle::Fields(text) => library.look(at, |packet, _| matches(packet.view, text)).unwrap_or(false),
        };
        if hit {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// What is looked for in the list: in what is kept of every packet, so that none needs to be taken out.
#[derive(Debug, Default)]
struct RowNeedle {
    text: String,
    number: Option<u32>,
    /// The texts that hold it.
    texts: Vec<Sym>,
}

impl RowNeedle {
    fn new(rows: &Rows, text: &str) -> Self {
        let texts = rows.texts.holding(|held| held.to_lowercase().contains(text)).collect();
        Self { text: text.to_owned(), number: text.parse().ok(), texts }
    }

    fn is_in(&self, line: &Line) -> bool {
        let held = |sym: &Sym| self.texts.binary_search(sym).is_ok();
        self.number == Some(line.number)
            || [line.source, line.destination, line.server, line.content, line.summary].iter().any(held)
            || said_beside(line, &self.text)
    }
}

/// Whether a row holds a text, in small letters, in what its record does not say as text.
fn said_beside(line: &Line, text: &str) -> bool {
    let (rule, said) = line.worst.map_or(("", ""), |(rule, _)| (rule.id, rule.text));
    let said = if line.told { "" } else { said };
    [line.carrier, line.status.map_or("", crate::verify::Status::name), rule, said]
        .iter()
        .any(|one| one.to_lowercase().contains(text))
}

/// Whether a row of the list holds a text, in small letters.
pub(super) fn row_holds(texts: &super::texts::Written, line: &Line, text: &str) -> bool {
    let held = |sym: &Sym| texts.get(*sym).to_lowercase().contains(text);
    text.parse() == Ok(line.number)
        || [line.source, line.destination, line.server, line.content, line.summary].iter().any(held)
        || said_beside(line, text)
}

/// What is put in order, and how.
struct Sorting {
    column: Column,
    down: bool,
    rows: Rows,
    among: Among,
    keep: Option<u32>,
}

fn sort(library: &Library, wanted: &Sorting, stopped: &dyn Fn() -> bool, told: &dyn Fn(Option<Order>, u8) -> bool) {
    let Sorting { column, down, rows, among, keep } = wanted;
    let all = among.len();
    let mut own = Texts::default();
    let mut entries = Vec::with_capacity(all);
    let mut share = 0;
    for (count, packet) in among.iter().enumerate() {
        if count.is_multiple_of(SLICE as usize) {
            let now = u8::try_from(count.saturating_mul(100) / all.max(1)).unwrap_or(100);
            if stopped() || (now != share && !told(None, now)) {
                return;
            }
            share = now;
        }
        match column {
            Column::Field(field) => {
                let text = library.look(packet, |packet, _| cell(packet.view, field)).unwrap_or_default();
                entries.push(Entry::of_text(&mut own, packet, &text));
            }
            _ => entries.extend(rows.line(packet).map(|line| Entry::of(rows, *column, packet, &line))),
        }
    }
    let own = own.written();
    let texts = if matches!(column, Column::Field(_)) { &own } else { &rows.texts };
    let compare = Compare { texts, down: *down };
    if let Some(first) = glance(&mut entries, compare, *keep)
        && !told(Some(first), 100)
    {
        return;
    }
    if let Some(order) = sorted(entries, compare, stopped) {
        told(Some(Order::whole(order)), 100);
    }
}

fn judge(library: &Library, to: u32, first: &[u32], stopped: &dyn Fn() -> bool, send: &dyn Fn(Msg) -> bool) {
    // What is on screen changes at once. What was copied from whom is only known when its turn comes.
    let glance = first.iter().filter(|at| **at < to);
    let glance = glance.filter_map(|at| Some((*at, library.look(*at, |packet, _| library.listed(packet)).ok()?)));
    if !send(Msg::Judged(Judged { packets: glance.collect(), glance: true, upto: 0, last: to == 0 })) {
        return;
    }
    let mut at = 0u32;
    let mut seen = Messages::new(Ledger::OCTETS);
    while at < to && !stopped() {
        let end = at.saturating_add(SLICE).min(to);
        let packets = (at..end).filter_map(|at| Some((at, library.judge(at, &mut seen).ok()?))).collect();
        at = end;
        if stopped() || !send(Msg::Judged(Judged { packets, glance: false, upto: at, last: at >= to })) {
            return;
        }
    }
}

fn cells(library: &Library, packets: &[u32], fields: &[&'static str], send: &dyn Fn(Msg) -> bool) {
    let all: Vec<&'static Field> = fields.iter().filter_map(|name| crate::catalog::catalog().field(name)).collect();
    for some in packets.chunks(SLICE as usize) {
        let mut cells = Vec::new();
        for at in some {
            let texts = library.look(*at, |packet, _| all.iter().map(|f| cell(packet.view, f)).collect::<Vec<_>>());
            let texts = texts.unwrap_or_else(|_| vec![Visible::default(); all.len()]);
            cells.extend(all.iter().zip(texts).map(|(field, text)| (*at, field.name, text)));
        }
        if !send(Msg::Cells(cells)) {
            return;
        }
    }
}

/// Whether a packet holds a text, in small letters, in its tree.
fn matches(view: View<'_>, text: &str) -> bool {
    view.walk().any(|item| holds(&item, text))
        || view.findings().any(|f| f.text().to_lowercase().contains(text) || f.rule.id.to_lowercase().contains(text))
}

/// All occurrences of a field in a packet.
fn cell(view: View<'_>, field: &'static Field) -> Visible {
    let name = field.name;
    let mut out = String::new();
    for item in view.occurrences(field) {
        if !out.is_empty() {
            out.push_str(", ");
        }
        let octets = item.octets.get(..256).unwrap_or(item.octets);
        crate::output::value::push_plain(&mut out, item.field, item.value, octets);
    }
    if name.starts_with("finding.") {
        for found in view.findings() {
            if !out.is_empty() {
                out.push_str(", ");
            }
            match name {
                "finding.rule" => out.push_str(found.rule.id),
                "finding.severity" => out.push_str(found.severity.name()),
                "finding.group" => out.push_str(found.rule.group.name()),
                _ => push_visible(&mut out, found.text().as_bytes()),
            }
        }
    }
    Visible::from_parts(out)
}
