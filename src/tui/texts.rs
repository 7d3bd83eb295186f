//! Texts that recur, each kept once: addresses, servers, sentences.
//!
//! They stand one behind the other in long strings, and a text is known by its place there, so that a million different
//! addresses cost little more than their letters. Must not know what they say.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::model::Visible;

/// Most octets of one text: a packet can state longer ones, which the tree shows whole.
const TEXT_MAX: usize = 160;
/// Octets of one string of texts.
const CHUNK: usize = 1 << 16;
/// Most strings of texts: 256 MiB. Whoever makes up that many senders shall not have all the memory; later texts are empty in the
/// list, the tree shows them.
const CHUNKS_MAX: usize = 4096;
/// Parts of the table of known texts. Each grows by itself, so that nobody waits while all is put in order anew.
const SHARDS: usize = 256;

/// A text that is kept once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

/// The texts, to be read. A copy costs a pointer for every 64 KiB.
#[derive(Clone, Debug)]
pub struct Written {
    /// Each text stands behind its length, which is written as one character.
    chunks: Vec<Arc<String>>,
}

impl Default for Written {
    fn default() -> Self {
        // The empty text stands first: `Sym::default()`.
        Self { chunks: vec![Arc::new(String::from('\0'))] }
    }
}

impl Written {
    /// A text. It was made visible before it was kept.
    pub fn get(&self, sym: Sym) -> &str {
        let at = sym.0 as usize;
        let rest = self.chunks.get(at / CHUNK).and_then(|chunk| chunk.get(at % CHUNK..));
        rest.and_then(first).map_or("", |(text, _)| text)
    }

    /// The texts for which something holds.
    pub fn holding<'t>(&'t self, holds: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = Sym> + 't {
        let all = (0usize..).step_by(CHUNK).zip(&self.chunks).flat_map(|(base, chunk)| {
            let mut at = 0usize;
            std::iter::from_fn(move || {
                let (text, len) = first(chunk.get(at..)?)?;
                let sym = Sym(u32::try_from(base.saturating_add(at)).ok()?);
                at = at.saturating_add(len);
                Some((sym, text))
            })
        });
        all.filter(move |(_, text)| holds(text)).map(|(sym, _)| sym)
    }
}

/// The text at the start of a string of texts, and how many octets it takes with its length.
fn first(from: &str) -> Option<(&str, usize)> {
    let len = from.chars().next()?;
    let end = len.len_utf8().saturating_add(len as usize);
    Some((from.get(len.len_utf8()..end)?, end))
}

/// The texts, to be added to.
#[derive(Clone, Debug)]
pub struct Texts {
    written: Written,
    /// Known texts by hash: their place plus one, zero where there is none; and how many there are.
    shards: Vec<(Vec<u32>, u32)>,
    hasher: RandomState,
}

impl Default for Texts {
    fn default() -> Self {
        Self { written: Written::default(), shards: vec![(Vec::new(), 0); SHARDS], hasher: RandomState::new() }
    }
}

impl std::ops::Deref for Texts {
    type Target = Written;

    fn deref(&self) -> &Written {
        &self.written
    }
}

impl Texts {
    /// The texts as they are now, for other threads.
    pub fn written(&self) -> Written {
        self.written.clone()
    }

    /// Keeps a text; long ones are cut.
    pub fn keep(&mut self, text: &Visible) -> Sym {
        self.keep_str(cut(text.as_str()).as_ref())
    }

