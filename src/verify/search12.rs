//! Why a 1.2 digest does not verify: every known deviation, then pairs of them.
//!
//! Ordered by likelihood and bounded: [`PER_MESSAGE`] and [`PER_TRY`] keep the cost of a diagnosis within 50 verifications
//! (benches/verify.rs measures it). A hit is reported only after the whole digest was compared
//! again through the `md5` crate. Must not know how parts are made.

use super::deviation::{Deviation, Found};
use super::hash;
use super::keyring::{Entry, Keyring};
use super::lanes::Lanes;
use super::rows_keys::{ID_CASE, NONCE_OTHER, OTHER_ACCOUNT};
use super::rows12::{NO_SEPARATORS, SESSION_CREDENTIAL};
use super::subject::{Candidate, Subject};
use super::v12;
use super::variants12::{Axis, Octets, Part, constants, credentials, nonce, triggers};
use super::verdict::{Match, NonceUsed};

/// Digests the search may compute for a message,
const PER_MESSAGE: u32 = 100;
/// and for each one of the standard reading on top.
const PER_TRY: u32 = 24;
/// Learned nonces that are tried beside the newest one.
const LEARNED_MAX: usize = 16;

/// How credential, nonce and trigger are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Standard,
    NoSeparators,
    Session,
}

impl Framing {
    const DEVIANT: [Self; 2] = [Self::Session, Self::NoSeparators];

    fn name(self) -> Option<Found> {
        match self {
            Self::Standard => None,
            Self::NoSeparators => Some(Found::new(&NO_SEPARATORS)),
            Self::Session => Some(Found::new(&SESSION_CREDENTIAL)),
        }
    }
}

/// Where a digest came from: indices into the axes, by weight and position.
#[derive(Clone, Copy)]
struct Tag {
    account: u32,
    credential: (u8, u16),
    nonce: (u8, u16),
    trigger: (u8, u16),
    framing: Framing,
}

/// A key to search with, and what using it at all means.
struct Account<'k> {
    at: usize,
    entry: &'k Entry,
    base: Option<Found>,
    base_note: &'static str,
    credentials: Axis<'k>,
    nonces: Axis<'k>,
}

/// What the search found.
pub(super) struct Outcome {
    /// Least deviant first, in order of likelihood where equal.
    pub(super) matches: Vec<Match>,
    pub(super) tried: u32,
    pub(super) bounded: bool,
    pub(super) rows: u64,
}

struct Search<'s> {
    digest: [u8; 16],
    lanes: Lanes<Tag>,
    triggers: Axis<'s>,
    limit: u32,
    outcome: Outcome,
}

/// How many deviations come from credential, nonce and trigger, and how many from the framing; what products do comes first.
const MIXES: [([usize; 3], usize); 14] = [
    ([0, 0, 0], 0),
    ([0, 1, 0], 0),
    ([0, 0, 1], 0),
    ([1, 0, 0], 0),
    ([0, 0, 0], 1),
    ([2, 0, 0], 0),
    ([0, 2, 0], 0),
    ([1, 1, 0], 0),
    ([0, 0, 2], 0),
    ([0, 1, 1], 0),
    ([1, 0, 1], 0),
    ([0, 1, 0], 1),
    ([1, 0, 0], 1),
    ([0, 0, 1], 1),
];

/// Which pairs a pass tries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Everything of this weight.
    All,
    /// Only what was seen in products.
    Likely,
    /// Only what the likely pass left out.
    Rest,
}

