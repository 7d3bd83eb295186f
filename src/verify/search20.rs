//! Why a 2.0 digest does not verify: every known deviation, then pairs of them.
//!
//! Ordered by likelihood and bounded: a diagnosis costs at most 50 verifications, counted in the blocks that are hashed. Must
//! not know how packages are dissected beyond the header's option count.

use std::borrow::Cow;
use std::iter::Peekable;

use super::deviation::{Deviation, Found};
use super::hash;
use super::keyring::{Entry, Keyring};
use super::parts::{Octets, encodings, whitespace};
use super::rows_keys::{ID_CASE, KEY_OUT_OF_RANGE, OTHER_ACCOUNT, SECRET_ENCODING, SECRET_WHITESPACE};
use super::rows20::{
    AUTH_DATA_APPENDED, DIGEST_IN_PLACE, HMAC, OPTION_COUNT_CHANGED, OPTION_LEFT_OUT, SECRET_APPENDED, SEPARATOR_OCTET,
    TIME_LITTLE_ENDIAN, TIME_ZEROED,
};
use super::search12::Outcome;
use super::subject::Subject;
use super::v20::zeroed;
use super::verdict::{Match, NonceUsed, Verdict};

/// Blocks a search may hash for each one that verification does.
const MOST: u32 = 37;
/// Of what is left when the keys of other servers are tried, one part in this many goes to them.
const OTHERS_PART: u32 = 2;
/// Octets of an option's header and of the time in front of the digest.
const BEFORE_DIGEST: usize = 2 + 4;

/// How secret and package are joined.
#[derive(Clone, Copy)]
enum Join<'k> {
    Standard,
    Appended,
    Separator(u8, &'static str),
    Hmac,
    AuthData(&'k [u8], &'static str),
}

impl Join<'_> {
    fn name(self) -> Option<Found> {
        match self {
            Self::Standard => None,
            Self::Appended => Some(Found::new(&SECRET_APPENDED)),
            Self::Separator(..) => Some(Found::new(&SEPARATOR_OCTET)),
            Self::Hmac => Some(Found::new(&HMAC)),
            Self::AuthData(..) => Some(Found::new(&AUTH_DATA_APPENDED)),
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Separator(_, note) | Self::AuthData(_, note) => note,
            _ => "",
        }
    }

    fn digest(self, secret: &[u8], package: &[u8]) -> [u8; hash::SHA256_LEN] {
        match self {
            Self::Standard => hash::sha256(&[secret, package]),
            Self::Appended => hash::sha256(&[package, secret]),
            Self::Separator(octet, _) => hash::sha256(&[secret, &[octet], package]),
            Self::Hmac => hash::hmac_sha256(secret, &[package]),
            Self::AuthData(data, _) => hash::sha256(&[secret, package, data]),
        }
    }

    /// Blocks that [`Join::digest`] hashes.
    fn cost(self, secret: &[u8], package: &[u8]) -> u32 {
        let both = secret.len().saturating_add(package.len());
        match self {
            Self::Standard | Self::Appended => hash::blocks(both),
            Self::Separator(..) => hash::blocks(both.saturating_add(1)),
            Self::AuthData(data, _) => hash::blocks(both.saturating_add(data.len())),
            Self::Hmac => {
                // Key and package, then key and digest; a long key is hashed first.
                let key = if secret.len() > hash::SHA256_BLOCK { hash::blocks(secret.len()) } else { 0 };
                let inner = hash::blocks(package.len().saturating_add(hash::SHA256_BLOCK));
                inner.saturating_add(key).saturating_add(hash::blocks(hash::SHA256_BLOCK + hash::SHA256_LEN))
            }
        }
    }
}

/// A package as it may have been hashed.
struct Package {
    octets: Vec<u8>,
    name: Option<Found>,
    note: &'static str,
    /// Put the digest over these octets in place and hash again.
    again: bool,
}

/// A secret as it may have been hashed.
struct Key<'k> {
    octets: Octets<'k>,
    name: Option<Found>,
    note: &'static str,
}

/// A key of this server: the entry, and its secret before its slips.
struct Own<'k> {
    at: usize,
    entry: &'k Entry,
    keys: Vec<Key<'k>>,
    joins: Vec<Join<'k>>,
}

