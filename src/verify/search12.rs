//! Why a 1.2 digest does not verify: every known deviation, then pairs of them.
//!
//! Ordered by likelihood and bounded: a diagnosis costs at most 50 verifications, counted in the blocks that are hashed
//! (`bound` holds it, benches/verify.rs measures the time). A hit is reported only after the whole digest was compared again
//! through the `md5` crate. Must not know how parts are made.

use std::borrow::Cow;

use super::accounts12::{Account, Other, account, other, out_of_force};
use super::deviation::{Deviation, Found};
use super::hash;
use super::keyring::{Entry, Keyring};
use super::lanes::{Batch, Lanes, WAITING_COST};
use super::left::{Stage, Stopped};
use super::nonces::Learned;
use super::parts::{Axis, Octets, Part};
use super::rows_keys::{ID_CASE, OTHER_ACCOUNT};
use super::rows12::{NO_SEPARATORS, SESSION_CREDENTIAL};
use super::subject::Subject;
use super::v12::SPECIAL_COST;
use super::variants12::{constants, triggers};
use super::verdict::{Match, NonceUsed, Verdict};

/// Blocks a search may hash for each one that verification does,
const SHARE: u32 = 26;
/// and on top, because few keys have nearly as many deviations as many keys,
const FIXED: u32 = 36;
/// and where a long trigger takes many blocks, for each but the first, since every deviation of the trigger hashes them;
const LONG: u32 = 12;
/// but never more than this for each one that verification does,
const MOST: u32 = 47;
/// less what the last run may be too much.
const LAST: u32 = 8;
/// Of what is left when the keys of other servers are first tried, one part in this many goes to them.
const OTHERS_PART: u32 = 4;
/// Keys of this server that are made ready together: more would not stay in the processor's cache.
const READY: usize = 32;
/// Fewest blocks that all deviations with one key of another server cost.
const OTHER_COST: u32 = 4;

/// Blocks a search may hash where the standard reading hashed as many as this verdict says, and as many for the trigger.
fn bound(standard: &Verdict, trigger: u32) -> u32 {
    let special = u32::try_from(standard.keys).unwrap_or(u32::MAX).saturating_mul(SPECIAL_COST);
    // Without a key of this server nothing was verified: one key with a short nonce is the measure.
    let one = if standard.keys == 0 { standard.cost.saturating_add(1) } else { standard.cost.saturating_sub(special) };
    let long = trigger.saturating_sub(1).saturating_mul(LONG);
    let share = one.saturating_mul(SHARE).saturating_add(FIXED).saturating_add(long);
    share.min(one.saturating_mul(MOST).saturating_sub(special).saturating_sub(LAST + WAITING_COST))
}

/// How credential, nonce and trigger are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Standard,
    NoSeparators,
    Session,
}

impl Framing {
    const DEVIANT: [Self; 2] = [Self::Session, Self::NoSeparators];

    fn bit(self) -> u64 {
        self.row().map_or(0, Deviation::bit)
    }