impl Search<'_> {
    /// Tries everything with `weight` deviations on top of the accounts' own, and keeps what fits.
    fn accounts(&mut self, accounts: &[Account<'_>], weight: usize, pass: Pass) {
        for (at, account) in (0u32..).zip(accounts) {
            if self.outcome.bounded {
                break;
            }
            let before = self.outcome.tried;
            self.account(at, account, weight, pass);
            if self.outcome.tried > before {
                self.outcome.rows |= account.base.map_or(0, |base| base.row().bit());
            }
        }
        for tag in self.lanes.hits() {
            if let Some(account) = accounts.get(tag.account as usize) {
                self.keep(account, tag);
            }
        }
    }

    /// Tries the digests other servers would send. There may be very many: an account is made ready only where one fits.
    fn foreign<'k>(&mut self, id: &[u8], list: impl Iterator<Item = (usize, &'k Entry, &'static Deviation)>) {
        let mut tried = Vec::new();
        let Some(trigger) = self.triggers.0[0].first() else { return };
        'entries: for (at, entry, row) in list {
            let Some(credential) = entry.credential_ref() else { continue };
            self.outcome.rows |= row.bit();
            for (n, (_, nonce)) in (0u16..).zip(v12::nonces(entry)) {
                if self.outcome.tried == self.limit {
                    self.outcome.bounded = true;
                    break 'entries;
                }
                self.outcome.tried += 1;
                let account = u32::try_from(tried.len()).unwrap_or(u32::MAX);
                let framing = Framing::Standard;
                let tag = Tag { account, credential: (0, 0), nonce: (0, n), trigger: (0, 0), framing };
                let parts = [credential.as_slice(), nonce, trigger.octets.get()];
                self.lanes.put(join(parts, framing, &mut [&[]; 5]), tag);
            }
            tried.push((at, entry, row));
        }
        for tag in self.lanes.hits() {
            let Some(&(at, entry, row)) = tried.get(tag.account as usize) else { continue };
            if let Some(account) = foreign(at, entry, id, row, Foreign::Whole) {
                self.keep(&account, tag);
            }
        }
    }

    fn account(&mut self, at: u32, account: &Account<'_>, weight: usize, pass: Pass) {
        for (weights, framing) in
            MIXES.iter().filter(|(weights, framing)| weights.iter().sum::<usize>() + framing == weight)
        {
            let framings: &[Framing] = if *framing == 0 { &[Framing::Standard] } else { &Framing::DEVIANT };
            self.product((at, account), *weights, framings, pass);
        }
    }

    fn product(&mut self, (at, account): (u32, &Account<'_>), weights: [usize; 3], framings: &[Framing], pass: Pass) {
        let [credentials, nonces, triggers] =
            [&account.credentials.0[weights[0]], &account.nonces.0[weights[1]], &self.triggers.0[weights[2]]];
        let [in_credentials, in_nonces, in_triggers] = weights.map(|weight| u8::try_from(weight).unwrap_or(u8::MAX));
        let likely = |part: &Part<'_>, weight: usize| weight == 0 || part.likely;
        let bits = |names: &[Option<Found>]| names.iter().flatten().fold(0, |bits, name| bits | name.row().bit());
        for (c, credential) in (0u16..).zip(credentials) {
            let first = pass == Pass::All || likely(credential, weights[0]);
            let credential_bits = bits(&credential.names);
            for (n, nonce) in (0u16..).zip(nonces) {
                // The special nonce goes with what was seen in products only.
                if pass == Pass::Rest && nonce.nonce == NonceUsed::Special {
                    continue;
                }
                let second = first && (pass == Pass::All || likely(nonce, weights[1]));
                let nonce_bits = bits(&nonce.names);
                for (t, trigger) in (0u16..).zip(triggers) {
                    let all = second && (pass == Pass::All || likely(trigger, weights[2]));
                    if all == (pass == Pass::Rest) {
                        continue;
                    }
                    for &framing in framings {
                        // The session's formula takes no trigger: any one stands for all.
                        if framing == Framing::Session && (t > 0 || weights[2] > 0) {
                            continue;
                        }
                        if self.outcome.tried == self.limit {
                            self.outcome.bounded = true;
                            return;
                        }
                        self.outcome.tried += 1;
                        let named = bits(&trigger.names) | bits(&[framing.name()]);
                        self.outcome.rows |= credential_bits | nonce_bits | named;
                        let tag = Tag {
                            account: at,
                            credential: (in_credentials, c),
                            nonce: (in_nonces, n),
                            trigger: (in_triggers, t),
                            framing,
                        };
                        let parts = [credential, nonce, trigger].map(|part| part.octets.get());
                        self.lanes.put(join(parts, framing, &mut [&[]; 5]), tag);
                    }
                }
            }
        }
    }

    fn keep(&mut self, account: &Account<'_>, tag: Tag) {
        let part = |axis: &'_ Axis<'_>, (weight, at): (u8, u16)| -> Option<usize> {
            axis.0.get(usize::from(weight))?.get(usize::from(at))?;
            Some(usize::from(at))
        };
        let (Some(c), Some(n), Some(t)) = (
            part(&account.credentials, tag.credential),
            part(&account.nonces, tag.nonce),
            part(&self.triggers, tag.trigger),
        ) else {
            return;
        };
        let credential = &account.credentials.0[usize::from(tag.credential.0)][c];
        let nonce = &account.nonces.0[usize::from(tag.nonce.0)][n];
        let trigger = &self.triggers.0[usize::from(tag.trigger.0)][t];
        let parts = [credential, nonce, trigger].map(|part| part.octets.get());
        if hash::md5(join(parts, tag.framing, &mut [&[]; 5])) != self.digest {
            return;
        }
        let names = [credential, nonce, trigger].into_iter().flat_map(|part| part.names).flatten();
        let mut deviations: Vec<Found> = names.chain(account.base).chain(tag.framing.name()).collect();
        deviations.sort_by_key(|found| found.row().number);
        let notes = [account.base_note, credential.note, nonce.note, trigger.note];
        let detail = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
        let found =
            Match { key: account.entry.label.clone(), entry: account.at, nonce: nonce.nonce, deviations, detail };
        if !self.outcome.matches.contains(&found) {
            self.outcome.matches.push(found);
        }
    }

    /// A pass finds the least deviant ways: later passes are needed only while nothing fits.
    fn done(&self) -> bool {
        !self.outcome.matches.is_empty()
    }
}

