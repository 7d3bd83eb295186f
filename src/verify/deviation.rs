//! Known deviations from the standard: one row each, the source of names, findings, docs and the order of the search.
//!
//! The rows themselves stand in `rows12` and `rows20`. Must not know how a deviation is tried.

use std::fmt;

use serde::{Serialize, Serializer};

use super::subject::Format;
use super::{rows_keys, rows12, rows20};

use crate::model::{Cite, Group, Rule, Spec};

/// Which digests a deviation concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// The MD5 digest of 1.2 and Data Sync 1.2.
    V12,
    /// The SHA-256 digest of 2.0.
    V20,
    /// Both.
    Both,
}

/// An example: a secrets file and a message that verifies with it under the deviation and not otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The name the verdict gives, with its parameter.
    pub name: &'static str,
    /// How the sender came to the digest, in a few words.
    pub how: &'static str,
    /// The secrets file, TOML.
    pub keys: &'static str,
    /// Package #0 in hex.
    pub message: &'static str,
    /// An earlier message of the capture in hex, or empty.
    pub earlier: &'static str,
}

/// A known deviation.
#[derive(Debug)]
pub struct Deviation {
    /// Position in the table, the order in which joined names are written; a bit of the set of rows tried.
    pub number: u8,
    /// The name, without a parameter: `nonce-base64`.
    pub name: &'static str,
    /// Which digests it concerns.
    pub applies: Applies,
    /// The finding: explanation, why it matters, what to change.
    pub rule: Rule,
    /// Implementations known to do it.
    pub seen: &'static str,
    /// Examples, at least one.
    pub examples: &'static [Example],
}

impl Deviation {
    pub(super) const fn new(number: u8, name: &'static str, id: &'static str, applies: Applies) -> Self {
        let rule = Rule::warning(id, Group::Security);
        Self { number, name, applies, rule, seen: "", examples: &[] }
    }

    pub(super) const fn cite(mut self, spec: &'static Spec, section: &'static str) -> Self {
        self.rule.cite = Some(Cite { spec, section });
        self
    }

    pub(super) const fn text(mut self, text: &'static str) -> Self {
        self.rule.text = text;
        self
    }

    pub(super) const fn explain(mut self, means: &'static str, matters: &'static str, check: &'static str) -> Self {
        self.rule.means = means;
        self.rule.matters = matters;
        self.rule.check = check;
        self
    }

    pub(super) const fn seen(mut self, seen: &'static str) -> Self {
        self.seen = seen;
        self
    }

    pub(super) const fn examples(mut self, examples: &'static [Example]) -> Self {
        self.examples = examples;
        self
    }

    /// Whether it concerns digests of this format.
    pub fn concerns(&self, format: Format) -> bool {
        match self.applies {
            Applies::Both => true,
            Applies::V12 => format != Format::V20,
            Applies::V20 => format == Format::V20,
        }
    }

    /// Its bit in the set of rows tried.
    pub(super) const fn bit(&self) -> u64 {
        1 << self.number
    }
}

/// What a deviation's name carries behind a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Param {
    None,
    Number(u32),
    Text(&'static str),
}

/// A deviation that fits, with its parameter. Its `Display` is the name: `nonce-other:2`.
#[derive(Clone, Copy)]
pub struct Found {
    row: &'static Deviation,
    param: Param,
}

impl Found {
    pub(super) const fn new(row: &'static Deviation) -> Self {
        Self { row, param: Param::None }
    }

    pub(super) const fn number(row: &'static Deviation, number: u32) -> Self {
        Self { row, param: Param::Number(number) }
    }

    pub(super) const fn text(row: &'static Deviation, text: &'static str) -> Self {
        Self { row, param: Param::Text(text) }
    }

    /// The row of the table: its rule is the finding to raise.
    pub const fn row(self) -> &'static Deviation {
        self.row
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row) && self.param == other.param
    }
}

