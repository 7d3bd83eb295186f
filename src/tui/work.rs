//! Filter, order, find, counts: what looks at many packets.
//!
//! Anything that needs the packets themselves goes out as an effect and comes back in parts. Must not wait.

use std::sync::Arc;

use super::fields::{self, What};
use super::layout::{Areas, list_rows};
use super::model::{Column, Find, Model, Pane};
use super::msg::{Effect, Needle, Notice, Sorted};
use super::octets;
use super::settings::remember;
use super::update::follow_field;
use super::worker::{Job, Lane};
use crate::filter::Filter;
use crate::model::Span;

/// Puts a filter in force; an empty one takes it away. The expression was checked, or is checked here.
pub(super) fn set_filter(model: &mut Model, expression: &str, effects: &mut Vec<Effect>) {
    let expression = expression.trim();
    if expression.is_empty() {
        if model.shown.passed.is_some() {
            effects.push(Effect::Stop(Lane::Filter));
        }
        take_filter_away(model, effects);
        return;
    }
    if let Err(error) = Filter::new(expression) {
        model.notice = Some(Notice::error(format!("filter: {}", error.message())));
        return;
    }
    remember(&mut model.state.filters, expression);
    model.shown.keep = model.current();
    expression.clone_into(&mut model.shown.filter);
    start_filter(model, effects);
}

fn start_filter(model: &mut Model, effects: &mut Vec<Effect>) {
    let shown = &mut model.shown;
    shown.run = shown.run.wrapping_add(1);
    shown.passed = Some(Arc::default());
    shown.decided = 0;
    shown.asked = 0;
    model.selected = 0;
    model.top = 0;
    // It is put in order once it is known what there is.
    forget_order(model, effects);
    more_to_filter(model, effects);
}

/// Asks the filter in force about everything once more.
pub(super) fn filter_again(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.shown.passed.is_some() {
        model.shown.keep = model.current();
        start_filter(model, effects);
    }
}

/// Hands packets that were read since to the filter.
pub(super) fn more_to_filter(model: &mut Model, effects: &mut Vec<Effect>) {
    let all = u32::try_from(model.store.len()).unwrap_or(u32::MAX);
    if model.shown.passed.is_some() && model.shown.asked < all {
        effects.push(Effect::Work(Job::Filter {
            run: model.shown.run,
            expression: model.shown.filter.clone(),
            from: model.shown.asked,
            to: all,
        }));
        model.shown.asked = all;
    }
}

/// Shows everything again; the selected packet stays selected.
pub(super) fn take_filter_away(model: &mut Model, effects: &mut Vec<Effect>) {
    let keep = model.current().or(model.shown.keep);
    forget_order(model, effects);
    let shown = &mut model.shown;
    shown.run = shown.run.wrapping_add(1);
    shown.passed = None;
    shown.keep = None;
    shown.filter.clear();
    if let Some(keep) = keep {
        model.selected = model.position_of(keep);
    }
    sort(model, effects);
}

/// Back to capture order for now; what is sorted by stays known.
fn forget_order(model: &mut Model, effects: &mut Vec<Effect>) {
    model.shown.sorted = None;
    model.shown.sort_run = model.shown.sort_run.wrapping_add(1);
    if model.shown.sorting.take().is_some() {
        effects.push(Effect::Stop(Lane::Sort));
    }
}

/// Puts the packets shown into the order asked for; the selected packet stays selected. What is shown now stays until the first
/// rows of the new order are there.
pub(super) fn sort(model: &mut Model, effects: &mut Vec<Effect>) {
    let wanted = model.shown.sort.and_then(|(at, down)| Some((*model.columns.get(at)?, down)));
    // Capture order needs no list.
    let Some((column, down)) = wanted.filter(|(column, down)| !matches!(column, Column::Number) || *down) else {
        let keep = model.current();
        forget_order(model, effects);
        if let Some(keep) = keep {
            model.selected = model.position_of(keep);
        }
        return;
    };
    model.shown.sort_run = model.shown.sort_run.wrapping_add(1);
    model.shown.sorting = Some(0);
    effects.push(Effect::Work(Job::Sort {
        run: model.shown.sort_run,
        column,
        down,
        rows: model.store.rows(),
        among: model.among_unsorted(),
        keep: model.current(),
    }));
}

/// Puts what came since into the order too.
pub(super) fn sort_more(model: &mut Model, effects: &mut Vec<Effect>) {
    let all = model.shown.passed.as_ref().map_or(model.store.kept(), |passed| passed.len());
    let behind = model.shown.sorted.as_ref().is_some_and(|sorted| sorted.len() != all);
    if behind && model.shown.sorting.is_none() {
        sort(model, effects);
    }
}

