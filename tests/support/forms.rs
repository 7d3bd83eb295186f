//! What must never be written of a secret, in every form it could be written in.
//!
//! A test names its secrets, runs whatever it likes, and asks whether any form of them is in what was written. Knows nothing
//! of the crate under test, and stands by itself so that tests inside the crate can include it too.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::{Digest as _, Md5};
use regex::bytes::{Regex, RegexBuilder};
use sha2::Sha256;

/// Shorter forms would be found by accident.
const SHORTEST: usize = 6;

/// The forms to search for. See the module's documentation.
#[derive(Default)]
pub struct Forbidden {
    /// By octets: what they are.
    forms: BTreeMap<Vec<u8>, String>,
    pattern: Option<Regex>,
}

impl Forbidden {
    /// A value: the octets, their hex and base64 (also where it is encoded together with what stands around it), and the
    /// same of its MD5 and SHA-256.
    pub fn value(&mut self, name: &str, octets: &[u8]) {
        self.shown(name, octets);
        self.shown(&format!("MD5 of {name}"), &Md5::digest(octets));
        self.shown(&format!("SHA-256 of {name}"), &Sha256::digest(octets));
    }

    /// Octets that may not be shown, in all spellings but without what is hashed from them.
    pub fn shown(&mut self, name: &str, octets: &[u8]) {
        let spaced: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let lower = spaced.concat();
        self.add(name, octets.to_vec());
        for separator in [" ", ":", ", "] {
            self.add(&format!("hex of {name}"), spaced.join(separator).into_bytes());
        }
        let decimal: Vec<String> = octets.iter().map(u8::to_string).collect();
        self.add(&format!("octets of {name}"), decimal.join(", ").into_bytes());
        self.add(&format!("hex of {name}"), lower.to_uppercase().into_bytes());
        self.add(&format!("hex of {name}"), lower.into_bytes());
        for before in 0..3 {
            let mut around = vec![0; before];
            around.extend(octets);
            for text in [STANDARD_NO_PAD.encode(&around), URL_SAFE_NO_PAD.encode(&around)] {
                // Characters that hold bits of neighbours are left away.
                let start = [0, 2, 3][before];
                let end = text.len() - usize::from(!around.len().is_multiple_of(3));
                self.add(&format!("base64 of {name}"), text.as_bytes()[start..end.max(start)].to_vec());
            }
        }
    }

    /// Password and nonces of a 1.2 account: values, `H(id:password)`, and the outer input with any of the nonces.
    pub fn account(&mut self, id: &[u8], password: &[u8], nonces: &[&[u8]]) {
        let name = String::from_utf8_lossy(id).into_owned();
        let credential = Md5::digest([id, b":", password].concat());
        self.value(&format!("H({name}:password)"), &credential);
        let coded = base64::engine::general_purpose::STANDARD.encode(credential);
        for nonce in nonces {
            self.shown(&format!("start of the outer input of {name}"), &[coded.as_bytes(), b":", nonce].concat());
        }
    }

    /// Octets that were received are public, whatever they are.
    pub fn public(&mut self, octets: &[u8]) {
        let mut other = Self::default();
        other.shown("", octets);
        for form in other.forms.keys() {
            self.forms.remove(form);
        }
        self.pattern = None;
    }

    fn add(&mut self, name: &str, form: Vec<u8>) {
        if form.len() >= SHORTEST {
            self.forms.entry(form).or_insert_with(|| name.to_owned());
            self.pattern = None;
        }
    }

    /// Which of them are in what was written.
    pub fn found_in(&mut self, written: &[u8]) -> Vec<String> {
        let forms = &self.forms;
        let pattern = self.pattern.get_or_insert_with(|| {
            // Longest first: the alternation takes the first that fits.
            let mut all: Vec<&Vec<u8>> = forms.keys().collect();
            all.sort_by_key(|form| std::cmp::Reverse(form.len()));
            let literal =
                |form: &&Vec<u8>| form.iter().map(|octet| format!("\\x{octet:02x}")).collect::<Vec<_>>().concat();
            let text = format!("(?-u:{})", all.iter().map(literal).collect::<Vec<_>>().join("|"));
            RegexBuilder::new(&text).size_limit(1 << 28).build().unwrap()
        });
        let mut found: Vec<String> = pattern.find_iter(written).map(|hit| forms[hit.as_bytes()].clone()).collect();
        found.sort();
        found.dedup();
        found
    }
}
