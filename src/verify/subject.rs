//! What is verified: one Package #0 as plain octets, and what the capture knows beside it.
//!
//! Must not know dissectors, keys or frames' contents.

use std::ops::Range;

use serde::Serialize;

use super::hash::{MD5_LEN, SHA256_LEN};
use crate::model::Timestamp;

/// Which digest a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Format {
    /// DM Notification 1.2: MD5 at the start of the message.
    #[serde(rename = "1.2")]
    V12,
    /// DM Notification 2.0: SHA-256 inside option 5.
    #[serde(rename = "2.0")]
    V20,
    /// Data Sync 1.2 notification: the digest and header of 1.2, another body.
    #[serde(rename = "ds-1.2")]
    Ds12,
}

impl Format {
    /// The name as `dmnoti.format` shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V12 => "1.2",
            Self::V20 => "2.0",
            Self::Ds12 => "ds-1.2",
        }
    }

    /// Octets of the digest: 16 or 32.
    pub const fn digest_len(self) -> usize {
        match self {
            Self::V12 | Self::Ds12 => MD5_LEN,
            Self::V20 => SHA256_LEN,
        }
    }
}

/// Octets of the trigger header before the server identifier.
pub(super) const HEADER_12: usize = 8;

/// A message seen before the subject, to recognise a copied digest.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// Frame it is listed under.
    pub frame: u32,
    /// Index within the frame, from 1.
    pub index: u16,
    /// Its digest; the list may hold all earlier messages, or only those whose digest equals the subject's.
    pub digest: &'a [u8],
    /// The whole Package #0.
    pub message: &'a [u8],
}

/// One message to verify. Made by [`Subject::v12`], [`Subject::ds12`] and [`Subject::v20`].
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub(super) format: Format,
    pub(super) server_id: Option<&'a [u8]>,
    pub(super) message: &'a [u8],
    pub(super) digest: Option<Range<usize>>,
    pub(super) time: Option<Timestamp>,
    pub(super) device: Option<&'a [u8]>,
    pub(super) earlier: &'a [Earlier<'a>],
}

impl<'a> Subject<'a> {
    /// A whole 1.2 message, digest first. `None` where it is shorter than its fields (that is `malformed` or `incomplete`).
    pub fn v12(message: &'a [u8]) -> Option<Self> {
        Self::trigger(Format::V12, message)
    }

    /// A whole Data Sync 1.2 notification. `None` as for [`Subject::v12`].
    pub fn ds12(message: &'a [u8]) -> Option<Self> {
        Self::trigger(Format::Ds12, message)
    }

    fn trigger(format: Format, message: &'a [u8]) -> Option<Self> {
        let start = MD5_LEN.checked_add(HEADER_12)?;
        let len = usize::from(*message.get(start.checked_sub(1)?)?);
        let server_id = message.get(start..)?.get(..len)?;
        Some(Self { server_id: Some(server_id), ..Self::bare(format, message, Some(0..MD5_LEN)) })
    }

    /// A whole 2.0 message. `digest_at` is the offset of the 32 digest octets (behind the 4 octets of time), `None` where the
    /// message has no option 5. `None` comes back where the digest does not fit.
    pub fn v20(message: &'a [u8], server_id: Option<&'a [u8]>, digest_at: Option<usize>) -> Option<Self> {
        let digest = match digest_at {
            None => None,
            Some(at) => {
                let range = at..at.checked_add(SHA256_LEN)?;
                message.get(range.clone())?;
                Some(range)
            }
        };
        Some(Self { server_id, ..Self::bare(Format::V20, message, digest) })
    }

    fn bare(format: Format, message: &'a [u8], digest: Option<Range<usize>>) -> Self {
        Self { format, server_id: None, message, digest, time: None, device: None, earlier: &[] }
    }

    /// Captured at this time: keys limited in time are chosen by it. Without it every key is in force.
    #[must_use]
    pub fn at(mut self, time: Option<Timestamp>) -> Self {
        self.time = time;
        self
    }

    /// Sent to this device, named as in [`super::Candidate::device`].
    #[must_use]
    pub fn to(mut self, device: Option<&'a [u8]>) -> Self {
        self.device = device;
        self
    }

    /// After these messages.
    #[must_use]
    pub fn after(mut self, earlier: &'a [Earlier<'a>]) -> Self {
        self.earlier = earlier;
        self
    }

    /// Which digest it carries.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The whole Package #0.
    pub fn message(&self) -> &'a [u8] {
        self.message
    }

    /// The server identifier's octets, where the message has one.
    pub fn server_id(&self) -> Option<&'a [u8]> {
        self.server_id
    }

    /// The digest as received.
    pub fn digest(&self) -> Option<&'a [u8]> {
        self.message.get(self.digest.clone()?)
    }

    /// 1.2: what the digest covers, header and vendor octets.
    pub(super) fn trigger_octets(&self) -> &'a [u8] {
        self.message.get(MD5_LEN..).unwrap_or(&[])
    }
}
