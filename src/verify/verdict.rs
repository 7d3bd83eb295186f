//! What verification says: a status, and how it was reached.
//!
//! Holds labels, positions and names, never a secret or anything hashed from one. Must not know how to verify.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::deviation::Found;

/// The status of a digest. The order is the order of the marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Verifies as the standard says.
    Valid,
    /// 1.2: verifies only with the special nonce of four zero octets: the server asks to resynchronise.
    Resync,
    /// Verifies only under a known deviation from the standard.
    Deviant,
    /// Keys for this server are configured, nothing fits.
    Invalid,
    /// There is no digest, or it was never filled in.
    Unsigned,
    /// No key for this server.
    Unchecked,
    /// The capture lacks octets it needs.
    Incomplete,
    /// All octets are there, but the message does not hold a digest where it must.
    Malformed,
}

impl Status {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Valid,
        Self::Resync,
        Self::Deviant,
        Self::Invalid,
        Self::Unsigned,
        Self::Unchecked,
        Self::Incomplete,
        Self::Malformed,
    ];

    /// The name as `dmnoti.digest.status` shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Resync => "resync",
            Self::Deviant => "deviant",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unchecked => "unchecked",
            Self::Incomplete => "incomplete",
            Self::Malformed => "malformed",
        }
    }

    /// The mark in lists.
    pub const fn mark(self) -> char {
        match self {
            Self::Valid => '✓',
            Self::Resync => '↻',
            Self::Deviant => '~',
            Self::Invalid => '✗',
            Self::Unsigned => '∅',
            Self::Unchecked => '?',
            Self::Incomplete => '…',
            Self::Malformed => '!',
        }
    }

    /// The mark where only ASCII can be shown.
    pub const fn ascii_mark(self) -> char {
        match self {
            Self::Valid => 'v',
            Self::Resync => 'r',
            Self::Deviant => '~',
            Self::Invalid => 'x',
            Self::Unsigned => '0',
            Self::Unchecked => '?',
            Self::Incomplete => '.',
            Self::Malformed => '!',
        }
    }

    /// What it means, in one sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Valid => "The digest is what the standard demands for a configured key.",
            Self::Resync => {
                "The digest verifies only with the special nonce of four zero octets: the server asks the device to \
                 resynchronise nonces."
            }
            Self::Deviant => {
                "The digest verifies only under a known deviation from the standard, which is named; a conforming device \
                 drops the message."
            }
            Self::Invalid => {
                "Keys for this server are configured, and neither the standard nor any known deviation fits."
            }
            Self::Unsigned => {
                "The message carries no digest (2.0), or one that was never filled in: all its octets are equal."
            }
            Self::Unchecked => "No key is configured for this server.",
            Self::Incomplete => {
                "The capture lacks octets the digest needs: a snapshot length, a lost fragment or part."
            }
            Self::Malformed => "All octets are there, but the message does not hold a digest where it must.",
        }
    }
}

/// Which nonce took part. Positions and frames, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum NonceUsed {
    /// 2.0 has no nonce, or a deviation replaced it by one that is no key's.
    None,
    /// The entry has no nonce: the empty one.
    Unset,
    /// A configured nonce.
    Configured {
        /// Its position in the entry, from 1.
        number: u32,
        /// How many the entry has.
        of: u32,
    },
    /// A nonce a client was seen sending to its server.
    Learned {
        /// The frame that carried it.
        frame: u32,
    },
    /// The special nonce of four zero octets.
    Special,
}

impl NonceUsed {
    /// Whether it says more than the entry does: one of several, or learned.
    pub const fn tells(self) -> bool {
        match self {
            Self::Configured { of, .. } => of > 1,
            Self::Learned { .. } => true,
            Self::None | Self::Unset | Self::Special => false,
        }
    }
}

impl std::fmt::Display for NonceUsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("no configured nonce"),
            Self::Unset => f.write_str("no nonce (empty)"),
            Self::Configured { number, of } => write!(f, "nonce {number} of {of}"),
            Self::Learned { frame } => write!(f, "nonce learned in frame {frame}"),
            Self::Special => f.write_str("special nonce of four zero octets"),
        }
    }
}

/// One way the digest verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Label of the key entry; empty where a copied digest verifies with none.
    #[serde(serialize_with = "label")]
    pub key: Arc<str>,
    /// Position of the entry in the keyring, from 0.
    pub entry: usize,
    /// The nonce.
    pub nonce: NonceUsed,
    /// The deviations it takes, none for a match by the standard, at most two.
    pub deviations: Vec<Found>,
    /// What is particular: which whitespace, which length, which other account. Never a value.
    pub detail: String,
}

fn label<S: Serializer>(label: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(label)
}

impl Match {
    /// The deviations' names joined by `+`, as `dmnoti.digest.deviation` shows them; `None` for a match by the standard.
    pub fn deviation(&self) -> Option<String> {
        if self.deviations.is_empty() {
            return None;
        }
        Some(self.deviations.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
    }
}

/// The result of verifying one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// How it verifies, for `valid`, `resync` and `deviant`.
    pub found: Option<Match>,
    /// Other ways it verifies, least deviant first.
    pub others: Vec<Match>,
    /// Entries that are keys for this message.
    pub keys: usize,
    /// Digests computed and compared.
    pub tried: u32,
    /// The search for deviations stopped at its bound before everything was tried.
    pub bounded: bool,
    /// What it left out then.
    pub left_out: Vec<Cow<'static, str>>,
    /// An earlier, different message with the same digest: frame and index. Told whatever the status is.
    pub replay_of: Option<(u32, u16)>,
    /// Which rows of the deviation table were tried, by number.
    #[serde(skip)]
    pub(super) rows: u64,
    /// Blocks hashed. By the standard alone: what one verification costs, the special nonce left aside.
    #[serde(skip)]
    pub(super) cost: u32,
}

impl Verdict {
    /// A verdict that needs no search: `incomplete` and `malformed` are the caller's to find.
    pub const fn plain(status: Status) -> Self {
        Self {
            status,
            found: None,
            others: Vec::new(),
            keys: 0,
            tried: 0,
            bounded: false,
            left_out: Vec::new(),
            replay_of: None,
            rows: 0,
            cost: 0,
        }
    }

    /// The label of the key that verifies, as `dmnoti.digest.key` shows it.
    pub fn key(&self) -> Option<&str> {
        self.found.as_ref().map(|found| &*found.key).filter(|key| !key.is_empty())
    }

    /// The deviation, as `dmnoti.digest.deviation` shows it.
    pub fn deviation(&self) -> Option<String> {
        self.found.as_ref().and_then(Match::deviation)
    }
}
