//! Keyed tags: the same value gives the same tag, and nobody without the key can guess the value from it.
//!
//! What a report must recognise again without showing it (redacted names, the keys a state was made with) goes through here.
//! Must not know what is tagged.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::hash;
use super::keyring::{Keyring, Value};
use super::secret::Secret;

/// Makes tags under one key.
pub struct Tagger(Secret);

impl fmt::Debug for Tagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tagger")
    }
}

impl Tagger {
    /// Under this key. With a key that everybody knows the tags are fingerprints only.
    pub fn new(key: &[u8]) -> Self {
        Self(Secret::new(key))
    }

    /// The tag of a list of parts; where one part ends and the next begins counts.
    pub fn tag(&self, parts: &[&[u8]]) -> u64 {
        let digest = self.digest(parts.iter().copied());
        digest.iter().take(8).fold(0, |tag, octet| tag << 8 | u64::from(*octet))
    }

    fn digest<'p>(&self, parts: impl Iterator<Item = &'p [u8]>) -> [u8; hash::SHA256_LEN] {
        let mut framed = Sha256::new();
        for part in parts {
            framed.update((part.len() as u64).to_be_bytes());
            framed.update(part);
        }
        hash::hmac_sha256(self.0.expose(), &[&framed.finalize()])
    }

    /// A tag of all that a keyring holds: another one as soon as anything in it changes.
    pub fn keys(&self, keys: &Keyring) -> String {
        let mut digests = Vec::new();
        for (_, entry) in keys.entries() {
            let values = [&entry.password, &entry.user, &entry.secret, &entry.auth_data].map(Option::as_ref);
            let values: Vec<&Value> = values.into_iter().flatten().chain(&entry.nonces).collect();
            // Which values there are goes first, so that a password cannot pass for a secret.
            let shape = format!(
                "{:?} {:?} {:?} {} {} {} {} {}",
                entry.id,
                entry.valid_from,
                entry.valid_to,
                entry.password.is_some(),
                entry.user.is_some(),
                entry.secret.is_some(),
                entry.auth_data.is_some(),
                entry.nonces.len()
            );
            let parts = [entry.label.as_bytes(), shape.as_bytes()].into_iter();
            let values = values.iter().flat_map(|value| [value.octets.expose(), value.literal.expose()]);
            digests.extend(self.digest(parts.chain(values)));
        }
        hex(&self.digest(std::iter::once(digests.as_slice())))
    }
}

/// Fingerprint of a file's content, read piece by piece.
#[derive(Clone, Debug, Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    /// The next octets.
    pub fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// SHA-256 of all octets, in hex.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(octets: &[u8]) -> String {
    use fmt::Write as _;
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{ContentHash, Tagger};
    use crate::verify::Keyring;

    #[test]
    fn tags_depend_on_key_value_and_where_parts_end() {
        let tagger = Tagger::new(b"one");
        assert_eq!(tagger.tag(&[b"ab", b"c"]), Tagger::new(b"one").tag(&[b"ab", b"c"]));
        assert_ne!(tagger.tag(&[b"ab", b"c"]), tagger.tag(&[b"a", b"bc"]));
        assert_ne!(tagger.tag(&[b"ab"]), Tagger::new(b"two").tag(&[b"ab"]));
    }

    #[test]
    fn any_change_of_a_key_changes_the_tag_of_the_ring() {
        let tagger = Tagger::new(b"key");
        let base = "[[server]]\nid = \"a\"\npassword = \"p\"\nnonce = \"n\"\n";
        let tag = |text: &str| tagger.keys(&Keyring::parse(text, "keys").expect("keys"));
        let first = tag(base);
        assert_eq!(first, tag(base));
        for other in [
            base.replace("\"p\"", "\"q\""),
            base.replace("\"n\"", "\"m\""),
            base.replace("password", "secret").replace("nonce = \"n\"\n", ""),
            base.replace("\"n\"", "[\"n\", \"n\"]"),
            format!("{base}label = \"x\"\n"),
            format!("{base}valid-to = 2026-01-01T00:00:00Z\n"),
            format!("{base}{base}"),
        ] {
            assert_ne!(first, tag(&other), "{other}");
        }
        assert_ne!(first, Tagger::new(b"other").keys(&Keyring::parse(base, "keys").expect("keys")));
    }

    #[test]
    fn content_is_hashed_as_the_standard_says() {
        let mut hash = ContentHash::default();
        hash.update(b"a");
        hash.update(b"bc");
        assert_eq!(hash.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
