//! Why a 2.0 digest does not verify: every known deviation, then pairs of them.
//!
//! Ordered by likelihood and bounded to [`PER_TRY`] digests for each one the standard reading computes. Must not know how
//! packages are dissected beyond the header's option count.

use zeroize::Zeroizing;

use super::deviation::Found;
use super::hash;
use super::keyring::{Entry, Keyring};
use super::rows_keys::{ID_CASE, KEY_OUT_OF_RANGE, OTHER_ACCOUNT, SECRET_ENCODING, SECRET_WHITESPACE};
use super::rows20::{
    AUTH_DATA_APPENDED, DIGEST_IN_PLACE, HMAC, OPTION_COUNT_CHANGED, OPTION_LEFT_OUT, SECRET_APPENDED, SEPARATOR_OCTET,
    TIME_LITTLE_ENDIAN, TIME_ZEROED,
};
use super::search12::Outcome;
use super::subject::Subject;
use super::v20::zeroed;
use super::variants12::{Octets, encodings, whitespace};
use super::verdict::{Match, NonceUsed};

/// Digests the search may compute for each one of the standard reading.
const PER_TRY: u32 = 34;
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

struct Search<'s> {
    digest: &'s [u8],
    at: usize,
    left: u32,
    outcome: Outcome,
}

impl Search<'_> {
    fn attempt(&mut self, entry: (usize, &Entry), key: &Key<'_>, package: &Package, join: Join<'_>) {
        if self.left == 0 {
            self.outcome.bounded = true;
            return;
        }
        self.left -= 1;
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
            return;
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
    }

    fn done(&self) -> bool {
        !self.outcome.matches.is_empty()
    }
}

/// Searches for the reason. `standard` is the number of digests the standard reading computed.
pub(super) fn search(keys: &Keyring, subject: &Subject<'_>, digest: &[u8], standard: u32) -> Outcome {
    let at = subject.digest.clone().unwrap_or_default().start;
    let outcome = Outcome { matches: Vec::new(), tried: 0, bounded: false, rows: 0 };
    let mut search = Search { digest, at, left: standard.max(1).saturating_mul(PER_TRY), outcome };
    let packages = packages(subject, at);
    let Some((plain, deviant)) = packages.split_first() else { return search.outcome };
    let own = || {
        let own = keys.for_server(subject.server_id).filter(|(_, entry)| entry.in_force(subject.time));
        own.filter_map(|(at, entry)| Some((at, entry, keys_of(entry)?)))
    };
    for (at, entry, secrets) in own() {
        let Some((secret, slips)) = secrets.split_first() else { continue };
        for package in deviant {
            search.attempt((at, entry), secret, package, Join::Standard);
        }
        // A newline behind the secret is a slip before it is a separator.
        for slip in slips {
            search.attempt((at, entry), slip, plain, Join::Standard);
        }
        for join in joins(entry) {
            search.attempt((at, entry), secret, plain, join);
        }
    }
    for (at, entry, row) in foreign(keys, subject) {
        let Some(secret) = &entry.secret else { continue };
        if search.done() && row.number == OTHER_ACCOUNT.number {
            break;
        }
        let key = Key { octets: Octets::Lent(secret.octets.expose()), name: Some(Found::new(row)), note: "" };
        search.attempt((at, entry), &key, plain, Join::Standard);
        if search.outcome.bounded {
            break;
        }
    }
    for (at, entry, secrets) in own() {
        if search.done() || search.outcome.bounded {
            break;
        }
        let Some((secret, slips)) = secrets.split_first() else { continue };
        for package in deviant {
            for join in joins(entry) {
                search.attempt((at, entry), secret, package, join);
            }
        }
        for slip in slips {
            for package in deviant {
                search.attempt((at, entry), slip, package, Join::Standard);
            }
            for join in joins(entry) {
                search.attempt((at, entry), slip, plain, join);
            }
        }
    }
    // Stable: in the order they were tried where equally deviant.
    search.outcome.matches.sort_by_key(|found| found.deviations.len());
    search.outcome
}

/// Entries that are no keys for this message: out of date, in another case, of other servers.
fn foreign<'k>(
    keys: &'k Keyring,
    subject: &Subject<'k>,
) -> impl Iterator<Item = (usize, &'k Entry, &'static super::deviation::Deviation)> {
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
    let slip =
        |row, octets: Zeroizing<Vec<u8>>, note| Key { octets: Octets::Own(octets), name: Some(Found::new(row)), note };
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