/// The order came, or the stretches of it that are wanted first.
pub(super) fn sorted(model: &mut Model, part: Sorted) {
    if part.run != model.shown.sort_run {
        return;
    }
    let Some(order) = part.order else {
        model.shown.sorting = Some(part.share);
        return;
    };
    let whole = order.all().is_some();
    model.shown.sorting = (!whole).then_some(part.share);
    let keep = model.current();
    let asked = model.shown.keep.filter(|_| whole);
    model.shown.sorted = Some(order);
    if let Some(keep) = asked.or(keep) {
        model.selected = model.position_of(keep);
    }
    if whole {
        model.shown.keep = None;
    }
}

/// Has the statistics worked out anew, where what they count has changed.
pub(super) fn count(model: &mut Model, effects: &mut Vec<Effect>) {
    let version = (model.store.version, model.shown.run ^ u64::from(model.shown.decided) << 32);
    // What is being counted is shown before it is counted once more.
    if model.counting.is_some() || model.statistics.as_ref().is_some_and(|(of, _)| *of == version) {
        return;
    }
    model.counting = Some(version);
    effects.push(Effect::Work(Job::Count { version, rows: model.store.rows(), among: model.among_unsorted() }));
}

/// Asks for the columns on screen that are fields and not known yet.
pub(super) fn fill_cells(model: &Model, areas: &Areas, effects: &mut Vec<Effect>) {
    let fields: Vec<&'static str> = model
        .columns
        .iter()
        .filter_map(|c| if let Column::Field(field) = c { Some(field.name) } else { None })
        .collect();
    if fields.is_empty() || areas.list.height == 0 {
        return;
    }
    let end = model.top.saturating_add(list_rows(areas));
    let missing: Vec<u32> = (model.top..end)
        .filter_map(|at| model.packet_at(at))
        .filter(|id| fields.iter().any(|name| !model.cells.contains_key(&(*id, *name))))
        .collect();
    if !missing.is_empty() {
        effects.push(Effect::Work(Job::Cells { packets: missing, fields }));
    }
}

/// Starts to look for something in the pane that has the focus.
pub(super) fn find(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    if text.is_empty() {
        return;
    }
    remember(&mut model.state.finds, text);
    let needle = match model.focus {
        Pane::List => Needle::Row(text.to_lowercase()),
        Pane::Tree => Needle::Fields(text.to_lowercase()),
        Pane::Octets => Needle::Octets(octets_of(text)),
    };
    let run = model.find.run.wrapping_add(1);
    let needle = Some(needle);
    model.find = Find { text: text.to_owned(), needle, run, busy: false, forward: true };
    find_next(model, true, effects);
}

/// What to look for in octets: hex where it can be read as such, else the text; quotes make it text.
pub(super) fn octets_of(text: &str) -> Vec<u8> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.strip_suffix('"').unwrap_or(quoted).as_bytes().to_vec();
    }
    let digits: Vec<char> =
        text.trim_start_matches("0x").chars().filter(|c| !matches!(c, ' ' | ':' | '-' | ',')).collect();
    let hex = !digits.is_empty() && digits.len().is_multiple_of(2) && digits.iter().all(char::is_ascii_hexdigit);
    if !hex {
        return text.as_bytes().to_vec();
    }
    let pairs = digits.chunks_exact(2);
    pairs.filter_map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok()).collect()
}

/// Goes to the next hit, or the one before.
pub(super) fn find_next(model: &mut Model, forward: bool, effects: &mut Vec<Effect>) {
    if model.find.text.is_empty() {
        model.notice = Some(Notice::note("nothing is looked for; Ctrl-f starts"));
        return;
    }
    model.find.forward = forward;
    let Some(needle) = model.find.needle.clone() else { return };
    if hit_in_packet(model, &needle, Some(forward)) {
        return;
    }
    model.find.run = model.find.run.wrapping_add(1);
    model.find.busy = true;
    effects.push(Effect::Work(Job::Find {
        run: model.find.run,
        needle,
        rows: model.store.rows(),
        among: model.among(),
        from: model.selected,
        forward,
    }));
}

/// Selects the first hit in the packet that was found, or the last.
pub(super) fn first_hit(model: &mut Model, forward: bool) {
    let Some(needle) = model.find.needle.clone() else { return };
    if matches!(needle, Needle::Octets(_)) {
        model.octets.cursor = 0;
    }
    model.fields.select(0);
    let before = (model.fields.selected, model.octets.cursor);
    if !forward {
        // From the end backwards.
        model.fields.set_all(true);
        model.fields.select(usize::MAX);
    }
    if !hit_in_packet(model, &needle, None) {
        (model.fields.selected, model.octets.cursor) = before;
    }
}

