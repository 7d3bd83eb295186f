//! The MD5 digest of 1.2: `H( B64(H(id:password)) : nonce : B64(H(trigger)) )`, as the standard says it.
//!
//! Must not know deviations.

use super::hash;
use super::keyring::{Credential, Entry, Keyring};
use super::nonces::Learned;
use super::subject::Subject;
use super::verdict::{Match, NonceUsed, Status, Verdict};

/// The special nonce 0x00000000 by which a server asks to resynchronise: four zero octets.
///
/// Reading: the standard gives no length; a 32-bit constant is four octets, and shipped clients hash four.
pub(super) const SPECIAL: [u8; 4] = [0; 4];

/// The digest over a credential hash, a nonce and a trigger hash.
pub(super) fn outer(credential: &Credential, nonce: &[u8], trigger: &[u8; 24]) -> [u8; hash::MD5_LEN] {
    hash::md5(&[credential, b":", nonce, b":", trigger])
}

/// Blocks that [`outer`] hashes.
fn outer_cost(nonce: &[u8]) -> u32 {
    hash::blocks(nonce.len().saturating_add(24 + 1 + 1 + 24))
}

/// Blocks that trying the special nonce hashes.
pub(super) const SPECIAL_COST: u32 = 1;

/// The nonces of an entry: those configured, or the empty one.
pub(super) fn nonces(entry: &Entry) -> impl Iterator<Item = (NonceUsed, &[u8])> {
    let of = u32::try_from(entry.nonces.len()).unwrap_or(u32::MAX);
    let configured = (1u32..).zip(&entry.nonces).map(move |(number, nonce)| {
        let used = NonceUsed::Configured { number, of };
        (used, nonce.octets.expose())
    });
    let unset = entry.nonces.is_empty().then_some((NonceUsed::Unset, [].as_slice()));
    configured.chain(unset)
}

/// The nonces learned for the subject's server and device, newest first.
pub(super) fn learned<'l>(log: Learned<'l>, subject: &Subject<'_>) -> impl Iterator<Item = (NonceUsed, &'l [u8])> {
    let candidates = log.nonces(subject.server_id, subject.device);
    candidates.map(|candidate| (NonceUsed::Learned { frame: candidate.frame }, candidate.nonce.expose()))
}

/// Tries every key in force with its nonces, then the special nonce. The verdict is `valid`, `resync`, `unchecked`, or
/// `invalid` where deviations remain to be tried.
pub(super) fn standard(keys: &Keyring, log: Learned<'_>, subject: &Subject<'_>, digest: &[u8]) -> Verdict {
    let id = subject.server_id.unwrap_or(&[]);
    let mut verdict = Verdict::plain(Status::Unchecked);
    verdict.cost = hash::blocks(subject.trigger_octets().len());
    let listed = keys.for_server(Some(id));
    let entries = || {
        listed
            .clone()
            .filter(|(_, entry)| entry.in_force(subject.time))
            .filter_map(|(at, entry)| Some((at, entry, entry.credential(id)?)))
    };
    // Only the newest learned nonce is the one the server must use.
    let newest = learned(log, subject).next();
    // Where no key is to be tried there is nothing to hash.
    if entries().next().is_none() {
        return verdict;
    }
    let trigger = hash::b64(&hash::md5(&[subject.trigger_octets()]));
    for (at, entry, credential) in entries() {
        verdict.keys += 1;
        for (used, nonce) in nonces(entry).chain(newest) {
            verdict.tried += 1;
            verdict.cost = verdict.cost.saturating_add(outer_cost(nonce));
            if outer(&credential, nonce, &trigger) == *digest {
                return fits(verdict, Status::Valid, at, entry, used);
            }
        }
    }
    for (at, entry, credential) in entries() {
        verdict.tried += 1;
        verdict.cost = verdict.cost.saturating_add(SPECIAL_COST);
        if outer(&credential, &SPECIAL, &trigger) == *digest {
            return fits(verdict, Status::Resync, at, entry, NonceUsed::Special);
        }
    }
    if verdict.keys > 0 {
        verdict.status = Status::Invalid;
    }
    verdict
}

/// The verdict of a match by the standard.
pub(super) fn fits(mut verdict: Verdict, status: Status, at: usize, entry: &Entry, nonce: NonceUsed) -> Verdict {
    verdict.status = status;
    let (deviations, detail) = (Vec::new(), String::new());
    verdict.found = Some(Match { key: entry.label.clone(), entry: at, nonce, deviations, detail });
    verdict
}