impl Eq for Found {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row.name)?;
        match self.param {
            Param::None => Ok(()),
            Param::Number(number) => write!(f, ":{number}"),
            Param::Text(text) => write!(f, ":{text}"),
        }
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// All rows in the order of their numbers: the contract's names first, ours behind them.
pub static DEVIATIONS: &[&Deviation] = &[
    &rows12::NONCE_BASE64,
    &rows12::NONCE_DOUBLE_DECODED,
    &rows12::NONCE_LOSSY_UTF8,
    &rows12::NONCE_CUT_AT_NUL,
    &rows12::NONCE_EMPTY,
    &rows12::NONCE_CONSTANT,
    &rows_keys::NONCE_OTHER,
    &rows12::RESYNC_ASCII_0X,
    &rows12::RESYNC_ASCII_8,
    &rows12::RESYNC_BASE64,
    &rows12::RESYNC_OTHER_LENGTH,
    &rows12::TRIGGER_RAW,
    &rows12::TRIGGER_DIGEST_RAW,
    &rows12::TRIGGER_DIGEST_HEX,
    &rows12::TRIGGER_HEADER_ONLY,
    &rows12::TRIGGER_LENGTH_MOD_256,
    &rows12::TRIGGER_WITH_DIGEST,
    &rows12::CREDENTIAL_HEX,
    &rows12::NO_SEPARATORS,
    &rows12::NO_COLON_EMPTY_PASSWORD,
    &rows12::SESSION_CREDENTIAL,
    &rows12::USER_FOR_ID,
    &rows_keys::ID_CASE,
    &rows12::PASSWORD_EMPTY,
    &rows_keys::SECRET_WHITESPACE,
    &rows_keys::SECRET_ENCODING,
    &rows_keys::OTHER_ACCOUNT,
    &rows_keys::REPLAYED_DIGEST,
    &rows20::DIGEST_IN_PLACE,
    &rows20::SECRET_APPENDED,
    &rows20::TIME_ZEROED,
    &rows20::TIME_LITTLE_ENDIAN,
    &rows20::OPTION_LEFT_OUT,
    &rows20::SEPARATOR_OCTET,
    &rows20::HMAC,
    &rows20::AUTH_DATA_APPENDED,
    &rows12::HEADER_BYTE_SWAPPED,
    &rows12::VENDOR_CUT,
    &rows12::VENDOR_ADDED,
    &rows20::OPTION_COUNT_CHANGED,
    &rows_keys::KEY_OUT_OF_RANGE,
];

/// The findings of the digest diagnosis.
pub static RULES: &[&Rule] = &[
    &rows12::NONCE_BASE64.rule,
    &rows12::NONCE_DOUBLE_DECODED.rule,
    &rows12::NONCE_LOSSY_UTF8.rule,
    &rows12::NONCE_CUT_AT_NUL.rule,
    &rows12::NONCE_EMPTY.rule,
    &rows12::NONCE_CONSTANT.rule,
    &rows_keys::NONCE_OTHER.rule,
    &rows12::RESYNC_ASCII_0X.rule,
    &rows12::RESYNC_ASCII_8.rule,
    &rows12::RESYNC_BASE64.rule,
    &rows12::RESYNC_OTHER_LENGTH.rule,
    &rows12::TRIGGER_RAW.rule,
    &rows12::TRIGGER_DIGEST_RAW.rule,
    &rows12::TRIGGER_DIGEST_HEX.rule,
    &rows12::TRIGGER_HEADER_ONLY.rule,
    &rows12::TRIGGER_LENGTH_MOD_256.rule,
    &rows12::TRIGGER_WITH_DIGEST.rule,
    &rows12::CREDENTIAL_HEX.rule,
    &rows12::NO_SEPARATORS.rule,
    &rows12::NO_COLON_EMPTY_PASSWORD.rule,
    &rows12::SESSION_CREDENTIAL.rule,
    &rows12::USER_FOR_ID.rule,
    &rows_keys::ID_CASE.rule,
    &rows12::PASSWORD_EMPTY.rule,
    &rows_keys::SECRET_WHITESPACE.rule,
    &rows_keys::SECRET_ENCODING.rule,
    &rows_keys::OTHER_ACCOUNT.rule,
    &rows_keys::REPLAYED_DIGEST.rule,
    &rows20::DIGEST_IN_PLACE.rule,
    &rows20::SECRET_APPENDED.rule,
    &rows20::TIME_ZEROED.rule,
    &rows20::TIME_LITTLE_ENDIAN.rule,
    &rows20::OPTION_LEFT_OUT.rule,
    &rows20::SEPARATOR_OCTET.rule,
    &rows20::HMAC.rule,
    &rows20::AUTH_DATA_APPENDED.rule,
    &rows12::HEADER_BYTE_SWAPPED.rule,
    &rows12::VENDOR_CUT.rule,
    &rows12::VENDOR_ADDED.rule,
    &rows20::OPTION_COUNT_CHANGED.rule,
    &rows_keys::KEY_OUT_OF_RANGE.rule,
];