    fn row(self) -> Option<&'static Deviation> {
        match self {
            Self::Standard => None,
            Self::NoSeparators => Some(&NO_SEPARATORS),
            Self::Session => Some(&SESSION_CREDENTIAL),
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

/// What the search found.
pub(super) struct Outcome {
    /// Least deviant first, in order of likelihood where equal.
    pub(super) matches: Vec<Match>,
    pub(super) tried: u32,
    pub(super) rows: u64,
    /// Blocks hashed.
    pub(super) cost: u32,
    /// The bound stopped the search.
    pub(super) bounded: bool,
    /// What it left out then.
    pub(super) left_out: Vec<Cow<'static, str>>,
}

impl Outcome {
    pub(super) const fn new() -> Self {
        Self { matches: Vec::new(), tried: 0, rows: 0, cost: 0, bounded: false, left_out: Vec::new() }
    }
}

struct Search<'s> {
    digest: [u8; 16],
    lanes: Lanes<Tag>,
    batch: Batch,
    triggers: Axis<'s>,
    constants: Axis<'static>,
    limit: u32,
    /// Where the bound was reached.
    stopped: Option<Stage>,
    /// Pairs that were not tried then.
    pairs: Vec<&'static str>,
    /// Keys of other servers that were tried.
    seen: usize,
    outcome: Outcome,
}

/// How many deviations come from credential, nonce and trigger, and how many from joining them; what products do comes first.
const MIXES: [([usize; 3], usize, &str); 14] = [
    ([0, 0, 0], 0, ""),
    ([0, 1, 0], 0, "nonce"),
    ([0, 0, 1], 0, "trigger"),
    ([1, 0, 0], 0, "credential"),
    ([0, 0, 0], 1, "joining"),
    ([2, 0, 0], 0, "both in the credential"),
    ([0, 2, 0], 0, "both in the nonce"),
    ([1, 1, 0], 0, "credential and nonce"),
    ([0, 0, 2], 0, "both in the trigger"),
    ([0, 1, 1], 0, "nonce and trigger"),
    ([1, 0, 1], 0, "credential and trigger"),
    ([0, 1, 0], 1, "nonce and joining"),
    ([1, 0, 0], 1, "credential and joining"),
    ([0, 0, 1], 1, "trigger and joining"),
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
    /// Blocks hashed so far. Inputs that wait for others are counted when they are hashed.
    fn spent(&self) -> u32 {
        self.lanes.cost().saturating_add(self.batch.cost())
    }

    /// Blocks that may still be hashed.
    fn room(&self) -> u32 {
        self.limit.saturating_sub(self.spent())
    }

    /// Whether the search is over: something fits, or the bound was reached.
    fn over(&self) -> bool {
        self.stopped.is_some() || !self.outcome.matches.is_empty()
    }

    /// Tries everything with `weight` deviations on top of the accounts' own, and keeps what fits.
    fn accounts(&mut self, stage: Stage, accounts: &[Account<'_>], weight: usize, passes: &[Pass]) {
        'all: for &pass in passes {
            for (at, account) in (0u32..).zip(accounts) {
                let before = self.outcome.tried;
                self.account(stage, at, account, weight, pass);
                if self.outcome.tried > before {
                    self.outcome.rows |= account.base.map_or(0, |base| base.row().bit());
                }
                if self.stopped.is_some() {
                    break 'all;
                }
            }
        }
        for tag in self.lanes.hits() {
            if let Some(account) = accounts.get(tag.account as usize) {
                self.keep(account, tag);
            }
        }
    }

    /// Tries the digests another server would send until no more than `rest` blocks are left. There may be very many entries:
    /// an account is made ready only where one fits. `lists` remember how far it came; `false` where it did not come to the end.
    fn others<'k>(
        &mut self,
        id: &[u8],
        hows: &[Other],
        lists: &mut [impl Iterator<Item = Entries<'k>>],
        rest: u32,
    ) -> bool {
        let mut tried = Vec::new();
        let mut all = true;
        'all: for (&how, list) in hows.iter().zip(lists) {
            loop {
                // Before anything is taken from the list: what is taken is tried.
                if self.room() <= rest {
                    all = false;
                    break 'all;
                }
                let some: Vec<Entries<'k>> = list.by_ref().take(16).collect();
                if some.is_empty() {
                    break;
                }
                self.some(id, how, &some, tried.len());
                tried.extend(some.into_iter().map(|(at, entry, row)| (at, entry, row, how)));
            }
        }
        for tag in self.lanes.hits() {
            let Some(&(at, entry, row, how)) = tried.get(tag.account as usize) else { continue };
            if let Some(account) = other(at, entry, id, row, how) {
                self.keep(&account, tag);
            }
        }
        self.seen += tried.iter().filter(|(.., how)| *how == Other::Whole).count();
        all
    }

