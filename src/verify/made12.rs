//! What a search for 1.2 deviations makes of a key, kept from one message to the next.
//!
//! Credentials and nonces depend on the entry and the server identifier alone; the trigger is all that changes. Bounded: an
//! entry for every server meets any number of identifiers, and a file may hold any number of entries. What finds no room is made
//! anew each time. Must not know how anything is made.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use super::lanes::Batch;
use super::parts::Axis;

/// Most that are kept: some 8 KiB each.
const KEPT_MAX: usize = 1 << 9;

/// What is made of an entry for a server identifier.
pub(super) struct Made {
    pub(super) credentials: Arc<Axis>,
    pub(super) nonces: Arc<Axis>,
    /// Blocks that making it hashed.
    cost: u32,
}

impl Made {
    pub(super) fn new(credentials: Axis, nonces: Axis) -> Self {
        Self { credentials: Arc::new(credentials), nonces: Arc::new(nonces), cost: 0 }
    }
}

/// What is kept: by server identifier and position of the entry.
#[derive(Default)]
pub(super) struct Kept(RwLock<Table>);

#[derive(Default)]
struct Table {
    by_id: HashMap<Vec<u8>, BTreeMap<usize, Arc<Made>>>,
    len: usize,
}

impl Kept {
    /// What was made of an entry, or is made now. Costs the same either way: the bound of a search, and with it the verdict, must
    /// not depend on what was searched before.
    pub(super) fn get(
        &self,
        at: usize,
        id: &[u8],
        batch: &mut Batch,
        anew: impl FnOnce(&mut Batch) -> Made,
    ) -> Arc<Made> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = table.by_id.get(id).and_then(|entries| entries.get(&at)) {
            batch.spend(made.cost);
            return Arc::clone(made);
        }
        drop(table);
        let before = batch.cost();
        let mut made = anew(batch);
        made.cost = batch.cost().saturating_sub(before);
        let made = Arc::new(made);
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if table.len < KEPT_MAX {
            let fresh = table.by_id.entry(id.to_vec()).or_default().insert(at, Arc::clone(&made)).is_none();
            table.len += usize::from(fresh);
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_MAX, Kept, Made};
    use crate::verify::lanes::Batch;
    use crate::verify::parts::Axis;

    #[test]
    fn what_is_kept_costs_the_same_and_is_bounded() {
        let kept = Kept::default();
        let mut made = 0;
        for round in 0..2 {
            for at in 0..=KEPT_MAX {
                let mut batch = Batch::new();
                kept.get(at, b"id", &mut batch, |batch| {
                    made += 1;
                    batch.put(&[b"a"]);
                    assert_eq!(batch.digests().len(), 1);
                    Made::new(Axis::default(), Axis::default())
                });
                assert_eq!(batch.cost(), 6, "round {round}, entry {at}");
            }
        }
        assert_eq!(made, KEPT_MAX + 2, "only what found no room is made twice");
    }
}
