//! The keys to verify with, and which of them are keys for a message.
//!
//! A [`Keyring`] is made from text (see `keyfile` and `import`) and never shows what it holds: listing it gives labels, counts
//! and dates. It may be shared by threads. Must not know messages or digests beyond the credential hash it caches.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use serde::Serialize;
use zeroize::Zeroizing;

use super::hash;
use super::made12::Kept;
use super::secret::Secret;
use super::{import, keyfile};
use crate::model::Timestamp;

/// Why a secrets file was refused. Names the place, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}:{line}: {}{text}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct KeyError {
    /// The file, as the caller named it.
    pub origin: String,
    /// Line, from 1.
    pub line: usize,
    /// The key of the entry, empty where none is to blame.
    pub key: String,
    /// What is wrong and what was expected.
    pub text: String,
}

/// How a value was written: decides which slips of the file's author are worth trying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Without a prefix.
    Plain,
    /// `text:`
    Text,
    /// `hex:`
    Hex,
    /// `b64:`
    B64,
}

/// A secret value: its octets, and the text it was written as without its prefix.
pub(super) struct Value {
    pub(super) octets: Secret,
    pub(super) literal: Secret,
    pub(super) written: Written,
}

/// One key of the file.
pub(super) struct Entry {
    pub(super) label: Arc<str>,
    /// `None` for `*`.
    pub(super) id: Option<Vec<u8>>,
    pub(super) password: Option<Value>,
    pub(super) nonces: Vec<Value>,
    pub(super) user: Option<Value>,
    pub(super) secret: Option<Value>,
    pub(super) auth_data: Option<Value>,
    pub(super) valid_from: Option<Timestamp>,
    pub(super) valid_to: Option<Timestamp>,
    pub(super) line: usize,
    credential: Option<Zeroizing<Credential>>,
    /// For `*`: credential hashes by server identifier, at most [`CACHE_MAX`].
    by_id: RwLock<HashMap<Vec<u8>, Zeroizing<Credential>>>,
}

/// `B64(H(id:password))`.
pub(super) type Credential = [u8; 24];

/// An entry for every server remembers the hashes of no more identifiers than this: they come from packets.
const CACHE_MAX: usize = 1 << 12;

impl Entry {
    pub(super) fn new(label: &str, id: Option<Vec<u8>>, line: usize) -> Self {
        Self {
            label: Arc::from(label),
            id,
            password: None,
            nonces: Vec::new(),
            user: None,
            secret: None,
            auth_data: None,
            valid_from: None,
            valid_to: None,
            line,
            credential: None,
            by_id: RwLock::default(),
        }
    }

    /// Whether the entry is in force at this time; without a time it is.
    pub(super) fn in_force(&self, time: Option<Timestamp>) -> bool {
        time.is_none_or(|time| {
            self.valid_from.is_none_or(|from| from <= time) && self.valid_to.is_none_or(|to| time <= to)
        })
    }

    /// `B64(H(id:password))` for a server identifier, `None` without a password.
    pub(super) fn credential(&self, id: &[u8]) -> Option<Zeroizing<Credential>> {
        let password = self.password.as_ref()?;
        if let (Some(credential), Some(own)) = (&self.credential, &self.id)
            && own == id
        {
            return Some(credential.clone());
        }
        if self.id.is_none()
            && let Ok(cache) = self.by_id.read()
            && let Some(credential) = cache.get(id)
        {
            return Some(credential.clone());
        }
        let credential = Zeroizing::new(hash::b64(&hash::md5(&[id, b":", password.octets.expose()])));
        if self.id.is_none()
            && let Ok(mut cache) = self.by_id.write()
            && cache.len() < CACHE_MAX
        {
            cache.insert(id.to_vec(), credential.clone());
        }
        Some(credential)
    }

    /// `B64(H(id:password))` for the entry's own server identifier, as it was made when the file was read.
    pub(super) fn credential_ref(&self) -> Option<&Credential> {
        self.credential.as_deref()
    }

    fn seal(&mut self) {
        if let Some(id) = &self.id {
            self.credential = self.credential(&id.clone());
        }
    }
}

/// What a listing shows of an entry.
#[expect(clippy::struct_excessive_bools, reason = "each says whether a key of the file is there")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntryInfo {
    /// Position in the keyring, from 0.
    pub entry: usize,
    /// Line in its file, from 1.
    pub line: usize,
    /// The label.
    pub label: String,
    /// The server identifier, `*` for every server, octets outside UTF-8 replaced.
    pub id: String,
    /// It has a password: verifies 1.2 messages.
    pub password: bool,
    /// How many nonces it has.
    pub nonces: usize,
    /// It has a user name.
    pub user: bool,
    /// It has a secret: verifies 2.0 messages.
    pub secret: bool,
    /// It has authentication data, which some senders append to a 2.0 package.
    pub auth_data: bool,
    /// In force from this time, in nanoseconds since 1970.
    pub valid_from: Option<i64>,
    /// In force up to and including this time, in nanoseconds since 1970.
    pub valid_to: Option<i64>,
}

/// Something odd in a secrets file that is no error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyWarning {
    /// Line of the entry, from 1.
    pub line: usize,
    /// The key.
    pub key: &'static str,
    /// What is odd; never a value.
    pub text: &'static str,
}