/// Two deviations, by their positions.
#[derive(Clone, Copy)]
enum Pair {
    PackageJoin(usize, usize),
    SlipPackage(usize, usize),
    SlipJoin(usize, usize),
}

impl Pair {
    /// All of them for lists of these lengths, likely ones first: by the sum of both positions.
    fn all(packages: usize, slips: usize, joins: usize) -> impl Iterator<Item = Self> {
        type Make = fn(usize, usize) -> Pair;
        let kinds: [(Make, usize, usize); 3] = [
            (Self::PackageJoin, packages, joins),
            (Self::SlipPackage, slips, packages),
            (Self::SlipJoin, slips, joins),
        ];
        (0..packages + slips + joins).flat_map(move |sum| {
            kinds.into_iter().flat_map(move |(pair, firsts, seconds)| {
                let first = (sum + 1).saturating_sub(seconds);
                (first..firsts.min(sum + 1)).map(move |first| pair(first, sum - first))
            })
        })
    }
}

struct Search<'s> {
    digest: &'s [u8],
    at: usize,
    limit: u32,
    outcome: Outcome,
}

impl Search<'_> {
    /// Tries one reading; `false` where the bound forbids it.
    fn attempt(&mut self, entry: (usize, &Entry), key: &Key<'_>, package: &Package, join: Join<'_>) -> bool {
        let once = join.cost(key.octets.get(), &package.octets);
        let cost = self.outcome.cost.saturating_add(if package.again { once.saturating_mul(2) } else { once });
        if cost > self.limit {
            return false;
        }
        self.outcome.cost = cost;
        self.outcome.tried += 1;
        let names = [key.name, package.name, join.name()];
        for name in names.into_iter().flatten() {
            self.outcome.rows |= name.row().bit();
        }
        let mut digest = join.digest(key.octets.get(), &package.octets);
        if package.again {
            let mut filled = package.octets.clone();
            if let Some(place) = filled.get_mut(self.at..self.at + hash::SHA256_LEN) {
                place.copy_from_slice(&digest);
            }
            digest = join.digest(key.octets.get(), &filled);
        }
        if digest != *self.digest {
            return true;
        }
        let mut deviations: Vec<Found> = names.into_iter().flatten().collect();
        deviations.sort_by_key(|found| found.row().number);
        let notes = [key.note, package.note, join.note()];
        let detail = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
        let (at, entry) = entry;
        let found = Match { key: entry.label.clone(), entry: at, nonce: NonceUsed::None, deviations, detail };
        if !self.outcome.matches.contains(&found) {
            self.outcome.matches.push(found);
        }
        true
    }

    fn done(&self) -> bool {
        !self.outcome.matches.is_empty()
    }

    /// One deviation, with a key of this server; `false` where the bound stopped it.
    fn singles(&mut self, own: &Own<'_>, plain: &Package, deviant: &[Package]) -> bool {
        let Some((secret, slips)) = own.keys.split_first() else { return true };
        let entry = (own.at, own.entry);
        // A newline behind the secret is a slip before it is a separator.
        deviant.iter().all(|package| self.attempt(entry, secret, package, Join::Standard))
            && slips.iter().all(|slip| self.attempt(entry, slip, plain, Join::Standard))
            && own.joins.iter().all(|&join| self.attempt(entry, secret, plain, join))
    }

    /// Two deviations, with a key of this server; `false` where the bound stopped it.
    fn pair(&mut self, own: &Own<'_>, pair: Pair, plain: &Package, deviant: &[Package]) -> bool {
        let Some((secret, slips)) = own.keys.split_first() else { return true };
        let (key, package, join) = match pair {
            Pair::PackageJoin(package, join) => (Some(secret), deviant.get(package), own.joins.get(join)),
            Pair::SlipPackage(slip, package) => (slips.get(slip), deviant.get(package), Some(&Join::Standard)),
            Pair::SlipJoin(slip, join) => (slips.get(slip), Some(plain), own.joins.get(join)),
        };
        let (Some(key), Some(package), Some(&join)) = (key, package, join) else { return true };
        self.attempt((own.at, own.entry), key, package, join)
    }

    /// The keys that are no keys for the message, until only `rest` blocks are left for those of other servers. Gives how many
    /// of these were looked at.
    fn others<'k>(
        &mut self,
        list: &mut Peekable<impl Iterator<Item = Foreign<'k>>>,
        plain: &Package,
        rest: u32,
    ) -> usize {
        let mut tried = 0;
        while let Some(&(at, entry, row)) = list.peek() {
            let other = row.number == OTHER_ACCOUNT.number;
            if other && self.done() {
                break;
            }
            if let Some(secret) = &entry.secret {
                let key = Key { octets: Octets::Lent(secret.octets.expose()), name: Some(Found::new(row)), note: "" };
                let enough = other && self.limit.saturating_sub(self.outcome.cost) <= rest;
                if enough || !self.attempt((at, entry), &key, plain, Join::Standard) {
                    break;
                }
            }
            list.next();
            tried += usize::from(other);
        }
        tried
    }
}

