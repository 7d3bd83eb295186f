//! Filter, order, find, counts: what looks at many packets.
//!
//! Anything that needs the packets themselves goes out as an effect and comes back in parts. Must not wait.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::fields::{self, What};
use super::layout::{Areas, list_rows};
use super::model::{Column, Find, Model, Pane};
use super::msg::{Effect, Needle, Notice};
use super::octets;
use super::settings::remember;
use super::statistics::Statistics;
use super::store::{Line, Store};
use super::update::follow_field;
use crate::filter::Filter;
use crate::model::{Field, Span};

/// Packets handed to the filter at once: the answer to the first ones must not wait for the others.
const FILTER_PART: usize = 1 << 20;

/// Puts a filter in force; an empty one takes it away. The expression was checked, or is checked here.
pub(super) fn set_filter(model: &mut Model, expression: &str, effects: &mut Vec<Effect>) {
    let expression = expression.trim();
    if expression.is_empty() {
        if model.shown.passed.is_some() {
            effects.push(Effect::StopWork);
        }
        take_filter_away(model);
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
    shown.passed = Some(Vec::new());
    shown.sorted = None;
    shown.decided = 0;
    shown.asked = 0;
    model.selected = 0;
    model.top = 0;
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
    let all = u32::try_from(model.store.len().min(model.shown.asked as usize + FILTER_PART)).unwrap_or(u32::MAX);
    if model.shown.passed.is_some() && model.shown.asked < all {
        effects.push(Effect::Filter {
            run: model.shown.run,
            expression: model.shown.filter.clone(),
            from: model.shown.asked,
        });
        model.shown.asked = u32::try_from(model.store.len()).unwrap_or(u32::MAX);
    }
}

/// Shows everything again; the selected packet stays selected.
pub(super) fn take_filter_away(model: &mut Model) {
    let keep = model.current().or(model.shown.keep);
    let shown = &mut model.shown;
    shown.run = shown.run.wrapping_add(1);
    shown.passed = None;
    shown.sorted = None;
    shown.keep = None;
    shown.filter.clear();
    sort(model);
    if let Some(keep) = keep {
        model.selected = model.position_of(keep);
    }
}

/// Puts the packets shown into the order asked for; the selected packet stays selected.
pub(super) fn sort(model: &mut Model) {
    let keep = model.current();
    model.shown.sorted = None;
    let wanted = model.shown.sort.and_then(|(at, down)| Some((*model.columns.get(at)?, down)));
    // Capture order needs no list.
    if let Some((column, down)) = wanted
        && (!matches!(column, Column::Number) || down)
    {
        let mut ids: Vec<u32> = model.shown_packets().collect();
        let store = &model.store;
        let cells = &model.cells;
        ids.sort_by(|a, b| {
            let order = match column {
                Column::Field(field) => {
                    let cell = |id: &u32| cells.get(&(*id, field.name)).map(crate::model::Visible::as_str);
                    natural(cell(a), cell(b))
                }
                _ => match (store.line(*a), store.line(*b)) {
                    (Some(a), Some(b)) => compare(store, column, a, b),
                    _ => Ordering::Equal,
                },
            };
            let order = if down { order.reverse() } else { order };
            order.then(a.cmp(b))
        });
        model.shown.sorted = Some(ids);
    }
    if let Some(keep) = keep {
        model.selected = model.position_of(keep);
    }
}

/// Numbers by size, texts by letters, nothing last.
fn natural(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a.filter(|t| !t.is_empty()), b.filter(|t| !t.is_empty())) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        },
    }
}

fn compare(store: &Store, column: Column, a: &Line, b: &Line) -> Ordering {
    let text = |of: fn(&Line) -> super::store::Sym| store.texts.get(of(a)).cmp(store.texts.get(of(b)));
    match column {
        Column::Number | Column::Field(_) => a.number.cmp(&b.number),
        Column::Time => a.time.cmp(&b.time),
        Column::Source => text(|l| l.source),
        Column::Destination => text(|l| l.destination),
        Column::Carrier => text(|l| l.carrier),
        Column::Server => text(|l| l.server),
        Column::Content => text(|l| l.content),
        Column::Summary => text(|l| l.summary),
        Column::Id => a.id.cmp(&b.id),
        // Packets without a verdict or finding last.
        Column::Verdict => (a.status.is_none(), a.status).cmp(&(b.status.is_none(), b.status)),
        Column::Finding => {
            let key = |l: &Line| (std::cmp::Reverse(l.worst.map(|w| w.1)), l.worst.map(|w| w.0.id));
            key(a).cmp(&key(b))
        }
    }
}

