//! Why a 1.2 digest does not verify: every known deviation, then pairs of them.
//!
//! Ordered by likelihood and bounded: a diagnosis costs at most 50 verifications, counted in the blocks that are hashed
//! (`bound` holds it, benches/verify.rs measures the time). A hit is reported only after the whole digest was compared again
//! through the `md5` crate. Must not know how parts are made.

use std::borrow::Cow;
use std::cell::Cell;

use super::accounts12::{Account, Other, account, other, out_of_force};
use super::deviation::{Deviation, Found};
use super::hash;
use super::keyring::{Entry, Keyring};
use super::lanes::{Batch, Lanes, NOTHING, Piece, WAITING_COST};
use super::left::{Stage, Stopped};
use super::nonces::Learned;
use super::parts::{Axis, Octets};
use super::rows_keys::{ID_CASE, OTHER_ACCOUNT};
use super::rows12::{NO_SEPARATORS, SESSION_CREDENTIAL};
use super::subject::Subject;
use super::v12::SPECIAL_COST;
use super::variants12::{Fed, triggers};
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

    /// Whether a colon follows the credential, and the nonce.
    const fn colons(self) -> [bool; 2] {
        match self {
            Self::Standard => [true, true],
            Self::NoSeparators => [false, false],
            Self::Session => [true, false],
        }
    }

    fn row(self) -> Option<&'static Deviation> {
        match self {
            Self::Standard => None,
            Self::NoSeparators => Some(&NO_SEPARATORS),
            Self::Session => Some(&SESSION_CREDENTIAL),
        }
    }
}

/// Where a digest came from: credential, nonce and trigger, by weight and by their places in the axes.
#[derive(Clone, Copy)]
struct Tag {
    account: u32,
    places: [u16; 3],
    weights: [u8; 3],
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

/// Room that a search needs: the next one of the thread takes it over, with nothing in it.
struct Room {
    lanes: Lanes<Tag>,
    batch: Batch,
    triggers: Axis,
    fed: Vec<Fed>,
}

thread_local! {
    static SPARE: Cell<Option<Box<Room>>> = const { Cell::new(None) };
}

impl Room {
    fn take() -> Box<Self> {
        SPARE.take().unwrap_or_else(|| {
            Box::new(Self { lanes: Lanes::new(), batch: Batch::new(), triggers: Axis::default(), fed: Vec::new() })
        })
    }

    fn give_back(mut self: Box<Self>) {
        self.lanes.wipe();
        self.batch.wipe();
        self.triggers.clear();
        SPARE.set(Some(self));
    }
}

struct Search {
    digest: [u8; 16],
    room: Box<Room>,
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

impl Search {
    /// Blocks hashed so far. Inputs that wait for others are counted when they are hashed.
    fn spent(&self) -> u32 {
        self.room.lanes.cost().saturating_add(self.room.batch.cost())
    }

