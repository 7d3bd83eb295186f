//! A list that grows at its end and may be cut at its start, in chunks: no copying of millions of rows when it grows, little room to spare, and a copy of the
//! whole costs a pointer a chunk, so that other threads can look at a list that goes on growing.
//!
//! Must not know what is in it.

use std::sync::Arc;

/// Entries in a chunk.
pub(super) const CHUNK: usize = 4096;

/// A list in chunks. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Chunks<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Chunks<T> {
    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: T) {
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            // Whoever still looks at the chunk keeps it as it was.
            Some(chunk) => Arc::make_mut(chunk).push(entry),
            None => self.chunks.push(Arc::new(vec![entry])),
        }
        self.len = self.len.saturating_add(1);
    }

    /// An entry.
    pub fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// An entry, to change it.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(at / CHUNK)?).get_mut(at % CHUNK)
    }

    /// The first one that is still there.
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// Lets go of entries before this one, by whole chunks and never the last; how many are gone then. The others keep their
    /// places.
    pub fn forget(&mut self, upto: usize) -> usize {
        let whole = (upto / CHUNK).min(self.chunks.len().saturating_sub(1));
        let gone = self.chunks.partition_point(|chunk| chunk.is_empty()).min(whole);
        let nothing = Arc::new(Vec::new());
        for chunk in self.chunks.iter_mut().take(whole).skip(gone) {
            *chunk = Arc::clone(&nothing);
        }
        whole.saturating_mul(CHUNK)
    }

    /// The last one.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone + '_ {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Octets it takes.
    pub fn octets(&self) -> usize {
        let entries: usize = self.chunks.iter().map(|chunk| chunk.capacity()).sum();
        entries.saturating_mul(size_of::<T>())
    }

    /// How many entries at the start are so; all that are must come first.
    pub fn partition_point(&self, so: impl Fn(&T) -> bool) -> usize {
        // What is gone came first.
        let whole = self.chunks.partition_point(|chunk| chunk.last().is_none_or(&so));
        let rest = self.chunks.get(whole).map_or(0, |chunk| chunk.partition_point(&so));
        whole.saturating_mul(CHUNK).saturating_add(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Chunks};

    #[test]
    fn a_copy_stays_as_it_was_while_the_list_grows_and_changes() {
        let mut list = Chunks::default();
        for entry in 0..CHUNK + 5 {
            list.push(entry);
        }
        let copy = list.clone();
        list.push(7);
        *list.get_mut(CHUNK + 1).expect("it is there") = 0;
        assert_eq!((copy.len(), list.len()), (CHUNK + 5, CHUNK + 6));
        assert_eq!((copy.get(CHUNK + 1), list.get(CHUNK + 1)), (Some(&(CHUNK + 1)), Some(&0)));
        assert_eq!((list.last(), copy.last(), copy.first()), (Some(&7), Some(&(CHUNK + 4)), Some(&0)));
        assert_eq!(copy.iter().copied().sum::<usize>(), (0..CHUNK + 5).sum::<usize>());
    }

    #[test]
    fn what_is_forgotten_is_gone_and_the_rest_keeps_its_place() {
        let mut list = Chunks::default();
        (0..3 * CHUNK).for_each(|entry| list.push(entry));
        let before = list.octets();
        assert_eq!(list.forget(CHUNK - 1), 0);
        assert_eq!(list.forget(CHUNK + 1), CHUNK);
        assert_eq!((list.get(CHUNK - 1), list.get(CHUNK), list.first()), (None, Some(&CHUNK), Some(&CHUNK)));
        assert_eq!((list.len(), list.iter().count()), (3 * CHUNK, 2 * CHUNK));
        assert!(list.octets() <= before - CHUNK * size_of::<usize>());
        assert_eq!(
            [0, CHUNK, CHUNK + 9].map(|at| list.partition_point(|entry| *entry < at)),
            [CHUNK, CHUNK, CHUNK + 9]
        );
        // The last chunk stays: there is always something to add to.
        assert_eq!(list.forget(usize::MAX), 2 * CHUNK);
        list.push(7);
        assert_eq!(list.last(), Some(&7));
    }

    #[test]
    fn what_is_sorted_is_searched_across_chunks() {
        let mut list = Chunks::default();
        assert_eq!(list.partition_point(|_| true), 0);
        (0..3 * CHUNK).for_each(|entry| list.push(entry));
        for at in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            assert_eq!(list.partition_point(|entry| *entry < at), at);
        }
    }
}
