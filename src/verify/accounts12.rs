//! The keys a search for 1.2 deviations tries: those of the message's server, those not in force, those of other servers.
//!
//! Must not know how parts are combined.

use std::sync::Arc;

use super::deviation::{Deviation, Found};
use super::keyring::{Entry, Keyring};
use super::lanes::Batch;
use super::made12::Made;
use super::nonces::Learned;
use super::parts::{Axis, Octets, Part};
use super::rows_keys::NONCE_OTHER;
use super::subject::Subject;
use super::v12;
use super::variants12::{constants, credentials, empty, nonce};
use super::verdict::NonceUsed;

/// Learned nonces that are tried beside the newest one.
const LEARNED_MAX: usize = 16;

/// A key to search with, and what using it at all means.
pub(super) struct Account<'k> {
    pub(super) at: usize,
    pub(super) entry: &'k Entry,
    pub(super) base: Option<Found>,
    pub(super) base_note: &'static str,
    pub(super) credentials: Arc<Axis>,
    pub(super) nonces: Arc<Axis>,
}

/// An entry for this server that is in force.
pub(super) fn account<'k>(
    keys: &'k Keyring,
    (at, entry): (usize, &'k Entry),
    id: &[u8],
    log: Learned<'_>,
    subject: &Subject<'_>,
    batch: &mut Batch,
) -> Option<Account<'k>> {
    let password = entry.password.as_ref()?;
    let made = keys.made().get(at, id, batch, |batch| {
        let nonces = nonces(entry, &[]);
        Made::new(credentials(entry, id, password, batch), nonces)
    });
    let learned: Vec<_> = v12::learned(log, subject).take(LEARNED_MAX + 1).collect();
    let credentials = Arc::clone(&made.credentials);
    let nonces = if learned.is_empty() { Arc::clone(&made.nonces) } else { Arc::new(nonces(entry, &learned)) };
    Some(Account { at, entry, base: None, base_note: "", credentials, nonces })
}

/// The nonces to try with an entry: those configured, those learned (newest first), none, and those that are no key's.
fn nonces(entry: &Entry, learned: &[(NonceUsed, &[u8])]) -> Axis {
    let mut nonces = Axis::default();
    for ((used, octets), value) in v12::nonces(entry).zip(entry.nonces.iter().map(Some).chain([None])) {
        nonce(&mut nonces, octets, value, used, None);
    }
    for (position, &(used, octets)) in learned.iter().enumerate() {
        // Counted from the oldest that is looked at, as configured ones are counted from the first.
        let number = u32::try_from(learned.len() - position).unwrap_or(u32::MAX);
        let name = (position > 0).then(|| Found::number(&NONCE_OTHER, number));
        nonce(&mut nonces, octets, None, used, name);
    }
    if !entry.nonces.is_empty() {
        empty(&mut nonces);
    }
    constants(&mut nonces);
    nonces
}

/// The entries for this server that are not in force; nonces are counted over all entries of the server.
pub(super) fn out_of_force<'k>(keys: &'k Keyring, id: &'k [u8], subject: &Subject<'_>) -> Vec<Account<'k>> {
    let mut number = 0u32;
    let mut accounts = Vec::new();
    for (at, entry) in keys.for_server(Some(id)).filter(|(_, entry)| entry.password.is_some()) {
        let first = number;
        number = number.saturating_add(u32::try_from(v12::nonces(entry).count()).unwrap_or(u32::MAX));
        if entry.in_force(subject.time) {
            continue;
        }
        let Some(credential) = entry.credential(id) else { continue };
        let mut nonces = Axis::default();
        for (number, (used, octets)) in (first.saturating_add(1)..).zip(v12::nonces(entry)) {
            let name = Found::number(&NONCE_OTHER, number);
            nonces.add(Part::new(Octets::of(&[octets]), Some(name)).used(used));
        }
        let mut credentials = Axis::default();
        credentials.add(Part::new(Octets::of(&[credential.as_slice()]), None));
        let base_note = "the entry is not in force";
        let (credentials, nonces) = (Arc::new(credentials), Arc::new(nonces));
        accounts.push(Account { at, entry, base: None, base_note, credentials, nonces });
    }
    accounts
}

/// What of another server's entry is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// Its identifier, password and nonces: the digest another server would send.
    Whole,
    /// Its password and nonces with the identifier of the message, and the special nonce.
    Password,
    /// Its identifier and password with the special nonce.
    Special,
}

impl Other {
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::Password, Self::Special];

    /// The nonces that are tried, in this order.
    pub(super) fn nonces(self, entry: &Entry) -> impl Iterator<Item = (NonceUsed, &[u8])> {
        let own = (self != Self::Special).then(|| v12::nonces(entry)).into_iter().flatten();
        let special = (self != Self::Whole).then_some((NonceUsed::Special, v12::SPECIAL.as_slice()));
        own.chain(special)
    }
}

/// An entry for another server.
pub(super) fn other<'k>(
    at: usize,
    entry: &'k Entry,
    id: &[u8],
    row: &'static Deviation,
    how: Other,
) -> Option<Account<'k>> {
    let own = entry.id.as_deref()?;
    let (id, base_note) = match how {
        Other::Whole | Other::Special => (own, "with the identifier of its entry"),
        Other::Password => (id, "with the identifier of the message"),
    };
    let mut credentials = Axis::default();
    credentials.add(Part::new(Octets::of(&[entry.credential(id)?.as_slice()]), None));
    let mut nonces = Axis::default();
    for (used, octets) in how.nonces(entry) {
        nonces.add(Part::new(Octets::of(&[octets]), None).used(used));
    }
    let (credentials, nonces) = (Arc::new(credentials), Arc::new(nonces));
    Some(Account { at, entry, base: Some(Found::new(row)), base_note, credentials, nonces })
}