    /// Tries a few entries of other servers, numbered from `first`.
    fn some(&mut self, id: &[u8], how: Other, some: &[Entries<'_>], first: usize) {
        let mut own = Vec::new();
        if how == Other::Password {
            for (_, entry, _) in some {
                let password = entry.password.as_ref().map_or([].as_slice(), |password| password.octets.expose());
                self.batch.put(&[id, b":", password]);
            }
            own.extend(self.batch.digests().iter().map(|digest| Octets::of(&[&hash::b64(digest)])));
        }
        let Some(trigger) = self.triggers.0[0].first() else { return };
        for (at, &(_, entry, row)) in some.iter().enumerate() {
            let Some(credential) = entry.credential_ref() else { continue };
            let credential = own.get(at).map_or(credential.as_slice(), |own| own.get());
            self.outcome.rows |= row.bit();
            let account = u32::try_from(first + at).unwrap_or(u32::MAX);
            for (n, (_, nonce)) in (0u16..).zip(how.nonces(entry)) {
                if self.lanes.cost() >= self.limit {
                    return;
                }
                self.outcome.tried += 1;
                let framing = Framing::Standard;
                let tag = Tag { account, credential: (0, 0), nonce: (0, n), trigger: (0, 0), framing };
                self.lanes.put(join([credential, nonce, trigger.octets.get()], framing, &mut [&[]; 5]), tag);
            }
        }
    }

    fn account(&mut self, stage: Stage, at: u32, account: &Account<'_>, weight: usize, pass: Pass) {
        for (weights, framing, name) in
            MIXES.iter().filter(|(weights, framing, _)| weights.iter().sum::<usize>() + framing == weight)
        {
            let framings: &[Framing] = if *framing == 0 { &[Framing::Standard] } else { &Framing::DEVIANT };
            if self.stopped.is_none() && !self.product((at, account), *weights, framings, pass) {
                self.stopped = Some(stage);
                // Of the keys behind this one no pair was tried.
                if at > 0 {
                    return;
                }
            }
            if self.stopped.is_some() && weight > 1 && self.has(account, *weights) {
                self.pairs.push(name);
            }
        }
    }

    /// Whether there is anything to combine.
    fn has(&self, account: &Account<'_>, [credential, nonce, trigger]: [usize; 3]) -> bool {
        let nonces = self.nonces(account, nonce).next().is_some();
        nonces && !account.credentials.0[credential].is_empty() && !self.triggers.0[trigger].is_empty()
    }

    /// The nonces to try with an account, by number of deviations.
    fn nonces<'a>(&'a self, account: &'a Account<'_>, weight: usize) -> impl Iterator<Item = &'a Part<'a>> {
        let constants = account.constants.then_some(&self.constants.0[weight]);
        account.nonces.0[weight].iter().chain(constants.into_iter().flatten())
    }

