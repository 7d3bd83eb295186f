//! The steps of a digest's computation that need no key: anyone can repeat them, and they give nothing of a key away.
//!
//! Must not know keys.

use std::ops::Range;

use super::hash;
use super::subject::{Format, Subject};

/// What is computed from the message alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicSteps {
    /// 1.2: the hash of the trigger.
    Trigger {
        /// Octets of the trigger.
        octets: usize,
        /// H(trigger) in hex.
        hash: String,
        /// B64(H(trigger)).
        base64: String,
    },
    /// 2.0: the package with the octets of the digest set to zero.
    Package {
        /// Octets of the package.
        octets: usize,
        /// Where the digest stands in it.
        zeroed: Range<usize>,
    },
}

impl PublicSteps {
    /// The steps for a message; `None` where it has no digest.
    pub fn of(subject: &Subject<'_>) -> Option<Self> {
        let zeroed = subject.digest.clone()?;
        Some(match subject.format {
            Format::V12 | Format::Ds12 => {
                let trigger = subject.trigger_octets();
                let digest = hash::md5(&[trigger]);
                let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
                Self::Trigger {
                    octets: trigger.len(),
                    hash: text(&hash::hex(&digest)),
                    base64: text(&hash::b64(&digest)),
                }
            }
            Format::V20 => Self::Package { octets: subject.message.len(), zeroed },
        })
    }

    /// What the digest covers, in words.
    pub fn covered(&self) -> String {
        match self {
            Self::Trigger { octets, .. } => format!("the trigger: {octets} octets behind the digest"),
            Self::Package { octets, zeroed } => format!(
                "the package: {octets} octets, {}..{} of them (the digest) as zero",
                zeroed.start,
                zeroed.end.saturating_sub(1)
            ),
        }
    }
}