/// Searches for the reason. `standard` is what the standard reading said.
pub(super) fn search(keys: &Keyring, subject: &Subject<'_>, digest: &[u8], standard: &Verdict) -> Outcome {
    let at = subject.digest.clone().unwrap_or_default().start;
    let packages = packages(subject, at);
    let Some((plain, deviant)) = packages.split_first() else { return Outcome::new() };
    // Without a key of this server nothing was verified: one key with a short secret is the measure.
    let one = if standard.keys == 0 { hash::blocks(plain.octets.len()) } else { standard.cost };
    let mut search = Search { digest, at, limit: one.saturating_mul(MOST), outcome: Outcome::new() };
    let own = keys.for_server(subject.server_id).filter(|(_, entry)| entry.in_force(subject.time));
    let own: Vec<_> = own
        .filter_map(|(at, entry)| Some(Own { at, entry, keys: keys_of(entry)?, joins: joins(entry).collect() }))
        .collect();
    let mut left: Vec<Cow<'static, str>> = Vec::new();
    let mut others = foreign(keys, subject).peekable();
    let longest = |of: fn(&Own<'_>) -> usize| own.iter().map(of).max().unwrap_or(0);
    let pairs = || Pair::all(deviant.len(), longest(|own| own.keys.len() - 1), longest(|own| own.joins.len()));
    if own.iter().all(|own| search.singles(own, plain, deviant)) {
        let room = search.limit.saturating_sub(search.outcome.cost);
        let rest = if own.is_empty() { 0 } else { room - room / OTHERS_PART };
        let mut tried = search.others(&mut others, plain, rest);
        // With many keys the bound ends the search: what is likely comes first for all of them.
        let all = search.done()
            || pairs().all(|pair| search.done() || own.iter().all(|own| search.pair(own, pair, plain, deviant)));
        if all {
            tried += search.others(&mut others, plain, 0);
        } else {
            left.push("some pairs of deviations".into());
        }
        if !search.done() && others.peek().is_some() {
            let all = keys.len() - keys.for_server(subject.server_id).count();
            left.push(format!("keys of other servers ({} of {all})", all.saturating_sub(tried)).into());
        }
    } else {
        left.push("some single deviations".into());
        if !search.done() {
            left.extend((others.peek().is_some()).then(|| "keys of other servers".into()));
            left.push("pairs of deviations".into());
        }
    }
    let mut outcome = search.outcome;
    outcome.bounded = !left.is_empty();
    outcome.left_out = left;
    // Stable: in the order they were tried where equally deviant.
    outcome.matches.sort_by_key(|found| found.deviations.len());
    outcome
}

/// An entry that is no key for the message, and what using it means.
type Foreign<'k> = (usize, &'k Entry, &'static Deviation);

/// Entries that are no keys for this message: out of date, in another case, of other servers.
fn foreign<'k>(keys: &'k Keyring, subject: &Subject<'k>) -> impl Iterator<Item = Foreign<'k>> {
    let time = subject.time;
    let old = keys.for_server(subject.server_id).filter(move |(_, entry)| !entry.in_force(time));
    let id = subject.server_id;
    let case = id.into_iter().flat_map(|id| keys.other_case(id));
    let others = keys.entries().filter(move |(_, entry)| {
        entry.in_force(time) && id.zip(entry.id.as_deref()).is_some_and(|(id, other)| !other.eq_ignore_ascii_case(id))
    });
    old.map(|(at, entry)| (at, entry, &KEY_OUT_OF_RANGE))
        .chain(case.map(|(at, entry)| (at, entry, &ID_CASE)))
        .chain(others.map(|(at, entry)| (at, entry, &OTHER_ACCOUNT)))
}

/// The secret of an entry and its slips, the secret itself first.
fn keys_of(entry: &Entry) -> Option<Vec<Key<'_>>> {
    let secret = entry.secret.as_ref()?;
    let mut out = vec![Key { octets: Octets::Lent(secret.octets.expose()), name: None, note: "" }];
    let slip = |row, octets, note| Key { octets, name: Some(Found::new(row)), note };
    encodings(secret, |octets, note| out.push(slip(&SECRET_ENCODING, octets, note)));
    whitespace(secret.octets.expose(), |octets, note| out.push(slip(&SECRET_WHITESPACE, octets, note)));
    Some(out)
}

