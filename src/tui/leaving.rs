//! A list that is full: the oldest packets leave it, and what points at packets keeps pointing at the same ones.
//!
//! Packets keep their indices for ever. Must not decide when the list is full.

use std::sync::Arc;

use super::model::Model;
use super::msg::Effect;
use super::work;

/// Packets before `upto` leave the list.
pub(super) fn forget(model: &mut Model, upto: u32, effects: &mut Vec<Effect>) {
    let keep = model.current();
    let selected = model.selected;
    let top = model.selected.saturating_sub(model.top);
    let before = model.shown_len();
    model.store.forget(upto);
    let gone = model.store.gone();
    if let Some(passed) = &mut model.shown.passed {
        let left = passed.partition_point(|id| *id < gone);
        Arc::make_mut(passed).drain(..left);
    }
    if model.shown.sorted.take().is_some() {
        work::sort(model, effects);
    }
    // The selected packet stays where it is on the screen, unless it left.
    let left = before.saturating_sub(model.shown_len());
    model.selected = match keep.filter(|keep| *keep >= gone) {
        Some(keep) => model.position_of(keep),
        None => selected.saturating_sub(left),
    };
    model.top = model.selected.saturating_sub(top);
    model.cells.retain(|(at, _), _| *at >= gone);
    model.load.seen = model.load.seen.max(gone);
    model.shown.decided = model.shown.decided.max(gone);
    model.shown.asked = model.shown.asked.max(gone);
}