    /// Blocks that may still be hashed.
    fn left(&self) -> u32 {
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
        for tag in self.room.lanes.hits() {
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
                if self.left() <= rest {
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
        for tag in self.room.lanes.hits() {
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
                self.room.batch.put(&[id, b":", password]);
            }
            own.extend(self.room.batch.digests().iter().map(|digest| Octets::of(&[&hash::b64(digest)])));
        }
        for (at, &(_, entry, row)) in some.iter().enumerate() {
            let Some(credential) = entry.credential_ref() else { continue };
            let credential = own.get(at).map_or(Piece::Base64(credential), Octets::piece);
            self.outcome.rows |= row.bit();
            let account = u32::try_from(first + at).unwrap_or(u32::MAX);
            for (n, (_, nonce)) in (0u16..).zip(how.nonces(entry)) {
                let Room { lanes, triggers, .. } = &mut *self.room;
                let Some(trigger) = triggers.get(0, 0).filter(|_| lanes.cost() < self.limit) else { return };
                self.outcome.tried += 1;
                let framing = Framing::Standard;
                let pieces = [credential, Piece::Any(nonce), trigger.octets.piece()];
                lanes.put(&join(pieces, framing), Tag { account, places: [0, n, 0], weights: [0; 3], framing });
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
        let triggers = &self.room.triggers;
        !(account.nonces.is_empty(nonce) || account.credentials.is_empty(credential) || triggers.is_empty(trigger))
    }

    /// Tries all combinations; `false` where the bound stopped it.
    fn product(
        &mut self,
        (at, account): (u32, &Account<'_>),
        weights: [usize; 3],
        framings: &[Framing],
        pass: Pass,
    ) -> bool {
        let Self { room, limit, outcome, .. } = self;
        let Room { lanes, batch, triggers, .. } = &mut **room;
        let limit = limit.saturating_sub(batch.cost());
        let some = pass == Pass::Likely;
        let octets = weights.map(|weight| u8::try_from(weight).unwrap_or(u8::MAX));
        for (c, credential) in account.credentials.ways(weights[0], some) {
            for (n, nonce) in account.nonces.ways(weights[1], some) {
                // The special nonce goes with what was seen in products only.
                if pass == Pass::Rest && nonce.nonce == NonceUsed::Special {
                    continue;
                }
                let done = pass == Pass::Rest && credential.likely && nonce.likely;
                let rows = credential.rows | nonce.rows;
                let start = credential.octets.short().zip(nonce.octets.short());
                for (t, trigger) in triggers.ways(weights[2], some) {
                    if done && trigger.likely {
                        continue;
                    }
                    for &framing in framings {
                        // The session's formula takes no trigger: any one stands for all.
                        if framing == Framing::Session && (t > 0 || weights[2] > 0) {
                            continue;
                        }
                        if lanes.cost() >= limit {
                            return false;
                        }
                        outcome.tried += 1;
                        outcome.rows |= rows | trigger.rows | framing.bit();
                        let tag = Tag { account: at, places: [c, n, t], weights: octets, framing };
                        if let Some(((credential, nonce), trigger)) = start.zip(trigger.octets.short()) {
                            let trigger = if framing == Framing::Session { NOTHING } else { trigger };
                            lanes.put_short([credential, nonce, trigger], framing.colons(), tag);
                        } else {
                            let pieces = [credential, nonce, trigger].map(|part| part.octets.piece());
                            lanes.put(&join(pieces, framing), tag);
                        }
                    }
                }
            }
        }
        true
    }

    fn keep(&mut self, account: &Account<'_>, tag: Tag) {
        let axes = [&*account.credentials, &*account.nonces, &self.room.triggers];
        let part = |at: usize| axes[at].get(usize::from(tag.weights[at]), usize::from(tag.places[at]));
        let (Some(credential), Some(nonce), Some(trigger)) = (part(0), part(1), part(2)) else { return };
        let parts = [credential, nonce, trigger].map(|part| part.octets.piece());
        if hash::md5_of(join(parts, tag.framing).into_iter().map(Piece::octets)) != self.digest {
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
const fn join([credential, nonce, trigger]: [Piece<'_>; 3], framing: Framing) -> [Piece<'_>; 5] {
    match framing {
        Framing::Standard => [credential, Piece::COLON, nonce, Piece::COLON, trigger],
        Framing::NoSeparators => [credential, Piece::EMPTY, nonce, Piece::EMPTY, trigger],
        Framing::Session => [credential, Piece::COLON, nonce, Piece::EMPTY, Piece::EMPTY],
    }
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
    let mut room = Room::take();
    let Room { lanes, batch, triggers: axis, fed } = &mut *room;
    lanes.begin(digest);
    triggers(subject, batch, fed, axis);
    let mut search = Search {
        digest,
        room,
        limit: bound(standard, hash::blocks(subject.trigger_octets().len())),
        stopped: None,
        pairs: Vec::new(),
        seen: 0,
        outcome: Outcome::new(),
    };
    let mut own = Own::new(keys, id, subject);
    // With many keys the bound ends the search: what is likely comes first for all of them.
    let mut pass = |search: &mut Search, stage, weight, passes: &[Pass]| {
        let mut from = 0;
        while from < own.entries.len() && search.stopped.is_none() {
            let batch = &mut search.room.batch;
            from = own.make_ready(from, |entry| account(keys, entry, id, log, subject, batch));
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
        let left = search.left();
        let in_force = standard.keys > 0;
        let rest = if in_force { left - left / OTHERS_PART } else { 0 };
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
        let some = list().take((search.left() / OTHER_COST) as usize + 1);
        let some: Vec<_> = some.filter_map(|(at, entry, row)| other(at, entry, id, row, Other::Whole)).collect();
        search.accounts(Stage::OthersDeviant, &some, 1, &[Pass::All]);
    }
    let spent = search.spent();
    let Search { mut outcome, stopped, pairs, seen, room, .. } = search;
    room.give_back();
    outcome.cost = spent;
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
