//! Counts that merge: in any grouping and any order the same comes out.
//!
//! Names come from packets, so a sender could make up any number of them: [`Capped`] keeps those with the smallest hashes. What
//! is among the smallest of the whole is among the smallest of every part, so its count is complete however the parts were
//! merged. Must not know what is counted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Timestamp;
use crate::output::value::push_time;

/// What can be put together from parts: `absorb` is associative and commutative, and the default value changes nothing.
pub trait Merge: Default {
    /// Takes another part in.
    fn absorb(&mut self, other: Self);
}

impl Merge for u64 {
    fn absorb(&mut self, other: Self) {
        *self = self.saturating_add(other);
    }
}

/// How often each name occurred. For names of which there are few whatever the packets hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// One more of this name.
    pub fn add(&mut self, name: &str) {
        self.add_many(name, 1);
    }

    /// So many more.
    pub fn add_many(&mut self, name: &str, count: u64) {
        match self.0.get_mut(name) {
            Some(sum) => sum.absorb(count),
            None => {
                self.0.insert(name.to_owned(), count);
            }
        }
    }

    /// How many of a name.
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Names and counts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Merge for Tally {
    fn absorb(&mut self, other: Self) {
        for (name, count) in other.0 {
            self.add_many(&name, count);
        }
    }
}

/// A map of rules, files and the like, of which there are not more than captures and rules.
impl<V: Merge> Merge for BTreeMap<String, V> {
    fn absorb(&mut self, other: Self) {
        for (name, value) in other {
            self.entry(name).or_default().absorb(value);
        }
    }
}

/// At most `MOST` names with what is known of each. See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capped<V, const MOST: usize> {
    /// By hash, so that the last is the one to go.
    by_hash: BTreeMap<(u64, String), V>,
    /// There were more.
    over: bool,
}

impl<V, const MOST: usize> Default for Capped<V, MOST> {
    fn default() -> Self {
        Self { by_hash: BTreeMap::new(), over: false }
    }
}

impl<V: Merge, const MOST: usize> Capped<V, MOST> {
    /// What is known of a name, to be added to; `None` where there is no room for it.
    pub fn slot(&mut self, name: &str) -> Option<&mut V> {
        let key = (hash(name), name.to_owned());
        if self.by_hash.len() >= MOST && !self.by_hash.contains_key(&key) {
            self.over = true;
            let goes = self.by_hash.last_key_value().is_some_and(|(last, _)| key < *last);
            if !goes {
                return None;
            }
            self.by_hash.pop_last();
        }
        Some(self.by_hash.entry(key).or_default())
    }

    /// The names with what is known of them, by name.
    pub fn sorted(&self) -> Vec<(&str, &V)> {
        let mut all: Vec<(&str, &V)> = self.by_hash.iter().map(|(key, value)| (key.1.as_str(), value)).collect();
        all.sort_unstable_by_key(|row| row.0);
        all
    }

    /// What is known of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.by_hash.get(&(hash(name), name.to_owned()))
    }

    /// How many names are kept.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }

    /// Whether there were more names than are kept.
    pub const fn is_over(&self) -> bool {
        self.over
    }
}

impl<V: Merge, const MOST: usize> Merge for Capped<V, MOST> {
    fn absorb(&mut self, other: Self) {
        self.over |= other.over;
        for (key, value) in other.by_hash {
            if let Some(slot) = self.slot(&key.1) {
                slot.absorb(value);
            }
        }
    }
}

/// FNV-1a with a final stir: the same on every machine and in every run.
fn hash(name: &str) -> u64 {
    let folded = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |state, octet| (state ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3));
    let stirred = (folded ^ (folded >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    stirred ^ (stirred >> 32)
}

/// As JSON has it.
#[derive(Serialize)]
struct CappedRef<'c, V> {
    complete: bool,
    entries: BTreeMap<&'c str, &'c V>,
}

/// The same, read.
#[derive(Deserialize)]
#[serde(bound = "V: Deserialize<'de>")]
struct CappedRead<V> {
    complete: bool,
    entries: BTreeMap<String, V>,
}

impl<V: Serialize + Merge, const MOST: usize> Serialize for Capped<V, MOST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CappedRef { complete: !self.over, entries: self.sorted().into_iter().collect() }.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de> + Merge, const MOST: usize> Deserialize<'de> for Capped<V, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = CappedRead::<V>::deserialize(deserializer)?;
        let mut all = Self { by_hash: BTreeMap::new(), over: !read.complete };
        for (name, value) in read.entries {
            if let Some(slot) = all.slot(&name) {
                *slot = value;
            }
        }
        Ok(all)
    }
}

/// A capture time, as JSON an ISO 8601 text with nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When(pub i64);

impl When {
    /// The text.
    pub fn text(self) -> String {
        let mut out = String::new();
        push_time(&mut out, Timestamp::from_nanos(self.0));
        out
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        i64::try_from(time.as_nanosecond())
            .map(Self)
            .map_err(|error| serde::de::Error::custom(format_args!("a time outside of 1677 to 2262: {error}")))
    }
}

/// The first and the last capture time of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// The first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<When>,
    /// The last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<When>,
}

impl Between {
    /// One more time.
    pub fn add(&mut self, time: Option<Timestamp>) {
        let time = time.map(|time| When(time.nanos()));
        self.absorb(Self { first: time, last: time });
    }
}

impl Merge for Between {
    fn absorb(&mut self, other: Self) {
        self.first = match (self.first, other.first) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.last = self.last.max(other.last);
    }
}

/// The `MOST` least of all that were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound(serialize = "T: Serialize + Ord", deserialize = "T: Deserialize<'de> + Ord"))]
pub struct Least<T, const MOST: usize>(BTreeSet<T>);

impl<T, const MOST: usize> Default for Least<T, MOST> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<T: Ord, const MOST: usize> Least<T, MOST> {
    /// One more.
    pub fn add(&mut self, one: T) {
        self.0.insert(one);
        while self.0.len() > MOST {
            self.0.pop_last();
        }
    }

    /// Whether one that is not less than this would be kept.
    pub fn wants(&self, one: &T) -> bool {
        self.0.len() < MOST || self.0.last().is_some_and(|last| one < last)
    }

    /// Those kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Ord, const MOST: usize> Merge for Least<T, MOST> {
    fn absorb(&mut self, other: Self) {
        for one in other.0 {
            self.add(one);
        }
    }
}