/// Works out the statistics anew, where what they count has changed.
pub(super) fn count(model: &mut Model) {
    let version = (model.store.version, model.shown.run ^ u64::from(model.shown.decided) << 32);
    if model.statistics.as_ref().is_some_and(|(a, b, _)| (*a, *b) == version) {
        return;
    }
    let packets = (0..model.shown_len()).filter_map(|at| model.packet_at(at));
    let statistics = Statistics::of(&model.store, packets);
    model.statistics = Some((version.0, version.1, statistics));
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
        effects.push(Effect::Cells(missing, fields));
    }
}

/// Most packets whose fields are worked out at once for sorting.
const SORT_MAX: usize = 100_000;

/// Asks for a field of every packet shown, to sort by it.
pub(super) fn ask_for_sort_cells(model: &mut Model, field: &'static Field, effects: &mut Vec<Effect>) {
    let all = model.shown_len();
    if all > SORT_MAX {
        model.notice =
            Some(Notice::error(format!("{all} packets are too many to sort by a field of the tree: filter first")));
        model.shown.sort = None;
        return;
    }
    model.sort_waits = true;
    effects.push(Effect::Cells(model.shown_packets().collect(), vec![field.name]));
}

/// Starts to look for something in the pane that has the focus.
pub(super) fn find(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    if text.is_empty() {
        return;
    }
    remember(&mut model.state.finds, text);
    let needle = match model.focus {
        Pane::List => None,
        Pane::Tree => Some(Needle::Fields(text.to_lowercase())),
        Pane::Octets => Some(Needle::Octets(octets_of(text))),
    };
    let run = model.find.run.wrapping_add(1);
    model.find = Find { text: text.to_owned(), pane: model.focus, needle, run, busy: false, forward: true };
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
    match model.find.needle.clone() {
        None => find_in_list(model, forward),
        Some(needle) => {
            if hit_in_packet(model, &needle, Some(forward)) {
                return;
            }
            let all = model.store.len();
            let Some(at) = model.current() else { return };
            model.find.run = model.find.run.wrapping_add(1);
            model.find.busy = true;
            let limited = model.shown.passed.is_some() || model.shown.sorted.is_some();
            let among = limited.then(|| {
                let mut ids: Vec<u32> = model.shown_packets().collect();
                let from = model.selected.min(ids.len());
                ids.rotate_left(from);
                ids
            });
            let last = u32::try_from(all.saturating_sub(1)).unwrap_or(u32::MAX);
            let from = match (forward, at) {
                (true, at) => {
                    if at >= last {
                        0
                    } else {
                        at.saturating_add(1)
                    }
                }
                (false, 0) => last,
                (false, at) => at.saturating_sub(1),
            };
            effects.push(Effect::Find { run: model.find.run, needle, from, forward, among });
        }
    }
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
    held(view.buffers.frame()) || view.buffers.derived().any(|(_, derived)| held(&derived.bytes))
}

/// The list is searched by what is kept of every packet: nothing needs to be taken out.
fn find_in_list(model: &mut Model, forward: bool) {
    let text = model.find.text.to_lowercase();
    let syms: HashSet<super::store::Sym> = model.store.texts.holding(&text).collect();
    let number: Option<u32> = text.parse().ok();
    let all = model.shown_len();
    let hit = |position: usize| {
        let line = model.packet_at(position).and_then(|id| model.store.line(id));
        line.is_some_and(|line| {
            number == Some(line.number)
                || [line.source, line.destination, line.server, line.content, line.carrier, line.summary]
                    .iter()
                    .any(|s| syms.contains(s))
                || line.status.is_some_and(|s| s.name().contains(&text))
                || line.worst.is_some_and(|(rule, _)| rule.id.to_lowercase().contains(&text))
        })
    };
    let next = |step: usize| {
        let by = if forward { step } else { all.saturating_sub(step) };
        model.selected.saturating_add(by).checked_rem(all)
    };
    // The current row comes last: round once.
    match (1..=all).filter_map(next).find(|at| hit(*at)) {
        Some(at) => {
            let round = if forward { at <= model.selected } else { at >= model.selected };
            model.selected = at;
            if round {
                model.notice = Some(Notice::note("found after going round"));
            }
        }
        None => model.notice = Some(Notice::note(format!("not found: {}", model.find.text))),
    }
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
