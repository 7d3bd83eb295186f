//! Is the digest right, and if not, why.
//!
//! Pure: octets and keys in, a [`Verdict`] out. No file, clock or dissector is known here, and no secret or hash that would
//! allow guessing one leaves: verdicts hold labels, positions and names.
//!
//! The order is that of the contract: every key in force by the standard, the special nonce (`resync`), then the known
//! deviations ([`DEVIATIONS`]), least deviant first; else `invalid`.

mod accounts12;
mod deviation;
mod doc;
mod hash;
mod import;
mod keyfile;
mod keyring;
mod lanes;
mod left;
mod made12;
mod md5x16;
mod nonces;
mod parts;
mod rows12;
mod rows20;
mod rows_keys;
mod search12;
mod search20;
mod secret;
mod steps;
mod story;
mod subject;
mod tag;
mod v12;
mod v20;
mod variants12;
mod verdict;

pub use deviation::{Applies, DEVIATIONS, Deviation, Example, Found, RULES};
pub use doc::markdown;
pub use keyring::{EntryInfo, KeyError, KeyWarning, Keyring};
pub use nonces::{Candidate, Learned, NonceLog};
pub use secret::Secret;
pub use steps::PublicSteps;
pub use story::{Attempt, Input, MASK, Reading, Step, Story, tell};
pub use subject::{Earlier, Format, Subject};
pub use tag::{ContentHash, Tagger};
pub use verdict::{Match, NonceUsed, Status, Verdict};

/// Verifies one message by the standard, and where that fails looks for the reason.
///
/// `learned` are the nonces seen in the capture before the message ([`NonceLog::prefix`]).
pub fn verify(keys: &Keyring, learned: Learned<'_>, subject: &Subject<'_>) -> Verdict {
    let mut verdict = verify_standard(keys, learned, subject);
    let Some(digest) = subject.digest() else { return verdict };
    if !matches!(verdict.status, Status::Invalid | Status::Unchecked) {
        return verdict;
    }
    verdict.replay_of = replayed(subject, digest);
    // Without any key no variant can fit: there is nothing to search.
    if keys.is_empty() {
        return verdict;
    }
    let outcome = match <[u8; hash::MD5_LEN]>::try_from(digest) {
        Ok(digest) => search12::search(keys, learned, subject, digest, &verdict),
        Err(_) => search20::search(keys, subject, digest, &verdict),
    };
    verdict.tried = verdict.tried.saturating_add(outcome.tried);
    verdict.cost = verdict.cost.saturating_add(outcome.cost);
    verdict.bounded = outcome.bounded;
    verdict.left_out = outcome.left_out;
    verdict.rows = outcome.rows;
    if !subject.earlier.is_empty() {
        verdict.rows |= rows_keys::REPLAYED_DIGEST.bit();
    }
    let replay = verdict.replay_of.filter(|_| verdict.keys > 0).map(|at| replay(keys, learned, subject, at));
    // Stable: other explanations of one deviation come before a copied digest.
    let mut matches: Vec<Match> = outcome.matches.into_iter().chain(replay).collect();
    matches.sort_by_key(|found| found.deviations.len());
    let mut matches = matches.into_iter();
    verdict.found = matches.next();
    verdict.others = matches.collect();
    if verdict.found.is_some() {
        verdict.status = Status::Deviant;
    }
    verdict
}

/// The first earlier message with this digest and other content.
fn replayed(subject: &Subject<'_>, digest: &[u8]) -> Option<(u32, u16)> {
    let earlier = subject.earlier.iter().find(|earlier| earlier.digest == digest && earlier.message != subject.message);
    earlier.map(|earlier| (earlier.frame, earlier.index))
}

/// A copied digest as an explanation, with the key that verifies the message it was copied from.
fn replay(keys: &Keyring, learned: Learned<'_>, subject: &Subject<'_>, (frame, index): (u32, u16)) -> Match {
    let earlier = subject.earlier.iter().find(|earlier| (earlier.frame, earlier.index) == (frame, index));
    let original = earlier.and_then(|earlier| match subject.format {
        Format::V12 => Subject::v12(earlier.message),
        Format::Ds12 => Subject::ds12(earlier.message),
        // Where the digest stands in another package is not known; both have the same options as a rule.
        Format::V20 => {
            Subject::v20(earlier.message, subject.server_id, subject.digest.clone().map(|range| range.start))
        }
    });
    let original = original.and_then(|original| verify_standard(keys, learned, &original.at(subject.time)).found);
    let verified = if original.is_some() { "which verifies" } else { "which does not verify either" };
    let place = if index > 1 { format!("{frame}.{index}") } else { frame.to_string() };
    let (key, entry, nonce) =
        original.map_or_else(|| ("".into(), 0, NonceUsed::None), |found| (found.key, found.entry, found.nonce));
    let deviations = vec![Found::new(&rows_keys::REPLAYED_DIGEST)];
    Match { key, entry, nonce, deviations, detail: format!("copied from frame {place}, {verified}") }
}

/// Verifies one message by the standard alone: `invalid` may then hide a known deviation, and `unchecked` another account.
pub fn verify_standard(keys: &Keyring, learned: Learned<'_>, subject: &Subject<'_>) -> Verdict {
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