/// Goes to a hit in the selected packet; `None` accepts the place where the selection stands.
fn hit_in_packet(model: &mut Model, needle: &Needle, beyond: Option<bool>) -> bool {
    match needle {
        // A packet has one row.
        Needle::Row(_) => false,
        Needle::Fields(text) => {
            let Some(opened) = &model.opened else { return false };
            let here = model.fields.current().map_or(0, |(at, _)| at);
            let hits = opened.with(|view| field_hits(view, &model.fields, text));
            let next = match beyond {
                Some(true) => hits.iter().find(|at| **at > here),
                Some(false) => hits.iter().rev().find(|at| **at < here),
                None => {
                    if here == 0 {
                        hits.first()
                    } else {
                        hits.last()
                    }
                }
            };
            let Some(&next) = next else { return false };
            model.fields.select_entry(next);
            follow_field(model);
            true
        }
        Needle::Octets(wanted) => {
            let forward = beyond.unwrap_or(true);
            let Some((tab, at)) = octet_hit(model, wanted, forward, beyond.is_some()) else { return false };
            model.octets.tab = tab;
            super::act::set_cursor(model, at, 0);
            true
        }
    }
}

/// Rows of the tree that hold a text.
fn field_hits(view: crate::model::View<'_>, fields: &super::fields::Fields, text: &str) -> Vec<u32> {
    let mut hits = Vec::new();
    for (at, entry) in (0u32..).zip(fields.entries()) {
        let holds = match entry.what {
            What::Finding(found) => fields.findings.get(found as usize).is_some_and(|f| {
                f.text.as_str().to_lowercase().contains(text) || f.rule.id.to_lowercase().contains(text)
            }),
            _ => fields::item(view, entry).is_some_and(|item| holds(&item, text)),
        };
        if holds {
            hits.push(at);
        }
    }
    hits
}

/// Whether a row of a tree holds a text, in its label, its name or its value.
pub(super) fn holds(item: &crate::model::Item<'_>, text: &str) -> bool {
    item.field.label.to_lowercase().contains(text)
        || item.field.name.contains(text)
        || fields::value_text(item).as_str().to_lowercase().contains(text)
}

/// The next place of octets in the tabs of the selected packet, from the cursor on: tab and octet.
fn octet_hit(model: &Model, wanted: &[u8], forward: bool, beyond: bool) -> Option<(usize, usize)> {
    let opened = model.opened.as_ref()?;
    if wanted.is_empty() {
        return None;
    }
    let places = |tab: usize| -> Vec<usize> {
        let octets = model.octets.tabs.get(tab).and_then(|tab| octets::octets(opened, *tab)).unwrap_or(&[]);
        octets.windows(wanted.len()).enumerate().filter(|(_, w)| *w == wanted).map(|(at, _)| at).collect()
    };
    let here = (model.octets.cursor / 8) as usize;
    let current = model.octets.tab;
    if forward {
        let first =
            places(current).into_iter().find(|at| *at > here || (!beyond && *at >= here)).map(|at| (current, at));
        first.or_else(|| {
            (current.saturating_add(1)..model.octets.tabs.len()).find_map(|tab| Some((tab, *places(tab).first()?)))
        })
    } else {
        let first = places(current).into_iter().rev().find(|at| *at < here).map(|at| (current, at));
        first.or_else(|| (0..current).rev().find_map(|tab| Some((tab, *places(tab).last()?))))
    }
}

/// Whether any buffer of a packet holds octets.
pub(super) fn holds_octets(view: crate::model::View<'_>, wanted: &[u8]) -> bool {
    let held = |octets: &[u8]| !wanted.is_empty() && octets.windows(wanted.len()).any(|w| w == wanted);
    held(view.buffers.frame()) || view.buffers.derived().any(|(id, _)| held(view.buffers.bytes(id)))
}

/// Bits of a tab that hits of find cover: nothing but the cursor shows them where the needle is no octets.
pub(super) fn octet_hits(model: &Model, tab_octets: &[u8]) -> Vec<Span> {
    let Some(Needle::Octets(wanted)) = &model.find.needle else { return Vec::new() };
    if wanted.is_empty() {
        return Vec::new();
    }
    let len = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    let places = tab_octets.windows(wanted.len()).enumerate().filter(|(_, w)| w == wanted);
    places
        .take(10_000)
        .map(|(at, _)| Span::octets(crate::model::BufId::FRAME, u32::try_from(at).unwrap_or(u32::MAX), len))
        .collect()
}
