//! The SHA-256 digest of 2.0: `SHA-256(secret, package with the 32 digest octets zero)`, as the draft says it.
//!
//! Must not know deviations.

use super::hash;
use super::keyring::Keyring;
use super::subject::Subject;
use super::v12::fits;
use super::verdict::{NonceUsed, Status, Verdict};

/// The package in three parts: before the digest, zeros in its place, behind it.
pub(super) fn zeroed<'a>(subject: &Subject<'a>) -> [&'a [u8]; 3] {
    let range = subject.digest.clone().unwrap_or_default();
    let before = subject.message.get(..range.start).unwrap_or(&[]);
    [before, &[0; hash::SHA256_LEN], subject.message.get(range.end..).unwrap_or(&[])]
}

/// Tries every secret in force. The verdict is `valid`, `unchecked`, or `invalid` where deviations remain to be tried.
pub(super) fn standard(keys: &Keyring, subject: &Subject<'_>, digest: &[u8]) -> Verdict {
    let [before, zeros, behind] = zeroed(subject);
    let mut verdict = Verdict::plain(Status::Unchecked);
    for (at, entry) in keys.for_server(subject.server_id) {
        let Some(secret) = entry.secret.as_ref().filter(|_| entry.in_force(subject.time)) else { continue };
        verdict.keys += 1;
        verdict.tried += 1;
        let secret = secret.octets.expose();
        verdict.cost = verdict.cost.saturating_add(hash::blocks(secret.len().saturating_add(subject.message.len())));
        if hash::sha256(&[secret, before, zeros, behind]) == *digest {
            return fits(verdict, Status::Valid, at, entry, NonceUsed::None);
        }
    }
    if verdict.keys > 0 {
        verdict.status = Status::Invalid;
    }
    verdict
}