/// The parts in the order they are hashed.
fn join<'j, 'p>(parts: [&'p [u8]; 3], framing: Framing, room: &'j mut [&'p [u8]; 5]) -> &'j [&'p [u8]] {
    let [credential, nonce, trigger] = parts;
    *room = match framing {
        Framing::Standard => [credential, b":", nonce, b":", trigger],
        Framing::NoSeparators => [credential, nonce, trigger, b"", b""],
        Framing::Session => [credential, b":", nonce, b"", b""],
    };
    room
}

/// Searches for the reason. `standard` is the number of digests the standard reading computed.
pub(super) fn search(
    keys: &Keyring,
    log: &[Candidate],
    subject: &Subject<'_>,
    digest: [u8; 16],
    standard: u32,
) -> Outcome {
    let id = subject.server_id.unwrap_or(&[]);
    let outcome = Outcome { matches: Vec::new(), tried: 0, bounded: false, rows: 0 };
    let limit = standard.max(2).saturating_mul(PER_TRY).saturating_add(PER_MESSAGE);
    let mut search = Search { digest, lanes: Lanes::new(digest), triggers: triggers(subject), limit, outcome };
    let own = || keys.for_server(Some(id));
    let in_force: Vec<_> = own()
        .filter(|(_, entry)| entry.in_force(subject.time))
        .filter_map(|(at, entry)| account(at, entry, id, log, subject))
        .collect();
    // With many keys the bound ends the search: what is likely comes first for all of them.
    for pass in [Pass::Likely, Pass::Rest] {
        search.accounts(&in_force, 1, pass);
    }
    search.accounts(&out_of_range(keys, id, subject), 1, Pass::All);
    let case = || keys.other_case(id).map(|(at, entry)| (at, entry, &ID_CASE));
    let others = || {
        let others = keys.entries().filter(|(_, entry)| {
            entry.id.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(id)) && entry.in_force(subject.time)
        });
        others.map(|(at, entry)| (at, entry, &OTHER_ACCOUNT))
    };
    // No more accounts are made ready than the bound lets be tried.
    let room = |search: &Search<'_>| search.limit.saturating_sub(search.outcome.tried) as usize;
    if !search.done() {
        search.foreign(id, case().chain(others()));
    }
    for how in [Foreign::Password, Foreign::Special] {
        let list = case().chain(others()).filter(|_| !search.done());
        let list: Vec<_> =
            list.take(room(&search)).filter_map(|(at, entry, row)| foreign(at, entry, id, row, how)).collect();
        search.accounts(&list, 0, Pass::All);
    }
    for pass in [Pass::Likely, Pass::Rest] {
        if !search.done() {
            search.accounts(&in_force, 2, pass);
        }
    }
    if !search.done() {
        let list = case().chain(others()).take(room(&search));
        let list: Vec<_> = list.filter_map(|(at, entry, row)| foreign(at, entry, id, row, Foreign::Whole)).collect();
        search.accounts(&list, 1, Pass::All);
    }
    // Stable: in the order they were tried where equally deviant.
    search.outcome.matches.sort_by_key(|found| found.deviations.len());
    search.outcome
}

/// An entry for this server that is in force.
fn account<'k>(
    at: usize,
    entry: &'k Entry,
    id: &[u8],
    log: &'k [Candidate],
    subject: &Subject<'_>,
) -> Option<Account<'k>> {
    let password = entry.password.as_ref()?;
    let mut nonces = Axis::default();
    for ((used, octets), value) in v12::nonces(entry).zip(entry.nonces.iter().map(Some).chain([None])) {
        nonce(&mut nonces, octets, value, used, None);
    }
    let learned: Vec<_> = v12::learned(log, subject).take(LEARNED_MAX + 1).collect();
    for (position, &(used, octets)) in learned.iter().enumerate() {
        // Counted from the oldest that is looked at, as configured ones are counted from the first.
        let number = u32::try_from(learned.len() - position).unwrap_or(u32::MAX);
        let name = (position > 0).then(|| Found::number(&NONCE_OTHER, number));
        nonce(&mut nonces, octets, None, used, name);
    }
    constants(&mut nonces, !entry.nonces.is_empty());
    let credentials = credentials(entry, id, password);
    Some(Account { at, entry, base: None, base_note: "", credentials, nonces })
}

