//! Octets that must never be seen: passwords, nonces, secrets and what is hashed from them alone.
//!
//! A [`Secret`] cannot be shown, copied or serialised, and is overwritten when dropped. Its one accessor is visible inside
//! `verify` only. Must not know what the octets are for.

use zeroize::Zeroizing;

/// Secret octets. No `Debug`, `Display`, `Clone` or serialisation, by intent.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a copy of the octets; the caller keeps the duty to wipe its own.
    pub fn new(octets: &[u8]) -> Self {
        // `to_vec` allocates once: growing would leave an unwiped copy behind.
        Self(Zeroizing::new(octets.to_vec()))
    }

    /// Takes the octets over.
    pub(super) fn own(octets: Zeroizing<Vec<u8>>) -> Self {
        Self(octets)
    }

    /// The octets.
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}
