//! Is the digest right, and if not, why.
//!
//! Pure: octets and keys in, a [`Verdict`] out. No file, clock or dissector is known here, and no secret or hash that would
//! allow guessing one leaves: verdicts hold labels, positions and names.
//!
//! The order is that of the contract: every key in force by the standard, the special nonce (`resync`), then the known
//! deviations ([`DEVIATIONS`]), least deviant first; else `invalid`.

#![allow(dead_code, reason = "the search for deviations, which uses the rest, follows")]

mod deviation;
mod hash;
mod import;
mod keyfile;
mod keyring;
mod secret;
mod subject;
mod v12;
mod v20;
mod verdict;

pub use deviation::{Applies, DEVIATIONS, Deviation, Example, Found};
pub use keyring::{EntryInfo, KeyError, KeyWarning, Keyring};
pub use secret::Secret;
pub use subject::{Candidate, Earlier, Format, NonceLog, Subject};
pub use verdict::{Match, NonceUsed, Status, Verdict};

/// Verifies one message by the standard, and where that fails looks for the reason.
///
/// `learned` are the nonces seen in the capture before the message ([`NonceLog::prefix`]).
pub fn verify(keys: &Keyring, learned: &[Candidate], subject: &Subject<'_>) -> Verdict {
    verify_standard(keys, learned, subject)
}

/// Verifies one message by the standard alone: `invalid` may then hide a known deviation, and `unchecked` another account.
pub fn verify_standard(keys: &Keyring, learned: &[Candidate], subject: &Subject<'_>) -> Verdict {
    let Some(digest) = subject.digest() else {
        let unsigned = subject.format == Format::V20;
        return Verdict::plain(if unsigned { Status::Unsigned } else { Status::Malformed });
    };
    if never_filled_in(digest) {
        return Verdict::plain(Status::Unsigned);
    }
    match subject.format {
        Format::V12 | Format::Ds12 => v12::standard(keys, learned, subject, digest),
        Format::V20 => v20::standard(keys, subject, digest),
    }
}

/// Whether all octets are equal: what a sender leaves that never computes a digest.
fn never_filled_in(digest: &[u8]) -> bool {
    digest.split_first().is_some_and(|(first, rest)| rest.iter().all(|octet| octet == first))
}

#[cfg(test)]
mod tests;
