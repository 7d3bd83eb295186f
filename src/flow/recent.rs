//! Entries in the order in which they were used last, at places that stay.
//!
//! A list through a table: an entry is used again, found by its place and taken out in a few steps, and nothing is left behind.
//! Must not know what the entries are, nor why one is used.

/// No place.
const NOWHERE: u32 = u32::MAX;

/// One place.
#[derive(Debug)]
struct Slot<T> {
    /// What stands there; nothing at a place that is free.
    entry: Option<T>,
    /// The entries used right before and right after it; of free places, `after` is the next one.
    before: u32,
    after: u32,
}

/// The entries. See the module's documentation.
#[derive(Debug)]
pub(super) struct Recent<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    oldest: u32,
    newest: u32,
    len: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: NOWHERE, oldest: NOWHERE, newest: NOWHERE, len: 0 }
    }
}

impl<T> Recent<T> {
    /// How many entries there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The place of the entry that was not used for longest.
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != NOWHERE).then_some(self.oldest)
    }

    /// What stands at a place.
    pub(super) fn get(&self, at: u32) -> Option<&T> {
        self.slots.get(at as usize)?.entry.as_ref()
    }

    /// The same, to be changed; that alone is no use.
    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.slots.get_mut(at as usize)?.entry.as_mut()
    }

    /// Adds an entry, which counts as used now; the answer is its place.
    pub(super) fn insert(&mut self, entry: T) -> u32 {
        let free = self.slots.get_mut(self.free as usize);
        let at = if let Some(slot) = free {
            slot.entry = Some(entry);
            std::mem::replace(&mut self.free, slot.after)
        } else {
            let at = u32::try_from(self.slots.len()).unwrap_or(NOWHERE);
            self.slots.push(Slot { entry: Some(entry), before: NOWHERE, after: NOWHERE });
            at
        };
        self.len += 1;
        self.link(at);
        at
    }

    /// An entry is used now.
    pub(super) fn touch(&mut self, at: u32) {
        if at != self.newest && self.get(at).is_some() {
            self.unlink(at);
            self.link(at);
        }
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, at: u32) -> Option<T> {
        let entry = self.slots.get_mut(at as usize)?.entry.take()?;
        self.unlink(at);
        self.len -= 1;
        if self.len == 0 {
            // Nothing is left that has a place: the room is given back.
            *self = Self::default();
        } else if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.after = std::mem::replace(&mut self.free, at);
        }
        Some(entry)
    }

    /// Puts a place that is in no order at the end.
    fn link(&mut self, at: u32) {
        let before = std::mem::replace(&mut self.newest, at);
        match self.slots.get_mut(before as usize) {
            Some(slot) => slot.after = at,
            None => self.oldest = at,
        }
        if let Some(slot) = self.slots.get_mut(at as usize) {
            (slot.before, slot.after) = (before, NOWHERE);
        }
    }

    fn unlink(&mut self, at: u32) {
        let Some(slot) = self.slots.get(at as usize) else { return };
        let (before, after) = (slot.before, slot.after);
        match self.slots.get_mut(before as usize) {
            Some(slot) => slot.after = after,
            None => self.oldest = after,
        }
        match self.slots.get_mut(after as usize) {
            Some(slot) => slot.before = before,
            None => self.newest = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    fn in_order(recent: &mut Recent<char>) -> String {
        std::iter::from_fn(|| recent.oldest().and_then(|at| recent.remove(at))).collect()
    }

    #[test]
    fn entries_leave_in_the_order_they_were_used() {
        let mut recent = Recent::default();
        let places = ['a', 'b', 'c', 'd'].map(|entry| recent.insert(entry));
        recent.touch(places[1]);
        recent.touch(places[3]);
        recent.touch(places[3]);
        assert_eq!(recent.remove(places[2]), Some('c'));
        assert_eq!(recent.remove(places[2]), None);
        recent.touch(places[2]);
        recent.insert('e');
        assert_eq!((recent.len(), in_order(&mut recent)), (4, "abde".to_owned()));
        assert_eq!((recent.len(), recent.oldest()), (0, None));
    }

    #[test]
    fn places_that_are_free_are_taken_again() {
        let mut recent = Recent::default();
        for round in 0..1000u32 {
            let at = recent.insert('x');
            assert!(at < 4, "round {round}");
            if recent.len() == 3 {
                recent.remove(recent.oldest().unwrap());
            }
        }
    }
}
