//! What a report counts: parts that merge into the whole.
//!
//! Filled by `collect`, shown by `page`, kept in JSON. Memory is bounded however many notifications there are; what had no room
//! is said ([`Capped::is_over`]). Must not know packets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tally::{Between, Capped, Least, Merge, Tally, When};

/// Names of servers kept.
pub const SERVERS: usize = 1024;
/// Names kept of what a sender can make up and nobody needs in full: content types, deviations.
pub const NAMES: usize = 256;
/// Identifiers kept to see which are used again.
pub const IDS: usize = 16_384;
/// Hours kept.
pub const HOURS: usize = 100_000;
/// Examples of each rule.
pub const EXAMPLES: usize = 5;
/// Places of damage named of each file.
pub const DAMAGES: usize = 8;

/// Everything. See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Sums.
    pub totals: Totals,
    /// Each capture, by name.
    pub files: BTreeMap<String, FileStats>,
    /// Each server, by identifier; the empty name is for messages without one.
    pub servers: Capped<ServerStats, SERVERS>,
    /// By what carried the push.
    pub carriers: Capped<CarrierStats, NAMES>,
    /// By media type.
    pub content_types: Capped<CarrierStats, NAMES>,
    /// Each rule that was broken, by id.
    pub rules: BTreeMap<String, RuleStats>,
    /// Each hour with a push, by its start in UTC: `2026-01-01T13`.
    pub hours: Capped<HourStats, HOURS>,
    /// Digests that did not verify by the standard, by diagnosis.
    pub diagnoses: Capped<DiagnosisStats, NAMES>,
    /// Identifiers used: `server TAB format TAB id TAB destination`.
    pub ids: Capped<IdStats, IDS>,
    /// What could not be listed: a folder, a path.
    pub unlisted: BTreeMap<String, Least<Damage, DAMAGES>>,
}

/// Sums over everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Captures, those that could not be opened included.
    pub files: u64,
    /// Octets of their files.
    pub octets: u64,
    /// Files in folders and archives that hold no capture.
    pub skipped: u64,
    /// Captures of which something, or all, could not be read.
    pub damaged: u64,
    /// Frames.
    pub frames: u64,
    /// Packets that carry or concern a push.
    pub packets: u64,
    /// Pushes of whatever content.
    pub pushes: u64,
    /// Package #0 messages.
    pub notifications: u64,
    /// Of these, repetitions of earlier ones.
    pub duplicates: u64,
    /// Of these, other sightings of the same message.
    pub sightings: u64,
    /// Packets that the condition of `--fail-if` selects.
    pub failing: u64,
    /// Verdicts.
    pub statuses: Tally,
    /// Findings by severity.
    pub findings: Tally,
    /// Messages by layout.
    pub formats: Tally,
    /// First and last packet that carries or concerns a push.
    pub seen: Between,
}

/// One capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStats {
    /// Octets of the file; 0 where that is not known.
    pub octets: u64,
    /// Frames.
    pub frames: u64,
    /// Packets that carry or concern a push.
    pub packets: u64,
    /// Package #0 messages.
    pub notifications: u64,
    /// Verdicts.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub statuses: Tally,
    /// Findings by severity.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub findings: Tally,
    /// First and last packet that carries or concerns a push.
    #[serde(flatten)]
    pub seen: Between,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Least::is_empty")]
    pub damage: Least<Damage, DAMAGES>,
    /// Reading was interrupted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// Why and where something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Damage {
    /// Octet of the (unpacked) content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The reason; safe to show.
    pub reason: String,
}

/// One server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStats {
    /// Messages.
    pub notifications: u64,
    /// Repetitions of earlier ones.
    pub duplicates: u64,
    /// Other sightings of the same message.
    pub sightings: u64,
    /// First and last message.
    #[serde(flatten)]
    pub seen: Between,
    /// Verdicts.
    pub statuses: Tally,
    /// Deviations under which digests verify.
    pub deviations: Capped<u64, NAMES>,
    /// Labels of the keys that verify.
    pub keys: Tally,
    /// Layouts.
    pub formats: Tally,
    /// Versions stated.
    pub versions: Tally,
    /// User interaction modes.
    pub ui_modes: Tally,
    /// Initiators.
    pub initiators: Tally,
    /// Carriers.
    pub carriers: Tally,
    /// Messages by the severity of their worst finding.
    pub findings: Tally,
    /// Rules broken: how often, since when.
    pub rules: BTreeMap<String, RuleUse>,
    /// Capture time minus sending time.
    pub ages: Ages,
}

/// A rule that one server broke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleUse {
    /// How often.
    pub count: u64,
    /// First and last time.
    #[serde(flatten)]
    pub seen: Between,
}

/// How old messages were when they were captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ages {
    /// How many in each of [`AGES`].
    pub counts: Tally,
    /// The least, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    /// The greatest, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<i64>,
}

/// The classes of ages: up to how many seconds (exclusive), and their names.
pub const AGES: [(i64, &str); 8] = [
    (-300, "sent more than 5 min later"),
    (0, "sent up to 5 min later"),
    (10, "under 10 s"),
    (60, "10 s to 1 min"),
    (600, "1 to 10 min"),
    (3600, "10 min to 1 h"),
    (86_400, "1 to 24 h"),
    (i64::MAX, "24 h and more"),
];

