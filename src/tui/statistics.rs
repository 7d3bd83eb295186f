//! Counts over the packets shown: servers and verdicts, content types, carriers, duplicates, rate over time, digest ages.
//!
//! Must not know the screen.

use std::collections::{BTreeMap, HashMap};

use super::store::{Line, Relation, Rows};
use super::texts::Sym;
use crate::verify::Status;

/// Parts the time is cut into.
pub const SLICES: usize = 60;

/// Upper limits of digest ages in seconds, and their names. The first holds those sent later than captured.
pub const AGES: [(i32, &str); 7] = [
    (-1, "sent after capture"),
    (1, "0 to 1 s"),
    (10, "2 to 10 s"),
    (60, "11 s to 1 min"),
    (600, "1 to 10 min"),
    (86_400, "10 min to 1 day"),
    (i32::MAX, "more than 1 day"),
];

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets.
    pub packets: usize,
    /// Packets that hold a notification.
    pub notifications: usize,
    /// Per server: packets by verdict.
    pub servers: Vec<(Sym, BTreeMap<Status, usize>)>,
    /// By verdict, over all.
    pub verdicts: BTreeMap<Status, usize>,
    /// Content types.
    pub contents: Vec<(Sym, usize)>,
    /// Carriers.
    pub carriers: Vec<(&'static str, usize)>,
    /// The same notification again.
    pub duplicates: usize,
    /// The same octets on another leg.
    pub sightings: usize,
    /// Packets per slice of time.
    pub rate: Vec<u64>,
    /// The first and the last time, in nanoseconds since 1970.
    pub time: Option<(i64, i64)>,
    /// Digest ages of 2.0, counted as in [`AGES`].
    pub ages: [usize; AGES.len()],
}

impl Statistics {
    /// Counts these packets.
    pub fn of<'s>(rows: &'s Rows, packets: impl Iterator<Item = u32> + Clone + 's) -> Self {
        let mut all = Self { rate: vec![0; SLICES], ..Self::default() };
        let mut servers: HashMap<Sym, BTreeMap<Status, usize>> = HashMap::new();
        let mut contents: HashMap<Sym, usize> = HashMap::new();
        let mut carriers: HashMap<&'static str, usize> = HashMap::new();
        let lines = packets.filter_map(|at| rows.line(at));
        let times = lines.clone().filter_map(|line| line.time.map(crate::model::Timestamp::nanos));
        let time = times.fold(None, |span: Option<(i64, i64)>, t| {
            Some(span.map_or((t, t), |(low, high)| (low.min(t), high.max(t))))
        });
        all.time = time;
        for line in lines {
            all.packets += 1;
            if let Some(status) = line.status {
                all.notifications += 1;
                *servers.entry(line.server).or_default().entry(status).or_default() += 1;
                *all.verdicts.entry(status).or_default() += 1;
            }
            if line.push {
                *contents.entry(line.content).or_default() += 1;
                *carriers.entry(line.carrier).or_default() += 1;
            }
            match line.relation {
                Relation::Duplicate(_) => all.duplicates += 1,
                Relation::Sighting(_) => all.sightings += 1,
                _ => {}
            }
            all.count_time(&line, time);
        }
        all.servers = by_count(servers);
        all.contents = most(contents);
        all.carriers = most(carriers);
        all
    }

    /// Adds other counts, but for their times.
    pub fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.notifications += other.notifications;
        self.duplicates += other.duplicates;
        self.sightings += other.sightings;
        for (status, count) in &other.verdicts {
            *self.verdicts.entry(*status).or_default() += count;
        }
        for (count, more) in self.ages.iter_mut().zip(other.ages) {
            *count += more;
        }
        let mut servers: HashMap<Sym, BTreeMap<Status, usize>> = self.servers.drain(..).collect();
        for (server, verdicts) in &other.servers {
            let known = servers.entry(*server).or_default();
            for (status, count) in verdicts {
                *known.entry(*status).or_default() += count;
            }
        }
        self.servers = by_count(servers);
        self.contents = sum(&self.contents, &other.contents);
        self.carriers = sum(&self.carriers, &other.carriers);
    }

    fn count_time(&mut self, line: &Line, span: Option<(i64, i64)>) {
        if let Some(age) = line.age {
            let at = AGES.iter().position(|(limit, _)| age <= *limit).unwrap_or(AGES.len().saturating_sub(1));
            if let Some(count) = self.ages.get_mut(at) {
                *count += 1;
            }
        }
        let (Some(time), Some((low, high))) = (line.time, span) else { return };
        let width = high.abs_diff(low).max(1);
        let at = u128::from(time.nanos().abs_diff(low)).saturating_mul(SLICES as u128) / u128::from(width);
        let at = usize::try_from(at).unwrap_or(SLICES).min(SLICES.saturating_sub(1));
        if let Some(count) = self.rate.get_mut(at) {
            *count += 1;
        }
    }
}

fn by_count(servers: HashMap<Sym, BTreeMap<Status, usize>>) -> Vec<(Sym, BTreeMap<Status, usize>)> {
    let mut all: Vec<_> = servers.into_iter().collect();
    all.sort_by_key(|(sym, by)| (std::cmp::Reverse(by.values().sum::<usize>()), *sym));
    all
}

fn sum<K: Copy + Ord + std::hash::Hash>(one: &[(K, usize)], other: &[(K, usize)]) -> Vec<(K, usize)> {
    let mut counts: HashMap<K, usize> = HashMap::new();
    for (key, count) in one.iter().chain(other) {
        *counts.entry(*key).or_default() += count;
    }
    most(counts)
}

fn most<K: Copy + Ord>(counts: HashMap<K, usize>) -> Vec<(K, usize)> {
    let mut all: Vec<(K, usize)> = counts.into_iter().collect();
    all.sort_by_key(|(sym, count)| (std::cmp::Reverse(*count), *sym));
    all
}

#[cfg(test)]
mod tests {
    use super::Statistics;
    use crate::model::{Timestamp, visible};
    use crate::tui::store::{Listed, Relation, Store};
    use crate::verify::Status;

    #[test]
    fn packets_are_counted_by_server_verdict_and_time() {
        let mut store = Store::default();
        for (number, status) in [(1u32, Status::Valid), (2, Status::Valid), (3, Status::Invalid)] {
            store.push(&Listed {
                number,
                time: Some(Timestamp::from_secs(i64::from(number), 0)),
                server: visible(b"a"),
                status: Some(status),
                push: true,
                age: Some(-5),
                relation: if number == 2 { Relation::Duplicate(1) } else { Relation::None },
                ..Listed::default()
            });
        }
        let rows = store.rows();
        let all = Statistics::of(&rows, 0..3);
        assert_eq!((all.packets, all.notifications, all.duplicates), (3, 3, 1));
        assert_eq!(all.servers.len(), 1);
        assert_eq!(all.verdicts.get(&Status::Valid), Some(&2));
        assert_eq!(all.ages.first(), Some(&3));
        assert_eq!((all.rate.first(), all.rate.last(), all.rate.iter().sum::<u64>()), (Some(&1), Some(&1), 3));
        assert_eq!(Statistics::of(&rows, 0..0).packets, 0);
    }
}