    fn keep_str(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return Sym::default();
        }
        let hash = self.hasher.hash_one(text);
        if let Some(sym) = self.find(hash, text) {
            return sym;
        }
        let Some(sym) = self.write(text) else { return Sym::default() };
        self.enter(hash, sym);
        sym
    }

    /// The text, where it is kept already.
    pub fn known(&self, text: &Visible) -> Option<Sym> {
        let text = cut(text.as_str());
        self.find(self.hasher.hash_one(text.as_ref()), text.as_ref())
    }

    /// Octets that all texts take.
    pub fn octets(&self) -> usize {
        let tables: usize = self.shards.iter().map(|(slots, _)| slots.capacity().saturating_mul(4)).sum();
        self.written.chunks.iter().map(|chunk| chunk.capacity()).sum::<usize>().saturating_add(tables)
    }

    /// Puts a text behind the others; `None` where there is no more room for any.
    fn write(&mut self, text: &str) -> Option<Sym> {
        let len = char::from_u32(u32::try_from(text.len()).ok()?)?;
        let needs = len.len_utf8().saturating_add(text.len());
        if self.written.chunks.len() > CHUNKS_MAX {
            return None;
        }
        let full = self.written.chunks.last().is_none_or(|chunk| chunk.len().saturating_add(needs) > CHUNK);
        if full {
            self.written.chunks.push(Arc::new(String::new()));
        }
        let base = self.written.chunks.len().checked_sub(1)?.checked_mul(CHUNK)?;
        let chunk = Arc::make_mut(self.written.chunks.last_mut()?);
        let at = u32::try_from(base.checked_add(chunk.len())?).ok().filter(|at| *at < u32::MAX)?;
        chunk.push(len);
        chunk.push_str(text);
        Some(Sym(at))
    }

    fn find(&self, hash: u64, text: &str) -> Option<Sym> {
        let (slots, _) = self.shards.get(shard(hash))?;
        let mask = slots.len().checked_sub(1)?;
        let mut at = slot(hash) & mask;
        loop {
            let sym = Sym(slots.get(at)?.checked_sub(1)?);
            if self.written.get(sym) == text {
                return Some(sym);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    fn enter(&mut self, hash: u64, sym: Sym) {
        let Some((slots, used)) = self.shards.get_mut(shard(hash)) else { return };
        // Three quarters full at most: then looking for a text that is not there ends soon.
        if (*used as usize).saturating_add(1).saturating_mul(4) > slots.len().saturating_mul(3) {
            let old = std::mem::take(slots);
            *slots = vec![0; old.len().saturating_mul(2).max(8)];
            for known in old.into_iter().filter_map(|known| known.checked_sub(1)) {
                let hash = self.hasher.hash_one(self.written.get(Sym(known)));
                put(slots, hash, Sym(known));
            }
        }
        put(slots, hash, sym);
        *used = used.saturating_add(1);
    }
}

fn put(slots: &mut [u32], hash: u64, sym: Sym) {
    let Some(mask) = slots.len().checked_sub(1) else { return };
    let mut at = slot(hash) & mask;
    while let Some(place) = slots.get_mut(at) {
        if *place == 0 {
            *place = sym.0.saturating_add(1);
            return;
        }
        at = at.wrapping_add(1) & mask;
    }
}

/// Which part of the table.
fn shard(hash: u64) -> usize {
    usize::from(hash.to_be_bytes().first().copied().unwrap_or(0)) % SHARDS
}

/// Where in it.
fn slot(hash: u64) -> usize {
    usize::try_from(hash & 0xffff_ffff).unwrap_or(0)
}

fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= TEXT_MAX {
        return text.into();
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= TEXT_MAX).last().unwrap_or(0);
    let mut short = text.get(..end).unwrap_or_default().to_owned();
    short.push('…');
    short.into()
}

#[cfg(test)]
mod tests {
    use super::{Sym, Texts};
    use crate::model::{visible, visible_str};

    #[test]
    fn a_text_is_kept_once_and_found_again_among_many() {
        let mut texts = Texts::default();
        let name = |n: u32| visible_str(&format!("198.51.100.{n} ä"));
        let syms: Vec<Sym> = (0..20_000).map(|n| texts.keep(&name(n))).collect();
        for (n, sym) in (0..).zip(&syms) {
            assert_eq!(texts.keep(&name(n)), *sym);
            assert_eq!(texts.get(*sym), name(n).as_str());
        }
        assert_eq!(texts.known(&name(20_000)), None);
        assert_eq!(texts.keep(&visible(b"")), Sym::default());
        assert_eq!(texts.get(Sym::default()), "");
        let found: Vec<Sym> = texts.holding(|text| text.ends_with(".19999 ä")).collect();
        assert_eq!(found, syms.last().copied().into_iter().collect::<Vec<_>>());
        assert_eq!(texts.holding(|_| true).count(), 20_001);
        // Little more than the letters: 19 octets each, and a place in a table.
        assert!(texts.octets() < 20_000 * 32, "{}", texts.octets());
    }

    #[test]
    fn a_copy_can_be_read_while_others_are_added() {
        let mut texts = Texts::default();
        let one = texts.keep(&visible(b"one"));
        let copy = texts.written();
        let two = texts.keep(&visible(b"two"));
        assert_eq!((copy.get(one), copy.get(two), texts.get(two)), ("one", "", "two"));
    }

    #[test]
    fn a_huge_text_is_cut() {
        let mut texts = Texts::default();
        let sym = texts.keep(&visible(&[b'x'; 5000]));
        assert!(texts.get(sym).len() < 200 && texts.get(sym).ends_with('…'));
        assert_eq!(texts.known(&visible(&[b'x'; 5000])), Some(sym));
    }
}