/// All keys. See the module's documentation.
#[derive(Default)]
pub struct Keyring {
    entries: Vec<Entry>,
    /// Entries for an identifier, those for every server included, in the order of the file.
    by_id: HashMap<Vec<u8>, Vec<usize>>,
    /// The same by identifier in lower case: for identifiers in the wrong case.
    by_lower: HashMap<Vec<u8>, Vec<usize>>,
    for_all: Vec<usize>,
    made: Kept,
}

impl Keyring {
    /// Reads a secrets file (TOML). `origin` is the file's name for messages.
    ///
    /// # Errors
    /// The first bad entry, with its line and key, never a value.
    pub fn parse(text: &str, origin: &str) -> Result<Self, KeyError> {
        keyfile::parse(text, origin).map(Self::of)
    }

    /// Reads one-line forms: `id:password:nonce`, or a CSV table with a header.
    ///
    /// # Errors
    /// The first bad line, never a value.
    pub fn import(text: &str, origin: &str) -> Result<Self, KeyError> {
        import::parse(text, origin).map(Self::of)
    }

    /// Reads either form: TOML where a line opens a `[[server]]`, one-line forms else.
    ///
    /// # Errors
    /// As [`Keyring::parse`] and [`Keyring::import`].
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        if import::looks_like(text) { Self::import(text, origin) } else { Self::parse(text, origin) }
    }

    fn of(entries: Vec<Entry>) -> Self {
        let mut ring = Self::default();
        ring.add(entries);
        ring
    }

    /// Adds the keys of another ring behind these.
    pub fn merge(&mut self, other: Self) {
        self.add(other.entries);
    }

    fn add(&mut self, entries: Vec<Entry>) {
        for mut entry in entries {
            entry.seal();
            let at = self.entries.len();
            if let Some(id) = &entry.id {
                let for_all = &self.for_all;
                self.by_id.entry(id.clone()).or_insert_with(|| for_all.clone()).push(at);
                self.by_lower.entry(id.to_ascii_lowercase()).or_default().push(at);
            } else {
                self.for_all.push(at);
                #[expect(clippy::iter_over_hash_type, reason = "every list gets the same element: order cannot show")]
                for list in self.by_id.values_mut() {
                    list.push(at);
                }
            }
            self.entries.push(entry);
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the ring holds, without secrets.
    pub fn list(&self) -> impl Iterator<Item = EntryInfo> {
        self.entries.iter().enumerate().map(|(at, entry)| EntryInfo {
            entry: at,
            line: entry.line,
            label: entry.label.to_string(),
            id: entry.id.as_ref().map_or_else(|| "*".to_owned(), |id| String::from_utf8_lossy(id).into_owned()),
            password: entry.password.is_some(),
            nonces: entry.nonces.len(),
            user: entry.user.is_some(),
            secret: entry.secret.is_some(),
            auth_data: entry.auth_data.is_some(),
            valid_from: entry.valid_from.map(Timestamp::nanos),
            valid_to: entry.valid_to.map(Timestamp::nanos),
        })
    }

    /// What is odd in the file without being an error.
    pub fn warnings(&self) -> Vec<KeyWarning> {
        let mut out = Vec::new();
        for entry in &self.entries {
            let named = [("password", &entry.password), ("user", &entry.user), ("secret", &entry.secret)];
            let named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
            for (key, value) in named.chain(entry.nonces.iter().map(|nonce| ("nonce", nonce))) {
                let plain = value.written == Written::Plain;
                let octets = value.octets.expose();
                let blank = |octet: &u8| octet.is_ascii_whitespace() || *octet == 0;
                if plain && (octets.first().is_some_and(blank) || octets.last().is_some_and(blank)) {
                    out.push(KeyWarning { line: entry.line, key, text: "starts or ends in a blank, newline or NUL" });
                }
                if plain
                    && key == "nonce"
                    && octets.len() >= 8
                    && octets.ends_with(b"=")
                    && keyfile::b64(octets).is_some()
                {
                    out.push(KeyWarning {
                        line: entry.line,
                        key,
                        text: "looks like base64 and is taken as plain text: write b64:… if it is encoded, text:… if not",
                    });
                }
            }
        }
        out
    }

    /// What searches for deviations made of the entries.
    pub(super) const fn made(&self) -> &Kept {
        &self.made
    }

    /// All entries with their positions.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate()
    }

    /// The entries for a server identifier, whenever they are in force; for a message without one, all.
    pub(super) fn for_server(&self, id: Option<&[u8]>) -> impl Iterator<Item = (usize, &Entry)> + Clone {
        let (listed, all) = match id {
            Some(id) => (self.by_id.get(id).unwrap_or(&self.for_all).as_slice(), self.entries.get(..0)),
            None => ([].as_slice(), self.entries.get(..)),
        };
        let listed = listed.iter().filter_map(|&at| Some((at, self.entries.get(at)?)));
        listed.chain(all.unwrap_or(&[]).iter().enumerate())
    }

    /// The entries whose identifier differs from this one in case only.
    pub(super) fn other_case<'k>(&'k self, id: &'k [u8]) -> impl Iterator<Item = (usize, &'k Entry)> {
        let listed = self.by_lower.get(&id.to_ascii_lowercase()).map_or([].as_slice(), Vec::as_slice);
        let listed = listed.iter().filter_map(|&at| Some((at, self.entries.get(at)?)));
        listed.filter(move |(_, entry)| entry.id.as_deref() != Some(id))
    }
}