    /// Tries all combinations; `false` where the bound stopped it.
    fn product(
        &mut self,
        (at, account): (u32, &Account<'_>),
        weights: [usize; 3],
        framings: &[Framing],
        pass: Pass,
    ) -> bool {
        let [in_credentials, in_nonces, in_triggers] = weights.map(|weight| u8::try_from(weight).unwrap_or(u8::MAX));
        let likely = |part: &Part<'_>, weight: usize| weight == 0 || part.likely;
        let Self { lanes, batch, triggers, constants, limit, outcome, .. } = self;
        let constants = account.constants.then_some(&constants.0[weights[1]]);
        let inner = batch.cost();
        for (c, credential) in (0u16..).zip(&account.credentials.0[weights[0]]) {
            let first = pass == Pass::All || likely(credential, weights[0]);
            let nonces = account.nonces.0[weights[1]].iter().chain(constants.into_iter().flatten());
            for (n, nonce) in (0u16..).zip(nonces) {
                // The special nonce goes with what was seen in products only.
                if pass == Pass::Rest && nonce.nonce == NonceUsed::Special {
                    continue;
                }
                let second = first && (pass == Pass::All || likely(nonce, weights[1]));
                if pass == Pass::Likely && !second {
                    continue;
                }
                for (t, trigger) in (0u16..).zip(&triggers.0[weights[2]]) {
                    let all = second && (pass == Pass::All || likely(trigger, weights[2]));
                    if all == (pass == Pass::Rest) {
                        continue;
                    }
                    for &framing in framings {
                        // The session's formula takes no trigger: any one stands for all.
                        if framing == Framing::Session && (t > 0 || weights[2] > 0) {
                            continue;
                        }
                        if lanes.cost().saturating_add(inner) >= *limit {
                            return false;
                        }
                        outcome.tried += 1;
                        outcome.rows |= credential.rows | nonce.rows | trigger.rows | framing.bit();
                        let tag = Tag {
                            account: at,
                            credential: (in_credentials, c),
                            nonce: (in_nonces, n),
                            trigger: (in_triggers, t),
                            framing,
                        };
                        let parts = [credential, nonce, trigger].map(|part| part.octets.get());
                        lanes.put(join(parts, framing, &mut [&[]; 5]), tag);
                    }
                }
            }
        }
        true
    }

    fn keep(&mut self, account: &Account<'_>, tag: Tag) {
        let at = |(weight, at): (u8, u16)| (usize::from(weight), usize::from(at));
        let ((in_credentials, c), (in_nonces, n), (in_triggers, t)) =
            (at(tag.credential), at(tag.nonce), at(tag.trigger));
        let credential = account.credentials.0.get(in_credentials).and_then(|parts| parts.get(c));
        let trigger = self.triggers.0.get(in_triggers).and_then(|parts| parts.get(t));
        let (Some(credential), Some(nonce), Some(trigger)) =
            (credential, self.nonces(account, in_nonces.min(2)).nth(n), trigger)
        else {
            return;
        };
        let parts = [credential, nonce, trigger].map(|part| part.octets.get());
        if hash::md5(join(parts, tag.framing, &mut [&[]; 5])) != self.digest {
            return;
        }
        let names = [credential, nonce, trigger].into_iter().flat_map(|part| part.names).flatten();
        let joined = tag.framing.row().map(Found::new);
        let mut deviations: Vec<Found> = names.chain(account.base).chain(joined).collect();
        deviations.sort_by_key(|found| found.row().number);
        let notes = [account.base_note, credential.note, nonce.note, trigger.note];
        let detail = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
        let found =
            Match { key: account.entry.label.clone(), entry: account.at, nonce: nonce.nonce, deviations, detail };
        if !self.outcome.matches.contains(&found) {
            self.outcome.matches.push(found);
        }
    }
}

/// The keys of this server that are in force.
struct Own<'k> {
    entries: Vec<(usize, &'k Entry)>,
    /// Those that are ready, and how many stand before them.
    ready: Vec<Account<'k>>,
    before: usize,
}

impl<'k> Own<'k> {
    fn new(keys: &'k Keyring, id: &[u8], subject: &Subject<'_>) -> Self {
        let entries = keys.for_server(Some(id));
        let entries = entries.filter(|(_, entry)| entry.password.is_some() && entry.in_force(subject.time)).collect();
        Self { entries, ready: Vec::new(), before: 0 }
    }