/// The entries for this server that are not in force; nonces are counted over all entries of the server.
fn out_of_range<'k>(keys: &'k Keyring, id: &'k [u8], subject: &Subject<'_>) -> Vec<Account<'k>> {
    let time = subject.time;
    let mut number = 0;
    let mut accounts = Vec::new();
    for (at, entry) in keys.for_server(Some(id)) {
        let Some(credential) = entry.credential(id) else { continue };
        let mut nonces = Axis::default();
        for (used, octets) in v12::nonces(entry) {
            number += 1;
            let name = Found::number(&NONCE_OTHER, number);
            nonces.add(Part::new(Octets::Lent(octets), Some(name)).used(used));
        }
        if entry.in_force(time) {
            continue;
        }
        let mut credentials = Axis::default();
        credentials.add(Part::new(Octets::own(credential.to_vec()), None));
        accounts.push(Account { at, entry, base: None, base_note: "the entry is not in force", credentials, nonces });
    }
    accounts
}

/// What of another server's entry is tried.
#[derive(Clone, Copy)]
enum Foreign {
    /// Its identifier, password and nonces: the digest another server would send.
    Whole,
    /// Its password and nonces with the identifier of the message.
    Password,
    /// Its identifier and password with the special nonce.
    Special,
}

/// An entry for another server.
fn foreign<'k>(at: usize, entry: &'k Entry, id: &[u8], row: &'static Deviation, how: Foreign) -> Option<Account<'k>> {
    let own = entry.id.as_deref()?;
    let (id, base_note) = match how {
        Foreign::Whole | Foreign::Special => (own, "with the identifier of its entry"),
        Foreign::Password => (id, "with the identifier of the message"),
    };
    let mut credentials = Axis::default();
    credentials.add(Part::new(Octets::own(entry.credential(id)?.to_vec()), None));
    let mut nonces = Axis::default();
    if !matches!(how, Foreign::Special) {
        for (used, octets) in v12::nonces(entry) {
            nonces.add(Part::new(Octets::Lent(octets), None).used(used));
        }
    }
    if !matches!(how, Foreign::Whole) {
        nonces.add(Part::new(Octets::Lent(&v12::SPECIAL), None).used(NonceUsed::Special));
    }
    Some(Account { at, entry, base: Some(Found::new(row)), base_note, credentials, nonces })
}