/// The deviant ways to join, likely ones first. The account's authentication data may be what the entry calls its nonces.
fn joins(entry: &Entry) -> impl Iterator<Item = Join<'_>> {
    let fixed = [
        Join::Appended,
        Join::Hmac,
        Join::Separator(b'|', "a vertical bar (7C)"),
        Join::Separator(b':', "a colon (3A)"),
        Join::Separator(0, "a zero octet (00)"),
        Join::Separator(b'\n', "a newline (0A)"),
    ];
    let data = entry.auth_data.iter().map(|value| Join::AuthData(value.octets.expose(), "the entry's auth-data"));
    let nonces =
        entry.nonces.iter().map(|value| Join::AuthData(value.octets.expose(), "a nonce of the entry as auth-data"));
    data.chain(fixed).chain(nonces)
}

/// The package as the draft hashes it, then the deviant forms.
fn packages(subject: &Subject<'_>, at: usize) -> Vec<Package> {
    let octets = zeroed(subject).concat();
    let count = option_count(&octets);
    let mut out = Vec::with_capacity(10);
    let mut add = |octets: Vec<u8>, row, note| {
        out.push(Package { octets, name: Some(Found::new(row)), note, again: false });
    };
    let time = at.saturating_sub(4)..at;
    let mut other = octets.clone();
    if let Some(time) = other.get_mut(time.clone()) {
        time.fill(0);
        add(other, &TIME_ZEROED, "");
    }
    let mut other = octets.clone();
    if let Some(time) = other.get_mut(time) {
        time.reverse();
        add(other, &TIME_LITTLE_ENDIAN, "");
    }
    let option = at.saturating_sub(BEFORE_DIGEST)..at + hash::SHA256_LEN;
    if let (Some(before), Some(behind)) = (octets.get(..option.start), octets.get(option.end..)) {
        let without = [before, behind].concat();
        if let Some(less) = count.checked_sub(1) {
            add(with_count(&without, less), &OPTION_LEFT_OUT, "the option count without it");
        }
        add(without, &OPTION_LEFT_OUT, "the option count as sent");
    }
    if let Some(less) = count.checked_sub(1) {
        add(with_count(&octets, less), &OPTION_COUNT_CHANGED, "one less");
    }
    add(with_count(&octets, count + 1), &OPTION_COUNT_CHANGED, "one more");
    if count > 1 {
        add(with_count(&octets, 0), &OPTION_COUNT_CHANGED, "zero");
    }
    out.insert(0, Package { octets: octets.clone(), name: None, note: "", again: false });
    out.insert(1, Package { octets, name: Some(Found::new(&DIGEST_IN_PLACE)), note: "", again: true });
    out
}

/// The option count: the low four bits of octet 0 and the high bit of octet 1.
fn option_count(package: &[u8]) -> u8 {
    match package {
        [first, second, ..] => (first & 0x0f) << 1 | second >> 7,
        _ => 0,
    }
}

/// The package with another option count.
fn with_count(package: &[u8], count: u8) -> Vec<u8> {
    let mut package = package.to_vec();
    if let [first, second, ..] = package.as_mut_slice() {
        *first = *first & 0xf0 | count >> 1 & 0x0f;
        *second = *second & 0x7f | count << 7;
    }
    package
}