    /// Makes the next few ready; `from` is how many stand before them. Gives how many stand before those behind them.
    fn make_ready(&mut self, from: usize, make: impl FnMut((usize, &'k Entry)) -> Option<Account<'k>>) -> usize {
        let some = self.entries.iter().skip(from).take(READY);
        let next = from.saturating_add(some.len());
        if self.ready.is_empty() || self.before != from {
            self.ready.clear();
            self.ready.extend(some.copied().filter_map(make));
            self.before = from;
        }
        next
    }
}

/// An entry of another server, and what using it means.
type Entries<'k> = (usize, &'k Entry, &'static Deviation);

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

/// Searches for the reason. `standard` is what the standard reading said.
pub(super) fn search(
    keys: &Keyring,
    log: Learned<'_>,
    subject: &Subject<'_>,
    digest: [u8; 16],
    standard: &Verdict,
) -> Outcome {
    let id = subject.server_id.unwrap_or(&[]);
    let mut batch = Batch::new();
    let triggers = triggers(subject, &mut batch);
    let mut search = Search {
        digest,
        lanes: Lanes::new(digest),
        batch,
        triggers,
        constants: constants(),
        limit: bound(standard, hash::blocks(subject.trigger_octets().len())),
        stopped: None,
        pairs: Vec::new(),
        seen: 0,
        outcome: Outcome::new(),
    };
    let mut own = Own::new(keys, id, subject);
    // With many keys the bound ends the search: what is likely comes first for all of them.
    let mut pass = |search: &mut Search<'_>, stage, weight, passes: &[Pass]| {
        let mut from = 0;
        while from < own.entries.len() && search.stopped.is_none() {
            let batch = &mut search.batch;
            from = own.make_ready(from, |(at, entry)| account(at, entry, id, log, subject, batch));
            search.accounts(stage, &own.ready, weight, passes);
        }
    };
    pass(&mut search, Stage::Singles, 1, &[Pass::Likely, Pass::Rest]);
    let out_of_force = out_of_force(keys, id, subject);
    if search.stopped.is_none() {
        search.accounts(Stage::OutOfForce, &out_of_force, 1, &[Pass::All]);
    }
    let list = || {
        let case = keys.other_case(id).map(|(at, entry)| (at, entry, &ID_CASE));
        let others = keys.entries().filter(|(_, entry)| {
            entry.id.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(id)) && entry.in_force(subject.time)
        });
        case.chain(others.map(|(at, entry)| (at, entry, &OTHER_ACCOUNT)))
    };
    let mut lists = [list(), list(), list()];
    let mut all = false;
    if !search.over() {
        let room = search.room();
        let in_force = standard.keys > 0;
        let rest = if in_force { room - room / OTHERS_PART } else { 0 };
        // That two things went wrong with a key of this server is likelier than that another one resynchronises.
        all = search.others(id, if in_force { &Other::ALL[..2] } else { &Other::ALL }, &mut lists, rest) && !in_force;
    }
    if !search.over() {
        pass(&mut search, Stage::LikelyPairs, 2, &[Pass::Likely]);
    }
    if !search.over() && !all {
        all = search.others(id, &Other::ALL, &mut lists, 0);
        search.stopped = (!all).then_some(Stage::MoreOthers);
    }
    if !search.over() {
        pass(&mut search, Stage::RarePairs, 2, &[Pass::Rest]);
    }
    if !search.over() {
        // No more accounts are made ready than the bound lets be tried.
        let some = list().take((search.room() / OTHER_COST) as usize + 1);
        let some: Vec<_> = some.filter_map(|(at, entry, row)| other(at, entry, id, row, Other::Whole)).collect();
        search.accounts(Stage::OthersDeviant, &some, 1, &[Pass::All]);
    }
    let Search { mut outcome, stopped, pairs, seen, lanes, batch, .. } = search;
    outcome.cost = lanes.cost().saturating_add(batch.cost());
    outcome.bounded = stopped.is_some();
    if let Some(at) = stopped {
        let others = keys.len() - keys.for_server(Some(id)).count();
        let others = (others, if all { others } else { seen });
        let (found, own, out_of_force) = (!outcome.matches.is_empty(), own.entries.len(), out_of_force.len());
        let stopped = Stopped { at, found, pairs: &pairs, others, out_of_force, own };
        outcome.left_out = stopped.left_out();
    }
    // Stable: in the order they were tried where equally deviant.
    outcome.matches.sort_by_key(|found| found.deviations.len());
    outcome
}
