//! A report as a whole: what was counted, and what is needed to make it again. Kept as JSON, so that reports can be merged.
//!
//! Must not know how a report is shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::sections::shown;
use super::summary::{Reuse, Summary};
use super::tally::Merge;

/// Version of the JSON's shape. Members may be added within a version, never changed or removed.
pub const SCHEMA: u32 = 1;

/// A report. See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How it was made.
    pub made: Made,
    /// What was counted.
    pub summary: Summary,
    /// How each server used its identifiers: computed from the summary.
    #[serde(default)]
    pub reuse: BTreeMap<String, Reuse>,
    /// What is new since the report before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_last: Option<SinceLast>,
    /// How long reading took: another number every time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

/// How a report was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Versions of the program.
    pub by: BTreeSet<String>,
    /// Files and folders named.
    pub paths: BTreeSet<String>,
    /// Options that change what is counted.
    pub options: BTreeSet<String>,
    /// Labels of the keys.
    pub keys: BTreeSet<String>,
    /// Reading was interrupted: not everything is in it.
    pub partial: bool,
    /// Names in it are replaced.
    pub redacted: bool,
}

/// What is new since the report before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinceLast {
    /// There was none, or it was made otherwise: everything was read anew.
    pub first: bool,
    /// Captures read because they are new.
    pub new: u64,
    /// Captures read again because they changed.
    pub changed: u64,
    /// Captures not read again.
    pub unchanged: u64,
    /// Captures that are gone.
    pub gone: u64,
    /// Notifications in what was read.
    pub notifications: u64,
    /// Verdicts in what was read.
    pub statuses: super::tally::Tally,
    /// Servers not seen before.
    pub servers: BTreeSet<String>,
    /// Rules not broken before.
    pub rules: BTreeSet<String>,
}

/// How long reading took, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// From the first capture to the last.
    pub seconds: f64,
    /// The slowest items.
    pub slowest: Vec<(String, f64)>,
}

impl Merge for Made {
    fn absorb(&mut self, other: Self) {
        self.by.extend(other.by);
        self.paths.extend(other.paths);
        self.options.extend(other.options);
        self.keys.extend(other.keys);
        self.partial |= other.partial;
        self.redacted |= other.redacted;
    }
}

/// Why a report could not be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It is no report.
    #[error("is no JSON report of pushscope: {0}")]
    NoReport(serde_json::Error),
    /// Another version made it.
    #[error("has schema version {0}; this program reads {SCHEMA}")]
    Version(u32),
}

impl Document {
    /// A report of what was counted.
    pub fn new(made: Made, summary: Summary) -> Self {
        let mut document = Self { schema: SCHEMA, made, summary, ..Self::default() };
        document.reuse = document.summary.reuse();
        document
    }

    /// Reads a JSON report.
    ///
    /// # Errors
    /// It is none, or of another version.
    pub fn parse(json: &[u8]) -> Result<Self, MergeError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let mut value: serde_json::Value = serde_json::from_slice(json).map_err(MergeError::NoReport)?;
        let head = Head::deserialize(&value).map_err(MergeError::NoReport)?;
        if head.schema != SCHEMA {
            return Err(MergeError::Version(head.schema));
        }
        make_visible(&mut value);
        Self::deserialize(value).map_err(MergeError::NoReport)
    }

    /// As JSON, the same octets for the same report.
    ///
    /// # Errors
    /// It cannot be written as JSON: a fault of ours.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Takes another report in. Captures that are in both are counted twice: the answer names them.
    pub fn merge(&mut self, other: Self) -> Vec<String> {
        let twice = other.summary.files.keys().filter(|name| self.summary.files.contains_key(*name)).cloned().collect();
        self.made.absorb(other.made);
        self.summary.absorb(other.summary);
        self.reuse = self.summary.reuse();
        // What was new in one of them, and how long it took, says nothing about both.
        (self.since_last, self.timings) = (None, None);
        self.schema = SCHEMA;
        twice
    }
}

/// Text in a report that was read may hold anything: other programs write JSON too.
fn make_visible(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => *text = shown(text).into_string(),
        Value::Array(all) => all.iter_mut().for_each(make_visible),
        Value::Object(all) => {
            for (name, mut value) in std::mem::take(all) {
                make_visible(&mut value);
                // The tabs of a key are ours.
                let name: Vec<String> = name.split('\t').map(|part| shown(part).into_string()).collect();
                all.insert(name.join("\t"), value);
            }
        }
        _ => {}
    }
}