impl Ages {
    /// One more age, in nanoseconds.
    pub fn add(&mut self, nanos: i64) {
        let seconds = nanos.div_euclid(1_000_000_000);
        let name = AGES.iter().find(|class| seconds < class.0).map_or("", |class| class.1);
        self.counts.add(name);
        self.absorb(Self { counts: Tally::default(), least: Some(nanos), greatest: Some(nanos) });
    }
}

/// One carrier or content type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierStats {
    /// Pushes of whatever content.
    pub pushes: u64,
    /// Package #0 messages.
    pub notifications: u64,
    /// Verdicts.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub statuses: Tally,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStats {
    /// Findings.
    pub count: u64,
    /// By severity: an instance may be milder or graver than its rule.
    pub severities: Tally,
    /// First and last packet that breaks it.
    #[serde(flatten)]
    pub seen: Between,
    /// The first examples, in the order of file names and frames.
    pub examples: Least<Example, EXAMPLES>,
}

/// Where something was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    /// The capture.
    pub file: String,
    /// Frame number in the capture.
    pub frame: u32,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<When>,
}

/// One hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourStats {
    /// Pushes of whatever content.
    pub pushes: u64,
    /// Package #0 messages.
    pub notifications: u64,
    /// Verdicts.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub statuses: Tally,
}

/// Digests with one diagnosis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisStats {
    /// How many.
    pub count: u64,
    /// Of which servers.
    pub servers: Capped<u64, 16>,
    /// First and last.
    #[serde(flatten)]
    pub seen: Between,
    /// The first examples.
    pub examples: Least<Example, EXAMPLES>,
}

/// One identifier used by one server towards one destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdStats {
    /// How many messages, repetitions and other sightings not counted.
    pub count: u64,
    /// First and last use.
    #[serde(flatten)]
    pub seen: Between,
    /// Fingerprint of the content; the least of several.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// Contents differed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varied: bool,
}

/// A fingerprint: 16 hex digits in JSON, since not every reader has integers of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub u64);

impl From<Fingerprint> for String {
    fn from(print: Fingerprint) -> Self {
        format!("{:016x}", print.0)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

/// Merges every field of a structure.
macro_rules! merge_fields {
    ($($name:ident { $($field:ident),* })*) => {
        $(impl Merge for $name {
            fn absorb(&mut self, other: Self) {
                $(self.$field.absorb(other.$field);)*
            }
        })*
    };
}

merge_fields! {
    Summary { totals, files, servers, carriers, content_types, rules, hours, diagnoses, ids, unlisted }
    Totals {
        files, octets, skipped, damaged, frames, packets, pushes, notifications, duplicates, sightings, failing, statuses, findings,
        formats, seen
    }
    FileStats { octets, frames, packets, notifications, statuses, findings, seen, damage, unfinished }
    ServerStats {
        notifications, duplicates, sightings, seen, statuses, deviations, keys, formats, versions, ui_modes, initiators,
        carriers, findings, rules, ages
    }
    RuleUse { count, seen }
    CarrierStats { pushes, notifications, statuses }
    RuleStats { count, severities, seen, examples }
    HourStats { pushes, notifications, statuses }
    DiagnosisStats { count, servers, seen, examples }
}

impl Merge for bool {
    fn absorb(&mut self, other: Self) {
        *self |= other;
    }
}

impl Merge for Ages {
    fn absorb(&mut self, other: Self) {
        self.counts.absorb(other.counts);
        self.least = match (self.least, other.least) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.greatest = self.greatest.max(other.greatest);
    }
}

impl Merge for IdStats {
    fn absorb(&mut self, other: Self) {
        self.count.absorb(other.count);
        self.seen.absorb(other.seen);
        self.varied |= other.varied;
        match (self.fingerprint, other.fingerprint) {
            (Some(one), Some(two)) => {
                self.varied |= one != two;
                self.fingerprint = Some(one.min(two));
            }
            (one, two) => self.fingerprint = one.or(two),
        }
    }
}

/// How identifiers of one server were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reuse {
    /// Different ones seen, towards each destination.
    pub ids: u64,
    /// Of these, used by more than one message; duplicates and other sightings are none.
    pub again: u64,
    /// Of these, with other content than before.
    pub changed: u64,
    /// There were more than are kept: each number means "at least".
    pub at_least: bool,
}

impl Summary {
    /// How each server used its identifiers.
    pub fn reuse(&self) -> BTreeMap<String, Reuse> {
        let mut all: BTreeMap<String, Reuse> = BTreeMap::new();
        for (key, used) in self.ids.sorted() {
            let server = key.split('\t').next().unwrap_or_default();
            let reuse = all.entry(server.to_owned()).or_default();
            reuse.ids += 1;
            reuse.again += u64::from(used.count > 1);
            reuse.changed += u64::from(used.varied);
            reuse.at_least = self.ids.is_over();
        }
        all
    }

    /// Whether a finding of this severity or a worse one was counted.
    pub fn worst_at_least(&self, severity: crate::model::Severity) -> bool {
        crate::model::Severity::ALL.iter().any(|&one| one >= severity && self.totals.findings.get(one.name()) > 0)
    }
}
